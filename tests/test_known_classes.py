"""What is known of objects decides tests and calls: `isinstance`, `match`, functions chosen by class, recursion."""

from __future__ import annotations

import abc
import math
import traceback
from dataclasses import dataclass
from functools import singledispatch
from typing import Protocol, runtime_checkable

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative, check_products, check_second


class Dual:
    def __init__(self, re, du=0.0):
        self.re, self.du = re, du

    def __add__(self, other):
        if not isinstance(other, Dual):
            other = Dual(other)
        return Dual(self.re + other.re, self.du + other.du)

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.re * other.re, self.re * other.du + self.du * other.re)

    __radd__ = __add__
    __rmul__ = __mul__


class Scaled:
    def __init__(self, v):
        self.v = v

    def __mul__(self, other):
        if isinstance(other, (int, float)):
            return Scaled(self.v * other)
        return Scaled(self.v * other.v)

    __rmul__ = __mul__


@dataclass
class Node:
    v: float
    left: object = None
    right: object = None


@dataclass
class Disc:
    r: float


@dataclass
class Square:
    side: float


@singledispatch
def area(shape, k=1.0):
    raise TypeError(shape)


@area.register
def _(shape: Disc, k=1.0):
    return k * 3.0 * shape.r**2


@area.register
def _(shape: Square, k=1.0):
    return k * shape.side**2


def total(node):
    if node is None:
        return 0.0
    return node.v**2 + total(node.left) * total(node.right) + total(node.left)


def folded(node):
    match node:
        case Node(v=v, left=None, right=None):
            return v
        case Node(v=v, left=left, right=right):
            return v * folded(left) + folded(right) ** 2
        case _:
            return 1.0


def mirrored(node):
    if node is None:
        return None
    return Node(node.v * 2, mirrored(node.right), mirrored(node.left))


def power(node, k):
    return node.v if k == 0 else node.v * power(node, k - 1)


def pushed(node, k):
    node.v = node.v * k
    if node.left is not None:
        pushed(node.left, k * k)


def operators(x, y):
    d = Dual(x[0], 1.0)
    y = y * 2.0
    e = 3.0 * d * y + d * x[1] + np.sin(y)
    return e.du * e.re


def numbers(x, y):
    n = 2.0 * Scaled(x[0]) * Scaled(x[1]) * (y * 3.0)
    return n.v


def of_itself(x, y):
    o = x[0] * y
    o = Dual(o, x[1])
    o = Dual(o.re * o.du, o.du)
    return o.re * o.du


def left_out(x, y):
    d = Dual(x[0])
    if not isinstance(d, Dual):
        v = 2.0
    if x[1] > 100 and not isinstance(d, Dual):
        return v
    return d.re * y


def recursion(x, y):
    tree = Node(x[0], Node(x[1] * y), Node(x[0], None, Node(3.0)))
    return total(tree) + folded(tree) + mirrored(tree).left.v * y


def by_number(x, y):
    return power(Node(x[0]), 3) + power(Node(x[1] * 0.9), 25) * y


def written(x, y):
    node = Node(x[0], Node(x[1]))
    pushed(node, y)
    return node.v * node.left.v


def chosen(x, y):
    return area(Disc(x[0]), k=y) * area(Square(x[1] * y))


EVERY = [operators, numbers, of_itself, left_out, recursion, by_number, written, chosen]


@pytest.mark.parametrize("f", EVERY, ids=lambda f: f.__name__)
def test_laws(f):
    args = (np.array([0.7, 1.2]), 1.3)
    check_products(f, args, (0, 1))
    if f is not by_number:
        # A function that is not unfolded is called, and its second derivative would be one of its adjoint.
        check_second(f, args, (0, 1))


def test_what_is_left_out_is_not_in_the_text():
    assert "isinstance" not in grad(operators, ("x", "y")).source_for(np.array([0.7, 1.2]), 1.3)


def test_a_class_that_is_not_known_is_refused():
    def f(x):
        return sum([area(shape) for shape in [Disc(x), Square(x)]])

    with pytest.raises(UnsupportedError) as caught:
        grad(f)(1.0)
    error = caught.value
    assert error.reason == (
        "`area` is called on values to be differentiated, and chooses by a class that is not known here"
    )
    assert error.hint == "give the classes a method of that name, or choose with `isinstance`"
    assert "(test_known_classes.py, line" in str(error)
    shown = "".join(traceback.format_exception_only(error))
    assert "area(shape) for shape in" in shown and "^^^" in shown


def test_a_new_function_for_a_class_is_seen():
    @singledispatch
    def size(shape):
        raise TypeError(shape)

    def first(shape):
        return shape.r

    def second(shape):
        return shape.r**2

    size.register(Disc, first)

    def f(x):
        return size(Disc(x))

    df = grad(f)
    assert df(3.0) == 1.0
    size.register(Disc, second)
    assert df(3.0) == 6.0


def test_sorted_displays():
    def f(x):
        low, high = sorted((x[0] * x[1], x[1]))
        most = sorted([x[0], -x[1], 2.0 * x[0]], key=abs, reverse=True)
        return low * math.exp(high) + most[0] * most[2]

    args = (np.array([0.7, 1.2]),)
    check_products(f, args, (0,))
    check_second(f, args, (0,))


class Amount(abc.ABC):  # noqa: B024
    pass


Amount.register(float)


@runtime_checkable
class Sized(Protocol):
    def __len__(self): ...


@runtime_checkable
class Weighed(Protocol):
    v: float


class Numeric(type):
    def __instancecheck__(cls, item):
        return isinstance(item, (float, np.ndarray))


class Number(metaclass=Numeric):
    pass


def test_classes_that_say_themselves_what_their_instances_are():
    """Such a class was taken for one that its own objects alone are instances of, and a branch was lost."""

    def registered(x):
        y = x * 1.0
        return y * y if isinstance(y, Amount) else 3.0 * y

    def by_methods(x):
        items = [x, x * x]
        return items[0] * items[1] if isinstance(items, Sized) else 3.0 * x

    def by_attributes(x):
        n = Node(x)
        return n.v**2 if isinstance(n, Weighed) else n.v

    def by_metaclass(x):
        y = x * 2.0
        return y**3 if isinstance(y, Number) else y

    for f in (registered, by_methods, by_attributes, by_metaclass):
        check_derivative(f, 1.3)
        check_derivative(grad(f), 1.3)
