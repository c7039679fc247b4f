"""Elementwise functions of NumPy. What they do at kinks stands in `docs/conventions.md`."""

import math

import numpy as np

from tangent_sct.runtime import sinc_derivative, ties
from tangent_sct.templating.language import d, expanded, isscalar, linear, partials, rule

# -- exponentials and logarithms --------------------------------------------------------------


@partials(np.exp)
def exp(y, /, x):
    return y


@partials(np.exp2)
def exp2(y, /, x):
    return math.log(2.0) * y


@partials(np.expm1)
def expm1(y, /, x):
    return y + 1


@partials(np.log)
def log(y, /, x):
    return 1 / x


@partials(np.log2)
def log2(y, /, x):
    return 1 / (x * math.log(2.0))


@partials(np.log10)
def log10(y, /, x):
    return 1 / (x * math.log(10.0))


@partials(np.log1p)
def log1p(y, /, x):
    return 1 / (1 + x)


@partials(np.logaddexp)
def logaddexp(z, /, x, y):
    return np.exp(x - z), np.exp(y - z)


@partials(np.logaddexp2)
def logaddexp2(z, /, x, y):
    return np.exp2(x - z), np.exp2(y - z)


# -- trigonometric functions ------------------------------------------------------------------


@partials(np.sin)
def sin(y, /, x):
    return np.cos(x)


@partials(np.cos)
def cos(y, /, x):
    return -np.sin(x)


@partials(np.tan)
def tan(y, /, x):
    return 1 + y * y


@partials(np.arcsin)
def arcsin(y, /, x):
    return 1 / np.sqrt(1 - x * x)


@partials(np.arccos)
def arccos(y, /, x):
    return -1 / np.sqrt(1 - x * x)


@partials(np.arctan)
def arctan(y, /, x):
    return 1 / (1 + x * x)


@partials(np.arctan2)
def arctan2(z, /, y, x):
    return x / (x * x + y * y), -y / (x * x + y * y)


@linear(np.deg2rad, np.radians, cheap=True)
def deg2rad(y, /, x):
    d[x] += np.deg2rad(d[y])


@linear(np.rad2deg, np.degrees, cheap=True)
def rad2deg(y, /, x):
    d[x] += np.rad2deg(d[y])


@partials(np.sinc)
def sinc(y, /, x):
    return sinc_derivative(x)


# -- hyperbolic functions ---------------------------------------------------------------------


@partials(np.sinh)
def sinh(y, /, x):
    return np.cosh(x)


@partials(np.cosh)
def cosh(y, /, x):
    return np.sinh(x)


@partials(np.tanh)
def tanh(y, /, x):
    return 1 - y * y


@partials(np.arcsinh)
def arcsinh(y, /, x):
    return 1 / np.sqrt(x * x + 1)


@partials(np.arccosh)
def arccosh(y, /, x):
    return 1 / np.sqrt(x * x - 1)


@partials(np.arctanh)
def arctanh(y, /, x):
    return 1 / (1 - x * x)


# -- powers and roots -------------------------------------------------------------------------


@partials(np.sqrt)
def sqrt(y, /, x):
    return 0.5 / y


@partials(np.cbrt)
def cbrt(y, /, x):
    return 1 / (3 * y * y)


@partials(np.square)
def square(y, /, x):
    return 2 * x


@partials(np.reciprocal)
def reciprocal(y, /, x):
    return -y * y


@partials(np.hypot)
def hypot(z, /, x, y):
    # The comparison makes the slope at the origin 0 / 1.
    return x / (z + (z == 0)), y / (z + (z == 0))


# -- choices ----------------------------------------------------------------------------------


@rule(np.maximum, broadcast=True, cheap=True)
def maximum(z, /, x, y):
    def tangent():
        if isscalar(x) and isscalar(y):
            d[z] = d[x] if x > y else d[y] if x < y else (d[x] + d[y]) / 2
        else:
            d[z] = np.where(x == y, (d[x] + d[y]) / 2, np.where(x > y, d[x], d[y]))

    def adjoint():
        if isscalar(x) and isscalar(y):
            d[x] += d[z] if x > y else 0.0 if x < y else d[z] / 2
            d[y] += d[z] if x < y else 0.0 if x > y else d[z] / 2
        else:
            share = np.where(x == y, d[z] / 2, d[z])
            d[x] += np.where(x >= y, share, 0.0)
            d[y] += np.where(x <= y, share, 0.0)


