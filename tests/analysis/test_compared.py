"""Objects that answer a comparison, or a rounding, with a value: refused, whatever way the object comes in."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative

X = np.array([0.83, 0.61, 1.27])


class Degree:
    """Comparisons say to which degree they hold."""

    def __init__(self, v):
        self.v = v

    def __gt__(self, other):
        return self.v * other

    def __lt__(self, other):
        return self.v - other

    def __eq__(self, other):
        return self.v * 2.0 - other

    __hash__ = None

    def __round__(self, n=0):
        return Degree(self.v * (n + 2.0))

    def __floor__(self):
        return self.v * 3.0


class Soft:
    def __init__(self, v):
        self.v = v

    def __gt__(self, other):
        return 1 / (1 + np.exp(-5 * (self.v - other)))

    def __and__(self, other):
        return self.v * other

    def __floordiv__(self, other):
        return self.v * other

    def rint(self):
        return self.v * 2.0

    def sin(self):
        return self.v * 4.0


class Around:
    """Hands the question on to what it holds."""

    def __init__(self, q):
        self.q = q

    def __gt__(self, other):
        return self.q > other


class Ordered:
    """Comparisons are truth values."""

    def __init__(self, v):
        self.v = v

    def __eq__(self, other):
        return isinstance(other, Ordered) and self.v == other.v

    def __lt__(self, other):
        if not isinstance(other, Ordered):
            return NotImplemented
        return self.v < other.v

    __hash__ = None


HALF, SEVERAL, NAMED = Degree(0.5), [Degree(0.5), Degree(2.0)], {"a": Degree(0.3)}
HOLDER, DEEP = SimpleNamespace(q=Degree(0.7)), Around(Degree(0.4))
ORDERED = [Ordered(0.5), Ordered(0.9)]


def greater(a, b):
    return a > b


def made_elsewhere():
    return Degree(0.2)


REFUSED: dict[str, tuple[Callable[..., Any], str]] = {
    "made here": (lambda x: (Degree(x[0]) > 0.5) * x[1], "__gt__"),
    "a variable": (lambda x: (lambda q: (q == 1.0) * x[1])(Degree(x[0])), "__eq__"),
    "in a list": (lambda x: [Degree(x[0])][0] < x[1], "__lt__"),
    "in a comprehension": (lambda x: sum([u > 0.5 for u in [Degree(x[0]), Degree(x[1])]]), "__gt__"),
    "from outside": (lambda x: (HALF > x[0]) * x[1], "__gt__"),
    "on the right": (lambda x: (x[0] < HALF) * x[1], "__lt__|__gt__"),
    "in a list outside": (lambda x: (SEVERAL[1] > x[0]) * x[1], "__gt__"),
    "of a list outside": (lambda x: sum([(q > x[0]) * x[1] for q in SEVERAL]), "__gt__"),
    "in a dict outside": (lambda x: (NAMED["a"] > x[0]) * x[1], "__gt__"),
    "held by another": (lambda x: (HOLDER.q > x[0]) * x[1], "__gt__"),
    "compared by another": (lambda x: (DEEP > x[0]) * x[1], "__gt__"),
    "compared by a function": (lambda x: greater(HALF, x[0]) * x[1], "__gt__"),
    "compared by a function kept whole": (lambda x: [greater(q, 0.5) for q in [Degree(v) for v in x]][0], "__gt__"),
    "compared by operator": (lambda x: operator.gt(HALF, x[0]) * x[1], "__\\w+__"),
    "made by a function": (lambda x: (made_elsewhere() > x[0]) * x[1], "__gt__"),
    "a chain": (lambda x: 0.1 < Degree(x[0]) < 2.0, "__lt__|__gt__"),
    "rounded": (lambda x: round(Degree(x[0])).v, "__round__"),
    "rounded in a comprehension": (lambda x: sum([round(q, 2).v for q in [Degree(x[0]), Degree(x[1])]]), "__round__"),
    "the floor": (lambda x: math.floor(Degree(x[0])), "__floor__"),
    "a test that is a value": (lambda x: a_value_that_is_a_test_as_well(x), "__gt__"),
    "by its rint": (lambda x: np.rint(Soft(x[0])) + x[1], "rint"),
    "bits": (lambda x: operator.and_(Soft(x[0]), 2.0) * x[1], "__and__"),
    "bits of numpy": (lambda x: sum([np.floor_divide(q, 2.0) for q in [Soft(x[0])]]), "__floordiv__"),
    "rint in a comprehension": (lambda x: sum([np.rint(q) for q in [Soft(x[0]), Soft(x[1])]]), "rint"),
}


@pytest.mark.parametrize(("function", "method"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_comparisons_that_are_values_are_refused(function: Callable[..., Any], method: str, mode: str) -> None:
    """Each had a derivative of zero along the way through the comparison."""
    told = rf"may be what `({method})` of class `\w+` gives, and comparisons and roundings are taken to have no deriv"
    with pytest.raises(UnsupportedError, match=told):
        grad(function)(X) if mode == "reverse" else jvp(function)(X, seed=X)


ARGUMENTS: dict[str, tuple[Callable[..., Any], Any]] = {
    "an object": (lambda x, q: (q > x[0]) * x[1], HALF),
    "in a list": (lambda x, q: (q[0] > x[0]) * x[1], [HALF]),
    "in a dict": (lambda x, q: (q["a"] > x[0]) * x[1], {"a": HALF}),
    "in an object in a list": (lambda x, q: q[0].q > x[0], [HOLDER]),
    "handed to a function": (lambda x, q: greater(q[0], x[0]) * x[1], [HALF]),
    "mapped": (lambda x, q: sum(map(lambda u: u > x[0], q)), SEVERAL),  # noqa: C417
}


@pytest.mark.parametrize(("function", "given"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_that_compare_in_their_own_way_are_refused(function: Callable[..., Any], given: Any) -> None:
    with pytest.raises(UnsupportedError, match="may be what `__gt__` of class `Degree` gives"):
        grad(function)(X, given)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: np.logical_and(Soft(x[0]), Soft(x[1])).v,
        lambda x: sum([np.logical_or(q, q).v for q in [Soft(x[0]), Soft(x[1])]]),
    ],
)
def test_one_of_the_objects_is_no_truth_value(function: Callable[..., Any]) -> None:
    with pytest.raises(UnsupportedError, match="may be an object of class `Soft`"):
        grad(function)(X)


def test_functions_of_numpy_that_are_methods_of_an_object_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="is said by the class of an object"):
        grad(lambda x: np.sin(Soft(x[0])) + x[1])(X)


def test_numbers_that_an_array_makes_of_objects_are_refused() -> None:
    class Number:
        def __init__(self, v):
            self.v = v

        def __float__(self):
            return float(self.v * 2.0)

    def stored(x):
        y = np.zeros(2)
        y[0] = Number(x[0])
        return y.sum() + x[1]

    def added(x):
        y = np.zeros(2)
        y += Number(x[0])
        return y.sum() + x[1]

    for function in (stored, added):
        with pytest.raises(UnsupportedError, match="makes numbers of the object|is said by the class of an object"):
            grad(function)(X)


def compared(x):
    a, b = Ordered(x[0]), Ordered(x[1])
    return (a == b) * x[0] + (b < a) * x[1]


def chosen(x):
    return x[0] * x[1] if Ordered(x[0]) < Ordered(x[1]) else x[1] * x[2]


def in_order(x):
    return sorted([Ordered(x[0]), Ordered(x[1])])[0].v


def constants(x):
    return (ORDERED[0] == ORDERED[1]) * x[0] + x[1] * sum([o < ORDERED[1] for o in ORDERED])


def numbers(x):
    masks = np.sum(x * (x > 0.7)) + [v > 0.7 for v in x][0] * x[1]
    return masks + np.round(x[0]) * x[1] + round(x[1], 1) * x[2] + np.sum(np.where(x < 1, x, 2.0))


def a_value_that_is_a_test_as_well(x):
    q = Degree(x[0])
    t = q > 0.5
    return t * x[1] if t else x[1]


def in_a_test(x):
    q = Degree(x[0])
    return x[0] * x[1] if q > 0.5 else x[2]


def the_floor_in_a_product(x):
    return math.floor(Degree(x[0])) * x[1]


@pytest.mark.parametrize(
    "function", [compared, chosen, in_order, constants, numbers, in_a_test, the_floor_in_a_product]
)
def test_truth_values_are_none(function: Callable[..., Any]) -> None:
    check_derivative(function, X)
