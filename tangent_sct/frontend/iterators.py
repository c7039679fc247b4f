"""Iterators in variables, as lists and the place that has been come to.

    it = iter(x)                 it = list(x); it_at = 0        # the mark `iterated`
    first = next(it)             if it_at >= len(it): raise StopIteration
                                 first = it[it_at]; it_at = it_at + 1
    for v in it:                 while it_at < len(it):
        ...                          v = it[it_at]; it_at = it_at + 1
                                     ...
    y = sum(it)                  it_left, it_at = it[it_at:], len(it)
                                 y = sum(it_left)

So an iterator is ordinary data, that may be advanced anywhere. One that is handed on, or whose list changes while it
is used, stays what it is, and is refused later.
"""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.frontend.active import CHANGERS
from tangent_sct.frontend.namespace import meaning
from tangent_sct.frontend.rules import Lookup

_FRESH = ("range", "zip", "enumerate", "reversed", "sorted", "list", "tuple")
"""Functions whose results nothing else changes, and that end."""

_NEW = ("range", "sorted", "list", "tuple")
"""Those of them that are done with what they are given when they return."""

_TAKING_ALL = ("sum", "list", "tuple", "max", "min", "sorted", "set", "dict")
"""Functions that run to the end of an iterator at once."""

_LISTED = (itertools.accumulate, itertools.chain, itertools.islice, itertools.pairwise)
"""Functions whose iterators give what a list of them holds, if nothing changes what they are given."""

_READING = ("len", "sum", "min", "max", "abs", "print", "float", "iter", *_FRESH)


def without_iterators(node: gast.FunctionDef, source: Source, names: Names) -> gast.FunctionDef:
    """A function in which iterators that it makes and advances itself are lists; the very same where there are none.

        >>> import textwrap
    >>> from tangent_sct.frontend.source import source_of
    >>> text = "def f(x):\\n    it = iter(x)\\n    return next(it) * next(it, 2.0)"
    >>> print(tree.text(without_iterators(tree.statements(text)[0], source_of(textwrap.dedent), Names())))
    def f(x):
        it = list(x)
        it_at = 0
        return it[(it_at := (it_at + 1)) - 1] * (it[(it_at := (it_at + 1)) - 1] if it_at < len(it) else 2.0)
    """
    lookup = Lookup(source)

    def means(function: gast.AST) -> Any:
        return meaning(function, lookup)

    def makes(item: gast.AST) -> bool:
        return _is_made(item, means)

    if not any(makes(item) for item in tree.every_statement(node.body)):
        return node
    bound = {*tree.parameter_names(node), *tree.names_written(node.body)}
    used = ("iter", "next", "list", "len", "min", *_TAKING_ALL, "zip", "map", "enumerate")
    if not all(_means_builtin(word, bound, source) for word in used):
        return node
    names.reserve(bound)
    apart = _with_meanings_apart(node, makes, names)
    candidates = {item.targets[0].id for item in tree.every_statement(apart.body) if makes(item)}
    found = [name for name in sorted(candidates) if _is_followed(name, apart, means)]
    if not found:
        return node
    places = {name: _Place(names.fresh(f"{name}_at"), names.fresh(f"{name}_left")) for name in found}
    worker = _Iterators(places, means)
    return tree.like(tree.function(node.name, node.args, worker.block(apart.body), node.returns), node)


def _with_meanings_apart(
    node: gast.FunctionDef, makes: Callable[[gast.AST], bool], names: Names
) -> gast.FunctionDef:
    """A function in which a variable that is an iterator for a while has a name of its own for that while.

    It begins and ends where a statement of the function itself, in no block, assigns the variable.
    """
    body = list(node.body)
    inside = {
        name for item in tree.walk(node) if isinstance(item, tree.SCOPES) and item is not node
        for name in _names_in(item)
    }.union(tree.declared_outside(node))  # fmt: skip
    for start, statement in enumerate(node.body):
        if not makes(statement):
            continue
        name = statement.targets[0].id
        assigned = [s for s in tree.every_statement(node.body) if name in tree.names_written(tree.own_parts(s))]
        others = [s for s in tree.walk(node) if isinstance(s, gast.For) and name in tree.names_written(s.target)]
        if name in inside or (all(map(makes, assigned)) and not others and name not in tree.parameter_names(node)):
            continue
        new = names.fresh(name)
        renamed = {name: new}
        body[start] = tree.like(tree.assign(new, body[start].value), statement)
        for place in range(start + 1, len(body)):
            if _assigns(body[place], name):
                value = tree.rename(body[place].value, renamed)
                body[place] = tree.like(gast.Assign(body[place].targets, value, None), body[place])
                break
            body[place] = _renamed(body[place], renamed)
    return tree.like(tree.function(node.name, node.args, body, node.returns), node)


