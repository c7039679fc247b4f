"""Calls that write into arrays, stores into several places, parts of arrays: right in both modes, to second order."""

from __future__ import annotations

import collections
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp, vjp
from tangent_sct.testing import check_derivative

Program = Callable[..., Any]
X = np.array([0.5, -0.7, 1.1, 0.35, 0.9])
Y = np.array([0.2, 0.8, -0.4, 1.3, 0.6])
SQUARE = np.array([[0.3, 0.9, -0.2], [1.1, 0.4, 0.5], [0.2, -0.6, 0.7]])
WIDE = np.arange(1.0, 13.0).reshape(3, 4) / 7.0
PROGRAMS: list[tuple[Program, tuple[Any, ...]]] = []
SECOND: list[tuple[Program, tuple[Any, ...]]] = []
REFUSED: list[tuple[Program, str, tuple[Any, ...]]] = []


def program(*args: Any, order: int = 2) -> Callable[[Program], Program]:
    """Check the decorated function at some arguments, and its gradient where the order is two."""

    def keep(function: Program) -> Program:
        PROGRAMS.append((function, args))
        if order > 1:
            SECOND.append((function, args))
        return function

    return keep


def refused(reason: str, *args: Any) -> Callable[[Program], Program]:
    """The decorated function is refused for a reason."""

    def keep(function: Program) -> Program:
        REFUSED.append((function, reason, args))
        return function

    return keep


def value(a):
    return np.sum(np.sin(a) * a)


# -- out= and where= ------------------------------------------------------------------------------


@program(X)
def out_of_itself(x):
    a = x * 2.0
    np.add(a, x, out=a)
    np.multiply(a, x, a)
    return value(a)


@program(X)
def out_into_a_slice(x):
    a = x * 2.0
    np.multiply(x[1:], x[:-1], out=a[1:])
    np.add(a[1:], a[:-1], out=a[1:])
    return value(a)


@program(SQUARE)
def rows_partitioned(x):
    a = x * 2.0
    for r in a:
        r.partition(1)
    return np.sum(a * np.arange(3.0))


@program(X)
def out_into_a_view(x):
    a = x * 2.0
    v = a[::2]
    y = np.multiply(v, x[:3], out=(v,))
    y[0] = x[1] * x[2]
    return value(a) * np.sum(y)


@program(WIDE)
def out_of_reductions(x):
    a = np.empty(4)
    np.sum(x, axis=0, out=a)
    b = np.empty(4)
    x.mean(axis=0, out=b)
    s = np.sum(np.cumsum(a, out=a))
    return s * value(a) + value(b)


@program(SQUARE)
def out_of_products(x):
    a = np.empty((3, 3))
    np.dot(x, x, a)
    np.matmul(a, x, out=a)
    return value(a)


@program(WIDE)
def out_by_position(x):
    a = np.empty(4)
    np.sum(x, 0, None, a)
    x[0].clip(0.2, 0.5, a[:])
    b = np.empty(3)
    x[0].take([0, 1, 1], 0, b)
    a[1:] += b
    return value(a)


@program(X)
def out_of_steps(x):
    a = x * 2.0
    np.floor(x, out=a)
    a += x * x
    return value(a)


@program(X)
def out_in_a_test(x):
    a = x * 1.0
    if np.add(a, x, out=a)[2] > 0.1:
        a *= x
    return value(a)


@program(np.array([0.5, 0.0, 1.1, 0.0, 0.9]), Y)
def quotient_where_it_exists(x, y):
    a = np.zeros(5)
    np.divide(y, x, out=a, where=x > 0.6)
    return value(a)


@program(WIDE, WIDE[0])
def where_broadcasts(x, y):
    a = np.ones((3, 4))
    np.multiply(x, y, out=a, where=y > 0.4)
    np.sqrt(a, out=a, where=x[:, :1] > 0.2)
    return value(a)


def into(a, out=None):
    return np.sin(a, out=out)


