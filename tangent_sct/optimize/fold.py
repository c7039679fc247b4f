"""Arithmetic is simplified: a table of rewrites, one a line, for what the compiler has written.

The table is the content of this file; `patterns` says how a line is read. The user's own statements
stay as they are, and so do parts of them whose kind is not known, as they may be objects with operators of
their own: only what the compiler added is simplified. It computes with adjoints and tangents, which are floats,
and with factors of the user's, which need not be: NumPy's integers wrap around, and its truth values are added
by `or`. Such arithmetic is neither made nor taken apart.

Needs: kinds, alias classes; single assignment or an ordinary program. Produces: shorter
expressions. Rewrites look through names: `x_bar = g * x` and `x_bar_2 = x_bar + g * x` become
`x_bar_2 = 2 * g * x` where the first name is read once, was made for the same statement of the
user (or is a temporary), and nothing that it reads changes in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.kind import Dim, same_shape
from tangent_sct.core.names import Names
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.arithmetic import KindsOfArithmetic, category, promoted, wraps
from tangent_sct.optimize.blocks import acts
from tangent_sct.optimize.effects import (
    Changes,
    Effects,
    KindOf,
    Occurrences,
    in_derivative,
    is_temporary,
)
from tangent_sct.optimize.patterns import (
    Bindings,
    Condition,
    Rewrite,
    Table,
    combined,
    evaluated,
    literal,
    number,
)
from tangent_sct.runtime import inverse_axes, unbroadcast, unreduce, zeros_like

RULES = """
    - -a              -> a                                                    [alias dtype]
    -(a - b)          -> b - a                                                [rounding]
    -(k * a)          -> -k * a
    -(a * b)          -> c * b           if minus(a, c)
    -(a / b)          -> c / b           if minus(a, c)
    -(a * b)          -> -a * b          if floating(a) and plain()
    -(a / b)          -> -a / b          if floating(a) and plain()
    a * b             -> -c * b          if opposite(a, c)
    a / b             -> -c / b          if opposite(a, c)
    a + b             -> a - c           if minus(b, c)
    a - b             -> a + c           if minus(b, c)
    a + b             -> b - c           if minus(a, c)
    a / -b            -> -a / b          if not literal(b)

    a * k             -> k * a           if not literal(a)
    a * -b            -> -a * b          if not literal(b)
    a * (k * b)       -> k * b * a       if wider(a, b)                      [rounding]
    a * (k * b)       -> k * a * b       if not literal(a)                    [rounding]
    a * (1 / b)       -> a / b                                                [rounding]
    a * (1.0 / b)     -> a / b                                                [rounding]
    (1 / b) * a       -> a / b                                                [rounding]
    (1.0 / b) * a     -> a / b                                                [rounding]
    a * (b * c)       -> a * b * c       if not wider(a, b)                   [rounding]
    a * (b / c)       -> a * b / c       if not wider(a, b) and not literal(c) [rounding]
    k * (a / b)       -> k * a / b                                            [rounding]

    1 * a             -> a                                                    [alias dtype]
    1.0 * a           -> a                                                    [alias dtype]
    -1 * a            -> -a                                                   [dtype]
    -1.0 * a          -> -a                                                   [dtype]
    0 * a             -> 0                                                    [shape dtype nan]
    k * a / m         -> n * a           if quotient(k, m, n)                 [dtype rounding]
    a / 1             -> a                                                    [alias dtype]
    a / 1.0           -> a                                                    [alias dtype]
    a ** 1            -> a                                                    [alias dtype]
    a ** 1.0          -> a                                                    [alias dtype]
    a * b ** 1        -> a * b           if floating(a)
    a * b ** 1.0      -> a * b           if floating(a)
    0 + a             -> a                                                    [alias dtype rounding]
    0.0 + a           -> a                                                    [alias dtype rounding]
    a + 0             -> a                                                    [alias dtype rounding]
    a + 0.0           -> a                                                    [alias dtype rounding]
    a - 0             -> a                                                    [alias dtype]
    a - 0.0           -> a                                                    [alias dtype]
    0 - a             -> -a                                                   [dtype rounding]
    0.0 - a           -> -a                                                   [dtype rounding]

    a.T.T             -> a                                                    [alias]
    inverse_axes(a)   -> b               if inverted(a, b)

    a + a             -> 2 * a           if summed(a)
    k * a + a         -> (k + 1) * a                                          [rounding]
    k * a + m * a     -> (k + m) * a                                          [rounding]
    a * b + a * b     -> 2 * a * b
    a * b + b * a     -> 2 * a * b
    -a * b - a * b    -> -2 * a * b
    a / b + a / b     -> 2 * a / b
    k * a * b + a * b -> (k + 1) * a * b                                      [rounding]
    c + a * b + a * b -> c + 2 * a * b                                        [rounding]
    a * b + a * c     -> a * (b + c)                                          [rounding]
    a * b - a * c     -> a * (b - c)                                          [rounding]
    a / c + b / c     -> (a + b) / c                                          [rounding]
    a / c - b / c     -> (a - b) / c                                          [rounding]

    np.sum(a)                        -> -np.sum(c)                        if minus(a, c)
    np.sum(a, axis=b)                -> -np.sum(c, axis=b)                if minus(a, c)
    np.sum(a, axis=b, keepdims=True) -> -np.sum(c, axis=b, keepdims=True) if minus(a, c)

    np.sum(a) -> s * np.sum(c)                      if factor(a, s) and rest(a, c)  [rounding]
    np.sum(a, axis=b) -> s * np.sum(c, axis=b)      if factor(a, s) and rest(a, c)  [rounding]
    np.sum(a, axis=b, keepdims=True) -> s * np.sum(c, axis=b, keepdims=True) if factor(a, s) and rest(a, c) [rounding]

    np.sum(a / b)                        -> np.sum(a) / b                 if array(a) and scalar(b) [rounding]
    np.sum(a / b, axis=c)                -> np.sum(a, axis=c) / b         if array(a) and scalar(b) [rounding]
    np.sum(a / b, axis=c, keepdims=True) -> np.sum(a, axis=c, keepdims=True) / b if array(a) and scalar(b) [rounding]

    np.sum(a @ b, axis=0) -> np.sum(a, axis=0) @ b      if matrix(a) and matrix(b)   [rounding]
    np.sum(a @ b, axis=1) -> a @ np.sum(b, axis=1)      if matrix(a) and matrix(b)   [rounding]

    unbroadcast(a, t) -> a               if fits(a, t) and apart(a)
    unbroadcast(a, t) -> np.sum(a)       if scalar(t)
    unbroadcast(a, t) -> np.sum(a, axis=c)                if lost(a, t, c)
    unbroadcast(a, t) -> np.sum(a, axis=c, keepdims=True) if shrunk(a, t, c)

    -unreduce(s, t, b, c)    -> unreduce(-s, t, b, c)
    a * unreduce(s, t, b, c) -> unreduce(a * s, t, b, c)   if scalar(a)       [rounding]
    unreduce(s, t, b, c) * a -> unreduce(s * a, t, b, c)   if scalar(a)       [rounding]
    unreduce(s, t, b, c) / a -> unreduce(s / a, t, b, c)   if scalar(a)       [rounding]
    unreduce(s, t, a, b)     -> s                          if into(t, s) and scalar(s)
    unreduce(s, t, a, True)  -> s                          if into(t, s)
    unreduce(s, t, 0, False) -> s                          if into(t, s)
    unreduce(s, t, k, False) -> np.expand_dims(s, k)       if into(t, s)

    zeros_like(t) + a        -> a        if fits(a, t) and covers(a, t)       [alias rounding]
    np.zeros_like(t) + a     -> a        if fits(a, t) and covers(a, t)       [alias rounding]
    np.zeros_like(t) + s     -> np.full_like(t, s)         if scalar(s) and holds(t, s)
