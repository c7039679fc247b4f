"""Several statements on one place of an array, as one: the last look at what stores became.

    p = 0; p += e       ->  p = e          where e does not read p
    t = p; p = 0; p += t  ->  t = p        nothing was taken and nothing given
    a[...] = a * e      ->  a *= e         where the dtype of a is that of the product
    p = p * (e + f)     ->  p *= e + f     where it is no more than that, and p was not written so by the user
    p += -e * f         ->  p -= e * f

`p` is a subscript, or `a[...]` for a whole array `a`. Runs on the ordinary program, after `nest`.

`e` must not see through another name what has been cleared, and what was taken must be no view of it.

>>> from tangent_sct.core.kind import array
>>> from tangent_sct.optimize.demo import unit_of
>>> unit = unit_of('''
... def f(y, u, v, e, w):
...     s = y[0].copy()
...     y[0] = 0
...     y[0] += s * w
...     u[...] = u * 3.0
...     v[1:] += -e
...     z = y[1:]
...     y[:3] = 0
...     y[:3] += z * w
... ''')
>>> print(tree.text(places(unit, lambda node: array(("n0",))).tree.body))
s = y[0].copy()
y[0] = s * w
u *= 3.0
v[1:] -= e
z = y[1:]
y[:3] = 0
y[:3] += z * w
"""

from __future__ import annotations

import re

import gast

from tangent_sct.analysis.indices import surely_fancy
from tangent_sct.core import tree
from tangent_sct.core.kind import same_shape
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.arithmetic import wraps
from tangent_sct.optimize.blocks import below
from tangent_sct.optimize.effects import Effects, KindOf
from tangent_sct.optimize.first import first_additions


def places(unit: Unit, kind_of: KindOf) -> Unit:
    """Join statements on one place; the same unit where there are none."""
    whole = first_additions(unit, kind_of)
    body = joined(whole.tree.body, kind_of, Effects(whole, kind_of))
    return whole if body is whole.tree.body else whole.with_body(body)


def joined(body: list[gast.AST], kind_of: KindOf, effects: Effects) -> list[gast.AST]:
    """The block with statements on one place joined; the same list where there are none."""
    output: list[gast.AST] = []
    changed = False
    for node in body:
        new = in_place(below(node, lambda block: joined(block, kind_of, effects)), kind_of)
        if output and (pair := _pair(output, new, kind_of, effects)) is not None:
            del output[-1:]
            output.extend(pair)
            changed = True
            continue
        changed = changed or new is not node
        output.append(new)
    return output if changed else body


def place_of(node: gast.AST) -> gast.AST:
    """A store's target as an expression; `a[...]` is `a`."""
    target = tree.with_context(node, gast.Load())
    if isinstance(target, gast.Subscript) and tree.is_constant(target.slice, ...):
        inner: gast.AST = target.value
        return inner
    return target


def _pair(
    before: list[gast.AST], node: gast.AST, kind_of: KindOf, effects: Effects
) -> list[gast.AST] | None:
    """What stands for the last statement and this one, None where they stay."""
    last = before[-1]
    if not (isinstance(last, gast.Assign) and tree.is_constant(last.value, 0)):
        return None
    target = last.targets[0]
    if not isinstance(target, gast.Subscript) or not isinstance(node, gast.AugAssign):
        return None
    place = place_of(target)
    if not tree.same(place, place_of(node.target)) or not isinstance(node.op, (gast.Add, gast.Sub)):
        return None
    if isinstance(node.op, gast.Add) and len(before) > 1 and _takes(before[-2], place, node.value, kind_of):
        return []
    root = target.value
    while isinstance(root, gast.Subscript):
        root = root.value
    if not isinstance(root, gast.Name) or effects.disturbs(effects.of(last), effects.of(node.value).reads):
        return None
    if not kind_of(target.value).is_array and not kind_of(place).is_scalar:
        # A container would hold the very array that is added.
        return None
    value = node.value if isinstance(node.op, gast.Add) else tree.negative(node.value)
    return [tree.like(tree.assign(tree.copy(target), value), node)]


