"""Kinds of results by probing: NumPy answers for its own promotion and shape rules.

A function is called twice on small values of the given kinds. The sizes behind the symbols and the
numbers differ between the two calls, so what agrees in both results holds for all arguments of these
kinds: a size that was the size of the same symbol twice is that symbol. Nothing is read off the numbers.

Two conventions make single samples honest. A NumPy number of double precision may also be Python's own
(joins of the two are written `float64`), so one call is made with each. Where a dtype is not known, all is done
once with floats of single precision and once with integers, and only what both agree in is claimed: whatever has the
dtype of its operand, or a float of its precision, comes out differently.
"""

from __future__ import annotations

import itertools
import math
import operator
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tangent_sct.analysis.samples import WEAK, NoSample, Sampler
from tangent_sct.analysis.shapes import (
    DimValue,
    Shape,
    broadcast,
    dim_of,
    less,
    more,
    product,
    size_of,
)
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import NO_NUMBERS, NO_VALUE, OTHER, UNKNOWN, Dim, Kind, array, container

_LIMIT = 20_000
_LARGEST = 200
_PRIMES = (
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127,
)  # fmt: skip
_EQUAL = (3, 7)
_NEAR = 4

_SIZED_BY_VALUES = frozenset((
    np.argwhere, np.nonzero, np.flatnonzero, np.unique, np.unique_all, np.unique_counts, np.unique_inverse,
    np.unique_values, np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d, np.trim_zeros, np.polydiv, np.roots,
    np.compress, np.extract, np.bincount, np.repeat, np.delete, np.linalg.lstsq,
))  # fmt: skip
"""Functions in whose results sizes may depend on the numbers, so that no size is claimed that two samples share."""
_TYPED_BY_VALUES = frozenset((np.linalg.eig, np.linalg.eigvals, np.roots))
"""Functions whose results are real or complex, whichever the numbers make them."""

_cache: dict[Any, Kind] = {}
_entries: dict[Any, Kind] = {}
_numeric: dict[Any, Kind] = {}
_numbers = itertools.count()


def probe(
    function: Callable[..., Any],
    args: Sequence[Kind],
    keywords: Mapping[str, Kind] | None = None,
    *,
    any_integer: bool = False,
    fresh: str = "",
) -> Kind:
    """The kind of `function(*args, **keywords)`, for all arguments of the given kinds.

    Args:
        function: a function without effects.
        args: kinds of its positional arguments.
        keywords: kinds of its keyword arguments.
        any_integer: whether an integer of unknown value may be sampled by any, since neither rank nor
            shape depends on it.
        fresh: prefix for symbols of sizes that are not known; unique in the process where empty.

    Returns:
        The kind of the result, `UNKNOWN` where the samples say nothing.

    >>> from tangent_sct.core.kind import constant
    >>> from tangent_sct.core.kind import constant
    >>> probe(np.sum, [array(("n0", "n1"))], {"axis": constant(0)}).shape
    ('n1',)
    >>> probe(np.linalg.solve, [array(("n0", "n0")), array(("n0", 1))]).shape
    ('n0', 1)
    """
    keywords = keywords or {}
    symbols: dict[str, int] = {}
    key: Any = (
        function,
        any_integer,
        tuple([_key(kind, symbols) for kind in args]),
        tuple([(name, _key(kind, symbols)) for name, kind in keywords.items()]) if keywords else (),
    )
    known = _known_sizes(symbols)
    if known:
        key += (known,)
    try:
        found = _cache.get(key)
    except TypeError:
        key, found = None, None
    if found is None:
        found = _Probe(function, args, keywords, tuple(symbols), known, any_integer).result()
        if key is not None:
            if len(_cache) >= _LIMIT:
                _cache.clear()
            _cache[key] = found
    if found.family in ("scalar", "other", "unknown"):
        return found
    return _renamed(found, tuple(symbols), fresh or f"?{next(_numbers)}")


