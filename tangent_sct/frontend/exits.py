"""One way out: `return`, `break`, `continue` and loop `else` become plain `if`s and flags.

Requires: any body of statements. Produces: the same with one `return` at its very end, where
`break` stands only in `if flag: break` as the last statement of a loop's body, and no loop has an
`else`.

Outside of loops an exit needs no flag: what follows moves into the other branch. Inside a loop,
what follows a `continue` likewise; a `break` sets a flag by which the loop is left at the end of
its body. A `return` in a loop does the same, and its expression is evaluated right after the loop,
where it has the same value: nothing has run in between.

>>> body = tree.statements('''
... for i in range(n):
...     x = x * 2
...     if x > 10:
...         return x
... return -x
... ''')
>>> print(tree.text(single_exit(body, Names({"x", "n", "i"}))))
returned = False
for i in range(n):
    x = x * 2
    returned = x > 10
    if returned:
        break
if returned:
    result = x
else:
    result = -x
return result
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, replace

import gast

from tangent_sct.core import tree
from tangent_sct.core.names import Names

Kinds = frozenset[str]
NONE: Kinds = frozenset()
RETURN, BREAK, CONTINUE = "return", "break", "continue"
_LOOPS = (gast.For, gast.While)
_TRIES = tuple(getattr(gast, name) for name in ("Try", "TryStar") if hasattr(gast, name))
_COMPOUND = (gast.If, gast.With, *_LOOPS, *_TRIES)


def single_exit(
    body: list[gast.AST],
    names: Names,
    is_active: Callable[[gast.AST], bool] = lambda expression: False,
    is_transparent: Callable[[gast.AST], bool] = lambda context: False,
) -> list[gast.AST]:
    """Rewrite the body of a function so that it leaves by its last statement only.

    Args:
        body: the statements; not modified.
        names: gives out the names of flags and of the result.
        is_active: whether an expression may carry a derivative; such a test does not become a flag.
        is_transparent: whether a context manager lets every exception pass.

    Returns:
        The new body; a path without `return` now returns None explicitly.
    """
    worker = _Exits(names, is_active, is_transparent)
    return worker.function(body)


def exit_kinds(statement: gast.AST) -> frozenset[str]:
    """The exits by which a statement may leave its block: `"return"`, `"break"`, `"continue"`.

    >>> sorted(exit_kinds(tree.statements("for x in xs:\\n    if x: return x\\n    break")[0]))
    ['return']
    """
    if isinstance(statement, gast.Return):
        return frozenset({RETURN})
    if isinstance(statement, gast.Break):
        return frozenset({BREAK})
    if isinstance(statement, gast.Continue):
        return frozenset({CONTINUE})
    if isinstance(statement, _LOOPS):
        return (_block_kinds(statement.body) & {RETURN}) | _block_kinds(statement.orelse)
    return NONE.union(*map(_block_kinds, tree.blocks(statement)))


def _block_kinds(block: Iterable[gast.AST]) -> Kinds:
    return NONE.union(*map(exit_kinds, block))


class _Flag:
    """A boolean that says that an exit was taken; written down only if something reads it."""

    def __init__(self, table: _FlagNames, base: str, depth: int) -> None:
        self._table = table
        self._key = (base, depth)
        self.is_read = False

    @property
    def name(self) -> str:
        return self._table.name(self._key)

    def read(self) -> gast.AST:
        """The flag in a test."""
        self.is_read = True
        return tree.load(self.name)

    def set(self, value: bool, model: gast.AST) -> gast.AST:
        """`flag = value`, dropped at the end if the flag is never read."""
        statement = tree.like(tree.assign("", tree.const(value)), model)
        statement.flag = self
        return statement

    def keep(self, value: gast.AST, model: gast.AST) -> gast.AST:
        """`flag = value` for a test."""
        return tree.like(tree.assign(self.name, value), model)


class _FlagNames:
    """Names of flags: flags of loops that are not nested share one."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._given: dict[tuple[str, int], str] = {}

    def name(self, key: tuple[str, int]) -> str:
        if key not in self._given:
            self._given[key] = self._names.fresh(key[0])
        return self._given[key]


