"""Programs against assumptions: what writes unseen, when items are computed, memory layout, arrays of no axes.

Each was a wrong number or a foreign error once; now it is right, or refused with a text.
"""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from operator import itemgetter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp, vjp
from tangent_sct.testing import check_derivative
from tests.laws.test_known_traps import MATRIX, X, check


def refusal(function: Callable[..., Any], *arguments: Any, wrt: int = 0) -> UnsupportedError:
    """The error with which both modes refuse a function; it points at a line of it."""
    for mode in (jvp, vjp):
        with pytest.raises(UnsupportedError) as caught:
            mode(function, wrt)(*arguments, seed=arguments[wrt])
        assert caught.value.filename == __file__
        assert caught.value.lineno and caught.value.text and caught.value.end_offset
    return caught.value


# -- lists that are looped over ----------------------------------------------------------------


def grown(items, v):
    if len(items) < 5:
        items.append(v * 2.0)


class Queue:
    def __init__(self, v):
        self.items = [v, v * 2.0]

    def push(self, v):
        if len(self.items) < 5:
            self.items.append(v)


def grows_by_another_name(x):
    c = [x[0], x[1]]
    d = c
    t = 0.0
    for v in c:
        t += v
        if len(d) < 5:
            d.append(v * 2.0)
    return t


def grows_in_a_callee(x):
    c = [x[0], x[1]]
    t = 0.0
    for v in c:
        t += v
        grown(c, v)
    return t


def grows_by_update(x):
    c = [x[0], x[1]]
    t = 0.0
    for v in c:
        t += v
        if len(c) < 5:
            c += [v * 2.0]
    return t


def shrinks(x):
    c = [x[0], x[1], x[2], x[3]]
    t = 0.0
    for v in c:
        t += v
        del c[-1]
    return t


def grows_inside_another(x):
    c = [x[0], x[1]]
    d = [c]
    t = 0.0
    for i, v in enumerate(c):
        t += v * i
        if len(c) < 5:
            d[0].append(v * 2.0)
    return t


def grows_in_an_object(x):
    queue = Queue(x[0])
    t = 0.0
    for v in queue.items:
        t += v
        queue.push(v * x[1])
    return t


@pytest.mark.parametrize(
    "function",
    [
        grows_by_another_name, grows_in_a_callee, grows_by_update, shrinks, grows_inside_another,
        grows_in_an_object,
    ],
)  # fmt: skip
def test_a_list_that_changes_in_length_while_it_is_looped_over(function) -> None:
    error = refusal(function, X)
    assert error.reason == "a list of active values is changed in length while it is looped over"
    assert error.hint == "collect the new items in another list, or loop over a copy: `for v in list(c):`"


def rows_collected(x):
    rows = [x[:2], x[2:]]
    out, held = [], {}
    for i, row in enumerate(rows):
        out.append(row)
        held[i] = row * 2.0
        out.append(held[i])
    return sum([np.sum(row * row) for row in out])


def grows_a_copy_of_itself(x):
    c = [x[0], x[1]]
    for v in list(c):
        c.append(v * c[0])
    for v in c[:]:
        c.append(v * 0.5)
    return sum(c) * c[-1]


@pytest.mark.parametrize("function", [rows_collected, grows_a_copy_of_itself])
def test_other_lists_may_change_in_length(function) -> None:
    check(function, X)


# -- when items are computed -------------------------------------------------------------------


def pairs_before_the_loop(x):
    x = x * 1.0
    t = 0.0
    for a, b in list(zip(x, x[1:], strict=False)):
        x[2] += a * b
        t += a
    for i, a in list(enumerate(x)):
        x[(i + 1) % 4] += a
        t += a * i
    return t + np.sum(x * x)


def values_before_the_loop(x):
    d = {"a": x[0], "b": x[1]}
    t = 1.0
    for v in list(d.values()):
        d["b"] = d["b"] * v
        t += d["b"]
    for k, v in list(d.items()):
        d["b"] = d["b"] * v
        d[k] += v
    return d["a"] * d["b"] * t


def values_replaced_one_by_one(x):
    d = {"a": x[0], "b": x[1]}
    for k, v in list(d.items()):
        d[k] = v * v * 2.0
    return d["a"] * d["b"]


def values_in_turn(x):
    d = {"a": x[0], "b": x[1]}
    for _k, v in d.items():
        d["b"] = d["b"] * v
    return d["a"] * d["b"]


def mapped_in_turn(x):
    x = x * 1.0
    t = 0.0
    for a in map(lambda v: v * x[0], x):  # noqa: C417
        x[0] += a
        t = t * 0.5 + a
    return t + np.sum(x * x)


def generated_in_turn(x):
    x = x * 1.0
    t = 0.0
    for a in (v * x[0] for v in x if v > -0.4 * x[0]):
        x[0] += a
        t = t * 0.5 + a
    for a in filter(lambda v: v > x[1], x):
        x[1] += 0.3 * a
        t = t * 0.5 + a * x[1]
    return t + np.sum(x * x)


@pytest.mark.parametrize(
    "function",
    [
        pairs_before_the_loop, values_before_the_loop, values_replaced_one_by_one, values_in_turn, mapped_in_turn,
        generated_in_turn,
    ],
)  # fmt: skip
def test_items_are_computed_when_python_does(function) -> None:
    check(function, X)


def run_through_twice(x):
    squares = map(lambda v: v * v, x)  # noqa: C417
    return sum(squares) + sum(squares)


def kept_filter(x):
    chosen = filter(lambda v: v > 0, x)
    return x[0] * sum(chosen)


@pytest.mark.parametrize("function", [run_through_twice, kept_filter])
def test_iterators_are_not_kept(function) -> None:
    error = refusal(function, X)
    assert error.reason == (
        "what `map` or `filter` gives is kept or handed on: it can be run through only once, and computes its items "
        "when it is"
    )
    assert error.hint == "use a list: `list(map(...))`"


# -- order of evaluation ----------------------------------------------------------------------


def places_that_write(x):
    h = x * 1.0

    def doubled(i):
        h[i] *= 2.0
        return i

    h[doubled(0)] += h[0]
    h[doubled(1) : doubled(3)] *= h[1]
    h[doubled(2)] = h[2]
    return np.sum(h * x)


class Held:
    def __init__(self, v):
        self.v = v
        self.q = [v, v * 2.0]

    def bump(self):
        self.v = self.v * 1.5
        return 0

    def get(self):
        self.q[0] = self.q[0] * self.v
        return self.q


def objects_that_write(s):
    held = Held(s)
    held.q[held.bump()] += held.v
    held.get()[1] *= held.q[0]
    return held.q[0] * held.q[1] * held.v


