"""Densities of `scipy.stats` and their logarithms, of more families, as in `stats_densities.py`."""

import numpy as np
from scipy import special, stats

from tangent_sct.runtime.scipy_stats import log1p_ratio
from tangent_sct.templating.language import partials

# -- on the whole line ----------------------------------------------------------------------------


@partials(stats.moyal.logpdf)
def moyal_logpdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    slope = np.expm1(-z) / 2 / scale
    return slope, -slope, -1 / scale - z * slope


@partials(stats.moyal.pdf)
def moyal_pdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    slope = y * np.expm1(-z) / 2 / scale
    return slope, -slope, -y / scale - z * slope


@partials(stats.hypsecant.logpdf)
def hypsecant_logpdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    slope = -np.tanh(z) / scale
    return slope, -slope, -1 / scale - z * slope


@partials(stats.hypsecant.pdf)
def hypsecant_pdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    slope = -y * np.tanh(z) / scale
    return slope, -slope, -y / scale - z * slope


@partials(stats.gennorm.logpdf)
def gennorm_logpdf(y, /, x, beta, loc=0, scale=1):
    z = (x - loc) / scale
    by_gamma = 1 / beta + special.digamma(1 / beta) / beta**2
    slope = -beta * np.power(np.where(z != 0, np.abs(z), 1.0), beta - 1) * np.sign(z) / scale
    return slope, by_gamma - special.xlogy(np.power(np.abs(z), beta), np.abs(z)), -slope, -1 / scale - z * slope


@partials(stats.gennorm.pdf)
def gennorm_pdf(y, /, x, beta, loc=0, scale=1):
    z = (x - loc) / scale
    by_gamma = 1 / beta + special.digamma(1 / beta) / beta**2
    slope = -y * beta * np.power(np.where(z != 0, np.abs(z), 1.0), beta - 1) * np.sign(z) / scale
    by_beta = y * (by_gamma - special.xlogy(np.power(np.abs(z), beta), np.abs(z)))
    return slope, by_beta, -slope, -y / scale - z * slope


@partials(stats.skewnorm.logpdf)
def skewnorm_logpdf(y, /, x, a, loc=0, scale=1):
    z = (x - loc) / scale
    ratio = np.exp(-a * a * z * z / 2 - special.log_ndtr(a * z)) / np.sqrt(2 * np.pi)
    slope = (a * ratio - z) / scale
    return slope, z * ratio, -slope, -1 / scale - z * slope


@partials(stats.skewnorm.pdf)
def skewnorm_pdf(y, /, x, a, loc=0, scale=1):
    z = (x - loc) / scale
    ratio = np.exp(-a * a * z * z / 2 - special.log_ndtr(a * z)) / np.sqrt(2 * np.pi)
    slope = y * (a * ratio - z) / scale
    return slope, y * z * ratio, -slope, -y / scale - z * slope


@partials(stats.vonmises.logpdf)
def vonmises_logpdf(y, /, x, kappa, loc=0, scale=1):
    z = (x - loc) / scale
    slope = -kappa * np.sin(z) / scale
    return slope, np.cos(z) - special.i1e(kappa) / special.i0e(kappa), -slope, -1 / scale - z * slope


@partials(stats.vonmises.pdf)
def vonmises_pdf(y, /, x, kappa, loc=0, scale=1):
    z = (x - loc) / scale
    slope = -y * kappa * np.sin(z) / scale
    return slope, y * (np.cos(z) - special.i1e(kappa) / special.i0e(kappa)), -slope, -y / scale - z * slope


@partials(stats.loggamma.logpdf)
def loggamma_logpdf(y, /, x, c, loc=0, scale=1):
    z = (x - loc) / scale
    slope = (c - np.exp(z)) / scale
    return slope, z - special.digamma(c), -slope, -1 / scale - z * slope


@partials(stats.loggamma.pdf)
def loggamma_pdf(y, /, x, c, loc=0, scale=1):
    z = (x - loc) / scale
    slope = y * (c - np.exp(z)) / scale
    return slope, y * (z - special.digamma(c)), -slope, -y / scale - z * slope


