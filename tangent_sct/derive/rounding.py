"""Checks of arrays that may hold integers, where what varies is stored in them.

NumPy rounds what is stored in an array of integers, so that nothing flows through such a store. Where kinds tell
the type of the array, activity knows. Where they do not (`np.zeros(3, dtype=d)`, an array that one of two branches
made), the text asks while it runs, and refuses.

Needs: kinds, and which names vary.

    z[0] = x                          check_floats(z)
                                      z[0] = x
"""

from __future__ import annotations

from collections.abc import Callable

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.frontend.namespace import Namespace
from tangent_sct.runtime import check_floats


def with_type_checks(
    body: list[gast.AST],
    namespace: Namespace,
    kind_of: Callable[[gast.AST], Kind],
    varied: Callable[[], set[str]],
) -> list[gast.AST]:
    """Put checks before stores of what varies into arrays of which the type of numbers is not known.

    Args:
        body: a program in single assignment.
        namespace: its free names.
        kind_of: the kind of an expression.
        varied: tells the names that may depend on what is differentiated.

    Returns:
        The new body; the very same list where there is no such store.
    """

    def checks(node: gast.AST) -> list[gast.AST]:
        base = _written(node)
        if base is None:
            return []
        kind = kind_of(base)
        if kind.dtype is not None or kind.family not in ("array", "unknown"):
            return []
        if kind_of(node.value).is_float is False or varied().isdisjoint(tree.names_read(node.value)):
            return []
        return [tree.effect(tree.call(namespace.name_for("check_floats", check_floats), base))]

    return tree.with_before(body, checks)


def _written(node: gast.AST) -> gast.AST | None:
    """The name of the array that a statement stores elements in; None for other statements."""
    target = node.targets[0] if type(node) is gast.Assign else getattr(node, "target", None)
    if type(node) not in (gast.Assign, gast.AugAssign) or not isinstance(target, gast.Subscript):
        return None
    base = target.value
    return tree.load(base.id) if isinstance(base, gast.Name) else None
