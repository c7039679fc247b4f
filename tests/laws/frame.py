"""Where a random function is written: lines, blocks, names in sight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.laws.samples import LETTERS, Box, Series, Shape, Type, place


@dataclass(frozen=True)
class Helper:
    """A module-level function that programs may call."""

    name: str
    parameters: tuple[Type, ...]
    result: Type
    keyword: bool = False


@dataclass
class Scope:
    """Where a statement is written: names in sight, and what surrounds it."""

    types: dict[str, Type]
    depth: int = 1
    loops: int = 0
    may_continue: bool = False
    locked: frozenset[str] = frozenset()
    bounds: dict[str, int] = field(default_factory=dict)

    def inner(self, **changes: Any) -> Scope:
        kept = {"loops": self.loops, "may_continue": self.may_continue, "locked": self.locked}
        return Scope(dict(self.types), self.depth + 1, bounds=dict(self.bounds), **(kept | changes))


class Frame:
    """The body of one function while it is drawn."""

    def __init__(self, module: Any, parameters: dict[str, Type], result: Type) -> None:
        self.module = module
        self.random = module.random
        self.result = result
        self.lines: list[str] = []
        self.scope = Scope(dict(parameters))
        self.fresh = 0
        self.exits = False
        self.captured: set[str] = set()
        """Names that functions defined inside read: they keep their types."""

    # -- the frame ----------------------------------------------------------------------------

    def body(self, size: int) -> list[str]:
        """The lines of the body, the last of them a `return`."""
        self.block(size)
        self.line(f"return {self.outcome(last=True)}")
        return self.lines

    def line(self, text: str) -> None:
        self.lines.append("    " * self.scope.depth + text)

    def block(self, size: int) -> None:
        while size > 0:
            size -= self.statement(size)

    def under(self, header: str, size: int, **changes: Any) -> Scope:
        """A header with a block below it; gives back what the block had in sight."""
        self.line(header)
        outer, self.scope = self.scope, self.scope.inner(**changes)
        start = len(self.lines)
        self.block(size)
        if len(self.lines) == start:
            self.line("pass")
        inner, self.scope = self.scope, outer
        return inner

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, *items: Any) -> Any:
        return self.random.choice(items)

    # -- places -------------------------------------------------------------------------------

    def places(self, wanted: Callable[[Type], bool]) -> list[tuple[str, Type]]:
        """Names, and items of containers, of wanted types."""
        found: list[tuple[str, Type]] = []
        for name, kind in self.scope.types.items():
            if wanted(kind):
                found.append((name, kind))
            if isinstance(kind, Box):
                found += [(place(name, kind, key), item) for key, item in kind.items if wanted(item)]
            if isinstance(kind, Series) and wanted(kind.item):
                found += [(f"{name}[-1]", kind.item), (f"{name}[0]", kind.item)]
        return found

    def arrays(self) -> list[tuple[str, Shape]]:
        """Places of arrays."""
        return [(name, kind) for name, kind in self.places(lambda t: isinstance(t, tuple))]  # type: ignore[misc]

    def target(self, kind: Type) -> str:
        """A name to assign, in sight afterwards with this type."""
        scope = self.scope
        same = [n for n, t in scope.types.items() if t == kind and n not in scope.locked]
        if same and self.chance(0.55):
            return self.random.choice(same)
        if scope.depth == 1 and self.chance(0.1):
            others = [n for n in scope.types if n not in scope.locked and n not in self.captured]
            name = self.random.choice(others) if others else self.new()
        else:
            name = self.new()
        scope.types[name] = kind
        scope.bounds.pop(name, None)
        return name

    def new(self) -> str:
        """A name not in sight."""
        free = [c for c in LETTERS if c not in self.scope.types]
        if free and self.chance(0.8):
            return self.random.choice(free)
        self.fresh += 1
        return f"h{self.fresh}"
