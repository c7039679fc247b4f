"""One line per rule, and more where shapes, axes and kinds take another branch of it."""

from __future__ import annotations

import copy
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tangent_sct import runtime
from tangent_sct.templating import registry
from tests.templates import (
    linalg_cases,
    scipy_fft_cases,
    scipy_integrate_cases,
    scipy_interpolate_cases,
    scipy_linalg_cases,
    scipy_ndimage_cases,
    scipy_signal_cases,
    scipy_sparse_cases,
    scipy_special_cases,
    scipy_stats_cases,
)
from tests.templates.drawn import Drawn

drawn = Drawn(20)
normal, regular, definite = drawn.normal, drawn.regular, drawn.definite


def positive(*shape: int) -> Any:
    return drawn.rng.uniform(0.5, 1.5, shape)


def between(*shape: int) -> Any:
    """Numbers in (-0.9, 0.9)."""
    return drawn.rng.uniform(-0.9, 0.9, shape)


v3, w3, v4, A34, B34, A23, B32, A33, B33 = (
    normal(3), normal(3), normal(4), normal(3, 4), normal(3, 4), normal(2, 3), normal(3, 2),
    normal(3, 3), normal(3, 3),
)  # fmt: skip
T234, row, column = normal(2, 3, 4), normal(1, 4), normal(3, 1)
zero_d = np.array(1.3)
mask = np.array([True, False, True])
with_zero = np.array([[1.5, 0.0, -2.0, 0.5], [1.0, 2.0, -1.0, 3.0], [0.0, 0.0, 1.0, 2.0]])

Case = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
CASES: list[Case] = [
    *linalg_cases.CASES, *scipy_linalg_cases.CASES, *scipy_special_cases.CASES, *scipy_stats_cases.CASES,
    *scipy_fft_cases.CASES, *scipy_signal_cases.CASES, *scipy_ndimage_cases.CASES, *scipy_sparse_cases.CASES,
    *scipy_integrate_cases.CASES, *scipy_interpolate_cases.CASES,
]  # fmt: skip
"""Calls that a rule knows."""
STATEMENTS: list[Case] = []
"""Calls that are said as statements."""


def case(function: Callable[..., Any], *args: Any, **keywords: Any) -> None:
    """Note a call to be checked; that of a function with a rule and statements goes where it belongs."""
    (CASES if _is_ruled(function, args, keywords) else STATEMENTS).append((function, args, keywords))


def _is_ruled(function: Callable[..., Any], args: tuple[Any, ...], keywords: dict[str, Any]) -> bool:
    if not registry.expansions(function):
        return True
    rule = registry.find(function)
    if rule is None:
        return False
    layout = rule.layout
    passed = [*layout.positional[: len(args)], *map(layout.keywords.get, keywords)]
    return all(argument is not None and argument.name is not None for argument in passed)


# -- arithmetic -------------------------------------------------------------------------------

for binary in (
    operator.add, np.add, operator.sub, np.subtract, operator.mul, np.multiply,
    operator.truediv, np.divide, np.arctan2, np.hypot, np.logaddexp, np.logaddexp2,
    np.maximum, np.minimum, np.fmax, np.fmin,
):  # fmt: skip
    case(binary, A34, B34)
    case(binary, row, column)
    case(binary, v4, A34)
    case(binary, 1.7, v3)
    case(binary, v3, 0.6)
    case(binary, 1.7, 0.6)
    case(binary, zero_d, A34)
for mod in (operator.mod, np.remainder, np.fmod):
    case(mod, 7.3, 2.1)
    case(mod, normal(3) * 5, positive(3))
    case(mod, normal(3, 4) * 5, -1.4)
for split in (divmod, np.divmod):
    case(split, 7.3, 2.1)
    case(split, normal(3) * 5, positive(3))
for power in (operator.pow, np.power, np.float_power):
    case(power, positive(3, 4), normal(4))
    case(power, 1.4, 2.3)
    case(power, normal(3), 3)
    case(power, v3, 2)
    case(power, positive(3), 0.5)
    case(power, 2.0, v3)
    case(power, np.array([0.0, 1.0, -2.0]), 2)
    case(power, np.array([0.0, 1.0, -2.0]), 1)
