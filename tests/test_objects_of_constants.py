"""Objects that are made of what is not differentiated, and given values that are."""

import functools
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)


class Gain:
    def __init__(self, k):
        self.k = k
        self.last = 0.0

    def apply(self, x):
        self.last = 0.5 * self.last + self.k * x
        return self.last


class Scale:
    def __init__(self, k):
        self.k = k

    def apply(self, x):
        return self.k * x


class Chain:
    def __init__(self, *parts):
        self.parts = list(parts)

    def apply(self, x):
        for part in self.parts:
            x = part.apply(x)
        return x


class Net:
    def __init__(self):
        self.layers = []
        for k in (1.0, 2.0):
            self.layers.append(Gain(k))
        self.others = {"last": Gain(5.0)}

    def __call__(self, x):
        for layer in self.layers:
            x = layer.apply(x) * x
        return self.others["last"].apply(x)


def made(k):
    return Gain(k)


@program(0.7)
def in_a_list(x):
    gains = [Gain(2.0), Gain(3.0)]
    for _ in range(2):
        for g in gains:
            x = g.apply(x)
    return x**2


@program(0.7)
def in_one_another(x):
    return Chain(Scale(2.0), Chain(Scale(3.0)), Scale(0.5)).apply(x) ** 2


@program(0.7)
def by_a_function(x):
    for g in [made(k) for k in (1.0, 2.0)]:
        x = g.apply(x) + x * x
    return x


@program(0.7)
def in_a_dict(x):
    table = {"a": Gain(2.0), "b": Gain(3.0)}
    total = 0.0
    for name in ("a", "b", "a"):
        total += table[name].apply(x) ** 2
    return total


@program(0.7)
def called_at_once(x):
    return Net()(x)


@program(0.7)
def kept_and_asked(x):
    net = Net()
    return net(x) + net.others["last"].apply(x)


class Lay:
    def __init__(self, w, b=0.0):
        self.w, self.b = w, b

    @classmethod
    def unit(cls, w):
        return cls(w, 0.3)

    @staticmethod
    def two(w):
        return Lay(w, 0.7)

    def __call__(self, x):
        return self.w * x + self.b

    def __mul__(self, k):
        return type(self)(self.w * k, self.b)


class Double(Lay):
    def __call__(self, x):
        return 2.0 * super().__call__(x)


def two_of(w):
    return [Lay(w), Double.unit(w)]


def chosen(w, which=0):
    return Double(w) if which else Lay(w)


@program(0.7)
def made_by_methods_of_a_class(x):
    one, other = Double.unit(0.3), Double.two(np.sin(0.3))
    one.b = x * x
    other.w = x
    return one(x) * other(x)


@program(0.7)
def made_by_functions(x):
    lays = two_of(0.4)
    lays[0].b = x
    lays[1].w = x * x
    lays.append(chosen(0.3))
    one = chosen(0.4)
    one.b = x
    return sum(lay(x) for lay in lays) * one(x)


@program(0.7)
def of_a_class_that_is_chosen(x):
    lays = [(Lay if k % 2 else Double)(0.3 * k + 0.2) for k in range(3)]
    lays = [lay * x for lay in lays]
    one = (Lay if x > 0 else Double)(0.3 + x)
    return lays[0].w + lays[2](x) * one(x)


@program(0.7)
def of_a_class_in_a_variable(x):
    kind = Lay if x < 0 else Double
    one = kind(0.3) * x
    lays = [kind(0.6) for kind in (Lay, Double)]
    lays[0].b = x
    return one(x) + lays[0](x) * lays[1].w


@program(0.7)
def mapped_over_a_class(x):
    lays = list(map(Double, (0.6, 0.9)))
    lays[1].b = x * x
    table = dict(zip("ab", map(Lay, (0.1, 0.2)), strict=True))
    table["a"].b = x
    return lays[0](x) * lays[1](x) + table["a"](x) * table["b"](x)


@functools.lru_cache
def remembered(w):
    return Lay(w)


@functools.lru_cache
def remembered_list(w):
    found = [w, w]
    return found


@functools.lru_cache
def remembered_array(w):
    return np.array([w, w])


def one_object_twice(x):
    one, other = remembered(x), remembered(x)
    one.b = x * x
    return other(x)


def one_of_constants_twice(x):
    one, other = remembered(0.3), remembered(0.3)
    one.b = x * x
    return other(x)


def one_list_twice(x):
    one, other = remembered_list(x), remembered_list(x)
    one[0] = x * x
    return other[0]


def one_array_twice(x):
    one, other = remembered_array(x), remembered_array(x)
    one[0] = x * x
    return other[0]


@pytest.mark.parametrize("f", [one_object_twice, one_of_constants_twice, one_list_twice, one_array_twice])
def test_what_a_cache_gives_is_the_same_each_time(f: Program) -> None:
    """Each call made an object, a list or an array of its own (wrong values)."""
    reason = "` remembers its results, and gives one that may be changed, the same each time|an attribute of"
    with pytest.raises(UnsupportedError, match=reason):
        grad(f)(0.7)


def test_a_function_inside_that_remembers_what_varies_is_refused() -> None:
    def power(x):
        @functools.cache
        def of(n):
            return x if n == 0 else of(n - 1) * x

        return of(3)

    with pytest.raises(UnsupportedError, match="`of` remembers its results, and reads values to be differ") as caught:
        grad(power)(0.7)
    assert "fill a table in a loop" in str(caught.value.hint)


@pytest.mark.parametrize(("f", "args"), FIRST, ids=lambda p: getattr(p, "__name__", ""))
def test_programs(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(f, *args)
    check_derivative(grad(f), *args)
