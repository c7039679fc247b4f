"""Functions whose printed derivatives are kept: reading them is the review.

Each case is a function, the arguments it is shown for, and the derivative that is printed. The order is
that of difficulty; the three of the gallery stand first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tangent_sct import checkpointed, grad, insert_grad_of, jvp, numerical, value_and_grad, vjp

Function = Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """A function with the derivative to print.

    Attributes:
        name: name of the golden file.
        function: the user's function.
        args: arguments it is printed and checked for, and `keywords` more of them.
        derivative: what is printed.
        checked: the function whose derivative is printed: `function`, or a derivative of it.
        wrt: positions that are differentiated.
        scalars: whether it is a scalar function of scalars, whose derivative shows no arrays.
        tapeless: whether it is linear where it loops, so that nothing is recorded.
    """

    name: str
    function: Function
    args: tuple[Any, ...]
    derivative: Any
    checked: Function
    wrt: int | tuple[int, ...]
    scalars: bool
    tapeless: bool
    keywords: dict[str, Any]


CASES: list[Case] = []


def case(
    *args: Any,
    mode: Function = grad,
    wrt: int | tuple[int, ...] = 0,
    name: str = "",
    of: Function | None = None,
    scalars: bool = False,
    tapeless: bool = False,
    has_aux: bool = False,
    outputs: str | None = None,
    **keywords: Any,
) -> Function:
    """Keep the derivative of the decorated function at some arguments.

    Args:
        args: the arguments.
        mode: which derivative is printed.
        wrt: positions that are differentiated.
        name: name of the file; by default that of the function.
        of: makes the function that is differentiated out of the decorated one (a derivative of it).
        scalars: see `Case`.
        tapeless: see `Case`.
        has_aux: passed on to `mode`.
        outputs: passed on to `mode`.
        keywords: further arguments.
    """

    def keep(function: Function) -> Function:
        checked = function if of is None else of(function)
        options: dict[str, Any] = {"has_aux": True} if has_aux else {}
        if outputs is not None:
            options["outputs"] = outputs
        derivative = mode(checked, wrt=wrt, **options)
        title = name or function.__name__
        CASES.append(
            Case(title, function, args, derivative, checked, wrt, scalars, tapeless, keywords)
        )
        return function

    return keep


def vector(n: int = 6) -> Any:
    """Some positive numbers."""
    return np.linspace(0.5, 2.0, n)


def matrix(rows: int, columns: int) -> Any:
    """Some numbers of both signs."""
    return np.cos(np.arange(rows * columns, dtype=float)).reshape(rows, columns)


def spd(n: int) -> Any:
    """A symmetric positive definite matrix."""
    half = matrix(n, n)
    return half @ half.T + n * np.eye(n)


# -- the gallery ----------------------------------------------------------------------------------


@case(0.7, 4, scalars=True)
def f(x, n):
    y = x
    for i in range(n):  # noqa: B007
        if y > 1.0:
            y = np.sin(y) * x
        else:
            y = y * y + x
    return y


@case(4, vector(7), vector(7) ** 2, wrt=(1, 2), tapeless=True)
@case(4, vector(7), vector(7) ** 2, wrt=(1, 2), mode=jvp, name="g_jvp", tapeless=True)
def g(T, A, B):
    for t in range(1, T):  # noqa: B007
        B[1:-1] = (A[:-2] + A[2:]) / 2
        A[1:-1] = (B[:-2] + B[2:]) / 2
    return np.sum(A * A)


@case(vector())
@case(vector(), mode=jvp, name="h_jvp")
def h(x):
    y = x * 2.0
    v = y[1:]
    v[0] = x[0] * x[1]
    return np.sum(y * y)


# -- scalars --------------------------------------------------------------------------------------


@case(1.2, 0.4, wrt=(0, 1), scalars=True)
@case(1.2, 0.4, wrt=(0, 1), mode=jvp, name="arithmetic_jvp", scalars=True)
def arithmetic(x, y):
    u = x * y + x / y - 3.0
    return math.exp(-u) * math.sqrt(x) + y**3 - math.atan2(y, x)


@case(0.3, scalars=True)
def branches(x):
    if x > 0.5:
        y = math.sin(x)
    elif x > 0.1:
        y = x * x
    else:
        y = -x
    return y * 2.0


@case(2.3, scalars=True)
def early_return(x):
    if x < 1.0:
        return x * x
    y = math.log(x)
    if y > 3.0:
        return y
    return y * x


@case(1.1, 0.9, scalars=True, wrt=(0, 1))
def nested_loops(x, y):
    total = 0.0
    for i in range(3):
        for _ in range(i):
            total = total + x * y * total + x
        total = math.sin(total)
    return total


@case(20.0, scalars=True)
@case(20.0, mode=jvp, name="newton_jvp", scalars=True)
def newton(a):
    x = a
    while abs(x * x - a) > 1e-10:
        x = 0.5 * (x + a / x)
    return x


@case(1.5, 10, scalars=True)
def breaking(x, n):
    y = x
    i = 0
    while True:
        i += 1
        if i > n:
            break
        if i % 2 == 0:
            continue
        y = y * x
        if y > 20.0:
            break
    return y


@case(1.5, 2.0, wrt=(0, 1), scalars=True)
def chained(x, y):
    x += y
    x *= 2.0
    y -= x
    return x * y if x > y > -100.0 else 0.0


# -- in-place writes ------------------------------------------------------------------------------


@case(vector())
def recurrence(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] * y[i - 1] + x[i]
    return y[-1]


@case(vector(8), 5, tapeless=True)
@case(vector(8), 5, mode=jvp, name="diffusion_jvp", tapeless=True)
def diffusion(u, steps):
    for _ in range(steps):
        u[1:-1] += 0.1 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u * u)


@case(vector(8), 0.1, 3, wrt=(0, 1))
def burgers(u, dt, steps):
    for _ in range(steps):
        u[1:-1] = u[1:-1] - dt * u[1:-1] * (u[2:] - u[:-2])
    return np.sum(u)


@case(vector(8), 4)
def swap(u, steps):
    u = u.copy()
    u_next = np.zeros_like(u)
    for _ in range(steps):
        u_next[1:-1] = 0.5 * (u[2:] + u[:-2])
        u, u_next = u_next, u
    return np.sum(u * u)


@case(vector(8), 4)
def swap_nonlinear(u, steps):
    u_next = u.copy()
    for _ in range(steps):
        u_next[1:-1] = u[1:-1] + 0.1 * np.sin(u[2:]) * u[:-2]
        u, u_next = u_next, u
    return np.sum(u)


@case(matrix(3, 4))
def views(a):
    b = a * 1.0
    row = b[1]
    column = b.T[2]
    row[2] = row[0] * 3.0
    column *= 2.0
    return np.sum(b * b)


@case(vector())
def alias(x):
    y = x
    y[0] = x[1] * x[2]
    return np.sum(x * y)


@case(vector(), np.array([0, 0, 2, 5]))
def histogram(x, index):
    y = np.zeros(4)
    for i in range(len(index)):
        y[i % 3] += x[index[i]] ** 2
    return np.sum(y * y)


# -- arrays ---------------------------------------------------------------------------------------


@case(vector(), vector() ** 2, mode=vjp, wrt=(0, 1))
@case(vector(), vector() ** 2, mode=jvp, wrt=(0, 1), name="elementwise_jvp")
def elementwise(x, y):
    return np.exp(-x) * np.tanh(y) + np.sqrt(x * y)


@case(vector())
def normalise(x):
    y = x / np.sqrt(np.sum(x * x))
    return y[0] - y[1] * y[2]


@case(matrix(3, 4), mode=vjp)
@case(matrix(3, 4), mode=jvp, name="softmax_jvp")
def softmax(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


@case(matrix(3, 4), mode=vjp)
def row_normalise(x):
    centred = x - x.mean(axis=1, keepdims=True)
    return centred / centred.std(axis=1, keepdims=True)


@case(vector(3), vector(3) ** 2, matrix(5, 3), wrt=(0, 1))
@case(
    vector(3), vector(3) ** 2, matrix(5, 3), wrt=(0, 1), mode=value_and_grad,
    name="gaussian_value_and_grad",
)  # fmt: skip
def gaussian(mu, sigma, x):
    r = (x - mu) / sigma
    return -0.5 * np.sum(r**2) - len(x) * np.sum(np.log(sigma))


@case(
    {"W1": matrix(3, 4), "b1": vector(4), "W2": matrix(4, 2), "b2": vector(2)},
    matrix(5, 3), matrix(5, 2),
)  # fmt: skip
def network(p, x, target):
    hidden = np.tanh(x @ p["W1"] + p["b1"])
    out = hidden @ p["W2"] + p["b2"]
    return np.mean((out - target) ** 2)


@case(matrix(3, 4), vector(4), wrt=(0, 1))
def reductions(a, w):
    rows = np.sum(a * w, axis=0)
    columns = np.mean(a, axis=1, keepdims=True)
    return np.prod(rows) + np.sum(columns * a) + np.max(a)


@case(vector())
def fancy(x):
    y = x[[0, 0, 2]]
    return np.sum(y * y) + np.sum(x[x > 1.0])


@case(vector() - 1.0, vector()[::-1].copy() - 1.1, wrt=(0, 1))
def selections(x, y):
    z = np.where(x > y, x * y, np.sin(x))
    return np.sum(np.clip(z, 0.5, 1.5) * np.maximum(x, y))


@case(vector(3), vector(3) ** 2, mode=vjp, wrt=(0, 1))
def joined(x, y):
    a = np.concatenate([x, y * 2.0])
    b = np.stack((x, y), axis=1)
    return np.outer(a, a)[:, :3] @ b


@case(spd(3), vector(3), wrt=(0, 1))
def solve(a, b):
    x = np.linalg.solve(a, b)
    return x @ x


@case(spd(3), vector(3), wrt=(0, 1))
def likelihood(cov, x):
    L = np.linalg.cholesky(cov)
    z = np.linalg.solve(L, x)
    sign, logdet = np.linalg.slogdet(cov)
    return -0.5 * (z @ z + logdet)


@case(1.3, 0.6, vector(6), wrt=(0, 1))
@case(1.3, 0.6, vector(6), wrt=(0, 1), mode=jvp, name="kalman_jvp")
def kalman(s_eps, s_eta, y):
    a, p, total = y[0], s_eps, 0.0
    for t in range(1, len(y)):
        p = p + s_eta
        v = y[t] - a
        F = p + s_eps
        total = total + math.log(F) + v * v / F
        k = p / F
        a = a + k * v
        p = p * (1.0 - k)
    return -0.5 * total


# -- calls ----------------------------------------------------------------------------------------


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def cross_entropy(p, y):
    return -np.mean(y * np.log(p) + (1.0 - y) * np.log(1.0 - p))


@case(vector(3), matrix(5, 3), np.array([0.0, 1.0, 1.0, 0.0, 1.0]))
def logistic(w, x, y):
    return cross_entropy(sigmoid(x @ w), y) + 0.1 * np.sum(w * w)


@case(1.3, 4, scalars=True)
@case(1.3, 4, mode=jvp, name="power_jvp", scalars=True)
def power(x, n):
    if n == 0:
        return 1.0
    return x * power(x, n - 1)


def scaling(factor):
    def scaled(x):
        return np.sum(np.sin(x) * factor)

    return scaled


case(vector(), name="closure")(scaling(2.5))
case(0.4, name="lambda", scalars=True)(lambda x: x**3 + math.cos(x))


class Spring:
    """A model with parameters."""

    def __init__(self, stiffness: float) -> None:
        self.stiffness = stiffness

    def energy(self, x):
        stretch = x[1:] - x[:-1]
        return 0.5 * self.stiffness * np.sum(stretch**2)


case(vector(), name="method")(Spring(3.0).energy)


@case(1.2, vector(), mode=vjp, wrt=(0, 1))
def tuples(a, x):
    pair = (a * x, a * a)
    first, second = pair
    return first * second, {"sum": np.sum(first), "square": second}


@case(1.2, vector(), scale=3.0)
def keywords(a, x, *, scale=2.0, shift=0.0):
    return scale * np.sum(np.power(x, a)) + shift


@case(vector(), has_aux=True)
def auxiliary(x):
    y = np.cumsum(x)
    return np.sum(y * y), y


@case(vector())
def guarded(x):
    with np.errstate(divide="ignore"):
        y = np.log(x)
        z = y * x
    return np.sum(z)


@case((1.0, 2.0, 3.0), 0.5, wrt=(0, 1), scalars=True)
def polynomial(coefficients, x):
    a, b, c = coefficients
    return (c * x + b) * x + a


# -- lists and dicts that change ------------------------------------------------------------------


@case(vector())
def collected(x):
    logs = [math.log(v) * v for v in x]
    return sum(logs)


@case(vector(), 3)
def history(x, n):
    states = [x]
    for _ in range(n):
        states.append(np.tanh(states[-1]))
    return np.sum(np.stack(states))


@case(1.2, 5)
def sequence(x, n):
    u = [0.0] * n
    u[0] = x
    for i in range(1, n):
        u[i] = u[i - 1] * x + 1.0
    return u[-1]


@case(1.3)
def worklist(x):
    pending = [x]
    total = 0.0
    while pending:
        v = pending.pop()
        if v < 10.0:
            total += v * v
            pending.append(v * 3.0)
    return total


@case({"w": vector(), "b": 0.5}, vector())
def replaced(p, x):
    p["w"] = p["w"] * 2.0
    return np.sum(p["w"] * x) + p["b"]


@case(vector(4), 2)
def trimmed(x, k):
    """The mean of squares, the `k` largest left out."""
    squares = [v * v for v in x]
    squares.sort()
    for _ in range(k):
        squares.pop()
    return sum(squares) / len(squares)


@case(np.array([0.3, 1.1, 1.4, 0.9]))
def steepest(x):
    best = None
    for i in range(1, len(x)):
        slope = x[i] - x[i - 1]
        if best is None or slope > best[0]:
            best = (slope, x[i])
    return best[0] * best[1]


# -- functions as values --------------------------------------------------------------------------


def simpson(f, a, b, n):
    """The integral of a function by Simpson's rule."""
    h = (b - a) / n
    total = f(a) + f(b)
    for i in range(1, n):
        total += (4.0 if i % 2 else 2.0) * f(a + i * h)
    return total * h / 3.0


