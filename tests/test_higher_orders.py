"""Derivatives of second and third order, by all ways of putting the modes together."""

from __future__ import annotations

import contextlib
import copy
import functools
import itertools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, checkpointed, grad, jvp, stop_gradient, vjp
from tangent_sct.testing import check_derivative, check_products, wrapped

X = np.array([0.7, -0.4, 1.3])
V = np.array([0.5, 1.5, -0.8])
Function = Callable[..., Any]
PROGRAMS: list[Function] = []


def program(f: Function) -> Function:
    PROGRAMS.append(f)
    return f


class Square:
    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side * self.side * self.side


class Disc:
    def __init__(self, radius):
        self.radius = radius

    def area(self):
        return np.pi * self.radius**3


@program
def copied_state(x):
    # What is copied gives its adjoints back to arrays that the program has names for.
    state = {"x": x * x, "s": [x[0]]}
    state["x"] *= x
    best = copy.deepcopy(state)
    return np.sum(best["x"] * x) + best["s"][-1]


@program
def a_manager_made_in_a_loop(x):
    # The reverse sweep opens it again, around blocks that it is still writing.
    total = 0.0
    for i in range(2):

        @contextlib.contextmanager
        def scope(w):
            yield w

        with scope(0.5 + i) as u:
            total = total * x[1] + u * sum([h**3 for h in x])
    return total


@program
def copied_in_a_loop(x):
    state = {"x": x * x}
    best = copy.deepcopy(state)
    for _ in range(2):
        state["x"] *= x
        if state["x"][0] < 2.0:
            best = copy.deepcopy(state)
    return np.sum(best["x"] * x)


@program
def of_several_classes(x):
    shapes = [Square(x[0]), Disc(x[1]), Square(x[2])]
    return sum(s.area() for s in shapes)


@program
def attribute_scaled_in_place(x):
    # The shadow of the namespace is scaled through a name of its own; what varies in it came by another one.
    t = SimpleNamespace(w=x * x)
    t.w[1] *= 2.0
    t.w[2:] /= 4.0
    return (t.w * t.w).sum()


@program
def sines_in_place_of_what_one_branch_made(x):
    # The adjoint of a store read the array that it cleared before: what kept them apart was taken for needless.
    q = np.outer(x, x) if x[0] > 0.0 else np.zeros((3, 2))
    q[:] += x
    np.sin(q, out=q)
    return (q * q).sum()


@program
def none_at_first(x):
    largest = None
    for v in x:
        s = Square(v * v)
        if largest is None or s.side > largest.side:
            largest = s
    return largest.area()


@program
def assigned_in_a_loop(x):
    for _ in range(2):
        s = Square(x[0] * x[1])
    return s.area() * x[2]


@program
def lists_in_a_dict(x):
    state = {"a": [x[0], x[1]]}
    for _ in range(2):
        state["a"].append(state["a"][-1] * x[2] * state["a"][0])
    return sum(v * v for v in state["a"])


@program
def checkpointed_stencil(x):
    u = x * 1.0
    for _ in checkpointed(range(4), snapshots=2):
        u[1:] += 0.1 * u[:-1] * u[1:]
        u[0] = np.sin(u[0])
    return np.sum(u * u)


def tree(t, x):
    return np.tanh(tree(t[0], x) * tree(t[1], x) + x[0]) if isinstance(t, tuple) else t * x[1] * x[2]


@program
def recursive(x):
    return tree(((1.0, 2.0), 0.5), x)


def blocks(x):
    m = np.block([[x * x, x], [x, np.sin(x)]])
    return np.sum(m**3)


@pytest.mark.parametrize("f", [*PROGRAMS, blocks])
@pytest.mark.parametrize("first", [grad, jvp])
def test_second_order(f: Function, first: Function) -> None:
    derivative = first(f) if first is grad else wrapped(jvp(f), (X,), {"seed": V})
    check_products(derivative, (X,), (0,))


def test_second_order_with_a_seed_in_a_tuple() -> None:
    # The tuple is in a class with lists that change; it does not change itself.
    check_products(wrapped(jvp(blocks, (0,)), (X,), {"seed": (V,)}), (X,), (0,))


@pytest.mark.parametrize("f", [copied_state, none_at_first])
@pytest.mark.parametrize("second", [jvp, vjp])
def test_third_order(f: Function, second: Function) -> None:
    check_products(wrapped(second(grad(f)), (X,), {"seed": V}), (X,), (0,))


def kernel(A, b):
    for i in range(1, 3):
        A[i] = A[i] * A[i - 1] * b


def test_third_order_of_a_kernel_without_a_result() -> None:
    second = vjp(vjp(kernel, (0, 1), outputs="A"), (0, 1))
    check_products(wrapped(second, (X, 0.4), {"inner_seed": V, "seed": (V, (V, 0.3))}), (X, 0.4), (0, 1))


def test_copies_of_a_result_are_written_out() -> None:
    text = vjp(vjp(kernel, (0, 1), outputs="A"), (0, 1)).source_for(X, 0.4, inner_seed=V, seed=(V, (V, 0.3)))
    assert "value_2 = value.copy(), (A_bar.copy(), b_bar)" in text


