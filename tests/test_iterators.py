"""Iterators in variables: advanced by hand, looped over from where they are, with and without a value at the end."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative
from tests.helpers import Program, listed, refusing

FIRST: list[Program] = []
SECOND: list[Program] = []
REFUSED: list[tuple[Program, str]] = []
refused = refusing(REFUSED)
program = listed(FIRST, SECOND)
X = np.array([0.7, 1.3, 0.4, 0.9])


@program
def the_first_apart(x):
    it = iter(x)
    y = next(it)
    for v in it:
        y = y * v + 1.0
    return y


@program
def in_pairs(x):
    it = iter(x)
    s = 0.0
    for a in it:
        s = s + a * a * next(it)
    return s


@program
def until_a_value_says_that_it_ended(x):
    it = iter(x)
    s = 0.0
    while True:
        v = next(it, None)
        if v is None:
            break
        s = s + v * v
    return s


@program
def until_it_raises(x):
    it = iter(x)
    s = 0.0
    while True:
        try:
            v = next(it)
        except StopIteration:
            break
        s = s + v * v
    return s


@program
def within_expressions(x):
    it = iter([x[0], x[1] * x[2]])
    return next(it) + 2.0 * next(it) * next(it, x[3])


@program
def left_and_gone_on_with(x):
    it = iter(list(x))
    s = 0.0
    for v in it:
        if v > 1.0:
            break
        s = s + v
    else:
        s = s * 2.0
    for v in it:
        s = s * v
    return s


@program
def all_at_once(x):
    it = iter(sorted([x[0], x[1] * x[2], x[2]]))
    s = sum(itertools.islice(it, 2))
    s = s * next(it)
    s = s + sum(it)
    it = np.sin(x)
    return s * it[1]


@program
def two_at_a_time(x):
    it = iter(x)
    y = next(it)
    s = sum(u * v * y for u, v in zip(it, it))  # noqa: B905
    return s + next(it, 0.3)


@program
def some_in_each_round(x):
    it = iter(x)
    s = 0.0
    chosen = itertools.accumulate([x[0], x[1], x[2]])
    for k in range(3):
        s = s + sum(itertools.islice(chosen, 1, 2)) * (k + 1)
    for a, b in itertools.pairwise(it):
        s = s + a * b
    return s


@program
def taken_apart(x):
    it = reversed(list(x))
    a = next(it)
    others = [v * a for v in it]
    it = iter((x[0], x[1], a))
    b, c = itertools.islice(it, 2)
    return a * sum(others) * b * c + sum([0.0, *it])


@program
def over_what_changes_later(x):
    values = [x[0], x[1]]
    it = iter(values)
    y = sum(it)
    values.append(y)
    it = iter(values)
    return sum(it) * y


@refused("is changed before the iterator has come to its end")
def over_what_changes_under_another_name(x):
    values = x * 1.0
    it = iter(values)
    part = values[1:]
    y = next(it)
    part[0] = 5.0 * y
    return next(it) * y


@refused("is changed before the iterator has come to its end")
def over_what_a_container_changes(x):
    values = [x[0], x[1]]
    held = {"values": values}
    it = iter(values)
    y = next(it)
    held["values"][1] = 7.0 * y
    return next(it) * y


@refused("iterator changes with each value")
def handed_on(x):
    it = iter(x)
    return sum(it) * next(it, x[0])


@refused("is changed before the iterator has come to its end")
def over_a_list_that_changes(x):
    values = [x[0], x[1]]
    it = iter(values)
    s = next(it)
    values.append(x[2])
    for v in it:
        s = s * v
    return s


@pytest.mark.parametrize("function", FIRST, ids=lambda f: f.__name__)
def test_derivatives(function: Program) -> None:
    check_derivative(function, X, rtol=1e-5)


@pytest.mark.parametrize("function", SECOND, ids=lambda f: f.__name__)
def test_derivatives_of_gradients(function: Program) -> None:
    df = grad(function)
    check_derivative(lambda x: np.sum(df(x) * x), X, rtol=1e-4)


@pytest.mark.parametrize(("function", "reason"), REFUSED, ids=[f.__name__ for f, _ in REFUSED])
@pytest.mark.parametrize("mode", [grad, jvp])
def test_refusals(function: Program, reason: str, mode: Callable[..., Any]) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        _ = mode(function).source


def test_an_iterator_that_has_ended_raises() -> None:
    def f(x):
        it = iter(x)
        a = next(it)
        b = next(it)
        return a * b

    with pytest.raises(StopIteration):
        grad(f)(np.ones(1))
    np.testing.assert_allclose(grad(f)(X), [1.3, 0.7, 0.0, 0.0])


# -- loops whose items read what the loop assigns, or that read what their iterator changes ----------------------


def a_generator_that_reads_the_total(x):
    r = x[0]
    for v in (t * r for t in range(1, 4)):
        r = r * x[1] + x[2] * v
    return r


def a_generator_that_reads_a_count(x):
    n, r = 1, x[0]
    for v in (t * n for t in range(1, 4)):
        r = r * x[1] + x[2] * v
        n = n + 1
    return r


def a_filter_that_reads_a_count(x):
    n, r = 1, x[0]
    for v in filter(lambda t: t * n < 6, range(1, 5)):
        r = r * x[1] + x[2] * v
        n = n + 1
    return r


def a_list_of_what_read_the_total(x):
    r = x[0]
    for v in list(map(lambda t: t * r, [x[1], x[2]])):  # noqa: C417
        r = r * x[1] + x[2] * v
    return r


def a_generator_that_reads_its_loops_variable(x):
    v, r = 2, x[0]
    for v in (t * v for t in range(1, 4)):
        r = r * x[1] + x[2] * v
    return r


LATE = [
    a_generator_that_reads_the_total, a_generator_that_reads_a_count, a_filter_that_reads_a_count,
    a_list_of_what_read_the_total, a_generator_that_reads_its_loops_variable,
]  # fmt: skip


@pytest.mark.parametrize("function", LATE, ids=lambda f: f.__name__)
def test_items_that_read_what_the_loop_assigns(function: Program) -> None:
    """They were computed before the loop, of what the variables held then: wrong values."""
    check_derivative(function, X)
    check_derivative(grad(function), X, rtol=1e-4)


def numbered(x):
    n, r = 1, x[0]
    for i, v in enumerate(t * n for t in range(1, 4)):
        r = r * x[1] + x[2] * v * i
        n = n + 1
    return r


def mapped(x):
    n, r = 1, x[0]
    for v in map(lambda t: t * n, range(1, 4)):  # noqa: C417
        r = r * x[1] + x[2] * v
        n = n + 1
    return r


def filtered_beside_values(x):
    n, r = 1, x[0]
    for u, v in zip(x, filter(lambda t: t * n < 6, range(1, 5)), strict=False):
        r = r * x[1] + u * v
        n = n + 1
    return r


@pytest.mark.parametrize("function", [numbered, mapped, filtered_beside_values], ids=lambda f: f.__name__)
def test_items_that_read_what_the_loop_assigns_are_refused(function: Program) -> None:
    with pytest.raises(UnsupportedError, match="`n` is assigned in a loop, and read by what gives its items"):
        grad(function)(X)


def appending(items):
    for i in range(4):
        items.append(i)
        yield i


class Appending:
    def __init__(self, items):
        self.items = items

    def __iter__(self):
        for i in range(4):
            self.items.append(i)
            yield i


def reads_what_a_generator_appends(x):
    items = []
    steps, r = appending(items), x[0]
    for v in steps:
        r = r * x[1] * len(items) + x[2] * v
    return r * len(items)


def reads_what_an_object_appends(x):
    items = []
    steps, r = Appending(items), x[0]
    for v in steps:
        r = r * x[1] * len(items) + x[2] * v
    return r * len(items)


def reads_it_and_leaves(x):
    items = []
    steps, r = appending(items), x[0]
    for v in steps:
        r = r * x[1] * len(items) + x[2] * v
        if len(items) == 3:
            break
    return r * len(items)


READING = [reads_what_a_generator_appends, reads_it_and_leaves]


@pytest.mark.parametrize("function", READING, ids=lambda f: f.__name__)
def test_loops_that_read_what_their_iterator_changes(function: Program) -> None:
    """Reverse mode listed all items before the loop: it read what there was at the end, a wrong value."""
    check_derivative(function, X)
    check_derivative(grad(function), X, rtol=1e-4)


def keeps_what_it_gives(x):
    items = [x[2]]
    r = x[0]
    for v in Appending(items):
        r = r * x[1] * items[-1] + x[2] * v
    return r


def test_an_object_that_changes_where_it_is_run_through() -> None:
    """Its items were listed before the loop, and twice, where it was followed, as in a derivative: wrong values."""
    refusal = "`__iter__` writes into what it holds|`__iter__` of class `Appending` stores into its object"
    for function in (reads_what_an_object_appends, keeps_what_it_gives):
        with pytest.raises(UnsupportedError, match=refusal):
            jvp(function)(X, seed=X)


# -- iterators that share what they give ------------------------------------------------------------


def grouped(x):
    y = 0.0
    for k, g in itertools.groupby(range(4), key=lambda i: i // 2):
        s = 0.0
        for i in g:
            s = s + x[i]
        y = y * s + k + s
    return y


def grouped_in_comprehensions(x):
    of_each = [sum(x[i] for i in g) * k for k, g in itertools.groupby(range(4), key=lambda i: 1 + i // 2)]
    by_key = {k: sum(x[i] for i in g) for k, g in itertools.groupby(range(4), key=lambda i: i % 3 > 0)}
    return of_each[0] + of_each[1] ** 2 * by_key[True] * by_key[False]


def numbered_groups(x):
    y = 0.0
    for i, (_, g) in enumerate(itertools.groupby("aabb")):
        y = y * x[0] + x[len(list(g))] * i
    return y


def one_iterator_in_pairs(x):
    y = 0.0
    for a, b in zip(*[iter(range(4))] * 2, strict=False):
        y = y + x[a] * x[b]
    it = iter(range(4))
    for a, b in itertools.zip_longest(it, it):
        y = y * x[a] + x[b]
    return y + sum(x[a] * x[b] for a, b in zip(*[iter(range(4))] * 2, strict=False))


def pairs_beside_values(x):
    y = 0.0
    for (a, b), v in zip(zip(*[iter(range(4))] * 2, strict=False), x, strict=False):
        y = y + x[a] * x[b] * v
    return y


@pytest.mark.parametrize(
    "function",
    [grouped, grouped_in_comprehensions, numbered_groups, one_iterator_in_pairs, pairs_beside_values],
    ids=lambda f: f.__name__,
)
def test_iterators_that_share_what_they_give(function: Program) -> None:
    """Groups were listed before the loop, which empties them, and one iterator beside itself was (wrong values)."""
    check_derivative(function, X)


def test_groups_beside_values_are_refused() -> None:
    def beside(x):
        y = 0.0
        for (k, g), v in zip(itertools.groupby([0, 0, 1]), x, strict=False):
            y = y + v * len(list(g)) * k + sum(g)
        return y

    with pytest.raises(UnsupportedError, match="are empty when it is the turn of the next one"):
        grad(beside)(X)


# -- iterators of what does not vary, which change where they are looked at --------------------


def sums_of_one_iterator(x):
    it = iter([1, 2, 3])
    sum(it)
    return x[0] * sum(it) + x[1]


def lists_of_one_generator(x):
    it = (i for i in range(3))
    first = 1 in it
    second = [v for v in it]  # noqa: C416
    return x[0] * len(second) + x[1] * first


def items_taken_by_a_function_that_nobody_needs(x):
    it = iter(range(4))
    "".join(map(str, itertools.islice(it, 2)))
    return x[0] * len(list(it)) + x[1]


def iterators_in_a_list(x):
    made = [iter(range(4)), iter(range(2))]
    sum(made[0])
    return x[0] * sum(made[0]) + x[1] * sum(made[1])


def keys_of_a_dict_that_grows(x):
    d = {1: 1}
    k = d.keys()
    before = len(k)
    d[2] = 5
    return x[0] * len(k) * before + x[1]


@pytest.mark.parametrize(
    "f",
    [
        sums_of_one_iterator, lists_of_one_generator, items_taken_by_a_function_that_nobody_needs,
        iterators_in_a_list, keys_of_a_dict_that_grows,
    ],
)  # fmt: skip
def test_what_changes_where_it_is_looked_at(f) -> None:
    """Who looked first was removed as of no use, or what it saw was taken for what is seen later: wrong values."""
    x = np.array([0.7, 1.3, 0.4])
    check_derivative(f, x)
    check_derivative(grad(f), x)


def three():
    return iter([1.0, 2.0, 3.0])


class Stock:
    def __init__(self):
        self.items = iter([1.0, 2.0, 3.0])


def of_a_function(x):
    it = three()
    a, b = sum(it), sum(it)
    return a * x + b * x**2


def of_an_object(x):
    stock = Stock()
    a = sum(stock.items)
    b = sum(stock.items)
    return a * x + b * x**2


def flat_items(x):
    it = np.arange(3.0).flat
    a = sum(it)
    b = sum(it)
    return a * x + b * x**2


def mapped_iterators(x):
    rows = list(map(iter, [[1.0, 2.0]]))
    a = sum(rows[0])
    b = sum(rows[0])
    return a * x + b * x**2


def in_a_loop(x):
    s = 0.0
    for it in [iter([1.0, 2.0])]:
        a = sum(it)
        b = sum(it)
        s = s + a * x + b * x**2
    return s


@pytest.mark.parametrize("f", [of_a_function, of_an_object, flat_items, mapped_iterators, in_a_loop])
def test_iterators_that_nothing_is_known_of(f: Any) -> None:
    """Two sums of one iterator were taken for the same in derivatives of derivatives."""
    check_derivative(f, 1.3)
    check_derivative(grad(f), 1.3)
    # The value tells: nothing of the items varies.
    assert jvp(grad(f))(1.3, seed=1.0)[0] == pytest.approx(grad(f)(1.3))
