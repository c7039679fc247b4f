"""`outs`: results that are put into an array that is given."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, check_derivative, grad, jvp, vjp
from tangent_sct.core import tree
from tangent_sct.frontend.outs import into, named_out
from tests.frontend.desugaring import source_and_tree


def named(text: str) -> str:
    source, node = source_and_tree(f"def f(x, a):\n    {text}\n")
    return tree.text(named_out(node, source)).splitlines()[1].strip()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("np.add(x, 1.0, a)", "np.add(x, 1.0, out=a)"),
        ("np.sum(x, 0, None, a)", "np.sum(x, 0, None, out=a)"),
        ("np.dot(x, x, a)", "np.dot(x, x, out=a)"),
        ("x.clip(0.0, 1.0, a)", "x.clip(0.0, 1.0, out=a)"),
        ("np.einsum('i->i', x)", "np.einsum('i->i', x)"),
        ("np.modf(x, a, a)", "np.modf(x, a, a)"),
        ("x.reshape(2, 3)", "x.reshape(2, 3)"),
    ],
)
def test_out_gets_its_name(before: str, after: str) -> None:
    assert named(before) == after


def found(text: str) -> Any:
    return into(tree.expression(text), {"np": np})


def test_what_goes_where() -> None:
    whole = found("np.add(x, y, out=(a,))")
    assert (tree.text(whole.call), whole.out.id, whole.masked) == ("np.add(x, y)", "a", None)
    chosen = found("np.sin(x, out=a, where=m)")
    assert (chosen.where.id, chosen.masked.__name__) == ("m", "unary_where")
    assert found("x.sum(axis=0, out=a)").out.id == "a"


@pytest.mark.parametrize(
    "text",
    [
        "np.add(x, y)",
        "np.add(x, y, out=None)",
        "np.modf(x, out=(a, b))",
        "np.sin(x, out=a, where=m, casting='unsafe')",
        "generator.random(out=a)",
        "np.add(x, **options)",
    ],
)
def test_what_is_no_such_call(text: str) -> None:
    assert found(text) is None


def through_a_partial(x):
    kept = np.zeros(3)
    double = partial(np.multiply, 2.0, out=kept)
    result = double(x)
    return np.sum(kept) * result[0]


def by_one_of_two_names(x):
    kept = np.zeros(3)
    change = np.multiply
    if x[0] > 1.0:
        change = np.add
    change(2.0, x, kept)
    return np.sum(kept) * x[0]


def out_of_a_list(x):
    kept = np.zeros(3)
    for change in [np.multiply, np.add]:
        result = change(2.0, x, kept)
    return np.sum(kept) * result[0]


def handed_over(x):
    kept = np.zeros(3)
    result = list(map(np.exp, [x], [kept]))
    return np.sum(kept) * result[0][0]


def two_of_them(x):
    kept = np.zeros(3)
    parts = np.modf(x * 2.0, kept, np.zeros(3))
    return np.sum(kept) * parts[1][0]


def in_a_dict(x):
    kept = np.zeros(3)
    options = {"out": kept}
    result = np.multiply(2.0, x, **options)
    return np.sum(kept) * result[0]


def by_another_name(x):
    kept, multiply = np.zeros(3), np.multiply
    multiply(2.0, x, kept)
    return np.sum(kept) * x[0]


def by_another_name_inside(x):
    kept = np.zeros(3)
    add = np.add

    def fill(y):
        return add(y, x, out=kept, where=y > 0.5)

    return np.sum(fill(x) * kept)


@pytest.mark.parametrize("function", [by_another_name, by_another_name_inside])
def test_ufuncs_are_known_by_the_names_that_a_function_gives_them(function: Callable[..., Any]) -> None:
    x = np.array([0.4, 0.7, 1.2])
    check_derivative(function, x)
    assert jvp(grad(function))(x, seed=x)[1] == pytest.approx(grad(lambda y: jvp(function)(y, seed=x)[1])(x))


@pytest.mark.parametrize(
    "function", [through_a_partial, by_one_of_two_names, out_of_a_list, handed_over, two_of_them, in_a_dict]
)
def test_results_that_are_put_away_unseen_are_refused(function: Callable[..., Any]) -> None:
    x = np.array([0.4, 0.7, 1.2])
    for mode in (jvp, vjp):
        with pytest.raises(UnsupportedError) as caught:
            mode(function)(x, seed=x if mode is jvp else 1.0)
        assert "puts its result into an array that it is given" in caught.value.reason
        assert caught.value.filename == __file__ and caught.value.hint.startswith("call it by its own name")
