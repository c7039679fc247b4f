"""Sparse matrices whose stored values vary: what derivatives know of them, and what they are made of.

A matrix is a pattern, which is a constant, and its stored values, an array like any other. Products, systems and
what else is done with it are functions of the two, so no derivative ever makes a dense matrix. SciPy is imported by
the functions that need it: whoever calls them has made a sparse matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tangent_sct.runtime.errors import DerivativeError

_TURNED = {"csr": "csc", "csc": "csr", "coo": "coo"}


# -- patterns -----------------------------------------------------------------------------------


class Places:
    """Where values go: some to the same place, some nowhere.

    Args:
        places: the place of each value; those that go nowhere have the one behind the last.
        count: how many places there are.
    """

    def __init__(self, places: Any, count: int) -> None:
        self.places = places
        self.count = count


class Pattern:
    """Where the stored values of a sparse matrix stand.

    Args:
        format: how they are stored: "csr", "csc" or "coo".
        index: `indices` and `indptr`, or the rows and the columns, as SciPy keeps them.
        shape: of the matrix.
        is_matrix: whether it is of the kind of `csr_matrix`, whose sums are no arrays.
        places: what became of the entries that it is made of, where they are not the stored values themselves.

    >>> pattern = Pattern("csr", (np.array([1, 0]), np.array([0, 1, 2])), (2, 2))
    >>> pattern.rows.tolist(), pattern.T.rows.tolist(), pattern.matrix(np.array([3.0, 4.0])).toarray().tolist()
    ([0, 1], [1, 0], [[0.0, 3.0], [4.0, 0.0]])
    """

    def __init__(
        self,
        format: str,
        index: Sequence[Any],
        shape: Any,
        is_matrix: bool = False,
        places: Any = None,
    ) -> None:
        self.format = format
        self.shape = tuple(map(int, shape))
        self.is_matrix = is_matrix
        self.places = places
        self.count = len(index[0])
        self._index = tuple(index)

    @property
    def index(self) -> tuple[Any, ...]:
        """The arrays of indices, which nobody may write into."""
        return tuple(map(_read_only, self._index))

    @property
    def T(self) -> Pattern:
        """The pattern of the transposed matrix; the values stand in the same order."""
        index = self._index[::-1] if self.format == "coo" else self._index
        return Pattern(_TURNED[self.format], index, self.shape[::-1], self.is_matrix)

    def again(self, is_matrix: bool) -> Pattern:
        """The pattern of a matrix of another kind.

        Args:
            is_matrix: whether it is of the kind of `csr_matrix`.
        """
        return Pattern(self.format, self._index, self.shape, is_matrix, self.places)

    @property
    def rows(self) -> Any:
        """The row of each stored value."""
        return self._spread() if self.format == "csr" else self.index[0]

    @property
    def columns(self) -> Any:
        """The column of each stored value."""
        return self._spread() if self.format == "csc" else self.index[self.format == "coo"]

    def _spread(self) -> Any:
        """The number of the row, or the column, of values that are stored one row after the other."""
        starts = self.index[1]
        return np.repeat(np.arange(len(starts) - 1), np.diff(starts))

    @property
    def diagonal(self) -> Places:
        """Where the stored values stand on the diagonal."""
        count = min(self.shape)
        return Places(np.where(self.rows == self.columns, self.rows, count), count)

    def matrix(self, values: Any) -> Any:
        """The sparse matrix with some values.

        Args:
            values: the stored values.

        Raises:
            DerivativeError: when they are not as many as there are places.
        """
        from scipy import sparse

        if np.shape(values) != (self.count,):
            raise DerivativeError(
                f"a sparse matrix has {self.count} places, and got stored values of shape {np.shape(values)}"
            )
        maker = getattr(sparse, f"{self.format}_array")
        return maker((values, self.index) if self.format == "coo" else (values, *self.index), shape=self.shape)


def _read_only(a: Any) -> Any:
    view = a.view()
    view.flags.writeable = False
    return view


def pattern_from(index: Any, shape: Any, made: Any) -> Pattern:
    """The pattern of a sparse matrix that is made of stored values and their places.

    Args:
        index: what SciPy is given behind the values: `(indices, indptr)`, or `((rows, columns),)`.
        shape: of the matrix; None where SciPy is to find out.
        made: the class of SciPy that is called.

    Raises:
        DerivativeError: when it is made of something else, whose zeros would have derivatives, too.

    >>> from scipy import sparse
    >>> pattern_from((np.array([0, 1]), np.array([0, 1, 2])), None, sparse.csr_array).shape
    (2, 2)
    >>> pattern_from(((np.array([1, 1]), np.array([0, 0])),), (2, 2), sparse.csc_array).places.places.tolist()
    [0, 0]
    """
    is_matrix = made.__name__.endswith("_matrix")
    if type(index) is not tuple or (len(index) == 1 and not isinstance(index[0], (tuple, list, np.ndarray))):
        raise DerivativeError(
            f"{made.__name__} is given a dense array that varies, and zeros of it vary, too; give it the values with "
            "their places: (values, (rows, columns))"
        )
    if len(index) == 2:
        found = made((np.zeros(len(index[0]), "int8"), *index), shape=shape)
        _check_count(len(index[0]), len(found.indices))
        return Pattern(made.__name__[:3], (found.indices, found.indptr), found.shape, is_matrix)
    if len(index[0]) != 2:
        raise DerivativeError("a sparse matrix that varies has two axes")
    entries = _coo((np.zeros(np.size(index[0][0]), "int8"), tuple(index[0])), shape)
    pattern = Pattern("coo", (entries.row, entries.col), entries.shape, is_matrix)
    return pattern if made.__name__.startswith("coo") else compressed(pattern, made.__name__[:3])


def _coo(entries: Any, shape: Any) -> Any:
    from scipy import sparse

    return sparse.coo_array(entries, shape=shape)


def _check_count(given: int, kept: int) -> None:
    if given != kept:
        raise DerivativeError(f"a sparse matrix is given {given} values and stores {kept} of them")


def compressed(pattern: Pattern, format: str) -> Pattern:
    """The pattern of a matrix in another format, which knows what became of the stored values.

    Values of a `coo` matrix at the same place are summed, as SciPy does.

    Args:
        pattern: of the matrix.
        format: "csr", "csc" or "coo".

    >>> pattern = compressed(Pattern("coo", (np.array([1, 0, 1]), np.array([0, 1, 0])), (2, 2)), "csr")
    >>> pattern.places.places.tolist(), pattern.index[0].tolist()
    ([1, 0, 1], [1, 0])
    """
    rows, columns = pattern.rows, pattern.columns
    count = pattern.count
    if format == "coo":
        return Pattern("coo", (rows, columns), pattern.shape, pattern.is_matrix, Places(np.arange(count), count))
    outer, inner = (rows, columns) if format == "csr" else (columns, rows)
    high, wide = pattern.shape if format == "csr" else pattern.shape[::-1]
    if pattern.format == "coo":
        keys, places = np.unique(outer.astype(np.int64) * max(wide, 1) + inner, return_inverse=True)
        outer, inner = keys // max(wide, 1), keys % max(wide, 1)
    else:
        order = np.argsort(outer, kind="stable")
        outer, inner = outer[order], inner[order]
        places = np.empty(count, int)
        places[order] = np.arange(count)
    indptr = np.searchsorted(outer, np.arange(high + 1))
    type_ = np.int32 if max(len(outer), *pattern.shape) < 2**31 else np.int64
    index = inner.astype(type_), indptr.astype(type_)
    return Pattern(format, index, pattern.shape, pattern.is_matrix, Places(places, len(inner)))


def flavoured(pattern: Pattern, made: Any) -> Pattern:
    """The pattern of a matrix that is made again by a class of SciPy.

    Args:
        pattern: of the matrix.
        made: the class.
    """
    return pattern.again(made.__name__.endswith("_matrix"))


def stacked_pattern(size: Any, offsets: Any, shape: Any, made: Any) -> Pattern:
    """The pattern of a matrix that is made of diagonals in the rows of an array, by the columns that they stand in.

    Args:
        size: the shape of that array.
        offsets: which diagonals they are.
        shape: of the matrix.
        made: the class of SciPy that is called.

    >>> from scipy import sparse
    >>> stacked_pattern((2, 3), [0, 1], (3, 3), sparse.dia_array).places.places.tolist()
    [0, 2, 4, 5, 1, 3]
    """
    empty = made((np.zeros(size, "int8"), offsets), shape=shape)
    length = empty.data.shape[1]
    columns = np.tile(np.arange(length), len(empty.offsets))
    rows = columns - np.repeat(empty.offsets, length)
    m, n = empty.shape
    is_inside = (rows >= 0) & (rows < m) & (columns < n)
    entries = Pattern("coo", (rows[is_inside], columns[is_inside]), empty.shape, made.__name__.endswith("_matrix"))
    pattern = compressed(entries, "csr")
    places = np.full(len(rows), pattern.count)
    places[is_inside] = pattern.places.places
    return Pattern("csr", pattern.index, pattern.shape, pattern.is_matrix, Places(places, pattern.count))


def diagonals_pattern(size: Any, offsets: Any, shape: Any, made: Any) -> Pattern:
    """The pattern of a matrix that is made of diagonals, one behind the other.

    Args:
        size: how long the first diagonal is that is given.
        offsets: which diagonals they are.
        shape: of the matrix; None where it is square and as large as the first diagonal needs.
        made: the class of SciPy that is made.

    >>> from scipy import sparse
    >>> diagonals_pattern(2, [0, 1], None, sparse.dia_array).index[0].tolist()
    [0, 1, 1]
    """
    offsets = [int(k) for k in np.atleast_1d(offsets)]
    if shape is None:
        shape = (size + abs(offsets[0]),) * 2
    if len(set(offsets)) < len(offsets):
        raise ValueError("offset array contains duplicate values")
    lengths = diagonal_lengths(size, offsets, shape)
    rows = [np.arange(n) + max(0, -k) for n, k in zip(lengths, offsets, strict=True)]
    columns = [np.arange(n) + max(0, k) for n, k in zip(lengths, offsets, strict=True)]
    nothing = np.empty(0, int)
    entries = np.concatenate([nothing, *rows]), np.concatenate([nothing, *columns])
    return compressed(Pattern("coo", entries, shape, made.__name__.endswith("_matrix")), "csr")


def diagonal_lengths(size: Any, offsets: Any, shape: Any) -> list[int]:
    """How long diagonals of a matrix are.

    Args:
        size: how long the first diagonal is that is given.
        offsets: which diagonals they are.
        shape: of the matrix; None where it is square and as large as the first diagonal needs.

    >>> diagonal_lengths(2, [0, -1], None), diagonal_lengths(1, 1, (2, 5))
    ([2, 1], [2])
    """
    offsets = [int(k) for k in np.atleast_1d(offsets)]
    m, n = (size + abs(offsets[0]),) * 2 if shape is None else shape
    lengths = [min(m + k, n - k, m, n) for k in offsets]
    for place, length in enumerate(lengths):
        if length < 0:
            raise ValueError(f"Offset {offsets[place]} (index {place}) out of bounds")
    return lengths


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


def joined_pattern(a: Pattern, b: Pattern) -> Pattern:
    """The pattern of the sum of two matrices, which knows what becomes of the values of the first and the second.

    Args:
        a: the pattern of the first.
        b: of the second.

    >>> one = Pattern("coo", (np.array([0]), np.array([1])), (2, 2))
    >>> joined_pattern(one, one.T).index[0].tolist(), joined_pattern(one, one).index[0].tolist()
    ([1, 0], [1])
    """
    if a.shape != b.shape:
        raise ValueError(f"inconsistent shapes {a.shape} and {b.shape}")
    entries = np.concatenate((a.rows, b.rows)), np.concatenate((a.columns, b.columns))
    return compressed(Pattern("coo", entries, a.shape, a.is_matrix and b.is_matrix), "csr")


def pattern_of(matrix: Any) -> Pattern:
    """The pattern of a sparse matrix that is a constant.

    Args:
        matrix: the matrix.

    Raises:
        DerivativeError: when it is no sparse matrix.
    """
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


def summed_places(pattern: Pattern, axis: Any) -> Places:
    """Where the stored values go in a sum along an axis.

    Args:
        pattern: of the matrix that is summed.
        axis: along which axis.

    Raises:
        DerivativeError: when SciPy's sum is one of `np.matrix`, or one of all entries.

    >>> summed_places(Pattern("coo", (np.array([0]), np.array([1])), (2, 3)), 0).count
    3
    """
    if pattern.is_matrix:
        raise DerivativeError(
            "the sum of a sparse matrix along an axis is an np.matrix, whose arithmetic is its own; make the sparse "
            "matrix by csr_array and the like, not by csr_matrix"
        )
    if np.size(axis) != 1 or int(np.ravel(axis)[0]) not in (-2, -1, 0, 1):
        raise DerivativeError(f"the derivative of the sum of a sparse matrix along axis={axis} is not known")
    if int(np.ravel(axis)[0]) in (-2, 0):
        return Places(pattern.columns, pattern.shape[1])
    return Places(pattern.rows, pattern.shape[0])


def check_factor(number: Any) -> None:
    """Refuse to multiply a sparse matrix by an array: elementwise or not is a matter of its class.

    Args:
        number: the factor.

    Raises:
        DerivativeError: when it is no number.

    >>> check_factor(2.0)
    """
    if not np.isscalar(number) and (hasattr(number, "tocsr") or np.ndim(number) != 0):
        raise DerivativeError(
            f"a sparse matrix that varies is multiplied by a {type(number).__name__} with `*` or `/`: the derivative "
            "is known for numbers; write `A @ x` for the product of matrices"
        )


# -- what is computed with them -----------------------------------------------------------------


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
        factors: as SciPy makes them; None of a matrix without rows.
        dtype: of their numbers.
        trans: "T" where they are those of the transposed matrix.
    """

    def __init__(self, pattern: Pattern, factors: Any, dtype: Any, trans: str = "N") -> None:
        self.pattern = pattern
        self.dtype = dtype
        self._factors = factors
        self._trans = trans

    @property
    def T(self) -> SparseFactors:
        """The factors of the transposed matrix."""
        return SparseFactors(self.pattern.T, self._factors, self.dtype, "T" if self._trans == "N" else "N")

    def solve(self, b: Any) -> Any:
        """The solution of a system.

        Args:
            b: the right-hand side, of the type of the factors.
        """
        return np.copy(b) if self._factors is None else self._factors.solve(b, self._trans)


