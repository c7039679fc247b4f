"""Variables whose arrays nothing else can see: whether `y += e` writes into the array is then no matter.

`y += e` rebinds a number and writes into an array. Where only the variable itself can see what it holds, and that
surely is a number or an array, `y = y + e` gives every later reader the same.

Needs: structured single assignment, alias classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import gast

from tangent_sct.analysis.aliases import Classes
from tangent_sct.analysis.calls import Calls
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind


def _in_loops(
    body: Iterable[gast.AST], loops: tuple[int, ...]
) -> Iterator[tuple[gast.AST, frozenset[int]]]:
    """All statements in order, with the loops around each."""
    for node in body:
        yield node, frozenset(loops)
        around = (*loops, id(node)) if isinstance(node, (gast.For, gast.While)) else loops
        for block in tree.blocks(node):
            yield from _in_loops(block, around)


class Unshared:
    """Answers which versions of variables hold numbers and arrays that no other name sees.

    Args:
        body: the program.
        namespace: what its free names mean.
        bases: the user's variable of each version.
        kind_of: kinds of expressions.
        classes: alias classes.
        updated: the variable and the value of an update `y_2 = iadd(y, e)`, None for other expressions.
    """

    def __init__(
        self,
        body: list[gast.AST],
        namespace: Mapping[str, Any],
        bases: Mapping[str, str],
        kind_of: Callable[[gast.AST], Kind],
        classes: Classes,
        updated: Callable[[gast.AST], tuple[str, gast.AST] | None],
    ) -> None:
        self._body = body
        self._bases = bases
        self._kind_of = kind_of
        self._classes = classes
        self._calls = Calls(namespace)
        self._updated = updated

    def holds(self, name: str) -> bool:
        """Whether no name but the versions of its own variable sees what a name holds."""
        base = self._bases.get(name, "")
        versions = {n for n, b in self._bases.items() if b == base} if base else set()
        versions.add(name)
        made = False
        every = list(_in_loops(self._body, ()))
        updates = [
            (place, loops)
            for place, (node, loops) in enumerate(every)
            if isinstance(node, gast.Assign) and (found := self._updated(node.value)) and found[0] in versions
        ]
        for place, (node, loops) in enumerate(every):
            target = node.targets[0] if isinstance(node, gast.Assign) else None
            if isinstance(target, gast.Name) and target.id in versions:
                made = True
                if not self._is_own(node, versions):
                    return False
            elif self._is_bound_otherwise(node, versions):
                return False
            elif not versions.isdisjoint(self._handed_on(node)):
                # After the last update it is no matter.
                for at, around in updates:
                    if place < at or any(self._is_carried(versions, loop, every) for loop in loops & around):
                        return False
        # A parameter is made by nobody here.
        bound = set(tree.names_written(self._body))
        return made and name in bound and (not base or base in bound)

    def _is_carried(
        self, versions: set[str], loop: int, every: list[tuple[gast.AST, frozenset[int]]]
    ) -> bool:
        """Whether what a version holds in an iteration of a loop may be of an earlier one, or from before it."""
        inside, outside, read = set[str](), set[str](), set[str]()
        for node, loops in every:
            own = [node] if type(node) not in tree.COMPOUND else [node.target] if type(node) is gast.For else []
            bound = versions.intersection(tree.names_written(own))
            (inside if loop in loops else outside).update(bound)
            if loop in loops and bound:
                read.update(versions.intersection(tree.names_read(node)))
        return not inside.isdisjoint(outside) or not read <= inside

    def _is_own(self, node: gast.Assign, versions: set[str]) -> bool:
        """Whether a definition gives a version a number, an array of its own, or what another version holds."""
        value = node.value
        update = self._updated(value)
        if update is not None:
            return update[0] in versions
        if isinstance(value, gast.Name):
            return value.id in versions or self._kind_of(value).is_scalar
        if tree.is_constant(value, None):
            # None can be updated by neither.
            return True
        kind = self._kind_of(value)
        if kind.is_scalar:
            return True
        if self._classes.sources(value) or self._calls_unknown(value):
            return False
        if kind.is_array:
            return kind.dtype == "float64"
        return kind.family == "unknown" and self._classes.family(value) == "number" and kind.dtype is None

    def _is_bound_otherwise(self, node: gast.AST, versions: set[str]) -> bool:
        """Whether a loop, or another statement, gives a version what others may see: an item, a row."""
        if type(node) is gast.AugAssign:
            # Writes into what the name holds, or gives it a number.
            return False
        places = [node]
        if type(node) in tree.COMPOUND:
            targets = [node.target] if type(node) is gast.For else getattr(node, "items", ())
            places = [*targets, *tree.own_parts(node)]
        bound = versions.intersection(tree.names_written(places))
        return not all(self._kind_of(tree.load(name)).is_scalar for name in bound)

    def _calls_unknown(self, value: gast.AST) -> bool:
        calls = (item for item in tree.walk(value) if isinstance(item, gast.Call))
        return any(self._calls.facts(call).effect not in ("none", "outside") for call in calls)

    def _handed_on(self, node: gast.AST) -> Iterator[str]:
        """Names of what a statement lets other names see."""
        if isinstance(node, (gast.If, gast.While)):
            return
        if isinstance(node, gast.Return):
            # Nothing comes after it.
            return
        if isinstance(node, (gast.Assign, gast.AugAssign)):
            target = node.targets[0] if isinstance(node, gast.Assign) else node.target
            if not (isinstance(target, gast.Subscript) and self._kind_of(target.value).is_array):
                yield from self._classes.sources(node.value)
            for item in tree.walk(node.value):
                if isinstance(item, gast.Call) and self._calls_unknown(item):
                    yield from tree.names_read(item)
        elif isinstance(node, gast.For):
            yield from self._classes.sources(node.iter)
        elif isinstance(node, gast.Expr):
            if self._calls_unknown(node.value):
                yield from tree.names_read(node.value)
        else:
            yield from tree.names_read(node)
