"""A variable `_` that a program reads is one like any other, though derivatives call so what nobody reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import checkpointed, grad
from tangent_sct.testing import check_derivative

Program = Callable[..., Any]
ROW = np.array([0.5, 0.7, 0.9])


def index_in_a_while(x, r):
    for _ in range(3):
        k = 0
        while k < 2:
            x = np.sin(x) * r[_]
            k += 1
    return x


def number_in_a_while(x, r):
    _ = x * r[1]
    k = 0
    while k < 2:
        x = np.sin(x) * _
        k += 1
    return x


def assigned_in_a_while(x, r):
    k = _ = 0
    while k < 2:
        _ = k
        x = np.sin(x) * r[_]
        k += 1
    return x


def array_in_a_while(x, r):
    _ = x * r
    total = 0.0
    for v in _:
        k = 0
        while k < 2:
            total += np.sin(v) * np.sum(_ * _)
            k += 1
    return total


def keys_of_a_dict(x, r):
    k = 0
    while k < 4:
        held = {"u": 0.5 * x, "v": r[k]}
        return np.cos(sum(value * held[_] for _, value in held.items()))
    return k


def whole_numbers_as_keys(x, r):
    held = {2: x, 0: x * r[1], 1: np.sin(x)}
    for _ in held:
        k = 0
        while k < 2:
            x = np.sin(x + held[_] * r[_])
            k += 1
    return x


def in_marked_loops(x, r):
    for _ in checkpointed(range(3), snapshots=2):
        k = 0
        while k < _:
            x = np.sin(x) * r[_]
            k += 1
    for _ in checkpointed(range(3), snapshots=2):
        x = np.cos(x) * r[_]
    _ = x * x
    return _ * x


def around_a_marked_loop(x, r):
    _ = x * r[0]
    for i in checkpointed(range(3), snapshots=2):
        k = 0
        while k < i:
            x = np.sin(x) * _
            k += 1
    return x


def values_in_a_marked_loop(x, r):
    # The compiler reads it, the program does not.
    total = 0.0
    for i in checkpointed(range(2), snapshots=5):
        held = {"u": x * x, "v": r[i]}
        total = total * x + sum(value for _, value in held.items())
    return total


def a_parameter(x, _):
    while np.sum(x) < 9.0:
        x = x * (1.0 + _[0])
    for k in range(2):
        x = x * _[k]
    return x


def beside_results_that_nobody_reads(x, r):
    _ = x * r[1]
    found, _residuals, _rank, values = np.linalg.lstsq(np.diag(r) * _ + r, r, rcond=None)
    return np.sum(np.sin(found) * values) * _ * _


@pytest.mark.parametrize(
    "f",
    [
        index_in_a_while, number_in_a_while, assigned_in_a_while, array_in_a_while, keys_of_a_dict,
        whole_numbers_as_keys, in_marked_loops, around_a_marked_loop, beside_results_that_nobody_reads,
        values_in_a_marked_loop, a_parameter,
    ],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_a_variable_that_is_called_underscore(f: Program) -> None:
    """The reversed loop of a `while` counts by `_`, which was the variable of the program: adjoints that read it got
    the number of the step, so gradients were wrong, or a KeyError."""
    check_derivative(f, 0.6, ROW)
    check_derivative(grad(f), 0.6, ROW)


def test_loops_that_only_count_still_count_by_underscore() -> None:
    def f(x, r):
        for _ in range(3):
            k = 0
            while k < 2:
                x = np.sin(x)
                k += 1
        while x < r[0]:
            x = x * 1.5
        return x

    text = grad(f).source_for(0.6, ROW)
    assert text.count("for _ in ") == 4 and "__2" not in text


def test_what_reads_it_has_another_name() -> None:
    def f(x):
        total = 0.0
        for _, value in enumerate(x):
            total += value * value
        for _ in range(3):
            total *= total
        return total

    text = grad(f).source_for(ROW)
    assert "for i in range(t):" in text and "for _ in range(3):" in text
    check_derivative(f, ROW)
