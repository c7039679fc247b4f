"""Generators, endless counting, `match` and `del` on differentiated data, by law and by text."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import checkpointed, grad, jvp
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.testing import check_derivative
from tests.test_tries import both_modes

PROGRAMS: list[Callable[..., float]] = []
LOG: list[str] = []


def law(function: Callable[..., float]) -> Callable[..., float]:
    """Check the derivatives of a function of two numbers."""
    PROGRAMS.append(function)
    return function


def walk(n, h):
    t = 0.0
    for i in range(n):
        t = t + h * h * (i + 1)
        yield t


def newton(x):
    y = x
    while True:
        y = y - (y * y - 2.0) / (2.0 * y)
        yield y


def pairs(a, b):
    yield a, b
    yield b * a, a
    yield from zip([a, b], [b, a * a], strict=True)


def until(x, y):
    yield from walk(2, x)
    if y > 0.0:
        return
    yield y


@law
def looped(x, y):
    total = 0.0
    for v in walk(4, x):
        total = total + v * y
    return total


@law
def endless_left(x, y):
    total = 0.0
    for k, v in enumerate(newton(abs(x) + 1.0), 1):
        total += v * y
        if k > 4:
            break
    else:
        total = 0.0
    return total + v


@law
def used_up(x, y):
    return sum(walk(3, x)) * y + max(list(walk(2, y))) + np.sum(np.array(list(walk(3, x * y))))


@law
def unpacked(x, y):
    a, b, c = walk(3, x * y)
    return a * b + c + np.dot(np.array([1.0 * v for v in walk(2, y)]), np.array([1.0, x]))


@law
def continued(x, y):
    s = 1.0
    for a, b in pairs(x, y):
        if a * b < 0.0:
            continue
        s = s * (a + b * 0.5)
    return s


@law
def returned(x, y):
    for v in until(x, y):
        if v > 2.0:
            return v * y
        y = y + v
    return y * x


@law
def inner(x, y):
    def scaled(n):
        for v in walk(n, x):
            yield v * y

    return sum(scaled(3)) + [w * w for w in scaled(2)][1]


@law
def kept(x, y):
    g = (v * v for v in [x, y, x * y])
    h = walk(3, x)
    s = sum(g) * y
    for v in h:
        for w in walk(2, v * 0.1):
            if w > 3.0:
                break
            s += w * x
    return s


@law
def zipped(x, y):
    s = 0.0
    for v, w in zip(walk(3, x), [y, x, 1.0], strict=True):
        s += v * w
    return s


@law
def with_else(x, y):
    s = 0.0
    while s < 3.0:
        for v in walk(3, abs(x) + 0.1):
            s += v * v + 0.1 * y * y
            if s > 2.0:
                break
        else:
            s = s + x * x + 1.0
    return s


@law
def written(x, y):
    a = np.zeros(3)
    i = 0
    for v in walk(3, x):
        a[i] = v * y
        i += 1
    return np.sum(a * a)


@law
def counted(x, y):
    s = 0.0
    for t in itertools.count(x, 0.5):
        if t > 4.17:
            break
        if t < 0:
            continue
        s += t * y
    for i in itertools.count(step=2):
        if i > 5:
            break
        s *= x + i
    return s


@law
def taken_apart(x, y):
    p = (x, y * x)
    match p:
        case (0.0, b):
            z = b
        case (a, b, c):
            z = a * b * c
        case (a, b) if a > b:
            z = a * a * b
        case (a, b):
            z = a - b * b
    match ("go", [x, (y, z)]):
        case ("stop", v):
            return v
        case ("go", [a, (b, *c)]) as whole:
            return a * b + c[0] * whole[1][0]


@law
def by_class(x, y):
    match x:
        case float(v) if v > 1.0:
            z = v * v
        case float() | int():
            z = x * y * y
        case _:
            z = 0.0
    match {"k": x * z, "m": 2}:
        case {"k": v, "n": w}:
            return v * w
        case {"k": v, "m": 2}:
            return v * y
        case _:
            return 0.0


@law
def no_sequence(x, y):
    match np.array([x, y]):
        case [_, _]:
            return 0.0
        case a:
            return np.sum(a * a * x)


@law
def deleted(x, y):
    parts = [x, y, x * y, y * y]
    for _ in range(2):
        parts.append(parts[0] * y)
        del parts[0]
    del parts[-1], parts[0]
    return parts[0] * parts[-1] * x


@pytest.mark.parametrize("function", PROGRAMS, ids=lambda function: function.__name__)
def test_both_modes_and_both_orders(function: Callable[..., float]) -> None:
    for place in ((2.35, 1.7), (0.6, 2.1), (-1.2, 0.7), (1.6, -2.2)):
        both_modes(function, *place)
        both_modes(grad(function, wrt="x"), *place)


def test_the_body_of_the_loop_stands_where_the_generator_yields() -> None:
    def noisy(x):
        LOG.append("first")
        yield x
        LOG.append("second")
        yield x * x

    def f(x):
        total = 0.0
        for v in noisy(x):
            LOG.append("used")
            total += v
        return total

    LOG.clear()
    assert grad(f)(3.0) == 7.0
    assert LOG == ["first", "used", "second", "used"]


def test_an_array_that_changes_under_a_generator() -> None:
    def items(x):
        for i in range(len(x)):
            yield x[i]

    def f(x):
        total = 0.0
        for v in items(x):
            total += v * v
            x[:] = x * 0.5
        return total

    check_derivative(f, np.array([0.7, -0.4, 1.3]))


def in_try(x):
    try:
        yield x
    finally:
        pass


def runs_in_try(x):
    total = 0.0
    for v in in_try(x):
        total += v
    return total


def sends(x):
    y = yield x
    yield y


def runs_sender(x):
    total = 0.0
    for v in sends(x):
        total += v
    return total


def interleaved(x):
    total = 0.0
    for v, _ in zip(newton(x), range(3), strict=False):
        total += v
    return total


def stepped(x):
    g = walk(3, x)
    return next(g) + next(g)


@pytest.mark.parametrize(
    ("function", "line", "reason", "hint"),
    [
        (runs_in_try, "yield x", "a generator yields in a `try` or `with`, or uses", "make a list"),
        (runs_sender, "y = yield x", "a generator yields in a `try` or `with`, or uses", "make a list"),
        (interleaved, "for v, _ in zip(", "a generator is run through while something else is", "write a `for`"),
        (stepped, "g = walk(3, x)", "`walk` is called on values to be differentiated, but `walk` is a", "collect"),
    ],
    ids=lambda item: getattr(item, "__name__", ""),
)
def test_refused(function: Any, line: str, reason: str, hint: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        grad(function).source_for(0.5)
    error = caught.value
    assert error.reason.startswith(reason)
    assert error.hint is not None and error.hint.startswith(hint)
    assert error.origin is not None and error.origin.text.strip().startswith(line)
    assert error.origin.file == __file__


class Table:
    def __init__(self, values):
        self.values = values

    def __iter__(self):
        return iter(self.values)


def first_of_table(x):
    table = Table([x, 1.0])
    first, _ = table
    return first


def test_a_generator_beside_a_call_that_is_read_on_its_own() -> None:
    """What the other function calls so was taken for the list of this one's items, whose tangents were zero."""

    def f(x):
        h = first_of_table(np.zeros(4))
        return np.cos(sum(u for u, _ in itertools.pairwise(x**2))) + h

    check_derivative(f, np.linspace(0.3, 1.2, 12).reshape(3, 4))


