"""Arrays that are walked through element by element: `a.flat` and `np.ndenumerate`.

>>> import numpy as np
>>> node = tree.statements('''
... def f(a):
...     for index, v in np.ndenumerate(a):
...         a.flat[0] += v * a.flat[1]
... ''')[0]
>>> print(tree.text(with_elements(node, {"np": np}.get)))
def f(a):
    for index, v in zip(np.ndindex(a.shape), a.ravel()):
        a.put(0, a.ravel()[0] + v * a.ravel()[1])

What is read through `flat` is read of a copy or a view, which makes no difference; what is stored is stored by `put`.
A `flat` that is kept in a variable is left alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.frontend.bound import bound_names

_RUN_THROUGH = ("list", "tuple", "sum", "max", "min", "sorted", "enumerate", "zip", "len", "any", "all", "reversed")


def with_elements(node: gast.FunctionDef, meaning: Callable[[str], Any]) -> gast.FunctionDef:
    """The function with elements of arrays reached by their position.

    Args:
        node: the function.
        meaning: what a free name of it means.

    Returns:
        The very same function where it walks through no array.
    """
    if not any(isinstance(item, gast.Attribute) and item.attr in ("flat", "ndenumerate") for item in tree.walk(node)):
        return node
    bound = set(bound_names(node))
    receiver = next(iter(tree.parameter_names(node)), "") if "self" in bound else ""

    def is_flat(item: Any) -> bool:
        if not isinstance(item, gast.Attribute) or item.attr != "flat" or not _is_place(item.value):
            return False
        return not (receiver and tree.is_name(item.value, receiver))

    def change(item: gast.AST) -> gast.AST | None:
        if isinstance(item, gast.Assign) and len(item.targets) == 1 and _stores_flat(item.targets[0], is_flat):
            return tree.like(_put(item.targets[0], item.value), item)
        if isinstance(item, gast.AugAssign) and _stores_flat(item.target, is_flat):
            old = tree.subscript(_raveled(item.target.value), tree.copy(item.target.slice))
            return tree.like(_put(item.target, gast.BinOp(old, item.op, item.value)), item)
        if isinstance(item, gast.Subscript) and isinstance(item.ctx, gast.Load) and is_flat(item.value):
            return tree.subscript(_raveled(item.value), item.slice)
        if isinstance(item, gast.For):
            items = _raveled(item.iter) if is_flat(item.iter) else enumerated(item.iter)
            if items is not None:
                return tree.like(gast.For(item.target, items, item.body, item.orelse, None), item)
        if isinstance(item, gast.comprehension):
            items = _raveled(item.iter) if is_flat(item.iter) else enumerated(item.iter)
            return None if items is None else gast.comprehension(item.target, items, item.ifs, item.is_async)
        if isinstance(item, gast.Call) and tree.is_name(item.func, *_RUN_THROUGH) and any(map(is_flat, item.args)):
            return gast.Call(item.func, [_raveled(a) if is_flat(a) else a for a in item.args], item.keywords)
        return None

    def enumerated(call: gast.AST) -> gast.Call | None:
        """The loop over positions and elements that `np.ndenumerate` is."""
        if not isinstance(call, gast.Call) or len(call.args) != 1 or not isinstance(call.func, gast.Attribute):
            return None
        module, array = call.func.value, call.args[0]
        if call.func.attr != "ndenumerate" or not isinstance(module, gast.Name):
            return None
        if module.id in bound or meaning(module.id) is not np:
            return None
        if not _is_place(array):
            return None
        places = gast.Call(tree.attribute(module, "ndindex"), [tree.attribute(tree.copy(array), "shape")], [])
        return tree.call("zip", places, tree.call(tree.attribute(array, "ravel")))

    body = [tree.rewrite(statement, change) for statement in node.body]
    return tree.like(tree.function(node.name, node.args, body, node.returns), node)


def _is_place(node: gast.AST) -> bool:
    """Whether an expression names an array, so that it may stand twice."""
    if isinstance(node, gast.Subscript):
        return _is_place(node.value) and isinstance(node.slice, (gast.Constant, gast.Name))
    return isinstance(node, gast.Name) or (isinstance(node, gast.Attribute) and _is_place(node.value))


def _stores_flat(target: gast.AST, is_flat: Callable[[Any], bool]) -> bool:
    return isinstance(target, gast.Subscript) and is_flat(target.value)


def _raveled(flat: gast.Attribute) -> gast.Call:
    return tree.call(tree.attribute(tree.with_context(flat.value, gast.Load()), "ravel"))


def _put(target: gast.Subscript, value: gast.AST) -> gast.AST:
    """The statement that stores into the elements of an array by their positions."""
    array = tree.with_context(target.value.value, gast.Load())
    places = target.slice
    if isinstance(places, gast.Slice):
        # As many positions as a slice of all of them has.
        places = tree.subscript(tree.call("range", tree.attribute(tree.copy(array), "size")), places)
    return tree.effect(gast.Call(tree.attribute(array, "put"), [places, value], []))
