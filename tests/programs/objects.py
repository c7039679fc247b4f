"""Numerical programs written with classes: networks, filters, particles, trees, queues, units, caches."""

import abc
import enum
import heapq
from collections import deque, namedtuple
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from tests.programs.sample import sample

# -- modules of a network, with parameters by name --------------------------------------------------


class Module:
    names: tuple = ()

    def parameters(self):
        return [getattr(self, name) for name in ("W", "b")]

    def __call__(self, x):
        return self.forward(x)


class Linear(Module):
    def __init__(self, n_in, n_out, seed):
        rng = np.random.default_rng(seed)
        self.W = rng.normal(size=(n_out, n_in)) * 0.5
        self.b = rng.normal(size=n_out) * 0.1

    def forward(self, x):
        return self.W @ x + self.b


class Tanh(Module):
    def forward(self, x):
        return np.tanh(x)


class Sequential(Module):
    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class TwoLayers:
    def __init__(self, sizes, seed=0):
        rng = np.random.default_rng(seed)
        for i in range(2):
            setattr(self, f"W{i}", rng.normal(size=(sizes[i + 1], sizes[i])))
            setattr(self, f"b{i}", np.zeros(sizes[i + 1]))

    def __call__(self, x):
        for i in range(2):
            x = np.tanh(getattr(self, f"W{i}") @ x + getattr(self, f"b{i}"))
        return x

    def penalty(self):
        return sum(np.sum(getattr(self, name) ** 2) for name in ("W0", "W1"))


def network_loss(net, x, y):
    return np.sum((net(x) - y) ** 2)


def penalised_loss(net, x, y):
    return np.sum((net(x) - y) ** 2) + 0.1 * net.penalty()


def weight_decay(layer, x):
    return np.sum(layer(x) ** 2) + sum(np.sum(p**2) for p in layer.parameters())


# -- a Kalman filter ----------------------------------------------------------------------------------


class KalmanFilter:
    def __init__(self, F, H, Q, R):
        self.F, self.H, self.Q, self.R = F, H, Q, R
        self.x = np.zeros(F.shape[0])
        self.P = np.eye(F.shape[0])
        self.log_likelihood = 0.0

    def predict(self):
        self.x = self.F @ self.x
        self.P = self.F @ self.P @ self.F.T + self.Q
        return self

    def update(self, z):
        residual = z - self.H @ self.x
        S = self.H @ self.P @ self.H.T + self.R
        K = self.P @ self.H.T @ np.linalg.inv(S)
        self.x = self.x + K @ residual
        self.P = (np.eye(len(self.x)) - K @ self.H) @ self.P
        self.log_likelihood -= 0.5 * (residual @ np.linalg.solve(S, residual) + np.log(np.linalg.det(S)))
        return self


def kalman_likelihood(q, r, zs):
    F, H = np.array([[1.0, 0.1], [0.0, 1.0]]), np.array([[1.0, 0.0]])
    kf = KalmanFilter(F, H, q * np.eye(2), r * np.eye(1))
    for z in zs:
        kf.predict().update(np.array([z]))
    return kf.log_likelihood


# -- particles ----------------------------------------------------------------------------------------


