"""Lists that change in length while they are looped over.

A loop over a list has become a loop over `range(len(c))`, so that it can be run backwards. Python asks for the
length anew in each iteration. Where the list, under any of its names, is made longer or shorter in the body, the two
differ, and the loop is refused.

Which names mean one list is told by classes with contents (Steensgaard's analysis, one level of contents at a time):
`d = c` makes one class of both, `p = [c]`, `p.append(c)` and `c = p[0]` make one of `c` and what `p` holds, and a
copy holds what the original holds.

>>> from tangent_sct.core.kind import UNKNOWN
>>> names = identities(tree.statements('''
... d = c
... p = [c]
... e = p[0]
... f = list(c)
... p.append(g)
... '''), lambda node: UNKNOWN)
>>> [names.same("c", name) for name in "depfg"]
[True, True, False, False, True]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.core.unions import Unions

KindOf = Callable[[gast.AST], Kind]
_COPIES = frozenset(("list", "tuple", "sorted", "dict", "reversed", "copied", "named"))
"""Functions that make a new container of the items of another."""
_KEEPING_LENGTH = frozenset(("add_item", "add_items", "cycle", "cycle_back", "reorder", "restore_order"))
"""What derivatives and rules call to add to the items of a list, or to put them into another order."""
_RESIZERS = frozenset(("append", "clear", "extend", "insert", "pop", "remove"))
"""Methods that make a list longer or shorter."""


def refuse_changing_lengths(
    body: list[gast.AST], kind_of: KindOf, written_by: Callable[[gast.AST], Iterable[str]]
) -> None:
    """Refuse a loop over a list that is made longer or shorter in the loop.

    Args:
        body: a program in single assignment.
        kind_of: kinds of expressions.
        written_by: names of all that a statement may write into.

    Raises:
        UnsupportedError: naming the statement that changes the list.
    """
    held = _Held(body)
    loops = [
        (node, names)
        for node in tree.every_statement(body)
        if isinstance(node, gast.For) and (names := [*_taken_in_turn(node, kind_of), *held(node)])
    ]
    order = {id(node): place for place, node in enumerate(tree.every_statement(body))}
    places: dict[str, list[tuple[int, gast.AST]]] = {}
    for node in tree.every_statement(body) if loops else ():
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            places.setdefault(node.targets[0].id, []).append((order[id(node)], node.value))

    def is_newer(owner: str, name: str, loop: gast.AST) -> bool:
        """Whether a list is made for the loop, after what is looped over has got its name."""
        (made, value), *others = places.get(owner, [(0, None)])
        is_new = not others and isinstance(value, gast.List) and made < order[id(loop)]
        return is_new and not any(made < place < order[id(loop)] for place, _ in places.get(name, ()))

    every = list(tree.every_statement(body)) if loops else []
    around = dict(_loops_around(body, ()))

    def is_own(owner: str, loop: gast.AST) -> bool:
        """Whether a list is made in the same iteration as the loop, and nothing else has it before the loop."""
        (made, value), *others = places.get(owner, [(0, None)])
        if others or not isinstance(value, gast.List) or around[id(every[made])] != around[id(loop)]:
            return False
        return not any(_hands_out(owner, node) for node in every[made + 1 : order[id(loop)]])

    def is_apart(owner: gast.AST, name: str, loop: gast.AST) -> bool:
        """Whether what is resized plainly is another list than the one that is looped over."""
        if isinstance(owner, gast.Name):
            return owner.id != name and (is_newer(owner.id, name, loop) or is_own(owner.id, loop))
        (_, value), *others = places.get(name, [(0, None)])
        return not others and _is_other_place(owner, value)

    found = [
        (name, owner, statement)
        for loop, names in loops
        for statement in tree.every_statement(loop.body)
        for owner in _resized(statement, written_by)
        if _may_be_list(kind_of(tree.with_context(tree.copy(owner), gast.Load())))
        for name in names
        if not is_apart(owner, name, loop)
    ]
    if found:
        same = identities(body, kind_of)
        for name, owner, statement in found:
            place = same.place(owner)
            if place is None:
                continue
            if same.same(place, name) or (name in held.names and same.same(place, same.content(name))):
                raise UnsupportedError(
                    "a list of active values is changed in length while it is looped over",
                    tree.origin_of(statement),
                    "collect the new items in another list, or loop over a copy: `for v in list(c):`",
                )


class _Held:
    """What objects hold that loops run through by index: their length was asked for before the loop.

    Attributes:
        names: what holds it, or is held.
    """

    def __init__(self, body: list[gast.AST]) -> None:
        self.names: set[str] = set()
        self._read: dict[str, set[str]] = {}
        lengths: dict[str, set[str]] = {}
        for node in tree.every_statement(body):
            target = node.targets[0] if isinstance(node, gast.Assign) else None
            if not isinstance(target, gast.Name):
                continue
            read = set(tree.names_read(node.value))
            lengths[target.id] = read if isinstance(node.value, gast.Call) else _all_of(lengths, read)
            self._read[target.id] = lengths[target.id] if hasattr(node, "measures") else _all_of(self._read, read)
            self.names |= self._read[target.id]

    def __call__(self, loop: gast.For) -> set[str]:
        """What is asked for its length before a loop that relies on it."""
        return _all_of(self._read, tree.names_read(loop.iter))


def _all_of(found: Mapping[str, set[str]], names: Iterable[str]) -> set[str]:
    return set().union(*(found.get(name, ()) for name in names))


def _loops_around(block: list[gast.AST], loops: tuple[int, ...]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """The loops around each statement, by identity."""
    for node in block:
        yield id(node), loops
        inside = (*loops, id(node)) if type(node) in tree.LOOPS else loops
        for inner in tree.blocks(node):
            yield from _loops_around(inner, inside)


def _hands_out(name: str, node: gast.AST) -> bool:
    """Whether a statement may give a list another name, or put it somewhere: all but its items and its methods."""
    every = [item for part in tree.own_parts(node) for item in tree.walk(part)]
    used = {id(item.value) for item in every if isinstance(item, (gast.Subscript, gast.Attribute))}
    used.update(id(item.args[0]) for item in every if isinstance(item, gast.Call) and tree.is_name(item.func, "len"))
    return any(tree.is_name(item, name) and id(item) not in used for item in every)


def _taken_in_turn(loop: gast.For, kind_of: KindOf) -> Iterator[str]:
    """The lists whose items a loop takes one after the other."""
    for node in loop.body:
        value = getattr(node, "value", None)
        if isinstance(value, gast.Subscript) and getattr(value, "in_turn", False):
            if isinstance(value.value, gast.Name) and _may_be_list(kind_of(value.value)):
                yield value.value.id


def _may_be_list(kind: Kind) -> bool:
    return kind.family in ("list", "unknown")


def _resized(node: gast.AST, written_by: Callable[[gast.AST], Iterable[str]]) -> Iterator[gast.AST]:
    """The lists that a statement makes longer or shorter."""
    value = getattr(node, "value", None)
    if isinstance(node, (gast.Expr, gast.Assign)) and isinstance(value, gast.Call):
        function = value.func
        if isinstance(function, gast.Attribute) and function.attr in _RESIZERS:
            yield function.value
        elif tree.is_name(function, "taken_tail"):
            yield value.args[0]
        elif isinstance(node, gast.Expr) and isinstance(function, gast.Name) and function.id not in _KEEPING_LENGTH:
            # A function that nothing is differentiated in.
            yield from map(tree.load, written_by(node))
    target = node.targets[0] if isinstance(node, gast.Assign) else None
    if isinstance(target, gast.Subscript) and isinstance(target.slice, gast.Slice):
        yield target.value
    if isinstance(node, gast.Delete):
        yield from (item.value for item in node.targets if isinstance(item, gast.Subscript))
    elif isinstance(node, gast.AugAssign) and isinstance(node.op, (gast.Add, gast.Mult)):
        yield node.target


def _is_other_place(place: gast.AST, other: gast.AST | None) -> bool:
    """Whether two places are parts of one thing, plainly under different names."""
    places: tuple[list[Any], list[Any]] = ([], [])
    for names, part in zip(places, (place, other), strict=True):
        while isinstance(part, gast.Attribute) or (
            isinstance(part, gast.Subscript) and isinstance(part.slice, gast.Constant)
        ):
            names.append(part.attr if isinstance(part, gast.Attribute) else part.slice.value)
            part = part.value
        if not isinstance(part, gast.Name):
            return False
        names.append(part.id)
    return places[0] != places[1] and places[0][-1] == places[1][-1]


class Identities:
    """Which names may mean one container."""

    def __init__(self, may_be: Callable[[str], bool]) -> None:
        self._may_be = may_be
        self._unions = Unions[str]()
        self._contents: dict[str, str] = {}

    def same(self, left: str, right: str) -> bool:
        """Whether two names may mean one container."""
        return self._unions.find(left) == self._unions.find(right)

    def content(self, name: str) -> str:
        """A name for all that the containers of a class hold."""
        root = self._unions.find(name)
        return self._contents.setdefault(root, f"{root}[]")

    def place(self, node: gast.AST) -> str | None:
        """What stands for a name, or for a part of what a name means; None for other expressions."""
        if isinstance(node, gast.Name):
            return str(node.id)
        whole = self.place(node.value) if isinstance(node, (gast.Subscript, gast.Attribute)) else None
        return None if whole is None else self.content(whole)

    def unite(self, left: str, right: str) -> None:
        """Two names may mean one container; so may what they hold."""
        pending = [(left, right)]
        while pending:
            one, other = pending.pop()
            first, second = self._unions.find(one), self._unions.find(other)
            if first == second or not (self._may_be(one) and self._may_be(other)):
                continue
            held = [self._contents.pop(root) for root in (first, second) if root in self._contents]
            self._unions.unite(first, second)
            if held:
                self._contents[self._unions.find(first)] = held[0]
            if len(held) == 2:
                pending.append((held[0], held[1]))

    def assign(self, name: str, value: gast.AST) -> None:
        """A name, or what stands for one, is given a value."""
        if isinstance(value, gast.Name):
            self.unite(name, value.id)
        elif isinstance(value, (gast.Subscript, gast.Attribute)) and (part := self.place(value)) is not None:
            if isinstance(getattr(value, "slice", None), gast.Slice):
                # A copy holds what the original holds.
                self.unite(self.content(name), part)
            else:
                self.unite(name, part)
        elif isinstance(value, (gast.Tuple, gast.List)):
            for item in value.elts:
                self.assign(self.content(name), item)
        elif isinstance(value, gast.Dict):
            for item in value.values:
                self.assign(self.content(name), item)
        elif isinstance(value, gast.BinOp):
            for item in (value.left, value.right):
                self._copy(name, item)
        elif isinstance(value, gast.Call):
            self._called(name, value)

    def put(self, call: gast.Call) -> None:
        """What a method puts into a container is what the container holds."""
        owner = call.func.value if isinstance(call.func, gast.Attribute) else None
        if not isinstance(owner, gast.Name):
            return
        for argument in call.args:
            if call.func.attr in ("append", "insert", "setdefault"):
                self.assign(self.content(owner.id), argument)
            elif call.func.attr in ("extend", "update"):
                self._copy(owner.id, argument)

    def _copy(self, name: str, value: gast.AST) -> None:
        """A new container of the items of a value."""
        if isinstance(value, gast.Name):
            self.unite(self.content(name), self.content(value.id))
        else:
            self.assign(name, value)

    def _called(self, name: str, call: gast.Call) -> None:
        owner = call.func.value if isinstance(call.func, gast.Attribute) else None
        if isinstance(owner, gast.Name) and call.func.attr in ("copy", "values", "items"):
            self._copy(name, owner)
        elif isinstance(owner, gast.Name) and call.func.attr in ("pop", "get", "setdefault"):
            self.assign(name, tree.subscript(owner, tree.const(0)))
            for value in call.args[1:]:
                self.assign(name, value)
        elif isinstance(call.func, gast.Name) and call.func.id in _COPIES:
            for value in call.args:
                self._copy(name, value)
        else:
            # It may be an argument, or one of its items, or hold it.
            for argument in tree.names_read([*call.args, *(k.value for k in call.keywords)]):
                self.unite(name, argument)
                self.unite(name, self.content(argument))


def identities(body: Iterable[gast.AST], kind_of: KindOf) -> Identities:
    """Which names of a program may mean one container.

    Args:
        body: the statements.
        kind_of: kinds of expressions; numbers and arrays are no containers.
    """

    def may_be(name: str) -> bool:
        return name.endswith("[]") or kind_of(tree.load(name)).family not in ("scalar", "array", "other")

    found = Identities(may_be)
    for node in tree.every_statement(body):
        value = getattr(node, "value", None)
        if isinstance(node, gast.Assign):
            (target,) = node.targets
            if isinstance(target, gast.Name):
                found.assign(target.id, value)
            elif isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name):
                found.assign(found.content(target.value.id), value)
        elif isinstance(node, gast.For):
            for name in tree.names_written(node.target):
                for source in tree.names_read(node.iter):
                    found.unite(name, found.content(source))
        if isinstance(value, gast.Call):
            found.put(value)
    return found
