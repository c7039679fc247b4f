"""Error functions and the normal distribution: `scipy.special`. Formulas of the DLMF, chapter 7."""

import math

import numpy as np
from scipy import special

from tangent_sct.templating.language import for_complex, partials

# -- error functions: 7.2.1, 7.10.1 ---------------------------------------------------------------


@partials(special.erf)
def erf(y, /, x):
    return 2 / math.sqrt(math.pi) * np.exp(-x * x)


@partials(special.erfc)
def erfc(y, /, x):
    return -2 / math.sqrt(math.pi) * np.exp(-x * x)


@partials(special.erfi)
def erfi(y, /, x):
    return 2 / math.sqrt(math.pi) * np.exp(x * x)


@partials(special.erfcx)
def erfcx(y, /, x):
    return 2 * x * y - 2 / math.sqrt(math.pi)


@partials(special.erfinv)
def erfinv(y, /, x):
    return math.sqrt(math.pi) / 2 * np.exp(y * y)


@partials(special.erfcinv)
def erfcinv(y, /, x):
    return -math.sqrt(math.pi) / 2 * np.exp(y * y)


@partials(special.dawsn)
def dawsn(y, /, x):
    return 1 - 2 * x * y


@partials(special.wofz)
def wofz(y, /, z):
    return 2j / math.sqrt(math.pi) - 2 * z * y


@partials(special.voigt_profile)
def voigt_profile(y, /, x, sigma, gamma):
    # 7.19: the real part of w(z) / (sigma sqrt(2 pi)) at z = (x + i gamma) / (sigma sqrt(2)).
    z = (x + 1j * gamma) / (math.sqrt(2) * sigma)
    slope = (2j / math.sqrt(math.pi) - 2 * z * special.wofz(z)) / (2 * math.sqrt(math.pi) * sigma * sigma)
    return np.real(slope), -(y + np.real(math.sqrt(2) * z * sigma * slope)) / sigma, -np.imag(slope)


# -- the normal distribution ----------------------------------------------------------------------
# The quotient of density and distribution function is sqrt(2 / pi) / erfcx(-x / sqrt(2)), which neither
# overflows nor cancels in the tail.


@partials(special.ndtr)
def ndtr(y, /, x):
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


@partials(special.ndtri)
def ndtri(x, /, y):
    return math.sqrt(2 * math.pi) * np.exp(x * x / 2)


@partials(special.log_ndtr)
def log_ndtr(y, /, x):
    # Where erfcx would overflow the quotient has vanished.
    return math.sqrt(2 / math.pi) / special.erfcx(np.maximum(-x / math.sqrt(2), -26.0))


@partials(special.ndtri_exp)
def ndtri_exp(x, /, y):
    return math.sqrt(math.pi / 2) * special.erfcx(-x / math.sqrt(2))


@partials(special.owens_t)
def owens_t(y, /, h, a):
    # Owen (1956): T(h, a) is the integral of exp(-h^2 (1 + t^2) / 2) / (2 pi (1 + t^2)) from 0 to a.
    by_h = -np.exp(-h * h / 2) * special.erf(a * h / math.sqrt(2)) / (2 * math.sqrt(2 * math.pi))
    return by_h, np.exp(-h * h * (1 + a * a) / 2) / (2 * math.pi * (1 + a * a))


for_complex(special.erf, special.erfc, special.erfi, special.erfcx, special.dawsn, special.wofz)
