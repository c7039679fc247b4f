"""Copies of parts of what is written in place, where a copy is as good as the part.

Where it is not known whether a part is a view or a number, or where a view has no shadow, the part is copied as it
is read (`analysis.brief`). So its adjoint is an ordinary value, and what is written later does not change what the
reverse sweep reads.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache
from types import FunctionType

import gast

from tangent_sct import runtime
from tangent_sct.analysis.brief import Parts, is_half
from tangent_sct.analysis.operations import operation
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.frontend.namespace import Namespace, is_library
from tangent_sct.templating import registry


def with_copies(
    body: list[gast.AST],
    stored: Callable[[], frozenset[str]],
    members: Callable[[str], Collection[str]],
    written_by: Callable[[gast.AST], Collection[str]],
    kind_of: Callable[[gast.AST], Kind],
    namespace: Namespace,
    names: Names,
    bases: dict[str, str],
) -> list[gast.AST]:
    """Copy the parts that are as good as copies, and that are not known to be numbers or to have shadows.

    Args:
        body: a program in single assignment.
        stored: tells the names of arrays that are written in place.
        members: the names that may share memory with a name, itself included.
        written_by: the names of all that a statement may write into; of a compound one, those of its head.
        kind_of: the kind of an expression.
        namespace: what its free names mean.
        names: gives out names.
        bases: the user's names, by version; those of temporaries are added.

    Returns:
        The new body; the very same list where there is nothing to copy.
    """

    given: dict[str, set[str]] = {}
    for node in tree.every_statement(body):
        if type(node) is gast.Assign and type(node.targets[0]) is gast.Name and type(node.value) is gast.Name:
            given.setdefault(node.targets[0].id, set()).add(node.value.id)
    # Only where there are such names it is asked at all what is written.
    may_join = any(len(ways) > 1 and kind_of(tree.load(name)).family == "unknown" for name, ways in given.items())

    @cache
    def joins() -> frozenset[str]:
        """Names that are given what is written in place on one path, and what is not on another."""
        return frozenset(name for name, ways in given.items() if len({way in stored() for way in ways}) == 2)

    def is_of_user(value: gast.AST) -> bool:
        """Whether an expression calls a function that is not unfolded: what it returns may be what it is given."""
        found = operation(value, namespace.objects) if type(value) is gast.Call else None
        function = None if found is None else found.function
        is_known = not isinstance(function, FunctionType) or is_library(function.__module__)
        return not is_known and registry.find(function) is None

    def is_unsure(node: gast.Assign) -> bool:
        if type(node.targets[0]) is not gast.Name:
            return False
        if is_half(node.value, namespace.objects):
            return True
        if type(node.value) is gast.Name:
            if not may_join or node.value.id not in stored() or node.targets[0].id not in joins():
                return False
        elif is_of_user(node.value):
            return kind_of(node.targets[0]).family in ("array", "unknown")
        elif type(node.value) is not gast.Subscript:
            return False
        kind = kind_of(node.targets[0])
        return kind.family == "unknown" and kind.present is None

    def is_meant(node: gast.Assign) -> bool:
        return is_unsure(node) and node.targets[0].id in stored()

    found = Parts(body, namespace.objects, kind_of, members, written_by).brief(is_meant)
    if not found:
        return body
    parts = {id(node) for node in found}

    def change(block: list[gast.AST]) -> list[gast.AST]:
        output: list[gast.AST] = []
        for node in block:
            for inner in tree.blocks(node):
                inner[:] = change(inner)
            if id(node) in parts:
                output += copied(node)
            else:
                output.append(node)
        return output

    def copied(node: gast.Assign) -> list[gast.AST]:
        if type(node.value) is gast.Name:
            whole = tree.call(namespace.name_for("copied", runtime.copied), node.value)
            return [tree.like(tree.assign(node.targets[0], whole), node)]
        part = names.fresh("t")
        bases[part] = ""
        value = node.value
        # Nothing but the copy reads the part, which shares its memory with nothing that is seen.
        value.brief = True
        if kind_of(value).is_array:
            copy = gast.Call(tree.attribute(tree.load(part), "copy"), [], [])
        else:
            copy = tree.call(namespace.name_for("copied", runtime.copied), tree.load(part))
        return [tree.like(tree.assign(part, value), node), tree.like(tree.assign(node.targets[0], copy), node)]

    return change(body)
