"""Statements hidden in expressions, brought before the statement.

An assignment expression, a conditional expression or `and`/`or` with an active value, a
comprehension over active data: each becomes statements, and a name stands in its place. What is
evaluated before it and could notice the difference gets a name as well, so that the order of
evaluation stays.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from copy import copy
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.active import CHANGERS, carriers, is_method_of_object
from tangent_sct.frontend.namespace import MISSING
from tangent_sct.frontend.order import is_spliced, placed, put, slots
from tangent_sct.frontend.scope import Scope
from tangent_sct.frontend.subset import refuse

_CONDITIONAL = (gast.IfExp, gast.BoolOp)
_CONSUMERS = ("list", "tuple", "sorted", "sum", "max", "min", "dict", "any", "all")
_ITERATORS = ("zip", "enumerate", "reversed")
_OPAQUE = (gast.Lambda, gast.JoinedStr)


def hoisted(
    expression: gast.AST,
    scope: Scope,
    is_test: bool = False,
    is_looped: bool = False,
    is_disturbed: bool = False,
) -> tuple[list[gast.AST], gast.AST]:
    """The statements to run before an expression, and the expression that is left.

    Args:
        expression: what is evaluated; returned itself if there is nothing to do.
        scope: the function's names.
        is_test: whether only the truth of the value matters: no derivative flows through it.
        is_looped: whether it is what a loop runs over, where `list(zip(...))` needs no list.
        is_disturbed: whether the loop may change what it runs over, so that it does need one.

    Returns:
        Statements, which may need more rewriting themselves, and the expression.
    """
    marked: set[int] = set()
    if is_looped:
        _mark_looped(expression, scope, is_disturbed)
    if not _mark(expression, scope, marked, not is_test)[1]:
        return [], expression
    worker = _Hoister(scope, marked, expression)
    value = worker.visit(expression)
    return worker.before, value


def _mark(node: gast.AST, scope: Scope, marked: set[int], flows: bool) -> tuple[bool, bool]:
    """Mark what has to be rewritten in an expression, from the leaves up.

    Args:
        node: the expression.
        scope: the function's names.
        marked: identities of what has to be rewritten.
        flows: whether a derivative flows from the expression into the statement.

    Returns:
        Whether the value is active where it flows, and whether the node has been marked.
    """
    if type(node) is gast.Name:
        return flows and node.id in scope.active, False
    if type(node) is gast.JoinedStr and any(type(inner) is gast.NamedExpr for inner in tree.walk(node)):
        _mark_operands(node, scope, marked, False)
        marked.add(id(node))
        return False, True
    if isinstance(node, (gast.Constant, *_OPAQUE)):
        # The defaults of a function are evaluated where it is made.
        hides = [_mark(value, scope, marked, flows)[1] for value in _defaults(node)]
        if any(hides):
            marked.add(id(node))
        return flows and scope.mentions(node), any(hides)
    if isinstance(node, tree.COMPREHENSIONS):
        active = flows and scope.mentions(node)
        found = active or hides_effects(node, scope)
    else:
        active, found = _mark_operands(node, scope, marked, flows)
        found = found or type(node) is gast.NamedExpr
        found = found or (active and isinstance(node, _CONDITIONAL))
        found = found or (
            active and type(node) is gast.Call and any(map(is_spliced, node.args))
        )
        found = found or calls_inner(node, scope) or (active and _applies(node, scope))
        found = found or (active and (_spreads(node, scope) or _runs_through(node, scope)))
        found = found or (bool(scope.rebound) and scope.calls_unknown(node)) or is_first(node, scope)
    if found:
        marked.add(id(node))
    return active, found


def _defaults(node: gast.AST) -> list[gast.AST]:
    if not isinstance(node, gast.Lambda):
        return []
    return [*node.args.defaults, *filter(None, node.args.kw_defaults)]


def _mark_operands(
    node: gast.AST, scope: Scope, marked: set[int], flows: bool
) -> tuple[bool, bool]:
    flowing = {id(item) for item in carriers(node, scope.is_zero)} if flows else set()
    active = found = False
    for child in tree.children(node):
        value = child.value if isinstance(child, gast.keyword) else child
        results = _mark(value, scope, marked, id(value) in flowing)
        if results[1]:
            marked.add(id(child))
        active, found = active or results[0], found or results[1]
    return active, found


def calls_inner(node: gast.AST, scope: Scope) -> bool:
    """Whether an expression calls a function defined inside that reads active values, or a method of an object."""
    if not isinstance(node, gast.Call):
        return False
    return tree.is_one_of(node.func, scope.active) or is_method_of_object(node.func, scope.active)


def hides_effects(node: gast.AST, scope: Scope) -> bool:
    """Whether evaluating an expression assigns to a variable, or may change an object that holds active values."""
    every = list(tree.walk(node))
    names = tree.names_read(node)
    hides = any(isinstance(inner, gast.NamedExpr) or calls_inner(inner, scope) for inner in every)
    return hides or scope.may_rebind(node) or (any(map(_changes, every)) and not scope.active.isdisjoint(names))


def _changes(node: gast.AST) -> bool:
    """Whether a node is a call of a method that changes its object."""
    return isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute) and node.func.attr in CHANGERS


def _applies(node: gast.AST, scope: Scope) -> bool:
    """Whether an expression is `map`, `filter` or `functools.reduce` of arguments that are written out."""
    if not isinstance(node, gast.Call) or node.keywords or getattr(node, "looped", False):
        return False
    if any(isinstance(argument, gast.Starred) for argument in node.args):
        return False
    if scope.is_builtin(node.func, "map"):
        return len(node.args) >= 2
    if scope.is_builtin(node.func, "filter"):
        return len(node.args) == 2
    return scope.meaning(node.func) is functools.reduce and len(node.args) in (2, 3)


def _mark_looped(node: gast.AST, scope: Scope, is_disturbed: bool) -> None:
    """Mark the iterators that a loop takes apart itself (`iteration`)."""
    if not isinstance(node, gast.Call):
        return
    copies = () if is_disturbed else ("list", "tuple")
    if scope.is_builtin(node.func, *copies, *_ITERATORS):
        node.looped = True
        for argument in node.args:
            _mark_looped(argument, scope, is_disturbed)
    elif scope.is_builtin(node.func, "map"):
        node.looped = True
        for argument in node.args[1:]:
            _mark_looped(argument, scope, is_disturbed)


def _spreads(node: gast.AST, scope: Scope) -> bool:
    """Whether an expression is a display of active values into which containers are spread."""
    if isinstance(node, (gast.List, gast.Tuple)) and isinstance(node.ctx, gast.Load):
        is_spread = any(isinstance(item, gast.Starred) for item in node.elts)
        return is_spread and any(map(scope.mentions, node.elts))
    if isinstance(node, gast.Dict):
        return (None in node.keys or _may_coincide(node.keys, scope)) and any(map(scope.mentions, node.values))
    return False


def _may_coincide(keys: list[gast.AST | None], scope: Scope) -> bool:
    """Whether two keys of a display may be equal, as 1 and True are: then the later item replaces the other."""
    told = [key for key in keys if key is not None]
    return any(not _differ(key, other, scope) for place, key in enumerate(told) for other in told[:place])


def _differ(left: gast.AST, right: gast.AST, scope: Scope) -> bool:
    """Whether two keys surely are different: by what they are, or by what their texts begin with."""
    values = _key(left, scope), _key(right, scope)
    if MISSING not in values:
        return bool(values[0] != values[1])
    first, second = map(_beginning, (left, right), values)
    return first is not None and second is not None and not first.startswith(second) and not second.startswith(first)


def _beginning(node: gast.AST, value: Any) -> str | None:
    """What a text begins with, as far as it is written out; None for other keys."""
    if isinstance(node, gast.JoinedStr):
        literal = node.values[0] if node.values else None
        return literal.value if isinstance(literal, gast.Constant) else ""
    return value if isinstance(value, str) else None


def _key(node: gast.AST, scope: Scope) -> Any:
    """The value of a key, `MISSING` where only the run tells."""
    if isinstance(node, gast.Constant):
        return node.value
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub) and isinstance(node.operand, gast.Constant):
        return -node.operand.value
    if isinstance(node, gast.Tuple):
        items = [_key(item, scope) for item in node.elts]
        return MISSING if any(item is MISSING for item in items) else tuple(items)
    found = scope.meaning(node)
    return MISSING if found is None else found


def _runs_through(node: gast.AST, scope: Scope) -> bool:
    """Whether an expression is `list(zip(...))` or the like: an iterator of active values that is run through."""
    if not isinstance(node, gast.Call) or getattr(node, "looped", False):
        return False
    if not scope.is_builtin(node.func, *_CONSUMERS) or not node.args:
        return False
    items = node.args[0]
    if isinstance(items, (gast.GeneratorExp, gast.ListComp)) or _is_pairs(items):
        return scope.is_builtin(node.func, "dict") and scope.mentions(items)
    is_iterator = isinstance(items, gast.Call) and scope.is_builtin(items.func, *_ITERATORS)
    return is_iterator and scope.mentions(items) and not any(isinstance(a, gast.Starred) for a in items.args)


def _is_pairs(node: gast.AST) -> bool:
    """Whether an expression is a list of pairs that is written out."""
    if not isinstance(node, (gast.List, gast.Tuple)):
        return False
    return all(isinstance(item, gast.Tuple) and len(item.elts) == 2 for item in node.elts)


class _Hoister:
    def __init__(self, scope: Scope, marked: set[int], whole: gast.AST) -> None:
        self.before: list[gast.AST] = []
        self._whole = whole
        self._scope = scope
        self._marked = marked

    def visit(self, node: gast.AST) -> gast.AST:
        """What is left of an expression."""
        if id(node) not in self._marked:
            return node
        if isinstance(node, gast.NamedExpr):
            self.before.append(tree.assign(node.target.id, self.visit(node.value)))
            return tree.load(node.target.id)
        if isinstance(node, gast.Lambda):
            return self._lambda(node)
        if isinstance(node, gast.JoinedStr):
            return self._text(node)
        if isinstance(node, gast.IfExp):
            return self._if(node)
        if isinstance(node, gast.BoolOp):
            return self._bool(node)
        if isinstance(node, gast.Compare):
            return self._compare(node)
        if isinstance(node, tree.COMPREHENSIONS):
            return self._named(node, "items", node)
        if _spreads(node, self._scope):
            return self.visit(self._joined(node))
        if isinstance(node, gast.Call):
            total = self._total(node)
            if total is not None:
                return total
            if is_search(node, self._scope):
                return self._searched(node)
            if is_first(node, self._scope):
                return self._first(node)
            if _applies(node, self._scope):
                return self._applied(node)
            if _runs_through(node, self._scope):
                return self._run_through(node)
            if node is not self._whole and self._scope.rebound and self._scope.calls_unknown(node):
                # What has been evaluated before it must not see what it assigns.
                return self._named(self._parts(node), "t", node)
        return self._parts(node)

    def _named(self, value: gast.AST, base: str, model: gast.AST) -> gast.AST:
        """A new name for a value."""
        name = self._scope.fresh(base, self._scope.mentions(model))
        self.before.append(tree.assign(name, value))
        return tree.load(name)

    def _lambda(self, node: gast.Lambda) -> gast.AST:
        arguments = copy(node.args)
        arguments.defaults = list(map(self.visit, arguments.defaults))
        arguments.kw_defaults = [None if value is None else self.visit(value) for value in arguments.kw_defaults]
        return gast.Lambda(arguments, node.body)

    def _text(self, node: gast.JoinedStr) -> gast.AST:
        """An f-string: what comes before something hidden is a text by then."""
        done: list[gast.AST] = []
        for part in node.values:
            start = len(self.before)
            part = self.visit(part)
            if len(self.before) > start and any(isinstance(item, gast.FormattedValue) for item in done):
                name = self._scope.fresh("text", active=False)
                self.before.insert(start, tree.assign(name, gast.JoinedStr(done)))
                done = [gast.FormattedValue(tree.load(name), -1, None)]
            done.append(part)
        return gast.JoinedStr(done)

    def _if(self, node: gast.IfExp) -> gast.AST:
        name = self._scope.fresh("t", self._scope.mentions(node))
        test = self.visit(node.test)
        body, orelse = tree.assign(name, node.body), tree.assign(name, node.orelse)
        self.before.append(tree.if_(test, [body], [orelse]))
        return tree.load(name)

    def _bool(self, node: gast.BoolOp) -> gast.AST:
        first, *others = node.values
        first = self.visit(first)
        if any(calls_inner(item, self._scope) for item in tree.walk(first)):
            # It is evaluated always, which the call alone could not be seen to be.
            first = self._named(first, "t", first)
        rest_hidden = any(id(value) in self._marked for value in others)
        if not rest_hidden and not self._scope.mentions(node):
            return gast.BoolOp(node.op, [first, *others])
        name = self._scope.fresh("t", self._scope.mentions(node))
        self.before += either(name, gast.BoolOp(node.op, [first, *others]))
        return tree.load(name)

    def _compare(self, node: gast.Compare) -> gast.AST:
        if not any(id(part) in self._marked for part in node.comparators[1:]):
            return self._parts(node)
        # `a < b < c` compares b with c only if a < b; b is computed once.
        left, pairs = self.visit(node.left), []
        for number, (op, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
            if number == 0:
                left = self._kept(left)
                right = self.visit(right)
            if number < len(node.ops) - 1:
                name = self._scope.fresh("t", self._scope.mentions(right))
                keep = gast.NamedExpr(tree.store(name), right)
                self._marked.add(id(keep))
                pairs.append(gast.Compare(left, [op], [keep]))
                left = tree.load(name)
            else:
                pairs.append(gast.Compare(left, [op], [right]))
            self._marked.add(id(pairs[-1]))
        return self._bool(gast.BoolOp(gast.And(), pairs))

    def _kept(self, value: gast.AST) -> gast.AST:
        return value if isinstance(value, gast.Constant) else self._named(value, "t", value)

    def _total(self, node: gast.Call) -> gast.AST | None:
        """`sum(... for ...)`."""
        if not is_sum(node, self._scope):
            return None
        return self._named(node, "total", node)

    def _searched(self, node: gast.Call) -> gast.AST:
        """`any(... for ...)`."""
        name = self._scope.fresh("found", active=False)
        self.before += search_loop(node, name, self._scope)
        found = tree.load(name)
        return found if self._scope.is_builtin(node.func, "any") else gast.UnaryOp(gast.Not(), found)

    def _first(self, node: gast.Call) -> gast.AST:
        """`next(... for ...)`."""
        name, found = self._scope.fresh("first", active=True), self._scope.fresh("found", active=False)
        self.before += first_loop(node, name, found, self._scope)
        return tree.load(name)

    def _run_through(self, node: gast.Call) -> gast.AST:
        """`list(zip(...))` as a list, made by a comprehension."""
        items, *others = node.args
        if _is_pairs(items) and not node.keywords:
            keys, values = zip(*(pair.elts for pair in items.elts), strict=True)
            return self._parts(gast.Dict(list(keys), list(values)))
        if self._scope.is_builtin(node.func, "dict") and not others and not node.keywords:
            key, item = self._scope.fresh("key", active=False), self._scope.fresh("item", active=True)
            pair = gast.Tuple([tree.store(key), tree.store(item)], gast.Store())
            generator = gast.comprehension(pair, items, [], 0)
            return self._named(gast.DictComp(tree.load(key), tree.load(item), [generator]), "items", items)
        item = self._scope.fresh("item", active=True)
        generator = gast.comprehension(tree.store(item), items, [], 0)
        listed = self._named(gast.ListComp(tree.load(item), [generator]), "items", items)
        if self._scope.is_builtin(node.func, "list"):
            return listed
        return self._parts(gast.Call(node.func, [listed, *others], node.keywords))

    def _joined(self, node: gast.AST) -> gast.AST:
        """`[a, *b]` as `[a] + list(b)`, `{**d, k: v}` as `dict(d) | {k: v}`, `{i: v, j: w}` as `{i: v} | {j: w}`."""
        pieces: list[gast.AST] = []
        if isinstance(node, gast.Dict):
            symbol, whole = "|", "dict"
            for key, value in zip(node.keys, node.values, strict=True):
                if key is None:
                    pieces.append(tree.call(whole, value))
                    continue
                last = pieces[-1] if pieces and isinstance(pieces[-1], gast.Dict) else gast.Dict([], [])
                if not last.keys or _may_coincide([*last.keys, key], self._scope):
                    pieces.append(gast.Dict([key], [value]))
                else:
                    pieces[-1] = gast.Dict([*last.keys, key], [*last.values, value])
        else:
            symbol, whole = "+", "list" if isinstance(node, gast.List) else "tuple"
            for item in node.elts:
                if isinstance(item, gast.Starred):
                    pieces.append(tree.call(whole, item.value))
                elif pieces and isinstance(pieces[-1], type(node)):
                    pieces[-1] = type(node)([*pieces[-1].elts, item], gast.Load())
                else:
                    pieces.append(type(node)([item], gast.Load()))
        if not self._scope.is_builtin(tree.load(whole), whole):
            refuse("shadowed builtin", node, self._scope.source, builtin=whole)
        joined = functools.reduce(lambda left, right: tree.binary(left, symbol, right), pieces)
        self._marked.update(id(part) for part in tree.walk(joined) if not isinstance(part, gast.Name))
        return joined

    def _applied(self, node: gast.Call) -> gast.AST:
        """`map`, `filter` and `functools.reduce`, as comprehensions and a loop."""
        function, *iterables = node.args
        if not isinstance(function, (gast.Name, gast.Attribute, gast.Lambda, gast.Constant)):
            function = self._named(function, "function", function)
        if self._scope.is_builtin(node.func, "map"):
            return self._named(self._comprehension(function, iterables), "items", node)
        if self._scope.is_builtin(node.func, "filter"):
            return self._named(self._filtered(function, *iterables), "items", node)
        return self._reduced(function, node, *iterables)

    def _comprehension(self, function: gast.AST, iterables: list[gast.AST]) -> gast.AST:
        """`[function(a, b) for a, b in zip(...)]`."""
        items = [self._scope.fresh("item", self._scope.mentions(iterable)) for iterable in iterables]
        target: gast.AST = tree.store(items[0])
        iterable = iterables[0]
        if len(items) > 1:
            target = tree.with_context(tree.tuple_of(map(tree.load, items)), gast.Store())
            iterable = tree.call("zip", *iterables)
        element = gast.Call(function, [tree.load(item) for item in items], [])
        return gast.ListComp(element, [gast.comprehension(target, iterable, [], 0)])

    def _filtered(self, function: gast.AST, iterable: gast.AST) -> gast.AST:
        """`[a for a in iterable if function(a)]`."""
        item = self._scope.fresh("item", self._scope.mentions(iterable))
        test: gast.AST = tree.load(item)
        if not tree.is_constant(function, None):
            test = gast.Call(function, [tree.load(item)], [])
        generator = gast.comprehension(tree.store(item), iterable, [test], 0)
        return gast.ListComp(tree.load(item), [generator])

    def _reduced(
        self, function: gast.AST, node: gast.Call, iterable: gast.AST, start: gast.AST | None = None
    ) -> gast.AST:
        """`reduce(function, iterable, start)`, as a loop."""
        if start is not None and not tree.is_atom(start) and not isinstance(iterable, gast.GeneratorExp):
            iterable = self._named(iterable, "items", iterable)
        total = self._scope.fresh("total", active=True)
        if start is None:
            items = self._named(tree.call("list", iterable), "items", iterable)
            start = tree.subscript(items, tree.const(0))
            item = self._scope.fresh("i", active=False)
            indices = tree.call("range", tree.const(1), tree.call("len", tree.copy(items)))
            read: gast.AST = tree.subscript(tree.copy(items), tree.load(item))
        else:
            item = self._scope.fresh("item", self._scope.mentions(iterable))
            indices, read = iterable, tree.load(item)
        step = tree.assign(total, gast.Call(function, [tree.load(total), read], []))
        self.before += [tree.assign(total, start), tree.for_(item, indices, [step])]
        return tree.load(total)

    def _parts(self, node: gast.AST) -> gast.AST:
        """Visit the operands in the order in which they are evaluated."""
        new, places = slots(node)
        done: list[tuple[Any, Any]] = []
        for owner, key in places:
            start = len(self.before)
            value = self.visit(placed(owner, key))
            if len(self.before) > start:
                self._keep_earlier(done, start)
            put(owner, key, value)
            done.append((owner, key))
        return new

    def _keep_earlier(self, done: list[tuple[Any, Any]], place: int) -> None:
        """Name the operands evaluated before the statements from `place` on, where that matters."""
        written = set(tree.names_written(self.before[place:]))
        for owner, key in done:
            value = placed(owner, key)
            if self._is_steady(value, written):
                continue
            name = self._scope.fresh("t", self._scope.mentions(value))
            self.before.insert(place, tree.assign(name, value))
            put(owner, key, tree.load(name))
            place += 1

    def _is_steady(self, value: gast.AST, written: set[str]) -> bool:
        if isinstance(value, gast.Name):
            return value.id not in written and value.id not in self._scope.rebound
        if isinstance(value, gast.Attribute):
            return self._scope.meaning(value) is not None
        if isinstance(value, gast.Lambda):
            return all(self._is_steady(default, written) for default in _defaults(value))
        return isinstance(value, gast.Constant)


def either(name: str, node: gast.BoolOp) -> list[gast.AST]:
    """`name = a or b` (or `and`) as statements."""
    first, *others = node.values
    statements = [tree.assign(name, first)]
    if others:
        test: gast.AST = tree.load(name)
        if isinstance(node.op, gast.Or):
            test = gast.UnaryOp(gast.Not(), test)
        statements.append(tree.if_(test, either(name, gast.BoolOp(node.op, others))))
    return statements


def is_sum(node: gast.AST, scope: Scope) -> bool:
    """Whether an expression is `sum(... for ...)`, of active data."""
    return (
        isinstance(node, gast.Call)
        and scope.is_builtin(node.func, "sum")
        and 1 <= len(node.args) + len(node.keywords) <= 2
        and bool(node.args)
        and isinstance(node.args[0], (gast.GeneratorExp, gast.ListComp))
        and scope.mentions(node.args[0])
    )


def is_search(node: gast.Call, scope: Scope) -> bool:
    """Whether an expression is `any(... for ...)` or `all(...)` of what does more than compute, and so ends early."""
    if not scope.is_builtin(node.func, "any", "all") or len(node.args) != 1 or node.keywords:
        return False
    return isinstance(node.args[0], gast.GeneratorExp) and hides_effects(node.args[0], scope)


def is_first(node: gast.AST, scope: Scope) -> bool:
    """Whether an expression is `next(... for ...)` of active data, perhaps with a default that is only computed."""
    if not isinstance(node, gast.Call) or not scope.is_builtin(node.func, "next") or node.keywords:
        return False
    if not node.args or not isinstance(node.args[0], gast.GeneratorExp) or any(map(scope.acts, node.args[1:])):
        return False
    return any(map(scope.mentions, node.args))


# -- comprehensions ---------------------------------------------------------------------------


def comprehension_loop(node: gast.AST, name: str, scope: Scope) -> list[gast.AST]:
    """`name = [element for ...]` (or a dict, or a generator's items), as a loop.

    Raises:
        UnsupportedError: for a set, and for an asynchronous comprehension.
    """
    if isinstance(node, gast.SetComp):
        refuse("set", node, scope.source)
    node = _with_free_targets(node, scope)
    if isinstance(node, gast.DictComp):
        start: gast.AST = gast.Dict([], [])
        target = gast.Subscript(tree.load(name), node.key, gast.Store())
        step = tree.assign(target, node.value)
    else:
        start = tree.list_of([])
        step = tree.effect(tree.call(tree.attribute(tree.load(name), "append"), node.elt))
    return [tree.assign(name, start), *_loops(node, [step])]


def bare_comprehension(node: gast.AST, scope: Scope) -> list[gast.AST]:
    """A list comprehension used as a loop."""
    node = _with_free_targets(node, scope)
    return _loops(node, [tree.effect(node.elt)])


def sum_loop(node: gast.Call, name: str, scope: Scope) -> list[gast.AST]:
    """`name = sum(element for ...)`, as a loop."""
    starts = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
    inner = _with_free_targets(node.args[0], scope)
    step = tree.assign(name, tree.binary(tree.load(name), "+", inner.elt))
    return [tree.assign(name, starts[0] if starts else tree.const(0.0)), *_loops(inner, [step])]


def search_loop(node: gast.Call, name: str, scope: Scope) -> list[gast.AST]:
    """`name = any(element for ...)`, or `name = not all(element for ...)`, as a loop that is left once it is true."""
    inner = _with_free_targets(node.args[0], scope)
    test = inner.elt if scope.is_builtin(node.func, "any") else gast.UnaryOp(gast.Not(), inner.elt)
    found = tree.if_(test, [tree.assign(name, tree.const(True)), gast.Break()])
    return [tree.assign(name, tree.const(False)), *_loops(inner, [found], tree.if_(tree.load(name), [gast.Break()]))]


def first_loop(node: gast.Call, name: str, found: str, scope: Scope) -> list[gast.AST]:
    """`name = next(element for ...)`, as a loop that is left with its first item; `found` tells if there is one."""
    inner, *defaults = node.args
    inner = _with_free_targets(inner, scope)
    taken = [tree.assign(name, inner.elt), tree.assign(found, tree.const(True)), gast.Break()]
    before = [*(tree.assign(name, default) for default in defaults), tree.assign(found, tree.const(False))]
    missing = tree.if_(gast.UnaryOp(gast.Not(), tree.load(found)), [gast.Raise(tree.call("StopIteration"), None)])
    loops = _loops(inner, taken, tree.if_(tree.load(found), [gast.Break()]))
    return [*before, *loops, *([] if defaults else [missing])]


def _loops(node: gast.AST, body: list[gast.AST], after: gast.AST | None = None) -> list[gast.AST]:
    """The loops of a comprehension around some statements; each is followed by `after` inside of the next."""
    for depth, generator in enumerate(reversed(node.generators)):
        if depth and after is not None:
            body = [*body, after]
        for test in reversed(generator.ifs):
            body = [tree.if_(test, body)]
        body = [gast.For(generator.target, generator.iter, body, [], None)]
    return body


def _with_free_targets(node: gast.AST, scope: Scope) -> gast.AST:
    """The comprehension with targets that are no names of the function, nor of one inside."""
    bound = [n for g in node.generators for n in tree.names_written(g.target)]
    inside = {
        name
        for inner in tree.walk(node)
        if inner is not node and isinstance(inner, tree.COMPREHENSIONS)
        for generator in inner.generators
        for name in tree.names_written(generator.target)
    }
    lambdas = [inner for inner in tree.walk(node) if isinstance(inner, gast.Lambda)]
    late = {name for inner in lambdas for name in tree.names_read(inner.body)}
    renamed: dict[str, str] = {}
    for name in dict.fromkeys(bound):
        active = name in scope.active
        if name in scope.used or name in inside:
            renamed[name] = scope.fresh(name, active)
        else:
            scope.adopt(name, active)
        if name in late:
            scope.of_comprehensions.add(renamed.get(name, name))
    return _renamed(node, renamed, own=True) if renamed else node


def with_own_variables(body: list[gast.AST], parameters: Iterable[str], scope: Scope) -> list[gast.AST]:
    """A body in which comprehensions that call something on their variables share those names with nothing.

    What such calls write into is told by names, and a name means one thing in a program.

    Args:
        body: the statements of a function.
        parameters: its parameters.
        scope: its names.
    """
    bound = {*parameters, *tree.names_written(body)}

    def shared(node: gast.AST) -> set[str]:
        if not isinstance(node, tree.COMPREHENSIONS):
            return set()
        own = bound.intersection(name for g in node.generators for name in tree.names_written(g.target))
        called = (item for item in tree.walk(node) if isinstance(item, gast.Call))
        return own if own and any(own.intersection(tree.names_read(call)) for call in called) else set()

    def separated(node: gast.AST) -> gast.AST | None:
        names = {name: scope.fresh(name, name in scope.active) for name in sorted(shared(node))}
        return _renamed(node, names, own=True) if names else None

    if not any(shared(node) for statement in body for node in tree.walk(statement)):
        return body
    return [tree.like(tree.rewrite(statement, separated), statement) for statement in body]


def _renamed(node: Any, renamed: dict[str, str], own: bool = False) -> Any:
    """A copy with names changed; a comprehension or lambda inside keeps its own."""
    if isinstance(node, list):
        return [_renamed(item, renamed) for item in node]
    if not isinstance(node, gast.AST):
        return node
    if isinstance(node, gast.Name):
        changed = renamed.get(node.id)
        return node if changed is None else gast.Name(changed, node.ctx, None, None)
    new = copy(node)
    if isinstance(node, tree.COMPREHENSIONS):
        return _renamed_comprehension(node, new, renamed, own)
    if isinstance(node, gast.Lambda):
        # Its defaults are evaluated outside, where its parameters mean something else.
        parameters = {parameter.id for parameter in tree.every_parameter(node.args)}
        within = {old: name for old, name in renamed.items() if old not in parameters}
        new.args = tree.rebuilt(node.args, lambda child: _renamed_default(child, renamed))
        new.body = _renamed(node.body, within)
        return new
    for name in node._fields:
        setattr(new, name, _renamed(getattr(node, name, None), renamed))
    return new


def _renamed_default(node: gast.AST, renamed: dict[str, str]) -> gast.AST:
    is_parameter = isinstance(node, gast.Name) and isinstance(node.ctx, gast.Param)
    return node if is_parameter else _renamed(node, renamed)


def _renamed_comprehension(
    node: gast.AST, new: gast.AST, renamed: dict[str, str], own: bool
) -> gast.AST:
    bound = {n for g in node.generators for n in tree.names_written(g.target)}
    inside = renamed if own else {o: n for o, n in renamed.items() if o not in bound}
    generators = []
    for number, generator in enumerate(node.generators):
        # The first iterable is evaluated outside, where the targets mean something else.
        outer = {o: n for o, n in renamed.items() if o not in bound} if own else renamed
        generators.append(
            gast.comprehension(
                _renamed(generator.target, inside),
                _renamed(generator.iter, outer if number == 0 else inside),
                _renamed(generator.ifs, inside),
                generator.is_async,
            )
        )
    new.generators = generators
    for name in ("elt", "key", "value"):
        if hasattr(node, name):
            setattr(new, name, _renamed(getattr(node, name), inside))
    return new
