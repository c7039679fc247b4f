"""Densities of `scipy.stats` and their logarithms, by place, scale and shapes.

With z = (x - loc) / scale and s(z) the slope of the standard log-density, the log-density has the slopes s / scale,
-s / scale and -(1 + z s) / scale; the density has y times those. Outside of the support both are constant: there z is
replaced by a number at which nothing fails, and the slopes are 0.
"""

import numpy as np
from scipy import special, stats

from tangent_sct.templating.language import partials

# -- on the whole line ----------------------------------------------------------------------------


@partials(stats.norm.logpdf)
def norm_logpdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    return -z / scale, z / scale, (z * z - 1) / scale


@partials(stats.norm.pdf)
def norm_pdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    return -y * z / scale, y * z / scale, y * (z * z - 1) / scale


@partials(stats.laplace.logpdf)
def laplace_logpdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    return -np.sign(z) / scale, np.sign(z) / scale, (np.abs(z) - 1) / scale


@partials(stats.laplace.pdf)
def laplace_pdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    return -y * np.sign(z) / scale, y * np.sign(z) / scale, y * (np.abs(z) - 1) / scale


@partials(stats.logistic.logpdf)
def logistic_logpdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    slope = -np.tanh(z / 2) / scale
    return slope, -slope, -1 / scale - z * slope


@partials(stats.logistic.pdf)
def logistic_pdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    slope = -y * np.tanh(z / 2) / scale
    return slope, -slope, -y / scale - z * slope


@partials(stats.cauchy.logpdf)
def cauchy_logpdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    slope = -2 * z / (1 + z * z) / scale
    return slope, -slope, -1 / scale - z * slope


@partials(stats.cauchy.pdf)
def cauchy_pdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    slope = -2 * y * z / (1 + z * z) / scale
    return slope, -slope, -y / scale - z * slope


@partials(stats.gumbel_r.logpdf)
def gumbel_r_logpdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    slope = (np.exp(-z) - 1) / scale
    return slope, -slope, -1 / scale - z * slope


@partials(stats.gumbel_r.pdf)
def gumbel_r_pdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    slope = y * (np.exp(-z) - 1) / scale
    return slope, -slope, -y / scale - z * slope


@partials(stats.gumbel_l.logpdf)
def gumbel_l_logpdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    slope = (1 - np.exp(z)) / scale
    return slope, -slope, -1 / scale - z * slope


@partials(stats.gumbel_l.pdf)
def gumbel_l_pdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    slope = y * (1 - np.exp(z)) / scale
    return slope, -slope, -y / scale - z * slope


@partials(stats.t.logpdf)
def t_logpdf(y, /, x, df, loc=0, scale=1):
    z = (x - loc) / scale
    slope = -(df + 1) * z / (df + z * z) / scale
    by_gamma = special.digamma((df + 1) / 2) - special.digamma(df / 2) - 1 / df
    by_df = (by_gamma - np.log1p(z * z / df) + (df + 1) * z * z / (df * (df + z * z))) / 2
    return slope, by_df, -slope, -1 / scale - z * slope


@partials(stats.t.pdf)
def t_pdf(y, /, x, df, loc=0, scale=1):
    z = (x - loc) / scale
    slope = -y * (df + 1) * z / (df + z * z) / scale
    by_gamma = special.digamma((df + 1) / 2) - special.digamma(df / 2) - 1 / df
    by_df = y * (by_gamma - np.log1p(z * z / df) + (df + 1) * z * z / (df * (df + z * z))) / 2
    return slope, by_df, -slope, -y / scale - z * slope


# -- on an interval -------------------------------------------------------------------------------


@partials(stats.uniform.logpdf)
def uniform_logpdf(y, /, x, loc=0, scale=1):
    return 0.0, 0.0, -np.where(y == -np.inf, 0.0, 1.0) / scale


@partials(stats.uniform.pdf)
def uniform_pdf(y, /, x, loc=0, scale=1):
    return 0.0, 0.0, -y / scale


@partials(stats.beta.logpdf)
def beta_logpdf(y, /, x, a, b, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 0.5)
    slope = inside * ((a - 1) / z - (b - 1) / (1 - z)) / scale
    both = special.digamma(a + b)
    by_a = inside * (np.log(z) - special.digamma(a) + both)
    by_b = inside * (np.log1p(-z) - special.digamma(b) + both)
    return slope, by_a, by_b, -slope, -inside / scale - z * slope


@partials(stats.beta.pdf)
def beta_pdf(y, /, x, a, b, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 0.5)
    slope = y * ((a - 1) / z - (b - 1) / (1 - z)) / scale
    both = special.digamma(a + b)
    by_a = y * (np.log(z) - special.digamma(a) + both)
    by_b = y * (np.log1p(-z) - special.digamma(b) + both)
    return slope, by_a, by_b, -slope, -y / scale - z * slope


