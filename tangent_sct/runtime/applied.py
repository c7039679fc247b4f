"""Functions that call others: what of them does not depend on what those compute."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import numpy as np

from tangent_sct.runtime.errors import DerivativeError


def entry_by_entry(
    function: Callable[..., Any], *arrays: Any, otypes: Any = None, excluded: Collection[int] = ()
) -> Any:
    """The results of a function of numbers for all entries of arrays: what `np.vectorize(function)` does.

    Args:
        function: the function.
        arrays: its arguments.
        otypes: the type of the results, as a list of one or as its letter; by default that of the first.
        excluded: positions of arguments that are handed on whole.

    >>> entry_by_entry(pow, [2.0, 3.0], 2.0).tolist()
    [4.0, 9.0]
    >>> entry_by_entry(lambda t, row: t * sum(row), [2, 3], [1, 4], otypes="d", excluded=(1,)).tolist()
    [10.0, 15.0]
    """
    return np.vectorize(function, otypes=otypes, excluded=set(excluded))(*arrays)


def summed_from(items: Iterable[Any], start: Any) -> Any:
    """What `sum(items, start)` is, by the operator alone.

    >>> summed_from([(1,), (2,)], ())
    (1, 2)
    """
    total = start
    for item in items:
        total = total + item
    return total


def gathered(results: Sequence[Any]) -> Any:
    """Results of calls, as one array.

    NumPy gives all of them the type of the first one.

    Args:
        results: numbers, or arrays of one shape.

    Raises:
        DerivativeError: when the first one is an integer and others are not: NumPy would cut off their fractions.

    >>> gathered([1.0, 2]).tolist()
    [1.0, 2.0]
    """
    found = np.array(results)
    if found.dtype.kind not in "biuO" and np.asarray(results[0]).dtype.kind in "biu":
        raise DerivativeError(
            "the first result is an integer, so NumPy rounds all others, which has no derivative: return a float"
        )
    return found


def pieces(x: Any, condlist: Any, count: int) -> Any:
    """Where each of the functions of `np.piecewise` is used, one array of truth values for each.

    Args:
        x: the places.
        condlist: the conditions, or a single one.
        count: how many functions there are; one more than conditions where the last one is for all other places.

    >>> pieces(np.array([1.0, 2.0]), [np.array([True, False])], 2).tolist()
    [[True, False], [False, True]]
    """
    x = np.asarray(x)
    if np.isscalar(condlist) or (not isinstance(condlist[0], (list, np.ndarray)) and x.ndim != 0):
        condlist = [condlist]
    found = np.asarray(condlist, dtype=bool)
    if len(found) == count - 1:
        found = np.concatenate([found, ~np.any(found, axis=0, keepdims=True)])
    if len(found) != count:
        raise ValueError(f"{len(found)} conditions take {len(found)} or {len(found) + 1} functions, not {count}")
    return found
