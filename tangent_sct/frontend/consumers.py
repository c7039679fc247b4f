"""The body of a loop or of a `with` as a function defined inside, which somebody else is handed.

    for v in walk(x):                def each(item):
        total += v                       nonlocal v, total
                                         v = item
                                         total += v

What leaves the body, or a loop around it, leaves the function, and is noted by flags; what follows asks these.
"""

from __future__ import annotations

from collections.abc import Iterator

import gast

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.frontend.yields import marked


class Consumer:
    """Such a function.

    Args:
        names: gives out the names of the function and of its flags.
        base: what it is called.
        item: the name of what it is handed.
        body: the statements; rewritten.
        is_round: whether they are the body of a loop, which `break` and `continue` in them mean.
        always_ends: whether what comes after them comes after all of them, or never.
    """

    def __init__(
        self, names: Names, base: str, item: str, body: list[gast.AST],
        is_round: bool = True, always_ends: bool = False,
    ) -> None:  # fmt: skip
        self.name = names.fresh(base)
        exits = set(_exits(body, False))
        self._is_round = is_round
        self.stops = is_round and bool(exits - {gast.Continue})
        """Whether it returns True where no other item is asked for."""
        self._returns = always_ends and exits == {gast.Return} and _always_returns(body)
        self._returned = names.fresh("returned") if gast.Return in exits and not self._returns else ""
        self._result = names.fresh("result") if gast.Return in exits else ""
        self._stop = names.fresh("stop") if gast.Break in exits else ""
        self._skip = names.fresh("skip") if gast.Continue in exits and not is_round else ""
        self._item = item
        self._body = self._left(body, False)

    def _left(self, body: list[gast.AST], in_loop: bool) -> list[gast.AST]:
        """A block in which what leaves the loop, or its round, leaves the function."""
        output: list[gast.AST] = []
        for node in body:
            if isinstance(node, gast.Return):
                value = tree.const(None) if node.value is None else node.value
                steps = [tree.assign(self._result, value), *_set(self._returned), self._leave(True)]
            elif isinstance(node, gast.Break) and not in_loop:
                steps = [*_set(self._stop), self._leave(True)]
            elif isinstance(node, gast.Continue) and not in_loop:
                steps = [*_set(self._skip), self._leave(False)]
            else:
                self._inside(node, in_loop)
                steps = [node]
            output += [marked(step, node) for step in steps]
        return output

    def _inside(self, node: gast.AST, in_loop: bool) -> None:
        if isinstance(node, tree.SCOPES):
            return
        is_loop = isinstance(node, (gast.For, gast.While))
        for name in ("body", "orelse", "finalbody"):
            if getattr(node, name, None):
                setattr(node, name, self._left(getattr(node, name), in_loop or (is_loop and name == "body")))
        for part in (*(getattr(node, "handlers", None) or ()), *(getattr(node, "cases", None) or ())):
            part.body = self._left(part.body, in_loop)

    def _leave(self, stops: bool) -> gast.Return:
        return tree.return_(tree.const(stops) if self.stops else None)

    def before(self) -> list[gast.AST]:
        """The flags are not set."""
        return [tree.assign(name, tree.const(False)) for name in (self._stop, self._skip, self._returned) if name]

    def definition(self) -> gast.FunctionDef:
        """The function."""
        written = self.written()
        body: list[gast.AST] = [gast.Nonlocal(written)] if written else []
        body += [*self._body, self._leave(False)]
        return tree.function(self.name, tree.parameters([self._item]), body)

    def written(self) -> list[str]:
        """The variables of the function around that it assigns."""
        return [name for name in tree.names_written(self._body) if name != self._item]

    def after(self, orelse: list[gast.AST]) -> list[gast.AST]:
        """What follows: the function is left, or a loop around, or the loop's own `else` is run."""
        found: list[gast.AST] = []
        if self._returns:
            return [tree.return_(tree.load(self._result))]
        if self._returned:
            found.append(tree.if_(tree.load(self._returned), [tree.return_(tree.load(self._result))]))
        if not self._is_round:
            leaving = ((self._stop, gast.Break()), (self._skip, gast.Continue()))
            return found + [tree.if_(tree.load(flag), [exit_]) for flag, exit_ in leaving if flag]
        if orelse and self._stop:
            found.append(tree.if_(gast.UnaryOp(gast.Not(), tree.load(self._stop)), orelse))
        else:
            found += orelse
        return found


def _set(flag: str) -> list[gast.AST]:
    return [tree.assign(flag, tree.const(True))] if flag else []


def _exits(body: list[gast.AST], in_loop: bool) -> Iterator[type]:
    for node in body:
        if isinstance(node, gast.Return) or (isinstance(node, (gast.Break, gast.Continue)) and not in_loop):
            yield type(node)
        if not isinstance(node, tree.SCOPES):
            is_loop = isinstance(node, (gast.For, gast.While))
            for block in tree.blocks(node):
                yield from _exits(block, in_loop or (is_loop and block is node.body))


def _always_returns(body: list[gast.AST]) -> bool:
    """Whether control never runs off the end of a block that `break` and `continue` do not leave."""
    last = body[-1] if body else None
    if isinstance(last, gast.If):
        return _always_returns(last.body) and _always_returns(last.orelse)
    return isinstance(last, (gast.Return, gast.Raise))
