"""What lists and dicts can do, as the few changes of containers that both modes know.

Which methods a value has is decided by its kind, so this stands between single assignment and differentiation
(`resolve`). A list can be appended to, have an item taken off or put in at a place counted from its front, be
reversed and reordered, and lose its tail; a dict can have an item stored and taken off. All else is made of these:

    c.sort(key=f)          order = sort_order(c, key=f)
                           reorder(c, order)
    c[i:j] = values        bounds = slice_bounds(c, i, j)
                           tail = taken_tail(c, len(c) - bounds[0])
                           c.extend(values)
                           c.extend(tail[bounds[1] - bounds[0]:])
    v = d.get(k, e)        v = d[k] if k in d else e
    k, v = d.popitem()     k = last_key(d)
                           v = d.pop(k)

Where the keys of a dict are known, so is the branch that is taken.
"""

from __future__ import annotations

import copy
import enum
from collections.abc import Callable, Container, Mapping
from types import SimpleNamespace
from typing import Any

import gast
import numpy as np

from tangent_sct import runtime
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import NO_VALUE, Field, Kind, is_object
from tangent_sct.frontend.mentioned import classes_mentioned
from tangent_sct.frontend.namespace import MISSING, meaning

KindOf = Callable[[gast.AST], Kind]
_SEQUENCES = ("list", "tuple")
_GIVING_NOTHING = frozenset("append extend insert remove reverse sort clear update".split())
"""Methods that change what they are called on, and give None."""
METHODS = _GIVING_NOTHING.union("pop popitem get setdefault values items".split())
"""Methods of lists and dicts that are made of others, or whose value is None."""
FUNCTIONS = (dict, sorted, max, min, copy.copy, copy.deepcopy)
"""Functions of containers that are."""


def _is_open(kind: Kind) -> bool:
    """Whether a value may be anything, for all that is known."""
    return kind.family == "unknown" and not kind.mixed and kind.element is None and kind.cls is None


