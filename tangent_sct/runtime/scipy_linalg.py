"""What the derivatives of functions of `scipy.linalg` are made of; imported by their templates alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg

from tangent_sct.runtime.decompositions import block_triangular, corner, sized
from tangent_sct.runtime.errors import DerivativeError
from tangent_sct.runtime.linalg import transposed

# -- matrix functions ---------------------------------------------------------------------------


def expm_tangent(a: Any, e: Any) -> Any:
    """The derivative of the matrix exponential at `a` along `e`.

    Args:
        a: (a stack of) square matrices.
        e: directions of the same shape.

    >>> expm_tangent(np.zeros((1, 1)), np.ones((1, 1))).tolist()
    [[1.0]]
    """
    if np.ndim(a) == 2 and np.size(a):
        return scipy.linalg.expm_frechet(a, e, compute_expm=False).astype(np.result_type(a, e), copy=False)
    return corner(scipy.linalg.expm(block_triangular(a, e)))


def foreseen(y: Any, a: Any) -> Any:
    """A function of a matrix, checked to be real where the matrix is.

    Args:
        y: the function.
        a: the matrix.

    Raises:
        DerivativeError: when it is complex and the matrix is not, which could not be foreseen.

    >>> foreseen(np.eye(1), np.eye(1)).tolist()
    [[1.0]]
    """
    if np.iscomplexobj(y) and not np.iscomplexobj(a):
        raise DerivativeError(
            "this function of a real matrix is complex, which nothing said beforehand: the matrix has eigenvalues "
            "that are not positive; pass it as complex numbers: a.astype(complex)"
        )
    return y


def regular(y: Any) -> Any:
    """A matrix, checked to be regular.

    Raises:
        DerivativeError: when it is singular up to rounding errors.

    >>> regular(np.eye(1)).tolist()
    [[1.0]]
    """
    s = np.linalg.svd(y, compute_uv=False)
    if np.size(s) and np.any(s[..., -1] <= 4 * np.shape(s)[-1] * np.finfo(s.dtype).eps * s[..., 0]):
        raise DerivativeError("the matrix is singular, where the square root and the polar factor have no derivative")
    return y


# -- triangles ----------------------------------------------------------------------------------


def triangular(m: Any, lower: bool = False, unit_diagonal: bool = False) -> Any:
    """The triangle of a matrix that a triangular solve reads.

    Args:
        m: the matrix.
        lower: whether that is the lower one.
        unit_diagonal: whether the diagonal is taken to be ones, and not read.

    >>> triangular(np.ones((2, 2)), lower=True).tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    return np.tril(m, -1 if unit_diagonal else 0) if lower else np.triu(m, 1 if unit_diagonal else 0)


def whole_lower(l: Any) -> Any:  # noqa: E741
    """The L of an LU decomposition with columns of the unit matrix behind it, so that it is square.

    >>> whole_lower(np.array([[1.0], [0.5]])).tolist()
    [[1.0, 0.0], [0.5, 1.0]]
    """
    m, k = np.shape(l)[-2:]
    return sized(l, m, m) + np.diag(np.arange(m) >= k).astype(l.dtype)


def leading_upper(u: Any) -> Any:
    """The square part of the U of an LU decomposition, its last pivot one where it is zero.

    Raises:
        DerivativeError: when another pivot is zero: then L jumps when the matrix changes.

    >>> leading_upper(np.array([[2.0, 1.0], [0.0, 0.0]])).tolist()
    [[2.0, 1.0], [0.0, 1.0]]
    """
    k = np.shape(u)[-2]
    lead = np.array(u[..., :, :k])
    pivots = np.abs(np.diagonal(lead, 0, -2, -1))
    bound = 4 * max(k, 1) * np.finfo(lead.dtype).eps * np.max(np.abs(lead), axis=(-2, -1), initial=0.0)
    zero = pivots <= bound[..., None]
    if np.any(zero[..., :-1]):
        raise DerivativeError("a pivot of the LU decomposition is zero before the last one, so L has no derivative")
    if k:
        lead[..., -1, -1] = np.where(zero[..., -1], 1, lead[..., -1, -1])
    return lead


# -- bands --------------------------------------------------------------------------------------


def _band(l_and_u: Any, n: int) -> tuple[Any, Any, Any]:
    """Rows, columns and places in a table of bands of all entries of a matrix of order n."""
    lower, upper = l_and_u
    offset, column = np.meshgrid(np.arange(-upper, lower + 1), np.arange(n), indexing="ij")
    row = column + offset
    return row, column, (row >= 0) & (row < n)


