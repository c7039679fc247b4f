"""Iterations: which block of a loop of the forward sweep a name belongs to, and where a reversed loop reads it.

A name that is assigned once still holds its value in the reverse sweep, but for those of an iteration: the
next one has overwritten it. Both sweeps are in single assignment, and forward and reverse loops and branches
carry the same mark `pair`, so that a block of the one answers to a block of the other.
"""

from __future__ import annotations

from collections.abc import Mapping

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted, raises_on

Path = tuple[tuple[int, int], ...]
"""A block: for each compound statement around it, its identity (or pair) and which of its blocks."""


class Iterations:
    """The names that belong to iterations of a program's two sweeps.

    Args:
        body: both sweeps; what is inserted is inserted into it.

    Attributes:
        forward_blocks: the blocks of the forward sweep.
        reverse_blocks: those of the reverse sweep, by the same paths, once demands have been asked for.
        site: the block and the statement that assign a name (last).
        definitions: how many statements do.
        homes: the block that a name belongs to; of a carried name the loop's body.
        carried: names that a loop hands from one iteration to the next.
        available: targets of forward loops, with the names that the reversed ones give them.
        order: names in the order of their first assignment.
        loop_pairs: pairs that are loops.
        outermost: for each of them, the outermost loop around it.
        risky: blocks that may be left before they are done, because a `try` stands around them.
    """

    def __init__(self, body: list[gast.AST]) -> None:
        self.body = body
        self.forward_blocks: dict[Path, list[gast.AST]] = {}
        self.reverse_blocks: dict[Path, list[gast.AST]] = {}
        self.site: dict[str, tuple[Path, gast.AST]] = {}
        self.definitions: dict[str, int] = {}
        self.homes: dict[str, Path] = {}
        self.carried: set[str] = set()
        self.available: dict[str, str] = {}
        self.order: dict[str, int] = {}
        self.loop_pairs: set[int] = set()
        self.outermost: dict[int, gast.AST] = {}
        self.risky: set[Path] = set()
        self._tried: set[int] = set()
        self._index_forward(self.body, (), None)

    def has_names(self) -> bool:
        """Whether any name belongs to an iteration."""
        return any(self.loops(home) for home in self.homes.values())

    # -- the forward sweep --------------------------------------------------------------------

    def _index_forward(self, block: list[gast.AST], path: Path, outer: gast.AST | None) -> None:
        # The body of a `with` belongs to the block around it.
        self.forward_blocks.setdefault(path, block)
        for node in block:
            if tree.sweep_of(node) == "reverse":
                continue
            is_loop = type(node) in tree.LOOPS
            pair = getattr(node, "pair", -id(node))
            inside = (*path, (pair, 0))
            if id(node) in self._tried:
                self.risky.update((inside, (*path, (pair, 1))))
            if is_loop:
                self.loop_pairs.add(pair)
                self.outermost[pair] = outer if outer is not None else node
            for name in heads(node)[1]:
                where = inside if is_loop else path
                self.homes[name] = self._home_with(name, where)
                self.site[name] = (where, node)
                self.order.setdefault(name, len(self.order))
                self.definitions[name] = self.definitions.get(name, 0) + 1
            if type(node) is gast.If:
                found = attempted(node)
                # An exception that is raised again leaves the loop, and with it all that has been recorded.
                if found is not None and self.loops(path) and not raises_on(found[2]):
                    self._tried.update(id(inner) for inner in tree.every_statement(found[0]))
                for number, branch in _branches(node):
                    # The reverse sweep has no branch where the other one raises an exception.
                    below = path if raises(node) else (*path, (pair, number))
                    self._index_forward(branch, below, outer)
            elif is_loop:
                self._index_forward(node.body, inside, outer if outer is not None else node)
            elif type(node) is gast.With:
                self._index_forward(node.body, path, outer)

    def _home_with(self, name: str, where: Path) -> Path:
        """The block a name belongs to, given one more definition: for a carried name, the loop's body."""
        known = self.homes.get(name)
        if known is None:
            return where
        if len(self.loops(where)) > len(self.loops(known)):
            self.carried.add(name)
            return where
        return common(known, where)

    def loops(self, path: Path) -> tuple[int, ...]:
        """The loops that a block stands in, outermost first."""
        return tuple(pair for pair, _ in path if pair in self.loop_pairs)

    # -- the reverse sweep --------------------------------------------------------------------

    def _collect_reverse(self, block: list[gast.AST], path: Path, reverse: bool) -> None:
        for node in block:
            is_reverse = reverse or tree.sweep_of(node) == "reverse"
            if not is_reverse:
                continue
            pair = getattr(node, "pair", -id(node))
            if type(node) is gast.If:
                for number, branch in _branches(node):
                    self._enter(branch, (*path, (pair, number)))
            elif type(node) in tree.LOOPS:
                self.available.update(getattr(node, "renamed", {}))
                self._enter(node.body, (*path, (pair, 0)))
            elif type(node) is gast.With:
                self._collect_reverse(node.body, path, True)

    def _enter(self, block: list[gast.AST], path: Path) -> None:
        self.reverse_blocks[path] = block
        self._collect_reverse(block, path, True)

    def demands(self) -> dict[str, Path]:
        """For each name of an iteration that the reverse sweep reads, the innermost block around all reads."""
        self._collect_reverse(self.body, (), False)
        found: dict[str, Path] = {}
        bound = set(self.available)
        self._note_demands(self.body, (), found, bound)
        return {name: path for name, path in found.items() if name not in bound}

    def _note_demands(
        self, block: list[gast.AST], path: Path, found: dict[str, Path], bound: set[str]
    ) -> None:
        """Note what a block of the reverse sweep reads, and the names it binds itself."""
        for node in block:
            if tree.sweep_of(node) != "reverse" and not path:
                continue
            reads, writes = heads(node)
            for name in reads:
                self._demand(found, name, path)
            bound.update(writes)
            pair = getattr(node, "pair", -id(node))
            if type(node) is gast.If:
                for number, branch in _branches(node):
                    self._note_demands(branch, (*path, (pair, number)), found, bound)
            elif type(node) in tree.LOOPS:
                self._note_demands(node.body, (*path, (pair, 0)), found, bound)
            elif type(node) is gast.With:
                self._note_demands(node.body, path, found, bound)

    def _demand(self, found: dict[str, Path], name: str, path: Path) -> None:
        home = self.homes.get(name)
        if home is None or not self.loops(home):
            return
        limit = self.limited(path, home)
        while limit not in self.forward_blocks:
            # Nothing is left of that branch in the forward sweep.
            limit = limit[:-1]
        found[name] = limit if name not in found else common(found[name], limit)

    def limited(self, path: Path, home: Path) -> Path:
        """The block of a read, moved out of loops that the name's own block is not in."""
        inner = len(self.loops(home))
        result: list[tuple[int, int]] = []
        for step in path:
            if step[0] in self.loop_pairs:
                if inner == 0:
                    break
                inner -= 1
            result.append(step)
        return tuple(result)

    # -- inserting ----------------------------------------------------------------------------

    def insert_before_read(self, name: str, value: gast.AST, block: list[gast.AST]) -> None:
        """Assign a primal name (renamed later) before the first statement of the reverse sweep that reads it."""
        for position, statement in enumerate(block):
            if name in tree.names_read(statement):
                computed = tree.assign(name, value)
                block.insert(position, tree.mark(computed, None, "reverse"))
                return

    def rename_reverse(self, block: list[gast.AST], renamed: Mapping[str, str]) -> None:
        """Call names otherwise in the reverse sweep."""
        for position, node in enumerate(block):
            if tree.sweep_of(node) == "reverse":
                block[position] = tree.respelled(node, renamed)
            elif isinstance(node, gast.With):
                self.rename_reverse(node.body, renamed)


