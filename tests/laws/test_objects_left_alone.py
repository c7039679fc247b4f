"""What the compiler never asks: whether objects of the user are equal, what their hash is, their length, their truth.

Their classes answer as they like: with an error, where they expect others of their own kind, or with `True`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp
from tangent_sct.core.identity import asks_nothing, entry_of, is_one_of
from tangent_sct.testing import check_derivative

X = np.array([0.83, 0.61, 1.27])


class Silent:
    """Answers to nothing but calls, methods and attributes."""

    def __init__(self, k):
        self.k = k

    def _asked(self, *_, **__):
        raise AssertionError("the compiler asked an object of the user")

    __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = __bool__ = __len__ = __iter__ = __contains__ = _asked
    __repr__ = __str__ = __format__ = __int__ = __float__ = __index__ = __reduce__ = __reduce_ex__ = _asked
    __copy__ = __deepcopy__ = _asked
    __hash__ = None
    __array_ufunc__ = None

    def __call__(self, v):
        return v * v * self.k

    def scaled(self, v):
        return np.sin(v) * self.k

    @staticmethod
    def tripled(v):
        return v * 3.0

    @property
    def doubled(self):
        return self.k * 2.0

    def __getitem__(self, i):
        return self.k * (i + 1.0)


class WithHash(Silent):
    """Its hash is what it does not tell."""

    __hash__ = Silent._asked


C, D = Silent(0.7), WithHash(1.3)
HELD = type("Held", (), {"c": C})()


def used(f, v):
    return f(v) + f(v * 0.5)


def method_used(o, v):
    return o.scaled(v) + o.k


def called(x):
    return C(x[0]) + D(x[1])


def methods(x):
    return C.scaled(x[0]) * D.scaled(x[1]) + D.tripled(x[2])


def attributes(x):
    return C.doubled * x[0] + D.k * x[1] + getattr(C, "k") * x[2]  # noqa: B009


def items(x):
    return C[0] * x[0] + D[1] * x[1]


def handed_on(x):
    return used(C, x[0]) + method_used(D, x[1]) + used(D.scaled, x[2])


def by_keyword(x):
    return used(f=D, v=x[0])


def held_by_another(x):
    return HELD.c.scaled(x[0]) + HELD.c(x[1])


def by_default(x, c=C):
    return c.scaled(x[0]) + c(x[1])


def compared_by_identity(x):
    return x[0] * x[1] * (C is D) + x[1] * x[2] * (C is not None)


def mapped(x):
    return sum(map(C, x)) + sum(map(D.scaled, x))


def in_lambda(x):
    g = lambda v: C(v) + D.scaled(v)  # noqa: E731
    return g(x[0]) + functools.partial(used, C)(x[1])


def of_its_class(x):
    return x[0] * x[1] if isinstance(C, Silent) else x[2]


def in_a_while_loop(x):
    t, i = x[0], 0
    while i < 3:
        t = C(t) + x[1]
        i += 1
    return t


def returned(x):
    def pick():
        return C

    return pick()(x[0]) + pick().scaled(x[1])


def one_of_two(x):
    c = C if x[0] > 0 else D
    return c(x[0])


def made_inside(x):
    c = Silent(x[0])
    d, e = c, {"a": Silent(x[2])}
    c.k = c.k * x[1]
    return d(x[1]) + e["a"].scaled(x[0]) + d.doubled


def in_a_list(x):
    t = 0.0
    for c in [Silent(x[0]), Silent(x[1] * 2.0)]:
        t = t + c(x[2]) * c.k
    return t


def operand(x):
    return x[0] * C


def in_a_table(x):
    return {"a": C, "b": D}["b"](x[0])


FOLLOWED = [
    called, methods, attributes, items, handed_on, by_keyword, held_by_another, by_default, compared_by_identity,
    mapped, in_lambda, of_its_class, in_a_while_loop, returned, one_of_two, made_inside, in_a_list, in_a_table,
]  # fmt: skip


@pytest.mark.parametrize("function", FOLLOWED)
def test_objects_are_asked_nothing(function: Callable[..., Any]) -> None:
    check_derivative(function, X)
    d = grad(function)
    d(X)
    assert "asked" not in d.source


def test_refusals_ask_nothing() -> None:
    with pytest.raises((UnsupportedError, DerivativeError), match="its class may compute what it likes"):
        grad(operand)(X)


def test_arguments_are_asked_nothing() -> None:
    def function(x, c, held):
        return c(x[0]) + held["c"].scaled(x[1])

    np.testing.assert_allclose(
        grad(function)(X, C, {"c": D}), [2 * C.k * X[0], D.k * np.cos(X[1]), 0.0], rtol=1e-12
    )


@dataclass(frozen=True)
class Named:
    """Equal to others of its name, whatever its weight."""

    name: str
    w: float = field(compare=False)

    def __call__(self, x):
        return x * x * self.w

    def scaled(self, x):
        return x * self.w


def test_equal_objects_are_different_functions() -> None:
    """The derivative of the first was handed out for the second."""
    first, second = Named("a", 2.0), Named("a", 3.0)
    assert first == second
    assert grad(first)(1.5) == 6.0
    assert grad(second)(1.5) == 9.0
    assert grad(first.scaled)(1.5) == 2.0
    assert grad(second.scaled)(1.5) == 3.0
    assert jvp(first)(1.5, seed=1.0)[1] == 6.0
    assert jvp(second)(1.5, seed=1.0)[1] == 9.0


def test_identity() -> None:
    assert is_one_of(max, (min, max))
    assert is_one_of([].append, ([].append, max)) is False
    assert not is_one_of(C, (min, max))
    assert not is_one_of(D, {min: 1})
    assert not is_one_of((C,), (min, max))
    assert is_one_of(np.add.at, (np.add.at,))
    assert entry_of(D, {min: 1}) is None
    assert asks_nothing(functools.partial(len))
    assert not asks_nothing(Named("a", 1.0))
