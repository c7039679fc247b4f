"""The user's function in the statement forms of the small language.

Requires: the tree as parsed, accepted by `subset.check`, and its active names. Produces: assignment
to one target (to several names where that is inactive), augmented assignment, `if`, `for`, `while`,
`with`, effect expressions, one `return` at the very end, and `if flag: break` as the last statement
of a loop's body. Inactive statements of other forms stay whole.

A rewriting gives statements that are nearer to the small language, and these are rewritten in turn.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import gast

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.frontend import hoist
from tangent_sct.frontend.absent import reading
from tangent_sct.frontend.active import ZeroTest, root_name
from tangent_sct.frontend.attempts import attempts_as_branches
from tangent_sct.frontend.exits import exit_kinds, single_exit
from tangent_sct.frontend.insertions import without_insertions
from tangent_sct.frontend.iteration import (
    chosen_in_turn,
    counted,
    iterated,
    may_disturb,
    refuse_late,
)
from tangent_sct.frontend.managers import lets_pass
from tangent_sct.frontend.order import parts_of_place
from tangent_sct.frontend.patterns import match_as_ifs
from tangent_sct.frontend.scope import MayWrite, Scope
from tangent_sct.frontend.targets import chained, unpacked, whole, with_single_targets


def desugar(
    function: gast.FunctionDef,
    active: set[str],
    is_zero: ZeroTest,
    names: Names,
    source: Source,
    rebound: Iterable[str] = (),
    by_steps: bool = False,
    in_turn: bool = False,
    may_write: MayWrite = lambda call, objects: False,
    acts: Callable[[gast.AST], bool] | None = None,
) -> gast.FunctionDef:
    """Bring a function into the statement forms of the small language.

    Args:
        function: the function as parsed; not modified.
        active: its names that may carry a derivative, from `active_names`.
        is_zero: whether a function, given by the expression that is called, has no derivative.
        names: gives out the names that have to be added.
        source: where free names are looked up, and what errors point into.
        rebound: variables around the function that some function defined inside assigns.
        by_steps: whether each `try` is cut where something is left half done.
        in_turn: whether items without a derivative are computed when it is their turn, where that may matter.
        may_write: whether a call may write into what it reaches.
        acts: whether to call what a parameter means may do more than compute; None where that is not known.

    Returns:
        The rewritten function. Every statement has the marks of the user's statement it came from. Variables of
        comprehensions that lambdas in them read are named by its mark `of_comprehensions`.

    Raises:
        UnsupportedError: for a form that has no counterpart in the small language.

    >>> def f(x, y):
    ...     a = b = x * y
    ...     a, b = b, a + b
    ...     return a if a > b else b
    >>> from tangent_sct.frontend.source import source_of, tree_of
    >>> source = source_of(f)
    >>> new = desugar(tree_of(source), {"x", "y", "a", "b"}, lambda _: False, Names(), source)
    >>> print(tree.text(new))
    def f(x, y):
        a = x * y
        b = a
        b_next = a + b
        a = b
        b = b_next
        if a > b:
            result = a
        else:
            result = b
        return result
    """
    scope = Scope(function, active, is_zero, names, source, rebound, in_turn, may_write, acts)
    body = _Desugarer(scope).block(function.body)
    is_transparent = _transparency(scope)
    body = single_exit(body, names, scope.mentions, is_transparent)
    body = attempts_as_branches(body, names, by_steps, is_transparent)
    body = hoist.with_own_variables(body, tree.parameter_names(function), scope)
    new = tree.like(tree.function(function.name, function.args, body, function.returns), function)
    new.of_comprehensions = scope.of_comprehensions
    return new


def _transparency(scope: Scope) -> Callable[[gast.AST], bool]:
    """Whether a context manager surely lets every exception pass."""

    def is_transparent(context: gast.AST) -> bool:
        return lets_pass(scope.meaning(context.func if isinstance(context, gast.Call) else context))

    return is_transparent


class _Desugarer:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._output: list[gast.AST] = []
        self._depth = 0
        self._tries = 0

    # -- blocks -------------------------------------------------------------------------------

    def block(self, statements: Iterable[gast.AST]) -> list[gast.AST]:
        """The statements of a block, rewritten."""
        outer, self._output = self._output, []
        for statement in statements:
            self._statement(statement)
        block, self._output = self._output, outer
        return block

    def _body(self, statements: Iterable[gast.AST]) -> list[gast.AST]:
        """A block that may not be empty."""
        return self.block(statements) or [gast.Pass()]

    def _loop_body(self, statements: Iterable[gast.AST]) -> list[gast.AST]:
        self._depth += 1
        body = self._body(statements)
        self._depth -= 1
        return body

    def _statement(self, node: gast.AST) -> None:
        form = _FORMS.get(type(node))
        if form is None:
            self._output.append(node)
        else:
            form(self, node)

    def _rewrite(self, statements: Iterable[gast.AST], model: gast.AST) -> None:
        """Rewrite statements that stand for `model`."""
        for statement in statements:
            self._statement(_marked(statement, model))

    def _emit(self, statement: gast.AST, model: gast.AST) -> None:
        self._output.append(statement if statement is model else tree.like(statement, model))

    def _value(self, value: gast.AST, model: gast.AST, is_test: bool = False) -> gast.AST:
        """What is left of an expression, after the statements hidden in it have been run."""
        before, value = hoist.hoisted(value, self._scope, is_test)
        self._rewrite(before, model)
        return value

    # -- assignment ---------------------------------------------------------------------------

    def _assign(self, node: gast.Assign) -> None:
        if len(node.targets) > 1:
            self._rewrite(chained(node, self._scope), node)
            return
        (target,) = node.targets
        if isinstance(target, (gast.Tuple, gast.List)):
            self._unpack(node, target)
        elif _hides_name(target) or self._scope.may_rebind(target):
            self._assign_after(node, target)
        elif not self._assign_choice(node, target):
            self._emit(self._with_value(node, self._value(node.value, node)), node)

    def _with_value(self, node: gast.Assign, value: gast.AST) -> gast.AST:
        return node if value is node.value else tree.assign(node.targets[0], value)

    def _unpack(self, node: gast.Assign, target: gast.AST) -> None:
        if not self._scope.touches(node) and not _hides_name(node):
            self._output.append(node)
        else:
            value = self._value(whole(node.value, len(target.elts), self._scope), node)
            self._rewrite(unpacked(target, value, self._scope), node)

    def _assign_after(self, node: gast.Assign, target: gast.AST) -> None:
        """The value comes first, then what is hidden in the target."""
        name = self._scope.fresh("value", self._scope.mentions(node.value))
        self._rewrite([tree.assign(name, node.value)], node)
        self._emit(tree.assign(self._value(target, node), tree.load(name)), node)

    def _assign_choice(self, node: gast.Assign, target: gast.AST) -> bool:
        """Assign in each branch where the value is one of several; whether that was so."""
        value = node.value
        if isinstance(value, gast.IfExp) and tree.is_one_of(target, self._scope.called):
            pass
        elif not self._scope.mentions(value):
            if not isinstance(value, tree.COMPREHENSIONS) or not hoist.hides_effects(value, self._scope):
                return False
        if isinstance(value, gast.IfExp):
            body, orelse = ([tree.assign(target, v)] for v in (value.body, value.orelse))
            self._rewrite([tree.if_(value.test, body, orelse)], node)
            return True
        if not isinstance(target, gast.Name):
            return False
        # The name is written before the whole value has been computed.
        if target.id in _names(value) or target.id in self._scope.captured:
            return False
        if isinstance(value, gast.BoolOp):
            self._rewrite(hoist.either(target.id, value), node)
        elif isinstance(value, (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)):
            self._rewrite(hoist.comprehension_loop(value, target.id, self._scope), node)
        elif hoist.is_sum(value, self._scope):
            self._rewrite(hoist.sum_loop(value, target.id, self._scope), node)
        else:
            return False
        return True

    def _annotated(self, node: gast.AnnAssign) -> None:
        if node.value is not None:
            self._rewrite([tree.assign(node.target, node.value)], node)

    def _augment(self, node: gast.AugAssign) -> None:
        if not isinstance(node.value, gast.Constant):
            # Python evaluates what calls functions in the target before the value.
            first, place = self._held(node.target, self._called_first(node.target))
            if first:
                self._rewrite(first, node)
                node = tree.like(tree.augment(place, tree.BINARY_SYMBOL[type(node.op)], node.value), node)
        if isinstance(node.target, gast.Subscript):
            for met in reading([node.value], node.target):
                self._emit(met, node)
        before, value = hoist.hoisted(node.value, self._scope)
        target = node.target
        names = set(_names(target))
        changed = set(tree.names_written(before))
        if self._scope.may_rebind(node.value):
            changed |= self._scope.rebound
        is_name = isinstance(target, gast.Name)
        if not names.isdisjoint(changed) or (not is_name and any(map(self._scope.may_write, before))):
            self._augment_read_first(node, before, value, changed)
            return
        if before:
            self._rewrite(before, node)
        target = self._value(target, node) if _hides_name(target) else target
        if value is node.value and target is node.target:
            self._output.append(node)
        else:
            symbol = tree.BINARY_SYMBOL[type(node.op)]
            self._emit(tree.augment(target, symbol, value), node)

    def _called_first(self, target: gast.AST) -> Callable[[gast.AST], bool]:
        """Which parts of a target get a name before anything else: what calls functions, and what comes before it."""
        parts = list(parts_of_place(target))
        calling = [place for place, p in enumerate(parts) if self._scope.may_write(p) or _calls_method(p)]
        first = {id(part) for part in parts[: max(calling, default=-1) + 1]}

        def is_steady(part: gast.AST) -> bool:
            return isinstance(part, gast.Constant) or tree.is_name(part) and part.id not in self._scope.rebound

        return lambda part: id(part) in first and not is_steady(part)

    def _augment_read_first(
        self, node: gast.AugAssign, before: list[gast.AST], value: gast.AST, changed: set[str]
    ) -> None:
        """`a op= value` where what comes before the value may change what `a` means: Python has read it by then."""

        def may_change(part: gast.AST) -> bool:
            return part.id in changed if isinstance(part, gast.Name) else bool(_names(part))

        first, target = self._held(node.target, may_change)
        place = tree.with_context(target, gast.Load())
        base = place.id if isinstance(place, gast.Name) else "old"
        old = self._scope.fresh(base, self._scope.mentions(place))
        updated = tree.augment(old, tree.BINARY_SYMBOL[type(node.op)], value)
        last = tree.assign(target, tree.load(old))
        self._rewrite([*first, tree.assign(old, place), *before, updated, last], node)

    def _held(
        self, target: gast.AST, is_kept: Callable[[gast.AST], bool]
    ) -> tuple[list[gast.AST], gast.AST]:
        """The target of an update that stays the place it is now, and the statements that see to that.

        Args:
            target: the target.
            is_kept: whether a part of it gets a name, since it may be another when the place is written.
        """
        before: list[gast.AST] = []

        def held(part: gast.AST | None, name: str) -> gast.AST | None:
            if isinstance(part, gast.Slice):
                return gast.Slice(held(part.lower, "low"), held(part.upper, "high"), held(part.step, "step"))
            if isinstance(part, gast.Tuple):
                return tree.tuple_of([held(item, name) for item in part.elts])
            if part is None or not is_kept(part):
                return part
            kept = self._scope.fresh(name, self._scope.mentions(part))
            before.append(tree.assign(kept, tree.with_context(part, gast.Load())))
            return tree.load(kept)

        if isinstance(target, gast.Subscript):
            base = target.value.id if isinstance(target.value, gast.Name) else "part"
            return before, gast.Subscript(held(target.value, base), held(target.slice, "index"), target.ctx)
        if isinstance(target, gast.Attribute):
            base = target.value.id if isinstance(target.value, gast.Name) else "part"
            return before, gast.Attribute(held(target.value, base), target.attr, target.ctx)
        return before, target

    # -- effects and exits --------------------------------------------------------------------

    def _effect(self, node: gast.Expr) -> None:
        if hasattr(node, "reads"):
            self._output.append(node)
            return
        value = node.value
        active = self._scope.mentions(value)
        if isinstance(value, gast.NamedExpr):
            self._rewrite([tree.assign(value.target.id, value.value)], node)
        elif isinstance(value, gast.IfExp) and (active or _hides_name(value)):
            body, orelse = ([tree.effect(v)] for v in (value.body, value.orelse))
            self._rewrite([tree.if_(value.test, body, orelse)], node)
        elif isinstance(value, gast.BoolOp) and (active or _hides_name(value)):
            self._rewrite([_short_circuit(value)], node)
        elif isinstance(value, gast.ListComp) and (active or _hides_name(value)):
            self._rewrite(hoist.bare_comprehension(value, self._scope), node)
        else:
            left = self._value(value, node)
            self._emit(node if left is value else tree.effect(left), node)

    def _return(self, node: gast.Return) -> None:
        value = node.value
        if isinstance(value, gast.IfExp) and self._scope.mentions(value):
            body, orelse = ([tree.return_(v)] for v in (value.body, value.orelse))
            self._rewrite([tree.if_(value.test, body, orelse)], node)
        elif value is not None:
            left = self._value(value, node)
            self._emit(node if left is value else tree.return_(left), node)
        else:
            self._output.append(node)

    def _raise(self, node: gast.Raise) -> None:
        together = tree.tuple_of([part for part in (node.exc, node.cause) if part is not None])
        left = self._value(together, node) if _hides_name(together) else together
        self._emit(node if left is together else gast.Raise(*left.elts, *[None] * (2 - len(left.elts))), node)

    def _delete(self, node: gast.Delete) -> None:
        if _hides_name(node):
            # One after the other, each after what is hidden in it.
            for target in node.targets:
                self._rewrite([gast.Delete([self._value(target, node)])], node)
            return
        targets = [t for t in node.targets if root_name(t) not in self._scope.active]
        if len(targets) == len(node.targets):
            self._output.append(node)
            return
        if targets:
            self._emit(gast.Delete(targets), node)
        items = [t for t in node.targets if t not in targets and isinstance(t, gast.Subscript)]
        self._rewrite(map(_deleted, items), node)

    # -- compound statements ------------------------------------------------------------------

    def _if(self, node: gast.If) -> None:
        test = self._value(node.test, node, is_test=True)
        body, orelse = self.block(node.body), self.block(node.orelse)
        self._emit(tree.if_(test, body or [gast.Pass()], orelse), node)

    def _assert(self, node: gast.Assert) -> None:
        if node.msg is not None and _hides_name(node.msg):
            failed = gast.Raise(tree.call("AssertionError", node.msg), None)
            self._rewrite([tree.if_(gast.UnaryOp(gast.Not(), node.test), [failed])], node)
            return
        self._emit(gast.Assert(self._value(node.test, node, is_test=True), node.msg), node)

    def _for(self, node: gast.For) -> None:
        counting = counted(node, self._scope)
        if counting is not None:
            self._rewrite(counting, node)
            return
        is_disturbed = may_disturb(node, self._scope)
        lazy = chosen_in_turn(node, self._scope) if is_disturbed else None
        if lazy is not None:
            self._for(lazy)
            return
        refuse_late(node, self._scope)
        is_disturbed = is_disturbed and self._scope.mentions(node.iter)
        before, iterable = hoist.hoisted(node.iter, self._scope, is_looped=True, is_disturbed=is_disturbed)
        if before:
            self._rewrite(before, node)
            node = tree.like(gast.For(node.target, iterable, node.body, node.orelse, None), node)
        replaced = iterated(node, self._scope, self._depth)
        if replaced is not None:
            *first, loop = replaced
            self._rewrite(first, node)
            for statement in loop.body:
                _marked(statement, node)
            node = _marked(loop, node)
        body = self._loop_body(node.body)
        orelse = self.block(node.orelse)
        self._emit(gast.For(node.target, node.iter, body, orelse, None), node)

    def _while(self, node: gast.While) -> None:
        test = node.test
        # What a test writes belongs to every iteration, as all else does that stands in the body.
        if hoist.hides_effects(test, self._scope) or self._scope.writes(test):
            self._while_with_statements(node)
        else:
            body = self._loop_body(node.body)
            self._emit(gast.While(node.test, body, self.block(node.orelse)), node)

    def _while_with_statements(self, node: gast.While) -> None:
        """The statements in the test run before every iteration."""
        last, after = node.orelse, list[gast.AST]()
        if any(exit_kinds(statement) & {"break", "continue"} for statement in last):
            # These exits belong to the loop around.
            flag = self._scope.fresh("done", active=False)
            self._rewrite([tree.assign(flag, tree.const(False))], node)
            last = [_marked(tree.assign(flag, tree.const(True)), node)]
            after = [_marked(tree.if_(tree.load(flag), node.orelse), node)]
        stop = tree.if_(gast.UnaryOp(gast.Not(), node.test), [*last, _marked(gast.Break(), node)])
        body = self._loop_body([_marked(stop, node), *node.body])
        self._emit(tree.while_(tree.const(True), body), node)
        self._rewrite(after, node)

    def _with(self, node: gast.With) -> None:
        place = next((i for i, item in enumerate(node.items) if self._is_suppressing(item.context_expr)), None)
        if place is not None:
            self._rewrite([_suppressed(node, place)], node)
            return
        later = [item.context_expr for item in node.items[1:]]
        if any(_hides_name(context) or self._is_made_before(context) for context in later):
            # What the first one does on entering comes before.
            inner = gast.With(node.items[1:], node.body, None)
            self._rewrite([gast.With(node.items[:1], [inner], None)], node)
            return
        items = []
        for item in node.items:
            context = item.context_expr
            if _hides_name(context):
                context = self._value(context, node)
                item = gast.withitem(context, item.optional_vars)
            if self._is_made_before(context):
                # It has a name, so that what it does on leaving is known to be done by the same object.
                name = self._scope.fresh("manager", True)
                self._rewrite([tree.assign(name, context)], node)
                item = gast.withitem(tree.load(name), item.optional_vars)
            items.append(item)
        self._emit(gast.With(items, self._body(node.body), None), node)

    def _is_made_before(self, context: gast.AST) -> bool:
        """Whether a context manager is made in a statement of its own before."""
        return self._scope.mentions(context) and not isinstance(context, gast.Name)

    def _is_suppressing(self, context: gast.AST) -> bool:
        """Whether a context manager is made by `contextlib.suppress`."""
        if not isinstance(context, gast.Call) or context.keywords:
            return False
        return self._scope.meaning(context.func) is contextlib.suppress

    def _try(self, node: gast.Try) -> None:
        # What one in a `try` leaves half done is seen by the handlers of both.
        if not self._tries and not self._scope.touches(node):
            self._output.append(self._kept(node))
            return
        self._tries += 1
        handlers = [
            tree.like(gast.ExceptHandler(h.type, h.name, self._body(h.body)), h) for h in node.handlers
        ]
        body, orelse, last = self._body(node.body), self.block(node.orelse), self.block(node.finalbody)
        self._tries -= 1
        new = gast.Try(body, handlers, orelse, last)
        new.followed = True
        self._emit(new, node)

    def _kept(self, node: gast.AST) -> gast.AST:
        """A compound statement that stays as it is."""
        return with_single_targets(without_insertions(node), self._scope)

    def _define(self, node: gast.FunctionDef) -> None:
        """A function defined inside: its defaults are evaluated here, in their order."""
        arguments = node.args
        defaults = [*arguments.defaults, *(value for value in arguments.kw_defaults if value is not None)]
        together = tree.tuple_of(defaults)
        left = self._value(together, node) if defaults else together
        if left is together:
            self._output.append(node)
            return
        values = iter(left.elts)
        new = tree.shallow(node)
        new.args = tree.shallow(arguments)
        new.args.defaults = [next(values) for _ in arguments.defaults]
        new.args.kw_defaults = [None if value is None else next(values) for value in arguments.kw_defaults]
        self._output.append(new)

    def _match(self, node: gast.Match) -> None:
        if self._scope.touches(node) or exit_kinds(node):
            self._rewrite(match_as_ifs(node, self._scope), node)
        else:
            self._output.append(self._kept(node))


_FORMS: Final[Mapping[type[gast.AST], Callable[[_Desugarer, Any], None]]] = {
    gast.Assign: _Desugarer._assign,
    gast.AnnAssign: _Desugarer._annotated,
    gast.AugAssign: _Desugarer._augment,
    gast.Expr: _Desugarer._effect,
    gast.Return: _Desugarer._return,
    gast.If: _Desugarer._if,
    gast.Assert: _Desugarer._assert,
    gast.For: _Desugarer._for,
    gast.While: _Desugarer._while,
    gast.With: _Desugarer._with,
    gast.Try: _Desugarer._try,
    gast.FunctionDef: _Desugarer._define,
    gast.Match: _Desugarer._match,
    gast.Delete: _Desugarer._delete,
    gast.Raise: _Desugarer._raise,
    gast.Pass: lambda worker, node: None,
    # What it names is only read here, and assigned nowhere.
    gast.Global: lambda worker, node: None,
}
"""What is made of each form of statement; all others stay."""


def _marked(statement: gast.AST, model: gast.AST) -> gast.AST:
    """Give the marks of `model` to a statement made for it, and to those inside that have none."""
    if tree.origin_of(statement) is None and not hasattr(statement, "lineno"):
        tree.like(statement, model)
        for block in tree.blocks(statement):
            for inner in block:
                _marked(inner, model)
    return statement


def _suppressed(node: gast.With, place: int) -> gast.AST:
    """`with suppress(E): ...` as the `try` that it stands for.

    Args:
        node: the statement.
        place: which of its context managers is `suppress(...)`.
    """
    item, inner = node.items[place], node.items[place + 1 :]
    body = [gast.With(inner, node.body, None)] if inner else list(node.body)
    if item.optional_vars is not None:
        body.insert(0, gast.Assign([item.optional_vars], tree.const(None), None))
    caught = item.context_expr.args
    error = caught[0] if len(caught) == 1 and not isinstance(caught[0], gast.Starred) else tree.tuple_of(caught)
    tried: gast.AST = gast.Try(body, [gast.ExceptHandler(error, None, [gast.Pass()])], [], [])
    return gast.With(node.items[:place], [tried], None) if place else tried


def _deleted(target: gast.Subscript) -> gast.AST:
    """`del c[k]` as a statement that takes the item off, `del c[i:j]` as one that puts nothing in its place."""
    if isinstance(target.slice, gast.Slice):
        return tree.assign(gast.Subscript(target.value, target.slice, gast.Store()), tree.list_of([]))
    return tree.effect(gast.Call(tree.attribute(target.value, "pop"), [target.slice], []))


def _calls_method(node: gast.AST) -> bool:
    """Whether an expression calls a method that lists and dicts have, or an object by the same name."""
    calls = (inner.func for inner in tree.walk(node) if isinstance(inner, gast.Call))
    names = [function.attr for function in calls if isinstance(function, gast.Attribute)]
    return any(hasattr(kind, name) for name in names for kind in (list, dict))


def _hides_name(node: gast.AST) -> bool:
    """Whether an expression assigns to a name."""
    return any(isinstance(inner, gast.NamedExpr) for inner in tree.walk(node))


def _names(expression: gast.AST) -> list[str]:
    return [node.id for node in tree.walk(expression) if isinstance(node, gast.Name)]


def _short_circuit(node: gast.BoolOp) -> gast.AST:
    """`a and b` as a statement."""
    first, *others = node.values
    rest = others[0] if len(others) == 1 else gast.BoolOp(node.op, others)
    test = gast.UnaryOp(gast.Not(), first) if isinstance(node.op, gast.Or) else first
    return tree.if_(test, [tree.effect(rest)])
