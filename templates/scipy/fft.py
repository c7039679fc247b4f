"""Discrete Fourier, cosine and sine transforms of `scipy.fft`.

The matrices of Fourier transforms are symmetric, so without conjugation each is its own transpose.
"""

import numpy as np
import scipy.fft

from tangent_sct.runtime import fitted_length, fitted_shape, hermitian_weights
from tangent_sct.runtime.scipy_fft import (
    dct_transposed,
    dst_transposed,
    inverse_type,
    opposite_norm,
)
from tangent_sct.templating.language import d, for_complex, iscomplex, linear, zero

# -- along one axis -------------------------------------------------------------------------------


@linear(scipy.fft.fft)
def fft(y, /, x, n=None, axis=-1, norm=None):
    if n is None:
        d[x] += scipy.fft.fft(d[y], axis=axis, norm=norm)
    else:
        d[x] += fitted_length(scipy.fft.fft(d[y], axis=axis, norm=norm), like=x, axis=axis)


@linear(scipy.fft.ifft)
def ifft(y, /, x, n=None, axis=-1, norm=None):
    if n is None:
        d[x] += scipy.fft.ifft(d[y], axis=axis, norm=norm)
    else:
        d[x] += fitted_length(scipy.fft.ifft(d[y], axis=axis, norm=norm), like=x, axis=axis)


@linear(scipy.fft.rfft)
def rfft(y, /, x, n=None, axis=-1, norm=None):
    # The first half of the spectrum: the other half has no adjoint.
    if n is None:
        d[x] += scipy.fft.fft(d[y], np.shape(x)[axis], axis=axis, norm=norm)
    else:
        d[x] += fitted_length(scipy.fft.fft(d[y], n, axis=axis, norm=norm), like=x, axis=axis)


@linear(scipy.fft.irfft)
def irfft(y, /, x, n=None, axis=-1, norm=None):
    # Entries but the first one, and the last of an even length, stand for two of the whole spectrum.
    whole = scipy.fft.ifft(d[y], axis=axis, norm=norm)
    if iscomplex(x):
        d[x] += fitted_length(whole, like=x, axis=axis) * hermitian_weights(x, np.shape(y)[axis], axis)
    else:
        d[x] += fitted_length(np.real(whole), like=x, axis=axis) * hermitian_weights(x, np.shape(y)[axis], axis)


@linear(scipy.fft.hfft)
def hfft(y, /, x, n=None, axis=-1, norm=None):
    whole = scipy.fft.fft(d[y], axis=axis, norm=norm)
    if iscomplex(x):
        d[x] += fitted_length(whole, like=x, axis=axis) * hermitian_weights(x, np.shape(y)[axis], axis)
    else:
        d[x] += fitted_length(np.real(whole), like=x, axis=axis) * hermitian_weights(x, np.shape(y)[axis], axis)


@linear(scipy.fft.ihfft)
def ihfft(y, /, x, n=None, axis=-1, norm=None):
    if n is None:
        d[x] += scipy.fft.ifft(d[y], np.shape(x)[axis], axis=axis, norm=norm)
    else:
        d[x] += fitted_length(scipy.fft.ifft(d[y], n, axis=axis, norm=norm), like=x, axis=axis)


# -- along several --------------------------------------------------------------------------------


@linear(scipy.fft.fft2, aliasing="axes")
def fft2(y, /, x, s=None, axes=(-2, -1), norm=None):
    if s is None:
        d[x] += scipy.fft.fft2(d[y], axes=axes, norm=norm)
    else:
        d[x] += fitted_shape(scipy.fft.fft2(d[y], axes=axes, norm=norm), like=x)


@linear(scipy.fft.ifft2, aliasing="axes")
def ifft2(y, /, x, s=None, axes=(-2, -1), norm=None):
    if s is None:
        d[x] += scipy.fft.ifft2(d[y], axes=axes, norm=norm)
    else:
        d[x] += fitted_shape(scipy.fft.ifft2(d[y], axes=axes, norm=norm), like=x)


@linear(scipy.fft.fftn, aliasing="axes")
def fftn(y, /, x, axes=None, norm=None):
    d[x] += scipy.fft.fftn(d[y], axes=axes, norm=norm)


@linear(scipy.fft.ifftn, aliasing="axes")
def ifftn(y, /, x, axes=None, norm=None):
    d[x] += scipy.fft.ifftn(d[y], axes=axes, norm=norm)