@program(X)
def out_that_may_be_none(x):
    a = x * 2.0
    into(x, a)
    return value(a) * np.sum(into(a))


@program(X)
def buffers_swapped(x):
    u, v = x * 1.0, np.empty(5)
    for _ in range(3):
        np.multiply(u, x, out=v)
        u, v = v, u
    return value(u) + value(v)


# -- functions that write -------------------------------------------------------------------------


@program(X)
def filled(x):
    a = x * 2.0
    a[1:3].fill(x[1] * x[0])
    b = a[3:]
    b.fill(0.5)
    return value(a) * np.sum(x)


@program(SQUARE)
def rows_filled_and_sorted(x):
    a = x * 2.0
    for i, row in enumerate(a):
        if i == 1:
            row.fill(x[0, 0])
        row[0] += i
        row.sort()
    a.sort(axis=0, kind="stable")
    return np.sum(a * a * np.arange(3.0))


@program(X, Y)
def copied_over(x, y):
    a = x * 2.0
    np.copyto(a, x * y, where=y > 0.3)
    np.copyto(a[:2], y[3])
    return value(a)


@program(X)
def put_in_places(x):
    a = x * 2.0
    np.put(a, [0, -1, 0], x[1:4] * x[:3])
    a.put([1, 2, 3], x[:2])
    return value(a)


@program(SQUARE, order=1)
def put_along_the_flat_array(x):
    a = x * 2.0
    np.put(a, [0, 5, -1], [1.0, x[0, 0], x[1, 1]])
    np.put_along_axis(a, np.argmax(x, axis=1)[:, None], x[:, :1] * 3.0, axis=1)
    return value(a)


@program(X, Y)
def placed_by_masks(x, y):
    a = x * 2.0
    np.place(a, x > 0.4, y[:2] * 3.0)
    np.putmask(a, x < 0.4, x * y)
    np.putmask(a, y > 0.7, x[:2])
    return value(a)


@program(SQUARE, order=1)
def diagonals(x):
    a = x * 2.0
    np.fill_diagonal(a, x[0, 1])
    b = a @ x
    np.fill_diagonal(b, x[0] * x[1])
    return value(a) * np.sum(b * b)


@program(SQUARE, order=1)
def diagonal_of_a_number_unknown(x):
    """Not known to be a number, the value was taken entry by entry, which a number's adjoint refused to be."""
    held = {"u": x[0, 0], "v": 0.3 * x[1, 1]}
    del held["u"]
    a = x * x
    np.fill_diagonal(a, sum(held.values()))
    return value(a)


@program(SQUARE)
def numbers_unknown_put_and_placed(x):
    held = {"u": x[0, 0], "v": 0.3 * x[1, 1], "w": x[0]}
    del held["u"]
    number = held["v"] if x[0, 0] > 0.2 else held["w"]
    a, b, c, e = x * x, x * x, x * x, x * x
    np.put(a, [1, -1], number)
    np.place(b, x > 0.45, number)
    np.putmask(c, x > 0.45, number)
    np.fill_diagonal(e, number, wrap=True)
    return value(a) + value(b) + value(c) + value(e)


@program(X)
def a_number_taken_several_times(x):
    total = np.sum(x * x)
    whole = np.take(total, [0, -1, 0]) * np.arange(1.0, 4.0)
    along = np.take(total * x[0], np.array([[0], [0]]), axis=0)
    return value(whole) + value(along) + total.take(0)


@program(X)
def a_number_or_an_array_taken_from(x):
    row = x[0] if x[1] > 0.0 else x[1:]
    other = x[0] if x[1] < 0.0 else x[1:]
    return value(np.take(row, [0, -1])) + value(np.take(other, [0, 0], axis=0)) + value(np.take(other, 0))


@program(X)
def a_list_taken_from(x):
    parts = []
    for i in range(4):
        parts.append(x * x[i])
    return value(np.take(parts, [0, -1, 0], axis=0)) + value(np.take(parts, [3, 17]))


