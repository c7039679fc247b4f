"""What a derivative that is called returns, as its caller gets it: adjoints in memory of their own.

Where a derivative is called by itself, what stands around its text sees to that (`results`). A function that
calls it is made of the text, so there the text does it.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast
from weakref import WeakKeyDictionary

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.runtime import copied

Path = tuple[int, ...]

SHARED: WeakKeyDictionary[Any, Callable[[], Mapping[Path, Kind]]] = WeakKeyDictionary()
"""Of generated functions, where in their results adjoints stand that others may see, and of which kinds."""


def with_owned_results(
    function: Any, source: Source, node: gast.FunctionDef
) -> tuple[Source, gast.FunctionDef]:
    """A generated function that copies the adjoints that it would share, and a source that knows how."""
    ask = SHARED.get(function)
    shared = {} if ask is None else ask()
    if not shared:
        return source, node
    names = Names([*tree.names_read(node), *tree.names_written(node.body), *source.globals])
    helper = names.fresh("copied")
    for statement in tree.every_statement(node.body):
        if isinstance(statement, gast.Return):
            for path, kind in shared.items():
                statement.value = _with_copy(statement.value, path, kind, helper)
    return replace(source, globals=ChainMap({helper: copied}, cast(dict[str, Any], source.globals))), node


def part(result: gast.AST, path: Path) -> gast.AST | None:
    """What stands at a place of nested tuples, None where they are not written out.

    >>> tree.text(part(tree.expression("y, (a, b)"), (1, 0)))
    'a'
    """
    for position in path:
        if not isinstance(result, gast.Tuple):
            return None
        result = result.elts[position]
    return result


def _with_copy(result: gast.AST, path: Path, kind: Kind, helper: str) -> gast.AST:
    """Nested tuples with a copy of what stands at a place."""
    if path:
        first, *rest = path
        items = list(result.elts)
        items[first] = _with_copy(items[first], tuple(rest), kind, helper)
        return tree.tuple_of(items)
    return _copy_of(result, kind, helper)


def _copy_of(node: gast.AST, kind: Kind, helper: str) -> gast.AST:
    """A copy of an adjoint, item by item where it is a display."""
    if isinstance(node, gast.Dict):
        keys = [getattr(key, "value", None) for key in node.keys]
        values = zip(keys, node.values, strict=True)
        return gast.Dict(node.keys, [_copy_of(value, kind.item(key), helper) for key, value in values])
    if isinstance(node, (gast.Tuple, gast.List)):
        items = [_copy_of(item, kind.item(i), helper) for i, item in enumerate(node.elts)]
        return type(node)(items, node.ctx)
    if isinstance(node, gast.Constant):
        return node
    if kind.is_array:
        return gast.Call(tree.attribute(node, "copy"), [], [])
    return tree.call(helper, node)
