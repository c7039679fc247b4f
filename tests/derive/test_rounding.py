"""Stores of what varies in arrays that may hold integers, which NumPy rounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, grad, jvp
from tangent_sct.testing import check_derivative

r = np.array([0.5, 0.7, 0.9])
whole = np.array([1, 2, 3])
KINDS = {0: float, 1: int}


def filled(x, n):
    z = np.full(3, 1 if n else 2.0)
    z[1] = x * 3
    return np.sum(z * x)


def typed(x, n):
    z = np.zeros(3, dtype=KINDS[n])
    for i in range(3):
        z[i] = z[i - 1] + x * i
    return np.sum(z * z)


def branches(x, n):
    z = whole.copy() if n else r.copy()
    w = z[1:]
    w[0] += x
    return np.sum(z * x)


def rows(x, n):
    z = np.zeros((2, 3), dtype=[float, int][n])
    z[0, 1] = x
    z[1] = r * x * 3
    return np.sum(z * x)


def pieces(x, n):
    z = np.full(3, [2.0, 1][n])
    return np.sum(np.piecewise(z, [r > 0.6], [lambda t: t * x * x, lambda t: t * x]))


@pytest.mark.parametrize("f", [filled, typed, branches, rows, pieces])
def test_arrays_of_unknown_type(f: Callable[..., Any]) -> None:
    """Where they held integers, derivatives went through what was rounded: wrong values in both modes."""
    check_derivative(f, 1.7, 0)
    check_derivative(grad(f), 1.7, 0)
    with pytest.raises(DerivativeError, match="stored in an array of type int64, which rounds them"):
        grad(f)(1.7, 1)
    with pytest.raises(DerivativeError, match="stored in an array of type int64, which rounds them"):
        jvp(f)(1.7, 1, seed=1.0)


def ints(x, n):
    z = n.copy()
    z[1] = x * 3
    return np.sum(z * x)


def test_no_check_where_the_type_is_known() -> None:
    """A store in an array of integers has no derivative, and one of floats needs no check."""
    check_derivative(ints, 1.7, whole)
    assert "check_floats" not in grad(ints).source_for(1.7, whole) + grad(ints).source_for(1.7, r)


def inserted(x, n):
    return np.insert(n, 1, x) * x, np.insert(n, [0, 2], x) * x, np.insert(np.outer(n, n), 1, n * x, axis=0) * x


@pytest.mark.parametrize("n", [whole, r])
def test_what_is_inserted_takes_the_type_of_the_array(n: Any) -> None:
    """Floats in an array of integers were not rounded: the value itself was another."""
    check_derivative(inserted, 1.7, n)
