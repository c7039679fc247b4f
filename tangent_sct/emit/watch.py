"""Functions run line by line: what each line assigned is looked at from outside, so that the text stays as it is."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import FrameType
from typing import Any

import numpy as np

from tangent_sct.emit.load import users_origin
from tangent_sct.emit.text import Text, quotation
from tangent_sct.runtime import DerivativeError
from tangent_sct.runtime.objects import fields_of

Look = Callable[[str, int, str, Any], None]
"""Told file and line of a statement that has run, and a name that it assigned, with its value."""


def watched(run: Callable[[], Any], look: Look, is_ours: Callable[[str], bool]) -> Any:
    """The value of a call, every assignment in certain files being looked at.

    Args:
        run: the call.
        look: told of each assignment once it has been done.
        is_ours: whether the statements of a file are looked at.
    """
    watch = _Watch(look, is_ours)
    before = sys.gettrace()
    sys.settrace(watch.enter)
    try:
        return run()
    finally:
        sys.settrace(before)


class _Watch:
    """One run."""

    def __init__(self, look: Look, is_ours: Callable[[str], bool]) -> None:
        self.look = look
        self.is_ours = is_ours
        self.written: dict[str, dict[int, list[str]]] = {}
        self.standing: dict[FrameType, int] = {}

    def enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        """A function is called."""
        return self.step if self.is_ours(frame.f_code.co_filename) else None

    def step(self, frame: FrameType, event: str, argument: Any) -> Any:
        """A line is about to run, or the function returns: look at what the line before has done."""
        if event in ("line", "return"):
            line = self.standing.get(frame, 0)
            file = frame.f_code.co_filename
            for name in self.names(file).get(line, ()):
                if name in frame.f_locals:
                    self.look(file, line, name, frame.f_locals[name])
            self.standing[frame] = frame.f_lineno
        if event == "return":
            self.standing.pop(frame, None)
        return self.step

    def names(self, file: str) -> dict[int, list[str]]:
        if file not in self.written:
            self.written[file] = dict(_written_by_line("".join(linecache.getlines(file))))
        return self.written[file]


def _written_by_line(text: str) -> Iterator[tuple[int, list[str]]]:
    """For each line, the names that its statement assigns, or writes into."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            # `np.add.at(x_bar, i, v)` and helpers that add to items.
            targets = node.value.args[:1]
        else:
            continue
        names = [name for target in targets for name in _roots(target)]
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
            yield line, names


def _roots(target: ast.expr) -> Iterator[str]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            yield from _roots(item)
        return
    while isinstance(target, (ast.Subscript, ast.Attribute, ast.Starred)):
        target = target.value
    if isinstance(target, ast.Name):
        yield target.id


# -- finite numbers ---------------------------------------------------------------------------------


def checked(
    function: Callable[..., Any], text: Text, arguments: Mapping[str, Any], wrt: Iterable[str]
) -> Any:
    """The value of a generated function, whose derivatives are all finite.

    What the forward sweep holds may be infinite on purpose (`best = np.inf`): it is told beside the first adjoint or
    tangent that is not finite.

    Args:
        function: the function.
        text: the text that it was loaded from.
        arguments: its arguments, by name.
        wrt: those that have to be finite: what is differentiated, and the seed.

    Raises:
        DerivativeError: at the first adjoint or tangent that is infinite or no number; names the user's statement.
    """
    for name in wrt:
        bad = not_finite(arguments.get(name))
        if bad is not None:
            raise DerivativeError(f"argument `{name}` holds {bad}")
    first: list[str] = []

    def look(_: str, line: int, name: str, value: Any) -> None:
        is_derived = line in text.derived
        if not is_derived and first:
            return
        bad = not_finite(value)
        if bad is not None and is_derived:
            raise _Found("; ".join([f"`{name}` holds {bad} first{_place(text, line)}", *first]))
        if bad is not None:
            first.append(f"in the forward sweep, `{name}` held {bad} first{_place(text, line)}")

    own = function.__code__.co_filename
    try:
        return watched(lambda: function(*arguments.values()), look, own.__eq__)
    except _Found as found:
        # Not from where it was found: by then the next line stands there.
        raise DerivativeError(str(found)) from None


class _Found(Exception):
    """A number that is not finite."""


def _place(text: Text, line: int) -> str:
    """Where the user wrote what a line computes, or what it is the derivative of."""
    origin = text.origin(line)
    if origin is None:
        return f" in the generated line `{text.text.splitlines()[line - 1].strip()}`"
    origin = users_origin(origin)
    sweep = " in the derivative of" if line in text.derived else " at"
    return f"{sweep} {origin.file}, line {origin.line}: {quotation(origin) or origin.text.strip()}"


def not_finite(value: Any) -> str | None:
    """What there is in a value that is no finite number, in words; None where all is well.

    >>> not_finite([1.0, {"w": np.array([1.0, np.nan])}]), not_finite((1, "text"))
    ('nan at [1]', None)
    """
    if isinstance(value, (float, np.floating)):
        return None if np.isfinite(value) else str(value)
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "fc" or bool(np.all(np.isfinite(value))):
            return None
        place = np.argwhere(~np.isfinite(value))[0].tolist()
        return f"{value[tuple(place)]} at {place}" if place else str(value)
    fields = fields_of(value)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ()
    return next(filter(None, map(not_finite, items if fields is None else fields.values())), None)
