"""Places of items in lists: where a change of a list that is counted from its end, or by a key, happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any


def item_place(items: Sequence[Any], index: int) -> int:
    """The place of an item, counted from the front.

    >>> item_place("abc", -1)
    2
    """
    return index if index >= 0 else index + len(items)


def insertion_place(items: Sequence[Any], index: int) -> int:
    """Where `items.insert(index, ...)` puts an item.

    >>> insertion_place("abc", -1), insertion_place("abc", 9)
    (2, 3)
    """
    return min(max(item_place(items, index), 0), len(items))


def place_of(items: Sequence[Any], value: Any) -> int:
    """The place of the first item that equals a value, as `items.index(value)` finds it.

    Raises:
        ValueError: when there is none.

    >>> place_of([2.0, 3.0], 3.0)
    1
    """
    return items.index(value)


def slice_bounds(items: Sequence[Any], lower: int | None, upper: int | None) -> tuple[int, int]:
    """The first place of a slice, and the one behind its last.

    >>> slice_bounds("abcd", 1, -1), slice_bounds("abcd", 3, 2)
    ((1, 3), (3, 3))
    """
    start, stop, _ = slice(lower, upper).indices(len(items))
    return start, max(start, stop)


def sort_order(
    items: Sequence[Any], key: Callable[[Any], Any] | None = None, reverse: bool = False
) -> list[int]:
    """The places of the items in the order in which `sorted` puts them.

    >>> sort_order([3.0, 1.0, 2.0])
    [1, 2, 0]
    """
    keys = list(items) if key is None else list(map(key, items))
    return sorted(range(len(items)), key=keys.__getitem__, reverse=reverse)


def last_key(items: Mapping[Any, Any]) -> Any:
    """The key whose item `d.popitem()` takes off.

    Raises:
        KeyError: for an empty dict, as Python does.

    >>> last_key({"u": 1.0, "v": 2.0})
    'v'
    """
    for key in reversed(items):
        return key
    raise KeyError("popitem(): dictionary is empty")


def place_of_max(items: Sequence[Any], key: Callable[[Any], Any] | None = None) -> int:
    """The place of the item that `max(items, key=key)` returns.

    >>> place_of_max([1.0, -3.0], abs)
    1
    """
    keys = list(items) if key is None else list(map(key, items))
    return max(range(len(keys)), key=keys.__getitem__)


def count_in_turn(items: Any) -> int:
    """How many items something gives, one after the other, whatever it says its length is.

    >>> count_in_turn("abc")
    3
    """
    return sum(1 for _ in items)


def place_of_min(items: Sequence[Any], key: Callable[[Any], Any] | None = None) -> int:
    """The place of the item that `min(items, key=key)` returns.

    >>> place_of_min([1.0, -3.0], abs)
    0
    """
    keys = list(items) if key is None else list(map(key, items))
    return min(range(len(keys)), key=keys.__getitem__)
