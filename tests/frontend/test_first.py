"""`next(... for ...)`: the first item of a generator that is asked for no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative

X = np.array([0.83, 0.61, 1.27, 0.94])


class Segment:
    def __init__(self, slope, start):
        self.slope = slope
        self.start = start

    def at(self, t):
        return self.slope * t + self.start


def above(x):
    return next(v for v in x if v > 0.7) * x[1]


def among_pairs(x):
    value, number = next((t, n) for t, n in [(x[0], 1), (x[1] * x[2], 2)] if n > 1)
    return value * number * x[0]


def with_a_default(x):
    other = x[3] ** 2
    return next((v for v in x if v > 5.0), other) * next((v for v in x if v > 1.0), 2.0)


def with_none(x):
    found = next((v for v in x if v > 5.0), None)
    return x[0] * x[1] if found is None else found


def of_two_loops(x):
    total = 0.0
    for i in range(3):
        total += next(v * w for v in x for w in x[: i + 1] if v > 0.5 + 0.1 * i) * x[i]
    return total


def caught(x):
    try:
        found = next(v for v in x if v > 5.0)
    except StopIteration:
        found = x[1] * x[2]
    return found


def an_object(x):
    segments = []
    for i in range(3):
        segments.append(Segment(x[i], x[i + 1]))
    return next(s for s in segments if s.start > 0.7).at(1.5) * x[0]


def counted(x):
    taken = [0]

    def take(v):
        taken[0] += 1
        return v

    return next(take(v) for v in x if v > 0.8) * taken[0] * x[1]


def among_items(x):
    table = {"a": x[0], "b": x[1] ** 2}
    key = next(k for k, v in table.items() if v > 0.3)
    return table[key] * next(v for k, v in table.items() if k == "b")


@pytest.mark.parametrize(
    "function", [above, among_pairs, with_a_default, with_none, of_two_loops, caught, counted, among_items]
)
def test_programs(function: Callable[..., Any]) -> None:
    check_derivative(function, X)


def test_of_objects() -> None:
    # The weight of the last segment's start is x[0]: the first that begins above 0.7 is the second.
    np.testing.assert_allclose(grad(an_object)(X), [0.61 * 1.5 + 1.27, 1.5 * 0.83, 0.83, 0.0])


def test_there_is_none() -> None:
    with pytest.raises(StopIteration):
        grad(lambda x: next(v for v in x if v > 5.0))(X)


def asked_again(x):
    items = (v for v in x)
    return next(items) * next(items)


def test_a_generator_that_is_asked_again_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="a generator of active values is kept or handed on"):
        grad(asked_again)(X)
