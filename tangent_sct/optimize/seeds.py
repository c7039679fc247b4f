"""Taking the adjoint of a store without a copy, where the next statement turns it into something new.

The adjoint of `a[i] = e` takes `a_bar[i]`, clears it, and passes on what it took. Where what is passed on is
an expression computed at once, it is computed before the clearing and the copy is saved. Requires single
assignment; the three statements stand next to each other as `derive` wrote them.

>>> from tangent_sct.core.tree import mark, statements, text
>>> body = statements('''
... a_seed = a_bar[1:-1].copy()
... a_bar[1:-1] = 0
... t_bar = a_seed / 2
... b_bar[:-2] += t_bar
... ''')
>>> body = [mark(statement, None, "reverse") for statement in body]
>>> print(text(taken(body, {"a_seed": ""})))
t_bar = a_bar[1:-1] / 2
a_bar[1:-1] = 0
b_bar[:-2] += t_bar
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import gast

from tangent_sct.core import tree
from tangent_sct.core.unit import Unit


def seeds(unit: Unit) -> Unit:
    """Compute with what a store's adjoint takes before it is cleared; the same unit if there is none."""
    body = unit.tree.body
    changed = taken(body, unit.bases)
    return unit if changed is body else unit.with_body(changed)


def taken(body: list[gast.AST], bases: Mapping[str, str]) -> list[gast.AST]:
    """The body with the copies saved; the same list where none can be."""
    if not any(map(_takes, tree.every_statement(body))):
        return body
    reads: Counter[str] = Counter()
    for node in tree.every_statement(body):
        for item in tree.walk(getattr(node, "test", None) or getattr(node, "iter", None) or node):
            if isinstance(item, gast.Name) and isinstance(item.ctx, gast.Load):
                reads[item.id] += 1
    return _block(body, bases, reads)


def _block(body: list[gast.AST], bases: Mapping[str, str], reads: Counter[str]) -> list[gast.AST]:
    output: list[gast.AST] = []
    changed = False
    position = 0
    while position < len(body):
        node = body[position]
        for name in ("body", "orelse"):
            inner = getattr(node, name, None)
            if isinstance(node, (gast.If, gast.For, gast.While, gast.With)) and inner:
                new = _block(inner, bases, reads)
                if new is not inner:
                    node = tree.like(_with(node, name, new), node)
                    changed = True
        short = _shortened(body[position : position + 3], bases, reads)
        if short is not None:
            output.extend(short)
            position += 1 + len(short)
            changed = True
            continue
        output.append(node)
        position += 1
    return output if changed else body


def _takes(node: gast.AST) -> bool:
    return tree.sweep_of(node) == "reverse" and _copied_place(node) is not None


def _with(node: gast.AST, name: str, block: list[gast.AST]) -> gast.AST:
    new: gast.AST = type(node)(**{**tree.fields(node), name: block})
    return new


def _shortened(
    window: list[gast.AST], bases: Mapping[str, str], reads: Counter[str]
) -> list[gast.AST] | None:
    """The statements that stand for the first two or three of a window, None where nothing is saved."""
    if len(window) < 2:
        return None
    first, second = window[:2]
    if not _takes(first) or (place := _copied_place(first)) is None:
        return None
    name = first.targets[0].id
    if bases.get(name) != "" or reads[name] != 1:
        return None
    if _uses(second, name, place):
        return [tree.like(tree.assign(second.targets[0], _put(second.value, name, place)), second)]
    if len(window) == 3 and _clears(second, place) and _uses(window[2], name, place):
        third = window[2]
        computed = tree.like(tree.assign(third.targets[0], _put(third.value, name, place)), third)
        return [computed, second]
    return None


def _copied_place(node: gast.AST) -> gast.Subscript | None:
    """`place` in `name = place.copy()`, or in `name = place`."""
    if not isinstance(node, gast.Assign) or not isinstance(node.targets[0], gast.Name):
        return None
    value = node.value
    if isinstance(value, gast.Call) and isinstance(value.func, gast.Attribute):
        if (
            value.func.attr == "copy"
            and not value.args
            and isinstance(value.func.value, gast.Subscript)
        ):
            return value.func.value
    return None


def _clears(node: gast.AST, place: gast.Subscript) -> bool:
    """Whether a statement is `place = 0`."""
    if not isinstance(node, gast.Assign) or not tree.is_constant(node.value, 0):
        return False
    return tree.same(tree.with_context(node.targets[0], gast.Load()), place)


def _uses(node: gast.AST, name: str, place: gast.Subscript) -> bool:
    """Whether a statement assigns a new array computed from a name and from nothing in `place`."""
    if not isinstance(node, gast.Assign) or not isinstance(node.targets[0], gast.Name):
        return False
    if not isinstance(node.value, (gast.BinOp, gast.UnaryOp)):
        return False
    found = tree.names_read(node.value)
    return name in found and not set(found) & set(tree.names_read(place.value))


def _put(value: gast.AST, name: str, place: gast.Subscript) -> gast.AST:
    return tree.substitute(value, {name: place})
