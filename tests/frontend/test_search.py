"""`any` and `all` of generators, which leave the rest alone once they know."""

from typing import Any

import numpy as np
import pytest

from tangent_sct import grad
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)
X = np.array([0.3, 0.7, -0.4, 1.2])


@program(X)
def the_first_large_one(x):
    k = any((w := np.sin(v)) > 0.5 for v in x)
    return w * w + k * x[0]


@program(X)
def the_first_small_one(x):
    if not all((w := v * v) > 0.1 for v in x[::-1]):
        return w * x[0]
    return x[1]


@program(X)
def none_of_them(x):
    k = all((w := v) > -5.0 for v in x if v > -0.1)
    return w * w if k else x[0]


@program(X)
def of_other_runs(x):
    any((w := v + h) > 0.9 for v in [u * u for u in x] for h in (v, 0.5 * v))
    return w * x[1]


@program(X)
def of_a_map(x):
    rest = [x[0], x[2], None]
    return x[1] * x[2] if any(map(lambda v: v < 0.0, rest)) else x[3]  # noqa: C417


@program(X)
def what_stands_behind_is_not_asked(x):
    rest = [x[0], None]
    return x[1] * x[2] if any(v > 0.0 for v in rest) else x[3]


@pytest.mark.parametrize(("f", "args"), FIRST, ids=lambda p: getattr(p, "__name__", ""))
def test_programs(f: Program, args: tuple[Any, ...]) -> None:
    """All of them were asked, and assigned what comes after the answer (wrong values)."""
    check_derivative(f, *args)
    check_derivative(grad(f), *args)
