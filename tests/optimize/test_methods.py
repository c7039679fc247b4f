import inspect
from typing import Any

import gast
import numpy as np
import pytest

from tangent_sct import grad
from tangent_sct.core import tree
from tangent_sct.core.kind import UNKNOWN, Kind, array, scalar
from tangent_sct.core.origins import Origin
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.methods import ATTRIBUTES, METHODS, methods
from tests.helpers import outcome, unit_of

KINDS = {"A": array(("n", "m")), "v": array(("n",)), "x": scalar("float64")}
ARGUMENTS = {"A": np.arange(6.0).reshape(2, 3), "v": np.array([2.0, 1.0]), "x": 3.0, "u": [1.0]}


def kind_of(node: gast.AST) -> Kind:
    """Kinds of the arguments, by name."""
    return KINDS.get(node.id, UNKNOWN) if isinstance(node, gast.Name) else UNKNOWN


def everywhere(statement: gast.AST) -> bool:
    """All statements count as the derivative's."""
    return True


def unit(body: str) -> Unit:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return unit_of(f"def f(A, v, x, u):\n{lines}    return z")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("np.sum(A)", "A.sum()"),
        ("np.sum(A, axis=0)", "A.sum(axis=0)"),
        ("np.sum(A, 0, keepdims=True)", "A.sum(0, keepdims=True)"),
        ("np.max(A, axis=1) + np.min(A, axis=1)", "A.max(axis=1) + A.min(axis=1)"),
        ("np.reshape(A, np.shape(A)[::-1])", "A.reshape(A.shape[::-1])"),
        ("np.cumsum(A, axis=0)", "A.cumsum(axis=0)"),
        ("v[np.argsort(v)]", "v[v.argsort()]"),
        ("np.prod(v) * np.mean(v)", "v.prod() * v.mean()"),
        ("np.size(A) * np.ndim(A)", "A.size * A.ndim"),
        ("np.sum(np.exp(A * np.sum(v)))", "np.sum(np.exp(A * v.sum()))"),
    ],
)
def test_an_array_is_asked_by_method(before: str, after: str) -> None:
    first, second = unit(f"z = {before}"), methods(unit(f"z = {before}"), kind_of, everywhere)
    assert tree.text(second.tree.body[0]).strip() == f"z = {after}"
    assert outcome(first, ARGUMENTS) == outcome(second, ARGUMENTS)


def test_in_blocks() -> None:
    body = "z = 0.0\nfor i in range(3):\n    if x > i:\n        z += {0}\n    else:\n        z -= {0}"
    after = methods(unit(body.format("np.sum(v)")), kind_of, everywhere)
    assert tree.text(after.tree) == tree.text(unit(body.format("v.sum()")).tree)


@pytest.mark.parametrize(
    "body",
    [
        # a number, or nobody knows
        "z = np.sum(x)",
        "z = np.size(u)",
        # an expression reads better with the function
        "z = np.sum(A * A, axis=0)",
        # no such attribute
        "z = np.size(A, 0)",
        # another name in a scope of its own
        "z = [np.sum(v) for v in u]",
        "z = (lambda v: np.sum(v))(u)",
        # the value of the function
        "return np.sum(v)",
    ],
)
def test_left_alone(body: str) -> None:
    whole = unit(body)
    assert methods(whole, kind_of, everywhere) is whole


def test_the_user_keeps_the_spelling() -> None:
    whole = unit("z = np.sum(v)")
    tree.mark(whole.tree.body[0], Origin("f.py", 3, 4, 3, 13, "z = np.sum(v)"))
    assert methods(whole, kind_of) is whole
    assert "np.sum(x, axis=0)" in grad(_of_sums).source_for(np.ones((2, 3)))


def _of_sums(x):
    s = np.sum(x, axis=0)
    return np.sum(s * s)


@pytest.mark.parametrize("name", METHODS.values())
def test_methods_take_what_the_functions_take(name: str) -> None:
    function: Any = getattr(np, name)
    _, *parameters = inspect.signature(function).parameters
    given = {"axis": 0} if "axis" in parameters else {}
    shaped = ((3, 2),) if name == "reshape" else ()
    value = ARGUMENTS["A"]
    expected = function(value, *shaped, **given)
    assert np.array_equal(getattr(value, name)(*shaped, **given), expected)
    assert METHODS[id(function)] == name


def test_attributes_are_what_the_functions_say() -> None:
    for name in ATTRIBUTES.values():
        assert getattr(np, name)(ARGUMENTS["A"]) == getattr(ARGUMENTS["A"], name)
