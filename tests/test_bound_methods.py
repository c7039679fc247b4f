"""Methods of objects that are differentiated, in variables and as arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative
from tests.helpers import Program, listed, refusing

PROGRAMS: list[Program] = []
REFUSED: list[tuple[Program, str]] = []
refused = refusing(REFUSED)
program = listed(PROGRAMS)


class Net:
    def __init__(self, w):
        self.w = w

    def energy(self, v, by=1.0):
        return self.w * v * v * by

    def grow(self, v):
        self.w = self.w * v

    def often(self, v, n):
        again = self.often
        return v if n == 0 else again(self.energy(v), n - 1)

    def __call__(self, v):
        return v * 100.0


@program
def in_a_variable(x):
    net = Net(x * x)
    m = net.energy
    n = m
    return m(x) * n(2.0, by=x)


@program
def the_object_that_it_was_bound_to(x):
    net = Net(x)
    m = net.energy
    net = Net(5.0)
    return m(x) + net.energy(x)


@program
def of_an_object_that_changes(x):
    net = Net(x)
    m, grow = net.energy, net.grow
    total = 0.0
    for i in range(3):
        total += m(x * i)
        grow(x)
    return total * net.w


@program
def of_another_object_each_time(x):
    total = 0.0
    for w in [x, 2.0]:
        m = Net(w).energy
        total += m(x)
    return total


@program
def as_an_argument(x):
    net = Net(x)

    def use(f, g, v):
        return f(g(v))

    return use(net.energy, lambda v: v * x, 2.0) * use(g=net.energy, f=np.sin, v=x)


@program
def read_by_a_function_defined_before(x):
    def late(v):
        return m(v)

    net = Net(x)
    m = net.energy
    return late(x) * sum(map(m, [1.0, x]))


@program
def of_an_object_in_a_list(x):
    net = Net(x)
    m = net.energy
    nets = [net, Net(2.0)]
    nets[0].w = nets[0].w * x
    return m(x) * nets[1].w


@refused("the method `Net.often` calls itself")
def calls_itself_by_a_variable(x):
    return Net(x).often(x, 2)


@refused("the method `energy` of an object that is differentiated is kept, and not only called")
def in_a_tuple(x):
    net = Net(x)
    return sum([m(x) for m in (net.energy, np.sin)])


@refused("the method `energy` of an object that is differentiated is kept, and not only called")
def as_a_key(x):
    return max([x, -2.0], key=Net(x).energy) * x


@refused("the method `energy` of an object that is differentiated is kept, and not only called")
def printed(x):
    net = Net(x)
    m = net.energy
    print(m)
    return m(x)


@program
def compared(x):
    net = Net(x)
    m = net.energy
    return m(x) if m is not None else x


@refused("which function `m(x)` calls is not known")
def one_of_two(x):
    net = Net(x)
    m = net.energy if x > 1 else net.grow
    return m(x)


@refused("which function `m(x)` calls is not known")
def replaced_in_a_loop(x):
    net = Net(x)
    m = net.energy
    total = 0.0
    for _ in range(2):
        total += m(x)
        m = net.__call__
    return total


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_both_modes(f: Callable[[Any], Any]) -> None:
    check_derivative(f, 1.3)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_second_derivatives(f: Callable[[Any], Any]) -> None:
    check_derivative(grad(f), 1.3)


def test_of_an_argument() -> None:
    def f(x, net):
        m = net.energy
        net.grow(2.0)
        return m(x) * m(2.0)

    check_derivative(f, 1.3, Net(2.0))
    assert "m = net\n" in grad(f, wrt=(0, 1)).source_for(1.3, Net(2.0))


@pytest.mark.parametrize(("f", "reason"), REFUSED, ids=lambda item: getattr(item, "__name__", ""))
def test_refused(f: Callable[[Any], Any], reason: str) -> None:
    for derive in (grad, jvp):
        with pytest.raises(UnsupportedError) as caught:
            derive(f).source_for(1.3)
        assert reason in str(caught.value)
        assert caught.value.hint and caught.value.origin is not None


class Straight:
    def __init__(self, x):
        self.x = x

    def value(self, t):
        return t * self.x[0] - self.x[1]


def counting(function):
    def inner(t):
        inner.calls += 1
        return function(t)

    inner.calls = 0
    return inner


def test_methods_that_a_function_kept_whole_calls_are_refused() -> None:
    """The method had been followed, and its name was gone (NameError)."""

    def handed_on(x):
        return np.frompyfunc(counting(Straight(x).value), 1, 1)(x).sum()

    told = "`inner` is called where it is not unfolded, and reads `function`, a method or an object that is followed"
    with pytest.raises(UnsupportedError, match=told):
        grad(handed_on)(np.array([0.5, 0.2]))


class Recorded:
    """A number that keeps the function by which its adjoint goes on, as hand-written reverse modes have it."""

    def __init__(self, v):
        self.v = v
        self.g = 0.0
        self.back = lambda: None

    def __mul__(self, other):
        result = Recorded(self.v * other.v)

        def back():
            self.g += other.v * result.g

        result.back = back
        return result


def test_attributes_that_hold_another_function_later_are_refused() -> None:
    def differentiated_by_hand(x):
        a = Recorded(x[0])
        c = a * Recorded(x[1])
        c.g = 1.0
        c.back()
        return c.v + a.g

    told = "the attribute `back` holds a function or an object, and is assigned another one"
    with pytest.raises(UnsupportedError, match=told):
        grad(differentiated_by_hand)(np.array([0.5, 0.2]))
