"""What several test files share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.demo import unit_of

__all__ = ["compiled", "outcome", "unit_of"]


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
