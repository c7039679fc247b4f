"""What generators do between the items that they give, and where they are run through.

A loop over a generator that only computes may be taken for a loop over a list that is computed in turn. One that also
writes, into an array or a list that it was given perhaps, does so between two rounds of the loop, where no statement
of the program stands.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any, Final

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.frontend.active import CHANGERS, KNOWN_METHODS
from tangent_sct.frontend.late import AT_ONCE
from tangent_sct.frontend.namespace import MISSING, is_library, meaning
from tangent_sct.frontend.rules import Lookup, writes_first
from tangent_sct.frontend.source import source_of_generator, tree_of
from tangent_sct.frontend.yields import own_nodes

_PLAIN_BUILTINS: Final = (
    abs, all, any, bool, complex, dict, divmod, enumerate, filter, float, frozenset, int, isinstance, len, list, map,
    max, min, pow, range, reversed, round, set, slice, sorted, str, sum, tuple, zip,
)  # fmt: skip
_COMPUTING: Final = ("numpy", "scipy", "math", "cmath", "itertools", "functools", "collections", "copy")


def may_write(
    node: gast.FunctionDef,
    lookup: Mapping[str, Any],
    met: tuple[Any, ...] = (),
    around: gast.FunctionDef | None = None,
) -> bool:
    """Whether a function may change more than variables of its own.

    Args:
        node: the function.
        lookup: what its free names mean.
        met: functions that are being looked at, and definitions of such.
        around: the function that it is defined in; None for none, or where that does not count.

    >>> lines = "def f(a, n):\\n    k = 0\\n    while k < n:\\n        yield a[k]\\n        k += 1"
    >>> may_write(tree.statements(lines)[0], {}), may_write(tree.statements(lines + "\\n        a[k] = 0")[0], {})
    (False, True)
    """
    counters = _counters(node)
    for item in own_nodes(node.body):
        if isinstance(item, (gast.Subscript, gast.Attribute)) and not isinstance(item.ctx, gast.Load):
            return True
        if isinstance(item, (gast.Delete, gast.Nonlocal, gast.Global)):
            return True
        if isinstance(item, gast.AugAssign) and not tree.is_one_of(item.target, counters):
            return True
        is_other = isinstance(item, gast.Call) and not tree.is_name(item.func, node.name)
        if is_other and _may_write_inside(item, lookup, around, met):
            return True
    return False


def any_writes(nodes: Iterable[gast.AST], lookup: Mapping[str, Any], around: gast.FunctionDef) -> bool:
    """Whether expressions may call what writes.

    Args:
        nodes: the expressions.
        lookup: what free names mean.
        around: the function that they stand in, which may define functions inside.

    >>> import numpy as np
    >>> around = tree.statements("def f(a):\\n    g = lambda b: b * b\\n    return g(a)")[0]
    >>> nodes = [tree.expression("np.put(a, 0, 1)"), tree.expression("g(a).sum()")]
    >>> any_writes(nodes, {"np": np}, around), any_writes(nodes[1:], {}, around)
    (True, False)
    """
    calls = (item for node in nodes for item in tree.walk(node) if isinstance(item, gast.Call))
    return any(_may_write_inside(call, lookup, around, ()) for call in calls)


def _may_write_inside(
    call: gast.Call, lookup: Mapping[str, Any], around: gast.FunctionDef | None, met: tuple[Any, ...]
) -> bool:
    """Whether a call may write, of a function defined inside perhaps."""
    is_named = around is not None and isinstance(call.func, gast.Name)
    if around is None or not is_named or call.func.id not in tree.names_written(around.body):
        return _call_may_write(call, lookup, met)
    name = call.func.id
    for statement in tree.every_statement(around.body):
        if name not in tree.names_written(tree.own_parts(statement)):
            continue
        value = statement.value if isinstance(statement, gast.Assign) else None
        inner = statement
        if isinstance(value, gast.Lambda):
            inner = tree.function(name, value.args, [tree.return_(value.body)])
        if any(statement is definition for definition in met):
            continue
        if not isinstance(inner, gast.FunctionDef) or inner.decorator_list:
            return True
        if may_write(inner, lookup, (*met, statement), around):
            return True
    return False


def _counters(node: gast.FunctionDef) -> set[str]:
    """Variables that begin as literals, so that `k += 1` gives them another value and writes nowhere."""
    found: dict[str, bool] = dict.fromkeys(tree.parameter_names(node), False)
    for statement in tree.every_statement(node.body):
        is_plain = isinstance(statement, gast.Assign) and isinstance(statement.value, gast.Constant)
        if not isinstance(statement, gast.AugAssign):
            for name in tree.names_written(tree.own_parts(statement)):
                found[name] = found.get(name, True) and is_plain
    return {name for name, is_counter in found.items() if is_counter}


def library_may_write(call: gast.Call, found: Any) -> bool:
    """Whether a call of a library's function may write into its arguments.

    >>> call = tree.expression("f(x, y)")
    >>> import heapq, math
    >>> library_may_write(call, math.hypot), library_may_write(call, heapq.heappush)
    (False, True)
    """
    if any(found is plain for plain in _PLAIN_BUILTINS):
        return False
    module = getattr(found, "__module__", None) or getattr(type(found), "__module__", None) or ""
    if module.partition(".")[0] not in _COMPUTING or "random" in module:
        return True
    places = (keyword.arg is None or keyword.arg == "out" or "overwrite" in keyword.arg for keyword in call.keywords)
    return writes_first(found) or any(places)


def _call_may_write(call: gast.Call, lookup: Mapping[str, Any], met: tuple[Any, ...]) -> bool:
    found = meaning(call.func, lookup)
    if found is MISSING:
        method = call.func.attr if isinstance(call.func, gast.Attribute) else ""
        return method not in KNOWN_METHODS or method in CHANGERS
    if any(found is function for function in met):
        return False
    if not isinstance(found, FunctionType) or is_library(found.__module__):
        return library_may_write(call, found)
    try:
        source = source_of_generator(found)
    except UnsupportedError:
        return True
    return may_write(tree_of(source), Lookup(source), (*met, found))


def generator_may_write(node: gast.AST, known: Callable[[gast.AST], Any]) -> bool:
    """Whether an expression calls a generator that may change what it gave before.

    Args:
        node: the expression.
        known: the object that an expression means.
    """
    for item in tree.walk(node):
        found = known(item.func) if isinstance(item, gast.Call) else None
        if not isinstance(found, FunctionType) or not inspect.isgeneratorfunction(found):
            continue
        source = source_of_generator(found)
        if may_write(tree_of(source), Lookup(source)):
            return True
    return False


@dataclass
class Runs:
    """How the generators that a function calls are run through.

    Attributes:
        users: by the identity of a call, what is read where the items are used.
        direct: calls that a `for` loop runs through, alone or numbered by `enumerate`.
        lazy: calls that a loop or a comprehension runs through, whatever stands between.
    """

    users: dict[int, list[str]] = field(default_factory=dict)
    direct: set[int] = field(default_factory=set)
    lazy: set[int] = field(default_factory=set)


def runs_of(function: gast.FunctionDef) -> Runs:
    """How what a function calls is run through.

    >>> runs = runs_of(tree.statements("def f(x):\\n    for v in zip(g(1), list(g(2))): x = x * v")[0])
    >>> len(runs.direct), len(runs.lazy)
    (1, 3)
    """
    runs = Runs()
    kept: dict[str, list[gast.AST]] = {}
    for node in tree.every_statement(function.body):
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            kept.setdefault(node.targets[0].id, []).append(node.value)
    for node in (item for statement in function.body for item in tree.walk(statement)):
        if isinstance(node, gast.For):
            numbered = isinstance(node.iter, gast.Call) and tree.is_name(node.iter.func, "enumerate")
            runs.direct.update(map(id, [node.iter, *(node.iter.args[:1] if numbered else [])]))
            _note(runs, node.iter, tree.names_read(node.body), kept)
        elif isinstance(node, tree.COMPREHENSIONS):
            for generator in node.generators:
                _note(runs, generator.iter, tree.names_read(node), kept)
    return runs


def _note(runs: Runs, iterable: gast.AST, names: list[str], kept: Mapping[str, list[gast.AST]]) -> None:
    """Note what is run through, with what is read beside its items."""
    for item in tree.walk(iterable):
        runs.users.setdefault(id(item), []).extend(names)
    for call in _in_turn(iterable, kept, ()):
        runs.lazy.add(id(call))
        runs.users.setdefault(id(call), []).extend(names)


def _in_turn(iterable: gast.AST, kept: Mapping[str, list[gast.AST]], met: tuple[str, ...]) -> Iterator[gast.Call]:
    """The calls that give items when a loop asks for them, under names too."""
    if isinstance(iterable, gast.Name) and iterable.id not in met:
        for value in kept.get(iterable.id, ()):
            yield from _in_turn(value, kept, (*met, iterable.id))
    elif isinstance(iterable, gast.Call):
        yield iterable
        if not tree.is_one_of(iterable.func, AT_ONCE):
            for argument in iterable.args:
                yield from _in_turn(argument, kept, met)
