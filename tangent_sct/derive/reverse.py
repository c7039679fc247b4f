"""Reverse mode: the adjoint of each statement, in reverse order.

The forward sweep is the program. Walking it backwards, each statement `v = op(x, ...)` passes the adjoint
of `v` on to `x, ...` by the rule of `op` (Griewank and Walther 2008, section 3.2). What an adjoint is depends on
what its name holds:

* a value has an expression, then a sum, with a new name for each contribution: `values`;
* a container of known structure has an adjoint for each item: `parts`;
* an array that is written in place (a *buffer*) has a shadow with the same aliasing, which is accumulated
  in place: `shadows`, `stores`; so has every other container (a *box*): `boxes`.

What the adjoints read of the forward sweep is read by name; `record` makes it available in loops.
Requires: single assignment, kinds, alias classes, activity.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import FunctionType
from typing import Any

import gast
import numpy

from tangent_sct import runtime
from tangent_sct.analysis.boxes import mutated_container
from tangent_sct.analysis.indices import is_whole
from tangent_sct.analysis.iterations import Path
from tangent_sct.analysis.operations import DISPLAYS, Operation, opened
from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import may_be_complex, same_shape
from tangent_sct.derive.boxes import Boxes
from tangent_sct.derive.calls import Pairs
from tangent_sct.derive.context import Context
from tangent_sct.derive.control import Control, with_renamed_targets
from tangent_sct.derive.insertions import Insertions, insertion_of
from tangent_sct.derive.layout import (
    Layout,
    flatten,
    popped_from,
    pushed_to,
    written_name,
)
from tangent_sct.derive.parts import Parts
from tangent_sct.derive.shadows import Shadows
from tangent_sct.derive.stores import Stores
from tangent_sct.derive.tapes import Tapes
from tangent_sct.derive.values import Adjoint, Values
from tangent_sct.frontend.namespace import MISSING
from tangent_sct.runtime.boxes import WRITERS
from tangent_sct.templating.expand import Slot
from tangent_sct.templating.fill import Contribution

Block = list[Any]
"""Statements, and lists of statements that are filled in later."""


class Reverse:
    """The reverse sweep of one function body.

    Attributes:
        out: the block of the reverse sweep that is being written.
        emitted: its statements, each with the position and the loops of the statement it belongs to.
        slots: for each position, blocks of the forward sweep before and after that statement.
        position, path, around: order, block and loops of the statement where the sweep stands.
    """

    def __init__(self, context: Context, body: list[gast.AST], calls: Pairs) -> None:
        self.context = context
        self.body = body
        self.calls = calls
        self.layout = Layout.of(body)
        self.out: Block = []
        self.emitted: list[tuple[gast.AST, int, tuple[int, ...]]] = []
        self.slots: dict[int, tuple[Block, Block]] = {}
        self.position = len(self.layout.order)
        self.path: Path = ()
        self.around: tuple[int, ...] = ()
        self.shadows = Shadows(context, self.layout, self.emit, lambda name: name in self.stores.changes())
        self.values = Values(self)
        self.parts = Parts(self)
        self.boxes = Boxes(self)
        self.stores = Stores(self)
        self.tapes = Tapes(self)
        self.control = Control(self)
        self.insertions = Insertions(self)

    # -- the sweep ----------------------------------------------------------------------------

    def sweep(self, start: Callable[[], None]) -> tuple[list[gast.AST], Block]:
        """Both sweeps: `start` gives the results their seeds before the reverse sweep begins.

        Returns:
            The forward sweep, and the reverse sweep (still open: finish it with `finish`).
        """
        start()
        forward = [*self.shadowed_arguments(), *self.block(self.body)]
        self.context.origin = None
        return forward, self.out

    def shadowed_arguments(self) -> list[gast.AST]:
        """The shadows of arguments that are made in the forward sweep."""
        context = self.context
        mine = [n for n in context.active if context.is_box(n) and n not in self.layout.definitions]
        return [
            tree.mark(tree.assign(self.shadows.name(name), self.shadows.zeros(name)), None)
            for name in sorted(mine)
            if self.shadows.is_eager(name)
        ]

    def finish(self, forward: Block, reverse: Block) -> tuple[list[gast.AST], list[gast.AST]]:
        """Decide which overwritten elements are kept, and flatten both sweeps; the work ends with that."""
        self.refuse_lost()
        self.stores.keep_overwritten()
        self.stores.keep_changed()
        first, last = self.stores.left_outside()
        # Its parts hold it, and it holds them: together they would stay until Python searches for cycles.
        vars(self).clear()
        return flatten(forward), [*first, *with_renamed_targets(flatten(reverse)), *last]

    def refuse_lost(self) -> None:
        """Refuse when an adjoint is left over that belongs to a name of the program.

        Every name's adjoint is taken where the name is defined; one that is left was added to after
        that, and would be missing from the result.
        """
        for name in self.values.adjoint:
            owner = self.parts.root(name)
            if owner in self.layout.definitions:
                self.context.origin = tree.origin_of(self.layout.definitions[owner][0])
                raise self.context.refusal(
                    f"the derivative of `{self.context.bases.get(owner) or owner}` is not followed here",
                    "write the statement in a simpler way, and please report this",
                )

    def emit(self, statement: gast.AST) -> None:
        """Append a statement to the reverse sweep."""
        tree.mark(statement, self.context.origin, "reverse")
        self.emitted.append((statement, self.position, self.around))
        self.out.append(statement)

    # -- statements ---------------------------------------------------------------------------

    def block(self, statements: list[gast.AST]) -> Block:
        """Write the adjoints of a block; what the forward sweep has in its place."""
        parts: list[Block] = []
        if statements:
            self.tapes.start(statements[-1])
        for node in reversed(statements):
            self.stand_at(node)
            before, after = self.slots[self.position] = ([], [])
            parts.append([before, *self.statement(node), after])
        return [item for part in reversed(parts) for item in part]

    def stand_at(self, node: gast.AST, path: Path | None = None) -> None:
        """What is emitted next belongs to a statement, in its block or in the one given."""
        self.context.origin = tree.origin_of(node)
        self.position = self.layout.order[id(node)]
        self.path = self.layout.path[id(node)] if path is None else path
        self.around = self.layout.loops_around(self.path)

    def statement(self, node: gast.AST) -> Block:
        """Write the adjoint of a statement; what the forward sweep has in its place."""
        if isinstance(node, gast.Assign):
            (target,) = node.targets
            if isinstance(target, gast.Name):
                return self.assignment(node, target.id)
            if isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name):
                if self.context.is_box(target.value.id):
                    return self.boxes.store(node, target, node.value)
                return self.stores.store(node, target, None, node.value)
        elif isinstance(node, gast.AugAssign) and written_name(node.target) is not None:
            symbol = tree.BINARY_SYMBOL[type(node.op)]
            return self.stores.store(node, node.target, symbol, node.value)
        elif isinstance(node, gast.Expr):
            return self.effect(node)
        elif isinstance(node, gast.If):
            return [node] if tree.is_exit(node) else self.control.if_(node)
        elif isinstance(node, (gast.For, gast.While)):
            return self.control.loop(node)
        elif isinstance(node, gast.With):
            return self.control.with_(node)
        return [node]

    def assignment(self, node: gast.Assign, name: str) -> Block:
        """`name = value`."""
        context, value = self.context, node.value
        tape = popped_from(value)
        if tape in self.tapes.bars:
            self.tapes.pop(name, tape)
            return [node]
        call = mutated_container(node)
        if call is not None and context.is_box(call.func.value.id):
            return self.boxes.changed(node, call, name)
        found = context.operation(value)
        if found is not None and is_one_of(found.function, WRITERS) and context.is_active(found.args[0]):
            return [node, *self.boxes.helped(found.function, found.args, name)]
        if name not in context.active or name in self.tapes.bars:
            if name not in self.tapes.bars:
                context.refuse_unknown_change(node)
            return [node]
        if context.is_box(name):
            return self.boxes.define(node, name, value)
        if context.is_buffer(name):
            return self.stores.define(node, name, value)
        if self.values.kind(name).is_container:
            return self.parts.define(node, name, value)
        if isinstance(value, gast.Name) and context.is_active(value):
            self.parts.move(name, value.id)
            return [node]
        if isinstance(value, DISPLAYS) and any(map(context.is_active, opened(value))):
            # Its own kind grows without an end: it has neither parts nor a shadow, and its adjoint would be lost.
            raise context.refusal(
                f"`{context.bases.get(name) or name}` holds what it was before, so how deep it is is not known",
                "begin with an empty tuple, `()`, or append the items to a list; or use jvp",
            )
        known = self.values.adjoint.pop(name, None)
        seed = None if known is None else known.expression()
        return self.propagate(node, [name], value, [seed], known is not None and known.owned)

    def effect(self, node: gast.Expr) -> Block:
        """An expression that is a statement: a push, or a call that may change what it is given."""
        found = self.context.operation(node.value)
        insertion = insertion_of(found)
        if found is not None and insertion is not None:
            self.insertions.insert(found, insertion.block)
            return []
        if found is None or not any(map(self.context.is_active, found.operands())):
            self.context.refuse_unknown_change(node)
            return [node]
        if is_one_of(found.function, WRITERS) and self.context.has_shadow(found.args[0].id):
            return [node, *self.boxes.helped(found.function, found.args, None)]
        if found.function is not MISSING and is_one_of(found.function, (numpy.add.at,)):
            base, index, value = found.args
            return self.stores.store(node, tree.subscript(base, index), "+", value, sums=True)
        tape = pushed_to(node.value)
        if tape in self.context.tapes and self.context.has_shadow(tape):
            return [node, *self.shadows.push(tape, node.value.args[0])]
        if tape in self.tapes.bars:
            self.tapes.push(node.value.args[0], tape)
            return [node]
        call = mutated_container(node)
        if call is not None and self.context.is_box(call.func.value.id):
            return self.boxes.changed(node, call)
        self.context.refuse_unknown_change(node)
        return [node]

    # -- operations ---------------------------------------------------------------------------

    def propagate(
        self,
        node: gast.AST,
        results: list[str],
        value: gast.AST,
        seeds: list[gast.AST | None],
        owned: bool = False,
    ) -> Block:
        """The adjoint of `results = value`, given the adjoints of the results.

        `owned` says whether nobody else holds the first of them.
        """
        context = self.context
        found = context.operation(value)
        if found is None or not any(map(context.is_active, found.operands())):
            return [node]
        owner = value.value if isinstance(value, gast.Subscript) else None
        if isinstance(owner, gast.Name) and self.values.kind(owner.id).is_container:
            if seeds[0] is not None:
                self.parts.item(value, seeds[0], owned)
            return [node]
        rule = context.rule_of(found)
        if rule is None:
            (result,) = results
            if seeds[0] is not None:
                self.values.adjoint[result] = Adjoint("", owned, seeds[0])
            return self.calls.reverse(self, node, result, value, found)
        if all(seed is None for seed in seeds) or rule.is_zero:
            return [node]
        checks = self.number_checks(found)
        instance = context.instance(rule, found, results)
        targets = {
            slot: target
            for slot, atom in instance.slots
            if (target := self.target(atom)) is not None
        }
        if seeds[0] is not None and (unset := self.copied_unset(found)) is not None:
            self.shadows.add_where_set(unset, self.values.fitted(unset, seeds[0], self.values.kind(results[0])))
            return [*checks, node]
        self.hand_out(instance.adjoint(seeds, set(targets)), targets, results)
        if instance.forward is None:
            return [*checks, node]
        return [*checks, *[tree.like(statement, node) for statement in context.adopt(instance.forward)]]

    def copied_unset(self, found: Operation) -> str | None:
        """The array that a call copies where there may be none yet, as snapshots of checkpointed loops do."""
        if found.function is MISSING or not is_one_of(found.function, (numpy.copy, runtime.copied)):
            return None
        source = found.args[0]
        if not isinstance(source, gast.Name) or not self.context.is_buffer(source.id):
            return None
        is_set = not self.shadows.is_eager(source.id) or not self.values.may_be_unset(source.id)
        return None if is_set else source.id

    def number_checks(self, found: Operation) -> list[gast.AST]:
        """Checks that what is computed with is no container, where kinds do not tell."""
        context = self.context
        if found.function is operator.getitem:
            return []
        active = filter(context.is_active, found.operands())
        unsure = [a for a in active if self.values.kind(a.id).mixed or (self.may_join(found) and self.is_part(a))]
        calls = [context.helper(runtime.check_number, tree.copy(atom)) for atom in unsure]
        return [tree.mark(tree.effect(call), context.origin) for call in calls]

    def may_join(self, found: Operation) -> bool:
        """Whether an operation may be the `+` or `*` of lists and tuples, as far as kinds tell."""
        context = self.context
        if found.function is operator.add:
            return not any(kind.is_scalar or kind.is_array for kind in map(context.kind_of, found.args))
        # Python multiplies no list by what carries a derivative.
        return found.function is operator.mul and len(list(filter(context.is_active, found.args))) == 1

    def is_part(self, atom: gast.AST) -> bool:
        """Whether a name may be a container: taken out of one, or what a function returns that calls itself."""
        pending, met = [atom], set()
        while pending:
            node = pending.pop()
            if not isinstance(node, gast.Name) or node.id in met:
                continue
            met.add(node.id)
            for definition in self.layout.definitions.get(node.id, ()):
                value = getattr(definition, "value", None)
                if isinstance(value, gast.Name):
                    pending.append(value)
                elif isinstance(value, gast.Call) and self.is_of_user(value):
                    return self.values.kind(atom.id).family == "unknown"
                elif isinstance(value, gast.Subscript) and isinstance(value.value, gast.Name):
                    if self.values.kind(value.value.id).mixed:
                        return self.values.kind(atom.id).family == "unknown"
                    pending.append(value.value)
        return False

    def is_of_user(self, call: gast.Call) -> bool:
        """Whether a call is of a function of the program, which has not been unfolded."""
        found = self.context.operation(call)
        return found is not None and isinstance(found.function, FunctionType) and self.context.rule_of(found) is None

    def hand_out(
        self, steps: list[gast.AST | Contribution], targets: dict[Slot, str], results: list[str]
    ) -> None:
        """Write what a rule says of the adjoint: its statements, and what each target gets."""
        context, values = self.context, self.values
        kinds = list(map(values.kind, results))
        shape, of = kinds[0], next(filter(may_be_complex, kinds), kinds[0])
        amounts: dict[str, gast.AST] = {}
        for step in steps:
            if not isinstance(step, Contribution):
                for statement in context.adopt([step]):
                    self.emit(statement)
                continue
            target, amount = targets[step.slot], step.value
            if step.broadcast and not same_shape(values.kind(target), shape):
                primal = self.parts.primal(target)
                amount = context.helper(runtime.unbroadcast, amount, primal)
            if step.index is not None and not is_whole(step.index):
                values.scatter(target, step.index, values.fitted(target, amount, of))
            elif target in amounts:
                # An operand that stands twice, as in `x * x`, gets one sum.
                amounts[target] = tree.binary(amounts[target], "+", amount)
            else:
                amounts[target] = amount
        # `y = y * x` gives to `x` first: then the adjoint of the old `y` can take the place of the new.
        own = context.bases.get(results[0])
        for target, amount in sorted(
            amounts.items(), key=lambda item: bool(own) and context.bases.get(item[0]) == own
        ):
            values.contribute(target, amount, of=of)

    def target(self, atom: gast.AST) -> str | None:
        """The value that an operand's adjoint belongs to, None where it is inactive."""
        if isinstance(atom, gast.Name):
            return atom.id if atom.id in self.context.active else None
        if isinstance(atom, gast.Subscript) and isinstance(atom.value, gast.Name):
            owner = atom.value.id
            if owner in self.context.active and tree.is_constant(atom.slice):
                return self.parts.part(owner, atom.slice.value)
        if any(map(self.context.is_active, opened(atom))):
            raise self.context.hidden_array(atom)
        return None
