"""What the tests of `desugar` share: a text before, the text after, and both as functions."""

from __future__ import annotations

import copy
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.core.unit import Request, Unit
from tangent_sct.emit.attempts import with_tries
from tangent_sct.frontend.active import active_names
from tangent_sct.frontend.desugar import desugar
from tangent_sct.frontend.subset import check

_ZERO = ("len", "range", "isinstance", "int", "bool")


def is_zero(function: gast.AST) -> bool:
    return tree.is_name(function, *_ZERO)


def is_pure(function: gast.AST) -> bool:
    return isinstance(function, gast.Attribute) and tree.is_name(function.value, "np")


@dataclass(frozen=True)
class Rewritten:
    before: Callable[..., Any]
    after: Callable[..., Any]
    text: str
    tree: gast.FunctionDef
    active: set[str]


def source_and_tree(text: str, **objects: Any) -> tuple[Source, gast.FunctionDef]:
    """The last function of a text, and how its names are looked up."""
    text = textwrap.dedent(text).strip() + "\n"
    scope: dict[str, Any] = {"np": np, **objects}
    exec(text, scope)
    function = [s for s in gast.parse(text).body if hasattr(s, "args")][-1]
    name = function.name
    return Source(text, "<text>", 1, 0, name, scope[name], scope, {}), function


def rewrite(text: str, active: Sequence[str] = ("x",), **objects: Any) -> Rewritten:
    """Desugar a function given as text."""
    source, function = source_and_tree(text, **objects)
    parameters = set(active) & set(tree.parameter_names(function))
    names = active_names(function, parameters, is_zero, is_pure)
    check(function, names, source, is_zero)
    original = tree.copy(function)
    new = desugar(function, names, is_zero, Names(), source)
    assert tree.same(function, original), "the user's tree was modified"
    scope = dict(source.globals)
    unit = with_tries(Unit(new, source, Request("grad"), scope))
    scope.update(unit.namespace)
    exec(tree.text(unit.tree), scope)
    return Rewritten(source.function, scope[source.name], tree.text(new), new, names)


def outcome(function: Callable[..., Any], arguments: Sequence[Any]) -> str:
    """The result (or the error) of a call and what became of its arguments, as text."""
    held = copy.deepcopy(tuple(arguments))
    with np.errstate(all="ignore"):
        try:
            result: Any = function(*held)
        except Exception as error:
            result = type(error), str(error)
    return repr((result, held))


def assert_small(function: gast.FunctionDef) -> None:
    """The executable definition of what `desugar` produces."""
    *head, last = function.body
    assert isinstance(last, gast.Return)
    _assert_block(head, is_loop=False)


def _assert_block(block: list[gast.AST], is_loop: bool) -> None:
    for place, node in enumerate(block):
        if isinstance(node, gast.If) and any(isinstance(s, gast.Break) for s in node.body):
            assert is_loop and place == len(block) - 1
            assert isinstance(node.test, gast.Name) and len(node.body) == 1 and not node.orelse
            continue
        refused = (gast.Return, gast.Break, gast.Continue, gast.AnnAssign)
        assert not isinstance(node, refused)
        # A `match` that is left only tells which case fits.
        assert not isinstance(node, gast.Match) or all(_is_number(*case.body) for case in node.cases)
        if isinstance(node, gast.Assign):
            assert len(node.targets) == 1
        if isinstance(node, (gast.For, gast.While)):
            assert not node.orelse
        if isinstance(node, (gast.If, gast.For, gast.While, gast.With)):
            for inner in tree.blocks(node):
                _assert_block(inner, isinstance(node, (gast.For, gast.While)))


def _is_number(*body: gast.AST) -> bool:
    (node,) = body
    return isinstance(node, gast.Assign) and isinstance(node.value, gast.Constant)