def halved(x, n):
    for _ in range(n):
        x = 0.5 * x
        yield x


def row_sums(rows):
    for i in range(len(rows)):
        yield rows[i].sum()


def filled(buffer):
    for i in range(len(buffer)):
        buffer[i] = i + 1.0
        yield i


def items_written_into(x):
    for y in halved(np.ones(3), 3):
        y[1] -= 3.0
    return x * x * y.sum()


def what_items_come_from_written_into(x):
    rows, total = np.ones((3, 3)), 0.0
    for s in row_sums(rows):
        rows[-1] += s
        total += s * x * x
    return total


def what_the_generator_writes_read(x):
    buffer, total = np.zeros(3), 0.0
    for _ in filled(buffer):
        total += x * x * buffer.sum()
    return total


@pytest.mark.parametrize(
    "f", [items_written_into, what_items_come_from_written_into, what_the_generator_writes_read]
)
def test_a_loop_and_its_generator_see_what_the_other_writes(f: Callable[..., Any]) -> None:
    """All items were listed before the loop, where they carry no derivative."""
    check_derivative(f, 0.7)
    assert "list(" not in grad(f).source_for(0.7)


def test_items_that_are_made_while_a_loop_writes_into_what_they_are_made_of() -> None:
    def f(x):
        rows = np.ones((3, 3))
        for s in map(np.sum, rows):
            rows[-1] += s
            x = x * s
        return x

    check_derivative(f, 0.7)


def test_an_endless_iterator_that_a_loop_leaves() -> None:
    def f(x):
        for k in itertools.cycle((1.5, 2.0)):
            x = x * k
            if x > 30.0:
                break
        return x

    check_derivative(f, 0.7)


def test_a_loop_in_turn_that_is_checkpointed_is_refused() -> None:
    def f(x, a):
        for v in checkpointed(map(np.sum, a), snapshots=2):
            x = np.sin(x * v)
            a += 1.0
        return x

    with pytest.raises(UnsupportedError) as error:
        grad(f, 0)(0.7, np.ones((3, 2)))
    assert error.value.reason.startswith("what a loop runs over is listed before it, and its items may depend on")
    assert "for v in checkpointed(" in str(error.value.text)
    assert error.value.hint == "if all items are meant as they are before the loop, write so: items = list(...)"


