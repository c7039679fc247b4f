"""Breaking active expressions into single operations.

After this pass every active operation stands alone, `name = op(atoms)`; everything inactive stays as the
user wrote it, save that an inactive operand with a subscript or a call in it gets a name, so that it is
computed once. Requires: `desugar`. Produces: the small language of `docs/architecture.md`.
"""

from __future__ import annotations

import functools
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.frontend.above import is_super
from tangent_sct.frontend.active import is_method_of_object
from tangent_sct.frontend.decorators import operated, taker, with_effect
from tangent_sct.frontend.expansions import makes_object
from tangent_sct.frontend.inside import assigned_outside, declared_inside
from tangent_sct.frontend.iteration import dict_view
from tangent_sct.frontend.library import CLASSES
from tangent_sct.frontend.made import is_followed
from tangent_sct.frontend.namespace import Namespace, meaning
from tangent_sct.frontend.order import parts_of_index, placed, put, slots
from tangent_sct.frontend.outs import Into, into
from tangent_sct.frontend.scope import MayWrite, writes
from tangent_sct.runtime import check_fills, check_separate, made, taken_item, taken_tail
from tangent_sct.runtime.boxes import WRITERS as BOX_WRITERS

IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.iadd, "-": operator.isub, "*": operator.imul, "/": operator.itruediv,
    "//": operator.ifloordiv, "%": operator.imod, "**": operator.ipow, "@": operator.imatmul,
    "<<": operator.ilshift, ">>": operator.irshift, "|": operator.ior, "^": operator.ixor,
    "&": operator.iand,
}  # fmt: skip
"""Augmented assignment of a name, until its kind says whether it writes in place."""

_SIMPLE = (
    gast.Name, gast.Constant, gast.BinOp, gast.UnaryOp, gast.Compare, gast.BoolOp, gast.Attribute,
    gast.Tuple, gast.Slice, gast.operator, gast.unaryop, gast.cmpop, gast.boolop, gast.expr_context,
)  # fmt: skip

_TAKING = (taken_item, taken_tail)
"""Helpers that take something out of a shadow, and return it."""
_CONDITIONAL = (*tree.SCOPES, *tree.COMPREHENSIONS, gast.BoolOp, gast.IfExp)
"""Expressions of which a part may be evaluated once, often, or not at all."""


def normalise(
    function: gast.FunctionDef,
    active: set[str],
    is_active: Callable[[gast.AST], bool],
    source: Source,
    names: Names,
    namespace: Namespace,
    may_write: MayWrite = lambda call, objects: False,
) -> tuple[gast.FunctionDef, set[str]]:
    """Break up the active operations of a desugared function.

    Args:
        function: the function, after `desugar`.
        active: names that may carry a derivative; those of active temporaries are added.
        is_active: whether an expression may carry a derivative, by `active`.
        source: where free names are looked up.
        names: gives out the names of temporaries.
        namespace: collects the free names.
        may_write: whether a call, its free names meaning these objects, may write into anything.

    Returns:
        The function and the names of the temporaries made.

    Raises:
        UnsupportedError: for a form of statement or expression that has no place in the small language.
    """
    local = set(tree.parameter_names(function)) | set(tree.names_written(function.body))
    often = _assigned_often(function)
    inside = [n for n in tree.every_statement(function.body) if isinstance(n, gast.FunctionDef)]
    rebound = {name for inner in inside for name in assigned_outside(inner)}
    worker = _Normaliser(active, is_active, source, names, namespace, local, may_write, often, rebound)
    body = worker.block(function.body)
    defaults = _without_defaults(function.args)
    result = tree.like(tree.function(function.name, defaults, body, None), function)
    return result, worker.temporaries


def _is_conditional(node: gast.AST) -> bool:
    """Whether a part of an expression may be evaluated once, often, or not at all."""
    return isinstance(node, _CONDITIONAL) or (isinstance(node, gast.Compare) and len(node.ops) > 1)


def _holds_functions(node: gast.AST) -> bool:
    """Whether some item of a tuple, a list or a dict is a lambda."""
    if not isinstance(node, tree.DISPLAYS):
        return False
    items = tree.displayed(node)
    if isinstance(node, gast.Dict) and None in node.keys or any(isinstance(item, gast.Starred) for item in items):
        return False
    return any(isinstance(item, gast.Lambda) or _holds_functions(item) for item in items)


