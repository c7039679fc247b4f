"""The multivariate normal distribution of `scipy.stats`."""

import numpy as np
from scipy import stats

from tangent_sct.runtime import unbroadcast
from tangent_sct.templating.language import d, rule

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
