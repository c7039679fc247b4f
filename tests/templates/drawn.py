"""Random numbers and matrices that cases are made of; each file of cases has a stream of its own."""

from __future__ import annotations

from typing import Any

import numpy as np


class Drawn:
    """A stream of random arrays.

    Args:
        seed: where it starts.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def normal(self, *shape: int) -> Any:
        """Numbers of either sign."""
        return self.rng.standard_normal(shape)

    def regular(self, n: int, *stack: int) -> Any:
        """Matrices far from singular ones."""
        return self.normal(*stack, n, n) + n * np.eye(n)

    def definite(self, n: int, *stack: int) -> Any:
        """Symmetric positive definite matrices."""
        m = self.normal(*stack, n, n)
        return m @ np.swapaxes(m, -1, -2) + n * np.eye(n)
