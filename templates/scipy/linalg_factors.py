"""Factorisations of `scipy.linalg`. Those that NumPy has too are read as NumPy's."""

import numpy as np
import scipy.linalg

from tangent_sct.runtime import (
    complete_qr,
    distinct,
    from_triangle,
    inverse_gaps,
    lower_half,
    sized,
    symmetric,
    thin_svd,
    to_triangle,
    transposed,
    unmixed,
    unsplit,
)
from tangent_sct.runtime.scipy_linalg import (
    as_factor,
    cho_triangle,
    leading_upper,
    lower_factor,
    row_order,
    row_swaps,
    whole_lower,
)
from tangent_sct.templating.language import d, expanded, isactive, ndim, rule, zero

# -- as in NumPy ------------------------------------------------------------------------------


@expanded(scipy.linalg.qr, when={"mode": ("full",)})
def qr(a, mode="full", check_finite=True):
    return complete_qr(a)


@expanded(scipy.linalg.qr, when={"mode": ("economic",)})
def economic_qr(a, mode, check_finite=True):
    return np.linalg.qr(a)


@expanded(scipy.linalg.svd, when={"compute_uv": (False,)})
def values_of_svd(a, full_matrices=True, compute_uv=True, check_finite=True):
    return np.linalg.svdvals(a)


@expanded(scipy.linalg.svd, when={"full_matrices": (True,), "compute_uv": (True,)})
def svd(a, full_matrices=True, compute_uv=True, check_finite=True):
    return np.linalg.svd(a)


@expanded(scipy.linalg.svd, when={"full_matrices": (False,), "compute_uv": (True,)})
def vectors_of_svd(a, full_matrices=True, compute_uv=True, check_finite=True):
    return thin_svd(a)


@expanded(scipy.linalg.svdvals)
def svdvals(a, check_finite=True):
    return np.linalg.svdvals(a)


@expanded(scipy.linalg.eigh, when={"eigvals_only": (True,)})
def values_of_eigh(a, b=None, lower=True, eigvals_only=True, check_finite=True):
    return scipy.linalg.eigvalsh(a, b, lower=lower)


# -- eigenvalues ------------------------------------------------------------------------------


@rule(scipy.linalg.eigh)
def eigh(w, v, /, a, b=None, lower=True, check_finite=True):
    # a v = b v w, v^T b v = 1: with p_ij = v_i^T (da - w_j db) v_j, dw = diag(p) and v turns by p / gaps; its length
    # changes by half of v^T db v.
    def tangent():
        uplo = "L" if lower else "U"
        if b is None:
            p = transposed(v) @ from_triangle(d[a], uplo) @ v
            d[w] = np.sum(v * (from_triangle(d[a], uplo) @ v), axis=0)
            d[v] = v @ (inverse_gaps(w) * unsplit(p, w))
        else:
            scaling = v.T @ from_triangle(d[b], uplo) @ v
            p = v.T @ from_triangle(d[a], uplo) @ v - scaling * w
            d[w] = np.sum(np.eye(np.size(w)) * p, axis=0)
            d[v] = v @ (inverse_gaps(w) * unsplit(p, w)) - v * np.sum(np.eye(np.size(w)) * scaling, axis=0) / 2

    def adjoint():
        uplo = "L" if lower else "U"
        d[a] += to_triangle(v * d[w] @ v.T, uplo)
        if isactive(v):
            m = unmixed(v.T @ d[v], w)
            if isactive(w) or b is not None:
                turning = inverse_gaps(distinct(w)) * m
            else:
                turning = inverse_gaps(w) * m
            d[a] += to_triangle(v @ turning @ v.T, uplo)
            if b is not None:
                d[b] += -to_triangle(v @ (turning * w + np.diag(np.diag(m)) / 2) @ v.T, uplo)
        if b is not None:
            d[b] += -to_triangle(v * (d[w] * w) @ v.T, uplo)


@rule(scipy.linalg.eigvalsh)
def eigvalsh(w, /, a, b=None, lower=True, check_finite=True):
    w, v = scipy.linalg.eigh(a, b, lower=lower)

    def tangent():
        uplo = "L" if lower else "U"
        by_a = np.sum(v * (from_triangle(d[a], uplo) @ v), axis=0)
        if b is None:
            d[w] = by_a
        else:
            d[w] = by_a - np.sum(v * (from_triangle(d[b], uplo) @ v), axis=0) * w

    def adjoint():
        uplo = "L" if lower else "U"
        d[a] += to_triangle(v * d[w] @ v.T, uplo)
        if b is not None:
            d[b] += -to_triangle(v * (d[w] * w) @ v.T, uplo)


@rule(scipy.linalg.null_space, scipy.linalg.orth, constant=("A",))
def basis(q, /, A):
    # A basis that is as good as any other turned one; projectors can be made of np.linalg.svd or qr.
    def tangent():
        d[q] = 0.0


