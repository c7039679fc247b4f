"""Tries an installed tangent_sct: all templates are found, and gradients through them are right.

    python installed.py NUMBER_OF_TEMPLATE_FILES

Run it from an empty folder, so that nothing but the installation can be imported.
"""

from __future__ import annotations

import pkgutil
import sys

import numpy as np

import tangent_sct
from tangent_sct import templates


def energy(x, a):
    y = np.tanh(a @ x)
    for i in range(1, len(x)):
        y[i] = y[i] * x[i - 1]
    return np.sum(y * y)


def main() -> None:
    expected = int(sys.argv[1])
    subjects = [module.name for module in pkgutil.iter_modules(templates.__path__)]
    assert len(subjects) == expected, f"{len(subjects)} of {expected} templates: {subjects}"

    random = np.random.default_rng(0)
    x, a, direction = random.normal(size=4), random.normal(size=(4, 4)), random.normal(size=4)
    slope = tangent_sct.grad(energy)(x, a) @ direction
    step = 1e-6 * direction
    difference = (energy(x + step, a) - energy(x - step, a)) / 2e-6
    assert abs(slope - difference) < 1e-7 * abs(difference), (slope, difference)
    print(f"ok: {len(subjects)} templates beside {tangent_sct.__file__}")


if __name__ == "__main__":
    main()
