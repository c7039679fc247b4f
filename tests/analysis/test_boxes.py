"""Which containers are boxes, and which are boxes together."""

from __future__ import annotations

from collections.abc import Iterable

import gast
import pytest

from tangent_sct.analysis.boxes import Box, boxes, mutated_container
from tangent_sct.core import tree
from tangent_sct.core.kind import FLOAT, UNKNOWN, Kind, array, constant, container

PAIR = container("tuple", {0: FLOAT, 1: FLOAT})
NESTED = container("tuple", {0: PAIR, 1: FLOAT})
ARRAYS = container("list", {0: array((3,)), 1: array((3,))})
KINDS = {
    **dict.fromkeys("pqr", PAIR),
    **dict.fromkeys("xy", FLOAT),
    **dict.fromkeys("cde", Kind("list")),
    "n": NESTED,
    "arrays": ARRAYS,
    "shut": container("dict", {"k": FLOAT}),
    "half": container("tuple", {0: Kind("list"), 1: FLOAT}),
    "v": array((3,)),
    "i": Kind("scalar", "int"),
    "two": constant(2),
}


def kind_of(node: gast.AST) -> Kind:
    if isinstance(node, gast.Constant):
        return constant(node.value)
    return KINDS.get(node.id, UNKNOWN) if isinstance(node, gast.Name) else UNKNOWN


def found(
    text: str, stored: str = "", parameters: str = "", tapes: Iterable[str] = ()
) -> dict[str, Box]:
    """The boxes of a text; `add_item` changes shadows."""

    def is_writer(function: gast.AST) -> bool:
        return tree.is_name(function, "add_item")

    body = tree.statements(text)
    return boxes(body, kind_of, stored.split(), parameters.split(), frozenset(tapes), is_writer)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Built and taken apart: none.
        ("p = (x, y)\nx = p[0]", ""),
        ("p = (x, y)\nq = p\nr = q[::two]", ""),
        ("n = (p, x)\np = n[0]", ""),
        ("p = (x, y)\nq = p[:two]", ""),
        ("shut = {'k': x}\nx = shut['k']", ""),
        ("v[i] = x\nv.sort()", ""),
        # Structure, items or length are decided when the program runs.
        ("c = [x]", "c"),
        ("half = (c, x)", "c half"),
        ("p = (x, y)\nx = p[i]", "p"),
        ("p = (x, y)\nq = p[i:]", "p q"),
        ("p = (x, y)\nx = f(x, p[i])", "p"),
        # Items change.
        ("shut['k'] = x", "shut"),
        ("shut['k'] += x", "shut"),
        ("shut.update(q)", "q shut"),
        ("p.append(x)", "p"),
        ("x = p.pop()", "p"),
        ("add_item(p, 0, x)", "p"),
        # In every block.
        ("if x:\n    p = (x, y)\nelse:\n    while x:\n        with x:\n            x = p[i]", "p"),
    ],
)
def test_what_is_a_box(text: str, expected: str) -> None:
    assert sorted(found(text)) == expected.split()


def test_a_parameter_is_one_where_its_structure_is_not_known() -> None:
    assert sorted(found("x = y", parameters="c half p x")) == ["c", "half"]


def test_what_holds_arrays_that_are_written_is_one() -> None:
    text = "arrays = [v, v]\nv = arrays[0]"
    assert not found(text)
    assert sorted(found(text, stored="arrays v")) == ["arrays"]


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("q = p", "p q"),
        ("n = (p, x)", "n p"),
        ("n = [[p], x]", "n p"),
        ("n = {'k': {'l': p}}", "n p"),
        ("q = n[0]", "n q"),
        ("q = p + r", "p q r"),
        ("q = f(p)", "p q"),
        ("q = n.get(0, r)", "n q r"),
        ("n[0] = p", "n p"),
        ("n.insert(0, p)", "n p"),
        ("add_item(n, 0, p)", "n p"),
        ("q = p\nr = q", "p q r"),
    ],
)
def test_copies_items_and_holders_are_boxes_together(text: str, members: str) -> None:
    """Whichever of them is the one whose items move."""
    for name in members.split():
        mine = found(f"{text}\n{name}[i] = x")
        assert sorted(mine) == members.split()
        assert len(set(map(id, mine.values()))) == 1
        assert mine[name].members == frozenset(members.split())


def test_what_is_only_made_of_the_same_numbers_is_not() -> None:
    assert sorted(found("p[i] = x\ny = p[0]\nq = (y, y)")) == ["p"]


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("c = [x]\nx = c[i]", False),
        ("c = [x]\nc.append(y)", True),
        ("c = [x]\nx = c.pop()", True),
        ("c[i] = x", True),
        ("c[i] += x", True),
        ("add_item(c, i, x)", True),
        ("c = [x]\nd = c\nd.append(x)", True),
    ],
)
def test_whether_a_class_changes(text: str, changes: bool) -> None:
    assert found(text)["c"].changes is changes


def test_a_change_is_one_of_its_class_only() -> None:
    mine = found("c.append(x)\nd = [x]\ne = d")
    assert mine["c"].changes and not mine["d"].changes
    assert mine["d"] is mine["e"] and mine["c"] is not mine["d"]


def test_a_tape_needs_no_shadow() -> None:
    text = "c = []\nc.append(x)\nx = c.pop()"
    assert sorted(found(text)) == ["c"]
    assert not found(text, tapes="c")


def test_what_is_pushed_to_the_tape_of_a_box_is_held_by_it() -> None:
    text = "c = []\nc.append(d)\nd.append(x)\ne = c.pop()"
    assert sorted(found(text, tapes="c")) == ["c", "d", "e"]


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("c.append(x)", "append"),
        ("x = c.pop()", "pop"),
        ("shut.setdefault('k', x)", "setdefault"),
        ("x = c.index(x)", None),
        ("f(c)", None),
        ("append(c)", None),
        ("c[0].append(x)", None),
        ("c[0] = x", None),
        ("if c.pop():\n    x = y", None),
    ],
)
def test_methods_that_change(text: str, method: str | None) -> None:
    (node,) = tree.statements(text)
    call = mutated_container(node)
    assert (None if call is None else call.func.attr) == method
