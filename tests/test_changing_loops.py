"""Loops over what changes while it is looped over, or afterwards: items are those that Python comes to."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, checkpointed, grad, jvp, vjp
from tangent_sct.testing import check_derivative

X = np.array([0.7, 0.4, 1.1])
T = np.array([0.3, 0.9, 0.5])
DIRECTION = np.array([1.0, -0.5, 0.3])


def numbers_of_a_list(x, t):
    """A list of numbers was copied before the loop, which replaces some: the adjoint was that of the old ones."""
    places, s = [0, 1, 2], 0.0
    for i in places:
        places[2] = 0
        s += x[i] * x[i]
    return s


def numbers_backwards(x, t):
    places, s = [0, 1, 2], x[0]
    for i in reversed(places):
        s = s * x[i] + np.sin(x[i])
        places[0] = 2
    return s


def numbers_of_a_dict(x, t):
    held, s = {"a": 1.0, "b": 2.0}, x[0]
    for key, value in held.items():
        s = s * np.sin(value * x[1]) + len(key)
        held["b"] = 0.7
    held["a"] = 9.0
    return s


def arrays_of_a_dict(x, t):
    held, s = {"a": t, "b": t * 2.0, "c": t + 1.0}, x[0]
    for value in held.values():
        s = np.sin(s * np.sum(value * x))
        held["b"][1] = 0.3
        held["c"] = t * 3.0
    t[:] = 0.0
    return s


def an_active_dict(x, t):
    held, s = {"a": 1.0, "b": x[0]}, x[1]
    for value in held.values():
        s = np.sin(s * value)
        held["b"] = x[2]
    return s


def lists_in_a_dict(x, t):
    held, s = {"r": [1.0, 2.0, 3.0]}, x[0]
    for v in held["r"]:
        for w in reversed(held["r"]):
            s = np.cos(s * v) + w * x[1]
        held["r"][1] = 0.5
    held["r"].pop()
    return s


def a_list_that_grows(x, t):
    rows, s = [t.copy(), 2.0 * t], x[0]
    for row in rows:
        s = s * np.sum(row * x)
        row[0] = 0.3
        if len(rows) < 4:
            rows.append(t * 0.5)
    rows[0][:] = 0.0
    return s


def rows_that_are_numbered(x, t):
    a, s = np.outer(t, t + 1.0), 0.0
    for i, row in enumerate(a):
        s += np.sum(row * x) * np.sin(s + 1.0)
        a[2, 0] = 5.0 + i
        row[1] = 0.25 * i
    a[...] = 7.0
    return s * s


def numbers_that_are_numbered(x, t):
    s = x[0]
    for i, v in enumerate(t):
        s = np.sin(s * v) + x[1]
        t[2] = 1.5
        if i == 1:
            break
    t[0] = 3.0
    return s


def rows_of_a_view(x, t):
    s = x[0]
    for row in t.reshape(3, 1):
        for v in row:
            s = np.sin(s * v)
            t[1] = t[1] * 0.5
    t[0] = 4.0
    return s * x[2]


def several_at_once(x, t):
    s = x[0]
    for i, v in zip(range(3), reversed(t), strict=False):
        s = s * np.sin(x[i] * v)
        t[0] += 0.25
    return s


def functions_in_a_list(x, t):
    functions, q = [], 2.0
    for k in range(3):
        functions.append(lambda q, w=k * 0.5: q * w + 1.0)
    for s, function in zip((1, 2, 3), functions, strict=False):
        q = function(q) + s
    return q * x[0] * x[1]


def numbers_that_grow(x, t):
    """With no list of the compiler's about, no method was seen to change a list: the old items were taken back."""
    places, s = [0], x[0]
    for i in places:
        if i < 2:
            places.append(i + 1)
        s = s * x[i] + np.sin(x[i])
    return s


def a_list_that_shrinks(x, t):
    places, s = [0, 1, 2, 1], x[0]
    for i in places:
        places.pop()
        s = s * x[i] + np.sin(x[i])
    return s


def a_list_that_is_turned_round(x, t):
    places, s = [0, 1, 2], x[0]
    for i in places:
        places.reverse()
        s = s * x[i] + np.sin(x[i])
    return s


def handed_out(a, n):
    yield a
    yield from [a * k for k in range(n)]


def walk(a):
    for i in range(len(a)):
        yield a[i]


def numbered(state):
    for i in range(3):
        state[0] = i + 1.0
        yield i


def endless():
    k = 0
    while True:
        yield k
        k += 1