case(operator.pow, v3, 0)
case(pow, 1.4, 2.3)
case(pow, v3, 3)
case(operator.neg, v3)
case(np.negative, 1.3)
case(operator.pos, v3)
case(np.positive, A34)
for absolute in (abs, operator.abs, np.absolute, np.fabs):
    case(absolute, v3)
    case(absolute, -1.3)
case(float, 1.3)
case(float, zero_d)
case(np.float64, 1.3)
case(np.float64, v3)

# -- elementwise functions --------------------------------------------------------------------

for anywhere in (
    np.exp, np.exp2, np.expm1, np.sin, np.cos, np.tan, np.arctan, np.sinh, np.cosh, np.tanh,
    np.arcsinh, np.cbrt, np.square, np.reciprocal, np.deg2rad, np.radians, np.rad2deg,
    np.degrees, np.conjugate, np.real, np.nan_to_num, np.sinc, np.modf,
):  # fmt: skip
    case(anywhere, positive(3, 2))
    case(anywhere, 0.7)
    case(anywhere, zero_d)
case(np.sinc, np.array([0.0, 1e-3, -3.0, 2.5]))
for above_zero in (np.log, np.log2, np.log10, np.log1p, np.sqrt):
    case(above_zero, positive(3))
    case(above_zero, 0.7)
for inside in (np.arcsin, np.arccos, np.arctanh):
    case(inside, between(3))
    case(inside, 0.3)
case(np.arccosh, 1.0 + positive(3))
case(np.copysign, v3, w3)
case(np.copysign, v3, -1.0)
case(np.heaviside, v3, 0.5)
case(np.heaviside, np.array([0, 1, -1]), w3)
case(np.ldexp, v3, 2)
case(np.nan_to_num, np.array([1.5, np.nan]), nan=0.5)
case(np.clip, A34, -0.5, 0.5)
case(np.clip, A34, None, 0.5)
case(np.clip, A34, -0.5, None)
case(np.clip, A34, row - 0.7, row + 0.7)
case(np.clip, 0.3, 0.0, 1.0)
case(np.clip, 0.3, 0.5, 1.0)
case(np.where, mask, v3, w3)
case(np.where, mask, v3, 0.5)
case(np.where, mask, 0.5, np.array([normal(3), normal(3)]))
case(np.where, True, 0.5, 0.7)

# -- single numbers ---------------------------------------------------------------------------

for number in (
    math.exp, math.exp2, math.expm1, math.sin, math.cos, math.tan, math.atan, math.sinh,
    math.cosh, math.tanh, math.asinh, math.cbrt, math.radians, math.degrees, math.erf, math.erfc,
    math.log, math.log2, math.log10, math.log1p, math.sqrt, math.asin, math.acos, math.atanh,
    math.fabs, math.modf,
):  # fmt: skip
    case(number, 0.7)
case(math.acosh, 1.7)
case(math.log, 1.7, 3.0)
case(math.pow, 1.7, 2.3)
case(math.atan2, 0.4, -0.9)
case(math.hypot, 0.4, -0.9)
case(math.hypot, 0.4, -0.9, 1.2)
case(math.copysign, 0.4, -0.9)
case(math.fmod, 7.3, 2.1)
case(math.remainder, 7.3, 2.1)
case(math.ldexp, 0.4, 3)
for choice in (max, min):
    case(choice, 0.4, 0.7)
    case(choice, 0.4, 0.2, 0.3)
    case(choice, 0.4, 0)
    case(choice, v3)
case(math.fsum, v3)
case(math.fsum, [0.3, 0.4])

# -- reductions -------------------------------------------------------------------------------

for reduction in (np.sum, np.mean, np.prod, np.max, np.amax, np.min, np.amin, np.var, np.std):
    case(reduction, v3)
    case(reduction, A34)
    case(reduction, A34, axis=0)
    case(reduction, A34, 1)
    case(reduction, A34, axis=-1, keepdims=True)
    case(reduction, A34, keepdims=True)
    case(reduction, T234, axis=1)
for several in (np.sum, np.mean, np.max, np.min, np.var, np.std):
    case(several, T234, axis=(0, 2))
    case(several, T234, axis=(0, -1), keepdims=True)
    case(several, 1.3)