def popped_before_it_is_measured(x):
    c = [x[0], x[1], x[2]]
    t = c.pop() * c.pop() - c.pop() * len(c)
    return t * x[3]


def test_order_of_evaluation() -> None:
    check(places_that_write, X)
    check(objects_that_write, 0.8)
    check(popped_before_it_is_measured, X)
    assert vjp(popped_before_it_is_measured)(X, seed=1.0)[0] == popped_before_it_is_measured(X)


# -- arrays without axes ----------------------------------------------------------------------


def no_axes_stored(s):
    a = np.array(s)
    a[()] = s * 2.0
    a += s
    return a * s


def no_axes_shared(s):
    a = np.array(s * 1.0)
    b = a
    b += 1.0
    c = a.T
    c *= s
    return a * b * c


def no_axes_made(s):
    a, b = np.zeros(()), np.full((), s)
    c = b
    c *= 2.0
    a += c
    a.fill(s * a)
    np.copyto(b, a * s)
    return a * b * c


def no_axes_viewed(s):
    a = np.array(s)
    b = a[None]
    b += s
    c = np.asarray(np.sum(b))
    d = c
    d *= s
    return a * c * d


@pytest.mark.parametrize("function", [no_axes_stored, no_axes_shared, no_axes_made, no_axes_viewed])
def test_arrays_without_axes(function) -> None:
    check(function, 0.8)
    gradient = grad(function)
    step = 1e-5
    expected = (gradient(0.8 + step) - gradient(0.8 - step)) / (2 * step)
    np.testing.assert_allclose(jvp(gradient)(0.8, seed=1.0)[1], expected, rtol=1e-6)
    np.testing.assert_allclose(vjp(gradient)(0.8, seed=1.0)[1], expected, rtol=1e-6)


# -- memory layout ----------------------------------------------------------------------------


def written_when_flat(f):
    r = f.ravel()
    r[0] = 2.0 * f[0, 1]
    return np.sum(r * r) + np.sum(f * f)


def flattened_by_columns(f):
    return np.sum(f.reshape((3, 2), order="F") * np.arange(6.0).reshape(3, 2))


BY_COLUMNS = np.asfortranarray(MATRIX)


@pytest.mark.parametrize("argument", [BY_COLUMNS, np.repeat(MATRIX, 2, axis=1)[:, ::2]], ids=["columns", "strided"])
def test_an_argument_is_copied_in_its_memory_layout(argument) -> None:
    """Reshaping it copies, in the function and in its derivative; what was taken for a view is refused."""
    with pytest.raises(DerivativeError, match="reshaping made a copy here, not a view"):
        vjp(written_when_flat)(argument, seed=1.0)
    if argument is BY_COLUMNS:
        value, tangent = jvp(written_when_flat)(argument, seed=MATRIX)
        assert value == written_when_flat(argument.copy(order="K"))
        assert tangent == pytest.approx(2 * value)
    check(written_when_flat, MATRIX)


def test_tangents_are_reshaped_by_columns() -> None:
    check(flattened_by_columns, MATRIX)
    value, tangent = jvp(flattened_by_columns)(BY_COLUMNS, seed=np.ones((2, 3)))
    assert value == flattened_by_columns(BY_COLUMNS) and tangent == 15.0


def test_a_tangent_that_is_no_view_where_its_array_is_one_is_refused() -> None:
    def flat(x):
        h = x.T.copy()
        r = h.ravel()
        r[0] = 2.0
        return np.sum(h * h)

    with pytest.raises(DerivativeError, match="a copy of an array and a view of its tangent, or the other way round"):
        jvp(flat)(MATRIX, seed=MATRIX)


@pytest.mark.parametrize("order", ["K", "A"])
def test_orders_of_memory_are_refused(order) -> None:
    def flat(f):
        return np.sum(np.ravel(f, order=order) * np.arange(6.0))

    error = refusal(flat, MATRIX)
    assert error.reason.startswith("elements are ordered by the memory layout of an array here")
    assert error.hint == 'write order="C" or order="F"'


def test_views_by_axes_that_change_are_refused() -> None:
    def turned(a):
        axes = [0, 1]
        view = np.transpose(a, axes)
        axes.reverse()
        view[0] = view[0] * 2.0
        return np.sum(view * a)

    with pytest.raises(UnsupportedError, match="by `axes`, which is written as well"):
        vjp(turned)(np.ones((3, 3)), seed=1.0)


# -- exceptions -------------------------------------------------------------------------------


class Found(Exception):
    def __init__(self, v):
        super().__init__(v)
        self.v = v


def search(x):
    if x[1] < 0:
        raise Found(x[0] * x[2])
    return x[3]


def carried_by_its_arguments(x):
    try:
        if x[1] < 0:
            raise ValueError(x[0])
        return x[1]
    except ValueError as error:
        return error.args[0] * 2.0


def carried_by_an_attribute(x):
    try:
        t = search(x)
    except Found as found:
        t = found.v
    return t * x[0]


@pytest.mark.parametrize("function", [carried_by_its_arguments, carried_by_an_attribute])
def test_values_in_exceptions_are_refused(function) -> None:
    error = refusal(function, X)
    assert error.reason == "a value to be differentiated is carried by an exception, and read where that is caught"
    assert error.hint == "keep the value in a variable that is assigned before the `try`"


def told_by_a_message(x):
    try:
        if x[1] < 0:
            raise ValueError(f"negative: {x[1]:.3}")
        t = x[0]
    except ValueError as error:
        t = x[2] * len(error.args) + len(str(error)[:3])
    return t * x[0]


def test_messages_of_exceptions_may_be_read() -> None:
    check(told_by_a_message, X)


# -- what objects are asked unseen ----------------------------------------------------------------


class Counting:
    def __init__(self, v):
        self.v = v
        self.parts = [v, v * 2.0]

    def __bool__(self):
        self.v = self.v * 2.0
        return True

    def __eq__(self, other):
        self.v = self.v * 2.0
        return True

    def __contains__(self, other):
        self.v = self.v * 2.0
        return True

    def __str__(self):
        self.v = self.v * 2.0
        return "q"

    def __iter__(self):
        return iter(self.parts)


def asked_for_truth(s):
    q = Counting(s)
    if q:
        return q.v * 2.0
    return q.v


def asked_for_equality(s):
    q = Counting(s)
    t = q == 3
    return q.v * t


def asked_for_what_it_holds(s):
    q = Counting(s)
    t = 1.0 in q
    return q.v * t


def asked_for_a_text(s):
    q = Counting(s)
    t = f"{q}"
    return q.v * len(t)


