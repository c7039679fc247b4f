"""Functions of single numbers: the module `math`, and the built-in `max` and `min`."""

import math
import statistics

import numpy as np

from tangent_sct.runtime import polygamma, ties
from tangent_sct.templating.language import (
    d,
    dense,
    each,
    expanded,
    iscontainer,
    linear,
    partials,
    rule,
)

# -- exponentials and logarithms --------------------------------------------------------------


@partials(math.exp)
def exp(y, /, x):
    return y


@partials(math.exp2)
def exp2(y, /, x):
    return math.log(2.0) * y


@partials(math.expm1)
def expm1(y, /, x):
    return y + 1


@rule(math.log, cheap=True)
def log(y, /, x, base=None):
    def tangent():
        if base is None:
            d[y] = d[x] / x
        else:
            d[y] = (d[x] / x - y * d[base] / base) / math.log(base)

    def adjoint():
        if base is None:
            d[x] += d[y] / x
        else:
            d[x] += d[y] / (x * math.log(base))
            d[base] += -d[y] * y / (base * math.log(base))


@partials(math.log2)
def log2(y, /, x):
    return 1 / (x * math.log(2.0))


@partials(math.log10)
def log10(y, /, x):
    return 1 / (x * math.log(10.0))


@partials(math.log1p)
def log1p(y, /, x):
    return 1 / (1 + x)


# -- trigonometric and hyperbolic functions ---------------------------------------------------


@partials(math.sin)
def sin(y, /, x):
    return math.cos(x)


@partials(math.cos)
def cos(y, /, x):
    return -math.sin(x)


@partials(math.tan)
def tan(y, /, x):
    return 1 + y * y


@partials(math.asin)
def asin(y, /, x):
    return 1 / math.sqrt(1 - x * x)


@partials(math.acos)
def acos(y, /, x):
    return -1 / math.sqrt(1 - x * x)


@partials(math.atan)
def atan(y, /, x):
    return 1 / (1 + x * x)


@partials(math.atan2)
def atan2(z, /, y, x):
    return x / (x * x + y * y), -y / (x * x + y * y)


@linear(math.radians, cheap=True)
def radians(y, /, x):
    d[x] += math.radians(d[y])


@linear(math.degrees, cheap=True)
def degrees(y, /, x):
    d[x] += math.degrees(d[y])


@partials(math.sinh)
def sinh(y, /, x):
    return math.cosh(x)


@partials(math.cosh)
def cosh(y, /, x):
    return math.sinh(x)


@partials(math.tanh)
def tanh(y, /, x):
    return 1 - y * y


@partials(math.asinh)
def asinh(y, /, x):
    return 1 / math.sqrt(x * x + 1)


@partials(math.acosh)
def acosh(y, /, x):
    return 1 / math.sqrt(x * x - 1)


@partials(math.atanh)
def atanh(y, /, x):
    return 1 / (1 - x * x)


# -- powers, roots and distances --------------------------------------------------------------


@partials(math.sqrt)
def sqrt(y, /, x):
    return 0.5 / y


@partials(math.cbrt)
def cbrt(y, /, x):
    return 1 / (3 * y * y)


@partials(math.pow)
def pow_(z, /, x, y):
    # As for `**`: the comparisons count only where the partials would be 0 * inf.
    return (
        y * math.pow(x + ((x == 0) & (y == 0)), y - 1),
        z * math.log(x + (x == 0)),
    )


@rule(math.hypot, cheap=True)
def hypot(y, /, *coordinates):
    # The comparison makes the slope at the origin 0 / 1.
    def tangent():
        d[y] = sum([x * dense(d[x]) for x in each(coordinates)]) / (y + (y == 0))

    def adjoint():
        for x in each(coordinates):
            d[x] += d[y] * x / (y + (y == 0))


# -- the error function -----------------------------------------------------------------------


@partials(math.erf)
def erf(y, /, x):
    return 2 / math.sqrt(math.pi) * math.exp(-x * x)


@partials(math.erfc)
def erfc(y, /, x):
    return -2 / math.sqrt(math.pi) * math.exp(-x * x)


# -- the gamma function ------------------------------------------------------------------------


@partials(math.gamma)
def gamma(y, /, x):
    return y * polygamma(0, x)


@partials(math.lgamma)
def lgamma(y, /, x):
    return polygamma(0, x)


@partials(polygamma)
def polygamma_(y, /, order, x):
    return None, polygamma(order + 1, x)


# -- signs, remainders, choices ---------------------------------------------------------------


@partials(math.fabs)
def fabs(y, /, x):
    return np.sign(x)


@partials(math.copysign)
def copysign(z, /, x, y):
    return np.sign(x) * math.copysign(1.0, y), 0.0


@partials(math.fmod)
def fmod(z, /, x, y):
    return 1, -math.trunc(x / y)


@partials(math.remainder)
def remainder(z, /, x, y):
    return 1, -round((x - z) / y)


@linear(math.ldexp, cheap=True)
def ldexp(y, /, x, i):
    d[x] += math.ldexp(d[y], i)


@partials(math.nextafter)
def nextafter(z, /, x, y):
    return 1, 0


