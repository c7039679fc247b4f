"""Integrals of functions by `scipy.integrate.quad`: where the integrand is evaluated, and with which weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import integrate, special

from tangent_sct.runtime.errors import DerivativeError
from tangent_sct.runtime.shifted import SHIFT, shifted

_POINTS = 24
"""How many nodes of Gauss each interval has."""
_PEAK = 1e3
"""How many times its mean the derivative may be."""
_EXACT = 1e-5
"""To how much of its size the derivative must be integrated; differences are not more exact."""


def integral_nodes(func: Callable[..., Any], a: float, b: float, args: Sequence[Any] = ()) -> tuple[Any, ...]:
    """An integral by `quad`, its error, and nodes and weights for the derivatives of the integrand.

    The intervals are those into which `quad` divides the way for the integrand, and for the difference of two
    neighbours of it. That this difference is integrated as well as by `quad` is checked.

    Args:
        func: the integrand.
        a: the lower limit.
        b: the upper one.
        args: further arguments of the integrand.

    Returns:
        The value and the error of `quad`; nodes as shares of the way, and their weights, which add up to one.

    Raises:
        DerivativeError: when a limit is infinite, or the derivative is not integrated well enough.

    >>> value, error, shares, weights = integral_nodes(lambda t: t * t, 0.0, 3.0)
    >>> round(value, 9), round(float(3.0 * np.sum(weights * (3.0 * shares) ** 2)), 9)
    (9.0, 9.0)
    """
    if not (np.isfinite(a) and np.isfinite(b)):
        raise DerivativeError(
            "the derivative of an integral with an infinite limit is known by its limits alone: cut it off, or "
            "substitute"
        )
    args = tuple(args)
    value, error = integrate.quad(func, a, b, args)
    width = b - a
    neighbours = [(way, shifted(func, way, 0), shifted(args, way, 1)) for way in (1.0, -1.0)]

    def own(share: float) -> float:
        return float(func(a + width * share, *args))

    def change(share: float) -> float:
        return sum(way * float(f(a + width * share, *given)) for way, f, given in neighbours) / (2 * SHIFT)

    by_quad, bounds = _divided(change, _divided(own, (np.array([0.0, 1.0])))[1])
    nodes, weights = special.roots_legendre(_POINTS)
    steps = np.diff(bounds)
    shares = (bounds[:-1, None] + steps[:, None] * (nodes + 1) / 2).ravel()
    weights = (steps[:, None] * weights / 2).ravel()
    changes = np.array([change(share) for share in shares])
    size = float(np.sum(weights * np.abs(changes)))
    # A jump that moves with a parameter is a peak of the difference, and nothing in the derivative.
    is_peaked = float(np.max(np.abs(changes), initial=0.0)) > _PEAK * size
    if is_peaked or not abs(float(np.sum(weights * changes)) - by_quad) <= _EXACT * size + 1e-12:
        raise DerivativeError("the derivative of this integrand is not integrated well enough: divide the interval")
    return value, error, shares, weights


def _divided(function: Callable[[float], float], bounds: Any) -> tuple[float, Any]:
    """The integral of a function from 0 to 1, and given bounds of intervals with those that `quad` has added."""
    inside = bounds[1:-1] if len(bounds) > 2 else None
    found = integrate.quad(function, 0.0, 1.0, full_output=1, epsabs=0.0, epsrel=1e-8, limit=100, points=inside)
    value, _, info, *_ = found
    ends = np.concatenate([info["alist"][: info["last"]], info["blist"][: info["last"]], bounds])
    return value, np.unique(ends)


def as_integral(total: Any, value: Any) -> Any:
    """The value of an integral, if a sum is the same.

    Args:
        total: the sum.
        value: the integral.

    Raises:
        DerivativeError: when they are not the same.

    >>> as_integral(0.33333333, 1 / 3) == 1 / 3
    True
    """
    if not abs(total - value) <= 1e-6 * abs(value) + 1.49e-8:
        raise DerivativeError("the sum over the intervals of quad is not the integral: divide the interval")
    return value
