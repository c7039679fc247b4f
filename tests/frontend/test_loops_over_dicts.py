"""Loops over what is a dict at one place and something else at another, and over dicts that objects hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_sct import grad
from tangent_sct.testing import check_derivative


def an_array_first(x: Any) -> Any:
    total = 0.0
    for v in x:
        total = total + v * v
    x = {"a": total, "bc": total * total}
    return total * sum(len(k) * x[k] for k in x)


def a_sequence_first(x: Any) -> Any:
    d = x * 2.0
    total = 0.0
    for v in d:
        total = total * v + v
    d = {k: total * len(k) for k in "abc"}
    for k in d:
        total = total + len(k) * x[0]
    d |= {"d": total}
    for k, v in d.items():
        total = total + v * len(k)
    return total


class Held:
    def __init__(self, a: Any, b: Any) -> None:
        self.parts = {"a": a, "b": b}


def of_an_object(x: Any) -> Any:
    held = Held(x[0], x[1])
    total = sum(held.parts[k] for k in held.parts)
    for k in held.parts:
        total = total * held.parts[k] + x[2]
    return total


@pytest.mark.parametrize("f", [an_array_first, a_sequence_first, of_an_object], ids=lambda f: f.__name__)
def test_what_a_loop_runs_over_is_told_by_what_is_there(f: Any) -> None:
    """A name that was a dict anywhere was looped over by keys everywhere: `x.keys()` of an array failed."""
    x = np.array([0.4, 1.3, -0.8])
    check_derivative(f, x)
    check_derivative(grad(f), x)
