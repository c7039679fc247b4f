"""Operations: one function under all its spellings, which computes what the expression does."""

from __future__ import annotations

import copy
import math
import operator
from collections.abc import Iterator, KeysView
from typing import Any

import gast
import numpy as np
import pytest

from tangent_sct.analysis.operations import Operation, opened, operation
from tangent_sct.core import tree
from tangent_sct.core.kind import Field
from tangent_sct.frontend.namespace import MISSING
from tests.analysis.instrument import Analysed, analysed, arguments, around, function

SPACE = {"np": np, "math": math, "sqrt": math.sqrt, "add": operator.add}


def of(text: str) -> Operation:
    """The operation an expression is."""
    found = operation(tree.expression(text), SPACE)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b", operator.add),
        ("a @ b", operator.matmul),
        ("-a", operator.neg),
        ("not a", operator.not_),
        ("a[1:]", operator.getitem),
        ("a.T", np.transpose),
        ("a.sum(axis=0)", np.sum),
        ("np.sum(a, axis=0)", np.sum),
        ("np.linalg.solve(a, b)", np.linalg.solve),
        ("sqrt(a)", math.sqrt),
        ("add(a, b)", operator.add),
        ("a.unheard_of()", MISSING),
        ("a.unheard_of", MISSING),
        ("unheard_of(a)", MISSING),
    ],
)
def test_functions(text: str, expected: Any) -> None:
    assert of(text).function is expected


@pytest.mark.parametrize("text", ["a", "1.0", "(a, b)", "[a]", "a < b", "a and b", "np.pi", "math"])
def test_what_is_no_operation(text: str) -> None:
    assert operation(tree.expression(text), SPACE) is None


def test_a_shape_of_several_arguments_is_a_tuple() -> None:
    assert list(map(tree.text, of("a.reshape(2, 3)").args)) == ["a", "(2, 3)"]
    assert list(map(tree.text, of("a.reshape((2, 3))").args)) == ["a", "(2, 3)"]
    assert list(map(tree.text, of("a.transpose(1, 0)").args)) == ["a", "(1, 0)"]


def test_operands_are_opened() -> None:
    atoms = of("np.stack([a, (b, {'k': c})], axis=n)").operands()
    assert list(map(tree.text, atoms)) == ["a", "b", "c", "n"]
    assert list(map(tree.text, opened(tree.expression("f(*a)").args[0]))) == ["a"]


# -- by observation -------------------------------------------------------------------------------

EFFECTS = ("pop", "append", "iadd", "isub", "imul", "itruediv", "setitem", "setdefault")


class Index:
    """`index[i]` is `i`."""

    def __getitem__(self, index: Any) -> Any:
        return index


def check(node: gast.AST, program: Analysed, names: dict[str, Any]) -> bool:
    """Compute an expression as its operation; whether it is one that can be compared."""
    objects = program.context.namespace.objects
    found = operation(node, objects)
    if found is None or found.function in (None, MISSING):
        return False
    spelled = tree.dotted_name(node.func) if isinstance(node, gast.Call) else ""
    if spelled is not None and spelled.split(".")[-1].partition("_")[0] in EFFECTS:
        return False
    if any(isinstance(arg, gast.Starred) for arg in found.args):
        return False
    if any(isinstance(getattr(item, "value", None), Field) for item in tree.walk(node)):
        # Items of an object are its attributes.
        return False
    # A view of the keys of a dict cannot be copied; what is computed from one is left out.
    if any(isinstance(names.get(name), KeysView) for name in tree.names_read(node)):
        return False
    own = {name: value for name, value in names.items() if not isinstance(value, KeysView)}
    scope = {**objects, **copy.deepcopy(own), "index_": Index()}

    def value(operand: gast.AST) -> Any:
        return eval(tree.text(tree.subscript(tree.load("index_"), operand)), scope)

    args = [value(arg) for arg in found.args]
    keywords = {key: value(arg) for key, arg in found.keywords.items()}
    # A function may write into its arguments: each computes with copies of its own.
    got = found.function(*args, **keywords)
    expected = eval(tree.text(node), {**objects, **copy.deepcopy(own)})
    if not isinstance(expected, (float, int, np.ndarray, np.generic)):
        return False
    np.testing.assert_array_equal(got, expected, err_msg=tree.text(node))
    assert type(got) is type(expected)
    return True


@pytest.mark.parametrize("first", range(0, 30, 10))
def test_operations_compute_what_is_written(first: int) -> None:
    count = 0
    for seed in range(first, first + 10):
        program = analysed(seed)
        if program is None:
            continue
        numbered: list[gast.AST] = []
        checked: set[int] = set()

        def compare(number: int, names: dict[str, Any]) -> None:
            read = tree.names_read(numbered[number])
            if any(isinstance(names.get(name), Iterator) for name in read):
                # What is computed once more would take other items.
                return
            if number not in checked and check(numbered[number], program, names):
                checked.add(number)

        def change(node: gast.AST) -> list[gast.AST]:
            if not isinstance(node, gast.Assign):
                return [node]
            numbered.append(node.value)
            number = tree.const(len(numbered) - 1)
            return [tree.effect(tree.call("compare_", number, tree.call("locals"))), node]

        scope = {**program.context.namespace.objects, "compare_": compare}
        with np.errstate(all="ignore"):
            function(program.parameters, around(program.body, change), scope)(*arguments(program))
        count += len(checked)
    assert count > 20
