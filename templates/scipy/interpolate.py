"""Splines and piecewise polynomials of `scipy.interpolate` that are given, by the place where they are evaluated."""

import numpy as np
from scipy import interpolate

from tangent_sct.templating.language import d, ndim, rule


@rule(interpolate.PPoly.__call__, interpolate.BSpline.__call__, interpolate.UnivariateSpline.__call__)
def spline(y, /, self, x, nu=0):
    # SciPy differentiates them itself, `nu` times.
    def tangent():
        if ndim(x) == ndim(y):
            d[y] = d[x] * self(x, nu + 1)
        else:
            d[y] = np.reshape(d[x], np.shape(x) + (1,) * (np.ndim(y) - np.ndim(x))) * self(x, nu + 1)

    def adjoint():
        if ndim(x) == ndim(y):
            d[x] += d[y] * self(x, nu + 1)
        else:
            d[x] += np.sum(d[y] * self(x, nu + 1), axis=tuple(range(np.ndim(x), np.ndim(y))))
