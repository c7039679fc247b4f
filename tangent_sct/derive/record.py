"""To be recorded: making what the reverse sweep reads of the forward sweep available in loops.

Outside loops a name assigned once still holds its value in the reverse sweep. Inside a loop each iteration
has overwritten it. For every reversed loop this pass finds the primal names it reads that belong to an
iteration, and makes each available at the innermost block that needs it, either

* by computing it again, where that is cheap, free of effects and of reads of arrays that are written, or
* by a tape: `y_tape.append(y)` in the forward sweep, `y = y_tape.pop()` in the reverse sweep. Both stand in
  blocks that are run equally often, and in opposite order, so the last one pushed is the one wanted.

A name is computed again if that needs at most one more recording than there are already (a greedy stand-in
for the least-cost cut). Requires: both sweeps in single assignment, without dead code; forward and reverse
loops and branches carry the same mark `pair`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import gast

from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted, is_attempt, is_settled
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.names import Names
from tangent_sct.derive.layout import Path, common, heads, raises


def record(
    body: list[gast.AST],
    names: Names,
    bases: dict[str, str],
    is_cheap: Callable[[gast.AST], bool],
    may_read: Callable[[gast.AST], bool],
    is_same: Callable[[str, gast.AST], bool],
) -> list[gast.AST]:
    """Make what reversed loops read available.

    Args:
        body: both sweeps.
        names: gives out the names of tapes.
        bases: base of every local name; new names are added.
        is_cheap: whether an expression may be computed again.
        may_read: whether what it reads is the same in the reverse sweep (no array that is written).
        is_same: whether a name still holds what its definition gives (no array written since).

    Returns:
        The body with its tapes.
    """
    return _Recorder(body, names, bases, is_cheap, may_read, is_same).run()


class _Recorder:
    def __init__(
        self,
        body: list[gast.AST],
        names: Names,
        bases: dict[str, str],
        is_cheap: Callable[[gast.AST], bool],
        may_read: Callable[[gast.AST], bool],
        is_same: Callable[[str, gast.AST], bool],
    ) -> None:
        self.body = body
        self.names = names
        self.bases = bases
        self.is_cheap = is_cheap
        self.may_read = may_read
        self.is_same = is_same
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
        self.tried: set[int] = set()
        self.risky: set[Path] = set()

    def run(self) -> list[gast.AST]:
        self.index_forward(self.body, (), None)
        self.respell_places()
        if not any(self.loops(home) for home in self.homes.values()):
            return self.body
        self.collect_reverse(self.body, (), False)
        self.provide()
        return self.body

    # -- the forward sweep --------------------------------------------------------------------

    def index_forward(self, block: list[gast.AST], path: Path, outer: gast.AST | None) -> None:
        # The body of a `with` belongs to the block around it.
        self.forward_blocks.setdefault(path, block)
        for node in block:
            if tree.sweep_of(node) == "reverse":
                continue
            is_loop = type(node) in tree.LOOPS
            pair = getattr(node, "pair", -id(node))
            inside = (*path, (pair, 0))
            if id(node) in self.tried:
                self.risky.update((inside, (*path, (pair, 1))))
            if is_loop:
                self.loop_pairs.add(pair)
                self.outermost[pair] = outer if outer is not None else node
            for name in heads(node)[1]:
                where = inside if is_loop else path
                self.homes[name] = self.home_with(name, where)
                self.site[name] = (where, node)
                self.order.setdefault(name, len(self.order))
                self.definitions[name] = self.definitions.get(name, 0) + 1
            if type(node) is gast.If:
                found = attempted(node)
                if found is not None and self.loops(path):
                    self.tried.update(id(inner) for inner in tree.every_statement(found[0]))
                for number, branch in _branches(node):
                    # The reverse sweep has no branch where the other one raises an exception.
                    below = path if raises(node) else (*path, (pair, number))
                    self.index_forward(branch, below, outer)
            elif is_loop:
                self.index_forward(node.body, inside, outer if outer is not None else node)
            elif type(node) is gast.With:
                self.index_forward(node.body, path, outer)

    def home_with(self, name: str, where: Path) -> Path:
        """The block a name belongs to, given one more definition: for a carried name, the loop's body."""
        known = self.homes.get(name)
        if known is None:
            return where
        if len(self.loops(where)) > len(self.loops(known)):
            self.carried.add(name)
            return where
        return common(known, where)

    def loops(self, path: Path) -> tuple[int, ...]:
        return tuple(pair for pair, _ in path if pair in self.loop_pairs)

    def respell_places(self) -> None:
        """Outside loops, read `x[0]` again where a temporary holds it: the user's spelling stays."""
        places: dict[str, gast.AST] = {}
        for name, (path, node) in self.site.items():
            if self.bases.get(name) != "" or self.loops(path) or self.definitions[name] != 1:
                continue
            value = getattr(node, "value", None)
            if isinstance(value, (gast.Subscript, gast.Attribute)) and self.is_recomputable(name):
                places[name] = tree.substitute(value, places)
        if places:
            self.substitute_reverse(self.body, places)

    def substitute_reverse(self, block: list[gast.AST], values: dict[str, gast.AST]) -> None:
        for position, node in enumerate(block):
            if tree.sweep_of(node) == "reverse":
                block[position] = tree.substitute(node, values)
            elif isinstance(node, gast.With):
                self.substitute_reverse(node.body, values)

    # -- the reverse sweep --------------------------------------------------------------------

    def collect_reverse(self, block: list[gast.AST], path: Path, reverse: bool) -> None:
        for node in block:
            is_reverse = reverse or tree.sweep_of(node) == "reverse"
            if not is_reverse:
                continue
            pair = getattr(node, "pair", -id(node))
            if type(node) is gast.If:
                for number, branch in _branches(node):
                    self.enter(branch, (*path, (pair, number)))
            elif type(node) in tree.LOOPS:
                self.available.update(getattr(node, "renamed", {}))
                self.enter(node.body, (*path, (pair, 0)))
            elif type(node) is gast.With:
                self.collect_reverse(node.body, path, True)

    def enter(self, block: list[gast.AST], path: Path) -> None:
        self.reverse_blocks[path] = block
        self.collect_reverse(block, path, True)

    def demands(self) -> dict[str, Path]:
        """For each name of an iteration that the reverse sweep reads, the innermost block around all reads."""
        found: dict[str, Path] = {}
        bound = set(self.available)
        self.note_demands(self.body, (), found, bound)
        return {name: path for name, path in found.items() if name not in bound}

    def note_demands(
        self, block: list[gast.AST], path: Path, found: dict[str, Path], bound: set[str]
    ) -> None:
        """Note what a block of the reverse sweep reads, and the names it binds itself."""
        for node in block:
            if tree.sweep_of(node) != "reverse" and not path:
                continue
            reads, writes = heads(node)
            for name in reads:
                self.demand(found, name, path)
            bound.update(writes)
            pair = getattr(node, "pair", -id(node))
            if type(node) is gast.If:
                for number, branch in _branches(node):
                    self.note_demands(branch, (*path, (pair, number)), found, bound)
            elif type(node) in tree.LOOPS:
                self.note_demands(node.body, (*path, (pair, 0)), found, bound)
            elif type(node) is gast.With:
                self.note_demands(node.body, path, found, bound)

    def demand(self, found: dict[str, Path], name: str, path: Path) -> None:
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

    # -- recording ----------------------------------------------------------------------------

    def provide(self) -> None:
        demanded = self.demands()
        recorded: dict[str, Path] = {}
        again: dict[str, Path] = {}
        for name, path in demanded.items():
            if not self.is_recomputable(name):
                recorded[name] = path
        for name, path in sorted(demanded.items(), key=lambda item: len(item[1])):
            if name not in recorded:
                self.choose(name, path, recorded, again)
        self.insert(recorded, again)

    def is_recomputable(self, name: str) -> bool:
        if self.definitions[name] != 1:
            return False
        _, node = self.site[name]
        if not isinstance(node, gast.Assign):
            return False
        depth = len(self.loops(self.homes[name]))
        operands = tree.names_read(node.value)
        if any(len(self.loops(self.homes.get(operand, ()))) > depth for operand in operands):
            # The last value of an inner loop's carried name: not to be had again.
            return False
        if not self.is_same(name, node.value):
            return False
        return self.is_cheap(node.value) and self.may_read(node.value)

    def choose(
        self, name: str, path: Path, recorded: dict[str, Path], again: dict[str, Path]
    ) -> None:
        """Compute a name again if that needs at most one more recording, else record it."""
        chain: dict[str, None] = {}
        leaves: dict[str, None] = {}
        self.trace(name, chain, leaves)
        missing = [leaf for leaf in leaves if leaf not in recorded]
        if len(missing) > 1:
            recorded[name] = path
            return
        for item in chain:
            again[item] = path if item not in again else common(again[item], path)
        for leaf in leaves:
            where = self.limited(path, self.homes[leaf])
            recorded[leaf] = where if leaf not in recorded else common(recorded[leaf], where)

    def trace(self, name: str, chain: dict[str, None], leaves: dict[str, None]) -> None:
        """Names to compute again for a name, inputs first, and the recorded names they start from."""
        if name in chain or name in leaves or name in self.available:
            return
        if not self.is_recomputable(name):
            leaves[name] = None
            return
        _, node = self.site[name]
        for operand in tree.names_read(node.value):
            if self.loops(self.homes.get(operand, ())):
                self.trace(operand, chain, leaves)
        chain[name] = None

    # -- inserting ----------------------------------------------------------------------------

    def insert(self, recorded: dict[str, Path], again: dict[str, Path]) -> None:
        reverse_names = dict(self.available)
        for name in (*recorded, *again):
            reverse_names[name] = self.names.fresh(self.bases.get(name) or name)
            self.bases[reverse_names[name]] = self.bases.get(name, name)
        many = self.read_twice()
        for name in recorded:
            if self.bases.get(name) == "" and name in many:
                # It stays in the text; all that is recorded under one base may share a name.
                self.bases[reverse_names[name]] = _unnumbered(name)
        for name in sorted(again, key=lambda item: -self.order[item]):
            value = tree.copy(self.site[name][1].value)
            self.insert_before_read(name, value, self.reverse_blocks[again[name]])
        for name in sorted(recorded, key=lambda item: self.order[item]):
            self.insert_tape(name, recorded[name])
        renamed = {old: new for old, new in reverse_names.items() if old != new}
        self.rename_reverse(self.body, renamed)

    def read_twice(self) -> set[str]:
        """Names that the reverse sweep reads more than once."""
        once: set[str] = set()
        twice: set[str] = set()
        for node in tree.every_statement(self.body):
            if tree.sweep_of(node) == "reverse":
                part = getattr(node, "test", None) or getattr(node, "iter", None) or node
                for item in tree.walk(part):
                    if type(item) is gast.Name and type(item.ctx) is gast.Load:
                        (twice if item.id in once else once).add(item.id)
        return twice

    def insert_before_read(self, name: str, value: gast.AST, block: list[gast.AST]) -> None:
        """Assign a primal name (renamed later) before the first statement that reads it."""
        for position, statement in enumerate(block):
            if name in tree.names_read(statement):
                computed = tree.assign(name, value)
                block.insert(position, tree.mark(computed, None, "reverse"))
                return

    def insert_tape(self, name: str, path: Path) -> None:
        base = self.bases.get(name) or _unnumbered(name)
        tape = self.names.fresh(f"{base}_tape")
        self.bases[tape] = tape
        origin = tree.origin_of(self.site[name][1])
        push = tree.effect(
            gast.Call(tree.attribute(tree.load(tape), "append"), [tree.load(name)], [])
        )
        forward = self.forward_blocks[path]
        if path in self.risky:
            # What fails before it is done leaves behind what nothing takes off.
            raise UnsupportedError(
                "values in a loop or a branch of a `try` would have to be recorded, and the `try` stands in a loop",
                origin,
                "put the `try` around the loop, or into the branch",
            )
        forward.insert(self.push_position(name, path, forward), tree.mark(push, origin))
        pop = gast.Call(tree.attribute(tree.load(tape), "pop"), [], [])
        self.insert_before_read(name, pop, self.reverse_blocks[path])
        made = tree.mark(tree.assign(tape, tree.list_of([])), origin)
        outermost = self.outermost[self.loops(path)[0]]
        self.insert_before(self.body, outermost, made)

    def push_position(self, name: str, path: Path, block: list[gast.AST]) -> int:
        # What fails in a `try` must leave no tape behind that is not popped.
        last = next((i + 1 for i, statement in enumerate(block) if is_settled(statement)), 0)
        if path != self.homes[name][: len(path)] or name in self.carried:
            return last
        for position, statement in enumerate(block):
            if tree.sweep_of(statement) != "reverse" and name in tree.names_written(statement):
                last = max(last, position + 1)
                if is_attempt(statement):
                    # The branch that it decides comes first.
                    last = 1 + next(i for i, node in enumerate(block) if i > position and attempted(node))
        return last

    def insert_before(self, block: list[gast.AST], statement: gast.AST, new: gast.AST) -> bool:
        for position, node in enumerate(block):
            if node is statement:
                block.insert(position, new)
                return True
            if isinstance(node, (gast.If, gast.With)) and any(
                self.insert_before(inner, statement, new) for inner in tree.blocks(node)
            ):
                return True
        return False

    def rename_reverse(self, block: list[gast.AST], renamed: dict[str, str]) -> None:
        for position, node in enumerate(block):
            if tree.sweep_of(node) == "reverse":
                block[position] = tree.respelled(node, renamed)
            elif isinstance(node, gast.With):
                self.rename_reverse(node.body, renamed)


def _branches(node: gast.If) -> list[tuple[int, list[gast.AST]]]:
    """The branches of an `if` with their numbers, which stay when its test is negated."""
    first = 1 if getattr(node, "inverted", False) else 0
    return [(first, node.body), (1 - first, node.orelse)]


def _unnumbered(name: str) -> str:
    return re.sub(r"(_\d+)+$", "", name)
