"""Derivatives of what the derivatives of `scipy.linalg` are made of, for higher orders."""

import numpy as np

from tangent_sct.runtime import block_triangular, corner, sized, transposed
from tangent_sct.runtime.scipy_linalg import (
    as_factor,
    banded_outer,
    banded_product,
    banded_transposed,
    both_bands,
    cho_triangle,
    diagonal_block,
    diagonal_sums,
    expm_tangent,
    foreseen,
    from_diagonals,
    in_block,
    leading_upper,
    lower_factor,
    one_half,
    regular,
    triangular,
    whole_lower,
)
from tangent_sct.templating.language import d, linear, rule


@rule(expm_tangent)
def expm_tangent_(y, /, a, e):
    # Linear in e; by a, the second derivative of the exponential, out of the corners of a matrix of blocks.
    def tangent():
        moved = block_triangular(d[a], np.zeros_like(a))
        d[y] = expm_tangent(a, d[e]) + corner(expm_tangent(block_triangular(a, e), moved))

    def adjoint():
        d[e] += expm_tangent(transposed(a), d[y])
        seed = block_triangular(d[y], np.zeros_like(a))
        d[a] += corner(expm_tangent(block_triangular(transposed(a), transposed(e)), seed))


@rule(foreseen, aliasing="view")
def foreseen_(z, /, y, a):
    def tangent():
        d[z] = d[y]

    def adjoint():
        d[y] += d[z]


@rule(regular, aliasing="view")
def regular_(z, /, y):
    def tangent():
        d[z] = d[y]

    def adjoint():
        d[y] += d[z]


# -- triangles --------------------------------------------------------------------------------


@linear(triangular)
def triangular_(y, /, m, lower=False, unit_diagonal=False):
    d[m] += triangular(d[y], lower, unit_diagonal)


@linear(lower_factor)
def lower_factor_(y, /, c, lower):
    d[c] += as_factor(d[y], lower)


@linear(as_factor)
def as_factor_(y, /, g, lower):
    d[g] += lower_factor(d[y], lower)


@linear(cho_triangle)
def cho_triangle_(y, /, g, lower):
    d[g] += cho_triangle(d[y], lower)


@rule(whole_lower)
def whole_lower_(y, /, l):  # noqa: E741
    def tangent():
        d[y] = sized(d[l], np.shape(l)[-2], np.shape(l)[-2])

    def adjoint():
        d[l] += sized(d[y], np.shape(l)[-2], np.shape(l)[-1])


@rule(leading_upper)
def leading_upper_(y, /, u):
    def tangent():
        d[y] = sized(d[u], np.shape(u)[-2], np.shape(u)[-2])

    def adjoint():
        d[u] += sized(d[y], np.shape(u)[-2], np.shape(u)[-1])


# -- bands ------------------------------------------------------------------------------------


@rule(banded_product, constant=("l_and_u",))
def banded_product_(y, /, l_and_u, ab, x):
    def tangent():
        d[y] = banded_product(l_and_u, d[ab], x) + banded_product(l_and_u, ab, d[x])

    def adjoint():
        d[ab] += banded_outer(l_and_u, d[y], x)
        d[x] += banded_product(l_and_u[::-1], banded_transposed(l_and_u, ab), d[y])


@rule(banded_outer, constant=("l_and_u",))
def banded_outer_(y, /, l_and_u, t, x):
    def tangent():
        d[y] = banded_outer(l_and_u, d[t], x) + banded_outer(l_and_u, t, d[x])

    def adjoint():
        d[t] += banded_product(l_and_u, d[y], x)
        d[x] += banded_product(l_and_u[::-1], banded_transposed(l_and_u, d[y]), t)


@rule(banded_transposed, constant=("l_and_u",))
def banded_transposed_(y, /, l_and_u, ab):
    def tangent():
        d[y] = banded_transposed(l_and_u, d[ab])

    def adjoint():
        d[ab] += banded_transposed(l_and_u[::-1], d[y])


@linear(both_bands)
def both_bands_(y, /, ab, lower=False):
    d[ab] += one_half(d[y], lower)


@linear(one_half)
def one_half_(y, /, g, lower=False):
    d[g] += both_bands(d[y], lower)


# -- matrices of a form -----------------------------------------------------------------------


@rule(diagonal_sums)
def diagonal_sums_(y, /, g, below):
    def tangent():
        d[y] = diagonal_sums(d[g], below)

    def adjoint():
        d[g] += from_diagonals(d[y], g, below)


@rule(diagonal_block)
def diagonal_block_(y, /, g, place, *arrs):
    def tangent():
        d[y] = diagonal_block(d[g], place, *arrs)

    def adjoint():
        d[g] += in_block(d[y], g, place, *arrs)


@rule(from_diagonals)
def from_diagonals_(y, /, v, like, below):
    def tangent():
        d[y] = from_diagonals(d[v], like, below)

    def adjoint():
        d[v] += diagonal_sums(d[y], below)


@rule(in_block)
def in_block_(y, /, v, like, place, *arrs):
    def tangent():
        d[y] = in_block(d[v], like, place, *arrs)

    def adjoint():
        d[v] += diagonal_block(d[y], place, *arrs)
