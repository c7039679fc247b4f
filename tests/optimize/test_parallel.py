"""Loops over `prange`: parallel in the derivative only where no iteration meets another."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_sct import grad, jvp

numba = pytest.importorskip("numba")
prange = numba.prange


def entries(x, c):
    out = np.zeros_like(x)
    for i in prange(x.size):
        t = x[i] * c
        out[i] = np.exp(t) * t
    return np.sum(out * out)


def total(x, y):
    s = 0.0
    for i in prange(x.size):
        s += np.sin(x[i]) * y[i]
    return s


def rows(A, c):
    out = np.zeros(A.shape[0])
    for i in prange(A.shape[0]):
        s = 0.0
        for j in range(A.shape[1]):
            s += A[i, j] * c
        out[i] = s
    return np.sum(out * out)


def stencil(x, c):
    out = np.zeros_like(x)
    for i in prange(1, x.size - 1):
        out[i] = x[i - 1] * c + x[i] ** 2 - x[i + 1]
    return np.sum(out * out)


def product(x, c):
    s = c
    for i in prange(x.size):
        s *= x[i]
    return s


def recorded(x, c):
    out = np.zeros_like(x)
    for i in prange(x.size):
        t = x[i] * c
        while t < 1.0:
            t = t * 2.0 + 0.1
        out[i] = t * t
    return np.sum(out)


def other_name(x, c):
    y = x * 1.0
    y[0] = c
    v = y[1:]
    out = np.zeros_like(v)
    for i in prange(v.size):
        out[i] = y[i] * c + v[i]
    return np.sum(out * out)


def counted_down(x, c):
    out = np.zeros_like(x)
    for i in prange(-2, 2):
        out[i] = x[i] * c
    return np.sum(out * out)


def loops(function, forward=False):
    """How many parallel loops, and how many others, a derivative has."""
    x = np.array([[0.5, 0.7], [0.2, 0.3]]) if function is rows else np.array([0.5, 0.7, 0.2, 0.3])
    second = np.ones_like(x) if function is total else 0.9
    if forward:
        text = jvp(function, (0, 1), backend="numba").source_for(x, second, seed=(x, second))
    else:
        text = grad(function, (0, 1), backend="numba").source_for(x, second)
    return text.count("in prange("), text.count("range(") - text.count("prange(")


def again(x, c):
    out = x * 1.0
    for _ in range(3):
        for i in prange(x.size):
            out[i] = out[i] ** 2 * c + np.sin(x[i])
    return np.sum(out)


@pytest.mark.parametrize(("function", "reverse", "forward"), [
    (again, (2, 2), (1, 1)),
    (entries, (2, 0), (1, 0)),
    (total, (1, 0), (1, 0)),
    (rows, (2, 2), (1, 1)),
    (stencil, (1, 1), (1, 0)),
    (product, (0, 2), (0, 1)),
    (recorded, None, (1, 0)),
    (other_name, (1, 1), (1, 0)),
    (counted_down, (0, 2), (0, 1)),
])  # fmt: skip
def test_which_loops_are_parallel(function, reverse, forward) -> None:
    if reverse is not None:
        assert loops(function) == reverse
    else:
        assert loops(function)[0] == 0
    assert loops(function, forward=True) == forward


def test_python_runs_loops_over_range() -> None:
    text = grad(entries, (0, 1)).source_for(np.ones(3), 0.9)
    assert "prange" not in text
    np.testing.assert_allclose(grad(total)(np.ones(3), np.ones(3)), np.cos(1.0) * np.ones(3))


@pytest.mark.parametrize("function", [entries, rows, total, again])
def test_parallel_loops_give_the_same(function, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TANGENT_SCT_CACHE_DIR", str(tmp_path))
    x = np.linspace(0.1, 0.9, 12).reshape((3, 4) if function is rows else 12)
    second = x[::-1].copy() if function is total else 0.9
    for found, expected in zip(
        grad(function, (0, 1), backend="numba")(x, second), grad(function, (0, 1))(x, second), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-12)
