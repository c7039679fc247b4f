"""Copies of a name into a temporary: read the name itself. Requires single assignment.

>>> from tangent_sct.core.tree import statements, text
>>> print(text(propagated(statements("t_bar = s_bar\\nx_bar = t_bar * w"), {"t_bar": ""})))
x_bar = s_bar * w

So is a copy of which a statement right after it makes the next version of the same name.

>>> from tangent_sct.optimize.demo import unit_of
>>> unit = unit_of("def f(y, e):\\n    x = y\\n    x_2 = x - e\\n    return x_2")
>>> print(text(propagate(unit, lambda statement: True).tree))
def f(y, e):
    x_2 = y - e
    return x_2
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property

import gast

from tangent_sct.core import tree
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.blocks import below
from tangent_sct.optimize.effects import Occurrences, in_derivative

_OUTSIDE: frozenset[int] = frozenset()
_CARRIED = -1


def propagate(
    unit: Unit, applies: Callable[[gast.AST], bool] = in_derivative
) -> Unit:
    """Read what a copy is a copy of; the same unit where there is no such copy.

    Args:
        unit: a program in single assignment.
        applies: which copies into versions of names of the user's may be left out.
    """
    changed = propagated(unit.tree.body, unit.bases)
    whole = unit if changed is unit.tree.body else unit.with_body(changed)
    versions = _Versions(whole, applies).block(changed)
    return whole if versions is changed else whole.with_body(versions)


class _Versions:
    """Leaves out copies of which a statement right after makes the next version of the same name."""

    def __init__(self, unit: Unit, applies: Callable[[gast.AST], bool]) -> None:
        self._unit = unit
        self._bases = unit.bases
        self._applies = applies

    # Most programs have no such copy, and nobody asks.

    @cached_property
    def _occurrences(self) -> Occurrences:
        return Occurrences.of(self._unit)

    @cached_property
    def _loops(self) -> dict[str, frozenset[int]]:
        return _Assignments(self._unit.tree.body).loops

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        """The block without such copies; the very same list where there are none."""
        output: list[gast.AST] = []
        for node in body:
            new = below(node, self.block)
            place = self._copy_before(output, new)
            if place is not None:
                copy = output.pop(place)
                new = tree.substitute(new, {copy.targets[0].id: copy.value})
            output.append(new)
        same = len(output) == len(body) and all(a is b for a, b in zip(output, body, strict=True))
        return body if same else output

    def _copy_before(self, before: list[gast.AST], node: gast.AST) -> int | None:
        """Where the copy stands that a statement makes the next version of.

        Between the two are temporaries alone: no other version of what is copied, which would have to
        stay beside this one.
        """
        for place in reversed(range(len(before))):
            if self._follows(before[place], node):
                return place
            bound = before[place].targets[0] if _binds_name(before[place]) else None
            if bound is None or self._bases.get(bound.id) != "":
                return None
        return None

    def _follows(self, copy: gast.AST, node: gast.AST) -> bool:
        if not (_binds_name(copy) and isinstance(copy.value, gast.Name) and _binds_name(node)):
            return False
        name, source = copy.targets[0].id, copy.value.id
        base = self._bases.get(name)
        if self._bases.get(source) == "":
            # A temporary gets the user's name when single assignment is left.
            return False
        return (
            bool(base)
            and base == self._bases.get(node.targets[0].id)
            and isinstance(node.value, gast.BinOp)
            and name in tree.names_read(node.value)
            and self._applies(copy)
            and self._applies(node)
            and self._occurrences.once(name)
            and self._loops.get(source, _OUTSIDE) <= self._loops[name]
        )


def _binds_name(node: gast.AST) -> bool:
    return type(node) is gast.Assign and type(node.targets[0]) is gast.Name


def propagated(body: list[gast.AST], bases: Mapping[str, str]) -> list[gast.AST]:
    """The body without copies into temporaries that are assigned once."""
    copies: dict[str, str] = {}
    augmented: set[str] = set()
    for node in tree.every_statement(body):
        if _binds_name(node) and type(node.value) is gast.Name:
            name = node.targets[0].id
            if bases.get(name) == "":
                copies[name] = node.value.id
        elif type(node) is gast.AugAssign and type(node.target) is gast.Name:
            augmented.add(node.target.id)
    if not copies:
        return body
    assignments = _Assignments(body)
    loops = assignments.loops
    final: dict[str, str] = {}
    for name, source in copies.items():
        # `t += e` prints as a rebinding of a number would, so such a name stays its own.
        if assignments.count[name] != 1 or name in augmented:
            continue
        # The last value of a loop, or that of one iteration, is another one elsewhere.
        if loops.get(source, _OUTSIDE) <= loops[name]:
            final[name] = final.get(source, source)
    if not final:
        return body
    for name in final:
        while final[name] in final:
            final[name] = final[final[name]]
    return _block(body, final)


class _Assignments:
    """How often names are assigned, and in which loops.

    Attributes:
        count: how many statements assign a name.
        loops: for each name the loops in which it is assigned, and `_CARRIED` where a loop carries it.
    """

    def __init__(self, body: list[gast.AST]) -> None:
        self.count: Counter[str] = Counter()
        self.loops: dict[str, frozenset[int]] = {}
        self._visit(body, _OUTSIDE)

    def _visit(self, block: list[gast.AST], around: frozenset[int]) -> None:
        for node in block:
            if type(node) not in tree.COMPOUND:
                self._note(tree.names_written(node), around)
                continue
            inside = around | {id(node)} if type(node) in tree.LOOPS else around
            if type(node) is gast.For:
                self._note(tree.names_written(node.target), inside)
            for inner in tree.blocks(node):
                self._visit(inner, inside)

    def _note(self, names: list[str], around: frozenset[int]) -> None:
        for name in names:
            self.count[name] += 1
            known = self.loops.setdefault(name, around)
            if known != around:
                self.loops[name] = known | around | {_CARRIED}


def _block(body: list[gast.AST], values: Mapping[str, str]) -> list[gast.AST]:
    output: list[gast.AST] = []
    for node in body:
        if type(node) is gast.Assign and type(node.value) is gast.Name:
            target = node.targets[0]
            if type(target) is gast.Name and target.id in values:
                continue
        if type(node) in tree.COMPOUND:
            fields = tree.fields(node)
            for name, value in fields.items():
                if name in ("body", "orelse"):
                    fields[name] = _block(value, values)
                    if name == "body" and not fields[name]:
                        fields[name] = [gast.Pass()]
                elif isinstance(value, gast.AST):
                    fields[name] = tree.respelled(value, values)
                elif isinstance(value, list):
                    fields[name] = [tree.respelled(item, values) for item in value]
            output.append(tree.like(type(node)(**fields), node))
        else:
            output.append(tree.respelled(node, values))
    return output
