"""Idioms of Python: dispatch, registries, decorators, generators, operators, memos, context managers."""

import abc
import itertools
import math
import operator
from collections import defaultdict, deque
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cached_property, lru_cache, reduce, singledispatch, wraps

import numpy as np

from tests.programs.sample import sample


# 1 singledispatch on nodes
@dataclass
class Num:
    value: float


@dataclass
class Add:
    left: object
    right: object


@dataclass
class Mul:
    left: object
    right: object


@singledispatch
def evaluate(node):
    raise TypeError(f"unknown node {node!r}")


@evaluate.register
def _(node: Num):
    return node.value


@evaluate.register
def _(node: Add):
    return evaluate(node.left) + evaluate(node.right)


@evaluate.register
def _(node: Mul):
    return evaluate(node.left) * evaluate(node.right)


def dispatched(x, y):
    tree = Add(Mul(Num(x), Num(y)), Num(x))
    return evaluate(tree)


# 2 match on nodes
def evaluate_match(node, env):
    match node:
        case Num(value=v):
            return v * env["scale"]
        case Add(left=l, right=r):
            return evaluate_match(l, env) + evaluate_match(r, env)
        case Mul(left=l, right=r):
            return evaluate_match(l, env) * evaluate_match(r, env)
        case _:
            raise TypeError(node)


def matched(x, y):
    return evaluate_match(Mul(Add(Num(x), Num(2.0)), Num(y)), {"scale": x})


# 3 micrograd
class Value:
    def __init__(self, data, _children=(), _op=""):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = set(_children)
        self._op = _op

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")
        return out


def micrograd(a, b):
    x, y = Value(a), Value(b)
    z = x * y + x * 2.0
    return z.data


# 4 dual numbers
class Dual:
    def __init__(self, re, du=0.0):
        self.re, self.du = re, du

    def __add__(self, o):
        if not isinstance(o, Dual):
            o = Dual(o)
        return Dual(self.re + o.re, self.du + o.du)

    __radd__ = __add__

    def __mul__(self, o):
        if not isinstance(o, Dual):
            o = Dual(o)
        return Dual(self.re * o.re, self.re * o.du + self.du * o.re)

    __rmul__ = __mul__

    def __neg__(self):
        return Dual(-self.re, -self.du)

    def __sub__(self, o):
        return self + (-o)

    def __rsub__(self, o):
        return (-self) + o

    def __truediv__(self, o):
        return self * o.recip()

    def recip(self):
        return Dual(1 / self.re, -self.du / self.re**2)

    def __pow__(self, n):
        return Dual(self.re**n, n * self.re ** (n - 1) * self.du)

    def sin(self):
        return Dual(math.sin(self.re), math.cos(self.re) * self.du)


def dual_derivative(x, a):
    d = Dual(x, 1.0)
    y = 2.0 * d + d * d**3 - a / d.sin() if False else 2.0 * d + d * d**3 - d.sin() / (1.0 + d * a)
    return y.du


# 5 pipeline of generators
def moving_average(values, n):
    window = deque(maxlen=n)
    for v in values:
        window.append(v)
        yield sum(window) / len(window)


def differences(values):
    it = iter(values)
    prev = next(it)
    for v in it:
        yield v - prev
        prev = v


def pipeline(x, k):
    scaled = (k * v for v in x)
    return sum(d * d for d in differences(moving_average(scaled, 3)))


# 6 contextmanager
@contextmanager
def scaled_units(state, factor):
    state["unit"] *= factor
    try:
        yield state
    finally:
        state["unit"] /= factor


def in_units(x, factor):
    state = {"unit": 1.0}
    total = x
    with scaled_units(state, factor) as s:
        total = total * s["unit"] + x * s["unit"] ** 2
    return total + state["unit"]


# 7 memo decorator
def memoize(f):
    cache = {}

    @wraps(f)
    def wrapper(*args):
        if args not in cache:
            cache[args] = f(*args)
        return cache[args]

    return wrapper


def lattice_paths(costs, gamma):
    @memoize
    def best(i, j):
        if i == 0 and j == 0:
            return costs[0, 0]
        options = []
        if i > 0:
            options.append(best(i - 1, j))
        if j > 0:
            options.append(best(i, j - 1))
        return costs[i, j] - gamma * math.log(sum(math.exp(-o / gamma) for o in options))

    n, m = costs.shape
    return best(n - 1, m - 1)


