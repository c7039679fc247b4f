"""Products of a seed and a partial, and the sums of them that make both modes of `@partials`."""

from __future__ import annotations

from collections.abc import Iterable

import gast

from tangent_sct.core import tree


def is_number(node: gast.AST, value: int) -> bool:
    """Whether a node is this number, written as an int or a float.

    >>> is_number(tree.expression("-1.0"), -1)
    True
    """
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        return is_number(node.operand, -value)
    return tree.is_constant(node, value, float(value))


def product(seed: gast.AST, factor: gast.AST) -> gast.AST:
    """`seed * factor`, with the seed drawn to the front of products and quotients.

    A scalar seed thus costs one pass over an array factor, not two.

    >>> tree.text(product(tree.load("z_bar"), tree.expression("2 * x / y")))
    'z_bar * 2 * x / y'
    >>> tree.text(product(tree.load("z_bar"), tree.expression("-np.sin(x)")))
    '-z_bar * np.sin(x)'
    """
    if is_number(factor, 1):
        return seed
    if isinstance(factor, gast.UnaryOp) and isinstance(factor.op, gast.USub):
        return product(tree.negative(seed), factor.operand)
    if isinstance(factor, gast.BinOp) and isinstance(factor.op, (gast.Mult, gast.Div)):
        left = product(seed, factor.left)
        if isinstance(factor.op, gast.Div):
            return tree.binary(left, "/", factor.right)
        return product(left, factor.right)
    return tree.binary(seed, "*", factor)


def total(terms: Iterable[gast.AST]) -> gast.AST:
    """The sum of some terms; a negated name is subtracted.

    >>> tree.text(total([tree.load("a"), tree.expression("-b")]))
    'a - b'
    """
    found: gast.AST | None = None
    for term in terms:
        if found is None:
            found = term
        elif isinstance(term, gast.UnaryOp) and isinstance(term.op, gast.USub):
            found = tree.binary(found, "-", term.operand)
        else:
            found = tree.binary(found, "+", term)
    if found is None:
        raise ValueError("a sum needs a term")
    return found
