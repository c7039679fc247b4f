"""Elementwise functions that derivatives need and NumPy does not have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

SERIES_TERMS = 24
SERIES_RADIUS = 1.0


def ties(result: Any, candidates: Sequence[Any]) -> Any:
    """How many of some candidates equal the one that was chosen, entry by entry, but at least one.

    Args:
        result: what a maximum, a minimum or a clip gave.
        candidates: what it was chosen from; None is never chosen.

    >>> ties(2.0, (1.0, 2.0, 2.0, None))
    2
    """
    given = [c for c in candidates if c is not None]
    if np.ndim(result) == 0:
        return max(sum(bool(c == result) for c in given), 1)
    count = np.maximum(sum(np.equal(c, result).astype(np.int8) for c in given), 1)
    # What is divided by floats of the same type is divided fast.
    return count.astype(np.asarray(result).dtype)


def sinc_derivative(x: Any, order: int = 1) -> Any:
    """A derivative of `np.sinc`, the normalised `sin(pi x) / (pi x)`.

    With u = pi x, the n-th derivative s_n of sin(u) / u obeys u s_n + n s_(n-1) = sin(u + n pi/2),
    which loses its digits near zero, where the power series takes over.

    Args:
        x: a number or an array.
        order: how many times `np.sinc` is differentiated.

    >>> round(float(sinc_derivative(0.0, 2)), 12) == round(-np.pi**2 / 3, 12)
    True
    """
    u = np.pi * np.asarray(x, dtype=np.float64)
    small = np.abs(u) < SERIES_RADIUS + order
    far = np.where(small, 1.0, u)
    value = np.sin(far) / far
    for n in range(1, order + 1):
        value = (np.sin(far + n * np.pi / 2) - n * value) / far
    result = np.where(small, _sinc_series(np.where(small, u, 0.0), order), value)
    result = np.pi**order * result[()]
    return result.astype(x.dtype) if isinstance(x, (np.ndarray, np.floating)) else result


def _sinc_series(u: Any, order: int) -> Any:
    """The n-th derivative of sin(u) / u = sum_k (-1)^k u^(2k) / (2k + 1)! near zero."""
    first = (order + 1) // 2
    # (-1)^k / (2k + 1)! * (2k)! / (2k - n)!, first for the least k, then by ratios.
    power = 2 * first - order
    term = (-1.0) ** first / (2 * first + 1) * u**power
    total = term
    for k in range(first + 1, first + SERIES_TERMS):
        p = 2 * k - order
        term = -term * u * u * (2 * k - 1) / ((2 * k + 1) * p * (p - 1))
        total = total + term
    return total
