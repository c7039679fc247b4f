"""In-place operators on arrays that share memory with what they read, with a copy in between.

NumPy looks whether the operands of `a[1:] += a[:-1]` overlap, and reads all before it writes. Compiled code goes
through the elements one by one, and would read what it has written.

Needs: an ordinary program, kinds, alias classes. Produces: an ordinary program. Runs last, where Numba compiles.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

import gast

from tangent_sct.analysis.aliases import Classes, KindOf
from tangent_sct.core import tree
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.blocks import below

REFERENCES = (gast.Name, gast.Subscript, gast.Attribute, gast.Call)
"""Expressions that may be a view; what arithmetic gives is a new array."""


def apart(unit: Unit, kind_of: KindOf, classes: Callable[[], Classes]) -> Unit:
    """Copy what an in-place operator reads, where it may overlap with what the operator writes.

    Args:
        unit: an ordinary program.
        kind_of: the kind of an expression.
        classes: gives its alias classes.

    Returns:
        The unit with copies; the same unit where none are needed.
    """

    def block(body: list[gast.AST]) -> list[gast.AST]:
        new = [statement(node) for node in body]
        return body if all(map(operator.is_, new, body)) else new

    def statement(node: gast.AST) -> gast.AST:
        if not isinstance(node, gast.AugAssign):
            return below(node, block)
        if not isinstance(node.value, REFERENCES) or kind_of(node.value).is_scalar:
            return node
        base = node.target.value if isinstance(node.target, gast.Subscript) else node.target
        if kind_of(base).is_scalar or tree.same(node.value, node.target):
            return node
        written, read = classes().sources(base), classes().sources(node.value)
        if not any(classes().same(one, other) for one in written for other in read):
            return node
        copied = gast.Call(gast.Attribute(node.value, "copy", gast.Load()), [], [])
        return tree.like(gast.AugAssign(node.target, node.op, copied), node)

    body = block(unit.tree.body)
    return unit if body is unit.tree.body else unit.with_body(body)
