"""The control-flow graph of a function body, and one solver for data-flow problems on it.

A graph has one point for each simple statement and for each part of a compound statement that is
evaluated by itself: the test of an `if` or a `while`, the iterable of a `for` (once) and its target
(once per iteration), the items of a `with` and the place where it is left. A statement kept whole
(`try`, a nested `def`, ...) is one point, whose writes may or may not happen.

Needs: statements of any kind; the order of the passes does not matter. Produces: `Graph`.

The data-flow equations are those of Aho, Lam, Sethi and Ullman, with facts as sets of bits. A
forward problem solves, at every point p,

    in(p)  = join over predecessors q of out(q)          in(entry) = boundary
    out(p) = gen(p) | (in(p) - kill(p))

and a backward problem the same with in and out, predecessors and successors, entry and exit
exchanged; join is the union (what may hold) or the intersection (what must hold).

>>> from tangent_sct.core import tree
>>> graph = flow(tree.statements('''
... while a < b:
...     a = f(a)
... c = a
... '''))
>>> [(p.role, p.reads, p.writes) for p in graph.points[1:-1]]
[('test', ('a', 'b'), ()), ('simple', ('f', 'a'), ('a',)), ('simple', ('a',), ('c',))]
>>> [graph.successors[p] for p in range(len(graph.points))]
[(1,), (2, 3), (1,), (4,), ()]
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any, Literal

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted, exposed
from tangent_sct.frontend.namespace import meaning

Role = Literal[
    "entry", "exit", "simple", "test", "iterable", "target", "enter", "leave", "opaque"
]

_SIMPLE = frozenset((
    gast.Assign, gast.AugAssign, gast.AnnAssign, gast.Expr, gast.Return, gast.Delete, gast.Assert,
    gast.Raise, gast.Pass, gast.Import, gast.ImportFrom, gast.Break, gast.Continue,
))  # fmt: skip
_TRANSPARENT = (
    np.errstate, np.printoptions, warnings.catch_warnings, contextlib.nullcontext,
    contextlib.closing, contextlib.redirect_stdout,
)  # fmt: skip
"""Context managers that let every exception through."""
_LATER = (*tree.SCOPES, gast.GeneratorExp)
"""What reads the names around it when it is used, not where it stands."""


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a program.

    Attributes:
        role: which part of the statement it is.
        statement: the statement; None at the entry and the exit.
        reads: local and free names that are read, each once, in order.
        writes: names that are bound (or unbound, by `del`), each once, in order.
        certain: whether all the writes happen whenever the point is passed.
    """

    role: Role
    statement: gast.AST | None
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    certain: bool = True


@dataclass(frozen=True)
class Graph:
    """A control-flow graph; point 0 is the entry, the last one the exit.

    Attributes:
        points: the points, in the order of the source.
        successors: for each point, the points that may come next.
        predecessors: the same arrows backwards.
        order: all points in reverse post order (those never reached come last).
        captured: names that an inner function or a generator reads, perhaps later than it is made.
        has_scopes: whether there may be inner scopes: functions and comprehensions.
    """

    points: tuple[Point, ...]
    successors: tuple[tuple[int, ...], ...]
    predecessors: tuple[tuple[int, ...], ...]
    order: tuple[int, ...]
    captured: frozenset[str]
    has_scopes: bool

    @property
    def exit(self) -> int:
        """The number of the last point."""
        return len(self.points) - 1


def flow(
    body: Sequence[gast.AST],
    parameters: Iterable[str] = (),
    namespace: Mapping[str, Any] | None = None,
) -> Graph:
    """The control-flow graph of a function body.

    Args:
        body: the statements.
        parameters: names bound at the entry.
        namespace: objects of free names; tells context managers that let every exception through.

    >>> flow(tree.statements("x = y")).points[1].reads
    ('y',)
    """
    builder = _Builder(tuple(parameters), namespace or {})
    builder.finish(builder.block(body, [0]))
    successors = tuple(tuple(dict.fromkeys(s)) for s in builder.successors)
    predecessors: list[list[int]] = [[] for _ in successors]
    for point, following in enumerate(successors):
        for other in following:
            predecessors[other].append(point)
    return Graph(
        tuple(builder.points),
        successors,
        tuple(map(tuple, predecessors)),
        _reverse_post_order(successors),
        frozenset(builder.captured),
        builder.has_scopes,
    )


