"""Objects whose attributes are differentiated: methods, attribute writes, gradients of the same class."""

from __future__ import annotations

import dataclasses
import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp, value_and_grad, vjp
from tangent_sct.testing import check_derivative

X = np.array([0.5, 1.5, 2.0])
START = np.array([1.3, 0.4, 0.7, -0.2])


class Body:
    """A number, an array, and what has no derivative."""

    factor = 2.0

    def __init__(self, a: float, w: np.ndarray) -> None:
        self.a = a
        self.w = w
        self.calls = 0
        self.name = "body"
        self.bend = np.sin

    def energy(self, x):
        return np.sum(self.bend(self.w) * x) * self.a

    def __call__(self, x):
        return self.energy(x) + self.squared

    def halved(self):
        self.a = self.a * 0.5
        return self.a > 0.2

    @property
    def squared(self):
        return self.a * self.a

    @staticmethod
    def tripled(v):
        return v * 3.0

    @classmethod
    def scaled(cls, v):
        return v * cls.factor


class Heavy(Body):
    factor = 5.0

    def energy(self, x):
        return super().energy(x) + self.a**3


PROGRAMS: list[Callable[..., Any]] = []


def program(function: Callable[..., Any]) -> Callable[..., Any]:
    """Check the decorated function of a body and an array."""
    PROGRAMS.append(function)
    return function


@program
def called(body, x):
    return body(x)


@program
def common(body, x):
    return body.tripled(body.a) + body.scaled(body.a) + body.factor * body.a


@program
def assigned(body, x):
    body.w = body.w * body.a
    return body.energy(x) + np.sum(body.w)


@program
def updated(body, x):
    for v in x:
        body.a += body.a * v
    return body.a


@program
def written_in_place(body, x):
    body.w[0] *= 2.0
    w = body.w
    w += body.a
    return body.energy(x)


@program
def counted(body, x):
    body.calls += 1
    return body.energy(x) * body.calls


@program
def renamed(body, x):
    other = body
    other.a = other.a * 3.0
    return body.a * other.energy(x)


@program
def kept(body, x):
    held = {"body": body}
    return held["body"].a * held["body"].energy(x)


@program
def captured(body, x):
    def inner(v):
        return body.a * v

    return np.sum(inner(body.w))


@program
def looked_at(body, x):
    if isinstance(body, Heavy) or body.a > 1.0:
        return len(body.w) * body.a
    return body.w.shape[0] * body.a**2


@program
def changed_by_tests(body, x):
    n = 0
    while body.halved() and n < 3:
        n += 1
    if n > 5 or body.halved():
        return body.a * len([v for v in x if body.halved()]) * body.a
    return body.a**3


def body_at(cls: type[Body], point: np.ndarray) -> Body:
    return cls(float(point[0]), np.array(point[1:]))