class Shelf:
    def __init__(self, a):
        self.a = a

    def __iter__(self):
        for i in range(len(self.a)):
            yield self.a[i]


def what_a_generator_still_holds(x, t):
    """All items were computed before the loop, which writes into the array that the generator goes on with."""
    s = x[0]
    for j, v in enumerate(handed_out(np.ones(3), 2)):
        v[j] += 1
        s = s * x[1] + v[0]
    return s * v[0]


def what_a_generator_reads_later(x, t):
    a, s = t.copy(), x[0]
    for v in walk(a):
        s = np.sin(s * v + x[1])
        a[:] = a * 2.0
    return s


def what_map_reads_later(x, t):
    a, s = t.copy(), x[0]
    for v in map(lambda k: a[k] * k, range(3)):  # noqa: C417
        s = np.sin(s * v + x[1])
        np.copyto(a, a + 1.0)
    return s


def what_chain_comes_to_later(x, t):
    a, s = t.copy(), x[0]
    for i, v in enumerate(itertools.chain(a, [2.0])):
        s = np.sin(s * v + x[1]) * (i + 1)
        np.add(a, 1.0, out=a)
    return s


def what_an_expression_reads_later(x, t):
    """A variable that the loop assigns was read once, before it."""
    s, scale = x[0], 1
    for v in (k * scale for k in range(3)):
        scale = scale + 1
        s = np.sin(s * v + x[1])
    return s


def what_is_active_and_read_later(x, t):
    s, scale = x[0], 1
    for v in (x[k] * scale for k in range(3)):
        scale = scale + 1
        s = np.sin(s * v + x[1])
    return s


def pairs_of_what_changes(x, t):
    a, s = t.copy(), x[0]
    for v in (p * q for p in a for q in a):
        s = np.sin(s * v + x[1])
        a[:] = a + 0.1
    return s


def what_a_generator_writes(x, t):
    """What it writes was there already in the first round."""
    state, s = np.zeros(2), x[0]
    for i in numbered(state):
        s = np.sin(s * state[0] + x[i])
    return s


def what_a_generator_defined_inside_writes(x, t):
    state, s = np.zeros(2), x[0]

    def counted():
        for i in range(3):
            state[0] = i + 1.0
            yield i

    for i in counted():
        s = np.sin(s * state[0] + x[i])
    return s


def a_count_without_an_end(x, t):
    """Its list was to be made before the loop, which never ended."""
    n = 0
    for k in endless():
        n = n + k
        if k > 3:
            break
    return np.sin(x[0] * n) + x[1]


CASES = [
    numbers_that_grow, a_list_that_shrinks, a_list_that_is_turned_round,
    numbers_of_a_list, numbers_backwards, numbers_of_a_dict, arrays_of_a_dict, an_active_dict, lists_in_a_dict,
    a_list_that_grows, rows_that_are_numbered, numbers_that_are_numbered, rows_of_a_view, several_at_once,
    functions_in_a_list, what_a_generator_still_holds, what_a_generator_reads_later, what_map_reads_later,
    what_chain_comes_to_later, what_an_expression_reads_later, what_is_active_and_read_later,
    what_a_generator_writes,
    what_a_generator_defined_inside_writes, a_count_without_an_end,
]  # fmt: skip


def slope(function: Callable[[np.ndarray], Any], step: float = 1e-5) -> Any:
    return (function(X + step * DIRECTION) - function(X - step * DIRECTION)) / (2 * step)


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_items_are_those_that_the_loop_comes_to(function: Callable[..., Any]) -> None:
    expected = slope(lambda x: function(x, T.copy()))
    value, tangent = jvp(function)(X, T, seed=DIRECTION)
    assert value == function(X, T.copy())
    np.testing.assert_allclose(tangent, expected, rtol=1e-7)
    np.testing.assert_allclose(grad(function)(X, T) @ DIRECTION, tangent, rtol=1e-12)


@pytest.mark.parametrize("function", CASES, ids=lambda f: f.__name__)
def test_second_derivatives_take_the_same_items(function: Callable[..., Any]) -> None:
    gradient = grad(function)
    expected = slope(lambda x: gradient(x, deepcopy(T)))
    for mode in (jvp, vjp):
        np.testing.assert_allclose(mode(gradient)(X, T, seed=DIRECTION)[1], expected, rtol=1e-6, atol=1e-8)


def checkpointed_over_rows(x, t):
    a, s = np.outer(t, t), x[0]
    for row in checkpointed(enumerate(a), snapshots=2):
        s = np.sin(s * row[1][0])
    a[0] = 0.0
    return s


