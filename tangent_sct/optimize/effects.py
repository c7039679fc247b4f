"""What evaluating something reads and changes: the question behind every move of code.

Needs: alias classes, and what calls do. Produces: a `Summary` per expression or statement, from
which a pass decides whether two of them may change places.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

import gast

from tangent_sct.analysis.aliases import Classes, alias_classes
from tangent_sct.analysis.calls import CallFacts, Calls
from tangent_sct.analysis.consumed import iterators_of
from tangent_sct.analysis.outside import may_change
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.namespace import MISSING, is_library

KindOf = Callable[[gast.AST], Kind]


class Summary(NamedTuple):
    """What evaluating something does.

    Attributes:
        reads: names that are read, with whatever they hold.
        names: names that are bound anew.
        objects: names of what is written into; all that shares memory with it changes.
        handed: names that calls of which nothing is known are given.
        anything: whether code runs of which nothing is known.
        effect: whether it does more than compute: its order among other effects matters.
    """

    reads: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    handed: frozenset[str] = frozenset()
    anything: bool = False
    effect: bool = False

    @property
    def changes(self) -> bool:
        """Whether a value that others read may change by it."""
        return self.anything or bool(self.names) or bool(self.objects)


class Effects:
    """Answers what the parts of one function read and change.

    Args:
        unit: the function.
        kind_of: kinds, where they are known; they tell numbers, which no store can change.
    """

    def __init__(self, unit: Unit, kind_of: KindOf | None = None) -> None:
        self._unit = unit
        self._namespace = unit.namespace
        self._kind_of = kind_of
        self._calls = Calls(unit.namespace, sees_keys=True)
        self._facts: dict[int, tuple[gast.Call, CallFacts]] = {}
        self._summaries: dict[int, tuple[gast.AST, Summary]] = {}
        self._roots: dict[str, Hashable] = {}
        self._immutable: dict[str, bool] = {}

    @cached_property
    def _aliases(self) -> Classes:
        # Who shares memory with whom is asked only where something is written that is no number.
        unit = self._unit.tree
        return alias_classes(unit.body, self._namespace, self._kind_of, self._calls, getattr(unit, "joins", False))

    @cached_property
    def iterators(self) -> frozenset[str]:
        """Variables that hold iterators: who reads one changes it."""
        return iterators_of(self._unit)

    def root(self, name: str) -> Hashable:
        """The alias class of a name."""
        if name not in self._roots:
            self._roots[name] = self._aliases.find(name)
        return self._roots[name]

    def escapes(self, name: str) -> bool:
        """Whether what a name holds may be seen by code outside of the function."""
        return self._aliases.escapes(name)

    def sources(self, node: gast.AST) -> tuple[str, ...]:
        """Names whose memory the value of an expression may share or hold."""
        return self._aliases.sources(node)

    def runs_code(self, node: gast.Call) -> bool:
        """Whether a call runs through an iterator that may do more than compute."""
        return bool(self._calls.runs_through(node)) and self._aliases.runs_code(node)

    def holds_numbers(self, node: gast.AST) -> bool:
        """Whether a value surely is an array (or a number), and no container of objects."""
        return self._aliases.family(node) == "number"

    @cached_property
    def _written(self) -> frozenset[str]:
        """Names through which the function writes."""
        found: set[str] = set()
        for statement in tree.every_statement(self._unit.tree.body):
            heads = [statement] if type(statement) not in tree.COMPOUND else _heads(statement)
            for head in heads:
                summary = self.of(head)
                found |= summary.objects
                found |= summary.handed
        return frozenset(found)

    @cached_property
    def _stored_through(self) -> frozenset[str]:
        """Names by which the function stores into attributes, or into what they hold."""
        every = tree.every_statement(self._unit.tree.body)
        heads = (head for s in every for head in ([s] if type(s) not in tree.COMPOUND else _heads(s)))
        return frozenset().union(*(self.of(head).objects for head in heads))

    @cached_property
    def _written_roots(self) -> frozenset[Hashable]:
        return frozenset(map(self.root, self._written))

    def is_written(self, name: str) -> bool:
        """Whether the contents of what a name holds change anywhere in the function."""
        # What cannot change is known at once; what is written only once all has been looked through.
        if self.immutable(name) or not self._written:
            return False
        return self.root(name) in self._written_roots

    def call(self, node: gast.Call) -> CallFacts:
        """What a call does."""
        known = self._facts.get(id(node))
        if known is None:
            # The node is kept with the answer, so that no other gets its identity.
            known = self._facts[id(node)] = (node, self._calls.facts(node))
        return known[1]

    def meaning(self, node: gast.AST) -> Any:
        """The object that a name or a dotted name means, or `MISSING`."""
        return self._calls.meaning(node)

    def variable(self, node: gast.Attribute) -> str | None:
        """The text of a variable of a module or a class that may change in place, by which it is known; else None."""
        return tree.dotted_name(node) if may_change(self.meaning(node)) else None

    def immutable(self, name: str) -> bool:
        """Whether what a name holds surely cannot change: a number, a module, a function."""
        known = self._immutable.get(name)
        if known is None:
            held = self._namespace.get(name, MISSING)
            if held is not MISSING:
                known = isinstance(held, (int, float, complex, str))
                if callable(held) or isinstance(held, ModuleType):
                    # But for attributes that the function assigns, and what they hold, perhaps by another name.
                    known = name not in self._stored_through
                    module = held.__name__ if isinstance(held, ModuleType) else getattr(held, "__module__", None)
                    is_own = not is_library(module) and not isinstance(held, FunctionType)
                    if known and is_own and self._stored_through:
                        known = self.root(name) not in set(map(self.root, self._stored_through))
            else:
                known = self._kind_of is not None and self._kind_of(tree.load(name)).is_scalar
            self._immutable[name] = known
        return known

    def of(self, node: gast.AST | Iterable[gast.AST]) -> Summary:
        """The summary of an expression, of a statement, or of several of them together."""
        if isinstance(node, gast.AST):
            known = self._summaries.get(id(node))
            if known is None:
                # Passes make new nodes of those that they change, so an answer stays true.
                known = self._summaries[id(node)] = (node, self._of(node))
            return known[1]
        return self._collected(node)

    def _of(self, node: gast.AST) -> Summary:
        if type(node) is gast.Assign and len(node.targets) == 1:
            target = node.targets[0]
            if type(target) is gast.Name:
                reads = _read_by_arithmetic(node.value)
                if reads is not None:
                    return Summary(reads, frozenset((target.id,)))
                # Passes ask of the value by itself as well.
                value = self.of(node.value)
                return Summary(
                    value.reads, value.names | {target.id}, value.objects, value.handed, value.anything, value.effect
                )
        arithmetic = _read_by_arithmetic(node)
        return self._collected([node]) if arithmetic is None else Summary(arithmetic)

    def _collected(self, nodes: Iterable[gast.AST]) -> Summary:
        collector = _Collector(self)
        for node in nodes:
            collector.visit(node)
        return collector.summary()

    def disturbs(self, change: Summary, reads: Iterable[str]) -> bool:
        """Whether a value computed from some names may come out otherwise after `change`."""
        if not change.changes:
            return False
        for name in reads:
            if name in change.names:
                return True
            if not (change.anything or change.objects) or self.immutable(name):
                continue
            if change.anything or name in change.objects:
                return True
            own = self.root(name)
            if any(self.root(other) == own for other in change.objects):
                return True
        return False


class Changes:
    """When what was last changed: whether a value computed earlier still is what it would be now.

    Asking costs no more than the names that the value was computed from, however many values are
    remembered.

    Args:
        effects: of the function.
    """

    def __init__(self, effects: Effects) -> None:
        self._effects = effects
        self.now = 0
        self._names: dict[str, int] = {}
        self._objects: dict[Hashable, int] = {}
        self._unsorted: list[tuple[int, frozenset[str]]] = []
        self._stored = 0
        self._anything = 0

    def note(self, summary: Summary) -> None:
        """A statement has been passed."""
        if not summary.changes:
            return
        self.now += 1
        self._names.update(dict.fromkeys(summary.names, self.now))
        if summary.objects:
            self._unsorted.append((self.now, summary.objects))
        if summary.objects or summary.anything:
            self._stored = self.now
        if summary.anything:
            self._anything = self.now

    def since(self, time: int, reads: Iterable[str]) -> bool:
        """Whether a value computed from some names at a time may come out otherwise by now."""
        if self.now == time:
            return False
        for name in reads:
            if self._names.get(name, 0) > time:
                return True
            if self._stored <= time or self._effects.immutable(name):
                continue
            if self._anything > time or self._last_store(name) > time:
                return True
        return False

    def _last_store(self, name: str) -> int:
        """When what a name holds was last written into."""
        root = self._effects.root
        for time, names in self._unsorted:
            self._objects.update(dict.fromkeys(map(root, names), time))
        self._unsorted.clear()
        return self._objects.get(root(name), 0)

    def branch(self) -> Changes:
        """The changes so far, to be continued along one of several ways."""
        other = Changes(self._effects)
        other.now = self.now
        other._names = dict(self._names)
        other._objects, other._unsorted = dict(self._objects), list(self._unsorted)
        other._stored, other._anything = self._stored, self._anything
        return other


@dataclass(frozen=True)
class Occurrences:
    """How often names are assigned and read in a function; `x += e` is one reading of `x`."""

    assigned: Counter[str]
    read: Counter[str]

    @classmethod
    def of(cls, unit: Unit) -> Occurrences:
        """Counts for a whole function, what is nested in it included."""
        assigned: list[str] = []
        read: list[str] = []
        pending = [unit.tree]
        while pending:
            node = pending.pop()
            kind = type(node)
            if kind is gast.Name:
                (read if type(node.ctx) is gast.Load else assigned).append(node.id)
            elif kind is gast.BinOp:
                pending += (node.left, node.right)
            elif kind is gast.Assign:
                pending += node.targets
                pending.append(node.value)
            elif kind is gast.AugAssign and isinstance(node.target, gast.Name):
                read.append(node.target.id)
                pending.append(node.value)
            elif kind is gast.Attribute:
                pending.append(node.value)
            elif kind is not gast.Constant:
                pending += tree.children(node)
        return cls(Counter(assigned), Counter(read))

    def once(self, name: str) -> bool:
        """Whether a name is assigned once and read once."""
        return self.assigned[name] == 1 and self.read[name] == 1


def is_temporary(unit: Unit, name: str) -> bool:
    """Whether the compiler made a name for an intermediate value."""
    return unit.bases.get(name) == ""


def in_derivative(statement: gast.AST) -> bool:
    """Whether the compiler wrote a statement: outside of the forward sweep, or for a derivative before."""
    if tree.sweep_of(statement) != "forward":
        return True
    origin = tree.origin_of(statement)
    return origin is not None and origin.file.startswith("<tangent_sct")


def _read_by_arithmetic(node: gast.AST) -> frozenset[str] | None:
    """Names that an expression reads which only computes with them; None where it may do more."""
    reads: list[str] = []
    pending = [node]
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is gast.Name and type(node.ctx) is gast.Load:
            reads.append(node.id)
        elif kind is gast.BinOp:
            pending += (node.left, node.right)
        elif kind is gast.UnaryOp:
            pending.append(node.operand)
        elif kind is not gast.Constant:
            return None
    return frozenset(reads)


class _Collector:
    """Gathers a summary in one walk."""

    def __init__(self, effects: Effects) -> None:
        self.effects = effects
        self.reads: set[str] = set()
        self.names: set[str] = set()
        self.objects: set[str] = set()
        self.handed: set[str] = set()
        self.anything = False
        self.effect = False

    def summary(self) -> Summary:
        return Summary(
            frozenset(self.reads),
            frozenset(self.names),
            frozenset(self.objects),
            frozenset(self.handed),
            self.anything,
            self.effect,
        )

    def add(self, part: Summary) -> None:
        """Add what a part does."""
        self.reads |= part.reads
        self.names |= part.names
        self.objects |= part.objects
        self.handed |= part.handed
        self.anything |= part.anything
        self.effect |= part.effect

    def visit(self, node: gast.AST) -> None:
        kind = type(node)
        if kind is gast.Name:
            self._name(node)
            return
        if kind is gast.Call:
            self._call(node)
        elif kind is gast.Subscript or kind is gast.Attribute:
            if not isinstance(node.ctx, gast.Load):
                self._write_into(node.value)
            elif kind is gast.Attribute and (known := self.effects.variable(node)) is not None:
                self.reads.add(known)
        elif kind is gast.AugAssign:
            self._augment(node)
        elif kind in _BINDING:
            self._scope(node)
            return
        elif kind in _OPAQUE:
            self.effect = self.anything = True
            self.names.update(tree.names_written(node))
        for child in tree.children(node):
            if type(child) is gast.Name:
                self._name(child)
            elif isinstance(child, gast.stmt):
                # One without fields, a `break`, concerns the loop around it alone.
                if child._fields:
                    self.add(self.effects.of(child))
            elif type(child) is not gast.Constant:
                self.visit(child)

    def _name(self, node: gast.Name) -> None:
        (self.reads if type(node.ctx) is gast.Load else self.names).add(node.id)
        if node.id in self.effects.iterators and type(node.ctx) is gast.Load:
            self._write_into(node)

    def _call(self, node: gast.Call) -> None:
        facts = self.effects.call(node)
        if facts.effect == "none":
            if self.effects.runs_code(node):
                self.effect = self.anything = True
            return
        self.effect = True
        if facts.effect == "writes" and facts.operands:
            self._write_into(facts.operands[0])
        elif facts.effect != "outside":
            self.anything = True
            if facts.effect == "unknown":
                self.handed.update(tree.names_read(node))

    def _augment(self, node: gast.AugAssign) -> None:
        if isinstance(node.target, gast.Name):
            # Rebinds a number, writes into an array: both are said, whichever it is.
            self.reads.add(node.target.id)
            self._write_into(node.target)

    def _write_into(self, target: gast.AST) -> None:
        self.effect = True
        while isinstance(target, (gast.Subscript, gast.Attribute, gast.Starred)):
            if type(target) is gast.Attribute and (known := self.effects.variable(target)) is not None:
                self.objects.add(known)
            target = target.value
        if isinstance(target, gast.Name):
            self.objects.add(target.id)
        else:
            self.anything = True

    def _scope(self, node: gast.AST) -> None:
        """A comprehension or a lambda: what it binds is its own."""
        inner = _Collector(self.effects)
        for child in tree.children(node):
            inner.visit(child)
        own = {n.id for n in tree.walk(node) if isinstance(n, gast.Name) and _is_bound(n)}
        self.reads |= inner.reads - own
        self.objects |= inner.objects
        self.handed |= inner.handed
        self.anything |= inner.anything
        self.effect |= inner.effect


def _heads(statement: gast.AST) -> list[gast.AST]:
    """The parts of a compound statement but for its blocks."""
    if type(statement) is gast.For:
        return [statement.target, statement.iter]
    return list(statement.items) if type(statement) is gast.With else [statement.test]


def _is_bound(node: gast.Name) -> bool:
    return not isinstance(node.ctx, gast.Load)


_BINDING = frozenset((gast.Lambda, *tree.COMPREHENSIONS))
_OPAQUE = frozenset((
    gast.Yield, gast.YieldFrom, gast.Await, gast.Raise, gast.Assert, gast.Try, gast.With,
    gast.Import, gast.ImportFrom, gast.Global, gast.Nonlocal, gast.Delete, gast.Return, gast.Break,
    gast.Continue, gast.FunctionDef, gast.ClassDef, gast.AsyncFunctionDef, gast.Match,
    gast.NamedExpr, gast.AsyncFor, gast.AsyncWith,
))  # fmt: skip
