"""Statements on one place as one (the rest stands in the doctest of the module)."""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct import jvp


def scaled_in_a_tuple(x: Any, q: Any) -> Any:
    np.add(q[0], q[0], out=q[0])
    return np.sum(x * q[0])


def test_an_array_in_a_tuple_is_updated_through_its_items() -> None:
    x, q = np.ones(3), (np.arange(3.0), 2.0)
    assert "q_dot[0][...] *= 2" in jvp(scaled_in_a_tuple, 1).source_for(x, q)
    value, tangent = jvp(scaled_in_a_tuple, 1)(x, q, seed=(np.ones(3), 0.0))
    assert (value, tangent) == (6.0, 6.0)