def _takes(node: gast.AST, place: gast.AST, value: gast.AST, kind_of: KindOf) -> bool:
    """Whether a statement is `value = place`, with a copy where it would be a view."""
    if not isinstance(node, gast.Assign) or not isinstance(value, gast.Name):
        return False
    if not tree.is_name(node.targets[0], value.id):
        return False
    taken = node.value
    if isinstance(taken, gast.Call) and isinstance(taken.func, gast.Attribute):
        if taken.func.attr == "copy" and not taken.args:
            return tree.same(place_of(taken.func.value), place)
    return tree.same(place_of(taken), place) and _is_own(place, kind_of)


def _is_own(place: gast.AST, kind_of: KindOf) -> bool:
    """Whether what stands at a place surely is taken as a number, or as an array of its own."""
    if kind_of(place).is_scalar:
        return True
    return isinstance(place, gast.Subscript) and surely_fancy(place.slice, kind_of, kind_of(place.value))


def _negated(node: gast.AST, kind_of: KindOf) -> gast.AST | None:
    """`e`, where an expression is `-e`, or a product or quotient that begins with it.

    Integers that wrap around are another number with the other sign.
    """
    if type(node) is gast.UnaryOp and type(node.op) is gast.USub:
        operand: gast.AST = node.operand
        return None if wraps(kind_of(operand)) else operand
    if type(node) is gast.BinOp and isinstance(node.op, (gast.Mult, gast.Div, gast.MatMult)):
        left = _negated(node.left, kind_of)
        return None if left is None else gast.BinOp(left, node.op, node.right)
    return None


def in_place(node: gast.AST, kind_of: KindOf) -> gast.AST:
    """`p += -e` and `a[...] = a * e` as one would write them."""
    if type(node) is gast.AugAssign and isinstance(node.op, (gast.Add, gast.Sub)):
        value = _negated(node.value, kind_of)
        if value is not None:
            other = "-" if type(node.op) is gast.Add else "+"
            return tree.like(tree.augment(node.target, other, value), node)
    if type(node) is not gast.Assign or type(node.value) is not gast.BinOp:
        return node
    target, value = node.targets[0], _turned(node.targets[0], node.value)
    if type(target) is not gast.Subscript or not tree.same(value.left, place_of(target)):
        return node
    if type(value.op) is gast.MatMult:
        # NumPy has no `@=` for vectors.
        return node
    before, after = kind_of(place_of(target)), kind_of(value)
    if not kind_of(target.value).is_array:
        # An item of a container is replaced: somebody else may hold the array that it was.
        return node
    if not before.is_array or before.dtype is None or before.dtype != after.dtype:
        return node
    if isinstance(place_of(target), gast.Subscript) and not _is_update(node, value.right, kind_of):
        return node
    symbol = tree.BINARY_SYMBOL[type(value.op)]
    place = place_of(target) if _takes_items(place_of(target), kind_of) else target
    return tree.like(tree.augment(place, symbol, value.right), node)


def _takes_items(place: gast.AST, kind_of: KindOf) -> bool:
    """Whether what `place *= e` assigns can be assigned there: not in a tuple, nor to any attribute."""
    if type(place) is gast.Subscript:
        return kind_of(place.value).family in ("array", "list", "dict")
    return type(place) is gast.Name


def _turned(target: gast.AST, value: gast.BinOp) -> gast.BinOp:
    """`p * 2.0`, where a place gets `2.0 * p`."""
    if type(value.op) is not gast.Mult or not isinstance(value.left, gast.Constant):
        return value
    return gast.BinOp(value.right, value.op, value.left) if tree.same(value.right, place_of(target)) else value


def _is_update(node: gast.Assign, other: gast.AST, kind_of: KindOf) -> bool:
    """Whether `p = p op e` is `p op= e` for a part of an array, and reads better so.

    What has axes of its own, or is an array that may overlap with the part, stays as it is.
    """
    origin = tree.origin_of(node)
    if tree.sweep_of(node) == "forward" and not (origin and _AUGMENTED.search(origin.text)):
        return False
    if kind_of(other).is_scalar:
        return True
    return type(other) is gast.BinOp and same_shape(kind_of(place_of(node.targets[0])), kind_of(other))


_AUGMENTED = re.compile(r"(\*\*|//|[-+*/])=")
