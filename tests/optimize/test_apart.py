"""In-place operators whose operands overlap, with a copy where Numba compiles."""

from __future__ import annotations

import numpy as np

from tangent_sct import grad


def shifted(a):
    b = a * 2.0
    b[1:] += b[:-1]
    v = b[:-1]
    b[1:] -= v
    b += b.T
    b *= np.sin(b)
    c = a * 3.0
    c[1:] += a[:-1]
    c += c
    return np.sum(b * c)


def test_what_overlaps_is_copied() -> None:
    x = np.ones((3, 3))
    text = grad(shifted, backend="numba").source_for(x)
    for line in ("b[1:] += b[:-1].copy()", "b[1:] -= v.copy()", "b += b.T.copy()", "b_bar[:-1] += b_bar[1:].copy()"):
        assert line in text, line
    for line in ("b *= np.sin(b)", "c[1:] += a[:-1]", "c += c"):
        assert f"{line}\n" in text, line


def test_python_needs_no_copies() -> None:
    text = grad(shifted).source_for(np.ones((3, 3)))
    for line in ("b[1:] += b[:-1]", "b[1:] -= v", "b += b.T"):
        assert f"{line}\n" in text, line


def test_numbers_are_read_before_they_are_written() -> None:
    def f(a, n):
        b = a * 2.0
        for i in range(1, n):
            b[i] += b[i - 1]
        return b[-1]

    assert "b[i] += b[i - 1]\n" in grad(f, backend="numba").source_for(np.ones(3), 3) + "\n"
