"""What several test files share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.demo import unit_of

__all__ = ["Program", "checked", "compiled", "listed", "outcome", "refusing", "unit_of"]

Program = Callable[..., Any]


def checked(
    first: list[tuple[Program, tuple[Any, ...]]], second: list[tuple[Program, tuple[Any, ...]]]
) -> Callable[..., Callable[[Program], Program]]:
    """A decorator that lists functions with arguments, to be checked, and their gradients where the order is two."""

    def program(*args: Any, order: int = 2) -> Callable[[Program], Program]:
        def keep(function: Program) -> Program:
            first.append((function, args))
            if order > 1:
                second.append((function, args))
            return function

        return keep

    return program


def listed(*lists: list[Program]) -> Callable[[Program], Program]:
    """A decorator that adds functions to some lists of what is checked."""

    def keep(function: Program) -> Program:
        for functions in lists:
            functions.append(function)
        return function

    return keep


def refusing(found: list[tuple[Program, str]]) -> Callable[[str], Callable[[Program], Program]]:
    """A decorator that lists functions with the reason for which they are refused."""

    def refused(reason: str) -> Callable[[Program], Program]:
        def keep(function: Program) -> Program:
            found.append((function, reason))
            return function

        return keep

    return refused


def compiled(unit: Unit, **objects: Any) -> Any:
    """The function a unit stands for."""
    scope: dict[str, Any] = {**unit.namespace, **objects}
    exec(tree.text(unit.tree), scope)
    return scope[unit.tree.name]


def outcome(unit: Unit, arguments: Mapping[str, Any], **objects: Any) -> Any:
    """What a run of a unit shows: its result and its arguments afterwards, as plain lists."""
    held = {
        name: value.copy() if isinstance(value, np.ndarray) else value
        for name, value in arguments.items()
    }
    result = compiled(unit, **objects)(**held)
    return _plain((result, tuple(held.values())))


def _plain(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    # Text, so that NaN equals NaN and equal means equal to the last bit.
    return repr(np.asarray(value).tolist())