def asked_in_a_loop(s):
    q = Counting(s)
    while q.v < 10.0 and q:
        q.v = q.v + 1.0
    return q.v


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (asked_for_truth, "__bool__"), (asked_for_equality, "__eq__"), (asked_for_what_it_holds, "__contains__"),
        (asked_for_a_text, "__str__"), (asked_in_a_loop, "__bool__"),
    ],
)  # fmt: skip
def test_methods_that_are_called_unseen_and_write(function, name) -> None:
    error = refusal(function, 0.8)
    assert error.reason == (
        f"`{name}` of class `Counting` is called unseen, and may change values to be differentiated"
    )
    assert error.hint == "call an ordinary method in a statement of its own"


def taken_apart(s):
    a, b = Counting(s)
    return a * b


def run_through(s):
    q = Counting(s)
    return sum(q) * q.v


@pytest.mark.parametrize("function", [taken_apart, run_through])
def test_objects_that_are_run_through(function) -> None:
    check_derivative(function, 0.8)


class Quiet:
    def __init__(self, v):
        self.w = [v, v * 2.0]

    def __len__(self):
        return len(self.w)

    def __bool__(self):
        return self.w[0] > 0

    def __contains__(self, other):
        return other in self.w


def test_methods_that_only_read_may_be_called_unseen() -> None:
    def asked(s):
        q = Quiet(s)
        if not q:
            return 0.0
        if 7.0 not in q:
            return q.w[0] ** 2 * len(q)
        return q.w[1]

    check(asked, 0.8)


class Sized:
    def __init__(self, v):
        self.w = v
        self.parts = [v, 2.0]

    @property
    def nbytes(self):
        return self.w + 1.0

    def count(self):
        return self.w * 2.0


class Shaped:
    def __init__(self, v):
        self.size = v


def by_a_property(s):
    q = Sized(s)
    return q.nbytes * 2.0


def by_a_method(s):
    q = Sized(s)
    return q.count() * 2.0


def by_an_attribute(s):
    shapes = [Shaped(s), Shaped(s * s)]
    return shapes[0].size + shapes[1].size


def by_an_attribute_of_an_argument(s, q):
    return q.size * s


@pytest.mark.parametrize("function", [by_a_property, by_a_method, by_an_attribute])
def test_names_that_mean_something_for_arrays(function) -> None:
    error = refusal(function, 0.8)
    assert "is taken for theirs" in error.reason or "in a form that is not followed" in error.reason


def test_an_attribute_of_an_argument_with_a_name_of_arrays() -> None:
    with pytest.raises(UnsupportedError, match="`q.size` holds values to be differentiated"):
        grad(by_an_attribute_of_an_argument, (0, 1))(2.0, SimpleNamespace(size=0.7))
    assert grad(by_an_attribute_of_an_argument)(2.0, SimpleNamespace(size=0.7)) == 0.7


# -- arrays that compute otherwise ------------------------------------------------------------


MASKED = np.ma.array([1.0, 2.0, 3.0, 4.0], mask=[0, 1, 0, 0])


def with_another(x, other):
    return np.sum(x * other)


def with_one_from_outside(x):
    return np.sum(x * MASKED)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize("other", [lambda: MASKED, lambda: [MASKED], lambda: np.matrix(np.eye(4))])
def test_arguments_whose_arithmetic_is_their_own(other) -> None:
    for mode in (jvp, vjp):
        with pytest.raises(TypeError, match="argument `other` holds a .*, whose arithmetic is its own; pass"):
            mode(with_another)(X, other(), seed=X)


def test_arrays_from_outside_whose_arithmetic_is_their_own() -> None:
    error = refusal(with_one_from_outside, X)
    assert error.reason == "`MASKED` is a MaskedArray, whose arithmetic is its own"
    assert error.hint == "use an array: np.asarray(...), or .toarray()"


def written(x):
    x[0] = 3.0 * x[1]
    return np.sum(x * x)


@pytest.mark.parametrize("strides", [(0, 8), (8, 8)])
def test_an_argument_whose_elements_share_memory_is_not_written(strides) -> None:
    overlapping = as_strided(np.arange(1.0, 5.0), (3, 2), strides)
    for mode in (jvp, vjp):
        with pytest.raises(ValueError, match="elements share memory, and the function writes into it; pass a copy"):
            mode(written)(overlapping, seed=np.ones((3, 2)) if mode is jvp else 1.0)
    np.testing.assert_array_equal(grad(lambda x: np.sum(x * x))(overlapping), 2 * overlapping)


def test_a_view_of_a_dict_shows_what_it_holds_later() -> None:
    def kept(x):
        d = {"a": x[0]}
        view = d.values()
        d["b"] = x[1]
        return sum(view)

    def listed(x):
        d = {"a": x[0]}
        held = list(d.values())
        d["b"] = x[1]
        return sum(held) * sum(d.values())

    def handed_on(x):
        d = {"a": x[0]}
        views = [d.values()]
        d["b"] = x[1]
        return sum(views[0])

    check(kept, X)
    check(listed, X)
    error = refusal(handed_on, X)
    assert error.reason == "`d.values()` is kept in a variable, and shows what the dict holds when it is looked at"
    assert error.hint == "keep a list of it: list(...)"


# -- calls in what carries no derivative ----------------------------------------------------------


def doubled_first(h):
    h[0] *= 2.0
    return h


def error_of(h):
    total = 0.0
    parts = np.zeros(3)
    for i, v in enumerate(h[:3]):
        total += v * v
        parts[i] = total
    return parts.sum()


def writes_in_a_test(x):
    h = x * 1.0
    if doubled_first(h)[0] > 0:
        return h[0] * h[1]
    return h[1]


def writes_in_a_loop(x):
    h = x * 1.0
    while doubled_first(h)[0] < 20.0:
        pass
    return h[0] * h[1]


def writes_for_a_size(x):
    h = x * 1.0
    n = doubled_first(h).shape[0]
    return h[0] * n * h[1]


def writes_in_an_assertion(x):
    h = x * 1.0
    assert doubled_first(h)[0] > -100
    return h[0]


@pytest.mark.parametrize(
    "function", [writes_in_a_test, writes_in_a_loop, writes_for_a_size, writes_in_an_assertion]
)
def test_calls_that_write_in_expressions_without_a_derivative(function) -> None:
    error = refusal(function, X)
    assert error.reason == "`doubled_first(h)` writes into values to be differentiated inside of an expression"
    assert error.hint == "write the call as a statement of its own"


def test_calls_that_write_into_what_is_theirs() -> None:
    def relaxed(x):
        h = x * 1.0
        while error_of(h) > 0.5:
            h = h * 0.7
        return np.sum(h * x)

    check(relaxed, X)


def into_a_default(v, seen=[]):  # noqa: B006
    seen.append(v)
    return seen[-1] * 2.0


