"""Functions as values: which function a name means when the derivative is written.

A function that is defined inside another, or made by one, or handed to one, is followed to where it is called, and
unfolded there like any other. What it captures are variables of the program around, which keep their names, so that
a call sees what they hold at that moment, as in Python. Where a name may mean one of several functions the call
becomes a choice between them by identity (defunctionalisation: Reynolds 1972).

Read in the order of the program, like `expand`: `Functions` is what is known at the place that has been reached.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, TypeAlias

import gast

from tangent_sct.core import tree
from tangent_sct.core.origins import Origin, Source
from tangent_sct.frontend.closures import Closure, Mixed, one_of
from tangent_sct.frontend.inline import bound_to
from tangent_sct.frontend.made import Lost, Made, Site, sites_of
from tangent_sct.runtime.objects import is_named


@dataclass(frozen=True, eq=False)
class Inner:
    """A function defined inside the program.

    Attributes:
        node: its definition; free names are those of the program around, defaults are names or literals.
        source: what errors in it point into, and where its free names are looked up.
        captured: variables of the program around that it reads or assigns.
        is_active: whether an expression of the program around may carry a derivative.
    """

    node: gast.FunctionDef
    source: Source
    captured: frozenset[str]
    is_active: Callable[[gast.AST], bool]


@dataclass(frozen=True)
class Outer:
    """A function from outside the program, by the expression that means it.

    Attributes:
        text: the expression, as text.
        expression: the expression.
        is_same: whether it means the same object whenever it is evaluated; a method is bound anew each time.
    """

    text: str
    expression: gast.AST
    is_same: bool = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outer) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@dataclass(frozen=True, eq=False)
class Partial:
    """A function with some arguments given, as `functools.partial` makes it."""

    function: Value
    args: tuple[gast.AST, ...]
    keywords: tuple[gast.AST, ...]


@dataclass(frozen=True)
class Method:
    """A method of an object whose class is known, in a variable that stands for the object.

    Attributes:
        owner: a name that `Functions` knows the object by, and that stands nowhere in the text.
        name: of the method.
    """

    owner: str
    name: str


@dataclass(frozen=True, eq=False)
class Choice:
    """One of several functions, each with an expression that it is told by when the program runs."""

    options: tuple[tuple[Value, gast.AST], ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Choice) and self._told() == other._told()

    def __hash__(self) -> int:
        return hash(frozenset(self._told()))

    def _told(self) -> dict[str, Value]:
        """The functions by the texts that they are told by: the trees of those are made anew each time."""
        return {tree.text(by): option for option, by in self.options}


@dataclass(frozen=True, eq=False)
class Items:
    """A tuple, list or dict of which some items are functions.

    Attributes:
        items: those, by position or key.
        is_full: whether all items are.
        is_fixed: whether it is a tuple, whose items stay what they are.
        is_dict: whether it is a dict.
        birth: how many variables the program had when it was made.
    """

    items: Mapping[Any, Value]
    is_full: bool
    is_fixed: bool = False
    is_dict: bool = False
    birth: int = 0


@dataclass(frozen=True, eq=False)
class Start:
    """A list or a dict as it was when it was made.

    Attributes:
        birth: how many variables the program had then.
    """

    birth: int = 0


@dataclass(frozen=True, eq=False)
class Several:
    """A list or a dict of which only what all its items are is known.

    Attributes:
        item: one of them; None where there is none yet.
        start: what it was when it was made: the same for the same one.
        is_dict: whether it is a dict.
    """

    item: Value | None
    start: Start | Items = field(default_factory=Start)
    is_dict: bool = False


@dataclass(frozen=True)
class Instance:
    """An object whose attributes are known.

    Attributes:
        cls: its class.
        name: what the class is called in the text.
        names: its attributes.
        items: those of them that are functions or hold some, or are objects themselves.
    """

    cls: type
    name: str
    names: frozenset[str]
    items: Mapping[str, Value]

    def __hash__(self) -> int:
        return hash((self.cls, self.names))


@dataclass(frozen=True)
class Collection:
    """A list or a dict in the place of a collection of Python's library, whose further ways are written out.

    Attributes:
        name: of the class.
        given: the text of the most items that a deque has, or of what a dict gives for a key that is not there.
    """

    name: str
    given: str = ""


UNCLEAR = Collection("")
"""One of several collections, or perhaps none: what is done to it is not known to be right for all."""


@dataclass(frozen=True)
class Plain:
    """What is no function, in a variable that stands for an attribute: it tells that the attribute is there."""


PLAIN = Plain()


@dataclass(frozen=True)
class Unset:
    """What a variable means that has no value yet: whatever it is given later, it means that alone."""


UNSET = Unset()


@dataclass(frozen=True)
class Nothing:
    """What `None` is, in a variable that may hold an object on other paths."""


NOTHING = Nothing()

_WITH_MEANING = frozenset((
    gast.Name, gast.Attribute, gast.Subscript, gast.Call, gast.Tuple, gast.List, gast.Dict, gast.BinOp
))  # fmt: skip
"""Expressions that may mean a function, or what holds some."""

Value: TypeAlias = (
    "Inner | Outer | Partial | Closure | Method | Choice | Items | Several | Instance | Made | Lost | Collection"
    " | Plain | Unset | Nothing"
)


class Functions:
    """The functions that names mean at one place of the program.

    Args:
        meaning: the object that a free expression means, None where it is none to be called.

    Attributes:
        are_met: whether some variable has been a function, an object, or a container, so far. In most programs
            none ever is, and there is nothing to ask.
        kept: variables that have been functions of which only what they captured is there, or have held some.
    """

    def __init__(self, meaning: Callable[[gast.AST], Any]) -> None:
        self.are_met = False
        self.kept: set[str] = set()
        self._births: dict[str, int] = {}
        self._meaning = meaning
        self._known: dict[str, Value] = {}
        self._fields: set[str] = set()

    def of(self, node: gast.AST) -> Value | None:
        """What an expression means, None where that is no function or not known."""
        if type(node) not in _WITH_MEANING:
            return None
        if isinstance(node, gast.Name) and node.id in self._known:
            known = self._known[node.id]
            return None if known in (PLAIN, UNSET, NOTHING) else known
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
            is_own = self._meaning(node.func) in (list, tuple)
            owner = self.of(node.args[0]) if is_own and not node.keywords else None
            if isinstance(owner, (Several, Items)) and not owner.is_dict:
                return self._part(owner)
        if isinstance(node, gast.Call):
            return self._chosen(node)
        if isinstance(node, (gast.Tuple, gast.List)):
            return self._items(dict(enumerate(node.elts)), isinstance(node, gast.Tuple))
        if isinstance(node, gast.Dict) and all(map(tree.is_constant, node.keys)):
            held = self._items({k.value: v for k, v in zip(node.keys, node.values, strict=True)})
            return None if held is None else replace(held, is_dict=True)
        return None

    def _chosen(self, call: gast.Call) -> Value | None:
        """What `max`, `min` or `sorted` gives of objects, or a copy of a list of such; a named tuple of numbers."""
        made = self._meaning(call.func) if isinstance(call.func, gast.Name) and call.args else None
        if isinstance(made, type) and is_named(made):
            given = [*call.args, *(keyword.value for keyword in call.keywords)]
            names = frozenset(made._fields)  # type: ignore[attr-defined]
            return None if any(map(self.of, given)) else Instance(made, call.func.id, names, {})
        if made is None or not any(made is known for known in (max, min, sorted, list)):
            return None
        if len(call.args) > 1:
            parts = [self.of(argument) for argument in call.args]
            item = _choice([part for part in parts if part is not None]) if None not in parts else None
        else:
            item = any_item(self.of(call.args[0]))
        if not isinstance(item, (Instance, Choice)) or closures_in(item):
            return None
        return item if made in (max, min) else Several(item)

    def reorder(self, name: str) -> bool:
        """The items of a list change places; whether all of them are still known."""
        old = self._known.get(name)
        item = any_item(old)
        if not isinstance(old, (Several, Items)) or not isinstance(item, (Instance, Choice)):
            return False
        if closures_in(item):
            return False
        self._known = _replaced(self._known, old, Several(item, _start(old)))
        return True

    def _items(self, parts: Mapping[Any, gast.AST], is_fixed: bool = False) -> Items | None:
        found = {key: value for key, item in parts.items() if (value := self.of(item)) is not None}
        return Items(found, len(found) == len(parts), is_fixed, birth=len(self._births)) if found else None

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
        held = [item for part in lists for item in _held(part)]
        either = _choice(held) if held else None
        return None if held and either is None else Several(either, self._start())

    def bind(self, name: str, value: Value | None) -> None:
        """A name is assigned; None where what it means now is not known."""
        if value is None and name in self._fields:
            self._known[name] = PLAIN
        elif value is None:
            self._known.pop(name, None)
        else:
            self._known[name] = value
            self.are_met = self.are_met or value not in (PLAIN, UNSET, NOTHING)
            if closures_in(value):
                self.kept.add(name)

    def forget(self, names: Iterable[str]) -> None:
        """Names may mean something else from here on."""
        for name in names:
            sites = sites_of(self._known.get(name))
            if sites:
                self._known[name] = Lost(sites)
            elif name in self._known:
                # What is done to a container by this name from here on is not seen.
                self.change([name])
                self.bind(name, None)

    def forget_functions(self, names: Iterable[str]) -> None:
        """Names may mean other functions from here on; what objects they mean is found out."""
        objects = (Made, Lost, Instance, Several, Collection, Plain, Unset, Nothing)
        self.forget(name for name in names if not isinstance(self._known.get(name), objects))

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

    def is_assigned(self, field: str) -> bool:
        """Whether a variable that stands for an attribute has a value on all paths."""
        return field in self._known

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
        gone = {id(part) for name in names for part in _changing(self._known.get(name))}
        if gone:
            self._known = _without_containers(self._known, gone)

    def grow(self, name: str, new: Value | None) -> bool:
        """A list or a dict gets one more item; whether all that it holds is still known."""
        old = self._known.get(name)
        if new is None or not isinstance(old, (Several, Items)) or not _may_be_added(new):
            return False
        if isinstance(old, Items) and not old.is_full:
            return False
        held = _held(old)
        either = _choice([*held, new])
        if either is None:
            return False
        kept = set(map(id, _containers(either)))
        gone = {id(part) for value in (*held, new) for part in _changing(value)} - kept
        grown = Several(either, _start(old), old.is_dict)
        if closures_in(either):
            self.kept.update(n for n, value in self._known.items() if any(p is old for p in _containers(value)))
        self._known = _without_containers(_replaced(self._known, old, grown), gone)
        return True

    def change_all(self) -> None:
        """Every container may have other items from here on."""
        self.change(list(self._known))

    def change_objects(self) -> None:
        """The attributes of every object may hold other functions and objects from here on."""
        self.change_all()
        self._known = {n: _emptied(v) for n, v in self._known.items()}

    def holds_containers(self, node: gast.AST) -> bool:
        """Whether an expression reads a container of functions of which an item is one that may change."""
        if not self.are_met:
            return False
        read = (self._known.get(name) for name in tree.names_read(node))
        return any(part is not value and not _is_fixed(part) for value in read for part in _containers(value))

    def agree(self, owner: gast.AST, attribute: str, value: gast.AST) -> bool:
        """Whether a value is what is known of an attribute of an object already, and of all objects that have it."""
        known, new = self.of(owner), self.of(value)
        if not isinstance(known, Instance) or new is None or known.items.get(attribute) != new:
            return False
        every = (part for held in self._known.values() for part in _instances(held))
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
        lists = _Lists()
        fields = {f for value in self._known.values() if isinstance(value, Made) for f in value.fields.values()}
        for name in {**self._known, **dict.fromkeys([*names, *sorted(fields)])}:
            mine, theirs = self._known.get(name), after.get(name)
            sites = sites_of(mine) | sites_of(theirs)
            if mine is not None and (mine is theirs or mine == theirs or _are_one(mine, theirs, name)):
                kept[name] = mine
            elif sites:
                kept[name] = Lost(sites)
            elif Collection in (type(mine), type(theirs)) and UNSET not in (mine, theirs):
                kept[name] = UNCLEAR
            elif mine is UNSET:
                if theirs is not None and _lasts(theirs, variables, name):
                    kept[name] = theirs
            elif (present := _unless_none(mine, theirs)) is not None:
                kept[name] = present
            elif isinstance(mine, Instance) and isinstance(theirs, Instance):
                either = _choice([mine, theirs])
                if either is not None:
                    kept[name] = either
            elif (grown := lists.either(mine, theirs)) is not None:
                # An iteration has added items to it.
                kept[name] = grown
            elif mine is not None and theirs is not None and name in self._fields:
                kept[name] = PLAIN
        return _without_containers(kept, self._dropped(kept, after, {*self._known, *names}))

    def _dropped(self, kept: Mapping[str, Value], after: Mapping[str, Value], names: Iterable[str]) -> set[int]:
        """Containers that names mean which are not followed any more: what is done to those is not seen."""
        gone = [name for name in names if name not in kept]
        states = (self._known, after)
        return {id(part) for state in states for name in gone for part in _changing(state.get(name))}

    def join(self, other: Mapping[str, Value]) -> None:
        """Two paths meet: a name that means different functions on them means either."""
        joined: dict[str, Value] = {}
        lists = _Lists()
        unclear: list[str] = []
        for name in {**self._known, **other}:
            mine, theirs = self._known.get(name), other.get(name)
            sites = sites_of(mine) | sites_of(theirs)
            if mine is not None and (mine is theirs or mine == theirs or _are_one(mine, theirs, name)):
                joined[name] = mine
            elif sites:
                joined[name] = Lost(sites)
            elif Collection in (type(mine), type(theirs)) and UNSET not in (mine, theirs):
                joined[name] = UNCLEAR
            elif UNSET in (mine, theirs):
                either = theirs if mine is UNSET else mine
                if either is not None and either is not PLAIN:
                    joined[name] = either
            elif mine is None:
                continue
            elif (present := _unless_none(mine, theirs)) is not None:
                joined[name] = present
            elif PLAIN in (mine, theirs):
                if theirs is not None:
                    joined[name] = PLAIN
            elif (grown := lists.either(mine, theirs)) is not None:
                joined[name] = grown
            elif theirs is not None and (either := _choice([theirs, mine])) is not None:
                joined[name] = either
            elif theirs is not None:
                unclear.append(name)
        both = [list(_changing(state.get(name))) for state in (self._known, other) for name in unclear]
        # What is done to it from here on is done to one of those.
        gone = {id(part) for parts in both for part in parts}
        self._known = _without_containers(joined, gone)


def _unless_none(mine: Value | None, theirs: Value | None) -> Instance | Choice | None:
    """The object that a variable holds on one of two paths, where it is None on the other.

    Whoever takes it apart relies on its being there.
    """
    if NOTHING not in (mine, theirs):
        return None
    other = theirs if mine is NOTHING else mine
    if isinstance(other, Choice):
        return other if all(isinstance(option, Instance) for option, _ in other.options) else None
    return other if isinstance(other, Instance) else None


class _Lists:
    """Lists to which some paths have added items, seen from where the paths meet."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], Several] = {}

    def either(self, mine: Value | None, theirs: Value | None) -> Several | None:
        """What is known of a list on both of two paths; None for what is not one list."""
        lists = (Items, Several)
        if not isinstance(mine, lists) or not isinstance(theirs, lists) or _start(mine) is not _start(theirs):
            return None
        held = [*_held(mine), *_held(theirs)]
        item = _choice(held) if held else None
        if held and item is None:
            return None
        for value in (mine, theirs):
            if isinstance(value, Several) and _is_same(value.item, item):
                return value
        return self._known.setdefault((id(mine), id(theirs)), Several(item, _start(mine), mine.is_dict))


