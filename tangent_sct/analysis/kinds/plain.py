"""Containers from outside that hold nothing but numbers and texts: `OPTIONS = {"rate": 0.1, "steps": 5}`.

What is made of one, or taken out of it, shares no memory with it: `{**OPTIONS, "rate": x[0]}` may be written into.
That holds where the program does nothing with it but read, and while it holds nothing else (`analysis.guards`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.calls import MUTATORS, Calls
from tangent_sct.analysis.kinds.attributes import followed
from tangent_sct.analysis.kinds.objects import kind_of_object
from tangent_sct.analysis.outside import reached
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind, container

_PLAIN = (int, float, complex, str, bytes, type(None), np.generic)
_MOST = 64
"""The items of how large a container are looked at, at each call."""
_READERS = (dict, list, tuple, set, sorted, len, sum, min, max, enumerate)
_READING = frozenset(("copy", "get", "items", "keys", "values", "index", "count"))


def is_plain(container: Any) -> bool:
    """Whether an object is a list, tuple or dict of numbers and texts.

    >>> is_plain({"rate": 0.1, "sizes": (3, 4)}), is_plain([[1.0]]), is_plain({"w": np.ones(2)})
    (True, False, False)
    """
    if type(container) not in (list, tuple, dict) or len(container) > _MOST:
        return False
    items = container.values() if type(container) is dict else container
    return all(isinstance(item, _PLAIN) or (type(item) is tuple and is_plain(item)) for item in items)


def plain_kind(held: Any) -> Kind | None:
    """What a list or dict of numbers and texts holds, whatever the numbers are; None of anything else.

    A tuple in it counts by its kinds as well.

    >>> plain_kind({"rate": 0.1}).item("rate").dtype, plain_kind([[1.0]])
    ('float', None)
    """
    if not is_plain(held):
        return None
    items = held.items() if type(held) is dict else enumerate(held)
    family: Any = type(held).__name__
    return container(family, {key: plain_kind(item) or kind_of_object(item).forget_value() for key, item in items})


def plain_kinds(body: Sequence[gast.AST], namespace: Mapping[str, Any], calls: Calls) -> dict[str, Kind]:
    """The containers of numbers and texts, by free names, that a program reads, and surely does nothing else with.

    >>> names = {"OPTIONS": {"rate": 0.1}, "dict": dict}
    >>> calls = Calls(names)
    >>> list(plain_kinds(tree.statements("o = dict(OPTIONS)"), names, calls))
    ['OPTIONS']
    >>> list(plain_kinds(tree.statements("o = OPTIONS"), names, calls))
    []
    """
    # A tuple is what it is: it counts as a constant, by its values.
    kinds = ((name, plain_kind(value)) for name, value in namespace.items() if type(value) is not tuple)
    found = {name: kind for name, kind in kinds if kind is not None}
    if not found:
        return {}
    nodes = [node for statement in body for node in tree.walk(statement)]
    if any(isinstance(node, gast.Call) and calls.facts(node).effect == "unknown" for node in nodes):
        # It may know the container by another name, and put something else into it.
        return {}
    allowed = {id(part) for node in nodes for part in _only_read(node, calls)}
    kept = {node.id for node in nodes if isinstance(node, gast.Name) and id(node) not in allowed}
    others = [value for name, value in namespace.items() if name not in found or name in kept]
    others += [followed(node, namespace) for node in nodes if isinstance(node, gast.Attribute)]
    known_elsewhere = set().union(*map(reached, others))
    return {
        name: kind for name, kind in found.items()
        if name not in kept and id(namespace[name]) not in known_elsewhere
    }  # fmt: skip


def changed_names(function: gast.FunctionDef) -> set[str]:
    """The free names of containers that a function surely changes where it comes to do so.

    >>> (node,) = tree.statements('''
    ... def f(x):
    ...     y = []
    ...     y.append(x)
    ...     seen.append(x)
    ...     table["k"] = x
    ... ''')
    >>> sorted(changed_names(node))
    ['seen', 'table']
    """
    changed: list[gast.AST] = []
    for node in tree.walk(function):
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute) and node.func.attr in MUTATORS:
            changed.append(node.func.value)
        elif isinstance(node, gast.Subscript) and not isinstance(node.ctx, gast.Load):
            changed.append(node.value)
    own = {*tree.parameter_names(function), *tree.names_written(function.body)}
    return {node.id for node in changed if isinstance(node, gast.Name)} - own


def _only_read(node: gast.AST, calls: Calls) -> Iterator[gast.AST]:
    """The parts of an expression of which it only reads the items."""
    if isinstance(node, gast.Call):
        if isinstance(node.func, gast.Attribute) and node.func.attr in _READING:
            yield node.func.value
        elif any(calls.meaning(node.func) is reader for reader in _READERS):
            yield from node.args
    elif isinstance(node, gast.Subscript) and isinstance(node.ctx, gast.Load):
        yield node.value
    elif isinstance(node, gast.Dict):
        yield from (value for key, value in zip(node.keys, node.values, strict=True) if key is None)
    elif isinstance(node, gast.Starred):
        yield node.value
    elif isinstance(node, gast.BinOp) and isinstance(node.op, (gast.BitOr, gast.Add)):
        yield from (node.left, node.right)
    elif isinstance(node, gast.Compare):
        yield from node.comparators
    elif isinstance(node, (gast.For, gast.comprehension)):
        yield node.iter
