"""What is computed with sparse matrices whose stored values vary: products, systems, sums.

A matrix is a pattern, which is a constant, and its stored values, an array like any other. All that is done with it
is a function of the two, so no derivative ever makes a dense matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tangent_sct.runtime.errors import DerivativeError
from tangent_sct.runtime.sparse_patterns import Pattern, Places


def gathered(values: Any, places: Places) -> Any:
    """Values brought to their places; those that meet are summed.

    Args:
        values: the values.
        places: where they go.

    >>> gathered(np.array([1.0, 2.0, 3.0]), Places(np.array([1, 0, 1]), 2)).tolist()
    [2.0, 4.0]
    """
    values = np.asarray(values)
    found = np.zeros(places.count + 1, dtype=values.dtype)
    np.add.at(found, places.places, values)
    return found[:-1]


def handed_out(found: Any, places: Places) -> Any:
    """What stands at the place of each value: `gathered` seen backwards.

    Args:
        found: what stands at the places.
        places: where the values went.

    >>> handed_out(np.array([2.0, 4.0]), Places(np.array([1, 0, 2]), 2)).tolist()
    [4.0, 2.0, 0.0]
    """
    return np.append(found, np.zeros(1, np.asarray(found).dtype))[places.places]


def sparse_dense(pattern: Pattern, values: Any) -> Any:
    """A sparse matrix as an array.

    Args:
        pattern: of the matrix.
        values: its stored values.
    """
    return pattern.matrix(values).toarray()


def sparse_entries(pattern: Pattern, dense: Any) -> Any:
    """What stands in an array where a sparse matrix has its stored values.

    Args:
        pattern: of the matrix.
        dense: the array.
    """
    return np.asarray(dense)[pattern.rows, pattern.columns]


def sparse_product(pattern: Pattern, values: Any, x: Any) -> Any:
    """The product of a sparse matrix with a vector or a matrix that is an array.

    Args:
        pattern: of the matrix.
        values: its stored values.
        x: the other factor.

    Raises:
        DerivativeError: when `x` is neither.

    >>> pattern = Pattern("coo", (np.array([0]), np.array([1])), (2, 2))
    >>> sparse_product(pattern, np.array([2.0]), np.array([3.0, 4.0])).tolist()
    [8.0, 0.0]
    """
    x = as_dense(x)
    if np.ndim(x) not in (1, 2):
        raise DerivativeError(f"the derivative of a product of a sparse matrix with {np.ndim(x)} axes is not known")
    return pattern.matrix(values) @ x


def as_dense(x: Any) -> Any:
    """What a sparse matrix is multiplied with.

    Args:
        x: the other factor.

    Raises:
        DerivativeError: when it is no array: a sparse matrix, or one of `np.matrix`.
    """
    if hasattr(x, "tocsr") or isinstance(x, np.ndarray) and type(x) not in (np.ndarray, np.memmap):
        raise DerivativeError(
            f"a sparse matrix that varies meets a {type(x).__name__} in a product or a system: the derivative is "
            "known for arrays"
        )
    return np.asarray(x)


def sparse_outer(pattern: Pattern, u: Any, v: Any) -> Any:
    """The entries of `u v^T` where a sparse matrix has its stored values.

    Args:
        pattern: of the matrix.
        u: a vector, or a matrix with one for each product that is summed.
        v: another.

    >>> pattern = Pattern("coo", (np.array([0]), np.array([1])), (2, 2))
    >>> sparse_outer(pattern, np.array([3.0, 0.0]), np.array([0.0, 4.0])).tolist()
    [12.0]
    """
    left, right = np.asarray(u)[pattern.rows], np.asarray(v)[pattern.columns]
    return left * right if left.ndim == 1 else np.einsum("ij,ij->i", left, right)


class SparseFactors:
    """The factors of a square sparse matrix, which systems are solved with.

    Args:
        pattern: of the matrix.
        values: its stored values.
        factors: as SciPy makes them; None of a matrix without rows.
        trans: "T" where they are those of the transposed matrix.
    """

    def __init__(self, pattern: Pattern, values: Any, factors: Any, trans: str = "N") -> None:
        self.pattern = pattern
        self.values = values
        self.dtype = values.dtype
        self._factors = factors
        self._trans = trans

    def __repr__(self) -> str:
        return f"SparseFactors({self.pattern!r})"

    def __deepcopy__(self, memo: Any) -> SparseFactors:
        """Nobody writes into factors, and SciPy's cannot be copied."""
        return self

    @property
    def T(self) -> SparseFactors:
        """The factors of the transposed matrix."""
        return SparseFactors(self.pattern.T, self.values, self._factors, "T" if self._trans == "N" else "N")

    def solve(self, b: Any) -> Any:
        """The solution of a system.

        Args:
            b: the right-hand side, of the type of the factors.
        """
        return np.copy(b) if self._factors is None else self._factors.solve(b, self._trans)


