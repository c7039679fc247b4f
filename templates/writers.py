"""Functions that write into arrays, said as stores: a call of one is replaced by these statements."""

import operator

import numpy as np

from tangent_sct.runtime import (
    apart_from,
    check_positions,
    check_separate,
    check_unspoiled,
    check_view,
    flat_view,
    take_along_index,
)
from tangent_sct.templating.language import expanded


@expanded(operator.setitem, else_serves=True)
def setitem(a, b, c):
    a[b] = c


@expanded(np.ndarray.fill, else_serves=True)
def fill(a, value):
    a[...] = value


@expanded(np.ndarray.sort, else_serves=True)
def sort(a, axis=-1, kind=None):
    a[...] = np.sort(a, axis)


@expanded(np.copyto, else_serves=True)
def copyto(dst, src, casting="same_kind", where=True):
    if where is True:
        dst[...] = src
    else:
        assign_where(dst, where, src)


def assign_where(a, mask, values):
    """`a[...] = values` where `mask` says so; both broadcast."""
    check_unspoiled(a, values)
    chosen = spread(mask, a)
    a[chosen] = picked(values, a, chosen)


def spread(mask, a):
    """A mask in the shape of an array."""
    if np.shape(mask) == np.shape(a):
        return mask
    return np.broadcast_to(mask, np.shape(a))


def picked(values, a, chosen):
    """The values that belong to the chosen elements of `a`."""
    if np.ndim(values) == 0:
        return values
    if np.shape(values) == np.shape(a):
        return values[chosen]
    return np.broadcast_to(values, np.shape(a))[chosen]


# -- ufuncs with `where`: what is not chosen is not computed either ------------------------------


@expanded(else_serves=True)
def unary_where(function, x, out, where):
    chosen = spread(where, out)
    out[chosen] = function(picked(x, out, chosen))


@expanded(else_serves=True)
def binary_where(function, x, y, out, where):
    chosen = spread(where, out)
    out[chosen] = function(picked(x, out, chosen), picked(y, out, chosen))


# -- places that are listed -----------------------------------------------------------------------


@expanded(np.put, else_serves=True)
def put(a, ind, v, mode="raise"):
    places, values = np.asarray(ind), np.asarray(v)
    if mode != "raise":
        places = in_reach(places, np.size(a), mode)
    if np.ndim(a) == 1:
        a[places] = cycled(values, places)
    elif np.ndim(a) == 0:
        # Of all that is written to the one place, the last is there to stay.
        a[...] = np.take(cycled(values, places), -1)
    else:
        # Places count along the flat array.
        a[np.unravel_index(np.arange(np.size(a))[places], np.shape(a))] = cycled(values, places)


def in_reach(places, count, mode):
    """Places beyond the end, counted from the start again or taken as the last."""
    if mode == "wrap":
        return np.mod(places, count)
    return np.clip(places, 0, count - 1)


def cycled(values, places):
    """As many values as there are places, from the start again where they do not suffice."""
    if np.ndim(values) == 0 or np.shape(values) == np.shape(places):
        return values
    order = np.arange(np.size(places)) % np.size(values)
    return np.take(values, np.reshape(order, np.shape(places)))


@expanded(np.put_along_axis, else_serves=True)
def put_along_axis(arr, indices, values, axis):
    arr[take_along_index(indices, axis, arr)] = values


@expanded(np.place, else_serves=True)
def place(arr, mask, vals):
    check_separate(arr, vals)
    chosen = np.asarray(mask, dtype=bool)
    arr[chosen] = cycled(np.asarray(vals), np.flatnonzero(chosen))


@expanded(apart_from, else_serves=True)
def apart(values, written):
    check_separate(written, values)
    return values


@expanded(flat_view, else_serves=True)
def seen_flat(a):
    row = a.ravel()
    check_view(row, a)
    return row


@expanded(np.putmask, else_serves=True)
def putmask(a, mask, values):
    chosen = np.asarray(mask, dtype=bool)
    if np.ndim(values) == 0:
        a[chosen] = values
    elif np.shape(values) == np.shape(a):
        a[chosen] = values[chosen]
    else:
        order = np.flatnonzero(chosen) % np.size(values)
        a[chosen] = np.take(values, order)


@expanded(np.fill_diagonal, else_serves=True)
def fill_diagonal(a, val, wrap=False):
    if wrap and np.ndim(a) == 2:
        # The diagonal begins anew below, a row later.
        places = np.arange(0, np.size(a), np.shape(a)[1] + 1)
        index = np.unravel_index(places, np.shape(a))
    else:
        places = np.arange(np.min(np.shape(a)))
        index = (places,) * np.ndim(a)
    if np.ndim(val) == 0:
        a[index] = val
    else:
        check_separate(a, val)
        a[index] = cycled(val, places)


# -- updates one after the other ------------------------------------------------------------------


@expanded(np.subtract.at, else_serves=True)
def subtract_at(a, indices, b):
    np.add.at(a, indices, -b)


@expanded(np.multiply.at, else_serves=True)
def multiply_at(a, indices, b):
    check_positions(indices)
    values = np.array(np.broadcast_to(b, np.shape(a[indices])))
    for place in range(len(indices)):
        a[indices[place]] = a[indices[place]] * values[place]


@expanded(np.divide.at, else_serves=True)
def divide_at(a, indices, b):
    check_positions(indices)
    values = np.array(np.broadcast_to(b, np.shape(a[indices])))
    for place in range(len(indices)):
        a[indices[place]] = a[indices[place]] / values[place]


@expanded(np.maximum.at, else_serves=True)
def maximum_at(a, indices, b):
    check_positions(indices)
    values = np.array(np.broadcast_to(b, np.shape(a[indices])))
    for place in range(len(indices)):
        a[indices[place]] = np.maximum(a[indices[place]], values[place])


@expanded(np.minimum.at, else_serves=True)
def minimum_at(a, indices, b):
    check_positions(indices)
    values = np.array(np.broadcast_to(b, np.shape(a[indices])))
    for place in range(len(indices)):
        a[indices[place]] = np.minimum(a[indices[place]], values[place])
