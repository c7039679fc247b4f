"""Single-use temporaries go back into the expressions that use them.

In a `try`, everything that may fail counts as an effect.

Needs: an ordinary program (names may be reassigned), alias classes, temporaries marked in
`Unit.bases`. Produces: the program with fewer statements; it computes the same values and has the
same effects in the same order.

One forward scan per block. An assignment to a temporary that is used once is *pending*. A statement
in between that disturbs it (rebinds a name it reads, stores into an array it reads, has an effect
that must not change places with its own) puts an end to that, unless that statement is itself
pending and joins it in the same expression, evaluated after it as before: this is how an expression
broken up by the front end comes back as it was written, whatever effects its parts have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted, is_attempt, is_settled, may_fail
from tangent_sct.core.origins import Origin
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.namespace import MISSING
from tangent_sct.optimize.effects import Effects, KindOf, Occurrences, Summary, is_temporary

WIDTH = 90
"""Longest expression, in characters, that nesting may build out of several statements."""
DEPTH = 7
"""Deepest expression that nesting may build."""


def nest(unit: Unit, kind_of: KindOf | None = None) -> Unit:
    """Put temporaries that are used once back into the expressions that use them.

    Args:
        unit: an ordinary program; `unit.bases[name] == ""` marks temporaries.
        kind_of: kinds where they are known; they allow more.

    Returns:
        The unit with nested expressions; the same unit where there is nothing to do.

    >>> from tangent_sct.optimize.demo import unit_of
    >>> text = "def f(x):\\n    t = x * 2\\n    t_2 = t + 1\\n    y = t_2 / x\\n    return y"
    >>> print(tree.text(nest(unit_of(text)).tree))
    def f(x):
        y = (x * 2 + 1) / x
        return y
    """
    worker = _Nest(unit, kind_of)
    body = worker.block(unit.tree.body, {})
    return unit.with_body(body) if worker.changed else unit


@dataclass(eq=False)
class _Pending:
    """A temporary whose definition waits for its one use.

    Attributes:
        name: the temporary.
        statement: its definition as it stands.
        summary: what its definition reads and does.
        measure: width and depth of its value.
        block: the output block that holds the definition, and `slot` its place there.
        blockers: pending temporaries it must be evaluated before.
    """

    name: str
    statement: gast.Assign
    summary: Summary
    measure: tuple[int, int]
    block: list[gast.AST | None]
    slot: int
    blockers: set[str] = field(default_factory=set)

    @property
    def value(self) -> gast.AST:
        """What stands for the temporary."""
        return self.statement.value

    @property
    def ordered(self) -> bool:
        """Whether its evaluation has an effect."""
        return self.summary.effect or self.summary.changes


@dataclass
class _Use:
    """A pending temporary as it is met in evaluating a statement.

    Attributes:
        pending: the temporary.
        after_operation: whether an operation of the statement's own is evaluated before it.
        after_effect: whether one with an effect is.
    """

    pending: _Pending
    after_operation: bool
    after_effect: bool


Waiting = dict[str, _Pending]


class _Nest:
    def __init__(self, unit: Unit, kind_of: KindOf | None) -> None:
        self.unit = unit
        self.kind_of = kind_of
        self.effects = Effects(unit, kind_of)
        self.occurrences = Occurrences.of(unit)
        self.integers = _range_targets(unit, self.occurrences.assigned)
        self.merged: dict[str, str] = {}
        self.changed = False
        self.tried = 0

    # -- statements ---------------------------------------------------------------------------

    def block(self, body: Iterable[gast.AST], waiting: Waiting) -> list[gast.AST]:
        """A block, with the temporaries of the blocks around it that may come down into it."""
        waiting = dict(waiting)
        output: list[gast.AST | None] = []
        for statement in body:
            if is_settled(statement):
                # Nothing leaves a `try`, whose handlers would not be asked any more.
                waiting.clear()
            self.statement(statement, output, waiting)
        return [statement for statement in output if statement is not None]

    def branches(self, node: gast.If, calm: Waiting) -> list[list[gast.AST]]:
        """Both blocks of an `if`, with what may come down into them."""
        found = attempted(node)
        if found is None:
            # Where failures are caught, what is computed stays where it is.
            calm = {} if self.tried else calm
            return [self.block(node.body, calm), self.block(node.orelse, calm)]
        tried, following, handlers = found
        self.tried += 1
        inside = self.block(tried, {})
        self.tried -= 1
        normal = [*inside, *self.block(following, {})]
        failed = self.block(handlers, {})
        return [normal, failed] if node.body and node.body[0] is tried[0] else [failed, normal]

    def statement(
        self, old: gast.AST, output: list[gast.AST | None], waiting: Waiting
    ) -> None:
        new = self.joined(old, waiting)
        if isinstance(new, gast.If):
            calm = {
                name: pending
                for name, pending in waiting.items()
                if not pending.ordered and not pending.blockers
            }
            branches = self.branches(new, calm)
            new = tree.like(tree.if_(new.test, *branches), new)
            for pending in [p for p in calm.values() if p.block[p.slot] is None]:
                del waiting[pending.name]
        elif isinstance(new, (gast.For, gast.While)):
            new = _with_body(new, self.block(new.body, {}))
        name = self.temporary(new)
        # Only what waits, or is about to, needs to know what the statement does.
        summary = self.effects.of(new) if waiting or name is not None else None
        if summary is not None and self.tried and may_fail(new):
            # What fails first decides what is run.
            summary = summary._replace(effect=True)
        if summary is not None:
            self.cross(summary, name, waiting, output)
        output.append(new)
        if name is not None and summary is not None and len(summary.names) == 1:
            own = summary._replace(names=frozenset())
            slot = len(output) - 1
            waiting[name] = _Pending(name, new, own, _measure(new.value), output, slot)

    def temporary(self, statement: gast.AST) -> str | None:
        """The temporary that a statement defines, if its definition may wait for its use."""
        if type(statement) is gast.Assign and not is_attempt(statement):
            (target,) = statement.targets
            if type(target) is gast.Name:
                name: str = target.id
                if self.occurrences.once(name) and is_temporary(self.unit, name):
                    return name
        return None

    def cross(
        self,
        summary: Summary,
        name: str | None,
        waiting: Waiting,
        output: list[gast.AST | None],
    ) -> None:
        """Let a statement pass the waiting temporaries: those it disturbs wait no longer.

        If the statement defines a temporary itself, the two may still meet in one expression.
        """
        is_calm = not any(pending.ordered for pending in waiting.values())
        if is_calm and not summary.effect and all(self.occurrences.assigned[n] == 1 for n in summary.names):
            # Nothing that waits can read a name before its one assignment, nor change what is read.
            return
        for pending in list(waiting.values()):
            if not self.conflict(pending.summary, summary):
                continue
            if name is None or pending.block is not output:
                del waiting[pending.name]
            else:
                pending.blockers.add(name)

    def conflict(self, first: Summary, second: Summary) -> bool:
        """Whether two evaluations must not change places."""
        return (
            (first.effect and second.effect)
            or self.effects.disturbs(second, first.reads)
            or self.effects.disturbs(first, second.reads)
        )

    # -- joining ------------------------------------------------------------------------------

    def joined(self, statement: gast.AST, waiting: Waiting) -> gast.AST:
        """The statement with the temporaries it uses put in; they wait no longer."""
        if not waiting:
            return statement
        finder = _Uses(self.effects, waiting)
        finder.statement(statement)
        if not finder.uses:
            return statement
        chosen = self.chosen(statement, self.fitting(statement, finder.uses))
        if not chosen:
            return statement
        self.changed = True
        own = self.temporary(statement)
        for pending in chosen.values():
            del waiting[pending.name]
            pending.block[pending.slot] = None
            if own is not None:
                self.merged[pending.name] = own
        values = {name: pending.value for name, pending in chosen.items()}
        grafted = _graft_header(statement, values)
        if isinstance(grafted, gast.If):
            grafted.test = self._without_bool(grafted.test)
        return grafted

    def _without_bool(self, test: gast.AST) -> gast.AST:
        """`bool(x)` where only its truth matters: `x`."""
        is_call = isinstance(test, gast.Call) and tree.is_name(test.func, "bool") and len(test.args) == 1
        return test.args[0] if is_call and self.unit.namespace.get("bool", bool) is bool else test

    def fitting(self, statement: gast.AST, uses: list[_Use]) -> list[_Use]:
        """The uses that keep the statement readable; a broken-up line of the user's always fits."""
        own = {id(u): u for u in uses if not _same_line(statement, u.pending.statement)}
        width, depth = _measure_header(statement)
        width += sum(use.pending.measure[0] for use in uses)
        for use in sorted(own.values(), key=lambda u: u.pending.measure[0], reverse=True):
            atom = isinstance(use.pending.value, (gast.Name, gast.Constant))
            if not atom and (width > WIDTH or depth + use.pending.measure[1] > DEPTH):
                width -= use.pending.measure[0]
                del own[id(use)]
        return [u for u in uses if id(u) in own or _same_line(statement, u.pending.statement)]

    def chosen(self, statement: gast.AST, uses: list[_Use]) -> Waiting:
        """The temporaries that may be evaluated inside the statement, seen from its end."""
        accepted: Waiting = {}
        for use in reversed(uses):
            pending = use.pending
            if use.after_effect or (pending.ordered and use.after_operation):
                continue
            if all(self.resolved(blocker) in accepted for blocker in pending.blockers):
                if _updates(statement, pending.name) and not self.is_place(pending):
                    continue
                accepted[pending.name] = pending
        return accepted

    def resolved(self, name: str) -> str:
        """The temporary into which another has been put."""
        while name in self.merged:
            name = self.merged[name]
        return name

    def is_place(self, pending: _Pending) -> bool:
        """Whether a temporary surely is a view: updating it updates what it was taken from.

        Slices, literals and integers make a view of an array; an array of indices makes a copy.
        """
        if not isinstance(pending.value, gast.Subscript):
            return False
        index = pending.value.slice
        parts = index.elts if isinstance(index, gast.Tuple) else [index]
        if not all(map(self.is_basic, parts)):
            return False
        is_array = self.kind_of is not None and self.kind_of(tree.load(pending.name)).is_array
        return is_array or any(isinstance(part, gast.Slice) for part in parts)

    def is_basic(self, index: gast.AST) -> bool:
        if isinstance(index, gast.Slice):
            return True
        if isinstance(index, gast.Name) and index.id in self.integers:
            return True
        if isinstance(index, (gast.BinOp, gast.UnaryOp)) and all(
            self.is_basic(part) for part in tree.children(index) if not _is_symbol(part)
        ):
            return True
        if isinstance(index, gast.Constant):
            return index.value is None or index.value is Ellipsis or type(index.value) is int
        return self.kind_of is not None and self.kind_of(index).dtype == "int"


