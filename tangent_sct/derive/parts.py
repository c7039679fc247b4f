"""Containers that are only built and taken apart: each of their items has an adjoint under a name of its own.

The adjoint of such a tuple, list or dict is the adjoints of its *parts*, and no container at all: `c = (a, b)`
hands the adjoint of `c[0]` on to `a`, and `v = c[0]` that of `v` on to `c[0]`, by name. It needs a structure
that is known; `analysis.boxes` says which containers have a shadow instead.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gast

from tangent_sct.analysis.operations import DISPLAYS, entries, parted
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.frontend.namespace import MISSING

if TYPE_CHECKING:
    from tangent_sct.derive.reverse import Block, Reverse


class Parts:
    """The items of the containers of one function.

    Attributes:
        names: the name that stands for an item, by container and key.
        place: container and key of such a name.
    """

    def __init__(self, sweep: Reverse) -> None:
        self.sweep = sweep
        self.context = sweep.context
        self.values = sweep.values
        self.names: dict[tuple[str, Any], str] = {}
        self.place: dict[str, tuple[str, Any]] = {}

    # -- names of items -----------------------------------------------------------------------

    def part(self, owner: str, key: Any) -> str:
        """The name under which the adjoint of an item of a container is kept."""
        known = self.names.get((owner, key))
        if known is None:
            spelled = str(key) if isinstance(key, (str, int)) and str(key).isidentifier() else ""
            base = (
                spelled or f"{owner}_{key}" if f"{owner}_{key}".isidentifier() else f"{owner}_item"
            )
            known = self.context.version(base)
            self.names[owner, key] = known
            self.place[known] = (owner, key)
            self.values.kinds[known] = self.values.kind(owner).item(key)
            self.sweep.layout.home[known] = self.sweep.layout.home_of(owner)
        return known

    def root(self, name: str) -> str:
        """The container that an item belongs to, at whatever depth; the name itself if it is none."""
        while name in self.place:
            name = self.place[name][0]
        return name

    def primal(self, name: str) -> gast.AST:
        """The primal expression that an adjoint belongs to: a name, or an item of a container."""
        if name in self.place:
            owner, key = self.place[name]
            return tree.subscript(self.primal(owner), tree.const(key))
        return tree.load(name)

    def shadow_of(self, name: str) -> gast.AST:
        """The shadow of a box, or the place of an item of it in that shadow."""
        if name not in self.place:
            return tree.load(self.sweep.shadows.of(name))
        owner, key = self.place[name]
        return tree.subscript(self.shadow_of(owner), tree.const(key))

    def items(self, name: str) -> tuple[tuple[Any, Kind], ...]:
        """Keys and kinds of the items of a container."""
        items = self.values.kind(name).items
        if items is None:
            raise self.context.refusal(
                f"the structure of `{tree.text(self.primal(name))}` is not known",
                "use source_for(*args) or call the derivative, so that it is read off the arguments",
            )
        return items

    def keys(self, name: str) -> list[Any]:
        """The keys of the differentiable items of a container."""
        items = self.items(name)
        return [key for key, item in items if item.is_container or item.is_float is not False]

    def is_there(self, owner: str, key: Any) -> bool:
        """Whether a container has an item; where it has none, Python raises an error, and nothing flows back."""
        return any(key == known for known, _ in self.items(owner))

    def leaves(self, name: str) -> list[str]:
        """The name itself, or the differentiable items of a container, nested ones opened."""
        if not self.values.kind(name).is_container or self.context.is_box(name):
            return [name]
        return [leaf for key in self.keys(name) for leaf in self.leaves(self.part(name, key))]

    def selected(self, owner: str, part: gast.Slice) -> list[Any]:
        """The positions of a list or tuple that a slice selects; its bounds are known, else it is a box."""
        bounds = [
            None if bound is None else self.context.kind_of(bound).value
            for bound in (part.lower, part.upper, part.step)
        ]
        return [key for key, _ in self.items(owner)][slice(*bounds)]

    # -- adjoints of all items ----------------------------------------------------------------

    def add(self, name: str, value: gast.AST) -> None:
        """`name_bar += value`, item by item."""
        may_be_none = self.values.may_be_unset(self.root(name))
        for key in self.keys(name):
            item = tree.subscript(tree.copy(value), tree.const(key))
            part = self.part(name, key)
            if may_be_none and not self.values.kind(part).is_container:
                item = self.unless_none(part, item, value)
            self.values.contribute(part, item)

    def unless_none(self, part: str, item: gast.AST, value: gast.AST) -> gast.AST:
        """A contribution to an item of what may be None, and then so is the adjoint `value` of all of it."""
        while isinstance(value, gast.Subscript):
            value = value.value
        if not isinstance(value, gast.Name):
            # It is computed of something that is there: an array, which a list has met.
            return item
        known = self.values.adjoint.pop(part, None)
        total = item if known is None else tree.binary(known.expression(), "+", item)
        return gast.BoolOp(gast.And(), [tree.copy(value), total])

    def give(self, item: gast.AST, value: gast.AST) -> None:
        """Contribute to an atom; to the atoms of a display, item by item."""
        for atom, part in parted(item, value):
            if self.context.is_active(atom):
                self.values.contribute(atom.id, part)

    def move(self, source: str, target: str) -> None:
        """Hand the adjoint of one name (or of its items) on to another of the same kind."""
        if self.values.kind(source).is_container:
            for key, _ in self.values.kind(source).items or ():
                if (source, key) in self.names:
                    self.move(self.names[source, key], self.part(target, key))
            return
        known = self.values.adjoint.pop(source, None)
        if known is not None:
            of = self.values.kind(source)
            self.values.contribute(target, known.expression(), known.owned, of)

    def drop(self, name: str) -> None:
        """Forget the adjoint of a name (or of its items): what it was assigned is constant."""
        for key, _ in self.values.kind(name).items or ():
            if (name, key) in self.names:
                self.drop(self.names[name, key])
        self.values.adjoint.pop(name, None)

    def taken_seed(self, name: str) -> gast.AST | None:
        """The adjoint of a statement's result as one expression, taken away; None where it is zero."""
        if self.context.has_shadow(name):
            shadow = self.sweep.shadows.known(name)
            return None if shadow is None else tree.load(shadow)
        adjoint = self.values.adjoint
        if not self.values.kind(name).is_container:
            taken = adjoint.pop(name, None)
            return None if taken is None else taken.expression()
        leaves = self.leaves(name)
        if not any(leaf in adjoint for leaf in leaves):
            return None
        seed = self.result_of(name)
        for leaf in leaves:
            adjoint.pop(leaf, None)
        return seed

    def result_of(self, name: str) -> gast.AST:
        """The adjoint of a name as one expression, in the structure of what the name holds."""
        kind = self.values.kind(name)
        if self.context.is_box(name):
            return tree.load(self.sweep.shadows.of(name))
        if kind.is_container:
            keys = [key for key, _ in self.items(name)]
            items = [self.result_of(self.part(name, key)) for key in keys]
            if kind.family == "dict":
                return gast.Dict([tree.const(key) for key in keys], items)
            return tree.list_of(items) if kind.family == "list" else tree.tuple_of(items)
        if kind.is_float is False:
            return tree.const(None)
        known = self.values.adjoint.get(name)
        return known.expression() if known is not None else self.values.zero(name)

    # -- statements ---------------------------------------------------------------------------

    def define(self, node: gast.Assign, name: str, value: gast.AST) -> Block:
        """A container is built, copied, or taken out of another: its items' adjoints move on."""
        if isinstance(value, (gast.Name, gast.Constant, *DISPLAYS)):
            self.hand_on(name, value)
        elif isinstance(value, gast.Subscript) and isinstance(value.slice, gast.Slice):
            self.sliced(name, value.value.id, value.slice)
        elif isinstance(value, gast.Subscript) and tree.is_constant(value.slice):
            if self.is_there(value.value.id, value.slice.value):
                self.move(name, self.part(value.value.id, value.slice.value))
            else:
                self.drop(name)
        else:
            return self.computed(node, name, value)
        return [node]

    def computed(self, node: gast.Assign, name: str, value: gast.AST) -> Block:
        """A container that an operator, a function with a rule, or a recursive function returns."""
        found = self.context.operation(value)
        if found is not None and found.function is operator.add:
            self.joined(name, found.args)
            return [node]
        if isinstance(value, gast.BinOp):
            raise self.context.refusal(
                f"`{self.context.shown(value)}` of a list or tuple of values to be differentiated",
                "write the items out",
            )
        source = self.sweep.boxes.copied_from(value)
        if source is not None:
            self.hand_on(name, source)
            return [node]
        rule = None if found is None else self.context.rule_of(found)
        if rule is not None:
            is_one = len(rule.results) == 1
            return (self.whole if is_one else self.several)(node, name, value)
        if found is not None and found.function is not MISSING:
            return list(self.sweep.calls.reverse(self.sweep, node, name, value, found))
        raise self.context.no_rule(value)

    def hand_on(self, name: str, value: gast.AST) -> None:
        """Hand the adjoint of a name on to the atom, or to the display of atoms, that it was assigned."""
        if self.context.is_active(value):
            self.move(name, value.id)
        elif isinstance(value, DISPLAYS):
            for key, item in entries(value):
                if (name, key.value) in self.names:
                    self.hand_on(self.names[name, key.value], item)
        else:
            self.drop(name)

    def sliced(self, name: str, owner: str, part: gast.Slice) -> None:
        """`name = owner[a:b]`, the items of a part of a list or tuple: each hands its adjoint on."""
        for place, key in enumerate(self.selected(owner, part)):
            if (name, place) in self.names:
                self.move(self.names[name, place], self.part(owner, key))

    def joined(self, name: str, operands: Sequence[gast.AST]) -> None:
        """`name = p + q` of lists or tuples: the items of both, one after the other."""
        place = 0
        for operand in operands:
            is_name = isinstance(operand, gast.Name)
            items = [key for key, _ in self.items(operand.id)] if is_name else operand.elts
            for item in items:
                part = self.names.get((name, place))
                if part is not None and not is_name:
                    self.hand_on(part, item)
                elif part is not None and self.context.is_active(operand):
                    self.move(part, self.part(operand.id, item))
                elif part is not None:
                    self.drop(part)
                place += 1

    def whole(self, node: gast.Assign, name: str, value: gast.AST) -> Block:
        """A rule whose one result is a container: its adjoint is put together and handed on."""
        seed = self.taken_seed(name)
        if seed is None:
            return [node]
        together = self.values.new_adjoint(name)
        self.sweep.emit(tree.assign(together, seed))
        return self.sweep.propagate(node, [name], value, [tree.load(together)])

    def several(self, node: gast.Assign, name: str, value: gast.AST) -> Block:
        """A rule with several results, whose tuple is taken apart by `name[0]`, `name[1]`."""
        parts = [self.part(name, key) for key, _ in self.items(name)]
        known = [self.values.adjoint.pop(part, None) for part in parts]
        seeds = [None if k is None else k.expression() for k in known]
        results = [self.context.temporary(f"{name}_{i}") for i in range(len(parts))]
        for part, result in zip(parts, results, strict=True):
            self.values.kinds[result] = self.values.kind(part)
        forward = self.sweep.propagate(node, results, value, seeds)
        if node in forward:
            taken = [
                tree.assign(r, tree.subscript(tree.load(name), tree.const(i))) for i, r in enumerate(results)
            ]
        else:
            # The rule has computed the results in its own way.
            taken = [tree.assign(name, tree.tuple_of(map(tree.load, results)))]
        return forward + [tree.like(statement, node) for statement in taken]

    def item(self, value: gast.Subscript, seed: gast.AST, owned: bool) -> None:
        """`v = owner[key]`, a number or an array out of a container, whose adjoint is `seed`."""
        owner = value.value.id
        if self.context.is_box(owner):
            # What may be None may be put somewhere else as it is.
            kind = self.context.value_kind(value)
            shadow = tree.load(self.sweep.shadows.of(owner))
            self.sweep.boxes.add_at(shadow, value.slice, seed, kind)
        else:
            if not self.is_there(owner, value.slice.value):
                return
            part, of = self.part(owner, value.slice.value), self.context.kind_of(value)
            self.values.contribute(part, seed, owned, of)
