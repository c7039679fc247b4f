"""To be recorded: making what the reverse sweep reads of the forward sweep available in loops.

Outside loops a name assigned once still holds its value in the reverse sweep. Inside a loop each iteration
has overwritten it. For every reversed loop this pass finds the primal names it reads that belong to an
iteration, and gives each a tape: `y_tape.append(y)` in the forward sweep, `y = y_tape.pop()` in the reverse
sweep, at the innermost block that needs it. Both stand in blocks that are run equally often, and in opposite
order, so the last one pushed is the one wanted.

What is better computed again, `optimize.rematerialise` has computed before. Requires: both sweeps in single
assignment, without dead code; forward and reverse loops and branches carry the same mark `pair`.
"""

from __future__ import annotations

import re

import gast

from tangent_sct.analysis.iterations import Iterations, Path
from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted, is_attempt, is_settled
from tangent_sct.core.errors import half_tried
from tangent_sct.core.names import Names
from tangent_sct.derive.tapes import as_tape


def record(iterations: Iterations, names: Names, bases: dict[str, str]) -> list[gast.AST]:
    """Make what reversed loops read available.

    Args:
        iterations: what belongs to iterations of both sweeps, into which tapes are put.
        names: gives out the names of tapes.
        bases: base of every local name; new names are added.

    Returns:
        Both sweeps with their tapes.
    """
    if iterations.has_names():
        _Recorder(iterations, names, bases).run()
    return iterations.body


class _Recorder:
    def __init__(self, iterations: Iterations, names: Names, bases: dict[str, str]) -> None:
        self.iterations = iterations
        self.names = names
        self.bases = bases

    def run(self) -> None:
        """Record what is read, and let the reverse sweep read what was recorded."""
        iterations = self.iterations
        recorded = iterations.demands()
        reverse_names = dict(iterations.available)
        many = self.read_twice()
        for name in recorded:
            reverse_names[name] = new = self.names.fresh(self.bases.get(name) or name)
            self.bases[new] = self.bases.get(name, name)
            if self.bases.get(name) == "" and name in many:
                # It stays in the text; all that is recorded under one base may share a name.
                self.bases[new] = _unnumbered(name)
        for name in sorted(recorded, key=lambda item: iterations.order[item]):
            self.insert_tape(name, recorded[name])
        renamed = {old: new for old, new in reverse_names.items() if old != new}
        iterations.rename_reverse(iterations.body, renamed)

    def read_twice(self) -> set[str]:
        """Names that the reverse sweep reads more than once."""
        once: set[str] = set()
        twice: set[str] = set()
        for node in tree.every_statement(self.iterations.body):
            if tree.sweep_of(node) == "reverse":
                for item in (item for part in tree.own_parts(node) for item in tree.walk(part)):
                    if type(item) is gast.Name and type(item.ctx) is gast.Load:
                        (twice if item.id in once else once).add(item.id)
        return twice

    def insert_tape(self, name: str, path: Path) -> None:
        base = self.bases.get(name) or _unnumbered(name)
        tape = self.names.fresh(f"{base}_tape")
        self.bases[tape] = tape
        origin = tree.origin_of(self.iterations.site[name][1])
        push = tree.effect(
            gast.Call(tree.attribute(tree.load(tape), "append"), [tree.load(name)], [])
        )
        forward = self.iterations.forward_blocks[path]
        if path in self.iterations.risky:
            # What fails before it is done leaves behind what nothing takes off.
            raise half_tried(
                "values in a loop or a branch of a `try` would have to be recorded, and the `try` stands in a loop",
                origin,
                "put the `try` around the loop, or into the branch",
            )
        forward.insert(self.push_position(name, path, forward), tree.mark(push, origin))
        pop = gast.Call(tree.attribute(tree.load(tape), "pop"), [], [])
        self.iterations.insert_before_read(name, pop, self.iterations.reverse_blocks[path])
        made = tree.mark(as_tape(tree.assign(tape, tree.list_of([]))), origin)
        outermost = self.iterations.outermost[self.iterations.loops(path)[0]]
        self.insert_before(self.iterations.body, outermost, made)

    def push_position(self, name: str, path: Path, block: list[gast.AST]) -> int:
        # What fails in a `try` must leave no tape behind that is not popped.
        last = next((i + 1 for i, statement in enumerate(block) if is_settled(statement)), 0)
        if name in self.iterations.carried:
            return last
        # A name that is assigned in both branches of a test is at home in one of them.
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


def _unnumbered(name: str) -> str:
    return re.sub(r"(_\d+)+$", "", name)
