"""Arithmetic: the operators, and the NumPy functions behind them."""

import math
import operator

import numpy as np

from tangent_sct.templating.language import d, iscomplex, isscalar, partials, rule


@partials(operator.add, np.add)
def add(z, /, x, y):
    return 1, 1


@partials(operator.sub, np.subtract)
def subtract(z, /, x, y):
    return 1, -1


@partials(operator.mul, np.multiply)
def multiply(z, /, x, y):
    return y, x


@rule(operator.truediv, np.divide, broadcast=True, cheap=True)
def divide(z, /, x, y):
    # dz/dx = 1 / y and dz/dy = -z / y, with one division for both.
    def tangent():
        d[z] = (d[x] - z * d[y]) / y

    def adjoint():
        share = d[z] / y
        d[x] += share
        d[y] += -share * z


@partials(operator.mod, np.remainder)
def remainder(z, /, x, y):
    return 1, -(x // y)


@partials(np.fmod)
def fmod(z, /, x, y):
    return 1, -np.trunc(x / y)


@rule(operator.pow, np.power, broadcast=True, cheap=True)
def power(z, /, x, y):
    # For x > 0 the partials are y x^(y-1) and x^y log x. The comparisons change them only where
    # they would be 0 * inf: x^0 has slope 0 also at x = 0, and 0^y stays 0.
    def tangent():
        if isscalar(x):
            if iscomplex(z):
                # Also a negative x to a complex y.
                slope = z * np.log(x + (x == 0) + 0j)
            else:
                slope = z * math.log(x + (x == 0))
        else:
            if iscomplex(z):
                slope = z * np.log(x + (x == 0) + 0j)
            else:
                slope = z * np.log(x + (x == 0))
        if y == 2:
            d[z] = d[x] * (y * x) + d[y] * slope
        elif y != 0:
            d[z] = d[x] * (y * x ** (y - 1)) + d[y] * slope
        else:
            d[z] = d[x] * (y * (x + ((x == 0) & (y == 0))) ** (y - 1)) + d[y] * slope

    def adjoint():
        if y == 2:
            d[x] += d[z] * (y * x)
        elif y != 0:
            d[x] += d[z] * (y * x ** (y - 1))
        else:
            d[x] += d[z] * (y * (x + ((x == 0) & (y == 0))) ** (y - 1))
        if isscalar(x):
            if iscomplex(z):
                d[y] += d[z] * (z * np.log(x + (x == 0) + 0j))
            else:
                d[y] += d[z] * (z * math.log(x + (x == 0)))
        elif iscomplex(z):
            d[y] += d[z] * (z * np.log(x + (x == 0) + 0j))
        else:
            d[y] += d[z] * (z * np.log(x + (x == 0)))


@partials(np.float_power)
def float_power(z, /, x, y):
    return (
        y * np.float_power(x + ((x == 0) & (y == 0)), y - 1),
        z * np.log(x + (x == 0)),
    )


@partials(pow)
def pow_(z, /, base, exp):
    return (
        exp * (base + ((base == 0) & (exp == 0))) ** (exp - 1),
        z * np.log(base + (base == 0)),
    )


@rule(divmod, np.divmod, broadcast=True, cheap=True)
def divmod_(quotient, rest, /, x, y):
    def tangent():
        d[quotient] = 0.0
        d[rest] = d[x] - quotient * d[y]

    def adjoint():
        d[x] += d[rest]
        d[y] += -d[rest] * quotient


@partials(operator.neg, np.negative)
def negative(z, /, x):
    return -1


@partials(operator.pos, np.positive)
def positive(z, /, x):
    return 1


@rule(abs, operator.abs, np.absolute, np.fabs, broadcast=True, cheap=True)
def absolute(y, /, x):
    # Of a complex number d|x| = Re(conj(x) dx) / |x|; the comparison makes the slope at the origin 0 / 1.
    def tangent():
        if iscomplex(x):
            d[y] = np.real(np.conj(x) * d[x]) / (y + (y == 0))
        else:
            d[y] = d[x] * np.sign(x)

    def adjoint():
        if iscomplex(x):
            d[x] += d[y] / (y + (y == 0)) * np.conj(x)
        else:
            d[x] += d[y] * np.sign(x)


@rule(float)
def float_(y, /, x=0):
    def tangent():
        d[y] = float(d[x])

    def adjoint():
        d[x] += d[y]


@rule(np.float64, aliasing="maybe")
def float64(y, /, value=0):
    def tangent():
        d[y] = np.float64(d[value])

    def adjoint():
        d[value] += d[y]


@rule(np.float32, aliasing="maybe")
def float32(y, /, value=0):
    def tangent():
        d[y] = np.float32(d[value])

    def adjoint():
        d[value] += d[y]
