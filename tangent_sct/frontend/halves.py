"""Variables that a `try` leaves half done: which version is seen after a failure must not depend on how far it came.

Requires: `normalise`, before names are assigned once. What is run after a failure is followed with what is known of
flags: `if not failed:` is not run, and `if failed: break` leaves its loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted, bound_by, exposed
from tangent_sct.core.errors import half_tried
from tangent_sct.frontend.live import live_through


@dataclass(frozen=True)
class Ahead:
    """What is run after a statement.

    Attributes:
        following: the statements, up to the end of the innermost loop.
        live_at_end: names that may be read after these.
        leaves: the test that leaves this loop at its end, None where there is none.
        outside: what is run after the loop.
    """

    following: list[gast.AST]
    live_at_end: Set[str]
    leaves: gast.AST | None = None
    outside: Ahead | None = None


def refuse_half_done(node: gast.If, before: list[gast.AST], ahead: Ahead) -> None:
    """Refuse a `try` after whose failure a variable is read that it has assigned, or not.

    Args:
        node: an attempt.
        before: the statements before it in its block.
        ahead: what is run after it.

    Raises:
        UnsupportedError: for a variable that is assigned before something that may fail, and read after that.
    """
    found = attempted(node)
    assert found is not None
    tried, _, handlers = found
    done = exposed(tried)[0]
    if not done:
        return
    known: dict[str, bool] = {}
    _run(before, known)
    for name in tree.names_written(tried):
        known.pop(name, None)
    seen: set[str] = set()
    for handler in _alternatives(handlers, node.test):
        seen |= _seen(handler, ahead, dict(known))
    for statement in done:
        for name in bound_by(statement):
            if name in seen:
                raise half_tried(
                    f"`{name}` is assigned in a `try` before something else in it may fail, and read after that",
                    tree.origin_of(statement),
                    "assign it last in the `try`, and use another variable until then",
                )


def _seen(handler: list[gast.AST], ahead: Ahead, known: dict[str, bool]) -> set[str]:
    """Names that are read after a failure, in a handler or behind it."""
    after = _run([*handler, *ahead.following], known)
    if ahead.outside is None or ahead.leaves is None or _truth(ahead.leaves, known) is not True:
        return live_through(after, set(ahead.live_at_end))
    return live_through(after, _seen([], ahead.outside, known))


def _alternatives(handlers: list[gast.AST], flag: gast.AST) -> Iterator[list[gast.AST]]:
    """The handlers, one by one: those of an attempt are told apart by its flag."""
    first, last = handlers[:-1], handlers[-1] if handlers else gast.Pass()
    is_number = isinstance(last, gast.If) and isinstance(last.test, gast.Compare) and tree.same(last.test.left, flag)
    if not is_number or any(map(tree.inner_blocks, first)):
        yield handlers
        return
    for block in (last.body, last.orelse):
        for other in _alternatives(block, flag):
            yield [*first, *other]


def _run(block: list[gast.AST], known: dict[str, bool]) -> list[gast.AST]:
    """What is run of a block.

    Args:
        block: the statements.
        known: names that are known to be true or false; afterwards, those that are so at the end.
    """
    output: list[gast.AST] = []
    for node in block:
        if getattr(node, "unset", False) is True:
            continue
        if isinstance(node, gast.If) and not tree.is_exit(node):
            truth = _truth(node.test, known)
            if truth is not None:
                output += _run(node.body if truth else node.orelse, known)
                continue
            ends = [dict(known), dict(known)]
            branches = [_run(part, end) for part, end in zip((node.body, node.orelse), ends, strict=True)]
            output.append(tree.if_(node.test, *branches))
            first, *others = [end for end, part in zip(ends, branches, strict=True) if not _raises(part)] or ends
            kept = {name: value for name, value in first.items() if all(o.get(name) is value for o in others)}
        elif tree.inner_blocks(node) and not isinstance(node, gast.If):
            kept = {name: value for name, value in known.items() if name not in tree.names_written(node)}
            new = tree.shallow(node)
            new.body = _run(node.body, dict(kept))
            output.append(new)
        else:
            output.append(node)
            kept = {name: value for name, value in known.items() if name not in tree.names_written(node)}
            if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
                truth = _truth(node.value, known)
                if truth is not None:
                    kept[node.targets[0].id] = truth
        known.clear()
        known.update(kept)
    return output


def _raises(block: list[gast.AST]) -> bool:
    return any(isinstance(node, gast.Raise) for node in block)


def _truth(test: gast.AST, known: dict[str, bool]) -> bool | None:
    """Whether an expression is true, None where that is not known."""
    if isinstance(test, gast.Constant):
        return bool(test.value)
    if isinstance(test, gast.Name):
        return known.get(test.id)
    if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
        truth = _truth(test.operand, known)
        return None if truth is None else not truth
    if isinstance(test, gast.BoolOp):
        decides = isinstance(test.op, gast.Or)
        truths = [_truth(value, known) for value in test.values]
        if any(truth is decides for truth in truths):
            return decides
        return None if None in truths else not decides
    return None
