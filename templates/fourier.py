"""Discrete Fourier transforms. Their matrices are symmetric, so without conjugation each is its own transpose."""

import numpy as np

from tangent_sct.runtime import fitted_length, fitted_shape, hermitian_weights
from tangent_sct.templating.language import d, expanded, for_complex, iscomplex, linear, zero


@linear(np.fft.fft)
def fft(y, /, a, n=None, axis=-1, norm=None):
    if n is None:
        d[a] += np.fft.fft(d[y], axis=axis, norm=norm)
    else:
        d[a] += fitted_length(np.fft.fft(d[y], axis=axis, norm=norm), like=a, axis=axis)


@linear(np.fft.ifft)
def ifft(y, /, a, n=None, axis=-1, norm=None):
    if n is None:
        d[a] += np.fft.ifft(d[y], axis=axis, norm=norm)
    else:
        d[a] += fitted_length(np.fft.ifft(d[y], axis=axis, norm=norm), like=a, axis=axis)


@linear(np.fft.rfft)
def rfft(y, /, a, n=None, axis=-1, norm=None):
    # The first half of the spectrum: the other half has no adjoint.
    if n is None:
        d[a] += np.fft.fft(d[y], np.shape(a)[axis], axis=axis, norm=norm)
    else:
        d[a] += fitted_length(np.fft.fft(d[y], n, axis=axis, norm=norm), like=a, axis=axis)


@linear(np.fft.irfft)
def irfft(y, /, a, n=None, axis=-1, norm=None):
    # Entries but the first one, and the last of an even length, stand for two of the whole spectrum.
    whole = np.fft.ifft(d[y], axis=axis, norm=norm)
    if iscomplex(a):
        d[a] += fitted_length(whole, like=a, axis=axis) * hermitian_weights(a, np.shape(y)[axis], axis)
    else:
        d[a] += fitted_length(np.real(whole), like=a, axis=axis) * hermitian_weights(a, np.shape(y)[axis], axis)


@linear(np.fft.fft2, aliasing="axes")
def fft2(y, /, a, s=None, axes=(-2, -1), norm=None):
    if s is None:
        d[a] += np.fft.fft2(d[y], axes=axes, norm=norm)
    else:
        d[a] += fitted_shape(np.fft.fft2(d[y], axes=axes, norm=norm), like=a)


@linear(np.fft.ifft2, aliasing="axes")
def ifft2(y, /, a, s=None, axes=(-2, -1), norm=None):
    if s is None:
        d[a] += np.fft.ifft2(d[y], axes=axes, norm=norm)
    else:
        d[a] += fitted_shape(np.fft.ifft2(d[y], axes=axes, norm=norm), like=a)


@linear(np.fft.fftn, aliasing="axes")
def fftn(y, /, a, s=None, axes=None, norm=None):
    if s is None:
        d[a] += np.fft.fftn(d[y], axes=axes, norm=norm)
    elif axes is None:
        d[a] += fitted_shape(np.fft.fftn(d[y], axes=tuple(range(-len(s), 0)), norm=norm), like=a)
    else:
        d[a] += fitted_shape(np.fft.fftn(d[y], axes=axes, norm=norm), like=a)


@linear(np.fft.ifftn, aliasing="axes")
def ifftn(y, /, a, s=None, axes=None, norm=None):
    if s is None:
        d[a] += np.fft.ifftn(d[y], axes=axes, norm=norm)
    elif axes is None:
        d[a] += fitted_shape(np.fft.ifftn(d[y], axes=tuple(range(-len(s), 0)), norm=norm), like=a)
    else:
        d[a] += fitted_shape(np.fft.ifftn(d[y], axes=axes, norm=norm), like=a)


@linear(np.fft.fftshift)
def fftshift(y, /, x, axes=None):
    d[x] += np.fft.ifftshift(d[y], axes)


@linear(np.fft.ifftshift)
def ifftshift(y, /, x, axes=None):
    d[x] += np.fft.fftshift(d[y], axes)


# -- halves of spectra in several dimensions: the last axis first ---------------------------------------


