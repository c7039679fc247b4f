"""Functions handed to functions that call themselves: names that mean two things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct.testing import check_derivative

X = np.array([0.83, 0.61, 1.27, 0.94])


def again(f, v, n):
    if n == 0:
        return v
    return f(again(f, v, n - 1)) * 0.7


def in_turn(f, h, v, n):
    if n == 0:
        return v
    return f(in_turn(f, h, h(v), n - 1)) * 0.7


def by_name(f, v, *, n, h=None):
    if n == 0:
        return v
    return f(by_name(f=f, v=h(v), n=n - 1, h=h)) * 0.7


def halved(f):
    return lambda v: f(v) * 0.5


def composed(f, h):
    return lambda v: f(h(v))


def called_like_what_it_captures(x):
    f = lambda v: v * x[0]  # noqa: E731
    g = lambda v: f(f(v)) + x[1]  # noqa: E731
    return again(g, x[2], 3)


def made_by_another_function(x):
    return again(halved(halved(lambda v: v * x[0])), x[2], 3)


def of_two_with_that_name(x):
    return again(composed(lambda v: v * x[0], lambda v: v * v + x[1]), x[2], 3)


def two_made_alike(x):
    f = halved(lambda v: v * x[0])
    h = halved(halved(lambda v: v * x[1]))
    return in_turn(f, h, x[2], 3) + in_turn(h, f, x[2], 2) + in_turn(v=x[2], n=3, f=h, h=f)


def given_by_name(x):
    f = halved(lambda v: v * x[0])
    return by_name(halved(f), x[2], n=3, h=f)


def captured_parameters(x):
    n, v = x[3], x[2]
    h = lambda u: u * n * v  # noqa: E731
    f = lambda u: h(u) + v  # noqa: E731
    return again(f, x[1], 3) + again(h, x[1], 2)


def of_an_inner_recursion(x):
    def inner(f, v, n):
        if n == 0:
            return v * x[3]
        return f(inner(f, v, n - 1)) * 0.7

    f = lambda u: u * x[0]  # noqa: E731
    return inner(lambda u: f(f(u)) + x[1], x[2], 3)


@pytest.mark.parametrize(
    "function",
    [called_like_what_it_captures, made_by_another_function, of_two_with_that_name, two_made_alike, given_by_name,
     captured_parameters, of_an_inner_recursion],
)  # fmt: skip
def test_parameters_may_be_called_as_what_their_function_captures(function: Callable[..., Any]) -> None:
    """`f = g` in the recursion hid the `f` that `g` reads: it called itself without end."""
    check_derivative(function, X)