def _reverse_post_order(successors: Sequence[Sequence[int]]) -> tuple[int, ...]:
    seen = {0}
    post: list[int] = []
    stack = [(0, iter(successors[0]))]
    while stack:
        point, following = stack[-1]
        for other in following:
            if other not in seen:
                seen.add(other)
                stack.append((other, iter(successors[other])))
                break
        else:
            post.append(point)
            stack.pop()
    return (*reversed(post), *(p for p in range(len(successors)) if p not in seen))


class _Builder:
    """Adds points in the order of the source; `ends` are points whose successor comes next."""

    def __init__(self, parameters: tuple[str, ...], namespace: Mapping[str, Any]) -> None:
        self.namespace = namespace
        self.points = [Point("entry", None, (), parameters)]
        self.successors: list[list[int]] = [[]]
        self.captured: set[str] = set()
        self.has_scopes = False
        self.exits: list[int] = []
        # Innermost last: header and breaks of a loop; points whose exception a `with` may swallow.
        self.loops: list[tuple[int, list[int]]] = []
        self.guards: list[list[int]] = []

    def add(self, point: Point, ends: Iterable[int]) -> int:
        number = len(self.points)
        self.points.append(point)
        self.successors.append([])
        for end in ends:
            self.successors[end].append(number)
        if self.guards:
            self.guards[-1].append(number)
        return number

    def step(
        self, role: Role, statement: gast.AST, nodes: Iterable[gast.AST], ends: Iterable[int]
    ) -> int:
        """Add a point that evaluates some trees."""
        reads: dict[str, None] = {}
        writes: dict[str, None] = {}
        for node in nodes:
            self._collect(node, reads, writes)
        return self.add(Point(role, statement, tuple(reads), tuple(writes)), ends)

    def finish(self, ends: list[int]) -> None:
        self.add(Point("exit", None), ends + self.exits)

    def block(self, statements: Iterable[gast.AST], ends: list[int]) -> list[int]:
        for statement in statements:
            ends = self.statement(statement, ends)
        return ends

    def statement(self, node: gast.AST, ends: list[int]) -> list[int]:
        if type(node) in _SIMPLE:
            return self.simple(node, ends)
        if isinstance(node, gast.If):
            test = self.step("test", node, [node.test], ends)
            found = attempted(node)
            if found is not None:
                return self.attempt(test, *found)
            return self.block(node.body, [test]) + self.block(node.orelse, [test])
        if isinstance(node, gast.For):
            return self.for_(node, ends)
        if isinstance(node, gast.While):
            return self.while_(node, ends)
        if isinstance(node, gast.With):
            return self.with_(node, ends)
        return self.opaque(node, ends)

    def attempt(
        self, test: int, tried: list[gast.AST], following: list[gast.AST], handlers: list[gast.AST]
    ) -> list[int]:
        """A `try`: its handlers see what is done before something fails."""
        done = set(map(id, exposed(tried)[0]))
        first = len(self.points)
        ends = self.block(tried, [test])
        inside = [number for number in range(first, len(self.points)) if id(self.points[number].statement) in done]
        return self.block(following, ends) + self.block(handlers, [test, *inside])

    def simple(self, node: gast.AST, ends: list[int]) -> list[int]:
        point = self.step("simple", node, [node], ends)
        if isinstance(node, (gast.Return, gast.Raise)):
            self.exits.append(point)
            return []
        if isinstance(node, gast.Break) and self.loops:
            self.loops[-1][1].append(point)
            return []
        if isinstance(node, gast.Continue) and self.loops:
            self.successors[point].append(self.loops[-1][0])
            return []
        return [point]

    def for_(self, node: gast.For, ends: list[int]) -> list[int]:
        iterable = self.step("iterable", node, [node.iter], ends)
        # Whether there is one more element is asked before the target is bound.
        more = self.add(Point("test", node), [iterable])
        target = self.step("target", node, [node.target], [more])
        return self.loop(node, more, target, [more])

    def while_(self, node: gast.While, ends: list[int]) -> list[int]:
        test = self.step("test", node, [node.test], ends)
        forever = isinstance(node.test, gast.Constant) and bool(node.test.value)
        return self.loop(node, test, test, [] if forever else [test])

    def loop(
        self, node: gast.For | gast.While, header: int, start: int, done: list[int]
    ) -> list[int]:
        self.loops.append((header, []))
        for end in self.block(node.body, [start]):
            self.successors[end].append(header)
        breaks = self.loops.pop()[1]
        return self.block(node.orelse, done) + breaks

    def with_(self, node: gast.With, ends: list[int]) -> list[int]:
        parts = [part for item in node.items for part in (item.context_expr, item.optional_vars)]
        enter = self.step("enter", node, [part for part in parts if part is not None], ends)
        if all(self._is_transparent(item.context_expr) for item in node.items):
            return [self.add(Point("leave", node), self.block(node.body, [enter]))]
        self.guards.append([enter])
        ends = self.block(node.body, [enter])
        # A context manager may swallow an exception, so every point inside may be the last one.
        inside = self.guards.pop()
        return [self.add(Point("leave", node), dict.fromkeys(ends + inside))]

    def _is_transparent(self, context: gast.AST) -> bool:
        return isinstance(context, gast.Call) and any(
            meaning(context.func, self.namespace) is known for known in _TRANSPARENT
        )

    def opaque(self, node: gast.AST, ends: list[int]) -> list[int]:
        reads: dict[str, None] = {}
        writes: dict[str, None] = {}
        self._collect(node, reads, writes)
        is_definition = isinstance(node, tree.SCOPES)
        for inner in [] if is_definition else tree.every_statement([node]):
            if isinstance(inner, gast.Delete):
                reads.update(dict.fromkeys(tree.names_written(inner)))
        point = self.add(Point("opaque", node, tuple(reads), tuple(writes), is_definition), ends)
        if not is_definition:
            self._leave_by(node, point)
        return [point]

    def _leave_by(self, node: gast.AST, point: int) -> None:
        """Arrows for the jumps inside a statement that is kept whole."""
        for inner in tree.every_statement([node]):
            if isinstance(inner, gast.Return):
                self.exits.append(point)
            elif isinstance(inner, gast.Break) and self.loops:
                self.loops[-1][1].append(point)
            elif isinstance(inner, gast.Continue) and self.loops:
                self.successors[point].append(self.loops[-1][0])

    def _collect(self, node: gast.AST, reads: dict[str, None], writes: dict[str, None]) -> None:
        kind = type(node)
        if kind is gast.Name:
            context = type(node.ctx)
            if context is not gast.Store:
                # `del x` needs x to be bound.
                reads[node.id] = None
            if context is not gast.Load:
                writes[node.id] = None
        elif kind is gast.Constant:
            return
        elif kind is gast.BinOp:
            self._collect(node.left, reads, writes)
            self._collect(node.right, reads, writes)
        elif kind in _ORDINARY:
            for child in tree.children(node):
                self._collect(child, reads, writes)
        elif isinstance(node, _LATER):
            self.has_scopes = True
            for part in tree.outside_parts(node):
                self._collect(part, reads, writes)
            inner = dict.fromkeys(tree.names_read(node))
            reads.update(inner)
            self.captured.update(inner)
            writes.update(dict.fromkeys(tree.names_written(node)))
        elif isinstance(node, _WHOLE):
            self._collect_whole(node, reads, writes)
        else:
            if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
                reads[node.target.id] = None
            for child in tree.children(node):
                self._collect(child, reads, writes)

    def _collect_whole(
        self, node: gast.AST, reads: dict[str, None], writes: dict[str, None]
    ) -> None:
        """For trees with rules of their own on what is bound where."""
        self.has_scopes = True
        for part in tree.outside_parts(node):
            self._collect(part, reads, writes)
        reads.update(dict.fromkeys(tree.names_read(node)))
        writes.update(dict.fromkeys(tree.names_written(node)))
        for inner in tree.walk(node):
            if isinstance(inner, _LATER):
                self.captured.update(tree.names_read(inner))


