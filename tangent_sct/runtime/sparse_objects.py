"""Sparse matrices whose stored values vary, as objects: what SciPy's classes do with a pattern and stored values."""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct.runtime.errors import DerivativeError
from tangent_sct.runtime.sparse import (
    gathered,
    pattern_of,
    sparse_dense,
    sparse_factors,
    sparse_product,
    sparse_solve,
    turned,
    values_of,
)
from tangent_sct.runtime.sparse_patterns import compressed, flavoured, joined_pattern, summed_places


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


class Sparse:
    """A sparse matrix whose values vary; how they are stored is not known to be what SciPy stores.

    Args:
        pattern: where they stand.
        values: the stored values.

    >>> from tangent_sct.runtime.sparse_patterns import Pattern
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
        self._pattern = pattern
        self._values = values
        self.shape = pattern.shape
        self.ndim = 2

    @property
    def T(self) -> Any:
        """The transposed matrix."""
        return Sparse(self._pattern.T, self._values)

    def transpose(self) -> Any:
        """The transposed matrix."""
        return self.T

    def copy(self) -> Any:
        """A copy."""
        return Sparse(self._pattern, np.copy(self._values))

    def _again(self, made: Any) -> Any:
        """The matrix as a class of SciPy makes it again, which shares the values."""
        return Sparse(flavoured(self._pattern, made), self._values)

    def tocsr(self) -> Any:
        """The matrix row by row."""
        pattern = compressed(self._pattern, "csr")
        return Sparse(pattern, gathered(self._values, pattern.places))

    def tocsc(self) -> Any:
        """The matrix column by column."""
        pattern = compressed(self._pattern, "csc")
        return Sparse(pattern, gathered(self._values, pattern.places))

    def tocoo(self) -> Any:
        """The matrix by entries."""
        return Sparse(compressed(self._pattern, "coo"), np.copy(self._values))

    def asformat(self, format: Any) -> Any:
        """The matrix in a format by name."""
        if format == "csr":
            made = self.tocsr()
        elif format == "csc":
            made = self.tocsc()
        elif format == "coo":
            made = self.tocoo()
        else:
            made = Sparse(self._pattern, np.copy(self._values))
        return made

    def __matmul__(self, x: Any) -> Any:
        """The product with an array."""
        return sparse_product(self._pattern, self._values, x)

    def __rmatmul__(self, x: Any) -> Any:
        """The product of an array with it."""
        if np.ndim(x) == 1:
            product = sparse_product(self._pattern.T, self._values, x)
        else:
            product = np.transpose(sparse_product(self._pattern.T, self._values, np.transpose(x)))
        return product

    def dot(self, x: Any) -> Any:
        """The product with an array."""
        return self @ x

    def __neg__(self) -> Any:
        """The matrix with the other sign."""
        return Sparse(self._pattern, -self._values)

    def __mul__(self, number: Any) -> Any:
        """The matrix times a number."""
        check_factor(number)
        return Sparse(self._pattern, self._values * number)

    def __rmul__(self, number: Any) -> Any:
        """A number times the matrix."""
        check_factor(number)
        return Sparse(self._pattern, number * self._values)

    def __truediv__(self, number: Any) -> Any:
        """The matrix divided by a number, of double precision as SciPy makes it."""
        check_factor(number)
        return Sparse(self._pattern, self._values.astype(np.result_type(self._values, np.float64)) * (1 / number))

    def __imul__(self, number: Any) -> Any:
        """The very matrix, times a number."""
        check_factor(number)
        self._values *= number
        return self

    def __itruediv__(self, number: Any) -> Any:
        """The very matrix, divided by a number."""
        check_factor(number)
        self._values *= 1.0 / number
        return self

    def _plus(self, pattern: Any, values: Any) -> Any:
        """The sum with the matrix of another pattern and its stored values."""
        joined = joined_pattern(self._pattern, pattern)
        return Sparse(joined, gathered(np.concatenate((self._values, values)), joined.places))

    def __add__(self, other: Any) -> Any:
        """The sum with another sparse matrix."""
        if isinstance(other, Sparse):
            total = self._plus(other._pattern, other._values)
        else:
            total = self._plus(pattern_of(other), values_of(other))
        return total

    def __radd__(self, other: Any) -> Any:
        """The sum of another sparse matrix with it."""
        return self + other

    def __sub__(self, other: Any) -> Any:
        """The difference to another sparse matrix."""
        if isinstance(other, Sparse):
            total = self._plus(other._pattern, -other._values)
        else:
            total = self._plus(pattern_of(other), -values_of(other))
        return total

    def __rsub__(self, other: Any) -> Any:
        """The difference of another sparse matrix to it."""
        return -self + other

    def toarray(self) -> Any:
        """The dense matrix."""
        return sparse_dense(self._pattern, self._values)

    def sum(self, axis: Any = None) -> Any:
        """The sum of all entries, or along an axis."""
        if axis is None:
            total = np.sum(self._values)
        else:
            total = gathered(self._values, summed_places(self._pattern, axis))
        return total

    def diagonal(self) -> Any:
        """The diagonal."""
        return gathered(self._values, self._pattern.diagonal)

    def trace(self) -> Any:
        """The sum of the diagonal."""
        return np.sum(self.diagonal())

    def _solve(self, b: Any) -> Any:
        """The solution of the system with it, as `spsolve` returns it: a column comes out as a vector."""
        x = sparse_solve(sparse_factors(self._pattern, self._values), self._values, b)
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
        return self._values

    @data.setter
    def data(self, values: Any) -> None:
        self._values = values

    @property
    def nnz(self) -> Any:
        """How many values are stored."""
        return self._pattern.count

    def tocsr(self) -> Any:
        """The matrix row by row."""
        pattern = compressed(self._pattern, "csr")
        return Csr(pattern, gathered(self._values, pattern.places))

    def tocsc(self) -> Any:
        """The matrix column by column."""
        pattern = compressed(self._pattern, "csc")
        return Csc(pattern, gathered(self._values, pattern.places))

    def tocoo(self) -> Any:
        """The matrix by entries, with values of its own."""
        return Coo(compressed(self._pattern, "coo"), np.copy(self._values))


class Compressed(Stored):
    """A matrix whose values vary, stored along one axis after the other."""

    is_followed = True

    @property
    def indices(self) -> Any:
        """The place of each value along the axis."""
        return self._pattern.index[0]

    @property
    def indptr(self) -> Any:
        """Where the rows, or the columns, begin."""
        return self._pattern.index[1]


class Csr(Compressed):
    """A matrix whose values vary, stored row by row."""

    is_followed = True

    @property
    def T(self) -> Any:
        """The transposed matrix, which shares the values."""
        return Csc(self._pattern.T, self._values)

    def _again(self, made: Any) -> Any:
        """The matrix as a class of SciPy makes it again, which shares the values."""
        return Csr(flavoured(self._pattern, made), self._values)

    def copy(self) -> Any:
        """A copy."""
        return Csr(self._pattern, np.copy(self._values))

    def tocsr(self) -> Any:
        """The very matrix."""
        return self


class Csc(Compressed):
    """A matrix whose values vary, stored column by column."""

    is_followed = True

    @property
    def T(self) -> Any:
        """The transposed matrix, which shares the values."""
        return Csr(self._pattern.T, self._values)

    def _again(self, made: Any) -> Any:
        """The matrix as a class of SciPy makes it again, which shares the values."""
        return Csc(flavoured(self._pattern, made), self._values)

    def copy(self) -> Any:
        """A copy."""
        return Csc(self._pattern, np.copy(self._values))

    def tocsc(self) -> Any:
        """The very matrix."""
        return self


class Coo(Stored):
    """A matrix whose values vary, stored with their rows and columns; values at the same place count together."""

    is_followed = True

    @property
    def T(self) -> Any:
        """The transposed matrix, which shares the values."""
        return Coo(self._pattern.T, self._values)

    def _again(self, made: Any) -> Any:
        """The matrix as a class of SciPy makes it again, which shares the values."""
        return Coo(flavoured(self._pattern, made), self._values)

    def copy(self) -> Any:
        """A copy."""
        return Coo(self._pattern, np.copy(self._values))

    def tocoo(self) -> Any:
        """The very matrix."""
        return self

    @property
    def row(self) -> Any:
        """The row of each value."""
        return self._pattern.index[0]

    @property
    def col(self) -> Any:
        """The column of each value."""
        return self._pattern.index[1]


class Factored:
    """The factors of a sparse matrix that varies.

    Args:
        pattern: of the matrix.
        values: its stored values.
    """

    is_followed = True
    stands_for = ("factors of a sparse matrix that varies", "call them, or their method `solve`")

    def __init__(self, pattern: Any, values: Any) -> None:
        self._values = values
        self._factors = sparse_factors(pattern, values)

    def solve(self, rhs: Any, trans: Any = "N") -> Any:
        """The solution of a system with the matrix, or with the transposed one."""
        return sparse_solve(turned(self._factors, trans), self._values, rhs)

    def __call__(self, rhs: Any) -> Any:
        """The solution of a system with the matrix."""
        return sparse_solve(self._factors, self._values, rhs)
