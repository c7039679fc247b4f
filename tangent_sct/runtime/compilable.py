"""How Numba is told to compile a helper: words for the other files named `compilable`.

These are imported only where something is compiled. Each function in them is given the types of arguments and says
how a helper, or something of Python's or NumPy's that Numba does not know, is compiled for those. Ranks are known
then, so what a helper decides by `if` is decided before the loop is written.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import overload, overload_attribute

Implementation = Callable[..., Any] | None
Choice = Callable[..., Implementation]
"""Is given the types of arguments."""


def compiles(helper: Any) -> Callable[[Choice], Choice]:
    """Let a function that is given types choose how a helper is compiled for arguments of them.

    Numba compares the parameters of what is chosen with those of the function, where annotations must not differ.

    Args:
        helper: the function that generated code calls.
    """

    return functools.partial(_registered, overload(helper))


def compiles_attribute(kind: Any, name: str) -> Callable[[Choice], Choice]:
    """Let a function that is given a type choose how an attribute of its values is compiled.

    Args:
        kind: the class of the types.
        name: of the attribute.
    """
    return functools.partial(_registered, overload_attribute(kind, name))


def _registered(register: Any, choose: Choice) -> Choice:
    @functools.wraps(choose)
    def chosen(*args: Any, **keywords: Any) -> Implementation:
        found = choose(*args, **keywords)
        if found is not None:
            found.__annotations__ = {}
        return found

    choose.__annotations__ = {}
    chosen.__annotations__ = {}
    register(chosen)
    return choose


def rank(kind: Any) -> int:
    """The number of axes of a value of a type; a number has none."""
    return int(kind.ndim) if isinstance(kind, types.Array) else 0


def is_array(kind: Any) -> bool:
    """Whether values of a type are arrays."""
    return isinstance(kind, types.Array)


def is_number(kind: Any) -> bool:
    """Whether values of a type are numbers."""
    return isinstance(kind, (types.Number, types.Boolean)) or (
        isinstance(kind, types.Literal) and is_number(kind.literal_type)
    )


def is_float(kind: Any) -> bool:
    """Whether values of a type, or the elements of its arrays, are real or complex numbers."""
    return isinstance(kind.dtype if isinstance(kind, types.Array) else kind, (types.Float, types.Complex))


def is_absent(kind: Any) -> bool:
    """Whether an argument is None, or left out with None as its default."""
    if isinstance(kind, types.Omitted):
        return kind.value is None
    return kind is None or isinstance(kind, types.NoneType)
