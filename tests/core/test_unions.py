"""Disjoint sets: held against sets that are joined by hand."""

from __future__ import annotations

import random

import pytest

from tangent_sct.core.unions import Unions


def test_what_was_never_met_is_alone() -> None:
    found = Unions[str]()
    assert found.find("a") == "a"
    assert "a" not in found
    assert list(found) == []


def test_meeting_twice_changes_nothing() -> None:
    found = Unions[str]()
    found.unite("a", "b")
    found.meet("b")
    assert found.find("b") == "a"
    assert list(found) == ["a", "b"]


def test_uniting_nothing_and_one() -> None:
    found = Unions[str]()
    found.unite()
    found.unite("a")
    assert found.sets() == {"a": ["a"]}


def test_what_stood_for_the_first_stands_for_all() -> None:
    found = Unions[int]()
    found.unite(3, 4)
    found.unite(1, 2)
    found.unite(4, 2, 5)
    assert {found.find(item) for item in found} == {3}
    assert found.sets() == {3: [3, 4, 1, 2, 5]}


def test_uniting_what_is_united_keeps_what_stands_for_it() -> None:
    found = Unions[str]()
    found.unite("a", "b")
    found.unite("b", "a")
    assert found.find("b") == "a"


@pytest.mark.parametrize("seed", range(20))
def test_random_unions(seed: int) -> None:
    source = random.Random(seed)
    found = Unions[int]()
    expected = [{item} for item in range(30)]
    for item in range(30):
        found.meet(item)
    for _ in range(source.randrange(40)):
        items = source.choices(range(30), k=source.randint(1, 4))
        stands = found.find(items[0])
        found.unite(*items)
        assert found.find(items[-1]) == stands
        joined = set().union(*(part for part in expected if part & set(items)))
        expected = [part for part in expected if not part & joined] + [joined]
    assert sorted(map(sorted, expected)) == sorted(map(sorted, found.sets().values()))
