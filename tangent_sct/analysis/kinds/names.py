"""The names of a program with their kinds, and the iteration that finds them.

Each name has one kind: the least upper bound of what its definitions compute. Loops are run until nothing
changes that was read (Kildall's iteration, along the structure of the program); after some rounds what still
changes is given up. Sizes that are not known are symbols tied to the name they were first seen in, so that the
iteration ends: a definition that is met again gives the same symbols again.

A name that has not been met has no value yet, and neither has what is computed from it (`missing`): such a
definition counts as soon as the name is known. So `z` below is an array, though it is read before it is defined.

    for i in range(n):
        if i > 0:
            s = s + z
        z = x * i

What is computed of a list that is empty so far (`sum(xs)`) is put off in the same way. If nobody has filled the list
when nothing changes any more, it is empty indeed, and the program is run on with that.

A symbol that is tied to a name which a loop defines means another size in each iteration. Where a name carries it
into the next one, the name gets a symbol of its own in its place.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from typing import Any

import gast

from tangent_sct.analysis.kinds.lattice import join, join_all
from tangent_sct.analysis.kinds.layout import Layout
from tangent_sct.analysis.kinds.objects import kind_of_object
from tangent_sct.analysis.probe import symbols_of
from tangent_sct.analysis.shapes import DimValue
from tangent_sct.core.kind import NO_VALUE, UNKNOWN, Dim, Kind, array
from tangent_sct.frontend.namespace import MISSING

_ROUNDS = 8
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


class Frame:
    """Names read since a region of the program was entered, and whether one has changed since."""

    def __init__(self) -> None:
        self.read: set[str] = set()
        self.changed = False


class NameKinds:
    """What is known of each name so far.

    Args:
        layout: where the names are defined.
        objects: what the free names mean.

    Attributes:
        kinds: of the names that have been met.
        plain: of free names of lists, tuples and dicts that surely hold the same numbers and texts all the time.
        frames: the regions that the iteration is in, outermost first.
        missing: whether a name was read, since `enter`, that has not been met yet.
        hopeful: whether what is empty so far may be filled later (`postpone`).
    """

    def __init__(self, layout: Layout, objects: Mapping[str, Any]) -> None:
        self.layout = layout
        self.objects = objects
        self.kinds: dict[str, Kind] = {}
        self.plain: dict[str, Kind] = {}
        self.frames: list[Frame] = []
        self.missing = False
        self.hopeful = True
        self._postponed = False
        self._loops: list[int] = []
        self._sites: dict[str, dict[int, Kind]] = {}
        self._positions: dict[tuple[str, int], int] = {}
        self._pinned: set[str] = set()
        self._pinning = False
        self._prefix = "?"
        self._count = 0
        self._numbers: dict[str, dict[int, int]] = {}
        self._asked = itertools.count()

    # -- iteration --------------------------------------------------------------------------

    def run(self, program: Callable[[], None]) -> None:
        """Run the program until nothing changes.

        What nobody has filled by then is empty indeed, and what is computed of it counts.
        """

        def step() -> None:
            self._postponed = False
            program()

        self.until_stable(step)
        self.hopeful = False
        if self._postponed:
            self.until_stable(step)

    def postpone(self) -> None:
        """Something is computed of what is empty so far: it has no value yet."""
        if self.hopeful:
            self.missing = self._postponed = True

    def until_stable(self, step: Callable[[], None]) -> None:
        """Take a step until nothing changes that it has read."""
        for number in itertools.count():
            frame = Frame()
            self.frames.append(frame)
            self._pinning = number >= _ROUNDS
            step()
            self.frames.pop()
            if self.frames:
                self.frames[-1].read |= frame.read
            if not frame.changed:
                return

    def iterate(self, loop: gast.AST, step: Callable[[], None]) -> None:
        """Run the body of a loop until nothing changes that it has read."""
        self._loops.append(id(loop))
        self.until_stable(step)
        self._loops.pop()

    def changed(self, name: str) -> None:
        """Regions that have read a name are run again."""
        for frame in self.frames:
            if name in frame.read:
                frame.changed = True

    def changed_everywhere(self) -> None:
        """All regions are run again."""
        for frame in self.frames:
            frame.changed = True

    # -- names ------------------------------------------------------------------------------

    def define(self, name: str, kind: Kind, site: int) -> None:
        """One of a name's definitions computes a kind."""
        if name in self._pinned:
            return
        if (
            kind.family == "scalar"
            and kind.value is NO_VALUE
            and kind.dtype is not None
            and kind.dtype.startswith(("int", "uint"))
            and self.layout.single(name)
        ):
            kind = replace(kind, value=DimValue(f"len:{name}"))
        sites = self._sites.setdefault(name, {})
        old = self.kinds.get(name)
        before = sites.get(site)
        if before is None:
            self._positions[name, site] = len(sites)
        if name in self.layout.stale:
            kind = self._carried(name, self._positions[name, site], kind)
        if before == kind:
            return
        sites[site] = kind
        if len(sites) > 1:
            if before is None and kind == old:
                # One more definition that computes what all others do.
                kind = join(kind, kind, self.fresh)
            else:
                number = itertools.count()
                kind = join_all(sites.values(), lambda: f"{name}.{next(number)}")
        if old == kind:
            return
        if old is not None and self._pinning and any(name in f.read for f in self.frames):
            self._pinned.add(name)
            kind = join(join(old, kind, self.fresh), UNKNOWN, self.fresh)
        self.kinds[name] = kind
        self.changed(name)

    def _carried(self, name: str, position: int, kind: Kind) -> Kind:
        """The kind that a name has in the next iteration, given what one of its definitions computes."""
        number = itertools.count()
        own, defined = f"{name}.", self.layout.stale[name]

        def keep(symbol: str) -> bool:
            return symbol.startswith(own) or _is_tied_to_none_of(defined, symbol)

        return _loosened(kind, keep, lambda: f"{own}{position}.{next(number)}")

    def give_up(self, name: str) -> None:
        """Nothing is known of a name from here on."""
        if name not in self._pinned:
            self._pinned.add(name)
            self.kinds[name] = UNKNOWN
            self.changed(name)

    def read(self, name: str) -> Kind:
        """The kind of a name where it is read."""
        if self.frames:
            self.frames[-1].read.add(name)
        kind = self.kinds.get(name)
        if kind is None:
            found = self.objects.get(name, MISSING)
            if found is not MISSING:
                return self.plain.get(name) or kind_of_object(found)
            self.missing = self.missing or name in self.layout.definitions
            return UNKNOWN
        if (kind.shape or kind.items or kind.element or kind.present) and not self.layout.steady(name, self._loops):
            # Two reads may meet two values.
            own = f"{name}."
            return _loosened(kind, lambda symbol: not symbol.startswith(own), self.fresh)
        return kind

    # -- symbols ----------------------------------------------------------------------------

    def enter(self, names: str, node: gast.AST) -> None:
        """Start naming fresh symbols after a statement, and after the names it defines, if any."""
        numbers = self._numbers.setdefault(names, {})
        number = numbers.setdefault(id(node), len(numbers))
        self._prefix = f"?{names or '#'}" if number == 0 else f"?{names or '#'}@{number}"
        self._count = 0
        self.missing = False

    def ask(self) -> None:
        """Start naming fresh symbols after a question that is not in the program."""
        self._prefix = f"??{next(self._asked)}"
        self._count = 0
        self.missing = False

    def fresh(self) -> str:
        """A symbol that no other statement uses."""
        self._count += 1
        return f"{self._prefix}.{self._count}"

    def fixed(self, kind: Kind) -> Kind:
        """The kind with fresh symbols in the place of those that may stand for several sizes."""
        looped = self.layout.looped
        return _loosened(kind, lambda symbol: _is_tied_to_none_of(looped, symbol), self.fresh)


