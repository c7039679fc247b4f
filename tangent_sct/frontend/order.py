"""The operands of an expression in the order in which they are evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

import gast

_NO_VALUES = (gast.Starred, gast.keyword, gast.Slice, gast.FormattedValue)
"""What stands among operands and is no value of its own."""


def slots(node: gast.AST) -> tuple[gast.AST, list[tuple[Any, Any]]]:
    """A copy of a node, and the places of its operands in the order of evaluation.

    >>> from tangent_sct.core import tree
    >>> node, places = slots(tree.expression("{a: f(b), c: d[1:e]}"))
    >>> [tree.text(placed(*place)) for place in places]
    ['a', 'f(b)', 'c', 'd[1:e]']
    """
    new = copy(node)
    for name in new._fields:
        value = getattr(new, name, None)
        if isinstance(value, list):
            setattr(new, name, list(value))
    if isinstance(new, gast.Call):
        spliced: list[gast.AST] = []
        for argument in new.args:
            spliced += argument.value.elts if is_spliced(argument) else [argument]
        new.args = spliced
    places: list[tuple[Any, Any]] = []
    if isinstance(new, gast.Dict):
        for index in range(len(new.values)):
            places += [(new.keys, index), (new.values, index)]
    else:
        for name in new._fields:
            value = getattr(new, name, None)
            if isinstance(value, list):
                places += [(value, index) for index in range(len(value))]
            elif isinstance(value, gast.AST):
                places.append((new, name))
    return new, [slot for place in places for slot in _operands(new, *place)]


def _operands(parent: gast.AST, owner: Any, key: Any) -> Iterator[tuple[Any, Any]]:
    """The operands at a place: those inside it, where what stands there is no value of its own."""
    value = placed(owner, key)
    if not isinstance(value, gast.AST):
        return
    is_method = (
        isinstance(value, gast.Attribute) and isinstance(parent, gast.Call) and owner is parent
    )
    slices = isinstance(value, gast.Tuple) and any(isinstance(v, gast.Slice) for v in value.elts)
    is_format = isinstance(parent, gast.FormattedValue) and key == "format_spec"
    if is_method or slices or is_format or isinstance(value, _NO_VALUES):
        new, inner = slots(value)
        put(owner, key, new)
        yield from inner
    elif not isinstance(value, (gast.expr_context, gast.operator, gast.unaryop, gast.cmpop)):
        yield owner, key


def parts_of_place(target: gast.AST) -> Iterator[gast.AST]:
    """What a target is made of, in the order of evaluation: its owner, and the parts of its index.

    >>> from tangent_sct.core import tree
    >>> (statement,) = tree.statements("a.b[i, f(j):k] = 0.0")
    >>> list(map(tree.text, parts_of_place(statement.targets[0])))
    ['a.b', 'i', 'f(j)', 'k']
    """
    if isinstance(target, (gast.Subscript, gast.Attribute)):
        yield target.value
    if isinstance(target, gast.Subscript):
        yield from parts_of_index(target.slice)


def parts_of_index(index: gast.AST) -> Iterator[gast.AST]:
    """What an index is made of, in the order of evaluation: bounds of slices, and all else as it is."""
    if isinstance(index, gast.Tuple):
        for item in index.elts:
            yield from parts_of_index(item)
    elif isinstance(index, gast.Slice):
        yield from (bound for bound in (index.lower, index.upper, index.step) if bound is not None)
    else:
        yield index


def placed(owner: Any, key: Any) -> Any:
    """What stands at a place."""
    return owner[key] if isinstance(owner, list) else getattr(owner, key)


def put(owner: Any, key: Any, value: Any) -> None:
    """Something else stands at a place from here on."""
    if isinstance(owner, list):
        owner[key] = value
    else:
        setattr(owner, key, value)


def is_spliced(argument: gast.AST) -> bool:
    """`*[a, b]` or `*(a, b)`."""
    if not isinstance(argument, gast.Starred):
        return False
    return isinstance(argument.value, (gast.Tuple, gast.List))
