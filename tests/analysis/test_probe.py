"""Kinds of results, found by calling."""

import math
import operator
from typing import Any

import numpy as np
import pytest

from tangent_sct.analysis.probe import common_dtype, elementwise, probe
from tangent_sct.analysis.shapes import DimValue
from tangent_sct.core.kind import (
    BOOL,
    FLOAT,
    INT,
    OTHER,
    UNKNOWN,
    Kind,
    array,
    constant,
    container,
    scalar,
)

MATRIX = array(("n0", "n1"))
VECTOR = array(("n1",))
SQUARE = array(("n0", "n0"))


def fresh(kind: Kind) -> list[bool]:
    """Which dimensions are symbols of nobody else."""
    return [isinstance(d, str) and d.startswith("?") for d in kind.shape or ()]


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (operator.matmul, [MATRIX, VECTOR], array(("n0",))),
        (np.sum, [MATRIX], scalar("float64")),
        (np.sum, [MATRIX, constant(0)], array(("n1",))),
        (np.transpose, [MATRIX], array(("n1", "n0"))),
        (np.outer, [VECTOR, array(("n0",), "float32")], array(("n1", "n0"))),
        (np.linalg.cholesky, [SQUARE], SQUARE),
        (np.linalg.det, [SQUARE], scalar("float64")),
        (np.argmax, [VECTOR], scalar("int64")),
        (np.zeros, [constant(3)], array(("3",))),
        (np.zeros, [constant((3, 1))], array(("3", 1))),
        (np.zeros, [Kind("scalar", "int", value=DimValue("n7"))], array(("n7",))),
        (np.array, [container("list", {0: FLOAT, 1: VECTOR})], UNKNOWN),
        (np.array, [container("list", {0: VECTOR, 1: VECTOR})], array(("2", "n1"))),
        (np.cross, [array(("3",)), array(("3",))], array(("3",))),
        (math.sin, [FLOAT], FLOAT),
        (math.acos, [FLOAT], FLOAT),
        (math.sqrt, [VECTOR], UNKNOWN),
        (np.sin, [OTHER], UNKNOWN),
        (np.sum, [array(None, None)], scalar(None)),
        (np.ravel, [array(None)], UNKNOWN),
        (np.atleast_2d, [array(None)], array(None)),
    ],
)
def test_kinds(function: Any, args: list[Kind], expected: Kind) -> None:
    found = probe(function, args)
    if function is np.ravel:
        assert found.is_array and found.rank == 1 and fresh(found) == [True]
    else:
        assert found == expected


def test_structured_results_keep_their_structure() -> None:
    values, vectors = (item for _, item in probe(np.linalg.eigh, [SQUARE]).items or ())
    assert values.shape == ("n0",) and vectors.shape == ("n0", "n0")


@pytest.mark.parametrize(
    ("function", "args", "keywords", "rank"),
    [
        (np.unique, [VECTOR], {}, 1),
        (np.flatnonzero, [VECTOR], {}, 1),
        (np.argwhere, [VECTOR], {}, 2),
        (np.bincount, [array(("n0",), "int64")], {}, 1),
        # The size is the larger of the two, whichever that is.
        (np.convolve, [VECTOR, array(("3",))], {"mode": constant("same")}, 1),
        (np.diag, [array(("n0", "3"))], {}, 1),
        # Two symbols may stand for one size.
        (np.dot, [MATRIX, array(("q",))], {}, 1),
        (np.linalg.solve, [array(("q", "r")), array(("s",))], {}, 1),
    ],
)
def test_sizes_that_depend_on_more_than_symbols_are_not_claimed(
    function: Any, args: list[Kind], keywords: dict[str, Kind], rank: int
) -> None:
    found = probe(function, args, keywords)
    assert found.rank == rank
    known = [d for d in found.shape or () if not str(d).startswith("?")]
    # All that may be known is the left operand's number of rows, and a literal one.
    assert set(known) <= {1}


