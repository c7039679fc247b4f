"""The marks of loops that are checkpointed, as they stand in the bodies of their loops (`frontend.checkpoints`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.namespace import meaning
from tangent_sct.runtime import checkpointed


def has_marks(objects: Mapping[str, Any]) -> bool:
    """Whether there may be marks in a program, from what its free names mean."""
    return any(value is checkpointed for value in objects.values())


def is_mark(node: gast.AST, objects: Mapping[str, Any]) -> bool:
    """Whether a statement is the mark of the loop in whose body it stands."""
    call: Any = node.value if type(node) is gast.Expr else None
    return type(call) is gast.Call and meaning(call.func, objects) is checkpointed


def with_marks(
    body: list[gast.AST], limit: int | str, marker: gast.AST, is_meant: Callable[[gast.AST], bool]
) -> list[gast.AST]:
    """A block in which the outermost loops are marked, unless there are marks in them.

    Args:
        body: the block.
        limit: the number of snapshots, or the amount of memory.
        marker: `checkpointed`, as it is spelled.
        is_meant: whether a loop is to be marked.
    """
    name = "memory" if isinstance(limit, str) else "snapshots"
    output: list[gast.AST] = []
    for node in body:
        if type(node) in tree.LOOPS:
            if is_meant(node):
                mark = gast.Call(tree.copy(marker), [tree.tuple_of([])], [gast.keyword(name, tree.const(limit))])
                body_of_loop = [tree.like(tree.effect(mark), node), *node.body]
                node = tree.shallow(node)
                node.body = body_of_loop
        elif type(node) in tree.COMPOUND:
            node = tree.shallow(node)
            node.body = with_marks(node.body, limit, marker, is_meant)
            if isinstance(node, gast.If):
                node.orelse = with_marks(node.orelse, limit, marker, is_meant)
        output.append(node)
    return output


def taken(
    body: list[gast.AST], objects: Mapping[str, Any], outermost: bool = False
) -> list[gast.AST]:
    """A block without its marks, and with `outermost` alone: those of the loops in it stay."""
    output: list[gast.AST] = []
    for node in body:
        if is_mark(node, objects):
            continue
        if type(node) in tree.COMPOUND and not outermost:
            new = tree.shallow(node)
            new.body = taken(node.body, objects) or [gast.Pass()]
            if isinstance(node, gast.If):
                new.orelse = taken(node.orelse, objects)
            node = new
        output.append(node)
    return output


def is_state_copy(node: gast.AST) -> bool:
    """Whether a statement copies an array of the state when an iteration begins or ends (`derive.states`)."""
    return getattr(node, "of_state", False) is True


def in_place(body: list[gast.AST]) -> list[gast.AST]:
    """A block that works on the arrays of a state themselves, not on copies of them."""
    return [
        tree.like(tree.assign(node.targets[0], node.value.args[0]), node) if is_state_copy(node) else node
        for node in body
    ]


def run_after(block: list[gast.AST], loop: gast.AST) -> list[gast.AST] | None:
    """The statements of the forward sweep that may run after a loop; None where it is not in the block."""
    for place, node in enumerate(block):
        if node is loop:
            return _forward(block[place + 1 :])
        for inner in tree.inner_blocks(node):
            found = run_after(inner, loop)
            if found is not None:
                around = _forward(node.body) if type(node) in tree.LOOPS else found
                return [*around, *_forward(block[place + 1 :])]
    return None


def _forward(block: list[gast.AST]) -> list[gast.AST]:
    return [node for node in tree.every_statement(block) if tree.sweep_of(node) != "reverse"]
