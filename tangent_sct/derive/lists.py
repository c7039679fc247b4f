"""Lists of numbers that arrays are computed with, as arrays.

`np.power(x, [2, 3])` computes with an array, made of the list on the way. Rules compute with the operand itself, for
which `[2, 3] * 2` or `[2, 3] == 2.0` is something else; so the array gets a name.

Needs: kinds, and which names vary. What varies in a list is left alone: it has an adjoint of its own kind.

    y = np.power(x, [2, 3])           t = np.array([2, 3])
                                      y = np.power(x, t)
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.operations import opened, operation
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.frontend.namespace import Namespace
from tangent_sct.templating import registry

KindOf = Callable[[gast.AST], Kind]

_OF_ARRAYS = (
    np.matmul, np.dot, np.vdot, np.inner, np.outer, np.cross, np.kron, np.convolve, np.correlate, np.interp, np.where,
    operator.matmul,
)  # fmt: skip
"""Functions with rules of their own, all of whose operands are arrays or numbers."""


def with_arrays(
    body: list[gast.AST],
    namespace: Namespace,
    names: Names,
    bases: dict[str, str],
    kind_of: KindOf,
    varied: Callable[[], set[str]],
) -> list[gast.AST]:
    """Give names to the arrays that are made of lists where a value that varies is computed with them.

    Args:
        body: a program in single assignment.
        namespace: its free names.
        names: gives out the names of the arrays.
        bases: the user's names, by version; those of the arrays are added.
        kind_of: the kind of an expression.
        varied: tells the names that may depend on what is differentiated.

    Returns:
        The new body; the very same list where there is no such list.
    """

    def is_list(operand: gast.AST) -> bool:
        if isinstance(operand, gast.Constant) or kind_of(operand).family not in ("list", "tuple"):
            return False
        return not any(map(varies, opened(operand)))

    def varies(item: gast.AST) -> bool:
        is_count = (kind_of(item).dtype or "").startswith(("bool", "int"))
        return not is_count and not varied().isdisjoint(tree.names_read(item))

    def changed(node: gast.AST) -> list[gast.AST]:
        if not _computes(node, namespace.objects, kind_of):
            return [node]
        value = node.value
        places = [value.left, value.right] if isinstance(value, gast.BinOp) else value.args
        lists = [operand for operand in places if is_list(operand)]
        if not lists or varied().isdisjoint(tree.names_read(value)):
            return [node]
        before: list[gast.AST] = []
        instead: dict[int, gast.AST] = {}
        for operand in lists:
            name = names.fresh("t")
            bases[name] = ""
            maker = tree.attribute(tree.load(namespace.name_for("np", np)), "array")
            before.append(tree.like(tree.assign(name, tree.call(maker, operand)), node))
            instead[id(operand)] = tree.load(name)
        operands = [instead.get(id(operand), operand) for operand in places]
        if isinstance(value, gast.BinOp):
            new: gast.AST = gast.BinOp(operands[0], value.op, operands[1])
        else:
            new = gast.Call(value.func, operands, value.keywords)
        return [*before, tree.like(tree.assign(node.targets[0], new), node)]

    def block(statements: list[gast.AST]) -> list[gast.AST]:
        result: list[gast.AST] = []
        for node in statements:
            for inner in ("body", "orelse"):
                if type(node) in tree.COMPOUND and getattr(node, inner, None):
                    setattr(node, inner, block(getattr(node, inner)))
            result.extend(changed(node))
        return result

    made = len(bases)
    result = block(body)
    return result if len(bases) > made else body


def _computes(node: gast.AST, objects: dict[str, Any], kind_of: KindOf) -> bool:
    """Whether a statement gives a name what a function makes of arrays, entry by entry or as a product."""
    if type(node) is not gast.Assign or not isinstance(node.targets[0], gast.Name):
        return False
    value = node.value
    if isinstance(value, gast.BinOp):
        # A list has operators of its own; those of an array come first.
        is_own = isinstance(value.op, (gast.Add, gast.Mult))
        return not is_own or kind_of(value.left).is_array or kind_of(value.right).is_array
    if not isinstance(value, gast.Call) or any(isinstance(a, gast.Starred) for a in value.args):
        return False
    found = operation(value, objects)
    if found is None:
        return False
    if any(found.function is known for known in _OF_ARRAYS):
        return True
    return isinstance(found.function, np.ufunc) and registry.find(found.function) is not None