@dataclass(frozen=True)
class _Context:
    """What the exits mean at a place in the program.

    Attributes:
        returned: flag of `return`.
        result: the name that keeps the returned value, None where it is evaluated later.
        stop: flag of `break`.
        skip: flag of `continue`.
        depth: number of loops around.
        in_loop: whether the returns already belong to an enclosing loop.
    """

    returned: _Flag
    result: str | None
    stop: _Flag
    skip: _Flag
    depth: int
    in_loop: bool

    def flags(self, kinds: Kinds) -> list[_Flag]:
        """The flags of some exits."""
        chosen = ((RETURN, self.returned), (BREAK, self.stop), (CONTINUE, self.skip))
        return [flag for kind, flag in chosen if kind in kinds]


class _Exits:
    def __init__(
        self,
        names: Names,
        is_active: Callable[[gast.AST], bool],
        is_transparent: Callable[[gast.AST], bool],
    ) -> None:
        self._names = names
        self._is_active = is_active
        self._is_transparent = is_transparent
        self._flag_names = _FlagNames(names)
        # By identity; the statement is kept so that no other can have the same.
        self._kinds: dict[int, tuple[gast.AST, Kinds]] = {}
        self._busy: dict[int, tuple[gast.AST, bool]] = {}

    # -- the function -------------------------------------------------------------------------

    def function(self, body: list[gast.AST]) -> list[gast.AST]:
        """The whole body."""
        if not self._leaves(body) or not any(_returns(body)):
            body = [*body, _return_none(body)]
        last = body[-1]
        early = any(RETURN in self.kinds(statement) for statement in body[:-1])
        if isinstance(last, gast.Return) and not early:
            head = self._finish(self.block(body[:-1], self._outermost(None)))
            return [*head, _explicit(last)]
        name = self._common_name(body) or self._names.fresh("result")
        head = self._finish(self.block(body, self._outermost(name)))
        value = tree.const(None) if name == _NOTHING else tree.load(name)
        return [*head, tree.like(tree.return_(value), _last_return(body))]

    def _outermost(self, result: str | None) -> _Context:
        flags = [self._flag(base, 0) for base in ("returned", "stop", "skip")]
        return _Context(flags[0], result, flags[1], flags[2], 0, False)

    def _flag(self, base: str, depth: int) -> _Flag:
        return _Flag(self._flag_names, base, depth)

    def _common_name(self, body: list[gast.AST]) -> str | None:
        """The name that every `return` returns, if they agree: no other is needed then."""
        returns = list(_returns(body))
        values = [_explicit(statement).value for statement in returns]
        first = values[0]
        if not all(tree.same(first, value) for value in values):
            return None
        if tree.is_constant(first, None):
            return _NOTHING
        if any(isinstance(statement, _TRIES) for statement in tree.every_statement(body)):
            return None
        return first.id if isinstance(first, gast.Name) else None

    # -- facts --------------------------------------------------------------------------------

    def kinds(self, node: gast.AST) -> Kinds:
        """The exits by which a statement may leave its block."""
        known = self._kinds.get(id(node))
        if known is None:
            known = self._kinds[id(node)] = (node, exit_kinds(node))
        return known[1]

    def _all_kinds(self, block: Iterable[gast.AST]) -> Kinds:
        return NONE.union(*map(self.kinds, block))

    def _is_busy(self, node: gast.AST) -> bool:
        """Whether there is anything to rewrite in a statement."""
        known = self._busy.get(id(node))
        if known is None:
            known = self._busy[id(node)] = (node, self._find_busy(node))
        return known[1]

    def _find_busy(self, node: gast.AST) -> bool:
        if isinstance(node, _LOOPS) and (node.orelse or self._all_kinds(node.body)):
            return True
        if self.kinds(node):
            return True
        if isinstance(node, tree.SCOPES) or (isinstance(node, _TRIES) and not _is_followed(node)):
            return False
        return any(self._is_busy(inner) for block in tree.blocks(node) for inner in block)

    def _leaves(self, block: list[gast.AST]) -> bool:
        """Whether control never runs off the end of a block."""
        return any(self._is_end(statement) for statement in block)

    def _is_end(self, node: gast.AST) -> bool:
        if isinstance(node, (gast.Return, gast.Break, gast.Continue, gast.Raise)):
            return True
        if isinstance(node, gast.If):
            return bool(node.orelse) and self._leaves(node.body) and self._leaves(node.orelse)
        if isinstance(node, gast.While):
            return _is_endless(node) and BREAK not in self._all_kinds(node.body)
        if isinstance(node, gast.With):
            return self._is_clear(node) and self._leaves(node.body)
        if isinstance(node, _TRIES):
            normal = self._leaves([*node.body, *node.orelse])
            return normal and all(self._leaves(handler.body) for handler in node.handlers)
        return False

    def _is_clear(self, node: gast.With) -> bool:
        return all(self._is_transparent(item.context_expr) for item in node.items)

    # -- blocks -------------------------------------------------------------------------------

    def block(self, statements: list[gast.AST], context: _Context) -> list[gast.AST]:
        """A block; what comes after a statement that may exit runs only if it did not."""
        output: list[gast.AST] = []
        for index, node in enumerate(statements):
            if not self._is_busy(node):
                output.append(node)
            elif not self.kinds(node) and not isinstance(node, _LOOPS):
                output.append(self._inside(node, context))
            else:
                return output + self._exiting(node, statements[index + 1 :], context)
            if self._is_end(node):
                break
        return output

    def _inside(self, node: gast.AST, context: _Context) -> gast.AST:
        """A compound statement that leaves nothing itself, but has a loop in it that does."""
        if isinstance(node, gast.If):
            body, orelse = self.block(node.body, context), self.block(node.orelse, context)
            return tree.like(tree.if_(node.test, body, orelse), node)
        if isinstance(node, gast.With):
            return self._with_body(node, context)
        if isinstance(node, _TRIES):
            body, orelse, last = (self.block(b, context) for b in (node.body, node.orelse, node.finalbody))
            return _try_with(node, body, self._handlers(node, context), orelse, last)
        return node

    def _with_body(self, node: gast.With, context: _Context) -> gast.AST:
        return tree.like(gast.With(node.items, self.block(node.body, context), None), node)

    def _exiting(self, node: gast.AST, rest: list[gast.AST], context: _Context) -> list[gast.AST]:
        """A statement that may exit, and what follows it in its block."""
        if isinstance(node, gast.Return):
            return self._return(node, context)
        if isinstance(node, gast.Break):
            return [context.stop.set(True, node)]
        if isinstance(node, gast.Continue):
            return [context.skip.set(True, node)]
        if isinstance(node, _LOOPS):
            return self._loop(node, rest, context)
        if isinstance(node, gast.If):
            return self._if(node, rest, context)
        if isinstance(node, gast.With):
            if self._is_end(node):
                return [self._with_body(node, context)]
            return self._guarded(node, [self._with_body(node, context)], rest, context)
        return self._try(node, rest, context)

    def _return(self, node: gast.Return, context: _Context) -> list[gast.AST]:
        flag = context.returned.set(True, node)
        value = _explicit(node).value
        if context.result in (None, _NOTHING) or tree.is_name(value, str(context.result)):
            return [flag]
        return [tree.like(tree.assign(str(context.result), value), node), flag]

    def _if(self, node: gast.If, rest: list[gast.AST], context: _Context) -> list[gast.AST]:
        body, orelse = node.body, node.orelse
        if rest and self._leaves(body):
            orelse, rest = ([*orelse, *rest] if not self._leaves(orelse) else orelse), []
        elif rest and self._leaves(orelse):
            body, rest = [*body, *rest], []
        inside, other = self.block(body, context), self.block(orelse, context)
        new = tree.like(tree.if_(node.test, inside, other), node)
        return self._guarded(node, [new], rest, context)

    def _guarded(
        self, node: gast.AST, done: list[gast.AST], rest: list[gast.AST], context: _Context
    ) -> list[gast.AST]:
        """`done` stands for `node`; `rest` runs only if it took none of its exits."""
        following = self.block(rest, context)
        if not following:
            return done
        kinds = self.kinds(node)
        flags = context.flags(kinds)
        starts = [flag.set(False, node) for flag in flags if self._starts_here(flag, context)]
        guard = tree.like(tree.if_(_not_any(flags), following), rest[0])
        return [*starts, *done, guard]

    def _starts_here(self, flag: _Flag, context: _Context) -> bool:
        """Whether a flag is first set to False before the statement that may set it."""
        if flag is context.stop:
            return False
        return flag is context.skip or not context.in_loop

    # -- loops --------------------------------------------------------------------------------

    def _loop(self, node: gast.AST, rest: list[gast.AST], context: _Context) -> list[gast.AST]:
        """A loop with exits or an `else`, and what follows it."""
        inside = self._all_kinds(node.body)
        returned, result = context.returned, context.result
        late: gast.AST | None = None
        if RETURN in inside and not context.in_loop:
            returned = self._flag("returned", 0)
            late = self._late_value(node, context)
            result = None if late is not None else context.result
        inner = _Context(
            returned, result, self._flag("stop", context.depth), self._flag("skip", context.depth),
            context.depth + 1, context.in_loop or RETURN in inside,
        )  # fmt: skip
        body = self._loop_body(node, inner)
        # The flag is read after the loop, which may not run at all.
        starts = [inner.stop.set(False, node)] if BREAK in inside and node.orelse else []
        if RETURN in inside and not context.in_loop:
            starts = [*starts, returned.set(False, node)]
        new = _with_body(node, body)
        following = self._loop_else(node, inner) + rest
        if RETURN not in inside:
            return [*starts, new, *self.block(following, context)]
        if context.in_loop:
            after = self.block(following, context)
            if after:
                after = [tree.like(tree.if_(_not_any([returned]), after), following[0])]
            return [*starts, new, *after]
        value = late if late is not None else tree.load(str(context.result))
        leave = tree.like(tree.return_(value), _last_return([node]))
        if self._is_end(node):
            return [*starts, new, *self.block([leave], context)]
        test = tree.like(tree.if_(returned.read(), [leave]), node)
        return [*starts, new, *self.block([test, *following], context)]

    def _loop_else(self, node: gast.AST, inner: _Context) -> list[gast.AST]:
        if node.orelse and BREAK in self._all_kinds(node.body):
            return [tree.like(tree.if_(_not_any([inner.stop]), node.orelse), node.orelse[0])]
        return list(node.orelse)

    def _late_value(self, node: gast.AST, context: _Context) -> gast.AST | None:
        """What a loop returns, if that can be evaluated after the loop."""
        if context.result == _NOTHING:
            return tree.const(None)
        values = [_explicit(statement).value for statement in _returns([node])]
        if any(isinstance(inner, (gast.With, *_TRIES)) for inner in tree.every_statement([node])):
            return None
        same = all(tree.same(values[0], value) for value in values)
        return values[0] if same else None

    def _loop_body(self, node: gast.AST, inner: _Context) -> list[gast.AST]:
        """The new body, which ends with the one way out of the loop."""
        kinds = self._all_kinds(node.body) & {RETURN, BREAK}
        if not kinds:
            return self.block(node.body, inner)
        kept = self._kept_test(node, inner)
        if kept is not None:
            return kept
        body = self.block(node.body, inner)
        if BREAK in kinds and not node.orelse:
            body.insert(0, inner.stop.set(False, node))
        if kinds == {RETURN, BREAK}:
            either = gast.BoolOp(gast.Or(), [inner.stop.read(), inner.returned.read()])
            body.append(inner.stop.keep(either, node))
        flag = inner.stop if BREAK in kinds else inner.returned
        body.append(_leave_if(flag.read(), node))
        return body

    def _kept_test(self, node: gast.AST, inner: _Context) -> list[gast.AST] | None:
        """The body of a loop left only by `if test: ... break` at its top: the test is the flag."""
        place = self._only_exit(node.body)
        if place is None:
            return None
        head, choice, rest = node.body[:place], node.body[place], node.body[place + 1 :]
        leaving = choice.body[-1]
        if isinstance(leaving, gast.Return) and inner.result is not None:
            return None
        flag = inner.returned if isinstance(leaving, gast.Return) else inner.stop
        before = self.block(choice.body[:-1], inner)
        after = self.block([*choice.orelse, *rest], inner)
        test = self._user_flag(choice.test, node, leaving, [*choice.body, *choice.orelse, *rest])
        head = self.block(head, inner)
        if test is None:
            head.append(flag.keep(choice.test, choice))
            test = flag.read()
        if before:
            head.append(tree.like(tree.if_(test, before, after), choice))
        elif after:
            head.append(tree.like(tree.if_(tree.negated(test), after), choice))
        return [*head, _leave_if(tree.copy(test), choice)]

    def _user_flag(
        self, test: gast.AST, loop: gast.AST, leaving: gast.AST, rest: list[gast.AST]
    ) -> gast.AST | None:
        """The user's own flag, where nothing changes it, or needs it after the loop."""
        if not isinstance(test, gast.Name) or isinstance(leaving, gast.Return) or loop.orelse:
            return None
        return None if test.id in tree.names_written(rest) else test

    def _only_exit(self, body: list[gast.AST]) -> int | None:
        """The place of the one `if` by which a loop's body is left, if it is of the simple form."""
        places = [i for i, statement in enumerate(body) if self.kinds(statement)]
        leaving = [i for i in places if self.kinds(body[i]) & {RETURN, BREAK}]
        if len(leaving) != 1 or leaving[0] != places[0]:
            return None
        choice = body[leaving[0]]
        if not isinstance(choice, gast.If) or self._is_active(choice.test):
            return None
        exits = isinstance(choice.body[-1], (gast.Break, gast.Return))
        others = self._all_kinds([*choice.body[:-1], *choice.orelse])
        return leaving[0] if exits and not others else None

    # -- try ----------------------------------------------------------------------------------

    def _try(self, node: gast.AST, rest: list[gast.AST], context: _Context) -> list[gast.AST]:
        """A `try` with exits: they set flags, and are taken right after it."""
        kinds = self.kinds(node)
        result = self._names.fresh("value") if RETURN in kinds else None
        depth = context.depth
        own = replace(
            context, returned=self._flag("returned", 0), result=result, in_loop=True,
            stop=self._flag("stop", max(depth - 1, 0)), skip=self._flag("skip", max(depth - 1, 0)),
        )  # fmt: skip
        body = self.block(node.body, own)
        orelse = self.block(node.orelse, own)
        body_kinds = self._all_kinds(node.body)
        if orelse and body_kinds:
            orelse = [tree.like(tree.if_(_not_any(own.flags(body_kinds)), orelse), node.orelse[0])]
        last = self.block(node.finalbody, own) if _is_followed(node) else node.finalbody
        new = _try_with(node, body, self._handlers(node, own), orelse, last)
        starts = [flag.set(False, node) for flag in own.flags(kinds)]
        value = tree.load(result) if result is not None else None
        exits: dict[str, gast.AST] = {
            RETURN: tree.return_(value), BREAK: gast.Break(), CONTINUE: gast.Continue()
        }  # fmt: skip
        leave = [
            tree.like(tree.if_(flag.read(), [tree.like(exits[kind], node)]), node)
            for kind in (RETURN, BREAK, CONTINUE)
            if kind in kinds
            for flag in own.flags(frozenset({kind}))
        ]
        return [*starts, new, *self.block([*leave, *rest], context)]

    def _handlers(self, node: gast.AST, context: _Context) -> list[gast.AST]:
        return [
            tree.like(gast.ExceptHandler(h.type, h.name, _or_pass(self.block(h.body, context))), h)
            for h in node.handlers
        ]

    # -- tidying up ---------------------------------------------------------------------------

    def _finish(self, body: list[gast.AST]) -> list[gast.AST]:
        """Drop what sets flags that nothing reads, and the branches this leaves empty."""
        output: list[gast.AST] = []
        for node in body:
            flag = getattr(node, "flag", None)
            if flag is not None:
                if flag.is_read:
                    output.append(tree.like(tree.assign(flag.name, node.value), node))
            elif isinstance(node, _COMPOUND):
                output.extend(self._finish_compound(node))
            else:
                output.append(node)
        return output

    def _finish_compound(self, node: gast.AST) -> list[gast.AST]:
        inside = [statement for block in tree.blocks(node) for statement in block]
        if not any(hasattr(s, "flag") or isinstance(s, _COMPOUND) for s in inside):
            # An `if` may have been left without a body.
            return [node] if node.body else self._finish_if(node)
        if isinstance(node, gast.If):
            return self._finish_if(node)
        new = copy(node)
        for name in ("body", "orelse", "finalbody"):
            if getattr(node, name, None):
                setattr(new, name, self._finish(getattr(node, name)))
        new.body = _or_pass(new.body)
        if isinstance(node, _TRIES):
            new.handlers = [self._finish_handler(handler) for handler in node.handlers]
        return [new]

    def _finish_handler(self, node: gast.AST) -> gast.AST:
        body = _or_pass(self._finish(node.body))
        return tree.like(gast.ExceptHandler(node.type, node.name, body), node)

    def _finish_if(self, node: gast.AST) -> list[gast.AST]:
        body, orelse = self._finish(node.body), self._finish(node.orelse)
        if body:
            return [tree.like(tree.if_(node.test, body, orelse), node)]
        if orelse:
            return [tree.like(tree.if_(tree.negated(node.test), orelse), node)]
        # The test itself may have an effect, or raise.
        return [] if tree.is_atom(node.test) else [tree.like(tree.effect(node.test), node)]


