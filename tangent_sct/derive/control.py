"""Branches, loops and `with` in the reverse sweep: the path that was taken is replayed, backwards.

Adjoints that leave the branches of an `if` are joined, and those that live through a loop are carried by the
reversed loop: the reverse sweep is in single assignment, which mirrors that of the program. Shadows are
accumulated in place, and have only to exist before the branch or the loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import gast

from tangent_sct import runtime
from tangent_sct.analysis.activity import differentiable_operands
from tangent_sct.analysis.iterations import heads, raises
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind, is_immutable
from tangent_sct.derive.insertions import insertion_of
from tangent_sct.derive.layout import may_follow
from tangent_sct.derive.marks import is_mark
from tangent_sct.derive.values import Adjoint
from tangent_sct.frontend.single import parallel_copies

if TYPE_CHECKING:
    from tangent_sct.derive.reverse import Block, Reverse


class Control:
    """The compound statements of one function."""

    def __init__(self, sweep: Reverse) -> None:
        self.sweep = sweep
        self.context = sweep.context
        self.layout = sweep.layout
        self.values = sweep.values
        self.pairs = 0
        self.kept_last: dict[tuple[int, str], str] = {}
        """Names for what a carried name holds after a loop."""

    # -- branches -----------------------------------------------------------------------------

    def if_(self, node: gast.If) -> Block:
        """An `if`, whose reverse is an `if` with the same test."""
        sweep, values = self.sweep, self.values
        self.prepare_shadows(node)
        for name in self.outer_reads(node):
            if self.is_scattered(name, node) and name not in values.adjoint:
                values.accumulator(name)
        before, out = dict(values.adjoint), sweep.out
        sides: list[tuple[Block, Block, dict[str, Adjoint]]] = []
        for branch in (node.body, node.orelse):
            values.adjoint, sweep.out = dict(before), []
            forward = sweep.block(branch)
            sides.append((forward, sweep.out, values.adjoint))
        sweep.stand_at(node)
        (then, then_out, left), (other, other_out, right) = sides
        forward_if = tree.like(tree.if_(node.test, then, other), node)
        # Both sweeps begin to number the branches here, whichever way round they were written before.
        forward_if.inverted = False
        raising = raises(node)
        if raising:
            # The reverse sweep is only reached by the other branch.
            taken, known = (other_out, right) if 0 in raising else (then_out, left)
            values.adjoint = {n: a for n, a in known.items() if n in before or not self.layout.is_inside(n, node)}
            out.extend(taken)
            sweep.out = out
            return [forward_if]
        values.adjoint = self.joined(node, (left, then_out), (right, other_out))
        sweep.out = out
        if then_out or other_out:
            # What a store overwrote may have to be restored, even where nothing else is to be done.
            reverse_if = tree.if_(tree.copy(node.test), then_out, other_out)
            sweep.emit(reverse_if)
            self.next_pair(forward_if, reverse_if)
        return [forward_if]

    def joined(self, node: gast.If, *sides: tuple[dict[str, Adjoint], Block]) -> dict[str, Adjoint]:
        """The adjoints after both branches; one that differs gets a name that each branch assigns."""
        (left, _), (right, _) = sides
        found: dict[str, Adjoint] = {}
        for name in {**left, **right}:
            if self.layout.is_inside(name, node):
                continue
            if left.get(name) == right.get(name):
                found[name] = left[name]
                continue
            joined = self.values.new_adjoint(name)
            owned = True
            for known, block in sides:
                self.sweep.out = block
                one = known.get(name)
                value = self.values.zero(name) if one is None else one.expression()
                self.sweep.emit(tree.assign(joined, value))
                owned = owned and (one is None or one.owned)
            found[name] = Adjoint(joined, owned)
        return found

    def is_scattered(self, name: str, node: gast.AST) -> bool:
        """Whether elements of a name are read below a statement, so that its adjoint is an array."""
        if self.values.kind(name).is_scalar:
            return False
        for statement in _below(node):
            value = getattr(statement, "value", None)
            if isinstance(value, gast.Subscript) and tree.is_name(value.value, name):
                return True
        return False

    def with_(self, node: gast.With) -> Block:
        """A `with`, which stands around its part of both sweeps."""
        sweep = self.sweep
        out, sweep.out = sweep.out, []
        forward = sweep.block(node.body)
        inside, sweep.out = sweep.out, out
        sweep.stand_at(node)
        if inside:
            sweep.emit(gast.With([tree.copy(item) for item in node.items], inside, None))
        return [tree.like(gast.With(node.items, forward, None), node)]

    # -- what a compound statement contributes to ---------------------------------------------

    def outer_reads(self, node: gast.AST) -> list[str]:
        """Values from outside that the adjoint of a compound statement may contribute to."""
        found: dict[str, None] = {}
        for statement in _below(node):
            for name in self.contributed(statement):
                if not self.layout.is_inside(name, node):
                    found.setdefault(name)
        return list(found)

    def contributed(self, statement: gast.AST) -> Iterator[str]:
        """Values, and items of containers, that the adjoint of a simple statement contributes to."""
        value = getattr(statement, "value", None)
        if value is None:
            return
        parts = self.sweep.parts
        operation = self.context.operation(value)
        if operation is not None and insertion_of(operation) is not None:
            root = operation.args[0]
            if self.context.is_active(root) and not self.context.has_shadow(root.id):
                yield from parts.leaves(root.id)
            return
        if isinstance(value, gast.Subscript) and isinstance(value.value, gast.Name):
            owner = value.value.id
            if self.context.is_box(owner):
                return
            if owner in self.context.active and self.values.kind(owner).is_container:
                if tree.is_constant(value.slice):
                    yield from parts.leaves(parts.part(owner, value.slice.value))
                elif isinstance(value.slice, gast.Slice):
                    for key in parts.selected(owner, value.slice):
                        yield from parts.leaves(parts.part(owner, key))
                return
        for name in differentiable_operands(value, self.context.namespace.objects):
            if name in self.context.tapes:
                continue
            if name in self.context.active and not self.context.has_shadow(name):
                yield from parts.leaves(name)

    def prepare_shadows(self, node: gast.AST) -> None:
        """Shadows from outside that a compound statement's adjoint uses exist before it."""
        for statement in _below(node):
            for name in [*heads(statement)[0], *tree.names_read(statement)]:
                if self.context.has_shadow(name) and not self.layout.is_inside(name, node):
                    self.sweep.shadows.of(name)

    # -- loops --------------------------------------------------------------------------------

    def loop(self, node: gast.For | gast.While) -> Block:
        """A loop, which the reverse sweep runs backwards."""
        if isinstance(node, gast.For):
            self.context.refuse_written_items(node)
        sweep, values = self.sweep, self.values
        self.prepare_shadows(node)
        after_loop: Block = []
        inner = self.entered(node, after_loop)
        saved, values.adjoint = values.adjoint, dict(inner)
        out, sweep.out = sweep.out, []
        forward_body = sweep.block(node.body)
        sweep.stand_at(node, (*self.layout.path[id(node)], (id(node), 0)))
        self.carry(inner)
        inside, sweep.out, values.adjoint = sweep.out, out, saved
        sweep.stand_at(node)
        forward, reverse_head = self.loop_heads(node, forward_body)
        forward += after_loop
        if inside:
            self.reverse_loop(forward, reverse_head, inside)
        for name, entering in inner.items():
            if self.layout.is_inside(name, node) and not self.has_entry(name, node):
                # Nothing enters the loop under this name.
                continue
            after = values.new_adjoint(name)
            sweep.emit(tree.assign(after, tree.load(entering.name)))
            values.adjoint[name] = Adjoint(after, entering.owned)
        return forward

    def entered(self, node: gast.For | gast.While, after_loop: Block) -> dict[str, Adjoint]:
        """The adjoints that a reversed loop carries, as they are at the start of an iteration.

        What is added to `after_loop` follows the loop in the forward sweep.
        """
        context, values = self.context, self.values
        carried = [
            leaf
            for name in self.layout.carried(node)
            if name in context.active and name not in context.tapes
            if not context.has_shadow(name)
            for leaf in self.sweep.parts.leaves(name)
        ]
        outer = [name for name in self.outer_reads(node) if name not in carried]
        inner: dict[str, Adjoint] = {}
        for name in carried + outer:
            owned = name in outer and not values.kind(name).is_scalar
            if owned:
                values.accumulator(name)
            known = values.adjoint.pop(name, None)
            value = (
                self.carried_zero(name, node, after_loop) if known is None else known.expression()
            )
            head = values.new_adjoint(name)
            self.sweep.emit(tree.assign(head, value))
            inner[name] = Adjoint(head, owned)
        return inner

    def carry(self, inner: dict[str, Adjoint]) -> None:
        """Hand the adjoints at the end of an iteration to the next one."""
        values, emit = self.values, self.sweep.emit
        pairs = []
        for name, entering in inner.items():
            known = values.adjoint.get(name)
            if known is None or known.spread is not None:
                last = values.new_adjoint(name)
                emit(tree.assign(last, values.zero(name) if known is None else known.expression()))
                known = Adjoint(last)
            pairs.append((entering.name, known.name))
        for statement in parallel_copies(pairs, self.context.names, self.context.bases):
            emit(statement)

    def has_entry(self, name: str, loop: gast.AST) -> bool:
        """Whether a carried name is also assigned before its loop."""
        inside = (id(loop), 0)
        definitions = self.layout.definitions.get(self.sweep.parts.root(name), ())
        return any(inside not in self.layout.path[id(node)] for node in definitions)

    def carried_zero(self, name: str, node: gast.AST, last: Block) -> gast.AST:
        """Zeros for a name whose adjoint a loop starts with; made like what is known after the loop."""
        values = self.values
        root = self.sweep.parts.root(name)
        if not self.layout.is_inside(root, node) and root not in self.layout.carried(node):
            return values.zero(name)
        if values.kind(name).is_scalar:
            return values.zero(name)
        if (id(node), root) not in self.kept_last:
            self.kept_last[id(node), root] = kept = self.context.temporary(f"{root}_last")
            last.append(tree.like(tree.assign(kept, tree.load(root)), node))
        return values.zero(name, {root: tree.load(self.kept_last[id(node), root])})

    # -- heads of loops -----------------------------------------------------------------------

    def reverse_loop(self, forward: Block, head: tuple[gast.AST | None, gast.AST], inside: Block) -> None:
        """The reversed loop, over its own versions of the loop's target names."""
        target, iterable = head
        fresh = {}
        if target is None:
            # The program may have a `_` that the adjoints read.
            target = tree.store(self.context.version("_"))
        else:
            for name in tree.names_written(target):
                base = self.context.bases.get(name) or name
                fresh[name] = self.context.version(base) if name != "_" else name
        statement = tree.for_(tree.rename(target, fresh), iterable, inside)
        statement.renamed = fresh
        self.sweep.emit(statement)
        self.next_pair(statement, *[n for n in forward if isinstance(n, (gast.For, gast.While))])

    def loop_heads(
        self, node: gast.For | gast.While, body: Block
    ) -> tuple[Block, tuple[gast.AST | None, gast.AST]]:
        """The forward loop with what it must count, and target and iterable of the reversed one.

        There is no target where the reversed loop only counts.
        """
        exits = bool(node.body) and tree.is_exit(node.body[-1])
        before: Block = []
        after: Block = []
        count: gast.AST | None = None
        is_counted = isinstance(node, gast.While) or self.runs_over_changing(node)
        if exits or is_counted:
            before, body, after, count = self.counted(node, body, exits)
        if is_counted:
            is_while = isinstance(node, gast.While)
            new = tree.while_(node.test, body) if is_while else tree.for_(node.target, node.iter, body)
            backwards = tree.call("range", count)
            return [*before, tree.like(new, node), *after], (None, backwards)
        sequence, materialised = self.sequence(node)
        if materialised and (exits or self.is_read_inside(node)):
            materialised = [*self.checked(node), *materialised]
        loop = tree.like(tree.for_(node.target, sequence, body), node)
        head = (tree.copy(node.target), _reversed(tree.copy(sequence), count))
        return [*before, *materialised, loop, *after], head

    def counted(
        self, node: gast.For | gast.While, body: Block, exits: bool
    ) -> tuple[Block, Block, Block, gast.AST]:
        """What counts the full iterations of a loop: before it, its body, after it; and their number."""
        start, head, step, total = (self.context.version("count") for _ in range(4))
        before = [tree.assign(start, tree.const(0)), tree.assign(head, tree.load(start))]
        steps = [
            tree.assign(step, tree.binary(tree.load(head), "+", tree.const(1))),
            tree.assign(head, tree.load(step)),
        ]
        ends = [i for i, item in enumerate(body) if isinstance(item, gast.AST) and tree.is_exit(item)]
        end = ends[-1] if exits else len(body)
        after = [tree.assign(total, tree.load(head))]
        for statement in [*before, *steps, *after]:
            tree.like(statement, node)
        return before, [*body[:end], *steps, *body[end:]], after, tree.load(total)

    def sequence(self, node: gast.For) -> tuple[gast.AST, Block]:
        """What a loop runs over, as something that can also be run over backwards."""
        iterable = node.iter
        if _is_range(iterable):
            return iterable, []
        changed = self.changed_items(iterable, node)
        if not changed and self.context.kind_of(iterable).family in ("array", "list", "tuple"):
            return iterable, []
        items = self.context.temporary("items")
        listed = tree.assign(items, tree.call("list", iterable))
        return tree.load(items), [tree.like(listed, node)]

    def changed_items(self, iterable: gast.AST, node: gast.For) -> list[str]:
        """Names of what changes of that which a loop runs over."""
        changing = self.changing(node)
        return [n for n in tree.names_read(iterable) if n in changing and not is_immutable(self.context.kind(n))]

    def runs_over_changing(self, node: gast.For) -> bool:
        """Whether a loop takes items that may not be there to be taken again: they are recorded, if they are read.

        Raises:
            UnsupportedError: for a checkpointed loop, which keeps no record of its iterations.
        """
        if _is_range(node.iter):
            return False
        inner = node.iter
        if hasattr(node, "in_turn"):
            self.refuse_checkpointed_in_turn(node)
            return True
        if isinstance(inner, gast.Call) and tree.is_name(inner.func, "reversed"):
            inner = inner.args[0]
        changed = self.changed_items(node.iter, node)
        if self.is_looked_at(node):
            return True
        if not changed:
            return False
        inside = (self.context.changed(part) for part in tree.every_statement(node.body) if not self.is_of_tape(part))
        if _lists_numbers(self.context.kind_of(inner)) and set(changed).isdisjoint(set().union(*inside)):
            return False
        if any(is_mark(part, self.context.namespace.objects) for part in node.body):
            raise self.context.refusal(
                f"a checkpointed loop runs over `{self.context.shown(tree.load(changed[0]))}`, which is written",
                "loop over a copy, or over range(len(...))",
            )
        return True

    def refuse_checkpointed_in_turn(self, node: gast.For) -> None:
        """Refuse a checkpointed loop over items that are computed in turn: of them nothing is recorded.

        Raises:
            UnsupportedError: for such a loop.
        """
        if any(is_mark(part, self.context.namespace.objects) for part in node.body):
            raise self.context.refusal(
                "a checkpointed loop runs over items that are computed in turn, and may depend on what it does",
                "loop over a list of them: `for v in checkpointed(list(...)):`",
            )

    def is_read_inside(self, node: gast.For) -> bool:
        """Whether a loop reads what it runs over, under any name."""
        names = set(tree.names_read(node.iter))
        same = names.union(*map(self.context.share, names)).difference(tree.names_written([node]))
        return not same.isdisjoint(tree.names_read(node.body))

    def is_looked_at(self, node: gast.For) -> bool:
        """Whether a loop over what may be an iterator reads something that changes with each item taken from it."""
        run = [name for name in tree.names_read(node.iter) if self.may_be_iterator(name)]
        read = set(tree.names_read(node.body)) if run else set()
        return any(not is_immutable(self.context.kind(name)) for it in run for name in self.context.share(it) & read)

    def may_be_iterator(self, name: str) -> bool:
        """Whether a variable may hold something that changes where it is run through."""
        return name not in self.context.namespace.objects and self.context.kind(name).family in ("other", "unknown")

    def checked(self, node: gast.For) -> Block:
        """Checks of what a loop runs over that is left early, or reads it: all of it is listed before.

        An iterator would have come to its end by then.
        """
        found: Block = []
        for name in tree.names_read(node.iter):
            is_function = callable(self.context.namespace.objects.get(name))
            if not is_function and self.context.kind(name).family in ("other", "unknown"):
                check = self.context.helper(runtime.check_repeatable, tree.load(name))
                found.append(tree.like(tree.effect(check), node))
        return found

    def changing(self, loop: gast.For) -> set[str]:
        """Names of arrays that are written anywhere, and of objects that change in a loop or after it."""
        found = set(self.context.stored)
        for node in tree.every_statement([loop, *may_follow(self.sweep.body, loop)]):
            if not self.is_of_tape(node):
                found |= self.context.changed(node)
        return found

    def is_of_tape(self, node: gast.AST) -> bool:
        """Whether a statement pushes to a tape, or pops from it: nothing else changes then."""
        method = getattr(getattr(node, "value", None), "func", None)
        return isinstance(method, gast.Attribute) and tree.is_one_of(method.value, self.context.tapes)

    def next_pair(self, *nodes: gast.AST) -> None:
        """Mark the forward and the reverse statement of one control structure as a pair."""
        self.pairs += 1
        for node in nodes:
            node.pair = self.pairs


