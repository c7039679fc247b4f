"""Shadows of lists and dicts: each function changes what it says, and nothing else."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from tangent_sct import runtime
from tangent_sct.runtime.boxes import ABSENT, WRITERS


class Pair(NamedTuple):
    left: Any
    right: Any


def test_zeros_can_be_written_at_every_depth() -> None:
    zeros = runtime.zero_items(((1.5, Pair(2.0, np.ones(2))), {"k": (1.0,)}, 3, None))
    assert zeros[0][1][1].tolist() == [0.0, 0.0]
    zeros[0][1][1] = None
    assert zeros == [[0.0, [0.0, None]], {"k": [0.0]}, 0.0, None]


def test_zeros_share_no_memory() -> None:
    x = np.ones(2)
    first, second = runtime.zero_items([x, x])
    first += 1.0
    assert x.tolist() == [1.0, 1.0] and second.tolist() == [0.0, 0.0]


# -- adding ---------------------------------------------------------------------------------------


def test_items_are_added_in_place() -> None:
    inner, row = [0.0, 1.0], np.zeros(2)
    shadow = [inner, row, {"k": 2.0}, None]
    runtime.add_items(shadow, ((1.0, 1.0), np.ones(2), {"k": 3.0}, None))
    assert shadow[0] is inner and shadow[1] is row
    assert inner == [1.0, 2.0] and row.tolist() == [1.0, 1.0] and shadow[2] == {"k": 5.0}


def test_elements_of_an_array_that_are_selected_twice_take_both_amounts() -> None:
    shadow = np.zeros(3)
    runtime.add_item(shadow, [0, 2, 0], np.array([1.0, 2.0, 4.0]))
    runtime.add_item(shadow, np.int64(2), 3.0)
    runtime.add_item(shadow, [1], None)
    assert shadow.tolist() == [5.0, 0.0, 5.0]


def test_an_array_stands_for_its_rows() -> None:
    shadow = [np.zeros(2), np.zeros(2)]
    runtime.add_items(shadow, np.arange(4.0).reshape(2, 2))
    assert [row.tolist() for row in shadow] == [[0.0, 1.0], [2.0, 3.0]]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (slice(1, 3), [0.0, 5.0, 7.0, 0.0]),
        (slice(-2, None), [0.0, 0.0, 5.0, 7.0]),
        (slice(None, None, -2), [0.0, 7.0, 0.0, 5.0]),
    ],
)
def test_a_part_of_a_list_is_added_to(where: slice, expected: list[float]) -> None:
    shadow = [0.0] * 4
    runtime.add_items(shadow, [5.0, 7.0], where)
    assert shadow == expected


def test_a_dict_gets_only_what_is_there() -> None:
    shadow = {"a": 1.0, "b": 2.0}
    runtime.add_items(shadow, {"b": 5.0})
    assert shadow == {"a": 1.0, "b": 7.0}


@pytest.mark.parametrize("amounts", [[1.0], [1.0, 2.0, 3.0]])
def test_amounts_are_as_many_as_items(amounts: list[float]) -> None:
    with pytest.raises(ValueError, match="zip"):
        runtime.add_items([0.0, 0.0], amounts)


def test_nothing_is_added_where_there_is_nothing() -> None:
    shadow: list[Any] = [None, 1.0, [2.0]]
    runtime.add_items(shadow, [5.0, None, None])
    runtime.add_items(shadow, None)
    runtime.add_items(None, [1.0])
    runtime.add_item(shadow, 0, 1.0)
    assert shadow == [None, 1.0, [2.0]]


# -- taking ---------------------------------------------------------------------------------------


def test_a_replaced_item_gets_zeros_of_what_was_there_before() -> None:
    shadow: list[Any] = [1.0, 2.0]
    assert runtime.taken_item(shadow, 0, (np.ones(2), 1.0)) == 1.0
    assert shadow[0][0].tolist() == [0.0, 0.0] and shadow[0][1] == 0.0 and shadow[1] == 2.0


def test_the_item_of_a_new_key_goes() -> None:
    shadow = {"a": 1.0}
    assert runtime.taken_item(shadow, "a", runtime.old_item({}, "a")) == 1.0
    assert shadow == {}


def test_none_is_an_item_and_not_absent() -> None:
    assert runtime.old_item({"a": None}, "a") is None
    assert repr(ABSENT) == "ABSENT"


@pytest.mark.parametrize(("count", "taken", "left"), [(0, [], [1.0, 2.0]), (2, [1.0, 2.0], [])])
def test_a_tail_may_be_nothing_or_all(count: int, taken: list[float], left: list[float]) -> None:
    shadow = [1.0, 2.0]
    assert runtime.taken_tail(shadow, count) == taken
    assert shadow == left


def test_writers_are_those_that_change_their_first_argument() -> None:
    every = {
        runtime.add_items: ([2.0],),
        runtime.add_item: (0, 2.0),
        runtime.taken_item: (0, 1.0),
        runtime.taken_tail: (1,),
        runtime.zero_items: (),
        runtime.like_argument: ((1.0,),),
        runtime.times_items: (1,),
    }
    for function, args in every.items():
        shadow = [1.0]
        function(shadow, *args)
        assert (shadow != [1.0]) == (function in WRITERS)


# -- structure ------------------------------------------------------------------------------------


def test_the_structure_of_the_argument_comes_back() -> None:
    argument = {
        "p": Pair(1.0, 2),
        "l": [np.ones(2), (1.0, True)],
        "i": np.arange(3),
        "n": np.int64(3),
    }
    found = runtime.like_argument(runtime.zero_items(argument), argument)
    assert found["p"] == Pair(0.0, None) and type(found["p"]) is Pair
    assert found["l"][0].tolist() == [0.0, 0.0] and found["l"][1] == (0.0, None)
    assert found["i"] is None and found["n"] is None


def test_a_shadow_of_another_length_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zip"):
        runtime.like_argument([1.0], (1.0, 2.0))


@pytest.mark.parametrize(
    ("amounts", "count", "expected"),
    [
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 3, [9.0, 12.0]),
        ([1.0, 2.0], 1, [1.0, 2.0]),
        ([], 0, []),
        ([], -1, []),
        ([], 2, []),
    ],
)
def test_repetitions_are_summed(amounts: list[float], count: int, expected: list[float]) -> None:
    given = list(amounts)
    assert runtime.times_items(amounts, count) == expected
    assert amounts == given


def test_the_sum_of_no_repetition_is_zeros() -> None:
    first, second = runtime.times_items([], 0, [np.ones(2), 3.0])
    assert first.tolist() == [0.0, 0.0] and second == 0.0


def test_the_sum_of_repetitions_is_in_memory_of_its_own() -> None:
    amounts = [np.ones(2), np.ones(2)]
    (total,) = runtime.times_items(amounts, 2)
    assert total.tolist() == [2.0, 2.0]
    assert [row.tolist() for row in amounts] == [[1.0, 1.0]] * 2
