"""Which definitions of functions a program still needs, once the calls of them have been unfolded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import gast

from tangent_sct.core import tree


def settled(body: list[gast.AST]) -> list[gast.AST]:
    """The body without the functions that have been unfolded wherever they are called.

    Definitions and copies that nothing reads go. Where functions are left only to be told apart, their names
    stand for them.
    """
    body = without_unread(body)
    defined = {n.name for n in tree.every_statement(body) if isinstance(n, gast.FunctionDef)}
    if not defined or not _are_only_told_apart(body, defined):
        return body
    named = {name: tree.const(name) for name in defined}

    def change(node: gast.AST) -> gast.AST:
        node = tree.substitute(node, named)
        return tree.rewrite(node, _told_by_name)

    return [change(node) for node in _without(body, defined)]


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
    found, maybe = _spread(body, defined, _hands_on), holders(body, defined)
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
            if not kept or (_is_stored(node, found) and not tree.is_name(getattr(target, "value", None), *own)):
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

    def hands_on(node: gast.Assign) -> bool:
        return not isinstance(node.value, (gast.Call, gast.Compare)) and not getattr(node, "is_plain_item", False)

    return _spread(body, functions, hands_on)


def _hands_on(node: gast.Assign) -> bool:
    """Whether an assignment of something made of functions assigns a function, or a container of them."""
    if isinstance(node.value, gast.Subscript):
        return getattr(node, "is_function", False)
    return not isinstance(node.value, (gast.Call, gast.Compare))


def _spread(body: list[gast.AST], names: Iterable[str], hands_on: Callable[[gast.Assign], bool]) -> set[str]:
    """Some names, and those that hold something of theirs by assignments that hand it on."""
    found: set[str] = set()
    more = set(names)
    stored: set[str] = set()
    while more != found:
        found = set(more)
        for node in tree.every_statement(body):
            if isinstance(node, gast.Assign):
                (target,) = node.targets
                if hands_on(node) and more.intersection(tree.names_read(node.value)):
                    more.update(tree.names_written(target))
                    if not isinstance(target, gast.Name):
                        stored.update(tree.names_read(target))
                if stored.intersection(tree.names_written(target)):
                    # What is stored into may be a part of what it was taken from.
                    stored.update(tree.names_read(node.value))
            elif isinstance(node, gast.For):
                if more.intersection(tree.names_read(node.iter)):
                    more.update(tree.names_written(node.target))
                if stored.intersection(tree.names_written(node.target)):
                    stored.update(tree.names_read(node.iter))
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
    """The body without the definitions of functions, and copies of such, that nothing reads."""
    count = -1
    while count != (count := sum(1 for _ in tree.every_statement(body))):
        # A statement kept whole keeps the functions that are defined in it.
        read = set(tree.names_read(body))
        unread = {name for node in tree.every_statement(body) if (name := _function_name(node))} - read
        body = _without(body, unread)
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


def _function_name(node: gast.AST) -> str | None:
    """The name that a statement gives to a function, None where it does not."""
    if isinstance(node, gast.FunctionDef):
        return str(node.name)
    is_copy = isinstance(node, gast.Assign) and getattr(node, "is_function", False)
    return str(node.targets[0].id) if is_copy else None


def _without(body: list[gast.AST], names: set[str]) -> list[gast.AST]:
    kept: list[gast.AST] = []
    for node in body:
        if _function_name(node) in names:
            continue
        for part in ("body", "orelse"):
            if isinstance(node, (gast.If, gast.For, gast.While, gast.With)) and hasattr(node, part):
                setattr(node, part, _without(getattr(node, part), names))
        if isinstance(node, (gast.If, gast.For, gast.While, gast.With)) and not node.body:
            node.body = [tree.like(gast.Pass(), node)]
        kept.append(node)
    return kept
