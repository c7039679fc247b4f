"""Exponential, trigonometric and elliptic integrals: `scipy.special`. Formulas of the DLMF."""

import math

import numpy as np
from scipy import special

from tangent_sct.templating.language import d, for_complex, partials, rule

# -- exponential integrals: 6.2, 8.19.13 ----------------------------------------------------------


@partials(special.expi)
def expi(y, /, x):
    return np.exp(x) / x


@partials(special.exp1)
def exp1(y, /, x):
    return -np.exp(-x) / x


@partials(special.expn)
def expn(y, /, n, x):
    # That of order 0 is exp(-x) / x.
    lower = special.expn(np.maximum(n - 1, 0), x)
    return None, np.where(n == 0, -np.exp(-x) * (x + 1) / (x * x), -lower)


@rule(special.sici, cheap=True)
def sici(si, ci, /, x):
    def tangent():
        d[si] = d[x] * np.sinc(x / math.pi)
        d[ci] = d[x] * np.cos(x) / x

    def adjoint():
        d[x] += d[si] * np.sinc(x / math.pi) + d[ci] * np.cos(x) / x


@rule(special.shichi, cheap=True)
def shichi(shi, chi, /, x):
    # sinh(x) / x is the mean of exprel(x) and exprel(-x), which do not fail at 0.
    def tangent():
        d[shi] = d[x] * (special.exprel(x) + special.exprel(-x)) / 2
        d[chi] = d[x] * np.cosh(x) / x

    def adjoint():
        d[x] += d[shi] * (special.exprel(x) + special.exprel(-x)) / 2 + d[chi] * np.cosh(x) / x


@rule(special.fresnel, cheap=True)
def fresnel(s, c, /, x):
    def tangent():
        d[s] = d[x] * np.sin(math.pi / 2 * x * x)
        d[c] = d[x] * np.cos(math.pi / 2 * x * x)

    def adjoint():
        d[x] += d[s] * np.sin(math.pi / 2 * x * x) + d[c] * np.cos(math.pi / 2 * x * x)


@partials(special.spence)
def spence(y, /, x):
    # 25.12.2 with 1 - x: log(x) / (1 - x), in a form that does not fail at 1.
    return -1 / special.exprel(np.log(x))


# -- complete elliptic integrals: 19.5.1, 19.5.2 with 15.5.1, without quotients that fail at m = 0 --


@partials(special.ellipk)
def ellipk(y, /, m):
    return math.pi / 8 * special.hyp2f1(1.5, 1.5, 2.0, m)


@partials(special.ellipkm1)
def ellipkm1(y, /, p):
    # 19.25.1, which keeps all digits where p is small.
    return -special.elliprd(0.0, 1.0, p) / 6


@partials(special.ellipe)
def ellipe(y, /, m):
    return -math.pi / 8 * special.hyp2f1(0.5, 1.5, 2.0, m)


# -- incomplete ones ------------------------------------------------------------------------------
# By m it is the integral over the first half period by Carlson's functions (19.25.9, 19.25.10 and 19.16.5), and as
# often that of a whole one as there are.


@partials(special.ellipkinc)
def ellipkinc(y, /, phi, m):
    turns = np.round(phi / math.pi)
    s = np.sin(phi - math.pi * turns)
    root = 1 - m * s * s
    whole = math.pi / 4 * special.hyp2f1(1.5, 1.5, 2.0, m)
    return 1 / np.sqrt(root), turns * whole + s * s * s * special.elliprd(1 - s * s, 1.0, root) / 6


@partials(special.ellipeinc)
def ellipeinc(y, /, phi, m):
    turns = np.round(phi / math.pi)
    s = np.sin(phi - math.pi * turns)
    root = 1 - m * s * s
    whole = math.pi / 4 * special.hyp2f1(0.5, 1.5, 2.0, m)
    return np.sqrt(root), -turns * whole - s * s * s * special.elliprd(1 - s * s, root, 1.0) / 6


@partials(special.elliprf)
def elliprf(f, /, x, y, z):
    # 19.18.1 with 19.16.5; it is symmetric.
    return -special.elliprd(y, z, x) / 6, -special.elliprd(x, z, y) / 6, -special.elliprd(x, y, z) / 6


@rule(special.elliprd, cheap=True, constant=("x", "y", "z"))
def elliprd(f, /, x, y, z):
    # 19.18.14 gives quotients of differences, in which near x = z and y = z nothing would be left of the digits.
    def tangent():
        d[f] = 0.0

    def adjoint():
        pass


@rule(special.ellipj, cheap=True, broadcast=True, constant=("m",))
def ellipj(sn, cn, dn, ph, /, u, m):
    # 22.13.1 to 22.13.3; the amplitude has the slope dn.
    def tangent():
        d[sn] = d[u] * cn * dn
        d[cn] = -d[u] * sn * dn
        d[dn] = -d[u] * m * sn * cn
        d[ph] = d[u] * dn

    def adjoint():
        d[u] += d[sn] * cn * dn - d[cn] * sn * dn - d[dn] * m * sn * cn + d[ph] * dn


for_complex(special.expi, special.exp1, special.sici, special.fresnel)
