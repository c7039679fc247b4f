"""Sums, means, products, extrema and what is built from them."""

import numpy as np

from tangent_sct.runtime import along, deviations, others, unreduce
from tangent_sct.templating.language import (
    d,
    dense,
    each,
    iscontainer,
    isscalar,
    linear,
    ndim,
    rule,
)

# -- sums and means ---------------------------------------------------------------------------


@linear(np.sum)
def sum_(y, /, a, axis=None, keepdims=False):
    d[a] += unreduce(d[y], like=a, axis=axis, keepdims=keepdims)


@rule(np.add.reduce)
def add_reduce(y, /, array, axis=0, *, keepdims=False):
    def tangent():
        d[y] = np.sum(d[array], axis=axis, keepdims=keepdims)

    def adjoint():
        d[array] += unreduce(d[y], like=array, axis=axis, keepdims=keepdims)


@rule(sum, broadcast=True)
def builtin_sum(y, /, iterable, start=0):
    def tangent():
        if iscontainer(iterable):
            d[y] = d[start] + sum([dense(d[x]) for x in each(iterable)])
        else:
            d[y] = d[start] + np.sum(d[iterable], axis=0)

    def adjoint():
        if iscontainer(iterable):
            for x in each(iterable):
                d[x] += d[y]
        else:
            d[iterable] += unreduce(d[y], like=iterable, axis=0)
        d[start] += d[y]


@rule(np.nansum)
def nansum(y, /, a, axis=None, keepdims=False):
    def tangent():
        d[y] = np.sum(np.where(np.isnan(a), 0.0, d[a]), axis=axis, keepdims=keepdims)

    def adjoint():
        back = unreduce(d[y], like=a, axis=axis, keepdims=keepdims)
        d[a] += np.where(np.isnan(a), 0.0, back)


@linear(np.mean)
def mean(y, /, a, axis=None, keepdims=False):
    if axis is None:
        d[a] += unreduce(d[y] / np.size(a), like=a, keepdims=keepdims)
    elif isscalar(axis) and ndim(a) > 0:
        d[a] += unreduce(d[y] / np.shape(a)[axis], like=a, axis=axis, keepdims=keepdims)
    else:
        count = np.size(a) // max(np.size(y), 1)
        d[a] += unreduce(d[y] / count, like=a, axis=axis, keepdims=keepdims)


@rule(np.var)
def var(y, /, a, axis=None, ddof=0, keepdims=False):
    def tangent():
        if axis is None:
            centred = a - np.mean(a)
            d[y] = 2 * np.sum(centred * d[a], keepdims=keepdims) / (np.size(a) - ddof)
        else:
            centred = a - np.mean(a, axis=axis, keepdims=True)
            if isscalar(axis) and ndim(a) > 0:
                count = np.shape(a)[axis] - ddof
            else:
                count = np.size(a) // max(np.size(y), 1) - ddof
            d[y] = 2 * np.sum(centred * d[a], axis=axis, keepdims=keepdims) / count

    def adjoint():
        if axis is None:
            d[a] += d[y] * 2 / (np.size(a) - ddof) * (a - np.mean(a))
        else:
            centred = a - np.mean(a, axis=axis, keepdims=True)
            if isscalar(axis) and ndim(a) > 0:
                count = np.shape(a)[axis] - ddof
            else:
                count = np.size(a) // max(np.size(y), 1) - ddof
            d[a] += unreduce(d[y] * 2 / count, like=a, axis=axis, keepdims=keepdims) * centred


