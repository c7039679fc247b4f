"""Which items of a list `heapq` moves where, as places: derivatives move what belongs to the items with them."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any


def pushed_places(heap: Sequence[Any]) -> list[int]:
    """The places of `cycle` that make a list a heap again whose last item is new.

    >>> pushed_places([1.0, 3.0, 2.0, 0.0])
    [3, 1, 0]
    """
    place = len(heap) - 1
    item, places = heap[place], [place]
    while place > 0 and item < heap[(place - 1) // 2]:
        place = (place - 1) // 2
        places.append(place)
    return places


def popped_places(heap: Sequence[Any]) -> list[int]:
    """The places of `cycle` that put the smallest item of a heap last, and make the rest a heap again.

    Raises:
        IndexError: when there is no item.

    >>> popped_places([1.0, 3.0, 2.0, 5.0])
    [0, 2, 3]
    """
    if not heap:
        raise IndexError("index out of range")
    last = len(heap) - 1
    return [*_sunk(heap, heap[last], last), last] if last else []


def _sunk(heap: Sequence[Any], item: Any, size: int) -> list[int]:
    """The places from the first one to where an item comes to stand that is put there.

    As `heapq` does it: down along the smaller items to the end, and up again to where it belongs.
    """
    places = [0]
    while (child := 2 * places[-1] + 1) < size:
        right = child + 1
        places.append(right if right < size and not heap[child] < heap[right] else child)
    while len(places) > 1 and item < heap[places[-1]]:
        places.pop()
    return places


class _Placed:
    """An item of a list and its place, compared by the item."""

    def __init__(self, item: Any, place: int) -> None:
        self.item, self.place = item, place

    def __lt__(self, other: _Placed) -> bool:
        return bool(self.item < other.item)


def heap_order(items: Sequence[Any]) -> list[int]:
    """The places of the items in the order in which `heapq.heapify` puts them.

    >>> heap_order([3.0, 1.0, 2.0])
    [1, 0, 2]
    """
    placed = [_Placed(item, place) for place, item in enumerate(items)]
    heapq.heapify(placed)
    return [one.place for one in placed]
