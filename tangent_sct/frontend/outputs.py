"""The final state of arguments as the result of a function: for kernels that write into what they are given."""

from __future__ import annotations

import gast

from tangent_sct.core import tree
from tangent_sct.core.names import Names

Outputs = str | tuple[str, ...]
"""A parameter, or several of them, which make a tuple."""


def returning(function: gast.FunctionDef, outputs: Outputs, names: Names) -> gast.FunctionDef:
    """The function, with the final state of parameters returned in place of its own result.

    Args:
        function: as parsed.
        outputs: the parameters.
        names: gives out names for parameters that the function binds anew, as a swap of buffers does: what
            counts is the object that the caller has given.

    >>> source = '''
    ... def smooth(A, B, n):
    ...     for i in range(n):
    ...         B[1:] = A[:-1]
    ...         A, B = B, A
    ... '''
    >>> print(tree.text(returning(tree.statements(source)[0], "A", Names())))
    def smooth(A, B, n):
        A_given = A
        for i in range(n):
            B[1:] = A[:-1]
            A, B = (B, A)
        return A_given
    """
    every = (outputs,) if isinstance(outputs, str) else outputs
    bound = set(tree.names_written(function.body))
    for node in tree.walk(function):
        if isinstance(node, gast.Nonlocal):
            bound.update(node.names)
    given = {name: names.fresh(f"{name}_given") if name in bound else name for name in every}
    before = [tree.assign(new, tree.load(name)) for name, new in given.items() if new != name]

    def result() -> gast.AST:
        loads = [tree.load(given[name]) for name in every]
        # No line of the user's says so.
        return tree.mark(tree.return_(loads[0] if isinstance(outputs, str) else tree.tuple_of(loads)), None)

    def change(body: list[gast.AST]) -> list[gast.AST]:
        output: list[gast.AST] = []
        for node in body:
            if isinstance(node, gast.Return):
                if node.value is not None and any(isinstance(n, gast.Call) for n in tree.walk(node.value)):
                    # It may write as well.
                    output.append(tree.like(tree.effect(node.value), node))
                node = result()
            elif not isinstance(node, tree.SCOPES):
                node = tree.shallow(node)
                for field in ("body", "orelse", "finalbody"):
                    if isinstance(getattr(node, field, None), list):
                        setattr(node, field, change(getattr(node, field)))
                if isinstance(node, gast.Try):
                    node.handlers = [_with_body(h, change(h.body)) for h in node.handlers]
                elif isinstance(node, gast.Match):
                    node.cases = [_with_body(c, change(c.body)) for c in node.cases]
            output.append(node)
        return output

    body = [*(tree.mark(node, None) for node in before), *change(function.body)]
    if not isinstance(function.body[-1], gast.Return):
        body.append(result())
    return tree.like(tree.function(function.name, function.args, body, function.returns), function)


def _with_body(node: gast.AST, body: list[gast.AST]) -> gast.AST:
    new = tree.shallow(node)
    new.body = body
    return new
