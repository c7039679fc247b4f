"""`with insert_grad_of(x) as x_bar:`: programs against the same with the block as the adjoint of an identity."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tangent_sct import (
    UnsupportedError,
    d,
    grad,
    insert_grad_of,
    jacobian,
    jvp,
    rule,
    value_and_grad,
    vjp,
)


def halved(x):
    return x


@rule(halved)
def _halved(y, /, x):
    def tangent():
        d[y] = d[x]

    def adjoint():
        d[x] += np.multiply(0.5, d[y])


def clipped(x):
    return np.array(x)


@rule(clipped)
def _clipped(y, /, x):
    def tangent():
        d[y] = d[x]

    def adjoint():
        d[x] += np.clip(d[y], -1.0, 1.0)


# -- pairs: a program with inserted code, and the same with an identity that has a rule ------------


def scaled(x):
    y = np.sin(x)
    with insert_grad_of(y) as y_bar:
        y_bar *= 0.5
    return np.sum(y * y)


def scaled_by_rule(x):
    return np.sum(halved(np.sin(x)) ** 2)


def rebound(x):
    y = x * x
    with insert_grad_of(y) as g:
        g = np.clip(g, -1.0, 1.0)
    return np.sum(y * x)


def rebound_by_rule(x):
    return np.sum(clipped(x * x) * x)


def looped(x, n=3):
    y = x
    for _ in range(n):
        y = y * np.cos(y)
        with insert_grad_of(y) as y_bar:
            y_bar *= 0.5
    return np.sum(y)


def looped_by_rule(x, n=3):
    y = x
    for _ in range(n):
        y = halved(y * np.cos(y))
    return np.sum(y)


def from_outside(x):
    total = 0.0
    for i in range(3):
        with insert_grad_of(x) as g:
            g *= 0.5
        total = total + np.sum(x * x) * i
    return total


def from_outside_by_rule(x):
    total = 0.0
    for i in range(3):
        x = halved(x)
        total = total + np.sum(x * x) * i
    return total


def branched(x):
    y = x * 2.0
    if x[0] > 0.0:
        with insert_grad_of(y) as g:
            if np.sum(g) > 0.0:
                g = np.clip(g, -1.0, 1.0)
            else:
                g *= 3.0
    return np.sum(y * y)


def branched_by_rule(x):
    return np.sum(clipped(x * 2.0) ** 2)


def buffered(x):
    y = np.zeros(3)
    y[0] = x[0] * x[1]
    y[1:] = x[1:]
    with insert_grad_of(y) as g:
        g = np.clip(g, -1.0, 1.0)
    y[2] *= x[0]
    return np.sum(y * y)


def buffered_by_rule(x):
    y = np.zeros(3)
    y[0] = x[0] * x[1]
    y[1:] = x[1:]
    y = clipped(y)
    y[2] *= x[0]
    return np.sum(y * y)


def sliced(x):
    with insert_grad_of(x[1:]) as g:
        g *= 0.5
    return np.sum(x**3)


def sliced_by_rule(x):
    return x[0] ** 3 + np.sum(halved(x[1:]) ** 3)


def fancy(x, places=(0, 2)):
    places = list(places)
    with insert_grad_of(x[places]) as g:
        g[0] = 0.5 * g[0]
    with insert_grad_of(x[2]) as g:
        g = 0.5 * g
    return np.sum(x**3)


def fancy_by_rule(x, places=(0, 2)):
    return halved(x[0]) ** 3 + x[1] ** 3 + halved(x[2]) ** 3


def squared(v, k):
    with insert_grad_of(v) as v_bar:
        v_bar *= 0.5
    return v * v * k


def called(x):
    return np.sum(squared(x, 1.0) + squared(2.0 * x, 3.0))


def called_by_rule(x):
    return np.sum(halved(x) ** 2 + 3.0 * halved(2.0 * x) ** 2)


def closed_over(x):
    k = 0.25

    def inner(v):
        with insert_grad_of(v) as v_bar:
            v_bar = v_bar * (k + k)
        return v * v

    return np.sum(inner(x) + x)


def closed_over_by_rule(x):
    return np.sum(halved(x) ** 2 + x)


def listed(x):
    parts = []
    for v in x:
        parts.append(v * v)
    with insert_grad_of(parts[1]) as g:
        g = 0.5 * g
    return parts[0] * parts[1] * parts[2]


def listed_by_rule(x):
    return x[0] ** 2 * halved(x[1] ** 2) * x[2] ** 2


def unused_since(x):
    y = x * 2.0
    with insert_grad_of(y) as g:
        g = g + 1.0
    return np.sum(x)


def unused_since_by_hand(x):
    return np.sum(x) + 2.0 * np.sum(x)


PAIRS: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
    (scaled, scaled_by_rule), (rebound, rebound_by_rule), (looped, looped_by_rule),
    (from_outside, from_outside_by_rule), (branched, branched_by_rule), (buffered, buffered_by_rule),
    (sliced, sliced_by_rule), (fancy, fancy_by_rule), (called, called_by_rule),
    (closed_over, closed_over_by_rule), (listed, listed_by_rule), (unused_since, unused_since_by_hand),
]  # fmt: skip
X = np.array([0.4, 1.3, -0.7])
each_pair = pytest.mark.parametrize(("f", "same"), PAIRS, ids=[f.__name__ for f, _ in PAIRS])


@each_pair
def test_the_gradient_is_that_of_the_rule(f: Any, same: Any) -> None:
    x = X.copy()
    value, found = value_and_grad(f)(x)
    np.testing.assert_allclose(found, grad(same)(x), rtol=1e-12)
    np.testing.assert_allclose(value, f(x), rtol=1e-12)
    np.testing.assert_allclose(grad(f)(x), found)
    assert np.array_equal(x, X)


@each_pair
def test_the_second_derivative_is_that_of_the_gradient(f: Any, same: Any) -> None:
    by_differences = np.empty((3, 3))
    for i in range(3):
        step = np.zeros(3)
        step[i] = 1e-6
        by_differences[:, i] = (grad(f)(X + step) - grad(f)(X - step)) / 2e-6
    np.testing.assert_allclose(jacobian(grad(f))(X), by_differences, rtol=1e-5, atol=1e-7)


@each_pair
def test_forward_mode_leaves_it_out(f: Any, same: Any) -> None:
    if f is unused_since:
        pytest.skip("compared by hand")
    value, tangent = jvp(f)(X, seed=np.ones(3))
    np.testing.assert_allclose([value, tangent], jvp(same)(X, seed=np.ones(3)), rtol=1e-12)


@each_pair
def test_the_function_itself_leaves_it_out(f: Any, same: Any) -> None:
    if f is not unused_since:
        assert f(X) == pytest.approx(same(X), rel=1e-12)


class Net:
    def __init__(self) -> None:
        self.w, self.b = np.array([1.0, 2.0]), 3.0

    def act(self, x):
        with insert_grad_of(self.w) as w_bar:
            w_bar *= 10.0
        with insert_grad_of(self.b) as b_bar:
            b_bar = b_bar + 100.0
        return np.sum(self.w * x) * self.b


def of_net(net, x):
    return net.act(x)


def test_attributes_of_objects() -> None:
    found = grad(of_net)(Net(), np.array([1.0, 1.0]))
    assert found.w.tolist() == [30.0, 30.0] and found.b == 103.0


def test_items_of_containers() -> None:
    def f(p):
        with insert_grad_of(p["a"]) as g:
            g = 2.0 * g
        return p["a"] * p["b"][0]

    assert grad(f)({"a": 3.0, "b": (5.0,)}) == {"a": 10.0, "b": (3.0,)}


# -- effects ------------------------------------------------------------------------------------------


def told(x, n):
    y = x
    for i in range(n):
        y = y * x
        with insert_grad_of(y) as y_bar:
            print("adjoint", i, float(y_bar), y)
    return y


def test_what_is_printed_comes_in_the_order_of_the_reverse_sweep(capsys: Any) -> None:
    assert grad(told)(2.0, 3) == 32.0
    assert capsys.readouterr().out == "adjoint 2 1.0 16.0\nadjoint 1 2.0 8.0\nadjoint 0 4.0 4.0\n"
    assert told(2.0, 3) == 16.0
    assert capsys.readouterr().out == ""


def record(where, g):
    where.append(g)


@pytest.mark.parametrize("by", ["method", "function", "argument"])
def test_what_is_recorded_stays_what_it_was(by: str) -> None:
    seen: list[Any] = []

    def by_method(x, log):
        for i in range(3):
            with insert_grad_of(x) as g:
                seen.append((i, g))
            x = x * x[0]
        return np.sum(x)

    def by_function(x, log):
        for i in range(3):
            with insert_grad_of(x) as g:
                record(seen, (i, g.copy()))
            x = x * x[0]
        return np.sum(x)

    def by_argument(x, log):
        y = np.zeros(2)
        for i in range(3):
            y[:] = x * y + x
            with insert_grad_of(y) as g:
                log.append((i, g))
        return np.sum(y)

    f = {"method": by_method, "function": by_function, "argument": by_argument}[by]
    log: list[Any] = []
    grad(f)(np.array([2.0, 3.0]), log)
    found = [(i, g.tolist()) for i, g in (log if by == "argument" else seen)]
    if by == "argument":
        assert found == [(2, [1.0, 1.0]), (1, [2.0, 3.0]), (0, [4.0, 9.0])]
    else:
        assert found == [(2, [56.0, 16.0]), (1, [544.0, 64.0]), (0, [2368.0, 128.0])]


def test_a_function_that_writes_into_the_adjoint() -> None:
    def bounded(g):
        g[g > 1.0] = 1.0

    def f(x):
        y = x * 3.0
        with insert_grad_of(y) as g:
            bounded(g)
        return np.sum(y * y)

    np.testing.assert_allclose(grad(f)(np.array([1.0, -1.0])), [3.0, -18.0])


def test_primal_values_are_those_of_that_place() -> None:
    def f(x):
        y = x * x
        z = y * 1.0
        with insert_grad_of(z) as g:
            g = g * y[0]
        y[0] = 100.0
        return np.sum(z) + np.sum(y)

    np.testing.assert_allclose(grad(f)(np.array([3.0, 1.0])), [2.0 * 3.0 * 9.0, 2.0 * 9.0 + 2.0])


def test_where_the_variable_carries_no_derivative_it_does_not_run(capsys: Any) -> None:
    def f(x, w):
        with insert_grad_of(w) as g:
            print("never", g)
        return x * w

    assert grad(f)(2.0, 3.0) == 3.0 and capsys.readouterr().out == ""
    assert grad(f, wrt="w")(2.0, 3.0) == 2.0 and capsys.readouterr().out == "never 2.0\n"


def test_in_a_statement_that_is_kept_whole_it_does_not_run(capsys: Any) -> None:
    def f(x):
        match 1:
            case k:
                with insert_grad_of(k) as g:
                    print("never", g)
        try:
            k = k + 1
            with insert_grad_of(k) as g:
                print("never", g)
        except ValueError:
            k = 0
        return x * k

    assert grad(f)(2.0) == 2.0 and capsys.readouterr().out == ""
    assert jvp(f)(2.0, seed=1.0) == (4.0, 2.0)


def test_saved_and_under_a_seed(tmp_path: Path) -> None:
    derivative = vjp(rebound)
    derivative.save(tmp_path / "saved.py", X)
    saved = runpy.run_path(str(tmp_path / "saved.py"))["rebound_vjp"]
    np.testing.assert_allclose(saved(X, 2.0)[1], derivative(X, seed=2.0)[1])


# -- the function itself ------------------------------------------------------------------------------


def test_blocks_on_one_line_and_under_a_tracer() -> None:
    lines: list[int] = []

    def f(x):
        with insert_grad_of(x) as g: print("never", g)  # noqa: E701
        return x

    def tracer(frame: Any, event: str, argument: Any) -> Any:
        lines.append(frame.f_lineno)
        return tracer

    assert f(1.0) == 1.0
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        assert f(2.0) == 2.0 and scaled(X) == scaled(X)
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(before)
    assert lines


# -- refusals -------------------------------------------------------------------------------------------


def of_container(x):
    t = (x * 2.0, x * 3.0)
    with insert_grad_of(t) as g:
        print(g)
    return t[0] * t[1]


def mixed_up(x):
    y = x * x
    with insert_grad_of(y) as g:
        record(x, g)
    return np.sum(y * x)


def by_another_name(x):
    y = x * 1.0
    with insert_grad_of(y) as g:
        h = g
        g *= 2.0
        print(h)
    return np.sum(y)


def perhaps_unassigned(x):
    with insert_grad_of(x) as g:
        if g > 1.0:
            h = 2.0
        g = g * h
    return x * x


def several_targets(x):
    with insert_grad_of(x) as g:
        g = h = 2.0 * g
        print(h)
    return x * x


def no_literal(x, i):
    t = (x, x * x)
    with insert_grad_of(t[i]) as g:
        g = 2.0 * g
    return t[0] * t[1]


REFUSED = [
    (of_container, (1.0,), "code is inserted for a container, whose adjoint is the adjoints of its items",
     "insert code for its items: `with insert_grad_of(c[0]) as item_bar:`"),
    (mixed_up, (X,), "code that is inserted into the derivative may change `x`, which the function itself reads",
     "change the adjoint alone, or record into a list that the function does not read"),
    (by_another_name, (X,), "`h` may be another name for the adjoint `g`, which is updated in place",
     "take a copy: `.copy()`"),
    (perhaps_unassigned, (1.0,), "`h` may be unassigned in code that is inserted into the derivative",
     "assign it before the `if`"),
    (several_targets, (1.0,), "code that is inserted into the derivative assigns to several targets at once",
     "write one assignment for each"),
    (no_literal, (1.0, 1), "which item is meant by `i` is not known, or it carries no derivative",
     "insert code for an item with a literal index or key, or for a variable that holds it"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args", "reason", "hint"), REFUSED, ids=[case[0].__name__ for case in REFUSED])
def test_refusals(f: Any, args: tuple[Any, ...], reason: str, hint: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        grad(f)(*args)
    assert (caught.value.reason, caught.value.hint) == (reason, hint)
    assert caught.value.filename == __file__
    assert "with insert_grad_of(" in (caught.value.text or "")
