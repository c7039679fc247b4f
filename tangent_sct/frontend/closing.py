"""Functions that a program puts into containers that grow, as what they captured; and their calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.frontend.closures import Closure, Given, Mixed, places
from tangent_sct.frontend.inside import inner
from tangent_sct.frontend.meanings import (
    Choice,
    Inner,
    Instance,
    Items,
    Outer,
    Partial,
    Several,
    Value,
    any_item,
    closures_in,
)
from tangent_sct.frontend.reading import Reading, assigned_name, or_mentions, with_value

_ADDERS = {"append": 0, "insert": 1}
"""Methods that add one item to a list, with the place of the item among their arguments."""

_SHORTENERS = ("pop", "reverse", "clear", "popitem")
"""Methods of lists and dicts that add nothing."""


@dataclass
class _Captured:
    """What a function captures.

    Attributes:
        own: variables that it captured for itself.
        outside: variables of the program that it reads besides.
    """

    own: dict[str, None]
    outside: set[str]


class Closing(Reading):
    """Reads what puts functions into containers, and what calls them from there."""

    # -- into containers ----------------------------------------------------------------------

    def grown(self, node: gast.AST) -> list[gast.AST] | None:
        """A statement that adds an item to a list or a dict of which all items stay known; None for others."""
        if self.changed_mixed(node):
            return [node]
        if (longer := _extension(node)) is not None:
            return [node] if self.extended(*longer) else None
        if (shorter := _shortened(node)) is not None:
            self.meet_objects(node)
            return [node] if isinstance(self.known(shorter), Several) else None
        found = _addition(node)
        if found is None or not isinstance(self.known(found[0]), (Several, Items)):
            return None
        name, item, rebuilt = found
        kept = self.kept_as(item, self.known(name))
        if kept is None:
            return None
        output: list[gast.AST] = []
        value = kept[0]
        if value is not item:
            is_argument = isinstance(node, gast.Expr)
            value = self.in_steps(value, node, output, is_part=not is_argument)
            node = tree.like(rebuilt(value), node)
        self.meet_objects(node)
        return [*output, node] if self.functions.grow(name, kept[1]) else None

    def changed_mixed(self, node: gast.AST) -> bool:
        """Whether a statement changes a list that holds objects among others, of which all items stay known."""
        target = node.targets[0] if isinstance(node, gast.Assign) else None
        if isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name):
            key = getattr(target.slice, "value", None)
            if type(key) is not int:
                return False
            self.meet_objects(node)
            return self.functions.put(target.value.id, key, node.value)
        call = node.value if isinstance(node, gast.Expr) else None
        if not isinstance(call, gast.Call) or not isinstance(call.func, gast.Attribute) or call.keywords:
            return False
        name, method = call.func.value, call.func.attr
        if not isinstance(name, gast.Name) or (method, len(call.args)) not in (("append", 1), ("reverse", 0)):
            return False
        self.meet_objects(node)
        if method == "append":
            return self.functions.put(name.id, None, call.args[0])
        return self.functions.turn_round(name.id)

    def extended(self, name: str, more: gast.AST) -> bool:
        """A list gets the items of another one; whether all that it holds is still known.

        Raises:
            Mixed: where only functions themselves are known of the others.
        """
        held = self.functions.of(more)
        items = any_item(held) if isinstance(held, (Several, Items)) and not held.is_dict else None
        if items is None or not isinstance(self.known(name), (Several, Items)):
            return False
        if (isinstance(items, (Inner, Partial)) or _is_of_inner(items)) and not self.is_tagged:
            raise Mixed
        return self.functions.grow(name, items)

    def in_steps(self, value: gast.AST, node: gast.AST, output: list[gast.AST], is_part: bool) -> gast.AST:
        """What is kept, in which every tuple but the outermost has a name.

        Args:
            value: what is kept.
            node: the statement that keeps it.
            output: the statements before that one.
            is_part: whether the outermost has one, too.
        """
        if not isinstance(value, gast.Tuple):
            return value
        new = tree.tuple_of(self.in_steps(part, node, output, is_part=True) for part in value.elts)
        if not is_part:
            return new
        name = self.temporary("kept")
        output.append(tree.like(tree.assign(name, new), node))
        return tree.load(name)

    def with_closed_items(self, node: gast.AST) -> list[gast.AST] | None:
        """A statement with a list or a dict of functions, each as what it captured: others may be added to them.

        None where they may stay functions.
        """
        value = getattr(node, "value", None)
        if not isinstance(node, gast.Assign) or not isinstance(value, (gast.List, gast.Dict)):
            return None
        held = self.functions.of(value) if self.is_tagged or self.functions.are_met else None
        if not isinstance(held, Items) or not (self.is_tagged or _holds_partials(held)):
            return None
        items = value.elts if isinstance(value, gast.List) else value.values
        kept = [self.kept_as(item, held) for item in items]
        output: list[gast.AST] = []
        closed = [
            item if k is None or k[0] is item else self.in_steps(k[0], node, output, is_part=True)
            for item, k in zip(items, kept, strict=True)
        ]
        new = gast.Dict(value.keys, closed) if isinstance(value, gast.Dict) else tree.list_of(closed)
        keys = [key.value for key in value.keys] if isinstance(value, gast.Dict) else range(len(items))
        pairs = zip(keys, kept, strict=True)
        known = {key: part[1] for key, part in pairs if part is not None and part[1] is not None}
        return [*output, self.bound(with_value(node, new), replace(held, items=known))] if known else None

    def kept_as(self, item: gast.AST, container: Value | None) -> tuple[gast.AST, Value | None] | None:
        """The expression that stands for an item in a container, and what it means; None where that is not known.

        Raises:
            Mixed: where it is one of several functions, of which only these themselves are known.
        """
        value = self.functions.of(item)
        if isinstance(item, gast.Tuple) and value is not None:
            parts = [self.kept_as(part, container) for part in item.elts]
            known = [(item.elts[n], None) if part is None else part for n, part in enumerate(parts)]
            held = {n: part for n, (_, part) in enumerate(known) if part is not None}
            return tree.tuple_of(e for e, _ in known), Items(held, len(held) == len(known), is_fixed=True)
        if isinstance(value, (Inner, Partial)) or (isinstance(value, Outer) and self.is_tagged):
            return self.closed(value, container)
        if _is_of_inner(value) and not self.is_tagged:
            raise Mixed
        if isinstance(value, Closure) and not all(self.functions.is_around(n, container) for n in value.outside):
            return None
        return item, value

    def closed(
        self, value: Inner | Outer | Partial, container: Value | None, inside: tuple[Value, ...] = ()
    ) -> tuple[gast.AST, Closure] | None:
        """A function as what it captured for itself.

        Args:
            value: the function.
            container: the list or dict that it is put into.
            inside: functions that have captured it.

        Returns:
            The expression that is kept, and what it means; None where it is not certain what the function would
            read when it is called.
        """
        if value in inside:
            return None
        captured = self.captured(value, container)
        if captured is None:
            return None
        known = {name: self.known(name) for name in captured.own}
        direct = {name: part.expression for name, part in known.items() if isinstance(part, Outer)}
        values: list[gast.AST] = []
        given: list[Given] = []
        names = [name for name in captured.own if name not in direct]
        for name in names:
            part = known[name]
            kept: tuple[gast.AST, Value | None] | None = tree.load(name), part
            if not self.is_steady(name):
                return None
            if isinstance(part, (Inner, Partial)):
                kept = self.closed(part, container, (*inside, value))
            elif not _is_plain(part):
                kept = None
            if kept is None:
                return None
            values.append(kept[0])
            base = base_of(name).removesuffix("_default")
            given.append(Given(base, None if isinstance(part, Several) else kept[1], _is_active(value, name)))
        function = _renamed(value, dict(zip(names, places(len(names)), strict=True)), direct)
        key = _text(function)
        if key not in self.definitions:
            base = _name(value)
            taken = set(self.definitions.values())
            more = (f"{base}_{number}" for number in range(2, len(taken) + 3))
            self.definitions[key] = next(n for n in (base, *more) if n not in taken)
        closure = Closure(
            function, tuple(given), frozenset(captured.outside), key, self.definitions[key], self.is_tagged
        )
        return closure.record(values), closure

    def captured(self, value: Value, container: Value | None) -> _Captured | None:
        """What a function captures; None where it is one that calls itself, or of which that is not known."""
        if isinstance(value, Outer):
            return _Captured({}, set())
        if isinstance(value, Partial):
            found = self.captured(value.function, container)
            read = tree.names_read([*value.args, *value.keywords])
            if found is not None:
                found.own.update((name, None) for name in read if name not in self.namespace.objects)
            return found
        if not isinstance(value, Inner):
            return None
        defaults = tree.names_read([*value.node.args.defaults, *filter(None, value.node.args.kw_defaults)])
        own = dict.fromkeys(name for name in defaults if name not in self.namespace.objects)
        others = [name for name in tree.names_read(value.node) if name in value.captured and name not in own]
        others += sorted(value.captured - set(others) - own.keys())
        outside = {name for name in others if self.functions.is_around(name, container)}
        own.update((name, None) for name in others if name not in outside)
        # By its own name a function calls the one that was defined last.
        return None if own and value.node.name in value.captured else _Captured(own, outside)

    def is_steady(self, name: str) -> bool:
        """Whether a variable holds now what it holds whenever a function is called that has captured it."""
        if name in self.rebound or self.functions.is_unset(name):
            return False
        for variables, node in zip(self.variables, self.frames, strict=True):
            if name in variables:
                return _is_assigned_once(name, node)
        return True

    # -- out of containers --------------------------------------------------------------------

    def unfold_closure(
        self, node: gast.AST, call: gast.Call, closure: Closure, is_active: Callable[[gast.AST], bool]
    ) -> list[gast.AST]:
        """The statements of a function of which there is only what it captured, in place of its call."""
        output: list[gast.AST] = []
        if not isinstance(call.func, gast.Name):
            kept = self.temporary("kept")
            output.append(tree.like(tree.assign(kept, call.func), node))
            self.functions.bind(kept, closure)
            call = gast.Call(tree.load(kept), call.args, call.keywords)
        names: list[str] = []
        for place, given in enumerate(closure.given):
            name = self.temporary(given.base)
            names.append(name)
            output.append(tree.like(tree.assign(name, closure.part(call.func.id, place)), node))
            self.functions.bind(name, given.value)
        fresh = dict(zip(places(len(names)), names, strict=True))
        active = [name for name, given in zip(names, closure.given, strict=True) if given.is_active]
        function = self.reopened(closure.function, fresh, active)
        return [*output, *self.unfold_value(node, call, function, or_mentions(is_active, active))]

    def reopened(self, value: Value, fresh: Mapping[str, str], active: Sequence[str]) -> Value:
        """A function that reads what it captured from variables of the program."""
        if isinstance(value, Partial):
            new = _renamed(value, fresh, {})
            assert isinstance(new, Partial)
            return replace(new, function=self.reopened(value.function, fresh, active))
        if not isinstance(value, Inner):
            return value
        node = tree.rename(value.node, fresh)
        return inner(node, value.source, self.namespace.objects, or_mentions(value.is_active, active))

    # -- elsewhere ----------------------------------------------------------------------------

    def iterated(self, head: gast.AST) -> Value | None:
        """What a loop comes to that runs over something, None where that is not known."""
        value = self.functions.of(head)
        if isinstance(value, (Several, Items)):
            return None if value.is_dict else any_item(value)
        if not isinstance(head, gast.Call) or head.keywords or not head.args:
            return None
        items = [self.iterated(argument) for argument in head.args]
        if tree.is_name(head.func, "reversed", "list", "tuple"):
            return items[0]
        first = 1 if tree.is_name(head.func, "enumerate") else 0
        if not first and not tree.is_name(head.func, "zip"):
            return None
        held = {place: item for place, item in enumerate(items, first) if item is not None}
        return Items(held, False, is_fixed=True) if held else None

    def refuse_uncalled(self, node: gast.AST) -> None:
        """Refuse a statement that uses what stands for a function otherwise than to call it or to hand it on.

        Raises:
            UnsupportedError: naming the variable.
        """
        if not self.functions.kept:
            return
        for name in _used(node, self.functions.of):
            if name in self.functions.kept and not self._hands_on(node, name):
                raise UnsupportedError(
                    f"`{base_of(name)}` is a function that a list or a dict holds among others, or holds "
                    "some, and more is done with it than to call them and to hand them on",
                    tree.origin_of(node) or (self.calls[-1] if self.calls else None),
                    "keep what it is asked for in a list of its own",
                )

    def _hands_on(self, node: gast.AST, name: str) -> bool:
        """Whether a statement or an expression puts what stands for functions where it is followed."""
        value = getattr(node, "value", None) if isinstance(node, gast.stmt) else node
        if self.functions.is_plain_item(value):
            return True
        if isinstance(node, gast.Return):
            return bool(self.calls) and self.functions.of(value) is not None
        if isinstance(node, gast.stmt) and assigned_name(node) is None:
            return False
        if not isinstance(node, gast.stmt):
            if closures_in(self.iterated(node)) or isinstance(self.known(name), (Several, Items)):
                return True
        return value is not None and closures_in(self.functions.of(value))


def base_of(name: str) -> str:
    """The name that a variable had before it was told apart from others.

    >>> base_of("scale_2"), base_of("w_1_3")
    ('scale', 'w_1')
    """
    base, _, number = name.rpartition("_")
    return base if base and number.isdigit() else name


def _addition(node: gast.AST) -> tuple[str, gast.AST, Callable[[gast.AST], gast.AST]] | None:
    """The container that a statement adds an item to, the item, and the statement with another one."""
    if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Subscript):
        (target,) = node.targets
        if not isinstance(target.value, gast.Name) or isinstance(target.slice, gast.Slice):
            return None
        return target.value.id, node.value, lambda item: tree.assign(target, item)
    call = node.value if isinstance(node, gast.Expr) else None
    if not isinstance(call, gast.Call) or not isinstance(call.func, gast.Attribute) or call.keywords:
        return None
    place = _ADDERS.get(call.func.attr)
    if place is None or len(call.args) != place + 1 or not isinstance(call.func.value, gast.Name):
        return None
    before = call.args[:place]
    return call.func.value.id, call.args[place], lambda item: tree.effect(gast.Call(call.func, [*before, item], []))


def _extension(node: gast.AST) -> tuple[str, gast.AST] | None:
    """The list that a statement adds the items of another one to, and the other one."""
    call = getattr(node, "value", None)
    if not isinstance(call, gast.Call) or call.keywords:
        return None
    if isinstance(node, gast.Assign) and tree.is_name(call.func, "iadd") and len(call.args) == 2:
        (target,) = node.targets
        is_same = isinstance(target, gast.Name) and tree.is_name(call.args[0], target.id)
        return (target.id, call.args[1]) if is_same else None
    is_effect = isinstance(node, gast.Expr) and isinstance(call.func, gast.Attribute) and len(call.args) == 1
    if is_effect and call.func.attr == "extend" and isinstance(call.func.value, gast.Name):
        return call.func.value.id, call.args[0]
    return None


def _shortened(node: gast.AST) -> str | None:
    """The list that a statement takes items from, or turns round."""
    call = node.value if isinstance(node, gast.Expr) else None
    if not isinstance(call, gast.Call) or not isinstance(call.func, gast.Attribute):
        return None
    is_shortener = call.func.attr in _SHORTENERS and isinstance(call.func.value, gast.Name)
    return call.func.value.id if is_shortener else None


def _is_of_inner(value: Value | None) -> bool:
    """Whether a value is one of several functions of which some are defined inside."""
    return isinstance(value, Choice) and any(isinstance(option, (Inner, Partial)) for option, _ in value.options)


def _is_plain(value: Value | None) -> bool:
    """Whether a value may be kept as it is: one that is no function, or stands for one in a form that is kept."""
    if isinstance(value, Several):
        return value.item is None
    if isinstance(value, Choice):
        return all(isinstance(option, (Instance, Closure)) for option, _ in value.options)
    return not isinstance(value, Items) and (value is None or isinstance(value, (Instance, Closure)))


def _is_active(value: Value, name: str) -> bool:
    """Whether a variable that a function captured may carry a derivative."""
    if isinstance(value, Partial):
        return True
    return isinstance(value, Inner) and value.is_active(tree.load(name))


def _name(value: Inner | Outer | Partial) -> str:
    if isinstance(value, Inner):
        return str(value.node.name)
    if isinstance(value, Outer):
        return value.text
    return _name(value.function) if isinstance(value.function, (Inner, Outer, Partial)) else "partial"


def _renamed(
    value: Inner | Outer | Partial, names: Mapping[str, str], direct: Mapping[str, gast.AST]
) -> Inner | Outer | Partial:
    """A function that reads other variables, and some functions by what means them everywhere."""

    def change(node: gast.AST) -> gast.AST:
        return tree.rename(tree.substitute(node, direct) if direct else node, names)

    if isinstance(value, Inner):
        return replace(value, node=tree.like(change(value.node), value.node))
    if isinstance(value, Partial):
        function = value.function
        if isinstance(function, (Inner, Outer, Partial)):
            function = _renamed(function, names, direct)
        return Partial(function, tuple(map(change, value.args)), tuple(map(change, value.keywords)))
    return value


def _text(value: Value) -> str:
    """What a function does, as text, whatever its definition is called."""
    if isinstance(value, Partial):
        arguments = [tree.text(item) for item in (*value.args, *(k.value for k in value.keywords))]
        words = [str(k.arg) for k in value.keywords]
        return f"partial({_text(value.function)}, {arguments}, {words})"
    if isinstance(value, Outer):
        return value.text
    assert isinstance(value, Inner)
    plain = tree.function("_", value.node.args, value.node.body)
    return f"{value.source.file}:{id(value.source.function)}\n{tree.text(plain)}"


def _is_assigned_once(name: str, node: gast.FunctionDef) -> bool:
    """Whether a function gives a variable one value, which is there as soon as any is."""
    writes = [item for item in tree.walk(node) if isinstance(item, gast.Name) and item.id == name]
    count = sum(not isinstance(item.ctx, gast.Load) for item in writes)
    count += sum(isinstance(item, gast.FunctionDef) and item.name == name for item in tree.every_statement(node.body))
    loops = [item for item in tree.every_statement(node.body) if isinstance(item, (gast.For, gast.While))]
    return count == 1 and not any(name in tree.names_written(loop) for loop in loops)


def _asks_keys(function: gast.AST) -> bool:
    return isinstance(function, gast.Attribute) and function.attr == "keys" and isinstance(function.value, gast.Name)


def _holds_partials(value: Items) -> bool:
    """Whether a list or a dict holds partials among its functions: those cannot be told apart."""
    return not value.is_fixed and any(isinstance(item, Partial) for item in value.items.values())


def _used(node: gast.AST, known: Callable[[gast.AST], Value | None]) -> Iterator[str]:
    """Names that a statement reads, save those of which only the length or the keys are asked."""
    pending = [node]
    while pending:
        item = pending.pop()
        asks_length = isinstance(item, gast.Call) and tree.is_name(item.func, "len")
        if asks_length and isinstance(known(item.func), Outer):
            continue
        if isinstance(item, gast.Call) and _asks_keys(item.func):
            continue
        if isinstance(item, gast.Name) and isinstance(item.ctx, gast.Load):
            yield item.id
        pending += tree.children(item)
