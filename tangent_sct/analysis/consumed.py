"""Variables that hold iterators: whoever looks at one, by `sum(it)`, `1 in it` or `[*it]`, takes items off it.

So reading such a variable is a change of what it holds, for all who move, merge or remove statements. What a function
gives of which nothing is known, or an argument, may be an iterator, too, where it is run through.

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

import builtins
import functools
import inspect
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import UNKNOWN
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.templating import registry

_HOLDING = (
    gast.Tuple, gast.List, gast.Dict, gast.IfExp, gast.BoolOp, gast.Subscript, gast.Starred, gast.BinOp,
    gast.Attribute, gast.NamedExpr,
)  # fmt: skip
"""Expressions whose value may be, or hold, what is in them."""


def iterators_of(unit: Unit) -> frozenset[str]:
    """The variables of a unit that hold iterators, or containers of some."""
    kinds = dict(unit.request.kinds)
    names = tree.parameter_names(unit.tree)
    unsure = [name for name in names if kinds.get(name, UNKNOWN).family in ("unknown", "other")]
    return iterators_in(unit.tree.body, unit.namespace, unsure)


def iterators_in(
    body: Iterable[gast.AST], namespace: Mapping[str, Any], unsure: Collection[str] = ()
) -> frozenset[str]:
    """The variables of a program that hold iterators, or containers of some.

    Args:
        body: its statements.
        namespace: what its free names mean.
        unsure: parameters that may hold some.
    """
    body = list(body)
    found = {name for name, value in namespace.items() if hasattr(type(value), "__next__")}
    run_through = _run_through(body, namespace)
    found |= run_through.intersection(unsure)
    makes = any(map(_may_make, namespace.values()))
    generators: set[str] = set()
    assigned: list[tuple[gast.AST, gast.AST]] = []
    for node in tree.every_statement(body):
        if type(node) is gast.Assign:
            if found or makes or generators or type(node.value) is gast.GeneratorExp or type(node.value) in _HOLDING:
                assigned += [(target, node.value) for target in node.targets]
        elif type(node) is gast.For and type(node.iter) in _HOLDING:
            assigned.append((node.target, node.iter))
        elif type(node) is gast.FunctionDef and any(type(item) in _YIELDS for item in tree.walk(node)):
            generators.add(node.name)

    found |= run_through.intersection(_unsure(body, namespace) if run_through else ())

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
            if function is not MISSING and _makes_iterators(function):
                return True
            if makes and _is_handed_maker(value, namespace):
                return True
            return any(type(arg) is gast.Name and arg.id in several for arg in value.args)
        if kind is gast.Attribute and value.attr == "flat":
            return True
        if kind is gast.ListComp:
            return gives(value.elt)
        return kind in _HOLDING and any(map(gives, tree.children(value)))

    # Of what gives iterators one after the other, a list holds them.
    several: set[str] = set()
    # A loop may hand on what a later statement has made.
    before = -1
    while before != len(found):
        before = len(found)
        for target, value in assigned:
            if gives(value):
                found.update(tree.names_written(target))
                if type(value) in _SEVERAL or (type(value) is gast.Call and _is_handed_maker(value, namespace)):
                    several.update(tree.names_written(target))
    return frozenset(found)


def _run_through(body: list[gast.AST], namespace: Mapping[str, Any]) -> set[str]:
    """Variables that are run through, whole or by an item or an attribute, or of which the next item is taken."""
    found: set[str] = set()
    for node in tree.every_statement(body):
        if type(node) is gast.Assign and any(type(target) in (gast.Tuple, gast.List) for target in node.targets):
            found.update(_roots([node.value]))
        for item in (part for own in tree.own_parts(node) for part in tree.walk(own)):
            kind = type(item)
            if kind is gast.Call and _takes_items(meaning(item.func, namespace)):
                found.update(_roots(item.args))
            elif kind is gast.Starred or kind is gast.comprehension:
                found.update(_roots([item.value if kind is gast.Starred else item.iter]))
            elif kind is gast.Compare and any(type(op) in (gast.In, gast.NotIn) for op in item.ops):
                found.update(_roots(item.comparators))
    return found


def _unsure(body: list[gast.AST], namespace: Mapping[str, Any]) -> set[str]:
    """Variables of what is given by calls of which nothing is known, or holds such a thing."""
    assigned = [node for node in tree.every_statement(body) if type(node) is gast.Assign]
    found: set[str] = set()

    def gives(value: gast.AST) -> bool:
        if type(value) is gast.Name:
            return value.id in found
        if type(value) is gast.Call:
            return _is_open(value, namespace)
        return type(value) in _HOLDING and any(map(gives, tree.children(value)))

    before = -1
    while before != len(found):
        before = len(found)
        for node in assigned:
            if gives(node.value):
                found.update(tree.names_written(node.targets))
    return found


def _takes_items(function: Any) -> bool:
    return any(function is taker for taker in _TAKING)


def _roots(args: Iterable[gast.AST]) -> Iterator[str]:
    for arg in args:
        while type(arg) in (gast.Subscript, gast.Attribute):
            arg = arg.value
        if type(arg) is gast.Name:
            yield arg.id


def _is_open(call: gast.Call, namespace: Mapping[str, Any]) -> bool:
    """Whether nothing is known of what a call gives: of a function or a class of the user's, or of a method."""
    function = meaning(call.func, namespace)
    if function is MISSING:
        return True
    if isinstance(function, BuiltinFunctionType):
        # Of Python's library, which may give a reader or a scanner.
        return _home(function) not in _OF_NUMBERS and registry.find(function) is None
    if not isinstance(function, (FunctionType, MethodType, functools.partial, type)):
        return False
    if isinstance(function, functools.partial) or getattr(builtins, function.__name__, None) is function:
        return isinstance(function, functools.partial)
    home = _home(function)
    return (home not in _OF_NUMBERS or home == "builtins") and registry.find(function) is None


def _home(function: Any) -> str:
    """The package of a function or a class; the empty text where it has none."""
    return (function.__module__ or "").partition(".")[0]


def _is_handed_maker(call: gast.Call, namespace: Mapping[str, Any]) -> bool:
    """Whether a call is given what makes iterators, perhaps one of each item: `list(map(iter, rows))`."""
    if any(type(arg) is gast.Name and _makes_iterators(namespace.get(arg.id)) for arg in call.args):
        return True
    return any(type(arg) is gast.Call and _is_handed_maker(arg, namespace) for arg in call.args)


def _may_make(value: Any) -> bool:
    """Whether a free name means something that makes iterators, or holds such a thing."""
    if isinstance(value, ModuleType):
        return value.__name__ == "builtins" or value.__name__.partition(".")[0] not in _OF_NUMBERS
    return _makes_iterators(value)


def _makes_iterators(function: Any) -> bool:
    if isinstance(function, type):
        return hasattr(function, "__next__")
    return is_one_of(function, _MAKERS) or inspect.isgeneratorfunction(function)


_SEVERAL = (gast.List, gast.Tuple, gast.Dict, gast.ListComp)
_OF_NUMBERS = frozenset(("builtins", "math", "cmath", "numpy", "scipy", "tangent_sct", "_operator", "operator"))
"""Modules whose functions, written in C, give no iterators that are not known."""
_YIELDS = (gast.Yield, gast.YieldFrom)
_MAKERS = (iter, open, itertools.tee, itertools.chain.from_iterable)
_TAKING = (sum, list, tuple, set, frozenset, dict, next, min, max, sorted, any, all, zip, map, filter, enumerate)
