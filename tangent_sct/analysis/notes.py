"""Lists outside of a program that it notes values in which vary: nothing may read them, or be them.

Such a list has no derivative. Requires: single assignment, and the marks of `frontend.notes`.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import CodeType, FunctionType, ModuleType
from typing import Any, TypeAlias

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.namespace import MISSING, is_library, meaning
from tangent_sct.frontend.notes import appends
from tangent_sct.runtime import noted

Noted: TypeAlias = "tuple[list[Any], list[Any]]"
"""A list that values are put into, and objects that must not reach it."""

_HOLDS_NOTHING = (
    int, float, complex, str, bytes, type(None), np.ndarray, np.generic, np.dtype, np.ufunc, range,
    CodeType,
)  # fmt: skip
"""Classes of objects that hold no list."""


def notes(body: list[gast.AST], namespace: Mapping[str, Any]) -> list[tuple[gast.AST, list[Any], gast.AST]]:
    """The statements that note something, each with the list and with what is noted."""
    if not any(value is noted for value in namespace.values()):
        return []
    marked: dict[str, gast.AST] = {}
    found = []
    for node in tree.every_statement(body):
        value: Any = getattr(node, "value", None)
        if type(node) is gast.Assign and _is_marked(value, namespace):
            marked[tree.text(node.targets[0])] = value.args[0]
        elif type(node) is gast.Expr and appends(value):
            (item,) = value.args
            item = item.args[0] if _is_marked(item, namespace) else marked.get(getattr(item, "id", ""))
            if item is not None:
                found.append((node, meaning(value.func.value, namespace), item))
    return found


def _is_marked(value: Any, namespace: Mapping[str, Any]) -> bool:
    return isinstance(value, gast.Call) and meaning(value.func, namespace) is noted


def refuse_read_notes(
    body: list[gast.AST], namespace: Mapping[str, Any], is_written: Callable[[gast.AST], bool], runs_again: bool
) -> list[Noted]:
    """Refuse a program that may read a list that it notes values in, or that notes an array which is written into.

    Args:
        body: the program, in single assignment.
        namespace: what its free names mean.
        is_written: whether the value of an expression may share memory with what is written in place.
        runs_again: whether it is run once more in the reverse sweep.

    Returns:
        The lists that it notes values in, each with the objects from outside that must not reach it.

    Raises:
        UnsupportedError: naming the statement that notes.
    """
    found = notes(body, namespace)
    if not found:
        return []
    noting = {id(node) for node, _, _ in found}
    others = [value for node in tree.every_statement(body) if id(node) not in noting
              for value in _meant(node, namespace)]  # fmt: skip
    others += [value for _, _, item in found for value in _meant(item, namespace)]
    for node, target, item in found:
        if any(reaches(value, target) for value in others):
            raise UnsupportedError(
                f"values to be differentiated are put into `{tree.text(node.value.func.value)}`, a list outside the "
                "function, which the function reads as well, or may read",
                tree.origin_of(node),
                "pass the list as an argument, or return the value",
            )
        if runs_again or is_written(item):
            raise UnsupportedError(
                f"`{tree.text(node.value.func.value)}`, a list outside the function, would come to hold something "
                "else than it does without a derivative",
                tree.origin_of(node),
                "append a copy: `x.copy()`; and not in a function that calls itself",
            )
    watched = list({id(value): value for value in others if any(True for _ in _held(value))}.values())
    return [(target, watched) for _, target, _ in found]


def _meant(node: gast.AST, namespace: Mapping[str, Any]) -> Iterator[Any]:
    """The objects from outside that a statement or an expression itself mentions."""
    for part in tree.own_parts(node) if isinstance(node, gast.stmt) else [node]:
        for item in tree.walk(part):
            if type(item) in (gast.Name, gast.Attribute):
                value = meaning(item, namespace)
                if value is not MISSING:
                    yield value


def reaches(value: Any, target: list[Any]) -> bool:
    """Whether an object is a list, holds it, or is a function that may read it.

    >>> history = []
    >>> reaches({"all": [history]}, history), reaches([1.0], history)
    (True, False)
    """
    seen: set[int] = set()
    pending = [value]
    while pending:
        item = pending.pop()
        if item is target:
            return True
        if id(item) in seen or isinstance(item, _HOLDS_NOTHING):
            continue
        seen.add(id(item))
        pending.extend(_held(item))
    return False


def _held(value: Any) -> Iterable[Any]:
    """What an object holds, or reads when it is called."""
    if isinstance(value, FunctionType):
        if is_library(value.__module__):
            return []
        own = (value.__globals__.get(name) for name in _names(value.__code__))
        return [*own, value.__defaults__, value.__kwdefaults__, value.__closure__, value.__dict__]
    if isinstance(value, ModuleType) and is_library(value.__name__):
        return []
    if isinstance(value, type) and is_library(value.__module__):
        return []
    return gc.get_referents(value)


def _names(code: CodeType) -> Iterator[str]:
    """The global names that a function may read, and those that functions inside it may."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def with_plain_notes(
    unit: Unit, sources: Callable[[gast.AST], Iterable[str]], kind_of: Callable[[gast.AST], Kind]
) -> Unit:
    """A unit that notes numbers and copies of arrays without a mark; the same unit where it notes nothing.

    Args:
        unit: a unit after all passes.
        sources: names whose memory the value of an expression may share.
        kind_of: kinds of expressions.
    """
    if not any(value is noted for value in unit.namespace.values()):
        return unit

    def change(node: gast.AST) -> gast.AST | None:
        if not _is_marked(node, unit.namespace):
            return None
        (item,) = node.args
        if not any(sources(item)):
            return item
        is_array = kind_of(item).is_array and isinstance(item, gast.Name)
        return gast.Call(tree.attribute(item, "copy"), [], []) if is_array else None

    return replace(unit, tree=tree.like(tree.replaced(unit.tree, change), unit.tree))
