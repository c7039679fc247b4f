"""Functions that are not probed: what they return is known from what they mean.

Sizes (`len`, `np.shape`), since a sample would be read as a number; Python's own types; the helpers
of generated code, whose results look like one of their arguments.
"""

from __future__ import annotations

import builtins
import copy
import itertools
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from tangent_sct import runtime
from tangent_sct.analysis.kinds.arithmetic import broadcasting
from tangent_sct.analysis.kinds.knowledge import Knowledge
from tangent_sct.analysis.kinds.lattice import join, join_all
from tangent_sct.analysis.kinds.objects import kind_of_object
from tangent_sct.analysis.kinds.sizes import is_size, shape_kind, size_kind
from tangent_sct.analysis.probe import probe
from tangent_sct.analysis.shapes import DimValue, dim_of, never_one, product, value_of
from tangent_sct.core.identity import entry_of
from tangent_sct.core.kind import (
    BOOL,
    FLOAT,
    GENERATORS,
    INT,
    NO_VALUE,
    OTHER,
    RANGE,
    SLICE,
    TEXT,
    UNKNOWN,
    Dim,
    Kind,
    array,
    constant,
    container,
    is_immutable,
    is_object,
    scalar,
)
from tangent_sct.runtime import sparse
from tangent_sct.runtime.objects import is_named

Special = Callable[[Knowledge, Any, list[Kind], dict[str, Kind]], Kind | None]


