"""Tuples that a call writes out, handed over item by item.

A function that stands for another one may take a tuple apart, as `csr_array((values, indices, indptr))` does. What is
written into one item has nothing to do with the others, which a tuple of all of them would hide.

>>> node = tree.statements('''
... def matrix(parts, shape):
...     if len(parts) == 3:
...         return made(parts[0], parts[1:], shape)
...     return parts[1]
... ''')[0]
>>> arguments = {"parts": tree.expression("(v, i, p)"), "shape": tree.load("s")}
>>> node, arguments = with_items_apart(node, arguments, lambda name: None)
>>> print(tree.text(node))
def matrix(parts_0, parts_1, parts_2, shape):
    return made(parts_0, (parts_1, parts_2), shape)
>>> [tree.text(value) for value in arguments.values()]
['v', 'i', 'p', 's']
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.flags import without_dead_branches
from tangent_sct.frontend.made import is_followed


def with_items_apart(
    node: gast.FunctionDef, arguments: Mapping[str, gast.AST], meaning: Callable[[str], Any]
) -> tuple[gast.FunctionDef, dict[str, gast.AST]]:
    """A function with a parameter for each item of the tuples that it takes apart, and what it is called with.

    Args:
        node: the function.
        arguments: the expression for each of its parameters.
        meaning: what free names of it mean.

    Returns:
        The function as it is where it is handed no tuple that is written out, or uses it as a whole.
    """

    def decided(item: gast.AST, names: Container[str]) -> gast.AST | None:
        """No tuple is an object of a class that is followed."""
        if type(item) is not gast.Call or not tree.is_name(item.func, "isinstance") or len(item.args) != 2:
            return None
        owner, cls = item.args
        asks = tree.is_one_of(owner, names) and isinstance(cls, gast.Name) and is_followed(meaning(cls.id))
        return tree.const(False) if asks else None

    tuples = {
        name: value.elts
        for name, value in arguments.items()
        if type(value) is gast.Tuple and not any(isinstance(item, gast.Starred) for item in value.elts)
    }
    if not tuples or set(tree.parameter_names(node)) != set(arguments):
        return node, dict(arguments)
    body = without_dead_branches([tree.rewrite(s, lambda item: decided(item, tuples)) for s in node.body])
    apart = {
        name: [f"{name}_{place}" for place in range(len(items))]
        for name, items in tuples.items()
        if _is_taken_apart(body, name, len(items))
    }
    body = without_dead_branches([tree.rewrite(s, lambda item: _item(item, apart)) for s in body])
    given: dict[str, gast.AST] = {}
    for name, value in arguments.items():
        given.update(zip(apart[name], tuples[name], strict=True) if name in apart else {name: value})
    own = tree.rebuilt(node.args, lambda child: child)
    own.args = [new for old in node.args.args for new in _parameters(old, apart)]
    own.defaults = []
    return tree.like(tree.function(node.name, own, body, node.returns), node), given


def _is_taken_apart(body: list[gast.AST], name: str, count: int) -> bool:
    """Whether statements ask of a parameter nothing but items at known places, and how many there are."""
    counted = {name: [name] * count}
    parts = [p for s in body for p in tree.walk(s) if _item(p, counted) is not None]
    every = [p for s in body for p in tree.walk(s) if tree.is_name(p, name)]
    return 0 < len(parts) == len(every) and name not in tree.names_written(body)


def _item(node: gast.AST, apart: Mapping[str, list[str]]) -> gast.AST | None:
    """What stands for an item of a tuple, for its end, or for its length; None for all else."""
    if type(node) is gast.Call and tree.is_name(node.func, "len") and len(node.args) == 1:
        return tree.const(len(apart[node.args[0].id])) if tree.is_one_of(node.args[0], apart) else None
    if type(node) is not gast.Subscript or not tree.is_one_of(node.value, apart):
        return None
    items, key = apart[node.value.id], node.slice
    if type(key) is gast.Slice and key.upper is None and key.step is None:
        start = getattr(key.lower, "value", None)
        return tree.tuple_of(map(tree.load, items[start:])) if type(start) is int and start >= 0 else None
    place = getattr(key, "value", None)
    return tree.load(items[place]) if type(place) is int and 0 <= place < len(items) else None


def _parameters(parameter: Any, apart: Mapping[str, list[str]]) -> list[Any]:
    if parameter.id not in apart:
        return [parameter]
    return [tree.like(gast.Name(name, gast.Param(), None, None), parameter) for name in apart[parameter.id]]