def test_a_default_is_an_object_from_outside() -> None:
    def called(x):
        return into_a_default(x)

    error = refusal(called, 0.8)
    assert error.reason == (
        "values to be differentiated are written into `seen_default`, an object outside the function, where their "
        "derivative is lost"
    )


def kept_in_a_default(x):
    steps = []
    for _ in range(2):
        steps.append(lambda q, w=sum([h * h for h in x]): w)  # noqa: B008
    y = 0.5
    for step in steps:
        y = step(y)
    return y


def test_items_of_a_comprehension_in_a_default() -> None:
    check(kept_in_a_default, np.ones(3))


def handed_to_sorted(x):
    w = np.array([0.5, 1.5])

    def change(n):
        return w.put(n, 0.7) or n

    r = x[0]
    for k in range(2):
        r = np.cos(r * w[k]) + np.sum(np.sin(r * w)) * x[1]
        sorted([1, 0], key=change)
    return r


def handed_to_map_by_another_name(x):
    w = np.array([0.5, 1.5])
    held = [w, 2.0]

    def change(n):
        held[0][n] = 0.7
        return n

    apply, r = change, x[0]
    for k in range(2):
        r = np.cos(r * w[k]) + np.sum(np.sin(r * w)) * x[1]
        list(map(apply, [0, 1]))
    return r


def handed_on_by_partial(x):
    w = np.array([0.5, 1.5])

    def change(n, v):
        w[n] = v
        return n

    apply, r = partial(change, v=0.7), x[0]
    for k in range(2):
        r = np.cos(r * w[k]) + np.sum(np.sin(r * w)) * x[1]
        max([0, 1], key=apply)
    return r


def handed_to_numpy(x):
    w = np.array([0.5, 1.5])

    def change(n):
        w[n] = 0.7
        return n

    run, r = np.vectorize(change), x[0]
    for k in range(2):
        r = np.cos(r * w[k]) + np.sum(np.sin(r * w)) * x[1]
        run([0])
        np.apply_along_axis(change, 0, [1])
    return r


def a_method_handed_to_map(x):
    w = np.array([0.5, 1.5])
    put, r = w.put, x[0]
    for k in range(2):
        r = np.cos(r * w[k]) + np.sum(np.sin(r * w)) * x[1]
        list(map(put, [0, 1], [0.7, 0.3]))
    return r


def chosen_from_a_list(x):
    w = np.array([0.5, 1.5])
    acts, r = [lambda n: w.put(n, 0.7) or n, abs], x[0]
    for k in range(2):
        r = np.cos(r * w[k]) + np.sum(np.sin(r * w)) * x[1]
        sorted([1, 0], key=acts[0])
    return r


WRITING_FUNCTIONS = (
    handed_to_sorted, handed_to_map_by_another_name, handed_on_by_partial, handed_to_numpy, a_method_handed_to_map,
    chosen_from_a_list,
)  # fmt: skip


@pytest.mark.parametrize("function", WRITING_FUNCTIONS, ids=lambda function: function.__name__)
def test_functions_defined_inside_that_write_and_are_handed_on(function) -> None:
    check(function, np.array([0.4, 1.2]))


class Counter:
    """Methods under names of arrays and containers that do something else."""

    def __init__(self, k):
        self.k = k

    def count(self, v):
        return self.k * v * v

    searchsorted = mean = index = argmax = count


OUTSIDE_COUNTER = Counter(2.0)


def handed(counter):
    return counter


def the_method_of_what_a_function_gives(x):
    return np.sum(handed(OUTSIDE_COUNTER).mean(x))


def the_method_of_an_item(x):
    counters = [OUTSIDE_COUNTER, 2]
    return np.sum(counters[0].index(x))


def the_method_of_an_argument(x, counter):
    return np.sum(counter.searchsorted(x))


def the_method_of_an_item_of_an_argument(x, counters):
    return np.sum(counters[0].argmax(x))


@pytest.mark.parametrize(
    ("function", "given", "method"),
    [
        (the_method_of_what_a_function_gives, (), "mean"),
        (the_method_of_an_item, (), "index"),
        (the_method_of_an_argument, (OUTSIDE_COUNTER,), "searchsorted"),
        (the_method_of_an_item_of_an_argument, ([OUTSIDE_COUNTER],), "argmax"),
    ],
)
def test_methods_of_objects_named_as_those_of_arrays_are_refused(function, given, method) -> None:
    error = refusal(function, X, *given)
    assert error.reason.endswith(
        f" is an array is not known, and its method `{method}` is handed values to be differentiated"
    )
    assert error.hint == f"write np.{method}(...) if it is one; else give `{method}` another name in its class"


def test_modules_are_not_copied_where_a_call_may_change_what_it_is_handed() -> None:
    def transposed(x, r):
        NOTES.append(halved(r, np.zeros(2)))
        y = sum(x.T)
        r *= y
        return r

    check(transposed, X, 0.5)
    assert "copied(np)" not in grad(transposed, wrt=(0, 1)).source_for(X, 0.5)


NOTES: list[float] = []


def halved(x, h):
    h *= 0.5
    return x


class Ticking:
    """Methods that Python runs by itself, and a property, which write into what the object holds."""

    def __init__(self):
        self.w = np.array([0.5, 1.5])

    def __len__(self):
        self.w *= 0.5
        return 2


class Drawn:
    def __init__(self):
        self.w = np.array([0.5, 1.5])

    @property
    def next(self):
        room = self.w
        room[0] = 0.25
        return 1


class Sorting:
    def __init__(self):
        self.w = np.array([0.5, 1.5])

    def __lt__(self, other):
        self.w.fill(0.25)
        return True


class Calm:
    """Keeps count, and what it has computed once."""

    def __init__(self):
        self.w, self.asked, self.kept = np.array([0.5, 1.5]), 0, {}

    def __len__(self):
        self.asked += 1
        return 2

    @property
    def total(self):
        self.kept["total"] = float(np.sum(self.w))
        return self.kept["total"]


TICKING = Ticking()


def runs_len(x):
    s = Ticking()
    w, r = s.w, x[0]
    for _ in range(2):
        r = np.cos(r * w[0]) + np.sum(np.sin(r * w)) * x[1]
        assert len(s) == 2
    return r


def runs_len_from_outside(x):
    w, r = TICKING.w, x[0]
    for _ in range(2):
        r = np.cos(r * w[0]) + np.sum(np.sin(r * w)) * x[1]
        assert len(TICKING) == 2
    return r


def runs_a_property(x, s):
    w, r = s.w, x[0]
    for _ in range(2):
        r = np.cos(r * w[0]) * s.next + np.sum(np.sin(r * w)) * x[1]
    return r


def runs_a_comparison(x):
    s = [Sorting(), Sorting()]
    w, r = s[0].w, x[0]
    for _ in range(2):
        r = np.cos(r * w[0]) + np.sum(np.sin(r * w)) * x[1]
        sorted(s)
    return r