@case(1.3, 8, scalars=True)
def integral(k, n):
    return simpson(lambda t: math.exp(-k * t * t), 0.0, 1.0, n)


@case(vector(4), [np.tanh, np.cos, np.tanh])
def layered(x, layers):
    for layer in layers:
        x = layer(x) * 2.0
    return np.sum(x)


@case(1.5, 0.4, wrt=(0, 1), scalars=True)
def chosen(x, k):
    def growth(v):
        return v * k

    def decay(v):
        return v / k

    step = growth if x > 1.0 else decay
    return step(step(x))


@case(0.6, 5, scalars=True)
def tallied(x, n):
    total, term = 0.0, 1.0

    def add(i):
        nonlocal total, term
        term = term * x / i
        total = total + term

    for i in range(1, n):
        add(i)
    return total


@case(0.8, 6, scalars=True)
def chebyshev(x, n):
    def value(k):
        if k < 2:
            return x if k else 1.0
        return 2.0 * x * value(k - 1) - value(k - 2)

    return value(n)


# -- what users say to a derivative --------------------------------------------------------------


@case(vector(4), 2)
def hooked(x, n):
    y = x
    for _ in range(n):
        y = y * np.sin(y)
        with insert_grad_of(y) as y_bar:
            y_bar = np.clip(y_bar, -1e3, 1e3)
    return np.sum(y)


