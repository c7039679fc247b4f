"""Sparse matrices whose stored values vary: in programs, against differences, and what is refused of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
import scipy.sparse.linalg as sl

from tangent_sct import grad, jvp, value_and_grad
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.runtime import DerivativeError, sparse
from tangent_sct.runtime.sparse_patterns import (
    Pattern,
    diagonals_pattern,
    joined_pattern,
    pattern_from,
    summed_places,
)
from tangent_sct.testing import check_derivative

pytestmark = pytest.mark.filterwarnings("ignore::scipy.sparse.SparseEfficiencyWarning")

DENSE = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 1.0], [0.5, 0.0, 4.0]])
CONSTANT = sp.csr_array(DENSE)
INDICES, INDPTR = CONSTANT.indices, CONSTANT.indptr
CONSTANT_PATTERN = Pattern("csr", (INDICES, INDPTR), (3, 3))
# Columns that are not sorted, and one that is given twice.
LOOSE = np.array([1, 0, 1, 1, 2, 0]), np.array([0, 2, 4, 6])
ROWS, COLUMNS = np.array([0, 2, 1, 1, 2, 2]), np.array([0, 2, 1, 2, 0, 2])
DATA, B = CONSTANT.data.copy(), np.array([1.0, 2.0, 3.0])


def matrix(v: Any) -> Any:
    return sp.csr_array((v, INDICES, INDPTR), shape=(3, 3))


def product(v: Any, b: Any) -> Any:
    A = sp.csr_array((v, INDICES, INDPTR), shape=(3, 3))
    return np.sum((A @ b) ** 2)


def products(v: Any, b: Any) -> Any:
    A = sp.csc_array((v, INDICES, INDPTR), shape=(3, 3))
    two = np.outer(b, b)[:, :2]
    return np.sum((A.T @ b) ** 2) + np.sum(b @ A * A.dot(b)) + np.sum((A @ two) ** 2) + np.sum((two.T @ A) ** 2)


def solution(v: Any, b: Any) -> Any:
    A = sp.csr_matrix((v, INDICES, INDPTR), shape=(3, 3))
    return np.sum(sl.spsolve(A, b) ** 2)


def solutions(v: Any, b: Any) -> Any:
    A = matrix(v)
    return np.sum(sl.spsolve(A.T, np.outer(b, b)) ** 2) + np.sum(sl.spsolve(A, b[:, None]) ** 3)


def factors(v: Any, b: Any) -> Any:
    A = sp.csc_array((v, INDICES, INDPTR), shape=(3, 3))
    lu, solve = sl.splu(A), sl.factorized(A)
    A.data[0] = b[0]
    return np.sum(lu.solve(b) * lu.solve(b, "T")) + np.sum(solve(solve(b)) ** 2) + np.sum(A @ b)


def constant_factors(v: Any, b: Any) -> Any:
    lu = sl.splu(sp.csc_array(DENSE))
    return np.sum(lu.solve(b) ** 2 * v[:3])


def unsorted(v: Any, b: Any) -> Any:
    A = sp.csr_array((v, LOOSE[0], LOOSE[1]), shape=(3, 3))
    return np.sum((A @ b) ** 2) + np.sum(A.T @ (A.tocsc() @ b)) + np.sum(sl.spsolve(A + A.T + CONSTANT, b) ** 2)


def by_entries(v: Any, b: Any) -> Any:
    A = sp.coo_array((v, (ROWS, COLUMNS)), shape=(3, 3))
    return np.sum((A @ b) ** 2) * np.sum(A.tocsr().data ** 2) + np.sum(A.data * A.row) + np.sum(A.toarray() ** 2)


def summed_entries(v: Any, b: Any) -> Any:
    entries = v, (ROWS, COLUMNS)
    A = sp.csr_array(entries, shape=(3, 3))
    return np.sum(A.data ** 2) + np.sum(sp.csc_matrix(A) @ b) + A.nnz * A.shape[0] * v[0]


def diagonals(v: Any, b: Any) -> Any:
    A = sp.diags_array([b[:2], v, -2.0, b[0]], offsets=[-1, 0, 1, 2], shape=(3, 3))
    D = sp.diags(b, 1).tocsc()
    return np.sum((A @ b) ** 2) + np.sum(sl.spsolve(A, b)) + np.sum((D.T @ np.ones(4)) ** 2)


def padded_diagonals(v: Any, b: Any) -> Any:
    A = sp.dia_array((np.reshape(v, (2, 3)), [0, 1]), shape=(3, 4))
    return np.sum((A.T @ b) ** 2) + np.sum(A.tocsr().T @ b)


def sums(v: Any, b: Any) -> Any:
    A = matrix(v)
    along = np.sum(A.sum(axis=0) ** 2) + np.sum(A.sum(axis=1) ** 3)
    return along + A.sum() ** 2 + np.sum(A.diagonal() ** 2) * A.trace()


def arithmetic(v: Any, b: Any) -> Any:
    A = matrix(v)
    C = 2 * A + A.T * b[0] - CONSTANT
    C = CONSTANT - (-C) / b[1]
    return np.sum((C @ b) ** 2)


def in_place(v: Any, b: Any) -> Any:
    A = matrix(v * 1.0)
    C = A
    A *= b[0]
    C.data[1:3] += b[:2]
    A.T.data[0] = b[1] * b[2]
    return np.sum((A @ b) ** 2) + np.sum(C.copy().data)


def shared_values(v: Any, b: Any) -> Any:
    w = v * 2.0
    A = matrix(w)
    own = A.tocsc()
    w[0] = b[0] ** 2
    return np.sum((A @ b) ** 2) + np.sum((own @ b) ** 2)


def changed_indices(v: Any, b: Any) -> Any:
    """The matrix shares its indices with the array, whose store may neither be left out nor be read too early."""
    own = INDICES.copy()
    A = sp.csr_array((v, own, INDPTR), shape=(3, 3))
    y = A @ b
    own[1] = 2
    return np.sum((A @ y) ** 2)


def steps(v: Any, b: Any) -> Any:
    x = b
    for _ in range(2):
        A = sp.csr_array((v + 0.1 * x[0], INDICES, INDPTR), shape=(3, 3))
        x = sl.spsolve(A, x) - 0.1 * (A @ x)
    return np.sum(x**2)


def repeated(v: Any, b: Any) -> Any:
    A = matrix(v)

    def step(x: Any) -> Any:
        return sl.spsolve(A, x) + A @ x

    x = b
    for _ in range(3):
        x = step(x)
    return np.sum(x**2)


def assembled(v: Any, b: Any) -> Any:
    A = matrix(v)
    return A, matrix(v**2), 2 * b


def handed_on(v: Any, b: Any) -> Any:
    A, K, f = assembled(v, b)
    parts = assembled(b[0] * v, f)
    same = parts
    return np.sum(sl.spsolve(A, f) * (K @ f)) + np.sum(same[0] @ parts[2]) * len(parts)


class Problem:
    def __init__(self, v: Any) -> None:
        self.A = matrix(v)
        self.scale = 2.0

    def solve(self, b: Any) -> Any:
        return sl.spsolve(self.A, b) * self.scale


def in_an_object(v: Any, b: Any) -> Any:
    problem = Problem(v)
    return np.sum(problem.solve(b) * (problem.A @ b))


def own_attributes(v: Any, b: Any) -> Any:
    """What a user keeps in a matrix has nothing to do with what a derivative calls its parts."""
    A = matrix(v)
    A.values, A.pattern = v**2, b[0]
    return np.sum(A @ b) * A.pattern + np.sum(A.values)


PROGRAMS = [
    product, products, solution, solutions, factors, constant_factors, unsorted, by_entries, summed_entries,
    diagonals, padded_diagonals, sums, arithmetic, in_place, shared_values, changed_indices, steps, repeated,
    handed_on, in_an_object, own_attributes,
]  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_programs(f: Callable[..., Any]) -> None:
    v = DATA[:3] if f is diagonals else DATA
    check_derivative(f, v, B)
    check_derivative(grad(f, wrt=(0, 1)), v, B)


@pytest.mark.parametrize("f", [product, products, solution, sums, factors], ids=lambda f: f.__name__)
@pytest.mark.parametrize("parts", [(1, 0), (0, 1), (1, 1)], ids=["values", "vector", "both"])
def test_complex_numbers(f: Callable[..., Any], parts: tuple[int, int]) -> None:
    if f is factors and parts == (0, 1):
        pytest.skip("SuperLU solves no real system with complex numbers")

    def size(v: Any, b: Any) -> Any:
        return np.abs(f(v, b))

    v, b = DATA * (1 + 0.3j) + 0.2j if parts[0] else DATA, B * (1 - 0.4j) + 0.1j if parts[1] else B
    check_derivative(size, v, b)


@pytest.mark.parametrize("f", [product, solution, by_entries, sums, arithmetic], ids=lambda f: f.__name__)
def test_single_precision(f: Callable[..., Any]) -> None:
    v, b = DATA.astype(np.float32), B.astype(np.float32)
    value, found = value_and_grad(f, wrt=(0, 1))(v, b)
    assert value.dtype == f(v, b).dtype and value == pytest.approx(f(v, b), rel=1e-5)
    assert [a.dtype.name for a in found] == ["float32", "float32"]
    for a, expected in zip(found, grad(f, wrt=(0, 1))(DATA, B), strict=True):
        np.testing.assert_allclose(a, expected, rtol=1e-3)


def test_matrices_without_entries_and_without_rows() -> None:
    def f(v: Any, b: Any) -> Any:
        A = sp.csr_array((v, (np.empty(0, int), np.empty(0, int))), shape=(len(b), len(b)))
        return np.sum(A @ b + b) + np.sum(A.toarray()) + np.sum(A.sum(axis=0)) + np.sum(A.diagonal())

    def g(v: Any, b: Any) -> Any:
        return np.sum(sl.splu(sp.csc_array((v, (np.empty(0, int), np.empty(0, int))), shape=(0, 0))).solve(b))

    for size in (3, 0):
        found = grad(f, wrt=(0, 1))(np.empty(0), np.ones(size))
        assert found[0].shape == (0,) and found[1].tolist() == [1.0] * size
        assert jvp(f, wrt=(0, 1))(np.empty(0), np.ones(size), seed=(np.empty(0), np.ones(size)))[1] == size
    assert grad(g, wrt=(0, 1))(np.empty(0), np.empty(0))[1].shape == (0,)


def test_no_dense_matrix_is_made() -> None:
    """A dense matrix of this size would have ten thousand million entries."""
    n = 100_000
    places = np.arange(n)

    def f(v: Any, b: Any) -> Any:
        A = sp.csr_array((v, places, np.arange(n + 1)), shape=(n, n))
        return np.sum(sl.spsolve(A, A @ b + A.T @ b))

    found = grad(f, wrt=(0, 1))(np.full(n, 2.0), np.ones(n))
    np.testing.assert_allclose(found[0], 0.0, atol=1e-12)
    np.testing.assert_allclose(found[1], 2.0)


def test_the_text() -> None:
    def f(v: Any, b: Any) -> Any:
        A = sp.csr_array((v, INDICES, INDPTR), shape=(3, 3))
        return np.sum(sl.spsolve(A, b) ** 2)

    text = grad(f, wrt=(0, 1)).source_for(DATA, B)
    assert "    b_bar = sparse_solve(t.T, A_2_values, x_bar)\n" in text
    assert "    A_2_values_bar = -sparse_outer(pattern_of(t), b_bar, x)\n" in text


def product_of(A: Any, f: Any) -> Any:
    return np.sum(A @ f)


REFUSED: dict[str, Callable[..., Any]] = {
    "an entry": lambda v, b: np.sum(matrix(v)[0, 1] * b),
    "a product of sparse matrices": lambda v, b: np.sum((matrix(v) @ matrix(v)) @ b),
    "a product by entries": lambda v, b: np.sum(matrix(v).multiply(b) @ b),
    "a sum that is handed on": lambda v, b: np.sum(matrix(v) * b[0]),
    "a function of NumPy": lambda v, b: np.sum(np.dot(matrix(v), b)),
    "a matrix in a list": lambda v, b: np.sum([matrix(v), matrix(v)][0] @ b),
    "a power": lambda v, b: np.sum((matrix(v) ** 2) @ b),
    "a size": lambda v, b: np.sum(abs(matrix(v)) @ b),
    "the class": lambda v, b: np.sum(b) if isinstance(matrix(v), sp.csr_array) else 0.0 * np.sum(v),
    "the type": lambda v, b: np.sum(b) if type(matrix(v)) is sp.csr_array else 0.0 * np.sum(v),
    "a loop over rows": lambda v, b: sum([np.sum(row @ b) for row in matrix(v)]),
    "the largest entry": lambda v, b: matrix(v).max() * np.sum(b),
    "another precision": lambda v, b: np.sum(matrix(v).astype(np.float32) @ b),
    "a comparison": lambda v, b: np.sum((matrix(v) > 0.5) @ b),
    "as an array": lambda v, b: np.sum(np.asarray(matrix(v)) @ b),
    "sparse right-hand sides": lambda v, b: np.sum(sl.spsolve(matrix(v), matrix(v)) @ b),
    "the factors": lambda v, b: np.sum(sl.splu(matrix(v)).L @ b),
}


@pytest.mark.parametrize("f", REFUSED.values(), ids=REFUSED)
def test_what_is_refused(f: Callable[..., Any]) -> None:
    told = "a sparse matrix that varies is used in a way that has no derivative here"
    with pytest.raises(UnsupportedError, match=told) as caught:
        grad(f, wrt=(0, 1))(DATA, B)
    assert caught.value.hint and caught.value.origin.file == __file__


def test_stores_and_choices_are_refused() -> None:
    def stored(v: Any, b: Any) -> Any:
        A = matrix(v)
        A[0, 1] = b[0]
        return np.sum(A @ b)

    def on_its_diagonal(v: Any, b: Any) -> Any:
        A = matrix(v)
        A.setdiag(b)
        return np.sum(A @ b)

    def chosen(v: Any, b: Any) -> Any:
        A = matrix(v)
        if b[0] > 0:
            A = matrix(2 * v)
        return np.sum(A @ b)

    def chosen_with_another(v: Any, b: Any) -> Any:
        parts = assembled(v, b)
        if b[0] > 0:
            parts = assembled(2 * v, b)
        return np.sum(parts[0] @ b)

    def carried(v: Any, b: Any) -> Any:
        parts = matrix(v), b
        for _ in range(2):
            A, f = parts
            parts = A * 2.0, f + b
        return np.sum(parts[0] @ parts[1])

    def spread(v: Any, b: Any) -> Any:
        parts = matrix(v), b
        return product_of(*parts)

    def one_after_the_other(v: Any, b: Any) -> Any:
        total, parts = 0.0, (matrix(v), matrix(2 * v))
        for A in parts:
            total = total + np.sum(A @ b)
        return total

    every = stored, on_its_diagonal, chosen, chosen_with_another, carried, spread, one_after_the_other
    for f in every:
        with pytest.raises(UnsupportedError, match="a sparse matrix that varies is used") as caught:
            grad(f, wrt=(0, 1))(DATA, B)
        assert caught.value.origin.file == __file__


def test_what_only_the_run_tells() -> None:
    def dense(v: Any, b: Any) -> Any:
        return np.sum(sp.csr_array(np.outer(v[:3], b)) @ b)

    def entrywise(v: Any, b: Any) -> Any:
        return np.sum((matrix(v) * b) @ b)

    def summed(v: Any, b: Any) -> Any:
        return np.sum(sp.csr_matrix((v, INDICES, INDPTR)).sum(axis=0) @ b)

    def with_sparse(v: Any, b: Any) -> Any:
        return np.sum(matrix(v) @ CONSTANT @ b)

    def conjugated(v: Any, b: Any) -> Any:
        return np.sum(np.abs(sl.splu(matrix(v + 0j)).solve(b + 0j, "H")))

    def singular(v: Any, b: Any) -> Any:
        return np.sum(sl.spsolve(matrix(0.0 * v), b))

    def unsorted(v: Any, b: Any) -> Any:
        A = sp.csr_array((v, LOOSE[0], LOOSE[1]), shape=(3, 3))
        return np.sum(sl.spsolve(A, b)) + np.sum(A.data * np.arange(6))

    told = {
        unsorted: "entries are not sorted, or stand twice at one place: SciPy sorts and sums them in the arrays",
        dense: "csr_array is given a dense array that varies, and zeros of it vary, too",
        entrywise: "a sparse matrix that varies is multiplied by a ndarray",
        summed: "the sum of a sparse matrix along an axis is an np.matrix",
        with_sparse: "meets a csr_array in a product or a system: the derivative is known for arrays",
        conjugated: "the derivative of a sparse system with trans='H' is not known",
        singular: "a sparse matrix that a system is solved with is singular",
    }
    for f, text in told.items():
        with pytest.raises(DerivativeError, match=text):
            grad(f, wrt=(0, 1))(DATA, B)


def test_what_does_not_fit() -> None:
    pattern, two = CONSTANT_PATTERN, Pattern("coo", (np.array([0]), np.array([1])), (2, 3))
    places = np.array([0, 1]), np.array([0, 1, 2])
    told: dict[str, Callable[[], Any]] = {
        "a sparse matrix has 6 places, and got stored values of shape": lambda: pattern.matrix(np.ones(5)),
        "a product of a sparse matrix with 3 axes is not known": (
            lambda: sparse.sparse_product(pattern, DATA, np.ones((3, 3, 3)))
        ),
        "a ndarray in a sum: the derivative is known for the sum with a sparse matrix": (
            lambda: sparse.pattern_of(np.ones((3, 3)))
        ),
        "the sum of a sparse matrix along axis=2 is not known": lambda: summed_places(pattern, 2),
        "a sparse matrix is given 3 values and stores 2 of them": (
            lambda: pattern_from((np.array([0, 1, 1]), places[1]), None, sp.csr_array)
        ),
        "a sparse matrix that varies has two axes": lambda: pattern_from(((places[0],),), None, sp.coo_array),
        "matrix must be square": lambda: sparse.sparse_factors(two, np.ones(1)),
        "a sparse system of shape (3, 3) has a right-hand side of shape": (
            lambda: sparse.sparse_solve(sparse.sparse_factors(pattern, DATA), DATA, np.ones(2))
        ),
        "2 diagonals and 1 offsets": lambda: sparse.joined_diagonals([1.0, 2.0], [3]),
        "offset array contains duplicate values": lambda: diagonals_pattern(3, [1, 1], None, sp.dia_array),
        "diagonal 4 is not in a matrix of shape": lambda: diagonals_pattern(3, [4], (3, 3), sp.dia_array),
        "inconsistent shapes": lambda: joined_pattern(pattern, two),
    }
    for text, call in told.items():
        with pytest.raises((DerivativeError, ValueError), match=re.escape(text)):
            call()


class Operator:
    """Its operators are functions that nobody differentiates."""

    def __mul__(self, x: Any) -> Any:
        return np.sum(x) ** 2 * x

    def __matmul__(self, x: Any) -> Any:
        return np.sum(x) ** 2 * x


def made_elsewhere() -> Operator:
    return Operator()


OPERATOR = Operator()
OPERATORS = {"made": made_elsewhere()}
LOCAL: dict[str, Callable[..., Any]] = {
    "made here": lambda x: np.sum(sp.csr_matrix(DENSE) * x * x),
    "a part": lambda x: np.sum(sp.csr_matrix(DENSE).T * x * x),
    "turned": lambda x: np.sum(SPMATRIX.T * x * x),
    "another format": lambda x: np.sum(SPMATRIX.tocsc() * x * x),
    "a sum": lambda x: np.sum((SPMATRIX + sp.eye(3)) * x * x),
    "a matrix": lambda x: np.sum(np.asarray(np.asmatrix(DENSE) * x[:, None]) ** 2),
    "a linear operator": lambda x: np.sum(sl.aslinearoperator(SPMATRIX) * x * x),
    "an object": lambda x: np.sum(OPERATOR * x),
    "an object of a dict": lambda x: np.sum(OPERATORS["made"] * x),
    "an object in a product": lambda x: np.sum(OPERATOR @ x),
}
SPMATRIX = sp.csr_matrix(CONSTANT)


@pytest.mark.parametrize("f", LOCAL.values(), ids=LOCAL)
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_constants_with_operators_of_their_own_are_refused(f: Callable[..., Any], mode: str) -> None:
    """A constant of which kinds tell nothing was taken for an array: `A * x` of a `csr_matrix` is a product of
    matrices, and its gradient was that of the product by entries."""
    told = (
        "an object of class .* is an operand, and its class says itself what operators do: (ask isinstance before, "
        "or )?make it an array by np.asarray"
    )
    with pytest.raises(DerivativeError, match=told):
        grad(f)(B) if mode == "reverse" else jvp(f)(B, seed=B)


@pytest.mark.parametrize("made", [lambda: Operator(), made_elsewhere], ids=["by its class", "by a function"])
def test_objects_that_the_function_makes_are_followed_into_their_operators(made: Callable[[], Operator]) -> None:
    check_derivative(lambda x: np.sum(made() * x), B)
    check_derivative(lambda x: np.sum(made() @ x), B)


def test_constants_that_are_numbers_and_arrays() -> None:
    def f(x: Any, held: Any) -> Any:
        m = sp.csr_array(DENSE)
        return np.sum(m.toarray() @ x * m.diagonal() * held["scale"]) + np.sum(m @ x) + np.sum(Fraction(1, 2) * x)

    check_derivative(f, B, {"scale": 2.0}, wrt="x")
