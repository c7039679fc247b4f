"""What a program must not do to its derivative: catch what this refuses by, or leave a block half done unseen.

    try:                                   try:
        v = y.reshape(-1)                      v = y.reshape(-1)
        check_view(v, y)                       check_view(v, y)
    except ValueError:                     except DerivativeError:
        ...                                    raise
                                           except ValueError:
                                               ...

    with made_elsewhere:                 with letting_pass(made_elsewhere):
        y = y * x                              y = y * x

The `except` of a program would catch what a check in the derivative raises, which would then take a wrong way.
A context manager may end any exception; which of the statements in its block were run nothing would know of.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from functools import cache
from types import CodeType, FunctionType
from typing import Any, Final

import gast

from tangent_sct.analysis.managing import surely_passes
from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.runtime import DerivativeError, letting_pass

_RUNTIME: Final = DerivativeError.__module__.rpartition(".")[0]


def spelling(value: Any, namespace: dict[str, Any], names: Names) -> str:
    """The name of an object in a text; it gets one where it has none.

    Args:
        value: a function or a class.
        namespace: what the free names of the text mean; a new one is added.
        names: gives out names.
    """
    known = next((name for name, meant in namespace.items() if meant is value), None)
    if known is None:
        known = names.fresh(value.__name__)
        namespace[known] = value
    return known


# -- context managers ---------------------------------------------------------------------------


def with_watched_managers(unit: Unit) -> Unit:
    """The unit with context managers that may end an exception watched; the same unit where there are none."""
    namespace, own = dict(unit.namespace), set(_bound(unit.tree))
    names = Names({*namespace, *own, *tree.names_read(unit.tree.body)})
    found = False

    def change(node: gast.AST) -> gast.AST:
        nonlocal found
        if not isinstance(node, (gast.If, gast.For, gast.While, gast.With)):
            # What is kept whole is no matter of ours.
            return node
        new = tree.shallow(node)
        new.body = list(map(change, node.body))
        if getattr(node, "orelse", None):
            new.orelse = list(map(change, node.orelse))
        if isinstance(node, gast.With):
            new.items = list(map(watched, node.items))
        return new

    def watched(item: gast.withitem) -> gast.withitem:
        nonlocal found
        if surely_passes(item.context_expr, unit.namespace, own):
            return item
        found = True
        manager = tree.call(spelling(letting_pass, namespace, names), item.context_expr)
        return gast.withitem(manager, item.optional_vars)

    body = list(map(change, unit.tree.body))
    return unit.with_body(body, namespace=namespace) if found else unit


def _bound(function: gast.FunctionDef) -> Iterator[str]:
    yield from tree.parameter_names(function)
    yield from tree.names_written(function.body)


# -- handlers -----------------------------------------------------------------------------------


class Refusals:
    """Which statements of a text may raise the error by which a derivative refuses.

    Args:
        unit: the derivative.

    Attributes:
        namespace: what the free names mean; it grows by the name of that error.
    """

    def __init__(self, unit: Unit) -> None:
        self.namespace = dict(unit.namespace)
        self._own = set(_bound(unit.tree))
        self._names = Names({*self.namespace, *self._own, *tree.names_read(unit.tree.body)})

    def spared(self, body: list[gast.AST], handlers: list[gast.ExceptHandler]) -> list[gast.ExceptHandler]:
        """The handlers of a `try`, of which none catches what a check in its body raises."""
        reached = next((i for i, handler in enumerate(handlers) if self._may_catch(handler.type)), None)
        if reached is None or self._is_own(handlers[0].type) or not self._may_refuse(body):
            return handlers
        error = tree.load(spelling(DerivativeError, self.namespace, self._names))
        first = tree.like(gast.ExceptHandler(error, None, [gast.Raise(None, None)]), handlers[0])
        return [first, *handlers]

    def _is_own(self, caught: gast.AST | None) -> bool:
        return caught is not None and meaning(caught, self.namespace) is DerivativeError

    def _may_catch(self, caught: gast.AST | None) -> bool:
        """Whether a handler may catch the error."""
        if caught is None:
            return True
        if isinstance(caught, gast.Tuple):
            return any(map(self._may_catch, caught.elts))
        dotted = tree.dotted_name(caught)
        if dotted is None or dotted.partition(".")[0] in self._own:
            return True
        found = meaning(caught, {**vars(builtins), **self.namespace})
        return not isinstance(found, type) or issubclass(DerivativeError, found)

    def _may_refuse(self, body: list[gast.AST]) -> bool:
        return any(map(self._refuses, self._called(body)))

    def _called(self, body: Iterable[gast.AST]) -> Iterator[Any]:
        """What is called, `MISSING` for functions that are made with the derivative."""
        for node in (inner for statement in body for inner in tree.walk(statement)):
            if isinstance(node, gast.Call) and isinstance(node.func, gast.Name) and node.func.id not in self._own:
                yield meaning(node.func, {**vars(builtins), **self.namespace})

    def _refuses(self, function: Any) -> bool:
        return function is MISSING or (isinstance(function, FunctionType) and may_refuse(function))


@cache
def may_refuse(function: FunctionType) -> bool:
    """Whether a function of the runtime may raise `DerivativeError`; others are the program's own.

    >>> from tangent_sct.runtime import check_number, zeros_like
    >>> may_refuse(check_number), may_refuse(zeros_like)
    (True, False)
    """
    seen: set[FunctionType] = set()
    pending = [function]
    while pending:
        one = pending.pop()
        # Functions of code that was run as a text have no module.
        if one in seen or not (one.__module__ or "").startswith(_RUNTIME):
            continue
        seen.add(one)
        for name in _mentioned(one.__code__):
            value = one.__globals__.get(name)
            if value is DerivativeError:
                return True
            if isinstance(value, FunctionType):
                pending.append(value)
    return False


def _mentioned(code: CodeType) -> Iterator[str]:
    """The names that a function, and those defined in it, may look up."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _mentioned(inner)
