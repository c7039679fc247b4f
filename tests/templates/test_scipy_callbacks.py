"""Functions of SciPy that call what they are given: what it reads is read by them, through whatever it calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative

pytest.importorskip("scipy")

from scipy import integrate, optimize  # noqa: E402

X = np.array([0.5, 0.2, 0.9])


def cubic(x):
    def value(t):
        return t**3 + x[0] * t - x[1]

    return value


def wrapped(function):
    def inner(t):
        return function(t)

    return inner


class Holder:
    def __init__(self, x):
        self.x = x

    def value(self, t):
        return t * self.x[0] - self.x[1]


def root_of_a_lambda(x):
    return optimize.brentq(lambda t: t**3 + x[0] * t - x[1], 0, 2) * x[2]


def root_through_a_function(x):
    return optimize.bisect(wrapped(cubic(x)), 0, 2) * x[2]


def root_of_a_method(x):
    return optimize.brentq(Holder(x).value, -5, 5) * x[2]


def root_of_an_item(x):
    functions = [cubic(x)]
    return optimize.brentq(lambda t: functions[0](t), 0, 2) * x[2]


@pytest.mark.parametrize("f", [root_of_a_lambda, root_through_a_function, root_of_a_method, root_of_an_item])
@pytest.mark.parametrize("mode", [grad, jvp])
def test_what_is_handed_to_unknown_code_reads_through_others(f: Callable[..., Any], mode: Callable[..., Any]) -> None:
    """Functions of SciPy wrap what they are given, and the derivative through it was zero."""
    with pytest.raises(UnsupportedError, match="may read values to be differentiated|reads `f_2`, a method"):
        mode(f)(X) if mode is grad else mode(f)(X, seed=X)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: optimize.newton(wrapped(cubic(x)), 1.0) * x[2],
        lambda x: np.vectorize(wrapped(cubic(x)))(X).sum() * x[2],
        lambda x: sum(map(wrapped(cubic(x)), [0.5, 1.0])) * x[2],
        lambda x: integrate.quad(wrapped(cubic(x)), 0, 1)[0] * x[2],
        lambda x: integrate.odeint(lambda y, t: -x[0] * y, 1.0, [0.0, 1.0])[-1, 0] * x[2],
    ],
)
def test_functions_that_wrap_others_are_followed(f: Callable[..., Any]) -> None:
    check_derivative(f, X)


def fitted(x):
    return optimize.curve_fit(lambda t, a: a * t * x[0], X, X)[0][0] * x[2]


def test_sources_that_are_nested_too_deeply_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="`optimize.curve_fit`.*nested too deeply|cannot be followed"):
        grad(fitted)(X)
