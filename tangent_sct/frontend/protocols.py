"""What Python asks of an object unseen: its truth, its length, comparisons, its items; refused where it may matter.

`if q:` calls `__bool__`, `v in q` calls `__contains__`, f-strings call `__format__`. Their results hold nothing to be
differentiated, so such expressions stay as they are; but a method that writes would do so unseen.
"""

from __future__ import annotations

import builtins
import inspect
import types
from collections.abc import Iterator

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Origin
from tangent_sct.frontend.functions import Functions
from tangent_sct.frontend.made import Made
from tangent_sct.frontend.meanings import Instance
from tangent_sct.frontend.source import source_of, tree_of

COMPARED: dict[type[gast.AST], tuple[str, str]] = {
    gast.Eq: ("__eq__", "__eq__"), gast.NotEq: ("__ne__", "__ne__"), gast.Lt: ("__lt__", "__gt__"),
    gast.LtE: ("__le__", "__ge__"), gast.Gt: ("__gt__", "__lt__"), gast.GtE: ("__ge__", "__le__"),
}  # fmt: skip
"""The methods of the left operand and of the right one that a comparison asks for."""

_TRUTH = ("__bool__", "__len__")
_TEXT = ("__str__", "__repr__", "__format__")
_ITEMS = ("__iter__", "__getitem__", "__array__", "__next__")
_ASKING: dict[str, tuple[str, ...]] = {
    "bool": _TRUTH, "str": _TEXT, "repr": _TEXT, "format": _TEXT, "print": _TEXT, "hash": ("__hash__",),
    "int": ("__int__", "__index__", "__trunc__"),
    **dict.fromkeys(("sum", "max", "min", "list", "tuple", "sorted", "dict", "set", "enumerate", "zip", "map",
                     "filter", "any", "all", "iter", "next", "reversed"), _ITEMS),
}  # fmt: skip


def refuse_protocols(
    node: gast.AST,
    functions: Functions,
    origin: Origin | None,
) -> None:
    """Refuse a statement or a test that asks an object of what may change it unseen.

    Args:
        node: the statement, of which the blocks are left out, or an expression.
        functions: which objects names mean.
        origin: of the statement.

    Raises:
        UnsupportedError: naming the method.
    """
    if not functions.are_met:
        return
    for item in tree.walk(node):
        for owner, name in _asked(item):
            known = functions.of(owner)
            if not isinstance(known, (Made, Instance)):
                continue
            method = inspect.getattr_static(known.cls, name, None)
            if name in _ITEMS and method is not None and not isinstance(known, Instance):
                raise UnsupportedError(
                    f"an object of class `{known.name}` is taken apart, or run through, by its `{name}`",
                    origin,
                    "use the list that it holds",
                )
            if isinstance(method, types.FunctionType) and not _only_reads(method):
                raise UnsupportedError(
                    f"`{name}` of class `{known.name}` is called unseen, and may change values to be differentiated",
                    origin,
                    "call an ordinary method in a statement of its own",
                )


def refuse_managing(cls: type, name: str, is_tried: bool, origin: Origin | None) -> None:
    """Refuse an object as a context manager where more may happen than that it is entered and left.

    An exception that leaves the block ends the derivative as well; what becomes of the object then is seen by nobody
    who is outside of a `try`.

    Raises:
        UnsupportedError: naming the reason.
    """
    methods = [inspect.getattr_static(cls, each, None) for each in ("__enter__", "__exit__")]
    reason = ""
    if not all(isinstance(method, types.FunctionType) for method in methods):
        reason = f"the class `{name}` does not say by its own methods how it is entered and left"
    elif may_swallow(methods[1]):
        reason = f"`__exit__` of class `{name}` may swallow an exception, and the block is left half done"
    elif is_tried:
        reason = f"an object of class `{name}` is a context manager inside a `try`, which it has to be left for"
    if reason:
        raise UnsupportedError(reason, origin, "call what it does on entering and leaving as ordinary methods")


def may_swallow(method: types.FunctionType) -> bool:
    """Whether an `__exit__` may return something true."""
    try:
        body = tree_of(source_of(method)).body
    except (UnsupportedError, TypeError):
        return True
    returned = [s.value for s in tree.every_statement(body) if isinstance(s, gast.Return) and s.value is not None]
    return not all(tree.is_constant(value, None, False) for value in returned)


def _asked(item: gast.AST) -> Iterator[tuple[gast.AST, str]]:
    """Objects, with the methods that an expression may call of them."""
    if isinstance(item, gast.Compare):
        values = [item.left, *item.comparators]
        for op, left, right in zip(item.ops, values, item.comparators, strict=False):
            if isinstance(op, (gast.In, gast.NotIn)):
                yield from ((right, name) for name in ("__contains__", "__iter__"))
            elif type(op) in COMPARED:
                mine, other = COMPARED[type(op)]
                yield left, mine
                yield right, other
    elif isinstance(item, gast.UnaryOp) and isinstance(item.op, gast.Not):
        yield from ((item.operand, name) for name in _TRUTH)
    elif isinstance(item, gast.BoolOp):
        yield from ((value, name) for value in item.values for name in _TRUTH)
    elif isinstance(item, gast.IfExp):
        yield from ((item.test, name) for name in _TRUTH)
    elif isinstance(item, gast.FormattedValue):
        yield from ((item.value, name) for name in _TEXT)
    elif isinstance(item, gast.Starred):
        yield from ((item.value, name) for name in _ITEMS)
    elif isinstance(item, gast.Call) and tree.is_name(item.func, "max", "min") and len(item.args) > 1:
        # They are compared, by what is asked for elsewhere.
        return
    elif isinstance(item, gast.Call) and isinstance(item.func, gast.Name) and item.func.id in _ASKING:
        given = item.args[:1] if item.func.id in ("sum", "next", "enumerate") else item.args
        yield from ((value, name) for value in given for name in _ASKING[item.func.id])


def _only_reads(function: types.FunctionType) -> bool:
    """Whether a method stores nothing, and calls nothing but Python's own functions."""
    if function.__qualname__.startswith("__create_fn__") or function.__code__.co_filename == "<string>":
        # Written by `dataclasses`.
        return True
    try:
        body = tree_of(source_of(function)).body
    except (UnsupportedError, TypeError):
        return False
    for item in (inner for statement in body for inner in tree.walk(statement)):
        if isinstance(item, (gast.AugAssign, gast.Delete, gast.Global, gast.Nonlocal, gast.With)):
            return False
        if isinstance(item, (gast.Attribute, gast.Subscript)) and not isinstance(item.ctx, gast.Load):
            return False
        if isinstance(item, gast.Call) and not _is_builtin(item.func):
            return False
    return True


def _is_builtin(function: gast.AST) -> bool:
    is_known = isinstance(function, gast.Name) and hasattr(builtins, function.id)
    return is_known and function.id not in ("setattr", "delattr", "next")
