"""Adjoints of values in the reverse sweep.

A value is never written in place: its adjoint is an expression, then a sum, with a new name for each
contribution. It becomes an array that is accumulated in place where elements of the value are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import gast

from tangent_sct import runtime
from tangent_sct.analysis.indices import may_repeat
from tangent_sct.core import tree
from tangent_sct.core.kind import UNKNOWN, Kind, may_be_complex

if TYPE_CHECKING:
    from tangent_sct.derive.reverse import Reverse


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


class Values:
    """What is known of the adjoints of values where the sweep stands.

    Attributes:
        adjoint: the adjoint of each value that has one by now.
        kinds: kinds of names that the sweep has made.
    """

    def __init__(self, sweep: Reverse) -> None:
        self.sweep = sweep
        self.context = sweep.context
        self.adjoint: dict[str, Adjoint] = {}
        self.kinds: dict[str, Kind] = {}

    def kind(self, name: str) -> Kind:
        """Kind of a name of the program, or of the sweep."""
        return self.kinds.get(name) or self.context.kind(name)

    def new_adjoint(self, name: str) -> str:
        """A new name for the adjoint of a value, or of an item of a container."""
        if name in self.sweep.parts.place:
            return self.context.version(f"{self.context.bases.get(name) or name}_bar")
        return self.context.partner(name, "_bar")

    # -- contributions ------------------------------------------------------------------------

    def contribute(
        self, name: str, value: gast.AST, owned: bool = False, of: Kind = UNKNOWN
    ) -> None:
        """`name_bar += value`, whatever the name holds.

        Args:
            name: what the adjoint belongs to.
            value: what is added.
            owned: whether nobody else holds it.
            of: the kind of what it is computed from the adjoint of.
        """
        parts = self.sweep.parts
        fitted = self.fitted(name, value, of)
        owned, value = owned and fitted is value, fitted
        if self.context.is_box(name):
            self.sweep.boxes.add(name, value)
        elif self.kind(name).is_container:
            parts.add(name, value)
        elif self.context.is_buffer(name):
            self.sweep.shadows.add(name, value)
        elif name in parts.place and self.context.is_box(parts.root(name)):
            owner, key = parts.place[name]
            shadow = parts.shadow_of(owner)
            self.sweep.boxes.add_at(shadow, tree.const(key), value, self.kind(name))
        else:
            self.add(name, value, owned)

    def fitted(self, name: str, value: gast.AST, of: Kind) -> gast.AST:
        """A contribution to the adjoint of a real value, of which the adjoint of a complex one is the real part.

        With <w, v> = Re(w v) as the product of complex numbers, a real v meets the real part of w alone.
        """
        kind = self.kind(name)
        if not self.context.has_complex or may_be_complex(kind) or not may_be_complex(of):
            return value
        if kind.is_container and of is UNKNOWN:
            # Handed on item by item.
            return value
        if kind.is_container:
            raise self.context.refusal(
                f"`{tree.text(self.sweep.parts.primal(name))}` holds real numbers that a function makes complex",
                "make an array of it first: np.array(...)",
            )
        return gast.Call(self.context.numpy("real"), [value], [])

    def add(self, name: str, value: gast.AST, owned: bool) -> None:
        """`name_bar += value` for a value."""
        known = self.adjoint.get(name)
        if known is None and self.is_spread(value):
            self.adjoint[name] = Adjoint("", False, value)
            return
        is_named = isinstance(value, gast.Name) and bool(self.context.bases.get(value.id))
        if known is None and name in self.sweep.parts.place and is_named:
            # An item of a container is no name of the user's: it needs none of its own.
            self.adjoint[name] = Adjoint(value.id, owned)
            return
        if known is not None:
            self.refuse_mixed(name)
            if self.may_nest(name):
                sum_so_far = self.context.helper(runtime.check_number, known.expression())
                self.sweep.emit(tree.effect(sum_so_far))
            value, owned = self.sum_of(name, known.expression(), value), False
        new = self.new_adjoint(name)
        self.sweep.emit(tree.assign(new, value))
        fresh = isinstance(value, (gast.BinOp, gast.UnaryOp)) or self.kind(name).is_scalar
        self.adjoint[name] = Adjoint(new, owned or fresh)

    def sum_of(self, name: str, total: gast.AST, value: gast.AST) -> gast.AST:
        """`total + value`, of the adjoint of a value.

        What stood in a container where the value is None stands for no adjoint there either.
        """
        if isinstance(value, (gast.BinOp, gast.UnaryOp)) or not self.may_be_none(name):
            return tree.binary(total, "+", value)
        return self.context.helper(runtime.added, total, value)

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
            target = self.sweep.shadows.of(name)
        else:
            target = self.accumulator(name)
        if self.may_nest(name):
            # The item may be a container itself, and `+=` would put one list after the other.
            added = self.context.helper(runtime.add_item, tree.load(target), as_value(index), value)
            self.sweep.emit(tree.effect(added))
        elif may_repeat(index, self.context.kind_of):
            add_at = gast.Call(
                self.context.numpy("add.at"), [tree.load(target), as_value(index), value], []
            )
            self.sweep.emit(tree.effect(add_at))
        else:
            self.sweep.emit(tree.augment(tree.subscript(tree.load(target), index), "+", value))

    def accumulator(self, name: str) -> str:
        """The adjoint of a value as an array that may be written into."""
        known = self.adjoint.get(name)
        if known is not None and known.owned:
            return known.name
        new = self.new_adjoint(name)
        if known is None:
            self.sweep.emit(tree.assign(new, self.zero(name)))
        else:
            self.refuse_mixed(name)
            if self.may_nest(name):
                self.sweep.emit(tree.effect(self.context.helper(runtime.check_number, known.expression())))
            copy = gast.Call(self.context.numpy("array"), [known.expression()], [])
            self.sweep.emit(tree.assign(new, copy))
        self.adjoint[name] = Adjoint(new, True)
        return new

    def refuse_mixed(self, name: str) -> None:
        """Refuse to add up adjoints of what may be a container: lists would be put one after the other."""
        if self.kind(name).mixed:
            raise self.context.refusal(
                f"`{self.context.shown(self.sweep.parts.primal(name))}` is a list, tuple or dict in one case and "
                "something else in another, and used more than once",
                "keep values of different structure in different variables, and make them alike in all cases",
            )

    def may_nest(self, name: str) -> bool:
        """Whether a value may be a container of which nothing is known: at some depth it was taken out of one that
        may be a container of one kind, and something else as well."""
        seen, waiting = {name}, [name]
        while waiting:
            owner = waiting.pop()
            if self.kind(owner).mixed:
                return True
            if self.kind(owner).family != "unknown":
                continue
            for node in self.sweep.layout.definitions.get(owner, ()):
                value = getattr(node, "value", None)
                value = value.value if isinstance(value, gast.Subscript) else value
                if isinstance(value, gast.Name) and value.id not in seen:
                    seen.add(value.id)
                    waiting.append(value.id)
        return False

    # -- zeros --------------------------------------------------------------------------------

    def zero(self, name: str, instead: Mapping[str, gast.AST] | None = None) -> gast.AST:
        """The adjoint of a value that nothing has been contributed to.

        Args:
            name: the name of the value, or of an item of a container.
            instead: what holds the same value where the name itself cannot be read.
        """
        kind = self.kind(name)
        if kind.is_scalar:
            return tree.const(0j if kind.is_complex else 0.0)
        if instead is not None:
            return self._zeros_like(name, tree.substitute(self.sweep.parts.primal(name), instead))
        home = self.sweep.layout.home_of(name)
        if self.sweep.path[: len(home)] != home:
            base = self.context.bases.get(name) or name
            raise self.context.refusal(
                f"`{base}` may be unassigned here, so that its derivative has no shape",
                f"assign `{base}` before the branch or the loop",
            )
        return self._zeros_like(name, self.sweep.parts.primal(name))

    def _zeros_like(self, name: str, primal: gast.AST) -> gast.AST:
        parts = self.sweep.parts
        if self.may_nest(name):
            return self.context.helper(runtime.zero_items, primal)
        if name in parts.place and self.may_be_unset(parts.root(name)):
            # Where there is no container the adjoint of its item is never used.
            container = primal
            while isinstance(container, gast.Subscript):
                container = container.value
            guarded = gast.BoolOp(gast.And(), [tree.copy(container), primal])
            return self.context.helper(runtime.zeros_like, guarded)
        return self.context.zeros_like(primal, self.kind(name))

    def may_be_unset(self, name: str) -> bool:
        """Whether a name may hold the None that stands for no value."""
        if self.context.value_kind(tree.load(name)).present is not None:
            return True
        return any(getattr(node, "unset", False) for node in self._given(name))

    def may_be_none(self, name: str) -> bool:
        """Whether a name may hold a None of the user's, or a text, as far as its assignments tell."""
        given = (getattr(node, "value", None) for node in self._given(name) if not getattr(node, "unset", False))
        return any(tree.is_constant(value, None) or self._is_among_others(value) for value in given)

    def _is_among_others(self, value: gast.AST) -> bool:
        """Whether a value is taken out of a container of numbers and of what has no adjoint, as texts."""
        if not isinstance(value, gast.Subscript) or not isinstance(value.value, gast.Name):
            return False
        held = self.kind(value.value.id).items or ()
        return not tree.is_constant(value.slice) and any(item.family == "other" for _, item in held)

    def _given(self, name: str) -> Iterator[gast.AST]:
        """The assignments to a name, and to names that it is assigned."""
        seen, waiting = {name}, [name]
        while waiting:
            for node in self.sweep.layout.definitions.get(waiting.pop(), ()):
                yield node
                value = getattr(node, "value", None)
                if isinstance(value, gast.Name) and value.id not in seen:
                    seen.add(value.id)
                    waiting.append(value.id)


def as_value(index: gast.AST) -> gast.AST:
    """An index as an expression that can stand outside of brackets: slices are written out."""
    if isinstance(index, gast.Tuple):
        return tree.tuple_of(map(as_value, index.elts))
    if isinstance(index, gast.Slice):
        parts = (index.lower, index.upper, index.step)
        return tree.call("slice", *(tree.const(None) if p is None else p for p in parts))
    return index