"""

LEFT_OVER = [
    "unbroadcast(a, t) -> np.array(a) if fits(a, t) and array(a)",
    "np.array(unreduce(s, t, a, b)) -> np.full_like(t, s) if scalar(s) and holds(t, s)",
    "unreduce(s, t, a, b) -> np.full_like(t, s) if whole() and scalar(s) and holds(t, s)",
]
"""For what is still there when everything that could use it as it was has been simplified."""


FUNCTIONS = {
    "np": np, "inverse_axes": inverse_axes, "unbroadcast": unbroadcast, "unreduce": unreduce,
    "zeros_like": zeros_like,
}  # fmt: skip
TABLE = Table(filter(str.strip, RULES.splitlines()), FUNCTIONS)
LAST = Table(LEFT_OVER, FUNCTIONS)


def fold(
    unit: Unit, kind_of: KindOf, applies: Callable[[gast.AST], bool] = in_derivative
) -> Unit:
    """Simplify the arithmetic of derivatives.

    Args:
        unit: a function in single assignment or an ordinary program.
        kind_of: the kind of an expression; what is unknown stays as it is.
        applies: which statements are simplified.

    Returns:
        The unit with shorter expressions; the same unit where there is nothing to do.

    >>> from tangent_sct.core.kind import FLOAT
    >>> from tangent_sct.optimize.demo import unit_of
    >>> unit = unit_of("def f(x, g):\\n    x_bar = g * (2 * x ** (2 - 1))\\n    return x_bar")
    >>> print(tree.text(fold(unit, lambda node: FLOAT, lambda statement: True).tree))
    def f(x, g):
        x_bar = 2 * g * x
        return x_bar
    """
    worker = _Fold(unit, kind_of, applies)
    body = worker.block(unit.tree.body)
    if not worker.changed:
        return unit
    return unit.with_body(body, namespace=worker.namespace, bases=worker.bases)


class _Context(NamedTuple):
    """Where an expression stands.

    Attributes:
        nested: whether it is part of a larger expression.
        beside: what it is combined with entry by entry, here and further out, and the array that
            the outcome is stored into: NumPy repeats the expression as far as these reach.
    """

    nested: bool
    beside: tuple[gast.AST, ...] = ()


_INNER: Final = _Context(True)


@dataclass(eq=False)
class _Definition:
    """A value that may be looked through to: where it stands, and what it depends on.

    Attributes:
        statement: the assignment.
        reads: names that the value reads.
        block: the output block that holds the statement, and `slot` its place there.
        uses: how often the name is still read.
        time: when it was computed, in the time of `Changes`.
    """

    statement: gast.Assign
    reads: frozenset[str]
    block: list[gast.AST | None]
    slot: int
    uses: int
    time: int


class _Fold:
    """One run over a function; the `Site` of the table's rewrites."""

    def __init__(
        self, unit: Unit, kind_of: KindOf, applies: Callable[[gast.AST], bool]
    ) -> None:
        self.unit = unit
        self.applies = applies
        self.namespace = dict(unit.namespace)
        self.bases = dict(unit.bases)
        self.effects = Effects(unit, kind_of)
        self.kinds = KindsOfArithmetic(kind_of, self.effects.meaning)
        self.changes = Changes(self.effects)
        self.occurrences = Occurrences.of(unit)
        self.definitions: dict[str, _Definition] = {}
        self.seen: list[str] = []
        self.statement: gast.AST = unit.tree
        self.fresh = False
        self.context = _INNER
        self.blind = False
        self.changed = False

    # -- statements ---------------------------------------------------------------------------

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        """A block; what is defined outside of it is not looked through to."""
        outer, self.definitions = self.definitions, {}
        output: list[gast.AST | None] = []
        for statement in body:
            new = self.folded(statement) if self.applies(statement) else statement
            if type(new) in tree.COMPOUND:
                new = self.compound(new)
            sum_ = self.merged(output[-1], new) if output else None
            if sum_ is not None:
                output[-1] = sum_
                continue
            for part in self.parted(new):
                self.cross(part)
                output.append(part)
                self.define(part, output)
        self.definitions = outer
        return [self.finished(statement) for statement in output if statement is not None]

    def parted(self, node: gast.AST) -> list[gast.AST]:
        """A statement; before it, where its value is repeated for many, that value with a name.

        So what it assigns can be looked through to at every place, and nothing is computed twice.
        """
        if type(node) is not gast.Assign or not self._is_unreduce(node.value):
            return [node]
        if not self.applies(node):
            return [node]
        (target,), value = node.targets, node.value
        if type(target) is not gast.Name or self.occurrences.read[target.id] < 2:
            return [node]
        if not value.args or tree.is_atom(value.args[0]):
            return [node]
        name = self.new_name("t")
        self.bases[name] = ""
        self.occurrences.assigned[name] = self.occurrences.read[name] = 1
        spread = tree.shallow(value)
        spread.args = [tree.load(name), *value.args[1:]]
        first = tree.like(tree.assign(name, value.args[0]), node)
        return [first, self._with_value(node, spread)]

    def compound(self, node: gast.AST) -> gast.AST:
        new = tree.shallow(node)
        new.body = self.block(node.body)
        if not isinstance(node, gast.With):
            new.orelse = self.block(node.orelse)
        return new

    def merged(self, first: gast.AST | None, second: gast.AST) -> gast.AST | None:
        """One statement for `b = e` and `b += e`, or for `b += e` twice, if the terms are alike."""
        if first is None or not self._accumulates(first, second):
            return None
        self.statement, self.blind = second, True
        total = gast.BinOp(first.value, gast.Add(), second.value)
        found = self._rewritten(total, self.is_copied(first), self.root(first))
        self.blind = False
        if isinstance(found, gast.BinOp) and isinstance(found.op, (gast.Add, gast.Sub)):
            return None
        # What is added in place takes the dtype of what is there.
        dtypes = {self.kinds.of(first.value).dtype, self.kinds.of(found).dtype} - {None}
        return self._with_value(first, found) if len(dtypes) < 2 else None

    def _accumulates(self, first: gast.AST, second: gast.AST) -> bool:
        """Whether a statement adds to what the one before it has made for the same purpose."""
        if type(second) is not gast.AugAssign or type(second.op) is not gast.Add:
            return False
        if type(first) is gast.AugAssign:
            target = first.target if type(first.op) is gast.Add else None
        elif type(first) is gast.Assign and self.is_fresh(first.value):
            (target,) = first.targets
        else:
            return False
        if not tree.same(target, second.target):
            return False
        if not (self.applies(first) and self.applies(second)):
            return False
        if tree.origin_of(first) != tree.origin_of(second):
            return False
        before, after = self.effects.of(first), self.effects.of(second.value)
        owner = target.id if isinstance(target, gast.Name) else None
        if after.effect or self.effects.of(first.value).effect or owner in after.reads:
            return False
        return not self.effects.disturbs(before, after.reads)

    def finished(self, node: gast.AST) -> gast.AST:
        """A statement of a block that is done, with what is left over written in plain words."""
        if not isinstance(node, (gast.Assign, gast.Return)) or type(node.value) is not gast.Call:
            return node
        if not self.applies(node):
            return node
        self.statement, self.fresh, self.context = node, self.is_copied(node), _Context(False)
        for rewrite in LAST.candidates(self, node.value):
            value = self._applied(rewrite, node.value)
            if value is not None:
                return self._with_value(node, value)
        return node

    def root(self, statement: gast.AST) -> _Context:
        """Where the value of a statement stands."""
        if not self.is_copied(statement):
            return _Context(False)
        target = statement.target if isinstance(statement, gast.AugAssign) else statement.targets[0]
        return _Context(False, (tree.with_context(target, gast.Load()),))

    def is_copied(self, node: gast.AST) -> bool:
        """Whether a statement copies its value into an array; a name or a container would share what it is given.

        NumPy may not copy first what is a part of the very array (`y[::2] = y[:4]`): a value of its own stays one.
        """
        if type(node) is gast.AugAssign:
            return True
        if type(node) is not gast.Assign or type(node.targets[0]) is not gast.Subscript:
            return False
        base = node.targets[0].value
        if not self.effects.holds_numbers(base):
            return False
        if type(node.value) in (gast.Name, gast.Constant) or self.kinds.of(node.value).is_scalar:
            return True
        roots = set(map(self.effects.root, self.effects.sources(base)))
        return roots.isdisjoint(map(self.effects.root, tree.names_read(node.value)))

    def _with_value(self, node: gast.AST, value: gast.AST) -> gast.AST:
        self.changed = True
        new = tree.shallow(node)
        new.value = value
        return new

    def folded(self, node: gast.AST) -> gast.AST:
        """A statement with its value simplified."""
        if not isinstance(node, (gast.Assign, gast.AugAssign, gast.Return, gast.Expr)):
            return node
        if node.value is None:
            return node
        self.statement = node
        value = self.simplified(node.value, self.is_copied(node), self.root(node))
        return node if value is node.value else self._with_value(node, value)

    def define(self, node: gast.AST, output: list[gast.AST | None]) -> None:
        """Note what a statement defines, if rewrites may look through to it."""
        if type(node) is not gast.Assign or not self.applies(node):
            return
        (target,) = node.targets
        if type(target) is not gast.Name or self.occurrences.assigned[target.id] != 1:
            return
        self.kinds.learn(target.id, node.value)
        uses = self.occurrences.read[target.id]
        if uses == 1 or (uses and self._is_free(node.value)):
            summary = self.effects.of(node.value)
            if not summary.effect:
                slot = len(output) - 1
                self.definitions[target.id] = _Definition(
                    node, summary.reads, output, slot, uses, self.changes.now
                )

    def _is_free(self, node: gast.AST) -> bool:
        """Whether an expression only repeats a value, or its sign: it may as well be written twice."""
        if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
            return isinstance(node.operand, gast.Name) and self.kinds.of(node.operand).is_scalar
        return self._is_unreduce(node) and all(
            map(tree.is_atom, (*node.args, *(k.value for k in node.keywords)))
        )

    def _is_unreduce(self, node: gast.AST) -> bool:
        return type(node) is gast.Call and self.meaning(node.func) is unreduce

    def cross(self, node: gast.AST) -> None:
        """Note what a statement changes, so that the definitions that it disturbs are not used."""
        if not self.definitions:
            return
        summary = self.effects.of(node)
        if not summary.effect and all(self.occurrences.assigned[n] == 1 for n in summary.names):
            return
        self.changes.note(summary)

    def definition(self, name: str) -> _Definition | None:
        """The definition of a name, where it may be looked through to and nothing has disturbed it."""
        found = self.definitions.get(name)
        # What the name holds may have been written into, as well as what it was computed from.
        if found is not None and self.changes.since(found.time, (*found.reads, name)):
            del self.definitions[name]
            return None
        return found

    # -- expressions --------------------------------------------------------------------------

    def simplified(self, node: gast.AST, fresh: bool, context: _Context) -> gast.AST:
        """An expression after all rewrites; the very node where none applies.

        Args:
            node: the expression.
            fresh: whether it does not matter if its value is a new object.
            context: where it stands.
        """
        if type(node) is gast.Name:
            return self._spread(node, fresh, context)
        if type(node) in _CLOSED:
            return node
        if type(node) is gast.BinOp and type(node.op) is not gast.MatMult:
            return self._rewritten(self._with_simpler_operands(node, context), fresh, context)
        sign = type(node) is gast.UnaryOp and type(node.op) is gast.USub
        below = _Context(True, context.beside) if sign else _INNER
        return self._rewritten(self._with_simpler_children(node, below), fresh, context)

    def _spread(self, node: gast.Name, fresh: bool, context: _Context) -> gast.AST:
        """The value that a name repeats, where NumPy repeats it by itself; else the name."""
        if not context.beside or not self._is_unreduce(value := self.see(node)):
            return node
        self.fresh, self.context = fresh, context
        for rewrite in TABLE.candidates(self, value):
            new = self._applied(rewrite, node)
            if new is not None:
                return new
        return node

    def _with_simpler_operands(self, node: gast.BinOp, context: _Context) -> gast.AST:
        """Arithmetic entry by entry, the right side of which still stands when the left is looked at."""
        left = self.simplified(node.left, True, _Context(True, (*context.beside, node.right)))
        right = self.simplified(node.right, True, _Context(True, (*context.beside, left)))
        if left is node.left and right is node.right:
            return node
        new = tree.shallow(node)
        new.left, new.right = left, right
        return new

    def _with_simpler_children(self, node: gast.AST, context: _Context) -> gast.AST:
        inner = self._copies(node)
        changes: dict[str, object] = {}
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, gast.AST) and value._fields:
                new: object = self.simplified(value, inner, context)
                if new is not value:
                    changes[name] = new
            elif isinstance(value, list) and value:
                items = [self.simplified(v, inner, context) if v is not None else v for v in value]
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
        return isinstance(node, gast.Call) and self.effects.call(node).shares == "none"

    def _rewritten(self, node: gast.AST, fresh: bool, context: _Context) -> gast.AST:
        if type(node) is gast.BinOp:
            found = evaluated(node.left, node.op, node.right)
            if found is not None:
                return found
        if getattr(node, "users", False) and self.kinds.of(node).family == "unknown":
            # Of objects, their classes say what operators do: `c + -h` need not be `c - h`.
            return node
        self.fresh, self.context = fresh, context
        for rewrite in TABLE.candidates(self, node):
            new = self._applied(rewrite, node)
            if new is not None:
                return self._rewritten(new, fresh, context)
        return node

    def _applied(self, rewrite: Rewrite, node: gast.AST) -> gast.AST | None:
        """What a rewrite makes of a node, None where it does not apply."""
        self.seen = []
        bound: Bindings = {}
        if not rewrite.matches(self, node, bound):
            return None
        for condition in rewrite.conditions:
            if not self.holds(condition, bound):
                return None
        seen = tuple(dict.fromkeys(self.seen))
        if self.effects.of(node).effect or not self._proved(rewrite, node, bound):
            return None
        if not self._keeps_integers(rewrite, (node, *(self.definitions[n].statement.value for n in seen)), bound):
            return None
        for name in seen:
            definition = self.definitions[name]
            definition.uses -= 1
            if not definition.uses:
                definition.block[definition.slot] = None
                del self.definitions[name]
                continue
            # Now written twice, it reads twice what it reads.
            for read in definition.reads:
                self.definitions.pop(read, None)
        fresh, context = self.fresh, self.context
        new = rewrite.build(self, bound)
        self.fresh, self.context = fresh, context
        return new

    def _proved(self, rewrite: Rewrite, node: gast.AST, bound: Bindings) -> bool:
        """Whether a rewrite changes nothing here of what its tags say that it may change."""
        tags = rewrite.tags - {"rounding"}
        if not tags:
            return True
        result = self._tried(rewrite, bound)
        before, after = self.kinds.of(node), self.kinds.of(result)
        if "alias" in tags and not (self.fresh or after.is_scalar or self.is_fresh(result)):
            return False
        if "dtype" in tags and not self.is_floating(result):
            if before.dtype is None or before.dtype != after.dtype:
                return False
        if "shape" in tags and not same_shape(before, after):
            return False
        return "nan" not in tags or category(before.dtype) in (0, 1)

    def _tried(self, rewrite: Rewrite, bound: Bindings) -> gast.AST:
        """What a rewrite would make; nothing that is looked through on the way is used up."""
        fresh, context, seen = self.fresh, self.context, self.seen
        blind, self.blind = self.blind, True
        result: gast.AST = rewrite.build(self, bound)
        self.fresh, self.context, self.seen, self.blind = fresh, context, seen, blind
        return result

    def _keeps_integers(self, rewrite: Rewrite, before: Sequence[gast.AST], bound: Bindings) -> bool:
        """Whether a rewrite computes the same integers and truth values of NumPy's as before, and no others."""
        every = (item for node in before for item in tree.walk(node) if isinstance(item, gast.expr))
        if not any(wraps(self.kinds.of(item)) for item in every):
            return True
        # What stands in an expression twice is taken apart where it stands in the new one once.
        return self._integer_operations(before) == self._integer_operations([self._tried(rewrite, bound)])

    def _integer_operations(self, nodes: Iterable[gast.AST]) -> Counter[str]:
        """The arithmetic in some expressions that gives such numbers, and how often it stands there."""
        every = (item for node in nodes for item in tree.walk(node) if isinstance(item, (gast.BinOp, gast.UnaryOp)))
        return Counter(tree.text(item) for item in every if wraps(self.kinds.of(item)))

    def is_floating(self, node: gast.AST) -> bool:
        """Whether a value surely has a floating dtype, which a literal cannot change."""
        known = self.kinds.of(node).is_float
        if known is not None:
            return known
        if isinstance(node, gast.Name):
            return self.unit.base(node.id).endswith(("_bar", "_dot"))
        if isinstance(node, gast.UnaryOp):
            return self.is_floating(node.operand)
        if isinstance(node, gast.BinOp) and isinstance(node.op, (gast.Mult, gast.Div)):
            return self.is_floating(node.left) or self.is_floating(node.right)
        return False

    def is_fresh(self, node: gast.AST) -> bool:
        """Whether an expression makes a new object that nothing else holds."""
        # The definition is only asked, not taken in place of its name.
        seen, self.seen = self.seen, []
        value = self.see(node)
        self.seen = seen
        return self._copies(value)

    # -- what rewrites ask --------------------------------------------------------------------

    def see(self, node: gast.AST) -> gast.AST:
        """The definition of a name that is read here only; the node where it may not be used."""
        if self.blind or type(node) is not gast.Name:
            return node
        definition = self.definition(node.id)
        if definition is None:
            return node
        statement = definition.statement
        own = tree.origin_of(statement) == tree.origin_of(self.statement)
        if not (own or is_temporary(self.unit, node.id)):
            return node
        self.seen.append(node.id)
        value: gast.AST = statement.value
        return value

    def equal(self, left: gast.AST, right: gast.AST) -> bool:
        """Whether two expressions have the same value, the same names being read at one place."""
        return tree.same(self._original(left), self._original(right))

    def _original(self, node: gast.AST) -> gast.AST:
        """The name of which a name is a copy."""
        while isinstance(node, gast.Name):
            definition = self.definition(node.id)
            if definition is None or not isinstance(definition.statement.value, gast.Name):
                break
            node = definition.statement.value
        return node

    def meaning(self, node: gast.AST) -> object:
        """The object that a callee means."""
        return self.effects.meaning(node)

    def spell(self, path: str) -> gast.AST:
        """An expression for a function of the table, by a name of this program."""
        first, *rest = path.split(".")
        wanted = FUNCTIONS[first]
        name = next((n for n, value in self.namespace.items() if value is wanted), None)
        if name is None:
            name = self.new_name(first)
            self.namespace[name] = wanted
        return tree.dotted(".".join([name, *rest]))

    def new_name(self, name: str) -> str:
        """A name that the program does not have yet, as near to one as can be."""
        used = [n.id for n in tree.walk(self.unit.tree) if isinstance(n, gast.Name)]
        return Names([*self.namespace, *self.bases, *used]).fresh(name)

    def again(self, node: gast.AST) -> gast.AST:
        """Simplify what a rewrite has built below its root."""
        return self._rewritten(node, True, _INNER)

    def holds(self, condition: Condition, bindings: Bindings) -> bool:
        """Whether a condition holds; a letter that is not bound yet is bound to what it gives."""
        found = _CONDITIONS[condition.name](self, *map(bindings.__getitem__, condition.letters))
        if isinstance(found, gast.AST):
            assert condition.result is not None
            bindings[condition.result] = found
        return (found is None or found is False) == condition.negated


