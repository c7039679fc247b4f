"""Small programs from everyday work: settings with defaults, objects that keep a record, tables, means, samplers."""

import collections
import heapq
import math
import random
from dataclasses import dataclass, field

import numpy as np

from tests.programs.sample import sample

DEFAULTS = {'lr': 0.1, 'momentum': 0.9, 'steps': 5}


def sgd(loss_grad, w, config=None):
    cfg = {**DEFAULTS, **(config or {})}
    v = np.zeros_like(w)
    for _ in range(cfg['steps']):
        g = loss_grad(w)
        v = cfg['momentum'] * v - cfg['lr'] * g
        w = w + v
    return w


def descend(x):
    w = sgd(lambda w: 2 * (w - x ** 2), np.zeros_like(x), {'lr': 0.05})
    return np.sum(w * x)


@dataclass
class Particle:
    pos: np.ndarray
    vel: np.ndarray
    mass: float = 1.0
    trail: list = field(default_factory=list)

    def step(self, force, dt):
        self.vel = self.vel + dt * force / self.mass
        self.pos = self.pos + dt * self.vel
        self.trail.append(self.pos.copy())


def orbit(x):
    ps = [Particle(x[:2].copy(), np.array([0.0, 1.0])), Particle(np.array([2.0, 0.0]), x[1:3] * 0.1, mass=x[2] + 2.0)]
    for _ in range(4):
        forces = []
        for i, p in enumerate(ps):
            f = np.zeros(2)
            for j, q in enumerate(ps):
                if i != j:
                    d = q.pos - p.pos
                    f += p.mass * q.mass * d / (np.dot(d, d) + 0.1) ** 1.5
            forces.append(f)
        for p, f in zip(ps, forces):
            p.step(f, 0.05)
    return sum((np.sum(t ** 2) for p in ps for t in p.trail))


def softmax_xent(x, labels=(0, 2)):
    W = x.reshape(2, 3)
    logits = W - W.max(axis=1, keepdims=True)
    logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -np.mean(logp[np.arange(len(labels)), list(labels)])


def spline_eval(x):
    knots = [0.0, 0.5, 1.0, 1.5]
    out = 0.0
    for t in (0.2, 0.7, 1.4):
        i = next((k for k in range(len(knots) - 1) if knots[k] <= t < knots[k + 1]))
        u = (t - knots[i]) / (knots[i + 1] - knots[i])
        out += (1 - u) * x[i] + u * x[i + 1]
    return out ** 2


def ewma(x, alpha=0.3):
    out = [x[0]]
    for v in x[1:]:
        out.append(alpha * v + (1 - alpha) * out[-1])
    return np.std(out) + max(out) - min(out)


def knapsack_soft(x):
    weights = [1, 2, 3]
    cap = 4
    best = [0.0] * (cap + 1)
    for i, w in enumerate(weights):
        for c in range(cap, w - 1, -1):
            best[c] = np.logaddexp(best[c], best[c - w] + x[i])
    return best[cap]


def averages_by_key(x):
    d = collections.defaultdict(list)
    for i, v in enumerate(x):
        d['even' if i % 2 == 0 else 'odd'].append(v)
    return {k: sum(v) / len(v) for k, v in d.items()}['even'] * np.prod(d['odd'])


def letters(x):
    c = collections.Counter('abracadabra')
    return sum((v * x[i % len(x)] for i, (k, v) in enumerate(sorted(c.items()))))


def trapz(f, a, b, n=8):
    h = (b - a) / n
    return h * (0.5 * f(a) + sum((f(a + i * h) for i in range(1, n))) + 0.5 * f(b))


def integral(x):
    return trapz(lambda t: math.exp(-x[0] * t) * math.sin(x[1] * t), 0.0, x[2] + 2)


class Layer:

    def __init__(self, w, b):
        self.w, self.b, self.cache = (w, b, None)

    def __call__(self, x):
        self.cache = x
        return np.tanh(self.w @ x + self.b)


class Net:

    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for l in self.layers:
            x = l(x)
        return x

    def norm(self):
        return sum((np.sum(l.w ** 2) + np.sum(l.cache) for l in self.layers))


def layers_that_remember(x):
    n = Net([Layer(x[:4].reshape(2, 2), x[4:6]), Layer(np.eye(2) * x[0], np.zeros(2))])
    y = n(x[1:3])
    return y.sum() + 0.1 * n.norm()


def stack_machine(x):
    prog = ['x0', 'x1', '+', 'x2', '*', 'x0', '-']
    st = []
    for tok in prog:
        if tok == '+':
            b, a = (st.pop(), st.pop())
            st.append(a + b)
        elif tok == '*':
            b, a = (st.pop(), st.pop())
            st.append(a * b)
        elif tok == '-':
            b, a = (st.pop(), st.pop())
            st.append(a - b)
        else:
            st.append(x[int(tok[1:])])
    return st[-1]


def moving_mean(x, w=2):
    q = collections.deque(maxlen=w)
    out = []
    for v in x:
        q.append(v)
        if len(q) == w:
            out.append(sum(q) / w)
    return np.array(out) @ np.arange(len(out))


