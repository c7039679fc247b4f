"""Cosine and sine transforms of `scipy.fft`, transposed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import fft

from tangent_sct.runtime.arrays import along
from tangent_sct.runtime.fourier import fitted_shape

_INVERSE = {1: 1, 2: 3, 3: 2, 4: 4}
_OPPOSITE = {None: "forward", "backward": "forward", "forward": "backward", "ortho": "ortho"}


def dct_transposed(g: Any, like: Any, type: int, axes: Any = None, norm: str | None = None) -> Any:
    """The transpose of a discrete cosine transform.

    The matrices of type 2 and 3 are transposes of one another but for the first entry, which type 3 takes once and
    the other ones twice; that of type 1 does so at both ends, and that of type 4 is symmetric. Orthonormal ones are
    transposed by inverting them.

    Args:
        g: the adjoint of the result.
        like: what was transformed; only its shape counts.
        type: the type of the transform, from 1 to 4.
        axes: its axis or axes; None for all.
        norm: its normalisation.

    Returns:
        A fresh array in the shape of `like`.

    >>> x, g = np.array([1.0, 2.0, 4.0]), np.array([0.5, -1.0, 3.0])
    >>> bool(np.isclose(g @ fft.dct(x), dct_transposed(g, x, 2) @ x))
    True
    """
    for axis in _each(g, axes):
        if norm == "ortho":
            g = fft.idct(g, type, axis=axis, norm=norm)
        elif type == 1:
            g = _weighted(fft.dct(_weighted(g, (0, -1), 2.0, axis), 1, axis=axis, norm=norm), (0, -1), 0.5, axis)
        elif type == 2:
            g = fft.dct(_weighted(g, (0,), 2.0, axis), 3, axis=axis, norm=norm)
        elif type == 3:
            g = _weighted(fft.dct(g, 2, axis=axis, norm=norm), (0,), 0.5, axis)
        else:
            g = fft.dct(g, type, axis=axis, norm=norm)
    return fitted_shape(g, like)


def dst_transposed(g: Any, like: Any, type: int, axes: Any = None, norm: str | None = None) -> Any:
    """The transpose of a discrete sine transform.

    Of type 2 and 3 as for cosines, with the last entry in the place of the first; types 1 and 4 are symmetric.

    Args:
        g: the adjoint of the result.
        like: what was transformed; only its shape counts.
        type: the type of the transform, from 1 to 4.
        axes: its axis or axes; None for all.
        norm: its normalisation.

    Returns:
        A fresh array in the shape of `like`.

    >>> x, g = np.array([1.0, 2.0, 4.0]), np.array([0.5, -1.0, 3.0])
    >>> bool(np.isclose(g @ fft.dst(x, 3), dst_transposed(g, x, 3) @ x))
    True
    """
    for axis in _each(g, axes):
        if norm == "ortho":
            g = fft.idst(g, type, axis=axis, norm=norm)
        elif type == 2:
            g = fft.dst(_weighted(g, (-1,), 2.0, axis), 3, axis=axis, norm=norm)
        elif type == 3:
            g = _weighted(fft.dst(g, 2, axis=axis, norm=norm), (-1,), 0.5, axis)
        else:
            g = fft.dst(g, type, axis=axis, norm=norm)
    return fitted_shape(g, like)


def inverse_type(type: int) -> int:
    """The type of the transform that inverts one.

    >>> inverse_type(2)
    3
    """
    return _INVERSE[type]


def opposite_norm(norm: str | None) -> str:
    """The normalisation with which the other transform inverts one.

    >>> opposite_norm(None)
    'forward'
    """
    return _OPPOSITE[norm]


def _each(g: Any, axes: int | Sequence[int] | None) -> Sequence[int]:
    if axes is None:
        return range(np.ndim(g))
    return [axes] if isinstance(axes, int) else axes


def _weighted(g: Any, places: Sequence[int], factor: float, axis: int) -> Any:
    """An array with some of the entries along an axis multiplied."""
    g = g.copy()
    for place in places:
        g[along(place, axis)] *= factor
    return g