# -- conditions -------------------------------------------------------------------------------


def _scalar(site: _Fold, a: gast.AST) -> bool:
    return site.kinds.of(a).is_scalar


def _array(site: _Fold, a: gast.AST) -> bool:
    return site.kinds.of(a).is_array


def _matrix(site: _Fold, a: gast.AST) -> bool:
    return site.kinds.of(a).rank == 2


def _literal(site: _Fold, a: gast.AST) -> bool:
    """Whether a value is made of numbers alone: moved to the front of such, a number would never rest there."""
    if isinstance(a, gast.UnaryOp):
        return _literal(site, a.operand)
    if isinstance(a, gast.BinOp):
        return _literal(site, a.left) and _literal(site, a.right)
    return number(a) is not None


def _floating(site: _Fold, a: gast.AST) -> bool:
    return site.is_floating(a)


def _covers(site: _Fold, a: gast.AST, t: gast.AST) -> bool:
    """Whether adding zeros like `t` leaves the dtype of `a` as it is."""
    dtype = site.kinds.of(a).dtype
    return dtype is not None and promoted(dtype, site.kinds.of(t).dtype) == dtype


def _summed(site: _Fold, a: gast.AST) -> bool:
    """Whether a value is a number or an array of numbers; truth values and objects have sums of their own."""
    kind = site.kinds.of(a)
    if kind.is_scalar or kind.is_array:
        return category(kind.dtype) != 0
    return site.is_floating(a)


