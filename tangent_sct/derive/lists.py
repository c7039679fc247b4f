"""Lists of numbers that arrays are computed with, as arrays.

`np.power(x, [2, 3])` computes with an array, made of the list on the way. Rules compute with the operand itself, for
which `[2, 3] * 2` or `[2, 3] == 2.0` is something else, and with its tangent, which is a list as well; so the array
gets a name. Left alone are operands that a rule takes item by item.

Needs: kinds, and which names vary.

    y = np.power(x, [2, 3])           t = np.array([2, 3])
                                      y = np.power(x, t)
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.operations import operation
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.frontend.namespace import MISSING, Namespace
from tangent_sct.templating import registry
from tangent_sct.templating.rule import Argument, Rule

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
        if isinstance(operand, gast.Constant):
            return False
        kind = kind_of(operand)
        return kind.family in ("list", "tuple") or kind.mixed

    def changed(node: gast.AST) -> list[gast.AST]:
        lists = list(filter(is_list, _arrays(node, namespace.objects, kind_of)))
        if not lists or varied().isdisjoint(tree.names_read(node.value)):
            return [node]
        before: list[gast.AST] = []
        instead: dict[int, gast.AST] = {}
        for operand in lists:
            name = names.fresh("t")
            bases[name] = ""
            maker = tree.attribute(tree.load(namespace.name_for("np", np)), "array")
            before.append(tree.like(tree.assign(name, tree.call(maker, operand)), node))
            instead[id(operand)] = tree.load(name)
        return [*before, tree.like(tree.assign(node.targets[0], _with(node.value, instead)), node)]

    made = len(bases)
    result = tree.with_each(body, changed)
    return result if len(bases) > made else body


def _arrays(node: gast.AST, objects: dict[str, Any], kind_of: KindOf) -> Iterator[gast.AST]:
    """The operands that a function makes arrays of, where a statement gives its result a name."""
    if type(node) is not gast.Assign or not isinstance(node.targets[0], gast.Name):
        return
    value = node.value
    if isinstance(value, gast.BinOp):
        # A list has operators of its own; those of an array come first.
        is_own = isinstance(value.op, (gast.Add, gast.Mult))
        if not is_own or kind_of(value.left).is_array or kind_of(value.right).is_array:
            yield from (value.left, value.right)
        return
    if not isinstance(value, gast.Call) or any(isinstance(a, gast.Starred) for a in value.args):
        return
    found = operation(value, objects)
    if found is None:
        return
    rule = None if found.function is MISSING else registry.find(found.function)
    if any(found.function is known for known in _OF_ARRAYS) or (rule and isinstance(found.function, np.ufunc)):
        yield from value.args
    elif rule is not None and _is_of_numpy(found.function):
        for place, operand in enumerate(found.args):
            if place < len(rule.layout.positional) and _is_whole(rule, rule.layout.positional[place]):
                yield operand
        for name, operand in found.keywords.items():
            if name in rule.layout.keywords and _is_whole(rule, rule.layout.keywords[name]):
                yield operand


def _is_of_numpy(function: Any) -> bool:
    """Whether a function is one of NumPy's own; methods of its ufuncs name no module."""
    return (getattr(function, "__module__", None) or "numpy").partition(".")[0] == "numpy"


def _is_whole(rule: Rule, argument: Argument) -> bool:
    """Whether a rule differentiates by an argument, and takes it for an array."""
    return argument.name in rule.wrt and argument.name not in rule.elementwise


def _with(value: gast.AST, instead: Mapping[int, gast.AST]) -> gast.AST:
    """An operation with other operands, by the identity of those that it has."""

    def other(operand: gast.AST) -> gast.AST:
        return instead.get(id(operand), operand)

    if isinstance(value, gast.BinOp):
        return gast.BinOp(other(value.left), value.op, other(value.right))
    keywords = [gast.keyword(k.arg, other(k.value)) for k in value.keywords]
    return gast.Call(value.func, list(map(other, value.args)), keywords)
