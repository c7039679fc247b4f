"""Linear filters of `scipy.ndimage`.

A correlation among zeros has the convolution with the same taps and the same origin for its transpose. Other modes
extend the input before; seen backwards, `folded` adds what comes to lie beyond the ends to the entries that were
repeated there.
"""

import numpy as np
from scipy import ndimage

from tangent_sct.runtime.scipy_ndimage import (
    extended,
    folded,
    gaussian_reach,
    margins,
    mirrored_origin,
    parity,
    source_places,
    surrounded,
    tap_products,
)
from tangent_sct.templating.language import d, linear, ndim, rule, zero

# -- correlation and convolution ------------------------------------------------------------------


@rule(ndimage.correlate1d, constant=("cval",))
def correlate1d(y, /, input, weights, axis=-1, mode="reflect", cval=0.0, origin=0):
    def tangent():
        by_input = ndimage.correlate1d(d[input], weights, axis, mode=mode, origin=origin)
        d[y] = by_input + ndimage.correlate1d(input, d[weights], axis, mode=mode, cval=cval, origin=origin)

    def adjoint():
        if mode == "constant":
            d[input] += ndimage.convolve1d(d[y], weights, axis, mode="constant", origin=origin)
        else:
            whole = surrounded(d[y], np.size(weights), axis)
            back = ndimage.convolve1d(whole, weights, axis, mode="constant", origin=origin)
            d[input] += folded(back, like=input, mode=mode)
        if ndim(input) == 1:
            d[weights] += tap_products(d[y], input, weights, mode, cval, origin)
        else:
            rows = np.reshape(np.moveaxis(input, axis, -1), (-1, np.shape(input)[axis]))
            seeds = np.reshape(np.moveaxis(d[y], axis, -1), np.shape(rows))
            taps = tap_products(seeds, rows, np.expand_dims(weights, 0), mode, cval, (0, origin))
            d[weights] += np.reshape(taps, np.shape(weights))


@rule(ndimage.convolve1d, constant=("cval",))
def convolve1d(y, /, input, weights, axis=-1, mode="reflect", cval=0.0, origin=0):
    def tangent():
        by_input = ndimage.convolve1d(d[input], weights, axis, mode=mode, origin=origin)
        d[y] = by_input + ndimage.convolve1d(input, d[weights], axis, mode=mode, cval=cval, origin=origin)

    def adjoint():
        if mode == "constant":
            d[input] += ndimage.correlate1d(d[y], weights, axis, mode="constant", origin=origin)
        else:
            whole = surrounded(d[y], np.size(weights), axis)
            back = ndimage.correlate1d(whole, weights, axis, mode="constant", origin=origin)
            d[input] += folded(back, like=input, mode=mode)
        centre = mirrored_origin(np.size(weights), origin)
        if ndim(input) == 1:
            d[weights] += np.flip(tap_products(d[y], input, weights, mode, cval, centre))
        else:
            rows = np.reshape(np.moveaxis(input, axis, -1), (-1, np.shape(input)[axis]))
            seeds = np.reshape(np.moveaxis(d[y], axis, -1), np.shape(rows))
            taps = tap_products(seeds, rows, np.expand_dims(weights, 0), mode, cval, (0, centre))
            d[weights] += np.flip(np.reshape(taps, np.shape(weights)))


@rule(ndimage.correlate, constant=("cval",))
def correlate(y, /, input, weights, mode="reflect", cval=0.0, origin=0):
    def tangent():
        by_input = ndimage.correlate(d[input], weights, mode=mode, origin=origin)
        d[y] = by_input + ndimage.correlate(input, d[weights], mode=mode, cval=cval, origin=origin)

    def adjoint():
        if mode == "constant":
            d[input] += ndimage.convolve(d[y], weights, mode="constant", origin=origin)
        else:
            whole = surrounded(d[y], np.shape(weights))
            back = ndimage.convolve(whole, weights, mode="constant", origin=origin)
            d[input] += folded(back, like=input, mode=mode)
        d[weights] += tap_products(d[y], input, weights, mode, cval, origin)


@rule(ndimage.convolve, constant=("cval",))
def convolve(y, /, input, weights, mode="reflect", cval=0.0, origin=0):
    def tangent():
        by_input = ndimage.convolve(d[input], weights, mode=mode, origin=origin)
        d[y] = by_input + ndimage.convolve(input, d[weights], mode=mode, cval=cval, origin=origin)

    def adjoint():
        if mode == "constant":
            d[input] += ndimage.correlate(d[y], weights, mode="constant", origin=origin)
        else:
            whole = surrounded(d[y], np.shape(weights))
            back = ndimage.correlate(whole, weights, mode="constant", origin=origin)
            d[input] += folded(back, like=input, mode=mode)
        centre = mirrored_origin(np.shape(weights), origin)
        d[weights] += np.flip(tap_products(d[y], input, weights, mode, cval, centre))


# -- filters with taps of their own: symmetric ones, and antisymmetric ones, which get the other sign --


