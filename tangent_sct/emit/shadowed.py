"""Variables that are called like a builtin which a derivative needs: `for i in reversed(...)` would call a number."""

from __future__ import annotations

import builtins

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.source import origin_of_node, tree_of


def refuse_shadowed(unit: Unit) -> None:
    """Refuse a derivative that calls a builtin by a name which is a variable of the program.

    Args:
        unit: the derivative.

    Raises:
        UnsupportedError: naming the variable.
    """
    body = unit.tree.body
    defined = {node.name for node in tree.every_statement(body) if isinstance(node, gast.FunctionDef)}
    own = {*tree.parameter_names(unit.tree), *tree.names_written(body)} - defined
    own.intersection_update(vars(builtins))
    if not own:
        return
    # What the user calls by such a name is what the variable means.
    calls = (item for item in tree.walk(tree_of(unit.source)) if isinstance(item, gast.Call))
    own.difference_update(call.func.id for call in calls if isinstance(call.func, gast.Name))
    for node in tree.every_statement(body):
        for item in (inner for part in tree.own_parts(node) for inner in tree.walk(part)):
            if isinstance(item, gast.Call) and tree.is_one_of(item.func, own):
                origin = tree.origin_of(node) or origin_of_node(unit.source, tree_of(unit.source))
                raise UnsupportedError(
                    f"`{item.func.id}` is a variable here, and the derivative needs what Python calls so",
                    origin,
                    "give the variable another name",
                )
