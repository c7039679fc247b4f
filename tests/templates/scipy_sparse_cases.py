"""Cases of the rules for `scipy.sparse`."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse.linalg

rng = np.random.default_rng(46)
CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []
MATRIX = scipy.sparse.csc_array(np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [0.0, 0.5, 4.0]]))
for b in (rng.standard_normal(3), rng.standard_normal((3, 2))):
    CASES.append((scipy.sparse.linalg.spsolve, (MATRIX, b), {}))