_WHOLE = (
    *tree.COMPREHENSIONS, gast.Try, gast.TryStar, gast.Match, gast.Import, gast.ImportFrom,
    gast.AsyncFor, gast.AsyncWith,
)  # fmt: skip
_ORDINARY = frozenset((
    gast.Assign, gast.BinOp, gast.UnaryOp, gast.Call, gast.Attribute, gast.Subscript, gast.Compare,
    gast.keyword,
))  # fmt: skip
"""The most common nodes, which evaluate what is in them and nothing else."""


# -- the solver -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Facts:
    """What holds before and after each point, as sets of bits."""

    before: tuple[int, ...]
    after: tuple[int, ...]


def solve(
    graph: Graph,
    gen: Sequence[int],
    kill: Sequence[int],
    *,
    backward: bool = False,
    must: bool = False,
    boundary: int = 0,
    universe: int = 0,
) -> Facts:
    """The solution of a data-flow problem: the least for "may", the greatest for "must".

    Args:
        graph: the program.
        gen: for each point, the facts it makes true.
        kill: for each point, the facts it makes false; those in `gen` are true all the same.
        backward: whether facts flow against the arrows.
        must: whether a fact has to hold on all paths (intersection) or on some path (union).
        boundary: the facts at the entry (at the exit, for a backward problem).
        universe: all facts; needed for "must".

    >>> graph = flow(tree.statements("a = 1\\nb = a"))
    >>> solve(graph, [0, 1, 2, 0], [0, 1, 2, 0]).after
    (0, 1, 3, 3)
    """
    order = tuple(reversed(graph.order)) if backward else graph.order
    sources = graph.successors if backward else graph.predecessors
    targets = graph.predecessors if backward else graph.successors
    start = graph.exit if backward else 0
    position = {point: i for i, point in enumerate(order)}
    arriving = [universe if must else 0] * len(order)
    leaving = list(arriving)
    pending = list(range(len(order)))
    heapify(pending)
    waiting = [True] * len(order)
    while pending:
        point = order[heappop(pending)]
        waiting[point] = False
        facts = arriving[point] if must and not sources[point] else (universe if must else 0)
        for other in sources[point]:
            facts = facts & leaving[other] if must else facts | leaving[other]
        if point == start:
            # Nothing flows into it: what holds there is given.
            facts = boundary
        arriving[point] = facts
        result = gen[point] | (facts & ~kill[point])
        if result != leaving[point]:
            leaving[point] = result
            for other in targets[point]:
                if not waiting[other]:
                    waiting[other] = True
                    heappush(pending, position[other])
    before, after = (leaving, arriving) if backward else (arriving, leaving)
    return Facts(tuple(before), tuple(after))


class Numbering:
    """Numbers for names, so that a set of names is one integer.

    >>> names = Numbering(["a", "b", "c"])
    >>> names.bits(["c", "a", "unknown"]), names.names(6)
    (5, ['b', 'c'])
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(dict.fromkeys(names))
        self._bit = {name: 1 << i for i, name in enumerate(self._names)}

    def bits(self, names: Iterable[str]) -> int:
        """The set of some names; names that have no number are left out."""
        result = 0
        for name in names:
            result |= self._bit.get(name, 0)
        return result

    def names(self, bits: int) -> list[str]:
        """The names in a set, in the order of their numbers."""
        found = []
        while bits:
            low = bits & -bits
            found.append(self._names[low.bit_length() - 1])
            bits ^= low
        return found

    @property
    def universe(self) -> int:
        """The set of all names."""
        return (1 << len(self._names)) - 1
