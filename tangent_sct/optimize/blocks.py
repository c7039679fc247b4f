"""Rebuilding compound statements whose blocks have changed."""

from __future__ import annotations

from collections.abc import Callable

import gast

from tangent_sct.core import tree


def with_blocks(
    node: gast.AST, body: list[gast.AST], orelse: list[gast.AST] | None = None, **changes: gast.AST
) -> gast.AST:
    """A compound statement with other blocks; the very same one where they are its own.

    Args:
        node: an `if`, `for`, `while` or `with`.
        body: its body; a loop or a `with` gets `pass` where it is empty.
        orelse: its `else` block; None keeps it.
        **changes: other fields.

    >>> loop = tree.statements("while a:\\n    b = 1")[0]
    >>> print(tree.text(with_blocks(loop, [])))
    while a:
        pass
    """
    if body is node.body and (orelse is None or orelse is node.orelse) and not changes:
        return node
    values = {**tree.fields(node), **changes, "body": body or [gast.Pass()]}
    if orelse is not None:
        values["orelse"] = orelse
    return tree.like(type(node)(**values), node)


def below(
    node: gast.AST, change: Callable[[list[gast.AST]], list[gast.AST]]
) -> gast.AST:
    """A statement with its blocks changed; the very same one where it has none, or none changes.

    >>> loop = tree.statements("for i in a:\\n    b = 1\\n    c = 2")[0]
    >>> print(tree.text(below(loop, lambda body: body[1:])))
    for i in a:
        c = 2
    """
    if type(node) is gast.With:
        return with_blocks(node, change(node.body))
    if type(node) in tree.COMPOUND:
        return with_blocks(node, change(node.body), change(node.orelse))
    return node


def if_with(
    node: gast.If, body: list[gast.AST], orelse: list[gast.AST], test: gast.AST | None = None
) -> gast.AST | None:
    """An `if` with other blocks, either of which may be empty; None where nothing is left of it.

    Args:
        node: the statement.
        body: its body.
        orelse: its `else` block.
        test: its test; None keeps it. Where both blocks are empty it is still evaluated, if that
            can have an effect.

    >>> node = tree.statements("if a == b:\\n    c = 1\\nelse:\\n    c = 2")[0]
    >>> print(tree.text(if_with(node, [], node.orelse)))
    if a != b:
        c = 2
    """
    test = node.test if test is None else test
    if body:
        return with_blocks(node, body, orelse, **({} if test is node.test else {"test": test}))
    if orelse:
        other = tree.like(tree.if_(tree.negated(test), orelse), node)
        # Both sweeps know a branch by its number, whichever way round it is written.
        other.inverted = not getattr(node, "inverted", False)
        return other
    if acts(test):
        return tree.like(tree.effect(test), node)
    return None


def acts(node: gast.AST) -> bool:
    """Whether computing an expression may do more than give its value."""
    return any(isinstance(inner, _ACTS) for inner in tree.walk(node))


_ACTS = (gast.Call, gast.NamedExpr, gast.Await, gast.Yield, gast.YieldFrom)
