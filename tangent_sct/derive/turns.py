"""Checks of what a loop takes its items from, where kinds do not tell that it is a sequence.

`for v in q:` has become `v = q[i]` for `i` from 0 on. That is the same for lists, tuples, arrays and texts; a dict or
a set runs over its keys, an iterator has no index at all, and an object of a user's class runs over whatever its
`__iter__` gives.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import RANGE, Kind, is_object, unless_none
from tangent_sct.frontend.namespace import Namespace
from tangent_sct.runtime import check_in_turn


def with_turn_checks(
    body: list[gast.AST], namespace: Namespace, kind_of: Callable[[gast.AST], Kind]
) -> list[gast.AST]:
    """Put checks before loops over what may be no sequence.

    Args:
        body: a program in single assignment.
        namespace: its free names.
        kind_of: the kind of an expression.

    Returns:
        The new body; the very same list where there is no such loop.
    """

    added: dict[int, list[gast.AST]] = {}
    for block in _blocks(body):
        for place, node in enumerate(block):
            if type(node) is not gast.For:
                continue
            found = {tree.text(owner): owner for owner in _taken_in_turn(node) if not _is_sequence(kind_of(owner))}
            if not found:
                continue
            owners = list(found.values())
            earlier = itertools.takewhile(lambda before: type(before) is gast.Assign, reversed(block[:place]))
            first = next((before for before in earlier if _measures(before, owners)), node)
            name = namespace.name_for(check_in_turn.__name__, check_in_turn)
            checks = [tree.effect(tree.call(name, tree.copy(owner))) for owner in owners]
            added[id(first)] = [*added.get(id(first), ()), *checks]
    return tree.with_before(body, lambda node: added.get(id(node), []))


def _blocks(body: list[gast.AST]) -> Iterator[list[gast.AST]]:
    yield body
    for node in tree.every_statement(body):
        yield from tree.inner_blocks(node)


def _measures(node: gast.Assign, owners: list[gast.AST]) -> bool:
    """Whether a statement asks for the length of one of these, which a loop after it relies on."""
    calls = [item for item in tree.walk(node.value) if type(item) is gast.Call and tree.is_name(item.func, "len")]
    return any(tree.same(call.args[0], owner) for call in calls for owner in owners)


def _taken_in_turn(loop: gast.For) -> Iterator[gast.AST]:
    """What each iteration of a loop takes the item of whose turn it is; those of loops in it are theirs."""
    pending = list(loop.body)
    while pending:
        node = pending.pop()
        if isinstance(node, gast.Subscript) and getattr(node, "in_turn", False):
            yield node.value
        elif isinstance(node, gast.Call) and getattr(node, "by_turns", False):
            # The same by a method, where an item may be put there (`frontend.filling`).
            yield node.func.value
        if type(node) not in tree.LOOPS:
            pending.extend(tree.children(node))


def _is_sequence(kind: Kind) -> bool:
    """Whether a value surely gives the items by its indices that a loop over it gives."""
    present = unless_none(kind)
    if present.is_container:
        # Loops over dicts run over their keys by now.
        return not is_object(present)
    return present.is_array or present == RANGE or isinstance(present.value, (str, bytes))