def test_a_checkpointed_loop_keeps_no_record_of_its_items() -> None:
    with pytest.raises(UnsupportedError) as error:
        grad(checkpointed_over_rows)(X, T)
    refusal = error.value
    assert "a checkpointed loop runs over `a`, which is written (test_changing_loops.py, line " in str(refusal)
    assert (refusal.text or "").strip() == "for row in checkpointed(enumerate(a), snapshots=2):"
    assert refusal.offset == 5
    assert refusal.hint == "loop over a copy, or over range(len(...))"


def checkpointed_over_a_generator(x, t):
    a, s = t.copy(), x[0]
    for v in checkpointed(walk(a), snapshots=2):
        s = np.sin(s * v)
        a += 1.0
    return s


def checkpointed_until(x, t):
    s = x[0]
    for v in checkpointed(walk(t), snapshots=2):
        s = np.sin(s * v)
        if s < 0.1:
            break
    return s


def in_a_comprehension(x, t):
    state = np.zeros(2)
    return np.sum(np.array([x[i] * state[0] for i in numbered(state)]))


def under_a_name(x, t):
    state, s = np.zeros(2), x[0]
    items = numbered(state)
    for i in items:
        s = np.sin(s * state[0] + x[i])
    return s


def downwards(n, state):
    if n > 0:
        state[0] += 1.0
        yield n - 1
        yield from downwards(n - 1, state)


def by_one_that_calls_itself(x, t):
    state, s = np.zeros(2), x[0]
    for i in downwards(3, state):
        s = np.sin(s * state[0] + x[i])
    return s


@pytest.mark.parametrize(
    ("function", "line", "reason"),
    [
        (checkpointed_over_a_generator, "for v in checkpointed(", "what a loop runs over is listed before it, and "
         "its items may depend on what the loop writes"),
        (checkpointed_until, "for v in checkpointed(", "a checkpointed loop runs over items that are computed in "
         "turn, and may depend on what it does"),
        (in_a_comprehension, "return np.sum(", "`numbered` may change something between the items that it gives, and "
         "what is computed of them may depend on when it does"),
        (under_a_name, "items = numbered(state)", "`numbered` may change something between the items that it gives"),
        (by_one_that_calls_itself, "for i in downwards(", "`downwards` may change something between the items"),
    ],
)  # fmt: skip
def test_refused(function: Callable[..., Any], line: str, reason: str) -> None:
    with pytest.raises(UnsupportedError) as error:
        grad(function)(X, T)
    assert error.value.reason.startswith(reason)
    assert (error.value.text or "").strip().startswith(line)


def active_items_of_an_object(x, t):
    """What an object gives was listed before the loop, and what the loop wrote into was missed."""
    a, s = t * x, x[0]
    for v in Shelf(a):
        s = np.sin(s * v + x[1])
        a[1:] += x[2]
    return s


def items_of_an_object_in_a_gradient(x, t):
    return grad(what_an_object_gives_later)(x, t)[1]


def beside_something_else(x, t):
    a, s = t * x, x[0]
    for v, k in zip(walk(a), range(3), strict=True):
        s = np.sin(s * v + k)
        a[1:] += x[2]
    return s


def given_and_written(x, t):
    s = x[0]
    for v, k in zip(handed_out(t * x, 2), range(3), strict=True):
        v[k] += x[1]
        s = s * v[0]
    return s


def rows_turned_to_columns(x, t):
    a, s = np.outer(t, x), x[0]
    for u, v in zip(*a[:2], strict=True):
        s = np.sin(s * u + v)
        a[:, 1:] += x[2]
    return s


def the_longer_one(x, t):
    a, s = t * x, x[0]
    for v, w in itertools.zip_longest(a, [1.0], fillvalue=0.5):
        s = np.sin(s * v + w)
        a[1:] += x[2]
    return s


@pytest.mark.parametrize(
    ("function", "line"),
    [
        (active_items_of_an_object, "a[1:] += x[2]"),
        (beside_something_else, "a[1:] += x[2]"),
        (given_and_written, "v[k] += x[1]"),
        (rows_turned_to_columns, "a[:, 1:] += x[2]"),
        (the_longer_one, "a[1:] += x[2]"),
    ],
)
@pytest.mark.parametrize("mode", [grad, jvp])
def test_changes_of_what_was_listed_are_refused(function: Callable[..., Any], line: str, mode: Any) -> None:
    with pytest.raises(UnsupportedError) as error:
        mode(function)(X, T, **({} if mode is grad else {"seed": DIRECTION}))
    assert error.value.reason == "a loop writes into what the items that it runs through are computed of"
    assert error.value.hint == "loop over `list(...)` of them, or over positions"
    assert (error.value.text or "").strip() == line