def sparse_factors(pattern: Pattern, values: Any) -> SparseFactors:
    """The factors of a square sparse matrix.

    Args:
        pattern: of the matrix.
        values: its stored values.

    Raises:
        DerivativeError: when the matrix is singular.
    """
    from scipy.sparse import linalg

    values = np.asarray(values)
    if values.dtype.char not in "fdFD":
        values = values.astype(float)
    # Indices that are written into later are those of another matrix.
    pattern = Pattern(pattern.format, [np.copy(i) for i in pattern.index], pattern.shape)
    # Values at the same place are summed in place, which must not reach the user's arrays.
    matrix = pattern.matrix(values).tocsc(copy=True)
    matrix.sum_duplicates()
    if pattern.shape[0] != pattern.shape[1]:
        raise ValueError(f"matrix must be square (has shape {pattern.shape})")
    if not pattern.shape[0]:
        return SparseFactors(pattern, None, values.dtype)
    try:
        return SparseFactors(pattern, linalg.splu(matrix), values.dtype)
    except RuntimeError as error:
        raise DerivativeError("a sparse matrix that a system is solved with is singular") from error


def sparse_solve(factors: SparseFactors, values: Any, b: Any) -> Any:
    """The solution of a system with a sparse matrix.

    Args:
        factors: of the matrix.
        values: its stored values.
        b: the right-hand side, a vector or several in the columns of a matrix.

    >>> pattern = Pattern("coo", (np.array([0, 1]), np.array([1, 0])), (2, 2))
    >>> values = np.array([2.0, 4.0])
    >>> sparse_solve(sparse_factors(pattern, values), values, np.array([1.0, 2.0])).tolist()
    [0.5, 0.5]
    """
    b = as_dense(b)
    if np.ndim(b) not in (1, 2) or len(b) != factors.pattern.shape[0]:
        raise ValueError(f"matrix - rhs dimension mismatch ({factors.pattern.shape} - {np.shape(b)})")
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


