"""`dict.fromkeys` of active values."""

from typing import Any

import pytest

from tangent_sct import grad
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)
TABLE = {"b": ["a"], "a": ["b"]}


@program(0.5)
def a_new_value_for_each(b):
    names = sorted(TABLE)
    new = dict.fromkeys(names, b * b)
    for n in names:
        new[n] += b
    return new["a"] * new["b"]


@program(0.5)
def one_list_for_all(b):
    d = dict.fromkeys("ab", [b])
    d["a"].append(b * b)
    return d["b"][1] + len(dict.fromkeys(d)) * b


@program(0.5)
def in_a_function_inside(b):
    def g(k):
        return dict.fromkeys(range(k), k * b)

    return sum(g(3).values()) * g(2)[1]


@program(0.5)
def on_one_path(b):
    d = dict.fromkeys(sorted("ab"), b * 2) if b > 0 else {}
    for k in list(d):
        d.update(dict.fromkeys([k], d[k] ** 2))
    return d["a"]


@pytest.mark.parametrize(("f", "args"), FIRST, ids=lambda p: getattr(p, "__name__", ""))
def test_programs(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(f, *args)
    check_derivative(grad(f), *args)
