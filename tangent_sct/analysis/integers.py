"""Integers that Python makes as large as they get, and compiled code does not.

Numba computes with integers of 64 bits and says nothing when they overflow: `2 ** 64` is 0 there. Powers, and
products that a loop goes on with, are what grows so fast in programs that compute with floats; they are refused where
Numba compiles.

Requires: an ordinary program, kinds.
"""

from __future__ import annotations

from collections.abc import Sequence

import gast

from tangent_sct.analysis.aliases import KindOf
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError

GROWING = (gast.Pow, gast.LShift)


def refuse_large_integers(body: Sequence[gast.AST], kind_of: KindOf) -> None:
    """Refuse integers that may become too large for compiled code.

    Args:
        body: the statements of an ordinary program.
        kind_of: the kind of an expression.

    Raises:
        UnsupportedError: at the first power, or product that a loop goes on with, of Python's integers.
    """
    for node in tree.every_statement(body):
        if type(node) not in tree.COMPOUND:
            for item in tree.walk(node):
                if _is_power(item, kind_of):
                    raise _refusal(node, item)
        if type(node) in tree.LOOPS:
            for inner in tree.every_statement(node.body):
                if _multiplies(inner, kind_of):
                    raise _refusal(inner, inner)


def _is_power(node: gast.AST, kind_of: KindOf) -> bool:
    """Whether an expression is a power of integers with an exponent that is not written out."""
    if not isinstance(node, gast.BinOp) or not isinstance(node.op, GROWING):
        return False
    if not isinstance(node.right, (gast.Name, gast.BinOp, gast.Subscript, gast.Call)):
        return False
    if isinstance(node.op, gast.Pow) and tree.is_constant(_bare(node.left), 0, 1):
        return False
    return kind_of(node.left).dtype == "int" and kind_of(node.right).dtype == "int"


def _multiplies(node: gast.AST, kind_of: KindOf) -> bool:
    """Whether a statement gives a name a multiple of what it holds."""
    if isinstance(node, gast.AugAssign):
        return isinstance(node.op, gast.Mult) and kind_of(node.target).dtype == "int"
    if not isinstance(node, gast.Assign) or not isinstance(node.targets[0], gast.Name):
        return False
    name = node.targets[0].id
    return kind_of(node.targets[0]).dtype == "int" and any(
        isinstance(item, gast.BinOp) and isinstance(item.op, gast.Mult) and name in tree.names_read([item])
        for item in tree.walk(node.value)
    )


def _bare(node: gast.AST) -> gast.AST:
    """What a sign stands before."""
    return node.operand if isinstance(node, gast.UnaryOp) else node


def _refusal(node: gast.AST, item: gast.AST) -> UnsupportedError:
    return UnsupportedError(
        f"`{tree.text(item)}` may be an integer of more than 64 bits, with which Numba does not compute",
        tree.origin_of(node),
        'compute with floats (`2.0 ** i`), or use backend="numpy"',
    )
