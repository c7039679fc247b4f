"""Derivatives of the logarithm of the gamma function at single numbers, without SciPy."""

from __future__ import annotations

import math

import numpy as np

_BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330,
)  # fmt: skip
"""The Bernoulli numbers of even order from 2 on."""


def polygamma(order: int, x: float) -> float:
    """The derivative of order + 1 of the logarithm of the gamma function: of order 0 the digamma function.

    The asymptotic series (DLMF 5.11.2 and 5.15.8) where x is large; x is brought there by the recurrence
    psi_n(x) = psi_n(x + 1) - (-1)^n n! / x^(n + 1) (DLMF 5.15.5), and away from large negative numbers too.

    Args:
        order: the order.
        x: the place; nan at the poles 0, -1, -2, ...

    >>> round(polygamma(0, 1.0), 12), round(polygamma(1, 1.0) - math.pi**2 / 6, 12)
    (-0.577215664902, 0.0)
    """
    x = float(x)
    if not math.isfinite(x):
        return _at_the_end(order, x)
    if x <= 0 and x == math.floor(x):
        return math.nan
    sign = -1.0 if order % 2 else 1.0
    steps = max(0, math.ceil(15 + order - x))
    lower = -sign * math.factorial(order) * float(np.sum((x + np.arange(steps)[::-1]) ** -(order + 1)))
    return lower + _series(order, x + steps)


def _at_the_end(order: int, x: float) -> float:
    if x == math.inf:
        return math.inf if order == 0 else 0.0
    return math.nan


def _series(order: int, x: float) -> float:
    """The asymptotic series at a large place."""
    if order == 0:
        terms = [b / (2 * k * x ** (2 * k)) for k, b in enumerate(_BERNOULLI, 1)]
        return math.log(x) - 0.5 / x - math.fsum(terms)
    first = math.factorial(order - 1) / x**order + math.factorial(order) / (2 * x ** (order + 1))
    rest = [
        b * math.factorial(2 * k + order - 1) / (math.factorial(2 * k) * x ** (2 * k + order))
        for k, b in enumerate(_BERNOULLI, 1)
    ]
    return (first + math.fsum(rest)) * (1.0 if order % 2 else -1.0)
