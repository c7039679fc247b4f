"""`unshared`: which variables hold arrays that no other name sees."""

from __future__ import annotations

import operator

import gast
import numpy as np
import pytest

from tangent_sct.analysis.aliases import alias_classes
from tangent_sct.analysis.unshared import Unshared
from tangent_sct.core import tree
from tangent_sct.core.kind import FLOAT, UNKNOWN, Kind, array
from tangent_sct.derive.resolve import updated

KINDS = {"x": array(("n0",)), "s": FLOAT, "a": array(("n0",))}
HELD: list[object] = []
SPACE = {"np": np, "iadd": operator.iadd, "keep": HELD.append}
BASES = {"y": "y", "y_2": "y", "y_3": "y", "z": "z", "c": "c", "a": "a"}


def holds(text: str, name: str = "y") -> bool:
    """Whether a name of a program is unshared; `x` is a parameter, `y_2` and `y_3` are versions of `y`."""

    def kind_of(node: gast.AST) -> Kind:
        if isinstance(node, gast.Name):
            return KINDS.get(node.id, UNKNOWN)
        if isinstance(node, gast.Constant):
            return FLOAT
        return array(("n0",)) if isinstance(node, gast.BinOp) else UNKNOWN

    body = tree.statements(text)
    classes = alias_classes(body, SPACE, kind_of)
    return Unshared(body, SPACE, BASES, kind_of, classes, lambda value: updated(value, SPACE)).holds(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y = 0\ny_2 = iadd(y, x)", True),
        ("y = x * 1.0\ny_2 = y\ny_3 = iadd(y_2, x)", True),
        ("y = None\ny_2 = iadd(y, x)", True),
        ("s = 1.5\ny = s\ny_2 = iadd(y, x)", True),
        ("y = x\ny_2 = iadd(y, x)", False),
        ("y = x * 1.0\nz = y\ny_2 = iadd(y, x)", False),
        ("y = x * 1.0\ny_2 = iadd(y, x)\nz = y_2", True),
        ("for i in range(3):\n    y = x * 1.0\n    y_2 = iadd(y, x)\n    z = y_2", True),
        ("y = x * 1.0\nfor i in range(3):\n    y_2 = iadd(y, x)\n    z = y_2\n    y = y_2", False),
        ("for i in range(3):\n    y = x * 1.0\n    z = y\n    y_2 = iadd(y, x)", False),
        ("y = x * 1.0\nc = [y]\ny_2 = iadd(y, x)", False),
        ("y = x * 1.0\nc.append(y)\ny_2 = iadd(y, x)", False),
        ("y = x * 1.0\na[0] = y\ny_2 = iadd(y, x)", True),
        ("y = keep(x)\ny_2 = iadd(y, x)", False),
        ("y = x * 1.0\nkeep(y)\ny_2 = iadd(y, x)", False),
        ("y_2 = iadd(y, x)", False),
    ],
)
def test_versions_of_one_variable(text: str, expected: bool) -> None:
    assert holds(text) is expected
