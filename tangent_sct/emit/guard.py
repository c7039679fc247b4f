"""A saved derivative checks for itself what the compiler's wrapper checks around it at every call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import UNKNOWN, Kind
from tangent_sct.core.names import Names
from tangent_sct.core.unit import Unit
from tangent_sct.runtime import check_apart


def guarded(unit: Unit, written: Sequence[int], count: int) -> Unit:
    """The derivative with a check that no argument it writes shares memory with another one, or within itself.

    Args:
        unit: a derivative after all passes.
        written: positions of the parameters that the function writes into.
        count: how many parameters the function has; those after them are seeds.

    Returns:
        The unit; the very same one where there is nothing to check.
    """
    parameters = tree.parameter_names(unit.tree)[:count]
    kinds = dict(unit.request.kinds)
    candidates = [name for name in parameters if _may_hold_array(kinds.get(name, UNKNOWN))]
    used = [node.id for node in tree.walk(unit.tree) if isinstance(node, gast.Name)]
    helper = Names([*unit.namespace, *used]).fresh(check_apart.__name__)
    checks: list[gast.AST] = []
    for name in (parameters[position] for position in written):
        candidates = [other for other in candidates if other != name]
        if candidates or not kinds.get(name, UNKNOWN).is_array:
            checks.append(tree.effect(tree.call(helper, *map(tree.load, (name, *candidates)))))
    if not checks:
        return unit
    guarded_unit = unit.with_body([*checks, *unit.tree.body])
    return replace(guarded_unit, namespace={**unit.namespace, helper: check_apart})


def _may_hold_array(kind: Kind) -> bool:
    if kind.is_container and kind.items is not None:
        return any(_may_hold_array(item) for _, item in kind.items)
    return kind.is_array or kind.is_container or kind.family == "unknown"