@partials(stats.johnsonsu.logpdf)
def johnsonsu_logpdf(y, /, x, a, b, loc=0, scale=1):
    z = (x - loc) / scale
    u = a + b * np.arcsinh(z)
    slope = (-z / (1 + z * z) - b * u / np.sqrt(1 + z * z)) / scale
    return slope, -u, 1 / b - u * np.arcsinh(z), -slope, -1 / scale - z * slope


@partials(stats.johnsonsu.pdf)
def johnsonsu_pdf(y, /, x, a, b, loc=0, scale=1):
    z = (x - loc) / scale
    u = a + b * np.arcsinh(z)
    slope = y * (-z / (1 + z * z) - b * u / np.sqrt(1 + z * z)) / scale
    return slope, -y * u, y * (1 / b - u * np.arcsinh(z)), -slope, -y / scale - z * slope


# -- on an interval -------------------------------------------------------------------------------


@partials(stats.semicircular.logpdf)
def semicircular_logpdf(y, /, x, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 0.0)
    slope = -inside * z / (1 - z * z) / scale
    return slope, -slope, -inside / scale - z * slope


@partials(stats.semicircular.pdf)
def semicircular_pdf(y, /, x, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 0.0)
    slope = -y * z / (1 - z * z) / scale
    return slope, -slope, -y / scale - z * slope


@partials(stats.arcsine.logpdf)
def arcsine_logpdf(y, /, x, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 0.5)
    slope = inside * (0.5 / (1 - z) - 0.5 / z) / scale
    return slope, -slope, -inside / scale - z * slope


@partials(stats.arcsine.pdf)
def arcsine_pdf(y, /, x, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 0.5)
    slope = y * (0.5 / (1 - z) - 0.5 / z) / scale
    return slope, -slope, -y / scale - z * slope


@partials(stats.powerlaw.logpdf)
def powerlaw_logpdf(y, /, x, a, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 0.5)
    slope = inside * (a - 1) / z / scale
    return slope, inside * (1 / a + np.log(z)), -slope, -inside / scale - z * slope


@partials(stats.powerlaw.pdf)
def powerlaw_pdf(y, /, x, a, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 0.5)
    slope = y * (a - 1) / z / scale
    return slope, y * (1 / a + np.log(z)), -slope, -y / scale - z * slope


@partials(stats.truncexpon.logpdf)
def truncexpon_logpdf(y, /, x, b, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 0.0)
    slope = -inside / scale
    return slope, -inside / np.expm1(b), -slope, -inside / scale - z * slope


@partials(stats.truncexpon.pdf)
def truncexpon_pdf(y, /, x, b, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 0.0)
    slope = -y / scale
    return slope, -y / np.expm1(b), -slope, -y / scale - z * slope


@partials(stats.triang.logpdf)
def triang_logpdf(y, /, x, c, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 0.5)
    slope = inside * np.where(z < c, 1 / z, -1 / (1 - z)) / scale
    return slope, inside * np.where(z < c, -1 / c, 1 / (1 - c)), -slope, -inside / scale - z * slope


@partials(stats.triang.pdf)
def triang_pdf(y, /, x, c, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 0.5)
    slope = y * np.where(z < c, 1 / z, -1 / (1 - z)) / scale
    return slope, y * np.where(z < c, -1 / c, 1 / (1 - c)), -slope, -y / scale - z * slope


