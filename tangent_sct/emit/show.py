"""Source in colour, where there is something to print colour with."""

from __future__ import annotations

import importlib
import sys
from typing import Any, TextIO


def show(source: object, file: TextIO | None = None, color: bool | None = None) -> None:
    """Print Python source, in colour on a terminal where rich or pygments is installed.

    Args:
        source: the text, or an object whose `str` it is.
        file: where to print, standard output by default.
        color: whether to colour; by default, whether `file` is a terminal.

    >>> show("x = 1", color=False)
    x = 1
    """
    out = sys.stdout if file is None else file
    text = str(source)
    if color is None:
        color = out.isatty()
    if not color or not (_with_rich(text, out) or _with_pygments(text, out)):
        print(text, file=out)


def _with_rich(text: str, out: TextIO) -> bool:
    console, syntax = _module("rich.console"), _module("rich.syntax")
    if console is None or syntax is None:
        return False
    lexer = "diff" if _is_diff(text) else "python"
    code = syntax.Syntax(text, lexer, background_color="default", word_wrap=False)
    width = max((len(line) for line in text.splitlines()), default=0) + 1
    console.Console(file=out, force_terminal=True, width=max(width, 80)).print(code)
    return True


def _with_pygments(text: str, out: TextIO) -> bool:
    pygments = _module("pygments")
    formatters, lexers = _module("pygments.formatters"), _module("pygments.lexers")
    if pygments is None or formatters is None or lexers is None:
        return False
    lexer = lexers.DiffLexer() if _is_diff(text) else lexers.PythonLexer()
    out.write(pygments.highlight(text, lexer, formatters.TerminalFormatter()))
    return True


def _is_diff(text: str) -> bool:
    return text.startswith("--- ")


def _module(name: str) -> Any:
    """A module that may not be installed: they take long to import, and are only for show."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
