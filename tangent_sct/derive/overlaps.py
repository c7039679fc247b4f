"""Checks of stores whose right side may lie in the array that is written into, in other places.

NumPy copies first what is to be stored where both sides overlap, but not always. Along a single axis, with a mask
and for the items of a list it goes through the elements one after the other, and may read what it has just written:
what `y[::2] = y[:4]` leaves in `y` depends on the order, and on where elements lie in memory. The derivative of a
store is that of a copy, so the text asks while it runs, and refuses. Both sides of `y[1:] = y[:-1]` have the same
step, in every layout, and there NumPy chooses an order that is right: nothing is asked.

Needs: kinds, alias classes, and which names vary.

    t = y[:4]                         t = y[:4]
    y[::2] = t                        check_unspoiled(y[::2], t)
                                      y[::2] = t
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import gast

from tangent_sct.analysis.aliases import Classes
from tangent_sct.analysis.indices import is_fancy, surely_fancy
from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import Kind
from tangent_sct.derive.layout import Layout
from tangent_sct.derive.values import as_value
from tangent_sct.frontend.namespace import Namespace, meaning
from tangent_sct.runtime import check_separate, check_unspoiled, check_unspoiled_at

_CHECKS = (check_separate, check_unspoiled, check_unspoiled_at)
KindOf = Callable[[gast.AST], Kind]
Steps = tuple[tuple[gast.AST, ...], ...]
"""Indices that lead from an array to a part of it, each by its entries."""


def with_overlap_checks(
    body: list[gast.AST],
    namespace: Namespace,
    kind_of: KindOf,
    classes: Callable[[], Classes],
    varied: Callable[[], set[str]],
) -> list[gast.AST]:
    """Put checks before stores of what may lie in the array that is written into, in other places.

    Args:
        body: a program in single assignment.
        namespace: its free names.
        kind_of: the kind of an expression.
        classes: gives its alias classes.
        varied: tells the names that may depend on what is differentiated.

    Returns:
        The new body, without checks of what surely shares no memory; the very same list where it needs no other.
    """
    parts = cache(lambda: _Parts(body, classes(), kind_of))

    def checks(node: gast.AST) -> list[gast.AST]:
        target = _written_part(node)
        if target is None or not _may_read_written(target, node.value, kind_of):
            return []
        base: str = target.value.id
        sources = classes().sources(node.value)
        if not any(classes().same(base, source) for source in sources) or base not in varied():
            return []
        if isinstance(node.value, gast.Name) and parts().step_alike(node, target, node.value.id):
            return []
        return [tree.effect(check(target, node.value))]

    def check(target: gast.Subscript, value: gast.AST) -> gast.Call:
        place = tree.with_context(tree.copy(target), gast.Load())
        if kind_of(place.value).is_array and not is_fancy(target.slice, kind_of):
            helper = namespace.name_for("check_unspoiled", check_unspoiled)
            return tree.call(helper, place, tree.copy(value))
        helper = namespace.name_for("check_unspoiled_at", check_unspoiled_at)
        return tree.call(helper, place.value, as_value(place.slice), tree.copy(value))

    def is_idle(node: gast.AST) -> bool:
        """Whether a statement checks what surely shares no memory."""
        call = node.value if isinstance(node, gast.Expr) else None
        if not isinstance(call, gast.Call) or not is_one_of(meaning(call.func, namespace.objects), _CHECKS):
            return False
        written, read = classes().sources(call.args[0]), classes().sources(call.args[-1])
        return not any(classes().same(base, source) for base in written for source in read)

    body = tree.with_before(body, checks)
    if not any(map(is_idle, tree.every_statement(body))):
        return body
    return tree.with_each(body, lambda node: [] if is_idle(node) else [node])


def _written_part(node: gast.AST) -> gast.Subscript | None:
    """The elements that a statement stores something in; None for other statements."""
    target = node.targets[0] if type(node) is gast.Assign else None
    return target if isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name) else None


def _may_read_written(target: gast.Subscript, value: gast.AST, kind_of: KindOf) -> bool:
    """Whether NumPy may store elements one after the other that are a part of something else."""
    owner, kind = kind_of(target.value), kind_of(value)
    if owner.is_container or owner.is_scalar or kind.is_scalar:
        return False
    part = kind_of(tree.with_context(tree.copy(target), gast.Load()))
    if part.is_scalar or (kind.is_array and (part.rank or 0) > 1):
        return False
    return not (surely_fancy(target.slice, kind_of, owner) and not _may_be_mask(target.slice, kind_of))


def _may_be_mask(index: gast.AST, kind_of: KindOf) -> bool:
    """Whether an index may be one mask for all axes; lists of places are copied by NumPy."""
    if isinstance(index, gast.Tuple):
        return len(index.elts) == 1 and _may_be_mask(index.elts[0], kind_of)
    if isinstance(index, gast.List):
        return not all(isinstance(item, gast.Constant) and type(item.value) is int for item in index.elts)
    return kind_of(index).dtype in (None, "bool")


class _Parts:
    """How names of parts of arrays came from these."""

    def __init__(self, body: list[gast.AST], classes: Classes, kind_of: KindOf) -> None:
        self.layout = Layout.of(body)
        self.classes = classes
        self.kind_of = kind_of

    def step_alike(self, store: gast.Assign, target: gast.Subscript, value: str) -> bool:
        """Whether what is stored surely has the steps of where it is stored, or no memory in common with it."""
        (left, steps), (right, other_steps) = self.found(target), self.found(tree.load(value))
        ways = (steps, other_steps), (_proper(steps), _proper(other_steps))
        if not any(_are_alike(*both, self.kind_of) for both in ways):
            return False
        if left == right:
            return self.is_one(left, target.value.id, store, value)
        return self.is_whole(left) and self.is_whole(right)

    def found(self, part: gast.AST) -> tuple[str, Steps]:
        """The array that an expression is a part of, as far as it can be followed, and the way to the part."""
        if self._is_view(part):
            root, steps = self.found(part.value)
            entries = part.slice.elts if isinstance(part.slice, gast.Tuple) else (part.slice,)
            return root, (*steps, tuple(entries))
        if not isinstance(part, gast.Name):
            return "", ()
        definitions = self.layout.definitions.get(part.id, ())
        value = definitions[0].value if len(definitions) == 1 and type(definitions[0]) is gast.Assign else None
        return self.found(value) if isinstance(value, gast.Name) or self._is_view(value) else (part.id, ())

    def _is_view(self, part: Any) -> bool:
        """Whether an expression surely is a part of an array that has a name, and shares its memory."""
        if not isinstance(part, gast.Subscript) or not isinstance(part.value, gast.Name):
            return False
        return self.kind_of(part.value).is_array and not is_fancy(part.slice, self.kind_of)

    def is_one(self, root: str, base: str, store: gast.Assign, value: str) -> bool:
        """Whether a name means one array from where a part of it was taken to where that is stored."""
        definitions = self.layout.definitions.get(root, ())
        if len(definitions) < 2:
            return True
        # Assigned on several paths, or in each iteration: nothing must come between.
        taken, *others = self.layout.definitions[value]
        if others or base != root or root not in tree.names_read(taken):
            return False
        if self.layout.path[id(taken)] != self.layout.path[id(store)]:
            return False
        first, last = self.layout.order[id(taken)], self.layout.order[id(store)]
        return not any(first < self.layout.order[id(node)] < last for node in definitions)

    def is_whole(self, name: str, met: frozenset[str] = frozenset()) -> bool:
        """Whether a name surely means all of an array, however it came to it."""
        if name in met:
            return True
        definitions = self.layout.definitions.get(name, ())
        return bool(name) and all(
            type(node) is gast.Assign and self._makes_whole(node.value, met | {name}) for node in definitions
        )

    def _makes_whole(self, value: gast.AST, met: frozenset[str]) -> bool:
        if isinstance(value, gast.Name):
            return self.is_whole(value.id, met)
        return not self.classes.sources(value)


def _proper(steps: Steps) -> Steps:
    """A way to a part without what selects all there is, `[:]` and `[...]`."""
    return tuple(entries for entries in steps if not all(map(_is_all, entries)))


def _is_all(entry: gast.AST) -> bool:
    if isinstance(entry, gast.Slice):
        return entry.lower is None and entry.upper is None and entry.step is None
    return tree.is_constant(entry, ...)


def _are_alike(left: Steps, right: Steps, kind_of: KindOf) -> bool:
    """Whether two ways lead to parts with the same steps in memory, or with opposite ones, whatever the layout."""
    if len(left) != len(right):
        return False
    for entries, others in zip(left, right, strict=True):
        if len(entries) != len(others):
            return False
        if not all(_entries_alike(e, o, kind_of) for e, o in zip(entries, others, strict=True)):
            return False
    return True


def _entries_alike(entry: gast.AST, other: gast.AST, kind_of: KindOf) -> bool:
    if isinstance(entry, gast.Slice) and isinstance(other, gast.Slice):
        step, other_step = _step(entry), _step(other)
        return step is not None and other_step is not None and step in (other_step, -other_step)
    if isinstance(entry, gast.Slice) or isinstance(other, gast.Slice):
        return False
    if tree.is_constant(entry, ..., None) or tree.is_constant(other, ..., None):
        return tree.same(entry, other)
    return kind_of(entry).is_scalar and kind_of(other).is_scalar


def _step(entry: gast.Slice) -> int | None:
    """The step of a slice; None where it is no literal."""
    if entry.step is None or tree.is_constant(entry.step, None):
        return 1
    is_negated = isinstance(entry.step, gast.UnaryOp) and isinstance(entry.step.op, gast.USub)
    literal = entry.step.operand if is_negated else entry.step
    if not isinstance(literal, gast.Constant) or type(literal.value) is not int:
        return None
    return -literal.value if is_negated else literal.value
