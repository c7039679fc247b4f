"""Hand tracking without free correspondences, the fourth problem of ADBench (its simple variant).

The pose of a hand has 26 parameters: a rotation and a translation of the whole, and four angles a finger. They
turn 22 bones against each other; the skin follows the bones by fixed weights. What is asked for is the
Jacobian of the distances between points and the places on the skin that they belong to.
"""

from __future__ import annotations

import numpy as np

from workloads.workload import Workload

BONES = 22


def turned(angles):
    """A rotation by three angles, about x, then y, then z, as a 4 x 4 matrix."""
    cx, sx = np.cos(angles[0]), np.sin(angles[0])
    cy, sy = np.cos(angles[1]), np.sin(angles[1])
    cz, sz = np.cos(angles[2]), np.sin(angles[2])
    turn = np.zeros((4, 4))
    turn[0, 0] = cy * cz
    turn[0, 1] = sx * sy * cz - cx * sz
    turn[0, 2] = cx * sy * cz + sx * sz
    turn[1, 0] = cy * sz
    turn[1, 1] = sx * sy * sz + cx * cz
    turn[1, 2] = cx * sy * sz - sx * cz
    turn[2, 0] = -sy
    turn[2, 1] = sx * cy
    turn[2, 2] = cx * cy
    turn[3, 3] = 1.0
    return turn


def about(vector):
    """A rotation by a rotation vector, as a 3 x 3 matrix."""
    angle = np.sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2])
    x, y, z = vector[0] / angle, vector[1] / angle, vector[2] / angle
    s, c = np.sin(angle), np.cos(angle)
    turn = np.zeros((3, 3))
    turn[0, 0] = x * x + (1.0 - x * x) * c
    turn[0, 1] = x * y * (1.0 - c) - z * s
    turn[0, 2] = x * z * (1.0 - c) + y * s
    turn[1, 0] = x * y * (1.0 - c) + z * s
    turn[1, 1] = y * y + (1.0 - y * y) * c
    turn[1, 2] = y * z * (1.0 - c) - x * s
    turn[2, 0] = x * z * (1.0 - c) - y * s
    turn[2, 1] = z * y * (1.0 - c) + x * s
    turn[2, 2] = z * z + (1.0 - z * z) * c
    return turn


def angles_of(theta):
    """The angles of each bone: the root and the wrist have none, each finger has four."""
    angles = np.zeros((BONES, 3))
    place = 6
    for finger in range(5):
        first = 2 + 4 * finger
        angles[first, 0] = theta[place]
        angles[first, 1] = theta[place + 1]
        angles[first + 1, 0] = theta[place + 2]
        angles[first + 2, 0] = theta[place + 3]
        place += 4
    return angles


def hand(theta, parents, bases, inverses, weights, skin, points):
    """The distances, with skinning as products of matrices."""
    angles = angles_of(theta)
    absolutes = np.zeros((BONES, 4, 4))
    moved = np.zeros((3, skin.shape[1]))
    for i in range(BONES):
        relative = bases[i] @ turned(angles[i])
        if parents[i] < 0:
            absolutes[i] = relative
        else:
            absolutes[i] = absolutes[parents[i]] @ relative
        moved += ((absolutes[i] @ inverses[i])[:3] @ skin) * weights[i]
    return points - (about(theta[:3]) @ moved + theta[3:6, None])


def hand_loops(theta, parents, bases, inverses, weights, skin, points):
    """The distances in loops over bones, points and coordinates."""
    angles = angles_of(theta)
    absolutes = np.zeros((BONES, 4, 4))
    transform = np.zeros((4, 4))
    n = skin.shape[1]
    moved = np.zeros((3, n))
    for i in range(BONES):
        turn = turned(angles[i])
        for r in range(4):
            for c in range(4):
                total = 0.0
                for k in range(4):
                    total += bases[i, r, k] * turn[k, c]
                transform[r, c] = total
        if parents[i] < 0:
            for r in range(4):
                for c in range(4):
                    absolutes[i, r, c] = transform[r, c]
        else:
            for r in range(4):
                for c in range(4):
                    total = 0.0
                    for k in range(4):
                        total += absolutes[parents[i], r, k] * transform[k, c]
                    absolutes[i, r, c] = total
        for r in range(4):
            for c in range(4):
                total = 0.0
                for k in range(4):
                    total += absolutes[i, r, k] * inverses[i, k, c]
                transform[r, c] = total
        for p in range(n):
            for r in range(3):
                total = 0.0
                for k in range(4):
                    total += transform[r, k] * skin[k, p]
                moved[r, p] += total * weights[i, p]
    turn = about(theta[:3])
    errors = np.empty((3, n))
    for p in range(n):
        for r in range(3):
            total = theta[3 + r]
            for k in range(3):
                total += turn[r, k] * moved[k, p]
            errors[r, p] = points[r, p] - total
    return errors


def _data(random, n):
    """Five fingers of four bones on a wrist, with skin at random places."""
    fingers = [1 if bone == 0 else 4 * finger + bone + 1 for finger in range(5) for bone in range(4)]
    parents = np.array([-1, 0, *fingers])
    bases = np.zeros((BONES, 4, 4))
    inverses = np.zeros((BONES, 4, 4))
    absolutes = np.zeros((BONES, 4, 4))
    for i in range(BONES):
        bases[i] = turned(0.2 * random.normal(size=3))
        bases[i, :3, 3] = random.normal(size=3)
        absolutes[i] = bases[i] if parents[i] < 0 else absolutes[parents[i]] @ bases[i]
        inverses[i] = np.linalg.inv(absolutes[i])
    weights = random.random((BONES, n)) ** 8
    skin = np.ones((4, n))
    skin[:3] = random.normal(size=(3, n))
    theta = 0.3 * random.normal(size=26)
    return theta, parents, bases, inverses, weights / weights.sum(axis=0), skin, random.normal(size=(3, n))


SIZES = {"tiny": (3,), "100 points": (100,), "544 points": (544,)}

WORKLOADS = (
    Workload("hand", "adbench", hand, (0,), _data, SIZES, "jacobian"),
    Workload("hand_loops", "adbench", hand_loops, (0,), _data, SIZES, "jacobian", compiled=True, problem="hand"),
)
