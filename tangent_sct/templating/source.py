"""The source of a template: its tree, and what its free names mean."""

from __future__ import annotations

import builtins
import inspect
import linecache
from collections.abc import Callable
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.templating.layout import spelling_of
from tangent_sct.templating.rule import TemplateError
from tangent_sct.templating.words import WORDS

MISSING: Any = object()


class TemplateSource:
    """A template function with its tree.

    Args:
        template: the decorated function; its source must be at hand.

    Raises:
        TemplateError: when there is no source to read.
    """

    def __init__(self, template: Callable[..., Any]) -> None:
        code = template.__code__
        self.name = template.__name__
        self.file: str = code.co_filename
        self.line: int = code.co_firstlineno
        self.signature = inspect.signature(template)
        self._globals: dict[str, Any] = template.__globals__
        self._cells = dict(zip(code.co_freevars, template.__closure__ or (), strict=True))
        self._above = self.line - 1
        """Lines of the file above the first line of the tree."""
        self.tree = self._parse(self._text(template))

    def _text(self, template: Callable[..., Any]) -> str:
        # inspect.getsource would search all modules for the file; its name is known here.
        # All that is run from a string shares one name, under which Python 3.13 keeps another text.
        lines = [] if self.file == "<string>" else linecache.getlines(self.file, self._globals)
        lines = lines[self.line - 1 :]
        if lines:
            return "".join(inspect.getblock(lines))
        try:
            if self.file == "<string>":
                raise OSError
            return inspect.getsource(template)
        except OSError:
            raise self.error(
                f"the source of the template `{self.name}` cannot be read; a template stands in "
                "a file or in a notebook cell"
            ) from None

    def _parse(self, text: str) -> gast.FunctionDef:
        if text[:1].isspace():
            # Removing the indentation could fail at a string of several lines.
            text = "if True:\n" + text
            self._above -= 1
        first = tree.statements(text)[0]
        if isinstance(first, gast.If):
            first = first.body[0]
        if not isinstance(first, gast.FunctionDef):
            raise self.error(f"the template `{self.name}` must be a `def`")
        return first

    def error(self, reason: str, node: gast.AST | None = None) -> TemplateError:
        """The error for a form that the language does not have."""
        line = self.line if node is None else self._above + int(node.lineno)
        return TemplateError(reason, self.file, line)

    def lookup(self, name: str) -> Any:
        """What a free name means: closure cell, global or builtin; MISSING when it is not bound."""
        if name in self._cells:
            try:
                return self._cells[name].cell_contents
            except ValueError:
                return MISSING
        if name in self._globals:
            return self._globals[name]
        return getattr(builtins, name, MISSING)

    def spelled(self, name: str) -> str:
        """A free name; for what a template has captured, the dotted name by which its module reaches that."""
        if name not in self._cells:
            return name
        return spelling_of(self.lookup(name), self._globals) or name

    def resolve(self, node: gast.AST) -> Any:
        """The object that a dotted name means, MISSING for anything else."""
        if isinstance(node, gast.Attribute):
            base = self.resolve(node.value)
            return MISSING if base is MISSING else getattr(base, node.attr, MISSING)
        return self.lookup(node.id) if isinstance(node, gast.Name) else MISSING

    def word(self, node: gast.AST) -> str | None:
        """The word of the language that a name stands for, if it does."""
        found = self.resolve(node)
        return None if found is MISSING else WORDS.get(id(found))