@case(vector(4))
def hooked_store(x):
    y = x * 2.0
    y[1:] = y[1:] * x[0]
    with insert_grad_of(y[1:]) as g:
        g *= 1.0
    return np.sum(y * y)


@numerical
def measured(v: float, k: float) -> float:
    return float(v) ** 3 * k


@case(0.7, 3, scalars=True)
def opaque(x, n):
    y = x
    for _ in range(n):
        y = measured(y, 0.9) + x
    return y


@case(vector(6), 0.4, mode=vjp, wrt=(0, 1), outputs="A")
def kernel(A, k):
    for i in range(1, len(A)):
        A[i] += k * A[i - 1]


@case(vector(6))
def buffered(x):
    y = x * 2.0
    np.multiply(x[1:], x[:-1], out=y[1:])
    np.divide(1.0, x, out=y, where=x > 1.0)
    y[:2].fill(x[3])
    return np.sum(y * y)


# -- derivatives of derivatives -------------------------------------------------------------------


@case(0.7, of=grad, name="second", scalars=True)
@case(0.7, of=grad, mode=jvp, name="second_jvp", scalars=True)
def smooth(x):
    y = math.sin(x)
    return y * y * x


@case(0.7, 4, of=grad, mode=jvp, name="second_loop", scalars=True)
@case(0.7, 4, of=grad, name="second_loop_grad", scalars=True)
def loop(x, n):
    y = x
    for _ in range(n):
        y = math.sin(y) * x
    return y


