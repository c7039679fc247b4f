"""Functions of NumPy that call functions: what they do, with the calls in it. A user's function is followed there."""

import numpy as np

from tangent_sct.runtime import common_shape, entry_by_entry, gathered, pieces
from tangent_sct.templating.language import d, dense, each, expanded, iscontainer, rule, zero

# -- functions of rows ----------------------------------------------------------------------------------


@expanded(np.apply_along_axis)
def apply_along_axis(func1d, axis, arr, *args, **kwargs):
    moved = np.moveaxis(arr, axis, -1)
    rows = np.reshape(moved, (-1, np.shape(moved)[-1]))
    results = gathered([func1d(rows[place], *args, **kwargs) for place in range(np.shape(rows)[0])])
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

# Where NumPy is not told the type of the results, it calls the function for the first entry once more, to ask for it.


@expanded(entry_by_entry, when={"*": (2,)})
def of_one(function, x, otypes=None):
    flat = np.ravel(x)
    if otypes is None:
        function(flat[0])
    results = in_type([function(flat[place]) for place in range(np.size(x))], otypes)
    return np.reshape(results, np.shape(x))


@expanded(entry_by_entry, when={"*": (3,), "excluded": ((),)})
def of_two(function, x, y, otypes=None, excluded=()):
    shape = common_shape(x, y)
    flat_x, flat_y = np.ravel(np.broadcast_to(x, shape)), np.ravel(np.broadcast_to(y, shape))
    if otypes is None:
        function(flat_x[0], flat_y[0])
    results = in_type([function(flat_x[place], flat_y[place]) for place in range(np.size(flat_x))], otypes)
    return np.reshape(results, shape)


@expanded(entry_by_entry, when={"*": (3,), "excluded": ((0,),)})
def of_second(function, whole, x, otypes=None, excluded=()):
    flat = np.ravel(x)
    if otypes is None:
        function(whole, flat[0])
    results = in_type([function(whole, flat[place]) for place in range(np.size(x))], otypes)
    return np.reshape(results, np.shape(x))


@expanded(entry_by_entry, when={"*": (3,), "excluded": ((1,),)})
def of_first(function, x, whole, otypes=None, excluded=()):
    flat = np.ravel(x)
    if otypes is None:
        function(flat[0], whole)
    results = in_type([function(flat[place], whole) for place in range(np.size(x))], otypes)
    return np.reshape(results, np.shape(x))


@expanded(entry_by_entry, when={"*": (4,), "excluded": ((),)})
def of_three(function, x, y, z, otypes=None, excluded=()):
    shape = common_shape(x, y, z)
    flat_x, flat_y = np.ravel(np.broadcast_to(x, shape)), np.ravel(np.broadcast_to(y, shape))
    flat_z = np.ravel(np.broadcast_to(z, shape))
    if otypes is None:
        function(flat_x[0], flat_y[0], flat_z[0])
    results = in_type([function(flat_x[i], flat_y[i], flat_z[i]) for i in range(np.size(flat_x))], otypes)
    return np.reshape(results, shape)


@expanded(entry_by_entry, when={"*": (4,), "excluded": ((2,),)})
def of_first_two(function, x, y, whole, otypes=None, excluded=()):
    shape = common_shape(x, y)
    flat_x, flat_y = np.ravel(np.broadcast_to(x, shape)), np.ravel(np.broadcast_to(y, shape))
    if otypes is None:
        function(flat_x[0], flat_y[0], whole)
    results = in_type([function(flat_x[place], flat_y[place], whole) for place in range(np.size(flat_x))], otypes)
    return np.reshape(results, shape)


@expanded(entry_by_entry, when={"*": (4,), "excluded": ((1, 2),)})
def of_first_of_three(function, x, whole, other, otypes=None, excluded=()):
    flat = np.ravel(x)
    if otypes is None:
        function(flat[0], whole, other)
    results = in_type([function(flat[place], whole, other) for place in range(np.size(x))], otypes)
    return np.reshape(results, np.shape(x))


def in_type(results, otypes):
    """Results of calls as one array, in the type of the first or in one that is told."""
    if otypes is None:
        return gathered(results)
    return np.asarray(results, otypes[0])


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
