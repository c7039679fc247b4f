"""Checks of operands of which kinds tell nothing: their class may have an arithmetic of its own.

`A * x` is a product of matrices where `A` is a `csr_matrix` that the function made, and whatever it says where `A` is
an object of a user's class; the derivative of `*` is that of numbers and arrays.
"""

from __future__ import annotations

import operator
import types
from collections.abc import Callable

import gast
import numpy as np

from tangent_sct.analysis.operations import operation
from tangent_sct.core import tree
from tangent_sct.core.kind import NO_VALUE, Kind
from tangent_sct.frontend.namespace import MISSING, Namespace, is_library
from tangent_sct.runtime import check_matrix, check_operand
from tangent_sct.templating import registry

_PRODUCTS = frozenset((operator.matmul, np.matmul))


def with_operand_checks(
    body: list[gast.AST],
    namespace: Namespace,
    kind_of: Callable[[gast.AST], Kind],
    varied: Callable[[], set[str]],
) -> list[gast.AST]:
    """Put checks before arithmetic of what varies with a constant of which it is not known what it is.

    Args:
        body: a program in single assignment.
        namespace: its free names.
        kind_of: the kind of an expression.
        varied: tells the names that may depend on what is differentiated.

    Returns:
        The new body; the very same list where there is no such operation.
    """

    def checks(node: gast.AST) -> list[gast.AST]:
        value = node.value if type(node) is gast.Assign else None
        if type(value) is not gast.BinOp and type(value) is not gast.Call:
            return []
        found = operation(value, namespace.objects)
        if found is None or found.function is MISSING or len(found.args) < 2:
            return []
        if isinstance(found.function, types.FunctionType) and not is_library(found.function.__module__):
            # A function of the user's, whose rule says what it is given.
            return []
        rule = registry.find(found.function)
        if rule is None or not (rule.broadcast or found.function in _PRODUCTS or found.function is np.dot):
            return []
        plain = (gast.Name, gast.Attribute, gast.Subscript)
        unsure = [atom for atom in found.args if type(atom) in plain and _is_unsure(kind_of(atom))]
        names = varied() if unsure else set()
        if names.isdisjoint(tree.names_read(value)):
            return []
        check = check_matrix if found.function in _PRODUCTS else check_operand
        name = namespace.name_for(check.__name__, check)
        constants = [atom for atom in unsure if names.isdisjoint(tree.names_read(atom))]
        return [tree.effect(tree.call(name, tree.copy(atom))) for atom in constants]

    return tree.with_before(body, checks)


def _is_unsure(kind: Kind) -> bool:
    """Whether a value may be an object of any class; one of a user's class is known as a dict."""
    return kind.family in ("unknown", "other", "dict") and kind.present is None and kind.value is NO_VALUE
