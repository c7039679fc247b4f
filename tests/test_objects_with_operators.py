"""Objects whose class says what operators do: made of constants, of several classes, in lists that mix them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_sct import grad
from tangent_sct.testing import check_derivative
from tests.helpers import Program, checked

FIRST: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
program = checked(FIRST, SECOND)


class Term:
    def __init__(self, w, b=0.1):
        self.w, self.b = w, b

    def __call__(self, v):
        return np.sin(self.w * v) + self.b

    def __add__(self, other):
        return Term(self.w + (other.w if isinstance(other, Term) else 2.0 * other), self.b)

    __radd__ = __add__

    def __mul__(self, k):
        return type(self)(self.w * k, self.b)

    def __rmul__(self, k):
        return Term(0.5 * self.w * k, self.b)

    def __getitem__(self, k):
        return (self.w, self.b)[k] * 1.5

    def __len__(self):
        return 2

    def changed(self, k):
        self.w = self.w * np.cos(k)
        return self


class Bent(Term):
    def __init__(self, w, b=0.2):
        super().__init__(0.5 * w, b)
        self.rate = w

    def __call__(self, v):
        return super().__call__(v) * self.rate

    def __getitem__(self, k):
        return super().__getitem__(k) + 1.0


@program(0.7)
def constants_times_what_varies(x):
    terms = [Term(0.7, 0.3), Bent(0.4)]
    terms = [t * x for t in terms]
    return terms[0].w + terms[1](x)


@program(0.7)
def a_constant_whose_product_nothing_reads(x):
    terms = [Term(0.7, 0.1), Bent(0.3)]
    terms = [t * x for t in terms]
    return x * x


@program(0.7)
def appended_objects_of_several_classes(x):
    grown = []
    for t in [Term(0.7, x), Bent(x)]:
        grown.append(t * x)
    return grown[0].w + grown[1](x) + sum(t.w for t in grown)


@program(0.7)
def appended_and_changed(x):
    one, other = Term(x), Bent(x * x, x)
    grown = []
    for i in range(3):
        grown.append(other if i % 2 else one)
        one.changed(x)
    grown[-1].w = grown[-1].w * x
    total = x
    for t in reversed(grown):
        total = total + t(x) * one.w
    return total * other.w


@program(0.7)
def asked_for_its_class(x):
    terms = [Term(0.7, x), Bent(x)]
    both = terms[0] + terms[1]
    return both.w * x + (terms[0] + x).w


@program(0.7, np.array([0.3, 0.6, 0.8]))
def beside_a_class_of_numbers(x, t):
    terms = [Bent(0.7, x), Term(0.7, 0.3)]
    np.place(t, t > 0.5, t[::-1] * 1.0)
    both = terms[0] + Term(0.7, 0.3)
    return t.sum() * both.w * x * both.b


@pytest.mark.parametrize(("f", "args"), FIRST, ids=lambda p: getattr(p, "__name__", ""))
def test_programs(f: Program, args: tuple[Any, ...]) -> None:
    """Objects were lost where they are made of constants or appended by class, and refused when the text ran."""
    check_derivative(f, *args)


@pytest.mark.parametrize(("f", "args"), SECOND, ids=lambda p: getattr(p, "__name__", ""))
def test_derivatives_of_gradients(f: Program, args: tuple[Any, ...]) -> None:
    check_derivative(grad(f), *args)
