"""Kinds of what calls return."""

from __future__ import annotations

from typing import Any

import pytest

from tangent_sct.analysis.kinds import infer
from tangent_sct.core.kind import (
    FLOAT,
    INT,
    UNKNOWN,
    Kind,
)
from tangent_sct.core.unit import Unit
from tests.analysis.kinds.building import X, kinds, unit


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(X, X), (FLOAT, UNKNOWN), (UNKNOWN, UNKNOWN)],
)
def test_augmented_assignment_before_it_is_decided(kind: Kind, expected: Kind) -> None:
    found = kinds("r = iadd(y, X)\nreturn r", y=kind, X=X).names["r"]
    assert found == (X if kind == FLOAT else expected)


def test_user_functions_are_asked_about() -> None:
    def helper(x: Any, scale: Any) -> Any:
        raise AssertionError("is not called")

    asked = []

    def call_kind(function: object, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
        asked.append((function, args, keywords))
        return args[0]

    program = unit("r = helper(X, scale=n)\nreturn r", {"X": X, "n": INT})
    program = Unit(program.tree, program.source, program.request, {"helper": helper})
    assert infer(program, call_kind).names["r"] == X
    assert asked == [(helper, [X], {"scale": INT})]
    assert infer(program).names["r"] == UNKNOWN
