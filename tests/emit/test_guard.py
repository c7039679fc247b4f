"""Saved derivatives check that arguments they write into share no memory with others."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad, vjp


def filled(a, b, k):
    a[0] = b[0] * k
    return np.sum(a * b)


def both(a, b, c):
    a[0] = b[0] * c[0]
    b[1] = a[0] * 2.0
    return np.sum(a * b)


def alone(a, k):
    a[0] = k
    return np.sum(a * a)


def held(p, b):
    p["w"][0] = b[0]
    return np.sum(p["w"] * b)


A, B, C = np.arange(3.0), np.ones(3), np.full(3, 2.0)


def saved(derivative: Any, path: Path, *args: Any) -> tuple[str, Callable[..., Any]]:
    derivative.save(path, *args)
    names = runpy.run_path(str(path))
    return path.read_text(), names[next(name for name in names if name.endswith(("_grad", "_vjp")))]


@pytest.mark.parametrize(
    ("function", "args", "checks"),
    [
        (filled, (A, B, 2.0), ["check_apart(a, b)"]),
        (both, (A, B, C), ["check_apart(a, b, c)", "check_apart(b, c)"]),
        (alone, (A, 2.0), []),
        (held, ({"w": A}, B), ["check_apart(p, b)"]),
    ],
)
def test_each_pair_is_checked_once(
    function: Callable[..., Any], args: tuple[Any, ...], checks: list[str], tmp_path: Path
) -> None:
    text, derivative = saved(grad(function), tmp_path / "saved.py", *args)
    lines = [line.strip() for line in text.splitlines()]
    assert [line for line in lines if line.startswith("check_apart(")] == checks
    expected, found = grad(function)(*args), derivative(*args)
    for one, other in zip(
        expected.values() if isinstance(expected, dict) else [expected],
        found.values() if isinstance(found, dict) else [found],
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_shared_memory_is_refused(tmp_path: Path) -> None:
    _, derivative = saved(grad(filled), tmp_path / "saved.py", A, B, 2.0)
    with pytest.raises(ValueError, match="shares memory with another one; pass a copy"):
        derivative(A, A[::-1], 2.0)
    _, derivative = saved(vjp(held), tmp_path / "other.py", {"w": A}, B)
    with pytest.raises(ValueError, match="pass a copy"):
        derivative({"w": A}, A, 1.0)


def test_the_text_that_runs_here_needs_no_check() -> None:
    assert "check_apart" not in grad(filled).source_for(A, B, 2.0)


def test_what_an_argument_holds_twice_is_refused(tmp_path: Path) -> None:
    def first(p):
        p[0][0] *= 2.0
        return np.sum(p[1])

    with pytest.raises(ValueError, match="holds an array or a container twice"):
        grad(first)([A, A])
    with pytest.raises(ValueError, match="holds an array or a container twice"):
        grad(first)([A[:2], A[1:]])
    _, derivative = saved(grad(first), tmp_path / "saved.py", [A, B])
    with pytest.raises(ValueError, match="holds an array or a container twice"):
        derivative([A, A])
    np.testing.assert_array_equal(derivative([A, B])[1], np.ones(3))
