"""What is recomputed in the reverse sweep is cheap, right, and leaves little to record."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tangent_sct import grad
from tangent_sct.testing import check_derivative
from tests.derive.stages import after

A = np.random.default_rng(3).random((4, 4)) + 4 * np.eye(4)
B = np.array([0.3, -0.8, 1.1, 0.6])


def runge_kutta(x, y, h, n):
    for _ in range(n):
        a, b = x * y, y - x
        x2 = x + 0.5 * h * a
        y2 = y + 0.5 * h * b
        a2, b2 = x2 * y2, y2 - x2
        x3 = x + 0.5 * h * a2
        y3 = y + 0.5 * h * b2
        a3, b3 = x3 * y3, y3 - x3
        x = x + h * (a + 2 * a2 + a3) / 4
        y = y + h * (b + 2 * b2 + b3) / 4
    return x * y


def dear(x, z, n):
    y = x
    for i in range(n):
        p = math.log(1.0 + i * i) * math.sin(z * i) + math.cos(i)
        y = y * p
    return y


def cheap(x, z, n):
    y = x
    for i in range(n):
        y = y * (z * i + 1.0)
    return y


def elimination(A):
    n = A.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] = A[i, k] / A[k, k]
            for j in range(k + 1, n):
                A[i, j] = A[i, j] - A[i, k] * A[k, j]
    total = 0.0
    for k in range(n):
        total = total + math.log(A[k, k])
    return total


def triangular(A, b):
    x = np.zeros(len(b))
    for i in range(len(b)):
        s = b[i]
        for j in range(i):
            s -= A[i, j] * x[j]
        x[i] = s / A[i, i]
    return np.sum(x * x)


def triangular_by_rows(A, b):
    x = b.copy()
    for i in range(len(b)):
        x[i] = (x[i] - np.dot(A[i, :i], x[:i])) / A[i, i]
    return np.sum(x * x)


def seidel(A, steps):
    n = A.shape[0]
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                A[i, j] = (A[i - 1, j] + A[i + 1, j] + A[i, j - 1] + A[i, j + 1]) / 4
    return np.sum(A * A)


def swept_twice(b, steps):
    for _ in range(steps):
        for i in range(1, len(b)):
            b[i] = b[i] * b[i - 1]
    return np.sum(b)


def read_whole(b):
    total = 0.0
    for i in range(1, len(b)):
        t = b[i - 1] * b[i - 1] * 0.5
        b[i] = t
        total += np.dot(b, b) * t
    return total


@pytest.mark.parametrize(
    ("f", "args", "tapes"),
    [
        (runge_kutta, (0.4, 0.9, 0.1, 3), 2),
        (elimination, (A,), 0),
        (triangular, (A, B), 0),
        (triangular_by_rows, (A, B), 0),
        (seidel, (A, 2), 0),
        (swept_twice, (B, 2), 2),
        (dear, (0.6, 0.3, 3), 1),
        (cheap, (0.6, 0.3, 3), 0),
    ],
)
def test_what_is_recorded(f, args, tapes) -> None:
    assert grad(f).source_for(*args).count("_tape") == 3 * tapes
    check_derivative(f, *args, wrt=(0,))


def test_what_is_put_back_is_not_read_where_it_was_put() -> None:
    check_derivative(read_whole, B)
    check_derivative(swept_twice, B, 3, wrt=(0,))


def test_a_pass_of_its_own() -> None:
    seen = after("rematerialise", runge_kutta, 0.4, 0.9, 0.1, 3)
    assert "_tape" not in seen and seen.count("a2_2 = x2_2 * y2_2") == 1
    with_tapes = after("record", runge_kutta, 0.4, 0.9, 0.1, 3)
    assert with_tapes.count("_tape = []") == 2


def put_where_nobody_reads(a, b):
    v = np.sin(b)
    r = np.sum(v)
    for i in range(4):
        t = np.exp(b[i] * a[i])
        v[i] = t
        a[i] = t
    return np.sum(a * r)


def put_into_what_is_not_needed(a, b):
    out = np.zeros(4)
    for i in range(4):
        t = np.exp(b[i] * a[i])
        out[i] = t
        a[i] = t
    return np.sum(a * b)


def put_twice(a, b):
    v = np.zeros(4)
    v[3] = a[1:] = a[3]
    return np.sum(a * b)


@pytest.mark.parametrize("f", [put_where_nobody_reads, put_into_what_is_not_needed, put_twice])
def test_what_is_put_where_nobody_reads_is_not_read_there(f) -> None:
    """The store was dead and left out, and its place was read all the same: wrong adjoints, or a NameError."""
    check_derivative(f, np.array([0.7, 1.3, 0.4, 1.9]), np.array([0.3, 0.8, 1.1, 0.6]))


def beside_a_loop_that_never_runs(a, b, k):
    if k > 0:
        for _ in range(0):
            b[0] = 2.0
    else:
        for i in range(1, 4):
            if i == 2 + k:
                continue
            a[i] = 3 * a[0] + b[2]
    return a


def test_a_branch_that_was_turned_round_has_its_number() -> None:
    """The reverse sweep took it for the other one: tests were computed outside of the loop, or no tape was found."""
    a, b = np.array([0.7, 1.3, 0.4, 1.9]), np.array([0.3, 0.8, 1.1, 0.6])
    for k in (0, 1, -1):
        check_derivative(beside_a_loop_that_never_runs, a, b, k)
