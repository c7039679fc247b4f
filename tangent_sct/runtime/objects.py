"""Objects whose attributes hold numbers, arrays and containers: their shadows, tangents and copies.

What stands beside an object, attribute by attribute, is a `types.SimpleNamespace`.
"""

from __future__ import annotations

import copy
import enum
import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from tangent_sct.runtime.errors import DerivativeError

GENERATED = "tangent_sct.generated"
"""The module of generated text, and of the classes that a function defines which it was written from."""
SAID = "__tangent_sct_container__"
"""Where a class keeps how its objects are taken apart and put together, if somebody said so."""


def register_container(
    cls: type,
    take_apart: Callable[[Any], Mapping[str, Any]] = vars,
    put_together: Callable[[Any, dict[str, Any]], Any] | None = None,
) -> type:
    """Say how objects of a class are taken apart and put together.

    Plain classes need no such word: all that an object of theirs has as attributes are its parts. It is for classes
    that compute their attributes, that keep what is none of the mathematics (a cache, a parent, an open file), that
    are made in a way of their own, or that come from a library. Arguments, results, gradients and seeds of the class
    are then objects of it. What the function reads of such an object must be among its parts.

    Args:
        cls: the class. What is said counts for it alone, not for classes derived from it.
        take_apart: gives the parts of an object, by the names of the attributes by which functions and methods read
            them: numbers, arrays, or containers of any sort. Without it, all attributes.
        put_together: is given an object and other parts, and gives a new object like that one with these parts. In
            a gradient None stands for a part that has no derivative. Without it the object is copied, and its
            attributes are set.

    Returns:
        The class, so that this may stand above it as a decorator.

    Raises:
        TypeError: for what is no class, for classes of numbers, arrays, tuples, lists and dicts, which are taken
            apart already, and for classes written in C that take no attribute.

    >>> from tangent_sct import grad
    >>> class Spring:
    ...     def __init__(self, stiffness, log):
    ...         self.stiffness = stiffness
    ...         self.log = log  # which holds the spring itself
    ...     def energy(self, u):
    ...         return 0.5 * self.stiffness * u * u
    >>> register_container(
    ...     Spring,
    ...     lambda spring: {"stiffness": spring.stiffness},
    ...     lambda spring, parts: Spring(parts["stiffness"], spring.log),
    ... ).__name__
    'Spring'
    >>> gradient = grad(lambda spring, u: spring.energy(u))(Spring(2.0, log=[]), 3.0)
    >>> type(gradient).__name__, gradient.stiffness
    ('Spring', 4.5)
    """
    taken_apart = (int, float, complex, str, bytes, tuple, list, dict, set, frozenset, type, np.ndarray, np.generic)
    if not isinstance(cls, type) or issubclass(cls, (*taken_apart, SimpleNamespace)):
        raise TypeError(f"{cls!r} cannot be registered: it is no class, or one that is taken apart already")
    try:
        setattr(cls, SAID, (take_apart, put_together or _set_anew))
    except TypeError:
        raise TypeError(f"{cls!r} cannot be registered: it is written in C; wrap its objects in a class") from None
    return cls


def _set_anew(x: Any, parts: dict[str, Any]) -> Any:
    """A copy of an object with other attributes; no code of its class is run."""
    new = copy.copy(x)
    for name, value in parts.items():
        object.__setattr__(new, name, value)
    return new


def _parts(x: Any, take_apart: Callable[[Any], Mapping[str, Any]]) -> dict[str, Any]:
    """The parts of an object, as its class was registered with."""
    parts = take_apart(x)
    if not isinstance(parts, Mapping) or not all(isinstance(name, str) and name.isidentifier() for name in parts):
        raise TypeError(
            f"`take_apart` of the registered class `{type(x).__qualname__}` must give a dict of the parts by name, "
            f"not {parts!r}"
        )
    return dict(parts)


