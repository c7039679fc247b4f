"""Containers under several names: what is put into one through another name, a call or a method is seen by all.

Each program ends differently where a container still is what it was made as. Then the branch that is taken was
decided by what a list was before something else wrote into it: a wrong number. Now it is right, or refused.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative

X = np.array([0.7, 1.3, 0.4, 1.9])
FIRST: list[Callable[..., Any]] = []
REFUSED: list[Callable[..., Any]] = []


def right(f: Callable[..., Any]) -> Callable[..., Any]:
    FIRST.append(f)
    return f


def refused(f: Callable[..., Any]) -> Callable[..., Any]:
    REFUSED.append(f)
    return f


def outcome(x, a):
    return x[0] if a[0] is None else a[0] * x[1]


@right
def what_pop_gives_instead(x):
    a, d = [None], {"z": [1.0]}
    d.pop("k", a)[0] = 3.0
    return outcome(x, a)


@right
def an_item_that_popitem_gives(x):
    a = [None]
    d = {"k": a}
    _, v = d.popitem()
    v[0] = 3.0
    return outcome(x, a)


@right
def the_longest_of_several_lists(x):
    a, b = [None], [None, 2.0]
    m = max([a, b], key=len)
    m[0] = x[3]
    return outcome(x, b)


@right
def lists_joined_by_sum(x):
    a = [None]
    joined = sum([[a], [[2.0]]], [])
    joined[0][0] = 3.0
    return outcome(x, a)


@right
def an_item_by_a_function(x):
    a = [None]
    c = [a, [1.0]]
    m = operator.getitem(c, 0)
    m[0] = 3.0
    return outcome(x, a)


@right
def items_of_pairs(x):
    a = [None]
    for p, _ in itertools.pairwise([a, [5.0]]):
        p[0] = 3.0
    return outcome(x, a)


@right
def a_slice_that_is_replaced(x):
    a = [None]
    c = [0.0, 0.0]
    c[1:] = (a,)
    c[1][0] = 3.0
    return outcome(x, a)


@right
def items_named_in_a_call(x):
    a = [None]
    c: dict[str, Any] = {}
    c.update(k=a)
    c["k"][0] = x[3]
    return outcome(x, a)


@right
def items_named_where_a_dict_is_made(x):
    a = [None]
    d = dict([("l", a)], m=a)
    d["l"].append(2.0)
    d["m"].append(1.0)
    d["m"][0] = 3.0
    return outcome(x, a) * len(a)


@right
def a_list_of_pairs_as_a_dict(x):
    a = [None]
    pairs = [("k", a)]
    c = dict(pairs)
    c["k"][0] = 3.0
    return outcome(x, a)


@right
def a_method_under_a_name(x):
    a = [None]
    store = a.__setitem__
    store(0, 3.0)
    return outcome(x, a)


@right
def a_list_that_an_object_holds(x):
    a = [None]
    c = SimpleNamespace(k=a)
    m = c.k
    m[0] = 3.0
    return outcome(x, a)


@right
def a_list_that_is_repeated_in_place(x):
    a = [1.0]
    for b in [a]:
        b *= 3
    c = a
    c += range(2)
    return x[0] * len(a)


@right
def a_set_that_grows_in_place(x):
    a = {1}
    c = a
    c |= {2}
    return x[0] * len(a)


@pytest.mark.parametrize("f", FIRST, ids=[f.__name__ for f in FIRST])
def test_derivatives(f: Callable[..., Any]) -> None:
    check_derivative(f, X)


@refused
def lists_in_an_array_of_objects(x):
    a = [1.0]
    c = np.empty(1, dtype=object)
    c[0] = a
    c[0].append(2.0)
    return x[0] * len(a)


@refused
def lists_that_an_array_of_objects_is_made_of(x):
    a = [1.0]
    c = np.array([a, None], dtype=object)
    c[0].append(2.0)
    return x[0] * len(a)


@refused
def numbers_in_an_array_of_objects(x):
    c = np.full(2, None)
    c[0] = x[0] * x[0]
    c[1] = x[1]
    return c[0] * c[1]


@refused
def arrays_in_an_array_of_objects(x):
    c = np.empty(2, dtype=object)
    for i in range(2):
        c[i] = x * i + x
    return np.sum(c[1] * c[0])


@pytest.mark.parametrize("f", REFUSED, ids=[f.__name__ for f in REFUSED])
@pytest.mark.parametrize("mode", [grad, jvp])
def test_arrays_of_objects(f: Callable[..., Any], mode: Callable[..., Any]) -> None:
    """What was put into them had no derivative, or was no longer known to be the same list."""
    with pytest.raises(UnsupportedError, match="is put into an array of objects or records"):
        mode(f)(X, **({"seed": X} if mode is jvp else {}))


def test_arrays_of_objects_that_are_given() -> None:
    def f(x, c):
        c[0] = x[0] * x[0]
        return c[0] * x[1]

    check_derivative(f, X, np.array([None, None]), wrt=0)


def test_arrays_of_objects_that_hold_names() -> None:
    def f(x):
        names = np.array(["a", None], dtype=object)
        names[1] = "b"
        return x[0] * x[1] if names[1] == "b" else x[2]

    check_derivative(f, X)


def test_sum_that_joins_lists_of_what_varies() -> None:
    """The derivative added the lists up: a TypeError."""

    def f(x):
        joined = sum([[x[0]], [x[1]]], [])
        return joined[0] * joined[1]

    with pytest.raises(UnsupportedError, match="joins lists or tuples"):
        grad(f)(X)


def a_dict_that_holds_itself(x):
    d = {"v": x * x}
    d["me"] = d
    return d["me"]["v"] * x


def a_list_in_a_list_in_itself(x):
    a = [x]
    b = [a]
    a.append(b)
    return a[1][0][0] * x


@pytest.mark.parametrize("f", [a_dict_that_holds_itself, a_list_in_a_list_in_itself])
def test_containers_that_hold_themselves(f: Any) -> None:
    """The structure of their adjoints has no end, and the reverse sweep did not find one (RecursionError)."""
    assert jvp(f)(1.3, seed=1.0)[1] == pytest.approx((f(1.3 + 1e-6) - f(1.3 - 1e-6)) / 2e-6)
    with pytest.raises(DerivativeError, match="holds itself"):
        grad(f)(1.3)


def constants_by_another_name(x, n):
    constants = [1.0, 2.0]
    same, values = constants, [x * x]
    chosen = values if n else constants
    same.append(3.0)
    chosen.append(x)
    s = 0.0
    for i, v in enumerate(chosen):
        s = s + v * x**i
    return s


def constants_in_a_pair(x):
    constants = [1.0, 2.0]
    same = constants
    pair = (constants, [x])
    same.append(3.0)
    return pair[0][2] * pair[1][0]


@pytest.mark.parametrize(("f", "args"), [
    (constants_by_another_name, (1.3, 0)), (constants_by_another_name, (1.3, 1)), (constants_in_a_pair, (1.3,)),
])  # fmt: skip
def test_lists_of_constants_that_change_by_another_name(f: Any, args: tuple[Any, ...]) -> None:
    """Beside lists that vary they have tangents and shadows, which did not change with them (IndexError)."""
    check_derivative(f, *args)
    check_derivative(grad(f), *args)
