"""Which function an object is, found out without asking the object: its class may compare and hash as it likes."""

from __future__ import annotations

import types
from collections.abc import Container, Mapping
from typing import Any, TypeVar

V = TypeVar("V")


def is_one_of(value: object, known: Container[Any]) -> bool:
    """Whether an object is one of some functions or classes.

    Nothing of a user's class runs, which `value in known` does: an object whose class compares or hashes in its own
    way is none of them.

    >>> is_one_of(max, (max, min)), is_one_of([].append, (max, min))
    (True, False)
    """
    return asks_nothing(value) and value in known


def entry_of(value: object, entries: Mapping[Any, V]) -> V | None:
    """What a table has for a function or a class, None where it has nothing; nothing of a user's class runs.

    >>> entry_of(max, {max: 1}), entry_of([], {max: 1})
    (1, None)
    """
    return entries.get(value) if asks_nothing(value) else None


def asks_nothing(value: object) -> bool:
    """Whether comparing and hashing an object runs no code of the class of anything.

    >>> import functools
    >>> asks_nothing(len), asks_nothing(functools.partial(len)), asks_nothing([])
    (True, True, False)
    """
    cls = type(value)
    if issubclass(cls, (tuple, frozenset)):
        return False  # their items are asked
    return all(isinstance(method, types.WrapperDescriptorType) for method in (cls.__eq__, cls.__hash__))
