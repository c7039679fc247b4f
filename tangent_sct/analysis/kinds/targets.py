"""What an assignment binds: names, items of displays, entries, attributes."""

from __future__ import annotations

import gast

from tangent_sct.analysis.kinds.knowledge import Knowledge
from tangent_sct.core.kind import UNKNOWN, Kind


def assign(known: Knowledge, target: gast.AST, kind: Kind, site: gast.AST) -> None:
    """Bind a target to a value of a kind, or store it, once the value is known at all."""
    if known.names.missing:
        return
    if type(target) is gast.Name:
        is_tape = target.id in known.layout.tapes
        if kind.is_container and not is_tape:
            known.contents.note(known.places.of(target), kind)
        known.names.define(target.id, Kind("list") if is_tape else kind, id(site))
    elif isinstance(target, (gast.Tuple, gast.List)):
        starred = any(type(item) is gast.Starred for item in target.elts)
        for position, item in enumerate(target.elts):
            assign(known, item, UNKNOWN if starred else unpacked(known, kind, position), site)
    elif type(target) is gast.Starred:
        assign(known, target.value, UNKNOWN, site)
    elif type(target) is gast.Subscript:
        _store(known, target, kind)
    elif type(target) is gast.Attribute:
        _store_attribute(known, target)


def unpacked(known: Knowledge, kind: Kind, position: int) -> Kind:
    """The kind of an item of what is unpacked."""
    kind = kind.present or kind
    if kind.items is not None and kind.family in ("tuple", "list"):
        return kind.item(position)
    return known.item(kind)


def _store(known: Knowledge, target: gast.Subscript, kind: Kind) -> None:
    base = known.operand(target.value)
    if base.is_array or base.is_scalar:
        return
    place = known.places.of(target.value)
    key = known_key(base, target.slice)
    if key is not None:
        # An item takes the place of another, and the structure stays.
        known.contents.replace(place, key, kind)
        return
    if isinstance(target.slice, gast.Slice):
        known.put_all(place, kind)
    else:
        known.contents.put(place, kind)
        known.contents.note(known.places.items(place), kind)
    known.contents.change(place)


def known_key(base: Kind, node: gast.AST) -> int | str | None:
    """The position or key that an index selects, where it is one that is there."""
    if base.items is None:
        return None
    key = node.value if isinstance(node, gast.Constant) else None
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        key = -node.operand.value if isinstance(node.operand, gast.Constant) else None
    if isinstance(key, int) and key < 0 and base.family != "dict":
        key += len(base.items)
    known = any(type(name) is type(key) and name == key for name, _ in base.items)
    return key if known and isinstance(key, (int, str)) else None


def _store_attribute(known: Knowledge, target: gast.Attribute) -> None:
    """`x.shape = ...` changes an array under all its names; other objects are not known anyway."""
    if target.attr not in ("shape", "dtype", "strides"):
        return
    for name, kind in list(known.names.kinds.items()):
        if kind.family in ("array", "unknown"):
            known.names.give_up(name)
