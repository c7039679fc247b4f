"""Ways on which a derivative would get lost unseen, refused before one is written.

Through exceptions, which carry values to where they are caught; through attributes that are called like what arrays
have; in arrays that compute in their own way; by the memory layout of an array, which its adjoint need not have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.arguments import computes_otherwise
from tangent_sct.analysis.inside import Inside
from tangent_sct.analysis.operations import operation
from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted, is_caught
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import Field, Kind
from tangent_sct.frontend.active import INACTIVE_ATTRIBUTES, root_name

KindOf = Callable[[gast.AST], Kind]


def refuse_unseen(
    body: list[gast.AST],
    inside: Inside,
    namespace: Mapping[str, Any],
    found: set[str],
    kind_of: KindOf,
    find_varied: Callable[[], set[str]],
) -> None:
    """Refuse a program for the first of these things in it.

    Args:
        body: a program in single assignment.
        inside: its statements and what they evaluate.
        namespace: what its free names mean.
        found: its active names.
        kind_of: the kind of an expression.
        find_varied: tells the names that may depend on what is differentiated.

    Raises:
        UnsupportedError: naming the statement.
    """
    refuse_layout_orders(body, namespace, found, kind_of)
    refuse_values_in_exceptions(body, find_varied)
    refuse_fields_named_as_arrays(inside, kind_of, find_varied)
    refuse_foreign_arrays(body, namespace, find_varied)


_ORDERED: Mapping[Any, int] = {np.reshape: 2, np.ravel: 1, np.ndarray.flatten: 1}
"""Functions that take the order of elements, with its place among their arguments."""


def refuse_layout_orders(
    body: Iterable[gast.AST], namespace: Mapping[str, Any], found: set[str], kind_of: KindOf
) -> None:
    """Refuse a reshaping that orders elements by the memory layout of an array, which its adjoint need not have.

    Raises:
        UnsupportedError: naming the statement.
    """
    for node in tree.every_statement(body):
        value = getattr(node, "value", None)
        called = operation(value, namespace) if isinstance(value, gast.Call) else None
        if called is None or not is_one_of(called.function, _ORDERED) or found.isdisjoint(tree.names_read(value)):
            continue
        place = _ORDERED[called.function]
        order = called.keywords.get("order", called.args[place] if len(called.args) > place else None)
        if order is not None and kind_of(order).value not in ("C", "F"):
            raise UnsupportedError(
                f"elements are ordered by the memory layout of an array here (`order={tree.text(order)}`)",
                tree.origin_of(node),
                'write order="C" or order="F"',
            )


def refuse_values_in_exceptions(body: list[gast.AST], find_varied: Callable[[], set[str]]) -> None:
    """Refuse a value that an exception carries from where it is raised to where it is caught.

    Messages and the number of its arguments are no matter of derivatives.

    Raises:
        UnsupportedError: naming the statement that reads the exception.
    """
    for node in tree.every_statement(body):
        found = attempted(node)
        if found is None:
            continue
        tried, handlers = found[0], found[2]
        raised = [inner.exc for inner in tree.every_statement(tried) if isinstance(inner, gast.Raise)]
        carried = [name for exception in raised if exception is not None for name in _values_read(exception)]
        caught = {n.targets[0].id for n in tree.every_statement(handlers) if is_caught(n)}
        if not carried or not caught or find_varied().isdisjoint(carried):
            continue
        caught = _copies_of(caught, body)
        for inner in tree.every_statement(body):
            if not isinstance(inner, (gast.Assign, gast.AugAssign)) or _is_copy(inner):
                continue
            if not caught.isdisjoint(_values_read(inner.value)):
                raise UnsupportedError(
                    "a value to be differentiated is carried by an exception, and read where that is caught",
                    tree.origin_of(inner),
                    "keep the value in a variable that is assigned before the `try`",
                )


def _copies_of(names: set[str], body: list[gast.AST]) -> set[str]:
    """Names, and those that only get their values."""
    copies = [(n.targets[0].id, n.value.id) for n in tree.every_statement(body) if _is_copy(n)]
    found = set(names)
    while more := {target for target, source in copies if source in found} - found:
        found |= more
    return found


def _is_copy(node: gast.AST) -> bool:
    """Whether a statement gives one name the value of another."""
    return isinstance(node, gast.Assign) and all(isinstance(n, gast.Name) for n in (*node.targets, node.value))


_NO_VALUES = ("str", "repr", "format", "len", "type", "isinstance")
"""Functions of whose result no derivative is asked."""


def _values_read(node: gast.AST) -> Iterator[str]:
    """The names in an expression, other than those in texts and lengths."""
    if isinstance(node, gast.Name):
        yield node.id
    elif isinstance(node, gast.JoinedStr):
        return
    elif isinstance(node, gast.Call) and tree.is_name(node.func, *_NO_VALUES):
        return
    else:
        for child in tree.children(node):
            yield from _values_read(child)


def refuse_foreign_arrays(
    body: list[gast.AST], namespace: Mapping[str, Any], find_varied: Callable[[], set[str]]
) -> None:
    """Refuse a matrix or a masked array from outside the function: their arithmetic is their own.

    Raises:
        UnsupportedError: naming the statement in which one meets what varies.
    """
    foreign = {name for name, found in namespace.items() if computes_otherwise(found) and not callable(found)}
    for node in tree.every_statement(body) if foreign else ():
        value = getattr(node, "value", None)
        if not isinstance(value, (gast.BinOp, gast.Call)):
            continue
        read = set(tree.names_read(value))
        for name in sorted(foreign & read):
            if not find_varied().isdisjoint(read):
                raise UnsupportedError(
                    f"`{name}` is a {type(namespace[name]).__name__}, whose arithmetic is its own",
                    tree.origin_of(node),
                    "use an array: np.asarray(...), or .toarray()",
                )


def refuse_fields_named_as_arrays(inside: Inside, kind_of: KindOf, find_varied: Callable[[], set[str]]) -> None:
    """Refuse an attribute of an object that is called like something of arrays that has no derivative.

    It was taken for that before it was known what it is asked of.

    Raises:
        UnsupportedError: naming the statement.
    """
    for node in inside.statements:
        for item in inside.of(node):
            key = getattr(item.slice, "value", None) if isinstance(item, gast.Subscript) else None
            if not isinstance(key, Field) or key not in INACTIVE_ATTRIBUTES:
                continue
            kind, root = kind_of(item), root_name(item)
            may_vary = kind.is_float is not False or kind.is_container
            if may_vary and root in find_varied():
                raise UnsupportedError(
                    f"the attribute `{key}` holds a value to be differentiated, and means something without a "
                    "derivative for arrays",
                    tree.origin_of(node),
                    "give the attribute another name",
                )
