"""What stands in the brackets of lists and dicts and is refused there: slices that are objects, keys that vary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.inside import Inside
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.frontend.active import mentions_active
from tangent_sct.frontend.namespace import meaning
from tangent_sct.frontend.rules import rule_test

KindOf = Callable[[gast.AST], Kind]


def refuse_slice_objects(
    inside: Inside, namespace: Mapping[str, Any], kind_of: KindOf, find_varied: Callable[[], set[str]]
) -> None:
    """Refuse `c[s]` of a list or a tuple that holds what varies, where `s` may be a slice.

    Kinds, shadows and tapes take what stands in brackets for the place of one item, unless it is written as a slice.

    Args:
        inside: a program in single assignment.
        namespace: what its free names mean.
        kind_of: the kind of an expression.
        find_varied: tells the names that may depend on what is differentiated.

    Raises:
        UnsupportedError: naming the statement.
    """
    made = {name for node in inside.statements for name in _slices_made(node, namespace)}
    for node in inside.statements:
        # Kinds are those of the variables around a function, which may have the names of its own.
        own = tree.bound_by_scope(node) if type(node) is gast.FunctionDef else ()
        for item in inside.of(node):
            if type(item) is not gast.Subscript or (type(item.ctx) is gast.Load and tree.is_one_of(item.slice, own)):
                continue
            if _may_be_slice(item, node, made, kind_of) and not find_varied().isdisjoint(tree.names_read(node)):
                raise UnsupportedError(
                    "a list or a tuple of values to be differentiated is indexed by what may be a slice",
                    tree.origin_of(node),
                    "write the slice in the brackets: `c[i:j]`",
                )


def refuse_varied_keys(
    inside: Inside,
    namespace: Mapping[str, Any],
    kind_of: KindOf,
    find_varied_by_name: Callable[[], set[str]],
    find_varied: Callable[[], set[str]],
) -> None:
    """Refuse keys of dicts that vary: whoever reads them gets numbers without a derivative.

    Args:
        inside: a program in single assignment.
        namespace: what its free names mean.
        kind_of: the kind of an expression.
        find_varied_by_name: tells the names that may depend on what is differentiated.
        find_varied: the same, also through memory that is shared. A key that is taken off a dict shares that of the
            items, as far as is known, so a name is asked only if it is a number.

    Raises:
        UnsupportedError: naming the statement.
    """
    is_zero = rule_test(namespace, True)
    for node in inside.statements:
        for key in _keys(inside.of(node), kind_of):
            is_kept = isinstance(key, gast.Name) and not kind_of(key).is_scalar
            varied = find_varied_by_name if is_kept else find_varied
            if not isinstance(key, gast.Constant) and mentions_active(key, varied(), is_zero):
                raise UnsupportedError(
                    "values to be differentiated are keys of a dict, from which no derivative flows back",
                    tree.origin_of(node),
                    "keep them as values, under integers or texts; or make the keys integers by int(...)",
                )


def _slices_made(node: gast.AST, namespace: Mapping[str, Any]) -> list[str]:
    """The names that become slices written as `np.s_[i:j]`."""
    value = getattr(node, "value", None)
    if isinstance(value, gast.Subscript) and isinstance(meaning(value.value, namespace), type(np.s_)):
        return list(tree.names_written(node))
    return []


def _may_be_slice(item: gast.Subscript, node: gast.AST, made: set[str], kind_of: KindOf) -> bool:
    if isinstance(item.slice, (gast.Slice, gast.Constant)):
        return False
    if kind_of(_as_read(item.value)).family not in ("list", "tuple"):
        return False
    if not made.isdisjoint(tree.names_read(item.slice)):
        return True
    family = kind_of(item.slice).family
    if family == "unknown" and isinstance(item.ctx, gast.Store):
        # What is no number may take the place of several items.
        value = getattr(node, "value", None)
        return value is None or not kind_of(value).is_scalar
    return family == "other"


def _keys(nodes: Iterable[gast.AST], kind_of: KindOf) -> Iterator[gast.AST]:
    """The keys that some nodes of a statement give to dicts."""
    for item in nodes:
        kind = type(item)
        if kind is gast.Dict:
            yield from (key for key in item.keys if key is not None)
        elif kind is gast.DictComp:
            yield item.key
            yield from (loop.iter for loop in item.generators if _gives_keys(loop, item.key, kind_of))
        elif kind is gast.Subscript and isinstance(item.ctx, gast.Store):
            if kind_of(_as_read(item.value)).family == "dict":
                yield item.slice
        elif kind is gast.Call and item.args:
            yield from _keys_given(item, kind_of)


def _keys_given(call: gast.Call, kind_of: KindOf) -> Iterator[gast.AST]:
    """The keys that a call gives to a dict."""
    first = call.args[0]
    if isinstance(call.func, gast.Attribute):
        if call.func.attr in ("setdefault", "fromkeys"):
            yield first
    elif tree.is_name(call.func, "dict"):
        if isinstance(first, gast.Call) and tree.is_name(first.func, "zip"):
            yield from first.args[:1]
        elif isinstance(first, (gast.List, gast.Tuple)):
            yield from (pair.elts[0] for pair in first.elts if isinstance(pair, (gast.List, gast.Tuple)))
        elif kind_of(first).item(0).item(0).is_float:
            # A list of pairs.
            yield first


def _gives_keys(loop: gast.comprehension, key: gast.AST, kind_of: KindOf) -> bool:
    """Whether a key is made of the items that a loop runs over; over a dict it runs over keys, which do not vary."""
    is_sequence = kind_of(loop.iter).family in ("list", "tuple", "array")
    return is_sequence and not set(tree.names_read(key)).isdisjoint(tree.names_written(loop.target))


def _as_read(node: gast.AST) -> gast.AST:
    return tree.with_context(tree.copy(node), gast.Load())
