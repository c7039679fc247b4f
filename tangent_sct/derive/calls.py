"""Calls of user functions that cannot be unfolded."""

from __future__ import annotations

from typing import Any

import gast

from tangent_sct.analysis.operations import Operation
from tangent_sct.derive.context import Context


class Calls:
    """Differentiates the calls that are still there when a mode meets them."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def reverse(
        self,
        sweep: Any,
        node: gast.AST,
        results: list[str],
        value: gast.AST,
        found: Operation,
        seeds: list[gast.AST | None],
    ) -> list[Any]:
        raise self.context.no_rule(value)

    def forward(self, sweep: Any, node: gast.AST, name: str, value: gast.AST, found: Operation) -> None:
        raise self.context.no_rule(value)