@expanded(np.fft.rfft2)
def rfft2(a, s=None, axes=(-2, -1), norm=None):
    if s is None:
        return np.fft.fft(np.fft.rfft(a, axis=axes[1], norm=norm), axis=axes[0], norm=norm)
    return np.fft.fft(np.fft.rfft(a, s[1], axes[1], norm), s[0], axes[0], norm)


@expanded(np.fft.irfft2)
def irfft2(a, s=None, axes=(-2, -1), norm=None):
    if s is None:
        return np.fft.irfft(np.fft.ifft(a, axis=axes[0], norm=norm), axis=axes[1], norm=norm)
    return np.fft.irfft(np.fft.ifft(a, s[0], axes[0], norm), s[1], axes[1], norm)


@expanded(np.fft.rfftn)
def rfftn(a, s=None, axes=None, norm=None):
    if s is not None:
        if len(s) == 2:
            return np.fft.rfft2(a, s, (-2, -1) if axes is None else axes, norm)
        if len(s) == 3:
            places = (-3, -2, -1) if axes is None else axes
            half = np.fft.rfft(a, s[2], places[2], norm)
            return np.fft.fft(np.fft.fft(half, s[1], places[1], norm), s[0], places[0], norm)
        raise NotImplementedError("the derivative of np.fft.rfftn with sizes is known along two and three axes")
    if axes is None:
        found = np.fft.rfft(a, norm=norm)
        for axis in range(np.ndim(a) - 1):
            found = np.fft.fft(found, axis=axis, norm=norm)
        return found
    return np.fft.fftn(np.fft.rfft(a, axis=axes[-1], norm=norm), axes=axes[:-1], norm=norm)


@expanded(np.fft.irfftn)
def irfftn(a, s=None, axes=None, norm=None):
    if s is not None:
        if len(s) == 2:
            return np.fft.irfft2(a, s, (-2, -1) if axes is None else axes, norm)
        if len(s) == 3:
            places = (-3, -2, -1) if axes is None else axes
            half = np.fft.ifft(np.fft.ifft(a, s[0], places[0], norm), s[1], places[1], norm)
            return np.fft.irfft(half, s[2], places[2], norm)
        raise NotImplementedError("the derivative of np.fft.irfftn with sizes is known along two and three axes")
    if axes is None:
        found = a + 0j
        for axis in range(np.ndim(a) - 1):
            found = np.fft.ifft(found, axis=axis, norm=norm)
        return np.fft.irfft(found, norm=norm)
    return np.fft.irfft(np.fft.ifftn(a, axes=axes[:-1], norm=norm), axis=axes[-1], norm=norm)


# -- spectra that are real: the directions of the transforms are exchanged, and so are their scales ----------


@expanded(np.fft.hfft)
def hfft(a, n=None, axis=-1, norm=None):
    if norm == "ortho":
        return np.fft.irfft(np.conj(a), n, axis, norm)
    if norm == "forward":
        return np.fft.irfft(np.conj(a), n, axis)
    return np.fft.irfft(np.conj(a), n, axis, "forward")


@expanded(np.fft.ihfft)
def ihfft(a, n=None, axis=-1, norm=None):
    if norm == "ortho":
        return np.conj(np.fft.rfft(a, n, axis, norm))
    if norm == "forward":
        return np.conj(np.fft.rfft(a, n, axis))
    return np.conj(np.fft.rfft(a, n, axis, "forward"))


@linear(fitted_length)
def fitted_length_(y, /, g, like, axis=-1):
    d[g] += fitted_length(d[y], like=g, axis=axis)


@linear(fitted_shape)
def fitted_shape_(y, /, g, like):
    d[g] += fitted_shape(d[y], like=g)


zero(np.fft.fftfreq, np.fft.rfftfreq, hermitian_weights)
for_complex(
    np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.fft2, np.fft.ifft2, np.fft.fftn, np.fft.ifftn, np.fft.fftshift,
    np.fft.ifftshift, fitted_length, fitted_shape,
)
# The imaginary parts of some entries of a half spectrum do not count.
for_complex(np.fft.irfft, holomorphic=False)