class Methods:
    """Rewrites statements that change or search containers.

    Args:
        objects: what free names mean.
        kind_of: kinds of expressions.
        new: gives a name for a temporary, made from a word where one is given.
        helper: the call of a function of the runtime.
        extended: the statements of `name.extend(value)`.
        fresh: names of containers that were made where they are assigned.
        may_act: whether a function that is handed on may do more than compute.
    """

    def __init__(
        self,
        objects: Mapping[str, Any],
        kind_of: KindOf,
        new: Callable[..., str],
        helper: Callable[..., gast.AST],
        extended: Callable[[gast.AST, str, gast.AST], list[gast.AST]],
        fresh: Container[str],
        may_act: Callable[[gast.AST], bool],
        may_ask: bool = False,
    ) -> None:
        self._objects = objects
        self._kind_of = kind_of
        self._new = new
        self._helper = helper
        self._extended = extended
        self._fresh = fresh
        self._may_act = may_act
        self._may_ask = may_ask
        self._lists: dict[str, Kind] = {}

    def simpler(self, node: gast.AST) -> list[gast.AST] | None:
        """The statements that stand for one; None where it stays as it is."""
        found = self._statement(node)
        for statement in tree.every_statement(found or ()):
            tree.like(statement, node)
        return found

    def _statement(self, node: gast.AST) -> list[gast.AST] | None:
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Subscript):
            return self._store(node, node.targets[0])
        target = None
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            target = node.targets[0].id
        elif not isinstance(node, gast.Expr):
            return None
        value = node.value
        if isinstance(value, gast.BinOp) and isinstance(value.op, gast.BitOr) and target is not None:
            return self._union(node, target, value)
        if not isinstance(value, gast.Call) or any(isinstance(a, gast.Starred) for a in value.args):
            return None
        if any(keyword.arg is None for keyword in value.keywords):
            return None
        function = value.func
        if meaning(function, self._objects) is not MISSING:
            return None if target is None else self._function(node, target, value)
        if not isinstance(function, gast.Attribute) or not isinstance(function.value, gast.Name):
            return None
        kind = self._kind_of(function.value)
        if target is not None and function.attr in _GIVING_NOTHING:
            return self._change_and_none(node, target, value, kind)
        if kind.family == "list" and _may_vary(kind):
            form = getattr(self, f"_list_{function.attr}", None)
        elif _is_dict(kind):
            form = getattr(self, f"_dict_{function.attr}", None)
        elif kind.is_array:
            form = getattr(self, f"_array_{function.attr}", None)
        else:
            return None
        found: list[gast.AST] | None = None if form is None else form(node, target, value, function.value.id)
        return found

    def _change_and_none(self, node: gast.AST, target: str, call: gast.Call, kind: Kind) -> list[gast.AST] | None:
        """`t = c.sort()`: the list is sorted, and `t` is None."""
        changed: list[gast.AST] | None
        if kind.family == "list" and call.func.attr == "extend" and len(call.args) == 1:
            changed = self._extended(node, call.func.value.id, call.args[0])
        else:
            changed = self._statement(tree.effect(call)) or ([tree.effect(call)] if kind.family == "list" else None)
        return None if changed is None else [*changed, tree.assign(target, tree.const(None))]

    # -- arrays -------------------------------------------------------------------------------

    def _array_sort(self, node: gast.AST, target: str | None, call: gast.Call, owner: str) -> list[gast.AST] | None:
        if target is not None or call.args or call.keywords:
            return None
        whole = tree.with_context(tree.subscript(tree.load(owner), tree.const(...)), gast.Store())
        ordered = self._helper(np.sort, tree.load(owner))
        return [gast.Assign([whole], ordered, None)]

    # -- lists --------------------------------------------------------------------------------

    def _list_insert(self, node: gast.AST, target: str | None, call: gast.Call, owner: str) -> list[gast.AST] | None:
        if target is not None or len(call.args) != 2 or tree.is_constant(call.args[0], 0):
            return None
        place = self._new("place")
        found = self._helper(runtime.insertion_place, tree.load(owner), call.args[0])
        return [tree.assign(place, found), tree.effect(_call(owner, "insert", tree.load(place), call.args[1]))]

    def _list_pop(self, node: gast.AST, target: str | None, call: gast.Call, owner: str) -> list[gast.AST] | None:
        result = self._new() if target is None else target
        if not call.args:
            return [tree.assign(result, call)] if target is None else None
        if _is_minus_one(call.args[0]):
            return [tree.assign(result, _call(owner, "pop"))]
        if tree.is_constant(call.args[0]) and call.args[0].value >= 0:
            return [tree.assign(result, call)] if target is None else None
        place = self._new("place")
        found = self._helper(runtime.item_place, tree.load(owner), call.args[0])
        taken = _call(owner, "pop", tree.load(place))
        return [tree.assign(place, found), tree.assign(result, taken)]

    def _list_remove(self, node: gast.AST, target: str | None, call: gast.Call, owner: str) -> list[gast.AST] | None:
        place = self._new("place")
        found = self._helper(runtime.place_of, tree.load(owner), *call.args)
        return [tree.assign(place, found), tree.assign(self._new(), _call(owner, "pop", tree.load(place)))]

    def _list_sort(self, node: gast.AST, target: str | None, call: gast.Call, owner: str) -> list[gast.AST] | None:
        return None if target is not None else self._sorted(owner, tree.load(owner), call.keywords)

    def _sorted(self, owner: str, items: gast.AST, keywords: list[gast.AST]) -> list[gast.AST]:
        order = self._new("order")
        found = self._helper(runtime.sort_order, items)
        found.keywords = list(keywords)
        reordered = self._helper(runtime.reorder, tree.load(owner), tree.load(order))
        return [tree.assign(order, found), tree.effect(reordered)]

    def _list_clear(self, node: gast.AST, target: str | None, call: gast.Call, owner: str) -> list[gast.AST] | None:
        length = self._helper(len, tree.load(owner))
        return [tree.assign(self._new(), self._helper(runtime.taken_tail, tree.load(owner), length))]

    def _store(self, node: gast.Assign, target: gast.Subscript) -> list[gast.AST] | None:
        """`c[i:j] = values` of a list."""
        part, owner = target.slice, target.value
        if not isinstance(part, gast.Slice) or part.step is not None or not isinstance(owner, gast.Name):
            return None
        kind = self._kind_of(owner)
        if kind.family != "list" or not _may_vary(kind):
            return None
        before, values = [], node.value
        if isinstance(values, gast.Name) and values.id not in self._fresh:
            # It may be the list itself.
            before = [tree.assign(self._new(), self._helper(list, values))]
            values = tree.load(before[0].targets[0].id)
        bounds, tail, rest = map(self._new, ("bounds", "tail", "rest"))
        ends = [tree.const(None) if end is None else end for end in (part.lower, part.upper)]
        start, stop = (tree.subscript(tree.load(bounds), tree.const(number)) for number in (0, 1))
        behind = tree.binary(self._helper(len, tree.load(owner.id)), "-", start)
        kept = gast.Slice(tree.binary(stop, "-", tree.copy(start)), None, None)
        return [
            *before,
            tree.assign(bounds, self._helper(runtime.slice_bounds, tree.load(owner.id), *ends)),
            tree.assign(tail, self._helper(runtime.taken_tail, tree.load(owner.id), behind)),
            *self._extended(node, owner.id, values),
            tree.assign(rest, tree.subscript(tree.load(tail), kept)),
            *self._extended(node, owner.id, tree.load(rest)),
        ]

    # -- functions of sequences ---------------------------------------------------------------

    def _function(self, node: gast.AST, target: str, call: gast.Call) -> list[gast.AST] | None:
        """`sorted(c)`, and `max(c, key=f)`."""
        function = meaning(call.func, self._objects)
        if function is dict:
            return self._made(target, call)
        if is_one_of(function, (max, min)) and len(call.args) > 1:
            if not call.keywords and not any(self._kind_of(item).is_container for item in call.args):
                return None
            several = gast.Tuple(call.args, gast.Load())
            chosen = self._function(node, target, gast.Call(call.func, [several], call.keywords))
            parts: list[gast.AST] = []
            for number, item in enumerate(several.elts if chosen else ()):
                if isinstance(item, (gast.Tuple, gast.List, gast.Dict)):
                    part = self._new()
                    parts.append(tree.assign(part, item))
                    several.elts[number] = tree.load(part)
            return chosen and [*parts, *chosen]
        if len(call.args) != 1 or not is_one_of(function, FUNCTIONS):
            return None
        (items,) = call.args
        if is_one_of(function, (copy.copy, copy.deepcopy)):
            if self._may_ask and _is_open(self._kind_of(items)):
                # That it is no container, and no object, is asked for.
                checks = [runtime.check_number, runtime.check_operand]
                every = [tree.effect(self._helper(check, tree.copy(items))) for check in checks]
                return [*every, tree.assign(target, self._helper(runtime.copied, items))]
            return [tree.assign(target, self._copy(node, items, function is copy.deepcopy))]
        kind = self._lists.get(getattr(items, "id", "")) or self._kind_of(items)
        is_sequence = kind.family in _SEQUENCES or kind.is_array
        if not is_sequence or not _may_vary(kind):
            return None
        if function is sorted and isinstance(items, (gast.Tuple, gast.List)):
            # It needs no copy.
            made = tree.assign(target, gast.List(items.elts, gast.Load()))
            return [made, *self._sorted(target, tree.load(target), call.keywords)]
        before: list[gast.AST] = []
        if isinstance(items, (gast.List, gast.Tuple)):
            before = [tree.assign(self._new(), items)]
            items = tree.load(before[0].targets[0].id)
        if not isinstance(items, gast.Name):
            return None
        if function is sorted:
            copied = tree.assign(target, self._helper(list, items))
            return [copied, *self._sorted(target, tree.load(target), call.keywords)]
        defaults = [keyword.value for keyword in call.keywords if keyword.arg == "default"]
        if defaults:
            others = [keyword for keyword in call.keywords if keyword.arg != "default"]
            plain = tree.assign(target, gast.Call(call.func, [items], others))
            chosen = self._function(plain, target, plain.value) or [plain]
            return [*before, *self._unless_empty(target, items, kind, chosen, defaults[0])]
        if [keyword.arg for keyword in call.keywords] != ["key"] and (call.keywords or not _holds_containers(kind)):
            return None
        if any(self._may_act(keyword.value) for keyword in call.keywords):
            # What it writes would be lost where only the place of an item is asked for.
            raise UnsupportedError(
                f"the `key` of `{tree.text(call.func)}` may do more than compute, and it is not unfolded",
                tree.origin_of(node),
                "compute the keys first, in a loop or a list, or write the search as a loop",
            )
        place = self._new("place")
        found = self._helper(runtime.place_of_max if function is max else runtime.place_of_min, items)
        found.args += [keyword.value for keyword in call.keywords]
        chosen = tree.subscript(tree.copy(items), tree.load(place))
        return [*before, tree.assign(place, found), tree.assign(target, chosen)]

    def _unless_empty(
        self, target: str, items: gast.AST, kind: Kind, chosen: list[gast.AST], default: gast.AST
    ) -> list[gast.AST]:
        """What is chosen among items, or a default where there are none."""
        otherwise = [tree.assign(target, default)]
        if kind.items is not None:
            return chosen if kind.items else otherwise
        test = self._new()
        is_there = gast.Compare(self._helper(len, tree.copy(items)), [gast.NotEq()], [tree.const(0)])
        return [tree.assign(test, is_there), tree.if_(tree.load(test), chosen, otherwise)]

    def _copy(self, node: gast.AST, value: gast.AST, is_deep: bool) -> gast.AST:
        """`copy.copy(value)` and `copy.deepcopy(value)`."""
        kind = self._kind_of(value)
        if kind.is_scalar or kind.family == "other" or (kind.family == "tuple" and not is_deep):
            return value
        if kind.is_array:
            return self._helper(np.copy, value)
        if kind.is_container and is_deep and not self._says_how(kind):
            return self._helper(runtime.separate_copy, value)
        is_plain = kind.is_container and kind.cls is None and not is_object(kind)
        if is_plain and not is_deep and isinstance(value, gast.Name):
            return _call(value.id, "copy")
        what = "what is not known to be a number, an array, a list or a dict"
        if kind.cls is not None or kind.is_container:
            what = "an object, perhaps in its own way"
        raise UnsupportedError(
            f"a copy is made of {what}, and what the two share is not followed",
            tree.origin_of(node),
            "use copy.deepcopy, make a new one by its class, or annotate the arguments",
        )

    def _says_how(self, kind: Kind) -> bool:
        """Whether an object may say itself how it is copied, or one that it holds.

        Of objects that the program makes the class is not told by kinds, nor that of one of several classes.
        """
        if is_object(kind) and kind.cls is not SimpleNamespace:
            is_known = kind.cls not in (None, object)
            if any(map(_has_copying, [kind.cls] if is_known else classes_mentioned(self._objects.values()))):
                return True
        if kind.family == "unknown" or (kind.is_container and kind.items is None and kind.element is None):
            return any(map(_has_copying, classes_mentioned(self._objects.values())))
        parts = (kind.present, kind.element, *(item for _, item in kind.items or ()))
        return any(self._says_how(part) for part in parts if part is not None)

    # -- dicts --------------------------------------------------------------------------------

    def _made(self, target: str, call: gast.Call) -> list[gast.AST] | None:
        """`dict(a=x)`, and `dict(d, a=x)`."""
        if not call.keywords or len(call.args) > 1:
            return None
        keys = [tree.const(keyword.arg) for keyword in call.keywords]
        display = gast.Dict(keys, [keyword.value for keyword in call.keywords])
        if not call.args:
            return [tree.assign(target, display)]
        if not isinstance(call.args[0], gast.Name) or not _is_dict(self._kind_of(call.args[0])):
            return None
        return [tree.assign(target, _call(call.args[0].id, "copy")), *self._updates(target, display)]

    def _union(self, node: gast.AST, target: str, value: gast.BinOp) -> list[gast.AST] | None:
        """`d | e`."""
        left, right = value.left, value.right
        if not _is_dict(self._kind_of(left)) or not _is_dict(self._kind_of(right)):
            return None
        start = _call(left.id, "copy") if isinstance(left, gast.Name) else left
        return [tree.assign(target, start), *self._updates(target, right)]

    def _updates(self, owner: str, source: gast.AST) -> list[gast.AST]:
        """The items of a dict, stored in another one."""
        if isinstance(source, gast.Dict):
            pairs = zip(source.keys, source.values, strict=True)
            return [_stored(owner, key, item) for key, item in pairs]
        kind, item = self._kind_of(source), self._new()
        if kind.items is not None:
            found: list[gast.AST] = []
            for key, _ in kind.items:
                item = self._new()
                read = tree.assign(item, tree.subscript(tree.copy(source), tree.const(key)))
                found += [read, _stored(owner, tree.const(key), tree.load(item))]
            return found
        key, keys = self._new("key"), self._new("keys")
        read = tree.assign(item, tree.subscript(tree.copy(source), tree.load(key)))
        body = [read, _stored(owner, tree.load(key), tree.load(item))]
        listed = tree.assign(keys, self._helper(list, gast.Call(tree.attribute(tree.copy(source), "keys"), [], [])))
        return [listed, tree.for_(tree.store(key), tree.load(keys), body)]

    def update_in_place(self, owner: str, source: gast.AST) -> list[gast.AST] | None:
        """`d |= e`; None where `e` is no dict."""
        return self._updates(owner, source) if _is_dict(self._kind_of(source)) else None

    def _dict_update(self, node: gast.AST, target: str | None, call: gast.Call, owner: str) -> list[gast.AST] | None:
        found: list[gast.AST] = []
        for source in call.args:
            if not _is_dict(self._kind_of(source)):
                return None
            found += self._updates(owner, source)
        keys = [tree.const(keyword.arg) for keyword in call.keywords]
        return found + self._updates(owner, gast.Dict(keys, [keyword.value for keyword in call.keywords]))

    def _dict_get(self, node: gast.AST, target: str | None, call: gast.Call, owner: str) -> list[gast.AST] | None:
        if target is None:
            return None
        key, *others = call.args
        return self._either(target, owner, key, tree.subscript(tree.load(owner), key), others or [tree.const(None)])

    def _dict_pop(self, node: gast.AST, target: str | None, call: gast.Call, owner: str) -> list[gast.AST] | None:
        result = self._new() if target is None else target
        key, *others = call.args
        if not others:
            return [tree.assign(result, call)] if target is None else None
        return self._either(result, owner, key, _call(owner, "pop", key), others)

    def _dict_popitem(
        self, node: gast.AST, target: str | None, call: gast.Call, owner: str
    ) -> list[gast.AST] | None:
        if call.args or call.keywords:
            return None
        key, item = self._new(), self._new()
        taken = [
            tree.assign(key, self._helper(runtime.last_key, tree.load(owner))),
            tree.assign(item, _call(owner, "pop", tree.load(key))),
        ]
        both = tree.tuple_of([tree.load(key), tree.load(item)])
        return taken if target is None else [*taken, tree.assign(target, both)]

    def _either(
        self, target: str, owner: str, key: gast.AST, item: gast.AST, default: list[gast.AST]
    ) -> list[gast.AST]:
        """`target = item if key in owner else default`."""
        known = self._is_key(owner, key)
        if known is not None:
            return [tree.assign(target, item if known else default[0])]
        test, taken = self._new(), self._new()
        there = [tree.assign(taken, item), tree.assign(target, tree.load(taken))]
        asked = tree.assign(test, gast.Compare(tree.copy(key), [gast.In()], [tree.load(owner)]))
        return [asked, tree.if_(tree.load(test), there, [tree.assign(target, default[0])])]

    def _dict_setdefault(
        self, node: gast.AST, target: str | None, call: gast.Call, owner: str
    ) -> list[gast.AST] | None:
        key, *others = call.args
        known = self._is_key(owner, key)
        stored = tree.like(_stored(owner, tree.copy(key), others[0] if others else tree.const(None)), node)
        found: list[gast.AST] = []
        if known is False:
            found = [stored]
        elif known is None:
            test = self._new()
            absent = gast.Compare(tree.copy(key), [gast.NotIn()], [tree.load(owner)])
            found = [tree.assign(test, absent), tree.if_(tree.load(test), [stored])]
        if target is not None:
            found.append(tree.assign(target, tree.subscript(tree.load(owner), key)))
        return found

    def _dict_values(self, node: gast.AST, target: str | None, call: gast.Call, owner: str) -> list[gast.AST] | None:
        return self._listed(target, owner, pairs=False)

    def _dict_items(self, node: gast.AST, target: str | None, call: gast.Call, owner: str) -> list[gast.AST] | None:
        return self._listed(target, owner, pairs=True)

    def _listed(self, target: str | None, owner: str, pairs: bool) -> list[gast.AST] | None:
        """The values of a dict, or its keys and values, as a list."""
        if target is None:
            return None
        kind = self._kind_of(tree.load(owner))
        key: gast.AST
        view = self._kind_of(_call(owner, "items" if pairs else "values"))
        self._lists[target] = Kind("list", element=view.element)
        if kind.items is not None:
            found, items = [], []
            for known, _ in kind.items:
                item, key = self._new(), tree.const(known)
                found.append(tree.assign(item, tree.subscript(tree.load(owner), key)))
                items.append(tree.tuple_of([tree.copy(key), tree.load(item)]) if pairs else tree.load(item))
            return [*found, tree.assign(target, tree.list_of(items))]
        name, item, keys = self._new("key"), self._new(), self._new("keys")
        key = tree.load(name)
        read = tree.assign(item, tree.subscript(tree.load(owner), key))
        put = tree.tuple_of([tree.copy(key), tree.load(item)]) if pairs else tree.load(item)
        body = [read, tree.effect(_call(target, "append", put))]
        listed = tree.assign(keys, self._helper(list, _call(owner, "keys")))
        return [listed, tree.assign(target, tree.list_of([])), tree.for_(tree.store(name), tree.load(keys), body)]

    def _is_key(self, owner: str, key: gast.AST) -> bool | None:
        """Whether a dict has an item under a key; None where that is known only when it runs."""
        items, value = self._kind_of(tree.load(owner)).items, self._kind_of(key).value
        if items is None or value is NO_VALUE or not isinstance(value, (int, str)):
            return None
        return any(type(name) is type(value) and name == value for name, _ in items)


