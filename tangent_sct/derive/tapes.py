"""Adjoints of tapes: of the lists that a derivative which is itself differentiated pushes to and pops from.

The adjoint of a tape is a tape, pushed to where the tape is popped from, and the other way round. A tape of
arrays that are written in place has a shadow instead (`shadows`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import gast

from tangent_sct import runtime
from tangent_sct.analysis.iterations import Path
from tangent_sct.analysis.operations import DISPLAYS
from tangent_sct.core import tree
from tangent_sct.derive.layout import popped_from

if TYPE_CHECKING:
    from tangent_sct.derive.reverse import Reverse


class Tapes:
    """The adjoints of the tapes of one function.

    Attributes:
        bars: the adjoint of each tape, by its name.
    """

    def __init__(self, sweep: Reverse) -> None:
        self.sweep = sweep
        self.context = sweep.context
        self.bars: dict[str, str] = {}

    def start(self, last: gast.AST) -> None:
        """Make the adjoints of the tapes that belong to the block of which a statement is the last."""
        context, layout = self.context, self.sweep.layout
        path = layout.path[id(last)]
        mine = [name for name in context.tapes & context.active if layout.home_of(name) == path]
        for name in sorted(mine):
            if name not in self.bars and not context.has_shadow(name):
                self.bars[name] = context.partner(name, "_bar")
                self.sweep.emit(self.made(name))

    def made(self, tape: str) -> gast.AST:
        """What makes the adjoint of a list, of as many items as it holds in the end: none, for most tapes of ours.

        The text of a derivative has other lists too that are pushed to and popped from.
        """
        (made, *_) = self.sweep.layout.definitions[tape]
        if is_tape(made) and not self.may_keep_the_first(tape):
            return as_tape(tree.assign(self.bars[tape], tree.list_of([])))
        return tree.assign(self.bars[tape], self.context.helper(runtime.zero_items, tree.load(tape)))

    def may_keep_the_first(self, tape: str) -> bool:
        """Whether a tape of a derivative is pushed to before a loop, and popped from in loops alone.

        So are the first states of checkpointed loops whose steps are counted. Where there are no steps, nothing takes
        that state off.
        """
        layout = self.sweep.layout

        def depth(path: Path) -> int:
            return len(layout.loops_around(path))

        assigned = (node for nodes in layout.definitions.values() for node in nodes)
        pops = [layout.path[id(node)] for node in assigned if popped_from(getattr(node, "value", None)) == tape]
        return bool(pops) and min(map(depth, layout.read_paths[tape])) < min(map(depth, pops))

    def push(self, value: gast.AST, tape: str) -> None:
        """The adjoint of `tape.append(value)`: the adjoint of `value` is on top of the tape's adjoint."""
        top = gast.Call(tree.attribute(tree.load(self.bars[tape]), "pop"), [], [])
        if self.context.is_active(value):
            taken = self.context.temporary(f"{value.id}_seed")
            self.sweep.emit(tree.assign(taken, top))
            self.sweep.values.contribute(value.id, tree.load(taken), True)
        else:
            self.sweep.emit(tree.effect(top))

    def pop(self, name: str, tape: str) -> None:
        """The adjoint of `name = tape.pop()`: the adjoint of `name` goes on the tape's adjoint."""
        taken = self.sweep.parts.taken_seed(name)
        value = self.sweep.values.zero(name) if taken is None else taken
        if isinstance(value, DISPLAYS) and self.sweep.values.may_be_unset(name):
            value = gast.BoolOp(gast.And(), [tree.load(name), value])
        shadow = tree.load(self.bars[tape])
        self.sweep.emit(tree.effect(gast.Call(tree.attribute(shadow, "append"), [value], [])))


def as_tape(made: gast.Assign) -> gast.Assign:
    """Mark what makes a list from which all is taken off again that was pushed to it."""
    made.tape = True
    return made


def is_tape(made: gast.AST) -> bool:
    """Whether a statement makes such a list, here or in a derivative that is differentiated again."""
    return getattr(made, "tape", False)