def _is_settled(operand: gast.AST) -> bool:
    """Whether nothing that runs before an operand is used can change what it is: names, literals, what holds them."""
    if isinstance(operand, gast.Starred):
        return _is_settled(operand.value)
    if isinstance(operand, tree.DISPLAYS):
        return all(map(_is_settled, tree.displayed(operand)))
    return tree.is_atom(operand)


def _searches(node: gast.AST) -> bool:
    """Whether an expression is `a in b`, which takes items off `b` where that is an iterator."""
    return isinstance(node, gast.Compare) and any(isinstance(op, (gast.In, gast.NotIn)) for op in node.ops)


def _is_slice(node: gast.AST) -> bool:
    """Whether an expression surely is a view of an array: `a[1:]`, `a[0, :]`."""
    if not isinstance(node, gast.Subscript):
        return False
    parts = node.slice.elts if isinstance(node.slice, gast.Tuple) else [node.slice]
    basic = all(isinstance(p, (gast.Slice, gast.Constant)) for p in parts)
    return basic and any(isinstance(p, gast.Slice) for p in parts)


def _assigned_often(function: gast.FunctionDef) -> set[str]:
    """Names that several statements assign, or functions defined inside."""
    counts = Counter(tree.parameter_names(function))
    for node in tree.every_statement(function.body):
        if isinstance(node, gast.For):
            counts.update(tree.names_written(node.target))
        elif isinstance(node, gast.With):
            counts.update(tree.names_written([i.optional_vars for i in node.items if i.optional_vars]))
        elif not isinstance(node, (gast.If, gast.While)):
            counts.update(tree.names_written(node))
    counts.update(declared_inside(function))
    return {name for name, count in counts.items() if count > 1}


def _without_defaults(arguments: gast.arguments) -> gast.arguments:
    """The parameters alone: defaults are filled in by `Derivative.__call__`."""

    def bare(items: list[gast.AST]) -> list[gast.AST]:
        return [gast.Name(item.id, gast.Param(), None, None) for item in items]

    every = bare(arguments.posonlyargs) + bare(arguments.args)
    if arguments.vararg:
        every += bare([arguments.vararg])
    every += bare(arguments.kwonlyargs)
    if arguments.kwarg:
        every += bare([arguments.kwarg])
    return gast.arguments(every, [], None, [], [], None, [])


