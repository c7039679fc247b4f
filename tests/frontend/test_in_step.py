"""`zip` of what has no end beside what has one."""

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)


def naturals() -> Iterator[int]:
    k = 0
    while True:
        yield k
        k += 1


@program(0.7)
def counted(x):
    return sum(u * k for k, u in zip(itertools.count(2), (x, x * x), strict=False))


@program(0.7)
def in_a_loop(x):
    total = 0.0
    for i, (u, w) in enumerate(zip([x, x * x, 3 * x], itertools.cycle((1.0, 2.0)), strict=False)):
        total = total * x + u * w * i
    return total


@program(0.7)
def repeated(x):
    return sum(map(pow, (x, x * x), itertools.repeat(2))) * sum(u * k for u, k in zip((x, x), itertools.repeat(3.0)))  # noqa: B905


@program(np.array([0.7, 1.2]))
def of_a_variable(x):
    weights = iter((1.5, 2.0, 3.0, 4.0))
    total = 0.0
    for w, u in zip(weights, x, strict=False):
        total = total * u + w * u
    # `zip` had taken the third one, too, when it found that `x` has come to its end.
    return total * sum(weights)


@program(0.7)
def of_a_generator(x):
    total = x
    for k, u in zip(naturals(), (x, 2 * x, x * x), strict=False):
        total = total * u + k
    return total


@program(np.array([0.3, 0.7]))
def with_places(x):
    return sum(v * np.sin(k * v) for (i, k), v in zip(enumerate(itertools.count(1)), x, strict=False))


@pytest.mark.parametrize(("f", "args"), FIRST, ids=lambda p: getattr(p, "__name__", ""))
def test_programs(f: Program, args: tuple[Any, ...]) -> None:
    """What has no end was listed by itself, until memory was full."""
    check_derivative(f, *args)


def test_second_order() -> None:
    check_derivative(grad(with_places), np.array([0.3, 0.7]))
