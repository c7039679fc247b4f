"""Statements on arrays as loops over their entries, for Numba (`optimize.entrywise` says which, and why).

    u_bar[1:-1, 2:] += t_bar * rate     ->      rows, columns = t_bar.shape
                                                for i in range(rows):
                                                    for j in range(columns):
                                                        u_bar[1 + i, 2 + j] += t_bar[i, j] * rate

This is done to the tree that is compiled; lines stay those of the text.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from tangent_sct.core.entrywise import Entrywise

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
    worker.visit(module)
    return worker.count > 0


class _Loops(ast.NodeTransformer):
    def __init__(self, plans: Mapping[int, Entrywise]) -> None:
        self.plans = plans
        self.count = 0

    def visit_Assign(self, node: ast.Assign) -> Any:
        return self.looped(node, node.targets[0])

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        return self.looped(node, node.target)

    def looped(self, node: ast.Assign | ast.AugAssign, target: ast.expr) -> Any:
        plan = self.plans.get(node.lineno)
        if plan is None or not isinstance(target, (ast.Name, ast.Subscript)):
            return node
        written = _Statement(node, target, plan, self.count + 1)
        try:
            lines = list(written.lines())
        except _OtherwiseSpelled:
            return node
        self.count += 1
        new = ast.parse("\n".join(lines)).body
        for statement in new:
            for part in ast.walk(statement):
                if hasattr(part, "lineno"):
                    ast.copy_location(part, node)
        return new


class _OtherwiseSpelled(Exception):
    """A part of a statement is none of those that are known: the text has been changed since it was marked."""


class _Statement:
    """One statement as lines of loops."""

    def __init__(self, node: ast.Assign | ast.AugAssign, target: ast.expr, plan: Entrywise, number: int) -> None:
        self.node = node
        self.target = target
        self.plan = plan
        self.number = number
        self.before: list[str] = []
        self.shapes: list[tuple[str, ...]] = []
        self.names = 0

    def lines(self) -> Iterator[str]:
        """The statements that do the same.

        Raises:
            _OtherwiseSpelled: where a part of the statement is not known.
        """
        is_new = isinstance(self.node, ast.Assign) and isinstance(self.target, ast.Name)
        place = "" if is_new else self.entry(self.target)
        value = self.value(self.node.value)
        sizes = [self.fresh("size") for _ in range(self.plan.rank)]
        yield from self.before
        shape, *others = dict.fromkeys(self.shapes)
        for size, given in zip(sizes, shape, strict=True):
            yield f"{size} = {given}"
        pairs = [(own, size, first) for other in others for own, size, first in zip(other, sizes, shape, strict=True)]
        different = dict.fromkeys(f"{own} != {size}" for own, size, first in pairs if own != first)
        if different:
            yield f"if {' or '.join(different)}: raise ValueError({SHAPES!r})"
        if not is_new and not self.plan.apart:
            yield from self.loops(sizes, self.stored(place, value))
            return
        held = self.fresh("held")
        yield f"{held} = {EMPTY}(({', '.join(sizes)},))"
        own = f"{held}[{', '.join(self.indices(self.plan.rank))}]"
        yield from self.loops(sizes, f"{own} = {value}")
        if is_new:
            yield f"{ast.unparse(self.target)} = {held}"
        else:
            yield from self.loops(sizes, self.stored(place, own))

    def stored(self, place: str, value: str) -> str:
        """What is done with one entry."""
        if isinstance(self.node, ast.Assign):
            return f"{place} = {value}"
        if isinstance(self.node.op, ast.Div):
            return f"{place} = {DIVIDE}({place}, {value})"
        return f"{place} {_SYMBOLS[type(self.node.op)]}= {value}"

    def loops(self, sizes: list[str], inner: str) -> Iterator[str]:
        """A nest of loops around a statement."""
        for depth, (index, size) in enumerate(zip(self.indices(self.plan.rank), sizes, strict=True)):
            yield f"{'    ' * depth}for {index} in range({size}):"
        yield "    " * len(sizes) + inner

    def indices(self, rank: int) -> list[str]:
        return [f"_index{depth}_{self.number}" for depth in range(rank)]

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
        name = self.fresh("number")
        self.before.append(f"{name} = {text}")
        return name

    def entry(self, node: ast.expr) -> str:
        """One entry of an array, or of a part of one."""
        text = ast.unparse(node)
        axes = self.plan.arrays.get(text)
        if axes is None:
            raise _OtherwiseSpelled
        indices = iter(self.indices(self.plan.rank))
        if isinstance(node, ast.Name):
            self.shapes.append(tuple(f"{text}.shape[{axis}]" for axis in range(axes)))
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
                shape.append(counted(item, size))
            else:
                places.append(self.number_of(item, ast.unparse(item)))
        self.shapes.append(tuple(shape))
        return f"{base}[{', '.join(places)}]"

    def shifted(self, start: ast.expr | None, index: str, size: str) -> str:
        """The position in an array that an index into a slice means."""
        if start is None:
            return index
        if isinstance(start, ast.Constant):
            return index if start.value == 0 else f"{ast.unparse(start)} + {index}"
        name = self.fresh("begin")
        self.before.append(f"{name} = {BEGIN}({ast.unparse(start)}, {size})")
        return f"{name} + {index}"


def counted(item: ast.Slice, size: str) -> str:
    """How many positions of an axis a slice holds."""
    if item.lower is None and item.upper is None:
        return size
    first = "0" if item.lower is None else ast.unparse(item.lower)
    last = size if item.upper is None else ast.unparse(item.upper)
    return f"{COUNT}({first}, {last}, {size})"


_SYMBOLS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
