"""Functions that nobody looks into: a rule whose products are central differences, made from the signature alone."""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar, overload

from tangent_sct.runtime import difference_adjoint, difference_tangent
from tangent_sct.templating import registry
from tangent_sct.templating.layout import POSITIONAL, POSITIONAL_ONLY
from tangent_sct.templating.read import read
from tangent_sct.templating.rule import Declaration
from tangent_sct.templating.words import d

Function = TypeVar("Function", bound=Callable[..., Any])


@overload
def numerical(function: Function, *, step: float | None = None) -> Function: ...
@overload
def numerical(
    function: None = None, *, step: float | None = None
) -> Callable[[Function], Function]: ...
def numerical(function: Any = None, *, step: float | None = None) -> Any:
    """Declare a function opaque: nobody looks into it, and its products are central differences at run time.

    A tangent costs two calls of the function, an adjoint two for each entry of the arguments that carry a
    derivative. The error is about `h ** 2 / 6` times the third derivative plus `eps / h` times the value: nine or
    ten digits of a smooth function in double precision. First derivatives alone: a derivative of them is refused.
    The function must be pure: it writes into no argument, and its value shares no memory with one. It is called on
    copies. An annotation `-> float` makes for plainer text.

    Args:
        function: the function, of positional parameters; left out when used as a decorator with options.
        step: the step `h` relative to `max(1, |x|)`; by default the cube root of the precision, 6e-6.

    Returns:
        The function itself.

    Raises:
        TypeError: when it is no function, or takes `*args`, `**kwargs` or parameters by keyword alone.
        ValueError: when `step` is not positive.

    >>> import math, tangent_sct
    >>> @tangent_sct.numerical
    ... def charge(v: float, leak: float) -> float:
    ...     return math.expm1(v) * leak          # or a call into any other program
    >>> slope = tangent_sct.grad(lambda v: charge(v, 0.5) ** 2)(0.3)
    >>> abs(slope - 0.5 * math.expm1(0.3) * math.exp(0.3)) < 1e-9
    True
    """
    if step is not None and not step > 0:
        raise ValueError(f"argument `step` must be positive, not {step!r}")
    if function is None:
        return lambda decorated: numerical(decorated, step=step)
    if not callable(function):
        raise TypeError(f"argument `function` must be a function, not {type(function).__name__}")
    declaration = _declaration(function, step)
    for rule in read(declaration):
        registry.register(replace(rule, probed=False))
    return function


def _declaration(function: Callable[..., Any], step: float | None) -> Declaration:
    name = getattr(function, "__name__", "")
    name = name if name.isidentifier() else "function"
    parameters = _parameters(function, name)
    text = _text(name, parameters, step)
    file = f"<tangent_sct numerical {name}>"
    scope: dict[str, Any] = {
        "__name__": __name__, "d": d, name: function,
        "difference_tangent": difference_tangent, "difference_adjoint": difference_adjoint,
    }  # fmt: skip
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    exec(compile(text, file, "exec"), scope)
    return Declaration("rule", (function,), scope["template"], "fresh", False, False, scope, file, 1)


def _parameters(function: Callable[..., Any], name: str) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        raise TypeError(
            f"argument `function`: `{name}` has no signature; write a function of your own that calls it"
        ) from None
    if not parameters or any(p.kind not in (POSITIONAL, POSITIONAL_ONLY) for p in parameters):
        raise TypeError(
            f"argument `function`: `{name}` must take its arguments by position, without `*args`, `**kwargs` and "
            "parameters by keyword alone; write a function of your own that calls it"
        )
    return [p.name for p in parameters]


def _text(name: str, parameters: list[str], step: float | None) -> str:
    """The template: one product for each parameter."""
    result = "result"
    while result in (*parameters, name):
        result += "_"
    rest = f"{', '.join(parameters)}{'' if step is None else f', step={step!r}'}"
    places = list(enumerate(parameters))
    tangents = [f"difference_tangent(d[{p}], {name}, {i}, {rest})" for i, p in places]
    adjoints = [f"d[{p}] += difference_adjoint(d[{result}], {name}, {i}, {rest})" for i, p in places]
    return "\n".join(
        [
            f"def template({result}, /, {', '.join(parameters)}):",
            "    def tangent():",
            f"        d[{result}] = {' + '.join(tangents)}",
            "    def adjoint():",
            *(f"        {line}" for line in adjoints),
            "",
        ]
    )
