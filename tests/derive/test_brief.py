"""Copies of parts of what is written in place (`derive.brief`)."""

import copy
import itertools
from collections import defaultdict

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, check_derivative, grad

X = np.array([0.3, 0.7, 1.2])


def imaginary_part(x):
    z = x * (1.0 + 2.0j)
    part = z.imag
    squares = part * part
    z[0] = 5.0
    return np.sum(squares) + np.sum(np.abs(z) ** 2)


def of_argument(z):
    part = z.imag
    squares = part * part
    z[0] = 5.0
    return np.sum(squares) + np.sum(np.abs(z) ** 2)


PARTS = (0, slice(1, 3))


def part_of_either_kind(x, n):
    y = x * 2.0
    total = 0.0
    for i in range(n):
        total = total + np.sum(np.sin(y[PARTS[i % 2]]))
        y[1] = total
    return np.sum(y)


def test_what_is_written_later_is_not_read_in_the_reverse_sweep():
    assert "part = z.imag.copy()" in grad(imaginary_part).source_for(X)
    check_derivative(imaginary_part, X)
    np.testing.assert_allclose(grad(imaginary_part)(X), [2.4, 12.6, 21.6])


def test_the_part_of_an_argument_is_copied_from_the_copy():
    adjoint = grad(of_argument)(X + 2j)
    np.testing.assert_allclose(adjoint, [-4j, 1.4 - 8j, 2.4 - 8j])


def test_a_part_that_is_a_number_or_a_view():
    assert "copied(y[PARTS[i % 2]])" in grad(part_of_either_kind).source_for(X, 5)
    check_derivative(part_of_either_kind, X, 5)


def test_a_number_that_is_read_is_not_copied():
    def read(x):
        y = x * 2.0
        y[0] = y[1]
        return np.sum(y)

    assert "cop" not in grad(read).source_for(X)


def read_after_other_writes(x, n):
    y = x * 2.0
    parts = [y, x[0] * x[1]]
    part = parts[n - 1]
    if x[0] > 0.0:
        scaled = part * 2.0
        same = part
    else:
        scaled = x * 1.0
        same = x
    other = x * x
    other[1] += np.sum(part)
    total = np.sum(same * scaled) + np.sum(other)
    y[1] = x[2] * x[2]
    return total * total + np.sum(y)


def read_after_its_own_write(x, n):
    y = x * 2.0
    parts = [y, x[0] * x[1]]
    part = parts[n - 1]
    y[1] = x[2] * x[2]
    return np.sum(part * part) + np.sum(y)


def kept_for_the_next_turn(x, n):
    y = x * 2.0
    parts = [y, x[0] * x[1]]
    total, old = x * 0.0, x[0]
    for i in range(4):
        part = parts[i % n]
        total = total + part * old
        old = part
        y[2] = np.sum(total) * 0.1
    return np.sum(total)


def part_of_a_part(x, columns, n):
    first = columns["u"][n - 1]
    product = first * x[0]
    columns["u"][0] = product * product
    return np.sum(columns["u"] * x) * product


def test_what_is_written_in_between_may_be_something_else():
    """It was refused: nothing was to be written at all, nor to be branched, before the last read of a part."""
    for n in (1, 2):
        check_derivative(read_after_other_writes, X, n)
        check_derivative(grad(read_after_other_writes), X, n)
    check_derivative(part_of_a_part, X, {"u": X * 2.0}, 3)
    check_derivative(grad(part_of_a_part), X, {"u": X * 2.0}, 3)


@pytest.mark.parametrize("function", [read_after_its_own_write, kept_for_the_next_turn])
def test_a_part_that_is_seen_to_change_is_no_copy(function):
    with pytest.raises(UnsupportedError, match="is a number or a view of an array"):
        grad(function)(X, 2)


def of_unknown_kind(v):
    one, other = itertools.tee([0.3, 0.8])
    return next(one) * v + sum(other)


def updated_items(x):
    s, a = of_unknown_kind(x[0]), of_unknown_kind(x)
    y = a * 1.0
    g, h = [y, s], [s, y, s * x[1]]
    g[0] *= 2.0
    h[1] -= s
    g[1] *= s
    h[2] -= g[0][1]
    return np.sum(y * g[0] * h[1]) + g[1] * h[0] * h[2]


def updated_in_turn(x):
    s = of_unknown_kind(x[0])
    h = [s, of_unknown_kind(x), s * x[1]]
    r = s
    for i in range(5):
        h[i % 3] *= r
        r = r + np.sum(h[(i + 1) % 3]) * 0.1
    return r + np.sum(h[1] * h[0])


def updated_and_seen_elsewhere(x):
    s = of_unknown_kind(x[2])
    d = {"p": [s, of_unknown_kind(x)], "q": s}
    d["p"][0] *= s
    d["p"][1] += d["p"][0]
    d["q"] *= d["p"][0]
    held = d["p"]
    held[1] *= d["q"]
    return np.sum(d["p"][1]) * held[0]


def replaced_beside(x):
    sums, s = defaultdict(float), of_unknown_kind(x[0])
    for i in range(3):
        sums[i % 2] += np.cos(s * x[i])
    first = sums[0]
    sums[1] = first * first
    return first * np.sin(sums[1]) + len(sums)