def _renamed(node: gast.AST, renamed: dict[str, str]) -> gast.AST:
    """A statement with another name for a variable, at every depth."""
    new = tree.rebuilt(node, lambda child: _renamed(child, renamed))
    return tree.renamed(new, renamed[new.id]) if isinstance(new, gast.Name) and new.id in renamed else new


def _assigns(node: gast.AST, name: str) -> bool:
    """Whether a statement gives a variable another meaning, whatever happens."""
    return isinstance(node, gast.Assign) and len(node.targets) == 1 and tree.is_name(node.targets[0], name)


def _means_builtin(word: str, bound: set[str], source: Source) -> bool:
    try:
        return word not in bound and source.lookup(word) is getattr(builtins, word)
    except KeyError:
        return False


def _is_made(node: gast.AST, means: Callable[[gast.AST], Any]) -> bool:
    """Whether a statement is `name = iter(...)` of one argument, or makes an iterator of what it is given."""
    if not isinstance(node, gast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], gast.Name):
        return False
    call = node.value
    if not isinstance(call, gast.Call) or call.keywords or any(isinstance(a, gast.Starred) for a in call.args):
        return False
    if tree.is_name(call.func, "iter"):
        return len(call.args) == 1
    return _lists(call, means) or (tree.is_name(call.func, "reversed") and _is_new(call.args[0]))


def _lists(call: gast.Call, means: Callable[[gast.AST], Any]) -> bool:
    """Whether a call makes an iterator of `itertools` that gives what is there, and computes nothing but sums."""
    function = means(call.func)
    if not any(function is known for known in _LISTED):
        return False
    if function is itertools.islice:
        return _count_taken(call) is not None
    return function is itertools.chain or len(call.args) == 1


def _count_taken(call: gast.Call) -> tuple[int, int] | None:
    """The places from and to which `islice` takes items, where they are written out."""
    bounds = [item.value for item in call.args[1:] if isinstance(item, gast.Constant) and type(item.value) is int]
    if len(bounds) != len(call.args) - 1 or len(bounds) not in (1, 2):
        return None
    start, stop = (0, *bounds) if len(bounds) == 1 else bounds
    return (start, stop) if 0 <= start <= stop else None


def _advances(node: gast.AST, name: str) -> bool:
    """Whether an expression is `next(name)`, or `next(name, value)` of a value that is evaluated without calls."""
    if not isinstance(node, gast.Call) or not tree.is_name(node.func, "next") or node.keywords:
        return False
    if len(node.args) not in (1, 2) or not tree.is_name(node.args[0], name):
        return False
    given = (item for value in node.args[1:] for item in tree.walk(value))
    return not any(isinstance(item, (gast.Call, gast.NamedExpr)) for item in given)


def _is_followed(name: str, node: gast.FunctionDef, means: Callable[[gast.AST], Any]) -> bool:
    """Whether all that is done with a variable is to make it an iterator, to advance it, and to run through it."""
    makers = [s for s in tree.every_statement(node.body) if _is_made(s, means) and s.targets[0].id == name]
    every = [item for statement in node.body for item in tree.walk(statement)]
    allowed = len(makers)
    tries = [item for item in every if isinstance(item, gast.Try)]
    whole = [s.value for s in tree.every_statement(node.body) if isinstance(s, gast.Assign)]
    for item in every:
        if isinstance(item, tree.SCOPES) and name in _names_in(item):
            return False
        if _advances(item, name):
            if tries and len(item.args) == 1 and not any(item is value for value in whole):
                return False
            allowed += 1
        elif isinstance(item, gast.For) and tree.is_name(item.iter, name):
            allowed += 1
    # What fails when it is halfway has taken some items.
    tried = {id(s) for item in tries for s in tree.every_statement(item.body)}
    for statement in tree.every_statement(node.body):
        taken = _taken(statement, name, means)
        if taken is not None and id(statement) in tried:
            return False
        allowed += 0 if taken is None else taken.uses
    uses = sum(isinstance(item, gast.Name) and item.id == name for item in every)
    return uses == allowed and all(_is_steady(maker, node, means) for maker in makers)


@dataclass(frozen=True)
class _Taken:
    """What a statement takes from an iterator, which it does once and whatever happens.

    Attributes:
        stream: what gives the items: the iterator, `islice` of it, or `zip` of it alone.
        uses: how often the iterator stands there.
    """

    stream: gast.AST
    uses: int


