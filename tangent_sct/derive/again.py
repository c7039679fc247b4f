"""An iteration computed again: which statements of a loop's body that takes, and copies of them.

What the adjoints of an iteration read is followed back through the body, through names and through memory that is
written. Only what leads there is repeated: a `print` or a note is not, and what cannot be repeated (random numbers,
calls of which nothing is known, changes of what outlives the iteration) is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import gast
import numpy

from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.iterations import heads
from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted, is_attempt
from tangent_sct.core.errors import UnsupportedError, changed_state
from tangent_sct.core.origins import Origin
from tangent_sct.derive.context import Context
from tangent_sct.derive.marks import is_mark
from tangent_sct.frontend.namespace import meaning

_REPEATABLE = (*tree.COMPOUND, gast.Assign, gast.AugAssign, gast.Expr, gast.Break)


class Memory(Protocol):
    """What is known of the memory of a program.

    Attributes:
        calls: what its calls do.
    """

    calls: Calls

    def written_by(self, node: gast.AST) -> set[str]:
        """Names of all that a statement may write into."""

    def restructured_by(self, node: gast.AST) -> set[str]:
        """Names of what a statement may give another structure: lists grow, items are replaced."""


@dataclass(frozen=True)
class Needs:
    """What it takes to compute an iteration again.

    Attributes:
        kept: identities of the statements of the body that are repeated.
        names: all names that these statements, and the adjoints, read.
        read: those that the statements read.
        own: names that the body assigns, the targets of the loop among them.
    """

    kept: frozenset[int]
    names: frozenset[str]
    read: frozenset[str]
    own: frozenset[str]


def needs(
    body: list[gast.AST],
    targets: Iterable[str],
    wanted: Iterable[str],
    memory: Memory,
    shapes: Iterable[str] = (),
) -> Needs:
    """What it takes to compute again what is wanted of an iteration.

    Args:
        body: of the loop in the forward sweep.
        targets: names that the loop itself binds.
        wanted: names that the adjoints of an iteration read.
        memory: what statements write into.
        shapes: names of which they read the shape, or which object they hold, and not what is in it. What changes
            the structure of a list or a dict changes that too.
    """
    every = list(_below(body, ()))
    own = {*(name for node, _ in every for name in heads(node)[1]), *targets}
    inside = [(node, around) for node, around in every if type(node) not in tree.COMPOUND]
    binds = {id(node): set(heads(node)[1]) for node, _ in inside}
    writes = {id(node): memory.written_by(node) for node, _ in inside}
    restructures = {id(node): memory.restructured_by(node) for node, _ in inside}
    contents = set(wanted)
    names = {*contents, *shapes}
    read: set[str] = set()
    kept: set[int] = set()
    count = -1
    while len(kept) != count:
        count = len(kept)
        for node, around in inside:
            if id(node) in kept:
                continue
            if (
                binds[id(node)].isdisjoint(names)
                and writes[id(node)].isdisjoint(contents)
                and restructures[id(node)].isdisjoint(names)
            ):
                continue
            kept.update(map(id, (node, *around)))
            for part in (node, *around):
                read.update(heads(part)[0])
            for part in around:
                if type(part) in tree.LOOPS and tree.is_exit(part.body[-1]):
                    kept.update((id(part.body[-1]), id(part.body[-1].body[0])))
                    read.update(heads(part.body[-1])[0])
            names |= read
            contents |= read
    return Needs(frozenset(kept), frozenset(names), frozenset(read), frozenset(own))


def contents_read(body: list[gast.AST], calls: Calls) -> tuple[set[str], set[str]]:
    """Names of which a block reads what is in them, and names of which it reads the shape alone."""
    contents: set[str] = set()
    every: set[str] = set(tree.names_read(body))

    def look(node: gast.AST) -> None:
        if isinstance(node, gast.Name):
            contents.add(node.id)
        passed = set(map(id, calls.facts(node).shape_only)) if isinstance(node, gast.Call) else set()
        for child in tree.children(node):
            if id(child) not in passed or not isinstance(child, gast.Name):
                look(child)

    for statement in body:
        look(statement)
    return contents & every, every - contents


def _below(
    block: list[gast.AST], around: tuple[gast.AST, ...]
) -> Iterable[tuple[gast.AST, tuple[gast.AST, ...]]]:
    """All statements of a block, each with the compound statements of the block around it."""
    for node in block:
        yield node, around
        for inner in tree.inner_blocks(node):
            yield from _below(inner, (*around, node))


def refuse_repeated(body: list[gast.AST], found: Needs, context: Context, memory: Memory) -> None:
    """Refuse a loop of which something would be repeated that must run once, or may differ the second time.

    Raises:
        UnsupportedError: naming what it is.
    """
    for node, _ in _below(body, ()):
        if id(node) not in found.kept:
            continue
        origin = tree.origin_of(node)
        if attempted(node) is not None or is_attempt(node):
            raise UnsupportedError(
                "a checkpointed loop computes this again, and it stands in a `try`", origin,
                "put the `try` around the loop, or test for what fails by an `if`",
            )  # fmt: skip
        if not isinstance(node, _REPEATABLE):
            raise UnsupportedError(
                f"a checkpointed loop computes this again: `{_first_line(node)}`", origin,
                "put it before the loop, or leave the loop without checkpoints",
            )  # fmt: skip
        for part in tree.own_parts(node):
            for call in (item for item in tree.walk(part) if isinstance(item, gast.Call)):
                _refuse_call(node, call, context, memory)
        outside = {name for name in memory.written_by(node) if name not in found.own}
        read = outside.intersection(found.names)
        if read:
            raise changed(context, sorted(read)[0], origin)


def _refuse_call(node: gast.AST, call: gast.Call, context: Context, memory: Memory) -> None:
    effect = memory.calls.facts(call).effect
    is_harmless = isinstance(node, gast.With) and meaning(call.func, context.namespace.objects) is numpy.errstate
    if effect in ("outside", "unknown") and not is_harmless:
        raise UnsupportedError(
            f"a checkpointed loop computes values again, and `{context.shown(call)}` may not do the same twice",
            tree.origin_of(node),
            "draw random numbers, and call what has effects, before the loop: keep the results in an array",
        )


def changed(context: Context, name: str, origin: Origin | None) -> UnsupportedError:
    """The error for something that outlives an iteration, is changed in place, and is read again."""
    shown = context.bases.get(name) or name
    return changed_state(
        f"a checkpointed loop computes values again that depend on `{shown}`, which is changed in place",
        origin,
        "hand numbers and arrays of the function's own from one iteration to the next, and collect results apart",
    )


def _first_line(node: gast.AST) -> str:
    return tree.text(node).splitlines()[0]


def repeated(
    body: list[gast.AST],
    kept: frozenset[int] | set[int],
    renamed: Mapping[str, str],
    marked: Mapping[str, Any] | None = None,
) -> list[gast.AST]:
    """A copy of those statements of a block that are kept, with other names.

    Args:
        body: the block.
        kept: identities of the statements.
        renamed: what names are called in the copy.
        marked: what free names mean, where the marks of loops are kept, too.
    """
    found: list[gast.AST] = []
    for node in body:
        if id(node) not in kept and not (marked is not None and is_mark(node, marked)):
            continue
        if type(node) not in tree.COMPOUND:
            found.append(tree.rename(node, renamed))
            continue
        new = tree.shallow(node)
        for field in ("test", "iter", "target", "items"):
            part = getattr(node, field, None)
            if isinstance(part, list):
                setattr(new, field, [tree.rename(item, renamed) for item in part])
            elif part is not None:
                setattr(new, field, tree.rename(part, renamed))
        new.body = repeated(node.body, kept, renamed, marked)
        if isinstance(node, gast.If):
            new.orelse = repeated(node.orelse, kept, renamed, marked)
            if not new.body:
                new.test, new.body, new.orelse = tree.negated(new.test), new.orelse, []
                new.inverted = not getattr(node, "inverted", False)
        found.append(new)
    return found