def _is_same(mine: Value | None, theirs: Value | None) -> bool:
    """Whether two values are the same, or tuples of the same."""
    if isinstance(mine, Items) and isinstance(theirs, Items) and mine.is_fixed and theirs.is_fixed:
        if (mine.is_full, mine.items.keys()) != (theirs.is_full, theirs.items.keys()):
            return False
        return all(_is_same(item, theirs.items[key]) for key, item in mine.items.items())
    return mine == theirs


def _lasts(value: Value, variables: Set[str], name: str = "") -> bool:
    """Whether what an iteration has given to a name means the same in the next one, and after the loop.

    A function reads what its variables hold when it is called. Those of a function that an iteration calls are others
    each time, and so are its defaults each time that it is defined: its own name means the one defined last.
    """
    if isinstance(value, Inner):
        own = value.captured - set(tree.names_read(_defaults(value)))
        return _is_last(value, name) and own <= variables
    if isinstance(value, Instance):
        return all(_lasts(item, variables) for item in value.items.values())
    if isinstance(value, Closure):
        return value.outside <= variables and all(g.value is None or _lasts(g.value, variables) for g in value.given)
    return isinstance(value, (Outer, Collection))


def _defaults(value: Inner) -> list[gast.AST]:
    return [*value.node.args.defaults, *filter(None, value.node.args.kw_defaults)]


