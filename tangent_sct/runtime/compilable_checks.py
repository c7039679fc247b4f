"""Checks that generated code makes, as Numba compiles them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from tangent_sct.runtime import checks
from tangent_sct.runtime.compilable import Implementation, compiles, is_array, is_number, rank
from tangent_sct.runtime.errors import DerivativeError


@compiles(checks.check_seed)
def check_seed(seed: Any, value: Any) -> Implementation:
    """A seed must have the shape of the value; what is in tuples is looked at item by item."""
    if isinstance(seed, types.NoneType):
        return lambda seed, value: None
    if isinstance(value, types.BaseTuple):
        if not isinstance(seed, types.BaseTuple) or len(seed) != len(value):
            return None
        if not len(value):
            return lambda seed, value: None

        def each(seed: Any, value: Any) -> None:
            checks.check_seed(seed[0], value[0])
            checks.check_seed(seed[1:], value[1:])

        return each
    if not (is_array(value) or is_number(value)) or not (is_array(seed) or is_number(seed)):
        return None
    if rank(seed) == rank(value) == 0:
        return lambda seed, value: None
    if rank(seed) != rank(value):
        return other_rank

    def same_shape(seed: Any, value: Any) -> None:
        if seed.shape != value.shape:
            raise DerivativeError("the seed has another shape than the value it weighs")

    return same_shape


def other_rank(seed: Any, value: Any) -> None:
    """What is compiled where the seed has another number of axes than the value."""
    raise DerivativeError("the seed has another shape than the value it weighs")


@compiles(checks.check_scalar)
def check_scalar(value: Any) -> Implementation:
    """A gradient is of one number."""
    if rank(value):
        return not_scalar
    return lambda value: None


def not_scalar(value: Any) -> None:
    """What is compiled where the value is an array."""
    raise DerivativeError(
        "the result has axes, and a gradient needs a scalar; use vjp with a seed of that shape, or jacobian"
    )


@compiles(checks.check_floats)
def check_floats(x: Any) -> Implementation:
    """Types tell whether there are floats in an array."""
    is_float = is_array(x) and isinstance(x.dtype, (types.Float, types.Complex))
    return (lambda x: None) if is_float else None


@compiles(checks.check_number)
def check_number(x: Any) -> Implementation:
    """Types tell whether something is a number."""
    return (lambda x: None) if is_array(x) or is_number(x) else None


@compiles(checks.check_numbers)
def check_numbers(items: Any) -> Implementation:
    """Types tell whether items are numbers."""
    return (lambda items: None) if is_array(items) or is_number(getattr(items, "dtype", None)) else None


@compiles(checks.check_operand)
def check_operand(x: Any) -> Implementation:
    """Numba knows no classes with an arithmetic of their own."""
    return (lambda x: None) if is_array(x) or is_number(x) else None


@compiles(checks.check_left_number)
def check_left_number(x: Any) -> Implementation:
    """Types tell whether something is a number."""
    return (lambda x: None) if is_number(x) else None


@compiles(checks.check_no_object)
def check_no_object(x: Any) -> Implementation:
    """Numba knows no classes of users."""
    return lambda x: None


@compiles(checks.check_matrix)
def check_matrix(x: Any) -> Implementation:
    """Numba knows no classes with an arithmetic of their own."""
    return (lambda x: None) if is_array(x) or is_number(x) else None


@compiles(checks.check_fills)
def check_fills(result: Any, out: Any) -> Implementation:
    """The same as Python's, in words that compiled code can say."""

    def implementation(result: Any, out: Any) -> None:
        if result.shape != out.shape:
            raise ValueError("the result is smaller than what it is put into")

    return implementation if is_array(result) and is_array(out) else None


@compiles(checks.check_rows)
def check_rows(x: Any) -> Implementation:
    """Types tell how arrays lie in memory."""
    lies_otherwise = isinstance(x, types.Array) and x.ndim > 1 and x.layout != "C"
    return None if lies_otherwise else lambda x: None


@compiles(checks.check_listed)
def check_listed(items: Any) -> Implementation:
    """Compiled code has no iterators of its own."""
    return lambda items: None


@compiles(checks.check_plain)
def check_plain(x: Any) -> Implementation:
    """Numba knows no classes with items of their own."""
    is_list = isinstance(x, (types.List, types.BaseTuple))
    return (lambda x: None) if is_array(x) or is_number(x) or is_list else None


@compiles(checks.no_imaginary)
def no_imaginary(x: Any) -> Implementation:
    """Types tell whether a number is real."""
    return None if isinstance(x, types.Complex) else lambda x: 0.0


@compiles(checks.check_positions)
def check_positions(indices: Any) -> Implementation:
    """Types tell whether these are positions along one axis."""
    is_row = isinstance(indices, types.List) or rank(indices) == 1
    return (lambda indices: None) if is_row and isinstance(indices.dtype, types.Integer) else None


@compiles(checks.check_repeatable)
def check_repeatable(items: Any) -> Implementation:
    """Compiled code has no iterators of its own; lists, arrays and ranges can be run through again."""
    if isinstance(items, (types.Array, types.List, types.BaseTuple, types.RangeType)):
        return lambda items: None
    return None


@compiles(checks.check_in_turn)
def check_in_turn(items: Any) -> Implementation:
    """Types tell what is a sequence."""
    if isinstance(items, (types.Array, types.List, types.BaseTuple, types.RangeType, types.UnicodeType)):
        return lambda items: None
    return None


@compiles(checks.check_view)
def check_view(view: Any, base: Any) -> Implementation:
    """Numba reshapes without a copy or not at all."""
    if not is_array(view) or not is_array(base):
        return None

    def shares(view: Any, base: Any) -> None:
        if view.size and not np.shares_memory(view, base):
            raise DerivativeError("reshaping made a copy here, not a view, and one of the two is written in place")

    return shares


@compiles(checks.check_unspoiled)
def check_unspoiled(place: Any, values: Any) -> Implementation:
    """Compiled code copies what overlaps, and refuses where NumPy may not."""
    if not is_array(place) or is_number(values) or rank(place) != 1:
        return (lambda place, values: None) if is_array(values) or is_number(values) else None
    if not is_array(values) or rank(values) != 1:
        return None

    def unspoiled(place: Any, values: Any) -> None:
        step, other, size = place.strides[0], values.strides[0], values.size
        if abs(step) == abs(other) or size != place.size:
            return
        begin, other_begin = place.ctypes.data, values.ctypes.data
        for i in range(size):
            written = begin + i * step
            away = written - other_begin
            if away != i * other and away % other == 0 and 0 <= away // other < size:
                raise DerivativeError("values are stored one after the other in the array that they are a part of")

    return unspoiled


@compiles(checks.copied)
def copied(x: Any) -> Implementation:
    """Copies of arrays and lists of numbers, and of what tuples hold."""
    if is_array(x) or (isinstance(x, types.List) and is_number(x.dtype)):
        return lambda x: x.copy()
    if isinstance(x, types.List):
        return lambda x: [checks.copied(item) for item in x]
    if isinstance(x, types.BaseTuple):
        if not len(x):
            return lambda x: x
        return lambda x: (checks.copied(x[0]), *checks.copied(x[1:]))
    return (lambda x: x) if is_number(x) else None
