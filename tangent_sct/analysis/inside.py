"""What the statements of a program evaluate themselves, looked through once for all that ask."""

from __future__ import annotations

from collections.abc import Iterable

import gast

from tangent_sct.core import tree


class Inside:
    """The statements of a program, and the nodes in what each of them evaluates.

    Args:
        body: a program, which is kept as it is meanwhile.

    Attributes:
        statements: all of them, in the order of the source.
        calls: each call with its statement; those in functions that are defined inside are left out.

    >>> body = tree.statements("for i in f(x):\\n    y = g(h(i))")
    >>> [tree.text(call) for _, call in Inside(body).calls]
    ['f(x)', 'g(h(i))', 'h(i)']
    """

    def __init__(self, body: Iterable[gast.AST]) -> None:
        self.statements: list[gast.AST] = list(tree.every_statement(body))
        self._nodes = {
            id(node): [item for part in tree.own_parts(node) for item in tree.walk(part)] for node in self.statements
        }
        self.calls: list[tuple[gast.AST, gast.Call]] = [
            (node, item)
            for node in self.statements
            if type(node) is not gast.FunctionDef
            for item in self.of(node)
            if type(item) is gast.Call
        ]

    def of(self, statement: gast.AST) -> list[gast.AST]:
        """The nodes of a simple statement, or of what a compound one evaluates before its blocks run."""
        return self._nodes[id(statement)]
