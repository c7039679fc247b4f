"""Cases of the rules for `numpy.linalg`, and of the helpers that they use."""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct import runtime
from tests.templates.drawn import Drawn

drawn = Drawn(41)
normal, regular = drawn.normal, drawn.regular
CASES: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = []


def case(function: Any, *args: Any, **keywords: Any) -> None:
    CASES.append((function, args, keywords))


def diagonalisable(n: int, *stack: int) -> Any:
    """Matrices that are not symmetric, with real and distinct eigenvalues."""
    v = regular(n, *stack)
    return v @ np.diag(np.arange(n) + 1.0) @ np.linalg.inv(v)


def ordered(n: int, *stack: int) -> Any:
    """Positive numbers, no two of them close."""
    return np.sort(normal(*stack, n) / 10 + np.arange(n) + 1.0)


# -- eigenvalues and singular values ------------------------------------------------------------

for symmetric in (np.linalg.eigh, np.linalg.eigvalsh):
    case(symmetric, regular(3))
    case(symmetric, regular(3), "U")
    case(symmetric, regular(3, 2))
for general in (np.linalg.eig, np.linalg.eigvals):
    case(general, diagonalisable(3))
    case(general, diagonalisable(2, 2))
for singular in (np.linalg.svdvals, runtime.thin_svd):
    case(singular, normal(4, 3))
    case(singular, normal(3, 4))
    case(singular, normal(2, 3, 3))
case(np.linalg.svd, normal(3, 3))
case(np.linalg.svd, normal(2, 3, 3))

# -- QR -------------------------------------------------------------------------------------------

for triangle in (np.linalg.qr, runtime.qr_triangle):
    case(triangle, normal(4, 3))
    case(triangle, normal(3, 4))
    case(triangle, normal(2, 3, 3))
case(runtime.complete_qr, normal(3, 3))
case(runtime.complete_qr, normal(3, 4))

# -- norms of further orders ------------------------------------------------------------------------

case(np.linalg.norm, normal(3), -1)
case(np.linalg.norm, normal(3), 0.5)
case(np.linalg.norm, normal(3, 4), -2, 0)

# -- products, inverses ---------------------------------------------------------------------------

case(np.einsum, "ii->i", normal(3, 3))
case(np.einsum, "ii", normal(3, 3))
case(np.einsum, "...ii->...", normal(2, 3, 3))
case(np.einsum, "...ij,...jk->...ik", normal(2, 3, 4), normal(4, 5))
case(np.einsum, "...i,i...->...", normal(2, 3), normal(3, 2))
case(np.einsum, "ij,jk", normal(2, 1), normal(3, 4), optimize=True)
case(np.einsum, "iij,j->i", normal(2, 2, 3), normal(3))
case(np.einsum, "ij,k->j", normal(2, 3), normal(4))
case(np.einsum, "ij,jk,kl->il", normal(2, 3), normal(3, 4), normal(4, 2), optimize="greedy")
case(np.kron, normal(2, 3), normal(3, 2))
case(np.kron, normal(3), normal(2, 2))
case(np.kron, normal(2, 2, 3), normal(2))
case(np.vecdot, normal(3), normal(3))
case(np.vecdot, normal(2, 3), normal(3))
case(np.linalg.diagonal, normal(2, 3, 4))
case(np.linalg.diagonal, normal(3, 3), offset=1)
case(np.linalg.matrix_transpose, normal(2, 3, 4))
case(np.linalg.multi_dot, [normal(2, 3), normal(3, 4)])
case(np.linalg.multi_dot, [normal(2, 3), normal(3, 4), normal(4, 2)])
case(np.linalg.multi_dot, [normal(3), normal(3, 4), normal(4)])
case(np.linalg.matrix_power, normal(3, 3), 3)
case(np.linalg.matrix_power, regular(3), -2)
case(np.linalg.matrix_power, normal(2, 2, 2), 0)
case(np.linalg.pinv, normal(4, 3))
case(np.linalg.pinv, normal(2, 3, 4))
case(np.linalg.lstsq, normal(5, 3), normal(5))
case(np.linalg.lstsq, normal(5, 3), normal(5, 2))
case(np.linalg.det, np.outer(normal(3), normal(3)))
case(np.linalg.det, np.array([[0.3, 0.0, 1.2], [0.7, 0.0, -0.4], [1.1, 0.0, 0.2]]))
case(np.linalg.det, np.zeros((2, 2)))

# -- helpers --------------------------------------------------------------------------------------

w3 = ordered(3)
triangle3 = np.triu(regular(3))
for part in (runtime.skew, runtime.symmetric, runtime.from_triangle, runtime.to_triangle, runtime.corner):
    case(part, normal(2, 4, 4))
case(runtime.from_triangle, normal(3, 3), "U")
case(runtime.to_triangle, normal(3, 3), "U")
case(runtime.sized, normal(3, 3), 2, 4)
case(runtime.turn, normal(4, 3))
case(runtime.unturn, normal(4, 4), normal(4, 3))
case(runtime.inverse_gaps, ordered(3, 2))
case(runtime.inverse_sums, ordered(3, 2))
case(runtime.over_columns, normal(2, 3), w3)
case(runtime.distinct, w3)
case(runtime.independent, regular(3), regular(3))
case(runtime.unmixed, regular(3), w3)
case(runtime.unsplit, regular(3), w3)
case(runtime.null_free, regular(3), w3)
case(runtime.full_rank, triangle3, triangle3)
case(runtime.right_solve, normal(4, 3), triangle3, normal(4, 3))
case(runtime.right_solve, normal(2, 4), np.triu(normal(2, 4) + 2.0), normal(2, 4))
case(runtime.right_solve_adjoint, normal(4, 3), triangle3, normal(4, 3))
case(runtime.right_solve_adjoint, normal(2, 2), np.triu(normal(2, 4) + 2.0), normal(2, 4))
case(runtime.block_triangular, normal(2, 3, 3), normal(2, 3, 3))
case(runtime.cofactors, regular(3, 2))
case(runtime.cofactors, np.outer(normal(3), normal(3)))
case(runtime.kron_left, normal(6, 6), normal(2, 3), normal(3, 2))
case(runtime.kron_right, normal(6, 6), normal(2, 3), normal(3, 2))
case(runtime.chain_adjoint, normal(2, 2), 1, [normal(2, 3), normal(3, 4), normal(4, 2)])
case(runtime.second_cofactors, regular(3), normal(3, 3))
case(runtime.einsum_adjoint, normal(2, 4), "ij,jk->ik", 0, normal(2, 3), normal(3, 4))
case(runtime.einsum_adjoint, normal(2), "iij,j->i", 1, normal(2, 2, 3), normal(3))

# -- powers ----------------------------------------------------------------------------------------

for power in (-2, 0, 1, 2, 5, 6):
    case(runtime.power_tangent, regular(3) / 3, normal(3, 3), power)
case(runtime.power_tangent, regular(3, 2) / 3, normal(2, 3, 3), 3)
