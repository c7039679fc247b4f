"""Sums of exponentials: `scipy.special`."""

import numpy as np
from scipy import special

from tangent_sct.runtime import unbroadcast
from tangent_sct.templating.language import d, rule


@rule(special.softmax)
def softmax(y, /, x, axis=None):
    def tangent():
        d[y] = y * (d[x] - np.sum(y * d[x], axis=axis, keepdims=True))

    def adjoint():
        d[x] += y * (d[y] - np.sum(y * d[y], axis=axis, keepdims=True))


@rule(special.log_softmax)
def log_softmax(y, /, x, axis=None):
    def tangent():
        d[y] = d[x] - np.sum(np.exp(y) * d[x], axis=axis, keepdims=True)

    def adjoint():
        d[x] += d[y] - np.exp(y) * np.sum(d[y], axis=axis, keepdims=True)


@rule(special.logsumexp)
def logsumexp(y, /, a, axis=None, b=None, keepdims=False):
    # The slopes are the shares exp(a - y), which are at most 1.
    def tangent():
        if axis is None or keepdims:
            share = np.exp(a - y)
        else:
            share = np.exp(a - np.expand_dims(y, axis))
        if b is None:
            d[y] = np.sum(share * d[a], axis=axis, keepdims=keepdims)
        else:
            d[y] = np.sum(share * (b * d[a] + d[b]), axis=axis, keepdims=keepdims)

    def adjoint():
        if axis is None or keepdims:
            share = d[y] * np.exp(a - y)
        else:
            share = np.expand_dims(d[y], axis) * np.exp(a - np.expand_dims(y, axis))
        if b is None:
            d[a] += share
        else:
            d[a] += unbroadcast(share * b, like=a)
            d[b] += unbroadcast(share, like=b)