def counts_and_keeps(x):
    s = Calm()
    w, r = s.w, x[0]
    for _ in range(len(s)):
        r = np.cos(r * w[0]) + np.sum(np.sin(r * w)) * x[1] * s.total
    return r


class Tallying:
    """Each time that it is asked, it is another one."""

    def __init__(self):
        self.asked = 0

    def _ask(self):
        self.asked = self.asked + 1

    @property
    def level(self):
        self._ask()
        return 0.5 * self.asked

    def __mul__(self, other):
        return self.level * other


class Outer:
    def __init__(self):
        self.inner = Tallying()

    @property
    def level(self):
        return self.inner.level


class Emptied:
    def __init__(self):
        self.items = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]

    def __neg__(self):
        items = self.items
        return items.pop()


class Noisy:
    def __init__(self):
        self.rng = np.random.default_rng(0)

    def __getitem__(self, place):
        return place + self.rng.normal()


class Descriptor:
    def __get__(self, owner, cls):
        owner.asked += 1
        return owner.asked * 0.5


class Described:
    level = Descriptor()

    def __init__(self):
        self.asked = 0


ASKED = [0]


def asked():
    ASKED[0] += 1
    return ASKED[0]


class Asking:
    def __len__(self):
        return asked()


class Steps:
    """An iterator whose state the program reads."""

    def __init__(self):
        self.place = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.place == 3:
            raise StopIteration
        self.place += 1
        return self.place


class Blocks:
    def __init__(self):
        self.depth = 0

    def __enter__(self):
        self.depth += 1
        return self

    def __exit__(self, *exception):
        self.depth += 1


def asks_a_property(x):
    s = Tallying()
    return s.level * x[0] * x[1] + s.level * x[1]


def asks_an_operator(x):
    s = Tallying()
    r = x[0]
    for _ in range(3):
        r = r * (s * 2.0) * x[1]
    return r


def made_by_another(x):
    s = made(Tallying)
    return s.level * x[0] * x[1] + s.level * x[1]


def made(cls):
    return cls()


def made_by_a_function(x):
    s = make_outer()
    return s.level * x[0] * x[1] + s.level * x[1]


def make_outer():
    return Outer()


def held_by_another(x):
    s = Outer()
    return s.inner.level * x[0] * x[1] + s.inner.level * x[1]


def takes_items(x):
    s = Emptied()
    return -s * x[0] * x[1] + -s * x[1]


def draws(x):
    s = Noisy()
    return s[1] * x[0] * x[1] + s[2] * x[1]


def asks_a_descriptor(x):
    s = Described()
    return s.level * x[0] * x[1] + s.level * x[1]


def asks_outside(x):
    s = Asking()
    return len(s) * x[0] * x[1] + len(s) * x[1]


def runs_through(x):
    s, r = Steps(), x[0]
    for v in s:
        r = r * x[1] * v + x[0] * s.place
    return r


def sums_and_looks(x):
    s = Steps()
    r = x[0] * s.place + x[1]
    return r * s.place * sum(s)


def enters(x):
    s, r = Blocks(), x[0]
    with s:
        r = r * x[1] * s.depth
    return r * s.depth


OUTSIDE = [
    (asks_a_descriptor, "Described", "level", "counts in `asked`, which is read"),
    (asks_outside, "Asking", "__len__", "changes what is outside of it"),
    (runs_through, "Steps", "__next__", "assigns `place`, which the program reads"),
    (sums_and_looks, "Steps", "__next__", "assigns `place`, which the program reads"),
    (enters, "Blocks", "__exit__", "assigns `depth`, which the program reads"),
]


FOLLOWED = [
    asks_a_property, asks_an_operator, made_by_another, made_by_a_function, held_by_another, takes_items, draws,
]  # fmt: skip


@pytest.mark.parametrize("function", FOLLOWED)
def test_methods_of_objects_of_constants_that_give_others_each_time_are_followed(function) -> None:
    check_derivative(function, X)
    check_derivative(grad(function), X)


@pytest.mark.parametrize(("function", "cls", "method", "does"), OUTSIDE, ids=[case[0].__name__ for case in OUTSIDE])
def test_methods_that_python_runs_by_itself_and_that_give_others_each_time_are_refused(
    function, cls, method, does
) -> None:
    """Properties, operators and the like of objects kept whole were run again, elsewhere, or not at all.

    Only writes into arrays by classes that the text names were refused; counters, items taken off, random numbers
    and objects made by others gave wrong values.
    """
    start = f"there is an object of class `{cls}`, whose `{method}` {does}, and "
    assert refusal(function, X).reason == start + "Python runs that where nobody sees a call"


class Timed:
    def __enter__(self):
        self.start = 1.0
        return self

    def __exit__(self, *exception):
        self.taken = self.start + 0.5


def test_how_long_a_block_took_may_be_shown() -> None:
    shown = []

    def f(x):
        with Timed() as timed:
            r = x[0] * np.sin(x[1])
        shown.append(timed.taken)
        return r

    check(f, np.array([0.4, 1.2]))
    assert set(shown) == {1.5}


@pytest.mark.parametrize(
    ("function", "given", "cls", "method"),
    [
        (runs_len, (), "Ticking", "__len__"),
        (runs_len_from_outside, (), "Ticking", "__len__"),
        (runs_a_property, (Drawn(),), "Drawn", "next"),
        (runs_a_comparison, (), "Sorting", "__lt__"),
    ],
)
def test_methods_that_python_runs_by_itself_and_that_write_are_refused(function, given, cls, method) -> None:
    error = refusal(function, X, *given)
    assert error.reason == (
        f"there is an object of class `{cls}`, whose `{method}` writes into what it holds, and "
        "Python runs that where nobody sees a call"
    )
    assert error.hint == f"let `{method}` only compute, and write in a method that is called by its name"


def test_methods_that_count_and_keep_are_taken_to_compute() -> None:
    check(counts_and_keeps, np.array([0.4, 1.2]))


def added_at_an_item(x, q):
    np.add.at(q[1], 2, 0.5)
    return x * q[1][2]


def put_into_an_item(x, q):
    np.put(q[1], [2], 0.5)
    return x * np.sum(q[1])


def filled_an_item(x, q):
    q[1].fill(2.0)
    return x * np.sum(q[1])


def copied_to_an_item(x, q):
    np.copyto(q[1], 0.25)
    return x * np.sum(q[1])


def a_diagonal_of_an_item(x, q):
    np.fill_diagonal(q[1].reshape(2, 2), 0.5)
    return x * np.sum(q[1])


