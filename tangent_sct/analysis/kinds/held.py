"""What is kept whole: whether running it may change a list or a dict.

A function that only computes leaves the containers of the program as they are, whenever it is called.
"""

from __future__ import annotations

import gast

from tangent_sct.analysis.kinds.knowledge import Knowledge
from tangent_sct.core import tree

_UNCLEAR = (
    gast.AugAssign, gast.Delete, gast.Global, gast.Nonlocal, gast.Await, gast.Yield, gast.YieldFrom, gast.With,
    gast.ClassDef,
)  # fmt: skip


def may_change_containers(known: Knowledge, node: gast.AST) -> bool:
    """Whether a statement, an expression, or a function that it defines may change a list or a dict when it runs."""
    for item in tree.walk(node):
        if isinstance(item, _UNCLEAR):
            return True
        if isinstance(item, (gast.Attribute, gast.Subscript)) and not isinstance(item.ctx, gast.Load):
            return True
    return known.calls.has_effect(node)
