"""A function that has a rule, as a function with source: one that calls it.

A rule goes before the source of the function, and most functions with a rule have no source that can
be read. So `grad(math.sin)` is the gradient of `def sin(x): return math.sin(x)`, which then meets the
rule as any other call does.

>>> import math
>>> print(source_of_call(math.atan2).text)
def atan2(y, x):
    return math.atan2(y, x)
>>> import numpy as np
>>> signature_of(np.sum)
<Signature (a, axis=None, *, keepdims=False)>
"""

from __future__ import annotations

import builtins
import inspect
import sys
import types
from typing import Any

from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Source
from tangent_sct.frontend.source import source_of
from tangent_sct.templating import registry
from tangent_sct.templating.layout import (
    DOUBLE,
    EMPTY,
    KEYWORD,
    NOT_PASSED,
    POSITIONAL,
    STAR,
    spelling,
)
from tangent_sct.templating.rule import Argument, Rule


def is_ruled(function: Any) -> bool:
    """Whether a function is differentiated by a rule.

    >>> is_ruled(abs), is_ruled(sorted)
    (True, False)
    """
    return registry.find(function) is not None


def signature_of(function: Any, follow_wrapped: bool = True) -> inspect.Signature:
    """The parameters of a function; of one that has a rule, those that the rule knows.

    Args:
        function: any callable.
        follow_wrapped: whether a function stands for the one it wraps.

    Raises:
        ValueError: when nobody knows them.
        UnsupportedError: when it has no source either, or when all that is known is that the
            derivative is zero.
    """
    rule = registry.find(function)
    if rule is None:
        inner = getattr(function, "py_func", None)
        if isinstance(inner, types.FunctionType):
            # A compiled function has the signature of what it was compiled from.
            function = inner
        try:
            return inspect.signature(function, follow_wrapped=follow_wrapped)
        except ValueError:
            # A builtin without a signature has no source either, which is the better thing to say.
            source_of(function)
            raise
    if not rule.is_zero:
        return inspect.Signature(_parameters(rule))
    if inspect.isfunction(function):
        return inspect.signature(function, follow_wrapped=False)
    raise UnsupportedError(
        f"the derivative of `{_spelled(function)[0]}` is zero wherever there is one",
        hint="differentiate a function of your own that calls it",
    )


def source_of_call(function: Any) -> Source:
    """The source of a function that does nothing but call one that has a rule.

    Args:
        function: a function that has a rule.
    """
    spelled, scope = _spelled(function)
    own = spelled.rpartition(".")[2]
    heads: list[str] = []
    arguments: list[str] = []
    for parameter in signature_of(function).parameters.values():
        star = "*" if parameter.kind is STAR else "**" if parameter.kind is DOUBLE else ""
        keyword = f"{parameter.name}=" if parameter.kind is KEYWORD else ""
        heads.append(star + parameter.name)
        arguments.append(star + keyword + parameter.name)
    text = f"def {own}({', '.join(heads)}):\n    return {spelled}({', '.join(arguments)})"
    return Source(text, f"<{spelled}>", 1, 0, own, function, scope, {})


def _parameters(rule: Rule) -> list[inspect.Parameter]:
    """The parameters of a rule, by keyword alone after the first that cannot be given by position."""
    places = [argument.name for argument in rule.layout.positional]
    known = {a.name: a for a in (*rule.layout.positional, *rule.layout.keywords.values())}
    found: list[inspect.Parameter] = []
    for parameter in rule.parameters.parameters.values():
        if parameter.kind not in (STAR, DOUBLE):
            by_place = places[len(found) : len(found) + 1] == [parameter.name]
            in_order = not found or found[-1].kind is POSITIONAL
            parameter = parameter.replace(
                kind=POSITIONAL if by_place and in_order else KEYWORD,
                default=_default(parameter, known.get(parameter.name)),
            )
        found.append(parameter)
    return found


def _default(parameter: inspect.Parameter, argument: Argument | None) -> Any:
    """The default of a parameter: the rule's, or the function's own where the rule has none."""
    if parameter.default is not EMPTY or argument is None or argument.default is NOT_PASSED:
        return parameter.default
    return argument.default


def _spelled(function: Any) -> tuple[str, dict[str, Any]]:
    """How a function is reached (`np.linalg.solve`), and what the first name means."""
    own = getattr(function, "__name__", "")
    if getattr(builtins, own, None) is function:
        return own, {}
    package = (getattr(function, "__module__", None) or "").partition(".")[0].lstrip("_")
    if package in sys.modules and not inspect.isfunction(function):
        scope: dict[str, Any] = {"np" if package == "numpy" else package: sys.modules[package]}
        found = spelling(function, scope)
        if found is not None:
            return found, scope
    name = own if own.isidentifier() else "function"
    return name, {name: function}
