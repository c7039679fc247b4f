"""Methods of ufuncs, said with whole arrays: `reduce`, `outer` and `reduceat`."""

import numpy as np

from tangent_sct.runtime import check_positions, largest, spread_segments
from tangent_sct.templating.language import d, expanded, linear, zero

# -- over an axis -------------------------------------------------------------------------------------


@expanded(np.multiply.reduce)
def multiply_reduce(array, axis=0, dtype=None, *, keepdims=False, initial=1, where=True):
    return np.prod(array, axis=axis, dtype=dtype, keepdims=keepdims, initial=initial, where=where)


@expanded(np.add.reduce)
def add_reduce(array, axis=0, dtype=None, *, keepdims=False, initial=0, where=True):
    return np.sum(array, axis=axis, dtype=dtype, keepdims=keepdims, initial=initial, where=where)


@expanded(np.maximum.reduce)
def maximum_reduce(array, axis=0, *, keepdims=False):
    return np.max(array, axis=axis, keepdims=keepdims)


@expanded(np.minimum.reduce)
def minimum_reduce(array, axis=0, *, keepdims=False):
    return np.min(array, axis=axis, keepdims=keepdims)


@expanded(np.logaddexp.reduce)
def logaddexp_reduce(array, axis=0, *, keepdims=False):
    # The largest entry only keeps the powers small: the result does not depend on it.
    top = largest(array, axis)
    total = np.log(np.sum(np.exp(array - top), axis=axis, keepdims=True)) + top
    if keepdims:
        return total
    if np.ndim(array) == 1:
        return total[0]
    return np.squeeze(total, axis)


# -- of all pairs -------------------------------------------------------------------------------------


def widened(A, B):
    """The first array with axes of size one for those of the second."""
    return np.reshape(A, np.shape(A) + (1,) * np.ndim(B))


@expanded(np.add.outer)
def add_outer(A, B):
    return widened(A, B) + B


@expanded(np.subtract.outer)
def subtract_outer(A, B):
    return widened(A, B) - B


@expanded(np.multiply.outer)
def multiply_outer(A, B):
    return widened(A, B) * B


@expanded(np.divide.outer)
def divide_outer(A, B):
    return widened(A, B) / B


@expanded(np.power.outer)
def power_outer(A, B):
    return widened(A, B) ** B


@expanded(np.maximum.outer)
def maximum_outer(A, B):
    return np.maximum(widened(A, B), B)


@expanded(np.minimum.outer)
def minimum_outer(A, B):
    return np.minimum(widened(A, B), B)


@expanded(np.hypot.outer)
def hypot_outer(A, B):
    return np.hypot(widened(A, B), B)


@expanded(np.arctan2.outer)
def arctan2_outer(A, B):
    return np.arctan2(widened(A, B), B)


@expanded(np.logaddexp.outer)
def logaddexp_outer(A, B):
    return np.logaddexp(widened(A, B), B)


# -- of stretches -------------------------------------------------------------------------------------


@linear(np.add.reduceat)
def add_reduceat(y, /, array, indices, axis=0):
    d[array] += spread_segments(d[y], array, indices, axis)


@linear(spread_segments)
def spread_segments_(y, /, g, like, indices, axis=0):
    d[g] += np.add.reduceat(d[y], indices, axis)


# A stretch ends where the next one begins, and is one entry where that lies before it.


@expanded(np.multiply.reduceat)
def multiply_reduceat(array, indices, axis=0):
    check_positions(indices)
    begins = np.array(indices)
    ends = np.maximum(np.append(begins[1:], np.shape(array)[axis]), begins + 1)
    parts = []
    for place in range(len(begins)):
        stretch = np.arange(begins[place], ends[place])
        parts.append(np.prod(np.take(array, stretch, axis), axis=axis))
    return np.stack(parts, axis)


@expanded(np.maximum.reduceat)
def maximum_reduceat(array, indices, axis=0):
    check_positions(indices)
    begins = np.array(indices)
    ends = np.maximum(np.append(begins[1:], np.shape(array)[axis]), begins + 1)
    parts = []
    for place in range(len(begins)):
        stretch = np.arange(begins[place], ends[place])
        parts.append(np.max(np.take(array, stretch, axis), axis=axis))
    return np.stack(parts, axis)


@expanded(np.minimum.reduceat)
def minimum_reduceat(array, indices, axis=0):
    check_positions(indices)
    begins = np.array(indices)
    ends = np.maximum(np.append(begins[1:], np.shape(array)[axis]), begins + 1)
    parts = []
    for place in range(len(begins)):
        stretch = np.arange(begins[place], ends[place])
        parts.append(np.min(np.take(array, stretch, axis), axis=axis))
    return np.stack(parts, axis)


@expanded(np.logaddexp.reduceat)
def logaddexp_reduceat(array, indices, axis=0):
    check_positions(indices)
    begins = np.array(indices)
    ends = np.maximum(np.append(begins[1:], np.shape(array)[axis]), begins + 1)
    parts = []
    for place in range(len(begins)):
        stretch = np.arange(begins[place], ends[place])
        parts.append(np.logaddexp.reduce(np.take(array, stretch, axis), axis=axis))
    return np.stack(parts, axis)


zero(largest)
