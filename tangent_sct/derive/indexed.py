"""Loops over arrays that are written in place, as loops over positions.

A loop over an array takes each row, or element, when it comes to it, and so does `v = a[i]`; which the reverse sweep
can do again, as all that is read of an array that is written. So it is with a list that a loop makes for
itself, `for k, v in enumerate([a, b])`, where what it holds is written: that has a name then, and a shadow.

>>> from tangent_sct.core.kind import array
>>> names = Names({"a", "v", "y"})
>>> body = tree.statements('''
... for v in a:
...     a[0] = v * 2.0
... ''')
>>> namespace = Namespace(names)
>>> new = with_positions(body, {"a"}.__contains__, lambda node: array(("n0",)), namespace, names, {"v": "v"})
>>> print(tree.text(new))
for i in range(len(a)):
    v = a[i]
    a[0] = v * 2.0
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.frontend.namespace import Namespace

_MAKERS = (gast.Call, gast.List, gast.Tuple)
_WRAPPERS: dict[Any, str] = {enumerate: "enumerate", zip: "zip"}


def with_positions(
    body: list[gast.AST],
    changing: Callable[[str], bool],
    kind_of: Callable[[gast.AST], Kind],
    namespace: Namespace,
    names: Names,
    bases: dict[str, str],
) -> list[gast.AST]:
    """The statements with loops over positions of arrays that change; the very same list where there are none.

    Args:
        body: a program in single assignment.
        changing: whether what a name holds is written in place.
        kind_of: kinds of expressions.
        namespace: the free names of the program.
        names: gives out names.
        bases: the base of every name, which gets those of the positions.
    """

    worker = _Positions(changing, kind_of, namespace, names, bases, _only_looped_over(body))
    if not any(map(worker.is_meant, tree.every_statement(body))):
        return body
    return worker.block(body)


def _only_looped_over(body: list[gast.AST]) -> set[str]:
    """Names of new lists that nothing is done with but to loop over them once."""
    reads: Counter[str] = Counter()
    made: set[str] = set()
    for node in tree.every_statement(body):
        for part in tree.own_parts(node):
            reads.update(item.id for item in tree.walk(part) if type(item) is gast.Name and _is_read(item))
        if type(node) is gast.Assign and type(node.targets[0]) is gast.Name and type(node.value) in _MAKERS:
            made.add(node.targets[0].id)
    return {name for name in made if reads[name] == 1}


def _is_read(node: gast.Name) -> bool:
    return type(node.ctx) is gast.Load


class _Positions:
    def __init__(
        self,
        changing: Callable[[str], bool],
        kind_of: Callable[[gast.AST], Kind],
        namespace: Namespace,
        names: Names,
        bases: dict[str, str],
        lists: set[str],
    ) -> None:
        self.changing = changing
        self.kind_of = kind_of
        self.namespace = namespace
        self.names = names
        self.bases = bases
        self.lists = lists

    def is_meant(self, node: gast.AST) -> bool:
        """Whether a statement is a loop over items in their order that are written, or over an array that is."""
        if type(node) is not gast.For:
            return False
        array = node.iter
        if type(array) is gast.Name and self.kind_of(array).is_array:
            is_simple = type(node.target) is gast.Name and array.id not in tree.names_written(node.body)
            return is_simple and self.changing(array.id)
        return any(map(self.changing, tree.names_written(node.target))) and self.fits(node.target, node.iter)

    def fits(self, target: gast.AST, items: gast.AST) -> bool:
        """Whether items can be taken one by one, by their positions, and bound to a target."""
        wrapper = self.wrapper(items)
        if wrapper is None:
            if type(items) is gast.Name and items.id not in self.lists:
                return False
            is_known = type(target) is gast.Name and self.kind_of(target).family != "unknown"
            return is_known and self.kind_of(items).family in ("array", "list", "tuple")
        parts = _targets(target, wrapper, items.args)
        return parts is not None and all(map(self.fits, parts, items.args))

    def wrapper(self, items: gast.AST) -> str | None:
        """`"enumerate"` or `"zip"` where it is a call of that."""
        if type(items) is not gast.Call or type(items.func) is not gast.Name or items.keywords:
            return None
        return _WRAPPERS.get(self.namespace.objects.get(items.func.id))

    def block(self, statements: list[gast.AST]) -> list[gast.AST]:
        new: list[gast.AST] = []
        for node in statements:
            loop = node
            if type(node) in tree.COMPOUND:
                loop = tree.shallow(node)
                for part in ("body", "orelse"):
                    if getattr(node, part, None):
                        setattr(loop, part, self.block(getattr(node, part)))
            new += self.looped(loop) if self.is_meant(node) else [loop]
        return new

    def looped(self, node: gast.For) -> list[gast.AST]:
        """A loop over the positions."""
        before: list[gast.AST] = []
        taken: list[gast.AST] = []
        position = self.fresh("i")
        counts = self.take(node.target, node.iter, position, before, taken)
        count = counts[0] if len(counts) == 1 else tree.call(self.namespace.name_for("min", min), *counts)
        positions = tree.call(self.namespace.name_for("range", range), count)
        body = [*(tree.like(statement, node) for statement in taken), *node.body]
        loop = tree.for_(tree.store(position), positions, body)
        return [tree.like(statement, node) for statement in (*before, loop)]

    def take(
        self, target: gast.AST, items: gast.AST, position: str, before: list[gast.AST], taken: list[gast.AST]
    ) -> list[gast.AST]:
        """How many items there are, by each of the sequences; what binds those of a position goes to `taken`."""
        wrapper = self.wrapper(items)
        if wrapper is not None:
            parts = _targets(target, wrapper, items.args) or []
            if wrapper == "enumerate":
                taken.append(tree.assign(target.elts[0].id, tree.load(position)))
            counts = [self.take(*pair, position, before, taken) for pair in zip(parts, items.args, strict=True)]
            return [count for several in counts for count in several]
        if type(items) is not gast.Name:
            name = self.fresh("items")
            before.append(tree.assign(name, items))
            items = tree.load(name)
        taken.append(tree.assign(target.id, tree.subscript(tree.copy(items), tree.load(position))))
        return [tree.call(self.namespace.name_for("len", len), tree.copy(items))]

    def fresh(self, word: str) -> str:
        name = self.names.fresh(word)
        self.bases[name] = ""
        return name


def _targets(target: gast.AST, wrapper: str, args: list[gast.AST]) -> list[gast.AST] | None:
    """The target of each of the sequences of a `zip` or an `enumerate`; None where they are not told apart."""
    if type(target) is not gast.Tuple:
        return None
    targets = list(target.elts)
    if wrapper == "enumerate":
        return targets[1:] if len(targets) == 2 and len(args) == 1 and type(targets[0]) is gast.Name else None
    return targets if len(targets) == len(args) else None
