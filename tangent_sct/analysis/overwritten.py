"""Whether an element of an array that a program reads may be written afterwards.

    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] = A[i, k] / A[k, k]
            for j in range(k + 1, n):
                A[i, j] = A[i, j] - A[i, k] * A[k, j]

In the last line `A[k, j]` is never written again, and nor is `A[i, k]`: later stores of this iteration of `k` have
other rows or columns, and those of later iterations have larger ones. So a reverse sweep may read them of the array
itself, while `A[i, j]` is gone. Indices that are linear in indices of loops and in numbers that do not change
become inequalities (`analysis.inequalities`): of the loops' bounds, of a store that comes after the read, and of
their meeting in one element. Where these cannot hold together, the element stays as it was read. What is not
linear may be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import gast

from tangent_sct.analysis.inequalities import Form, constant, may_hold, plus, unknown
from tangent_sct.analysis.iterations import heads
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind

_INTEGERS = frozenset(("int", "int64", "int32"))


@dataclass(frozen=True)
class Access:
    """A place in an array that is read or written.

    Attributes:
        array: the name of the array.
        index: which elements; None for all of them.
        position: of the statement, in the order of the program.
        loops: the loops around it, by identity, outermost first.
        block: a number for the block that the statement stands in.
    """

    array: str
    index: gast.AST | None
    position: int
    loops: tuple[int, ...]
    block: int = -1


@dataclass(frozen=True)
class _Definition:
    """A statement that assigns a name.

    Attributes:
        node: the statement.
        position: of it, in the order of the program.
        loops: the loops that the name belongs to, by identity, outermost first.
        block: a number for the block that the statement stands in.
    """

    node: gast.AST
    position: int
    loops: tuple[int, ...]
    block: int


@dataclass(frozen=True)
class _Side:
    """One of two accesses, while it is asked whether they meet.

    Attributes:
        access: the access.
        mark: what is added to the names of what need not be the same for both.
        shared: the loops that are in the same iteration for both.
        forms: the inequalities of both.
    """

    access: Access
    mark: str
    shared: frozenset[int]
    forms: list[Form] = field(default_factory=list)


class Overwritten:
    """The stores of a program in single assignment, and whether they may come after a read.

    Args:
        body: the program.
        kind_of: the kind of an expression.
        share: the names that may share memory with a name.
        changed: names whose object a statement may change, other than by a store.
    """

    def __init__(
        self,
        body: list[gast.AST],
        kind_of: Callable[[gast.AST], Kind],
        share: Callable[[str], frozenset[str]],
        changed: Callable[[gast.AST], set[str]],
    ) -> None:
        self.kind_of = kind_of
        self.share = share
        self.changed = changed
        self.loops: dict[int, gast.AST] = {}
        self.outside: dict[int, tuple[int, ...]] = {}
        self.definitions: dict[str, list[_Definition]] = {}
        self.puts: dict[str, list[tuple[Access, gast.Subscript]]] = {}
        self.writers: dict[str, list[Access]] = {}
        self.count = 0
        self.blocks = 0
        self.fresh = 0
        self.signs: dict[tuple[int, tuple[int, ...]], tuple[gast.AST, bool]] = {}
        self._index(body, ())

    # -- the program --------------------------------------------------------------------------

    def _index(self, block: list[gast.AST], loops: tuple[int, ...]) -> None:
        number = self.blocks = self.blocks + 1
        for node in block:
            position = self.count
            self.count += 1
            inside = loops
            if type(node) in tree.LOOPS:
                self.loops[id(node)] = node
                self.outside[id(node)] = loops
                inside = (*loops, id(node))
            for name in heads(node)[1]:
                where = inside if type(node) is gast.For else loops
                self.definitions.setdefault(name, []).append(_Definition(node, position, where, number))
            # The test of a `while` is evaluated in every iteration.
            around = inside if type(node) is gast.While else loops
            for array, index in self._written(node):
                access = Access(array, index, position, around, number)
                self.writers.setdefault(array, []).append(access)
                if index is not None and isinstance(node, gast.Assign) and isinstance(node.value, gast.Name):
                    self.puts.setdefault(node.value.id, []).append((access, node.targets[0]))
            for inner in tree.inner_blocks(node):
                self._index(inner, inside)

    def _written(self, node: gast.AST) -> Iterator[tuple[str, gast.AST | None]]:
        """The places that a statement writes into."""
        target = node.targets[0] if isinstance(node, gast.Assign) else getattr(node, "target", None)
        if isinstance(node, (gast.Assign, gast.AugAssign)):
            if isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name):
                yield target.value.id, target.slice
            elif isinstance(target, gast.Name) and isinstance(node, gast.AugAssign):
                yield target.id, None
            elif not isinstance(target, gast.Name):
                for name in tree.names_read(target):
                    yield name, None
        for name in self.changed(node):
            yield name, None

    # -- questions ----------------------------------------------------------------------------

    def read_by(self, name: str, value: gast.Subscript) -> Access | None:
        """The place that the definition of a name reads, where there is only one."""
        known = self.definitions.get(name, ())
        if len(known) != 1 or not isinstance(value.value, gast.Name):
            return None
        (found,) = known
        return Access(value.value.id, value.slice, found.position, found.loops, found.block)

    def seen_through(self, read: Access) -> Access:
        """A read of all of a view, as one of the elements that it shows of an array."""
        known = self.definitions.get(read.array, ())
        if read.index is not None or len(known) != 1 or known[0].loops != read.loops[: len(known[0].loops)]:
            return read
        value = getattr(known[0].node, "value", None)
        if not isinstance(value, gast.Subscript) or not isinstance(value.value, gast.Name):
            return read
        if not self.kind_of(value).is_array or not self.kind_of(value.value).is_array:
            return read
        return Access(value.value.id, value.slice, read.position, read.loops)

    def put(self, name: str) -> list[tuple[Access, gast.Subscript]]:
        """The places that what a name holds is put into whenever it is defined."""
        known = self.definitions.get(name, ())
        if len(known) != 1:
            return []
        return [(access, target) for access, target in self.puts.get(name, ()) if access.block == known[0].block]

    def stays(self, read: Access) -> bool:
        """Whether nothing that is read is written afterwards, in this iteration or later ones."""
        shared = self.share(read.array) | {read.array}
        return not any(self.may_meet(read, write) for name in shared for write in self.writers.get(name, ()))

    def written_between(self, array: str, first: int, last: int) -> bool:
        """Whether a statement between two positions may write into an array."""
        shared = self.share(array) | {array}
        return any(first < write.position < last for name in shared for write in self.writers.get(name, ()))

    def may_be_one(self, first: Access, second: Access, outer: tuple[int, ...]) -> bool:
        """Whether two places may be the same, in any iterations of the loops that are not the same for both."""
        return self._meet(first, second, list(outer), None)

    def is_within(self, place: Access) -> bool:
        """Whether single positions surely are an element of an array, in every iteration of the loops around them."""
        kind = self.kind_of(tree.load(place.array))
        items = place.index.elts if isinstance(place.index, gast.Tuple) else [place.index]
        if not kind.is_array or kind.shape is None or len(items) != len(kind.shape):
            return False
        side = _Side(place, "", frozenset(place.loops))
        for loop in place.loops:
            self._bounds(loop, side)
        for item, dim in zip(items, kind.shape, strict=True):
            position = None if isinstance(item, gast.Slice) else self._linear(item, side)
            if position is None or not self._has_one_axis(item):
                return False
            below = plus(plus({}, position, -1), constant(-1))
            above = plus(position, self._dim(dim), -1)
            if may_hold([*side.forms, below]) or may_hold([*side.forms, above]):
                return False
        return True

    def may_meet(self, read: Access, write: Access) -> bool:
        """Whether a store may, after a read, write into what was read."""
        common: list[int] = []
        for one, other in zip(read.loops, write.loops, strict=False):
            if one != other:
                break
            common.append(one)
        if write.position > read.position and self._meet(read, write, common, None):
            return True
        return any(self._meet(read, write, common[:depth], loop) for depth, loop in enumerate(common))

    def _meet(self, read: Access, write: Access, equal: list[int], later: int | None) -> bool:
        """The same for stores in the same iteration of some loops, and a later one of another loop."""
        shared = frozenset(equal)
        forms: list[Form] = []
        sides = [_Side(read, "", shared, forms), _Side(write, "'", shared, forms)]
        for side in sides:
            for loop in side.access.loops:
                self._bounds(loop, side)
        if later is not None:
            self._later(later, sides[0], sides[1])
        if not may_hold(forms):
            return False
        if read.array != write.array or not self._is_one_array(read.array, shared):
            return True
        return self._may_share_element(sides[0], sides[1])

    def _is_one_array(self, name: str, shared: frozenset[int]) -> bool:
        """Whether a name means one array in all iterations but of the loops that are shared."""
        known = self.definitions.get(name, ())
        return not known or (len(known) == 1 and shared.issuperset(known[0].loops))

    # -- loops --------------------------------------------------------------------------------

    def _range(self, loop: int) -> tuple[gast.AST | None, gast.AST, int] | None:
        """Start, stop and step of a loop over a range; of a reversed one the step is that of the range, negated."""
        node = self.loops[loop]
        if not isinstance(node, gast.For) or not isinstance(node.target, gast.Name):
            return None
        call, sign = node.iter, 1
        if isinstance(call, gast.Call) and tree.is_name(call.func, "reversed") and len(call.args) == 1:
            call, sign = call.args[0], -1
        if not isinstance(call, gast.Call) or not tree.is_name(call.func, "range") or call.keywords:
            return None
        step = _literal(call.args[2]) if len(call.args) == 3 else 1
        if not step or (sign < 0 and step != 1):
            return None
        start = call.args[0] if len(call.args) > 1 else None
        return start, call.args[min(1, len(call.args) - 1)], sign * step

    def _bounds(self, loop: int, side: _Side) -> None:
        """What is known of a loop's index: it lies within the range."""
        found = self._range(loop)
        if found is None:
            return
        start, stop, step = found
        index = self._name(self.loops[loop].target.id, side)
        first = constant(0) if start is None else self._linear(start, side)
        last = self._linear(stop, side)
        is_down = step < 0 and not self._is_reversed(loop)
        if is_down:
            first, last = (None if last is None else plus(last, constant(1))), first
        elif last is not None:
            last = plus(last, constant(-1))
        if first is not None:
            side.forms.append(plus(index, first, -1))
        if last is not None:
            side.forms.append(plus(last, index, -1))

    def _is_reversed(self, loop: int) -> bool:
        return tree.is_name(self.loops[loop].iter.func, "reversed")

    def _later(self, loop: int, first: _Side, second: _Side) -> None:
        """The second is in a later iteration of a loop than the first."""
        found = self._range(loop)
        if found is None:
            return
        step = found[2]
        name = self.loops[loop].target.id
        forward = plus(self._name(name, second), self._name(name, first), -1)
        size = abs(step)
        distance = forward if step > 0 else {key: -factor for key, factor in forward.items()}
        first.forms.append(plus(distance, constant(-size)))

    # -- numbers ------------------------------------------------------------------------------

    def _unknown(self) -> Form:
        self.fresh += 1
        return unknown(f"?{self.fresh}")

    def _name(self, name: str, side: _Side) -> Form:
        """A number that a name holds for one of the two accesses."""
        known = self.definitions.get(name, ())
        if len(known) > 1:
            return self._unknown()
        loops = known[0].loops if known else ()
        if loops != side.access.loops[: len(loops)]:
            # It is read behind a loop: what the last iteration left.
            return self._unknown()
        return unknown(name if side.shared.issuperset(loops) else name + side.mark)

    def _linear(self, node: gast.AST, side: _Side) -> Form | None:
        """An expression as a form; None for what is not linear."""
        if isinstance(node, gast.Constant):
            return constant(node.value) if type(node.value) is int else None
        if isinstance(node, gast.Name):
            return self._linear_name(node, side)
        if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
            inner = self._linear(node.operand, side)
            return None if inner is None else plus({}, inner, -1)
        if isinstance(node, gast.BinOp):
            return self._linear_arithmetic(node, side)
        dim = self._size(node)
        return None if dim is None else self._dim(dim)

    def _linear_name(self, node: gast.Name, side: _Side) -> Form | None:
        known = self.definitions.get(node.id, ())
        if len(known) == 1 and isinstance(known[0].node, gast.Assign):
            loops = known[0].loops
            if loops == side.access.loops[: len(loops)]:
                # It holds what its definition gives for as long as the iteration lasts.
                found = self._linear(known[0].node.value, side)
                if found is not None:
                    return found
        if self.kind_of(node).dtype not in _INTEGERS:
            return None
        return self._name(node.id, side)

    def _linear_arithmetic(self, node: gast.BinOp, side: _Side) -> Form | None:
        left, right = self._linear(node.left, side), self._linear(node.right, side)
        if left is None or right is None:
            return None
        if isinstance(node.op, (gast.Add, gast.Sub)):
            return plus(left, right, 1 if isinstance(node.op, gast.Add) else -1)
        if isinstance(node.op, gast.Mult):
            for one, other in ((left, right), (right, left)):
                if not set(one) - {""}:
                    return plus({}, other, one.get("", 0))
        return None

    def _size(self, node: gast.AST) -> int | str | None:
        """The dimension that `len(A)` or `A.shape[k]` is."""
        if isinstance(node, gast.Call) and tree.is_name(node.func, "len") and len(node.args) == 1:
            shape = self.kind_of(node.args[0]).shape if self.kind_of(node.args[0]).is_array else None
            return shape[0] if shape else None
        if isinstance(node, gast.Subscript) and isinstance(node.value, gast.Attribute) and node.value.attr == "shape":
            kind, axis = self.kind_of(node.value.value), _literal(node.slice)
            shape = kind.shape or () if kind.is_array else ()
            if axis is not None and -len(shape) <= axis < len(shape):
                return shape[axis]
        return None

    def _dim(self, dim: int | str) -> Form:
        size = int(dim) if isinstance(dim, int) or dim.isdigit() else None
        return unknown(f"|{dim}|") if size is None else constant(size)

    # -- elements -----------------------------------------------------------------------------

    def _may_share_element(self, read: _Side, write: _Side) -> bool:
        """Whether two places may have an element in common, given what is known of both."""
        kind = self.kind_of(tree.load(read.access.array))
        if not kind.is_array or kind.shape is None:
            return True
        every: list[list[list[Form]]] = []
        for side in (read, write):
            index = side.access.index
            items = index.elts if isinstance(index, gast.Tuple) else [index]
            for axis, item in enumerate(items):
                if item is None or axis >= len(kind.shape) or not self._has_one_axis(item):
                    # What follows may belong to other axes.
                    break
                cases = self._cases(item, axis, self._dim(kind.shape[axis]), side)
                every.append(cases)
        for axis, dim in enumerate(kind.shape):
            element = unknown(f"[{axis}]")
            every.append([[element, plus(plus(self._dim(dim), element, -1), constant(-1))]])
        return _any_holds(read.forms, every)

    def _has_one_axis(self, item: gast.AST) -> bool:
        """Whether an item of an index surely belongs to one axis: None and True have none, masks may have several."""
        if isinstance(item, gast.Constant):
            return type(item.value) is int
        return isinstance(item, gast.Slice) or self.kind_of(item).dtype in _INTEGERS

    def _cases(self, item: gast.AST, axis: int, size: Form, side: _Side) -> list[list[Form]]:
        """What it takes that an element is selected on an axis: one of several lists of inequalities."""
        element = unknown(f"[{axis}]")
        if isinstance(item, gast.Slice):
            if item.step is not None and (_literal(item.step) or 0) < 1:
                return [[]]
            lower = [[]] if item.lower is None else [
                [*given, plus(element, bound, -1)] for given, bound in self._counted(item.lower, size, side)
            ]  # fmt: skip
            upper = [[]] if item.upper is None else [
                [*given, plus(plus(bound, element, -1), constant(-1))]
                for given, bound in self._counted(item.upper, size, side)
            ]  # fmt: skip
            return [[*low, *high] for low in lower for high in upper]
        if self.kind_of(item).dtype not in _INTEGERS:
            return [[]]
        return [
            [*given, plus(element, place, -1), plus(place, element, -1)]
            for given, place in self._counted(item, size, side)
        ]

    def _counted(self, node: gast.AST, size: Form, side: _Side) -> list[tuple[list[Form], Form]]:
        """A place as counted from the front: as it is, or from the end where it is negative."""
        place = self._linear(node, side)
        if place is None:
            place = self._unknown()
        if not self._may_be_negative(node, side.access):
            return [([], place)]
        negative = plus(plus({}, place, -1), constant(-1))
        return [([place], place), ([negative], plus(place, size))]

    def _may_be_negative(self, node: gast.AST, access: Access) -> bool:
        """Whether a place may count from the end, given the loops around the access."""
        key = id(node), access.loops
        if key not in self.signs:
            side = _Side(access, "", frozenset(access.loops))
            for loop in access.loops:
                self._bounds(loop, side)
            place = self._linear(node, side)
            answer = place is None or may_hold([*side.forms, plus(plus({}, place, -1), constant(-1))])
            # The node is kept with the answer, so that no other gets its identity.
            self.signs[key] = node, answer
        return self.signs[key][1]


def _any_holds(forms: list[Form], every: list[list[list[Form]]]) -> bool:
    """Whether, with one case chosen of each list, all inequalities may hold."""
    if not every:
        return may_hold(forms)
    first, *others = every
    return any(_any_holds([*forms, *case], others) for case in first)


def _literal(node: gast.AST) -> int | None:
    """The value of a literal whole number, negated or not."""
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        inner = _literal(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, gast.Constant) and type(node.value) is int else None