def arrivals(x):
    q = [(0.3, 0, x[0]), (0.1, 1, x[1])]
    heapq.heapify(q)
    tot = 0.0
    n = 0
    while q and n < 6:
        t, k, v = heapq.heappop(q)
        tot += v * t
        n += 1
        heapq.heappush(q, (t + 0.25 * (k + 1), k, v * x[2]))
    return tot


def lagrange(x):
    nodes = (0.0, 1.0, 2.0, 3.0)

    def L(k, t):
        return math.prod(((t - nodes[j]) / (nodes[k] - nodes[j]) for j in range(4) if j != k))
    return sum((x[k] * L(k, x[0]) for k in range(4)))


def strassen(x):
    A = np.outer(x, np.arange(4.0)) + np.eye(4)
    B = A.T.copy()

    def mul(a, b):
        n = len(a)
        if n == 1:
            return a * b
        h = n // 2
        a11, a12, a21, a22 = (a[:h, :h], a[:h, h:], a[h:, :h], a[h:, h:])
        b11, b12, b21, b22 = (b[:h, :h], b[:h, h:], b[h:, :h], b[h:, h:])
        c = np.zeros_like(a)
        c[:h, :h] = mul(a11, b11) + mul(a12, b21)
        c[:h, h:] = mul(a11, b12) + mul(a12, b22)
        c[h:, :h] = mul(a21, b11) + mul(a22, b21)
        c[h:, h:] = mul(a21, b12) + mul(a22, b22)
        return c
    return np.trace(mul(A, B))


def leapfrog(x):
    q, p = (x[:2].copy(), x[2:].copy())

    def grad_U(q):
        return q + 0.1 * q ** 3
    energies = np.empty(5)
    for i in range(5):
        p -= 0.05 * grad_U(q)
        q += 0.1 * p
        p -= 0.05 * grad_U(q)
        energies[i] = 0.5 * (p @ p) + 0.5 * (q @ q)
    return energies.std() + energies[-1]


def simplex_by_sort(x):

    def f(p):
        return (p[0] - x[0]) ** 2 + 3 * (p[1] - x[1]) ** 2
    s = [np.array([0.0, 0.0]), np.array([1.0, 0.1]), np.array([0.2, 1.0])]
    for _ in range(6):
        s.sort(key=f)
        c = (s[0] + s[1]) / 2
        r = c + (c - s[2])
        if f(r) < f(s[0]):
            e = c + 2 * (c - s[2])
            s[2] = e if f(e) < f(r) else r
        elif f(r) < f(s[1]):
            s[2] = r
        else:
            k = c + 0.5 * (s[2] - c)
            if f(k) < f(s[2]):
                s[2] = k
            else:
                s = [s[0]] + [s[0] + 0.5 * (p - s[0]) for p in s[1:]]
    return s[0] @ x[:2]


def lstsq_irls(x):
    A = np.vander(np.array([0.0, 1, 2, 3]), 2)
    w = np.ones(4)
    for _ in range(3):
        W = np.diag(w)
        beta = np.linalg.solve(A.T @ W @ A, A.T @ W @ x)
        w = 1 / np.sqrt(0.01 + (x - A @ beta) ** 2)
    return beta[0] * beta[1]


def bellman(x):
    V = {s: 0.0 for s in range(4)}
    for _ in range(4):
        V = {s: max((x[s] + 0.5 * V[(s + a) % 4] for a in (1, 2))) for s in V}
    return sum(V.values())


def sparse_mv(x):
    indptr, indices, data = ([0, 2, 3, 5, 6], [0, 2, 1, 0, 3, 2], x[[0, 1, 2, 3, 0, 1]])
    y = np.zeros(4)
    for i in range(4):
        for jj in range(indptr[i], indptr[i + 1]):
            y[i] += data[jj] * x[indices[jj]]
    return y @ y


def mcmc(x, seed=3):
    rng = np.random.default_rng(seed)
    th = x[0]
    acc = 0
    tot = 0.0
    logp = lambda t: -0.5 * (t - x[1]) ** 2 / x[3] ** 2
    for _ in range(6):
        prop = th + 0.5 * rng.standard_normal()
        if math.log(rng.random()) < logp(prop) - logp(th):
            th, acc = (prop, acc + 1)
        tot += th
    return tot / 6 + acc


def spheres(x):
    o, d = (np.array([0.0, 0, -3]), np.array([x[0] * 0.1, x[1] * 0.1, 1.0]))
    d = d / np.linalg.norm(d)
    col = 0.0
    for c, r in [(np.array([0.0, 0, 0]), 1.0), (np.array([0.5, 0, 1]), x[3])]:
        oc = o - c
        b = oc @ d
        disc = b * b - (oc @ oc - r * r)
        if disc < 0:
            continue
        t = -b - math.sqrt(disc)
        p = o + t * d
        n = (p - c) / r
        col += max(0.0, n @ np.array([0.0, 0.6, -0.8])) / (1 + t)
    return col