@program(SQUARE)
def flat_places_from_the_end(x):
    """Places of the flat array that count from the end were said to be out of bounds."""
    a = x * x
    np.put_along_axis(a, np.array([0, -1]), x[1, :2], None)
    return value(a) + value(np.take_along_axis(x, np.array([0, -1, -1]), None))


@program(X)
def put_into_an_array_without_axes(x):
    a = np.array(np.sum(x))
    np.put(a, [0, -1], x[:2])
    return np.sin(a) * x[0]


@program(X)
def updated_one_after_the_other(x):
    a = x * 2.0
    np.subtract.at(a, [0, 1, 0], x[:3])
    np.multiply.at(a, [0, 1, 0], x[1:4])
    np.divide.at(a, [2, 2], 1.0 + x[0] ** 2)
    np.maximum.at(a, [3, 0, 3], x[:3])
    np.minimum.at(a, [3, 1], x[3:])
    return value(a)


@program(X)
def updated_by_its_own_values(x):
    a = x * 1.0
    np.multiply.at(a, [0, 1, 2, 3, 4], a[::-1])
    return np.sum(a * x)


@program(X)
def stored_by_a_function(x):
    a = x * 2.0
    operator.setitem(a, 1, x[0])
    a.__setitem__(slice(2, 4), x[:2] * x[2])
    return value(a)


# -- stores into several places, and containers ---------------------------------------------------


@program(SQUARE)
def rows_exchanged(x):
    a = x * 2.0
    a[[0, 1]] = a[[1, 0]] * x[[0, 2]]
    a[0], a[2] = a[2].copy(), a[0].copy()
    a[0, 0] = a[1, 1] = x[0, 1] ** 2
    return value(a)


@program(X)
def items_of_containers_are_written_in_place(x):
    y = x * 1.0
    held = {"a": y, "b": [y, x * 2.0]}
    held["a"] *= x
    held["b"][1] /= 2.0 + x
    held["b"][0] **= 2
    return np.sum(y * x) + np.sum(held["b"][1])


def test_arguments_are_left_alone_by_stores_into_several_places() -> None:
    def f(x, r):
        r[2], r[0] = 0.5, 0.25
        return np.sum(x * r)

    kept = Y.copy()
    np.testing.assert_array_equal(grad(f)(X, kept), [0.25, 0.8, 0.5, 1.3, 0.6])
    np.testing.assert_array_equal(kept, Y)


# -- parts of arrays ------------------------------------------------------------------------------


@program(X)
def split_at_a_place(x):
    a = x * 2.0
    p, q = np.split(a, [2])
    p[0] = q[1] * x[0]
    q *= x[2:]
    return value(a) * np.sum(p)


@program(WIDE)
def split_into_columns_and_rows(x):
    left, right = np.hsplit(x, 2)
    rows = np.vsplit(x, 3)
    thirds = np.array_split(x[0], 3)
    total = np.sum(left * right * left) + np.sum(rows[0] * rows[2]) + np.sum(thirds[0]) * np.sum(thirds[2] ** 2)
    for part in np.split(x, 2, axis=1):
        total += np.sum(part) ** 3
    return total


@program(SQUARE)
def views_made_by_einsum(x):
    a = x * 2.0
    diagonal = np.einsum("ii->i", a)
    diagonal[1:] = x[0, 0] * x[0, 1:]
    turned = np.einsum("ij->ji", a)
    turned[0] *= x[1]
    return value(a)


@program(X)
def sorted_list(x):
    c = [x[0], x[1]]
    c.sort()
    return c[0] ** 2 * c[1]


# -- updates whose kind is decided late -----------------------------------------------------------


@program(X, order=1)
def sums_that_begin_with_a_number(x):
    y = 0
    z = None
    for i in range(3):
        y += x * i
        if z is None:
            z = x * 1.0
        else:
            z *= y * x
    return np.sum(y * z)


