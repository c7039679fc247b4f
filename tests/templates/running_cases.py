"""Running products and extrema, differences, slopes and areas."""

from __future__ import annotations

import numpy as np

from tests.templates.cases import A34, B34, T234, case, normal, v3, v4, w3, with_zero

nn = np.array([[1.5, np.nan, 0.3, 2.0], [0.5, 2.0, 1.1, 0.2], [0.55, 2.5, 1.0, np.nan]])

z5 = np.array([1.5, 0.0, -2.0, 0.0, 0.5])
case(np.cumprod, v4)
case(np.cumprod, A34)
case(np.cumprod, A34, 1)
case(np.cumprod, T234, axis=-2)
case(np.cumprod, z5)
case(np.cumprod, with_zero, axis=1)
case(np.cumprod, np.asarray(v4, "f4"), dtype=float)
for f in (
    np.add.accumulate, np.multiply.accumulate, np.maximum.accumulate, np.minimum.accumulate, np.logaddexp.accumulate,
):
    case(f, v4)
    case(f, A34)
    case(f, A34, 1)
case(np.cumulative_sum, v4)
case(np.cumulative_sum, A34, axis=1, include_initial=True)
case(np.cumulative_prod, A34, axis=0, include_initial=True)
case(np.cumulative_prod, v4)
case(np.nancumprod, nn, axis=1)
case(np.nancumsum, nn)
case(np.diff, v4, 2)
case(np.diff, A34, n=2, axis=0)
case(np.diff, T234, 3, 2)
case(np.diff, v4, prepend=0.3)
case(np.diff, A34, prepend=0.3, append=B34[:, :1])
case(np.diff, A34, axis=0, append=1.0)
case(np.ediff1d, v4)
case(np.ediff1d, A34, 0.3, v3)
case(np.ediff1d, v4, to_begin=0.3)
case(np.unwrap, 5 * v4)
case(np.unwrap, 5 * A34, axis=0)
case(np.unwrap, 5 * v4, period=3.0)
case(np.trapezoid, v4)
case(np.trapezoid, A34, axis=0)
case(np.trapezoid, A34, v4)
case(np.trapezoid, A34, B34, axis=0)
case(np.trapezoid, A34, dx=0.3)
case(np.trapezoid, T234, v3, axis=1)
case(np.gradient, v4)
case(np.gradient, v4, 0.5)
case(np.gradient, v4, np.sort(w3.tolist() + [9.0]))
case(np.gradient, A34)
case(np.gradient, A34, axis=1)
case(np.gradient, A34, 0.3, axis=-1, edge_order=2)
case(np.gradient, A34, 0.3, np.array([0.0, 0.5, 2, 3]), edge_order=2)
case(np.gradient, T234)
case(np.gradient, normal(3, 4, 3), 0.2, 0.3, 0.4)
case(np.gradient, A34, 0.3)
