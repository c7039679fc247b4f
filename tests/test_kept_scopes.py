"""Functions, classes, comprehensions and imports that stay in the text as they are, where variables have versions."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative
from tests.helpers import Program, listed

PROGRAMS: list[Program] = []
program = listed(PROGRAMS)
ROW = np.array([0.5, 0.7, 0.9])


@program
def function_that_returns_itself(x, p):
    for j in range(3):
        h = p[j] * x

        def inner(n, u=p[j] * p[j]):
            return inner if n else u

        h = h * inner(3)(0)
    return h * h


@program
def functions_that_return_each_other(x, p):
    for j in range(3):
        h = p[j] * x

        def first(t):
            def second():
                return first if t else second

            return second

        h = h * (1 + (first(1)() is first)) * (1 + (first(0)() is first))
    return h * h


@program
def class_that_returns_itself(x, p):
    for j in range(3):
        h = p[j] * x

        class Node:
            rate = j + 1

            def clone(self):
                return Node

        h = h * Node().clone().rate
    return h * h


@program
def variable_called_as_its_function(x, p):
    for j in range(3):
        h = p[j] * x

        def inner(n):
            inner = n + 1
            return inner

        def other(other):
            return [other + 1, inner]

        h = h * other(j)[1](j)
    return h * h


@program
def parameters_by_keyword(x, p):
    t = 7
    for k in range(3):
        t = k + 1

        def g(t, s=t):
            return t + s

        def listing(t=t):
            return [t + 1 for t in [t]]

        held = [g, listing]
        x = x * p[k] * held[1](t=4)[0] * held[0](t=3, s=k)
    return x * x * t


@program
def attributes_called_as_variables(x, p):
    v = 7
    for k in range(3):
        v = k + 1

        class Base:
            y = v

        class Derived(Base):
            v = 3
            w = v * 2
            y = Base.y * w

        x = x * p[k] * Derived.y * Derived.v
    return x * x * v


@program
def method_that_reads_what_an_attribute_is_called_as(x, p):
    v = 0
    for v in range(3):

        class Held:
            v = 5
            w = [v]

            def get(self):
                return self.v + v

        x = x * p[v] * (Held().get() + Held.w[0])
    return x * x


@program
def comprehensions_in_a_try(x, p):
    i = 5
    for k in range(3):
        try:
            i = k + 1
            w = [i * i for i in range(3)], (lambda i: i + 1)(3), tuple(i * 2 for i in range(3)), {i: i for i in [2]}
        except ValueError:
            i = 9
        x = x * p[k] * w[0][2] * w[1] * w[2][1] * w[3][2] + i
    return x * x


@program
def imports_in_a_loop(x, p):
    h = x
    for j in range(3):
        import math as m
        import os.path
        from cmath import e
        from cmath import pi as half

        h = h * p[j] * m.sin(x) * half * e * len(os.path.sep)
    return h


@program
def imports_that_fail_in_a_loop(x, p):
    h = x
    for j in range(3):
        try:
            from math import no_such_name as other

            import no_such_module
        except ImportError:
            no_such_module = other = j + 2
        h = h * p[j] * no_such_module * other
    return h * h


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_scopes_keep_the_variables_of_their_own(f: Program) -> None:
    """A definition in a loop was called otherwise than where it named itself, in the last step or in the first; what
    a comprehension in a `try` ran over was renamed, and not what read it: a NameError, or a wrong value."""
    check_derivative(f, 0.6, ROW, wrt=(0,))
    check_derivative(grad(f), 0.6, ROW, wrt=(0,))


def test_an_import_that_cannot_be_renamed_is_refused() -> None:
    def f(x):
        for _ in range(2):
            try:
                import no_such_module.part
            except ImportError:
                no_such_module = 3
            x = x * no_such_module
        return x

    told = "`import no_such_module.part` binds `no_such_module`, which is bound in another place, too"
    with pytest.raises(UnsupportedError, match=told):
        jvp(f)(0.6, seed=1.0)
