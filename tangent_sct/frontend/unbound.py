"""Variables that may have no value when a `try` reads them, whose handlers would catch that; refused.

    try:
        if started: ...
    except NameError:
        started = True

A variable without a value is None in a derivative, and reading it raises nothing. Requires: a function as parsed.
"""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Source
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.frontend.rules import Lookup
from tangent_sct.frontend.source import origin_of_node

_Bound: TypeAlias = frozenset[str] | None
"""The variables that surely have a value at a place; None where a program never comes to."""


def refuse_unbound(function: gast.FunctionDef, source: Source) -> None:
    """Refuse a `try` that catches that a variable has no value.

    Raises:
        UnsupportedError: naming the variable.
    """
    if source.file.startswith("<tangent_sct"):
        # The program that it was written for has been asked.
        return
    if any(isinstance(node, (gast.Try, gast.With)) for node in tree.every_statement(function.body)):
        worker = _Reading(function, source)
        worker.block(function.body, frozenset(tree.parameter_names(function)) - worker.deleted)


class _Reading:
    def __init__(self, function: gast.FunctionDef, source: Source) -> None:
        self.source = source
        self.lookup = Lookup(source)
        self.local = {*tree.parameter_names(function), *tree.names_written(function.body)}
        self.local -= set(tree.declared_outside(function))
        # They may lose their values again.
        self.deleted = {
            name for node in tree.every_statement(function.body) if isinstance(node, gast.Delete)
            for target in node.targets if isinstance(target, gast.Name) for name in [target.id]
        }  # fmt: skip
        self.tries = 0
        self.breaks: list[list[_Bound]] = []

    def block(self, body: list[gast.AST], bound: _Bound) -> _Bound:
        """What has a value after a block; what is read where it may have none is refused."""
        for node in body:
            if bound is not None:
                bound = self.statement(node, bound)
        return bound

    def statement(self, node: gast.AST, bound: frozenset[str]) -> _Bound:
        if isinstance(node, tree.SCOPES):
            return bound | {node.name}
        for part in tree.own_parts(node) if not isinstance(node, (gast.Try, gast.Match)) else ():
            self.check(part, bound)
        if isinstance(node, gast.If):
            bound = self.with_new(node.test, bound)
            return _both(self.block(node.body, bound), self.block(node.orelse, bound))
        if isinstance(node, (gast.For, gast.While)):
            return self.loop(node, bound)
        if isinstance(node, gast.With):
            return self.with_(node, bound)
        if isinstance(node, gast.Try):
            return self.try_(node, bound)
        if isinstance(node, gast.Match):
            self.check(node.subject, bound)
            bound = self.with_new(node.subject, bound)
            after: _Bound = bound
            for case in node.cases:
                inside = self.having(bound, tree.names_written(case.pattern))
                after = _both(after, self.block(case.body, inside))
            return after
        if isinstance(node, gast.Break):
            self.breaks[-1].append(bound)
        if isinstance(node, (gast.Break, gast.Continue, gast.Return, gast.Raise)):
            return None
        return self.with_new(node, bound)

    def loop(self, node: gast.For | gast.While, bound: frozenset[str]) -> _Bound:
        is_endless = isinstance(node, gast.While) and isinstance(node.test, gast.Constant) and bool(node.test.value)
        # What an iteration before has assigned may be missing in the first one.
        inside = self.with_new(node.iter if isinstance(node, gast.For) else node.test, bound)
        if isinstance(node, gast.For):
            inside = self.having(inside, tree.names_written(node.target))
        self.breaks.append([])
        self.block(node.body, inside)
        left = self.breaks.pop()
        after = None if is_endless else self.block(node.orelse, bound)
        for one in left:
            after = _both(after, one)
        return after

    def with_(self, node: gast.With, bound: frozenset[str]) -> _Bound:
        targets = [item.optional_vars for item in node.items if item.optional_vars is not None]
        inside = self.having(bound, tree.names_written(targets))
        calls = [item.context_expr for item in node.items if isinstance(item.context_expr, gast.Call)]
        caught = [c.args for c in calls if meaning(c.func, _given(c.func, self.lookup)) is contextlib.suppress]
        if not caught:
            return self.block(node.body, inside)
        catches = any(self.catches(error) for errors in caught for error in errors)
        self.tries += catches
        after = self.block(node.body, inside)
        self.tries -= catches
        return _both(after, bound)

    def try_(self, node: gast.Try, bound: frozenset[str]) -> _Bound:
        catches = any(self.catches(handler.type) for handler in node.handlers)
        self.tries += catches
        after = self.block(node.body, bound)
        self.tries -= catches
        if after is not None:
            after = self.block(node.orelse, after)
        for handler in node.handlers:
            inside = bound if handler.name is None else self.having(bound, [str(handler.name)])
            end = self.block(handler.body, inside)
            if end is not None and handler.name is not None:
                end -= {str(handler.name)}
            after = _both(after, end)
        last = self.block(node.finalbody, bound)
        return None if after is None or last is None else after | last

    def catches(self, caught: gast.AST | None) -> bool:
        """Whether a handler catches that a variable has no value."""
        if caught is None:
            return True
        if isinstance(caught, gast.Tuple):
            return any(map(self.catches, caught.elts))
        found = meaning(caught, {**vars(builtins), **_given(caught, self.lookup)})
        return isinstance(found, type) and issubclass(UnboundLocalError, found)

    def with_new(self, node: gast.AST, bound: frozenset[str]) -> frozenset[str]:
        """With what a simple statement or an expression surely assigns."""
        return self.having(bound, _assigned(node))

    def having(self, bound: frozenset[str], names: Iterable[str]) -> frozenset[str]:
        return bound.union(names) - self.deleted

    def check(self, node: gast.AST, bound: frozenset[str]) -> None:
        """Refuse what is read here though it may have no value, and would be told by an exception."""
        if not self.tries:
            return
        new = set(tree.names_written(node)) if isinstance(node, gast.expr) else set()
        for name in _read_at_once(node):
            if name in self.local and name not in bound and name not in new:
                raise UnsupportedError(
                    f"`{name}` may have no value here, and a handler around would catch the exception that tells it",
                    origin_of_node(self.source, node),
                    "give it a value first, None for instance, and test for that",
                )


