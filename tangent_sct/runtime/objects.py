"""Objects whose attributes hold numbers, arrays and containers: their shadows, tangents and copies.

What stands beside an object, attribute by attribute, is a `types.SimpleNamespace`.
"""

from __future__ import annotations

import copy
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np


def fields_of(x: Any) -> dict[str, Any] | None:
    """The attributes of an instance of a user's class, or of a namespace; None for every other value.

    >>> fields_of(SimpleNamespace(w=1.0)), fields_of(2.0)
    ({'w': 1.0}, None)
    """
    if isinstance(x, SimpleNamespace):
        return vars(x)
    plain = (str, int, float, complex, tuple, list, dict, set, frozenset, type, np.ndarray)
    if isinstance(x, plain) or not (hasattr(x, "__dict__") or hasattr(x, "__slots__")):
        return None
    if any("__getattribute__" in vars(base) for base in type(x).__mro__[:-1]):
        # What is read is not what is there.
        return None
    top = type(x).__module__.partition(".")[0]
    is_library = top in ("numpy", "scipy", "tangent_sct") or top in sys.stdlib_module_names
    if is_library:
        return None
    slots = [name for base in type(x).__mro__ for name in _slots(base) if hasattr(x, name)]
    return {name: getattr(x, name) for name in slots} | getattr(x, "__dict__", {}) if slots else vars(x)


def _slots(cls: type) -> tuple[str, ...]:
    names = vars(cls).get("__slots__", ())
    every = (names,) if isinstance(names, str) else tuple(names)
    return tuple(name for name in every if not name.startswith("__"))


def with_fields(x: Any, fields: dict[str, Any]) -> Any:
    """An object of the class of another, whose attributes are these.

    >>> with_fields(SimpleNamespace(w=1.0), {"w": 3.0})
    namespace(w=3.0)
    """
    new = copy.copy(x)
    for name, value in fields.items():
        object.__setattr__(new, name, value)
    return new


def made(cls: type, **fields: Any) -> Any:
    """An object of a class with these attributes; no code of the class is run.

    Args:
        cls: the class.
        fields: its attributes.

    >>> class Point:
    ...     pass
    >>> made(Point, x=1.0).x
    1.0
    """
    new: Any = object.__new__(cls)
    for name, value in fields.items():
        object.__setattr__(new, name, value)
    return new
