"""Elementwise functions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tangent_sct import runtime


@pytest.mark.parametrize("order", range(7))
def test_derivatives_of_sinc(order: int) -> None:
    """s_n(x) is the mean over t in [0, 1] of the n-th derivative of cos(pi x t)."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    t, weights = (nodes + 1) / 2, weights / 2
    x = np.concatenate([np.linspace(-4.0, 4.0, 81), [1e-8, -1e-3, 0.0]])[:, None]
    integrand = (np.pi * t) ** order * np.cos(np.pi * x * t + order * np.pi / 2)
    expected = integrand @ weights
    found = runtime.sinc_derivative(x[:, 0], order)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * np.pi**order)


def test_sinc_derivative_keeps_precision_and_kind() -> None:
    assert runtime.sinc_derivative(np.ones(2, np.float32)).dtype == np.float32
    assert isinstance(runtime.sinc_derivative(0.5), float)


def test_ties_of_numbers_and_arrays() -> None:
    assert runtime.ties(1.0, (1.0, 2.0, None)) == 1
    assert runtime.ties(math.nan, (math.nan, 1.0)) == 1
    counts = runtime.ties(np.array([1.0, 2.0]), (np.array([1.0, 2.0]), 1.0, None))
    assert counts.tolist() == [2, 1]