def _is_last(value: Inner, name: str) -> bool:
    """Whether what a name means does what the function does that was made last by the same definition."""
    return value.node.name == name or all(map(tree.is_constant, _defaults(value)))


def _are_one(mine: Value | None, theirs: Value | None, name: str) -> bool:
    """Whether two values are what one definition has given a name in two iterations, and do the same."""
    if not isinstance(mine, Inner) or not isinstance(theirs, Inner) or not _is_last(mine, name):
        return False
    return mine.source.function is theirs.source.function and tree.same(mine.node, theirs.node)


def _is_fixed(value: Value) -> bool:
    return isinstance(value, Items) and value.is_fixed


def _start(value: Items | Several) -> Start | Items:
    return value.start if isinstance(value, Several) else value


def container_birth(value: Items | Several) -> int:
    """How many variables the program had when a list or a dict was made."""
    return _start(value).birth


def _may_be_added(value: Value | None) -> bool:
    """Whether what is known of a value stays true of it as one of the items of a list."""
    if isinstance(value, Items) and value.is_fixed:
        return all(isinstance(item, (Outer, Closure)) for item in value.items.values())
    return isinstance(value, (Outer, Instance, Closure))


def closures_in(value: Value | None) -> bool:
    """Whether a value is a function of which only what it captured is there, or holds some."""
    if isinstance(value, Several):
        return closures_in(value.item)
    if isinstance(value, Items):
        return any(map(closures_in, value.items.values()))
    if isinstance(value, Choice):
        return any(isinstance(option, Closure) for option, _ in value.options)
    return isinstance(value, Closure)


