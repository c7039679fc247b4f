"""Functions and values next to given ones: what a small change of all their parameters makes of them."""

from __future__ import annotations

import functools
import types
from typing import Any

import numpy as np

SHIFT = 1e-5
"""How far the neighbours are away, relative to the parameters."""


def direction(value: Any, rng: np.random.Generator, other: float = 1.0) -> Any:
    """A change of numbers in their own size, up or down.

    Args:
        value: the numbers.
        rng: what draws the signs.
        other: the change of zeros.

    >>> np.abs(direction(np.array([0.0, -3.0]), np.random.default_rng(0))).tolist()
    [1.0, 3.0]
    """
    size = np.where(np.asarray(value) == 0, other, np.abs(value))
    return size * rng.choice([-1.0, 1.0], np.shape(value))


def shifted(value: Any, way: float, seed: int) -> Any:
    """A copy of a value in which all floats that it holds are a little different, those of functions too.

    Args:
        value: the value.
        way: 1.0 or -1.0: forth or back.
        seed: the same for the same change.

    >>> def power(k):
    ...     return lambda x: x**k
    >>> forth, back = (shifted(power(2.0), way, 0) for way in (1.0, -1.0))
    >>> float(round(abs(forth(3.0) - back(3.0)) / 2 / SHIFT / (9 * 2 * np.log(3.0)), 6))
    1.0
    """
    return _Shift(way, np.random.default_rng(seed)).of(value)


class _Shift:
    """One change of many values; what is met twice is changed once."""

    def __init__(self, way: float, rng: np.random.Generator) -> None:
        self.way, self.rng = way * SHIFT, rng
        self.known: dict[int, Any] = {}

    def of(self, value: Any) -> Any:
        """The value, changed."""
        if isinstance(value, (float, np.floating)) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
            return value + self.way * direction(value, self.rng)
        if isinstance(value, (list, tuple)) and type(value) in (list, tuple):
            return type(value)(map(self.of, value))
        if type(value) is dict:
            return {key: self.of(item) for key, item in value.items()}
        if isinstance(value, functools.partial):
            return functools.partial(self.of(value.func), *self.of(value.args), **self.of(value.keywords))
        if isinstance(value, types.FunctionType) and value.__closure__:
            return self.function(value)
        return value

    def function(self, value: types.FunctionType) -> types.FunctionType:
        """A function that has captured other values."""
        if id(value) not in self.known:
            cells = [types.CellType() for _ in value.__closure__ or ()]
            found = types.FunctionType(
                value.__code__, value.__globals__, value.__name__, value.__defaults__, tuple(cells)
            )
            found.__kwdefaults__ = value.__kwdefaults__
            self.known[id(value)] = found
            for new, old in zip(cells, value.__closure__ or (), strict=True):
                new.cell_contents = self.of(old.cell_contents)
        return self.known[id(value)]  # type: ignore[no-any-return]
