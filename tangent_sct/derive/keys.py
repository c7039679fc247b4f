"""Loops over what turns out to be a dict: they run over its keys, which carry no derivative.

The front end takes a loop over something that it knows nothing of for one over a sequence, by index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import Kind, is_object
from tangent_sct.core.names import Names
from tangent_sct.frontend.namespace import Namespace
from tangent_sct.frontend.reading import assigned_name


def with_keys(
    body: list[gast.AST], namespace: Namespace, names: Names, kind_of: Callable[[gast.AST], Kind]
) -> list[gast.AST]:
    """List the keys of each dict before the loop that takes its items in turn, and loop over that list.

    Args:
        body: a program in single assignment.
        namespace: its free names.
        names: gives out the names of the lists.
        kind_of: the kind of an expression.

    Returns:
        The new body; the very same list where there is no such loop.
    """

    def is_key(node: gast.AST) -> bool:
        if type(node) is not gast.Assign or not getattr(node.value, "in_turn", False):
            return False
        owner = node.value.value
        kind = kind_of(owner)
        return type(owner) is gast.Name and kind.family == "dict" and not is_object(kind)

    def change(node: gast.AST) -> list[gast.AST]:
        before: list[gast.AST] = []
        for taken in filter(is_key, _directly_inside(node)) if type(node) in tree.LOOPS else ():
            owner = taken.value.value
            keys = names.fresh("keys")
            view = gast.Call(tree.attribute(tree.copy(owner), "keys"), [], [])
            listed = tree.call(namespace.name_for("list", list), view)
            before.append(tree.like(tree.assign(keys, listed), node))
            if _runs_through(node, taken, lengths):
                node.target, node.iter, node.body = taken.targets[0], tree.load(keys), node.body[1:]
            else:
                taken.value = gast.Subscript(tree.load(keys), taken.value.slice, gast.Load())
        return [*before, node]

    if not any(map(is_key, tree.every_statement(body))):
        return body
    lengths = _lengths(body)
    return tree.with_each(body, change)


def _directly_inside(loop: gast.AST) -> Iterator[gast.AST]:
    """The statements in a loop that are in no loop within it."""
    pending = list(loop.body)
    while pending:
        node = pending.pop(0)
        yield node
        if type(node) not in tree.LOOPS:
            pending += [inner for block in tree.inner_blocks(node) for inner in block]


def _runs_through(loop: gast.AST, taken: gast.AST, lengths: Mapping[str, gast.AST]) -> bool:
    """Whether a loop takes every item in turn in its first statement, and asks for its index nowhere else."""
    if type(loop) is not gast.For or loop.body[0] is not taken or type(taken.targets[0]) is not gast.Name:
        return False
    ends = loop.iter.args if isinstance(loop.iter, gast.Call) and tree.is_name(loop.iter.func, "range") else []
    if len(ends) != 1 or not tree.same(taken.value.slice, tree.load(loop.target.id)):
        return False
    end = lengths.get(ends[0].id) if type(ends[0]) is gast.Name else ends[0]
    if end is None or not tree.same(end, tree.call("len", tree.copy(taken.value.value))):
        return False
    return loop.target.id not in tree.names_read(loop.body[1:])


def _lengths(body: list[gast.AST]) -> dict[str, gast.AST]:
    """The calls of `len` in a program in single assignment, by the names that they are bound to."""
    every = ((assigned_name(node), node) for node in tree.every_statement(body))
    return {
        name: node.value for name, node in every
        if name and isinstance(node.value, gast.Call) and tree.is_name(node.value.func, "len")
    }  # fmt: skip
