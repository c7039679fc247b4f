"""Loops over `prange` in the user's function, as parallel loops again where no iteration meets another.

A derivative adds to places that the function only read, so a loop of it need not be parallel where the function's is.
An iteration stays apart from the others if

* every array that it writes is met, in the loop, only in the row of the iteration: `x_bar[i] += ...`;
* every name that it assigns is assigned before it is read, and read nowhere else; or it is a number that is only
  added to, `c_bar += ...`, which Numba sums up;
* it does nothing else: no list is pushed to or popped from, nothing is called that may have effects.

Needs: an ordinary program, kinds, alias classes. Produces: the same with `prange`. Runs last, where Numba compiles.
"""

from __future__ import annotations

import importlib
import operator
import types
from collections.abc import Callable, Sequence

import gast
import numpy as np

from tangent_sct.analysis.aliases import DESCRIPTIONS, Classes, KindOf
from tangent_sct.core import tree
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.namespace import MISSING, is_library, meaning
from tangent_sct.frontend.parallel import PARALLEL
from tangent_sct.optimize.blocks import below, with_blocks

HARMLESS_METHODS = frozenset(("all", "any", "astype", "copy", "dot", "max", "mean", "min", "prod", "sum"))
SIMPLE = (gast.Assign, gast.AugAssign, gast.If, gast.For, gast.While, gast.Pass)


def parallel(unit: Unit, kind_of: KindOf, classes: Callable[[], Classes]) -> Unit:
    """Make loops parallel that the user wrote so, where that changes no number.

    Args:
        unit: an ordinary program.
        kind_of: the kind of an expression.
        classes: gives its alias classes.

    Returns:
        The unit with parallel loops; the same unit where there are none.
    """
    if not any(tree.origin_of(node) in PARALLEL for node in tree.every_statement(unit.tree.body)):
        return unit
    worker = _Parallel(unit, kind_of, classes())
    body = worker.block(unit.tree.body)
    if body is unit.tree.body:
        return unit
    prange = importlib.import_module("numba").prange
    return unit.with_body(body, namespace={**unit.namespace, worker.name: prange})


