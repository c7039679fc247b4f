"""Taking entries of arrays: the adjoint goes back to where the entries came from."""

import operator

import numpy as np

from tangent_sct.runtime import along, diagonal_copy, take_along_index, undiagonal, untaken
from tangent_sct.templating.language import d, expanded, linear, ndim, rule


@rule(operator.getitem, aliasing="maybe", cheap=True)
def getitem(y, /, a, index):
    def tangent():
        d[y] = d[a][index]

    def adjoint():
        d[a][index] += d[y]


@rule(np.take)
def take(y, /, a, indices, axis=None):
    def tangent():
        d[y] = np.take(d[a], indices, axis=axis)

    def adjoint():
        if ndim(a) == 0:
            # A number is taken as if it were the only entry of an array.
            d[a] += np.sum(d[y])
        elif axis is None and ndim(a) == 1:
            d[a][indices] += d[y]
        elif axis is None and ndim(a) > 1:
            flat = np.unravel_index(np.mod(indices, np.size(a)), np.shape(a))
            d[a][flat] += d[y]
        elif axis is not None and ndim(a) > 0:
            d[a][along(indices, axis)] += d[y]
        else:
            d[a] += untaken(d[y], a, indices, axis)


@expanded(np.take)
def take_by_mode(a, indices, axis=None, mode="raise"):
    count = np.size(a) if axis is None else np.shape(a)[axis]
    if mode == "wrap":
        return np.take(a, np.mod(indices, count), axis)
    if mode == "clip":
        return np.take(a, np.clip(indices, 0, count - 1), axis)
    return np.take(a, indices, axis)


@rule(np.take_along_axis)
def take_along_axis(y, /, arr, indices, axis):
    def tangent():
        d[y] = np.take_along_axis(d[arr], indices, axis)

    def adjoint():
        if axis is None:
            if ndim(arr) == 1:
                d[arr][indices] += d[y]
            else:
                d[arr] += untaken(d[y], arr, indices)
        else:
            d[arr][take_along_index(indices, axis, arr)] += d[y]


@linear(np.diagonal, aliasing="view", cheap=True)
def diagonal(y, /, a, offset=0, axis1=0, axis2=1):
    d[a] += undiagonal(d[y], a, offset, axis1, axis2)


@linear(np.diag, aliasing="matrix", cheap=True)
def diag(y, /, v, k=0):
    if ndim(v) == 1:
        d[v] += diagonal_copy(d[y], k)
    elif ndim(v) == 2:
        d[v] += undiagonal(d[y], v, k)


@linear(np.diagflat)
def diagflat(y, /, v, k=0):
    if ndim(v) == 1:
        d[v] += diagonal_copy(d[y], k)
    else:
        d[v] += np.reshape(diagonal_copy(d[y], k), np.shape(v))


@linear(np.tril)
def tril(y, /, m, k=0):
    d[m] += np.tril(d[y], k)


@linear(np.triu)
def triu(y, /, m, k=0):
    d[m] += np.triu(d[y], k)
