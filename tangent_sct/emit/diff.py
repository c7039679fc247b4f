"""What each pass changed, as texts and as differences between them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """The program after a pass.

    Attributes:
        name: the pass.
        text: the program as it then stood.
        diff: the unified difference from the step before; empty when the pass changed nothing, and
            for the first step.
    """

    name: str
    text: str
    diff: str

    def __str__(self) -> str:
        return self.diff or self.text


def steps_of(texts: Iterable[tuple[str, str]]) -> list[Step]:
    """The steps between texts, each given with the name of the pass that made it.

    >>> for step in steps_of([("source", "y = x * 1"), ("fold", "y = x"), ("dead", "y = x")]):
    ...     print(step.name, repr(step.diff[-18:]))
    source ''
    fold '-y = x * 1\\n+y = x\\n'
    dead ''
    """
    found: list[Step] = []
    for name, text in texts:
        diff = difference(found[-1].text, text, found[-1].name, name) if found else ""
        found.append(Step(name, text, diff))
    return found


def difference(before: str, after: str, from_name: str = "before", to_name: str = "after") -> str:
    """The unified difference of two texts; empty when they are equal.

    >>> print(difference("a = 1", "a = 2"), end="")
    --- before
    +++ after
    @@ -1 +1 @@
    -a = 1
    +a = 2
    """
    old, new = _lines(before), _lines(after)
    return "".join(difflib.unified_diff(old, new, from_name, to_name))


def _lines(text: str) -> list[str]:
    return [f"{line}\n" for line in text.splitlines()]