class _Uses:
    """The pending temporaries of a statement, in the order in which it evaluates them."""

    def __init__(self, effects: Effects, waiting: Waiting) -> None:
        self.effects = effects
        self.waiting = waiting
        self.uses: list[_Use] = []
        self.operated = False
        self.affected = False

    def statement(self, node: gast.AST) -> None:
        """Visit what is evaluated once, in the order of evaluation."""
        if isinstance(node, gast.Assign):
            self.visit(node.value)
            for target in node.targets:
                self.target(target)
        elif isinstance(node, gast.AugAssign):
            if isinstance(node.target, gast.Name):
                self.name(node.target)
            else:
                self.target(node.target)
                self.operated = True
            self.visit(node.value)
        elif isinstance(node, (gast.Expr, gast.Return)):
            if node.value is not None:
                self.visit(node.value)
        elif isinstance(node, gast.If):
            self.visit(node.test)
        elif isinstance(node, gast.For):
            self.visit(node.iter)

    def target(self, node: gast.AST) -> None:
        if isinstance(node, gast.Subscript):
            self.visit(node.value)
            self.visit(node.slice)
        elif isinstance(node, gast.Attribute):
            self.visit(node.value)

    def name(self, node: gast.Name) -> None:
        pending = self.waiting.get(node.id)
        if pending is not None:
            self.uses.append(_Use(pending, self.operated, self.affected))

    def visit(self, node: gast.AST) -> None:
        if type(node) is gast.Name:
            self.name(node)
        elif isinstance(node, _DEFERRED):
            # Evaluated later, never, or more than once: nothing may move into it.
            self.operated = True
            self.affected = self.affected or self.effects.of(node).effect
        elif isinstance(node, (gast.BoolOp, gast.IfExp)):
            first = node.values[0] if type(node) is gast.BoolOp else node.test
            self.visit(first)
            self.operated = True
            self.affected = self.affected or self.effects.of(node).effect
        elif type(node) is gast.Dict:
            for key, value in zip(node.keys, node.values, strict=True):
                if key is not None:
                    self.visit(key)
                self.visit(value)
        elif type(node) is gast.Attribute and self.effects.meaning(node) is not MISSING:
            return
        else:
            for child in tree.children(node):
                self.visit(child)
            self.operation(node)

    def operation(self, node: gast.AST) -> None:
        """Note that an operation of the statement's own has been evaluated."""
        if isinstance(node, _OPERATIONS):
            self.operated = True
        if isinstance(node, gast.Call) and self.effects.call(node).effect != "none":
            self.affected = True
        elif isinstance(node, (gast.NamedExpr, gast.Await, gast.Yield, gast.YieldFrom)):
            self.affected = True


