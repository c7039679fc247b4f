"""Partials that were made outside of the program: what they were given comes before, or by name."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

X = np.array([1.1, 0.7, 1.6])
FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)


def power(x, k=1):
    return x**k


def product(x, y, k=1, *, m=2.0):
    return x**k * y * m


class Owner:
    def __init__(self):
        self.cubed = CUBED
        self.own = functools.partial(self.power, k=3)

    def power(self, x, k=1):
        return x**k

    squared = functools.partialmethod(power, k=2)


CUBED = functools.partial(power, k=3)
DOUBLED = functools.partial(product, 2.0, k=2)
INNER = functools.partial(product, y=2.0, m=5.0)
OUTER = functools.partial(INNER, k=4)
EXPONENTIAL = functools.partial(np.power, 2.0)
OWNER = Owner()
EACH = np.vectorize(functools.partial(power, k=3))


@program(X)
def of_functions(x):
    return np.sum(CUBED(x) * DOUBLED(x)) + np.sum(INNER(x) * OUTER(x)) + np.sum(OUTER(x, m=1.0))


@program(X)
def of_functions_of_numpy(x):
    clipped = functools.partial(np.clip, a_min=0.8)
    return np.sum(EXPONENTIAL(x)) * np.sum(clipped(x, a_max=1.2))


@program(X)
def held_by_an_object(x):
    return np.sum(OWNER.cubed(x)) + np.sum(OWNER.own(x) * OWNER.squared(x))


@program(X)
def handed_on(x):
    return sum(map(CUBED, x)) * functools.reduce(functools.partial(product, m=3.0), x) + sum(
        np.sum(f(x)) for f in (CUBED, EXPONENTIAL)
    )


@program(X)
def for_each(x):
    return np.sum(EACH(x) * x)


@program(X, CUBED)
def as_an_argument(x, f):
    return np.sum(f(x))


@program(X, {"f": EXPONENTIAL})
def in_an_argument(x, d):
    return np.sum(d["f"](x))


@pytest.mark.parametrize(("f", "args"), FIRST, ids=lambda item: getattr(item, "__name__", ""))
def test_first_order(f: Program, args: tuple[Any, ...]) -> None:
    """Keyword arguments of a partial were left out, so that defaults took their places (wrong values)."""
    check_derivative(f, *args, wrt=0)


@pytest.mark.parametrize(("f", "args"), SECOND, ids=lambda item: getattr(item, "__name__", ""))
def test_second_order(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(grad(f, wrt=0), *args, wrt=0)


def test_partials_of_functions_without_source_are_not_differentiated_themselves() -> None:
    with pytest.raises(UnsupportedError, match="a partial of `power` is differentiated, which has no Python source"):
        grad(EXPONENTIAL)(1.3)
