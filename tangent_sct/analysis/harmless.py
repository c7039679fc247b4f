"""Which Python functions leave their arguments as they are.

A call of which nothing is known may write into what it is given. A function whose own statements store
into nothing but local names, and that calls only functions of which the same is known, does not. The
answer is found in the source, for a function and all that it calls together, so recursion is no
obstacle: what none of them does, all of them do not.

>>> import math
>>> def half(x):
...     return x if x < 1.0 else half(math.sqrt(x))
>>> def clear(x):
...     x[0] = 0.0
>>> is_harmless(half, known), is_harmless(clear, known)
(True, False)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CodeType, FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Source
from tangent_sct.frontend.lifted import LIFTED
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.frontend.source import source_of, tree_of

Known = Callable[[gast.Call, Mapping[str, Any]], bool]
"""Whether a call, its free names meaning these objects, is known to leave its arguments as they are."""

_REFUSED = (
    gast.Delete, gast.Global, gast.Nonlocal, gast.With, gast.AsyncWith,
    gast.ClassDef, gast.Yield, gast.YieldFrom, gast.Await, gast.Import, gast.ImportFrom,
)  # fmt: skip


def is_harmless(function: FunctionType, known: Known) -> bool:
    """Whether a function surely writes into none of its arguments, nor into anything that they hold.

    Args:
        function: a Python function.
        known: what is known of calls that are not followed.
    """
    found = {function}
    pending = [function]
    while pending:
        callees = _callees(pending.pop(), known)
        if callees is None:
            return False
        pending += [callee for callee in callees if callee not in found]
        found.update(callees)
    return True


def _callees(function: FunctionType, known: Known) -> list[FunctionType] | None:
    """The functions that remain to be looked at, None where a function may write."""
    try:
        source, node = LIFTED.get(function) or text_of(function)
    except (UnsupportedError, TypeError):
        return None
    bound = {*tree.parameter_names(node), *tree.names_written(node.body)}
    objects = {}
    for name in tree.names_read(node.body):
        if name not in bound:
            try:
                objects[name] = source.lookup(name)
            except KeyError:
                return None
    if stores_elsewhere(node):
        return None
    callees = []
    for item in (inner for statement in node.body for inner in tree.walk(statement)):
        if isinstance(item, gast.Call) and not known(item, objects):
            callee = meaning(item.func, objects)
            if callee is MISSING or not isinstance(callee, FunctionType):
                return None
            callees.append(callee)
    return callees


def stores_elsewhere(function: gast.FunctionDef) -> bool:
    """Whether statements of a function itself, its calls aside, may write into what it has not made.

    >>> [stores_elsewhere(node) for node in tree.statements('''
    ... def total(v):
    ...     parts = [v]
    ...     parts[0] = 2 * v
    ...     return parts[0]
    ... def clear(v):
    ...     v[0] = 0.0
    ... ''')]
    [False, True]
    """
    own = own_objects(function)
    for item in (inner for statement in function.body for inner in tree.walk(statement)):
        if isinstance(item, _REFUSED) or (_is_store(item) and getattr(item.value, "id", "") not in own):
            return True
        if isinstance(item, gast.AugAssign) and isinstance(item.target, gast.Name) and item.target.id not in own:
            return True
    return False


_texts: WeakKeyDictionary[FunctionType, tuple[CodeType, gast.FunctionDef]] = WeakKeyDictionary()
"""Functions that were read, which the same program asks for many times: their trees are only looked at."""


def text_of(function: FunctionType) -> tuple[Source, gast.FunctionDef]:
    """The source of a function, and its tree, which is only looked at.

    Raises:
        UnsupportedError, TypeError: when there is none.
    """
    source = source_of(function)
    code, node = _texts.get(function, (None, None))
    if node is None or code is not function.__code__:
        node = tree_of(source)
        _texts[function] = function.__code__, node
    return source, node


def own_objects(function: gast.FunctionDef) -> set[str]:
    """Names that only ever hold what the function has made itself: numbers, and new arrays and lists."""
    others = set(tree.parameter_names(function))
    made: set[str] = set()
    for node in tree.walk(function):
        target = node.targets[0] if isinstance(node, gast.Assign) and len(node.targets) == 1 else None
        if isinstance(target, gast.Name) and _makes_new(node.value):
            made.add(target.id)
        elif isinstance(node, gast.AugAssign):
            continue
        elif isinstance(node, (gast.stmt, gast.NamedExpr, gast.comprehension)):
            head = [getattr(node, name) for name in ("targets", "target", "items", "name") if hasattr(node, name)]
            others.update(part for part in head if isinstance(part, str))
            others.update(tree.names_written([p for part in head for p in (part if isinstance(part, list) else [part])
                                              if isinstance(p, gast.AST)]))  # fmt: skip
    return made - others


def _makes_new(value: gast.AST) -> bool:
    if isinstance(value, gast.Call):
        return isinstance(value.func, gast.Attribute) and value.func.attr in _MAKERS
    return isinstance(value, (gast.Constant, gast.BinOp, gast.UnaryOp, gast.Compare, gast.List, gast.ListComp))


_MAKERS = frozenset(
    "arange array copy empty empty_like full full_like linspace ones ones_like zeros zeros_like".split()
)
"""Functions and methods whose results are new arrays."""


def _is_store(node: gast.AST) -> bool:
    return isinstance(node, (gast.Subscript, gast.Attribute)) and isinstance(node.ctx, gast.Store)


def known(call: gast.Call, objects: Mapping[str, Any]) -> bool:
    """For examples: what modules offer is known, other functions are looked at.

    >>> known(tree.expression("math.sin(x)"), {}), known(tree.expression("f(x)"), {})
    (True, False)
    """
    return isinstance(call.func, gast.Attribute)
