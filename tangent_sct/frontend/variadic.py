"""Calls that spread `*args` and `**kwargs`, written out where it is known what they hold.

>>> node = tree.statements('''
... def wrapper(*args, **kwargs):
...     return 2.0 * f(*args, **kwargs)
... ''')[0]
>>> print(tree.text(written_out(node, {"args": [0, 1], "kwargs": ["scale"]})))
def wrapper(*args, **kwargs):
    return 2.0 * f(args[0], args[1], scale=kwargs['scale'])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gast

from tangent_sct.core import tree


def written_out(node: gast.FunctionDef, keys: Mapping[str, Sequence[Any]]) -> gast.FunctionDef:
    """The function with every spread of a known container written out.

    Args:
        node: the function.
        keys: for each container that is known, its positions or its keys.
    """
    known = {name: k for name, k in keys.items() if name not in tree.names_written(node.body)}
    if not known:
        return node

    def change(item: gast.AST) -> gast.AST | None:
        if not isinstance(item, gast.Call):
            return None
        args: list[gast.AST] = []
        for argument in item.args:
            if isinstance(argument, gast.Starred) and tree.is_one_of(argument.value, known):
                args.extend(_items(argument.value.id, known))
            else:
                args.append(argument)
        keywords: list[gast.AST] = []
        for keyword in item.keywords:
            if keyword.arg is None and tree.is_one_of(keyword.value, known):
                name = keyword.value.id
                pairs = zip(known[name], _items(name, known), strict=True)
                keywords.extend(gast.keyword(key, value) for key, value in pairs)
            else:
                keywords.append(keyword)
        return gast.Call(item.func, args, keywords)

    body = [tree.rewrite(statement, change) for statement in node.body]
    return tree.like(tree.function(node.name, node.args, body, node.returns), node)


def _items(name: str, known: Mapping[str, Sequence[Any]]) -> list[gast.AST]:
    return [tree.subscript(tree.load(name), tree.const(key)) for key in known[name]]
