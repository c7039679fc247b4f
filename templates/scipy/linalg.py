"""Functions of `scipy.linalg`: systems, matrix equations, matrix functions, matrices of a form."""

import numpy as np
import scipy.linalg

from tangent_sct.runtime import (
    block_triangular,
    columns_outer,
    columns_product,
    corner,
    from_triangle,
    skew,
    transposed,
)
from tangent_sct.runtime.scipy_linalg import (
    as_factor,
    banded_outer,
    banded_product,
    banded_transposed,
    both_bands,
    diagonal_block,
    diagonal_sums,
    expm_tangent,
    foreseen,
    lower_factor,
    one_half,
    regular,
    triangular,
)
from tangent_sct.templates import norms
from tangent_sct.templating.language import d, dense, each, expanded, ndim, rule

# -- functions that NumPy has too -------------------------------------------------------------


@expanded(scipy.linalg.inv)
def inv(a, check_finite=True):
    return np.linalg.inv(a)


@expanded(scipy.linalg.det)
def det(a, check_finite=True):
    return np.linalg.det(a)


@expanded(scipy.linalg.norm, when={"ord": (None, "fro")})
def norm(a, ord=None, axis=None, keepdims=False, check_finite=True):
    return np.linalg.norm(a, None, axis, keepdims)


for order, read in (
    (1, norms.norm_1), (-1, norms.norm_minus_1), (2, norms.norm_2), (-2, norms.norm_minus_2),
    (np.inf, norms.norm_inf), (-np.inf, norms.norm_minus_inf), ("nuc", norms.norm_nuclear),
):  # fmt: skip
    expanded(scipy.linalg.norm, when={"ord": (order,), "axis": (None,), "keepdims": (False,)})(read)


# -- systems ----------------------------------------------------------------------------------


@expanded(scipy.linalg.solve, when={"assume_a": ("pos", "sym", "positive definite", "symmetric"), "lower": (False,)})
def solve_by_upper(a, b, lower=False, assume_a=None, check_finite=True):
    return np.linalg.solve(from_triangle(a, "U"), b)


@expanded(scipy.linalg.solve, when={"assume_a": ("pos", "sym", "positive definite", "symmetric"), "lower": (True,)})
def solve_by_lower(a, b, lower=False, assume_a=None, check_finite=True):
    return np.linalg.solve(from_triangle(a), b)


@rule(scipy.linalg.solve, broadcast=True)
def solve(x, /, a, b, check_finite=True):
    # a x = b gives da x + a dx = db; with t = a^-T x_bar: b_bar = t and a_bar = -t x^T.
    def tangent():
        d[x] = scipy.linalg.solve(a, d[b] - columns_product(d[a], x, b))

    def adjoint():
        t = scipy.linalg.solve(transposed(a), d[x])
        d[b] += t
        if ndim(a) == 2 and ndim(b) == 1:
            d[a] += -np.outer(t, x)
        else:
            d[a] += -columns_outer(t, x, b)


@expanded(scipy.linalg.solve_triangular, when={"trans": (1, 2, "T", "C")})
def solve_transposed(a, b, trans=0, lower=False, unit_diagonal=False, check_finite=True):
    return scipy.linalg.solve_triangular(np.matrix_transpose(a), b, lower=not lower, unit_diagonal=unit_diagonal)


@rule(scipy.linalg.solve_triangular)
def solve_triangular(x, /, a, b, lower=False, unit_diagonal=False, check_finite=True):
    # Only the triangle that is read gets something; the transposed system is solved with the same triangle.
    def tangent():
        moved = d[b] - triangular(d[a], lower, unit_diagonal) @ x
        d[x] = scipy.linalg.solve_triangular(a, moved, lower=lower, unit_diagonal=unit_diagonal)

    def adjoint():
        t = scipy.linalg.solve_triangular(a, d[x], 1, lower=lower, unit_diagonal=unit_diagonal)
        d[b] += t
        d[a] += -triangular(columns_outer(t, x, b), lower, unit_diagonal)


@rule(scipy.linalg.cho_solve)
def cho_solve(x, /, c_and_lower, b, check_finite=True):
    # With l l^T x = b: a_bar = -t x^T, so l_bar = (a_bar + a_bar^T) l.
    def tangent():
        factor = lower_factor(c_and_lower[0], c_and_lower[1])
        half = factor @ transposed(lower_factor(d[c_and_lower[0]], c_and_lower[1]))
        d[x] = scipy.linalg.cho_solve(c_and_lower, d[b] - (half + transposed(half)) @ x)

    def adjoint():
        t = scipy.linalg.cho_solve(c_and_lower, d[x])
        d[b] += t
        both = columns_outer(t, x, b) + columns_outer(x, t, b)
        factor = lower_factor(c_and_lower[0], c_and_lower[1])
        d[c_and_lower[0]] += -as_factor(both @ factor, c_and_lower[1])


@rule(scipy.linalg.solve_banded, constant=("l_and_u",))
def solve_banded(x, /, l_and_u, ab, b, check_finite=True):
    def tangent():
        d[x] = scipy.linalg.solve_banded(l_and_u, ab, d[b] - banded_product(l_and_u, d[ab], x))

    def adjoint():
        t = scipy.linalg.solve_banded(l_and_u[::-1], banded_transposed(l_and_u, ab), d[x])
        d[b] += t
        d[ab] += -banded_outer(l_and_u, t, x)