def _floating(values: Any) -> Any:
    """A copy of stored values, of a type that systems are solved in."""
    values = np.array(values)
    return values if values.dtype.char in "fdFD" else values.astype(float)


def sparse_factors(pattern: Pattern, values: Any) -> SparseFactors:
    """The factors of a square sparse matrix.

    Args:
        pattern: of the matrix.
        values: its stored values.

    Raises:
        DerivativeError: when the matrix is singular, or its entries are not in the order in which SciPy stores them.
    """
    from scipy.sparse import linalg

    values = _floating(values)
    # Indices that are written into later are those of another matrix.
    pattern = Pattern(pattern.format, [np.copy(i) for i in pattern.index], pattern.shape)
    matrix = pattern.matrix(values)
    if pattern.format != "coo" and not matrix.has_canonical_format:
        raise DerivativeError(
            "a system is solved with a sparse matrix whose entries are not sorted, or stand twice at one place: "
            "SciPy sorts and sums them in the arrays that it was made of; make it from (values, (rows, columns))"
        )
    matrix = matrix.tocsc()
    if pattern.shape[0] != pattern.shape[1]:
        raise ValueError(f"matrix must be square, and has shape {pattern.shape}")
    if not pattern.shape[0]:
        return SparseFactors(pattern, values, None)
    try:
        return SparseFactors(pattern, values, linalg.splu(matrix))
    except RuntimeError as error:
        raise DerivativeError("a sparse matrix that a system is solved with is singular") from error


def sparse_solve(factors: SparseFactors, values: Any, b: Any) -> Any:
    """The solution of a system with a sparse matrix.

    Args:
        factors: of the matrix; those of another one are not used.
        values: its stored values.
        b: the right-hand side, a vector or several in the columns of a matrix.

    >>> pattern = Pattern("coo", (np.array([0, 1]), np.array([1, 0])), (2, 2))
    >>> values = np.array([2.0, 4.0])
    >>> sparse_solve(sparse_factors(pattern, values), values, np.array([1.0, 2.0])).tolist()
    [0.5, 0.5]
    """
    b = as_dense(b)
    if np.ndim(b) not in (1, 2) or len(b) != factors.pattern.shape[0]:
        shapes = f"{factors.pattern.shape} has a right-hand side of shape {np.shape(b)}"
        raise ValueError(f"a sparse system of shape {shapes}")
    own = _floating(values)
    if own.dtype != factors.dtype or not np.array_equal(factors.values, own, equal_nan=True):
        factors = sparse_factors(factors.pattern, values)
    dtype = np.result_type(factors.dtype, b)
    if dtype == factors.dtype:
        return factors.solve(b.astype(dtype))
    if dtype.kind == "c" and np.finfo(dtype).dtype == np.finfo(factors.dtype).dtype:
        # A real matrix and complex numbers: their real and their imaginary parts.
        return factors.solve(b.real.astype(factors.dtype)) + 1j * factors.solve(b.imag.astype(factors.dtype))
    return sparse_factors(factors.pattern, np.asarray(values).astype(dtype)).solve(b.astype(dtype))


