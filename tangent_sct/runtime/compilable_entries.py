"""Elementwise helpers, running products and orders, as Numba compiles them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.cpython.unsafe.tuple import tuple_setitem

from tangent_sct.runtime import elementwise, products, recurrences, sequences
from tangent_sct.runtime.compilable import Implementation, compiles, is_absent, is_array, rank
from tangent_sct.runtime.elementwise import SERIES_RADIUS, SERIES_TERMS


@compiles(elementwise.ties)
def ties(result: Any, candidates: Any) -> Implementation:
    """How many candidates equal what was chosen, but at least one."""
    if not isinstance(candidates, types.BaseTuple):
        return None
    return lambda result, candidates: np.maximum(_tied(result, candidates), 1)


def _tied(result: Any, candidates: Any) -> Any:
    """The number of candidates that equal what was chosen."""
    raise NotImplementedError


@compiles(_tied)
def tied(result: Any, candidates: Any) -> Implementation:
    """The first candidate, and those behind it."""
    first, last = candidates[0], len(candidates) == 1
    if is_absent(first):
        return (lambda result, candidates: (result != result) * 0) if last else (
            lambda result, candidates: _tied(result, candidates[1:])
        )
    if last:
        return lambda result, candidates: (candidates[0] == result) * 1
    return lambda result, candidates: (candidates[0] == result) * 1 + _tied(result, candidates[1:])


@compiles(elementwise.sinc_derivative)
def sinc_derivative(x: Any, order: Any = 1) -> Implementation:
    """A derivative of `np.sinc`, entry by entry."""
    if not is_array(x):
        return lambda x, order=1: _sinc_slope(float(x), order)

    def each(x: Any, order: Any = 1) -> Any:
        found = np.empty_like(x)
        for index, entry in np.ndenumerate(x):
            found[index] = _sinc_slope(entry, order)
        return found

    return each


def _sinc_slope(x: Any, order: Any) -> Any:
    """A derivative of `np.sinc` at one point: a recurrence, near zero a series."""
    u = np.pi * x
    if abs(u) >= SERIES_RADIUS + order:
        value = np.sin(u) / u
        for n in range(1, order + 1):
            value = (np.sin(u + n * np.pi / 2) - n * value) / u
        return np.pi**order * value
    first = (order + 1) // 2
    term = (1.0 - 2.0 * (first % 2)) / (2 * first + 1) * u ** (2 * first - order)
    total = term
    for k in range(first + 1, first + SERIES_TERMS):
        p = 2 * k - order
        term = -term * u * u * (2 * k - 1) / ((2 * k + 1) * p * (p - 1))
        total += term
    return np.pi**order * total


@compiles(_sinc_slope)
def sinc_slope(x: Any, order: Any) -> Implementation:
    """As it stands."""
    return _sinc_slope


@compiles(products.others)
def others(a: Any) -> Implementation:
    """For each entry of a row, the product of all the others."""
    if rank(a) not in (1, 2):
        return None

    def left_out(a: Any) -> Any:
        rows = a.copy().reshape(-1, a.shape[-1])
        found = np.ones_like(rows)
        for number in range(rows.shape[0]):
            product = rows[number, 0] * 0 + 1
            for i in range(rows.shape[1]):
                found[number, i] = product
                product *= rows[number, i]
            product = rows[number, 0] * 0 + 1
            for i in range(rows.shape[1] - 1, -1, -1):
                found[number, i] *= product
                product *= rows[number, i]
        return found.reshape(a.shape)

    return left_out


@compiles(recurrences.recurrence)
def recurrence(a: Any, g: Any, axis: Any = -1) -> Implementation:
    """`s[i] = a[i] * s[i - 1] + g[i]` along a row."""
    if rank(a) != 1 or rank(g) != 1:
        return None

    def solved(a: Any, g: Any, axis: Any = -1) -> Any:
        found = g * np.ones_like(a)
        for i in range(1, found.size):
            found[i] += a[i] * found[i - 1]
        return found

    return solved


@compiles(recurrences.recurrence_back)
def recurrence_back(a: Any, g: Any, axis: Any = -1) -> Implementation:
    """`s[i] = a[i + 1] * s[i + 1] + g[i]` along a row."""
    if rank(a) != 1 or rank(g) != 1:
        return None

    def solved(a: Any, g: Any, axis: Any = -1) -> Any:
        found = g * np.ones_like(a)
        for i in range(found.size - 2, -1, -1):
            found[i] += a[i + 1] * found[i + 1]
        return found

    return solved


@compiles(recurrences.before)
def before(y: Any, axis: Any = -1, first: Any = 1.0) -> Implementation:
    """Each entry's predecessor."""
    if rank(y) != 1:
        return None

    def shifted(y: Any, axis: Any = -1, first: Any = 1.0) -> Any:
        found = np.empty_like(y)
        if y.size:
            found[0] = first
            found[1:] = y[:-1]
        return found

    return shifted


