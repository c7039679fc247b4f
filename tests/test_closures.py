"""Functions that loops make and lists and dicts hold: each with what it captured when it was made."""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative
from tests.helpers import Program, listed, refusing

FIRST: list[Program] = []
SECOND: list[Program] = []
REFUSED: list[tuple[Program, str]] = []
refused = refusing(REFUSED)
program, once = listed(FIRST, SECOND), listed(FIRST)


@program
def with_defaults(x):
    fs = []
    for k in range(3):
        fs.append(lambda t, a=x * k: a * t)
    y = x
    for f in fs:
        y = y + f(y)
    return y


@program
def defaults_that_are_comprehensions(x):
    values = [x, x * x]

    def weighed(t, w=sum([v * np.sin(v) for v in values]), parts=[v * 2.0 for v in values]):  # noqa: B006, B008
        return t * w + parts[1]

    values.append(x)
    scaled = lambda t, a=sum(v for v in values): a * t  # noqa: B008, E731
    return weighed(x) + scaled(x) + weighed(x, 0.5)


@program
def late_bound(x):
    fs, c = [], x
    for k in range(3):
        fs.append(lambda t: c * t + k)
    c = c * x
    y = x
    for f in reversed(fs):
        y = f(y)
    return y


@program
def made_by_a_function(x):
    def scaled_by(a):
        return lambda t: a * t

    fs = [scaled_by(x + k) for k in range(3)]
    y = 1.0
    while fs:
        y = fs.pop()(y) + x
    return y


@program
def of_several_definitions(x):
    fs = [np.sin]
    for k in range(3):
        if k % 2 == 0:
            fs.append(lambda t, a=x: a * t)
        else:
            fs.append(lambda t, b=k: np.sin(t) + b)
    y = x
    for i, f in enumerate(fs):
        y = y + f(y) * i
    return y


@program
def a_tape(x):
    tape = []

    def mul(a, b):
        tape.append(lambda g: (g * b, g * a))
        return a * b

    def sin(a):
        tape.append(lambda g: (g * np.cos(a), 0.0))
        return np.sin(a)

    y = sin(mul(x, x * x))
    g, _ = tape[1](y)
    left, right = tape[0](g)
    return left + right


@once
def dicts_by_number_and_by_name(x):
    fs, gs = {}, {}
    for k in range(3):
        fs[k] = lambda t, k=k: t * x + k
    for name in ["a", "b"]:
        gs[name] = lambda t, a=x: a * t
    s = gs["a"](x) * gs["b"](2.0)
    for k, f in fs.items():
        s = s + k * f(s)
    return s


@program
def in_pairs(x):
    fs = []
    for k in range(3):
        fs.append((lambda t, a=x * k: a * t, k))
    y = 0.0
    for f, w in fs:
        y = y + w * f(x)
    return y


@program
def in_pairs_that_are_written_out(x):
    y = x
    for f, w in [(lambda t: t * x, 2.0), (lambda t: np.sin(t) + x, 3.0)]:
        y = w * f(y)
    return y


def make(a, n):
    fs = []
    for k in range(n):
        fs.append(lambda t, w=a * k: w * t * t)
    return fs


def total(fs, v):
    s = 0.0
    for f in fs:
        s = s + f(v)
    return s


@program
def returned_handed_on_and_cut(x):
    fs = make(x, 4)
    return total(fs[1:], x) + fs[-1](x) + sum(f(w) for f, w in zip(fs, [x, 2.0, x * x], strict=False))


@program
def functions_of_functions(x):
    f1 = []
    for k in range(3):
        f1.append(lambda t, a=x * k: t * a)
    f2 = []
    for f in f1:
        f2.append(lambda t, f=f: f(f(t)))
    return sum(h(x) for h in [lambda t, f=f, g=g: f(t) + g(t) for f, g in zip(f1, f2, strict=True)])


@program
def partials(x):
    fs = [partial(np.multiply, x), partial(np.add, x)]
    for k in range(2):
        fs.append(partial(lambda a, t: a * t, x + k))
    y = x
    for f in fs:
        y = f(y)
    return y


@program
def extended_shortened_and_put_elsewhere(x):
    fs = []
    for k in range(4):
        fs.append(lambda t, a=x * k: t * a)
    f = fs.pop(1)
    fs.insert(0, f)
    del fs[2]
    fs += [lambda t: t + x]
    fs.extend(make(x, 2))
    fs[1] = lambda t, a=x: t - a
    return fs[0](x) + 2 * fs[1](x) + 3 * fs[-1](x) + total(fs, x)


@program
def functions_that_note_what_they_are_given(x):
    seen, fs, count = [], [], 0.0
    for k in range(3):

        def step(t, k=k):
            nonlocal count
            seen.append(t * x)
            count += t * k
            return t * k + x

        fs.append(step)
    y = x
    for f in fs:
        y = f(y)
    return y + sum(seen) * count


