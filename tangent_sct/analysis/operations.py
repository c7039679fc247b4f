"""What an expression of the small language computes: a function applied to operands.

Operators, subscripts, attributes and methods of arrays are functions under another spelling. Everything
that asks about an operation (kinds, aliases, activity, both modes) asks here, so that
`x.sum(axis=0)`, `np.sum(x, axis=0)` and `sum(x, axis=0)` after `from numpy import sum` are one thing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.runtime import named
from tangent_sct.templates.methods import ATTRIBUTES, METHODS
from tangent_sct.templating import registry

BINARY: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "//": operator.floordiv, "%": operator.mod, "**": operator.pow, "@": operator.matmul,
    "<<": operator.lshift, ">>": operator.rshift, "|": operator.or_, "^": operator.xor,
    "&": operator.and_,
}  # fmt: skip
DISPLAYS = tree.DISPLAYS
UNARY: dict[str, Callable[..., Any]] = {
    "-": operator.neg, "+": operator.pos, "~": operator.invert, "not": operator.not_,
}  # fmt: skip
COPIES = (list, tuple, dict)
"""Functions that make a new container of the same items."""
_SHAPE_FIRST = {"reshape", "transpose"}
"""Methods that take a shape as one tuple or as several arguments."""


class Operation(NamedTuple):
    """A function and its operands; `function` is None for an attribute without a derivative."""

    function: Any
    args: tuple[gast.AST, ...]
    keywords: Mapping[str, gast.AST]

    def operands(self) -> Iterator[gast.AST]:
        """All operands, displays opened."""
        for item in (*self.args, *self.keywords.values()):
            yield from opened(item)


def opened(node: gast.AST) -> Iterator[gast.AST]:
    """The atoms of an operand: the items of a display, else the operand itself."""
    if type(node) is gast.Tuple or type(node) is gast.List:
        for item in node.elts:
            yield from opened(item)
    elif type(node) is gast.Dict:
        for item in node.values:
            yield from opened(item)
    elif type(node) is gast.Starred:
        yield from opened(node.value)
    else:
        yield node


def entries(display: gast.AST) -> Iterator[tuple[gast.AST, gast.AST]]:
    """Keys and items of a display."""
    if isinstance(display, gast.Dict):
        yield from zip(map(tree.copy, display.keys), display.values, strict=True)
    else:
        for place, item in enumerate(display.elts):
            yield tree.const(place), item


def parted(node: gast.AST, value: gast.AST) -> Iterator[tuple[gast.AST, gast.AST]]:
    """The atoms of an operand, each with the part of a value of the same structure that stands in its place.

    >>> [tree.text(part) for _, part in parted(tree.expression("(a, {'k': b})"), tree.load("v"))]
    ['v[0]', "v[1]['k']"]
    """
    if isinstance(node, DISPLAYS):
        for key, item in entries(node):
            yield from parted(item, tree.subscript(tree.copy(value), key))
    else:
        yield node, value


def copied(node: gast.AST, found: Operation | None) -> gast.AST | None:
    """What a call makes a new container of the same items of; None where it is no such call.

    >>> namespace = {"list": list}
    >>> [copied(e, operation(e, namespace)).id for e in map(tree.expression, ("list(c)", "d.copy()"))]
    ['c', 'd']
    """
    if not isinstance(node, gast.Call) or found is None or found.keywords:
        return None
    if found.function is named:
        return found.args[1]
    if len(found.args) != 1:
        return None
    is_method = isinstance(node.func, gast.Attribute) and node.func.attr == "copy"
    return found.args[0] if is_method or is_one_of(found.function, COPIES) else None


def undressed(node: gast.AST, namespace: Mapping[str, Any]) -> gast.AST:
    """The display of which a call makes a named tuple; every other expression as it is.

    >>> call = tree.expression("named(Point, (a, b))")
    >>> tree.text(undressed(call, {"named": named})), undressed(call, {}) is call
    ('(a, b)', True)
    """
    if type(node) is not gast.Call or len(node.args) != 2 or not isinstance(node.args[1], DISPLAYS):
        return node
    return node.args[1] if meaning(node.func, namespace) is named else node


def operation(node: gast.AST, namespace: Mapping[str, Any]) -> Operation | None:
    """The operation an expression is, or None where it is none (a name, a literal, a display).

    >>> import numpy as np
    >>> operation(tree.expression("x.sum(axis=0)"), {}).function is np.sum
    True
    """
    kind = type(node)
    if kind is gast.BinOp:
        return Operation(BINARY[tree.BINARY_SYMBOL[type(node.op)]], (node.left, node.right), {})
    if kind is gast.UnaryOp:
        return Operation(UNARY[tree.UNARY_SYMBOL[type(node.op)]], (node.operand,), {})
    if kind is gast.Subscript:
        return Operation(operator.getitem, (node.value, node.slice), {})
    if kind is gast.Attribute:
        if meaning(node, namespace) is not MISSING:
            return None
        if node.attr in ATTRIBUTES:
            return Operation(ATTRIBUTES[node.attr], (node.value,), {})
        return Operation(MISSING, (node.value,), {})
    if kind is gast.Call:
        return _call(node, namespace)
    return None


def _call(node: gast.Call, namespace: Mapping[str, Any]) -> Operation:
    args = tuple(node.args)
    keywords = {k.arg: k.value for k in node.keywords if k.arg is not None}
    function = meaning(node.func, namespace)
    if function is MISSING and isinstance(node.func, gast.Attribute):
        name = node.func.attr
        function = METHODS.get(name, MISSING)
        if name in _SHAPE_FIRST and len(args) > 1:
            args = (tree.tuple_of(args),)
        args = (node.func.value, *args)
    elif registry.is_called_by_class(function):
        args = (node.func, *args)
    if function is np.astype and tree.is_constant(keywords.get("copy"), False):
        # The array itself where it has the type.
        del keywords["copy"]
        function = np.asarray
    return Operation(function, args, keywords)
