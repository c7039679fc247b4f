"""`single`: every local name is assigned once, save joins and carried names; nothing else changes."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import Any

import numpy as np
import pytest

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.names import Names
from tangent_sct.frontend.single import parallel_copies, single


def renamed(text: str, temporaries: tuple[str, ...] = ()) -> tuple[Any, dict[str, str]]:
    (function,) = tree.statements(textwrap.dedent(text).strip())
    used = {*tree.parameter_names(function), *tree.names_written(function.body)}
    body, bases = single(function, Names(used), set(temporaries))
    return tree.function(function.name, function.args, body), bases


def body(text: str, temporaries: tuple[str, ...] = ()) -> str:
    return tree.text(renamed(text, temporaries)[0].body)


def lines(text: str) -> str:
    return textwrap.dedent(text).strip()


def test_versions() -> None:
    function, bases = renamed("def f(x):\n    x = x + 1\n    y = x\n    x = y * x\n    return x")
    assert tree.text(function.body) == "x_2 = x + 1\ny = x_2\nx_3 = y * x_2\nreturn x_3"
    assert bases == {"x": "x", "x_2": "x", "y": "y", "x_3": "x"}


def test_temporaries_have_no_base() -> None:
    _, bases = renamed("def f(x):\n    t = x + 1\n    return t", ("t",))
    assert bases["t"] == "" and bases["x"] == "x"


def test_a_join_only_for_what_is_read_later() -> None:
    assert body(
        """
        def f(x):
            if x > 0:
                y = x
                z = 1
            else:
                y = 2
                z = 3
            return y
        """
    ) == lines(
        """
        if x > 0:
            y = x
            z = 1
            y_3 = y
        else:
            y_2 = 2
            z_2 = 3
            y_3 = y_2
        return y_3
        """
    )


def test_a_branch_that_changes_nothing_joins_with_what_was() -> None:
    assert body("def f(x):\n    if x > 0:\n        x = x + 1\n    return x") == lines(
        """
        if x > 0:
            x_2 = x + 1
            x_3 = x_2
        else:
            x_3 = x
        return x_3
        """
    )


def test_a_loop_carries_what_the_next_iteration_or_what_follows_reads() -> None:
    assert body(
        """
        def f(x, n):
            y = x
            for i in range(n):
                t = y + i
                y = t * y
            return y
        """
    ) == lines(
        """
        y = x
        y_2 = y
        for i in range(n):
            t = y_2 + i
            y_3 = t * y_2
            y_2 = y_3
        y_4 = y_2
        return y_4
        """
    )


def test_a_loop_variable_that_is_read_afterwards_is_carried() -> None:
    text = body("def f(n):\n    i = 0\n    for i in range(n):\n        a = i\n    return i")
    scope: dict[str, Any] = {}
    exec("def f(n):\n" + textwrap.indent(text, "    "), scope)
    assert (scope["f"](3), scope["f"](0)) == (2, 0)


def test_an_exit_stays_the_last_statement_of_the_body() -> None:
    text = body(
        """
        def f(x, n):
            for i in range(n):
                stop = x > 5
                x = x * 2
                if stop:
                    break
            return x
        """
    )
    assert text.index("if stop") > text.index("x_2 = x_3")


def test_stores_rename_nothing() -> None:
    text = body("def f(x, y):\n    x[0] = y\n    x[1] += y\n    return x")
    assert text == "x[0] = y\nx[1] += y\nreturn x"


def test_a_context_is_transparent() -> None:
    text = body("def f(x, c):\n    with c as d:\n        x = x + d\n    return x")
    assert text == "with c as d:\n    x_2 = x + d\nreturn x_2"


def test_an_opaque_statement_gets_versions_of_what_it_writes() -> None:
    text = body(
        """
        def f(x):
            y = 1
            try:
                y = x / 0
            except ZeroDivisionError:
                pass
            return y
        """
    )
    scope: dict[str, Any] = {}
    exec("def f(x):\n" + textwrap.indent(text, "    "), scope)
    assert scope["f"](1) == 1
    assert "y_2 = y" in text and "return y_2" in text


def test_a_closure_over_what_its_statement_assigns_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="reads a variable that is assigned in the same"):
        renamed("def f(x):\n    try:\n        x = 1\n        g = lambda: x\n    finally:\n        pass\n    return x")


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("a", "b")], "a = b"),
        ([("a", "a")], ""),
        ([("a", "b"), ("b", "a")], "a_2 = a\na = b\nb = a_2"),
        ([("a", "b"), ("b", "c"), ("c", "a")], "a_2 = a\na = b\nb = c\nc = a_2"),
        ([("a", "b"), ("c", "b")], "a = b\nc = b"),
        ([("b", "a"), ("a", "c")], "b = a\na = c"),
    ],
)
def test_parallel_copies(pairs: list[tuple[str, str]], expected: str) -> None:
    bases = {name: name for name in "abc"}
    assert tree.text(parallel_copies(pairs, Names("abc"), bases)) == expected


PROGRAMS = {
    "branches": """
        def f(x, n):
            if n > 1:
                y = x + n
                if n > 2:
                    y = y * 2
            else:
                y = -x
                x = y
            return x + y
        """,
    "loops": """
        def f(x, n):
            a, b = 1, x
            i = 0
            while i < n:
                for j in range(i):
                    a = a + b * j
                    if a > 20:
                        b = a
                b = b - 1
                i = i + 1
            return a * b + i
        """,
    "rotation": """
        def f(x, n):
            a = x
            b = x + 1
            c = x + 2
            for i in range(n):
                t = a
                a = b
                b = c
                c = t
            return a * 100 + b * 10 + c
        """,
    "unassigned": """
        def f(x, n):
            for i in range(n + 1):
                last = i * x
            if n > 0:
                x = last
            return x
        """,
}


@pytest.mark.parametrize("n", [0, 1, 2, 5])
@pytest.mark.parametrize("name", PROGRAMS)
def test_it_does_what_the_program_did(name: str, n: int) -> None:
    text = textwrap.dedent(PROGRAMS[name]).replace("a, b = 1, x", "a = 1\n    b = x")
    before: dict[str, Any] = {"np": np}
    exec(text, before)
    function, bases = renamed(text)
    after: dict[str, Any] = {"np": np}
    exec(tree.text(function), after)
    assert after["f"](3, n) == before["f"](3, n)
    assigned = Counter(
        name
        for node in tree.every_statement(function.body)
        if isinstance(node, (tree.gast.Assign, tree.gast.For))
        for name in tree.names_written(node.target if isinstance(node, tree.gast.For) else node)
    )
    assert max(assigned.values()) <= 2
    assert all(bases[name] in ("x", "n") or bases[name] in name for name in assigned)


def test_what_a_failed_attempt_left_without_a_value_is_not_copied() -> None:
    text = body(
        """
        def f(x):
            try:
                a = g(x)
            except ValueError:
                pass
            b, a = h(x)
            return a * b
        """
    )
    assert "a_2 = None\nb, a_2 = h(x)" in text
