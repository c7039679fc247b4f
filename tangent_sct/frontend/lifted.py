"""Functions defined inside that call themselves, brought to the top level (lambda lifting: Johnsson 1985).

What such a function reads of the program around becomes its first parameters, which it hands on to itself. So it is
a function like any other that calls itself, and gets a derivative of its own (`derive.calls`).
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from typing import Any, cast
from weakref import WeakKeyDictionary

import gast

from tangent_sct.core import tree
from tangent_sct.core.origins import Source

LIFTED: WeakKeyDictionary[Callable[..., Any], tuple[Source, gast.FunctionDef]] = WeakKeyDictionary()
"""Where each of them came from, and its tree."""


def calls_itself(node: gast.FunctionDef) -> bool:
    """Whether a function mentions itself.

    >>> calls_itself(tree.statements("def f(n): return f(n - 1)")[0])
    True
    """
    return node.name in tree.names_read(node)


def lifted(
    node: gast.FunctionDef, name: str, first: list[str], source: Source, objects: Mapping[str, Any]
) -> Callable[..., Any] | None:
    """A function of the top level that does what one defined inside does.

    Args:
        node: the function defined inside.
        name: what it is called at the top level.
        first: what it reads of the program around.
        source: where it came from.
        objects: what its free names mean.

    Returns:
        The function; None where it does more with itself than to call itself.
    """
    own = node.name
    arguments = tree.copy(node.args)
    arguments.posonlyargs = [gast.Name(n, gast.Param(), None, None) for n in first] + arguments.posonlyargs
    body = [_handing_on(statement, own, name, first) for statement in node.body]
    new = tree.like(tree.function(name, arguments, body), node)
    if own in tree.names_read(new):
        return None
    space: dict[str, Any] = {**objects, "__builtins__": builtins}
    exec(compile(tree.text(new), source.file, "exec", dont_inherit=True), space)
    function = cast(Callable[..., Any], space[name])
    text = Source(
        source.text, source.file, source.line, source.column, name, function, space, {}
    )
    LIFTED[function] = text, new
    return function


def _handing_on(statement: gast.AST, own: str, name: str, first: list[str]) -> gast.AST:
    """A statement whose calls of the function itself hand on what it reads."""

    def change(item: gast.AST) -> gast.AST | None:
        if isinstance(item, gast.Call) and tree.is_name(item.func, own):
            return gast.Call(tree.load(name), [*map(tree.load, first), *item.args], item.keywords)
        return None

    return tree.rewrite(statement, change)