def elementwise(
    function: Callable[..., Any],
    args: Sequence[Kind],
    keywords: Mapping[str, Kind] | None = None,
    *,
    fresh: str = "",
) -> Kind:
    """The kind of an elementwise function's result: shapes by the rule of broadcasting.

    Args:
        function: an operator, a ufunc, or a function that broadcasts like one.
        args: kinds of its operands.
        keywords: kinds of options.
        fresh: prefix for symbols of sizes that are not known; unique in the process where empty.

    >>> elementwise(operator.mul, [Kind("scalar", "float"), array(("n0",), "float32")]).dtype
    'float32'
    """
    if not keywords and all(kind.family == "scalar" and kind.value is NO_VALUE for kind in args):
        return _of_numbers(function, args)
    arrays = [kind for kind in args if kind.family == "array"]
    if all(kind.shape == () for kind in arrays):
        return probe(function, args, keywords, any_integer=True, fresh=fresh)
    found = _of_entries(function, args, keywords)
    if found.family != "tuple" and not (found.family == "array" and found.shape == _ONE):
        return found if found.family == "scalar" else UNKNOWN
    shape = None
    shapes = [kind.shape for kind in arrays if kind.shape is not None]
    if len(shapes) == len(arrays):
        prefix = fresh or f"?{next(_numbers)}"
        numbers = itertools.count()
        shape = broadcast(shapes, lambda: f"{prefix}.{next(numbers)}")
    return _in_shape(found, _ONE, shape)


def _of_numbers(function: Callable[..., Any], args: Sequence[Kind]) -> Kind:
    """The kind of a function's result for numbers of which the dtype alone is known: the most common question."""
    try:
        key = (function, *[kind.dtype for kind in args])
        found = _numeric.get(key)
    except TypeError:
        return probe(function, args, any_integer=True)
    if found is None:
        found = probe(function, args, any_integer=True)
        if found.family not in ("scalar", "unknown"):
            return found
        if len(_numeric) >= _LIMIT:
            _numeric.clear()
        _numeric[key] = found
    return found


_ONE: Shape = ("e",)


def _of_entries(
    function: Callable[..., Any], args: Sequence[Kind], keywords: Mapping[str, Kind] | None
) -> Kind:
    """The kind of an elementwise function's result where all arrays have one axis."""
    if keywords:
        return probe(function, _small(args), keywords, any_integer=True)
    key = (function, *map(_key_of_entry, args))
    try:
        found = _entries.get(key)
    except TypeError:
        return probe(function, _small(args), any_integer=True)
    if found is None:
        found = probe(function, _small(args), any_integer=True)
        if len(_entries) >= _LIMIT:
            _entries.clear()
        _entries[key] = found
    return found


def _small(args: Iterable[Kind]) -> list[Kind]:
    """The kinds with one axis in the place of the shape of every array that has one."""
    return [
        kind if kind.family != "array" or kind.shape == () else Kind("array", kind.dtype, _ONE)
        for kind in args
    ]


def _key_of_entry(kind: Kind) -> Any:
    if kind.family == "array" and kind.shape != ():
        return kind.dtype
    return _key(kind, {})


def _in_shape(kind: Kind, old: Shape, new: Shape | None) -> Kind:
    if kind.family == "array":
        return Kind("array", kind.dtype, new) if kind.shape == old else UNKNOWN
    if kind.items is not None:
        return replace(kind, items=tuple((k, _in_shape(v, old, new)) for k, v in kind.items))
    return kind


# -- the key of a probe -------------------------------------------------------------------------


def _known_sizes(symbols: Mapping[str, int]) -> tuple[int, ...]:
    """The sizes behind the symbols, where all of them are known and small; else nothing."""
    sizes = []
    for symbol in symbols:
        size = size_of(symbol)
        if size is None:
            return ()
        sizes.append(size)
    return tuple(sizes) if sum(sizes) <= _LARGEST else ()