class _Normaliser:
    def __init__(
        self,
        active: set[str],
        is_active: Callable[[gast.AST], bool],
        source: Source,
        names: Names,
        namespace: Namespace,
        local: set[str],
        may_write: MayWrite,
        often: set[str],
        rebound: set[str],
    ) -> None:
        self.may_write = may_write
        self.often = often
        self.rebound = rebound
        self.active = active
        self.is_active = is_active
        self.source = source
        self.names = names
        self.namespace = namespace
        self.local = local
        self.temporaries: set[str] = set()
        self.output: list[gast.AST] = []
        self.current: gast.AST | None = None

    # -- statements ---------------------------------------------------------------------------

    def block(self, statements: list[gast.AST]) -> list[gast.AST]:
        outer, self.output = self.output, []
        for statement in statements:
            self.current = statement
            self.statement(statement)
        result, self.output = self.output, outer
        return result or [tree.like(gast.Pass(), statements[0])] if statements else []

    def emit(self, statement: gast.AST, model: gast.AST | None = None) -> None:
        self.output.append(tree.like(statement, model or self.current or statement))

    def statement(self, node: gast.AST) -> None:
        if isinstance(node, gast.Assign):
            self.assign(node)
        elif isinstance(node, gast.AugAssign):
            self.augment(node)
        elif hasattr(node, "reads"):
            self.output.append(node)
        elif isinstance(node, gast.Expr):
            self.effect(node)
        elif isinstance(node, gast.If):
            self.if_(node)
        elif isinstance(node, gast.For):
            iterable = self.iterable(node.iter)
            self.emit(tree.for_(node.target, iterable, self.block(node.body)), node)
        elif isinstance(node, gast.While):
            self.emit(tree.while_(self.free(node.test), self.block(node.body)), node)
        elif isinstance(node, gast.With):
            items = [gast.withitem(self.free(i.context_expr), i.optional_vars) for i in node.items]
            self.emit(gast.With(items, self.block(node.body), None), node)
        elif isinstance(node, gast.Return):
            value = tree.const(None) if node.value is None else node.value
            self.emit(tree.return_(self.result(value)), node)
        elif isinstance(node, gast.FunctionDef):
            self.define(node)
        elif isinstance(node, gast.Pass):
            return
        elif isinstance(node, gast.Assert):
            message = None if node.msg is None else self.free(node.msg)
            self.emit(gast.Assert(self.whole(node.test), message), node)
        else:
            self.emit(self.free(node), node)

    def define(self, node: gast.FunctionDef) -> None:
        """A function is defined inside: its defaults are evaluated here, and its decorators called.

        Functions are told apart by name, so one whose name means other things as well gets another.
        """
        if node.decorator_list or node.name in self.often:
            self.decorated(node)
            return
        new = self.free(node)
        every = zip([a.id for a in node.args.args][::-1], node.args.defaults[::-1], strict=False)
        new.args.defaults = [self.default(*pair) for pair in every][::-1]
        own = zip([a.id for a in node.args.kwonlyargs], node.args.kw_defaults, strict=True)
        new.args.kw_defaults = [None if value is None else self.default(name, value) for name, value in own]
        self.emit(new, node)

    def decorated(self, node: gast.FunctionDef) -> None:
        """`@d def f(): ...` is `def g(): ...; f = d(g)`."""
        plain = tree.like(tree.function(self.names.fresh(node.name), node.args, node.body), node)
        self.local.add(plain.name)
        if self.is_active(tree.load(node.name)):
            self.active.add(plain.name)
        for decorator in node.decorator_list if plain.name in self.active else ():
            called = self.object_of(decorator.func if isinstance(decorator, gast.Call) else decorator)
            if called is functools.cache or called is functools.lru_cache:
                raise UnsupportedError(
                    f"`{node.name}` remembers its results, and reads values to be differentiated",
                    tree.origin_of(node),
                    "fill a table in a loop, or leave the decorator out",
                )
        value: gast.AST = tree.load(plain.name)
        for decorator in reversed(with_effect(node.decorator_list, self.source.text, self.object_of)):
            value = gast.Call(decorator, [value], [])
        self.define(plain)
        self.statement(tree.like(tree.assign(node.name, value), node))

    def object_of(self, node: gast.AST) -> Any:
        """The object from outside that an expression means."""
        dotted = tree.dotted_name(node)
        if dotted is None or dotted.partition(".")[0] in self.local:
            return None
        return meaning(self.free(node), self.namespace.objects)

    def default(self, name: str, value: gast.AST) -> gast.AST:
        """The default of a parameter of a function that is defined inside."""
        if isinstance(value, gast.Constant):
            return value
        return self.name_it(self.operation(value), f"{name}_default")

    def lambda_(self, node: gast.Lambda) -> gast.Name:
        """A lambda, as a function with a name."""
        name = self.names.fresh("function")
        self.temporaries.add(name)
        self.local.add(name)
        if self.is_active(node):
            self.active.add(name)
        model = self.current or node
        body = [tree.like(tree.return_(node.body), model)]
        self.define(tree.like(tree.function(name, node.args, body), model))
        return tree.load(name)

    def assign(self, node: gast.Assign) -> None:
        (target,) = node.targets
        if isinstance(target, gast.Name):
            self.emit(tree.assign(target.id, self.operation(node.value)), node)
        elif isinstance(target, gast.Subscript):
            value = self.atom(node.value)
            if not _is_settled(value) and self.writes(target):
                value = self.name_it(value)
            self.emit(tree.assign(self.target(target), value), node)
        elif isinstance(target, gast.Attribute):
            place = gast.Attribute(self.named(target.value), target.attr, gast.Store())
            self.emit(tree.assign(place, self.atom(node.value)), node)
        else:
            self.emit(self.free(node), node)

    def target(self, node: gast.Subscript) -> gast.Subscript:
        base = self.atom(node.value)
        if not isinstance(base, gast.Name):
            base = self.name_it(base)
        return tree.subscript(base, self.index(node.slice))

    def augment(self, node: gast.AugAssign) -> None:
        symbol = tree.BINARY_SYMBOL[type(node.op)]
        if isinstance(node.target, gast.Name):
            value = self.atom(node.value)
            function = IN_PLACE[symbol]
            call = gast.Call(
                tree.load(self.namespace.name_for(function.__name__, function)),
                [tree.load(node.target.id), value], [],
            )  # fmt: skip
            self.emit(tree.assign(node.target.id, call), node)
        elif isinstance(node.target, gast.Subscript) and (self.writes(node.value) or self.reads_others(node)):
            # What is updated is read first, and the value may change it.
            target = self.target(node.target)
            target = tree.subscript(target.value, self.settled_index(target.slice))
            old = self.name_it(tree.copy(target))
            self.augment(tree.like(tree.augment(old.id, symbol, node.value), node))
            self.emit(tree.assign(target, tree.load(old.id)), node)
        elif isinstance(node.target, gast.Subscript):
            value = self.atom(node.value)
            self.emit(tree.augment(self.target(node.target), symbol, value), node)
        else:
            owner = self.named(node.target.value)
            old = self.name_it(tree.attribute(owner, node.target.attr))
            self.augment(tree.like(tree.augment(old.id, symbol, node.value), node))
            place = gast.Attribute(tree.copy(owner), node.target.attr, gast.Store())
            self.emit(tree.assign(place, tree.load(old.id)), node)

    def writes(self, value: gast.AST) -> bool:
        """Whether evaluating an expression may write into an array or a container."""
        return writes(value, self.local, self.source, self.may_write)

    def reads_others(self, node: gast.AugAssign) -> bool:
        """Whether an update that carries no derivative reads other items of what it updates.

        That may be a defaultdict as it is, into which they come as they are read. (One of what varies is a dict.)
        """
        if "defaultdict" not in self.source.text or self.is_active(node.target) or self.is_active(node.value):
            return False
        owner, key = tree.text(node.target.value), tree.text(node.target.slice)
        return any(
            isinstance(part, gast.Subscript) and tree.text(part.value) == owner and tree.text(part.slice) != key
            for part in tree.walk(node.value)
        )

    def meanings(self, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """Free names with their objects; variables of a function around have none."""
        for name in names:
            try:
                yield name, self.source.lookup(name)
            except KeyError:
                continue

    def effect(self, node: gast.Expr) -> None:
        value = node.value
        found = self.into(value) if isinstance(value, gast.Call) else None
        if found is not None and found.is_plain() and _is_slice(found.out):
            # Nothing else needs a name for the view.
            store = tree.assign(self.target(found.out), self.atom(found.call))
            store.of_array = tree.text(value)
            self.emit(store, node)
            return
        if found is not None:
            self.put_out(value)
            return
        if isinstance(value, gast.Call) and is_one_of(meaning(value.func, self.namespace.objects), _TAKING):
            # It has gone from where it was taken, whether anyone wants it or not.
            self.name_it(self.call(value))
        elif isinstance(value, gast.Call) and self.is_active(value):
            self.emit(tree.effect(self.call(value)), node)
        elif isinstance(value, gast.Call) and any(map(self.is_active, value.args)):
            last = max(place for place, a in enumerate(value.args) if self.is_active(a))
            # What stands before a value that is computed above the call is computed above it, too.
            args = [*self.in_order(value.args[: last + 1], self.argument), *map(self.free, value.args[last + 1 :])]
            keywords = [gast.keyword(k.arg, self.free(k.value)) for k in value.keywords]
            self.emit(tree.effect(gast.Call(self.callee(value.func), args, keywords)), node)
        elif not isinstance(value, gast.Constant):
            self.emit(tree.effect(self.whole(value)), node)

    def if_(self, node: gast.If) -> None:
        exits = len(node.body) == 1 and isinstance(node.body[0], gast.Break)
        test = self.whole(node.test)
        if not isinstance(test, (gast.Name, gast.Constant)):
            test = self.name_it(test, "test")
        body = tree.copy_all(node.body) if exits else self.block(node.body)
        orelse = self.block(node.orelse)
        # An object that is asked for its truth may do more than to tell it.
        is_number = isinstance(test, gast.Constant) or test.id in self.temporaries
        if is_number and all(isinstance(inner, gast.Pass) for inner in (*body, *orelse)):
            return
        self.emit(tree.if_(test, body, orelse), node)

    # -- expressions --------------------------------------------------------------------------

    def name_it(self, value: gast.AST, base: str = "t") -> gast.Name:
        """Give a value a name of its own."""
        name = self.names.fresh(base)
        self.temporaries.add(name)
        self.local.add(name)
        if self.is_active(value):
            self.active.add(name)
        self.emit(tree.assign(name, value))
        return tree.load(name)

    def operation(self, node: gast.AST) -> gast.AST:
        """A right-hand side: one operation on atoms where active, the whole expression where not."""
        if isinstance(node, gast.Lambda):
            return self.lambda_(node)
        if isinstance(node, gast.Call) and self.is_partial(node):
            return self.partial(node)
        taking = taker(node, self.object_of(node.func)) if isinstance(node, gast.Call) else None
        if taking is not None:
            return self.lambda_(taking)
        put = self.put_out(node) if isinstance(node, gast.Call) else None
        if put is not None:
            return put
        if _holds_functions(node):
            return self.display(node)
        if not self.is_active(node):
            return self.whole(node)
        if isinstance(node, gast.BinOp):
            left, right = self.in_order([node.left, node.right], self.atom)
            return gast.BinOp(left, node.op, right)
        if isinstance(node, gast.UnaryOp):
            return gast.UnaryOp(node.op, self.atom(node.operand))
        if isinstance(node, gast.Call):
            plain = operated(node, self.object_of(node.func))
            return self.call(node) if plain is None else self.operation(plain)
        if isinstance(node, gast.Attribute):
            owner = self.free(node.value) if is_super(node.value) else self.named(node.value)
            return tree.attribute(owner, node.attr)
        if isinstance(node, gast.Subscript):
            item = tree.subscript(self.named(node.value), self.index(node.slice))
            item.in_turn = getattr(node, "in_turn", False)
            item.unpacked = getattr(node, "unpacked", False)
            item.backwards = getattr(node, "backwards", False)
            return item
        if isinstance(node, tree.DISPLAYS):
            return self.display(node)
        if isinstance(node, (gast.Name, gast.Constant)):
            return self.free(node)
        raise self.refusal(
            node, f"a {type(node).__name__} on values to be differentiated is not supported",
            "write it with plain assignments, loops and function calls",
        )  # fmt: skip

    def atom(self, node: gast.AST) -> gast.AST:
        """A name, a literal, or an inactive expression that is cheap and free of effects."""
        if not self.is_active(node):
            return self.operand(node)
        if isinstance(node, (gast.Name, gast.Constant)):
            return self.free(node)
        return self.name_it(self.operation(node))

    def in_order(
        self, nodes: Sequence[gast.AST], operand: Callable[[gast.AST], gast.AST]
    ) -> list[gast.AST]:
        """Operands from left to right; one that would stay in the text has a name where a later one may change it."""
        found: list[gast.AST] = []
        for place, node in enumerate(nodes):
            new = operand(node)
            if not _is_settled(new) and any(map(self.writes, nodes[place + 1 :])):
                new = self.name_it(new)
            found.append(new)
        return found

    def named(self, node: gast.AST) -> gast.Name:
        found = self.atom(node)
        return found if isinstance(found, gast.Name) else self.name_it(found)

    def operand(self, node: gast.AST) -> gast.AST:
        """An inactive operand: kept whole where that is cheap, else computed once."""
        if isinstance(node, gast.Lambda):
            return self.lambda_(node)
        if isinstance(node, (gast.Tuple, gast.List)):
            return type(node)(self.in_order(node.elts, self.operand), node.ctx)
        if all(isinstance(n, _SIMPLE) and not _searches(n) for n in tree.walk(node)):
            return self.free(node)
        if self._is_object(node):
            return self.free(node)
        if self.makes_object(node):
            return self.object(node)
        return self.name_it(self.whole(node))

    def makes_object(self, node: gast.AST) -> bool:
        """Whether an expression makes an object of a class that is followed, or a collection."""
        if not isinstance(node, gast.Call):
            return False
        dotted = tree.dotted_name(node.func)
        if dotted is None or dotted.partition(".")[0] in self.local:
            return False
        cls = meaning(self.free(node.func), self.namespace.objects)
        return is_followed(cls) or makes_object(cls) or any(cls is maker for maker in (made, *CLASSES))

    def object(self, node: gast.Call) -> gast.Name:
        """An object that is made among active values, and may be given some later."""
        name = self.name_it(self.call(node), "t")
        self.active.add(name.id)
        return name

    def whole(self, node: gast.AST) -> gast.AST:
        """An inactive expression, kept whole but for calls that are no part of it.

        Those are what it takes off a list of active values, calls of functions that read some, and calls that put
        their result into an array.
        """

        every = list(tree.walk(node))
        always = not any(map(_is_conditional, every))
        return self.free(self.in_turn(node) if always and any(map(self.is_apart, every)) else node)

    def is_apart(self, node: gast.AST) -> bool:
        """Whether a part of an inactive expression becomes a statement of its own, which comes before."""
        return self.pops(node) or self.calls_inner(node) or self.puts_out(node)

    def in_turn(self, node: gast.AST) -> gast.AST:
        """An expression without the calls that are no part of it; what is evaluated before one has a name."""
        if self.is_apart(node):
            return self.put_out(node) or self.name_it(self.call(node))
        new, places = slots(node)
        earlier: list[tuple[Any, Any]] = []
        for owner, key in places:
            value = placed(owner, key)
            if any(map(self.is_apart, tree.walk(value))):
                for before in earlier:
                    if not self.is_steady(placed(*before)):
                        put(*before, self.name_it(self.free(placed(*before))))
                put(owner, key, self.in_turn(value))
            earlier.append((owner, key))
        return new

    def is_steady(self, value: gast.AST) -> bool:
        """Whether a call cannot change what an expression is: a literal, or the object that a name means."""
        return isinstance(value, gast.Constant) or (isinstance(value, gast.Name) and value.id not in self.rebound)

    def calls_inner(self, node: gast.AST) -> bool:
        """Whether an expression calls a function inside that reads active values, or a method of an object."""
        if not isinstance(node, gast.Call):
            return False
        is_function = isinstance(node.func, gast.Name) and self.is_active(node.func)
        return is_function or is_method_of_object(node.func, self.active)

    def pops(self, node: gast.AST) -> bool:
        """Whether an expression is `values.pop()`, on a list of active values."""
        is_call = isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute)
        return is_call and node.func.attr == "pop" and self.is_active(node.func.value)

    def _is_object(self, node: gast.AST) -> bool:
        """Text is handed on as it is."""
        return isinstance(node, gast.JoinedStr)

    def display(self, node: gast.AST) -> gast.AST:
        if isinstance(node, gast.Dict):
            if any(key is None for key in node.keys):
                raise self.refusal(
                    node, "`**` in a dict display of values to be differentiated is not supported",
                    "write the keys out",
                )  # fmt: skip
            pairs = [part for pair in zip(node.keys, node.values, strict=True) for part in pair]
            keys = set(map(id, node.keys))
            done = self.in_order(pairs, lambda part: self.key(part) if id(part) in keys else self.item(part))
            return gast.Dict(done[::2], done[1::2])
        return type(node)(self.in_order(node.elts, self.item), gast.Load())

    def key(self, node: gast.AST) -> gast.AST:
        """A key of a display: it stays where it is, unless it calls something, which must keep its turn."""
        return self.operand(node) if any(type(item) is gast.Call for item in tree.walk(node)) else self.free(node)

    def item(self, node: gast.AST) -> gast.AST:
        if isinstance(node, tree.DISPLAYS) and self.is_active(node):
            return self.name_it(self.display(node))
        return self.atom(node)

    def result(self, node: gast.AST) -> gast.AST:
        if isinstance(node, tree.DISPLAYS) and self.is_active(node):
            return self.name_it(self.display(node), "result")
        if self.is_active(node) and not isinstance(node, gast.Name):
            return self.name_it(self.operation(node), "result")
        if isinstance(node, (gast.Lambda, gast.Tuple, gast.List)):
            # A function that reads nothing active may be called on it.
            return self.named(node)
        if self.makes_object(node):
            return self.object(node)
        return self.free(node) if isinstance(node, gast.Name) else self.name_it(self.whole(node))

    def call(self, node: gast.Call) -> gast.Call:
        function = self.callee(node.func)
        every = self.in_order([*node.args, *(k.value for k in node.keywords)], self.argument)
        args, values = every[: len(node.args)], every[len(node.args) :]
        is_writer = is_one_of(meaning(function, self.namespace.objects), BOX_WRITERS)
        if is_writer and args and isinstance(args[0], gast.List):
            # A shadow, of which the derivative of this derivative has a shadow in its turn.
            args[0] = self.name_it(args[0])
        keywords = [gast.keyword(k.arg, value) for k, value in zip(node.keywords, values, strict=True)]
        return gast.Call(function, args, keywords)

    def puts_out(self, node: gast.AST) -> bool:
        """Whether an expression is a call that puts its result into an array of active values."""
        return isinstance(node, gast.Call) and self.into(node) is not None

    def into(self, node: gast.Call) -> Into | None:
        """What a call with `out=` puts where, None for other calls and where nothing active is involved."""
        if not any(k.arg == "out" for k in node.keywords):
            return None
        found = into(node, dict(self.meanings(n for n in tree.names_read(node.func) if n not in self.local)))
        return found if found is not None and (self.is_active(found.out) or self.is_active(node)) else None

    def put_out(self, node: gast.Call) -> gast.Name | None:
        """A call with `out=`, as a store into the array; its name, None for other calls."""
        found = self.into(node)
        if found is None:
            return None
        out = self.named(found.out)
        if not isinstance(found.out, gast.Name):
            self.store_out(node, found, out)
            return out
        # A parameter, or a variable, may hold the None that asks for a new array.
        result = self.names.fresh("t")
        self.temporaries.add(result)
        self.local.add(result)
        self.active.add(result)
        test = self.name_it(gast.Compare(tree.copy(out), [gast.Is()], [tree.const(None)]), "test")
        outer, self.output = self.output, []
        if found.masked is None:
            self.emit(tree.assign(result, self.operation(found.call)))
        else:
            error = tree.call("ValueError", tree.const("`where` without `out` leaves elements unset"))
            self.emit(gast.Raise(error, None))
            self.emit(tree.assign(result, tree.load(out.id)))
        without, self.output = self.output, []
        self.store_out(node, found, out)
        self.emit(tree.assign(result, tree.load(out.id)))
        within, self.output = self.output, outer
        self.emit(tree.if_(test, without, within))
        return tree.load(result)

    def store_out(self, node: gast.Call, found: Into, out: gast.Name) -> None:
        """The store that a call with `out=` is, where it is an array."""
        if found.masked is not None:
            function = self.namespace.name_for(found.masked.__name__, found.masked)
            args = [*found.call.args, out, found.where]
            self.emit(tree.effect(tree.call(function, self.callee(node.func), *map(self.argument, args))))
            return
        value = self.atom(self.read_apart(found.call, out) if found.in_parts else found.call)
        if found.fills_a_part:
            check = self.namespace.name_for("check_fills", check_fills)
            self.emit(tree.effect(tree.call(check, tree.copy(value), tree.copy(out))))
        store = tree.assign(tree.subscript(tree.copy(out), tree.const(...)), value)
        store.of_array = tree.text(node)
        self.emit(store)

    def read_apart(self, call: gast.Call, out: gast.Name) -> gast.Call:
        """A call, behind a check that what it is given first shares no memory with an array."""
        first = call.args[0] if call.args else next(k.value for k in call.keywords if k.arg in ("a", "arrays"))
        given = self.argument(first)
        check = self.namespace.name_for("check_separate", check_separate)
        self.emit(tree.effect(tree.call(check, tree.copy(out), tree.copy(given))))
        return gast.Call(call.func, [given, *call.args[1:]], [k for k in call.keywords if k.value is not first])

    def is_partial(self, node: gast.Call) -> bool:
        """Whether a call is `functools.partial(...)`, or `np.vectorize(...)`, which keeps a function too."""
        found = self.object_of(node.func)
        return found is functools.partial or found is np.vectorize

    def partial(self, node: gast.Call) -> gast.Call:
        """A partial keeps what its arguments are when it is made: each that may change gets a name."""

        def kept(value: gast.AST) -> gast.AST:
            if isinstance(value, (gast.Constant, gast.Starred)):
                return self.argument(value)
            return self.name_it(self.operation(value), "given")

        function, *args = node.args or [tree.const(None)]
        given = [self.argument(function), *map(kept, args)]
        # What `np.vectorize` is told is read where it stands: types, and positions of arguments.
        is_kept = meaning(self.free(node.func), self.namespace.objects) is functools.partial
        keywords = [
            gast.keyword(k.arg, kept(k.value) if k.arg and is_kept else self.told(k.value))
            for k in node.keywords
        ]
        return gast.Call(self.free(node.func), given, keywords)

    def told(self, node: gast.AST) -> gast.AST:
        """An argument that is read where it stands, if it is made of literals."""
        items = node.elts if isinstance(node, gast.Set) else ()
        return node if items and all(isinstance(i, gast.Constant) for i in items) else self.argument(node)

    def argument(self, node: gast.AST) -> gast.AST:
        if isinstance(node, gast.Starred):
            return tree.like(gast.Starred(self.atom(node.value), gast.Load()), node)
        if isinstance(node, (gast.Tuple, gast.List)) and self.is_active(node):
            return self.display(node)
        return self.atom(node)

    def callee(self, node: gast.AST) -> gast.AST:
        """What is called: a free name, an attribute of one, or a method of a value."""
        if isinstance(node, gast.Attribute) and is_super(node.value):
            return tree.attribute(self.free(node.value), node.attr)
        if isinstance(node, gast.Attribute) and self.is_active(node.value):
            return tree.attribute(self.named(node.value), node.attr)
        if isinstance(node, gast.Attribute) and self.makes_object(node.value):
            return tree.attribute(self.object(node.value), node.attr)
        if not isinstance(node, (gast.Name, gast.Attribute)):
            return self.named_value(node)
        return self.free(node)

    def named_value(self, node: gast.AST) -> gast.Name:
        """A function that is no name, under one."""
        value = self.operation(node)
        return value if isinstance(value, gast.Name) else self.name_it(value)

    def index(self, node: gast.AST) -> gast.AST:
        parts = iter(self.in_order(list(parts_of_index(node)), self.operand))

        def again(node: gast.AST) -> gast.AST:
            if isinstance(node, gast.Tuple):
                return tree.tuple_of(map(again, node.elts))
            if isinstance(node, gast.Slice):
                return gast.Slice(*(None if p is None else next(parts) for p in (node.lower, node.upper, node.step)))
            return next(parts)

        return again(node)

    def settled_index(self, node: gast.AST) -> gast.AST:
        """An index that selects the same when it stands twice, whatever is written in between."""
        if isinstance(node, gast.Tuple):
            return tree.tuple_of(map(self.settled_index, node.elts))
        if isinstance(node, gast.Slice) or tree.is_atom(node):
            return node
        return self.name_it(node)

    def iterable(self, node: gast.AST) -> gast.AST:
        if isinstance(node, gast.Call) and tree.is_name(
            node.func, "range", "reversed", "enumerate", "zip"
        ):
            return gast.Call(self.free(node.func), self.in_order(node.args, self.iterable), [])
        if dict_view(node) is not None:
            # It shows what the dict holds when an item has its turn: it is no list of what it holds now.
            return self.free(node)
        return self.operand(node)

    # -- free names ---------------------------------------------------------------------------

    def free(self, node: gast.AST) -> gast.AST:
        """A copy in which every free name stands for its object in the namespace."""
        spelled: dict[str, str] = {}
        for name in tree.names_read(node):
            if name in self.local or name in spelled:
                continue
            try:
                spelled[name] = self.namespace.use(self.source, name)
            except KeyError:
                continue
        renamed = {old: new for old, new in spelled.items() if old != new}
        return tree.rename(node, renamed) if renamed else tree.copy(node)

    def refusal(self, node: gast.AST, reason: str, hint: str) -> UnsupportedError:
        model = self.current if self.current is not None else node
        return UnsupportedError(reason, tree.origin_of(model), hint)