def turned(factors: SparseFactors, trans: Any) -> SparseFactors:
    """The factors of the matrix, or of the transposed matrix.

    Args:
        factors: of the matrix.
        trans: "N", or "T" for the transposed matrix; "H", its conjugate, is known for real matrices.

    Raises:
        DerivativeError: when it is something else.
    """
    if trans == "N":
        return factors
    if trans != "T" and (trans != "H" or factors.dtype.kind == "c"):
        raise DerivativeError(f"the derivative of a sparse system with trans={trans!r} is not known")
    return factors.T


def pattern_of(matrix: Any) -> Pattern:
    """The pattern of a sparse matrix that is a constant, or of one by its factors.

    Args:
        matrix: the matrix, or the factors.

    Raises:
        DerivativeError: when it is no sparse matrix.
    """
    if isinstance(matrix, SparseFactors):
        return matrix.pattern
    if not hasattr(matrix, "tocoo") or len(matrix.shape) != 2:
        raise DerivativeError(
            f"a sparse matrix that varies meets a {type(matrix).__name__} in a sum: the derivative is known for the "
            "sum with a sparse matrix"
        )
    entries = matrix.tocoo()
    return Pattern("coo", (entries.row, entries.col), entries.shape, type(matrix).__name__.endswith("_matrix"))


def values_of(matrix: Any) -> Any:
    """The stored values of a sparse matrix that is a constant, as `pattern_of` has them.

    Args:
        matrix: the matrix.
    """
    return matrix.tocoo().data


def joined_diagonals(diagonals: Any, lengths: Sequence[int]) -> Any:
    """Diagonals one behind the other, as `diags` reads them: one value stands for all, what is too long is cut off.

    Args:
        diagonals: the diagonals.
        lengths: how long they are in the matrix.

    >>> joined_diagonals([2.0, np.arange(3.0)], [3, 2]).tolist()
    [2.0, 2.0, 2.0, 0.0, 1.0]
    """
    if len(diagonals) != len(lengths):
        raise ValueError(f"{len(diagonals)} diagonals and {len(lengths)} offsets")
    pieces = [np.broadcast_to(np.atleast_1d(v)[:n], (n,)) for v, n in zip(diagonals, lengths, strict=True)]
    return np.concatenate(pieces) if pieces else np.empty(0)


def diagonal_part(joined: Any, lengths: Sequence[int], place: int, like: Any) -> Any:
    """What one of the diagonals gets of joined ones, in its own shape: `joined_diagonals` seen backwards.

    Args:
        joined: diagonals one behind the other.
        lengths: how long they are in the matrix.
        place: which one.
        like: the diagonal as it was given; only its shape counts.

    >>> diagonal_part(np.arange(5.0), [3, 2], 1, np.zeros(3)).tolist()
    [3.0, 4.0, 0.0]
    >>> float(diagonal_part(np.arange(5.0), [3, 2], 0, 1.0))
    3.0
    """
    start = sum(lengths[:place])
    part = np.asarray(joined)[start : start + lengths[place]]
    if np.size(like) == 1:
        return np.reshape(np.sum(part), np.shape(like))[()]
    return np.concatenate([part, np.zeros(np.size(like) - len(part), part.dtype)])


def diagonal_alone(part: Any, lengths: Sequence[int], place: int) -> Any:
    """Joined diagonals, of which all but one are zeros.

    Args:
        part: the one.
        lengths: how long they are in the matrix.
        place: which one it is.

    >>> diagonal_alone(2.0, [3, 2], 1).tolist()
    [0.0, 0.0, 0.0, 2.0, 2.0]
    """
    found = np.zeros(sum(lengths), np.asarray(part).dtype)
    start = sum(lengths[:place])
    found[start : start + lengths[place]] = np.atleast_1d(part)[: lengths[place]]
    return found