def _key(kind: Kind, symbols: dict[str, int]) -> Any:
    """What of a kind counts, with symbols numbered in the order in which they are met."""
    family = kind.family
    if family == "array":
        shape = kind.shape
        if shape is not None:
            number = symbols.setdefault
            return kind.dtype, tuple(
                [d if type(d) is int else number(d, len(symbols)) + 2 for d in shape]  # type: ignore[arg-type]
            )
        return kind.dtype, None
    value = kind.value
    if family == "scalar":
        if type(value) is DimValue:
            return "dim", kind.dtype, symbols.setdefault(value.symbol, len(symbols))
        return family, kind.dtype, type(value), value if value == value else "nan"
    if kind.items is not None:
        return family, tuple([(type(k), k, _key(v, symbols)) for k, v in kind.items])
    if kind.element is not None:
        return family, "each", _key(kind.element, symbols)
    return family, type(value), value


def _renamed(kind: Kind, symbols: tuple[str, ...], fresh: str) -> Kind:
    """A remembered result for the symbols of the question."""
    if kind.family == "array" and kind.shape:
        return Kind("array", kind.dtype, tuple([_named(d, symbols, fresh) for d in kind.shape]))
    if kind.items is not None:
        items = tuple([(k, _renamed(v, symbols, fresh)) for k, v in kind.items])
        return Kind(kind.family, items=items)
    if kind.element is not None:
        # The brackets say that a size is not the same for all items.
        return replace(kind, element=_renamed(kind.element, symbols, f"{fresh}[]"))
    return kind


def _named(dim: Dim, symbols: tuple[str, ...], fresh: str) -> Dim:
    if isinstance(dim, str):
        if dim[0] == "@":
            return _computed(dim, symbols)
        if dim[0] == "?":
            return f"{fresh}.{dim[1:]}"
    return dim


def _computed(dim: str, sizes: Sequence[Dim]) -> Dim:
    """The size that `@0`, `@0-1`, `@0+1` or `@0*@1` stands for."""
    if "*" in dim:
        return product(sizes[int(factor[1:])] for factor in dim.split("*"))
    place, sign, count = dim[1:].partition("-" if "-" in dim else "+")
    size = sizes[int(place)]
    if not sign:
        return size
    return less(size, int(count)) if sign == "-" else more(size, int(count))


# -- sampling -----------------------------------------------------------------------------------