def shadow_of(value: Value) -> Value | None:
    """What stands beside an object: one with the same attributes, none of them a function."""
    if isinstance(value, Several):
        return Several(None if value.item is None else shadow_of(value.item))
    if isinstance(value, Choice):
        return _shadow_of_one(value)
    if not isinstance(value, (Instance, Items)):
        return None
    found = {key: part for key, item in value.items.items() if (part := shadow_of(item)) is not None}
    if isinstance(value, Instance):
        return Instance(SimpleNamespace, "SimpleNamespace", value.names, found)
    return Items(found, value.is_full and len(found) == len(value.items))


def _shadow_of_one(value: Choice) -> Instance | None:
    """What stands beside one of several objects: what is read of it is what the class of that object has."""
    objects = [option for option, _ in value.options]
    if not all(isinstance(option, Instance) and not option.items for option in objects):
        return None
    names = frozenset(name for option in objects if isinstance(option, Instance) for name in option.names)
    return Instance(SimpleNamespace, "SimpleNamespace", names, {})


def any_item(owner: Value | None) -> Value | None:
    """What an item of a container of functions may be, None where that is not known."""
    if isinstance(owner, Several):
        return owner.item
    if not isinstance(owner, Items) or not owner.is_full:
        return None
    return _choice(owner.items.values())