# -- triangles --------------------------------------------------------------------------------


@rule(scipy.linalg.lu)
def lu(p, l, u, /, a, check_finite=True):  # noqa: E741
    # p^T da = dl u + l du. With z = l^-1 p^T da: dl = l x and du = z - x u, where x is the lower part of z u^-1.
    def tangent():
        k = np.shape(u)[-2]
        z = np.linalg.solve(whole_lower(l), transposed(p) @ d[a])
        lead = leading_upper(u)
        x = np.tril(transposed(np.linalg.solve(transposed(lead), transposed(z[..., :, :k]))), -1)
        d[p] = 0.0
        d[l] = whole_lower(l) @ x
        d[u] = (z - x @ u)[..., :k, :]

    def adjoint():
        k = np.shape(u)[-2]
        seed = sized(d[u], np.shape(a)[-2], np.shape(a)[-1])
        below = np.tril(transposed(whole_lower(l)) @ d[l] - seed @ transposed(u), -1)
        if ndim(a) == 2:
            turned = scipy.linalg.solve_triangular(leading_upper(u), below.T).T
            z = seed + sized(turned, np.shape(a)[-2], np.shape(a)[-1])
            d[a] += p @ scipy.linalg.solve_triangular(whole_lower(l), z, 1, lower=True, unit_diagonal=True)
        else:
            turned = transposed(np.linalg.solve(leading_upper(u), transposed(below)))
            z = seed + sized(turned, np.shape(a)[-2], np.shape(a)[-1])
            d[a] += p @ np.linalg.solve(transposed(whole_lower(l)), z)


@rule(scipy.linalg.cholesky)
def cholesky(c, /, a, lower=False, check_finite=True):
    # As for NumPy's, with l^T in place of an upper factor; the triangle that is read gets the adjoint.
    def tangent():
        factor = lower_factor(c, lower)
        whole = from_triangle(d[a], "L" if lower else "U")
        if ndim(a) == 2:
            turned = scipy.linalg.solve_triangular(factor, whole, lower=True)
            turned = scipy.linalg.solve_triangular(factor, turned.T, lower=True)
        else:
            inverse = np.linalg.inv(factor)
            turned = inverse @ whole @ transposed(inverse)
        d[c] = as_factor(factor @ lower_half(turned), lower)

    def adjoint():
        factor = lower_factor(c, lower)
        half = lower_half(transposed(factor) @ lower_factor(d[c], lower))
        if ndim(a) == 2:
            turned = scipy.linalg.solve_triangular(factor, symmetric(half), 1, lower=True)
            s = scipy.linalg.solve_triangular(factor, turned.T, 1, lower=True)
        else:
            inverse = np.linalg.inv(factor)
            s = transposed(inverse) @ symmetric(half) @ inverse
        d[a] += to_triangle(s, "L" if lower else "U")


@rule(scipy.linalg.cho_factor)
def cho_factor(c, triangle, /, a, lower=False, check_finite=True):
    # The other triangle of what is returned holds the entries of `a`.
    def tangent():
        factor = lower_factor(c, lower)
        inverse = np.linalg.inv(factor)
        whole = from_triangle(d[a], "L" if lower else "U")
        moved = factor @ lower_half(inverse @ whole @ inverse.T)
        d[c] = as_factor(moved, lower) + d[a] - cho_triangle(d[a], lower)
        d[triangle] = 0.0

    def adjoint():
        factor = lower_factor(c, lower)
        inverse = np.linalg.inv(factor)
        half = lower_half(factor.T @ lower_factor(d[c], lower))
        s = inverse.T @ symmetric(half) @ inverse
        d[a] += to_triangle(s, "L" if lower else "U") + d[c] - cho_triangle(d[c], lower)


# -- factors kept for many right-hand sides: l below the diagonal, which is one there, and u -----------


@expanded(scipy.linalg.lu_factor)
def lu_factor(a, check_finite=True):
    swaps = row_swaps(a)
    _, lower, upper = scipy.linalg.lu(a)
    return np.tril(lower, -1) + upper, swaps


@expanded(scipy.linalg.lu_solve, when={"trans": (0,)})
def lu_solve(lu_and_piv, b, trans=0, check_finite=True):
    packed, swaps = lu_and_piv
    turned = np.asarray(b)[row_order(swaps)]
    below = scipy.linalg.solve_triangular(packed, turned, lower=True, unit_diagonal=True)
    return scipy.linalg.solve_triangular(packed, below)


@expanded(scipy.linalg.lu_solve, when={"trans": (1, 2)})
def lu_solve_transposed(lu_and_piv, b, trans=1, check_finite=True):
    packed, swaps = lu_and_piv
    above = scipy.linalg.solve_triangular(packed, b, trans=1)
    below = scipy.linalg.solve_triangular(packed, above, trans=1, lower=True, unit_diagonal=True)
    return below[np.argsort(row_order(swaps))]


zero(row_order, row_swaps)
