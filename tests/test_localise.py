"""`check_derivative` names the statement at which a derivative goes wrong."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import check_derivative, d, grad, partials, rule
from tangent_sct.localise import wrong_statement
from tangent_sct.testing import _holds_floats

BY_ITSELF = "the first statement whose derivative is wrong by itself"


def bent(x):
    return np.sin(x)


@partials(bent)
def _bent(y, /, x):
    return np.where(x > 0.0, np.cos(x), 2.0)  # wrong for negative numbers


def doubled(x):
    return 2.0 * x


@rule(doubled)
def _doubled(y, /, x):
    def tangent():
        d[y] = 2.0 * d[x]

    def adjoint():
        d[x] += 3.0 * d[y]  # wrong in reverse mode alone


def straight(x):
    a = x * x
    b = bent(a - 2.0)  # HERE
    return a * b


def one_line(x):
    return np.sum(bent(x) * x)  # HERE


def reverse_only(x):
    y = x * x
    z = doubled(y)  # HERE
    return z + y


def called(v, factor):
    w = v * factor
    u = bent(w)  # HERE
    return u * u


def looped(x, n):
    y = x
    for i in range(n):
        y = called(y, 0.9)
        if i == 2:
            y -= 1.5
        elif i > 5:
            break
    return y


def in_called(x):
    return called(called(x, factor=0.5) + x, -1.0)


def with_inner(x):
    k = 2.0

    def inner(z):
        return bent(z) * k  # HERE

    y = x - 3.0
    return inner(y) * y


def grown(x):
    parts = []
    for v in x:
        parts.append(bent(v))  # HERE
    with np.errstate(all="ignore"):
        total = sum([p * p for p in parts])
    return total


def stored(x):
    y = np.zeros(3)
    v = y[1:]
    v[0] = x[0] * x[1]
    v[1] += bent(x[1])  # HERE
    return np.sum(y * y)


def waited(x):
    while x > -1.0:
        x = x - 1.0
    if x < 0.0:
        x = bent(x)  # HERE
    return x


class Model:
    def __init__(self, w):
        self.w = w

    def loss(self, x):
        return np.sum(self.act(x) ** 2)

    def act(self, x):
        y = self.w * x
        return bent(y)  # HERE

    def __call__(self, x):
        return self.loss(x)


def of_model(model, x):
    model.w = model.w * 2.0
    return model.loss(x)


def fixed(y, x):
    return straight(x) + y


W = np.array([1.0, -2.0])
CASES: list[tuple[Callable[..., Any], tuple[Any, ...], Callable[..., Any]]] = [
    (straight, (0.5,), straight),
    (one_line, (W,), one_line),
    (reverse_only, (0.5,), reverse_only),
    (looped, (0.3, 8), called),
    (in_called, (1.0,), called),
    (with_inner, (0.5,), with_inner),
    (grown, (W,), grown),
    (stored, (W,), stored),
    (waited, (0.5,), waited),
    (Model(W).loss, (0.5,), Model.act),
    (Model(W), (0.5,), Model.act),
    (of_model, (Model(W), 0.5), Model.act),
    (functools.partial(fixed, 1.0), (0.5,), straight),
]


def marked_line(function: Callable[..., Any]) -> tuple[int, str]:
    """The line of a function that ends in `# HERE`, and its text."""
    lines, first = inspect.getsourcelines(function)
    (place,) = [i for i, line in enumerate(lines) if line.rstrip().endswith("# HERE")]
    return first + place, lines[place].partition("#")[0].strip()


@pytest.mark.parametrize(("f", "args", "home"), CASES, ids=lambda v: getattr(v, "__name__", None))
def test_the_statement_is_named(f: Any, args: tuple[Any, ...], home: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        check_derivative(f, *args)
    number, text = marked_line(home)
    assert BY_ITSELF in str(caught.value)
    assert f"{__file__}, line {number}: {text}\n" in str(caught.value)


def test_what_differs_is_told() -> None:
    with pytest.raises(AssertionError) as caught:
        check_derivative(reverse_only, 0.5)
    told = [line for line in str(caught.value).split("\n") if line.startswith("reverse mode disagrees")]
    assert len(told) == 2 and all(": <w, Jv> = " in line for line in told)


def test_a_function_without_statements() -> None:
    with pytest.raises(AssertionError, match="`bent` has a rule, or no source: there are no statements"):
        check_derivative(bent, -1.0)
    with pytest.raises(AssertionError, match="`straight` has a rule, or no source"):
        check_derivative(grad(straight), 0.5)


def test_a_program_that_cannot_be_followed() -> None:
    def f(x):
        try:
            n = 3
        except ValueError:
            return 0.0
        return bent(x) * n

    with pytest.raises(AssertionError, match="which statement is wrong was not found"):
        check_derivative(f, -1.0)


def chained(x):
    a = x * x
    b = a + x
    c = b * a
    return c


def test_statements_that_go_wrong_together() -> None:
    def check(f: Any, args: Any, wrt: Any) -> None:
        text = inspect.getsource(f)
        if "b = a + x" in text and "a = x * x" in text:
            raise AssertionError("together")

    found = wrong_statement(chained, (2.0,), {}, check, _holds_floats)
    line = inspect.getsourcelines(chained)[1] + 2
    assert found == (
        "the first statement with which the derivative goes wrong, though it is right by itself:\n"
        f"{__file__}, line {line}: b = a + x\ntogether"
    )
    fine = wrong_statement(chained, (2.0,), {}, lambda f, args, wrt: None, _holds_floats)
    assert fine == "no statement was found at which it goes wrong"


def test_arguments_stay_what_they_are() -> None:
    x = np.array([1.0, -2.0, 3.0])

    def f(x):
        x[0] = bent(x[1])
        return np.sum(x * x)

    with pytest.raises(AssertionError, match=BY_ITSELF):
        check_derivative(f, x)
    assert x.tolist() == [1.0, -2.0, 3.0]
