"""Convolutions of any rank and filters of `scipy.signal`, seen backwards."""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct.runtime.arrays import along, padded
from tangent_sct.runtime.fourier import hermitian_weights


def cut_of(a: Any, v: Any, mode: str) -> Any:
    """Which part of the full convolution of two arrays is the result for a mode.

    Args:
        a: the first array; only its shape counts.
        v: the second; only its shape counts.
        mode: "full", "same" or "valid".

    Returns:
        A slice for each axis.

    >>> cut_of(np.zeros(5), np.zeros(3), "valid"), cut_of(np.zeros(5), np.zeros(2), "same")
    ((slice(2, 5, None),), (slice(0, 5, None),))
    """
    cut = []
    for n, m in zip(np.shape(a), np.shape(v), strict=True):
        if mode == "full":
            cut.append(slice(0, n + m - 1))
        elif mode == "same":
            start = (m - 1) // 2
            cut.append(slice(start, start + n))
        else:
            cut.append(slice(min(n, m) - 1, max(n, m)))
    return tuple(cut)


def to_whole(g: Any, a: Any, v: Any, mode: str) -> Any:
    """The adjoint of the full convolution, zero outside of the part that is the result for a mode.

    Args:
        g: the adjoint of the result.
        a: the first array; only its shape counts.
        v: the second; only its shape counts.
        mode: "same" or "valid".

    >>> to_whole(np.ones(3), np.zeros(5), np.zeros(3), "valid").tolist()
    [0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    """
    whole = [n + m - 1 for n, m in zip(np.shape(a), np.shape(v), strict=True)]
    cut = cut_of(a, v, mode)
    return padded(g, [(part.start, n - part.stop) for part, n in zip(cut, whole, strict=True)])


def lagged_products(g: Any, x: Any, like: Any, axis: int = -1) -> Any:
    """Sums of products of an array with another one that lags behind, for each tap of a filter.

    Args:
        g: an array.
        x: another one of its shape.
        like: the taps, or the only one; only their shape counts.
        axis: the axis along which `x` is moved.

    Returns:
        Entry k is the sum of g[n] x[n - k].

    >>> lagged_products(np.array([1.0, 2.0, 3.0]), np.array([1.0, 10.0, 100.0]), np.zeros(2)).tolist()
    [321.0, 32.0]
    """
    length = np.shape(x)[axis]
    pairs = [
        (g[along(slice(k, None), axis)], x[along(slice(None, max(length - k, 0)), axis)])
        for k in range(np.size(like))
    ]
    products = np.array([np.vdot(later, earlier) for later, earlier in pairs], np.result_type(g, x))
    return np.reshape(products, np.shape(like))


def resample_transposed(g: Any, like: Any, axis: int = 0) -> Any:
    """The transpose of resampling by Fourier transforms, for real signals.

    That takes over the frequencies below both limits; the one at the lower limit, which an even length has, it halves
    where the signal gets longer, and doubles where it gets shorter.

    Args:
        g: the adjoint of the result.
        like: the signal that was resampled; only its shape counts.
        axis: the axis.

    >>> x, g = np.array([1.0, 2.0, 4.0, 3.0]), np.ones(8)
    >>> resample_transposed(g, x).tolist()
    [2.0, 2.0, 2.0, 2.0]
    """
    length, before = np.shape(g)[axis], np.shape(like)[axis]
    shorter = min(length, before)
    half = np.fft.ifft(g, axis=axis)[along(slice(None, shorter // 2 + 1), axis)]
    half = half * hermitian_weights(half, length, axis).astype(g.dtype)
    if shorter % 2 == 0 and length != before:
        half[along(slice(shorter // 2, None), axis)] *= 0.5 if length > before else 2.0
    return np.real(np.fft.fft(half, before, axis=axis)) * (length / before)
