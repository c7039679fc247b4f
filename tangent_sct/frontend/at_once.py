"""Generators that functions of Python's library run through at once, as the lists that they make of them.

>>> import math
>>> node = tree.statements("def f(x): return math.prod(v + 1 for v in x)")[0]
>>> print(tree.text(with_generators_listed(node, {"math": math})))
def f(x):
    return math.prod([v + 1 for v in x])
"""

from __future__ import annotations

import collections
import math
import statistics
from collections.abc import Mapping
from functools import cache
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.frontend.bound import bound_names
from tangent_sct.frontend.namespace import meaning

_AT_ONCE = (
    math.fsum, math.prod, np.fromiter, collections.deque, statistics.fmean, statistics.geometric_mean,
    statistics.harmonic_mean, statistics.mean, statistics.median, statistics.pstdev, statistics.pvariance,
    statistics.stdev, statistics.variance,
)  # fmt: skip
"""Functions that take all items of their first argument before they do anything else."""
_CALLING = (gast.Call, gast.NamedExpr, gast.Yield, gast.YieldFrom, gast.Await)


def with_generators_listed(node: gast.FunctionDef, objects: Mapping[str, Any]) -> gast.FunctionDef:
    """The function with lists for generators, and for `map` and `filter`, that are run through at once.

    Args:
        node: the function.
        objects: what its free names mean.

    Returns:
        The very same function where there are none.
    """

    @cache
    def bound() -> frozenset[str]:
        return frozenset(bound_names(node))

    def means(function: gast.AST, *known: Any) -> bool:
        found = meaning(function, objects)
        return any(found is one for one in known) and bound().isdisjoint(tree.names_read(function))

    def listed(item: gast.AST) -> gast.AST | None:
        if type(item) is not gast.Call or not item.args:
            return None
        first, *others = item.args
        if type(first) not in (gast.GeneratorExp, gast.Call) or not means(item.func, *_AT_ONCE):
            return None
        if any(isinstance(part, _CALLING) for other in (*others, *item.keywords) for part in tree.walk(other)):
            # They are computed before the first item is.
            return None
        if isinstance(first, gast.GeneratorExp):
            first = gast.ListComp(first.elt, first.generators)
        elif isinstance(first, gast.Call) and means(first.func, map, filter) and means(tree.load("list"), list):
            first = tree.call("list", first)
        else:
            return None
        return gast.Call(item.func, [first, *others], item.keywords)

    if not any(map(listed, tree.walk(node))):
        return node
    return tree.rewrite(node, listed)