def _choice(values: Iterable[Value]) -> Value | None:
    """One of several functions, None where they cannot be told apart when the program runs."""
    options: list[Value] = []
    every = dict.fromkeys(option for value in values for option in _options(value))
    kept = [option for option in every if isinstance(option, Closure)]
    if kept:
        closures = one_of(kept)
        if len(kept) < len(every) or len(closures) > 1:
            if not all(closure.is_tagged for closure in closures):
                raise Mixed
            if len(kept) < len(every):
                return None
        if len(closures) == 1:
            return closures[0]
        return Choice(tuple((closure, tree.const(closure.key)) for closure in closures))
    for option in every:
        alike = [n for n, o in enumerate(options) if isinstance(o, Instance) and o.cls is getattr(option, "cls", 0)]
        if not alike:
            options.append(option)
            continue
        either = _either_instance([options[alike[0]], option])
        if either is None:
            return None
        options[alike[0]] = either
    if len(options) == 1:
        return options[0]
    pairs = [option for option in options if isinstance(option, Items) and option.is_fixed]
    if pairs and len(pairs) == len(options):
        return _either_tuple(pairs)
    told = [(option, by) for option in options if (by := _told_by(option)) is not None]
    return Choice(tuple(told)) if len(told) == len(options) else None


def _either_tuple(values: list[Items]) -> Items | None:
    """One of several tuples, item by item; None where they hold what may change."""
    if any(len(list(_containers(value))) > 1 for value in values):
        return None
    shared = [key for key in values[0].items if all(key in value.items for value in values)]
    either = {key: _choice(value.items[key] for value in values) for key in shared}
    found = {key: value for key, value in either.items() if value is not None}
    full = all(value.is_full and value.items.keys() == found.keys() for value in values)
    return Items(found, full, is_fixed=True) if found else None


def _either_instance(values: list[Value]) -> Instance | None:
    """One of several objects, where they are alike."""
    first = values[0]
    assert isinstance(first, Instance)
    alike = [v for v in values if isinstance(v, Instance) and v.cls is first.cls]
    known = {k: v for k, v in first.items.items() if all(getattr(o, "items", {}).get(k) == v for o in values)}
    if first.cls is SimpleNamespace and len(alike) == len(values):
        # What is read of a shadow is what the class of its object has.
        return replace(first, names=frozenset().union(*(v.names for v in alike)), items=known)
    return replace(first, items=known) if all(getattr(v, "names", None) == first.names for v in values) else None


def _options(value: Value) -> Iterator[Value]:
    if isinstance(value, Choice):
        yield from (option for option, _ in value.options)
    else:
        yield value