class _Probe:
    """One question; symbols of the answer are `@i` for the i-th of the question, `?i` for fresh ones."""

    def __init__(
        self,
        function: Callable[..., Any],
        args: Sequence[Kind],
        keywords: Mapping[str, Kind],
        symbols: tuple[str, ...],
        known: tuple[int, ...],
        any_integer: bool,
    ) -> None:
        self.function = function
        self.args = args
        self.keywords = keywords
        self.symbols = symbols
        self.known = known
        self.any_integer = any_integer
        self.first_index = False
        self.ones_too = False
        self.any_dtype = "float32"
        self.fresh = itertools.count()

    def result(self) -> Kind:
        """The answer, whatever the dtypes are that are not known."""
        flags = (*self.args[1:], *self.keywords.values())
        if self.function is np.unique and any(kind.value is NO_VALUE for kind in flags):
            # Whether it returns a tuple depends on them.
            return UNKNOWN
        found = self.of_any_dtype()
        # Of complex numbers they are complex.
        is_typed = is_one_of(self.function, _TYPED_BY_VALUES) and not any(kind.is_complex for kind in self.args)
        if is_one_of(self.function, _SIZED_BY_VALUES) or is_typed:
            return self.of_any_values(found)
        return found

    def of_any_values(self, found: Kind) -> Kind:
        """A kind, of which nothing is claimed that the numbers decide."""
        if found.is_array:
            shape = found.shape
            if shape is not None and is_one_of(self.function, _SIZED_BY_VALUES):
                shape = tuple([d if str(d)[0] == "?" else f"?{next(self.fresh)}" for d in shape])
            return array(shape, None if is_one_of(self.function, _TYPED_BY_VALUES) else found.dtype)
        if found.items is not None:
            return replace(found, items=tuple([(k, self.of_any_values(item)) for k, item in found.items]))
        return found

    def of_any_dtype(self) -> Kind:
        found = self.of_dtype("float32")
        if found is UNKNOWN or not any(map(_is_open, (*self.args, *self.keywords.values()))):
            return found
        other = self.of_dtype("int64")
        if other is UNKNOWN:
            # Integers may be refused, by one of many functions of linear algebra.
            other = self.of_dtype("float64")
        return self.agreed(found, other)

    def agreed(self, a: Kind, b: Kind) -> Kind:
        """What two answers have in common that differ by dtypes."""
        if a.family != b.family:
            return UNKNOWN
        if a.family == "scalar":
            return Kind("scalar", common_dtype(a.dtype, b.dtype))
        if a.family == "array":
            dtype = a.dtype if a.dtype == b.dtype else None
            if a.shape is None or b.shape is None or len(a.shape) != len(b.shape):
                return UNKNOWN if () in (a.shape, b.shape) else array(None, dtype)
            pairs = zip(a.shape, b.shape, strict=True)
            return array(tuple([p if p == q else f"?{next(self.fresh)}" for p, q in pairs]), dtype)
        if a.items is not None and b.items is not None:
            if [key for key, _ in a.items] == [key for key, _ in b.items]:
                pairs_ = zip(a.items, b.items, strict=True)
                items = tuple([(k, self.agreed(p, q)) for (k, p), (_, q) in pairs_])
                return Kind(a.family, items=items)
        return a if a == b else Kind(a.family)

    def of_dtype(self, dtype: str) -> Kind:
        """The answer where unknown dtypes are a certain one.

        By distinct sizes first, then, for rank and dtype only, by equal ones.
        """
        self.any_dtype = dtype
        count = len(self.symbols)
        if count > len(_PRIMES) // 3:
            return UNKNOWN
        if self.known:
            known = dict(zip(self.symbols, self.known, strict=True))
            return self.read_back([known] * 2, exact=True)
        # One ascending and one descending with other gaps, so that no sum or difference of sizes agrees in both, not
        # even up to its sign.
        distinct = [_PRIMES[:count], _PRIMES[count : 3 * count : 2][::-1]]
        sizes = [dict(zip(self.symbols, d, strict=True)) for d in distinct]
        found = self.read_back(sizes, exact=True)
        if count and _has_computed(found):
            found = self.without_smaller(found)
        if found is UNKNOWN and count > 1:
            found = self.read_back(self.equal_sizes(), exact=False)
        if found is UNKNOWN and count and any(_has_one(k) for k in self.args):
            # A size that is one beside one that must equal it, and may be one as well.
            self.ones_too = True
            found = self.read_back(self.equal_sizes(), exact=False)
            self.ones_too = False
        if found is UNKNOWN and any(_measures(k) for k in (*self.args, *self.keywords.values())):
            # Integers that are no sizes: axes and positions.
            self.first_index = True
            found = self.read_back(self.equal_sizes(), exact=False)
        return found

    def equal_sizes(self) -> list[dict[str, int]]:
        """Two samples in which every symbol has one size."""
        return [dict.fromkeys(self.symbols, n) for n in _EQUAL]

    def without_smaller(self, found: Kind) -> Kind:
        """The answer without sizes that are the smaller or larger of two: nothing is below zero."""
        try:
            empty = self.call(0, dict.fromkeys(self.symbols, 0), 0)
        except Exception:  # no sizes of zero, so nothing to find out
            return found
        return self.checked(found, empty)

    def checked(self, found: Kind, value: Any) -> Kind:
        """A kind, with fresh symbols for sizes that a value does not have if all symbols are zero."""
        if found.is_array and found.shape and np.ndim(value) == len(found.shape):
            pairs = zip(found.shape, np.shape(value), strict=True)
            nothing = ["0"] * len(self.symbols)
            dims = [
                d if _computed_size(d, nothing) in (None, size) else f"?{next(self.fresh)}"
                for d, size in pairs
            ]
            return array(tuple(dims), found.dtype)
        if found.items is not None and isinstance(value, (tuple, list)):
            pairs_ = zip(found.items, value, strict=False)
            items = tuple([(k, self.checked(item, v)) for (k, item), v in pairs_])
            return replace(found, items=items) if len(items) == len(found.items) else UNKNOWN
        return found

    def read_back(self, sizes: list[dict[str, int]], exact: bool) -> Kind:
        """Call the function on two samples and compare the results."""
        for domain in (0, 1):
            try:
                first, second = (self.call(which, sizes[which], domain) for which in (0, 1))
            except NoSample:
                return UNKNOWN
            except Exception:  # a function may refuse its samples in any way it likes
                continue
            names = {}
            if exact:
                pairs = zip(self.symbols, sizes[0].values(), sizes[1].values(), strict=True)
                names = {(a, b): f"@{i}" for i, (_, a, b) in enumerate(pairs) if a != b}
            return self.compare(first, second, names, exact)
        return UNKNOWN

    def call(self, which: int, sizes: Mapping[str, int], domain: int) -> Any:
        one = _EQUAL[which] if self.ones_too else 1
        sampler = Sampler(
            which, sizes, domain, self.any_integer, self.first_index, self.any_dtype, one
        )
        args = [sampler.sample(kind) for kind in self.args]
        keywords = {name: sampler.sample(kind) for name, kind in self.keywords.items()}
        if which == 1 and self.function is operator.pow and _is_int_of_any_value(self.args):
            # The type of a power of Python's own numbers depends on the sign of the exponent.
            args[1] = -1
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error")
            return self.function(*args, **keywords)

    def compare(self, a: Any, b: Any, names: Mapping[Any, str], exact: bool) -> Kind:
        """The kind that two results have in common."""
        if type(a) is np.ndarray and type(b) is np.ndarray:
            if a.dtype.kind not in "biufc" or b.dtype.kind not in "biufc":
                # An array of texts or of objects holds no numbers that derivatives are followed to.
                return NO_NUMBERS if a.dtype.kind == b.dtype.kind else UNKNOWN
            dtype = a.dtype.name if a.dtype == b.dtype else None
            if a.ndim != b.ndim:
                return array(None, dtype) if a.ndim and b.ndim else UNKNOWN
            pairs = zip(a.shape, b.shape, strict=True)
            return array(tuple([self.dim(p, names, exact) for p in pairs]), dtype)
        left, right = _number(a), _number(b)
        if left is not None and right is not None:
            return Kind("scalar", common_dtype(left, right))
        if isinstance(a, (tuple, list, dict)) and isinstance(b, type(a)):
            return self.compare_items(a, b, names, exact)
        if isinstance(
            a, (str, bytes, slice, range, np.dtype, type, type(None))
        ) and type(a) is type(b):
            plain = isinstance(a, (str, np.dtype, type, type(None))) and a == b
            return Kind("other", value=a) if plain else OTHER
        return UNKNOWN

    def compare_items(self, a: Any, b: Any, names: Mapping[Any, str], exact: bool) -> Kind:
        family: Any = next(t.__name__ for t in (tuple, list, dict) if isinstance(a, t))
        keys = list(a) if family == "dict" else list(range(len(a)))
        if keys != (list(b) if family == "dict" else list(range(len(b)))):
            return Kind(family) if family == "dict" else Kind(family, element=self.any_of([*a, *b]))
        return container(family, {k: self.compare(a[k], b[k], names, exact) for k in keys})

    def any_of(self, values: Sequence[Any]) -> Kind | None:
        """What any item is of containers that differ in length; of its sizes nothing is known."""
        found: Kind | None = None
        for left, right in itertools.pairwise(values):
            kind = self.compare(left, right, {}, exact=False)
            found = kind if found is None else self.agreed(found, kind)
        return None if found is None or found is UNKNOWN else found.forget_value()

    def dim(self, pair: tuple[int, int], names: Mapping[Any, str], exact: bool) -> Dim:
        """The dimension that has these two sizes in the two results."""
        if pair in names:
            return names[pair]
        if exact and pair[0] == pair[1]:
            return dim_of(pair[0])
        found = _compound(pair, list(names)) if exact else None
        return found or f"?{next(self.fresh)}"


