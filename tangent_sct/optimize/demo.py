"""A unit out of a text, for the before/after examples in the documentation of the passes."""

from __future__ import annotations

import builtins
import re
from collections.abc import Callable, Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.kind import FLOAT, UNKNOWN, Kind, array
from tangent_sct.core.origins import Source
from tangent_sct.core.unit import Request, Unit


def unit_of(
    text: str, namespace: Mapping[str, Any] | None = None, temporaries: str = "t"
) -> Unit:
    """The unit of a function given as text.

    Names `y`, `y_2`, `y_3` are versions of `y`; names made of `temporaries` are the compiler's.

    Args:
        text: the text of one function.
        namespace: objects of free names, beside `np` and the builtins.
        temporaries: the base of the names that count as temporaries.

    >>> unit = unit_of("def f(y):\\n    y_2 = np.sin(y)\\n    t = y_2\\n    return t")
    >>> dict(unit.bases)
    {'y': 'y', 'y_2': 'y', 't': ''}
    """
    (function,) = tree.statements(text.strip("\n"))
    assert isinstance(function, gast.FunctionDef)
    names = [*tree.parameter_names(function), *tree.names_written(function.body)]
    stems = {name: re.sub(r"_\d+$", "", name) for name in names}
    bases = {name: "" if stem == temporaries else stem for name, stem in stems.items()}
    source = Source(text, "<example>", 1, 0, function.name, unit_of, {}, {})
    objects = {"np": np, **(namespace or {})}
    for name in tree.names_read(function.body):
        if name not in names and name not in objects and hasattr(builtins, name):
            objects[name] = getattr(builtins, name)
    return Unit(function, source, Request("grad"), objects, bases)


def vectors(unit: Unit) -> Callable[[gast.AST], Kind]:
    """Kinds for examples: parameters annotated `array` are vectors of one length, others numbers.

    Args:
        unit: a program of arithmetic, elementwise functions, copies and basic subscripts.

    >>> unit = unit_of("def f(x: array):\\n    y = x * 2\\n    return y[0]")
    >>> vectors(unit)(tree.expression("y")).family, vectors(unit)(tree.expression("y[0]")).family
    ('array', 'scalar')
    """
    arrays = {a.id for a in unit.tree.args.args if a.annotation is not None}

    def is_array(node: gast.AST) -> bool:
        if isinstance(node, gast.Name):
            return node.id in arrays
        if isinstance(node, gast.Subscript):
            return is_array(node.value) and not isinstance(node.slice, (gast.Constant, gast.Name))
        return any(map(is_array, tree.children(node)))

    for _ in range(2):
        for statement in tree.every_statement(unit.tree.body):
            if isinstance(statement, gast.Assign) and is_array(statement.value):
                arrays.update(tree.names_written(statement))

    displays = (gast.Tuple, gast.List)
    containers = {
        name
        for statement in tree.every_statement(unit.tree.body)
        if isinstance(statement, gast.Assign) and isinstance(statement.value, displays)
        for name in tree.names_written(statement)
    }

    def kind_of(node: gast.AST) -> Kind:
        if isinstance(node, displays) or isinstance(node, gast.Name) and node.id in containers:
            return UNKNOWN
        return array(("n",)) if is_array(node) else FLOAT

    return kind_of
