"""Loops over arrays that are written in place while they run, or afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative
from tests.helpers import Program, listed

PROGRAMS: list[Program] = []
program = listed(PROGRAMS)


@program
def elements(x):
    w = np.array([0.1, 0.2, 0.3])
    s = 0.0
    for v in w:
        s = s + v * x
        w[1:] *= 2.0
        w[0] = s
    return s * w.sum() * x


@program
def rows_that_are_written_themselves(x):
    w = np.ones((3, 2)) * 0.5
    s = x
    for row in w:
        s = s + row.sum() * x * x
        row[0] = 3.0
        w[2] += row
    return s * w.sum()


@program
def left_early_and_read_afterwards(x):
    w = np.array([0.1, 0.2, 0.3])
    s = x
    for v in w:
        if v > 0.25:
            break
        s = s * x + v
        w[1] = 0.2 + v
    return s * x + v


@program
def written_after_the_loop(x):
    w = np.array([0.1, 0.2, 0.3])
    s = x
    for v in w:
        s = s * x + v
    w[:] = 2.0
    return s * w.sum()


@program
def a_list_that_the_loop_makes(x):
    s = 0.0
    for w in [np.ones(3) * 0.5, np.ones(2)]:
        s = s + np.sum(np.sin(w) * w)
        w[1] *= x
    w[0] += x * x
    return s * w.sum() + w[1] * x


@program
def counted_items_of_such_a_list(x):
    s = x
    for k, w in enumerate([np.ones(3) * 0.5, np.ones(3)]):
        s = s + k * np.sum(np.sin(w) * w)
        w[k] *= s
    return s * w.sum() * x


@program
def two_such_lists(x):
    s = x
    for w, (k, r) in zip([np.ones(3) * 0.5, np.ones(3)], enumerate([np.ones(2), np.ones(3) * 0.2]), strict=False):
        s = s + np.sum(np.sin(w) * w) * r[1] + k
        w[1] *= x
        r[0] = s
    return s * w.sum() + r[0] * x


@program
def parts_that_the_loop_makes(x):
    s = x
    for w in np.split(np.ones(6) * 0.5, 2):
        s = s + np.sum(np.sin(w) * w)
        w[1] *= s
    return s * w.sum() * x


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_derivatives(f: Callable[[Any], Any]) -> None:
    check_derivative(f, 1.3)
    check_derivative(grad(f), 1.3)
    assert np.isclose(jvp(f)(1.3, seed=1.0)[1], grad(f)(1.3))


def test_other_loops_stay_what_they_are() -> None:
    def f(x):
        w = np.array([0.1, 0.2, 0.3])
        s = x
        for v in w:
            s = s * x + v
        return s

    assert "for v in w:" in grad(f).source_for(1.3)


def test_items_that_cannot_be_told_apart_are_refused() -> None:
    def f(x):
        for w in reversed([np.ones(3), np.ones(3) * 0.5]):
            w[1] *= x
        return w.sum() * x

    with pytest.raises(UnsupportedError, match="what a loop calls `w` is written into") as caught:
        jvp(f)(1.3, seed=1.0)
    assert "for w in reversed" in str(caught.value.text)
    with pytest.raises(UnsupportedError, match="which is written"):
        grad(f)(1.3)
