"""Tapes as arrays of known size, for compiled code: Python appends fastest to a list, Numba writes into an array.

    y_tape = []                              y_tape = np.empty(n)
    for i in range(n):                       for i in range(n):
        y_tape.append(y)                         y_tape[i] = y
        y = y * y                                y = y * y
    for i in reversed(range(n)):             for i in reversed(range(n)):
        y = y_tape.pop()                         y = y_tape[i]
        y_bar = y_bar * 2 * y                    y_bar = y_bar * 2 * y

A tape becomes an array where all loops around it run over ranges whose bounds are known before the first of them,
where no loop is left early, and where what is recorded is a number. Each loop is an axis, so a nest of loops has
one array. All other tapes stay lists: of a list that grows nobody has to know the length, and a list of arrays
keeps references, while an array would take copies (docs/tape.md has the measurements).

Requires single assignment, everything recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import gast

from tangent_sct.analysis.iterations import heads
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.core.unit import Unit

_DTYPES: Mapping[str, str] = {
    "float": "", "float64": "", "float32": "float32",
    "complex": "complex128", "complex128": "complex128", "complex64": "complex64",
    "int": "int64", "int64": "int64", "int32": "int32", "bool": "bool_",
}  # fmt: skip
"""Dtypes of numbers, with what `np.empty` is told of them."""


@dataclass(frozen=True)
class Recorded:
    """What is known of what a tape holds.

    Attributes:
        kind: the kind of a name of the forward sweep; unknown for others.
        numpy: the expression for a part of NumPy, as `np.empty`.
    """

    kind: Callable[[str], Kind]
    numpy: Callable[[str], gast.AST]


def preallocate(unit: Unit, names: Names, bases: dict[str, str], recorded: Recorded) -> Unit:
    """Make arrays of the tapes of loops whose numbers of iterations are known.

    Args:
        unit: both sweeps in single assignment, with lists as tapes; its loops are changed in place.
        names: gives out names of indices.
        bases: base of every local name; new names are added.
        recorded: what is known of what the tapes hold.

    Returns:
        The unit; the very same one where all tapes stay lists.

    >>> from tangent_sct.core.kind import FLOAT
    >>> from tangent_sct.optimize.demo import unit_of
    >>> unit = unit_of('''
    ... def f(x, n):
    ...     y = x
    ...     y_tape = []
    ...     for _ in range(n):
    ...         y_tape.append(y)
    ...         y_2 = y * x
    ...         y = y_2
    ...     for _ in reversed(range(n)):
    ...         y_3 = y_tape.pop()
    ...         x_bar = x_bar * y_3
    ...     return x_bar
    ... ''')
    >>> forward, backward = unit.tree.body[2:4]
    >>> forward.pair = backward.pair = 1
    >>> backward.sweep = backward.body[0].sweep = "reverse"
    >>> recorded = Recorded(lambda name: FLOAT, lambda name: tree.expression(f"np.{name}"))
    >>> print(tree.text(preallocate(unit, Names(unit.bases), dict(unit.bases), recorded).tree))
    def f(x, n):
        y = x
        y_tape = np.empty(max(n, 0))
        for i in range(n):
            y_tape[i] = y
            y_2 = y * x
            y = y_2
        for i_2 in reversed(range(n)):
            y_3 = y_tape[i_2]
            x_bar = x_bar * y_3
        return x_bar
    """
    worker = _Preallocator(unit, names, bases, recorded)
    return unit.with_body(worker.body, bases=bases) if worker.run() else unit


@dataclass
class _Tape:
    """The statements of a tape, with the blocks that they stand in and the loops around those."""

    made: tuple[list[gast.AST], gast.AST] | None = None
    push: tuple[list[gast.AST], gast.AST, tuple[gast.AST, ...]] | None = None
    pop: tuple[list[gast.AST], gast.AST, tuple[gast.AST, ...]] | None = None
    uses: int = 0


class _Preallocator:
    def __init__(self, unit: Unit, names: Names, bases: dict[str, str], recorded: Recorded) -> None:
        self.body = list(unit.tree.body)
        self.names = names
        self.bases = bases
        self.recorded = recorded
        self.tapes: dict[str, _Tape] = {}
        self.values: dict[str, list[gast.AST | None]] = {}
        self.depth: dict[str, int] = {}
        self.unset: set[str] = set()

    def run(self) -> bool:
        """Change what can be changed; whether anything was."""
        self.collect(self.body, ())
        every = [(name, tape) for name, tape in self.tapes.items() if tape.made and tape.push and tape.pop]
        if every:
            self.spread_unset()
        changed = [self.allocate(name, tape) for name, tape in every if tape.uses == 2]
        return any(changed)

    # -- the program --------------------------------------------------------------------------

    def collect(self, block: list[gast.AST], loops: tuple[gast.AST, ...]) -> None:
        """Note tapes, and where names are defined."""
        for node in block:
            inside = (*loops, node) if type(node) in tree.LOOPS else loops
            reads, writes = heads(node)
            for name in writes:
                self.values.setdefault(name, []).append(getattr(node, "value", None))
                self.depth[name] = max(self.depth.get(name, 0), len(inside))
                if getattr(node, "unset", False):
                    self.unset.add(name)
                if not loops and isinstance(node, gast.Assign) and tree.same(node.value, tree.list_of([])):
                    self.tapes[name] = _Tape((block, node))
            for name in reads:
                if name in self.tapes:
                    self.note(self.tapes[name], name, (block, node, loops))
            for inner in tree.inner_blocks(node):
                self.collect(inner, inside)

    def note(self, tape: _Tape, name: str, use: tuple[list[gast.AST], gast.AST, tuple[gast.AST, ...]]) -> None:
        """Note a use of a tape."""
        tape.uses += 1
        _, node, loops = use
        call = getattr(node, "value", None)
        if not loops or not isinstance(call, gast.Call) or not isinstance(call.func, gast.Attribute):
            return
        if not tree.is_name(call.func.value, name):
            return
        is_reverse = tree.sweep_of(node) == "reverse"
        if call.func.attr == "append" and isinstance(node, gast.Expr) and not is_reverse:
            if isinstance(call.args[0], gast.Name):
                tape.push = use
        elif call.func.attr == "pop" and isinstance(node, gast.Assign) and is_reverse and not call.args:
            tape.pop = use

    def spread_unset(self) -> None:
        """Names that may hold None for no value: those that are given it, and copies of them."""
        changed = True
        while changed:
            changed = False
            for name, values in self.values.items():
                if name not in self.unset and any(isinstance(v, gast.Name) and v.id in self.unset for v in values):
                    self.unset.add(name)
                    changed = True

    # -- tapes --------------------------------------------------------------------------------

    def allocate(self, name: str, tape: _Tape) -> bool:
        """Make an array of a tape, if that can be."""
        assert tape.made and tape.push and tape.pop
        (made_in, made), (push_in, push, forward), (pop_in, pop, reverse) = tape.made, tape.push, tape.pop
        if [getattr(loop, "pair", 0) for loop in forward] != [getattr(loop, "pair", 1) for loop in reverse]:
            return False
        value = push.value.args[0]
        extents = [self.extent(loop) for loop in forward]
        if not self.is_number(value.id) or None in extents:
            return False
        known = [extent for extent in extents if extent is not None]
        places = [list(map(self.index, loops, known)) for loops in (forward, reverse)]
        dtype = _DTYPES[self.recorded.kind(value.id).dtype or ""]
        keywords = [gast.keyword("dtype", self.recorded.numpy(dtype))] if dtype else []
        array = gast.Call(self.recorded.numpy("empty"), [_one([size for size, _ in known])], keywords)
        _replace(made_in, made, tree.assign(name, array))
        target = tree.subscript(tree.load(name), _one(places[0]))
        _replace(push_in, push, tree.assign(tree.with_context(target, gast.Store()), value))
        _replace(pop_in, pop, gast.Assign(pop.targets, tree.subscript(tree.load(name), _one(places[1])), None))
        return True

    def is_number(self, name: str) -> bool:
        """Whether a name surely holds a number whenever it is recorded."""
        kind = self.recorded.kind(name)
        return kind.is_scalar and kind.dtype in _DTYPES and name not in self.unset

    def extent(self, loop: gast.AST) -> tuple[gast.AST, gast.AST | None] | None:
        """How many places a loop takes, and what its index begins with if that is not where they begin."""
        call = loop.iter if isinstance(loop, gast.For) else None
        if isinstance(call, gast.Call) and tree.is_name(call.func, "reversed"):
            call = call.args[0]
        if not isinstance(call, gast.Call) or not tree.is_name(call.func, "range") or len(call.args) > 2:
            return None
        if not isinstance(loop.target, gast.Name) or _leaves(loop):
            return None
        if any(self.depth.get(name, 0) for name in tree.names_read(call.args)):
            return None
        *start, stop = call.args
        if not start or _is_small(start[0]):
            return self.at_least_zero(stop), None
        return self.at_least_zero(tree.binary(tree.copy(stop), "-", tree.copy(start[0]))), start[0]

    def at_least_zero(self, size: gast.AST) -> gast.AST:
        """A size, where it may be negative no less than zero."""
        if isinstance(size, gast.Constant) and type(size.value) is int and size.value >= 0:
            return tree.copy(size)
        if isinstance(size, gast.Name) and self.is_size(size.id):
            return tree.copy(size)
        return tree.call("max", tree.copy(size), tree.const(0))

    def is_size(self, name: str) -> bool:
        """Whether a name surely is the length of something."""
        values = self.values.get(name, ())
        if len(values) != 1 or values[0] is None:
            return False
        (value,) = values
        if isinstance(value, gast.Call):
            return tree.is_name(value.func, "len")
        return (
            isinstance(value, gast.Subscript) and isinstance(value.value, gast.Attribute)
            and value.value.attr == "shape"
        )  # fmt: skip

    def index(self, loop: gast.AST, extent: tuple[gast.AST, gast.AST | None]) -> gast.AST:
        """The place of an iteration; a loop without an index gets one."""
        if loop.target.id == "_" and "_" not in tree.names_read(loop.body):
            name = self.names.fresh("i")
            self.bases[name] = "i"
            loop.target = tree.store(name)
        place = tree.load(loop.target.id)
        start = extent[1]
        return place if start is None else tree.binary(place, "-", tree.copy(start))


def _leaves(loop: gast.AST) -> bool:
    """Whether a loop may be left before its range is done."""
    return any(isinstance(node, gast.Break) for node in tree.every_statement(loop.body))


def _is_small(start: gast.AST) -> bool:
    """Whether a range begins so near to zero that places may be left unused before it."""
    return isinstance(start, gast.Constant) and type(start.value) is int and 0 <= start.value <= 2


def _one(items: list[gast.AST]) -> gast.AST:
    """Several sizes or places as one."""
    return items[0] if len(items) == 1 else gast.Tuple(items, gast.Load())


def _replace(block: list[gast.AST], old: gast.AST, new: gast.AST) -> None:
    place: Iterator[int] = (i for i, node in enumerate(block) if node is old)
    block[next(place)] = tree.like(new, old)
