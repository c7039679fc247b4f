"""Which variables are read after the statement that makes what reads them: by functions, generators and classes.

>>> sorted(captured_by(tree.expression("fs.append(lambda t: a * t)"), set()))
['a']
>>> captured_by(tree.expression("sorted(xs, key=lambda t: a * t)"), set())
set()
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Set
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.live import read_late

AT_ONCE = frozenset({"all", "any", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple"})
"""Functions of Python's own that have run through what they were given when they return."""


_HANDING_ON = frozenset({"enumerate", "filter", "map", "reversed", "zip"})
"""Functions of Python's own that are run through by those that are given them."""


BRIEF = AT_ONCE | _HANDING_ON
"""All of these: a program may call functions of its own by such names, which may keep what they are given."""


def shadowed(objects: Mapping[str, Any]) -> set[str]:
    """Those of their names that mean something else in a module.

    >>> shadowed({"max": print, "sum": sum, "x": 1.0})
    {'max'}
    """
    return {name for name in BRIEF & objects.keys() if objects[name] is not getattr(builtins, name)}


def lists_of(function: gast.FunctionDef) -> set[str]:
    """Names of a function that hold lists, as far as it tells: its parameters, and what only lists are assigned to.

    >>> text = "def f(rows, k):\\n    a = [k]\\n    b = a\\n    c = k()\\n    d = []\\n    d, e = rows"
    >>> sorted(lists_of(tree.statements(text)[0]))
    ['a', 'b', 'k', 'rows']
    """
    assigned: dict[str, list[gast.AST | None]] = {}
    for node in tree.every_statement(function.body):
        is_plain = isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name)
        for name in tree.names_written(_binding(node)):
            assigned.setdefault(name, []).append(node.value if is_plain else None)
    found = {*tree.parameter_names(function), *assigned}
    while True:
        others = {name for name in found if not all(_is_list(value, found) for value in assigned.get(name, ()))}
        if not others:
            return found
        found -= others


def _binding(node: gast.AST) -> list[gast.AST]:
    """The parts of a statement that bind names, its inner blocks left out."""
    if isinstance(node, gast.For):
        return [node.target]
    if isinstance(node, gast.With):
        return list(node.items)
    return [] if type(node) in (gast.AugAssign, gast.If, gast.While) else [node]


def _is_list(value: gast.AST | None, lists: Set[str]) -> bool:
    if isinstance(value, gast.Name):
        return value.id in lists
    if isinstance(value, gast.Call):
        return isinstance(value.func, gast.Name) and value.func.id in ("list", "sorted")
    return isinstance(value, (gast.List, gast.ListComp))


def captured_by(node: gast.AST, others: Set[str], lists: Set[str] = frozenset()) -> set[str]:
    """Names of the function around that functions and generators read which are made here and kept.

    Args:
        node: a statement, or an expression.
        others: names that do not mean Python's own functions.
        lists: names that hold lists; what an object of another class is told to sort by it may keep.
    """
    found: set[str] = set()
    # With each part: the function that runs what stands there before the statement ends, "" where none does.
    pending = [(node, "")]
    while pending:
        item, runner = pending.pop()
        is_applied = isinstance(item, gast.Lambda) and runner in ("filter", "map", "key")
        if is_applied or (runner and isinstance(item, gast.GeneratorExp)):
            # What it makes may be kept.
            pending.extend((child, "") for child in tree.children(item))
        elif isinstance(item, (gast.Lambda, gast.FunctionDef, gast.ClassDef, gast.GeneratorExp)):
            found.update(read_late(item))
        elif isinstance(item, gast.Call):
            name = _builtin(item, others)
            runs = name if name in AT_ONCE or (runner and name in _HANDING_ON) else ""
            pending.append((item.func, ""))
            pending.extend((argument, runs) for argument in item.args)
            keys = [keyword for keyword in item.keywords if is_key(keyword, item, others, lists)]
            pending.extend((k.value, "key" if k in keys else "") for k in item.keywords)
        else:
            pending.extend((child, "") for child in tree.children(item))
    return found


def _builtin(call: gast.Call, others: Set[str]) -> str:
    """The name of the function of Python's own that is called, "" where it is another."""
    name = str(getattr(call.func, "id", ""))
    return name if name in BRIEF and name not in others else ""


def is_key(keyword: gast.keyword, call: gast.Call, others: Set[str], lists: Set[str]) -> bool:
    """Whether a keyword is what items are ordered by, which is called at once."""
    is_method = isinstance(call.func, gast.Attribute) and call.func.attr == "sort"
    owner = call.func.value if is_method else None
    sorts_list = isinstance(owner, gast.Name) and owner.id in lists
    return keyword.arg == "key" and (sorts_list or _builtin(call, others) in AT_ONCE)
