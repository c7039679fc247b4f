"""Loops over what changes while it is looped over, or afterwards: items are those that Python comes to."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, checkpointed, grad, jvp, vjp

X = np.array([0.7, 0.4, 1.1])
T = np.array([0.3, 0.9, 0.5])
DIRECTION = np.array([1.0, -0.5, 0.3])


def numbers_of_a_list(x, t):
    """A list of numbers was copied before the loop, which replaces some: the adjoint was that of the old ones."""
    places, s = [0, 1, 2], 0.0
    for i in places:
        places[2] = 0
        s += x[i] * x[i]
    return s


def numbers_backwards(x, t):
    places, s = [0, 1, 2], x[0]
    for i in reversed(places):
        s = s * x[i] + np.sin(x[i])
        places[0] = 2
    return s


def numbers_of_a_dict(x, t):
    held, s = {"a": 1.0, "b": 2.0}, x[0]
    for key, value in held.items():
        s = s * np.sin(value * x[1]) + len(key)
        held["b"] = 0.7
    held["a"] = 9.0
    return s


def arrays_of_a_dict(x, t):
    held, s = {"a": t, "b": t * 2.0, "c": t + 1.0}, x[0]
    for value in held.values():
        s = np.sin(s * np.sum(value * x))
        held["b"][1] = 0.3
        held["c"] = t * 3.0
    t[:] = 0.0
    return s


def an_active_dict(x, t):
    held, s = {"a": 1.0, "b": x[0]}, x[1]
    for value in held.values():
        s = np.sin(s * value)
        held["b"] = x[2]
    return s


def lists_in_a_dict(x, t):
    held, s = {"r": [1.0, 2.0, 3.0]}, x[0]
    for v in held["r"]:
        for w in reversed(held["r"]):
            s = np.cos(s * v) + w * x[1]
        held["r"][1] = 0.5
    held["r"].pop()
    return s


def a_list_that_grows(x, t):
    rows, s = [t.copy(), 2.0 * t], x[0]
    for row in rows:
        s = s * np.sum(row * x)
        row[0] = 0.3
        if len(rows) < 4:
            rows.append(t * 0.5)
    rows[0][:] = 0.0
    return s


def rows_that_are_numbered(x, t):
    a, s = np.outer(t, t + 1.0), 0.0
    for i, row in enumerate(a):
        s += np.sum(row * x) * np.sin(s + 1.0)
        a[2, 0] = 5.0 + i
        row[1] = 0.25 * i
    a[...] = 7.0
    return s * s


def numbers_that_are_numbered(x, t):
    s = x[0]
    for i, v in enumerate(t):
        s = np.sin(s * v) + x[1]
        t[2] = 1.5
        if i == 1:
            break
    t[0] = 3.0
    return s


def rows_of_a_view(x, t):
    s = x[0]
    for row in t.reshape(3, 1):
        for v in row:
            s = np.sin(s * v)
            t[1] = t[1] * 0.5
    t[0] = 4.0
    return s * x[2]


def several_at_once(x, t):
    s = x[0]
    for i, v in zip(range(3), reversed(t), strict=False):
        s = s * np.sin(x[i] * v)
        t[0] += 0.25
    return s


def functions_in_a_list(x, t):
    functions, q = [], 2.0
    for k in range(3):
        functions.append(lambda q, w=k * 0.5: q * w + 1.0)
    for s, function in zip((1, 2, 3), functions, strict=False):
        q = function(q) + s
    return q * x[0] * x[1]


def numbers_that_grow(x, t):
    """With no list of the compiler's about, no method was seen to change a list: the old items were taken back."""
    places, s = [0], x[0]
    for i in places:
        if i < 2:
            places.append(i + 1)
        s = s * x[i] + np.sin(x[i])
    return s


def a_list_that_shrinks(x, t):
    places, s = [0, 1, 2, 1], x[0]
    for i in places:
        places.pop()
        s = s * x[i] + np.sin(x[i])
    return s


def a_list_that_is_turned_round(x, t):
    places, s = [0, 1, 2], x[0]
    for i in places:
        places.reverse()
        s = s * x[i] + np.sin(x[i])
    return s


CASES = [
    numbers_that_grow, a_list_that_shrinks, a_list_that_is_turned_round,
    numbers_of_a_list, numbers_backwards, numbers_of_a_dict, arrays_of_a_dict, an_active_dict, lists_in_a_dict,
    a_list_that_grows, rows_that_are_numbered, numbers_that_are_numbered, rows_of_a_view, several_at_once,
    functions_in_a_list,
]  # fmt: skip


def slope(function: Callable[[np.ndarray], Any], step: float = 1e-5) -> Any:
    return (function(X + step * DIRECTION) - function(X - step * DIRECTION)) / (2 * step)


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_items_are_those_that_the_loop_comes_to(function: Callable[..., Any]) -> None:
    expected = slope(lambda x: function(x, T.copy()))
    value, tangent = jvp(function)(X, T, seed=DIRECTION)
    assert value == function(X, T.copy())
    np.testing.assert_allclose(tangent, expected, rtol=1e-7)
    np.testing.assert_allclose(grad(function)(X, T) @ DIRECTION, tangent, rtol=1e-12)


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_second_derivatives_take_the_same_items(function: Callable[..., Any]) -> None:
    gradient = grad(function)
    expected = slope(lambda x: gradient(x, deepcopy(T)))
    for mode in (jvp, vjp):
        np.testing.assert_allclose(mode(gradient)(X, T, seed=DIRECTION)[1], expected, rtol=1e-6, atol=1e-8)


def checkpointed_over_rows(x, t):
    a, s = np.outer(t, t), x[0]
    for row in checkpointed(enumerate(a), snapshots=2):
        s = np.sin(s * row[1][0])
    a[0] = 0.0
    return s


def test_a_checkpointed_loop_keeps_no_record_of_its_items() -> None:
    with pytest.raises(UnsupportedError) as error:
        grad(checkpointed_over_rows)(X, T)
    refusal = error.value
    assert "a checkpointed loop runs over `a`, which is written (test_changing_loops.py, line " in str(refusal)
    assert (refusal.text or "").strip() == "for row in checkpointed(enumerate(a), snapshots=2):"
    assert refusal.offset == 5
    assert refusal.hint == "loop over a copy, or over range(len(...))"
