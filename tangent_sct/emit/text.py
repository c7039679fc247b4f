"""The text of a derivative, with its comments and the map back to the user's lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.entrywise import Entrywise
from tangent_sct.core.origins import Origin
from tangent_sct.emit.printer import Printed, printed

COMPOUND = {"for", "while", "if", "elif", "else", "with", "try", "def", "class", "async", "match"}


@dataclass(frozen=True)
class Text:
    """Generated source and where each of its lines came from.

    Attributes:
        text: the source of a module: the functions, one after the other.
        origins: line of `text`, counted from 1, to the user's statement; lines that stand for none
            (blank ones, the header, code the compiler added on its own) are missing.
        derived: the lines that compute adjoints or tangents.
        unset: the lines `y = None` that stand for no value.
        tapes: the lines `y_tape = []` of lists from which all is taken off again.
        entrywise: the lines on which statements on arrays begin that compiled code runs entry by entry.
    """

    text: str
    origins: Mapping[int, Origin] = field(repr=False, hash=False)
    derived: frozenset[int] = field(default=frozenset(), repr=False, compare=False)
    unset: frozenset[int] = field(default=frozenset(), repr=False, compare=False)
    tapes: frozenset[int] = field(default=frozenset(), repr=False, compare=False)
    entrywise: Mapping[int, Entrywise] = field(default_factory=dict, repr=False, hash=False)

    def __str__(self) -> str:
        return self.text

    def origin(self, line: int) -> Origin | None:
        """The user's statement a line of the text came from."""
        return self.origins.get(line)

    def lines_of(self, origin: Origin) -> tuple[int, ...]:
        """The lines of the text that came from a statement of the user."""
        return tuple(line for line, found in self.origins.items() if found == origin)


def emit(functions: Sequence[gast.FunctionDef], header: str = "") -> Text:
    """Print functions, with a comment above each group of adjoint statements.

    Before a run of statements of the reverse sweep that came from one statement of the user, a
    comment quotes that statement.

    Args:
        functions: the trees, in the order in which they are to stand.
        header: lines that come first: a docstring, imports.

    Raises:
        ValueError: when a tree is not a program.

    >>> f = gast.parse("def f(x): return x * 2").body[0]
    >>> print(emit([f]))
    def f(x):
        return x * 2
    """
    writer = _Writer(header)
    for text, function in zip(printed(functions), functions, strict=True):
        writer.function(text, function)
    return writer.finished()


class _Writer:
    """Copies printed functions line by line, puts comments between, and notes the origins."""

    def __init__(self, header: str) -> None:
        self._lines: list[str] = header.rstrip("\n").split("\n") if header else []
        self._origins: dict[int, Origin] = {}
        self._derived: set[int] = set()
        self._unset: set[int] = set()
        self._tapes: set[int] = set()
        self._entrywise: dict[int, Entrywise] = {}

    def finished(self) -> Text:
        derived, unset, tapes = map(frozenset, (self._derived, self._unset, self._tapes))
        return Text("\n".join(self._lines), self._origins, derived, unset, tapes, self._entrywise)

    def function(self, printed: Printed, function: gast.FunctionDef) -> None:
        if self._lines:
            self._lines += ["", ""]
        # The printed tree and the internal one are the same tree: they are walked in step.
        lines = printed.text.split("\n")
        notes = _Notes(lines, printed.offset)
        notes.block([printed.tree], [function], None)
        for number, line in enumerate(lines, 1):
            if number in notes.blank and self._lines and self._lines[-1].strip():
                self._lines.append("")
            origin = notes.origins.get(number)
            quote = notes.comments.get(number)
            if quote is not None:
                indent = line[: len(line) - len(line.lstrip())]
                self._put(f"{indent}# {quote}", origin)
            self._put(line, origin)
            if number in notes.derived:
                self._derived.add(len(self._lines))
            if number in notes.unset:
                self._unset.add(len(self._lines))
            if number in notes.tapes:
                self._tapes.add(len(self._lines))
            if number in notes.entrywise:
                self._entrywise[len(self._lines)] = notes.entrywise[number]

    def _put(self, line: str, origin: Origin | None) -> None:
        self._lines.append(line)
        if origin is not None:
            self._origins[len(self._lines)] = origin


