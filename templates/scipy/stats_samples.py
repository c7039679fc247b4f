"""Statistics of samples of `scipy.stats`, said as statements that do the same."""

import numpy as np
from scipy import special, stats

from tangent_sct.templating.language import expanded


@expanded(stats.sem)
def sem(a, axis=0, ddof=1):
    if axis is None:
        size = np.size(a)
    else:
        size = np.shape(a)[axis]
    return np.std(a, axis=axis, ddof=ddof) / np.sqrt(size)


@expanded(stats.gmean)
def gmean(a, axis=0):
    return np.exp(np.mean(np.log(a), axis=axis))


@expanded(stats.zscore)
def zscore(a, axis=0, ddof=0):
    return (a - np.mean(a, axis=axis, keepdims=True)) / np.std(a, axis=axis, ddof=ddof, keepdims=True)


@expanded(stats.variation)
def variation(a, axis=0, ddof=0):
    return np.std(a, axis=axis, ddof=ddof) / np.mean(a, axis=axis)


@expanded(stats.skew)
def skew(a, axis=0):
    apart = a - np.mean(a, axis=axis, keepdims=True)
    return np.mean(apart**3, axis=axis) / np.mean(apart**2, axis=axis) ** 1.5


@expanded(stats.kurtosis)
def kurtosis(a, axis=0, fisher=True):
    apart = a - np.mean(a, axis=axis, keepdims=True)
    ratio = np.mean(apart**4, axis=axis) / np.mean(apart**2, axis=axis) ** 2
    if fisher:
        return ratio - 3
    return ratio


@expanded(stats.entropy)
def entropy(pk, qk=None, base=None, axis=0):
    p = pk / np.sum(pk, axis=axis, keepdims=True)
    if qk is None:
        total = np.sum(special.entr(p), axis=axis)
    else:
        total = np.sum(special.rel_entr(p, qk / np.sum(qk, axis=axis, keepdims=True)), axis=axis)
    if base is None:
        return total
    return total / np.log(base)
