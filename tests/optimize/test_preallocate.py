"""Tapes of compiled code are arrays where the number of iterations is known, and hold what lists held."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from tangent_sct.analysis.arguments import kinds_of_arguments
from tangent_sct.core.unit import Request
from tangent_sct.emit.load import load
from tangent_sct.pipeline import differentiate


def logistic(x, n):
    for _ in range(n):
        x = x * x * 0.7
    return x


def from_two(x, n):
    for i in range(2, n):
        x = x * x * i
    return x


def from_anywhere(x, n, m):
    for i in range(m, n):
        x = x * x + i
    return x


def downwards(x, n):
    for i in reversed(range(n)):
        x = x * x + i
    return x


def nest(x, n, m):
    for i in range(n):
        for j in range(m):
            x = np.sin(x) * i + j
        x = x * x
    return x


def triangle(x, n):
    for i in range(n):
        for _ in range(i):
            x = x * x * 0.5
    return x


def by_underscore(x, b):
    # The loop was given an index in place of `_`, which its body still read.
    for _ in range(3):
        x = np.sin(x * b[_])
    return x


def counted(x, n):
    while x * x < n:
        x = x * x
    return x


def left_early(x, n):
    for _ in range(n):
        x = x * x
        if x > 20.0:
            break
    return x


def chosen(x, n):
    for i in range(n):
        if x * i > 1.5:
            x = x * x * 0.3
        else:
            x = np.sin(x)
    return x


def vectors(x, n):
    for _ in range(n):
        x = x * x * 0.5
    return np.sum(x)


def sized(x, b):
    for i in range(len(b)):
        x = x * x * b[i]
    return x


def steps_of_two(x, n):
    for i in range(0, n, 2):
        x = x * x + i
    return x


def unset_at_first(x, n):
    total = 0.0
    for i in range(n):
        if i > 0:
            total += old * old  # noqa: F821
        old = x * i
    return total


def written(f, args, backend):
    """The text of a gradient for a backend, and what it returns."""
    names = tuple(inspect.signature(f).parameters)
    kinds = kinds_of_arguments(dict(zip(names, args, strict=True)))
    result = differentiate(f, Request("grad", names[:1], True, False, kinds, backend=backend), names)
    run = load(result.text, result.unit.tree.name, result.unit.namespace, "f")
    return result.text.text, run(*args)


B = np.array([0.5, 1.5, 0.7])


@pytest.mark.parametrize(
    ("f", "args", "made"),
    [
        (logistic, (1.2, 3), "x_tape = np.empty(max(n, 0))"),
        (logistic, (1.2, -3), "x_tape = np.empty(max(n, 0))"),
        (from_two, (0.3, 5), "x_tape[i] = x"),
        (from_anywhere, (0.3, 2, -1), "x_tape[i - m] = x"),
        (from_anywhere, (0.3, 2, 5), "x_tape = np.empty(max(n - m, 0))"),
        (downwards, (0.3, 3), "x_tape[i] = x"),
        (nest, (0.3, 2, 3), "np.empty((max(n, 0), max(m, 0)))"),
        (triangle, (0.9, 4), "x_tape = []"),
        (by_underscore, (0.6, B), "x_tape[i] = x"),
        (counted, (1.1, 3.0), "x_tape = []"),
        (left_early, (1.5, 9), "x_tape = []"),
        (chosen, (1.4, 4), "np.empty(max(n, 0))"),
        (vectors, (B, 2), "x_tape = []"),
        (sized, (0.9, B), "x_tape = np.empty(t)"),
        (steps_of_two, (0.3, 4), "x_tape = []"),
        (unset_at_first, (0.6, 3), "_tape = []"),
    ],
)
def test_tapes(f, args, made) -> None:
    lists, expected = written(f, args, "numpy")
    arrays, found = written(f, args, "numba")
    assert "np.empty" not in lists
    assert made in arrays
    np.testing.assert_array_equal(found, expected)


def test_dtypes() -> None:
    def integers(x, n):
        k = 1
        for _ in range(n):
            k = 3 * k + 1
            x = x * k
        return x

    def single(x, n):
        for _ in range(n):
            x = x * x
        return x

    assert "k_tape = np.empty(max(n, 0), dtype=np.int64)" in written(integers, (0.5, 3), "numba")[0]
    assert "dtype=np.float32" in written(single, (np.float32(0.5), 3), "numba")[0]
