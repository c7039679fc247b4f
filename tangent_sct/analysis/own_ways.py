"""Objects whose class says itself what operators and functions of NumPy do with them, where that is not followed.

The front end has unfolded what a known class says of operators. What is left are objects of one of several classes,
and functions that ask a class in another way: `np.sum(q)`, `list(q)`, `float(q)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.inside import Inside
from tangent_sct.analysis.operations import operation
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import (
    Kind,
    is_object,
    may_compute,
    unless_none,
)
from tangent_sct.frontend.namespace import MISSING
from tangent_sct.templating import registry

KindOf = Callable[[gast.AST], Kind]
_ASKING_ONLY = frozenset((
    len, isinstance, issubclass, type, id, callable, hasattr, bool, str, repr, format, hash, print,
))  # fmt: skip
"""Functions whose results hold nothing to be differentiated, whatever they are given."""

_HANDING_ON = frozenset((list, tuple, dict, sorted, reversed, max, min, enumerate, zip, map, filter, iter))
"""Functions that give the items of what they are given as they are."""

_HOMES = frozenset(("builtins", "operator", "_operator", "math", "cmath", "numpy", "scipy"))
"""Modules of functions that compute with what they are given."""


def refuse_operands_that_are_objects(
    inside: Inside,
    namespace: Mapping[str, Any],
    found: set[str],
    kind_of: KindOf,
    find_varied: Callable[[], set[str]],
) -> None:
    """Refuse an operation on such an object: its derivative is that of numbers and arrays.

    What may be a number as well is checked while the derivative runs, unless it stands in a container.

    Args:
        inside: the statements of the program.
        namespace: what its free names mean.
        found: its active names.
        kind_of: the kind of an expression.
        find_varied: tells the names that may depend on what is differentiated.

    Raises:
        UnsupportedError: naming the statement.
    """
    for node in inside.statements:
        if type(node) is gast.FunctionDef:
            continue
        _refuse_stored(node, kind_of, find_varied)
        for item in inside.of(node):
            for operand, is_deep in _operands(item, namespace):
                if found.isdisjoint(tree.names_read(operand)):
                    continue
                if _is_asked(item, kind_of(operand), is_deep, namespace):
                    name = tree.text(operand)
                    raise UnsupportedError(
                        f"what `{tree.text(item)}` is, is said by the class of an object, which `{name}` is or holds",
                        tree.origin_of(node),
                        "call a method by its name, or keep such objects and numbers in different variables",
                    )


def _refuse_stored(node: gast.AST, kind_of: KindOf, find_varied: Callable[[], set[str]]) -> None:
    """Refuse to store such an object into an array, which makes numbers of it.

    Raises:
        UnsupportedError: naming the statement.
    """
    if isinstance(node, gast.Assign) and type(node.targets[0]) is gast.Subscript:
        array = node.targets[0].value
    elif isinstance(node, gast.AugAssign):
        array = node.target
    else:
        return
    if not kind_of(array).is_array or not _may_compute(kind_of(node.value), False):
        return
    if not find_varied().isdisjoint(tree.names_read(node.value)):
        raise UnsupportedError(
            f"an array makes numbers of the object `{tree.text(node.value)}`, by what its class says",
            tree.origin_of(node),
            "call a method that returns the number, or the array",
        )


def _is_asked(node: gast.AST, kind: Kind, is_deep: bool, namespace: Mapping[str, Any]) -> bool:
    """Whether a class says what an operation gives; `np.sin(q)` is `q.sin()` of an object that is no number."""
    called = operation(node, namespace)
    is_ufunc = called is not None and isinstance(called.function, np.ufunc)
    return _may_compute(kind, is_deep) or (is_ufunc and is_object(unless_none(kind)))


def _operands(node: gast.AST, namespace: Mapping[str, Any]) -> Iterator[tuple[gast.AST, bool]]:
    """What an operation computes with, each with whether it computes with the items of it as well."""
    if not isinstance(node, (gast.BinOp, gast.UnaryOp, gast.Call)):
        return
    called = operation(node, namespace)
    if called is None or called.function is MISSING or isinstance(getattr(node, "op", None), gast.Not):
        return
    if not asks_class(called.function):
        return
    is_deep = isinstance(node, gast.Call) and not _is_one_of(called.function, _HANDING_ON)
    for operand in (*called.args, *called.keywords.values()):
        if isinstance(operand, (gast.Tuple, gast.List)):
            yield from ((item, is_deep) for item in operand.elts if is_deep and isinstance(item, gast.Name))
        elif isinstance(operand, (gast.Name, gast.Subscript, gast.Attribute)):
            yield operand, is_deep


def asks_class(function: Any) -> bool:
    """Whether what a function gives for an object is said by the class of the object, and may vary with it.

    >>> asks_class(sum), asks_class(len), asks_class(asks_class)
    (True, False, False)
    """
    if _is_one_of(function, _HANDING_ON):
        return True
    home = (getattr(function, "__module__", None) or "builtins").split(".")[0]
    return home in _HOMES and not _is_one_of(function, _ASKING_ONLY) and registry.find(function) is not None


def _is_one_of(function: Any, functions: frozenset[Any]) -> bool:
    return any(function is known for known in functions)


def _may_compute(kind: Kind, is_deep: bool) -> bool:
    """Whether a value is such an object, or may hold one."""
    kind = unless_none(kind)
    if is_object(kind):
        return may_compute(kind)
    inner = [item for _, item in kind.items or ()] if is_deep and kind.is_container else []
    if is_deep and kind.is_container and kind.element is not None:
        inner.append(kind.element)
    return any(item.mixed and may_compute(item) or _may_compute(item, is_deep) for item in map(unless_none, inner))
