"""Objects that are run through by their own `__iter__`: their items as a list, made where it is asked for them.

    for v in q:                       items = [...]           # what `q.__iter__()` gives
        ...                           for v in items:
                                          ...

So a loop, an unpacking, `sum(q)` or `list(q)` find a list. The items are all computed before the loop, so its body
must not change the object.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Source
from tangent_sct.frontend.active import CHANGERS, root_name
from tangent_sct.frontend.by_index import is_by_index, measured
from tangent_sct.frontend.functions import Functions
from tangent_sct.frontend.made import WRITTEN, Made
from tangent_sct.frontend.managers import plain_method
from tangent_sct.frontend.meanings import Instance
from tangent_sct.frontend.namespace import Namespace
from tangent_sct.frontend.properties import stores
from tangent_sct.frontend.source import source_of_generator, tree_of
from tangent_sct.runtime import count_in_turn
from tangent_sct.runtime.objects import is_named

_CONSUMERS = ("sum", "max", "min", "list", "tuple", "sorted", "any", "all")
"""Python's own functions that run through their first argument at once."""


class Running:
    """Finds such objects in statements.

    Args:
        functions: what names mean at the place that has been reached.
        namespace: the free names of the program.
        temporary: makes a name.
    """

    def __init__(self, functions: Functions, namespace: Namespace, temporary: Callable[[str], str]) -> None:
        self._functions = functions
        self._namespace = namespace
        self._temporary = temporary

    def of_loop(self, loop: gast.For) -> tuple[list[gast.AST], gast.For]:
        """The statements that list the items before a loop, and the loop over these lists.

        Raises:
            UnsupportedError: where the loop may change what it runs over.
        """
        if not self._functions.are_met:
            return [], loop
        parts = list(_without_loops(loop.body))
        taken = [p.value for p in parts if type(p) is gast.Subscript and getattr(p, "in_turn", False)]
        self._refuse_asked(loop, taken)
        forwards = [p.value for p in parts if type(p) is gast.Subscript and _is_next(p)]
        owners = {base.id: known for base in forwards if (known := self._runs(base)) is not None}
        if not owners:
            return [], loop
        for name, known in owners.items():
            self._refuse_change(loop, name, known)
        before, lists = self._listed(owners, loop)
        if not lists:
            return [], loop

        def change(item: gast.AST) -> gast.AST | None:
            if type(item) is gast.Subscript and _is_next(item) and tree.is_one_of(item.value, lists):
                return _same_mark(item, lists)
            return None

        body = [tree.rewrite(statement, change) for statement in loop.body]
        for new, old in zip(body, loop.body, strict=True):
            tree.like(new, old)
        lengths = tree.rewrite(loop.iter, lambda item: _length(item, lists))
        return before, tree.like(gast.For(loop.target, lengths, body, loop.orelse, None), loop)

    def _refuse_asked(self, loop: gast.For, taken: list[gast.AST]) -> None:
        """Refuse a loop over an object that is asked for its items, where how many it has may change meanwhile."""
        for base in taken:
            known = self._asked(base)
            if known is not None:
                self._refuse_change(loop, base.id, known)

    def _asked(self, base: gast.AST) -> Made | Instance | None:
        """The object that a name means, where it is run through by its `__getitem__`."""
        known = self._functions.of(base) if type(base) is gast.Name else None
        return known if isinstance(known, (Made, Instance)) and is_by_index(known.cls) else None

    def _counted(self, node: gast.AST) -> gast.AST:
        """A statement in which objects that are asked for items until there is none say how many there are.

        Raises:
            UnsupportedError: where asking changes something.
        """

        def change(item: gast.AST) -> gast.AST | None:
            known = self._asked(item.args[0]) if _is_measured(item) else None
            if known is None:
                return None
            if stores(inspect.getattr_static(known.cls, "__getitem__"), known.cls):
                raise UnsupportedError(
                    f"`__getitem__` of class `{known.name}` stores into an object, and one is run through by it",
                    tree.origin_of(node),
                    "use a list, and let a method that is called by its name store",
                )
            held = measured(known.cls)
            if held is not None and self._functions.of(tree.attribute(tree.copy(item.args[0]), held)) is None:
                return None
            counter = self._namespace.name_for(count_in_turn.__name__, count_in_turn)
            return tree.call(counter, item.args[0])

        asked = [item for item in tree.walk(node) if _is_measured(item) and self._asked(item.args[0]) is not None]
        new = tree.like(tree.replaced(node, change), node)
        if asked:
            # What the objects hold must not change in length before a loop has come to its end.
            new.measures = True
        return new

    def of_statement(self, node: gast.AST) -> tuple[list[gast.AST], gast.AST]:
        """The statements that list the items before a statement that runs through them, and that statement."""
        if not self._functions.are_met:
            return [], node
        node = self._counted(node)
        owners = {base.id: known for base in _run_through(node) if (known := self._runs(base)) is not None}
        if not owners:
            return [], node
        before, lists = self._listed(owners, node)
        if not lists:
            return [], node

        def change(item: gast.AST) -> gast.AST | None:
            is_unpacked = type(item) is gast.Subscript and getattr(item, "unpacked", False)
            if is_unpacked and tree.is_one_of(item.value, lists):
                return _same_mark(item, lists)
            if type(item) is gast.Starred and tree.is_one_of(item.value, lists):
                return gast.Starred(tree.load(lists[item.value.id]), gast.Load())
            if _consumes(item) and tree.is_one_of(item.args[0], lists):
                return gast.Call(item.func, [tree.load(lists[item.args[0].id]), *item.args[1:]], item.keywords)
            return _length(item, lists) if _is_measured(item) else None

        return before, tree.like(tree.rewrite(node, change), node)

    def _runs(self, base: gast.AST) -> Made | Instance | None:
        """The object that a name means, where its class says what is run through."""
        known = self._functions.of(base) if type(base) is gast.Name else None
        if not isinstance(known, (Made, Instance)) or is_named(known.cls):
            return None
        return known if isinstance(inspect.getattr_static(known.cls, "__iter__", None), types.FunctionType) else None

    def _listed(self, owners: dict[str, Any], node: gast.AST) -> tuple[list[gast.AST], dict[str, str]]:
        before: list[gast.AST] = []
        lists: dict[str, str] = {}
        for name, known in owners.items():
            function = items_of(known.cls)
            if function is None:
                continue
            if _changes_itself(known.cls):
                raise UnsupportedError(
                    f"`__iter__` of class `{known.name}` stores into its object, and its items are listed before "
                    "what runs through them",
                    tree.origin_of(node),
                    "loop over a list, and let a method that is called by its name store",
                )
            lists[name] = self._temporary("items")
            spelled = tree.load(self._namespace.name_for(function.__name__, function))
            before.append(tree.assign(lists[name], gast.Call(spelled, [tree.load(name)], [])))
        return before, lists

    def _refuse_change(self, loop: gast.For, name: str, known: Made | Instance) -> None:
        """Refuse a loop that stores into an object of the class that it runs over, or hands it on."""
        for item in (inner for statement in loop.body for inner in tree.walk(statement)):
            owner = None
            if isinstance(item, (gast.Attribute, gast.Subscript)) and not isinstance(item.ctx, gast.Load):
                owner = _root(item)
            elif isinstance(item, gast.Call) and isinstance(item.func, gast.Attribute):
                found = plain_method(known.cls, item.func.attr)
                if item.func.attr in CHANGERS or (isinstance(found, types.FunctionType) and stores(found, known.cls)):
                    owner = _root(item.func)
            elif isinstance(item, gast.Call) and any(tree.is_name(argument, name) for argument in item.args):
                owner = None if tree.is_name(item.func, "len", "range", "isinstance", "type") else tree.load(name)
            if owner is not None and getattr(self._functions.of(owner), "cls", None) is known.cls:
                raise UnsupportedError(
                    f"a loop over an object of class `{known.name}` may change it, and its `__iter__` then gives "
                    "other items",
                    tree.origin_of(loop),
                    "loop over `list(...)` of it",
                )


