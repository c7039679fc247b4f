"""`itertools.groupby`, and other iterators that give iterators."""

import heapq
import itertools
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)
X = np.arange(1.0, 8.0) / 7


@program(X)
def summed(x):
    total = 0.0
    for k, g in itertools.groupby(range(7), key=lambda i: i // 3):
        total += (k + 1) * sum(x[i] ** 2 for i in g)
    return total


class Term:
    def __init__(self, w, b=0.1):
        pass


class Bent(Term):
    pass


@program(X)
def run_through_once(x):
    """A check ran through the iterator of places, which then had none left (wrong values)."""
    b = 0.0
    for k, _ in np.ndenumerate(x):
        b = k[0] + 1
    Bent(b, 0.3)
    e = x[0]
    e, b = b, e
    return np.cos(e) * b


@program(X)
def run_through(x):
    total = 0.0
    for k, g in itertools.groupby(range(7), key=lambda i: i // 3):
        for i in g:
            total += x[i] ** 2 * k
    return total


@program(X)
def in_a_comprehension(x):
    return sum(k * sum(x[i] ** 2 for i in g) for k, g in itertools.groupby(range(7), key=lambda i: i // 3))


@program(X, order=1)
def in_a_dict(x):
    d = {k: [x[i] for i in g] for k, g in itertools.groupby(range(7), key=lambda i: i // 3)}
    return d[0][1] * d[2][0]


@program(X)
def with_their_places(x):
    total = 0.0
    for i, (k, g) in enumerate(itertools.groupby(range(7), key=lambda i: i // 3)):
        total += (i + k) * sum(x[j] ** 2 for j in g)
    return total


@program(X)
def asked_twice(x):
    total = 0.0
    for k, g in itertools.groupby(range(7), key=lambda i: i // 3):
        first = next(g)
        total += x[first] * k + sum(x[i] ** 2 for i in g)  # noqa: B031
    return total


@program(X)
def the_user_has_names_of_ours(x):
    key, group = 2.0, 3.0
    total = 0.0
    for k, g in itertools.groupby(range(7), key=lambda i: i // 3):
        total += key * group * k * sum(x[i] ** 2 for i in g)
    return total


@pytest.mark.parametrize(("f", "args"), FIRST, ids=lambda p: getattr(p, "__name__", ""))
def test_groups(f: Program, args: tuple[Any, ...]) -> None:
    """Groups were listed as they are, and were at their end by then (zeros)."""
    check_derivative(f, *args)


@pytest.mark.parametrize(("f", "args"), SECOND, ids=lambda p: getattr(p, "__name__", ""))
def test_groups_twice(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(grad(f), *args)


def rows(n: int) -> Any:
    for i in range(n):
        yield (i * j for j in range(3))


def generators_of_a_generator(x: Any) -> Any:
    total = 0.0
    for row in rows(3):
        for i in row:
            total += x[i] * x[i + 1]
    return total


def test_iterators_of_iterators_are_refused() -> None:
    """Listed ahead, they read variables as these were in the end (wrong values)."""
    with pytest.raises(DerivativeError, match="a loop runs over what gives iterators"):
        grad(generators_of_a_generator)(X)


def in_a_function_inside(x: Any) -> Any:
    def summed(values: Any) -> Any:
        z = 0.5
        for k, part in itertools.groupby(values, key=lambda v: v < 0.0):
            z = np.cos(z) + 0.3 * k + sum(part)
        return x * z

    ones = np.ones_like(x)
    for _ in range(2):
        a = summed(ones)
    return np.sum(a)


def test_groups_that_may_be_active_are_refused() -> None:
    """Listed ahead, they were empty by their turn (wrong values)."""
    for mode in (grad, jvp):
        with pytest.raises(UnsupportedError, match="group"):
            mode(in_a_function_inside).source_for(X)


def test_groups_whose_keys_get_into_a_heap_of_values_are_differentiated_twice() -> None:
    """The list of them seemed to vary, and was then made by positions, which `groupby` has not (a TypeError)."""

    def f(x):
        for key, _ in itertools.groupby([0.3, 0.9, 0.2], key=lambda v: v):
            last = key
        items = [last, x[1]]
        heapq.heapify(items)
        return x[1] * x[0]

    x = np.array([0.7, 0.4])
    check_derivative(f, x)
    check_derivative(grad(f), x)
