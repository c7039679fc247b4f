"""Dicts that fill themselves as they are read: what is written, and what is refused."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from functools import reduce
from operator import getitem
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp, vjp
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
    assert may_fill(counted, [], [])
    assert may_fill(lambda x: COUNTS[0] * x, [], [])
    assert may_fill(lambda x: counted(x), [], [])  # noqa: PLW0108
    assert may_fill(lambda x: x, [Model(defaultdict(int))], [])
    assert not may_fill(kept_in_an_object, [Model({})], [])


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
