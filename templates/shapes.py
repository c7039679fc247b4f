"""Rearranging, joining and copying arrays: each is linear, and its adjoint puts things back."""

import copy

import numpy as np

from tangent_sct.runtime import (
    column_span,
    inverse_axes,
    recast,
    row_span,
    span,
    unbroadcast,
    unsorted,
)
from tangent_sct.templating.language import (
    d,
    dense,
    each,
    expanded,
    iscontainer,
    isscalar,
    linear,
    ndim,
    rule,
)

# -- another shape ----------------------------------------------------------------------------


@linear(np.reshape, aliasing="maybe", cheap=True)
def reshape(y, /, a, shape, order="C"):
    d[a] += np.reshape(d[y], np.shape(a), order=order)


@linear(np.ravel, aliasing="maybe", cheap=True)
def ravel(y, /, a, order="C"):
    d[a] += np.reshape(d[y], np.shape(a), order=order)


@rule(np.ndarray.flatten)
def flatten(y, /, a, order="C"):
    def tangent():
        d[y] = d[a].flatten(order)

    def adjoint():
        d[a] += np.reshape(d[y], np.shape(a), order=order)


@linear(np.squeeze, aliasing="view", cheap=True)
def squeeze(y, /, a, axis=None):
    d[a] += np.reshape(d[y], np.shape(a))


@linear(np.expand_dims, aliasing="view", cheap=True)
def expand_dims(y, /, a, axis):
    d[a] += np.reshape(d[y], np.shape(a))


@linear(np.atleast_1d, np.atleast_2d, np.atleast_3d, aliasing="maybe", cheap=True)
def atleast(y, /, ary):
    if isscalar(ary):
        d[ary] += np.sum(d[y])
    else:
        d[ary] += np.reshape(d[y], np.shape(ary))


@linear(np.broadcast_to, aliasing="view", cheap=True)
def broadcast_to(y, /, array, shape):
    d[array] += unbroadcast(d[y], like=array)


# -- axes in another order --------------------------------------------------------------------


@linear(np.transpose, aliasing="view", cheap=True)
def transpose(y, /, a, axes=None):
    if axes is None:
        d[a] += np.transpose(d[y])
    else:
        d[a] += np.transpose(d[y], inverse_axes(axes))


@linear(np.swapaxes, aliasing="view", cheap=True)
def swapaxes(y, /, a, axis1, axis2):
    d[a] += np.swapaxes(d[y], axis1, axis2)


@linear(np.matrix_transpose, aliasing="view", cheap=True)
def matrix_transpose(y, /, x):
    d[x] += np.matrix_transpose(d[y])


@linear(np.moveaxis, aliasing="view", cheap=True)
def moveaxis(y, /, a, source, destination):
    d[a] += np.moveaxis(d[y], destination, source)


# -- entries in another order -----------------------------------------------------------------


@linear(np.flip, aliasing="view", cheap=True)
def flip(y, /, m, axis=None):
    d[m] += np.flip(d[y], axis)


@linear(np.fliplr, aliasing="view", cheap=True)
def fliplr(y, /, m):
    d[m] += np.fliplr(d[y])


@linear(np.flipud, aliasing="view", cheap=True)
def flipud(y, /, m):
    d[m] += np.flipud(d[y])


@linear(np.roll)
def roll(y, /, a, shift, axis=None):
    if isscalar(shift):
        d[a] += np.roll(d[y], -shift, axis)
    else:
        # Small and unsigned integers of NumPy have no opposite; those of Python have.
        d[a] += np.roll(d[y], np.negative(shift, dtype=object), axis)


@rule(np.sort)
def sort(y, /, a, axis=-1, kind=None, stable=None):
    way = axis  # written out in every call: not all versions of take_along_axis have a default
    order = np.argsort(a, way)
    y = np.take_along_axis(a, order, way)

    def tangent():
        d[y] = np.take_along_axis(d[a], order, way)

    def adjoint():
        if axis is not None:
            d[a] += unsorted(d[y], order, way)
        else:
            d[a] += np.reshape(unsorted(d[y], order, way), np.shape(a))


# -- joining ----------------------------------------------------------------------------------


@rule(np.concatenate)
def concatenate(y, /, arrays, axis=0):
    def tangent():
        d[y] = np.concatenate([dense(d[a]) for a in each(arrays)], axis=axis)

    def adjoint():
        for i, a in enumerate(each(arrays)):
            if axis == 0 and i == 0:
                d[a] += d[y][: len(a)]
            elif axis == 0 and (i == 1 and len(arrays) == 2):
                d[a] += d[y][len(arrays[0]) :]
            elif axis is not None:
                d[a] += d[y][span(arrays, i, axis)]
            else:
                d[a] += np.reshape(d[y][span(arrays, i, axis)], np.shape(a))


