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
from functools import cache, partial

import gast

from tangent_sct.analysis.indices import is_fancy
from tangent_sct.analysis.overwritten import Access
from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import Kind
from tangent_sct.derive.context import Context
from tangent_sct.derive.shadows import ZEROS

RECORD = 12.0
ARITHMETIC = 1.0
MEMORY = 1.0
FUNCTION = 8.0
NEVER = float("inf")

_ATOMS = (gast.Name, gast.Constant, gast.Subscript, gast.Attribute)
_FLOATS = frozenset(("float", "float64"))
_SHAPES = frozenset(("shape", "ndim", "size", "dtype"))
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
        if kind.is_array and _may_copy(node, context.kind_of):
            return NEVER
        return MEMORY + _price(context, node.value)
    if isinstance(node, gast.Attribute):
        return MEMORY + _price(context, node.value)
    found = context.operation(node)
    rule = None if found is None else context.rule_of(found)
    if kind.is_array:
        return MEMORY if rule is not None and rule.aliasing == "view" else NEVER
    if kind.is_container or (found is not None and is_one_of(found.function, ZEROS)):
        # A shadow is added to: made again it would be another one.
        return NEVER
    if found is not None and found.function is len and context.kind_of(found.args[0]).is_array:
        return MEMORY + _price(context, found.args[0])
    if isinstance(node, gast.Compare) and any(isinstance(op, (gast.In, gast.NotIn)) for op in node.ops):
        # It may take items off an iterator.
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


def definitions_again(
    context: Context, changed: frozenset[str], changing: frozenset[str], body: list[gast.AST]
) -> Callable[[str, gast.AST], gast.AST | None]:
    """What gives, in the reverse sweep, what a name held: its definition, or the place where it was put.

    A definition does if what it reads has not been written since, or if it reads an element that stays as it
    is (`analysis.overwritten`). A number that was put into an array stands there, if that element stays, and if
    anybody needs the array, so that the store is left.

    Args:
        context: the program.
        changed: names of what it changes in place.
        changing: the same, with the names of shadows that change with it.
        body: both sweeps.
    """
    restored, left = cache(lambda: _stored_in_reverse(body)), cache(lambda: _stored_names(body))
    is_same, is_stable = same_object_test(context, changed), stable_test(context, changing)

    def again(name: str, value: gast.AST) -> gast.AST | None:
        if is_same(name, value):
            if is_stable(value):
                return value if isinstance(value, _ATOMS) else place_of(name) or value
            if isinstance(value, gast.Subscript) and stays(context.overwritten().read_by(name, value), value):
                return value
        return place_of(name)

    def place_of(name: str) -> gast.AST | None:
        """The element of an array that a number was put into, and stays in."""
        if not context.stored or context.kind(name).dtype not in _FLOATS:
            return None
        for access, target in context.overwritten().put(name):
            place = tree.with_context(tree.copy(target), gast.Load())
            if context.kind_of(place).dtype not in _FLOATS or not stays(access, place):
                continue
            if not any(tree.same(target, other) for other in left().get(name, ())):
                continue
            if context.share(access.array).isdisjoint(restored()):
                # What the store overwrote is not put back before it could be read.
                return place
        return None

    def stays(access: Access | None, place: gast.Subscript) -> bool:
        if access is None or _reads_any(place.slice, changing) or not context.kind_of(place).is_scalar:
            return False
        return context.overwritten().stays(access)

    return again


def _stored_in_reverse(body: list[gast.AST]) -> set[str]:
    """Names of arrays that the reverse sweep writes into: shadows, and what it restores."""
    found: set[str] = set()
    for node in tree.every_statement(body):
        if tree.sweep_of(node) == "reverse" and type(node) in (gast.Assign, gast.AugAssign):
            target = node.targets[0] if type(node) is gast.Assign else node.target
            if not isinstance(target, gast.Name):
                found.update(tree.names_read(target))
    return found


def _stored_names(body: list[gast.AST]) -> dict[str, list[gast.AST]]:
    """The places that the forward sweep stores names into."""
    found: dict[str, list[gast.AST]] = {}
    for node in tree.every_statement(body):
        if type(node) is gast.Assign and type(node.value) is gast.Name and tree.sweep_of(node) != "reverse":
            if type(node.targets[0]) is gast.Subscript:
                found.setdefault(node.value.id, []).append(node.targets[0])
    return found


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
        if not _reads_any(node, changing) or not _reads_any(_without_shapes(node, kind_of), changing):
            return True
        if isinstance(node, gast.Subscript):
            return (is_view(node) or not _reads_any(node.value, changing)) and not _reads_any(
                node.slice, changing
            )
        found = context.operation(node)
        rule = None if found is None else context.rule_of(found)
        if rule is not None and rule.aliasing == "view" and not kind_of(node).is_scalar:
            return True
        return False

    return is_stable


def _without_shapes(node: gast.AST, kind_of: Callable[[gast.AST], Kind]) -> gast.AST:
    """An expression without its questions for the shapes of arrays, which never change."""

    def is_shape(item: gast.AST) -> bool:
        if isinstance(item, gast.Attribute):
            return item.attr in _SHAPES and kind_of(item.value).is_array
        if isinstance(item, gast.Call) and tree.is_name(item.func, "len") and len(item.args) == 1:
            return kind_of(item.args[0]).is_array
        return False

    def without(item: gast.AST) -> gast.AST:
        return tree.const(0) if is_shape(item) else tree.rebuilt(item, without)

    return without(node)


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
            is_view = kind.is_array and not _may_copy(value, context.kind_of)
            return is_view or kind.is_container
        found = context.operation(value)
        rule = None if found is None else context.rule_of(found)
        return rule is not None and rule.aliasing == "view"

    return is_same


def _may_copy(node: gast.Subscript, kind_of: Callable[[gast.AST], Kind]) -> bool:
    """Whether a subscript may select elements of an array, which makes a new one each time."""
    return not kind_of(node.value).is_container and is_fancy(node.slice, kind_of)


def _reads_any(node: gast.AST, names: frozenset[str]) -> bool:
    if any(name in names for name in tree.names_read(node)):
        return True
    # Variables of modules and classes are known by their texts.
    return any(type(item) is gast.Attribute and tree.text(item) in names for item in tree.walk(node))