def added(rows):
    total = 0
    for row in rows:
        total += row
    return total


@program(SQUARE)
def sums_of_rows_and_of_numbers(x):
    return np.sum(added(x) ** 2) * added(x[0])


@pytest.mark.parametrize(("function", "args"), PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS])
def test_derivatives(function: Program, args: tuple[Any, ...]) -> None:
    check_derivative(function, *args)


@pytest.mark.parametrize(("function", "args"), SECOND, ids=[f.__name__ for f, _ in SECOND])
def test_second_derivatives(function: Program, args: tuple[Any, ...]) -> None:
    check_derivative(grad(function), *args)


# -- what is refused ------------------------------------------------------------------------------


@refused(r"`np.random.default_rng\(0\).shuffle\(t\)` changes values", X)
def shuffled(x):
    a = x * 2.0
    np.random.default_rng(0).shuffle(a[1:])
    return np.sum(a * Y)


@refused(r"`a.resize\(7\)` changes values", X)
def resized(x):
    a = x * 2.0
    a.resize(7)
    return np.sum(a)


@refused(r"`np.nan_to_num\(a, copy=False\)` changes values", X)
def replaced_in_place(x):
    a = x * 2.0
    np.nan_to_num(a, copy=False)
    return np.sum(a * Y)


@refused(r"`np.add\(a, x.*, out=a\)` writes into values to be differentiated inside of an expression", X)
def written_where_it_may_not_run(x):
    a = x * 1.0
    if x[0] > 0.0 and np.add(a, x, out=a)[0] > 0.0:
        a *= 2.0
    return np.sum(a * Y)


@refused("the attribute `shape` of an array is assigned", SQUARE)
def another_shape(x):
    a = x * 2.0
    a.shape = (9,)
    return np.sum(a * np.arange(9.0))


@refused("the attribute `real` of an array is assigned", X)
def real_parts(x):
    a = x * 2.0
    a[1:].real = 1.0
    a.real = 1.0
    return np.sum(a * Y)


@refused(r"whether `operator.setitem\(c, 0, .*` writes into an array is not known", X)
def stored_into_a_list_by_a_function(x):
    c = [x[0], x[1]]
    operator.setitem(c, 0, x[2])
    return c[0] * c[1]


@pytest.mark.parametrize(("function", "reason", "args"), REFUSED, ids=[f.__name__ for f, _, _ in REFUSED])
@pytest.mark.parametrize("mode", [grad, jvp])
def test_refusals(function: Program, reason: str, args: tuple[Any, ...], mode: Any) -> None:
    """No write may go unseen, or change what is not known to change."""
    with pytest.raises(UnsupportedError, match=reason) as caught:
        mode(function)(*args, **({"seed": args[0]} if mode is jvp else {}))
    text = str(caught.value)
    assert "test_writers.py, line" in text
    assert caught.value.hint


def numbers_and_arrays_updated(x):
    c = [x[0], x]
    for i in range(2):
        c[i] *= 2.0
    return np.sum(c[1]) * c[0]


def kept_before_it_is_updated(x):
    y = 0
    kept = []
    for i in range(3):
        y += x * i
        kept.append(y)
    return np.sum(kept[0] * kept[2])


def constants_updated(x):
    c, products = [np.array([0.5, 1.5]), 2.0], [x]
    first = c[0]
    for i in range(2):
        c[i] *= 0.5
        products.append(products[-1] * np.sum(c[i]) * first[0])
    return np.sum(products[-1])


@pytest.mark.parametrize("function", [numbers_and_arrays_updated, kept_before_it_is_updated, constants_updated])
def test_the_text_asks_whether_there_is_an_array_to_write_into(function: Program) -> None:
    forward = jvp(function)
    for direction in np.eye(len(X)):
        _, found = forward(X, seed=direction)
        expected = (function(X + 1e-6 * direction) - function(X - 1e-6 * direction)) / 2e-6
        np.testing.assert_allclose(found, expected, atol=1e-7)
    assert ", np.ndarray):" in forward.source_for(X, seed=X)
    check_derivative(function, X)


