"""Checks of what has been listed ahead of a loop: an iterator among the items may be at its end by then.

`itertools.groupby` gives groups that end when the next one is asked for; what a generator yields may read its
variables when it is run through.
"""

from __future__ import annotations

from collections.abc import Callable

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.frontend.namespace import Namespace, meaning
from tangent_sct.runtime import check_listed

_OF_CONTAINERS = frozenset("copy get items keys pop setdefault values".split())
"""Methods whose result is, or holds, what stands in their object."""


def with_listing_checks(
    body: list[gast.AST], namespace: Namespace, kind_of: Callable[[gast.AST], Kind]
) -> list[gast.AST]:
    """Put checks behind statements that list items before a loop, where it is not known what these are.

    Args:
        body: a program in single assignment.
        namespace: its free names.
        kind_of: the kind of an expression.

    Returns:
        The new body; the very same list where nothing is listed.
    """

    def lists(value: gast.AST) -> bool:
        """Whether that is the list, and not what is computed on the way to it: that may be an iterator."""
        if not isinstance(value, gast.Call):
            return isinstance(value, (gast.List, gast.Tuple, gast.ListComp))
        function = meaning(value.func, namespace.objects)
        return function is list or function is tuple

    def is_unsure(node: gast.AST) -> bool:
        if not hasattr(node, "listed") or not lists(node.value):
            return False
        given = node.value.args[0] if isinstance(node.value, gast.Call) and node.value.args else None
        function = given.func if isinstance(given, gast.Call) else None
        if isinstance(function, gast.Attribute) and function.attr in _OF_CONTAINERS:
            # What stands in a container is there whether it is listed or not.
            return False
        element = kind_of(node.value).element
        return element is None or element.family in ("unknown", "other", "tuple")

    def change(node: gast.AST) -> list[gast.AST]:
        if not is_unsure(node):
            return [node]
        check = tree.call(namespace.name_for("check_listed", check_listed), tree.load(node.targets[0].id))
        return [node, tree.like(tree.effect(check), node)]

    return tree.with_each(body, change) if any(map(is_unsure, tree.every_statement(body))) else body