def replaced_beside_and_written(x):
    y = of_unknown_kind(x) * 1.0
    h = [x[0], y, 1.0]
    part = h[1]
    h[2] = x[1]
    y[0] = x[0] * x[0]
    return np.sum(part * part) * h[0] + h[2]


@pytest.mark.parametrize(
    "function", [updated_items, updated_in_turn, updated_and_seen_elsewhere, replaced_beside]
)
def test_items_that_are_updated_without_being_known(function):
    """`h[k] *= e` of what may be a number or an array was refused: the item that was asked was the one written."""
    check_derivative(function, X)


def handed_back(v, n):
    return v if n <= 0 else handed_back(v, n - 1)


def returned_by_a_recursive_function(x):
    y = x * 2.0
    same = handed_back(y, 2)
    total = np.sum(same * same)
    y[0] = total
    return np.sum(y) * total


def returned_and_written_then(x):
    y = x * 2.0
    same = handed_back(y, 2)
    y[0] = x[1] * x[2]
    return np.sum(y * same)


def one_of_two(x):
    y = x * 2.0
    if x[0] > 0.0:
        one = y
    else:
        one = x[0]
    total = np.sum(np.cos(one))
    y[0] = total
    return np.sum(y) * total


def one_of_two_after_a_write(x):
    y = x * 2.0
    if x[0] > 0.0:
        one = y
    else:
        one = x[0]
    y[0] = x[2] * x[1]
    return np.sum(y) * np.sum(np.cos(one))


def one_of_two_in_turn(x):
    y = x * 2.0
    one = x[0]
    total = one
    for i in range(3):
        total = total + np.sum(one) * 0.1
        if i == 1:
            one = y
        y[i] = total * total
    return np.sum(y) * total


@pytest.mark.parametrize("function", [returned_by_a_recursive_function, one_of_two])
def test_what_calls_return_and_paths_join_is_copied_as_well(function):
    """It was refused, since it may share memory with what is written in place, though only before that is read."""
    check_derivative(function, X)


@pytest.mark.parametrize("function", [returned_and_written_then, one_of_two_after_a_write, one_of_two_in_turn])
def test_what_calls_return_and_paths_join_is_refused_where_it_is_seen_to_change(function):
    with pytest.raises(UnsupportedError, match="written in place"):
        grad(function)(X)


def test_a_part_that_is_written_after_another_item_was_replaced():
    with pytest.raises(UnsupportedError, match="is a number or a view of an array"):
        grad(replaced_beside_and_written)(X)


def copied_shallowly(x):
    y = of_unknown_kind(x)
    y[2] -= y[0] * y[1]
    other = copy.copy(y)
    y[0] = other[1] * other[2]
    other[1] *= y[0]
    number = copy.deepcopy(of_unknown_kind(x[0]))
    return np.sum(y * other) * number


def elements_of_what_is_not_known(x):
    held = {"a": of_unknown_kind(x), "n": of_unknown_kind(x[1])}
    part = held["a"]
    part[0] *= held["n"]
    part[1:] /= part[0] + 3.0
    if x[0] > 0.0:
        again = held["a"]
        again[1] *= part[0]
    return np.sum(held["a"] * part) * held["n"]


def made_in_every_turn(x):
    z, r = x * 1.0, 0.0
    for i in range(3):
        y = of_unknown_kind(x) * r + z
        y *= x[i]
        r = r + np.sum(y)
        z = y
    return r + np.sum(z)


def made_and_seen_in_every_turn(x):
    out = []
    for i in range(3):
        y = of_unknown_kind(x)
        out.append(y)
        y *= x[i]
    return np.sum(out[0] * out[1] + out[2])


@pytest.mark.parametrize(
    "function", [copied_shallowly, elements_of_what_is_not_known, made_in_every_turn, made_and_seen_in_every_turn]
)
def test_what_is_not_known_is_asked_for(function):
    """Refused were `copy.copy(y)` and `y[0] *= e` of what may be an array: now the text checks that it is no
    container. An array that each turn of a loop makes anew was taken for one that an earlier turn may have shown."""
    check_derivative(function, X)


def test_what_is_asked_for_may_be_a_container():
    def of_lists(x):
        one, _ = itertools.tee([[0.3], [0.8]])
        rows = next(one)
        rows[0] *= x[0]
        return rows[0] * x[1]

    def copied_list(x):
        one, _ = itertools.tee([[x[0]], [0.8]])
        row = copy.copy(next(one))
        return row[0] * x[1]

    for function in (of_lists, copied_list):
        with pytest.raises((DerivativeError, UnsupportedError)):
            grad(function)(X)


def known_after_all(x):
    q = x[0]
    held = {"u": 0.5 * q, "v": x[1] * q}
    held.update(w=q)
    total = held["u"] * np.cos(sum([held[k] for k in held]))
    q = total
    q -= np.sum(np.sin(x))
    return q * total


def test_what_simpler_statements_tell_is_not_asked_for():
    """`held.update(w=q)` is taken apart when updates are decided: what it holds is known from there on only, and
    `q -= ...` was written for numbers and for arrays, and refused for it."""
    check_derivative(known_after_all, X)
    assert "isinstance" not in grad(known_after_all).source_for(X)