@case(vector(4), of=grad, mode=jvp, name="second_array")
def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


# -- failures -------------------------------------------------------------------------------------


@case(spd(3), vector(3), wrt=(0, 1), name="attempt")
@case(spd(3), vector(3), wrt=(0, 1), mode=jvp, name="attempt_jvp")
def solved(A, b):
    try:
        y = np.linalg.solve(A, b)
    except np.linalg.LinAlgError:
        y = np.linalg.solve(A + 1e-6 * np.eye(len(b)), b)
    return np.sum(y * y)


@case(vector(3).tolist())
def rescued(x):
    total = 0.0
    for v in x:
        try:
            y = math.log(v - 1.0)
        except ValueError:
            continue
        except ZeroDivisionError as error:
            raise ValueError(f"{v} is no rate") from error
        finally:
            total += v * v
        total += y
    return total


# -- complex numbers ------------------------------------------------------------------------------


@case(1.2, 0.5 - 0.3j, wrt=(0, 1), name="complex_scalars")
@case(1.2, 0.5 - 0.3j, mode=jvp, wrt=(0, 1), name="complex_scalars_jvp")
def rotated(x, z):
    w = np.exp(1j * x) * z
    return abs(w - x) ** 2


@case(vector(3) + 1j, name="complex_stores")
def correlated(z):
    out = np.zeros(3, dtype=complex)
    for i in range(3):
        out[i] = z[i] * z[i - 1].conj()
    return np.sum(out.real ** 2 + out.imag)


# -- checkpoints ----------------------------------------------------------------------------------


@case(vector(6), 0.2, 5, wrt=(0, 1), name="checkpointed_stencil")
def burgers_for_long(u, dt, n):
    new = np.zeros_like(u)
    for _t in checkpointed(range(n), snapshots=3):
        new[1:-1] = u[1:-1] - dt * u[1:-1] * (u[2:] - u[:-2])
        u, new = new, u
    return np.sum(u * u)


@case(1.0, 2.0, 0.1, 6, wrt=(0, 1), scalars=True, name="checkpointed_scalars")
def pendulum(angle, speed, dt, n):
    for _t in checkpointed(range(n), snapshots=50):
        speed = speed - dt * np.sin(angle)
        angle = angle + dt * speed
    return angle
