"""A `key` that looks up something, `max(d, key=d.get)`, as the function that it is.

>>> from tangent_sct.core.names import Names
>>> node = tree.statements('''
... def f(d, a):
...     return max(d, key=d.get), sorted(range(3), key=a.__getitem__)
... ''')[0]
>>> print(tree.text(with_lookups_called(node, Names())))
def f(d, a):
    return (max(d, key=lambda item: d.get(item)), sorted(range(3), key=lambda item_2: a[item_2]))
"""

from __future__ import annotations

import gast

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.frontend.bound import bound_names

_LOOKUPS = ("get", "__getitem__")


def with_lookups_called(node: gast.FunctionDef, names: Names) -> gast.FunctionDef:
    """The function with lambdas for methods of its variables that say by what something is chosen or sorted.

    Args:
        node: the function.
        names: gives out the names of what the lambdas are given.

    Returns:
        The very same function where there are none.
    """
    bound = set(bound_names(node))

    def is_found(item: gast.AST) -> bool:
        method = item.value if type(item) is gast.keyword and item.arg == "key" else None
        return isinstance(method, gast.Attribute) and method.attr in _LOOKUPS and tree.is_one_of(method.value, bound)

    def as_function(item: gast.AST) -> gast.AST | None:
        if type(item) is not gast.Call or not any(map(is_found, item.keywords)):
            return None
        return gast.Call(item.func, item.args, [_called(k, names) if is_found(k) else k for k in item.keywords])

    if not any(map(is_found, tree.walk(node))):
        return node
    names.reserve([*bound, *tree.names_read(node)])
    body = [tree.like(tree.rewrite(statement, as_function), statement) for statement in tree.copy(node).body]
    return tree.like(tree.function(node.name, node.args, body, node.returns), node)


def _called(key: gast.keyword, names: Names) -> gast.keyword:
    item, owner = names.fresh("item"), key.value.value
    is_index = key.value.attr == "__getitem__"
    value = tree.subscript(owner, tree.load(item)) if is_index else tree.call(key.value, tree.load(item))
    return gast.keyword("key", gast.Lambda(tree.parameters([item]), value))
