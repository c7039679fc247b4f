"""Choosing, dropping, repeating and joining entries, said as statements or by where they come from."""

import numpy as np

from tangent_sct.runtime import (
    chosen_first,
    column_places,
    common_shape,
    cycled_places,
    depth_places,
    inserted_places,
    kept_places,
    padded_places,
    partition_places,
    unbroadcast,
    unique_places,
)
from tangent_sct.templating.language import (
    d,
    dense,
    each,
    expanded,
    iscontainer,
    linear,
    ndim,
    rule,
    zero,
)

# -- one of several -----------------------------------------------------------------------------------


@rule(np.choose)
def choose(y, /, a, choices, mode="raise"):
    def tangent():
        if iscontainer(choices):
            d[y] = np.choose(a, [dense(d[c]) for c in each(choices)], mode=mode)
        else:
            d[y] = np.choose(a, d[choices], mode=mode)

    def adjoint():
        number = np.choose(a, np.arange(len(choices)), mode=mode)
        if iscontainer(choices):
            for i, c in enumerate(each(choices)):
                d[c] += unbroadcast(np.where(number == i, d[y], 0.0), like=c)
        else:
            stack = np.arange(len(choices)).reshape((-1,) + (1,) * (np.ndim(choices) - 1))
            d[choices] += unbroadcast(np.where(number == stack, d[y], 0.0), like=choices)


@rule(np.select)
def select(y, /, condlist, choicelist, default=0):
    def tangent():
        d[y] = np.select(condlist, [dense(d[c]) for c in each(choicelist)], d[default])

    def adjoint():
        for i, c in enumerate(each(choicelist)):
            d[c] += unbroadcast(np.where(chosen_first(condlist, i), d[y], 0.0), like=c)
        d[default] += unbroadcast(np.where(chosen_first(condlist, len(condlist)), d[y], 0.0), like=default)


# -- some of all --------------------------------------------------------------------------------------


@expanded(np.compress)
def compress(condition, a, axis=None):
    if axis is None:
        return np.ravel(a)[np.flatnonzero(condition)]
    return np.take(a, np.flatnonzero(condition), axis=axis)


@expanded(np.ndarray.compress)
def compress_method(self, condition, axis=None):
    if axis is None:
        return np.ravel(self)[np.flatnonzero(condition)]
    return np.take(self, np.flatnonzero(condition), axis=axis)


@expanded(np.extract)
def extract(condition, arr):
    return np.ravel(arr)[np.flatnonzero(condition)]


@expanded(np.delete)
def delete(arr, obj, axis=None):
    if axis is None:
        return np.ravel(arr)[kept_places(np.size(arr), obj)]
    return np.take(arr, kept_places(np.shape(arr)[axis], obj), axis=axis)


@expanded(np.insert)
def insert(arr, obj, values, axis=None):
    # What is inserted takes the type of the array.
    if axis is None:
        whole = np.concatenate([np.ravel(arr), np.astype(np.ravel(values), np.asarray(arr).dtype)])
        return whole[inserted_places(np.size(arr), obj, np.size(values))]
    if np.ndim(arr) == 1:
        whole = np.concatenate([np.asarray(arr), np.astype(np.ravel(values), np.asarray(arr).dtype)])
        return whole[inserted_places(np.size(arr), obj, np.size(values))]
    if np.ndim(obj) == 0:
        moved = np.moveaxis(arr, axis, 0)
        place = obj + np.shape(moved)[0] if obj < 0 else obj
        block = np.array(values, dtype=np.asarray(arr).dtype, ndmin=np.ndim(arr))
        between = np.broadcast_to(block, np.shape(block)[:1] + np.shape(moved)[1:])
        return np.moveaxis(np.concatenate([moved[:place], between, moved[place:]]), 0, axis)
    raise NotImplementedError("the derivative of np.insert along an axis is known for one place")


@expanded(np.resize)
def resize(a, new_shape):
    return np.reshape(np.ravel(a)[cycled_places(np.size(a), new_shape)], new_shape)


@expanded(np.partition)
def partition(a, kth, axis=-1):
    if axis is None:
        flat = np.ravel(a)
        return flat[partition_places(flat, kth)]
    return np.take_along_axis(a, partition_places(a, kth, axis), axis)


@expanded(np.ndarray.partition)
def partition_in_place(a, kth, axis=-1):
    a[...] = np.partition(a, kth, axis)


