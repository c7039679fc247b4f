"""Interpolation by `scipy.interpolate` that is linear in the values: splines, and pieces of lines."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import interpolate

from tangent_sct.runtime.errors import DerivativeError

_BY_VALUES = ("linear", "nearest", "nearest-up", "zero", "slinear", "quadratic", "cubic", "previous", "next")


def interpolated(kind: Any, x: Any, y: Any, t: Any, nu: int = 0) -> Any:
    """What a spline through given points is at other places, or its derivative there.

    Args:
        kind: the name of the boundary conditions of `CubicSpline`; the degree of `make_interp_spline`; a tuple
            with the kind of `interp1d`; or one of "knots" and the degree of a `BSpline`.
        x: the places of the points, or the knots.
        y: the values there, or the coefficients, along the first axis.
        t: the other places.
        nu: which derivative.

    Raises:
        DerivativeError: when it is not known what depends on the values.

    >>> x = np.array([0.0, 1.0, 2.0, 3.0])
    >>> [float(interpolated(kind, x, x * x, 1.5).round(3)) for kind in ("not-a-knot", 1, ("nearest",))]
    [2.25, 2.5, 1.0]
    """
    if isinstance(kind, tuple) and kind[0] == "knots":
        return interpolate.BSpline(x, y, kind[1])(t, nu)
    if isinstance(kind, tuple):
        return _by_kind(kind[0], x, y, t, nu)
    if isinstance(kind, str):
        if kind not in ("not-a-knot", "natural", "clamped"):
            raise DerivativeError(f"the derivative of CubicSpline is not known with bc_type={kind!r}")
        return interpolate.CubicSpline(x, y, bc_type=kind)(t, nu)
    return interpolate.make_interp_spline(x, y, kind)(t, nu)


def _by_kind(kind: Any, x: Any, y: Any, t: Any, nu: int) -> Any:
    if kind not in _BY_VALUES:
        raise DerivativeError(f"the derivative of interp1d is not known with kind={kind!r}")
    if kind in ("quadratic", "cubic"):
        _check_inside(x, t)
        return interpolate.make_interp_spline(x, y, 2 if kind == "quadratic" else 3)(t, nu)
    if nu == 0:
        return interpolate.interp1d(x, y, kind=kind, axis=0)(t)
    _check_inside(x, t)
    shape = np.shape(t) + np.shape(y)[1:]
    if nu > 1 or kind not in ("linear", "slinear"):
        return np.zeros(shape)
    order = np.argsort(x, kind="stable")
    places = np.asarray(x)[order]
    slopes = np.diff(np.asarray(y)[order], axis=0) / np.reshape(np.diff(places), (-1,) + (1,) * (np.ndim(y) - 1))
    # As interp1d: a place on a knot belongs to the piece before it.
    return slopes[np.clip(np.searchsorted(places, t) - 1, 0, len(places) - 2)]


def _check_inside(x: Any, t: Any) -> None:
    if np.any(np.asarray(t) < np.min(x)) or np.any(np.asarray(t) > np.max(x)):
        raise ValueError("a value is outside of the places that are interpolated between")


def interpolated_back(kind: Any, x: Any, g: Any, t: Any, like: Any, nu: int = 0) -> Any:
    """What the adjoint of interpolated values gives to the values that they are made of.

    Args:
        kind: as in `interpolated`.
        x: the places of the points.
        g: the adjoint.
        t: where it was interpolated.
        like: the values at the points; only their shape and type count.
        nu: which derivative it was.

    >>> interpolated_back(1, np.array([0.0, 1.0, 2.0]), 1.0, 0.25, np.zeros(3)).tolist()
    [0.75, 0.25, 0.0]
    """
    count = len(like)
    weights = interpolated(kind, x, np.eye(count), t, nu)
    found = np.tensordot(np.reshape(weights, (-1, count)).T, np.reshape(g, (-1, *np.shape(like)[1:])), 1)
    return found.astype(like.dtype, copy=False) if np.asarray(like).dtype.kind == "f" else found


def as_vector(y: Any) -> Any:
    """Values that `interp1d` interpolates.

    Args:
        y: the values.

    Raises:
        DerivativeError: when they are no vector.

    >>> as_vector([1.0, 2.0]).tolist()
    [1.0, 2.0]
    """
    if np.ndim(y) != 1:
        raise DerivativeError("the derivative of interp1d is known for vectors of values")
    return np.asarray(y)


class Interpolant:
    """A spline through points, as its derivative knows it.

    Args:
        kind: as in `interpolated`.
        x: the places.
        y: the values.

    >>> float(Interpolant(1, [0.0, 1.0], [0.0, 3.0])(0.5))
    1.5
    """

    is_followed = True

    def __init__(self, kind: Any, x: Any, y: Any) -> None:
        self.kind = kind
        self.x = x
        self.y = y

    def __call__(self, t: Any, nu: int = 0) -> Any:
        """The spline at a place, or its derivative.

        Args:
            t: the place.
            nu: which derivative.
        """
        return interpolated(self.kind, self.x, self.y, t, nu)
