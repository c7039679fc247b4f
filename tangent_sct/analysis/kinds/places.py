"""Which containers may be one another: the places that what is put into lists and dicts is kept at.

Every container has a place, and every place another one for what its items are (Steensgaard's types). Names that
are copied share a place; what is put into a container, or taken out of it, has the place of its items. So a list
that grows says nothing of another one, and what a list of lists holds is told apart from what those hold.

Items that are named by constants (attributes of objects, keys, positions) have a place each, as long as nothing is
done to their container that does not name one. Else an object that holds another one and an array would have one
place for both, and an array that both of them hold would be what it is held by.

>>> places = Places(tree.statements('''
... a = [x]
... b = a
... a.append(y)
... rows = [a, z]
... r = rows[i]
... c = list(a)
... '''), {"list": list})
>>> places.of(tree.load("r")) == places.of(tree.load("b"))
True
>>> places.of(tree.load("c")) == places.of(tree.load("a"))
False
>>> places.items(places.of(tree.load("c"))) == places.items(places.of(tree.load("a")))
True
"""

from __future__ import annotations

import collections
import itertools
import operator
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.calls import ObjectFacts, object_facts, shared_of
from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import Field
from tangent_sct.core.unions import Unions
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.frontend.normalise import IN_PLACE
from tangent_sct.runtime import named
from tangent_sct.runtime.boxes import WRITERS, add_item, old_item, put_back, taken_item
from tangent_sct.templating import registry

Place = int
ANYWHERE: Place = 0
"""The place of what code that is not known may have put anywhere; so are its items."""

_NAMES = (Field, str, int)
"""What names an item of a container."""

_NEW_OF_ITEMS = frozenset({list, tuple, dict, set, sorted, reversed})
_NEW_OF_PAIRS = frozenset({zip, enumerate})
_KEEPING = (
    gast.AugAssign, gast.Delete, gast.Global, gast.Nonlocal, gast.With, gast.FunctionDef, gast.ClassDef, gast.Yield,
    gast.YieldFrom,
)  # fmt: skip
"""What a function that only computes does without."""

_TAKE = frozenset("pop get setdefault popleft".split())
_PUT = frozenset("append insert add appendleft setdefault".split())
_PUT_ALL = frozenset("extend update extendleft".split())
_OF_MAPPINGS = frozenset("items values keys popitem setdefault update".split())
_FAMILIES = (list, dict, set, collections.deque)
_CLOSED = frozenset("clear reverse sort remove index count discard".split())
_VIEWS = frozenset("copy items values keys".split())


