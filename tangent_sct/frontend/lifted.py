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
from tangent_sct.frontend.bound import bound_names
from tangent_sct.frontend.functions import arguments_of, signature

LIFTED: WeakKeyDictionary[Callable[..., Any], tuple[Source, gast.FunctionDef]] = WeakKeyDictionary()
"""Where each of them came from, and its tree."""


def calls_itself(node: gast.FunctionDef) -> bool:
    """Whether a function mentions itself, and not a variable of its own that has its name.

    >>> calls_itself(tree.statements("def f(n): return f(n - 1)")[0])
    True
    >>> calls_itself(tree.statements("def f(n): f = 2 * n; return f")[0])
    False
    """
    return node.name in tree.names_read(node) and node.name not in bound_names(node)


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
        The function; None where it does more with itself than to call itself, or hides what it reads.
    """
    own = node.name
    if not _keeps(node, {own, *first}):
        return None
    arguments = tree.parameters([*first, *signature(node).parameters])
    body = [_handing_on(statement, node, name, first) for statement in node.body]
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


def _handing_on(statement: gast.AST, node: gast.FunctionDef, name: str, first: list[str]) -> gast.AST:
    """A statement whose calls of the function itself hand on what it reads."""

    def change(item: gast.AST) -> gast.AST | None:
        if isinstance(item, gast.Call) and tree.is_name(item.func, node.name):
            return call_of_lifted(item, node, name, first)
        return None

    return tree.rewrite(statement, change)


def call_of_lifted(call: gast.Call, node: gast.FunctionDef, name: str, first: list[str]) -> gast.Call:
    """The call of a function that was brought to the top level, for one of the function defined inside.

    All its parameters are given by position; defaults are variables of the program around.

    >>> node = tree.statements("def f(n, m=k): return f(n - 1) * m")[0]
    >>> tree.text(call_of_lifted(tree.expression("f(n - 1)"), node, "f_2", ["k"]))
    'f_2(k, n - 1, k)'
    """
    arguments = arguments_of(node, call, tree.origin_of(node))
    return gast.Call(tree.load(name), [*map(tree.load, first), *map(tree.copy, arguments.values())], [])


def _keeps(node: gast.FunctionDef, names: set[str]) -> bool:
    """Whether some names mean the same everywhere in a function."""
    for item in (item for statement in node.body for item in tree.walk(statement)):
        if isinstance(item, (gast.FunctionDef, gast.Lambda)):
            own = {parameter.id for parameter in tree.every_parameter(item.args)}
            own |= set(tree.names_written(item.body)) if isinstance(item, gast.FunctionDef) else set()
            if own & names:
                return False
        elif isinstance(item, gast.comprehension) and names.intersection(tree.names_written(item.target)):
            return False
    return True