@rule(np.append)
def append(y, /, arr, values, axis=None):
    def tangent():
        if axis is None:
            d[y] = np.append(dense(d[arr]), dense(d[values]))
        else:
            d[y] = np.append(dense(d[arr]), dense(d[values]), axis)

    def adjoint():
        if axis is not None:
            d[arr] += d[y][span((arr, values), 0, axis)]
        elif ndim(arr) == 1:
            d[arr] += d[y][: len(arr)]
        else:
            d[arr] += np.reshape(d[y][: np.size(arr)], np.shape(arr))
        if axis is not None:
            d[values] += d[y][span((arr, values), 1, axis)]
        elif ndim(values) == 0:
            d[values] += d[y][-1]
        elif ndim(values) == 1:
            d[values] += d[y][np.size(arr) :]
        else:
            d[values] += np.reshape(d[y][np.size(arr) :], np.shape(values))


@rule(np.stack)
def stack(y, /, arrays, axis=0):
    def tangent():
        d[y] = np.stack([dense(d[a]) for a in each(arrays)], axis=axis)

    def adjoint():
        for i, a in enumerate(each(arrays)):
            if axis == 0:
                d[a] += d[y][i]
            else:
                d[a] += np.take(d[y], i, axis)


@rule(np.hstack)
def hstack(y, /, tup):
    def tangent():
        d[y] = np.hstack([dense(d[a]) for a in each(tup)])

    def adjoint():
        for i, a in enumerate(each(tup)):
            if ndim(a) == 0:
                d[a] += d[y][column_span(tup, i)][0]
            elif ndim(a) == 1:
                d[a] += d[y][column_span(tup, i)]
            else:
                d[a] += np.reshape(d[y][column_span(tup, i)], np.shape(a))


if "row_stack" in dir(np):  # until it goes

    @expanded(np.row_stack)
    def row_stack(tup):
        return np.vstack(tup)


@rule(np.vstack)
def vstack(y, /, tup):
    def tangent():
        d[y] = np.vstack([dense(d[a]) for a in each(tup)])

    def adjoint():
        for i, a in enumerate(each(tup)):
            d[a] += np.reshape(d[y][row_span(tup, i)], np.shape(a))


# -- copying ----------------------------------------------------------------------------------


@rule(np.array)
def array(y, /, object, dtype=None):
    def tangent():
        if iscontainer(object):
            whole = np.array([dense(d[a]) for a in each(object)])
        else:
            whole = np.array(d[object])
        if dtype is None:
            d[y] = whole
        else:
            d[y] = recast(whole, like=y)

    def adjoint():
        if iscontainer(object):
            for i, a in enumerate(each(object)):
                if dtype is None:
                    d[a] += d[y][i]
                else:
                    d[a] += recast(d[y][i], like=a, through=y)
        elif dtype is None:
            d[object] += d[y]
        else:
            d[object] += recast(d[y], like=object, through=y)


@rule(np.asarray, aliasing="maybe", cheap=True)
def asarray(y, /, a, dtype=None):
    def tangent():
        if iscontainer(a):
            whole = np.array([dense(d[x]) for x in each(a)])
        else:
            whole = np.asarray(d[a])
        if dtype is None:
            d[y] = whole
        else:
            d[y] = recast(whole, like=y)

    def adjoint():
        if iscontainer(a):
            for i, x in enumerate(each(a)):
                if dtype is None:
                    d[x] += d[y][i]
                else:
                    d[x] += recast(d[y][i], like=x, through=y)
        elif dtype is None:
            d[a] += d[y]
        else:
            d[a] += recast(d[y], like=a, through=y)


@linear(np.ascontiguousarray, aliasing="maybe", cheap=True)
def ascontiguousarray(y, /, a):
    if ndim(a) == 0:
        d[a] += d[y][0]
    else:
        d[a] += d[y]


# What kind of copy these are is decided by the kind of what is copied, before a derivative is written.
@linear(copy.copy, aliasing="maybe", cheap=True)
def shallow_copy(y, /, x):
    d[x] += d[y]


@linear(copy.deepcopy)
def deep_copy(y, /, x):
    d[x] += d[y]


@rule(np.copy)
def array_copy(y, /, a):
    def tangent():
        d[y] = np.copy(d[a])

    def adjoint():
        d[a] += d[y]


@rule(np.astype)
def astype(y, /, x, dtype):
    def tangent():
        d[y] = np.copy(recast(d[x], like=y))

    def adjoint():
        d[x] += recast(d[y], like=x, through=y)


@rule(np.ndarray.item)
def item(y, /, a):
    def tangent():
        d[y] = d[a].item()

    def adjoint():
        d[a] += np.full(np.shape(a), d[y])
