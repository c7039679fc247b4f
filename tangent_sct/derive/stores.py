"""Stores into arrays in the reverse sweep: their adjoints, and what is kept of what they overwrite.

`base[i] = e` reverses to: put back what was overwritten, if an adjoint before the store reads it; take the
adjoint of the elements; clear it; pass it on to `e`. What changes an object in other ways is not undone: an
adjoint that reads the object reads a copy that was kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import gast

from tangent_sct import runtime
from tangent_sct.analysis.indices import is_fancy, may_repeat
from tangent_sct.analysis.mutation import stored_container
from tangent_sct.analysis.overwritten import Access
from tangent_sct.core import tree
from tangent_sct.core.kind import same_shape
from tangent_sct.core.origins import Origin
from tangent_sct.derive.layout import written_name
from tangent_sct.derive.shadows import content_reads
from tangent_sct.derive.values import Adjoint, as_value

if TYPE_CHECKING:
    from tangent_sct.derive.reverse import Block, Reverse

Reads = dict[str, list[tuple[int, tuple[int, ...]]]]
"""For names: the positions of statements, and the loops around each."""


@dataclass(frozen=True)
class Save:
    """A store into an array, with the places where what it overwrites may be kept and restored."""

    base: str
    target: gast.AST
    position: int
    loops: tuple[int, ...]
    keep: Block
    restore: Block
    origin: Any


class Stores:
    """The stores of one function, and the names of the arrays that they write into."""

    def __init__(self, sweep: Reverse) -> None:
        self.sweep = sweep
        self.context = sweep.context
        self.saves: list[Save] = []
        self.outside: dict[str, Origin | None] = {}

    # -- statements ---------------------------------------------------------------------------

    def define(self, node: gast.Assign, name: str, value: gast.AST) -> Block:
        """A name of an array that is written in place is assigned."""
        shadows = self.sweep.shadows
        if self.context.is_active(value) and not self.context.is_buffer(value.id):
            raise self.context.refusal(
                f"`{self.context.bases.get(name) or name}` is a number on one path "
                "and an array that is written in place on another",
                "use two names, one for the number and one for the array",
            )
        eager = shadows.forward(name, value)
        owner = shadows.source(name, value)
        if owner is not None:
            found = self.context.operation(value)
            has_shadow = self.context.has_shadow(owner) or owner in self.context.tapes
            if found is not None and not has_shadow and any(map(self.context.is_active, found.operands())):
                # What varies in it comes from elsewhere, and would be lost.
                raise shadows.may_share(value, owner)
            return [node, *shadows.check(name), *eager]
        known = shadows.known(name)
        seed = None if known is None else tree.load(known)
        return [*self.sweep.propagate(node, [name], value, [seed]), *eager]

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
        context, sweep = self.context, self.sweep
        base = written_name(target)
        assert base is not None
        if isinstance(target, gast.Subscript) and context.is_box(base):
            return self.update_item(node, target, symbol, value)
        keep: Block = []
        restore: Block = []
        sweep.out.append(restore)
        save = Save(base, target, sweep.position, sweep.around, keep, restore, context.origin)
        if stored_container(node, context.kind_of) is None:
            # What changes a container is not undone (`keep_changed`).
            self.saves.append(save)
        if context.is_buffer(base):
            update = self.update(node, target, value) if symbol is None else None
            self.adjoint(base, target, *(update or (symbol, value)), sums)
        elif context.is_active(value) and base in context.active:
            raise context.refusal(
                f"`{context.bases.get(base) or base}` is written where it cannot be told what it is",
                "give its kind by an annotation, or use source_for(*args)",
            )
        return [keep, node]

    def update(self, node: gast.AST, target: gast.AST, value: gast.AST) -> tuple[str, gast.AST] | None:
        """Of `base[i] = base[i] + e`, on a number, the `+` and the `e`: what `base[i] += e` would be."""
        context, layout = self.context, self.sweep.layout
        if not isinstance(target, gast.Subscript) or not isinstance(value, gast.Name) or context.has_complex:
            return None
        total = self.only_use(value.id, node)
        if not isinstance(total, gast.Assign) or not isinstance(total.value, gast.BinOp):
            return None
        symbol = tree.BINARY_SYMBOL.get(type(total.value.op), "")
        sides = [(total.value.left, total.value.right)] if symbol in ("+", "-") else []
        if symbol == "+":
            sides.append((total.value.right, total.value.left))
        place = tree.with_context(tree.copy(target), gast.Load())
        for first, amount in sides:
            read = self.only_use(first.id, total) if isinstance(first, gast.Name) else None
            if read is None or not tree.same(read.value, place) or not context.kind_of(place).is_scalar:
                continue
            if not context.kind_of(amount).is_scalar:
                continue
            between = layout.order[id(read)], layout.order[id(node)]
            written = (context.overwritten().written_between(name, *between) for name in tree.names_read(place))
            return None if any(written) else (symbol, amount)
        return None

    def only_use(self, name: str, node: gast.AST) -> gast.AST | None:
        """The only definition of a name that is read by one statement alone, in the block of that statement."""
        layout = self.sweep.layout
        definitions = layout.definitions.get(name, ())
        if len(definitions) != 1 or len(layout.read_paths.get(name, ())) != 1:
            return None
        (found,) = definitions
        if not isinstance(found, gast.Assign) or layout.path[id(found)] != layout.path.get(id(node)):
            return None
        return found if name in tree.names_read(node) else None

    def update_item(
        self, node: gast.AST, target: gast.Subscript, symbol: str | None, value: gast.AST
    ) -> Block:
        """`c[k] += e` on a box: where `e` may vary, `derive.resolve` has written it out."""
        kind = self.context.kind_of(tree.with_context(tree.copy(target), gast.Load()))
        if symbol in ("+", "-") and kind.is_scalar and not self.context.is_active(value):
            return [node]
        raise self.context.refusal(
            f"whether `{self.context.shown(node.target)}` is a number or an array is not known",
            "annotate the arguments (float, np.ndarray), or use source_for(*args)",
        )

    def adjoint(
        self, base: str, target: gast.AST, symbol: str | None, value: gast.AST, sums: bool
    ) -> None:
        """The adjoint of a store into an array that has a shadow."""
        context, emit = self.context, self.sweep.emit
        if symbol not in (None, "+", "-"):
            raise context.unresolved(symbol)
        place = tree.load(self.sweep.shadows.of(base))
        if isinstance(target, gast.Subscript):
            place = tree.subscript(place, tree.copy(target.slice))
        passed: str | None = None
        if context.is_active(value):
            passed = context.temporary(f"{context.bases.get(base) or base}_seed")
            emit(tree.assign(passed, self.taken(target, place, sums)))
        if symbol is None:
            emit(tree.assign(tree.copy(place), tree.const(0)))
        if passed is not None:
            self.pass_on(passed, target, symbol, value)

    def taken(self, target: gast.AST, place: gast.AST, sums: bool) -> gast.AST:
        """The adjoint of what a store wrote, as it stands in the shadow, in memory of its own."""
        context = self.context
        taken = tree.copy(place)
        if isinstance(target, gast.Subscript) and is_fancy(target.slice, context.kind_of):
            if not sums and may_repeat(target.slice, context.kind_of):
                index = as_value(tree.copy(target.slice))
                last = context.helper(runtime.last_writes, tree.copy(place.value), index)
                taken = tree.binary(taken, "*", last)
            return taken
        if context.kind_of(tree.with_context(target, gast.Load())).is_scalar:
            return taken
        return gast.Call(tree.attribute(taken, "copy"), [], [])

    def pass_on(self, seed: str, target: gast.AST, symbol: str | None, value: gast.Name) -> None:
        """Hand the adjoint of what was written on to the value that was written."""
        context, values = self.context, self.sweep.values
        name: str = value.id
        written = context.kind_of(tree.with_context(target, gast.Load()))
        amount = values.fitted(name, tree.load(seed), written)
        fits = same_shape(context.kind_of(value), written)
        is_whole = fits and isinstance(amount, gast.Name)
        if is_whole and symbol != "-" and name not in values.adjoint and not context.is_buffer(name):
            values.adjoint[name] = Adjoint(seed, True)
            return
        if symbol == "-":
            amount = tree.negative(amount)
        if not fits:
            amount = context.helper(runtime.unbroadcast, amount, tree.copy(value))
        values.contribute(name, amount, True, of=context.kind_of(value))

    # -- what is kept -------------------------------------------------------------------------

    def keep_overwritten(self) -> None:
        """Keep what a store overwrites where an adjoint before that store reads the array.

        A read at p is before a store at q when p < q, or when both are in one loop and the array
        outlives an iteration; where both are of certain elements, these may never be the same.
        """
        if not self.saves:
            return
        needs: dict[str, list[Access]] = {}
        for statement, position, around in self.sweep.emitted:
            for name in content_reads(statement, self.context.namespace.objects):
                if name in self.context.stored:
                    needs.setdefault(name, []).append(Access(name, None, position, around))
        for save in self.saves:
            shared = self.context.share(save.base)
            outlives = [loop for loop in save.loops if any(self.outlives(n, loop) for n in shared)]
            reads = [need for name in shared for need in needs.get(name, ())]
            if any(
                (read.position < save.position or set(outlives) & set(read.loops)) and self.may_meet(read, save)
                for read in reads
            ):
                self.keep(save)

    def may_meet(self, read: Access, save: Save) -> bool:
        """Whether a store may write, later on, into what an adjoint reads."""
        overwritten = self.context.overwritten()
        index = save.target.slice if isinstance(save.target, gast.Subscript) else None
        write = Access(save.base, index, save.position, save.loops)
        return overwritten.may_meet(overwritten.seen_through(read), write)

    def keep(self, save: Save) -> None:
        """Keep what a store overwrites, and put it back in the reverse sweep."""
        context = self.context
        self.outside.update(dict.fromkeys(sorted(filter(self.is_outside, context.share(save.base))), save.origin))
        old = context.temporary(f"{context.bases.get(save.base) or save.base}_old")
        place = tree.with_context(tree.copy(save.target), gast.Load())
        value: gast.AST = place
        if _whole(place) is not place and context.kind_of(place.value).is_array:
            value = gast.Call(tree.attribute(place.value, "copy"), [], [])
        elif not context.kind_of(place).is_scalar:
            value = gast.Call(context.numpy("copy"), [place], [])
        kept = tree.assign(old, value)
        target = save.target
        if isinstance(target, gast.Name):
            target = tree.subscript(tree.load(target.id), tree.const(...))
        restored = tree.assign(tree.copy(target), tree.load(old))
        save.keep.append(tree.mark(kept, save.origin))
        save.restore.append(tree.mark(restored, save.origin, "reverse"))

    def is_outside(self, name: str) -> bool:
        """Whether a name, or the place that a text means, is of an object outside the function.

        What a call gives of which nothing is known may be one, too, but could not be named.
        """
        root = name.partition(".")[0]
        return root in self.context.namespace.objects and root not in self.sweep.layout.definitions

    def left_outside(self) -> tuple[list[gast.AST], list[gast.AST]]:
        """What keeps arrays from outside as the forward sweep left them, and what restores them at the end."""
        context = self.context
        first: list[gast.AST] = []
        last: list[gast.AST] = []
        for name, origin in self.outside.items():
            place = tree.expression(name)
            # No temporary: what it keeps must not be computed later.
            left = context.version(f"{name.rpartition('.')[2]}_left")
            if context.kind_of(place).is_array:
                kept = gast.Call(context.numpy("copy"), [place], [])
                restored = tree.assign(tree.subscript(tree.copy(place), tree.const(...)), tree.load(left))
            else:
                kept = context.helper(runtime.arrays_left, place)
                restored = tree.effect(context.helper(runtime.leave_arrays, tree.load(left)))
            first.append(tree.mark(tree.assign(left, kept), origin, "reverse"))
            last.append(tree.mark(restored, origin, "reverse"))
        return first, last

    def keep_changed(self) -> None:
        """Keep a copy of an object that an adjoint reads and that the program changes afterwards."""
        changes = self.changes()
        kept: dict[tuple[str, int, bool], str] = {}
        for statement, position, around in self.sweep.emitted if changes else ():
            read = set(content_reads(statement, self.context.namespace.objects))
            for name in sorted(read & changes.keys()):
                if self.has_variables(name):
                    # They are read, and kept, by texts of their own.
                    continue
                # What the name sees may be older than the name.
                seen = (name, *self.context.share(name))
                outer = {loop for loop in around if any(self.outlives(other, loop) for other in seen)}
                if any(q > position or outer & set(loops) for q, loops in changes[name]):
                    self.refuse_variables(name)
                    self.read_kept(statement, name, position, kept)

    def has_variables(self, name: str) -> bool:
        """Whether a name is of a module, a class or a function outside."""
        return isinstance(self.context.namespace.objects.get(name), (ModuleType, FunctionType, type))

    def refuse_variables(self, name: str) -> None:
        """Refuse to keep what holds a module or a class, or is an object of one, whose variables change.

        Raises:
            UnsupportedError: naming it.
        """
        context = self.context
        if "." in name or context.kind_of(tree.load(name)).is_array:
            return
        if any(map(self.has_variables, context.share(name))):
            raise context.refusal(
                f"`{context.bases.get(name) or name}` holds a module or a class, or shares what its class holds, "
                "which is changed after an adjoint has read it",
                "read it into a variable before, as a copy",
            )

    def changes(self) -> Reads:
        """Where the program changes which objects in ways that are not undone."""
        layout = self.sweep.layout
        found: Reads = {}
        for node in tree.every_statement(self.sweep.body):
            if id(node) not in layout.path:
                # Inside a statement that is kept whole, and that answers for all of it.
                continue
            around = layout.loops_around(layout.path[id(node)])
            for name in self.context.changed(node) - self.context.tapes:
                found.setdefault(name, []).append((layout.order[id(node)], around))
        return found

    def read_kept(
        self, statement: gast.AST, name: str, position: int, kept: dict[tuple[str, int, bool], str]
    ) -> None:
        """Make an adjoint read a copy of an object as it was at a primal statement; of a test its truth then."""
        is_test = isinstance(statement, gast.If) and tree.is_name(statement.test, name)
        if (name, position, is_test) not in kept:
            kept[name, position, is_test] = copy = self.context.temporary(f"{name.rpartition('.')[2]}_kept")
            value = self.context.helper(bool if is_test else runtime.copied, tree.expression(name))
            # What the statement itself makes is kept after it, what it reads before it.
            layout = self.sweep.layout
            made = any(layout.order[id(n)] == position for n in layout.definitions.get(name, ()))
            beside = self.sweep.slots[position][made]
            beside.append(tree.mark(tree.assign(copy, value), None))
        new = kept[name, position, is_test]
        if "." in name:
            read_instead(statement, name, new)
            return
        for node in (item for part in tree.own_parts(statement) for item in tree.walk(part)):
            if isinstance(node, gast.Name) and node.id == name and isinstance(node.ctx, gast.Load):
                node.id = new

    def outlives(self, name: str, loop: int, met: tuple[str, ...] = ()) -> bool:
        """Whether an object is not made anew in each iteration of a loop, nor what it may be, or be a part of."""
        if all(owner != loop for owner, _ in self.sweep.layout.home_of(name)):
            return True
        values = [node.value for node in self.sweep.layout.definitions.get(name, ()) if isinstance(node, gast.Assign)]
        others = {other for value in values for other in self.context.sources(value)} - {name, *met}
        return any(self.outlives(other, loop, (*met, name)) for other in others)


def read_instead(node: gast.AST, dotted: str, name: str) -> None:
    """Let a generated statement read a name where it reads a variable of a module or a class; it is changed itself.

    >>> (node,) = tree.statements("a_bar = b_bar * config.rates")
    >>> read_instead(node, "config.rates", "rates_kept")
    >>> print(tree.text(node))
    a_bar = b_bar * rates_kept
    """
    for field, value in gast.iter_fields(node):
        parts = value if isinstance(value, list) else [value]
        for place, part in enumerate(parts):
            if isinstance(part, gast.Attribute) and type(part.ctx) is gast.Load and tree.text(part) == dotted:
                if isinstance(value, list):
                    value[place] = tree.load(name)
                else:
                    setattr(node, field, tree.load(name))
            elif isinstance(part, gast.AST) and not isinstance(part, gast.stmt):
                read_instead(part, dotted, name)


def _whole(place: gast.AST) -> gast.AST:
    """Of `a[...]` the array itself."""
    is_whole = isinstance(place, gast.Subscript) and tree.is_constant(place.slice, ...)
    return place.value if is_whole else place
