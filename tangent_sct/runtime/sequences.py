"""Repeating, padding and filtering sequences, seen backwards."""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_sct.runtime.arrays import Index, zeros_like


def untile(g: Any, like: Any, reps: Any) -> Any:
    """Sum the copies that `np.tile(like, reps)` made.

    Args:
        g: the adjoint of the tiled array.
        like: what was tiled; only its shape counts.
        reps: as given to `np.tile`.

    >>> untile(np.arange(4.0), np.zeros(2), 2).tolist()
    [2.0, 4.0]
    """
    counts = tuple(np.atleast_1d(reps))
    rank = max(len(counts), np.ndim(like))
    counts = (1,) * (rank - len(counts)) + counts
    shape = (1,) * (rank - np.ndim(like)) + np.shape(like)
    pairs = [n for pair in zip(counts, shape, strict=True) for n in pair]
    total = np.sum(np.reshape(g, pairs), axis=tuple(range(0, 2 * rank, 2)))
    return np.reshape(total, np.shape(like))


def unsorted(g: Any, order: Any, axis: int | None) -> Any:
    """Entries back at the places that an order took them from: the transpose of `np.take_along_axis`.

    Args:
        g: the entries in order.
        order: the places they are from, each once, as `np.argsort` gives them.
        axis: the axis that was sorted; None where all entries were, in one row.

    >>> unsorted(np.array([1.0, 2.0, 3.0]), np.array([2, 0, 1]), 0).tolist()
    [2.0, 3.0, 1.0]
    """
    back = np.empty_like(g)
    np.put_along_axis(back, order, g, axis)
    return back


def unrepeat(g: Any, like: Any, repeats: Any, axis: int | None = None) -> Any:
    """Sum the copies that `np.repeat(like, repeats, axis)` made.

    Args:
        g: the adjoint of the array with repeated entries.
        like: what was repeated; only its shape and dtype count.
        repeats: as given to `np.repeat`.
        axis: as given to `np.repeat`.

    >>> unrepeat(np.arange(4.0), np.zeros(2), 2).tolist()
    [1.0, 5.0]
    """
    if axis is None:
        return np.reshape(unrepeat(g, np.ravel(like), repeats, 0), np.shape(like))
    places = np.repeat(np.arange(np.shape(like)[axis]), repeats)
    result = zeros_like(np.asarray(like))
    np.add.at(np.moveaxis(result, axis, 0), places, np.moveaxis(g, axis, 0))
    return result


def unwindowed(g: Any, like: Any, window_shape: Any, axis: Any = None) -> Any:
    """Sum the windows that `sliding_window_view(like, window_shape, axis)` showed, each entry back at its place.

    Args:
        g: the adjoint of the windows.
        like: what was looked at; only its shape counts.
        window_shape: as given to `sliding_window_view`.
        axis: as given to `sliding_window_view`.

    >>> unwindowed(np.ones((3, 2)), np.zeros(4), 2).tolist()
    [1.0, 2.0, 2.0, 1.0]
    """
    sizes = tuple(map(int, np.atleast_1d(window_shape)))
    axes = tuple(range(np.ndim(like))) if axis is None else tuple(int(a) % np.ndim(like) for a in np.atleast_1d(axis))
    result = np.zeros(np.shape(like), np.asarray(g).dtype)
    for offset in np.ndindex(*sizes):
        place = [slice(None)] * np.ndim(like)
        for a, start in zip(axes, offset, strict=True):
            # Along an axis that is named twice, windows are taken of windows.
            first = place[a].start or 0
            place[a] = slice(first + start, None)
        ends = tuple(
            slice(part.start or 0, (part.start or 0) + count)
            for part, count in zip(place, np.shape(g), strict=False)
        )
        result[ends] += g[(..., *offset)]
    return result


def unpadded(like: Any, pad_width: Any) -> Index:
    """Where `like` stands in `np.pad(like, pad_width)`.

    >>> unpadded(np.zeros(3), (1, 2))
    (slice(1, 4, None),)
    """
    before = np.broadcast_to(pad_width, (np.ndim(like), 2))[:, 0]
    return tuple(
        slice(int(start), int(start) + n) for start, n in zip(before, np.shape(like), strict=True)
    )


def convolved(a: Any, v: Any, mode: str) -> slice:
    """Where `np.convolve(a, v, mode)` stands in the full convolution.

    >>> convolved(np.zeros(5), np.zeros(3), "same")
    slice(1, 6, None)
    """
    long, short = max(len(a), len(v)), min(len(a), len(v))
    if mode == "full":
        return slice(0, long + short - 1)
    if mode == "same":
        start = (short - 1) // 2
        return slice(start, start + long)
    return slice(short - 1, long)