case(np.sum, zero_d)
case(np.add.reduce, A34)
case(np.add.reduce, A34, axis=None)
case(np.add.reduce, T234, axis=(0, 2), keepdims=True)
case(np.var, A34, axis=0, ddof=1)
case(np.std, A34, ddof=1)
case(np.prod, with_zero)
case(np.prod, with_zero, axis=1)
case(np.prod, with_zero, axis=())
case(np.cumsum, v3)
case(np.cumsum, A34)
case(np.cumsum, T234, axis=1)
case(np.diff, v3)
case(np.diff, A34, axis=0)
case(np.diff, T234, axis=-2)
case(sum, v3)
case(sum, A34)
case(sum, [1.3, 0.4])
case(sum, [v3, 0.4, w3])
case(sum, [1.3, 0.4], 0.5)
case(np.linalg.norm, v3)
case(np.linalg.norm, A34)
case(np.linalg.norm, A34, "fro")
case(np.linalg.norm, A34, axis=1)
case(np.linalg.norm, A34, axis=0, keepdims=True)
case(np.linalg.norm, v3, 2)
case(np.linalg.norm, v3, 1)
case(np.linalg.norm, v3, 3)
case(np.linalg.norm, v3, 2.5)
case(np.linalg.norm, A34, 2.5, 1)
case(np.linalg.norm, A34, 2, 1)
case(np.linalg.norm, A34, 1, 0, True)

case(np.nansum, np.array([[1.5, np.nan], [0.5, 2.0]]), axis=0)
case(np.nansum, v3)

# -- sequences --------------------------------------------------------------------------------

case(np.tile, v3, 2)
case(np.tile, v3, (2, 2))
case(np.tile, A34, (2, 1))
case(np.tile, T234, 2)
for windows in ((v4, 2), (A34, (2, 3)), (A34, 2, 1), (T234, (2, 2), (0, -1)), (v4, (2, 2), (0, 0))):
    case(np.lib.stride_tricks.sliding_window_view, *windows)
case(np.repeat, v3, 2)
case(np.repeat, A34, 2)
case(np.repeat, A34, 3, axis=1)
case(np.repeat, A34, np.array([2, 0, 1]), axis=0)
case(np.pad, v3, 1)
case(np.pad, v3, (1, 2))
case(np.pad, A34, ((1, 2), (0, 1)))
case(np.pad, A34, ((1, 2), (0, 1)), constant_values=2)
case(np.pad, v3, 2, constant_values=0.5)
for mode in ("full", "same", "valid"):
    case(np.convolve, v4, v3, mode)
    case(np.convolve, v3, normal(5), mode)
case(np.convolve, v4, v3)
case(np.convolve, 1.5, v3)
case(np.convolve, v3, 1.5, "same")
case(np.convolve, 1.5, -0.5)
case(np.pad, 1.5, 2)
knots = np.array([0.0, 1.0, 1.5, 3.0])
case(np.interp, np.array([0.3, 1.2, 2.9, -1.0, 4.0]), knots, v4)
case(np.interp, 0.3, knots, v4)

# -- products, systems, factorizations --------------------------------------------------------

for product in (operator.matmul, np.matmul, np.dot):
    case(product, A23, A34)
    case(product, A23, v3)
    case(product, v3, A34)
    case(product, v3, w3)
    case(product, T234, v4)
    case(product, v3, T234)
case(np.matmul, T234, normal(4, 2))
case(np.matmul, A23, T234)
case(np.matmul, normal(5, 1, 2, 3), T234)
case(np.dot, T234, normal(4, 2))
case(np.dot, A23, T234)
case(np.dot, T234, normal(5, 4, 2))
case(np.dot, 1.3, A34)
case(np.dot, A34, 1.3)
case(np.dot, 1.3, 0.4)
case(np.inner, v3, w3)
case(np.inner, 0.7, A33)
case(np.inner, A23, -1.2)
case(np.inner, 0.7, -1.2)
case(np.inner, A23, v3)
case(np.inner, v3, A23)
case(np.inner, A23, A33)
case(np.inner, T234, A34)
case(np.vdot, v3, w3)
case(np.vdot, A34, B34)
case(np.outer, v3, v4)
case(np.outer, A23, v4)
for axes in (0, 1, ([0], [0]), ((1, 0), (0, 1)), (-1, 0)):
    case(np.tensordot, A33, B33, axes)