def _taken(statement: gast.AST, name: str, means: Callable[[gast.AST], Any]) -> _Taken | None:
    """What a statement takes from an iterator, all at once; None where nobody knows that it takes so."""
    if isinstance(statement, gast.For):
        stream = _stream(statement.iter, name, means)
        inside = [item for part in statement.body for item in tree.walk(part)]
        stops = any(isinstance(item, (gast.Break, gast.Return, gast.Raise)) for item in inside)
        if isinstance(stream, gast.Name) and stream is statement.iter:
            return None
        if stream is None or stops or any(tree.is_name(item, name) for item in inside):
            return None
        return _Taken(stream, _uses(stream, name)) if _uses(statement.iter, name) == _uses(stream, name) else None
    if not isinstance(statement, (gast.Assign, gast.AugAssign, gast.Expr, gast.Return)) or statement.value is None:
        return None
    if _uses(statement, name) != _uses(statement.value, name):
        return None
    found = [s for item in _always(statement.value) if (s := _run_through(item, name, means)) is not None]
    if isinstance(statement, gast.Assign) and isinstance(statement.targets[0], (gast.Tuple, gast.List)):
        whole = _stream(statement.value, name, means)
        found += [] if whole is None else [whole]
    if len(found) != 1 or _uses(found[0], name) != _uses(statement.value, name):
        return None
    return _Taken(found[0], _uses(found[0], name))


def _uses(node: gast.AST, name: str) -> int:
    return sum(tree.is_name(item, name) for item in tree.walk(node))


def _always(node: gast.AST) -> Iterator[gast.AST]:
    """The parts of an expression that are evaluated once, whatever happens."""
    yield node
    if isinstance(node, (gast.Lambda, *tree.COMPREHENSIONS)):
        return
    parts = list(tree.children(node))
    if isinstance(node, gast.IfExp):
        parts = [node.test]
    elif isinstance(node, gast.BoolOp):
        parts = node.values[:1]
    elif isinstance(node, gast.Compare):
        parts = [node.left, *node.comparators[:1]]
    for part in parts:
        yield from _always(part)


def _run_through(node: gast.AST, name: str, means: Callable[[gast.AST], Any]) -> gast.AST | None:
    """What gives the items of an iterator that an expression runs to the end of; None for other expressions."""
    if isinstance(node, gast.Starred):
        return _stream(node.value, name, means)
    if isinstance(node, (gast.ListComp, gast.SetComp, gast.DictComp)):
        return _stream(node, name, means)
    if isinstance(node, gast.Call) and tree.is_name(node.func, *_TAKING_ALL) and node.args:
        return None if isinstance(node.args[0], gast.ListComp) else _stream(node.args[0], name, means)
    return None


def _stream(node: gast.AST, name: str, means: Callable[[gast.AST], Any]) -> gast.AST | None:
    """What gives the items of an iterator, where an expression gives as many; None for other expressions."""
    if tree.is_name(node, name):
        return node
    if isinstance(node, tree.COMPREHENSIONS):
        return _stream(node.generators[0].iter, name, means)
    if not isinstance(node, gast.Call) or node.keywords:
        return None
    if means(node.func) is itertools.islice and node.args and tree.is_name(node.args[0], name):
        return node if _count_taken(node) is not None else None
    if tree.is_name(node.func, "zip") and all(tree.is_name(item, name) for item in node.args):
        return node
    runs = any(means(node.func) is known for known in (itertools.accumulate, itertools.pairwise))
    if (tree.is_name(node.func, "enumerate") or runs) and node.args:
        return _stream(node.args[0], name, means)
    if tree.is_name(node.func, "map") and len(node.args) == 2:
        return _stream(node.args[1], name, means)
    return None


def _names_in(node: gast.AST) -> set[str]:
    return {item.id for item in tree.walk(node) if isinstance(item, gast.Name)}


def _is_steady(maker: gast.Assign, node: gast.FunctionDef, means: Callable[[gast.AST], Any]) -> bool:
    """Whether what an iterator runs over is a new list, or one that nothing changes."""
    call = maker.value
    values = call.args if tree.is_name(call.func, "iter") else [call]
    parts: list[gast.AST] = []
    for value in values:
        if isinstance(value, gast.Call) and not value.keywords and not _is_new(value):
            lazy = _lists(value, means) or tree.is_name(value.func, *_FRESH)
            parts += value.args if lazy else [value]
        else:
            parts.append(value)
    parts = [part for part in parts if not _is_new(part)]
    if not all(isinstance(part, (gast.Name, gast.Constant)) or _is_count(part) for part in parts):
        return False
    if parts == values and isinstance(parts[0], gast.Name):
        # Whether it is changed is asked when names that share memory are known (`derive.views`).
        return True
    held = _sharing({part.id for part in parts if isinstance(part, gast.Name)}, node)
    bound = {*tree.parameter_names(node), *tree.names_written(node.body)}
    return not any(_may_change(item, held, bound) for statement in node.body for item in tree.walk(statement))


