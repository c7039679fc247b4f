"""Calls of `enumerate` with its arguments by their places, where all that follows looks for them.

>>> from tangent_sct.frontend.source import source_of, tree_of
>>> def f(x):
...     return [i * v for i, v in enumerate(start=1, iterable=x)]
>>> print(tree.text(with_arguments_by_place(tree_of(source_of(f)), source_of(f))))
def f(x):
    return [i * v for i, v in enumerate(x, 1)]
"""

from __future__ import annotations

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Source
from tangent_sct.frontend.bound import bound_names
from tangent_sct.frontend.rules import Lookup
from tangent_sct.frontend.source import origin_of_node

_NAMES = ("iterable", "start")


def with_arguments_by_place(function: gast.FunctionDef, source: Source) -> gast.FunctionDef:
    """The function with `enumerate(x, 1)` for `enumerate(iterable=x, start=1)`.

    Args:
        function: as parsed.
        source: where its free names are looked up.

    Raises:
        UnsupportedError: when the start is computed before what is run through: it would be computed after it.
    """
    if Lookup(source).get("enumerate") is not enumerate or "enumerate" in bound_names(function):
        return function

    def change(node: gast.AST) -> gast.AST | None:
        if type(node) is not gast.Call or not tree.is_name(node.func, "enumerate"):
            return None
        if not any(keyword.arg == "iterable" for keyword in node.keywords):
            return None
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if node.args or not given.keys() <= set(_NAMES):
            return None
        is_turned = len(given) > 1 and node.keywords[0].arg == "start"
        if is_turned and not isinstance(given["start"], (gast.Constant, gast.Name)):
            raise UnsupportedError(
                "the start of `enumerate` is computed before what it runs through",
                origin_of_node(source, node),
                "write `enumerate(iterable, start)`",
            )
        return tree.call("enumerate", *(given[name] for name in _NAMES if name in given))

    return tree.replaced(function, change)
