"""Repeating, padding, filtering and interpolating sequences."""

import numpy as np

from tangent_sct.runtime import to_full, unpadded, unrepeat, untile, unwindowed
from tangent_sct.templating.language import d, dense, expanded, linear, ndim, rule


@linear(np.tile)
def tile(y, /, A, reps):
    d[A] += untile(d[y], like=A, reps=reps)


@linear(np.lib.stride_tricks.sliding_window_view, aliasing="view")
def sliding_window_view(y, /, x, window_shape, axis=None):
    d[x] += unwindowed(d[y], like=x, window_shape=window_shape, axis=axis)


@linear(np.repeat)
def repeat(y, /, a, repeats, axis=None):
    d[a] += unrepeat(d[y], like=a, repeats=repeats, axis=axis)


@rule(np.pad)
def pad(y, /, array, pad_width, constant_values=0):
    def tangent():
        d[y] = np.pad(dense(d[array]), pad_width, constant_values=d[constant_values])

    def adjoint():
        if ndim(array) > 0:
            inside = d[y][unpadded(array, pad_width)]
            d[array] += inside
            d[constant_values] += np.sum(d[y]) - np.sum(inside)
        else:
            # Around a number nothing is padded.
            inside = np.asarray(d[y])[unpadded(array, pad_width)]
            d[array] += inside
            d[constant_values] += np.sum(d[y]) - np.sum(inside)


@rule(np.convolve)
def convolve(y, /, a, v, mode="full"):
    def tangent():
        d[y] = np.convolve(d[a], v, mode) + np.convolve(a, d[v], mode)

    def adjoint():
        if ndim(a) > 0 and ndim(v) > 0:
            if mode == "full":
                d[a] += np.convolve(d[y], np.flip(v), "valid")
                d[v] += np.convolve(d[y], np.flip(a), "valid")
            else:
                whole = to_full(d[y], a, v, mode)
                d[a] += np.convolve(whole, np.flip(v), "valid")
                d[v] += np.convolve(whole, np.flip(a), "valid")
        else:
            one, two = np.atleast_1d(a), np.atleast_1d(v)
            whole = to_full(d[y], one, two, mode)
            d[a] += np.reshape(np.convolve(whole, np.flip(two), "valid"), np.shape(a))
            d[v] += np.reshape(np.convolve(whole, np.flip(one), "valid"), np.shape(v))


@expanded(np.interp)
def interp_beyond(x, xp, fp, left=None, right=None, period=None):
    if period is None:
        inside = np.interp(x, xp, fp)
        if left is None:
            begun = inside
        else:
            begun = np.where(x < xp[0], left, inside)
        if right is None:
            return begun
        return np.where(x > xp[-1], right, begun)
    wrapped = xp % period
    order = np.argsort(wrapped)
    knots, values = wrapped[order], fp[order]
    around = np.concatenate([knots[-1:] - period, knots, knots[:1] + period])
    return np.interp(x % period, around, np.concatenate([values[-1:], values, values[:1]]))


@expanded(np.correlate)
def correlate(a, v, mode="valid"):
    if mode == "same":
        if len(v) > len(a):
            # NumPy exchanges the two, which moves the middle of an even number.
            return np.flip(np.convolve(np.conj(v), a[::-1], mode))
    return np.convolve(a, np.conj(v)[::-1], mode)


@rule(np.interp)
def interp(y, /, x, xp, fp):
    # Left of x stands the knot i, right of it j; outside the knots the function is flat. The factors of one
    # make floats of small integers, which would wrap around, and of truth values, which have no differences.
    def tangent():
        j = np.clip(np.searchsorted(xp, x, "right"), 1, len(xp) - 1)
        i = j - 1
        w = (np.clip(x, xp[0], xp[-1]) - xp[i]) / (1.0 * xp[j] - xp[i])
        inside = np.logical_and(x > xp[0], x < xp[-1])
        slope = np.where(inside, (1.0 * fp[j] - fp[i]) / (1.0 * xp[j] - xp[i]), 0.0)
        across = d[x] - ((1.0 - w) * d[xp][i] + w * d[xp][j])
        d[y] = slope * across + ((1.0 - w) * d[fp][i] + w * d[fp][j])

    def adjoint():
        j = np.clip(np.searchsorted(xp, x, "right"), 1, len(xp) - 1)
        i = j - 1
        w = (np.clip(x, xp[0], xp[-1]) - xp[i]) / (1.0 * xp[j] - xp[i])
        inside = np.logical_and(x > xp[0], x < xp[-1])
        slope = np.where(inside, (1.0 * fp[j] - fp[i]) / (1.0 * xp[j] - xp[i]), 0.0)
        d[x] += d[y] * slope
        d[xp][i] += -d[y] * slope * (1.0 - w)
        d[xp][j] += -d[y] * slope * w
        d[fp][i] += d[y] * (1.0 - w)
        d[fp][j] += d[y] * w
