"""Named tuples: made, replaced, taken apart, carried through loops, returned; gradients in the same structure."""

from __future__ import annotations

import functools
from collections import namedtuple
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp, vjp
from tangent_sct.testing import check_derivative
from tests.helpers import Program, listed

PROGRAMS: list[Program] = []
program = listed(PROGRAMS)
X = np.array([0.7, 1.2, 0.4])

Pair = namedtuple("Pair", "x v")


class State(NamedTuple):
    pos: float
    vel: Any = 1.0

    def energy(self):
        return self.pos**2 + self.vel**2

    @property
    def speed(self):
        return self.vel * self.vel

    def moved(self, dt):
        return self._replace(pos=self.pos + dt * self.vel)

    @classmethod
    def at(cls, x):
        return cls(x, x * x)


class Longer(Pair):
    __slots__ = ()

    def norm(self):
        return self.x * self.v


class Changed(Pair):
    def __new__(cls, x, v):
        return super().__new__(cls, 2 * x, v)


class Tree(NamedTuple):
    v: float
    left: Any = None
    right: Any = None


class Layer(NamedTuple):
    w: np.ndarray
    b: float
    name: str = "a"


HERE = State(2.0, 3.0)


@program
def methods(x):
    s = State.at(x[0])
    return s.energy() + s.speed * State(x[1]).pos


@program
def replaced_in_a_loop(x):
    s = State(x[0], x[1])
    for _ in range(3):
        s = s.moved(0.1)
        s = s._replace(vel=s.vel * s.pos)
    return s.energy() * x[2]


@program
def made_in_a_loop(x):
    s = State(0.0, 0.0)
    for v in x:
        s = State(pos=s.pos + v * v, vel=s.vel * v + s.pos)
    return s.pos * s.vel


@program
def taken_apart(x):
    p = Longer(v=x[0] * x[1], x=x[2])
    a, b = p
    q = p + (x[0],)
    return a * b * p.norm() + sum(p) * q[2] * len(p) + np.dot(np.array(p), X[:2])


@program
def written_arrays(x):
    p = Pair(2.0 * x, x.copy())
    y = p.x
    y[0] = x[1] * x[2]
    p.x[1] += x[0]
    p[1][2] *= x[2]
    return np.sum(p.x * p.v)


@program
def in_lists(x):
    pairs = [Pair(v, v * v) for v in x]
    while len(pairs) < 5:
        last = pairs[-1]
        pairs.append(Pair(last.x * 1.1, last.v + x[1]))
    total = 0.0
    for i, p in enumerate(pairs):
        total += i * p.x * p.v
    for a, b in pairs:
        total += a * b
    for p, v in zip(pairs, x, strict=False):
        total += p.v * v
    return total * pairs[int(x[0] > 0)].v


@program
def found(x):
    best = None
    for v in x:
        c = Pair(v, v * v)
        if best is None or c.v > best.v:
            best = c
    return best.x * best.v


@program
def chosen(x):
    p = Pair(x[0], x[1]) if x[0] > 0.5 else Pair(x[1], x[0])
    q = Pair(x[1], x[2])
    p, q = q, p
    return p.x * q.v**2 if p > q else p.v * q.x**2


@program
def matched(x):
    match Pair(x[0], x[1] * x[2]):
        case Pair(x=a, v=b):
            return a * b
    return x[2]


@program
def as_a_dict(x):
    p = Pair._make([x[0], x[1] * x[2]])
    d = p._asdict()

    def product(x, v):
        return x * v

    return d["x"] * product(*p) * product(**d)


@program
def folded(x):
    def step(s, u):
        return State(s.pos * u, s.vel + u)

    s = State(x[2], 1.0)
    for u in (x[0], x[1]):
        s = step(s, u)
    return s.energy() * functools.reduce(step, (x[0], x[1]), s).vel * HERE.pos


@pytest.mark.parametrize("function", PROGRAMS)
def test_first_order(function: Program) -> None:
    check_derivative(function, X)


@pytest.mark.parametrize("function", [p for p in PROGRAMS if p is not folded])
def test_second_order(function: Program) -> None:
    check_derivative(grad(function), X)


def total(t):
    if t is None:
        return 0.0
    return t.v**2 + total(t.left) * t.v + np.sin(total(t.right))


