"""The functions of `itertools`: the source that stands for each, and the derivatives of what they give."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct.runtime import iterators
from tangent_sct.testing import check_derivative
from tests.laws.trees import identical

LIST = [1.0, 2.5, -3.0, 4.0]
CALLS: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
    (itertools.accumulate, (LIST,), {}),
    (itertools.accumulate, (LIST, operator.mul), {"initial": 2.0}),
    (itertools.accumulate, ([],), {}),
    (itertools.chain, (LIST, (), (5.0,)), {}),
    (itertools.chain.from_iterable, ([LIST, [5.0]],), {}),
    (itertools.combinations, (LIST, 3), {}),
    (itertools.combinations_with_replacement, (LIST, 2), {}),
    (itertools.compress, (LIST, (1, 0, True)), {}),
    (itertools.dropwhile, (lambda v: v > 0.0, LIST), {}),
    (itertools.filterfalse, (lambda v: v > 0.0, LIST), {}),
    (itertools.filterfalse, (None, [0.0, 1.0]), {}),
    (itertools.islice, (LIST, 3), {}),
    (itertools.islice, (LIST, 0), {}),
    (itertools.islice, (LIST, 1, None, 2), {}),
    (itertools.islice, (LIST, None), {}),
    (itertools.pairwise, (LIST,), {}),
    (itertools.pairwise, ([1.0],), {}),
    (itertools.permutations, (LIST[:3],), {}),
    (itertools.permutations, (LIST, 2), {}),
    (itertools.product, (LIST, "ab"), {}),
    (itertools.product, (LIST, (1, 2)), {"repeat": 2}),
    (itertools.product, (LIST, ()), {}),
    (itertools.repeat, (2.0, 3), {}),
    (itertools.starmap, (operator.mul, [(2.0, 3.0), (4.0, 5.0)]), {}),
    (itertools.takewhile, (lambda v: v > 0.0, LIST), {}),
    (itertools.zip_longest, (LIST, (1.0,)), {"fillvalue": 0.5}),
    (itertools.zip_longest, (), {}),
]


@pytest.mark.parametrize("function, args, keywords", CALLS)
def test_they_give_what_their_namesakes_give(function: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    expected = list(function(*args, **keywords))
    assert identical(list(iterators.SOURCES[function](*args, **keywords)), expected)


def test_the_plainer_ones_give_the_same() -> None:
    assert list(iterators.pairs(LIST, 2)) == list(itertools.combinations(LIST, 2))
    assert list(iterators.product_of_two(LIST, "ab")) == list(itertools.product(LIST, "ab"))
    assert list(iterators.columns([LIST, (1, 2)])) == list(zip(LIST, (1, 2), strict=False))
    assert list(iterators.columns([])) == []


def test_what_goes_round_and_round() -> None:
    assert list(itertools.islice(iterators.cycle(LIST), 6)) == [*LIST, *LIST[:2]]
    assert list(iterators.cycle([])) == []


def test_every_one_is_tried() -> None:
    tried = [function for function, _, _ in CALLS] + [itertools.cycle]
    assert [function for function in iterators.SOURCES if function not in tried] == []


def energy(x, w):
    total = 0.0
    for (i, p), (j, q) in itertools.combinations(enumerate(x), 2):
        total += w[i] * w[j] / np.sqrt(1.0 + (p - q) ** 2)
    return total


def triples(x, w):
    return sum(np.sin(a * b) * c for a, b, c in itertools.combinations([*x, w[0]], 3))


def grid(x, w):
    total = 0.0
    for a, b in itertools.product(x, w):
        total += np.sin(a * b)
    return total + sum(a * b * c for a, b, c in itertools.product(x[:2], repeat=3))


def rough(x, w):
    return sum((b - a) ** 2 for a, b in itertools.pairwise(x * w))


def orders(x, w):
    return sum(a * np.cos(b) for a, b in itertools.permutations(x, 2)) + w[0]


def again(x, w):
    return sum(np.sin(a * b) for a, b in itertools.combinations_with_replacement(x, 2)) * w[1]


def joined(x, w):
    total = 0.0
    for k, v in enumerate(itertools.chain(x, [w[0] * x[1]], w[1:])):
        total += np.sin(v) * k
    return total + sum(itertools.chain.from_iterable([[x[0] * x[1]], x]))


def running(x, w):
    last = list(itertools.accumulate(x, lambda a, b: np.cos(a) * b))[-1]
    return last + sum(u * k for k, u in enumerate(itertools.accumulate(w * x, initial=x[0])))


def parts(x, w):
    total = sum(itertools.islice(x, 2)) * sum(np.sin(v) for v in itertools.islice(w, 1, None))
    for v in itertools.islice(x, 0, 3, 2):
        total += v * v
    return total


def chosen(x, w):
    total = sum(v * v for v in itertools.takewhile(lambda v: v < 0.7, x))
    for v in itertools.dropwhile(lambda v: v < 0.3, x):
        total = total * 0.5 + np.sin(v)
    total += sum(itertools.filterfalse(lambda v: v > 0.4, x)) * w[0]
    return total + sum(v * w[1] for v in itertools.compress(x, (1, 0, 1)))


def starred(x, w):
    return sum(itertools.starmap(lambda a, b: a * np.sin(b), zip(x, w, strict=True)))


def longest(x, w):
    return sum(a * b for a, b in itertools.zip_longest(x, w[:2], fillvalue=w[2] * 0.5))


def round_and_round(x, w):
    total, k = 0.0, 0
    for v in itertools.cycle(x):
        total = 0.5 * total + np.sin(v) * w[1]
        k += 1
        if k == 5:
            break
    for v in itertools.repeat(w[0], 3):
        total *= v
    return total


def transposed(x, w):
    rows = [[v, v * u] for v, u in zip(x, w, strict=True)]
    first, second = zip(*rows, strict=True)
    total = sum(np.sin(v) for v in first) * second[1]
    for column in zip(*[x, w], strict=False):
        total += column[0] * column[1]
    return total + sum(max(column) for column in zip(*rows, strict=False))


PROGRAMS = [
    energy, triples, grid, rough, orders, again, joined, running, parts, chosen, starred, longest, round_and_round,
    transposed,
]  # fmt: skip


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda function: function.__name__)
def test_derivatives(function: Callable[..., Any]) -> None:
    x, w = np.array([0.2, 0.5, 0.9]), np.array([1.0, -0.4, 0.8])
    check_derivative(function, x, w)
