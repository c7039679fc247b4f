"""Objects whose class says itself what runs through them, what their items are, and what operators do.

Loops were taken for loops over `range(len(q))`, whatever the class says; objects of one of several classes, or that
share a variable with numbers and containers, were taken for such. Values and derivatives were wrong.
"""

from __future__ import annotations

import types
from collections import Counter, deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

X = np.array([1.1, 1.2, 1.3])
FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
REFUSED: list[tuple[Program, tuple[Any, ...], str]] = []
program = checked(FIRST, SECOND)


def name_of(item: Any) -> str | None:
    return item.__name__ if isinstance(item, types.FunctionType) else ""


def refused(reason: str, *args: Any) -> Callable[[Program], Program]:
    def keep(function: Program) -> Program:
        REFUSED.append((function, args, reason))
        return function

    return keep


# -- run through until there is no more ---------------------------------------------------------


class Powers:
    """Has three items, whatever it says its length is."""

    def __init__(self, x):
        self.x = x

    def __len__(self):
        return 2

    def __getitem__(self, i):
        if i >= 3:
            raise IndexError
        return self.x**i


class Data:
    """Says its length and its items in a plain way."""

    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        """A pair."""
        return self.x[i], self.y[i]


@program(1.3)
def a_made_object(x):
    y = 0.0
    for q in Powers(x):
        y = y * x + q
    return y


@program(Powers(1.3), 0.7)
def an_argument(g, x):
    y = 0.0
    for i, q in enumerate(g):
        y = y + q * x * i
    return y


@program(Powers(1.3), 0.7)
def unpacked(g, x):
    a, b, c = g
    return a * x + b * c


@program(1.3)
def in_containers(x):
    y = 0.0
    for o in [Powers(x), Powers(x * x)]:
        for q in o:
            y = y + q * x
    return y + sum(v * w for v, w in zip([x, x, x, x], Powers(x), strict=False))


@program(1.3)
def in_comprehensions(x):
    return sum(q * q for q in Powers(x)) + max([q * x for q in Powers(x)]) + sum(map(np.sin, Powers(x)))


@program(X)
def of_plain_length(x):
    y = 0.0
    for v, w in Data(x, [2.0, 3.0, 4.0]):
        y = y * 0.5 + v * w
    return y


def test_plain_lengths_are_read() -> None:
    """Where the class says its length in a plain way, nothing is counted."""
    text = grad(of_plain_length).source_for(X)
    assert "count_in_turn" not in text
    assert "count_in_turn" in grad(a_made_object).source_for(1.0)


class Counting(Powers):
    def __getitem__(self, i):
        self.asked = i
        return self.x**i


@refused("`__getitem__` of class `Counting` stores", 1.3)
def asking_that_stores(x):
    y = 0.0
    for q in Counting(x):
        y = y + q
    return y


@refused("may change it", 1.3)
def a_loop_that_changes_it(x):
    y = 0.0
    g = Powers(x)
    for q in g:
        g.x = g.x * x
        y = y + q
    return y


@refused("what `sum.g.` is, is said by the class of an object", Powers(1.3), 0.7)
def summed(g, x):
    return sum(g) * x


@refused(r"what `np.sum\(g\)` is, is said by the class", Powers(1.3), 0.7)
def summed_by_numpy(g, x):
    return np.sum(g) * x


# -- beside what varies -------------------------------------------------------------------------


class Mirror:
    def __init__(self):
        self.held = [5.0, 6.0, 7.0]

    def __iter__(self):
        return iter(self.held)

    def __len__(self):
        return 3

    def __getitem__(self, k):
        return -self.held[k]


class Settings:
    mirror = Mirror()
    data = Data([1.0, 2.0, 3.0], [2.0, 3.0, 4.0])
    tables = {"a": {2: 2.0, 1: 3.0, 0: 5.0}}
    chosen = {3, 1, 2}
    queue = deque([2.0, 3.0, 4.0])


SETTINGS = Settings()


@refused("the items of a Mirror by their indices", X)
def beside_an_object(x):
    y = 0.0
    for v, k in zip(x, SETTINGS.mirror, strict=False):
        y = y + v * k
    return y


