"""Bundle adjustment, the second problem of ADBench: reprojection errors of points seen by cameras.

A camera has eleven parameters: a rotation vector, a centre, a focal length, a principal point and two
coefficients of radial distortion. With a point (3) and the weight of the observation (1) each observation
depends on fifteen numbers, and its Jacobian is a block of 2 x 15. So the argument has one row of fifteen for
each observation, gathered before; scattering the blocks into a sparse matrix is no differentiation.
"""

from __future__ import annotations

import math

import numpy as np

from workloads.workload import Workload


def ba(rows, features):
    """All errors at once, in columns."""
    r0, r1, r2 = rows[:, 0], rows[:, 1], rows[:, 2]
    x = rows[:, 11] - rows[:, 3]
    y = rows[:, 12] - rows[:, 4]
    z = rows[:, 13] - rows[:, 5]
    angle = np.sqrt(r0 * r0 + r1 * r1 + r2 * r2)
    cosine, sine = np.cos(angle), np.sin(angle)
    w0, w1, w2 = r0 / angle, r1 / angle, r2 / angle
    along = (w0 * x + w1 * y + w2 * z) * (1.0 - cosine)
    px = x * cosine + (w1 * z - w2 * y) * sine + w0 * along
    py = y * cosine + (w2 * x - w0 * z) * sine + w1 * along
    pz = z * cosine + (w0 * y - w1 * x) * sine + w2 * along
    u, v = px / pz, py / pz
    square = u * u + v * v
    scale = rows[:, 6] * (1.0 + rows[:, 9] * square + rows[:, 10] * square * square)
    errors = np.empty(features.shape)
    errors[:, 0] = rows[:, 14] * (scale * u + rows[:, 7] - features[:, 0])
    errors[:, 1] = rows[:, 14] * (scale * v + rows[:, 8] - features[:, 1])
    return errors


def rotated(r, p):
    """A point turned by a rotation vector, by Rodrigues' formula."""
    square = r[0] * r[0] + r[1] * r[1] + r[2] * r[2]
    if square == 0.0:
        return np.array([
            p[0] + r[1] * p[2] - r[2] * p[1],
            p[1] + r[2] * p[0] - r[0] * p[2],
            p[2] + r[0] * p[1] - r[1] * p[0],
        ])
    angle = math.sqrt(square)
    cosine = math.cos(angle)
    sine = math.sin(angle)
    w0 = r[0] / angle
    w1 = r[1] / angle
    w2 = r[2] / angle
    along = (w0 * p[0] + w1 * p[1] + w2 * p[2]) * (1.0 - cosine)
    return np.array([
        p[0] * cosine + (w1 * p[2] - w2 * p[1]) * sine + w0 * along,
        p[1] * cosine + (w2 * p[0] - w0 * p[2]) * sine + w1 * along,
        p[2] * cosine + (w0 * p[1] - w1 * p[0]) * sine + w2 * along,
    ])


def ba_loops(rows, features):
    """The errors, one observation after the other, with small vectors."""
    n = len(features)
    errors = np.empty((n, 2))
    for i in range(n):
        p = rotated(rows[i, :3], rows[i, 11:14] - rows[i, 3:6])
        u = p[0] / p[2]
        v = p[1] / p[2]
        square = u * u + v * v
        scale = rows[i, 6] * (1.0 + rows[i, 9] * square + rows[i, 10] * square * square)
        errors[i, 0] = rows[i, 14] * (scale * u + rows[i, 7] - features[i, 0])
        errors[i, 1] = rows[i, 14] * (scale * v + rows[i, 8] - features[i, 1])
    return errors


def _data(random, n):
    """Cameras that look at points in front of them."""
    rows = np.empty((n, 15))
    rows[:, :3] = 0.3 * random.normal(size=(n, 3))
    rows[:, 3:6] = random.normal(size=(n, 3))
    rows[:, 6] = random.uniform(400.0, 800.0, n)
    rows[:, 7:9] = random.normal(size=(n, 2))
    rows[:, 9:11] = 0.05 * random.normal(size=(n, 2))
    rows[:, 11:13] = random.normal(size=(n, 2))
    rows[:, 13] = random.uniform(6.0, 12.0, n)
    rows[:, 14] = random.uniform(0.5, 1.5, n)
    return rows, 100.0 * random.normal(size=(n, 2))


SIZES = {"tiny": (4,), "31843 observations": (31843,), "225911 observations": (225911,)}

WORKLOADS = (
    Workload("ba", "adbench", ba, (0,), _data, SIZES, "rows"),
    Workload("ba_loops", "adbench", ba_loops, (0,), _data, SIZES, "rows", compiled=True, problem="ba"),
)