@functools.lru_cache(maxsize=256)
def _changes_itself(cls: type) -> bool:
    """Whether running through an object changes it, by `__iter__` itself or by methods that it calls."""
    method = inspect.getattr_static(cls, "__iter__", None)
    node = tree_of(source_of_generator(method))
    receiver = next(iter(tree.parameter_names(node)), "")
    for item in (inner for statement in node.body for inner in tree.walk(statement)):
        if isinstance(item, (gast.Attribute, gast.Subscript)) and not isinstance(item.ctx, gast.Load):
            if root_name(item) == receiver:
                return True
        elif isinstance(item, gast.Call) and isinstance(item.func, gast.Attribute):
            if item.func.attr in CHANGERS and root_name(item.func) == receiver:
                return True
            called = plain_method(cls, item.func.attr) if tree.is_name(item.func.value, receiver) else None
            if isinstance(called, types.FunctionType) and stores(called, cls):
                return True
    return False


@functools.lru_cache(maxsize=256)
def items_of(cls: type) -> Any:
    """The function that lists what an object of a class runs through; None where it is not said in a simple way."""
    method = inspect.getattr_static(cls, "__iter__", None)
    try:
        source = source_of_generator(method)
        node = tree_of(source)
    except (UnsupportedError, TypeError):
        return None
    if (handed := _handed_out(node.body)) is not None:
        return _listing(cls, source, node, [tree.like(tree.return_(handed), node.body[-1])])
    if any(isinstance(p, (gast.Yield, gast.YieldFrom)) for s in node.body for p in tree.walk(s)):
        text = "def items(self):\n    return list(generator(self))"
        written = tree.statements(text)[0]
        own = Source(text, f"<{cls.__qualname__}>", 1, 0, "items", method, {"generator": method}, {})
        return _listing(cls, own, written, written.body)
    given = _iterator_of(node.body[-1])
    if given is None or any(isinstance(s, gast.Return) for s in tree.every_statement(node.body[:-1])):
        return None
    is_display = isinstance(given, (gast.Tuple, gast.List))
    listed = tree.list_of(given.elts) if is_display else tree.call("list", given)
    return _listing(cls, source, node, [*node.body[:-1], tree.like(tree.return_(listed), node.body[-1])])


