"""Cases of the rules for `scipy.interpolate`."""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct.runtime import scipy_grids, scipy_interpolate, scipy_pieces
from tests.templates.drawn import Drawn

drawn = Drawn(53)
normal = drawn.normal
CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []
PLACES = np.array([0.0, 1.0, 2.0, 3.5, 4.0])
BETWEEN = np.array([0.3, 1.7, 3.2])


def case(function: Any, *args: Any, **keywords: Any) -> None:
    CASES.append((function, args, keywords))


for kind in ("not-a-knot", "natural", "clamped", 1, 2, 3, ("linear",), ("cubic",), ("nearest",)):
    case(scipy_interpolate.interpolated, kind, PLACES, normal(5), BETWEEN)
    case(scipy_interpolate.interpolated, kind, PLACES, normal(5), 0.7)
    case(scipy_interpolate.interpolated_back, kind, PLACES, normal(3), BETWEEN, normal(5))
    case(scipy_interpolate.interpolated_back, kind, PLACES, 1.3, 0.7, normal(5))
case(scipy_interpolate.interpolated, "not-a-knot", PLACES, normal(5, 2), BETWEEN)
case(scipy_interpolate.interpolated, "not-a-knot", PLACES, normal(5, 2), 0.7)
case(scipy_interpolate.interpolated, "not-a-knot", PLACES, normal(5), BETWEEN, 1)
case(scipy_interpolate.interpolated_back, "not-a-knot", PLACES, normal(3, 2), BETWEEN, normal(5, 2))
case(scipy_interpolate.as_vector, normal(3))
KNOTS = np.array([0.0, 0.0, 0.0, 0.0, 1.5, 4.0, 4.0, 4.0, 4.0])
case(scipy_interpolate.interpolated, ("knots", 3), KNOTS, normal(5), BETWEEN)
case(scipy_interpolate.interpolated_back, ("knots", 3), KNOTS, normal(3), BETWEEN, normal(5))
case(scipy_pieces.check_points, normal(5), PLACES)

# -- on a grid -------------------------------------------------------------------------------------------

AXES = (np.array([0.0, 1.0, 2.5]), np.array([-1.0, 0.5, 1.0, 3.0]))
INSIDE, BEYOND = np.array([[0.4, 0.7], [1.3, 2.2]]), np.array([[0.4, 0.7], [3.3, 2.2]])
for order in (0, 1, 2):
    g = normal(2, *[2] * order)
    case(scipy_grids.on_grid, AXES, normal(3, 4), INSIDE, "error", order)
    case(scipy_grids.on_grid_back, AXES, g, INSIDE, normal(3, 4), "error", order)
for outside in ("extrapolate", 2.5):
    case(scipy_grids.on_grid, AXES, normal(3, 4), BEYOND, outside)
    case(scipy_grids.on_grid_back, AXES, normal(2), BEYOND, normal(3, 4), outside)
case(scipy_grids.on_grid, AXES, normal(3, 4), INSIDE[None])
