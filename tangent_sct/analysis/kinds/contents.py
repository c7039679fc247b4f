"""What lists and dicts hold that change while the program runs.

Each container has a place (`places`), and one that changes may be any of those of its place. As long as none of
them changes, each is known item by item. Once one does, all that is known of an item of any of them is that it was
put into one at some time: the join of all that ever was. A tape, a list that is only pushed to and popped from, has
contents of its own.

Before anything was put into one it is empty, and an item of it has no value yet (`names`). So `y` is an array here,
though `old[-1]` is read before one is there:

    old = []
    for i in range(n):
        y = old[-1] * 2 if i > 0 else x
        old.append(y)
"""

from __future__ import annotations

import itertools
from dataclasses import replace

from tangent_sct.analysis.kinds.lattice import join
from tangent_sct.analysis.kinds.names import NameKinds
from tangent_sct.analysis.kinds.places import ANYWHERE, Place, Places
from tangent_sct.core.kind import NO_VALUE, UNKNOWN, Kind, is_object

_DEPTH = 4
"""How deep containers that change are known: a list may come to hold itself."""

MUTABLE = ("list", "dict", "unknown")
"""Families whose values may change in place otherwise than an array does."""


class Contents:
    """The kinds of what is in lists and dicts.

    Args:
        names: the kinds of names, whose iteration this is part of.
        places: where containers are.
    """

    def __init__(self, names: NameKinds, places: Places) -> None:
        self.places = places
        self._changed: set[Place] = set()
        self._asked: set[Place] = set()
        self._names = names
        self._held: dict[Place | str, Kind] = {}
        self._replaced: dict[Place, dict[int | str, Kind]] = {}
        self._joins = 0

    def note(self, place: Place, kind: Kind) -> None:
        """A container is at a place: what it holds is put there."""
        kind = kind.present or kind
        if not kind.is_container:
            return
        for key, item in kind.items or ():
            if kind.family != "tuple":
                self.put(place, item)
            self.note(self.places.part(place, key), item)
        if kind.items is None and kind.family != "tuple":
            self.put(place, UNKNOWN if kind.element is None else kind.element)
        if kind.element is not None:
            self.note(self.places.items(place), kind.element)

    def replace(self, place: Place, key: int | str, kind: Kind) -> None:
        """An item of a container is replaced by another."""
        if self._names.missing:
            return
        self.put(place, kind)
        self.note(self.places.part(place, key), kind)
        items = self._replaced.setdefault(place, {})
        old = items.get(key)
        items[key] = _also(old, kind, f"@{place}[][{key}]")
        if items[key] != old:
            self._names.changed_everywhere()

    def put(self, place: Place | str, kind: Kind) -> None:
        """Something is put into a container at a place, or on a tape of a name."""
        if self._names.missing:
            return
        old = self._held.get(place)
        self._held[place] = _also(old, kind, f"@{place}[]")
        if self._held[place] != old:
            self._names.changed(f"@{place}[]")

    def item(self, place: Place | str) -> Kind:
        """The kind of what was put into a container at a place at any time."""
        kind = self.held(place)
        if kind is None:
            # There is none before something is put somewhere.
            self._names.missing = True
            return UNKNOWN
        return kind

    def held(self, place: Place | str) -> Kind | None:
        """The same, None where nothing has been put there."""
        self.follow()
        if self._names.frames:
            self._names.frames[-1].read.add(f"@{place}[]")
        kind = self._held.get(place)
        return None if kind is None else self._names.fixed(kind)

    def change(self, place: Place) -> None:
        """Some list or dict at a place changes."""
        self.places.join(place)
        self.follow()
        if place not in self._changed:
            self._changed.add(place)
            if place in self._asked:
                self._names.changed_everywhere()

    def follow(self) -> None:
        """Several places may have become one: what is known of them is known of that one."""
        if self._joins == self.places.joins:
            return
        self._joins = self.places.joins
        found = self.places.stand_for
        self._changed = set(map(found, self._changed))
        self._asked = set(map(found, self._asked))
        held, self._held = self._held, {}
        for place, kind in held.items():
            place = place if isinstance(place, str) else found(place)
            self._held[place] = _also(self._held.get(place), kind, f"@{place}[]")
        replaced, self._replaced = self._replaced, {}
        for owner, items in replaced.items():
            known = self._replaced.setdefault(found(owner), {})
            for key, kind in items.items():
                known[key] = _also(known.get(key), kind, f"@{found(owner)}[][{key}]")
        self._names.changed_everywhere()

    def escape(self) -> None:
        """Code that is not known runs, which may change what it was ever given."""
        self.put(ANYWHERE, UNKNOWN)
        self.change(ANYWHERE)

    def settled(self, kind: Kind, place: Place, depth: int = _DEPTH) -> Kind:
        """A container as it is known: lists and dicts have no known items where some change.

        One that changes and was never given anything is empty, for all that is known so far.
        """
        if kind.present is not None:
            return replace(kind, present=self.settled(kind.present, place, depth))
        if not kind.is_container:
            return kind
        self.follow()
        self._asked.add(place)
        if kind.family != "tuple" and place in self._changed:
            inside = self.places.items(place)
            held = self.held(place)
            if held is None:
                return Kind(kind.family, items=(), cls=_class_of(kind))
            # It may hold itself.
            element = self.settled(held, inside, depth - 1) if depth else None
            return Kind(kind.family, element=element, cls=_class_of(kind))
        if kind.element is not None:
            element = self.settled(kind.element, self.places.items(place), depth)
            return Kind(kind.family, element=element, cls=_class_of(kind))
        if kind.items is None:
            return kind
        items = tuple([(key, self._settled_item(kind, key, item, place, depth)) for key, item in kind.items])
        return kind if items == kind.items else replace(kind, items=items, value=NO_VALUE)

    def _settled_item(self, kind: Kind, key: int | str, item: Kind, place: Place, depth: int) -> Kind:
        """An item of a container that keeps its structure: as it was made, or what took its place."""
        replaced = None if kind.family == "tuple" else self._replaced.get(place, {}).get(key)
        if replaced is not None:
            item = join(item, self._names.fixed(replaced), self._names.fresh)
            # What took its place may hold the container itself.
            depth -= 1
            item = item if depth > 0 else _shallow(item, 0)
        return self.settled(item, self.places.part(place, key), depth)


def _also(old: Kind | None, kind: Kind, owner: str) -> Kind:
    """What is known of all things that were put somewhere, once there is one more."""
    kind = _shallow(kind if kind.value is None else kind.forget_value(), _DEPTH)
    if old is None:
        return kind
    number = itertools.count()
    return join(old, kind, lambda: f"{owner}.{next(number)}")


def _shallow(kind: Kind, depth: int) -> Kind:
    """The kind, with nothing known of containers that are deeper inside."""
    if kind.present is not None:
        return replace(kind, present=_shallow(kind.present, depth))
    if not kind.is_container or (kind.items is None and kind.element is None):
        return kind
    if depth == 0:
        return Kind(kind.family, cls=_class_of(kind))
    if kind.items is None:
        return Kind(kind.family, element=_shallow(kind.element or UNKNOWN, depth - 1), cls=_class_of(kind))
    items = tuple([(key, _shallow(item, depth - 1)) for key, item in kind.items])
    return kind if items == kind.items else replace(kind, items=items, value=NO_VALUE)


def _class_of(kind: Kind) -> type | None:
    """The class of an object, of which no attribute is known one by one any more: it is no dict for that."""
    return (kind.cls or object) if is_object(kind) else None
