"""Splines of `scipy.interpolate` by the values that they are made of, in which they are linear, and by the place."""

import numpy as np
from scipy import interpolate

from tangent_sct.runtime import recast
from tangent_sct.runtime.scipy_interpolate import (
    Interpolant,
    as_vector,
    interpolated,
    interpolated_back,
)
from tangent_sct.templating.language import d, expanded, linear, ndim, rule


@expanded(interpolate.CubicSpline)
def cubic_spline(x, y, bc_type="not-a-knot"):
    return Interpolant(bc_type, x, np.asarray(y))


@expanded(interpolate.make_interp_spline)
def make_interp_spline(x, y, k=3):
    return Interpolant(k, x, np.asarray(y))


@expanded(interpolate.interp1d)
def interp1d(x, y, kind="linear"):
    return Interpolant((kind,), x, as_vector(y))


@expanded(interpolate.BSpline)
def b_spline(t, c, k):
    return Interpolant(("knots", k), t, np.asarray(c))


@rule(interpolated, constant=("x",))
def interpolated_(r, /, kind, x, y, t, nu=0):
    def tangent():
        if ndim(t) == ndim(r):
            along = interpolated(kind, x, y, t, nu + 1) * d[t]
        else:
            slope = interpolated(kind, x, y, t, nu + 1)
            along = slope * np.reshape(d[t], np.shape(t) + (1,) * (np.ndim(y) - 1))
        d[r] = interpolated(kind, x, d[y], t, nu) + along

    def adjoint():
        d[y] += interpolated_back(kind, x, d[r], t, y, nu)
        if ndim(t) == ndim(r):
            d[t] += recast(d[r] * interpolated(kind, x, y, t, nu + 1), like=t)
        else:
            weighted = d[r] * interpolated(kind, x, y, t, nu + 1)
            d[t] += recast(np.sum(np.reshape(weighted, np.shape(t) + (-1,)), axis=-1), like=t)


@rule(interpolated_back, constant=("x",))
def interpolated_back_(w, /, kind, x, g, t, like, nu=0):
    def tangent():
        if ndim(t) == ndim(g):
            moved = g * d[t]
        else:
            moved = g * np.reshape(d[t], np.shape(t) + (1,) * (np.ndim(g) - np.ndim(t)))
        d[w] = interpolated_back(kind, x, d[g], t, like, nu) + interpolated_back(kind, x, moved, t, like, nu + 1)

    def adjoint():
        d[g] += recast(interpolated(kind, x, d[w], t, nu), like=g)
        if ndim(t) == ndim(g):
            d[t] += recast(g * interpolated(kind, x, d[w], t, nu + 1), like=t)
        else:
            weighted = g * interpolated(kind, x, d[w], t, nu + 1)
            d[t] += recast(np.sum(np.reshape(weighted, np.shape(t) + (-1,)), axis=-1), like=t)


@linear(as_vector, aliasing="maybe", cheap=True)
def as_vector_(v, /, y):
    d[y] += d[v]
