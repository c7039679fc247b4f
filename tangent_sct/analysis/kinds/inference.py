"""The kinds of a program: its statements are run on kinds until nothing changes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import gast

from tangent_sct.analysis.arguments import kind_from_annotation
from tangent_sct.analysis.kinds.arithmetic import updated
from tangent_sct.analysis.kinds.expressions import HANDLERS, otherwise
from tangent_sct.analysis.kinds.held import may_change_containers
from tangent_sct.analysis.kinds.iterators import item_of
from tangent_sct.analysis.kinds.knowledge import CallKind, Knowledge
from tangent_sct.analysis.kinds.sizes import public
from tangent_sct.analysis.kinds.targets import assign
from tangent_sct.core import tree
from tangent_sct.core.kind import OTHER, UNKNOWN, Kind, unless_none
from tangent_sct.core.unit import Unit


def infer(unit: Unit, call_kind: CallKind | None = None) -> Kinds:
    """The kinds of a program's names.

    Args:
        unit: the program; kinds of parameters come from its request, else from annotations.
        call_kind: tells the kind of the result of a function that has no rule.

    >>> from tangent_sct.core.kind import array
    >>> from tangent_sct.core.origins import Source
    >>> from tangent_sct.core.unit import Request
    >>> import numpy as np
    >>> def f(x): ...
    >>> node = tree.statements('''
    ... def f(x):
    ...     y = x[1:] * 2.0
    ...     return np.sum(y)
    ... ''')[0]
    >>> request = Request("grad", kinds=(("x", array(("n0",))),))
    >>> source = Source("", "", 1, 0, "f", f, {}, {})
    >>> kinds = infer(Unit(node, source, request, {"np": np}))
    >>> kinds.names["y"].shape, kinds.kind_of(tree.expression("np.sum(y)")).is_scalar
    (('n0-1',), True)
    """
    known = Knowledge(unit, HANDLERS, otherwise, call_kind)
    for name, kind in _parameters(unit):
        if kind.is_container:
            known.contents.note(known.places.of(tree.load(name)), kind)
        known.names.define(name, kind, 0)
    known.names.run(lambda: _block(known, unit.tree.body))
    return Kinds(known)


class Kinds:
    """Answers what is known of a program's values.

    Attributes:
        names: kind of each local name.
    """

    def __init__(self, known: Knowledge) -> None:
        self._known = known
        known.names.ask()
        self.names: dict[str, Kind] = {
            name: public(self._settled(name, kind)) for name, kind in known.names.kinds.items()
        }
        self._present = {name: unless_none(kind) for name, kind in self.names.items()}

    def _settled(self, name: str, kind: Kind) -> Kind:
        known = self._known
        if not (kind.present or kind).is_container or name in known.layout.tapes:
            return kind
        return known.contents.settled(kind, known.places.of(tree.load(name)))

    def kind_of(self, expression: gast.AST) -> Kind:
        """The kind of an expression over the program's names, `UNKNOWN` where nothing is known."""
        if type(expression) is gast.Name:
            found = self.names.get(expression.id)
            if found is not None:
                return found
        self._known.names.ask()
        return public(self._known.evaluate(expression))

    def operand_kind(self, expression: gast.AST) -> Kind:
        """The kind of an expression where it is not None."""
        if type(expression) is gast.Name:
            return self.kind_of_name(expression.id)
        return unless_none(self.kind_of(expression))

    def kind_of_name(self, name: str) -> Kind:
        """The kind of what a name holds where it is not None."""
        found = self._present.get(name)
        return unless_none(self.kind_of(tree.load(name))) if found is None else found


def _parameters(unit: Unit) -> Iterator[tuple[str, Kind]]:
    given = dict(unit.request.kinds)
    arguments = unit.tree.args
    annotations = {} if given else _annotations(unit.source.function)
    for name in tree.parameter_names(unit.tree):
        kind = given.get(name)
        if kind is None:
            kind = kind_from_annotation(annotations.get(name, "")) or UNKNOWN
            if arguments.vararg and arguments.vararg.id == name:
                kind = Kind("tuple")
            elif arguments.kwarg and arguments.kwarg.id == name:
                kind = Kind("dict")
        yield name, kind