@program
def arrays_that_are_written_into_later(x):
    fs = []
    for k in range(2):
        v = np.array([x, x * k])
        fs.append(lambda t, v=v: np.sum(v * t))
        v[0] = 5.0 * x
    return fs[0](x) * fs[1](x)


@program
def defaults_that_hide_statements(x):
    fs = []
    for k in range(3):
        fs.append(lambda t, a=x if k > 1 else 2.0: t * a)
    return fs[2](x) * fs[1](x)


@program
def a_default_named_like_a_variable_of_the_comprehension(x):
    f = x
    ys = [(lambda t, f=f: f * t)(x) for f in [x * x, 2.0 * x]]
    return ys[0] * f + ys[1]


@program
def decorated_inside(x):
    def logged(f):
        @functools.wraps(f)
        def g(*args):
            return f(*args) * x

        return g

    @logged
    def h(t):
        return t * x

    return h(x)


@program
def takers(x):
    key, low = 1, 0.5 * x
    second, total = operator.itemgetter(key), operator.methodcaller("sum")
    clipped = operator.methodcaller("clip", low, 2.0)
    key = 0
    return second([x, x * x]) * total(np.array([x, x * x])) + total(clipped(np.array([x, 0.2 * x])))


@program
def with_a_list_of_none(x):
    fs = []
    for k in range(0):
        fs.append(lambda t, a=x * k: a * t)
    y = x * x
    for f in fs:
        y = f(y)
    return y


@refused("`w` is assigned again|which function")
def variables_of_a_comprehension(x):
    fs = [lambda t: t * w for w in [x, x * x]]
    ws = [w * 2 for w in [3.0 * x]]
    return fs[0](x) + ws[0]


@refused("which function")
def variables_of_several_runs_of_a_comprehension(x):
    fs = []
    for j in range(2):
        fs.append([lambda t: t * w for w in [x, x * j]][0])
    return fs[0](x) + fs[1](x)


@refused("is assigned again|which function")
def a_variable_that_changes_after_it_was_captured(x):
    fs = []

    def add(a):
        fs.append(lambda t: a * t)
        a = a * 3.0

    for k in range(3):
        add(x * k)
    return total(fs, x)


@refused("assigns to a variable|which function")
def counters(x):
    def counter(n):
        def step(t):
            nonlocal n
            n = n * t
            return n

        return step

    fs = []
    for k in range(2):
        fs.append(counter(x * k))
    return fs[0](2.0) + fs[1](3.0)


@refused("which function")
def one_that_calls_itself_by_its_name(x):
    fs = []
    for k in range(3):

        def rec(n, k=k):
            return x if n == 0 else rec(n - 1) * x + k

        fs.append(rec)
    return total(fs, 2)


@refused("`f` is a function that a list or a dict holds among others")
def asked_for_its_truth(x):
    fs = make(x, 3)
    f = fs[0]
    return f(2.0) + x if f else x


@refused("`fs` is a function that a list or a dict holds among others, or holds some")
def compared(x):
    fs = make(x, 3)
    return x if fs[0] == fs[1] else fs[0](x)


@refused("holds some, and more is done with it than to call them")
def called_where_nothing_is_followed(x):
    fs = []
    for k in range(3):
        fs.append(lambda t, a=k: t * a)
    n = int(fs[2](2.0))
    return x * n * fs[1](x)


@refused("holds some, and more is done with it than to call them")
def given_back(x):
    return make(x, 3)


@refused("holds some, and more is done with it than to call them")
def sorted_by_a_key(x):
    fs = make(x, 3)
    fs.sort(key=lambda f: f(1.0))
    return fs[0](x)


@pytest.mark.parametrize("function", FIRST, ids=lambda f: f.__name__)
def test_derivatives(function: Program) -> None:
    check_derivative(function, 0.8, rtol=1e-5)


@pytest.mark.parametrize("function", SECOND, ids=lambda f: f.__name__)
def test_derivatives_of_gradients(function: Program) -> None:
    check_derivative(grad(function), 0.8, rtol=1e-4)


@pytest.mark.parametrize(("function", "reason"), REFUSED, ids=[f.__name__ for f, _ in REFUSED])
@pytest.mark.parametrize("mode", [grad, jvp])
def test_refusals(function: Program, reason: str, mode: Callable[..., Any]) -> None:
    """No derivative may be lost through a function that is not followed."""
    with pytest.raises(UnsupportedError, match=reason):
        _ = mode(function).source


def test_what_a_refusal_says() -> None:
    with pytest.raises(UnsupportedError) as found:
        _ = grad(compared).source
    lines, start = inspect.getsourcelines(compared)
    place = next(n for n, line in enumerate(lines) if "==" in line)
    assert (found.value.filename, found.value.lineno) == (__file__, start + place)
    assert found.value.text is not None and "fs[0] == fs[1]" in found.value.text
    assert found.value.hint == "keep what it is asked for in a list of its own"


def test_one_definition_is_kept_as_what_it_captured() -> None:
    assert "fs.append(x * k)" in grad(with_defaults).source
    assert "lambda t" not in "".join(s for s in grad(with_defaults).source.splitlines() if "#" not in s)


