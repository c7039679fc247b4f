"""Tuples that are only taken apart, taken apart where they are made: `q, r = np.linalg.qr(a)`.

Needs: an ordinary program, kinds. Produces: an ordinary program. A temporary whose every use is an item by a literal
gives way to names for the items: those that the program gives them right after, else those of the function's rule.

>>> print(demo('''
... def f():
...     t = np.linalg.qr(np.eye(2))
...     r = t[1]
...     b = t[0] @ r
...     return b
... '''))
def f():
    q, r = np.linalg.qr(np.eye(2))
    b = q @ r
    return b
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import gast

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.namespace import meaning
from tangent_sct.optimize.blocks import below
from tangent_sct.optimize.effects import KindOf
from tangent_sct.templating import registry


def unpack(unit: Unit, kind_of: KindOf) -> Unit:
    """Give the items of tuples names where the tuples are made; the same unit where there are none.

    Args:
        unit: an ordinary program.
        kind_of: the kind of an expression.
    """
    displayed = _Displays(unit)
    if displayed.items:
        unit = unit.with_body(displayed.block(list(unit.tree.body)))
    worker = _Unpack(unit, kind_of)
    if not worker.lengths:
        return unit
    body = worker.block(list(unit.tree.body))
    body = worker.without_copies([tree.replaced(node, worker.name_of) for node in body])
    return unit.with_body(body, bases=worker.bases)


class _Displays:
    """Tuples of names that are only taken apart: their items are the names."""

    def __init__(self, unit: Unit) -> None:
        self.items: dict[str, list[gast.AST]] = {}
        every = list(tree.every_statement(unit.tree.body))
        if not any(_defines(node) and type(node.value) is gast.Tuple for node in every):
            return
        written: Counter[str] = Counter(tree.parameter_names(unit.tree))
        for node in tree.every_statement(unit.tree.body):
            written.update(_own_writes(node))
        found: dict[str, list[gast.AST]] = {}
        used: set[tuple[str, int] | None] = {_item(n) for s in unit.tree.body for n in tree.walk(s)}
        for node in tree.every_statement(unit.tree.body):
            if not _defines(node) or not isinstance(node.value, gast.Tuple):
                continue
            name, elements = node.targets[0].id, node.value.elts
            if unit.bases.get(name) == "" and written[name] == 1:
                settled = (
                    _is_settled(item, written) if (name, place) in used else self.is_idle(item, unit)
                    for place, item in enumerate(elements)
                )
                if all(settled):
                    found[name] = elements
        lengths = {name: len(elements) for name, elements in found.items()}
        self.items = {name: found[name] for name in _only_taken_apart(unit.tree.body, lengths)}

    def is_idle(self, node: gast.AST, unit: Unit) -> bool:
        """Whether an item that nobody reads may go: what it calls has a rule, and so no effect."""
        calls = (item for item in tree.walk(node) if isinstance(item, gast.Call))
        return all(registry.find(meaning(call.func, unit.namespace)) is not None for call in calls)

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        kept = [node for node in body if not (_defines(node) and node.targets[0].id in self.items)]
        return [tree.replaced(below(node, self.block), self.name_of) for node in kept]

    def name_of(self, node: gast.AST) -> gast.AST | None:
        item = _item(node)
        return tree.copy(self.items[item[0]][item[1]]) if item is not None and item[0] in self.items else None


class _Unpack:
    def __init__(self, unit: Unit, kind_of: KindOf) -> None:
        self.unit = unit
        self.bases = dict(unit.bases)
        self.kind_of = kind_of
        self.items: dict[tuple[str, int], gast.AST] = {}
        """What stands for each item of a tuple that has been taken apart."""
        self.written: Counter[str] = Counter()
        self.renamed: dict[str, gast.AST] = {}
        self.lengths: dict[str, int] = {}
        if any(self.is_tuple(node) for node in tree.every_statement(unit.tree.body)):
            for node in tree.every_statement(unit.tree.body):
                self.written.update(_own_writes(node))
            self.lengths = self.tuples()
        self.names = Names(
            {*unit.namespace, *self.written, *tree.parameter_names(unit.tree), *tree.names_read(unit.tree.body)}
            if self.lengths
            else ()
        )

    def is_tuple(self, node: gast.AST) -> bool:
        """Whether a statement gives a temporary the tuple that a call returns."""
        if not _defines(node) or type(node.value) is not gast.Call or self.bases.get(node.targets[0].id) != "":
            return False
        kind = self.kind_of(tree.load(node.targets[0].id))
        return kind.family == "tuple" and bool(kind.items)

    def tuples(self) -> dict[str, int]:
        """The temporaries that are only taken apart, with the number of their items."""
        found: dict[str, int] = {}
        for node in tree.every_statement(self.unit.tree.body):
            if self.is_tuple(node) and self.written[node.targets[0].id] == 1:
                items = self.kind_of(tree.load(node.targets[0].id)).items
                found[node.targets[0].id] = len(items or ())
        return {name: found[name] for name in _only_taken_apart(self.unit.tree.body, found)}

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        result: list[gast.AST] = []
        for place, node in enumerate(body):
            name = node.targets[0].id if _defines(node) else ""
            if name in self.lengths:
                result.append(self.taken_apart(node, name, body[place + 1 :]))
            else:
                result.append(below(node, self.block))
        return result

    def taken_apart(self, node: gast.Assign, name: str, following: Sequence[gast.AST]) -> gast.AST:
        """The assignment of a tuple as one to its items."""
        own = self.given_names(name, following)
        used = {place for place in range(self.lengths[name]) if self.is_used(name, place)}
        if len(used) == 1:
            (place,) = used
            target = own.get(place) or self.new_name(node, name, place)
            self.items[name, place] = tree.load(target)
            value = tree.subscript(node.value, tree.const(place))
            return tree.like(tree.assign(target, value), node)
        targets: list[gast.AST] = []
        unread = "" if "_" in tree.names_read(self.unit.tree.body) else "_"
        for place in range(self.lengths[name]):
            given = own.get(place) if place in used else unread
            target = given or self.new_name(node, name, place)
            self.items[name, place] = tree.load(target)
            targets.append(tree.store(target))
        return tree.like(gast.Assign([gast.Tuple(targets, gast.Store())], node.value, None), node)

    def is_used(self, name: str, place: int) -> bool:
        return any(
            _item(item) == (name, place) for statement in self.unit.tree.body for item in tree.walk(statement)
        )

    def given_names(self, name: str, following: Sequence[gast.AST]) -> dict[int, str]:
        """Names that the program itself gives the items in the same block, before it reads those names."""
        found: dict[int, str] = {}
        places: dict[str, int] = {}
        read: set[str] = set()
        for node in following:
            item = _item(node.value) if _defines(node) else None
            place = item[1] if item is not None and item[0] == name else None
            if _defines(node) and isinstance(node.value, gast.Name):
                place = places.get(node.value.id)
            if place is not None:
                target = node.targets[0].id
                if self.written[target] == 1 and target not in read:
                    places[target] = place
                    self.choose(found, place, target)
            read.update(tree.names_read(node))
        return found

    def choose(self, found: dict[int, str], place: int, target: str) -> None:
        """Of several names for an item the user's own is kept, and all temporaries are that."""
        known = found.setdefault(place, target)
        if known != target and self.bases.get(known) == "":
            found[place], target = target, known
        if found[place] != target and self.bases.get(target) == "":
            self.renamed[target] = tree.load(found[place])

    def new_name(self, node: gast.Assign, name: str, place: int) -> str:
        """A name for an item: as the rule of the function calls it, else after the tuple."""
        function = meaning(node.value.func, self.unit.namespace)
        rule = registry.find(function)
        several = () if rule is None else rule.results
        new = self.names.fresh(several[place] if len(several) == self.lengths[name] else name)
        self.bases[new] = ""
        return new

    def without_copies(self, body: list[gast.AST]) -> list[gast.AST]:
        """A block without what is left of `r = t[1]`: `r = r`, and other names for `r`."""
        kept = [
            node
            for node in body
            if not _defines(node)
            or not (tree.is_name(node.value, node.targets[0].id) or node.targets[0].id in self.renamed)
        ]
        return [below(node, self.without_copies) for node in kept]

    def name_of(self, node: gast.AST) -> gast.AST | None:
        """The name that an expression is read by now."""
        item = _item(node)
        if item is not None and item in self.items:
            return tree.copy(self.items[item])
        if type(node) is gast.Name and type(node.ctx) is gast.Load and node.id in self.renamed:
            return tree.copy(self.renamed[node.id])
        return None


