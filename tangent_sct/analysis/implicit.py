"""Methods that Python runs by itself, and properties: which of them do more than compute.

`len(s)`, `s[0]`, `s == t`, `s + 1`, `for v in s` and `s.size` run methods of the class of `s`. They are taken to
compute only, and may be run once more, later, or not at all; which holds of nearly all classes. Objects of the
others are refused (`refuse_implicit_writers`). To keep what is computed for the next time is no more than to compute.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import FunctionType, ModuleType
from typing import Any

import gast

from tangent_sct.analysis.inside import Inside
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import GENERATORS, Kind
from tangent_sct.core.origins import Source
from tangent_sct.frontend.active import GROWERS, root_name
from tangent_sct.frontend.managers import plain_method
from tangent_sct.frontend.mentioned import classes_mentioned
from tangent_sct.frontend.namespace import MISSING, is_library, meaning
from tangent_sct.frontend.source import source_of_generator, tree_of
from tangent_sct.runtime import made
from tangent_sct.templates.methods import WRITERS

_EXPLICIT = frozenset(
    "__init__ __new__ __post_init__ __init_subclass__ __set_name__ __call__ __setitem__ __setattr__ __delitem__ "
    "__delattr__ __set__ __delete__ __replace__ __iadd__ __isub__ __imul__ __itruediv__ __ifloordiv__ "
    "__imod__ __ipow__ __imatmul__ __iand__ __ior__ __ixor__ __ilshift__ __irshift__".split()
)
"""Special methods that a program asks for where it makes an object, calls one or writes into one."""

_IN_TURN = frozenset("__next__ __enter__ __exit__".split())
"""Special methods that keep count of how often they are run, which is theirs to do as long as nobody else looks."""

_OF_BLOCKS = frozenset(("__enter__", "__exit__"))

_UNSEEN = (
    "__bool__", "__len__", "__contains__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__",
    "__str__", "__repr__", "__format__", "__index__", "__sizeof__",
)  # fmt: skip
"""Special methods whose results hold nothing to be differentiated: who asks for them is often kept as it is."""

_SEARCHING = frozenset("count format index join remove sort".split())
"""Methods of lists and texts that ask objects for what they are."""

_KEEPING = (dict, enumerate, id, isinstance, len, list, made, reversed, tuple, type, zip)
"""Functions that ask an object in a list for nothing."""

_CHANGES_ARRAYS = "writes into what it holds"
_CHANGES_OTHERS = "changes what is outside of it"
_DRAWS = "draws random numbers, or takes items of an iterator"


def refuse_implicit_writers(
    inside: Inside, namespace: Mapping[str, Any], kind_of: Callable[[gast.AST], Kind]
) -> None:
    """Refuse objects, kept whole, of a class that does more than compute where nobody sees a call.

    Raises:
        UnsupportedError: naming the statement, the class and its method.
    """
    # Of several statements one is named that has a place in the file.
    statements = sorted(inside.statements, key=lambda statement: tree.origin_of(statement) is None)
    for node in statements:
        for item in inside.of(node):
            cls = _class_of(item, namespace, kind_of)
            if cls is not None:
                _refuse(cls, node, inside, kind_of)
    for node, name in _mentions(statements, inside, namespace):
        for cls in classes_mentioned([namespace[name]]):
            _refuse(cls, node, inside, kind_of)


def _refuse(cls: type, node: gast.AST, inside: Inside, kind_of: Callable[[gast.AST], Kind]) -> None:
    if is_library(cls.__module__):
        return
    found = implicit_writer(cls) or _seen(cls, inside, kind_of)
    if found is not None:
        raise _refusal(cls, found, node)


def _refusal(cls: type, found: tuple[str, str], node: gast.AST) -> UnsupportedError:
    method, does = found
    return UnsupportedError(
        f"there is an object of class `{cls.__name__}`, whose `{method}` {does}, and "
        "Python runs that where nobody sees a call",
        tree.origin_of(node),
        f"let `{method}` only compute, and write in a method that is called by its name",
    )


def refuse_made_writers(
    body: Iterable[gast.AST], namespace: Mapping[str, Any], kind_of: Callable[[gast.AST], Kind]
) -> None:
    """Refuse objects that the program makes, whose methods it follows, where some of them are run all the same.

    Args:
        body: the program, before what nothing depends on is left out of it.
        namespace: what its free names mean.
        kind_of: kinds of its expressions.

    Raises:
        UnsupportedError: naming the statement, the class and its method.
    """
    classes = [cls for cls in namespace.values() if isinstance(cls, type) and not is_library(cls.__module__)]
    changing = [(cls, found) for cls in classes if (found := _first_change(cls)) is not None]
    inside = Inside(body if changing else ())
    for node in inside.statements:
        kept, asked = _kept_with([node, *inside.of(node)], namespace), _asked(node, inside)
        for cls, found in changing:
            if any(_holds(kind_of(expression), cls) for expression in kept):
                raise _refusal(cls, found, node)
            unseen = unseen_writer(cls)
            if unseen is not None and any(e is not None and _holds(kind_of(e), cls) for e in asked):
                raise _refusal(cls, unseen, node)


def _kept_with(items: Iterable[gast.AST], namespace: Mapping[str, Any]) -> list[gast.AST]:
    """What is gone through, or handed to functions of libraries, by expressions that are kept as they are."""
    found: list[gast.AST] = []
    for item in items:
        if isinstance(item, (*tree.COMPREHENSIONS, gast.Lambda, gast.FunctionDef)):
            found += map(tree.load, tree.names_read(item))
        elif isinstance(item, gast.Call) and _asks(item, namespace):
            found += [*item.args, *(keyword.value for keyword in item.keywords)]
    return found


def _asks(call: gast.Call, namespace: Mapping[str, Any]) -> bool:
    """Whether a call may run methods of the objects that it is given, for all that is known here."""
    if any(keyword.arg == "key" for keyword in call.keywords):
        return True
    function = meaning(call.func, namespace)
    if function is MISSING or any(function is known for known in _KEEPING):
        return False
    module = getattr(function, "__module__", None) or "builtins"
    return is_library(module) and not module.startswith("tangent_sct.runtime")


def _asked(node: gast.AST, inside: Inside) -> list[gast.AST]:
    """What a statement asks for its truth, compares, searches or writes as a text, and its indices and keys."""
    found: list[gast.AST] = [node.test] if isinstance(node, (gast.If, gast.While, gast.Assert)) else []
    for item in inside.of(node):
        if isinstance(item, gast.Compare) and not all(isinstance(op, (gast.Is, gast.IsNot)) for op in item.ops):
            found += [item.left, *item.comparators]
        elif isinstance(item, gast.BoolOp):
            found += item.values
        elif isinstance(item, gast.UnaryOp):
            found.append(item.operand)
        elif isinstance(item, gast.IfExp):
            found.append(item.test)
        elif isinstance(item, gast.BinOp):
            found += [item.left, item.right]
        elif isinstance(item, gast.FormattedValue):
            found.append(item.value)
        elif isinstance(item, gast.Subscript):
            found += [part for part in tree.walk(item.slice) if isinstance(part, gast.Name)]
        elif isinstance(item, (gast.Dict, gast.Set)):
            found += item.keys if isinstance(item, gast.Dict) else item.elts
        elif isinstance(item, gast.Call) and isinstance(item.func, gast.Attribute) and item.func.attr in _SEARCHING:
            found += [item.func.value, *item.args]
    return found


def _holds(kind: Kind, cls: type) -> bool:
    """Whether a value is known to be, or to hold, an object of a class."""
    if kind.cls is cls:
        return True
    items = [kind.element] if kind.items is None else [item for _, item in kind.items]
    return any(item is not None and _holds(item, cls) for item in items)


@cache
def unseen_writer(cls: type) -> tuple[str, str] | None:
    """The first method of a class that says what is no number, and stores something; what is only prepared aside."""
    for name in _UNSEEN:
        found = _changes_by(cls, (name,))
        if found is not None:
            return found
    return None


@cache
def _first_change(cls: type) -> tuple[str, str] | None:
    """The first method or property that Python runs by itself, and that stores something."""
    names = dict.fromkeys(name for base in cls.__mro__ if not is_library(base.__module__) for name in vars(base))
    return _changes_by(cls, tuple(names))


def _changes_by(cls: type, names: Iterable[str]) -> tuple[str, str] | None:
    """The first of some methods that stores something, and what it does."""
    for name in names:
        function = _run_unseen(name, inspect.getattr_static(cls, name, None))
        if not isinstance(function, FunctionType) or is_library(function.__module__) or name in _IN_TURN:
            continue
        found = _Changes()
        _gather(name, function, cls, found)
        if found.others:
            return found.others[0]
        stored = [attr for attr in found.assigned if attr not in found.prepared]
        if stored:
            return name, f"assigns `{stored[0]}`"
    return None


def _class_of(node: gast.AST, namespace: Mapping[str, Any], kind_of: Callable[[gast.AST], Kind]) -> Any:
    """The class of a new object, or of one that an expression means; None where there is none."""
    if type(node) is gast.Call:
        called = meaning(node.func, namespace)
        return called if isinstance(called, type) else kind_of(node).cls
    if type(node) not in (gast.Name, gast.Attribute, gast.Subscript) or type(node.ctx) is not gast.Load:
        return None
    if type(node) is gast.Name and node.id in namespace:
        return None
    return kind_of(node).cls


def _mentions(
    statements: Iterable[gast.AST], inside: Inside, namespace: Mapping[str, Any]
) -> Iterator[tuple[gast.AST, str]]:
    """The free names that a program reads, each with the first statement that does."""
    met: set[str] = set()
    for node in statements:
        for item in inside.of(node):
            if type(item) is gast.Name and item.id in namespace and item.id not in met:
                met.add(item.id)
                yield node, item.id


def _seen(cls: type, inside: Inside, kind_of: Callable[[gast.AST], Kind]) -> tuple[str, str] | None:
    """The method of a class that assigns an attribute which the program reads; None where there is none."""
    assigned = _changes_of(cls).assigned
    if not assigned:
        return None
    for node in inside.statements:
        for item in inside.of(node):
            if type(item) is gast.Attribute and type(item.ctx) is gast.Load and item.attr in assigned:
                if assigned[item.attr] in _OF_BLOCKS and type(node) is gast.Expr:
                    # How long a block took is shown.
                    continue
                if kind_of(item.value).cls is cls or kind_of(item.value).family in ("other", "unknown"):
                    return assigned[item.attr], f"assigns `{item.attr}`, which the program reads"
    return None


@cache
def implicit_writer(cls: type) -> tuple[str, str] | None:
    """The first method or property of a class that Python runs by itself, and that does more than compute.

    >>> import numpy as np
    >>> implicit_writer(np.ndarray) is None
    True
    """
    changes = _changes_of(cls)
    if changes.others:
        return changes.others[0]
    for name, method in changes.counted.items():
        if name in changes.read:
            return method, f"counts in `{name}`, which is read"
    return None


@dataclass
class _Changes:
    """What the methods of a class change that Python runs by itself.

    Attributes:
        others: those that do more than compute, and what they do.
        counted: attributes that are another number each time -> the method.
        assigned: all attributes that are assigned -> the method.
        read: attributes that methods of the class read.
        prepared: those of the assigned ones that are computed once, where it is seen that they are not there yet.
    """

    others: list[tuple[str, str]] = field(default_factory=list)
    counted: dict[str, str] = field(default_factory=dict)
    assigned: dict[str, str] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    prepared: set[str] = field(default_factory=set)


@cache
def _changes_of(cls: type) -> _Changes:
    result = _Changes()
    for base in cls.__mro__:
        if is_library(base.__module__):
            continue
        for name, member in vars(base).items():
            function = _run_unseen(name, member)
            # `dataclasses` and their like put functions of their own into classes.
            if isinstance(function, FunctionType) and not is_library(function.__module__):
                _gather(name, function, cls, result)
    if result.counted:
        every = [member for base in cls.__mro__ for member in vars(base).values()]
        result.read |= {name for member in every for name in _attributes_read(member)}
    return result


def _run_unseen(name: str, member: Any) -> Any:
    """The function of a member of a class that Python runs by itself, None where it does not."""
    if isinstance(member, property):
        return member.fget
    if isinstance(member, cached_property):
        return member.func
    if name.startswith("__") and name.endswith("__"):
        return None if name in _EXPLICIT else member
    return None if is_library(type(member).__module__) else getattr(type(member), "__get__", None)


def _attributes_read(member: Any) -> Iterator[str]:
    functions = [member.fget, member.fset] if isinstance(member, property) else [getattr(member, "__func__", member)]
    for function in functions:
        read = _text_of(function) if isinstance(function, FunctionType) else None
        yield from _attributes_of(read[1]) if read is not None else ()


def _attributes_of(node: gast.AST) -> Iterator[str]:
    """The attributes that an expression or a statement reads, and texts that may be their names."""
    for item in tree.walk(node):
        if type(item) is gast.Attribute and type(item.ctx) is gast.Load:
            yield item.attr
        elif type(item) is gast.Constant and type(item.value) is str:
            yield item.value


def _text_of(function: FunctionType) -> tuple[Source, gast.FunctionDef] | None:
    try:
        source = source_of_generator(function)
        return source, tree_of(source)
    except UnsupportedError:
        return None


def _gather(name: str, function: FunctionType, cls: type, result: _Changes) -> None:
    """Note what a method changes, by itself or in what it calls."""
    pending, found = [function], {function}
    while pending:
        text = _text_of(pending.pop())
        if text is None:
            continue
        part = _Part(*text, cls)
        if any(map(part.is_theirs, part.stored)):
            result.others.append((name, _CHANGES_ARRAYS))
        if name not in _IN_TURN:
            if part.changes_others:
                result.others.append((name, _CHANGES_OTHERS))
            if part.draws:
                result.others.append((name, _DRAWS))
            result.counted.update(dict.fromkeys(part.counted, name))
            result.read.update(part.read)
        result.assigned.update(dict.fromkeys(part.assigned, name))
        result.prepared.update(part.prepared)
        pending += [callee for callee in part.callees if callee not in found]
        found.update(part.callees)


class _Part:
    """What one function stores into.

    Attributes:
        stored: places of arrays and containers, into which it writes.
        assigned: attributes that it assigns.
        counted: those of them that are another number each time.
        changes_others: whether it changes variables outside of it.
        read: attributes that it reads.
        draws: whether it draws random numbers, or takes items of an iterator that it has not made.
        callees: the functions of the program that it calls.
    """

    def __init__(self, source: Source, node: gast.FunctionDef, cls: type) -> None:
        self._source, self._cls = source, cls
        self.read = set(_attributes_of(node))
        self._body = list(tree.every_statement(node.body))
        self._parameters = tree.parameter_names(node)
        self._declared = {name for item in self._body if isinstance(item, gast.Global) for name in item.names}
        self._bound = {*self._parameters, *tree.names_written(node.body)} - self._declared
        self._theirs = set(self._parameters)
        self._copies: set[str] = set()
        self._derived: dict[str, set[str]] = {}
        self.stored: list[gast.AST] = []
        self.assigned: set[str] = set()
        self.counted: set[str] = set()
        self.changes_others = self.draws = False
        self.callees: list[FunctionType] = []
        # Twice: a loop hands on to its next iteration.
        for statement in [*self._body, *self._body]:
            self._flow(statement)
        for statement in self._body:
            self._stores(statement)
            for item in (item for part in tree.own_parts(statement) for item in tree.walk(part)):
                if isinstance(item, gast.Call):
                    self._call(item)
        self.counted.update(self._switched())
        self.prepared = set(self._computed_once())

    def is_theirs(self, place: gast.AST) -> bool:
        """Whether a place is in what was given to the function."""
        return root_name(place) in self._theirs

    def _switched(self) -> Iterator[str]:
        """Attributes that are read, and given a literal: what is read is another value the next time.

        Nothing is told from the first time by `if not self.ready: ...; self.ready = True`, which only prepares.
        """
        prepared = {
            id(inner) for statement in self._body if isinstance(statement, gast.If) and self._prepares(statement)
            for inner in statement.body
        }  # fmt: skip
        for statement in self._body:
            if isinstance(statement, gast.Assign) and isinstance(statement.value, gast.Constant):
                for place in _places(statement.targets):
                    is_read = type(place) is gast.Attribute and self.is_theirs(place) and place.attr in self.read
                    if is_read and id(statement) not in prepared:
                        yield str(place.attr)

    def _computed_once(self) -> Iterator[str]:
        """Attributes that are assigned under a test of themselves, which only prepares, and nowhere else."""
        for branch in (statement for statement in self._body if isinstance(statement, gast.If)):
            tested = set(_attributes_of(branch.test))
            if self._prepares(branch):
                yield from tested & {item.attr for part in branch.body for item in tree.walk(part) if _is_store(item)}

    def _prepares(self, branch: gast.If) -> bool:
        """Whether a branch neither returns nor gives variables another value."""
        inside = list(tree.every_statement([branch]))
        if branch.orelse or any(isinstance(statement, gast.Return) for statement in inside):
            return False
        others = (statement for statement in self._body if not any(statement is part for part in inside))
        read = {name for statement in others for part in tree.own_parts(statement) for name in tree.names_read(part)}
        return read.isdisjoint(set(tree.names_written(branch.body)))

    def _is_free(self, place: gast.AST) -> bool:
        root = root_name(place)
        return root is not None and root not in self._bound

    def _flow(self, statement: gast.AST) -> None:
        """Note which names hold what is theirs, and which are computed from which attributes."""
        value = getattr(statement, "value", None)
        if not isinstance(statement, (gast.Assign, gast.AugAssign)) or value is None:
            return
        written = tree.names_written(statement)
        for name in written:
            self._derived.setdefault(name, set()).update(self._read_by(value))
        if isinstance(value, (gast.Attribute, gast.Subscript)) and self.is_theirs(value):
            self._theirs.update(written)
            if isinstance(value, gast.Subscript) and isinstance(value.slice, gast.Slice):
                self._copies.update(written)

    def _read_by(self, value: gast.AST) -> set[str]:
        """Attributes, and variables outside, that a value is computed from."""
        found: set[str] = set()
        for item in tree.walk(value):
            if type(item) is gast.Name:
                found.update(self._derived.get(item.id, {item.id} & self._declared))
        return found.union(_attributes_of(value))

    def _stores(self, statement: gast.AST) -> None:
        if isinstance(statement, gast.AugAssign):
            self._updated(statement)
        elif isinstance(statement, gast.Assign):
            read = self._read_by(statement.value)
            for place in _places(statement.targets):
                if type(place) is gast.Attribute and (self.is_theirs(place) or self._is_free(place)):
                    self.assigned.add(place.attr)
                    self.counted.update({place.attr} & read)
                elif type(place) is gast.Subscript:
                    key = getattr(place.slice, "value", None)
                    if type(key) is not str or (key in read and self.is_theirs(place)):
                        self.stored.append(place)
                elif type(place) is gast.Name and place.id in self._declared:
                    self.changes_others |= place.id in read
        elif isinstance(statement, gast.Delete):
            self.stored += [target for target in statement.targets if type(target) is not gast.Name]

    def _updated(self, statement: gast.AugAssign) -> None:
        """`place += value`: whole numbers that count are told from others."""
        target, value = statement.target, statement.value
        counts = isinstance(value, gast.Constant) and type(value.value) is int
        if type(target) is gast.Name and target.id not in self._declared:
            # Of an array that it got from what was given; a number would be its own.
            self.stored += [] if counts or target.id in self._parameters else [target]
        elif self._is_free(target) and type(target) is not gast.Attribute:
            self.changes_others = True
        elif type(target) is gast.Attribute and (counts or self._is_free(target)):
            self.assigned.add(target.attr)
            self.counted.add(target.attr)
        else:
            self.stored.append(target)

    def _call(self, call: gast.Call) -> None:
        self.stored += [keyword.value for keyword in call.keywords if keyword.arg == "out"]
        function = call.func
        called = self._meaning(function)
        if isinstance(called, FunctionType) and not is_library(called.__module__):
            self.callees.append(called)
        self.draws |= isinstance(getattr(called, "__self__", None), GENERATORS)
        if called is next and call.args:
            self.draws |= self.is_theirs(call.args[0]) or self._is_free(call.args[0])
        if not isinstance(function, gast.Attribute):
            return
        if function.attr in WRITERS:
            self.stored.append(function.value)
        elif function.attr in GROWERS and root_name(function.value) not in self._copies:
            self.stored.append(function.value)
            outside = self._meaning(function.value)
            self.changes_others |= outside is not None and not isinstance(outside, (ModuleType, type))
        elif function.attr in _DRAWING and not tree.is_one_of(function.value, self._parameters):
            self.draws |= self.is_theirs(function.value)
        if tree.is_one_of(function.value, self._parameters[:1]):
            method = plain_method(self._cls, function.attr)
            self.callees += [method] if isinstance(method, FunctionType) else []

    def _meaning(self, function: gast.AST) -> Any:
        """What a free dotted name means, None where it is none."""
        dotted = tree.dotted_name(function)
        if dotted is None or dotted.partition(".")[0] in self._bound:
            return None
        first, *rest = dotted.split(".")
        try:
            found = self._source.lookup(first)
        except KeyError:
            return None
        for part in rest:
            found = getattr(found, part, None)
        return found


def _is_store(item: gast.AST) -> bool:
    return type(item) is gast.Attribute and type(item.ctx) is gast.Store


_DRAWING = frozenset(
    "choice exponential gauss integers normal permutation poisson rand randint randn random standard_normal "
    "uniform".split()
)
"""Methods of generators of random numbers, which nothing else is likely to have."""


def _places(targets: Iterable[gast.AST]) -> Iterator[gast.AST]:
    """The places that an assignment writes into, those of tuples one by one."""
    pending = list(targets)
    while pending:
        target = pending.pop()
        if isinstance(target, (gast.Tuple, gast.List)):
            pending += target.elts
        elif isinstance(target, gast.Starred):
            pending.append(target.value)
        else:
            yield target
