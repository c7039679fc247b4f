"""`for t in checkpointed(range(n), snapshots=50):` — a loop that is marked, as a loop with a mark in its body.

The marker is taken out before anything else is read, so that what a loop runs over looks as it always does. Its body
begins with `checkpointed((), snapshots=50)` instead, which all passes take for an effect and leave where it is, until
`derive.checkpoints` takes it out.
"""

from __future__ import annotations

import gast

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.frontend.namespace import meaning
from tangent_sct.frontend.rules import Lookup
from tangent_sct.frontend.subset import refuse
from tangent_sct.runtime import checkpointed
from tangent_sct.runtime.checkpoint import check_checkpoint

_LIMITS = ("snapshots", "memory")


def with_checkpoints(source: Source, node: gast.FunctionDef) -> gast.FunctionDef:
    """A function in which each marked loop has its mark in its body.

    Raises:
        UnsupportedError: for a marker that stands elsewhere, or without a limit.
        TypeError, ValueError: for a bad limit that is written out.
    """
    objects = Lookup(source)
    calls = {
        id(part) for part in tree.walk(node)
        if isinstance(part, gast.Call) and meaning(part.func, objects) is checkpointed
    }  # fmt: skip
    return _Marked(source, node, calls).function(node) if calls else node


class _Marked:
    """One function whose marks are put into the bodies of their loops.

    Args:
        calls: identities of the calls of `checkpointed`.
    """

    def __init__(self, source: Source, node: gast.FunctionDef, calls: set[int]) -> None:
        self.source = source
        self.calls = calls
        used = [part.id for part in tree.walk(node) if isinstance(part, gast.Name)]
        self.names = Names(used)
        self.taken: set[int] = set()

    def function(self, node: gast.FunctionDef) -> gast.FunctionDef:
        """The function with its marks in place."""
        (new,) = self.statement(node)
        for part in tree.walk(node):
            if id(part) in self.calls - self.taken:
                refuse("marker of no loop", part, self.source)
        assert isinstance(new, gast.FunctionDef)
        return new

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        return [new for statement in body for new in self.statement(statement)]

    def statement(self, node: gast.AST) -> list[gast.AST]:
        """A statement with the marks of its loops, and what stands before it."""
        new = tree.shallow(node)
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(node, name, None)
            if isinstance(inner, list):
                setattr(new, name, self.block(inner))
        for name in ("handlers", "cases"):
            inner = getattr(node, name, None)
            if isinstance(inner, list):
                setattr(new, name, [part for old in inner for part in self.statement(old)])
        place = "iter" if isinstance(node, gast.For) else "test"
        call = getattr(node, place, None)
        if not isinstance(node, (gast.For, gast.While)) or id(call) not in self.calls:
            return [new]
        self.taken.add(id(call))
        return [*self.marked(new, place, call), new]

    def marked(self, loop: gast.For | gast.While, place: str, call: gast.Call) -> list[gast.AST]:
        """Put the mark of a loop into its body; what stands before the loop."""
        given = [keyword for keyword in call.keywords if not tree.is_constant(keyword.value, None)]
        if len(call.args) != 1 or [k.arg in _LIMITS for k in given] != [True]:
            refuse("marker without a limit", call, self.source)
        (limit,) = given
        setattr(loop, place, call.args[0])
        value, before = limit.value, []
        if isinstance(value, gast.Constant):
            check_checkpoint(value.value, limit.arg)
        else:
            # It is evaluated once, where the loop begins.
            name = self.names.fresh(limit.arg)
            before.append(_placed(tree.assign(name, value), call))
            value = tree.load(name)
        mark = gast.Call(tree.copy(call.func), [tree.tuple_of([])], [gast.keyword(limit.arg, value)])
        loop.body = [_placed(tree.effect(mark), call), *loop.body]
        return before


def _placed(statement: gast.AST, model: gast.AST) -> gast.AST:
    """A statement that stands where something else stood."""
    for part in tree.walk(statement):
        gast.copy_location(part, model)
    return statement
