"""Shadows: the adjoints of arrays that are written in place.

The adjoint of a view is the same view of the adjoint. A buffer's shadow is an array of its shape; every name
that may see the buffer has a shadow name that sees the shadow in the same way: `v = y[1:]` mirrors to
`v_bar = y_bar[1:]`. So a write through any alias comes out right by construction.

Where no name of the buffer is rebound (a join or a carried name), the shadow is made in the reverse sweep,
where it is first needed. Else it is made in the forward sweep and follows its primal through all copies.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gast
import numpy

from tangent_sct import runtime
from tangent_sct.analysis.indices import is_fancy, surely_fancy
from tangent_sct.analysis.iterations import heads
from tangent_sct.analysis.operations import DISPLAYS, opened, undressed
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import Field, Kind
from tangent_sct.derive.boxes import mirror
from tangent_sct.derive.context import Context
from tangent_sct.derive.layout import Layout
from tangent_sct.frontend.namespace import meaning
from tangent_sct.templating.rule import UNSURE

READ_ONLY = frozenset(
    {
        numpy.diag,
        numpy.diagonal,
        numpy.linalg.diagonal,
        numpy.broadcast_to,
        numpy.lib.stride_tricks.sliding_window_view,
    }
)
"""Functions whose results are views that NumPy does not let be written."""
ZEROS = (numpy.zeros_like, runtime.zeros_like, runtime.shadow_like, runtime.zero_items)
"""What makes new shadows, and reads no more than the shape or structure of its argument."""
_SHAPE_ATTRIBUTES = ("shape", "ndim", "size", "dtype")


class Shadows:
    """The shadows of one function's buffers."""

    def __init__(
        self,
        context: Context,
        layout: Layout,
        emit: Callable[[gast.AST], None],
        is_changed: Callable[[str], bool],
    ) -> None:
        self.context = context
        self.layout = layout
        self.emit = emit
        self.is_changed = is_changed
        self.made: dict[str, str] = {}
        self._eager: dict[str, bool] = {}

    def is_eager(self, name: str) -> bool:
        """Whether a shadow is made in the forward sweep: the name may be rebound.

        So it is for a box that is changed and holds boxes or arrays that are written: its items are
        views, which must be taken when it has the structure it had in the program.
        """
        if name not in self._eager:
            # The facts about the program that it depends on are there before the sweep.
            self._eager[name] = self._has_moving_class(name)
        return self._eager[name]

    def _has_moving_class(self, name: str) -> bool:
        boxes = self.context.boxes
        group: set[str] = set()
        if name in self.context.stored or name not in boxes:
            group.update(self.context.share(name))
        for other in [name, *group]:
            if other in boxes:
                group.update(boxes[other].members)
        return any(self._is_rebound(other) or self._moves(other) for other in group)

    def _moves(self, name: str) -> bool:
        """Whether a name is a box that is changed, and may hold what has a shadow."""
        box = self.context.boxes.get(name)
        if box is None or not box.changes:
            return False
        may_hold = self.may_be_nested
        return any(may_hold(other) or any(item.mixed for item in self._items(other)) for other in box.members)

    def is_nested(self, name: str) -> bool:
        """Whether a box is known to hold what has a shadow itself: boxes, or arrays that are written."""
        written = name in self.context.stored
        items = self._items(name)
        return any(item.is_container or (written and not item.is_scalar) for item in items)

    def may_be_nested(self, name: str) -> bool:
        """Whether a box holds what has a shadow itself, or may do so as far as is known.

        Calls of which little is known make items unknown that were put in as boxes.
        """
        if self.is_nested(name):
            return True
        box = self.context.boxes.get(name)
        return box is not None and box.nests and any(item.family == "unknown" for item in self._items(name))

    def is_mixed(self, name: str) -> bool:
        """Whether a box may hold both what has a shadow itself and what has none."""
        written = name in self.context.stored
        items = self._items(name)
        alike = all(item.is_container or (written and item.is_array) for item in items)
        return self.is_nested(name) and not alike

    def _items(self, name: str) -> list[Kind]:
        kind = self.context.kind(name)
        return [kind.item(None)] if kind.items is None else [item for _, item in kind.items]

    def is_made(self, name: str) -> bool:
        """Whether there is a shadow by now."""
        return self.is_eager(name) or name in self.made

    def is_root(self, name: str) -> bool:
        """Whether the shadow of a name is one of its own, no view of another."""
        definitions = self.layout.definitions.get(name)
        return not definitions or self.mirrored(name) is None

    def _is_rebound(self, name: str) -> bool:
        definitions = self.layout.definitions.get(name, ())
        if len(definitions) > 1 or name in self.context.tapes:
            return True
        home = self.layout.home_of(name)
        inside = self.layout.loops_around(home)
        return bool(inside) and any(
            self.layout.loops_around(path)[: len(inside)] != inside
            for path in self.layout.read_paths.get(name, ())
        )

    def name(self, name: str) -> str:
        """The shadow name of a buffer name, made or not."""
        if name not in self.made:
            self.made[name] = self.context.partner(name, "_bar")
        return self.made[name]

    def known(self, name: str) -> str | None:
        """The shadow name if there is a shadow by now."""
        return self.name(name) if self.is_eager(name) else self.made.get(name)

    def of(self, name: str) -> str:
        """The shadow name, the shadow being made here if there is none yet."""
        if self.is_eager(name) or name in self.made:
            return self.name(name)
        view = self.mirrored(name)
        value = self.zeros(name) if view is None else view
        shadow = self.name(name)
        self.emit(tree.assign(shadow, value))
        for check in self.shadow_check(name):
            self.emit(check)
        return shadow

    def add(self, name: str, value: gast.AST) -> None:
        """`name_bar += value`, in place."""
        self._refuse_nested(name)
        # A shadow that is reshaped must have the memory layout of its primal, which a sum need not have.
        is_root = self.source(name) is None and not self.is_reshaped(name)
        # Arithmetic with arrays without axes makes numbers, and a number cannot be added to in place.
        fresh = isinstance(value, (gast.BinOp, gast.UnaryOp)) and bool(self.context.kind(name).rank)
        if is_root and fresh and name not in self.made and not self.is_eager(name):
            self.emit(tree.assign(self.name(name), value))
            return
        if is_root and name not in self.made and not self.is_eager(name):
            copy = gast.Call(self.context.numpy("array"), [value], [])
            self.emit(tree.assign(self.name(name), copy))
            return
        self.emit(tree.augment(tree.store(self.of(name)), "+", value))

    def add_where_set(self, name: str, value: gast.AST) -> None:
        """`name_bar += value` where there is a value to have a shadow."""
        shadow = self.of(name)
        is_set = gast.Compare(tree.load(shadow), [gast.IsNot()], [tree.const(None)])
        self.emit(tree.if_(is_set, [tree.mark(tree.augment(tree.store(shadow), "+", value), None, "reverse")], []))

    def _refuse_nested(self, name: str) -> None:
        """Refuse to add to the shadow of a shadow that may be a container, for all that is known."""
        if self.context.kind(name).family != "unknown":
            return
        for node in self.layout.definitions.get(name, ()):
            found = self.context.operation(getattr(node, "value", None))
            if found is not None and found.function is runtime.zero_items:
                raise self.context.refusal(
                    f"how deep containers in `{self.context.bases.get(name) or name}` go is not known, "
                    "where reverse mode is run twice",
                    "differentiate forward over reverse: jvp of grad",
                )

    def zeros(self, name: str) -> gast.AST:
        """A new shadow."""
        if name in self.context.tapes:
            return tree.list_of([])
        if self.context.is_box(name):
            return self.context.helper(runtime.zero_items, tree.load(name))
        if self.context.kind(name).is_array:
            return self.context.zeros_like(tree.load(name), self.context.kind(name))
        # It may be a number that shares its place with arrays: that takes additions in place, too.
        is_known = self.context.kind(name).family != "unknown"
        zeros = runtime.zeros_like if is_known else runtime.shadow_like
        return self.context.helper(zeros, tree.load(name))

    def source(self, name: str, value: gast.AST | None = None) -> str | None:
        """The buffer that a name sees or views, None where its definition makes a new one."""
        if value is None:
            definitions = self.layout.definitions.get(name)
            if not definitions or not isinstance(definitions[0], gast.Assign):
                return None
            value = definitions[0].value
        value = undressed(value, self.context.namespace.objects)
        if isinstance(value, gast.Name):
            return str(value.id)
        if isinstance(value, DISPLAYS):
            items = (item for item in opened(value) if isinstance(item, gast.Name))
            return next((item.id for item in items if self.context.is_buffer(item.id)), None)
        found = self.context.operation(value)
        if found is None or not found.args:
            return None
        if found.function is operator.getitem and surely_fancy(
            found.args[1], self.context.kind_of, self.context.kind_of(found.args[0])
        ):
            return None
        # Names may share memory at other places of the program, and yet this value be a new array.
        shared = self.context.sources(value)
        first = found.args[0]
        if not isinstance(first, gast.Name):
            # The array need not come first: `np.einsum("ij->ji", a)`.
            owners = [a.id for a in found.args if isinstance(a, gast.Name) and a.id in shared]
            return owners[0] if len(owners) == 1 and isinstance(first, gast.Constant) else None
        return str(first.id) if first.id != name and first.id in shared else None

    def mirrored(self, name: str, value: gast.AST | None = None) -> gast.AST | None:
        """The expression that views the shadow as a definition views the primal."""
        if self.context.is_box(name) and name not in self.context.tapes:
            if value is None and name in self.layout.definitions:
                value = self.layout.definitions[name][0].value
            return None if value is None else mirror(self, name, value)
        owner = self.source(name, value)
        if owner is None:
            return None
        if owner not in self.context.tapes and not self.context.is_buffer(owner):
            # What carries no derivative has no shadow to view.
            return None
        if value is None:
            value = self.layout.definitions[name][0].value
        value = undressed(value, self.context.namespace.objects)
        if isinstance(value, gast.Name):
            return tree.load(self.of(owner))
        if isinstance(value, DISPLAYS):
            return self.beside(value)
        if owner in self.context.tapes:
            return tree.substitute(value, {owner: tree.load(self.of(owner))})
        found = self.context.operation(value)
        if found is not None and found.function is runtime.old_item:
            return self.old_item(owner, found.args[1])
        rule = None if found is None else self.context.rule_of(found)
        if found is None or rule is None or isinstance(value, gast.BinOp):
            raise self.may_share(value, owner)
        if rule.aliasing == "fresh":
            # Of an array it is a new one, of a container a new one of the same items.
            raise self.context.may_not_copy(value)
        if found.function is numpy.imag and self.context.kind(owner).is_complex is not False:
            # With w = df/dx - i df/dy the imaginary part of the adjoint is not the adjoint of that part.
            raise self.context.refusal(
                f"`{self.context.shown(value)}` is a view of a complex array that is written in place",
                "copy what is taken over from there: np.imag(...).copy()",
            )
        is_unsure = self.context.kind(name).family == "unknown" and not getattr(value, "of_array", False)
        if is_unsure and self._may_be_element(value):
            # The same index of the shadow would be a number, and what is added to that is lost.
            raise self.context.refusal(
                f"whether `{self.context.shown(value)}` is a number or a view of an array that is written in place "
                "is not known",
                "annotate the arguments (float, np.ndarray), or use source_for(*args); "
                "let a variable hold arrays of one rank only",
                # A function kept whole may have made it.
                way="follows_all",
            )
        self._refuse_changing_operands(value, owner)
        view = tree.substitute(value, {owner: tree.load(self.of(owner))})
        if is_one_of(found.function, READ_ONLY):
            return self.context.helper(runtime.writable, view)
        return view

    def old_item(self, owner: str, key: gast.AST) -> gast.AST:
        """The shadow of an item that is about to be replaced, `ABSENT` where there is no such item."""
        return self.context.helper(runtime.old_item, tree.load(self.of(owner)), tree.copy(key))

    def may_share(self, value: gast.AST, owner: str) -> UnsupportedError:
        """The error for a value of which only the run tells whether it shares memory that is written."""
        return self.context.refusal(
            f"`{self.context.shown(value)}` may share memory with `{self.context.bases.get(owner) or owner}`, "
            "which is written in place",
            "copy what is taken over from there",
        )

    def _refuse_changing_operands(self, value: gast.AST, owner: str) -> None:
        """Refuse a view by axes or sizes that change: where the view of the shadow is made, they may be others."""
        # What an array holds may be another, its shape is not.
        for name in set(content_reads(value, self.context.namespace.objects)) - {owner}:
            kind = self.context.kind(name)
            if kind.family in ("array", "list") and (name in self.context.stored or self.is_changed(name)):
                shown = self.context.bases.get(name) or name
                raise self.context.refusal(
                    f"`{self.context.shown(value)}` is a view of an array that is written in place, by `{shown}`, "
                    "which is written as well",
                    f"hand over a copy of `{shown}`: tuple(...)",
                )

    def _may_be_element(self, value: gast.AST) -> bool:
        """Whether an expression may select a single number of an array, or out of a container."""
        if not isinstance(value, gast.Subscript):
            return False
        return not any(isinstance(part, gast.Slice) or tree.is_constant(part, ...) for part in _parts(value.slice))

    def beside(self, item: gast.AST) -> gast.AST:
        """What stands in a shadow in the place of an item: its own shadow, or zeros."""
        if isinstance(item, gast.Dict):
            return gast.Dict(list(map(_of_no_class, item.keys)), list(map(self.beside, item.values)))
        if isinstance(item, (gast.Tuple, gast.List)):
            return tree.list_of(map(self.beside, item.elts))
        if isinstance(item, gast.Name) and self.context.has_shadow(item.id):
            return tree.load(self.of(item.id))
        kind = self.context.kind_of(item)
        if kind.is_scalar:
            return tree.const(0.0)
        if kind.is_array:
            return self.context.zeros_like(tree.copy(item), kind)
        return self.context.helper(runtime.zero_items, tree.copy(item))

    def shared_items(self, display: gast.AST) -> Iterator[str]:
        """Names in a display that have shadows of their own."""
        for item in opened(display):
            if isinstance(item, gast.Name) and self.context.has_shadow(item.id):
                yield item.id

    def forward(self, name: str, value: gast.AST) -> list[gast.AST]:
        """What the forward sweep adds after a definition where the shadow follows the primal."""
        if not self.is_eager(name):
            return []
        if tree.is_constant(value, None):
            # There is no value yet, and so no shadow.
            shadow = tree.assign(self.name(name), tree.const(None))
            shadow.unset = True
            return [tree.mark(shadow, self.context.origin)]
        view = self.mirrored(name, value)
        shadow = tree.assign(self.name(name), self.zeros(name) if view is None else view)
        return [tree.mark(node, self.context.origin) for node in (shadow, *self.shadow_check(name))]

    def is_reshaped(self, name: str) -> bool:
        """Whether a name that may see the buffer is a view of it only if the memory layout allows it."""
        return any(self.reshaped_from(other) is not None for other in self.context.share(name))

    def reshaped_from(self, name: str) -> str | None:
        """The buffer that a name is a view of where the memory layout allows it, else None."""
        definitions = self.layout.definitions.get(name, ())
        if len(definitions) != 1 or not isinstance(definitions[0], gast.Assign):
            return None
        found = self.context.operation(definitions[0].value)
        if found is None or found.function is operator.getitem:
            return None
        rule = self.context.rule_of(found)
        return None if rule is None or rule.aliasing not in UNSURE else self.source(name)

    def shadow_check(self, name: str) -> list[gast.AST]:
        """A check that the shadow of a reshaped buffer could be reshaped in the same way."""
        owner = self.reshaped_from(name)
        if owner is None or not self.context.is_buffer(owner):
            return []
        shadows = (tree.load(self.name(name)), tree.load(self.name(owner)))
        return [tree.effect(self.context.helper(runtime.check_view, *shadows))]

    def push(self, tape: str, value: gast.AST) -> list[gast.AST]:
        """The shadow of a push of a buffer."""
        shadow = tree.load(self.name(tape))
        # Beside what varies a tape may hold constants.
        pushed = gast.Call(tree.attribute(shadow, "append"), [self.beside(value)], [])
        return [tree.mark(tree.effect(pushed), self.context.origin)]

    def check(self, name: str) -> list[gast.AST]:
        """A check in the forward sweep where a view may turn out to be a copy."""
        value = self.layout.definitions[name][0].value
        found = self.context.operation(value)
        rule = None if found is None else self.context.rule_of(found)
        owner = self.source(name)
        if found is None or rule is None or owner is None or rule.aliasing not in UNSURE:
            return []
        is_item = found.function is operator.getitem
        if is_item and self.context.kind(owner).is_container:
            return []
        if is_item and not is_fancy(found.args[1], self.context.kind_of):
            # A basic slice of an array is a view; what may as well be a single number is checked.
            kind_of = self.context.kind
            # Of what may be a number, `v[...]` is an array of its own.
            may_be_copy = kind_of(owner).is_array or _keeps_all(found.args[1])
            if kind_of(name).family != "unknown" or not may_be_copy:
                return []
        call = self.context.helper(runtime.check_view, tree.load(name), tree.load(owner))
        return [tree.mark(tree.effect(call), self.context.origin)]