# -- objects ------------------------------------------------------------------------------------


class Sparse:
    """A sparse matrix whose values vary; how they are stored is not known to be what SciPy stores.

    Args:
        pattern: where they stand.
        values: the stored values.

    >>> pattern = Pattern("coo", (np.array([0]), np.array([1])), (2, 2))
    >>> (Sparse(pattern, np.array([2.0])) @ np.array([3.0, 4.0])).tolist()
    [8.0, 0.0]
    """

    is_followed = True
    of_constants = False
    stands_for = (
        "a sparse matrix that varies",
        "known are products with arrays (`A @ x`, `x @ A`), `A.T`, `A.toarray()`, `A.sum(axis)`, `A.diagonal()`, "
        "`A + B`, numbers times `A`, other formats, `spsolve(A, b)`, `splu(A).solve(b)` and `factorized(A)`",
    )

    def __init__(self, pattern: Any, values: Any) -> None:
        self.pattern = pattern
        self.values = values
        self.shape = pattern.shape
        self.ndim = 2

    @property
    def T(self) -> Any:
        """The transposed matrix."""
        return Sparse(self.pattern.T, self.values)

    def transpose(self) -> Any:
        """The transposed matrix."""
        return Sparse(self.pattern.T, self.values)

    def copy(self) -> Any:
        """A copy."""
        return Sparse(self.pattern, np.copy(self.values))

    def again(self, made: Any) -> Any:
        """The matrix as a class of SciPy makes it again, which shares the values."""
        return Sparse(flavoured(self.pattern, made), self.values)

    def tocsr(self) -> Any:
        """The matrix row by row."""
        pattern = compressed(self.pattern, "csr")
        return Sparse(pattern, gathered(self.values, pattern.places))

    def tocsc(self) -> Any:
        """The matrix column by column."""
        pattern = compressed(self.pattern, "csc")
        return Sparse(pattern, gathered(self.values, pattern.places))

    def tocoo(self) -> Any:
        """The matrix by entries."""
        return Sparse(compressed(self.pattern, "coo"), np.copy(self.values))

    def asformat(self, format: Any) -> Any:
        """The matrix in a format by name."""
        if format == "csr":
            made = self.tocsr()
        elif format == "csc":
            made = self.tocsc()
        elif format == "coo":
            made = self.tocoo()
        else:
            made = Sparse(self.pattern, np.copy(self.values))
        return made

    def __matmul__(self, x: Any) -> Any:
        """The product with an array."""
        return sparse_product(self.pattern, self.values, x)

    def __rmatmul__(self, x: Any) -> Any:
        """The product of an array with it."""
        if np.ndim(x) == 1:
            product = sparse_product(self.pattern.T, self.values, x)
        else:
            product = np.transpose(sparse_product(self.pattern.T, self.values, np.transpose(x)))
        return product

    def dot(self, x: Any) -> Any:
        """The product with an array."""
        return sparse_product(self.pattern, self.values, x)

    def __neg__(self) -> Any:
        """The matrix with the other sign."""
        return Sparse(self.pattern, -self.values)

    def __mul__(self, number: Any) -> Any:
        """The matrix times a number."""
        check_factor(number)
        return Sparse(self.pattern, self.values * number)

    def __rmul__(self, number: Any) -> Any:
        """A number times the matrix."""
        check_factor(number)
        return Sparse(self.pattern, number * self.values)

    def __truediv__(self, number: Any) -> Any:
        """The matrix divided by a number, of double precision as SciPy makes it."""
        check_factor(number)
        return Sparse(self.pattern, self.values.astype(np.result_type(self.values, np.float64)) * (1 / number))

    def __imul__(self, number: Any) -> Any:
        """The very matrix, times a number."""
        check_factor(number)
        self.values *= number
        return self

    def __itruediv__(self, number: Any) -> Any:
        """The very matrix, divided by a number."""
        check_factor(number)
        self.values *= 1.0 / number
        return self

    def __add__(self, other: Any) -> Any:
        """The sum with another sparse matrix."""
        if isinstance(other, Sparse):
            pattern = joined_pattern(self.pattern, other.pattern)
            values = np.concatenate((self.values, other.values))
        else:
            pattern = joined_pattern(self.pattern, pattern_of(other))
            values = np.concatenate((self.values, values_of(other)))
        return Sparse(pattern, gathered(values, pattern.places))

    def __radd__(self, other: Any) -> Any:
        """The sum of another sparse matrix with it."""
        return self + other

    def __sub__(self, other: Any) -> Any:
        """The difference to another sparse matrix."""
        if isinstance(other, Sparse):
            pattern = joined_pattern(self.pattern, other.pattern)
            values = np.concatenate((self.values, -other.values))
        else:
            pattern = joined_pattern(self.pattern, pattern_of(other))
            values = np.concatenate((self.values, -values_of(other)))
        return Sparse(pattern, gathered(values, pattern.places))

    def __rsub__(self, other: Any) -> Any:
        """The difference of another sparse matrix to it."""
        return -self + other

    def toarray(self) -> Any:
        """The dense matrix."""
        return sparse_dense(self.pattern, self.values)

    def sum(self, axis: Any = None) -> Any:
        """The sum of all entries, or along an axis."""
        if axis is None:
            total = np.sum(self.values)
        else:
            total = gathered(self.values, summed_places(self.pattern, axis))
        return total

    def diagonal(self) -> Any:
        """The diagonal."""
        return gathered(self.values, self.pattern.diagonal)

    def trace(self) -> Any:
        """The sum of the diagonal."""
        return np.sum(gathered(self.values, self.pattern.diagonal))

    def solve(self, b: Any) -> Any:
        """The solution of the system with it, as `spsolve` returns it: a column comes out as a vector."""
        x = sparse_solve(sparse_factors(self.pattern, self.values), self.values, b)
        if np.ndim(b) == 2 and np.shape(b)[1] == 1:
            x = np.ravel(x)
        return x