def test_the_general_text_does_not_ask() -> None:
    with pytest.raises(UnsupportedError, match="whether `c.i. .= 2.0` replaces a number or writes") as caught:
        _ = grad(constants_of_any_kind).source
    assert "replaces a number or writes into an array is not known" in caught.value.reason
    assert "annotate" in caught.value.hint


def constants_of_any_kind(x, c):
    for i in range(2):
        c[i] *= 2.0
        c = [x, c[i]]
    return c[0]


def updated_number_or_list(x, n):
    held = [x, [x, x]]
    held[n] *= 2
    return held[0]


def filled_number_or_array(x, n):
    held = [x * x, 0.5, [0.5]]
    item = held[n]
    np.multiply(2.0, 2.0, out=item)
    return np.sum(held[0] * x)


def test_what_is_neither_is_found_while_it_runs() -> None:
    with pytest.raises(DerivativeError, match="a list is updated here"):
        jvp(updated_number_or_list)(0.7, 1, seed=1.0)
    assert jvp(updated_number_or_list)(0.7, 0, seed=1.0)[1] == 2.0
    assert jvp(filled_number_or_array)(X, 0, seed=np.ones(len(X)))[1] == 4.0 * len(X)
    with pytest.raises(DerivativeError, match="a float is written into here"):
        jvp(filled_number_or_array)(X, 1, seed=X)


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (lambda a: np.place(a, a > -9.0, a[1:3]),
         "values are written into the array that they are a part of, one after the other; "
         "copy them first (`.copy()`)"),
        (lambda a: np.multiply.at(a, ([0, 1],), 2.0),
         "places are updated one after the other, which is differentiated for one list, or array with one axis, "
         "of integers only; write a loop over the places"),
    ],
)  # fmt: skip
def test_refusals_while_running(write: Program, text: str) -> None:
    def f(x):
        a = x * 1.0
        write(a)
        return np.sum(a * x)

    with pytest.raises(DerivativeError) as caught:
        grad(f)(X)
    assert str(caught.value) == text


# -- the final state of arguments -----------------------------------------------------------------


def heat(A, B, k, steps):
    for _ in range(steps):
        B[1:-1] = k * (A[:-2] + A[2:]) * A[1:-1]
        A, B = B, A


def stopped(A, b):
    if b > 3.0:
        return None
    A *= b
    A[0] = np.sum(A)
    return b


def grown(parts, b):
    parts[0] *= b
    parts.append(parts[0] * parts[1])


def heat_of_copies(A, B, k, steps):
    A, B = A.copy(), B.copy()
    heat(A, B, k, steps)
    return A, B


def stopped_copy(A, b):
    A = A.copy()
    stopped(A, b)
    return A


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_outputs_are_the_arrays_that_were_given(steps: int) -> None:
    """Not those that the parameters mean in the end, after swaps."""
    seed = (Y, X)
    wanted, adjoints = vjp(heat_of_copies, (0, 1, 2))(X, Y, 0.3, steps, seed=seed)
    found, own = vjp(heat, (0, 1, 2), outputs=("A", "B"))(X, Y, 0.3, steps, seed=seed)
    for a, b in zip((*wanted, *adjoints), (*found, *own), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-14)
    value, only = vjp(heat, "k", outputs=1)(X, Y, 0.3, steps, seed=X)
    np.testing.assert_array_equal(value, wanted[1])
    _, tangent = jvp(heat, "k", outputs="B")(X, Y, 0.3, steps, seed=1.0)
    np.testing.assert_allclose(np.sum(tangent * X), only, rtol=1e-12)


