"""Which of the user's names may still be read, before they are versions: along the structure of a program.

>>> body = tree.statements('''
... y = x * x
... if y > 1:
...     y = 2.0
... return y
... ''')
>>> [sorted(names) for names in live_after_each(body, set())]
[['y'], ['y'], []]
"""

from __future__ import annotations

from collections.abc import Callable

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted

Deciding = Callable[[gast.AST, set[str]], set[str] | None]
"""Says what may be read before a statement, given what may be read after it; None where that is seen from it."""


def live_after_each(statements: list[gast.AST], live_out: set[str]) -> list[set[str]]:
    """For each statement, the names that may be read after it."""
    result: list[set[str]] = []
    live = live_out
    for statement in reversed(statements):
        result.append(live)
        live = live_before(statement, live)
    result.reverse()
    return result


def live_before(
    node: gast.AST, live: set[str], decide: Deciding | None = None, caught: frozenset[str] = frozenset()
) -> set[str]:
    """in = use + (out - def), along the structure of the program.

    Args:
        node: a statement.
        live: names that may be read after it.
        decide: asked first, of this statement and of those in it; of those in a loop more than once.
        caught: names that handlers around may read, which may come after every statement.

    >>> again, anew = tree.statements("def f(v, before=f):\\n    return before(v) * a\\ndef f(v):\\n    return v * a")
    >>> sorted(live_before(again, {"f", "x"})), sorted(live_before(anew, {"f", "x"}))
    (['a', 'f', 'x'], ['a', 'x'])
    """
    live = live | caught
    decided = None if decide is None else decide(node, live)
    if decided is not None:
        return decided | caught
    kind = type(node)
    if getattr(node, "unset", False) is True:
        # It only says that the name is one of the function's own; an iteration before may have given it a value.
        return live
    if kind is gast.Assign and type(node.targets[0]) is gast.Name:
        return (live - {node.targets[0].id}) | set(tree.names_read(node.value)) | caught
    if kind is gast.FunctionDef:
        # Its defaults and decorators are read before it has its name.
        given = [value for value in (*node.args.defaults, *node.args.kw_defaults) if value is not None]
        at_once = set(tree.names_read([*node.decorator_list, *given]))
        return (live | set(tree.names_read(node))) - {node.name} | at_once | caught
    if kind is gast.Raise:
        return set(tree.names_read(node)) | caught
    if kind is gast.If and not tree.is_exit(node):
        if (found := attempted(node)) is not None:
            tried, following, handlers = found
            handled = live_through(handlers, live, decide, caught)
            after = live_through(following, live, decide, caught)
            return live_through(tried, after, decide, caught | handled) | handled | set(tree.names_read(node.test))
        branches = live_through(node.body, live, decide, caught) | live_through(node.orelse, live, decide, caught)
        return branches | set(tree.names_read(node.test))
    if kind in tree.LOOPS:
        head = set(tree.names_read(node.test)) if kind is gast.While else set()
        bound = set(tree.names_written(node.target)) if kind is gast.For else set()
        around = live | head
        once = live_through(node.body, around, decide, caught) - bound
        again = live_through(node.body, around | once, decide, caught) - bound
        outside = set(tree.names_read(node.iter)) if kind is gast.For else set()
        return live | head | once | again | outside
    if kind is gast.With:
        inside = live_through(node.body, live, decide, caught)
        for item in node.items:
            inside = inside | set(tree.names_read(item.context_expr))
        return inside
    return live | set(tree.names_read(node))


def live_through(
    statements: list[gast.AST], live: set[str], decide: Deciding | None = None, caught: frozenset[str] = frozenset()
) -> set[str]:
    """The names that may be read before a block, given those that may be read after it, or by handlers around."""
    for statement in reversed(statements):
        live = live_before(statement, live, decide, caught)
    return live


def read_late(scope: gast.AST) -> set[str]:
    """Variables around a function, a class or a generator that it may read after the statement that makes it.

    >>> sorted(read_late(tree.expression("lambda t, a=b: a * t + c")))
    ['c']
    >>> sorted(read_late(tree.expression("(a * v for v in b)")))
    ['a']
    """
    if isinstance(scope, gast.GeneratorExp):
        first, *others = scope.generators
        # What it runs through is computed at once.
        first = gast.comprehension(first.target, tree.const(()), first.ifs, first.is_async)
        return set(tree.names_read(gast.GeneratorExp(scope.elt, [first, *others])))
    if not isinstance(scope, (gast.Lambda, gast.FunctionDef)):
        return set(tree.names_read(scope))
    own = {parameter.id for parameter in tree.every_parameter(scope.args)}
    inside = [scope.body] if isinstance(scope, gast.Lambda) else scope.body
    if isinstance(scope, gast.FunctionDef):
        own |= set(tree.names_written(inside))
    return set(tree.names_read(inside)) - (own - set(_declared(scope)))


def _declared(scope: gast.AST) -> list[str]:
    return tree.declared_outside(scope) if isinstance(scope, gast.FunctionDef) else []
