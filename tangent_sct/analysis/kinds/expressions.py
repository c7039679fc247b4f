"""Kinds of expressions: one handler for each class of node.

Names, literals, displays and attributes are here; `HANDLERS` names the handlers of the other files. What has none is
opened, and counts as handed to code that is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.kinds.arithmetic import binop, broadcasting, compare, unary
from tangent_sct.analysis.kinds.attributes import followed, is_constant, kind_of_attribute
from tangent_sct.analysis.kinds.calls import call
from tangent_sct.analysis.kinds.held import may_change_containers
from tangent_sct.analysis.kinds.indexing import subscript
from tangent_sct.analysis.kinds.iterators import item_of
from tangent_sct.analysis.kinds.knowledge import Handler, Knowledge
from tangent_sct.analysis.kinds.lattice import join_all
from tangent_sct.analysis.kinds.objects import kind_of_object
from tangent_sct.analysis.kinds.sizes import shape_kind, size_kind
from tangent_sct.analysis.kinds.targets import assign, unpacked
from tangent_sct.analysis.probe import probe
from tangent_sct.core import tree
from tangent_sct.core.kind import (
    INT,
    OTHER,
    SLICE,
    TEXT,
    UNKNOWN,
    Kind,
    constant,
    container,
    place_of_field,
)
from tangent_sct.frontend.namespace import MISSING

_DISPLAYS: Mapping[type[gast.AST], Kind] = {
    gast.ListComp: Kind("list"), gast.DictComp: Kind("dict"), gast.Lambda: OTHER,
    gast.JoinedStr: TEXT, gast.Slice: SLICE,
}  # fmt: skip


def _constant(known: Knowledge, node: gast.Constant) -> Kind:
    return constant(node.value)


def _name(known: Knowledge, node: gast.Name) -> Kind:
    kind = known.names.read(node.id)
    if not (kind.present or kind).is_container:
        return kind
    place = known.places.of(node)
    if node.id in known.objects:
        known.contents.note(place, kind)
    return known.contents.settled(kind, place)


def _sequence(known: Knowledge, node: gast.Tuple | gast.List) -> Kind:
    family: Any = "tuple" if isinstance(node, gast.Tuple) else "list"
    if any(isinstance(item, gast.Starred) for item in node.elts):
        for item in node.elts:
            known.evaluate(item.value if isinstance(item, gast.Starred) else item)
        found = Kind(family)
    else:
        kinds = [known.evaluate(item) for item in node.elts]
        found = Kind(family, items=tuple(enumerate(kinds)))
    return found


def _dict(known: Knowledge, node: gast.Dict) -> Kind:
    values = [known.evaluate(value) for value in node.values]
    found = Kind("dict")
    if all(isinstance(key, gast.Constant) for key in node.keys):
        found = container("dict", {k.value: v for k, v in zip(node.keys, values, strict=True)})
        owner = getattr(node.keys[0].value, "owner", "") if node.keys else ""
        found = replace(found, cls=known.objects.get(owner)) if owner else found
    return found


def _choice(known: Knowledge, node: gast.IfExp) -> Kind:
    known.evaluate(node.test)
    return _either(known, [node.body, node.orelse])


def _logical(known: Knowledge, node: gast.BoolOp) -> Kind:
    found = _either(known, node.values, _where_false if isinstance(node.op, gast.And) else None)
    return found if found.value is None else found.forget_value()


def _where_false(kind: Kind) -> Kind:
    """The kind of what ends an `and`: of a container that holds something, or None, only None does."""
    return constant(None) if kind.present is not None and kind.present.items else kind


def _either(
    known: Knowledge, nodes: list[gast.AST], unless_last: Callable[[Kind], Kind] | None = None
) -> Kind:
    """One of some expressions; those that have no value yet do not count beside others."""
    before = known.names.missing
    kinds = []
    for node in nodes:
        known.names.missing = False
        kind = known.evaluate(node)
        if unless_last is not None and node is not nodes[-1]:
            kind = unless_last(kind)
        if not known.names.missing:
            kinds.append(kind)
    known.names.missing = before or not kinds
    return join_all(kinds, known.fresh)


def _walrus(known: Knowledge, node: gast.NamedExpr) -> Kind:
    kind = known.evaluate(node.value)
    assign(known, node.target, kind, node)
    return kind


def _attribute(known: Knowledge, node: gast.Attribute) -> Kind:
    found = followed(node, known.objects)
    if found is not MISSING:
        return _kind_found(known, node, found)
    kind = known.operand(node.value)
    place = place_of_field(kind, node.attr)
    if place is not None:
        return known.evaluate(tree.subscript(node.value, tree.const(place)))
    if not (kind.is_array or kind.is_scalar):
        return UNKNOWN
    name = node.attr
    if name == "shape":
        return shape_kind(kind)
    if name == "ndim":
        return INT if kind.rank is None else constant(kind.rank)
    if name == "size":
        return size_kind(kind)
    if name == "dtype":
        # Python's own numbers have none; of a scalar, "bool" may be either kind.
        weak = kind.is_scalar and kind.dtype in ("float", "int", "bool", "complex")
        is_known = kind.dtype is not None and not weak
        return Kind("other", value=np.dtype(kind.dtype)) if is_known else OTHER
    if name in ("T", "mT"):
        if kind.is_scalar:
            return kind.forget_value()
        transposed = np.transpose if name == "T" else np.matrix_transpose
        return probe(transposed, [kind], fresh=known.fresh())
    if name in ("real", "imag"):
        return broadcasting(known, np.real if name == "real" else np.imag, [kind])
    if name in ("itemsize", "nbytes"):
        return INT
    return UNKNOWN


def _kind_found(known: Knowledge, node: gast.Attribute, found: Any) -> Kind:
    """The kind of an attribute of an object that is at hand."""
    if is_constant(node, known.objects):
        return kind_of_object(found)
    if any(isinstance(n, gast.Attribute) and known.changes.may_concern(n.attr) for n in tree.walk(node)):
        return UNKNOWN
    return kind_of_attribute(found)


def _opaque(known: Knowledge, node: gast.AST) -> Kind:
    """A function, or a comprehension; it may be given its names' values later."""
    before = known.names.missing
    for name in tree.names_read(node):
        known.names.read(name)
    if may_change_containers(known, node):
        known.contents.escape()
    known.names.missing = before
    return _DISPLAYS.get(type(node), UNKNOWN)


