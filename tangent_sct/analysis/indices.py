"""What an index into an array selects: an element, a view, or elements one by one."""

from __future__ import annotations

from collections.abc import Callable

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import Kind

KindOf = Callable[[gast.AST], Kind]


def is_fancy(index: gast.AST, kind_of: KindOf) -> bool:
    """Whether an index selects elements one by one, so that some may be selected twice."""
    if isinstance(index, gast.Tuple):
        return any(is_fancy(item, kind_of) for item in index.elts)
    if isinstance(index, (gast.Slice, gast.Constant)):
        return False
    if isinstance(index, gast.List):
        return True
    kind = kind_of(index)
    if kind.family == "tuple" and kind.items is not None:
        return any(item.family in ("array", "list", "unknown") for _, item in kind.items)
    return not (kind.is_scalar or kind.family == "other")


def surely_fancy(index: gast.AST, kind_of: KindOf) -> bool:
    """Whether an index surely selects elements one by one, so that the result is a copy."""
    if isinstance(index, gast.Tuple):
        return any(surely_fancy(item, kind_of) for item in index.elts)
    if isinstance(index, gast.List):
        return True
    if isinstance(index, (gast.Slice, gast.Constant)):
        return False
    kind = kind_of(index)
    if kind.family == "tuple":
        return any(map(_selects_elements, [item for _, item in kind.items or ()]))
    return _selects_elements(kind)


def is_whole(index: gast.AST) -> bool:
    """Whether an index, `()` or `...`, selects all that there is: of numbers too, into which nothing is stored."""
    return (type(index) is gast.Tuple and not index.elts) or tree.is_constant(index, ...)


def _selects_elements(kind: Kind) -> bool:
    """Whether an index of some kind surely selects elements one by one."""
    return kind.family == "list" or (kind.is_array and (kind.rank or 0) > 0)


def may_repeat(index: gast.AST, kind_of: KindOf) -> bool:
    """Whether an index may select an element twice."""
    items = index.elts if isinstance(index, gast.Tuple) else [index]
    chosen = [item for item in items if is_fancy(item, kind_of)]
    if len(chosen) != 1:
        return bool(chosen)
    (only,) = chosen
    if kind_of(only).dtype == "bool":
        return False
    if isinstance(only, gast.List) and all(isinstance(item, gast.Constant) for item in only.elts):
        # Literals: `-1` is no constant but a negated one, so all of these count from the front.
        return len({item.value for item in only.elts}) < len(only.elts)
    return True
