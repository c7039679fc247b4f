"""Objects that are made of what is not differentiated, and given values that are."""

from typing import Any

import pytest

from tangent_sct import grad
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


@pytest.mark.parametrize(("f", "args"), FIRST, ids=lambda p: getattr(p, "__name__", ""))
def test_programs(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(f, *args)
    check_derivative(grad(f), *args)