class _Notes:
    """What is to be said about the lines of one printed function."""

    def __init__(self, lines: Sequence[str], offset: int) -> None:
        self._lines = lines
        self._offset = offset
        self.origins: dict[int, Origin] = {}
        self.comments: dict[int, str] = {}
        self.blank: set[int] = set()
        self.derived: set[int] = set()
        self.unset: set[int] = set()
        self.tapes: set[int] = set()
        self.entrywise: dict[int, Entrywise] = {}

    def block(
        self, texts: Sequence[ast.AST], nodes: Sequence[gast.AST], quoted: Origin | None
    ) -> None:
        """Note a block; `quoted` is the origin that the comment above it has quoted already."""
        after_scope = False
        for index, (text, node) in enumerate(zip(texts, nodes, strict=True)):
            origin = tree.origin_of(node)
            first, last = self._extent(text)
            if origin is not None:
                self.origins.update(dict.fromkeys(range(first, last + 1), origin))
            if tree.sweep_of(node) in ("reverse", "tangent"):
                self.derived.update(range(first, last + 1))
            if getattr(node, "unset", False):
                self.unset.add(first)
            if getattr(node, "tape", False):
                self.tapes.add(first)
            if hasattr(node, "entrywise"):
                self.entrywise[first] = node.entrywise
            # An `elif` cannot have a comment above it, and a `return` says itself what it returns.
            is_bare = isinstance(node, gast.Return) or self._starts(first, "elif ")
            if tree.sweep_of(node) != "reverse":
                quoted = None
            elif origin is not None and origin != quoted and not is_bare:
                quoted = origin
                quote = quotation(origin)
                if quote:
                    self.comments[first] = quote
            is_scope = isinstance(node, (gast.FunctionDef, gast.ClassDef, gast.AsyncFunctionDef))
            if index and (is_scope or after_scope):
                self.blank.add(first)
            after_scope = is_scope
            for inner_text, inner_node in zip(_blocks(text), _blocks(node), strict=True):
                self.block(inner_text, inner_node, quoted)

    def _extent(self, text: Any) -> tuple[int, int]:
        """The first and last line of a printed statement, decorators included."""
        decorators = getattr(text, "decorator_list", None)
        first = decorators[0].lineno if decorators else text.lineno
        return first - self._offset, text.end_lineno - self._offset

    def _starts(self, line: int, word: str) -> bool:
        return self._lines[line - 1].lstrip().startswith(word)


def _blocks(statement: ast.AST) -> Iterator[list[ast.AST]]:
    """The statement lists directly below a statement, nested functions' bodies included."""
    if isinstance(statement, ast.expr):
        return
    for name in ("body", "orelse", "finalbody"):
        value = getattr(statement, name, None)
        if isinstance(value, list):
            yield value
    for name in ("handlers", "cases"):
        for part in getattr(statement, name, ()):
            yield part.body


def quotation(origin: Origin) -> str:
    """The user's statement as a comment quotes it: its first line; nothing for a compound one.

    >>> quotation(Origin("a.py", 1, 4, 1, 13, "    y = x * x; z = y"))
    'y = x * x'
    >>> quotation(Origin("a.py", 1, 0, 2, 10, "for i in range(n):"))
    ''
    """
    one_line = origin.end_line == origin.line
    text = origin.text.split("\n")[0]
    text = text[origin.column : origin.end_column if one_line else None].strip()
    word = text.split("(")[0].split(" ")[0].rstrip(":")
    if word == "with" and one_line and text.endswith(":"):
        # Nothing but the line itself is meant: what follows it was written into the derivative.
        return text
    if word in COMPOUND and (word != "match" or text.endswith(":")):
        return ""
    return text if one_line else f"{text} ..."
