"""Discrete families of `scipy.stats` by their parameters. By the number itself, and by `loc`, there is no slope."""

import numpy as np
from scipy import special, stats

from tangent_sct.templating.language import partials

# -- Poisson --------------------------------------------------------------------------------------


@partials(stats.poisson.logpmf)
def poisson_logpmf(y, /, k, mu, loc=0):
    return None, np.where(y == -np.inf, 0.0, (k - loc) / mu - 1), None


@partials(stats.poisson.pmf)
def poisson_pmf(y, /, k, mu, loc=0):
    return None, y * ((k - loc) / mu - 1), None


@partials(stats.poisson.cdf)
def poisson_cdf(y, /, k, mu, loc=0):
    return None, -stats.poisson.pmf(np.floor(k), mu, loc), None


@partials(stats.poisson.sf)
def poisson_sf(y, /, k, mu, loc=0):
    return None, stats.poisson.pmf(np.floor(k), mu, loc), None


# -- binomial, Bernoulli --------------------------------------------------------------------------


@partials(stats.binom.logpmf)
def binom_logpmf(y, /, k, n, p, loc=0):
    return None, None, np.where(y == -np.inf, 0.0, (k - loc - n * p) / (p * (1 - p))), None


@partials(stats.binom.pmf)
def binom_pmf(y, /, k, n, p, loc=0):
    return None, None, y * (k - loc - n * p) / (p * (1 - p)), None


@partials(stats.binom.cdf)
def binom_cdf(y, /, k, n, p, loc=0):
    return None, None, -n * stats.binom.pmf(np.floor(k), n - 1, p, loc), None


@partials(stats.binom.sf)
def binom_sf(y, /, k, n, p, loc=0):
    return None, None, n * stats.binom.pmf(np.floor(k), n - 1, p, loc), None


@partials(stats.bernoulli.logpmf)
def bernoulli_logpmf(y, /, k, p, loc=0):
    return None, np.where(y == -np.inf, 0.0, (k - loc - p) / (p * (1 - p))), None


@partials(stats.bernoulli.pmf)
def bernoulli_pmf(y, /, k, p, loc=0):
    return None, y * (k - loc - p) / (p * (1 - p)), None


# -- negative binomial, geometric -----------------------------------------------------------------


@partials(stats.nbinom.logpmf)
def nbinom_logpmf(y, /, k, n, p, loc=0):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    failures = np.where(y != -np.inf, k - loc, 0)
    by_n = special.digamma(failures + n) - special.digamma(n) + np.log(p)
    return None, inside * by_n, inside * (n / p - failures / (1 - p)), None


@partials(stats.nbinom.pmf)
def nbinom_pmf(y, /, k, n, p, loc=0):
    failures = np.where(y != 0, k - loc, 0)
    by_n = special.digamma(failures + n) - special.digamma(n) + np.log(p)
    return None, y * by_n, y * (n / p - failures / (1 - p)), None


@partials(stats.nbinom.cdf)
def nbinom_cdf(y, /, k, n, p, loc=0):
    # DLMF 8.17.20 of the incomplete beta function at p.
    last = np.floor(k)
    return None, None, stats.nbinom.pmf(last, n, p, loc) * (n + last - loc) / p, None


@partials(stats.nbinom.sf)
def nbinom_sf(y, /, k, n, p, loc=0):
    last = np.floor(k)
    return None, None, -stats.nbinom.pmf(last, n, p, loc) * (n + last - loc) / p, None


@partials(stats.geom.logpmf)
def geom_logpmf(y, /, k, p, loc=0):
    return None, np.where(y == -np.inf, 0.0, 1 / p - (k - loc - 1) / (1 - p)), None


@partials(stats.geom.pmf)
def geom_pmf(y, /, k, p, loc=0):
    return None, y * (1 / p - (k - loc - 1) / (1 - p)), None


@partials(stats.geom.cdf)
def geom_cdf(y, /, k, p, loc=0):
    last = np.floor(k)
    return None, stats.geom.pmf(last, p, loc) * (last - loc) / p, None


@partials(stats.geom.sf)
def geom_sf(y, /, k, p, loc=0):
    last = np.floor(k)
    return None, -stats.geom.pmf(last, p, loc) * (last - loc) / p, None


# -- logarithmic series, beta-binomial ------------------------------------------------------------


@partials(stats.logser.logpmf)
def logser_logpmf(y, /, k, p, loc=0):
    return None, np.where(y == -np.inf, 0.0, (k - loc) / p + 1 / ((1 - p) * np.log1p(-p))), None


@partials(stats.logser.pmf)
def logser_pmf(y, /, k, p, loc=0):
    return None, y * ((k - loc) / p + 1 / ((1 - p) * np.log1p(-p))), None


@partials(stats.betabinom.logpmf)
def betabinom_logpmf(y, /, k, n, a, b, loc=0):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    hits = np.where(y != -np.inf, k - loc, 0)
    whole = special.digamma(a + b) - special.digamma(n + a + b)
    by_a = special.digamma(hits + a) - special.digamma(a) + whole
    by_b = special.digamma(n - hits + b) - special.digamma(b) + whole
    return None, None, inside * by_a, inside * by_b, None


@partials(stats.betabinom.pmf)
def betabinom_pmf(y, /, k, n, a, b, loc=0):
    hits = np.where(y != 0, k - loc, 0)
    whole = special.digamma(a + b) - special.digamma(n + a + b)
    by_a = special.digamma(hits + a) - special.digamma(a) + whole
    by_b = special.digamma(n - hits + b) - special.digamma(b) + whole
    return None, None, y * by_a, y * by_b, None
