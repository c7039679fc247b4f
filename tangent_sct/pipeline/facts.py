"""What the analyses say of a program, each of them asked when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any, Protocol

import gast

from tangent_sct.analysis.activity import Edge, active, edges
from tangent_sct.analysis.aliases import Classes, alias_classes
from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.hidden import hidden_flows, plain_functions
from tangent_sct.analysis.iterations import heads
from tangent_sct.analysis.kinds import Kinds, infer
from tangent_sct.analysis.mutation import (
    assigned_places,
    changed_names,
    stored_container,
    written_inside,
)
from tangent_sct.analysis.unshared import Unshared
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.unit import Unit
from tangent_sct.derive.resolve import updated


class Callers(Protocol):
    """Knows the functions that are called and not unfolded."""

    def result_kind(self, function: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
        """The kind of the result of a call of a function."""

    def is_harmless(self, function: Any) -> bool:
        """Whether a function leaves all that it reaches as it is."""


class Facts:
    """What the analyses say of a unit, each of them run when it is first asked.

    Args:
        unit: a program.
        module: knows the functions that are called and not unfolded.
    """

    def __init__(self, unit: Unit, module: Callers | None = None) -> None:
        self.unit = unit
        self._module = module
        self._changed_by: dict[int, tuple[gast.AST, set[str]]] = {}

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of its names."""
        return infer(self.unit, None if self._module is None else self._module.result_kind)

    @property
    def know_kinds(self) -> bool:
        """Whether kinds have been asked for."""
        return "kinds" in self.__dict__

    def kind_of(self, node: gast.AST) -> Kind:
        """The kind of an expression over its names."""
        return self.kinds.kind_of(node)

    def operand_kind(self, node: gast.AST) -> Kind:
        """The kind of an expression where it is not None."""
        return self.kinds.operand_kind(node)

    def kind_of_name(self, name: str) -> Kind:
        """The kind of what a name holds where it is not None."""
        return self.kinds.kind_of_name(name)

    @cached_property
    def flows(self) -> list[Edge]:
        """How derivatives flow between its names."""
        body, objects = self.unit.tree.body, self.unit.namespace
        return [*edges(body, objects), *self._updates(body, objects), *hidden_flows(body, self.calls)]

    def _updates(self, body: list[gast.AST], objects: Mapping[str, Any]) -> Iterator[Edge]:
        """Flows into what may be an array that is written into, where it is not decided yet."""
        for node in tree.every_statement(body):
            found = updated(node.value, objects) if isinstance(node, gast.Assign) else None
            if found is not None and not self.kind_of_name(found[0]).is_scalar:
                yield Edge(found[0], tuple(tree.names_read(found[1])), True)

    @cached_property
    def calls(self) -> Calls:
        """What its calls do."""
        find_plain = partial(plain_functions, self.unit.tree.body, tree.parameter_names(self.unit.tree))
        if self._module is None:
            return Calls(self.unit.namespace, find_plain=find_plain)
        return Calls(self.unit.namespace, self._module.is_harmless, find_plain=find_plain)

    @cached_property
    def classes(self) -> Classes:
        """Which of its names may share memory."""
        # Not its own `operand_kind`: the answer must not hold what holds it.
        return alias_classes(self.unit.tree.body, self.unit.namespace, self.kinds.operand_kind, self.calls)

    @cached_property
    def stored(self) -> frozenset[str]:
        """Names of arrays that are written in place."""
        return stored_names(self.unit.tree.body, self.calls, self.classes, self.operand_kind)

    def is_unshared(self, name: str) -> bool:
        """Whether what a name holds is a number, or an array that no other variable sees."""
        unit, objects = self.unit, self.unit.namespace
        found = Unshared(
            unit.tree.body, objects, unit.bases, self.kind_of, self.classes,
            lambda value: updated(value, objects),
        )  # fmt: skip
        return found.holds(name)

    def joins(self, node: gast.AST) -> bool:
        """Whether a statement may join containers by an operator."""
        value: Any = getattr(node, "value", None)
        if type(value) is not gast.BinOp or not isinstance(value.op, (gast.Add, gast.Mult, gast.BitOr)):
            return False
        return _may_be_container(self.operand_kind(value.left)) or _may_be_container(self.operand_kind(value.right))

    def changed_by(self, node: gast.AST) -> set[str]:
        """Names of what a statement changes in place, containers included."""
        known = self._changed_by.get(id(node))
        if known is None:
            # The node is kept with the answer, so that no other gets its identity.
            known = node, changed_names(node, self.calls, self.classes, self.operand_kind)
            self._changed_by[id(node)] = known
        return known[1]

    def written_by(self, node: gast.AST) -> set[str]:
        """Names of all that a statement may write into, arrays and what holds them included."""
        return self.changed_by(node).union(*map(self.classes.members, _stored_bases(node)))

    def restructured_by(self, node: gast.AST) -> set[str]:
        """Names of what a statement may give another structure: all that it writes into, save elements of arrays."""
        bases = (name for name in _stored_bases(node) if not self.operand_kind(tree.load(name)).is_array)
        return self.changed_by(node).union(*map(self.classes.members, bases))

    @cached_property
    def changed(self) -> frozenset[str]:
        """Names of what is changed in place anywhere."""
        every = tree.every_statement(self.unit.tree.body)
        return self.stored.union(*map(self.changed_by, every))


