"""Adjoints of products and factorizations for operands of any rank.

`dot_left` and `dot_right` are the adjoints of the two operands of a product `a @ b`; each is itself
bilinear, and the derivatives of each are the product and the other one, so that derivatives of any
order stay among the three.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tangent_sct.runtime.arrays import unbroadcast
from tangent_sct.runtime.errors import DerivativeError


def transposed(a: Any) -> Any:
    """A view of `a` with its last two axes swapped; a vector or a number as it is.

    >>> transposed(np.zeros((4, 2, 3))).shape
    (4, 3, 2)
    """
    return np.swapaxes(a, -1, -2) if np.ndim(a) >= 2 else a


def _as_row(a: Any) -> Any:
    return np.expand_dims(a, 0) if np.ndim(a) == 1 else a


def _as_column(b: Any) -> Any:
    return np.expand_dims(b, 1) if np.ndim(b) == 1 else b


def _as_matrix(g: Any, a: Any, b: Any) -> Any:
    """The adjoint of `a @ b` with the axes back that a vector operand lost."""
    if np.ndim(b) == 1:
        g = np.expand_dims(g, -1)
    return np.expand_dims(g, -2) if np.ndim(a) == 1 else g


def _is_sparse(a: Any) -> bool:
    """Whether a matrix is no array but a sparse one.

    Raises:
        DerivativeError: for what has an arithmetic of its own beside arrays, as `np.matrix`.
    """
    if type(a) in (np.ndarray, np.memmap) or not hasattr(a, "shape") or isinstance(a, np.generic):
        return False
    if not hasattr(a, "tocsr"):
        raise DerivativeError(f"a product with an object of class {type(a).__name__}: make it an array by np.asarray")
    return True


def matmul_left(g: Any, a: Any, b: Any) -> Any:
    """The adjoint of `a` in `np.matmul(a, b)`, for any ranks and broadcast stacks.

    Args:
        g: the adjoint of the product.
        a: the left operand; only its shape counts.
        b: the right operand.

    >>> matmul_left(1.0, np.zeros(2), np.array([3.0, 4.0])).tolist()
    [3.0, 4.0]
    """
    if _is_sparse(b):
        return g @ b.T
    left = _as_matrix(g, a, b) @ transposed(_as_column(b))
    return np.reshape(unbroadcast(left, _as_row(a)), np.shape(a))


def matmul_right(g: Any, a: Any, b: Any) -> Any:
    """The adjoint of `b` in `np.matmul(a, b)`, for any ranks and broadcast stacks.

    Args:
        g: the adjoint of the product.
        a: the left operand.
        b: the right operand; only its shape counts.

    >>> matmul_right(1.0, np.array([3.0, 4.0]), np.zeros(2)).tolist()
    [3.0, 4.0]
    """
    if _is_sparse(a):
        return a.T @ g
    right = transposed(_as_row(a)) @ _as_matrix(g, a, b)
    return np.reshape(unbroadcast(right, _as_column(b)), np.shape(b))


def _summed_axis(b: Any) -> int:
    """The axis of the right operand over which `np.dot` sums."""
    return max(np.ndim(b) - 2, 0)


def dot_left(g: Any, a: Any, b: Any) -> Any:
    """The adjoint of `a` in `np.dot(a, b)`, for any ranks.

    Args:
        g: the adjoint of the product.
        a: the left operand; only its shape counts.
        b: the right operand.

    >>> dot_left(1.0, np.zeros(2), np.array([3.0, 4.0])).tolist()
    [3.0, 4.0]
    """
    rank = np.ndim(b)
    if np.ndim(a) == 0 or rank == 0:
        return unbroadcast(g * b, a)
    summed = _summed_axis(b)
    first = np.ndim(g) - (rank - 1)
    axes = (list(range(first, np.ndim(g))), [i for i in range(rank) if i != summed])
    return np.tensordot(g, b, axes)


def dot_right(g: Any, a: Any, b: Any) -> Any:
    """The adjoint of `b` in `np.dot(a, b)`, for any ranks.

    Args:
        g: the adjoint of the product.
        a: the left operand.
        b: the right operand; only its shape counts.

    >>> dot_right(1.0, np.array([3.0, 4.0]), np.zeros(2)).tolist()
    [3.0, 4.0]
    """
    rank = np.ndim(a)
    if rank == 0 or np.ndim(b) == 0:
        return unbroadcast(g * a, b)
    axes = list(range(rank - 1))
    return np.moveaxis(np.tensordot(a, g, (axes, axes)), 0, _summed_axis(b))


def columns_product(m: Any, v: Any, like: Any) -> Any:
    """`m` times `v`, a vector where `like` is one and else (a stack of) columns.

    This is how `np.linalg.solve` reads its right-hand side: a vector only if it has one axis.

    Args:
        m: (a stack of) matrices.
        v: (a stack of) vectors or matrices.
        like: the right-hand side of the system; only its rank counts.

    >>> columns_product(np.eye(2), np.array([3.0, 4.0]), np.zeros(2)).tolist()
    [3.0, 4.0]
    """
    if np.ndim(like) == 1:
        return (m @ v[..., None])[..., 0]
    return m @ v


def columns_outer(t: Any, v: Any, like: Any) -> Any:
    """The matrix (or stack) with which `columns_product` pairs `t` and `v`: `t v^T`.

    Args:
        t: the adjoint of the product.
        v: what the matrix was applied to.
        like: the right-hand side of the system; only its rank counts.

    >>> columns_outer(np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.zeros(2)).tolist()
    [[3.0, 4.0], [6.0, 8.0]]
    """
    if np.ndim(like) == 1:
        return t[..., :, None] * v[..., None, :]
    return t @ transposed(v)


def lower_half(m: Any) -> Any:
    """The lower triangle of `m` with its diagonal halved, so that it and its transpose add to `m`
    where `m` is symmetric.

    >>> lower_half(np.array([[2.0, 5.0], [3.0, 4.0]])).tolist()
    [[1.0, 0.0], [3.0, 2.0]]
    """
    return (np.tril(m) + np.tril(m, -1)) / 2


def vector_order(x: Any, ord: Any, axis: Any = None) -> Any:
    """The order of a vector norm, checked to be one that has a derivative rule.

    Args:
        x: what `np.linalg.norm` is applied to.
        ord: the order given to it.
        axis: the axis given to it.

    Raises:
        DerivativeError: for a norm of matrices, and for an order that is zero or infinite.

    >>> vector_order(np.zeros((2, 3)), 3, axis=1)
    3
    """
    vectors = np.ndim(x) == 1 if axis is None else isinstance(axis, (int, np.integer))
    if vectors and isinstance(ord, (int, float)) and ord != 0 and np.isfinite(ord):
        return ord
    raise DerivativeError(
        f"np.linalg.norm(..., ord={ord!r}, axis={axis!r}) is not differentiated: orders other than those of the "
        "Frobenius norm and of finite vector norms must be literals, of an array whose rank is known; write others "
        "with np.abs, np.sum and np.max"
    )


def _paired(a: Any, b: Any, axes: Any) -> tuple[list[int], list[int]]:
    """The summed axes of the two operands of `np.tensordot`, counted from the front."""
    if isinstance(axes, (int, np.integer)):
        return list(range(np.ndim(a) - axes, np.ndim(a))), list(range(axes))
    left, right = (np.atleast_1d(one).tolist() for one in axes)
    return [i % np.ndim(a) for i in left], [i % np.ndim(b) for i in right]


def tensordot_left(g: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    """The adjoint of `a` in `np.tensordot(a, b, axes)`.

    Args:
        g: the adjoint of the product.
        a: the left operand; only its shape counts.
        b: the right operand.
        axes: as given to `np.tensordot`.

    >>> tensordot_left(1.0, np.zeros(2), np.array([3.0, 4.0]), 1).tolist()
    [3.0, 4.0]
    """
    left, right = _paired(a, b, axes)
    free = [i for i in range(np.ndim(a)) if i not in left]
    rest = [i for i in range(np.ndim(b)) if i not in right]
    product = np.tensordot(g, b, (list(range(len(free), np.ndim(g))), rest))
    # What is left of `b` are its summed axes in their own order.
    places = free + [left[right.index(i)] for i in sorted(right)]
    return np.transpose(product, np.argsort(places))


def tensordot_right(g: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    """The adjoint of `b` in `np.tensordot(a, b, axes)`.

    Args:
        g: the adjoint of the product.
        a: the left operand.
        b: the right operand; only its shape counts.
        axes: as given to `np.tensordot`.

    >>> tensordot_right(1.0, np.array([3.0, 4.0]), np.zeros(2), 1).tolist()
    [3.0, 4.0]
    """
    left, right = _paired(a, b, axes)
    free = [i for i in range(np.ndim(a)) if i not in left]
    rest = [i for i in range(np.ndim(b)) if i not in right]
    product = np.tensordot(a, g, (free, list(range(len(free)))))
    places = [right[left.index(i)] for i in sorted(left)] + rest
    return np.transpose(product, np.argsort(places))


def _kron_table(g: Any, a: Any, b: Any) -> Any:
    """The adjoint of `np.kron(a, b)` with a row for each entry of `a` and a column for each of `b`."""
    rank = max(np.ndim(a), np.ndim(b))
    left = (1,) * (rank - np.ndim(a)) + np.shape(a)
    right = (1,) * (rank - np.ndim(b)) + np.shape(b)
    pairs = np.reshape(g, [n for pair in zip(left, right, strict=True) for n in pair])
    order = [*range(0, 2 * rank, 2), *range(1, 2 * rank, 2)]
    return np.reshape(np.transpose(pairs, order), (np.size(a), np.size(b)))


def kron_left(g: Any, a: Any, b: Any) -> Any:
    """The adjoint of `a` in `np.kron(a, b)`.

    Args:
        g: the adjoint of the product.
        a: the left operand; only its shape counts.
        b: the right operand.

    >>> kron_left(np.array([1.0, 0.0, 0.0, 1.0]), np.zeros(2), np.array([3.0, 4.0])).tolist()
    [3.0, 4.0]
    """
    return np.reshape(_kron_table(g, a, b) @ np.ravel(b), np.shape(a))


def kron_right(g: Any, a: Any, b: Any) -> Any:
    """The adjoint of `b` in `np.kron(a, b)`.

    Args:
        g: the adjoint of the product.
        a: the left operand.
        b: the right operand; only its shape counts.

    >>> kron_right(np.array([1.0, 0.0, 0.0, 1.0]), np.array([3.0, 4.0]), np.zeros(2)).tolist()
    [3.0, 4.0]
    """
    return np.reshape(np.ravel(a) @ _kron_table(g, a, b), np.shape(b))


def chain_adjoint(g: Any, place: int, arrays: Sequence[Any]) -> Any:
    """The adjoint of one factor of `np.linalg.multi_dot(arrays)`.

    Args:
        g: the adjoint of the product.
        place: which of the factors; of it only the shape counts.
        arrays: all of them.

    >>> chain_adjoint(1.0, 0, [np.zeros(2), np.eye(2), np.array([3.0, 4.0])]).tolist()
    [3.0, 4.0]
    """
    first, *middle, last = arrays
    factors = [np.atleast_2d(first), *middle, _as_column(last)]
    seed = np.reshape(g, (np.shape(factors[0])[0], np.shape(factors[-1])[1]))
    before = [factor.T for factor in reversed(factors[:place])]
    after = [factor.T for factor in reversed(factors[place + 1 :])]
    return np.reshape(np.linalg.multi_dot([*before, seed, *after]), np.shape(arrays[place]))
