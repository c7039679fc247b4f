"""Items of a defaultdict that are read where there are none: reading them puts them there.

So the order in which a statement reads items is the order in which new keys come into the dict, and what is read
on one path only must not come into it on the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import gast

from tangent_sct.core import tree


@dataclass(frozen=True)
class Read:
    """An item that an expression reads.

    Attributes:
        item: the subscript.
        is_sure: whether it is read whenever the expression is evaluated.
        is_there: whether the expression itself has made sure that the key is in the dict.
    """

    item: gast.Subscript
    is_sure: bool
    is_there: bool


def reads_of(node: gast.AST, is_read: Callable[[gast.AST], bool]) -> list[Read]:
    """The items that an expression or a simple statement reads, in the order of evaluation.

    Args:
        node: what is evaluated.
        is_read: whether a node is the reading of such an item.

    >>> node = tree.expression("d[j] if k in d and d[k] > 0 else d[i]")
    >>> for read in reads_of(node, lambda item: isinstance(item, gast.Subscript)):
    ...     print(tree.text(read.item), read.is_sure, read.is_there)
    d[k] False True
    d[j] False False
    d[i] False False
    """
    return list(_reads(node, is_read, True, frozenset()))


def reads_items(node: gast.AST) -> bool:
    """Whether an expression takes items or attributes out of something, which a class may have computed.

    >>> reads_items(tree.expression("1 + d[k]")), reads_items(tree.expression("f(a[1:])"))
    (True, False)
    """
    called = {id(part.func) for part in tree.walk(node) if isinstance(part, gast.Call)}
    parts = (part for part in tree.walk(node) if isinstance(part, (gast.Subscript, gast.Attribute)))
    return any(id(part) not in called and not isinstance(getattr(part, "slice", None), gast.Slice) for part in parts)


def reading(values: list[gast.AST], updated: gast.AST | None = None) -> list[gast.Expr]:
    """A statement that stands for what Python reads, before statements that compute it in another order.

    It goes again where it is known what names mean.

    Args:
        values: what is computed, from left to right.
        updated: the target of `target += value`, which is read before the value.

    Returns:
        The statement; none where nothing is read that could do more than give a value.
    """
    if not any(map(reads_items, values)):
        return []
    first = [] if updated is None else [tree.with_context(tree.copy(updated), gast.Load())]
    node = tree.effect(tree.tuple_of([*first, *values]))
    node.reads = "values" if updated is None else "target"
    return [node]


def is_in_turn(node: gast.Expr) -> bool:
    """Whether all that is read is read at once: nothing is called between, and nothing read on one path only."""
    between = (gast.Call, gast.BoolOp, gast.IfExp, gast.Lambda, gast.NamedExpr, *tree.COMPREHENSIONS)
    chained = (part for part in tree.walk(node) if isinstance(part, gast.Compare))
    return not any(isinstance(part, between) for part in tree.walk(node)) and all(len(c.ops) == 1 for c in chained)


def _reads(
    node: gast.AST, is_read: Callable[[gast.AST], bool], is_sure: bool, there: frozenset[str]
) -> Iterator[Read]:
    def inside(part: gast.AST, is_sure: bool = is_sure, there: frozenset[str] = there) -> Iterator[Read]:
        return _reads(part, is_read, is_sure, there)

    if isinstance(node, gast.AugAssign):
        # What is updated is read before the value is computed.
        parts = [node.target, node.value]
    elif isinstance(node, gast.Assign):
        parts = [node.value, *node.targets]
    else:
        parts = list(tree.children(node))
    if isinstance(node, gast.BoolOp):
        for operand in node.values:
            yield from inside(operand, is_sure and operand is node.values[0], there)
            there |= _told(operand, isinstance(node.op, gast.And))
    elif isinstance(node, gast.IfExp):
        yield from inside(node.test)
        yield from inside(node.body, False, there | _told(node.test, True))
        yield from inside(node.orelse, False, there | _told(node.test, False))
    elif isinstance(node, gast.Compare):
        for place, operand in enumerate([node.left, *node.comparators]):
            yield from inside(operand, is_sure and place < 2)
    elif isinstance(node, tree.COMPREHENSIONS):
        first, *_ = node.generators
        yield from inside(first.iter)
        for part in node.generators:
            others = part.ifs if part is first else [part.iter, *part.ifs]
            for other in others:
                yield from inside(other, False, there)
                there |= _told(other, True)
        values = [node.key, node.value] if isinstance(node, gast.DictComp) else [node.elt]
        for value in values:
            yield from inside(value, False, there)
    else:
        for part in parts:
            yield from inside(part, is_sure and not isinstance(node, gast.Lambda))
    if is_read(node):
        yield Read(node, is_sure, tree.text(tree.with_context(tree.copy(node), gast.Load())) in there)


def _told(test: gast.AST, truth: bool) -> frozenset[str]:
    """The items that surely are there where a test has turned out so, as texts."""
    if isinstance(test, gast.BoolOp) and isinstance(test.op, gast.And) == truth:
        return frozenset().union(*(_told(part, truth) for part in test.values))
    if not isinstance(test, gast.Compare) or len(test.ops) > 1 or not tree.is_atom(test.left):
        return frozenset()
    if not isinstance(test.ops[0], gast.In if truth else gast.NotIn):
        return frozenset()
    return frozenset([tree.text(tree.subscript(tree.copy(test.comparators[0]), tree.copy(test.left)))])
