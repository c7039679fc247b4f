"""Iterators in variables, as lists and the place that has been come to.

    it = iter(x)                 it = list(x); it_at = 0
    first = next(it)             if it_at >= len(it): raise StopIteration
                                 first = it[it_at]; it_at = it_at + 1
    for v in it:                 while it_at < len(it):
        ...                          v = it[it_at]; it_at = it_at + 1
                                     ...

So an iterator is ordinary data, that may be advanced anywhere. One that is handed on, or whose list changes while it
is used, stays what it is, and is refused later.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence

import gast

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.frontend.active import CHANGERS

_FRESH = ("range", "zip", "enumerate", "reversed", "sorted", "list", "tuple")
"""Functions whose results nothing else changes, and that end."""

_READING = ("len", "sum", "min", "max", "abs", "print", "float", "iter", *_FRESH)


def without_iterators(node: gast.FunctionDef, source: Source, names: Names) -> gast.FunctionDef:
    """A function in which iterators that it makes and advances itself are lists; the very same where there are none.

        >>> import textwrap
    >>> from tangent_sct.frontend.source import source_of
    >>> text = "def f(x):\\n    it = iter(x)\\n    return next(it) * next(it, 2.0)"
    >>> print(tree.text(without_iterators(tree.statements(text)[0], source_of(textwrap.dedent), Names())))
    def f(x):
        it, it_at = (list(x), 0)
        return it[(it_at := (it_at + 1)) - 1] * (it[(it_at := (it_at + 1)) - 1] if it_at < len(it) else 2.0)
    """
    if not any(_is_made(item) for item in tree.every_statement(node.body)):
        return node
    bound = {*tree.parameter_names(node), *tree.names_written(node.body)}
    if not all(_means_builtin(word, bound, source) for word in ("iter", "next", "list", "len")):
        return node
    candidates = {item.targets[0].id for item in tree.every_statement(node.body) if _is_made(item)}
    found = [name for name in sorted(candidates) if _is_followed(name, node)]
    if not found:
        return node
    names.reserve(bound)
    places = {name: names.fresh(f"{name}_at") for name in found}
    worker = _Iterators(places)
    return tree.like(tree.function(node.name, node.args, worker.block(node.body), node.returns), node)


def _means_builtin(word: str, bound: set[str], source: Source) -> bool:
    try:
        return word not in bound and source.lookup(word) is getattr(builtins, word)
    except KeyError:
        return False


def _is_made(node: gast.AST) -> bool:
    """Whether a statement is `name = iter(...)` of one argument."""
    if not isinstance(node, gast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], gast.Name):
        return False
    call = node.value
    return isinstance(call, gast.Call) and tree.is_name(call.func, "iter") and len(call.args) == 1


def _advances(node: gast.AST, name: str) -> bool:
    """Whether an expression is `next(name)`, or `next(name, value)` of a value that is evaluated without calls."""
    if not isinstance(node, gast.Call) or not tree.is_name(node.func, "next") or node.keywords:
        return False
    if len(node.args) not in (1, 2) or not tree.is_name(node.args[0], name):
        return False
    given = (item for value in node.args[1:] for item in tree.walk(value))
    return not any(isinstance(item, (gast.Call, gast.NamedExpr)) for item in given)


def _is_followed(name: str, node: gast.FunctionDef) -> bool:
    """Whether all that is done with a variable is to make it an iterator, to advance it, and to loop over it."""
    makers = [item for item in tree.every_statement(node.body) if _is_made(item) and item.targets[0].id == name]
    every = [item for statement in node.body for item in tree.walk(statement)]
    allowed = len(makers)
    has_try = any(isinstance(item, gast.Try) for item in every)
    whole = [s.value for s in tree.every_statement(node.body) if isinstance(s, gast.Assign)]
    for item in every:
        if isinstance(item, (tree.SCOPES, *tree.COMPREHENSIONS)) and name in _names_in(item):
            return False
        if _advances(item, name):
            if has_try and len(item.args) == 1 and not any(item is value for value in whole):
                return False
            allowed += 1
        elif isinstance(item, gast.For) and tree.is_name(item.iter, name):
            allowed += 1
    uses = sum(isinstance(item, gast.Name) and item.id == name for item in every)
    return uses == allowed and all(_is_steady(maker, node) for maker in makers)


def _names_in(node: gast.AST) -> set[str]:
    return {item.id for item in tree.walk(node) if isinstance(item, gast.Name)}


def _is_steady(maker: gast.Assign, node: gast.FunctionDef) -> bool:
    """Whether what an iterator runs over is a new list, or one that nothing changes."""
    value = maker.value.args[0]
    is_fresh = isinstance(value, gast.Call) and tree.is_name(value.func, *_FRESH) and not value.keywords
    if is_fresh:
        parts = value.args
    elif isinstance(value, (gast.List, gast.Tuple)):
        return not any(isinstance(item, gast.Starred) for item in value.elts)
    else:
        parts = [value]
    if not all(isinstance(part, (gast.Name, gast.Constant)) or _is_count(part) for part in parts):
        return False
    held = {part.id for part in parts if isinstance(part, gast.Name)}
    bound = {*tree.parameter_names(node), *tree.names_written(node.body)}
    return not any(_may_change(item, held, bound) for statement in node.body for item in tree.walk(statement))


def _is_count(node: gast.AST) -> bool:
    return isinstance(node, gast.Call) and tree.is_name(node.func, "range", "len")


def _may_change(item: gast.AST, held: set[str], bound: set[str]) -> bool:
    """Whether a part of a function may change one of some lists, or gives it another name."""
    if isinstance(item, (gast.Subscript, gast.Attribute)) and not isinstance(item.ctx, gast.Load):
        return _root_is(item, held)
    if isinstance(item, gast.AugAssign):
        return tree.is_one_of(item.target, held)
    if isinstance(item, gast.Assign):
        return tree.is_one_of(item.value, held)
    if not isinstance(item, gast.Call):
        return False
    if isinstance(item.func, gast.Attribute) and _root_is(item.func, held):
        return item.func.attr in CHANGERS
    is_reading = tree.is_name(item.func, *_READING) or (
        isinstance(item.func, gast.Attribute) and not _root_is(item.func, bound)
    )
    return not is_reading and any(tree.is_one_of(value, held) for value in item.args)


def _root_is(node: gast.AST, names: set[str]) -> bool:
    while isinstance(node, (gast.Subscript, gast.Attribute)):
        node = node.value
    return tree.is_one_of(node, names)


class _Iterators:
    """Rewrites what is done with some iterators.

    Args:
        places: the variable of the place that each has come to.
    """

    def __init__(self, places: dict[str, str]) -> None:
        self._places = places

    def block(self, body: Sequence[gast.AST]) -> list[gast.AST]:
        return [new for statement in body for new in self._statement(statement)]

    def _statement(self, node: gast.AST) -> Iterator[gast.AST]:
        if _is_made(node) and node.targets[0].id in self._places:
            name = node.targets[0].id
            target = tree.with_context(tree.tuple_of([tree.load(name), tree.load(self._places[name])]), gast.Store())
            value = self._expression(node.value.args[0])
            yield tree.like(tree.assign(target, tree.tuple_of([tree.call("list", value), tree.const(0)])), node)
            return
        if isinstance(node, gast.For) and isinstance(node.iter, gast.Name) and node.iter.id in self._places:
            yield self._loop(node)
            return
        name = self._advanced(getattr(node, "value", None)) if isinstance(node, gast.Assign) else None
        if name is not None and len(node.value.args) == 1:
            ended = gast.Compare(tree.load(self._places[name]), [gast.GtE()], [tree.call("len", tree.load(name))])
            yield tree.like(tree.if_(ended, [tree.like(gast.Raise(tree.load("StopIteration"), None), node)]), node)
            item, step = self._taken(name)
            yield tree.like(gast.Assign(node.targets, item, None), node)
            yield tree.like(step, node)
            return
        yield self._rebuilt(node)

    def _rebuilt(self, node: gast.AST) -> gast.AST:
        def change(child: gast.AST) -> gast.AST:
            return self._rebuilt(child) if not isinstance(child, gast.expr) else self._expression(child)

        new = tree.rebuilt(node, change)
        for part in ("body", "orelse", "finalbody"):
            if isinstance(getattr(node, part, None), list):
                setattr(new, part, self.block(getattr(node, part)))
        return new

    def _advanced(self, node: gast.AST | None) -> str | None:
        return next((name for name in self._places if node is not None and _advances(node, name)), None)

    def _loop(self, node: gast.For) -> gast.AST:
        name = node.iter.id
        item, step = self._taken(name)
        first = [tree.like(gast.Assign([node.target], item, None), node), tree.like(step, node)]
        loop = tree.while_(self._is_left(name), [*first, *self.block(node.body)])
        loop.orelse = self.block(node.orelse)
        return tree.like(loop, node)

    def _is_left(self, name: str) -> gast.AST:
        return gast.Compare(tree.load(self._places[name]), [gast.Lt()], [tree.call("len", tree.load(name))])

    def _taken(self, name: str) -> tuple[gast.AST, gast.AST]:
        """The item whose turn it is, and the step to the next one."""
        place = self._places[name]
        step = tree.assign(place, tree.binary(tree.load(place), "+", tree.const(1)))
        return tree.subscript(tree.load(name), tree.load(place)), step

    def _expression(self, node: gast.AST) -> gast.AST:
        name = self._advanced(node)
        if name is None:
            return tree.rewrite(node, self._change)
        place = self._places[name]
        moved = gast.NamedExpr(tree.store(place), tree.binary(tree.load(place), "+", tree.const(1)))
        item = tree.subscript(tree.load(name), tree.binary(moved, "-", tree.const(1)))
        if len(node.args) == 1:
            return item
        return gast.IfExp(self._is_left(name), item, self._expression(node.args[1]))

    def _change(self, node: gast.AST) -> gast.AST | None:
        return self._expression(node) if self._advanced(node) is not None else None
