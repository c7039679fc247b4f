"""Statements on one place as one (the rest stands in the doctest of the module)."""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct import jvp
from tangent_sct.testing import check_derivative


def scaled_in_a_tuple(x: Any, q: Any) -> Any:
    np.add(q[0], q[0], out=q[0])
    return np.sum(x * q[0])


def test_an_array_in_a_tuple_is_updated_through_its_items() -> None:
    x, q = np.ones(3), (np.arange(3.0), 2.0)
    assert "q_dot[0][...] *= 2" in jvp(scaled_in_a_tuple, 1).source_for(x, q)
    value, tangent = jvp(scaled_in_a_tuple, 1)(x, q, seed=(np.ones(3), 0.0))
    assert (value, tangent) == (6.0, 6.0)


def test_minus_an_integer_that_wraps_around_is_added() -> None:
    """`y += -k` became `y -= k`, which for an unsigned `k` is another number: in the value, too."""

    def shifted(x, k):
        y = x * 2.0
        y[1:] += -k[1:] * x[1:]
        y += -k
        y -= -k * x
        return np.sum(y * x)

    x = np.array([0.7, 1.2, 0.4])
    check_derivative(shifted, x, np.array([3, 250, 100], dtype=np.uint8), wrt=0)
    check_derivative(shifted, x, np.array([3, -128, 100], dtype=np.int8), wrt=0)
