"""Counters: whole numbers that a loop advances by the same step in every iteration.

    place = 0                              at iteration `r` of the inner loop `place` is
    for c in range(d - 1):                 what it was before that loop, and `r - (c + 1)` more
        for r in range(c + 1, d):
            y[r] += below[place] * x[c]
            place += 1

So it need not be recorded in every iteration: what it was when the loop began is enough.
"""

from __future__ import annotations

from collections.abc import Callable

import gast

from tangent_sct.analysis.iterations import heads
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind

_INTEGERS = frozenset(("int", "int64"))


def counters(body: list[gast.AST], kind_of: Callable[[gast.AST], Kind]) -> dict[str, gast.AST]:
    """The counters of the loops of a forward sweep, with what they are at the beginning of an iteration.

    Args:
        body: a program in single assignment; a name that a loop hands on is assigned before it, and in it.
        kind_of: the kind of an expression.

    >>> from tangent_sct.core.kind import INT
    >>> body = tree.statements('''
    ... place = first
    ... for r in range(c + 1, d):
    ...     t = y[place]
    ...     place_2 = place + 2
    ...     place = place_2
    ... ''')
    >>> {name: tree.text(value) for name, value in counters(body, lambda node: INT).items()}
    {'place': 'first + 2 * (r - (c + 1))'}
    """
    definitions: dict[str, int] = {}
    for node in tree.every_statement(body):
        for name in heads(node)[1]:
            definitions[name] = definitions.get(name, 0) + 1
    found: dict[str, gast.AST] = {}
    _collect(body, definitions, kind_of, found)
    return found


def _collect(
    block: list[gast.AST],
    definitions: dict[str, int],
    kind_of: Callable[[gast.AST], Kind],
    found: dict[str, gast.AST],
) -> None:
    begun: dict[str, gast.AST] = {}
    for node in block:
        if tree.sweep_of(node) == "reverse":
            continue
        if type(node) is gast.Assign and isinstance(node.targets[0], gast.Name):
            begun[node.targets[0].id] = node.value
        distance = _distance(node) if type(node) is gast.For else None
        if distance is not None:
            for name, step in _steps(node.body, definitions):
                entry = begun.get(name)
                if entry is not None and tree.is_atom(entry) and kind_of(tree.load(name)).dtype in _INTEGERS:
                    found[name] = _advanced(entry, step, distance)
        for inner in tree.inner_blocks(node):
            _collect(inner, definitions, kind_of, found)


def _distance(loop: gast.For) -> gast.AST | None:
    """How many iterations lie before the one of an index; None for loops over other things than ranges."""
    items = loop.iter
    if not isinstance(items, gast.Call) or not tree.is_name(items.func, "range") or items.keywords:
        return None
    if not isinstance(loop.target, gast.Name) or len(items.args) == 3:
        return None
    index = tree.load(loop.target.id)
    start = items.args[0] if len(items.args) == 2 else None
    is_zero = start is None or (isinstance(start, gast.Constant) and start.value == 0)
    return index if is_zero else gast.BinOp(index, gast.Sub(), tree.copy(start))


def _steps(body: list[gast.AST], definitions: dict[str, int]) -> list[tuple[str, int]]:
    """The names that a body hands on with a literal added to them, with that literal."""
    values = {
        node.targets[0].id: node.value for node in body
        if type(node) is gast.Assign and isinstance(node.targets[0], gast.Name)
    }  # fmt: skip
    found = []
    for name, value in values.items():
        if definitions.get(name) != 2 or not isinstance(value, gast.Name) or definitions.get(value.id) != 1:
            continue
        step = _step(values.get(value.id), name)
        if step:
            found.append((name, step))
    return found


def _step(value: gast.AST | None, name: str) -> int | None:
    """`k` in `name + k` and `name - k`."""
    if not isinstance(value, gast.BinOp) or not isinstance(value.op, (gast.Add, gast.Sub)):
        return None
    if not tree.is_name(value.left, name) or not isinstance(value.right, gast.Constant):
        return None
    step = value.right.value
    if type(step) is not int:
        return None
    return step if isinstance(value.op, gast.Add) else -step


def _advanced(entry: gast.AST, step: int, distance: gast.AST) -> gast.AST:
    """`entry + step * distance`."""
    size = abs(step)
    way = distance if size == 1 else gast.BinOp(tree.const(size), gast.Mult(), distance)
    return gast.BinOp(tree.copy(entry), gast.Add() if step > 0 else gast.Sub(), way)
