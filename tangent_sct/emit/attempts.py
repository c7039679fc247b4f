"""`try` as a user writes it, in the place of the branches that stand for it while a program is transformed.

See `core.attempts`. The flag that tells whether a handler ran is written only where something reads it: the reverse
sweep does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted, is_attempt, is_caught
from tangent_sct.core.names import Names
from tangent_sct.core.unit import Unit
from tangent_sct.emit.refusals import Refusals


def with_tries(unit: Unit) -> Unit:
    """The unit with `try` in the place of branches that stand for it; the same unit where there are none."""
    function = unit.tree
    if not any(map(is_attempt, tree.every_statement(function.body))):
        return unit
    refusals = Refusals(unit)
    body = _Writer(function, refusals).block(function.body)
    new = tree.like(tree.function(function.name, function.args, body, function.returns), function)
    return replace(unit, tree=new, namespace=refusals.namespace)


@dataclass
class _Handler:
    """A handler: what it catches, under which name, and what it does."""

    type: gast.AST | None
    name: str | None
    body: list[gast.AST]


class _Writer:
    def __init__(self, function: gast.FunctionDef, refusals: Refusals) -> None:
        self.function = function
        self.refusals = refusals
        loads = (node.id for node in tree.walk(function) if _is_read(node))
        self.reads = Counter(loads)
        self.names = Names({node.id for node in tree.walk(function) if isinstance(node, gast.Name)})

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        """A block, rewritten at every depth."""
        output: list[gast.AST] = []
        rest = list(body)
        while rest:
            node = rest.pop(0)
            if is_attempt(node):
                place = next(i for i, other in enumerate(rest) if attempted(other) is not None)
                between, branch = rest[:place], rest[place]
                rest = rest[place + 1 :]
                rest = self.attempt(node, between, branch, rest, output)
            else:
                output.append(self.inside(node))
        return output

    def inside(self, node: gast.AST) -> gast.AST:
        """A statement, with its blocks rewritten."""
        if not isinstance(node, (gast.If, gast.For, gast.While, gast.With)):
            return node
        new = tree.shallow(node)
        new.body = self.block(node.body)
        if getattr(node, "orelse", None):
            new.orelse = self.block(node.orelse)
        return new

    def attempt(
        self, node: gast.Assign, between: list[gast.AST], branch: gast.If,
        rest: list[gast.AST], output: list[gast.AST],
    ) -> list[gast.AST]:  # fmt: skip
        """Write a `try`; what is left of the statements after it."""
        flag, types = node.targets[0].id, [None if tree.is_constant(t, None) else t for t in node.value.args]
        found = attempted(branch)
        assert found is not None
        tried, following, failed = found
        early = [statement for statement in between if flag not in tree.names_read(statement)]
        late = [statement for statement in between if flag in tree.names_read(statement)]
        output += map(self.inside, early)
        bodies = _told_apart(failed, flag, len(types))
        is_joined = not late and bodies is not None
        if bodies is None or not is_joined:
            bodies = [[] for _ in types]
        handlers = [self.handler(t, b) for t, b in zip(types, bodies, strict=True)]
        is_read = not is_joined or self.reads[flag] > len(types)
        body = self.block(tried[:-1]) or [gast.Pass()]
        if is_joined and not is_read and all(map(_hands_on, handlers)):
            output += [node for node in [*body, *self.block(following)] if not isinstance(node, gast.Pass)]
            return rest
        last = self.finally_(handlers, rest) if is_joined and not is_read else None
        if last is not None:
            new = gast.Try([*body, *self.block(following)], [], [], self.block(last))
            output.append(tree.like(new, branch))
            return rest[len(last) :]
        if is_read:
            number = 0 if len(types) > 1 else False
            output.append(tree.like(tree.assign(flag, tree.const(number)), node))
        for number, handler in enumerate(handlers, 1):
            if is_read:
                value = number if len(types) > 1 else True
                handler.body.insert(0, tree.like(tree.assign(flag, tree.const(value)), node))
            handler.body = handler.body or [tree.like(gast.Pass(), node)]
        written = [tree.like(gast.ExceptHandler(h.type, h.name, h.body), node) for h in handlers]
        if is_joined:
            new = gast.Try(body, self.refusals.spared(body, written), self.block(following), [])
            output.append(tree.like(new, branch))
            return rest
        return self.apart(node, branch, flag, body, written, late, rest, output)

    def apart(
        self, node: gast.AST, branch: gast.If, flag: str, body: list[gast.AST], handlers: list[gast.AST],
        late: list[gast.AST], rest: list[gast.AST], output: list[gast.AST],
    ) -> list[gast.AST]:  # fmt: skip
        """Handlers that only set the flag, and a branch after them."""
        found = attempted(branch)
        assert found is not None
        _, following, failed = found
        raised = self.names.fresh("raised")
        error = self.names.fresh("error")
        kept = False

        def change(item: gast.AST) -> gast.AST | None:
            nonlocal kept
            if is_caught(item):
                kept = True
                return tree.like(tree.assign(item.targets[0], tree.load(error)), item)
            if isinstance(item, gast.Raise) and item.exc is None:
                kept = True
                return tree.like(gast.Raise(tree.load(error), None), item)
            return None

        failed = [tree.rewrite(statement, change) for statement in failed]
        if kept:
            for handler in handlers:
                handler.name, handler.type = raised, _named_type(handler.type)
                handler.body.append(tree.like(tree.assign(error, tree.load(raised)), node))
        output.append(tree.like(gast.Try(body, self.refusals.spared(body, handlers), [], []), branch))
        output += map(self.inside, late)
        new = tree.if_(tree.load(flag), self.block(failed) or [gast.Pass()], self.block(following))
        output.append(tree.like(new, branch))
        return rest

    def handler(self, type_: gast.AST | None, body: list[gast.AST]) -> _Handler:
        """A handler with the name of what it catches, if it reads that."""
        name = None
        kept = [statement for statement in body if not is_caught(statement)]
        before: list[gast.AST] = []
        for statement in body:
            if is_caught(statement):
                name = statement.targets[0].id
                inside = Counter(n.id for s in kept for n in tree.walk(s) if _is_read(n))[name]
                if self.reads[name] > inside:
                    # It is read where Python has forgotten it.
                    raised = self.names.fresh("raised")
                    before = [tree.like(tree.assign(name, tree.load(raised)), statement)]
                    name = raised
                elif not inside:
                    name = None
        return _Handler(_named_type(type_) if name else type_, name, [*before, *self.block(kept)])

    def finally_(self, handlers: list[_Handler], rest: list[gast.AST]) -> list[gast.AST] | None:
        """The statements of a `finally`: run where an exception leaves, and else at the start of the rest."""
        (first, *others) = handlers
        if others or first.type is not None or not first.body:
            return None
        *last, leaving = first.body
        if not isinstance(leaving, gast.Raise) or leaving.exc is not None or not last:
            return None
        # A `try` in it is one statement there, and several in the rest.
        for count in range(len(last), len(rest) + 1):
            part = rest[:count]
            if sum(map(is_attempt, part)) != sum(attempted(node) is not None for node in part):
                continue
            made = self.block(part)
            if len(made) >= len(last):
                same = len(made) == len(last) and all(map(tree.same, made, last))
                return part if same else None
        return None


def _named_type(type_: gast.AST | None) -> gast.AST:
    """What a handler catches that gives it a name: one that catches all has to say so."""
    return tree.load("BaseException") if type_ is None else type_


def _hands_on(handler: _Handler) -> bool:
    """Whether a handler raises what it catches, and nothing else."""
    return len(handler.body) == 1 and isinstance(handler.body[0], gast.Raise) and handler.body[0].exc is None


def _is_read(node: gast.AST) -> bool:
    return isinstance(node, gast.Name) and isinstance(node.ctx, gast.Load)


def _told_apart(failed: list[gast.AST], flag: str, count: int) -> list[list[gast.AST]] | None:
    """The bodies of some handlers, which are chosen by the number of the flag; None where they are not that plain."""
    bodies: list[list[gast.AST]] = []
    for number in range(1, count):
        meaningful = [statement for statement in failed if not isinstance(statement, gast.Pass)]
        if len(meaningful) != 1 or not isinstance(meaningful[0], gast.If):
            return None
        (choice,) = meaningful
        expected = gast.Compare(tree.load(flag), [gast.Eq()], [tree.const(number)])
        if not tree.same(choice.test, expected):
            return None
        bodies.append(choice.body)
        failed = choice.orelse
    return [*bodies, [s for s in failed if not isinstance(s, gast.Pass)]]