def _wider(site: _Fold, a: gast.AST, b: gast.AST) -> bool:
    """Whether `a` is an array and `b` may be a number: `b` is better multiplied with its like."""
    return _array(site, a) and not _array(site, b)


def _fits(site: _Fold, a: gast.AST, t: gast.AST) -> bool:
    """Whether two values surely have the same shape."""
    if isinstance(a, gast.Name) and tree.is_name(t, a.id):
        return True
    if isinstance(a, gast.Subscript) and isinstance(t, gast.Subscript):
        # How many elements a mask selects nobody knows, but it is the same number for both.
        if tree.same(a.slice, t.slice) and not acts(a.slice) and _fits(site, a.value, t.value):
            return True
    return same_shape(site.kinds.of(a), site.kinds.of(t))


def _apart(site: _Fold, a: gast.AST) -> bool:
    """Whether nothing that is written into may be seen through `a` and through what the statement assigns."""
    if site.fresh or site.kinds.of(a).is_scalar or site.is_fresh(a):
        return True
    return not any(map(site.effects.is_written, (*tree.names_read(a), *tree.names_written(site.statement))))


def _holds(site: _Fold, a: gast.AST, s: gast.AST) -> bool:
    """Whether `a` is an array of floats whose dtype takes in the numbers of `s`."""
    outer, inner = site.kinds.of(a), site.kinds.of(s)
    level = category(inner.dtype)
    return outer.is_array and bool(outer.is_float) and level is not None and (
        level <= (category(outer.dtype) or 0)
    )  # fmt: skip


