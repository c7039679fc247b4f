"""Running products: linear recurrences along an axis, without a loop over the elements."""

from __future__ import annotations

from typing import Any

import numpy as np


def recurrence(a: Any, g: Any, axis: int = -1) -> Any:
    """The solution of `s[i] = a[i] * s[i - 1] + g[i]` along an axis, with `s[0] = g[0]`.

    Where the running product of `a` stays away from zero, it gives the solution by a running sum. Else steps are
    put together two by two, four by four and so on, which needs no division.

    Args:
        a: the factors; the first one does not count.
        g: what is added.
        axis: the axis.

    >>> recurrence(np.array([9.0, 2.0, 0.0]), np.ones(3)).tolist()
    [1.0, 3.0, 1.0]
    """
    factors, terms = np.moveaxis(np.asarray(a), axis, -1), np.moveaxis(np.asarray(g), axis, -1)
    factors, terms = np.broadcast_arrays(factors, terms)
    if terms.shape[-1] == 0:
        return np.array(g)
    with np.errstate(all="ignore"):
        running = np.cumprod(np.concatenate([np.ones_like(factors[..., :1]), factors[..., 1:]], axis=-1), axis=-1)
        smallest = np.finfo(running.dtype).tiny / np.finfo(running.dtype).eps
        if np.all(np.abs(running) > smallest) and np.all(np.abs(running) < 1 / smallest):
            return np.moveaxis(running * np.cumsum(terms / running, axis=-1), -1, axis)
    factors, terms = factors.copy(), np.array(terms, np.result_type(factors, terms))
    step = 1
    while step < terms.shape[-1]:
        # Each pair stands for the steps since `step` entries ago.
        terms[..., step:] += factors[..., step:] * terms[..., :-step]
        factors[..., step:] = factors[..., step:] * factors[..., :-step]
        step *= 2
    return np.moveaxis(terms, -1, axis)


def recurrence_back(a: Any, g: Any, axis: int = -1) -> Any:
    """The solution of `s[i] = a[i + 1] * s[i + 1] + g[i]` along an axis: the transpose of `recurrence` in `g`.

    >>> recurrence_back(np.array([9.0, 2.0, 0.0]), np.ones(3)).tolist()
    [3.0, 1.0, 1.0]
    """
    return np.flip(recurrence(np.flip(np.roll(a, -1, axis), axis), np.flip(g, axis), axis), axis)


def before(y: Any, axis: int = -1, first: float = 1.0) -> Any:
    """Each entry's predecessor along an axis.

    >>> before(np.array([2.0, 3.0])).tolist()
    [1.0, 2.0]
    """
    rows = np.moveaxis(np.asarray(y), axis, -1)
    if rows.shape[-1] == 0:
        return np.array(y)
    return np.moveaxis(np.concatenate([np.full_like(rows[..., :1], first), rows[..., :-1]], axis=-1), -1, axis)


def after(g: Any, axis: int = -1) -> Any:
    """Each entry's successor along an axis, and zero: the transpose of `before`.

    >>> after(np.array([2.0, 3.0])).tolist()
    [3.0, 0.0]
    """
    return np.flip(before(np.flip(g, axis), axis, 0.0), axis)
