"""What is known of a statement on arrays that can be run entry by entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Entrywise:
    """A statement on arrays of one shape, as compiled code may go through it.

    Attributes:
        rank: how many axes they have.
        arrays: what is written, where that is a part of an array, and the parts of the value that are arrays, as they
            are spelled: an entry of the result reads the entry of each at the same place. With each goes the number
            of axes of the array that it is a part of.
        memory: for the names of these arrays, what is the same for all that may share memory.
        numbers: the parts that are numbers, the same for all entries, from left to right.
        apart: whether an array that it reads may share memory with the one that it writes: all is read before
            anything is written.
    """

    rank: int
    arrays: Mapping[str, int]
    memory: Mapping[str, str]
    numbers: tuple[str, ...]
    apart: bool
