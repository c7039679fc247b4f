"""Objects whose class has a `__getitem__` and no `__iter__`: Python asks them for one item after the other.

A loop ends where an index gives an `IndexError`, whatever `__len__` says. Where the class says both in a plain way,
the two agree, and the loop is one over `range(len(q))`; else the items are counted before it.
"""

from __future__ import annotations

import functools
import inspect
import types

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.frontend.source import source_of, tree_of

_PERHAPS = (gast.Lambda, gast.IfExp, gast.BoolOp, *tree.COMPREHENSIONS)
"""Expressions of which parts may not be evaluated."""


def is_by_index(cls: type) -> bool:
    """Whether the objects of a class are run through by a `__getitem__` of the class."""
    if inspect.getattr_static(cls, "__iter__", None) is not None:
        return False
    return isinstance(inspect.getattr_static(cls, "__getitem__", None), types.FunctionType)


@functools.lru_cache(maxsize=256)
def measured(cls: type) -> str | None:
    """The attribute whose length is that of the objects of a class, and with whose items theirs end.

    That is `"v"` where `__len__` is `return len(self.v)`, and `__getitem__` returns an expression that reads
    `self.v[index]`; None where either says something else.
    """
    length, item = _returned(cls, "__len__"), _returned(cls, "__getitem__")
    if length is None or item is None or len(length[0]) != 1 or len(item[0]) != 2:
        return None
    (receiver,), value = length
    if not (isinstance(value, gast.Call) and tree.is_name(value.func, "len") and len(value.args) == 1):
        return None
    place = value.args[0]
    if not isinstance(place, gast.Attribute) or not tree.is_name(place.value, receiver):
        return None
    pending = [item[1]]
    while pending:
        node = pending.pop()
        if isinstance(node, gast.Subscript) and tree.is_name(node.slice, item[0][1]):
            if tree.same(node.value, tree.attribute(tree.load(item[0][0]), place.attr)):
                return str(place.attr)
        if not isinstance(node, _PERHAPS):
            pending.extend(tree.children(node))
    return None


def _returned(cls: type, name: str) -> tuple[list[str], gast.AST] | None:
    """The parameters of a method that does nothing but return a value, and that value."""
    method = inspect.getattr_static(cls, name, None)
    if not isinstance(method, types.FunctionType):
        return None
    try:
        node = tree_of(source_of(method))
    except (UnsupportedError, TypeError):
        return None
    body = [s for s in node.body if not (isinstance(s, gast.Expr) and isinstance(s.value, gast.Constant))]
    if len(body) != 1 or not isinstance(body[0], gast.Return) or body[0].value is None:
        return None
    return tree.parameter_names(node), body[0].value