@rule(max, cheap=True)
def max_(y, /, *args):
    def tangent():
        if len(args) == 1:
            hit = np.equal(args[0], y)
            d[y] = np.sum(np.where(hit, d[args[0]], 0.0)) / ties(y, args[0])
        elif len(args) == 2:
            mean = (d[args[0]] + d[args[1]]) / 2
            other = d[args[1]] if args[0] < args[1] else mean
            d[y] = d[args[0]] if args[0] > args[1] else other
        else:
            d[y] = sum([d[a] if a == y else 0.0 for a in each(args)]) / ties(y, args)

    def adjoint():
        if len(args) == 1:
            d[args[0]] += np.where(np.equal(args[0], y), d[y] / ties(y, args[0]), 0.0)
        elif len(args) == 2:
            d[args[0]] += d[y] if args[0] > args[1] else 0.0 if args[0] < args[1] else d[y] / 2
            d[args[1]] += d[y] if args[0] < args[1] else 0.0 if args[0] > args[1] else d[y] / 2
        else:
            share = d[y] / ties(y, args)
            for a in each(args):
                d[a] += share if a == y else 0.0


@rule(min, cheap=True)
def min_(y, /, *args):
    def tangent():
        if len(args) == 1:
            hit = np.equal(args[0], y)
            d[y] = np.sum(np.where(hit, d[args[0]], 0.0)) / ties(y, args[0])
        elif len(args) == 2:
            mean = (d[args[0]] + d[args[1]]) / 2
            other = d[args[1]] if args[0] > args[1] else mean
            d[y] = d[args[0]] if args[0] < args[1] else other
        else:
            d[y] = sum([d[a] if a == y else 0.0 for a in each(args)]) / ties(y, args)

    def adjoint():
        if len(args) == 1:
            d[args[0]] += np.where(np.equal(args[0], y), d[y] / ties(y, args[0]), 0.0)
        elif len(args) == 2:
            d[args[0]] += d[y] if args[0] < args[1] else 0.0 if args[0] > args[1] else d[y] / 2
            d[args[1]] += d[y] if args[0] > args[1] else 0.0 if args[0] < args[1] else d[y] / 2
        else:
            share = d[y] / ties(y, args)
            for a in each(args):
                d[a] += share if a == y else 0.0


# -- sums of sequences ------------------------------------------------------------------------


@rule(math.fsum)
def fsum(y, /, seq):
    def tangent():
        if iscontainer(seq):
            d[y] = math.fsum([dense(d[x]) for x in each(seq)])
        else:
            d[y] = math.fsum(d[seq])

    def adjoint():
        if iscontainer(seq):
            for x in each(seq):
                d[x] += d[y]
        else:
            d[seq] += np.full(np.shape(seq), d[y])


@rule(math.modf, cheap=True)
def modf(fraction, whole, /, x):
    def tangent():
        d[fraction] = d[x]
        d[whole] = 0.0

    def adjoint():
        d[x] += d[fraction]


@rule(math.frexp, cheap=True)
def frexp(mantissa, exponent, /, x):
    def tangent():
        d[mantissa] = math.ldexp(d[x], -exponent)
        d[exponent] = 0.0

    def adjoint():
        d[x] += math.ldexp(d[mantissa], -exponent)


# -- products and distances of sequences --------------------------------------------------------


@expanded(math.prod)
def prod(iterable, *, start=1):
    product = start
    for factor in iterable:
        product = product * factor
    return product


@expanded(math.dist)
def dist(p, q):
    return np.linalg.norm(np.asarray(p) - np.asarray(q))


# -- statistics of sequences --------------------------------------------------------------------


@expanded(statistics.fmean)
def fmean(data, weights=None):
    if weights is None:
        return math.fsum(data) / len(data)
    return math.fsum([w * v for w, v in zip(weights, data, strict=True)]) / math.fsum(weights)


@expanded(statistics.mean)
def mean(data):
    return math.fsum(data) / len(data)


@expanded(statistics.geometric_mean)
def geometric_mean(data):
    return math.exp(math.fsum([math.log(v) for v in data]) / len(data))


@expanded(statistics.harmonic_mean)
def harmonic_mean(data, weights=None):
    if weights is None:
        return len(data) / math.fsum([1.0 / v for v in data])
    return math.fsum(weights) / math.fsum([w / v for w, v in zip(weights, data, strict=True)])


@expanded(statistics.pvariance)
def pvariance(data, mu=None):
    center = math.fsum(data) / len(data) if mu is None else mu
    return math.fsum([(v - center) ** 2 for v in data]) / len(data)


@expanded(statistics.variance)
def variance(data, xbar=None):
    center = math.fsum(data) / len(data) if xbar is None else xbar
    return math.fsum([(v - center) ** 2 for v in data]) / (len(data) - 1)


@expanded(statistics.pstdev)
def pstdev(data, mu=None):
    return math.sqrt(statistics.pvariance(data, mu))


@expanded(statistics.stdev)
def stdev(data, xbar=None):
    return math.sqrt(statistics.variance(data, xbar))


@expanded(statistics.median)
def median(data):
    return np.median(data)
