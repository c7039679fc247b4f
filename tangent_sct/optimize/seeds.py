"""Taking the adjoint of a store without a copy, where the statement that uses it needs none.

The adjoint of `a[i] = e` takes `a_bar[i]`, clears it, and passes on what it took. Where one statement
uses what was taken, and leaves the array alone otherwise, that statement comes first and reads the
array itself.

Needs: single assignment, alias classes. Produces: the same form, with fewer copies.

>>> from tangent_sct.optimize.demo import unit_of
>>> unit = unit_of('''
... def f(a_bar, b_bar, w):
...     seed = a_bar[1:-1].copy()
...     a_bar[1:-1] = 0
...     t_bar = seed / 2
...     seed_2 = b_bar[...].copy()
...     b_bar[...] = seed_2 * w
...     return t_bar
... ''', temporaries="seed")
>>> print(tree.text(seeds(unit, lambda statement: True).tree))
def f(a_bar, b_bar, w):
    t_bar = a_bar[1:-1] / 2
    a_bar[1:-1] = 0
    b_bar[...] = b_bar[...] * w
    return t_bar
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import gast

from tangent_sct.analysis.mutation import stored_through
from tangent_sct.core import tree
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.blocks import acts, below
from tangent_sct.optimize.effects import Effects, Occurrences, is_temporary

_REACH = 6
"""How many statements may stand between taking and using; further away a copy reads better."""


def seeds(unit: Unit, applies: Callable[[gast.AST], bool] | None = None) -> Unit:
    """Use what is in an array before it is cleared, instead of a copy.

    Args:
        unit: a function in single assignment.
        applies: which statements may be changed; by default those of the reverse sweep.

    Returns:
        The unit with fewer copies; the same unit where there is none to be saved.
    """
    worker = _Seeds(unit, applies or _in_reverse)
    if not any(map(worker.takes, tree.every_statement(unit.tree.body))):
        return unit
    body = worker.block(unit.tree.body)
    return unit if body is unit.tree.body else unit.with_body(body)


def _in_reverse(statement: gast.AST) -> bool:
    return tree.sweep_of(statement) == "reverse"


class _Seeds:
    def __init__(self, unit: Unit, applies: Callable[[gast.AST], bool]) -> None:
        self._unit = unit
        self._applies = applies
        self._effects = Effects(unit)

    @cached_property
    def _occurrences(self) -> Occurrences:
        # Only programs that store are asked how often a name occurs.
        return Occurrences.of(self._unit)

    def takes(self, node: gast.AST) -> bool:
        """Whether a statement copies a place of an array for one use."""
        if _copied_place(node) is None or not self._applies(node):
            return False
        name = node.targets[0].id
        return is_temporary(self._unit, name) and self._occurrences.once(name)

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        """A block with the copies saved; the very same list where none can be."""
        output = [below(node, self.block) for node in body]
        changed = any(a is not b for a, b in zip(output, body, strict=True))
        # From the end, so that what is moved has been looked at.
        for position in reversed(range(len(output))):
            short = self._shortened(output[position : position + 2 + _REACH])
            if short is not None:
                output[position : position + 1 + len(short)] = short
                changed = True
        return output if changed else body

    def _shortened(self, window: list[gast.AST]) -> list[gast.AST] | None:
        """The statements that stand for the first few of a window, None where no copy is saved."""
        if not window or not self.takes(window[0]):
            return None
        place = _copied_place(window[0])
        name = window[0].targets[0].id
        clear: gast.AST | None = None
        between: list[gast.AST] = []
        for node in window[1:]:
            if name in tree.names_read(node):
                return self._joined(name, place, between, clear, node)
            if clear is None and _stores(node, place) and tree.is_constant(node.value, 0):
                clear = node
            elif isinstance(node, (gast.Assign, gast.AugAssign, gast.Expr)):
                between.append(node)
            else:
                return None
        return None

    def _joined(
        self,
        name: str,
        place: gast.Subscript,
        between: list[gast.AST],
        clear: gast.AST | None,
        node: gast.AST,
    ) -> list[gast.AST] | None:
        """The statements up to the one that uses the place, which is cleared after it."""
        if not self._copies(node, place if clear is None else None):
            return None
        if stored_through(node) == name:
            # What is added to the copy must not get into the array.
            return None
        user = tree.like(tree.substitute(node, {name: place}), node)
        # A store into the place itself comes after all that its value reads.
        last = user.value if _stores(node, place) else user
        own = tree.names_read(place)
        if any(self._effects.disturbs(self._effects.of(item), own) for item in (*between, last)):
            return None
        if clear is not None:
            read = {*self._effects.of([*between, node]).reads} - {name}
            if self._effects.disturbs(self._effects.of(clear), read):
                return None
        return [*between, user, *([] if clear is None else [clear])]

    def _copies(self, node: gast.AST, place: gast.Subscript | None) -> bool:
        """Whether a statement makes an array of its own of what it uses, or puts it into one.

        Args:
            node: the statement.
            place: a place it may store into besides.
        """
        if isinstance(node, gast.AugAssign):
            return True
        if not isinstance(node, gast.Assign) or not self._is_fresh(node.value):
            return False
        return isinstance(node.targets[0], gast.Name) or (place is not None and _stores(node, place))

    def _is_fresh(self, node: gast.AST) -> bool:
        if isinstance(node, gast.Call):
            return self._effects.call(node).shares == "none"
        return isinstance(node, (gast.BinOp, gast.UnaryOp))


def _copied_place(node: gast.AST) -> gast.Subscript | None:
    """`place` in `name = place.copy()`."""
    if type(node) is not gast.Assign or type(node.targets[0]) is not gast.Name:
        return None
    value = node.value
    if not (type(value) is gast.Call and type(value.func) is gast.Attribute):
        return None
    if value.func.attr != "copy" or value.args or value.keywords:
        return None
    place = value.func.value
    return place if type(place) is gast.Subscript and not acts(place) else None


def _stores(node: gast.AST, place: gast.Subscript) -> bool:
    """Whether a statement is `place = ...`."""
    if not isinstance(node, gast.Assign):
        return False
    return tree.same(tree.with_context(node.targets[0], gast.Load()), place)