def banded_product(l_and_u: Any, ab: Any, x: Any) -> Any:
    """A matrix given by its bands, as `scipy.linalg.solve_banded` takes them, times vectors.

    Args:
        l_and_u: the number of bands below and above the diagonal.
        ab: the bands, a row each.
        x: a vector, or a matrix of columns.

    >>> banded_product((0, 1), np.array([[0.0, 5.0], [2.0, 3.0]]), np.ones(2)).tolist()
    [7.0, 3.0]
    """
    row, column, inside = _band(l_and_u, np.shape(ab)[1])
    result = np.zeros(np.shape(x), np.result_type(ab, x))
    terms = ab[inside].reshape(-1, *(1,) * (np.ndim(x) - 1)) * x[column[inside]]
    np.add.at(result, row[inside], terms)
    return result


def banded_outer(l_and_u: Any, t: Any, x: Any) -> Any:
    """The bands of `t x^T`, zeros in the places of the table that are not read.

    Args:
        l_and_u: the number of bands below and above the diagonal.
        t: a vector, or a matrix of columns.
        x: of the same shape.

    >>> banded_outer((0, 1), np.array([1.0, 2.0]), np.array([3.0, 4.0])).tolist()
    [[0.0, 4.0], [3.0, 8.0]]
    """
    row, column, inside = _band(l_and_u, np.shape(x)[0])
    products = t[np.where(inside, row, 0)] * x[column]
    return np.where(inside, products if np.ndim(x) == 1 else np.sum(products, axis=-1), products.dtype.type(0))


def banded_transposed(l_and_u: Any, ab: Any) -> Any:
    """The bands of the transposed matrix.

    >>> banded_transposed((0, 1), np.array([[0.0, 5.0], [2.0, 3.0]])).tolist()
    [[2.0, 3.0], [5.0, 0.0]]
    """
    lower, upper = l_and_u
    row, column, inside = _band((upper, lower), np.shape(ab)[1])
    places = (upper + column - row, np.where(inside, row, 0))
    return np.where(inside, ab[places], ab.dtype.type(0))


def both_bands(ab: Any, lower: bool = False) -> Any:
    """All bands of the symmetric matrix of which `scipy.linalg.solveh_banded` takes one half.

    Args:
        ab: the bands of that half, a row each.
        lower: whether it is the lower one.

    >>> both_bands(np.array([[0.0, 5.0], [2.0, 3.0]])).tolist()
    [[0.0, 5.0], [2.0, 3.0], [5.0, 0.0]]
    """
    k = np.shape(ab)[0] - 1
    other = banded_transposed((k, 0) if lower else (0, k), ab)
    return np.concatenate([other[:-1], ab] if lower else [ab, other[1:]])


def one_half(g: Any, lower: bool = False) -> Any:
    """The adjoint of `both_bands`.

    Args:
        g: a table of all bands.
        lower: whether the lower half was taken.

    >>> one_half(np.array([[0.0, 5.0], [2.0, 3.0], [7.0, 0.0]])).tolist()
    [[0.0, 12.0], [2.0, 3.0]]
    """
    k = np.shape(g)[0] // 2
    if lower:
        other = banded_transposed((0, k), g[: k + 1])
        half = g[k:].copy()
        half[1:] += other[1:]
    else:
        other = banded_transposed((k, 0), g[k:])
        half = g[: k + 1].copy()
        half[:-1] += other[:-1]
    return half


# -- Toeplitz matrices, blocks ------------------------------------------------------------------


def diagonal_sums(g: Any, below: bool) -> Any:
    """The sums of the diagonals of a matrix, from the main one outwards.

    Args:
        g: the matrix.
        below: whether those below the main diagonal are summed, or those above it.

    >>> diagonal_sums(np.array([[1.0, 2.0], [3.0, 4.0]]), True).tolist()
    [5.0, 3.0]
    """
    m, n = np.shape(g)
    if m == 0 or n == 0:
        return np.zeros(m if below else n, g.dtype)
    # Each row begins one place after that below it, so diagonals stand in columns.
    shifted = np.zeros((m, m + n), g.dtype)
    shifted[:, :n] = g[::-1]
    columns = np.ravel(shifted)[: m * (m + n - 1)].reshape(m, m + n - 1)
    return np.sum(columns[:, m - 1 :: -1] if below else columns[:, m - 1 :], axis=0)


