"""Distributions of `scipy.stats` whose parameters are given once: the functions of the family, with them."""

from scipy import stats

from tangent_sct.runtime.scipy_stats import OfCounts, OfScale, OfShape, OfTrials, OfTwoShapes
from tangent_sct.templating.language import expanded


@expanded(stats.norm)
def norm(loc=0, scale=1):
    return OfScale(stats.norm, loc, scale)


@expanded(stats.expon)
def expon(loc=0, scale=1):
    return OfScale(stats.expon, loc, scale)


@expanded(stats.uniform)
def uniform(loc=0, scale=1):
    return OfScale(stats.uniform, loc, scale)


@expanded(stats.laplace)
def laplace(loc=0, scale=1):
    return OfScale(stats.laplace, loc, scale)


@expanded(stats.logistic)
def logistic(loc=0, scale=1):
    return OfScale(stats.logistic, loc, scale)


@expanded(stats.cauchy)
def cauchy(loc=0, scale=1):
    return OfScale(stats.cauchy, loc, scale)


@expanded(stats.gumbel_r)
def gumbel_r(loc=0, scale=1):
    return OfScale(stats.gumbel_r, loc, scale)


@expanded(stats.gumbel_l)
def gumbel_l(loc=0, scale=1):
    return OfScale(stats.gumbel_l, loc, scale)


@expanded(stats.halfnorm)
def halfnorm(loc=0, scale=1):
    return OfScale(stats.halfnorm, loc, scale)


@expanded(stats.rayleigh)
def rayleigh(loc=0, scale=1):
    return OfScale(stats.rayleigh, loc, scale)


@expanded(stats.lognorm)
def lognorm(s, loc=0, scale=1):
    return OfShape(stats.lognorm, s, loc, scale)


@expanded(stats.gamma)
def gamma(a, loc=0, scale=1):
    return OfShape(stats.gamma, a, loc, scale)


@expanded(stats.t)
def t(df, loc=0, scale=1):
    return OfShape(stats.t, df, loc, scale)


@expanded(stats.chi2)
def chi2(df, loc=0, scale=1):
    return OfShape(stats.chi2, df, loc, scale)


@expanded(stats.invgamma)
def invgamma(a, loc=0, scale=1):
    return OfShape(stats.invgamma, a, loc, scale)


@expanded(stats.weibull_min)
def weibull_min(c, loc=0, scale=1):
    return OfShape(stats.weibull_min, c, loc, scale)


@expanded(stats.pareto)
def pareto(b, loc=0, scale=1):
    return OfShape(stats.pareto, b, loc, scale)


@expanded(stats.beta)
def beta(a, b, loc=0, scale=1):
    return OfTwoShapes(stats.beta, a, b, loc, scale)


@expanded(stats.poisson)
def poisson(mu, loc=0):
    return OfCounts(stats.poisson, mu, loc)


@expanded(stats.bernoulli)
def bernoulli(p, loc=0):
    return OfCounts(stats.bernoulli, p, loc)


@expanded(stats.geom)
def geom(p, loc=0):
    return OfCounts(stats.geom, p, loc)


@expanded(stats.binom)
def binom(n, p, loc=0):
    return OfTrials(stats.binom, n, p, loc)


@expanded(stats.nbinom)
def nbinom(n, p, loc=0):
    return OfTrials(stats.nbinom, n, p, loc)
