"""Branches whose test is known: the one that is taken stands alone.

A derivative is specialised by the kinds of its arguments, and `None`, strings and booleans count by
value; so `if w is None`, `if verbose` and `if len(pair) != 2` are often decided before the program
runs. Without the other branch less is joined, and more is known of what is left.

Needs: structured single assignment. Produces: the same form.

>>> print(demo('''
... def f(x):
...     w = None
...     test = w is not None and len(x) > 2
...     if test:
...         y = x * w
...         y_2 = y
...     else:
...         y_2 = x
...     return y_2
... '''))
def f(x):
    w = None
    test = w is not None and len(x) > 2
    y_2 = x
    return y_2
"""

from __future__ import annotations

import enum
import numbers
import operator
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final

import gast
import numpy as np

from tangent_sct.analysis.aliases import KindOf
from tangent_sct.analysis.calls import is_none
from tangent_sct.analysis.operations import operation
from tangent_sct.core import tree
from tangent_sct.core.attempts import bound_by
from tangent_sct.core.kind import NO_VALUE, Kind, is_object, may_be_object, same_shape
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.made import is_apart, told_by_bases
from tangent_sct.frontend.namespace import meaning
from tangent_sct.frontend.objects import SIMPLE_CLASSES
from tangent_sct.optimize.blocks import acts, if_with, with_blocks

_COMPARED: Final[Mapping[type, Callable[[Any, Any], bool]]] = {
    gast.Eq: operator.eq, gast.NotEq: operator.ne, gast.Lt: operator.lt, gast.LtE: operator.le,
    gast.Gt: operator.gt, gast.GtE: operator.ge,
}  # fmt: skip
_PLAIN: Final = (bool, int, str, type(None))
"""Types whose values compare as they will when the program runs."""


def branches(unit: Unit, kind_of: KindOf, settle: bool = False) -> Unit:
    """Replace every `if` whose test is known by the branch that is taken.

    Args:
        unit: a program in structured single assignment.
        kind_of: kinds of its expressions.
        settle: whether an `if` that the compiler wrote, and whose `else` serves every case, is replaced by that
            where its test is not known.

    Returns:
        The new unit; the very same unit where no test is known.
    """
    if not any(type(node) in (gast.If, gast.For) for node in tree.every_statement(unit.tree.body)):
        return unit
    body = _Branches(unit, kind_of, settle).block(unit.tree.body)
    return unit if body is unit.tree.body else unit.with_body(body)


def demo(text: str) -> str:
    """The text of a function after the pass.

    >>> print(demo("def f(x):\\n    if True:\\n        y = x\\n    else:\\n        y = 2 * x\\n    return y"))
    def f(x):
        y = x
        return y
    """
    from tangent_sct.analysis.kinds import infer
    from tangent_sct.optimize.demo import unit_of

    unit = unit_of(text)
    return tree.text(branches(unit, infer(unit).kind_of).tree)