@refused("the items of a dict by their indices", X)
def beside_a_dict(x):
    y = 0.0
    for v, k in zip(x, SETTINGS.tables["a"], strict=False):
        y = y + v ** (k + 1)
    return y


@refused("the items of a dict by their indices", X)
def beside_a_dict_or_a_list(x):
    y = 0.0
    table = SETTINGS.tables["a"] if x[0] > 0.0 else [3, 4, 5]
    for v, k in zip(x, table, strict=False):
        y = y + v ** (k + 1)
    return y


@refused("the items of a Counter by their indices", X)
def beside_counts(x):
    counts = Counter("abb")
    y = 0.0
    for v, k in zip(x, counts, strict=False):
        y = y + v ** counts[k]
    return y


@refused("the items of a set by their indices", X)
def beside_a_set(x):
    y = 0.0
    for v, k in zip(x, SETTINGS.chosen, strict=False):
        y = y + v**k
    return y


@program(X)
def beside_an_iterator(x):
    rest = iter([1, 2, 3])
    y = 0.0
    for v, k in zip(x, rest, strict=False):
        y = y + v**k
    return y


@program(X)
def beside_what_agrees(x):
    y = 0.0
    for v, (a, b) in zip(x, SETTINGS.data, strict=False):
        y = y + v * a * b
    for v, k in zip(x, SETTINGS.queue, strict=False):
        y = y * 0.5 + v**k
    return y


# -- one of several ------------------------------------------------------------------------------


class Own:
    def __init__(self, x):
        self.x = x

    def __add__(self, o):
        return self.x * 5.0 + o * o

    def __radd__(self, o):
        return self.x * 7.0 + o * o

    def __neg__(self):
        return self.x * 5.0

    def __getitem__(self, i):
        return self.x ** (i + 2)

    def __iter__(self):
        return iter([self.x, self.x * 3.0])


class Other(Own):
    def __add__(self, o):
        return self.x**3


@refused("has a `__", 1.3)
def items_of_an_object_or_a_list(x):
    o = Own(x) if x > 1.0 else [x, x * x]
    return o[0] * x


@refused("has a `__", 1.3)
def a_loop_over_an_object_or_a_list(x):
    y = 0.0
    items = (Own(x), [x, x])
    for k in range(2):
        o = items[k]
        for q in o:
            y = y + q
    return y


@refused("has a `__|`list` of values to be differentiated has no derivative rule", 1.3)
def an_object_or_a_list_listed(x):
    y = 0.0
    items = (Own(x), [x, x])
    for k in range(2):
        o = items[k]
        y = y + list(o)[1]
    return y


@refused("has a `__", 1.3)
def an_object_or_a_number_plus(x):
    y = 0.0
    items = (Own(x), x)
    for k in range(2):
        o = items[k]
        y = y + (o + x)
    return y


@refused("has a `__", 1.3)
def plus_an_object_or_a_number(x):
    y = 0.0
    items = (Own(x), x)
    for k in range(2):
        o = items[k]
        y = y + o
    return y


@refused("has a `__", 1.3)
def an_object_or_a_number_negated(x):
    y = 0.0
    items = (Own(x), x)
    for k in range(2):
        o = items[k]
        y = y * 2.0 - (-o)
    return y


@refused("is said by the class of an object, which `o` is or holds", 1.3)
def objects_of_two_classes_summed(x):
    y = 0.0
    for o in (Own(x), Other(x)):
        y = y + sum(o)
    return y


@refused("is computed by the class of an object, and which one that is, is not known", 1.3)
def put_into_a_list(x):
    items = [x]
    items.extend(Powers(x))
    return items[-1]


Settings.own = Own(2.0)


@refused("its class says itself what operators do: ask isinstance before, or make it an array", 1.3)
def a_constant_of_unknown_class(x):
    return SETTINGS.own * x


# -- right of an operator -----------------------------------------------------------------------


class Scale:
    def __init__(self, x):
        self.x = x

    def __rmul__(self, o):
        return self.x * np.sum(o) ** 2


