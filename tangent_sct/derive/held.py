"""Arrays that a checkpointed loop reaches through containers, under names of their own.

The state of a loop is made of names (`derive.states`). What a loop takes out of a container that stays as it is while
the loop runs is the same object in each iteration, so it may be taken before:

    for t in range(n):                    u = held["u"]
        held["u"][1:] = ...               for t in range(n):
                                              u[1:] = ...

Requires: structured single assignment, updates decided. Produces: the same form.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import gast

from tangent_sct.analysis.iterations import heads
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.derive.marks import run_after


class Known(Protocol):
    """What the analyses say of the program."""

    def operand_kind(self, node: gast.AST) -> Kind:
        """The kind of an expression where it is not None."""

    def changed_by(self, node: gast.AST) -> set[str]:
        """Names of what a statement changes in place, containers included, arrays that it stores into not."""

    def written_by(self, node: gast.AST) -> set[str]:
        """Names of all that a statement may write into."""


def with_items_named(
    body: list[gast.AST], loop: gast.For | gast.While, facts: Known, names: Names, bases: dict[str, str]
) -> list[gast.AST]:
    """A program in which a loop finds arrays that are written by names, not in the containers that hold them.

    Args:
        body: the program.
        loop: the loop.
        facts: what is known of the program.
        names: gives out names.
        bases: base of every local name; new names are added.

    Returns:
        The program; the very same where there are none.
    """
    inside = list(tree.every_statement(loop.body))
    if not any(isinstance(item, gast.Subscript) for node in inside for item in tree.walk(node)):
        return body
    own = {name for node in inside for name in heads(node)[1]}
    if isinstance(loop, gast.For):
        own.update(tree.names_written(loop.target))
    changed = set().union(*map(facts.changed_by, inside))
    stored = {place for node in tree.every_statement(body) for place in _stored(node, facts)}
    written = set().union(*map(facts.written_by, [*inside, *(run_after(body, loop) or ())]))
    taken: dict[tuple[str, int | str], str] = {}

    def change(node: gast.AST) -> gast.AST | None:
        if not (isinstance(node, gast.Subscript) and isinstance(node.ctx, gast.Load)):
            return None
        if not (isinstance(node.value, gast.Name) and isinstance(node.slice, gast.Constant)):
            return None
        holder, key = node.value.id, node.slice.value
        if holder in own or holder in changed or holder not in written or not isinstance(key, (int, str)):
            return None
        if (holder, key) in stored or not _holds(facts.operand_kind(node.value), key):
            # What is stored somewhere may not be there yet.
            return None
        if (holder, key) not in taken:
            word = key if isinstance(key, str) and key.isidentifier() else f"{bases.get(holder) or holder}_{key}"
            taken[holder, key] = new = names.fresh(str(word))
            bases[new] = new
        return tree.load(taken[holder, key])

    new = tree.shallow(loop)
    new.body = [tree.replaced(node, change) for node in loop.body]
    if not taken:
        return body
    before = [
        tree.like(tree.assign(name, tree.subscript(tree.load(holder), tree.const(key))), loop)
        for (holder, key), name in taken.items()
    ]
    return _put(body, loop, [*before, new])


def _stored(node: gast.AST, facts: Known) -> Iterator[tuple[str, object]]:
    """The places of containers that a statement stores into: names, and the key."""
    target = node.targets[0] if isinstance(node, gast.Assign) else None
    if isinstance(target, gast.Subscript) and isinstance(target.slice, gast.Constant):
        for name in facts.changed_by(node):
            yield name, target.slice.value


def _holds(kind: Kind, key: int | str) -> bool:
    """Whether a container surely holds an array under a key."""
    items = kind.items or ()
    return any(type(name) is type(key) and name == key and item.is_array for name, item in items)


def _put(block: list[gast.AST], loop: gast.AST, instead: list[gast.AST]) -> list[gast.AST]:
    """A block of the program with other statements in the place of the loop."""
    output: list[gast.AST] = []
    for node in block:
        if node is loop:
            output += instead
            continue
        if type(node) in tree.COMPOUND:
            node = tree.shallow(node)
            node.body = _put(node.body, loop, instead)
            if isinstance(node, gast.If):
                node.orelse = _put(node.orelse, loop, instead)
        output.append(node)
    return output
