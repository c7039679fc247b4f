"""Norms of vectors and of matrices. At zero their derivative is zero, the subgradient of least norm.

The extreme orders and those of matrices are said in terms of sums, extrema and singular values, whose conventions at
ties they share.
"""

import numpy as np

from tangent_sct.runtime import unreduce, vector_order
from tangent_sct.templating.language import d, expanded, iscomplex, ndim, rule


@rule(np.linalg.norm)
def norm(y, /, x, ord=None, axis=None, keepdims=False):
    # Of a vector of order p: sign(x) (|x| / y)^(p - 1). The comparisons make it 0 where y is 0.
    # Of complex numbers d|x| = Re(conj(x) dx) / |x|.
    def tangent():
        if ord is None or ord == "fro" or (ord == 2 and (axis is None and ndim(x) == 1)):
            if iscomplex(x):
                along_x = np.sum(np.real(np.conj(x) * d[x]), axis=axis, keepdims=keepdims)
                d[y] = along_x / (y + (y == 0))
            else:
                d[y] = np.sum(x * d[x], axis=axis, keepdims=keepdims) / (y + (y == 0))
        else:
            p = vector_order(x, ord, axis)
            whole = unreduce(y + (y == 0), like=x, axis=axis, keepdims=keepdims)
            part = np.abs(x) / whole
            if iscomplex(x):
                unit = np.conj(x) / (np.abs(x) + (x == 0))
                by_x = np.sum(part ** (p - 1) * np.real(unit * d[x]), axis=axis, keepdims=keepdims)
            else:
                by_x = np.sum(np.sign(x) * part ** (p - 1) * d[x], axis=axis, keepdims=keepdims)
            weight = np.sum(part**p * np.log(part + (part == 0)), axis=axis, keepdims=keepdims)
            d[y] = by_x + d[ord] * y / p * weight

    def adjoint():
        if ord is None or ord == "fro" or (ord == 2 and (axis is None and ndim(x) == 1)):
            if axis is None and not keepdims:
                if iscomplex(x):
                    d[x] += d[y] / (y + (y == 0)) * np.conj(x)
                else:
                    d[x] += d[y] / (y + (y == 0)) * x
            else:
                scale = d[y] / (y + (y == 0))
                if iscomplex(x):
                    d[x] += unreduce(scale, like=x, axis=axis, keepdims=keepdims) * np.conj(x)
                else:
                    d[x] += unreduce(scale, like=x, axis=axis, keepdims=keepdims) * x
        else:
            p = vector_order(x, ord, axis)
            whole = unreduce(y + (y == 0), like=x, axis=axis, keepdims=keepdims)
            part = np.abs(x) / whole
            if iscomplex(x):
                slope = np.conj(x) / (np.abs(x) + (x == 0)) * part ** (p - 1)
            else:
                slope = np.sign(x) * part ** (p - 1)
            d[x] += unreduce(d[y], like=x, axis=axis, keepdims=keepdims) * slope
            weight = np.sum(part**p * np.log(part + (part == 0)), axis=axis, keepdims=keepdims)
            d[ord] += np.sum(d[y] * y / p * weight)


# -- norms of matrices: the last two axes ---------------------------------------------------------


def column_sums(x):
    return np.sum(np.abs(x), axis=-2)


def row_sums(x):
    return np.sum(np.abs(x), axis=-1)


def singular_values(x):
    """Those of zero have no part in a norm."""
    s = np.linalg.svdvals(x)
    return np.where(s > 0, s, 0)


@expanded(np.linalg.matrix_norm, when={"ord": (1,), "keepdims": (False,)})
def largest_column(x, keepdims=False, ord=1):
    return np.max(column_sums(x), axis=-1)


@expanded(np.linalg.matrix_norm, when={"ord": (-1,), "keepdims": (False,)})
def smallest_column(x, keepdims=False, ord=-1):
    return np.min(column_sums(x), axis=-1)


