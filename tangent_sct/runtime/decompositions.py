"""What the derivatives of decompositions are made of: triangles, gaps between values, and checks that there are gaps.

Values that lie closer together than rounding errors reach count as equal. There a decomposition has not one basis but
many, and only functions that do not depend on the choice have a derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct.runtime.errors import DerivativeError
from tangent_sct.runtime.linalg import transposed


def _adjoint(a: Any) -> Any:
    return np.conj(transposed(a)) if np.iscomplexobj(a) else transposed(a)


def _diagonal_of(a: Any) -> Any:
    """The real part of the diagonal, in its place."""
    return np.where(np.eye(np.shape(a)[-1], dtype=bool), np.real(a), a.dtype.type(0))


def from_triangle(a: Any, UPLO: str = "L") -> Any:
    """The symmetric (or Hermitian) matrix of which a routine reads one triangle.

    Args:
        a: (a stack of) square matrices.
        UPLO: "L" where the lower triangle is read, "U" for the upper one.

    >>> from_triangle(np.array([[1.0, 9.0], [2.0, 3.0]])).tolist()
    [[1.0, 2.0], [2.0, 3.0]]
    """
    part = np.tril(a, -1) if UPLO in "Ll" else np.triu(a, 1)
    return part + _adjoint(part) + _diagonal_of(a)


def to_triangle(s: Any, UPLO: str = "L") -> Any:
    """The adjoint of `from_triangle`: what the triangle that is read gets, zeros in the other one.

    Args:
        s: the adjoint of the whole matrix.
        UPLO: the triangle.

    >>> to_triangle(np.array([[1.0, 9.0], [2.0, 3.0]])).tolist()
    [[1.0, 0.0], [11.0, 3.0]]
    """
    both = s + _adjoint(s)
    return (np.tril(both, -1) if UPLO in "Ll" else np.triu(both, 1)) + _diagonal_of(s)


def skew(m: Any) -> Any:
    """The antisymmetric part of (a stack of) matrices.

    >>> skew(np.array([[1.0, 4.0], [2.0, 3.0]])).tolist()
    [[0.0, 1.0], [-1.0, 0.0]]
    """
    return (m - transposed(m)) / 2


def symmetric(m: Any) -> Any:
    """The symmetric part of (a stack of) matrices.

    >>> symmetric(np.array([[1.0, 4.0], [2.0, 3.0]])).tolist()
    [[1.0, 3.0], [3.0, 3.0]]
    """
    return (m + transposed(m)) / 2


def sized(m: Any, rows: int, columns: int) -> Any:
    """The upper left part of (a stack of) matrices, with zeros where there is nothing.

    Args:
        m: the matrices.
        rows: how many rows the result has.
        columns: how many columns.

    >>> sized(np.array([[1.0, 2.0], [3.0, 4.0]]), 1, 3).tolist()
    [[1.0, 2.0, 0.0]]
    """
    result = np.zeros((*np.shape(m)[:-2], rows, columns), m.dtype)
    part = m[..., :rows, :columns]
    result[..., : part.shape[-2], : part.shape[-1]] = part
    return result


# -- gaps -------------------------------------------------------------------------------------


def _bound(w: Any) -> Any:
    """How far apart equal values may be, for each row of values."""
    largest = np.max(np.abs(w), axis=-1, initial=0.0)
    return 4 * max(np.shape(w)[-1], 1) * np.finfo(np.asarray(w).dtype).eps * largest


def _differences(w: Any) -> Any:
    return w[..., None, :] - w[..., :, None]


def _equal(w: Any) -> Any:
    """Which pairs of values are equal."""
    return np.abs(_differences(w)) <= _bound(w)[..., None, None]


def inverse_gaps(w: Any) -> Any:
    """`1 / (w_j - w_i)` in row i and column j, and 0 where the two are equal.

    Args:
        w: (a stack of) eigenvalues or singular values.

    >>> inverse_gaps(np.array([1.0, 3.0])).tolist()
    [[0.0, 0.5], [-0.5, 0.0]]
    """
    tied = _equal(w)
    return np.where(tied, w.dtype.type(0), 1 / np.where(tied, w.dtype.type(1), _differences(w)))


def inverse_sums(s: Any) -> Any:
    """`1 / (s_i + s_j)`, and 0 where both are zero.

    Args:
        s: (a stack of) singular values.

    >>> inverse_sums(np.array([3.0, 1.0, 0.0, 0.0]))[2:].tolist()
    [[0.3333333333333333, 1.0, 0.0, 0.0], [0.3333333333333333, 1.0, 0.0, 0.0]]
    """
    sums = s[..., None, :] + s[..., :, None]
    zero = sums <= 2 * _bound(s)[..., None, None]
    return np.where(zero, s.dtype.type(0), 1 / np.where(zero, s.dtype.type(1), sums))


# -- checks: each hands on what it is given -----------------------------------------------------

_TOLERANCE = 1e-6


def _is_small(part: Any, whole: Any) -> bool:
    largest = np.max(np.abs(whole), initial=0.0)
    return bool(np.max(np.abs(part), initial=0.0) <= _TOLERANCE * largest)


def distinct(w: Any) -> Any:
    """Eigenvalues or singular values, checked to be distinct.

    Raises:
        DerivativeError: when two are equal: what a function of values and vectors does there when they part
            is nothing that the adjoints of both could tell.

    >>> distinct(np.array([1.0, 3.0])).tolist()
    [1.0, 3.0]
    """
    if np.count_nonzero(_equal(w)) > np.size(w):
        raise DerivativeError(
            "two eigenvalues or singular values are equal, and a function of the values and of the vectors together "
            "is differentiated: its derivative is not determined by theirs; use the values alone, the vectors alone, "
            "or a function of the whole matrix (np.linalg.matrix_power, scipy.linalg.expm, sqrtm, logm, polar)"
        )
    return w


def unmixed(m: Any, w: Any, /) -> Any:
    """What the adjoints of vectors say of turning one towards another, checked to be nothing where values are equal.

    Args:
        m: (a stack of) matrices, vectors times their adjoints.
        w: the values that belong to them.

    Raises:
        DerivativeError: when the function that is differentiated depends on which vectors were chosen for
            equal values, or on the phases of complex ones.

    >>> unmixed(np.eye(2), np.ones(2)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if not _is_small(np.where(_equal(w), m - _adjoint(m), 0), m):
        raise DerivativeError(
            "the function depends on which vectors were chosen for equal eigenvalues or singular values, or on the "
            "phases of complex ones: there is no derivative"
        )
    return m


def unsplit(p: Any, w: Any, /) -> Any:
    """A direction in the basis of the vectors, checked to leave equal values equal.

    Args:
        p: (a stack of) directions, in the basis of the vectors.
        w: the values that belong to them.

    Raises:
        DerivativeError: when equal values part along the direction: then the vectors jump.

    >>> unsplit(np.eye(2), np.ones(2)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    tied = _equal(w)
    diagonal = np.diagonal(p, 0, -2, -1)
    apart = np.where(np.eye(np.shape(w)[-1], dtype=bool), 0, p)
    levels = _differences(diagonal)
    if not _is_small(np.where(tied, np.abs(apart) + np.abs(levels), 0), p):
        raise DerivativeError(
            "equal eigenvalues or singular values part along this direction, where their vectors jump and have no "
            "tangent; reverse mode (grad, vjp) differentiates functions that do not depend on the choice of vectors"
        )
    return p


def null_free(m: Any, s: Any, /) -> Any:
    """What the adjoints of singular vectors say, checked to be nothing between those of the value zero.

    Args:
        m: (a stack of) matrices, vectors times their adjoints.
        s: the singular values.

    Raises:
        DerivativeError: when the function depends on which vectors were chosen where the value is zero.

    >>> null_free(np.zeros((2, 2)), np.zeros(2)).tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    zero = s <= _bound(s)[..., None]
    if not _is_small(np.where(zero[..., None, :] & zero[..., :, None], m, 0), m):
        raise DerivativeError(
            "the function depends on which singular vectors were chosen for the value zero: there is no derivative"
        )
    return m


def over_columns(x: Any, s: Any) -> Any:
    """Each column divided by its singular value; columns of zeros stay where that is zero.

    Args:
        x: (a stack of) matrices.
        s: a value for each column.

    Raises:
        DerivativeError: when a value is zero and its column is not.

    >>> over_columns(np.array([[2.0, 0.0]]), np.array([4.0, 0.0])).tolist()
    [[0.5, 0.0]]
    """
    zero = np.broadcast_to((s <= _bound(s)[..., None])[..., None, :], np.shape(x))
    if not _is_small(np.where(zero, x, 0), x):
        raise DerivativeError(
            "singular vectors of the singular value zero jump when the matrix changes: there is no derivative"
        )
    return np.where(zero, x.dtype.type(0), x / np.where(zero, s.dtype.type(1), s[..., None, :]))


def independent(v: Any, a: Any, /) -> Any:
    """Eigenvectors, checked to be independent of each other, and real where the matrix is.

    Args:
        v: the eigenvectors.
        a: the matrix.

    Raises:
        DerivativeError: when there are fewer of them than rows, so that the matrix cannot be made diagonal; when
            they are complex and the matrix is not, which could not be foreseen.

    >>> independent(np.eye(2), np.eye(2)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if np.iscomplexobj(v) and not np.iscomplexobj(a):
        raise DerivativeError(
            "the eigenvalues of this real matrix are complex, which nothing said beforehand; pass it as complex "
            "numbers: np.linalg.eig(a.astype(complex))"
        )
    smallest = np.min(np.linalg.svd(v, compute_uv=False), initial=1.0)
    if smallest <= 4 * np.shape(v)[-1] * np.finfo(v.dtype).eps:
        raise DerivativeError(
            "the eigenvectors of the matrix are not independent (it is defective): neither they nor the eigenvalues "
            "have a derivative"
        )
    return v


# -- triangles of QR ---------------------------------------------------------------------------


def _pivots(r: Any, like: Any) -> tuple[Any, Any]:
    """The leading triangle of R with unit columns where a pivot is zero, and which pivots are not."""
    k = min(np.shape(r)[-2:])
    lead = r[..., :k, :k]
    pivots = np.abs(np.diagonal(lead, 0, -2, -1))
    lengths = np.sqrt(np.sum(np.abs(lead) ** 2, axis=-2))
    bound = 10 * max(np.shape(like)[-2:]) * np.finfo(r.dtype).eps * lengths
    kept = (pivots > bound)[..., None, :]
    return np.where(kept, lead, np.eye(k, dtype=r.dtype)), kept


def right_solve(w: Any, r: Any, like: Any) -> Any:
    """`W R^-1` with the leading triangle of R; columns whose pivot is zero are left out of the elimination.

    Args:
        w: as many columns as `r`.
        r: the triangle of a QR decomposition.
        like: what was decomposed; only its shape counts.

    >>> right_solve(np.array([[2.0, 4.0]]), np.array([[2.0, 0.0], [0.0, 1.0]]), np.eye(2)).tolist()
    [[1.0, 4.0]]
    """
    lead, kept = _pivots(r, like)
    known = np.where(kept, w[..., :, : np.shape(lead)[-1]], 0)
    return transposed(np.linalg.solve(transposed(lead), transposed(known)))


def right_solve_adjoint(g: Any, r: Any, like: Any) -> Any:
    """`G R^-T`, the adjoint of `right_solve`: columns that were left out there are zero here.

    Args:
        g: as many columns as there are pivots.
        r: the triangle of a QR decomposition.
        like: what was decomposed; only its shape counts.

    >>> right_solve_adjoint(np.array([[2.0, 4.0]]), np.array([[2.0, 0.0], [0.0, 1.0]]), np.eye(2)).tolist()
    [[1.0, 4.0]]
    """
    lead, kept = _pivots(r, like)
    solved = transposed(np.linalg.solve(lead, transposed(g)))
    return sized(np.where(kept, solved, solved.dtype.type(0)), np.shape(g)[-2], np.shape(r)[-1])


def turn(z: Any) -> Any:
    """The antisymmetric matrix with the negative of `z` below its diagonal: how Q turns so that R stays a triangle.

    Args:
        z: (a stack of) matrices with no more columns than rows; only what is below the diagonal counts.

    >>> turn(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist()
    [[0.0, 3.0], [-3.0, 0.0]]
    """
    lower = np.tril(sized(z, np.shape(z)[-2], np.shape(z)[-2]), -1)
    return transposed(lower) - lower


def unturn(g: Any, like: Any) -> Any:
    """What is below the diagonal of `g - g^T`, in as many columns as R has pivots: minus the adjoint of `turn`.

    Args:
        g: (a stack of) square matrices.
        like: R; only its shape counts.

    >>> unturn(np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros((2, 1))).tolist()
    [[0.0], [1.0]]
    """
    return np.tril(g - transposed(g), -1)[..., :, : min(np.shape(like)[-2:])]


def full_rank(r: Any, like: Any, /) -> Any:
    """The triangle of a QR decomposition, checked to have no zero pivot.

    Args:
        r: the triangle.
        like: what was decomposed; only its shape counts.

    Raises:
        DerivativeError: when a pivot is zero: then Q jumps when the matrix changes.

    >>> full_rank(np.eye(2), np.eye(2)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if not np.all(_pivots(r, like)[1]):
        raise DerivativeError(
            "the leading columns of the matrix are linearly dependent: there the Q of its QR decomposition has no "
            "derivative, R alone has (np.linalg.qr(a, mode='r'), or tria)"
        )
    return r


# -- matrix functions ---------------------------------------------------------------------------


def block_triangular(a: Any, e: Any) -> Any:
    """`[[a, e], [0, a]]`: a function of it has its derivative at `a` along `e` in the corner.

    Args:
        a: (a stack of) square matrices.
        e: matrices of the same shape.

    >>> block_triangular(np.array([[1.0]]), np.array([[2.0]])).tolist()
    [[1.0, 2.0], [0.0, 1.0]]
    """
    upper = np.concatenate([a, e], axis=-1)
    return np.concatenate([upper, np.concatenate([np.zeros_like(e), a], axis=-1)], axis=-2)


def corner(m: Any) -> Any:
    """The upper right quarter of (a stack of) matrices.

    >>> corner(np.array([[1.0, 2.0], [0.0, 1.0]])).tolist()
    [[2.0]]
    """
    n = np.shape(m)[-1] // 2
    return m[..., :n, n:].copy()


def power_tangent(a: Any, e: Any, n: int) -> Any:
    """The derivative of `np.linalg.matrix_power` at `a` along `e`, by three products for each that the power needs.

    Args:
        a: (a stack of) square matrices.
        e: the direction, of the same shape.
        n: the exponent.

    >>> power_tangent(np.array([[3.0]]), np.array([[1.0]]), 3).tolist()
    [[27.0]]
    """
    if n == 0:
        return np.zeros_like(e)
    if n < 0:
        inverse = np.linalg.inv(a)
        return power_tangent(inverse, -inverse @ e @ inverse, -n)
    power, slope = a, np.array(e)
    for digit in bin(n)[3:]:
        power, slope = power @ power, slope @ power + power @ slope
        if digit == "1":
            power, slope = power @ a, slope @ a + power @ e
    return slope


def cofactors(a: Any) -> Any:
    """The derivative of the determinant: `det(a) a^-T`, also where `a` is singular.

    Args:
        a: (a stack of) square matrices.

    >>> cofactors(np.array([[1.0, 2.0], [0.0, 0.0]])).round(12).tolist()
    [[0.0, 0.0], [-2.0, 1.0]]
    """
    value = np.linalg.det(a)
    if np.size(a) and np.all(value != 0) and np.all(np.isfinite(value)):
        inverse = np.linalg.inv(a)
        # Far from singular this is as exact, and much less work.
        if np.max(np.abs(inverse)) * np.max(np.abs(a)) * np.finfo(inverse.dtype).eps < 1e-12:
            return np.asarray(value)[..., None, None] * transposed(inverse)
    u, s, vh = np.linalg.svd(a)
    n = np.shape(a)[-1]
    # Row i of the table holds the values with the i-th replaced by one.
    others = np.prod(np.where(np.eye(n, dtype=bool), s.dtype.type(1), s[..., None, :]), axis=-1)
    return _handedness(u, vh) * ((np.conj(u) * others[..., None, :]) @ np.conj(vh))


def _handedness(u: Any, vh: Any) -> Any:
    return (np.linalg.det(u) * np.linalg.det(vh))[..., None, None]


def second_cofactors(a: Any, e: Any) -> Any:
    """The derivative of `cofactors` at `a` along `e`; as a function of `e` it is its own adjoint.

    Args:
        a: (a stack of) square matrices, which may be singular.
        e: directions of the same shape.

    >>> second_cofactors(np.zeros((2, 2)), np.array([[1.0, 2.0], [3.0, 4.0]])).round(12).tolist()
    [[4.0, -3.0], [-2.0, 1.0]]
    """
    u, s, vh = np.linalg.svd(a)
    unit = np.eye(np.shape(a)[-1], dtype=bool)
    seen = np.conj(transposed(u)) @ e @ np.conj(transposed(vh))
    # Entry i, j of the table is the product of the values without the i-th and the j-th.
    left_out = unit[:, None, :] | unit[None, :, :]
    others = np.prod(np.where(left_out, s.dtype.type(1), s[..., None, None, :]), axis=-1)
    others = np.where(unit, s.dtype.type(0), others)
    along = others @ np.diagonal(seen, 0, -2, -1)[..., None]
    moved = np.where(unit, along, -others * transposed(seen))
    return _handedness(u, vh) * (np.conj(u) @ moved @ np.conj(vh))


# -- functions of whose options one is chosen: a rule is for one sort of result --------------------


def tria(M: Any) -> Any:
    """The triangular L with `L L^T = M M^T`: what square-root filters replace covariances by.

    Its derivative is exact for every function of `L L^T`, whatever the rank of `M`: a zero pivot does no harm, so
    covariances of noise may be singular. Diagonal entries may be negative (`np.log(np.abs(np.diag(L)))`).

    Args:
        M: a matrix, or a stack of matrices, with as many rows as L.

    Returns:
        L, lower trapezoidal: as many rows as `M`, and as many columns as the smaller of its two sizes.

    >>> L = tria(np.array([[3.0, 4.0]]))
    >>> abs(L).round(12).tolist()
    [[5.0]]
    """
    return transposed(np.linalg.qr(transposed(M), mode="r"))


def thin_svd(a: Any) -> Any:
    """`np.linalg.svd(a, full_matrices=False)`.

    >>> [part.shape for part in thin_svd(np.ones((3, 2)))]
    [(3, 2), (2,), (2, 2)]
    """
    return np.linalg.svd(a, full_matrices=False)


def qr_triangle(a: Any) -> Any:
    """`np.linalg.qr(a, mode="r")`.

    >>> abs(qr_triangle(np.array([[3.0], [4.0]]))).round(12).tolist()
    [[5.0]]
    """
    return np.linalg.qr(a, mode="r")


def complete_qr(a: Any) -> Any:
    """`np.linalg.qr(a, mode="complete")`.

    >>> complete_qr(np.array([[3.0], [4.0]]))[0].shape
    (2, 2)
    """
    return np.linalg.qr(a, mode="complete")
