"""Nests of loops that follow one another, run row by row, so that what one has touched is at hand for the next.

    for i in range(n):                          for row in range(n + 1):
        for j in range(m):                          if row < n:
            t_bar[i, j] = u_bar[1 + i, j]               for j in range(m):
    for i in range(n):                                      t_bar[row, j] = u_bar[1 + row, j]
        for j in range(m):                          if 1 <= row:
            u_bar[2 + i, j] += t_bar[i, j]              i = row - 1
                                                        for j in range(m):
                                                            u_bar[2 + i, j] += t_bar[i, j]

A nest is *delayed* by as many rows as it takes that whatever an earlier one does with a row of an array is done
before: of accesses at rows `i + a` and later `i + b`, at least one of which writes, the second is delayed by `b - a`
rows more than the first. So every entry sees the same operations in the same order, and the numbers are the same.
This is loop fusion after shifting (K. Kennedy and J. R. Allen, Optimizing Compilers for Modern Architectures, 2002).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Access:
    """What a nest does with an array.

    Attributes:
        name: of the array.
        memory: the same for all names that may share memory.
        row: the row of the array that belongs to the first iteration of the outermost loop; None where that is not
            known.
        is_write: whether it is written.
    """

    name: str
    memory: str
    row: int | None
    is_write: bool

    def written(self) -> Access:
        """The same place, written."""
        return replace(self, is_write=True)


@dataclass(frozen=True)
class Nest:
    """Loops around one statement.

    Attributes:
        sizes: how many iterations each has, outermost first.
        indices: their variables.
        inner: the statement.
        accesses: the arrays in it.
    """

    sizes: Sequence[str]
    indices: Sequence[str]
    inner: str
    accesses: Sequence[Access]

    def lines(self, start: int = 0) -> Iterator[str]:
        """The loops from the one at some depth on, as text."""
        depth = 0
        for index, size in zip(self.indices[start:], self.sizes[start:], strict=True):
            yield f"{'    ' * depth}for {index} in range({size}):"
            depth += 1
        yield "    " * depth + self.inner


def together(nests: Sequence[Nest], label: str) -> Iterator[str]:
    """Nests one after the other, as few loops over rows as can be.

    Args:
        nests: in their order.
        label: tells the variables from those of other loops.
    """
    group: list[tuple[Nest, int]] = []
    for number, nest in enumerate(nests):
        delay = _delay(nest, group)
        if delay is None:
            yield from _rows(group, f"{label}_{number}")
            group, delay = [], 0
        group.append((nest, delay))
    yield from _rows(group, f"{label}_{len(nests)}")


def _delay(nest: Nest, group: Sequence[tuple[Nest, int]]) -> int | None:
    """By how many rows a nest comes later than the first of a group; None where that is not known."""
    if len(nest.sizes) < 2:
        return None
    least = 0
    for other, delay in group:
        for first in other.accesses:
            for second in nest.accesses:
                if first.memory != second.memory or not (first.is_write or second.is_write):
                    continue
                if first.name != second.name or first.row is None or second.row is None:
                    return None
                least = max(least, delay + second.row - first.row)
    return least


def _rows(group: Sequence[tuple[Nest, int]], label: str) -> Iterator[str]:
    """A group of nests as one loop over rows."""
    if len(group) < 2:
        for nest, _ in group:
            yield from nest.lines()
        return
    row, ends = f"_row_{label}", [f"{nest.sizes[0]} + {delay}" if delay else nest.sizes[0] for nest, delay in group]
    yield f"for {row} in range(max({', '.join(ends)})):"
    for (nest, delay), end in zip(group, ends, strict=True):
        yield f"    if {f'{delay} <= ' if delay else ''}{row} < {end}:"
        yield f"        {nest.indices[0]} = {row}{f' - {delay}' if delay else ''}"
        for line in nest.lines(1):
            yield "        " + line
