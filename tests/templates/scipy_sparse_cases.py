"""Cases of the rules for `scipy.sparse`."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse.linalg

from tangent_sct.runtime import sparse
from tangent_sct.runtime.sparse_patterns import Pattern, Places, compressed

rng = np.random.default_rng(46)
CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []
MATRIX = scipy.sparse.csc_array(np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [0.0, 0.5, 4.0]]))
for b in (rng.standard_normal(3), rng.standard_normal((3, 2)), rng.standard_normal((3, 1))):
    CASES.append((scipy.sparse.linalg.spsolve, (MATRIX, b), {}))

# A row without entries, entries at one place, columns that are not sorted.
ENTRIES = Pattern("coo", (np.array([0, 2, 2, 0, 2]), np.array([1, 3, 0, 1, 3])), (3, 4))
PATTERNS = (
    ENTRIES,
    compressed(ENTRIES, "csr"),
    compressed(ENTRIES, "csc"),
    Pattern("csr", (np.array([2, 0, 1, 1]), np.array([0, 2, 2, 4])), (3, 4)),
    Pattern("csc", (np.empty(0, int), np.zeros(5, int)), (3, 4)),
)
for pattern in PATTERNS:
    values = rng.standard_normal(pattern.count)
    for shape in ((), (2,), (1,), (0,)):
        u, v = rng.standard_normal((3, *shape)), rng.standard_normal((4, *shape))
        CASES.append((sparse.sparse_product, (pattern, values, v), {}))
        CASES.append((sparse.sparse_outer, (pattern, u, v), {}))
    CASES.append((sparse.sparse_dense, (pattern, values), {}))
    CASES.append((sparse.sparse_entries, (pattern, rng.standard_normal((3, 4))), {}))

PLACES = Places(np.array([1, 3, 0, 1, 3]), 3)
CASES.append((sparse.gathered, (rng.standard_normal(5), PLACES), {}))
CASES.append((sparse.handed_out, (rng.standard_normal(3), PLACES), {}))

SQUARE = Pattern("csr", (np.array([0, 2, 1, 1, 2]), np.array([0, 2, 3, 5])), (3, 3))
VALUES = np.array([2.0, 0.5, 3.0, -0.25, 4.0])
FACTORS = sparse.sparse_factors(SQUARE, VALUES)
for b in (rng.standard_normal(3), rng.standard_normal((3, 2)), rng.standard_normal((3, 1))):
    for factors in (FACTORS, FACTORS.T):
        CASES.append((sparse.sparse_solve, (factors, VALUES, b), {}))

LENGTHS = [3, 2, 2]
CASES.append((sparse.joined_diagonals, ([rng.standard_normal(3), rng.standard_normal(4), 0.7], LENGTHS), {}))
for place, like in ((0, rng.standard_normal(3)), (1, rng.standard_normal(4)), (2, rng.standard_normal(1)), (2, 0.7)):
    CASES.append((sparse.diagonal_part, (rng.standard_normal(7), LENGTHS, place, like), {}))
    CASES.append((sparse.diagonal_alone, (like, LENGTHS, place), {}))
