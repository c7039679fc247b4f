"""Cubic pieces through points with slopes of their own, as `scipy.interpolate` chooses them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct.runtime.errors import DerivativeError


class Pieces:
    """Cubic polynomials between places that have values and slopes there.

    Args:
        x: the places, in ascending order.
        y: the values.
        slopes: the slopes.
        goes_on: whether the outer pieces go on outside; else there is nan.

    >>> round(float(Pieces(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([1.0, 1.0]))(0.25)), 9)
    0.25
    """

    is_followed = True

    def __init__(self, x: Any, y: Any, slopes: Any, goes_on: bool = True) -> None:
        self.x = x
        self.y = y
        self.slopes = slopes
        self.goes_on = goes_on

    def __call__(self, t: Any) -> Any:
        """The value at a place.

        Args:
            t: the place.
        """
        left = piece_before(self.x, t)
        step = self.x[left + 1] - self.x[left]
        s = (t - self.x[left]) / step
        rise = self.y[left + 1] - self.y[left]
        first, last = self.slopes[left] * step - rise, rise - self.slopes[left + 1] * step
        value = self.y[left] + s * rise + s * (1.0 - s) * (first * (1.0 - s) + last * s)
        if self.goes_on:
            return value
        return np.where(is_outside(self.x, t), np.nan, value)


def piece_before(x: Any, t: Any) -> Any:
    """The number of the piece in which places lie; one on a place between two belongs to that behind it.

    Args:
        x: where pieces begin and end.
        t: the places.

    >>> piece_before(np.array([0.0, 1.0, 2.0]), [-1.0, 1.0, 2.0]).tolist()
    [0, 1, 1]
    """
    return np.clip(np.searchsorted(x, t, "right") - 1, 0, len(x) - 2)


def is_outside(x: Any, t: Any) -> Any:
    """Whether places are beyond the first or the last one.

    >>> bool(is_outside(np.array([0.0, 1.0]), 1.5))
    True
    """
    return np.logical_or(np.asarray(t) < x[0], np.asarray(t) > x[-1])


def check_points(y: Any, x: Any) -> Any:
    """The values of points, of which slopes are made.

    Args:
        x: the places.
        y: the values.

    Raises:
        DerivativeError: when the values are no vector, or there are less than three.

    >>> check_points([1.0, 2.0, 5.0], [0.0, 1.0, 2.0]).tolist()
    [1.0, 2.0, 5.0]
    """
    if np.ndim(y) != 1 or np.size(x) < 3:
        raise DerivativeError("the derivative of such an interpolator is known for vectors of at least three values")
    return np.asarray(y)
