"""What differences say of the derivatives of workloads.

A derivative is a tuple of arrays, one for each differentiated argument; a Jacobian, or the rows of several
results, is a tuple of one array.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from workloads.workload import Workload


def error(workload: Workload, arguments: tuple[Any, ...], result: tuple[Any, ...], step: float = 1e-6) -> float:
    """Relative error of a derivative along a random direction, by central differences of order four."""
    random = np.random.default_rng(1)
    directions = [random.normal(size=np.shape(arguments[place])) for place in workload.wrt]

    def moved(distance: float) -> Any:
        changed = list(arguments)
        for place, direction in zip(workload.wrt, directions, strict=True):
            changed[place] = changed[place] + distance * direction
        return np.asarray(workload.function(*changed), dtype=float)

    wide = moved(2 * step) - moved(-2 * step)
    expected = (8 * (moved(step) - moved(-step)) - wide) / (12 * step)
    slope = along(workload, result, directions)
    return float(np.max(np.abs(slope - expected)) / np.max(np.abs(expected)))


def along(workload: Workload, result: tuple[Any, ...], directions: list[Any]) -> Any:
    """What a derivative says of the change in some direction."""
    parts = [np.asarray(part, dtype=float) for part in result]
    if workload.derivative == "gradient":
        return np.float64(sum(np.sum(part * d) for part, d in zip(parts, directions, strict=True)))
    (jacobian,), (direction,) = parts, directions
    if workload.derivative == "rows":
        return np.einsum("ikj,ij->ik", jacobian, direction)
    return jacobian @ direction


def distance(result: tuple[Any, ...], reference: tuple[Any, ...]) -> float:
    """The largest difference of two derivatives, relative to the largest entry."""
    pairs = [
        (np.asarray(a, dtype=float), np.asarray(b, dtype=float)) for a, b in zip(result, reference, strict=True)
    ]
    if any(a.shape != b.shape for a, b in pairs):
        return float("inf")
    size = max(float(np.max(np.abs(b))) for _, b in pairs)
    return max(float(np.max(np.abs(a - b))) for a, b in pairs) / size