case(np.tensordot, A34, B34)
case(np.tensordot, T234, normal(4, 5, 3), ([2, 1], [0, 2]))
case(np.tensordot, T234, normal(4, 5, 3), ([1, 2], [2, 0]))
case(np.tensordot, T234, A34, ((-1, 1), (-1, 0)))
case(np.einsum, "ij,jk->ik", A23, A34)
case(np.einsum, "ij,jk", A23, A34)
case(np.einsum, "ij,ij->", A34, B34)
case(np.einsum, "ij->j", A34)
case(np.einsum, "ij->ji", A34)
case(np.einsum, "ij,j,jk->ki", A23, v3, A34)
case(np.einsum, "ij,j,jk,k->i", A23, v3, A34, v4)
case(np.einsum, "i,j,k->i", v3, v4, w3)
case(np.cross, v3, w3)
case(np.cross, v3, A33)
case(np.trace, A33)
case(np.trace, A34, 1)
case(np.trace, T234, 0, 1, 2)
case(np.linalg.solve, regular(3), v3)
case(np.linalg.solve, regular(3), B32)
case(np.linalg.solve, regular(3, 2), v3)
case(np.linalg.solve, regular(3, 2), B32)
case(np.linalg.solve, regular(3), normal(2, 3, 4))
case(np.linalg.inv, regular(3))
case(np.linalg.inv, regular(3, 2))
case(np.linalg.det, regular(3))
case(np.linalg.det, regular(3, 2))
case(np.linalg.slogdet, regular(3))
case(np.linalg.slogdet, regular(3, 2))
case(np.linalg.cholesky, definite(3))
case(np.linalg.cholesky, definite(3, 2))

# -- shapes -----------------------------------------------------------------------------------

case(np.reshape, A34, (2, 6))
case(np.reshape, A34, -1)
case(np.reshape, A34, (2, 6), order="F")
case(np.ravel, A34)
case(np.ravel, A34, "F")
case(np.ndarray.flatten, A34)
case(np.ndarray.item, np.array([[0.4]]))
case(np.ndarray.item, zero_d)
case(np.squeeze, row)
case(np.squeeze, row, 0)
case(np.expand_dims, A34, 1)
case(np.expand_dims, A34, (0, -1))
for atleast in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    case(atleast, 0.7)
    case(atleast, A34)
case(np.broadcast_to, row, (3, 4))
case(np.broadcast_to, v4, (2, 3, 4))
case(np.broadcast_to, 0.5, (3,))
case(np.transpose, A34)
case(np.transpose, T234)
case(np.transpose, T234, (1, 2, 0))
case(np.transpose, T234, (-1, 0, 1))
case(np.swapaxes, T234, 0, -1)
case(np.matrix_transpose, T234)
case(np.moveaxis, T234, 0, -1)
case(np.moveaxis, T234, (0, 1), (2, 0))
case(np.flip, A34)
case(np.flip, A34, 0)
case(np.fliplr, A34)
case(np.flipud, A34)
case(np.roll, v4, 1)
case(np.roll, A34, 2, axis=1)
case(np.roll, A34, (1, -1), (0, 1))
case(np.roll, v4, np.uint8(3))
case(np.roll, v4, np.uint64(2**64 - 2))
case(np.roll, v4, np.array([2, 3], dtype=np.uint16))
case(np.roll, v4, True)
case(np.sort, v4)
case(np.sort, A34, 0)
case(np.sort, A34, None)
case(np.append, v3, v4)
case(np.append, v3, 0.4)
case(np.append, 0.4, v3)
case(np.append, A34, A23)
case(np.append, A34, row, axis=0)
case(np.append, A34, column, axis=1)
case(np.concatenate, (v3, v4))
case(np.concatenate, [A34, row], axis=0)
case(np.concatenate, [A34, column], axis=1)
case(np.concatenate, [A34, column], axis=-1)
case(np.concatenate, [A34, v3], axis=None)
case(np.stack, [v3, w3])
case(np.stack, [v3, w3], axis=1)
case(np.stack, [A34, B34], axis=-2)
case(np.hstack, [v3, v4])
case(np.hstack, [A34, column])
case(np.hstack, [0.3, 0.4])
case(np.hstack, [v3, 0.4, v4])
case(np.vstack, [v4, A34, row])
case(np.vstack, [v3, w3])
case(np.array, A34)
case(np.array, [0.3, 0.4, 2])
case(np.array, [v3, w3])
case(np.array, 0.3)
case(np.array, A34, dtype=np.dtype(float))
case(np.array, A34, copy=None)
case(np.array, v3, None, copy=None, subok=True, ndmin=2)
case(np.asarray, A34, None, "C")
case(np.asarray, v3, float, "F", copy=True)
case(np.asarray, A34)
case(np.asarray, [0.3, 0.4])
case(np.ascontiguousarray, A34)
case(np.copy, A34)
case(np.array, [v3, 0.4 * v3], np.dtype(float))
case(np.asarray, A34, np.dtype(float))
case(np.asarray, [0.3, 0.4], float)
case(np.asarray, 0.3, float)
case(np.astype, A34, np.dtype(float))

