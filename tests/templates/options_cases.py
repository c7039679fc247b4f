"""Keywords of functions: types of results, sizes, places beyond the end, what is returned besides."""

from __future__ import annotations

import numpy as np
import scipy.linalg

from tests.templates.cases import (
    A33,
    A34,
    B34,
    T234,
    case,
    definite,
    normal,
    positive,
    regular,
    v3,
    v4,
    w3,
)

double = np.dtype(float)

# -- along which axes ---------------------------------------------------------------------------------------

case(np.vecdot, A34, B34, axis=0)
case(np.vecdot, A34, v3, axis=0)
case(np.linalg.vecdot, A34, B34, axis=0)
case(np.cross, normal(3, 2), normal(2, 3), axisa=0, axisb=1, axisc=0)
case(np.cross, normal(2, 3), normal(3, 2), axisb=0)
case(np.cross, normal(3, 2), normal(3, 2), axis=0)
case(np.cross, normal(3, 2), normal(3, 2), axis=-2)
case(np.linalg.cross, normal(3, 2), normal(3, 2), axis=0)
case(np.linspace, v3, w3, 5, axis=-1)
case(np.linspace, v3, w3, 5, dtype=double, axis=1)
case(np.linspace, 0.3, 2.0, 5, retstep=True)
case(np.linspace, v3, w3, 5, False, retstep=True)
case(np.logspace, v3, w3, 4, axis=-1)
case(np.logspace, 0.3, 0.8, 4, base=2.5, dtype=double)
case(np.logspace, v3, w3, 4, base=positive(3), axis=-1)
case(np.geomspace, positive(3), positive(3), 3)
case(np.geomspace, positive(3), positive(3), 4, axis=-1)
case(np.gradient, A34, axis=(0, 1))
case(np.gradient, A34, 0.2, axis=(1, 0))
case(np.gradient, A34, axis=(1,))
case(np.gradient, T234, 0.2, 0.3, axis=(0, 2))
case(np.gradient, A34, np.array([0.0, 1.0, 2.5, 3.0]), 0.5, axis=(1, 0))
case(np.gradient, normal(2, 3, 2, 3))

# -- in which type --------------------------------------------------------------------------------------------

for joined in (np.concatenate, np.hstack):
    case(joined, [v3, v4], dtype=double)
for stacked in (np.stack, np.vstack):
    case(stacked, [v3, w3], dtype=double)
case(np.trace, A33, dtype=double)
case(np.array, v3, ndmin=2)
case(np.ascontiguousarray, A34, dtype=double)
case(np.asfortranarray, A34, dtype=double)
case(np.full_like, A34, 0.4, dtype=double)
case(np.full_like, A34, 0.4, shape=(2, 2))
case(np.nanvar, A34, axis=0, dtype=double)
case(np.cov, A34, dtype=double)
case(np.corrcoef, A34, dtype=double)

# -- which entries ----------------------------------------------------------------------------------------------

for way in ("wrap", "clip", "raise"):
    case(np.take, v3, [0, 2, -1], mode=way)
for way in ("wrap", "clip"):
    case(np.take, A34, [0, 5, 1], axis=1, mode=way)
case(np.sort, v4, kind="stable")
case(np.sort, v4, stable=True)
case(np.nan_to_num, np.array([1.5, np.nan, -0.3]), nan=0.5, posinf=1.0, neginf=-1.0)
case(np.clip, A34, min=-0.5)
case(np.clip, A34, min=-0.5, max=0.4)
holes = np.array([[1.5, np.nan, 0.3, 2.0], [0.5, 2.0, 1.1, 0.2], [0.55, 2.5, 1.0, np.nan]])
for extreme in (np.nanmax, np.nanmin):
    case(extreme, holes, axis=1, initial=0.45)
    case(extreme, holes, axis=0, initial=0.45, where=np.eye(3, 4) == 0)
for spread in (np.nanvar, np.nanstd):
    case(spread, holes, axis=1, where=np.eye(3, 4) == 0)
    case(spread, holes, correction=1)
    case(spread, holes, axis=0, mean=np.full((1, 4), 0.3), keepdims=True)
for index in (False, True):
    for inverse in (False, True):
        for counts in (False, True):
            case(np.unique, np.array([1.5, 0.3, 1.4, 2.0]), index, inverse, counts)
case(np.insert, A34, 1, v4, axis=0)
case(np.insert, A34, -1, v3, axis=1)
case(np.insert, A34, 0, 0.3, axis=1)

# -- weights, constants, orders -------------------------------------------------------------------------------------

case(np.cov, A34, aweights=positive(4))
case(np.cov, A34, fweights=[1, 2, 1, 3], bias=True)
case(np.cov, A34, aweights=positive(4), fweights=[1, 2, 1, 3], ddof=0)
case(np.average, v3, weights=positive(3), returned=True)
case(np.average, A34, 1, positive(4), True)
case(np.average, A34, 0, returned=True)
case(np.polyder, v4, 2)
case(np.polyint, v4, 2)
case(np.polyint, v4, k=0.3)
case(np.polyint, v4, 2, [0.3, 0.1])
case(np.polydiv, normal(5), normal(3))
case(np.polydiv, normal(2), normal(3))
case(np.polydiv, normal(3), normal(1))
case(np.angle, normal(3) + 1j * normal(3), deg=True)

# -- spectra -----------------------------------------------------------------------------------------------------

case(np.fft.rfft2, A34, s=(4, 3))
case(np.fft.rfftn, A34, s=(2, 5))
case(np.fft.rfftn, T234, s=(2, 2, 5))
case(np.fft.irfft2, A34, s=(3, 4))
case(np.fft.irfftn, A34 + 1j * B34, s=(3, 4), axes=(1, 0))
case(np.fft.irfftn, T234, s=(2, 2, 5))
case(np.fft.irfft, v4)
case(np.fft.irfft, A34, 5, 0)
for scale in ("ortho", "forward", "backward"):
    case(np.fft.hfft, v4, norm=scale)
    case(np.fft.ihfft, v4, norm=scale)

# -- of matrices -------------------------------------------------------------------------------------------------

case(np.linalg.pinv, A34, rtol=1e-10)
case(np.linalg.pinv, definite(3), hermitian=True)
for checked in (scipy.linalg.inv, scipy.linalg.det, scipy.linalg.svdvals, scipy.linalg.norm, scipy.linalg.qr):
    case(checked, regular(3), check_finite=False)
for checked in (scipy.linalg.solve, scipy.linalg.solve_triangular):
    case(checked, regular(3), v3, check_finite=False)
case(scipy.linalg.eigvalsh, definite(3), check_finite=False)
case(scipy.linalg.lu, regular(3), check_finite=False)
