"""Which definitions of functions a program still needs, once the calls of them have been unfolded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.live import live_through, read_late


def settled(body: list[gast.AST]) -> list[gast.AST]:
    """The body without the functions that have been unfolded wherever they are called.

    Definitions and copies that nothing reads go. Where functions are left only to be told apart, their names
    stand for them; what is left with such tests means None where it is not defined.
    """
    body = without_unread(body)
    defined = {n.name for n in tree.every_statement(body) if isinstance(n, gast.FunctionDef)}
    told = {name for group in _groups(body, defined) if _are_only_told_apart(body, group) for name in group}
    # On a way on which a function is not defined, what is told apart from it is another.
    unsure = defined - told - {n.name for n in body if isinstance(n, gast.FunctionDef)}
    body = [*(tree.assign(name, tree.const(None)) for name in sorted(_compared(body, unsure))), *body]
    if not told:
        return body
    named = {name: tree.const(name) for name in told}

    def change(node: gast.AST) -> gast.AST:
        node = tree.substitute(node, named)
        return tree.rewrite(node, _told_by_name)

    told_apart = {id(node) for node in _removable(body) if _function_name(node) in told}
    return [change(node) for node in _without(body, told_apart)]


def _compared(body: list[gast.AST], names: set[str]) -> set[str]:
    """Which of some functions others are told apart from."""
    tests = (item for node in body for item in tree.walk(node) if isinstance(item, gast.Compare))
    others = (test.comparators[0] for test in tests if isinstance(test.ops[0], gast.Is))
    return {other.id for other in others if tree.is_one_of(other, names)}


def _groups(body: list[gast.AST], defined: set[str]) -> list[set[str]]:
    """The functions defined in a body: together those that one variable may hold, and those that others read."""
    moves = _moves(body)
    found: list[tuple[set[str], set[str]]] = []
    read: dict[str, set[str]] = {name: set() for name in defined}
    for node in tree.every_statement(body):
        if isinstance(node, gast.FunctionDef):
            read[node.name] |= _read_by_scopes(node)
    for name in sorted(defined):
        group, held = {name}, _spread(moves, [name], _hands_on) | _spread(moves, [name], _keeps) | read[name]
        for other in [other for other in found if not other[1].isdisjoint(held)]:
            found.remove(other)
            group, held = group | other[0], held | other[1]
        found.append((group, held))
    return [group for group, _ in found]


def _told_by_name(node: gast.AST) -> gast.AST | None:
    """`f is "name"` is `f == "name"`."""
    if isinstance(node, gast.Compare) and isinstance(node.ops[0], gast.Is):
        if isinstance(getattr(node.comparators[0], "value", None), str):
            return gast.Compare(node.left, [gast.Eq()], node.comparators)
    return None

_PLAIN_USES = (
    gast.Name, gast.Constant, gast.Subscript, gast.Tuple, gast.List, gast.Dict, gast.BinOp, gast.IfExp,
)  # fmt: skip
"""Expressions that hand functions on, or take them out of containers, and ask nothing of them."""


def _are_only_told_apart(body: list[gast.AST], defined: set[str]) -> bool:
    """Whether nothing is done with functions defined inside but to copy, to keep and to tell them apart."""
    moves = _moves(body)
    found, maybe = _spread(moves, defined, _hands_on), _spread(moves, defined, _keeps)
    own = {name for node in tree.every_statement(body) if (name := _made_here(node)) is not None}

    def asks_length(node: gast.AST) -> bool:
        return _asks_length(node) and node.func.id not in found

    def is_plain(node: gast.AST) -> bool:
        if found.isdisjoint(tree.names_read(node)):
            return True
        parts = [n for n in tree.children(node) if isinstance(n, gast.expr)]
        if isinstance(node, gast.Compare):
            return all(asks_length(part) or found.isdisjoint(tree.names_read(part)) for part in parts)
        return (isinstance(node, _PLAIN_USES) or asks_length(node)) and all(map(is_plain, parts))

    for node in tree.every_statement(body):
        if isinstance(node, gast.Assign):
            kept = getattr(node, "tells_apart", False) or is_plain(node.value)
            (target,) = node.targets
            if isinstance(target, gast.Attribute) and not found.isdisjoint(tree.names_read(target)):
                # A text has no attributes.
                return False
            if not kept or (_is_stored(node, found) and not tree.is_one_of(getattr(target, "value", None), own)):
                return False
        elif isinstance(node, (gast.Return, gast.Expr)):
            if not is_plain(node.value):
                return False
        elif not isinstance(node, gast.FunctionDef) and not all(map(is_plain, own_parts(node))):
            return False
        if any(not maybe.isdisjoint(tree.names_read(c)) and not asks_length(c) for c in calls_in(node)):
            return False
    return True


def _made_here(node: gast.AST) -> str | None:
    """The name of a container that a statement makes, None for other statements."""
    if isinstance(node, gast.Assign) and isinstance(node.value, (gast.List, gast.Dict)):
        (target,) = node.targets
        return target.id if isinstance(target, gast.Name) else None
    return None


def _is_stored(node: gast.Assign, names: set[str]) -> bool:
    """Whether one of some names is stored into an object."""
    is_kept = not isinstance(node.targets[0], gast.Name)
    return is_kept and not names.isdisjoint(tree.names_read(node.value))


def _asks_length(node: gast.AST) -> bool:
    return isinstance(node, gast.Call) and tree.is_name(node.func, "len", "range")


def holders(body: list[gast.AST], functions: Iterable[str]) -> set[str]:
    """Names that may hold some functions, or containers of them: those themselves, and what is made of them."""

    return _spread(_moves(body), functions, _keeps)


def _keeps(node: gast.Assign) -> bool:
    """Whether an assignment of something made of functions may assign one, or a container of them."""
    return not isinstance(node.value, (gast.Call, gast.Compare)) and not getattr(node, "is_plain_item", False)


def _hands_on(node: gast.Assign) -> bool:
    """Whether an assignment of something made of functions assigns a function, or a container of them."""
    if isinstance(node.value, gast.Subscript):
        return getattr(node, "is_function", False)
    return not isinstance(node.value, (gast.Call, gast.Compare))


class _Move(NamedTuple):
    """An assignment, or a loop over items: what it reads, what it names, and what it stores into."""

    node: gast.AST
    read: list[str]
    named: list[str]
    stored: list[str]


def _moves(body: list[gast.AST]) -> list[_Move]:
    """The statements of a body that hand values on."""
    found = []
    for node in tree.every_statement(body):
        if isinstance(node, gast.Assign):
            (target,) = node.targets
            stored = [] if isinstance(target, gast.Name) else tree.names_read(target)
            found.append(_Move(node, tree.names_read(node.value), tree.names_written(target), stored))
        elif isinstance(node, gast.For):
            found.append(_Move(node, tree.names_read(node.iter), tree.names_written(node.target), []))
    return found


def _spread(moves: list[_Move], names: Iterable[str], hands_on: Callable[[gast.Assign], bool]) -> set[str]:
    """Some names, and those that hold something of theirs by assignments that hand it on."""
    found: set[str] = set()
    more = set(names)
    stored: set[str] = set()
    while more != found:
        found = set(more)
        for node, read, named, into in moves:
            if not more.isdisjoint(read) and (isinstance(node, gast.For) or hands_on(node)):
                more.update(named)
                stored.update(into)
            if not stored.isdisjoint(named):
                # What is stored into may be a part of what it was taken from.
                stored.update(read)
        more |= stored
    return found


def calls_in(node: gast.AST) -> Iterator[gast.Call]:
    """The calls that a statement itself makes, blocks and definitions inside left out."""
    for part in own_parts(node):
        for item in tree.walk(part):
            if type(item) is gast.Call:
                yield item


def own_parts(node: gast.AST) -> list[gast.AST]:
    """What a statement itself evaluates; the definition of a function evaluates nothing here."""
    return [] if type(node) is gast.FunctionDef else tree.own_parts(node)


def without_unread(body: list[gast.AST]) -> list[gast.AST]:
    """The body without functions, and copies of them, that nothing reads while their name means them."""
    count = -1
    while count != (count := sum(1 for _ in tree.every_statement(body))):
        made = {id(node): name for node in _removable(body) if (name := _function_name(node)) is not None}
        if made:
            body = _without(body, made.keys() - _needed(body, made))
    return body


def with_copies_marked(body: list[gast.AST]) -> list[gast.AST]:
    """The body, in single assignment, with copies of functions that are defined in it marked as such."""
    functions: set[str] = set()
    for node in tree.every_statement(body):
        if isinstance(node, gast.FunctionDef):
            functions.add(node.name)
        elif isinstance(node, gast.Assign) and isinstance(node.value, gast.Name) and node.value.id in functions:
            (target,) = node.targets
            if isinstance(target, gast.Name):
                node.is_function = True
                functions.add(target.id)
    return body


def _needed(body: list[gast.AST], made: Mapping[int, str]) -> set[int]:
    """Which of some statements that make functions what is left of a program needs.

    The variables that a function reads are read whenever it is called, so by anybody at any time.
    """
    needed: set[int] = set()
    late = {name for node in tree.every_statement(body) if id(node) not in made for name in _read_by_scopes(node)}

    def decide(node: gast.AST, live: set[str]) -> set[str] | None:
        name = made.get(id(node))
        if name is None or id(node) in needed:
            return None
        if name not in live and name not in late:
            return live - {name}
        needed.add(id(node))
        late.update(_read_by_scopes(node))
        return None

    count = -1
    while count != len(needed):
        count = len(needed)
        live_through(body, set(), decide)
    return needed


def _read_by_scopes(node: gast.AST) -> set[str]:
    """Names that functions and generators read which a statement itself makes."""
    parts = [node] if isinstance(node, tree.SCOPES) else tree.own_parts(node)
    scopes = (*tree.SCOPES, gast.GeneratorExp)
    return {n for part in parts for item in tree.walk(part) if isinstance(item, scopes) for n in read_late(item)}


def _removable(body: list[gast.AST]) -> Iterator[gast.AST]:
    """The statements of a block and of those below it that may be left out one by one."""
    for node in body:
        yield node
        if type(node) in tree.COMPOUND:
            for block in tree.inner_blocks(node):
                yield from _removable(block)


def _function_name(node: gast.AST) -> str | None:
    """The name that a statement gives to a function, None where it does not."""
    if isinstance(node, gast.FunctionDef):
        return str(node.name)
    is_copy = isinstance(node, gast.Assign) and getattr(node, "is_function", False) and not _compares(node.value)
    return str(node.targets[0].id) if is_copy else None


def _compares(node: gast.AST) -> bool:
    """Whether objects are compared, or handed to a `key`, which may do more than to choose some."""
    return isinstance(node, gast.Call) and tree.is_name(node.func, "sorted", "max", "min")


def _without(body: list[gast.AST], chosen: Collection[int]) -> list[gast.AST]:
    """A block without the statements of some identities."""
    kept: list[gast.AST] = []
    for node in body:
        if id(node) in chosen:
            continue
        if type(node) in tree.COMPOUND:
            node.body = _without(node.body, chosen) or [tree.like(gast.Pass(), node)]
            if hasattr(node, "orelse"):
                node.orelse = _without(node.orelse, chosen)
        kept.append(node)
    return kept