class _Parallel:
    def __init__(self, unit: Unit, kind_of: KindOf, classes: Classes) -> None:
        self._unit = unit
        self._kind_of = kind_of
        self._classes = classes
        taken = {*_mentioned([unit.tree]), *unit.namespace}
        spellings = ("prange", *(f"prange_{number}" for number in range(2, len(taken) + 3)))
        self.name = next(name for name in spellings if name not in taken)

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        new = [self.statement(node) for node in body]
        return body if all(map(operator.is_, new, body)) else new

    def statement(self, node: gast.AST) -> gast.AST:
        if isinstance(node, gast.For) and tree.origin_of(node) in PARALLEL and self.is_apart(node):
            items = node.iter
            counted = items.args[0] if tree.is_name(items.func, "reversed") else items
            return with_blocks(node, node.body, iter=gast.Call(tree.load(self.name), counted.args, []))
        return below(node, self.block)

    def is_apart(self, loop: gast.For) -> bool:
        """Whether no iteration of a loop meets what another one does."""
        if not isinstance(loop.target, gast.Name) or loop.orelse or not _counts_up(loop.iter):
            return False
        every = list(tree.every_statement(loop.body))
        if not all(isinstance(node, SIMPLE) for node in every):
            return False
        assigned = set(tree.names_written(loop.body))
        if loop.target.id in assigned or not all(map(self.is_harmless, every)):
            return False
        return all(self.is_own(name, loop) for name in assigned) and all(
            self.is_of_row(node, loop, assigned) for node in every
        )

    def is_harmless(self, node: gast.AST) -> bool:
        """Whether the calls in a statement have no effects."""
        return all(self.computes(call) for call in tree.walk(node) if isinstance(call, gast.Call))

    def computes(self, call: gast.Call) -> bool:
        function = meaning(call.func, self._unit.namespace)
        if function is MISSING and isinstance(call.func, gast.Name):
            return tree.is_name(call.func, "range", "reversed", "len", "abs", "min", "max", "float", "int", "bool")
        if function is MISSING:
            return isinstance(call.func, gast.Attribute) and call.func.attr in HARMLESS_METHODS
        if isinstance(function, (np.ufunc, type)):
            return not any(keyword.arg == "out" for keyword in call.keywords)
        module = getattr(function, "__module__", None) or ""
        if isinstance(function, types.FunctionType) and module.partition(".")[0] == "tangent_sct":
            return False
        return is_library(module) and not any(keyword.arg == "out" for keyword in call.keywords)

    # -- names --------------------------------------------------------------------------------

    def is_own(self, name: str, loop: gast.For) -> bool:
        """Whether each iteration has a name for itself, or only adds to it."""
        if self.is_sum(name, loop):
            return True
        is_own = _is_set_first(name, loop.body) or _is_inner_only(name, loop.body)
        return is_own and not self.is_read_outside(name, loop)

    def is_sum(self, name: str, loop: gast.For) -> bool:
        """Whether a name is a number that the loop only adds to."""
        if not self._kind_of(tree.load(name)).is_scalar:
            return False
        for node in tree.every_statement(loop.body):
            adds = isinstance(node, gast.AugAssign) and tree.is_name(node.target, name)
            if adds and not isinstance(node.op, (gast.Add, gast.Sub)):
                return False
            read = [node.value] if adds else _own_parts(node)
            if name in _mentioned(read):
                return False
        return True

    def is_read_outside(self, name: str, loop: gast.For) -> bool:
        """Whether a name is read by anything but this loop, save in other loops that set it first."""

        def reads(body: Sequence[gast.AST]) -> bool:
            for node in body:
                if node is loop:
                    continue
                if isinstance(node, gast.For) and not _holds(node, loop) and name not in _mentioned([node.iter]):
                    if tree.is_name(node.target, name) or _is_set_first(name, node.body):
                        continue
                if name in _mentioned(_own_parts(node)):
                    return True
                if isinstance(node, gast.AugAssign) and tree.is_name(node.target, name):
                    return True
                if any(map(reads, _blocks_of(node))):
                    return True
            return False

        return reads(self._unit.tree.body)

    # -- arrays -------------------------------------------------------------------------------

    def is_of_row(self, node: gast.AST, loop: gast.For, assigned: set[str]) -> bool:
        """Whether what a statement writes into is met nowhere in the loop but in the row of the iteration."""
        targets = node.targets if isinstance(node, gast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            if isinstance(target, gast.Name):
                is_array = isinstance(node, gast.AugAssign) and not self._kind_of(target).is_scalar
                if is_array and not self.is_new(target.id, assigned):
                    return False
            elif isinstance(target, gast.Subscript):
                if not isinstance(target.value, gast.Name):
                    return False
                base = target.value.id
                place = _place_of(target.slice, loop.target.id)
                if not self.is_new(base, assigned) and (place is None or not self.is_met_at(base, place, loop)):
                    return False
            elif target is not None:
                return False
        return True

    def is_new(self, name: str, assigned: set[str]) -> bool:
        """Whether an array was made by the iteration."""
        return all(other in assigned for other in self._classes.members(name))

    def is_met_at(self, base: str, place: int, loop: gast.For) -> bool:
        """Whether all that may share memory with an array is met under its name, in the row of the iteration."""
        allowed: set[int] = set()
        for statement in loop.body:
            for item in tree.walk(statement):
                if isinstance(item, gast.Subscript) and tree.is_name(item.value, base):
                    if _place_of(item.slice, loop.target.id) == place:
                        allowed.add(id(item.value))
                elif isinstance(item, gast.Attribute) and item.attr in DESCRIPTIONS:
                    allowed.add(id(item.value))
        shared = set(self._classes.members(base))
        return all(
            id(item) in allowed
            for statement in loop.body for item in tree.walk(statement)
            if isinstance(item, gast.Name) and item.id in shared and not self._kind_of(item).is_scalar
        )  # fmt: skip


def _counts_up(items: gast.AST) -> bool:
    """Whether a loop goes over a range from a number that is not negative, in either order."""
    if not isinstance(items, gast.Call) or items.keywords:
        return False
    if tree.is_name(items.func, "reversed") and len(items.args) == 1:
        items = items.args[0]
    if not isinstance(items, gast.Call) or not tree.is_name(items.func, "range") or items.keywords:
        return False
    if len(items.args) == 1:
        return True
    start = items.args[0]
    is_counted = isinstance(start, gast.Constant) and isinstance(start.value, int) and start.value >= 0
    return len(items.args) == 2 and is_counted


def _place_of(index: gast.AST, name: str) -> int | None:
    """The axis along which an index selects the row of a name."""
    items = index.elts if isinstance(index, gast.Tuple) else [index]
    for place, item in enumerate(items):
        if tree.is_name(item, name):
            return place
        if not isinstance(item, (gast.Name, gast.Constant, gast.Slice, gast.BinOp)):
            return None
        if tree.is_constant(item, ...) or tree.is_constant(item, None):
            return None
    return None


def _is_set_first(name: str, body: Sequence[gast.AST]) -> bool:
    """Whether statements surely assign a name before any of them reads it."""
    for node in body:
        if isinstance(node, gast.Assign) and name not in _mentioned(_own_parts(node)):
            if any(tree.is_name(target, name) for target in node.targets):
                return True
        if isinstance(node, gast.For) and name not in _mentioned([node.iter]):
            # What an inner loop sets itself is not read before that, but need not be set behind it.
            if tree.is_name(node.target, name) or _is_set_first(name, node.body):
                continue
        if name in _mentioned([node]):
            return False
    return False


def _is_inner_only(name: str, body: Sequence[gast.AST]) -> bool:
    """Whether only loops meet a name, which set it themselves before they read it."""
    for node in body:
        if isinstance(node, gast.For) and name not in _mentioned([node.iter]):
            if tree.is_name(node.target, name) or _is_set_first(name, node.body) or _is_inner_only(name, node.body):
                continue
        if name in _mentioned([node]):
            return False
    return True


def _mentioned(nodes: Sequence[gast.AST]) -> set[str]:
    """The names in some trees."""
    return {item.id for node in nodes for item in tree.walk(node) if isinstance(item, gast.Name)}


def _own_parts(node: gast.AST) -> list[gast.AST]:
    """The expressions of a statement itself, without its blocks and the names it binds."""
    if isinstance(node, gast.For):
        return [node.iter]
    if isinstance(node, (gast.If, gast.While)):
        return [node.test]
    if isinstance(node, gast.Assign):
        return [node.value, *(t for t in node.targets if not isinstance(t, gast.Name))]
    if isinstance(node, gast.AugAssign):
        return [node.value, *([] if isinstance(node.target, gast.Name) else [node.target])]
    return [node]


def _blocks_of(node: gast.AST) -> list[list[gast.AST]]:
    return [block for name in ("body", "orelse") if isinstance(block := getattr(node, name, None), list)]


def _holds(node: gast.AST, inner: gast.AST) -> bool:
    return any(item is inner for item in tree.walk(node))
