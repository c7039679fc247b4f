"""Fresh names: readable, deterministic, never in conflict with one already used."""

from __future__ import annotations

import keyword
from collections.abc import Iterable


class Names:
    """Gives out names that are not taken yet: `y`, `y_2`, `y_3`, ...

    >>> names = Names({"y"})
    >>> names.fresh("y"), names.fresh("y"), names.fresh("t")
    ('y_2', 'y_3', 't')
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def reserve(self, names: Iterable[str]) -> None:
        """Mark names as taken."""
        self._taken.update(names)

    def taken(self, name: str) -> bool:
        """Whether a name has been given out or reserved."""
        return name in self._taken

    def state(self) -> tuple[set[str], dict[str, int]]:
        """What has been given out, to be gone back to by `restore`."""
        return set(self._taken), dict(self._next)

    def restore(self, state: tuple[set[str], dict[str, int]]) -> None:
        """Take back the names given out since."""
        self._taken, self._next = set(state[0]), dict(state[1])

    def fresh(self, base: str) -> str:
        """A name not given out before, as near to `base` as can be."""
        if base not in self._taken and not keyword.iskeyword(base):
            self._taken.add(base)
            return base
        number = self._next.get(base, 2)
        while f"{base}_{number}" in self._taken:
            number += 1
        self._next[base] = number + 1
        name = f"{base}_{number}"
        self._taken.add(name)
        return name
