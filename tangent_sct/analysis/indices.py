"""What an index into an array selects: an element, a view, or elements one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import NO_VALUE, RANGE, SLICE, UNKNOWN, Kind, constant

KindOf = Callable[[gast.AST], Kind]


def is_fancy(index: gast.AST, kind_of: KindOf) -> bool:
    """Whether an index may select elements one by one, so that some may be selected twice."""
    return any(_may_select_elements(kind) for _, kind in _entries(index, kind_of))


def surely_fancy(index: gast.AST, kind_of: KindOf) -> bool:
    """Whether an index surely selects elements one by one, so that the result is a copy."""
    return any(_selects_elements(kind) for _, kind in _entries(index, kind_of))


def is_whole(index: gast.AST) -> bool:
    """Whether an index, `()` or `...`, selects all that there is: of numbers too, into which nothing is stored."""
    return (type(index) is gast.Tuple and not index.elts) or tree.is_constant(index, ...)


def may_repeat(index: gast.AST, kind_of: KindOf) -> bool:
    """Whether an index may select an element twice."""
    chosen = [(node, kind) for node, kind in _entries(index, kind_of) if _may_select_elements(kind)]
    if len(chosen) != 1:
        return bool(chosen)
    ((node, kind),) = chosen
    if kind.dtype == "bool" or kind == RANGE:
        return False
    if isinstance(node, gast.List) and all(isinstance(item, gast.Constant) for item in node.elts):
        # Literals: `-1` is no constant but a negated one, so all of these count from the front.
        return len({item.value for item in node.elts}) < len(node.elts)
    return True


def _entries(index: gast.AST, kind_of: KindOf) -> Iterator[tuple[gast.AST, Kind]]:
    """What an index has for the axes: each item of a tuple, else itself; a tuple in a tuple counts as a list."""
    if isinstance(index, gast.Tuple):
        yield from ((item, _kind(item, kind_of)) for item in index.elts)
        return
    kind = _kind(index, kind_of)
    if kind.family != "tuple":
        yield index, kind
    else:
        yield from ((index, item) for _, item in kind.items or ((0, UNKNOWN),))


def _kind(entry: gast.AST, kind_of: KindOf) -> Kind:
    """The kind of an entry, where its form tells that without asking."""
    if isinstance(entry, gast.Slice):
        return SLICE
    if isinstance(entry, gast.Constant):
        return constant(entry.value)
    return Kind("list") if isinstance(entry, gast.List) else kind_of(entry)


def _selects_elements(kind: Kind) -> bool:
    """Whether an entry of some kind surely selects elements one by one; a truth value is a mask without axes."""
    if kind.is_scalar:
        return kind.dtype == "bool"
    return kind.family in ("list", "tuple") or kind == RANGE or (kind.is_array and (kind.rank or 0) > 0)


def _may_select_elements(kind: Kind) -> bool:
    """Whether an entry of some kind may select elements one by one: all but positions, slices, None and `...`.

    Of other objects, such as `array.array`, NumPy makes arrays.
    """
    if kind.is_scalar:
        return kind.dtype is None or kind.dtype == "bool"
    return kind.family != "other" or (kind.value is NO_VALUE and kind.cls is not slice)
