"""Branches that the arguments of a call decide."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tangent_sct import grad
from tangent_sct.core import tree
from tangent_sct.frontend.flags import decided
from tangent_sct.testing import check_derivative


def without(body: str, **arguments: str) -> str:
    indented = "\n".join(f"    {line}" for line in body.strip().splitlines())
    (node,) = tree.statements(f"def f(x, *args, k=1, flag=None):\n{indented}")
    given = {name: tree.expression(value) for name, value in arguments.items()}
    return "\n".join(line[4:] for line in tree.text(decided(node, given)).splitlines()[1:])


@pytest.mark.parametrize(("body", "arguments", "expected"), [
    ("if k == 1:\n    return x\nreturn 2 * x", {"k": "1"}, "return x"),
    ("if k == 1:\n    return x\nreturn 2 * x", {"k": "2"}, "return 2 * x"),
    ("if k == 1 and x > 0:\n    return x\nreturn k", {"k": "2"}, "return 2"),
    ("if flag is None:\n    y = x\nelse:\n    y = x * flag\nreturn y", {"flag": "None"}, "y = x\nreturn y"),
    ("if len(args) == 0:\n    return x\nreturn args[-1]", {"args": "(a, 3)"}, "return 3"),
    ("for i in x:\n    if flag:\n        break\nreturn k", {"flag": "False"}, "for i in x:\n    pass\nreturn k"),
    ("if x > 0:\n    if flag:\n        x = 1\nreturn x", {"flag": "False"}, "if x > 0:\n    pass\nreturn x"),
])  # fmt: skip
def test_what_literals_decide(body: str, arguments: dict[str, str], expected: str) -> None:
    assert without(body, **arguments) == expected


@pytest.mark.parametrize(("body", "arguments"), [
    ("if k == 1:\n    return x\nreturn 2 * x", {"k": "n"}),
    ("k = k + 1\nif k == 1:\n    return x\nreturn 2 * x", {"k": "1"}),
    ("if k == 1:\n    yield x\nreturn", {"k": "2"}),
    ("if k == 1:\n    y = x\nreturn y", {"k": "2"}),
    ("def g():\n    return k\nif k == 1:\n    return x\nreturn g()", {"k": "1"}),
])  # fmt: skip
def test_what_stays(body: str, arguments: dict[str, str]) -> None:
    assert without(body, **arguments) == without(body)


def act(x, kind="tanh", scale=None):
    if scale is not None:
        x = x / unknown_to_everybody(scale)  # noqa: F821
    if kind == "tanh":
        return np.tanh(x)
    if kind == "soft":
        return np.log1p(np.exp(x))
    return eval("x")


def test_what_is_ruled_out_is_not_read() -> None:
    def f(x):
        return act(x) * act(x, kind="soft")

    check_derivative(f, 0.7)
    assert "eval" not in grad(f).source_for(0.7)


def test_a_flag_that_only_the_run_knows() -> None:
    def power(x, n):
        return x if n == 1 else x * power_of(x, n)

    def power_of(x, n):
        if n == 2:
            return x
        return x * math.sqrt(x)

    def f(x, n):
        return power(x, n)

    assert grad(f)(1.3, 2) == pytest.approx(2 * 1.3)
    assert grad(f)(1.3, 3) == pytest.approx(2.5 * 1.3**1.5)


def counted(x, *rest):
    def len(items):
        return 7

    if len(rest) == 7:
        return x * x
    return x


def test_a_function_of_that_name_is_not_the_length() -> None:
    def f(x):
        return counted(x, 1.0, 2.0)

    assert grad(f)(1.5) == pytest.approx(3.0)