def _compound(pair: tuple[int, int], sizes: Sequence[tuple[int, int]]) -> str | None:
    """A size that is computed of sizes: the product of some, or one that is a little more or less."""
    for count in (2, 3):
        for places in itertools.combinations_with_replacement(range(len(sizes)), count):
            if all(math.prod(sizes[i][k] for i in places) == pair[k] for k in (0, 1)):
                return "*".join(f"@{i}" for i in places)
    near = [
        f"@{i}{pair[0] - a:+}"
        for i, (a, b) in enumerate(sizes)
        if pair[0] - a == pair[1] - b and abs(pair[0] - a) <= _NEAR
    ]
    return near[0] if len(near) == 1 else None


def _has_computed(kind: Kind) -> bool:
    """Whether a size in a kind is a number, or computed of others."""
    if kind.items is not None:
        return any(_has_computed(item) for _, item in kind.items)
    return any(_computed_size(dim, None) is not None for dim in kind.shape or ())


def _computed_size(dim: Dim, sizes: Sequence[Dim] | None) -> int | None:
    """A size where it is a number, or computed of others; None for what is a symbol alone."""
    if isinstance(dim, str) and dim[0] == "@":
        if dim[1:].isdigit():
            return None
        return 0 if sizes is None else size_of(_computed(dim, sizes))
    return size_of(dim)


