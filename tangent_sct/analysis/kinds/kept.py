"""Names of arrays that nothing can write into after they were made.

Two selections by one mask have one size if the mask is the same both times. So it surely is where its name means an
array that was made for it alone, and is read in places only that neither write into it nor let another name have it:
as an index, as an operand, as an argument of a function that does neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import gast

from tangent_sct.analysis.calls import Calls
from tangent_sct.core import tree

_MAKING = (gast.BinOp, gast.Compare, gast.UnaryOp)
_MEASURES = ("dtype", "ndim", "shape", "size")


def kept_names(function: gast.FunctionDef, objects: Mapping[str, Any]) -> frozenset[str]:
    """The names of arrays that stay as they were made; parameters count, since they are the caller's.

    Args:
        function: the program.
        objects: what its free names mean.

    >>> node = tree.statements('''
    ... def f(x, k):
    ...     a = x > 0
    ...     b = x > 1
    ...     b[0] = True
    ...     c = b
    ...     return x[a] * x[k]
    ... ''')[0]
    >>> sorted(kept_names(node, {}))
    ['a', 'k', 'x']
    """
    search = _Search(Calls(objects))
    search.block(function.body)
    return frozenset({*tree.parameter_names(function), *search.made} - search.lost)


class _Search:
    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.made: set[str] = set()
        self.lost: set[str] = set()

    def block(self, body: Iterable[gast.AST]) -> None:
        for node in body:
            self.statement(node)

    def statement(self, node: gast.AST) -> None:
        if isinstance(node, gast.Assign):
            self.assignment(node)
        elif isinstance(node, gast.AugAssign):
            self.lost.update(tree.names_written(node))
            self.target(node.target)
            self.read(node.value, True)
        elif isinstance(node, (gast.If, gast.While)):
            self.read(node.test, True)
            self.block([*node.body, *node.orelse])
        elif isinstance(node, gast.For):
            self.lost.update(tree.names_written(node.target))
            self.read(node.iter, False)
            self.block([*node.body, *node.orelse])
        elif isinstance(node, gast.With):
            self.lost.update(tree.names_written(node.items))
            self.lost.update(tree.names_read(node.items))
            self.block(node.body)
        elif isinstance(node, gast.Expr):
            self.read(node.value, True)
        elif isinstance(node, gast.Return):
            # Nothing comes after it.
            return
        else:
            self.lost.update(tree.names_read(node))
            self.lost.update(tree.names_written(node))

    def assignment(self, node: gast.Assign) -> None:
        (target,) = node.targets
        self.read(node.value, False)
        if not isinstance(target, gast.Name):
            self.lost.update(tree.names_written(target))
            self.target(target)
        elif self.makes(node.value):
            self.made.add(target.id)
        else:
            self.lost.add(target.id)

    def target(self, node: gast.AST) -> None:
        """What is written into, and where."""
        if isinstance(node, gast.Subscript):
            self.read(node.value, False)
            self.read(node.slice, True)
        elif not isinstance(node, gast.Name):
            self.lost.update(tree.names_read(node))

    def makes(self, node: gast.AST) -> bool:
        """Whether an expression makes an array of its own."""
        if isinstance(node, gast.Call):
            return not self.calls.facts(node).shared() and self.calls.facts(node).effect == "none"
        return isinstance(node, _MAKING)

    def read(self, node: gast.AST, harmless: bool) -> None:
        """An expression is read in a place that keeps what it is, or may not."""
        if isinstance(node, gast.Name):
            if not harmless:
                self.lost.add(node.id)
        elif isinstance(node, gast.Call):
            self.call(node)
        elif isinstance(node, gast.Subscript):
            self.read(node.value, False)
            self.index(node.slice)
        elif isinstance(node, gast.Attribute):
            self.read(node.value, node.attr in _MEASURES)
        else:
            for child in tree.children(node):
                self.read(child, isinstance(node, _MAKING))

    def index(self, node: gast.AST) -> None:
        for part in node.elts if isinstance(node, gast.Tuple) else [node]:
            self.read(part, True)

    def call(self, node: gast.Call) -> None:
        facts = self.calls.facts(node)
        shared = facts.shared()
        for number, operand in enumerate(facts.operands):
            is_read = facts.effect == "none" and all(operand is not other for other in shared)
            is_added = facts.effect == "writes" and facts.method is None and number > 0
            self.read(operand, is_read or is_added)