def test_loops_over_generators_after_an_exit() -> None:
    """Behind a `return` or a `break` in a branch, a loop over a generator was left out: the value was wrong, too.

    The variables of the loop are declared before it, and what was said of the declaration alone was taken to hold for
    the `if` around the loop.
    """

    def after_a_return(x, n):
        y = x
        if x > 3.0:
            if n:
                return y
        for k in walk(2, y):
            y = y * k + x
        return y

    def after_a_break(x, n):
        y = x
        for i in range(2):
            if i:
                if n:
                    break
            for k in walk(2, y):
                y = y * k + x
        return y

    def in_an_else(x, n):
        y = x
        while n > 1:
            n = n - 1
            if n > 5:
                break
        else:
            for k in walk(2, y):
                y = y * k + x
        return y

    for function in (after_a_return, after_a_break, in_an_else):
        for n in (0, 3):
            check_derivative(function, 0.7, n, wrt=0)
            value, _ = jvp(function)(0.7, n, seed=1.0)
            np.testing.assert_allclose(value, function(0.7, n))
            check_derivative(grad(function), 0.7, n, wrt=0)


def one_buffer(n):
    buffer = np.zeros(3)
    for i in range(n):
        buffer[:] = i + 1.0
        yield buffer


def in_place(y):
    y *= 2.0


def handed_on(n):
    buffer = np.ones(2)
    for _ in range(n):
        in_place(buffer)
        yield buffer


def buffers(x):
    total = 0.0
    for i, y in enumerate(one_buffer(3)):
        total += x * x * y.sum() * (i + 1)
    return total


def buffers_handed_on(x):
    total = 0.0
    for y in handed_on(3):
        total += x * x * y.sum()
    return total


@pytest.mark.parametrize("f", [buffers, buffers_handed_on])
def test_a_generator_that_changes_what_it_gave_before(f: Callable[..., Any]) -> None:
    """Where items carry no derivative, all were listed before the loop: each was what the last one is."""
    check_derivative(f, 0.7)
    assert "list(" not in grad(f).source_for(0.7)


def test_what_gives_items_that_change_where_it_is_not_known() -> None:
    def f(x, items=one_buffer):
        total = 0.0
        for y in items(3):
            total += x * x * y.sum()
        return total

    check_derivative(f, 0.7, wrt=0)


@law
def assigned_in_an_earlier_round(x, y):
    """The variable was taken for one without a value in the rounds that do not assign it: the derivative was zero."""
    s = 0.0
    for k in range(4):
        for v in walk(1, x):
            if k == 0:
                q = v * y
            s += q * k
    return s


def test_the_decorator_of_an_inner_generator_counts() -> None:
    """It was left out, and the derivative was that of the generator as it stands."""

    def doubled(generator):
        def twice():
            for v in generator():
                yield 2.0 * v

        return twice

    def f(x):
        @doubled
        def once():
            yield x

        total = 0.0
        for v in once():
            total += v
        return total

    with pytest.raises(UnsupportedError, match="a generator cannot be differentiated"):
        grad(f)(2.0)


def test_what_a_generator_becomes_runs_where_it_stays_in_a_text() -> None:
    """It was a function without a body, which gave None."""

    def f(x):
        u = np.ones(3)
        total = sum(a for a, _ in itertools.permutations(u, 2))
        steps = [(lambda v, w=u if x > 0.0 else total: v * np.sum(w), 0.3)]
        for step, shift in steps:
            x = step(x) + shift
        return x * total

    check_derivative(f, 1.3)


def sums_in_a_function_that_calls_itself(x):
    scale = x[1]

    def even(n):
        return np.sin(sum(v * scale for v in x)) if n <= 0 else np.cos(x[0]) * odd(n - 1)

    def odd(n):
        if n <= 0:
            return sum(u * v for u, v in itertools.pairwise(x))
        return even(n - 1) + max(v * scale for v in x)

    return odd(2) * even(1)


def test_builtins_are_known_in_functions_inside_that_call_themselves() -> None:
    """There the compiler has listed what free names mean, so that `sum` was no builtin: refused."""
    x = np.array([0.4, 1.3, -0.8])
    check_derivative(sums_in_a_function_that_calls_itself, x)
    check_derivative(grad(sums_in_a_function_that_calls_itself), x)


def test_a_sum_that_runs_through_values_that_vary_and_adds_none_of_them() -> None:
    """The generator was given a tangent of zeros, which there is none of (a TypeError in forward mode)."""

    def f(x):
        v, a = (x, x)
        w = {k: [v] for k in "uw"}
        x = sum(len(part) for part in w.values())
        return a * x

    check_derivative(f, 0.4)
    check_derivative(grad(f), 0.4)
