"""The gamma function and its kin: `scipy.special`. Numbers of formulas are those of the DLMF (dlmf.nist.gov)."""

import numpy as np
from scipy import special

from tangent_sct.templating.language import d, for_complex, partials, rule, zero

# -- gamma, digamma, polygamma: 5.2.2 and 5.15 ----------------------------------------------------


@partials(special.gamma)
def gamma(y, /, x):
    return y * special.digamma(x)


@partials(special.gammaln, special.loggamma)
def gammaln(y, /, x):
    return special.digamma(x)


@partials(special.rgamma)
def rgamma(y, /, x):
    return -y * special.digamma(x)


@partials(special.digamma)
def digamma(y, /, x):
    # 25.11.12: the trigamma function is a Hurwitz zeta function.
    return special.zeta(2.0, x)


@partials(special.polygamma)
def polygamma(y, /, n, x):
    return None, special.polygamma(n + 1, x)


@rule(special.zeta, cheap=True, constant=("x",))
def zeta(y, /, x, q=None):
    # 25.11.17, by the second argument. None of the derivatives by the first is there.
    def tangent():
        d[y] = -d[q] * x * special.zeta(x + 1, q)

    def adjoint():
        d[q] += -d[y] * x * special.zeta(x + 1, q)


@partials(special.multigammaln)
def multigammaln(y, /, a, d):
    # 35.3.4: a sum of gammaln(a - j / 2) and a constant.
    return np.sum(special.digamma(np.expand_dims(a, -1) - np.arange(d) / 2), axis=-1), None


@partials(special.poch)
def poch(y, /, z, m):
    return y * (special.digamma(z + m) - special.digamma(z)), y * special.digamma(z + m)


# -- beta functions and binomials: 5.12 -----------------------------------------------------------


@partials(special.beta)
def beta(y, /, a, b):
    both = special.digamma(a + b)
    return y * (special.digamma(a) - both), y * (special.digamma(b) - both)


@partials(special.betaln)
def betaln(y, /, a, b):
    both = special.digamma(a + b)
    return special.digamma(a) - both, special.digamma(b) - both


@partials(special.binom)
def binom(y, /, n, k):
    rest = special.digamma(n - k + 1)
    return y * (special.digamma(n + 1) - rest), y * (rest - special.digamma(k + 1))


@partials(special.comb)
def comb(y, /, N, k):
    # Outside of 0 <= k <= N it is 0, and stays so.
    outside = (k < 0) | (k > N)
    rest = special.digamma(np.where(outside, 0, N - k) + 1)
    by_n = y * (special.digamma(np.where(outside, 0, N) + 1) - rest)
    return by_n, y * (rest - special.digamma(np.where(outside, 0, k) + 1))


@partials(special.perm)
def perm(y, /, N, k):
    # N! / (N - k)!
    outside = (k < 0) | (k > N)
    rest = special.digamma(np.where(outside, 0, N - k) + 1)
    return y * (special.digamma(np.where(outside, 0, N) + 1) - rest), y * rest


@partials(special.factorial)
def factorial(y, /, n):
    # Below 0 it is 0.
    return y * special.digamma(np.maximum(n, 0) + 1)


# -- incomplete functions by their last argument: 8.8.13 and 8.17.20 ------------------------------
# Those by the other arguments have no closed form.


@partials(special.gammainc)
def gammainc(y, /, a, x):
    return None, np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))


@partials(special.gammaincc)
def gammaincc(y, /, a, x):
    return None, -np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))


@partials(special.gammaincinv)
def gammaincinv(x, /, a, y):
    return None, np.exp(x + special.gammaln(a) - special.xlogy(a - 1, x))


@partials(special.gammainccinv)
def gammainccinv(x, /, a, y):
    return None, -np.exp(x + special.gammaln(a) - special.xlogy(a - 1, x))


@partials(special.betainc)
def betainc(y, /, a, b, x):
    logarithm = special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b)
    return None, None, np.exp(logarithm)


@partials(special.betaincc)
def betaincc(y, /, a, b, x):
    logarithm = special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b)
    return None, None, -np.exp(logarithm)


@partials(special.betaincinv)
def betaincinv(x, /, a, b, y):
    logarithm = special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b)
    return None, None, np.exp(-logarithm)


@partials(special.betainccinv)
def betainccinv(x, /, a, b, y):
    logarithm = special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b)
    return None, None, -np.exp(-logarithm)


zero(special.gammasgn, cheap=True)
for_complex(special.gamma, special.loggamma, special.rgamma)
