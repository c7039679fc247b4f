"""Where a function and its statements came from."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CellType
from typing import Any

NO_VALUE_LINES = "__tangent_no_value__"
"""The attribute of a generated function that tells the lines of its file where `y = None` stands for no value."""

TAPE_LINES = "__tangent_tapes__"
"""The attribute of a generated function that tells the lines of its file where the compiler makes a tape."""


@dataclass(frozen=True)
class Origin:
    """A stretch of a user's file: lines count from 1, columns from 0, in characters."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    """The user's source line, the first if there are several, as printed above a caret."""


@dataclass(frozen=True, eq=False)
class Source:
    """The source of one function, and the names it can see."""

    text: str
    """Dedented text of the `def` (or of the lambda, rewritten as a `def`)."""
    file: str
    line: int
    """Line of the file on which `text` begins, counted from 1."""
    column: int
    """Indentation that was removed from every line of `text`."""
    name: str
    function: Callable[..., Any]
    globals: Mapping[str, Any] = field(repr=False)
    cells: Mapping[str, CellType] = field(repr=False)
    hidden: frozenset[str] = field(default=frozenset(), repr=False)
    """Names that mean variables of a function around, which only the program has."""

    def lookup(self, name: str) -> Any:
        """The object a free name means now: closure cell, global or builtin.

        Raises:
            KeyError: when the name is not bound.
        """
        if name in self.hidden:
            raise KeyError(name)
        if name in self.cells:
            try:
                return self.cells[name].cell_contents
            except ValueError:
                raise KeyError(name) from None
        if name in self.globals:
            return self.globals[name]
        return vars(builtins)[name]
