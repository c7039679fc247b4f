"""Bessel functions and their kin by their argument: `scipy.special`. Formulas of the DLMF, chapters 9 to 12.

By their order they have no derivative in closed form.
"""

import math

import numpy as np
from scipy import special

from tangent_sct.templating.language import d, for_complex, partials, rule

# -- Bessel functions: 10.6.1, 10.6.2; where x is small, J1(x) / x is a power series -----------------


@partials(special.jv)
def jv(y, /, v, z):
    return None, (special.jv(v - 1, z) - special.jv(v + 1, z)) / 2


@partials(special.yv)
def yv(y, /, v, z):
    return None, (special.yv(v - 1, z) - special.yv(v + 1, z)) / 2


@partials(special.yn)
def yn(y, /, n, x):
    return None, (special.yn(n - 1, x) - special.yn(n + 1, x)) / 2


@partials(special.hankel1)
def hankel1(y, /, v, z):
    return None, (special.hankel1(v - 1, z) - special.hankel1(v + 1, z)) / 2


@partials(special.hankel2)
def hankel2(y, /, v, z):
    return None, (special.hankel2(v - 1, z) - special.hankel2(v + 1, z)) / 2


@partials(special.hankel1e)
def hankel1e(y, /, v, z):
    # The factor is exp(-i z).
    return None, (special.hankel1e(v - 1, z) - special.hankel1e(v + 1, z)) / 2 - 1j * y


@partials(special.hankel2e)
def hankel2e(y, /, v, z):
    return None, (special.hankel2e(v - 1, z) - special.hankel2e(v + 1, z)) / 2 + 1j * y


@partials(special.j0)
def j0(y, /, x):
    return -special.j1(x)


@partials(special.j1)
def j1(y, /, x):
    near = np.abs(x) < 0.01
    quotient = np.where(near, 0.5 - x * x / 16 + x * x * x * x / 384, y / np.where(near, 1.0, x))
    return special.j0(x) - quotient


@partials(special.y0)
def y0(y, /, x):
    return -special.y1(x)


@partials(special.y1)
def y1(y, /, x):
    return special.y0(x) - y / x


# The factor of the scaled ones, exp(-|Im z|), is 1 for the real numbers that these rules are for.


@partials(special.jve)
def jve(y, /, v, z):
    return None, (special.jve(v - 1, z) - special.jve(v + 1, z)) / 2


@partials(special.yve)
def yve(y, /, v, z):
    return None, (special.yve(v - 1, z) - special.yve(v + 1, z)) / 2


# -- modified ones: 10.29.1; scaled by exp(-|x|) and by exp(x) ------------------------------------


@partials(special.iv)
def iv(y, /, v, z):
    return None, (special.iv(v - 1, z) + special.iv(v + 1, z)) / 2


@partials(special.ive)
def ive(y, /, v, z):
    return None, (special.ive(v - 1, z) + special.ive(v + 1, z)) / 2 - np.sign(z) * y


@partials(special.i0)
def i0(y, /, x):
    return special.i1(x)


@partials(special.i0e)
def i0e(y, /, x):
    return special.i1e(x) - np.sign(x) * y


@partials(special.i1)
def i1(y, /, x):
    near = np.abs(x) < 0.01
    quotient = np.where(near, 0.5 + x * x / 16 + x * x * x * x / 384, y / np.where(near, 1.0, x))
    return special.i0(x) - quotient


@partials(special.i1e)
def i1e(y, /, x):
    return (special.i0e(x) + special.ive(2.0, x)) / 2 - np.sign(x) * y


@partials(special.kv)
def kv(y, /, v, z):
    return None, -(special.kv(v - 1, z) + special.kv(v + 1, z)) / 2


@partials(special.kn)
def kn(y, /, n, x):
    # The order is even in its sign.
    return None, -(special.kn(np.abs(n - 1), x) + special.kn(n + 1, x)) / 2


@partials(special.kve)
def kve(y, /, v, z):
    return None, y - (special.kve(v - 1, z) + special.kve(v + 1, z)) / 2


@partials(special.k0)
def k0(y, /, x):
    return -special.k1(x)


@partials(special.k0e)
def k0e(y, /, x):
    return y - special.k1e(x)


@partials(special.k1)
def k1(y, /, x):
    return -special.k0(x) - y / x


@partials(special.k1e)
def k1e(y, /, x):
    return y - special.k0e(x) - y / x


