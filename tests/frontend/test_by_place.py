"""`enumerate` with its arguments by their names."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative

X = np.array([0.83, 0.61, 1.27, 0.94])


def by_names(x):
    t = 0.0
    for i, v in enumerate(iterable=x):
        t += i * v
    return t + sum([i * v * v for i, v in enumerate(start=2, iterable=x)]) + dict(enumerate(iterable=x, start=1))[2]


def turned(x):
    return sum([i * v for i, v in enumerate(start=len(x), iterable=x)])


def test_arguments_may_be_given_by_name() -> None:
    check_derivative(by_names, X)


def test_a_start_that_is_computed_first_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="the start of `enumerate` is computed before what it runs through"):
        grad(turned)(X)
