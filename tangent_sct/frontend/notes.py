"""What a program notes in a list outside of it: `history.append(loss)`.

Nobody asks for a derivative of such a list as long as the program does not read it, which `analysis.notes` makes sure
of. What is noted is marked by `noted`, which has no derivative, and which the text is free of again.
"""

from __future__ import annotations

from collections.abc import Callable

import gast

from tangent_sct.core import tree
from tangent_sct.core.origins import Source


def with_notes(
    function: gast.FunctionDef, source: Source, is_active: Callable[[gast.AST], bool], mark: Callable[[], str]
) -> gast.FunctionDef:
    """A function in which values to be differentiated that are appended to lists outside are marked.

    Args:
        function: the function.
        source: where its free names are looked up.
        is_active: whether an expression may carry a derivative.
        mark: gives the name of `noted`.
    """
    local = {*tree.parameter_names(function), *tree.names_written(function.body)}

    def is_note(node: gast.AST) -> bool:
        call = node.value if type(node) is gast.Expr else None
        if call is None or not appends(call) or call.func.value.id in local or not is_active(call.args[0]):
            return False
        try:
            return type(source.lookup(call.func.value.id)) is list
        except KeyError:
            return False

    if not any(map(is_note, tree.every_statement(function.body))):
        return function

    def change(node: gast.AST) -> gast.AST:
        if isinstance(node, tree.SCOPES):
            # It is looked through where it is called.
            return node
        if not is_note(node):
            return tree.rebuilt(node, change)
        call = node.value
        marked = tree.like(tree.call(mark(), call.args[0]), call)
        return tree.like(tree.effect(tree.like(gast.Call(call.func, [marked], []), call)), node)

    return tree.like(tree.function(function.name, function.args, list(map(change, function.body)), function.returns),
                     function)  # fmt: skip


def appends(call: gast.AST) -> bool:
    """Whether an expression appends one item to what a name means.

    >>> appends(tree.expression("a.append(x)")), appends(tree.expression("a[0].append(x)"))
    (True, False)
    """
    if type(call) is not gast.Call or len(call.args) != 1 or call.keywords or isinstance(call.args[0], gast.Starred):
        return False
    function = call.func
    return type(function) is gast.Attribute and function.attr == "append" and type(function.value) is gast.Name
