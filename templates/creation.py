"""New arrays whose entries depend on numbers."""

import numpy as np

from tangent_sct.runtime import recast, unbroadcast
from tangent_sct.templates.casting import cast
from tangent_sct.templating.language import d, dense, expanded, iscomplex, isscalar, rule


@rule(np.full)
def full(y, /, shape, fill_value, dtype=None):
    def tangent():
        if dtype is None:
            d[y] = np.full(shape, d[fill_value])
        else:
            d[y] = recast(np.full(shape, d[fill_value]), like=y)

    def adjoint():
        total = unbroadcast(d[y], like=fill_value)
        if dtype is None:
            d[fill_value] += total
        else:
            d[fill_value] += recast(total, like=fill_value, through=y)


@rule(np.full_like)
def full_like(y, /, a, fill_value, dtype=None, shape=None):
    def tangent():
        if iscomplex(y):
            d[y] = np.full_like(y, d[fill_value])
        else:
            d[y] = recast(np.full_like(y, d[fill_value], dtype=float), like=y)

    def adjoint():
        d[fill_value] += recast(unbroadcast(d[y], like=fill_value), like=fill_value, through=y)


@rule(np.arange)
def arange(y, /, start_or_stop, stop=None, step=1):
    # `stop` decides how many entries there are, and nothing else.
    def tangent():
        if stop is None:
            d[y] = np.zeros(np.shape(y))
        else:
            d[y] = np.full(np.shape(y), d[start_or_stop]) + d[step] * np.arange(np.size(y))

    def adjoint():
        if stop is not None:
            d[start_or_stop] += np.sum(d[y])
            d[step] += np.sum(d[y] * np.arange(np.size(y)))


@rule(np.linspace)
def linspace(y, /, start, stop, num=50, endpoint=True):
    def tangent():
        t = np.linspace(0.0, 1.0, num, endpoint, dtype=y.dtype)
        if isscalar(start) and isscalar(stop):
            d[y] = d[start] * (1.0 - t) + d[stop] * t
        else:
            rows = np.reshape(t, (-1,) + (1,) * (np.ndim(y) - 1))
            d[y] = dense(d[start]) * (1.0 - rows) + dense(d[stop]) * rows

    def adjoint():
        t = np.linspace(0.0, 1.0, num, endpoint, dtype=y.dtype)
        if isscalar(start) and isscalar(stop):
            d[start] += np.sum(d[y] * (1.0 - t))
            d[stop] += np.sum(d[y] * t)
        else:
            rows = np.reshape(t, (-1,) + (1,) * (np.ndim(y) - 1))
            d[start] += unbroadcast(np.sum(d[y] * (1.0 - rows), axis=0), like=start)
            d[stop] += unbroadcast(np.sum(d[y] * rows, axis=0), like=stop)


@expanded(np.linspace)
def linspace_along(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    places = cast(np.linspace(start, stop, num, endpoint), dtype)
    turned = places if axis == 0 else np.moveaxis(places, 0, axis)
    if retstep:
        return turned, (stop - start) / (num - 1 if endpoint else num)
    return turned


# -- grids: the first two axes are exchanged where x goes along rows -------------------------------------


@expanded(np.meshgrid, when={"*": (2,), "indexing": ("xy",)})
def meshgrid(x, y, indexing="xy", sparse=False):
    if sparse:
        return np.reshape(x, (1, -1)).copy(), np.reshape(y, (-1, 1)).copy()
    shape = np.size(y), np.size(x)
    return np.broadcast_to(np.ravel(x), shape).copy(), np.broadcast_to(np.reshape(y, (-1, 1)), shape).copy()


@expanded(np.meshgrid, when={"*": (2,), "indexing": ("ij",)})
def meshgrid_by_rows(x, y, indexing="ij", sparse=False):
    if sparse:
        return np.reshape(x, (-1, 1)).copy(), np.reshape(y, (1, -1)).copy()
    shape = np.size(x), np.size(y)
    return np.broadcast_to(np.reshape(x, (-1, 1)), shape).copy(), np.broadcast_to(np.ravel(y), shape).copy()


@expanded(np.meshgrid, when={"*": (3,), "indexing": ("xy",)})
def meshgrid_of_three(x, y, z, indexing="xy", sparse=False):
    if sparse:
        x, y, z = np.reshape(x, (1, -1, 1)), np.reshape(y, (-1, 1, 1)), np.reshape(z, (1, 1, -1))
        return x.copy(), y.copy(), z.copy()
    shape = np.size(y), np.size(x), np.size(z)
    return (
        np.broadcast_to(np.reshape(x, (-1, 1)), shape).copy(),
        np.broadcast_to(np.reshape(y, (-1, 1, 1)), shape).copy(),
        np.broadcast_to(np.ravel(z), shape).copy(),
    )


@expanded(np.meshgrid, when={"*": (3,), "indexing": ("ij",)})
def meshgrid_of_three_by_rows(x, y, z, indexing="ij", sparse=False):
    if sparse:
        x, y, z = np.reshape(x, (-1, 1, 1)), np.reshape(y, (1, -1, 1)), np.reshape(z, (1, 1, -1))
        return x.copy(), y.copy(), z.copy()
    shape = np.size(x), np.size(y), np.size(z)
    return (
        np.broadcast_to(np.reshape(x, (-1, 1, 1)), shape).copy(),
        np.broadcast_to(np.reshape(y, (-1, 1)), shape).copy(),
        np.broadcast_to(np.ravel(z), shape).copy(),
    )
