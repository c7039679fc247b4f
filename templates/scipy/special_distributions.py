"""Distribution functions by the arguments in which they are smooth: `scipy.special`.

Each is an incomplete gamma or beta function (`special_gamma.py`), and has the slope of that.
"""

import numpy as np
from scipy import special

from tangent_sct.templating.language import partials

# -- Poisson, binomial, negative binomial: by the parameter ---------------------------------------
# Numbers of successes count by their whole part.


@partials(special.pdtr)
def pdtr(y, /, k, m):
    n = np.floor(k)
    return 0.0, -np.exp(special.xlogy(n, m) - m - special.gammaln(n + 1))


@partials(special.pdtrc)
def pdtrc(y, /, k, m):
    n = np.floor(k)
    return 0.0, np.exp(special.xlogy(n, m) - m - special.gammaln(n + 1))


@partials(special.bdtr)
def bdtr(y, /, k, n, p):
    j = np.floor(k)
    slope = special.xlogy(j, p) + special.xlog1py(n - j - 1, -p) - special.betaln(n - j, j + 1)
    return 0.0, None, -np.exp(slope)


@partials(special.bdtrc)
def bdtrc(y, /, k, n, p):
    j = np.floor(k)
    slope = special.xlogy(j, p) + special.xlog1py(n - j - 1, -p) - special.betaln(n - j, j + 1)
    return 0.0, None, np.exp(slope)


@partials(special.nbdtr)
def nbdtr(y, /, k, n, p):
    j = np.floor(k)
    return 0.0, None, np.exp(special.xlogy(n - 1, p) + special.xlog1py(j, -p) - special.betaln(n, j + 1))


@partials(special.nbdtrc)
def nbdtrc(y, /, k, n, p):
    j = np.floor(k)
    return 0.0, None, -np.exp(special.xlogy(n - 1, p) + special.xlog1py(j, -p) - special.betaln(n, j + 1))


# -- chi-square, gamma, F and t: by the variable --------------------------------------------------


@partials(special.chdtr)
def chdtr(y, /, v, x):
    return None, np.exp(special.xlogy(v / 2 - 1, x / 2) - x / 2 - special.gammaln(v / 2)) / 2


@partials(special.chdtrc)
def chdtrc(y, /, v, x):
    return None, -np.exp(special.xlogy(v / 2 - 1, x / 2) - x / 2 - special.gammaln(v / 2)) / 2


@partials(special.chdtri)
def chdtri(x, /, v, p):
    return None, -2 * np.exp(x / 2 + special.gammaln(v / 2) - special.xlogy(v / 2 - 1, x / 2))


@partials(special.gdtr)
def gdtr(y, /, a, b, x):
    slope = np.exp(special.xlogy(b - 1, a * x) - a * x - special.gammaln(b))
    return x * slope, None, a * slope


@partials(special.gdtrc)
def gdtrc(y, /, a, b, x):
    slope = np.exp(special.xlogy(b - 1, a * x) - a * x - special.gammaln(b))
    return -x * slope, None, -a * slope


@partials(special.fdtr)
def fdtr(y, /, dfn, dfd, x):
    # The incomplete beta function at w = dfn x / (dfd + dfn x), where dw/dx = w (1 - w) / x.
    w = dfn * x / (dfd + dfn * x)
    logarithm = special.xlogy(dfn / 2, w) + special.xlog1py(dfd / 2, -w) - special.betaln(dfn / 2, dfd / 2)
    return None, None, np.exp(logarithm) / x


@partials(special.fdtrc)
def fdtrc(y, /, dfn, dfd, x):
    w = dfn * x / (dfd + dfn * x)
    logarithm = special.xlogy(dfn / 2, w) + special.xlog1py(dfd / 2, -w) - special.betaln(dfn / 2, dfd / 2)
    return None, None, -np.exp(logarithm) / x


@partials(special.stdtr)
def stdtr(y, /, df, t):
    logarithm = -(df + 1) / 2 * special.log1p(t * t / df) - special.betaln(df / 2, 0.5)
    return None, np.exp(logarithm) / np.sqrt(df)


@partials(special.stdtrit)
def stdtrit(t, /, df, p):
    logarithm = (df + 1) / 2 * special.log1p(t * t / df) + special.betaln(df / 2, 0.5)
    return None, np.sqrt(df) * np.exp(logarithm)


@partials(special.tklmbda)
def tklmbda(y, /, x, lmbda):
    # The inverse of x = (y^lmbda - (1 - y)^lmbda) / lmbda; outside of its range it is 0 or 1.
    slope = 1 / (np.power(y, lmbda - 1) + np.power(1 - y, lmbda - 1))
    return np.where((y == 0) | (y == 1), 0.0, slope), None
