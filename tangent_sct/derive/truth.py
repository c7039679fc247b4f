"""Tests as truth values.

A test is written again in the reverse sweep, where what it read may have changed or may be an adjoint's business.
What decides a branch is then the truth of the test at its time, not the object whose truth it was.
"""

from __future__ import annotations

from collections.abc import Callable

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.frontend.namespace import Namespace


def truths(
    body: list[gast.AST], namespace: Namespace, kind_of: Callable[[gast.AST], Kind]
) -> list[gast.AST]:
    """The truth of `a and b` in place of one of its operands, where that may be an array or a container.

    Args:
        body: a program in single assignment; a test that is computed has a name of its own, given just before.
        namespace: its free names.
        kind_of: the kind of an expression.

    Returns:
        The new body; the very same list where there is no such test.

    >>> from tangent_sct.core.kind import UNKNOWN
    >>> from tangent_sct.core.names import Names
    >>> body = tree.statements("test = found and x > y\\nif test: y = x")
    >>> print(tree.text(truths(body, Namespace(Names()), lambda node: UNKNOWN)[0]))
    test = bool(found and x > y)
    """
    output: list[gast.AST] = []
    for node in body:
        if tree.inner_blocks(node):
            node = _with_truths_inside(node, namespace, kind_of)
        if output and isinstance(node, gast.If) and _gives(output[-1], node.test):
            value = output[-1].value
            if isinstance(value, gast.BoolOp) and not kind_of(value).is_scalar:
                spelled = tree.load(namespace.name_for("bool", bool))
                truth = tree.assign(node.test.id, gast.Call(spelled, [value], []))
                output[-1] = tree.like(truth, output[-1])
        output.append(node)
    return body if all(new is old for new, old in zip(output, body, strict=True)) else output


def _with_truths_inside(
    node: gast.AST, namespace: Namespace, kind_of: Callable[[gast.AST], Kind]
) -> gast.AST:
    inner = {name: value for name, value in tree.fields(node).items() if name in ("body", "orelse") and value}
    changed = {name: truths(block, namespace, kind_of) for name, block in inner.items()}
    if all(changed[name] is block for name, block in inner.items()):
        return node
    new = tree.shallow(node)
    for name, block in changed.items():
        setattr(new, name, block)
    return new


def _gives(node: gast.AST, test: gast.AST) -> bool:
    """Whether a statement gives a test its name."""
    return isinstance(node, gast.Assign) and isinstance(test, gast.Name) and tree.is_name(node.targets[0], test.id)
