"""A `try` by steps: what a failure leaves behind, and how far the statements came.

Requires: as `frontend.attempts`. Produces: statements, in which each `try` guards one step, that is, statements of
which only the last one leaves something that is seen later. A failure is noted, what follows it is skipped, and the
handlers are run after that. So a failure is to a `try` what `break` is to a loop.

    try:                          failed = False
        for k in range(3):        for k in range(3):
            y[k] = f(x[k])            try:
        z = g(y)                          y[k] = f(x[k])
    except ValueError:                except ValueError:
        z = y                             failed = True
                                      if failed:
                                          break
                                  if not failed:
                                      try:
                                          z = g(y)
                                      except ValueError:
                                          failed = True
                                  if failed:
                                      z = y

The statements of a `try` in a `try` wait for the handlers of both. A `finally` is a handler for everything, whose
statements are run in any case, and then the exception is raised again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempt, bound_by, caught, exposed, settled
from tangent_sct.core.names import Names
from tangent_sct.frontend.active import root_name


@dataclass(frozen=True)
class _Catcher:
    """Handlers, and how they are told of a failure.

    Attributes:
        flag: the name that gets the number of the handler that is needed; True where there is one.
        types: what they catch; a type that is None catches all.
        error: the name that gets the exception, None where no handler asks for it.
        is_last: whether it is a `finally`, after which the exception is raised again.
    """

    flag: str
    types: tuple[gast.AST, ...]
    error: str | None
    is_last: bool = False

    def notes(self, number: int) -> list[gast.AST]:
        """What says that a handler is needed."""
        said = tree.assign(self.flag, tree.const(True if len(self.types) == 1 else number))
        return [said] if self.error is None else [caught(self.error), said]

    def start(self) -> gast.AST:
        """What says that none is."""
        return tree.assign(self.flag, tree.const(False if len(self.types) == 1 else 0))


@dataclass(frozen=True)
class _Region:
    """Statements whose failures the same handlers wait for.

    Attributes:
        catchers: these, the innermost first.
        seen: names that are read elsewhere, so perhaps after a failure.
        own: names that are written here and read nowhere else.
    """

    catchers: tuple[_Catcher, ...]
    seen: frozenset[str]
    own: frozenset[str]


class Stepping:
    """Rewrites tries by steps.

    Args:
        names: gives out the names of flags.
        reads: how often the function reads each name.
        is_transparent: whether a context manager surely lets every exception pass.
        outside: rewrites a block of which no handler here sees the failures.
    """

    def __init__(
        self,
        names: Names,
        reads: Counter[str],
        is_transparent: Callable[[gast.AST], bool],
        outside: Callable[[list[gast.AST]], list[gast.AST]],
    ) -> None:
        self.names = names
        self.reads = reads
        self.is_transparent = is_transparent
        self.outside = outside
        self.loops = 0

    # -- what needs it ------------------------------------------------------------------------

    def is_needed(self, node: gast.Try, in_loop: bool) -> bool:
        """Whether a `try` leaves something half done, or holds what cannot be differentiated inside of one."""
        self.loops = int(in_loop)
        blocks = [node.body]
        if node.finalbody:
            blocks += [node.orelse, *(handler.body for handler in node.handlers)]
        return any(self.is_cut(block, self.region(block, ())) for block in blocks)

    def region(self, block: list[gast.AST], catchers: tuple[_Catcher, ...]) -> _Region:
        """A block as a region of its own."""
        inside = reads_of(block)
        seen = frozenset(name for name, count in self.reads.items() if self.loops or count > inside[name])
        return _Region(catchers, seen, frozenset(tree.names_written(block)) - seen)

    def is_cut(self, block: list[gast.AST], region: _Region) -> bool:
        """Whether a block is more than one step."""
        left = any(_leaves_something(statement, region) for statement in exposed(block)[0])
        return left or any(self.is_opened(statement, region) for statement in block)

    def is_opened(self, node: gast.AST, region: _Region) -> bool:
        """Whether a compound statement is rewritten inside."""
        if is_followed(node):
            return True
        if not isinstance(node, tuple(tree.COMPOUND)) or not self.can_be_opened(node) or not exposed([node])[1]:
            return False
        if any(isinstance(n, (gast.For, gast.While)) or is_followed(n) for n in tree.every_statement([node])):
            return True
        if any(_leaves_something(statement, region) for statement in exposed([node])[0]):
            return True
        # What is recorded in a loop must not be recorded where it may have failed.
        simple = (n for n in tree.every_statement([node]) if not tree.inner_blocks(n))
        return self.loops > 0 and any(not isinstance(n, (gast.Raise, gast.Pass)) for n in simple)

    def can_be_opened(self, node: gast.AST) -> bool:
        """Whether what a compound statement does between its blocks cannot fail, or gets a name of its own."""
        if isinstance(node, gast.For):
            return _is_calm_sequence(node.iter) or _is_made_at_once(node.iter)
        if isinstance(node, gast.With):
            contexts = [item.context_expr for item in node.items]
            return all(map(self.is_transparent, contexts)) and all(map(_has_constants, contexts))
        return True

    # -- rewriting ----------------------------------------------------------------------------

    def attempt(self, node: gast.Try, in_loop: bool) -> list[gast.AST]:
        """The statements for a `try` of which no handler around sees the failures."""
        self.loops = int(in_loop)
        return _alike(self.try_(node, ()), node)

    def try_(self, node: gast.Try, around: tuple[_Catcher, ...]) -> list[gast.AST]:
        """The statements for a `try`."""
        first, last = self.catcher(node), self.last(node)
        outer = around if last is None else (last, *around)
        output = [catcher.start() for catcher in (first, last) if catcher is not None]
        output += self.whole(node.body, outer if first is None else (first, *outer))
        orelse = self.guarded(self.whole(node.orelse, outer), outer)
        if first is None:
            output += orelse
        else:
            bodies = [self.whole(_told(handler, first.error), outer) for handler in node.handlers]
            output.append(tree.if_(tree.load(first.flag), _chosen(first.flag, bodies), orelse))
        if last is None:
            return output
        assert last.error is not None
        raised = tree.if_(tree.load(last.flag), [gast.Raise(tree.load(last.error), None)])
        return [*output, *self.whole([*node.finalbody, raised], around)]

    def catcher(self, node: gast.Try) -> _Catcher | None:
        """The handlers of a `try`."""
        if not node.handlers:
            return None
        types = tuple(tree.const(None) if h.type is None else h.type for h in node.handlers)
        asks = any(h.name or any(map(_hands_on, tree.every_statement(h.body))) for h in node.handlers)
        return _Catcher(self.names.fresh("failed"), types, self.names.fresh("error") if asks else None)

    def last(self, node: gast.Try) -> _Catcher | None:
        """Its `finally`, as a handler."""
        if not node.finalbody:
            return None
        return _Catcher(self.names.fresh("failed"), (tree.const(None),), self.names.fresh("error"), True)

    def whole(self, block: list[gast.AST], catchers: tuple[_Catcher, ...]) -> list[gast.AST]:
        """A block whose failures some handlers wait for."""
        return self.steps(block, self.region(block, catchers)) if catchers else self.outside(block)

    def guarded(self, block: list[gast.AST], catchers: Iterable[_Catcher]) -> list[gast.AST]:
        """A block that is run where nothing has failed."""
        flags = [tree.load(catcher.flag) for catcher in catchers]
        if not block or not flags:
            return block
        return [tree.if_(gast.UnaryOp(gast.Not(), _any(flags)), block)]

    def steps(self, block: list[gast.AST], region: _Region) -> list[gast.AST]:
        """A block, each step of which is a `try`, inside the one before."""
        part: list[gast.AST] = []
        for place, statement in enumerate(block):
            rest = block[place + 1 :]
            if self.is_opened(statement, region):
                opened = self.opened(statement, part, region)
                following = [*opened, *self.guarded(self.steps(rest, region), region.catchers)]
                return self.step(part, region, following)
            part.append(statement)
            inside = tree.every_statement([statement])
            if exposed(rest)[1] and any(_leaves_something(inner, region) for inner in inside):
                return self.step(part, region, self.steps(rest, region))
        return self.step(part, region, [])

    def step(self, part: list[gast.AST], region: _Region, following: list[gast.AST]) -> list[gast.AST]:
        """One `try`, and what follows where it has not failed."""
        if not exposed(part)[1]:
            return [*part, *following]
        types: list[gast.AST] = []
        notes: list[list[gast.AST]] = []
        for catcher in region.catchers:
            for number, type_ in enumerate(catcher.types, 1):
                types.append(tree.copy(type_))
                notes.append(catcher.notes(number))
            if any(tree.is_constant(type_, None) for type_ in catcher.types):
                break
        told = self.names.fresh("failed")
        branch = tree.if_(tree.load(told), _chosen(told, notes), [*part, settled(), *following])
        # Where all that comes of a failure is an exception, no derivative asks what is left half done.
        branch.of_finally = region.catchers[0].is_last
        return [attempt(told, types), branch]

    def opened(self, node: gast.AST, part: list[gast.AST], region: _Region) -> list[gast.AST]:
        """A compound statement by steps; what it evaluates before its blocks run joins the part before it."""
        if is_followed(node):
            return _alike(self.try_(node, region.catchers), node)
        new = copy(node)
        if isinstance(node, gast.While):
            return self.while_(node, part, region)
        if isinstance(node, gast.For):
            if not _is_calm_sequence(node.iter):
                new.iter = self.named(node.iter, part, "items", node)
            return [self.loop(new, node.body, region)]
        if isinstance(node, gast.If):
            new.test = self.test(node, part, region)
            new.orelse = self.steps(node.orelse, region)
        new.body = self.steps(node.body, region) or [gast.Pass()]
        return [new]

    def while_(self, node: gast.While, part: list[gast.AST], region: _Region) -> list[gast.AST]:
        """A `while`, whose test is a step of every iteration."""
        if _is_calm(node.test, region.catchers):
            return [self.loop(copy(node), node.body, region)]
        name = self.named(node.test, part, "going", node).id
        again = tree.like(tree.assign(name, tree.copy(node.test)), node)
        *body, last = node.body
        if not tree.is_exit(last):
            body = [*node.body, again]
        else:
            stays = gast.UnaryOp(gast.Not(), tree.copy(last.test))
            body = [*body, tree.like(tree.if_(stays, [again]), node), last]
        return [self.loop(tree.like(tree.while_(tree.load(name), []), node), body, region)]

    def loop(self, new: gast.For | gast.While, body: list[gast.AST], region: _Region) -> gast.AST:
        """A loop that is left where something fails."""
        flags = [tree.load(catcher.flag) for catcher in region.catchers]
        if body and tree.is_exit(body[-1]):
            flags.append(tree.copy(body[-1].test))
            body = body[:-1]
        self.loops += 1
        new.body = [*self.steps(body, region), tree.if_(_any(flags), [gast.Break()])]
        self.loops -= 1
        return new

    def test(self, node: gast.If, part: list[gast.AST], region: _Region) -> gast.AST:
        """The test of an `if`; where it may fail, its value, which gets a name in the part before."""
        if _is_calm(node.test, region.catchers):
            return node.test
        return self.named(node.test, part, "test", node)

    def named(self, value: gast.AST, part: list[gast.AST], base: str, node: gast.AST) -> gast.AST:
        """A name for a value, which it gets in the part before a statement."""
        name = self.names.fresh(base)
        part.append(tree.like(tree.assign(name, value), node))
        return tree.load(name)


def is_followed(node: gast.AST) -> bool:
    """Whether a statement is a `try` that is to be differentiated."""
    return bool(getattr(node, "followed", False))


def reads_of(body: Iterable[gast.AST]) -> Counter[str]:
    """How often each name is read."""
    found: Counter[str] = Counter()
    for node in (item for statement in body for item in tree.walk(statement)):
        if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
            found[node.target.id] += 1
        elif isinstance(node, gast.Name) and isinstance(node.ctx, gast.Load):
            found[node.id] += 1
    return found


def _leaves_something(statement: gast.AST, region: _Region) -> bool:
    """Whether a statement binds a name that is seen later, or may write into what the region has not made."""
    if isinstance(statement, (gast.Assign, gast.AugAssign)):
        targets = statement.targets if isinstance(statement, gast.Assign) else [statement.target]
        names = [target for target in targets if isinstance(target, gast.Name)]
        if len(names) == len(targets) and isinstance(statement, gast.Assign):
            return not region.seen.isdisjoint(bound_by(statement))
        return any(root_name(target) not in region.own for target in targets)
    if isinstance(statement, (gast.For, gast.With)):
        return not region.seen.isdisjoint(bound_by(statement))
    return isinstance(statement, gast.Expr) and not region.seen.isdisjoint(tree.names_read(statement))


def _told(handler: gast.ExceptHandler, error: str | None) -> list[gast.AST]:
    """The body of a handler that is run after the `try`."""

    def change(node: gast.AST) -> gast.AST | None:
        if error is None or not _hands_on(node):
            return None
        return tree.like(gast.Raise(tree.load(error), None), node)

    body = [tree.rewrite(statement, change) for statement in handler.body]
    if handler.name is None:
        return body
    assert error is not None
    return [tree.like(tree.assign(handler.name, tree.load(error)), handler.body[0]), *body]


def _hands_on(node: gast.AST) -> bool:
    return isinstance(node, gast.Raise) and node.exc is None


def _chosen(flag: str, bodies: Sequence[list[gast.AST]], number: int = 1) -> list[gast.AST]:
    """The body that a number says."""
    first, *others = bodies
    if not others:
        return first or [gast.Pass()]
    test = gast.Compare(tree.load(flag), [gast.Eq()], [tree.const(number)])
    return [tree.if_(test, first or [gast.Pass()], _chosen(flag, others, number + 1))]


def _any(tests: list[gast.AST]) -> gast.AST:
    return tests[0] if len(tests) == 1 else gast.BoolOp(gast.Or(), tests)


def _alike(statements: list[gast.AST], model: gast.AST) -> list[gast.AST]:
    """The statements; those that were made here stand where a `try` stood."""
    for statement in tree.every_statement(statements):
        if not hasattr(statement, "origin"):
            tree.like(statement, model)
    return statements


_NOT_OF_COMPARISONS = frozenset(
    {"IndexError", "KeyError", "LinAlgError", "LookupError", "OverflowError", "ZeroDivisionError"}
)
"""Exceptions that a comparison does not raise; between an array and a literal, no ValueError either."""


def _is_calm(test: gast.AST, catchers: Iterable[_Catcher]) -> bool:
    """Whether evaluating a test raises nothing that is caught."""
    if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
        return _is_calm(test.operand, catchers)
    if isinstance(test, gast.BoolOp):
        return all(_is_calm(value, catchers) for value in test.values)
    if not isinstance(test, gast.Compare):
        return isinstance(test, (gast.Name, gast.Constant))
    parts = [test.left, *test.comparators]
    if not all(isinstance(part, (gast.Name, gast.Constant)) for part in parts):
        return False
    known = _NOT_OF_COMPARISONS | ({"ValueError"} if any(isinstance(p, gast.Constant) for p in parts) else set())
    return all(_type_names(type_) <= known for catcher in catchers for type_ in catcher.types)


def _type_names(node: gast.AST) -> set[str]:
    """What the exceptions are called that a handler catches; `""` for what has no name."""
    if isinstance(node, gast.Tuple):
        return set().union(*map(_type_names, node.elts))
    return {node.id if isinstance(node, gast.Name) else getattr(node, "attr", "")}


_SEQUENCES = frozenset(
    {"arange", "enumerate", "items", "keys", "len", "max", "min", "ndindex", "range", "reversed", "values", "zip"}
)
"""Functions and methods that loops run over, and with which these are told how far."""


def _is_calm_sequence(node: gast.AST) -> bool:
    """Whether a loop over something raises no exception that a handler is meant for.

    A range of something that is no whole number does; so does what is no sequence. Neither is caught then.
    """
    if isinstance(node, (gast.List, gast.Tuple)):
        return all(map(_is_calm_sequence, node.elts))
    if isinstance(node, gast.Call):
        name = node.func.id if isinstance(node.func, gast.Name) else getattr(node.func, "attr", "")
        owner = [node.func.value] if isinstance(node.func, gast.Attribute) else []
        return name in _SEQUENCES and not node.keywords and all(map(_is_calm_sequence, [*owner, *node.args]))
    if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Add, gast.Sub, gast.Mult)):
        return _is_calm_sequence(node.left) and _is_calm_sequence(node.right)
    if isinstance(node, gast.UnaryOp):
        return _is_calm_sequence(node.operand)
    if isinstance(node, gast.Subscript) and isinstance(node.slice, gast.Constant):
        return isinstance(node.value, gast.Attribute) and node.value.attr == "shape"
    return isinstance(node, (gast.Name, gast.Constant))


def _is_made_at_once(node: gast.AST) -> bool:
    """Whether what a loop runs over is a sequence before the loop begins, so that only making it may fail."""
    return isinstance(node, gast.Call) and tree.is_name(node.func, "list", "sorted", "tuple")


def _has_constants(context: gast.AST) -> bool:
    """Whether making a context manager asks for nothing."""
    if not isinstance(context, gast.Call):
        return False
    return all(isinstance(part, gast.Constant) for part in (*context.args, *(k.value for k in context.keywords)))
