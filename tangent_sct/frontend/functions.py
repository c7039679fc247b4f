"""Functions as values: which function a name means when the derivative is written.

A function that is defined inside another, or made by one, or handed to one, is followed to where it is called, and
unfolded there like any other. What it captures are variables of the program around, which keep their names, so that
a call sees what they hold at that moment, as in Python. Where a name may mean one of several functions the call
becomes a choice between them by identity (defunctionalisation: Reynolds 1972).

Read in the order of the program, like `expand`: `Functions` is what is known at the place that has been reached.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import replace
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.frontend.made import Lost, Made, Site, sites_of
from tangent_sct.frontend.meanings import (
    NOTHING,
    PLAIN,
    SIMPLE,
    UNCLEAR,
    UNSET,
    Choice,
    Collection,
    Count,
    Instance,
    Items,
    Lists,
    Nothing,
    Outer,
    Plain,
    Several,
    Simple,
    Start,
    Truth,
    Unset,
    Value,
    all_sites,
    any_item,
    are_one,
    captured_in,
    changing_in,
    choice_of,
    closures_in,
    container_birth,
    containers_in,
    emptied,
    held_by,
    instances_in,
    is_fixed,
    lasts,
    list_of_objects,
    may_be_added,
    one_of_lists,
    replaced,
    shadow_of,
    start_of,
    unless_none,
    with_united,
    without_containers,
    without_lists,
)
from tangent_sct.runtime import zero_items, zeros_like
from tangent_sct.runtime.objects import is_named

_WITH_MEANING = frozenset((
    gast.Name, gast.Attribute, gast.Subscript, gast.Call, gast.Tuple, gast.List, gast.Dict, gast.BinOp,
    gast.IfExp,
))  # fmt: skip
"""Expressions that may mean a function, or what holds some."""

_FACTS = (Plain, Unset, Nothing, Truth, Simple, Count)
"""What is known of names that mean neither functions nor objects."""


def _are_outer(values: Iterable[Value | None]) -> bool:
    """Whether values are functions or classes from outside the program, which nothing changes."""
    return all(isinstance(value, Outer) for value in values)


class Functions:
    """The functions that names mean at one place of the program.

    Args:
        meaning: the object that a free expression means, None where it is none to be called.

    Attributes:
        are_met: whether some variable has been a function, an object, or a container, so far. In most programs
            none ever is, and there is nothing to ask.
        kept: variables that have been functions of which only what they captured is there, or have held some.
        collections: variables that have been collections of Python's library, by what these are called.
    """

    def __init__(self, meaning: Callable[[gast.AST], Any]) -> None:
        self.are_met = False
        self.kept: set[str] = set()
        self.collections: dict[str, str] = {}
        self._tables: dict[str, Items] = {}
        self._changed: set[str] = set()
        self._births: dict[str, int] = {}
        self._meaning = meaning
        self._known: dict[str, Value] = {}
        self._fields: set[str] = set()
        self._watched: list[dict[str, set[Site]]] = []

    def of(self, node: gast.AST) -> Value | None:
        """What an expression means, None where that is no function or not known."""
        if type(node) not in _WITH_MEANING:
            return None
        if isinstance(node, gast.Name) and node.id in self._known:
            known = self._known[node.id]
            return None if isinstance(known, _FACTS) else known
        if isinstance(node, gast.Attribute) and isinstance(owner := self.of(node.value), Instance):
            return owner.items.get(node.attr)
        if isinstance(node, gast.Attribute) and isinstance(owner, Made) and node.attr in owner.fields:
            return self.of(tree.load(owner.fields[node.attr]))
        if isinstance(node, (gast.Name, gast.Attribute)):
            owner = self.of(node.value) if isinstance(node, gast.Attribute) else None
            if isinstance(owner, Outer):
                node = tree.attribute(tree.copy(owner.expression), node.attr)
            found = self._meaning(node)
            if found is None:
                return None
            return Outer(tree.dotted_name(node) or tree.text(node), node, self._meaning(node) is found)
        if isinstance(node, gast.Subscript):
            owner = self.of(node.value)
            if isinstance(owner, (Instance, Items)) and tree.is_constant(node.slice):
                return owner.items.get(node.slice.value)
            if isinstance(node.slice, gast.Slice) and isinstance(owner, (Several, Items)):
                return self._part(owner)
            return None if isinstance(node.slice, (gast.Slice, gast.Tuple)) else any_item(owner)
        if isinstance(node, gast.List) and not node.elts:
            return Several(None, self._start())
        if isinstance(node, gast.Dict) and not node.keys:
            return Several(None, self._start(), is_dict=True)
        if isinstance(node, gast.BinOp) and isinstance(node.op, gast.Add):
            return self._sum(self.of(node.left), self.of(node.right))
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute) and node.func.attr == "pop":
            owner = self.of(node.func.value)
            return owner.item if isinstance(owner, Several) else None
        if isinstance(node, gast.Call) and tree.is_name(node.func, "list", "tuple") and len(node.args) == 1:
            is_own = is_one_of(self._meaning(node.func), (list, tuple))
            owner = self.of(node.args[0]) if is_own and not node.keywords else None
            if isinstance(owner, (Several, Items)) and not owner.is_dict:
                return self._part(owner)
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute):
            return self._of_dict(node)
        if isinstance(node, gast.IfExp):
            either = [self.of(node.body), self.of(node.orelse)]
            return choice_of([part for part in either if isinstance(part, Outer)]) if _are_outer(either) else None
        if isinstance(node, gast.Call):
            return self._chosen(node)
        if isinstance(node, (gast.Tuple, gast.List)):
            return self._items(dict(enumerate(node.elts)), isinstance(node, gast.Tuple))
        if isinstance(node, gast.Dict) and all(map(tree.is_constant, node.keys)):
            held = self._items({k.value: v for k, v in zip(node.keys, node.values, strict=True)})
            return None if held is None else replace(held, is_dict=True)
        return None

    def _of_dict(self, call: gast.Call) -> Value | None:
        """What `d.values()` and `d.items()` hold, and what `d.get(key)` gives of a dict with that key."""
        owner = self.of(call.func.value)
        if not isinstance(owner, (Several, Items)) or not owner.is_dict or call.keywords:
            return None
        method, item = call.func.attr, any_item(owner)
        if method == "get" and len(call.args) == 1 and tree.is_constant(call.args[0]) and isinstance(owner, Items):
            return owner.items.get(call.args[0].value)
        if item is None or call.args or method not in ("values", "items"):
            return None
        return Several(item if method == "values" else Items({1: item}, False, is_fixed=True), self._start())

    def _chosen(self, call: gast.Call) -> Value | None:
        """What `max`, `min` or `sorted` gives of objects, or a copy of a list of such; a named tuple of numbers.

        A shadow that a derivative makes of an object is one as well.
        """
        made = self._meaning(call.func) if isinstance(call.func, gast.Name) and call.args else None
        if made is zero_items or made is zeros_like:
            value = self.of(call.args[0])
            return None if value is None else shadow_of(value)
        if isinstance(made, type) and is_named(made):
            given = [*call.args, *(keyword.value for keyword in call.keywords)]
            names = frozenset(made._fields)  # type: ignore[attr-defined]
            return None if any(map(self.of, given)) else Instance(made, call.func.id, names, {})
        if made is None or not any(made is known for known in (max, min, sorted, list)):
            return None
        if len(call.args) > 1:
            parts = [self.of(argument) for argument in call.args]
            item = choice_of([part for part in parts if part is not None]) if None not in parts else None
        else:
            item = any_item(self.of(call.args[0]))
        if not isinstance(item, (Instance, Choice)) or closures_in(item):
            return None
        return item if is_one_of(made, (max, min)) else Several(item)

    def reorder(self, name: str) -> bool:
        """The items of a list change places; whether all of them are still known."""
        old = self._known.get(name)
        item = any_item(old)
        if not isinstance(old, (Several, Items)) or not isinstance(item, (Instance, Choice)) or self._is_table(old):
            return False
        if closures_in(item):
            return False
        self._known = replaced(self._known, old, Several(item, start_of(old)))
        return True

    def _items(self, parts: Mapping[Any, gast.AST], is_fixed: bool = False) -> Items | None:
        found = {key: value for key, item in parts.items() if (value := self.of(item)) is not None}
        if not found:
            return None
        simple = frozenset(key for key, item in parts.items() if key not in found and self.is_simple(item))
        empty = frozenset(key for key, item in parts.items() if self.is_none(item))
        full, births = len(found) == len(parts), len(self._births)
        return Items(found, full, is_fixed, birth=births, size=len(parts), simple=simple, empty=empty)

    def _start(self) -> Start:
        return Start(len(self._births))

    def _part(self, owner: Several | Items) -> Several | None:
        """A slice of a list: another list."""
        item = any_item(owner)
        return None if item is None and isinstance(owner, Items) else Several(item, self._start())

    def _sum(self, left: Value | None, right: Value | None) -> Several | None:
        """Two lists, one behind the other."""
        lists = [part for part in (left, right) if isinstance(part, (Several, Items)) and not part.is_dict]
        if len(lists) < 2 or any(isinstance(part, Items) and (part.is_fixed or not part.is_full) for part in lists):
            return None
        held = [item for part in lists for item in held_by(part)]
        either = choice_of(held) if held else None
        return None if held and either is None else Several(either, self._start())

    def bind(self, name: str, value: Value | None) -> None:
        """A name is assigned; None where what it means now is not known."""
        for bound in self._watched:
            bound.setdefault(name, set()).update(all_sites(value))
        if value is None and name in self._fields:
            self._known[name] = PLAIN
        elif value is None:
            self._known.pop(name, None)
        else:
            self._known[name] = value
            self.are_met = self.are_met or value is NOTHING or not isinstance(value, _FACTS)
            if closures_in(value):
                self.kept.add(name)
            if isinstance(value, Collection):
                self.collections[name] = value.name

    def bind_table(self, name: str, find: Callable[[], Items | None]) -> None:
        """A name means a table of functions from outside, each time that it is met until something may change it."""
        if name not in self._tables and (found := find()) is not None:
            self._tables[name] = found
        if name in self._tables and name not in self._changed:
            self.bind(name, self._tables[name])

    def change_tables(self) -> None:
        """The tables from outside may hold other functions from here on."""
        self.change(self._tables)

    def meet_lists(self, node: gast.AST) -> None:
        """An expression may take any list out of a container of lists of objects: one stands for all of them."""
        if not self.are_met:
            return
        named = {
            id(item.value) for item in tree.walk(node)
            if isinstance(item, gast.Subscript) and tree.is_constant(item.slice)
        }  # fmt: skip
        for item in tree.walk(node):
            owner = self._known.get(item.id) if isinstance(item, gast.Name) and id(item) not in named else None
            if not isinstance(owner, Items) or not owner.is_full or owner.is_fixed or self._is_table(owner):
                continue
            lists = held_by(owner)
            one = one_of_lists(lists) if len(lists) > 1 else None
            if one is not None and not any(map(self._is_table, lists)):
                met = replaced(self._known, owner, Several(one, start_of(owner), owner.is_dict))
                self._known = with_united(met, [[one, *lists]])

    def _is_table(self, value: Value | None) -> bool:
        return any(value is table for table in self._tables.values())

    def forget(self, names: Iterable[str]) -> None:
        """Names may mean something else from here on."""
        for name in names:
            sites = all_sites(self._known.get(name))
            if sites:
                self._known[name] = Lost(sites)
            elif name in self._known:
                # What is done to a container by this name from here on is not seen.
                self.change([name])
                self.bind(name, None)

    @contextlib.contextmanager
    def watched(self) -> Iterator[dict[str, set[Site]]]:
        """The names that are bound meanwhile, each with where those objects are made that it ever means."""
        bound: dict[str, set[Site]] = {}
        self._watched.append(bound)
        try:
            yield bound
        finally:
            self._watched.pop()

    def forget_until(self, names: Iterable[str], bound: Mapping[str, set[Site]]) -> None:
        """Names may mean what they mean here, or anything that they have been bound to since."""
        names = list(names)
        self.forget(names)
        for name in names:
            if sites := bound.get(name):
                self._known[name] = Lost(all_sites(self._known.get(name)) | sites)

    def forget_functions(self, names: Iterable[str]) -> None:
        """Names may mean other functions from here on; what objects they mean is found out."""
        objects = (Made, Lost, Instance, Several, Collection, Plain, Unset, Nothing)
        known = {name: self._known.get(name) for name in names}
        self.forget(name for name, v in known.items() if not isinstance(v, objects) and not list_of_objects(v))

    def is_plain_item(self, node: gast.AST | None) -> bool:
        """Whether an expression is an item of a tuple that is no function, and holds none."""
        if not isinstance(node, gast.Subscript) or not isinstance(node.slice, gast.Constant):
            return False
        owner = self.of(node.value)
        return isinstance(owner, Items) and owner.is_fixed and node.slice.value not in owner.items

    def begin(self, names: Iterable[str], given: Iterable[str], of_comprehensions: Set[str]) -> None:
        """A function begins, whose variables have no value yet, save those that it is given.

        Those of comprehensions are others each time that one is run.
        """
        for name in (*names, *given):
            if name not in of_comprehensions:
                self._births.setdefault(name, len(self._births))
        self._known.update(dict.fromkeys(set(names).difference(given), UNSET))

    def is_around(self, name: str, container: Value | None) -> bool:
        """Whether a variable is one for all that a list or a dict may hold: it was there when that was made."""
        if not isinstance(container, (Several, Items)):
            return False
        return self._births.get(name, container_birth(container)) < container_birth(container)

    def is_unset(self, name: str) -> bool:
        """Whether a variable surely has no value yet."""
        return self._known.get(name) is UNSET

    def truth(self, name: str) -> bool | None:
        """What a test has given, by its name; None where that is not known."""
        known = self._known.get(name)
        return known.value if isinstance(known, Truth) else None

    def means(self, node: gast.AST, function: Any) -> bool:
        """Whether a free expression means a certain function."""
        return isinstance(node, gast.Name) and node.id not in self._known and self._meaning(node) is function

    def is_none(self, node: gast.AST) -> bool:
        """Whether an expression surely is None."""
        if isinstance(node, gast.Subscript) and tree.is_constant(node.slice):
            owner = self.of(node.value)
            return isinstance(owner, Items) and node.slice.value in owner.empty
        return tree.is_constant(node, None) or self.fact(node) is NOTHING

    def fact(self, node: gast.AST) -> Value | None:
        """What is known of a name that is no function and no object."""
        known = self._known.get(node.id) if isinstance(node, gast.Name) else None
        return known if isinstance(known, _FACTS) else None

    def is_simple(self, node: gast.AST) -> bool:
        """Whether an expression surely is a number, an array of numbers or a text."""
        if isinstance(node, gast.Constant):
            return node.value is not None
        if isinstance(node, gast.Name):
            return isinstance(self._known.get(node.id), (Simple, Truth, Count))
        if isinstance(node, gast.BinOp):
            return self.is_simple(node.left) and self.is_simple(node.right)
        if isinstance(node, gast.UnaryOp):
            return self.is_simple(node.operand)
        if isinstance(node, gast.Subscript):
            owner = self.of(node.value)
            if isinstance(owner, Items) and tree.is_constant(node.slice):
                return node.slice.value in owner.simple
            return self.is_simple(node.value)
        if isinstance(node, gast.Call):
            called = self._meaning(node.func)
            module = "numpy" if isinstance(called, np.ufunc) else getattr(called, "__module__", None) or ""
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            return module.partition(".")[0] in ("math", "numpy") and all(map(self._is_given_simple, given))
        return False

    def _is_given_simple(self, node: gast.AST) -> bool:
        """Whether an argument is a number, an array or a text, or a list or a tuple of such."""
        if isinstance(node, (gast.List, gast.Tuple)):
            return all(map(self._is_given_simple, node.elts))
        return self.is_simple(node) or tree.is_constant(node, None)

    def is_assigned(self, field: str) -> bool:
        """Whether a variable that stands for an attribute has a value on all paths."""
        return field in self._known

    def is_captured(self, made: Made, before: Mapping[str, Value]) -> bool:
        """Whether a function reads attributes of an object when it is called, that was not there before."""
        names = {name for name, value in self._known.items() if value is made}.union(made.fields.values())
        new = (value for name, value in self._known.items() if before.get(name) is not value)
        return any(not names.isdisjoint(captured_in(value)) for value in new)

    def field(self, name: str) -> None:
        """A variable stands for an attribute."""
        self._fields.add(name)

    def sites(self, node: gast.AST) -> frozenset[Site]:
        """Where the objects are made that an expression uses as a whole, and of which only attributes are there."""
        if not self.are_met:
            return frozenset()
        read = (sites_of(self._known.get(name)) for name in tree.names_read(node))
        return frozenset().union(*read)

    def change(self, names: Iterable[str]) -> None:
        """The containers that names hold, and those in them, may have other items from here on."""
        gone = {id(part) for name in names for part in changing_in(self._known.get(name))}
        if gone:
            self._changed.update(name for name, table in self._tables.items() if id(table) in gone)
            self._known = without_containers(self._known, gone)

    def grow(self, name: str, new: Value | None) -> bool:
        """A list or a dict gets one more item; whether all that it holds is still known."""
        old = self._known.get(name)
        if list_of_objects(new, may_be_empty=True) and isinstance(old, (Several, Items)) and not self._is_table(old):
            return self._put_list(old, new)
        if new is None or not isinstance(old, (Several, Items)) or not may_be_added(new) or self._is_table(old):
            return False
        if isinstance(old, Items) and not old.is_full:
            return False
        held = held_by(old)
        either = choice_of([*held, new])
        if either is None:
            return False
        kept = set(map(id, containers_in(either)))
        gone = {id(part) for value in (*held, new) for part in changing_in(value)} - kept
        grown = Several(either, start_of(old), old.is_dict)
        if closures_in(either):
            self.kept.update(n for n, value in self._known.items() if any(p is old for p in containers_in(value)))
        self._known = without_containers(replaced(self._known, old, grown), gone)
        return True

    def put(self, name: str, key: int | None, value: gast.AST) -> bool:
        """A list that mixes objects and others gets an item, for another one or at its end; whether all is known."""
        old = self._known.get(name)
        if not isinstance(old, Items) or old.size is None:
            return False
        place = old.size if key is None else key + old.size * (key < 0)
        item = self.of(value)
        if item is not None and not isinstance(item, Instance):
            return False
        items = {**{k: v for k, v in old.items.items() if k != place}, **({} if item is None else {place: item})}
        simple = (old.simple - {place}) | ({place} if self.is_simple(value) else frozenset())
        empty = (old.empty - {place}) | ({place} if self.is_none(value) else frozenset())
        return place <= old.size and self._now(old, items, (simple, empty), max(old.size, place + 1))

    def turn_round(self, name: str) -> bool:
        """The items of a list that mixes objects and others come in reverse order; whether all is known."""
        old = self._known.get(name)
        if not isinstance(old, Items) or old.size is None:
            return False
        last = old.size - 1
        items = {last - key: item for key, item in old.items.items()}
        others = [frozenset(last - key for key in keys) for keys in (old.simple, old.empty)]
        return self._now(old, items, (others[0], others[1]), old.size)

    def _now(
        self, old: Items, items: Mapping[Any, Value], others: tuple[frozenset[Any], frozenset[Any]], size: int
    ) -> bool:
        """A list that mixes objects and others has other items; whether it is such a list."""
        if old.is_full or old.is_fixed or old.is_dict or not items or self._is_table(old):
            return False
        if not all(isinstance(item, (Instance, Choice)) for item in (*old.items.values(), *items.values())):
            return False
        new = replace(
            old, items=items, is_full=len(items) == size, start=start_of(old), size=size,
            simple=others[0], empty=others[1],
        )  # fmt: skip
        self._known = replaced(self._known, old, new)
        return True

    def _put_list(self, owner: Several | Items, new: Value | None) -> bool:
        """A list of objects gets to stand in a list of such; whether all that it holds is still known.

        One list stands for all of them from here on, also for those that have other names.
        """
        is_full = isinstance(owner, Several) or owner.is_full
        lists = [*held_by(owner), new]
        one = one_of_lists(lists) if is_full and new is not owner and not any(map(self._is_table, lists)) else None
        if one is None:
            return False
        grown = Several(one, start_of(owner), owner.is_dict)
        known = [part for part in lists if part is not None]
        self._known = with_united(replaced(self._known, owner, grown), [[one, *known]])
        return True

    def change_all(self) -> None:
        """Every container may have other items from here on."""
        self.change(list(self._known))

    def change_objects(self) -> None:
        """The attributes of every object may hold other functions and objects from here on."""
        self.change_all()
        self._known = {n: emptied(v) for n, v in self._known.items()}

    def holds_containers(self, node: gast.AST) -> bool:
        """Whether an expression reads a container of functions of which an item is one that may change."""
        if not self.are_met:
            return False
        read = (self._known.get(name) for name in tree.names_read(node))
        return any(part is not value and not is_fixed(part) for value in read for part in containers_in(value))

    def agree(self, owner: gast.AST, attribute: str, value: gast.AST) -> bool:
        """Whether a value is what is known of an attribute of an object already, and of all objects that have it."""
        known, new = self.of(owner), self.of(value)
        if not isinstance(known, Instance) or new is None or known.items.get(attribute) != new:
            return False
        every = (part for held in self._known.values() for part in instances_in(held))
        return all(part.items.get(attribute, new) == new for part in every)

    def state(self) -> dict[str, Value]:
        """What is known, to be gone back to by `restore`."""
        return dict(self._known)

    def restore(self, state: Mapping[str, Value]) -> None:
        """Go back to what was known elsewhere."""
        self._known = dict(state)

    def again(
        self, after: Mapping[str, Value], names: Iterable[str], variables: Set[str]
    ) -> dict[str, Value]:
        """What is known at the beginning of every iteration: what is so before the loop and after each.

        Args:
            after: what is known at the end of an iteration.
            names: that the loop assigns.
            variables: those of the functions that run around the loop, which are the same in all iterations.
        """
        kept: dict[str, Value] = {}
        joined: list[list[Value]] = []
        lists = Lists()
        fields = {f for value in self._known.values() if isinstance(value, Made) for f in value.fields.values()}
        for name in {**self._known, **dict.fromkeys([*names, *sorted(fields)])}:
            mine, theirs = self._known.get(name), after.get(name)
            sites = all_sites(mine) | all_sites(theirs)
            if mine is not None and (mine is theirs or mine == theirs or are_one(mine, theirs, name)):
                kept[name] = mine
            elif sites:
                kept[name] = Lost(sites)
            elif Collection in (type(mine), type(theirs)) and UNSET not in (mine, theirs):
                kept[name] = UNCLEAR
            elif mine is UNSET:
                if theirs is not None and lasts(theirs, variables, name):
                    kept[name] = theirs
            elif (present := unless_none(mine, theirs)) is not None:
                kept[name] = present
            elif isinstance(mine, Instance) and isinstance(theirs, Instance):
                either = choice_of([mine, theirs])
                if either is not None:
                    kept[name] = either
            elif (grown := lists.either(mine, theirs)) is not None:
                # An iteration has added items to it.
                kept[name] = grown
            elif list_of_objects(mine) and list_of_objects(theirs) and (either_list := one_of_lists([mine, theirs])):
                kept[name] = either_list
                joined.append([either_list, *(value for value in (mine, theirs) if value is not None)])
            elif mine is not None and theirs is not None and name in self._fields:
                kept[name] = PLAIN
        gone = [name for name in {*self._known, *names} if name not in kept]
        lost = [part for state in (self._known, after) for name in gone for part in changing_in(state.get(name))]
        # What is done to those is not seen from there on.
        return without_lists(with_united(kept, joined), lost)

    def join(self, other: Mapping[str, Value]) -> None:
        """Two paths meet: a name that means different functions on them means either."""
        joined: dict[str, Value] = {}
        lists = Lists()
        unclear: list[str] = []
        for name in {**self._known, **other}:
            mine, theirs = self._known.get(name), other.get(name)
            sites = all_sites(mine) | all_sites(theirs)
            if mine is not None and (mine is theirs or mine == theirs or are_one(mine, theirs, name)):
                joined[name] = mine
            elif sites:
                joined[name] = Lost(sites)
            elif Collection in (type(mine), type(theirs)) and UNSET not in (mine, theirs):
                joined[name] = UNCLEAR
            elif UNSET in (mine, theirs):
                either = theirs if mine is UNSET else mine
                if either is not None and either is not PLAIN:
                    joined[name] = either
            elif mine is None or theirs is None:
                if name in self._births:
                    # It means something else on the other path, of which nothing is known.
                    unclear.append(name)
            elif (present := unless_none(mine, theirs)) is not None:
                joined[name] = present
            elif PLAIN in (mine, theirs) or (SIMPLE in (mine, theirs) and name in self._fields):
                joined[name] = PLAIN
            elif (grown := lists.either(mine, theirs)) is not None:
                joined[name] = grown
            elif (either := choice_of([theirs, mine])) is not None:
                joined[name] = either
            else:
                unclear.append(name)
        # What is done to it from here on is done to one of those.
        lost = [part for state in (self._known, other) for name in unclear for part in changing_in(state.get(name))]
        self._known = without_lists(joined, lost)
