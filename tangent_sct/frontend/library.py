"""`deque`, `defaultdict`, `Counter` and `OrderedDict` of active values, as the lists and dicts that they are.

What they add to those is written out, so that no later pass knows of them. Which variables hold one is known while
functions are unfolded (`functions.Collection`); where that could get lost, they are refused:

    q.append(v)     if len(q) == 3:             of a deque with maxlen=3
                        first = q.pop(0)
                    q.append(v)
    v = d[k]        if k not in d:              of a defaultdict(float)
                        d[k] = 0.0
                    v = d[k]
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.origins import Origin
from tangent_sct.frontend.absent import is_in_turn, reads_of
from tangent_sct.frontend.functions import Functions
from tangent_sct.frontend.meanings import Collection
from tangent_sct.frontend.namespace import MISSING, meaning

CLASSES: tuple[type, ...] = (deque, defaultdict, Counter, OrderedDict)
_ZEROS: dict[Any, str] = {float: "0.0", int: "0", list: "[]", dict: "{}"}
_MAKERS = (np.zeros, np.ones, np.eye, np.full, np.array, float, int, list, dict)
"""What makes something new in the lambda of a defaultdict."""
_OF_DICTS = frozenset("get setdefault pop keys values items clear copy".split())
_METHODS: dict[str, frozenset[str]] = {
    "deque": frozenset(
        "append appendleft pop popleft extend insert remove clear reverse index count copy rotate".split()
    ),
    "defaultdict": _OF_DICTS | {"update"},
    "OrderedDict": _OF_DICTS | {"update", "move_to_end"},
    "Counter": _OF_DICTS,
}
"""The methods that are followed, by the name of the class."""
_SAME = frozenset("get keys values items copy index count".split())
"""Methods that do the same in lists and dicts, and write nothing."""
_READERS = (
    len, sum, max, min, list, tuple, dict, sorted, enumerate, zip, reversed, any, all, bool, iter,
    np.array, np.asarray, np.sum, np.mean, np.stack, np.concatenate, np.dot, np.prod, np.max, np.min,
)  # fmt: skip
"""Functions that give of a list what they give of a deque, and of a dict what they give of its relatives."""


class Library:
    """Rewrites what a program does with collections of Python's library.

    Args:
        functions: what names mean at the place that has been reached.
        objects: what free names mean.
        temporary: gives a name that the compiler makes.
        name_for: the name of an object from outside.
        unfolds: whether what a call calls is read in its place.
    """

    def __init__(
        self,
        functions: Functions,
        objects: Mapping[str, Any],
        temporary: Callable[[str], str],
        name_for: Callable[[str, Any], str],
        unfolds: Callable[[gast.Call], bool],
    ) -> None:
        self._functions = functions
        self._objects = objects
        self._temporary = temporary
        self._name_for = name_for
        self._unfolds = unfolds
        self._limits: dict[str, str] = {}
        self._mixed: dict[Origin | None, set[str]] = {}

    def made(
        self, target: str, call: gast.Call, cls: Any, origin: Origin | None
    ) -> tuple[list[gast.AST], gast.AST, Collection] | None:
        """What comes before, the list or dict that a call makes, and what is known of it; None for other calls.

        Args:
            target: the name that it is assigned to.
            call: the call.
            cls: what is called.
            origin: of the statement.

        Raises:
            UnsupportedError: for what is made of others, or in ways that are not followed.
        """
        if not is_one_of(cls, CLASSES) or any(isinstance(a, gast.Starred) for a in call.args):
            return None
        given = {k.arg: k.value for k in call.keywords}
        args = list(call.args)
        if cls is deque:
            items = given.pop("iterable", None) or (args.pop(0) if args else None)
            most = given.pop("maxlen", None) or (args.pop(0) if args else None)
            bound = most is not None and not tree.is_constant(most, None)
            if tree.is_constant(most, 0):
                raise UnsupportedError(
                    "a deque with `maxlen=0` never holds anything", origin, "leave it out"
                )
            if bound and items is not None and not _fits(items, most):
                raise UnsupportedError(
                    "a deque with `maxlen` is made of items of which some may not fit",
                    origin,
                    "make it empty, and append them",
                )
            if items is None or isinstance(items, (gast.List, gast.Tuple)):
                display: gast.AST = tree.list_of(getattr(items, "elts", []))
            else:
                display = self._called(list, items)
            if most is None or not bound or isinstance(most, gast.Constant):
                return [], display, Collection("deque", tree.text(most) if bound else "")
            limit = self._limit(target, origin)
            error = tree.call("ValueError", tree.const("a deque with maxlen=0 never holds anything"))
            is_zero = gast.Compare(tree.load(limit), [gast.Eq()], [tree.const(0)])
            return (
                [tree.assign(limit, most), tree.if_(is_zero, [gast.Raise(error, None)])],
                display,
                Collection("deque", limit),
            )
        factory = args.pop(0) if cls is defaultdict and args else None
        default = self._default(factory) if cls is defaultdict else None
        if cls is defaultdict and default is None:
            raise UnsupportedError(
                "the factory of a defaultdict of active values is none of `float`, `int`, `list`, `dict`, and no "
                "lambda of a constant",
                origin,
                "use `setdefault`",
            )
        if cls is Counter and (args or given):
            raise UnsupportedError(
                "a Counter of active values is made of others", origin, "make it empty, and add them"
            )
        known = Collection(cls.__name__, default or ("0" if cls is Counter else ""))
        keywords = [gast.keyword(name, item) for name, item in given.items()]
        if not args and not keywords:
            return [], gast.Dict([], []), known
        return [], gast.Call(tree.load(self._name_for("dict", dict)), args, keywords), known

    def _default(self, factory: gast.AST | None) -> str | None:
        """The text of what a factory makes; None where it may be anything."""
        if isinstance(factory, gast.Lambda):
            return tree.text(factory.body) if self._is_constant(factory.body) else None
        value = None if factory is None else meaning(factory, self._objects)
        return _ZEROS.get(value) if isinstance(value, type) else None

    def _is_constant(self, node: gast.AST) -> bool:
        """Whether an expression makes the same of constants wherever it stands: a number, a display, a new array."""
        if isinstance(node, gast.Call):
            found = meaning(node.func, self._objects)
            is_new = any(found is maker for maker in _MAKERS) and not node.keywords
            return is_new and all(map(self._is_constant, node.args))
        if not isinstance(node, (gast.Constant, gast.List, gast.Tuple, gast.Dict, gast.UnaryOp)):
            return False
        return all(map(self._is_constant, tree.children(node)))

    def _limit(self, target: str, origin: Origin | None) -> str:
        """The variable that holds the most items of the deque that a name means now."""
        limit = self._limits.get(target) or self._temporary(f"{target}_maxlen")
        self._limits[target] = limit
        known = self._functions.state().items()
        if any(isinstance(v, Collection) and v.given == limit and name != target for name, v in known):
            raise UnsupportedError(
                f"`{target}` is another deque now, and the one before has another name still",
                origin,
                "use one variable for each",
            )
        return limit

    def _called(self, function: Any, *args: gast.AST) -> gast.Call:
        return tree.call(self._name_for(function.__name__, function), *args)

    def of(self, node: gast.AST | None) -> Collection | None:
        """What is known of the collection that a name means."""
        known = self._functions.of(node) if isinstance(node, gast.Name) else None
        return known if isinstance(known, Collection) else None

    def _meets(self, node: gast.AST) -> bool:
        """Whether a statement or an expression reads a collection."""
        return any(self.of(tree.load(name)) for name in dict.fromkeys(tree.names_read(node)))

    def written_out(self, node: gast.AST) -> tuple[list[gast.AST], gast.AST]:
        """What comes before a statement, and the statement, in which collections are lists and dicts.

        Raises:
            UnsupportedError: for what lists and dicts do otherwise.
        """
        if not self._meets(node):
            return [], node
        self.refuse_uses(node)
        before = self._put_there(node)
        new = tree.like(self._read_plainly(node), node)
        call = new.value if isinstance(new, (gast.Assign, gast.Expr)) else None
        function = getattr(call, "func", None)
        owner = self.of(function.value) if isinstance(function, gast.Attribute) else None
        if isinstance(call, gast.Call) and owner is not None:
            return self._method(new, call, owner, before)
        return before, new

    def of_test(self, node: gast.If | gast.While) -> tuple[list[gast.AST], gast.AST]:
        """What comes before the test of a branch for the items that it reads, and the test that is left."""
        if not self._meets(node.test):
            return [], node.test
        before = self._put_there(tree.like(tree.effect(node.test), node))
        return before, self._read_plainly(node.test)

    def before_loop(self, node: gast.While) -> tuple[list[gast.AST], gast.AST]:
        """What comes before a loop for what its test reads, and the test that is left.

        Raises:
            UnsupportedError: where an iteration may take away again what the test put there.
        """
        before, test = self.of_test(node)
        if before:
            read = set(tree.names_read(node.test))
            changed = not read.isdisjoint(tree.names_written(node.body))
            parts = (part for statement in node.body for part in tree.walk(statement))
            uses = [part for part in parts if isinstance(part, (gast.Call, gast.Delete))]
            if changed or any(not read.isdisjoint(tree.names_read(use)) for use in uses):
                raise UnsupportedError(
                    "the test of a loop reads an item of a defaultdict that may not be there, and the loop may take "
                    "it away again",
                    tree.origin_of(node),
                    "use `while True:`, and read it in a statement of its own",
                )
        return before, test

    def _read_plainly(self, node: gast.AST) -> gast.AST:
        """What reads items of a Counter and the limit of a deque, without them."""

        def change(item: gast.AST) -> gast.AST | None:
            owner = self.of(getattr(item, "value", None))
            if isinstance(item, gast.Attribute) and owner is not None and item.attr == "maxlen":
                return tree.expression(owner.given or "None")
            is_read = isinstance(item, gast.Subscript) and isinstance(item.ctx, gast.Load) and not _is_key(item)
            if is_read and owner is not None and owner.name == "Counter":
                return gast.Call(tree.attribute(item.value, "get"), [item.slice, tree.const(0)], [])
            return None

        return tree.replaced(node, change)

    def _puts(self, item: gast.AST, node: gast.AST) -> bool:
        """Whether reading an item puts it there, where there is none."""
        owner = self.of(getattr(item, "value", None))
        if not isinstance(item, gast.Subscript) or owner is None or not owner.given or owner.name == "deque":
            return False
        if _is_key(item):
            return False
        is_updated = isinstance(node, gast.AugAssign) and item is node.target
        return is_updated or (isinstance(item.ctx, gast.Load) and owner.name != "Counter")

    def met(self, node: gast.Expr) -> list[gast.AST]:
        """What puts the items there that a statement reads first, before it is computed (`absent.reading`)."""
        if node.reads == "target":
            node = tree.like(tree.effect(node.value.elts[0]), node)
        if is_in_turn(node):
            return self._put_there(node)
        self._mixed[tree.origin_of(node)] = set()
        return []

    def _put_there(self, node: gast.AST) -> list[gast.AST]:
        """What puts the items there that a statement reads, in the order in which it reads them."""
        before: list[gast.AST] = []
        origin = tree.origin_of(node)
        for read in reads_of(node, lambda item: self._puts(item, node)):
            owner = self.of(read.item.value)
            if read.is_there or owner is None:
                continue
            if not read.is_sure:
                raise UnsupportedError(
                    f"`{tree.text(read.item)}` is read in a place that is not always reached, and would put an item "
                    "into a defaultdict",
                    origin,
                    "read it in a statement of its own, or with `get`",
                )
            if origin in self._mixed:
                self._mixed[origin].add(tree.text(tree.with_context(tree.copy(read.item), gast.Load())))
                if len(self._mixed[origin]) > 1:
                    raise UnsupportedError(
                        "items of a defaultdict are read in an order that is not known: which one is put there first",
                        origin,
                        "read each in a statement of its own",
                    )
            before.extend(self._unless_there(read.item, owner))
        return before

    def _unless_there(self, item: gast.Subscript, owner: Collection) -> list[gast.AST]:
        """What a key gets that is not there."""
        test = self._temporary("test")
        place = tree.subscript(tree.copy(item.value), tree.copy(item.slice))
        absent = gast.Compare(tree.copy(item.slice), [gast.NotIn()], [tree.copy(item.value)])
        value = tree.expression(owner.given)
        return [
            tree.assign(test, absent),
            tree.if_(tree.load(test), [tree.assign(tree.with_context(place, gast.Store()), value)]),
        ]

    def _method(
        self, node: gast.AST, call: gast.Call, owner: Collection, before: list[gast.AST]
    ) -> tuple[list[gast.AST], gast.AST]:
        """The call of a method that lists or dicts do not have, or have otherwise."""
        name, held = call.func.attr, call.func.value

        def changed(method: str, *args: gast.AST) -> gast.AST:
            new = gast.Call(tree.attribute(tree.copy(held), method), list(args), [])
            is_assigned = isinstance(node, gast.Assign)
            return tree.like(tree.assign(node.targets[0], new) if is_assigned else tree.effect(new), node)

        def taken(*place: gast.AST) -> gast.Assign:
            call = gast.Call(tree.attribute(tree.copy(held), "pop"), list(place), [])
            return tree.assign(self._temporary("old"), call)

        if owner.name == "deque" and name in ("append", "appendleft") and owner.given:
            test = self._temporary("test")
            length = tree.call(self._name_for("len", len), tree.copy(held))
            full = gast.Compare(length, [gast.Eq()], [tree.expression(owner.given)])
            dropped = taken(tree.const(0)) if name == "append" else taken()
            before = [*before, tree.assign(test, full), tree.if_(tree.load(test), [dropped])]
        elif owner.given and name in ("extend", "insert", "rotate", "copy") and owner.name == "deque":
            raise UnsupportedError(
                f"`{name}` of a deque with `maxlen` may drop items",
                tree.origin_of(node),
                "append the items one by one",
            )
        if name == "appendleft":
            return before, changed("insert", tree.const(0), *call.args)
        if name == "popleft":
            return before, changed("pop", tree.const(0))
        if name == "rotate":
            step = tree.text(call.args[0]) if call.args else "1"
            if step not in ("1", "-1"):
                raise UnsupportedError(
                    "a deque of active values is rotated by more than one",
                    tree.origin_of(node),
                    "rotate it step by step",
                )
            first = taken(*([] if step == "1" else [tree.const(0)]))
            item = tree.load(first.targets[0].id)
            put = changed("insert", tree.const(0), item) if step == "1" else changed("append", item)
            return [*before, first], put
        if name == "move_to_end":
            if len(call.args) != 1 or call.keywords:
                raise UnsupportedError(
                    "an item is moved to the beginning of a dict", tree.origin_of(node), "make a new dict"
                )
            first = taken(*map(tree.copy, call.args))
            target = gast.Subscript(tree.copy(held), tree.copy(call.args[0]), gast.Store())
            return [*before, first], tree.like(tree.assign(target, tree.load(first.targets[0].id)), node)
        return before, node

    def refuse_uses(self, node: gast.AST) -> None:
        """Refuse a statement or an expression in which a collection is more than a list or a dict.

        Raises:
            UnsupportedError: naming the collection.
        """
        for name in tree.names_read(node):
            known = self.of(tree.load(name))
            if known is not None and not known.name:
                raise UnsupportedError(
                    f"`{name}` is one of several collections (`deque`, `defaultdict`, ...), or none, and what is "
                    "done to it depends on which",
                    tree.origin_of(node),
                    "use one variable for each",
                )
        allowed: set[int] = set()
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            allowed.add(id(node.value))
        for item in tree.walk(node):
            allowed.update(self._allowed(item))
        for item in tree.walk(node):
            known = self.of(item)
            if known is None or id(item) in allowed or not isinstance(item.ctx, gast.Load):
                continue
            raise _handed_on(known.name, tree.origin_of(node))

    def refuse_kept(self, function: gast.AST, origin: Origin | None) -> None:
        """Refuse a function that stays in the text, and does what a collection does otherwise than a list or a dict.

        Raises:
            UnsupportedError: naming the collection.
        """
        known = self._functions.collections
        for item in tree.walk(function):
            owner = item.value if isinstance(item, (gast.Subscript, gast.Attribute)) else None
            name = known.get(owner.id, MISSING) if isinstance(owner, gast.Name) else MISSING
            if name is MISSING:
                continue
            is_same = name == "deque" if isinstance(item, gast.Subscript) else item.attr in _SAME
            if not is_same:
                raise _handed_on(name or "deque", origin)

    def _allowed(self, item: gast.AST) -> list[int]:
        """The operands of an expression that may be collections."""
        if isinstance(item, gast.Subscript):
            is_slice = isinstance(item.slice, gast.Slice)
            return [] if is_slice and not _is_key(item) else [id(item.value)]
        if isinstance(item, gast.Attribute):
            known = self.of(item.value)
            is_followed = known is not None and (item.attr in _METHODS[known.name] or item.attr == "maxlen")
            return [id(item.value)] if is_followed else []
        if isinstance(item, gast.Call):
            found = meaning(item.func, self._objects)
            is_reader = any(found is reader for reader in _READERS)
            return list(map(id, item.args)) if is_reader or self._unfolds(item) else []
        if isinstance(item, gast.Compare) and isinstance(item.ops[0], (gast.In, gast.NotIn)):
            return list(map(id, item.comparators))
        if isinstance(item, gast.UnaryOp) and isinstance(item.op, gast.Not):
            return [id(item.operand)]
        if isinstance(item, gast.comprehension):
            return [id(item.iter)]
        return []


def _is_key(item: gast.Subscript) -> bool:
    """Whether what reads an item stands for what a loop has come to, or what is unpacked: of a dict that is a key."""
    return any(getattr(item, mark, False) for mark in ("in_turn", "unpacked"))


def _handed_on(name: str, origin: Origin | None) -> UnsupportedError:
    return UnsupportedError(
        f"a {name} of values to be differentiated is handed on, returned or kept, or does what is not followed",
        origin,
        "keep it in a variable, and hand on a list or a dict of it: `list(q)`, `dict(d)`",
    )


def _fits(items: gast.AST, most: gast.AST) -> bool:
    """Whether the items of a display surely are no more than a literal number."""
    is_display = isinstance(items, (gast.Tuple, gast.List))
    return is_display and isinstance(most, gast.Constant) and len(items.elts) <= most.value
