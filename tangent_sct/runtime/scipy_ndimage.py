"""Filters of `scipy.ndimage`, seen backwards.

A filter extends its input beyond the ends by a rule, the mode, and then forms sums of neighbours. Seen backwards,
sums go to neighbours beyond the ends too, and each of those is added to the entry that it was a copy of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tangent_sct.runtime.arrays import along, padded
from tangent_sct.runtime.errors import DerivativeError


def source_places(length: int, reach: int, mode: str) -> Any:
    """Of which entry each one of an extended axis is a copy; -1 for those that are constant.

    Args:
        length: the length of the axis.
        reach: how many are added at either end.
        mode: as `scipy.ndimage` names it.

    Raises:
        DerivativeError: for a mode that is not known.

    >>> source_places(3, 2, "reflect").tolist(), source_places(3, 2, "mirror").tolist()
    ([1, 0, 0, 1, 2, 2, 1], [2, 1, 0, 1, 2, 1, 0])
    """
    place = np.arange(-reach, length + reach)
    if mode in ("reflect", "grid-mirror"):
        place = place % (2 * length)
        return np.where(place < length, place, 2 * length - 1 - place)
    if mode == "mirror":
        period = max(2 * length - 2, 1)
        place = place % period
        return np.where(place < length, place, period - place)
    if mode == "nearest":
        return np.clip(place, 0, length - 1)
    if mode in ("wrap", "grid-wrap"):
        return place % length
    if mode in ("constant", "grid-constant"):
        return np.where((place >= 0) & (place < length), place, -1)
    raise DerivativeError(f"how a filter extends its input with mode={mode!r} is not known")


def surrounded(g: Any, reach: int | Sequence[int], axis: int | None = None) -> Any:
    """An array among zeros.

    Args:
        g: the array.
        reach: how many zeros stand at either end, for all axes or for each.
        axis: the axis; None for all.

    >>> surrounded(np.ones(2), 1).tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    if axis is not None:
        reaches = [0] * np.ndim(g)
        reaches[axis] = int(reach)  # type: ignore[arg-type]
        reach = reaches
    each = [reach] * np.ndim(g) if isinstance(reach, (int, np.integer)) else reach
    return padded(g, [(n, n) for n in each])


def folded(g: Any, like: Any, mode: str) -> Any:
    """The entries of an extended array, each added to the one that it was a copy of.

    Args:
        g: the extended array.
        like: what was extended, by equally many entries at both ends of an axis; only its shape counts.
        mode: how.

    Returns:
        An array in the shape of `like`.

    >>> folded(np.array([1.0, 10.0, 100.0, 1000.0]), np.zeros(2), "reflect").tolist()
    [11.0, 1100.0]
    """
    g = np.array(g)
    for axis, (length, reach) in enumerate(zip(np.shape(like), margins(g, like), strict=True)):
        if reach == 0:
            continue
        inner = g[along(slice(reach, reach + length), axis)].copy()
        places = source_places(length, reach, mode)
        for outside in (slice(None, reach), slice(reach + length, None)):
            copies = g[along(outside, axis)]
            kept = places[outside] >= 0
            chosen = np.compress(kept, copies, axis)
            np.add.at(inner, along(places[outside][kept], axis), chosen)
        g = inner
    return g


def margins(g: Any, like: Any) -> tuple[int, ...]:
    """By how much an array was extended at either end of each axis.

    Args:
        g: the extended array; only its shape counts.
        like: the one before; only its shape counts.

    >>> margins(np.zeros((6, 3)), np.zeros((2, 3)))
    (2, 0)
    """
    return tuple((n - m) // 2 for n, m in zip(np.shape(g), np.shape(like), strict=True))


def extended(x: Any, reach: int | Sequence[int], mode: str, cval: float = 0.0) -> Any:
    """An array extended beyond its ends, as filters do.

    Args:
        x: the array.
        reach: by how many entries at either end, for all axes or for each.
        mode: how.
        cval: the constant of the mode "constant".

    >>> extended(np.array([1.0, 2.0]), 1, "reflect").tolist()
    [1.0, 1.0, 2.0, 2.0]
    """
    each = [reach] * np.ndim(x) if isinstance(reach, (int, np.integer)) else reach
    for axis, n in enumerate(each):
        places = source_places(np.shape(x)[axis], n, mode)
        x = np.take(x, places, axis)
        if np.any(places < 0):
            x[along(places < 0, axis)] = cval
    return x


def mirrored_origin(size: Any, origin: Any = 0) -> Any:
    """Where the middle of a window stands when a filter is seen backwards: an even one has its middle elsewhere.

    Args:
        size: the size of the window, or that along each axis.
        origin: where its middle was placed.

    >>> mirrored_origin(3, 1), mirrored_origin((3, 4))
    (-1, [0, -1])
    """
    if isinstance(size, (int, np.integer)):
        return -origin - (1 - size % 2)
    origins = np.broadcast_to(origin, (len(size),)).tolist()
    return [mirrored_origin(n, shift) for n, shift in zip(size, origins, strict=True)]


def parity(order: Any, rank: int = 1) -> float:
    """The sign that a derivative of a Gaussian filter gets when it is seen backwards.

    Args:
        order: the order of the derivative, or that along each axis.
        rank: the number of axes.

    >>> parity(1), parity((0, 1), 2), parity(1, 2)
    (-1.0, -1.0, 1.0)
    """
    return -1.0 if np.sum(np.broadcast_to(order, (rank,))) % 2 else 1.0


def gaussian_reach(sigma: Any, truncate: float = 4.0, radius: Any = None) -> Any:
    """How many neighbours a Gaussian filter sees at either side.

    Args:
        sigma: the standard deviation, or that along each axis.
        truncate: after how many of those it ends.
        radius: the answer, where that is given.

    >>> gaussian_reach(1.2), gaussian_reach([1.0, 0.5])
    (5, [4, 2])
    """
    if radius is not None:
        return radius
    if np.ndim(sigma) == 0:
        return int(truncate * float(sigma) + 0.5)
    return [gaussian_reach(s, truncate) for s in sigma]


def tap_products(
    g: Any, x: Any, like: Any, mode: str = "reflect", cval: float = 0.0, origin: Any = 0
) -> Any:
    """Sums of products of an array with an extended one moved along it, for each tap of a correlation.

    Args:
        g: the adjoint of what the correlation gave.
        x: what was correlated.
        like: the taps; only their shape counts.
        mode: how `x` is extended.
        cval: the constant of the mode "constant".
        origin: where the middle of the taps is placed, for all axes or for each.

    >>> tap_products(np.array([0.0, 1.0, 0.0]), np.array([1.0, 2.0, 4.0]), np.zeros(3)).tolist()
    [1.0, 2.0, 4.0]
    """
    sizes = np.shape(like)
    origins = [origin] * len(sizes) if isinstance(origin, (int, np.integer)) else list(origin)
    whole = extended(x, list(sizes), mode, cval)
    # Tap k reads entry n + k - size // 2 - origin; the extended array begins at -size.
    first = [size - size // 2 - shift for size, shift in zip(sizes, origins, strict=True)]
    part = whole[tuple(slice(f, f + n + k - 1) for f, n, k in zip(first, np.shape(g), sizes, strict=True))]
    windows = np.lib.stride_tricks.sliding_window_view(part, np.shape(g))
    rank = np.ndim(g)
    return np.einsum(windows, list(range(2 * rank)), g, list(range(rank, 2 * rank)), list(range(rank)))