def common(left: Path, right: Path) -> Path:
    """The innermost block around two blocks."""
    length = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        length += 1
    return left[:length]


def heads(node: gast.AST) -> tuple[list[str], list[str]]:
    """Names that a statement itself reads and assigns, its inner blocks left out."""
    kind = type(node)
    if kind is gast.Assign:
        return tree.names_used(node)
    if kind is gast.If or kind is gast.While:
        return tree.names_read(node.test), []
    if kind is gast.For:
        return tree.names_read(node.iter), tree.names_written(node.target)
    if kind is gast.With:
        return tree.names_read(node.items), tree.names_written(node.items)
    if kind is gast.AugAssign and isinstance(node.target, gast.Name):
        # In single assignment this writes into the array, not the name.
        return [node.target.id, *tree.names_read(node.value)], []
    return tree.names_used(node)


def raises(node: gast.If) -> list[int]:
    """The branches of an `if`, 0 or 1, that end by raising an exception: nothing comes after them."""
    return [i for i, block in enumerate((node.body, node.orelse)) if any(isinstance(n, gast.Raise) for n in block)]


def _branches(node: gast.If) -> list[tuple[int, list[gast.AST]]]:
    """The branches of an `if` with their numbers, which stay when its test is negated."""
    first = 1 if getattr(node, "inverted", False) else 0
    return [(first, node.body), (1 - first, node.orelse)]