@rule(ndimage.uniform_filter1d, constant=("cval",))
def uniform_filter1d(y, /, input, size, axis=-1, mode="reflect", cval=0.0, origin=0):
    def tangent():
        d[y] = ndimage.uniform_filter1d(d[input], size, axis, mode=mode, origin=origin)

    def adjoint():
        whole, centre = surrounded(d[y], size, axis), mirrored_origin(size, origin)
        back = ndimage.uniform_filter1d(whole, size, axis, mode="constant", origin=centre)
        d[input] += folded(back, like=input, mode=mode)


@rule(ndimage.uniform_filter, constant=("cval",))
def uniform_filter(y, /, input, size=3, mode="reflect", cval=0.0):
    def tangent():
        d[y] = ndimage.uniform_filter(d[input], size, mode=mode)

    def adjoint():
        whole = surrounded(d[y], size)
        back = ndimage.uniform_filter(whole, size, mode="constant", origin=mirrored_origin(size))
        d[input] += folded(back, like=input, mode=mode)


@rule(ndimage.gaussian_filter1d, constant=("sigma", "cval"))
def gaussian_filter1d(
    y, /, input, sigma, axis=-1, order=0, mode="reflect", cval=0.0, truncate=4.0, *, radius=None
):
    def tangent():
        d[y] = ndimage.gaussian_filter1d(
            d[input], sigma, axis, order, mode=mode, truncate=truncate, radius=radius
        )

    def adjoint():
        whole = surrounded(d[y], gaussian_reach(sigma, truncate, radius), axis)
        back = ndimage.gaussian_filter1d(
            whole, sigma, axis, order, mode="constant", truncate=truncate, radius=radius
        )
        if order == 0:
            d[input] += folded(back, like=input, mode=mode)
        else:
            d[input] += folded(parity(order) * back, like=input, mode=mode)


@rule(ndimage.gaussian_filter, constant=("sigma", "cval"))
def gaussian_filter(
    y, /, input, sigma, order=0, mode="reflect", cval=0.0, truncate=4.0, *, radius=None
):
    def tangent():
        d[y] = ndimage.gaussian_filter(d[input], sigma, order, mode=mode, truncate=truncate, radius=radius)

    def adjoint():
        whole = surrounded(d[y], gaussian_reach(sigma, truncate, radius))
        back = ndimage.gaussian_filter(
            whole, sigma, order, mode="constant", truncate=truncate, radius=radius
        )
        if order == 0:
            d[input] += folded(back, like=input, mode=mode)
        else:
            d[input] += folded(parity(order, np.ndim(input)) * back, like=input, mode=mode)


@rule(ndimage.laplace, constant=("cval",))
def laplace(y, /, input, mode="reflect", cval=0.0):
    def tangent():
        d[y] = ndimage.laplace(d[input], mode=mode)

    def adjoint():
        back = ndimage.laplace(surrounded(d[y], 1), mode="constant")
        d[input] += folded(back, like=input, mode=mode)


@rule(ndimage.sobel, constant=("cval",))
def sobel(y, /, input, axis=-1, mode="reflect", cval=0.0):
    def tangent():
        d[y] = ndimage.sobel(d[input], axis, mode=mode)

    def adjoint():
        back = -ndimage.sobel(surrounded(d[y], 1), axis, mode="constant")
        d[input] += folded(back, like=input, mode=mode)


@rule(ndimage.prewitt, constant=("cval",))
def prewitt(y, /, input, axis=-1, mode="reflect", cval=0.0):
    def tangent():
        d[y] = ndimage.prewitt(d[input], axis, mode=mode)

    def adjoint():
        back = -ndimage.prewitt(surrounded(d[y], 1), axis, mode="constant")
        d[input] += folded(back, like=input, mode=mode)


# -- what these are made of -----------------------------------------------------------------------


@linear(folded)
def folded_(y, /, g, like, mode):
    d[g] += extended(d[y], margins(g, like), mode)


@rule(extended, constant=("cval",))
def extended_(y, /, x, reach, mode, cval=0.0):
    def tangent():
        d[y] = extended(d[x], reach, mode)

    def adjoint():
        d[x] += folded(d[y], like=x, mode=mode)


@linear(surrounded)
def surrounded_(y, /, g, reach, axis=None):
    d[g] += folded(d[y], like=g, mode="constant")


@rule(tap_products, constant=("cval",))
def tap_products_(y, /, g, x, like, mode="reflect", cval=0.0, origin=0):
    def tangent():
        d[y] = tap_products(d[g], x, like, mode, cval, origin) + tap_products(g, d[x], like, mode, 0.0, origin)

    def adjoint():
        d[g] += ndimage.correlate(x, d[y], mode=mode, cval=cval, origin=origin)
        back = ndimage.convolve(surrounded(g, np.shape(like)), d[y], mode="constant", origin=origin)
        d[x] += folded(back, like=x, mode=mode)


zero(source_places, mirrored_origin, gaussian_reach, margins, parity)