@pytest.mark.parametrize(
    "function",
    [added_at_an_item, put_into_an_item, filled_an_item, copied_to_an_item, a_diagonal_of_an_item],
)
@pytest.mark.parametrize("mode", [jvp, vjp])
def test_calls_that_write_into_items_of_arguments_leave_these_alone(function, mode) -> None:
    given = (np.arange(3.0) + 0.5, np.arange(4.0) + 0.25)
    kept = [part.copy() for part in given]
    value, found = mode(function)(0.5, given, seed=1.0)
    assert found == pytest.approx(value / 0.5)
    for part, before in zip(given, kept, strict=True):
        np.testing.assert_array_equal(part, before)


class Toggled:
    """Its property is another number the first time."""

    def __init__(self):
        self.first = True

    @property
    def value(self):
        if self.first:
            self.first = False
            return 1.0
        return 2.0


class Switched(Toggled):
    @property
    def value(self):
        value = 2.0
        if self.first:
            value = 1.0
            self.first = False
        return value


class Prepared:
    """What it computes at first, it keeps."""

    def __init__(self):
        self.ready, self.kept = False, None

    @property
    def value(self):
        if not self.ready:
            part = 1.5
            self.kept = 2.0 * part
            self.ready = True
        return self.kept


@pytest.mark.parametrize("cls", [Toggled, Switched])
def test_properties_that_are_something_else_the_next_time(cls: type) -> None:
    """A flag was taken for one of a cache, and the property for a constant: wrong values."""

    def f(x):
        thing = cls()
        return x * thing.value * x * thing.value

    with pytest.raises(UnsupportedError, match="`value` counts in `first`, which is read"):
        grad(f)(0.7)


def test_properties_that_prepare_what_they_give() -> None:
    def f(x):
        thing = Prepared()
        return x * thing.value * x * thing.value

    check_derivative(f, 0.7)


# -- what is written inside of expressions -----------------------------------------------------


def a_lambda_in_a_test(x):
    seen = []
    t = 0.0
    for v in x:
        if (lambda w: seen.append(w) or w > 0)(v):
            t += v
    return t * sum(seen)


def a_condition_of_a_comprehension(x):
    seen = []
    n = sum(1 for v in x if seen.append(v) or v > 0)
    return n * sum(seen)


def a_condition_of_a_dict(x):
    seen = []
    r = {i: v for i, v in enumerate(x) if not seen.append(v)}
    return r[1] * sum(seen)


def a_list_of_nones(x):
    seen = []
    n = len([seen.append(v) for v in x])
    return sum(seen) * n


def a_test_of_all(x):
    seen = []
    ok = all(seen.append(v * v) or v > 0 for v in x)
    return sum(seen) * (2 if ok else 3)


def a_lambda_that_is_compared(x):
    seen = []
    t = (lambda v: seen.append(v))(x[0]) is None
    return sum(seen) * (2 if t else 1)


def a_lambda_in_a_dict(x):
    seen = []
    g = {"f": lambda v: seen.append(v * v)}
    g["f"](x[0])
    b = g["f"](x[1]) is None
    return sum(seen) * b


def a_default_that_is_stored(x):
    d = {}
    n = sum((lambda k, v: d.setdefault(k, v) is v)(k, x[i] ** 2) for i, k in enumerate("aba"))
    return d["a"] * d["b"] * n


def a_key_that_stores(x):
    seen = np.zeros(3)

    def key(i):
        seen[i] = x[i] * 2
        return x[i]

    s = sorted(range(3), key=key)
    return seen[s[0]] * seen[1]


def a_key_that_appends(x):
    seen = []

    def key(i):
        seen.append(x[i] * 2)
        return x[i]

    return seen[max(range(3), key=key)] * seen[1]


def a_key_of_what_varies(x):
    seen = []

    def key(v):
        seen.append(v * v)
        return v

    s = sorted([x[0], x[1], x[2]], key=key)
    return s[0] * seen[0] + s[1] * seen[1]


def a_key_of_a_list_that_is_sorted(x):
    c, seen = [x[0], x[1], x[2]], []
    c.sort(key=lambda v: seen.append(v) or v * v)
    return c[0] * seen[0] + c[1] * seen[1] ** 2


@pytest.mark.parametrize(
    "f",
    [
        a_lambda_in_a_test, a_condition_of_a_comprehension, a_condition_of_a_dict, a_test_of_all,
        a_lambda_that_is_compared, a_lambda_in_a_dict, a_default_that_is_stored, a_key_that_stores,
        a_key_that_appends, a_key_of_what_varies, a_key_of_a_list_that_is_sorted,
    ],
)  # fmt: skip
def test_writes_that_no_statement_shows(f: Callable[..., Any]) -> None:
    """What was written was taken not to vary, as only statements were followed: its derivative was zero."""
    refusal(f, np.array([0.7, -1.3, 2.1]))


def test_a_comprehension_that_changes_a_list_becomes_a_loop() -> None:
    check_derivative(a_list_of_nones, np.array([0.7, -1.3, 2.1]))


def test_functions_that_write_where_they_are_handed_on() -> None:
    error = refusal(a_key_that_stores, np.array([0.7, -1.3, 2.1]))
    assert "`key` writes into values to be differentiated, and is called where it is not unfolded" in str(error)


def a_key_that_counts(x):
    count = [0]

    def key(i):
        count[0] += 1
        return -i

    s = sorted(range(3), key=key)
    return x[s[0]] * x[1] * count[0]


def test_writes_of_what_does_not_vary_stay() -> None:
    check_derivative(a_key_that_counts, np.array([0.7, -1.3, 2.1]))


# -- assignments inside of what is no plain expression -----------------------------------------


def in_a_text(x):
    s = x[0]
    y = f"{s:.2f}{(s := s * 2):{int(s := s + 6)}.2f}{s:.1f}{(s := s * x[1]):.1f}"
    return s * s + len(y)


def a_list_that_grows_in_a_text(x):
    s, c = x[0], [1.0]
    y = f"{c}{c.append(3.0)}{(s := s * 2)}{c}"
    return s * len(y.split("3.0"))


def a_counter_in_a_text(x):
    n, t = 0, 0.0
    for i in range(3):
        f"{(n := n + 1)}"
        t += x[i] * n * x[i]
    return t * n


def in_what_is_deleted(x):
    s = x[0]
    c = [s, s, s, s]
    del c[int((s := s * 2) * 0)], c[int((s := s + 1) * 0) + 1]
    return s * sum(c)


def in_a_message(x):
    s = x[0]
    try:
        assert s > 5, (s := s * 2)
    except AssertionError:
        s = s + 1
    return s * s


def in_what_is_raised(x):
    s = x[0]
    try:
        raise ValueError(s := s * 2) from KeyError(s := s * x[1])
    except ValueError:
        pass
    return s * s


