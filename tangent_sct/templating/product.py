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
    """`seed * factor`, with the seed drawn to the front of products and into numeric numerators.

    A scalar seed thus costs one pass over an array factor, not two. Other quotients stay whole,
    since `x / y` is harmless where `z_bar * x` may overflow.

    >>> tree.text(product(tree.load("z_bar"), tree.expression("2 * x ** 2")))
    'z_bar * 2 * x ** 2'
    >>> tree.text(product(tree.load("z_bar"), tree.expression("1 / x")))
    'z_bar / x'
    >>> tree.text(product(tree.load("z_bar"), tree.expression("x / y")))
    'z_bar * (x / y)'
    >>> tree.text(product(tree.load("z_bar"), tree.expression("-np.sin(x)")))
    '-z_bar * np.sin(x)'
    """
    if is_number(factor, 1):
        return seed
    if isinstance(factor, gast.UnaryOp) and isinstance(factor.op, gast.USub):
        return product(tree.negative(seed), factor.operand)
    if isinstance(factor, gast.BinOp) and isinstance(factor.op, gast.Mult):
        return product(product(seed, factor.left), factor.right)
    if isinstance(factor, gast.BinOp) and isinstance(factor.op, gast.Div):
        return _quotient(seed, factor)
    return tree.binary(seed, "*", factor)


def _quotient(seed: gast.AST, factor: gast.BinOp) -> gast.AST:
    numerator, denominator = factor.left, factor.right
    if tree.is_atom(numerator) and not isinstance(numerator, gast.Name):
        return tree.binary(product(seed, numerator), "/", denominator)
    if isinstance(numerator, gast.UnaryOp) and isinstance(numerator.op, gast.USub):
        quotient = tree.binary(numerator.operand, "/", denominator)
        return product(tree.negative(seed), quotient)
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