# 7b lru_cache inner
def lattice_lru(costs):
    @lru_cache(maxsize=None)
    def best(i, j):
        if i < 0 or j < 0:
            return 0.0
        return costs[i][j] + 0.5 * best(i - 1, j) + 0.25 * best(i, j - 1)

    return best(len(costs) - 1, len(costs[0]) - 1)


# 8 memo dict
def fib_like(a, b, n=8):
    memo = {0: a, 1: b}

    def go(k):
        if k in memo:
            return memo[k]
        memo[k] = a * go(k - 1) + go(k - 2)
        return memo[k]

    return go(n)


# 9 abstract strategies with super
class Option(abc.ABC):
    def __init__(self, strike, maturity=1.0):
        self.strike = strike
        self.maturity = maturity

    @abc.abstractmethod
    def payoff(self, path): ...
    def price(self, S0, r, sigma, z):
        dt = self.maturity / z.shape[1]
        logs = np.cumsum((r - 0.5 * sigma**2) * dt + sigma * np.sqrt(dt) * z, axis=1)
        paths = S0 * np.exp(logs)
        return np.exp(-r * self.maturity) * np.mean([self.payoff(p) for p in paths])


class European(Option):
    def __init__(self, strike, kind="call", **kw):
        super().__init__(strike, **kw)
        self.sign = 1 if kind == "call" else -1

    def payoff(self, path):
        return max(self.sign * (path[-1] - self.strike), 0.0)


class Asian(European):
    def payoff(self, path):
        return np.maximum(self.sign * (path.mean() - self.strike), 0.0)


class Barrier(European):
    def __init__(self, strike, barrier, **kw):
        super().__init__(strike, **kw)
        self.barrier = barrier

    def payoff(self, path):
        if np.any(path > self.barrier):
            return 0.0
        return super().payoff(path)


def portfolio(S0, r, sigma, K, z):
    book = [(1.0, European(K)), (2.0, Asian(K, kind="put")), (-0.5, Barrier(K, 140.0, maturity=2.0))]
    return sum(w * o.price(S0, r, sigma, z) for w, o in book)


# 10 class registry with decorator
KERNELS = {}


def register(name):
    def deco(f):
        KERNELS[name] = f
        return f

    return deco


@register("rbf")
def rbf(d, l):
    return np.exp(-0.5 * (d / l) ** 2)


@register("matern")
def matern(d, l):
    a = math.sqrt(3) * d / l
    return (1 + a) * np.exp(-a)


def gram_det(x, l, names=("rbf", "matern")):
    d = np.abs(x[:, None] - x[None, :])
    total = 0.0
    for name in names:
        K = KERNELS[name](d, l) + 0.1 * np.eye(len(x))
        s, ld = np.linalg.slogdet(K)
        total += ld
    return total


# 11 enum dispatch with methods
class Boundary(Enum):
    PERIODIC = auto()
    REFLECT = auto()
    ZERO = auto()

    def pad(self, u):
        if self is Boundary.PERIODIC:
            return np.concatenate([u[-1:], u, u[:1]])
        elif self is Boundary.REFLECT:
            return np.concatenate([u[:1], u, u[-1:]])
        return np.concatenate([[0.0], u, [0.0]])


def smoothing(u, c):
    out = 0.0
    for b in Boundary:
        v = u
        for _ in range(3):
            p = b.pad(v)
            v = v + c * (p[2:] - 2 * v + p[:-2])
        out = out + np.sum(v**2)
    return out


# 12 cached property, post_init, replace
@dataclass(frozen=True)
class Gaussian:
    mean: np.ndarray
    cov: np.ndarray

    @cached_property
    def precision(self):
        return np.linalg.inv(self.cov)

    @property
    def logdet(self):
        return np.linalg.slogdet(self.cov)[1]

    def logpdf(self, x):
        d = x - self.mean
        return -0.5 * (d @ self.precision @ d + self.logdet + len(d) * math.log(2 * math.pi))

    def __mul__(self, other):
        P = self.precision + other.precision
        C = np.linalg.inv(P)
        return replace(self, mean=C @ (self.precision @ self.mean + other.precision @ other.mean), cov=C)


def fused(m1, m2, c, x):
    a = Gaussian(m1, np.diag(c))
    b = Gaussian(m2, np.outer(m1, m1) + np.eye(2))
    return (a * b).logpdf(x)


# 13 reduce, accumulate, chain, groupby
def chained(x):
    prods = list(itertools.accumulate(x, operator.mul))
    pairs = [a * b for a, b in itertools.combinations(prods, 2)]
    total = reduce(operator.add, pairs)
    for a in itertools.chain(x, prods):
        total += a**2
    return total + sum(map(operator.mul, x, prods)) + math.prod(x)