_DEFERRED = (gast.Lambda, *tree.COMPREHENSIONS)
_OPERATIONS = (
    gast.BinOp, gast.UnaryOp, gast.Compare, gast.Call, gast.Subscript, gast.Attribute,
    gast.JoinedStr, gast.NamedExpr, gast.Await, gast.Yield, gast.YieldFrom,
)  # fmt: skip


def _updates(statement: gast.AST, name: str) -> bool:
    """Whether a statement updates a name in place."""
    return isinstance(statement, gast.AugAssign) and tree.is_name(statement.target, name)


def _is_symbol(node: gast.AST) -> bool:
    return isinstance(node, (gast.operator, gast.unaryop))


def _range_targets(unit: Unit, assigned: Counter[str]) -> frozenset[str]:
    """Names that only ever count the rounds of a `for` over a range."""
    found: Counter[str] = Counter()
    for node in tree.every_statement(unit.tree.body):
        if isinstance(node, gast.For) and isinstance(node.target, gast.Name):
            if _is_range(node.iter, unit):
                found[node.target.id] += 1
    return frozenset(name for name, count in found.items() if assigned[name] == count)


def _is_range(node: gast.AST, unit: Unit) -> bool:
    if not (isinstance(node, gast.Call) and isinstance(node.func, gast.Name)):
        return False
    function = unit.namespace.get(node.func.id)
    if function is reversed and len(node.args) == 1:
        return _is_range(node.args[0], unit)
    return function is range


