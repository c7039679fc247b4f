"""The page on debugging runs, and long programs run in the memory that they need."""

from __future__ import annotations

import doctest
import math
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from tangent_sct import grad, jvp

PAGE = Path(__file__).parent.parent / "docs" / "debugging.md"


def test_the_page() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.REPORT_NDIFF)
    assert found.attempted > 15 and found.failed == 0


def recorded(x, n):
    y = x
    for _ in range(n):
        y = math.sin(y) * x
    return y


def linear(x, n):
    y = x
    for _ in range(n):
        y = y * 0.999 + x
    return y


def waited(x, n):
    y = x
    i = 0
    while i < n:
        y = y * x + 0.1
        i += 1
    return y


def power(x, n):
    return 1.0 if n == 0 else x * power(x, n - 1)


@pytest.mark.parametrize(("f", "most"), [(recorded, 40.0), (waited, 40.0), (linear, 0.5)])
def test_a_long_loop_keeps_what_it_has_to(f: Any, most: float) -> None:
    n = 20_000
    derivative = grad(f)
    derivative(0.9, 3)
    tracemalloc.start()
    derivative(0.9, n)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak / n < most


def test_a_deep_recursion() -> None:
    expected = pytest.approx(500 * 1.001**499, rel=1e-9)
    assert grad(power)(1.001, 500) == expected
    assert jvp(power)(1.001, 500, seed=1.0)[1] == expected