# 14 compose
def compose(*fs):
    return reduce(lambda f, g: lambda v: f(g(v)), fs)


def composed(x, a):
    h = compose(np.sin, lambda v: a * v, np.exp)
    return h(x)


# 15 counters with nonlocal and closures in lists
def make_accumulator(start):
    total = start

    def add(v):
        nonlocal total
        total = total + v * start
        return total

    return add


def accumulators(x, y):
    acc1, acc2 = make_accumulator(x), make_accumulator(y)
    for i in range(3):
        acc1(y * i)
        acc2(acc1(i))
    return acc1(0) * acc2(0)


# 16 polynomial class with __call__ / __len__ / __getitem__ / __iter__
class Polynomial:
    def __init__(self, coeffs):
        self.coeffs = list(coeffs)

    def __len__(self):
        return len(self.coeffs)

    def __getitem__(self, i):
        return self.coeffs[i]

    def __iter__(self):
        return iter(self.coeffs)

    def __call__(self, x):
        out = 0
        for c in reversed(self.coeffs):
            out = out * x + c
        return out

    def __add__(self, other):
        n = max(len(self), len(other))
        return Polynomial([(self[i] if i < len(self) else 0) + (other[i] if i < len(other) else 0) for i in range(n)])

    def __mul__(self, other):
        out = [0.0] * (len(self) + len(other) - 1)
        for i, a in enumerate(self):
            for j, b in enumerate(other):
                out[i + j] += a * b
        return Polynomial(out)

    def deriv(self):
        return Polynomial(i * c for i, c in enumerate(self) if i > 0)


def poly_program(c, x):
    p = Polynomial(c)
    q = Polynomial([1.0, -x])
    r = p * q + p
    return r(x) + r.deriv()(0.5)


# 17 matrix class pure python
class Matrix:
    def __init__(self, rows):
        self.rows = [list(r) for r in rows]
        self.shape = len(rows), len(rows[0])

    def __matmul__(self, other):
        n, k = self.shape
        k2, m = other.shape
        assert k == k2
        return Matrix(
            [[sum(self.rows[i][l] * other.rows[l][j] for l in range(k)) for j in range(m)] for i in range(n)]
        )

    @property
    def T(self):
        return Matrix(list(zip(*self.rows)))

    def trace(self):
        return sum(self.rows[i][i] for i in range(min(self.shape)))

    @classmethod
    def identity(cls, n):
        return cls([[1.0 if i == j else 0.0 for j in range(n)] for i in range(n)])


def matrix_trace(a):
    A = Matrix(a)
    B = A @ A.T @ Matrix.identity(2)
    return B.trace() + (B @ B).rows[0][1]


# 18 walrus/while, f-string logging, try-except
def sqrt_newton(a, tol=1e-12):
    x = a
    log = []
    while (err := abs(x * x - a)) > tol:
        x = 0.5 * (x + a / x)
        log.append(f"{err:.3e}")
        if len(log) > 50:
            raise RuntimeError("\n".join(log))
    return x


# 19 fallback
def robust_chol(A, jitter=1e-3):
    for k in range(5):
        try:
            return np.linalg.cholesky(A + (jitter * 10**k) * np.eye(len(A)))
        except np.linalg.LinAlgError:
            continue
    raise RuntimeError("not positive definite")


def chol_sum(v, jitter):
    A = np.outer(v, v) - 0.05 * np.eye(len(v))
    return np.sum(robust_chol(A, jitter) ** 3)


# 20 local class
def with_local_class(x, y):
    class Pair:
        def __init__(self, a, b):
            self.a = a
            self.b = b

        def swap(self):
            self.a, self.b = self.b, self.a
            return self

    p = Pair(x * 2, y)
    p.swap()
    return p.a**2 * p.b


# 21 defaultdict of lists grouped
def group_variances(x, labels):
    groups = defaultdict(list)
    for v, l in zip(x, labels):
        groups[l].append(v)
    total = 0.0
    for name, vals in sorted(groups.items()):
        m = sum(vals) / len(vals)
        total += len(name) * sum((v - m) ** 2 for v in vals)
    return total


# 22 kernel with outputs handled elsewhere
# 23 event simulation: heap
def mm1(arrivals, services):
    free_at = 0.0
    waits = []
    for a, s in zip(np.cumsum(arrivals), services):
        start = max(a, free_at)
        waits.append(start - a)
        free_at = start + s
    return np.mean(waits) + free_at