@pytest.mark.parametrize("b", [0.5, 3.5])
def test_outputs_of_a_function_that_returns_early(b: float) -> None:
    kept = X.copy()
    wanted, adjoints = vjp(stopped_copy, (0, 1))(X, b, seed=Y)
    found, own = vjp(stopped, ("A", "b"), outputs="A")(kept, b, seed=Y)
    for x, y in zip((wanted, *adjoints), (found, *own), strict=True):
        np.testing.assert_allclose(y, x, rtol=1e-14)
    np.testing.assert_array_equal(kept, X)


def test_outputs_that_are_lists() -> None:
    state, (parts, b) = vjp(grown, ("parts", "b"), outputs="parts")([X, Y], 2.0, seed=[X, Y, np.ones(5)])
    assert len(state) == 3
    np.testing.assert_allclose(state[2], 2.0 * X * Y)
    np.testing.assert_allclose(parts[0], 2.0 * (X + Y))
    np.testing.assert_allclose(b, np.sum(X * (X + Y)))


final_state = vjp(stopped, outputs="A")


def test_outputs_to_second_order() -> None:
    def size(x):
        value, adjoint = final_state(x, 0.7, seed=x * x)
        return np.sum(value * value) + np.sum(adjoint * x)

    check_derivative(size, X)
    check_derivative(grad(size), X)


def test_outputs_that_are_none() -> None:
    with pytest.raises(ValueError, match="argument `outputs`: stopped has no parameter 'q'"):
        vjp(stopped, outputs="q")
    with pytest.raises(TypeError, match="argument `outputs` must be a position"):
        jvp(stopped, outputs=1.5)
    with pytest.raises(TypeError, match="argument `b` is an output, and no function can change a float"):
        vjp(stopped, outputs="b")(X, 0.5, seed=1.0)


def test_values_that_may_be_one_number() -> None:
    """What is put where may be a number: places in it were asked for."""

    def f(x, r):
        taken = collections.defaultdict(float)
        u = taken["a"] - sum([1.5, r[0, 0] * x])
        np.fill_diagonal(r, u)
        np.put(r, [1, 2], u * x)
        np.putmask(r, r > 100.0, u)
        return np.sum(r * r)

    check_derivative(f, 0.7, np.linspace(0.5, 1.5, 6).reshape(2, 3))


def halves(values):
    values[1] *= -0.8
    return 0.5


def test_an_index_that_the_value_of_an_update_changes() -> None:
    """`b[b > 0.1] *= g(b)`: the index was computed again after the call."""

    def f(x):
        b = np.full(3, 0.8) * x
        b[b > 0.1] *= halves(b)
        b[2 * int(b[0]) : 3] += x
        return x * b[0] + b[1] * b[2]

    check_derivative(f, 0.7)


def test_a_method_whose_result_is_read_hands_on_what_it_is_given() -> None:
    """The tangent of what is appended was zero where the result of `append` is read: wrong derivatives."""

    def f(x, y):
        items = [x, y]
        t = items.append(x * y) or x * 3.0
        return items[0] + t * items[2]

    def kept(x, y):
        d = {"a": x}
        t = d.setdefault("b", x * y)
        return t * d["b"] + d["a"]

    values, derivative = jvp(f, wrt=(0, 1))(0.5, 0.8, seed=(1.0, 1.0))
    assert values == 0.5 + 1.5 * 0.4
    np.testing.assert_allclose(derivative, 1.0 + 3.0 * 0.4 + 1.5 * 1.3)
    check_derivative(kept, 0.5, 0.8)


def test_updates_whose_value_changes_the_place() -> None:
    """`x[0] += ...` where the value calls a method that changes `x` read it too late: wrong values."""

    def f(x, y):
        x[0] += x.fill(0.5) or y
        return np.sum(x * x)

    def g(x, y):
        items = [1.0, 2.0]
        items[-1] += items.append(5.0) or 3.0
        return items[0] * x + items[1] * items[2] * y * x

    check_derivative(f, np.array([0.3, 0.7]), 0.8)
    check_derivative(g, 0.3, 0.8)
