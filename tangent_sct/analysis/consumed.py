"""Variables that hold iterators: whoever looks at one, by `sum(it)`, `1 in it` or `[*it]`, takes items off it.

So reading such a variable is a change of what it holds, for all who move, merge or remove statements.

>>> body = tree.statements('''
... it = iter(a)
... pair = (it, zip(a, a))
... other = pair[1]
... items = list(it)
... ''')
>>> sorted(iterators_in(body, {"iter": iter, "zip": zip, "list": list}))
['it', 'other', 'pair']
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.namespace import MISSING, meaning

_HOLDING = (
    gast.Tuple, gast.List, gast.Dict, gast.IfExp, gast.BoolOp, gast.Subscript, gast.Starred, gast.BinOp,
    gast.Attribute, gast.NamedExpr,
)  # fmt: skip
"""Expressions whose value may be, or hold, what is in them."""


def iterators_in(body: Iterable[gast.AST], namespace: Mapping[str, Any]) -> frozenset[str]:
    """The variables of a program that hold iterators, or containers of some.

    Args:
        body: its statements.
        namespace: what its free names mean.
    """
    found = {name for name, value in namespace.items() if hasattr(type(value), "__next__")}
    makes = any(map(_may_make, namespace.values()))
    generators: set[str] = set()
    assigned: list[tuple[gast.AST, gast.AST]] = []
    for node in tree.every_statement(body):
        if type(node) is gast.Assign:
            if found or makes or generators or type(node.value) is gast.GeneratorExp or type(node.value) in _HOLDING:
                assigned += [(target, node.value) for target in node.targets]
        elif type(node) is gast.FunctionDef and any(type(item) in _YIELDS for item in tree.walk(node)):
            generators.add(node.name)

    def gives(value: gast.AST) -> bool:
        kind = type(value)
        if kind is gast.Name:
            return value.id in found
        if kind is gast.GeneratorExp:
            return True
        if kind is gast.Call:
            if tree.is_one_of(value.func, generators):
                return True
            function = meaning(value.func, namespace) if makes else MISSING
            return function is not MISSING and _makes_iterators(function)
        return kind in _HOLDING and any(map(gives, tree.children(value)))

    # A loop may hand on what a later statement has made.
    before = -1
    while before != len(found):
        before = len(found)
        for target, value in assigned:
            if gives(value):
                found.update(tree.names_written(target))
    return frozenset(found)


def _may_make(value: Any) -> bool:
    """Whether a free name means something that makes iterators, or holds such a thing."""
    return _makes_iterators(value) or (isinstance(value, ModuleType) and value.__name__ in ("itertools", "builtins"))


def _makes_iterators(function: Any) -> bool:
    if isinstance(function, type):
        return hasattr(function, "__next__")
    if any(function is maker or function == maker for maker in _MAKERS if callable(function)):
        return True
    return inspect.isgeneratorfunction(function)


_YIELDS = (gast.Yield, gast.YieldFrom)
_MAKERS = (iter, open, itertools.tee, itertools.chain.from_iterable)
