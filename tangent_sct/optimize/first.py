"""The first addition to an array of zeros is a store.

    a_bar = np.zeros_like(a)        a_bar = np.zeros_like(a)
    a_bar[1:] += e             ->   a_bar[1:] = e

The second addition stays one, unless it surely is to another place. Between the zeros and the addition
nothing may mention the array, so nobody else can have seen it.

Needs: any program. Produces: the same form.

>>> from tangent_sct.core.kind import array
>>> from tangent_sct.optimize.demo import unit_of
>>> unit = unit_of('''
... def f(a, e, i):
...     a_bar = np.zeros_like(a)
...     a_bar[0] += e
...     a_bar[1] += 2 * e
...     a_bar[i] += e
...     return a_bar
... ''')
>>> print(tree.text(first_additions(unit, lambda node: array(("n",)), lambda statement: True).tree))
def f(a, e, i):
    a_bar = np.zeros_like(a)
    a_bar[0] = e
    a_bar[1] = 2 * e
    a_bar[i] += e
    return a_bar
"""

from __future__ import annotations

from collections.abc import Callable

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.namespace import meaning
from tangent_sct.optimize.blocks import acts, below
from tangent_sct.optimize.effects import Effects, KindOf, in_derivative
from tangent_sct.runtime import zeros_like

_ZEROS = (np.zeros_like, zeros_like)


def first_additions(
    unit: Unit, kind_of: KindOf, applies: Callable[[gast.AST], bool] = in_derivative
) -> Unit:
    """Store what would be added to zeros.

    Args:
        unit: a program.
        kind_of: kinds of its expressions.
        applies: which statements may be changed.

    Returns:
        The new unit; the very same unit where nothing is added to zeros.
    """
    worker = _First(unit, kind_of, applies)
    body = worker.block(unit.tree.body)
    return unit if body is unit.tree.body else unit.with_body(body)


class _First:
    def __init__(
        self, unit: Unit, kind_of: KindOf, applies: Callable[[gast.AST], bool]
    ) -> None:
        self._unit = unit
        self._kind_of = kind_of
        self._applies = applies
        self._effects = Effects(unit, kind_of)

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        """A block with stores; the very same list where there are none to be made."""
        zeros: dict[str, list[gast.AST]] = {}
        output = []
        for node in body:
            new = below(node, self.block)
            output.append(self._stored(new, zeros))
            if zeros:
                self._pass(new, zeros)
            if self._applies(new) and self._makes_zeros(new):
                zeros[new.targets[0].id] = []
        return body if all(a is b for a, b in zip(output, body, strict=True)) else output

    def _pass(self, node: gast.AST, zeros: dict[str, list[gast.AST]]) -> None:
        """Note where a statement adds to zeros; what it mentions otherwise is seen by others."""
        for name in zeros.keys() & {*tree.names_read(node), *tree.names_written(node)}:
            index = _index_into(node, name)
            if index is None:
                del zeros[name]
            else:
                zeros[name].append(index)

    def _makes_zeros(self, node: gast.AST) -> bool:
        if not isinstance(node, gast.Assign) or not isinstance(node.targets[0], gast.Name):
            return False
        if not isinstance(node.value, gast.Call) or len(node.targets) > 1:
            return False
        function = meaning(node.value.func, self._unit.namespace)
        # What is added to integers must not be rounded.
        return any(function is zeros for zeros in _ZEROS) and (
            self._kind_of(tree.load(node.targets[0].id)).is_float is not False
        )

    def _stored(self, node: gast.AST, zeros: dict[str, list[gast.AST]]) -> gast.AST:
        """A statement, as a store where it adds to zeros at a place that nothing was added to."""
        if not isinstance(node, gast.AugAssign) or not isinstance(node.op, gast.Add):
            return node
        if not isinstance(node.target, gast.Subscript) or not self._applies(node):
            return node
        owner = node.target.value
        name = owner.id if isinstance(owner, gast.Name) else ""
        index = _index_into(node, name)
        if index is None or name not in zeros or not all(_apart(index, i) for i in zeros[name]):
            return node
        if not self._effects.holds_numbers(owner):
            # The zeros may be those of a container, which would hold the very array that is added.
            return node
        # A store computes its value before its index, an addition after it.
        if acts(index) or (self._effects.of(node.value).effect and tree.names_read(index)):
            return node
        return tree.like(tree.assign(node.target, node.value), node)


def _index_into(node: gast.AST, name: str) -> gast.AST | None:
    """The index at which a statement stores into an array, of which it reads nothing else."""
    if isinstance(node, gast.AugAssign):
        target = node.target
    elif isinstance(node, gast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
    else:
        return None
    if not isinstance(target, gast.Subscript) or not tree.is_name(target.value, name):
        return None
    read = (*tree.names_read(target.slice), *tree.names_read(node.value))
    return None if name in read else target.slice


def _apart(left: gast.AST, right: gast.AST) -> bool:
    """Whether two indices surely select different elements: literals tell."""
    first, second = (i.elts if isinstance(i, gast.Tuple) else [i] for i in (left, right))
    if len(first) != len(second) or not all(map(_is_basic, (*first, *second))):
        return False
    numbers = [(_number(a), _number(b)) for a, b in zip(first, second, strict=True)]
    # An index that counts from the end may be the same as one that counts from the front.
    return any(
        a is not None and b is not None and a != b and (a < 0) == (b < 0) for a, b in numbers
    )


def _is_basic(node: gast.AST) -> bool:
    return isinstance(node, gast.Slice) or _number(node) is not None


def _number(node: gast.AST) -> int | None:
    sign = 1
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        sign, node = -1, node.operand
    known = isinstance(node, gast.Constant) and type(node.value) is int
    return sign * node.value if known else None