def special(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """The kind of a call of one of these functions; None for others, and where probing says more."""
    found = entry_of(function, _SPECIAL)
    if found is None and isinstance(function, type) and is_named(function):
        return _named_by_call(function, args, keywords)
    return None if found is None else found(known, function, args, keywords)


def _length(known: Knowledge, _: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
    kind = args[0].present or args[0]
    known.await_items([kind])
    if kind.is_array and kind.shape:
        return Kind("scalar", "int", value=value_of(kind.shape[0]))
    if kind.items is not None and not is_object(kind):
        return constant(len(kind.items))
    return INT


def _shape_of(known: Knowledge, _: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
    if args and (args[0].is_array or args[0].is_scalar):
        return shape_kind(args[0])
    items = args[0].items if args and args[0].family in ("list", "tuple") else None
    if items and all(item.is_scalar for _, item in items):
        return container("tuple", {0: constant(len(items))})
    if args and args[0].element is not None and args[0].element.is_scalar:
        # A list of numbers, of whatever length.
        return container("tuple", {0: INT})
    return Kind("tuple")


def _positions(known: Knowledge, _: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
    """`np.ndindex`: what is run through are tuples of integers, as many as there are axes."""
    items = args[0].items if len(args) == 1 and args[0].family == "tuple" else tuple(enumerate(args))
    if items is None or not all(item.is_scalar for _, item in items):
        return UNKNOWN
    return Kind("list", element=container("tuple", dict.fromkeys(range(len(items)), INT)))


def _rank_of(known: Knowledge, _: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
    rank = args[0].rank if args else None
    if rank is None and args and args[0].items and all(item.is_scalar for _, item in args[0].items):
        rank = 1
    return INT if rank is None else constant(rank)


def _count_of(known: Knowledge, _: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
    if len(args) == 1 and not keywords and (args[0].is_array or args[0].is_scalar):
        return size_kind(args[0])
    if len(args) == 2 and not keywords and args[0].shape is not None:
        axis = args[1].value
        if type(axis) is int and -len(args[0].shape) <= axis < len(args[0].shape):
            return Kind("scalar", "int", value=value_of(args[0].shape[axis]))
    return INT


def _extreme(known: Knowledge, _: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
    """`max` and `min` return one of what they compare."""
    if len(args) == 1 and set(keywords) == {"key"}:
        return known.item(args[0])
    if len(args) == 1 and "default" in keywords:
        known.await_items(args)
        others = [] if args[0].items == () else [known.item(args[0])]
        return join_all([keywords["default"], *others], known.fresh).forget_value()
    if keywords:
        return UNKNOWN
    if len(args) == 1:
        found = known.item(args[0])
        return found if found.is_scalar or found.is_container else UNKNOWN
    found = join_all(args, known.fresh)
    return found.forget_value() if found.is_scalar or found.is_container else UNKNOWN


def _sum(known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind | None:
    """`sum` of nothing is what it starts from, so of any number of arrays it may be an integer."""
    if keywords or not args or args[0].element is None:
        return None
    found = probe(function, args, fresh=known.fresh())
    start = args[1] if len(args) > 1 else INT
    return found if found.is_scalar else join(start, found, known.fresh)


def _returning(kind: Kind) -> Special:
    return lambda known, function, args, keywords: kind


def _same_shape(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    """The shape of the first argument, of numbers of any type."""
    return array(args[0].shape, None) if args and args[0].is_array else UNKNOWN


def _like(position: int) -> Special:
    """The shape of `like`, the dtype of the first argument."""

    def special(
        known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
    ) -> Kind | None:
        like = args[position] if position < len(args) else keywords.get("like", UNKNOWN)
        g = args[0] if args else UNKNOWN
        if like.family == "unknown" or like.is_container or g.is_container:
            return UNKNOWN
        if g.family == "unknown":
            # Whatever it is, it is given the shape of an array.
            return array(like.shape, None) if like.is_array and like.rank else UNKNOWN
        dtype = g.dtype if g.is_float is not False or g.dtype in ("int", "int64") else None
        if like.is_array and like.shape != ():
            return array(like.shape, _spread_dtype(dtype, like.dtype) if g.is_scalar else dtype)
        if g.is_scalar and like.is_scalar:
            return g.forget_value()
        if like.is_scalar and g.is_array and g.shape != ():
            return probe(np.sum, [g], fresh=known.fresh())
        return UNKNOWN

    return special


def _adjoint_of_operand(place: int, *others: int) -> Special:
    """The adjoint of one operand of a product: of its shape, and made of the seed and the other operands."""

    def special(
        known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
    ) -> Kind | None:
        if len(args) <= max(place, *others) or not all(args[i].is_array for i in (0, place, *others)):
            return None
        types = {args[i].dtype for i in (0, *others)}
        dtype = None if None in types else np.result_type(*filter(None, types)).name
        # Without an axis it may be an array or a number.
        return array(args[place].shape, dtype) if args[place].shape else None

    return special


def _made_of(*places: int, like: int | None = None, rank: int | None = None) -> Special:
    """An array of the common type of some arguments.

    Args:
        places: of these arguments.
        like: the argument whose shape it has; with a rank, all but its first size.
        rank: how many axes it has, where it has not the shape of an argument.
    """

    def special(
        known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
    ) -> Kind | None:
        if len(args) <= max(places) or not all(args[i].is_array for i in places):
            return UNKNOWN
        types = {args[i].dtype for i in places}
        dtype = None if None in types else np.result_type(*filter(None, types)).name
        shape = None if like is None else args[like].shape
        if like is None:
            shape = tuple(known.fresh() for _ in range(rank or 0))
        elif rank is not None and shape:
            shape = known.fresh(), *shape[1:]
        return array(shape, dtype) if shape else UNKNOWN

    return special


def _joined(known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind | None:
    """Diagonals one behind the other, of the common type of all."""
    items = [item for _, item in (args[0].items if args else None) or ()]
    types = {item.dtype if item.is_array or item.is_scalar else None for item in items} or {None}
    dtype = None if None in types else np.result_type(*filter(None, types)).name
    return array((known.fresh(),), dtype)


def _part_of_joined(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """What a diagonal gets: of its shape, of the type of the joined ones."""
    if len(args) < 4 or not args[0].is_array:
        return UNKNOWN
    if args[3].is_scalar:
        return scalar(args[0].dtype)
    return array(args[3].shape, args[0].dtype) if args[3].is_array and args[3].shape else UNKNOWN


def _solution(known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind | None:
    """The solution of a system: of the shape of the right-hand side, and of floats."""
    found = _made_of(1, 2, like=2)(known, function, args, keywords)
    return array(found.shape, None) if found is not None and found.is_array and not found.is_float else found


def _einsum_adjoint(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """`einsum_adjoint(seed, subscripts, place, *operands)` is shaped like the operand at that place."""
    place = args[2].value if len(args) > 2 else None
    if not isinstance(place, int) or keywords or not 3 <= place + 3 < len(args):
        return None
    others = [i for i in range(3, len(args)) if i != place + 3]
    return _adjoint_of_operand(place + 3, *others)(known, function, args, keywords) if others else None


def _spread_dtype(dtype: str | None, like: str | None) -> str | None:
    """The dtype of an array of one number: a number of Python's own takes the precision of what it is like."""
    if dtype in ("float", "complex"):
        return None if like is None else np.result_type(np.dtype(like), 0.0 if dtype == "float" else 0j).name
    if dtype in ("float64", "complex128"):
        # It may be Python's own as well.
        own = _spread_dtype("float" if dtype == "float64" else "complex", like)
        return dtype if own == dtype else None
    return _STRONG.get(dtype or "", dtype)


_STRONG = {"float": "float64", "complex": "complex128", "int": "int64"}


def _copy_of(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """Functions that keep the shape of their first argument."""
    if not args or "shape" in keywords or not args[0].is_array:
        return None
    return broadcasting(known, function, args, keywords)


def _reshaped(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """`reshape` and `broadcast_to`: the shape is given; one size may be -1."""
    source = args[0] if args else UNKNOWN
    wanted = args[1] if len(args) > 1 else keywords.get("shape", UNKNOWN)
    if not (source.is_array or source.is_scalar):
        return UNKNOWN
    dtype = source.dtype if source.is_array else _STRONG.get(source.dtype or "", source.dtype)
    if wanted.is_scalar:
        wanted = Kind("tuple", items=((0, wanted),))
    if wanted.items is None:
        return UNKNOWN
    dims: list[Dim] = []
    for _, item in wanted.items:
        value = item.value
        if isinstance(value, DimValue):
            dims.append(value.symbol if is_size(value.symbol) else known.fresh())
        elif type(value) is int and value >= 0:
            dims.append(dim_of(value))
        elif type(value) is int and len(wanted.items) == 1 and source.shape:
            dims.append(product(source.shape))
        else:
            dims.append(known.fresh())
    if not dims and source.is_scalar and function is np.reshape:
        # A number of NumPy stays one, and one of Python's becomes an array without axes.
        return UNKNOWN if source.dtype in _STRONG else Kind("scalar", source.dtype)
    return array(tuple(dims), dtype)


def _stepped(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """`arange`: how many there are is a matter of numbers, where they are floats."""
    if not any(kind.is_float is not False and kind.value is NO_VALUE for kind in args):
        return None
    found = probe(function, args, keywords, fresh=known.fresh())
    return array((known.fresh(),), found.dtype) if found.is_array else UNKNOWN


def _squeezed(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """Which axes go is sure only where no size may turn out to be one."""
    shape = args[0].shape if args else None
    if shape is not None and all(d == 1 or never_one(d) for d in shape):
        return None
    return UNKNOWN if len(args) < 2 and "axis" not in keywords else None


def _ranks(known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind | None:
    """Ranks of several quantiles are those of one, several times; samples of several would not all be such."""
    if len(args) < 2 or not args[0].is_array or args[0].shape is None:
        return None
    found = probe(function, [scalar(args[0].dtype), *args[1:]], keywords, fresh=known.fresh())
    if not found.is_array or not found.shape:
        return UNKNOWN
    count = args[0].shape[0] if len(args[0].shape) == 1 else known.fresh()
    return array((*found.shape[:-1], count), found.dtype)


def _zeros(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """The runtime's `zeros_like`: zeros of floats, of the structure of the argument."""
    return _zero_of(args[0]) if args else UNKNOWN


def _filled(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """Zeros like the second argument, with the first one in some places."""
    like = args[1] if len(args) > 1 else keywords.get("like", UNKNOWN)
    return _zero_of(like) if like.is_array and like.shape != () else UNKNOWN


def _zero_items(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """A shadow: zeros like the argument, lists in the place of tuples."""
    return shadow_kind(args[0]) if args else UNKNOWN


def shadow_kind(kind: Kind) -> Kind:
    """The kind of the shadow of a value."""
    return _with_lists(_zero_of(kind))


def _old_item(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """An item that is about to be replaced: one that is there where the structure is known, else it may be `ABSENT`.

    What may be `ABSENT` is of no other kind than what may be None: nothing is computed with either.
    """
    if len(args) != 2:
        return UNKNOWN
    if args[0].items:
        return args[0].item(args[1].value)
    if args[0].items == ():
        # None has been put there yet.
        known.names.missing = True
        return UNKNOWN
    element = args[0].element
    shares = element is not None and (element.is_array or element.is_container)
    return Kind("unknown", present=element) if shares else UNKNOWN


def _with_lists(kind: Kind) -> Kind:
    if kind.present is not None:
        return replace(kind, present=_with_lists(kind.present))
    if not kind.is_container:
        return kind
    items = kind.items and tuple((key, _with_lists(item)) for key, item in kind.items)
    element = None if kind.element is None else _with_lists(kind.element)
    return Kind("dict" if kind.family == "dict" else "list", items=items, element=element, cls=_beside(kind))


def _beside(kind: Kind) -> type | None:
    """The class of what stands beside an object, where its attributes do not tell that it is one."""
    return SimpleNamespace if is_object(kind) and not kind.items else None


def _zero_of(kind: Kind) -> Kind:
    if kind.is_array:
        exact = kind.dtype is not None and not kind.is_float
        return array(kind.shape, "float64" if exact else kind.dtype)
    if kind.is_scalar:
        if kind.dtype in ("float64", None):
            return kind.forget_value()
        return kind.forget_value() if kind.is_float else FLOAT
    if kind.is_container:
        items = kind.items and tuple((key, _zero_of(item)) for key, item in kind.items)
        element = None if kind.element is None else _zero_of(kind.element)
        return Kind(kind.family, items=items, element=element, cls=_beside(kind))
    if kind.present is not None:
        return replace(kind, present=_zero_of(kind.present))
    if kind.mixed:
        return kind
    return Kind("other", value=None) if kind.family == "other" else UNKNOWN


def _entry(known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
    """`x.item()`: Python's own number."""
    dtype = args[0].dtype
    if dtype is None:
        return scalar(None)
    for family, own in (("float", "float"), ("complex", "complex"), ("bool", "bool")):
        if dtype.startswith(family):
            return scalar(own)
    return INT


def _conjugated(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    """`x.conj()`, which numbers have as well, and which gives back real arrays."""
    if len(args) == 1 and args[0].is_array and args[0].is_complex is False:
        return args[0]
    return broadcasting(known, np.conjugate, args, keywords)


def _unchanged(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    return args[0] if args else UNKNOWN


def _inverse_axes(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    """`inverse_axes(axes)` of axes that are known; else a tuple of integers."""
    axes = [item.value for _, item in (args[0].items if args else None) or ()]
    is_known = axes and all(type(axis) is int for axis in axes)
    return constant(runtime.inverse_axes(axes)) if is_known else Kind("tuple", element=INT)


def _like_place(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    """`difference_adjoint(seed, function, place, *args)` is like the argument at that place."""
    place = args[2].value if len(args) > 2 else None
    like = args[3 + place] if isinstance(place, int) and 3 + place < len(args) else UNKNOWN
    return _zero_of(like) if like.is_array or like.is_scalar else UNKNOWN


def _as_sequence(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    """`tuple(...)` and `list(...)`."""
    family: Any = function.__name__
    found = Kind(family)
    if not args:
        found = Kind(family, items=())
    elif args[0].items is not None and args[0].family in ("tuple", "list"):
        found = Kind(family, items=args[0].items)
    elif args[0].element is not None and args[0].family in ("tuple", "list"):
        found = Kind(family, element=args[0].element)
    elif args[0].is_array:
        found = Kind(family, element=known.item(args[0]))
    elif args[0].family in ("other", "unknown") and args[0].element is not None:
        found = Kind(family, element=known.item(args[0]))
    return found


def _backwards(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    """`reversed(...)` of numbers, or of what cannot change: an iterator of the same items."""
    known.await_items(args)
    if args and args[0].items == ():
        return OTHER
    item = known.item(args[0]) if args else UNKNOWN
    is_known = is_immutable(item) or (item.family != "unknown" and is_immutable(args[0]))
    return Kind("other", element=item) if is_known else OTHER


def _named_by_call(cls: type, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
    """What a class of named tuples makes of its fields."""
    names: tuple[str, ...] = cls._fields  # type: ignore[attr-defined]
    defaults: dict[str, Any] = cls._field_defaults  # type: ignore[attr-defined]
    given = dict(zip(names, args, strict=False)) | keywords
    if len(args) > len(names) or not set(names) <= {*given, *defaults}:
        return UNKNOWN
    items = {place: given.get(name) or kind_of_object(defaults[name]) for place, name in enumerate(names)}
    return replace(container("tuple", items), cls=cls)


def _as_named(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    """A named tuple of the items of a tuple."""
    return replace(_as_sequence(known, tuple, args[1:], keywords), cls=args[0].value)


def _as_dict(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    """`dict(...)` of a dict and of keywords."""
    given = Kind("dict", items=tuple(keywords.items()))
    if not args:
        return given
    if args[0].family != "dict" or (keywords and args[0].items is None):
        return Kind("dict")
    items = None if args[0].items is None else tuple({**dict(args[0].items), **keywords}.items())
    return Kind("dict", items=items, element=args[0].element)


def _in_order(
    known: Knowledge, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    """`sorted(...)`: a list of the same items."""
    known.await_items(args)
    if args and args[0].items == ():
        return Kind("list", items=())
    item = known.item(args[0]) if args else UNKNOWN
    return Kind("list", element=None if item.family == "unknown" else item)


def _table() -> dict[Any, Special]:
    table: dict[Any, Special] = {
        len: _length,
        np.shape: _shape_of,
        np.ndindex: _positions,
        np.ndim: _rank_of,
        np.size: _count_of,
        max: _extreme,
        min: _extreme,
        sum: _sum,
        float: _returning(FLOAT),
        int: _returning(INT),
        range: _returning(RANGE),
        slice: _returning(SLICE),
        type: _returning(OTHER),
        **dict.fromkeys((str, repr, chr, format), _returning(TEXT)),
        np.reshape: _reshaped,
        np.broadcast_to: _reshaped,
        np.squeeze: _squeezed,
        np.cov: _squeezed,
        np.corrcoef: _squeezed,
        np.arange: _stepped,
        np.ndarray.item: _entry,
        np.ndarray.conjugate: _conjugated,
        runtime.quantile_ranks: _ranks,
        runtime.unbroadcast: _like(1),
        runtime.unreduce: _like(1),
        runtime.broadcast_like: _like(1),
        runtime.untile: _like(1),
        runtime.unwindowed: _like(1),
        runtime.fitted_length: _like(1),
        runtime.matmul_left: _adjoint_of_operand(1, 2),
        runtime.matmul_right: _adjoint_of_operand(2, 1),
        runtime.dot_left: _adjoint_of_operand(1, 2),
        runtime.dot_right: _adjoint_of_operand(2, 1),
        runtime.einsum_adjoint: _einsum_adjoint,
        sparse.sparse_product: _made_of(1, 2, like=2, rank=1),
        sparse.sparse_solve: _solution,
        sparse.sparse_outer: _made_of(1, 2, rank=1),
        sparse.sparse_dense: _made_of(1, rank=2),
        sparse.sparse_entries: _made_of(1, rank=1),
        sparse.joined_diagonals: _joined,
        sparse.diagonal_part: _part_of_joined,
        sparse.diagonal_alone: _returning(Kind("array")),
        sparse.values_of: _returning(Kind("array")),
        sparse.gathered: _made_of(0, rank=1),
        sparse.handed_out: _made_of(0, rank=1),
        runtime.undiagonal: _filled,
        runtime.unrepeat: _filled,
        runtime.untaken: _filled,
        runtime.inverse_axes: _inverse_axes,
        runtime.difference_adjoint: _like_place,
        runtime.last_writes: _returning(array(None, "float64")),
        runtime.zeros_like: _zeros,
        runtime.zero_items: _zero_items,
        runtime.old_item: _old_item,
        runtime.times_items: _returning(Kind("list")),
        runtime.item_place: _returning(INT),
        runtime.insertion_place: _returning(INT),
        runtime.place_of: _returning(INT),
        runtime.place_of_max: _returning(INT),
        runtime.place_of_min: _returning(INT),
        runtime.count_in_turn: _returning(INT),
        runtime.slice_bounds: _returning(Kind("tuple", items=((0, INT), (1, INT)))),
        runtime.cuts: _returning(Kind("tuple", element=Kind("tuple", items=((0, INT), (1, INT))))),
        runtime.even_cuts: _returning(Kind("tuple", element=Kind("tuple", items=((0, INT), (1, INT))))),
        **dict.fromkeys(
            (runtime.sort_order, runtime.heap_order, runtime.pushed_places, runtime.popped_places),
            _returning(Kind("list", element=INT)),
        ),
        runtime.taken_tail: _returning(Kind("list")),
        runtime.named: _as_named,
        np.random.default_rng: _returning(Kind("other", cls=np.random.Generator)),
        itertools.groupby: _returning(OTHER),
        dict: _as_dict,
        reversed: _backwards,
        sorted: _in_order,
        tuple: _as_sequence,
        list: _as_sequence,
    }
    for name in ("zeros_like", "ones_like", "empty_like", "full_like", "copy"):
        table[getattr(np, name)] = _copy_of
    for name in ("bool", "isinstance", "issubclass", "hasattr", "callable"):
        table[getattr(builtins, name)] = _returning(BOOL)
    for same in (
        runtime.copied, runtime.separate_copy, runtime.stop_gradient, runtime.noted, copy.copy,
        copy.deepcopy,
        runtime.distinct, runtime.full_rank, runtime.independent, runtime.null_free, runtime.unmixed, runtime.unsplit,
    ):  # fmt: skip
        table[same] = _unchanged
    for sampler in GENERATORS:
        table[sampler] = _returning(Kind("other", cls=sampler))
    table[runtime.over_columns] = _same_shape
    return table


_SPECIAL = _table()
