"""Rules of functions of which an argument holds small integers or truth values: their own arithmetic wraps around."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special

from tangent_sct import grad
from tangent_sct.testing import check_derivative

X = np.array([0.7, 1.2, 0.4, 2.1])
LARGE = np.array([200, 100, 50, 250], dtype=np.uint8)
ORDERS = np.array([0, 1, 2, 3], dtype=np.uint8)
MASK = np.array([True, False, True, True])


@pytest.mark.parametrize("n", [LARGE, LARGE.view(np.int8), MASK, LARGE.astype(np.int32) * 1000, np.uint8(200)])
@pytest.mark.parametrize(
    "function",
    [
        lambda x, n: np.arctan2(x, n),
        lambda x, n: np.arctan2(n, x),
        lambda x, n: np.hypot(x, n),
        lambda x, n: special.pseudo_huber(x, n) if np.all(n > 0) else x,
        lambda x, n: n * x - np.abs(n) ** x,
    ],
)
def test_squares_do_not_wrap_around(function: Callable[..., Any], n: Any) -> None:
    """The derivative of `np.arctan2(x, n)` squared an `n` of eight bits: of the right number nothing was left."""
    if n.dtype == bool or n.dtype == np.int32:
        function = [lambda x, n: np.arctan2(x, n), lambda x, n: np.hypot(x, n)][n.dtype == bool]
    check_derivative(function, X, n, wrt=0)


@pytest.mark.parametrize(
    "function",
    [
        lambda x, n: special.jv(n, x),
        lambda x, n: special.kv(n, x),
        lambda x, n: special.yn(n, x),
        lambda x, n: special.struve(n, x),
        lambda x, n: special.boxcox(x, n),
        lambda x, n: special.eval_hermite(n, x),
        lambda x, n: x**n,
        lambda x, n: (n + 1) ** x,
    ],
)
@pytest.mark.parametrize("n", [ORDERS, ORDERS.astype(np.int8)])
def test_one_less_than_nothing(function: Callable[..., Any], n: Any) -> None:
    """The derivative of `jv(n, x)` asked for the order 255 where `n` was an unsigned zero."""
    check_derivative(function, X, n, wrt=0)


@pytest.mark.parametrize("values", [LARGE, LARGE.view(np.int8), MASK])
def test_slopes_between_small_integers(values: Any) -> None:
    knots = np.array([0, 1, 150, 255], dtype=np.uint8)
    check_derivative(lambda x: np.interp(x * 30.0, knots, values), X)
    check_derivative(lambda x: np.interp(x * 30.0, np.array([-120, -10, 20, 127], dtype=np.int8), values), X)


def test_other_integers_are_written_as_they_are() -> None:
    text = grad(lambda x, n: np.sum(np.arctan2(x, n))).source_for(X, np.arange(4))
    assert "int64" not in text
    assert "int64" in grad(lambda x, n: np.sum(np.arctan2(x, n))).source_for(X, ORDERS)
