"""Values that a program puts into a list outside of it, and does not read."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, insert_grad_of, jvp
from tangent_sct.testing import check_derivative
from tests.helpers import Program, listed, refusing

history: list[Any] = []
shelf = {"all": [history]}
owner = SimpleNamespace(history=history)
PROGRAMS: list[Program] = []
REFUSED: list[tuple[Program, str]] = []
program, refused = listed(PROGRAMS), refusing(REFUSED)


@program
def a_number(x):
    y = x * x
    history.append(y)
    return y * x


@program
def arrays_and_what_is_computed(x):
    y = np.array([x, x * x])
    for i in range(3):
        y = y * x
        history.append(y)
        history.append((i, y[0] * 2))
    return y.sum()


@program
def copies_of_an_array_that_is_written(x):
    y = np.array([x, x * x])
    for _ in range(3):
        y[0] = y[0] * x
        history.append(y.copy())
        history.append(y[0])
    return y.sum()


def noting(x):
    history.append(x * 2)
    return x * x


@program
def in_a_function_that_is_called(x):
    return noting(x) * noting(x * x)


@program
def in_branches_and_attempts(x):
    if x > 0.5:
        history.append(x)
    try:
        history.append(x * 3)
        y = x * x
    except ValueError:
        y = x
    return y


@program
def adjoints(x):
    y = x * x
    with insert_grad_of(y) as y_bar:
        history.append(y_bar)
    return y * y


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_derivatives(f: Callable[[Any], Any]) -> None:
    check_derivative(f, 1.3)
    check_derivative(grad(f), 1.3)


@pytest.mark.parametrize("f", [f for f in PROGRAMS if f is not adjoints], ids=lambda f: f.__name__)
def test_the_list_holds_what_it_held(f: Callable[[Any], Any]) -> None:
    history.clear()
    f(1.3)
    expected = repr(history)
    for derivative in (grad(f), grad(grad(f)), jvp(f), jvp(grad(f))):
        history.clear()
        derivative(1.3, **({} if derivative.request.mode == "grad" else {"seed": 1.0}))
        assert repr(history) == expected


def last():
    return history[-1]


READ = "which the function reads as well, or may read"
OTHER = "would come to hold something else than it does without a derivative"


@refused(READ)
def what_is_read(x):
    history.append(x * x)
    return history[-1] * x


@refused(READ)
def what_a_function_reads(x):
    history.append(x * x)
    return last() * x


@refused(READ)
def what_a_dict_holds(x):
    history.append(x * x)
    return shelf["all"][0][-1] * x


@refused(READ)
def what_an_object_holds(x):
    history.append(x * x)
    return owner.history[-1] * x


@refused(READ)
def another_name(x):
    history.append(x * x)
    again = history
    return again[-1] * x


@refused(READ)
def a_function_that_calls_itself(x):
    def inner(n):
        history.append(x * n)
        return x if n == 0 else inner(n - 1) * x

    return inner(2)


@refused(OTHER)
def an_array_that_is_written(x):
    y = np.array([x, x * x])
    history.append(y)
    y[0] = x
    return y.sum()


@pytest.mark.parametrize(("f", "reason"), REFUSED, ids=lambda item: getattr(item, "__name__", ""))
def test_refused(f: Callable[[Any], Any], reason: str) -> None:
    for derive in (grad, jvp):
        with pytest.raises(UnsupportedError) as caught:
            derive(f).source_for(1.3)
        error = caught.value
        assert reason in str(error) and str(error.filename).endswith("test_notes.py")
        assert error.text is not None and error.offset is not None and error.hint is not None
        assert error.text[error.offset - 1 :].startswith("history.append") and error.hint


def test_a_list_that_comes_to_be_reached_later() -> None:
    def f(x, values):
        history.append(x * x)
        return values[-1] * x * sum(kept.numbers)

    kept = SimpleNamespace(numbers=[2.0])
    df = grad(f)
    assert df(1.3, [1.0]) == 2.0
    with pytest.raises(ValueError, match="`values` holds a list that the function also appends to"):
        df(1.3, [history])
    kept.numbers = history
    with pytest.raises((ValueError, UnsupportedError), match="appends to|reads as well"):
        df(1.3, [1.0])


def test_the_text_is_that_of_the_program() -> None:
    text = grad(copies_of_an_array_that_is_written).source_for(1.3)
    assert "history.append(y.copy())" in text and "history.append(y[0])" in text
    assert "history.append(y)" in grad(a_number).source_for(1.3)