@expanded(np.linalg.matrix_norm, when={"ord": (np.inf,), "keepdims": (False,)})
def largest_row(x, keepdims=False, ord=np.inf):
    return np.max(row_sums(x), axis=-1)


@expanded(np.linalg.matrix_norm, when={"ord": (-np.inf,), "keepdims": (False,)})
def smallest_row(x, keepdims=False, ord=-np.inf):
    return np.min(row_sums(x), axis=-1)


@expanded(np.linalg.matrix_norm, when={"ord": (2,), "keepdims": (False,)})
def spectral(x, keepdims=False, ord=2):
    return np.max(singular_values(x), axis=-1)


@expanded(np.linalg.matrix_norm, when={"ord": (-2,), "keepdims": (False,)})
def least_singular_value(x, keepdims=False, ord=-2):
    return np.min(np.linalg.svdvals(x), axis=-1)


@expanded(np.linalg.matrix_norm, when={"ord": ("nuc",), "keepdims": (False,)})
def nuclear(x, keepdims=False, ord="nuc"):
    return np.sum(singular_values(x), axis=-1)


@expanded(np.linalg.matrix_norm, when={"ord": ("fro",)})
def frobenius(x, keepdims=False, ord="fro"):
    return np.linalg.norm(x, "fro", (-2, -1), keepdims)


@expanded(np.linalg.matrix_norm)
def of_matrix(x, keepdims=False, ord="fro"):
    return np.linalg.norm(x, ord, (-2, -1), keepdims)


# -- norms of vectors -------------------------------------------------------------------------------


@expanded(np.linalg.vector_norm, when={"ord": (1,)})
def sum_norm(x, axis=None, keepdims=False, ord=1):
    return np.sum(np.abs(x), axis=axis, keepdims=keepdims)


@expanded(np.linalg.vector_norm, when={"ord": (np.inf,)})
def largest(x, axis=None, keepdims=False, ord=np.inf):
    return np.max(np.abs(x), axis=axis, keepdims=keepdims)


@expanded(np.linalg.vector_norm, when={"ord": (-np.inf,)})
def smallest(x, axis=None, keepdims=False, ord=-np.inf):
    return np.min(np.abs(x), axis=axis, keepdims=keepdims)


@expanded(np.linalg.vector_norm, when={"ord": (2,), "axis": (None,), "keepdims": (False,)})
def euclidean(x, axis=None, keepdims=False, ord=2):
    return np.linalg.norm(np.ravel(x))


@expanded(np.linalg.vector_norm, when={"ord": (2,)})
def euclidean_along(x, axis, keepdims=False, ord=2):
    return np.linalg.norm(x, None, axis, keepdims)


@expanded(np.linalg.vector_norm, when={"keepdims": (False,)})
def of_vector(x, axis=None, keepdims=False, ord=2):
    if axis is None:
        return np.linalg.norm(np.ravel(x), ord)
    else:
        return np.linalg.norm(x, ord, axis, keepdims)


# -- np.linalg.norm, of either ------------------------------------------------------------------------
#
# Where it is not known whether it is of a vector or of a matrix, the order is no literal in what is called, and the
# rule above checks it when the derivative runs.


@expanded(np.linalg.norm, when={"ord": (1,), "keepdims": (False,)})
def norm_1(x, ord=None, axis=None, keepdims=False):
    if isinstance(axis, tuple):
        return largest_column(np.moveaxis(x, axis, (-2, -1)))
    elif axis is None and np.ndim(x) == 2:
        return largest_column(x)
    elif axis is None and np.ndim(x) == 1:
        return np.sum(np.abs(x))
    elif axis is not None:
        return np.sum(np.abs(x), axis=axis)
    else:
        return np.linalg.norm(x, float(ord), axis)


@expanded(np.linalg.norm, when={"ord": (-1,), "keepdims": (False,)})
def norm_minus_1(x, ord=None, axis=None, keepdims=False):
    if isinstance(axis, tuple):
        return smallest_column(np.moveaxis(x, axis, (-2, -1)))
    elif axis is None and np.ndim(x) == 2:
        return smallest_column(x)
    else:
        return np.linalg.norm(x, float(ord), axis)


