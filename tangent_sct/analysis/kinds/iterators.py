"""Kinds of what loops bind, and of what is listed of the things that can be looped over."""

from __future__ import annotations

import itertools

import gast
import numpy as np

from tangent_sct.analysis.kinds.knowledge import Knowledge
from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import INT, Kind, container
from tangent_sct.frontend.namespace import meaning

_SELECTIONS = (itertools.combinations, itertools.combinations_with_replacement, itertools.permutations)


def item_of(known: Knowledge, node: gast.AST) -> Kind:
    """The kind of the items that a loop over an expression binds."""
    if isinstance(node, gast.Call):
        function = meaning(node.func, known.objects)
        plain = not node.keywords and not any(isinstance(a, gast.Starred) for a in node.args)
        if function is range:
            for argument in node.args:
                known.evaluate(argument)
            return INT
        if function is reversed and plain and len(node.args) == 1:
            return item_of(known, node.args[0])
        if function is enumerate and plain and node.args:
            return container("tuple", {0: INT, 1: item_of(known, node.args[0])})
        if function is zip and plain:
            items = [item_of(known, argument) for argument in node.args]
            return container("tuple", dict(enumerate(items)))
        if is_one_of(function, _SELECTIONS) and plain and len(node.args) == 2:
            return _of_length(known, item_of(known, node.args[0]), node.args[1])
        if function is itertools.product and plain:
            items = [item_of(known, argument) for argument in node.args]
            return container("tuple", dict(enumerate(items)))
        if function is itertools.pairwise and plain and len(node.args) == 1:
            return _of_length(known, item_of(known, node.args[0]), tree.const(2))
        if function is np.ndindex:
            known.evaluate(node)
            return Kind("tuple")
    return known.item(known.operand(node))


def selects(known: Knowledge, node: gast.AST) -> bool:
    """Whether an expression calls one of the functions that make iterators, whose items are known."""
    function = meaning(node.func, known.objects) if isinstance(node, gast.Call) else None
    return is_one_of(function, (*_SELECTIONS, itertools.product, itertools.pairwise, enumerate, zip))


def _of_length(known: Knowledge, item: Kind, count: gast.AST) -> Kind:
    """A tuple of so many items of one kind."""
    number = known.evaluate(count).value
    if type(number) is not int:
        return Kind("tuple", element=item)
    return container("tuple", dict.fromkeys(range(number), item))
