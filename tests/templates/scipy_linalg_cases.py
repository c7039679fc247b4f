"""Cases of the rules for `scipy.linalg`."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

rng = np.random.default_rng(40)
CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []


def case(function: Any, *args: Any, **keywords: Any) -> None:
    CASES.append((function, args, keywords))


def normal(*shape: int) -> Any:
    return rng.standard_normal(shape)


def regular(n: int, *stack: int) -> Any:
    """Matrices far from singular ones."""
    return normal(*stack, n, n) + n * np.eye(n)


case(scipy.linalg.solve_sylvester, regular(3), regular(2), normal(3, 2))
