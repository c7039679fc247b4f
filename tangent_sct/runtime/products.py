"""Products with one factor left out: partials of a product, right where factors are zero."""

from __future__ import annotations

from typing import Any

import numpy as np


def others(a: Any) -> Any:
    """For each entry along the last axis, the product of all the others.

    Args:
        a: an array with at least one axis.

    >>> others(np.array([2.0, 0.0, 5.0])).tolist()
    [0.0, 10.0, 0.0]
    """
    whole = np.prod(a, axis=-1, keepdims=True)
    size, bounds = np.abs(whole), np.finfo(whole.dtype)
    if np.all((size >= bounds.tiny) & (size <= bounds.max)):
        # No factor is zero, and none has been lost.
        return whole / a
    before = np.ones_like(a)
    before[..., 1:] = np.cumprod(a[..., :-1], axis=-1)
    after = np.ones_like(a)
    after[..., :-1] = np.cumprod(a[..., :0:-1], axis=-1)[..., ::-1]
    return before * after


def leave_one_out(a: Any, fill: float) -> Any:
    """Copies of `a`, one per entry along its last axis, each with that entry replaced.

    Args:
        a: an array with at least one axis.
        fill: what stands in place of the entry left out.

    Returns:
        An array with one axis more: in row i of the last two axes, entry i is `fill`.

    >>> leave_one_out(np.array([2.0, 3.0]), 1.0).tolist()
    [[1.0, 3.0], [2.0, 1.0]]
    """
    return np.where(np.eye(np.shape(a)[-1], dtype=bool), fill, np.expand_dims(a, -2))
