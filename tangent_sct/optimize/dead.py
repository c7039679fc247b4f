"""Dead code: what contributes neither to the result nor to an effect is removed.

Mark and sweep over the statements (Cytron et al. 1991, section 7.1), with memory beside names.
Needed is what returns, raises or has an effect outside; then, closed over all of it,

* the definitions of every name that something needed reads;
* every store into an object whose content something needed may read after it (stores are found through
  alias classes; a use of the shape alone does not need the content);
* the `if`, loop or `with` around something needed, and the exits of such a loop;
* what may fail in a `try`, since that decides what is run; so does what may in a `with` that may end exceptions,
  though there a derivative refuses to go on;
* of a tape (a list that is only appended to and popped) all appends and pops together, as soon as
  one popped value is needed.

A carried name of a loop that only feeds itself is therefore dead: nothing starts the chain.

Needs: structured single assignment. Produces: the same form.

>>> print(demo('''
... def f(x, n):
...     y = x * 2
...     unused = y + 1
...     total = 0.0
...     for i in range(n):
...         total_2 = total + y
...         total = total_2
...     trail = np.zeros(n)
...     trail[0] = y
...     return y
... '''))
def f(x, n):
    y = x * 2
    return y
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import gast

from tangent_sct.analysis.aliases import DESCRIPTIONS, Classes, KindOf, alias_classes
from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.consumed import iterators_of
from tangent_sct.analysis.managing import surely_passes
from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted, is_settled, may_fail
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.blocks import if_with, with_blocks


def dead(unit: Unit, kind_of: KindOf | None = None) -> Unit:
    """Remove the statements that nothing needs.

    Args:
        unit: a program in structured single assignment.
        kind_of: kinds of expressions where they are known; they allow more.

    Returns:
        The unit without its dead code; the very same unit where nothing is dead.
    """
    # The reverse sweep spells this one itself, so it need not be among the names of the program.
    calls = Calls({"reversed": reversed, **unit.namespace}, sees_keys=True)
    classes = alias_classes(unit.tree.body, unit.namespace, kind_of, calls, getattr(unit.tree, "joins", False))
    program = _Program(classes, calls, kind_of, unit)
    program.read(unit.tree.body)
    body = _Sweep(program).block(unit.tree.body, program.marked())
    return unit if body is unit.tree.body else unit.with_body(body)


def demo(text: str) -> str:
    """The text of a function without its dead code; `np` is known, calls of anything else are kept.

    >>> print(demo("def f(x):\\n    y = x[1:]\\n    print(x)\\n    return x"))
    def f(x):
        print(x)
        return x
    """
    from tangent_sct.optimize.demo import unit_of

    return tree.text(dead(unit_of(text)).tree)


# -- what one statement does --------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Step:
    """A statement (the header, for a compound one) as the marking sees it.

    Attributes:
        statement: the statement.
        parent: the compound statement around it.
        place: its number in the order of the text.
        end: the number of the first statement after it and after what is inside of it.
        writes: names it binds.
        contents: names it reads, with what they hold.
        shapes: names of which it reads at most shape, dtype and structure.
        stores: alias classes it stores into, and whether their structure may change.
        essential: whether it is needed by itself.
        jumps: of a loop, the statements that leave it.
    """

    statement: gast.AST
    parent: _Step | None
    place: int
    end: int = 0
    writes: list[str] = field(default_factory=list)
    contents: set[str] = field(default_factory=set)
    shapes: set[str] = field(default_factory=set)
    stores: dict[str, bool] = field(default_factory=dict)
    essential: bool = False
    jumps: list[_Step] = field(default_factory=list)


class _Program:
    """All steps, and the way from what is needed to its causes."""

    def __init__(self, classes: Classes, calls: Calls, kind_of: KindOf | None, unit: Unit) -> None:
        self.classes = classes
        self.calls = calls
        self.kind_of = kind_of
        self.unit = unit
        self.iterators = iterators_of(unit)
        self.steps: list[_Step] = []
        # For each append and pop of a tape, all of them.
        self.tapes: dict[int, list[_Step]] = {}
        # What is stored into, and whether its structure may change; tapes are told from it first.
        self._stored: dict[int, list[tuple[gast.AST, bool]]] = {}

    # -- reading ------------------------------------------------------------------------------

    def read(self, body: Sequence[gast.AST]) -> None:
        """Note what every statement does."""
        self._block(body, None, None)
        self._gather_tapes()
        for step in self.steps:
            for base, structural in self._stored.get(step.place, ()):
                self._store(base, step, structural)

    def _block(
        self, body: Sequence[gast.AST], parent: _Step | None, loop: _Step | None, tried: bool = False
    ) -> None:
        found = None if parent is None else attempted(parent.statement)
        guarded = set() if found is None else set(map(id, found[0]))
        for node in body:
            step = _Step(node, parent, len(self.steps))
            self.steps.append(step)
            self._statement(node, step)
            inside = tried or id(node) in guarded
            # Whether it fails decides what is run.
            step.essential |= inside and may_fail(node)
            inside = inside or (type(node) is gast.With and self._may_end_exceptions(node))
            if isinstance(node, (gast.Break, gast.Continue)) and loop is not None:
                loop.jumps.append(step)
            if type(node) in tree.COMPOUND:
                inner = step if type(node) in tree.LOOPS else loop
                self._block(node.body, step, inner, inside)
                self._block(getattr(node, "orelse", ()), step, loop, inside)
            step.end = len(self.steps)

    def _may_end_exceptions(self, node: gast.With) -> bool:
        """Whether a context manager of the program may end an exception, which a failure in its block would raise."""
        if tree.sweep_of(node) != "forward":
            return False
        own = {*tree.parameter_names(self.unit.tree), *tree.names_written(self.unit.tree.body)}
        return not all(surely_passes(item.context_expr, self.unit.namespace, own) for item in node.items)

    def _statement(self, node: gast.AST, step: _Step) -> None:
        if type(node) is gast.Assign:
            self._expression(node.value, step)
            for target in node.targets:
                self._target(target, step)
        elif type(node) is gast.AugAssign:
            self._expression(node.value, step)
            self._augment(node.target, step)
        elif type(node) is gast.Expr:
            self._expression(node.value, step)
        elif type(node) is gast.If or type(node) is gast.While:
            self._expression(node.test, step)
        elif type(node) is gast.For:
            self._expression(node.iter, step)
            self._target(node.target, step)
            step.essential |= self._may_run_out(node.iter)
        elif type(node) is gast.With:
            for item in node.items:
                self._expression(item.context_expr, step)
                if item.optional_vars is not None:
                    self._target(item.optional_vars, step)
        elif type(node) is gast.FunctionDef and not node.decorator_list:
            step.writes.append(node.name)
            self._inner_scope(node, step)
        elif type(node) is gast.Delete:
            step.essential = not all(type(t) is gast.Name for t in node.targets)
            step.contents.update(tree.names_read(node))
        elif not isinstance(node, (gast.Pass, gast.Break, gast.Continue)):
            step.essential = True
            step.contents.update(tree.names_read(node))
            step.writes.extend(tree.names_written(node))

    def _target(self, target: gast.AST, step: _Step) -> None:
        if type(target) is gast.Name:
            step.writes.append(target.id)
        elif type(target) is gast.Starred:
            self._target(target.value, step)
        elif type(target) is gast.Tuple or type(target) is gast.List:
            for item in target.elts:
                self._target(item, step)
        elif isinstance(target, (gast.Subscript, gast.Attribute)):
            self._expression(target.value, step)
            if type(target) is gast.Subscript:
                self._expression(target.slice, step)
            is_element = type(target) is gast.Subscript and self._is_number(target.value)
            self._note_store(target.value, step, not is_element)

    def _augment(self, target: gast.AST, step: _Step) -> None:
        if not isinstance(target, gast.Name):
            self._target(target, step)
            return
        step.contents.add(target.id)
        if self.kind_of is None or not self.kind_of(tree.load(target.id)).is_array:
            step.writes.append(target.id)
        if self.classes.sources(tree.load(target.id)):
            self._note_store(tree.load(target.id), step, not self._is_number(target))

    def _note_store(self, base: gast.AST, step: _Step, structural: bool) -> None:
        self._stored.setdefault(step.place, []).append((base, structural))

    def _store(self, base: gast.AST, step: _Step, structural: bool) -> None:
        names = self.classes.sources(base)
        for name in names:
            root = self.classes.find(name)
            step.stores[root] = step.stores.get(root, False) or structural
        # What no variable holds may be held by an object we do not see.
        if not names or any(map(self.classes.escapes, names)):
            step.essential = True

    def _is_number(self, node: gast.AST) -> bool:
        return self.classes.family(node) == "number"

    def _may_run_out(self, iterable: gast.AST) -> bool:
        """Whether going through an iterable may use it up, which others could observe."""
        if isinstance(iterable, gast.Call):
            facts = self.calls.facts(iterable)
            if facts.shares == "none" or facts.method is not None:
                return False
            return any(map(self._may_run_out, facts.operands))
        return isinstance(iterable, gast.Name) and self.classes.family(iterable) is None

    # -- expressions ----------------------------------------------------------------------------

    def _expression(self, node: gast.AST, step: _Step, shape: bool = False) -> None:
        """Note the reads and effects of an expression, of which perhaps only the shape counts."""
        kind = type(node)
        if kind is gast.Name:
            (step.shapes if shape else step.contents).add(node.id)
            if node.id in self.iterators:
                # Items are taken off it.
                self._note_store(node, step, True)
        elif kind is gast.Constant:
            return
        elif kind is gast.BinOp:
            self._expression(node.left, step)
            self._expression(node.right, step)
        elif kind is gast.Call:
            self._call(node, step)
        elif kind is gast.Attribute:
            self._expression(node.value, step, shape or node.attr in DESCRIPTIONS)
        elif kind is gast.Subscript:
            self._expression(node.value, step, shape)
            self._expression(node.slice, step)
        elif kind is gast.Lambda:
            self._inner_scope(node, step)
        elif isinstance(node, tree.COMPREHENSIONS):
            self._expression(node.generators[0].iter, step)
            own = tree.names_written([generator.target for generator in node.generators])
            before = step.contents | step.shapes
            self._children(node, step)
            for name in own:
                if name not in before:
                    step.contents.discard(name)
                    step.shapes.discard(name)
        else:
            if isinstance(node, (gast.Await, gast.Yield, gast.YieldFrom)):
                step.essential = True
            elif kind is gast.NamedExpr:
                step.writes.append(node.target.id)
            self._children(node, step)

    def _inner_scope(self, node: gast.FunctionDef | gast.Lambda, step: _Step) -> None:
        """A function is made; it runs when it is called."""
        step.contents.update(tree.names_read(node))
        for part in tree.outside_parts(node):
            self._expression(part, step)

    def _children(self, node: gast.AST, step: _Step) -> None:
        for child in tree.children(node):
            self._expression(child, step)

    def _call(self, node: gast.Call, step: _Step) -> None:
        facts = self.calls.facts(node)
        if not isinstance(node.func, (gast.Name, gast.Attribute)):
            self._expression(node.func, step)
        for operand in facts.operands:
            # Compared by identity: equal operands may play different parts.
            is_measured = any(operand is other for other in facts.shape_only)
            self._expression(operand, step, is_measured)
        if facts.effect == "writes":
            # `imul(c, 2)` makes a list longer; what derivatives add to a shadow leaves its structure.
            is_structural = not facts.reaches_inside and not self._is_number(facts.operands[0])
            self._note_store(facts.operands[0], step, facts.method is not None or is_structural)
        elif facts.effect != "none" or self.classes.runs_code(node):
            step.essential = True

    # -- tapes ----------------------------------------------------------------------------------

    def _gather_tapes(self) -> None:
        groups: dict[str, list[_Step]] = {}
        for step in self.steps:
            node = step.statement
            if type(node) is gast.Assign and type(node.value) is gast.List and step.writes:
                if not node.value.elts:
                    groups[step.writes[0]] = []
        if not groups:
            return
        definitions: dict[str, int] = {}
        for step in self.steps:
            for name in step.writes:
                definitions[name] = definitions.get(name, 0) + 1
            tape = _tape_of(step.statement)
            for name in (*step.contents, *step.shapes):
                if name == tape and name in groups:
                    groups[name].append(step)
                else:
                    groups.pop(name, None)
        for name, group in groups.items():
            if definitions[name] == 1:
                for step in group:
                    self._untie(step)
                    self.tapes[id(step.statement)] = group

    def _untie(self, step: _Step) -> None:
        """Appends and pops of a tape need one another; they are no stores beside that."""
        self._stored.pop(step.place, None)
        step.essential = False
        for argument in step.statement.value.args:
            self._expression(argument, step)

    # -- marking --------------------------------------------------------------------------------

    def marked(self) -> set[int]:
        """The identities of the statements that are needed."""
        definitions: dict[str, list[_Step]] = {}
        stores: dict[str, list[_Step]] = {}
        structural: dict[str, list[_Step]] = {}
        for step in self.steps:
            for name in step.writes:
                definitions.setdefault(name, []).append(step)
            for root, changes_structure in step.stores.items():
                stores.setdefault(root, []).append(step)
                if changes_structure:
                    structural.setdefault(root, []).append(step)
        found: set[int] = set()
        pending = [step for step in self.steps if step.essential]
        while pending:
            step = pending.pop()
            if id(step.statement) in found:
                continue
            found.add(id(step.statement))
            for name in (*step.contents, *step.shapes):
                pending += definitions.pop(name, ())
            if stores:
                bound = _last_before(step)
                for name in step.contents:
                    pending += _taken(stores.get(self.classes.find(name), []), bound)
                for name in step.shapes:
                    pending += _taken(structural.get(self.classes.find(name), []), bound)
            pending += self.tapes.get(id(step.statement), ())
            pending += step.jumps
            if step.parent is not None:
                pending.append(step.parent)
        return found


def _last_before(step: _Step) -> int:
    """The place up to which statements may run before a step: its own, or the end of its loops."""
    bound = step.place
    around: _Step | None = step
    while around is not None:
        if isinstance(around.statement, (gast.For, gast.While)):
            bound = around.end
        around = around.parent
    return bound


def _taken(steps: list[_Step], bound: int) -> list[_Step]:
    """The steps before a place, in the order of the text, which are taken off a list of such."""
    count = next((i for i, step in enumerate(steps) if step.place >= bound), len(steps))
    found = steps[:count]
    del steps[:count]
    return found


def _tape_of(node: gast.AST) -> str | None:
    """The list of `tape.append(value)` and of `name = tape.pop()`."""
    if type(node) not in _WITH_CALL or type(node.value) is not gast.Call:
        return None
    call = node.value
    if type(call.func) is not gast.Attribute or type(call.func.value) is not gast.Name:
        return None
    name: str = call.func.value.id
    if type(node) is gast.Expr:
        fits = call.func.attr == "append" and len(call.args) == 1 and not call.keywords
        return name if fits and name not in tree.names_read(call.args[0]) else None
    fits = call.func.attr == "pop" and not call.args and not call.keywords
    return name if fits and type(node.targets[0]) is gast.Name else None


_WITH_CALL = frozenset((gast.Expr, gast.Assign))
"""Statements that may be an append or a pop of a tape."""


# -- sweeping -----------------------------------------------------------------------------------


class _Sweep:
    """Builds the program without what is not needed; what stays whole is not copied."""

    def __init__(self, program: _Program) -> None:
        self.names: set[str] = set()
        self.steps = program.steps

    def block(self, body: list[gast.AST], needed: set[int]) -> list[gast.AST]:
        """The block, or the very same list where nothing is removed."""
        if not self.names:
            self.names = {n for s in self.steps if id(s.statement) in needed for n in s.writes}
        result: list[gast.AST] = []
        is_left = False
        for statement in body:
            if is_left and not is_settled(statement):
                continue
            kept = self._statement(statement, needed)
            if kept is not None:
                result.append(kept)
            is_left = is_left or type(kept) is gast.Raise
        same = len(result) == len(body) and all(a is b for a, b in zip(result, body, strict=True))
        return body if same else result

    def _statement(self, node: gast.AST, needed: set[int]) -> gast.AST | None:
        if type(node) is gast.Delete and id(node) not in needed:
            return self._delete(node)
        if id(node) not in needed:
            return None
        if type(node) is gast.If:
            body, orelse = self.block(node.body, needed), self.block(node.orelse, needed)
            # Needed in itself, then, for an effect of its test.
            return if_with(node, body, orelse) or tree.like(tree.effect(node.test), node)
        if type(node) in tree.LOOPS:
            orelse = self.block(node.orelse, needed)
            return with_blocks(node, self.block(node.body, needed), orelse)
        if type(node) is gast.With:
            return with_blocks(node, self.block(node.body, needed))
        return node

    def _delete(self, node: gast.Delete) -> gast.AST | None:
        """`del` of what is still there."""
        targets = [target for target in node.targets if target.id in self.names]
        if len(targets) == len(node.targets):
            return node
        return tree.like(gast.Delete(targets), node) if targets else None
