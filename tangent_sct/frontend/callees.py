"""Which functions from outside a function calls."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.active import root_name
from tangent_sct.frontend.bound import bound_names


def calls_of_free_names(node: gast.FunctionDef | gast.Lambda, bound: Collection[str]) -> Iterator[gast.Call]:
    """The calls in a function, and in those it defines, of what none of them binds.

    Args:
        node: the function.
        bound: the names that it binds.
    """
    pending: list[gast.AST] = list(node.body) if isinstance(node, gast.FunctionDef) else [node.body]
    while pending:
        item = pending.pop()
        if isinstance(item, (gast.FunctionDef, gast.Lambda)):
            yield from calls_of_free_names(item, {*bound, *bound_names(item)})
            pending += tree.outside_parts(item)
            continue
        if isinstance(item, gast.Call) and root_name(item.func) not in bound:
            yield item
        pending += tree.children(item)
