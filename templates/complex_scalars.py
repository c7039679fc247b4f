"""Functions of single complex numbers: the module `cmath`. Its functions take real numbers as well."""

import cmath
import math

from tangent_sct.templating.language import d, expanded, for_complex, iscomplex, partials, rule


@partials(cmath.exp)
def exp(y, /, z):
    return y


@rule(cmath.log, cheap=True)
def log(y, /, z, base=None):
    def tangent():
        if base is None:
            d[y] = d[z] / z
        else:
            d[y] = (d[z] / z - y * d[base] / base) / cmath.log(base)

    def adjoint():
        if base is None:
            d[z] += d[y] / z
        else:
            d[z] += d[y] / (z * cmath.log(base))
            d[base] += -d[y] * y / (base * cmath.log(base))


@partials(cmath.log10)
def log10(y, /, z):
    return 1 / (z * math.log(10.0))


@partials(cmath.sqrt)
def sqrt(y, /, z):
    return 0.5 / y


@partials(cmath.sin)
def sin(y, /, z):
    return cmath.cos(z)


@partials(cmath.cos)
def cos(y, /, z):
    return -cmath.sin(z)


@partials(cmath.tan)
def tan(y, /, z):
    return 1 + y * y


@partials(cmath.asin)
def asin(y, /, z):
    return 1 / cmath.sqrt(1 - z * z)


@partials(cmath.acos)
def acos(y, /, z):
    return -1 / cmath.sqrt(1 - z * z)


@partials(cmath.atan)
def atan(y, /, z):
    return 1 / (1 + z * z)


@partials(cmath.sinh)
def sinh(y, /, z):
    return cmath.cosh(z)


@partials(cmath.cosh)
def cosh(y, /, z):
    return cmath.sinh(z)


@partials(cmath.tanh)
def tanh(y, /, z):
    return 1 - y * y


@partials(cmath.asinh)
def asinh(y, /, z):
    return 1 / cmath.sqrt(z * z + 1)


@partials(cmath.acosh)
def acosh(y, /, z):
    # Not the root of z^2 - 1, which has another branch cut.
    return 1 / (cmath.sqrt(z - 1) * cmath.sqrt(z + 1))


@partials(cmath.atanh)
def atanh(y, /, z):
    return 1 / (1 - z * z)


@rule(cmath.phase, cheap=True)
def phase(y, /, z):
    # log(z) = log|z| + 1j * phase(z).
    def tangent():
        if iscomplex(z):
            d[y] = (d[z] / z).imag
        else:
            d[y] = 0.0

    def adjoint():
        if iscomplex(z):
            d[z] += -1j * d[y] / z


@rule(cmath.rect, cheap=True)
def rect(z, /, r, phi):
    def tangent():
        d[z] = cmath.rect(1.0, phi) * d[r] + 1j * z * d[phi]

    def adjoint():
        d[r] += d[z] * cmath.rect(1.0, phi)
        d[phi] += d[z] * 1j * z


@expanded(cmath.polar)
def polar(z):
    return abs(z), cmath.phase(z)


for_complex(
    cmath.exp, cmath.log, cmath.log10, cmath.sqrt, cmath.sin, cmath.cos, cmath.tan, cmath.asin, cmath.acos,
    cmath.atan, cmath.sinh, cmath.cosh, cmath.tanh, cmath.asinh, cmath.acosh, cmath.atanh, cmath.rect,
)  # fmt: skip
for_complex(cmath.phase, holomorphic=False)
