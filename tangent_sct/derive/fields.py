"""Items of named tuples by their names, as items by their places; attributes of objects, as their items.

Where the class was known when the program was read, that has been done (`frontend.objects`). Of what is taken out of
a list or off a tape, or what a recursive function returns, only its kind tells. Requires: single assignment.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import MemberDescriptorType

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import Field, Kind, place_of_field, unless_none
from tangent_sct.frontend.active import INACTIVE_ATTRIBUTES


def with_places(body: list[gast.AST], kind_of: Callable[[gast.AST], Kind]) -> list[gast.AST]:
    """A program in which fields of named tuples are read by their places, and attributes of objects as their items.

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
        kind = unless_none(kind_of(node.value))
        place = place_of_field(kind, node.attr)
        if place is None and type(node.ctx) is gast.Load and _is_item(kind, node.attr):
            return gast.Subscript(node.value, tree.const(Field(node.attr)), node.ctx)
        return None if place is None else gast.Subscript(node.value, tree.const(place), node.ctx)

    new = [tree.like(tree.replaced(node, change), node) for node in body]
    return body if all(a is b for a, b in zip(new, body, strict=True)) else new


def _is_item(kind: Kind, attribute: str) -> bool:
    """Whether an attribute surely is one that an object itself has, and nothing that its class computes."""
    keys = [key for key, _ in kind.items or ()] if kind.family == "dict" else []
    if not any(type(key) is Field and key == attribute for key in keys):
        return False
    if kind.cls is None:
        return True
    found = inspect.getattr_static(kind.cls, attribute, None)
    is_asked = hasattr(type(found), "__set__") and not isinstance(found, MemberDescriptorType)
    asking = inspect.getattr_static(kind.cls, "__getattribute__")
    return not is_asked and asking is object.__getattribute__
