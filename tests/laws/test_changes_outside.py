"""Classes, modules, functions and arrays outside that a program changes while it runs: right, or refused.

Each program puts back what it has changed, so that it is the same function each time.
"""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, checkpointed, grad, jvp
from tests.laws.test_known_traps import difference

X = np.array([0.83, 0.61, 1.27, 0.94])
MODULE = types.ModuleType("module")


def twice(v):
    return v * 2


def patch(name, value):
    """Another function in the place of one of this module."""
    setattr(sys.modules[__name__], name, value)


class Counted:
    n = 0
    k = 3.0

    def __init__(self, v):
        type(self).n += 1
        self.v = v

    def __call__(self):
        self.__class__.n += 4
        return self.v

    def up(self):
        return self.v

    @property
    def doubled(self):
        return self.v * 2

    @staticmethod
    def thrice(v):
        return v * 3

    @classmethod
    def raised(cls, v):
        cls.n += 2
        return v * cls.n


class Heir(Counted):
    def up(self):
        return self.v * 5


UP, DOUBLED, THRICE = Counted.up, Counted.__dict__["doubled"], Counted.__dict__["thrice"]


def counted_when_made(x):
    Counted.n = 0
    a, b = Counted(x[0]), Counted(x[1])
    return a.v * b.v * Counted.n


def counted_when_called(x):
    Counted.n = 0
    a = Counted(x[0])
    return a() * a() * Counted.n


def counted_by_another_name(x):
    Counted.n = 0
    cls = Counted
    cls.n += 3
    return x[0] * Counted.n


def counted_by_an_item(x):
    Counted.n = 0
    for cls in (Counted, Heir):
        cls.n += 3
    result = x[0] * (Counted.n + 10 * Heir.n)
    del Heir.n
    return result


def counted_by_a_class_method(x):
    Counted.n = 0
    return Counted.raised(x[0]) + Counted.raised(x[1])


def a_module_by_another_name(x):
    MODULE.k = 1
    module = MODULE
    module.k = 5
    return x[0] * MODULE.k


def a_function_by_another_name(x):
    twice.n = 1
    function = twice
    function.n += 2
    return x[0] * twice.n


def an_attribute_of_the_class_read_by_an_object(x):
    Counted.k = 5.0
    a = Counted(x[0])
    result = a.k * x[1] * a.v
    Counted.k = 3.0
    return result


def a_method_that_is_replaced(x):
    Counted.up = lambda self: self.v * 7
    result = Counted(x[0]).up()
    Counted.up = UP
    return result


def a_method_that_is_replaced_and_put_back(x):
    try:
        Counted.up = lambda self: self.v * 7
        return Counted(x[0]).up()
    finally:
        Counted.up = UP


def a_property_that_is_replaced(x):
    Counted.doubled = property(lambda self: self.v * 7)
    result = Counted(x[0]).doubled
    Counted.doubled = DOUBLED
    return result


def a_static_method_that_is_replaced(x):
    setattr(Counted, "thrice", staticmethod(lambda v: v * 7))  # noqa: B010
    result = Counted.thrice(x[0]) + Counted(x[1]).thrice(x[2])
    Counted.thrice = THRICE
    return result


def a_function_of_the_module_that_is_replaced(x):
    sys.modules[__name__].twice = lambda v: v * 7
    result = twice(x[0])
    sys.modules[__name__].twice = TWICE
    return result


TWICE = twice


def an_object_of_another_class(x):
    a = Counted(x[0])
    a.__class__ = Heir
    return a.up()


def a_method_hidden_by_an_attribute(x):
    a = Counted(2.0)
    vars(a).update(up=lambda: 7.0)
    return x[0] * a.up()


def the_name_of_the_module(x):
    return x[0] * len(__name__)


def a_variable_of_the_module(x):
    return x[0] * len(globals()["__doc__"][:3]) * globals()["X"][0]


class Lazy:
    def __init__(self, v):
        self.v = v
        self.get = lambda: self.v


class Switching:
    def __init__(self):
        self.v, self.step = 1.0, self.first

    def first(self, k):
        self.v, self.step = self.v * k, self.second

    def second(self, k):
        self.v = self.v + k


