"""Boxes in the reverse sweep: containers whose adjoint is a shadow of the same structure.

The shadow of a list is a list, `c_bar[i]` the adjoint of `c[i]`; see `analysis.boxes` for which containers have
one and `shadows` for when it is made. What changes a box is undone on its shadow when the reverse sweep
meets it, so that both have the same structure at the same place of the program:

    c.append(v)     v_bar += c_bar.pop()
    v = c.pop()     c_bar.append(v_bar)
    c[k] = v        v_bar += c_bar[k], and c_bar[k] is zeros in the shape of what was there before

An item that is an array written in place, or a box itself, is no value that is read off: its shadow *is* the
item of the shadow, and nothing is handed over.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gast

from tangent_sct import runtime
from tangent_sct.analysis.operations import DISPLAYS, copied, opened, parted, undressed
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import UNKNOWN, Kind
from tangent_sct.frontend.namespace import MISSING
from tangent_sct.runtime.boxes import UNDONE_BY

if TYPE_CHECKING:
    from tangent_sct.derive.reverse import Reverse
    from tangent_sct.derive.shadows import Shadows


class Boxes:
    """The adjoints of the statements that build, change and take apart boxes."""

    def __init__(self, sweep: Reverse) -> None:
        self.sweep = sweep
        self.context = sweep.context
        self.shadows = sweep.shadows
        self.last_use = ""

    # -- adding -------------------------------------------------------------------------------

    def add(self, name: str, value: gast.AST) -> None:
        """`name_bar += value`, item by item."""
        is_first = not self.shadows.is_made(name) and self.shadows.is_root(name)
        if (
            is_first
            and isinstance(value, gast.ListComp)
            and self.context.kind(name).item(None).is_scalar
        ):
            # A list made for it, of numbers, which nobody else can change.
            self.sweep.emit(tree.assign(self.shadows.name(name), value))
            return
        if is_first and self.last_use and tree.is_name(value, self.last_use):
            # What was copied from it is not known before this statement, nor is its shadow used there.
            self.sweep.emit(tree.assign(self.shadows.name(name), value))
            return
        shadow = self.shadows.of(name)
        call = self.context.helper(runtime.add_items, tree.load(shadow), value)
        self.sweep.emit(tree.effect(call))

    def add_at(self, owner: gast.AST, key: gast.AST, value: gast.AST, kind: Kind) -> None:
        """`owner[key] += value` for an item of a shadow, of the given kind."""
        if kind.is_scalar or kind.is_array:
            place = tree.subscript(owner, tree.copy(key))
            self.sweep.emit(tree.augment(place, "+", value))
            return
        self.sweep.emit(
            tree.effect(self.context.helper(runtime.add_item, owner, tree.copy(key), value))
        )

    def give(self, item: gast.AST, value: gast.AST, owned: bool = False) -> None:
        """Hand the adjoint of an item on to what the item was made of."""
        for atom, part in parted(item, value):
            if self.is_handed_on(atom):
                self.sweep.values.contribute(atom.id, part, owned)

    # -- definitions --------------------------------------------------------------------------

    def define(self, node: gast.Assign, name: str, value: gast.AST) -> list[Any]:
        """A name of a box is assigned."""
        context = self.context
        value = undressed(value, context.namespace.objects)
        if isinstance(value, gast.Dict) and None in value.keys:
            # What is spread in it was taken for constants before the items got derivatives.
            raise context.refusal(
                "`**` in a dict display of values to be differentiated is not supported", "write the keys out"
            )
        eager = self.shadows.forward(name, value)
        known = self.shadows.known(name)
        self.last_use = known or ""
        done: list[Any] = [node, *eager]
        if isinstance(value, gast.Name):
            if known is not None and not context.has_shadow(value.id):
                self.give(value, tree.load(known))
            return done
        if isinstance(value, DISPLAYS):
            if known is not None:
                self.give(value, tree.load(known))
            return done
        found = context.operation(value)
        if isinstance(value, gast.Constant) or found is None:
            return done
        if not any(map(context.is_active, found.operands())):
            return done
        if isinstance(value, gast.Subscript):
            is_new = isinstance(value.slice, gast.Slice) and not self.shadows.is_nested(name)
            if is_new and known is not None:
                self.give_slice(value, known)
            return done
        source = self.copied_from(value)
        if source is not None:
            if known is not None and not self.shadows.is_nested(name):
                self.give_all(source, tree.load(known))
            return done
        if isinstance(value, gast.BinOp):
            if known is not None and not self.shadows.is_nested(name):
                self.give_operands(value, known)
            return done
        return self.computed(node, name, value, known) + eager

    def computed(
        self, node: gast.Assign, name: str, value: gast.AST, known: str | None
    ) -> list[Any]:
        """A box that a function returns."""
        found = self.context.operation(value)
        rule = None if found is None else self.context.rule_of(found)
        if rule is None and found is not None and found.function is not MISSING:
            return list(self.sweep.calls.reverse(self.sweep, node, name, value, found))
        if rule is None or len(rule.results) != 1:
            raise self.context.no_rule(value)
        seed = None if known is None else tree.load(known)
        return list(self.sweep.propagate(node, [name], value, [seed]))

    def copied_from(self, value: gast.AST) -> gast.AST | None:
        """The container, or array of as many rows, that a call makes a new one of."""
        found = self.context.operation(value)
        source = copied(value, found)
        if source is not None and found is not None and found.function is dict:
            source = source if self.context.kind_of(source).family == "dict" else None
        kind = UNKNOWN if source is None else self.context.kind_of(source)
        return source if kind.is_container or kind.is_array else None

    def give_all(self, source: gast.AST, value: gast.AST) -> None:
        """Hand the adjoints of all items on to a container, or to an array of as many rows."""
        if self.context.kind_of(source).is_array:
            value = gast.Call(self.context.numpy("array"), [value], [])
        if isinstance(source, gast.Name) and self.context.is_active(source):
            self.sweep.values.contribute(source.id, value)
        elif not isinstance(source, gast.Name):
            self.give(source, value)

    def give_slice(self, value: gast.Subscript, known: str) -> None:
        """`name = owner[a:b]`: a new list of some of the items."""
        owner = value.value.id
        where = _slice_call(value.slice)
        shadow = tree.load(self.shadows.of(owner))
        call = self.context.helper(runtime.add_items, shadow, tree.load(known), where)
        self.sweep.emit(tree.effect(call))

    def give_operands(self, value: gast.BinOp, known: str) -> None:
        """`name = c + d` and `name = c * n` of lists and tuples."""
        shadow = tree.load(known)
        if isinstance(value.op, gast.Mult):
            items, count = value.left, value.right
            if not self.context.kind_of(items).is_container:
                items, count = count, items
            total = self.context.helper(runtime.times_items, shadow, tree.copy(count))
            is_known = isinstance(count, gast.Constant) and count.value > 0
            if isinstance(items, gast.Name) and self.context.has_shadow(items.id) and not is_known:
                # The list may have been repeated no time.
                total.args.append(tree.load(self.shadows.of(items.id)))
            self.give_new(items, total)
            return
        length = tree.call("len", tree.copy(value.left))
        first = gast.Slice(None, length, None)
        second = gast.Slice(tree.copy(length), None, None)
        self.give_all(value.left, tree.subscript(shadow, first))
        self.give_all(value.right, tree.subscript(tree.copy(shadow), second))

    def give_new(self, items: gast.AST, value: gast.AST) -> None:
        """Hand on a new list of adjoints, which gets a name where it is used more than once."""
        if isinstance(items, gast.Name):
            self.give_all(items, value)
            return
        name = self.context.temporary("items_bar")
        self.sweep.emit(tree.assign(name, value))
        self.give(items, tree.load(name))

    # -- shadows of shadows -------------------------------------------------------------------

    def helped(self, function: Any, args: tuple[gast.AST, ...], result: str | None) -> list[gast.AST]:
        """A helper changes a list, or in a derivative a shadow; what follows it in the forward sweep."""
        context = self.context
        if not context.has_shadow(args[0].id):
            raise self.unknown_items(args[0].id)
        if function is runtime.put_back:
            return self.put_back_again(args)
        shadow = tree.load(self.shadows.of(args[0].id))
        if is_one_of(function, UNDONE_BY):
            self.sweep.emit(tree.effect(context.helper(UNDONE_BY[function], shadow, tree.copy(args[1]))))
            same = tree.effect(context.helper(function, tree.copy(shadow), tree.copy(args[1])))
            return self.followed(args[0].id, same)
        if function is runtime.add_items:
            given: gast.AST = shadow
            if len(args) > 2:
                given = tree.subscript(shadow, tree.copy(args[2]))
            self.hand_copy(args[1], given, is_several=True)
        elif function is runtime.add_item:
            self.hand_copy(args[2], tree.subscript(shadow, tree.copy(args[1])))
        elif result is not None:
            seed = self.sweep.parts.taken_seed(result)
            value = self.sweep.values.zero(result) if seed is None else seed
            if function is runtime.taken_tail:
                self.sweep.emit(tree.effect(_method(shadow.id, "extend", value)))
                taken = context.helper(function, tree.copy(shadow), tree.copy(args[1]))
                return self.followed(args[0].id, tree.assign(self.shadows.name(result), taken))
            place = tree.subscript(shadow, tree.copy(args[1]))
            if context.has_shadow(result) and self.shadows.is_eager(args[0].id):
                self.sweep.emit(tree.assign(place, value))
                taken = context.helper(function, tree.copy(shadow), *map(tree.copy, args[1:]))
                if context.kind(result).family == "unknown":
                    # Other names may have this shadow, too.
                    taken = context.helper(runtime.as_shadow, taken)
                return self.followed(args[0].id, tree.assign(self.shadows.name(result), taken))
            self.sweep.emit(tree.assign(place, context.helper(runtime.copied, value)))
        return []

    def unknown_items(self, name: str) -> UnsupportedError:
        """The error for a shadow that is changed by a derivative of which too little is known."""
        return self.context.refusal(
            f"what `{self.context.bases.get(name) or name}` holds is not known",
            "use source_for(*args) or call the derivative, so that it is read off the arguments",
        )

    def put_back_again(self, args: tuple[gast.AST, ...]) -> list[gast.AST]:
        """`put_back(c, key, old)`: the shadow of `c` gets that of `old`, and the reverse sweep what it had before."""
        context = self.context
        owner, key, old = args
        if not self.shadows.is_eager(owner.id) or not context.has_shadow(old.id):
            raise self.unknown_items(owner.id)
        shadow = tree.load(self.shadows.of(owner.id))
        place = tree.subscript(shadow, tree.copy(key))
        replaced = context.temporary(f"{context.bases.get(owner.id) or owner.id}_new_bar")
        self.sweep.emit(tree.assign(place, tree.load(replaced)))
        kept = tree.assign(replaced, tree.with_context(tree.copy(place), gast.Load()))
        put = context.helper(runtime.put_back, tree.copy(shadow), tree.copy(key), self.shadows.beside(old))
        return [tree.mark(kept, context.origin), tree.mark(tree.effect(put), context.origin)]

    def followed(self, owner: str, statement: gast.AST) -> list[gast.AST]:
        """What the forward sweep does to a shadow after its box has changed, where it has made the shadow."""
        return [tree.mark(statement, self.context.origin)] if self.shadows.is_eager(owner) else []

    def hand_copy(self, item: gast.AST, value: gast.AST, is_several: bool = False) -> None:
        """Hand on an adjoint that is still used here.

        Args:
            item: what it belongs to.
            value: the adjoint.
            is_several: whether it is that of several items, which an array stands for as well as a container.
        """
        context = self.context
        for atom, part in parted(item, value):
            if not context.is_active(atom):
                continue
            kind = context.kind_of(atom)
            if kind.is_array:
                part = gast.Call(context.numpy("array"), [part], [])
            elif is_several and not kind.is_container:
                part = context.helper(runtime.copied_like, part, tree.copy(atom))
            elif not kind.is_scalar:
                part = context.helper(runtime.copied, part)
            self.sweep.values.contribute(atom.id, part)

    # -- changes ------------------------------------------------------------------------------

    def changed(self, node: gast.AST, call: gast.Call, result: str | None = None) -> list[Any]:
        """A method changes a box; `result` is the name its value is bound to."""
        owner, method, args = call.func.value.id, call.func.attr, call.args
        if method == "append" and result is None:
            return [node, *self.append(owner, args[0])]
        family = self.context.kind(owner).family
        if method == "insert" and result is None:
            return [node, *self.append(owner, args[1], args[:1])]
        if method == "pop" and (family == "list" or (family == "dict" and len(args) == 1)):
            return [node, *self.pop(owner, result, args)]
        if method == "reverse" and family == "list":
            reversed_ = tree.effect(_method(self.shadows.of(owner), "reverse"))
            self.sweep.emit(tree.copy(reversed_))
            return [node, *self.followed(owner, reversed_)]
        raise self.context.unknown_change(call, of_container=True)

    def append(self, owner: str, item: gast.AST, place: Sequence[gast.AST] = ()) -> list[gast.AST]:
        """`owner.append(item)`, or `owner.insert(place, item)` with a place counted from the front."""
        place = list(map(tree.copy, place))
        taken = _method(self.shadows.of(owner), "pop", *place)
        self.hand_over(item, taken, item.id if isinstance(item, gast.Name) else "items")
        if not self.shadows.is_eager(owner):
            return []
        name, beside = "insert" if place else "append", self.shadows.beside(item)
        pushed = _method(self.shadows.name(owner), name, *map(tree.copy, place), beside)
        return [tree.mark(tree.effect(pushed), self.context.origin)]

    def pop(self, owner: str, result: str | None, place: Sequence[gast.AST]) -> list[gast.AST]:
        """`result = owner.pop(place)`: of a list, with a place counted from the front; or of a dict."""
        context = self.context
        shares = result is not None and context.has_shadow(result)
        value: gast.AST
        if shares:
            kind = context.kind(str(result))
            kind = kind.present or kind
            if not (kind.is_array or kind.is_container):
                raise context.refusal(
                    "whether a number or an array that is written in place is taken off a list is not known",
                    "keep numbers and arrays apart",
                )
            value = tree.load(self.shadows.of(str(result)))
        elif self.shadows.may_be_nested(owner):
            return self.pop_shadow(owner, result, place)
        else:
            known = None if result is None else self.sweep.parts.taken_seed(result)
            if known is None and result is None:
                raise context.refusal(
                    "an item of values to be differentiated is taken off a list and not used",
                    "give it a name: `last = items.pop()`",
                )
            value = self.sweep.values.zero(str(result)) if known is None else known
        self.sweep.emit(self.put_back(owner, place, value))
        if not self.shadows.is_eager(owner):
            return []
        taken = _method(self.shadows.name(owner), "pop", *map(tree.copy, place))
        if shares:
            forward = tree.assign(self.shadows.name(str(result)), taken)
        else:
            forward = tree.effect(taken)
        return [tree.mark(forward, context.origin)]

    def pop_shadow(self, owner: str, result: str | None, place: Sequence[gast.AST]) -> list[gast.AST]:
        """`result = owner.pop(place)` where items have shadows, and whether this one is a container is not known.

        The reverse sweep puts the very shadow back that the item had, and adds to it.
        """
        context = self.context
        shadow = self.shadows.of(owner)
        old = context.temporary(f"{context.bases.get(owner) or owner}_old_bar")
        taken = tree.assign(old, _method(shadow, "pop", *map(tree.copy, place)))
        self.sweep.emit(self.put_back(owner, place, tree.load(old)))
        seed = None if result is None else self.sweep.parts.taken_seed(result)
        if seed is not None:
            key = tree.copy(place[0]) if place else tree.const(-1)
            self.sweep.emit(tree.effect(context.helper(runtime.add_item, tree.load(shadow), key, seed)))
        return [tree.mark(taken, context.origin)]

    def put_back(self, owner: str, place: Sequence[gast.AST], value: gast.AST) -> gast.AST:
        """The statement that undoes `owner.pop(place)` on the shadow of the box: the item's place gets a value."""
        shadow = self.shadows.of(owner)
        if self.context.kind(owner).family == "dict":
            return tree.assign(tree.subscript(tree.load(shadow), tree.copy(place[0])), value)
        method = "insert" if place else "append"
        return tree.effect(_method(shadow, method, *map(tree.copy, place), value))

    def store(self, node: gast.AST, target: gast.Subscript, value: gast.AST) -> list[Any]:
        """`owner[key] = value`: an item is replaced, or a dict gets a new one."""
        context = self.context
        owner, key = target.value.id, target.slice
        base = context.bases.get(owner) or owner
        place = tree.with_context(tree.copy(target), gast.Load())
        kinds = (context.kind_of(place), context.kind_of(value))
        numbers = all(kind.is_scalar for kind in kinds)
        if isinstance(key, gast.Slice):
            raise context.refusal(
                f"items of `{base}` are replaced by a slice",
                "make a new list, or write into the arrays: `c[k][...] = value`",
            )
        if self.shadows.may_be_nested(owner) and not numbers:
            return self.store_shadow(node, target, value)
        shadow = tree.load(self.shadows.of(owner))
        before: list[gast.AST] = []
        cleared: gast.AST | None = None
        if context.kind(owner).family == "list" and numbers:
            taken: gast.AST = tree.subscript(shadow, tree.copy(key))
            cleared = tree.assign(tree.copy(taken), tree.const(0.0))
        else:
            old = context.temporary(f"{base}_old")
            kept: gast.AST = place
            if not self.has_item(owner, key):
                kept = context.helper(runtime.old_item, tree.load(owner), tree.copy(key))
            before = [tree.mark(tree.assign(old, kept), context.origin)]
            taken = context.helper(runtime.taken_item, shadow, tree.copy(key), tree.load(old))
        self.hand_over(value, taken, base, cleared)
        after: list[gast.AST] = []
        if self.shadows.is_eager(owner):
            new = tree.subscript(tree.load(self.shadows.name(owner)), tree.copy(key))
            after = [tree.mark(tree.assign(new, self.shadows.beside(value)), context.origin)]
        return [*before, node, *after]

    def store_shadow(self, node: gast.AST, target: gast.Subscript, value: gast.AST) -> list[Any]:
        """`owner[key] = value` where items have shadows: that of the new one takes the place of that of the old.

        The reverse sweep puts the old one back.
        """
        context = self.context
        owner, key = target.value.id, target.slice
        base = context.bases.get(owner) or owner
        shadow = tree.load(self.shadows.of(owner))
        place = tree.subscript(shadow, tree.copy(key))
        old = context.temporary(f"{base}_old_bar")
        if self.has_item(owner, key):
            kept: gast.AST = place
            cleared = tree.assign(tree.copy(place), tree.load(old))
        else:
            kept = context.helper(runtime.old_item, tree.copy(shadow), tree.copy(key))
            put = context.helper(runtime.put_back, tree.copy(shadow), tree.copy(key), tree.load(old))
            cleared = tree.effect(put)
        before = tree.mark(tree.assign(old, kept), context.origin)
        self.hand_over(value, tree.copy(place), base, cleared)
        after = tree.mark(tree.assign(tree.copy(place), self.shadows.beside(value)), context.origin)
        return [before, node, after]

    def has_item(self, owner: str, key: gast.AST) -> bool:
        """Whether a container surely has an item under a key, where a store into it is no error."""
        kind = self.context.kind(owner)
        if kind.family == "list":
            return True
        return tree.is_constant(key) and any(known == key.value for known, _ in kind.items or ())

    def hand_over(
        self, item: gast.AST, taken: gast.AST, base: str, cleared: gast.AST | None = None
    ) -> None:
        """Take the adjoint of an item off a shadow, and hand it on to what the item was made of.

        Args:
            item: the atom, or the display of atoms, that was put into a box.
            taken: its adjoint, as it is taken off the shadow of the box.
            base: what the name of that adjoint is made from.
            cleared: what makes its place in the shadow zero, where `taken` only reads it.
        """
        sweep = self.sweep
        if not any(map(self.is_handed_on, opened(item))):
            sweep.emit(tree.effect(taken) if cleared is None else cleared)
            return
        seed = self.context.temporary(f"{base}_seed")
        sweep.emit(tree.assign(seed, taken))
        if cleared is not None:
            sweep.emit(cleared)
        self.give(item, tree.load(seed), owned=isinstance(item, gast.Name))

    def is_handed_on(self, item: gast.AST) -> bool:
        """Whether an item is a value whose adjoint is kept under its own name."""
        return self.context.is_active(item) and not self.context.has_shadow(item.id)


