"""Attributes of objects that are at hand: `self.rate` of a bound object, `config.ORDER` of a module.

They are read when the derivative runs, so that a number may be another one at each call. What a kind says of them is
what the text relies on, and checked at each call (`analysis.guards`): the values of integers, strings and flags, the
types and the shapes of all. Nothing is said where the program itself may change an attribute.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Any, Literal, cast

import gast
import numpy as np

from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.kinds.objects import kind_of_object
from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import Kind
from tangent_sct.frontend.namespace import MISSING, is_library

_DATA = (bool, int, float, complex, str, bytes, type(None), np.ndarray, np.generic, np.dtype, enum.Enum)
_CONTAINERS = (tuple, list, dict, set, frozenset)
_PLAIN = (types.FunctionType, types.MemberDescriptorType, classmethod, staticmethod)
"""What a class may hold that gives an attribute without running code."""
_CHANGING = (setattr, delattr, vars)


def followed(node: gast.AST, objects: Mapping[str, Any]) -> Any:
    """The object that a name or a chain of attributes means now, `MISSING` where that is not sure.

    >>> import math
    >>> followed(tree.expression("math.pi"), {"math": math}) is math.pi
    True
    """
    if isinstance(node, gast.Name):
        return objects.get(node.id, MISSING)
    if not isinstance(node, gast.Attribute):
        return MISSING
    owner = followed(node.value, objects)
    return MISSING if owner is MISSING else attribute_of(owner, node.attr)


def attribute_of(owner: Any, name: str) -> Any:
    """An attribute of an object that is read without any code of the object's class being run."""
    place = _place_of(cast(Hashable, type(owner)), name)
    if place == "object":
        return getattr(owner, "__dict__", {}).get(name, MISSING)
    return getattr(owner, name, MISSING) if place == "class" else MISSING


@lru_cache(maxsize=1024)
def _place_of(owner: Hashable, name: str) -> Literal["class", "object", "code"]:
    """Where an attribute of the instances of a class is found; a property is computed by code."""
    assert isinstance(owner, type)
    if issubclass(owner, (types.ModuleType, type)):
        return "class"
    if issubclass(owner, (*_DATA, *_CONTAINERS)):
        return "code"
    if any("__getattribute__" in vars(base) for base in owner.__mro__[:-1]):
        return "code"
    for base in owner.__mro__:
        if name in vars(base):
            found = vars(base)[name]
            is_plain = isinstance(found, _PLAIN) or not hasattr(type(found), "__get__")
            return "class" if is_plain else "code"
    return "object"


def is_constant(node: gast.AST, objects: Mapping[str, Any]) -> bool:
    """Whether a chain of attributes begins at a module of Python or NumPy, where nothing changes."""
    while isinstance(node, gast.Attribute):
        node = node.value
    root = objects.get(node.id) if isinstance(node, gast.Name) else None
    return isinstance(root, types.ModuleType) and is_library(root.__name__)


def is_data(value: Any) -> bool:
    """Whether an object is a value, whose kind counts, and neither code nor an object with attributes."""
    return isinstance(value, (*_DATA, *_CONTAINERS, type))


def kind_of_attribute(value: Any) -> Kind:
    """The kind of what an attribute holds: for a float, whatever its value is."""
    kind = kind_of_object(value)
    return kind.forget_value() if isinstance(kind.value, (float, complex)) else kind


class Changes:
    """Which attributes a program may change.

    Args:
        function: the program.
        objects: what its free names mean.

    >>> node = tree.statements("def f(x, model):\\n    model.count += 1\\n    return x")[0]
    >>> changes = Changes(node, {})
    >>> changes.may_concern("count"), changes.may_concern("rate")
    (True, False)
    """

    def __init__(self, function: gast.FunctionDef, objects: Mapping[str, Any]) -> None:
        calls = Calls(objects)
        self._names: set[str] = set()
        self._all = False
        for node in tree.walk(function):
            if isinstance(node, gast.Attribute) and not isinstance(node.ctx, gast.Load):
                self._names.add(node.attr)
            elif isinstance(node, gast.Call):
                is_unknown = calls.facts(node).effect == "unknown"
                self._all |= is_unknown or is_one_of(calls.meaning(node.func), _CHANGING)

    def may_concern(self, name: str) -> bool:
        """Whether an attribute of this name may be another one later in the run."""
        return self._all or name in self._names
