"""Functions defined inside that are no longer needed, and names that mean functions for some time only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad, jvp
from tangent_sct.core import tree
from tangent_sct.frontend.settled import settled
from tangent_sct.testing import check_derivative

X = np.array([0.7, 0.4, 1.1])
DIRECTION = np.array([1.0, -0.5, 0.3])


def shown(text: str) -> str:
    return "\n".join(map(tree.text, settled(tree.statements(text))))


def test_a_function_goes_though_its_name_is_read_as_something_else() -> None:
    assert shown("def h(t):\n    return t\nh = x\nreturn h") == "h = x\nreturn h"


def test_functions_that_only_each_other_read_go() -> None:
    text = "def even(n):\n    return odd(n)\ndef odd(n):\n    return even(n) + a\na = x\nreturn a"
    assert shown(text) == "a = x\nreturn a"


@pytest.mark.parametrize(
    "text",
    [
        "if c:\n    def h(t):\n        return t\nelse:\n    h = k\nreturn h(x)",
        "for i in range(n):\n    if i:\n        y = h(x)\n    def h(t):\n        return t + i\nreturn y",
        "def g():\n    return h(x)\ny = g\ndef h(t):\n    return t\nreturn y()",
        "def h(t):\n    return t\ny = (h(k) for k in x)\nh = list(y)\nreturn h",
    ],
)
def test_functions_that_may_be_read_stay(text: str) -> None:
    assert "def h(t):" in shown(text)


def a_name_for_two_things(x):
    def h(t):
        nonlocal x
        x = x * t
        return x

    y = h(x[0])
    h = np.sum(y * x)
    return h * h


def a_function_made_anew(x):
    s, i = x[1], 0
    while i < 2:
        i += 1

        def scaled(t):
            nonlocal s
            s = s * t
            return s + i

        s = scaled(x[0])
    scaled = s * x[2]
    return scaled * s


def a_variable_of_recursive_functions(x):
    a = np.sin(x[0])

    def even(n):
        return x[1] if n <= 0 else np.cos(x[2]) * odd(n - 1)

    def odd(n, w=0.5):
        return np.sin(x[1]) * w if n <= 0 else even(n - 1) + np.sin(a) * w

    a = odd(3, w=0.3)
    return a * a * x[0]


def a_default_of_the_same_name(x):
    w, q = 0.3, x[0]
    for k in range(2):
        steps = [lambda t, w=w + k: t * np.sin(w)]
        q = q + x[k] * sum(step(2.0) for step in steps)
        w = 0.5 * w + 0.1
    return q * q


@pytest.mark.parametrize(
    "function",
    [a_name_for_two_things, a_function_made_anew, a_variable_of_recursive_functions, a_default_of_the_same_name],
    ids=lambda f: f.__name__,
)
def test_derivatives(function: Callable[[np.ndarray], Any]) -> None:
    step = 1e-5
    expected = (function(X + step * DIRECTION) - function(X - step * DIRECTION)) / (2 * step)
    np.testing.assert_allclose(jvp(function)(X, seed=DIRECTION)[1], expected, rtol=1e-7)
    np.testing.assert_allclose(grad(function)(X) @ DIRECTION, expected, rtol=1e-7)


def counting(f):
    calls = []

    def counted(*args):
        calls.append(1)
        return f(*args) * len(calls)

    counted.calls = calls
    return counted


def test_functions_with_attributes_stay_functions() -> None:
    """A text stood for the function, which has no attributes: an AttributeError."""

    def f(x):
        @counting
        def square(v):
            return v * v

        return square(x[0]) + square(x[1]) * x[2]

    check_derivative(f, np.array([0.7, 1.3, 0.4]))
