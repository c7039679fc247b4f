"""Derivatives of what the derivatives of decompositions are made of, for higher orders."""

import numpy as np

from tangent_sct.runtime import (
    block_triangular,
    cofactors,
    corner,
    distinct,
    from_triangle,
    full_rank,
    independent,
    inverse_gaps,
    inverse_sums,
    null_free,
    over_columns,
    right_solve,
    right_solve_adjoint,
    second_cofactors,
    sized,
    skew,
    symmetric,
    to_triangle,
    transposed,
    turn,
    unmixed,
    unsplit,
    unturn,
)
from tangent_sct.templating.language import d, dense, linear, rule

# -- triangles and parts ----------------------------------------------------------------------


@linear(from_triangle)
def from_triangle_(y, /, a, UPLO="L"):
    d[a] += to_triangle(d[y], UPLO)


@linear(to_triangle)
def to_triangle_(y, /, s, UPLO="L"):
    d[s] += from_triangle(d[y], UPLO)


@linear(skew)
def skew_(y, /, m):
    d[m] += skew(d[y])


@linear(symmetric)
def symmetric_(y, /, m):
    d[m] += symmetric(d[y])


@linear(sized)
def sized_(y, /, m, rows, columns):
    d[m] += sized(d[y], np.shape(m)[-2], np.shape(m)[-1])


@linear(turn)
def turn_(y, /, z):
    d[z] += -unturn(d[y], z)


@linear(unturn)
def unturn_(y, /, g, like):
    d[g] += -turn(d[y])


# -- gaps -------------------------------------------------------------------------------------


@rule(inverse_gaps)
def inverse_gaps_(f, /, w):
    def tangent():
        d[f] = f * f * (np.expand_dims(d[w], -1) - np.expand_dims(d[w], -2))

    def adjoint():
        t = d[f] * f * f
        d[w] += np.sum(t, axis=-1) - np.sum(t, axis=-2)


@rule(inverse_sums)
def inverse_sums_(f, /, s):
    def tangent():
        d[f] = -f * f * (np.expand_dims(d[s], -1) + np.expand_dims(d[s], -2))

    def adjoint():
        t = d[f] * f * f
        d[s] += -(np.sum(t, axis=-1) + np.sum(t, axis=-2))


@rule(over_columns)
def over_columns_(y, /, x, s):
    def tangent():
        d[y] = over_columns(d[x] - y * np.expand_dims(d[s], -2), s)

    def adjoint():
        t = over_columns(d[y], s)
        d[x] += t
        d[s] += -np.sum(t * y, axis=-2)


# -- checks -----------------------------------------------------------------------------------


@rule(distinct, aliasing="view")
def distinct_(y, /, w):
    def tangent():
        d[y] = d[w]

    def adjoint():
        d[w] += d[y]


# What only checks a value, against another one, hands it on.
@rule(independent, unmixed, unsplit, null_free, full_rank, aliasing="view")
def checked(y, /, m, like):
    def tangent():
        d[y] = d[m]

    def adjoint():
        d[m] += d[y]


# -- the triangle of QR: of full rank, else it is not smooth --------------------------------------


@rule(right_solve)
def right_solve_(z, /, w, r, like):
    def tangent():
        lead = d[r][..., : np.shape(z)[-1], :]
        d[z] = right_solve(d[w] - z @ lead, full_rank(r, like), like)

    def adjoint():
        t = right_solve_adjoint(d[z], full_rank(r, like), like)
        d[w] += t
        d[r] += sized(-transposed(z) @ t, np.shape(r)[-2], np.shape(r)[-1])


@rule(right_solve_adjoint)
def right_solve_adjoint_(y, /, g, r, like):
    def tangent():
        k = np.shape(g)[-1]
        by_r = y[..., :, :k] @ transposed(d[r][..., :k, :k])
        d[y] = right_solve_adjoint(d[g] - by_r, full_rank(r, like), like)

    def adjoint():
        t = right_solve(d[y], full_rank(r, like), like)
        d[g] += t
        by_lead = -transposed(t) @ y[..., :, : np.shape(g)[-1]]
        d[r] += sized(by_lead, np.shape(r)[-2], np.shape(r)[-1])


# -- blocks, cofactors ------------------------------------------------------------------------


@rule(block_triangular)
def block_triangular_(y, /, a, e):
    def tangent():
        d[y] = block_triangular(dense(d[a]), dense(d[e]))

    def adjoint():
        n = np.shape(a)[-1]
        d[a] += d[y][..., :n, :n] + d[y][..., n:, n:]
        d[e] += corner(d[y])


@linear(corner)
def corner_(y, /, m):
    d[m] += block_triangular(np.zeros_like(d[y]), d[y])


@rule(cofactors)
def cofactors_(c, /, a):
    def tangent():
        d[c] = second_cofactors(a, d[a])

    def adjoint():
        d[a] += second_cofactors(a, d[c])


@rule(second_cofactors, constant=("a",))
def second_cofactors_(y, /, a, e):
    def tangent():
        d[y] = second_cofactors(a, d[e])

    def adjoint():
        d[e] += second_cofactors(a, d[y])
