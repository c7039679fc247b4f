"""What a program may meet: the classes and functions that it mentions, and those that the code it calls mentions.

What kinds do not tell is the class of an object that a function kept whole has made, or that another object holds.
The names in compiled code are looked up, so no source is read. Code that is installed is not looked into.
"""

from __future__ import annotations

import collections
import dis
import functools
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, MappingProxyType, MethodType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from tangent_sct.frontend.namespace import is_library

_PLAIN = (str, bytes, int, float, complex, type(None))
_MANY = 64
"""Of so many items of a container the first are looked at: more are mostly alike."""


def classes_mentioned(objects: Iterable[Any]) -> list[type]:
    """Classes that are no library's, found from some objects on.

    Args:
        objects: what the names of a program mean.
    """
    found = [value for value in objects_mentioned(objects) if isinstance(value, type)]
    return [cls for cls in found if not is_library(cls.__module__)]


def functions_mentioned(objects: Iterable[Any]) -> list[FunctionType]:
    """Functions that are no library's, found from some objects on; also methods of the classes that are.

    Args:
        objects: what the names of a program mean.
    """
    found = [value for value in objects_mentioned(objects) if isinstance(value, FunctionType)]
    return [function for function in found if _is_own(function)]


def names_mentioned(objects: Iterable[Any]) -> set[str]:
    """Names of globals and attributes in the code of functions that are found from some objects on.

    Args:
        objects: what the names of a program mean.
    """
    return set().union(*(_names(function.__code__) for function in functions_mentioned(objects)))


def mentions_of(function: FunctionType) -> tuple[frozenset[str], list[Any]]:
    """The names of globals and attributes in the code of a function, and what it finds outside of it."""
    return _names(function.__code__), list(_read_by(function))


def objects_mentioned(objects: Iterable[Any]) -> Iterator[Any]:
    """What can be reached from some objects, but for texts and numbers: into libraries nobody looks.

    Args:
        objects: what the names of a program mean.
    """
    pending = list(objects)
    seen: dict[int, Any] = {}
    while pending:
        value = pending.pop()
        if isinstance(value, _PLAIN) or id(value) in seen:
            continue
        # Kept, so that no other gets its identity.
        seen[id(value)] = value
        yield value
        if not isinstance(value, type):
            pending += _behind(value)
        elif not is_library(value.__module__) and not _is_installed(value.__module__):
            pending += [*value.__bases__, *vars(value).values()]


def names_of_classes(classes: Iterable[type]) -> set[str]:
    """The names of what objects of some classes have: of attributes and methods, and of what these assign.

    >>> found = names_of_classes([type("Tally", (), {"__module__": "shop", "size": 2})])
    >>> "size" in found, "count" in found
    (True, False)
    """
    bases = {base for cls in classes for base in cls.__mro__ if not is_library(base.__module__)}
    found: set[str] = set()
    for base in bases:
        found.update(vars(base), getattr(base, "__annotations__", {}))
        for member in vars(base).values():
            for function in (member, getattr(member, "fget", None), getattr(member, "fset", None)):
                code = getattr(getattr(function, "__func__", function), "__code__", None)
                found.update(_assigned(code) if isinstance(code, CodeType) else ())
    return found


@functools.lru_cache(maxsize=1024)
def _assigned(code: CodeType) -> frozenset[str]:
    """Names of attributes that compiled code assigns, and what is defined in it."""
    inner = (_assigned(part) for part in code.co_consts if isinstance(part, CodeType))
    return frozenset(i.argval for i in dis.get_instructions(code) if i.opname == "STORE_ATTR").union(*inner)


def _behind(value: Any) -> Iterator[Any]:
    """What an object mentions or holds."""
    if isinstance(value, FunctionType):
        if _is_own(value):
            yield from _read_by(value)
            yield from vars(value).values()
    elif isinstance(value, (staticmethod, classmethod)):
        yield value.__func__
    elif isinstance(value, property):
        yield value.fget
        yield value.fset
    elif isinstance(value, functools.cached_property):
        yield value.func
    elif isinstance(value, MethodType):
        yield from (value.__func__, value.__self__)
    elif isinstance(value, np.ndarray) and value.dtype == object:
        yield from value.ravel()[:_MANY]
    elif isinstance(value, SimpleNamespace):
        yield from vars(value).values()
    elif isinstance(value, functools.partial):
        yield from (value.func, *value.args, *value.keywords.values())
    elif isinstance(value, (list, tuple, set, frozenset, collections.deque)):
        yield from list(value)[:_MANY]
    elif isinstance(value, (dict, MappingProxyType)):
        yield from list(value.values())[:_MANY]
    elif not isinstance(value, ModuleType) and hasattr(value, "__wrapped__"):
        yield value.__wrapped__
    elif not is_library(type(value).__module__):
        yield type(value)
        yield from getattr(value, "__dict__", {}).values()
        yield from (getattr(value, name, None) for base in type(value).__mro__ for name in _slots(base))


def _slots(cls: type) -> Iterable[str]:
    found = vars(cls).get("__slots__", ())
    return (found,) if isinstance(found, str) else found


def _read_by(function: FunctionType) -> Iterator[Any]:
    """What the free names of a function mean, and those of modules that it reads by their attributes."""
    names = _names(function.__code__)
    outside = [function.__globals__[name] for name in names if name in function.__globals__]
    for value in outside:
        if not isinstance(value, ModuleType):
            yield value
        elif not is_library(value.__name__):
            yield from (vars(value)[name] for name in names if name in vars(value))
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()


@functools.lru_cache(maxsize=1024)
def _names(code: CodeType) -> frozenset[str]:
    """Names of globals and attributes in compiled code, and in what is defined in it."""
    inner = (_names(part) for part in code.co_consts if isinstance(part, CodeType))
    return frozenset(code.co_names).union(*inner)


def _is_own(function: FunctionType) -> bool:
    """Whether a function is the user's own."""
    return not is_library(function.__module__) and not _is_installed(function.__module__)


def _is_installed(module: str | None) -> bool:
    """Whether a module is a package that is installed, not the user's own."""
    file = getattr(sys.modules.get(module or ""), "__file__", None) or ""
    return "site-packages" in file or "dist-packages" in file
