"""Shapes and zeros: what adjoints of broadcasting, reductions and indexing are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, TypeAlias

import numpy as np

from tangent_sct.runtime.errors import DerivativeError
from tangent_sct.runtime.objects import fields_of

Axis: TypeAlias = int | Sequence[int] | None
Index: TypeAlias = tuple[Any, ...]


def zeros_like(x: Any) -> Any:
    """Zeros of the shape and structure of `x`: what an adjoint is before any contribution.

    Args:
        x: a number, an array, or a tuple, list or dict of such.

    Returns:
        `0.0` for a Python number, a fresh array for an array (of floats, where `x` holds integers),
        a container of the same structure for a container, None for anything else.

    >>> zeros_like((2.0, [3, None]))
    (0.0, [0.0, None])
    """
    if isinstance(x, np.ndarray):
        return np.zeros_like(x, dtype=x.dtype if x.dtype.kind in "fc" else float)
    if isinstance(x, np.inexact):
        return x.dtype.type(0)
    if isinstance(x, complex):
        return 0j
    if isinstance(x, (bool, int, float, np.number, np.bool_)):
        return 0.0
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*map(zeros_like, x))
    if isinstance(x, (tuple, list)):
        return type(x)(map(zeros_like, x))
    if isinstance(x, dict):
        return {key: zeros_like(value) for key, value in x.items()}
    fields = fields_of(x)
    if fields is not None:
        return SimpleNamespace(**{key: zeros_like(value) for key, value in fields.items()})
    return None


def shadow_like(x: Any) -> Any:
    """Zeros like `x` that can be added to in place, whatever `x` is: a number gets an array of no axes.

    Args:
        x: a number, an array, or a tuple, list or dict of such.

    Raises:
        DerivativeError: when it is an object that keeps numbers in a way of its own.

    >>> shadow = shadow_like(2.0)
    >>> shadow += 1.0
    >>> float(shadow)
    1.0
    """
    zeros = zeros_like(x)
    if zeros is None or isinstance(x, np.ndarray):
        check_container(x)
    return as_shadow(zeros)


def check_container(x: Any) -> None:
    """Refuse a container that has no zeros like it, where what varies is put into it.

    Raises:
        DerivativeError: when `x` is an array of records, or an object that keeps items in a way of its own.

    >>> check_container([1.0])
    """
    is_array = isinstance(x, np.ndarray)
    is_foreign = not isinstance(x, (np.ndarray, list, dict)) and hasattr(type(x), "__setitem__")
    if is_foreign or (is_array and x.dtype.names is not None):
        what = "an array of records" if is_array else f"an object of class {type(x).__name__}"
        raise DerivativeError(f"values to be differentiated are put into {what}: use an array, a list, or a dict")


def as_shadow(x: Any) -> Any:
    """A shadow, as what can be added to in place, whatever it is: a number becomes an array of no axes.

    Args:
        x: a number, an array, a list or a dict.

    >>> shadow = as_shadow(2.0)
    >>> shadow += 1.0
    >>> float(shadow)
    3.0
    """
    return np.asarray(x) if isinstance(x, (float, complex, np.number)) else x


def unbroadcast(g: Any, like: Any) -> Any:
    """Sum `g` over the axes along which broadcasting repeated `like`.

    Args:
        g: the adjoint of a result that `like` was broadcast to.
        like: the operand; only its shape counts.

    Returns:
        The adjoint in the shape of `like`: always a fresh array, or a number.

    >>> unbroadcast(np.ones((2, 3)), np.zeros((2, 1))).tolist()
    [[3.0], [3.0]]
    >>> float(unbroadcast(np.ones((2, 3)), 1.0))
    6.0
    >>> unbroadcast(np.ones(3), np.zeros((1, 1))).tolist()
    [[3.0]]
    """
    shape = np.shape(like)
    have = np.shape(g)
    if have == shape:
        return g.copy() if isinstance(g, np.ndarray) else g
    if not shape:
        return np.sum(g)
    extra = len(have) - len(shape)
    if extra < 0:
        # A store drops leading axes of size one.
        extra, have = 0, (1,) * -extra + have
        g = np.reshape(g, have)
    ones = tuple(extra + i for i, n in enumerate(shape) if n == 1 and have[extra + i] != 1)
    total = np.sum(g, axis=tuple(range(extra)) + ones, keepdims=True)
    # The seed of a result whose own axes all have size one may be a number: it still has to be spread.
    return np.reshape(total, shape) if total.size == math.prod(shape) else broadcast_like(total, like)


def broadcast_like(g: Any, like: Any) -> Any:
    """Repeat `g` along the axes that `like` has more: the transpose of `unbroadcast`.

    Args:
        g: a number or an array that can be stored into one of the shape of `like`.
        like: its shape counts; its precision does where `g` is a number of Python's own, which has none.

    Returns:
        Always a fresh array, or a number.

    >>> broadcast_like(2.0, np.zeros(3)).tolist()
    [2.0, 2.0, 2.0]
    >>> broadcast_like(2.0, np.zeros(3, "float32")).dtype
    dtype('float32')
    """
    shape = np.shape(like)
    if not shape:
        return g.copy() if isinstance(g, np.ndarray) else g
    if type(g) in (float, complex):
        return np.full(shape, g, np.result_type(np.asarray(like).dtype, g))
    if np.ndim(g) > len(shape):
        # A store drops leading axes of size one.
        g = np.reshape(g, np.shape(g)[-len(shape) :])
    return np.broadcast_to(g, shape).copy()


def recast(g: Any, like: Any, through: Any = None) -> Any:
    """`g` as a number of the kind of `like`; zeros where the value it passed through holds no floats.

    That is in the precision of `like`, and the real part where `like` is real.

    Args:
        g: a tangent or an adjoint.
        like: only its dtype counts.
        through: the result of the conversion, where `like` is not that itself.

    Returns:
        `g` itself where it has the dtype already, else a fresh array or number.

    Raises:
        DerivativeError: where the value is an array of texts or of objects.

    >>> recast(np.array([0.1]), np.float32(1)).dtype
    dtype('float32')
    >>> recast(np.array([0.5]), np.array([2.0]), through=np.array([2])).tolist()
    [0.0]
    """
    passed = np.asarray(like if through is None else through)
    if passed.dtype.kind not in "biufc":
        raise DerivativeError(f"values to be differentiated became {passed.dtype}, where no derivative is seen")
    if passed.dtype.kind not in "fc":
        return zeros_like(g)
    if np.iscomplexobj(g) and not np.iscomplexobj(like):
        g = np.real(g)
    if isinstance(like, (np.ndarray, np.generic)) and isinstance(g, (np.ndarray, np.generic)):
        return g.astype(like.dtype, copy=False)
    return g


def unreduce(g: Any, like: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    """Repeat `g` along the axes over which `like` was summed.

    Args:
        g: the adjoint of a reduction's result.
        like: what was reduced; only its shape counts.
        axis: the axes that were reduced, as given to the reduction.
        keepdims: whether the reduction kept them, with size one.

    Returns:
        The adjoint in the shape of `like`: always a fresh array, or a number.

    >>> unreduce(np.array([1.0, 2.0]), np.zeros((2, 3)), axis=1).tolist()
    [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]
    """
    if axis is not None and not keepdims and np.ndim(like):
        g = np.expand_dims(g, axis)
    return broadcast_like(g, like)


def deviations(a: Any, axis: Axis = None) -> Any:
    """What the entries of an array are off their mean.

    Of equal entries that is exactly zero, also where rounding has made their mean another number: the mean of what
    is left is taken off once more.

    Args:
        a: the array.
        axis: the axes of the mean; all of them where it is None.

    >>> entries = np.full(3, 0.1)
    >>> (entries - np.mean(entries)).any(), deviations(entries).any()
    (np.True_, np.False_)
    """
    left = a - np.mean(a, axis=axis, keepdims=axis is not None)
    return left - np.mean(left, axis=axis, keepdims=axis is not None)


def inverse_axes(axes: Sequence[int]) -> tuple[int, ...]:
    """The order of axes that undoes `np.transpose(a, axes)`.

    Args:
        axes: for each axis of the result, the axis of `a` that it is; negative ones count from the last.

    >>> inverse_axes((2, 0, 1)), inverse_axes((-1, 0, 1))
    ((1, 2, 0), (1, 2, 0))
    """
    rank = len(axes)
    order = [axis % rank for axis in axes]
    return tuple(order.index(axis) for axis in range(rank))


def along(index: Any, axis: int) -> Index:
    """The index that applies `index` to one axis and takes all of the others.

    Args:
        index: an integer, a slice or an array of integers.
        axis: the axis, counted from the end where negative.

    >>> along(2, 1)
    (slice(None, None, None), 2)
    >>> along(2, -2)
    (Ellipsis, 2, slice(None, None, None))
    """
    if axis >= 0:
        return (slice(None),) * axis + (index,)
    return (Ellipsis, index) + (slice(None),) * (-axis - 1)


def padded(g: Any, widths: Sequence[tuple[int, int]]) -> Any:
    """An array among zeros; a number, which has no ends, as an array of its own.

    Args:
        g: the array.
        widths: for each axis how many zeros stand before it and behind it.

    Returns:
        A fresh array. `np.pad` takes no number.

    >>> padded(np.ones(2), [(1, 0)]).tolist(), padded(2.0, []).tolist()
    ([0.0, 1.0, 1.0], 2.0)
    """
    return np.pad(g, list(widths)) if widths else np.array(g)


def span(arrays: Sequence[Any], i: int, axis: int | None = 0) -> Index:
    """Where the i-th of some arrays stands in their concatenation.

    Args:
        arrays: what was concatenated.
        i: which of them.
        axis: the axis they were joined along; None where they were flattened first.

    >>> span(([1, 2], [3, 4, 5]), 1)
    (slice(2, 5, None),)
    """
    if axis is None:
        sizes = [np.size(a) for a in arrays[: i + 1]]
        axis = 0
    else:
        sizes = [np.shape(a)[axis] for a in arrays[: i + 1]]
    end = sum(sizes)
    return along(slice(end - sizes[i], end), axis)


def row_span(arrays: Sequence[Any], i: int) -> Index:
    """Where the i-th of some arrays stands in their `np.vstack`: a vector is one row.

    >>> row_span(([1, 2], [[3, 4], [5, 6]]), 1)
    (slice(1, 3, None),)
    """
    return span([np.atleast_2d(a) for a in arrays[: i + 1]], i)


def column_span(arrays: Sequence[Any], i: int) -> Index:
    """Where the i-th of some arrays stands in their `np.hstack`: vectors are joined end to end.

    >>> column_span(([[1], [2]], [[3, 4], [5, 6]]), 1)
    (slice(None, None, None), slice(1, 3, None))
    """
    joined = [np.atleast_1d(a) for a in arrays[: i + 1]]
    return span(joined, i, 0 if joined[0].ndim == 1 else 1)


def diagonal_index(like: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Index:
    """The index that takes a diagonal, with its two axes moved to the end by the caller.

    >>> [i.tolist() for i in diagonal_index(np.zeros((2, 3)), 1)[1:]]
    [[0, 1], [1, 2]]
    """
    n, m = np.shape(like)[axis1], np.shape(like)[axis2]
    start = max(-offset, 0)
    rows = np.arange(start, max(start, min(n, m - offset)))
    return (Ellipsis, rows, rows + offset)


def diagonal_copy(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """A copy of a diagonal, where `np.diagonal` gives a view that cannot be written.

    Args:
        a: an array.
        offset: which diagonal.
        axis1: the first of the two axes of the matrices.
        axis2: the second of them.

    >>> diagonal_copy(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [1.0, 4.0]
    """
    return np.diagonal(a, offset, axis1, axis2).copy()


def undiagonal(g: Any, like: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Zeros in the shape of `like`, with `g` on a diagonal: the transpose of `np.diagonal`.

    Args:
        g: what stands on the diagonal, its last axis along it; broadcast where smaller.
        like: only its shape and dtype count.
        offset: which diagonal, as in `np.diagonal`.
        axis1: the first of the two axes of the matrices.
        axis2: the second of them.

    >>> undiagonal(np.array([1.0, 2.0]), np.zeros((2, 2))).tolist()
    [[1.0, 0.0], [0.0, 2.0]]
    """
    result = zeros_like(np.asarray(like))
    matrices = np.moveaxis(result, (axis1, axis2), (-2, -1))
    matrices[diagonal_index(like, offset, axis1, axis2)] = g
    return result


def take_along_index(indices: Any, axis: int | None, like: Any) -> Index:
    """The index that takes what `np.take_along_axis(like, indices, axis)` takes.

    Args:
        indices: positions along the axis, of the rank of `like`.
        axis: the axis; None where positions count the entries one after the other.
        like: the array that is indexed; only its shape counts.

    >>> a = np.array([[3, 1], [2, 4]])
    >>> a[take_along_index(np.array([[1], [0]]), 1, a)].tolist()
    [[1], [2]]
    """
    if axis is None:
        return np.unravel_index(np.arange(np.size(like))[indices], np.shape(like))
    # Other axes of size one are repeated, those of the indices too.
    index: list[Any] = list(np.ogrid[tuple(slice(n) for n in np.shape(like))])
    index[axis] = indices
    return tuple(index)


def add_at(a: Any, index: Any, values: Any) -> None:
    """`np.add.at` under a name that compiled code can call.

    >>> a = np.zeros(3)
    >>> add_at(a, [0, 0, 2], 1.0)
    >>> a.tolist()
    [2.0, 0.0, 1.0]
    """
    np.add.at(a, index, values)


def last_writes(a: Any, index: Any) -> Any:
    """Which elements of a store `a[index] = e` are there to stay: one, and zero where overwritten.

    An element that the index selects twice is written twice, and the last value stays.

    Args:
        a: the array; only its shape counts.
        index: the index.

    Returns:
        An array of the shape of `a[index]`.

    >>> last_writes(np.zeros(3), [0, 0, 2]).tolist()
    [0.0, 1.0, 1.0]
    """
    writer = np.zeros(np.shape(a), dtype=np.int64)
    selected = writer[index]
    numbers = np.reshape(np.arange(1, selected.size + 1), selected.shape)
    writer[index] = numbers
    return np.where(writer[index] == numbers, 1.0, 0.0)
