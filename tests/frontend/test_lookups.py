"""Dicts of active values that are gone through in some order: of their keys, or of what is looked up by them."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)
X = np.array([0.7, 0.2, 0.9])


@program(X)
def by_a_method(x):
    d = {"a": x[0], "b": x[1] ** 2}
    best = min(d, key=d.get)
    worst = max(d.keys(), key=d.__getitem__)
    place = min(range(3), key=x.__getitem__)
    return d[best] * 2 + d[worst] * x[place]


@program(X)
def by_a_function(x):
    d = {}
    for i in range(3):
        d[i] = x[i] * (i + 1)
    order = sorted(d, key=lambda k: -d[k])
    total = 0.0
    for k in order:
        total = total * x[1] + d[k] * k
    return total * d[order[0]]


@program(X)
def sorted_in_place(x):
    d = {}
    for i in range(3):
        d["abc"[i]] = x[i] ** 2
    order = list(d)
    order.sort(key=d.get, reverse=True)
    return d[order[0]] * 2 + d[order[1]]


@program(X)
def of_a_counter(x):
    count = Counter()
    for i in range(6):
        count[i % 3] += x[i % 3] * i
    first, second, _ = sorted(count, key=count.get)
    return count[first] * 3 + count[second] ** 2


@program(X)
def in_a_function_inside(x):
    costs = {k: x[k] ** 2 for k in range(3)}

    def nearest():
        return min(costs, key=costs.get)

    total = 0.0
    while costs:
        k = nearest()
        total = total * x[1] + costs.pop(k)
    return total


@program(X)
def changed_between(x):
    d = {0: x[0], 1: x[1], 2: x[2]}
    total = 0.0
    for _ in range(4):
        k = max(d, key=d.get)
        total = total + d[k] ** 2
        d[k] = d[k] * 0.5
    return total


@program(X, order=1)
def sorted_items(x):
    d = {}
    for i, k in enumerate("cab"):
        d.setdefault(k, []).append(x[i] * (i + 1))
    total = 0.0
    for k, v in sorted(d.items()):
        total = total * x[0] + sum(v) * len(k)
    return total + sum(sum(v) * x[1] for k, v in sorted(d.items(), reverse=True) if k != "a")


@program(X)
def sorted_items_that_are_replaced(x):
    d = {}
    d["b"] = x[0]
    d["a"] = x[1] ** 2
    total = 0.0
    for k, v in sorted(d.items(), reverse=True):
        d["a"] = d["b"] * v
        d[k + "'"] = v
        total = total * x[2] + v
    return total * d["a"] + sum(d.values())


@program(np.array([[0.6, 1.2], [1.1, 0.3]]))
def in_a_loop_whose_variable_is_used_again(a):
    total = 0.0
    for i in range(2):
        p = max(range(i, 2), key=lambda r: abs(a[r, i]))
        total += a[p, i] * (i + 1)
    for i in range(2):
        total *= a[i, 0]
    return total


@pytest.mark.parametrize(("f", "args"), FIRST, ids=lambda p: getattr(p, "__name__", ""))
def test_programs(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(f, *args)


@pytest.mark.parametrize(("f", "args"), SECOND, ids=lambda p: getattr(p, "__name__", ""))
def test_second_order(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(grad(f), *args)


def test_a_key_that_writes_is_refused() -> None:
    def f(x):
        seen = [0.0]

        def cost(i):
            seen[0] = seen[0] + x[i]
            return x[i]

        return x[min(range(3), key=cost)] * seen[0]

    with pytest.raises(UnsupportedError):
        grad(f)(X)
