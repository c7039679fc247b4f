"""Statements on arrays as loops over their entries, for Numba (`optimize.entrywise` says which, and why).

    u_bar[1:-1, 2:] += t_bar * rate     ->      rows, columns = t_bar.shape
                                                for i in range(rows):
                                                    for j in range(columns):
                                                        u_bar[1 + i, 2 + j] += t_bar[i, j] * rate

Statements that follow one another go through the rows together (`emit.rows`). This is done to the tree that is
compiled; lines stay those of the text.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tangent_sct.core.entrywise import Entrywise
from tangent_sct.emit.rows import Access, Nest, together

EMPTY, BEGIN, COUNT, DIVIDE = (f"_tangent_sct_{name}" for name in ("empty", "begin", "count", "divide"))
SHAPES = "the parts of a statement on arrays have different shapes"


def begin(start: int, size: int) -> int:
    """The first position of a slice that holds any.

    >>> begin(1, 5), begin(-2, 5)
    (1, 3)
    """
    return start if start >= 0 else max(start + size, 0)


def count(start: int, stop: int, size: int) -> int:
    """How many positions a slice holds.

    >>> count(1, -1, 5), count(-7, 2, 5), count(3, 9, 5), count(4, 1, 5)
    (3, 2, 2, 0)
    """
    first = min(start, size) if start >= 0 else max(start + size, 0)
    last = min(stop, size) if stop >= 0 else max(stop + size, 0)
    return max(last - first, 0)


def helpers(jit: Callable[..., Any]) -> dict[str, Any]:
    """What the loops call."""
    return {EMPTY: np.empty, DIVIDE: np.divide, BEGIN: jit(begin), COUNT: jit(count)}


def with_loops(module: ast.Module, plans: Mapping[int, Entrywise]) -> bool:
    """Put loops in place of statements.

    Args:
        module: the tree of a text, which is changed.
        plans: what is known of the statements that begin on some of its lines.

    Returns:
        Whether there were any.
    """
    worker = _Loops(plans)
    worker.block(module.body)
    return worker.count > 0


class _Loops:
    """One run over a module."""

    def __init__(self, plans: Mapping[int, Entrywise]) -> None:
        self.plans = plans
        self.count = 0

    def block(self, body: list[ast.stmt]) -> None:
        """Put loops into a block."""
        output: list[ast.stmt] = []
        group: list[_Statement] = []
        for node in body:
            found = self.statement(node)
            if found is None or not found.may_follow(group):
                output += self.written(group)
                group = []
            if found is None:
                for inner in _blocks(node):
                    self.block(inner)
                output.append(node)
            else:
                group.append(found)
        body[:] = [*output, *self.written(group)]

    def statement(self, node: ast.stmt) -> _Statement | None:
        """A statement that becomes loops; None for all others."""
        plan = self.plans.get(node.lineno)
        if plan is None or not isinstance(node, (ast.Assign, ast.AugAssign)):
            return None
        target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
        if not isinstance(target, (ast.Name, ast.Subscript)):
            return None
        try:
            found = _Statement(node, target, plan, self.count + 1)
        except _OtherwiseSpelled:
            return None
        self.count += 1
        return found

    def written(self, group: list[_Statement]) -> list[ast.stmt]:
        """The loops of statements that follow one another."""
        if not group:
            return []
        lines = [line for statement in group for line in statement.before]
        lines += together([nest for statement in group for nest in statement.nests], f"{group[0].number}")
        lines += [line for statement in group for line in statement.behind]
        new = ast.parse("\n".join(lines)).body
        for made in new:
            for part in ast.walk(made):
                if hasattr(part, "lineno"):
                    ast.copy_location(part, group[0].node)
        return new


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks directly below a statement."""
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield part.body


class _OtherwiseSpelled(Exception):
    """A part of a statement is none of those that are known: the text has been changed since it was marked."""


