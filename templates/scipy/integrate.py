"""Integrals of samples: `scipy.integrate`. That of trapezoids is linear in the samples, and in their places too."""

import numpy as np
import scipy.integrate

from tangent_sct.runtime import broadcast_like, stop_gradient
from tangent_sct.runtime.scipy_integrate import (
    neighbour_sums,
    simpson_weights,
    to_both_ends,
    to_ends_apart,
    widths,
    widths_adjoint,
)
from tangent_sct.runtime.scipy_quad import as_integral, integral_nodes
from tangent_sct.templating.language import d, expanded, linear, ndim, rule, zero


@rule(scipy.integrate.trapezoid)
def trapezoid(r, /, y, x=None, dx=1.0, axis=-1):
    def tangent():
        if x is None:
            by_y = scipy.integrate.trapezoid(d[y], dx=dx, axis=axis)
            d[r] = by_y + d[dx] * scipy.integrate.trapezoid(y, axis=axis)
        else:
            by_y = scipy.integrate.trapezoid(d[y], x, axis=axis)
            d[r] = by_y + scipy.integrate.trapezoid(y, d[x], axis=axis)

    def adjoint():
        half = np.expand_dims(d[r], axis) / 2
        if x is None:
            d[y] += to_both_ends(half * dx * np.ones_like(neighbour_sums(y, axis)), axis)
            d[dx] += np.sum(half * neighbour_sums(y, axis))
        else:
            d[y] += to_both_ends(half * widths(x, y, axis), axis)
            if ndim(x) == ndim(y):
                d[x] += to_ends_apart(half * neighbour_sums(y, axis), axis)
            else:
                d[x] += widths_adjoint(half * neighbour_sums(y, axis), x, axis)


@rule(scipy.integrate.cumulative_trapezoid)
def cumulative_trapezoid(r, /, y, x=None, dx=1.0, axis=-1):
    def tangent():
        if x is None:
            by_y = scipy.integrate.cumulative_trapezoid(d[y], dx=dx, axis=axis)
            d[r] = by_y + d[dx] * scipy.integrate.cumulative_trapezoid(y, axis=axis)
        else:
            by_y = scipy.integrate.cumulative_trapezoid(d[y], x, axis=axis)
            d[r] = by_y + scipy.integrate.cumulative_trapezoid(y, d[x], axis=axis)

    def adjoint():
        # An interval counts in its own sum and in all that follow.
        half = np.flip(np.cumsum(np.flip(d[r], axis), axis=axis), axis) / 2
        if x is None:
            d[y] += to_both_ends(half * dx, axis)
            d[dx] += np.sum(half * neighbour_sums(y, axis))
        else:
            d[y] += to_both_ends(half * widths(x, y, axis), axis)
            if ndim(x) == ndim(y):
                d[x] += to_ends_apart(half * neighbour_sums(y, axis), axis)
            else:
                d[x] += widths_adjoint(half * neighbour_sums(y, axis), x, axis)


# An odd number of intervals makes doubles of singles.
@rule(scipy.integrate.simpson, constant=("x", "dx"), probed=False)
def simpson(r, /, y, x=None, *, dx=1.0, axis=-1):
    def tangent():
        d[r] = scipy.integrate.simpson(d[y], x, dx=dx, axis=axis)

    def adjoint():
        d[y] += np.expand_dims(d[r], axis) * simpson_weights(y, x, dx, axis)


# -- integrals of functions -----------------------------------------------------------------------


@rule(scipy.integrate.quad, constant=("func", "args"), probed=False)
def quad(value, error, /, func, a, b, args=()):
    # By the limits alone. Of the estimate of the error nothing is known, and who uses it gets nan.
    def tangent():
        d[value] = d[b] * func(b, *args) - d[a] * func(a, *args)
        d[error] = (d[a] + d[b]) * np.nan

    def adjoint():
        d[a] += -d[value] * func(a, *args) + d[error] * np.nan
        d[b] += d[value] * func(b, *args) + d[error] * np.nan


@expanded(scipy.integrate.quad)
def quad_of_what_varies(func, a, b, args=()):
    # Gauss and Kronrod's rule on the intervals that QUADPACK has chosen, with the value that QUADPACK gives.
    value, error, shares, weights = integral_nodes(func, a, b, args)
    width = b - a
    total = 0.0
    for share, weight in zip(shares, weights, strict=True):
        total += weight * func(a + width * share, *args)
    integral = total * width
    return as_integral(integral, value) + (integral - stop_gradient(integral)), error


# -- what these are made of -----------------------------------------------------------------------


@linear(to_both_ends)
def to_both_ends_(y, /, t, axis=-1):
    d[t] += neighbour_sums(d[y], axis)


@linear(neighbour_sums)
def neighbour_sums_(s, /, y, axis=-1):
    d[y] += to_both_ends(d[s], axis)


@linear(to_ends_apart)
def to_ends_apart_(y, /, t, axis=-1):
    d[t] += np.diff(d[y], axis=axis)


@linear(widths)
def widths_(w, /, x, like, axis=-1):
    d[x] += widths_adjoint(d[w], x, axis)


@linear(widths_adjoint)
def widths_adjoint_(y, /, t, like, axis=-1):
    d[t] += broadcast_like(widths(d[y], t, axis), like=t)


zero(as_integral, integral_nodes, simpson_weights)