def _whole(site: _Fold) -> bool:
    """Whether the expression is all that a name is given."""
    return not site.context.nested and isinstance(site.statement, (gast.Assign, gast.Return)) and not (
        site.fresh
    )  # fmt: skip


def _plain(site: _Fold) -> bool:
    """Whether all that was matched stands in one statement."""
    return not site.seen


def _into(site: _Fold, t: gast.AST, s: gast.AST) -> bool:
    """Whether NumPy repeats `s` as far as `t` reaches when the expression is used."""
    *further, last = site.context.beside or (None,)
    if not site.context.nested:
        return last is not None and _array(site, last) and _fits(site, last, t)
    # Arithmetic of small integers may come out otherwise with a number in place of an array.
    others = (*further, last) if site.is_floating(s) else (last,)
    return any(p is not None and _fits(site, p, t) and _holds(site, p, s) for p in others)


def _opposite(site: _Fold, a: gast.AST) -> gast.AST | None:
    """`c`, where `a` is the name of a number `-c`: the sign is as good as a name."""
    node = site.see(a)
    if node is a or not isinstance(node, gast.UnaryOp) or not isinstance(node.op, gast.USub):
        return None
    return node.operand if _scalar(site, node.operand) else None


def _factor(site: _Fold, a: gast.AST) -> gast.AST | None:
    """The number that the entries of a product or quotient have in common, which stands first in it."""
    node = site.see(a)
    if not isinstance(node, gast.BinOp) or not isinstance(node.op, (gast.Mult, gast.Div)):
        return None
    if isinstance(node.op, gast.Mult) and _scalar(site, node.left) and _array(site, node.right):
        covered = site.is_floating(node.right) and _covers(site, node.right, node.left)
        return node.left if covered else None
    return _factor(site, node.left)


