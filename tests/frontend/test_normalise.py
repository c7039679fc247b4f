"""`normalise`: active expressions are broken into single operations, inactive ones stay whole."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pytest

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.names import Names
from tangent_sct.frontend.active import active_names, mentions_active
from tangent_sct.frontend.namespace import Namespace
from tangent_sct.frontend.normalise import normalise
from tests.frontend.desugaring import is_zero, source_and_tree


def normalised(text: str, *active: str) -> tuple[str, set[str], Namespace]:
    source, function = source_and_tree(text)
    names = Names({*tree.parameter_names(function), *tree.names_written(function.body)})
    namespace = Namespace(names)
    found = active_names(function, set(active or ("x",)), is_zero, lambda node: True)
    result, temporaries = normalise(
        function, found, lambda node: mentions_active(node, found, is_zero), source, names, namespace
    )
    return tree.text(result.body), temporaries, namespace


def body(text: str, *active: str) -> str:
    return normalised(text, *active)[0]


def lines(text: str) -> str:
    return textwrap.dedent(text).strip()


def test_one_operation_a_statement() -> None:
    text, temporaries, _ = normalised("def f(x, a):\n    y = x * x + np.sin(x) / a\n    return y")
    assert text == lines(
        """
        t = x * x
        t_2 = np.sin(x)
        t_3 = t_2 / a
        y = t + t_3
        return y
        """
    )
    assert temporaries == {"t", "t_2", "t_3"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x * (n + 1)", "result = x * (n + 1)"),
        ("x * a[n]", "t = a[n]\nresult = x * t"),
        ("x * len(a)", "t = len(a)\nresult = x * t"),
        ("x[n - 1, 1:n]", "result = x[n - 1, 1:n]"),
        ("x[a[n]]", "t = a[n]\nresult = x[t]"),
        ("x[0] * (a and x.pop() > 1.0)", "t = x[0]\nt_2 = a and x.pop() > 1.0\nresult = t * t_2"),
        ("x[0] * (x.pop() > 1.0)", "t = x[0]\nt_2 = x.pop()\nt_3 = t_2 > 1.0\nresult = t * t_3"),
        ("-x", "result = -x"),
        ("x.T", "result = x.T"),
        ("(x + 1).sum()", "t = x + 1\nresult = t.sum()"),
        ("np.stack([x, x + 1])", "t = x + 1\nresult = np.stack([x, t])"),
        ("np.sum(x, axis=n - 1)", "result = np.sum(x, axis=n - 1)"),
        ("(x, x + 1, n)", "t = x + 1\nresult = (x, t, n)"),
        ("{'a': x * 2}", "t = x * 2\nresult = {'a': t}"),
        ("(x, (x, n))", "t = (x, n)\nresult = (x, t)"),
    ],
)
def test_operands(before: str, after: str) -> None:
    assert body(f"def f(x, a, n):\n    return {before}") == f"{after}\nreturn result"


def test_inactive_statements_stay_as_they_are() -> None:
    text = "n = [a[i] ** 2 for i in range(len(a)) if a[i]]"
    assert body(f"def f(x, a):\n    {text}\n    return x") == f"{text}\nreturn x"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a[n] = x * 2", "t = x * 2\na[n] = t"),
        ("a[n] += x", "a[n] += x"),
        ("a[n] -= x * 2", "t = x * 2\na[n] -= t"),
        ("a[n] *= x", "a[n] *= x"),
        ("np.sin(x, out=a[1:])", "t = np.sin(x)\na[1:] = t"),
        ("np.add(x, 1.0, out=a[n])", "t = a[n]\nt_2 = np.add(x, 1.0)\nt[...] = t_2"),
        ("np.add(x, 1.0, out=None)", "np.add(x, 1.0, out=None)"),
        ("a += x", "a = iadd(a, x)"),
        ("a *= x + 1", "t = x + 1\na = imul(a, t)"),
    ],
)
def test_stores_and_updates(before: str, after: str) -> None:
    found = body(f"def f(x, a, n):\n    {before}\n    return x", "x", "a")
    assert found == f"{after}\nreturn x"


def test_conditions_and_loops() -> None:
    assert body(
        """
        def f(x, n):
            if x > n:
                x = x * 2.0
            for i in range(len(n)):
                x = x + n[i]
            while x < 5.0:
                x = x * x
            return x
        """
    ) == lines(
        """
        test = x > n
        if test:
            x = x * 2.0
        t = len(n)
        for i in range(t):
            t_2 = n[i]
            x = x + t_2
        while x < 5.0:
            x = x * x
        return x
        """
    )


def test_free_names_are_gathered() -> None:
    _, _, namespace = normalised("def f(x):\n    return np.sin(x)")
    assert namespace.objects == {"np": np}


def test_a_literal_is_a_result() -> None:
    assert body("def f(x):\n    return 1.0").endswith("= 1.0\nreturn t")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("y = {**a, 'k': x}", r"`\*\*` in a dict display"),
    ],
)
def test_what_has_no_place_in_the_small_language(text: str, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason) as caught:
        normalised(f"def f(x, a):\n    {text}\n    return x")
    assert caught.value.hint


@pytest.mark.parametrize(
    "expression",
    ["x * x + np.sin(x) / a", "np.stack([x, x + a])[1] * -x", "(x + 1.0).sum() ** 2 - a * (x @ x)"],
)
def test_it_does_what_the_program_did(expression: str) -> None:
    x, a = np.array([0.5, 1.5]), 2.0
    text, _, namespace = normalised(f"def f(x, a):\n    return {expression}")
    scope: dict[str, Any] = dict(namespace.objects)
    exec("def f(x, a):\n" + textwrap.indent(text, "    "), scope)
    np.testing.assert_array_equal(scope["f"](x, a), eval(expression, {"np": np, "x": x, "a": a}))
