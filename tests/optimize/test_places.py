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


def cleared_under_a_view(x: Any) -> Any:
    y = x * x
    taken = y[1:]
    y[1:] = 0
    y[1:] += taken
    return y * x + taken[0]


def cleared_under_another_name(x: Any) -> Any:
    y = x * x
    z = y
    y[...] = 0
    y += z
    return y * x


def added_to_through_a_view(x: Any, w: Any) -> Any:
    y = x * x
    z = y[1:]
    y[:3] = 0
    y[:3] += z * w
    return y * 2.0


def test_what_is_seen_through_another_name_is_cleared_with_the_array() -> None:
    """`t = y[1:]; y[1:] = 0; y[1:] += t` was left out but for `t`, a view: wrong values.

    Nor does `y[:3] = 0; y[:3] += z * w` become one store where `z` is a view of `y`.
    """
    x = np.array([0.7, 1.3, 0.4, 1.9])
    check_derivative(cleared_under_a_view, x)
    check_derivative(cleared_under_another_name, x)
    check_derivative(added_to_through_a_view, x, 2.0)
    check_derivative(added_to_through_a_view, x, 2.0, wrt=0)