def mirror(shadows: Shadows, name: str, value: gast.AST) -> gast.AST | None:
    """The expression that makes the shadow of a box as a definition makes the box.

    None where the shadow is a new container of zeros.
    """
    context = shadows.context
    value = undressed(value, context.namespace.objects)
    if isinstance(value, gast.Name):
        return tree.load(shadows.of(value.id)) if context.has_shadow(value.id) else None
    if isinstance(value, gast.Subscript) and isinstance(value.value, gast.Name):
        owner = value.value.id
        if not context.has_shadow(owner) and owner not in context.tapes:
            return None
        if isinstance(value.slice, gast.Slice):
            if not shadows.is_nested(name):
                return None
            _refuse_mixed(shadows, name, value)
        return tree.subscript(tree.load(shadows.of(owner)), tree.copy(value.slice))
    if isinstance(value, DISPLAYS):
        return shadows.beside(value) if any(shadows.shared_items(value)) else None
    found = context.operation(value)
    if found is None or not shadows.is_nested(name):
        return None
    source = copied(value, found)
    if source is not None or found.function is operator.add:
        parts = found.args if source is None else (source,)
        atoms = [a for a in parts if isinstance(a, gast.Name) and context.has_shadow(a.id)]
        if len(atoms) == len(parts):
            _refuse_mixed(shadows, name, value)
            made = context.helper(tuple, source) if found.function is runtime.named else value
            if source is None:
                # A sum could be one of arrays, for all that is known of shadows where nobody knows kinds.
                made = tree.list_of([gast.Starred(atom, gast.Load()) for atom in parts])
            return tree.substitute(made, {a.id: tree.load(shadows.of(a.id)) for a in atoms})
    elif found.function is runtime.old_item:
        return shadows.old_item(found.args[0].id, found.args[1])
    elif found.function is operator.mul:
        repeated = _repeated(shadows, name, value)
        if repeated is not None:
            return repeated
    elif not context.sources(value):
        # The items of `[a] * n` are one array, also where that has no name.
        return None
    raise _refusal(
        shadows,
        name,
        f"`{context.shown(value)}` holds arrays that are written in place, or containers",
        "write the items out",
        # A function kept whole may have made them.
        way="follows_all",
    )


