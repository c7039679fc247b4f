"""What a name may mean to the front end: functions, containers of such, objects, and what is known of them.

Values are made and asked here; which name means which, at what place of the program, is known by `functions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, TypeAlias

import gast

from tangent_sct.core import tree
from tangent_sct.core.origins import Source
from tangent_sct.frontend.closures import Closure, Mixed, one_of
from tangent_sct.frontend.made import Lost, Made, Site, sites_of, stands_for
from tangent_sct.frontend.namespace import Namespace


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
        start: what it was when it was made, where less is known of its items by now.
        size: how many items it has; None where that is not known.
        simple: the keys of those that surely are numbers, arrays of numbers or texts.
        empty: the keys of those that surely are None.
    """

    items: Mapping[Any, Value]
    is_full: bool
    is_fixed: bool = False
    is_dict: bool = False
    birth: int = 0
    start: Start | Items | None = None
    size: int | None = None
    simple: frozenset[Any] = frozenset()
    empty: frozenset[Any] = frozenset()


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
        may_be_none: whether there may be None in its place, which nothing but a test can be done with.
    """

    cls: type
    name: str
    names: frozenset[str]
    items: Mapping[str, Value]
    may_be_none: bool = False

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


@dataclass(frozen=True)
class Truth:
    """What the name of a test means that is decided by what is known of objects."""

    value: bool


@dataclass(frozen=True)
class Simple:
    """What a number means, an array of numbers or a text: it is surely no object of a class of the program's."""

SIMPLE = Simple()


@dataclass(frozen=True)
class Count:
    """What the name means of how many items a list has that is known."""

    value: int


Value: TypeAlias = (
    "Inner | Outer | Partial | Closure | Method | Choice | Items | Several | Instance | Made | Lost | Collection"
    " | Plain | Unset | Nothing | Truth | Simple | Count"
)


def unless_none(mine: Value | None, theirs: Value | None) -> Instance | Choice | None:
    """The object that a variable holds on one of two paths, where it is None on the other.

    Whoever takes it apart relies on its being there.
    """
    if NOTHING not in (mine, theirs):
        return None
    other = theirs if mine is NOTHING else mine
    if isinstance(other, Choice):
        objects = [(option, by) for option, by in other.options if isinstance(option, Instance)]
        options = [(replace(option, may_be_none=True), by) for option, by in objects]
        return Choice(tuple(options)) if len(options) == len(other.options) else None
    return replace(other, may_be_none=True) if isinstance(other, Instance) else None


def surely(value: Value) -> Value:
    """What an object is where it surely is none but itself: something has been taken of it."""
    return replace(value, may_be_none=False) if isinstance(value, Instance) and value.may_be_none else value


