"""Medians, quantiles, averages and covariances, said as statements that do the same."""

import numpy as np

from tangent_sct.runtime import (
    degrees,
    merged_axes,
    order_places,
    quantile_ranks,
    rank_slope,
    recast,
    unmerged_axes,
    valid_count,
    weight_shape,
    within_one,
)
from tangent_sct.templates.casting import cast
from tangent_sct.templating.language import d, expanded, linear, ndim, rule, zero

# -- rows ---------------------------------------------------------------------------------------------


def rows_of(a, axis):
    """An array in which what is reduced stands along the last axis."""
    if axis is None:
        return np.ravel(a)
    if isinstance(axis, (tuple, list)):
        return merged_axes(a, axis)
    if axis == -1:
        return np.asarray(a)
    return np.moveaxis(a, axis, -1)


@linear(merged_axes, aliasing="maybe")
def merged_axes_(y, /, a, axis):
    d[a] += unmerged_axes(d[y], like=a, axis=axis)


@linear(unmerged_axes, aliasing="maybe")
def unmerged_axes_(a, /, y, like, axis):
    d[y] += merged_axes(d[a], axis)


def kept(result, a, axis):
    """A result with axes of size one in place of those that were reduced."""
    if axis is None:
        return np.reshape(result, (1,) * np.ndim(a))
    return np.expand_dims(result, axis)


def picked(rows, places):
    """The entries of each row at some places."""
    if np.ndim(rows) == 1:
        return rows[places]
    return np.take_along_axis(rows, places, -1)


# -- medians and quantiles: the entries that have the ranks, and their weighted mean ------------------


