"""`indices`: what an index into an array selects."""

from __future__ import annotations

import gast
import pytest

from tangent_sct.analysis.indices import is_fancy, may_repeat, surely_fancy
from tangent_sct.core import tree
from tangent_sct.core.kind import INT, UNKNOWN, Kind, array, container

POSITIONS = array(("n0",), "int64")
KINDS = {
    "i": INT,
    "positions": POSITIONS,
    "mask": array(("n0",), "bool"),
    "pair": container("tuple", {0: POSITIONS, 1: POSITIONS}),
    "corner": container("tuple", {0: INT, 1: INT}),
    "unknown": UNKNOWN,
}


def kind_of(node: gast.AST) -> Kind:
    return KINDS.get(node.id, UNKNOWN) if isinstance(node, gast.Name) else UNKNOWN


@pytest.mark.parametrize(
    ("index", "may", "surely", "twice"),
    [
        ("2", False, False, False),
        ("i", False, False, False),
        ("1:i", False, False, False),
        ("positions", True, True, True),
        ("mask", True, True, False),
        ("[0, 2]", True, True, False),
        ("[0, 0]", True, True, True),
        ("i, positions", True, True, True),
        ("pair", True, True, True),
        ("corner", False, False, False),
        ("unknown", True, False, True),
    ],
)
def test_what_an_index_selects(index: str, may: bool, surely: bool, twice: bool) -> None:
    node = tree.expression(f"a[{index}]").slice
    assert (is_fancy(node, kind_of), surely_fancy(node, kind_of), may_repeat(node, kind_of)) == (may, surely, twice)