def _defines(node: gast.AST) -> bool:
    return type(node) is gast.Assign and len(node.targets) == 1 and type(node.targets[0]) is gast.Name


def _only_taken_apart(body: Sequence[gast.AST], lengths: Mapping[str, int]) -> list[str]:
    """Of some names of tuples those of which nothing but items by a literal are read."""
    reads: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for node in (item for statement in body for item in tree.walk(statement)) if lengths else ():
        if type(node) is gast.Name and type(node.ctx) is gast.Load:
            reads[node.id] += 1
        item = _item(node)
        if item is not None:
            taken[item[0]] += item[1] < lengths.get(item[0], 0)
    return [name for name in lengths if reads[name] == taken[name] > 0]


def _own_writes(node: gast.AST) -> list[str]:
    """The names that a statement itself writes, not those of statements in it."""
    if isinstance(node, (gast.If, gast.While)):
        return []
    if isinstance(node, gast.For):
        return tree.names_written(node.target)
    if isinstance(node, gast.With):
        return tree.names_written(node.items)
    return tree.names_written(node)


def _is_settled(node: gast.AST, written: Mapping[str, int]) -> bool:
    """Whether an expression is a name, or an item of one, that is written once."""
    item = _item(node)
    name = node.id if isinstance(node, gast.Name) else None if item is None else item[0]
    return name is not None and written[name] == 1


def _item(node: gast.AST) -> tuple[str, int] | None:
    """The name and the place of `name[place]`."""
    if type(node) is not gast.Subscript or type(node.value) is not gast.Name:
        return None
    place = node.slice.value if type(node.slice) is gast.Constant else None
    return (node.value.id, place) if type(place) is int and place >= 0 else None


def demo(text: str) -> str:
    """The text of a function after the pass."""
    from tangent_sct.analysis.kinds import infer
    from tangent_sct.optimize.demo import unit_of

    unit = unit_of(text)
    return tree.text(unpack(unit, infer(unit).kind_of).tree)