class _Branches:
    def __init__(self, unit: Unit, kind_of: KindOf, settle: bool) -> None:
        self._kind_of = kind_of
        self._settle = settle
        self._objects = unit.namespace
        self._values: dict[str, list[gast.AST | None]] = {}
        for node in tree.every_statement(unit.tree.body):
            is_plain = type(node) is gast.Assign and type(node.targets[0]) is gast.Name
            for name in bound_by(node):
                self._values.setdefault(name, []).append(node.value if is_plain else None)

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        """The block with the branches that are taken; the very same list where nothing is known."""
        result: list[gast.AST] = []
        for node in body:
            if type(node) is gast.If:
                result += self._if(node)
            elif type(node) is gast.For and self._is_never_run(node):
                # What it carries has been assigned before it.
                continue
            elif type(node) in tree.LOOPS:
                result.append(with_blocks(node, self.block(node.body), self.block(node.orelse)))
            elif type(node) is gast.With:
                result.append(with_blocks(node, self.block(node.body)))
            else:
                result.append(node)
        same = len(result) == len(body) and all(a is b for a, b in zip(result, body, strict=True))
        return body if same else result

    def _if(self, node: gast.If) -> list[gast.AST]:
        known = self._known(node.test)
        if known is None and self._settle and getattr(node, "else_serves", False):
            known = False
        if known is not None:
            taken = node.body if known else node.orelse
            if not any(map(_leaves, taken)):
                return [item for item in self.block(taken) if not isinstance(item, gast.Pass)]
        found = if_with(node, self.block(node.body), self.block(node.orelse), node.test)
        return [] if found is None else [found]

    def _is_never_run(self, loop: gast.For) -> bool:
        """Whether a loop runs over the positions of a list that surely is empty, as the children of a leaf are."""
        call = loop.iter
        if not isinstance(call, gast.Call) or len(call.args) != 1 or call.keywords or loop.orelse:
            return False
        return meaning(call.func, self._objects) is range and type(n := self._value(call.args[0])) is int and n == 0

    def _known(self, test: gast.AST) -> bool | None:
        """Whether a test is true, None where that is decided when the program runs."""
        values = self._values.get(test.id, ()) if isinstance(test, gast.Name) else ()
        if len(values) == 1 and values[0] is not None:
            return self._known(values[0])
        if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
            inner = self._known(test.operand)
            return None if inner is None else not inner
        if isinstance(test, gast.BoolOp):
            return self._joined(test)
        if isinstance(test, gast.Compare):
            return self._compared(test)
        if isinstance(test, gast.Call):
            return self._is_of_class(test)
        value = self._value(test)
        return bool(value) if isinstance(value, _PLAIN) else None

    def _joined(self, test: gast.BoolOp) -> bool | None:
        """`a and b`: the first part that decides, if all before it are known."""
        decisive = isinstance(test.op, gast.Or)
        for part in test.values:
            known = self._known(part)
            if known is None or known is decisive:
                return known
        return not decisive

    def _compared(self, test: gast.Compare) -> bool | None:
        if len(test.ops) != 1:
            return None
        (op,), (right,) = test.ops, test.comparators
        if isinstance(op, (gast.Is, gast.IsNot)):
            same = self._is_none(test.left) if is_none(right) else self._is_member(test.left, right)
            if tree.is_constant(right, True, False) and not acts(test.left):
                same = self._is_truth(self._kind_of(test.left), right.value)
            return same if same is None or isinstance(op, gast.Is) else not same
        if isinstance(op, (gast.In, gast.NotIn)):
            found = self._is_key(test.left, right)
            return found if found is None or isinstance(op, gast.In) else not found
        if isinstance(op, gast.Eq) and self._same_shape(test.left, right):
            return True
        left_value, right_value = self._value(test.left), self._value(right)
        if isinstance(op, (gast.Eq, gast.NotEq)) and _compares_by_identity(left_value):
            same = self._is_member(test.left, right)
            return same if same is None or isinstance(op, gast.Eq) else not same
        compare = _COMPARED.get(type(op))
        if compare is None or not all(isinstance(v, _PLAIN) for v in (left_value, right_value)):
            return None
        ordered = isinstance(op, (gast.Eq, gast.NotEq)) or all(
            isinstance(value, int) for value in (left_value, right_value)
        )
        return compare(left_value, right_value) if ordered else None

    def _is_key(self, key: gast.AST, owner: gast.AST) -> bool | None:
        """Whether a literal is a key of a dict whose keys are known."""
        if not isinstance(key, gast.Constant) or not isinstance(owner, gast.Name):
            return None
        kind = self._kind_of(owner)
        if kind.family != "dict" or kind.items is None or is_object(kind):
            return None
        return key.value in [known for known, _ in kind.items]

    def _same_shape(self, left: gast.AST, right: gast.AST) -> bool:
        """Whether two expressions are `np.shape(...)` of values that surely have one shape."""
        kinds: list[Kind] = []
        for node in (left, right):
            found = operation(node, self._objects)
            if found is None or found.function is not np.shape or acts(found.args[0]):
                return False
            kinds.append(self._kind_of(found.args[0]))
        return same_shape(*kinds)

    def _is_truth(self, kind: Kind, value: bool) -> bool | None:
        """Whether something is the very object True or False."""
        if kind.value is not NO_VALUE:
            return kind.value is value
        may_be = kind.family in ("other", "unknown") or (kind.is_scalar and kind.dtype in (None, "bool"))
        return None if may_be else False

    def _is_member(self, left: gast.AST, right: gast.AST) -> bool | None:
        """Whether two expressions are one member of an enumeration."""
        values = self._value(left), self._value(right)
        return values[0] is values[1] if all(isinstance(value, enum.Enum) for value in values) else None

    def _is_none(self, node: gast.AST) -> bool | None:
        """Whether an expression is None."""
        if acts(node):
            return None
        kind = self._kind_of(node)
        if kind.value is not NO_VALUE:
            return kind.value is None
        return None if kind.family in ("other", "unknown") else False

    def _is_of_class(self, test: gast.Call) -> bool | None:
        """`isinstance(x, list)` and the like, of what surely is one or surely is none."""
        if not tree.is_name(test.func, "isinstance") or self._objects.get("isinstance") is not isinstance:
            return None
        value, classes = test.args
        kind = self._kind_of(value)
        if acts(value):
            return None
        named = classes.elts if isinstance(classes, gast.Tuple) else [classes]
        asked = [meaning(c, self._objects) for c in named]
        if may_be_object(kind):
            return is_object_of(kind, asked)
        found = [is_instance(kind, cls) for cls in asked]
        return True if True in found else (None if None in found else False)

    def _value(self, node: gast.AST) -> Any:
        """What an expression is, `NO_VALUE` where that is not known."""
        if isinstance(node, gast.Call) and len(node.args) == 1 and not node.keywords:
            if isinstance(node.func, gast.Name) and self._objects.get(node.func.id) is len:
                return NO_VALUE if acts(node.args[0]) else self._length(node)
            found = operation(node, self._objects)
            if found is not None and found.function is np.ndim and not acts(node.args[0]):
                rank = self._kind_of(node.args[0]).rank
                return NO_VALUE if rank is None else rank
        return NO_VALUE if acts(node) else self._kind_of(node).value

    def _length(self, node: gast.Call) -> Any:
        kind = self._kind_of(node.args[0])
        items = None if is_object(kind) else kind.items
        return self._kind_of(node).value if items is None else len(items)


