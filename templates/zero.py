"""Functions whose derivative is zero wherever it exists, or whose result is not a number."""

import bisect
import cmath
import math
import operator

import numpy as np

from tangent_sct.templating.language import zero

# Comparisons and logic.
zero(
    operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge,
    operator.is_, operator.is_not, operator.not_, operator.truth, operator.contains,
    operator.and_, operator.or_, operator.xor, operator.invert, operator.inv, operator.lshift, operator.rshift,
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    np.logical_and, np.logical_or, np.logical_xor, np.logical_not,
    np.isnan, np.isfinite, np.isinf, np.isposinf, np.isneginf, np.isclose, np.allclose,
    np.array_equal, np.array_equiv, np.iscomplexobj, np.isrealobj, np.iscomplex, np.isreal, np.isscalar, np.signbit,
    np.any, np.all, any, all, bool, np.isin, np.isfortran,
    math.isnan, math.isfinite, math.isinf, math.isclose,
    cmath.isnan, cmath.isfinite, cmath.isinf, cmath.isclose,
    cheap=True,
)  # fmt: skip

# Integers.
zero(
    np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.bitwise_not, np.bitwise_count,
    np.left_shift, np.right_shift, np.packbits, np.unpackbits, np.gcd, np.lcm,
    math.comb, math.perm, math.factorial, math.gcd, math.lcm, math.isqrt,
    operator.countOf, operator.indexOf, operator.length_hint,
    cheap=True,
)  # fmt: skip
# Given an array these return one, perhaps the same.
zero(
    np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.longlong,
    np.ulonglong,
    aliasing="maybe", cheap=True,
)  # fmt: skip

# Steps: constant between their jumps.
zero(
    operator.floordiv, operator.index, np.floor_divide, np.floor, np.ceil, np.trunc, np.fix,
    np.rint, np.round, np.around, np.sign, np.spacing,
    int, round, math.floor, math.ceil, math.trunc, math.ulp,
    cheap=True,
)  # fmt: skip

# Positions and counts.
zero(
    np.argmax, np.argmin, np.argsort, np.argwhere, np.nonzero, np.flatnonzero, np.count_nonzero,
    np.argpartition, np.nanargmax, np.nanargmin, np.searchsorted, np.digitize, np.lexsort,
    np.unravel_index, np.ravel_multi_index, np.diag_indices, np.diag_indices_from,
    np.tril_indices, np.tril_indices_from, np.triu_indices, np.triu_indices_from, np.indices,
    np.mask_indices, np.einsum_path, bisect.bisect_left, bisect.bisect_right,
)  # fmt: skip

# Shapes, types, identities.
zero(
    np.shape, np.ndim, np.size, len, range, np.broadcast_shapes, np.result_type, np.min_scalar_type,
    np.can_cast, np.may_share_memory, np.shares_memory, np.array_repr, np.array_str,
    np.array2string, np.base_repr, np.binary_repr, np.format_float_positional, np.format_float_scientific,
    isinstance, issubclass, type, id, hash, callable, hasattr, slice, repr, str, format, print,
    cheap=True,
)  # fmt: skip

# New arrays that take over only a shape.
zero(
    np.zeros, np.ones, np.empty, np.zeros_like, np.ones_like, np.empty_like, np.eye, np.identity,
    np.tri,
)  # fmt: skip
