"""Small arrays of known length as numbers, for compiled code.

    t = rows[i, :3]                                t0 = rows[i, 0]
    p = np.array([t[1] * w, t[0] * w])             t1 = rows[i, 1]
    u = p[0] / p[1]                                ...
                                                   p0 = t1 * w
                                                   p1 = t0 * w
                                                   u = p0 / p1

In Numba an array of three numbers is allocated, counted and looked up like any other, and ten times as dear as three
variables; on a tape it is an object of its own. A name of an array becomes a name for each of its entries where it is
made of numbers, of a slice with literal bounds of an argument that nothing writes into, or by arithmetic of such; and
where no more is done with it than to read entries at literal places, to compute entry by entry, to sum, to multiply
two of them, and to store it into a slice.

Needs: kinds, single assignment; arrays that are written. Produces: single assignment. Runs before the derivative is
written, where Numba compiles it.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.aliases import KindOf
from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.frontend.namespace import meaning
from tangent_sct.optimize.blocks import below, with_blocks
from tangent_sct.optimize.entrywise import FLOAT, FUNCTIONS, NUMBERS, OPERATORS

MOST = 8
"""Longer arrays stay arrays: so many names nobody would write."""


def scalars(
    body: list[gast.AST],
    parameters: Collection[str],
    kind_of: KindOf,
    stored: Collection[str],
    objects: Mapping[str, Any],
    names: Names,
    bases: dict[str, str],
) -> list[gast.AST]:
    """Take small arrays apart.

    Args:
        body: a program in single assignment.
        parameters: the names of its arguments.
        kind_of: the kind of an expression.
        stored: names of arrays that something is written into.
        objects: what free names mean.
        names: gives out new names.
        bases: what names were called in the program; added to.

    Returns:
        The body with names for entries; the very same body where there are none.
    """
    worker = _Scalars(body, parameters, kind_of, stored, objects)
    lengths = worker.lengths()
    if not lengths:
        return body
    return _Writer(worker, lengths, names, bases).whole(body)


class _Scalars:
    """Which names can be taken apart."""

    def __init__(
        self,
        body: list[gast.AST],
        parameters: Collection[str],
        kind_of: KindOf,
        stored: Collection[str],
        objects: Mapping[str, Any],
    ) -> None:
        self.parameters = parameters
        self.kind_of = kind_of
        self.stored = stored
        self.objects = objects
        self.statements = list(tree.every_statement(body))
        self.values: dict[str, list[gast.AST]] = {}
        bound: set[str] = set(parameters)
        for node in self.statements:
            if isinstance(node, gast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], gast.Name):
                self.values.setdefault(node.targets[0].id, []).append(node.value)
            else:
                bound.update(tree.names_written(_head(node)))
        self.candidates = {
            name for name in self.values.keys() - bound if name not in stored and self.is_row(tree.load(name))
        }

    def is_row(self, node: gast.AST) -> bool:
        kind = self.kind_of(node)
        return kind.is_array and kind.dtype == FLOAT and kind.rank == 1

    def is_number(self, node: gast.AST) -> bool:
        kind = self.kind_of(node)
        return kind.is_scalar and kind.dtype in NUMBERS

    def lengths(self) -> dict[str, int]:
        """The names that can be taken apart, with the numbers of their entries."""
        while True:
            found = self._guessed()
            wrong = {name for name in found if any(self.length(v, found) != found[name] for v in self.values[name])}
            wrong |= {name for node in self.statements for name in self.misused(node, found)}
            wrong |= self.candidates - found.keys()
            if not wrong:
                return found
            self.candidates -= wrong

    def _guessed(self) -> dict[str, int]:
        """Lengths as the first value that tells one has it."""
        found: dict[str, int] = {}
        while True:
            known = len(found)
            for name in self.candidates - found.keys():
                for value in self.values[name]:
                    length = self.length(value, found)
                    if length is not None and 1 <= length <= MOST:
                        found[name] = length
                        break
            if len(found) == known:
                return found

    def length(self, value: gast.AST, found: Mapping[str, int]) -> int | None:
        """How many entries a value has, None where it is none that can be taken apart."""
        if isinstance(value, gast.Name):
            return found.get(value.id)
        if isinstance(value, gast.Subscript):
            part = self.part(value)
            return None if part is None else part[2] - part[1]
        if isinstance(value, gast.Call):
            items = self.display(value)
            if items is not None:
                return len(items)
        operands = self.operands(value)
        if operands is None:
            return None
        lengths = {self.length(operand, found) for operand in operands if not self.is_number(operand)}
        return lengths.pop() if len(lengths) == 1 else None

    def display(self, call: gast.Call) -> list[gast.AST] | None:
        """The numbers of `np.array([a, b, c])`."""
        if meaning(call.func, self.objects) is not np.array or len(call.args) != 1 or call.keywords:
            return None
        (shown,) = call.args
        is_display = isinstance(shown, (gast.List, gast.Tuple)) and all(map(self.is_number, shown.elts))
        return list(shown.elts) if is_display else None

    def part(self, node: gast.Subscript) -> tuple[int, int, int] | None:
        """The axis, the start and the stop of the one slice of `A[i, 3:6]`; None for all else."""
        if not isinstance(node.value, gast.Name) or self.kind_of(node.value).dtype != FLOAT:
            return None
        items = node.slice.elts if isinstance(node.slice, gast.Tuple) else [node.slice]
        if len(items) != self.kind_of(node.value).rank:
            return None
        axes = [axis for axis, item in enumerate(items) if isinstance(item, gast.Slice)]
        others = [item for item in items if not isinstance(item, gast.Slice)]
        if len(axes) != 1 or not all(map(self.is_position, others)):
            return None
        item = items[axes[0]]
        start, stop = 0 if item.lower is None else _literal(item.lower), _literal(item.upper)
        if start is None or stop is None or item.step is not None or not 0 <= start < stop:
            return None
        return axes[0], start, stop

    def is_position(self, node: gast.AST) -> bool:
        kind = self.kind_of(node)
        return tree.is_atom(node) and kind.is_scalar and kind.dtype in ("int", "int64")

    def is_own_part(self, node: gast.Subscript) -> bool:
        """Whether a slice is one of an argument that nothing writes into."""
        name = node.value.id if isinstance(node.value, gast.Name) else ""
        return name in self.parameters and name not in self.stored and self.part(node) is not None

    def operands(self, value: gast.AST) -> list[gast.AST] | None:
        """What arithmetic entry by entry computes with; None for all else."""
        if isinstance(value, gast.BinOp) and isinstance(value.op, OPERATORS):
            return [value.left, value.right]
        if isinstance(value, gast.UnaryOp) and isinstance(value.op, gast.USub):
            return [value.operand]
        if isinstance(value, gast.Call) and not value.keywords:
            function = meaning(value.func, self.objects)
            if isinstance(function, np.ufunc) and function in FUNCTIONS and len(value.args) == function.nin:
                return list(value.args)
        return None

    def misused(self, node: gast.AST, found: Mapping[str, int]) -> Iterator[str]:
        """The names with which a statement does more than can be done with entries."""
        read = list(self.whole_in(_head(node), found))
        if not isinstance(node, gast.Assign) or len(node.targets) != 1:
            yield from read
            return
        (target,), value = node.targets, node.value
        if isinstance(target, gast.Name) and target.id in self.candidates:
            if isinstance(value, gast.Subscript) and not self.is_own_part(value):
                yield target.id
            if not isinstance(value, (gast.Name, *_COMPUTED)):
                yield from read
        elif isinstance(target, gast.Subscript) and isinstance(value, gast.Name) and value.id in read:
            part = self.part(tree.with_context(target, gast.Load()))
            if part is None or part[2] - part[1] != found.get(value.id) or read.count(value.id) != 1:
                yield from read
        elif not self.products(value, found):
            yield from read

    def whole_in(self, node: gast.AST | list[gast.AST], found: Mapping[str, int]) -> Iterator[str]:
        """The names of which a tree reads more than entries."""
        for part in [node] if isinstance(node, gast.AST) else node:
            if self.entry_read(part, found) is not None:
                continue
            if isinstance(part, gast.Name) and part.id in self.candidates and isinstance(part.ctx, gast.Load):
                yield part.id
            yield from self.whole_in(list(tree.children(part)), found)

    def entry_read(self, node: gast.AST, found: Mapping[str, int]) -> tuple[str, int] | None:
        """The name and the place of `p[1]`, None for all else."""
        if not isinstance(node, gast.Subscript) or not tree.is_one_of(node.value, found):
            return None
        place = _literal(node.slice)
        if place is None or not 0 <= place < found[node.value.id]:
            return None
        return node.value.id, place

    def products(self, value: gast.AST, found: Mapping[str, int]) -> list[str]:
        """The names of which a value is the sum of the entries, or of their products."""
        operands: list[gast.AST] = []
        if isinstance(value, gast.BinOp) and isinstance(value.op, gast.MatMult):
            operands = [value.left, value.right]
        elif isinstance(value, gast.Call) and not value.keywords:
            function = meaning(value.func, self.objects)
            if (function is np.dot and len(value.args) == 2) or (function is np.sum and len(value.args) == 1):
                operands = list(value.args)
        names = [operand.id for operand in operands if isinstance(operand, gast.Name) and operand.id in found]
        return names if names and len(names) == len(operands) and len({found[name] for name in names}) == 1 else []


class _Writer:
    """Writes entries in place of arrays."""

    def __init__(self, known: _Scalars, lengths: Mapping[str, int], names: Names, bases: dict[str, str]) -> None:
        self.known = known
        self.lengths = lengths
        self.names = names
        self.bases = bases
        self.needed: dict[tuple[str, int], int] = {}
        self.entries = {
            name: [self.entry(name, place) for place in range(length)] for name, length in lengths.items()
        }

    def entry(self, name: str, place: int) -> str:
        """The name of an entry."""
        base = self.bases.get(name, name)
        own = f"{base}{place}" if base else ""
        new = self.names.fresh(own or "t")
        self.bases[new] = own
        return new

    def whole(self, body: list[gast.AST]) -> list[gast.AST]:
        """The body, behind checks that there are as many entries as slices ask for."""
        new = self.block(body)
        checks: list[gast.AST] = []
        for (name, axis), size in self.needed.items():
            test = tree.expression(f"{name}.shape[{axis}] < {size}")
            text = tree.const(f"`{name}` has fewer than {size} entries along axis {axis}")
            checks.append(tree.if_(test, [gast.Raise(tree.call("IndexError", text), None)]))
        return [*checks, *new]

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        output: list[gast.AST] = []
        for node in body:
            if isinstance(node, gast.Assign) and (new := [tree.like(part, node) for part in self.statement(node)]):
                output += new
            elif type(node) in tree.COMPOUND or isinstance(node, gast.With):
                output.append(self.with_head(below(node, self.block)))
            else:
                output.append(tree.replaced(node, self.read))
        return output

    def with_head(self, node: gast.AST) -> gast.AST:
        """A compound statement that reads entries."""
        changes = {
            name: new for name in ("test", "iter", "items")
            if (old := getattr(node, name, None)) is not None and (new := self.replaced(old)) is not old
        }  # fmt: skip
        return with_blocks(node, node.body, **changes) if changes else node

    def replaced(self, part: Any) -> Any:
        if isinstance(part, list):
            new = [tree.replaced(item, self.read) for item in part]
            return part if all(map(operator.is_, new, part)) else new
        return tree.replaced(part, self.read)

    def read(self, node: gast.AST) -> gast.AST | None:
        """The name of an entry that is read."""
        found = self.known.entry_read(node, self.lengths)
        return None if found is None else tree.load(self.entries[found[0]][found[1]])

    def statement(self, node: gast.Assign) -> Iterator[gast.AST]:
        """The statements for an assignment; none where it stays."""
        (target, *_), value = node.targets, node.value
        if isinstance(target, gast.Name) and target.id in self.lengths:
            for place, name in enumerate(self.entries[target.id]):
                yield tree.assign(name, self.at(value, place))
        elif isinstance(target, gast.Subscript) and isinstance(value, gast.Name) and value.id in self.lengths:
            for place, name in enumerate(self.entries[value.id]):
                yield tree.assign(self.element(target, place, gast.Store()), tree.load(name))
        elif read := self.known.products(value, self.lengths):
            yield from self.summed(target, read)

    def at(self, value: gast.AST, place: int) -> gast.AST:
        """An entry of a value."""
        if isinstance(value, gast.Name) and value.id in self.lengths:
            return tree.load(self.entries[value.id][place])
        if self.known.is_number(value):
            return tree.replaced(value, self.read)
        if isinstance(value, gast.Subscript):
            axis, _, stop = self.known.part(value) or (0, 0, 0)
            key = value.value.id, axis
            self.needed[key] = max(self.needed.get(key, 0), stop)
            return self.element(value, place, gast.Load())
        items = self.known.display(value) if isinstance(value, gast.Call) else None
        if items is not None:
            return tree.replaced(items[place], self.read)
        new = tree.shallow(value)
        if isinstance(value, gast.BinOp):
            new.left, new.right = self.at(value.left, place), self.at(value.right, place)
        elif isinstance(value, gast.UnaryOp):
            new.operand = self.at(value.operand, place)
        else:
            new.args = [self.at(argument, place) for argument in value.args]
        return new

    def element(self, node: gast.Subscript, place: int, context: gast.AST) -> gast.AST:
        """An element of a slice."""
        _, start, _ = self.known.part(tree.with_context(node, gast.Load())) or (0, 0, 0)
        items = node.slice.elts if isinstance(node.slice, gast.Tuple) else [node.slice]
        index = [tree.const(start + place) if isinstance(item, gast.Slice) else tree.copy(item) for item in items]
        new = tree.subscript(tree.copy(node.value), index[0] if len(index) == 1 else tree.tuple_of(index))
        return tree.with_context(new, context)

    def summed(self, target: gast.AST, read: list[str]) -> Iterator[gast.AST]:
        """A sum of entries, or of products of entries, from the first to the last."""
        total = ""
        for place in range(self.lengths[read[0]]):
            factors = [self.entries[name][place] for name in read]
            term = factors[0]
            if len(factors) == 2:
                term = self.temporary()
                yield tree.assign(term, gast.BinOp(tree.load(factors[0]), gast.Mult(), tree.load(factors[1])))
            if not total:
                total = term
                continue
            after = self.temporary()
            yield tree.assign(after, gast.BinOp(tree.load(total), gast.Add(), tree.load(term)))
            total = after
        yield tree.assign(target, tree.load(total))

    def temporary(self) -> str:
        name = self.names.fresh("t")
        self.bases[name] = ""
        return name


_COMPUTED = (gast.BinOp, gast.UnaryOp, gast.Call, gast.Subscript)


def _head(node: gast.AST) -> gast.AST | list[gast.AST]:
    """A statement without its blocks."""
    if isinstance(node, (gast.If, gast.While)):
        return [node.test]
    if isinstance(node, gast.For):
        return [node.target, node.iter]
    if isinstance(node, gast.With):
        return list(node.items)
    return node


def _literal(node: gast.AST | None) -> int | None:
    return node.value if isinstance(node, gast.Constant) and type(node.value) is int else None