def _compares_by_identity(value: Any) -> bool:
    return isinstance(value, enum.Enum) and type(value).__eq__ is object.__eq__


def is_instance(kind: Kind, cls: Any) -> bool | None:
    """Whether what has a kind, and is no object, is an instance of a class; None where that is not known.

    >>> is_instance(Kind("scalar", "float64"), float), is_instance(Kind("scalar", "float"), np.ndarray)
    (True, False)
    >>> is_instance(Kind("scalar", "float"), int), is_instance(Kind("scalar", "int"), int)
    (False, None)
    >>> is_instance(Kind("other", cls=str), str), is_instance(Kind("other", cls=str), np.ndarray)
    (True, False)
    """
    family, dtype = kind.family, kind.dtype or ""
    if kind.is_text or kind.value is None:
        if cls in (str, *_CLASSES.values(), *_NUMBERS):
            return kind.is_text and cls is str
        return False if is_apart(cls, [str, type(None)]) else None
    if family not in (*_CLASSES, "scalar"):
        return None
    if cls is str:
        return False
    if cls in _CLASSES.values():
        return _CLASSES.get(family) is cls
    if kind.cls is None and is_apart(cls, SIMPLE_CLASSES if family == "scalar" else [_CLASSES[family]]):
        # Those derive from no class of numbers or of containers.
        return False
    if cls not in _NUMBERS:
        return None
    if family != "scalar":
        return False
    if cls in (numbers.Number, numbers.Complex) and dtype.startswith(("float", "complex")):
        return True
    if cls in (float, numbers.Real, numbers.Rational, numbers.Integral, int) and dtype.startswith("complex"):
        return False
    if cls in (int, numbers.Rational, numbers.Integral, complex) and dtype.startswith("float"):
        return False
    # A whole number may be Python's or NumPy's, which is no `int`; that of double precision is a `float`.
    by_dtype = {("float", float): True, ("float64", float): True, ("complex", complex): True,
                ("complex128", complex): True}  # fmt: skip
    return True if cls is numbers.Real and dtype.startswith("float") else by_dtype.get((dtype, cls))


def is_object_of(kind: Kind, classes: Sequence[Any]) -> bool | None:
    """Whether an object is an instance of one of some classes; None where its class is not known.

    >>> length = type("Length", (), {"__module__": "shop"})
    >>> is_object_of(Kind("dict", cls=length), [length]), is_object_of(Kind("dict", cls=object), [length])
    (True, None)
    """
    if not is_object(kind) or kind.cls is None or kind.cls in (object, SimpleNamespace):
        return None
    return issubclass(kind.cls, tuple(classes)) if all(map(told_by_bases, classes)) else None


_CLASSES = {"tuple": tuple, "list": list, "dict": dict, "array": np.ndarray}
_NUMBERS = (int, float, complex, numbers.Number, numbers.Complex, numbers.Real, numbers.Rational, numbers.Integral)


def _leaves(node: gast.AST) -> bool:
    """Whether a statement of a branch leaves it early, so that its `if` must stay around it."""
    return isinstance(node, (gast.Raise, gast.Break, gast.Continue, gast.Return))
