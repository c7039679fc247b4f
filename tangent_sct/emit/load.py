"""Generated text as functions whose lines tracebacks, debuggers and `inspect` can show."""

from __future__ import annotations
import __future__

import builtins
import hashlib
import linecache
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType, FunctionType, TracebackType
from typing import Any, cast
from weakref import WeakValueDictionary

from tangent_sct.core.origins import NO_VALUE_LINES, TAPE_LINES, Origin
from tangent_sct.emit.text import Text, quotation
from tangent_sct.runtime.objects import GENERATED


@dataclass(frozen=True, eq=False)
class Loaded:
    """A text that runs: what it is a derivative of, and the file name its code carries."""

    text: Text
    subject: str
    file: str


_loaded: WeakValueDictionary[str, Loaded] = WeakValueDictionary()
_files: set[str] = set()
"""The file names whose lines `linecache` was given."""

KEEPER = "__tangent_loaded__"
"""The global of generated code that keeps its lines as long as its functions live."""


def load(
    text: Text, name: str, namespace: Mapping[str, Any], subject: str = ""
) -> Callable[..., Any]:
    """Compile a text and give back one of its functions; the others are in its globals.

    The code carries a file name made of the function's name and the text's hash, under which
    `linecache` knows the lines.

    Args:
        text: what `emit` printed.
        name: the function wanted.
        namespace: the objects that the text's free names mean.
        subject: the name of the user's function, for `explain`.

    Raises:
        KeyError: when the text defines no such function.

    >>> function = load(Text("def twice(x):\\n    return two * x", {}), "twice", {"two": 2})
    >>> function(21)
    42
    """
    loaded = _register(text, name, subject)
    # Annotations are not evaluated: they may name what only the user's module knows.
    flags = __future__.annotations.compiler_flag
    code = compile(text.text, loaded.file, "exec", flags=flags, dont_inherit=True)
    space = {
        **namespace,
        "__builtins__": builtins,
        "__name__": GENERATED,
        KEEPER: loaded,
    }
    exec(code, space)
    for function in space.values():
        if isinstance(function, FunctionType) and function.__code__.co_filename == loaded.file:
            vars(function).update({NO_VALUE_LINES: text.unset, TAPE_LINES: text.tapes})
    return cast(Callable[..., Any], space[name])


def _register(text: Text, name: str, subject: str) -> Loaded:
    hashed = hashlib.sha256(text.text.encode())
    for line, origin in text.origins.items():
        hashed.update(f"{line} {origin.file} {origin.line}\n".encode())
    file = f"<tangent_sct {name} {hashed.hexdigest()[:12]}>"
    loaded = _loaded.get(file)
    if loaded is None:
        loaded = _loaded[file] = Loaded(text, subject or name, file)
    if file not in linecache.cache:
        # Anybody may clear the cache while functions of an equal text are alive.
        lines = [f"{line}\n" for line in text.text.split("\n")]
        # Without a time of change, `linecache.checkcache` leaves the entry alone.
        linecache.cache[file] = (len(text.text), None, lines, file)
        _forget_lines()
        _files.add(file)
    return loaded


def loaded_from(file: str, text: Text, subject: str) -> Loaded:
    """Let `explain` know a file that holds a text, for as long as what is given back lives."""
    return _loaded.setdefault(file, Loaded(text, subject, file))


def _forget_lines() -> None:
    """Drop the lines of functions that are gone.

    Not at the moment they go: that may be while `linecache` walks through its entries.
    """
    for file in [file for file in _files if file not in _loaded]:
        _files.discard(file)
        linecache.cache.pop(file, None)


def explain(exception: BaseException, text: Text | None = None) -> None:
    """Add to an exception that passed through generated code the user's line it belongs to.

    Does nothing for an exception that came by no generated line, and nothing twice.

    Args:
        exception: the exception, with its traceback; gets a note.
        text: the text whose lines count; by default that of the innermost generated line.

    >>> origin = Origin("model.py", 2, 4, 2, 13, "    y = x / z")
    >>> divide = load(Text("def f(x, z):\\n    y = x / z", {2: origin}), "f", {})
    >>> try:
    ...     divide(1, 0)
    ... except ZeroDivisionError as error:
    ...     explain(error)
    ...     print(error.__notes__[0])
    in the derivative of f: model.py, line 2: y = x / z
    """
    step: TracebackType | None = exception.__traceback__
    deepest: tuple[Loaded, int] | None = None
    while step is not None:
        loaded = _loaded_in(step.tb_frame)
        if loaded is not None and (text is None or loaded.text == text):
            deepest = loaded, step.tb_lineno
        step = step.tb_next
    if deepest is None:
        return
    subject, origin = _users_line(*deepest)
    note = f"in the derivative of {subject}"
    if origin is not None:
        quoted = quotation(origin) or origin.text.strip()
        note += f": {origin.file}, line {origin.line}: {quoted}"
    if note not in getattr(exception, "__notes__", ()):
        exception.add_note(note)


def _loaded_in(frame: FrameType) -> Loaded | None:
    return _loaded.get(frame.f_code.co_filename)


def origin_of_line(text: Text, line: int) -> Origin | None:
    """The user's place that a line of a text, or the next one above it with any, came from."""
    found = None
    for above in range(line, 0, -1):
        found = text.origin(above)
        if found is not None:
            break
    return None if found is None else users_origin(found)


def users_origin(origin: Origin) -> Origin:
    """A place in the user's file for one that may be in a generated text."""
    loaded = _loaded.get(origin.file)
    found = None if loaded is None else _users_line(loaded, origin.line)[1]
    return origin if found is None else found


def _users_line(loaded: Loaded, line: int) -> tuple[str, Origin | None]:
    """The line of a file that a person wrote, through derivatives of derivatives."""
    origin = loaded.text.origin(line)
    while origin is not None:
        below = _loaded.get(origin.file)
        deeper = below.text.origin(origin.line) if below is not None else None
        if below is None or deeper is None:
            break
        loaded, origin = below, deeper
    return loaded.subject, origin
