"""Reverse mode: the adjoint of each statement, in reverse order.

The forward sweep is the program. Walking it backwards, each statement `v = op(x, ...)` passes the adjoint
of `v` on to `x, ...` by the rule of `op` (Griewank and Walther 2008, section 3.2). The adjoint of a *value* is
an expression, then a sum; it gets a new name with each contribution. An array that is written in
place (a *buffer*) has a *shadow* with the same aliasing, which is accumulated in place: see `shadows`.

What the adjoints read of the forward sweep is read by name; `record` makes it available in loops.
Requires: single assignment, kinds, alias classes, activity.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import gast
import numpy

from tangent_sct import runtime
from tangent_sct.analysis.activity import differentiable_operands
from tangent_sct.analysis.operations import opened
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind, same_shape
from tangent_sct.derive.calls import Pairs
from tangent_sct.derive.context import Context
from tangent_sct.derive.layout import (
    Layout,
    Path,
    flatten,
    heads,
    inner_blocks,
    is_exit,
    popped_from,
    pushed_to,
    tapes,
)
from tangent_sct.derive.shadows import Shadows, content_reads, is_fancy, may_repeat
from tangent_sct.frontend.namespace import MISSING
from tangent_sct.frontend.single import parallel_copies
from tangent_sct.templating.fill import Contribution

Block = list[Any]
"""Statements, and lists of statements that are filled in later."""


@dataclass(frozen=True)
class Adjoint:
    """The adjoint of a value as it stands: its name, and whether nobody else holds that array.

    `spread` stands for the name where the adjoint is one number for all elements: it is written out
    wherever it is used, for there it mostly broadcasts.
    """

    name: str
    owned: bool = False
    spread: gast.AST | None = None

    def expression(self) -> gast.AST:
        """What to write for it."""
        return tree.load(self.name) if self.spread is None else tree.copy(self.spread)


@dataclass(frozen=True)
class Save:
    """A store, with the places where the overwritten elements may be kept and restored."""

    target: gast.AST
    position: int
    loops: tuple[int, ...]
    keep: Block
    restore: Block
    origin: Any


class Reverse:
    """The reverse sweep of one function body."""

    def __init__(self, context: Context, body: list[gast.AST], calls: Pairs) -> None:
        self.context = context
        self.body = body
        self.calls = calls
        self.layout = Layout.of(body)
        self.tapes = frozenset(tapes(body))
        self.tape_bars: dict[str, str] = {}
        self.shadows = Shadows(context, self.layout, self.emit, self.tapes)
        self.adjoint: dict[str, Adjoint] = {}
        self.parts: dict[tuple[str, Any], str] = {}
        self.part_of: dict[str, tuple[str, Any]] = {}
        self.part_kind: dict[str, Kind] = {}
        self.out: Block = []
        self.position = 0
        self.saves: list[Save] = []
        self.emitted: list[tuple[gast.AST, int, tuple[int, ...]]] = []
        self.around: tuple[int, ...] = ()
        self.path: Path = ()
        self.structures: dict[str, str] = {}
        self.slots: dict[int, tuple[Block, Block]] = {}
        self.pairs = 0

    # -- the sweep ----------------------------------------------------------------------------

    def sweep(self, start: Callable[[], None]) -> tuple[list[gast.AST], Block]:
        """Both sweeps: `start` gives the results their seeds before the reverse sweep begins.

        Returns:
            The forward sweep, and the reverse sweep (still open: finish it with `finish`).
        """
        self.position = len(self.layout.order)
        start()
        for name in sorted(self.tapes & self.context.active):
            if not self.context.is_buffer(name):
                self.tape_bars[name] = self.context.partner(name, "_bar")
                self.emit(tree.assign(self.tape_bars[name], self.left_on(name)))
        forward = self.block(self.body)
        self.context.origin = None
        for name in list(self.structures):
            if any(leaf in self.adjoint for leaf in self.leaves(name)):
                self.settle(name)
        return forward, self.out

    def left_on(self, tape: str) -> gast.AST:
        """The adjoint of what a list still holds at the end: nothing, for the tapes of a derivative."""
        (made, *_) = self.layout.definitions[tape]
        origin = tree.origin_of(made)
        if origin is not None and origin.file.startswith("<tangent_sct"):
            return tree.list_of([])
        return self.context.helper(runtime.zero_items, tree.load(tape))

    def finish(self, forward: Block, reverse: Block) -> tuple[list[gast.AST], list[gast.AST]]:
        """Decide which overwritten elements are kept, and flatten both sweeps."""
        self.refuse_lost()
        self.keep_overwritten()
        self.keep_changed()
        return flatten(forward), _renamed_targets(flatten(reverse))

    def block(self, statements: list[gast.AST]) -> Block:
        parts: list[Block] = []
        for node in reversed(statements):
            self.context.origin = tree.origin_of(node)
            self.position = self.layout.order[id(node)]
            self.path = self.layout.path[id(node)]
            self.around = self.layout.loops_around(self.layout.path[id(node)])
            before, after = self.slots[self.position] = ([], [])
            parts.append([before, *self.statement(node), after])
        return [item for part in reversed(parts) for item in part]

    def statement(self, node: gast.AST) -> Block:
        if isinstance(node, gast.Assign):
            (target,) = node.targets
            if isinstance(target, gast.Name):
                return self.assignment(node, target.id)
            if isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name):
                return self.store(node, target, None, node.value)
        elif isinstance(node, gast.AugAssign):
            symbol = tree.BINARY_SYMBOL[type(node.op)]
            return self.store(node, node.target, symbol, node.value)
        elif isinstance(node, gast.Expr):
            return self.effect(node)
        elif isinstance(node, gast.If):
            return [node] if is_exit(node) else self.if_(node)
        elif isinstance(node, (gast.For, gast.While)):
            return self.loop(node)
        elif isinstance(node, gast.With):
            return self.with_(node)
        return [node]

    def emit(self, statement: gast.AST) -> None:
        """Append a statement to the reverse sweep."""
        tree.mark(statement, self.context.origin, "reverse")
        self.emitted.append((statement, self.position, self.around))
        self.out.append(statement)

    # -- adjoints of values -------------------------------------------------------------------

    def kind(self, name: str) -> Kind:
        return self.part_kind.get(name) or self.context.kind(name)

    def primal(self, name: str) -> gast.AST:
        """The primal expression that an adjoint belongs to: a name, or an item of a container."""
        if name in self.part_of:
            owner, key = self.part_of[name]
            return tree.subscript(self.primal(owner), tree.const(key))
        return tree.load(name)

    def zero(self, name: str) -> gast.AST:
        kind = self.kind(name)
        if kind.is_scalar:
            return tree.const(0.0)
        home = self.layout.home_of(name)
        if self.path[: len(home)] != home:
            base = self.context.bases.get(name) or name
            raise self.context.refusal(
                f"`{base}` may be unassigned here, so that its derivative has no shape",
                f"assign `{base}` before the branch or the loop",
            )
        if kind.is_array:
            return gast.Call(self.context.numpy("zeros_like"), [self.primal(name)], [])
        return self.context.helper(runtime.zeros_like, self.primal(name))

    def new_adjoint(self, name: str) -> str:
        if name in self.part_of:
            return self.context.version(f"{self.context.bases.get(name) or name}_bar")
        return self.context.partner(name, "_bar")

    def contribute(self, name: str, value: gast.AST, owned: bool = False) -> None:
        """`name_bar += value`."""
        if self.kind(name).is_container:
            self.add_structure(name, value)
            return
        if self.context.is_buffer(name):
            self.shadows.add(name, value)
            return
        if self.kind(name).is_array and self.context.is_buffer(self.root(name)):
            self.add_to_item(name, value)
            return
        known = self.adjoint.get(name)
        if known is None and self.is_spread(value):
            self.adjoint[name] = Adjoint("", False, value)
            return
        is_named = isinstance(value, gast.Name) and bool(self.context.bases.get(value.id))
        if known is None and name in self.part_of and is_named:
            # An item of a container is no name of the user's: it needs none of its own.
            self.adjoint[name] = Adjoint(value.id, owned)
            return
        if known is not None:
            value, owned = tree.binary(known.expression(), "+", value), True
        new = self.new_adjoint(name)
        self.emit(tree.assign(new, value))
        fresh = isinstance(value, (gast.BinOp, gast.UnaryOp)) or self.kind(name).is_scalar
        self.adjoint[name] = Adjoint(new, owned or fresh)

    def root(self, name: str) -> str:
        """The container that an item belongs to, at whatever depth; the name itself if it is none."""
        while name in self.part_of:
            name = self.part_of[name][0]
        return name

    def add_to_item(self, name: str, value: gast.AST) -> None:
        """`name_bar += value` for an array in a container whose arrays are written in place.

        Stores into the array find its adjoint in the shadow, so there it must be.
        """
        item = self.displayed(name)
        if item is not None:
            if self.context.is_active(item):
                self.contribute(item.id, value)
            return
        owner, _ = self.part_of[name]
        shadow = self.context.temporary(f"{self.context.bases.get(owner) or owner}_bar")
        self.emit(tree.assign(shadow, self.shadow_of_item(name)))
        self.emit(tree.augment(shadow, "+", value))

    def displayed(self, name: str) -> gast.AST | None:
        """What an item of a container was made of, where the program writes it out."""
        owner, key = self.part_of[name]
        display = self.display_of(owner)
        if isinstance(display, gast.Dict):
            pairs = zip(display.keys, display.values, strict=True)
            return next((item for k, item in pairs if tree.is_constant(k, key)), None)
        return None if display is None else display.elts[key]

    def display_of(self, name: str) -> gast.AST | None:
        """The tuple, list or dict that a container was written out as."""
        if name in self.part_of:
            value = self.displayed(name)
        else:
            definitions = self.layout.definitions.get(name, ())
            value = getattr(definitions[0], "value", None) if len(definitions) == 1 else None
        if isinstance(value, gast.Name):
            return self.display_of(value.id)
        return value if isinstance(value, (gast.Tuple, gast.List, gast.Dict)) else None

    def shadow_of_item(self, name: str) -> gast.AST:
        """The place of an item in the shadow of its container."""
        if name not in self.part_of:
            return tree.load(self.shadows.of(name))
        owner, key = self.part_of[name]
        return tree.subscript(self.shadow_of_item(owner), tree.const(key))

    def is_spread(self, value: gast.AST) -> bool:
        """Whether a contribution is one number for all elements: the adjoint of a full sum."""
        if not isinstance(value, gast.Call) or not isinstance(value.func, gast.Name):
            return False
        if self.context.namespace.objects.get(value.func.id) is not runtime.unreduce:
            return False
        options = [*value.args[2:], *(k.value for k in value.keywords if k.arg != "like")]
        plain = all(tree.is_constant(option, None, False) for option in options)
        return plain and tree.is_atom(value.args[0])

    def scatter(self, name: str, index: gast.AST, value: gast.AST) -> None:
        """`name_bar[index] += value`."""
        if self.context.is_buffer(name):
            target = self.shadows.of(name)
        else:
            target = self.accumulator(name)
        if is_fancy(index, self.context.kind_of):
            add_at = gast.Call(
                self.context.numpy("add.at"), [tree.load(target), _as_value(index), value], []
            )
            self.emit(tree.effect(add_at))
        else:
            self.emit(tree.augment(tree.subscript(tree.load(target), index), "+", value))

    def accumulator(self, name: str) -> str:
        """The adjoint of a value as an array that may be written into."""
        known = self.adjoint.get(name)
        if known is not None and known.owned:
            return known.name
        new = self.new_adjoint(name)
        if known is None:
            self.emit(tree.assign(new, self.zero(name)))
        else:
            copy = gast.Call(self.context.numpy("array"), [known.expression()], [])
            self.emit(tree.assign(new, copy))
        self.adjoint[name] = Adjoint(new, True)
        return new

    # -- containers ---------------------------------------------------------------------------

    def part(self, owner: str, key: Any) -> str:
        """The name under which the adjoint of an item of a container is kept."""
        known = self.parts.get((owner, key))
        if known is None:
            spelled = str(key) if isinstance(key, (str, int)) and str(key).isidentifier() else ""
            base = (
                spelled or f"{owner}_{key}" if f"{owner}_{key}".isidentifier() else f"{owner}_item"
            )
            known = self.context.version(base)
            self.parts[owner, key] = known
            self.part_of[known] = (owner, key)
            self.part_kind[known] = self.kind(owner).item(key)
            self.layout.home[known] = self.layout.home_of(owner)
        return known

    def leaves(self, name: str) -> list[str]:
        """The name itself, or the differentiable items of a container, nested ones opened."""
        if not self.kind(name).is_container:
            return [name]
        return [leaf for key in self.keys(name) for leaf in self.leaves(self.part(name, key))]

    def keys(self, name: str) -> list[Any]:
        """The keys of the differentiable items of a container."""
        items = self.kind(name).items
        if items is None:
            raise self.context.refusal(
                f"the structure of `{tree.text(self.primal(name))}` is not known",
                "use source_for(*args) or call the derivative, so that it is read off the "
                "arguments; instead "
                "of a list that grows, fill an array: `out = np.zeros(n)`, then `out[i] = value`",
            )
        return [key for key, item in items if item.is_container or item.is_float is not False]

    def move(self, source: str, target: str) -> None:
        """Hand the adjoint of one name (or of its items) on to another of the same kind."""
        if self.kind(source).is_container:
            for key, _ in self.kind(source).items or ():
                if (source, key) in self.parts:
                    self.move(self.parts[source, key], self.part(target, key))
            return
        known = self.adjoint.pop(source, None)
        if known is not None:
            self.contribute(target, known.expression(), known.owned)

    def drop(self, name: str) -> None:
        """Forget the adjoint of a name (or of its items): what it was assigned is constant."""
        for key, _ in self.kind(name).items or ():
            if (name, key) in self.parts:
                self.drop(self.parts[name, key])
        self.adjoint.pop(name, None)

    def taken_seed(self, name: str) -> gast.AST | None:
        """The adjoint of a call's result as one expression, taken away; None where it is zero."""
        self.settle(name)
        if not self.kind(name).is_container:
            if self.context.is_buffer(name):
                known = self.shadows.known(name)
                return None if known is None else tree.load(known)
            taken = self.adjoint.pop(name, None)
            return None if taken is None else taken.expression()
        leaves = self.leaves(name)
        if not any(leaf in self.adjoint for leaf in leaves):
            return None
        seed = self.result_of(name)
        for leaf in leaves:
            self.adjoint.pop(leaf, None)
        return seed

    def add_structure(self, name: str, value: gast.AST) -> None:
        """`name_bar += value`, item by item for a container."""
        if not self.kind(name).is_container:
            self.contribute(name, value)
            return
        for key in self.keys(name):
            self.add_structure(
                self.part(name, key), tree.subscript(tree.copy(value), tree.const(key))
            )

    def seed_of(self, name: str, seed: gast.AST) -> None:
        """Start the sweep: the adjoint of a result is the seed, or the seed's item of the same key."""
        kind = self.kind(name)
        if not kind.is_container:
            if name in self.part_of or name in self.context.active:
                self.contribute(name, seed)
            return
        for key in self.keys(name):
            self.seed_of(self.part(name, key), tree.subscript(seed, tree.const(key)))

    def result_of(self, name: str) -> gast.AST:
        """The adjoint of an argument, in the structure of the argument."""
        kind = self.kind(name)
        if name in self.structures:
            return tree.load(self.structures[name])
        if kind.is_container:
            self.leaves(name)
            keys = [key for key, _ in kind.items or ()]
            items = [self.result_of(self.part(name, key)) for key in keys]
            if kind.family == "dict":
                return gast.Dict([tree.const(key) for key in keys], items)
            return tree.list_of(items) if kind.family == "list" else tree.tuple_of(items)
        if kind.is_float is False:
            return tree.const(None)
        known = self.adjoint.get(name)
        return known.expression() if known is not None else self.zero(name)

    # -- assignments --------------------------------------------------------------------------

    def assignment(self, node: gast.Assign, name: str) -> Block:
        context = self.context
        value = node.value
        tape = popped_from(value)
        if tape in self.tape_bars:
            return self.pop(node, name, tape)
        if name not in context.active or name in self.tape_bars:
            return [node]
        if context.is_buffer(name):
            return self.buffer(node, name, value)
        if self.kind(name).is_container:
            return self.container(node, name, value)
        if isinstance(value, gast.Name) and context.is_active(value):
            self.move(name, value.id)
            return [node]
        known = self.adjoint.pop(name, None)
        seed = None if known is None else known.expression()
        return self.propagate(node, [name], value, [seed], known is not None and known.owned)

    def propagate(
        self,
        node: gast.AST,
        results: list[str],
        value: gast.AST,
        seeds: list[gast.AST | None],
        owned: bool = False,
    ) -> Block:
        """The adjoint of `results = value`, given the adjoints of the results."""
        context = self.context
        found = context.operation(value)
        if found is None or not any(map(context.is_active, found.operands())):
            return [node]
        container = found.args[0] if found.args else None
        if isinstance(value, gast.Subscript) and isinstance(container, gast.Name):
            if self.kind(container.id).is_container:
                return self.item(node, container.id, value.slice, seeds[0], owned)
        rule = context.rule_of(found)
        if rule is None:
            (result,) = results
            if seeds[0] is not None:
                self.adjoint[result] = Adjoint("", owned, seeds[0])
            return self.calls.reverse(self, node, result, value, found)
        if all(seed is None for seed in seeds) or rule.is_zero:
            return [node]
        instance = context.instance(rule, found, results)
        targets = {
            slot: target
            for slot, atom in instance.slots
            if (target := self.target(atom)) is not None
        }
        shape = self.kind(results[0])
        amounts: dict[str, gast.AST] = {}
        for step in instance.adjoint(seeds, set(targets)):
            if isinstance(step, Contribution):
                target, amount = targets[step.slot], step.value
                if step.broadcast and not same_shape(self.kind(target), shape):
                    amount = context.helper(runtime.unbroadcast, amount, self.primal(target))
                if step.index is not None:
                    self.scatter(target, step.index, amount)
                elif target in amounts:
                    # An operand that stands twice, as in `x * x`, gets one sum.
                    amounts[target] = tree.binary(amounts[target], "+", amount)
                else:
                    amounts[target] = amount
            else:
                for statement in context.adopt([step]):
                    self.emit(statement)
        # `y = y * x` gives to `x` first: then the adjoint of the old `y` can take the place of the new.
        bases = self.context.bases
        own = bases.get(results[0])
        for target, amount in sorted(
            amounts.items(), key=lambda item: bool(own) and bases.get(item[0]) == own
        ):
            self.contribute(target, amount)
        if instance.forward is None:
            return [node]
        return [tree.like(statement, node) for statement in context.adopt(instance.forward)]

    def target(self, atom: gast.AST) -> str | None:
        """The value that an operand's adjoint belongs to, None where it is inactive."""
        if isinstance(atom, gast.Name):
            return atom.id if atom.id in self.context.active else None
        if isinstance(atom, gast.Subscript) and isinstance(atom.value, gast.Name):
            owner = atom.value.id
            if owner in self.context.active and tree.is_constant(atom.slice):
                return self.part(owner, atom.slice.value)
        if any(map(self.context.is_active, opened(atom))):
            raise self.context.refusal(
                f"`{tree.text(atom)}` is made into an array on the way into a function",
                "make the array first: np.stack((...)) or np.array([...])",
            )
        return None

    def container(self, node: gast.Assign, name: str, value: gast.AST) -> Block:
        """A container is built, copied, or taken out of another: its items' adjoints move on."""
        if isinstance(value, gast.Subscript) and isinstance(value.slice, gast.Slice):
            self.sliced(name, value.value.id, value.slice)
            return [node]
        if isinstance(value, gast.Subscript) and not tree.is_constant(value.slice):
            self.chosen(name, value.value.id, value.slice)
            return [node]
        self.settle(name)
        if isinstance(value, (gast.Name, gast.Constant, gast.Tuple, gast.List, gast.Dict)):
            self.hand_on(name, value)
        elif isinstance(value, gast.Subscript) and tree.is_constant(value.slice):
            self.move(name, self.part(value.value.id, value.slice.value))
        else:
            found = self.context.operation(value)
            if found is not None and found.function is operator.add:
                self.joined(name, found.args)
                return [node]
            if isinstance(value, gast.BinOp):
                raise self.context.refusal(
                    f"`{self.context.shown(value)}` of a list or tuple of values to be "
                    "differentiated",
                    "write the items out",
                )
            rule = None if found is None else self.context.rule_of(found)
            if rule is not None and len(rule.results) == 1:
                return self.whole(node, name, value)
            if rule is not None:
                return self.several(node, name, value)
            if found is not None and found.function is not MISSING:
                return self.calls.reverse(self, node, name, value, found)
            raise self.context.no_rule(value)
        return [node]

    def joined(self, name: str, operands: Sequence[gast.AST]) -> None:
        """`name = p + q` of lists or tuples: the items of both, one after the other."""
        place = 0
        for operand in operands:
            is_name = isinstance(operand, gast.Name)
            items = self.keys_of(operand) if is_name else operand.elts
            for item in items:
                part = self.parts.get((name, place))
                if part is not None and not is_name:
                    self.hand_on(part, item)
                elif part is not None and self.context.is_active(operand):
                    self.move(part, self.part(operand.id, item))
                elif part is not None:
                    self.drop(part)
                place += 1

    def keys_of(self, operand: gast.AST) -> list[Any]:
        """All keys of a container, also those of items that are not differentiated."""
        items = self.context.kind_of(operand).items
        if items is None:
            raise self.context.refusal(
                f"how many items `{self.context.shown(operand)}` has is known only when the "
                "program runs",
                "keep the values in an array",
            )
        return [key for key, _ in items]

    def hand_on(self, name: str, value: gast.AST) -> None:
        """Hand the adjoint of a name on to the atom, or to the display of atoms, that it was assigned."""
        if self.context.is_active(value):
            self.move(name, value.id)
        elif isinstance(value, (gast.Tuple, gast.List, gast.Dict)):
            keys = [k.value for k in value.keys] if isinstance(value, gast.Dict) else None
            items = value.values if isinstance(value, gast.Dict) else value.elts
            for key, item in zip(keys or range(len(items)), items, strict=True):
                if (name, key) in self.parts:
                    self.hand_on(self.parts[name, key], item)
        else:
            self.drop(name)

    def whole(self, node: gast.Assign, name: str, value: gast.AST) -> Block:
        """A rule whose one result is a container: its adjoint is put together and handed on."""
        seed = self.taken_seed(name)
        if seed is None:
            return [node]
        together = self.new_adjoint(name)
        self.emit(tree.assign(together, seed))
        return self.propagate(node, [name], value, [tree.load(together)])

    def several(self, node: gast.Assign, name: str, value: gast.AST) -> Block:
        """A rule with several results, whose tuple is taken apart by `name[0]`, `name[1]`."""
        kind = self.kind(name)
        parts = [self.part(name, key) for key, _ in kind.items or ()]
        known = [self.adjoint.pop(part, None) for part in parts]
        seeds = [None if k is None else tree.load(k.name) for k in known]
        results = [self.context.temporary(f"{name}_{i}") for i in range(len(parts))]
        before = [
            tree.like(tree.assign(r, tree.subscript(tree.load(name), tree.const(i))), node)
            for i, r in enumerate(results)
        ]
        for part, result in zip(parts, results, strict=True):
            self.part_kind[result] = self.part_kind[part]
        return self.propagate(node, results, value, seeds) + before

    def item(
        self, node: gast.AST, owner: str, key: gast.AST, seed: gast.AST | None, owned: bool
    ) -> Block:
        """`v = owner[key]`, an item of a container."""
        if seed is not None and tree.is_constant(key):
            self.contribute(self.part(owner, key.value), seed, owned)
        elif seed is not None:
            if self.context.is_buffer(owner):
                raise self.context.refusal(
                    f"a number is taken out of `{self.context.bases.get(owner) or owner}` by a key "
                    "that is "
                    "known only when the program runs, and an array in it is written in place",
                    "keep numbers and arrays that are written apart",
                )
            place = tree.subscript(tree.load(self.structure(owner)), tree.copy(key))
            self.emit(tree.augment(place, "+", seed))
        return [node]

    def structure(self, owner: str) -> str:
        """The adjoint of a container as a container, for items chosen while the program runs."""
        if owner not in self.structures:
            self.leaves(owner)
            self.structures[owner] = new = self.new_adjoint(owner)
            self.emit(tree.assign(new, self.context.helper(runtime.zero_items, self.primal(owner))))
        return self.structures[owner]

    def settle(self, owner: str) -> None:
        """Hand what a container's adjoint holds on to the adjoints of its items."""
        if owner in self.structures:
            self.add_structure(owner, tree.load(self.structures.pop(owner)))

    def sliced(self, name: str, owner: str, part: gast.Slice) -> None:
        """`name = owner[a:b]`, the items of a part of a list or tuple: each hands its adjoint on."""
        self.settle(name)
        for place, key in enumerate(self.selected(owner, part)):
            if (name, place) in self.parts:
                self.move(self.parts[name, place], self.part(owner, key))

    def selected(self, owner: str, part: gast.Slice) -> list[Any]:
        """The positions of a list or tuple that a slice selects."""
        bounds = [
            None if bound is None else self.context.kind_of(bound).value
            for bound in (part.lower, part.upper, part.step)
        ]
        if not all(bound is None or isinstance(bound, int) for bound in bounds):
            raise self.context.refusal(
                f"which items of `{self.context.bases.get(owner) or owner}` a slice takes is known "
                "only "
                "when the program runs",
                "write its bounds as numbers, or keep the values in an array",
            )
        self.keys(owner)
        return [key for key, _ in self.kind(owner).items or ()][slice(*bounds)]

    def chosen(self, name: str, owner: str, key: gast.AST) -> None:
        """`name = owner[key]`, a container inside a container, chosen while the program runs."""
        self.settle(name)
        self.keys(name)
        place = tree.subscript(tree.load(self.structure(owner)), tree.copy(key))
        self.add_to_structure(place, name)

    def add_to_structure(self, place: gast.AST, name: str) -> None:
        """Add the adjoints of a container's items to another container's."""
        for key, item in self.kind(name).items or ():
            if (name, key) not in self.parts:
                continue
            part, inner = self.parts[name, key], tree.subscript(tree.copy(place), tree.const(key))
            if item.is_container:
                self.add_to_structure(inner, part)
                continue
            known = self.adjoint.pop(part, None)
            if known is not None:
                self.emit(tree.augment(inner, "+", known.expression()))

    def buffer(self, node: gast.Assign, name: str, value: gast.AST) -> Block:
        """A name of an array that is written in place is defined."""
        if self.context.is_active(value) and not self.context.is_buffer(value.id):
            raise self.context.refusal(
                f"`{self.context.bases.get(name) or name}` is a number on one path and an array "
                "that is "
                "written in place on another",
                "use two names, one for the number and one for the array",
            )
        eager = self.shadows.forward(name, value)
        if self.shadows.source(name, value) is not None:
            if self.kind(name).is_container and name not in self.tapes:
                # Items that are numbers have adjoints of their own.
                self.container(node, name, value)
            return [node, *self.shadows.check(name), *eager]
        if isinstance(value, (gast.Tuple, gast.List, gast.Dict)):
            # None of its items is a buffer: all that its shadow could hold is held by names.
            return [*self.container(node, name, value), *eager]
        seed: gast.AST | None = None
        if self.has_parts(name):
            gathered = self.context.temporary(f"{self.context.bases.get(name) or name}_seed")
            self.emit(tree.assign(gathered, self.gathered(name, tree.load(self.shadows.of(name)))))
            seed = tree.load(gathered)
        elif (known := self.shadows.known(name)) is not None:
            seed = tree.load(known)
        return [*self.propagate(node, [name], value, [seed]), *eager]

    def has_parts(self, name: str) -> bool:
        """Whether items of a container have adjoints under names of their own."""
        keys = [key for key, _ in self.kind(name).items or () if (name, key) in self.parts]
        parts = [self.parts[name, key] for key in keys]
        return any(part in self.adjoint or self.has_parts(part) for part in parts)

    def gathered(self, name: str, shadow: gast.AST) -> gast.AST:
        """The shadow of a container joined with the adjoints that its items have under names of their own."""
        known = self.adjoint.pop(name, None)
        if known is not None:
            return tree.binary(shadow, "+", known.expression())
        if not self.has_parts(name):
            return shadow
        kind = self.kind(name)
        keys = [key for key, _ in kind.items or ()]
        places = [tree.subscript(tree.copy(shadow), tree.const(key)) for key in keys]
        items = [self.gathered(self.part(name, k), p) for k, p in zip(keys, places, strict=True)]
        if kind.family == "dict":
            return gast.Dict([tree.const(key) for key in keys], items)
        return tree.list_of(items) if kind.family == "list" else tree.tuple_of(items)

    # -- stores -------------------------------------------------------------------------------

    def store(
        self,
        node: gast.AST,
        target: gast.AST,
        symbol: str | None,
        value: gast.AST,
        sums: bool = False,
    ) -> Block:
        """`base[index] = value`, `base[index] += value`, `base += value` on an array.

        Where the index selects an element twice, the last value stays, unless the store `sums` them.
        """
        context = self.context
        base = target.value.id if isinstance(target, gast.Subscript) else target.id
        keep: Block = []
        restore: Block = []
        self.out.append(restore)
        self.saves.append(Save(target, self.position, self.around, keep, restore, context.origin))
        if context.is_buffer(base):
            self.store_adjoint(target, base, symbol, value, sums)
        elif self.kind(base).is_container and base in context.active:
            raise context.refusal(
                f"an item of the {self.kind(base).family} `{context.bases.get(base) or base}` is "
                "replaced",
                "make a new one with all its items, or write into its array: `d[key][...] = value`",
            )
        elif context.is_active(value) and base in context.active:
            raise context.refusal(
                f"`{context.bases.get(base) or base}` is written where it cannot be told what it "
                "is",
                "give its kind by an annotation, or use source_for(*args)",
            )
        return [keep, node]

    def store_adjoint(
        self, target: gast.AST, base: str, symbol: str | None, value: gast.AST, sums: bool
    ) -> None:
        context = self.context
        shadow = tree.load(self.shadows.of(base))
        place = (
            tree.subscript(shadow, tree.copy(target.slice))
            if isinstance(target, gast.Subscript)
            else shadow
        )
        kept_kind = context.kind_of(tree.with_context(target, gast.Load()))
        fancy = isinstance(target, gast.Subscript) and is_fancy(target.slice, context.kind_of)
        if symbol not in (None, "+", "-"):
            raise context.refusal(
                f"`{symbol}=` in place is not supported here", f"write `a[...] = a {symbol} b`"
            )
        passed: str | None = None
        if context.is_active(value):
            passed = context.temporary(f"{context.bases.get(base) or base}_seed")
            taken: gast.AST = tree.copy(place)
            if fancy and not sums and may_repeat(target.slice, context.kind_of):
                index = _as_value(tree.copy(target.slice))
                last = context.helper(runtime.last_writes, tree.copy(shadow), index)
                taken = tree.binary(taken, "*", last)
            if not (kept_kind.is_scalar or fancy):
                taken = gast.Call(tree.attribute(taken, "copy"), [], [])
            self.emit(tree.assign(passed, taken))
        if symbol is None:
            self.emit(tree.assign(tree.copy(place), tree.const(0)))
        if passed is None:
            return
        name: str = value.id
        fits = same_shape(context.kind_of(value), kept_kind)
        if fits and symbol != "-" and name not in self.adjoint and not context.is_buffer(name):
            self.adjoint[name] = Adjoint(passed, True)
            return
        amount: gast.AST = tree.load(passed)
        if symbol == "-":
            amount = tree.negative(amount)
        if not fits:
            amount = context.helper(runtime.unbroadcast, amount, tree.copy(value))
        self.contribute(name, amount, True)

    def refuse_lost(self) -> None:
        """Refuse when an adjoint is left over that belongs to a name of the program.

        Every name's adjoint is taken where the name is defined; one that is left was added to after
        that, and would be missing from the result.
        """
        for name in self.adjoint:
            owner = name
            while owner in self.part_of:
                owner = self.part_of[owner][0]
            if owner in self.layout.definitions:
                self.context.origin = tree.origin_of(self.layout.definitions[owner][0])
                raise self.context.refusal(
                    f"the derivative of `{self.context.bases.get(owner) or owner}` is not followed "
                    "here",
                    "write the statement in a simpler way, and please report this",
                )

    def keep_overwritten(self) -> None:
        """Keep what a store overwrites where an adjoint before that store reads the array.

        A read at p is before a store at q when p < q, or when both are in one loop and the array
        outlives an iteration.
        """
        needs: dict[str, list[tuple[int, tuple[int, ...]]]] = {}
        for statement, position, around in self.emitted:
            for name in content_reads(statement, self.context.namespace.objects):
                if name in self.context.stored:
                    needs.setdefault(name, []).append((position, around))
        for save in self.saves:
            base = (
                save.target.value.id if isinstance(save.target, gast.Subscript) else save.target.id
            )
            shared = self.context.share(base)
            outlives = [loop for loop in save.loops if any(self.outlives(n, loop) for n in shared)]
            reads = [need for name in shared for need in needs.get(name, ())]
            if any(p < save.position or set(outlives) & set(around) for p, around in reads):
                self.keep(save)

    def keep_changed(self) -> None:
        """Keep a copy of an object that an adjoint reads and that the program changes afterwards."""
        changes: dict[str, list[tuple[int, tuple[int, ...]]]] = {}
        for node in tree.every_statement(self.body):
            if id(node) not in self.layout.path:
                # Inside a statement that is kept whole, and that answers for all of it.
                continue
            around = self.layout.loops_around(self.layout.path[id(node)])
            for name in self.context.changed(node):
                if name not in self.tapes:
                    changes.setdefault(name, []).append((self.layout.order[id(node)], around))
        kept: dict[tuple[str, int], str] = {}
        for statement, position, around in self.emitted if changes else ():
            for name in set(content_reads(statement, self.context.namespace.objects)) & set(
                changes
            ):
                outer = {loop for loop in around if self.outlives(name, loop)}
                if any(q > position or outer & set(loops) for q, loops in changes[name]):
                    self.read_kept(statement, name, position, kept)

    def read_kept(
        self, statement: gast.AST, name: str, position: int, kept: dict[tuple[str, int], str]
    ) -> None:
        """Make an adjoint read a copy of an object as it was at a primal statement."""
        if (name, position) not in kept:
            kept[name, position] = copy = self.context.temporary(f"{name}_kept")
            value = self.context.helper(runtime.copied, tree.load(name))
            # What the statement itself makes is kept after it, what it reads before it.
            made = any(
                self.layout.order[id(n)] == position for n in self.layout.definitions.get(name, ())
            )
            self.slots[position][made].append(tree.mark(tree.assign(copy, value), None))
        head = getattr(statement, "test", None) or getattr(statement, "iter", None) or statement
        for node in tree.walk(head):
            if isinstance(node, gast.Name) and node.id == name and isinstance(node.ctx, gast.Load):
                node.id = kept[name, position]

    def outlives(self, name: str, loop: int) -> bool:
        return all(owner != loop for owner, _ in self.layout.home_of(name))

    def keep(self, save: Save) -> None:
        context = self.context
        base = save.target.value.id if isinstance(save.target, gast.Subscript) else save.target.id
        old = context.temporary(f"{context.bases.get(base) or base}_old")
        place = tree.with_context(tree.copy(save.target), gast.Load())
        kind = context.kind_of(place)
        value: gast.AST = place
        if not kind.is_scalar:
            value = gast.Call(context.numpy("copy"), [place], [])
        kept = tree.assign(old, value)
        target = save.target
        if isinstance(target, gast.Name):
            target = tree.subscript(tree.load(target.id), tree.const(...))
        restored = tree.assign(tree.copy(target), tree.load(old))
        save.keep.append(tree.mark(kept, save.origin))
        save.restore.append(tree.mark(restored, save.origin, "reverse"))

    # -- effects ------------------------------------------------------------------------------

    def effect(self, node: gast.Expr) -> Block:
        found = self.context.operation(node.value)
        if found is None or not any(map(self.context.is_active, found.operands())):
            return [node]
        if found.function is not MISSING and found.function == numpy.add.at:
            base, index, value = found.args
            target = tree.subscript(base, index)
            return self.store(node, target, "+", value, sums=True)
        tape = pushed_to(node.value)
        if tape in self.tapes and self.context.is_buffer(tape):
            return [node, *self.shadows.push(tape, node.value.args[0])]
        if tape in self.tape_bars:
            return self.push(node, tape)
        if not self.context.changed(node) & self.context.active:
            return [node]
        raise self.context.refusal(
            f"`{tree.text(node.value)}` changes values to be differentiated in a way that is not "
            "known",
            "write it with assignments to elements or slices",
        )

    def push(self, node: gast.Expr, tape: str) -> Block:
        """The adjoint of `tape.append(v)`: the adjoint of `v` is on top of the tape's adjoint."""
        (value,) = node.value.args
        top = gast.Call(tree.attribute(tree.load(self.tape_bars[tape]), "pop"), [], [])
        if self.context.is_active(value):
            taken = self.context.temporary(f"{value.id}_seed")
            self.emit(tree.assign(taken, top))
            self.contribute(value.id, tree.load(taken), True)
        else:
            self.emit(tree.effect(top))
        return [node]

    def pop(self, node: gast.Assign, name: str, tape: str) -> Block:
        """The adjoint of `v = tape.pop()`: the adjoint of `v` goes on the tape's adjoint."""
        taken = self.taken_seed(name)
        value = self.zero(name) if taken is None else taken
        shadow = tree.load(self.tape_bars[tape])
        self.emit(tree.effect(gast.Call(tree.attribute(shadow, "append"), [value], [])))
        return [node]

    # -- control ------------------------------------------------------------------------------

    def next_pair(self, *nodes: gast.AST) -> None:
        """Mark the forward and the reverse statement of one control structure as a pair."""
        self.pairs += 1
        for node in nodes:
            node.pair = self.pairs

    def outer_reads(self, node: gast.AST) -> list[str]:
        """Values from outside that the adjoint of a compound statement may contribute to."""
        found: dict[str, None] = {}
        for block in inner_blocks(node):
            for statement in tree.every_statement(block):
                for name in self.contributed(statement):
                    if not self.layout.is_inside(name, node):
                        found.setdefault(name)
        return list(found)

    def contributed(self, statement: gast.AST) -> Iterable[str]:
        value = getattr(statement, "value", None)
        if value is None or isinstance(statement, gast.Return):
            return
        if isinstance(value, gast.Subscript) and isinstance(value.value, gast.Name):
            owner = value.value.id
            if owner in self.context.active and self.kind(owner).is_container:
                if tree.is_constant(value.slice):
                    yield from self.leaves(self.part(owner, value.slice.value))
                elif isinstance(value.slice, gast.Slice):
                    for key in self.selected(owner, value.slice):
                        yield from self.leaves(self.part(owner, key))
                return
        for name in differentiable_operands(value, self.context.namespace.objects):
            if name in self.tapes:
                continue
            if name in self.context.active and not self.context.is_buffer(name):
                yield from self.leaves(name)

    def prepare_shadows(self, node: gast.AST) -> None:
        """Shadows from outside that a compound statement's adjoint uses exist before it."""
        for block in inner_blocks(node):
            for statement in tree.every_statement(block):
                for name in [*heads(statement)[0], *tree.names_read(statement)]:
                    if self.context.is_buffer(name) and not self.layout.is_inside(name, node):
                        self.shadows.of(name)
                owner = self.chosen_from(statement)
                # What a loop carries is another container in each iteration.
                if owner is None or owner in tree.names_written(block):
                    continue
                if not self.layout.is_inside(owner, node):
                    self.structure(owner)

    def chosen_from(self, statement: gast.AST) -> str | None:
        """The container of which a statement takes an item chosen while the program runs."""
        value = getattr(statement, "value", None)
        if not isinstance(value, gast.Subscript) or not isinstance(value.value, gast.Name):
            return None
        owner = str(value.value.id)
        if owner not in self.context.active or owner in self.tapes:
            return None
        if not self.kind(owner).is_container:
            return None
        if isinstance(value.slice, (gast.Constant, gast.Slice)):
            return None
        target = statement.targets[0]
        if self.context.is_buffer(owner) and self.context.is_buffer(target.id):
            # Arrays that are written have their adjoints in the shadow.
            return None
        return owner if isinstance(target, gast.Name) and target.id in self.context.active else None

    def if_(self, node: gast.If) -> Block:
        self.prepare_shadows(node)
        for name in self.outer_reads(node):
            if self.is_scattered(name, node) and name not in self.adjoint:
                self.accumulator(name)
        before = dict(self.adjoint)
        position, around, origin, out = self.position, self.around, self.context.origin, self.out
        sides: list[tuple[Block, Block, dict[str, Adjoint]]] = []
        for branch in (node.body, node.orelse):
            self.adjoint, self.out = dict(before), []
            forward = self.block(branch)
            sides.append((forward, self.out, self.adjoint))
        self.position, self.around, self.context.origin = position, around, origin
        self.path = self.layout.path[id(node)]
        (then, then_out, left), (other, other_out, right) = sides
        self.adjoint = {}
        for name in {**left, **right}:
            if self.layout.is_inside(name, node):
                continue
            if left.get(name) == right.get(name):
                self.adjoint[name] = left[name]
                continue
            joined = self.new_adjoint(name)
            for known, block in ((left.get(name), then_out), (right.get(name), other_out)):
                self.out = block
                value = self.zero(name) if known is None else known.expression()
                self.emit(tree.assign(joined, value))
            owned = all(s.get(name) is None or s[name].owned for s in (left, right))
            self.adjoint[name] = Adjoint(joined, owned)
        self.out = out
        forward_if = tree.like(tree.if_(node.test, then, other), node)
        if then_out or other_out:
            # What a store overwrote may have to be restored, even where nothing else is to be done.
            reverse_if = tree.if_(tree.copy(node.test), then_out, other_out)
            self.emit(reverse_if)
            self.next_pair(forward_if, reverse_if)
        return [forward_if]

    def is_scattered(self, name: str, node: gast.AST) -> bool:
        """Whether elements of a name are read below a statement, so that its adjoint is an array."""
        if self.kind(name).is_scalar:
            return False
        for block in inner_blocks(node):
            for statement in tree.every_statement(block):
                value = getattr(statement, "value", None)
                if isinstance(value, gast.Subscript) and tree.is_name(value.value, name):
                    return True
        return False

    def with_(self, node: gast.With) -> Block:
        out, self.out = self.out, []
        origin = self.context.origin
        forward = self.block(node.body)
        self.context.origin = origin
        inside, self.out = self.out, out
        if inside:
            self.emit(gast.With([tree.copy(item) for item in node.items], inside, None))
        return [tree.like(gast.With(node.items, forward, None), node)]

    def loop(self, node: gast.For | gast.While) -> Block:
        context, layout = self.context, self.layout
        self.prepare_shadows(node)
        carried = [
            leaf
            for name in layout.carried(node)
            if name in context.active and not context.is_buffer(name) and name not in self.tapes
            for leaf in self.leaves(name)
        ]
        outer = [name for name in self.outer_reads(node) if name not in carried]
        after_loop: Block = []
        heads_of: dict[str, str] = {}
        inner: dict[str, Adjoint] = {}
        for name in carried + outer:
            owned = name in outer and not self.kind(name).is_scalar
            if owned:
                self.accumulator(name)
            known = self.adjoint.pop(name, None)
            value = (
                self.carried_zero(name, node, after_loop) if known is None else known.expression()
            )
            heads_of[name] = head = self.new_adjoint(name)
            self.emit(tree.assign(head, value))
            inner[name] = Adjoint(head, owned)
        position, around, origin = self.position, self.around, context.origin
        saved, out = self.adjoint, self.out
        self.adjoint, self.out = dict(inner), []
        forward_body = self.block(node.body)
        self.position, context.origin = position, origin
        self.path = (*layout.path[id(node)], (id(node), 0))
        self.around = layout.loops_around((*layout.path[id(node)], (id(node), 0)))
        for name in layout.carried(node):
            self.settle(name)
        pairs = []
        for name, head in heads_of.items():
            known = self.adjoint.get(name)
            if known is None:
                last = self.new_adjoint(name)
                self.emit(tree.assign(last, self.zero(name)))
                known = Adjoint(last)
            if known.spread is not None:
                known = Adjoint(self.new_adjoint(name))
                self.emit(tree.assign(known.name, self.adjoint[name].expression()))
            pairs.append((head, known.name))
        for statement in parallel_copies(pairs, context.names, context.bases):
            self.emit(statement)
        inside, self.out, self.adjoint, self.around = self.out, out, saved, around
        self.path = layout.path[id(node)]
        forward, reverse_head = self.loop_heads(node, forward_body)
        forward += after_loop
        if inside:
            self.reverse_loop(node, forward, reverse_head, inside)
        for name, head in heads_of.items():
            if layout.is_inside(name, node) and not self.has_entry(name, node):
                # Nothing enters the loop under this name.
                continue
            after = self.new_adjoint(name)
            self.emit(tree.assign(after, tree.load(head)))
            self.adjoint[name] = Adjoint(after, inner[name].owned)
        return forward

    def has_entry(self, name: str, loop: gast.AST) -> bool:
        """Whether a carried name is also assigned before its loop."""
        while name in self.part_of:
            name = self.part_of[name][0]
        inside = (id(loop), 0)
        paths = [self.layout.path[id(n)] for n in self.layout.definitions.get(name, ())]
        return any(inside not in path for path in paths)

    def carried_zero(self, name: str, node: gast.AST, last: Block) -> gast.AST:
        """Zeros for a name whose adjoint a loop starts with; made like what is known after the loop."""
        if not self.layout.is_inside(name, node) and name not in self.layout.carried(node):
            return self.zero(name)
        if self.kind(name).is_scalar or name in self.part_of:
            return self.zero(name)
        kept = self.context.temporary(f"{name}_last")
        last.append(tree.like(tree.assign(kept, tree.load(name)), node))
        self.part_kind[kept] = self.kind(name)
        self.layout.home[kept] = self.layout.path[id(node)]
        return self.zero(kept)

    def reverse_loop(
        self, node: gast.AST, forward: Block, head: tuple[gast.AST, gast.AST], inside: Block
    ) -> None:
        """The reversed loop, over its own versions of the loop's target names."""
        target, iterable = head
        fresh = {}
        for name in tree.names_written(target):
            base = self.context.bases.get(name, name)
            fresh[name] = self.context.version(base) if name != "_" else name
        statement = tree.for_(tree.rename(target, fresh), iterable, inside)
        statement.renamed = fresh
        self.emit(statement)
        self.next_pair(statement, *[n for n in forward if isinstance(n, (gast.For, gast.While))])

    def loop_heads(
        self, node: gast.For | gast.While, body: Block
    ) -> tuple[Block, tuple[gast.AST, gast.AST]]:
        """The forward loop with what it must count, and target and iterable of the reversed one."""
        context = self.context
        exits = bool(node.body) and is_exit(node.body[-1])
        before: Block = []
        after: Block = []
        count: gast.AST | None = None
        if exits or isinstance(node, gast.While):
            start, head, step, total = (context.version("count") for _ in range(4))
            before += [tree.assign(start, tree.const(0)), tree.assign(head, tree.load(start))]
            steps = [
                tree.assign(step, tree.binary(tree.load(head), "+", tree.const(1))),
                tree.assign(head, tree.load(step)),
            ]
            ends = [
                i for i, item in enumerate(body) if isinstance(item, gast.AST) and is_exit(item)
            ]
            end = ends[-1] if exits else len(body)
            body = [*body[:end], *steps, *body[end:]]
            after = [tree.assign(total, tree.load(head))]
            for statement in [*before, *steps, *after]:
                tree.like(statement, node)
            count = tree.load(total)
        if isinstance(node, gast.While):
            loop = tree.like(tree.while_(node.test, body), node)
            backwards = tree.call("range", count)
            return [*before, loop, *after], (tree.store("_"), backwards)
        sequence, materialised = self.sequence(node)
        loop = tree.like(tree.for_(node.target, sequence, body), node)
        again: gast.AST = tree.copy(sequence)
        if count is not None:
            if isinstance(again, gast.Call) and tree.is_name(again.func, "reversed"):
                again = tree.subscript(again.args[0], gast.Slice(None, None, tree.const(-1)))
            again = tree.subscript(again, gast.Slice(None, count, None))
        if isinstance(again, gast.Call) and tree.is_name(again.func, "reversed"):
            (backwards,) = again.args
        else:
            backwards = tree.call("reversed", again)
        return [*before, *materialised, loop, *after], (tree.copy(node.target), backwards)

    def changing(self) -> set[str]:
        """Names of arrays that are written and of objects that change, anywhere."""
        found = set(self.context.stored)
        for node in tree.every_statement(self.body):
            found |= self.context.changed(node)
        return found

    def sequence(self, node: gast.For) -> tuple[gast.AST, Block]:
        """What a loop runs over, as something that can also be run over backwards."""
        iterable = node.iter
        if isinstance(iterable, gast.Call) and tree.is_name(iterable.func, "range"):
            return iterable, []
        if isinstance(iterable, gast.Call) and tree.is_name(iterable.func, "reversed"):
            inner = iterable.args[0]
            if isinstance(inner, gast.Call) and tree.is_name(inner.func, "range"):
                return iterable, []
        changing = self.changing()
        for name in tree.names_read(iterable):
            if name in changing:
                raise self.context.refusal(
                    f"a loop runs over `{self.context.bases.get(name) or name}`, which is written",
                    "loop over a copy, or over range(len(...))",
                )
        if self.context.kind_of(iterable).family in ("array", "list", "tuple"):
            return iterable, []
        items = self.context.temporary("items")
        listed = tree.assign(items, tree.call("list", iterable))
        return tree.load(items), [tree.like(listed, node)]


def _as_value(index: gast.AST) -> gast.AST:
    """An index as an expression that can stand outside of brackets: slices are written out."""
    if isinstance(index, gast.Tuple):
        return tree.tuple_of(map(_as_value, index.elts))
    if isinstance(index, gast.Slice):
        parts = (index.lower, index.upper, index.step)
        return tree.call("slice", *(tree.const(None) if p is None else p for p in parts))
    return index


def _renamed_targets(body: list[gast.AST]) -> list[gast.AST]:
    """Give the bodies of reversed loops their own versions of the loop's target names."""
    output: list[gast.AST] = []
    for node in body:
        for name in ("body", "orelse"):
            if isinstance(node, (gast.If, gast.For, gast.With)) and hasattr(node, name):
                setattr(node, name, _renamed_targets(getattr(node, name)))
        fresh = getattr(node, "renamed", None)
        if fresh:
            node.body = [tree.rename(statement, fresh) for statement in node.body]
        output.append(node)
    return output
