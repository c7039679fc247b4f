"""Convolutions and filters of `scipy.signal`.

Of y = a * v, with the adjoint of y set among zeros in the place that it has in the full convolution, a_bar is that of
y correlated with v, and v_bar with a: the part in which both overlap entirely. Correlation is convolution with the
second array reversed.
"""

import numpy as np
from scipy import signal

from tangent_sct.runtime.scipy_signal import cut_of, lagged_products, resample_transposed, to_whole
from tangent_sct.templating.language import d, linear, rule, zero

# -- convolutions of two arrays -------------------------------------------------------------------


@rule(signal.convolve)
def convolve(y, /, in1, in2, mode="full", method="auto"):
    def tangent():
        d[y] = signal.convolve(d[in1], in2, mode, method) + signal.convolve(in1, d[in2], mode, method)

    def adjoint():
        if mode == "full":
            d[in1] += signal.convolve(d[y], np.flip(in2), "valid", method)
            d[in2] += signal.convolve(d[y], np.flip(in1), "valid", method)
        else:
            whole = to_whole(d[y], in1, in2, mode)
            d[in1] += signal.convolve(whole, np.flip(in2), "valid", method)
            d[in2] += signal.convolve(whole, np.flip(in1), "valid", method)


@rule(signal.fftconvolve)
def fftconvolve(y, /, in1, in2, mode="full"):
    def tangent():
        d[y] = signal.fftconvolve(d[in1], in2, mode) + signal.fftconvolve(in1, d[in2], mode)

    def adjoint():
        if mode == "full":
            d[in1] += signal.fftconvolve(d[y], np.flip(in2), "valid")
            d[in2] += signal.fftconvolve(d[y], np.flip(in1), "valid")
        else:
            whole = to_whole(d[y], in1, in2, mode)
            d[in1] += signal.fftconvolve(whole, np.flip(in2), "valid")
            d[in2] += signal.fftconvolve(whole, np.flip(in1), "valid")


@rule(signal.oaconvolve)
def oaconvolve(y, /, in1, in2, mode="full"):
    def tangent():
        d[y] = signal.oaconvolve(d[in1], in2, mode) + signal.oaconvolve(in1, d[in2], mode)

    def adjoint():
        if mode == "full":
            d[in1] += signal.oaconvolve(d[y], np.flip(in2), "valid")
            d[in2] += signal.oaconvolve(d[y], np.flip(in1), "valid")
        else:
            whole = to_whole(d[y], in1, in2, mode)
            d[in1] += signal.oaconvolve(whole, np.flip(in2), "valid")
            d[in2] += signal.oaconvolve(whole, np.flip(in1), "valid")


@rule(signal.convolve2d)
def convolve2d(y, /, in1, in2, mode="full"):
    def tangent():
        d[y] = signal.convolve2d(d[in1], in2, mode) + signal.convolve2d(in1, d[in2], mode)

    def adjoint():
        if mode == "full":
            d[in1] += signal.convolve2d(d[y], np.flip(in2), "valid")
            d[in2] += signal.convolve2d(d[y], np.flip(in1), "valid")
        else:
            whole = to_whole(d[y], in1, in2, mode)
            d[in1] += signal.convolve2d(whole, np.flip(in2), "valid")
            d[in2] += signal.convolve2d(whole, np.flip(in1), "valid")


@rule(signal.correlate)
def correlate(y, /, in1, in2, mode="full", method="auto"):
    def tangent():
        d[y] = signal.correlate(d[in1], in2, mode, method) + signal.correlate(in1, d[in2], mode, method)

    def adjoint():
        if mode == "full":
            d[in1] += signal.convolve(d[y], in2, "valid", method)
            d[in2] += np.flip(signal.convolve(d[y], np.flip(in1), "valid", method))
        else:
            whole = to_whole(d[y], in1, in2, mode)
            d[in1] += signal.convolve(whole, in2, "valid", method)
            d[in2] += np.flip(signal.convolve(whole, np.flip(in1), "valid", method))


@rule(signal.correlate2d)
def correlate2d(y, /, in1, in2, mode="full"):
    def tangent():
        d[y] = signal.correlate2d(d[in1], in2, mode) + signal.correlate2d(in1, d[in2], mode)

    def adjoint():
        if mode == "full":
            d[in1] += signal.convolve2d(d[y], in2, "valid")
            d[in2] += np.flip(signal.convolve2d(d[y], np.flip(in1), "valid"))
        else:
            # Of an even number, "same" takes the other one of the two places.
            whole = np.flip(to_whole(np.flip(d[y]), in1, in2, mode))
            d[in1] += signal.convolve2d(whole, in2, "valid")
            d[in2] += np.flip(signal.convolve2d(whole, np.flip(in1), "valid"))


@linear(to_whole)
def to_whole_(y, /, g, a, v, mode):
    d[g] += d[y][cut_of(a, v, mode)]


# -- recursive filters ----------------------------------------------------------------------------


@rule(signal.lfilter)
def lfilter(y, /, b, a, x, axis=-1):
    # a * y = b * x gives a * dy = b * dx + db * x - da * y. The transpose of a filter runs backwards in time.
    def tangent():
        one = np.ones_like(a, shape=1)
        source = signal.lfilter(d[b], one, x, axis) - signal.lfilter(d[a], one, y, axis)
        d[y] = signal.lfilter(b, a, d[x], axis) + signal.lfilter(one, a, source, axis)

    def adjoint():
        back = np.flip(d[y], axis)
        d[x] += np.flip(signal.lfilter(b, a, back, axis), axis)
        t = np.flip(signal.lfilter(np.ones_like(a, shape=1), a, back, axis), axis)
        d[b] += lagged_products(t, x, like=b, axis=axis)
        d[a] += -lagged_products(t, y, like=a, axis=axis)


@rule(lagged_products)
def lagged_products_(y, /, g, x, like, axis=-1):
    def tangent():
        d[y] = lagged_products(d[g], x, like, axis) + lagged_products(g, d[x], like, axis)

    def adjoint():
        one = np.ones_like(d[y], shape=1)
        d[g] += signal.lfilter(d[y], one, x, axis)
        d[x] += np.flip(signal.lfilter(d[y], one, np.flip(g, axis), axis), axis)


@rule(signal.sosfilt, constant=("sos",))
def sosfilt(y, /, sos, x, axis=-1):
    def tangent():
        d[y] = signal.sosfilt(sos, d[x], axis)

    def adjoint():
        d[x] += np.flip(signal.sosfilt(sos, np.flip(d[y], axis), axis), axis)


# -- linear transforms of a signal ----------------------------------------------------------------


@linear(signal.detrend)
def detrend(y, /, data, axis=-1, type="linear", bp=0):
    # What is taken off is the nearest trend: a projection, and so symmetric.
    d[data] += signal.detrend(d[y], axis, type, bp)


@linear(signal.resample)
def resample(y, /, x, num, axis=0):
    d[x] += resample_transposed(d[y], like=x, axis=axis)


@linear(resample_transposed)
def resample_transposed_(y, /, g, like, axis=0):
    d[g] += signal.resample(d[y], np.shape(g)[axis], axis=axis)


zero(cut_of)
