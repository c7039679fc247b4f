"""Items of named tuples by their names, as a user writes them. Kinds tell which tuples have names.

Until here `s.x` is `s[0]`, so that what is known of tuples holds of it. Fields that are called like attributes of
arrays stay what they are: a derivative of the text would take them for these.
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from tangent_sct.analysis.aliases import KindOf
from tangent_sct.core import tree
from tangent_sct.core.kind import Field, Kind
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.active import INACTIVE_ATTRIBUTES, INACTIVE_METHODS, KNOWN_METHODS
from tangent_sct.runtime import named
from tangent_sct.runtime.objects import is_named

_OF_ARRAYS = INACTIVE_ATTRIBUTES | INACTIVE_METHODS | KNOWN_METHODS


def fields(unit: Unit, kind_of: KindOf) -> Unit:
    """Name the items of named tuples.

    Args:
        unit: a program in ordinary form.
        kind_of: kinds of its expressions.

    Returns:
        The new unit; the very same unit where it reads no such item.
    """
    kinds = (kind for _, kind in unit.request.kinds or ())
    if not any(known is named for known in unit.namespace.values()) and not any(map(_has_names, _inside(kinds))):
        return unit

    def change(node: gast.AST) -> gast.AST | None:
        if type(node) is not gast.Subscript or not isinstance(node.ctx, gast.Load):
            return None
        place = node.slice.value if isinstance(node.slice, gast.Constant) else None
        if type(place) is not int:
            return None
        kind = kind_of(node.value)
        if not _has_names(kind):
            return None
        names: tuple[str, ...] = kind.cls._fields  # type: ignore[union-attr]
        if not 0 <= place < len(names) or names[place] in _OF_ARRAYS:
            return None
        return gast.Subscript(node.value, tree.const(Field(names[place])), node.ctx)

    body = [tree.replaced(statement, change) for statement in unit.tree.body]
    if all(new is old for new, old in zip(body, unit.tree.body, strict=True)):
        return unit
    return unit.with_body([tree.like(new, old) for new, old in zip(body, unit.tree.body, strict=True)])


def _has_names(kind: Kind) -> bool:
    return kind.family == "tuple" and kind.cls is not None and is_named(kind.cls)


def _inside(kinds: Iterator[Kind]) -> Iterator[Kind]:
    """Some kinds, and those of what they hold."""
    for kind in kinds:
        yield kind
        yield from _inside(item for _, item in kind.items or ())
