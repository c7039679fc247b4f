"""Parts of arrays and containers that are only read, and so are as good as copies.

The adjoint of a view is the same view of the adjoint (`derive.shadows`). There is none where it is not known whether
a part is a view or a number, and none for the imaginary part of a complex array: its adjoint is minus the imaginary
part of the adjoint. Where such a part is only computed with, and nothing that it may share memory with is written
until it has been read for the last time, it is no different from a copy, and its adjoint is an ordinary value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.mutation import stored_through
from tangent_sct.analysis.operations import operation
from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import Kind
from tangent_sct.frontend.namespace import MISSING
from tangent_sct.runtime.boxes import add_item, add_items
from tangent_sct.templating import registry

_ADDING = (add_item, add_items, np.add.at)
"""What adds to its first argument, and keeps nothing of the others."""
_PLAIN = (gast.Assign, gast.AugAssign, gast.Expr, gast.If, gast.For, gast.While, gast.Raise, gast.Pass)
"""The statements that may stand between a part and its last read."""


@dataclass
class Parts:
    """The search for parts that are as good as copies.

    Attributes:
        body: a program in single assignment.
        namespace: what its free names mean.
        kind_of: the kind of an expression.
        members: the names that may share memory with a name, itself included.
        written_by: the names of all that a statement may write into; of a compound one, those of its head.
    """

    body: Sequence[gast.AST]
    namespace: Mapping[str, Any]
    kind_of: Callable[[gast.AST], Kind]
    members: Callable[[str], Collection[str]]
    written_by: Callable[[gast.AST], Collection[str]]

    def brief(self, is_meant: Callable[[gast.Assign], bool]) -> list[gast.Assign]:
        """The assignments of parts that are as good as copies, of those that are meant."""
        return list(self._find(self.body, is_meant, []))

    def _find(
        self, body: Sequence[gast.AST], is_meant: Callable[[gast.Assign], bool], after: Sequence[gast.AST] | None
    ) -> Iterator[gast.Assign]:
        """Those in a block, given what runs after it; None in a loop, where that may run before it as well."""
        for place, node in enumerate(body):
            rest = [*body[place + 1 :], *(after or ())]
            repeats = after is None or type(node) in tree.LOOPS
            for block in tree.blocks(node):
                yield from self._find(block, is_meant, None if repeats else rest)
            if type(node) is gast.Assign and type(node.targets[0]) is gast.Name and is_meant(node):
                if self._is_brief(node, rest, repeats):
                    yield node

    @cached_property
    def _reads(self) -> Counter[str]:
        """How often names are read."""
        return reads_in(self.body)

    @cached_property
    def _stored(self) -> frozenset[str | None]:
        """Names through which something is stored, or that are updated in place."""
        return frozenset(map(stored_through, tree.every_statement(self.body)))

    def _is_brief(self, part: gast.Assign, rest: Sequence[gast.AST], repeats: bool) -> bool:
        """Whether a part is read in a stretch that runs after it alone, where nothing that it may share is written.

        That is to hold of the names that it, or a part of it, is given as well: in a loop, of those alone that no
        iteration leaves to a later one.
        """
        name = part.targets[0].id
        names = self._names_of(name, rest, self._is_settled_in if repeats else lambda block, other: True)
        if not names.isdisjoint(self._stored):
            # An update in place may be no read, and writes into what the part is a view of.
            return False
        count = sum(self._reads[known] for known in names)
        stretch: list[gast.AST] = []
        for node in rest:
            if count == 0:
                break
            stretch.append(node)
            found = reads_in([node])
            count -= sum(found[known] for known in names)
        shared = set(self.members(name))
        every = tree.every_statement(stretch)
        return (
            count == 0
            and all(type(node) in _PLAIN and self._takes_values(node, names) for node in every)
            and all(
                self._replaces_beside(node, part) or shared.isdisjoint(self.written_by(node))
                for node in _before_last_read(stretch, names)
            )
        )

    def _replaces_beside(self, node: gast.AST, part: gast.Assign) -> bool:
        """Whether a statement replaces an item of the container that a part was taken out of: that stays as it is."""
        target = node.targets[0] if isinstance(node, gast.Assign) else None
        owner = getattr(part.value, "value", None)
        if not isinstance(target, gast.Subscript) or not isinstance(target.value, gast.Name):
            return False
        is_same = isinstance(owner, gast.Name) and owner.id == target.value.id and self._definitions[owner.id] <= 1
        return is_same and self.kind_of(owner).is_container and not isinstance(target.slice, gast.Slice)

    def _names_of(
        self, name: str, block: Sequence[gast.AST], is_meant: Callable[[Sequence[gast.AST], str], bool]
    ) -> set[str]:
        """A name, and those that a block gives what it holds, or parts of that."""
        names, size = {name}, 0
        given = [
            (node.targets[0].id, source)
            for node in tree.every_statement(block)
            if type(node) is gast.Assign and type(node.targets[0]) is gast.Name
            and (source := _whole_or_part_of(node.value)) is not None
        ]  # fmt: skip
        while len(names) > size:
            size = len(names)
            names.update(target for target, source in given if source in names and is_meant(block, target))
        return names

    def _is_settled_in(self, block: Sequence[gast.AST], name: str) -> bool:
        """Whether a name is assigned once, by a statement of a block itself, and is not read before that."""
        if self._definitions[name] != 1:
            return False
        own = (place for place, node in enumerate(block) if name in _assigned(node))
        place = next(own, None)
        return place is not None and not reads_in(block[: place + 1])[name]

    @cached_property
    def _definitions(self) -> Counter[str]:
        """How often names are assigned."""
        return Counter(name for node in tree.every_statement(self.body) for name in tree.names_written(node))

    def _takes_values(self, node: gast.AST, names: Collection[str]) -> bool:
        """Whether a statement only reads what some names hold, and keeps nothing of it but for copies among them."""
        if stored_through(node) in names:
            return False
        own = [item for part in tree.own_parts(node) for item in tree.walk(part)]
        if not any(type(item) is gast.Name and type(item.ctx) is gast.Load and item.id in names for item in own):
            return True
        if isinstance(node, gast.Expr):
            return self._is_effect_elsewhere(node.value, names)
        if isinstance(node, (gast.If, gast.While)):
            return type(node.test) is gast.Name or self._is_new(node.test)
        if not isinstance(node, (gast.Assign, gast.AugAssign)):
            return False
        target = node.targets[0] if isinstance(node, gast.Assign) else node.target
        if isinstance(node, gast.Assign) and type(target) is gast.Name:
            is_taken = target.id in names and _whole_or_part_of(node.value) in names
            return is_taken or self._is_new(node.value)
        base = target.value if type(target) is gast.Subscript else target
        is_read = type(node.value) in (gast.Name, gast.Constant) or self._is_new(node.value)
        if not is_read or type(base) is not gast.Name:
            return False
        kind = self.kind_of(tree.load(base.id))
        # Of an update in place, aliases tell whether it keeps what it is given.
        return kind.is_array or (isinstance(node, gast.AugAssign) and kind.family == "unknown" and not kind.mixed)

    def _is_effect_elsewhere(self, call: gast.AST, names: Collection[str]) -> bool:
        """Whether a call only checks what some names hold, or adds it to something else."""
        found = operation(call, self.namespace) if isinstance(call, gast.Call) else None
        if found is None or found.function is MISSING:
            return False
        if is_one_of(found.function, _ADDING):
            return names_of(found.args[0]).isdisjoint(names)
        function = found.function
        module, title = getattr(function, "__module__", None), getattr(function, "__name__", "")
        return str(module).startswith("tangent_sct.runtime") and title.startswith("check_")

    def _is_new(self, value: gast.AST) -> bool:
        """Whether an expression is an operation whose result shares no memory with its operands."""
        found = operation(value, self.namespace)
        if found is None or found.function is MISSING:
            return False
        rule = registry.find(found.function)
        return rule is not None and rule.aliasing == "fresh"


def is_half(value: gast.AST, namespace: Mapping[str, Any]) -> bool:
    """Whether an expression is the real or the imaginary part of something."""
    if not isinstance(value, (gast.Call, gast.Attribute)):
        return False
    part = operation(value, namespace)
    return part is not None and (part.function is np.real or part.function is np.imag)


def names_of(node: gast.AST) -> set[str]:
    """The names that an expression reads."""
    return set(tree.names_read(node))


def reads_in(body: Sequence[gast.AST]) -> Counter[str]:
    """How often names are read in a block."""
    items = (item for node in tree.every_statement(body) for part in tree.own_parts(node) for item in tree.walk(part))
    return Counter(item.id for item in items if type(item) is gast.Name and type(item.ctx) is gast.Load)


def _before_last_read(block: Sequence[gast.AST], names: Collection[str]) -> Iterator[gast.AST]:
    """The statements of a block that may run before some names are read for the last time in it."""
    last = max((place for place, node in enumerate(block) if any(map(reads_in([node]).get, names))), default=-1)
    if last < 0:
        return
    yield from tree.every_statement(block[:last])
    if type(block[last]) is gast.Expr:
        # It writes while it reads.
        yield block[last]
    if type(block[last]) is gast.If:
        for inner in tree.inner_blocks(block[last]):
            yield from _before_last_read(inner, names)
    elif type(block[last]) in tree.LOOPS:
        yield from tree.every_statement([block[last]])


def _whole_or_part_of(value: gast.AST) -> str | None:
    """The name that an expression is, or is an item or a view of."""
    if type(value) is gast.Subscript:
        value = value.value
    return str(value.id) if type(value) is gast.Name else None


def _assigned(node: gast.AST) -> list[str]:
    """The name that a statement assigns itself."""
    is_plain = type(node) is gast.Assign and type(node.targets[0]) is gast.Name
    return [node.targets[0].id] if is_plain else []