def test_the_tangent_of_none_is_none() -> None:
    assert "largest_dot = None" in jvp(none_at_first).source_for(X, seed=X)


def test_a_derivative_with_given_arguments_is_refused() -> None:
    with pytest.raises(UnsupportedError) as error:
        jvp(functools.partial(jvp(none_at_first), seed=V))(X, seed=X)
    assert "some arguments of a derivative are given by `functools.partial`" in str(error.value)
    assert error.value.hint.startswith("write a function that calls the derivative")


def scaled_attribute(t):
    t.w[1] *= 2.0
    return (t.w * t.w).sum()


@pytest.mark.parametrize("mode", [jvp, vjp])
def test_an_attribute_of_an_argument_scaled_in_place(mode: Any) -> None:
    """The shadow was scaled through a name that was taken for none that varies: the tangent was not scaled."""
    t = SimpleNamespace(w=np.outer(X, V))
    _, hessian_times_t = mode(grad(scaled_attribute))(t, seed=t)
    np.testing.assert_allclose(hessian_times_t.w, 2.0 * t.w * np.array([[1.0], [4.0], [1.0]]))


def _sum_of_sines(a, b):
    return np.sum(np.sin(a + b))


def _first(a, b):
    return a


def _product(p, q):
    return np.sum(p["w"] * q["w"])


def _both(p):
    return np.sum(p["w"] + p["b"])


SINES, PRODUCT, BOTH = grad(_sum_of_sines, (0, 1)), grad(_product, (0, 1)), grad(_both)
PULLBACK = vjp(_first, (0, 1))


def gradients_updated(x, y):
    p, q = SINES(x, y)
    p *= 2.0
    p[0] = q[1] * q[2]
    return np.sum(p * q)


def pullbacks_updated(x, y):
    s = x * y
    value, (p, q) = PULLBACK(x, y, seed=s)
    p *= 2.0
    q += s
    return np.sum(p * q * value) + np.sum(s * s)


def dicts_updated(x, y):
    p, q = {"w": x * 1.0}, {"w": y * 1.0}
    a, b = PRODUCT(p, q)
    a["w"] *= 2.0
    b["w"] += a["w"]
    return np.sum(p["w"] * q["w"] * q["w"]) + np.sum(b["w"] * a["w"])


def items_updated(x, y):
    p = {"w": x * 1.0, "b": y}
    for _ in range(2):
        a = BOTH(p)
        a["w"] *= 2.0 * y
        p["w"] = p["w"] * a["b"] + a["w"]
    return np.sum(p["w"] * p["b"])


@pytest.mark.parametrize("f", [gradients_updated, pullbacks_updated, dicts_updated, items_updated])
def test_adjoints_that_a_function_gets_and_updates_are_its_own(f: Function) -> None:
    """Called by itself, a derivative gives adjoints in memory of their own; inside another function they were one
    array with each other, with an argument or with the seed: wrong values."""
    check_derivative(f, X, V)
    check_derivative(grad(f), X, V)


def test_adjoints_are_apart_from_what_is_returned_beside_them() -> None:
    """The extras, or the value, could be the very array of an adjoint."""

    def f(a, s):
        return np.sum(a * s), s * 1.0

    def g(a):
        y = np.sin(a)
        return np.sum(a * stop_gradient(y)), y[1:]

    for h, arguments in ((f, (X, V)), (g, (X,))):
        found, extras = grad(h, has_aux=True)(*arguments)
        assert not np.shares_memory(found, extras)


def _turned_and_squared(p):
    s = p["b"] * p["b"]
    t = np.transpose(p["b"])
    return s, t


TURNED = vjp(_turned_and_squared)


def seed_used_again(x, y):
    p = {"w": x * 1.0, "b": y}
    s = x * y
    _, a = TURNED(p, seed=(x, s))
    return np.sum(a["b"] * p["w"] * y) + np.sum(s)


def test_the_first_addition_to_zeros_of_unknown_structure_is_none_into_a_dict() -> None:
    """`p_bar = zeros_like(p); p_bar["b"] += t_bar` became a store: the dict held the very seed, and what was added
    after that was added to the seed."""
    check_derivative(seed_used_again, X, V)
    check_derivative(grad(seed_used_again), X, V)


def _flat(x):
    a = x[:2, None] * x
    b = a.flatten()
    b[0] = a[1, 1] * 3
    c = a.ravel()
    c[1] = b[0] * b[2]
    return np.sum(a * a) + np.sum(b)


def test_a_view_may_be_made_by_the_shape_of_an_array_that_is_written_in_place() -> None:
    """`b_bar.reshape(a.shape)` was refused to second order, as if the shape changed with what the array holds."""
    check_derivative(_flat, X)
    check_derivative(grad(_flat), X)


def _some_left_on_the_stack(x):
    stack = []
    for v in x:
        stack.append(v * v)
    last = stack.pop()
    return last * last * x[0]


def _sum_of_a_history(x):
    a = x[0]
    h = [a]
    for v in x:
        a = np.sin(a) * v
        h.append(a)
    return a * sum(h)


