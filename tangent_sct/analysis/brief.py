"""Parts of arrays and containers that are read at once, and so are as good as copies.

The adjoint of a view is the same view of the adjoint (`derive.shadows`). There is none where it is not known whether
a part is a view or a number, and none for the imaginary part of a complex array: its adjoint is minus the imaginary
part of the adjoint. Where such a part is only computed with, and nothing is written until it has been read for the
last time, it is no different from a copy, and its adjoint is an ordinary value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.operations import operation
from tangent_sct.core import tree
from tangent_sct.frontend.namespace import MISSING
from tangent_sct.templating import registry


def brief_parts(
    body: Sequence[gast.AST], namespace: Mapping[str, Any], is_meant: Callable[[gast.Assign], bool]
) -> list[gast.Assign]:
    """The assignments of parts that are as good as copies.

    Args:
        body: a program in single assignment.
        namespace: what its free names mean.
        is_meant: whether to look at an assignment of a part, otherwise than a real or imaginary one.
    """
    found: list[gast.Assign] = []
    _find(body, namespace, is_meant, cache(lambda: _reads(body)), found)
    return found


def _reads(body: Sequence[gast.AST]) -> Counter[str]:
    """How often names are read."""
    items = (item for node in tree.every_statement(body) for part in tree.own_parts(node) for item in tree.walk(part))
    return Counter(item.id for item in items if type(item) is gast.Name and type(item.ctx) is gast.Load)


def _find(
    body: Sequence[gast.AST],
    namespace: Mapping[str, Any],
    is_meant: Callable[[gast.Assign], bool],
    reads: Callable[[], Mapping[str, int]],
    found: list[gast.Assign],
) -> None:
    for place, node in enumerate(body):
        for block in tree.blocks(node):
            _find(block, namespace, is_meant, reads, found)
        if type(node) is gast.Assign and (_is_half(node.value, namespace) or is_meant(node)):
            if _is_brief(node.targets[0], body[place + 1 :], namespace, reads()):
                found.append(node)


def _is_half(value: gast.AST, namespace: Mapping[str, Any]) -> bool:
    """Whether an expression is the real or the imaginary part of something."""
    if not isinstance(value, (gast.Call, gast.Attribute)):
        return False
    part = operation(value, namespace)
    return part is not None and (part.function is np.real or part.function is np.imag)


def _is_brief(
    target: gast.AST, rest: Sequence[gast.AST], namespace: Mapping[str, Any], count: Mapping[str, int]
) -> bool:
    """Whether all reads of a name come before any effect, in operations that make something new of it."""
    if not isinstance(target, gast.Name):
        return False
    left = count.get(target.id, 0)
    for node in rest:
        if left == 0:
            return True
        if not isinstance(node, gast.Assign) or not isinstance(node.targets[0], gast.Name):
            return False
        reads = sum(1 for n in tree.walk(node.value) if isinstance(n, gast.Name) and n.id == target.id)
        if reads and not _is_new(node.value, namespace):
            return False
        left -= reads
    return left == 0


def _is_new(value: gast.AST, namespace: Mapping[str, Any]) -> bool:
    """Whether an expression is an operation whose result shares no memory with its operands."""
    found = operation(value, namespace)
    if found is None or found.function is MISSING:
        return False
    rule = registry.find(found.function)
    return rule is not None and rule.aliasing == "fresh"