def in_a_list(x):
    c = 1.0
    functions = list([lambda: c])  # noqa: C410
    c = 2.0
    return x * functions[0]()


def by_a_generator(x):
    c = 1.0
    functions = tuple(lambda: c for _ in range(2))
    c = 2.0
    return x * functions[0]()


def in_a_dict(x):
    c = 1.0
    functions = dict(a=lambda: c)  # noqa: C408
    c = 2.0
    return x * functions["a"]()


def in_the_largest(x):
    c = 1.0
    largest = max([(1, lambda: c)], key=lambda pair: pair[0])
    c = 2.0
    return x * largest[1]()


def in_a_sorted_list(x):
    c = 1.0
    functions = sorted([lambda: c], key=id)
    c = 2.0
    return x * functions[0]()


def made_by_a_function_handed_to_map(x):
    c = 1.0
    functions = list(map(lambda v: lambda: v * c, [1.0, 2.0]))
    c = 2.0
    return x * functions[0]()


def the_larger_function(x):
    c = 1.0
    larger = max(lambda: c, lambda: c + 1.0, key=lambda function: function())
    c = 2.0
    return x * larger()


class Keeper:
    """Its methods have names of functions that call what they are given at once."""

    def __init__(self):
        self.kept = None

    def set(self, function):
        self.kept = function

    def sum(self, items):
        self.kept = items


def by_a_method(x):
    c, keeper = 1.0, Keeper()
    keeper.set(lambda: c)
    c = 2.0
    return x * keeper.kept()


def by_a_method_with_a_generator(x):
    c, keeper = 1.0, Keeper()
    keeper.sum(c * k for k in range(3))
    c = 2.0
    return x * sum(keeper.kept)


def frozenset(items):  # noqa: A001
    return (items,)


def by_a_function_with_the_name_of_another(x):
    c = 1.0
    kept = frozenset(c * k for k in range(3))
    c = 2.0
    return x * sum(kept[0])


class Sorter:
    def sort(self, key):
        self.key = key


def by_a_method_called_sort(x):
    c = 1.0
    sorter = Sorter()
    sorter.sort(key=lambda t: c * t)
    c = 2.0
    return x * sorter.key(1.0)


@pytest.mark.parametrize(
    "function",
    [
        by_a_method_called_sort,
        in_a_list, by_a_generator, in_a_dict, in_the_largest, in_a_sorted_list, made_by_a_function_handed_to_map,
        the_larger_function, by_a_method, by_a_method_with_a_generator, by_a_function_with_the_name_of_another,
    ],
)  # fmt: skip
def test_functions_that_are_kept_see_what_is_assigned_later(function: Program) -> None:
    """What `list`, `max` and the like were given was taken to have been called when they return: wrong values.

    So was what methods and functions of the program with such names were given.
    """
    with pytest.raises(UnsupportedError, match="`c` is assigned again, and a function defined here before reads it"):
        grad(function)(0.7)


def test_keys_of_lists_that_are_sorted_read_variables_that_are_assigned_again() -> None:
    def f(x, rows):
        total = 0.0
        taken = rows
        for k in range(2):
            taken.sort(key=lambda row: row[k])
            total += x * taken[0][k]
        return total

    check_derivative(f, 0.8, [(3.0, 4.0), (1.0, 9.0)], wrt=("x",))


def test_keys_read_variables_that_are_assigned_again() -> None:
    def f(x, t):
        first = max(range(3), key=lambda k: t[k])
        last = min(range(3), key=lambda k: t[k] * x)
        t = t * 2.0
        for i in sorted(range(3), key=lambda k: t[k]):
            x = x * t[i] + i
            t = t * 1.1
        return t[first] + t[last] * x

    t = np.array([0.3, 0.5, 0.2])
    check_derivative(f, 0.7, t)
    check_derivative(grad(f, (0, 1)), 0.7, t)


def one_of_two(k):
    if k > 0.6:
        pass
    else:
        return lambda v: 1.0 + 0.0 * v
    return lambda v: k * v


def told_apart_beside_a_key(x):
    chosen = one_of_two(0)
    best = min([(x[1], 0), (x[0], 1)], key=lambda item: 1)
    return chosen(x[0]) * x[1] + best[0]


def told_apart_and_a_key(x):
    chosen = one_of_two(x[1])
    best = sorted([2.0, 1.0], key=one_of_two(0.2))
    return chosen(x[0]) * x[1] + best[0] * x[2] + min([x[0], x[2]], key=chosen)


def told_apart_and_mapped(x):
    chosen = one_of_two(0)
    return chosen(x[0]) * x[1] + sum(map(chosen, [1.0, 2.0])) * x[2]


@pytest.mark.parametrize("f", [told_apart_beside_a_key, told_apart_and_a_key, told_apart_and_mapped])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_functions_that_one_branch_defines(f, scale):
    """What is called was compared with a function that the other branch defines (UnboundLocalError)."""
    check_derivative(f, np.array([0.83, 0.71, 1.27]) * scale)
