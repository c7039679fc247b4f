"""The program at a glance: how often its names are defined, where, and which lists are tapes.

A symbol that is tied to a name stands for one size only where the name has one value. So it has where it is
defined once and not read in a later iteration, and, from one read to the next within an iteration, where it is a
join or a carried name of single assignment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import gast

from tangent_sct.analysis.kinds.stale import stale_names
from tangent_sct.core import tree


class Layout:
    """How often names are defined, where, and which lists are tapes.

    Attributes:
        definitions: how often each name is defined.
        looped: names that are defined in loops.
        stale: names that may hold what an earlier iteration gave them, with the names those loops define.
        tapes: lists that are only pushed to and popped from.
        taken: names that some assignment gives an item, or an element.
    """

    def __init__(self, function: gast.FunctionDef) -> None:
        self.definitions: dict[str, int] = dict.fromkeys(tree.parameter_names(function), 1)
        self.looped: set[str] = set()
        self.taken: set[str] = set()
        self._joins: set[str] = set()
        self._carried: dict[str, int] = {}
        empty: set[str] = set()
        self._other_uses: set[str] = set()
        self._empty = empty
        self._used: list[gast.AST] = []
        self._reads: dict[int, list[str]] = {}
        self._block(function.body, 0)
        if empty:
            self._uses(*self._used)
        self.tapes = {n for n in empty if self.definitions[n] == 1} - self._other_uses
        self.stale = stale_names(function.body, self.reads) if self.looped else {}

    def reads(self, node: gast.AST) -> list[str]:
        """What `tree.names_read` says of a statement or an expression of the program, found once."""
        found = self._reads.get(id(node))
        if found is None:
            found = self._reads[id(node)] = tree.names_read(node)
        return found

    def free(self) -> Iterator[str]:
        """Names that are read and nowhere defined; some may come several times."""
        for node in self._used:
            for name in self.reads(node):
                if name not in self.definitions:
                    yield name

    def is_item(self, node: gast.AST) -> bool:
        """Whether an expression is a name of what was found in a container, or in an array."""
        return isinstance(node, gast.Name) and node.id in self.taken and self.definitions.get(node.id) == 1

    def single(self, name: str) -> bool:
        """Whether a name has one value wherever it is read in an iteration."""
        return self.definitions.get(name, 0) == 1 and name not in self.stale

    def steady(self, name: str, loops: Collection[int]) -> bool:
        """Whether a name keeps its value from one read to the next within an iteration.

        So it is for names with one definition and joins, where they are read in the iteration that defines
        them, and for carried names of single assignment, which change where the body ends.

        Args:
            name: the name.
            loops: ids of the loops in which it is read.
        """
        if name in self.stale:
            return self._carried.get(name) in loops
        is_regular = name in self._joins or name in self._carried
        return is_regular or self.definitions.get(name, 0) == 1

    def _define(self, name: str, depth: int) -> None:
        self.definitions[name] = self.definitions.get(name, 0) + 1
        if depth:
            self.looped.add(name)

    def _block(self, body: list[gast.AST], depth: int) -> None:
        before: set[str] = set()
        for node in body:
            self._statement(node, depth)
            if type(node) in tree.LOOPS:
                self._note_carried(before, node)
            elif type(node) is gast.Assign and type(node.targets[0]) is gast.Name:
                before.add(node.targets[0].id)

    def _statement(self, node: gast.AST, depth: int) -> None:
        kind = type(node)
        if kind is gast.Assign and type(node.targets[0]) is gast.Name:
            name = node.targets[0].id
            self._define(name, depth)
            if type(node.value) is gast.List and not node.value.elts:
                self._empty.add(name)
            elif type(node.value) is gast.Subscript:
                self.taken.add(name)
            self._used.append(node.value)
        elif kind is gast.If:
            self._used.append(node.test)
            self._block(node.body, depth)
            self._block(node.orelse, depth)
            self._note_join(node)
        elif kind in tree.LOOPS:
            self._used.append(node.iter if kind is gast.For else node.test)
            if kind is gast.For:
                if type(node.target) is not gast.Name:
                    self._used.append(node.target)
                for name in tree.names_written(node.target):
                    self._define(name, depth + 1)
            self._block(node.body, depth + 1)
            self._block(node.orelse, depth)
        elif kind is gast.With:
            for name in tree.names_written(node.items):
                self._define(name, depth)
            self._used += node.items
            self._block(node.body, depth)
        else:
            for name in tree.names_written(node):
                self._define(name, depth)
            self._used.append(node)

    def _note_join(self, node: gast.If) -> None:
        """Names that are defined once in each branch and nowhere else."""
        left, right = _assigned(node.body), _assigned(node.orelse)
        self._joins |= {n for n in left & right if self.definitions[n] == 2}

    def _note_carried(self, before: set[str], loop: gast.For | gast.While) -> None:
        """Names that are defined once before a loop and once by a copy that ends its body."""
        ends = set()
        for node in reversed(loop.body):
            if type(node) is gast.Assign and type(node.targets[0]) is gast.Name:
                if type(node.value) is not gast.Name:
                    break
                ends.add(node.targets[0].id)
            elif type(node) is not gast.If or not node.body or type(node.body[0]) is not gast.Break:
                # Of `z = z if a else z` an `if` is left that does nothing.
                break
        for name in ends & before:
            if self.definitions[name] == 2:
                self._carried[name] = id(loop)

    def _uses(self, *nodes: gast.AST) -> None:
        """Note names that are read otherwise than as `name.append(...)` and `name.pop()`."""
        for node in nodes:
            if type(node) is gast.Name:
                if type(node.ctx) is gast.Load:
                    self._other_uses.add(node.id)
                continue
            if type(node) is gast.Call and _is_tape_call(node):
                self._uses(*node.args)
                continue
            if type(node) is gast.AugAssign and type(node.target) is gast.Name:
                self._other_uses.add(node.target.id)
            self._uses(*tree.children(node))


def _assigned(body: list[gast.AST]) -> set[str]:
    names = [n.targets[0] for n in body if type(n) is gast.Assign]
    return {target.id for target in names if type(target) is gast.Name}


def _is_tape_call(node: gast.Call) -> bool:
    function = node.func
    if not isinstance(function, gast.Attribute) or not isinstance(function.value, gast.Name):
        return False
    return (function.attr, len(node.args)) in (("append", 1), ("pop", 0)) and not node.keywords
