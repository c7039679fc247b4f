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

What is read through `flat` is a copy: a number is one by itself, of several `ravel()` may give a view. What is
stored is stored by `put`, which copies first what is a part of the array itself; `flat` does not, so that is refused
while the program runs (`apart_from`). A loop over `flat` sees what it writes itself, so there `ravel()` must not have
made a copy (`flat_view`). A `flat` that is kept in a variable is left alone.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.frontend.bound import bound_names
from tangent_sct.runtime import apart_from, flat_view

_SLICES = ("slice", "np.s_", "np.index_exp")
"""What programs make slices of that they keep in variables."""

_RUN_THROUGH = ("list", "tuple", "sum", "max", "min", "sorted", "enumerate", "zip", "len", "any", "all", "reversed")


def with_elements(
    node: gast.FunctionDef,
    meaning: Callable[[str], Any],
    name_for: Callable[[Any], str] = operator.attrgetter("__name__"),
) -> gast.FunctionDef:
    """The function with elements of arrays reached by their position.

    Args:
        node: the function.
        meaning: what a free name of it means.
        name_for: gives the name of a function of ours.

    Returns:
        The very same function where it walks through no array.
    """
    if not any(isinstance(item, gast.Attribute) and item.attr in ("flat", "ndenumerate") for item in tree.walk(node)):
        return node
    bound = set(bound_names(node))
    parameters = set(tree.parameter_names(node))
    has_slices = any(tree.text(item) in _SLICES for item in tree.walk(node))
    receiver = next(iter(tree.parameter_names(node)), "") if "self" in bound else ""

    def is_flat(item: Any) -> bool:
        if not isinstance(item, gast.Attribute) or item.attr != "flat" or not _is_place(item.value):
            return False
        return not (receiver and tree.is_name(item.value, receiver))

    def change(item: gast.AST) -> gast.AST | None:
        if isinstance(item, gast.Assign) and len(item.targets) == 1 and _stores_flat(item.targets[0], is_flat):
            return tree.like(_put(item.targets[0], own(item.targets[0], item.value)), item)
        if isinstance(item, gast.AugAssign) and _stores_flat(item.target, is_flat):
            old = tree.subscript(_raveled(item.target.value), tree.copy(item.target.slice))
            return tree.like(_put(item.target, gast.BinOp(old, item.op, item.value)), item)
        if isinstance(item, gast.Subscript) and isinstance(item.ctx, gast.Load) and is_flat(item.value):
            part = tree.subscript(_raveled(item.value), item.slice)
            return tree.call(tree.attribute(part, "copy")) if may_be_slice(item.slice) else part
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

    def may_be_slice(index: gast.AST) -> bool:
        """Whether an index may select several elements without a list of them."""
        if isinstance(index, gast.Name):
            return has_slices or index.id in parameters or index.id not in bound
        return not isinstance(index, (gast.Constant, gast.List, gast.UnaryOp, gast.BinOp))

    def own(target: gast.Subscript, value: gast.AST) -> gast.AST:
        """What is stored, checked where it may be several elements of the array that it is stored in."""
        is_one = isinstance(target.slice, gast.Constant)
        if is_one or not isinstance(value, (gast.Name, gast.Subscript, gast.Attribute, gast.Call)):
            return value
        array = tree.with_context(tree.copy(target.value.value), gast.Load())
        return tree.call(name_for(apart_from), value, array)

    def elements(item: gast.AST) -> gast.AST:
        """The elements of an array that is written meanwhile, which must be no copies."""
        return tree.call(name_for(flat_view), item.value) if is_flat(item) else item

    def with_views(item: gast.AST) -> gast.AST | None:
        """What a loop runs through that may write, without copies of elements."""
        if isinstance(item, gast.Call) and tree.is_name(item.func, *_RUN_THROUGH):
            return gast.Call(item.func, list(map(elements, item.args)), item.keywords)
        found = enumerated(item)
        if found is not None:
            found.args[1] = elements(tree.attribute(found.args[1].func.value, "flat"))
        return found

    def live(item: gast.AST) -> gast.AST | None:
        """A loop over elements that sees what it writes."""
        if not isinstance(item, gast.For) or not any(map(_may_write, tree.every_statement(item.body))):
            return None
        items = elements(tree.rewrite(item.iter, with_views))
        return tree.like(gast.For(item.target, items, item.body, item.orelse, None), item)

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

    body = [tree.rewrite(tree.rewrite(statement, live), change) for statement in node.body]
    return tree.like(tree.function(node.name, node.args, body, node.returns), node)


def _is_place(node: gast.AST) -> bool:
    """Whether an expression names an array, so that it may stand twice."""
    if isinstance(node, gast.Subscript):
        return _is_place(node.value) and isinstance(node.slice, (gast.Constant, gast.Name))
    return isinstance(node, gast.Name) or (isinstance(node, gast.Attribute) and _is_place(node.value))


def _may_write(statement: gast.AST) -> bool:
    """Whether a statement may write into an array."""
    if isinstance(statement, gast.Assign):
        return not all(isinstance(target, gast.Name) for target in statement.targets)
    if isinstance(statement, gast.Expr):
        return isinstance(statement.value, gast.Call)
    return isinstance(statement, gast.AugAssign)


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