def _sharing(names: set[str], node: gast.FunctionDef) -> set[str]:
    """Some names, with all that might share memory with them, or hold them."""
    found = set(names)
    kinds = (gast.Assign, gast.For, gast.withitem, gast.NamedExpr)
    assignments = [item for item in tree.walk(node) if isinstance(item, kinds)]
    while True:
        more = set(found)
        for item in assignments:
            mentioned = {*tree.names_written(item), *tree.names_read(getattr(item, "value", None) or ())}
            if isinstance(item, gast.For):
                mentioned = {*tree.names_written(item.target), *tree.names_read(item.iter)}
            if not mentioned.isdisjoint(found):
                more |= mentioned
        if more == found:
            return found
        found = more


def _is_new(value: gast.AST) -> bool:
    """Whether an expression gives a new list or tuple, which is complete."""
    if isinstance(value, gast.Call):
        return tree.is_name(value.func, *_NEW)
    return isinstance(value, (gast.List, gast.Tuple, gast.ListComp))


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


@dataclass(frozen=True)
class _Place:
    """The variables that stand for an iterator beside the list of its items.

    Attributes:
        at: the place that it has come to.
        left: items that are taken from it at once.
    """

    at: str
    left: str


def _both(names: tuple[str, str], values: tuple[gast.AST, gast.AST], node: gast.AST) -> gast.AST:
    """An assignment of two variables at once."""
    target = tree.with_context(tree.tuple_of(map(tree.load, names)), gast.Store())
    return tree.like(tree.assign(target, tree.tuple_of(values)), node)


def _with_items(node: gast.AST, stream: gast.AST, items: gast.AST) -> gast.AST:
    """A statement with other items in the place of those that a part of it gives."""
    new = tree.shallow(node)
    part = "iter" if isinstance(node, gast.For) else "value"
    setattr(new, part, tree.replaced(getattr(node, part), lambda item: items if item is stream else None))
    return new


class _Iterators:
    """Rewrites what is done with some iterators.

    Args:
        places: the variables that each needs.
        means: what a free name means.
    """

    def __init__(self, places: dict[str, _Place], means: Callable[[gast.AST], Any]) -> None:
        self._left = {name: place.left for name, place in places.items()}
        self._places = {name: place.at for name, place in places.items()}
        self._means = means

    def block(self, body: Sequence[gast.AST]) -> list[gast.AST]:
        return [new for statement in body for new in self._statement(statement)]

    def _statement(self, node: gast.AST) -> Iterator[gast.AST]:
        before, node = self._listed(node)
        yield from before
        if _is_made(node, self._means) and node.targets[0].id in self._places:
            name = node.targets[0].id
            is_iter = tree.is_name(node.value.func, "iter")
            value = self._expression(node.value.args[0] if is_iter else node.value)
            listed = tree.like(tree.assign(name, tree.call("list", value)), node)
            listed.iterated = True
            yield listed
            yield tree.like(tree.assign(self._places[name], tree.const(0)), node)
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

    def _listed(self, node: gast.AST) -> tuple[list[gast.AST], gast.AST]:
        """A statement that takes items all at once, which have a name in it, and what comes before it."""
        before: list[gast.AST] = []
        for name, place in self._places.items():
            taken = _taken(node, name, self._means)
            if taken is None:
                continue
            stream, left, at = taken.stream, self._left[name], tree.load(place)
            is_part = isinstance(stream, gast.Call) and self._means(stream.func) is itertools.islice
            bounds = _count_taken(stream) if is_part else None
            length = tree.call("len", tree.load(name))
            if bounds is None:
                part = gast.Slice(at, None, None)
            else:
                first, last = (tree.binary(tree.load(place), "+", tree.const(bound)) for bound in bounds)
                part = gast.Slice(first if bounds[0] else at, last, None)
                length = tree.call("min", tree.copy(last), length)
            before.append(_both((left, place), (tree.subscript(tree.load(name), part), length), node))
            node = _with_items(node, stream, self._items(stream, left))
        return before, node

    def _items(self, stream: gast.AST, left: str) -> gast.AST:
        """What gives the items that have been taken, for what gave those of the iterator."""
        if not isinstance(stream, gast.Call) or self._means(stream.func) is itertools.islice:
            return tree.load(left)
        count = len(stream.args)
        if count == 1:
            return gast.Call(stream.func, [tree.load(left)], [])
        slices = [gast.Slice(tree.const(start), None, tree.const(count)) for start in range(count)]
        return gast.Call(stream.func, [tree.subscript(tree.load(left), part) for part in slices], [])

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
