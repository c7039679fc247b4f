"""Items of named tuples by their names, as items by their places.

Where the class of a named tuple was known when the program was read, that has been done (`frontend.objects`). Of one
that is taken out of a list, or that a recursive function returns, only its kind tells. Requires: single assignment.
"""

from __future__ import annotations

from collections.abc import Callable

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import Kind, place_of_field, unless_none
from tangent_sct.frontend.active import INACTIVE_ATTRIBUTES


def with_places(body: list[gast.AST], kind_of: Callable[[gast.AST], Kind]) -> list[gast.AST]:
    """A program in which fields of named tuples are read by their places.

    Args:
        body: the program.
        kind_of: the kind of an expression.

    Returns:
        The new body; the very same list where there is no such field.

    >>> from collections import namedtuple
    >>> pair = Kind("tuple", cls=namedtuple("Point", "x y"))
    >>> tree.text(with_places(tree.statements("t = p.y"), lambda node: pair)[0])
    't = p[1]'
    """

    def change(node: gast.AST) -> gast.AST | None:
        if type(node) is not gast.Attribute or type(node.value) is not gast.Name or node.attr in INACTIVE_ATTRIBUTES:
            return None
        place = place_of_field(unless_none(kind_of(node.value)), node.attr)
        return None if place is None else gast.Subscript(node.value, tree.const(place), node.ctx)

    new = [tree.like(tree.replaced(node, change), node) for node in body]
    return body if all(a is b for a, b in zip(new, body, strict=True)) else new
