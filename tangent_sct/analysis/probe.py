"""Kinds of results by probing: NumPy answers for its own promotion and shape rules.

A function is called twice on small values of the given kinds. The sizes behind the symbols and the
numbers differ between the two calls, so what agrees in both results holds for all arguments of these
kinds: a size that was the size of the same symbol twice is that symbol. Nothing is read off the numbers.

Two conventions make single samples honest. A NumPy number of double precision may also be Python's own
(joins of the two are written `float64`), so one call is made with each. A number whose dtype is not known
is sampled in two precisions, so that only what does not depend on the dtype is claimed.
"""

from __future__ import annotations

import itertools
import operator
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tangent_sct.analysis.shapes import DimValue, Shape, broadcast, dim_of, size_of
from tangent_sct.core.kind import NO_VALUE, OTHER, UNKNOWN, Dim, Kind, array, container

_LIMIT = 20_000
_LARGEST = 200
_PRIMES = (
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97
)  # fmt: skip
_EQUAL = (3, 7)
_WEAK = {"float": "float64", "complex": "complex128", "int": "int64", "bool": "bool"}
_DOUBLE = frozenset(("float64", "complex128", "int64", "bool"))

_cache: dict[Any, Kind] = {}
_entries: dict[Any, Kind] = {}
_numbers = itertools.count()


class _NoSample(Exception):
    """There is no value that could stand for all values of a kind."""


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
                [d if d.__class__ is int else number(d, len(symbols)) + 2 for d in shape]  # type: ignore[arg-type]
            )
        return kind.dtype, None
    value = kind.value
    if family == "scalar":
        if value.__class__ is DimValue:
            return "dim", symbols.setdefault(value.symbol, len(symbols))
        return family, kind.dtype, value.__class__, value if value == value else "nan"
    if kind.items is not None:
        return family, tuple([(k.__class__, k, _key(v, symbols)) for k, v in kind.items])
    return family, value.__class__, value


def _renamed(kind: Kind, symbols: tuple[str, ...], fresh: str) -> Kind:
    """A remembered result for the symbols of the question."""
    if kind.family == "array" and kind.shape:
        return Kind("array", kind.dtype, tuple([_named(d, symbols, fresh) for d in kind.shape]))
    if kind.items is not None:
        items = tuple([(k, _renamed(v, symbols, fresh)) for k, v in kind.items])
        return Kind(kind.family, items=items)
    return kind


