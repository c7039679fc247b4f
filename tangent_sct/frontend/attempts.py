"""`try` as branches: see `core.attempts`.

Requires: a body with one way out, in which each `try` to be differentiated has the mark `followed`. Produces: the
same with branches in the place of these.

What a failure leaves behind must not depend on how far the statements came. Where a function has been refused for
that, it is read once more by steps: behind what is assigned and seen later, the rest is a `try` of its own.

    try:                          try:
        y = f(x)                      y = f(x)
        z = g(y)                  except ValueError:
    except ValueError:                failed = True
        z = y                     else:
                                      try:
                                          z = g(y)
                                      except ValueError:
                                          failed = True
                                      else:
                                          failed = False
                                  if failed:
                                      z = y
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import copy

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempt, bound_by, caught, exposed, settled
from tangent_sct.core.names import Names
from tangent_sct.frontend.active import root_name


def attempts_as_branches(body: list[gast.AST], names: Names, by_steps: bool = False) -> list[gast.AST]:
    """Rewrite every `try` that is to be differentiated.

    A `finally` is run where an exception leaves, which is then raised again, and else after the rest: an exception
    that nobody catches needs no derivative.

    Args:
        body: the statements; not modified.
        names: gives out the names of flags.
        by_steps: whether they are cut where something is left half done.

    >>> body = tree.statements("try:\\n    y = 1 / x\\nexcept ZeroDivisionError:\\n    y = x")
    >>> body[0].followed = True
    >>> print(tree.text(attempts_as_branches(body, Names())))
    failed = try(ZeroDivisionError)
    if failed:
        y = x
    else:
        y = 1 / x
        else()
    """
    return _Rewriting(names, body, by_steps).block(body)


def _reads(body: Iterable[gast.AST]) -> Counter[str]:
    """How often each name is read."""
    every = (item for node in body for item in tree.walk(node))
    return Counter(n.id for n in every if isinstance(n, gast.Name) and isinstance(n.ctx, gast.Load))


class _Rewriting:
    def __init__(self, names: Names, body: list[gast.AST], by_steps: bool) -> None:
        self.names = names
        self.by_steps = by_steps
        self.reads = _reads(body)
        self.loops = 0

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        """A block, rewritten at every depth."""
        output: list[gast.AST] = []
        for node in body:
            if getattr(node, "followed", False):
                output += self.attempt(node)
            elif isinstance(node, (gast.If, gast.For, gast.While, gast.With)):
                new = copy(node)
                is_loop = isinstance(node, (gast.For, gast.While))
                self.loops += is_loop
                new.body = self.block(node.body)
                self.loops -= is_loop
                if getattr(node, "orelse", None):
                    new.orelse = self.block(node.orelse)
                output.append(new)
            else:
                output.append(node)
        return output

    def attempt(self, node: gast.Try) -> list[gast.AST]:
        """The statements for a `try`."""
        parts = self.parts(node)
        tried, orelse = self.block(node.body), self.block(node.orelse)
        if len(parts) > 1:
            tried = self.stepwise(node, parts, orelse)
        elif node.handlers:
            types = [tree.const(None) if h.type is None else h.type for h in node.handlers]
            flag = self.names.fresh("failed")
            handlers = self.handlers(node.handlers, 1, flag)
            tried = self.branch(node, flag, types, handlers, [*tried, settled(), *orelse])
        else:
            tried = [*tried, *orelse]
        if not node.finalbody:
            return tried
        last = self.block(node.finalbody)
        leaving = [*map(tree.copy, last), gast.Raise(None, None)]
        flag = self.names.fresh("failed")
        return [*self.branch(node, flag, [tree.const(None)], leaving, [*tried, settled()]), *last]

    def parts(self, node: gast.Try) -> list[list[gast.AST]]:
        """What is tried, cut behind each statement whose effect is seen later, though what follows it may fail."""
        ends = {id(statement) for statement in exposed(node.body)[0]}
        raises = any(isinstance(n, gast.Raise) and n.exc is None for h in node.handlers for n in tree.walk(h))
        if not (self.by_steps and ends and node.handlers) or raises or any(h.name for h in node.handlers):
            return [node.body]
        inside = _reads(node.body)
        seen = {name for name, count in self.reads.items() if self.loops or count > inside[name]}
        own = set(tree.names_written(node.body)) - seen
        parts: list[list[gast.AST]] = [[]]
        for statement in node.body:
            parts[-1].append(statement)
            if id(statement) in ends and _leaves_something(statement, seen, own):
                parts.append([])
        return parts

    def stepwise(self, node: gast.Try, parts: list[list[gast.AST]], orelse: list[gast.AST]) -> list[gast.AST]:
        """A `try` for each part, inside the one before, and then the handlers."""
        count = len(node.handlers)
        flag = self.names.fresh("failed")
        types = [tree.const(None) if h.type is None else h.type for h in node.handlers]
        block = [tree.assign(flag, tree.const(False if count == 1 else 0))]
        for part in reversed(parts):
            told = self.names.fresh("failed")
            numbers = [True] if count == 1 else range(1, count + 1)
            notes = [gast.ExceptHandler(None, None, [_note(flag, n, node)]) for n in numbers]
            tried = [*self.block(part), settled(), *block]
            block = self.branch(node, told, [*map(tree.copy, types)], self.handlers(notes, 1, told), tried)
        handled = tree.if_(tree.load(flag), self.handlers(node.handlers, 1, flag), orelse)
        return [*block, tree.like(handled, node)]

    def branch(
        self, node: gast.Try, flag: str, types: list[gast.AST], handlers: list[gast.AST], tried: list[gast.AST]
    ) -> list[gast.AST]:
        """The foretelling, and the branch that it decides."""
        for statement in (*handlers, *tried):
            if not hasattr(statement, "origin"):
                tree.like(statement, node)
        statements = [attempt(flag, types), tree.if_(tree.load(flag), handlers, tried)]
        return [tree.like(statement, node) for statement in statements]

    def handlers(self, handlers: list[gast.AST], number: int, flag: str) -> list[gast.AST]:
        """The handlers from a certain one on, chosen by its number."""
        first, *others = handlers
        body = self.block(first.body)
        if first.name is not None:
            body.insert(0, tree.like(caught(first.name), first.body[0]))
        if not others:
            return body
        test = gast.Compare(tree.load(flag), [gast.Eq()], [tree.const(number)])
        return [tree.like(tree.if_(test, body, self.handlers(others, number + 1, flag)), first.body[0])]


def _note(flag: str, number: int, node: gast.AST) -> gast.AST:
    """The assignment that says which handler is needed."""
    return tree.like(tree.assign(flag, tree.const(number)), node)


def _leaves_something(statement: gast.AST, seen: set[str], own: set[str]) -> bool:
    """Whether a statement binds a name that is seen later, or may write into what the `try` has not made."""
    if isinstance(statement, (gast.Assign, gast.AugAssign)):
        targets = statement.targets if isinstance(statement, gast.Assign) else [statement.target]
        names = [target for target in targets if isinstance(target, gast.Name)]
        if len(names) == len(targets) and isinstance(statement, gast.Assign):
            return not seen.isdisjoint(bound_by(statement))
        return any(root_name(target) not in own for target in targets)
    return isinstance(statement, gast.Expr) and not seen.isdisjoint(tree.names_read(statement))