# 24 mixin / mro
class Loggable:
    def describe(self):
        return f"{type(self).__name__}"


class Base:
    scale = 2.0

    def transform(self, x):
        return self.scale * x


class Shift(Base):
    def __init__(self, by):
        self.by = by

    def transform(self, x):
        return super().transform(x) + self.by


class Square(Base):
    def transform(self, x):
        return super().transform(x) ** 2


class Both(Shift, Square, Loggable):
    scale = 3.0


def mro_program(x, by):
    b = Both(by)
    assert b.describe() == "Both"
    return b.transform(x)


# 25 dict of params update with comprehension
def sgd_dict(params, x, y, lr=0.1, steps=3):
    p = {k: np.array(v) for k, v in params.items()}
    for _ in range(steps):
        h = np.tanh(x @ p["W"] + p["b"])
        err = h @ p["v"] - y
        gv = h.T @ err
        gh = np.outer(err, p["v"]) * (1 - h**2)
        grads = {"W": x.T @ gh, "b": gh.sum(0), "v": gv}
        p = {k: p[k] - lr * grads[k] for k in p}
    return sum(np.sum(v**2) for v in p.values())


_r = np.random.default_rng(1)
SAMPLES = [
    sample(dispatched, 1.2, 0.7, wrt="x y"),
    sample(matched, 1.2, 0.7, wrt="x y"),
    sample(micrograd, 1.2, 0.7, wrt="a b", refused="a set of objects, which nothing reads"),
    sample(dual_derivative, 0.6, 0.3, wrt="x a"),
    sample(pipeline, _r.normal(size=6), 1.3, wrt="x k", refused="a generator that another one runs through"),
    sample(in_units, 1.2, 0.7, wrt="x factor"),
    sample(
        lattice_paths,
        _r.normal(size=(3, 3)),
        0.7,
        wrt="costs gamma",
        refused="a decorator that remembers what a function inside has given for active values",
    ),
    sample(
        lattice_lru,
        _r.normal(size=(3, 3)),
        wrt="costs",
        refused="lru_cache around a function inside that reads active values",
    ),
    sample(fib_like, 0.7, 0.4, wrt="a b", refused="a recursive function that stores into a dict"),
    sample(
        portfolio,
        100.0,
        0.05,
        0.2,
        95.0,
        _r.normal(size=(3, 4)),
        wrt="S0 r sigma K",
        refused_twice="adjoints of objects of several classes",
    ),
    sample(gram_det, _r.normal(size=3), 0.8, wrt="x l"),
    sample(
        smoothing,
        _r.normal(size=5),
        0.2,
        wrt="u c",
        refused="a loop over the members of an enumeration, which have methods",
    ),
    sample(fused, _r.normal(size=2), _r.normal(size=2), np.array([1.0, 0.5]), np.ones(2), wrt="m1 m2 c x"),
    sample(chained, np.array([0.7, 1.2, -0.4]), wrt="x", refused="itertools.accumulate"),
    sample(
        composed,
        0.6,
        1.2,
        wrt="x a",
        refused="a function that is made of a tuple of functions of any number, by reduce",
    ),
    sample(accumulators, 0.6, 1.2, wrt="x y"),
    sample(poly_program, [0.5, -1.0, 2.0], 0.7, wrt="c x", refused="a generator that a class is given"),
    sample(matrix_trace, [[1.0, 0.5], [0.2, -0.7]], wrt="a"),
    sample(sqrt_newton, 2.0, wrt="a"),
    sample(chol_sum, np.array([0.5, 0.3]), 0.004, wrt="v jitter"),
    sample(with_local_class, 0.5, 0.3, wrt="x y", refused="a class that is defined in the function"),
    sample(
        group_variances,
        np.array([0.5, 0.3, 1.2, 0.9]),
        ["a", "bb", "a", "bb"],
        wrt="x",
    ),
    sample(mm1, np.array([0.5, 0.3, 1.3, 0.9]), np.array([0.7, 0.8, 0.2, 0.6]), wrt="arrivals services"),
    sample(mro_program, 0.5, 0.3, wrt="x by"),
    sample(
        sgd_dict,
        {"W": _r.normal(size=(2, 3)), "b": _r.normal(size=3), "v": _r.normal(size=3)},
        _r.normal(size=(4, 2)),
        _r.normal(size=4),
        wrt="params x y",
    ),
]
