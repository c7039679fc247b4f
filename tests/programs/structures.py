"""Programs whose data structures steer them: queues, tables, graphs, decks of objects, texts that are read."""

import bisect
import collections
import enum
import functools
import heapq
import itertools
import math
import operator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tests.programs.sample import sample


def de_boor(c, xs):
    p, knots = 2, [0, 0, 0, 1, 2, 3, 4, 4, 4]
    out = 0.0
    for x in xs:
        k = bisect.bisect_right(knots, x) - 1
        d = [c[j + k - p] for j in range(p + 1)]
        for r in range(1, p + 1):
            for j in range(p, r - 1, -1):
                alpha = (x - knots[j + k - p]) / (knots[j + 1 + k - r] - knots[j + k - p])
                d[j] = (1 - alpha) * d[j - 1] + alpha * d[j]
        out += d[p] ** 2
    return out


def romberg(a, b):
    f = lambda t: math.exp(-a * t * t)  # noqa: E731
    R = [[0.5 * b * (f(0.0) + f(b))]]
    n, h = 1, b
    for _ in range(1, 6):
        h /= 2
        n *= 2
        s = sum(f(k * h) for k in range(1, n, 2))
        row = [0.5 * R[-1][0] + h * s]
        for j, prev in enumerate(R[-1], 1):
            row.append(row[-1] + (row[-1] - prev) / (4**j - 1))
        R.append(row)
    return R[-1][-1]


def dijkstra(W):
    n = len(W)
    dist = [math.inf] * n
    dist[0] = 0.0
    done = set()
    queue = [(0.0, 0)]
    while queue:
        d, u = heapq.heappop(queue)
        if u in done:
            continue
        done.add(u)
        for v in range(n):
            if v != u and v not in done:
                nd = dist[u] + W[u, v]
                if nd < dist[v]:
                    dist[v] = nd
                    heapq.heappush(queue, (float(nd), v))
    return dist[n - 1] + 2 * dist[1]


class Poly:
    def __init__(self, *c):
        self.c = list(c)

    def __call__(self, x):
        r = 0.0
        for a in reversed(self.c):
            r = r * x + a
        return r

    def __mul__(self, other):
        r = [0.0] * (len(self.c) + len(other.c) - 1)
        for i, a in enumerate(self.c):
            for j, b in enumerate(other.c):
                r[i + j] += a * b
        return Poly(*r)

    def diff(self):
        return Poly(*[k * a for k, a in enumerate(self.c)][1:])


def polynomials(a, b):
    p = Poly(1.0, a, b)
    q = Poly(b, a * b)
    r = p * q
    return r(a) + r.diff()(b) + (p * p)(a)


GRAPH = {"a": ["b", "c"], "b": ["c"], "c": ["a", "d"], "d": ["a"]}


def pagerank(d, w):
    names = sorted(GRAPH)
    r = {n: w[i] for i, n in enumerate(names)}
    for _ in range(5):
        new = dict.fromkeys(names, (1 - d) / 4)
        for n, outs in GRAPH.items():
            for o in outs:
                new[o] += d * r[n] / len(outs)
        r = new
    return r["a"] + 2 * r["d"]


SDF = {"sphere": lambda p, r: np.sqrt(p @ p) - r, "plane": lambda p, h: p[1] + h}


def march(r, h, d):
    p = np.array([0.0, 0.3, -3.0])
    d = d / np.linalg.norm(d)
    t = 0.0
    for _ in range(40):
        q = p + t * d
        dist, which = min((SDF["sphere"](q, r), "sphere"), (SDF["plane"](q, h), "plane"))
        if dist < 1e-9:
            break
        t += dist
    return t


def rotations(a):
    def R(axis, t):
        c, s = np.cos(t), np.sin(t)
        i, j = [k for k in range(3) if k != axis]
        M = np.eye(3)
        M[i, i] = M[j, j] = c
        M[i, j] = -s
        M[j, i] = s
        return M

    M = functools.reduce(np.matmul, (R(k, t) for k, t in enumerate(a)))
    return (M @ np.array([1.0, 2.0, 3.0]))[0]


