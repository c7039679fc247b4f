"""Kinds of concrete arguments and of annotations."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tangent_sct.analysis.arguments import kind_from_annotation, kinds_of_arguments
from tangent_sct.core.kind import (
    FLOAT,
    INT,
    NO_NUMBERS,
    NO_VALUE,
    OTHER,
    UNKNOWN,
    Kind,
    array,
    scalar,
)


def kind(value: object) -> Kind:
    return dict(kinds_of_arguments({"x": value}))["x"]


def test_sizes_are_numbered_over_all_arguments() -> None:
    found = dict(
        kinds_of_arguments(
            {"a": np.ones((3, 1)), "b": (np.ones((4, 3)), [np.ones(1)]), "c": np.ones((0, 4))}
        )
    )
    assert found["a"].shape == ("n0", 1)
    assert found["b"].item(0).shape == ("n1", "n0")
    assert found["b"].item(1).item(0).shape == (1,)
    assert found["c"].shape == ("n2", "n1")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2.0, FLOAT),
        (3, INT),
        (2j, scalar("complex")),
        (True, Kind("scalar", "bool", value=True)),
        (np.float32(1), scalar("float32")),
        (np.float64(1), scalar("float64")),
        (np.int16(1), scalar("int16")),
        (np.array(1), array((), "int64")),
        (np.ones(2, "complex64"), array(("n0",), "complex64")),
        (None, Kind("other", value=None)),
        ("same", Kind("other", value="same")),
        (print, Kind("other", value=print)),
        (object(), OTHER),
        (np.ma.ones(3), Kind("other", cls=np.ma.MaskedArray)),
        (np.array(["a"]), NO_NUMBERS),
        (np.array([None]), UNKNOWN),
        (type("Money", (float,), {})(1.0), UNKNOWN),
    ],
)
def test_kind_of_a_value(value: object, expected: Kind) -> None:
    assert kind(value) == expected


def test_items_of_a_dict_keep_their_order_and_keys() -> None:
    found = kind({"b": 1.0, True: np.ones(2)})
    assert [key for key, _ in found.items or ()] == ["b", True]
    assert found.item(True).is_array
    assert found.item(1) == UNKNOWN


def test_numbers_do_not_select_a_specialisation_but_flags_do() -> None:
    assert kinds_of_arguments({"x": 1.0}) == kinds_of_arguments({"x": 2.0})
    assert kinds_of_arguments({"x": True}) != kinds_of_arguments({"x": False})
    assert kinds_of_arguments({"x": 1}) != kinds_of_arguments({"x": 1.0})
    assert kinds_of_arguments({"x": 1}) != kinds_of_arguments({"x": True})


def test_equal_kinds_are_one_object_whatever_the_sizes() -> None:
    first = kinds_of_arguments({"x": np.ones((3, 4)), "y": np.ones(4)})
    second = kinds_of_arguments({"x": np.zeros((7, 5)), "y": np.zeros(5)})
    assert first is second
    assert first != kinds_of_arguments({"x": np.zeros((7, 7)), "y": np.zeros(7)})
    assert hash(first) == hash(second)


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (int, INT),
        (bool, scalar("bool")),
        (np.ndarray, array(None, None)),
        (npt.NDArray[np.float64], array(None, "float64")),
        (npt.NDArray[np.floating[Any]], array(None, None)),
        (str, OTHER),
        (np.float32, scalar("float32")),
        (np.floating, None),
        (list[float], Kind("list")),
        (tuple[float, ...], Kind("tuple")),
        (tuple[int, str], Kind("tuple", items=((0, INT), (1, OTHER)))),
        ("float", None),
        (float | None, None),
        (object, None),
        ([], None),
    ],
)
def test_kind_of_an_annotation(annotation: object, expected: Kind | None) -> None:
    assert kind_from_annotation(annotation) == expected


def test_a_float_may_be_a_number_of_numpy() -> None:
    found = kind_from_annotation(float)
    assert found is not None and found.is_scalar and found.dtype == "float64"
    assert found.value is NO_VALUE