# -- derivatives of them, which SciPy has to any order --------------------------------------------


@partials(special.jvp)
def jvp(y, /, v, z, n=1):
    return None, special.jvp(v, z, n + 1), None


@partials(special.yvp)
def yvp(y, /, v, z, n=1):
    return None, special.yvp(v, z, n + 1), None


@partials(special.ivp)
def ivp(y, /, v, z, n=1):
    return None, special.ivp(v, z, n + 1), None


@partials(special.kvp)
def kvp(y, /, v, z, n=1):
    return None, special.kvp(v, z, n + 1), None


# -- spherical ones: their derivative, and by the equations 10.47.1 and 10.47.2 the second ---------


@rule(special.spherical_jn, cheap=True, broadcast=True, constant=("n",))
def spherical_jn(y, /, n, z, derivative=False):
    def tangent():
        if derivative:
            d[y] = d[z] * ((n * (n + 1) / (z * z) - 1) * special.spherical_jn(n, z) - 2 / z * y)
        else:
            d[y] = d[z] * special.spherical_jn(n, z, True)

    def adjoint():
        if derivative:
            d[z] += d[y] * ((n * (n + 1) / (z * z) - 1) * special.spherical_jn(n, z) - 2 / z * y)
        else:
            d[z] += d[y] * special.spherical_jn(n, z, True)


@rule(special.spherical_yn, cheap=True, broadcast=True, constant=("n",))
def spherical_yn(y, /, n, z, derivative=False):
    def tangent():
        if derivative:
            d[y] = d[z] * ((n * (n + 1) / (z * z) - 1) * special.spherical_yn(n, z) - 2 / z * y)
        else:
            d[y] = d[z] * special.spherical_yn(n, z, True)

    def adjoint():
        if derivative:
            d[z] += d[y] * ((n * (n + 1) / (z * z) - 1) * special.spherical_yn(n, z) - 2 / z * y)
        else:
            d[z] += d[y] * special.spherical_yn(n, z, True)


@rule(special.spherical_in, cheap=True, broadcast=True, constant=("n",))
def spherical_in(y, /, n, z, derivative=False):
    def tangent():
        if derivative:
            d[y] = d[z] * ((n * (n + 1) / (z * z) + 1) * special.spherical_in(n, z) - 2 / z * y)
        else:
            d[y] = d[z] * special.spherical_in(n, z, True)

    def adjoint():
        if derivative:
            d[z] += d[y] * ((n * (n + 1) / (z * z) + 1) * special.spherical_in(n, z) - 2 / z * y)
        else:
            d[z] += d[y] * special.spherical_in(n, z, True)


@rule(special.spherical_kn, cheap=True, broadcast=True, constant=("n",))
def spherical_kn(y, /, n, z, derivative=False):
    def tangent():
        if derivative:
            d[y] = d[z] * ((n * (n + 1) / (z * z) + 1) * special.spherical_kn(n, z) - 2 / z * y)
        else:
            d[y] = d[z] * special.spherical_kn(n, z, True)

    def adjoint():
        if derivative:
            d[z] += d[y] * ((n * (n + 1) / (z * z) + 1) * special.spherical_kn(n, z) - 2 / z * y)
        else:
            d[z] += d[y] * special.spherical_kn(n, z, True)


# -- Kelvin functions: from their equation 10.61.3, that of J at x exp(3 pi i / 4) ------------------


@partials(special.ber)
def ber(y, /, x):
    return special.berp(x)


@partials(special.bei)
def bei(y, /, x):
    return special.beip(x)


@partials(special.ker)
def ker(y, /, x):
    return special.kerp(x)


@partials(special.kei)
def kei(y, /, x):
    return special.keip(x)


@partials(special.berp)
def berp(y, /, x):
    return -special.bei(x) - y / x


@partials(special.beip)
def beip(y, /, x):
    return special.ber(x) - y / x


@partials(special.kerp)
def kerp(y, /, x):
    return -special.kei(x) - y / x


@partials(special.keip)
def keip(y, /, x):
    return special.ker(x) - y / x


# -- Airy functions: 9.2.1 ------------------------------------------------------------------------


@rule(special.airy, cheap=True)
def airy(ai, aip, bi, bip, /, z):
    def tangent():
        d[ai] = d[z] * aip
        d[aip] = d[z] * z * ai
        d[bi] = d[z] * bip
        d[bip] = d[z] * z * bi

    def adjoint():
        d[z] += d[ai] * aip + d[aip] * z * ai + d[bi] * bip + d[bip] * z * bi


