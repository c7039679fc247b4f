"""Lists and tapes that change."""

from __future__ import annotations

import pytest

from tangent_sct.analysis.kinds import infer
from tangent_sct.core.kind import (
    FLOAT,
    INT,
    UNKNOWN,
)
from tests.analysis.kinds.building import X, kinds, unit


def test_a_tape_gives_back_what_was_put_on_it() -> None:
    body = """
tape = []
other = []
for i in range(n):
    tape.append(X)
    other.append(X[:i])
for j in range(n):
    x = tape.pop()
    y = other.pop()
    z = other.pop()
return x
"""
    names = kinds(body, X=X, n=INT).names
    assert names["x"] == X
    # Two entries need not have one size.
    assert names["y"].rank == names["z"].rank == 1
    assert len({names["y"].shape, names["z"].shape, X.shape}) == 3


def test_a_tape_that_is_read_before_it_is_filled() -> None:
    body = """
tape = []
for i in range(n):
    if i > 0:
        x = tape.pop()
        y = x * 2
    tape.append(X)
return 0
"""
    assert kinds(body, X=X, n=INT).names["y"] == X


@pytest.mark.parametrize(
    "change",
    ["items.append(s)", "items[0] = s", "alias = items\nalias.insert(0, s)", "undefined(items)"],
)
def test_lists_that_change_are_not_known_by_position(change: str) -> None:
    body = f"items = [X, X]\n{change}\nr = items[0]\nreturn r"
    assert kinds(body, X=X, s=FLOAT).names["r"] == UNKNOWN


def test_lists_that_change_hold_what_was_put_into_them() -> None:
    body = "items = [X]\nfor i in range(n):\n    items.append(X * 2)\nr = items[-1]\nreturn r"
    assert kinds(body, X=X, n=INT).names["r"] == X


def test_lists_outside_the_program_hold_what_they_hold() -> None:
    program = unit(
        "items = [X]\nitems.append(X)\nr = WHOLE[0]\nreturn r",
        {"X": X},
        {"WHOLE": [1.0, 2.0]},
    )
    assert infer(program).names["r"] == UNKNOWN