def crank(x):
    n = 6
    u = np.maximum(np.linspace(-1, 1, n) * x[0] + x[1], 0.0)
    lo = np.full(n, -x[2] ** 2)
    di = np.full(n, 1 + 2 * x[2] ** 2)
    up = lo.copy()
    for _ in range(3):
        c, d = (np.zeros(n), np.zeros(n))
        c[0], d[0] = (up[0] / di[0], u[0] / di[0])
        for i in range(1, n):
            m = di[i] - lo[i] * c[i - 1]
            c[i] = up[i] / m
            d[i] = (u[i] - lo[i] * d[i - 1]) / m
        u[-1] = d[-1]
        for i in range(n - 2, -1, -1):
            u[i] = d[i] - c[i] * u[i + 1]
    return u @ u


def dijkstra(x):
    graph = {"a": [("b", x[0]), ("c", x[1])], "b": [("d", x[2])], "c": [("d", x[3]), ("b", x[4])], "d": []}
    dist = {node: math.inf for node in graph}
    dist["a"] = 0.0
    heap = [(0.0, "a")]
    while heap:
        d, u = heapq.heappop(heap)
        if d > dist[u]:
            continue
        for v, cost in graph[u]:
            nd = d + cost
            if nd < dist[v]:
                dist[v] = nd
                heapq.heappush(heap, (nd, v))
    return dist["d"] + 0.1 * dist["b"]


def elo(x):
    ratings = collections.defaultdict(lambda: 1500.0)
    loss = 0.0
    for p, q, result in [("a", "b", 1), ("b", "c", 0), ("a", "c", 1), ("c", "a", 0.5)]:
        expected = 1 / (1 + 10 ** ((ratings[q] - ratings[p]) / x[1]))
        loss -= result * math.log(expected) + (1 - result) * math.log(1 - expected)
        ratings[p] += x[0] * (result - expected)
        ratings[q] -= x[0] * (result - expected)
    return loss + sum(ratings.values()) / 1e4


def heston(x, n=6, seed=3):
    kappa, theta, xi, rho = x
    rng = random.Random(seed)
    s, v = 100.0, 0.04
    dt = 1 / n
    for _ in range(n):
        z1, z2 = rng.gauss(0, 1), rng.gauss(0, 1)
        zv = rho * z1 + math.sqrt(1 - rho**2) * z2
        vp = max(v, 0.0)
        s *= math.exp(-0.5 * vp * dt + math.sqrt(vp * dt) * z1)
        v += kappa * (theta - vp) * dt + xi * math.sqrt(vp * dt) * zv
    return max(s - 100.0, 0.0) + v


def history_of_best(x):
    best = None
    history = []
    for u in x:
        history.append(best)
        if best is None or u < best:
            best = u
    return best + sum(h * h for h in history if h is not None)


def last_seen(x):
    last = {"a": None, "b": None}
    log = []
    for i, v in enumerate(x):
        k = "ab"[i % 2]
        prev = last[k]
        log.append((prev, v))
        last[k] = v * v
    return sum(v * (1.0 if p is None else p) for p, v in log) + last["a"] * last["b"]


def cached(x):
    memo = None
    out = []
    for k in range(3):
        if memo is None:
            memo = np.sin(x) * x[::-1]
        out.append(memo)
        memo = None if k == 1 else memo
    state = (memo, out[0])
    return (state[0] * state[1]).sum() + sum((o * o).sum() for o in out)


X = np.array([0.4, 1.2, -0.6, 0.9])
X6 = np.array([0.4, 1.2, -0.6, 0.9, 0.3, -0.2])
SAMPLES = [
    sample(descend, X, wrt="x"),
    sample(orbit, X, wrt="x", refused_twice="attributes of objects out of a list, replaced in a loop"),
    sample(softmax_xent, X6, wrt="x"),
    sample(spline_eval, X, wrt="x"),
    sample(ewma, X, wrt="x"),
    sample(knapsack_soft, X, wrt="x"),
    sample(averages_by_key, X, wrt="x"),
    sample(letters, X, wrt="x"),
    sample(integral, X, wrt="x"),
    sample(layers_that_remember, X6, wrt="x"),
    sample(stack_machine, X, wrt="x"),
    sample(moving_mean, X, wrt="x"),
    sample(arrivals, X, wrt="x"),
    sample(lagrange, X, wrt="x"),
    sample(strassen, X, wrt="x"),
    sample(leapfrog, X, wrt="x"),
    sample(simplex_by_sort, X, wrt="x"),
    sample(lstsq_irls, X, wrt="x"),
    sample(bellman, X, wrt="x"),
    sample(sparse_mv, X, wrt="x"),
    sample(mcmc, X, wrt="x"),
    sample(spheres, X, wrt="x"),
    sample(crank, X, wrt="x"),
    sample(heston, np.array([1.5, 0.04, 0.3, -0.5]), wrt="x"),
    sample(dijkstra, np.array([1.0, 0.4, 1.5, 3.0, 0.3]), wrt="x"),
    sample(elo, np.array([20.0, 400.0]), wrt="x"),
    sample(history_of_best, X, wrt="x"),
    sample(last_seen, X, wrt="x"),
    sample(cached, X, wrt="x"),
]
