"""Eigenvalues, singular values, QR, and what is made of them.

Vectors of equal values are not determined: the rules are right for functions that do not depend on the choice, and
the checks of `tangent_sct/runtime/decompositions.py` refuse the others. `p` is always a direction seen in the basis
of the vectors, and the vectors turn by `p_ij / (w_j - w_i)`.
"""

import numpy as np

from tangent_sct.runtime import (
    complete_qr,
    diagonal_copy,
    distinct,
    from_triangle,
    full_rank,
    independent,
    inverse_gaps,
    inverse_sums,
    null_free,
    over_columns,
    qr_triangle,
    right_solve,
    right_solve_adjoint,
    sized,
    skew,
    symmetric,
    thin_svd,
    to_triangle,
    transposed,
    tria,
    turn,
    unmixed,
    unsplit,
    unturn,
)
from tangent_sct.templating.language import d, expanded, isactive, iscomplex, ndim, rule

# -- eigenvalues ------------------------------------------------------------------------------


@rule(np.linalg.eigh)
def eigh(w, v, /, a, UPLO="L"):
    # a v = v w, v^H v = 1: with p = v^H da v, dw = diag(p) and dv = v (p / gaps).
    def tangent():
        if iscomplex(a):
            p = np.conj(transposed(v)) @ from_triangle(d[a], UPLO) @ v
            d[w] = np.real(diagonal_copy(p, 0, -2, -1))
        else:
            p = transposed(v) @ from_triangle(d[a], UPLO) @ v
            d[w] = diagonal_copy(p, 0, -2, -1)
        d[v] = v @ (inverse_gaps(w) * unsplit(p, w))

    def adjoint():
        if isactive(v):
            if isactive(w):
                turning = inverse_gaps(distinct(w)) * unmixed(transposed(v) @ d[v], w)
            else:
                turning = inverse_gaps(w) * unmixed(transposed(v) @ d[v], w)
            if iscomplex(a):
                d[a] += to_triangle(np.conj(v) @ turning @ transposed(v), UPLO)
            else:
                d[a] += to_triangle(v @ turning @ transposed(v), UPLO)
        if iscomplex(a):
            if ndim(a) == 2:
                d[a] += to_triangle(np.conj(v) * d[w] @ v.T, UPLO)
            else:
                d[a] += to_triangle(np.conj(v) * np.expand_dims(d[w], -2) @ transposed(v), UPLO)
        else:
            if ndim(a) == 2:
                d[a] += to_triangle(v * d[w] @ v.T, UPLO)
            else:
                d[a] += to_triangle(v * np.expand_dims(d[w], -2) @ transposed(v), UPLO)


@rule(np.linalg.eigvalsh)
def eigvalsh(w, /, a, UPLO="L"):
    w, v = np.linalg.eigh(a, UPLO)

    def tangent():
        if iscomplex(a):
            d[w] = np.real(np.sum(np.conj(v) * (from_triangle(d[a], UPLO) @ v), axis=-2))
        else:
            d[w] = np.sum(v * (from_triangle(d[a], UPLO) @ v), axis=-2)

    def adjoint():
        if iscomplex(a):
            if ndim(a) == 2:
                d[a] += to_triangle(np.conj(v) * d[w] @ v.T, UPLO)
            else:
                d[a] += to_triangle(np.conj(v) * np.expand_dims(d[w], -2) @ transposed(v), UPLO)
        else:
            if ndim(a) == 2:
                d[a] += to_triangle(v * d[w] @ v.T, UPLO)
            else:
                d[a] += to_triangle(v * np.expand_dims(d[w], -2) @ transposed(v), UPLO)