class Vec3:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, other):
        return Vec3(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return Vec3(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, k):
        return Vec3(self.x * k, self.y * k, self.z * k)

    __rmul__ = __mul__

    def __neg__(self):
        return self * -1.0

    def __iter__(self):
        yield self.x
        yield self.y
        yield self.z

    def dot(self, other):
        return sum(a * b for a, b in zip(self, other))

    @property
    def length(self):
        return np.sqrt(self.dot(self))


@dataclass
class Particle:
    position: Vec3
    velocity: Vec3
    mass: float = 1.0

    def kinetic(self):
        return 0.5 * self.mass * self.velocity.dot(self.velocity)


class System:
    def __init__(self, particles):
        self.particles = particles
        self.time = 0.0

    def __iter__(self):
        return iter(self.particles)

    def __len__(self):
        return len(self.particles)

    def __getitem__(self, i):
        return self.particles[i]

    def step(self, dt):
        for p in self:
            force = Vec3(0.0, 0.0, 0.0)
            for other in self:
                if other is not p:
                    d = other.position - p.position
                    force = force + d * (other.mass / (d.dot(d) + 0.1))
            p.velocity = p.velocity + dt * force
        for p in self:
            p.position = p.position + p.velocity * dt
        self.time += dt


def particle_energy(mass, dt):
    system = System([
        Particle(Vec3(0.0, 0.0, 0.1), Vec3(0.1, 0.2, 0.0), mass),
        Particle(Vec3(1.0, 0.5, 0.0), Vec3(0.0, -0.1, 0.3)),
    ])  # fmt: skip
    for _ in range(2):
        system.step(dt)
    x, y, z = system[0].position
    return sum(p.kinetic() for p in system) + x * y + z * system.time


def heaviest(particles):
    big = max(particles, key=lambda p: p.mass)
    order = sorted(particles, key=lambda p: -p.mass)
    return big.velocity.dot(big.position) + sum((i + 1) * p.mass**2 for i, p in enumerate(order))


# -- lists and trees ----------------------------------------------------------------------------------


class Link:
    def __init__(self, value, after=None):
        self.value = value
        self.after = after


def linked_sum(node):
    if node is None:
        return 0.0
    return np.sin(node.value) + 0.5 * linked_sum(node.after) * node.value


class Leaf:
    def __init__(self, value):
        self.value = value

    def accept(self, visitor):
        return visitor.leaf(self)


class Branch:
    def __init__(self, op, left, right):
        self.op, self.left, self.right = op, left, right

    def accept(self, visitor):
        return visitor.branch(self)


class Evaluate:
    def leaf(self, node):
        return node.value

    def branch(self, node):
        a, b = node.left.accept(self), node.right.accept(self)
        if node.op == "+":
            return a + b
        if node.op == "*":
            return a * b
        return a / b


def expression_tree(x, y):
    tree = Branch("+", Branch("*", Leaf(x), Leaf(y)), Branch("/", Leaf(y), Leaf(3.0 * x)))
    return tree.accept(Evaluate())


class Quad:
    """A quadtree of masses on the unit square."""

    def __init__(self, mass, centre, children=()):
        self.mass, self.centre, self.children = mass, centre, list(children)


def total_force(cell, at):
    if not cell.children:
        d = cell.centre - at
        return cell.mass * d / (d @ d + 0.1)
    force = np.zeros(2)
    for child in cell.children:
        force = force + total_force(child, at)
    return force


def quadtree_force(cell, at):
    f = total_force(cell, at)
    return f @ f


# -- sorting in place -----------------------------------------------------------------------------------


def quicksort(a, low, high):
    if low < high:
        pivot, i = a[high], low - 1
        for j in range(low, high):
            if a[j] <= pivot:
                i += 1
                a[i], a[j] = a[j], a[i]
        a[i + 1], a[high] = a[high], a[i + 1]
        quicksort(a, low, i)
        quicksort(a, i + 2, high)


def l_statistic(x):
    a = x.copy()
    quicksort(a, 0, len(a) - 1)
    return np.sum(a**2 * np.arange(len(a)))


def merge_sort(a):
    if len(a) < 2:
        return
    middle = len(a) // 2
    left, right = a[:middle].copy(), a[middle:].copy()
    merge_sort(left)
    merge_sort(right)
    i = j = 0
    for k in range(len(a)):
        if j >= len(right) or (i < len(left) and left[i] <= right[j]):
            a[k] = left[i]
            i += 1
        else:
            a[k] = right[j]
            j += 1


def gini(x):
    a = x * 1.0
    merge_sort(a)
    n = len(a)
    return np.sum((2 * np.arange(1, n + 1) - n - 1) * a) / (n * np.sum(a))


# -- simulations -----------------------------------------------------------------------------------------


class State(NamedTuple):
    x: float
    v: float


class Oscillator:
    def __init__(self, k, c):
        self.params = {"k": k, "c": c}
        self.history = deque(maxlen=3)

    def rates(self, s):
        return State(s.v, -self.params["k"] * s.x - self.params["c"] * s.v)

    def run(self, s, dt, steps):
        for _ in range(steps):
            d = self.rates(s)
            s = s._replace(x=s.x + dt * d.x, v=s.v + dt * d.v)
            self.history.append(s.x)
        return s


def oscillator_end(k, c):
    simulation = Oscillator(k, c)
    s = simulation.run(State(1.0, 0.0), 0.1, 5)
    return s.x**2 + s.v + simulation.history[0] * simulation.history[-1]


def event_queue(rates, x):
    """Events at fixed times, taken from a heap; each scales what is there."""
    queue = []
    for i, rate in enumerate((3, 1, 2)):
        heapq.heappush(queue, (rate, i))
    level = x
    while queue:
        time, i = heapq.heappop(queue)
        level = level * rates[i] + time * 0.1
        if time == 1:
            heapq.heappush(queue, (5, 1))
    return level


class Scheme(enum.Enum):
    EULER = "euler"
    MIDPOINT = "midpoint"


@dataclass
class Integrator:
    scheme: Scheme
    rate: float
    steps: int = 4
    path: list = field(default_factory=list)

    def __post_init__(self):
        if self.scheme not in (Scheme.EULER, Scheme.MIDPOINT):
            raise ValueError(f"unknown scheme {self.scheme}")

    def slope(self, u):
        return -self.rate * u * u

    def run(self, u, dt):
        for _ in range(self.steps):
            if self.scheme is Scheme.EULER:
                u = u + dt * self.slope(u)
            else:
                u = u + dt * self.slope(u + 0.5 * dt * self.slope(u))
            self.path.append(u)
        return u


def schemes_differ(rate, u, dt):
    ends = [Integrator(scheme, rate).run(u, dt) for scheme in (Scheme.EULER, Scheme.MIDPOINT)]
    return (ends[0] - ends[1]) * ends[0]


class Scaled:
    """Within it, lengths are in other units."""

    def __init__(self, model, factor):
        self.model, self.factor = model, factor

    def __enter__(self):
        self.model.length = self.model.length * self.factor
        return self.model

    def __exit__(self, *exception):
        self.model.length = self.model.length / self.factor


class Beam:
    def __init__(self, length, load):
        self.length, self.load = length, load

    def deflection(self):
        return self.load * self.length**4 / 8.0


def beam_in_other_units(length, load, factor):
    beam = Beam(length, load)
    with Scaled(beam, factor) as scaled:
        inside = scaled.deflection()
        with Scaled(beam, 2.0):
            inside = inside + 0.1 * beam.deflection()
    return inside * beam.deflection()


# -- grids, units, caches ----------------------------------------------------------------------------------


class Grid:
    def __init__(self, n):
        self.n, self.values = n, np.zeros((n, n))

    def __getitem__(self, place):
        return self.values[place]

    def __setitem__(self, place, value):
        self.values[place] = value

    def __contains__(self, place):
        return 0 <= place[0] < self.n and 0 <= place[1] < self.n


def heat_on_grid(source, k):
    g = Grid(3)
    g[1, 1] = source
    for _ in range(2):
        new = Grid(3)
        for i, j in np.ndindex(3, 3):
            new[i, j] = g[i, j]
            for di, dj in ((0, 1), (1, 0), (0, -1), (-1, 0)):
                if (i + di, j + dj) in g:
                    new[i, j] += k * (g[i + di, j + dj] - g[i, j])
        g = new
    g[0] *= source
    return np.sum(g.values**2 * np.arange(9.0).reshape(3, 3))


class Quantity:
    def __init__(self, value, unit):
        self.value, self.unit = value, unit

    def __add__(self, other):
        if self.unit != other.unit:
            raise TypeError(f"{self.unit} and {other.unit}")
        return Quantity(self.value + other.value, self.unit)

    def __mul__(self, other):
        if isinstance(other, Quantity):
            return Quantity(self.value * other.value, self.unit + other.unit)
        return Quantity(self.value * other, self.unit)

    __rmul__ = __mul__

    def __float__(self):
        return self.value


def work(force, distance):
    f, d = Quantity(force, "N"), Quantity(distance, "m")
    total = f * d + 2.0 * (f * Quantity(0.5, "m"))
    return total.value * d.value


class Cached:
    def __init__(self, weights):
        self.weights = weights
        self._norm = None
        self.computed = 0

    @property
    def norm(self):
        if self._norm is None:
            self.computed += 1
            self._norm = np.sqrt(np.sum(self.weights**2))
        return self._norm


def normalised(weights, x):
    c = Cached(weights)
    return np.sum(weights * x) / c.norm + x[0] * c.norm + c.computed


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...

    def cost(self, price):
        return price * self.area()


class Disc(Shape):
    def __init__(self, r):
        self.r = r

    def area(self):
        return np.pi * self.r**2


class Ring(Disc):
    def __init__(self, r, hole):
        super().__init__(r)
        self.hole = hole

    def area(self):
        return super().area() - np.pi * self.hole**2


def cost_of_shapes(r, hole, price):
    shapes = [Disc(r), Ring(2.0 * r, hole), Ring(r + hole, 0.5 * hole)]
    return sum(s.cost(price) for s in shapes) + shapes[1].area() ** 2


@dataclass(frozen=True)
class Money:
    amount: float
    currency: str = "EUR"

    def grown(self, rate):
        return replace(self, amount=self.amount * (1.0 + rate))

    def __add__(self, other):
        return Money(self.amount + other.amount, self.currency)


def compound(deposit, rate):
    total = Money(0.0)
    for _ in range(3):
        total = (total + Money(deposit)).grown(rate)
    return total.amount


class Bunch:
    def __init__(self, **kwargs):
        self.__dict__.update(kwargs)


def bunch_of_parameters(a, b):
    p = Bunch(a=a, b=b, n=3)
    return p.a**p.n * np.exp(-p.b)


Point = namedtuple("Point", "x y")


def path_length(points, scale):
    total = 0.0
    for p, q in zip(points[:-1], points[1:]):
        total += np.hypot(p.x - q.x, p.y - q.y)
    far = max(points, key=lambda p: p.x)
    return total * scale + far.y


X = np.array([0.5, 1.5, 0.2, 0.8, 1.1])
V = np.array([0.3, -0.7, 1.1])
POINTS = [Point(0.0, 0.2), Point(1.0, 0.5), Point(0.4, 1.7)]
PARTICLES = [
    Particle(Vec3(0.1, 0.2, 0.3), Vec3(1.0, 0.5, 0.2), 1.5),
    Particle(Vec3(0.6, 0.1, 0.4), Vec3(0.3, 0.9, 0.8), 2.5),
]
CHAIN = Link(0.5, Link(1.2, Link(0.3)))
CELLS = Quad(0.0, np.zeros(2), [
    Quad(1.0, np.array([0.2, 0.3])),
    Quad(0.0, np.zeros(2), [Quad(0.5, np.array([0.8, 0.6])), Quad(0.7, np.array([0.9, 0.1]))]),
])  # fmt: skip

# -- a network of neurons, as objects that hold objects ---------------------------------------------


class Neuron:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def __call__(self, x):
        return np.tanh(sum(wi * xi for wi, xi in zip(self.w, x, strict=True)) + self.b)


class Layer:
    def __init__(self, neurons):
        self.neurons = neurons

    def __call__(self, x):
        return [neuron(x) for neuron in self.neurons]


class Perceptron:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def perceptron(x):
    hidden = Layer([Neuron([x[0], x[1]], 0.1), Neuron([x[2], x[3]], x[0])])
    network = Perceptron([hidden, Layer([Neuron([x[1], x[2]], 0.0)])])
    return network([0.5, -0.3])[0] + network([x[3], 0.2])[0]


SAMPLES = [
    sample(perceptron, np.array([0.83, 0.61, 1.27, 0.94]), wrt="x"),
    sample(network_loss, Sequential(Linear(3, 4, 1), Tanh(), Linear(4, 2, 2)), V, np.ones(2), wrt="net x"),
    sample(penalised_loss, TwoLayers((3, 4, 2)), V, np.ones(2), wrt="net x"),
    sample(weight_decay, Linear(3, 2, 3), V, wrt="layer x"),
    sample(kalman_likelihood, 0.2, 0.5, [0.1, 0.3, 0.2], wrt="q r"),
    sample(particle_energy, 1.3, 0.1, wrt="mass dt", refused_twice="shadows of parts that are replaced"),
    sample(heaviest, PARTICLES, wrt="particles"),
    sample(linked_sum, CHAIN, wrt="node"),
    sample(expression_tree, 0.7, 1.3, wrt="x y"),
    sample(
        quadtree_force, CELLS, np.array([0.5, 0.5]), wrt="cell at",
        refused_twice="shadows of children of any number",
    ),
    sample(l_statistic, X, wrt="x"),
    sample(gini, X, wrt="x"),
    sample(oscillator_end, 1.2, 0.3, wrt="k c"),
    sample(event_queue, np.array([0.5, 1.5, 0.7]), 1.1, wrt="rates x"),
    sample(schemes_differ, 0.8, 1.2, 0.1, wrt="rate u dt"),
    sample(beam_in_other_units, 1.1, 0.7, 1.3, wrt="length load factor"),
    sample(heat_on_grid, 1.3, 0.2, wrt="source k"),
    sample(work, 1.2, 0.8, wrt="force distance"),
    sample(normalised, V, np.array([0.4, 0.2, 0.9]), wrt="weights x"),
    sample(cost_of_shapes, 0.8, 0.3, 1.5, wrt="r hole price"),
    sample(compound, 1.5, 0.1, wrt="deposit rate"),
    sample(bunch_of_parameters, 1.2, 0.4, wrt="a b"),
    sample(path_length, POINTS, 1.5, wrt="points scale"),
]
