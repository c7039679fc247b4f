"""Functions of NumPy that call functions: what they do, with the calls in it. A user's function is followed there."""

import numpy as np

from tangent_sct.runtime import common_shape, entry_by_entry, gathered, pieces
from tangent_sct.templating.language import d, dense, each, expanded, iscontainer, rule, zero

# -- functions of rows ----------------------------------------------------------------------------------


@expanded(np.apply_along_axis)
def apply_along_axis(func1d, axis, arr, *args):
    moved = np.moveaxis(arr, axis, -1)
    rows = np.reshape(moved, (-1, np.shape(moved)[-1]))
    results = gathered([func1d(rows[place], *args) for place in range(np.shape(rows)[0])])
    whole = np.reshape(results, np.shape(moved)[:-1] + np.shape(results)[1:])
    if np.ndim(results) == 1:
        return whole
    return np.moveaxis(whole, -1, axis)


@expanded(np.apply_over_axes)
def apply_over_axes(func, a, axes):
    found = np.asarray(a)
    for axis in np.atleast_1d(axes):
        result = func(found, axis)
        found = result if np.ndim(result) == np.ndim(found) else np.expand_dims(result, axis)
    return found


# -- functions of numbers -------------------------------------------------------------------------------


@expanded(entry_by_entry, when={"*": (2,)})
def of_one(function, x):
    flat = np.ravel(x)
    results = gathered([function(flat[place]) for place in range(np.size(x))])
    return np.reshape(results, np.shape(x))


@expanded(entry_by_entry, when={"*": (3,)})
def of_two(function, x, y):
    shape = common_shape(x, y)
    flat_x, flat_y = np.ravel(np.broadcast_to(x, shape)), np.ravel(np.broadcast_to(y, shape))
    results = gathered([function(flat_x[place], flat_y[place]) for place in range(np.size(flat_x))])
    return np.reshape(results, shape)


@expanded(entry_by_entry, when={"*": (4,)})
def of_three(function, x, y, z):
    shape = common_shape(x, y, z)
    flat_x, flat_y = np.ravel(np.broadcast_to(x, shape)), np.ravel(np.broadcast_to(y, shape))
    flat_z = np.ravel(np.broadcast_to(z, shape))
    results = gathered([function(flat_x[i], flat_y[i], flat_z[i]) for i in range(np.size(flat_x))])
    return np.reshape(results, shape)


@rule(gathered)
def gathered_(y, /, results):
    def tangent():
        if iscontainer(results):
            d[y] = np.array([dense(d[r]) for r in each(results)])
        else:
            d[y] = np.array(d[results])

    def adjoint():
        if iscontainer(results):
            for i, r in enumerate(each(results)):
                d[r] += d[y][i]
        else:
            d[results] += d[y]


# -- functions of places --------------------------------------------------------------------------------


@expanded(np.piecewise)
def piecewise(x, condlist, funclist, *args):
    places = np.asarray(x)
    chosen = pieces(x, condlist, len(funclist))
    y = np.zeros_like(places)
    for piece, function in enumerate(funclist):
        y[chosen[piece]] = function(places[chosen[piece]], *args) if callable(function) else function
    return y


@expanded(np.fromfunction)
def fromfunction(function, shape, *, dtype=float):
    return function(*np.indices(shape, dtype=dtype))


@expanded(np.fromiter)
def fromiter(iter, dtype):
    return np.array(list(iter), dtype=dtype)


zero(pieces)