@linear(scipy.fft.rfft2)
def rfft2(y, /, x, axes=(-2, -1), norm=None):
    sizes = (np.shape(x)[axes[0]], np.shape(x)[axes[1]])
    d[x] += scipy.fft.fft2(d[y], s=sizes, axes=axes, norm=norm)


@linear(scipy.fft.irfft2)
def irfft2(y, /, x, s=None, axes=(-2, -1), norm=None):
    whole = scipy.fft.ifft2(d[y], axes=axes, norm=norm)
    if iscomplex(x):
        d[x] += fitted_shape(whole, like=x) * hermitian_weights(x, np.shape(y)[axes[1]], axes[1])
    else:
        d[x] += fitted_shape(np.real(whole), like=x) * hermitian_weights(x, np.shape(y)[axes[1]], axes[1])


@linear(scipy.fft.fftshift)
def fftshift(y, /, x, axes=None):
    d[x] += scipy.fft.ifftshift(d[y], axes)


@linear(scipy.fft.ifftshift)
def ifftshift(y, /, x, axes=None):
    d[x] += scipy.fft.fftshift(d[y], axes)


# -- cosine and sine transforms -------------------------------------------------------------------


@linear(scipy.fft.dct)
def dct(y, /, x, type=2, n=None, axis=-1, norm=None):
    if n is None and norm == "ortho":
        d[x] += scipy.fft.idct(d[y], type, axis=axis, norm=norm)
    else:
        d[x] += dct_transposed(d[y], x, type, axis, norm)


@linear(scipy.fft.idct)
def idct(y, /, x, type=2, n=None, axis=-1, norm=None):
    if n is None and norm == "ortho":
        d[x] += scipy.fft.dct(d[y], type, axis=axis, norm=norm)
    else:
        d[x] += dct_transposed(d[y], x, inverse_type(type), axis, opposite_norm(norm))


@linear(scipy.fft.dst)
def dst(y, /, x, type=2, n=None, axis=-1, norm=None):
    if n is None and norm == "ortho":
        d[x] += scipy.fft.idst(d[y], type, axis=axis, norm=norm)
    else:
        d[x] += dst_transposed(d[y], x, type, axis, norm)


@linear(scipy.fft.idst)
def idst(y, /, x, type=2, n=None, axis=-1, norm=None):
    if n is None and norm == "ortho":
        d[x] += scipy.fft.dst(d[y], type, axis=axis, norm=norm)
    else:
        d[x] += dst_transposed(d[y], x, inverse_type(type), axis, opposite_norm(norm))


@linear(scipy.fft.dctn, aliasing="axes")
def dctn(y, /, x, type=2, axes=None, norm=None):
    d[x] += dct_transposed(d[y], x, type, axes, norm)


@linear(scipy.fft.idctn, aliasing="axes")
def idctn(y, /, x, type=2, axes=None, norm=None):
    d[x] += dct_transposed(d[y], x, inverse_type(type), axes, opposite_norm(norm))


@linear(scipy.fft.dstn, aliasing="axes")
def dstn(y, /, x, type=2, axes=None, norm=None):
    d[x] += dst_transposed(d[y], x, type, axes, norm)


@linear(scipy.fft.idstn, aliasing="axes")
def idstn(y, /, x, type=2, axes=None, norm=None):
    d[x] += dst_transposed(d[y], x, inverse_type(type), axes, opposite_norm(norm))


@linear(dct_transposed)
def dct_transposed_(y, /, g, like, type, axes=None, norm=None):
    d[g] += scipy.fft.dctn(fitted_shape(d[y], like=g), type, axes=axes, norm=norm)


@linear(dst_transposed)
def dst_transposed_(y, /, g, like, type, axes=None, norm=None):
    d[g] += scipy.fft.dstn(fitted_shape(d[y], like=g), type, axes=axes, norm=norm)


zero(scipy.fft.fftfreq, scipy.fft.rfftfreq, scipy.fft.next_fast_len, scipy.fft.prev_fast_len)
zero(inverse_type, opposite_norm)
for_complex(
    scipy.fft.fft, scipy.fft.ifft, scipy.fft.rfft, scipy.fft.ihfft, scipy.fft.fft2, scipy.fft.ifft2, scipy.fft.fftn,
    scipy.fft.ifftn, scipy.fft.rfft2, scipy.fft.fftshift, scipy.fft.ifftshift,
)  # fmt: skip
# The imaginary parts of some entries of a half spectrum do not count.
for_complex(scipy.fft.irfft, scipy.fft.irfft2, scipy.fft.hfft, holomorphic=False)
