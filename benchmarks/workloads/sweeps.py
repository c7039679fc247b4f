"""Sweeps over grids and graphs, and marching in time, element by element."""

from __future__ import annotations

import numpy as np

from workloads.workload import Workload


def seidel(u, sweeps):
    """Sweeps that use what they have just computed."""
    u = u.copy()
    n = u.shape[0]
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                u[i, j] = (
                    u[i - 1, j - 1] + u[i - 1, j] + u[i - 1, j + 1]
                    + u[i, j - 1] + u[i, j] + u[i, j + 1]
                    + u[i + 1, j - 1] + u[i + 1, j] + u[i + 1, j + 1]
                ) / 9.0
    return np.sum(u * u)


def floyd_warshall(weights, temperature):
    """The sum of all shortest ways, with a soft minimum."""
    d = weights.copy()
    n = d.shape[0]
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if i != k and j != k:
                    direct = d[i, j]
                    around = d[i, k] + d[k, j]
                    low = min(direct, around)
                    d[i, j] = low - temperature * np.log(
                        np.exp((low - direct) / temperature) + np.exp((low - around) / temperature)
                    )
    return np.sum(d)


def adaptive(y, v, mu, end, tolerance):
    """Van der Pol's oscillator by Heun's method, with steps chosen by the error of Euler's."""
    t = 0.0
    h = 0.01
    while t < end:
        h = min(h, end - t)
        ky1 = v
        kv1 = mu * (1.0 - y * y) * v - y
        y1 = y + h * ky1
        v1 = v + h * kv1
        ky2 = v1
        kv2 = mu * (1.0 - y1 * y1) * v1 - y1
        ey = 0.5 * h * (ky2 - ky1)
        ev = 0.5 * h * (kv2 - kv1)
        error = np.sqrt(ey * ey + ev * ev) / tolerance
        if error <= 1.0:
            t = t + h
            y = y1 + ey
            v = v1 + ev
        h = h * min(4.0, max(0.2, 0.9 / np.sqrt(error + 1e-10)))
    return y * y + v * v


def tridiagonal(u, conductivity, step, steps):
    """Implicit diffusion in a rod: a tridiagonal system in every step of time."""
    n = len(u)
    u = u.copy()
    upper = np.zeros(n)
    right = np.zeros(n)
    for _ in range(steps):
        diagonal = 1.0 + step * conductivity[0]
        upper[0] = -step * conductivity[0] / diagonal
        right[0] = u[0] / diagonal
        for i in range(1, n):
            lower = -step * conductivity[i - 1]
            diagonal = 1.0 + step * (conductivity[i - 1] + conductivity[i]) - lower * upper[i - 1]
            upper[i] = -step * conductivity[i] / diagonal
            right[i] = (u[i] - lower * right[i - 1]) / diagonal
        u[n - 1] = right[n - 1]
        for i in range(n - 2, -1, -1):
            u[i] = right[i] - upper[i] * u[i + 1]
    return np.sum(u * u)


WORKLOADS = (
    Workload(
        "seidel",
        "loops",
        seidel,
        (0,),
        lambda random, n, sweeps: (random.random((n, n)), sweeps),
        {"tiny": (5, 2), "50x50": (50, 20), "200x200": (200, 20)},
        compiled=True,
    ),
    Workload(
        "floyd_warshall",
        "loops",
        floyd_warshall,
        (0, 1),
        lambda random, n: (random.uniform(1.0, 10.0, (n, n)), 0.5),
        {"tiny": (4,), "n=30": (30,), "n=80": (80,)},
        compiled=True,
    ),
    Workload(
        "adaptive",
        "loops",
        adaptive,
        (0, 1, 2),
        lambda random, end, tolerance: (2.0, 0.3, 1.5, end, tolerance),
        {"tiny": (0.5, 1e-3), "end=5": (5.0, 1e-4), "end=20": (20.0, 1e-5)},
        compiled=True,
    ),
    Workload(
        "tridiagonal",
        "loops",
        tridiagonal,
        (0, 1),
        lambda random, n, steps: (random.random(n), random.uniform(0.5, 2.0, n), 0.1, steps),
        {"tiny": (5, 2), "n=100": (100, 50), "n=1000": (1000, 100)},
        compiled=True,
    ),
)
