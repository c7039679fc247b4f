"""Where entries of a certain rank stand: what medians and quantiles select by."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tangent_sct.runtime.errors import DerivativeError

FAMILY = {
    "interpolated_inverted_cdf": (0.0, 1.0),
    "hazen": (0.5, 0.5),
    "weibull": (0.0, 0.0),
    "linear": (1.0, 1.0),
    "median_unbiased": (1 / 3, 1 / 3),
    "normal_unbiased": (3 / 8, 3 / 8),
}
"""Methods of quantiles that are continuous: alpha and beta of the rank n q + alpha + q (1 - alpha - beta) - 1."""


def merged_axes(a: Any, axis: Any) -> Any:
    """An array with some axes made one, which is the last.

    Args:
        a: the array.
        axis: the axes, in the order in which they are counted.

    >>> merged_axes(np.zeros((2, 3, 4)), (0, -1)).shape, merged_axes(np.zeros((2, 3)), ()).shape
    ((3, 8), (2, 3, 1))
    """
    last = np.moveaxis(a, axis, range(-len(axis), 0))
    return np.reshape(last, (*np.shape(last)[: np.ndim(last) - len(axis)], -1))


def unmerged_axes(y: Any, like: Any, axis: Any) -> Any:
    """The array that `merged_axes` has made another one of.

    Args:
        y: the other one.
        like: an array in the shape of the first.
        axis: the axes.

    >>> unmerged_axes(np.zeros((3, 8)), np.zeros((2, 3, 4)), (0, -1)).shape
    (2, 3, 4)
    """
    shape = np.shape(np.moveaxis(like, axis, range(-len(axis), 0)))
    return np.moveaxis(np.reshape(y, shape), range(-len(axis), 0), axis)


def partition_places(a: Any, kth: Any, axis: int = -1) -> Any:
    """The places from which `np.partition` takes the entries, in the order that it leaves them in.

    `np.argpartition` leaves those on either side in another order, and neither is told by the documentation.

    Args:
        a: an array.
        kth: as given to `np.partition`.
        axis: the axis along which entries are put in order.

    >>> a = np.array([3.0, 1.0, 2.0, 0.5])
    >>> bool(np.all(a[partition_places(a, 1)] == np.partition(a, 1)))
    True
    """
    sources = np.argsort(a, axis=axis, kind="stable")
    targets = np.argsort(np.partition(a, kth, axis=axis), axis=axis, kind="stable")
    places = np.empty_like(sources)
    np.put_along_axis(places, targets, sources, axis=axis)
    return places


class UniquePlaces(NamedTuple):
    """Where the distinct entries of an array stand first, which of them each entry is, and how often they occur."""

    indices: np.ndarray[Any, Any]
    inverse_indices: np.ndarray[Any, Any]
    counts: np.ndarray[Any, Any]


def unique_places(ar: Any) -> UniquePlaces:
    """What `np.unique` says of an array beside its distinct entries, which are its numbers.

    >>> unique_places([2.0, 1.0, 2.0]).indices.tolist(), unique_places([2.0, 1.0, 2.0]).counts.tolist()
    ([1, 0], [1, 2])
    """
    return UniquePlaces(*np.unique_all(ar)[1:])


def order_places(rows: Any, ranks: Any, ignoring_nan: bool = False) -> Any:
    """Where in each row the entries stand that sorting would bring to some ranks.

    Args:
        rows: an array; its last axis is what is ordered.
        ranks: whole numbers, counted from zero: the same for all rows, or an array of ranks for each row.
        ignoring_nan: whether ranks are those among the entries that are not nan.

    Returns:
        Indices along the last axis; else, in a row with a nan, which has no order, the place of one.

    >>> order_places(np.array([3.0, 1.0, 2.0]), np.array([0, 2])).tolist()
    [1, 0]
    """
    rows, ranks = np.asarray(rows), np.asarray(ranks).astype(int)
    size = rows.shape[-1]
    if size == 0:
        return np.zeros((*rows.shape[:-1], ranks.shape[-1]), int)
    ranks = np.clip(ranks, 0, size - 1)
    if ignoring_nan:
        # Nans come last.
        return np.take_along_axis(np.argsort(rows, axis=-1), ranks, -1)
    order = np.argpartition(rows, [*np.unique(ranks), size - 1], axis=-1)
    last = order[..., -1:]
    lost = np.isnan(np.take_along_axis(rows, last, -1))
    return np.where(lost, last, order[..., ranks])


def quantile_ranks(q: Any, rows: Any, method: str = "linear", ignoring_nan: bool = False) -> Any:
    """The ranks of quantiles, counted from zero; a fraction stands between two entries.

    Args:
        q: which quantiles, between 0 and 1: a number, or an array of them.
        rows: an array; its last axis is what is ordered.
        method: as given to `np.quantile`.
        ignoring_nan: whether only entries count that are not nan, so that each row has ranks of its own.

    >>> quantile_ranks(0.25, np.zeros(3)).tolist()
    [0.5]
    """
    q = np.ravel(q) if np.ndim(q) else np.reshape(q, 1) if isinstance(q, np.generic) else [q]
    counts = np.asarray(valid_count(rows, -1) if ignoring_nan else np.shape(rows)[-1])
    kind = np.result_type(rows, *([q.dtype] if isinstance(q, np.ndarray) else []))
    ranks = np.zeros((*counts.shape, len(q)), kind)
    for count in np.unique(counts[~np.isnan(counts)]):
        # Quantiles of the ranks are ranks.
        ranks[counts == count] = np.quantile(np.arange(count), q, method=method)  # type: ignore[call-overload]
    return ranks


def rank_slope(q: Any, rows: Any, method: str = "linear", ignoring_nan: bool = False) -> Any:
    """The slope of `quantile_ranks` by `q`: zero where the method jumps, and where a rank is cut off.

    >>> rank_slope(0.25, np.zeros(3)).tolist()
    [2.0]
    """
    size = np.expand_dims(valid_count(rows, -1), -1) if ignoring_nan else np.shape(rows)[-1]
    q = np.ravel(q)
    if method not in FAMILY:
        return np.zeros(np.broadcast_shapes(q.shape, np.shape(size)))
    alpha, beta = FAMILY[method]
    steep = size + 1 - alpha - beta
    rank = q * steep + alpha - 1
    return np.where((rank >= 0) & (rank <= size - 1), steep, 0.0)


def valid_count(a: Any, axis: Any = None, keepdims: bool = False, ddof: int = 0) -> Any:
    """How many entries are not nan, less `ddof`, as floats of the precision of the array; nan where none are left.

    >>> float(valid_count(np.array([1.0, np.nan, 3.0])))
    2.0
    """
    return chosen_count(a, axis, keepdims, True, ddof, ignoring_nan=True)


def chosen_count(
    a: Any, axis: Any = None, keepdims: bool = False, where: Any = True, ddof: int = 0, ignoring_nan: bool = False
) -> Any:
    """How many entries a reduction counts, less `ddof`; nan where none are left.

    Args:
        a: the array that is reduced.
        axis: as given to the reduction.
        keepdims: as given to the reduction.
        where: which entries count.
        ddof: how many are taken off.
        ignoring_nan: whether entries that are nan do not count.

    Raises:
        DerivativeError: for complex numbers.

    >>> float(chosen_count(np.zeros((2, 3)), where=np.array([True, False, True])))
    4.0
    """
    a = np.asarray(a)
    _refuse_complex(a)
    counted = np.broadcast_to(where, a.shape)
    if ignoring_nan:
        counted = counted & ~np.isnan(a)
    kind = a.dtype if a.dtype.kind == "f" else float
    count = np.sum(counted, axis=axis, keepdims=keepdims, dtype=kind) - ddof
    return np.where(count > 0, count, np.nan).astype(kind)[()]


def weight_shape(weights: Any, a: Any, axis: Any) -> tuple[int, ...]:
    """The shape in which weights broadcast with an array: that of the array, or of ones but for some axes.

    Raises:
        ValueError: where there is not one weight for each entry of the array, or along these axes.
        DerivativeError: where the axes come in another order than they have in the array.

    >>> weight_shape(np.ones(3), np.ones((2, 3, 4)), 1), weight_shape(np.ones((2, 4)), np.ones((2, 3, 4)), (0, -1))
    ((1, 3, 1), (2, 1, 4))
    """
    shape: tuple[int, ...] = np.shape(a)
    if np.shape(weights) == shape:
        return shape
    axes = [] if axis is None else [i % len(shape) for i in (axis if isinstance(axis, tuple) else (axis,))]
    if not axes or np.shape(weights) != tuple(shape[i] for i in axes):
        raise ValueError("there is not one weight for each entry of an array, or along the axes of the average")
    if axes != sorted(axes):
        raise DerivativeError(f"weights along the axes {axis}: give the axes in rising order, and so the weights")
    return tuple(size if i in axes else 1 for i, size in enumerate(shape))


def degrees(rows: Any, bias: bool = False, ddof: int | None = None) -> int:
    """What the sum of the squares of observations, one a column, is divided by to be a variance.

    >>> degrees(np.zeros((2, 5))), degrees(np.zeros((2, 5)), ddof=0)
    (4, 5)
    """
    _refuse_complex(rows)
    lost = (0 if bias else 1) if ddof is None else ddof
    return max(int(np.shape(rows)[1]) - lost, 0)


def _refuse_complex(a: Any) -> None:
    if np.iscomplexobj(a):
        raise DerivativeError("the derivative of this mean, variance or covariance of complex numbers is not known")


def within_one(c: Any) -> Any:
    """Correlations, of which rounding may have made some larger than one.

    >>> within_one(np.array([-0.5, 1.0000000000000002])).tolist()
    [-0.5, 1.0]
    """
    return np.clip(c, -1.0, 1.0)