@dataclass
class Neuron:
    v: float
    gates: dict = field(default_factory=lambda: {"m": 0.05, "h": 0.6, "n": 0.32})

    def deriv(self, current):
        v, g = self.v, self.gates
        am, bm = 0.1 * (v + 40) / (1 - math.exp(-(v + 40) / 10)), 4 * math.exp(-(v + 65) / 18)
        ah, bh = 0.07 * math.exp(-(v + 65) / 20), 1 / (1 + math.exp(-(v + 35) / 10))
        an, bn = 0.01 * (v + 55) / (1 - math.exp(-(v + 55) / 10)), 0.125 * math.exp(-(v + 65) / 80)
        dv = current - 120 * g["m"] ** 3 * g["h"] * (v - 50) - 36 * g["n"] ** 4 * (v + 77) - 0.3 * (v + 54.4)
        rates = {
            "m": am * (1 - g["m"]) - bm * g["m"],
            "h": ah * (1 - g["h"]) - bh * g["h"],
            "n": an * (1 - g["n"]) - bn * g["n"],
        }
        return dv, rates


def hodgkin_huxley(current):
    s = Neuron(-65.1)
    for _ in range(20):
        dv, rates = s.deriv(current)
        s.v += 0.01 * dv
        for k in s.gates:
            s.gates[k] += 0.01 * rates[k]
    return s.v


def cell_lists(pos):
    grid = collections.defaultdict(list)
    for i, (x, y) in enumerate(pos):
        grid[int(x), int(y)].append(i)
    energy = 0.0
    for (cx, cy), members in grid.items():
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                for j in grid.get((cx + dx, cy + dy), ()):
                    for i in members:
                        if i < j:
                            d = pos[i] - pos[j]
                            r2 = d @ d
                            if r2 < 1.0:
                                energy += (1 - r2) ** 2
    return energy


class Biquad:
    def __init__(self, b, a):
        self.b, self.a = b, a
        self.z = [0.0, 0.0]

    def process(self, x):
        y = self.b[0] * x + self.z[0]
        self.z[0] = self.b[1] * x - self.a[1] * y + self.z[1]
        self.z[1] = self.b[2] * x - self.a[2] * y
        return y


def biquads(x, g):
    cascade = [Biquad((g, 2 * g, g), (1.0, -0.4, 0.2)), Biquad((1.0, g, 0.0), (1.0, 0.1, g * g))]
    out = 0.0
    for v in x:
        for q in cascade:
            v = q.process(v)
        out += v * v
    return out


class Key(NamedTuple):
    i: int
    j: int


def keyed_by_pairs(x):
    d = {}
    for i, j in itertools.product(range(2), repeat=2):
        d[Key(i, j)] = x[2 * i + j]
    s = 0.0
    for k, v in d.items():
        s += v * (k.i + 2 * k.j + 1)
    return s * d[Key(1, 1)]


def rpn(tokens, env):
    stack = []
    ops = {"+": operator.add, "*": operator.mul, "-": operator.sub}
    for t in tokens.split():
        if t in ops:
            b = stack.pop()
            a = stack.pop()
            stack.append(ops[t](a, b))
        elif t in env:
            stack.append(env[t])
        else:
            stack.append(float(t))
    return stack.pop()


def calculator(x, y):
    return rpn("x y * 2 + x -", {"x": x, "y": y})


def configured(W, x):
    fns = {"tanh": np.tanh, "relu": lambda a: np.where(a > 0, a, 0.0)}
    for part in "dense:tanh,dense:relu,scale=0.5".split(","):
        if "=" in part:
            _, val = part.split("=")
            x = x * float(val)
        else:
            _, act = part.split(":")
            x = fns[act](W @ x)
    return x.sum()


def events(v, r):
    t, x, log = 0.0, 0.0, []
    for when, kind in sorted([(1.0, "a"), (0.5, "b"), (2.0, "c")]):
        x += v * (when - t)
        t = when
        match kind:
            case "a":
                v = -r * v
            case "b" if x > 0.1:
                v += r
            case _:
                log.append(x)
    return x + sum(log)


