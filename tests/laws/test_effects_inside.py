"""Effects of calls inside of expressions, on what a comprehension or a function that is handed on goes through.

Each was a wrong number once: the variable of a comprehension was nothing that holds values to be differentiated.
"""

from __future__ import annotations

import functools
import heapq
import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative

X = np.array([0.5, 0.2, 0.9])


def pairs(x):
    return [[x[0], x[1]], [x[2], x[1]]]


def turn(items):
    items.reverse()
    return True


def put(items, v):
    items.append(v)
    return True


def halve(row):
    row *= 0.5
    return row[0]


class Node:
    def __init__(self, v):
        self.v = v


# -- values to be differentiated are moved or lost -------------------------------------------------


def reversed_in_all(x):
    boxes = pairs(x)
    k = all(b.reverse() is None for b in boxes)
    return boxes[0][0] * 2 + boxes[1][0] * k


def popped_in_any(x):
    boxes = pairs(x)
    k = any(b.pop() is None for b in boxes)
    return boxes[0][-1] * 2 + boxes[1][-1] * boxes[1][0] + k


def stored_by_its_method(x):
    boxes = pairs(x)
    k = all(b.__setitem__(0, 2.0) is None for b in boxes)
    return boxes[0][0] * 2 + boxes[1][0] * boxes[1][1] * k


def listed_for_an_array(x):
    boxes = pairs(x)
    flags = np.array([b.reverse() is None for b in boxes])
    return boxes[0][0] * 2 + flags[0]


def first_of_a_generator(x):
    boxes = pairs(x)
    k = next(b.reverse() is None for b in boxes)
    return boxes[0][0] * 2 + k


def two_loops(x):
    boxes = pairs(x)
    k = any(b.reverse() for group in [boxes] for b in group)
    return boxes[0][0] * 2 + bool(k)


def counted(x):
    boxes = pairs(x)
    k = len([b for b in boxes if b.reverse() is None])
    return boxes[0][0] * 2 + k


def in_a_test(x):
    boxes = pairs(x)
    if all(turn(b) for b in boxes):
        return boxes[0][0] * 2 + boxes[1][0] * 3
    return x[0]


def in_an_assertion(x):
    boxes = pairs(x)
    if not all(turn(b) for b in boxes):
        raise ValueError("never")
    return boxes[0][0] * 2 + boxes[1][0] * 3


def in_a_text(x):
    boxes = pairs(x)
    text = f"{[turn(b) for b in boxes]}"
    return boxes[0][0] * 2 + len(text)


def rows_of_a_matrix(x):
    a = np.outer(x, x)
    k = any(halve(row) > 100 for row in a)
    return np.sum(a) * x[0] + k


def rows_that_are_filled(x):
    a = np.outer(x, x)
    k = any(row.fill(1.0) for row in a)
    return a[0, 0] * 2 + a[1, 2] * x[2] + bool(k)


def copied_into(x):
    rows = [x * 2, x * 3]
    k = any(np.copyto(row, 1.0) for row in rows)
    return rows[0][0] * 2 + rows[1][0] * x[2] + bool(k)


def computed_into(x):
    rows = [x * 2, x * 3]
    k = sum(np.negative(row, out=row)[0] > 100 for row in rows)
    return rows[0][0] * 2 + rows[1][0] * x[2] + k


def attributes(x):
    nodes = [Node(x[0]), Node(x[1])]
    k = any(setattr(node, "v", 2.0) for node in nodes)  # noqa: B010
    return nodes[0].v * 2 + nodes[1].v * x[2] + bool(k)


def keys_that_turn(x):
    boxes = pairs(x)
    best = heapq.nlargest(1, boxes, key=turn)
    return boxes[0][0] * 2 + boxes[1][0] * len(best)


def an_unused_filter(x):
    boxes = pairs(x)
    k = len(list(itertools.filterfalse(lambda b: b.reverse(), boxes)))  # noqa: F841
    return boxes[0][0] * 2


def a_variable_of_the_same_name(x):
    b = 1.0
    boxes = pairs(x)
    k = any(b.reverse() for b in boxes)
    return boxes[0][0] * b + bool(k)


# -- values to be differentiated are put where there were none --------------------------------------


def rooms():
    return [[1.0], [2.0]]


def handed_to_a_function(x):
    boxes = rooms()
    k = all(put(b, x[0]) for b in boxes)
    return boxes[0][-1] * 2 * k


def handed_over_in_an_assertion(x):
    boxes = rooms()
    if not all(put(b, x[0]) for b in boxes):
        raise ValueError("never")
    return boxes[0][-1] * 2


def taken_from_a_zip(x):
    boxes = rooms()
    k = any(b.append(v) for b, v in zip(boxes, x, strict=False))
    return boxes[1][-1] * 2 + bool(k)


def copied_out_of_the_argument(x):
    boxes = [np.zeros(2), np.zeros(2)]
    k = any(np.copyto(b, x[0]) for b in boxes)
    return boxes[0][-1] * 2 + bool(k)


def computed_into_rows(x):
    a = np.zeros((2, 3))
    k = any(np.sin(x, out=row)[0] > 4 for row in a)
    return a[0, 1] * 2 + k


def set_on_nodes(x):
    nodes = [Node(0.0), Node(0.0)]
    k = any(setattr(node, "v", v) for node, v in zip(nodes, x, strict=False))
    return nodes[1].v * 2 + bool(k)