def with_renamed_targets(body: list[gast.AST]) -> list[gast.AST]:
    """Give the bodies of reversed loops their own versions of the loop's target names."""
    for node in body:
        if isinstance(node, (gast.If, gast.For, gast.With)):
            for name in ("body", "orelse"):
                if hasattr(node, name):
                    setattr(node, name, with_renamed_targets(getattr(node, name)))
        fresh = getattr(node, "renamed", None)
        if fresh:
            node.body = [tree.respelled(statement, fresh) for statement in node.body]
    return body


def _is_range(iterable: gast.AST) -> bool:
    """Whether a loop runs over numbers, forwards or backwards."""
    if isinstance(iterable, gast.Call) and tree.is_name(iterable.func, "reversed"):
        iterable = iterable.args[0]
    return isinstance(iterable, gast.Call) and tree.is_name(iterable.func, "range")


def _lists_numbers(kind: Kind) -> bool:
    """Whether a value is a list of numbers, of which a copy stays what it is."""
    items = [kind.element] if kind.items is None else [item for _, item in kind.items]
    return kind.family == "list" and all(item is not None and is_immutable(item) for item in items)


def _below(node: gast.AST) -> Iterator[gast.AST]:
    """The statements below a compound statement."""
    for block in tree.inner_blocks(node):
        yield from tree.every_statement(block)


def _is_plain_range(sequence: gast.AST) -> bool:
    """Whether a sequence is a range that counts upwards by one."""
    if not isinstance(sequence, gast.Call) or not tree.is_name(sequence.func, "range"):
        return False
    return len(sequence.args) in (1, 2) and not any(isinstance(item, gast.Starred) for item in sequence.args)


def _reversed(sequence: gast.AST, count: gast.AST | None) -> gast.AST:
    """A sequence from its end, or from where a loop over it was left after `count` iterations."""
    if count is not None and _is_plain_range(sequence):
        *start, _ = sequence.args
        bounds = [*start, tree.binary(tree.copy(start[0]), "+", count)] if start else [count]
        return tree.call("reversed", tree.call("range", *bounds))
    if count is not None:
        if isinstance(sequence, gast.Call) and tree.is_name(sequence.func, "reversed"):
            sequence = tree.subscript(sequence.args[0], gast.Slice(None, None, tree.const(-1)))
        sequence = tree.subscript(sequence, gast.Slice(None, count, None))
    if isinstance(sequence, gast.Call) and tree.is_name(sequence.func, "reversed"):
        (backwards,) = sequence.args
        return backwards
    return tree.call("reversed", sequence)
