"""Functions of NumPy with arguments that generated code gives them and Numba does not know."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.np.numpy_support import as_dtype

from tangent_sct.runtime.compilable import (
    Implementation,
    compiles,
    compiles_attribute,
    is_absent,
    is_array,
    is_number,
    rank,
)


@compiles_attribute(types.Float, "dtype")
def float_dtype(x: Any) -> Implementation:
    """Numbers of NumPy's have a dtype, and to Numba all floats are such."""
    dtype = as_dtype(x)
    return lambda x: dtype


@compiles(np.sum)
def sum_of(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = None) -> Implementation:
    """A sum along several axes, or one that keeps them with size one."""
    keeps = not is_absent(keepdims)
    if not is_array(a) or not is_absent(dtype) or not is_absent(out):
        return None
    if isinstance(axis, types.UniTuple) and axis.count == 1:
        return lambda a, axis=None, dtype=None, out=None, keepdims=None: np.sum(a, axis=axis[0], keepdims=keepdims)
    if is_absent(axis) or (isinstance(axis, types.UniTuple) and axis.count == a.ndim):
        shape = (1,) * a.ndim
        if keeps:
            return lambda a, axis=None, dtype=None, out=None, keepdims=None: np.full(shape, np.sum(a))
        return None if is_absent(axis) else (lambda a, axis=None, dtype=None, out=None, keepdims=None: np.sum(a))
    if isinstance(axis, types.UniTuple) and axis.count == 2 and not keeps:
        rank_of = a.ndim

        def over_two(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = None) -> Any:
            first, second = axis[0] % rank_of, axis[1] % rank_of
            return np.sum(np.sum(a, max(first, second)), min(first, second))

        return over_two
    if isinstance(axis, types.Integer) and keeps:
        return lambda a, axis=None, dtype=None, out=None, keepdims=None: np.expand_dims(np.sum(a, axis), axis)
    return None


@compiles(np.trace)
def trace_between(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Implementation:
    """The trace of a matrix whose axes are named."""
    if rank(a) != 2 or isinstance(axis1, (int, types.Omitted)):
        return None

    def along(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
        return np.trace(a, offset if axis1 % 2 == 0 else -offset)

    return along


@compiles(np.linspace)
def linspace_of(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, dtype: Any = None) -> Implementation:
    """Equally spaced numbers of a given type."""
    if is_absent(dtype):
        return None
    return lambda start, stop, num=50, endpoint=True, dtype=None: np.linspace(start, stop, num).astype(dtype)


@compiles(np.concatenate)
def concatenate_list(arrays: Any, axis: Any = 0) -> Implementation:
    """Arrays of a list, one behind the other."""
    if not isinstance(arrays, types.List) or not is_array(arrays.dtype):
        return None
    if rank(arrays.dtype) == 1:

        def rows(arrays: Any, axis: Any = 0) -> Any:
            size = 0
            for part in arrays:
                size += part.size
            found = np.empty(size, arrays[0].dtype)
            place = 0
            for part in arrays:
                found[place : place + part.size] = part
                place += part.size
            return found

        return rows
    return None


@compiles(np.array)
def array_copied(object: Any, dtype: Any = None) -> Implementation:
    """A copy of an array."""
    if not is_array(object) or not is_absent(dtype):
        return None
    return lambda object, dtype=None: object.copy()


@compiles(np.expand_dims)
def expand_number(a: Any, axis: Any) -> Implementation:
    """A number as an array of one."""
    return (lambda a, axis: np.full(1, a)) if is_number(a) else None