def a_key_that_appends_to_all(x):
    boxes = rooms()

    def key(i):
        return any(b.append(x[0]) for b in boxes) or i

    order = sorted([1, 2], key=key)
    return boxes[0][-1] * 2 * order[0]


def a_key_that_appends_to_its_own(x):
    boxes = rooms()

    def key(b):
        b.append(x[0])
        return 0

    order = sorted(boxes, key=key)
    return boxes[0][-1] * 2 * len(order)


def a_lambda_that_appends_to_its_own(x):
    boxes = rooms()
    order = sorted(boxes, key=lambda b: b.append(x[0]) is None)
    return boxes[0][-1] * 2 * len(order)


PROGRAMS = [
    reversed_in_all, popped_in_any, stored_by_its_method, listed_for_an_array, first_of_a_generator, two_loops,
    counted, in_a_test, in_an_assertion, in_a_text, rows_of_a_matrix, rows_that_are_filled, copied_into,
    computed_into, attributes, keys_that_turn, an_unused_filter, a_variable_of_the_same_name, handed_to_a_function,
    handed_over_in_an_assertion, taken_from_a_zip, copied_out_of_the_argument, computed_into_rows, set_on_nodes,
    a_key_that_appends_to_all, a_key_that_appends_to_its_own, a_lambda_that_appends_to_its_own,
]  # fmt: skip


@pytest.mark.parametrize("function", PROGRAMS)
def test_effects_inside_are_followed_or_refused(function: Callable[..., Any]) -> None:
    try:
        check_derivative(function, X)
    except UnsupportedError as error:
        assert error.filename == __file__
        assert error.lineno


def test_what_a_comprehension_goes_through_is_written_into() -> None:
    with pytest.raises(UnsupportedError, match=r"`b.reverse\(\)` writes into values to be differentiated inside"):
        grad(reversed_in_all)(X)


def test_a_key_that_writes_into_what_is_sorted() -> None:
    with pytest.raises(UnsupportedError, match="a `key`, `turn`, writes into values to be differentiated") as caught:
        jvp(keys_that_turn)(X, seed=X)
    assert "compute the keys first" in str(caught.value.hint)


# -- constants that change between their uses -------------------------------------------------------


def filled_by_a_list(x):
    rows, y = [np.array([1.0, 2.0]), np.array([3.0, 4.0])], 1.0
    for i in range(3):
        y = np.sin(y * rows[0][0]) * x[i]
        [row.fill(i + 0.5) for row in rows]
    return y


def filled_by_any(x):
    rows, y = [np.array([1.0, 2.0]), np.array([3.0, 4.0])], 1.0
    for i in range(3):
        y = np.sin(y * rows[0][0]) * x[i]
        any(row.fill(i + 0.5) for row in rows)
    return y


def added_to_rows(x):
    a, y, k = np.ones((2, 2)), 1.0, 0.0
    for i in range(3):
        y = np.sin(y * a[0][0]) * x[i]
        k = sum(np.add(row, 1, out=row)[0] for row in a)
    return y * k


def grown_in_an_assertion(x):
    boxes, y = rooms(), 1.0
    for i in range(3):
        y = np.sin(y * boxes[0][-1]) * x[i]
        if not all(put(b, i + 1.5) for b in boxes):
            raise ValueError("never")
    return y


def attributes_set(x):
    nodes, y = [Node(1.0), Node(2.0)], 1.0
    for i in range(3):
        y = np.sin(y * nodes[0].v) * x[i]
        any(setattr(node, "v", i + 1.5) for node in nodes)
    return y


def updated_in_a_tuple(x):
    d, y = {"a": 1.0}, 1.0
    for i in range(3):
        y = np.sin(y * d["a"]) * x[i]
        [e.update(a=i + 1.5) for e in (d,)]
    return y


def filled_in_a_dict(x):
    d, y = {"a": np.ones(2)}, 1.0
    for i in range(3):
        y = np.sin(y * d["a"][0]) * x[i]
        k = {n: v.fill(i + 1.5) for n, v in d.items()}
    return y * len(k)


@pytest.mark.parametrize(
    "function",
    [
        filled_by_a_list, filled_by_any, added_to_rows, grown_in_an_assertion, attributes_set, updated_in_a_tuple,
        filled_in_a_dict,
    ],
)  # fmt: skip
def test_constants_that_are_changed_inside_are_recorded(function: Callable[..., Any]) -> None:
    """The reverse sweep read them as they were in the end."""
    check_derivative(function, X)


# -- what only computes still runs -----------------------------------------------------------------


def sorted_by_a_function_of_its_own(x):
    def distance(v):
        return abs(v - 0.4)

    near = sorted(x, key=distance)
    return near[0] * 2 + near[1]


def sorted_by_a_chosen_key(x, key=None):
    key = key or (lambda v: -v)
    down = sorted(x, key=key)
    return down[0] * down[1]


def smallest_place(x):
    def cost(i):
        return x[i] ** 2

    return x[min(range(3), key=cost)]


def unused_effects_on_a_structure(x):
    log = [0.2]
    k = any(log.append(0.5) for _ in x)
    x = functools.reduce(np.multiply, [x, x])
    return np.sum(x) * len(log) + bool(k)


@pytest.mark.parametrize(
    "function",
    [sorted_by_a_function_of_its_own, sorted_by_a_chosen_key, smallest_place, unused_effects_on_a_structure],
)
def test_calls_that_write_into_nothing_active(function: Callable[..., Any]) -> None:
    check_derivative(function, X)