@rule(np.minimum, broadcast=True, cheap=True)
def minimum(z, /, x, y):
    def tangent():
        if isscalar(x) and isscalar(y):
            d[z] = d[x] if x < y else d[y] if x > y else (d[x] + d[y]) / 2
        else:
            d[z] = np.where(x == y, (d[x] + d[y]) / 2, np.where(x < y, d[x], d[y]))

    def adjoint():
        if isscalar(x) and isscalar(y):
            d[x] += d[z] if x < y else 0.0 if x > y else d[z] / 2
            d[y] += d[z] if x > y else 0.0 if x < y else d[z] / 2
        else:
            share = np.where(x == y, d[z] / 2, d[z])
            d[x] += np.where(x <= y, share, 0.0)
            d[y] += np.where(x >= y, share, 0.0)


@rule(np.fmax, np.fmin, broadcast=True, cheap=True)
def fmax(z, /, x, y):
    # The result is the operand that equals it; the other one may be nan.
    def tangent():
        d[z] = np.where(x == y, (d[x] + d[y]) / 2, np.where(x == z, d[x], d[y]))

    def adjoint():
        d[x] += np.where(x == y, d[z] / 2, np.where(x == z, d[z], 0.0))
        d[y] += np.where(x == y, d[z] / 2, np.where(x == z, 0.0, d[z]))


@rule(np.clip, broadcast=True, cheap=True)
def clip(y, /, a, a_min=None, a_max=None):
    # The result is the middle one of three; those that equal it share.
    def tangent():
        total = (
            np.where(a == y, d[a], 0.0)
            + np.where(a_min == y, d[a_min], 0.0)
            + np.where(a_max == y, d[a_max], 0.0)
        )
        d[y] = total / ties(y, (a, a_min, a_max))

    def adjoint():
        share = d[y] / ties(y, (a, a_min, a_max))
        if isscalar(y):
            d[a] += share if a == y else 0.0
            d[a_min] += share if a_min == y else 0.0
            d[a_max] += share if a_max == y else 0.0
        else:
            d[a] += np.where(a == y, share, 0.0)
            d[a_min] += np.where(a_min == y, share, 0.0)
            d[a_max] += np.where(a_max == y, share, 0.0)


@expanded(np.clip)
def clip_by_name(a, a_min=None, a_max=None, *, min=None, max=None):
    if min is None:
        if max is None:
            return np.clip(a, a_min, a_max)
        return np.clip(a, a_min, max)
    if max is None:
        return np.clip(a, min, a_max)
    return np.clip(a, min, max)


@rule(np.where, broadcast=True, cheap=True)
def where(z, /, condition, x=None, y=None):
    def tangent():
        d[z] = np.where(condition, d[x], d[y])

    def adjoint():
        if isscalar(condition) and isscalar(x) and isscalar(y):
            d[x] += d[z] if condition else 0.0
            d[y] += 0.0 if condition else d[z]
        else:
            d[x] += np.where(condition, d[z], 0.0)
            d[y] += np.where(condition, 0.0, d[z])


@rule(np.nan_to_num, cheap=True, constant=("posinf", "neginf"))
def nan_to_num(y, /, x, nan=0.0, posinf=None, neginf=None):
    def tangent():
        d[y] = np.where(np.isfinite(x), d[x], np.where(np.isnan(x), d[nan], 0.0))

    def adjoint():
        d[x] += np.where(np.isfinite(x), d[y], 0.0)
        d[nan] += np.sum(np.where(np.isnan(x), d[y], 0.0))


@partials(np.copysign)
def copysign(z, /, x, y):
    return np.copysign(np.sign(x), x * y), 0.0


@rule(np.heaviside, broadcast=True, cheap=True)
def heaviside(z, /, x, y):
    def tangent():
        d[z] = np.where(x == 0, d[y], 0.0)

    def adjoint():
        d[y] += np.where(x == 0, d[z], 0.0)


@rule(np.modf, cheap=True)
def modf(fraction, whole, /, x):
    def tangent():
        d[fraction] = d[x]
        d[whole] = 0.0

    def adjoint():
        d[x] += d[fraction]


@rule(np.ldexp, broadcast=True, cheap=True)
def ldexp(y, /, x1, x2):
    def tangent():
        d[y] = np.ldexp(d[x1], x2)

    def adjoint():
        d[x1] += np.ldexp(d[y], x2)
