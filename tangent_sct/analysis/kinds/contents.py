"""What lists and dicts hold that change while the program runs.

Each container has a place (`places`), and one that changes may be any of those of its place. As long as none of
them changes, each is known item by item. Once one does, all that is known of an item of any of them is that it was
put into one at some time: the join of all that ever was. A tape, a list that is only pushed to and popped from, has
contents of its own.
"""

from __future__ import annotations

import itertools

from tangent_sct.analysis.kinds.lattice import join
from tangent_sct.analysis.kinds.names import NameKinds
from tangent_sct.analysis.kinds.places import ANYWHERE, Place, Places
from tangent_sct.core.kind import UNKNOWN, Kind

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

    def note(self, place: Place, kind: Kind) -> None:
        """A container is at a place: what it holds is put there."""
        if not kind.is_container:
            return
        inside = self.places.items(place)
        for _, item in kind.items or ():
            if kind.family != "tuple":
                self.put(place, item)
            self.note(inside, item)
        if kind.items is None and kind.family != "tuple":
            self.put(place, UNKNOWN if kind.element is None else kind.element)
        if kind.element is not None:
            self.note(inside, kind.element)

    def replace(self, place: Place, key: int | str, kind: Kind) -> None:
        """An item of a container is replaced by another."""
        if self._names.missing:
            return
        self.put(place, kind)
        self.note(self.places.items(place), kind)
        number = itertools.count()
        items = self._replaced.setdefault(place, {})
        kind = _shallow(kind.forget_value(), _DEPTH)
        old = items.get(key)
        new = kind if old is None else join(old, kind, lambda: f"@{place}[{key}].{next(number)}")
        if new != old:
            items[key] = new
            for frame in self._names.frames:
                frame.changed = True

    def put(self, place: Place | str, kind: Kind) -> None:
        """Something is put into a container at a place, or on a tape of a name."""
        if self._names.missing:
            return
        number = itertools.count()
        kind = _shallow(kind.forget_value(), _DEPTH)
        old = self._held.get(place)
        new = kind if old is None else join(old, kind, lambda: f"@{place}[].{next(number)}")
        if new != old:
            self._held[place] = new
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
        if self._names.frames:
            self._names.frames[-1].read.add(f"@{place}[]")
        kind = self._held.get(place)
        return None if kind is None else self._names.fixed(kind)

    def change(self, place: Place) -> None:
        """Some list or dict at a place changes."""
        if place not in self._changed:
            self._changed.add(place)
            if place not in self._asked:
                return
            for frame in self._names.frames:
                frame.changed = True

    def escape(self) -> None:
        """Code that is not known runs, which may change what it was ever given."""
        self.put(ANYWHERE, UNKNOWN)
        self.change(ANYWHERE)

    def settled(self, kind: Kind, place: Place) -> Kind:
        """A container as it is known: lists and dicts have no known items where some change."""
        if not kind.is_container:
            return kind
        self._asked.add(place)
        inside = self.places.items(place)
        if kind.family != "tuple" and place in self._changed:
            held = self.held(place)
            return Kind(kind.family, element=None if held is None else self.settled(held, inside))
        if kind.element is not None:
            return Kind(kind.family, element=self.settled(kind.element, inside))
        if kind.items is None:
            return kind
        replaced = self._replaced.get(place, {}) if kind.family != "tuple" else {}
        number = itertools.count()
        items = tuple([
            (key, self.settled(
                join(item, self._names.fixed(replaced[key]), lambda: f"@{place}[].{next(number)}")
                if key in replaced else item, inside,
            ))
            for key, item in kind.items
        ])  # fmt: skip
        return kind if items == kind.items else Kind(kind.family, items=items)


def _shallow(kind: Kind, depth: int) -> Kind:
    """The kind, with nothing known of containers that are deeper inside."""
    if not kind.is_container or (kind.items is None and kind.element is None):
        return kind
    if depth == 0:
        return Kind(kind.family)
    if kind.items is None:
        return Kind(kind.family, element=_shallow(kind.element or UNKNOWN, depth - 1))
    items = tuple([(key, _shallow(item, depth - 1)) for key, item in kind.items])
    return kind if items == kind.items else Kind(kind.family, items=items)
