"""Sparse matrices that vary: a pattern, which is a constant, and the stored values, an array like any other.

With <y_bar, A dx + dA x> = <A^T y_bar, dx> + sum of dA_ij y_bar_i x_j over the pattern, the adjoint of the stored
values is `sparse_outer(y_bar, x)`; of a system A x = b it is `-sparse_outer(b_bar, x)`, with b_bar = A^-T x_bar.
Products, their adjoints and solutions are one another's derivatives, so all orders stay among them.
"""

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from tangent_sct.runtime.sparse import (
    diagonal_alone,
    diagonal_part,
    gathered,
    handed_out,
    joined_diagonals,
    pattern_of,
    sparse_dense,
    sparse_entries,
    sparse_factors,
    sparse_outer,
    sparse_product,
    sparse_solve,
    turned,
    values_of,
)
from tangent_sct.runtime.sparse_objects import Coo, Csc, Csr, Factored, Sparse, check_factor
from tangent_sct.runtime.sparse_patterns import (
    compressed,
    diagonal_lengths,
    diagonals_pattern,
    flavoured,
    joined_pattern,
    pattern_from,
    stacked_pattern,
    summed_places,
)
from tangent_sct.templating.language import (
    d,
    dense,
    each,
    expanded,
    for_complex,
    linear,
    rule,
    zero,
)

# Patterns share arrays of indices with what they are made of, as SciPy's matrices do.
zero(pattern_from, pattern_of, compressed, flavoured, summed_places, aliasing="maybe")
zero(
    diagonals_pattern, diagonal_lengths, stacked_pattern, joined_pattern, values_of, check_factor, sparse_factors,
    turned,
)  # fmt: skip


# -- how they are made -----------------------------------------------------------------------


@expanded(scipy.sparse.csr_array)
def csr_array(arg1, shape=None):
    if isinstance(arg1, Sparse):
        A = arg1.tocsr()._again(scipy.sparse.csr_array)
    else:
        pattern = pattern_from(arg1[1:], shape, scipy.sparse.csr_array)
        if len(arg1) == 3:
            values = np.asarray(arg1[0])
        else:
            values = gathered(arg1[0], pattern.places)
        A = Csr(pattern, values)
    return A


@expanded(scipy.sparse.csr_matrix)
def csr_matrix(arg1, shape=None):
    if isinstance(arg1, Sparse):
        A = arg1.tocsr()._again(scipy.sparse.csr_matrix)
    else:
        pattern = pattern_from(arg1[1:], shape, scipy.sparse.csr_matrix)
        if len(arg1) == 3:
            values = np.asarray(arg1[0])
        else:
            values = gathered(arg1[0], pattern.places)
        A = Csr(pattern, values)
    return A


@expanded(scipy.sparse.csc_array)
def csc_array(arg1, shape=None):
    if isinstance(arg1, Sparse):
        A = arg1.tocsc()._again(scipy.sparse.csc_array)
    else:
        pattern = pattern_from(arg1[1:], shape, scipy.sparse.csc_array)
        if len(arg1) == 3:
            values = np.asarray(arg1[0])
        else:
            values = gathered(arg1[0], pattern.places)
        A = Csc(pattern, values)
    return A


@expanded(scipy.sparse.csc_matrix)
def csc_matrix(arg1, shape=None):
    if isinstance(arg1, Sparse):
        A = arg1.tocsc()._again(scipy.sparse.csc_matrix)
    else:
        pattern = pattern_from(arg1[1:], shape, scipy.sparse.csc_matrix)
        if len(arg1) == 3:
            values = np.asarray(arg1[0])
        else:
            values = gathered(arg1[0], pattern.places)
        A = Csc(pattern, values)
    return A


@expanded(scipy.sparse.coo_array)
def coo_array(arg1, shape=None):
    if isinstance(arg1, Sparse):
        A = arg1.tocoo()._again(scipy.sparse.coo_array)
    else:
        A = Coo(pattern_from(arg1[1:], shape, scipy.sparse.coo_array), np.asarray(arg1[0]))
    return A


@expanded(scipy.sparse.coo_matrix)
def coo_matrix(arg1, shape=None):
    if isinstance(arg1, Sparse):
        A = arg1.tocoo()._again(scipy.sparse.coo_matrix)
    else:
        A = Coo(pattern_from(arg1[1:], shape, scipy.sparse.coo_matrix), np.asarray(arg1[0]))
    return A


@expanded(scipy.sparse.dia_array)
def dia_array(arg1, shape=None):
    pattern = stacked_pattern(np.shape(arg1[0]), arg1[1], shape, scipy.sparse.dia_array)
    return Sparse(pattern, gathered(np.ravel(arg1[0]), pattern.places))


@expanded(scipy.sparse.dia_matrix)
def dia_matrix(arg1, shape=None):
    pattern = stacked_pattern(np.shape(arg1[0]), arg1[1], shape, scipy.sparse.dia_matrix)
    return Sparse(pattern, gathered(np.ravel(arg1[0]), pattern.places))


_ONE_DIAGONAL = {"offsets": tuple(range(-20, 21))}


