"""Adjoints of products, by the dot-product test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_sct import runtime

SHAPES = [
    ((2, 3), (3, 4)), ((2, 3), (3,)), ((3,), (3, 4)), ((3,), (3,)), ((5, 2, 3), (3,)),
    ((3,), (5, 3, 4)), ((5, 2, 3), (3, 4)), ((2, 3), (5, 3, 4)),
]  # fmt: skip
STACKED = [((5, 2, 3), (5, 3, 4)), ((6, 1, 2, 3), (5, 3, 4)), ((1, 2, 3), (5, 3, 1))]


def check(product: Any, left: Any, right: Any, shapes: Any) -> None:
    rng = np.random.default_rng(5)
    a, b = (rng.standard_normal(shape) for shape in shapes)
    y = product(a, b)
    g = rng.standard_normal(np.shape(y))
    expected = np.sum(g * y)
    a_bar, b_bar = left(g, a, b), right(g, a, b)
    assert np.shape(a_bar) == a.shape and np.shape(b_bar) == b.shape
    assert np.sum(a_bar * a) == pytest.approx(expected)
    assert np.sum(b_bar * b) == pytest.approx(expected)


@pytest.mark.parametrize("shapes", SHAPES + STACKED)
def test_matmul(shapes: Any) -> None:
    check(np.matmul, runtime.matmul_left, runtime.matmul_right, shapes)


@pytest.mark.parametrize("shapes", [*SHAPES, ((5, 2, 3), (6, 3, 4)), ((), (3, 4)), ((3,), ())])
def test_dot(shapes: Any) -> None:
    check(np.dot, runtime.dot_left, runtime.dot_right, shapes)


@pytest.mark.parametrize("order", [0, np.inf, "nuc", "fro"])
def test_norms_without_a_rule_are_refused(order: Any) -> None:
    with pytest.raises(runtime.DerivativeError, match="not differentiated"):
        runtime.vector_order(np.zeros(3), order)


def test_norms_of_matrices_are_refused() -> None:
    with pytest.raises(runtime.DerivativeError):
        runtime.vector_order(np.zeros((3, 3)), 2)
    with pytest.raises(runtime.DerivativeError):
        runtime.vector_order(np.zeros((3, 3)), 1, (0, 1))
