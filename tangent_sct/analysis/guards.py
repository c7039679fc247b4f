"""What a derivative relies on besides the kinds of its arguments.

A text is written for what the user's names meant then. Free names are held against what they mean at each call by
`Derivative` itself; here are the attributes that the functions read: of modules, of classes, and of the objects
that methods are bound to. Functions must be the same objects; values must have the same kinds (`kinds.attributes`).
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any

import gast

from tangent_sct.analysis.kinds.attributes import (
    attribute_of,
    followed,
    is_constant,
    is_data,
    kind_of_attribute,
)
from tangent_sct.analysis.kinds.plain import changed_names, plain_kind
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import Kind
from tangent_sct.core.origins import Source
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.given import unbound
from tangent_sct.frontend.namespace import MISSING, is_library, meaning
from tangent_sct.frontend.program import Reader


@dataclass(eq=False, slots=True)
class Attribute:
    """What an attribute meant when a text was written.

    Attributes:
        root: the object that the chain begins at.
        path: the attributes to follow from there.
        meant: the function it was, or the kind of the value.
        last: the object it was when that was last found to hold.
    """

    root: Any
    path: tuple[str, ...]
    meant: Any
    last: Any

    def holds(self) -> bool:
        """Whether it means the same now."""
        found = self.root
        for name in self.path:
            found = attribute_of(found, name)
        if found is not self.last:
            if _meaning(found) != self.meant:
                return False
            self.last = found
        return True


@dataclass(eq=False, slots=True)
class Code:
    """What a function did and its defaults were when a text was written."""

    function: FunctionType
    meant: tuple[Any, ...]

    def holds(self) -> bool:
        """Whether it does the same now."""
        found = _code(self.function)
        return len(found) == len(self.meant) and all(map(operator.is_, self.meant, found))


@dataclass(eq=False, slots=True)
class Table:
    """Which functions a dict, a list or a tuple held when a text was written."""

    table: Any
    meant: dict[Any, Any]

    def holds(self) -> bool:
        """Whether it holds the same now."""
        found = _items(self.table)
        return found.keys() == self.meant.keys() and all(map(operator.is_, found.values(), self.meant.values()))


@dataclass(eq=False, slots=True)
class Plain:
    """What a container from outside held when a text was written: nothing but numbers and texts."""

    container: Any
    meant: Kind

    def holds(self) -> bool:
        """Whether it holds the like now."""
        return plain_kind(self.container) == self.meant


def _items(table: Any) -> dict[Any, Any]:
    return dict(table if isinstance(table, Mapping) else enumerate(table))


def _code(function: FunctionType) -> tuple[Any, ...]:
    # The dict of its keyword defaults can be written into.
    return function.__code__, function.__defaults__, *(function.__kwdefaults__ or {}).values()


def _meaning(value: Any) -> Any:
    """What counts of an attribute: equal where one text serves for both."""
    return kind_of_attribute(value) if is_data(value) else _Same(value)


@dataclass(frozen=True, slots=True)
class _Same:
    """Equal for one object; methods are made anew each time they are looked up."""

    value: Any

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Same):
            return False
        if isinstance(self.value, (MethodType, BuiltinMethodType)):
            return bool(self.value == other.value)
        return self.value is other.value

    def __hash__(self) -> int:
        return hash(type(self.value))


_SETTERS = (setattr, delattr, object.__setattr__, object.__delattr__, type.__setattr__, type.__delattr__)
Guard = Attribute | Code | Table | Plain


def attributes_of(function: Any, unit: Unit, reader: Reader, text: Unit) -> tuple[Guard, ...]:
    """The attributes that a program and the functions it was made of read, and what those functions are.

    Args:
        function: the user's function.
        unit: the program, calls unfolded.
        reader: it has read all the functions.
        text: what the derivative became.
    """
    found: dict[tuple[int, tuple[str, ...]], Attribute] = {}
    plain, given = unbound(function)
    pending: list[tuple[Any, tuple[Any, ...]]] = [(plain, given)]
    pending += [(other, ()) for other in reader.callees.texts if other is not plain]
    seen: set[tuple[Any, ...]] = set()
    for attribute in (*_called(function), *_in_tree(unit.tree, unit.namespace)):
        found.setdefault((id(attribute.root), attribute.path), attribute)
    while pending:
        other, first = pending.pop()
        key = (other, *map(id, first))
        if key in seen:
            continue
        seen.add(key)
        for attribute in _in_function(other, first, reader):
            found.setdefault((id(attribute.root), attribute.path), attribute)
            method = getattr(attribute.meant, "value", None)
            if isinstance(method, MethodType) and isinstance(method.__func__, FunctionType):
                pending.append((method.__func__, (method.__self__,)))
    for cls, name in reader.objects.looked_up:
        method = attribute_of(cls, name)
        found.setdefault((id(cls), (name,)), Attribute(cls, (name,), _meaning(method), method))
    codes = (Code(f, _code(f)) for f in reader.callees.texts if isinstance(f, FunctionType))
    tables = (Table(table, _items(table)) for table in reader.tables)
    return (*found.values(), *codes, *tables, *_plain(unit.namespace, text))


def refuse_replaced(
    body: list[gast.AST],
    objects: Mapping[str, Any],
    guards: Iterable[Guard],
    uses: Iterable[tuple[Source, str, Any]],
) -> None:
    """Refuse a program that replaces a function that it calls, as an attribute of something: another one was read.

    Args:
        body: the program, calls unfolded.
        objects: its free names.
        guards: what the text relies on.
        uses: the free names of the user's functions, with the objects they meant.

    Raises:
        UnsupportedError: naming the statement.
    """
    stores = [(node, store) for node in tree.every_statement(body) for store in _attributes_changed(node, objects)]
    if not stores:
        return
    relied_on: dict[str, list[Any]] = {}
    for guard in guards:
        if isinstance(guard, Attribute) and isinstance(guard.meant, _Same):
            owner = guard.root
            for part in guard.path[:-1]:
                owner = attribute_of(owner, part)
            relied_on.setdefault(guard.path[-1], []).append(owner)
    for _, used, value in uses:
        if isinstance(value, (FunctionType, type)):
            relied_on.setdefault(used, []).append(sys.modules.get(value.__module__))
    for node, (base, name) in stores:
        owner = meaning(base, objects)
        owners = relied_on.get(name, []) if name is not None else [o for held in relied_on.values() for o in held]
        if owner is MISSING or isinstance(owner, type):
            # Another name of it may be meant, or a class above.
            meant = any(not is_library(_module_of(known)) for known in owners)
        else:
            meant = any(known is owner for known in owners)
        if meant:
            raise UnsupportedError(
                f"`{name or 'an attribute'}` may be a function that the program calls, and is assigned while it runs",
                tree.origin_of(node),
                "choose the function with `if` where it is called, or pass it as an argument",
            )


def _attributes_changed(node: gast.AST, objects: Mapping[str, Any]) -> Iterator[tuple[gast.AST, str | None]]:
    """Objects of which a statement assigns an attribute, with its name where that is written down."""
    for part in tree.own_parts(node):
        for item in tree.walk(part):
            if isinstance(item, gast.Attribute) and type(item.ctx) is not gast.Load:
                yield item.value, item.attr
            elif isinstance(item, gast.Call) and len(item.args) >= 2:
                if is_one_of(meaning(item.func, objects), _SETTERS):
                    name = getattr(item.args[1], "value", None)
                    yield item.args[0], name if isinstance(name, str) else None


def _module_of(owner: Any) -> str:
    """The module that a class, a function or an object comes from; of a module itself, its name."""
    if isinstance(owner, ModuleType):
        return owner.__name__
    return str(getattr(owner if isinstance(owner, type) else type(owner), "__module__", ""))


def _plain(objects: Mapping[str, Any], text: Unit) -> Iterator[Plain]:
    """The containers of numbers and texts, but for those that the text changes: of them nothing was believed."""
    functions = (text.tree, *text.companions)
    changed = [text.namespace[n] for f in functions for n in changed_names(f) if n in text.namespace]
    every = {id(value): value for value in (*objects.values(), *text.namespace.values())}
    for value in every.values():
        kind = None if any(value is other for other in changed) else plain_kind(value)
        if kind is not None and kind.family != "tuple":
            yield Plain(value, kind)


def _in_function(function: Any, given: tuple[Any, ...], reader: Reader) -> Iterator[Attribute]:
    """The attributes that the text of a function reads, its first parameters being known."""
    try:
        source, node = reader.callees.text_of(function)
    except (UnsupportedError, TypeError):
        return
    parameters = tree.parameter_names(node)
    objects: dict[str, Any] = dict(zip(parameters, given, strict=False))
    local = {*parameters, *tree.names_written(node.body)}
    for name in tree.names_read(node.body):
        if name not in local:
            try:
                objects[name] = source.lookup(name)
            except KeyError:
                continue
    yield from _in_tree(node, objects)


def _called(value: Any) -> Iterator[Attribute]:
    """What an object that can be called does then, which its class says."""
    method = attribute_of(type(value), "__call__")
    if isinstance(method, FunctionType):
        yield Attribute(type(value), ("__call__",), _meaning(method), method)


def _in_tree(node: gast.AST, objects: Mapping[str, Any]) -> Iterator[Attribute]:
    for item in tree.walk(node):
        if type(item) is gast.Name and item.id in objects:
            yield from _called(objects[item.id])
        if type(item) is gast.Attribute and not is_constant(item, objects):
            found = followed(item, objects)
            if found is not MISSING and (is_data(found) or callable(found)):
                name, *path = str(tree.dotted_name(item)).split(".")
                yield Attribute(objects[name], tuple(path), _meaning(found), found)
                yield from _called(found)

