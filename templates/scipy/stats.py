"""Distribution functions of `scipy.stats` and their inverses, of families with a place and a scale.

With z = (x - loc) / scale and F the standard distribution function, F(z) has the slopes f(x), -f(x) and -z f(x), f
being the density; the inverse loc + scale F^-1(q) has the slopes 1 / f, 1 and F^-1(q). By shapes there is no closed
form.
"""

import inspect

import numpy as np
from scipy import stats

from tangent_sct.templating.language import partials, tell_signatures


def signature_of_method(method):
    """How a method of a family takes its arguments: a place, the shapes of the family, `loc` and `scale`.

    A family itself is called without the place: it makes a distribution.
    """
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    own = list(inspect.signature(method).parameters.values())
    *first, last, other = own if len(own) > 1 else (None, None, None)
    if [p and p.kind for p in (last, other)] != [inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD]:
        return None
    if [p.kind for p in first] != ([] if method.__name__ == "__call__" else [kind]):
        return None
    shapes = (method.__self__.shapes or "").replace(" ", "").split(",")
    given = [inspect.Parameter(name, kind) for name in (*(p.name for p in first), *filter(None, shapes))]
    given.append(inspect.Parameter("loc", kind, default=0))
    if isinstance(method.__self__, stats.rv_continuous):
        given.append(inspect.Parameter("scale", kind, default=1))
    return inspect.Signature(given)


tell_signatures(stats.rv_continuous, signature_of_method)
tell_signatures(stats.rv_discrete, signature_of_method)


def without_shapes(family):
    """The rules of a family that has a place and a scale alone."""

    @partials(family.cdf)
    def cdf(y, /, x, loc=0, scale=1):
        density = family.pdf(x, loc, scale)
        return density, -density, -density * (x - loc) / scale

    @partials(family.sf)
    def sf(y, /, x, loc=0, scale=1):
        density = family.pdf(x, loc, scale)
        return -density, density, density * (x - loc) / scale

    @partials(family.logcdf)
    def logcdf(y, /, x, loc=0, scale=1):
        slope = np.exp(family.logpdf(x, loc, scale) - np.where(y == -np.inf, 0.0, y))
        return slope, -slope, -slope * (x - loc) / scale

    @partials(family.logsf)
    def logsf(y, /, x, loc=0, scale=1):
        slope = np.exp(family.logpdf(x, loc, scale) - np.where(y == -np.inf, 0.0, y))
        return -slope, slope, slope * (x - loc) / scale

    @partials(family.ppf)
    def ppf(x, /, q, loc=0, scale=1):
        return 1 / family.pdf(x, loc, scale), 1.0, (x - loc) / scale

    @partials(family.isf)
    def isf(x, /, q, loc=0, scale=1):
        return -1 / family.pdf(x, loc, scale), 1.0, (x - loc) / scale


def with_shape(family):
    """The rules of a family that has one shape besides."""
    called = {"shape": family.shapes}

    @partials(family.cdf, called=called)
    def cdf(y, /, x, shape, loc=0, scale=1):
        density = family.pdf(x, shape, loc, scale)
        return density, None, -density, -density * (x - loc) / scale

    @partials(family.sf, called=called)
    def sf(y, /, x, shape, loc=0, scale=1):
        density = family.pdf(x, shape, loc, scale)
        return -density, None, density, density * (x - loc) / scale

    @partials(family.logcdf, called=called)
    def logcdf(y, /, x, shape, loc=0, scale=1):
        slope = np.exp(family.logpdf(x, shape, loc, scale) - np.where(y == -np.inf, 0.0, y))
        return slope, None, -slope, -slope * (x - loc) / scale

    @partials(family.logsf, called=called)
    def logsf(y, /, x, shape, loc=0, scale=1):
        slope = np.exp(family.logpdf(x, shape, loc, scale) - np.where(y == -np.inf, 0.0, y))
        return -slope, None, slope, slope * (x - loc) / scale

    @partials(family.ppf, called=called)
    def ppf(x, /, q, shape, loc=0, scale=1):
        return 1 / family.pdf(x, shape, loc, scale), None, 1.0, (x - loc) / scale

    @partials(family.isf, called=called)
    def isf(x, /, q, shape, loc=0, scale=1):
        return -1 / family.pdf(x, shape, loc, scale), None, 1.0, (x - loc) / scale


def with_two_shapes(family):
    """The rules of a family that has two shapes besides."""
    called = dict(zip("ab", family.shapes.split(", "), strict=True))

    @partials(family.cdf, called=called)
    def cdf(y, /, x, a, b, loc=0, scale=1):
        density = family.pdf(x, a, b, loc, scale)
        return density, None, None, -density, -density * (x - loc) / scale

    @partials(family.sf, called=called)
    def sf(y, /, x, a, b, loc=0, scale=1):
        density = family.pdf(x, a, b, loc, scale)
        return -density, None, None, density, density * (x - loc) / scale

    @partials(family.logcdf, called=called)
    def logcdf(y, /, x, a, b, loc=0, scale=1):
        slope = np.exp(family.logpdf(x, a, b, loc, scale) - np.where(y == -np.inf, 0.0, y))
        return slope, None, None, -slope, -slope * (x - loc) / scale

    @partials(family.logsf, called=called)
    def logsf(y, /, x, a, b, loc=0, scale=1):
        slope = np.exp(family.logpdf(x, a, b, loc, scale) - np.where(y == -np.inf, 0.0, y))
        return -slope, None, None, slope, slope * (x - loc) / scale

    @partials(family.ppf, called=called)
    def ppf(x, /, q, a, b, loc=0, scale=1):
        return 1 / family.pdf(x, a, b, loc, scale), None, None, 1.0, (x - loc) / scale

    @partials(family.isf, called=called)
    def isf(x, /, q, a, b, loc=0, scale=1):
        return -1 / family.pdf(x, a, b, loc, scale), None, None, 1.0, (x - loc) / scale