def test_integers_that_may_be_sizes_are_not_made_up() -> None:
    assert probe(np.zeros, [INT]) == UNKNOWN
    assert probe(operator.mul, [INT, FLOAT], any_integer=True) == FLOAT


def test_an_integer_that_is_an_axis_leaves_the_rank() -> None:
    axis = Kind("scalar", "int", value=DimValue("len:k"))
    found = probe(np.sum, [MATRIX, axis])
    assert found.is_array and fresh(found) == [True]


def test_powers_of_integers_may_be_floats() -> None:
    assert probe(operator.pow, [INT, INT], any_integer=True).dtype == "float"
    assert probe(operator.pow, [INT, constant(2)], any_integer=True).dtype == "int"


def test_what_depends_on_an_unknown_dtype_is_not_claimed() -> None:
    unknown = array(("n0",), None)
    assert probe(np.sin, [unknown]) == unknown
    assert probe(np.isnan, [unknown]).dtype == "bool"


def test_a_double_may_be_a_number_of_python() -> None:
    single = array(("n0",), "float32")
    assert elementwise(operator.mul, [FLOAT, single]).dtype == "float32"
    assert elementwise(operator.mul, [scalar("float64"), single]).dtype is None
    assert elementwise(operator.mul, [scalar("float64"), FLOAT]).dtype == "float64"
    assert elementwise(operator.mul, [scalar("float32"), FLOAT]).dtype == "float32"
    # True + True is 2 for Python and True for NumPy.
    assert elementwise(operator.add, [BOOL, BOOL]).dtype is None


@pytest.mark.parametrize(
    ("left", "right", "shape"),
    [
        (MATRIX, VECTOR, ("n0", "n1")),
        (array(("n0", 1)), array((1, "n1")), ("n0", "n1")),
        (VECTOR, array(("n1-2",)), ("n1",)),
        (VECTOR, FLOAT, ("n1",)),
        (VECTOR, array(()), ("n1",)),
        (VECTOR, array(None), None),
    ],
)
def test_broadcasting(left: Kind, right: Kind, shape: Any) -> None:
    for pair in ([left, right], [right, left]):
        assert elementwise(operator.add, pair) == array(shape)


def test_broadcasting_of_sizes_that_may_be_one() -> None:
    assert fresh(elementwise(operator.add, [array(("n0-1",)), array(("n0-2",))])) == [True]


def test_operations_on_arrays_without_axes_give_numbers() -> None:
    assert elementwise(operator.add, [array(()), FLOAT]) == scalar("float64")
    assert elementwise(np.modf, [VECTOR]).item(1) == VECTOR


def test_fresh_symbols_differ_between_questions_and_can_be_named() -> None:
    first, second = probe(np.unique, [VECTOR]), probe(np.unique, [VECTOR])
    assert first.shape != second.shape
    assert probe(np.unique, [VECTOR], fresh="?y").shape == ("?y.0",)


def test_answers_are_remembered_for_other_symbols() -> None:
    calls = []

    def double(x: Any) -> Any:
        calls.append(x)
        return x + x

    assert probe(double, [array(("n0", "n1"))]).shape == ("n0", "n1")
    count = len(calls)
    assert probe(double, [array(("a", "b"))]).shape == ("a", "b")
    assert len(calls) == count
    assert probe(double, [array(("a", "a"))]).shape == ("a", "a")
    assert len(calls) > count


def test_warnings_and_errors_of_samples_stay_inside(recwarn: pytest.WarningsRecorder) -> None:
    def warns(x: Any) -> Any:
        import warnings

        warnings.warn("not for you", stacklevel=1)
        return x

    assert probe(warns, [VECTOR]) == UNKNOWN
    assert not recwarn.list


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("int", "int", "int"),
        ("int", "float", "float"),
        ("int", "float64", "float64"),
        ("float", "float64", "float64"),
        ("bool", "float", None),
        ("float32", "float64", None),
        (None, "float", None),
    ],
)
def test_common_dtype(left: str | None, right: str | None, expected: str | None) -> None:
    assert common_dtype(left, right) == expected
    assert common_dtype(right, left) == expected