# -- on a half line -------------------------------------------------------------------------------


@partials(stats.expon.logpdf)
def expon_logpdf(y, /, x, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = (x - loc) / scale
    return -inside / scale, inside / scale, inside * (z - 1) / scale


@partials(stats.expon.pdf)
def expon_pdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    return -y / scale, y / scale, y * (z - 1) / scale


@partials(stats.halfnorm.logpdf)
def halfnorm_logpdf(y, /, x, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = (x - loc) / scale
    return -inside * z / scale, inside * z / scale, inside * (z * z - 1) / scale


@partials(stats.halfnorm.pdf)
def halfnorm_pdf(y, /, x, loc=0, scale=1):
    z = (x - loc) / scale
    return -y * z / scale, y * z / scale, y * (z * z - 1) / scale


@partials(stats.rayleigh.logpdf)
def rayleigh_logpdf(y, /, x, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    slope = inside * (1 / z - z) / scale
    return slope, -slope, -inside / scale - z * slope


@partials(stats.rayleigh.pdf)
def rayleigh_pdf(y, /, x, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    slope = y * (1 / z - z) / scale
    return slope, -slope, -y / scale - z * slope


@partials(stats.lognorm.logpdf)
def lognorm_logpdf(y, /, x, s, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    u = np.log(z) / s
    slope = -inside * (1 + u / s) / (z * scale)
    return slope, inside * (u * u - 1) / s, -slope, -inside / scale - z * slope


@partials(stats.lognorm.pdf)
def lognorm_pdf(y, /, x, s, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    u = np.log(z) / s
    slope = -y * (1 + u / s) / (z * scale)
    return slope, y * (u * u - 1) / s, -slope, -y / scale - z * slope


@partials(stats.gamma.logpdf)
def gamma_logpdf(y, /, x, a, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    slope = inside * ((a - 1) / z - 1) / scale
    return slope, inside * (np.log(z) - special.digamma(a)), -slope, -inside / scale - z * slope


@partials(stats.gamma.pdf)
def gamma_pdf(y, /, x, a, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    slope = y * ((a - 1) / z - 1) / scale
    return slope, y * (np.log(z) - special.digamma(a)), -slope, -y / scale - z * slope


@partials(stats.chi2.logpdf)
def chi2_logpdf(y, /, x, df, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    slope = inside * ((df / 2 - 1) / z - 0.5) / scale
    by_df = inside * (np.log(z / 2) - special.digamma(df / 2)) / 2
    return slope, by_df, -slope, -inside / scale - z * slope


@partials(stats.chi2.pdf)
def chi2_pdf(y, /, x, df, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    slope = y * ((df / 2 - 1) / z - 0.5) / scale
    by_df = y * (np.log(z / 2) - special.digamma(df / 2)) / 2
    return slope, by_df, -slope, -y / scale - z * slope


@partials(stats.invgamma.logpdf)
def invgamma_logpdf(y, /, x, a, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    slope = inside * (1 / z - a - 1) / (z * scale)
    return slope, -inside * (np.log(z) + special.digamma(a)), -slope, -inside / scale - z * slope


@partials(stats.invgamma.pdf)
def invgamma_pdf(y, /, x, a, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    slope = y * (1 / z - a - 1) / (z * scale)
    return slope, -y * (np.log(z) + special.digamma(a)), -slope, -y / scale - z * slope


@partials(stats.weibull_min.logpdf)
def weibull_min_logpdf(y, /, x, c, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    power = np.power(z, c)
    slope = inside * (c - 1 - c * power) / (z * scale)
    return slope, inside * (1 / c + np.log(z) * (1 - power)), -slope, -inside / scale - z * slope


@partials(stats.weibull_min.pdf)
def weibull_min_pdf(y, /, x, c, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    power = np.power(z, c)
    slope = y * (c - 1 - c * power) / (z * scale)
    return slope, y * (1 / c + np.log(z) * (1 - power)), -slope, -y / scale - z * slope


@partials(stats.pareto.logpdf)
def pareto_logpdf(y, /, x, b, loc=0, scale=1):
    inside = np.where(y == -np.inf, 0.0, 1.0)
    z = np.where(y != -np.inf, (x - loc) / scale, 1.0)
    slope = -inside * (b + 1) / (z * scale)
    return slope, inside * (1 / b - np.log(z)), -slope, -inside / scale - z * slope


@partials(stats.pareto.pdf)
def pareto_pdf(y, /, x, b, loc=0, scale=1):
    z = np.where(y != 0, (x - loc) / scale, 1.0)
    slope = -y * (b + 1) / (z * scale)
    return slope, y * (1 / b - np.log(z)), -slope, -y / scale - z * slope