def _listing(cls: type, source: Source, node: gast.FunctionDef, body: list[gast.AST]) -> Any:
    """A function of these statements."""
    space: dict[str, Any] = {"__name__": cls.__module__}
    # Where it carries no derivative, the text calls it as it is.
    exec(compile("def items(self): return list(self)", f"<{cls.__qualname__}>", "exec", dont_inherit=True), space)
    function = space["items"]
    WRITTEN[function] = source, tree.like(tree.function("items", node.args, body), node)
    return function


def _handed_out(body: list[gast.AST]) -> gast.AST | None:
    """What a generator hands out that does nothing else; None for others."""
    if not all(isinstance(statement, gast.Expr) for statement in body):
        return None
    values: list[Any] = [s.value for s in body if not isinstance(s.value, gast.Constant)]
    if len(values) == 1 and isinstance(values[0], gast.YieldFrom):
        return tree.call("list", values[0].value)
    if not values or not all(isinstance(value, gast.Yield) for value in values):
        return None
    return tree.list_of([value.value or tree.const(None) for value in values])


def _iterator_of(node: gast.AST) -> gast.AST | None:
    """What `return iter(...)` runs through, None for other statements."""
    call = node.value if isinstance(node, gast.Return) else None
    if not isinstance(call, gast.Call) or call.keywords:
        return None
    if tree.is_name(call.func, "iter") and len(call.args) == 1:
        return call.args[0]
    is_method = isinstance(call.func, gast.Attribute) and call.func.attr == "__iter__" and not call.args
    return call.func.value if is_method else None


def _run_through(node: gast.AST) -> Iterator[gast.AST]:
    """What a statement runs through."""
    for item in tree.walk(node):
        if type(item) is gast.Subscript and getattr(item, "unpacked", False):
            yield item.value
        elif type(item) is gast.Starred:
            yield item.value
        elif _consumes(item) or _is_measured(item):
            yield item.args[0]


def _consumes(node: gast.AST) -> bool:
    """Whether a call runs through its first argument; `max` and `min` compare several as they are."""
    if type(node) is not gast.Call or not node.args or not tree.is_name(node.func, *_CONSUMERS):
        return False
    return len(node.args) == 1 or not tree.is_name(node.func, "max", "min")


def _is_measured(node: gast.AST) -> bool:
    """Whether the length is asked for that an unpacking must have."""
    return type(node) is gast.Call and getattr(node, "unpacked", False) and tree.is_name(node.func, "len")


def _is_next(item: gast.Subscript) -> bool:
    """Whether an item is the next one of a loop; `reversed` asks an object in another way."""
    return getattr(item, "in_turn", False) and not getattr(item, "backwards", False)


def _same_mark(item: gast.Subscript, lists: dict[str, str]) -> gast.Subscript:
    new = gast.Subscript(tree.load(lists[item.value.id]), item.slice, item.ctx)
    new.in_turn = getattr(item, "in_turn", False)
    return new


def _length(node: gast.AST, lists: dict[str, str]) -> gast.AST | None:
    if type(node) is gast.Call and tree.is_name(node.func, "len") and tree.is_one_of(node.args[0], lists):
        return tree.call("len", tree.load(lists[node.args[0].id]))
    return None


def _without_loops(body: list[gast.AST]) -> Iterator[gast.AST]:
    """The nodes of a block without those of the loops in it, which list their items when they come to run."""
    pending = list(body)
    while pending:
        node = pending.pop()
        if type(node) not in tree.LOOPS:
            yield node
            pending.extend(tree.children(node))


def _root(node: gast.AST) -> gast.AST:
    while isinstance(node, (gast.Attribute, gast.Subscript)):
        node = node.value
    return node
