"""Programs in which something changes where nobody looks for it: data without a derivative, lists, lazy iterators.

Each was a wrong number, a foreign error or a refusal with a false reason once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, grad, jvp, vjp
from tangent_sct.testing import check_derivative
from tests.laws.test_known_traps import MATRIX, X, check

# -- weights that are written between two uses -----------------------------------------------------


def rows_of_a_zip(x):
    w = np.array([0.5, 2.0, 1.25, 0.75])
    t = np.sum(x * x * w)
    for row, factor in zip(w.reshape(2, 2), [1.0, 2.0], strict=True):
        row *= factor  # noqa: PLW2901
    return t * np.sum(x * w)


def rows_of_an_enumeration(x):
    w = np.array([0.5, 2.0, 1.25, 0.75])
    t = np.sum(x * x * w)
    for i, row in enumerate(w.reshape(4, 1)):
        row += i  # noqa: PLW2901
    return t * np.sum(x * w)


@pytest.mark.parametrize("function", [rows_of_a_zip, rows_of_an_enumeration])
def test_rows_that_a_loop_binds_are_no_variables_of_their_own(function: Callable[..., Any]) -> None:
    """`row *= 2` was taken for `row = row * 2`, since nothing else seemed to see the row."""
    value, tangent = jvp(function)(X, seed=np.ones(4))
    assert value == function(X)
    step = 1e-6
    np.testing.assert_allclose(tangent, (function(X + step) - function(X - step)) / (2 * step), rtol=1e-8)
    np.testing.assert_allclose(np.sum(vjp(function)(X, seed=1.0)[1]), tangent, rtol=1e-12)


class Grown:
    def __init__(self, w):
        self.w = w

    def grow(self, k):
        self.w = self.w + 0.5 * self.w * k


def two_objects_that_grow(x):
    first = Grown(x * x)
    for grown in (first, Grown(first.w)):
        grown.grow(np.cos(0.5))
    return np.sum(np.sin(first.w))


def two_dicts_that_grow(x):
    first = {"w": x * x}
    for grown in (first, {"w": first["w"]}):
        grown["w"] = grown["w"] + 0.5 * grown["w"]
    return np.sum(np.sin(first["w"]))


@pytest.mark.parametrize("function", [two_objects_that_grow, two_dicts_that_grow])
def test_what_replaces_an_item_is_no_update_in_place(function: Callable[..., Any]) -> None:
    """The tangent of `c.w = c.w + e` was written `c_dot.w += e`, into an array that another object held, too."""
    check(function, X)


def by_an_item(x):
    w = np.array([0.5, 2.0, 1.25, 0.75])
    t = np.sum(x * x * w)
    held = [w]
    held[0] *= 2.0
    return t * np.sum(x * w)


def by_an_item_in_a_loop(x):
    weights = {"a": np.ones(4), "n": 1.0}
    t = 1.0
    for _ in range(2):
        y = np.sin(x * weights["a"]) * weights["n"]
        weights["a"] += 0.5
        weights["n"] *= 2.0
        t = t * np.sum(y * weights["a"])
    return t


def by_an_older_array_under_a_new_name(x):
    weights = {"a": np.ones(4)}
    t = 1.0
    for _ in range(3):
        weights["a"] += 0.5
        seen = weights["a"]
        t = t * np.sum(x * x * seen)
    return t


def by_dicts_that_are_joined(x):
    w = np.array([0.5, 2.0, 1.25, 0.75])
    t = np.sum(x * x * w)
    both = {"a": 1.0} | {"w": w}
    both["w"][0] = 7.0
    return t * np.sum(x * w)


def by_lists_that_are_joined(x):
    rows = list(zip(np.ones((2, 4)), [1.0, 2.0], strict=True))
    more = rows + list(zip(np.ones((2, 4)), [1.0, 2.0], strict=True))
    t = np.sum(x * x * rows[0][0])
    first = more[0][0]
    first *= 3.0
    return t * np.sum(x * rows[0][0])


def by_a_power_of_one(a):
    w = np.arange(9.0).reshape(3, 3)
    t = np.sum(a * a * w)
    same = np.linalg.matrix_power(w, 1)
    same[0] = 7.0
    return t * np.sum(a * w)


def by_items_that_are_computed_late(x):
    w = np.array([0.5, 2.0, 1.25, 0.75])
    t = np.sum(x * x * w)
    list(map(lambda i: w.put(i, 2.0), range(2)))  # noqa: C417
    late = (w.put(i, 3.0) for i in range(2, 4))
    list(late)
    return t * np.sum(x * w)


def by_a_key(x):
    w = np.array([0.5, 2.0, 1.25, 0.75])
    t = np.sum(x * x * w)
    sorted([1, 2], key=lambda i: w.put(i, 2.0) or i)
    return t * np.sum(x * w)


@pytest.mark.parametrize(
    "function",
    [
        by_an_item, by_an_item_in_a_loop, by_an_older_array_under_a_new_name, by_dicts_that_are_joined,
        by_lists_that_are_joined, by_items_that_are_computed_late, by_a_key,
    ],
)  # fmt: skip
def test_weights_that_change(function: Callable[..., Any]) -> None:
    check(function, X)


def test_a_matrix_to_the_power_of_one_is_the_matrix() -> None:
    check(by_a_power_of_one, np.arange(9.0).reshape(3, 3) / 7.0)

    def written(a):
        h = a * 2.0
        same = np.linalg.matrix_power(h, 1)
        same[0] = 7.0
        return np.sum(h * a)

    square = MATRIX[:, :2].copy()
    with pytest.raises(DerivativeError, match="one of the two is written in place"):
        jvp(written)(square, seed=square)
    _, adjoint = vjp(written)(square, seed=1.0)
    np.testing.assert_allclose(adjoint, [[7.0, 7.0], [4.0 * 1.1, 4.0 * 0.3]])


# -- what functions that nobody looks into change ----------------------------------------------------

TABLE = np.ones(4)
COUNTS = {"k": 1.0}


def filled(i):
    TABLE[:] = i + 1.0
    return TABLE


def raised(i):
    TABLE[i] += 1.0
    COUNTS["k"] += 0.5


def given_the_same_array_each_time(x):
    t = 1.0
    for i in range(3):
        w = filled(i)
        t = t * np.sum(x * x * w)
    return t


def reads_what_a_function_changes(x):
    TABLE[:] = 1.0
    t = 1.0
    for i in range(3):
        t = t * np.sum(x * x * TABLE)
        raised(i)
    return t


def counted_by_a_function(x):
    COUNTS["k"] = 1.0
    t = 1.0
    for v in x:
        t = t * (v + 2.0) * COUNTS["k"]
        raised(0)
    return t


def given_what_was_captured(x):
    kept = np.zeros(4)

    def fill(i):
        kept[:] = i + 1.0
        return kept

    t = 1.0
    for i in range(3):
        w = fill(i)
        t = t * np.sum(x * x * w)
    return t


@pytest.mark.parametrize(
    "function",
    [given_the_same_array_each_time, reads_what_a_function_changes, counted_by_a_function, given_what_was_captured],
)
def test_functions_that_write_into_what_is_theirs(function: Callable[..., Any]) -> None:
    check(function, X)


# -- shadows -------------------------------------------------------------------------------------


class Counter:
    def __init__(self, n):
        self.kept = np.zeros(n)
        self.n = 0

    def add(self, v):
        self.kept[self.n] += v
        self.n += 1


def test_one_of_two_objects_that_hold_arrays_and_numbers() -> None:
    """What stands beside an object is a namespace, also where it is written down attribute by attribute."""

    def shared_out(x):
        even, odd = Counter(3), Counter(3)
        for i in range(4):
            (odd if i % 2 else even).add(x[i] * x[0])
        return even.kept.sum() * odd.kept[1]

    check(shared_out, X)
    gradient = grad(shared_out)
    step = 1e-5 * np.arange(1.0, 5.0)
    expected = (gradient(X + step) - gradient(X - step)) / 2e-5
    np.testing.assert_allclose(jvp(gradient)(X, seed=np.arange(1.0, 5.0))[1], expected, rtol=1e-6)


def test_an_array_taken_out_of_a_dict_is_no_view_that_could_be_a_copy() -> None:
    def of_rows(x):
        h = x * 1.0
        rows = {i: h[i : i + 2] for i in range(3)}
        for row in rows.values():
            row *= 1.5  # noqa: PLW2901
        rows[1][0] = h[0]
        return np.sum(h * x) + sum(np.sum(row) for row in rows.values())

    check(of_rows, X)


# -- lists that arrays are computed with ------------------------------------------------------------


def elementwise(x):
    y = np.arctan2(x, [1, 2, 3, 4]) + np.power(2.0 + x, (2, 3, 1, 2))
    return np.sum((2.0 + x) ** [1, 2, 3, 2] * np.hypot([1, 2, 3, 4], y))


def products(x):
    w = [1.0, 2.0, 0.5, 3.0]
    y = x @ [[1, 2], [0, 1], [2, 0], [1, 1]]
    w[0] = 5.0
    return np.dot(x, w) * y[0] * y[1] + np.interp(x[0], [-1, 2], [3, 5])


def through_a_view(x):
    w = np.ones(4)
    part = w[1:]
    part[0] = x[0]
    return np.sum(np.power(w, [2, 1, 3, 2])) * np.sum(w * [1, 3, 2, 1])


@pytest.mark.parametrize("function", [elementwise, products, through_a_view])
def test_lists_of_numbers_are_arrays_on_the_way(function: Callable[..., Any]) -> None:
    check(function, X)


def test_a_list_is_compared_entry_by_entry() -> None:
    """The rule asks where the first argument is zero, which no list is."""

    def stepped(h):
        return np.sum(np.heaviside([-1.0, 0.0, 2.0, 0.0], h) * [1.0, 2.0, 3.0, 4.0])

    check(stepped, X)


# -- flags that change places ------------------------------------------------------------------


def swapped(x):
    first, second = False, True
    first, second = second, first
    return (x[0] if first else x[1] * 3.0) + (x[2] if second else x[3] * 7.0)


def turned_round(x):
    a, b, c = False, True, None
    a, b, c = b, c, a
    return (x[0] if a else x[1]) + (x[2] if b is None else x[3]) + (x[0] ** 3 if c is False else x[1] ** 3)


def swapped_in_a_loop(x):
    a, b = False, True
    t = 0.0
    for i in range(3):
        a, b = b, a
        t = t + (x[i] if a else x[i] ** 2)
    return t


def swapped_with_an_item(x):
    held, flag = {"k": True}, False
    flag, held["k"] = held["k"], flag
    return x[0] if flag else x[1]


@pytest.mark.parametrize("function", [swapped, turned_round, swapped_in_a_loop, swapped_with_an_item])
def test_a_test_is_decided_by_all_that_its_name_is_given(function: Callable[..., Any]) -> None:
    """What a swap gives was not counted, so that a flag was what it had been before."""
    check_derivative(function, X)
