"""What generated code calls, as Numba compiles it. Imported only where something is compiled.

Each function here tells Numba how to compile a helper of this package, or something of Python's that generated code
uses and Numba does not know. Ranks are known while it compiles, so what a helper decides by `if` is decided here
before the loop is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

from tangent_sct.runtime import arrays

Implementation = Callable[..., Any] | None


def rank(kind: Any) -> int:
    """The number of axes of a value of a type; a number has none."""
    return int(kind.ndim) if isinstance(kind, types.Array) else 0


@overload(reversed)
def reversed_items(items: Any) -> Implementation:
    """A range, an array, a list or a tuple from its end."""
    if isinstance(items, types.RangeType):

        def backwards(items: Any) -> Any:
            last = items.start + (len(items) - 1) * items.step
            return range(last, items.start - items.step, -items.step)

        return backwards
    if isinstance(items, (types.Array, types.List, types.BaseTuple)):
        return lambda items: items[::-1]
    return None


@overload(arrays.zeros_like)
def zeros_like(x: Any) -> Implementation:
    """Zeros of the shape of a number or an array, floats where it holds integers."""
    if isinstance(x, types.Array):
        if isinstance(x.dtype, (types.Float, types.Complex)):
            return lambda x: np.zeros_like(x)
        return lambda x: np.zeros(x.shape)
    if isinstance(x, types.Complex):
        return lambda x: 0j
    if isinstance(x, (types.Number, types.Boolean)):
        return lambda x: 0.0
    return None


@overload(arrays.unbroadcast)
def unbroadcast(g: Any, like: Any) -> Implementation:
    """An adjoint summed over the axes along which its operand was repeated."""
    missing = rank(g) - rank(like)
    if rank(g) == 0 and rank(like) == 0:
        return lambda g, like: g
    if missing < 0:
        return lambda g, like: arrays.broadcast_like(g, like)
    if rank(like) == 0:
        return lambda g, like: g.sum()
    if missing == 0 and rank(g) == 1:

        def vector(g: Any, like: Any) -> Any:
            if like.size == 1 and g.size != 1:
                return np.full(1, g.sum())
            return g.copy()

        return vector

    def folded(g: Any, like: Any) -> Any:
        total = np.zeros(like.shape, g.dtype)
        repeated = np.broadcast_to(total, g.shape)
        if repeated.size == total.size:
            return g.copy().reshape(like.shape)
        for index in np.ndindex(g.shape):
            place = _place(index, like.shape)
            total[place] += g[index]
        return total

    return folded


def _place(index: Any, shape: Any) -> Any:
    """The index of the element that was repeated where an index points."""
    raise NotImplementedError


@overload(_place)
def place(index: Any, shape: Any) -> Implementation:
    """The last items of an index, zero along axes of size one."""
    missing, count = len(index) - len(shape), len(shape)
    if count == 1:
        return lambda index, shape: (index[missing] if shape[0] != 1 else 0,)

    def last(index: Any, shape: Any) -> Any:
        found = shape
        for axis in range(count):
            found = tuple_setitem(found, axis, index[missing + axis] if shape[axis] != 1 else 0)
        return found

    from numba.cpython.unsafe.tuple import tuple_setitem

    return last


@overload(arrays.broadcast_like)
def broadcast_like(g: Any, like: Any) -> Implementation:
    """A number or an array repeated along the axes that another has more."""
    if rank(like) == 0:
        return (lambda g, like: g.copy()) if isinstance(g, types.Array) else (lambda g, like: g)
    if isinstance(g, types.Array):
        return lambda g, like: np.broadcast_to(g, like.shape).copy()
    return lambda g, like: np.full(like.shape, g)


@overload(arrays.unreduce)
def unreduce(g: Any, like: Any, axis: Any = None, keepdims: Any = False) -> Implementation:
    """The adjoint of a sum, repeated along the axes that were summed."""
    if rank(g) == 0 or rank(g) == rank(like):
        return lambda g, like, axis=None, keepdims=False: arrays.broadcast_like(g, like)
    return lambda g, like, axis=None, keepdims=False: arrays.broadcast_like(np.expand_dims(g, axis), like)
