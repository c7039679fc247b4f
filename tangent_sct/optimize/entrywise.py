"""Statements on arrays that compiled code runs entry by entry, as loops that nobody has to read.

    u_bar[1:-1, 2:] += t_bar * rate

Numba goes through slices of several axes with strides that it looks up, makes an array of `t_bar * rate` first, and
takes its time to compile both. Written as loops over the entries of `u_bar` and `t_bar` themselves, such a statement
is several times faster, so it is compiled as these (`emit.entries`). The text keeps the slices.

That holds for arithmetic of arrays of `float64` that surely have one shape, and of numbers. An array that is read at
other places than it is written at is read to the end before.

Needs: an ordinary program, kinds, alias classes. Produces: the same, with marks. Runs last, where Numba compiles.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

import gast
import numpy as np

from tangent_sct.analysis.aliases import Classes, KindOf
from tangent_sct.analysis.calls import Calls
from tangent_sct.core import tree
from tangent_sct.core.entrywise import Entrywise
from tangent_sct.core.kind import same_shape
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.namespace import meaning
from tangent_sct.optimize.blocks import below

OPERATORS = (gast.Add, gast.Sub, gast.Mult, gast.Div)
FUNCTIONS = frozenset((
    np.add, np.subtract, np.multiply, np.divide, np.negative, np.abs, np.square, np.sqrt, np.exp, np.expm1, np.log,
    np.log1p, np.sin, np.cos, np.tan, np.sinh, np.cosh, np.tanh, np.arctan, np.sign,
))  # fmt: skip
NUMBERS = frozenset(("float", "float64", "int", "int64"))
FLOAT = "float64"


def entrywise(unit: Unit, kind_of: KindOf, classes: Callable[[], Classes]) -> Unit:
    """Mark the statements that may be run entry by entry.

    Args:
        unit: an ordinary program.
        kind_of: the kind of an expression.
        classes: gives its alias classes.

    Returns:
        The unit with marked statements; the same unit where there are none.
    """

    calls = Calls(unit.namespace)

    def block(body: list[gast.AST]) -> list[gast.AST]:
        new = [statement(node) for node in body]
        return body if all(map(operator.is_, new, body)) else new

    def statement(node: gast.AST) -> gast.AST:
        if not isinstance(node, (gast.Assign, gast.AugAssign)):
            return below(node, block)
        found = _Statement(node, unit, kind_of, classes, calls).entrywise()
        if found is None:
            return node
        marked = tree.shallow(node)
        marked.entrywise = found
        return marked

    body = block(unit.tree.body)
    return unit if body is unit.tree.body else unit.with_body(body)


class _Statement:
    """One statement, while it is asked whether it can be run entry by entry."""

    def __init__(
        self, node: gast.AST, unit: Unit, kind_of: KindOf, classes: Callable[[], Classes], calls: Calls
    ) -> None:
        self.node = node
        self.unit = unit
        self.kind_of = kind_of
        self.classes = classes
        self.calls = calls
        self.arrays: list[gast.AST] = []
        self.numbers: list[str] = []

    def entrywise(self) -> Entrywise | None:
        """What is known of it; None where it stays as it is."""
        node = self.node
        target = node.target if isinstance(node, gast.AugAssign) else node.targets[0]
        if isinstance(node, gast.Assign) and isinstance(target, gast.Name):
            # What a name is given must be a new array.
            if len(node.targets) > 1 or not isinstance(node.value, (gast.BinOp, gast.UnaryOp, gast.Call)):
                return None
            whole = node.value
        else:
            whole = tree.with_context(target, gast.Load())
            if not self.is_place(whole) or len(getattr(node, "targets", "1")) > 1:
                return None
        if isinstance(node, gast.AugAssign) and not isinstance(node.op, OPERATORS):
            return None
        if not self.is_array(whole) or not self.collect(node.value):
            return None
        if not all(same_shape(self.kind_of(part), self.kind_of(whole)) for part in self.arrays):
            return None
        is_new = whole is node.value
        if is_new and not self.arrays:
            return None
        apart = not is_new and any(self.overlaps(part, whole) for part in self.arrays)
        parts = self.arrays if is_new else [*self.arrays, whole]
        names = {part.value.id if isinstance(part, gast.Subscript) else part.id for part in parts}
        names |= {target.id} if is_new else set()
        memory = {name: self.classes().find(name) for name in names}
        return Entrywise(self.axes(whole), dict(map(self.spelled, parts)), memory, tuple(self.numbers), apart)

    def spelled(self, part: gast.AST) -> tuple[str, int]:
        """A part, and the number of axes of its array."""
        return tree.text(part), self.axes(part.value if isinstance(part, gast.Subscript) else part)

    def axes(self, node: gast.AST) -> int:
        return self.kind_of(node).rank or 0

    def is_array(self, node: gast.AST) -> bool:
        kind = self.kind_of(node)
        return kind.is_array and kind.dtype == FLOAT and bool(kind.rank)

    def is_place(self, node: gast.AST) -> bool:
        """Whether an expression is a name, or a part of the array of a name that slices and positions select."""
        if isinstance(node, gast.Name):
            return True
        if not isinstance(node, gast.Subscript) or not isinstance(node.value, gast.Name):
            return False
        kind = self.kind_of(node.value)
        items = node.slice.elts if isinstance(node.slice, gast.Tuple) else [node.slice]
        if not kind.is_array or kind.rank is None or len(items) > kind.rank:
            return False
        return all(map(self.is_range, items))

    def is_range(self, item: gast.AST) -> bool:
        if not isinstance(item, gast.Slice):
            return self.is_position(item)
        return item.step is None and all(self.is_position(end) for end in (item.lower, item.upper) if end is not None)

    def is_position(self, node: gast.AST) -> bool:
        kind = self.kind_of(node)
        return kind.is_scalar and kind.dtype in ("int", "int64") and not self.acts(node)

    def acts(self, node: gast.AST) -> bool:
        """Whether a part does more than to compute; what is taken off a tape is taken in order still."""
        calls = [part for part in tree.walk(node) if isinstance(part, gast.Call)]
        return any(self.calls.has_effect(call) and not is_pop(call) for call in calls)

    def collect(self, node: gast.AST) -> bool:
        """Note the arrays and numbers of a value; whether it is made of nothing else."""
        kind = self.kind_of(node)
        if kind.is_scalar:
            self.numbers.append(tree.text(node))
            return kind.dtype in NUMBERS and not self.acts(node)
        if not self.is_array(node):
            return False
        if isinstance(node, gast.BinOp):
            return isinstance(node.op, OPERATORS) and self.collect(node.left) and self.collect(node.right)
        if isinstance(node, gast.UnaryOp):
            return isinstance(node.op, gast.USub) and self.collect(node.operand)
        if isinstance(node, gast.Call):
            function = meaning(node.func, self.unit.namespace)
            known = isinstance(function, np.ufunc) and function in FUNCTIONS and not node.keywords
            return known and len(node.args) == function.nin and all(map(self.collect, node.args))
        self.arrays.append(node)
        return self.is_place(node)

    def overlaps(self, read: gast.AST, written: gast.AST) -> bool:
        """Whether an array that is read may share memory with the one that is written, at other entries."""
        if tree.same(read, written):
            return False
        classes = self.classes()
        written_names, read_names = classes.sources(written), classes.sources(read)
        return any(classes.same(one, other) for one in written_names for other in read_names)


def is_pop(call: gast.Call) -> bool:
    """Whether a call takes the last item off a list."""
    return isinstance(call.func, gast.Attribute) and call.func.attr == "pop" and not call.args