def _replaced(known: Mapping[str, Value], old: Value, new: Value) -> dict[str, Value]:
    """What is known, with a container by another one wherever it stands."""

    def change(value: Value) -> Value:
        if value is old:
            return new
        if isinstance(value, Several) and value.item is not None:
            item = change(value.item)
            return value if item is value.item else Several(item, value.start)
        if isinstance(value, (Items, Instance)) and any(part is old for part in _containers(value)):
            return replace(value, items={key: change(item) for key, item in value.items.items()})
        return value

    return {name: change(value) for name, value in known.items()}


def _held(value: Items | Several) -> list[Value]:
    """What is known of the items of a container."""
    if isinstance(value, Items):
        return list(value.items.values())
    return [] if value.item is None else [value.item]


def _containers(value: Value | None) -> Iterator[Value]:
    """The containers that a value is, or holds; the attributes of an object stay what they are."""
    if isinstance(value, (Items, Several)):
        yield value
    if isinstance(value, Several):
        yield from _containers(value.item)
    if isinstance(value, (Items, Instance)):
        for item in value.items.values():
            yield from _containers(item)


def _changing(value: Value | None) -> Iterator[Value]:
    """Those of the containers that a value is, or holds, whose items may change."""
    return (part for part in _containers(value) if not _is_fixed(part))


def _instances(value: Value | None) -> Iterator[Instance]:
    """The objects that a value is, or holds."""
    if isinstance(value, Instance):
        yield value
    if isinstance(value, Several):
        yield from _instances(value.item)
    elif isinstance(value, (Items, Instance)):
        for item in value.items.values():
            yield from _instances(item)
    elif isinstance(value, Choice):
        for option, _ in value.options:
            yield from _instances(option)


def _emptied(value: Value) -> Value:
    """An object of whose attributes no function is known; every other value as it is."""
    return replace(value, items={}) if isinstance(value, Instance) else value


def _without_containers(known: Mapping[str, Value], gone: set[int]) -> dict[str, Value]:
    """What is known but for some containers and what holds them; an object stays, without them."""
    kept: dict[str, Value] = {}
    for name, value in known.items():
        if isinstance(value, Instance):
            kept[name] = replace(value, items=_without_containers(value.items, gone))
        elif gone.isdisjoint(map(id, _containers(value))):
            kept[name] = value
    return kept


def _told_by(value: Value) -> gast.AST | None:
    """The expression whose object a function is."""
    if isinstance(value, Inner):
        return tree.load(value.node.name)
    if isinstance(value, Instance):
        return tree.load(value.name)
    return tree.copy(value.expression) if isinstance(value, Outer) else None


def is_option(function: gast.AST, option: Value, told_by: gast.AST) -> gast.Compare:
    """The test whether an expression means one of several functions."""
    if isinstance(option, Closure):
        return option.is_it(function)
    is_same = not isinstance(option, Outer) or option.is_same
    if isinstance(option, Instance):
        function = tree.call("type", function)
    return gast.Compare(tree.copy(function), [gast.Is() if is_same else gast.Eq()], [tree.copy(told_by)])


def inner(
    node: gast.FunctionDef,
    source: Source,
    free: Iterable[str],
    is_active: Callable[[gast.AST], bool],
) -> Inner:
    """A function defined inside the program.

    Args:
        node: its definition.
        source: of the function around.
        free: names of the program that are no variables.
        is_active: whether an expression of the program around may carry a derivative.
    """
    objects = set(free)
    captured = frozenset(
        n for n in (*tree.names_read(node), *assigned_outside(node)) if n not in objects
    )
    hidden = source.hidden | captured
    return Inner(node, replace(source, hidden=hidden), captured, is_active)


def assigned_outside(node: gast.FunctionDef) -> list[str]:
    """Variables around a function that it, or a function inside it, assigns.

    >>> text = "def f():\\n    def g():\\n        nonlocal n\\n        n = 1\\n    g()"
    >>> assigned_outside(tree.statements(text)[0])
    ['n']
    """
    found = dict.fromkeys(tree.declared_outside(node))
    own = {*tree.parameter_names(node), *tree.names_written(node.body)} - set(found)
    for item in tree.every_statement(node.body):
        if isinstance(item, gast.FunctionDef):
            found.update(dict.fromkeys(n for n in assigned_outside(item) if n not in own))
    return list(found)


def declared_inside(node: gast.FunctionDef) -> set[str]:
    """Variables that functions inside a function, at any depth, declare to be of one around them."""
    found: set[str] = set()
    for statement in tree.every_statement(node.body):
        for item in tree.walk(statement) if isinstance(statement, tree.SCOPES) else [statement]:
            if type(item) is gast.Nonlocal:
                found.update(item.names)
    return found


