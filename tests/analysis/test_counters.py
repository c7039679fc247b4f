"""Counters of loops: what they held is computed from where the loop began."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_sct import check_derivative, grad

X = np.array([0.3, 0.5, 0.7, 0.9, 0.4, 0.8])


def packed(x):
    k, s = 0, 1.0
    for i in range(3):
        for j in range(i, 3):
            s = np.sin(s * x[k]) + x[j]
            k += 1
    return s


def backwards(x):
    k, s = 6, 1.0
    for _ in range(1, 4):
        k -= 2
        s = np.cos(s) * x[k]
    return s * x[k + 1]


def advanced_first(x):
    k, s = 1, 1.0
    for i in range(3):
        s = np.cos(s) * x[k - 1] + x[i]
        k += 1
        if s > 0.2:
            s = s * x[k - 1]
    return s


def over_items(x):
    k, s = 0, 1.0
    for item in x:
        s = np.sin(s * item) + x[k]
        k += 1
    return s


def in_a_branch(x):
    k, s = 0, 1.0
    for _ in range(5):
        s = np.cos(s) * x[k]
        if s > 0.3:
            k += 1
    return s


def left_early(x):
    k, s = 0, 1.0
    for _ in range(5):
        s = np.cos(s) * x[k]
        if s < 0.1:
            break
        k += 1
    return s * x[k]


def skipped(x):
    k, s = 0, 1.0
    for _ in range(5):
        s = np.cos(s) * x[k]
        if s > 0.5:
            continue
        k += 1
    return s


def no_whole_number(x):
    t, s = 0.1, 1.0
    for i in range(5):
        s = np.cos(s * t) * x[i]
        t += 1
    return s


def by_more_each_time(x):
    k, s = 0, 1.0
    for i in range(3):
        s = np.cos(s) * x[k]
        k += i
    return s


def set_in_between(x):
    k, s = 0, 1.0
    for i in range(4):
        s = np.cos(s) * x[k]
        k += 1
        if i == 1:
            k = 3
        s *= x[k - 1]
    return s


COMPUTED = {packed: "k_2 = k + (j - i)", backwards: "k - 2 * (", advanced_first: "k + i"}
RECORDED = (over_items, in_a_branch, left_early, skipped, no_whole_number, by_more_each_time, set_in_between)


@pytest.mark.parametrize("function", COMPUTED)
def test_counters_are_not_recorded_in_every_iteration(function) -> None:
    assert COMPUTED[function] in grad(function).source_for(X)


@pytest.mark.parametrize("function", RECORDED)
def test_what_is_no_counter_is_recorded(function) -> None:
    assert "tape.append(" in grad(function).source_for(X)


@pytest.mark.parametrize("function", (*COMPUTED, *RECORDED))
def test_derivatives(function) -> None:
    check_derivative(function, X)
    check_derivative(grad(function), X)
