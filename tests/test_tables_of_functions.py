"""Dicts, lists and tuples of functions, outside of the program and with lambdas in it; asserts that call some."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_products, check_rule, check_second

KERNELS = {}


def register(name):
    def keep(function):
        KERNELS[name] = function
        return function

    return keep


@register("rbf")
def rbf(d, scale):
    return np.exp(-0.5 * (d / scale) ** 2)


@register("matern")
def matern(d, scale):
    a = math.sqrt(3) * d / scale
    return (1 + a) * np.exp(-a)


STEPS = [np.sin, lambda v: v * v]
PAIRS = (np.cos, np.exp)


def by_key(x, y):
    return KERNELS["rbf"](x[0], y) * KERNELS.get("matern")(x[1], y)


def by_names(x, y):
    total = 0.0
    for name in ("rbf", "matern"):
        total += KERNELS[name](x, y)
    return np.sum(total)


def by_items(x, y):
    total = y
    for name, kernel in KERNELS.items():
        total = total * kernel(x[0], y) + len(name)
    for kernel in KERNELS.values():
        total += kernel(x[1], total)
    return total


def in_turn(x, y):
    for step in STEPS:
        x = step(x) * y
    for step in STEPS[:1] + [STEPS[1], PAIRS[0]]:
        x = x + step(x)
    return np.sum(x)


def of_lambdas(x, y):
    steps = [np.sin, lambda v: v * v, lambda v, k=2.0: v * k]
    steps.append(lambda v: v * y)
    named = {"a": np.tanh, "b": lambda v: v + 1.0}
    for step in steps:
        x = step(x)
    return np.sum(named["b"](x) * named["a"](x)) + sum(f(y) for f in named.values())


def asserted(x, y):
    f = lambda v: v * y
    assert f(x[0]) * f(2.0) > 0 and y > 0, f"not positive: {y}"
    assert f(x[1]) < 100
    return f(x[0] * x[1])


@pytest.mark.parametrize("f", [by_key, by_names, by_items, in_turn, of_lambdas, asserted], ids=lambda f: f.__name__)
def test_laws(f):
    args = (np.array([0.7, 1.2]), 1.3)
    check_products(f, args, (0, 1))
    check_second(f, args, (0, 1))


def test_an_assert_still_fails():
    with pytest.raises(AssertionError, match="not positive: -1.0"):
        grad(asserted)(np.ones(2), -1.0)


def first(v):
    return v * v


def second(v):
    return v**3


def test_another_function_in_a_table_is_seen():
    table = {"f": first}

    def f(x):
        return table["f"](x)

    df = grad(f)
    assert df(2.0) == 4.0
    table["f"] = second
    assert df(2.0) == 12.0


def test_one_more_function_in_a_table_is_seen():
    table = [first]

    def f(x):
        for step in table:
            x = step(x)
        return x

    df = grad(f)
    assert df(2.0) == 4.0
    table.append(second)
    assert df(2.0) == 6.0 * 2.0**5


def test_what_is_no_table_is_refused():
    table = {"f": first, "n": 2}

    def f(x):
        return table["f"](x)

    with pytest.raises(UnsupportedError, match="which function .* calls is not known"):
        grad(f)(2.0)


def test_a_parameter_named_seed():
    def noisy(x, seed=3):
        return np.sum(x * x * np.random.default_rng(seed).normal(size=2))

    check_rule(noisy, np.array([0.4, 0.7]), 5, wrt=[0])


CHANGING = {"f": first}
GROWING = [first]


def mutate():
    CHANGING["f"] = second
    return 1


def applied(x):
    return CHANGING["f"](x)


def grown(x):
    for step in GROWING:
        x = step(x)
    return x


def by_a_call(x):
    y = applied(x)
    mutate()
    return applied(x) * y


def by_an_alias(x):
    y = applied(x)
    other = CHANGING
    other["f"] = second
    return applied(x) * y


def by_a_store(x):
    for _ in range(2):
        x = applied(x)
        CHANGING["f"] = second
    return x


def by_an_append(x):
    x = grown(x)
    GROWING.append(second)
    return grown(x)


def by_its_order(x):
    GROWING.sort(key=lambda f: -f(2.0))
    return grown(x)


@pytest.mark.parametrize("f", [by_a_call, by_an_alias, by_a_store, by_an_append, by_its_order])
def test_tables_that_the_program_changes_are_not_followed(f, monkeypatch):
    monkeypatch.setitem(CHANGING, "f", first)
    monkeypatch.setattr(f"{__name__}.GROWING", [first, second])
    with pytest.raises(UnsupportedError):
        grad(f)(2.0)
    assert CHANGING["f"] is first