@rule(np.linalg.eig)
def eig(w, v, /, a):
    # a v = v w with columns of length one: with p = v^-1 da v, dw = diag(p); v turns by p / gaps, less the part along
    # itself.
    def tangent():
        p = np.linalg.solve(independent(v, a), d[a] @ v)
        d[w] = diagonal_copy(p, 0, -2, -1)
        turned = v @ (inverse_gaps(distinct(w)) * p)
        if iscomplex(a):
            d[v] = turned - v * np.real(np.sum(np.conj(v) * turned, axis=-2, keepdims=True))
        else:
            d[v] = turned - v * np.sum(v * turned, axis=-2, keepdims=True)

    def adjoint():
        if isactive(v):
            m = unmixed(transposed(v) @ d[v], w)
            along = np.sum(v * d[v], axis=-2, keepdims=True)
            if iscomplex(a):
                inner = m - transposed(v) @ np.conj(v) * np.real(along)
            else:
                inner = m - transposed(v) @ v * along
            turning = inverse_gaps(distinct(w)) * inner
            d[a] += np.linalg.solve(transposed(independent(v, a)), turning @ transposed(v))
        d[a] += np.linalg.solve(transposed(independent(v, a)), np.expand_dims(d[w], -1) * transposed(v))


@rule(np.linalg.eigvals)
def eigvals(w, /, a):
    w, v = np.linalg.eig(a)

    def tangent():
        d[w] = diagonal_copy(np.linalg.solve(independent(v, a), d[a] @ v), 0, -2, -1)

    def adjoint():
        d[a] += np.linalg.solve(transposed(independent(v, a)), np.expand_dims(d[w], -1) * transposed(v))


# -- singular values --------------------------------------------------------------------------


@expanded(np.linalg.svd, when={"compute_uv": (False,)})
def values_of_svd(a, full_matrices=True, compute_uv=True):
    return np.linalg.svdvals(a)


@rule(np.linalg.svdvals)
def svdvals(s, /, x):
    u, s, vh = np.linalg.svd(x, full_matrices=False)

    # dx = du s vh + u ds vh + ...: ds = diag(u^H dx v).
    def tangent():
        if iscomplex(x):
            d[s] = np.real(np.sum(np.conj(u) * (d[x] @ np.conj(transposed(vh))), axis=-2))
        else:
            d[s] = np.sum(u * (d[x] @ transposed(vh)), axis=-2)

    def adjoint():
        if iscomplex(x):
            if ndim(x) == 2:
                d[x] += np.conj(u * d[s] @ vh)
            else:
                d[x] += np.conj(u * np.expand_dims(d[s], -2) @ vh)
        else:
            if ndim(x) == 2:
                d[x] += u * d[s] @ vh
            else:
                d[x] += u * np.expand_dims(d[s], -2) @ vh


@expanded(np.linalg.svd, when={"full_matrices": (False,), "compute_uv": (True,)})
def vectors_of_svd(a, full_matrices=True, compute_uv=True):
    return thin_svd(a)


@rule(thin_svd)
def thin_svd_(u, s, vh, /, a):
    # With p = u^T da v: u^T du = p_s / gaps + p_a / sums and v^T dv = p_s / gaps - p_a / sums, of the symmetric and
    # the antisymmetric part of p. What da has beside u and v turns them out of the space that they span.
    u, s, vh = np.linalg.svd(a, full_matrices=False)

    def tangent():
        p = transposed(u) @ d[a] @ transposed(vh)
        d[s] = diagonal_copy(p, 0, -2, -1)
        parting = inverse_gaps(s) * unsplit(symmetric(p), s)
        turning = inverse_sums(s) * null_free(skew(p), s)
        beside_u = d[a] @ transposed(vh) - u @ p
        d[u] = u @ (parting + turning) + over_columns(beside_u, s)
        beside_v = transposed(d[a]) @ u - transposed(vh) @ transposed(p)
        d[vh] = transposed(over_columns(beside_v, s)) - (parting - turning) @ vh

    def adjoint():
        if ndim(a) == 2:
            d[a] += u * d[s] @ vh
        else:
            d[a] += u * np.expand_dims(d[s], -2) @ vh
        if isactive(u) or isactive(vh):
            by_u = transposed(u) @ d[u]
            by_v = vh @ transposed(d[vh])
            if isactive(s):
                parting = inverse_gaps(distinct(s)) * skew(unmixed(by_u + by_v, s))
            else:
                parting = inverse_gaps(s) * skew(unmixed(by_u + by_v, s))
            turning = inverse_sums(s) * null_free(skew(by_u) - skew(by_v), s)
            d[a] += u @ (parting + turning) @ vh
            d[a] += over_columns(d[u] - u @ by_u, s) @ vh
            d[a] += u @ transposed(over_columns(transposed(d[vh]) - transposed(vh) @ by_v, s))