class Places:
    """The places of the containers of a program.

    Args:
        body: its statements.
        objects: what its free names mean.
        facts: what calling an object does.
    """

    def __init__(
        self,
        body: Iterable[gast.AST],
        objects: Mapping[str, Any],
        facts: Callable[[Any], ObjectFacts] = object_facts,
    ) -> None:
        self._objects = objects
        self._facts = facts
        self._unions = Unions[Place]()
        self._items: dict[Place, Place] = {ANYWHERE: ANYWHERE}
        # Of containers whose items are all named: the place of each.
        self._named: dict[Place, dict[Any, Place]] = {}
        # How often several places became one.
        self.joins = 0
        self._names: dict[str, Place] = {}
        self._asked: dict[int, tuple[gast.AST, Place]] = {}
        self._numbers = itertools.count(1)
        self._body = body
        self._is_built = False
        self._mappings: list[Place] = []
        # Containers, with what may be a list of pairs that goes into them.
        self._pairs: list[tuple[Place, Place]] = []

    # -- asking -------------------------------------------------------------------------------

    def of(self, node: gast.AST) -> Place:
        """The place of the value of an expression."""
        self._build()
        if isinstance(node, gast.Name):
            return self._unions.find(self._name(node.id))
        if id(node) not in self._asked:
            # The node is kept, so that no other gets its number.
            self._asked[id(node)] = node, self._value(node)
        return self._unions.find(self._asked[id(node)][1])

    def items(self, place: Place) -> Place:
        """The place of what a container holds."""
        place = self._unions.find(place)
        if place not in self._items:
            self._items[place] = self._new()
            self.join(place)
            # A container that holds one of its kind has become one with it.
            place = self._unions.find(place)
        return self._unions.find(self._items[place])

    def part(self, place: Place, key: Any) -> Place:
        """The place of an item of a container; None for the key of one that is not named."""
        place = self._unions.find(place)
        if type(key) not in _NAMES or (type(key) is int and key < 0) or place in self._items:
            return self.items(place)
        named = self._named.setdefault(place, {})
        if key not in named:
            named[key] = self._new()
        return self._unions.find(named[key])

    def join(self, place: Place) -> bool:
        """The items of a container have one place from here on; whether they had several."""
        place = self._unions.find(place)
        named = self._named.pop(place, None)
        if named is None:
            return False
        self.joins += 1
        self._items.setdefault(place, self._new())
        for part in named.values():
            self._unite(self._items[self._unions.find(place)], part)
        return True

    def stand_for(self, place: Place) -> Place:
        """The place that one has become."""
        return self._unions.find(place)

    def _build(self) -> None:
        """Visit the program, when first asked: most programs have no container."""
        if not self._is_built:
            for node in tree.every_statement(self._body):
                self._statement(node)
            self._is_built = True
            self._take_pairs_apart()

    # -- unions -------------------------------------------------------------------------------

    def _new(self) -> Place:
        return next(self._numbers)

    def _unite(self, left: Place, right: Place) -> None:
        """Make one place of two, and one of what they hold; the older stands for both."""
        pending = [(left, right)]
        while pending:
            a, b = map(self._unions.find, pending.pop())
            if a == b:
                continue
            keep, drop = min(a, b), max(a, b)
            self._unions.unite(keep, drop)
            inner = self._items.pop(drop, None)
            if inner is not None:
                pending.append((self._items.setdefault(keep, inner), inner))
            named = self._named.pop(drop, {})
            if keep in self._items:
                parts = [*self._named.pop(keep, {}).values(), *named.values()]
                self.joins += len(parts)
                pending.extend((self._items[keep], part) for part in parts)
                continue
            for key, part in named.items():
                pending.append((self._named.setdefault(keep, {}).setdefault(key, part), part))

    # -- statements ---------------------------------------------------------------------------

    def _statement(self, node: gast.AST) -> None:
        if isinstance(node, gast.Assign):
            value = self._value(node.value)
            for target in node.targets:
                self._bind(target, value)
        elif isinstance(node, gast.AugAssign):
            target, value = self._value(node.target), self._value(node.value)
            self._unite(self.items(target), self.items(value))
        elif isinstance(node, gast.For):
            self._bind(node.target, self.items(self._value(node.iter)))
        elif isinstance(node, (gast.If, gast.While)):
            self._value(node.test)
        elif isinstance(node, gast.Expr):
            self._value(node.value)
        elif isinstance(node, gast.With):
            for item in node.items:
                value = self._value(item.context_expr)
                if item.optional_vars is not None:
                    self._bind(item.optional_vars, value)
        elif isinstance(node, gast.Return) and node.value is not None:
            self._value(node.value)
        elif isinstance(node, gast.FunctionDef) and node.name in self._mere_keys:
            return
        elif not isinstance(node, (gast.Return, gast.Pass, gast.Break, gast.Continue)):
            self._let_out(node)

    def _bind(self, target: gast.AST, value: Place) -> None:
        if isinstance(target, gast.Name):
            self._unite(self._name(target.id), value)
        elif isinstance(target, (gast.Tuple, gast.List)):
            is_plain = not any(isinstance(item, gast.Starred) for item in target.elts)
            for position, item in enumerate(target.elts):
                self._bind(item, self.part(value, position) if is_plain else self.items(value))
        elif isinstance(target, gast.Starred):
            self._unite(self.items(self._value(target.value)), value)
        elif isinstance(target, gast.Subscript):
            self._value(target.slice)
            owner = self._value(target.value)
            if isinstance(target.slice, gast.Slice):
                # The items of one list become items of the other.
                self._unite(self.items(owner), self.items(value))
            else:
                self._unite(self._part(owner, target.slice), value)
        else:
            if isinstance(target, gast.Attribute):
                self._unite(self.part(self._value(target.value), Field(target.attr)), value)
            self._unite(value, ANYWHERE)

    @cached_property
    def _mere_keys(self) -> frozenset[str]:
        """The functions defined inside that only compute what things are put in order by."""
        statements = list(tree.every_statement(self._body))
        defined = {n.name: n for n in statements if isinstance(n, gast.FunctionDef) and self._only_computes(n.body)}
        if not defined:
            return frozenset()
        items = [item for node in statements for part in tree.own_parts(node) for item in tree.walk(part)]
        calls = [item for item in items if isinstance(item, gast.Call)]
        copies = [n for n in statements if isinstance(n, gast.Assign) and tree.is_one_of(n.value, defined)]
        uses = Counter(k.value.id for c in calls for k in c.keywords if self._orders_by(k, c))
        uses.update(copy.value.id for copy in copies)
        read = Counter(i.id for i in items if isinstance(i, gast.Name) and isinstance(i.ctx, gast.Load))
        kept = {
            copy.value.id
            for copy in copies
            for target in copy.targets
            if not isinstance(target, gast.Name) or target.id in defined or uses[target.id] != read[target.id]
        }
        known = {name for name in defined if name not in kept and uses[name] == read[name]}
        return frozenset(known.union(copy.targets[0].id for copy in copies if copy.value.id in known))

    def _is_mere_key(self, keyword: gast.keyword, call: gast.Call) -> bool:
        """Whether an argument says what things are put in order by, and leaves all that it reads as it is."""
        if isinstance(keyword.value, gast.Lambda):
            return self._is_key(keyword, call) and self._only_computes([keyword.value.body])
        return self._orders_by(keyword, call) and keyword.value.id in self._mere_keys

    def _is_key(self, keyword: gast.keyword, call: gast.Call) -> bool:
        """Whether an argument is what Python's own functions put things in order by."""
        return keyword.arg == "key" and is_one_of(meaning(call.func, self._objects), (max, min, sorted))

    def _orders_by(self, keyword: gast.keyword, call: gast.Call) -> bool:
        """The same of a function that is given by its name."""
        return isinstance(keyword.value, gast.Name) and self._is_key(keyword, call)

    def _only_computes(self, nodes: Iterable[gast.AST]) -> bool:
        """Whether statements, or expressions, read and compute, and neither store, nor keep, nor call the unknown."""
        every = [item for node in nodes for item in tree.walk(node)]
        if any(isinstance(item, _KEEPING) for item in every):
            return False
        places = (item for item in every if isinstance(item, (gast.Attribute, gast.Subscript)))
        return all(isinstance(place.ctx, gast.Load) for place in places) and all(map(self._only_reads, every))

    def _let_out(self, node: gast.AST) -> None:
        """Of what is kept whole nothing is known but its names."""
        for name in {*tree.names_read(node), *tree.names_written(node)}:
            self._unite(self._name(name), ANYWHERE)

    # -- expressions --------------------------------------------------------------------------

    def _name(self, name: str) -> Place:
        if name not in self._names:
            self._names[name] = self._new()
        return self._names[name]

    def _value(self, node: gast.AST) -> Place:
        if isinstance(node, gast.Name):
            return self._name(node.id)
        if isinstance(node, gast.Subscript):
            owner = self._value(node.value)
            self._value(node.slice)
            return self._copy_of(owner) if isinstance(node.slice, gast.Slice) else self._part(owner, node.slice)
        if isinstance(node, (gast.Tuple, gast.List, gast.Set)):
            if any(isinstance(item, gast.Starred) for item in node.elts) or isinstance(node, gast.Set):
                return self._holding(node.elts)
            return self._holding_named(dict(enumerate(node.elts)))
        if isinstance(node, gast.Dict):
            if all(isinstance(key, gast.Constant) for key in node.keys):
                pairs = zip(node.keys, node.values, strict=True)
                whole = self._holding_named({key.value: item for key, item in pairs})
            else:
                whole = self._holding(node.values)
            self._mappings.append(whole)
            return whole
        if isinstance(node, gast.Call):
            return self._call(node)
        if isinstance(node, (gast.BoolOp, gast.IfExp)):
            options = node.values if isinstance(node, gast.BoolOp) else [node.body, node.orelse]
            whole = self._new()
            for option in options:
                self._unite(whole, self._value(option))
            return whole
        if isinstance(node, gast.BinOp):
            whole = self._copy_of(self._value(node.left))
            self._unite(self.items(whole), self.items(self._value(node.right)))
            return whole
        if isinstance(node, gast.Attribute):
            return self._attribute(node)
        if isinstance(node, gast.NamedExpr):
            value = self._value(node.value)
            self._bind(node.target, value)
            return value
        if isinstance(node, gast.Starred):
            return self.items(self._value(node.value))
        if isinstance(node, tree.COMPREHENSIONS):
            return self._comprehension(node)
        if isinstance(node, (gast.Lambda, gast.Await)):
            self._let_out(node)
            return ANYWHERE
        # What it is made of may run code: `(lambda v: seen.append(v))(x) is None`.
        for part in tree.children(node):
            self._value(part)
        return self._new()

    def _comprehension(self, node: gast.AST) -> Place:
        """What a comprehension makes; of a generator, or one that has effects later, the first iterable is known."""
        first, *others = node.generators
        made = [node.key, node.value] if isinstance(node, gast.DictComp) else [node.elt]
        self._bind(first.target, self.items(self._value(first.iter)))
        tests = [test for generator in node.generators for test in generator.ifs]
        inside = [*made, *tests, *(generator.iter for generator in others)]
        if not tree.runs_at_once(node) and not all(map(self._only_reads, inside)):
            self._bind(first.target, ANYWHERE)
            for part in inside:
                self._let_out(part)
            return ANYWHERE
        for generator in others:
            self._bind(generator.target, self.items(self._value(generator.iter)))
        for test in tests:
            self._value(test)
        whole = self._holding(made)
        self._mappings += [whole] if isinstance(node, gast.DictComp) else []
        return whole

    def _only_reads(self, node: gast.AST) -> bool:
        """Whether an expression makes no function, binds no name outside, and calls nothing that has an effect."""
        for item in tree.walk(node):
            if isinstance(item, (gast.Lambda, gast.NamedExpr, gast.Await)):
                return False
            if isinstance(item, gast.Call):
                function = meaning(item.func, self._objects)
                if function is MISSING or self._facts(function).effect != "none":
                    return False
        return True

    def _attribute(self, node: gast.Attribute) -> Place:
        """What an object holds; or a method, which may change the object when it is called by its own name."""
        owner = self._value(node.value)
        if meaning(node, self._objects) is not MISSING:
            return self._new()
        if any(hasattr(family, node.attr) for family in _FAMILIES):
            self._unite(owner, ANYWHERE)
        return self.part(owner, Field(node.attr))

    def _holding(self, items: Iterable[gast.AST]) -> Place:
        whole = self._new()
        for item in items:
            if not isinstance(item, gast.Constant):
                self._unite(self.items(whole), self._value(item))
        return whole

    def _holding_named(self, items: Mapping[Any, gast.AST]) -> Place:
        whole = self._new()
        for key, item in items.items():
            if not isinstance(item, gast.Constant):
                self._unite(self.part(whole, key), self._value(item))
        return whole

    def _part(self, place: Place, key: gast.AST | None) -> Place:
        if isinstance(key, gast.Constant) and isinstance(key.value, str):
            self._mappings.append(place)
        return self.part(place, getattr(key, "value", None) if isinstance(key, gast.Constant) else None)

    def _copy_of(self, place: Place) -> Place:
        """A new container of the same items."""
        whole = self._new()
        self._unite(self.items(whole), self.items(place))
        return whole

    def _call(self, node: gast.Call) -> Place:
        given = [self._value(item) for item in node.args]
        given += [self._value(keyword.value) for keyword in node.keywords if keyword.arg is None]
        keywords = (k for k in node.keywords if k.arg is not None and not self._is_mere_key(k, node))
        named = [self._value(keyword.value) for keyword in keywords]
        args = [*given, *named]
        function = meaning(node.func, self._objects)
        if function is MISSING and isinstance(node.func, gast.Attribute):
            return self._method(node.func.attr, self._value(node.func.value), given, named)
        if function is not MISSING:
            known = is_one_of(function, _NEW_OF_ITEMS), is_one_of(function, _NEW_OF_PAIRS)
            if function is dict:
                whole = self._new()
                self._mappings.append(whole)
                self._put_all(whole, given, named)
                return whole
            if known[0]:
                return self._copy_of(given[0]) if given else self._new()
            if known[1]:
                whole = self._new()
                for place in args:
                    self._unite(self.items(self.items(whole)), self.items(place))
                return whole
            if function is sum and len(given) == 2:
                # Lists are joined, with the items of each.
                whole = self._copy_of(given[1])
                self._unite(self.items(whole), self.items(self.items(given[0])))
                return whole
            if function in IN_PLACE.values():
                # `y = iadd(y, e)`: `y` itself, where it can be changed.
                self._unite(self.items(args[0]), self.items(args[1]))
                return args[0]
            if function is old_item or (function is operator.getitem and len(node.args) == 2):
                return self._part(args[0], node.args[1])
            if function is put_back:
                self._unite(self._part(args[0], node.args[1]), args[2])
            if function is taken_item:
                return self._part(args[0], node.args[1])
            if is_one_of(function, WRITERS):
                # The amounts that derivatives add to a shadow are not put into it.
                return self._new() if function is add_item else self._copy_of(args[0])
            if function is max or function is min:
                # One of what they compare: of the items of the only argument, or of the arguments.
                whole, is_only = self._new(), len(node.args) == 1
                for item, place in zip(node.args, given, strict=False):
                    self._unite(whole, self.items(place) if is_only or isinstance(item, gast.Starred) else place)
                for place in named:
                    self._unite(whole, place)
                return whole
            facts = self._facts(function)
            if facts.effect in ("none", "outside") or (facts.effect == "writes" and facts.shares == "none"):
                # What it returns may be any of its arguments, or made of them.
                whole = self._new()
                for place in shared_of(facts.shares, args):
                    self._unite(whole, place)
                if facts.shares != "none" and _may_take_out(function):
                    # Or something that they hold, however deep: a container like all that it holds.
                    self._unite(whole, self.items(whole))
                return whole
        if not isinstance(node.func, (gast.Name, gast.Attribute)):
            self._value(node.func)
        for place in args:
            self._unite(place, ANYWHERE)
        return ANYWHERE

    def _put_all(self, owner: Place, given: list[Place], named: list[Place], may_be_pairs: bool = True) -> None:
        """What is handed to `dict`, `update` or `extend` goes into a container: items, or the second of pairs."""
        for place in given:
            self._unite(self.items(owner), self.items(place))
            if may_be_pairs:
                self._pairs.append((owner, place))
        for place in named:
            self._unite(self.items(owner), place)
        if self._is_built:
            self._take_pairs_apart()

    def _take_pairs_apart(self) -> None:
        """Whatever is not used as a dict anywhere may be a list of pairs."""
        mappings = set(map(self._unions.find, self._mappings))
        for owner, place in self._pairs:
            if self._unions.find(place) not in mappings:
                self._unite(self.items(owner), self.part(self.items(place), 1))
        self._pairs.clear()

    def _method(self, method: str, owner: Place, given: list[Place], named: list[Place]) -> Place:
        args = [*given, *named]
        if method in _PUT:
            for place in args:
                self._unite(self.items(owner), place)
        if method in _PUT_ALL:
            self._put_all(owner, given, named, method == "update")
        if method in _OF_MAPPINGS:
            self._mappings.append(owner)
        if method == "popitem":
            pair = self._new()
            self._unite(self.part(pair, 1), self.items(owner))
            return pair
        if method in _TAKE:
            # Where there is no such item, what stands for it.
            for place in args:
                self._unite(self.items(owner), place)
            return self.items(owner)
        if method in _VIEWS:
            whole = self._copy_of(owner)
            self._unite(self.items(self.items(whole)), self.items(owner))
            return whole
        if method in _PUT or method in _PUT_ALL or method in _CLOSED:
            self.items(owner)
            return self._new()
        for place in (owner, *args):
            self._unite(place, ANYWHERE)
        return ANYWHERE


def _may_take_out(function: Any) -> bool:
    """Whether what a function returns may be something that its arguments hold: all may but those known better."""
    if function is named:
        return False
    module = getattr(function, "__module__", None) or ""
    is_type = isinstance(function, type) and issubclass(function, np.generic)
    is_known = is_type or isinstance(function, np.ufunc) or registry.find(function) is not None
    return not (is_known or module.startswith("tangent_sct.runtime") or module.partition(".")[0] == "numpy")
