"""Arrays that are written in place, under names that are rebound by branches and loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_sct.testing import check_derivative


def to_a_constant_in_a_branch(x, n):
    if n > 0:
        x = np.zeros_like(x)
    else:
        x[2] = 0.1
    return np.sum(x * x)


def to_a_written_constant_in_a_loop(x, n):
    total = np.sum(x * x)
    for _ in range(n):
        x[0] = 2.0 * x[1]
        total = total + x[0]
        x = np.full(4, 0.5)
        x[x > 0.2] += 0.5
    return total + np.sum(x)


def by_updates_in_nested_loops(x, n):
    y = x * 2.0
    for _ in range(n):
        y[1:-1] = 0.5 * y[2:]
        for _ in range(2):
            y += x
    return np.sum(y * y)


@pytest.mark.parametrize("n", [0, 1, 3])
@pytest.mark.parametrize(
    "f", [to_a_constant_in_a_branch, to_a_written_constant_in_a_loop, by_updates_in_nested_loops]
)
def test_rebound(f: Any, n: int) -> None:
    check_derivative(f, np.array([0.7, -0.4, 1.3, 0.5]), n)