def _named(dim: Dim, symbols: tuple[str, ...], fresh: str) -> Dim:
    if isinstance(dim, str):
        if dim[0] == "@":
            return symbols[int(dim[1:])]
        if dim[0] == "?":
            return f"{fresh}.{dim[1:]}"
    return dim


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
        self.fresh = itertools.count()

    def result(self) -> Kind:
        """The answer: by distinct sizes first, then, for rank and dtype only, by equal ones."""
        count = len(self.symbols)
        if count > len(_PRIMES) // 2:
            return UNKNOWN
        if self.known:
            known = dict(zip(self.symbols, self.known, strict=True))
            return self.read_back([known] * 2, exact=True)
        # One ascending and one descending, so that no sum or difference of sizes agrees in both.
        distinct = [_PRIMES[:count], _PRIMES[count : 2 * count][::-1]]
        sizes = [dict(zip(self.symbols, d, strict=True)) for d in distinct]
        found = self.read_back(sizes, exact=True)
        if count and _has_literal(found):
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
        """The answer without literal sizes that are the smaller of two: nothing is below zero."""
        try:
            empty = self.call(0, dict.fromkeys(self.symbols, 0), 0)
        except Exception:  # no sizes of zero, so nothing to find out
            return found
        return self.checked(found, empty)

    def checked(self, found: Kind, value: Any) -> Kind:
        """A kind, with fresh symbols for literal sizes that a value does not have."""
        if found.is_array and found.shape and np.ndim(value) == len(found.shape):
            pairs = zip(found.shape, np.shape(value), strict=True)
            dims = [
                d if size_of(d) in (None, size) else f"?{next(self.fresh)}" for d, size in pairs
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
            except _NoSample:
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
        sampler = _Sampler(which, sizes, domain, self.any_integer, self.first_index, one)
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
                return UNKNOWN
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
            return Kind(family)
        return container(family, {k: self.compare(a[k], b[k], names, exact) for k in keys})

    def dim(self, pair: tuple[int, int], names: Mapping[Any, str], exact: bool) -> Dim:
        """The dimension that has these two sizes in the two results."""
        if pair in names:
            return names[pair]
        if exact and pair[0] == pair[1]:
            return dim_of(pair[0])
        return f"?{next(self.fresh)}"


def _has_literal(kind: Kind) -> bool:
    """Whether a size in a kind is a number."""
    if kind.items is not None:
        return any(_has_literal(item) for _, item in kind.items)
    return any(size_of(dim) is not None for dim in kind.shape or ())


def _has_one(kind: Kind) -> bool:
    return 1 in (kind.shape or ())


def _measures(kind: Kind) -> bool:
    return isinstance(kind.value, DimValue) or any(_measures(v) for _, v in kind.items or ())


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


def common_dtype(left: str | None, right: str | None) -> str | None:
    """The dtype that says of a scalar that it has one of two.

    A number that is an `int` or a `float` counts as a `float`; one that is Python's own or NumPy's
    of double precision counts as NumPy's.

    >>> common_dtype("float", "float64"), common_dtype("int", "float"), common_dtype("float", "float32")
    ('float64', 'float', None)
    """
    if left == right:
        return left
    if left is None or right is None:
        return None
    if "int" in (left, right):
        other = right if left == "int" else left
        if other in ("float", "float64", "complex", "complex128"):
            return other
    if left in _WEAK and _WEAK[left] == right:
        return right
    if right in _WEAK and _WEAK[right] == left:
        return left
    return None


class _Sampler:
    """Values of given kinds; `which` of two, in one of two domains of numbers."""

    def __init__(
        self,
        which: int,
        sizes: Mapping[str, int],
        domain: int,
        any_integer: bool,
        first_index: bool,
        one: int = 1,
    ) -> None:
        self.one = one
        self.which = which
        self.domain = domain
        self.sizes = sizes
        self.number = ((1.5, 2.75), (0.5, 0.25))[domain][which]
        self.any_integer = any_integer
        self.first_index = first_index

    def sample(self, kind: Kind) -> Any:
        """A value of a kind."""
        if kind.family == "scalar":
            return self.scalar(kind)
        if kind.family == "array":
            # What holds for one axis and for four holds for every rank.
            sizes: tuple[int, ...] = ((4,), (6, 2, 2, 2))[self.which]
            if kind.shape is not None:
                sizes = tuple(
                    [self.one if isinstance(d, int) else self.sizes[d] for d in kind.shape]
                )
            return self.array(sizes, kind.dtype or ("float64", "float32")[self.which])
        if kind.items is not None:
            values = [(key, self.sample(item)) for key, item in kind.items]
            if kind.family == "dict":
                return dict(values)
            return (tuple if kind.family == "tuple" else list)([value for _, value in values])
        value = kind.value
        if kind.family != "other" or value is NO_VALUE:
            raise _NoSample
        if callable(value) and not isinstance(value, type):
            raise _NoSample
        return value

    def scalar(self, kind: Kind) -> Any:
        if isinstance(kind.value, DimValue):
            return 0 if self.first_index else self.sizes[kind.value.symbol]
        if kind.value is not NO_VALUE:
            return kind.value
        dtype = kind.dtype or ("float64", "float32")[self.which]
        if dtype == "bool":
            # Python's own and NumPy's.
            return (True, np.False_)[self.which]
        if dtype.startswith(("int", "uint")) and not self.any_integer:
            raise _NoSample
        own = dtype in _WEAK or (kind.dtype in _DOUBLE and self.which == 1)
        value: Any = self.number
        if dtype.startswith(("int", "uint")):
            value = (2, 3)[self.which]
        elif dtype.startswith("complex"):
            value = complex(self.number, 0.25)
        return value if own else np.dtype(dtype).type(value)

    def array(self, sizes: tuple[int, ...], dtype: str) -> Any:
        count = int(np.prod(sizes))
        if dtype == "bool":
            return (np.arange(count) % (2 + self.which) == 0).reshape(sizes)
        if dtype.startswith(("int", "uint")):
            return (np.arange(count) % (3 - self.which)).astype(dtype).reshape(sizes)
        if len(sizes) > 1 and sizes[-1] == sizes[-2] and (sizes[-1] != 1 or self.domain):
            # Symmetric and positive definite, so that every factorisation exists. A single element is
            # so only where a zero was refused, since it may be one of many zeros as well.
            n = sizes[-1]
            matrix = np.full((n, n), 0.25) + np.diag(np.arange(n) + 1.0 + self.which)
            return np.broadcast_to(matrix, sizes).astype(dtype)
        # A ramp; the second time with equal entries and zeros, against functions of the data.
        ramp = (np.arange(count) + 0.5) / max(count, 1) + 0.5
        return (np.arange(count) % 2 * 0.75 if self.which else ramp).astype(dtype).reshape(sizes)


def symbols_of(kind: Kind) -> Iterator[str]:
    """The symbols in a kind, sizes that are known left out."""
    for dim in kind.shape or ():
        if isinstance(dim, str) and not dim.isdigit():
            yield dim
    for _, item in kind.items or ():
        yield from symbols_of(item)
    if isinstance(kind.value, DimValue):
        yield kind.value.symbol
