"""The table of what is refused: every entry's example is refused for its reason, at its place."""

from __future__ import annotations

import linecache

import gast
import pytest

from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.names import Names
from tangent_sct.frontend.active import active_names
from tangent_sct.frontend.checkpoints import with_checkpoints
from tangent_sct.frontend.desugar import desugar
from tangent_sct.frontend.insertions import with_insertions
from tangent_sct.frontend.subset import REFUSED, Refusal, check
from tests.frontend.desugaring import is_pure, is_zero, rewrite, source_and_tree


@pytest.mark.parametrize("entry", REFUSED, ids=lambda entry: entry.name)
def test_example_is_refused(entry: Refusal) -> None:
    source, function = source_and_tree(entry.example)
    active = active_names(function, {"x"}, is_zero, is_pure)
    with pytest.raises(UnsupportedError) as caught:
        function = with_checkpoints(source, with_insertions(source, function))
        check(function, active, source, is_zero)
        desugar(function, active, is_zero, Names(), source)
    assert caught.value.reason.split("`")[0] == entry.reason.split("`")[0]
    assert caught.value.hint is not None
    assert caught.value.hint.split("`")[0] == entry.hint.split("`")[0]
    assert "{variable}" not in str(caught.value)
    assert caught.value.origin is not None and caught.value.origin.line >= 1


def test_names_are_unique_and_texts_are_sentences() -> None:
    assert len({entry.name for entry in REFUSED}) == len(REFUSED)
    for entry in REFUSED:
        assert entry.hint and not entry.reason.endswith(".") and not entry.hint.endswith(".")


def test_error_points_at_the_expression() -> None:
    text = "def f(x, y):\n    z = y + g({x})\n    return z\n"
    linecache.cache["<text>"] = (len(text), None, text.splitlines(True), "<text>")
    source, function = source_and_tree(text)
    with pytest.raises(UnsupportedError, match="a set of active numbers") as caught:
        check(function, {"x", "z"}, source)
    origin = caught.value.origin
    assert origin is not None
    assert (origin.line, origin.column, origin.end_column) == (2, 14, 17)


@pytest.mark.parametrize(
    "body",
    [
        "try:\n        k = n // 2\n    except ValueError:\n        k = 0",
        "g = lambda v: v + n\n    k = g(1)",
        "def g(v):\n        return v + n\n    k = g(1)",
        "k = max(*[1, n])",
        "k = len({1, n})",
        "class P:\n        a = n\n    k = P.a",
        "g = (v for v in range(n))\n    k = sum(g)",
        "d = {'a': 1}\n    del d['a']\n    k = 1",
        "with open(__file__) as file:\n        k = 1",
        "k = [*range(n)][0]",
        "k = sum(v * x for v in range(n))",
    ],
)
def test_inactive_code_may_be_any_python(body: str) -> None:
    text = f"def f(x, n):\n    {body}\n    return x * k\n"
    made = rewrite(text, __file__=__file__)
    assert made.after(2.0, 3) == made.before(2.0, 3)
    assert isinstance(made.tree, gast.FunctionDef)
