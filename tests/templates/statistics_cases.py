"""Medians, quantiles, averages and covariances."""

from __future__ import annotations

import numpy as np

from tests.templates.cases import A34, B34, T234, case, positive, v3, v4, w3

nn = np.array([[1.5, np.nan, 0.3, 2.0], [0.5, 2.0, 1.1, 0.2], [0.55, 2.5, 1.0, np.nan]])


for f in (np.median, np.nanmedian):
    case(f, v3)
    case(f, v4)
    case(f, A34, axis=0)
    case(f, A34, 1, keepdims=True)
    case(f, T234, axis=(0, -1))
    case(f, A34, keepdims=True)
case(np.nanmedian, nn, axis=1)
case(np.nanmedian, nn)
for m in (
    "linear",
    "lower",
    "higher",
    "nearest",
    "midpoint",
    "hazen",
    "weibull",
    "median_unbiased",
    "inverted_cdf",
    "averaged_inverted_cdf",
):
    case(
        np.quantile,
        v4,
        0.3,
        method=m,
    )
case(np.quantile, A34, 0.7, axis=1)
case(np.quantile, A34, np.array([0.2, 0.55]), axis=0)
case(np.quantile, A34, np.array([0.2, 0.55]), axis=0, keepdims=True)
case(np.quantile, A34, np.array([0.2, 0.55]), keepdims=True)
case(np.percentile, A34, 30, axis=1)
case(np.percentile, A34, 30.0)
case(np.median, A34, axis=())
case(np.nanquantile, nn, 0.35, axis=1)
case(np.nanquantile, nn, np.array([0.35, 0.6]), axis=0)
case(np.nanpercentile, nn, 40)
for f in (np.nanmean, np.nanvar, np.nanstd, np.nanmax, np.nanmin, np.nanprod, np.nansum):
    case(f, nn)
    case(f, nn, axis=1)
    case(f, nn + A34 * 0.01, axis=0, keepdims=True)
    case(f, A34, axis=(0, 1))
    case(np.prod, T234, axis=(0, -1))
    case(f, T234, axis=-2)
    case(f, T234, axis=(0, 2))
case(np.nanvar, nn, axis=1, ddof=1)
case(np.nanstd, nn, axis=1, ddof=1)
case(np.nancumsum, nn)
case(np.nancumsum, nn, axis=1)
case(np.ptp, A34)
case(np.ptp, A34, axis=1, keepdims=True)
case(np.average, v3)
case(np.average, v3, weights=positive(3))
case(np.average, A34, 1, positive(4))
case(np.average, A34, 1, positive(3, 4))
case(np.average, A34, 0, positive(3), keepdims=True)
case(np.average, T234, -2, positive(3))
case(np.average, T234, (0, -1), positive(2, 4))
case(np.cov, A34)
case(np.cov, A34, rowvar=False)
case(np.cov, v4)
case(np.cov, v3, w3)
case(np.cov, A34, B34, bias=True)
case(np.cov, A34, ddof=0)
case(np.corrcoef, A34)
case(np.corrcoef, v4)
case(np.corrcoef, v3, w3)
