"""Where only a shape is asked for, ask the name that is at hand anyway.

`np.size(t)` with `t = u * u` would keep `t` alive, or compute it again, for its shape alone. Requires single
assignment and kinds; runs before dead code is removed.

>>> from tangent_sct.core.kind import array
>>> import numpy as np
>>> from tangent_sct.core.tree import statements, text
>>> body = statements("t = u ** 2\\nn = np.size(t)")
>>> print(text(respelled(body, {"np": np}, {"t": ""}, lambda node: array(("n0",)))))
t = u ** 2
n = np.size(u)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.operations import operation
from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import Kind, same_shape
from tangent_sct.core.unit import Unit
from tangent_sct.runtime import zeros_like
from tangent_sct.templating import registry


def shapes(unit: Unit, kind_of: Callable[[gast.AST], Kind]) -> Unit:
    """Respell operands of which only the shape counts; the same unit where there are none."""
    body = unit.tree.body
    changed = respelled(body, unit.namespace, unit.bases, kind_of)
    return unit if changed is body else unit.with_body(changed)


def respelled(
    body: list[gast.AST],
    namespace: Mapping[str, Any],
    bases: Mapping[str, str],
    kind_of: Callable[[gast.AST], Kind],
) -> list[gast.AST]:
    """The body with shapes asked of the earliest name that surely has the same shape and dtype."""
    calls = Calls(namespace)
    origin: dict[str, str] = {}
    for node in tree.every_statement(body):
        if type(node) is gast.Assign and type(node.targets[0]) is gast.Name:
            source = _same_shaped(node, namespace, kind_of)
            if source is not None and bases.get(node.targets[0].id) == "":
                origin[node.targets[0].id] = origin.get(source, source)
    if not origin:
        return body
    reshaped = _reshaped(body, namespace)
    found = False

    def change(node: gast.AST) -> gast.AST | None:
        nonlocal found
        if type(node) is not gast.Call or id(node) in reshaped:
            return None
        only = calls.facts(node).shape_only
        if is_one_of(calls.meaning(node.func), (np.zeros_like, zeros_like)):
            only = tuple(node.args[:1])
        names = {
            a.id: tree.load(origin[a.id])
            for a in only
            if type(a) is gast.Name and a.id in origin
        }
        if not names:
            return None
        found = True
        args = [tree.substitute(a, names) if _among(a, only) else a for a in node.args]
        keywords = [
            gast.keyword(
                k.arg, tree.substitute(k.value, names) if _among(k.value, only) else k.value
            )
            for k in node.keywords
        ]
        return gast.Call(node.func, args, keywords)

    output = [tree.replaced(node, change) for node in body]
    return output if found else body


def _reshaped(body: list[gast.AST], namespace: Mapping[str, Any]) -> set[int]:
    """The values of names that are reshaped, so that their memory layout counts as well."""
    values: dict[str, gast.AST] = {}
    found: set[str] = set()
    for node in tree.every_statement(body):
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            values[node.targets[0].id] = node.value
            done = operation(node.value, namespace)
            rule = None if done is None else registry.find(done.function)
            if done is not None and rule is not None and rule.aliasing == "maybe":
                found.update(a.id for a in done.args[:1] if isinstance(a, gast.Name))
    return {id(values[name]) for name in found if name in values}


def _among(node: gast.AST, nodes: tuple[gast.AST, ...]) -> bool:
    return any(node is other for other in nodes)


def _same_shaped(
    node: gast.Assign, namespace: Mapping[str, Any], kind_of: Callable[[gast.AST], Kind]
) -> str | None:
    """An operand of an operation that surely has the shape and dtype of its result."""
    if not isinstance(node.value, (gast.BinOp, gast.UnaryOp, gast.Call)):
        return None
    found = operation(node.value, namespace)
    result = kind_of(node.targets[0])
    if found is None or not result.is_array:
        return None
    for operand in found.operands():
        if isinstance(operand, gast.Name):
            kind = kind_of(operand)
            if kind.is_array and kind.dtype == result.dtype and same_shape(kind, result):
                return str(operand.id)
    return None
