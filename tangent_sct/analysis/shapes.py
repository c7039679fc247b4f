"""Arithmetic with symbolic dimensions.

A dimension is written so that equal means equal (`core.kind`): `1`, a symbol of an argument (`"n0"`, never
one), a known size (`"3"`), or a symbol that a program makes. Sizes computed from others are written in
one canonical way, so that `A[:-2]`, `A[2:]` and `A[1:-1]` have the same shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tangent_sct.core.kind import Dim

Shape = tuple[Dim, ...]
Fresh = Callable[[], str]


@dataclass(frozen=True, slots=True)
class DimValue:
    """As the value of an integer's kind: the integer is the size behind a symbol."""

    symbol: str


def dim_of(size: int) -> Dim:
    """The dimension of a known size."""
    return 1 if size == 1 else str(size)


def size_of(dim: Dim) -> int | None:
    """The size of a dimension where it is known.

    >>> size_of(1), size_of("3"), size_of("n0")
    (1, 3, None)
    """
    if isinstance(dim, int):
        return dim
    return int(dim) if dim.isdigit() else None


def value_of(dim: Dim) -> int | DimValue:
    """The value of an integer that is a dimension.

    >>> value_of("3"), value_of("n0")
    (3, DimValue(symbol='n0'))
    """
    size = size_of(dim)
    return DimValue(str(dim)) if size is None else size


def never_one(dim: Dim) -> bool:
    """Whether a dimension surely is not one: a symbol of an argument, or another known size."""
    return isinstance(dim, str) and (dim.isdigit() or (dim[0] == "n" and dim[1:].isdigit()))


def more(dim: Dim, count: int) -> Dim:
    """The size `dim + count`.

    >>> more("n0", 2), more(more("n0", 1), 1), more("3", 1), more(less("n0", 1), 1)
    ('n0+2', 'n0+2', '4', 'n0-1+1')
    """
    size = size_of(dim)
    if size is not None:
        return dim_of(size + count)
    base, plus, before = str(dim).rpartition("+")
    if plus and before.isdigit():
        return f"{base}+{int(before) + count}"
    return f"{dim}+{count}" if count else dim


def less(dim: Dim, count: int) -> Dim:
    """The size `max(dim - count, 0)`.

    >>> less("n0", 2), less(less("n0", 1), 1), less("3", 1), less(1, 1)
    ('n0-2', 'n0-2', '2', '0')
    >>> less("n0+2", 1), less("n0+2", 2), less("n0+2", 3)
    ('n0+1', 'n0', 'n0-1')
    """
    if count == 0:
        return dim
    size = size_of(dim)
    if size is not None:
        return dim_of(max(size - count, 0))
    base, plus, before = str(dim).rpartition("+")
    if plus and before.isdigit():
        added = int(before)
        return more(base, added - count) if added >= count else less(base, count - added)
    base, minus, before = str(dim).rpartition("-")
    if minus and before.isdigit():
        return f"{base}-{int(before) + count}"
    return f"{dim}-{count}"


def product(dims: Iterable[Dim]) -> Dim:
    """The number of entries of an array.

    >>> product(("n1", 1, "n0")), product(("3", "n0", "2")), product(("n0-1", "n1"))
    ('n0*n1', '6*n0', '(n0-1)*n1')
    """
    known, factors = 1, []
    for dim in dims:
        size = size_of(dim)
        if size is None:
            factors.append(str(dim))
        else:
            known *= size
    if not factors or known == 0:
        return dim_of(known)
    texts = sorted(f if f.isalnum() else f"({f})" for f in factors)
    if len(factors) == 1 and known == 1:
        return factors[0]
    return "*".join(([str(known)] if known > 1 else []) + texts)


def at_most(dim: Dim, count: int) -> Dim:
    """The size `min(dim, count)`.

    >>> at_most("n0", 3), at_most("5", 3), at_most(1, 3)
    ('min(n0,3)', '3', 1)
    """
    size = size_of(dim)
    if size is not None:
        return dim_of(min(size, count))
    return "0" if count == 0 else f"min({dim},{count})"


def every(dim: Dim, step: int) -> Dim:
    """The number of entries that a slice with a step takes from `dim` entries.

    >>> every("n0", 2), every("5", 2), every("n0", -1)
    ('ceil(n0/2)', '3', 'n0')
    """
    step = abs(step)
    if step == 1:
        return dim
    size = size_of(dim)
    return f"ceil({dim}/{step})" if size is None else dim_of(-(-size // step))


def sliced(dim: Dim, start: int | None, stop: int | None, step: int) -> Dim | None:
    """The size of `x[start:stop:step]` along an axis; None where there is no canonical word for it.

    >>> sliced("n0", 1, -1, 1), sliced("n0", None, -2, 1), sliced("n0", -2, None, 1)
    ('n0-2', 'n0-2', 'min(n0,2)')
    """
    size = size_of(dim)
    if size is not None:
        return dim_of(len(range(size)[start:stop:step]))
    if step < 0:
        return every(dim, step) if start is None and stop is None else None
    start = start or 0
    if stop is None:
        taken = less(dim, start) if start >= 0 else at_most(dim, -start)
    elif stop >= 0:
        if start < 0:
            return None
        taken = less(at_most(dim, stop), start) if start < stop else "0"
    elif start >= 0:
        taken = less(dim, start - stop)
    else:
        taken = less(at_most(dim, -start), -stop) if start < stop else "0"
    return every(taken, step)


def broadcast(shapes: Sequence[Shape], fresh: Fresh) -> Shape:
    """The shape of an elementwise operation that does not fail.

    Args:
        shapes: of the operands.
        fresh: makes a symbol, for a size that is not known.

    >>> broadcast([("n0", 1), ("n1",)], lambda: "?")
    ('n0', 'n1')
    >>> broadcast([("n0-1",), ("n0-2",)], lambda: "?")
    ('?',)
    """
    result = shapes[0]
    for shape in shapes[1:]:
        if shape == result:
            continue
        if len(shape) > len(result):
            result, shape = shape, result
        extra = len(result) - len(shape)
        pairs = zip(result[extra:], shape, strict=True)
        result = result[:extra] + tuple(_together(a, b, fresh) for a, b in pairs)
    return result


def _together(left: Dim, right: Dim, fresh: Fresh) -> Dim:
    if left == right or right == 1:
        return left
    # What is never one is not repeated: the other has the same size, or is one.
    if left == 1 or never_one(right):
        return right
    return left if never_one(left) else fresh()