def in_a_manager(x):
    s = x[0]
    with np.errstate(all="ignore" if (s := s * 2) else "warn"):
        s = s * s
    return s


@pytest.mark.parametrize(
    "f",
    [
        in_a_text, a_list_that_grows_in_a_text, a_counter_in_a_text, in_what_is_deleted, in_a_message,
        in_what_is_raised, in_a_manager,
    ],
)  # fmt: skip
def test_assignments_inside_of_other_things(f: Callable[..., Any]) -> None:
    """What was kept whole was taken to assign nothing: wrong derivatives, and a counter that stayed zero."""
    x = np.array([0.7, -1.3, 2.1])
    check_derivative(f, x)
    check_derivative(grad(f), x)


class Changing:
    """Changes a list where it is entered and where it is left."""

    def __init__(self, t, v):
        self.t, self.v = t, v

    def __enter__(self):
        self.t[0] = self.t[0] * 2 + self.v
        return self.t[0]

    def __exit__(self, *error):
        self.t[0] = self.t[0] * self.v
        return False


def a_manager_made_of_what_the_first_changed(x):
    t = [x[0]]
    with Changing(t, x[1]), Changing(t, t[0]) as b:
        t[0] = t[0] * b
    return t[0]


def a_manager_made_of_what_the_first_gave(x):
    t, s = [x[0]], x[2]
    with Changing(t, (s := s * 2)) as a, Changing(t, (s := s * a)) as b:
        t[0] = t[0] * b
    return t[0] * s


@pytest.mark.parametrize("f", [a_manager_made_of_what_the_first_changed, a_manager_made_of_what_the_first_gave])
def test_managers_are_made_one_after_the_other(f: Callable[..., Any]) -> None:
    """The second one was made before the first was entered: wrong values, and an UnboundLocalError."""
    x = np.array([0.7, -1.3, 2.1])
    check_derivative(f, x)
    check_derivative(grad(f), x)


def a_chain_of_dicts(x):
    node = head = {"v": x[0], "next": None}
    for v in x[1:]:
        node["next"] = {"v": v, "next": None}
        node = node["next"]
    t = 1.0
    while head is not None:
        t = t * head["v"] + 1
        head = head["next"]
    return t


def test_containers_that_hold_their_like_as_an_item() -> None:
    """How deep they are known had no end: a RecursionError in the compiler."""
    x, v, step = np.array([0.7, -1.3, 2.1]), np.array([0.5, 1.5, -1.0]), 1e-6
    _, tangent = jvp(a_chain_of_dicts)(x, seed=v)
    expected = (a_chain_of_dicts(x + step * v) - a_chain_of_dicts(x - step * v)) / (2 * step)
    np.testing.assert_allclose(tangent, expected, rtol=1e-6)
    with pytest.raises(UnsupportedError, match="is a number or a view of an array that is written in place"):
        vjp(a_chain_of_dicts)(x, seed=1.0)


def any_keeps_what_it_found(x):
    if any((hit := v * w) > 1.0 for v in x if v > 0.5 for w in x if w < 1.5):
        return hit * hit * x[0]
    return hit * x[1]


def all_keeps_what_it_saw_last(x):
    t = 1.0
    while all((last := v * t) < 3.0 for v in x):
        t += last
    return t * last


def any_asks_no_more_than_it_must(x):
    seen = []

    def is_large(v):
        seen.append(v * v)
        return v > 1.0

    if not any(is_large(v) for v in x) or all((v := is_large(u)) for u in x):
        seen.append(x[0])
    return sum(seen)


@pytest.mark.parametrize("f", [any_keeps_what_it_found, all_keeps_what_it_saw_last, any_asks_no_more_than_it_must])
def test_any_and_all_end_where_they_know(f: Callable[..., Any]) -> None:
    """Generators that do more than compute were run to their ends: wrong values."""
    x = np.array([0.7, 1.3, 0.4, 1.9])
    check_derivative(f, x)
    check_derivative(grad(f), x)


def a_key_of_max_that_appends(x):
    seen = []
    m = max([v * 2 for v in x], key=lambda v: seen.append(v) or v)
    return m * sum(seen)


def a_key_that_stores_what_it_is_given(x):
    seen = np.zeros(4)
    items = list(x)
    items.sort(key=lambda v: seen.__setitem__(0, v) or v)
    return items[0] * sum(seen)


def a_key_of_min_that_keeps_the_first(x):
    seen = {}
    m = min((v for v in x), key=lambda v: seen.setdefault(0, v))
    return m * seen[0]


def a_key_of_max_that_counts(x):
    calls = []
    m = max([v * v for v in x], key=lambda v: calls.append(1) or v)
    return m * len(calls)


@pytest.mark.parametrize(
    "f",
    [
        a_key_of_max_that_appends, a_key_that_stores_what_it_is_given, a_key_of_min_that_keeps_the_first,
        a_key_of_max_that_counts,
    ],
)  # fmt: skip
def test_keys_that_do_more_than_compute_are_refused(f: Callable[..., Any]) -> None:
    """What they wrote had no derivative: a function is nothing that varies, and so nothing seemed to reach it."""
    refusal(f, np.array([0.7, 1.3, 0.4, 1.9]))


def test_keys_that_compute() -> None:
    def f(x):
        limit = x[0]

        def distance(v):
            parts = [v - limit]
            parts[0] = abs(parts[0])
            return parts[0]

        return max([v * v for v in x], key=distance) * x[1]

    check_derivative(f, np.array([0.7, 1.3, 0.4, 1.9]))


class Scale:
    def __init__(self, by):
        self.by = by

    def of(self, pair):
        return pair[0] * self.by


SCALE = Scale(2.0)


def test_keys_that_are_known_to_compute_although_nobody_defined_them_here() -> None:
    def f(x):
        pairs = [(v * v, v) for v in x]
        first, by = max(pairs, key=itemgetter(0)), partial(pow, 2.0)
        return first[1] * max(pairs, key=SCALE.of)[1] * min([v * v for v in x], key=by)

    check_derivative(f, np.array([0.7, 1.3, 0.4, 1.9]))


def vectorized_with_a_list(x):
    seen = []

    def numbered(v):
        seen.append(v)
        return v * len(seen)

    return np.sum(np.vectorize(numbered)(x)) * sum(seen) + np.sum(np.vectorize(numbered, otypes=[float])(x))


def test_vectorize_asks_the_first_entry_twice() -> None:
    """It learns the type of the results so, where it is not told: what the function wrote was one item short."""
    check_derivative(vectorized_with_a_list, np.array([0.7, 1.3, 0.4, 1.9]))


KEPT: ContextVar[Any] = ContextVar("kept")


def kept_in_a_context(x):
    KEPT.set(x[0])
    return KEPT.get() * x[1]


