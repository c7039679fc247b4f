"""Objects that the program makes: their attributes, methods, operators; in lists, on paths, in loops."""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp, value_and_grad
from tangent_sct.testing import check_derivative
from tests.helpers import Program, listed, refusing

PROGRAMS: list[Program] = []
REFUSED: list[tuple[Program, str]] = []
refused = refusing(REFUSED)
program = listed(PROGRAMS)


class Particle:
    def __init__(self, x, v):
        self.x = x
        self.v = v

    def step(self, dt):
        self.v = self.v - dt * self.x
        self.x = self.x + dt * self.v

    def energy(self):
        return 0.5 * self.v**2 + 0.5 * self.x**2


@dataclass
class Mass:
    m: float
    at: Any
    pull: Any


def attracted(m, places, n=2):
    masses = [Mass(m[i], places[i], np.zeros(2)) for i in range(len(m))]
    for _ in range(n):
        for one in masses:
            one.pull = np.zeros(2)
            for other in masses:
                if other is not one:
                    one.pull = one.pull + other.m * (other.at - one.at)
        for one in masses:
            one.at += 0.1 * one.pull
    return sum(one.m * (one.at @ one.at) for one in masses)


class Vec:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def __sub__(self, other):
        return Vec(self.x - other.x, self.y - other.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __abs__(self):
        return math.sqrt(self.dot(self))

    def __getitem__(self, i):
        return (self.x, self.y)[i]

    def __len__(self):
        return 2

    def dot(self, other):
        return self.x * other.x + self.y * other.y


@dataclass
class Pair:
    x: float
    v: float
    m: float = 2.0
    seen: list = field(default_factory=list)

    def kinetic(self):
        return 0.5 * self.m * self.v**2


@dataclass(frozen=True)
class State:
    x: float
    v: float

    def __post_init__(self):
        object.__setattr__(self, "sum", self.x + self.v)

    def step(self, dt):
        return State(self.x + dt * self.v, self.v - dt * self.x)


@program
def taken_apart(x):
    q = Particle(x, 0.5)
    return q.x * q.v


@program
def an_attribute_by_name(x):
    return vars(Particle(x, 1.0))["x"] * x


def halves(x, n):
    for _ in range(n):
        x = 0.5 * x
        yield x


@program
def read_after_the_loop_that_makes_it(x):
    for k in range(3):
        p = Particle(x * k, x)
    return p.x * p.v


@program
def read_after_a_loop_over_a_generator(x):
    for h in halves(x, 3):
        p = Particle(h, x)
    return p.x * p.v


@program
def moved(x):
    q = Particle(x, 0.5)
    for _ in range(3):
        q.step(0.1)
    return q.energy()


@program
def a_dataclass(x):
    q = Pair(x, v=x * 2)
    q.seen.append(q.x)
    r = dataclasses.replace(q, v=x, m=x)
    return q.kinetic() * r.kinetic() * q.seen[0]


@program
def frozen(x):
    s = State(x, 1.0)
    for _ in range(3):
        s = s.step(0.1)
    return s.x * s.v + s.sum


@program
def operators(x):
    a, b = Vec(x, 1.0), Vec(2.0, x)
    c = a + b * 3.0 - (-a)
    c += 2.0 * b
    return c.dot(a) * abs(c) + a[0] * b[1] * len(a)


@program
def operators_in_a_loop(x):
    a, v = Vec(x, 2.0), Vec(0.0, 1.0)
    for _ in range(2):
        v = v + a * 0.1
        a = a + v
    return a.dot(v)


@program
def in_a_list(x):
    every = [Particle(x * i, 1.0) for i in range(3)]
    for q in every:
        q.step(0.1)
    return sum(q.energy() for q in every)


@program
def appended(x):
    every = []
    for i in range(3):
        if i != 1:
            every.append(Particle(x * i, 1.0))
    total = 0.0
    for q in every:
        q.step(0.1)
        total += q.energy()
    return total


@program
def some_without_a_derivative(x):
    a, b = Particle(1.0, 0.0), Particle(x, 0.5)
    for _ in range(2):
        for q in (a, b):
            q.step(0.1)
    return a.energy() + b.energy()


@program
def two_names(x):
    a = Particle(x, 1.0)
    b = a
    b.x = b.x * 2
    return a.x


@program
def one_of_two(x):
    a, b = Particle(x, 1.0), Particle(2 * x, 2.0)
    c = a if x > 1 else b
    c.x = c.x * x
    return a.x + 3 * b.x


@program
def in_a_dict(x):
    d = {"a": Particle(x, 1.0), "b": Particle(x, x)}
    d["a"].step(0.1)
    return d["a"].energy() * d["b"].energy()


@program
def handed_through(x):
    def advanced(q, dt):
        q.step(dt)
        return q

    def pair(k):
        return Particle(k, 1.0), Particle(k, 2.0)

    a, b = pair(x)
    return advanced(advanced(a, 0.1), 0.1).energy() * b.energy()


@program
def made_in_a_loop(x):
    total = 0.0
    for i in range(3):
        q = Particle(x * i, total)
        q.step(0.1)
        total = total + q.energy()
    return total


class Body:
    def __init__(self, place, speed):
        self.place, self.speed = place, speed

    def kick(self, force, dt):
        self.speed = self.speed + force * dt

    def drift(self, dt):
        self.place = self.place + self.speed * dt


@program
def objects_in_objects(x):
    body = Body(Vec(x, 0.0), Vec(0.0, 1.0))
    for _ in range(2):
        body.kick(body.place * (-1.0 / abs(body.place) ** 3), 0.1)
        body.drift(0.1)
    return body.place.dot(body.place)


class Layer:
    def __init__(self, weight, bend=np.tanh):
        self.weight = weight
        self.bend = bend

    def __call__(self, v):
        return self.bend(self.weight * v)


class Network:
    def __init__(self, weight, count):
        self.layers = [Layer(weight * (k + 1)) for k in range(count)]

    def __call__(self, v):
        for layer in self.layers:
            v = layer(v)
        return v


@program
def a_network(x):
    return Network(x, 2)(0.5) * Layer(x, np.sin)(x)


class Shape:
    sides = 2.0

    def __init__(self, a):
        self.a = a

    @property
    def half(self):
        return self.a / 2

    @staticmethod
    def squared(v):
        return v * v

    @classmethod
    def doubled(cls, a):
        return cls(a * 2)

    def area(self, v):
        return self.a * v * self.sides


class Square(Shape):
    sides = 4.0

    def __init__(self, a, b):
        super().__init__(a)
        self.b = b

    def area(self, v):
        return super().area(v) + self.b


@program
def inherited(x):
    s = Square(x, x * 2)
    return s.area(2.0) + s.half * s.squared(x) + Shape.doubled(x).area(x) * (not isinstance(s, Vec))


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b

    def product(self):
        return self.a * self.b


@program
def slots(x):
    s = Slots(x, x)
    s.a = s.a * 2
    every = [s, Slots(x, 1.0)]
    return every[1].product() * every[0].product()


class Guarded:
    def __init__(self, a):
        self._a = a
        self._square = None

    @property
    def a(self):
        return self._a

    @a.setter
    def a(self, value):
        self._a = value * 2

    def square(self):
        if self._square is None:
            self._square = self._a**2
        return self._square


@program
def computed_and_remembered(x):
    g = Guarded(x)
    y = g.square()
    g.a = x * g.square()
    return g.a * y


@program
def a_new_attribute(x):
    q = Particle(x, 1.0)
    q.extra = x * 3
    setattr(q, "v", q.extra * x)  # noqa: B010
    return q.extra * q.x * getattr(q, "v")  # noqa: B009


class Node:
    def __init__(self, value, left=None, right=None):
        self.value, self.left, self.right = value, left, right

    def total(self):
        t = self.value * self.value
        if self.left is not None:
            t = t + self.left.total()
        if self.right is not None:
            t = t + self.right.total()
        return t


@program
def a_tree(x):
    return Node(x, Node(2 * x), Node(x, Node(3 * x))).total()


class Grid:
    def __init__(self, n, k):
        self.u = np.zeros(n)
        self.u[n // 2] = 1.0
        self.k = k

    def run(self, steps):
        for _ in range(steps):
            u = self.u
            u[1:-1] += self.k * (u[2:] - 2 * u[1:-1] + u[:-2])
        return self


@program
def arrays(x):
    return np.sum(Grid(7, 0.1 * x).run(3).u ** 2)


class Log:
    def __init__(self):
        self.items, self.count = [], 0

    def push(self, v):
        self.items.append(v)
        self.count += 1
        return self.count < 3


@program
def lists_and_tests(x):
    log = Log()
    while log.push(x * log.count):
        pass
    return sum(log.items) * log.count


class Short:
    def __init__(self, a):
        self.a = self.b = a

    def __len__(self):
        return 1

    def __bool__(self):
        return False


@program
def its_own_length_and_truth(x):
    s = [Short(x)]
    if len(s[0]) == 1 and not s[0]:
        return s[0].a * x
    return s[0].b


@program
def called_back(x):
    class_ = Layer
    return class_(x, lambda v: v * x)(x)


OTHERS = (Shape(1), Shape(2))


@program
def another_thing_of_the_same_name(x):
    q = Particle(x, 1.0)
    q.a = 5
    n = sum(map(lambda q: q.a, OTHERS)) + sum(map(lambda q, r=q.a: q, [1, 2]))  # noqa: C417
    return q.x * n


@program
def assigned_in_a_statement_kept_whole(x):
    q = Layer(x)
    with np.errstate(all="ignore"):
        q.bend = np.cos
    return q.bend(x) * q.weight


class Account:
    def __init__(self):
        self.held = 0.0

    def put(self, amount):
        self.held = self.held + amount


@program
def methods_with_the_names_of_those_of_arrays(x):
    accounts = [Account(), Account()]
    for account in accounts:
        account.put(x * x)
    return accounts[0].held * x


@program
def late_bound(x):
    q, r = Particle(x, 1.0), Particle(x, 2.0)

    def asked():
        return q.x

    def moved():
        nonlocal q
        q = Particle(q.x * x, 1.0)

    for _ in range(3):
        q, r = r, q
        q.x = q.x * x
    moved()
    return asked() + 3 * r.x


class Spring:
    def __init__(self, k, u):
        self.k, self.u, self.log = k, u, []


@program
def chosen_among_some_made_of_constants(x):
    held = Spring(0.4, 0.9)
    springs = [Spring(x, x * x), held, Spring(1.2, x)]
    best = max(springs, key=lambda spring: spring.k)
    other = springs[0] if best.k > 1.25 else held
    return best.u * x + np.sin(best.k) + other.u


@program
def objects_beside_a_function_that_assigns(x):
    springs = [Spring(x, x * x), Spring(-1.3, 0.4)]
    worst = min(springs, key=lambda spring: spring.k)
    total = x

    def added(k):
        nonlocal total
        total = total + np.cos(springs[k].u) + worst.k
        return total

    for k in range(2):
        total = total * added(k)
    return total * x


class Private:
    def __init__(self, x):
        super().__init__()
        self.__x = x

    def asked(self):
        return self.__x * 2


class MorePrivate(Private):
    def __init__(self, x):
        super().__init__(x)
        self.__x = 3 * x

    def both(self):
        return self.__x * self.asked()


@program
def private_attributes(x):
    return MorePrivate(x).both()


class Shared:
    every: list = []  # noqa: RUF012

    def __init__(self, x):
        self.x = x

    def add(self, v):
        self.every.append(v)


class Counted:
    made, rates = 0, np.array([1.0, 1.2])

    def __init__(self, x):
        type(self).made += 1
        self.x = x


@program
def counted_by_the_class(x):
    Counted.made = 0
    q = Counted(x / (1.5 + x * x))
    made = Counted.made
    Counted.rates[0] = 1.5
    u = np.sum(Counted.rates) * q.x * Counted.rates[0]
    Counted.rates[:] = [1.0, 1.2]
    return u * made + np.arctan(x)


@refused("an attribute of a class is assigned a value to be differentiated")
def kept_by_the_class(x):
    Counted.last = x * x
    return Counted.last * x


@refused("an attribute of a class is assigned a value to be differentiated")
def kept_by_the_class_from_one_iteration_to_the_next(x):
    Counted.last = 1.0
    for i in range(3):
        y = x * Counted.last
        if i == 1:
            Counted.last = y
    return y


@refused("written into an array or a list that an object holds")
def added_to_a_list_of_the_class(x):
    s = Shared(x)
    s.add(x)
    return s.x * sum(Shared.every)


SPACE = Particle(np.zeros(2), 0.0)


@refused("written into `SPACE`, an object outside the function")
def written_into_an_object_outside(x):
    a = SPACE.x
    a[0] = x
    return SPACE.x[0] * x


class Looped:
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]

    def __iter__(self):
        return reversed(self.items)


@refused("which has an `__iter__` of its own")
def iterated(x):
    total = x
    for v in Looped([x, 2 * x]):
        total = total * v + 1.0
    return total


class Handed:
    def __init__(self, x, every):
        every.append(self)
        self.x = x


@refused("is handed on before its `__init__` has ended")
def handed_on_too_early(x):
    every = []
    q = Handed(x, every)
    return q.x * every[0].x


class Partly:
    k = 2.0

    def __init__(self, x, n):
        if n > 1:
            self.k = x


@refused("is assigned on some paths, and is one of the class on others")
def partly_of_the_class(x, n=2):
    return Partly(x, n).k * x


@refused("is assigned on some paths through `__init__` only")
def partly_assigned(x, n=2):
    every = [Partly(x, n)]
    return every[0].k * x


@refused("`Particle` takes no arguments|the call does not fit the function")
def wrong_arguments(x):
    return Particle(x).x


@refused("the attributes of an object are read as a dict")
def as_a_dict(x):
    held = vars(Particle(x, 1.0))
    return held["x"] * x


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("x", [0.8, 1.7])
def test_derivatives(function: Program, x: float) -> None:
    check_derivative(function, x, rtol=1e-5)


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_derivatives_of_gradients(function: Program) -> None:
    check_derivative(grad(function), 1.3, rtol=1e-4)


def test_numbers_in_objects_of_a_list_to_second_order() -> None:
    m, places = np.array([1.0, 0.5, 0.25]), np.array([[0.0, 0.1], [2.0, 0.3], [-1.0, 0.7]])
    check_derivative(grad(attracted, wrt=0), m, places, wrt=0, rtol=1e-5)


@pytest.mark.parametrize(("function", "reason"), REFUSED, ids=[f.__name__ for f, _ in REFUSED])
@pytest.mark.parametrize("mode", [grad, jvp])
def test_refusals(function: Program, reason: str, mode: Callable[..., Any]) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        mode(function).source_for(1.3)


def test_an_object_that_is_taken_apart_leaves_no_trace() -> None:
    text = grad(moved).source_for(1.3)
    assert "q_v_bar += 0.1 * q_x_bar" in text
    assert "Particle" not in text and "made" not in text


def test_an_object_that_is_kept_is_one_of_its_class() -> None:
    def held(x):
        every = [Particle(x, 1.0)]
        return every[0].x * x, every

    value, (_, extra) = 1.3, grad(held, has_aux=True)(1.3)
    assert type(extra[0]) is Particle and extra[0].x == value
    assert "made(Particle, x=x, v=1.0)" in grad(held, has_aux=True).source_for(1.3)


def test_a_changed_method_is_noticed() -> None:
    class Own:
        def __init__(self, a):
            self.a = a

        def power(self):
            return self.a**2

    def f(x):
        return Own(x).power()

    df = value_and_grad(f)
    assert df(3.0) == (9.0, 6.0)
    Own.power = lambda self: self.a**3
    assert df(3.0) == (27.0, 27.0)


class Remembering:
    def __init__(self, w):
        self.w = w

    @functools.cached_property
    def norm(self):
        return self.w * self.w

    @functools.cached_property
    def twice(self):
        return self.norm * 2.0 + self.w


def remembered(x):
    m = Remembering(x)
    first = m.norm
    m.w = m.w * 2.0
    return first * m.norm * m.w * m.twice


def remembered_before_a_loop(x):
    m = Remembering(x)
    total = m.norm
    for i in range(3):
        total = total + m.norm * i
        m.w = m.w + 1.0
    return total * m.w


@pytest.mark.parametrize("function", [remembered, remembered_before_a_loop])
def test_cached_properties_keep_what_they_were(function: Program) -> None:
    check_derivative(function, 1.3)
    check_derivative(grad(function), 1.3)


def test_cached_properties_of_arguments_and_on_some_paths_are_refused() -> None:
    def in_a_loop(x):
        m, total = Remembering(x), 0.0
        for _ in range(3):
            total = total + m.norm
            m.w = m.w + 1.0
        return total

    with pytest.raises(UnsupportedError, match="`norm` is remembered by an object that is an argument") as error:
        grad(lambda m: m.norm)(Remembering(1.3))
    assert error.value.hint == "make it a `property`"
    with pytest.raises(UnsupportedError, match="the attribute `norm` is assigned on some paths"):
        grad(in_a_loop)(1.3)


class Joined:
    def __init__(self, a):
        self.a = a

    def __add__(self, other):
        return Joined(self.a * other.a)

    def __rmul__(self, k):
        return Joined(k)


def test_the_sum_of_an_object_and_itself_is_its_own() -> None:
    """To second order the gradient's text is the program, whose sums were taken for sums of numbers."""

    def f(x: Any) -> Any:
        v = Joined(3.0)
        v = v + v
        return v.a * x * x

    check_derivative(grad(f), 0.7)
    assert grad(grad(f))(0.7) == pytest.approx(18.0)
