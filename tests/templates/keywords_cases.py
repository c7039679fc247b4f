"""Arguments of reductions that are said as statements."""

from __future__ import annotations

import numpy as np

from tests.templates.cases import A34, T234, case, v4

m34 = A34 > -0.3
m34[0] = True
m34[:, 0] = True
for f in (np.sum, np.mean, np.var, np.std, np.prod, np.nansum, np.nanmean):
    case(f, A34, where=m34)
    case(f, A34, axis=1, where=m34)
    case(f, A34, axis=0, keepdims=True, where=m34)
    case(f, A34, dtype=float)
    case(f, v4, 0, np.dtype(float))
case(np.sum, A34, initial=2.0)
case(np.prod, A34, axis=1, initial=0.5)
case(np.prod, T234, axis=(0, -1))
case(np.max, A34, axis=1, initial=0.3)
case(np.min, A34, axis=1, initial=0.3, where=m34)
case(np.max, A34, initial=-0.3, where=m34)
case(np.var, A34, axis=1, ddof=1, where=m34)
case(np.var, A34, axis=0, correction=1)
case(np.std, A34, correction=1)
case(np.cumsum, A34, dtype=float)
case(np.cumsum, A34, 1, float)
case(np.sum, np.asarray(A34, dtype="f4"), dtype=float)
case(np.mean, np.asarray(A34, dtype="f4"), dtype=float)
case(np.amax, A34, initial=0.3)
case(np.amin, A34, axis=0, initial=0.3)