@expanded(np.median)
def median(a, axis=None, keepdims=False):
    rows = rows_of(a, axis)
    size = np.shape(rows)[-1]
    places = order_places(rows, np.array([(size - 1) // 2, size // 2]))
    result = np.mean(picked(rows, places), axis=-1)
    if keepdims:
        return kept(result, a, axis)
    return result


@expanded(np.nanmedian)
def nanmedian(a, axis=None, keepdims=False):
    return np.nanquantile(a, 0.5, axis, keepdims=keepdims)


@expanded(np.quantile)
def quantile(a, q, axis=None, method="linear", keepdims=False):
    rows = rows_of(a, axis)
    ranks = quantile_ranks(q, rows, method=method)
    result = between(rows, ranks, q)
    if keepdims:
        if np.ndim(q) == 0:
            return kept(result, a, axis)
        return stacked(result, a, axis, np.ndim(q))
    return result


@expanded(np.nanquantile)
def nanquantile(a, q, axis=None, method="linear", keepdims=False):
    rows = rows_of(a, axis)
    ranks = quantile_ranks(q, rows, method=method, ignoring_nan=True)
    result = between(rows, ranks, q, True)
    if keepdims:
        if np.ndim(q) == 0:
            return kept(result, a, axis)
        return stacked(result, a, axis, np.ndim(q))
    return result


@expanded(np.percentile)
def percentile(a, q, axis=None, method="linear", keepdims=False):
    return np.quantile(a, q / 100, axis, method=method, keepdims=keepdims)


@expanded(np.nanpercentile)
def nanpercentile(a, q, axis=None, method="linear", keepdims=False):
    return np.nanquantile(a, q / 100, axis, method=method, keepdims=keepdims)


def between(rows, ranks, q, ignoring_nan=False):
    """What stands at ranks that may lie between two entries; several quantiles come first."""
    part = ranks - np.floor(ranks)
    low = picked(rows, order_places(rows, np.floor(ranks), ignoring_nan=ignoring_nan))
    high = picked(rows, order_places(rows, np.ceil(ranks), ignoring_nan=ignoring_nan))
    mixed = low * (1 - part) + high * part
    if np.ndim(q) == 0:
        if np.ndim(mixed) == 1:
            return mixed[0]
        return mixed[..., 0]
    if np.ndim(q) == 1:
        return np.moveaxis(mixed, -1, 0)
    return np.reshape(np.moveaxis(mixed, -1, 0), np.shape(q) + np.shape(mixed)[:-1])


def stacked(result, a, axis, count):
    """Several results with axes of size one in place of those that were reduced."""
    if axis is None:
        return np.reshape(result, np.shape(result) + (1,) * np.ndim(a))
    first = [place % np.ndim(a) + count for place in np.atleast_1d(axis)]
    return np.expand_dims(result, tuple(first))


@rule(quantile_ranks)
def quantile_ranks_(ranks, /, q, rows, method="linear", ignoring_nan=False):
    # The rank is linear in q, but for where it jumps.
    def tangent():
        d[ranks] = np.ravel(d[q]) * rank_slope(q, rows, method, ignoring_nan)

    def adjoint():
        slopes = d[ranks] * rank_slope(q, rows, method, ignoring_nan)
        if ndim(ranks) == 1:
            d[q] += recast(np.reshape(slopes, np.shape(q)), like=q)
        else:
            total = np.sum(np.reshape(slopes, (-1, np.size(q))), axis=0)
            d[q] += recast(np.reshape(total, np.shape(q)), like=q)


zero(order_places, rank_slope, valid_count, weight_shape, degrees)

# -- spread ----------------------------------------------------------------------------------------


@expanded(np.nanvar)
def nanvar(a, axis=None, dtype=None, ddof=0, keepdims=False, *, where=True, mean=None, correction=None):
    if dtype is not None or where is not True or mean is not None or correction is not None:
        counted = np.logical_and(where, np.logical_not(np.isnan(a)))
        numbers = np.where(np.isnan(a), 0.0, a)
        return np.var(
            numbers, axis, dtype, ddof=ddof, keepdims=keepdims, where=counted, mean=mean, correction=correction
        )
    centred = np.where(np.isnan(a), 0.0, a - np.nanmean(a, axis=axis, keepdims=True))
    total = np.sum(centred * centred, axis=axis, keepdims=keepdims)
    return total / valid_count(a, axis=axis, keepdims=keepdims, ddof=ddof)


@expanded(np.nanstd)
def nanstd(a, axis=None, dtype=None, ddof=0, keepdims=False, *, where=True, mean=None, correction=None):
    if dtype is not None or where is not True or mean is not None or correction is not None:
        counted = np.logical_and(where, np.logical_not(np.isnan(a)))
        numbers = np.where(np.isnan(a), 0.0, a)
        return np.std(
            numbers, axis, dtype, ddof=ddof, keepdims=keepdims, where=counted, mean=mean, correction=correction
        )
    # A norm, which is flat where all entries are equal.
    centred = np.where(np.isnan(a), 0.0, a - np.nanmean(a, axis=axis, keepdims=True))
    result = np.linalg.norm(rows_of(centred, axis), axis=-1) / np.sqrt(valid_count(a, axis=axis, ddof=ddof))
    if keepdims:
        return kept(result, a, axis)
    return result


@expanded(np.ptp)
def ptp(a, axis=None, keepdims=False):
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


# -- averages and covariances -------------------------------------------------------------------------


@expanded(np.average)
def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    if weights is None:
        found = np.mean(a, axis=axis, keepdims=keepdims)
        return (found, np.full_like(found, np.size(a) / np.size(found))) if returned else found
    if np.shape(weights) == np.shape(a):
        fitted = weights
    else:
        fitted = np.reshape(weights, weight_shape(weights, a, axis))
    total = np.sum(a * fitted, axis=axis, keepdims=keepdims)
    whole = np.sum(fitted, axis=axis, keepdims=keepdims)
    if returned:
        return total / whole, np.broadcast_to(whole, np.shape(total)).copy()
    return total / whole


@expanded(np.cov)
def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, dtype=None):
    if fweights is None and aweights is None:
        return np.squeeze(cast(covariance(m, y, rowvar, bias, ddof), dtype))
    return np.squeeze(cast(weighted_covariance(m, y, rowvar, bias, ddof, fweights, aweights), dtype))


@expanded(np.corrcoef)
def corrcoef(x, y=None, rowvar=True, dtype=None):
    product = cast(covariance(x, y, rowvar, False, None), dtype)
    spread = np.sqrt(np.diagonal(product))
    return np.squeeze(within_one(product / spread[:, None] / spread))


def covariance(m, y, rowvar, bias, ddof):
    """A matrix with a row for each variable, also for one alone."""
    if y is None:
        rows = variables(m, rowvar)
    else:
        rows = np.concatenate([variables(m, rowvar), variables(y, rowvar)])
    centred = rows - np.mean(rows, axis=1, keepdims=True)
    return centred @ centred.T / degrees(rows, bias=bias, ddof=ddof)


def weighted_covariance(m, y, rowvar, bias, ddof, fweights, aweights):
    """The same where observations count several times (`fweights`), or more and less (`aweights`)."""
    if y is None:
        rows = variables(m, rowvar)
    else:
        rows = np.concatenate([variables(m, rowvar), variables(y, rowvar)])
    lost = (0 if bias else 1) if ddof is None else ddof
    if aweights is None:
        weights = np.asarray(fweights, dtype=float)
        count = np.sum(weights) - lost
    else:
        weights = np.asarray(aweights) if fweights is None else np.asarray(aweights) * fweights
        total = np.sum(weights)
        count = total - lost * np.sum(weights * aweights) / total
    centred = rows - np.sum(rows * weights, axis=1, keepdims=True) / np.sum(weights)
    return (centred * weights) @ centred.T / count


def variables(m, rowvar):
    """Observations as a matrix with a row for each variable."""
    if np.ndim(m) < 2:
        return np.reshape(m, (1, -1))
    if rowvar:
        return np.asarray(m)
    if np.shape(m)[0] == 1:
        return np.asarray(m)
    return np.transpose(m)


@rule(within_one)
def within_one_(y, /, c):
    # It takes rounding away, and is no kink.
    def tangent():
        d[y] = d[c]

    def adjoint():
        d[c] += d[y]
