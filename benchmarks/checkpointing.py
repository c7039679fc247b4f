"""Memory against time of checkpointed loops: `python -m benchmarks.checkpointing` prints the tables of the docs.

Time is the best of three runs, in CPU seconds, against a run of the function itself. Memory is the peak that
`tracemalloc` sees during another run.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from tangent_sct import grad


def lorenz(x, y, z, n, dt):  # type: ignore[no-untyped-def]
    """The Lorenz equations by Euler's method: a state of three numbers."""
    for _t in range(n):
        dx, dy, dz = 10.0 * (y - x), x * (28.0 - z) - y, x * y - 8.0 / 3.0 * z
        x, y, z = x + dt * dx, y + dt * dy, z + dt * dz
    return x + y + z


def burgers(u, dt, n):  # type: ignore[no-untyped-def]
    """Burgers' equation with two buffers: a state of two arrays."""
    new = np.zeros_like(u)
    for _t in range(n):
        new[1:-1] = u[1:-1] - dt * u[1:-1] * (u[2:] - u[:-2]) + dt * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        u, new = new, u
    return np.sum(u * u)


def seconds(run: Callable[..., Any], args: tuple[Any, ...]) -> float:
    """CPU seconds of a run, the best of three."""
    found = []
    for _ in range(3):
        start = time.process_time()
        run(*args)
        found.append(time.process_time() - start)
    return min(found)


def peak(run: Callable[..., Any], args: tuple[Any, ...]) -> int:
    """The most bytes that a run holds at a time."""
    tracemalloc.start()
    run(*args)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def table(function: Callable[..., Any], args: tuple[Any, ...], limits: tuple[int | str | None, ...]) -> None:
    """Print one table."""
    own = seconds(function, args)
    print("| `checkpoint=` | memory | time | of the function's |")
    print("|---|---|---|---|")
    for limit in limits:
        run = grad(function, checkpoint=limit)
        taken, held = seconds(run, args), peak(run, args)
        print(f"| `{limit!r}` | {held / 1e6:.3g} MB | {taken:.2f} s | {taken / own:.1f} |")
    print()


if __name__ == "__main__":
    table(lorenz, (1.0, 2.0, 3.0, 100_000, 1e-5), (None, 200, 50, 20, 10))
    table(burgers, (np.sin(np.linspace(0.0, 3.0, 10_000)), 0.1, 500), (None, 100, 50, 20, 10, 5, "8 MB"))
