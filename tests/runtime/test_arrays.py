"""Shapes and zeros."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from tangent_sct import DerivativeError, runtime


class Pair(NamedTuple):
    left: Any
    right: Any


def test_zeros_have_the_structure() -> None:
    zeros = runtime.zeros_like({"a": [1.5, np.ones((2, 3))], "b": Pair(2, "text"), "c": ()})
    assert zeros["a"][0] == 0.0
    assert zeros["a"][1].tolist() == [[0.0] * 3] * 2
    assert zeros["b"] == Pair(0.0, None)
    assert zeros["c"] == ()


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (np.float32(2), np.float32),
        (np.ones(2, np.float32), np.float32),
        (np.ones(2, int), float),
        (np.ones(2, complex), complex),
        (3, float),
        (True, float),
    ],
)
def test_zeros_have_a_differentiable_dtype(value: Any, dtype: Any) -> None:
    zeros = runtime.zeros_like(value)
    assert np.asarray(zeros).dtype == dtype
    assert not np.any(zeros)


def test_zeros_are_fresh() -> None:
    x = np.ones(3)
    runtime.zeros_like(x)[0] = 5.0
    assert x.tolist() == [1.0] * 3


@pytest.mark.parametrize(
    "shape", [(), (1,), (4,), (1, 4), (3, 1), (3, 4), (1, 1), (2, 3, 4), (2, 1, 1)]
)
def test_unbroadcast_and_broadcast_are_transposes(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    small = rng.standard_normal(shape) if shape else 0.7
    large = rng.standard_normal((2, 3, 4))
    left = np.sum(runtime.broadcast_like(small, large) * large)
    down = runtime.unbroadcast(large, small)
    assert np.shape(down) == shape
    assert left == pytest.approx(np.sum(small * down))


def test_unbroadcast_to_a_number_is_a_number() -> None:
    assert isinstance(runtime.unbroadcast(np.ones((2, 3)), 1.0), float)
    assert runtime.unbroadcast(2.0, 1.0) == 2.0


def test_unbroadcast_spreads_a_seed_of_fewer_axes() -> None:
    assert runtime.unbroadcast(2.0, np.zeros((1, 1))).tolist() == [[2.0]]


def test_recast() -> None:
    g = np.array([0.5, 1.5])
    assert runtime.recast(g, np.ones(2)) is g
    assert runtime.recast(g, np.ones(1, np.float32)).dtype == np.float32
    assert runtime.recast(g, 1.0) is g
    assert runtime.recast(g, np.ones(2, int)).tolist() == [0.0, 0.0]
    assert runtime.recast(0.5, 1.0, through=np.ones(2, int)) == 0.0


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1, 1, (0, 2), (-1, 0), ()])
def test_unreduce_is_the_transpose_of_sum(axis: Any, keepdims: bool) -> None:
    rng = np.random.default_rng(2)
    a = rng.standard_normal((2, 3, 4))
    total = np.sum(a, axis=axis, keepdims=keepdims)
    g = rng.standard_normal(total.shape)
    back = runtime.unreduce(g, a, axis, keepdims)
    assert back.shape == a.shape
    assert np.sum(g * total) == pytest.approx(np.sum(back * a))


@pytest.mark.parametrize("shape", [(3,), (1, 1), (1, 3)])
def test_adjoints_share_no_memory_with_what_they_came_from(shape: tuple[int, ...]) -> None:
    g = np.ones((1, 3))
    for back in (
        runtime.unreduce(g, np.zeros((1, 3)), axis=0, keepdims=True),
        runtime.unbroadcast(g, np.zeros(shape)),
        runtime.broadcast_like(g, np.zeros((2, 3))),
    ):
        back[...] = 5.0
        assert np.all(g == 1.0)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
def test_along_takes_one_axis(axis: int) -> None:
    a = np.arange(24).reshape(2, 3, 4)
    assert np.array_equal(a[runtime.along(1, axis)], np.take(a, 1, axis))


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
def test_spans_cut_a_concatenation(axis: int) -> None:
    parts = [np.full((2, 2), i) for i in range(3)]
    joined = np.concatenate(parts, axis)
    for i, part in enumerate(parts):
        assert np.array_equal(joined[runtime.span(parts, i, axis)], part)


def test_spans_of_rows_and_columns() -> None:
    parts = [np.arange(3), np.ones((2, 3)), np.zeros(3)]
    stacked = np.vstack(parts)
    for i, part in enumerate(parts):
        assert np.array_equal(stacked[runtime.row_span(parts, i)].reshape(np.shape(part)), part)
    flat = [1.5, np.arange(3), 2.5]
    joined = np.hstack(flat)
    for i, part in enumerate(flat):
        assert np.array_equal(joined[runtime.column_span(flat, i)].reshape(np.shape(part)), part)


@pytest.mark.parametrize("offset", [-4, -2, -1, 0, 1, 2, 5])
@pytest.mark.parametrize("axes", [(0, 1), (2, 0), (-1, -2)])
def test_undiagonal_is_the_transpose_of_diagonal(offset: int, axes: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    a = rng.standard_normal((2, 3, 4))
    diagonal = np.diagonal(a, offset, *axes)
    g = rng.standard_normal(diagonal.shape)
    back = runtime.undiagonal(g, a, offset, *axes)
    assert back.shape == a.shape
    assert np.sum(g * diagonal) == pytest.approx(np.sum(back * a))


def test_take_along_index_takes_the_same() -> None:
    a = np.random.default_rng(4).standard_normal((2, 3, 4))
    for axis in (0, 1, -1, None):
        indices = np.argsort(a, axis)
        expected = np.take_along_axis(a, indices, axis)
        assert np.array_equal(a[runtime.take_along_index(indices, axis, a)], expected)


@pytest.mark.parametrize("shape", [(1, 3), (1, 1, 3), (1,), (1, 1), (1, 1, 1)])
def test_leading_axes_that_a_store_drops(shape: tuple[int, ...]) -> None:
    """What is stored may have more axes than its place; sums of axes of its own, and the way back, failed."""
    place = np.array([0.3, 0.7, 0.5])
    down = runtime.unbroadcast(place, np.ones(shape))
    assert down.shape == shape and np.sum(down) == pytest.approx(1.5)
    stored = np.empty(3)
    stored[:] = down
    assert runtime.broadcast_like(down, place).tolist() == stored.tolist()
    assert not np.shares_memory(down, place)


def test_what_is_no_array_is_no_view_of_one() -> None:
    with pytest.raises(DerivativeError, match="a dict stands here where a view of an array that is written in place"):
        runtime.check_view({}, np.zeros(3))