def test_a_gradient_that_takes_items_of_an_object() -> None:
    with pytest.raises(UnsupportedError, match="a loop writes into what the items that it runs through are"):
        grad(items_of_an_object_in_a_gradient)(X, T)


def neighbours(x, t):
    """Both were taken from a list that was made before the loop."""
    a, s = t * x, x[0]
    for v, w in itertools.pairwise(a):
        s = np.sin(s * v + w)
        a[1:] += x[2]
    return s


def an_object_between_changes(x, t):
    """What a loop inside runs through was listed before the loop around it."""
    a, s = t * x, x[0]
    shelf = Shelf(a)
    for k in range(2):
        if k > -1:
            for v in shelf:
                s = np.sin(s * v + x[1])
        a[0] += x[2]
    return s


def what_the_loop_does_not_touch(x, t):
    a, b, s = t * x, np.zeros(3), x[0]
    for (k, v), w in zip(enumerate(Shelf(a)), walk(a), strict=True):
        s = np.sin(s * v + x[1] * w)
        b[k] = s
    return s + np.sum(b)


@pytest.mark.parametrize("function", [neighbours, an_object_between_changes, what_the_loop_does_not_touch])
def test_active_items(function: Callable[..., Any]) -> None:
    value, tangent = jvp(function)(X, T, seed=DIRECTION)
    assert value == function(X, T)
    np.testing.assert_allclose(tangent, slope(lambda x: function(x, T)), rtol=1e-7)
    np.testing.assert_allclose(grad(function)(X, T) @ DIRECTION, tangent, rtol=1e-12)


class Steps:
    def __init__(self, n):
        self.i, self.n = -1, n

    def __iter__(self):
        return self

    def __next__(self):
        self.i += 1
        if self.i >= self.n:
            raise StopIteration
        return self.i


def what_an_object_gives_later(x, t):
    a, s = t.copy(), x[0]
    for v in Shelf(a):
        s = np.sin(s * v + x[1])
        a[1:] += 1.0
    return s


@pytest.mark.parametrize("function", [what_an_object_gives_later, pairs_of_what_changes])
def test_what_is_given_later(function: Callable[..., Any]) -> None:
    """All that is given was computed before the loop."""
    value, tangent = jvp(function)(X, T, seed=DIRECTION)
    assert value == function(X, T)
    np.testing.assert_allclose(tangent, slope(lambda x: function(x, T)), rtol=1e-7)
    np.testing.assert_allclose(grad(function)(X, T) @ DIRECTION, tangent, rtol=1e-12)


def test_an_iterator_that_its_loop_reads() -> None:
    """Its list was made before the loop, so that the loop found it at its end."""

    def f(x, t):
        steps, s = Steps(3), x[0]
        for i in steps:
            s = np.sin(s * steps.i + x[i])
        return s

    for derivative in (grad(f), jvp(f)):
        with pytest.raises(UnsupportedError, match="`__next__` assigns `i`, which the program reads"):
            _ = derivative.source_for(X, T, **({"seed": X} if derivative.request.mode == "jvp" else {}))


def written_while_it_gives(state, x):
    for i in range(3):
        state[0] = i + 1.0
        yield x[i]


def added(state):
    state[0] += 1.0
    return state[0]


def read_later(state, x):
    for i in range(3):
        yield x[i] * state[0]


def a_sum_of_what_is_written(x, t):
    """What the generator had written in the end was taken for what it had written by then."""
    state = np.zeros(2)
    return sum(v * state[0] for v in written_while_it_gives(state, x))


def a_list_that_writes(x, t):
    state = np.zeros(2)
    return np.sum(np.array([v * added(state) for v in read_later(state, x)]))


@pytest.mark.parametrize("function", [a_sum_of_what_is_written, a_list_that_writes])
@pytest.mark.parametrize("mode", [grad, jvp])
def test_comprehensions_over_generators_see_what_is_written(function: Callable[..., Any], mode: Any) -> None:
    with pytest.raises(UnsupportedError, match="a generator is run through while something else is, and the order"):
        mode(function)(X, T, **({} if mode is grad else {"seed": DIRECTION}))


def squared(v):
    return v * v


def calls_that_only_compute(x, t):
    state = np.ones(2)

    def scaled(v):
        return v * t[0]

    return sum(squared(v) + scaled(v) for v in read_later(state, x))


