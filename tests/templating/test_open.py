"""Loops of templates over lists of unknown length become comprehensions that name what they use."""

from __future__ import annotations

import pytest

from tangent_sct.core import tree
from tangent_sct.templating.open import OpenLoop

LOOP = OpenLoop("c", "i", "a")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1.0", "[1.0 for _ in c]"),
        ("a[i]", "[a[i] for i, a in enumerate(c)]"),
        ("s[i][0]", "[s[i][0] for i in range(len(c))]"),
        ("s.T[i]", "s.T"),
        ("f(s)[i]", "f(s)"),
    ],
)
def test_the_values_for_all_elements(value: str, expected: str) -> None:
    text = tree.text(LOOP.collected(tree.expression(value)))
    assert text == expected
    c, s = [[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]

    class Array(list):  # type: ignore[type-arg]
        T = s

    scope = {"c": c, "s": Array(s), "f": list}
    one_by_one = [eval(value, {**scope, "i": i, "a": a}) for i, a in enumerate(c)]
    assert eval(text, scope) == one_by_one


def test_an_element_is_read_by_its_position() -> None:
    assert tree.text(LOOP.element()) == "c[i]"
