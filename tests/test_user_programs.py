"""Whole programs of the kind that people have: solvers, simulations, likelihoods, filters, small models.

Each is checked against differences in forward mode, forward against reverse, and for some the gradient
itself is checked again (second order).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt
from typing import Any

import numpy
import numpy as np
import numpy.linalg as la
import pytest
from numpy import exp, log

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp, vjp
from tangent_sct.testing import check_derivative

Function = Callable[..., Any]


@dataclass(frozen=True)
class Program:
    """A function, where to check it, by which arguments, and to which order."""

    function: Function
    args: tuple[Any, ...]
    wrt: tuple[int, ...] | None
    order: int


PROGRAMS: dict[str, Program] = {}


def program(
    *args: Any, wrt: tuple[int, ...] | None = None, order: int = 1, name: str = ""
) -> Callable[[Function], Function]:
    """Check the decorated function at some arguments; by default by all that hold floats."""

    def keep(function: Function) -> Function:
        key = name or function.__name__
        assert key not in PROGRAMS, key
        PROGRAMS[key] = Program(function, args, wrt, order)
        return function

    return keep


RNG = np.random.default_rng(7)


def positive(*shape: int) -> Any:
    """Numbers around one."""
    return RNG.uniform(0.5, 1.5, shape)


def normal(*shape: int) -> Any:
    """Numbers of both signs."""
    return RNG.normal(size=shape)


def definite(size: int) -> Any:
    """A symmetric positive definite matrix."""
    a = normal(size, size)
    return a @ a.T + size * np.eye(size)


DATA = normal(6, 3)
LABELS = (normal(6) > 0).astype(float)


def lorenz_rhs(state, sigma, rho, beta):
    x, y, z = state
    return np.array([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])


@program(np.array([1.0, 1.1, 0.9]), 10.0, 28.0, 8 / 3, 0.01, 3, order=2)
def lorenz_rk4(state, sigma, rho, beta, dt, steps):
    for _ in range(steps):
        k1 = lorenz_rhs(state, sigma, rho, beta)
        k2 = lorenz_rhs(state + 0.5 * dt * k1, sigma, rho, beta)
        k3 = lorenz_rhs(state + 0.5 * dt * k2, sigma, rho, beta)
        k4 = lorenz_rhs(state + dt * k3, sigma, rho, beta)
        state = state + dt / 6.0 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(state**2)


@program(normal(3), 0.3, DATA, LABELS, 0.1, wrt=(0, 1, 2, 4), order=2)
def logistic_l2(w, b, X, y, lam):
    z = X @ w + b
    p = 1.0 / (1.0 + np.exp(-z))
    ll = y * np.log(p) + (1 - y) * np.log(1 - p)
    return -np.mean(ll) + 0.5 * lam * np.dot(w, w)


@program(positive(2), normal(2), positive(2), normal(4))
def mixture_loop(weights, mu, sigma, x):
    total = 0.0
    for xi in x:
        p = 0.0
        for k in range(len(mu)):
            z = (xi - mu[k]) / sigma[k]
            p += weights[k] * math.exp(-0.5 * z * z) / (sigma[k] * sqrt(2 * pi))
        total += math.log(p)
    return total


@program(definite(2) * 0.1, definite(1) * 0.2, normal(2, 2) * 0.5, normal(1, 2), normal(4, 1))
def kalman(Q, R, F, H, ys):
    m = np.zeros(2)
    P = np.eye(2)
    ll = 0.0
    for y in ys:
        m = F @ m
        P = F @ P @ F.T + Q
        v = y - H @ m
        S = H @ P @ H.T + R
        K = np.linalg.solve(S, H @ P).T
        sign, logdet = np.linalg.slogdet(S)
        ll -= 0.5 * (logdet + v @ np.linalg.inv(S) @ v + len(y) * np.log(2 * np.pi))
        m = m + K @ v
        P = P - K @ S @ K.T
    return ll


def rodrigues(r, x):
    theta2 = r @ r
    if theta2 < 1e-12:
        return x + np.cross(r, x)
    theta = np.sqrt(theta2)
    k = r / theta
    return x * np.cos(theta) + np.cross(k, x) * np.sin(theta) + k * (k @ x) * (1 - np.cos(theta))


def project(cam, X):
    Xc = rodrigues(cam[:3], X) + cam[3:6]
    p = -Xc[:2] / Xc[2]
    r2 = p @ p
    return cam[6] * (1 + cam[7] * r2 + cam[8] * r2**2) * p


@program(positive(2, 9), normal(3, 3) + 4, normal(4, 2), np.array([[0, 0], [0, 1], [1, 1], [1, 2]]))
def bundle(cams, points, obs, index):
    res = np.zeros_like(obs)
    for k, (c, p) in enumerate(index):
        res[k] = project(cams[c], points[p]) - obs[k]
    return np.sum(res**2)


@program(positive(7), 0.2, 3, order=2)
def heat1d(u, alpha, steps):
    u = u.copy()
    for _n in range(steps):
        un = u.copy()
        for i in range(1, len(u) - 1):
            u[i] = un[i] + alpha * (un[i + 1] - 2 * un[i] + un[i - 1])
    return (u**2).sum()


@program(positive(5, 5), 0.1, 2)
def heat2d(T, k, steps):
    for _ in range(steps):
        Tn = T.copy()
        T[1:-1, 1:-1] = Tn[1:-1, 1:-1] + k * (
            Tn[2:, 1:-1] + Tn[:-2, 1:-1] + Tn[1:-1, 2:] + Tn[1:-1, :-2] - 4 * Tn[1:-1, 1:-1]
        )
        T[0, :] = T[1, :]
        T[-1] = T[-2]
    return np.mean(T[1:-1, 1:-1] ** 2)


@program(positive(6), positive(6), 0.4)
def wave(u0, c, dt):
    n = u0.size
    prev, cur, nxt = u0.copy(), u0.copy(), np.zeros(n)
    for _t in range(4):
        for i in range(1, n - 1):
            nxt[i] = (
                2 * cur[i] - prev[i] + (c[i] * dt) ** 2 * (cur[i + 1] - 2 * cur[i] + cur[i - 1])
            )
        prev, cur, nxt = cur, nxt, prev
    return np.sum(cur * cur)


@program(normal(3, 2), normal(3, 2), positive(3), 0.05)
def nbody(pos, vel, mass, dt):
    n = pos.shape[0]
    for _step in range(2):
        acc = np.zeros((n, 2))
        for i in range(n):
            for j in range(n):
                if i != j:
                    d = pos[j] - pos[i]
                    r = np.sqrt(d.dot(d) + 0.01)
                    acc[i] += mass[j] * d / r**3
        vel += dt * acc
        pos += dt * vel
    e = 0.5 * np.sum(mass[:, np.newaxis] * vel**2)
    return e


@program(normal(3, 2), positive(3))
def nbody_vectorised(pos, mass):
    d = pos[:, None, :] - pos[None, :, :]
    r = np.sqrt((d**2).sum(axis=-1) + 0.1)
    m = np.outer(mass, mass) / r
    iu = np.triu_indices(len(mass), k=1)
    return -m[iu].sum()


@program(2.5, 1.2, order=2)
def newton(a, x0):
    x = x0
    it = 0
    while True:
        fx = x**3 + x - a
        if abs(fx) < 1e-12 or it > 50:
            break
        x -= fx / (3 * x**2 + 1)
        it += 1
    return x


@program(2.5)
def newton_tol(a, tol=1e-10, maxiter=20):
    x = 1.0
    for _i in range(maxiter):
        dx = (x * x - a) / (2 * x)
        x = x - dx
        if abs(dx) < tol:
            break
    else:
        raise RuntimeError("no convergence")
    return x


@program(positive(4), positive(5) + 4, positive(4), normal(5))
def thomas(a, b, c, d):
    n = len(d)
    for i in range(1, n):
        w = a[i - 1] / b[i - 1]
        b[i] -= w * c[i - 1]
        d[i] -= w * d[i - 1]
    x = np.empty(n)
    x[-1] = d[-1] / b[-1]
    for i in range(n - 2, -1, -1):
        x[i] = (d[i] - c[i] * x[i + 1]) / b[i]
    return x.sum() + x[0] * x[2]


@program(definite(3), order=2)
def cholesky_loops(A):
    n = A.shape[0]
    L = np.zeros_like(A)
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i == j:
                L[i, i] = np.sqrt(s)
            else:
                L[i, j] = s / L[j, j]
    return 2 * np.sum(np.log(np.diag(L))) + L[2, 0]


@program(definite(3), normal(3))
def lu_solve(A, b):
    n = len(b)
    LU = A.copy()
    for k in range(n - 1):
        for i in range(k + 1, n):
            LU[i, k] /= LU[k, k]
            LU[i, k + 1 :] -= LU[i, k] * LU[k, k + 1 :]
    y = b.copy()
    for i in range(n):
        y[i] -= LU[i, :i] @ y[:i]
    for i in reversed(range(n)):
        y[i] = (y[i] - LU[i, i + 1 :] @ y[i + 1 :]) / LU[i, i]
    return y


@program(normal(3, 3), normal(3))
def gauss_pivot(A, b):
    A = A.copy()
    x = b.copy()
    n = len(b)
    for k in range(n):
        p = k + np.argmax(np.abs(A[k:, k]))
        if p != k:
            A[[k, p]] = A[[p, k]]
            x[k], x[p] = x[p], x[k]
        for i in range(k + 1, n):
            m = A[i, k] / A[k, k]
            A[i, k:] -= m * A[k, k:]
            x[i] -= m * x[k]
    for k in range(n - 1, -1, -1):
        x[k] = (x[k] - np.dot(A[k, k + 1 :], x[k + 1 :])) / A[k, k]
    return np.sum(x)


@program(definite(3), normal(3))
def conjugate_gradients(A, b):
    x = np.zeros_like(b)
    r = b - A @ x
    p = r.copy()
    rs = r @ r
    for _i in range(3):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rs_new = r @ r
        if np.sqrt(rs_new) < 1e-14:
            break
        p = r + (rs_new / rs) * p
        rs = rs_new
    return np.sum(x * x)


def softmin(a, b, gamma):
    m = min(a, b)
    return m - gamma * math.log(math.exp(-(a - m) / gamma) + math.exp(-(b - m) / gamma))


@program(positive(3, 3), 0.2)
def floyd_warshall(D, gamma):
    n = len(D)
    d = D.copy()
    for k in range(n):
        for i in range(n):
            for j in range(n):
                d[i, j] = softmin(d[i, j], d[i, k] + d[k, j], gamma)
    return d.sum()


@program(
    {"W1": normal(3, 4), "b1": normal(4), "W2": normal(4, 2), "b2": normal(2)},
    normal(5, 3),
    normal(5, 2),
    wrt=(0, 1),
    order=2,
)
def mlp(params, x, y):
    h = np.maximum(0, x @ params["W1"] + params["b1"])
    out = h @ params["W2"] + params["b2"]
    return np.mean((out - y) ** 2)


@program(
    [(normal(3, 4), normal(4)), (normal(4, 4), normal(4)), (normal(4, 1), normal(1))],
    normal(5, 3),
    wrt=(0,),
)
def mlp_layers(params, x):
    for W, b in params[:-1]:
        x = np.tanh(np.dot(x, W) + b)
    W, b = params[-1]
    return np.sum((np.dot(x, W) + b) ** 2)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@program((normal(5, 3), normal(5, 3), normal(5, 3), normal(5, 3)), normal(4, 2), wrt=(0,))
def lstm(params, xs):
    Wf, Wi, Wo, Wc = params
    h = np.zeros(3)
    c = np.zeros(3)
    for x in xs:
        z = np.concatenate([h, x])
        f = sigmoid(z @ Wf)
        i = sigmoid(z @ Wi)
        o = sigmoid(z @ Wo)
        c = f * c + i * np.tanh(z @ Wc)
        h = o * np.tanh(c)
    return h @ h


@program(0.4, 0.1, 0.01, order=2)
def sir(beta, gamma, i0):
    S, I, R = 1.0 - i0, i0, 0.0
    peak = 0.0
    for _day in range(6):
        new = beta * S * I
        rec = gamma * I
        S, I, R = S - new, I + new - rec, R + rec
        peak = max(peak, I)
    return peak + R


@program(1.0, 0.0, 50.0, 0.3)
def bouncing(y, v, k, damp):
    dt = 0.05
    for _ in range(12):
        f = -9.81
        if y < 0.5:
            f += k * (0.5 - y)
            if v < 0:
                f -= damp * v
        elif y > 2.0:
            f = f - 1.0
        v += f * dt
        y += v * dt
    return y


@program(1.3, np.linspace(0, 3, 4), normal(4), wrt=(0, 2))
def linear_interp(x, xs, ys):
    i = np.searchsorted(xs, x) - 1
    t = (x - xs[i]) / (xs[i + 1] - xs[i])
    return (1 - t) * ys[i] + t * ys[i + 1]


@program(np.linspace(0.1, 2.9, 5), np.linspace(0, 3, 4), normal(4), wrt=(0, 2))
def interp_vec(x, xp, fp):
    return np.sum(np.interp(x, xp, fp) ** 2)


@program(1.3, np.linspace(0, 3, 4), normal(4))
def cubic_spline(x, xs, ys):
    n = len(xs)
    h = xs[1:] - xs[:-1]
    A = np.zeros((n, n))
    rhs = np.zeros(n)
    A[0, 0] = A[-1, -1] = 1.0
    for i in range(1, n - 1):
        A[i, i - 1] = h[i - 1]
        A[i, i] = 2 * (h[i - 1] + h[i])
        A[i, i + 1] = h[i]
        rhs[i] = 6 * ((ys[i + 1] - ys[i]) / h[i] - (ys[i] - ys[i - 1]) / h[i - 1])
    M = np.linalg.solve(A, rhs)
    j = int(np.clip(np.searchsorted(xs, x) - 1, 0, n - 2))
    a, b = xs[j + 1] - x, x - xs[j]
    return (
        (M[j] * a**3 + M[j + 1] * b**3) / (6 * h[j])
        + (ys[j] / h[j] - M[j] * h[j] / 6) * a
        + (ys[j + 1] / h[j] - M[j + 1] * h[j] / 6) * b
    )


@program(100.0, 95.0, 0.05, 0.2, 1.0, 4)
def binomial_put(S, K, r, sigma, T, n):
    dt = T / n
    up = np.exp(sigma * np.sqrt(dt))
    d = 1 / up
    q = (np.exp(r * dt) - d) / (up - d)
    disc = np.exp(-r * dt)
    j = np.arange(n + 1)
    V = np.maximum(K - S * up**j * d ** (n - j), 0.0)
    for i in range(n - 1, -1, -1):
        V = disc * (q * V[1:] + (1 - q) * V[:-1])
        k = np.arange(i + 1)
        V = np.maximum(V, K - S * up**k * d ** (i - k))
    return V[0]


@program(0.5, -0.2, 0.3, normal(6))
def ar2(phi1, phi2, log_sigma, y):
    sigma2 = np.exp(2 * log_sigma)
    e = y[2:] - phi1 * y[1:-1] - phi2 * y[:-2]
    n = len(e)
    return -0.5 * n * np.log(2 * np.pi * sigma2) - np.sum(e**2) / (2 * sigma2)


@program(np.array([0.1, 0.2, 0.7]), normal(6), order=2)
def garch(theta, r):
    omega, alpha, beta = theta
    s2 = np.empty(len(r))
    s2[0] = np.var(r)
    for t in range(1, len(r)):
        s2[t] = omega + alpha * r[t - 1] ** 2 + beta * s2[t - 1]
    return 0.5 * np.sum(np.log(s2) + r**2 / s2)


@program(normal(4, 3), np.array([0, 2, 1, 1]), order=2)
def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -logp[np.arange(len(labels)), labels].mean()


@program(normal(5, 5), normal(3, 3))
def conv2d(img, k):
    h, w = img.shape
    kh, kw = k.shape
    out = np.zeros((h - kh + 1, w - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(img[i : i + kh, j : j + kw] * k)
    return np.sum(np.tanh(out))


@program(positive(4, 4), positive(4, 4), 0.1)
def total_variation(x, noisy, lam):
    dx = np.diff(x, axis=0)
    dy = np.diff(x, axis=1)
    tv = np.sum(np.sqrt(dx[:, :-1] ** 2 + dy[:-1, :] ** 2 + 1e-6))
    return 0.5 * np.sum((x - noisy) ** 2) + lam * tv


@program(np.array([0.0, 0.1, -3.0]), np.array([0.05, 0.0, 1.0]), np.zeros(3), 1.0)
def ray_sphere(o, d, c, r):
    d = d / np.linalg.norm(d)
    oc = o - c
    b = np.dot(oc, d)
    disc = b * b - (np.dot(oc, oc) - r * r)
    if disc < 0:
        return -1.0
    t = -b - math.sqrt(disc)
    if t > 0:
        return t
    return -b + math.sqrt(disc)


@program(1.0, 2.0)
def adaptive(y, lam):
    t, h = 0.0, 0.1
    while t < 0.5:
        h = min(h, 0.5 - t)
        k1 = -lam * y
        k2 = -lam * (y + h * k1)
        err = abs(h * (k2 - k1) / 2)
        if err < 1e-2:
            y = y + h * (k1 + k2) / 2
            t += h
            h *= 1.5
        else:
            h *= 0.5
    return y


@program(2.0, 3)
def bisection(a, n):
    lo, hi = 0.0, a
    for _ in range(n):
        mid = 0.5 * (lo + hi)
        if mid * mid < a:
            lo = mid
        else:
            hi = mid
    return (lo + hi) / 2


@program(normal(4), 0.7, order=2)
def horner(c, x):
    r = 0.0
    for a in c[::-1]:
        r = r * x + a
    return r


@program(0.7, 5, order=2)
def continued_fraction(x, n):
    f = 0.0
    for k in range(n, 0, -1):
        f = k * x / (1 + f)
    return 1 / (1 + f)


@program(0.3, normal(5), order=2)
def chebyshev(x, c):
    T0, T1 = 1.0, x
    total = c[0] * T0 + c[1] * T1
    for k in range(2, len(c)):
        T0, T1 = T1, 2 * x * T1 - T0
        total += c[k] * T1
    return total


@program(normal(7), 3)
def moving_average(x, w):
    for i in range(len(x) - w + 1):
        x[i] = x[i : i + w].mean()
    return np.sum(x**2)


@program(positive(5))
def cumulative_loop(x):
    out = np.ones(len(x) + 1)
    for i, v in enumerate(x):
        out[i + 1] = out[i] * v
    return out[1:].sum()


@program(np.tril(positive(3, 3)) + 2 * np.eye(3), normal(3, 2))
def forward_substitution(L, B):
    X = np.zeros(B.shape)
    for i in range(len(L)):
        X[i] = (B[i] - L[i, :i] @ X[:i]) / L[i, i]
    return np.sum(X * X)


@program(normal(3), DATA, normal(6), 1.0, wrt=(0, 1, 2))
def huber(w, X, y, delta):
    r = y - X @ w
    a = np.abs(r)
    return np.where(a <= delta, 0.5 * r**2, delta * (a - 0.5 * delta)).mean()


@program(normal(3), 10.0, order=2)
def penalty(x, mu):
    f = (x[0] - 1) ** 2 + (x[1] - 2.5) ** 2 + x[2] ** 2
    g = np.array([x[0] + x[1] - 1, -x[2], x[0] - 2])
    return f + mu * np.sum(np.maximum(g, 0) ** 2) + mu * sum(max(0.0, -v) ** 2 for v in x)


@program(normal(4), positive(4))
def keyword_only(x, w, *, power=2, normalise=True):
    s = np.sum(w * np.abs(x) ** power)
    if normalise:
        s = s / np.sum(w)
    return s ** (1 / power)


class Ising:
    decay = 0.5

    def __init__(self, J, steps=2):
        self.J = J
        self.steps = steps

    def coupling(self, m):
        return self.J @ m

    def energy(self, m, beta):
        for _ in range(self.steps):
            m = (1 - self.decay) * m + self.decay * np.tanh(beta * self.coupling(m))
        return -m @ self.coupling(m)


program(normal(3), 0.8, order=2, name="method")(Ising(normal(3, 3)).energy)


def make_loss(X, y):
    n = len(y)

    def loss(w):
        return np.sum((X @ w - y) ** 2) / n

    return loss


program(normal(3), order=2, name="closure")(make_loss(DATA, LABELS))


def basis(k):
    return lambda x: np.sin(k * x) + k


program(0.3, order=2, name="one of many lambdas")([basis(k) for k in (1.0, 2.0)][1])


@program(positive(4))
def from_imports(x):
    return numpy.sum(exp(-x) * log(x)) + la.norm(x) + numpy.linalg.norm(x[1:])


@program(0.7, positive(3))
def mixed_math(s, v):
    r = math.sqrt(s) + math.sin(s) * np.cos(s) + math.pi
    w = v * r
    return float(np.sum(w)) + math.fsum([s, r]) + abs(s) ** 1.5


@program(positive(4).astype(np.float32), positive(4).astype(np.float32))
def single_precision(x, w):
    h = np.zeros(4, dtype=np.float32)
    for i in range(4):
        h[i] = x[i] * w[i] + np.float32(0.5) * x[i] ** 2
    return np.sum(h * h)


@program(normal(4), normal(4))
def dtw(a, b):
    n, m = len(a), len(b)
    D = np.full((n + 1, m + 1), np.inf)
    D[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (a[i - 1] - b[j - 1]) ** 2
            D[i, j] = cost + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, m]


@program(normal(5))
def recursive_sum(x):
    if len(x) == 1:
        return x[0] ** 2
    m = len(x) // 2
    return recursive_sum(x[:m]) + recursive_sum(x[m:])


@program(normal(3, 4), normal(4, 2))
def attention(x, w):
    q = x @ w
    s = q @ q.T / np.sqrt(q.shape[-1])
    e = np.exp(s - s.max(-1, keepdims=True))
    a = e / e.sum(-1, keepdims=True)
    return (a @ q).sum()


@program(definite(3), normal(3), normal(3))
def gp(K, y, k):
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return -0.5 * y @ alpha - np.log(np.diag(L)).sum() + k @ alpha


@program(np.array([0.3, 1.2]), normal(4, 2), normal(4))
def rbf_gp(theta, X, y):
    ls, amp = np.exp(theta)
    d2 = np.sum(X**2, 1)[:, None] + np.sum(X**2, 1)[None, :] - 2 * X @ X.T
    K = amp * np.exp(-0.5 * d2 / ls**2) + 1e-1 * np.eye(len(X))
    s, ld = np.linalg.slogdet(K)
    return 0.5 * y.dot(np.linalg.solve(K, y)) + 0.5 * ld


@program(positive(3))
def with_print(x):
    """A docstring."""
    y = x * 2
    assert y.ndim == 1, "vector please"
    total = 0.0
    for i in range(x.shape[0]):
        if x[i] < 0:
            continue
        total += y[i] ** 2
    return total


@program(normal(4), order=2)
def rosen(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@program(positive(4), positive(4))
def einsum_energy(x, y):
    return np.einsum("i,j,i->", x, y, x) + np.einsum("ij,ij", np.outer(x, y), np.outer(y, x))


@program(positive(3), positive(3))
def ternary(a, b):
    s = a[0] if a[0] > b[0] else b[0]
    t = s * a.sum() if s > 0 and a[1] > 0 else 0.0
    return t or 1.0


@program(0.5, 1.5)
def global_const(x, y):
    return DATA[0, 0] * x + TUNING["k"] * y * x


TUNING = {"k": 3.0}


def damped_pendulum(y, t, damping):
    return np.array([y[1], -np.sin(y[0]) - damping * y[1] + 0.1 * t])


def rk4_step(f, y, t, h, parameter):
    k1 = f(y, t, parameter)
    k2 = f(y + h / 2 * k1, t + h / 2, parameter)
    k3 = f(y + h / 2 * k2, t + h / 2, parameter)
    k4 = f(y + h * k3, t + h, parameter)
    return y + h * (k1 + 2 * k2 + 2 * k3 + k4) / 6


@program(positive(2), 0.7, 0.1)
def function_as_argument(y, damping, h):
    t = 0.0
    for _ in range(3):
        y = rk4_step(damped_pendulum, y, t, h, damping)
        t += h
    return y[0] + y[1]


def log_sum_exp(a, axis=None, keepdims=False):
    top = np.max(a, axis=axis, keepdims=True)
    total = np.log(np.sum(np.exp(a - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axis)


@program(normal(2), normal(2, 3), positive(2, 3), normal(4, 3), order=2)
def mixture(alpha, mu, sigma, x):
    logw = alpha - log_sum_exp(alpha)
    z = (x[:, None, :] - mu[None]) / sigma
    lp = -0.5 * np.sum(z**2, axis=-1) - np.sum(np.log(sigma), axis=1)
    lp = lp - 0.5 * x.shape[1] * np.log(2 * np.pi)
    return log_sum_exp(logw + lp, axis=1).sum()


@program(normal(2), normal(2, 2), normal(2, 3), np.array([0, 2, 1, 1]), order=2)
def hidden_markov(log_pi, log_A, log_B, obs):
    log_pi = log_pi - log_sum_exp(log_pi)
    log_A = log_A - log_sum_exp(log_A, axis=1, keepdims=True)
    log_B = log_B - log_sum_exp(log_B, axis=1)[:, None]
    alpha = log_pi + log_B[:, obs[0]]
    for o in obs[1:]:
        alpha = log_sum_exp(alpha[:, None] + log_A, axis=0) + log_B[:, o]
    return log_sum_exp(alpha)


@program({"Wx": normal(2, 3), "Wh": normal(3, 3), "b": normal(3)}, normal(4, 2))
def rnn_states(p, xs):
    h = np.zeros(3)
    states = np.empty((len(xs), 3))
    for t in range(len(xs)):
        h = np.tanh(xs[t] @ p["Wx"] + h @ p["Wh"] + p["b"])
        states[t] = h
    return np.mean(states**2)


def normal_cdf(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


@program(100.0, 95.0, 0.05, 0.2, 1.0, order=2)
def black_scholes(S, K, r, sigma, T):
    d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
    d2 = d1 - sigma * math.sqrt(T)
    return S * normal_cdf(d1) - K * math.exp(-r * T) * normal_cdf(d2)


@program(normal(3, 2), normal(5, 3))
def pca_loss(W, X):
    Xc = X - X.mean(axis=0)
    codes = Xc @ W @ np.linalg.inv(W.T @ W)
    return np.linalg.norm(Xc - codes @ W.T) ** 2 / len(X)


@program(positive(6))
def shapes(x):
    A = x.reshape(2, 3)
    B = np.vstack([A, A[::-1]])
    C = B.T.ravel()
    return np.sum(C[::2] * C[1::2]) + A.min()


@program(np.array([0.2, 0.4]), 3)
def transfer_matrices(v, k):
    A = np.array([[v[0], 1.0], [0.5, v[1]]])
    M = np.eye(2)
    for _ in range(k):
        M = M.dot(A)
    return np.trace(M) + M[0, 1]


# -- what once went wrong in programs like these --------------------------------------------------


@program([1.0, 2.0, 3.0])
def parts_of_a_list(p):
    head, tail = p[:2], p[1:]
    total = head[1] * tail[0] + head[0] * tail[1]
    for v in p[:-1]:
        total += v**2 * p[-1]
    back = p[::-1]
    for i in range(3):
        total += back[i] * p[i] * i
    return total


@program((1.0, 2.0), 0.5)
def joined_tuples(p, x):
    q = (x,) + p + (p[0] * x,)
    for i in range(2):
        q = q + (q[i] * q[-1],)
        q = (q[0], q[1], q[2], q[4])
    return q[3]


def flattened_transpose(x):
    y = x.T.copy().ravel()
    y[:] = y[::-1]
    y[1:] = y[:-1]
    return y @ np.arange(4.0)


@program(normal(3, 3))
def written_diagonal(x):
    y = x * 1.0
    v = np.diagonal(y)
    y[1, 1] = x[0, 1] ** 2
    return np.sum(v * v) + np.sum(np.diag(y, 1) ** 2)


@program(normal(3), normal(3))
def matrix_of_a_diagonal_that_is_written(q, l):
    factor = np.diag(np.exp(q))
    factor[np.tril_indices(3, -1)] = l
    q = q * 1.0
    shifted = np.diag(q, 1)
    q[0] = l[1]
    return np.sum(factor @ factor.T) + np.sum(shifted**3) * q[0]


@program(normal(3, 3))
def diagonal_of_a_matrix_that_is_written(x):
    y = x * 1.0
    v = np.diag(y)
    y[0, 0] = x[1, 1] * x[0, 2]
    return np.sum(v * v)


@program(normal(3, 3))
def diagonals_seen_through_linalg(x):
    y = x * 1.0
    v = np.linalg.diagonal(y)
    y[0, 0] = x[1, 1] * v[2]
    return np.sum(y * v)


@program(normal(4))
def values_along_axes_of_their_own(x):
    """`np.ix_` was taken for a function of places, whose derivative is zero."""
    p, q = np.ix_(x, x * x)
    return np.sum(p * np.sin(q))


def summed_windows_of_what_is_written(x):
    y = np.zeros(5)
    y[1:] = x
    return np.sum(np.lib.stride_tricks.sliding_window_view(y, 2) * x[0])


def summed_windows_of_a_copy(x):
    y = np.zeros(5)
    y[1:] = x
    return np.sum(np.lib.stride_tricks.sliding_window_view(y.copy(), 2) * x[0])


def test_windows_of_what_is_written_are_refused() -> None:
    """Additions to overlapping windows of an adjoint would get lost; they failed with a ValueError of NumPy's."""
    with pytest.raises(DerivativeError, match="seen through windows"):
        grad(summed_windows_of_what_is_written)(normal(4))
    check_derivative(summed_windows_of_a_copy, normal(4))


