"""Integers that are sizes: `x.shape`, `len(x)`, and the sizes of slices.

A size that a program computes is written as text in which equal means equal, made of names that have one
value: `x[i:]` has the size `n0[len:i::]` wherever it is taken, as long as `i` is defined once.
"""

from __future__ import annotations

from dataclasses import replace

import gast

from tangent_sct.analysis.kinds.knowledge import Knowledge
from tangent_sct.analysis.shapes import DimValue, product, sliced, value_of
from tangent_sct.core import tree
from tangent_sct.core.kind import INT, NO_VALUE, Dim, Kind, constant


def shape_kind(kind: Kind) -> Kind:
    """The tuple `shape` of a number or an array."""
    if kind.is_scalar:
        return constant(())
    if kind.shape is None:
        return Kind("tuple")
    items = [Kind("scalar", "int", value=value_of(dim)) for dim in kind.shape]
    return Kind("tuple", items=tuple(enumerate(items)))


def size_kind(kind: Kind) -> Kind:
    """The integer `size` of a number or an array."""
    shape = () if kind.is_scalar else kind.shape
    return INT if shape is None else Kind("scalar", "int", value=value_of(product(shape)))


def is_size(symbol: str) -> bool:
    """Whether an integer that stands for a symbol is the size of something, and so never -1."""
    return not symbol.startswith(("len:", "?")) and "-" not in symbol


def size_text(known: Knowledge, node: gast.AST) -> str | None:
    """An integer expression as text that names its value; None where it may change."""
    if isinstance(node, gast.Constant):
        return str(node.value) if type(node.value) is int else None
    if isinstance(node, gast.Name):
        if not known.layout.single(node.id):
            return None
        kind = known.names.read(node.id)
        if not kind.is_scalar:
            return None
        if type(kind.value) is int:
            return str(kind.value)
        return kind.value.symbol if isinstance(kind.value, DimValue) else node.id
    if isinstance(node, gast.BinOp):
        left, right = size_text(known, node.left), size_text(known, node.right)
        if left is None or right is None:
            return None
        return f"({left} {tree.BINARY_SYMBOL[type(node.op)]} {right})"
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        inner = size_text(known, node.operand)
        return None if inner is None else f"(-{inner})"
    return None


def slice_dim(known: Knowledge, dim: Dim, node: gast.Slice) -> Dim:
    """The size of a slice of an axis."""
    bounds = bounds_of(known, node)
    if bounds is not None:
        found = sliced(dim, bounds[0], bounds[1], bounds[2] or 1)
        if found is not None:
            return found
    texts = [
        "" if part is None else size_text(known, part)
        for part in (node.lower, node.upper, node.step)
    ]
    if None in texts:
        return known.fresh()
    return f"{dim}[{':'.join(map(str, texts))}]"


def bounds_of(
    known: Knowledge, node: gast.Slice
) -> tuple[int | None, int | None, int | None] | None:
    """The bounds of a slice where they are known."""
    found: list[int | None] = []
    for part in (node.lower, node.upper, node.step):
        value = None if part is None else known.evaluate(part).value
        if value is not None and type(value) is not int:
            return None
        found.append(value)
    if found[2] == 0:
        return None
    return found[0], found[1], found[2]


def public(kind: Kind) -> Kind:
    """Without the sizes that integers stand for, which only mean something to the inference."""
    if type(kind.value) is DimValue:
        return replace(kind, value=NO_VALUE)
    if kind.items is not None:
        items = tuple([(key, public(item)) for key, item in kind.items])
        if items != kind.items:
            return replace(kind, items=items)
    if kind.element is not None:
        return replace(kind, element=public(kind.element))
    if kind.present is not None:
        return replace(kind, present=public(kind.present))
    return kind