def a_function_kept_by_its_object(x):
    a = Lazy(x[0])
    a.v = x[1]
    return a.get()


def functions_kept_by_their_objects(x):
    every = [Lazy(v) for v in x]
    for a in every:
        a.v = a.v * x[0]
    return sum(a.get() for a in every)


def a_method_that_replaces_itself(x):
    s = Switching()
    s.step(x[0])
    s.step(x[1])
    s.step(x[2])
    return s.v


def looked_for_in_an_iterator(x):
    it = iter([1, 2, 3])
    return x[0] * x[1] * (2 in it) + x[2] * sum(it)


class Index:
    def __init__(self):
        self.n = 0

    def __index__(self):
        self.n += 1
        return 2

    def __hash__(self):
        self.n += 1
        return 1


def a_bound_of_a_slice(x):
    o = Index()
    return x[0:o].sum() * o.n


def a_bound_of_a_range(x):
    o, s = Index(), 0.0
    for i in range(o):
        s += x[i] ** 2
    return s * o.n


def an_index_of_a_list(x):
    o = Index()
    return [x[0], x[1], x[2]][o] * o.n


def a_key(x):
    o = Index()
    held = {o: 2.0}
    return x[0] * o.n * len(held)


@pytest.mark.parametrize(
    "f",
    [
        counted_when_made, counted_when_called, counted_by_another_name, counted_by_an_item,
        counted_by_a_class_method, a_module_by_another_name, a_function_by_another_name,
        an_attribute_of_the_class_read_by_an_object, a_method_that_is_replaced,
        a_method_that_is_replaced_and_put_back, a_property_that_is_replaced, a_static_method_that_is_replaced,
        a_function_of_the_module_that_is_replaced, an_object_of_another_class, a_method_hidden_by_an_attribute,
        the_name_of_the_module, a_variable_of_the_module, a_function_kept_by_its_object,
        functions_kept_by_their_objects, a_method_that_replaces_itself, looked_for_in_an_iterator,
        a_bound_of_a_slice, a_bound_of_a_range, an_index_of_a_list, a_key,
    ],
)  # fmt: skip
def test_right_or_refused(f: Callable[..., Any]) -> None:
    expected = difference(f, (X,), 0)
    try:
        assert np.allclose(grad(f)(X), expected, rtol=1e-6, atol=1e-6)
        tangents = [jvp(f)(X, seed=direction)[1] for direction in np.eye(4)]
        assert np.allclose(tangents, expected, rtol=1e-6, atol=1e-6)
    except UnsupportedError as error:
        assert f not in SUPPORTED, str(error)


SUPPORTED = (
    counted_when_made, counted_by_another_name, a_module_by_another_name, a_function_by_another_name,
    the_name_of_the_module, a_variable_of_the_module, a_method_that_replaces_itself, looked_for_in_an_iterator,
)  # fmt: skip


@pytest.mark.parametrize(
    ("f", "reason"),
    [
        (a_method_that_is_replaced, "may be a function that the program calls, and is assigned while it runs"),
        (an_object_of_another_class, "or the code of a function is assigned, which is not supported, in any code"),
        (a_function_kept_by_its_object, "makes a function that reads attributes of the object, which may change"),
    ],
)  # fmt: skip
def test_refusals(f: Callable[..., Any], reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason):
        grad(f)(X)


# -- arrays outside ---------------------------------------------------------------------------

ONE, OTHER = np.zeros(4), np.arange(4.0)
HELD, NAMED = [np.zeros(4)], {"a": np.zeros(4)}
OBJECT = types.SimpleNamespace(a=np.zeros(4))


def begin() -> None:
    """The arrays outside as they are before a program runs."""
    for array in (ONE, HELD[0], NAMED["a"], OBJECT.a):
        array[:] = 0.0
    OTHER[:] = np.arange(4.0)


def found() -> np.ndarray:
    """The arrays outside as a program has left them."""
    return np.concatenate([ONE, OTHER, HELD[0], NAMED["a"], OBJECT.a])


def an_element(x):
    r = np.sum(ONE * x)
    ONE[0] += 1.0
    return r + np.sum(ONE * x * x)


