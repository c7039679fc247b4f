"""What may be computed again in the reverse sweep, and at what price: the table behind `record`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import gast

from tangent_sct.analysis.indices import is_fancy
from tangent_sct.core import tree
from tangent_sct.derive.context import Context
from tangent_sct.derive.shadows import ZEROS

_ARITHMETIC = (gast.BinOp, gast.UnaryOp, gast.Compare, gast.BoolOp)


def cheap_test(context: Context) -> Callable[[gast.AST], bool]:
    """Whether an expression is free of effects and costs no more than a tape entry or so.

    Scalar arithmetic and elementwise functions of scalars are computed again, and so are views, elements
    and attributes of arrays. Arithmetic on whole arrays is not: keeping a reference costs less.
    """
    return partial(_is_cheap, context)


def _is_cheap(context: Context, node: gast.AST) -> bool:
    if isinstance(node, (gast.Name, gast.Constant)):
        return True
    if isinstance(node, (gast.Tuple, gast.Slice)):
        return all(_is_cheap(context, child) for child in tree.children(node) if not _is_context(child))
    kind = context.kind_of(node)
    if isinstance(node, gast.Subscript):
        return _is_cheap(context, node.value) and not (
            kind.is_array and is_fancy(node.slice, context.kind_of)
        )
    if isinstance(node, gast.Attribute):
        return _is_cheap(context, node.value)
    found = context.operation(node)
    rule = None if found is None else context.rule_of(found)
    if kind.is_array:
        return rule is not None and rule.aliasing == "view"
    if kind.is_container or (found is not None and found.function in ZEROS):
        # A shadow is added to: made again it would be another one.
        return False
    if isinstance(node, _ARITHMETIC):
        return all(_is_cheap(context, child) for child in tree.children(node) if not _is_context(child))
    if rule is None or found is None:
        return False
    if not (rule.cheap or rule.is_zero) or any(context.kind_of(atom).is_array for atom in found.operands()):
        return False
    return all(_is_cheap(context, operand) for operand in found.operands())


def _is_context(node: gast.AST) -> bool:
    return isinstance(
        node, (gast.expr_context, gast.operator, gast.unaryop, gast.cmpop, gast.boolop)
    )


def stable_test(context: Context, changing: frozenset[str]) -> Callable[[gast.AST], bool]:
    """Whether an expression has the same value in the reverse sweep: it reads nothing that is written.

    A view of an array that is written is stable: it is the same view. An item of a container that changes
    is not: there may be another one in its place.
    """
    kind_of = context.kind_of

    def is_view(node: gast.Subscript) -> bool:
        is_array = kind_of(node).is_array and kind_of(node.value).is_array
        return is_array and not is_fancy(node.slice, kind_of)

    def is_stable(node: gast.AST) -> bool:
        if isinstance(node, gast.Name):
            return True
        if isinstance(node, gast.Subscript):
            return (is_view(node) or not _reads_any(node.value, changing)) and not _reads_any(
                node.slice, changing
            )
        found = context.operation(node)
        rule = None if found is None else context.rule_of(found)
        if rule is not None and rule.aliasing == "view" and not kind_of(node).is_scalar:
            return True
        return not _reads_any(node, changing)

    return is_stable


def same_object_test(
    context: Context, changing: frozenset[str] | set[str]
) -> Callable[[str, gast.AST], bool]:
    """Whether computing a name's definition again gives what the name holds later on.

    An array that is made and then written into is not the same when it is made again; a view or
    a copy of a reference is.
    """

    def is_same(name: str, value: gast.AST) -> bool:
        if name not in changing or isinstance(value, gast.Name):
            return True
        kind = context.kind_of(value)
        if isinstance(value, gast.Subscript):
            is_view = kind.is_array and not is_fancy(value.slice, context.kind_of)
            return is_view or kind.is_container
        found = context.operation(value)
        rule = None if found is None else context.rule_of(found)
        return rule is not None and rule.aliasing == "view"

    return is_same


def _reads_any(node: gast.AST, names: frozenset[str]) -> bool:
    return any(name in names for name in tree.names_read(node))
