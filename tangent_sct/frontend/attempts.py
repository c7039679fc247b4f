"""`try` as branches: see `core.attempts`.

Requires: a body with one way out, in which each `try` to be differentiated has the mark `followed`. Produces: the
same with branches in the place of these.

What a failure leaves behind must not depend on how far the statements came. Where a function has been refused for
that, it is read once more by steps: see `frontend.steps`.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempt, caught, settled
from tangent_sct.core.names import Names
from tangent_sct.frontend.steps import Stepping, is_followed, reads_of

Transparency = Callable[[gast.AST], bool]


def attempts_as_branches(
    body: list[gast.AST],
    names: Names,
    by_steps: bool = False,
    is_transparent: Transparency = lambda context: False,
) -> list[gast.AST]:
    """Rewrite every `try` that is to be differentiated.

    A `finally` is run where an exception leaves, which is then raised again, and else after the rest: an exception
    that nobody catches needs no derivative.

    Args:
        body: the statements; not modified.
        names: gives out the names of flags.
        by_steps: whether they are cut where something is left half done.
        is_transparent: whether a context manager surely lets every exception pass.

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
    return _Rewriting(names, body, by_steps, is_transparent).block(body)


class _Rewriting:
    def __init__(self, names: Names, body: list[gast.AST], by_steps: bool, is_transparent: Transparency) -> None:
        self.names = names
        self.stepping = Stepping(names, reads_of(body), is_transparent, self.block) if by_steps else None
        self.loops = 0

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        """A block, rewritten at every depth."""
        output: list[gast.AST] = []
        for node in body:
            if is_followed(node):
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
        if self.stepping is not None and self.stepping.is_needed(node, self.loops > 0):
            return self.stepping.attempt(node, self.loops > 0)
        tried, orelse = self.block(node.body), self.block(node.orelse)
        if node.handlers:
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
