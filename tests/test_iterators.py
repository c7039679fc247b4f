"""Iterators in variables: advanced by hand, looped over from where they are, with and without a value at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative
from tests.helpers import Program, listed, refusing

FIRST: list[Program] = []
SECOND: list[Program] = []
REFUSED: list[tuple[Program, str]] = []
refused = refusing(REFUSED)
program = listed(FIRST, SECOND)
X = np.array([0.7, 1.3, 0.4, 0.9])


@program
def the_first_apart(x):
    it = iter(x)
    y = next(it)
    for v in it:
        y = y * v + 1.0
    return y


@program
def in_pairs(x):
    it = iter(x)
    s = 0.0
    for a in it:
        s = s + a * a * next(it)
    return s


@program
def until_a_value_says_that_it_ended(x):
    it = iter(x)
    s = 0.0
    while True:
        v = next(it, None)
        if v is None:
            break
        s = s + v * v
    return s


@program
def until_it_raises(x):
    it = iter(x)
    s = 0.0
    while True:
        try:
            v = next(it)
        except StopIteration:
            break
        s = s + v * v
    return s


@program
def within_expressions(x):
    it = iter([x[0], x[1] * x[2]])
    return next(it) + 2.0 * next(it) * next(it, x[3])


@program
def left_and_gone_on_with(x):
    it = iter(list(x))
    s = 0.0
    for v in it:
        if v > 1.0:
            break
        s = s + v
    else:
        s = s * 2.0
    for v in it:
        s = s * v
    return s


@refused("iterator changes with each value")
def handed_on(x):
    it = iter(x)
    return sum(it) * next(it, x[0])


@refused("iterator changes with each value")
def over_a_list_that_changes(x):
    values = [x[0], x[1]]
    it = iter(values)
    s = next(it)
    values.append(x[2])
    for v in it:
        s = s * v
    return s


@pytest.mark.parametrize("function", FIRST, ids=lambda f: f.__name__)
def test_derivatives(function: Program) -> None:
    check_derivative(function, X, rtol=1e-5)


@pytest.mark.parametrize("function", SECOND, ids=lambda f: f.__name__)
def test_derivatives_of_gradients(function: Program) -> None:
    df = grad(function)
    check_derivative(lambda x: np.sum(df(x) * x), X, rtol=1e-4)


@pytest.mark.parametrize(("function", "reason"), REFUSED, ids=[f.__name__ for f, _ in REFUSED])
@pytest.mark.parametrize("mode", [grad, jvp])
def test_refusals(function: Program, reason: str, mode: Callable[..., Any]) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        _ = mode(function).source


def test_an_iterator_that_has_ended_raises() -> None:
    def f(x):
        it = iter(x)
        a = next(it)
        b = next(it)
        return a * b

    with pytest.raises(StopIteration):
        grad(f)(np.ones(1))
    np.testing.assert_allclose(grad(f)(X), [1.3, 0.7, 0.0, 0.0])
