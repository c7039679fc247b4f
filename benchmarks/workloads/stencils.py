"""Stencils by slices, in the manner of PolyBench."""

from __future__ import annotations

import numpy as np

from workloads.workload import Workload


def jacobi_1d(a, b, steps):
    """Averages of three neighbours, to and fro between two arrays."""
    a, b = a.copy(), b.copy()
    for _ in range(steps):
        b[1:-1] = 0.33333 * (a[:-2] + a[1:-1] + a[2:])
        a[1:-1] = 0.33333 * (b[:-2] + b[1:-1] + b[2:])
    return np.sum(a * a)


def jacobi_2d(a, b, steps):
    """Averages of five neighbours, to and fro between two arrays."""
    a, b = a.copy(), b.copy()
    for _ in range(steps):
        b[1:-1, 1:-1] = 0.2 * (a[1:-1, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:] + a[2:, 1:-1] + a[:-2, 1:-1])
        a[1:-1, 1:-1] = 0.2 * (b[1:-1, 1:-1] + b[1:-1, :-2] + b[1:-1, 2:] + b[2:, 1:-1] + b[:-2, 1:-1])
    return np.sum(a * a)


def heat_3d(a, b, steps):
    """Diffusion in a cube."""
    a, b = a.copy(), b.copy()
    for _ in range(steps):
        b[1:-1, 1:-1, 1:-1] = (
            0.125 * (a[2:, 1:-1, 1:-1] - 2.0 * a[1:-1, 1:-1, 1:-1] + a[:-2, 1:-1, 1:-1])
            + 0.125 * (a[1:-1, 2:, 1:-1] - 2.0 * a[1:-1, 1:-1, 1:-1] + a[1:-1, :-2, 1:-1])
            + 0.125 * (a[1:-1, 1:-1, 2:] - 2.0 * a[1:-1, 1:-1, 1:-1] + a[1:-1, 1:-1, :-2])
            + a[1:-1, 1:-1, 1:-1]
        )
        a[1:-1, 1:-1, 1:-1] = (
            0.125 * (b[2:, 1:-1, 1:-1] - 2.0 * b[1:-1, 1:-1, 1:-1] + b[:-2, 1:-1, 1:-1])
            + 0.125 * (b[1:-1, 2:, 1:-1] - 2.0 * b[1:-1, 1:-1, 1:-1] + b[1:-1, :-2, 1:-1])
            + 0.125 * (b[1:-1, 1:-1, 2:] - 2.0 * b[1:-1, 1:-1, 1:-1] + b[1:-1, 1:-1, :-2])
            + b[1:-1, 1:-1, 1:-1]
        )
    return np.sum(a * a)


def fdtd_2d(ex, ey, hz, source):
    """Electromagnetic waves in two dimensions, driven at one border."""
    ex, ey, hz = ex.copy(), ey.copy(), hz.copy()
    for t in range(len(source)):
        ey[0, :] = source[t]
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])
    return np.sum(hz * hz)


def adi(u, steps):
    """Diffusion by alternating directions: tridiagonal systems along columns, then along rows."""
    u = u.copy()
    n = u.shape[0]
    v = np.zeros((n, n))
    p = np.zeros((n, n))
    q = np.zeros((n, n))
    b1 = 2.0 * n * n / (steps * n * n)
    b2 = n * n / (steps * n * n)
    a, b, c = -b1 / 2.0, 1.0 + b1, -b1 / 2.0
    d, e, f = -b2 / 2.0, 1.0 + b2, -b2 / 2.0
    for _ in range(steps):
        v[0, 1:-1] = 1.0
        p[1:-1, 0] = 0.0
        q[1:-1, 0] = v[0, 1:-1]
        for j in range(1, n - 1):
            p[1:-1, j] = -c / (a * p[1:-1, j - 1] + b)
            q[1:-1, j] = (
                -d * u[j, :-2] + (1.0 + 2.0 * d) * u[j, 1:-1] - f * u[j, 2:] - a * q[1:-1, j - 1]
            ) / (a * p[1:-1, j - 1] + b)
        v[n - 1, 1:-1] = 1.0
        for j in range(n - 2, 0, -1):
            v[j, 1:-1] = p[1:-1, j] * v[j + 1, 1:-1] + q[1:-1, j]
        u[1:-1, 0] = 1.0
        p[1:-1, 0] = 0.0
        q[1:-1, 0] = u[1:-1, 0]
        for j in range(1, n - 1):
            p[1:-1, j] = -f / (d * p[1:-1, j - 1] + e)
            q[1:-1, j] = (
                -a * v[:-2, j] + (1.0 + 2.0 * a) * v[1:-1, j] - c * v[2:, j] - d * q[1:-1, j - 1]
            ) / (d * p[1:-1, j - 1] + e)
        u[1:-1, n - 1] = 1.0
        for j in range(n - 2, 0, -1):
            u[1:-1, j] = p[1:-1, j] * u[1:-1, j + 1] + q[1:-1, j]
    return np.sum(u * u)


def _pair(random, n, rank, steps):
    return random.random((n,) * rank), random.random((n,) * rank), steps


def _waves(random, n, steps):
    return random.random((n, n)), random.random((n, n)), random.random((n, n)), random.random(steps)


WORKLOADS = (
    Workload(
        "jacobi_1d", "kernels", jacobi_1d, (0, 1), _pair,
        {"tiny": (8, 1, 3), "S": (1000, 1, 100), "M": (20000, 1, 100)}, compiled=True,
    ),
    Workload(
        "jacobi_2d", "kernels", jacobi_2d, (0, 1), _pair,
        {"tiny": (6, 2, 3), "S": (60, 2, 50), "M": (250, 2, 50)}, compiled=True,
    ),
    Workload(
        "heat_3d", "kernels", heat_3d, (0, 1), _pair,
        {"tiny": (5, 3, 2), "S": (20, 3, 20), "M": (50, 3, 20)}, compiled=True,
    ),
    Workload(
        "fdtd_2d", "kernels", fdtd_2d, (0, 1, 2, 3), _waves,
        {"tiny": (5, 3), "S": (60, 50), "M": (250, 50)}, compiled=True,
    ),
    Workload(
        "adi", "kernels", adi, (0,), lambda random, n, steps: (random.random((n, n)), steps),
        {"tiny": (6, 2), "S": (50, 10), "M": (200, 10)}, compiled=True,
    ),
)