@rule(special.itairy, cheap=True)
def itairy(ai, bi, ai_left, bi_left, /, x):
    # Integrals from 0 to x of Ai(t), Bi(t), Ai(-t) and Bi(-t).
    def tangent():
        d[ai] = d[x] * special.airy(x)[0]
        d[bi] = d[x] * special.airy(x)[2]
        d[ai_left] = d[x] * special.airy(-x)[0]
        d[bi_left] = d[x] * special.airy(-x)[2]

    def adjoint():
        d[x] += d[ai] * special.airy(x)[0] + d[bi] * special.airy(x)[2]
        d[x] += d[ai_left] * special.airy(-x)[0] + d[bi_left] * special.airy(-x)[2]


# -- integrals of Bessel functions ----------------------------------------------------------------


@rule(special.itj0y0, cheap=True)
def itj0y0(j, y, /, x):
    def tangent():
        d[j] = d[x] * special.j0(x)
        d[y] = d[x] * special.y0(x)

    def adjoint():
        d[x] += d[j] * special.j0(x) + d[y] * special.y0(x)


@rule(special.iti0k0, cheap=True)
def iti0k0(i, k, /, x):
    def tangent():
        d[i] = d[x] * special.i0(x)
        d[k] = d[x] * special.k0(x)

    def adjoint():
        d[x] += d[i] * special.i0(x) + d[k] * special.k0(x)


@rule(special.it2j0y0, cheap=True)
def it2j0y0(j, y, /, x):
    # Of (1 - J0(t)) / t from 0 to x, and of Y0(t) / t from x on.
    def tangent():
        d[j] = d[x] * (1 - special.j0(x)) / x
        d[y] = -d[x] * special.y0(x) / x

    def adjoint():
        d[x] += d[j] * (1 - special.j0(x)) / x - d[y] * special.y0(x) / x


@rule(special.it2i0k0, cheap=True)
def it2i0k0(i, k, /, x):
    def tangent():
        d[i] = d[x] * (special.i0(x) - 1) / x
        d[k] = -d[x] * special.k0(x) / x

    def adjoint():
        d[x] += d[i] * (special.i0(x) - 1) / x - d[k] * special.k0(x) / x


# -- Struve functions: 11.4.23 and its kin --------------------------------------------------------


@partials(special.struve)
def struve(y, /, v, x):
    rest = np.power(x / 2, v) * special.rgamma(v + 1.5) / math.sqrt(math.pi)
    return None, (special.struve(v - 1, x) - special.struve(v + 1, x) + rest) / 2


@partials(special.modstruve)
def modstruve(y, /, v, x):
    rest = np.power(x / 2, v) * special.rgamma(v + 1.5) / math.sqrt(math.pi)
    return None, (special.modstruve(v - 1, x) + special.modstruve(v + 1, x) + rest) / 2


@partials(special.itstruve0)
def itstruve0(y, /, x):
    return special.struve(0.0, x)


@partials(special.it2struve0)
def it2struve0(y, /, x):
    return -special.struve(0.0, x) / x


@partials(special.itmodstruve0)
def itmodstruve0(y, /, x):
    return special.modstruve(0.0, x)


# -- parabolic cylinder functions with their derivatives: 12.2.2 to 12.2.4 ------------------------


@rule(special.pbdv, special.pbvv, cheap=True, broadcast=True, constant=("v",))
def pbdv(y, yp, /, v, x):
    def tangent():
        d[y] = d[x] * yp
        d[yp] = d[x] * (x * x / 4 - v - 0.5) * y

    def adjoint():
        d[x] += d[y] * yp + d[yp] * (x * x / 4 - v - 0.5) * y


@rule(special.pbwa, cheap=True, broadcast=True, constant=("a",))
def pbwa(y, yp, /, a, x):
    def tangent():
        d[y] = d[x] * yp
        d[yp] = d[x] * (a - x * x / 4) * y

    def adjoint():
        d[x] += d[y] * yp + d[yp] * (a - x * x / 4) * y


for_complex(
    special.jv, special.yv, special.iv, special.kv, special.kve, special.hankel1, special.hankel2, special.hankel1e,
    special.hankel2e, special.jvp, special.yvp, special.ivp, special.kvp, special.airy,
    special.spherical_jn, special.spherical_yn, special.spherical_in, special.spherical_kn,
)  # fmt: skip