def _rest(site: _Fold, a: gast.AST) -> gast.AST | None:
    """What is left of a product or quotient without that number."""
    node = site.see(a)
    if isinstance(node.op, gast.Mult) and _scalar(site, node.left) and _array(site, node.right):
        return node.right
    left = _rest(site, node.left)
    return None if left is None else combined(left, node.op, node.right)


def _minus(site: _Fold, a: gast.AST) -> gast.AST | None:
    """`c`, where `a` is `-c`: a product or quotient, of matrices too, that begins with a minus."""
    node = site.see(a)
    if type(node) is gast.UnaryOp and type(node.op) is gast.USub:
        return node.operand
    if type(node) is gast.BinOp and isinstance(node.op, (gast.Mult, gast.Div, gast.MatMult)):
        left = _minus(site, node.left)
        if left is not None:
            return combined(left, node.op, node.right)
    return None


def _quotient(site: _Fold, k: gast.AST, m: gast.AST) -> gast.AST | None:
    """`k / m` where that is a whole number."""
    top, bottom = number(k), number(m)
    if not isinstance(top, int) or not isinstance(bottom, int) or not bottom or top % bottom:
        return None
    return literal(top // bottom)


def _inverted(site: _Fold, a: gast.AST) -> gast.AST | None:
    """The axes that undo the order of some that are written out."""
    items = [number(item) for item in a.elts] if isinstance(a, gast.Tuple) else []
    axes = [item for item in items if type(item) is int]
    return tree.tuple_of(map(literal, inverse_axes(axes))) if axes and len(axes) == len(items) else None


def _axes(dims: list[int]) -> gast.AST | None:
    """The argument `axis` for some axes."""
    if not dims:
        return None
    return literal(dims[0]) if len(dims) == 1 else tree.tuple_of(map(literal, dims))


def _shapes(
    site: _Fold, a: gast.AST, t: gast.AST
) -> tuple[tuple[Dim, ...], tuple[Dim, ...]] | None:
    left, right = site.kinds.of(a), site.kinds.of(t)
    if not (left.is_array and right.is_array) or left.shape is None or right.shape is None:
        return None
    return left.shape, right.shape


def _lost(site: _Fold, a: gast.AST, t: gast.AST) -> gast.AST | None:
    """The leading axes that `a` has and `t` lacks, where all others surely are the same."""
    shapes = _shapes(site, a, t)
    if shapes is None:
        return None
    extra = len(shapes[0]) - len(shapes[1])
    if extra <= 0 or shapes[0][extra:] != shapes[1]:
        return None
    return _axes(list(range(extra)))


def _shrunk(site: _Fold, a: gast.AST, t: gast.AST) -> gast.AST | None:
    """The axes that have size one in `t` and not in `a`, where all others surely are the same."""
    shapes = _shapes(site, a, t)
    if shapes is None or len(shapes[0]) != len(shapes[1]):
        return None
    axes = [i for i, dims in enumerate(zip(*shapes, strict=True)) if dims[0] != dims[1]]
    return _axes(axes) if all(shapes[1][i] == 1 for i in axes) else None


_CONDITIONS: dict[str, Callable[..., gast.AST | bool | None]] = {
    "scalar": _scalar, "array": _array, "matrix": _matrix, "literal": _literal, "summed": _summed, "wider": _wider,
    "fits": _fits, "apart": _apart, "holds": _holds, "whole": _whole, "into": _into,
    "floating": _floating, "covers": _covers, "minus": _minus, "quotient": _quotient,
    "plain": _plain, "opposite": _opposite, "factor": _factor, "rest": _rest,
    "lost": _lost, "shrunk": _shrunk, "inverted": _inverted,
}  # fmt: skip


_CLOSED = frozenset((gast.Constant, gast.Lambda, *tree.COMPREHENSIONS))
"""Expressions inside which nothing is simplified."""
