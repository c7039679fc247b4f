"""Kinds of the arithmetic that the compiler itself has written.

`kinds` knows the names of the program; adjoints and tangents, and the expressions that rewrites
build from them, follow from those by the rules of broadcasting and promotion alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.kind import BOOL, UNKNOWN, Dim, Kind, constant
from tangent_sct.optimize.effects import KindOf
from tangent_sct.runtime import broadcast_like, unbroadcast, unreduce, zeros_like

_WEAK: dict[str, Any] = {"bool": False, "int": 0, "float": 0.0, "complex": 0j}
_LIKE_SECOND = (unbroadcast, unreduce, broadcast_like)
_LIKE_FIRST = (zeros_like, np.zeros_like, np.full_like)


def category(dtype: str | None) -> int | None:
    """0 for truth values, 1 for integers, 2 for reals, 3 for complex numbers, None if unknown."""
    if dtype is None:
        return None
    for level, start in ((0, "bool"), (2, "float"), (3, "complex"), (1, ("int", "uint"))):
        if dtype.startswith(start):
            return level
    return None


def wraps(kind: Kind) -> bool:
    """Whether a value is an integer or a truth value of NumPy's, as far as is known; Python's own integers are exact.

    >>> wraps(Kind("array", "uint8")), wraps(Kind("scalar", "int")), wraps(Kind("array", "float64"))
    (True, False, False)
    """
    return kind.dtype != "int" and category(kind.dtype) in (0, 1)


def promoted(left: str | None, right: str | None) -> str | None:
    """The dtype of arithmetic on two dtypes, where Python's own numbers are weak.

    >>> promoted("float32", "float"), promoted("int64", "float"), promoted("int", "float")
    ('float32', 'float64', 'float')
    """
    if left is None or right is None:
        return None
    if left in _WEAK and right in _WEAK:
        return max(left, right, key=list(_WEAK).index)
    try:
        return np.result_type(*(_WEAK.get(d, d) for d in (left, right))).name
    except TypeError:
        return None


def broadcast(shapes: Sequence[tuple[Dim, ...] | None]) -> tuple[Dim, ...] | None:
    """The shape that shapes broadcast to, None where that cannot be said.

    >>> broadcast([("n", "m"), ("m",), ()]), broadcast([("n",), ("m",)])
    (('n', 'm'), None)
    """
    result: list[Dim] = []
    for shape in shapes:
        if shape is None:
            return None
        longer, shorter = (shape, result) if len(shape) > len(result) else (result, shape)
        result = list(longer)
        offset = len(longer) - len(shorter)
        for i, dim in enumerate(shorter):
            if result[offset + i] == 1:
                result[offset + i] = dim
            elif dim != 1 and dim != result[offset + i]:
                return None
    return tuple(result)


class KindsOfArithmetic:
    """Answers what kind an expression has.

    Args:
        kind_of: kinds of the program's names.
        meaning: the object that a callee means.
    """

    def __init__(self, kind_of: KindOf, meaning: Callable[[gast.AST], Any]) -> None:
        self._kind_of = kind_of
        self._meaning = meaning
        self._learned: dict[str, Kind] = {}

    def learn(self, name: str, value: gast.AST) -> None:
        """Remember what a name holds that the compiler has made, where that is not known anyway."""
        if self._kind_of(tree.load(name)).family == "unknown":
            self._learned[name] = self.of(value).forget_value()

    def of(self, node: gast.AST) -> Kind:
        """The kind of an expression."""
        if isinstance(node, gast.Name):
            known = self._kind_of(node)
            return self._learned.get(node.id, known) if known.family == "unknown" else known
        if isinstance(node, gast.Constant):
            return constant(node.value)
        if isinstance(node, gast.UnaryOp):
            if isinstance(node.op, gast.Not):
                return BOOL
            return self._combined([self.of(node.operand)], divides=False)
        if isinstance(node, gast.BinOp) and not isinstance(node.op, gast.MatMult):
            kinds = [self.of(node.left), self.of(node.right)]
            return self._combined(kinds, isinstance(node.op, gast.Div))
        known = self._kind_of(node)
        if known.family == "unknown" and isinstance(node, gast.Call):
            return self._call(node)
        return known

    def _call(self, node: gast.Call) -> Kind:
        function = self._meaning(node.func)
        if isinstance(function, np.ufunc) and not node.keywords and node.args:
            kind = self._combined([self.of(arg) for arg in node.args], divides=True)
            return Kind(kind.family, None, kind.shape)
        arguments = [*node.args, *(k.value for k in node.keywords if k.arg == "like")]
        if any(function is f for f in _LIKE_SECOND) and len(arguments) > 1:
            like = self.of(arguments[1])
            return Kind(like.family, self.of(arguments[0]).dtype, like.shape)
        if any(function is f for f in _LIKE_FIRST) and arguments:
            return self.of(arguments[0]).forget_value()
        return UNKNOWN

    @staticmethod
    def _combined(kinds: Sequence[Kind], divides: bool) -> Kind:
        """The kind of elementwise arithmetic; on arrays without axes it gives a number."""
        dtype: str | None = kinds[0].dtype
        for kind in kinds[1:]:
            dtype = promoted(dtype, kind.dtype)
        if divides:
            dtype = promoted(dtype, "float")
        shape = broadcast([() if kind.is_scalar else kind.shape for kind in kinds])
        if any(not (kind.is_scalar or kind.is_array) for kind in kinds) or shape is None:
            return Kind("unknown", dtype)
        return Kind("array", dtype, shape) if shape else Kind("scalar", dtype)
