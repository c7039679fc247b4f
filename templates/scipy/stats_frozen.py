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


@expanded(stats.moyal)
def moyal(loc=0, scale=1):
    return OfScale(stats.moyal, loc, scale)


@expanded(stats.hypsecant)
def hypsecant(loc=0, scale=1):
    return OfScale(stats.hypsecant, loc, scale)


@expanded(stats.semicircular)
def semicircular(loc=0, scale=1):
    return OfScale(stats.semicircular, loc, scale)


@expanded(stats.arcsine)
def arcsine(loc=0, scale=1):
    return OfScale(stats.arcsine, loc, scale)


@expanded(stats.halfcauchy)
def halfcauchy(loc=0, scale=1):
    return OfScale(stats.halfcauchy, loc, scale)


@expanded(stats.halflogistic)
def halflogistic(loc=0, scale=1):
    return OfScale(stats.halflogistic, loc, scale)


@expanded(stats.maxwell)
def maxwell(loc=0, scale=1):
    return OfScale(stats.maxwell, loc, scale)


@expanded(stats.levy)
def levy(loc=0, scale=1):
    return OfScale(stats.levy, loc, scale)


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


@expanded(stats.gennorm)
def gennorm(beta, loc=0, scale=1):
    return OfShape(stats.gennorm, beta, loc, scale)


@expanded(stats.skewnorm)
def skewnorm(a, loc=0, scale=1):
    return OfShape(stats.skewnorm, a, loc, scale)


@expanded(stats.vonmises)
def vonmises(kappa, loc=0, scale=1):
    return OfShape(stats.vonmises, kappa, loc, scale)


@expanded(stats.loggamma)
def loggamma(c, loc=0, scale=1):
    return OfShape(stats.loggamma, c, loc, scale)


@expanded(stats.powerlaw)
def powerlaw(a, loc=0, scale=1):
    return OfShape(stats.powerlaw, a, loc, scale)


@expanded(stats.truncexpon)
def truncexpon(b, loc=0, scale=1):
    return OfShape(stats.truncexpon, b, loc, scale)


@expanded(stats.triang)
def triang(c, loc=0, scale=1):
    return OfShape(stats.triang, c, loc, scale)


@expanded(stats.wrapcauchy)
def wrapcauchy(c, loc=0, scale=1):
    return OfShape(stats.wrapcauchy, c, loc, scale)


@expanded(stats.chi)
def chi(df, loc=0, scale=1):
    return OfShape(stats.chi, df, loc, scale)


@expanded(stats.invgauss)
def invgauss(mu, loc=0, scale=1):
    return OfShape(stats.invgauss, mu, loc, scale)


@expanded(stats.gompertz)
def gompertz(c, loc=0, scale=1):
    return OfShape(stats.gompertz, c, loc, scale)


@expanded(stats.weibull_max)
def weibull_max(c, loc=0, scale=1):
    return OfShape(stats.weibull_max, c, loc, scale)


@expanded(stats.fisk)
def fisk(c, loc=0, scale=1):
    return OfShape(stats.fisk, c, loc, scale)


@expanded(stats.lomax)
def lomax(c, loc=0, scale=1):
    return OfShape(stats.lomax, c, loc, scale)


@expanded(stats.rice)
def rice(b, loc=0, scale=1):
    return OfShape(stats.rice, b, loc, scale)


@expanded(stats.nakagami)
def nakagami(nu, loc=0, scale=1):
    return OfShape(stats.nakagami, nu, loc, scale)


@expanded(stats.genpareto)
def genpareto(c, loc=0, scale=1):
    return OfShape(stats.genpareto, c, loc, scale)


@expanded(stats.genextreme)
def genextreme(c, loc=0, scale=1):
    return OfShape(stats.genextreme, c, loc, scale)


@expanded(stats.beta)
def beta(a, b, loc=0, scale=1):
    return OfTwoShapes(stats.beta, a, b, loc, scale)


@expanded(stats.johnsonsu)
def johnsonsu(a, b, loc=0, scale=1):
    return OfTwoShapes(stats.johnsonsu, a, b, loc, scale)


@expanded(stats.loguniform)
def loguniform(a, b, loc=0, scale=1):
    return OfTwoShapes(stats.loguniform, a, b, loc, scale)


@expanded(stats.betaprime)
def betaprime(a, b, loc=0, scale=1):
    return OfTwoShapes(stats.betaprime, a, b, loc, scale)


@expanded(stats.truncnorm)
def truncnorm(a, b, loc=0, scale=1):
    return OfTwoShapes(stats.truncnorm, a, b, loc, scale)


@expanded(stats.f)
def f(dfn, dfd, loc=0, scale=1):
    return OfTwoShapes(stats.f, dfn, dfd, loc, scale)


@expanded(stats.poisson)
def poisson(mu, loc=0):
    return OfCounts(stats.poisson, mu, loc)


@expanded(stats.bernoulli)
def bernoulli(p, loc=0):
    return OfCounts(stats.bernoulli, p, loc)


@expanded(stats.geom)
def geom(p, loc=0):
    return OfCounts(stats.geom, p, loc)


@expanded(stats.logser)
def logser(p, loc=0):
    return OfCounts(stats.logser, p, loc)


@expanded(stats.binom)
def binom(n, p, loc=0):
    return OfTrials(stats.binom, n, p, loc)


@expanded(stats.nbinom)
def nbinom(n, p, loc=0):
    return OfTrials(stats.nbinom, n, p, loc)
