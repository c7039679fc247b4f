"""How the end of a long loop depends on where it began: the Lorenz system, compiled by Numba if that is installed.

    python examples/lorenz.py
"""

from __future__ import annotations

import importlib.util
import time

from tangent_sct import value_and_grad

STEPS = 2_000


def distance(x, y, z, rho, steps):
    """How far from the origin the Lorenz system is after some steps of Heun's method."""
    h = 0.005
    for _ in range(steps):
        dx, dy, dz = 10.0 * (y - x), x * (rho - z) - y, x * y - 8.0 / 3.0 * z
        u, v, w = x + h * dx, y + h * dy, z + h * dz
        x += h / 2 * (dx + 10.0 * (v - u))
        y += h / 2 * (dy + u * (rho - w) - v)
        z += h / 2 * (dz + u * v - 8.0 / 3.0 * w)
    return x * x + y * y + z * z


def main() -> None:
    has_numba = importlib.util.find_spec("numba") is not None
    backends = ("numpy", "numba") if has_numba else ("numpy",)
    for backend in backends:
        derivative = value_and_grad(distance, wrt=("x", "y", "z", "rho"), backend=backend)
        milliseconds = []
        for _ in range(4):
            start = time.perf_counter()
            value, gradient = derivative(1.0, 1.0, 20.0, 14.0, STEPS)
            milliseconds.append(1e3 * (time.perf_counter() - start))
        numbers = ", ".join(f"{number:.6g}" for number in gradient)
        print(f"backend {backend}: value {value:.8g}, gradient ({numbers})")
        print(f"    first call {milliseconds[0]:.1f} ms, afterwards {min(milliseconds):.3f} ms")
    if not has_numba:
        print("With Numba, the same text is compiled: pip install numba")


if __name__ == "__main__":
    main()
