"""Sums by number, and polynomials."""

import numpy as np

from tangent_sct.runtime import bessel_i, bin_places, leading_zeros, polyval_adjoint, powers, recast
from tangent_sct.templates.casting import cast
from tangent_sct.templating.language import d, expanded, partials, rule, zero

# -- sums by number -----------------------------------------------------------------------------------


@rule(np.bincount)
def bincount(y, /, x, weights=None, minlength=0):
    def tangent():
        d[y] = np.bincount(x, d[weights], minlength)

    def adjoint():
        d[weights] += d[y][x]


@expanded(np.histogram)
def histogram(a, bins=10, range=None, density=None, weights=None):
    edges = np.histogram_bin_edges(a, bins, range)
    inside, places = bin_places(a, edges)
    counts = np.bincount(places, np.ravel(weights)[inside], minlength=len(edges) - 1)
    if density:
        return counts / np.diff(edges) / np.sum(counts), edges
    return counts, edges


zero(bin_places)

# -- polynomials: coefficients of the highest power first ---------------------------------------------


@rule(np.polyval)
def polyval(y, /, p, x):
    def tangent():
        d[y] = np.polyval(d[p], x) + np.polyval(np.polyder(p), x) * d[x]

    def adjoint():
        d[p] += polyval_adjoint(d[y], x, p)
        d[x] += recast(d[y] * np.polyval(np.polyder(p), x), like=x)


@rule(polyval_adjoint)
def polyval_adjoint_(w, /, g, x, like):
    # w[k] is the sum of g x^(n - 1 - k), and its slope the sum of (n - 1 - k) g dx x^(n - 2 - k).
    def tangent():
        steep = np.append(polyval_adjoint(g * d[x], x, like[1:]), 0.0) * np.arange(len(like) - 1, -1, -1)
        d[w] = polyval_adjoint(d[g], x, like) + steep

    def adjoint():
        d[g] += np.polyval(d[w], x)
        d[x] += recast(g * np.polyval(np.polyder(d[w]), x), like=x)


@rule(np.polyder)
def polyder(y, /, p):
    def tangent():
        d[y] = np.polyder(d[p])

    def adjoint():
        d[p] += recast(np.append(d[y] * np.arange(len(p) - 1, 0, -1), 0.0)[: len(p)], like=p)


@expanded(np.polyder)
def polyder_of_order(p, m=1):
    found = np.asarray(p)
    for _ in range(m):
        found = np.polyder(found)
    return found


@expanded(np.polyint)
def polyint(p, m=1, k=None):
    constants = np.zeros(m) if k is None else np.ones(m) * k
    found = np.asarray(p)
    for place in range(m):
        found = np.append(found / np.arange(len(found), 0, -1), constants[place])
    return found


@expanded(np.polymul)
def polymul(a1, a2):
    # NumPy drops what does not count in front.
    return np.convolve(a1[leading_zeros(a1) :], a2[leading_zeros(a2) :])


@expanded(np.vander)
def vander(x, N=None, increasing=False):
    return np.reshape(x, (-1, 1)) ** powers(np.size(x), N, increasing)


zero(powers, leading_zeros)

# -- Bessel functions ---------------------------------------------------------------------------------


@partials(np.i0)
def i0(y, /, x):
    return bessel_i(x, 1)


@partials(bessel_i)
def bessel_i_(y, /, x, order):
    # 2 I_n' = I_(n - 1) + I_(n + 1).
    return (bessel_i(x, order - 1) + bessel_i(x, order + 1)) / 2, None


@expanded(np.kaiser)
def kaiser(M, beta):
    place = np.linspace(-1.0, 1.0, M)
    return np.i0(beta * np.sqrt(1.0 - place * place)) / np.i0(beta)


# -- geometric progressions ---------------------------------------------------------------------------


@expanded(np.logspace)
def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    powers = np.linspace(start, stop, num, endpoint, axis=axis)
    if np.ndim(base) == 0:
        return cast(np.power(base, powers), dtype)
    return cast(np.power(np.expand_dims(base, axis), powers), dtype)


@expanded(np.geomspace)
def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    quotient = stop / start
    parts = np.reshape(np.linspace(0.0, 1.0, num, endpoint), (-1,) + (1,) * np.ndim(quotient))
    rows = cast(start * quotient**parts, dtype)
    return rows if axis == 0 else np.moveaxis(rows, 0, axis)


# -- parts of floats ----------------------------------------------------------------------------------


@rule(np.frexp, cheap=True)
def frexp(mantissa, exponent, /, x):
    def tangent():
        d[mantissa] = np.ldexp(d[x], -exponent)
        d[exponent] = 0.0

    def adjoint():
        d[x] += np.ldexp(d[mantissa], -exponent)


@partials(np.nextafter)
def nextafter(z, /, x1, x2):
    return 1, 0
