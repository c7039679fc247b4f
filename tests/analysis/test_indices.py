"""`indices`: what an index into an array selects."""

from __future__ import annotations

import array as arrays
from typing import Any

import gast
import numpy as np
import pytest

from tangent_sct.analysis.indices import is_fancy, may_repeat, surely_fancy
from tangent_sct.core import tree
from tangent_sct.core.kind import (
    BOOL,
    INT,
    OTHER,
    RANGE,
    SLICE,
    UNKNOWN,
    Kind,
    array,
    constant,
    container,
    scalar,
)
from tangent_sct.testing import check_derivative

POSITIONS = array(("n0",), "int64")
KINDS = {
    "i": INT,
    "positions": POSITIONS,
    "mask": array(("n0",), "bool"),
    "pair": container("tuple", {0: POSITIONS, 1: POSITIONS}),
    "corner": container("tuple", {0: INT, 1: INT}),
    "unknown": UNKNOWN,
    "truth": BOOL,
    "number": scalar(None),
    "numbers": RANGE,
    "part": SLICE,
    "nothing": constant(None),
    "object": OTHER,
}


def kind_of(node: gast.AST) -> Kind:
    return KINDS.get(node.id, UNKNOWN) if isinstance(node, gast.Name) else UNKNOWN


@pytest.mark.parametrize(
    ("index", "may", "surely", "twice"),
    [
        ("2", False, False, False),
        ("i", False, False, False),
        ("1:i", False, False, False),
        ("positions", True, True, True),
        ("mask", True, True, False),
        ("[0, 2]", True, True, False),
        ("[0, 0]", True, True, True),
        ("i, positions", True, True, True),
        ("pair", True, True, True),
        ("corner", False, False, False),
        ("unknown", True, False, True),
        ("truth", True, True, False),
        ("True", True, True, False),
        ("i, True", True, True, False),
        ("number", True, False, True),
        ("numbers", True, True, False),
        ("part", False, False, False),
        ("nothing, ..., i", False, False, False),
        ("object", True, False, True),
        ("corner, i", True, True, True),
    ],
)
def test_what_an_index_selects(index: str, may: bool, surely: bool, twice: bool) -> None:
    node = tree.expression(f"a[{index}]").slice
    assert (is_fancy(node, kind_of), surely_fancy(node, kind_of), may_repeat(node, kind_of)) == (may, surely, twice)


MATRIX = np.array([[0.6, 1.2, 0.4], [1.1, 0.3, 0.8], [-0.5, 0.2, 0.9]])


def read(a, c, r):  # type: ignore[no-untyped-def]
    z = a * c
    s = z[r]
    t = np.sum(s**3)
    z[0] = z[1] * t
    return np.sum(z**2) + t


def put(a, c, r):  # type: ignore[no-untyped-def]
    z = a * c
    z[r] = c * a[0, 0]
    z[r] += a[0, 1] * c
    return np.sum(z**2)


def put_beside(a, c, r):  # type: ignore[no-untyped-def]
    z = a * c
    z[r, 0] = c * a[0, 0]
    z[..., r] += c
    return np.sum(z**2)


def scaled_part(a, c, r):  # type: ignore[no-untyped-def]
    z = a * c
    s = z[r]
    s *= c
    return np.sum(z**2) + np.sum(s**3)


def read_beside(a, c, r):  # type: ignore[no-untyped-def]
    z = a * c
    t = 0.0
    for _ in range(2):
        t = t + np.sum(z[r, 0] ** 2)
        z[0, 1] *= t
        z[1, 0] *= c
    return np.sum(z**2) + t


TRUTHS = (True, False, np.True_)
"""They are masks without axes: of these `z[r]` is a copy, with one axis more. `z[r]` was taken for a view."""
SEQUENCES = (range(1, 3), (1, 1), [1, 1])
"""`z[range(2)]` was taken for a view; a tuple is one index by itself, and positions where it stands in one."""
BASIC = (slice(0, 2), None, ..., 1, np.int8(1))


@pytest.mark.parametrize("r", [*TRUTHS, *SEQUENCES, *BASIC], ids=repr)
@pytest.mark.parametrize("f", [read, put, put_beside, read_beside, scaled_part])
def test_whatever_may_stand_in_brackets(f: Any, r: Any) -> None:
    if (f is scaled_part and isinstance(r, tuple)) or (f is put_beside and r is ...):
        # A number, and two `...`.
        return
    check_derivative(f, MATRIX, 1.5, r)


@pytest.mark.parametrize("f", [put, put_beside])
def test_other_objects_of_which_numpy_makes_arrays(f: Any) -> None:
    """They were taken for slices: each of two values that went into one place got the adjoint."""
    check_derivative(f, MATRIX, 1.5, arrays.array("q", [1, 1]))


def test_what_a_comparison_selects() -> None:
    """`z[c > 0]` is a copy of the whole, and was taken for a view."""

    def f(a, c):  # type: ignore[no-untyped-def]
        z = a * c
        s = z[c > 0]
        s *= 2.0
        z[c < 0] = 100.0
        z[c > 0] *= c
        z[True, 0] *= s[0, 1]
        return np.sum(z**2) + np.sum(s**3)

    check_derivative(f, MATRIX, 1.5)


def test_an_item_without_an_axis_in_front_of_others() -> None:
    """`z[m, 0]`, of a mask over two axes, was taken to be on the second axis: it may be what `z[:, 1]` writes."""

    def f(a, b):  # type: ignore[no-untyped-def]
        z = a * 1.0
        t = 0.0
        for _ in range(2):
            s = z[b, 0]
            t = t + np.sum(s**3)
            z[0, 1] = z[0, 1] * 0.5 * t
        return t + np.sum(z**2)

    check_derivative(f, MATRIX, None)
    check_derivative(f, MATRIX, True)
