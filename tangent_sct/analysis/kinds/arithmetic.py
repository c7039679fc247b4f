"""Operators: what `+`, `<`, `-x` and `+=` compute.

NumPy answers for the type of the result (`probe.elementwise`); what is decided here is which operands it is asked
about. Integers whose values are known are computed with, since sizes are made of them; floats are not, since a known
float would be claimed to more digits than the program has. Of lists and tuples `+` and `*` make longer ones.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import gast

from tangent_sct.analysis.kinds.contents import MUTABLE
from tangent_sct.analysis.kinds.knowledge import Knowledge
from tangent_sct.analysis.kinds.lattice import of_any_length
from tangent_sct.analysis.operations import BINARY
from tangent_sct.analysis.probe import elementwise, probe
from tangent_sct.analysis.shapes import DimValue, less, value_of
from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import BOOL, NO_VALUE, TEXT, UNKNOWN, Kind, constant

IN_PLACE = {
    operator.iadd: "+", operator.isub: "-", operator.imul: "*", operator.itruediv: "/",
    operator.ifloordiv: "//", operator.imod: "%", operator.ipow: "**", operator.imatmul: "@",
    operator.ilshift: "<<", operator.irshift: ">>", operator.ior: "|", operator.ixor: "^",
    operator.iand: "&",
}  # fmt: skip
"""The functions that augmented assignments call."""
_UNARY: dict[type[gast.AST], Callable[..., Any]] = {
    gast.USub: operator.neg, gast.UAdd: operator.pos, gast.Invert: operator.invert
}  # fmt: skip
_COMPARE: dict[type[gast.AST], Callable[..., Any]] = {
    gast.Eq: operator.eq, gast.NotEq: operator.ne, gast.Lt: operator.lt, gast.LtE: operator.le,
    gast.Gt: operator.gt, gast.GtE: operator.ge,
}  # fmt: skip
_SIZES: tuple[Callable[..., Any], ...] = (abs, operator.abs)
ELEMENTWISE = frozenset(
    f
    for f in (*BINARY.values(), *_COMPARE.values(), *_UNARY.values(), *_SIZES)
    if f is not operator.matmul
)
"""Operators that broadcast."""
_EXACT = ("int", "bool")


def binop(known: Knowledge, node: gast.BinOp) -> Kind:
    """`left op right`."""
    function = BINARY[tree.BINARY_SYMBOL[type(node.op)]]
    return binary(known, function, known.operand(node.left), known.operand(node.right))


def compare(known: Knowledge, node: gast.Compare) -> Kind:
    """`left < right`, and chains of them."""
    kinds = [known.evaluate(item) for item in (node.left, *node.comparators)]
    results = []
    for op, left, right in zip(node.ops, kinds, kinds[1:], strict=False):
        function = _COMPARE.get(type(op))
        if not isinstance(op, (gast.Eq, gast.NotEq)):
            left, right = left.present or left, right.present or right
        if function is None or left.family == right.family == "other":
            results.append(BOOL)
        else:
            results.append(broadcasting(known, function, [left, right]))
    if all(kind.is_scalar for kind in results):
        return BOOL
    return results[0] if len(results) == 1 else UNKNOWN


def unary(known: Knowledge, node: gast.UnaryOp) -> Kind:
    """`-x`, `+x`, `~x`, `not x`."""
    if isinstance(node.op, gast.Not):
        known.evaluate(node.operand)
        return BOOL
    kind = known.operand(node.operand)
    function = _UNARY[type(node.op)]
    if kind.value is not NO_VALUE and type(kind.value) in (int, float):
        if type(kind.value) is int or isinstance(node.operand, gast.Constant):
            try:
                return constant(function(kind.value))
            except TypeError:
                return UNKNOWN
    return broadcasting(known, function, [kind])


def binary(known: Knowledge, function: Callable[..., Any], left: Kind, right: Kind) -> Kind:
    """An operator applied to two operands."""
    if left.dtype in _EXACT and right.dtype in _EXACT:
        folded = _folded(function, left, right)
        if folded is not None:
            return folded
    if _makes_text(function, left, right):
        return TEXT
    if left.is_container or right.is_container:
        return _of_sequences(known, function, left, right)
    if function is operator.matmul:
        return probe(function, [left, right], fresh=known.fresh())
    return broadcasting(known, function, [left, right])


def _makes_text(function: Callable[..., Any], left: Kind, right: Kind) -> bool:
    """Whether an operator puts texts together, repeats one, or fills one in."""
    if function is operator.mul:
        return any(a.is_text and b.is_scalar for a, b in ((left, right), (right, left)))
    return left.is_text and (function is operator.mod or (function is operator.add and right.is_text))


def updated(
    known: Knowledge, symbol: str, base: Kind, value: Kind, target: gast.AST
) -> Kind:
    """`target op= value`: in place on an array or a list."""
    base, value = base.present or base, value.present or value
    if base.is_array:
        return base
    if known.names.missing:
        return UNKNOWN
    if base.family in MUTABLE:
        place = known.places.of(target)
        known.put_all(place, value)
        known.contents.change(place)
        if base.family == "list" and symbol in "+*":
            return known.contents.settled(base, place)
        return UNKNOWN
    return binary(known, BINARY[symbol], base, value)


def broadcasting(
    known: Knowledge,
    function: Callable[..., Any],
    kinds: list[Kind],
    keywords: Mapping[str, Kind] | None = None,
) -> Kind:
    """An elementwise function applied to operands."""
    for kind in kinds:
        if kind.family not in ("scalar", "array"):
            if kind.family == "unknown" or not kind.is_container:
                return UNKNOWN
            sampled = list(map(_sampled, kinds))
            return probe(function, sampled, keywords, any_integer=True, fresh=known.fresh())
    plain = [k if type(k.value) is not DimValue else forgotten(k) for k in kinds]
    return elementwise(function, plain, keywords, fresh=known.fresh())


def forgotten(kind: Kind) -> Kind:
    """Without the size an integer may stand for."""
    return kind.forget_value() if isinstance(kind.value, DimValue) else kind


def _sampled(kind: Kind) -> Kind:
    if kind.items is not None:
        return replace(kind, items=tuple([(key, _sampled(item)) for key, item in kind.items]))
    return forgotten(kind)


def _of_sequences(
    known: Knowledge, function: Callable[..., Any], left: Kind, right: Kind
) -> Kind:
    """`+` and `*` of tuples and lists; an array meets a list as an array."""
    if left.is_array or right.is_array:
        sampled = [_sampled(left), _sampled(right)]
        return probe(function, sampled, any_integer=True, fresh=known.fresh())
    if function is operator.add and left.family == right.family != "dict":
        if left.items is None or right.items is None:
            return of_any_length(left, right, known.fresh)
        items = [item for _, item in (*left.items, *right.items)]
        return Kind(left.family, items=tuple(enumerate(items)))
    if function is operator.or_ and left.family == right.family == "dict":
        return _united(known, left, right)
    if function is operator.mul:
        sequence, number = (left, right) if left.is_container else (right, left)
        if sequence.family != "dict" and number.is_scalar:
            if isinstance(number.value, int) and sequence.items is not None:
                items = [item for _, item in sequence.items] * min(number.value, 1000)
                if number.value <= 1000:
                    return Kind(sequence.family, items=tuple(enumerate(items)))
            return of_any_length(sequence, sequence, known.fresh)
    return UNKNOWN


def _united(known: Knowledge, left: Kind, right: Kind) -> Kind:
    """`d | e`: the items of both, those of the second where both have one."""
    if left.items is None or right.items is None:
        return of_any_length(left, right, known.fresh)
    return Kind("dict", items=tuple({**dict(left.items), **dict(right.items)}.items()))


def _folded(function: Callable[..., Any], left: Kind, right: Kind) -> Kind | None:
    """Arithmetic of known integers, and of an integer that is a size less a known one."""
    if isinstance(left.value, DimValue):
        if function is operator.sub and type(right.value) is int and right.value >= 0:
            return Kind("scalar", "int", value=value_of(less(left.value.symbol, right.value)))
        return None
    if not isinstance(left.value, int) or not isinstance(right.value, int):
        return None
    if is_one_of(function, (operator.pow, operator.lshift)) and abs(right.value) > 64:
        return None
    try:
        return constant(function(left.value, right.value))
    except (ArithmeticError, TypeError, ValueError):
        return UNKNOWN