def test_comprehensions_over_generators_that_only_compute() -> None:
    value, tangent = jvp(calls_that_only_compute)(X, T, seed=DIRECTION)
    assert value == calls_that_only_compute(X, T)
    np.testing.assert_allclose(tangent, slope(lambda x: calls_that_only_compute(x, T)), rtol=1e-7)
    np.testing.assert_allclose(grad(calls_that_only_compute)(X, T) @ DIRECTION, tangent, rtol=1e-12)


def mapped_by_what_changes(x, t):
    """A variable that the loop assigns was read once, before it."""
    s, scale = x[0], 1
    for v in map(lambda k: k * scale, range(3)):  # noqa: C417
        scale = scale + 1
        s = np.sin(s * v + x[1])
    return s


def products_by_what_changes(x, t):
    s, scale = x[0], 1
    for v in (a * b * scale for a in range(2) for b in range(2)):
        scale = scale + 1
        s = np.sin(s * v + x[1])
    return s


@pytest.mark.parametrize("function", [mapped_by_what_changes, products_by_what_changes])
def test_variables_that_items_read_later(function: Callable[..., Any]) -> None:
    with pytest.raises(UnsupportedError, match="`scale` is assigned in a loop, and read by what gives its items"):
        grad(function)(X, T)


# -- lists that grow unseen -----------------------------------------------------------------------


class Bag:
    """Is run through by index."""

    def __init__(self, held):
        self.held = held

    def __len__(self):
        return len(self.held)

    def __getitem__(self, i):
        return self.held[i]


class Doubled(Bag):
    def __getitem__(self, i):
        if i >= len(self.held):
            raise IndexError(i)
        return self.held[i] * 2


def through_a_bag(x):
    held, s = [x[0], x[1]], 0.0
    for q in Bag(held):
        if len(held) < 4:
            held.append(q * x[2])
        s = s * 0.5 + q
    return s


def by_an_attribute(x):
    bag, s = Doubled([x[0], x[1]]), 0.0
    for q in bag:
        if len(bag.held) < 4:
            bag.held.append(q * x[2])
        s = s * 0.5 + q
    return s


def taken_off_a_bag(x):
    bag, s = Bag([x[0], x[1], x[2]]), 0.0
    for q in bag:
        if len(bag.held) > 2:
            bag.held.pop()
        s = s * 0.5 + q
    return s


def beside_a_part_of_a_dict(x):
    d, s = {"k": [1, 2]}, 0.0
    for v, k in zip(x, d["k"], strict=False):
        if len(d["k"]) < 4:
            d["k"].append(3)
        s = s * 0.5 + k * v
    return s


def beside_a_part_of_an_object(x):
    bag, s = Bag([1, 2]), 0.0
    for v, k in zip(x, bag.held, strict=False):
        if len(bag.held) < 4:
            bag.held.append(3)
        s = s * 0.5 + k * v
    return s


def append_three(items):
    items.append(3)


def by_a_function(x):
    items, s = [1, 2], 0.0
    for v, k in zip(x, items, strict=False):
        if len(items) < 4:
            append_three(items)
        s = s * 0.5 + k * v
    return s


def by_a_deletion(x):
    items, s = [1, 2, 3], 0.0
    for v, k in zip(x, items, strict=False):
        del items[-1:]
        s = s * 0.5 + k * v
    return s


@pytest.mark.parametrize(
    "f",
    [
        through_a_bag, by_an_attribute, taken_off_a_bag, beside_a_part_of_a_dict, beside_a_part_of_an_object,
        by_a_function, by_a_deletion,
    ],
)  # fmt: skip
def test_lists_that_change_in_length_unseen(f: Callable[..., Any]) -> None:
    """Through an object, in a container, by a function: the loop ran over the items that there were before it."""
    with pytest.raises(UnsupportedError, match="changed in length while it is looped over"):
        grad(f)(X)


def test_other_lists_may_grow() -> None:
    def noted(x):
        d, s = {"names": ["a", "b", "c"], "log": []}, 0.0
        for v, k in zip(x, d["names"], strict=False):
            d["log"].append(k)
            s = s * 0.5 + v * len(d["log"])
        return s

    def collected(x):
        s, log = 0.0, []
        for q in Doubled([x[0], x[1]]):
            log.append(q * s)
            s = s * 0.5 + q
        return s + sum(log)

    for f in (noted, collected):
        check_derivative(f, X)
        check_derivative(grad(f), X)
