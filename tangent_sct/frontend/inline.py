"""Calls of user functions, replaced by the statements of the function.

A function that is called on values to be differentiated is brought into the small language like the
caller, its local names are made different from the caller's, its parameters become the arguments and its
result a local name. So what it writes into its arguments, and which of them it returns, is seen by every
later pass without summaries. Recursion cannot be unfolded: see `derive.calls`.
"""

from __future__ import annotations

import builtins
import inspect
import keyword
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Origin
from tangent_sct.frontend.given import own_signature
from tangent_sct.frontend.spread import is_collected

LITERALS = (int, float, complex, bool, str, type(None))


def bound_arguments(
    function: Any,
    given: Sequence[Any],
    call: gast.Call,
    name_for: Callable[[str, Any], str],
    origin: Origin | None,
) -> dict[str, gast.AST]:
    """The expression for each parameter of a function that is called.

    Args:
        function: the Python function that is called.
        given: its first arguments where they are fixed: the `self` of a method.
        call: the call; its arguments are atoms.
        name_for: gives the name under which an object stands in the generated text.
        origin: where the call stands.

    Raises:
        UnsupportedError: when the arguments do not fit the parameters, or are not written out.
    """
    args = [*(tree.load(name_for(spelling_of(value), value)) for value in given), *call.args]

    def default(name: str, value: Any) -> gast.AST:
        return default_expression(value, f"{name}_default", name_for)

    return bound_to(own_signature(function), args, call.keywords, origin, default)


def may_fit(call: gast.Call, function: Any) -> bool:
    """Whether the arguments of a call may be those of a function.

    >>> import math
    >>> may_fit(tree.expression("f(a, 1)"), math.pow), may_fit(tree.expression("f(a)"), math.pow)
    (True, False)
    """
    if any(isinstance(a, gast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return True
    try:
        own_signature(function).bind(*call.args, **{k.arg: k.value for k in call.keywords})
    except TypeError:
        return False
    return True


def bound_to(
    signature: inspect.Signature,
    args: Sequence[gast.AST],
    keywords: Sequence[gast.AST],
    origin: Origin | None,
    default: Callable[[str, Any], gast.AST],
) -> dict[str, gast.AST]:
    """The expression for each parameter of a signature.

    Args:
        signature: of the function that is called.
        args: the arguments by position, and `keywords` those by name.
        keywords: as in a call.
        origin: where the call stands.
        default: the expression for a parameter, by name, that is not given, and has a default.

    Raises:
        UnsupportedError: when the arguments do not fit the parameters, or are not written out.
    """
    named = {k.arg: k.value for k in keywords}
    if None in named or any(isinstance(a, gast.Starred) and not is_collected(a) for a in args):
        raise UnsupportedError(
            "`*` and `**` in a call with values to be differentiated are not supported",
            origin, "write the arguments out",
        )  # fmt: skip
    try:
        bound = signature.bind(*args, **named)
    except TypeError as error:
        raise UnsupportedError(f"the call does not fit the function: {error}", origin) from None
    result: dict[str, gast.AST] = {}
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            collected = bound.arguments.get(name, ())
            is_whole = len(collected) == 1 and is_collected(collected[0])
            result[name] = collected[0].value if is_whole else tree.tuple_of(collected)
        elif parameter.kind is parameter.VAR_KEYWORD:
            extra: Mapping[str, gast.AST] = bound.arguments.get(name, {})
            result[name] = gast.Dict([tree.const(k) for k in extra], list(extra.values()))
        elif name in bound.arguments:
            result[name] = bound.arguments[name]
        else:
            result[name] = default(name, parameter.default)
    return result


def default_expression(value: Any, spelling: str, name_for: Callable[[str, Any], str]) -> gast.AST:
    """A default as a literal where it has one, else under a name."""
    if type(value) in LITERALS:
        return tree.const(value)
    if isinstance(value, type):
        name = str(value.__name__)
        spelling = name if getattr(builtins, name, None) is value else spelling
    return tree.load(name_for(spelling, value))


def spelling_of(value: Any) -> str:
    """How an object is called that has no name in the program: a function by its own, others by their class.

    >>> spelling_of(len), spelling_of(lambda: 0), spelling_of(2.5)
    ('len', 'function', 'float_')
    """
    name = getattr(value, "__name__", None) or type(value).__name__.lower()
    if name == "<lambda>" or not name.isidentifier():
        return "function"
    return f"{name}_" if keyword.iskeyword(name) or hasattr(builtins, name) and not callable(value) else name