def fields_of(x: Any) -> dict[str, Any] | None:
    """The attributes of an instance of a user's class, or of a namespace; None for every other value.

    >>> fields_of(SimpleNamespace(w=1.0)), fields_of(2.0)
    ({'w': 1.0}, None)
    """
    kind = type(x)
    if kind is float or kind is np.ndarray or kind is tuple:
        # What is mostly asked about.
        return None
    if isinstance(x, SimpleNamespace):
        return vars(x)
    said = vars(type(x)).get(SAID)
    if said is not None:
        return _parts(x, said[0])
    plain = (str, int, float, complex, tuple, list, dict, set, frozenset, type, enum.Enum, np.ndarray)
    if isinstance(x, plain) or not (hasattr(x, "__dict__") or hasattr(x, "__slots__")):
        return None
    if any("__getattribute__" in vars(base) for base in type(x).__mro__[:-1]):
        # What is read is not what is there.
        return None
    module = type(x).__module__
    top = module.partition(".")[0]
    is_library = top in ("numpy", "scipy", "tangent_sct") or top in sys.stdlib_module_names
    if is_library and module != GENERATED:
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
    said = vars(type(x)).get(SAID)
    return _set_anew(x, fields) if said is None else said[1](x, fields)


def is_named(cls: type) -> bool:
    """Whether a class is one of named tuples, made and taken apart as `namedtuple` or `NamedTuple` do.

    >>> from collections import namedtuple
    >>> is_named(namedtuple("Point", "x y")), is_named(tuple)
    (True, False)
    """
    return _makes_named(cls) and not _own(cls, tuple) & _ITEMS


def _makes_named(cls: type) -> bool:
    makers = [base for base in cls.__mro__ if "__new__" in vars(base)]
    return issubclass(cls, tuple) and "_make" in vars(makers[0]) and cls.__init__ is object.__init__


_ITEMS = frozenset((
    "__array__", "__array_function__", "__array_ufunc__", "__getattribute__", "__getitem__", "__iter__", "__len__",
    "__reversed__",
))  # fmt: skip
"""How the items of a named tuple are reached. Its other methods are followed as those of any class."""

_OPERATORS = frozenset(
    f"__{prefix}{name}__"
    for name in "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or".split()
    for prefix in ("", "r", "i")
) | frozenset(f"__{name}__" for name in "neg pos abs invert bool call eq ne lt le gt ge".split())

_KNOWN_CLASSES = (tuple, list, dict, OrderedDict)


def computes_items(cls: type) -> bool:
    """Whether a class of tuples, lists or dicts has methods of its own for what these do with their items.

    Such a container is not what its items say: its length, what is in it and what its sum is, its class decides.

    >>> from collections import defaultdict
    >>> computes_items(list), computes_items(OrderedDict), computes_items(defaultdict), computes_items(float)
    (False, False, True, False)
    >>> computes_items(type("Vector", (list,), {"__add__": list.extend})), computes_items(type("Row", (list,), {}))
    (True, False)
    """
    base = next((known for known in (tuple, list, dict) if issubclass(cls, known)), None)
    if base is None or cls in _KNOWN_CLASSES:
        return False
    if _makes_named(cls):
        return not is_named(cls)
    inherited = vars(base).keys() - vars(object).keys() - {"__class_getitem__", "__getnewargs__"}
    return bool(_own(cls, base) & (inherited | _ITEMS | _OPERATORS | {"__missing__"}))


def _own(cls: type, base: type) -> set[str]:
    """What a class has of its own, beyond one of the known classes that it is derived from."""
    known = {*base.__mro__, OrderedDict}
    return {name for inner in cls.__mro__ if inner not in known for name in vars(inner)}


def named(cls: Any, items: Any) -> Any:
    """A named tuple of a class.

    Args:
        cls: the class.
        items: its items, in order.

    >>> from collections import namedtuple
    >>> named(namedtuple("Point", "x y"), (1.0, 2.0))
    Point(x=1.0, y=2.0)
    """
    return cls._make(items)


def made(cls: type, /, **fields: Any) -> Any:
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
    said = vars(cls).get(SAID)
    if said is not None and _parts(new, said[0]).keys() != fields.keys():
        raise DerivativeError(
            f"an object of class `{cls.__qualname__}` is made in the function with the attributes {list(fields)}, "
            "and its class is registered with other parts; let `take_apart` give all of its attributes"
        )
    return new