def _is_tied_to_none_of(names: Set[str], symbol: str) -> bool:
    """Whether a symbol stands for one size while these names change.

    What stands for a size in a list, or in a statement that defines no name, is tied to all of them.
    """
    if "[]" in symbol or "#" in symbol:
        return False
    return names.isdisjoint(_IDENTIFIER.findall(symbol))


def _loosened(kind: Kind, keep: Callable[[str], bool], fresh: Callable[[], str]) -> Kind:
    """The kind with other symbols in the place of those that are not kept, the same one for the same."""
    if all(map(keep, symbols_of(kind))):
        return kind
    names: dict[str, str] = {}

    def loosen(item: Kind) -> Kind:
        if item.shape:
            dims: list[Dim] = []
            for dim in item.shape:
                if isinstance(dim, str) and not dim.isdigit() and not keep(dim):
                    if dim not in names:
                        names[dim] = fresh()
                    dim = names[dim]
                dims.append(dim)
            return array(tuple(dims), item.dtype)
        if item.items is not None:
            return replace(item, items=tuple([(k, loosen(v)) for k, v in item.items]))
        if item.element is not None:
            return replace(item, element=loosen(item.element))
        if item.present is not None:
            return replace(item, present=loosen(item.present))
        if isinstance(item.value, DimValue) and not keep(item.value.symbol):
            return replace(item, value=NO_VALUE)
        return item

    return loosen(kind)