@rule(scipy.linalg.solveh_banded)
def solveh_banded(x, /, ab, b, lower=False, check_finite=True):
    def tangent():
        k = np.shape(ab)[0] - 1
        change = banded_product((k, k), both_bands(d[ab], lower), x)
        d[x] = scipy.linalg.solveh_banded(ab, d[b] - change, lower=lower)

    def adjoint():
        t = scipy.linalg.solveh_banded(ab, d[x], lower=lower)
        d[b] += t
        k = np.shape(ab)[0] - 1
        d[ab] += -one_half(banded_outer((k, k), t, x), lower)


@rule(scipy.linalg.solve_toeplitz)
def solve_toeplitz(x, /, c_or_cr, b, check_finite=True):
    # The first column alone: the matrix is symmetric.
    def tangent():
        d[x] = scipy.linalg.solve_toeplitz(c_or_cr, d[b] - scipy.linalg.toeplitz(d[c_or_cr]) @ x)

    def adjoint():
        t = scipy.linalg.solve_toeplitz(c_or_cr, d[x])
        d[b] += t
        outer = columns_outer(t, x, b)
        below = diagonal_sums(outer, True)
        above = diagonal_sums(outer, False) * (np.arange(np.size(c_or_cr)) > 0)
        d[c_or_cr] += -(below + above)


# -- matrix equations -------------------------------------------------------------------------


@rule(scipy.linalg.solve_sylvester)
def solve_sylvester(x, /, a, b, q):
    # a x + x b = q gives a dx + dx b = dq - da x - x db; the adjoint solves a^T t + t b^T = x_bar.
    def tangent():
        d[x] = scipy.linalg.solve_sylvester(a, b, d[q] - d[a] @ x - x @ d[b])

    def adjoint():
        t = scipy.linalg.solve_sylvester(a.T, b.T, d[x])
        d[q] += t
        d[a] += -t @ x.T
        d[b] += -x.T @ t


@rule(scipy.linalg.solve_continuous_lyapunov)
def solve_continuous_lyapunov(x, /, a, q):
    # a x + x a^T = q.
    def tangent():
        d[x] = scipy.linalg.solve_continuous_lyapunov(a, d[q] - d[a] @ x - x @ d[a].T)

    def adjoint():
        t = scipy.linalg.solve_continuous_lyapunov(a.T, d[x])
        d[q] += t
        d[a] += -(t @ x.T + t.T @ x)


@rule(scipy.linalg.solve_discrete_lyapunov)
def solve_discrete_lyapunov(x, /, a, q, method=None):
    # x = a x a^T + q.
    def tangent():
        change = d[q] + d[a] @ x @ a.T + a @ x @ d[a].T
        d[x] = scipy.linalg.solve_discrete_lyapunov(a, change, method=method)

    def adjoint():
        t = scipy.linalg.solve_discrete_lyapunov(a.T, d[x], method=method)
        d[q] += t
        d[a] += t @ a @ x.T + t.T @ a @ x


# -- matrix functions -------------------------------------------------------------------------


@rule(scipy.linalg.expm)
def expm(y, /, A):
    # The adjoint of the derivative at A is the derivative at A^T.
    def tangent():
        d[y] = expm_tangent(A, d[A])

    def adjoint():
        d[A] += expm_tangent(transposed(A), d[y])


@rule(scipy.linalg.sqrtm)
def sqrtm(y, /, A):
    # y y = A gives dy y + y dy = dA.
    def tangent():
        root = regular(foreseen(y, A))
        d[y] = scipy.linalg.solve_sylvester(root, root, d[A])

    def adjoint():
        root = regular(foreseen(y, A))
        d[A] += scipy.linalg.solve_sylvester(root.T, root.T, d[y])


@rule(scipy.linalg.logm)
def logm(y, /, A):
    # A function of [[A, dA], [0, A]] has its derivative along dA in the corner.
    def tangent():
        d[y] = corner(foreseen(scipy.linalg.logm(block_triangular(A, d[A])), A))

    def adjoint():
        d[A] += corner(foreseen(scipy.linalg.logm(block_triangular(A.T, d[y])), A))


@rule(scipy.linalg.polar)
def polar(u, p, /, a):
    # a = u p: u turns by x with x p + p x = u^T da - da^T u, and out of its space by what da has beside it.
    def tangent():
        w = u.T @ d[a]
        x = scipy.linalg.solve_sylvester(regular(p), p, 2 * skew(w))
        d[u] = u @ x + np.linalg.solve(p, (d[a] - u @ w).T).T
        d[p] = w - x @ p

    def adjoint():
        s = u.T @ d[u] - d[p] @ p
        x = scipy.linalg.solve_sylvester(regular(p), p, 2 * skew(s))
        d[a] += u @ (x + d[p])
        d[a] += np.linalg.solve(p, (d[u] - u @ (u.T @ d[u])).T).T


# -- matrices of a form -----------------------------------------------------------------------


@rule(scipy.linalg.toeplitz)
def toeplitz(y, /, c, r=None):
    # The first entry of a row that is given is not read.
    def tangent():
        if r is None:
            d[y] = scipy.linalg.toeplitz(d[c])
        else:
            d[y] = scipy.linalg.toeplitz(dense(d[c]), dense(d[r]))

    def adjoint():
        if r is None:
            rest = np.arange(np.size(c)) > 0
            d[c] += diagonal_sums(d[y], True) + diagonal_sums(d[y], False) * rest
        else:
            d[c] += diagonal_sums(d[y], True)
            d[r] += diagonal_sums(d[y], False) * (np.arange(np.size(r)) > 0)


@rule(scipy.linalg.block_diag)
def block_diag(y, /, *arrs):
    def tangent():
        d[y] = scipy.linalg.block_diag(*[dense(d[a]) for a in each(arrs)])

    def adjoint():
        for i, a in enumerate(each(arrs)):
            d[a] += diagonal_block(d[y], i, *arrs)