@rule(np.std)
def std(y, /, a, axis=None, ddof=0, keepdims=False):
    # The comparison makes the slope 0 / 1 where all entries are equal, and so do deviations that are zero then.
    def tangent():
        if axis is None:
            spread = (np.size(a) - ddof) * (y + (y == 0))
            d[y] = np.sum(deviations(a) * d[a], keepdims=keepdims) / spread
        else:
            centred = deviations(a, axis)
            if isscalar(axis) and ndim(a) > 0:
                spread = (np.shape(a)[axis] - ddof) * (y + (y == 0))
            else:
                spread = (np.size(a) // max(np.size(y), 1) - ddof) * (y + (y == 0))
            d[y] = np.sum(centred * d[a], axis=axis, keepdims=keepdims) / spread

    def adjoint():
        if axis is None:
            spread = (np.size(a) - ddof) * (y + (y == 0))
            d[a] += d[y] / spread * deviations(a)
        else:
            centred = deviations(a, axis)
            if isscalar(axis) and ndim(a) > 0:
                spread = (np.shape(a)[axis] - ddof) * (y + (y == 0))
            else:
                spread = (np.size(a) // max(np.size(y), 1) - ddof) * (y + (y == 0))
            d[a] += unreduce(d[y] / spread, like=a, axis=axis, keepdims=keepdims) * centred


@linear(deviations)
def deviations_(y, /, a, axis=None):
    d[a] += deviations(d[y], axis)


# -- running sums and differences -------------------------------------------------------------


@linear(np.cumsum)
def cumsum(y, /, a, axis=None):
    if axis is None:
        if ndim(a) == 1:
            d[a] += np.flip(np.cumsum(np.flip(d[y])))
        else:
            d[a] += np.reshape(np.flip(np.cumsum(np.flip(d[y]))), np.shape(a))
    else:
        d[a] += np.flip(np.cumsum(np.flip(d[y], axis), axis=axis), axis)


@rule(np.diff)
def diff(y, /, a, axis=-1):
    def tangent():
        d[y] = np.diff(d[a], axis=axis)

    def adjoint():
        if ndim(a) == 1 or axis == 0:
            d[a][1:] += d[y]
            d[a][:-1] += -d[y]
        elif axis == -1:
            d[a][..., 1:] += d[y]
            d[a][..., :-1] += -d[y]
        else:
            d[a][along(slice(1, None), axis)] += d[y]
            d[a][along(slice(None, -1), axis)] += -d[y]


# -- products ---------------------------------------------------------------------------------


@rule(np.prod)
def prod(y, /, a, axis=None, keepdims=False):
    def tangent():
        if axis is None:
            rest = np.reshape(others(np.ravel(a)), np.shape(a))
        elif isscalar(axis):
            if ndim(a) == 0:
                rest = np.reshape(others(np.ravel(a)), np.shape(a))
            else:
                rest = np.moveaxis(others(np.moveaxis(a, axis, -1)), -1, axis)
        else:
            last = range(-len(axis), 0)
            rows = np.moveaxis(a, axis, last)
            rest = others(np.reshape(rows, np.shape(rows)[: np.ndim(a) - len(axis)] + (-1,)))
            rest = np.moveaxis(np.reshape(rest, np.shape(rows)), last, axis)
        d[y] = np.sum(d[a] * rest, axis=axis, keepdims=keepdims)

    def adjoint():
        if axis is None:
            if ndim(a) == 1:
                d[a] += d[y] * others(a)
            else:
                d[a] += d[y] * np.reshape(others(np.ravel(a)), np.shape(a))
        elif isscalar(axis):
            if ndim(a) == 0:
                d[a] += d[y] * np.reshape(others(np.ravel(a)), np.shape(a))
            else:
                rest = np.moveaxis(others(np.moveaxis(a, axis, -1)), -1, axis)
                d[a] += unreduce(d[y], like=a, axis=axis, keepdims=keepdims) * rest
        else:
            last = range(-len(axis), 0)
            rows = np.moveaxis(a, axis, last)
            rest = others(np.reshape(rows, np.shape(rows)[: np.ndim(a) - len(axis)] + (-1,)))
            rest = np.moveaxis(np.reshape(rest, np.shape(rows)), last, axis)
            d[a] += unreduce(d[y], like=a, axis=axis, keepdims=keepdims) * rest


# -- extrema: entries that tie share ----------------------------------------------------------


@rule(np.max, np.amax, np.min, np.amin, np.nanmax, np.nanmin)
def extremum(y, /, a, axis=None, keepdims=False):
    def tangent():
        if axis is None or keepdims:
            hit = a == y
        else:
            hit = a == unreduce(y, like=a, axis=axis)
        total = np.sum(np.where(hit, d[a], 0.0), axis=axis, keepdims=keepdims)
        d[y] = total / np.sum(hit, axis=axis, dtype=y.dtype, keepdims=keepdims)

    def adjoint():
        if axis is None or keepdims:
            hit = a == y
            share = d[y] / np.sum(hit, axis=axis, dtype=y.dtype, keepdims=keepdims)
            d[a] += np.where(hit, share, 0.0)
        else:
            hit = a == unreduce(y, like=a, axis=axis)
            share = d[y] / np.sum(hit, axis=axis, dtype=y.dtype)
            d[a] += np.where(hit, unreduce(share, like=a, axis=axis), 0.0)
