"""Functions that are handed to a function that calls itself, which hands them on to itself as they are.

    def quad(f, a, b, n):                         def quad(k, a, b, n):
        ...                                           f = lambda v: k * v
        ... quad(f, a, m, n - 1)                      ...
                                                      ... quad(k, a, m, n - 1)
    quad(lambda v: k * v, 0.0, x, 3)              quad(k, 0.0, x, 3)

A parameter that is the same in all depths of the recursion is none: its function is defined inside, and what that
captures is handed on by `lifted`, as for every function defined inside.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.frontend.lifted import apart, keeps, mentioned
from tangent_sct.frontend.meanings import Inner, Outer

Known = Callable[[gast.AST], Any]


def without_handed(
    node: gast.FunctionDef, call: gast.Call, known: Known
) -> tuple[gast.FunctionDef, gast.Call, dict[str, Inner | Outer]] | None:
    """A function that calls itself, and a call of it, without the parameters that are functions.

    Args:
        node: the definition of the function, which calls itself by its name.
        call: a call of it in the program around.
        known: what an expression of the program around means, None where that is no function.

    Returns:
        The definition, the call, and the functions; None where there are none, or the function does other things
        with them than to hand them on to itself and to use them.
    """
    given = _given(node, call)
    handed = {name: value for name, item in given.items() if isinstance(value := known(item), (Inner, Outer))}
    if not handed or not handed.keys().isdisjoint(tree.names_written(node.body)):
        return None
    every = (item for statement in node.body for item in tree.walk(statement))
    calls = [item for item in every if isinstance(item, gast.Call) and tree.is_name(item.func, node.name)]
    if any(not tree.is_name(_given(node, c).get(name), name) for c in calls for name in handed):
        return None
    inside = _defined_inside(handed.values(), known)
    if inside is None or any(tree.declared_outside(value.node) for value in inside.values()):
        return None
    captured = {name for value in inside.values() for name in value.captured}
    same = {name for name, value in handed.items() if inside.get(name) is value}
    # A parameter may be called as what its function captures.
    own = apart(node, {*inside, *captured} - same)
    pairs = zip(tree.every_parameter(node.args), tree.every_parameter(own.args), strict=True)
    names = {old.id: new.id for old, new in pairs if old.id in handed}
    if not keeps(own, {*inside, *captured, *names.values(), node.name}, {*inside, *names.values(), node.name}):
        return None
    before = [
        tree.assign(names[name], _meaning(value))
        for name, value in handed.items()
        if name not in same
    ]
    definitions = [
        tree.like(tree.function(name, tree.copy(value.node.args), tree.copy_all(value.node.body)), value.node)
        for name, value in inside.items()
    ]

    def change(item: gast.AST) -> gast.AST | None:
        is_own = isinstance(item, gast.Call) and tree.is_name(item.func, node.name)
        return _without(node, item, handed) if is_own else None

    body = [tree.rewrite(statement, change) for statement in own.body]
    model = node.body[0]
    first = [statement if hasattr(statement, "origin") else tree.like(statement, model)
             for statement in (*definitions, *before)]  # fmt: skip
    new = tree.function(node.name, _other_parameters(own.args, names.values()), [*first, *body])
    return tree.like(new, node), _without(node, call, handed), handed


def _defined_inside(handed: Iterable[Inner | Outer], known: Known) -> dict[str, Inner] | None:
    """The functions among some that are defined inside, and those that they mention, by their names.

    None where one name means two of them.
    """
    inside: dict[str, Inner] = {}
    for value in handed:
        if isinstance(value, Outer):
            continue
        others = mentioned(value, lambda variable: known(tree.load(variable)))
        for name, function in ((value.node.name, value), *others.items()):
            if inside.setdefault(name, function) is not function:
                return None
    return inside


def _meaning(value: Inner | Outer) -> gast.AST:
    """What means a function in the text."""
    return tree.copy(value.expression) if isinstance(value, Outer) else tree.load(value.node.name)


def _given(node: gast.FunctionDef, call: gast.Call) -> dict[str, gast.AST]:
    """The arguments that a call gives, by parameter; empty where some are spread."""
    plain = [item.id for item in (*node.args.posonlyargs, *node.args.args)]
    if any(isinstance(item, gast.Starred) for item in call.args) or any(k.arg is None for k in call.keywords):
        return {}
    return {**dict(zip(plain, call.args, strict=False)), **{str(k.arg): k.value for k in call.keywords}}


def _without(node: gast.FunctionDef, call: gast.Call, handed: Mapping[str, Any]) -> gast.Call:
    """A call without what it gives for some parameters."""
    plain = [item.id for item in (*node.args.posonlyargs, *node.args.args)]
    args = [item for place, item in enumerate(call.args) if place >= len(plain) or plain[place] not in handed]
    return gast.Call(call.func, args, [k for k in call.keywords if k.arg not in handed])


def _other_parameters(arguments: gast.arguments, handed: Collection[str]) -> gast.arguments:
    """Parameters without some of them, and without the defaults of those."""
    plain = [*arguments.posonlyargs, *arguments.args]
    missing = [None] * (len(plain) - len(arguments.defaults))
    defaults = [
        default
        for item, default in zip(plain, [*missing, *arguments.defaults], strict=True)
        if default is not None and item.id not in handed
    ]
    keywords = [
        (item, default)
        for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        if item.id not in handed
    ]
    return gast.arguments(
        [item for item in arguments.args if item.id not in handed],
        [item for item in arguments.posonlyargs if item.id not in handed],
        arguments.vararg, [item for item, _ in keywords], [default for _, default in keywords],
        arguments.kwarg, defaults,
    )  # fmt: skip