# -- indexing ---------------------------------------------------------------------------------

case(operator.getitem, v4, 1)
case(operator.getitem, A34, (slice(None), 1))
case(operator.getitem, A34, (Ellipsis, None, slice(None, None, 2)))
case(operator.getitem, v4, np.array([0, 2, 0]))
case(operator.getitem, v3, mask)
case(np.take, v4, np.array([0, 2, 0]))
case(np.take, A34, np.array([0, -2, 5]))
case(np.take, A34, np.array([[0, 2], [0, 1]]), 1)
case(np.take, A34, 1, axis=-2)
case(np.take, 0.7, np.array([[0, -1], [0, 0]]))
case(np.take, np.array(0.7), np.array([0, 0]), 0)
case(np.take_along_axis, A34, np.argsort(A34, 1), 1)
case(np.take_along_axis, A34, np.array([[0], [0], [2]]), -1)
case(np.take_along_axis, A34, np.array([0, 7, 0]), None)
case(np.take_along_axis, v3, np.array([0, -1, 0]), None)
case(np.take_along_axis, A34, np.array([0, -1, 0]), None)
case(np.take_along_axis, np.array(0.7), np.array([0, -1]), None)
case(np.diagonal, A34)
case(np.diagonal, A34, 1)
case(np.diagonal, A34, -1)
case(np.diagonal, T234, 0, 2, 1)
case(np.diagflat, v3)
case(np.diagflat, A34, -1)
case(np.diagflat, 1.7)
case(np.diag, v3)
case(np.diag, v3, -1)
case(np.diag, A34)
case(np.diag, A34, 2)
case(np.tril, A34, -1)
case(np.triu, T234)

# -- new arrays -------------------------------------------------------------------------------

case(np.full, (2, 3), 0.4)
case(np.full, (2, 3), v3)
case(np.full, (2, 3), 0.4, np.dtype(float))
case(np.full_like, A34, 0.4)
case(np.full_like, A34, row)
case(np.linspace, 0.3, 2.0, 5)
case(np.linspace, 0.3, 2.0, 5, endpoint=False)
case(np.linspace, v3, 2.0, 5)
case(np.linspace, 0.3, A23, 4)
case(np.arange, 0.3, 2.05, 0.5)
case(np.arange, 2.5)

# -- the runtime's own, for higher orders -----------------------------------------------------

