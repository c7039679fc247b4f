"""Discrete Fourier transforms. Their matrices are symmetric, so without conjugation each is its own transpose."""

import numpy as np

from tangent_sct.runtime import fitted_length, fitted_shape, hermitian_weights
from tangent_sct.templating.language import d, expanded, for_complex, linear, zero


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
    d[a] += fitted_length(whole, like=a, axis=axis) * hermitian_weights(a, np.shape(y)[axis], axis)


@linear(np.fft.fft2, aliasing="axes")
def fft2(y, /, a, axes=(-2, -1), norm=None):
    d[a] += np.fft.fft2(d[y], axes=axes, norm=norm)


@linear(np.fft.ifft2, aliasing="axes")
def ifft2(y, /, a, axes=(-2, -1), norm=None):
    d[a] += np.fft.ifft2(d[y], axes=axes, norm=norm)


@linear(np.fft.fftn, aliasing="axes")
def fftn(y, /, a, axes=None, norm=None):
    d[a] += np.fft.fftn(d[y], axes=axes, norm=norm)


@linear(np.fft.ifftn, aliasing="axes")
def ifftn(y, /, a, axes=None, norm=None):
    d[a] += np.fft.ifftn(d[y], axes=axes, norm=norm)


@linear(np.fft.fftshift)
def fftshift(y, /, x, axes=None):
    d[x] += np.fft.ifftshift(d[y], axes)


@linear(np.fft.ifftshift)
def ifftshift(y, /, x, axes=None):
    d[x] += np.fft.fftshift(d[y], axes)


# -- halves of spectra in several dimensions: the last axis first ---------------------------------------


@expanded(np.fft.rfft2)
def rfft2(a, axes=(-2, -1), norm=None):
    return np.fft.fft(np.fft.rfft(a, axis=axes[1], norm=norm), axis=axes[0], norm=norm)


@expanded(np.fft.irfft2)
def irfft2(a, axes=(-2, -1), norm=None):
    return np.fft.irfft(np.fft.ifft(a, axis=axes[0], norm=norm), axis=axes[1], norm=norm)


@expanded(np.fft.rfftn)
def rfftn(a, axes=None, norm=None):
    if axes is None:
        found = np.fft.rfft(a, norm=norm)
        for axis in range(np.ndim(a) - 1):
            found = np.fft.fft(found, axis=axis, norm=norm)
        return found
    return np.fft.fftn(np.fft.rfft(a, axis=axes[-1], norm=norm), axes=axes[:-1], norm=norm)


@expanded(np.fft.irfftn)
def irfftn(a, axes=None, norm=None):
    if axes is None:
        found = a + 0j
        for axis in range(np.ndim(a) - 1):
            found = np.fft.ifft(found, axis=axis, norm=norm)
        return np.fft.irfft(found, norm=norm)
    return np.fft.irfft(np.fft.ifftn(a, axes=axes[:-1], norm=norm), axis=axes[-1], norm=norm)


@expanded(np.fft.hfft)
def hfft(a, n=None, axis=-1):
    whole = np.fft.irfft(np.conj(a), n, axis=axis)
    return whole * np.shape(whole)[axis]


@expanded(np.fft.ihfft)
def ihfft(a, n=None, axis=-1):
    half = np.conj(np.fft.rfft(a, n, axis=axis))
    if n is None:
        return half / np.shape(a)[axis]
    return half / n


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
