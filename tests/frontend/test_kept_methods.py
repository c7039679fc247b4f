"""`kept_methods`: methods of lists, dicts and arrays as values."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.core import tree
from tangent_sct.frontend.kept_methods import with_methods_called
from tangent_sct.testing import check_derivative

X = np.array([0.83, 0.61, 1.27, 0.94])


def pushed(x):
    kept = []
    push = kept.append
    for v in x:
        push(v * v)
    return sum(kept) * x[1]


def on_a_stack(x):
    stack = [(x[0], 0)]
    push, pop = stack.append, stack.pop
    total = 0.0
    while stack:
        v, depth = pop()
        total += v**2
        if depth < 2:
            push((v * x[1], depth + 1))
            push((v * x[2], depth + 1))
    return total


def into_an_array(x):
    y = np.zeros(4)
    put = y.__setitem__
    for i in range(4):
        put(i, x[i] ** 2)
    return np.sum(y) * x[2]


def into_a_list_and_a_dict(x):
    kept, table = [None, 2.0], {}
    put, store = kept.__setitem__, table.__setitem__
    put(0, x[0] * 2.0)
    store("a", x[1])
    return kept[0] * table["a"] * kept[1]


def of_a_dict(x):
    table = {}
    update, get = table.update, table.get
    for i in range(4):
        update({i % 2: get(i % 2, 0.0) + x[i] ** 2})
    return table[0] * table[1]


def each(do, values):
    for v in values:
        do(v * 2)


def handed_on(x):
    kept = []
    each(kept.append, x)
    return sum(kept) * x[1]


def held(x):
    kept, room = [x[0]], np.zeros(3)
    doing = {"put": kept.append, "take": kept.pop, "fill": room.fill}
    doing["put"](x[3] * 2)
    doing["fill"](x[1])
    return doing["take"]() * doing["take"](0) * np.sum(room)


def held_of_views(x):
    kept, room = [x[0]], np.zeros(4)
    grid = np.zeros((2, 2))
    for put in [kept.append, room[1:].fill, grid[:, 0].fill, room[-1:].fill]:
        put(x[2] ** 2)
        x = x * x[1]
    return kept.pop() * np.sum(np.sin(room)) * np.sum(grid)


def called_like_parameters(x):
    item, items, value, given = [x[0]], [x[1]], np.zeros(2), [x[2], x[3]]
    each(item.append, x)
    each(items.extend, [[x[0]], [x[1]]])
    each(value.fill, x)
    do = {"take": given.pop}
    return sum(item) * sum(items) * np.sum(value) * do["take"]() * given[0]


def replaced_later(x):
    kept = []
    box = SimpleNamespace(append=kept.append)
    push = box.append
    box.append = lambda v: None
    push(x[0])
    return sum(kept) * x[1]


def by_keys(x):
    table = {"a": x[0], "b": x[1] * x[2]}
    largest = max(table, key=table.get)
    return sum(map(table.get, "ab")) * table[largest]


def kept_by_objects(x):
    kept = []
    box, put = SimpleNamespace(put=kept.append), partial(kept.insert, 0)
    box.put(x[0])
    put(x[1])
    return kept[0] ** 2 * kept[1]


def chosen(x):
    one, other = [x[0]], [x[1]]
    push = one.append if x[0] > 0 else other.append
    push(x[2])
    return sum(one) * x[3] + sum(other)


def of_a_list_that_is_replaced(x):
    kept = [x[0]]
    push = kept.append
    first, kept = kept, [x[1]]
    push(x[2])
    return sum(first) * x[3] + sum(kept)


def of_the_first_turn(x):
    total = 0.0
    for i in range(3):
        kept = [x[i]]
        if i == 0:
            push = kept.append
            first = kept
        push(x[0] * i)
        total += sum(kept)
    return total * sum(first)


def inside(x):
    kept = [x[0]]
    push = kept.append

    def twice(v):
        push(v)
        push(v * 2)

    twice(x[1])
    return sum(kept) * x[3]


@pytest.mark.parametrize(
    "function",
    [
        pushed, on_a_stack, into_an_array, into_a_list_and_a_dict, of_a_dict, handed_on, held, held_of_views,
        kept_by_objects, called_like_parameters, by_keys,
        chosen, of_a_list_that_is_replaced, of_the_first_turn, inside,
    ],
)  # fmt: skip
def test_programs(function: Callable[..., Any]) -> None:
    check_derivative(function, X)


def test_a_method_that_is_replaced() -> None:
    with contextlib.suppress(UnsupportedError):
        check_derivative(replaced_later, X)


def test_the_text_calls_the_method_of_the_list() -> None:
    text = grad(pushed).source_for(X)
    assert "kept.append(" in text
    assert "push =" not in text


def test_what_is_more_than_called_is_a_function() -> None:
    (function,) = tree.statements("def f(x):\n    push = x.append if len(x) else x.pop\n    return push(1)")
    text = tree.text(with_methods_called(function))
    assert "push = (lambda item: x.append(item)) if len(x) else lambda *given: x.pop(*given)" in text


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    add = np.add\n    return add(x, 1)",
        "def f(x):\n    return x.append(1)",
        "def f(x):\n    return max(x, key=x.get)",
        "def f(x):\n    return kept.append",
    ],
)
def test_what_stays(text: str) -> None:
    (function,) = tree.statements(text)
    assert with_methods_called(function) is function
