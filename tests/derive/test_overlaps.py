"""Stores of what lies in the array that is written into, in other places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative

X = np.array([1.5, 2.5, 0.5, 3.5])
MESSAGE = "before it is their turn|one after the other; copy them first"


def thinned(x):
    y = np.concatenate([x, x])
    y[::2] = y[:4]
    return np.sum(y * y)


def row_to_column(x):
    A = np.outer(x, x)
    A[:, 3] = A[1]
    return np.sum(A * A * A)


def chosen(x):
    y = np.concatenate([x, x])
    y[y > 1] = y[-6:]
    return np.sum(y * y)


def rows_swapped(x):
    A = np.outer(x, x * x)
    A[0:2] = A[1], A[0]
    return np.sum(A * x)


def through_names(x):
    y = np.concatenate([x, x])
    left, right = y[::2], y[:4]
    for _ in range(2):
        left[:] = right
    return np.sum(y * y)


def out_of_a_list(x):
    y = np.concatenate([x, x])
    parts = [y[::2], y[:4]]
    parts[0][:] = parts[1]
    return np.sum(y * y)


def copied_to(x):
    y = np.concatenate([x, x])
    np.copyto(y[::2], y[:4], where=x > 0)
    return np.sum(y * y)


def joined(x):
    y = np.concatenate([x, x])
    np.concatenate([y[2:], y[:2]], out=y)
    return np.sum(y * y)


def stacked(x):
    A = np.outer(x, x * x)[:2]
    np.stack([A[1], A[0]], out=A)
    return np.sum(A * x)


def span_of_rows(x):
    A = np.outer(x, x * x)
    np.ptp(A, axis=1, out=A[0])
    return np.sum(A * x)


def flat_backwards(x):
    y = x * x
    y.flat[:] = y[::-1]
    return np.sum(y * x)


def flat_constants(x):
    w = np.array([1.0, 2.0, 3.0, 4.0])
    w.flat[1:] = w[:-1]
    return np.sum(w * x)


def columns_in_turn(x):
    A, s = np.outer(x, x * x), 0.0
    for i, v in enumerate(A.T.flat):
        A[i % 4, 3] = 2.0 * x[0]
        s += v * v
    return s


@pytest.mark.parametrize("f", [
    thinned, row_to_column, chosen, rows_swapped, through_names, out_of_a_list, copied_to, joined, stacked,
    span_of_rows, flat_backwards, flat_constants, columns_in_turn,
])  # fmt: skip
def test_what_is_overwritten_before_it_is_read(f: Callable[..., Any]) -> None:
    """NumPy reads what it has just written; reverse mode took it for a copy, `out=` and `flat` did in both modes."""
    with pytest.raises(DerivativeError, match=f"{MESSAGE}|reshaping made a copy"):
        check_derivative(f, X)


def shifted(x):
    y = np.concatenate([x, x])
    y[1:] = y[:-1]
    y[:] = y[::-1]
    y[:4] = y[4:]
    y[::2] = y[1::2]
    t = y[2:6]
    y[0:4] = t
    y[[0, 2, 4, 6]] = y[:4]
    return np.sum(y * y)


def mirrored(x):
    A = np.outer(x, x * x)
    for i in range(4):
        A[i, :i] = A[:i, i]
        A[i] = A[:, i]
    A[...] = A.T
    A[0:2] = A[1].copy(), A[0].copy()
    return np.sum(A * A)


def swapped(x):
    u, v = x * 1.0, x * x
    for _ in range(3):
        u[1:] = v[:-1]
        v[:2] = u[2:]
        u, v = v, u
        u[:] = v
    return np.sum(u * v)


def flat_parts(x):
    y = x * x
    v = y.flat[0:2]
    y[0] = 5.0 * x[1]
    y.flat[1:] = y.flat[:-1]
    y.flat[0:2] += y.flat[1:3]
    for i, e in enumerate(y.flat):
        y[3] = e * x[i]
    return v[0] * y[0] * y[3]


@pytest.mark.parametrize("f", [shifted, mirrored, swapped, flat_parts])
def test_what_numpy_copies_first(f: Callable[..., Any]) -> None:
    """What `flat` gave was taken for a view of the array, which changed with it."""
    check_derivative(f, X)
    check_derivative(grad(f), X)


def test_the_same_step_needs_no_check() -> None:
    """What surely is stored as it was is not asked about."""
    for f in (shifted, swapped):
        assert "check" not in grad(f).source_for(X)


def times_one(x):
    y = np.concatenate([x, x])
    y[::2] = y[:4] * 1.0
    y[::2] = y[:4] / 1
    z = -y[:4]
    y[::2] = -z
    return np.sum(y * y)


def test_a_value_of_its_own_stays_one() -> None:
    """`y[:4] * 1` was simplified to a part of `y`, of which NumPy makes no copy."""
    check_derivative(times_one, X)
    check_derivative(grad(times_one), X)


def test_compiled() -> None:
    """Compiled code copies what overlaps, which is not what the function does."""
    pytest.importorskip("numba")
    told = "values are stored one after the other in the array that they are a part of"
    with pytest.raises(DerivativeError, match=told):
        grad(thinned, backend="numba")(X)
    assert np.allclose(grad(swapped, backend="numba")(X), grad(swapped)(X))


def sum_of_nothing(x):
    s, items = x * x, []
    z = sum(items, s)
    z[0] = 5.0 * x[1]
    return np.sum(s * x)


def sum_of_something(x):
    s = x * x
    z = sum([x, s], s)
    z[0] = 5.0 * x[1]
    return np.sum(s * z)


def test_sums_that_begin_with_an_array() -> None:
    """Of nothing the sum is that very array, and forward mode wrote into a tangent of its own."""
    for derivative in (lambda: jvp(sum_of_nothing)(X, seed=X), lambda: grad(sum_of_nothing)(X)):
        with pytest.raises(UnsupportedError, match="copies an array that is written in place"):
            derivative()
    check_derivative(sum_of_something, X)
    check_derivative(grad(sum_of_something), X)


def test_a_name_that_is_given_itself_in_a_loop_is_asked_about() -> None:
    """It has two definitions, of which one was expected (a ValueError)."""

    def f(x, r):
        for _ in r:
            r[:] = r
            r = r
        return np.sum(x * r)

    check_derivative(f, X, X * 2.0)
