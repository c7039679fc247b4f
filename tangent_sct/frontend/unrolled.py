"""Loops over the functions that a call lists, written out: one copy of the body for each of them.

A function that stands for another one (`templating.language.expanded`) may be handed a list of functions, each of
which is known. So `np.piecewise(x, conditions, [f, g, 0.0])` is three statements, and no choice is left to be made
when the program runs.

>>> node = tree.statements('''
... def apply(x, functions):
...     for place, function in enumerate(functions):
...         x[place] = function(x[place]) if callable(function) else function
... ''')[0]
>>> functions = tree.expression("[sin, 0.0]")
>>> node, arguments = with_loops_written_out(node, {"x": tree.load("x"), "functions": functions}, tree.is_name)
>>> print(tree.text(node))
def apply(x, functions_0, functions_1):
    x[0] = functions_0(x[0])
    x[1] = functions_1
>>> [tree.text(value) for value in arguments.values()]
['x', 'sin', '0.0']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gast

from tangent_sct.core import tree


def with_loops_written_out(
    node: gast.FunctionDef, arguments: Mapping[str, gast.AST], is_function: Callable[[gast.AST], bool]
) -> tuple[gast.FunctionDef, dict[str, gast.AST]]:
    """A function without its loops over arguments that are lists of functions, and what it is called with.

    Such a parameter becomes one for each item; `callable` of an item is decided.

    Args:
        node: the function; the loops stand in its own block, as `for place, item in enumerate(parameter)`.
        arguments: the expression for each of its parameters.
        is_function: whether an expression means a function.
    """
    lists = {
        name: value.elts
        for name, value in arguments.items()
        if isinstance(value, (gast.List, gast.Tuple)) and any(map(is_function, value.elts))
    }
    loops = {s: name for s in node.body if (name := _listed(s)) in lists}
    if not loops:
        return node, dict(arguments)
    written = {name: [f"{name}_{place}" for place in range(len(lists[name]))] for name in loops.values()}
    body: list[gast.AST] = []
    for statement in node.body:
        name = loops.get(statement)
        copies = [statement] if name is None else _copies(statement, written[name], lists[name], is_function)
        body += [tree.rewrite(copy, lambda item: _length(item, written)) for copy in copies]
    given: dict[str, gast.AST] = {}
    for parameter, value in arguments.items():
        items = written.get(parameter)
        given.update({parameter: value} if items is None else zip(items, lists[parameter], strict=True))
    own = tree.rebuilt(node.args, lambda child: child)
    own.args = [new for old in node.args.args for new in _parameters(old, written)]
    own.defaults = []
    return tree.like(tree.function(node.name, own, body, node.returns), node), given


def _listed(statement: gast.AST) -> str | None:
    """The name of what a loop enumerates, None for other statements."""
    if not isinstance(statement, gast.For) or not isinstance(statement.iter, gast.Call):
        return None
    call = statement.iter
    is_plain = tree.is_name(call.func, "enumerate") and len(call.args) == 1 and isinstance(call.args[0], gast.Name)
    return call.args[0].id if is_plain else None


def _copies(
    loop: gast.For, names: list[str], items: list[gast.AST], is_function: Callable[[gast.AST], bool]
) -> Iterator[gast.AST]:
    place, target = loop.target.elts
    for number, (name, item) in enumerate(zip(names, items, strict=True)):
        own = {place.id: tree.const(number), target.id: tree.load(name)}
        decided = is_function(item)
        for statement in loop.body:
            yield _without_choice(tree.substitute(tree.copy(statement), own), name, decided)


def _without_choice(statement: gast.AST, name: str, decided: bool) -> gast.AST:
    """A statement in which it is known whether a name means a function."""

    def change(node: gast.AST) -> gast.AST | None:
        if not isinstance(node, gast.IfExp) or not isinstance(node.test, gast.Call):
            return None
        asks = tree.is_name(node.test.func, "callable") and tree.is_name(node.test.args[0], name)
        return (node.body if decided else node.orelse) if asks else None

    return tree.rewrite(statement, change)


def _length(node: gast.AST, written: Mapping[str, list[str]]) -> gast.AST | None:
    """`len` of a list that is written out."""
    if isinstance(node, gast.Call) and tree.is_name(node.func, "len") and tree.is_one_of(node.args[0], written):
        return tree.const(len(written[node.args[0].id]))
    return None


def _parameters(parameter: Any, written: Mapping[str, list[str]]) -> list[Any]:
    if parameter.id not in written:
        return [parameter]
    return [tree.like(gast.Name(name, gast.Param(), None, None), parameter) for name in written[parameter.id]]