def stored_names(
    body: list[gast.AST], calls: Calls, classes: Classes, kind_of: Callable[[gast.AST], Kind]
) -> frozenset[str]:
    """Names of arrays that are written in place by some statement."""
    found: set[str] = set()
    for node in tree.every_statement(body):
        if stored_container(node, kind_of) is None:
            found.update(*map(classes.members, _stored_bases(node)))
        for name in written_inside(node, calls, kind_of):
            members = classes.members(name)
            if not _are_taken_later(members, node, body, kind_of):
                found.update(members)
    return frozenset(found)


def _are_taken_later(
    names: Iterable[str], change: gast.AST, body: list[gast.AST], kind_of: Callable[[gast.AST], Kind]
) -> bool:
    """Whether all arrays among some names were taken out of a container after a change, so that none sees it."""
    kinds = {name: kind_of(tree.load(name)) for name in names}
    arrays = {name for name, kind in kinds.items() if not kind.is_container and not kind.is_scalar}
    around: tuple[int, ...] | None = None
    for node, loops in _with_loops(body, ()):
        if node is change:
            around = loops
        bound = arrays.intersection(heads(node)[1])
        if bound and (around is None or loops[: len(around)] != around):
            return False
        arrays -= bound
    return not arrays


def _with_loops(block: list[gast.AST], around: tuple[int, ...]) -> Iterator[tuple[gast.AST, tuple[int, ...]]]:
    """All statements of a block in the order of the text, each with the loops around it."""
    for node in block:
        yield node, around
        inside = (*around, id(node)) if type(node) in tree.LOOPS else around
        for inner in tree.inner_blocks(node):
            yield from _with_loops(inner, inside)


def _may_be_container(kind: Kind) -> bool:
    return kind.is_container or kind.mixed


def _stored_bases(node: gast.AST) -> list[str]:
    """The names through which a statement writes into arrays or containers.

    In a statement that is kept whole, one assignment may have several targets.
    """
    if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
        return [str(node.target.id)]
    if isinstance(node, gast.Expr) and isinstance(node.value, gast.Call):
        call = node.value
        is_at = isinstance(call.func, gast.Attribute) and call.func.attr == "at" and call.args
        return [str(call.args[0].id)] if is_at and isinstance(call.args[0], gast.Name) else []
    return [
        str(place.value.id) for place in assigned_places(node)
        if isinstance(place, gast.Subscript) and isinstance(place.value, gast.Name)
    ]  # fmt: skip


def varied(facts: Facts, share: Callable[[str], Iterable[str]] = lambda name: (name,)) -> set[str]:
    """Names that may depend on what is differentiated, themselves or through memory that they share."""
    unit = facts.unit
    every = [*unit.request.wrt, *tree.names_written(unit.tree.body)]
    return active(facts.flows, unit.request.wrt, every, share, facts.kind_of_name)
