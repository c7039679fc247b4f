"""Methods that Python runs by itself, and properties: which of them write into arrays that an object holds.

`len(s)`, `s[0]`, `s == t`, `for v in s` and `s.size` run methods of the class of `s`. They are taken to compute only,
which holds of nearly all classes; objects of the others are refused (`refuse_implicit_writers`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import FunctionType
from typing import Any

import gast

from tangent_sct.analysis.inside import Inside
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.frontend.active import root_name
from tangent_sct.frontend.namespace import is_library, meaning
from tangent_sct.frontend.source import source_of_generator, tree_of
from tangent_sct.templates.methods import WRITERS

_EXPLICIT = frozenset(
    "__init__ __new__ __post_init__ __init_subclass__ __set_name__ __call__ __setitem__ __setattr__ __delitem__ "
    "__delattr__ __set__ __delete__ __del__ __iadd__ __isub__ __imul__ __itruediv__ __ifloordiv__ __imod__ __ipow__ "
    "__imatmul__ __iand__ __ior__ __ixor__ __ilshift__ __irshift__".split()
)
"""Special methods that a program asks for where it makes an object, calls one or writes into one."""


def refuse_implicit_writers(
    inside: Inside, namespace: Mapping[str, Any], kind_of: Callable[[gast.AST], Kind]
) -> None:
    """Refuse objects, kept whole, of a class that writes into arrays where nobody sees a call.

    Raises:
        UnsupportedError: naming the statement, the class and its method.
    """
    # Of several statements one is named that has a place in the file.
    for node in sorted(inside.statements, key=lambda statement: tree.origin_of(statement) is None):
        for item in inside.of(node):
            cls = _class_of(item, namespace, kind_of)
            method = None if cls is None or is_library(cls.__module__) else implicit_writer(cls)
            if method is not None:
                raise UnsupportedError(
                    f"there is an object of class `{cls.__name__}`, whose `{method}` writes into what it holds, and "
                    "Python runs that where nobody sees a call",
                    tree.origin_of(node),
                    f"let `{method}` only compute, and write in a method that is called by its name",
                )


def _class_of(node: gast.AST, namespace: Mapping[str, Any], kind_of: Callable[[gast.AST], Kind]) -> Any:
    """The class of a new object, or of one that a name means; None where there is none."""
    if type(node) is gast.Call:
        called = meaning(node.func, namespace)
        return called if isinstance(called, type) else None
    if type(node) is not gast.Name or type(node.ctx) is not gast.Load:
        return None
    if node.id in namespace:
        known = type(namespace[node.id])
        return None if known in (type, FunctionType) else known
    return kind_of(node).cls


@cache
def implicit_writer(cls: type) -> str | None:
    """The first method or property of a class that Python runs by itself, and that writes into arrays.

    >>> import numpy as np
    >>> implicit_writer(np.ndarray) is None
    True
    """
    for base in cls.__mro__:
        if is_library(base.__module__):
            continue
        for name, member in vars(base).items():
            is_special = name.startswith("__") and name.endswith("__") and name not in _EXPLICIT
            function = member.fget if isinstance(member, property) else member if is_special else None
            if isinstance(function, FunctionType) and _writes(function):
                return name
    return None


def _writes(function: FunctionType) -> bool:
    """Whether a method stores into elements of what its object holds, or updates that in place."""
    try:
        node = tree_of(source_of_generator(function))
    except UnsupportedError:
        return False
    body = list(tree.every_statement(node.body))
    theirs = {next(iter(tree.parameter_names(node)), "")}
    for statement in body:
        if isinstance(statement, gast.Assign) and isinstance(statement.value, (gast.Attribute, gast.Subscript)):
            if root_name(statement.value) in theirs:
                theirs.update(tree.names_written(statement))
    return any(root_name(place) in theirs for statement in body for place in _written(statement))


def _written(statement: gast.AST) -> Iterator[gast.AST]:
    """The places into which a statement writes, but for whole numbers that count and texts that are keys."""
    if isinstance(statement, gast.AugAssign):
        counts = isinstance(statement.value, gast.Constant) and type(statement.value.value) is int
        if not counts or isinstance(statement.target, gast.Subscript):
            yield statement.target
    elif isinstance(statement, gast.Assign):
        for target in statement.targets:
            if isinstance(target, gast.Subscript) and type(getattr(target.slice, "value", None)) is not str:
                yield target
    for part in tree.own_parts(statement):
        for item in tree.walk(part):
            if isinstance(item, gast.Call) and isinstance(item.func, gast.Attribute):
                if item.func.attr in WRITERS:
                    yield item.func.value
                yield from (keyword.value for keyword in item.keywords if keyword.arg == "out")