@expanded(np.unique)
def unique(ar, return_index=False, return_inverse=False, return_counts=False):
    found = unique_places(ar)
    values = np.ravel(ar)[found.indices]
    if return_index:
        if return_inverse:
            if return_counts:
                return values, found.indices, found.inverse_indices, found.counts
            return values, found.indices, found.inverse_indices
        if return_counts:
            return values, found.indices, found.counts
        return values, found.indices
    if return_inverse:
        if return_counts:
            return values, found.inverse_indices, found.counts
        return values, found.inverse_indices
    if return_counts:
        return values, found.counts
    return values


@expanded(np.unique_values)
def unique_values(x):
    return np.unique(x)


@expanded(np.union1d)
def union1d(ar1, ar2):
    return np.unique(np.concatenate([np.ravel(ar1), np.ravel(ar2)]))


@expanded(np.pad)
def pad(array, pad_width, mode="constant"):
    # The places are padded, and show which entry stands where.
    return np.ravel(array)[padded_places(array, pad_width, mode)]


# -- turned and joined --------------------------------------------------------------------------------


@linear(np.rot90, aliasing="view")
def rot90(y, /, m, k=1, axes=(0, 1)):
    d[m] += np.rot90(d[y], -k, axes)


@expanded(np.rollaxis)
def rollaxis(a, axis, start=0):
    source = axis + np.ndim(a) if axis < 0 else axis
    place = start + np.ndim(a) if start < 0 else start
    if place > source:
        return np.moveaxis(a, source, place - 1)
    return np.moveaxis(a, source, place)


@expanded(np.unstack)
def unstack(x, *, axis=0):
    moved = np.moveaxis(x, axis, 0)
    return tuple([moved[place] for place in range(np.shape(moved)[0])])


@rule(np.column_stack)
def column_stack(y, /, tup):
    def tangent():
        d[y] = np.column_stack([dense(d[a]) for a in each(tup)])

    def adjoint():
        for i, a in enumerate(each(tup)):
            if ndim(a) == 2:
                d[a] += d[y][column_places(tup, i)]
            else:
                d[a] += np.reshape(d[y][column_places(tup, i)], np.shape(a))


@rule(np.dstack)
def dstack(y, /, tup):
    def tangent():
        d[y] = np.dstack([dense(d[a]) for a in each(tup)])

    def adjoint():
        for i, a in enumerate(each(tup)):
            if ndim(a) == 3:
                d[a] += d[y][depth_places(tup, i)]
            else:
                d[a] += np.reshape(d[y][depth_places(tup, i)], np.shape(a))


@expanded(np.block)
def block(arrays):
    if isinstance(arrays[0], list):
        return np.concatenate([np.concatenate([np.atleast_2d(a) for a in row], axis=-1) for row in arrays], axis=-2)
    return np.concatenate([np.atleast_1d(a) for a in arrays], axis=-1)


@expanded(np.broadcast_arrays)
def broadcast_arrays(*args):
    shape = common_shape(*args)
    return tuple([np.broadcast_to(a, shape) for a in args])


@expanded(np.ix_)
def ix_(*args):
    # Of values that vary: numbers, no places and no masks.
    count = len(args)
    return tuple([np.reshape(a, (1,) * i + (len(a),) + (1,) * (count - 1 - i)) for i, a in enumerate(args)])


@expanded(np.ndarray.tolist)
def tolist(self):
    if np.ndim(self) == 1:
        return [self[place] for place in range(np.shape(self)[0])]
    if np.ndim(self) == 2:
        return [[self[row, place] for place in range(np.shape(self)[1])] for row in range(np.shape(self)[0])]
    raise NotImplementedError("the derivative of tolist is known for vectors and matrices")


@expanded(np.asanyarray)
def asanyarray(a, dtype=None):
    return np.asarray(a, dtype)


@expanded(np.asarray_chkfinite)
def asarray_chkfinite(a, dtype=None):
    return np.asarray(a, dtype)


@linear(np.asfortranarray, aliasing="maybe", cheap=True)
def asfortranarray(y, /, a):
    if ndim(a) == 0:
        d[a] += d[y][0]
    else:
        d[a] += d[y]


zero(
    chosen_first, column_places, common_shape, cycled_places, kept_places, depth_places, inserted_places,
    padded_places, partition_places, unique_places,
)  # fmt: skip
