"""Dicts that fill themselves as they are read: what is written, and what is refused."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from functools import partial, reduce
from operator import getitem
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp, vjp
from tangent_sct.analysis.arguments import kinds_of_arguments
from tangent_sct.frontend.filling import may_fill
from tangent_sct.testing import check_derivative

X = np.array([0.83, 0.61, 1.27, 0.94])
COUNTS = defaultdict(int)


def grouped(x):
    groups = defaultdict(list)
    for i in range(4):
        groups[i % 2].append(i)
    total = 0.0
    for k, places in sorted(groups.items(), key=lambda item: item[1]):
        total = total + x[places[0]] * x[places[-1]] ** (k + 1)
    return total


def counted(x):
    counts = defaultdict(int)
    for letter in "abcab":
        counts[letter] += 1
    most = max(counts, key=lambda letter: counts[letter])
    return np.sum(x[: counts[most]] ** counts["c"]) * len(counts) + counts["z"] * x[3] + len(counts)


def kept_in_an_object(x, model):
    model.seen["w"]
    return x[0] ** len(model.seen) * x[1]


def of_an_ordered_dict(x, table):
    table["k"] = 3
    return x[0] ** len(table) * x[1] * list(table)[-1].count("k")


class Model:
    def __init__(self, seen):
        self.seen = seen


@pytest.mark.parametrize("function", [grouped, counted])
def test_programs(function: Callable[..., Any]) -> None:
    check_derivative(function, X)


def test_copies_of_arguments_fill_themselves() -> None:
    model = Model(defaultdict(int, v=1))
    check_derivative(kept_in_an_object, X, model, wrt=0)
    assert dict(model.seen) == {"v": 1}


def test_copies_of_arguments_are_of_their_class() -> None:
    table = OrderedDict(a=1)
    check_derivative(of_an_ordered_dict, X, table, wrt=0)
    assert list(table) == ["a"]


def test_the_text_reads_items_plainly() -> None:
    text = grad(counted).source_for(X)
    assert "counts[" in text and "__getitem__" not in text and "__call__" not in text


def test_where_it_is_asked() -> None:
    assert may_fill(counted)
    assert may_fill(lambda x: COUNTS[0] * x)
    assert may_fill(lambda x: counted(x))  # noqa: PLW0108
    assert may_fill(partial(kept_in_an_object, model=Model(defaultdict(int))))
    assert may_fill(kept_in_an_object, [dict(kinds_of_arguments({"model": Model(defaultdict(int))}))["model"]])
    assert not may_fill(kept_in_an_object, [dict(kinds_of_arguments({"model": Model({})}))["model"]])


# -- where they are -----------------------------------------------------------------------------


class Config:
    table = defaultdict(int)


class Net:
    def __init__(self):
        self.cache = defaultdict(int)

    def __call__(self, x):
        return x


def with_a_cache(x):
    return x


with_a_cache.cache = defaultdict(int)
NET = Net()
SETTINGS = ModuleType("settings")
SETTINGS.TABLE = defaultdict(int)
PAIR = (1, defaultdict(int))
NESTED = SimpleNamespace(part=SimpleNamespace(table=defaultdict(int)))
OUTSIDE = (Config.table, NET.cache, with_a_cache.cache, SETTINGS.TABLE, PAIR[1], NESTED.part.table)


def of_a_class(x):
    Config.table["k"]
    return x[0] * len(Config.table)


def of_a_callable_object(x):
    NET.cache["k"]
    return x[0] * len(NET.cache)


def of_a_function(x):
    table = with_a_cache.cache
    n = table["k"]  # noqa: F841
    return x[0] * len(table)


def of_a_module(x):
    SETTINGS.TABLE["k"]
    return x[0] * len(SETTINGS.TABLE)


def of_a_tuple(x):
    PAIR[1]["k"]
    return x[0] * len(PAIR[1])


def of_an_object_in_an_object(x):
    NESTED.part.table["k"]
    return x[0] * len(NESTED.part.table)


@pytest.mark.parametrize(
    "function",
    [of_a_class, of_a_callable_object, of_a_function, of_a_module, of_a_tuple, of_an_object_in_an_object],
)
def test_what_lies_outside(function: Callable[..., Any]) -> None:
    for table in OUTSIDE:
        table.clear()
    np.testing.assert_array_equal(grad(function)(X), [1.0, 0.0, 0.0, 0.0])
    for table in OUTSIDE:
        table.clear()
    assert jvp(function)(X, seed=X)[1] == X[0]


def in_a_function_inside(x):
    d = defaultdict(int)

    def look():
        e = d
        e["k"]
        return 1

    return x[0] * look() * len(d)


def in_a_comprehension_inside(x):
    tables = [defaultdict(int)]
    (lambda: [table["k"] for table in tables])()
    return x[0] * len(tables[0])


def lists_that_grow(x):
    lists = defaultdict(list)
    s = x[0] * ("q" in lists) + x[1] * np.sin(len(lists) * x[3])
    lists["q"].append(1)
    lists["r"].extend([1, 2])
    lists["s"].sort()
    return s * x[2] * len(lists) * sum(map(len, lists.values()))


def lists_that_are_looked_at(x):
    lists = defaultdict(list)
    s = x[0] * len(lists) + x[1]
    lists["q"].copy()
    lists["z"].count(1)
    lists["a"] += [2]
    lists["b"][:] = [3]
    return s * x[2] * len(lists) * lists["b"][0]


def one_in_another(x):
    tables = defaultdict(lambda: defaultdict(int))
    s = x[0] * ("q" in tables) + x[1]
    tables["q"]["z"] += 1
    return s * x[2] * len(tables) * len(tables["q"])


class Graph:
    def __init__(self, edges):
        self.near = defaultdict(list)
        for a, b in edges:
            self.near[a].append(b)
            self.near[b].append(a)

    def degree(self, n):
        return len(self.near[n])


class Weighted(Graph):
    def weight(self, x):
        return sum(x[j] * self.degree(j) for j in range(4))


def of_an_object_made_here(x):
    g = Weighted([(0, 1), (1, 2)])
    s = x[0] * len(g.near)
    s = s + g.weight(x)
    return s * x[2] * len(g.near)


class Visitor:
    def __init__(self, v):
        self.v = v
        self.seen = defaultdict(int)

    def visit(self, k):
        self.seen[k] += 1
        return self.v * self.seen[k] * (self.seen[k + 10] + 1)


def of_an_object_that_varies(x):
    visitor = Visitor(x[0])
    s = visitor.visit(1) + visitor.visit(2) * x[1]
    n = visitor.seen["z"]
    return s * len(visitor.seen) + n * x[3]


@pytest.mark.parametrize(
    "function",
    [in_a_function_inside, in_a_comprehension_inside, lists_that_grow, lists_that_are_looked_at, one_in_another,
     of_an_object_made_here, of_an_object_that_varies],
)  # fmt: skip
def test_wherever_they_are(function: Callable[..., Any]) -> None:
    check_derivative(function, X)


# -- refused ------------------------------------------------------------------------------------


def into_a_text_by_its_keys(x):
    counts = defaultdict(int)
    text = "%(a)s" % counts  # noqa: UP031
    return x[0] * len(counts) * len(text)


def into_a_text_by_an_index(x):
    counts = defaultdict(int)
    text = "{0[a]}".format(counts)  # noqa: UP030, UP032
    return x[0] * len(counts) * len(text)


def by_a_function_handed_on(x):
    counts = defaultdict(int)
    reduce(getitem, ["a"], counts)
    return x[0] * len(counts)


@pytest.mark.parametrize("function", [into_a_text_by_its_keys, into_a_text_by_an_index, by_a_function_handed_on])
def test_readings_that_are_not_seen_are_refused(function: Callable[..., Any]) -> None:
    for mode in (jvp, vjp):
        with pytest.raises(UnsupportedError) as caught:
            mode(function)(X, seed=X if mode is jvp else 1.0)
        assert "what may be a defaultdict is read where no item is seen to be read" in caught.value.reason
        assert caught.value.filename == __file__ and caught.value.hint == "read the items by `d[k]`"


def chosen(x, d, k):
    if d[k] > 0:
        return x[0] * x[1]
    return x[0] * len(d)


def read_in_a_test(x):
    box = SimpleNamespace(d=defaultdict(int))
    return chosen(x, box.d, "a") + x[1]


def test_readings_inside_of_an_expression_that_varies() -> None:
    for mode in (jvp, vjp):
        with pytest.raises(UnsupportedError, match="may put an item into a defaultdict, and is read inside"):
            mode(read_in_a_test)(X, seed=X if mode is jvp else 1.0)


def chosen_by_a_key(x):
    counts = defaultdict(int)
    counts["a"] += 1
    largest = max([(x[0], 0), (x[1], 1)], key=lambda pair: -pair[0])
    first = sorted([(x[2], 1), (x[3], 0)], key=lambda pair: pair[1])[0]
    return largest[0] * x[2] * counts["a"] + first[0] * counts["b"] + len(counts)


def test_keys_that_are_given_none_read_plainly() -> None:
    check_derivative(chosen_by_a_key, X)


def chosen_by_what_it_fills(x):
    counts = [defaultdict(int), defaultdict(int)]
    fullest = max(counts, key=lambda table: table["a"])
    return x[0] ** len(fullest) * x[1] + len(counts[0])


def test_keys_that_are_given_such_dicts() -> None:
    for mode in (jvp, vjp):
        with pytest.raises(UnsupportedError, match="the `key` of `max` may do more than compute"):
            mode(chosen_by_what_it_fills)(X, seed=X if mode is jvp else 1.0)