def arguments_of(node: gast.FunctionDef, call: gast.Call, origin: Origin | None) -> dict[str, gast.AST]:
    """The expression for each parameter of a function defined inside.

    Raises:
        UnsupportedError: when the arguments do not fit the parameters, or are not written out.
    """
    return bound_to(signature(node), call.args, call.keywords, origin, lambda _, default: default)


def signature(node: gast.FunctionDef) -> inspect.Signature:
    """The signature of a definition; defaults are expressions.

    >>> str(signature(tree.statements("def f(x, /, y, *, z): pass")[0]))
    '(x, /, y, *, z)'
    """
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [inspect.Parameter.empty] * (len(plain) - len(arguments.defaults))
    kinds: list[Any] = [inspect.Parameter.POSITIONAL_ONLY] * len(arguments.posonlyargs)
    kinds += [inspect.Parameter.POSITIONAL_OR_KEYWORD] * len(arguments.args)
    found = [
        inspect.Parameter(item.id, kind, default=default)
        for item, kind, default in zip(plain, kinds, [*defaults, *arguments.defaults], strict=True)
    ]
    if arguments.vararg is not None:
        found.append(inspect.Parameter(arguments.vararg.id, inspect.Parameter.VAR_POSITIONAL))
    for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        given = inspect.Parameter.empty if default is None else default
        found.append(inspect.Parameter(item.id, inspect.Parameter.KEYWORD_ONLY, default=given))
    if arguments.kwarg is not None:
        found.append(inspect.Parameter(arguments.kwarg.id, inspect.Parameter.VAR_KEYWORD))
    return inspect.Signature(found)


def with_given(call: gast.Call, args: Sequence[gast.AST], keywords: Sequence[gast.AST]) -> gast.Call:
    """A call of what a partial wraps: its arguments come before, and its keywords unless given anew."""
    own = {keyword.arg for keyword in call.keywords}
    kept = [tree.copy(k) for k in keywords if k.arg not in own]
    return gast.Call(call.func, [*tree.copy_all(list(args)), *call.args], [*kept, *call.keywords])


def settled(body: list[gast.AST]) -> list[gast.AST]:
    """The body without the functions that have been unfolded wherever they are called.

    Definitions and copies that nothing reads go. Where functions are left only to be told apart, their names
    stand for them.
    """
    body = _without_unread(body)
    defined = {n.name for n in tree.every_statement(body) if isinstance(n, gast.FunctionDef)}
    if not defined or not _are_only_told_apart(body, defined):
        return body
    named = {name: tree.const(name) for name in defined}

    def change(node: gast.AST) -> gast.AST:
        node = tree.substitute(node, named)
        return tree.rewrite(node, _told_by_name)

    return [change(node) for node in _without(body, defined)]


def _told_by_name(node: gast.AST) -> gast.AST | None:
    """`f is "name"` is `f == "name"`."""
    if isinstance(node, gast.Compare) and isinstance(node.ops[0], gast.Is):
        if isinstance(getattr(node.comparators[0], "value", None), str):
            return gast.Compare(node.left, [gast.Eq()], node.comparators)
    return None


_PLAIN_USES = (
    gast.Name, gast.Constant, gast.Subscript, gast.Tuple, gast.List, gast.Dict, gast.BinOp, gast.IfExp,
)  # fmt: skip
"""Expressions that hand functions on, or take them out of containers, and ask nothing of them."""


def _are_only_told_apart(body: list[gast.AST], defined: set[str]) -> bool:
    """Whether nothing is done with functions defined inside but to copy, to keep and to tell them apart."""
    found, maybe = _spread(body, defined, _hands_on), holders(body, defined)
    own = {name for node in tree.every_statement(body) if (name := _made_here(node)) is not None}

    def asks_length(node: gast.AST) -> bool:
        return _asks_length(node) and node.func.id not in found

    def is_plain(node: gast.AST) -> bool:
        if found.isdisjoint(tree.names_read(node)):
            return True
        parts = [n for n in tree.children(node) if isinstance(n, gast.expr)]
        if isinstance(node, gast.Compare):
            return all(asks_length(part) or found.isdisjoint(tree.names_read(part)) for part in parts)
        return (isinstance(node, _PLAIN_USES) or asks_length(node)) and all(map(is_plain, parts))

    for node in tree.every_statement(body):
        if isinstance(node, gast.Assign):
            kept = getattr(node, "tells_apart", False) or is_plain(node.value)
            (target,) = node.targets
            if not kept or (_is_stored(node, found) and not tree.is_name(getattr(target, "value", None), *own)):
                return False
        elif isinstance(node, (gast.Return, gast.Expr)):
            if not is_plain(node.value):
                return False
        elif not isinstance(node, gast.FunctionDef) and not all(map(is_plain, own_parts(node))):
            return False
        if any(not maybe.isdisjoint(tree.names_read(c)) and not asks_length(c) for c in calls_in(node)):
            return False
    return True


