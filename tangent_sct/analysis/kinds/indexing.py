"""Subscripts: entries, views and selections of arrays; items and slices of containers.

What `base[entries]` is follows from what each entry takes of the axes of the base and gives to the result:

    slice       takes 1               gives the size of the slice
    None        takes 0               gives 1
    ...         takes what is left    gives it
    integer     takes 1               gives nothing
    positions   takes 1               gives the shape of the array of integers
    mask        takes its rank        gives the number of its true entries

Where there are arrays of positions or masks, they are broadcast together. What comes of it stands where the first
of them or of the integers stood, or before all else where something stands between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import gast
import numpy as np

from tangent_sct.analysis.kinds.knowledge import Knowledge
from tangent_sct.analysis.kinds.lattice import join_all, of_any_length
from tangent_sct.analysis.kinds.sizes import bounds_of, slice_dim
from tangent_sct.analysis.probe import probe
from tangent_sct.analysis.shapes import DimValue, Shape, broadcast
from tangent_sct.core.kind import NO_VALUE, RANGE, TEXT, UNKNOWN, Dim, Kind, array, scalar

Role = Literal["slice", "new", "rest", "integer", "positions", "mask", "open"]


def subscript(known: Knowledge, node: gast.Subscript) -> Kind:
    """`base[index]`."""
    base = known.operand(node.value)
    if base.is_array:
        return _indexed(known, base, node.slice)
    if isinstance(node.slice, gast.Slice):
        _evaluate_slice(known, node.slice)
        return TEXT if base.is_text else _sliced_sequence(known, base, node.slice)
    if base.is_text:
        known.evaluate(node.slice)
        return TEXT
    return _item(known, base, known.evaluate(node.slice))


def _item(known: Knowledge, base: Kind, index: Kind) -> Kind:
    """An item of a container."""
    if not base.is_container:
        return UNKNOWN
    if base.items is None:
        return known.element(base)
    if base.items == ():
        return known.item(base)
    key = index.value
    if isinstance(key, (int, str, bool)) or key is None:
        if base.family != "dict" and isinstance(key, int) and key < 0:
            key += len(base.items)
        return base.item(key)
    if index.value is NO_VALUE or isinstance(index.value, DimValue):
        return join_all((item for _, item in base.items), known.fresh).forget_value()
    return UNKNOWN


def _evaluate_slice(known: Knowledge, node: gast.Slice) -> None:
    for part in (node.lower, node.upper, node.step):
        if part is not None:
            known.evaluate(part)


def _sliced_sequence(known: Knowledge, base: Kind, node: gast.Slice) -> Kind:
    if base.family not in ("tuple", "list"):
        # A part of a range is one.
        return base if base.family == "other" and base.element is not None else UNKNOWN
    bounds = bounds_of(known, node)
    if base.items is None or bounds is None:
        return of_any_length(base, base, known.fresh)
    items = [item for _, item in base.items][slice(*bounds)]
    return Kind(base.family, items=tuple(enumerate(items)))


# -- arrays -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Entry:
    """One entry of the index of an array.

    Attributes:
        role: what it does; "open" where that is not known.
        kind: of its value; unknown for a slice as it stands.
        node: the expression, None where it is an item of a tuple.
        has_axis: whether it surely gives an axis to the result.
    """

    role: Role
    kind: Kind = UNKNOWN
    node: gast.AST | None = None
    has_axis: bool = False

    @property
    def takes(self) -> int:
        """How many axes of the base it takes, `...` left out."""
        if self.role == "mask":
            return self.kind.rank or 0
        return 0 if self.role in ("new", "rest") else 1

    @property
    def selects(self) -> bool:
        """Whether it is broadcast with the others of its sort."""
        return self.role in ("integer", "positions", "mask")


def _indexed(known: Knowledge, base: Kind, index: gast.AST) -> Kind:
    """An entry, a view or a selection of an array."""
    entries = _entries(known, index)
    if entries is None:
        return UNKNOWN
    if base.shape is None or any(entry.role == "open" for entry in entries):
        # What is no number, list or array is a slice, None or `...`, and leaves one axis at least.
        is_view = base.shape != () and all(e.kind.family == "other" for e in entries)
        has_axes = is_view or any(entry.has_axis for entry in entries)
        return array(None, base.dtype) if has_axes else UNKNOWN
    if sum(entry.takes for entry in entries) > len(base.shape):
        # It fails where it is run: on a path that is not taken, it stands for a number as well as for anything else.
        return scalar(base.dtype)
    return _taken(known, base, base.shape, entries)


def _taken(known: Knowledge, base: Kind, shape: Shape, entries: list[_Entry]) -> Kind:
    """What entries whose roles are known take of an array of known rank."""
    rest = len(shape) - sum(entry.takes for entry in entries)
    # Without `...` an element is a number, with it an array of rank 0.
    is_open = any(entry.role == "rest" for entry in entries)
    dims: list[Dim] = []
    axis = at = 0
    for number, entry in enumerate(entries):
        if entry.selects and not any(e.selects for e in entries[:number]):
            at = len(dims)
        if entry.role == "slice":
            is_told = isinstance(entry.node, gast.Slice)
            dims.append(slice_dim(known, shape[axis], entry.node) if is_told else known.fresh())
        elif entry.role == "new":
            dims.append(1)
        elif entry.role == "rest":
            dims += shape[axis : axis + rest]
            axis += rest
        axis += entry.takes
    dims += shape[axis:]
    selected = _selected(known, entries)
    if selected is None:
        return array(tuple(dims), base.dtype) if dims or is_open else scalar(base.dtype)
    at = at if _stand_together(entries) else 0
    return array((*dims[:at], *selected, *dims[at:]), base.dtype)


def _selected(known: Knowledge, entries: list[_Entry]) -> Shape | None:
    """The shape of all positions and masks together; None where there are only integers."""
    shapes: list[Shape] = []
    for entry in entries:
        if entry.role == "mask":
            shapes.append((_true_entries(known, entry),))
        elif entry.role == "positions" and entry.kind.shape:
            shapes.append(entry.kind.shape)
    return broadcast(shapes, known.fresh) if shapes else None


def _stand_together(entries: list[_Entry]) -> bool:
    """Whether nothing stands between the entries that are broadcast."""
    places = [number for number, entry in enumerate(entries) if entry.selects]
    return places[-1] - places[0] == len(places) - 1


def _true_entries(known: Knowledge, mask: _Entry) -> Dim:
    """The number of true entries of a mask; one symbol for what surely is the same mask."""
    if mask.kind.is_scalar and mask.kind.value is not NO_VALUE:
        return 1 if mask.kind.value else "0"
    node = mask.node
    if isinstance(node, gast.Name) and known.layout.single(node.id) and known.is_kept(node.id):
        return f"true:{node.id}"
    return known.fresh()


# -- entries ------------------------------------------------------------------------------------


def _entries(known: Knowledge, index: gast.AST) -> list[_Entry] | None:
    """The entries of an index, None for a tuple of unknown length."""
    if isinstance(index, gast.Tuple):
        return [_entry(known, part) for part in index.elts]
    if isinstance(index, gast.Slice):
        return [_entry(known, index)]
    kind = known.evaluate(index)
    if kind.family != "tuple":
        return [_entry_of(known, kind, index)]
    return None if kind.items is None else [_entry_of(known, item, None) for _, item in kind.items]


def _entry(known: Knowledge, node: gast.AST) -> _Entry:
    if isinstance(node, gast.Slice):
        _evaluate_slice(known, node)
        return _Entry("slice", node=node, has_axis=True)
    return _entry_of(known, known.evaluate(node), node)


def _entry_of(known: Knowledge, kind: Kind, node: gast.AST | None) -> _Entry:
    """An entry whose value has a kind."""
    if kind.family == "other" and kind.value is None:
        return _Entry("new", kind, node, has_axis=True)
    if kind.family == "other" and kind.value is Ellipsis:
        return _Entry("rest", kind, node)
    if kind.cls is slice:
        return _Entry("slice", kind, node, has_axis=True)
    if kind == RANGE:
        return _Entry("positions", array((known.fresh(),), "int64"), node, has_axis=True)
    if kind.family in ("tuple", "list"):
        return _listed(known, kind, node)
    role: Role = "open"
    if kind.dtype is not None and kind.rank is not None:
        if kind.dtype == "bool":
            role = "mask"
        elif kind.dtype.startswith(("int", "uint")):
            role = "integer" if kind.is_scalar else "positions"
    has_axis = role == "mask" or (kind.is_array and kind.shape != ())
    return _Entry(role, kind, node, has_axis)


def _listed(known: Knowledge, kind: Kind, node: gast.AST | None) -> _Entry:
    """A list of integers or of truth values counts as an array; an empty one as no positions."""
    if kind.items == ():
        return _entry_of(known, array(("0",), "int64"), node)
    found = probe(np.array, [kind], any_integer=True, fresh=known.fresh())
    return _entry_of(known, found, node) if found.is_array else _Entry("open", has_axis=True)
