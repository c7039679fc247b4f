"""Products with one factor left out."""

from __future__ import annotations

import numpy as np

from tangent_sct import runtime


def test_others_with_zeros() -> None:
    a = np.array([[2.0, 3.0, 4.0], [0.0, 3.0, 4.0], [0.0, 0.0, 4.0]])
    expected = [[12.0, 8.0, 6.0], [12.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    assert runtime.others(a).tolist() == expected


def test_others_of_one_and_of_none() -> None:
    assert runtime.others(np.array([5.0])).tolist() == [1.0]
    assert runtime.others(np.zeros((2, 0))).shape == (2, 0)


def test_leave_one_out() -> None:
    rows = runtime.leave_one_out(np.array([2.0, 3.0, 4.0]), 1.0)
    assert np.prod(rows, axis=-1).tolist() == runtime.others(np.array([2.0, 3.0, 4.0])).tolist()
