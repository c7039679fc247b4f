"""Values that stand for all values of a kind: the samples that a function is probed with.

There are two samples of everything, the same in what the kind says and different in all else. Each is in one of two
domains: the second is tried where a function refuses the first (`np.repeat` takes no number below zero).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tangent_sct.analysis.shapes import DimValue
from tangent_sct.core.kind import NO_VALUE, Kind

WEAK = {"float": "float64", "complex": "complex128", "int": "int64", "bool": "bool"}
"""Python's own numbers, and those of NumPy that they become."""
_DOUBLE = frozenset(("float64", "complex128", "int64", "bool"))


class NoSample(Exception):
    """There is no value that could stand for all values of a kind."""


class Sampler:
    """Values of given kinds; `which` of two, in one of two domains of numbers.

    Args:
        which: the first or the second sample.
        sizes: those behind the symbols.
        domain: numbers of any size, or less than one.
        any_integer: as in `probe`.
        first_index: whether integers that may be sizes are positions instead.
        any_dtype: the dtype of numbers whose dtype is not known.
        one: the size of dimensions of size one.
    """

    def __init__(
        self,
        which: int,
        sizes: Mapping[str, int],
        domain: int,
        any_integer: bool,
        first_index: bool,
        any_dtype: str,
        one: int,
    ) -> None:
        self.one = one
        self.any_dtype = any_dtype
        self.which = which
        self.domain = domain
        self.sizes = sizes
        self.number = ((1.5, 2.75), (0.5, 0.25))[domain][which]
        self.any_integer = any_integer
        self.first_index = first_index
        self._arrays = 0

    def sample(self, kind: Kind) -> Any:
        """A value of a kind."""
        if kind.family == "scalar":
            return self.scalar(kind)
        if kind.family == "array":
            # What holds for one axis and for four holds for every rank.
            sizes: tuple[int, ...] = ((4,), (6, 2, 2, 2))[self.which]
            if kind.shape is not None:
                sizes = tuple(
                    [self.one if isinstance(d, int) else self.sizes[d] for d in kind.shape]
                )
            # Where floats have factorisations, the integers made of them have.
            if sizes == () and (kind.dtype or "").startswith(("int", "uint")) and not self.any_integer:
                # It may be a size, as an integer that is no array.
                raise NoSample
            if kind.dtype is None:
                return self.array(sizes, "float32").astype(self.any_dtype)
            return self.array(sizes, kind.dtype)
        if kind.items is not None:
            values = [(key, self.sample(item)) for key, item in kind.items]
            if kind.family == "dict":
                return dict(values)
            return (tuple if kind.family == "tuple" else list)([value for _, value in values])
        if kind.element is not None and kind.family in ("tuple", "list"):
            # As many as no symbol stands for in both samples.
            several = [self.sample(kind.element) for _ in range((4, 6)[self.which])]
            return tuple(several) if kind.family == "tuple" else several
        value = kind.value
        if kind.family != "other" or value is NO_VALUE:
            raise NoSample
        if callable(value) and not isinstance(value, type):
            raise NoSample
        return value

    def scalar(self, kind: Kind) -> Any:
        """A number of a kind."""
        if isinstance(kind.value, DimValue):
            size = 0 if self.first_index else self.sizes[kind.value.symbol]
            own = kind.dtype == "int" or (kind.dtype in _DOUBLE and self.which == 1)
            return size if own else np.dtype(kind.dtype).type(size)
        if kind.value is not NO_VALUE:
            return kind.value
        dtype = kind.dtype or self.any_dtype
        if dtype == "bool":
            # Python's own and NumPy's.
            return (True, np.False_)[self.which]
        if kind.dtype is not None and dtype.startswith(("int", "uint")) and not self.any_integer:
            raise NoSample
        own = dtype in WEAK or (kind.dtype in _DOUBLE and self.which == 1)
        value: Any = self.number
        if dtype.startswith(("int", "uint")):
            value = (2, 3)[self.which]
        elif dtype.startswith("complex"):
            value = complex(self.number, 0.25)
        return value if own else np.dtype(dtype).type(value)

    def array(self, sizes: tuple[int, ...], dtype: str) -> Any:
        """An array of a dtype; what is in it differs in both samples, also where it is one number.

        The second time every other array has other numbers than the one before it: a function may look for what two
        arrays have in common.
        """
        count = int(np.prod(sizes))
        self._arrays += 1
        if dtype == "bool":
            return ((np.arange(count) + self.which) % (2 + self.which) == 0).reshape(sizes)
        is_square = len(sizes) > 1 and sizes[-1] == sizes[-2]
        if dtype.startswith(("int", "uint")):
            if is_square and self.domain:
                return self.definite(sizes, dtype)
            return self.integers(count, dtype).reshape(sizes)
        if is_square and (sizes[-1] != 1 or self.domain):
            # A single element is definite only where a zero was refused, since it may be one of many zeros
            # as well.
            return self.definite(sizes, dtype)
        # A ramp; the second time with equal entries and zeros, against functions of the data.
        ramp = (np.arange(count) + 0.5) / max(count, 1) + 0.5
        height = 0.75 if self._arrays % 2 else 0.5
        return (np.arange(count) // 2 % 2 * height if self.which else ramp).astype(dtype).reshape(sizes)

    def definite(self, sizes: tuple[int, ...], dtype: str) -> Any:
        """Symmetric, positive definite matrices, so that every factorisation exists."""
        n = sizes[-1]
        matrix = np.full((n, n), 0.25) + np.diag(np.arange(n) + 1.0 + self.which)
        return np.broadcast_to(matrix, sizes).astype(dtype)

    def integers(self, count: int, dtype: str) -> Any:
        """Positions in any axis; or numbers of something where negative ones were refused."""
        numbers = np.arange(count)
        if self.which == 0:
            return (numbers % 3).astype(dtype)
        steps = numbers // 2 % 2 if self._arrays % 2 else np.zeros_like(numbers)
        if self.domain == 0 and dtype.startswith("int"):
            return (steps - 1).astype(dtype)
        return (steps * 3 + 2).astype(dtype)
