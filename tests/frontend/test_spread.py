"""Arguments that a call spreads are written out, where the function tells how many there are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative

x = np.array([0.4, 1.3, -0.8])


def line(t: Any, a: Any, b: Any) -> Any:
    return a * t * t + b * t


def scaled(t: Any, a: Any, b: Any = 2.0, c: Any = 3.0) -> Any:
    return a * t + b * t * t * c


def root(function: Any, start: Any, args: Any = ()) -> Any:
    """As solvers hand on the parameters of what they solve."""
    t = start
    for _ in range(3):
        t = t - 0.1 * function(t, *args)
    return t


def solved(start: Any, a: Any, b: Any) -> Any:
    return root(line, start, (a, b))


def solved_by_one_defined_inside(start: Any, a: Any, b: Any) -> Any:
    def inner(t: Any, p: Any, q: Any) -> Any:
        return a * p * t + q

    return root(inner, start, args=(b, a))


def pairs(points: Any) -> Any:
    return sum(line(0.5, *pair) for pair in points)


def between(point: Any) -> Any:
    return line(*point, 2.0)


def defaults(t: Any, more: Any) -> Any:
    return scaled(t, *more)


def rows(a: Any) -> Any:
    return np.sum(np.hypot(*a))


def by_name(t: Any, more: Any) -> Any:
    return scaled(t, *more, c=t)


@pytest.mark.parametrize(
    "f, args",
    [
        (solved, (0.7, 1.1, 0.3)),
        (solved_by_one_defined_inside, (0.7, 1.1, 0.3)),
        (pairs, ([(1.0, 2.0), (0.5, -1.0)],)),
        (between, ([1.0, 2.0],)),
        (defaults, (0.7, (1.1,))),
        (defaults, (0.7, (1.1, 0.3))),
        (defaults, (0.7, [1.1, 0.3, 0.9])),
        (rows, (np.array([[1.0, 2.0], [0.3, -0.4]]),)),
        (by_name, (0.7, (1.1, 0.3))),
    ],
)
def test_derivatives(f: Any, args: Any) -> None:
    check_derivative(f, *args)


def test_what_kinds_decide_is_not_in_the_text() -> None:
    text = grad(defaults, wrt=("t", "more")).source_for(0.7, (1.1, 0.3))
    assert "if" not in text and "len" not in text
    assert "more[0]" in text


def test_a_number_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(TypeError, match="expected 1 or 2 or 3 arguments to spread"):
        grad(defaults)(0.7, (1.0, 2.0, 3.0, 4.0))
    with pytest.raises(TypeError, match="expected 2 arguments to spread"):
        grad(between)([1.0, 2.0, 3.0])


def unknown(values: Any) -> Any:
    return math.hypot(*values)


def several(a: Any, b: Any) -> Any:
    return scaled(*a, *b)


def by_keywords(t: Any, more: Any) -> Any:
    return scaled(t, **more)


@pytest.mark.parametrize(
    "f, args, caret",
    [
        (unknown, ([1.0, 2.0],), "*values"),
        (several, ([1.0], [2.0]), "*a"),
        (by_keywords, (1.0, {"a": 2.0}), "scaled(t, **more)"),
    ],
)
def test_what_is_refused(f: Any, args: Any, caret: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(*args)
    error = caught.value
    assert error.reason == "active data is spread over the arguments of a call, so that their number is unknown"
    assert error.hint == "write the arguments out"
    origin = error.origin
    assert origin is not None and origin.line > f.__code__.co_firstlineno
    assert origin.text[origin.column : origin.end_column] == caret
