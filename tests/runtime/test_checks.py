"""Copies that have the memory layout of their originals."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from tangent_sct.runtime import copied

WHOLE = np.arange(24.0).reshape(4, 6)


@pytest.mark.parametrize(
    "original",
    [WHOLE, WHOLE.T, WHOLE[::2, ::-3], WHOLE[1:, 2:4], WHOLE.reshape(2, 2, 6).transpose(2, 0, 1), WHOLE[:, :0]],
)
def test_copies_have_the_layout_of_the_original(original: np.ndarray) -> None:
    copy = copied(original)
    np.testing.assert_array_equal(copy, original)
    assert not np.shares_memory(copy, original)
    if original.size:
        assert copy.strides == original.strides


@pytest.mark.parametrize(
    "original",
    [np.broadcast_to(1.0, (2, 3)), np.broadcast_to(np.arange(3.0), (2, 3)), sliding_window_view(np.arange(5.0), 2)],
)
def test_copies_of_what_overlaps_itself_do_not(original: np.ndarray) -> None:
    copy = copied(original)
    copy[0] += 1.0
    np.testing.assert_array_equal(copy[1:], original[1:])