_NOTHING = "None"


def _explicit(node: gast.AST) -> gast.AST:
    """`return` as `return None`."""
    return node if node.value is not None else tree.like(tree.return_(tree.const(None)), node)


def _return_none(body: list[gast.AST]) -> gast.AST:
    new = tree.return_(tree.const(None))
    return tree.like(new, body[-1]) if body else new


def _returns(body: Iterable[gast.AST]) -> Iterable[gast.AST]:
    return (s for s in tree.every_statement(body) if isinstance(s, gast.Return))


def _last_return(body: list[gast.AST]) -> gast.AST:
    *_, last = _returns(body)
    return last


def _is_endless(node: gast.AST) -> bool:
    return isinstance(node.test, gast.Constant) and bool(node.test.value)


def _is_followed(node: gast.AST) -> bool:
    """Whether a `try` is to be differentiated, so that all in it is rewritten."""
    return getattr(node, "followed", False)


def _try_with(
    node: gast.AST, body: list[gast.AST], handlers: list[gast.AST], orelse: list[gast.AST], last: list[gast.AST]
) -> gast.AST:
    new = tree.like(type(node)(_or_pass(body), handlers, orelse, last), node)
    new.followed = _is_followed(node)
    return new


def _with_body(node: gast.AST, body: list[gast.AST]) -> gast.AST:
    """The loop with another body and no `else`."""
    if isinstance(node, gast.For):
        return tree.like(gast.For(node.target, node.iter, body, [], None), node)
    return tree.like(tree.while_(node.test, body), node)


def _leave_if(test: gast.AST, model: gast.AST) -> gast.AST:
    return tree.like(tree.if_(test, [tree.like(gast.Break(), model)]), model)


def _or_pass(body: list[gast.AST]) -> list[gast.AST]:
    return body or [gast.Pass()]


def _not_any(flags: list[_Flag]) -> gast.AST:
    """`not (a or b)`."""
    reads = [flag.read() for flag in flags]
    test = reads[0] if len(reads) == 1 else gast.BoolOp(gast.Or(), reads)
    return gast.UnaryOp(gast.Not(), test)
