"""`super()`: what the classes above the one have in which a method stands.

A method is read with `super()` spelled out, as `super(__class__, self)`. So it is told by the expression alone which
object it is about, and whether a derivative flows through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.namespace import meaning

OWN_CLASS = "__class__"
"""The variable in which Python keeps the class for `super()`."""

_INNER = (gast.FunctionDef, gast.Lambda, *tree.COMPREHENSIONS)


def with_super_spelled(node: gast.FunctionDef) -> gast.FunctionDef:
    """A method in which `super()` says what it is about; in functions defined inside, that is something of theirs.

    >>> print(tree.text(with_super_spelled(tree.statements("def f(self): return super().f()")[0])))
    def f(self):
        return super(__class__, self).f()
    """
    receiver = next(iter(tree.parameter_names(node)), None)
    calls = [item for item in tree.walk(node) if is_super(item) and not item.args]
    if receiver is None or not calls:
        return node
    inside = [each for each in tree.walk(node) if each is not node and isinstance(each, _INNER)]
    inner = {id(part) for each in inside for part in tree.walk(each)}
    own = [call for call in calls if id(call) not in inner]

    def change(item: gast.AST) -> gast.AST | None:
        if not any(item is call for call in own):
            return None
        return gast.Call(item.func, [tree.load(OWN_CLASS), tree.load(receiver)], [])

    return tree.like(tree.replaced(node, change), node)


def is_super(node: gast.AST) -> bool:
    """Whether an expression asks for what stands above a class, spelled out or not."""
    if type(node) is not gast.Call or not tree.is_name(node.func, "super") or node.keywords:
        return False
    return not node.args or (len(node.args) == 2 and isinstance(node.args[1], gast.Name))


def above(node: gast.AST, objects: Mapping[str, Any]) -> tuple[type, gast.Name] | None:
    """The class that `super(C, q)` is above of, and the name of the object; None for all else."""
    if not is_super(node) or not node.args:
        return None
    cls = meaning(node.args[0], objects)
    return (cls, node.args[1]) if isinstance(cls, type) else None
