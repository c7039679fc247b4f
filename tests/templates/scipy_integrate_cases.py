"""Cases of the rules for `scipy.integrate`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import integrate

from tangent_sct.runtime import scipy_integrate
from tests.templates.drawn import Drawn

drawn = Drawn(47)
normal = drawn.normal
CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []


def case(function: Any, *args: Any, **keywords: Any) -> None:
    CASES.append((function, args, keywords))


def places(*shape: int) -> Any:
    """Numbers that rise along the last axis."""
    return np.cumsum(drawn.rng.uniform(0.3, 1.2, shape), axis=-1)


for rule in (integrate.trapezoid, integrate.cumulative_trapezoid):
    case(rule, normal(5))
    case(rule, normal(3, 4), axis=0)
    case(rule, normal(5), None, 0.3)
    case(rule, normal(3, 4), None, 0.3, 0)
    case(rule, normal(10)[::2], places(5))
    case(rule, normal(3, 4), places(4))
    case(rule, normal(2, 3, 4), places(3), axis=1)
    case(rule, normal(3, 4), places(3, 4))
    case(rule, normal(1), places(1))
for count in (2, 3, 4, 5, 6, 9):
    case(integrate.simpson, normal(count))
    case(integrate.simpson, normal(count, 2), dx=0.3, axis=0)
    case(integrate.simpson, normal(2, count), places(count))
    case(integrate.simpson, normal(2, count), x=places(2, count))
case(scipy_integrate.to_both_ends, normal(3))
case(scipy_integrate.to_ends_apart, normal(3, 2), 0)
case(scipy_integrate.neighbour_sums, normal(3, 2), 0)
case(scipy_integrate.widths, places(3), np.zeros((3, 2)), 0)
case(scipy_integrate.widths, places(2, 3), np.zeros((2, 3)))
case(scipy_integrate.widths_adjoint, normal(2, 3), places(4))
case(scipy_integrate.widths_adjoint, normal(2, 3), places(2, 4))
