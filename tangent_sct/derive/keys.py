"""What turns out to be a dict where it is run through: its keys are meant, which carry no derivative.

The front end takes a loop over something that it knows nothing of for one over a sequence, by index. So does it take
`a, b = d`; and `max(d)` or `sorted(d)` for what chooses among values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import UNKNOWN, Kind, is_object, unless_none
from tangent_sct.core.names import Names
from tangent_sct.frontend.namespace import Namespace
from tangent_sct.frontend.reading import assigned_name

_CONSUMERS = ("max", "min", "sorted", "sum", "any", "all", "tuple", "list", "set", "frozenset", "reversed")
"""Python's own functions that run through what they are given."""


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

    def is_dict(owner: gast.AST) -> bool:
        kind = unless_none(kind_of(owner)) if type(owner) is gast.Name else UNKNOWN
        return kind.family == "dict" and not is_object(kind)

    def keys_of(owner: gast.AST) -> gast.AST:
        """`list(d.keys())`."""
        view = gast.Call(tree.attribute(tree.copy(owner), "keys"), [], [])
        return tree.call(namespace.name_for("list", list), view)

    def with_keys_listed(node: gast.AST) -> gast.AST:
        """A statement that runs through a dict, or takes it apart, with a list of the keys in its place."""
        if type(node) is not gast.Assign:
            return node
        value = node.value
        if type(value) is gast.Call and tree.is_name(value.func, *_CONSUMERS) and len(value.args) == 1:
            owner = value.args[0]
        elif type(value) is gast.Subscript and getattr(value, "unpacked", False):
            owner = value.value
        else:
            return node
        if not is_dict(owner):
            return node
        # A `key` that looks something up goes on to ask the dict itself.
        new = tree.shallow(value)
        if type(value) is gast.Call:
            new.args = [keys_of(owner)]
        else:
            new.value = keys_of(owner)
        return tree.like(tree.assign(node.targets[0], new), node)

    if any(with_keys_listed(node) is not node for node in tree.every_statement(body)):
        body = tree.with_each(body, lambda node: [with_keys_listed(node)])

    def is_key(node: gast.AST) -> bool:
        if type(node) is not gast.Assign or not getattr(node.value, "in_turn", False):
            return False
        return is_dict(node.value.value)

    def change(node: gast.AST) -> list[gast.AST]:
        before: list[gast.AST] = []
        for taken in filter(is_key, _directly_inside(node)) if type(node) in tree.LOOPS else ():
            owner = taken.value.value
            keys = names.fresh("keys")
            before.append(tree.like(tree.assign(keys, keys_of(owner)), node))
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
