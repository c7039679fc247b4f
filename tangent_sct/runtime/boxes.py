"""Shadows of lists and dicts whose structure is decided while the program runs."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Iterable, Mapping
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from tangent_sct.runtime.arrays import zeros_like
from tangent_sct.runtime.checks import check_number, copied
from tangent_sct.runtime.errors import DerivativeError
from tangent_sct.runtime.objects import fields_of

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "ABSENT"})()
"""What stands for the item of a dict that has none under a key."""


def zero_items(x: Any) -> Any:
    """Zeros of the structure of a container, as one whose items can be written: tuples become lists.

    Args:
        x: a tuple, list or dict of numbers, arrays, or further containers.

    Raises:
        DerivativeError: when a container holds itself, so that there is no end to its structure.

    >>> zero_items((2.0, {"w": 3.0}))
    [0.0, {'w': 0.0}]
    """
    try:
        return _zero_items(x)
    except RecursionError:
        raise DerivativeError(
            f"a {type(x).__name__} holds itself, and adjoints have a structure of their own: keep what refers to "
            "it in another variable"
        ) from None


def _zero_items(x: Any) -> Any:
    """`zero_items`, which has no end where a container holds itself."""
    if isinstance(x, (tuple, list)):
        return [_zero_items(item) for item in x]
    if isinstance(x, dict):
        return {key: _zero_items(item) for key, item in x.items()}
    fields = fields_of(x)
    if fields is not None:
        return SimpleNamespace(**{key: _zero_items(item) for key, item in fields.items()})
    return zeros_like(x)


def add_items(shadow: Any, amounts: Any, where: slice = slice(None)) -> None:
    """Add to every item of a shadow, in place.

    Args:
        shadow: a list or dict, as `zero_items` makes it; an item that is None takes nothing.
        amounts: as many numbers, arrays or containers; an array stands for its rows, None for
            nothing at all.
        where: which items of a list are added to.

    Raises:
        ValueError: when there are more or fewer amounts than items.

    >>> shadow = [0.0, np.zeros(2)]
    >>> add_items(shadow, (1.0, np.ones(2)))
    >>> shadow
    [1.0, array([1., 1.])]
    """
    if amounts is None or shadow is None:
        return
    if isinstance(shadow, dict):
        for key, amount in amounts.items():
            add_item(shadow, key, amount)
        return
    if isinstance(shadow, SimpleNamespace):
        add_items(vars(shadow), fields_of(amounts))
        return
    for key, amount in zip(range(len(shadow))[where], amounts, strict=True):
        add_item(shadow, key, amount)


def add_item(shadow: Any, key: Any, amount: Any) -> None:
    """Add to one item of a shadow, in place, whatever the item is.

    Args:
        shadow: a list or dict, as `zero_items` makes it, or an array.
        key: position or key of the item, or what selects items of an array.
        amount: a number, an array or a container like the item.

    >>> shadow = {"a": [0.0, 1.0]}
    >>> add_item(shadow, "a", [2.0, 2.0])
    >>> shadow
    {'a': [2.0, 3.0]}
    """
    if isinstance(shadow, SimpleNamespace):
        shadow = vars(shadow)
    if isinstance(shadow, np.ndarray) and not isinstance(key, (int, slice)):
        # An index may select an element several times.
        if amount is not None:
            np.add.at(shadow, key, amount)
        return
    item = shadow[key]
    if isinstance(item, (list, dict, SimpleNamespace)):
        add_items(item, amount)
    elif item is not None and amount is not None:
        shadow[key] += amount


def added(total: Any, amount: Any) -> Any:
    """The sum of two adjoints of a value that may be None, where it is None, and so are they, the other one.

    Raises:
        DerivativeError: when they are those of a container or an object, which may have other names.

    >>> added(1.0, 2.0), added(0.0, None), added(None, None)
    (3.0, 0.0, None)
    """
    if total is None:
        return amount
    if amount is None:
        return total
    check_number(total)
    return total + amount


def taken_item(shadow: Any, key: Any, old: Any) -> Any:
    """Take the adjoint of an item that replaced another, which gets zeros in its place.

    Args:
        shadow: a list or dict, as `zero_items` makes it.
        key: position or key of the item.
        old: what was replaced; `ABSENT` where there was nothing, then the key goes.

    >>> shadow = {"a": 1.0, "b": 2.0}
    >>> taken_item(shadow, "a", 7.0), taken_item(shadow, "b", ABSENT), shadow
    (1.0, 2.0, {'a': 0.0})
    """
    if isinstance(shadow, SimpleNamespace):
        shadow = vars(shadow)
    taken = shadow[key]
    if old is ABSENT:
        del shadow[key]
    else:
        shadow[key] = zero_items(old)
    return taken


def put_back(shadow: Any, key: Any, old: Any) -> None:
    """Put the shadow of an item that was replaced back into its place.

    Args:
        shadow: a dict, or what stands beside an object.
        key: the key of the item.
        old: the shadow of what was replaced; `ABSENT` where there was nothing, then the key goes.

    >>> shadow = {"a": [1.0], "b": [2.0]}
    >>> put_back(shadow, "a", [0.0]); put_back(shadow, "b", ABSENT); shadow
    {'a': [0.0]}
    """
    if isinstance(shadow, SimpleNamespace):
        shadow = vars(shadow)
    if old is ABSENT:
        del shadow[key]
    else:
        shadow[key] = old


def taken_tail(shadow: list[Any], count: int) -> list[Any]:
    """Take the last items off a list.

    Args:
        shadow: the list.
        count: how many.

    >>> shadow = [1.0, 2.0, 3.0]
    >>> taken_tail(shadow, 2), shadow
    ([2.0, 3.0], [1.0])
    """
    start = len(shadow) - count
    taken = shadow[start:]
    del shadow[start:]
    return taken


def reorder(items: list[Any], order: list[int]) -> None:
    """Put the items of a list into another order, in place.

    Args:
        items: the list.
        order: for each place, where its item stands now.

    >>> items = ["a", "b", "c"]
    >>> reorder(items, [2, 0, 1]); items
    ['c', 'a', 'b']
    """
    items[:] = [items[i] for i in order]


def restore_order(items: list[Any], order: list[int]) -> None:
    """Put the items of a list back into the order they had before `reorder(items, order)`.

    >>> items = ["c", "a", "b"]
    >>> restore_order(items, [2, 0, 1]); items
    ['a', 'b', 'c']
    """
    before = items.copy()
    for place, i in enumerate(order):
        items[i] = before[place]


def cycle(items: list[Any], places: list[int]) -> None:
    """Move items of a list in a circle, in place: each place gets the item of the next, the last that of the first.

    >>> items = ["a", "b", "c"]
    >>> cycle(items, [0, 2, 1]); items
    ['c', 'a', 'b']
    """
    if not places:
        return
    first = items[places[0]]
    for place, source in itertools.pairwise(places):
        items[place] = items[source]
    items[places[-1]] = first


def cycle_back(items: list[Any], places: list[int]) -> None:
    """Put the items of a list back to where they were before `cycle(items, places)`.

    >>> items = ["c", "a", "b"]
    >>> cycle_back(items, [0, 2, 1]); items
    ['a', 'b', 'c']
    """
    cycle(items, places[::-1])


UNDONE_BY = {reorder: restore_order, restore_order: reorder, cycle: cycle_back, cycle_back: cycle}
"""The functions that move the items of a list, each with the one that puts them back."""

WRITERS = (add_items, add_item, taken_item, put_back, taken_tail, *UNDONE_BY)
"""Those that change their first argument, a shadow."""


def old_item(owner: Any, key: Any) -> Any:
    """The item of a dict that is about to be replaced, `ABSENT` where there is none.

    >>> old_item({"a": 1.0}, "a"), old_item({}, "a")
    (1.0, ABSENT)
    """
    fields = fields_of(owner)
    return (owner if fields is None else fields).get(key, ABSENT)


def copied_like(shadow: Any, amounts: Any) -> Any:
    """A copy of a shadow of several items: an array where what was added to them is one.

    >>> copied_like([1.0, 2.0], np.zeros(2)), copied_like([1.0, 2.0], (0.0, 0.0))
    (array([1., 2.]), [1.0, 2.0])
    """
    return np.array(shadow) if isinstance(amounts, np.ndarray) else copied(shadow)


def like_argument(shadow: Any, x: Any) -> Any:
    """A shadow in the structure of what it belongs to: tuples where there are tuples.

    Args:
        shadow: as `zero_items` makes it.
        x: what it belongs to; what is no float has no derivative, which is None.

    >>> like_argument([1.0, [2.0, 0.0]], (0.5, (0.5, 3)))
    (1.0, (2.0, None))
    """
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*_items(shadow, x))
    if isinstance(x, (tuple, list)):
        return type(x)(_items(shadow, x))
    if isinstance(x, dict):
        return {key: like_argument(shadow[key], item) for key, item in x.items()}
    fields = fields_of(x)
    if fields is not None:
        return SimpleNamespace(**{key: like_argument(getattr(shadow, key), item) for key, item in fields.items()})
    if isinstance(x, np.ndarray):
        return shadow if x.dtype.kind in "fc" else None
    return shadow if isinstance(x, (float, complex, np.inexact)) else None


def _items(shadow: Iterable[Any], x: Iterable[Any]) -> list[Any]:
    return [like_argument(s, item) for s, item in zip(shadow, x, strict=True)]


def times_items(amounts: list[Any], count: int, like: Any = ()) -> list[Any]:
    """The sum of `count` repetitions in a list, item by item: the transpose of `items * count`.

    Args:
        amounts: adjoints of the repeated list.
        count: how often it was repeated.
        like: what has the structure of the result, where there may be no repetition.

    >>> times_items([1.0, 2.0, 3.0, 4.0], 2), times_items([], 0, [5.0, 6.0])
    ([4.0, 6.0], [0.0, 0.0])
    """
    if count <= 0:
        return list(zero_items(like))
    size = len(amounts) // count
    total = [zero_items(item) for item in amounts[:size]]
    for start in range(0, len(amounts), size) if size else ():
        add_items(total, amounts[start : start + size])
    return total


def arrays_left(x: Any) -> list[tuple[Any, Any]]:
    """The arrays that a container or an object holds, each with a copy of what is in it now.

    Args:
        x: lists, tuples, dicts, objects and classes are searched; so are the variables of a module.

    >>> held = {"w": [np.zeros(2)]}
    >>> left = arrays_left(held)
    >>> held["w"][0][:] = 3.0
    >>> leave_arrays(left)
    >>> held
    {'w': [array([0., 0.])]}
    """
    found: dict[int, tuple[Any, Any]] = {}
    met: dict[int, Any] = {}
    pending = list(vars(x).values()) if isinstance(x, ModuleType) else [x]
    while pending:
        held = pending.pop()
        if isinstance(held, np.ndarray):
            if held.flags.writeable:
                found[id(held)] = held, held.copy()
        elif id(held) not in met:
            met[id(held)] = held
            if isinstance(held, Mapping):
                pending += held.values()
            elif isinstance(held, (list, tuple, collections.deque)):
                pending += held
            elif hasattr(held, "__dict__") and not isinstance(held, (ModuleType, FunctionType)):
                pending += vars(held).values()
    return list(found.values())


def leave_arrays(left: list[tuple[Any, Any]]) -> None:
    """Put back what `arrays_left` has found in arrays.

    Args:
        left: what it has returned.
    """
    for held, content in left:
        held[...] = content
