"""Which names carry a derivative: varied and useful.

On single assignment both are closures over definitions (Hascoet, Naumann, Pascual 2005):

    varied(v)  = v is an independent, or some operand of its definition is varied
    useful(v)  = v is the result, or v is an operand of the definition of a useful name
    active     = varied and useful

What is stored into an array makes all names that may share its memory varied; an array of which any
name is useful makes all names that share its memory useful. Names that surely hold no real numbers
(integers, booleans, strings) are never active.

Requires: single assignment, kinds, alias classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.operations import Operation, opened, operation
from tangent_sct.core import tree
from tangent_sct.core.kind import UNKNOWN, Kind
from tangent_sct.frontend.active import CHANGERS, INACTIVE_METHODS
from tangent_sct.frontend.namespace import MISSING
from tangent_sct.runtime.boxes import add_item, taken_item
from tangent_sct.templating import registry


@dataclass(frozen=True)
class Edge:
    """A flow of derivatives: from operands to the target; a store also keeps what was there."""

    target: str
    operands: tuple[str, ...]
    is_store: bool


def differentiable_operands(node: gast.AST, namespace: Mapping[str, Any]) -> list[str]:
    """Names whose derivative an expression may pass on."""
    if isinstance(node, (gast.Name, gast.Tuple, gast.List, gast.Dict)):
        return [item.id for item in opened(node) if isinstance(item, gast.Name)]
    if isinstance(node, (gast.BoolOp, gast.Compare)):
        return []
    found = operation(node, namespace)
    if found is None or found.function is None:
        return []
    rule = registry.find(found.function)
    if rule is not None and rule.is_zero:
        return []
    if found.function is MISSING and isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute):
        if node.func.attr in INACTIVE_METHODS:
            return []
    return [item.id for item in _passing_on(found) if isinstance(item, gast.Name)]


def _passing_on(found: Operation) -> Iterable[gast.AST]:
    """The operands of which a value counts: all but the places where something is stored, or taken."""
    if found.function is taken_item:
        # Of what an item of a shadow replaced, only the structure counts.
        return found.args[:1]
    if found.function is add_item or _is_at(found.function):
        return [*found.args[:1], *found.args[2:]]
    return found.operands()


def _is_at(function: Any) -> bool:
    """Whether a function is `np.add.at`, or that of another ufunc."""
    return isinstance(getattr(function, "__self__", None), np.ufunc) and function.__name__ == "at"


def edges(body: Iterable[gast.AST], namespace: Mapping[str, Any]) -> Iterator[Edge]:
    """All flows of derivatives in a program."""
    for node in tree.every_statement(body):
        if isinstance(node, (gast.Assign, gast.AugAssign)):
            target = node.targets[0] if type(node) is gast.Assign else node.target
            operands = tuple(differentiable_operands(node.value, namespace))
            if type(target) is gast.Name:
                yield Edge(target.id, operands, type(node) is gast.AugAssign)
                method: Any = getattr(node.value, "func", None)
                owner = getattr(method.value, "id", None) if type(method) is gast.Attribute else None
                if owner is not None and owner not in namespace and method.attr in CHANGERS:
                    # `t = l.append(v)` changes the list as the call alone does; `np.append` is a function.
                    yield Edge(owner, tuple(name for name in operands if name != owner), True)
            elif type(target) is gast.Subscript and type(target.value) is gast.Name:
                yield Edge(target.value.id, operands, True)
        elif type(node) is gast.Expr and type(node.value) is gast.Call:
            names = list(dict.fromkeys(differentiable_operands(node.value, namespace)))
            function = node.value.func
            if type(function) is gast.Attribute and type(function.value) is gast.Name:
                owner = function.value.id
                names += [owner] if owner not in namespace and owner not in names else []
            for name in names:
                yield Edge(name, tuple(n for n in names if n != name), True)
        elif type(node) is gast.For:
            operands = tuple(differentiable_operands(node.iter, namespace))
            for name in tree.names_written(node.target):
                yield Edge(name, operands, False)


def varied(
    flows: list[Edge],
    sources: Iterable[str],
    share: Callable[[str], Iterable[str]],
    may: Callable[[str], bool],
) -> set[str]:
    """Names that may depend on the sources."""
    readers: dict[str, list[str]] = {}
    for edge in flows:
        for operand in edge.operands:
            readers.setdefault(operand, []).extend(
                share(edge.target) if edge.is_store else [edge.target]
            )
    return _closure(sources, readers, may)


def useful(
    flows: list[Edge],
    results: Iterable[str],
    share: Callable[[str], Iterable[str]],
    may: Callable[[str], bool],
) -> set[str]:
    """Names on which the results may depend."""
    operands: dict[str, list[str]] = {}
    for edge in flows:
        targets = share(edge.target) if edge.is_store else [edge.target]
        for target in targets:
            operands.setdefault(target, []).extend(edge.operands)
            if edge.is_store:
                operands[target].append(edge.target)
    return _closure(results, operands, may)


def _closure(
    start: Iterable[str], follow: Mapping[str, list[str]], may: Callable[[str], bool]
) -> set[str]:
    found: set[str] = set()
    pending = [name for name in start if may(name)]
    while pending:
        name = pending.pop()
        if name in found:
            continue
        found.add(name)
        pending.extend(n for n in follow.get(name, ()) if n not in found and may(n))
    return found


def active(
    flows: list[Edge],
    sources: Iterable[str],
    results: Iterable[str],
    share: Callable[[str], Iterable[str]],
    kind_of: Callable[[str], Kind],
) -> set[str]:
    """Names that are varied and useful, closed over shared memory.

    Args:
        flows: how derivatives flow in a program in single assignment (`edges`).
        sources: the independents (differentiated parameters).
        results: names whose derivative is asked for.
        share: for a name, all names that may share memory with it, where that memory is written.
        kind_of: kind of a name.
    """

    @cache
    def may(name: str) -> bool:
        kind = kind_of(name)
        # What an iterator gives may be floats, though it is none itself.
        gives = kind.element is not None and kind.element.is_float is not False
        return kind.is_float is not False or kind.is_container or gives

    def seen(name: str) -> list[str]:
        # A list may hold what a number is bound to, and yet no store into it changes that number.
        return [n for n in share(name) if n == name or not kind_of(n).is_scalar]

    forward = varied(flows, sources, seen, may)
    both = forward & useful(flows, results, seen, may)
    for name in list(both):
        is_list = kind_of(name).family == "list"
        # A list that changes by another name changes here, too, whatever is put into it.
        both.update(n for n in seen(name) if may(n) and (n in forward or (is_list and _lists_floats(kind_of(n)))))
    return both


def _lists_floats(kind: Kind) -> bool:
    """Whether a value is a list that may hold floats."""
    every = [item for _, item in kind.items] if kind.items is not None else [kind.element or UNKNOWN]
    return kind.family == "list" and any(item.is_float is not False for item in every)
