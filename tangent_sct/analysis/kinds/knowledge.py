"""What the parts of the inference share: the program's objects, what is known so far, and whom to ask.

Kinds of expressions are found by handlers, one for each class of node (`expressions.HANDLERS`), that take the
knowledge and the node. They ask for the kinds of what is inside through `Knowledge.evaluate`, so no handler needs to
know the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import gast

from tangent_sct.analysis.adjoints import item_sums, shadow_names
from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.kinds.attributes import Changes
from tangent_sct.analysis.kinds.contents import Contents
from tangent_sct.analysis.kinds.kept import kept_names
from tangent_sct.analysis.kinds.lattice import join_all
from tangent_sct.analysis.kinds.layout import Layout
from tangent_sct.analysis.kinds.names import NameKinds
from tangent_sct.analysis.kinds.places import Place, Places
from tangent_sct.analysis.kinds.plain import plain_kinds
from tangent_sct.core.kind import TEXT, UNKNOWN, Kind, array, constant, is_object, scalar
from tangent_sct.core.unit import Unit

CallKind = Callable[[object, list[Kind], dict[str, Kind]], Kind]
Handler = Callable[["Knowledge", Any], Kind]


class Knowledge:
    """What is known of a program while its kinds are inferred.

    Args:
        unit: the program.
        handlers: how kinds of expressions are found, by the class of the node.
        otherwise: how they are found for all other classes.
        call_kind: tells the kind of the result of a function that has no rule.

    Attributes:
        layout: where names are defined.
        objects: what the free names mean.
        calls: what calls do.
        names: kinds of names.
        places: where containers are.
        contents: kinds of what is in lists and dicts.
    """

    def __init__(
        self,
        unit: Unit,
        handlers: Mapping[type[gast.AST], Handler],
        otherwise: Handler,
        call_kind: CallKind | None,
    ) -> None:
        self.layout = Layout(unit.tree)
        self.objects = _objects(unit, self.layout)
        self.names = NameKinds(self.layout, self.objects)
        self.calls = Calls(self.objects)
        self.names.plain = plain_kinds(unit.tree.body, self.objects, self.calls)
        self.places = Places(unit.tree.body, self.objects, self.calls.of_object)
        self.contents = Contents(self.names, self.places)
        self.call_kind = call_kind
        self.fresh = self.names.fresh
        self._function = unit.tree
        self._handlers = handlers
        self._otherwise = otherwise

    def evaluate(self, node: gast.AST) -> Kind:
        """The kind of an expression."""
        return self._handlers.get(type(node), self._otherwise)(self, node)

    def operand(self, node: gast.AST) -> Kind:
        """The kind of an expression that is computed with or taken apart, which None cannot be."""
        kind = self.evaluate(node)
        if kind.value is None:
            # It is something else by the time this runs.
            self.names.missing = True
        return kind.present or kind

    def is_kept(self, name: str) -> bool:
        """Whether an array surely stays as it was made."""
        return name in self._kept

    @cached_property
    def shadows(self) -> frozenset[str]:
        """Names of shadows, in a derivative that is differentiated itself."""
        return shadow_names(self._function.body, self.objects)

    @cached_property
    def sums(self) -> frozenset[int]:
        """The statements that put an item of a shadow back after something was added to it."""
        found = item_sums(self._function.body, self.objects, self.shadows)
        return frozenset(id(item.store) for item in found)

    @cached_property
    def changes(self) -> Changes:
        """Which attributes the program may change."""
        return Changes(self._function, self.objects)

    @cached_property
    def _kept(self) -> frozenset[str]:
        return kept_names(self._function, self.objects)

    def item(self, kind: Kind) -> Kind:
        """The kind of any item of a value; one that is empty, as far as is known yet, gives none."""
        if kind.items == ():
            self.names.missing = True
            return UNKNOWN
        if is_object(kind):
            # Its class says what it runs through, not its attributes.
            return UNKNOWN
        if kind.is_array and kind.shape:
            return array(kind.shape[1:], kind.dtype) if len(kind.shape) > 1 else scalar(kind.dtype)
        if kind.family in ("tuple", "list") and kind.element is not None:
            return self.element(kind)
        if kind.family in ("other", "unknown") and kind.element is not None:
            return self.names.fixed(kind.element)
        if kind.family in ("tuple", "list") and kind.items:
            return join_all((item for _, item in kind.items), self.fresh).forget_value()
        if kind.family == "dict" and kind.items:
            return join_all((constant(key) for key, _ in kind.items), self.fresh).forget_value()
        return TEXT if kind.is_text else UNKNOWN

    def element(self, kind: Kind) -> Kind:
        """The kind of some item of a container whose structure is not known; two of them may differ in size."""
        return UNKNOWN if kind.element is None else self.names.fixed(kind.element)

    def put_all(self, place: Place, kind: Kind) -> None:
        """What a value holds is put into a container at a place as well."""
        if kind.items != ():
            item = self.item(kind)
            self.contents.put(place, item)
            self.contents.note(self.places.items(place), item)

    def await_items(self, kinds: Iterable[Kind]) -> None:
        """Something is computed of values: of a list that is empty there may be more to know yet."""
        if any(kind.items == () and kind.family in ("list", "dict") for kind in kinds):
            self.names.postpone()


def _objects(unit: Unit, layout: Layout) -> Mapping[str, Any]:
    """The objects of the free names; those that are not listed are looked up."""
    found: dict[str, Any] = dict(unit.namespace)
    for name in layout.free():
        if name not in found:
            try:
                found[name] = unit.source.lookup(name)
            except KeyError:
                continue
    for name in layout.definitions:
        found.pop(name, None)
    return found


def operands_of(node: gast.Call) -> Iterator[gast.AST]:
    """The expressions that a call is given."""
    for item in node.args:
        yield item.value if isinstance(item, gast.Starred) else item
    for keyword in node.keywords:
        yield keyword.value
