"""Properties that change their object where they are read, as those do that remember what they have computed.

    y = x + q.area            area = q.area
                              y = x + area

An assignment of such a property alone is the call of its function, which is read like every other. Within another
expression it would be computed unseen.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Origin
from tangent_sct.frontend.active import CHANGERS, root_name
from tangent_sct.frontend.functions import Functions
from tangent_sct.frontend.made import Made
from tangent_sct.frontend.managers import plain_method
from tangent_sct.frontend.meanings import Instance
from tangent_sct.frontend.source import source_of_generator, tree_of

_LATE = (gast.Lambda, gast.IfExp, gast.BoolOp, *tree.COMPREHENSIONS)
"""Expressions of which parts are evaluated later, or perhaps never."""


def changes_object(node: gast.AST, functions: Functions) -> bool:
    """Whether an expression reads a property of a known object that stores into an object.

    Args:
        node: the expression itself; what it is made of is not looked at.
        functions: which objects names mean.
    """
    if type(node) is not gast.Attribute or not isinstance(node.ctx, gast.Load):
        return False
    cls = _class_of(node.value, functions)
    if cls is None:
        return False
    found = inspect.getattr_static(cls, node.attr, None)
    is_property = isinstance(found, property) and isinstance(found.fget, types.FunctionType)
    return is_property and stores(found.fget, cls)


def computed_first(
    node: gast.AST, functions: Functions, temporary: Callable[[str], str]
) -> tuple[list[gast.AST], gast.AST]:
    """The assignments that compute such properties before a statement, and the statement that reads their names.

    All attributes of objects that the statement reads are read before it then, so that each is as it was when its
    turn came.

    Raises:
        UnsupportedError: where it depends on something whether a property is read.
    """
    value = getattr(node, "value", None)
    if not functions.are_met or value is None:
        return [], node
    inside = [item for item in tree.walk(node) if item is not value and changes_object(item, functions)]
    if not inside:
        return [], node
    for item in tree.walk(value):
        if isinstance(item, _LATE) and any(part in inside for part in tree.walk(item)):
            raise refusal(inside[0], tree.origin_of(node))
    before: list[gast.AST] = []

    def taken(item: gast.AST) -> gast.AST | None:
        if type(item) is not gast.Attribute or _class_of(item.value, functions) is None:
            return None
        name = temporary(item.attr)
        before.append(tree.assign(name, item))
        return tree.load(name)

    new = tree.assign(node.targets[0], tree.replaced(value, taken)) if isinstance(node, gast.Assign) else node
    if new is node:
        raise refusal(inside[0], tree.origin_of(node))
    return before, tree.like(new, node)


def refuse_changing(node: gast.AST, functions: Functions, origin: Origin | None) -> None:
    """Refuse an expression that stays as it is and reads such a property.

    Raises:
        UnsupportedError: naming the property.
    """
    for item in tree.walk(node) if functions.are_met else ():
        if changes_object(item, functions):
            raise refusal(item, origin)


def refuse_out_of_turn(node: gast.Expr, functions: Functions) -> None:
    """Refuse what changes an object as it is read, in a statement whose parts are computed in another order.

    Args:
        node: what the statement reads (`absent.reading`).
        functions: which objects names mean.

    Raises:
        UnsupportedError: naming what is read.
    """
    parts = list(tree.walk(node.value)) if functions.are_met else []
    acting = [part for part in parts if changes_object(part, functions) or _changes_by_item(part, functions)]
    if not acting:
        return
    inside = {id(part) for item in acting for part in tree.walk(item)}
    reads = [part for part in parts if isinstance(part, (gast.Attribute, gast.Subscript)) and id(part) not in inside]
    owner = root_name(acting[0])
    if len(acting) > 1 or any(root_name(read) == owner for read in reads):
        raise UnsupportedError(
            f"`{tree.text(acting[0])}` stores into an object as it is read, in a statement that reads more than that",
            tree.origin_of(node),
            "assign it to a variable in a statement of its own, and use that",
        )


def _changes_by_item(node: gast.AST, functions: Functions) -> bool:
    """Whether an expression reads an item of a known object whose class stores into it then."""
    cls = _class_of(node.value, functions) if type(node) is gast.Subscript else None
    if cls is None:
        return False
    found = inspect.getattr_static(cls, "__getitem__", None)
    return isinstance(found, types.FunctionType) and stores(found, cls)


def _class_of(owner: gast.AST, functions: Functions) -> type | None:
    """The class of the known object that an expression means."""
    known = functions.of(owner)
    return known.cls if isinstance(known, (Made, Instance)) else None


def refusal(item: gast.Attribute, origin: Origin | None) -> UnsupportedError:
    """The error for a property that would be computed unseen."""
    return UnsupportedError(
        f"the property `{item.attr}` stores into an object, and is read in the middle of an expression",
        origin,
        "assign it to a variable in a statement of its own, and use that",
    )


@functools.lru_cache(maxsize=256)
def stores(function: types.FunctionType, cls: type) -> bool:
    """Whether a function of a class stores into an object, by itself or by methods of the class that it calls."""
    pending, seen = [function], {function}
    while pending:
        try:
            node = tree_of(source_of_generator(pending.pop()))
        except (UnsupportedError, TypeError):
            return True
        receiver = next(iter(tree.parameter_names(node)), "")
        for item in (inner for statement in node.body for inner in tree.walk(statement)):
            if isinstance(item, (gast.Attribute, gast.Subscript)) and not isinstance(item.ctx, gast.Load):
                return True
            if isinstance(item, (gast.Global, gast.Nonlocal)):
                return True
            called = _method_called(item, cls, receiver)
            if called is True:
                return True
            if isinstance(called, types.FunctionType) and called not in seen:
                seen.add(called)
                pending.append(called)
    return False


def _method_called(item: gast.AST, cls: type, receiver: str) -> types.FunctionType | bool:
    """The method of a class that an expression calls; True where it changes a container, False for all else."""
    if not isinstance(item, gast.Call) or not isinstance(item.func, gast.Attribute):
        return False
    name = item.func.attr
    if tree.is_name(item.func.value, receiver):
        called = plain_method(cls, name)
        return called if isinstance(called, types.FunctionType) else False
    return name in CHANGERS