def layered(layer, x):
    if isinstance(layer, tuple) and layer.name == "a":
        return np.sum(layer.w * x) * layer.b
    return 0.0


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (total, (Tree(1.1, Tree(0.7, None, Tree(0.3)), Tree(0.5)),)),
        (layered, (Layer(X, 2.0), X)),
        (lambda s: s.energy() * s[0], (HERE,)),
        (lambda s: s.moved(s.vel).pos * s.speed, (HERE,)),
        (lambda d: d["s"].energy() * d["p"][0].v, ({"s": HERE, "p": [Pair(1.0, 2.0)]},)),
    ],
)
def test_arguments(function: Any, args: tuple[Any, ...]) -> None:
    check_derivative(function, *args)
    check_derivative(grad(function), *args)
    assert type(grad(function)(*args)) is type(args[0])


def test_what_has_no_derivative_is_none() -> None:
    found = grad(layered)(Layer(X, 2.0), X)
    assert type(found) is Layer and found.name is None and found.b == np.sum(X * X)


def test_results_and_seeds_have_the_same_structure() -> None:
    def f(x):
        return State(x[0] * x[1], {"k": Pair(x[2], x[0])})

    value, tangent = jvp(f)(X, seed=X)
    assert type(value) is State and type(tangent) is State and type(tangent.vel["k"]) is Pair
    np.testing.assert_allclose(tangent.pos, 2 * X[0] * X[1])
    value, adjoint = vjp(f)(X, seed=State(1.0, {"k": Pair(1.0, 2.0)}))
    assert type(value) is State
    np.testing.assert_allclose(adjoint, [X[1] + 2.0, X[0], 1.0])
    check_derivative(f, X)


def test_the_text() -> None:
    text = jvp(replaced_in_a_loop).source_for(X, seed=X)
    assert "s = State(x[0], x[1])" in text and "s_dot = State(x_dot[0], x_dot[1])" in text


def test_saved(tmp_path: Path) -> None:
    jvp(made_in_a_loop).save(tmp_path / "saved.py", X, seed=X)
    scope: dict[str, Any] = {}
    exec((tmp_path / "saved.py").read_text(), scope)
    np.testing.assert_allclose(scope["made_in_a_loop_jvp"](X, X), jvp(made_in_a_loop)(X, seed=X))


def test_a_class_that_makes_its_objects_in_its_own_way_is_refused() -> None:
    def f(x):
        p = Changed(x[0], x[1])
        return p.x * p.v

    with pytest.raises(UnsupportedError, match="the class `Changed` makes its named tuples in a way of its own"):
        grad(f)(X)


def test_fields_that_there_are_not() -> None:
    def f(x):
        return Pair(x[0], x[1])._replace(w=x[2]).x

    with pytest.raises(UnsupportedError, match="`Pair` has no field `w`") as error:
        grad(f)(X)
    assert error.value.origin is not None and "_replace(w=x[2])" in error.value.origin.text


def test_fields_with_names_of_arrays_are_refused() -> None:
    Sized = namedtuple("Sized", "size x")

    def listed_size(x):
        return [Sized(x[0], x[1])][int(x[0] > 9)].size

    class Sizes:
        def __init__(self, size):
            self.size = size

    def size_of_an_object(x):
        return [Sizes(x[0])][int(x[0] > 9)].size

    def size(x):
        s = Sized(x[0], x[1])
        return s.size * s.x

    for function in (size, listed_size, size_of_an_object):
        with pytest.raises(UnsupportedError, match="`size` of an object has a name that arrays and containers use"):
            grad(function)(X)
    with pytest.raises(UnsupportedError, match="`size` of an object has a name that arrays and containers use"):
        grad(lambda s: s.size * s.x)(Sized(1.0, 2.0))


EMPTY = ()


def grown_from_outside(x):
    s = (x[0], EMPTY)
    for v in x:
        s = (s[0], (*s[1], v * s[0]))
    return sum(s[1]) * s[0]


def test_a_container_from_outside_beside_what_varies() -> None:
    check_derivative(grown_from_outside, X)
    gradient, h = grad(grown_from_outside), 1e-6
    expected = (gradient(X + h * X) - gradient(X - h * X)) / (2 * h)
    np.testing.assert_allclose(jvp(gradient)(X, seed=X)[1], expected, rtol=1e-6)
    with pytest.raises(UnsupportedError, match="the structure of `t_12` is not known"):
        vjp(gradient)(X, seed=X)
