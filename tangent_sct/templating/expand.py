"""Expanding a prepared expression for one call, with the algebra of zeros.

A zero derivative is None. It swallows products, quotients, subscripts, attributes and calls of
which it is the only derivative, it drops out of sums, and anywhere else it is written as `0.0`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import BOOL, UNKNOWN, Kind
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Origin
from tangent_sct.templating.bind import Binding, is_default
from tangent_sct.templating.nodes import Collect, Dense, Derivative
from tangent_sct.templating.open import OpenLoop
from tangent_sct.templating.rule import Rule
from tangent_sct.templating.static import Undecided, decide, uses_words

Slot = tuple[str, int | None]
"""A parameter, and the position in a display or in `*args` (else None)."""

EACH = -1
"""Stands for the position of any element of a list whose length is not known."""

Key = Slot | str
"""A slot, or the name of a result."""

_SMALL = frozenset("bool int8 int16 int32 uint8 uint16 uint32 uint64".split())
"""Dtypes of integers and truth values in which arithmetic soon wraps around, or is another one."""

_MADE = (gast.Compare, gast.Constant)
"""Operands that the template itself writes."""

LOAD = gast.Load()
"""Contexts and operators have no fields and are never changed, so one serves for all."""


class Arguments(Protocol):
    """What the parameters of a rule are bound to."""

    binding: Binding
    env: dict[str, gast.AST | None]
    origin: Origin | None
    names: Names

    @property
    def kind_of(self) -> Callable[[gast.AST], Kind]:
        """The kind of an expression of the program."""

    def elements(self, name: str) -> list[gast.AST] | None:
        """The elements of a parameter, where they are known."""

    def numpy(self) -> gast.AST:
        """NumPy, as the program spells it."""

    def spelled(self, name: str, meaning: object) -> str:
        """The name of an object in the filled text."""


class Expander:
    """Expands the expressions of one piece of a rule.

    Args:
        rule: the rule.
        arguments: what its parameters are bound to.
        derivatives: the tangents or the seeds; one that is missing is zero.
    """

    def __init__(
        self, rule: Rule, arguments: Arguments, derivatives: Mapping[Key, gast.AST]
    ) -> None:
        self.rule = rule
        self.arguments = arguments
        self.derivatives = dict(derivatives)
        self.env = dict(arguments.env)
        self.keys: dict[str, Key] = {}
        """Loop variables, with the slots that they stand for."""
        self.elements: dict[str, gast.AST] = {}
        """Names for any element of a list whose length is not known, and that element."""
        self.mentioned: list[str] = []
        """Parameters and results that stand in what has been expanded."""
        self.mentions: dict[str, list[str]] = {}
        """The same for each local."""

        self.computes = all(map(_computes, rule.primals))
        """Whether the function computes entry by entry, so that large integers serve as well as small ones."""

    # -- names ----------------------------------------------------------------------------

    def expression_of(self, name: str) -> gast.AST | None:
        """The expression that a name of the template stands for."""
        return self.env.get(name)

    def length_of(self, name: str) -> int | None:
        """The number of elements of a parameter, where it is known."""
        if name not in self.rule.parameters.parameters:
            return None
        elements = self.arguments.elements(name)
        return None if elements is None else len(elements)

    def kind_of(self, expression: gast.AST) -> Kind:
        """The kind of an expression of the program."""
        if isinstance(expression, gast.Name):
            expression = self.elements.get(expression.id, expression)
        return self.arguments.kind_of(expression)

    def is_active(self, name: str) -> bool:
        """Whether the derivative of a parameter or of a result is not zero."""
        return self.derivatives.get(name if name in self.rule.results else (name, None)) is not None

    def key_of(self, of: gast.AST) -> Key:
        """What a `d[...]` is the derivative of."""
        if isinstance(of, gast.Name):
            return self._key_of_name(of.id)
        place = decide(of.slice, self)
        if not isinstance(place, int):
            raise self.refusal(f"`{tree.text(of)}` is no element of the arguments")
        return of.value.id, place

    def _key_of_name(self, name: str) -> Key:
        if name in self.keys:
            return self.keys[name]
        if name in self.rule.results:
            return name
        if name in self.rule.elementwise and self.arguments.elements(name) is not None:
            # Its elements are the slots: the derivative of the whole would silently be zero.
            raise self.refusal(f"the derivative of the display `{name}` as a whole is not known")
        return name, None

    def iterate(self, counter: str | None, item: str, over: str) -> Iterator[None]:
        """Bind the names of a loop to one element after the other."""
        elements = self.arguments.elements(over)
        assert elements is not None
        for place, element in enumerate(elements):
            if counter is not None:
                self.env[counter] = tree.const(place)
            self.env[item] = element
            self.keys[item] = (over, place)
            yield
        self.keys.pop(item, None)

    def is_open(self, over: str) -> bool:
        """Whether the elements that a loop runs over are known only when the program runs."""
        return self.arguments.elements(over) is None

    def element(self, counter: str | None, item: str, over: str) -> OpenLoop:
        """Bind the names of a loop to any element of a list that is known only when the program runs."""
        whole = self.arguments.binding.plain[over]
        if not isinstance(whole, gast.Name):
            raise self.refusal(f"the elements of `{tree.text(whole)}` are not known")
        fresh = self.arguments.names.fresh
        loop = OpenLoop(whole.id, fresh("i"), fresh(item))
        self.env[item] = tree.load(loop.item)
        self.keys[item] = (over, EACH)
        self.elements[loop.item] = loop.element()
        if counter is not None:
            self.env[counter] = tree.load(loop.place)
        derivative = self.derivatives.get((over, None))
        if derivative is not None:
            place = tree.load(loop.place)
            self.derivatives[over, EACH] = tree.subscript(tree.copy(derivative), place)
        return loop

    def refusal(self, reason: str) -> UnsupportedError:
        """An error about this rule at the user's statement."""
        return UnsupportedError(
            f"{reason}, which the rule for `{self.rule.title}` asks for", self.arguments.origin
        )

    # -- expressions ----------------------------------------------------------------------

    def expand(self, node: gast.AST) -> gast.AST | None:
        """A fresh tree of a prepared expression; None for zero."""
        mark = len(self.mentioned)
        handler = _HANDLERS.get(type(node))
        found = self._generic(node) if handler is None else handler(self, node)
        if found is None:
            del self.mentioned[mark:]
        return found

    def _generic(self, node: gast.AST) -> gast.AST:
        kind: Any = type(node)
        new: gast.AST = kind.__new__(kind)
        fields = new.__dict__
        for name in node._fields:
            value = getattr(node, name)
            if isinstance(value, list):
                value = [self._child(item) for item in value]
            elif isinstance(value, gast.AST):
                value = self._child(value)
            fields[name] = value
        return new

    def _child(self, value: Any) -> Any:
        if not isinstance(value, gast.AST) or not value._fields:
            return value
        found = self.expand(value)
        return tree.const(0.0) if found is None else found

    def _name(self, node: gast.Name) -> gast.AST | None:
        name = node.id
        if name not in self.env:
            return _new(gast.Name, id=name, ctx=node.ctx, annotation=None, type_comment=None)
        value = self.env[name]
        if value is None or (_carries(node) and tree.is_constant(value, 0, 0.0)):
            return None
        if name in self.mentions:
            self.mentioned += self.mentions[name]
        else:
            self.mentioned.append(name)
        if isinstance(value, gast.Name):
            return _new(gast.Name, id=value.id, ctx=node.ctx, annotation=None, type_comment=None)
        return tree.copy(value)

    def _constant(self, node: gast.Constant) -> gast.AST:
        return _new(gast.Constant, value=node.value, kind=None)

    def _derivative(self, node: Derivative) -> gast.AST | None:
        key = self.key_of(node.of)
        found = self.derivatives.get(key)
        if found is None:
            return None
        self.mentioned.append(key if isinstance(key, str) else key[0])
        return tree.copy(found)

    def _dense(self, node: Dense) -> gast.AST:
        found = self.derivatives.get(self.key_of(node.of))
        if found is not None:
            return tree.copy(found)
        zeros = tree.attribute(self.arguments.numpy(), "zeros_like")
        return tree.call(zeros, self._child(node.of))

    def _binary(self, node: gast.BinOp) -> gast.AST | None:
        left, right = self.expand(node.left), self.expand(node.right)
        if left is not None and right is not None:
            if self.computes and not isinstance(node.op, gast.Div):
                left, right = self._widened([node.left, node.right], [left, right])
            return _new(gast.BinOp, left=left, op=node.op, right=right)
        if isinstance(node.op, gast.Add):
            return right if left is None else left
        if isinstance(node.op, gast.Sub):
            return tree.negative(right) if left is None and right is not None else left
        if isinstance(node.op, (gast.Mult, gast.Div, gast.MatMult)):
            return None
        return tree.binary(
            tree.const(0.0) if left is None else left,
            tree.BINARY_SYMBOL[type(node.op)],
            tree.const(0.0) if right is None else right,
        )

    def _unary(self, node: gast.UnaryOp) -> gast.AST | None:
        operand = self.expand(node.operand)
        if operand is None and isinstance(node.op, (gast.USub, gast.UAdd)):
            return None
        if operand is not None and isinstance(node.op, gast.USub):
            (operand,) = self._widened([node.operand], [operand])
        return gast.UnaryOp(node.op, tree.const(0.0) if operand is None else operand)

    def _widened(self, nodes: Sequence[gast.AST], operands: Sequence[gast.AST]) -> list[gast.AST]:
        """What the operands of some arithmetic stand for; where all are integers, the small ones made larger.

        Those of NumPy wrap around: the square of an `int8`, one less than an unsigned zero. Of truth values there is
        no difference, and functions of small integers are computed with few digits.
        """
        kinds = list(map(self._kind_of_operand, nodes, operands))
        if not all((kind.dtype or "").startswith(("bool", "int", "uint")) for kind in kinds):
            return list(operands)
        return [
            self._enlarged(item, kind) if kind.dtype in _SMALL and not isinstance(item, _MADE) else item
            for item, kind in zip(operands, kinds, strict=True)
        ]

    def _kind_of_operand(self, node: gast.AST, operand: gast.AST) -> Kind:
        if isinstance(operand, gast.Compare):
            return BOOL
        is_argument = isinstance(node, gast.Name) or tree.is_atom(operand)
        return self.kind_of(operand) if is_argument else UNKNOWN

    def _enlarged(self, value: gast.AST, kind: Kind) -> gast.AST:
        if kind.is_scalar and kind.dtype == "uint64":
            # Python's own: none of NumPy's holds the opposite of the largest.
            return tree.call(self.arguments.spelled("int", int), value)
        large = tree.attribute(self.arguments.numpy(), "int64")
        # Numba knows the call for numbers, and the method for arrays.
        return tree.call(large, value) if kind.is_scalar else tree.call(tree.attribute(value, "astype"), large)

    def _attribute(self, node: gast.Attribute) -> gast.AST | None:
        value = self.expand(node.value)
        if value is None:
            return None
        return _new(gast.Attribute, value=value, attr=node.attr, ctx=LOAD)

    def _subscript(self, node: gast.Subscript) -> gast.AST | None:
        element = self._element(node)
        if element is not None:
            return element
        value = self.expand(node.value)
        if value is None:
            return None
        return _new(gast.Subscript, value=value, slice=self._child(node.slice), ctx=LOAD)

    def _element(self, node: gast.Subscript) -> gast.AST | None:
        """`args[0]` is the first of the arguments themselves."""
        if not isinstance(node.value, gast.Name) or node.value.id not in self.rule.elementwise:
            return None
        elements = self.arguments.elements(node.value.id)
        place = decide(node.slice, self)
        if elements is None or type(place) is not int:
            return None
        if not -len(elements) <= place < len(elements):
            raise self.refusal(f"`{tree.text(node)}` is no element of the arguments")
        self.mentioned.append(node.value.id)
        return tree.copy(elements[place])

    def _call(self, node: gast.Call) -> gast.AST | None:
        function = self.expand(node.func)
        if function is None:
            return None
        args = self._arguments(self._passed(node))
        keywords = [item for item in node.keywords if not self._left_out(item)]
        values = self._arguments([item.value for item in keywords])
        if self._vanishes([*self._passed(node), *(item.value for item in keywords)], args + values):
            return None
        present = [value for value in args if value is not None]
        if self.computes and len(present) == len(args) and not values:
            args = list(self._widened(self._passed(node), present))
        return _new(
            gast.Call,
            func=function,
            args=[item for value in args for item in self._spread(value)],
            keywords=[
                item
                for item, value in zip(keywords, values, strict=True)
                for item in self._named(item.arg, value)
            ],
        )

    def _arguments(self, nodes: Sequence[gast.AST]) -> list[gast.AST | None]:
        return [self.expand(node) for node in nodes]

    def _passed(self, node: gast.Call) -> list[gast.AST]:
        """Positional arguments without those at the end that hold their defaults anyway."""
        count = len(node.args)
        for name in getattr(node, "trailing", ()):
            if not is_default(self.rule, self.arguments.binding, name):
                break
            count -= 1
        return list(node.args[:count])

    def _left_out(self, item: gast.keyword) -> bool:
        name = getattr(item, "when", None)
        return name is not None and is_default(self.rule, self.arguments.binding, name)

    def _vanishes(
        self, nodes: Sequence[gast.AST], values: Sequence[gast.AST | None]
    ) -> bool:
        """Whether there are derivatives among some operands, and all of them are zero."""
        found = False
        for node, value in zip(nodes, values, strict=True):
            if _carries(node):
                if value is not None:
                    return False
                found = True
        return found

    def _spread(self, value: gast.AST | None) -> list[gast.AST]:
        """An argument, or the elements that `*args` stands for."""
        if isinstance(value, gast.Starred) and isinstance(value.value, (gast.Tuple, gast.List)):
            return list(value.value.elts)
        return [tree.const(0.0) if value is None else value]

    def _named(self, name: str | None, value: gast.AST | None) -> list[gast.AST]:
        """A keyword argument, or those that `**options` stands for."""
        if name is None and isinstance(value, gast.Dict):
            pairs = zip(value.keys, value.values, strict=True)
            return [gast.keyword(key.value, item) for key, item in pairs]
        return [gast.keyword(name, tree.const(0.0) if value is None else value)]

    def _starred(self, node: gast.Starred) -> gast.AST | None:
        value = self.expand(node.value)
        return None if value is None else gast.Starred(value, LOAD)

    def _display(self, node: gast.AST) -> gast.AST | None:
        values = self._arguments(node.elts)
        if self._vanishes(node.elts, values):
            return None
        return type(node)([item for value in values for item in self._spread(value)], LOAD)

    def _collect(self, node: Collect) -> gast.AST | None:
        if self.is_open(node.over):
            loop = self.element(node.counter, node.item, node.over)
            value = self.expand(node.value)
            if value is None:
                return None
            listed = loop.collected(value)
            return listed if node.display == "list" else tree.call("tuple", listed)
        values = [
            self.expand(node.value)
            for _ in self.iterate(node.counter, node.item, node.over)
        ]
        if self._vanishes([node.value] * len(values), values):
            return None
        items = [tree.const(0.0) if value is None else value for value in values]
        return tree.list_of(items) if node.display == "list" else tree.tuple_of(items)

    def _conditional(self, node: gast.IfExp) -> gast.AST | None:
        decided = decide(node.test, self)
        if not isinstance(decided, Undecided):
            return self.expand(node.body if decided else node.orelse)
        if uses_words(node.test):
            return self.expand(node.orelse)
        branches = [node.body, node.orelse]
        values = self._arguments(branches)
        if self._vanishes(branches, values):
            return None
        body, orelse = [tree.const(0.0) if value is None else value for value in values]
        return gast.IfExp(self._child(node.test), body, orelse)


def _computes(function: Any) -> bool:
    """Whether a function computes entry by entry: NumPy's and SciPy's do, and so do Python's operators."""
    return isinstance(function, np.ufunc) or getattr(function, "__module__", None) == "_operator"


def _carries(node: gast.AST) -> bool:
    return getattr(node, "derivative", False)


def _new(kind: Any, /, **fields: Any) -> gast.AST:
    # gast's constructors check their arguments, which costs more than all the rest here.
    node: gast.AST = kind.__new__(kind)
    node.__dict__.update(fields)
    return node


_HANDLERS: dict[type[gast.AST], Callable[[Expander, Any], gast.AST | None]] = {
    gast.Name: Expander._name,
    gast.Constant: Expander._constant,
    Derivative: Expander._derivative,
    Dense: Expander._dense,
    Collect: Expander._collect,
    gast.BinOp: Expander._binary,
    gast.UnaryOp: Expander._unary,
    gast.Attribute: Expander._attribute,
    gast.Subscript: Expander._subscript,
    gast.Call: Expander._call,
    gast.Starred: Expander._starred,
    gast.Tuple: Expander._display,
    gast.List: Expander._display,
    gast.IfExp: Expander._conditional,
}
