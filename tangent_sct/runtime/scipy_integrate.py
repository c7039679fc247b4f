"""Integrals of samples by `scipy.integrate`: their weights, and sums over intervals seen backwards."""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct.runtime.arrays import along


def to_both_ends(t: Any, axis: int = -1) -> Any:
    """What belongs to intervals, added to the points at both of their ends: the transpose of adding neighbours.

    Args:
        t: an array with an entry for each interval.
        axis: the axis of the intervals.

    >>> to_both_ends(np.array([1.0, 10.0])).tolist()
    [1.0, 11.0, 10.0]
    """
    return _behind(t, axis) + _before(t, axis)


def to_ends_apart(t: Any, axis: int = -1) -> Any:
    """What belongs to intervals, added to their last point and taken off their first: the transpose of `np.diff`.

    Args:
        t: an array with an entry for each interval.
        axis: the axis of the intervals.

    >>> to_ends_apart(np.array([1.0, 10.0])).tolist()
    [-1.0, -9.0, 10.0]
    """
    return _before(t, axis) - _behind(t, axis)


def _behind(t: Any, axis: int) -> Any:
    widths = [(0, 0)] * np.ndim(t)
    widths[axis] = (0, 1)
    return np.pad(t, widths)


def _before(t: Any, axis: int) -> Any:
    widths = [(0, 0)] * np.ndim(t)
    widths[axis] = (1, 0)
    return np.pad(t, widths)


def neighbour_sums(y: Any, axis: int = -1) -> Any:
    """Sums of neighbours, one for each interval.

    Args:
        y: an array.
        axis: the axis of the points.

    >>> neighbour_sums(np.array([1.0, 10.0, 100.0])).tolist()
    [11.0, 110.0]
    """
    return y[along(slice(1, None), axis)] + y[along(slice(None, -1), axis)]


def widths(x: Any, like: Any, axis: int = -1) -> Any:
    """The widths of the intervals between points, in a shape that goes with `like`.

    Args:
        x: the points: one axis for all, or an array in the shape of `like`.
        like: the samples; only their rank counts.
        axis: their axis.

    >>> widths(np.array([0.0, 1.0, 4.0]), np.zeros((3, 2)), 0).tolist()
    [[1.0], [3.0]]
    """
    if np.ndim(x) > 1:
        return np.diff(x, axis=axis)
    shape = [1] * np.ndim(like)
    shape[axis] = -1
    return np.reshape(np.diff(x), shape)


def widths_adjoint(t: Any, like: Any, axis: int = -1) -> Any:
    """The adjoint of points, from that of the widths of the intervals between them.

    Args:
        t: an array with an entry for each interval, along the axis of the samples.
        like: the points: one axis for all, or as many as `t` has; only its rank counts.
        axis: the axis of the samples.

    >>> widths_adjoint(np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros(3), 0).tolist()
    [-3.0, -4.0, 7.0]
    """
    if np.ndim(like) == np.ndim(t):
        return to_ends_apart(t, axis)
    rows = np.moveaxis(t, axis, -1)
    return to_ends_apart(np.sum(rows, axis=tuple(range(np.ndim(t) - 1))))


def simpson_weights(like: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    """How much each sample counts in Simpson's rule, in the shape of the samples.

    Two intervals of widths h and k have the weights (h + k) / 6 times 2 - k / h, (h + k)^2 / (h k) and 2 - h / k.
    Where the number of intervals is odd, the last one is integrated under the parabola through the last three
    points (Cartwright 2017).

    Args:
        like: the samples; only their shape counts.
        x: their places; None for equal distances.
        dx: the distance.
        axis: the axis.

    >>> simpson_weights(np.zeros(3)).tolist()
    [0.3333333333333333, 1.3333333333333333, 0.3333333333333333]
    """
    count = np.shape(like)[axis]
    if x is None:
        steps = np.full([1] * (np.ndim(like) - 1) + [max(count - 1, 0)], dx)
    else:
        steps = np.moveaxis(widths(x, like, axis), axis, -1)
    weights = np.zeros((*steps.shape[:-1], count))
    pairs = (count - 1) // 2
    if count == 2:
        weights += steps / 2
    elif count > 2:
        h, k = steps[..., 0 : 2 * pairs : 2], steps[..., 1 : 2 * pairs : 2]
        sixth = (h + k) / 6
        weights[..., 0 : 2 * pairs : 2] += sixth * (2 - k / h)
        weights[..., 1 : 2 * pairs : 2] += sixth * (h + k) ** 2 / (h * k)
        weights[..., 2 : 2 * pairs + 1 : 2] += sixth * (2 - h / k)
        if count % 2 == 0:
            h, k = steps[..., -2], steps[..., -1]
            weights[..., -1] += (2 * k**2 + 3 * h * k) / (6 * (h + k))
            weights[..., -2] += (k**2 + 3 * h * k) / (6 * h)
            weights[..., -3] -= k**3 / (6 * h * (h + k))
    found = np.broadcast_to(np.moveaxis(weights, -1, axis), np.shape(like))
    return found.astype(like.dtype, copy=False) if like.dtype.kind == "f" else found
