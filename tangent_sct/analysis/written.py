"""Which parameters a function may write into, told from those that only share a class with what is written.

Alias classes have no direction: where a function returns its argument on one path and an array of its own on the
other, both are in one class, and a store into the one counts as a store into the other. Here directions count
(Andersen's analysis, by name): what is written is one of the objects that the name written through was given.

>>> from tangent_sct.analysis.aliases import alias_classes
>>> from tangent_sct.core.kind import UNKNOWN
>>> body = tree.statements('''
... if n == 1:
...     result = x
... else:
...     y = x * 2.0
...     y[0] = 1.0
...     result = y
... ''')
>>> classes, calls = alias_classes(body, {}), Calls({})
>>> classes.same("x", "y"), written_names(body, ["x", "n"], classes, calls, lambda node: UNKNOWN)
(True, [])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import gast

from tangent_sct.analysis.aliases import Classes
from tangent_sct.analysis.calls import Calls
from tangent_sct.analysis.mutation import directly_changed
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind

_QUIET = (gast.If, gast.While, gast.Return, gast.Expr, gast.Pass, gast.Break, gast.AugAssign)
"""Statements that give no name an object, other than by the calls in them."""


def written_names(
    body: Iterable[gast.AST],
    names: Iterable[str],
    classes: Classes,
    calls: Calls,
    kind_of: Callable[[gast.AST], Kind],
) -> list[str]:
    """Those of some names whose object, or one that it holds, a program may write into.

    Args:
        body: the statements, in single assignment.
        names: parameters and free names.
        classes: which names may share memory.
        calls: what calls do.
        kind_of: kinds of expressions.
    """
    given: dict[str, set[str]] = {}
    pending: list[str] = []
    for node in tree.every_statement(body):
        for name, sources in _gives(node, classes, calls):
            given.setdefault(name, set()).update(sources)
        pending += [name for name, _ in directly_changed(node, calls, kind_of)]
        pending += _stored(node)
    reached: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending.extend(given.get(name, ()))
    return [name for name in names if name in reached]


def _stored(node: gast.AST) -> Iterator[str]:
    """The name through which a statement writes into an array or an object."""
    if isinstance(node, (gast.Assign, gast.AugAssign)):
        target = node.targets[0] if isinstance(node, gast.Assign) else node.target
        if isinstance(target, (gast.Subscript, gast.Attribute)):
            yield from tree.names_read(target.value)
        elif isinstance(node, gast.AugAssign):
            yield target.id


def _gives(
    node: gast.AST, classes: Classes, calls: Calls
) -> Iterator[tuple[str, Iterable[str]]]:
    """Names, with the names of the objects that a statement gives them or puts into what they hold."""
    if isinstance(node, gast.Assign):
        (target,) = node.targets
        sources = classes.sources(node.value)
        yield from ((name, sources) for name in tree.names_written(target))
        yield from _put(tree.names_read(target), sources, classes)
    elif isinstance(node, gast.For):
        yield from ((name, classes.sources(node.iter)) for name in tree.names_written(node.target))
    elif not isinstance(node, _QUIET):
        read = tree.names_read(node)
        yield from ((name, read) for name in tree.names_written(node))
        yield from _put(read, read, classes)
    for part in tree.own_parts(node):
        for item in tree.walk(part):
            facts = calls.facts(item) if isinstance(item, gast.Call) else None
            if facts is not None and facts.effect in ("writes", "unknown"):
                handed = [name for operand in facts.operands for name in classes.sources(operand)]
                changed = facts.operands[:1] if facts.effect == "writes" else facts.operands
                yield from _put([n for operand in changed for n in classes.sources(operand)], handed, classes)


def _put(
    owners: Iterable[str], sources: Iterable[str], classes: Classes
) -> Iterator[tuple[str, Iterable[str]]]:
    """What is put into a container is in it under all its names."""
    sources = list(sources)
    for owner in owners if sources else ():
        yield from ((member, sources) for member in classes.members(owner))
