"""Linear algebra by loops over elements."""

from __future__ import annotations

import numpy as np

from workloads.workload import Workload


def lu(a):
    """The logarithm of a determinant, by elimination in place."""
    a = a.copy()
    n = a.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            for j in range(k + 1, n):
                a[i, j] -= a[i, k] * a[k, j]
    total = 0.0
    for k in range(n):
        total += np.log(a[k, k])
    return total


def cholesky(a):
    """The logarithm of a determinant, by the factor of a symmetric matrix."""
    n = a.shape[0]
    factor = np.zeros((n, n))
    for j in range(n):
        for i in range(j, n):
            s = a[i, j]
            for k in range(j):
                s -= factor[i, k] * factor[j, k]
            if i == j:
                factor[i, j] = np.sqrt(s)
            else:
                factor[i, j] = s / factor[j, j]
    total = 0.0
    for j in range(n):
        total += np.log(factor[j, j])
    return 2.0 * total


def triangular_solve(a, b):
    """The length of the solution of a lower triangular system."""
    n = len(b)
    x = np.zeros(n)
    for i in range(n):
        s = b[i]
        for j in range(i):
            s -= a[i, j] * x[j]
        x[i] = s / a[i, i]
    total = 0.0
    for i in range(n):
        total += x[i] * x[i]
    return total


def _definite(random, n):
    """A positive definite matrix, well conditioned."""
    a = random.normal(size=(n, n))
    return (a @ a.T / n + np.eye(n),)


SIZES = {"tiny": (5,), "n=50": (50,), "n=200": (200,)}

WORKLOADS = (
    Workload("lu", "loops", lu, (0,), _definite, SIZES, compiled=True),
    Workload("cholesky", "loops", cholesky, (0,), _definite, SIZES, compiled=True),
    Workload(
        "triangular_solve",
        "loops",
        triangular_solve,
        (0, 1),
        lambda random, n: (random.normal(size=(n, n)) / n + 2.0 * np.eye(n), random.normal(size=n)),
        SIZES,
        compiled=True,
    ),
)
