"""Helpers of linear algebra, as Numba compiles them: for matrices and vectors, not for stacks of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from tangent_sct.runtime import decompositions, linalg
from tangent_sct.runtime.compilable import Implementation, compiles, is_absent, rank
from tangent_sct.runtime.errors import DerivativeError

SMALL = decompositions._TOLERANCE
"""Up to what share of the largest entry others count as nothing."""


@compiles(linalg.transposed)
def transposed(a: Any) -> Implementation:
    """A matrix with its axes swapped; a vector or a number as it is."""
    if rank(a) == 2:
        return lambda a: a.T
    return (lambda a: a) if rank(a) < 2 else None


@compiles(linalg.lower_half)
def lower_half(m: Any) -> Implementation:
    """The lower triangle with its diagonal halved."""
    return (lambda m: (np.tril(m) + np.tril(m, -1)) / 2) if rank(m) == 2 else None


@compiles(linalg.vector_order)
def vector_order(x: Any, ord: Any, axis: Any = None) -> Implementation:
    """The order of a norm of a vector."""
    if rank(x) != 1 or not isinstance(ord, (types.Integer, types.Float)):
        return None

    def order(x: Any, ord: Any, axis: Any = None) -> Any:
        if ord == 0 or not np.isfinite(ord):
            raise DerivativeError("norms are differentiated whose order is finite and not zero")
        return ord

    return order


@compiles(linalg.matmul_left)
def matmul_left(g: Any, a: Any, b: Any) -> Implementation:
    """The adjoint of the left factor of a product of matrices and vectors."""
    ranks = rank(a), rank(b)
    if ranks == (2, 2):
        return lambda g, a, b: g @ b.T
    if ranks == (2, 1):
        return lambda g, a, b: np.outer(g, b)
    if ranks == (1, 2):
        return lambda g, a, b: b @ g
    return (lambda g, a, b: g * b) if ranks == (1, 1) else None


@compiles(linalg.matmul_right)
def matmul_right(g: Any, a: Any, b: Any) -> Implementation:
    """The adjoint of the right factor of a product of matrices and vectors."""
    ranks = rank(a), rank(b)
    if ranks == (2, 2):
        return lambda g, a, b: a.T @ g
    if ranks == (2, 1):
        return lambda g, a, b: g @ a
    if ranks == (1, 2):
        return lambda g, a, b: np.outer(a, g)
    return (lambda g, a, b: g * a) if ranks == (1, 1) else None


@compiles(linalg.kron_left)
def kron_left(g: Any, a: Any, b: Any) -> Implementation:
    """The adjoint of the left factor of a Kronecker product of two matrices, or of two vectors."""
    if rank(a) == rank(b) == 1:
        return lambda g, a, b: g.copy().reshape(a.size, b.size) @ b
    if rank(a) != 2 or rank(b) != 2:
        return None

    def of_blocks(g: Any, a: Any, b: Any) -> Any:
        rows, columns = b.shape
        found = np.zeros(a.shape, g.dtype)
        for i in range(a.shape[0]):
            for j in range(a.shape[1]):
                found[i, j] = np.sum(g[i * rows : (i + 1) * rows, j * columns : (j + 1) * columns] * b)
        return found

    return of_blocks


@compiles(linalg.kron_right)
def kron_right(g: Any, a: Any, b: Any) -> Implementation:
    """The adjoint of the right factor of a Kronecker product of two matrices, or of two vectors."""
    if rank(a) == rank(b) == 1:
        return lambda g, a, b: a @ g.copy().reshape(a.size, b.size)
    if rank(a) != 2 or rank(b) != 2:
        return None

    def of_blocks(g: Any, a: Any, b: Any) -> Any:
        rows, columns = b.shape
        found = np.zeros(b.shape, g.dtype)
        for i in range(a.shape[0]):
            for j in range(a.shape[1]):
                found += a[i, j] * g[i * rows : (i + 1) * rows, j * columns : (j + 1) * columns]
        return found

    return of_blocks


@compiles(decompositions.cofactors)
def cofactors(a: Any) -> Implementation:
    """The derivative of the determinant of a matrix, which may be singular."""
    if rank(a) != 2 or not isinstance(a.dtype, types.Float):
        return None

    def found(a: Any) -> Any:
        value = np.linalg.det(a)
        if a.size and value != 0 and np.isfinite(value):
            inverse = np.linalg.inv(a)
            if np.max(np.abs(inverse)) * np.max(np.abs(a)) * np.finfo(inverse.dtype).eps < 1e-12:
                return value * inverse.T.copy()
        u, s, vh = np.linalg.svd(a)
        scaled = u.copy()
        for i in range(s.size):
            product = np.linalg.det(u) * np.linalg.det(vh)
            for j in range(s.size):
                if j != i:
                    product *= s[j]
            scaled[:, i] *= product
        return scaled @ vh

    return found


@compiles(decompositions.block_triangular)
def block_triangular(a: Any, e: Any) -> Implementation:
    """A matrix twice on the diagonal, and another one in the corner."""
    if rank(a) != 2:
        return None

    def blocks(a: Any, e: Any) -> Any:
        n = a.shape[0]
        found = np.zeros((2 * n, 2 * n), a.dtype)
        found[:n, :n] = a
        found[:n, n:] = e
        found[n:, n:] = a
        return found

    return blocks


@compiles(decompositions.corner)
def corner(m: Any) -> Implementation:
    """The upper right quarter of a matrix."""
    return (lambda m: m[: m.shape[0] // 2, m.shape[0] // 2 :].copy()) if rank(m) == 2 else None


@compiles(decompositions.symmetric)
def symmetric(m: Any) -> Implementation:
    """The symmetric part of a matrix."""
    return (lambda m: (m + m.T) / 2) if rank(m) == 2 else None


@compiles(decompositions.skew)
def skew(m: Any) -> Implementation:
    """The antisymmetric part of a matrix."""
    return (lambda m: (m - m.T) / 2) if rank(m) == 2 else None


@compiles(decompositions.from_triangle)
def from_triangle(a: Any, UPLO: Any = "L") -> Implementation:
    """The symmetric matrix of which the lower triangle is read."""
    if not _is_real_matrix(a) or not _is_left_out(UPLO):
        return None
    return lambda a, UPLO="L": np.tril(a) + np.tril(a, -1).T


@compiles(decompositions.to_triangle)
def to_triangle(s: Any, UPLO: Any = "L") -> Implementation:
    """What the lower triangle gets of the adjoint of the whole matrix."""
    if not _is_real_matrix(s) or not _is_left_out(UPLO):
        return None
    return lambda s, UPLO="L": np.tril(s) + np.tril(s.T, -1)


def _is_real_matrix(kind: Any) -> bool:
    return rank(kind) == 2 and isinstance(kind.dtype, types.Float)


def _is_left_out(kind: Any) -> bool:
    return isinstance(kind, (str, types.Omitted)) or is_absent(kind)


@compiles(decompositions.inverse_gaps)
def inverse_gaps(w: Any) -> Implementation:
    """One over the differences of values, and 0 where they are equal."""
    if rank(w) != 1 or not isinstance(w.dtype, types.Float):
        return None

    def gaps(w: Any) -> Any:
        found = np.zeros((w.size, w.size), w.dtype)
        for i in range(w.size):
            for j in range(w.size):
                if abs(w[j] - w[i]) > _bound(w):
                    found[i, j] = 1 / (w[j] - w[i])
        return found

    return gaps


def _bound(w: Any) -> Any:
    """How far apart equal values may be."""
    largest = 0.0
    for value in w:
        largest = max(largest, abs(value))
    return 4 * max(w.size, 1) * np.finfo(w.dtype).eps * largest


@compiles(_bound)
def bound(w: Any) -> Implementation:
    """As it stands."""
    return _bound


@compiles(decompositions.distinct)
def distinct(w: Any) -> Implementation:
    """Values, checked to be distinct."""
    if rank(w) != 1 or not isinstance(w.dtype, types.Float):
        return None

    def checked(w: Any) -> Any:
        for i in range(w.size):
            for j in range(i):
                if abs(w[j] - w[i]) <= _bound(w):
                    raise DerivativeError(
                        "two eigenvalues or singular values are equal, and a function of the values and of the "
                        "vectors together is differentiated: its derivative is not determined by theirs"
                    )
        return w

    return checked


@compiles(decompositions.unmixed)
def unmixed(m: Any, w: Any) -> Implementation:
    """Adjoints of vectors, checked not to depend on which were chosen for equal values."""
    if not _is_real_matrix(m) or rank(w) != 1 or not isinstance(w.dtype, types.Float):
        return None

    def checked(m: Any, w: Any) -> Any:
        limit = SMALL * np.max(np.abs(m)) if m.size else 0.0
        for i in range(w.size):
            for j in range(i):
                if abs(w[j] - w[i]) <= _bound(w) and abs(m[i, j] - m[j, i]) > limit:
                    raise DerivativeError(
                        "the function depends on which vectors were chosen for equal eigenvalues or singular values: "
                        "there is no derivative"
                    )
        return m

    return checked


@compiles(decompositions.unsplit)
def unsplit(p: Any, w: Any) -> Implementation:
    """A direction, checked to leave equal values equal."""
    if not _is_real_matrix(p) or rank(w) != 1 or not isinstance(w.dtype, types.Float):
        return None

    def checked(p: Any, w: Any) -> Any:
        limit = SMALL * np.max(np.abs(p)) if p.size else 0.0
        for i in range(w.size):
            for j in range(w.size):
                if i != j and abs(w[j] - w[i]) <= _bound(w) and abs(p[i, j]) + abs(p[j, j] - p[i, i]) > limit:
                    raise DerivativeError(
                        "equal eigenvalues or singular values part along this direction, where their vectors jump "
                        "and have no tangent"
                    )
        return p

    return checked