def to_full(g: Any, a: Any, v: Any, mode: str) -> Any:
    """The adjoint of the full convolution, from that of `np.convolve(a, v, mode)`: zeros around it.

    Args:
        g: the adjoint of the convolution.
        a: the first sequence; only its length counts.
        v: the second sequence; only its length counts.
        mode: as given to `np.convolve`.

    >>> to_full(np.ones(1), np.zeros(2), np.zeros(2), "valid").tolist()
    [0.0, 1.0, 0.0]
    """
    result = np.zeros(len(a) + len(v) - 1, np.asarray(g).dtype)
    result[convolved(a, v, mode)] = g
    return result


def cuts(size: int, sections: Any) -> tuple[tuple[int, int], ...]:
    """Where `np.array_split` begins and ends the parts of an axis.

    Args:
        size: of the axis.
        sections: how many parts, or the places before which it is cut.

    >>> cuts(7, 3), cuts(7, [2, 5])
    (((0, 3), (3, 5), (5, 7)), ((0, 2), (2, 5), (5, 7)))
    """
    if np.ndim(sections) == 0:
        base, extra = divmod(size, int(sections))
        bounds = [part * base + min(part, extra) for part in range(int(sections) + 1)]
    else:
        bounds = [0, *map(int, sections), size]
    return tuple(zip(bounds, bounds[1:], strict=False))


def even_cuts(size: int, sections: Any) -> tuple[tuple[int, int], ...]:
    """Where `np.split` begins and ends the parts of an axis, which have one size where their number is given.

    Raises:
        ValueError: where the axis cannot be divided so.

    >>> even_cuts(6, 3)
    ((0, 2), (2, 4), (4, 6))
    """
    if np.ndim(sections) == 0 and size % int(sections):
        raise ValueError("array split does not result in an equal division")
    return cuts(size, sections)


def turns(p: Any, discont: float | None = None, axis: int = -1, period: float = 2 * np.pi) -> Any:
    """How many periods `np.unwrap` adds to each entry.

    >>> turns(np.array([3.0, -3.0])).tolist()
    [0.0, 1.0]
    """
    p = np.asarray(p)
    return np.round((np.unwrap(p, discont, axis, period=period) - p) / period)


def running_places(a: Any, axis: int = 0) -> Any:
    """Where along an axis the largest entry so far stands, the first of several.

    >>> running_places(np.array([1.0, 3.0, 2.0, 3.0])).tolist()
    [0, 1, 1, 1]
    """
    rows = np.moveaxis(np.asarray(a), axis, -1)
    places = np.broadcast_to(np.arange(rows.shape[-1]), rows.shape)
    largest = np.maximum.accumulate(rows, axis=-1)
    higher = np.ones(rows.shape, bool)
    # A nan stays the largest.
    higher[..., 1:] = (rows[..., 1:] > largest[..., :-1]) | (np.isnan(rows[..., 1:]) & ~np.isnan(largest[..., :-1]))
    return np.moveaxis(np.maximum.accumulate(np.where(higher, places, 0), axis=-1), -1, axis)


def spread_segments(g: Any, like: Any, indices: Any, axis: int = 0) -> Any:
    """The adjoint of `np.add.reduceat`: each entry gets what the sums got that it is part of.

    Args:
        g: the adjoint of the sums.
        like: what was summed; only its shape counts.
        indices: as given to `reduceat`.
        axis: the axis.

    >>> spread_segments(np.array([1.0, 2.0]), np.zeros(4), [0, 3]).tolist()
    [1.0, 1.0, 1.0, 2.0]
    """
    rows, size = np.moveaxis(np.asarray(g), axis, 0), np.shape(like)[axis]
    starts = np.asarray(indices)
    # A stretch that does not reach forward is one entry.
    stops = np.append(starts[1:], size)
    stops = np.where(stops > starts, stops, starts + 1)
    lengths = stops - starts
    sums = np.repeat(np.arange(len(starts)), lengths)
    places = np.arange(len(sums)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + starts[sums]
    result = np.zeros((size, *rows.shape[1:]), rows.dtype)
    np.add.at(result, places, rows[sums])
    return np.moveaxis(result, 0, axis)


def largest(a: Any, axis: Any = None) -> Any:
    """The largest entries along axes, which keep their size; zero where they are infinite.

    >>> largest(np.array([1.0, 3.0])).tolist()
    [3.0]
    """
    found = np.max(a, axis=axis, keepdims=True)
    return np.where(np.isfinite(found), found, 0.0)