case(runtime.unbroadcast, A34, v4)
case(runtime.unbroadcast, A34, column)
case(runtime.unbroadcast, A34, 0.5)
case(runtime.broadcast_like, v4, A34)
case(runtime.copied, A34)
case(runtime.separate_copy, A34)
case(copy.copy, A34)
case(copy.deepcopy, A34)
case(runtime.like_argument, [v3, w3], [2 * w3, 2 * v3])
case(runtime.copied_like, [v3, w3], A23)
case(runtime.as_shadow, 0.5)
case(runtime.as_shadow, v3)
case(runtime.added, v3, w3)
case(runtime.added, v3, None)
case(runtime.added, None, v3)
case(runtime.times_items, [v3, w3, normal(3), normal(3)], 2)
case(runtime.times_items, [v3, w3, normal(3), normal(3)], 2, [v3, w3])
case(runtime.recast, v4, w3)
case(runtime.recast, v4, w3, through=np.array(1))
case(runtime.broadcast_like, 0.5, A34)
case(runtime.deviations, A34)
case(runtime.deviations, A34, 1)
case(runtime.unreduce, v4, A34, axis=0)
case(runtime.unreduce, 0.5, A34)
case(runtime.unreduce, column, A34, 1, True)
case(runtime.writable, v3)
case(runtime.undiagonal, v3, A34)
case(runtime.undiagonal, normal(4, 2), T234, 0, 1, 0)
case(runtime.undiagonal, column, normal(3, 2, 2), 0, 1, 2)
case(runtime.transposed, T234)
case(runtime.diagonal_copy, T234, 1, 1, 2)
case(runtime.transposed, v3)
for left in (runtime.matmul_left, runtime.dot_left):
    case(left, normal(2, 4), A23, A34)
    case(left, normal(2), A23, v3)
    case(left, 0.7, v3, w3)
    case(left, normal(2, 3), T234, v4)
for right in (runtime.matmul_right, runtime.dot_right):
    case(right, normal(2, 4), A23, A34)
    case(right, normal(2), A23, v3)
    case(right, 0.7, v3, w3)
    case(right, normal(2, 4), v3, T234)
case(runtime.matmul_left, normal(2, 2, 4), A23, T234)
case(runtime.matmul_right, normal(5, 2, 2, 4), normal(5, 1, 2, 3), T234)
case(runtime.dot_left, normal(2, 3, 5, 2), T234, normal(5, 4, 2))
case(runtime.dot_right, normal(2, 3, 5, 2), T234, normal(5, 4, 2))
case(runtime.tensordot_left, normal(2, 5), T234, normal(4, 5, 3), ([2, 1], [0, 2]))
case(runtime.tensordot_right, normal(2, 5), T234, normal(4, 5, 3), ([2, 1], [0, 2]))
case(runtime.tensordot_left, 0.3, A34, B34)
case(runtime.untile, normal(2, 6), A23, 2)
case(runtime.unwindowed, A34[:, :2], v4, 2)
case(runtime.unrepeat, normal(2, 6), A23, 2, 1)
case(runtime.untaken, v3, A34, np.array([0, -1, 0]))
case(runtime.untaken, normal(3, 2), A34, np.array([0, -1]), 1)
case(runtime.untaken, normal(2), np.array(0.7), np.array([0, 0]), 0)
case(runtime.unsorted, normal(2, 3), np.array([[2, 0, 1], [0, 1, 2]]), 1)
case(runtime.to_full, normal(2), v4, v3, "valid")
case(runtime.columns_product, A33, v3, v3)
case(runtime.columns_product, normal(2, 3, 3), B32, B32)
case(runtime.columns_product, normal(2, 3, 3), normal(2, 3), v3)
case(runtime.columns_outer, v3, w3, v3)
case(runtime.columns_outer, normal(2, 3, 4), B34, B34)
case(runtime.columns_outer, normal(2, 3), w3, v3)
case(runtime.lower_half, A33)
case(runtime.vector_order, v3, 2.5)
case(runtime.others, v4)
case(runtime.others, with_zero)
case(runtime.leave_one_out, A34, 1.0)
case(runtime.sinc_derivative, np.array([0.0, 0.3, 4.0]), 2)
case(runtime.sinc_derivative, 0.3)
# Differences of a parabola are exact, so that differences of them are.
case(runtime.difference_tangent, v3, np.square, 0, np.array([1, 2, 3]), step=0.5)
case(runtime.difference_adjoint, v3, np.square, 0, np.array([1, 2, 3]), step=0.5)

# -- subjects in files of their own ---------------------------------------------------------------

from tests.templates import applied_cases as applied_cases  # noqa: E402
from tests.templates import keywords_cases as keywords_cases  # noqa: E402
from tests.templates import options_cases as options_cases  # noqa: E402
from tests.templates import running_cases as running_cases  # noqa: E402
from tests.templates import selecting_cases as selecting_cases  # noqa: E402
from tests.templates import statistics_cases as statistics_cases  # noqa: E402
from tests.templates import weighted_cases as weighted_cases  # noqa: E402
