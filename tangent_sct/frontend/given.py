"""Functions some of whose arguments are given, and what is known of the others."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Mapping, Sequence
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.bound import kept_by_functions
from tangent_sct.frontend.ruled import is_ruled

_CACHED = type(functools.lru_cache(len))


def unbound(function: Any) -> tuple[Any, tuple[Any, ...]]:
    """The Python function behind a method, a callable object or a partial, and its first arguments.

    One that has a rule stays what it is.
    """
    if is_ruled(function):
        return function, ()
    if isinstance(function, functools.partial):
        inner, given = unbound(function.func)
        return inner, (*given, *function.args)
    if isinstance(function, types.MethodType):
        return function.__func__, (function.__self__,)
    if isinstance(function, _CACHED):
        # It gives what the function gives that it remembers the values of.
        return unbound(function.__wrapped__)
    compiled_from = getattr(function, "py_func", None)
    if isinstance(compiled_from, types.FunctionType):
        return compiled_from, ()
    call = type(function).__call__ if callable(function) else None
    if isinstance(call, types.FunctionType):
        return call, (function,)
    return function, ()


def is_remembering(function: Any) -> bool:
    """Whether a function remembers what it gave for which arguments, and gives the very same again.

    >>> is_remembering(functools.cache(len)), is_remembering(len)
    (True, False)
    """
    if isinstance(function, functools.partial):
        return is_remembering(function.func)
    if isinstance(function, types.MethodType):
        return is_remembering(function.__func__)
    return isinstance(function, _CACHED)


def own_signature(function: Any) -> inspect.Signature:
    """The parameters of a function itself, or of what a compiled one was compiled from.

    Args:
        function: a Python function, or one compiled from it; what it wraps does not count.
    """
    inner = getattr(function, "py_func", None)
    plain = inner if isinstance(inner, types.FunctionType) else function
    return inspect.signature(plain, follow_wrapped=False)


def with_defaults_filled(node: gast.FunctionDef, keep: set[str]) -> gast.FunctionDef:
    """The function without some of its last parameters, which stand for their defaults instead."""
    arguments = node.args
    defaults = dict(
        zip([a.id for a in arguments.args][::-1], list(arguments.defaults)[::-1], strict=False)
    )
    filled = {name: value for name, value in defaults.items() if name not in keep}
    if not filled:
        return node
    kept = [a for a in arguments.args if a.id not in filled]
    last = [defaults[a.id] for a in kept if a.id in defaults]
    parameters = gast.arguments(
        kept, arguments.posonlyargs, arguments.vararg, arguments.kwonlyargs,
        arguments.kw_defaults, arguments.kwarg, last,
    )  # fmt: skip
    written = {*tree.names_written(node.body), *kept_by_functions(node)}
    before = [tree.assign(name, filled.pop(name)) for name in list(filled) if name in written]
    body = [*before, *(tree.substitute(statement, filled) for statement in node.body)]
    return tree.like(tree.function(node.name, parameters, body, node.returns), node)


def variadic(
    node: gast.FunctionDef, keys: Mapping[str, Sequence[Any]]
) -> dict[str, Sequence[Any]]:
    """What is known of `*args` and `**kwargs`."""
    own = [a.id for a in (node.args.vararg, node.args.kwarg) if a is not None]
    return {name: keys[name] for name in own if name in keys}


def display_keys(arguments: Mapping[str, gast.AST]) -> dict[str, Sequence[Any]]:
    """Positions or keys of the arguments that are written as displays."""
    found: dict[str, Sequence[Any]] = {}
    for name, value in arguments.items():
        if isinstance(value, gast.Tuple):
            found[name] = range(len(value.elts))
        elif isinstance(value, gast.Dict) and all(tree.is_constant(k) for k in value.keys):
            found[name] = [key.value for key in value.keys]
    return found