def _annotations(function: Any) -> Mapping[str, Any]:
    """The annotations of a function; none where one of them cannot be evaluated."""
    try:
        return inspect.get_annotations(function, eval_str=True)
    except Exception:  # an annotation is any expression
        return {}


# -- statements ---------------------------------------------------------------------------------


def _block(known: Knowledge, body: list[gast.AST]) -> None:
    for node in body:
        _statement(known, node)


def _statement(known: Knowledge, node: gast.AST) -> None:
    kind = type(node)
    if getattr(node, "unset", False):
        # It stands for "no value yet", which the program does not read.
        return
    if kind is gast.Assign:
        target = node.targets[0]
        is_name = type(target) is gast.Name
        bound = target.id if is_name else ",".join(tree.names_written(target))
        known.names.enter(bound, node)
        value = known.evaluate(node.value)
        # An adjoint stays of the kind that it is, whatever is added to it.
        if is_name or id(node) not in known.sums:
            assign(known, target, value, node)
    elif kind is gast.AugAssign:
        known.names.enter(node.target.id if type(node.target) is gast.Name else "", node)
        _augment(known, node)
    elif kind is gast.Expr:
        known.names.enter("", node)
        known.evaluate(node.value)
    elif kind is gast.If:
        known.names.enter("", node)
        known.evaluate(node.test)
        _block(known, node.body)
        _block(known, node.orelse)
    elif kind is gast.For:
        _for(known, node)
    elif kind is gast.While:
        known.names.iterate(node, lambda: _while(known, node))
        _block(known, node.orelse)
    elif kind is gast.With:
        _with(known, node)
    elif kind is gast.Return:
        known.names.enter("", node)
        if node.value is not None:
            known.evaluate(node.value)
    elif kind is gast.Raise:
        known.names.enter("", node)
        for part in (node.exc, node.cause):
            if part is not None:
                known.evaluate(part)
    elif not isinstance(node, (gast.Pass, gast.Break, gast.Continue)):
        _opaque(known, node)


def _for(known: Knowledge, node: gast.For) -> None:
    # The sizes of its items are those of an iteration, and so tied to the names that it binds.
    bound = ",".join(tree.names_written(node.target))
    known.names.enter(bound, node)
    item = item_of(known, node.iter)
    missing = known.names.missing

    def iteration() -> None:
        # Not the symbols of the item once more.
        known.names.enter(f"{bound}'", node)
        known.names.missing = missing
        assign(known, node.target, item, node)
        _block(known, node.body)

    known.names.iterate(node, iteration)
    _block(known, node.orelse)


def _while(known: Knowledge, node: gast.While) -> None:
    known.names.enter("", node)
    known.evaluate(node.test)
    _block(known, node.body)


def _with(known: Knowledge, node: gast.With) -> None:
    known.names.enter("", node)
    for entered in node.items:
        known.evaluate(entered.context_expr)
        if not isinstance(entered.context_expr, gast.Call):
            # What a call makes holds what the call was given, and that has escaped there.
            known.contents.escape()
        if entered.optional_vars is not None:
            assign(known, entered.optional_vars, UNKNOWN, node)
    _block(known, node.body)


def _augment(known: Knowledge, node: gast.AugAssign) -> None:
    target = tree.with_context(node.target, gast.Load())
    base, value = known.operand(target), known.operand(node.value)
    if isinstance(node.target, gast.Name) and base.is_array:
        return
    owner = getattr(node.target, "value", None)
    if isinstance(owner, gast.Name) and owner.id in known.shadows:
        # As an adjoint does.
        return
    symbol = tree.BINARY_SYMBOL[type(node.op)]
    assign(known, node.target, updated(known, symbol, base, value, node.target), node)


def _opaque(known: Knowledge, node: gast.AST) -> None:
    """A statement that is kept whole; what it does with names that have no value is its own affair."""
    known.names.enter("", node)
    for name in tree.names_read(node):
        known.names.read(name)
    if may_change_containers(known, node):
        known.contents.escape()
    known.names.missing = False
    kind = OTHER if isinstance(node, gast.FunctionDef) else UNKNOWN
    for name in tree.names_written(node):
        known.names.define(name, kind, id(node))
