"""Discrete Fourier transforms, seen backwards."""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct.runtime.arrays import along, padded


def fitted_length(g: Any, like: Any, axis: int = -1) -> Any:
    """`g` in the length of `like` along an axis: cut off, or with zeros behind, as transforms take their input.

    Args:
        g: an array.
        like: an array of the same rank; only its shape counts.
        axis: the axis.

    Returns:
        A fresh array.

    >>> fitted_length(np.ones(2), np.zeros(3)).tolist()
    [1.0, 1.0, 0.0]
    """
    length = np.shape(like)[axis]
    cut = g[along(slice(None, length), axis)]
    missing = [(0, 0)] * np.ndim(g)
    missing[axis] = (0, length - cut.shape[axis])
    return np.pad(cut, missing)


def fitted_shape(g: Any, like: Any) -> Any:
    """`g` in the shape of `like`: cut off along each axis, or with zeros behind.

    Args:
        g: an array.
        like: an array of the same rank; only its shape counts.

    Returns:
        A fresh array.

    >>> fitted_shape(np.ones((2, 3)), np.zeros((3, 2))).tolist()
    [[1.0, 1.0], [1.0, 1.0], [0.0, 0.0]]
    """
    shape = np.shape(like)
    cut = np.asarray(g)[tuple(slice(None, length) for length in shape)]
    return padded(cut, [(0, length - had) for length, had in zip(shape, cut.shape, strict=True)])


def hermitian_weights(like: Any, length: int, axis: int = -1) -> Any:
    """How often each entry of a half spectrum stands in the whole one that `np.fft.irfft` transforms.

    Args:
        like: the half spectrum; its shape counts, and its precision.
        length: that of the result.
        axis: the axis of the transform.

    >>> hermitian_weights(np.zeros(4), 6).tolist(), hermitian_weights(np.zeros(3), 5).tolist()
    ([1.0, 2.0, 2.0, 1.0], [1.0, 2.0, 2.0])
    """
    place = np.arange(np.shape(like)[axis])
    once = (place == 0) | (2 * place == length)
    weights = np.where(once, 1.0, np.where(2 * place < length, 2.0, 0.0))
    shape = [1] * np.ndim(like)
    shape[axis] = -1
    is_single = np.result_type(like) in (np.float32, np.complex64)
    return np.reshape(weights.astype(np.float32) if is_single else weights, shape)