@rule(np.linalg.svd)
def svd(u, s, vh, /, a):
    # As above: the vectors that are left over have the value zero, and nothing is beside all of them.
    def tangent():
        n = max(np.shape(a)[-2], np.shape(a)[-1])
        p = transposed(u) @ d[a] @ transposed(vh)
        d[s] = diagonal_copy(p, 0, -2, -1)
        whole = sized(p, n, n)
        values = sized(np.expand_dims(s, -2), 1, n)[..., 0, :]
        parting = inverse_gaps(values) * unsplit(symmetric(whole), values)
        turning = inverse_sums(values) * null_free(skew(whole), values)
        d[u] = u @ sized(parting + turning, np.shape(a)[-2], np.shape(a)[-2])
        d[vh] = -sized(parting - turning, np.shape(a)[-1], np.shape(a)[-1]) @ vh

    def adjoint():
        k = np.shape(s)[-1]
        if ndim(a) == 2:
            d[a] += u[:, :k] * d[s] @ vh[:k]
        else:
            d[a] += u[..., :, :k] * np.expand_dims(d[s], -2) @ vh[..., :k, :]
        if isactive(u) or isactive(vh):
            n = max(np.shape(a)[-2], np.shape(a)[-1])
            by_u = sized(transposed(u) @ d[u], n, n)
            by_v = sized(vh @ transposed(d[vh]), n, n)
            if isactive(s):
                values = sized(np.expand_dims(distinct(s), -2), 1, n)[..., 0, :]
            else:
                values = sized(np.expand_dims(s, -2), 1, n)[..., 0, :]
            parting = inverse_gaps(values) * skew(unmixed(by_u + by_v, values))
            turning = inverse_sums(values) * null_free(skew(by_u) - skew(by_v), values)
            d[a] += u @ sized(parting + turning, np.shape(a)[-2], np.shape(a)[-1]) @ vh


# -- QR ---------------------------------------------------------------------------------------
#
# da = dq r + q dr. With w = q^T da, q turns by x = turn(w r^-1), so that dr = w + x r is a triangle again, and what
# da has beside q goes to dq. Where a pivot is zero its column is left out of the elimination: then dr is no triangle,
# but d(r^T r) is exact at any rank, so all functions of r^T r (those of square-root filters) get their derivative.


@expanded(np.linalg.qr, when={"mode": ("r",)})
def triangle_alone(a, mode):
    return qr_triangle(a)


@expanded(np.linalg.qr, when={"mode": ("complete",)})
def all_columns(a, mode):
    return complete_qr(a)


@rule(qr_triangle)
def qr_triangle_(r, /, a):
    q, r = np.linalg.qr(a)

    def tangent():
        w = transposed(q) @ d[a]
        d[r] = w + turn(right_solve(w, r, a)) @ r

    def adjoint():
        below = unturn(r @ transposed(d[r]), r)
        d[a] += q @ (d[r] + right_solve_adjoint(below, r, a))


@expanded(tria)
def square_root(M):
    return transposed(qr_triangle(transposed(M)))


@rule(np.linalg.qr)
def qr(q, r, /, a):
    def tangent():
        w = transposed(q) @ d[a]
        x = turn(right_solve(w, r, a))
        d[q] = right_solve(d[a] - q @ w, full_rank(r, a), a) - q @ x
        d[r] = w + x @ r

    def adjoint():
        m = transposed(q) @ d[q]
        below = unturn(r @ transposed(d[r]) + m, r)
        d[a] += q @ (d[r] + right_solve_adjoint(below, r, a))
        if isactive(q):
            d[a] += right_solve_adjoint(d[q] - q @ m, full_rank(r, a), a)


@rule(complete_qr)
def complete_qr_(q, r, /, a):
    q, r = np.linalg.qr(a, mode="complete")

    def tangent():
        w = transposed(q) @ d[a]
        x = turn(right_solve(w, full_rank(r, a), a))
        d[q] = -q @ x
        d[r] = w + x @ r

    def adjoint():
        m = r @ transposed(d[r]) + transposed(q) @ d[q]
        below = unturn(m, r)
        d[a] += q @ (d[r] + right_solve_adjoint(below, full_rank(r, a), a))
