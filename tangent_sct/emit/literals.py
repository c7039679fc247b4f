"""Values as source: constants that a saved module writes down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

LARGEST = 1000
"""Elements of an array that is still written as text; a larger one belongs in a data file."""


def literal(value: Any, numpy: str = "np") -> str | None:
    """The expression that makes an equal value, or None where there is none.

    Args:
        value: a number, string, slice, range, dtype, array, or a tuple, list, set or dict of such.
        numpy: the name by which the expression is to call NumPy.

    >>> literal((1, -0.0, float("inf")))
    "(1, -0.0, float('inf'))"
    >>> literal(np.arange(3.0))
    'np.array([0.0, 1.0, 2.0], dtype=np.float64)'
    >>> literal(object()) is None
    True
    """
    kind = type(value)
    if kind in (bool, int, str, bytes, type(None), type(...)):
        return "..." if value is ... else repr(value)
    if kind is float:
        return repr(value) if np.isfinite(value) else f"float({str(value)!r})"
    if kind is complex:
        return f"complex({literal(value.real)}, {literal(value.imag)})"
    if kind in (tuple, list, set, frozenset, dict):
        return _container(value, numpy)
    if kind in (slice, range):
        parts = [literal(part, numpy) for part in (value.start, value.stop, value.step)]
        return None if None in parts else f"{kind.__name__}({', '.join(map(str, parts))})"
    if isinstance(value, np.dtype):
        return f"{numpy}.dtype({value.str!r})" if value.kind in "biufc" else None
    if isinstance(value, np.generic) and value.dtype.kind in "biufc":
        return _call(numpy, value.dtype, literal(value.item()))
    if kind is np.ndarray and value.dtype.kind in "biufc" and value.size <= LARGEST:
        return _array(value, numpy)
    return None


def _call(numpy: str, dtype: np.dtype[Any], argument: str | None) -> str | None:
    return None if argument is None else f"{numpy}.{dtype.type.__name__}({argument})"


def _array(value: np.ndarray[Any, Any], numpy: str) -> str | None:
    dtype = f"{numpy}.{value.dtype.type.__name__}"
    if not value.size:
        return f"{numpy}.zeros({value.shape}, dtype={dtype})"
    items = literal(value.tolist())
    order = "" if value.flags.c_contiguous or not value.flags.f_contiguous else ", order='F'"
    return None if items is None else f"{numpy}.array({items}, dtype={dtype}{order})"


def _container(value: Any, numpy: str) -> str | None:
    if isinstance(value, dict):
        pairs = [(literal(k, numpy), literal(v, numpy)) for k, v in value.items()]
        if any(None in pair for pair in pairs):
            return None
        return "{" + ", ".join(f"{key}: {item}" for key, item in pairs) + "}"
    # Sets print in the order of their texts, so that the module is the same on every run.
    items = [literal(item, numpy) for item in value]
    if None in items:
        return None
    if isinstance(value, (set, frozenset)):
        inside = _joined(sorted(map(str, items)))
        return f"{type(value).__name__}([{inside}])"
    inside = _joined(map(str, items))
    if isinstance(value, list):
        return f"[{inside}]"
    return f"({inside},)" if len(value) == 1 else f"({inside})"


def _joined(items: Iterable[str]) -> str:
    return ", ".join(items)
