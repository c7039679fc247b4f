"""What is known of nodes: their children, the names they read and bind, their classes."""

from __future__ import annotations

import ast

import gast
import pytest

import tangent_sct  # noqa: F401  (all classes of the package exist)
from tangent_sct.core import tree

STATEMENTS = [
    "a = b",
    "a[i] = b.c = d[e:f] + g(h, *k, m=n)",
    "x, (y, *z) = f(x), -y",
    "a += b * c",
    "a[i] += a",
    "del a, b[c]",
    "a = [v * k for v in xs if v]",
    "a = (lambda x, y=b: x + z)(c)",
    "if (n := f(m)): a = n",
    "for i, j in zip(a, b):\n    c = i\nelse:\n    d = j",
    "while a < b < c: a = not d",
    "with f(a) as b, g(b): c = b",
    "try:\n    a = f(b)\nexcept ValueError as e:\n    c = e\nfinally:\n    d = a",
    "def f(x, y=a):\n    nonlocal c\n    c = x + z\n    return c",
    "import a.b, c as d",
    "match a:\n    case [b, *c]:\n        d = b\n    case {'k': e, **g}:\n        h = e",
    "return a, {b: c, **d}, f'{e}'",
    "assert a, b",
]


@pytest.mark.parametrize("text", STATEMENTS)
def test_one_walk_finds_what_two_walks_find(text: str) -> None:
    (node,) = tree.statements(text)
    assert tree.names_used(node) == (tree.names_read(node), tree.names_written(node))


@pytest.mark.parametrize("text", STATEMENTS)
def test_children_are_all_nodes_below_but_for_operators(text: str) -> None:
    (statement,) = tree.statements(text)
    without = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
    for node in tree.walk(statement):
        expected = [child for child in ast.iter_child_nodes(node) if not isinstance(child, without)]
        assert tree.children(node) == expected


def test_no_node_is_of_a_class_made_from_a_node() -> None:
    """So that `type(node) is gast.Name` says what `isinstance` does."""
    kinds = [kind for kind in vars(gast).values() if isinstance(kind, type) and issubclass(kind, gast.AST)]
    own = [kind for kind in kinds if kind.__module__ == gast.Name.__module__ and kind._fields]
    assert gast.Name in own and not [kind for kind in own if kind.__subclasses__()]


def test_what_a_function_updates_is_its_own() -> None:
    (function,) = tree.statements("def f(n):\n    n += m\n    return n")
    assert tree.names_read(function) == ["m"]


def test_captures_of_patterns_are_respelled() -> None:
    (node,) = tree.statements("match a:\n    case [b, *c]:\n        d = b\n    case {'k': e, **g}:\n        h = g")
    names = {name: name.upper() for name in "abcdegh"}
    assert tree.text(tree.respelled(node, names)) == tree.text(tree.rename(node, names))
    assert "**G" in tree.text(tree.respelled(node, names))