def _made(known: Knowledge, node: gast.ListComp | gast.DictComp) -> Kind:
    """A list or a dict that a comprehension makes; its variable is one of its own."""
    if not tree.runs_at_once(node):
        return _opaque(known, node)
    outer: dict[str, Kind | None] = {}
    for generator in node.generators:
        _bind(known, generator.target, item_of(known, generator.iter), outer)
        for test in generator.ifs:
            known.evaluate(test)
    if isinstance(node, gast.DictComp):
        known.evaluate(node.key)
    made = node.value if isinstance(node, gast.DictComp) else node.elt
    element = known.names.fixed(known.evaluate(made).forget_value())
    for name, kind in outer.items():
        if kind is None:
            del known.names.kinds[name]
        else:
            known.names.kinds[name] = kind
    return Kind("dict" if isinstance(node, gast.DictComp) else "list", element=element)


def _bind(known: Knowledge, target: gast.AST, kind: Kind, outer: dict[str, Kind | None]) -> None:
    """Bind a variable of a comprehension, or several; `outer` holds what they mean outside of it."""
    if type(target) is gast.Name:
        outer.setdefault(target.id, known.names.kinds.get(target.id))
        known.names.kinds[target.id] = kind
        return
    for position, item in enumerate(target.elts):
        _bind(known, item, unpacked(known, kind, position), outer)


def otherwise(known: Knowledge, node: gast.AST) -> Kind:
    """An expression of any other class."""
    for child in tree.children(node):
        if isinstance(child, gast.expr):
            known.evaluate(child)
            known.contents.escape()
    return _DISPLAYS.get(type(node), UNKNOWN)


HANDLERS: Mapping[type[gast.AST], Handler] = {
    gast.Constant: _constant,
    gast.Name: _name,
    gast.Tuple: _sequence,
    gast.List: _sequence,
    gast.Dict: _dict,
    gast.BinOp: binop,
    gast.UnaryOp: unary,
    gast.Compare: compare,
    gast.BoolOp: _logical,
    gast.IfExp: _choice,
    gast.NamedExpr: _walrus,
    gast.Attribute: _attribute,
    gast.Subscript: subscript,
    gast.Call: call,
    **dict.fromkeys((gast.Lambda, *tree.COMPREHENSIONS), _opaque),
    gast.ListComp: _made,
    gast.DictComp: _made,
}
"""How kinds of expressions are found, by the class of the node."""
