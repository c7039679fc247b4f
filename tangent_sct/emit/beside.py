"""A function beside its derivative, statement by statement, with the values that both had in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tangent_sct.core.origins import Origin
from tangent_sct.emit.load import users_origin
from tangent_sct.emit.text import Text, quotation
from tangent_sct.emit.watch import watched

WIDTH = 40
"""How long a value is shown at most."""


def beside(
    primal: Callable[[], Any], derivative: Callable[..., Any], text: Text, arguments: Mapping[str, Any]
) -> str:
    """A table: each statement of the user with what it assigned, and its derivative with what that assigned.

    Args:
        primal: runs the user's function.
        derivative: the generated function.
        text: the text that it was loaded from.
        arguments: its arguments, by name.

    Returns:
        The table. Where a statement ran several times, its last values stand, and how often it ran.
    """
    places = {line: users_origin(origin) for line, origin in text.origins.items()}
    files = {origin.file for origin in places.values()}
    seen: dict[tuple[str, int], dict[str, list[str]]] = {}

    def look(file: str, line: int, name: str, value: Any) -> None:
        seen.setdefault((file, line), {}).setdefault(name, []).append(shown(value))

    watched(primal, look, files.__contains__)
    own = derivative.__code__.co_filename
    watched(lambda: derivative(*arguments.values()), look, own.__eq__)
    lines = text.text.splitlines()
    derived: dict[Origin, list[str]] = {origin: [] for origin in places.values()}
    for line, origin in places.items():
        plain = lines[line - 1].strip()
        if line in text.derived and not plain.startswith(("#", "return ")):
            derived[origin].append(_with_values(plain, seen.get((own, line), {})))
    rows = []
    for origin in sorted(derived, key=lambda o: (o.file, o.line, o.column)):
        left = _with_values(quotation(origin) or origin.text.strip(), seen.get((origin.file, origin.line), {}))
        right = derived[origin] or [""]
        if left.startswith("def "):
            continue
        rows += [(str(origin.line), left, right[0]), *(("", "", more) for more in right[1:])]
    head = ("line", "statement", "derivative")
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(2)]
    rule = ("-" * widths[0], "-" * widths[1], "-" * max(len(row[2]) for row in [head, *rows]))
    return "\n".join(
        f"{number:>{widths[0]}}  {left:<{widths[1]}}  {right}".rstrip() for number, left, right in [head, rule, *rows]
    )


def _with_values(statement: str, values: Mapping[str, list[str]]) -> str:
    """A statement, and what it assigned."""
    told = []
    for name, found in values.items():
        often = f" (last of {len(found)})" if len(found) > 1 else ""
        told.append(f"{name} = {found[-1]}{often}")
    return f"{statement}    [{', '.join(told)}]" if told else statement


def shown(value: Any) -> str:
    """A value on one short line.

    >>> shown(np.array([1.0, 2.0])), shown(1 / 3)
    ('[1. 2.]', '0.333333')
    """
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=4, threshold=6, edgeitems=2, separator=" ")
    else:
        text = repr(value)
    text = " ".join(text.split())
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."
