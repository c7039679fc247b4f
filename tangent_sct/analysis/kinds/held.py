"""What is kept whole, and functions that are handed on: whether running them may change a list or a dict.

A function that only computes, or that writes into an array at most, leaves the containers of the program as they
are, whenever it is called.
"""

from __future__ import annotations

import gast

from tangent_sct.analysis.kinds.knowledge import Knowledge
from tangent_sct.core import tree

_OF_ARRAYS = frozenset("fill itemset partition put sort".split())
"""Methods by which an array is written into, and nothing else is changed."""
_UNCLEAR = (gast.Delete, gast.Global, gast.Nonlocal, gast.Await, gast.Yield, gast.YieldFrom, gast.With, gast.ClassDef)


def may_change_containers(known: Knowledge, node: gast.AST) -> bool:
    """Whether a statement, an expression, or a function that it defines may change a list or a dict when it runs."""
    own = {item.id for item in tree.walk(node) if isinstance(item, gast.Name) and not isinstance(item.ctx, gast.Load)}

    def is_array(item: gast.AST) -> bool:
        # Names of its own are none of the program's.
        return own.isdisjoint(tree.names_read(item)) and is_known_array(known, item)

    for item in tree.walk(node):
        if isinstance(item, _UNCLEAR) or (isinstance(item, gast.AugAssign) and isinstance(item.target, gast.Name)):
            return True
        if isinstance(item, gast.Attribute) and not isinstance(item.ctx, gast.Load):
            return True
        if isinstance(item, gast.Subscript) and not isinstance(item.ctx, gast.Load) and not is_array(item.value):
            return True
        if isinstance(item, gast.Call) and known.calls.facts(item).effect in ("writes", "unknown"):
            if not _is_of_array(item.func) or not is_array(item.func.value):
                return True
    return False


def writes_array(known: Knowledge, function: gast.AST) -> bool:
    """Whether a function that is handed on is a method that writes into an array: `a.put`."""
    return _is_of_array(function) and is_known_array(known, function.value)


def is_known_array(known: Knowledge, node: gast.AST) -> bool:
    """Whether an expression that calls nothing surely is an array."""
    return not any(isinstance(n, gast.Call) for n in tree.walk(node)) and known.evaluate(node).is_array


def _is_of_array(function: gast.AST) -> bool:
    return isinstance(function, gast.Attribute) and function.attr in _OF_ARRAYS
