"""Which containers have a shadow: those whose structure is decided while the program runs.

The adjoint of a tuple or dict that is written out and only taken apart again is the adjoints of its items,
each under a name of its own. That is not possible for a *box*: a list that grows or whose items are
replaced, a container of unknown length, one of which an item is chosen while the program runs, and one that
holds arrays written in place. A box has a shadow: one container of the same structure, with the adjoint
of each item in the item's place.

What a box is copied to, what it is an item of and the containers it holds are boxes too, so that shadows
mirror one another: the closure is over classes of containers (unions, as in `aliases`).

Needs: kinds, alias classes. Produces: for every box, the boxes that it shares a class with.

>>> from tangent_sct.core.kind import Kind, UNKNOWN
>>> body = tree.statements('''
... c = [x]
... c.append(y)
... d = c
... p = (x, y)
... ''')
>>> listed = Kind("list")
>>> kinds = {"c": listed, "d": listed, "p": Kind("tuple", items=((0, UNKNOWN), (1, UNKNOWN)))}
>>> found = boxes(body, lambda e: kinds.get(getattr(e, "id", ""), UNKNOWN), frozenset())
>>> sorted(found)
['c', 'd']
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass

import gast

from tangent_sct.analysis.calls import MUTATORS
from tangent_sct.analysis.operations import DISPLAYS, opened
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.unions import Unions

KindOf = Callable[[gast.AST], Kind]
_METHODS = frozenset(name for name in MUTATORS if hasattr(list, name) or hasattr(dict, name))
"""Methods of lists and dicts that change the object."""


@dataclass(frozen=True)
class Box:
    """A class of boxes.

    Attributes:
        members: names of boxes that may be, hold or be held by one another.
        changes: whether items are added, taken off or replaced after one of them was made.
        nests: whether a container was put into one of them.
    """

    members: frozenset[str]
    changes: bool
    nests: bool = False


def boxes(
    body: Iterable[gast.AST],
    kind_of: KindOf,
    stored: Container[str],
    parameters: Iterable[str] = (),
    tapes: Container[str] = (),
    is_writer: Callable[[gast.AST], bool] = lambda function: False,
) -> dict[str, Box]:
    """The boxes of a program in single assignment; see the module's docstring.

    Args:
        body: the statements.
        kind_of: kinds of expressions.
        stored: names that may reach an array that is written in place.
        parameters: names that hold something before the first statement.
        is_writer: whether a function is one of those by which derivatives change shadows.
        tapes: lists that are only pushed to and popped from, which need no shadow to read from.

    Returns:
        For every box its class.
    """
    builder = _Builder(kind_of, tapes, is_writer)
    for name in parameters:
        builder.meet(name)
    for node in tree.every_statement(body):
        builder.statement(node)
    found: dict[str, Box] = {}
    for members in builder.unions.sets().values():
        if builder.marked.isdisjoint(members) and not any(name in stored for name in members):
            continue
        changes, nests = (not names.isdisjoint(members) for names in (builder.changed, builder.nesting))
        box = Box(frozenset(members), changes, nests)
        found.update(dict.fromkeys(members, box))
    return found


def mutated_container(node: gast.AST) -> gast.Call | None:
    """The call of a method that may change a container, where a statement is one."""
    value = getattr(node, "value", None)
    if not isinstance(value, gast.Call) or not isinstance(node, (gast.Expr, gast.Assign)):
        return None
    function = value.func
    is_method = type(function) is gast.Attribute and function.attr in _METHODS
    return value if is_method and type(function.value) is gast.Name else None


class _Builder:
    """Classes of containers, and the names that make a class one of boxes."""

    def __init__(
        self, kind_of: KindOf, tapes: Container[str], is_writer: Callable[[gast.AST], bool]
    ) -> None:
        self.kind_of = kind_of
        self.tapes = tapes
        self.is_writer = is_writer
        self.unions = Unions[str]()
        self.marked: set[str] = set()
        self.changed: set[str] = set()
        self.nesting: set[str] = set()

    def meet(self, name: str) -> bool:
        """Whether a name holds a container; it gets a class."""
        kind = self.kind_of(tree.load(name))
        if not kind.is_container:
            return False
        if name not in self.unions:
            self.unions.meet(name)
            if _is_open(kind) and name not in self.tapes:
                self.marked.add(name)
        return True

    def join(self, name: str, others: Iterable[str]) -> None:
        if self.meet(name):
            self.unions.unite(name, *filter(self.meet, others))

    def statement(self, node: gast.AST) -> None:
        if type(node) is gast.Assign:
            (target,) = node.targets
            if type(target) is gast.Name:
                self.join(target.id, _held(node.value))
                if type(node.value) is gast.BinOp and type(node.value.op) is gast.Mult:
                    # Each item of a list that is repeated stands at several places.
                    self.mark(target.id)
            elif type(target) is gast.Subscript and type(target.value) is gast.Name:
                self.join(target.value.id, _held(node.value))
                self.put(target.value.id, [node.value])
                self.change(target.value.id)
        elif type(node) is gast.AugAssign:
            target = node.target
            if type(target) is gast.Subscript and type(target.value) is gast.Name:
                self.change(target.value.id)
        call = mutated_container(node)
        if call is not None:
            owner = call.func.value.id
            for argument in call.args:
                self.join(owner, _held(argument))
            self.put(owner, call.args)
            self.change(owner)
        value = getattr(node, "value", None)
        if isinstance(value, gast.Call) and value.args and self.is_writer(value.func):
            # What is changed may be a display of several shadows.
            for name in _held(value.args[0]):
                self.join(name, _held(value))
                self.change(name)
        if value is not None:
            self.look_inside(value, node.targets[0] if type(node) is gast.Assign else None)

    def look_inside(self, value: gast.AST, target: gast.AST | None) -> None:
        """Meet what a value takes items out of, and the displays that it puts together."""
        for item in tree.walk(value):
            if type(item) is gast.Subscript and type(item.value) is gast.Name:
                if not self.is_fixed(item.slice):
                    self.mark(item.value.id)
            elif isinstance(item, DISPLAYS) and isinstance(target, gast.Name):
                # Of `rows + [row]` it is the display that counts.
                self.put(target.id, tree.displayed(item))

    def put(self, owner: str, items: Iterable[gast.AST]) -> None:
        """Note whether a container is among what is put into another one."""
        if any(isinstance(item, DISPLAYS) or (type(item) is gast.Name and self.meet(item.id)) for item in items):
            self.nesting.add(owner)

    def change(self, name: str) -> None:
        self.mark(name)
        self.changed.add(name)

    def mark(self, name: str) -> None:
        if self.meet(name) and name not in self.tapes:
            self.marked.add(name)

    def is_fixed(self, key: gast.AST) -> bool:
        """Whether a subscript selects the same items in every run."""
        if isinstance(key, gast.Slice):
            bounds = (key.lower, key.upper, key.step)
            return all(b is None or isinstance(self.kind_of(b).value, int) for b in bounds)
        return tree.is_constant(key)


def _is_open(kind: Kind) -> bool:
    """Whether the structure of a container, or of one inside it, is not known."""
    if kind.items is None:
        return True
    return any(item.is_container and _is_open(item) for _, item in kind.items)


def _held(node: gast.AST) -> Iterator[str]:
    """Names of the containers that a value is, is taken out of, or is made of."""
    for atom in opened(node):
        if isinstance(atom, gast.Name):
            yield atom.id
        elif isinstance(atom, gast.Subscript):
            yield from _held(atom.value)
        elif isinstance(atom, gast.BinOp):
            yield from _held(atom.left)
            yield from _held(atom.right)
        elif isinstance(atom, gast.Call):
            if isinstance(atom.func, gast.Attribute):
                yield from _held(atom.func.value)
            for argument in atom.args:
                yield from _held(argument)
