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

from tangent_sct.core import tree
from tangent_sct.core.kind import Kind

KindOf = Callable[[gast.AST], Kind]
MUTATORS = frozenset(
    "append clear extend insert pop popitem remove reverse setdefault sort update".split()
)
"""Methods of lists and dicts that change the object."""


@dataclass(frozen=True)
class Box:
    """A class of boxes.

    Attributes:
        members: names of boxes that may be, hold or be held by one another.
        changes: whether items are added, taken off or replaced after one of them was made.
    """

    members: frozenset[str]
    changes: bool


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
    classes: dict[str, list[str]] = {}
    for name in builder.parent:
        classes.setdefault(builder.find(name), []).append(name)
    found: dict[str, Box] = {}
    for members in classes.values():
        if builder.marked.isdisjoint(members) and not any(name in stored for name in members):
            continue
        box = Box(frozenset(members), not builder.changed.isdisjoint(members))
        found.update(dict.fromkeys(members, box))
    return found


def mutated_container(node: gast.AST) -> gast.Call | None:
    """The call of a method that may change a container, where a statement is one."""
    value = getattr(node, "value", None)
    if not isinstance(node, (gast.Expr, gast.Assign)) or not isinstance(value, gast.Call):
        return None
    function = value.func
    is_method = isinstance(function, gast.Attribute) and function.attr in MUTATORS
    return value if is_method and isinstance(function.value, gast.Name) else None


class _Builder:
    """Classes of containers, and the names that make a class one of boxes."""

    def __init__(
        self, kind_of: KindOf, tapes: Container[str], is_writer: Callable[[gast.AST], bool]
    ) -> None:
        self.kind_of = kind_of
        self.tapes = tapes
        self.is_writer = is_writer
        self.parent: dict[str, str] = {}
        self.marked: set[str] = set()
        self.changed: set[str] = set()

    def find(self, name: str) -> str:
        while self.parent[name] != name:
            self.parent[name] = name = self.parent[self.parent[name]]
        return name

    def meet(self, name: str) -> bool:
        """Whether a name holds a container; it gets a class."""
        kind = self.kind_of(tree.load(name))
        if not kind.is_container:
            return False
        if name not in self.parent:
            self.parent[name] = name
            if _is_open(kind) and name not in self.tapes:
                self.marked.add(name)
        return True

    def join(self, name: str, others: Iterable[str]) -> None:
        if self.meet(name):
            for other in others:
                if self.meet(other):
                    self.parent[self.find(other)] = self.find(name)

    def statement(self, node: gast.AST) -> None:
        if isinstance(node, gast.Assign):
            (target,) = node.targets
            if isinstance(target, gast.Name):
                self.join(target.id, _held(node.value))
                if isinstance(node.value, gast.BinOp) and isinstance(node.value.op, gast.Mult):
                    # Each item of a list that is repeated stands at several places.
                    self.mark(target.id)
            elif isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name):
                self.join(target.value.id, _held(node.value))
                self.change(target.value.id)
        elif isinstance(node, gast.AugAssign):
            target = node.target
            if isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name):
                self.change(target.value.id)
        call = mutated_container(node)
        if call is not None:
            owner = call.func.value.id
            for argument in call.args:
                self.join(owner, _held(argument))
            self.change(owner)
        value = getattr(node, "value", None)
        if isinstance(value, gast.Call) and value.args and self.is_writer(value.func):
            self.join(value.args[0].id, _held(value))
            self.change(value.args[0].id)
        for item in tree.walk(getattr(node, "value", None) or gast.Constant(None, None)):
            if isinstance(item, gast.Subscript) and isinstance(item.value, gast.Name):
                if not self.is_fixed(item.slice):
                    self.mark(item.value.id)

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
    if isinstance(node, gast.Name):
        yield node.id
    elif isinstance(node, gast.Subscript):
        yield from _held(node.value)
    elif isinstance(node, (gast.Tuple, gast.List)):
        for item in node.elts:
            yield from _held(item)
    elif isinstance(node, gast.Dict):
        for item in node.values:
            yield from _held(item)
    elif isinstance(node, gast.BinOp):
        yield from _held(node.left)
        yield from _held(node.right)
    elif isinstance(node, gast.Call):
        if isinstance(node.func, gast.Attribute):
            yield from _held(node.func.value)
        for argument in node.args:
            yield from _held(argument)