def huffman(w):
    queue = [(w[0], "a"), (w[1], "b"), (w[2], "c"), (w[3], "d")]
    heapq.heapify(queue)
    cost = 0.0
    while len(queue) > 1:
        first, one = heapq.heappop(queue)
        second, other = heapq.heappop(queue)
        cost += (first + second) ** 2
        heapq.heappush(queue, (first + second, one + other))
    return cost


class Const:
    def __init__(self, c):
        self.c = c

    def value(self, x):
        return self.c


class Var:
    def value(self, x):
        return x


class Add:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def value(self, x):
        return self.a.value(x) + self.b.value(x)


class Mul:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def value(self, x):
        return self.a.value(x) * self.b.value(x)


def expression(x):
    tree = Mul(Add(Const(2.0), Var()), Mul(Var(), Var()))
    return tree.value(x)


class Act(enum.Enum):
    RELU = 1
    TANH = 2

    def __call__(self, x):
        return np.maximum(x, 0) if self is Act.RELU else np.tanh(x)


def activations(W, x):
    for act in Act:
        x = act(W @ x)
    return x.sum()


@dataclass
class Cell:
    v: float
    rest: "Cell | None" = None


def linked_list(x):
    head = None
    for v in x:
        head = Cell(v * v, head)
    s = 0.0
    while head is not None:
        s = s * 0.5 + head.v
        head = head.rest
    return s


def ranks(x):
    links = {"a": ["b", "c"], "b": ["c"], "c": ["a"]}
    rank = {page: 1 / 3 for page in links}
    for _ in range(5):
        new = {page: (1 - x[0]) / 3 for page in links}
        for page, out in links.items():
            for other in out:
                new[other] += x[0] * rank[page] / len(out)
        rank = new
    return rank["a"] * x[1] + rank["c"]


ROADS = {"a": {"b": 1.0, "c": 2.5}, "b": {"c": 0.5, "d": 3.0}, "c": {"d": 1.0}, "d": {}}


def relaxed(x):
    length = {place: float("inf") for place in ROADS}
    length["a"] = x[0]
    for place, roads in ROADS.items():
        for other, road in roads.items():
            length[other] = min(length[other], length[place] + road * x[1])
    return length["d"]


_r = np.random.default_rng(11)
SAMPLES = [
    sample(de_boor, _r.random(6), np.array([0.3, 1.7, 2.2]), wrt="c xs"),
    sample(romberg, 0.4, 2.0, wrt="a b"),
    sample(dijkstra, _r.random((5, 5)), wrt="W"),
    sample(polynomials, 0.7, 1.1, wrt="a b"),
    sample(pagerank, 0.85, _r.random(4), wrt="d w"),
    sample(ranks, np.array([0.85, 0.4]), wrt="x"),
    sample(relaxed, np.array([0.3, 0.7]), wrt="x", refused_twice="the kinds of items of a dict inside a dict"),
    sample(march, 0.5, 0.8, np.array([0.1, -0.2, 1.0]), wrt="r h d"),
    sample(rotations, _r.random(3), wrt="a"),
    sample(hodgkin_huxley, 10.0, wrt="current"),
    sample(
        cell_lists, _r.random((8, 2)) * 3, wrt="pos",
        refused_twice="an inactive list in a dict that is looped over, and grows in the derivative",
    ),
    sample(biquads, _r.random(10), 0.3, wrt="x g"),
    sample(biquads, _r.random(10), 0.3, wrt="x"),
    sample(keyed_by_pairs, _r.random(4), wrt="x"),
    sample(calculator, 1.3, 0.4, wrt="x y"),
    sample(configured, _r.normal(size=(3, 3)), _r.normal(size=3), wrt="W x"),
    sample(events, 1.2, 0.7, wrt="v r"),
    sample(huffman, np.array([0.6, 0.36, 0.18, 0.5]), wrt="w"),
    sample(expression, 0.7, wrt="x"),
    sample(
        activations, _r.normal(size=(3, 3)), _r.normal(size=3), wrt="W x",
        refused="members of an enumeration that are called, and not known by name",
    ),
    sample(linked_list, _r.random(4), wrt="x", refused="cells that hold one another, as many as a loop makes"),
]  # fmt: skip
