"""What depends on how arrays lie in memory: whether reshaping copies, and what arrays say of their memory.

A derivative works on copies of the arguments that are written into, which lie in memory as these do
(`runtime.copied`) where that matters. Some functions it computes in another way than NumPy does, and the result may
lie in another way: `np.sort(a.T)` lies as `a.T` does, in columns. Where such a function is called, and the order may
matter, all arrays have to lie in rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct import runtime
from tangent_sct.analysis.operations import operation
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import Kind
from tangent_sct.frontend.namespace import MISSING, Namespace, meaning

_MAY_COPY = (np.reshape, np.ravel, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray)
"""Functions that make a view or a copy, as the memory of an array has it."""
_ASKING = (np.isfortran, np.shares_memory, np.may_share_memory)
_OF_ORDER = frozenset(("flags", "strides"))
_OF_MEMORY = frozenset(("base", "ctypes", "data", "__array_interface__"))
_OWN_ORDER = (
    np.sort, np.partition, np.delete, np.insert, np.gradient, np.median, np.vectorize, np.maximum.accumulate,
    np.minimum.accumulate,
)  # fmt: skip
"""Functions whose results may lie otherwise in memory where a derivative computes them."""
_TURNING = (np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.rot90, np.asfortranarray)
"""Functions that make an array in columns of one in rows."""


def depends_on_order(node: gast.AST, objects: Mapping[str, Any]) -> bool:
    """Whether what a statement does depends on how an array lies in memory.

    >>> depends_on_order(tree.statements("b = np.ravel(a)")[0], {"np": np})
    True
    """
    return any(_may_copy(item, objects) or _asks(item, objects) for item in _expressions(node))


def _expressions(node: gast.AST) -> Iterable[gast.AST]:
    items = (item for part in tree.own_parts(node) for item in tree.walk(part))
    return (item for item in items if isinstance(item, (gast.Call, gast.Attribute)))


def _may_copy(item: gast.AST, objects: Mapping[str, Any]) -> bool:
    found = operation(item, objects)
    return found is not None and found.function is not MISSING and is_one_of(found.function, _MAY_COPY)


def _asks(item: gast.AST, objects: Mapping[str, Any]) -> bool:
    if isinstance(item, gast.Attribute):
        return item.attr in _OF_ORDER
    return is_one_of(meaning(item.func, objects), _ASKING)


def refuse_questions_of_memory(
    body: list[gast.AST], stored: Collection[str], kind_of: Callable[[gast.AST], Kind]
) -> None:
    """Refuse to ask an array that is written in place, or is made of others, whose memory it has.

    Raises:
        UnsupportedError: naming the statement.
    """
    for node in tree.every_statement(body):
        for item in _expressions(node):
            if isinstance(item, gast.Attribute) and item.attr in _OF_MEMORY and kind_of(item.value).is_array:
                if not isinstance(item.value, gast.Name) or item.value.id in stored:
                    raise UnsupportedError(
                        f"`{item.attr}` of an array tells whose memory it has, and a derivative works on copies",
                        tree.origin_of(node),
                        "decide by what the function was given",
                    )


def with_orders_checked(
    body: list[gast.AST],
    sources: Iterable[gast.FunctionDef],
    parameters: Iterable[str],
    stored: Collection[str],
    namespace: Namespace,
    kind_of: Callable[[gast.AST], Kind],
    written_by: Callable[[gast.AST], Iterable[str]],
) -> list[gast.AST]:
    """A program that checks that its arguments lie in rows, where another order would be lost, and would matter.

    Args:
        body: the program, calls unfolded.
        sources: the functions that it was made of.
        parameters: its own.
        stored: names of arrays that are written in place.
        namespace: its free names.
        kind_of: the kind of an expression.
        written_by: names of all that a statement may write into.

    Returns:
        The new body; the very same list where no order matters.

    Raises:
        UnsupportedError: where the order matters of what may be an array that the program makes in columns.
    """
    objects = namespace.objects
    every = list(tree.every_statement(body))
    asking = [node for node in every if _order_matters(node, objects, stored)]
    if not asking or not any(_calls(source, objects, _OWN_ORDER) for source in sources):
        return body
    turned = _turned(every, objects, kind_of, written_by)
    for node in asking:
        if turned is None or not turned.isdisjoint(tree.names_read(tree.own_parts(node))):
            raise UnsupportedError(
                "the program makes an array that lies in memory by columns, and whether it copies one depends on "
                "how a function that a derivative computes otherwise arranges its result",
                tree.origin_of(node),
                "copy explicitly (`.copy()`) before writing",
            )
    given = [name for name in parameters if kind_of(tree.load(name)).rank not in (0, 1)]
    arrays = [name for name in given if kind_of(tree.load(name)).family in ("array", "unknown")]
    check = namespace.name_for("check_rows", runtime.check_rows)
    checks = [tree.mark(tree.effect(tree.call(check, tree.load(name))), tree.origin_of(asking[0])) for name in arrays]
    return [*checks, *body]


def _turned(
    statements: Iterable[gast.AST],
    objects: Mapping[str, Any],
    kind_of: Callable[[gast.AST], Kind],
    written_by: Callable[[gast.AST], Iterable[str]],
) -> set[str] | None:
    """Names of what may lie in columns, or be made of what does; None where a function inside may make such an array.

    What is made of arrays that lie in rows lies in rows, but for what turns them.
    """
    made: list[tuple[set[str], set[str], bool]] = []
    for node in statements:
        turns = any(_turns(item, objects, kind_of) for item in _expressions(node))
        if type(node) is gast.FunctionDef:
            # What it reads may be changed, or handed out, wherever it is called.
            if turns:
                return None
            inside = tree.names_read(node)
            held = {name for name in inside if not (kind_of(tree.load(name)).is_array or name in objects)}
            made.append(({node.name, *held}, set(inside), False))
            continue
        parts = tree.own_parts(node)
        names = set(tree.names_written([*parts, *_targets(node)]))
        # An array that is written into lies as it did.
        names.update(name for name in written_by(node) if not kind_of(tree.load(name)).is_array)
        names = {name for name in names if not kind_of(tree.load(name)).is_scalar}
        made.append((names, set(tree.names_read(parts)), turns))
    found: set[str] = set()
    while True:
        more = {n for names, read, turns in made if turns or not read.isdisjoint(found) for n in names}
        if more <= found:
            return found
        found |= more


def _targets(node: gast.AST) -> list[gast.AST]:
    """What the head of a compound statement assigns."""
    if isinstance(node, gast.For):
        return [node.target]
    if isinstance(node, gast.With):
        return [item.optional_vars for item in node.items if item.optional_vars is not None]
    return []


def _order_matters(node: gast.AST, objects: Mapping[str, Any], stored: Collection[str]) -> bool:
    for item in _expressions(node):
        if _asks(item, objects):
            return True
        if _may_copy(item, objects):
            names = {*tree.names_read(item), *tree.names_written(node)}
            if not names.isdisjoint(stored):
                return True
    return False


def _calls(source: gast.FunctionDef, objects: Mapping[str, Any], functions: tuple[Any, ...]) -> bool:
    """Whether a function of the user's calls one of some functions, by whatever name that ends alike."""
    names = {function.__name__ for function in functions}
    calls = (item for item in tree.walk(source) if isinstance(item, gast.Call))
    found = (tree.dotted_name(call.func) or "" for call in calls)
    return any(name.rpartition(".")[2] in names for name in found)


def _turns(item: gast.AST, objects: Mapping[str, Any], kind_of: Callable[[gast.AST], Kind]) -> bool:
    if isinstance(item, gast.Attribute):
        return item.attr in ("T", "mT") and kind_of(item.value).rank not in (0, 1)
    if any(keyword.arg == "order" and not tree.is_constant(keyword.value, "C") for keyword in item.keywords):
        return True
    found = operation(item, objects)
    return found is not None and found.function is not MISSING and is_one_of(found.function, _TURNING)
