"""What functions hand out of what lies outside of a program: `def weights(): return WEIGHTS`.

A call that is given nothing that varies is kept as it is. What it returns may be known elsewhere: an array that a
module or an object holds, an item of a dict. Whoever writes into it writes there. Asked is what surely may be: of a
function that nobody can read nothing is said here.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import types
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.harmless import text_of
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Source
from tangent_sct.frontend.namespace import MISSING, is_library, meaning
from tangent_sct.frontend.source import source_of_generator, tree_of

SharedNames = Callable[[gast.FunctionDef, dict[str, Any]], Iterable[str]]
"""Told a function and its free names, the names of all that what it returns may share memory with."""

_GIVING = frozenset(("__getitem__", "__iter__", "copy", "get", "items", "setdefault", "values"))
"""Methods of containers that give what these hold, and leave it there."""

_MOST = 1000
"""How many parts of an object from outside are looked at."""

_PLAIN = (int, float, complex, str, bytes, bool, type(None), np.generic, types.ModuleType)
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, property, classmethod, staticmethod)

_asking: list[Any] = []
"""Functions that are being looked at, which may call themselves."""


def handed_out(function: Any, shared_names: SharedNames) -> list[Any]:
    """The objects from outside of which what a function returns may be a part.

    Args:
        function: what is called.
        shared_names: finds what the returned values of a Python function may share memory with.
    """
    if function is globals or hasattr(function, "cache_clear"):
        # It gives the same object each time.
        return [function]
    if isinstance(function, functools.partial):
        return handed_out(function.func, shared_names)
    owner = getattr(function, "__self__", None)
    if isinstance(function, types.BuiltinMethodType) and isinstance(owner, (list, tuple, dict, deque)):
        return [owner] if function.__name__ in _GIVING else []
    plain = function
    if isinstance(function, types.MethodType):
        plain = function.__func__
    elif not isinstance(function, (type, types.FunctionType, types.BuiltinFunctionType)):
        owner, plain = function, inspect.getattr_static(type(function), "__call__", None)
    is_read = isinstance(plain, types.FunctionType) and not is_library(plain.__module__)
    if not is_read or any(plain is other for other in _asking):
        return []
    _asking.append(plain)
    try:
        return _of_function(plain, owner, shared_names)
    except (UnsupportedError, TypeError):
        return []
    finally:
        _asking.pop()


def reached(value: Any) -> set[int]:
    """What an object from outside consists of, by identity: memory of arrays, and containers and objects in it.

    Only so much of it as may reasonably be looked through; the attributes of its class belong to an object.

    >>> a = np.zeros(3)
    >>> reached([a]) & reached({"part": a[1:]}) == {id(a)}, reached([a]) & reached([np.zeros(3)])
    (True, set())
    """
    found: set[int] = set()
    pending = [value]
    budget = _MOST
    while pending and budget:
        budget -= 1
        one = pending.pop()
        if isinstance(one, np.ndarray):
            while isinstance(one.base, np.ndarray):
                one = one.base
            found.add(id(one))
            continue
        if id(one) in found or isinstance(one, (*_PLAIN, *_FUNCTIONS)):
            continue
        found.add(id(one))
        if isinstance(one, dict):
            pending += itertools.islice(one.values(), budget)
        elif isinstance(one, (list, tuple, set, frozenset, deque)):
            pending += itertools.islice(one, budget)
        elif not is_library(getattr(one if isinstance(one, type) else type(one), "__module__", None)):
            classes = type(one).__mro__ if not isinstance(one, type) else one.__mro__
            held = [vars(one)] if hasattr(one, "__dict__") and not isinstance(one, type) else []
            for space in (*held, *(vars(cls) for cls in classes if not is_library(cls.__module__))):
                pending += [part for name, part in space.items() if not name.startswith("__")]
    return found


def may_change(held: Any) -> bool:
    """Whether what a name from outside means may change in place: it is no number, module, class or function.

    >>> [may_change(held) for held in (np.zeros(2), {"a": 1.0}, 2.0, np.sum, np)]
    [True, True, False, False, False]
    """
    plain = (types.ModuleType, int, float, complex, str, bytes, type(None), range, slice, np.generic, np.dtype)
    return held is not MISSING and not callable(held) and not isinstance(held, plain)


def shares_parts(cls: Any) -> bool:
    """Whether a class has attributes that all of its objects share, and that may be written into.

    >>> shares_parts(type("Net", (), {"w": np.zeros(2), "__module__": "nets"}))
    True
    >>> shares_parts(type("Net", (), {"rate": 0.1, "__module__": "nets"}))
    False
    """
    if not isinstance(cls, type) or is_library(cls.__module__):
        return False
    spaces = (vars(base) for base in cls.__mro__ if not is_library(base.__module__))
    parts = (part for space in spaces for name, part in space.items() if not name.startswith("__"))
    return any(isinstance(part, (np.ndarray, list, dict, set, deque)) for part in parts)


def _of_function(function: types.FunctionType, owner: Any, shared_names: SharedNames) -> list[Any]:
    """The same for a Python function, and the object that it is a method of."""
    if inspect.isgeneratorfunction(function):
        source = source_of_generator(function)
        node = tree_of(source)
    else:
        source, node = text_of(function)
    parameters = tree.parameter_names(node)
    given = _defaults(function)
    if owner is not None and parameters:
        given[parameters[0]] = owner
    objects = _free_objects(source, node)
    found = []
    for name in shared_names(node, objects):
        if name in parameters:
            found += [given[name]] if name in given else []
        elif name in objects:
            found.append(objects[name])
        elif not name.isidentifier():
            found += _of_place(tree.expression(name), objects, shared_names)
    return found


def _of_place(place: gast.AST, objects: dict[str, Any], shared_names: SharedNames) -> list[Any]:
    """The objects behind what alias classes call by an expression: `module.weights`, `weights()`."""
    if isinstance(place, gast.Call):
        called = meaning(place.func, objects)
        return [] if called is MISSING else handed_out(called, shared_names)
    held = meaning(place, objects)
    return [] if held is MISSING else [held]


def _free_objects(source: Source, node: gast.FunctionDef) -> dict[str, Any]:
    """The free names of a function that mean something."""
    bound = {*tree.parameter_names(node), *tree.names_written(node.body)}
    found = {}
    for name in tree.names_read(node.body):
        if name not in bound:
            try:
                found[name] = source.lookup(name)
            except KeyError:
                continue
    return found


def _defaults(function: types.FunctionType) -> dict[str, Any]:
    """The arrays and containers that a function has for arguments that are not given."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    values = function.__defaults__ or ()
    every = {**dict(zip(names[len(names) - len(values) :], values, strict=True)), **(function.__kwdefaults__ or {})}
    return {name: value for name, value in every.items() if isinstance(value, (np.ndarray, list, dict))}
