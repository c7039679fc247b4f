"""Exponentials, logarithms and what is made of them: `scipy.special`."""

import math

import numpy as np
from scipy import special

from tangent_sct.templating.language import for_complex, partials, zero

# -- the sigmoid and its kin ----------------------------------------------------------------------


@partials(special.expit)
def expit(y, /, x):
    return y * (1 - y)


@partials(special.logit)
def logit(y, /, x):
    return 1 / (x * (1 - x))


@partials(special.log_expit)
def log_expit(y, /, x):
    return special.expit(-x)


@partials(special.softplus)
def softplus(y, /, x):
    return special.expit(x)


# -- powers, roots and exponentials near their simple points --------------------------------------


@partials(special.exp2)
def exp2(y, /, x):
    return math.log(2.0) * y


@partials(special.exp10)
def exp10(y, /, x):
    return math.log(10.0) * y


@partials(special.expm1)
def expm1(y, /, x):
    return y + 1


@partials(special.log1p)
def log1p(y, /, x):
    return 1 / (1 + x)


@partials(special.cbrt)
def cbrt(y, /, x):
    return 1 / (3 * y * y)


@partials(special.cosm1)
def cosm1(y, /, x):
    return -np.sin(x)


@partials(special.powm1)
def powm1(z, /, x, y):
    return y * np.power(x, y - 1), (z + 1) * np.log(x)


@partials(special.exprel)
def exprel(y, /, x):
    # (e^x - 1) / x is 1F1(1; 2; x), so that its slope has no quotient that fails at 0 (DLMF 13.3.15).
    return special.hyp1f1(2.0, 3.0, x) / 2


# -- logarithms that are 0 beside a factor of 0, entropies ----------------------------------------


@partials(special.xlogy)
def xlogy(z, /, x, y):
    # The comparisons make the slope in `y` 0 / 1 where both are 0.
    return np.log(y), x / (y + ((x == 0) & (y == 0)))


@partials(special.xlog1py)
def xlog1py(z, /, x, y):
    return special.log1p(y), x / (1 + y + ((x == 0) & (y == -1)))


@partials(special.entr)
def entr(y, /, x):
    return -np.log(x) - 1


@partials(special.rel_entr)
def rel_entr(z, /, x, y):
    return np.log(x / y) + 1, -x / y


@partials(special.kl_div)
def kl_div(z, /, x, y):
    return np.log(x / y), 1 - x / y


# -- losses ---------------------------------------------------------------------------------------


@partials(special.huber)
def huber(y, /, delta, r):
    return np.maximum(np.abs(r) - delta, 0.0), np.clip(r, -delta, delta)


@partials(special.pseudo_huber)
def pseudo_huber(y, /, delta, r):
    # With h = hypot(delta, r) it is delta (h - delta), and h - delta = r^2 / (h + delta).
    h = np.hypot(delta, r)
    excess = r * r / (h + delta)
    return excess * excess / h, delta * r / h


# -- transforms of Box and Cox --------------------------------------------------------------------
# With u = log(x) it is u exprel(lmbda u), smooth at lmbda = 0; its inverse has the slopes of the inverse function.


@partials(special.boxcox)
def boxcox(y, /, x, lmbda):
    u = np.log(x)
    return np.power(x, lmbda - 1), u * u * special.hyp1f1(2.0, 3.0, lmbda * u) / 2


@partials(special.boxcox1p)
def boxcox1p(y, /, x, lmbda):
    u = special.log1p(x)
    return np.power(1 + x, lmbda - 1), u * u * special.hyp1f1(2.0, 3.0, lmbda * u) / 2


@partials(special.inv_boxcox)
def inv_boxcox(x, /, y, lmbda):
    u = np.log(x)
    slope = np.power(x, 1 - lmbda)
    return slope, -slope * u * u * special.hyp1f1(2.0, 3.0, lmbda * u) / 2


@partials(special.inv_boxcox1p)
def inv_boxcox1p(x, /, y, lmbda):
    u = special.log1p(x)
    slope = np.power(1 + x, 1 - lmbda)
    return slope, -slope * u * u * special.hyp1f1(2.0, 3.0, lmbda * u) / 2


# -- angles in degrees ----------------------------------------------------------------------------


@partials(special.sindg)
def sindg(y, /, x):
    return math.pi / 180 * special.cosdg(x)


@partials(special.cosdg)
def cosdg(y, /, x):
    return -math.pi / 180 * special.sindg(x)


@partials(special.tandg)
def tandg(y, /, x):
    return math.pi / 180 * (1 + y * y)


@partials(special.cotdg)
def cotdg(y, /, x):
    return -math.pi / 180 * (1 + y * y)


@partials(special.radian)
def radian(y, /, d, m, s):
    return math.pi / 180, math.pi / 10800, math.pi / 648000


# -- inverses of x e^x ----------------------------------------------------------------------------


@partials(special.lambertw)
def lambertw(y, /, z, k=0, tol=1e-8):
    # DLMF 4.13.4, in a form that does not fail at 0.
    return 1 / (z + np.exp(y)), None, None


@partials(special.wrightomega)
def wrightomega(y, /, z):
    return y / (1 + y)


zero(special.round, cheap=True)
for_complex(special.expm1, special.log1p, special.xlogy, special.xlog1py, special.lambertw, special.wrightomega)