def content_reads(statement: gast.AST, namespace: Mapping[str, Any]) -> Iterator[str]:
    """Names whose elements, not only their shape or their memory, a generated statement reads."""
    if type(statement) in tree.COMPOUND:
        yield from heads(statement)[0]
        return
    pending = [statement]
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is gast.Name:
            if type(node.ctx) is gast.Load:
                yield node.id
        elif kind is gast.Call:
            pending += reversed(_read_by_call(node, namespace))
        elif kind is not gast.Attribute:
            pending += reversed(tree.children(node))
        elif node.attr not in _SHAPE_ATTRIBUTES:
            dotted = tree.dotted_name(node)
            if dotted is not None and dotted.partition(".")[0] in namespace:
                # A variable of a module or a class is known by its text.
                yield dotted
            pending.append(node.value)


def _read_by_call(node: gast.Call, namespace: Mapping[str, Any]) -> list[gast.AST]:
    """The function and the operands of a call, but for those of which it asks only the shape."""
    function = meaning(node.func, namespace)
    skipped: list[gast.AST] = []
    if is_one_of(function, ZEROS):
        skipped = list(node.args)
    elif function is runtime.unbroadcast:
        skipped = node.args[1:]
    elif function is runtime.unreduce:
        skipped = [k.value for k in node.keywords if k.arg == "like"]
    parts = [node.func, *node.args, *(keyword.value for keyword in node.keywords)]
    return [part for part in parts if not any(part is item for item in skipped)]


def _keeps_all(index: gast.AST) -> bool:
    """Whether an index has a `...`, so that of an array it gives an array."""
    return any(tree.is_constant(part, ...) for part in _parts(index))


def _parts(index: gast.AST) -> list[gast.AST]:
    """What an index has for each axis."""
    return list(index.elts) if isinstance(index, gast.Tuple) else [index]


def _of_no_class(key: gast.AST) -> gast.AST:
    """The key of an item in a shadow: what stands beside an object is a namespace, whatever the object's class."""
    value = getattr(key, "value", None)
    return tree.const(Field(value)) if isinstance(value, Field) else tree.copy(key)
