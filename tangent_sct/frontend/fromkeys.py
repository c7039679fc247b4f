"""`dict.fromkeys`, as the comprehension that it is.

>>> import builtins
>>> from tangent_sct.core.names import Names
>>> node = tree.statements('''
... def f(names, x):
...     d = dict.fromkeys(names, x * x)
...     return d, dict.fromkeys(names, 0.0)
... ''')[0]
>>> print(tree.text(with_keys_run_through(node, Names(), lambda name: vars(builtins).get(name))))
def f(names, x):
    value = x * x
    d = {key: value for key in names}
    return (d, {key_2: 0.0 for key_2 in names})
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.frontend.bound import bound_names


def with_keys_run_through(
    node: gast.FunctionDef, names: Names, meaning: Callable[[str], Any]
) -> gast.FunctionDef:
    """The function with dicts made by comprehensions that `dict.fromkeys` made.

    All keys get the same value, which is computed once.

    Args:
        node: the function.
        names: gives out the names of variables.
        meaning: what a free name of it means.

    Returns:
        The very same function where it makes no dict so.
    """
    bound = set(bound_names(node))

    def is_found(item: gast.AST) -> bool:
        if type(item) is not gast.Call or item.keywords or len(item.args) not in (1, 2):
            return False
        owner = item.func.value if isinstance(item.func, gast.Attribute) and item.func.attr == "fromkeys" else None
        if not isinstance(owner, gast.Name) or any(isinstance(a, gast.Starred) for a in item.args):
            return False
        return owner.id not in bound and meaning(owner.id) is dict

    def as_comprehension(item: gast.AST) -> gast.AST | None:
        if not is_found(item):
            return None
        key = names.fresh("key")
        value: gast.AST = item.args[1] if len(item.args) > 1 else tree.const(None)
        generators = [gast.comprehension(tree.store(key), item.args[0], [], 0)]
        if not tree.is_atom(value):
            # Every key gets the very same object.
            same = names.fresh("value")
            generators.insert(0, gast.comprehension(tree.store(same), tree.tuple_of([value]), [], 0))
            value = tree.load(same)
        return gast.DictComp(tree.load(key), value, generators)

    def change(statement: gast.AST) -> list[gast.AST]:
        if type(statement) not in (gast.Assign, gast.Return) or not is_found(statement.value):
            return [statement]
        args = statement.value.args
        if len(args) < 2 or tree.is_atom(args[1]) or not _is_plain(args[0]):
            return [statement]
        first = tree.like(tree.assign(names.fresh("value"), args[1]), statement)
        args[1] = tree.load(first.targets[0].id)
        return [first, statement]

    if not any(map(is_found, tree.walk(node))):
        return node
    names.reserve([*bound, *tree.names_read(node)])
    body = tree.with_each(tree.copy(node).body, change)
    body = [tree.like(tree.rewrite(statement, as_comprehension), statement) for statement in body]
    return tree.like(tree.function(node.name, node.args, body, node.returns), node)


def _is_plain(keys: gast.AST) -> bool:
    """Whether it makes no difference when keys are computed."""
    return not any(isinstance(item, (gast.Call, gast.NamedExpr)) for item in tree.walk(keys))
