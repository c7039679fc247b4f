"""Where the entries of an array go that is put together, padded, or has lost some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tangent_sct.runtime.arrays import Index, along, zeros_like
from tangent_sct.runtime.errors import DerivativeError

PADDED_BY_PLACES = ("edge", "reflect", "symmetric", "wrap")


def chosen_first(conditions: Sequence[Any], number: int) -> Any:
    """Where a condition holds, and none before it does; after the last, where none holds.

    >>> chosen_first([np.array([True, False]), np.array([True, True])], 1).tolist()
    [False, True]
    """
    earlier = np.logical_or.reduce(np.broadcast_arrays(False, *conditions[:number]), axis=0)
    return ~earlier if number == len(conditions) else conditions[number] & ~earlier


def kept_places(size: int, removed: Any) -> Any:
    """What `np.delete` leaves of the places along an axis.

    >>> kept_places(4, [0, -1]).tolist()
    [1, 2]
    """
    return np.delete(np.arange(size), removed)


def inserted_places(size: int, where: Any, count: int) -> Any:
    """Where the entries of `np.insert` stand in the array and, behind it, the `count` values that are put in.

    >>> inserted_places(3, 1, 2).tolist()
    [0, 3, 4, 1, 2]
    """
    slots = np.insert(np.arange(size), where, np.full(count, -1) if count > 1 else -1)
    put_in = slots < 0
    several = np.ndim(where) > 0 or isinstance(where, slice)
    slots[put_in] = _by_order(size, where, count) if several else size + np.arange(np.sum(put_in)) % count
    return slots


def _by_order(size: int, where: Any, count: int) -> Any:
    """The numbers of the values, in the order in which `np.insert` puts several at several places."""
    if isinstance(where, slice):
        where = np.arange(size)[where]
    where = np.asarray(where)
    if where.dtype == bool:
        where = np.flatnonzero(where)
    order = np.argsort(np.where(where < 0, where + size, where), kind="stable")
    return size + order % count


def cycled_places(size: int, shape: Any) -> Any:
    """Where the entries of `np.resize` stand in the flat array.

    >>> cycled_places(2, (3,)).tolist()
    [0, 1, 0]
    """
    return np.arange(np.prod(shape, dtype=int)) % size


def untaken(g: Any, like: Any, indices: Any, axis: int | None = None) -> Any:
    """Entries back at the places that they were taken from: the transpose of `np.take`.

    Args:
        g: the entries, in the shape of what was taken.
        like: what they were taken from, which may be a number or a list; only its shape and dtype count.
        indices: as given to `np.take`.
        axis: as given to `np.take`.

    >>> untaken(np.array([1.0, 2.0, 3.0]), np.zeros((2, 2)), [0, -1, 0]).tolist()
    [[4.0, 0.0], [0.0, 2.0]]
    """
    result = zeros_like(np.asarray(like))
    if axis is None or not result.ndim:
        # Flat, whatever the layout: of another order it would be a copy that is written into.
        flat = np.zeros(result.size, result.dtype)
        np.add.at(flat, indices, g)
        result = flat.reshape(result.shape)
    else:
        np.add.at(result, along(indices, axis), g)
    return result if isinstance(like, np.ndarray) else result[()]


def padded_places(a: Any, pad_width: Any, mode: str) -> Any:
    """Where the entries of `np.pad` stand in the flat array, for the modes that only repeat entries.

    Raises:
        DerivativeError: for other modes.

    >>> padded_places(np.zeros(3), 1, "wrap").tolist()
    [2, 0, 1, 2, 0]
    """
    if mode not in PADDED_BY_PLACES:
        raise DerivativeError(f"the derivative of np.pad is not known with mode={mode!r}")
    return np.pad(np.arange(np.size(a)).reshape(np.shape(a)), pad_width, mode=mode)  # type: ignore[call-overload]


def column_places(parts: Sequence[Any], number: int) -> Index:
    """Where a part stands in `np.column_stack(parts)`.

    >>> column_places([np.zeros(2), np.zeros((2, 3))], 1)
    (slice(None, None, None), slice(1, 4, None))
    """
    return slice(None), _slice([1 if np.ndim(p) < 2 else np.shape(p)[1] for p in parts], number)


def depth_places(parts: Sequence[Any], number: int) -> Index:
    """Where a part stands in `np.dstack(parts)`.

    >>> depth_places([np.zeros(2), np.zeros((1, 2, 3))], 1)[2]
    slice(1, 4, None)
    """
    depths = [1 if np.ndim(p) < 3 else np.shape(p)[2] for p in parts]
    return slice(None), slice(None), _slice(depths, number)


def _slice(widths: Sequence[int], number: int) -> slice:
    start = sum(widths[:number])
    return slice(start, start + widths[number])


def common_shape(*arrays: Any) -> tuple[int, ...]:
    """The shape that arrays broadcast to.

    >>> common_shape(np.zeros((2, 1)), np.zeros(3))
    (2, 3)
    """
    return np.broadcast_shapes(*map(np.shape, arrays))