class Stored(Sparse):
    """A sparse matrix whose values vary, and are stored as SciPy stores them.

    Args:
        pattern: where they stand.
        values: the stored values.
    """

    is_followed = True

    @property
    def data(self) -> Any:
        """The stored values."""
        return self.values

    @data.setter
    def data(self, values: Any) -> None:
        self.values = values

    @property
    def nnz(self) -> Any:
        """How many values are stored."""
        return self.pattern.count

    def tocsr(self) -> Any:
        """The matrix row by row."""
        pattern = compressed(self.pattern, "csr")
        return Csr(pattern, gathered(self.values, pattern.places))

    def tocsc(self) -> Any:
        """The matrix column by column."""
        pattern = compressed(self.pattern, "csc")
        return Csc(pattern, gathered(self.values, pattern.places))

    def tocoo(self) -> Any:
        """The matrix by entries, with values of its own."""
        return Coo(compressed(self.pattern, "coo"), np.copy(self.values))


class Csr(Stored):
    """A matrix whose values vary, stored row by row."""

    is_followed = True

    @property
    def T(self) -> Any:
        """The transposed matrix, which shares the values."""
        return Csc(self.pattern.T, self.values)

    def transpose(self) -> Any:
        """The transposed matrix, which shares the values."""
        return Csc(self.pattern.T, self.values)

    def again(self, made: Any) -> Any:
        """The matrix as a class of SciPy makes it again, which shares the values."""
        return Csr(flavoured(self.pattern, made), self.values)

    def copy(self) -> Any:
        """A copy."""
        return Csr(self.pattern, np.copy(self.values))

    def tocsr(self) -> Any:
        """The very matrix."""
        return self

    @property
    def indices(self) -> Any:
        """The column of each value."""
        return self.pattern.index[0]

    @property
    def indptr(self) -> Any:
        """Where the rows begin."""
        return self.pattern.index[1]


