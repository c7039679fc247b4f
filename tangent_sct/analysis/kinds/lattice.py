"""The order of kinds: what is known of a value that has one of several kinds.

A kind stands for the set of values it fits, and `join(a, b)` is the least kind of those that can be written down
that fits both, so it claims no more than either: `int` joined with `float` is a number of unknown type, two sizes
that differ are a size of their own, an array joined with a number is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from tangent_sct.analysis.probe import common_dtype
from tangent_sct.core.kind import (
    MIXED,
    OTHER,
    TEXT,
    UNKNOWN,
    Kind,
    array,
    is_immutable,
    is_object,
    scalar,
)


def join(left: Kind, right: Kind, fresh: Callable[[], str]) -> Kind:
    """The least kind that says of a value that it has one of two kinds.

    Args:
        left: one kind.
        right: the other.
        fresh: makes a symbol, for a size in which they differ.

    >>> from tangent_sct.core.kind import INT, constant
    >>> join(array(("n0", 1)), array(("n1", 1)), lambda: "?").shape
    ('?', 1)
    >>> join(constant(1), constant(2), lambda: "?") == INT
    True
    """
    if left is right or left == right:
        # 0.0 and -0.0 are equal, and not the same.
        return left.forget_value() if type(left.value) is float else left
    if left.value is None or right.value is None or left.present or right.present:
        return _with_none(left, right, fresh)
    if {left.family, right.family} == {"tuple", "list"}:
        element = of_any_length(left, right, fresh).element
        # What such a sequence holds is known where nobody can change it.
        return MIXED if element is None or not is_immutable(element) else replace(MIXED, element=element)
    if left.family != right.family or left.mixed or right.mixed:
        return _mixed(left, right) if any(kind.is_container or kind.mixed for kind in (left, right)) else UNKNOWN
    if left.family == "scalar":
        if left.is_float is not right.is_float:
            # An integer on one path stays one: `np.full(n, s)` would make integers of it.
            return scalar(None)
        return scalar(common_dtype(left.dtype, right.dtype))
    if left.family == "array":
        dtype = left.dtype if left.dtype == right.dtype else None
        if left.shape is None or right.shape is None or len(left.shape) != len(right.shape):
            return UNKNOWN if () in (left.shape, right.shape) else array(None, dtype)
        pairs = zip(left.shape, right.shape, strict=True)
        return array(tuple([a if a == b else fresh() for a, b in pairs]), dtype)
    if left.is_container and is_object(left) is not is_object(right):
        return _mixed(left, right)
    if left.is_container:
        return _join_containers(left, right, fresh)
    if left.is_text and right.is_text:
        return TEXT
    return OTHER if left.family == "other" else UNKNOWN


def _mixed(left: Kind, right: Kind) -> Kind:
    """A container, or something else; with a class where one of the two may be an object."""
    objects = any(is_object(kind) or (kind.mixed and kind.cls is not None) for kind in (left, right))
    return replace(MIXED, cls=object) if objects else MIXED


def _with_none(left: Kind, right: Kind, fresh: Callable[[], str]) -> Kind:
    """Two of which one is None, or may be."""
    present = [kind.present or kind for kind in (left, right) if kind.value is not None]
    found = present[0].forget_value() if len(present) == 1 else join(present[0], present[1], fresh)
    if found.family == "unknown":
        return found
    # Other objects may be None as it is.
    return OTHER if found.family == "other" else Kind("unknown", present=found)


def _join_containers(left: Kind, right: Kind, fresh: Callable[[], str]) -> Kind:
    """Two of one family: their items one by one where they have the same structure."""
    if left.items is None or right.items is None:
        return of_any_length(left, right, fresh)
    if [(type(k), k) for k, _ in left.items] != [(type(k), k) for k, _ in right.items]:
        return of_any_length(left, right, fresh)
    pairs = zip(left.items, right.items, strict=True)
    items = tuple([(k, join(a, b, fresh)) for (k, a), (_, b) in pairs])
    # Where no class is known, the names of the attributes tell that it is an object.
    cls = None if left.cls is right.cls is None else _class_of_either(left, right)
    return Kind(left.family, items=items, cls=cls)


def _class_of_either(left: Kind, right: Kind) -> type | None:
    """The class of one of two containers; objects of several classes stay objects."""
    if left.cls is right.cls and left.cls is not None:
        return left.cls
    return object if is_object(left) else None


def of_any_length(left: Kind, right: Kind, fresh: Callable[[], str]) -> Kind:
    """Two of which the structures differ or are not known: what any item of them is."""
    cls = _class_of_either(left, right) if left.family == right.family == "dict" else None
    items: list[Kind] = []
    for kind in (left, right):
        if kind.items is not None:
            items += [item for _, item in kind.items]
        elif kind.element is None:
            return Kind(left.family, cls=cls)
        else:
            items.append(kind.element)
    element = join_all(items, fresh).forget_value() if items else None
    return Kind(left.family, element=element, cls=cls)


def join_all(kinds: Iterable[Kind], fresh: Callable[[], str]) -> Kind:
    """The least upper bound of some kinds, `UNKNOWN` of none."""
    found: Kind | None = None
    for kind in kinds:
        found = kind if found is None else join(found, kind, fresh)
    return UNKNOWN if found is None else found
