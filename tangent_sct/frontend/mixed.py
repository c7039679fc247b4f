"""Loops over lists that hold objects among numbers, arrays and texts, written out: one copy for each item.

What an item is decides which branch of the body is run, so it has to be known where the derivative is written. In a
loop a variable would be an object in one iteration and a number in another.

>>> loop = tree.statements('''
... for i in range(n):
...     item = z[i]
...     y = y + item
... ''')[0]
>>> loop.body[0].value.in_turn = True
>>> print(tree.text(copies_of(loop, "z", 2, lambda: "go")))
item = z[0]
y = y + item
item = z[1]
y = y + item
"""

from __future__ import annotations

from collections.abc import Callable

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.functions import Functions
from tangent_sct.frontend.meanings import Choice, Count, Instance, Items

_MOST = 8
"""How often a loop is written out at most."""

_LONGEST = 400
"""How many statements the copies have at most."""


def run_through(loop: gast.For, functions: Functions) -> tuple[str, Items] | None:
    """The list that a loop runs through, and what is known of it, where it holds objects and others; else None.

    Args:
        loop: a loop over positions.
        functions: what is known before it.
    """
    if not functions.are_met or not isinstance(loop.target, gast.Name) or not isinstance(loop.iter, gast.Call):
        return None
    if len(loop.iter.args) != 1 or not functions.means(loop.iter.func, range):
        return None
    statements = list(tree.every_statement(loop.body))
    if any(hasattr(node, "lists") or hasattr(node, "ahead") for node in (loop, *statements)):
        # What is listed ahead of a loop is told by that loop, which must be one.
        return None
    bound = functions.fact(loop.iter.args[0])
    taken = {item.value.id for item in _taken(loop) if isinstance(item.value, gast.Name)}
    if not isinstance(bound, Count) or len(taken) != 1 or loop.target.id in tree.names_written(loop.body):
        return None
    (name,) = taken
    known = functions.of(tree.load(name))
    if not isinstance(known, Items) or known.is_dict or known.size != bound.value:
        return None
    if known.is_full:
        # One variable stands for all of them, but not for the objects that they hold in their turn.
        is_mixed = any(isinstance(item, Instance) and item.items for item in known.items.values())
    else:
        is_mixed = any(isinstance(item, (Instance, Choice)) for item in known.items.values())
    is_short = 0 < bound.value <= _MOST and bound.value * len(statements) <= _LONGEST
    return (name, known) if is_mixed and is_short else None


def copies_of(loop: gast.For, name: str, count: int, fresh: Callable[[], str]) -> list[gast.AST]:
    """The statements that a loop runs.

    Args:
        loop: the loop, which may end early by `if flag: break` at the end of its body.
        name: the list that it runs through.
        count: how many items that has.
        fresh: gives names of tests.
    """
    block: list[gast.AST] = []
    for place in reversed(range(count)):
        copies = [_at(statement, loop.target.id, name, place) for statement in loop.body]
        if not tree.is_exit(copies[-1]):
            block = [*copies, *block]
            continue
        *copies, leaving = copies
        if block:
            test = fresh()
            goes_on = tree.assign(test, gast.UnaryOp(gast.Not(), leaving.test))
            copies += [tree.like(goes_on, leaving), tree.like(tree.if_(tree.load(test), block), leaving)]
        block = copies
    return block


def _at(statement: gast.AST, position: str, name: str, place: int) -> gast.AST:
    """A statement of a loop's body in the iteration for one place."""

    def change(item: gast.AST) -> gast.AST | None:
        is_item = type(item) is gast.Subscript and getattr(item, "in_turn", False)
        return tree.subscript(item.value, item.slice) if is_item and tree.is_name(item.value, name) else None

    return tree.rewrite(tree.substitute(statement, {position: tree.const(place)}), change)


def _taken(loop: gast.For) -> list[gast.Subscript]:
    """The items that a loop takes, one in each iteration; not those of the loops inside."""
    own = (item for node in loop.body if type(node) not in tree.LOOPS for item in tree.walk(node))
    taken = [item for item in own if type(item) is gast.Subscript and getattr(item, "in_turn", False)]
    return [item for item in taken if tree.is_name(item.slice, loop.target.id)]