def _given(node: gast.AST, lookup: Lookup) -> dict[str, object]:
    """What the first name of a dotted one means in the program."""
    first = (tree.dotted_name(node) or "").partition(".")[0]
    found = lookup.get(first, MISSING)
    return {} if found is MISSING else {first: found}


def _both(one: _Bound, other: _Bound) -> _Bound:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _assigned(node: gast.AST) -> Iterator[str]:
    """Names that a simple statement or an expression surely assigns."""
    if isinstance(node, (gast.BoolOp, gast.IfExp)):
        yield from _assigned(node.values[0] if isinstance(node, gast.BoolOp) else node.test)
    elif isinstance(node, (gast.Lambda, *tree.COMPREHENSIONS)):
        return
    elif isinstance(node, gast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, gast.Name):
        if isinstance(node.ctx, gast.Store):
            yield node.id
    else:
        for child in tree.children(node):
            yield from _assigned(child)


def _read_at_once(node: gast.AST) -> Iterator[str]:
    """Names that are read where a statement or an expression is run, not in functions that it makes."""
    if isinstance(node, gast.Name):
        if isinstance(node.ctx, gast.Load):
            yield node.id
    elif isinstance(node, (gast.Lambda, *tree.COMPREHENSIONS)):
        for part in tree.outside_parts(node):
            yield from _read_at_once(part)
    else:
        if isinstance(node, gast.AugAssign):
            yield from tree.names_read(tree.with_context(node.target, gast.Load()))
        for child in tree.children(node):
            yield from _read_at_once(child)
