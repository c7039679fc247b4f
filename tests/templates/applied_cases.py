"""Polynomials, grids, gamma functions, spectra in several dimensions, and functions that call others."""

from __future__ import annotations

import cmath
import math
import statistics

import numpy as np

from tangent_sct import runtime
from tests.templates.cases import A34, B34, T234, case, normal, v3, v4, w3, zero_d

# -- polynomials ----------------------------------------------------------------------------------------

case(np.polyadd, v4, v3)
case(np.polyadd, v3, v4)
case(np.polysub, v4, v3)
case(np.polysub, v3, 1.5)
case(np.poly, v3)
case(np.roots, np.array([1.0, -3.0, 0.5, 2.0]))
for y in (v4, normal(4, 2)):
    case(np.polyfit, np.array([0.1, 0.7, 1.3, 2.2]), y, 2)
case(runtime.simple_zeros, v3)

# -- grids ----------------------------------------------------------------------------------------------

case(np.meshgrid, v3, v4)
case(np.meshgrid, v3, v4, w3)
case(np.meshgrid, 1.5, v4)
case(np.dsplit, T234, 2)
case(np.dsplit, T234, [1, 2])
case(np.matvec, A34, v4)
case(np.matvec, T234, v4)
case(np.matvec, T234, normal(2, 4))
case(np.vecmat, v3, A34)
case(np.vecmat, v3, T234)
case(np.asarray_chkfinite, A34)
case(np.unique_values, v4)
case(np.ndarray.tolist, v4)
case(np.ndarray.tolist, A34)
if "row_stack" in dir(np):
    case(np.row_stack, [v3, w3])

# -- spectra --------------------------------------------------------------------------------------------

case(np.fft.rfftn, v4)
case(np.fft.rfftn, A34)
case(np.fft.rfftn, T234)
case(np.fft.rfftn, T234, axes=(2, 0), norm="ortho")
case(np.fft.irfftn, A34 + 1j * B34)
case(np.fft.irfftn, A34 + 1j * B34, axes=(1, 0))
case(np.fft.irfftn, A34 + 1j * B34, axes=(0, 1), norm="forward")

# -- numbers --------------------------------------------------------------------------------------------

for x in (1.3, 0.2, -1.4, 7.5, zero_d):
    case(math.gamma, x)
    case(math.lgamma, x)
for order in (0, 1, 2, 5):
    case(runtime.polygamma, order, 0.7)
    case(runtime.polygamma, order, -2.3)
case(math.nextafter, 1.3, 2.0)
case(math.frexp, 3.3)
case(math.prod, [1.2, -0.7, 0.4])
case(math.prod, v4, start=2.5)
case(math.dist, [1.2, -0.7], [0.4, 2.0])
case(math.dist, v4, 2 * v4)
POSITIVE = [0.4, 2.0, 0.7]
for of_sample in (statistics.mean, statistics.fmean, statistics.geometric_mean, statistics.harmonic_mean):
    case(of_sample, POSITIVE)
case(statistics.fmean, POSITIVE, [1.0, 0.5, 2.0])
case(statistics.harmonic_mean, POSITIVE, [1.0, 0.5, 2.0])
for of_sample in (statistics.variance, statistics.pvariance, statistics.stdev, statistics.pstdev):
    case(of_sample, POSITIVE)
    case(of_sample, POSITIVE, 0.9)
case(statistics.median, POSITIVE)
case(statistics.median, [*POSITIVE, 1.1])
case(cmath.polar, 1.3 - 0.4j)
case(runtime.gathered, [1.2, -0.7])
case(runtime.gathered, normal(2, 3))
case(runtime.merged_axes, T234, (0, -1))
case(runtime.unmerged_axes, normal(3, 8), T234, (0, -1))