def _has_one(kind: Kind) -> bool:
    return 1 in (kind.shape or ())


def _measures(kind: Kind) -> bool:
    return isinstance(kind.value, DimValue) or any(_measures(v) for _, v in kind.items or ())


def _is_open(kind: Kind) -> bool:
    """Whether some dtype in a kind is not known."""
    if kind.family in ("scalar", "array"):
        return kind.dtype is None
    if kind.element is not None:
        return _is_open(kind.element)
    return any(_is_open(item) for _, item in kind.items or ())


def _is_int_of_any_value(args: Sequence[Kind]) -> bool:
    return (
        len(args) == 2
        and args[0].dtype in ("int", "bool", "float")
        and args[1].family == "scalar"
        and args[1].dtype == "int"
        and args[1].value is NO_VALUE
    )


def _number(value: Any) -> str | None:
    if type(value) in (bool, int, float, complex):
        return type(value).__name__
    if isinstance(value, np.generic) and value.dtype.kind in "biufc":
        return value.dtype.name
    return None


_PARTLY_REAL = frozenset(("float", "float64", "complex", "complex128"))
"""Numbers of double precision; a real one is complex where it may also be a complex one."""


def common_dtype(left: str | None, right: str | None) -> str | None:
    """The dtype that says of a scalar that it has one of two.

    A number that is an `int` or a `float` counts as a `float`, one that is a `float` or a `complex` as a
    `complex`; one that is Python's own or NumPy's of double precision counts as NumPy's.

    >>> common_dtype("float", "float64"), common_dtype("int", "float"), common_dtype("float", "float32")
    ('float64', 'float', None)
    >>> common_dtype("float", "complex128")
    'complex128'
    """
    if left == right:
        return left
    if left is None or right is None:
        return None
    if {left, right} <= _PARTLY_REAL and not {left, right} <= {"float", "float64"}:
        return "complex" if {left, right} <= {"float", "complex"} else "complex128"
    if "int" in (left, right):
        other = right if left == "int" else left
        if other in ("float", "float64", "complex", "complex128"):
            return other
    if left in WEAK and WEAK[left] == right:
        return right
    if right in WEAK and WEAK[right] == left:
        return left
    return None


def symbols_of(kind: Kind) -> Iterator[str]:
    """The symbols in a kind, sizes that are known left out."""
    for dim in kind.shape or ():
        if isinstance(dim, str) and not dim.isdigit():
            yield dim
    for _, item in kind.items or ():
        yield from symbols_of(item)
    if kind.element is not None:
        yield from symbols_of(kind.element)
    if kind.present is not None:
        yield from symbols_of(kind.present)
    if isinstance(kind.value, DimValue):
        yield kind.value.symbol
