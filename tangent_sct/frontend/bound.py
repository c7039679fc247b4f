"""Which names a function binds, and which of them the functions inside it keep."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import gast

from tangent_sct.core import tree

_ASKING = ("isinstance", "issubclass", "type")
"""Python's own functions that ask for a class."""


def kept_by_functions(node: gast.FunctionDef) -> set[str]:
    """Variables that functions defined inside read, which must stay variables."""
    return {
        name
        for statement in node.body
        for item in tree.walk(statement)
        if isinstance(item, (gast.FunctionDef, gast.Lambda))
        for name in tree.names_read(item)
    }


def bound_names(node: gast.FunctionDef | gast.Lambda) -> list[str]:
    """Names bound in a function's own scope: parameters, locals, variables of comprehensions."""
    body = node.body if isinstance(node, gast.FunctionDef) else [node.body]
    found = dict.fromkeys(tree.names_written(body))
    found.update(dict.fromkeys(parameter.id for parameter in tree.every_parameter(node.args)))
    pending: list[gast.AST] = body[::-1]
    while pending:
        item = pending.pop()
        kind = type(item)
        if kind is gast.Name:
            if type(item.ctx) is not gast.Load:
                found.setdefault(item.id)
        elif kind is gast.BinOp:
            pending += (item.right, item.left)
        elif kind not in _CLOSED:
            pending += tree.children(item)[::-1]
    return list(found)


_CLOSED = frozenset((gast.Constant, gast.FunctionDef, gast.Lambda))
"""Nodes inside which nothing is bound for the function around them."""


def own_names(node: gast.FunctionDef) -> list[str]:
    """The names of `bound_names` that mean nothing of the program around in any part of the function.

    A comprehension may have a variable that is called as one of the program around, which the function reads.

    >>> own_names(tree.statements("def f(x): return [h * x for h in h]")[0])
    ['x']
    """
    scope = {parameter.id for parameter in tree.every_parameter(node.args)}.union(tree.names_written(node.body))
    free = set(tree.names_read(node.body)) - scope
    return [name for name in bound_names(node) if name not in free]


def bound_inside(node: gast.FunctionDef) -> Iterator[str]:
    """Names bound by functions that a function defines: those keep them."""
    for statement in node.body:
        for item in tree.walk(statement):
            if isinstance(item, (gast.FunctionDef, gast.Lambda)):
                yield from (parameter.id for parameter in tree.every_parameter(item.args))
            if isinstance(item, gast.FunctionDef):
                yield from tree.names_written(item.body)


def functions_of(node: gast.FunctionDef) -> set[str]:
    """Variables that a function gives to functions defined inside it.

    >>> sorted(functions_of(tree.statements("def f(x):\\n    g = lambda: x\\n    def h(): pass")[0]))
    ['g', 'h']
    """
    every = list(tree.every_statement(node.body))
    made = (item for item in every if isinstance(item, gast.Assign) and isinstance(item.value, gast.Lambda))
    names = set(tree.names_written([target for item in made for target in item.targets]))
    return names | {item.name for item in every if isinstance(item, gast.FunctionDef)}


def roots_called(node: gast.FunctionDef, counts: Callable[[gast.AST], bool]) -> set[str]:
    """The names at the roots of what a function calls, of those calls that count by what they call.

    >>> sorted(roots_called(tree.statements("def f(a):\\n    b = C(1) + m.D(a)")[0], lambda called: True))
    ['C', 'm']
    """
    called = (item.func for item in tree.walk(node) if isinstance(item, gast.Call))
    dotted = (tree.dotted_name(function) for function in called if counts(function))
    return {name.partition(".")[0] for name in dotted if name}


def classes_handed(node: gast.FunctionDef, counts: Callable[[gast.AST], bool]) -> set[str]:
    """The names that count of those that a function hands on or keeps, and does not only ask for.

    >>> text = "def f(a):\\n    b = (C if a else D)(1) + sum(map(E, a))\\n    return isinstance(b, F) or type(b) is G"
    >>> sorted(classes_handed(tree.statements(text)[0], lambda name: name.id in "CDEFG"))
    ['C', 'D', 'E']
    """
    every = list(tree.walk(node))
    asking = [
        item for item in every
        if isinstance(item, gast.Compare) or (isinstance(item, gast.Call) and tree.is_name(item.func, *_ASKING))
    ]  # fmt: skip
    asked = {id(inner) for item in asking for inner in tree.walk(item)}
    names = (item for item in every if isinstance(item, gast.Name) and id(item) not in asked)
    return {item.id for item in names if isinstance(item.ctx, gast.Load) and counts(item)}


def loop_targets(node: gast.FunctionDef) -> set[str]:
    """Names that loops run over."""
    loops = [s.target for s in tree.every_statement(node.body) if isinstance(s, gast.For)]
    return set(tree.names_written(loops))


def names_in_indices(node: gast.FunctionDef) -> set[str]:
    """Variables that choose items, and those that loops count by.

    >>> sorted(names_in_indices(tree.statements("def f(a, b):\\n    for i in a:\\n        b[i + j] = a[k]")[0]))
    ['i', 'j', 'k']
    """
    every = [item for statement in node.body for item in tree.walk(statement)]
    parts = [item.slice for item in every if isinstance(item, gast.Subscript)]
    return {*tree.names_read(parts), *loop_targets(node)}
