"""Values that are None at first, or a container in one case only: right, or refused where that cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad
from tangent_sct.testing import check_derivative

Program = Callable[..., Any]
X = np.array([1.366, 0.571, 0.783])


def best_pair(x):
    best = None
    for i in range(3):
        if best is None or x[i] > best[0]:
            best = (x[i] * 2, x * i)
    return best[0] * best[1].sum()


def best_number(x):
    best = None
    for v in x:
        if best is None or v > best:
            best = v
    return best * best


def read_by_two_names(x):
    best = None
    for v in x:
        best = [v, x] if best is None else [best[0] * v, best[1] + x]
    w = best
    return best[0] * w[1].sum() * best[1][0]


def dict_or_none(x):
    state = None
    for v in x:
        if state is None:
            state = {"a": v, "b": x}
        state = {"a": state["a"] * v, "b": state["b"] * state["a"]}
    return np.sum(state["b"])


def filled_in(x):
    slots = [None, None]
    for i in range(2):
        if slots[i] is None:
            slots[i] = x[i] * 2
    return slots[0] * slots[1]


def previous_array(x, n):
    total, previous = 0.0, None
    for i in range(n):
        y = x * i + x**2
        if previous is not None:
            total = total + np.sum(y * previous)
        previous = y
    return total


def made_in_a_loop(x):
    for _ in x:
        z = (x, x.sum())
    return np.cos(z[1])


def grown_or_none(x, n):
    path = None
    for i in range(n):
        if path is None:
            path = []
        path.append(x[i % 3] ** 2)
    return path[0] * path[-1]


def box_on_one_path(x, given, n):
    if given:
        w = [x for _ in range(2)]
    for i in range(n):
        w = [x * v for v in range(i + 2)]
    return np.sum(w[1] ** 2)


PROGRAMS = [
    (best_pair, (X,)), (best_number, (X,)), (read_by_two_names, (X,)), (dict_or_none, (X,)),
    (filled_in, (X,)), (previous_array, (X, 3)), (made_in_a_loop, (X,)), (grown_or_none, (X, 4)),
    (box_on_one_path, (X, 1, 0)), (box_on_one_path, (X, 0, 2)),
]  # fmt: skip
IDS = [f"{function.__name__}-{args[1:]}" for function, args in PROGRAMS]


@pytest.mark.parametrize(("function", "args"), PROGRAMS, ids=IDS)
def test_derivatives(function: Program, args: tuple[Any, ...]) -> None:
    check_derivative(function, *args)


@pytest.mark.parametrize(("function", "args"), PROGRAMS, ids=IDS)
def test_derivatives_of_gradients(function: Program, args: tuple[Any, ...]) -> None:
    check_derivative(grad(function), *args, wrt=0, rtol=1e-4)


def test_the_text_is_that_of_the_container() -> None:
    assert "unbroadcast" not in grad(best_pair).source_for(X)


# -- containers in one case, numbers or arrays in another -----------------------------------------


def list_or_product(x, n):
    z = x[0]
    for i in range(n):
        if i == 1:
            z = [x[0], x[1]]
        if i == 2:
            w = z
            u = w
            z = w[0] * u[1]
    return z


def list_or_array(x):
    total = 0.0
    for v in [x, [x[0], x[1]]]:
        w = v
        total = total + v[0] * w[1]
    return total


@pytest.mark.parametrize(("function", "args", "name"), [(list_or_product, (X, 3), "w"), (list_or_array, (X,), "v")])
def test_what_may_be_a_container_is_not_added_up(function: Program, args: tuple[Any, ...], name: str) -> None:
    with pytest.raises(UnsupportedError, match=f"`{name}` is a list, tuple or dict in one case") as caught:
        grad(function)(*args)
    assert "keep values of different structure in different variables" in caught.value.hint
    assert caught.value.filename == __file__ and caught.value.text is not None and " = " in caught.value.text


def repeated(x):
    total = 0.0
    for v in [x[0], [x[0], x[1]]]:
        u = v * 2
        total = total + np.sum(u)
    return total


def test_arithmetic_with_what_may_be_a_container_is_checked_while_it_runs() -> None:
    with pytest.raises(DerivativeError, match="a list takes part in arithmetic here"):
        grad(repeated)(X)


def joined(rows, n):
    if n == 0:
        return rows[0][0] * rows[0][1]
    return joined([row[:1] + row[1:] for row in rows], n - 1)


def doubled(rows, n):
    if n == 0:
        return rows[0][0] * rows[0][1]
    return doubled([row[:1] * 2 for row in rows], n - 1)


def joined_deep(rows, n):
    if n == 0:
        return rows[0][0][0] * rows[0][0][1]
    parts = []
    for row in rows:
        first = row[0]
        start = first[:1]
        parts.append([start + first[1:]])
    return joined_deep(parts, n - 1)


def overlapping(rows, n):
    if n == 0:
        return rows[0][0] * rows[0][1]
    return overlapping([row[:2] + row[1:] for row in rows], n - 1)


ROWS = [[1.0, 2.0, 0.5], [3.0, 4.0, 1.5]]


@pytest.mark.parametrize(
    ("function", "rows"), [(joined, ROWS), (doubled, ROWS), (overlapping, ROWS), (joined_deep, [ROWS])]
)
def test_lists_that_a_recursion_may_join_are_refused(function: Program, rows: list[Any]) -> None:
    """A list that is joined of others may hold what they hold; where that is not seen, the run tells."""
    told = "a list takes part in arithmetic here.*make arrays of lists|calls itself and writes into its argument"
    with pytest.raises((DerivativeError, UnsupportedError), match=told):
        grad(function)(rows, 1)


def test_arrays_that_a_recursion_adds_are_right() -> None:
    check_derivative(overlapping, list(map(np.array, ROWS)), 1, wrt=0)


class Layer:
    """Keeps what it was last given, as layers of networks do; None before."""

    def __init__(self, w):
        self.w = w
        self.last = None

    def __call__(self, x):
        self.last = x
        return np.tanh(self.w @ x)


def remembered(x):
    layers = [Layer(x[:4].reshape(2, 2)), Layer(np.eye(2) * x[0])]
    y = x[1:3]
    for layer in layers:
        y = layer(y)
    return y.sum() + sum(np.sum(layer.last ** 2) for layer in layers)


def test_what_was_none_and_is_replaced_is_differentiated_twice() -> None:
    """The tape of what was replaced holds None, to which nothing was added by `+=` (a TypeError)."""
    x = np.array([0.4, 1.2, -0.6, 0.9])
    check_derivative(remembered, x)
    check_derivative(grad(remembered), x)
