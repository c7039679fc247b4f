"""Attributes of objects, as a user writes them.

While a program is transformed an object is a container whose keys are `Field`s: `model["w"]` for `model.w`, so that
every pass that knows containers knows objects. The text has the attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import CLASS, Field
from tangent_sct.core.unit import Unit
from tangent_sct.runtime import made, named


def with_attributes(unit: Unit) -> Unit:
    """The unit with items that are attributes written so; the same unit where there are none."""
    functions = [*unit.companions, unit.tree]
    has_fields = any(
        type(n) is gast.Constant and isinstance(n.value, Field) for f in functions for n in tree.walk(f)
    )
    if not has_fields and not any(known is named for known in unit.namespace.values()):
        return unit
    makers = {maker: _name_of(maker, unit.namespace) for maker in (SimpleNamespace, made, named)}
    *companions, function = (spelled(f, *makers.values()) for f in functions)
    namespace = {**unit.namespace, **{name: maker for maker, name in makers.items()}}
    return replace(unit, tree=function, companions=tuple(companions), namespace=namespace)


def _name_of(value: Any, namespace: Mapping[str, Any]) -> str:
    return next((name for name, known in namespace.items() if known is value), value.__name__)


def spelled(
    function: gast.FunctionDef, plain: str, of_class: str = made.__name__, of_tuple: str = named.__name__
) -> gast.FunctionDef:
    """A function with items that are attributes written so.

    Args:
        function: the function.
        plain: the name of what makes a namespace.
        of_class: the name of what makes an object of a class.
        of_tuple: the name of what makes a named tuple.
    """

    def change(node: gast.AST) -> gast.AST | None:
        if isinstance(node, gast.Subscript) and isinstance(getattr(node.slice, "value", None), Field):
            return gast.Attribute(node.value, str(node.slice.value), node.ctx)
        if isinstance(node, gast.Dict) and node.keys and isinstance(getattr(node.keys[0], "value", None), Field):
            owner = node.keys[0].value.owner
            pairs = zip(node.keys, node.values, strict=True)
            given = {str(key.value): value for key, value in pairs if key.value != CLASS}
            return tree.call(of_class, tree.load(owner), **given) if owner else tree.call(plain, **given)
        if isinstance(node, gast.Call) and tree.is_name(node.func, of_tuple):
            owner, items = node.args
            if isinstance(items, gast.Tuple):
                return gast.Call(owner, items.elts, [])
            return gast.Call(tree.attribute(owner, "_make"), [items], [])
        if isinstance(node, gast.Call):
            return gast.Call(node.func, list(map(_spelled, node.args)), node.keywords)
        return None

    return tree.like(tree.replaced(function, change), function)


def _spelled(argument: gast.AST) -> gast.AST:
    """An argument that is the name of an attribute, as a string."""
    value = getattr(argument, "value", None)
    return tree.const(str(value)) if isinstance(argument, gast.Constant) and isinstance(value, Field) else argument
