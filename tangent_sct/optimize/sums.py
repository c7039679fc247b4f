"""What a loop adds to one element of an adjoint, summed in a variable and added to the element once.

    for j in reversed(range(k + 1, n)):            a_bar_sum = 0.0
        a_seed = a_bar[i, j]                       for j in reversed(range(k + 1, n)):
        a_bar[k, j] += -a_seed * a[i, k]               a_seed = a_bar[i, j]
        a_bar[i, k] += -a_seed * a[k, j]               a_bar[k, j] += -a_seed * a[i, k]
                                                       a_bar_sum = a_bar_sum + -a_seed * a[k, j]
                                                   a_bar[i, k] += a_bar_sum

An element of an array is dear to change in Python, and compiled code has to write it in every iteration, since it
cannot know that the others are different ones. The indices tell (`analysis.overwritten`): nothing else in the loop
may read or write the element, under any name, and it must be one of the array's even where the loop has no iteration.

Needs: kinds, alias classes, single assignment. Produces: single assignment.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator

import gast

from tangent_sct.analysis.aliases import Classes, KindOf, alias_classes
from tangent_sct.analysis.overwritten import Access, Overwritten
from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.blocks import below, with_blocks

SIMPLE = (gast.Assign, gast.AugAssign, gast.Expr, gast.If, gast.For, gast.Pass)
"""What may stand in such a loop: whatever is begun is done to its end."""
FLOAT = "float64"


def sums(unit: Unit, kind_of: KindOf) -> Unit:
    """Sum in variables what loops add to one element.

    Args:
        unit: a derivative in single assignment.
        kind_of: the kind of an expression.

    Returns:
        The unit with sums; the same unit where there are none.
    """
    if not any(_fixed_updates(node) for node in tree.every_statement(unit.tree.body) if type(node) is gast.For):
        return unit
    worker = _Sums(unit, kind_of)
    body = worker.block(unit.tree.body, (), frozenset())
    return unit.with_body(body, bases=worker.bases) if worker.count else unit


def _fixed_updates(loop: gast.For) -> dict[str, gast.AugAssign]:
    """The first of the updates of each element that is the same in all iterations of a loop, by its text."""
    every = list(tree.every_statement(loop.body))
    if loop.orelse or not all(isinstance(node, SIMPLE) for node in every):
        return {}
    bound: set[str] | None = None
    found: dict[str, gast.AugAssign] = {}
    for node in every:
        if not _is_update(node):
            continue
        if bound is None:
            bound = {*tree.names_written(loop.target), *tree.names_written(loop.body)}
        if bound.isdisjoint((node.target.value.id, *tree.names_read(node.target.slice))):
            found.setdefault(tree.text(node.target), node)
    return found


def _is_update(node: gast.AST) -> bool:
    """Whether a statement of the reverse sweep adds to a part of an array."""
    if type(node) is not gast.AugAssign or type(node.op) is not gast.Add or tree.sweep_of(node) != "reverse":
        return False
    target = node.target
    if type(target) is not gast.Subscript or type(target.value) is not gast.Name:
        return False
    return not any(isinstance(part, gast.Call) for part in tree.walk(target.slice))


class _Sums:
    """One run over a function."""

    def __init__(self, unit: Unit, kind_of: KindOf) -> None:
        self.unit = unit
        self.kind_of = kind_of
        self.bases = dict(unit.bases)
        self.count = 0
        self.classes: Classes = alias_classes(unit.tree.body, unit.namespace, kind_of)
        self.places = Overwritten(unit.tree.body, kind_of, lambda name: frozenset(), lambda node: set())
        used = [node.id for node in tree.walk(unit.tree) if isinstance(node, gast.Name)]
        self.names = Names([*unit.namespace, *unit.bases, *used])

    def block(self, body: list[gast.AST], outer: tuple[int, ...], summed: frozenset[str]) -> list[gast.AST]:
        """A block within some loops, told by their identity, around which some elements are summed already."""
        output: list[gast.AST] = []
        for node in body:
            if type(node) is gast.For:
                output += self.loop(node, outer, summed)
            elif type(node) is gast.While:
                output.append(node)
            else:
                output.append(below(node, lambda inner: self.block(inner, outer, summed)))
        same = len(output) == len(body) and all(map(operator.is_, output, body))
        return body if same else output

    def loop(self, node: gast.For, outer: tuple[int, ...], summed: frozenset[str]) -> list[gast.AST]:
        """A loop with what belongs before and behind it."""
        chosen = {
            text: update for text, update in _fixed_updates(node).items()
            if text not in summed and self.is_apart(text, update, node, outer)
        }  # fmt: skip
        body = self.block(node.body, (*outer, id(node)), summed.union(chosen))
        before: list[gast.AST] = []
        behind: list[gast.AST] = []
        for text, update in chosen.items():
            sum_ = self.new(f"{self.unit.base(update.target.value.id)}_sum")
            before.append(tree.mark(tree.assign(sum_, tree.const(0.0)), None, "reverse"))
            body, last = self.summed(body, text, sum_, sum_)
            body = [*body, tree.mark(tree.assign(sum_, tree.load(last)), None, "reverse")]
            added = gast.AugAssign(update.target, gast.Add(), tree.load(sum_))
            behind.append(tree.mark(added, None, "reverse"))
            self.count += 1
        return [*before, with_blocks(node, body), *behind]

    def new(self, base: str) -> str:
        name = self.names.fresh(base)
        self.bases[name] = base
        return name

    # -- questions ----------------------------------------------------------------------------

    def is_apart(self, text: str, update: gast.AugAssign, loop: gast.For, outer: tuple[int, ...]) -> bool:
        """Whether nothing else in a loop meets the element that an update adds to, and there is one in any case."""
        array = update.target.value.id
        kind = self.kind_of(tree.with_context(update.target, gast.Load()))
        if not kind.is_scalar or self.kind_of(update.target.value).dtype != FLOAT:
            return False
        place = Access(array, update.target.slice, 0, outer)
        if not self.places.is_within(place):
            return False
        inside = (*outer, id(loop))
        mentions = list(self.mentions(loop.body, array, text, inside))
        return None not in mentions and not any(
            self.places.may_be_one(place, other, outer) for other in mentions if other is not None
        )

    def mentions(
        self, body: list[gast.AST], array: str, text: str, loops: tuple[int, ...]
    ) -> Iterator[Access | None]:
        """The other places of an array that a block reads or writes; None for what may be any."""
        for node in body:
            if _is_update(node) and tree.text(node.target) == text:
                yield from self.mentions_in(node.value, array, loops)
                continue
            blocks = list(tree.inner_blocks(node))
            heads = [node] if not blocks else [node.test] if type(node) is gast.If else [node.iter, node.target]
            for head in heads:
                yield from self.mentions_in(head, array, loops)
            inside = (*loops, id(node)) if type(node) is gast.For else loops
            for inner in blocks:
                yield from self.mentions(inner, array, text, inside)

    def mentions_in(self, node: gast.AST, array: str, loops: tuple[int, ...]) -> Iterator[Access | None]:
        """The same in an expression, or in a statement without blocks."""
        if type(node) is gast.Subscript and tree.is_name(node.value, array):
            yield Access(array, node.slice, 0, loops)
            yield from self.mentions_in(node.slice, array, loops)
            return
        if type(node) is gast.Name and self.classes.same(node.id, array):
            yield None
        for child in tree.children(node):
            yield from self.mentions_in(child, array, loops)

    # -- writing ------------------------------------------------------------------------------

    def summed(self, body: list[gast.AST], text: str, base: str, current: str) -> tuple[list[gast.AST], str]:
        """A block that adds to a variable instead of an element, and the name that holds the sum then."""
        output: list[gast.AST] = []
        for node in body:
            if _is_update(node) and tree.text(node.target) == text:
                after = self.new(self.bases[base])
                total = gast.BinOp(tree.load(current), gast.Add(), node.value)
                output.append(tree.like(tree.assign(after, total), node))
                current = after
            elif type(node) is gast.If and self.updates(node, text):
                joined = self.new(self.bases[base])
                branches = []
                for block in (node.body, node.orelse):
                    inner, last = self.summed(block, text, base, current)
                    branches.append([*inner, tree.mark(tree.assign(joined, tree.load(last)), None, "reverse")])
                output.append(with_blocks(node, *branches))
                current = joined
            elif type(node) is gast.For and self.updates(node, text):
                carried = self.new(self.bases[base])
                output.append(tree.mark(tree.assign(carried, tree.load(current)), None, "reverse"))
                inner, last = self.summed(node.body, text, base, carried)
                inner = [*inner, tree.mark(tree.assign(carried, tree.load(last)), None, "reverse")]
                output.append(with_blocks(node, inner))
                current = carried
            else:
                output.append(node)
        return output, current

    def updates(self, node: gast.AST, text: str) -> bool:
        """Whether a compound statement adds to the element."""
        every = tree.every_statement([node])
        return any(_is_update(inner) and tree.text(inner.target) == text for inner in every)
