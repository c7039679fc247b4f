"""Lists that functions of NumPy make arrays of, where what is in them varies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative

r = np.array([0.5, 0.7, 0.9])
S = np.array([[2.0, 0.3, 0.1], [0.4, 1.5, 0.2], [0.1, 0.2, 1.2]])


def repeated(x):
    z = np.multiply([x, 2 * x], 3)
    return z[1] * z[0]


def joined(x, y):
    z = np.add([x, y], (y * y, x))
    return z[1] * z[0]


def held(x, r):
    a = [x, 1.0, 3]
    z = np.multiply(2, a) + np.add(a, a) + np.square(a) - np.negative(a) + np.sqrt(a) + np.hypot(a, r)
    return z * np.exp(a) + np.subtract(2, a) / np.divide(2, a)


def operators(x, r):
    a = (x, 1.0, 3)
    return r + a, a * r, r**a, a**r, a - r, S @ a, r / a


def products(x, r):
    a = [x, 1.0, x * x]
    return np.dot(S, a), np.matmul(a, S), np.linalg.solve(S, a), np.linalg.norm(a), np.sort(a), np.diff(a), np.diag(a)


def filled(x, r):
    a = []
    for i in range(3):
        a.append(r * (i + 1) * x)
    return np.multiply(a, x).sum() + np.hypot(a, r).sum() + np.linalg.norm(a) * np.var(a) + np.sum(np.power(a, 2))


def of_lists(x):
    a = [[x, x * x], [2, 3.0]]
    return np.linalg.det(a) * np.trace(a), np.linalg.inv(a), np.max(a, axis=1), np.linalg.solve(a, [x, 1.0])


def updated(x, r):
    y = r * x
    y += [x, 1.0, 3]
    y *= (x, 2.0, x)
    return y


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (repeated, (0.7,)), (joined, (0.7, 1.3)), (held, (0.7, r)), (operators, (0.7, r)), (products, (0.7, r)),
        (filled, (0.7, r)), (of_lists, (0.7,)), (updated, (0.7, r)),
    ],
)  # fmt: skip
def test_lists_that_vary(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Tangents of such lists were lists: `* 3` repeated them, `+` put one after the other, and items were wrong."""
    check_derivative(f, *args)


@pytest.mark.parametrize(("f", "args"), [(repeated, (0.7,)), (filled, (0.7, r))])
def test_lists_that_vary_at_second_order(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """The derivative computes with the arrays, too."""
    check_derivative(grad(f), *args)


def test_lists_in_forward_mode() -> None:
    """`z[1]` had the tangent of `x` times one, and not times six."""
    _, tangent = jvp(repeated)(0.7, seed=1.0)
    assert np.isclose(tangent, 4 * 9 * 0.7)


def sometimes(x, r):
    total = 0.0
    for y in [x, r, [1.0, x, 2]]:
        total = total + np.sum(np.multiply(y, x))
    return total


def used_twice(x, r):
    total = 0.0
    for y in [r, [1.0, x, 2]]:
        total = total + np.max(y) * x + np.min(y)
    return total


@pytest.mark.parametrize("f", [sometimes, used_twice])
def test_what_may_be_a_list_is_refused(f: Callable[..., Any]) -> None:
    """It crashed, or computed with the list."""
    with pytest.raises((UnsupportedError, DerivativeError), match="is a list, tuple or dict|a list takes"):
        grad(f, (0, 1))(0.7, r)
