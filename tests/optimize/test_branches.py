"""`branches`: tests that the kinds of the arguments decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad, jvp
from tangent_sct.optimize.branches import demo
from tangent_sct.testing import check_derivative

X = np.array([1.0, -2.0, 3.0])


def optional(x, w=None):
    if w is None:
        w = np.ones_like(x)
    return np.sum(w * x * x)


def switched(x, kind="l2", verbose=False):
    if verbose:
        print("called")
    if kind == "l2":
        return np.sum(x * x)
    elif kind == "l1":
        return np.sum(np.abs(x))
    raise ValueError(kind)


def of_rank(x):
    if x.ndim == 2:
        x = x.T @ x
    return np.sum(x * x)


def started(x, n):
    first = True
    total = 0.0
    for i in range(n):
        if first:
            total = x[i] * 2.0
            first = False
        else:
            total = total + x[i] * x[i]
    return total


def collected(x):
    items = []
    for v in x:
        if len(items) > 1:
            items.append(v * v)
        else:
            items.append(v)
    return items[0] * items[2]


def remembered(x):
    last = None
    total = 0.0
    for v in x:
        if last is not None:
            total = total + v * last
        last = v
    return total


def left_early(x, flag):
    total = 0.0
    for v in x:
        if flag:
            break
        total = total + v * v
    return total + x[0]


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (optional, (X,)), (optional, (X, X)), (switched, (X,)), (switched, (X, "l1")),
        (of_rank, (X,)), (of_rank, (np.ones((2, 3)),)), (started, (X, 3)),
        (left_early, (X, True)), (left_early, (X, False)), (remembered, (X,)),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)  # fmt: skip
def test_derivatives_are_right(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    check_derivative(f, *args, wrt=0)


def test_a_list_that_grows_has_no_known_length() -> None:
    value, tangent = jvp(collected)(X, seed=np.ones(3))
    assert value == collected(X) == 9.0
    assert tangent == 3.0 * 3.0 + 1.0 * 2.0 * 3.0


def test_the_branch_that_is_taken_stands_alone() -> None:
    assert grad(optional).source_for(X).startswith(
        "def optional_grad(x, w, optional_bar=1.0):\n"
        "    w = np.ones_like(x)\n"
        "    # return np.sum(w * x * x)\n"
    )
    assert "if" not in grad(switched).source_for(X)
    assert "abs" not in grad(switched).source_for(X)
    assert "np.sign(x)" in grad(switched).source_for(X, "l1")


def test_effects_happen_as_in_the_function(capsys: pytest.CaptureFixture[str]) -> None:
    grad(switched)(X)
    assert capsys.readouterr().out == ""
    grad(switched)(X, verbose=True)
    assert capsys.readouterr().out == "called\n"


def test_what_raises_still_raises() -> None:
    for derivative in (grad(switched), lambda *args: jvp(switched)(*args, seed=X)):
        with pytest.raises(ValueError, match="l3"):
            derivative(X, "l3")


def test_what_is_decided_when_the_program_runs_stays() -> None:
    text = "def f(x):\n    test = x > 1\n    if test:\n        y = x\n    else:\n        y = 2 * x\n    return y"
    assert demo(text) == text
    assert "if first" in grad(started).source_for(X, 3)


@pytest.mark.parametrize(
    ("test", "kept"),
    [
        ("None is None", "y = x"), ("not None", "y = x"), ("1 != 1", "y = 2 * x"),
        ("'a' == 'b'", "y = 2 * x"), ("True and 2 < 1", "y = 2 * x"), ("True or x", "y = x"),
        ("len((x, x)) == 2", "y = x"), ("[x] is not None", "y = x"), ("3", "y = x"),
        ("x and False", None), ("print(x) is None", None), ("g(x) == 1", None), ("1 < x < 2", None),
        ("x is None", None), ("0 < 'a'", None),
    ],
)  # fmt: skip
def test_what_is_known(test: str, kept: str | None) -> None:
    text = f"def f(x):\n    if {test}:\n        y = x\n    else:\n        y = 2 * x\n    return y"
    assert demo(text) == (f"def f(x):\n    {kept}\n    return y" if kept else text)


def test_an_else_that_serves_every_case() -> None:
    """What the compiler wrote need not be tested while the program runs; what kinds decide they decide."""

    def f(x, y):
        a = np.zeros(3)
        np.copyto(a, x, where=y)
        return np.sum(a * x)

    text = grad(f).source_for(X, np.array([True, False, True]))
    assert "if " not in text and "np.broadcast_to" in text
    text = grad(f).source_for(X, True)
    assert "if " not in text
    check_derivative(f, X, np.array([True, False, True]))


def test_shapes_that_surely_are_the_same() -> None:
    def f(x):
        y = x * 2.0
        if np.shape(x) == np.shape(y):
            return np.sum(y * x)
        return np.sum(y)

    assert "if " not in grad(f).source_for(X)
    check_derivative(f, X)
