"""Interpolation between the points of a grid: `scipy.interpolate.RegularGridInterpolator` and `interpn`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from tangent_sct.runtime.errors import DerivativeError


def on_grid(points: Sequence[Any], values: Any, t: Any, outside: Any = "error", order: int = 0) -> Any:
    """What values on a grid are between its points, linear in each coordinate, or partial derivatives of an order.

    Args:
        points: the coordinates of the grid, ascending, axis by axis.
        values: the values on it.
        t: the places, their coordinates along the last axis.
        outside: what holds beyond the grid: "error", "extrapolate", or a number.
        order: which derivatives; each order is one more axis behind.

    Raises:
        DerivativeError: when the grid is not as described.
        ValueError: when a place is beyond the grid and must not.

    >>> points, values = ([0.0, 1.0], [0.0, 2.0]), np.array([[0.0, 2.0], [1.0, 3.0]])
    >>> on_grid(points, values, np.array([[0.5, 1.0]])).tolist()
    [1.5]
    >>> on_grid(points, values, np.array([[0.5, 1.0]]), "error", 1).tolist()
    [[1.0, 1.0]]
    """
    values = np.asarray(values)
    result = np.zeros((*np.shape(t)[:-1], *[len(points)] * order), np.result_type(values, np.float32))
    for partial, corner, weight in _terms(points, np.shape(values), t, outside, order):
        place: Any = (..., *partial)
        result[place] += weight * values[corner]
    beyond = _beyond(points, t)
    if isinstance(outside, str) or not np.any(beyond):
        return result
    result[beyond] = outside if order == 0 else 0.0
    return result


def on_grid_back(points: Sequence[Any], g: Any, t: Any, like: Any, outside: Any = "error", order: int = 0) -> Any:
    """What the adjoint of interpolated values, or of partial derivatives, gives to the values on the grid.

    Args:
        points: as in `on_grid`.
        g: the adjoint.
        t: the places.
        like: the values on the grid; only their shape and type count.
        outside: as in `on_grid`.
        order: which derivatives they were.

    >>> on_grid_back(([0.0, 1.0],), np.array([1.0]), np.array([[0.25]]), np.zeros(2)).tolist()
    [0.75, 0.25]
    """
    g = np.array(g)
    if not isinstance(outside, str):
        g[_beyond(points, t)] = 0.0
    result = np.zeros_like(like)
    for partial, corner, weight in _terms(points, np.shape(like), t, outside, order):
        np.add.at(result, corner, weight * g[(..., *partial)])
    return result


def zero_outside(outside: Any) -> Any:
    """What holds of a direction beyond the grid, where a number holds of the values.

    >>> zero_outside("error"), zero_outside(3.0)
    ('error', 0.0)
    """
    return outside if isinstance(outside, str) else 0.0


def _terms(
    points: Sequence[Any], shape: Sequence[int], t: Any, outside: Any, order: int
) -> Iterator[tuple[tuple[int, ...], tuple[Any, ...], Any]]:
    """The corners of the cells in which places lie, and what they weigh in each partial derivative."""
    grid = [np.asarray(axis) for axis in points]
    if [axis.size for axis in grid] != list(shape) or any(np.any(np.diff(axis) <= 0) for axis in grid):
        raise DerivativeError(
            "interpolation on a grid is differentiated where it ascends, and holds one number a point"
        )
    if isinstance(outside, str) and outside == "error" and np.any(_beyond(points, t)):
        raise ValueError("One of the requested xi is out of bounds")
    places = [np.asarray(t)[..., k] for k in range(len(grid))]
    below = [
        np.clip(np.searchsorted(axis, place, "right") - 1, 0, axis.size - 2)
        for axis, place in zip(grid, places, strict=True)
    ]
    steps = [axis[i + 1] - axis[i] for axis, i in zip(grid, below, strict=True)]
    shares = [(p - axis[i]) / step for axis, i, p, step in zip(grid, below, places, steps, strict=True)]
    for partial in product(range(len(grid)), repeat=order):
        if len(set(partial)) < order:
            continue  # a second derivative along an axis
        for sides in product((0, 1), repeat=len(grid)):
            weight: Any = 1.0
            for k, side in enumerate(sides):
                if k in partial:
                    weight = weight * ((1.0 if side else -1.0) / steps[k])
                else:
                    weight = weight * (shares[k] if side else 1.0 - shares[k])
            yield partial, tuple(i + side for i, side in zip(below, sides, strict=True)), weight


def _beyond(points: Sequence[Any], t: Any) -> Any:
    """Whether places are outside of the grid."""
    t = np.asarray(t)
    sides = [(t[..., k] < axis[0]) | (t[..., k] > axis[-1]) for k, axis in enumerate(points)]
    return np.any(sides, axis=0)


class Grid:
    """Values on a grid, and what is between its points.

    Args:
        points: the coordinates, axis by axis.
        values: the values.
        bounds_error: whether places beyond the grid are an error.
        fill_value: what holds there else; None where the outer cells go on.

    >>> Grid(([0.0, 1.0],), np.array([1.0, 3.0]), True, None)(np.array([0.5])).tolist()
    [2.0]
    """

    is_followed = True

    def __init__(self, points: Sequence[Any], values: Any, bounds_error: bool, fill_value: Any) -> None:
        self.points = points
        self.values = values
        self.bounds_error = bounds_error
        self.fill_value = fill_value

    def __call__(self, xi: Any) -> Any:
        """The values at places.

        Args:
            xi: the places, their coordinates along the last axis.
        """
        places = np.reshape(xi, (-1, len(self.points))) if np.ndim(xi) == 1 else np.asarray(xi)
        if self.bounds_error:
            return on_grid(self.points, self.values, places)
        if self.fill_value is None:
            return on_grid(self.points, self.values, places, "extrapolate")
        return on_grid(self.points, self.values, places, self.fill_value)
