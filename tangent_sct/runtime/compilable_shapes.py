"""Zeros, shapes, sums over what was broadcast, and places of arrays, as Numba compiles them."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numba import types
from numba.cpython.unsafe.tuple import tuple_setitem

from tangent_sct.runtime import arrays, boxes
from tangent_sct.runtime.compilable import (
    Implementation,
    compiles,
    is_absent,
    is_array,
    is_float,
    is_number,
    rank,
)


@compiles(reversed)
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


@compiles(operator.getitem)
def first_items(items: Any, index: Any) -> Implementation:
    """A stretch of a range."""
    if not isinstance(items, types.RangeType) or not isinstance(index, types.SliceType) or index.has_step:
        return None

    def stretch(items: Any, index: Any) -> Any:
        first, behind, _ = index.indices(len(items))
        return range(items.start + first * items.step, items.start + behind * items.step, items.step)

    return stretch


@compiles(boxes.zero_items)
def zero_items(x: Any) -> Implementation:
    """Zeros like the items of a list, which may be lists again."""
    if isinstance(x, types.List):
        return lambda x: [boxes.zero_items(item) for item in x]
    return (lambda x: arrays.zeros_like(x)) if is_array(x) or is_number(x) else None


@compiles(boxes.add_item)
def add_item(shadow: Any, key: Any, amount: Any) -> Implementation:
    """A number or an array added to an item of a list."""
    if not isinstance(shadow, types.List):
        return None
    if is_number(shadow.dtype) and is_number(amount):

        def number(shadow: Any, key: Any, amount: Any) -> None:
            shadow[key] += amount

        return number
    if is_array(shadow.dtype) and is_array(amount):

        def array(shadow: Any, key: Any, amount: Any) -> None:
            shadow[key][...] += amount

        return array
    return None


@compiles(arrays.zeros_like)
def zeros_like(x: Any) -> Implementation:
    """Zeros of the shape of a number or an array, floats where it holds integers."""
    if isinstance(x, types.Array):
        if isinstance(x.dtype, (types.Float, types.Complex)):
            return lambda x: np.zeros_like(x)
        return lambda x: np.zeros(x.shape)
    if isinstance(x, types.Complex):
        return lambda x: 0j
    if is_number(x):
        return lambda x: 0.0
    if isinstance(x, types.List):
        return lambda x: [arrays.zeros_like(item) for item in x]
    if isinstance(x, types.BaseTuple) and not isinstance(x, types.BaseNamedTuple):
        return (lambda x: (arrays.zeros_like(x[0]), *arrays.zeros_like(x[1:]))) if len(x) else (lambda x: ())
    return (lambda x: None) if isinstance(x, types.NoneType) else None


@compiles(arrays.unbroadcast)
def unbroadcast(g: Any, like: Any) -> Implementation:
    """An adjoint summed over the axes along which its operand was repeated."""
    missing = rank(g) - rank(like)
    if rank(g) == 0 and rank(like) == 0:
        return lambda g, like: g
    if rank(g) == 0:
        return lambda g, like: arrays.broadcast_like(g, like)
    if missing < 0:
        return lambda g, like: arrays.unbroadcast(np.expand_dims(g, 0), like)
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


@compiles(_place)
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

    return last


@compiles(arrays.broadcast_like)
def broadcast_like(g: Any, like: Any) -> Implementation:
    """A number or an array repeated along the axes that another has more."""
    if rank(like) == 0:
        return (lambda g, like: g.copy()) if isinstance(g, types.Array) else (lambda g, like: g)
    if rank(g) > rank(like):
        return lambda g, like: arrays.broadcast_like(g[0], like)
    if isinstance(g, types.Array):
        return lambda g, like: np.broadcast_to(g, like.shape).copy()
    return lambda g, like: np.full(like.shape, g)


@compiles(arrays.deviations)
def deviations(a: Any, axis: Any = None) -> Implementation:
    """What the entries are off the mean of all of them."""
    if not is_array(a) or not is_absent(axis):
        return None

    def of_all(a: Any, axis: Any = None) -> Any:
        left = a - np.mean(a)
        return left - np.mean(left)

    return of_all


@compiles(arrays.unreduce)
def unreduce(g: Any, like: Any, axis: Any = None, keepdims: Any = False) -> Implementation:
    """The adjoint of a sum, repeated along the axes that were summed."""
    if rank(g) == 0 or rank(g) == rank(like):
        return lambda g, like, axis=None, keepdims=False: arrays.broadcast_like(g, like)
    return lambda g, like, axis=None, keepdims=False: arrays.broadcast_like(np.expand_dims(g, axis), like)


@compiles(arrays.shadow_like)
def shadow_like(x: Any) -> Implementation:
    """Zeros that can be added to in place."""
    if is_array(x):
        return lambda x: arrays.zeros_like(x)
    return None


@compiles(arrays.recast)
def recast(g: Any, like: Any, through: Any = None) -> Implementation:
    """A number of the kind of another; zero where the value it passed through holds no floats."""
    passed = like if is_absent(through) else through
    if not is_float(passed):
        return lambda g, like, through=None: arrays.zeros_like(g)
    is_complex = isinstance(g.dtype if is_array(g) else g, types.Complex)
    like_complex = isinstance(like.dtype if is_array(like) else like, types.Complex)
    if is_complex and not like_complex:
        if is_array(g):
            return lambda g, like, through=None: g.real.copy()
        return lambda g, like, through=None: g.real
    if is_array(g) and is_array(like) and g.dtype != like.dtype:
        return lambda g, like, through=None: g.astype(like.dtype)
    return lambda g, like, through=None: g


@compiles(arrays.add_at)
def added_at(a: Any, index: Any, values: Any) -> Implementation:
    """Each value added where its index points, also where two point to one place."""
    if isinstance(index, (types.List, types.Array)) and not is_integers(index):
        return None
    if isinstance(index, types.UniTuple) and is_integers(index.dtype) and index.dtype.ndim == 1:
        if index.count != 2 or rank(a) != 2:
            return None

        def at_pairs(a: Any, index: Any, values: Any) -> None:
            rows, columns = index
            spread = np.asarray(values).copy().reshape(-1)
            for number in range(rows.size):
                a[rows[number], columns[number]] += spread[number % spread.size]

        return at_pairs
    if not isinstance(index, (types.List, types.Array)) or not is_array(a):
        return None
    if rank(a) == 1 and is_number(values):

        def at_places(a: Any, index: Any, values: Any) -> None:
            for place in np.asarray(index).flat:
                a[place] += values

        return at_places
    if rank(a) == 1:

        def one_each(a: Any, index: Any, values: Any) -> None:
            places = np.asarray(index)
            spread = np.broadcast_to(values, places.shape)
            for number, place in np.ndenumerate(places):
                a[place] += spread[number]

        return one_each

    def rows(a: Any, index: Any, values: Any) -> None:
        places = np.asarray(index)
        spread = np.broadcast_to(np.asarray(values), places.shape + a.shape[1:])
        for number, place in np.ndenumerate(places):
            a[place] += spread[number]

    return rows


def is_integers(kind: Any) -> bool:
    """Whether an array or a list holds integers."""
    return isinstance(kind, (types.Array, types.List)) and isinstance(kind.dtype, types.Integer)


@compiles(arrays.diagonal_copy)
def diagonal_copy(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Implementation:
    """The diagonal of a matrix; which of its axes comes first only turns the offset round."""
    if rank(a) != 2:
        return None

    def diagonal(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
        shift = offset if axis1 % 2 == 0 else -offset
        first, second = max(-shift, 0), max(shift, 0)
        size = max(0, min(a.shape[0] - first, a.shape[1] - second))
        found = np.empty(size, a.dtype)
        for i in range(size):
            found[i] = a[first + i, second + i]
        return found

    return diagonal


@compiles(arrays.undiagonal)
def undiagonal(g: Any, like: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Implementation:
    """Zeros with something on the diagonal."""
    if rank(like) != 2 or rank(g) > 1:
        return None

    def spread(g: Any, like: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
        shift = offset if axis1 % 2 == 0 else -offset
        first, second = max(-shift, 0), max(shift, 0)
        result = arrays.zeros_like(like)
        size = max(0, min(like.shape[0] - first, like.shape[1] - second))
        values = np.broadcast_to(np.asarray(g), (size,))
        for i in range(size):
            result[first + i, second + i] = values[i]
        return result

    return spread


@compiles(arrays.take_along_index)
def take_along_index(indices: Any, axis: Any, like: Any) -> Implementation:
    """The index of the entries that `np.take_along_axis` takes."""
    if rank(like) == 1:
        return lambda indices, axis, like: indices
    if rank(like) != 2 or rank(indices) != 2 or not isinstance(axis, types.Integer):
        return None

    def in_matrix(indices: Any, axis: Any, like: Any) -> Any:
        rows, columns = np.empty_like(indices), np.empty_like(indices)
        for i in range(indices.shape[0]):
            for j in range(indices.shape[1]):
                rows[i, j] = indices[i, j] if axis % 2 == 0 else i
                columns[i, j] = j if axis % 2 == 0 else indices[i, j]
        return rows.ravel(), columns.ravel()

    return in_matrix
