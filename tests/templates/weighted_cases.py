"""Sums by number, polynomials, methods of ufuncs, interpolation, spectra."""

from __future__ import annotations

import numpy as np

from tangent_sct.runtime import (
    after,
    before,
    bessel_i,
    polyval_adjoint,
    quantile_ranks,
    recurrence,
    recurrence_back,
    spread_segments,
    within_one,
)
from tests.templates.cases import (
    A34,
    B34,
    between,
    case,
    knots,
    normal,
    positive,
    v3,
    v4,
    w3,
    with_zero,
)

case(np.bincount, np.array([1, 0, 1, 3]), v4)
case(np.bincount, np.array([1, 0, 1, 3]), v4, 6)
w4 = normal(4)
case(recurrence, v4, w4)
case(recurrence, with_zero, B34, 1)
case(recurrence_back, v4, w4)
case(recurrence_back, with_zero, B34, 0)
case(before, A34, 1)
case(after, A34, 0)
case(quantile_ranks, 0.3, v4)
case(quantile_ranks, np.array([0.2, 0.7]), A34, "hazen")
case(within_one, between(3))
case(polyval_adjoint, v3, w3, v4)
case(bessel_i, v4, 1)
case(spread_segments, v3, v4, [0, 2, 1])
case(np.polyval, v4, w3)
case(np.polyval, v4, 0.3)
case(np.polyval, v4, A34)
case(np.polyder, v4)
case(np.polyint, v4)
case(np.polymul, v4, v3)
case(np.polymul, np.array([2.0, 1]), v3)
case(np.vander, v3)
case(np.vander, v3, 5)
case(np.vander, v3, 4, increasing=True)
case(np.i0, v4)
case(np.i0, 0.7)
case(np.i0, 5 * A34)
case(np.kaiser, 5, 1.3)
case(np.logspace, 0.2, 1.1, 5)
case(np.logspace, 0.2, 1.1, 5, endpoint=False, base=2.0)
case(np.geomspace, 0.2, 1.1, 4)
case(np.geomspace, -0.2, -1.1, 4, endpoint=False)
case(np.frexp, v4)
case(np.nextafter, v4, w3[0])
for f in (np.multiply.reduce, np.maximum.reduce, np.minimum.reduce, np.logaddexp.reduce, np.add.reduce):
    case(f, A34)
    case(f, A34, axis=1)
    case(f, A34, axis=-1, keepdims=True)
case(np.add.reduce, A34, where=A34 > 0)
case(np.add.reduce, A34, initial=0.4)
for f in (
    np.add.outer,
    np.subtract.outer,
    np.multiply.outer,
    np.divide.outer,
    np.maximum.outer,
    np.minimum.outer,
    np.hypot.outer,
    np.arctan2.outer,
    np.logaddexp.outer,
):
    case(f, v3, v4)
    case(f, A34, v3)
case(np.power.outer, positive(3), v4)
case(np.add.reduceat, v4, [0, 2])
case(np.add.reduceat, v4, [0, 2, 1, 3])
case(np.add.reduceat, A34, [0, 2, 1], axis=1)
for f in (np.multiply.reduceat, np.maximum.reduceat, np.minimum.reduceat, np.logaddexp.reduceat):
    case(f, v4, [0, 2, 1, 3])
    case(f, A34, [0, 2, 1], axis=-1)
case(np.interp, np.array([0.3, 1.2, 2.9, -1.0, 4.0]), knots, v4, 0.5, 0.7)
case(np.interp, np.array([0.3, 1.2, 2.9, -1.0, 4.0]), knots, v4, right=0.7)
case(np.interp, np.array([0.3, 1.2, 2.9, -1.0, 4.0]), knots, v4, period=3.5)
for m in ("full", "same", "valid"):
    case(np.correlate, v4, v3, m)
    case(np.correlate, v3, normal(5), m)
    case(np.correlate, v4, np.array([1.5, 2.0]), m)
    case(np.correlate, np.array([1.5, 2.0]), v4, m)
case(np.fft.rfft2, A34)
case(np.fft.irfft2, A34 + 0j)
case(np.fft.hfft, v4 + 0j)
case(np.fft.hfft, v4 + 0j, 5)
case(np.fft.ihfft, v4)
case(np.fft.ihfft, A34, 3, axis=0)
case(np.correlate, np.array([1.5, 2.0]), v4, "same")
case(np.correlate, v4, np.array([1.5, 2.0]), "same")