def a_view(x):
    a = OTHER
    b = a[1:]
    b *= 2
    y = x * a
    b += 1
    return y @ a


def sorted_and_filled(x):
    r = OTHER * x
    OTHER.sort()
    OTHER[:] = 7.0
    return r @ OTHER


def in_a_loop(x):
    r, i = 0.0, 0
    while i < 3:
        r = r + OTHER[1] * x[i] ** 2
        OTHER[1] += 1
        i += 1
    return r


def of_a_list(x):
    for v in HELD:
        r = v * x
        v[2] += 1
    return np.sum(r * x) + np.sum(HELD[0] * x)


def of_a_dict(x):
    r = NAMED["a"] * x
    NAMED["a"][1] += 2
    return np.sum(r * r) + np.sum(NAMED["a"] * x)


def of_an_object(x):
    r = OBJECT.a * x
    OBJECT.a[1] += 2
    return np.sum(r * r) + np.sum(OBJECT.a * x)


def in_a_function(x):
    def scaled(v):
        OTHER[0] += 1.0
        return v * OTHER[0]

    return scaled(scaled(x[0])) + scaled(x[1]) * x[2]


@pytest.mark.parametrize(
    "f", [an_element, a_view, sorted_and_filled, in_a_loop, of_a_list, of_a_dict, of_an_object, in_a_function]
)
def test_arrays_outside_are_left_as_the_program_leaves_them(f: Callable[..., Any]) -> None:
    def started(x: np.ndarray) -> Any:
        begin()
        return f(x)

    expected = np.array([(started(X + 1e-6 * d) - started(X - 1e-6 * d)) / 2e-6 for d in np.eye(4)])
    begin()
    f(X)
    left = found()
    begin()
    assert np.allclose(grad(f)(X), expected, rtol=1e-6, atol=1e-6)
    assert np.array_equal(found(), left)
    begin()
    jvp(f)(X, seed=np.ones(4))
    assert np.array_equal(found(), left)


# -- variables of modules, of classes and of functions ----------------------------------------


class Shared:
    rates = np.array([1.0, 2.0, 3.0, 4.0])
    table = {"a": 2.0}  # noqa: RUF012

    def __init__(self, k):
        self.k = k

    def run(self, x):
        self.rates[:] = self.k
        y = self.rates * x
        self.rates[:] = [1.0, 2.0, 3.0, 4.0]
        return np.sum(y * self.rates)


MODULE.rates, MODULE.table = np.array([1.0, 2.0, 3.0, 4.0]), {"a": 2.0}
twice.rates = np.array([1.0, 2.0, 3.0, 4.0])


def raise_the_rates():
    MODULE.rates[0] += 8.0


def lower_the_rates():
    MODULE.rates[0] = 1.0


def of_a_module(x):
    MODULE.rates[0] = 5.0
    r = np.sum(MODULE.rates * x)
    MODULE.rates[0] = 1.0
    return r


def of_a_module_by_another_name(x):
    rates = MODULE.rates
    y = rates[0] * x[0]
    rates[0] = 4.0
    z = MODULE.rates[0] * x[1]
    rates[0] = 1.0
    return y * z


def of_a_function(x):
    y = twice.rates[1] * x[0] ** 2
    twice.rates[1] = 5.0
    z = twice.rates[1] * x[1] ** 2
    twice.rates[1] = 2.0
    return y * z


def changed_by_a_function(x):
    r = 0.0
    for _ in range(3):
        r += np.sum(MODULE.rates * x * x)
        raise_the_rates()
    lower_the_rates()
    return r


def of_a_class(x):
    r = 0.0
    for i in range(3):
        Shared.rates[i] += 1.0
        r += np.sum(Shared.rates * x * x)
    Shared.rates[:3] -= 1.0
    return r


def of_a_class_by_an_object(x):
    p = Shared(1.0)
    p.rates[1] = 7.0
    r = np.sum(Shared.rates * x)
    p.rates[1] = 2.0
    return r


def a_dict_of_a_class_by_its_objects(x):
    p, q = Shared(1.0), Shared(1.0)
    p.table["a"] += 1.0
    r = q.table["a"] * x[0]
    p.table["a"] = 2.0
    return r