def summed_with_another_layout(x, w):
    y = x * 1.0
    v = y.ravel()
    v[0] = v[1] * 2
    return np.sum(y * w.T)


def test_a_shadow_that_cannot_be_reshaped_is_refused() -> None:
    with pytest.raises(DerivativeError, match="a copy"):
        grad(summed_with_another_layout)(normal(2, 2), normal(2, 2))


def joined_by_index(x):
    return np.sum(np.r_[x, x] ** 2)


def read_in_memory_order(x):
    y = x.T * 1.0
    v = y.ravel(order="K")
    v[0] = v[1] * 2
    return np.sum(y * x)


def broadcast_before_writing(x):
    y = x * 1.0
    v = np.broadcast_to(y, (3, 2))
    y[0] = x[1] ** 2
    return np.sum(v * v)


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (joined_by_index, (normal(3),)),
        (read_in_memory_order, (normal(2, 2),)),
        (broadcast_before_writing, (normal(2),)),
    ],
)
def test_what_cannot_be_followed_is_refused(function: Function, args: tuple[Any, ...]) -> None:
    with pytest.raises((UnsupportedError, DerivativeError)):
        grad(function)(*args)


@pytest.mark.parametrize("name", PROGRAMS)
def test_derivatives(name: str) -> None:
    chosen = PROGRAMS[name]
    check_derivative(chosen.function, *chosen.args, wrt=chosen.wrt)


