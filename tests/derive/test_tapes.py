"""Lists that are only pushed to and popped from by the user, with displays as items."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad, jvp
from tangent_sct.testing import check_derivative


def pairs(x: float) -> float:
    stack = []
    for i in range(3):
        stack.append((x * i, x))
    total = 0.0
    for _ in range(3):
        a, b = stack.pop()
        total += a * b * b
    return total


def lists(x: float) -> float:
    stack = []
    for i in range(3):
        stack.append([np.sin(x * i), 2.0, x])
    total = 0.0
    for _ in range(3):
        item = stack.pop()
        total += item[0] * item[1] * item[2]
    return total


def dicts(x: float) -> float:
    stack = []
    for i in range(3):
        stack.append({"a": x * i, "n": i})
    total = 0.0
    for _ in range(3):
        item = stack.pop()
        total += item["a"] ** 2 * item["n"]
    return total


def nested(x: float) -> float:
    stack = []
    stack.append(((x, x * x), 3))
    stack.append(((1.0, x), 4))
    total = 0.0
    for _ in range(2):
        (a, b), n = stack.pop()
        total += a * b**2 * n
    return total


def arrays(x: np.ndarray) -> float:
    stack = []
    row = x
    for i in range(3):
        row = np.sin(row) + x
        stack.append((row, x[i]))
    total = 0.0
    for _ in range(3):
        row, one = stack.pop()
        total += np.sum(row * row) * one
    return total


def written(x: np.ndarray) -> float:
    stack = []
    for i in range(3):
        row = x * i
        row[0] = x[1]
        stack.append((row, x[0]))
    total = 0.0
    for _ in range(3):
        row, one = stack.pop()
        row[1] *= one
        total += np.sum(row * row)
    return total


def while_not_empty(x: float) -> float:
    stack = []
    stack.append((x, 3))
    total = 0.0
    while len(stack) > 0:
        value, depth = stack.pop()
        total += value * value
        if depth > 0:
            stack.append((np.sin(value), depth - 1))
    return total


def constant_items(x: float) -> float:
    stack = []
    stack.append((1.0, 2.0))
    stack.append((x, 2.0))
    total = 0.0
    for _ in range(2):
        a, b = stack.pop()
        total += a * a * b * x
    return total


X = np.array([0.4, 0.7, 1.1])
CASES = [
    (pairs, 0.7), (lists, 0.7), (dicts, 0.7), (nested, 0.7), (arrays, X), (written, X),
    (while_not_empty, 0.7), (constant_items, 0.7),
]  # fmt: skip


@pytest.mark.parametrize("function, x", CASES, ids=[f.__name__ for f, _ in CASES])
def test_displays_on_a_stack(function: Callable[[Any], float], x: Any) -> None:
    check_derivative(function, x)


def test_second_order() -> None:
    step = 1e-6
    for function in (pairs, lists, dicts, nested, while_not_empty, constant_items):
        first = grad(function)
        expected = (first(0.7 + step) - first(0.7 - step)) / (2 * step)
        assert np.isclose(grad(first)(0.7), expected, rtol=1e-6)
        assert np.isclose(jvp(first)(0.7, seed=1.0)[1], expected, rtol=1e-6)
