"""Which of the user's names may be read later, along the structure of the program.

Requires: `normalise`, before names are assigned once.
"""

from __future__ import annotations

import gast

from tangent_sct.core import tree


def is_exit(node: gast.AST) -> bool:
    """Whether a statement is `if flag: break`."""
    return (
        isinstance(node, gast.If) and len(node.body) == 1 and isinstance(node.body[0], gast.Break)
    )


def live_after_each(statements: list[gast.AST], live_out: set[str]) -> list[set[str]]:
    """For each statement, the names that may be read after it."""
    result: list[set[str]] = []
    live = live_out
    for statement in reversed(statements):
        result.append(live)
        live = live_before(statement, live)
    result.reverse()
    return result


def live_before(node: gast.AST, live: set[str]) -> set[str]:
    """The names that may be read before a statement: in = use + (out - def), along the structure of the program."""
    kind = type(node)
    if kind is gast.Assign and type(node.targets[0]) is gast.Name:
        return (live - {node.targets[0].id}) | set(tree.names_read(node.value))
    if kind is gast.Raise:
        return set(tree.names_read(node))
    if kind is gast.If and not is_exit(node):
        branches = live_through(node.body, live) | live_through(node.orelse, live)
        return branches | set(tree.names_read(node.test))
    if kind in tree.LOOPS:
        head = set(tree.names_read(node.test)) if kind is gast.While else set()
        bound = set(tree.names_written(node.target)) if kind is gast.For else set()
        around = live | head
        once = live_through(node.body, around) - bound
        again = live_through(node.body, around | once) - bound
        outside = set(tree.names_read(node.iter)) if kind is gast.For else set()
        return live | head | once | again | outside
    if kind is gast.With:
        inside = live_through(node.body, live)
        for item in node.items:
            inside = inside | set(tree.names_read(item.context_expr))
        return inside
    return live | set(tree.names_read(node))


def live_through(statements: list[gast.AST], live: set[str]) -> set[str]:
    """The names that may be read before a block, given those that may be read after it."""
    for statement in reversed(statements):
        live = live_before(statement, live)
    return live
