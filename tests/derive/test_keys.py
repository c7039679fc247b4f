"""Loops over what turns out to be a dict."""

from typing import Any

import pytest

from tangent_sct import grad
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)


class Gates:
    def __init__(self, v):
        self.v = v
        self.g = {"m": v, "n": v * v}


@program(0.7)
def of_an_object(v):
    s = Gates(v)
    for k in s.g:
        s.g[k] += 0.1 * s.v
    return s.g["m"] * s.g["n"]


@program(0.7)
def with_their_places(v):
    s = Gates(v)
    total = 0.0
    for i, k in enumerate(s.g):
        total += (i + 1) * s.g[k] ** 2
    return total


@program(0.7)
def beside_a_list(v):
    s = Gates(v)
    total = 0.0
    for k, w in zip(s.g, [v, 3.0 * v], strict=True):
        total += w * s.g[k]
    return total


@program(0.7)
def left_early(v):
    s = Gates(v)
    total = 0.0
    for k in s.g:
        total += s.g[k] ** 2
        if k == "m":
            break
    else:
        total += v
    return total


@program(0.7)
def in_a_comprehension(v):
    s = Gates(v)
    return sum([s.g[k] ** 2 for k in s.g])


@program(0.7)
def a_list_of_keys(v):
    g = {"m": v, "n": v * v}
    keys = list(g.keys())
    for k in keys:
        g[k] = g[k] * 2
    for k in reversed(keys):
        g[k] = g[k] * g[k]
    return g["m"] * g["n"]


@pytest.mark.parametrize(("f", "args"), FIRST, ids=lambda p: getattr(p, "__name__", ""))
def test_programs(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(f, *args)
    check_derivative(grad(f), *args)


def test_the_loop_runs_over_keys() -> None:
    assert "for k in keys:" in grad(of_an_object).source_for(0.7)