def _same_line(left: gast.AST, right: gast.AST) -> bool:
    """Whether two statements are parts of one statement of the user's."""
    origin: Origin | None = tree.origin_of(left)
    forward = tree.sweep_of(left) == tree.sweep_of(right) == "forward"
    return forward and origin is not None and origin == tree.origin_of(right)


# -- size -------------------------------------------------------------------------------------


def _measure(node: gast.AST) -> tuple[int, int]:
    """Roughly how many characters an expression takes, and how deep its operations are nested."""
    if type(node) is gast.Name:
        return len(node.id), 0
    if type(node) is gast.Constant:
        return len(repr(node.value)), 0
    width, depth = (len(node.attr) + 1 if type(node) is gast.Attribute else 3), 0
    for child in tree.children(node):
        if child._fields:
            child_width, child_depth = _measure(child)
            width += child_width
            depth = max(depth, child_depth + _is_deeper(node, child))
    return width, depth


def _is_deeper(node: gast.AST, child: gast.AST) -> bool:
    """Whether an operand is one level down; `a + b + c` is read from left to right on one level."""
    if type(node) is gast.BinOp:
        return not (child is node.left and type(child) is gast.BinOp)
    return type(node) is gast.Call


def _measure_header(statement: gast.AST) -> tuple[int, int]:
    """The measure of a statement without the blocks below it."""
    parts = [getattr(statement, name, None) for name in _HEADER]
    measures = [_measure(part) for part in parts if isinstance(part, gast.AST)]
    measures += [_measure(t) for t in getattr(statement, "targets", ())]
    return sum(m[0] for m in measures) + 3, max((m[1] for m in measures), default=0)


_HEADER = ("value", "test", "iter", "target")

# -- grafting ---------------------------------------------------------------------------------


def _graft_header(statement: gast.AST, values: dict[str, gast.AST]) -> gast.AST:
    """A statement with names replaced, but for the blocks below it, which are kept as they are."""
    new = tree.shallow(statement)
    for name in _HEADER:
        part = getattr(new, name, None)
        if isinstance(part, gast.AST):
            setattr(new, name, _graft(part, values))
    if isinstance(new, gast.Assign):
        new.targets = [_graft(target, values) for target in new.targets]
    elif isinstance(new, gast.AugAssign) and isinstance(new.target, gast.Name):
        if new.target.id in values:
            new.target = tree.with_context(values[new.target.id], gast.Store())
    return new


def _graft(node: gast.AST, values: dict[str, gast.AST]) -> gast.AST:
    """The tree with names that are read replaced; what does not change is shared."""
    if type(node) is gast.Name:
        return values.get(node.id, node) if type(node.ctx) is gast.Load else node
    changed: dict[str, object] = {}
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, gast.AST):
            new: object = _graft(value, values)
            if new is not value:
                changed[name] = new
        elif isinstance(value, list) and value:
            items = [_graft(v, values) if isinstance(v, gast.AST) else v for v in value]
            if any(a is not b for a, b in zip(items, value, strict=True)):
                changed[name] = items
    if not changed:
        return node
    result = tree.shallow(node)
    for name, item in changed.items():
        setattr(result, name, item)
    return result


def _with_body(loop: gast.AST, body: list[gast.AST]) -> gast.AST:
    new = tree.shallow(loop)
    new.body = body
    return new
