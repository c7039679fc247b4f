"""Classes of which the user says how their objects are taken apart and put together."""

from __future__ import annotations

import threading
from collections import UserDict
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp, register_container, vjp
from tangent_sct.testing import check_derivative

X = np.array([0.7, 1.2])


class Param:
    """What cannot be copied, computes its attributes, and holds itself."""

    __slots__ = ("_w", "lock", "name", "owner")

    def __init__(self, w, name):
        self._w, self.name, self.owner, self.lock = w, name, self, threading.Lock()

    def __getattribute__(self, name):
        return object.__getattribute__(self, name)

    def value(self):
        return self._w * 2.0


register_container(
    Param, lambda p: {"_w": p._w, "name": p.name}, lambda p, parts: Param(parts["_w"], parts["name"])
)


@register_container
class Gain:
    """What is taken apart by its attributes."""

    def __init__(self, k):
        self.k = k


class Half(Gain):
    """A derived class, of which nothing was said."""


class Counted:
    """A class with more attributes than parts."""

    def __init__(self, w):
        self.w, self.calls = w, 0


register_container(Counted, lambda c: {"w": c.w})


def read(p, x):
    return np.sum(p.value() * x**2)


def in_a_list(p, x):
    total = 0.0
    for q in [p, p]:
        total += np.sum(q.value() * x) if q.name == "a" else 0.0
    return total * total


def written(p, x):
    p._w = p._w * x
    return np.sum(p.value() ** 2)


def in_a_container(d, x):
    return d["p"].value() * d["p"]._w + x * d["q"][0]._w ** 2


def made(x):
    gains = [Gain(x * x), Gain(x)]
    return gains[0].k * gains[1].k


@pytest.mark.parametrize("function", [read, in_a_list, written])
def test_arguments(function: Any) -> None:
    p = Param(X, "a")
    check_derivative(function, p, 1.5, wrt=(0, 1))
    check_derivative(grad(function, wrt=(0, 1)), p, 1.5, wrt=(0, 1))
    found = grad(function)(p, 1.5)
    assert type(found) is Param and found.name is None and found._w.shape == (2,)
    assert p._w is X


def test_containers_of_them() -> None:
    d = {"p": Param(1.3, "a"), "q": [Param(2.0, "b")]}
    check_derivative(in_a_container, d, 1.5)
    check_derivative(grad(in_a_container), d, 1.5)
    assert type(grad(in_a_container)(d, 1.5)["q"][0]) is Param


def test_objects_that_the_function_makes() -> None:
    check_derivative(made, 1.3)
    check_derivative(grad(made), 1.3)


def test_results_and_seeds() -> None:
    def f(p, x):
        return {"p": p, "v": p.value() * x}

    p = Param(X, "a")
    value, (adjoint, slope) = vjp(f, wrt=(0, 1))(p, 1.5, seed={"p": Param(X, None), "v": X})
    assert value["p"] is p and type(adjoint) is Param
    np.testing.assert_allclose(adjoint._w, X + 3.0 * X)
    np.testing.assert_allclose(slope, np.sum(2.0 * X * X))
    _, tangent = jvp(f)(p, 1.5, seed=Param(X, None))
    np.testing.assert_allclose(tangent["v"], 3.0 * X)
    np.testing.assert_allclose(tangent["p"]._w, X)


def test_saved(tmp_path: Path) -> None:
    p = Param(X, "a")
    grad(in_a_list).save(tmp_path / "saved.py", p, 1.5)
    scope: dict[str, Any] = {}
    exec((tmp_path / "saved.py").read_text(), scope)
    np.testing.assert_allclose(scope["in_a_list_grad"](p, 1.5)._w, grad(in_a_list)(p, 1.5)._w)


def test_what_is_no_part_is_refused() -> None:
    def f(p):
        return p.w * p.calls

    with pytest.raises(UnsupportedError, match="`p.calls` is no part of an array"):
        grad(f)(Counted(1.0))


def test_parts_that_are_not_the_attributes_of_an_object_made_here() -> None:
    def f(x):
        return Counted(x)

    with pytest.raises(DerivativeError, match=r"attributes \['w', 'calls'\].*registered with other parts"):
        vjp(f)(1.0, seed=Counted(1.0))


def test_derived_classes_are_classes_of_their_own() -> None:
    assert type(grad(lambda g: g.k * g.k)(Half(2.0))) is Half
    register_container(UserDict, lambda d: {"data": d.data})
    try:
        found = grad(lambda d: d.data["k"] * d.data["k"])(UserDict(k=2.0))
        assert type(found) is UserDict and found["k"] == 4.0
    finally:
        del UserDict.__tangent_sct_container__


@pytest.mark.parametrize("cls", [tuple, np.ndarray, SimpleNamespace, bool, 2.0])
def test_what_is_taken_apart_already_is_not_registered(cls: Any) -> None:
    with pytest.raises(TypeError, match="cannot be registered: it is no class, or one that is taken apart already"):
        register_container(cls)


def test_classes_written_in_c() -> None:
    with pytest.raises(TypeError, match="cannot be registered: it is written in C"):
        register_container(type(np.random.default_rng()))
    assert register_container(Fraction) is Fraction
    del Fraction.__tangent_sct_container__


def test_parts_are_named() -> None:
    class Pair:
        first = 1.0

    register_container(Pair, lambda p: [p.first])
    with pytest.raises(TypeError, match=r"`take_apart` of the registered class `.*Pair` must give a dict"):
        grad(lambda p: p.first)(Pair())