@pytest.mark.parametrize("name", [name for name, chosen in PROGRAMS.items() if chosen.order > 1])
def test_derivatives_of_gradients(name: str) -> None:
    chosen = PROGRAMS[name]
    first = 0 if chosen.wrt is None else chosen.wrt[0]
    check_derivative(grad(chosen.function, first), *chosen.args, wrt=chosen.wrt, rtol=1e-4)


class Counted:
    """An object that counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0
        self.asked = [0]

    def energy(self, x):
        self.calls += 1
        self.asked[0] += 1
        return np.sum(x * x) * 2.0


def test_counters_of_an_object_are_kept() -> None:
    counted = Counted()
    np.testing.assert_allclose(grad(counted.energy)(np.array([1.0, 3.0])), [4.0, 12.0])
    assert (counted.calls, counted.asked) == (1, [1])


def test_a_copy_of_a_transpose_that_is_flattened_and_written() -> None:
    """Its tangent, a copy in another layout, cannot be flattened without one more copy: forward mode says so."""
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    gradient = vjp(flattened_transpose)(x, seed=1.0)[1]
    np.testing.assert_allclose(gradient, [[0.0, 2.0], [3.0, 1.0]])
    with pytest.raises(DerivativeError, match="reshaping made a copy of an array and a view of its tangent"):
        jvp(flattened_transpose)(x, seed=x)
