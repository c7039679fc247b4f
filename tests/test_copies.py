"""`copy.copy` and `copy.deepcopy` of numbers, arrays, containers and objects: right in both modes."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked, refusing

X = np.array([0.7, -0.4, 1.3])
FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
REFUSED: list[tuple[Program, str]] = []
program, refused = checked(FIRST, SECOND), refusing(REFUSED)


class Net:
    def __init__(self, w):
        self.w = w


class Known(Net):
    def __deepcopy__(self, memo):
        return self


@program(X)
def array(x):
    a = copy.copy(x)
    a[0] = 2.0 * x[1]
    b = copy.deepcopy(a)
    b[1] *= 3.0
    return np.sum(a * x * b)


@program(X)
def numbers(x):
    return copy.copy(x[0]) * copy.deepcopy(x[1])


@program(X)
def shallow_lists(x):
    c = [x * 2.0, x * 3.0]
    d = copy.copy(c)
    d[0][0] = 3.0 * x[2]
    d[1] = x * x
    return np.sum(d[0] * c[0] * d[1] * c[1])


@program(X)
def deep_lists(x):
    c = [x * 2.0, x * 3.0]
    d = copy.deepcopy(c)
    d[0][0] = 3.0 * x[2]
    d.append(x)
    return np.sum(d[0] * c[0] * d[2])


@program(X, order=1)
def dicts(x):
    c = {"a": [x[0] * x[1]], "b": x}
    d, e = copy.deepcopy(c), copy.copy(c)
    d["a"].append(x[2])
    e["c"] = x[1]
    return d["a"][0] * d["a"][1] * e["a"][0] * e["c"] * np.sum(d["b"])


@program({"w": X, "s": [0.5, 0.8]})
def of_an_argument(p):
    start = copy.deepcopy(p)
    p["w"][0] *= p["s"][1]
    p["s"][0] = p["s"][0] * p["s"][0]
    return np.sum(p["w"] * start["w"]) * start["s"][0] * p["s"][0]


@program(X, 3)
def histories(x, n):
    history, y = [], x * 1.0
    for k in range(n):
        y[k] = y[k] * y[0]
        history.append(copy.deepcopy(y))
    return sum([np.sum(v * v) for v in history])


@program(X)
def best_so_far(x):
    state = {"w": x * 2.0, "n": [x[0]]}
    best = copy.deepcopy(state)
    for _ in range(3):
        state["w"] *= x
        state["n"].append(x[1])
        if np.sum(state["w"]) < 1.0:
            best = copy.deepcopy(state)
    return np.sum(best["w"]) * best["n"][-1]


@program(X, order=1)
def objects(x):
    p = Net(x * x)
    q = copy.deepcopy(p)
    q.w[0] = 5.0
    return np.sum(p.w * q.w)


@program(SimpleNamespace(w=X * 2.0), 1.5, order=1)
def object_of_an_argument(p, k):
    q = copy.deepcopy(p)
    q.w = q.w * k
    q.w[1] = 0.5 * k
    return np.sum(q.w * p.w)


@program(X)
def of_the_same_type(x):
    a = x.astype(np.float64, copy=False)
    a[0] = 2.0 * x[1]
    return np.sum(a * x)


@program(X)
def of_an_expression(x):
    a = (x * 2.0).astype(dtype=float, copy=False)
    a += x
    return np.sum(np.astype(a, float, copy=False) * x)


@pytest.mark.parametrize(("function", "args"), FIRST, ids=[f.__name__ for f, _ in FIRST])
def test_derivatives(function: Program, args: tuple[Any, ...]) -> None:
    check_derivative(function, *args)


@pytest.mark.parametrize(("function", "args"), SECOND, ids=[f.__name__ for f, _ in SECOND])
def test_derivatives_of_gradients(function: Program, args: tuple[Any, ...]) -> None:
    check_derivative(grad(function), *args, wrt=0, rtol=1e-4)


def test_an_object_at_two_places_is_found() -> None:
    def f(x):
        c = [x * 1.0] * 2
        d = copy.deepcopy(c)
        d[0][0] = 4.0
        return np.sum(d[1] * x)

    with pytest.raises(DerivativeError, match="holds one list, dict, object or array at two places"):
        grad(f)(X)


@refused("a copy is made of an object, perhaps in its own way, and what the two share is not followed")
def in_its_own_way(x):
    p = Known(x * x)
    q = copy.deepcopy([p])
    return np.sum(q[0].w)


@refused(
    "a copy is made of what is not known to be a number, an array, a list or a dict, "
    "and what the two share is not followed"
)
def of_an_unknown_kind(x):
    y = copy.copy(x)
    return y * 2.0


@pytest.mark.parametrize(("f", "reason"), REFUSED, ids=[f.__name__ for f, _ in REFUSED])
def test_refusals(f: Program, reason: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        grad(f).source  # noqa: B018
    assert caught.value.reason == reason
    assert caught.value.hint == "use copy.deepcopy, make a new one by its class, or annotate the arguments"
    assert caught.value.origin is not None
    assert "copy." in caught.value.origin.text


def changed_between_two_copies(q, t):
    t = copy.deepcopy(t)
    if t.a[0] < t.a[1]:
        t.a[0] *= t.a[1] - t.w[1, 1]
        t.w[:] *= t.w
    t = copy.deepcopy(t)
    return np.sum(t.a * q) + (t.w * t.w).sum()


def test_copies_of_an_object_to_second_order() -> None:
    t = SimpleNamespace(a=np.array([0.3, 0.5]), w=np.array([[0.1, 0.2], [0.3, 0.4]]))
    q = np.array([0.7, 1.2])
    check_derivative(changed_between_two_copies, q, t)
    check_derivative(grad(changed_between_two_copies, (0, 1)), q, t)


class Doubling(Net):
    def __deepcopy__(self, memo):
        return Doubling(self.w * 2.0)


def of_a_list(x):
    nets = [Doubling(x), Net(x)]
    copies = copy.deepcopy(nets)
    return copies[0].w * copies[1].w


def of_a_list_that_grew(x):
    nets = []
    for _ in range(2):
        nets.append(Doubling(x))
    copies = copy.deepcopy(nets)
    return copies[0].w * copies[1].w


def of_one_of_a_list(nets):
    i = 0 if nets[0].w < 1.0 else 1
    copied = copy.deepcopy(nets[i])
    return copied.w * nets[1].w


@pytest.mark.parametrize(
    ("f", "at"), [(of_a_list, 1.3), (of_a_list_that_grew, 1.3), (of_one_of_a_list, [Doubling(0.5), Net(0.7)])]
)
def test_objects_in_lists_that_say_how_they_are_copied(f: Program, at: Any) -> None:
    """The list was copied without what it holds, or each object as if its class said nothing (wrong values)."""
    with pytest.raises(UnsupportedError, match="a copy is made of an object, perhaps in its own way"):
        grad(f).source_for(at)
