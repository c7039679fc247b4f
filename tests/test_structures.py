"""Results have the structure of the arguments: a tuple for a tuple, a list for a list, a dict for a dict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad, jvp, value_and_grad, vjp
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.testing import check_derivative

A = np.array([1.0, 2.0])
Function = Callable[..., Any]


def by_place(p):
    return p[0] * p[0] * np.sum(p[1] ** 3)


def by_key(p):
    return p["a"] * p["a"] * np.sum(p["b"] ** 3)


def nested(p):
    return p["w"][0] * p["w"][0] * np.sum(p["v"][1] ** 3)


def partly(p):
    return p[0] * p[0]


def constant(p):
    return 1.0


def counted(p):
    total = 0.0
    for i in range(len(p)):
        total = total + np.sum(p[i] * p[i])
    return total


def iterated(p):
    return sum([np.sum(part * part) for part in p])


def pairs(p):
    total = 0.0
    for w, b in p:
        total = total + np.sum(w * w) * b
    return total


def running(p):
    product = 1.0
    for i in range(3):
        product = product * p[0][i % 2]
    return product * p[1]


def unpacked(p):
    first, second = p
    return first * first * np.sum(second)


def written(p):
    p[0][1] = p[0][0] * 2.0
    return np.sum(p[0] * p[1])


PROGRAMS: dict[str, tuple[Function, Any]] = {
    "a tuple": (by_place, (2.0, A)),
    "a list": (by_place, [2.0, A]),
    "a dict": (by_key, {"a": 2.0, "b": A}),
    "nested": (nested, {"w": (2.0, A), "v": [1.0, A]}),
    "a tuple in part": (partly, (2.0, A)),
    "a list in part": (partly, [2.0, A]),
    "a constant of a tuple": (constant, (2.0, [A, (1.0,)])),
    "a loop over places of a tuple": (counted, (A, 2.0)),
    "a loop over places of a list": (counted, [A, 2.0]),
    "a loop over items of a tuple": (iterated, (A, A)),
    "a loop over pairs": (pairs, [(A, 1.0), (A, 3.0)]),
    "a loop over pairs in a tuple": (pairs, ((A, 1.0), (A, 3.0))),
    "a tuple in a tuple": (running, ((2.0, 3.0), 4.0)),
    "unpacked": (unpacked, (2.0, A)),
    "written": (written, (A, 2 * A)),
}
MAY_REFUSE = {"grad of grad", "vjp of grad"}
"""Reverse mode over an adjoint that is a container chosen from while the program runs."""


def ones(x: Any) -> Any:
    if isinstance(x, (tuple, list)):
        return type(x)(map(ones, x))
    if isinstance(x, dict):
        return {key: ones(value) for key, value in x.items()}
    return 0.0 * x + 1.0


def first_leaf(x: Any) -> Iterator[Any]:
    """The path to the first number."""
    while isinstance(x, (tuple, list, dict)):
        key = next(iter(x)) if isinstance(x, dict) else 0
        yield key
        x = x[key]


def same_structure(found: Any, expected: Any) -> bool:
    if isinstance(expected, (tuple, list)):
        return (
            type(found) is type(expected)
            and len(found) == len(expected)
            and all(map(same_structure, found, expected))
        )
    if isinstance(expected, dict):
        return (
            type(found) is dict
            and list(found) == list(expected)
            and all(same_structure(found[key], expected[key]) for key in expected)
        )
    return np.shape(found) == np.shape(expected)


def grad_of_grad(f: Function, p: Any) -> Any:
    gradient = grad(f)
    path = list(first_leaf(p))
    if len(path) == 1:
        (one,) = path
        return grad(lambda q: np.sum(gradient(q)[one]))(p)
    one, two = path[:2]
    return grad(lambda q: np.sum(gradient(q)[one][two]))(p)


MODES: dict[str, tuple[Callable[[Function, Any], Any], Callable[[Any], Any]]] = {
    "grad": (lambda f, p: grad(f)(p), lambda p: p),
    "value_and_grad": (lambda f, p: value_and_grad(f)(p), lambda p: (1.0, p)),
    "vjp": (lambda f, p: vjp(f)(p, seed=1.0), lambda p: (1.0, p)),
    "jvp": (lambda f, p: jvp(f)(p, seed=ones(p)), lambda p: (1.0, 1.0)),
    "jvp of grad": (lambda f, p: jvp(grad(f))(p, seed=ones(p)), lambda p: (p, p)),
    "vjp of grad": (lambda f, p: vjp(grad(f))(p, seed=ones(p)), lambda p: (p, p)),
    "jvp of value_and_grad": (
        lambda f, p: jvp(value_and_grad(f))(p, seed=ones(p)),
        lambda p: ((1.0, p), (1.0, p)),
    ),
    "grad of grad": (grad_of_grad, lambda p: p),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", PROGRAMS)
def test_results_have_the_structure_of_the_argument(name: str, mode: str) -> None:
    function, argument = PROGRAMS[name]
    run, expected = MODES[mode]
    try:
        found = run(function, argument)
    except UnsupportedError:
        assert mode in MAY_REFUSE
        return
    assert same_structure(found, expected(argument)), found


def zeros_beside(p):
    return 0.5, np.zeros(3)


def test_seeds_of_results_that_nothing_depends_on() -> None:
    assert vjp(constant, wrt=(0,))(2.0, seed=1.0) == (1.0, (0.0,))
    assert vjp(grad(constant, wrt=(0,)))(2.0, seed=(1.0,)) == ((0.0,), 0.0)
    value, adjoint = vjp(zeros_beside)(2.0, seed=(1.0, np.ones(3)))
    assert value[0] == 0.5 and adjoint == 0.0


@pytest.mark.parametrize("name", [name for name in PROGRAMS if "constant" not in name])
def test_derivatives_by_containers_are_right(name: str) -> None:
    function, argument = PROGRAMS[name]
    check_derivative(function, argument)


def equal_keys(x: Any, y: Any, i: Any, j: Any) -> Any:
    d = {i: x * 2.0, j: y * x}
    return np.sum(d[j] * y) + len(d)


def equal_literal_keys(x: Any, y: Any) -> Any:
    d = {1: x * 2.0, True: y * x, "a": x, "a": y}  # noqa: F601
    return np.sum(d[1] * d["a"])


def formatted_keys(x: Any, y: Any, i: Any) -> Any:
    d = {f"w{i}": x * 2.0, f"b{i}": y * x, (0, i): y}
    return np.sum(d["w1"] * d["b1"]) + np.sum(d[0, 1])


def test_keys_of_a_display_that_are_equal() -> None:
    """The item that another replaced got its adjoint, too."""
    point = np.array([0.7, -0.4, 1.3]), np.array([0.3, 1.1, -0.6])
    for keys in ((1, 1), (1, 2), ("a", "a"), ((0, 1), (0, 1)), (1, True)):
        check_derivative(equal_keys, *point, *keys)
    check_derivative(equal_literal_keys, *point)
    check_derivative(formatted_keys, *point, 1)


def test_an_update_of_an_item_of_a_tuple_is_refused() -> None:
    """It writes into the array before it fails: a `try` that went on was given the array as it had been."""

    def f(x: Any) -> Any:
        t = (x * 1.0,)
        try:
            t[0] *= 2.0  # type: ignore[index]
        except TypeError:
            t[0][0] += 1.0
        return np.sum(t[0] ** 2)

    with pytest.raises(UnsupportedError, match="items of a tuple cannot be assigned"):
        grad(f)(np.array([0.7, -0.4, 1.3]))


def _linked(x):
    node = None
    for v in x:
        node = (v * v, node)
    total = 1.0
    while node is not None:
        v, node = node
        total = total * v + v
    return total


def _kept_inside(x):
    state = (x[0], None)
    for v in x:
        state = (v * v, state)
    return state[0] * state[1][0]


@pytest.mark.parametrize("f", [_linked, _kept_inside])
def test_a_variable_that_holds_what_it_was_is_refused_in_reverse_mode(f):
    """Its kind grows without an end, so it had neither parts nor a shadow: its adjoint was dropped, and gradients
    were zeros."""
    x = np.array([0.7, -0.4, 1.3])
    with pytest.raises(UnsupportedError, match="holds what it was before"):
        grad(f)(x)


def _linked_from_an_empty_tuple(x):
    node = ()
    for v in x:
        node = (v * v, node)
    total = 1.0
    while node:
        v, node = node
        total = total * v + v
    return total


def _nested_lists(x):
    node = []
    for v in x:
        node = [v * v, node]
    return node[0] * node[1][0] + node[1][1][0]


def _deeper_in_a_list(x):
    both = [x[0], []]
    for v in x:
        both[1] = [v, both[1]]
    return both[1][0] * both[1][1][0] * both[0]


def _held_by_what_replaces_it(x):
    state = {}
    for v in x:
        state["last"] = {"v": v, "before": state.get("last")}
    return state["last"]["v"] * state["last"]["before"]["v"]


def test_the_shadow_of_nothing_is_put_into_a_container_too():
    """`t_bar = None` was removed, though `{"before": t_bar}` reads it: UnboundLocalError."""
    check_derivative(_held_by_what_replaces_it, np.array([0.7, -0.4, 1.3]))


@pytest.mark.parametrize("f", [_linked_from_an_empty_tuple, _nested_lists, _deeper_in_a_list])
def test_adjoints_of_containers_of_unknown_depth_are_added_up_item_by_item(f):
    """`n_bar[1] += t_bar` put one list after the other: more items than there are (ValueError). Places of containers
    that hold one of their kind became one while they were asked (KeyError)."""
    check_derivative(f, np.array([0.7, -0.4, 1.3]))


def test_containers_of_unknown_depth_are_refused_where_reverse_mode_is_run_twice():
    """An array was made of the adjoint of an adjoint that was a list of lists: a ValueError of NumPy."""
    x = np.array([0.7, -0.4, 1.3])
    with pytest.raises(UnsupportedError, match="go is not known, where reverse mode is run twice"):
        vjp(vjp(_nested_lists))(x, inner_seed=1.0, seed=(1.0, (x,)))