@expanded(scipy.sparse.diags_array, when=_ONE_DIAGONAL)
def diagonal_array(diagonals, offsets=0, shape=None, format=None):
    pattern = diagonals_pattern(np.size(diagonals), [offsets], shape, scipy.sparse.dia_array)
    lengths = diagonal_lengths(np.size(diagonals), [offsets], shape)
    return Sparse(pattern, gathered(joined_diagonals([np.asarray(diagonals)], lengths), pattern.places))


@expanded(scipy.sparse.diags, when=_ONE_DIAGONAL)
def diagonal_matrix(diagonals, offsets=0, shape=None, format=None):
    pattern = diagonals_pattern(np.size(diagonals), [offsets], shape, scipy.sparse.dia_matrix)
    lengths = diagonal_lengths(np.size(diagonals), [offsets], shape)
    return Sparse(pattern, gathered(joined_diagonals([np.asarray(diagonals)], lengths), pattern.places))


@expanded(scipy.sparse.diags_array)
def diags_array(diagonals, offsets=0, shape=None, format=None):
    pattern = diagonals_pattern(np.size(diagonals[0]), offsets, shape, scipy.sparse.dia_array)
    lengths = diagonal_lengths(np.size(diagonals[0]), offsets, shape)
    return Sparse(pattern, gathered(joined_diagonals(diagonals, lengths), pattern.places))


@expanded(scipy.sparse.diags)
def diags(diagonals, offsets=0, shape=None, format=None):
    pattern = diagonals_pattern(np.size(diagonals[0]), offsets, shape, scipy.sparse.dia_matrix)
    lengths = diagonal_lengths(np.size(diagonals[0]), offsets, shape)
    return Sparse(pattern, gathered(joined_diagonals(diagonals, lengths), pattern.places))


# -- systems ------------------------------------------------------------------------------------


@expanded(scipy.sparse.linalg.spsolve)
def spsolve(A, b):
    return A._solve(b)


@expanded(scipy.sparse.linalg.splu, scipy.sparse.linalg.factorized)
def splu(A):
    if isinstance(A, Sparse):
        A = Factored(A._pattern, np.copy(A._values))
    else:
        A = Factored(pattern_of(A), values_of(A))
    return A


@rule(sparse_solve, constant=("factors",))
def sparse_solve_(x, /, factors, values, b):
    def tangent():
        d[x] = sparse_solve(factors, values, d[b] - sparse_product(pattern_of(factors), d[values], x))

    def adjoint():
        t = sparse_solve(factors.T, values, d[x])
        d[b] += t
        d[values] += -sparse_outer(pattern_of(factors), t, x)


# -- products, and what they are made of --------------------------------------------------------


@rule(sparse_product, constant=("pattern",))
def sparse_product_(y, /, pattern, values, x):
    def tangent():
        d[y] = sparse_product(pattern, d[values], x) + sparse_product(pattern, values, d[x])

    def adjoint():
        d[values] += sparse_outer(pattern, d[y], x)
        d[x] += sparse_product(pattern.T, values, d[y])


@rule(sparse_outer, constant=("pattern",))
def sparse_outer_(w, /, pattern, u, v):
    def tangent():
        d[w] = sparse_outer(pattern, d[u], v) + sparse_outer(pattern, u, d[v])

    def adjoint():
        d[u] += sparse_product(pattern, d[w], v)
        d[v] += sparse_product(pattern.T, d[w], u)


@rule(sparse_dense, constant=("pattern",))
def sparse_dense_(y, /, pattern, values):
    def tangent():
        d[y] = sparse_dense(pattern, d[values])

    def adjoint():
        d[values] += sparse_entries(pattern, d[y])


@rule(sparse_entries, constant=("pattern",))
def sparse_entries_(w, /, pattern, dense):
    def tangent():
        d[w] = sparse_entries(pattern, d[dense])

    def adjoint():
        d[dense] += sparse_dense(pattern, d[w])


@linear(gathered)
def gathered_(y, /, values, places):
    d[values] += handed_out(d[y], places)


@linear(handed_out)
def handed_out_(y, /, found, places):
    d[found] += gathered(d[y], places)


@rule(joined_diagonals, constant=("lengths",))
def joined_diagonals_(y, /, diagonals, lengths):
    def tangent():
        d[y] = joined_diagonals([dense(d[v]) for v in each(diagonals)], lengths)

    def adjoint():
        for i, v in enumerate(each(diagonals)):
            d[v] += diagonal_part(d[y], lengths, i, v)


@rule(diagonal_part, constant=("lengths", "place"))
def diagonal_part_(w, /, joined, lengths, place, like):
    def tangent():
        d[w] = diagonal_part(d[joined], lengths, place, like)

    def adjoint():
        d[joined] += diagonal_alone(d[w], lengths, place)


@rule(diagonal_alone, constant=("lengths", "place"))
def diagonal_alone_(y, /, part, lengths, place):
    def tangent():
        d[y] = diagonal_alone(d[part], lengths, place)

    def adjoint():
        d[part] += diagonal_part(d[y], lengths, place, part)


for_complex(joined_diagonals, diagonal_part, diagonal_alone)
for_complex(sparse_product, sparse_outer, sparse_solve, sparse_dense, sparse_entries, gathered, handed_out)