@compiles(recurrences.after)
def after(g: Any, axis: Any = -1) -> Implementation:
    """Each entry's successor, and zero."""
    if rank(g) != 1:
        return None

    def shifted(g: Any, axis: Any = -1) -> Any:
        found = np.zeros_like(g)
        found[:-1] = g[1:]
        return found

    return shifted


@compiles(sequences.unsorted)
def unsorted(g: Any, order: Any, axis: Any) -> Implementation:
    """Entries back at the places that an order took them from."""
    if rank(g) != 1 or not is_array(order):
        return None

    def back(g: Any, order: Any, axis: Any) -> Any:
        found = np.empty_like(g)
        for i in range(order.size):
            found[order[i]] = g[i]
        return found

    return back


@compiles(sequences.unrepeat)
def unrepeat(g: Any, like: Any, repeats: Any, axis: Any = None) -> Implementation:
    """Copies of entries, summed."""
    if rank(like) > 1:
        return None

    def summed(g: Any, like: Any, repeats: Any, axis: Any = None) -> Any:
        entries = np.asarray(like)
        found = np.zeros(entries.shape, g.dtype)
        counts = np.broadcast_to(np.asarray(repeats), (entries.size,))
        place = 0
        for i in range(entries.size):
            for _ in range(counts[i]):
                found.flat[i] += g[place]
                place += 1
        return found

    return summed if is_array(like) else None


@compiles(sequences.unwindowed)
def unwindowed(g: Any, like: Any, window_shape: Any, axis: Any = None) -> Implementation:
    """Windows, each entry added where it was looked at."""
    if not is_array(g) or not is_array(like):
        return None
    rank_of, count = like.ndim, g.ndim - like.ndim
    if is_absent(axis):
        return lambda g, like, window_shape, axis=None: _unwindowed(g, like, np.arange(rank_of))
    if isinstance(axis, types.Integer) and count == 1:
        return lambda g, like, window_shape, axis=None: _unwindowed(g, like, np.full(1, axis))
    if isinstance(axis, types.UniTuple) and axis.count == count:
        return lambda g, like, window_shape, axis=None: _unwindowed(g, like, np.array(axis))
    return None


def _unwindowed(g: Any, like: Any, axes: Any) -> Any:
    """The same, for windows along as many axes as are given."""
    raise NotImplementedError


@compiles(_unwindowed)
def unwindowed_along(g: Any, like: Any, axes: Any) -> Implementation:
    """One entry after the other."""
    rank_of = like.ndim

    def summed(g: Any, like: Any, axes: Any) -> Any:
        total = np.zeros(like.shape, g.dtype)
        for index in np.ndindex(g.shape):
            place = index[:rank_of]
            for k in range(axes.size):
                along = axes[k] % rank_of
                place = tuple_setitem(place, along, place[along] + index[rank_of + k])
            total[place] += g[index]
        return total

    return summed