@pytest.mark.parametrize("first", [jvp, vjp])
def test_lists_of_a_derivative_that_are_not_all_taken_off_again(first: Any) -> None:
    """In the text of a derivative every list that is pushed to and popped from was taken for a tape of the compiler,
    from which all is taken off: the adjoint of the user's stack was too short (`IndexError: pop from empty list`)."""
    seed = {"seed": X if first is jvp else 0.7}
    check_products(wrapped(first(_some_left_on_the_stack), (X,), seed), (X,), (0,))


def test_lists_of_adjoints_are_no_tapes() -> None:
    """`h_bar = [s_bar for _ in h]` of a derivative of second order was taken for one, too."""
    second = vjp(jvp(_sum_of_a_history))
    check_products(wrapped(second, (X,), {"inner_seed": V, "seed": (0.4, 0.7)}), (X,), (0,))


def test_arrays_of_lists_whose_items_are_of_unknown_kinds() -> None:
    """The adjoint of an array was a list at second order, where the kinds of its numbers were not known (a crash)."""

    def chosen(x):
        places = sorted({1, 2})
        items = [x[i] for i in places]
        return np.prod(items) + np.linalg.norm(items) + np.cumprod([x[i] for i in places])[1] * np.var(items)

    check_derivative(grad(chosen), np.array([1.1, 0.7, 1.6, 0.4]))


class Term:
    def __init__(self, w, b):
        self.w, self.b = w, b


def _of_unknown_kind(v):
    """A number, as only the run tells."""
    one, other = itertools.tee([0.3, 0.8, -0.4])
    return next(one) * sum(other) + sum(one) * v


def _list_of_numbers(x):
    r = _of_unknown_kind(x[0])
    h = [np.arctan(x[1]), r + x[2], np.mean(x)]
    return np.sum(np.sin(x * r)) + h[-1] * r + np.cos(h[0]) * h[1]


def _item_of_a_dict(x):
    k = 1
    held = {k: (x[0] if x[1] < 0.6 else x[2]), 1.0: np.mean(x)}
    r = sum(held.values()) + len(held)
    weights = [np.array([0.5, 1.5]), 2.0]
    for i in range(2):
        part = weights[0]
        part += i
        r = np.cos(r * part[i]) + np.sum(np.power(r * part, [2, 1]))
        sorted([1, 0], key=lambda k: weights[0].put(k, 0.7) or k)
    return r


def _least_of_objects(x):
    r = _of_unknown_kind(x[0])
    terms = [Term(np.arctan(r), x * r), Term(1.7, 3.0 * x), Term(-1.3, r * x)]
    least = min(terms, key=lambda term: term.w)
    return np.sum(np.cos(least.b)) * terms[0].w + np.sum(terms[1].b * r)


def _objects_in_a_loop(x):
    r = _of_unknown_kind(x[1])
    terms = Term(r * x[0], np.sum(x)), Term(x[2] * r, r)
    for term in terms:
        r = np.sin(term.w * r + term.b)
    return r


def _taken_out_of_a_shadow(x):
    k = 2
    held = {k: 0.5, True: np.max(x)}
    q = sum(held.values())
    return max(zip([np.sin(q), 0.5], range(9), strict=False))[0]


def _taken_out_of_a_shadow_of_a_number(x):
    k = 2
    held = {k: 2.0, True: x}
    return np.cos(sum(held.values()))


def test_what_is_taken_out_of_a_shadow_is_added_to_by_every_name() -> None:
    """Another name had its shadow, a number, so that what was added to the one did not get to the other (zeros)."""
    check_derivative(grad(_taken_out_of_a_shadow), X)
    check_derivative(grad(_taken_out_of_a_shadow_of_a_number), 0.958)


@pytest.mark.parametrize("f", [_list_of_numbers, _item_of_a_dict, _least_of_objects, _objects_in_a_loop])
def test_adjoints_of_items_whose_kinds_are_not_known(f: Function) -> None:
    """Reverse over reverse was refused, it being not known whether `h_bar[-1] += ...` of the first derivative adds to
    a number or writes into an array, nor whether `r_bar = h_bar[1]` reads the one or views the other."""
    check_derivative(f, X)
    check_derivative(grad(f), X)


def _run_through_groups(x, n):
    if n == 1:
        return x
    d = x
    for k, _ in itertools.groupby((0.7, 0.7, 0.1), key=lambda v: 0.0):
        d = np.cos(d) + k
    held = [x, d]
    held.append(0.5)
    return held[0] * np.sin(x)


def test_a_tape_from_which_nothing_is_taken_any_more() -> None:
    """The tape of a tangent that counts for nothing was pushed to, and its shadow popped from (IndexError)."""
    product = jvp(grad(_run_through_groups))
    step = 1e-5
    _, adjoint = vjp(product)(0.8, 2, inner_seed=1.0, seed=(0.0, 1.0))
    far, near = (product(0.8 + h, 2, seed=1.0)[1] for h in (step, -step))
    assert adjoint == pytest.approx((far - near) / (2 * step), rel=1e-6)
