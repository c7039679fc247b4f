"""Programs that make a generator of random numbers, or are given one: what is drawn is constant, of a known kind."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative

K = np.array([0.4, 0.9])


def waiting(k, start=0):
    draws = np.random.default_rng(start)
    time, n = 0.0, 5.0
    while time < 2.0:
        time += -math.log(draws.random()) / (k[0] * n + k[1])
        n = n + 1.0 if draws.random() < 0.3 else n * 0.9
    return time * n


def counted(k, start=0):
    draws = np.random.default_rng(start)
    n = draws.integers(2, 6)
    z = np.zeros(n)
    for i in range(n):
        z[i] = k[0] * draws.normal() + i
    if draws.random() < 0.5:
        z += draws.normal(size=n) * k[1]
    return np.sum(z**2) + np.sum(k[draws.choice(2, size=3)] * draws.permutation(3))


def legacy(k):
    draws = np.random.RandomState(3)
    return np.sum((draws.randn(2) * k) ** 2) + np.prod(draws.uniform(1, 2, size=k.shape) * k)


@pytest.mark.parametrize("start", range(4))
@pytest.mark.parametrize("function", [waiting, counted])
def test_generators_made_inside(function: Any, start: int) -> None:
    def f(k):
        return function(k, start)

    check_derivative(f, K)
    check_derivative(grad(f), K)


def test_generators_of_old() -> None:
    check_derivative(legacy, K)
    check_derivative(grad(legacy), K)


def test_what_is_drawn_is_of_a_known_kind() -> None:
    for function in (waiting, legacy):
        assert "unbroadcast" not in grad(function).source_for(K)


def given(k, draws):
    total = 0.0
    for _ in range(draws.integers(2, 6)):
        total += k[0] * draws.random()
    return total * total + np.sum(np.tanh(draws.normal(size=(3, 2)) @ k))


def test_a_generator_that_is_given() -> None:
    step = 1e-6
    expected = [
        (given(K + move, np.random.default_rng(7)) - given(K - move, np.random.default_rng(7))) / (2 * step)
        for move in step * np.eye(2)
    ]
    np.testing.assert_allclose(grad(given)(K, np.random.default_rng(7)), expected, rtol=1e-8)


def shuffled(k):
    draws = np.random.default_rng(0)
    x = k * k
    draws.shuffle(x)
    return x[0]


def test_a_shuffle_writes() -> None:
    with pytest.raises(UnsupportedError, match="written into an array or a list that an object holds"):
        grad(shuffled)(K)