def _may_vary(kind: Kind) -> bool:
    """Whether a value, or something that it holds, may be a float."""
    if not kind.is_container:
        return kind.is_float is not False
    if kind.items is None:
        return kind.element is None or _may_vary(kind.element)
    return kind.items == () or any(_may_vary(item) for _, item in kind.items)


def _holds_containers(kind: Kind) -> bool:
    """Whether all items of a sequence are tuples or lists."""
    items: list[Kind | None] = [item for _, item in kind.items or ()] or [kind.element]
    return all(item is not None and item.family in ("tuple", "list") and item.cls is None for item in items)


def _is_dict(kind: Kind) -> bool:
    """Whether a value surely is a dict, and no object with attributes."""
    return kind.family == "dict" and kind.cls is None and not any(isinstance(k, Field) for k, _ in kind.items or ())


def _has_copying(cls: type | None) -> bool:
    """Whether a class says itself how its objects are copied."""
    names = ("__deepcopy__", "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__")
    if cls is None or issubclass(cls, (enum.Enum, BaseException)):
        return False
    return any(getattr(cls, name, None) is not getattr(object, name, None) for name in names)


def _is_minus_one(node: gast.AST) -> bool:
    return isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub) and tree.is_constant(node.operand, 1)


def _stored(owner: str, key: gast.AST, item: gast.AST) -> gast.AST:
    return tree.assign(gast.Subscript(tree.load(owner), key, gast.Store()), item)


def _call(owner: str, method: str, *args: gast.AST) -> gast.Call:
    return gast.Call(tree.attribute(tree.load(owner), method), list(args), [])