class Csc(Stored):
    """A matrix whose values vary, stored column by column."""

    is_followed = True

    @property
    def T(self) -> Any:
        """The transposed matrix, which shares the values."""
        return Csr(self.pattern.T, self.values)

    def transpose(self) -> Any:
        """The transposed matrix, which shares the values."""
        return Csr(self.pattern.T, self.values)

    def again(self, made: Any) -> Any:
        """The matrix as a class of SciPy makes it again, which shares the values."""
        return Csc(flavoured(self.pattern, made), self.values)

    def copy(self) -> Any:
        """A copy."""
        return Csc(self.pattern, np.copy(self.values))

    def tocsc(self) -> Any:
        """The very matrix."""
        return self

    @property
    def indices(self) -> Any:
        """The row of each value."""
        return self.pattern.index[0]

    @property
    def indptr(self) -> Any:
        """Where the columns begin."""
        return self.pattern.index[1]


class Coo(Stored):
    """A matrix whose values vary, stored with their rows and columns; values at the same place count together."""

    is_followed = True

    @property
    def T(self) -> Any:
        """The transposed matrix, which shares the values."""
        return Coo(self.pattern.T, self.values)

    def transpose(self) -> Any:
        """The transposed matrix, which shares the values."""
        return Coo(self.pattern.T, self.values)

    def again(self, made: Any) -> Any:
        """The matrix as a class of SciPy makes it again, which shares the values."""
        return Coo(flavoured(self.pattern, made), self.values)

    def copy(self) -> Any:
        """A copy."""
        return Coo(self.pattern, np.copy(self.values))

    def tocoo(self) -> Any:
        """The very matrix."""
        return self

    @property
    def row(self) -> Any:
        """The row of each value."""
        return self.pattern.index[0]

    @property
    def col(self) -> Any:
        """The column of each value."""
        return self.pattern.index[1]


class Factored:
    """The factors of a sparse matrix that varies.

    Args:
        pattern: of the matrix.
        values: its stored values.
    """

    is_followed = True
    stands_for = ("factors of a sparse matrix that varies", "call them, or their method `solve`")

    def __init__(self, pattern: Any, values: Any) -> None:
        self.values = values
        self.factors = sparse_factors(pattern, values)

    def solve(self, rhs: Any, trans: Any = "N") -> Any:
        """The solution of a system with the matrix, or with the transposed one."""
        return sparse_solve(turned(self.factors, trans), self.values, rhs)

    def __call__(self, rhs: Any) -> Any:
        """The solution of a system with the matrix."""
        return sparse_solve(self.factors, self.values, rhs)
