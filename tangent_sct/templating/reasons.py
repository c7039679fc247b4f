"""Why functions stand without a rule, by the names under which users know them.

By name, since SciPy need not be installed, and neither it nor NumPy has the same names in all versions.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Literal, get_args

Standing = Literal["followed", "inactive", "refused"]

STANDINGS: tuple[Standing, ...] = get_args(Standing)

ARRAY = "numpy.ndarray"
"""The namespace of the methods and attributes of arrays."""


@dataclass(frozen=True)
class Reason:
    """Why a function has no rule.

    Attributes:
        standing: `followed` where the compiler knows the function itself, `inactive` where no number that is
            differentiated goes through it, `refused` where its result has no derivative that could be written.
        text: the reason, as the end of a sentence about the function.
        hint: what to write instead, or "".
    """

    standing: Standing
    text: str
    hint: str = ""


_reasons: dict[tuple[str, str], Reason] = {}


def declare(namespace: str, reason: Reason, names: str) -> None:
    """Make known why functions have no rule.

    Args:
        namespace: the module in which users find them, or `numpy.ndarray`.
        reason: the reason.
        names: their names, with spaces between them.

    Raises:
        ValueError: when a function already has a reason.
    """
    for name in names.split():
        if (namespace, name) in _reasons:
            raise ValueError(f"`{namespace}.{name}` already has a reason")
        _reasons[namespace, name] = reason


def reason_named(namespace: str, name: str) -> Reason | None:
    """Why a function has no rule, by its namespace and its name; None where nothing is said.

    Args:
        namespace: as declared.
        name: its name there.
    """
    return _reasons.get((namespace, name)) or _reasons.get((namespace, "*"))


def reason_for(function: Any) -> Reason | None:
    """Why a function has no rule; None where nothing is said.

    Args:
        function: any object.
    """
    name = getattr(function, "__name__", None)
    if not isinstance(name, str):
        return None
    for namespace in dict.fromkeys(space for space, _ in _reasons):
        # What has not been imported cannot be where the function comes from.
        module = sys.modules.get(namespace)
        found = reason_named(namespace, name)
        known = getattr(module, name, None)
        if found is not None and (known is function or getattr(known, "__func__", known) is function):
            return found
    return None


def all_reasons() -> dict[tuple[str, str], Reason]:
    """All reasons by namespace and name."""
    return dict(_reasons)