def diagonal_block(g: Any, place: int, *arrs: Any) -> Any:
    """The block of a matrix where `scipy.linalg.block_diag` puts one of its arguments.

    Args:
        g: the matrix.
        place: which of the arguments.
        arrs: all of them; only their shapes count.

    >>> diagonal_block(np.eye(2), 1, 1.0, np.zeros((1, 1))).tolist()
    [[1.0]]
    """
    shapes = [np.shape(np.atleast_2d(a)) for a in arrs]
    row, column = (sum(shape[axis] for shape in shapes[:place]) for axis in (0, 1))
    part = g[row : row + shapes[place][0], column : column + shapes[place][1]]
    return np.reshape(part, np.shape(arrs[place])).copy() if np.ndim(arrs[place]) else part[0, 0]


def from_diagonals(v: Any, like: Any, below: bool) -> Any:
    """The adjoint of `diagonal_sums`: each number along its diagonal.

    Args:
        v: the numbers, from the main diagonal outwards.
        like: the matrix; only its shape counts.
        below: whether the diagonals are those below the main one.

    >>> from_diagonals(np.array([5.0, 3.0]), np.zeros((2, 2)), True).tolist()
    [[5.0, 0.0], [3.0, 5.0]]
    """
    m, n = np.shape(like)
    distance = np.arange(m)[:, None] - np.arange(n) if below else np.arange(n) - np.arange(m)[:, None]
    return np.where(distance >= 0, v[np.maximum(distance, 0)], v.dtype.type(0))


def in_block(v: Any, like: Any, place: int, *arrs: Any) -> Any:
    """The adjoint of `diagonal_block`: a block in its place, zeros around it.

    Args:
        v: the block.
        like: the matrix; only its shape counts.
        place: which of the arguments the block is for.
        arrs: all of them; only their shapes count.

    >>> in_block(2.0, np.zeros((2, 2)), 1, 1.0, 1.0).tolist()
    [[0.0, 0.0], [0.0, 2.0]]
    """
    shapes = [np.shape(np.atleast_2d(a)) for a in arrs]
    row, column = (sum(shape[axis] for shape in shapes[:place]) for axis in (0, 1))
    result = np.zeros_like(like)
    result[row : row + shapes[place][0], column : column + shapes[place][1]] = v
    return result


def cho_triangle(g: Any, lower: bool) -> Any:
    """The triangle of what `scipy.linalg.cho_factor` returns that means something.

    Args:
        g: the matrix.
        lower: what is returned beside it.

    >>> cho_triangle(np.ones((2, 2)), True).tolist()
    [[1.0, 0.0], [1.0, 1.0]]
    """
    return np.tril(g) if lower else np.triu(g)


def lower_factor(c: Any, lower: bool) -> Any:
    """The lower factor L of `a = L L^T`, of what `scipy.linalg.cho_factor` returns.

    >>> lower_factor(np.array([[1.0, 2.0], [9.0, 3.0]]), False).tolist()
    [[1.0, 0.0], [2.0, 3.0]]
    """
    return np.tril(c) if lower else transposed(np.triu(c))


def as_factor(g: Any, lower: bool) -> Any:
    """The adjoint of `lower_factor`.

    >>> as_factor(np.array([[1.0, 9.0], [2.0, 3.0]]), False).tolist()
    [[1.0, 2.0], [0.0, 3.0]]
    """
    return np.tril(g) if lower else transposed(np.tril(g))


def row_swaps(a: Any) -> Any:
    """With which later row each row of a matrix is exchanged when it is factorised: the second result of `lu_factor`.

    Args:
        a: the matrix.

    >>> row_swaps(np.array([[0.0, 1.0], [2.0, 0.0]])).tolist()
    [1, 1]
    """
    if np.ndim(a) != 2 or np.shape(a)[0] != np.shape(a)[1]:
        raise DerivativeError("the derivative of lu_factor is known for one square matrix")
    return scipy.linalg.lu_factor(a)[1]


def row_order(swaps: Any) -> Any:
    """The order of rows that some exchanges lead to.

    Args:
        swaps: with which row each is exchanged, from the first on.

    >>> row_order([1, 1]).tolist()
    [1, 0]
    """
    order = np.arange(len(swaps))
    for place, other in enumerate(swaps):
        order[[place, other]] = order[[other, place]]
    return order
