"""Lists that grow beside one that is looped over."""

from typing import Any

import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative
from tests.helpers import Program


def a_triangle(b: Any) -> Any:
    rows = [[b]]
    for _ in range(3):
        row = [rows[-1][0] * b]
        for previous in rows[-1]:
            row.append(row[-1] + previous * len(row))
        rows.append(row)
    return rows[-1][-1]


def test_a_list_of_this_iteration_may_grow() -> None:
    check_derivative(a_triangle, 0.5)
    check_derivative(grad(a_triangle), 0.5)


def it_is_among_them(b: Any) -> Any:
    rows = [[b]]
    for _ in range(2):
        row = [b * b]
        rows.append(row)
        for v in rows[-1]:
            if len(row) < 3:
                row.append(v * b)
    return rows[-1][-1]


def it_is_made_before_the_loops(b: Any) -> Any:
    rows = [[b]]
    row = [b * b]
    for _ in range(2):
        for v in rows[-1]:
            if len(row) < 3:
                row.append(v * b)
        rows.append(row)
    return rows[-1][-1]


def it_has_two_names(b: Any) -> Any:
    rows = [[b]]
    for _ in range(2):
        row = [b * b]
        other = row
        rows.append(other)
        for v in rows[-1]:
            if len(row) < 3:
                row.append(v * b)
    return rows[-1][-1]


@pytest.mark.parametrize("f", [it_is_among_them, it_is_made_before_the_loops, it_has_two_names])
def test_a_list_that_may_be_the_one_may_not(f: Program) -> None:
    with pytest.raises(UnsupportedError, match="changed in length while it is looped over"):
        grad(f)(0.5)
