"""`layout`: where names live, what loops carry, what is a tape."""

import pytest

from tangent_sct.core import tree
from tangent_sct.derive.layout import (
    Layout,
    common,
    flatten,
    heads,
    popped_from,
    pushed_to,
    tapes,
)

BODY = tree.statements(
    """
y_2 = y
for i in range(n):
    t = y_2 * 2
    if t > 1:
        z = t
    else:
        z = y_2
    y_2 = z
    last = t
y_3 = y_2
w = last
"""
)
LOOP = BODY[1]
BRANCH = LOOP.body[1]


def test_names_live_in_the_innermost_block_around_their_definitions() -> None:
    layout = Layout.of(BODY)
    loop = (id(LOOP), 0)
    assert layout.home_of("y_2") == () == layout.home_of("y") == layout.home_of("y_3")
    assert layout.home_of("t") == layout.home_of("i") == layout.home_of("z") == (loop,)
    assert layout.is_inside("t", LOOP) and not layout.is_inside("y_2", LOOP)
    assert not layout.is_inside("z", BRANCH)
    assert len(layout.definitions["z"]) == len(layout.definitions["y_2"]) == 2


def test_loops_carry_what_is_read_outside_of_an_iteration() -> None:
    layout = Layout.of(BODY)
    assert layout.carried(LOOP) == ["y_2", "last"]
    assert layout.loops_around(layout.path[id(BRANCH.body[0])]) == (id(LOOP),)
    assert layout.loops_around(()) == ()


def test_statements_are_numbered_in_the_order_of_the_source() -> None:
    layout = Layout.of(BODY)
    every = list(tree.every_statement(BODY))
    assert [layout.order[id(node)] for node in every] == list(range(len(every)))


def test_a_with_statement_is_no_block_of_its_own() -> None:
    (node,) = tree.statements("with a:\n    x = 1")
    assert Layout.of([node]).home_of("x") == ()


def test_the_common_block() -> None:
    assert common(((1, 0), (2, 0)), ((1, 0), (2, 1))) == ((1, 0),)
    assert common((), ((1, 0),)) == ()


@pytest.mark.parametrize(
    ("text", "reads", "writes"),
    [
        ("x = y + z", ["y", "z"], ["x"]),
        ("x[i] = y", ["x", "i", "y"], []),
        ("x += y", ["x", "y"], []),
        ("for i in x:\n    y = z", ["x"], ["i"]),
        ("if a:\n    y = z", ["a"], []),
        ("while a < b:\n    y = z", ["a", "b"], []),
        ("with a as b:\n    y = z", ["a"], ["b"]),
    ],
)
def test_heads(text: str, reads: list[str], writes: list[str]) -> None:
    (node,) = tree.statements(text)
    found = heads(node)
    assert sorted(found[0]) == sorted(reads) and found[1] == writes


def test_opaque_statements_have_no_blocks() -> None:
    (node,) = tree.statements("try:\n    x = 1\nfinally:\n    y = 2")
    assert tree.inner_blocks(node) == []
    assert [len(block) for block in tree.inner_blocks(BRANCH)] == [1, 1]


def test_tapes_are_lists_that_are_only_pushed_and_popped() -> None:
    body = tree.statements(
        """
a = []
b = []
c = []
d = [1]
for i in x:
    a.append(i)
    b.append(i)
    c.append(i)
    d.append(i)
y = a.pop()
a.pop()
z = b[0]
"""
    )
    assert tapes(body) == {"a"}


@pytest.mark.parametrize(
    ("text", "pushed", "popped"),
    [
        ("t.append(x)", "t", None), ("t.pop()", None, "t"), ("t.append(t)", None, None),
        ("t.pop(0)", None, None), ("t.append(x, y)", None, None), ("a.t.append(x)", None, None),
        ("append(x)", None, None),
    ],
)  # fmt: skip
def test_pushes_and_pops(text: str, pushed: str | None, popped: str | None) -> None:
    node = tree.expression(text)
    assert (pushed_to(node), popped_from(node)) == (pushed, popped)


def test_exits() -> None:
    leave, other = tree.statements("if stop:\n    break\nif stop:\n    x = 1")
    assert tree.is_exit(leave) and not tree.is_exit(other)


def test_flatten() -> None:
    one, two, branch = tree.statements("a = 1\nb = 2\nif c:\n    d = 3")
    branch.body = [[branch.body[0], []]]
    assert tree.text(flatten([[one, [two]], [branch]])) == "a = 1\nb = 2\nif c:\n    d = 3"
