"""What may be computed again in the reverse sweep, and at what price: the table behind `rematerialise`.

Prices are in units of one operation of arithmetic on numbers. They weigh time and memory together. To push a
number on a tape and to take it off again takes about two such operations in Python, and less in compiled code;
but what is on a tape stays there until the reverse sweep comes to it, so that memory grows with the number
of iterations. For not doing so a loop may spend a few operations more.

    record       12    one entry of a tape, for each iteration
    arithmetic    1    an operation on numbers; a comparison
    memory        1    reading an element of an array; a view; a shape
    function      8    an elementwise function of numbers (np.sin, math.exp, abs), a power

Other calls are not run again, and nor is arithmetic on whole arrays: a tape keeps a reference, which costs less
than a new array.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import gast

from tangent_sct.analysis.indices import is_fancy
from tangent_sct.core import tree
from tangent_sct.derive.context import Context
from tangent_sct.derive.shadows import ZEROS

RECORD = 12.0
ARITHMETIC = 1.0
MEMORY = 1.0
FUNCTION = 8.0
NEVER = float("inf")

_ARITHMETIC = (gast.BinOp, gast.UnaryOp, gast.Compare, gast.BoolOp)


def pricing(context: Context) -> Callable[[gast.AST], float]:
    """What it costs to evaluate an expression once more; infinite for what is not free of effects or too dear."""
    return partial(_price, context)


def _price(context: Context, node: gast.AST) -> float:
    if isinstance(node, (gast.Name, gast.Constant)):
        return 0.0
    if isinstance(node, (gast.Tuple, gast.Slice)):
        return _price_of_all(context, tree.children(node))
    kind = context.kind_of(node)
    if isinstance(node, gast.Subscript):
        if kind.is_array and is_fancy(node.slice, context.kind_of):
            return NEVER
        return MEMORY + _price(context, node.value)
    if isinstance(node, gast.Attribute):
        return MEMORY + _price(context, node.value)
    found = context.operation(node)
    rule = None if found is None else context.rule_of(found)
    if kind.is_array:
        return MEMORY if rule is not None and rule.aliasing == "view" else NEVER
    if kind.is_container or (found is not None and found.function in ZEROS):
        # A shadow is added to: made again it would be another one.
        return NEVER
    if isinstance(node, _ARITHMETIC):
        is_power = isinstance(node, gast.BinOp) and isinstance(node.op, gast.Pow)
        own = FUNCTION if is_power and not tree.is_constant(node.right) else ARITHMETIC
        return own + _price_of_all(context, tree.children(node))
    if rule is None or found is None:
        return NEVER
    if not (rule.cheap or rule.is_zero) or any(context.kind_of(atom).is_array for atom in found.operands()):
        return NEVER
    return FUNCTION + _price_of_all(context, found.operands())


def _price_of_all(context: Context, nodes: Iterable[gast.AST]) -> float:
    return sum(_price(context, node) for node in nodes if not _is_context(node))


def _is_context(node: gast.AST) -> bool:
    return isinstance(
        node, (gast.expr_context, gast.operator, gast.unaryop, gast.cmpop, gast.boolop)
    )


def holding(
    context: Context, changed: frozenset[str], changing: frozenset[str]
) -> Callable[[str, gast.AST], bool]:
    """Whether evaluating a name's definition in the reverse sweep gives what the name held.

    Args:
        context: the program.
        changed: names of what it changes in place.
        changing: the same, with the names of shadows that change with it.
    """
    is_same, is_stable = same_object_test(context, changed), stable_test(context, changing)

    def holds(name: str, value: gast.AST) -> bool:
        return is_same(name, value) and (is_stable(value) or stays(name, value))

    def stays(name: str, value: gast.AST) -> bool:
        """Whether an element is read of an array, other elements of which are written."""
        if not isinstance(value, gast.Subscript) or _reads_any(value.slice, changing):
            return False
        if not context.kind_of(value).is_scalar:
            return False
        element = context.overwritten().element_of(name, value)
        return element is not None and context.overwritten().stays(element)

    return holds


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
