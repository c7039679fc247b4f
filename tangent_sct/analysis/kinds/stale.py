"""Names that may be read in a later iteration than the one that defined them.

A size that a loop's body computes is one size within an iteration only: after `y = x[:i]` and `z = y`, the `z` that
the next iteration reads before it defines it again has not the shape of the new `y`. So it is with every name that
is read in a loop's body, or in its test, before the body has surely defined it (it is upward exposed), and with
every name that is read after a loop whose body may leave it as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import gast

from tangent_sct.core import tree


def stale_names(
    body: list[gast.AST], reads: Callable[[gast.AST], list[str]] = tree.names_read
) -> dict[str, set[str]]:
    """The names that may hold what an earlier iteration gave them.

    Args:
        body: a program.
        reads: tells what a simple statement, or an expression, reads.

    Returns:
        For each, the names that are defined by the loops that carry it.

    >>> stale = stale_names(tree.statements('''
    ... for i in range(n):
    ...     y = x[:i]
    ...     if i:
    ...         s = y + z
    ...     z = y
    ... '''))
    >>> {name: sorted(defined) for name, defined in stale.items()}
    {'z': ['i', 's', 'y', 'z']}
    """
    search = _Search(reads)
    search.block(body, False)
    return search.found


@dataclass
class _Effect:
    """What a stretch of the program does to names.

    Attributes:
        exposed: read before they are surely defined here.
        sure: defined on every path.
        written: defined on some path.
        loose: defined in some iterations of a loop, with what that loop defines.
    """

    exposed: set[str] = field(default_factory=set)
    sure: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    loose: dict[str, set[str]] = field(default_factory=dict)


class _Search:
    def __init__(self, reads: Callable[[gast.AST], list[str]]) -> None:
        self.reads = reads
        self.found: dict[str, set[str]] = {}

    def note(self, names: Iterable[str], defined: set[str]) -> None:
        for name in names:
            self.found.setdefault(name, set()).update(defined)

    def block(self, body: list[gast.AST], counts: bool) -> _Effect:
        """What a block does; where nothing before and around it counts, its loops are looked for only."""
        whole = _Effect()
        for node in body:
            part = self.statement(node, counts or bool(whole.loose))
            if part is None:
                continue
            whole.exposed |= part.exposed - whole.sure
            if whole.loose:
                for name in part.exposed & whole.loose.keys():
                    self.note([name], whole.loose[name])
                for name in part.sure & whole.loose.keys():
                    del whole.loose[name]
            _merge(whole.loose, part.loose)
            whole.sure |= part.sure
            whole.written |= part.written
        return whole

    def statement(self, node: gast.AST, counts: bool) -> _Effect | None:
        """What a statement does, None where that does not count."""
        kind = type(node)
        if kind is gast.If:
            return self.branches(node, counts)
        if kind in tree.LOOPS:
            return self.loop(node)
        if kind is gast.With:
            inner = self.block(node.body, counts)
            entered = set(tree.names_written(node.items))
            inner.exposed = inner.exposed - entered | set(tree.names_read(node.items))
            inner.sure |= entered
            inner.written |= entered
            return inner
        if not counts:
            return None
        if kind is gast.Assign and type(node.targets[0]) is gast.Name:
            written = {node.targets[0].id}
            unset = getattr(node, "unset", False)
            return _Effect(set() if unset else set(self.reads(node.value)), written, written)
        written = set(tree.names_written(node))
        is_sure = isinstance(node, (gast.Assign, gast.AugAssign))
        return _Effect(set(self.reads(node)), written if is_sure else set(), written)

    def branches(self, node: gast.If, counts: bool) -> _Effect:
        first, second = self.block(node.body, counts), self.block(node.orelse, counts)
        _merge(first.loose, second.loose)
        return _Effect(
            first.exposed | second.exposed | set(self.reads(node.test)),
            first.sure & second.sure,
            first.written | second.written,
            first.loose,
        )

    def loop(self, node: gast.For | gast.While) -> _Effect:
        bound = set(tree.names_written(node.target)) if isinstance(node, gast.For) else set()
        head = set(self.reads(node.iter if isinstance(node, gast.For) else node.test))
        inner = self.block(node.body, True)
        exposed, defined = inner.exposed - bound, inner.written | bound
        if isinstance(node, gast.While):
            exposed |= head
        self.note(exposed & defined, defined)
        after = self.block(node.orelse, True)
        loose = dict.fromkeys(defined - inner.sure - bound, defined)
        _merge(loose, after.loose)
        # It may run no iteration at all, so nothing is surely defined.
        return _Effect(head | exposed | after.exposed, set(), defined | after.written, loose)


def _merge(into: dict[str, set[str]], other: dict[str, set[str]]) -> None:
    for name, defined in other.items():
        into[name] = into[name] | defined if name in into else defined
