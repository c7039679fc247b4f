"""Attributes of objects, as a user writes them.

While a program is transformed an object is a container whose keys are `Field`s: `model["w"]` for `model.w`, so that
every pass that knows containers knows objects. The text has the attributes.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import Field
from tangent_sct.core.unit import Unit


def with_attributes(unit: Unit) -> Unit:
    """The unit with items that are attributes written so; the same unit where there are none."""
    functions = [*unit.companions, unit.tree]
    if not any(isinstance(getattr(n, "value", None), Field) for f in functions for n in tree.walk(f)):
        return unit
    name = next((n for n, value in unit.namespace.items() if value is SimpleNamespace), "SimpleNamespace")
    *companions, function = (spelled(f, name) for f in functions)
    namespace = {**unit.namespace, name: SimpleNamespace}
    return replace(unit, tree=function, companions=tuple(companions), namespace=namespace)


def spelled(function: gast.FunctionDef, name: str) -> gast.FunctionDef:
    """A function with items that are attributes written so; containers of them are made by `name`."""

    def change(node: gast.AST) -> gast.AST | None:
        if isinstance(node, gast.Subscript) and isinstance(getattr(node.slice, "value", None), Field):
            return gast.Attribute(node.value, str(node.slice.value), node.ctx)
        if isinstance(node, gast.Dict) and node.keys and isinstance(getattr(node.keys[0], "value", None), Field):
            pairs = zip(node.keys, node.values, strict=True)
            return tree.call(name, **{str(key.value): value for key, value in pairs})
        if isinstance(node, gast.Call):
            return gast.Call(node.func, list(map(_spelled, node.args)), node.keywords)
        return None

    return tree.like(tree.replaced(function, change), function)


def _spelled(argument: gast.AST) -> gast.AST:
    """An argument that is the name of an attribute, as a string."""
    value = getattr(argument, "value", None)
    return tree.const(str(value)) if isinstance(argument, gast.Constant) and isinstance(value, Field) else argument
