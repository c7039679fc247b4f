"""Cases of the rules for `scipy.linalg`."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

from tangent_sct.runtime import scipy_linalg as helpers
from tests.templates.drawn import Drawn

drawn = Drawn(40)
normal, regular, definite = drawn.normal, drawn.regular, drawn.definite
CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []


def case(function: Any, *args: Any, **keywords: Any) -> None:
    CASES.append((function, args, keywords))


# -- systems --------------------------------------------------------------------------------------

case(scipy.linalg.solve, regular(3), normal(3))
case(scipy.linalg.solve, regular(3), normal(3, 2))
case(scipy.linalg.solve_triangular, regular(3), normal(3))
case(scipy.linalg.solve_triangular, regular(3), normal(3, 2), lower=True)
case(scipy.linalg.solve_triangular, regular(3), normal(3, 2), unit_diagonal=True)
for lower in (False, True):
    case(scipy.linalg.cho_solve, (regular(3), lower), normal(3))
    case(scipy.linalg.cho_solve, (regular(3), lower), normal(3, 2))
    case(scipy.linalg.cho_factor, definite(3), lower)
bands = normal(3, 5) + np.array([[0.0], [6.0], [0.0]])
case(scipy.linalg.solve_banded, (1, 1), bands, normal(5))
case(scipy.linalg.solve_banded, (2, 0), bands[[1, 0, 2]], normal(5, 2))
case(scipy.linalg.solveh_banded, bands[:2], normal(5))
case(scipy.linalg.solveh_banded, bands[1:], normal(5, 2), lower=True)
case(scipy.linalg.solve_toeplitz, np.array([5.0, 1.0, 0.5, 0.2]), normal(4))

# -- matrix equations and functions -------------------------------------------------------------

case(scipy.linalg.solve_sylvester, regular(3), regular(2), normal(3, 2))
case(scipy.linalg.solve_continuous_lyapunov, regular(3), normal(3, 3))
case(scipy.linalg.solve_discrete_lyapunov, regular(3) / 9, normal(3, 3))
case(scipy.linalg.expm, normal(3, 3))
case(scipy.linalg.expm, normal(2, 3, 3))
case(scipy.linalg.sqrtm, definite(3))
case(scipy.linalg.logm, definite(3))
case(scipy.linalg.polar, normal(3, 3))
case(scipy.linalg.polar, normal(4, 3))

# -- factorisations -------------------------------------------------------------------------------

case(scipy.linalg.eigh, definite(3), definite(3))
case(scipy.linalg.eigh, definite(3), definite(3), lower=False)
case(scipy.linalg.eigvalsh, definite(3))
case(scipy.linalg.eigvalsh, definite(3), definite(3))
case(scipy.linalg.lu, regular(3))
case(scipy.linalg.lu, normal(3, 4))
case(scipy.linalg.lu, normal(4, 3))

for lower in (False, True):
    case(scipy.linalg.cholesky, definite(3), lower=lower)
case(scipy.linalg.lu, regular(3, 2))

# -- matrices of a form ---------------------------------------------------------------------------

case(scipy.linalg.toeplitz, normal(3))
case(scipy.linalg.toeplitz, normal(3), normal(4))
case(scipy.linalg.block_diag, normal(2, 3), normal(2), normal(1, 1))

# -- helpers --------------------------------------------------------------------------------------

case(helpers.expm_tangent, normal(3, 3), normal(3, 3))
case(helpers.foreseen, normal(3, 3), normal(3, 3))
case(helpers.regular, regular(3))
case(helpers.triangular, normal(3, 3), True, True)
for factor in (helpers.lower_factor, helpers.as_factor, helpers.cho_triangle):
    case(factor, normal(3, 3), True)
    case(factor, normal(3, 3), False)
case(helpers.whole_lower, normal(4, 2))
case(helpers.leading_upper, np.triu(regular(3)))
case(helpers.banded_product, (1, 1), bands, normal(5))
case(helpers.banded_outer, (1, 1), normal(5, 2), normal(5, 2))
case(helpers.banded_transposed, (2, 0), bands)
for lower in (False, True):
    case(helpers.both_bands, bands[:2], lower)
    case(helpers.one_half, bands, lower)
    case(helpers.diagonal_sums, normal(3, 4), lower)
case(helpers.from_diagonals, normal(3), normal(3, 4), True)
case(helpers.diagonal_block, normal(4, 4), 1, normal(2, 2), normal(2, 2))
case(helpers.in_block, normal(2, 2), normal(4, 4), 1, normal(2, 2), normal(2, 2))
