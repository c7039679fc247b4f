"""Functions that are defined inside another: what they capture, and how arguments meet their parameters."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.origins import Origin, Source
from tangent_sct.frontend.inline import bound_to
from tangent_sct.frontend.meanings import Inner


def inner(
    node: gast.FunctionDef,
    source: Source,
    free: Iterable[str],
    is_active: Callable[[gast.AST], bool],
) -> Inner:
    """A function defined inside the program.

    Args:
        node: its definition.
        source: of the function around.
        free: names of the program that are no variables.
        is_active: whether an expression of the program around may carry a derivative.
    """
    objects = set(free)
    captured = frozenset(
        n for n in (*tree.names_read(node), *assigned_outside(node)) if n not in objects
    )
    hidden = source.hidden | captured
    return Inner(node, replace(source, hidden=hidden), captured, is_active)


def assigned_outside(node: gast.FunctionDef) -> list[str]:
    """Variables around a function that it, or a function inside it, assigns.

    >>> text = "def f():\\n    def g():\\n        nonlocal n\\n        n = 1\\n    g()"
    >>> assigned_outside(tree.statements(text)[0])
    ['n']
    """
    found = dict.fromkeys(tree.declared_outside(node))
    own = {*tree.parameter_names(node), *tree.names_written(node.body)} - set(found)
    for item in tree.every_statement(node.body):
        if isinstance(item, gast.FunctionDef):
            found.update(dict.fromkeys(n for n in assigned_outside(item) if n not in own))
    return list(found)


def declared_inside(node: gast.FunctionDef) -> set[str]:
    """Variables that functions inside a function, at any depth, declare to be of one around them."""
    found: set[str] = set()
    for statement in tree.every_statement(node.body):
        for item in tree.walk(statement) if isinstance(statement, tree.SCOPES) else [statement]:
            if type(item) is gast.Nonlocal:
                found.update(item.names)
    return found


def arguments_of(node: gast.FunctionDef, call: gast.Call, origin: Origin | None) -> dict[str, gast.AST]:
    """The expression for each parameter of a function defined inside.

    Raises:
        UnsupportedError: when the arguments do not fit the parameters, or are not written out.
    """
    return bound_to(signature(node), call.args, call.keywords, origin, lambda _, default: default)


def signature(node: gast.FunctionDef) -> inspect.Signature:
    """The signature of a definition; defaults are expressions.

    >>> str(signature(tree.statements("def f(x, /, y, *, z): pass")[0]))
    '(x, /, y, *, z)'
    """
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [inspect.Parameter.empty] * (len(plain) - len(arguments.defaults))
    kinds: list[Any] = [inspect.Parameter.POSITIONAL_ONLY] * len(arguments.posonlyargs)
    kinds += [inspect.Parameter.POSITIONAL_OR_KEYWORD] * len(arguments.args)
    found = [
        inspect.Parameter(item.id, kind, default=default)
        for item, kind, default in zip(plain, kinds, [*defaults, *arguments.defaults], strict=True)
    ]
    if arguments.vararg is not None:
        found.append(inspect.Parameter(arguments.vararg.id, inspect.Parameter.VAR_POSITIONAL))
    for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        given = inspect.Parameter.empty if default is None else default
        found.append(inspect.Parameter(item.id, inspect.Parameter.KEYWORD_ONLY, default=given))
    if arguments.kwarg is not None:
        found.append(inspect.Parameter(arguments.kwarg.id, inspect.Parameter.VAR_KEYWORD))
    return inspect.Signature(found)


def with_given(call: gast.Call, args: Sequence[gast.AST], keywords: Sequence[gast.AST]) -> gast.Call:
    """A call of what a partial wraps: its arguments come before, and its keywords unless given anew."""
    own = {keyword.arg for keyword in call.keywords}
    kept = [tree.copy(k) for k in keywords if k.arg not in own]
    return gast.Call(call.func, [*tree.copy_all(list(args)), *call.args], [*kept, *call.keywords])