for plain in (
    stats.norm, stats.expon, stats.uniform, stats.laplace, stats.logistic, stats.cauchy, stats.gumbel_r,
    stats.gumbel_l, stats.halfnorm, stats.rayleigh, stats.moyal, stats.hypsecant, stats.semicircular, stats.arcsine,
    stats.halfcauchy, stats.halflogistic, stats.maxwell, stats.levy,
):  # fmt: skip
    without_shapes(plain)
for shaped in (
    stats.lognorm, stats.gamma, stats.t, stats.chi2, stats.invgamma, stats.weibull_min, stats.pareto, stats.gennorm,
    stats.skewnorm, stats.vonmises, stats.loggamma, stats.powerlaw, stats.truncexpon, stats.triang, stats.wrapcauchy,
    stats.chi, stats.invgauss, stats.gompertz, stats.weibull_max, stats.fisk, stats.lomax, stats.rice, stats.nakagami,
    stats.genpareto, stats.genextreme,
):  # fmt: skip
    with_shape(shaped)
for shaped in (stats.beta, stats.johnsonsu, stats.loguniform, stats.f, stats.betaprime):
    with_two_shapes(shaped)

# -- the bounds of a truncated normal distribution ------------------------------------------------

# They are shapes by which there is a closed form: F = (Phi(z) - Phi(a)) / (Phi(b) - Phi(a)).


@partials(stats.truncnorm.cdf)
def truncnorm_cdf(y, /, x, a, b, loc=0, scale=1):
    density = stats.truncnorm.pdf(x, a, b, loc, scale)
    inside = np.where(density == 0, 0.0, 1.0)
    low, high = stats.truncnorm.pdf(a, a, b), stats.truncnorm.pdf(b, a, b)
    return density, -inside * (1 - y) * low, -inside * y * high, -density, -density * (x - loc) / scale


@partials(stats.truncnorm.sf)
def truncnorm_sf(y, /, x, a, b, loc=0, scale=1):
    density = stats.truncnorm.pdf(x, a, b, loc, scale)
    inside = np.where(density == 0, 0.0, 1.0)
    low, high = stats.truncnorm.pdf(a, a, b), stats.truncnorm.pdf(b, a, b)
    return -density, inside * y * low, inside * (1 - y) * high, density, density * (x - loc) / scale


@partials(stats.truncnorm.logcdf)
def truncnorm_logcdf(y, /, x, a, b, loc=0, scale=1):
    slope = np.exp(stats.truncnorm.logpdf(x, a, b, loc, scale) - np.where(y == -np.inf, 0.0, y))
    inside = np.where(slope == 0, 0.0, 1.0)
    low, high = stats.truncnorm.pdf(a, a, b), stats.truncnorm.pdf(b, a, b)
    by_a = inside * np.expm1(np.where(slope == 0, 0.0, y)) * np.exp(-np.where(slope == 0, 0.0, y)) * low
    return slope, by_a, -inside * high, -slope, -slope * (x - loc) / scale


@partials(stats.truncnorm.logsf)
def truncnorm_logsf(y, /, x, a, b, loc=0, scale=1):
    slope = np.exp(stats.truncnorm.logpdf(x, a, b, loc, scale) - np.where(y == -np.inf, 0.0, y))
    inside = np.where(slope == 0, 0.0, 1.0)
    low, high = stats.truncnorm.pdf(a, a, b), stats.truncnorm.pdf(b, a, b)
    by_b = -inside * np.expm1(np.where(slope == 0, 0.0, y)) * np.exp(-np.where(slope == 0, 0.0, y)) * high
    return -slope, inside * low, by_b, slope, slope * (x - loc) / scale


@partials(stats.truncnorm.ppf)
def truncnorm_ppf(x, /, q, a, b, loc=0, scale=1):
    density = stats.truncnorm.pdf(x, a, b, loc, scale)
    low, high = stats.truncnorm.pdf(a, a, b), stats.truncnorm.pdf(b, a, b)
    return 1 / density, (1 - q) * low / density, q * high / density, 1.0, (x - loc) / scale


@partials(stats.truncnorm.isf)
def truncnorm_isf(x, /, q, a, b, loc=0, scale=1):
    density = stats.truncnorm.pdf(x, a, b, loc, scale)
    low, high = stats.truncnorm.pdf(a, a, b), stats.truncnorm.pdf(b, a, b)
    return -1 / density, q * low / density, (1 - q) * high / density, 1.0, (x - loc) / scale