@partials(stats.wrapcauchy.logpdf)
def wrapcauchy_logpdf(y, /, x, c, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    around = 1 + c * c - 2 * c * np.cos(z)
    slope = -inside * 2 * c * np.sin(z) / around / scale
    return slope, inside * (2 * (np.cos(z) - c) / around - 2 * c / (1 - c * c)), -slope, -inside / scale - z * slope


@partials(stats.wrapcauchy.pdf)
def wrapcauchy_pdf(y, /, x, c, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    around = 1 + c * c - 2 * c * np.cos(z)
    slope = -y * 2 * c * np.sin(z) / around / scale
    return slope, y * (2 * (np.cos(z) - c) / around - 2 * c / (1 - c * c)), -slope, -y / scale - z * slope


@partials(stats.truncnorm.logpdf)
def truncnorm_logpdf(y, /, x, a, b, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 0.0)
    slope = -inside * z / scale
    by_a = inside * stats.truncnorm.pdf(a, a, b)
    by_b = -inside * stats.truncnorm.pdf(b, a, b)
    return slope, by_a, by_b, -slope, -inside / scale - z * slope


@partials(stats.truncnorm.pdf)
def truncnorm_pdf(y, /, x, a, b, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 0.0)
    slope = -y * z / scale
    by_a = y * stats.truncnorm.pdf(a, a, b)
    by_b = -y * stats.truncnorm.pdf(b, a, b)
    return slope, by_a, by_b, -slope, -y / scale - z * slope


@partials(stats.loguniform.logpdf)
def loguniform_logpdf(y, /, x, a, b, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    slope = -inside / z / scale
    return slope, inside / (a * np.log(b / a)), -inside / (b * np.log(b / a)), -slope, -inside / scale - z * slope


@partials(stats.loguniform.pdf)
def loguniform_pdf(y, /, x, a, b, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    slope = -y / z / scale
    return slope, y / (a * np.log(b / a)), -y / (b * np.log(b / a)), -slope, -y / scale - z * slope


# -- on a half line -------------------------------------------------------------------------------


@partials(stats.halfcauchy.logpdf)
def halfcauchy_logpdf(y, /, x, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 0.0)
    slope = -inside * 2 * z / (1 + z * z) / scale
    return slope, -slope, -inside / scale - z * slope


@partials(stats.halfcauchy.pdf)
def halfcauchy_pdf(y, /, x, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 0.0)
    slope = -y * 2 * z / (1 + z * z) / scale
    return slope, -slope, -y / scale - z * slope


@partials(stats.halflogistic.logpdf)
def halflogistic_logpdf(y, /, x, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 0.0)
    slope = -inside * np.tanh(z / 2) / scale
    return slope, -slope, -inside / scale - z * slope


@partials(stats.halflogistic.pdf)
def halflogistic_pdf(y, /, x, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 0.0)
    slope = -y * np.tanh(z / 2) / scale
    return slope, -slope, -y / scale - z * slope


@partials(stats.maxwell.logpdf)
def maxwell_logpdf(y, /, x, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    slope = inside * (2 / z - z) / scale
    return slope, -slope, -inside / scale - z * slope


@partials(stats.maxwell.pdf)
def maxwell_pdf(y, /, x, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    slope = y * (2 / z - z) / scale
    return slope, -slope, -y / scale - z * slope


@partials(stats.levy.logpdf)
def levy_logpdf(y, /, x, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    slope = inside * (1 / z - 3) / (2 * z) / scale
    return slope, -slope, -inside / scale - z * slope


@partials(stats.levy.pdf)
def levy_pdf(y, /, x, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    slope = y * (1 / z - 3) / (2 * z) / scale
    return slope, -slope, -y / scale - z * slope


@partials(stats.chi.logpdf)
def chi_logpdf(y, /, x, df, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    slope = inside * ((df - 1) / z - z) / scale
    by_df = inside * (np.log(z) - (np.log(2) + special.digamma(df / 2)) / 2)
    return slope, by_df, -slope, -inside / scale - z * slope


@partials(stats.chi.pdf)
def chi_pdf(y, /, x, df, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    slope = y * ((df - 1) / z - z) / scale
    return slope, y * (np.log(z) - (np.log(2) + special.digamma(df / 2)) / 2), -slope, -y / scale - z * slope


@partials(stats.invgauss.logpdf)
def invgauss_logpdf(y, /, x, mu, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    slope = inside * ((1 / z - 3) / (2 * z) - 0.5 / mu**2) / scale
    return slope, inside * (z - mu) / mu**3, -slope, -inside / scale - z * slope


@partials(stats.invgauss.pdf)
def invgauss_pdf(y, /, x, mu, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    slope = y * ((1 / z - 3) / (2 * z) - 0.5 / mu**2) / scale
    return slope, y * (z - mu) / mu**3, -slope, -y / scale - z * slope


@partials(stats.gompertz.logpdf)
def gompertz_logpdf(y, /, x, c, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 0.0)
    slope = inside * (1 - c * np.exp(z)) / scale
    return slope, inside * (1 / c - np.expm1(z)), -slope, -inside / scale - z * slope


@partials(stats.gompertz.pdf)
def gompertz_pdf(y, /, x, c, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 0.0)
    slope = y * (1 - c * np.exp(z)) / scale
    return slope, y * (1 / c - np.expm1(z)), -slope, -y / scale - z * slope


@partials(stats.weibull_max.logpdf)
def weibull_max_logpdf(y, /, x, c, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, -1.0)
    power = np.power(-z, c)
    slope = inside * (c - 1 - c * power) / z / scale
    return slope, inside * (1 / c + np.log(-z) * (1 - power)), -slope, -inside / scale - z * slope


@partials(stats.weibull_max.pdf)
def weibull_max_pdf(y, /, x, c, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, -1.0)
    power = np.power(-z, c)
    slope = y * (c - 1 - c * power) / z / scale
    return slope, y * (1 / c + np.log(-z) * (1 - power)), -slope, -y / scale - z * slope


@partials(stats.fisk.logpdf)
def fisk_logpdf(y, /, x, c, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    slope = inside * (c - 1 - 2 * c * special.expit(c * np.log(z))) / z / scale
    return slope, inside * (1 / c - np.log(z) * np.tanh(c * np.log(z) / 2)), -slope, -inside / scale - z * slope


@partials(stats.fisk.pdf)
def fisk_pdf(y, /, x, c, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    slope = y * (c - 1 - 2 * c * special.expit(c * np.log(z))) / z / scale
    return slope, y * (1 / c - np.log(z) * np.tanh(c * np.log(z) / 2)), -slope, -y / scale - z * slope


@partials(stats.lomax.logpdf)
def lomax_logpdf(y, /, x, c, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 0.0)
    slope = -inside * (c + 1) / (1 + z) / scale
    return slope, inside * (1 / c - np.log1p(z)), -slope, -inside / scale - z * slope


@partials(stats.lomax.pdf)
def lomax_pdf(y, /, x, c, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 0.0)
    slope = -y * (c + 1) / (1 + z) / scale
    return slope, y * (1 / c - np.log1p(z)), -slope, -y / scale - z * slope


@partials(stats.rice.logpdf)
def rice_logpdf(y, /, x, b, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    ratio = special.i1e(b * z) / special.i0e(b * z)
    slope = inside * (1 / z - z + b * ratio) / scale
    return slope, inside * (z * ratio - b), -slope, -inside / scale - z * slope


@partials(stats.rice.pdf)
def rice_pdf(y, /, x, b, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    ratio = special.i1e(b * z) / special.i0e(b * z)
    slope = y * (1 / z - z + b * ratio) / scale
    return slope, y * (z * ratio - b), -slope, -y / scale - z * slope


@partials(stats.nakagami.logpdf)
def nakagami_logpdf(y, /, x, nu, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    slope = inside * ((2 * nu - 1) / z - 2 * nu * z) / scale
    by_nu = inside * (np.log(nu) + 1 - special.digamma(nu) + 2 * np.log(z) - z * z)
    return slope, by_nu, -slope, -inside / scale - z * slope


@partials(stats.nakagami.pdf)
def nakagami_pdf(y, /, x, nu, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    slope = y * ((2 * nu - 1) / z - 2 * nu * z) / scale
    return slope, y * (np.log(nu) + 1 - special.digamma(nu) + 2 * np.log(z) - z * z), -slope, -y / scale - z * slope


@partials(stats.genpareto.logpdf)
def genpareto_logpdf(y, /, x, c, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 0.0)
    slope = -inside * (c + 1) / (1 + c * z) / scale
    by_c = inside * (-log1p_ratio(c, z) - (c + 1) * log1p_ratio(c, z, 1))
    return slope, by_c, -slope, -inside / scale - z * slope


@partials(stats.genpareto.pdf)
def genpareto_pdf(y, /, x, c, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 0.0)
    slope = -y * (c + 1) / (1 + c * z) / scale
    return slope, y * (-log1p_ratio(c, z) - (c + 1) * log1p_ratio(c, z, 1)), -slope, -y / scale - z * slope


@partials(stats.genextreme.logpdf)
def genextreme_logpdf(y, /, x, c, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 0.0)
    u = -log1p_ratio(-c, z)
    power = np.exp(u)
    slope = inside * (power - 1 + c) / (1 - c * z) / scale
    return slope, inside * ((1 - c - power) * log1p_ratio(-c, z, 1) - u), -slope, -inside / scale - z * slope


@partials(stats.genextreme.pdf)
def genextreme_pdf(y, /, x, c, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 0.0)
    u = -log1p_ratio(-c, z)
    power = np.exp(u)
    slope = y * (power - 1 + c) / (1 - c * z) / scale
    return slope, y * ((1 - c - power) * log1p_ratio(-c, z, 1) - u), -slope, -y / scale - z * slope


@partials(stats.f.logpdf)
def f_logpdf(y, /, x, dfn, dfd, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    whole = dfd + dfn * z
    both = special.digamma((dfn + dfd) / 2)
    slope = inside * ((dfn / 2 - 1) / z - (dfn + dfd) / 2 * dfn / whole) / scale
    by_dfn = inside * (np.log(dfn * z / whole) + 1 - (dfn + dfd) * z / whole - special.digamma(dfn / 2) + both) / 2
    by_dfd = inside * (np.log(dfd / whole) + 1 - (dfn + dfd) / whole - special.digamma(dfd / 2) + both) / 2
    return slope, by_dfn, by_dfd, -slope, -inside / scale - z * slope


@partials(stats.f.pdf)
def f_pdf(y, /, x, dfn, dfd, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    whole = dfd + dfn * z
    both = special.digamma((dfn + dfd) / 2)
    slope = y * ((dfn / 2 - 1) / z - (dfn + dfd) / 2 * dfn / whole) / scale
    by_dfn = y * (np.log(dfn * z / whole) + 1 - (dfn + dfd) * z / whole - special.digamma(dfn / 2) + both) / 2
    by_dfd = y * (np.log(dfd / whole) + 1 - (dfn + dfd) / whole - special.digamma(dfd / 2) + both) / 2
    return slope, by_dfn, by_dfd, -slope, -y / scale - z * slope


@partials(stats.betaprime.logpdf)
def betaprime_logpdf(y, /, x, a, b, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    slope = inside * ((a - 1) / z - (a + b) / (1 + z)) / scale
    by_a = inside * (np.log(z) - np.log1p(z) - special.digamma(a) + special.digamma(a + b))
    by_b = inside * (special.digamma(a + b) - np.log1p(z) - special.digamma(b))
    return slope, by_a, by_b, -slope, -inside / scale - z * slope


@partials(stats.betaprime.pdf)
def betaprime_pdf(y, /, x, a, b, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    slope = y * ((a - 1) / z - (a + b) / (1 + z)) / scale
    by_a = y * (np.log(z) - np.log1p(z) - special.digamma(a) + special.digamma(a + b))
    by_b = y * (special.digamma(a + b) - np.log1p(z) - special.digamma(b))
    return slope, by_a, by_b, -slope, -y / scale - z * slope


# -- what they are made of ----------------------------------------------------------------------------


@partials(log1p_ratio)
def log1p_ratio_(y, /, c, z, n=0):
    by_z = (-1) ** n * special.factorial(n) * np.power(z, n) / np.power(1 + c * z, n + 1)
    return log1p_ratio(c, z, n + 1), by_z, None
