"""Loops over numbers and over a grid: the four of which the limits are known best."""

from __future__ import annotations

import numpy as np

from workloads.workload import Workload


def logistic(x, n):
    """A logistic map, fed with its first value.

    It settles slowly: where its slope is far below one, adjoints soon are subnormal numbers, which processors take
    many times longer for, and that would be what is measured.
    """
    y = x
    for _ in range(n):
        y = 2.98 * y * (1.0 - y) + 0.01 * x
    return y


def lorenz(x, y, z, sigma, rho, beta, step, n):
    """The end of a trajectory of Lorenz' system, by Runge and Kutta's method of order four."""
    half = 0.5 * step
    for _ in range(n):
        kx1 = sigma * (y - x)
        ky1 = x * (rho - z) - y
        kz1 = x * y - beta * z
        x2 = x + half * kx1
        y2 = y + half * ky1
        z2 = z + half * kz1
        kx2 = sigma * (y2 - x2)
        ky2 = x2 * (rho - z2) - y2
        kz2 = x2 * y2 - beta * z2
        x3 = x + half * kx2
        y3 = y + half * ky2
        z3 = z + half * kz2
        kx3 = sigma * (y3 - x3)
        ky3 = x3 * (rho - z3) - y3
        kz3 = x3 * y3 - beta * z3
        x4 = x + step * kx3
        y4 = y + step * ky3
        z4 = z + step * kz3
        kx4 = sigma * (y4 - x4)
        ky4 = x4 * (rho - z4) - y4
        kz4 = x4 * y4 - beta * z4
        x = x + step / 6.0 * (kx1 + 2.0 * kx2 + 2.0 * kx3 + kx4)
        y = y + step / 6.0 * (ky1 + 2.0 * ky2 + 2.0 * ky3 + ky4)
        z = z + step / 6.0 * (kz1 + 2.0 * kz2 + 2.0 * kz3 + kz4)
    return x * x + y * y + z * z


def newton(a):
    """A sum of cube roots, each by Newton's iteration until it stands still."""
    total = 0.0
    for i in range(len(a)):
        x = 1.0
        change = 1.0
        while abs(change) > 1e-9:
            change = (x * x * x - a[i]) / (3.0 * x * x)
            x = x - change
        total += x * x
    return total


def heat(u, rate, steps):
    """Diffusion on a square with fixed borders, in place."""
    u = u.copy()
    for _ in range(steps):
        u[1:-1, 1:-1] = u[1:-1, 1:-1] + rate * (
            u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
        )
    return np.sum(u * u)


WORKLOADS = (
    Workload(
        "logistic",
        "loops",
        logistic,
        (0,),
        lambda random, n: (0.4, n),
        {"tiny": (20,), "n=1000": (1000,), "n=10000": (10000,)},
        compiled=True,
    ),
    Workload(
        "lorenz",
        "loops",
        lorenz,
        (0, 1, 2, 3, 4, 5),
        lambda random, n: (1.0, 1.2, 0.9, 10.0, 28.0, 8.0 / 3.0, 5.0 / n, n),
        {"tiny": (50,), "n=1000": (1000,), "n=10000": (10000,)},
        compiled=True,
    ),
    Workload(
        "newton",
        "loops",
        newton,
        (0,),
        lambda random, n: (random.uniform(0.5, 8.0, n),),
        {"tiny": (4,), "n=100": (100,), "n=1000": (1000,)},
        compiled=True,
    ),
    Workload(
        "heat",
        "loops",
        heat,
        (0,),
        lambda random, n, steps: (random.random((n, n)), 0.2, steps),
        {"tiny": (6, 3), "64x64": (64, 100), "200x200": (200, 100)},
        compiled=True,
    ),
)
