"""`try` as the passes see it: a branch, decided by whether its first statements fail.

    try:                          failed = try(ValueError)
        y = g(x)                  if failed:
    except ValueError as e:           e = except()
        y = h(x, e)                   y = h(x, e)
    else:                         else:
        y = y + x                     y = g(x)
                                      else()
                                      y = y + x

`try(...)` foretells: it is the number of the handler that the statements up to `else()` will need, 0 where they
run to their end. So a `try` has the values, joins and adjoints of an `if`, and few passes need to know of it: those
that move, merge or remove statements must not change what fails, nor what is seen after a failure. The three words
are keywords of Python, so no name of a program is one of them. `emit.attempts` writes them as `try` again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import gast

from tangent_sct.core import tree

_TRY, _EXCEPT, _ELSE = "try", "except", "else"


def _word(name: str) -> Callable[..., Any]:
    """The object that one of the words means; it only has to be known, it is never called."""

    def word(*handled: Any) -> Any:
        raise AssertionError(f"`{name}` was left in a text")

    return word


WORDS: Final[dict[str, Callable[..., Any]]] = {name: _word(name) for name in (_TRY, _EXCEPT, _ELSE)}
"""What the three words mean, for the namespace of a program."""


def attempt(flag: str, types: Iterable[gast.AST]) -> gast.Assign:
    """`flag = try(types...)`: which of some handlers will be needed; one whose type is None catches all."""
    return tree.assign(flag, tree.call(_TRY, *types))


def caught(name: str) -> gast.Assign:
    """`name = except()`: the exception, at the start of a handler."""
    return tree.assign(name, tree.call(_EXCEPT))


def settled() -> gast.Expr:
    """`else()`: nothing after it is caught."""
    return tree.effect(tree.call(_ELSE))


def is_attempt(node: gast.AST) -> bool:
    """Whether a statement is `flag = try(...)`."""
    return isinstance(node, gast.Assign) and _is_word(node.value, _TRY)


def is_caught(node: gast.AST) -> bool:
    """Whether a statement is `name = except()`."""
    return isinstance(node, gast.Assign) and _is_word(node.value, _EXCEPT)


def is_settled(node: gast.AST) -> bool:
    """Whether a statement is `else()`."""
    return type(node) is gast.Expr and _is_word(node.value, _ELSE)


def _is_word(node: gast.AST, word: str) -> bool:
    return isinstance(node, gast.Call) and tree.is_name(node.func, word)


def attempted(node: gast.AST) -> tuple[list[gast.AST], list[gast.AST], list[gast.AST]] | None:
    """What an `if` holds that stands for a `try`; None for other statements.

    Returns:
        What may fail, with `else()` at its end; what follows when it has not; the handlers.

    >>> word = tree.text(settled())
    >>> node = tree.if_(tree.load("failed"), tree.statements("b = 1"), [*tree.statements("a = x"), settled()])
    >>> tried, following, handlers = attempted(node)
    >>> len(tried), len(following), tree.text(handlers)
    (2, 0, 'b = 1')
    """
    if not isinstance(node, gast.If):
        return None
    for block, other in ((node.orelse, node.body), (node.body, node.orelse)):
        for place, statement in enumerate(block):
            if is_settled(statement):
                return block[: place + 1], block[place + 1 :], other
    return None


def raises_on(handlers: list[gast.AST]) -> bool:
    """Whether handlers surely end by an exception, so that nothing of the program comes after them.

    >>> raises_on(tree.statements("if failed == 1:\\n    raise\\nelse:\\n    raise ValueError"))
    True
    """
    for node in handlers:
        if isinstance(node, gast.If) and raises_on(node.body) and raises_on(node.orelse):
            return True
    return any(isinstance(node, gast.Raise) for node in handlers)


def may_fail(node: gast.AST) -> bool:
    """Whether running a simple statement may raise an exception: all may but copies and literals.

    >>> [may_fail(node) for node in tree.statements("a = b\\na = 1\\na = b + 1\\nprint(a)")]
    [False, False, True, True]
    """
    if isinstance(node, gast.Pass) or is_settled(node):
        return False
    if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
        return not isinstance(node.value, (gast.Name, gast.Constant))
    return True


def exposed(tried: list[gast.AST], fails_after: bool = False) -> tuple[list[gast.AST], bool]:
    """The simple statements after which the rest of an attempt may still fail, and whether any of it may.

    What they have done is seen by the handler.

    Args:
        tried: the statements of an attempt, or of a block in it.
        fails_after: whether something after the block may fail.
    """
    found: list[gast.AST] = []
    for node in reversed(tried):
        inner = tree.inner_blocks(node)
        if not inner:
            if fails_after:
                found.append(node)
            fails_after = fails_after or may_fail(node)
            continue
        is_loop = isinstance(node, (gast.For, gast.While))
        around = fails_after or (is_loop and any(exposed(block)[1] for block in inner))
        results = [exposed(block, around) for block in inner]
        if isinstance(node, (gast.For, gast.With)) and (fails_after or any(fails for _, fails in results)):
            # Its target is bound before its body is run.
            found.append(node)
        found += [statement for part, _ in results for statement in part]
        fails_after = fails_after or isinstance(node, (gast.For, gast.While, gast.With))
        fails_after = fails_after or any(fails for _, fails in results)
    return found, fails_after


def bound_by(node: gast.AST) -> list[str]:
    """Names that a statement itself binds, its blocks left out."""
    if isinstance(node, gast.For):
        return tree.names_written(node.target)
    if isinstance(node, gast.With):
        return tree.names_written([item.optional_vars for item in node.items if item.optional_vars is not None])
    return [] if isinstance(node, (gast.If, gast.While)) else tree.names_written(node)
