"""Disjoint sets under unions (Tarjan 1975), each with one member that stands for it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Unions(Generic[Item]):
    """Disjoint sets of items; an item that was never met is alone.

    >>> names = Unions[str]()
    >>> names.unite("a", "b")
    >>> names.find("b"), names.find("c"), list(names)
    ('a', 'c', ['a', 'b'])
    """

    def __init__(self) -> None:
        self._above: dict[Item, Item] = {}

    def __iter__(self) -> Iterator[Item]:
        """The items that were met, in that order."""
        return iter(self._above)

    def __contains__(self, item: object) -> bool:
        return item in self._above

    def meet(self, item: Item) -> None:
        """Give an item a set of its own, if it is new."""
        self._above.setdefault(item, item)

    def find(self, item: Item) -> Item:
        """The item that stands for the set of an item."""
        above = self._above
        root = item
        while (higher := above.get(root, root)) != root:
            root = higher
        # The next search for any of them takes one step.
        while (higher := above.get(item, root)) != root:
            above[item] = root
            item = higher
        return root

    def unite(self, *items: Item) -> None:
        """Make one set of the sets of all items; what stood for the first stands for all of them."""
        for item in items:
            self.meet(item)
            self._above[self.find(item)] = self.find(items[0])

    def sets(self) -> dict[Item, list[Item]]:
        """All sets, by what stands for them, in the order in which their items were met."""
        found: dict[Item, list[Item]] = {}
        for item in self._above:
            found.setdefault(self.find(item), []).append(item)
        return found