class _Statement:
    """One statement, as nests of loops.

    Args:
        node: the statement.
        target: what it writes.
        plan: what is known of it.
        number: tells its variables from those of others.

    Attributes:
        before: lines that come first.
        nests: the loops, two of them where all is read before anything is written.
        behind: lines that come last.

    Raises:
        _OtherwiseSpelled: where a part of the statement is not known.
    """

    def __init__(self, node: ast.Assign | ast.AugAssign, target: ast.expr, plan: Entrywise, number: int) -> None:
        self.node = node
        self.target = target
        self.plan = plan
        self.number = number
        self.before: list[str] = []
        self.behind: list[str] = []
        self.shapes: list[tuple[str, ...]] = []
        self.reads: list[Access] = []
        self.is_plain = True
        self.names = 0
        self.is_new = isinstance(node, ast.Assign) and isinstance(target, ast.Name)
        self.nests = list(self._nests())

    @property
    def rank(self) -> int:
        """The number of axes."""
        return self.plan.rank

    def may_follow(self, group: list[_Statement]) -> bool:
        """Whether what comes before its loops may come before those of other statements, too."""
        if not group:
            return True
        if self.rank < 2 or group[0].rank < 2 or not self.is_plain:
            return False
        own = {access.name for nest in self.nests for access in nest.accesses}
        others = {access.name for other in group for nest in other.nests for access in nest.accesses}
        if self.is_new and ast.unparse(self.target) in others:
            return False
        # A name that is given its array behind the loops cannot be read before.
        return own.isdisjoint(ast.unparse(other.target) for other in group if other.behind)

    def _nests(self) -> Iterator[Nest]:
        place = "" if self.is_new else self.entry(self.target)
        writes, self.reads = self.reads, []
        value = self.value(self.node.value)
        sizes = [self.fresh("size") for _ in range(self.rank)]
        self._measure(sizes)
        if isinstance(self.node, ast.AugAssign):
            self.reads += writes
        written = [access.written() for access in writes]
        if not self.is_new and not self.plan.apart:
            yield Nest(sizes, self.indices(), self.stored(place, value), [*self.reads, *written])
            return
        held = self.fresh("held")
        self.before.append(f"{held} = {EMPTY}(({', '.join(sizes)},))")
        own = f"{held}[{', '.join(self.indices())}]"
        name = held
        if self.is_new:
            name = ast.unparse(self.target)
            is_read = any(access.name == name for access in self.reads)
            (self.behind if is_read else self.before).append(f"{name} = {held}")
        memory = self.plan.memory.get(name, held)
        yield Nest(sizes, self.indices(), f"{own} = {value}", [*self.reads, Access(name, memory, 0, True)])
        if not self.is_new:
            put = [Access(held, held, 0, False), *writes, *written]
            yield Nest(sizes, self.indices(), self.stored(place, own), put)

    def _measure(self, sizes: list[str]) -> None:
        """Give the sizes their values, and compare the shapes of all parts."""
        shape, *others = dict.fromkeys(self.shapes)
        self.before += [f"{size} = {given}" for size, given in zip(sizes, shape, strict=True)]
        pairs = [(own, size, first) for other in others for own, size, first in zip(other, sizes, shape, strict=True)]
        different = dict.fromkeys(f"{own} != {size}" for own, size, first in pairs if own != first)
        if different:
            self.before.append(f"if {' or '.join(different)}: raise ValueError({SHAPES!r})")

    def stored(self, place: str, value: str) -> str:
        """What is done with one entry."""
        if isinstance(self.node, ast.Assign):
            return f"{place} = {value}"
        if isinstance(self.node.op, ast.Div):
            return f"{place} = {DIVIDE}({place}, {value})"
        return f"{place} {_SYMBOLS[type(self.node.op)]}= {value}"

    def indices(self) -> list[str]:
        return [f"_index{axis}_{self.number}" for axis in range(self.rank)]

    def fresh(self, what: str) -> str:
        self.names += 1
        return f"_{what}{self.names}_{self.number}"

    # -- values -------------------------------------------------------------------------------

    def value(self, node: ast.expr) -> str:
        """What one entry of a value is."""
        text = ast.unparse(node)
        if text in self.plan.arrays and isinstance(node, (ast.Name, ast.Subscript)):
            return self.entry(node)
        if text in self.plan.numbers:
            return self.number_of(node, text)
        if isinstance(node, ast.BinOp) and type(node.op) in _SYMBOLS:
            left, right = self.value(node.left), self.value(node.right)
            if isinstance(node.op, ast.Div):
                # Python raises an exception where numbers are divided by zero, and arrays hold what is infinite.
                return f"{DIVIDE}({left}, {right})"
            return f"({left} {_SYMBOLS[type(node.op)]} {right})"
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return f"(-{self.value(node.operand)})"
        if isinstance(node, ast.Call):
            return f"{ast.unparse(node.func)}({', '.join(map(self.value, node.args))})"
        raise _OtherwiseSpelled

    def number_of(self, node: ast.expr, text: str) -> str:
        """A number that is the same for all entries: what may change meanwhile is read before."""
        if isinstance(node, ast.Constant):
            return text
        self._note(node)
        name = self.fresh("number")
        self.before.append(f"{name} = {text}")
        return name

    def _note(self, node: ast.expr) -> None:
        """Note whether a number depends on other numbers alone."""
        parts = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)
        self.is_plain = self.is_plain and all(isinstance(part, parts) for part in ast.walk(node))

    def entry(self, node: ast.expr) -> str:
        """One entry of an array, or of a part of one."""
        text = ast.unparse(node)
        axes = self.plan.arrays.get(text)
        if axes is None:
            raise _OtherwiseSpelled
        indices = iter(self.indices())
        if isinstance(node, ast.Name):
            self.shapes.append(tuple(f"{text}.shape[{axis}]" for axis in range(axes)))
            self.reads.append(Access(text, self.plan.memory[text], 0, False))
            return f"{text}[{', '.join(indices)}]"
        assert isinstance(node, ast.Subscript)
        base = ast.unparse(node.value)
        items: list[ast.expr | None] = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
        items += [None] * (axes - len(items))
        places, shape = [], []
        for axis, item in enumerate(items):
            size = f"{base}.shape[{axis}]"
            if item is None:
                places.append(next(indices))
                shape.append(size)
            elif isinstance(item, ast.Slice):
                places.append(self.shifted(item.lower, next(indices), size))
                shape.append(self.counted(item, size))
            else:
                places.append(self.number_of(item, ast.unparse(item)))
        self.shapes.append(tuple(shape))
        self.reads.append(Access(base, self.plan.memory[base], _first_row(items[0]), False))
        return f"{base}[{', '.join(places)}]"

    def shifted(self, start: ast.expr | None, index: str, size: str) -> str:
        """The position in an array that an index into a slice means."""
        if start is None:
            return index
        if isinstance(start, ast.Constant):
            return index if start.value == 0 else f"{ast.unparse(start)} + {index}"
        self._note(start)
        name = self.fresh("begin")
        self.before.append(f"{name} = {BEGIN}({ast.unparse(start)}, {size})")
        return f"{name} + {index}"

    def counted(self, item: ast.Slice, size: str) -> str:
        """How many positions of an axis a slice holds."""
        for end in filter(None, (item.lower, item.upper)):
            self._note(end)
        if item.lower is None and item.upper is None:
            return size
        first = "0" if item.lower is None else ast.unparse(item.lower)
        last = size if item.upper is None else ast.unparse(item.upper)
        return f"{COUNT}({first}, {last}, {size})"


def _first_row(item: ast.expr | None) -> int | None:
    """The row of an array that belongs to the first row of a part, None where that is not known."""
    if item is None:
        return 0
    if not isinstance(item, ast.Slice):
        return None
    if item.lower is None:
        return 0
    return item.lower.value if isinstance(item.lower, ast.Constant) and isinstance(item.lower.value, int) else None


_SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