@pytest.mark.parametrize("cls", [Body, Heavy])
@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_gradients(function: Callable[..., Any], cls: type[Body]) -> None:
    def at(point: np.ndarray) -> Any:
        return function(body_at(cls, point), X)

    differences = np.array([(at(START + h) - at(START - h)) / 2e-6 for h in 1e-6 * np.eye(4)])
    body = body_at(cls, START)
    value, found = value_and_grad(function)(body, X)
    np.testing.assert_allclose(value, at(START))
    assert type(found) is cls and found.name is None and found.calls is None
    np.testing.assert_allclose([found.a, *found.w], differences, rtol=1e-6, atol=1e-6)
    seed = SimpleNamespace(**(vars(body) | {"a": 1.0, "w": np.array([0.1, 0.2, 0.3])}))
    _, tangent = jvp(function)(body, X, seed=seed)
    np.testing.assert_allclose(tangent, differences @ [1.0, 0.1, 0.2, 0.3], rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal([body.a, *body.w, body.calls], [*START, 0])


@dataclasses.dataclass
class Settings:
    rate: float
    start: np.ndarray
    steps: int = 3


def decayed(settings, scale):
    y = settings.start
    for _ in range(settings.steps):
        y = y - settings.rate * scale * y
    return np.sum(y * y)


def test_a_dataclass() -> None:
    settings = Settings(0.1, X)
    found = grad(decayed)(settings, 2.0)
    assert isinstance(found, Settings) and found.steps is None
    np.testing.assert_allclose(found.start, 2.0 * 0.8**6 * X)
    np.testing.assert_allclose(found.rate, -12.0 * 0.8**5 * (X @ X))


class Layer:
    def __init__(self, w: np.ndarray, b: np.ndarray) -> None:
        self.w, self.b = w, b

    def __call__(self, x):
        return np.tanh(self.w @ x + self.b)


class Network:
    def __init__(self, layers: list[Layer], scale: float) -> None:
        self.layers, self.scale = layers, scale

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.scale * np.sum(x)


def network() -> Network:
    rng = np.random.default_rng(1)
    return Network([Layer(rng.normal(size=(3, 3)), rng.normal(size=3)) for _ in range(2)], 1.5)


def forward(net, x):
    return net.forward(x)


def test_objects_in_objects(tmp_path: Path) -> None:
    net = network()
    found = grad(forward)(net, X)
    assert isinstance(found, Network) and isinstance(found.layers[1], Layer)
    for layer, part in zip(net.layers, found.layers, strict=True):
        for place in np.ndindex(3, 3):
            layer.w[place] += 1e-6
            above = net.forward(X)
            layer.w[place] -= 2e-6
            below = net.forward(X)
            layer.w[place] += 1e-6
            np.testing.assert_allclose(part.w[place], (above - below) / 2e-6, rtol=1e-5, atol=1e-8)
    grad(forward).save(tmp_path / "saved.py", net, X)
    saved = runpy.run_path(str(tmp_path / "saved.py"))["forward_grad"](net, X)
    np.testing.assert_allclose(saved.layers[0].w, found.layers[0].w, rtol=1e-12)


def test_a_method_by_its_own_object() -> None:
    net = network()
    found = grad(Network.forward)(net, X)
    np.testing.assert_allclose(found.scale, net.forward(X) / net.scale)


def test_attributes_are_printed_as_attributes() -> None:
    text = grad(decayed).source_for(Settings(0.1, X), 2.0)
    assert "settings.rate" in text and "SimpleNamespace(rate=" in text
    assert "['" not in text


def test_a_new_attribute_is_refused() -> None:
    def new(body, x):
        body.extra = body.a * 2.0
        return body.extra

    for mode in (grad, vjp):
        with pytest.raises(UnsupportedError, match="an attribute of an object is assigned"):
            mode(new).source_for(body_at(Body, START), X)


def test_an_object_that_stands_twice_in_what_is_written_is_refused() -> None:
    def both(bodies):
        bodies[0].w[0] *= 2.0
        return np.sum(bodies[1].w)

    body = body_at(Body, START)
    with pytest.raises(ValueError, match="holds an array or a container twice"):
        grad(both)([body, body])


class Chain:
    def __init__(self, rate: float) -> None:
        self.rate = rate

    def power(self, n):
        return self.rate if n == 1 else self.rate * self.power(n - 1)


def test_a_method_that_calls_itself_is_refused() -> None:
    def third(chain):
        return chain.power(3)

    with pytest.raises(UnsupportedError, match="calls itself"):
        grad(third)(Chain(2.0))


class Particle:
    def __init__(self, pos, vel):
        self.pos, self.vel, self.trace = pos, vel, []

    def step(self, force, dt):
        self.vel = self.vel + force * dt
        self.pos = self.pos + self.vel * dt
        self.trace.append(self.pos[0])


class Spring:
    def __init__(self, a, b, k):
        self.a, self.b, self.k = a, b, k

    def force(self):
        distance = self.b.pos - self.a.pos
        return self.k * (np.sum(distance * distance) - 1.0) * distance


def springs_between_particles(x, k):
    particles = [Particle(x, 0 * x), Particle(2 * x, np.cos(x))]
    springs = [Spring(particles[0], particles[1], k)]
    for _ in range(3):
        forces = {i: np.zeros(3) for i in range(len(particles))}
        for spring in springs:
            force = spring.force()
            forces[0] = forces[0] + force
            forces[1] -= force
        for i, particle in enumerate(particles):
            particle.step(forces[i], 0.1)
    return sum(p.pos @ p.pos for p in particles) + sum(particles[0].trace)


def objects_in_objects(x, k):
    particles = [Particle(x, 0 * x), Particle(2 * x, 0 * x)]
    springs = [Spring(particles[0], particles[1], k * x)]
    for _ in range(2):
        for spring in springs:
            particles[0].step(spring.force(), 0.1)
    return sum(particles[0].trace)


def one_object_of_a_list(x, k):
    particles = [Particle(x, k * x), Particle(2 * x, 0 * x)]
    particles[0].step(x, 0.5)
    for _ in range(2):
        particles[0].step(x, 0.1)
    return np.sum(particles[0].pos ** 2)


@pytest.mark.parametrize("f", [springs_between_particles, objects_in_objects, one_object_of_a_list])
def test_objects_whose_lists_grow_stay_known(f):
    """All that was known of a list of objects was forgotten when a list that one of them holds got an item."""
    check_derivative(f, X, 0.7)
    if f is not springs_between_particles:
        # Its dict, whose arrays are written in place, is refused in reverse over reverse mode.
        check_derivative(grad(f, 1), X, 0.7)


def the_same_object_either_way(x, k):
    particle = Particle(x, k * x)
    y = x * 2.0
    for item in x:
        y[0] = y[0] * item
        particle = particle if x[-1] < 0.3 else particle
    return np.sum(y) * particle.pos[0]


def test_a_choice_between_an_object_and_itself_does_nothing():
    check_derivative(the_same_object_either_way, X, 0.7)


def around(x):
    held = [SimpleNamespace(other=None, a=x * i) for i in range(3)]
    for i in range(3):
        one = held[i]
        one.other = held[(i + 1) % 3]
    held[0].other.a[0] = x[1]
    held[1].other.a[1] *= x[2]
    return sum(np.sum(one.a * one.other.a) for one in held)


def test_objects_that_hold_one_another():
    """What is known of such objects was looked for without an end (RecursionError)."""
    x = np.array([0.7, -0.4, 1.3])
    check_derivative(around, x)
    check_derivative(grad(around), x)