class Row:
    def __init__(self, items):
        self.items = items

    def __rmul__(self, k):
        return Row([k * item + 1.0 for item in self.items])

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]


class Asked(Scale):
    __array_ufunc__ = None


class AsArray(Scale):
    def __array__(self, dtype=None, copy=None):
        return np.array([self.x])


@program(X)
def a_number_times_an_object(x):
    return x[0] * Scale(x[1]) + 2.0 * Scale(x[2])


@program(X)
def an_array_that_asks(x):
    return x * Asked(x[0])


@refused("the array `x` stands left of an object", X)
def an_array_times_an_object(x):
    return np.sum(x * Scale(x[0]))


@refused("an array stands left of an object", X)
def perhaps_an_array_times_an_object(x):
    y = 0.0
    for v in (x, x[0]):
        y = y * 0.5 + np.sum(v * Scale(x[0]))
    return y


@refused("a number of NumPy stands left of an object", X)
def a_number_of_numpy_times_a_sequence(x):
    # It is x[0] times the array of its items.
    return (x[0] * Row(x))[1]


@program(0.7)
def a_number_of_python_times_a_sequence(x):
    return x * (2 * Row([x, 3 * x])).items[1] + (x * Row([x, 2.0])).items[0]


@refused("NumPy makes an array of it", X)
def a_number_times_what_is_made_an_array(x):
    return np.sum(np.sum(x) * AsArray(x[0]))


# -- summed ---------------------------------------------------------------------------------------


class Vector:
    def __init__(self, a, b):
        self.a = a
        self.b = b

    def __add__(self, o):
        return Vector(self.a + o.a, self.b + o.b)

    def __iter__(self):
        return iter([self.a, self.b])


@program(X)
def a_sum_that_begins_with_an_object(x):
    s = sum([Vector(v, v * v) for v in x], Vector(0.0, x[0]))
    t = sum((Vector(v, 1.0) for v in x), start=s)
    return s.a * s.b + t.a


# -- compared -----------------------------------------------------------------------------------


class Level:
    def __init__(self, x):
        self.x = x

    def __lt__(self, o):
        return self.x < o.x

    def __gt__(self, o):
        return self.x > o.x

    def __iter__(self):
        return iter([self.x])


@program(1.3)
def the_larger_of_two(x):
    v, w = Level(x), Level(x * x)
    return max(v, w).x * min(v, w).x**2


class Tenfold(float):
    def __mul__(self, other):
        return float(self) * other * 10.0

    def __add__(self, other):
        return float(self) + other * 10.0

    __radd__ = __add__

    def __gt__(self, other):
        return True

    __lt__ = __gt__


SMALL = Tenfold(-2.0)


def product_of_items(x):
    values = [SMALL, x]
    return values[0] * values[1]


def product_by_name(x):
    values = {"a": Tenfold(2.0), "b": x}
    return values["a"] * values["b"]


def added_up(x):
    values = [x, SMALL]
    return sum(values) * x


def the_largest(x):
    values = [x, SMALL]
    return max(values) * x


def on_some_path(x):
    a = SMALL if x > 1.0 else x
    return a * x


for _f in (product_of_items, product_by_name, added_up, the_largest, on_some_path):
    # Constants whose class says what operators do were taken for numbers once they stood beside what varies.
    REFUSED.append((_f, (1.3,), "class Tenfold has a `__.*__` of its own"))


@pytest.mark.parametrize("mode", [grad, jvp])
@pytest.mark.parametrize(("f", "args", "reason"), REFUSED, ids=name_of)
def test_refused(mode: Any, f: Program, args: tuple[Any, ...], reason: str) -> None:
    derivative = mode(f, wrt=tuple(range(len(args))))
    with pytest.raises((UnsupportedError, DerivativeError), match=reason):
        derivative(*args, **({} if mode is grad else {"seed": args}))


@pytest.mark.parametrize(("f", "args"), FIRST, ids=name_of)
def test_first_order(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(f, *args)


@pytest.mark.parametrize(("f", "args"), SECOND, ids=name_of)
def test_second_order(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(grad(f), *args)
