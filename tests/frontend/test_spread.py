"""Arguments that a call spreads are written out, where the function tells how many there are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative

x = np.array([0.4, 1.3, -0.8])


def line(t: Any, a: Any, b: Any) -> Any:
    return a * t * t + b * t


def scaled(t: Any, a: Any, b: Any = 2.0, c: Any = 3.0) -> Any:
    return a * t + b * t * t * c


def root(function: Any, start: Any, args: Any = ()) -> Any:
    """As solvers hand on the parameters of what they solve."""
    t = start
    for _ in range(3):
        t = t - 0.1 * function(t, *args)
    return t


def solved(start: Any, a: Any, b: Any) -> Any:
    return root(line, start, (a, b))


def solved_by_one_defined_inside(start: Any, a: Any, b: Any) -> Any:
    def inner(t: Any, p: Any, q: Any) -> Any:
        return a * p * t + q

    return root(inner, start, args=(b, a))


def pairs(points: Any) -> Any:
    return sum(line(0.5, *pair) for pair in points)


def between(point: Any) -> Any:
    return line(*point, 2.0)


def defaults(t: Any, more: Any) -> Any:
    return scaled(t, *more)


def rows(a: Any) -> Any:
    return np.sum(np.hypot(*a))


def by_name(t: Any, more: Any) -> Any:
    return scaled(t, *more, c=t)


def written_out(t: Any, a: Any) -> Any:
    return line(*[t, a], t) + scaled(*(t,), **{"a": a, "b": t * a})


@pytest.mark.parametrize(
    "f, args",
    [
        (written_out, (0.7, 1.1)),
        (solved, (0.7, 1.1, 0.3)),
        (solved_by_one_defined_inside, (0.7, 1.1, 0.3)),
        (pairs, ([(1.0, 2.0), (0.5, -1.0)],)),
        (between, ([1.0, 2.0],)),
        (defaults, (0.7, (1.1,))),
        (defaults, (0.7, (1.1, 0.3))),
        (defaults, (0.7, [1.1, 0.3, 0.9])),
        (rows, (np.array([[1.0, 2.0], [0.3, -0.4]]),)),
        (by_name, (0.7, (1.1, 0.3))),
    ],
)
def test_derivatives(f: Any, args: Any) -> None:
    check_derivative(f, *args)


def test_what_kinds_decide_is_not_in_the_text() -> None:
    text = grad(defaults, wrt=("t", "more")).source_for(0.7, (1.1, 0.3))
    assert "if" not in text and "len" not in text
    assert "more[0]" in text


def test_a_number_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(TypeError, match="expected 1 or 2 or 3 arguments to spread"):
        grad(defaults)(0.7, (1.0, 2.0, 3.0, 4.0))
    with pytest.raises(TypeError, match="expected 2 arguments to spread"):
        grad(between)([1.0, 2.0, 3.0])


def unknown(values: Any) -> Any:
    return math.hypot(*values)


def by_keywords(t: Any, more: Any) -> Any:
    return anything(t, **more)


def anything(t: Any, **more: Any) -> Any:
    return t * sum(more.values())


@pytest.mark.parametrize(
    "f, args, caret",
    [
        (unknown, ([1.0, 2.0],), "*values"),
        (by_keywords, (1.0, {"a": 2.0}), "more"),
    ],
)
def test_what_is_refused(f: Any, args: Any, caret: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(*args)
    error = caught.value
    assert error.reason == "active data is spread over the arguments of a call, so that their number is unknown"
    assert error.hint == "write the arguments out"
    origin = error.origin
    assert origin is not None and origin.line > f.__code__.co_firstlineno
    assert origin.text[origin.column : origin.end_column] == caret


def spring(t: Any, k: Any, rest: Any = 0.5, *, damping: Any = 1.0) -> Any:
    return k * (t - rest) ** 2 * damping


class Spring:
    def __init__(self, k: Any) -> None:
        self.k = k

    def energy(self, t: Any, rest: Any = 0.0) -> Any:
        return self.k * (t - rest) ** 2


def a_literal(t: Any) -> Any:
    return spring(t, **{"k": t * 2.0}) * spring(2.0, **{"rest": t}, k=3.0)


def a_variable(t: Any) -> Any:
    options = dict(k=t, damping=t * t)  # noqa: C408
    return spring(t, **options)


def one_that_grows_on_one_path(t: Any) -> Any:
    options = {"k": t}
    if t > 0.5:
        options["rest"] = t * t
    return spring(2.0, **options)


def methods_and_functions_defined_inside(t: Any) -> Any:
    def scale(v: Any, by: Any = t) -> Any:
        return v * by

    options = {"rest": t * t}
    return scale(2.0, **{"by": t * t}) * Spring(t).energy(3.0, **options)


def handed(t: Any, options: Any) -> Any:
    return spring(t, **options) + np.sum(spring(np.array([t, 1.0]), **options))


@pytest.mark.parametrize(
    "f", [a_literal, a_variable, one_that_grows_on_one_path, methods_and_functions_defined_inside],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_keywords_are_spread(f: Any) -> None:
    check_derivative(f, 0.9)
    check_derivative(grad(f), 0.9)


def test_a_dict_that_is_an_argument_is_spread() -> None:
    for options in ({"k": 2.0}, {"damping": 0.7, "k": 1.3}, {"rest": 0.1, "k": 1.3, "damping": 2.0}):
        check_derivative(handed, 0.9, options)
    text = grad(handed).source_for(0.9, {"k": 2.0})
    assert "count" not in text and " if " not in text, "kinds tell the keys"


def test_keywords_that_do_not_fit() -> None:
    with pytest.raises(TypeError, match="unexpected keyword arguments; expected some of k, rest, damping"):
        grad(handed)(0.9, {"k": 2.0, "mass": 1.0})
    with pytest.raises(Exception, match="k"):
        grad(handed)(0.9, {"rest": 2.0})


def test_keywords_that_nobody_knows_are_refused() -> None:
    def total(v: Any, **options: Any) -> Any:
        return v * sum(options.values())

    def f(t: Any) -> Any:
        options = {"a": t}
        return total(t, **options)

    with pytest.raises(UnsupportedError, match="spread over the arguments") as caught:
        grad(f)(0.9)
    assert caught.value.hint == "write the arguments out"


def collecting(a: Any, *rest: Any, k: Any = 1.0) -> Any:
    return sum(rest) * a * k + len(rest) * a


class Polynomial:
    def __init__(self, *c: Any) -> None:
        self.c = list(c)

    def __call__(self, x: Any) -> Any:
        total = 0.0
        for a in reversed(self.c):
            total = total * x + a
        return total


def grown(t: Any) -> Any:
    values = []
    for k in range(3):
        values.append(t * k + 1.0)  # noqa: PERF401
    return values


def all_of_them(t: Any) -> Any:
    return collecting(*grown(t))


def the_rest(t: Any) -> Any:
    return collecting(t, *grown(t), k=t)


def some_written_out(t: Any) -> Any:
    return collecting(t, t * 2.0, *grown(t), k=t)


def of_an_object(t: Any) -> Any:
    return Polynomial(*grown(t))(t) * Polynomial(t, *grown(t))(2.0)


def of_a_function_inside(t: Any) -> Any:
    def product(*c: Any) -> Any:
        return c[0] * c[-1] + len(c) * t

    return product(*grown(t))


@pytest.mark.parametrize("f", [all_of_them, the_rest, some_written_out, of_an_object, of_a_function_inside])
def test_what_is_collected_may_be_of_any_number(f: Any) -> None:
    check_derivative(f, 0.7)
    check_derivative(grad(f), 0.7)


def first_of(u: Any, *rest: Any) -> Any:
    return u if not rest else u * sum(rest)


def passed_on(*rest: Any, **named: Any) -> Any:
    return first_of(*rest, 0.7) + sum(named.values())


def by_default(a: Any, b: Any = 2.0, *rest: Any, k: Any = 1.0) -> Any:
    return a * b * k + sum(rest) * a + len(rest)


def chained(a: Any, *rest: Any) -> Any:
    return a if not rest else np.sin(a) * chained(*rest) + chained(*rest[:-1], a)


def behind(t: Any) -> Any:
    return collecting(t, *grown(t), t) * first_of(*grown(t), 0.7, t)


def handed_on(t: Any) -> Any:
    return passed_on(*grown(t)) * passed_on(t, t * t, k=t)


def several(t: Any) -> Any:
    return first_of(t, *grown(t), 0.5, *grown(t * t), t) * scaled(t, *grown(t)[:1], *grown(t)[1:])


def where_some_are_by_default(t: Any) -> Any:
    few = by_default(*grown(t)[:1], k=t) * by_default(*grown(t)[:2], t) * by_default(t, *grown(t)[:0])
    return few * by_default(*grown(t)) * scaled(t, *grown(t)[:1], c=t)


def of_methods(t: Any) -> Any:
    polynomial = Polynomial(*grown(t), t)
    polynomial.c.append(t)
    return polynomial(t) * (lambda u, *rest: u * len(rest) + sum(rest))(*grown(t), t)


def of_what_has_no_indices(t: Any) -> Any:
    of = {"a": t, "b": t * t}
    listed = first_of(*of.values(), t) * line(t, *of.values()) * line(*(k * t for k in range(1, 4)))
    return listed * first_of(*map(math.sin, grown(t)), t) * line(*reversed(grown(t)))


def evaluated_in_turn(t: Any) -> Any:
    values = grown(t)

    def doubled() -> Any:
        values.append(values[0] * t)
        return values[-1]

    return first_of(*values, values.pop()) * first_of(*values, doubled(), *values)


@pytest.mark.parametrize(
    "f",
    [
        behind, handed_on, several, where_some_are_by_default, of_methods, of_what_has_no_indices, evaluated_in_turn,
    ],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_what_is_spread_is_joined_with_what_stands_beside_it(f: Any) -> None:
    """Such calls were refused, but for one spread at the end that `*args` collects.

    The last of them had a wrong value: a list was spread after what changes it had been called.
    """
    check_derivative(f, 0.7)
    check_derivative(grad(f), 0.7)


def test_a_function_that_calls_itself_with_what_it_collects() -> None:
    check_derivative(lambda x: chained(*x, x[0]), x)


def written_through(a: Any) -> Any:
    def scale(first: Any, *rest: Any) -> Any:
        for row in rest:
            row *= first
        return rest

    rows = a * 2.0
    kept = scale(*rows, rows[0])
    kept[-1][0] *= 3.0
    return np.sum(rows * rows)


def test_what_is_collected_is_the_very_memory_that_is_spread() -> None:
    check_derivative(written_through, np.arange(6.0).reshape(2, 3) * 0.3 + 0.3)


def test_an_item_that_is_not_there_has_no_adjoint() -> None:
    """It was said that the derivative of the container is not followed; no run ever reads that item."""

    def f(t: Any) -> Any:
        values = [t, t * t]
        return values[2] * values[1] if t > 3.0 else values[0] * values[1]

    check_derivative(f, 0.7)
    check_derivative(grad(f), 0.7)
