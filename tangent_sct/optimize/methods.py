"""Functions of arrays in the spelling of methods: `np.sum(x_bar, axis=0)` becomes `x_bar.sum(axis=0)`.

The two mean the same where `x_bar` surely is an array, and the method is what the function comes to
in the end. Only what has a name is asked by method; of an expression the function reads better. The sum of the
products of two vectors is written as what it is, `x @ y`, which makes no array on the way. The user's own statements
keep the user's spelling. An operand of arithmetic is written without `.copy()`.

Needs: an ordinary program, kinds. Produces: an ordinary program. Runs when no pass is left that
looks for functions.

>>> print(demo('''
... def f(x: array, g):
...     g_bar = np.sum(x, axis=0) / np.size(x)
...     t_bar = np.sum(x.copy() * g) + np.size(g)
...     s_bar = np.sum(x * x)
...     return g_bar, t_bar, s_bar
... '''))
def f(x: array, g):
    g_bar = x.sum(axis=0) / x.size
    t_bar = np.sum(x * g) + np.size(g)
    s_bar = x @ x
    return (g_bar, t_bar, s_bar)
"""

from __future__ import annotations

import operator
from collections.abc import Callable

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.kind import same_shape
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.namespace import meaning
from tangent_sct.optimize.blocks import below
from tangent_sct.optimize.effects import KindOf, in_derivative
from tangent_sct.runtime import einsum_adjoint, transposed
from tangent_sct.runtime.einsum import swapped_subscripts

METHODS = {
    id(function): function.__name__
    for function in (
        np.argsort, np.cumsum, np.max, np.mean, np.min, np.prod, np.reshape, np.sum
    )
}  # fmt: skip
"""By identity of a function the method that takes its other arguments, by position or by keyword."""

ATTRIBUTES = {id(function): function.__name__ for function in (np.ndim, np.shape, np.size)}
"""By identity of a function the attribute that it is of an array, which is all that it is given."""


def methods(
    unit: Unit, kind_of: KindOf, applies: Callable[[gast.AST], bool] = in_derivative
) -> Unit:
    """Ask arrays by method.

    Args:
        unit: an ordinary program.
        kind_of: the kind of an expression; a name has one kind for the whole program.
        applies: which statements are spelled anew.

    Returns:
        The unit with methods and attributes; the same unit where there are none to be written.
    """
    body = _Methods(unit, kind_of, applies).block(unit.tree.body)
    return unit if body is unit.tree.body else unit.with_body(body)