def _repeated(shadows: Shadows, name: str, value: gast.BinOp) -> gast.AST | None:
    """The shadow of `[a] * n`: its items are one array, and so are their shadows."""
    context = shadows.context
    items, count = value.left, value.right
    if not context.kind_of(items).is_container:
        items, count = count, items
    if isinstance(items, gast.Name) and context.has_shadow(items.id):
        _refuse_mixed(shadows, name, value)
        once: gast.AST = tree.load(shadows.of(items.id))
    elif isinstance(items, DISPLAYS) and not isinstance(items, gast.Dict) and not any(shadows.shared_items(items)):
        first = tree.subscript(tree.load(name), gast.Slice(None, tree.const(len(items.elts)), None))
        once = context.helper(runtime.zero_items, first)
    else:
        return None
    return gast.BinOp(once, gast.Mult(), tree.copy(count))


def _refusal(shadows: Shadows, name: str, reason: str, hint: str, way: str = "") -> UnsupportedError:
    """An error that points at the statement that makes a box."""
    context = shadows.context
    for node in shadows.layout.definitions.get(name, ())[:1]:
        context.origin = tree.origin_of(node)
    return context.refusal(reason, hint, way)


def _refuse_mixed(shadows: Shadows, name: str, value: gast.AST) -> None:
    """Refuse a new list of items of which some have shadows: the others would be forgotten."""
    if shadows.is_mixed(name):
        raise _refusal(
            shadows,
            name,
            f"`{shadows.context.shown(value)}` may hold numbers as well as arrays that are written in place, "
            "or containers",
            "keep numbers and what is written in place in different containers",
        )


def _method(owner: str, method: str, *args: gast.AST) -> gast.Call:
    return gast.Call(tree.attribute(tree.load(owner), method), list(args), [])


def _slice_call(part: gast.Slice) -> gast.AST:
    bounds = [part.lower, part.upper, *([] if part.step is None else [part.step])]
    return tree.call("slice", *(tree.const(None) if b is None else tree.copy(b) for b in bounds))
