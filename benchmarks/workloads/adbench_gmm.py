"""Log-likelihood of a mixture of Gaussians, the first problem of ADBench.

Parameters of K components in d dimensions: weights alpha (K), means (K, d), logarithms q of the diagonals
of the square roots of the inverse covariances (K, d), and what stands below these diagonals, column by
column, `below` (K, d (d - 1) / 2). A Wishart prior with parameters gamma and m is added.
"""

from __future__ import annotations

import math

import numpy as np

from workloads.workload import Workload


def gmm(alphas, means, q, below, x, gamma, m):
    """The likelihood, vectorised over points, a component at a time."""
    n, d = x.shape
    k = len(alphas)
    rows, columns = np.tril_indices(d, -1)
    order = np.lexsort((rows, columns))
    rows, columns = rows[order], columns[order]
    exponents = np.zeros((n, k))
    for i in range(k):
        factor = np.diag(np.exp(q[i]))
        factor[rows, columns] = below[i]
        moved = (x - means[i]) @ factor.T
        exponents[:, i] = alphas[i] + np.sum(q[i]) - 0.5 * np.sum(moved * moved, axis=1)
    top = np.max(exponents, axis=1)
    likelihood = np.sum(top + np.log(np.sum(np.exp(exponents - top[:, None]), axis=1)))
    high = np.max(alphas)
    shift = n * (high + np.log(np.sum(np.exp(alphas - high))))
    prior = 0.5 * gamma * gamma * (np.sum(np.exp(2.0 * q)) + np.sum(below * below)) - m * np.sum(q)
    return likelihood - shift - 0.5 * n * d * math.log(2.0 * math.pi) + prior


def gmm_loops(alphas, means, q, below, x, gamma, m):
    """The likelihood in loops over points, components and dimensions."""
    n, d = x.shape
    k = len(alphas)
    diagonals = np.exp(q)
    moved = np.zeros(d)
    exponents = np.zeros(k)
    likelihood = 0.0
    for p in range(n):
        for i in range(k):
            for r in range(d):
                moved[r] = diagonals[i, r] * (x[p, r] - means[i, r])
            place = 0
            for c in range(d - 1):
                difference = x[p, c] - means[i, c]
                for r in range(c + 1, d):
                    moved[r] += below[i, place] * difference
                    place += 1
            square = 0.0
            trace = 0.0
            for r in range(d):
                square += moved[r] * moved[r]
                trace += q[i, r]
            exponents[i] = alphas[i] + trace - 0.5 * square
        top = exponents[0]
        for i in range(1, k):
            top = max(top, exponents[i])
        total = 0.0
        for i in range(k):
            total += np.exp(exponents[i] - top)
        likelihood += top + np.log(total)
    weights = 0.0
    prior = 0.0
    for i in range(k):
        weights += np.exp(alphas[i])
        for r in range(d):
            prior += 0.5 * gamma * gamma * diagonals[i, r] * diagonals[i, r] - m * q[i, r]
        for place in range(below.shape[1]):
            prior += 0.5 * gamma * gamma * below[i, place] * below[i, place]
    return likelihood - n * np.log(weights) - 0.5 * n * d * math.log(2.0 * math.pi) + prior


def _data(random, d, k, n):
    """Points of a standard normal distribution, parameters of random components."""
    means = random.uniform(size=(k, d))
    below = random.normal(size=(k, d * (d - 1) // 2)) / d
    return random.normal(size=k), means, 0.5 * random.normal(size=(k, d)), below, random.normal(size=(n, d)), 1.0, 0


SIZES = {
    "tiny": (3, 2, 4),
    "d=10 K=25 n=1000": (10, 25, 1000),
    "d=64 K=50 n=1000": (64, 50, 1000),
    "d=10 K=25 n=10000": (10, 25, 10000),
    "d=64 K=50 n=10000": (64, 50, 10000),
}

WORKLOADS = (
    Workload("gmm", "adbench", gmm, (0, 1, 2, 3), _data, SIZES),
    Workload("gmm_loops", "adbench", gmm_loops, (0, 1, 2, 3), _data, SIZES, compiled=True, problem="gmm"),
)