class _Methods:
    def __init__(
        self, unit: Unit, kind_of: KindOf, applies: Callable[[gast.AST], bool]
    ) -> None:
        self._namespace = unit.namespace
        self._kind_of = kind_of
        self._applies = applies
        self._is_compiled = unit.request.backend == "numba"

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        """A block with methods; the very same list where there are none to be written."""
        new = [self.statement(node) for node in body]
        return body if all(map(operator.is_, new, body)) else new

    def statement(self, node: gast.AST) -> gast.AST:
        if isinstance(node, (gast.With, gast.If, gast.For, gast.While)):
            return below(node, self.block)
        # What is returned has a name, or it is an expression of the user's that was put back.
        if isinstance(node, gast.Return) or not self._applies(node):
            return node
        new = tree.replaced(node, self.spelled)
        # What a scope of its own calls `x` need not be the `x` that kinds are known of.
        return node if new is not node and _opens_scope(node) else new

    def spelled(self, node: gast.AST) -> gast.AST | None:
        """A call as one of a method, or as an attribute; None where it stays."""
        if type(node) is gast.BinOp:
            left, right = self.uncopied(node.left), self.uncopied(node.right)
            return None if left is node.left and right is node.right else gast.BinOp(left, node.op, right)
        if type(node) is not gast.Call:
            return None
        if not node.args:
            return self.copied_whole(node)
        array, *others = node.args
        function = id(meaning(node.func, self._namespace))
        if function == id(einsum_adjoint):
            return self.swapped(node)
        if function == id(transposed):
            return gast.Attribute(array, "T", gast.Load()) if self._kind_of(array).rank == 2 else None
        if function == id(np.sum) and not others and not node.keywords and self.is_product(array):
            return gast.BinOp(array.left, gast.MatMult(), array.right)
        if type(array) is not gast.Name or not (function in METHODS or function in ATTRIBUTES):
            return None
        if not self._kind_of(array).is_array:
            return None
        if function in METHODS:
            by_axis = all(map(_is_axis, node.keywords))
            if self._is_compiled and METHODS[function] == "argsort" and by_axis and self._kind_of(array).rank == 1:
                # A row has one axis, and Numba takes none.
                others, node = others[1:], gast.Call(node.func, node.args, [])
            if self._is_compiled and not by_axis:
                # Numba knows more of the function than of the method.
                return None
            if len(others) > 1 and METHODS[function] == "reshape":
                # The method takes all that stands in its brackets for sizes.
                others, order = others[:1], gast.keyword("order", others[1])
                node = gast.Call(node.func, [array, *others], [*node.keywords, order])
            method = gast.Attribute(array, METHODS[function], gast.Load())
            return gast.Call(method, others, node.keywords)
        if others or node.keywords:
            return None
        return gast.Attribute(array, ATTRIBUTES[function], gast.Load())

    def is_product(self, node: gast.AST) -> bool:
        """Whether an expression is the product of two vectors of floats, entry by entry."""
        # Numba computes `@` by a library that it does not bring, and warns where vectors are strided.
        if type(node) is not gast.BinOp or type(node.op) is not gast.Mult or self._is_compiled:
            return False
        left, right = self._kind_of(node.left), self._kind_of(node.right)
        if left.rank != 1 or left.dtype != right.dtype or not same_shape(left, right):
            return False
        return left.is_float is True

    def swapped(self, node: gast.Call) -> gast.AST | None:
        """The adjoint of an operand of `np.einsum` as a call of `np.einsum`, where it is no more than that."""
        seed, subscripts, place, *operands = node.args
        numpy = next((name for name, value in self._namespace.items() if value is np), None)
        literals = (subscripts, place)
        if numpy is None or not all(isinstance(one, gast.Constant) for one in literals):
            return None
        found = swapped_subscripts(subscripts.value, place.value, [self._kind_of(a).shape for a in operands])
        if found is None:
            return None
        others = [a for i, a in enumerate(operands) if i != place.value]
        return tree.call(f"{numpy}.einsum", tree.const(found), seed, *others)

    def uncopied(self, operand: gast.AST) -> gast.AST:
        """`a` for an operand `a.copy()`: arithmetic only looks at it."""
        method = operand.func if type(operand) is gast.Call and not (operand.args or operand.keywords) else None
        if not isinstance(method, gast.Attribute) or method.attr != "copy":
            return operand
        return method.value if self._kind_of(method.value).is_array else operand

    def copied_whole(self, node: gast.Call) -> gast.AST | None:
        """`a[...].copy()` as `a.copy()`."""
        place = node.func.value if isinstance(node.func, gast.Attribute) and node.func.attr == "copy" else None
        if not isinstance(place, gast.Subscript) or not tree.is_constant(place.slice, ...):
            return None
        if node.keywords or not self._kind_of(place.value).is_array:
            return None
        return gast.Call(gast.Attribute(place.value, "copy", gast.Load()), [], [])


def _is_axis(word: gast.keyword) -> bool:
    """Whether a keyword names one axis."""
    return word.arg == "axis" and not isinstance(word.value, gast.Tuple)


def _opens_scope(node: gast.AST) -> bool:
    return any(isinstance(inner, _SCOPES) for inner in tree.walk(node))


_SCOPES = (gast.Lambda, gast.FunctionDef, gast.ClassDef, *tree.COMPREHENSIONS)


def demo(text: str) -> str:
    """The text of a function after the pass; names annotated `array` are vectors, the rest scalars."""
    from tangent_sct.optimize.demo import unit_of, vectors

    unit = unit_of(text)
    return tree.text(methods(unit, vectors(unit), lambda statement: True).tree)