@expanded(np.linalg.norm, when={"ord": (np.inf,), "keepdims": (False,)})
def norm_inf(x, ord=None, axis=None, keepdims=False):
    if isinstance(axis, tuple):
        return largest_row(np.moveaxis(x, axis, (-2, -1)))
    elif axis is None and np.ndim(x) == 2:
        return largest_row(x)
    elif axis is None and np.ndim(x) == 1:
        return np.max(np.abs(x))
    elif axis is not None:
        return np.max(np.abs(x), axis=axis)
    else:
        return np.linalg.norm(x, float(ord), axis)


@expanded(np.linalg.norm, when={"ord": (-np.inf,), "keepdims": (False,)})
def norm_minus_inf(x, ord=None, axis=None, keepdims=False):
    if isinstance(axis, tuple):
        return smallest_row(np.moveaxis(x, axis, (-2, -1)))
    elif axis is None and np.ndim(x) == 2:
        return smallest_row(x)
    elif axis is None and np.ndim(x) == 1:
        return np.min(np.abs(x))
    elif axis is not None:
        return np.min(np.abs(x), axis=axis)
    else:
        return np.linalg.norm(x, float(ord), axis)


@expanded(np.linalg.norm, when={"ord": (2,), "keepdims": (False,)})
def norm_2(x, ord=None, axis=None, keepdims=False):
    if isinstance(axis, tuple):
        return spectral(np.moveaxis(x, axis, (-2, -1)))
    elif axis is None and np.ndim(x) == 2:
        return spectral(x)
    elif axis is None and np.ndim(x) == 1:
        return np.linalg.norm(x)
    elif axis is not None:
        return np.linalg.norm(x, axis=axis)
    else:
        return np.linalg.norm(x, float(ord), axis)


@expanded(np.linalg.norm, when={"ord": (-2,), "keepdims": (False,)})
def norm_minus_2(x, ord=None, axis=None, keepdims=False):
    if isinstance(axis, tuple):
        return least_singular_value(np.moveaxis(x, axis, (-2, -1)))
    elif axis is None and np.ndim(x) == 2:
        return least_singular_value(x)
    else:
        return np.linalg.norm(x, float(ord), axis)


@expanded(np.linalg.norm, when={"ord": ("nuc",), "axis": (None,), "keepdims": (False,)})
def norm_nuclear(x, ord=None, axis=None, keepdims=False):
    return nuclear(x)


@expanded(np.linalg.norm, when={"ord": ("nuc",), "keepdims": (False,)})
def norm_nuclear_along(x, ord=None, axis=None, keepdims=False):
    return nuclear(np.moveaxis(x, axis, (-2, -1)))


# -- condition numbers ----------------------------------------------------------------------------------


@expanded(np.linalg.cond, when={"p": (None, 2)})
def cond(x, p=None):
    s = np.linalg.svdvals(x)
    return s[..., 0] / s[..., -1]


@expanded(np.linalg.cond, when={"p": (-2,)})
def inverse_cond(x, p=None):
    s = np.linalg.svdvals(x)
    return s[..., -1] / s[..., 0]


@expanded(np.linalg.cond, when={"p": (1,)})
def cond_of_columns(x, p=None):
    return largest_column(x) * largest_column(np.linalg.inv(x))


@expanded(np.linalg.cond, when={"p": (np.inf,)})
def cond_of_rows(x, p=None):
    return largest_row(x) * largest_row(np.linalg.inv(x))


@expanded(np.linalg.cond, when={"p": ("fro",)})
def cond_frobenius(x, p=None):
    return frobenius(x) * frobenius(np.linalg.inv(x))


@expanded(np.linalg.cond, when={"p": ("nuc",)})
def cond_nuclear(x, p=None):
    return nuclear(x) * nuclear(np.linalg.inv(x))
