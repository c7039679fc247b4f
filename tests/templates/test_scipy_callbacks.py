"""Functions of SciPy that call what they are given: what it reads is read by them, through whatever it calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, hessian, jvp, value_and_grad
from tangent_sct.testing import check_derivative, check_second

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


METHODS = [optimize.brentq, optimize.brenth, optimize.ridder, optimize.bisect, optimize.toms748]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)
def test_roots_have_the_derivative_of_the_implicit_function(method: Callable[..., Any]) -> None:
    def root(x):
        return method(lambda t: t**3 + x[0] * t - x[1], -1.0, 2.0, xtol=1e-14)

    a, t = X[0], root(X)
    slope = 3 * t**2 + a
    np.testing.assert_allclose(grad(root)(X), [-t / slope, 1 / slope, 0.0], rtol=1e-9)
    second = -6 * t / slope**3
    np.testing.assert_allclose(hessian(root)(X)[1, 1], second, rtol=1e-7)
    assert value_and_grad(root)(X)[0] == root(X)
    check_derivative(root, X)


def through_a_function(x):
    return optimize.brentq(wrapped(cubic(x)), 0, 2) * x[2]


def of_an_item(x):
    functions = [cubic(x)]
    return optimize.brentq(lambda t: functions[0](t), 0, 2) * x[2]


def with_arguments(x):
    return optimize.ridder(lambda t, a, b: np.exp(a * t) - b - 1.0, -1.0, 2.0, args=(x[0], x[1])) * x[2]


def between_places_that_vary(x):
    return optimize.brentq(cubic(x), -x[2], x[2] + 1.0) * x[0]


@pytest.mark.parametrize("f", [through_a_function, of_an_item, with_arguments, between_places_that_vary])
def test_roots_in_programs(f: Callable[..., Any]) -> None:
    check_derivative(f, X)
    check_second(f, (X,), (0,))


def test_roots_without_a_derivative_are_refused() -> None:
    def of_a_jump(x):
        return optimize.brentq(lambda t: t - x[0] + (1.0 if t > x[0] else -1.0), -1.0, 2.0)

    def multiple(x):
        return optimize.brentq(lambda t: (t - x[0]) ** 3, -1.0, 2.0)

    for function in (of_a_jump, multiple):
        with pytest.raises(DerivativeError, match="the root has no derivative there"):
            grad(function)(X)
    with pytest.raises(UnsupportedError):
        grad(lambda x: optimize.brentq(cubic(x), 0.0, 2.0, full_output=True)[0])(X)


def fixed(x):
    return optimize.fixed_point(wrapped(cubic(x)), 0.5) * x[2]


def minimised(x):
    return optimize.minimize(wrapped(cubic(x)), np.zeros(1)).x[0] * x[2]


def of_a_method(x):
    return optimize.brentq(Holder(x).value, -5, 5) * x[2]


@pytest.mark.parametrize("f", [fixed, minimised, of_a_method])
@pytest.mark.parametrize("mode", [grad, jvp])
def test_what_is_handed_to_unknown_code_reads_through_others(f: Callable[..., Any], mode: Callable[..., Any]) -> None:
    """Functions of SciPy wrap what they are given, and the derivative through it was zero."""
    with pytest.raises(UnsupportedError):
        mode(f)(X) if mode is grad else mode(f)(X, seed=X)


def test_functions_that_call_others_read_what_those_read() -> None:
    def handed_on(x):
        return np.frompyfunc(wrapped(cubic(x)), 1, 1)(X).sum()

    with pytest.raises(UnsupportedError):
        grad(handed_on)(X)


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
