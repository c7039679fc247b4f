"""Items that Python computes in turn, and that a program in the small language lists before the loop.

    for v in shelf:                   items = [...]          # what `shelf.__iter__()` gives: the mark `ahead`
        ...                           for v in items:        # the mark `lists`
                                          ...

Items that carry a derivative are listed where they cannot be taken in turn; all others are, too, unless the text of
the program tells that it matters (the mark `listed`). The two differ where the loop writes into what the items are
computed of, under any name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import gast

from tangent_sct.analysis.growth import identities
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind, is_immutable
from tangent_sct.frontend.active import KNOWN_METHODS
from tangent_sct.runtime import iterators


def refuse_changes_of_what_is_listed(
    body: list[gast.AST],
    kind_of: Callable[[gast.AST], Kind],
    written_by: Callable[[gast.AST], Iterable[str]],
) -> None:
    """Refuse a loop that writes into what its items are computed of, where these have been listed before it.

    Args:
        body: a program in single assignment.
        kind_of: kinds of expressions.
        written_by: names of all that a statement may write into.

    Raises:
        UnsupportedError: naming the statement that writes.
    """
    every = list(tree.every_statement(body))
    loops = [node for node in every if type(node) in tree.LOOPS and hasattr(node, "lists")]
    same = identities(body, kind_of) if loops else None
    for loop in loops:
        listing = [node for node in every if getattr(node, "ahead", None) is loop.lists]
        kinds = {name: kind_of(tree.load(name)) for node in listing for name in _named(node)}
        containers = [name for name, kind in kinds.items() if kind.is_container]
        arrays = {name for name, kind in kinds.items() if not (kind.is_container or is_immutable(kind))}
        for statement in tree.every_statement(loop.body):
            if _is_of_listing(statement):
                continue
            written = set(written_by(statement))
            changed = _changed_container(statement)
            # Which items a container has is another matter than what is in these.
            other = written if changed is None else {n for n in containers if same and same.same(changed, n)}
            if not (arrays.isdisjoint(written) and other.isdisjoint(containers)):
                raise UnsupportedError(
                    "a loop writes into what the items that it runs through are computed of",
                    tree.origin_of(statement),
                    "loop over `list(...)` of them, or over positions",
                )


def refuse_listed_too_early(
    body: Iterable[gast.AST], kind_of: Callable[[gast.AST], Kind], written_by: Callable[[gast.AST], Iterable[str]]
) -> None:
    """Refuse a loop whose items are listed before it, where it and what gives the items see each other's writes.

    Raises:
        UnsupportedError: naming the loop; read so that items are computed in turn, it may be supported.
    """
    every = list(tree.every_statement(body))
    if not any(hasattr(node, "listed") for node in every):
        return
    assignments = (node for node in every if isinstance(node, gast.Assign))
    given = {node.targets[0].id: node for node in assignments if isinstance(node.targets[0], gast.Name)}
    for node in every:
        items = given.get(getattr(node.iter, "id", "")) if isinstance(node, gast.For) else None
        if items is None or not hasattr(items, "listed"):
            continue
        inside = list(tree.every_statement(node.body))
        # What numbers were computed of may change.
        read = [name for name in tree.names_read(items.value) if not is_immutable(kind_of(tree.load(name)))]
        makers = [items, *(given[name] for name in read if name in given)]
        seen = {node.iter.id, *tree.names_written(node.target), *read, *tree.names_read(makers)}
        run = makers if items.listed else ()
        told = {name for maker in run for name in written_by(maker) if not is_immutable(kind_of(tree.load(name)))}
        told.discard(node.iter.id)
        written: set[str] = set().union(*map(written_by, inside))
        if not seen.isdisjoint(written) or not told.isdisjoint(tree.names_read(inside)):
            raise UnsupportedError(
                "what a loop runs over is listed before it, and its items may depend on what the loop writes, or the "
                "other way round",
                tree.origin_of(node),
                "if all items are meant as they are before the loop, write so: items = list(...)",
                way="in_turn",
            )


def _changed_container(node: gast.AST) -> str | None:
    """The one variable whose array, or whose items, a statement changes; None where that is not seen from it."""
    place = node.value if isinstance(node, gast.Expr) else None
    if isinstance(node, (gast.Assign, gast.AugAssign)):
        place = node.target if isinstance(node, gast.AugAssign) else node.targets[0]
    elif isinstance(place, gast.Call):
        is_method = isinstance(place.func, gast.Attribute) and place.func.attr in KNOWN_METHODS
        place = place.func if is_method else None
    if isinstance(place, gast.Name):
        # An update of an array in place; an assignment gives a name another meaning.
        return str(place.id) if isinstance(node, gast.AugAssign) else None
    owner = place.value if isinstance(place, (gast.Subscript, gast.Attribute)) else None
    return str(owner.id) if isinstance(owner, gast.Name) else None


def _is_of_listing(node: gast.AST) -> bool:
    """Whether a statement lists items too, or hands out those of `itertools`."""
    origin = tree.origin_of(node)
    return hasattr(node, "ahead") or (origin is not None and origin.file == iterators.__file__)


def _named(node: gast.AST) -> Iterator[str]:
    """Names that a statement itself reads or assigns."""
    for part in tree.own_parts(node):
        yield from tree.names_read(part)
        yield from tree.names_written(part)
