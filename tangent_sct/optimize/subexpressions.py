"""Common subexpressions: what has been computed is not computed again by the derivative.

Needs: single assignment, alias classes. Produces: the same program, in which expressions of the
derivative are replaced by names that hold their values.

An expression is *available* (Aho, Lam, Sethi, Ullman 2006, section 9.2.6) where a name was given
its value earlier in the same block or in a block around it, and nothing that it reads has been
changed since. Two names become one object by that, so neither may be written in place, and not both
may be seen from outside. The user's own statements stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from typing import NamedTuple

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.blocks import with_blocks
from tangent_sct.optimize.effects import (
    Changes,
    Effects,
    KindOf,
    Occurrences,
    in_derivative,
    is_temporary,
)


def subexpressions(
    unit: Unit,
    kind_of: KindOf | None = None,
    applies: Callable[[gast.AST], bool] = in_derivative,
) -> Unit:
    """Use what has been computed already.

    Args:
        unit: a function in single assignment.
        kind_of: kinds where they are known; they allow more.
        applies: which statements may use the values of others.

    Returns:
        The unit with less to compute; the same unit where there is nothing to do.

    >>> from tangent_sct.optimize.demo import unit_of
    >>> text = "def f(x, g):\\n    y = np.exp(x)\\n    x_bar = g * np.exp(x)\\n    return y, x_bar"
    >>> print(tree.text(subexpressions(unit_of(text), applies=lambda statement: True).tree))
    def f(x, g):
        y = np.exp(x)
        x_bar = g * y
        return (y, x_bar)
    """
    worker = _Sharing(unit, kind_of, applies)
    body = worker.block(unit.tree.body, {})
    return unit.with_body(body) if worker.changed else unit


def twins(unit: Unit, kind_of: KindOf) -> Unit:
    """Let the reverse sweep read one name for each value, so that one of them is recorded.

    Args:
        unit: both sweeps in single assignment, nothing recorded yet.
        kind_of: the kind of an expression.

    Returns:
        The unit, in whose reverse sweep no temporary is read that holds what a name before it holds;
        the same unit where there is none.

    >>> from tangent_sct.core.kind import FLOAT
    >>> from tangent_sct.optimize.demo import unit_of
    >>> text = "def f(x):\\n    for i in x:\\n        t = x[i]\\n        t_2 = x[i]\\n    x_bar = t * t_2"
    >>> unit = unit_of(text)
    >>> unit.tree.body[-1].sweep = "reverse"
    >>> print(tree.text(twins(unit, lambda node: FLOAT).tree))
    def f(x):
        for i in x:
            t = x[i]
            t_2 = x[i]
        x_bar = t * t
    """
    forward = [node for node in unit.tree.body if tree.sweep_of(node) != "reverse"]
    if not any(isinstance(n, (gast.For, gast.While)) for n in tree.every_statement(forward)):
        # Nothing is recorded outside of loops.
        return unit
    worker = _Twins(unit, kind_of, lambda statement: False)
    worker.block(forward, {})
    if not worker.twins:
        return unit
    return unit.with_body([_with_twins(node, worker.twins) for node in unit.tree.body])


def _with_twins(node: gast.AST, twins: Mapping[str, str]) -> gast.AST:
    """A statement, in whose parts of the reverse sweep names are read that hold the same."""
    if tree.sweep_of(node) == "reverse":
        return tree.rename(node, twins)
    if isinstance(node, gast.With):
        return with_blocks(node, [_with_twins(inner, twins) for inner in node.body])
    return node


class _Available(NamedTuple):
    """A value that a name holds.

    Attributes:
        name: the name.
        reads: names that the value was computed from.
        block: identity of the block in which it was computed.
        time: when, in the time of `Changes`.
    """

    name: str
    reads: frozenset[str]
    block: int
    time: int


class _Value(NamedTuple):
    """What sharing has to know of an expression.

    Attributes:
        node: the expression.
        number: equal for equal expressions.
        pure: whether it may be evaluated once instead of twice.
        shareable: whether it makes numbers of its own: arithmetic, or such a call. A view, an
            element or a container costs no more than its name.
        calls: how many calls there are in it.
        operations: how many operators.
    """

    node: gast.AST
    number: int
    pure: bool
    shareable: bool = False
    calls: int = 0
    operations: int = 0


Table = dict[int, _Available]
"""What has become available, by value number; some of it may have been disturbed since."""


class _Sharing:
    def __init__(
        self, unit: Unit, kind_of: KindOf | None, applies: Callable[[gast.AST], bool]
    ) -> None:
        self.unit = unit
        self.applies = applies
        self.effects = Effects(unit, kind_of)
        self.changes = Changes(self.effects)
        self.occurrences = Occurrences.of(unit)
        self.values: dict[int, _Value] = {}
        self.numbers: dict[Hashable, int] = {}
        self.blocks = 0
        self.current = 0
        self.changed = False

    @cached_property
    def returned(self) -> frozenset[Hashable]:
        """Alias classes of what the function returns."""
        values = [n.value for n in self.unit.tree.body if isinstance(n, gast.Return) and n.value]
        names = [name for value in values for name in self.effects.sources(value)]
        return frozenset(map(self.effects.root, names))

    # -- statements ---------------------------------------------------------------------------

    def block(self, body: list[gast.AST], table: Table) -> list[gast.AST]:
        """A block, with what is available where it begins."""
        outer = self.current
        self.blocks += 1
        self.current = self.blocks
        table = dict(table)
        result = [self.statement(node, table) for node in body]
        self.current = outer
        return result

    def statement(self, node: gast.AST, table: Table) -> gast.AST:
        if type(node) is gast.If or type(node) in tree.LOOPS:
            return self.compound(node, table)
        new = self.shared(node, table) if table and self.applies(node) else node
        target = new.targets[0] if type(new) is gast.Assign else None
        if not isinstance(target, gast.Name):
            self.changes.note(self.effects.of(node))
            return new
        if self.occurrences.assigned[target.id] != 1 or not self.value_of(new.value).pure:
            self.changes.note(self.effects.of(node))
        else:
            self.define(target.id, new.value, table)
        return new

    def compound(self, node: gast.AST, table: Table) -> gast.AST:
        summary = self.effects.of(node)
        if not isinstance(node, gast.If) or attempted(node) is not None:
            # What one round changes, the next round finds changed; so do the handlers of a `try`.
            self.changes.note(summary)
        before = self.changes.branch()
        new = tree.shallow(node)
        new.body = self.block(node.body, table)
        if node.orelse:
            self.changes = before
            new.orelse = self.block(node.orelse, table)
        self.changes.note(summary)
        return new

    def available(self, number: int, table: Table) -> _Available | None:
        """What holds a value, unless something has disturbed it."""
        entry = table.get(number)
        if entry is not None and self.changes.since(entry.time, entry.reads):
            del table[number]
            return None
        return entry

    def define(self, name: str, value: gast.AST, table: Table) -> None:
        """Note that a name, assigned only here, holds the value of an expression."""
        found = self.value_of(value)
        if not found.shareable:
            return
        if self.effects.is_written(name):
            return
        reads = self.effects.of(value).reads
        if name not in reads and self.available(found.number, table) is None:
            time = self.changes.now
            table[found.number] = _Available(name, reads, self.current, time)

    # -- expressions --------------------------------------------------------------------------

    def shared(self, node: gast.AST, table: Table) -> gast.AST:
        """A statement that uses what is available."""
        if not isinstance(node, (gast.Assign, gast.AugAssign, gast.Return, gast.Expr)):
            return node
        if node.value is None:
            return node
        value = self.used(node.value, table, self._may_become_name(node))
        if value is node.value:
            return node
        self.changed = True
        new = tree.shallow(node)
        new.value = value
        return new

    def _may_become_name(self, node: gast.AST) -> Callable[[_Available], bool]:
        """Whether the whole value of a statement may be an object that another name holds too."""

        def allowed(entry: _Available) -> bool:
            if isinstance(node, gast.AugAssign) or self.effects.immutable(entry.name):
                return True
            if not isinstance(node, gast.Assign):
                return False
            (target,) = node.targets
            if isinstance(target, gast.Subscript):
                # An array copies what is stored into it, a list keeps the object.
                return self.effects.holds_numbers(target.value)
            if not isinstance(target, gast.Name) or self.occurrences.assigned[target.id] != 1:
                return False
            if self.effects.is_written(target.id):
                return False
            return not (self.is_seen(target.id) and self.is_seen(entry.name))

        return allowed

    def is_seen(self, name: str) -> bool:
        """Whether what a name holds is returned, or may be seen from outside otherwise."""
        return self.effects.escapes(name) or self.effects.root(name) in self.returned

    def used(
        self, node: gast.AST, table: Table, allowed: Callable[[_Available], bool]
    ) -> gast.AST:
        """An expression in which available values are names; the very node where there are none."""
        if type(node) in _CLOSED:
            return node
        found = self.value_of(node)
        if found.shareable:
            entry = self.available(found.number, table)
            if entry is not None and self.is_worth_it(found, entry) and allowed(entry):
                return tree.load(entry.name)
        inner = _always if self._copies(node) else _never
        changes: dict[str, object] = {}
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, gast.AST) and value._fields:
                new: object = self.used(value, table, inner)
                if new is not value:
                    changes[name] = new
            elif isinstance(value, list) and value:
                items = [self.used(v, table, inner) if v is not None else v for v in value]
                if any(a is not b for a, b in zip(items, value, strict=True)):
                    changes[name] = items
        if not changes:
            return node
        result = tree.shallow(node)
        for name, item in changes.items():
            setattr(result, name, item)
        return result

    def _copies(self, node: gast.AST) -> bool:
        """Whether the value of an expression never is one of its operands, nor a part of one."""
        if isinstance(node, (gast.BinOp, gast.UnaryOp, gast.Compare)):
            return True
        return type(node) is gast.Call and self.effects.call(node).shares == "none"

    def is_worth_it(self, value: _Value, entry: _Available) -> bool:
        """Whether a name in place of an expression makes the program better.

        A call or several operations: always. One operation: where it was computed in the same
        block, and for a name that stays in the text anyway.
        """
        if value.calls:
            return True
        stays = self.occurrences.read[entry.name] > 1 or not is_temporary(self.unit, entry.name)
        return stays and (value.operations > 1 or entry.block == self.current)

    def value_of(self, node: gast.AST) -> _Value:
        """What sharing has to know of an expression, and of the expressions in it."""
        known = self.values.get(id(node))
        if known is None:
            known = self.values[id(node)] = self._value_of(node)
        return known

    def _value_of(self, node: gast.AST) -> _Value:
        kind = type(node)
        if kind is gast.Name:
            return _Value(node, self.number(node.id), node.id not in self.effects.iterators)
        if kind is gast.Constant:
            # 1, 1.0 and True are different literals, and so are 0.0 and -0.0.
            return _Value(node, self.number((type(node.value), repr(node.value))), True)
        if kind in _CLOSED:
            return _Value(node, self.number(id(node)), False)
        if kind is gast.BinOp:
            return self._value_of_arithmetic(node)
        parts: list[Hashable] = []
        pure, calls, operations = True, 0, 0
        for name in node._fields:
            value = getattr(node, name, None)
            for item in value if isinstance(value, list) else [value]:
                if not isinstance(item, gast.AST):
                    parts.append(item)
                elif not item._fields:
                    parts.append(type(item).__name__)
                else:
                    inner = self.value_of(item)
                    parts.append((inner.number,))
                    pure = pure and inner.pure
                    calls += inner.calls
                    operations += inner.operations
            parts.append(None)
        own = False
        if kind is gast.Call:
            facts = self.effects.call(node)
            pure = pure and facts.effect == "none"
            # A question about a shape costs no more than a name.
            computes = len(facts.shape_only) < len(facts.operands)
            own = computes and facts.shares == "none" and facts.is_number
            calls += 1
        elif kind is gast.UnaryOp:
            own = True
            operations += 1
        number = self.number((type(node), *parts))
        return _Value(node, number, pure, own and pure, calls, operations)

    def _value_of_arithmetic(self, node: gast.BinOp) -> _Value:
        left, right = self.value_of(node.left), self.value_of(node.right)
        number = self.number((gast.BinOp, type(node.op), left.number, right.number))
        pure = left.pure and right.pure
        operations = left.operations + right.operations + 1
        return _Value(node, number, pure, pure, left.calls + right.calls, operations)

    def number(self, key: Hashable) -> int:
        """The value number of an expression: equal for equal expressions."""
        return self.numbers.setdefault(key, len(self.numbers))


class _Twins(_Sharing):
    """Finds the temporaries that hold what a name before them holds; rewrites nothing.

    Attributes:
        twins: by their names those before them.
    """

    def __init__(
        self, unit: Unit, kind_of: KindOf | None, applies: Callable[[gast.AST], bool]
    ) -> None:
        super().__init__(unit, kind_of, applies)
        self.twins: dict[str, str] = {}

    def define(self, name: str, value: gast.AST, table: Table) -> None:
        found = self.value_of(value)
        # An element costs as little as its name, but not when it has to be recorded.
        if not (found.shareable or (found.pure and isinstance(value, gast.Subscript))):
            return
        if self.effects.is_written(name):
            return
        entry = self.available(found.number, table)
        if entry is None:
            reads = frozenset(tree.names_read(value))
            table[found.number] = _Available(name, reads, self.current, self.changes.now)
        elif is_temporary(self.unit, name):
            self.twins[name] = entry.name


_CLOSED = frozenset((
    gast.Name, gast.Constant, gast.Lambda, gast.NamedExpr, gast.Await, gast.Yield,
    *tree.COMPREHENSIONS,
))  # fmt: skip
"""Expressions inside which nothing is shared."""


def _always(entry: _Available) -> bool:
    return True


def _never(entry: _Available) -> bool:
    return False
