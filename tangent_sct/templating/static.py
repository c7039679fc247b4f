"""Deciding the test of a static `if` while transforming, in three-valued logic."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import NO_VALUE, Kind
from tangent_sct.templating.nodes import Static


@dataclass(frozen=True)
class Undecided:
    """A test cannot be decided; `missing` says what would have to be known."""

    missing: str


class Scope(Protocol):
    """What a test may ask about."""

    def expression_of(self, name: str) -> gast.AST | None:
        """The expression that a name of the template stands for."""

    def length_of(self, name: str) -> int | None:
        """The number of elements of a parameter, where it is known."""

    def kind_of(self, expression: gast.AST) -> Kind:
        """The kind of an expression of the program."""

    def is_active(self, name: str) -> bool:
        """Whether the derivative of a parameter or of a result is not zero."""


COMPARE: dict[type[gast.AST], Callable[[Any, Any], Any]] = {
    gast.Eq: operator.eq,
    gast.NotEq: operator.ne,
    gast.Lt: operator.lt,
    gast.LtE: operator.le,
    gast.Gt: operator.gt,
    gast.GtE: operator.ge,
    gast.In: lambda item, items: item in items,
    gast.NotIn: lambda item, items: item not in items,
}
ARITHMETIC: dict[type[gast.AST], Callable[[Any, Any], Any]] = {
    gast.Add: operator.add,
    gast.Sub: operator.sub,
    gast.Mult: operator.mul,
    gast.Mod: operator.mod,
}
DISPLAYS = (gast.Tuple, gast.List, gast.Dict, gast.Set)
PLAIN = (type(None), bool, int, float, complex, str, tuple)


def decide(test: gast.AST, scope: Scope) -> object:
    """The value of a test, or why it cannot be decided.

    A test is decided as soon as it is the same for everything that is not known:
    `False and unknown` is False.
    """
    if isinstance(test, gast.Constant):
        return test.value
    if isinstance(test, gast.Name):
        return _value(test, scope)
    if isinstance(test, Static):
        return _predicate(test, scope)
    if isinstance(test, gast.BoolOp):
        return _connect(test.values, scope, stop=isinstance(test.op, gast.Or))
    if isinstance(test, gast.UnaryOp):
        return _unary(test, scope)
    if isinstance(test, gast.Compare):
        return _compare(test, scope)
    if isinstance(test, gast.BinOp) and type(test.op) in ARITHMETIC:
        return _apply(ARITHMETIC[type(test.op)], test.left, test.right, scope)
    if isinstance(test, gast.Tuple):
        return _tuple(test, scope)
    if _is_length(test):
        length = scope.length_of(test.args[0].id)
        return _undecided("the length of", test.args[0], scope) if length is None else length
    return Undecided(f"the value of `{tree.text(test)}`")


def uses_words(test: gast.AST) -> bool:
    """Whether a test is made of the language's words, and so has no meaning in running code."""
    return any(isinstance(node, Static) for node in tree.walk(test))


def _is_length(node: gast.AST) -> bool:
    return (
        isinstance(node, gast.Call)
        and tree.is_name(node.func, "len")
        and len(node.args) == 1
        and isinstance(node.args[0], gast.Name)
    )


def _undecided(what: str, name: gast.AST, scope: Scope) -> Undecided:
    expression = scope.expression_of(name.id)
    return Undecided(f"{what} `{tree.text(name if expression is None else expression)}`")


def _value(name: gast.Name, scope: Scope) -> object:
    expression = scope.expression_of(name.id)
    if expression is None:
        return _undecided("the value of", name, scope)
    value = value_of(expression, scope)
    return _undecided("the value of", name, scope) if value is NO_VALUE else value


def value_of(expression: gast.AST, scope: Scope) -> object:
    """The value of an expression of the program where it is a plain constant, else NO_VALUE."""
    if isinstance(expression, gast.Constant):
        return expression.value
    value = scope.kind_of(expression).value
    return value if type(value) in PLAIN else NO_VALUE


def _predicate(test: Static, scope: Scope) -> object:
    if test.word == "isactive":
        return scope.is_active(test.of.id)  # type: ignore[attr-defined]
    expression = scope.expression_of(test.of.id)  # type: ignore[attr-defined]
    if isinstance(expression, DISPLAYS) and test.word in ("isscalar", "iscontainer"):
        return test.word == "iscontainer"
    kind = None if expression is None else scope.kind_of(expression)
    if test.word == "ndim":
        rank = None if kind is None else kind.rank
        return _undecided("the rank of", test.of, scope) if rank is None else rank
    if test.word == "iscomplex":
        found = None if kind is None else kind.is_complex
        return _undecided("whether there are complex numbers in", test.of, scope) if found is None else found
    if kind is None or kind.family == "unknown":
        what = "whether a number is" if test.word == "isscalar" else "whether a container is"
        return _undecided(what, test.of, scope)
    return kind.is_scalar if test.word == "isscalar" else kind.is_container


def _connect(values: Sequence[gast.AST], scope: Scope, stop: bool) -> object:
    """`and` (stop at False) and `or` (stop at True)."""
    open_: Undecided | None = None
    found: object = not stop
    for value in values:
        found = decide(value, scope)
        if isinstance(found, Undecided):
            open_ = open_ or found
        elif bool(found) is stop:
            return found
    return open_ or found


def _unary(test: gast.UnaryOp, scope: Scope) -> object:
    value = decide(test.operand, scope)
    if isinstance(value, Undecided):
        return value
    if isinstance(test.op, gast.Not):
        return not value
    if isinstance(test.op, gast.USub) and isinstance(value, (int, float)):
        return -value
    return Undecided(f"the value of `{tree.text(test)}`")


def _compare(test: gast.Compare, scope: Scope) -> object:
    lefts = [test.left, *test.comparators]
    open_: Undecided | None = None
    for left, operation, right in zip(lefts, test.ops, test.comparators, strict=False):
        if isinstance(operation, (gast.Is, gast.IsNot)):
            found = _identity(left, right, scope)
            if isinstance(operation, gast.IsNot) and not isinstance(found, Undecided):
                found = not found
        else:
            found = _apply(COMPARE[type(operation)], left, right, scope)
        if isinstance(found, Undecided):
            open_ = open_ or found
        elif not found:
            return False
    return open_ or True


def _identity(left: gast.AST, right: gast.AST, scope: Scope) -> object:
    expression = scope.expression_of(left.id) if isinstance(left, gast.Name) else None
    if tree.is_constant(right, None) and expression is not None:
        kind = scope.kind_of(expression)
        if isinstance(expression, DISPLAYS) or kind.family not in ("other", "unknown"):
            return False
    return _apply(operator.is_, left, right, scope)


def _apply(
    operation: Callable[[Any, Any], Any], left: gast.AST, right: gast.AST, scope: Scope
) -> object:
    values = [decide(left, scope), decide(right, scope)]
    for value in values:
        if isinstance(value, Undecided):
            return value
    try:
        return operation(*values)
    except TypeError:
        return Undecided(f"how `{tree.text(left)}` compares with `{tree.text(right)}`")


def _tuple(test: gast.Tuple, scope: Scope) -> object:
    values = [decide(item, scope) for item in test.elts]
    open_ = next((value for value in values if isinstance(value, Undecided)), None)
    return tuple(values) if open_ is None else open_