def test_variables_of_a_context_are_objects_outside() -> None:
    """What `set` was given was taken for a number that nothing can change, and what `get` gave for a constant."""
    assert "active data is put into an object outside the function" in str(refusal(kept_in_a_context, X))


# -- objects that write when they are gone -----------------------------------------------------


class Ending:
    def __init__(self, y):
        self.y = y

    def __del__(self):
        self.y[0] = 5.0


class Reporting(Ending):
    def __del__(self):
        REPORTED.append(self.y.sum())


REPORTED: list[Any] = []


def deleted(x):
    y = x * 2.0
    ending = Ending(y)
    del ending
    return np.sum(y * x)


def assigned_again(x):
    y = x * 2.0
    ending = Ending(y)
    before = np.sum(y * x)
    ending = None  # noqa: F841
    return np.sum(y * x) + before


def at_the_end_of_a_function(x):
    y = x * 2.0
    deleted_inside(y)
    return np.sum(y * x)


def deleted_inside(y):
    ending = Ending(y)
    return ending.y[1]


def out_of_a_list(x):
    y = x * 2.0
    held = [Ending(y), Ending(y)]
    held.pop()
    return held[0].y[1] + y[0] * x[1]


def reported(x):
    reporting = Reporting(x * 2.0)
    del reporting
    return REPORTED[-1] * x[0]


@pytest.mark.parametrize("function", [deleted, assigned_again, at_the_end_of_a_function, out_of_a_list, reported])
def test_objects_that_write_when_they_are_gone_are_refused(function: Callable[..., Any]) -> None:
    """`__del__` was taken for a method that a program asks for."""
    assert "whose `__del__`" in refusal(function, X).reason


# -- arrays of records -------------------------------------------------------------------------

RECORD = np.dtype([("a", float), ("b", float)])
RECORDS = np.array([(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)], RECORD)


def put_into_a_field(x):
    room = np.zeros(3, dtype=[("a", float), ("b", float)])
    room["a"][0] = x[0]
    room[1]["b"] = x[1]
    return room["a"][0] * room["b"][1]


def put_into_a_field_of_what_is_given(x, model):
    model.records["a"][0] = x[0]
    return model.records["a"][0] * x[0]


def read_from_records(x, records):
    total = records[1]["b"] * x[0]
    for record in records:
        total = total + record["a"] * x[1]
    return total + np.sum(records["a"] * x[:3])


def put_into_records_of_a_kind_that_is_not_known(x):
    room = np.zeros(3, dtype=[*FIELDS])
    room["a"] = x[:3]
    return room["a"][0] * x[0]


FIELDS = [("a", float), ("b", float)]


def test_what_varies_is_not_put_into_records() -> None:
    """A field was no place that an array keeps numbers at, so what was put there was lost."""
    text = "is put into an array of objects or records, which is not followed"
    assert text in refusal(put_into_a_field, X).reason
    model = SimpleNamespace(records=RECORDS.copy())
    for mode in (jvp, vjp):
        with pytest.raises(UnsupportedError, match=text):
            mode(put_into_a_field_of_what_is_given)(X, model, seed=X)


def test_records_may_be_read() -> None:
    check_derivative(read_from_records, X, RECORDS, wrt=0)


def test_records_of_a_kind_that_is_not_known_have_no_adjoint() -> None:
    for mode in (jvp, vjp):
        with pytest.raises(DerivativeError, match="values to be differentiated are put into an array of records"):
            mode(put_into_records_of_a_kind_that_is_not_known)(X, seed=X if mode is jvp else 1.0)


def kept_in_bytes(x):
    room = memoryview(np.zeros(4))
    for i in range(4):
        room[i] = x[i] * 2.0
    return room[1] * room[2]


def kept_in_a_view(x):
    room = np.zeros((2, 2)).flat
    room[1] = x[0]
    return room[1] * x[1]


class Kept(UserDict):
    """A class whose parts a library keeps."""


def kept_in_a_mapping(x):
    room = Kept()
    room["first"] = x[0]
    return room["first"] * x[1]


def test_what_varies_is_not_kept_by_objects_of_libraries() -> None:
    assert "`memoryview` is made of values to be differentiated" in refusal(kept_in_bytes, X).reason
    for mode in (jvp, vjp):
        text = "values to be differentiated are put into an object of class flatiter"
        with pytest.raises(DerivativeError, match=text):
            mode(kept_in_a_view)(X, seed=X if mode is jvp else 1.0)
        with pytest.raises(DerivativeError, match="values to be differentiated are put into an object of class Kept"):
            mode(kept_in_a_mapping)(X, seed=X if mode is jvp else 1.0)


# -- the order of what is made into an array ---------------------------------------------------


def copied_in_order(x):
    y = np.array(x * 2.0, copy=True, order="F", subok=False)
    y[0] = 3.0
    return np.sum(y * x)


def shared_in_order(x):
    z = x * 2.0
    y = np.array(z, order="C", copy=None)
    y[0] = x[1] ** 2
    w = np.asarray(z, order="C")
    w[1] = x[2]
    return np.sum(z * y * w)


def copied_by_asarray(x):
    z = x * 2.0
    y = np.asarray(z, copy=True)
    y[0] = x[1]
    return np.sum(z * y) + np.asarray(z[0], order="C") * np.array(z[1], order="F")


def turned_and_reshaped(x):
    y = np.asarray(x.reshape(2, 2) * 1.0, order="F")
    z = y.reshape(-1)
    z[1] = x[0] * 5.0
    return y[0, 1] * z[1]


def turned_array_reshaped(x):
    y = np.array(x.reshape(2, 2), order="F")
    z = y.reshape(-1)
    z[1] = x[0] * 5.0
    return y[0, 1] * z[1]


def copied_by_turning(x):
    w = x * 1.0
    y = np.asarray(w.reshape(2, 2).T, order="C")
    y[0, 1] = x[0] * 5.0
    return y[0, 1] * w[2] + w[1] * x[1]


@pytest.mark.parametrize("function", [copied_in_order, shared_in_order, copied_by_asarray])
def test_arrays_may_be_asked_for_in_an_order(function: Callable[..., Any]) -> None:
    check_derivative(function, X)


@pytest.mark.parametrize("function", [turned_and_reshaped, turned_array_reshaped, copied_by_turning])
def test_the_order_decides_what_is_a_copy(function: Callable[..., Any]) -> None:
    step = 1e-6
    _, tangent = jvp(function)(X, seed=X)
    assert tangent == pytest.approx((function(X * (1 + step)) - function(X * (1 - step))) / (2 * step), rel=1e-7)
    with pytest.raises(DerivativeError, match="made a copy here, not a view"):
        vjp(function)(X, seed=1.0)
