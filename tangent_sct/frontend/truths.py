"""Branches that are decided by what is known of objects: what is not run is not read.

    def __add__(self, other):
        if not isinstance(other, Dual):       # other is a Dual that the program has made
            other = Dual(other)               # so this is left out
        ...

A test is named before its `if`, so what such a name means is known like what a name means that is an object. What is
left out would make objects of objects, and a method that calls itself on the parts of an object would never end.
"""

from __future__ import annotations

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted
from tangent_sct.core.kind import UNKNOWN, Kind
from tangent_sct.frontend.functions import Functions
from tangent_sct.frontend.meanings import SIMPLE, Count, Items, Simple, Truth
from tangent_sct.templating.static import decide


def fact_of(value: gast.AST, functions: Functions) -> Truth | Simple | Count | None:
    """What is known of a value that is no function and no object."""
    known = truth_of(value, functions) or _count_of(value, functions)
    return known or (SIMPLE if functions.is_simple(value) else None)


def _count_of(value: gast.AST, functions: Functions) -> Count | None:
    """How many items a list has, where the value is that and it is known."""
    if not isinstance(value, gast.Call) or len(value.args) != 1 or not functions.means(value.func, len):
        return None
    known = functions.of(value.args[0])
    return Count(known.size) if isinstance(known, Items) and known.size is not None else None


def truth_of(test: gast.AST, functions: Functions) -> Truth | None:
    """What a test gives, where that is known.

    >>> test = tree.expression("not True and wanted")
    >>> truth_of(test, Functions(lambda node: None))
    Truth(value=False)
    """
    if type(test) not in (gast.Constant, gast.Name, gast.UnaryOp, gast.BoolOp, gast.Compare):
        return None
    value = decide(test, _Known(functions))
    return Truth(value) if type(value) is bool else None


def taken(node: gast.If, functions: Functions) -> list[gast.AST] | None:
    """The one branch that is run, where that is known; None elsewhere.

    A variable that is assigned in the other one alone stays a variable of the function. The way out of a loop stays
    `if flag: break`: a `break` alone would leave what the loop hands on behind it.
    """
    known = truth_of(node.test, functions)
    if known is None or attempted(node) is not None or tree.is_exit(node):
        return None
    kept, dropped = (node.body, node.orelse) if known.value else (node.orelse, node.body)
    names = dict.fromkeys(name for statement in dropped for name in tree.names_written(statement))
    return [*(_unset(name, node) for name in names if functions.is_unset(name)), *kept]


def _unset(name: str, model: gast.AST) -> gast.AST:
    statement = tree.like(tree.assign(name, tree.const(None)), model)
    statement.unset = True
    return statement


class _Known:
    """What a test may ask about: names of tests that are decided (`templating.static.Scope`)."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def expression_of(self, name: str) -> gast.AST | None:
        """The truth that a name stands for."""
        known = self._functions.truth(name)
        return None if known is None else tree.const(known)

    def length_of(self, name: str) -> int | None:
        """Lengths are not known here."""
        return None

    def kind_of(self, expression: gast.AST) -> Kind:
        """Nor are kinds."""
        return UNKNOWN

    def is_active(self, name: str) -> bool:
        """Nor is this asked."""
        return True
