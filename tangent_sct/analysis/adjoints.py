"""Names of shadows in the text of a derivative that is differentiated itself.

A shadow is made by `zero_items`, so its items are the adjoints of values, each of the kind that its value has:
what is added to one changes neither its shape nor what it is. That is more than the kinds of the amounts tell
where they are not known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.namespace import meaning
from tangent_sct.frontend.normalise import IN_PLACE
from tangent_sct.runtime import zero_items
from tangent_sct.runtime.boxes import WRITERS


def shadow_names(body: Sequence[gast.AST], objects: Mapping[str, Any]) -> frozenset[str]:
    """Names that surely hold shadows, parts of them, or lists of them.

    Args:
        body: a program; a name may have several definitions.
        objects: what its free names mean.

    >>> body = tree.statements('''
    ... a = zero_items(x)
    ... b = zero_items(y)
    ... both = [a, b]
    ... one = both[i]
    ... x = [0.0]
    ... if one:
    ...     mixed = a
    ... else:
    ...     mixed = x
    ... ''')
    >>> sorted(shadow_names(body, {"zero_items": zero_items}))
    ['a', 'b', 'both', 'one']
    """
    if not any(meant is zero_items for meant in objects.values()):
        return frozenset()
    values: dict[str, list[gast.AST | None]] = {}
    for node in tree.every_statement(body):
        is_plain = type(node) is gast.Assign and type(node.targets[0]) is gast.Name
        for name in _bound_by(node):
            values.setdefault(name, []).append(node.value if is_plain else None)
    found = set(values)
    while lost := {name for name in found if not all(_is_shadow(value, found, objects) for value in values[name])}:
        found -= lost
    return frozenset(found & _rooted(values, objects))


@dataclass(frozen=True)
class ItemSum:
    """`owner.name += amount` of a shadow: the front end writes `t = owner.name; u = iadd(t, amount); owner.name = u`.

    Attributes:
        read, update, store: these statements, which stand in one block.
        symbol: `+` or `-`.
        amount: what is added or taken away.
    """

    read: gast.Assign
    update: gast.Assign
    store: gast.Assign
    symbol: str
    amount: gast.AST


def item_sums(body: Sequence[gast.AST], objects: Mapping[str, Any], names: frozenset[str]) -> list[ItemSum]:
    """What is added to items of shadows in three steps, nothing being written in between.

    >>> import operator
    >>> body = tree.statements('''
    ... t = a["w"]
    ... v = b * c
    ... u = iadd(t, v)
    ... a["w"] = u
    ... ''')
    >>> [tree.text(found.amount) for found in item_sums(body, {"iadd": operator.iadd}, frozenset("a"))]
    ['v']
    """
    if not names:
        return []
    every = list(tree.every_statement(body))
    reads = Counter(name for node in every for part in tree.own_parts(node) for name in tree.names_read(part))
    blocks = [list(body), *(block for node in every for block in tree.blocks(node))]
    return [found for block in blocks for found in _sums_in(block, objects, names, reads)]


def _sums_in(
    block: list[gast.AST], objects: Mapping[str, Any], names: frozenset[str], reads: Mapping[str, int]
) -> Iterator[ItemSum]:
    taken: dict[str, gast.Assign] = {}
    sums: dict[str, tuple[gast.Assign, gast.Assign, str, gast.AST]] = {}
    for node in block:
        target = node.targets[0] if type(node) is gast.Assign else None
        if isinstance(target, gast.Subscript) and isinstance(node.value, gast.Name) and node.value.id in sums:
            read, update, symbol, amount = sums[node.value.id]
            if tree.text(read.value) == tree.text(tree.with_context(tree.copy(target), gast.Load())):
                yield ItemSum(read, update, node, symbol, amount)
        if not isinstance(target, gast.Name):
            taken, sums = {}, {}
            continue
        value = node.value
        if isinstance(value, gast.Subscript) and isinstance(value.value, gast.Name) and value.value.id in names:
            taken[target.id] = node
        if not isinstance(value, gast.Call):
            continue
        function = meaning(value.func, objects)
        if any(function is writer for writer in WRITERS):
            taken, sums = {}, {}
            continue
        updated = value.args[0].id if value.args and isinstance(value.args[0], gast.Name) else ""
        symbol = next((known for known in "+-" if function is IN_PLACE[known]), "")
        if symbol and updated in taken and reads[updated] == reads[target.id] == 1:
            sums[target.id] = taken[updated], node, symbol, value.args[1]


def _bound_by(node: gast.AST) -> Iterator[str]:
    """Names that a statement binds itself; of one that is not followed, all that it binds inside."""
    if isinstance(node, gast.For):
        yield from tree.names_written(node.target)
    elif not isinstance(node, (gast.If, gast.While)):
        yield from tree.names_written(node)


def _is_shadow(value: gast.AST | None, names: set[str], objects: Mapping[str, Any]) -> bool:
    """Whether an expression is a shadow, given the names that are taken for shadows."""
    if isinstance(value, gast.Subscript):
        value = value.value
    if isinstance(value, gast.Name):
        return value.id in names
    if isinstance(value, (gast.List, gast.Tuple)):
        own = [item for item in value.elts if not isinstance(item, gast.Constant)]
        return bool(own) and all(isinstance(item, gast.Name) and item.id in names for item in own)
    return isinstance(value, gast.Call) and meaning(value.func, objects) is zero_items


def _rooted(values: Mapping[str, list[gast.AST | None]], objects: Mapping[str, Any]) -> set[str]:
    """Names that come from a shadow at all, not from one another in a circle."""
    found: set[str] = set()
    size = -1
    while len(found) > size:
        size = len(found)
        found |= {
            name for name, every in values.items() if any(_is_shadow(value, found, objects) for value in every)
        }
    return found
