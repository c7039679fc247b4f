"""Products of functions that nobody looks into, by central differences: see `tangent_sct.numerical`.

The step at `x` is `eps ** (1/3) * max(1, |x|)`, with `eps` the precision of `x` (about 6e-6 in double precision): the
error of the formula, `h ** 2 / 6` times the third derivative, and rounding, `eps / h` times the value, are then
about alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tangent_sct.runtime.checks import arrays_in, copied
from tangent_sct.runtime.errors import DerivativeError


def difference_tangent(
    tangent: Any, function: Callable[..., Any], place: int, *args: Any, step: float | None = None
) -> Any:
    """The derivative of a function along a tangent of one of its arguments; two calls of the function.

    Args:
        tangent: of the argument, in its shape.
        function: the function.
        place: position of the argument.
        args: all arguments.
        step: the step relative to `max(1, |x|)`, by default the cube root of the precision.

    Raises:
        DerivativeError: when argument or value hold no real numbers, or the function is not pure.

    >>> round(float(difference_tangent(2.0, np.sin, 0, 0.0)), 8)
    2.0
    """
    x = _real(args[place], function, f"argument {place + 1}")
    length = np.max(np.abs(tangent), initial=0.0)
    if not length:
        return np.zeros_like(_value(function, args))[()]
    h = _step(x, step) / length
    return _quotient(function, args, place, x + h * tangent, x - h * tangent, h)


def difference_adjoint(
    seed: Any, function: Callable[..., Any], place: int, *args: Any, step: float | None = None
) -> Any:
    """What the adjoint of a value gives to one argument; two calls of the function for each entry of the argument.

    Args:
        seed: adjoint of the value, in its shape.
        function: the function.
        place: position of the argument.
        args: all arguments.
        step: the step relative to `max(1, |x|)`, by default the cube root of the precision.

    Raises:
        DerivativeError: when argument or value hold no real numbers, or the function is not pure.

    >>> difference_adjoint(np.array([1.0, 10.0]), np.square, 0, np.array([1.0, 2.0])).round(8)
    array([ 2., 40.])
    """
    x = _real(args[place], function, f"argument {place + 1}")
    h = _step(x, step)
    adjoint = np.zeros_like(x)
    for entry in np.ndindex(adjoint.shape):
        plus, minus = np.array(x), np.array(x)
        plus[entry] += h
        minus[entry] -= h
        slope = _quotient(function, args, place, plus, minus, h)
        if np.shape(slope) != np.shape(seed):
            raise DerivativeError(
                f"`{_name(function)}` returned shape {np.shape(slope)} where {np.shape(seed)} was expected"
            )
        adjoint[entry] = np.sum(seed * slope)
    return adjoint if isinstance(args[place], np.ndarray) else type(args[place])(adjoint[()])


def _step(x: Any, step: float | None) -> Any:
    relative = np.finfo(x.dtype).eps ** (1 / 3) if step is None else step
    return x.dtype.type(relative * max(1.0, np.max(np.abs(x), initial=0.0)))


def _quotient(
    function: Callable[..., Any], args: tuple[Any, ...], place: int, plus: Any, minus: Any, h: Any
) -> Any:
    ends = []
    for end in (plus, minus):
        moved = end if isinstance(args[place], np.ndarray) else type(args[place])(end)
        ends.append(_value(function, (*args[:place], moved, *args[place + 1 :])))
    return ((ends[0] - ends[1]) / (2 * h))[()]


def _value(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """The value of a function, which must leave its arguments alone."""
    given = copied(args)
    value = _real(function(*given), function, "its value")
    arrays = arrays_in(given)
    if any(np.may_share_memory(value, a) for a in arrays):
        raise DerivativeError(
            f"`{_name(function)}` returns memory of its argument, which a numerical derivative does not follow; "
            "return a copy"
        )
    if any(not np.array_equal(a, b, equal_nan=True) for a, b in zip(arrays, arrays_in(args), strict=True)):
        raise DerivativeError(
            f"`{_name(function)}` writes into its argument, which a numerical derivative does not follow; "
            "work on a copy there"
        )
    return value


def _real(x: Any, function: Callable[..., Any], what: str) -> Any:
    found = np.asarray(x) if isinstance(x, (int, float, np.generic, np.ndarray)) else None
    if found is None or found.dtype.kind not in "fiu":
        raise DerivativeError(
            f"the numerical derivative of `{_name(function)}` is of real numbers and arrays, and {what} is of type "
            f"{type(x).__name__}"
        )
    return found if found.dtype.kind == "f" else found.astype(float)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", repr(function))