class Lists:
    """Lists to which some paths have added items, seen from where the paths meet."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], Several | Items] = {}

    def either(self, mine: Value | None, theirs: Value | None) -> Several | Items | None:
        """What is known of a list on both of two paths; None for what is not one list."""
        lists = (Items, Several)
        if not isinstance(mine, lists) or not isinstance(theirs, lists) or start_of(mine) is not start_of(theirs):
            return None
        found = self._known.get((id(mine), id(theirs)))
        if found is None and isinstance(mine, Items) and isinstance(theirs, Items):
            found = _each_of_two(mine, theirs)
        if found is not None:
            return self._known.setdefault((id(mine), id(theirs)), found)
        if not all(isinstance(value, Several) or value.is_full for value in (mine, theirs)):
            return None
        held = [*held_by(mine), *held_by(theirs)]
        item = (self._either_inner(held) or choice_of(held)) if held else None
        if held and item is None:
            return None
        for value in (mine, theirs):
            if isinstance(value, Several) and _is_same(value.item, item):
                return value
        return self._known.setdefault((id(mine), id(theirs)), Several(item, start_of(mine), mine.is_dict))


    def _either_inner(self, held: list[Value]) -> Value | None:
        """The one list that all items of two lists are, where they are one."""
        first, *others = held
        if not isinstance(first, (Items, Several)) or is_fixed(first):
            return None
        either: Value | None = first
        for other in others:
            either = either if either is other else self.either(either, other)
        return either


def list_of_objects(value: Value | None, may_be_empty: bool = False) -> bool:
    """Whether a value is a list, or a dict, of which all items are objects that are known, or lists of such."""
    if isinstance(value, Items):
        return value.is_full and not value.is_fixed and all(map(_is_object, value.items.values()))
    return isinstance(value, Several) and (may_be_empty if value.item is None else _is_object(value.item))


def _is_object(value: Value) -> bool:
    if isinstance(value, Choice):
        return all(isinstance(option, Instance) for option, _ in value.options)
    return isinstance(value, Instance) or list_of_objects(value)


def one_of_lists(values: Sequence[Value | None]) -> Several | None:
    """What is known of one of several lists of objects, where nobody knows which; None for other values.

    It is to stand for all of them, under whatever name, from there on: what is done to one is seen of each.
    The first of them does where it may hold all that the others do.
    """
    lists = [v for v in values if isinstance(v, (Items, Several)) and list_of_objects(v, may_be_empty=True)]
    if not lists or len(lists) < len(values) or len({v.is_dict for v in lists}) > 1:
        return None
    held = [item for value in lists for item in held_by(value)]
    item = (one_of_lists(held) or choice_of(held)) if held else None
    if held and item is None:
        return None
    first = lists[0]
    if isinstance(first, Several) and (item is None or (first.item is not None and _is_same(first.item, item))):
        return first
    return Several(item, start_of(first), first.is_dict)


def _each_of_two(mine: Items, theirs: Items) -> Items | None:
    """What is known of each item of one list, of which some paths know less; None where it got or lost some."""
    if (mine.items.keys(), mine.size) != (theirs.items.keys(), theirs.size):
        return None
    either = {key: choice_of([item, theirs.items[key]]) for key, item in mine.items.items()}
    items = {key: item for key, item in either.items() if item is not None}
    if len(items) < len(either):
        return None
    simple, empty = mine.simple & theirs.simple, mine.empty & theirs.empty
    for value in (mine, theirs):
        same = (value.simple, value.empty) == (simple, empty)
        if same and all(item == value.items[key] for key, item in items.items()):
            return value
    return replace(mine, items=items, start=start_of(mine), simple=simple, empty=empty)


def _is_same(mine: Value | None, theirs: Value | None) -> bool:
    """Whether two values are the same, or tuples of the same."""
    if isinstance(mine, Items) and isinstance(theirs, Items) and mine.is_fixed and theirs.is_fixed:
        if (mine.is_full, mine.items.keys()) != (theirs.is_full, theirs.items.keys()):
            return False
        return all(_is_same(item, theirs.items[key]) for key, item in mine.items.items())
    return mine == theirs


def lasts(value: Value, variables: Set[str], name: str = "") -> bool:
    """Whether what an iteration has given to a name means the same in the next one, and after the loop.

    A function reads what its variables hold when it is called. Those of a function that an iteration calls are others
    each time, and so are its defaults each time that it is defined: its own name means the one defined last.
    """
    if isinstance(value, Inner):
        own = value.captured - set(tree.names_read(_defaults(value)))
        return _is_last(value, name) and own <= variables
    if isinstance(value, Instance):
        return all(lasts(item, variables) for item in value.items.values())
    if isinstance(value, Closure):
        return value.outside <= variables and all(g.value is None or lasts(g.value, variables) for g in value.given)
    if isinstance(value, Choice) and _is_object(value):
        return all(lasts(option, variables) for option, _ in value.options)
    if isinstance(value, (Items, Several)) and list_of_objects(value, may_be_empty=True):
        return all(lasts(item, variables) for item in held_by(value))
    return isinstance(value, (Outer, Collection))


def _defaults(value: Inner) -> list[gast.AST]:
    return [*value.node.args.defaults, *filter(None, value.node.args.kw_defaults)]


def _is_last(value: Inner, name: str) -> bool:
    """Whether what a name means does what the function does that was made last by the same definition."""
    return value.node.name == name or all(map(tree.is_constant, _defaults(value)))


def are_one(mine: Value | None, theirs: Value | None, name: str) -> bool:
    """Whether two values are what one definition has given a name in two iterations, and do the same."""
    if not isinstance(mine, Inner) or not isinstance(theirs, Inner) or not _is_last(mine, name):
        return False
    return mine.source.function is theirs.source.function and tree.same(mine.node, theirs.node)


def is_fixed(value: Value) -> bool:
    return isinstance(value, Items) and value.is_fixed


def start_of(value: Items | Several) -> Start | Items:
    return value.start or value if isinstance(value, Items) else value.start


def container_birth(value: Items | Several) -> int:
    """How many variables the program had when a list or a dict was made."""
    return start_of(value).birth


def may_be_added(value: Value | None) -> bool:
    """Whether what is known of a value stays true of it as one of the items of a list."""
    if isinstance(value, Items) and value.is_fixed:
        return all(isinstance(item, (Outer, Closure)) for item in value.items.values())
    if isinstance(value, Choice):
        return all(isinstance(option, Instance) for option, _ in value.options)
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


def captured_in(value: Value | None) -> frozenset[str]:
    """Variables of the program that functions read when they are called: a function, or those that a value holds."""
    if isinstance(value, Inner):
        return value.captured
    if isinstance(value, Closure):
        return value.outside.union(given.base for given in value.given)
    if isinstance(value, Partial):
        return captured_in(value.function)
    if isinstance(value, Several):
        return captured_in(value.item)
    held: list[Value] = []
    if isinstance(value, (Items, Instance)):
        held = list(value.items.values())
    elif isinstance(value, Choice):
        held = [option for option, _ in value.options]
    return frozenset().union(*map(captured_in, held))


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
    return choice_of(owner.items.values())


def choice_of(values: Iterable[Value]) -> Value | None:
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
    if any(len(list(containers_in(value))) > 1 for value in values):
        return None
    shared = [key for key in values[0].items if all(key in value.items for value in values)]
    either = {key: choice_of(value.items[key] for value in values) for key in shared}
    found = {key: value for key, value in either.items() if value is not None}
    full = all(value.is_full and value.items.keys() == found.keys() for value in values)
    return Items(found, full, is_fixed=True) if found else None


def _either_instance(values: list[Value]) -> Instance | None:
    """One of several objects, where they are alike."""
    first = values[0]
    assert isinstance(first, Instance)
    alike = [v for v in values if isinstance(v, Instance) and v.cls is first.cls]
    first = replace(first, may_be_none=any(getattr(value, "may_be_none", False) for value in values))
    parts = {key: _either_part([getattr(o, "items", {}).get(key) for o in values]) for key in first.items}
    known = {key: part for key, part in parts.items() if part is not None}
    if first.cls is SimpleNamespace and len(alike) == len(values):
        # What is read of a shadow is what the class of its object has.
        return replace(first, names=frozenset().union(*(v.names for v in alike)), items=known)
    return replace(first, items=known) if all(getattr(v, "names", None) == first.names for v in values) else None


def _either_part(values: list[Value | None]) -> Value | None:
    """What is known of an attribute of each of several objects; of objects of one class what all have in common."""
    first = values[0]
    if all(value == first for value in values):
        return first
    if not isinstance(first, Instance) or not all(isinstance(v, Instance) and v.cls is first.cls for v in values):
        return None
    return _either_instance([value for value in values if value is not None])


def _options(value: Value) -> Iterator[Value]:
    if isinstance(value, Choice):
        yield from (option for option, _ in value.options)
    else:
        yield value


def replaced(known: Mapping[str, Value], old: Value, new: Value) -> dict[str, Value]:
    """What is known, with a container by another one wherever it stands."""

    def change(value: Value) -> Value:
        if value is old:
            return new
        if isinstance(value, Several) and value.item is not None:
            item = change(value.item)
            return value if item is value.item else replace(value, item=item)
        if isinstance(value, (Items, Instance)) and any(part is old for part in containers_in(value)):
            return replace(value, items={key: change(item) for key, item in value.items.items()})
        return value

    return {name: change(value) for name, value in known.items()}


def with_united(known: Mapping[str, Value], groups: Iterable[Sequence[Value]]) -> dict[str, Value]:
    """What is known where names may mean one of several lists: one stands for all that may be one of them.

    Args:
        known: what names mean.
        groups: lists of which some name may mean any.
    """
    found = dict(known)
    for group in _overlapping(groups):
        starts = {id(start_of(part)) for part in group}
        lists = [*_begun_as(found, starts), *group]
        one = one_of_lists(lists)
        if one is None:
            found = without_lists(found, [part for value in lists for part in changing_in(value)])
            continue
        for part in lists:
            found = found if part is one else replaced(found, part, one)
        inner = [item for value in lists for item in held_by(value) if isinstance(item, (Items, Several))]
        if inner:
            found = with_united(found, [inner])
    return found


def _overlapping(groups: Iterable[Sequence[Value]]) -> list[list[Items | Several]]:
    """Groups of lists, where those that have one in common are one group."""
    joined: list[list[Items | Several]] = []
    for group in groups:
        lists = [part for part in group if isinstance(part, (Items, Several))]
        starts = {id(start_of(part)) for part in lists}
        met = [other for other in joined if any(id(start_of(part)) in starts for part in other)]
        joined = [other for other in joined if not any(other is one for one in met)]
        joined.append([*lists, *(part for other in met for part in other)])
    return joined


def without_lists(known: Mapping[str, Value], lost: Iterable[Value]) -> dict[str, Value]:
    """What is known but for some lists and dicts, whatever is known of them by now."""
    starts = {id(start_of(part)) for part in lost if isinstance(part, (Items, Several))}
    return without_containers(known, set(map(id, _begun_as(known, starts)))) if starts else dict(known)


def _begun_as(known: Mapping[str, Value], starts: set[int]) -> list[Items | Several]:
    """The lists and dicts that are known and were, when they were made, some of which it is told."""
    every = (part for value in known.values() for part in changing_in(value))
    return list({
        id(part): part for part in every
        if isinstance(part, (Items, Several)) and id(start_of(part)) in starts
    }.values())  # fmt: skip


def held_by(value: Items | Several) -> list[Value]:
    """What is known of the items of a container."""
    if isinstance(value, Items):
        return list(value.items.values())
    return [] if value.item is None else [value.item]


def containers_in(value: Value | None) -> Iterator[Value]:
    """The containers that a value is, or holds; the attributes of an object stay what they are."""
    if isinstance(value, (Items, Several)):
        yield value
    if isinstance(value, Several):
        yield from containers_in(value.item)
    if isinstance(value, (Items, Instance)):
        for item in value.items.values():
            yield from containers_in(item)


def changing_in(value: Value | None) -> Iterator[Value]:
    """Those of the containers that a value is, or holds, whose items may change."""
    return (part for part in containers_in(value) if not is_fixed(part))


def instances_in(value: Value | None) -> Iterator[Instance]:
    """The objects that a value is, or holds."""
    if isinstance(value, Instance):
        yield value
    if isinstance(value, Several):
        yield from instances_in(value.item)
    elif isinstance(value, (Items, Instance)):
        for item in value.items.values():
            yield from instances_in(item)
    elif isinstance(value, Choice):
        for option, _ in value.options:
            yield from instances_in(option)


def emptied(value: Value) -> Value:
    """An object of whose attributes no function is known; every other value as it is."""
    return replace(value, items={}) if isinstance(value, Instance) else value


def without_containers(known: Mapping[str, Value], gone: set[int]) -> dict[str, Value]:
    """What is known but for some containers and what holds them; an object stays, without them."""
    made: dict[int, Value | None] = {}
    kept = {name: _without(value, gone, made) for name, value in known.items()}
    return {name: value for name, value in kept.items() if value is not None}


def _without(value: Value, gone: set[int], made: dict[int, Value | None]) -> Value | None:
    """A value but for some containers, None where it is or holds one; what is one value stays one."""
    if id(value) in gone:
        return None
    if id(value) in made:
        return made[id(value)]
    new: Value | None = value
    if isinstance(value, (Instance, Items)):
        parts = {key: _without(part, gone, made) for key, part in value.items.items()}
        left = {key: part for key, part in parts.items() if part is not None}
        if isinstance(value, Items) and len(left) < len(parts):
            new = None
        elif any(part is not value.items.get(key) for key, part in parts.items()):
            new = replace(value, items=left)
            if isinstance(value, Items):
                new = replace(value, items=left, start=start_of(value))
    elif isinstance(value, Several) and value.item is not None:
        item = _without(value.item, gone, made)
        if item is not value.item:
            new = item and replace(value, item=item)
    made[id(value)] = new
    return new


def _told_by(value: Value) -> gast.AST | None:
    """The expression whose object a function is."""
    if isinstance(value, Inner):
        return tree.load(value.node.name)
    if isinstance(value, Instance):
        return tree.load(value.name)
    return tree.copy(value.expression) if isinstance(value, Outer) else None


def is_option(function: gast.AST, option: Value, told_by: gast.AST, namespace: Namespace) -> gast.Compare:
    """The test whether an expression means one of several functions."""
    if isinstance(option, Closure):
        return option.is_it(function)
    is_same = not isinstance(option, Outer) or option.is_same
    if isinstance(option, Instance):
        function = tree.call(namespace.name_for("type", type), function)
    return gast.Compare(tree.copy(function), [gast.Is() if is_same else gast.Eq()], [tree.copy(told_by)])


def held_in(value: Value | None) -> Iterator[Made]:
    """The objects in a tuple, at any depth, that only stand for ones of a library."""
    for item in value.items.values() if isinstance(value, Items) else ():
        if isinstance(item, Made) and stands_for(item.cls):
            yield item
        yield from held_in(item)


def all_sites(value: Value | None) -> frozenset[Site]:
    """Where those objects are made that a name may mean, or that stand in a tuple that it means."""
    return sites_of(value).union(item.site for item in held_in(value))