def a_buffer_of_a_class(x):
    s = Shared(3.0)
    return s.run(x) * s.run(x[::-1])


def filled_by_numpy(x):
    np.add(Shared.rates, 1.0, out=Shared.rates)
    r = np.sum(Shared.rates * x)
    Shared.rates -= 1.0 if x is None else np.ones(4)
    return r


def filled_by_calls(x):
    MODULE.rates.fill(2.0)
    r = np.sum(MODULE.rates * x * x)
    np.copyto(MODULE.rates, 3.0)
    r *= np.sum(MODULE.rates * x)
    np.multiply(MODULE.rates, 2.0, out=MODULE.rates)
    r *= np.sum(MODULE.rates * x)
    np.add.at(MODULE.rates, [0, 0], 1.0)
    r *= np.sum(MODULE.rates * x)
    MODULE.rates[:] = [1.0, 2.0, 3.0, 4.0]
    return r


def items_of_a_module(x):
    r = MODULE.table["a"] * x[0] ** 2
    MODULE.table["a"] = 4.0
    r *= MODULE.table["a"] * x[1]
    MODULE.table["a"] = 2.0
    return r


def checkpoints_beside_an_array(x):
    s = x[0]
    for i in checkpointed(range(4), snapshots=2):
        s = np.sin(s * ONE[i]) + x[1]
        ONE[i] += 1.0
    ONE[:] = 0.0
    return s


def checkpoints_beside_a_module(x):
    s = x[0]
    for i in checkpointed(range(4), snapshots=2):
        s = np.sin(s * MODULE.rates[i]) + x[1]
        MODULE.rates[i] += 1.0
    MODULE.rates[:] = [1.0, 2.0, 3.0, 4.0]
    return s


def a_module_that_an_object_holds(x):
    box = types.SimpleNamespace(module=MODULE)
    box.module.rates.fill(3.0)
    r = np.sum(MODULE.rates * x * x)
    np.copyto(box.module.rates, [1.0, 2.0, 3.0, 4.0])
    return r


def classes_and_modules_in_a_loop(x):
    for held in (Shared, MODULE):
        held.rates[1] += 2.0
    r = np.sum(Shared.rates * x * x) * np.sum(MODULE.rates * x)
    for held in (Shared, MODULE):
        held.rates[1] = 2.0
    return r


def a_class_that_a_dict_holds(x):
    held = {"cls": Shared}
    held["cls"].rates[0] = 3.0
    r = np.sum(Shared.rates * x * x)
    held["cls"].rates[0] = 1.0
    return r


def an_object_of_a_class_whose_variable_changes(x):
    p = Shared(1.0)
    r = np.sum(p.rates * x * x)
    np.copyto(p.rates, 6.0)
    r *= np.sum(p.rates * x)
    Shared.rates[:] = [1.0, 2.0, 3.0, 4.0]
    return r


def test_an_object_that_shares_what_its_class_holds_is_not_kept() -> None:
    with pytest.raises(UnsupportedError, match="holds a module or a class, or shares what its class holds"):
        grad(an_object_of_a_class_whose_variable_changes)(X)


@pytest.mark.parametrize(
    "f",
    [
        a_module_that_an_object_holds, classes_and_modules_in_a_loop, a_class_that_a_dict_holds,
        an_object_of_a_class_whose_variable_changes,
        filled_by_calls, items_of_a_module, checkpoints_beside_an_array, checkpoints_beside_a_module, of_a_module,
        of_a_module_by_another_name, of_a_function, changed_by_a_function, of_a_class, of_a_class_by_an_object,
        a_dict_of_a_class_by_its_objects, a_buffer_of_a_class, filled_by_numpy,
    ],
)  # fmt: skip
def test_variables_outside_are_read_as_they_were(f: Callable[..., Any]) -> None:
    test_right_or_refused(f)
    with contextlib.suppress(UnsupportedError):
        grad(f)(X)
        assert MODULE.rates.tolist() == Shared.rates.tolist() == twice.rates.tolist() == [1.0, 2.0, 3.0, 4.0]
