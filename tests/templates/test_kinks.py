"""The conventions of `docs/conventions.md`: what stands where a function has no derivative."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import pytest

from tests.templates.filled import Filled, inner


def slopes(function: Any, *args: Any, **keywords: Any) -> list[Any]:
    """Adjoints of the float arguments for a seed of ones; both modes must agree on them."""
    filled = Filled(function, args, keywords)
    result = filled.forward()[filled.results[0]]
    seed = np.ones_like(result) if isinstance(result, np.ndarray) else 1.0
    adjoints = filled.adjoint([seed], set(filled.slots))
    for slot, name in filled.slots.items():
        like = filled.values[name]
        for direction in _units(like):
            (tangent,) = filled.tangent({slot: direction})
            assert inner(np.broadcast_to(tangent, np.shape(result)), seed) == pytest.approx(
                inner(adjoints.get(slot, 0.0), direction)
            )
    return [adjoints.get(slot, 0.0) for slot in filled.slots]


def _units(like: Any) -> list[Any]:
    if not isinstance(like, np.ndarray):
        return [1.0]
    eye = np.eye(like.size)
    return [row.reshape(like.shape) for row in eye]


@pytest.mark.parametrize("absolute", [abs, np.abs, np.fabs, math.fabs])
def test_absolute_value_is_flat_at_zero(absolute: Any) -> None:
    assert slopes(absolute, 0.0) == [0.0]


@pytest.mark.parametrize("choice", [np.maximum, np.minimum, np.fmax, np.fmin, max, min])
def test_two_that_tie_share(choice: Any) -> None:
    assert slopes(choice, 2.0, 2.0) == [0.5, 0.5]


@pytest.mark.parametrize("choice", [np.maximum, np.minimum])
def test_arrays_that_tie_share(choice: Any) -> None:
    first, second = slopes(choice, np.array([1.0, 2.0]), np.array([2.0, 2.0]))
    assert first[1] == second[1] == 0.5
    assert sorted([first[0], second[0]]) == [0.0, 1.0]


def test_a_tie_with_a_constant_halves() -> None:
    assert slopes(max, 0.0, 0) == [0.5]


def test_three_that_tie_share() -> None:
    assert slopes(max, 1.0, 1.0, 1.0) == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize("reduction", [np.max, np.min])
def test_entries_that_tie_share(reduction: Any) -> None:
    (slope,) = slopes(reduction, np.array([[1.0, 1.0], [1.0, 0.0]]), axis=1)
    assert slope[0].tolist() == [0.5, 0.5]
    assert sorted(slope[1].tolist()) == [0.0, 1.0]


def test_clip_halves_on_a_bound() -> None:
    (slope,) = slopes(np.clip, np.array([-1.0, 0.0, 0.5, 1.0, 2.0]), 0, 1)
    assert slope.tolist() == [0.0, 0.5, 1.0, 0.5, 0.0]


def test_clip_gives_bounds_what_they_cut_off() -> None:
    assert slopes(np.clip, -1.0, 0.0, 1.0) == [0.0, 1.0, 0.0]
    assert slopes(np.clip, 1.0, 0.0, 1.0) == [0.5, 0.0, 0.5]


@pytest.mark.parametrize(
    ("norm", "args"),
    [
        (np.linalg.norm, (np.zeros(3),)),
        (np.linalg.norm, (np.zeros((2, 3)),)),
        (np.linalg.norm, (np.zeros(3), 1)),
        (np.linalg.norm, (np.zeros(3), 3)),
        (np.std, (np.ones(3),)),
        (np.hypot, (0.0, 0.0)),
        (math.hypot, (0.0, 0.0)),
    ],
)
def test_norms_are_flat_at_zero(norm: Any, args: tuple[Any, ...]) -> None:
    for slope in slopes(norm, *args):
        assert not np.any(slope)


@pytest.mark.parametrize("power", [operator.pow, np.power, np.float_power])
@pytest.mark.parametrize(("exponent", "slope"), [(1, 1.0), (2, 0.0), (3, 0.0), (0, 0.0)])
def test_powers_of_zero(power: Any, exponent: int, slope: float) -> None:
    assert slopes(power, np.array([0.0]), exponent)[0].tolist() == [slope]
    unknown = np.array([exponent])
    assert slopes(power, np.array([0.0]), unknown)[0].tolist() == [slope]


def test_powers_of_zero_of_numbers() -> None:
    assert slopes(operator.pow, 0.0, 2.0) == [0.0, 0.0]
    assert slopes(operator.pow, 0.0, 1.0) == [1.0, 0.0]
    assert slopes(math.pow, 0.0, 2.0) == [0.0, 0.0]


def test_root_is_infinitely_steep_at_zero() -> None:
    with np.errstate(divide="ignore"):
        assert slopes(np.sqrt, np.array([0.0]))[0].tolist() == [np.inf]


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_choices_do_not_leak(bad: float) -> None:
    """An adjoint that is infinite or nan in one place does not reach the branch not taken."""
    seed = np.array([bad, 1.0])
    for function, args in [
        (np.where, (np.array([True, False]), np.zeros(2), np.ones(2))),
        (np.maximum, (np.array([1.0, 0.0]), np.array([0.0, 1.0]))),
        (np.minimum, (np.array([0.0, 1.0]), np.array([1.0, 0.0]))),
    ]:
        filled = Filled(function, args)
        first, second = filled.adjoint([seed], set(filled.slots)).values()
        np.testing.assert_array_equal(first, [bad, 0.0])
        np.testing.assert_array_equal(second, [0.0, 1.0])


def test_maximum_that_ignores_nan() -> None:
    first, second = slopes(np.fmax, np.array([np.nan, 1.0]), np.array([2.0, np.nan]))
    assert first.tolist() == [0.0, 1.0]
    assert second.tolist() == [1.0, 0.0]


def test_replaced_values_are_flat() -> None:
    (slope,) = slopes(np.nan_to_num, np.array([1.0, np.nan, np.inf]))
    assert slope.tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("convert", "args"),
    [
        (np.astype, (np.array([1.5, 2.5]), np.dtype(int))),
        (np.array, (np.array([1.5, 2.5]), np.dtype(int))),
        (np.asarray, (np.array([1.5, 2.5]), np.dtype(int))),
        (np.array, ([1.5, 2.5], np.dtype(int))),
        (np.full_like, (np.array([1, 2]), 1.5)),
        (np.full, ((2,), 1.5, np.dtype(int))),
    ],
)
def test_conversions_to_integers_are_flat(convert: Any, args: tuple[Any, ...]) -> None:
    for slope in slopes(convert, *args):
        assert not np.any(slope)


def test_cholesky_reads_the_lower_triangle() -> None:
    (slope,) = slopes(np.linalg.cholesky, np.array([[4.0, 9.0], [1.0, 3.0]]))
    assert slope[0, 1] == 0.0 and slope[1, 0] != 0.0
