"""Where the stored values of sparse matrices stand: patterns, which are constants of a derivative.

SciPy is imported by the functions that need it: whoever calls them has made a sparse matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tangent_sct.runtime.errors import DerivativeError

_TURNED = {"csr": "csc", "csc": "csr", "coo": "coo"}


class Places:
    """Where values go: some to the same place, some nowhere.

    Args:
        places: the place of each value; those that go nowhere have the one behind the last.
        count: how many places there are.
    """

    def __init__(self, places: Any, count: int) -> None:
        self.places = places
        self.count = count

    def __repr__(self) -> str:
        return f"Places({len(self.places)} of {self.count})"


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

    def __repr__(self) -> str:
        return f"Pattern({self.format}, shape={self.shape}, {self.count} stored)"

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
            raise ValueError(f"diagonal {offsets[place]} is not in a matrix of shape {(m, n)}")
    return lengths


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
