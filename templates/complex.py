"""Which functions have rules that hold for complex numbers; all others are refused there.

Without conjugation in the transpose (`docs/conventions.md`) the rule of a holomorphic function holds as it was
written for real numbers. The tests try each of these at complex arguments, against differences.
"""

import copy
import operator

import numpy as np

from tangent_sct.runtime import (
    block_triangular,
    broadcast_like,
    cofactors,
    columns_outer,
    columns_product,
    copied,
    copied_like,
    corner,
    diagonal_copy,
    distinct,
    dot_left,
    dot_right,
    einsum_adjoint,
    from_triangle,
    independent,
    inverse_gaps,
    leave_one_out,
    like_argument,
    lower_half,
    matmul_left,
    matmul_right,
    old_item,
    others,
    power_tangent,
    recast,
    separate_copy,
    shadow_like,
    tensordot_left,
    tensordot_right,
    to_full,
    to_triangle,
    transposed,
    unbroadcast,
    undiagonal,
    unmixed,
    unreduce,
    unrepeat,
    unsplit,
    untaken,
    untile,
    unwindowed,
    writable,
    zero_items,
    zeros_like,
)
from tangent_sct.templating.language import for_complex

# Arithmetic.
for_complex(
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.neg, operator.pos,
    np.add, np.subtract, np.multiply, np.divide, np.power, np.negative, np.positive,
    complex, np.complex128,
)  # fmt: skip

# Elementwise functions. Not arccosh: its slope for real numbers has another branch cut.
for_complex(
    np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sqrt, np.square, np.reciprocal,
    np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan,
    np.sinh, np.cosh, np.tanh, np.arcsinh, np.arctanh, np.where,
)  # fmt: skip

# Functions that are real differentiable only.
for_complex(
    abs, operator.abs, np.absolute, np.real, np.imag, np.conjugate, np.ndarray.conjugate, np.angle,
    np.linalg.norm, np.vdot, np.linalg.eig, np.linalg.eigh, np.linalg.eigvalsh,
    unmixed, unsplit, from_triangle, to_triangle, recast,
    holomorphic=False,
)  # fmt: skip

# Sums, means, products.
for_complex(
    np.sum, sum, np.nansum, np.mean, np.prod, np.cumsum, np.diff, np.trace,
    operator.matmul, np.matmul, np.dot, np.inner, np.outer, np.tensordot, np.einsum, np.convolve,
    np.linalg.solve, np.linalg.inv, np.linalg.det, np.linalg.matrix_power, np.linalg.eigvals,
    np.linalg.diagonal, np.linalg.matrix_transpose,
)  # fmt: skip

# Entries, shapes, copies.
for_complex(
    operator.getitem, np.take, np.take_along_axis, np.diagonal, np.diag, np.tril, np.triu,
    np.reshape, np.ravel, np.ndarray.flatten, np.ndarray.item, np.squeeze, np.expand_dims,
    np.atleast_1d, np.atleast_2d, np.atleast_3d, np.broadcast_to,
    np.transpose, np.swapaxes, np.matrix_transpose, np.moveaxis, np.flip, np.fliplr, np.flipud, np.roll,
    np.append, np.concatenate, np.stack, np.hstack, np.vstack, np.tile, np.repeat, np.pad,
    np.array, np.asarray, np.ascontiguousarray, np.copy, np.astype, np.full, np.full_like,
    copy.copy, copy.deepcopy,
)  # fmt: skip

# Constant between their jumps, or all over.
for_complex(np.round, np.around, np.rint, np.zeros_like, np.ones_like, np.empty_like)

# What derivatives are made of.
for_complex(
    block_triangular, broadcast_like, cofactors, columns_outer, columns_product, copied, copied_like, corner,
    diagonal_copy, distinct, independent, inverse_gaps,
    dot_left, dot_right, einsum_adjoint, leave_one_out, like_argument,
    lower_half, matmul_left, matmul_right, old_item, others, power_tangent, separate_copy, shadow_like,
    tensordot_left, tensordot_right, to_full, transposed, unbroadcast, undiagonal, unreduce, unrepeat, untaken,
    untile, unwindowed, writable, zero_items, zeros_like,
)  # fmt: skip
