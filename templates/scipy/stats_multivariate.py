"""Multivariate distributions of `scipy.stats`."""

import numpy as np
from scipy import special, stats

from tangent_sct.runtime import unbroadcast
from tangent_sct.templating.language import d, expanded, rule

# -- normal ---------------------------------------------------------------------------------------

# With t = C^-1 (x - mean) the log-density -(x - mean)^T t / 2 - log det(2 pi C) / 2 has the slopes -t, t and
# (t t^T - C^-1) / 2. SciPy reads the lower triangle of C alone, which is where its adjoint stands.


@rule(stats.multivariate_normal.logpdf)
def multivariate_normal_logpdf(y, /, x, mean, cov):
    def tangent():
        inverse = np.linalg.inv(np.tril(cov) + np.tril(cov, -1).T)
        t = (x - mean) @ inverse
        half = np.tril(d[cov]) + np.tril(d[cov], -1).T
        d[y] = np.sum(t * (d[mean] - d[x]), axis=-1) + (np.sum((t @ half) * t, axis=-1) - np.sum(inverse * half)) / 2

    def adjoint():
        inverse = np.linalg.inv(np.tril(cov) + np.tril(cov, -1).T)
        t = (x - mean) @ inverse
        weighted = np.expand_dims(d[y], -1) * t
        d[x] += unbroadcast(-weighted, like=x)
        d[mean] += unbroadcast(weighted, like=mean)
        rows = np.reshape(t, (-1, np.shape(t)[-1]))
        s = (np.reshape(weighted, np.shape(rows)).T @ rows - np.sum(d[y]) * inverse) / 2
        d[cov] += np.tril(s) + np.tril(s, -1)


@expanded(stats.multivariate_normal.pdf)
def multivariate_normal_pdf(x, mean, cov):
    return np.exp(stats.multivariate_normal.logpdf(x, mean, cov))


# -- Dirichlet ------------------------------------------------------------------------------------

# Along the first axis stand the parts of the whole, or all but the last of them, which is what the others leave.


@rule(stats.dirichlet.logpdf)
def dirichlet_logpdf(y, /, x, alpha):
    def tangent():
        n = np.shape(x)[0]
        parts = np.concatenate([x, np.expand_dims(1 - np.sum(x, axis=0), 0)])[: np.size(alpha)]
        weights = ((alpha - 1) / parts.T).T
        by_alpha = np.log(parts).T - special.digamma(alpha) + special.digamma(np.sum(alpha))
        left = np.sum(weights[n:], axis=0) * np.sum(d[x], axis=0)
        d[y] = np.sum(weights[:n] * d[x], axis=0) - left + np.sum(by_alpha * d[alpha], axis=-1)

    def adjoint():
        n = np.shape(x)[0]
        parts = np.concatenate([x, np.expand_dims(1 - np.sum(x, axis=0), 0)])[: np.size(alpha)]
        weights = ((alpha - 1) / parts.T).T
        by_alpha = np.log(parts).T - special.digamma(alpha) + special.digamma(np.sum(alpha))
        d[x] += d[y] * (weights[:n] - np.sum(weights[n:], axis=0))
        d[alpha] += unbroadcast(np.expand_dims(d[y], -1) * by_alpha, like=alpha)


@expanded(stats.dirichlet.pdf)
def dirichlet_pdf(x, alpha):
    return np.exp(stats.dirichlet.logpdf(x, alpha))


# -- multinomial ----------------------------------------------------------------------------------

# SciPy takes for the last chance what the others leave, whatever is given.


@rule(stats.multinomial.logpmf, constant=("x", "n"))
def multinomial_logpmf(y, /, x, n, p):
    def tangent():
        counts, last = np.asarray(x), 1 - np.sum(p[..., :-1], axis=-1, keepdims=True)
        weights = counts[..., :-1] / p[..., :-1] - counts[..., -1:] / last
        d[y] = np.sum(weights * d[p][..., :-1], axis=-1)

    def adjoint():
        counts, last = np.asarray(x), 1 - np.sum(p[..., :-1], axis=-1, keepdims=True)
        weights = counts[..., :-1] / p[..., :-1] - counts[..., -1:] / last
        d[p][..., :-1] += unbroadcast(np.expand_dims(d[y], -1) * weights, like=p[..., :-1])


@expanded(stats.multinomial.pmf)
def multinomial_pmf(x, n, p):
    return np.exp(stats.multinomial.logpmf(x, n, p))