def _made_here(node: gast.AST) -> str | None:
    """The name of a container that a statement makes, None for other statements."""
    if isinstance(node, gast.Assign) and isinstance(node.value, (gast.List, gast.Dict)):
        (target,) = node.targets
        return target.id if isinstance(target, gast.Name) else None
    return None


def _is_stored(node: gast.Assign, names: set[str]) -> bool:
    """Whether one of some names is stored into an object."""
    is_kept = not isinstance(node.targets[0], gast.Name)
    return is_kept and not names.isdisjoint(tree.names_read(node.value))


def _asks_length(node: gast.AST) -> bool:
    return isinstance(node, gast.Call) and tree.is_name(node.func, "len", "range")


def holders(body: list[gast.AST], functions: Iterable[str]) -> set[str]:
    """Names that may hold some functions, or containers of them: those themselves, and what is made of them."""

    def hands_on(node: gast.Assign) -> bool:
        return not isinstance(node.value, (gast.Call, gast.Compare)) and not getattr(node, "is_plain_item", False)

    return _spread(body, functions, hands_on)


def _hands_on(node: gast.Assign) -> bool:
    """Whether an assignment of something made of functions assigns a function, or a container of them."""
    if isinstance(node.value, gast.Subscript):
        return getattr(node, "is_function", False)
    return not isinstance(node.value, (gast.Call, gast.Compare))


def _spread(body: list[gast.AST], names: Iterable[str], hands_on: Callable[[gast.Assign], bool]) -> set[str]:
    """Some names, and those that hold something of theirs by assignments that hand it on."""
    found: set[str] = set()
    more = set(names)
    stored: set[str] = set()
    while more != found:
        found = set(more)
        for node in tree.every_statement(body):
            if isinstance(node, gast.Assign):
                (target,) = node.targets
                if hands_on(node) and more.intersection(tree.names_read(node.value)):
                    more.update(tree.names_written(target))
                    if not isinstance(target, gast.Name):
                        stored.update(tree.names_read(target))
                if stored.intersection(tree.names_written(target)):
                    # What is stored into may be a part of what it was taken from.
                    stored.update(tree.names_read(node.value))
            elif isinstance(node, gast.For):
                if more.intersection(tree.names_read(node.iter)):
                    more.update(tree.names_written(node.target))
                if stored.intersection(tree.names_written(node.target)):
                    stored.update(tree.names_read(node.iter))
        more |= stored
    return found


def calls_in(node: gast.AST) -> Iterator[gast.Call]:
    """The calls that a statement itself makes, blocks and definitions inside left out."""
    for part in own_parts(node):
        for item in tree.walk(part):
            if type(item) is gast.Call:
                yield item


def own_parts(node: gast.AST) -> list[gast.AST]:
    """What a statement itself evaluates; the definition of a function evaluates nothing here."""
    return [] if type(node) is gast.FunctionDef else tree.own_parts(node)


def _without_unread(body: list[gast.AST]) -> list[gast.AST]:
    count = -1
    while count != (count := sum(1 for _ in tree.every_statement(body))):
        # A statement kept whole keeps the functions that are defined in it.
        read = set(tree.names_read(body))
        unread = {name for node in tree.every_statement(body) if (name := _function_name(node))} - read
        body = _without(body, unread)
    return body


def _function_name(node: gast.AST) -> str | None:
    """The name that a statement gives to a function, None where it does not."""
    if isinstance(node, gast.FunctionDef):
        return str(node.name)
    is_copy = isinstance(node, gast.Assign) and getattr(node, "is_function", False)
    return str(node.targets[0].id) if is_copy else None


def _without(body: list[gast.AST], names: set[str]) -> list[gast.AST]:
    kept: list[gast.AST] = []
    for node in body:
        if _function_name(node) in names:
            continue
        for part in ("body", "orelse"):
            if isinstance(node, (gast.If, gast.For, gast.While, gast.With)) and hasattr(node, part):
                setattr(node, part, _without(getattr(node, part), names))
        if isinstance(node, (gast.If, gast.For, gast.While, gast.With)) and not node.body:
            node.body = [tree.like(gast.Pass(), node)]
        kept.append(node)
    return kept
