"""Numbers that are made of texts of what varies: they would have no derivative, and are refused.

A text is a constant to both modes, so that programs may print, log and raise what they compute. `float(str(x))` is x
all the same. What is found here is how far such a text *tells* of what varies: a text made of it, and what holds or
joins such texts; a *number* again, made of one. Bytes, arrays of objects, exceptions, slices, and classes that `type`
makes are texts in this sense.
Requires: single assignment, kinds, what varies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import IntEnum
from typing import Any

import gast
import numpy as np

from tangent_sct.analysis.activity import Edge, differentiable_operands, edges, useful
from tangent_sct.analysis.operations import DISPLAYS, operation
from tangent_sct.core import tree
from tangent_sct.core.attempts import attempted, is_caught
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.frontend.active import INACTIVE_METHODS, is_text, mentions_active, root_name
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.frontend.rules import rule_test
from tangent_sct.templating import registry

KindOf = Callable[[gast.AST], Kind]


class Tells(IntEnum):
    """What a value tells of what varies, besides what derivatives follow."""

    NOTHING = 0
    TEXT = 1
    NUMBER = 2


_MAKERS = (str, repr, format, ascii, bytes, bytearray, slice, np.array_repr, np.array_str, np.array2string)
"""Functions that make texts of numbers, or what holds them and has no derivative."""

_KEEPERS = (zip, enumerate, list, tuple, sorted, reversed, dict, set, frozenset, iter, next, max, min, map, filter)
"""Functions whose result is, or holds, what they are given."""

_TESTS = frozenset(
    {"startswith", "endswith", "find", "rfind", "rindex", "isdigit", "isalpha", "isalnum", "isdecimal", "isnumeric",
     "isspace", "isupper", "islower", "istitle", "isidentifier", "isprintable", "isascii"}
)  # fmt: skip
"""Methods that answer a question about a text."""

_LOOKUPS = frozenset({"get", "pop", "setdefault"})
"""Methods whose first argument only says which item is meant."""

_READERS = frozenset({"values", "items", "get", "pop", "popitem", "popleft", "setdefault", "copy"})
"""Methods whose result is, or holds, items of their object."""


def refuse_numbers_of_texts(
    body: list[gast.AST],
    namespace: Mapping[str, Any],
    results: Iterable[str],
    share: Callable[[str], Iterable[str]],
    kind_of: KindOf,
    find_varied: Callable[[], set[str]],
    written_by: Callable[[gast.AST], Iterable[str]],
) -> None:
    """Refuse a number that is made of a text of what varies, where the result may depend on it.

    Args:
        body: a program in single assignment.
        namespace: what its free names mean.
        results: names whose derivative is asked for.
        share: for a name, all names that may share memory with it, where that memory is written.
        kind_of: the kind of an expression.
        find_varied: tells the names that may depend on what is differentiated.
        written_by: names of all that a statement may write into.

    Raises:
        UnsupportedError: naming the statement that makes the number.
    """
    worker = _Telling(namespace, kind_of, find_varied(), written_by)
    if not worker.solve(body):
        return
    results = list(results)
    needed = useful(list(_flows(body, namespace)), results, share, lambda name: True)
    returned = _returned(body, results)
    for node in tree.every_statement(body):
        if not isinstance(node, (gast.Assign, gast.For)) or isinstance(getattr(node, "value", None), gast.Name):
            continue
        for name in tree.names_written(node if isinstance(node, gast.Assign) else node.target):
            if (name in needed and worker.is_number(name)) or (name in returned and worker.is_unknown(name)):
                raise UnsupportedError(
                    "a number is made of a text (of bytes, objects, an exception) that values to be differentiated "
                    "went into, and no derivative flows back from there",
                    tree.origin_of(node),
                    "compute with the number itself; round(v, n) rounds it",
                )


def _flows(body: Iterable[gast.AST], namespace: Mapping[str, Any]) -> Iterator[Edge]:
    """What each name is made of: which item is taken of a container is no part of the item."""
    chosen = {
        (node.targets[0].id, node.value.value.id)
        for node in tree.every_statement(body)
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name)
        if isinstance(node.value, gast.Subscript) and isinstance(node.value.value, gast.Name)
    }
    owners = dict(chosen)
    for edge in edges(body, namespace):
        owner = owners.get(edge.target)
        yield edge if owner is None or edge.is_store else Edge(edge.target, (owner,), False)


def _returned(body: Iterable[gast.AST], results: Iterable[str]) -> set[str]:
    """The names that are returned as they are, or within containers."""
    made: dict[str, list[str]] = {}
    for node in tree.every_statement(body):
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            if isinstance(node.value, (gast.Name, *DISPLAYS)):
                made.setdefault(node.targets[0].id, []).extend(tree.names_read(node.value))
    found, pending = set(), list(results)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += made.get(name, ())
    return found


class _Telling:
    """What each name tells, gathered until nothing changes."""

    def __init__(
        self,
        namespace: Mapping[str, Any],
        kind_of: KindOf,
        varied: set[str],
        written_by: Callable[[gast.AST], Iterable[str]],
    ) -> None:
        self.namespace = namespace
        self.kind_of = kind_of
        self.varied = varied
        self.written_by = written_by
        self.is_zero = rule_test(namespace, True)
        self.told: dict[str, Tells] = {}

    def is_number(self, name: str) -> bool:
        """Whether a name may hold a number that was made of a text."""
        level, kind = self.told.get(name, Tells.NOTHING), self.kind_of(tree.load(name))
        return (level is Tells.NUMBER and kind.family != "other") or (level is Tells.TEXT and _is_number(kind))

    def is_unknown(self, name: str) -> bool:
        """Whether it is not known if a name holds a text or a number."""
        return self.told.get(name, Tells.NOTHING) > 0 and self.kind_of(tree.load(name)).family == "unknown"

    def solve(self, body: list[gast.AST]) -> bool:
        """Follow texts through a program; whether there are any."""
        every = list(tree.every_statement(body))
        failing = {id(inner) for node in every for inner in self._handlers(node)}
        changed = True
        while changed:
            changed = False
            for node in every:
                if is_caught(node) and id(node) in failing:
                    found = [(node.targets[0].id, Tells.NUMBER)]
                else:
                    found = list(self._told_by(node))
                for name, level in found:
                    if level > self.told.get(name, Tells.NOTHING):
                        self.told[name] = level
                        changed = True
        return bool(self.told)

    def _handlers(self, node: gast.AST) -> Iterator[gast.AST]:
        """The handlers of a `try` in which something that varies may fail: an exception holds what it was made of."""
        found = attempted(node)
        if found is not None and not self.varied.isdisjoint(tree.names_read(found[0])):
            yield from tree.every_statement(found[2])

    def _told_by(self, node: gast.AST) -> Iterator[tuple[str, Tells]]:
        """Names that a statement makes tell something."""
        if isinstance(node, gast.For):
            level = self.level(node.iter)
            yield from ((name, level) for name in tree.names_written(node.target) if not self._is_plain(name))
        elif isinstance(node, gast.Assign):
            target = node.targets[0]
            if not self.told and self._is_number_of_atoms(target, node.value):
                return
            level = self.level(node.value)
            if isinstance(target, gast.Name):
                yield target.id, level
                return
            if isinstance(target, (gast.Tuple, gast.List)):
                yield from ((name, level) for name in tree.names_written(target))
                return
            if isinstance(target, gast.Subscript):
                level = max(level, min(self.level(target.slice), Tells.TEXT))
            yield from self._into(node, root_name(target), level)
        elif isinstance(node, gast.AugAssign):
            yield from self._into(node, root_name(node.target), self.level(node.value))
        elif isinstance(node, gast.Expr) and isinstance(node.value, gast.Call):
            yield from self._effect(node, node.value)
        elif not isinstance(node, (gast.If, gast.While, gast.FunctionDef)):
            level = max(map(self.level, tree.own_parts(node)), default=Tells.NOTHING)
            yield from ((name, level) for name in tree.names_written(node))

    def _is_number_of_atoms(self, target: gast.AST, value: gast.AST) -> bool:
        """Whether a name surely is a number, made in one step of what has a name: no text is made on the way."""
        if isinstance(value, gast.BinOp):
            operands = [value.left, value.right]
        elif isinstance(value, gast.Call):
            function = value.func.value if isinstance(value.func, gast.Attribute) else value.func
            operands = [function, *value.args, *(keyword.value for keyword in value.keywords)]
        else:
            return False
        return isinstance(target, gast.Name) and self._is_plain(target.id) and all(map(tree.is_atom, operands))

    def _effect(self, node: gast.AST, call: gast.Call) -> Iterator[tuple[str, Tells]]:
        """A call for its effect: it may write what it is given into an object, or into a file."""
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        level = max((min(self.level(value), Tells.TEXT) for value in values), default=Tells.NOTHING)
        for keyword in call.keywords:
            if keyword.arg == "file" and any(map(self._tells, values)):
                yield from self._into(node, root_name(keyword.value), Tells.TEXT)
        owner = root_name(call.func.value) if isinstance(call.func, gast.Attribute) else None
        level = max(level, *(self.level(value) for value in values)) if values else level
        yield from self._into(node, owner, level)

    def _into(self, node: gast.AST, owner: str | None, level: Tells) -> Iterator[tuple[str, Tells]]:
        if level:
            names = {*self.written_by(node), *([] if owner is None else [owner])}
            yield from ((name, level) for name in sorted(names))

    # -- expressions --------------------------------------------------------------------------

    def _tells(self, node: gast.AST) -> bool:
        """Whether a text of an expression tells something: one of integers does not."""
        kind = self.kind_of(node)
        is_integer = _is_number(kind) and kind.is_float is False
        return self.level(node) > 0 or (not is_integer and mentions_active(node, self.varied, self.is_zero))

    def level(self, node: gast.AST) -> Tells:
        """What an expression tells."""
        if isinstance(node, gast.Name):
            return self.told.get(node.id, Tells.NOTHING)
        if isinstance(node, (gast.Constant, gast.Compare)):
            return Tells.NOTHING
        if isinstance(node, gast.JoinedStr):
            return self._text(part.value for part in node.values if isinstance(part, gast.FormattedValue))
        if isinstance(node, gast.UnaryOp):
            return Tells.NOTHING if isinstance(node.op, gast.Not) else self._computed(node, [node.operand])
        if isinstance(node, gast.IfExp):
            return max(self.level(node.body), self.level(node.orelse))
        if isinstance(node, gast.Subscript) and isinstance(meaning(node.value, self.namespace), type(np.s_)):
            return self._text(list(tree.children(node.slice)))
        if isinstance(node, (gast.Subscript, gast.Attribute)):
            return max(self._read(node, self.level(node.value)), self._disguised(node))
        if isinstance(node, gast.Dict):
            keys = [min(self.level(key), Tells.TEXT) for key in node.keys if key is not None]
            return max([*keys, *map(self.level, node.values)], default=Tells.NOTHING)
        if isinstance(node, tree.COMPREHENSIONS):
            return self._comprehension(node)
        if isinstance(node, gast.BinOp):
            return self._binary(node)
        if isinstance(node, gast.Call):
            return self._call(node)
        return max(map(self.level, tree.children(node)), default=Tells.NOTHING)

    def _text(self, values: Iterable[gast.AST]) -> Tells:
        return Tells.TEXT if any(map(self._tells, values)) else Tells.NOTHING

    def _computed(self, node: gast.AST, operands: Iterable[gast.AST]) -> Tells:
        """Whatever is computed of texts and is no text itself is a number."""
        level = max(map(self.level, operands), default=Tells.NOTHING)
        if level is Tells.TEXT:
            kind = self.kind_of(node)
            return Tells.NUMBER if kind.family == "unknown" or _is_number(kind) else level
        return level

    def _read(self, node: gast.AST, level: Tells) -> Tells:
        """An item or an attribute of what tells something: numbers beside texts are what they are."""
        if level is not Tells.TEXT:
            return level
        kind = self.kind_of(node)
        if kind.is_scalar or (kind.is_array and kind.dtype is not None):
            return Tells.NOTHING if _is_number(kind) else level
        is_array = isinstance(node, gast.Subscript) and self.kind_of(node.value).is_array
        return Tells.NUMBER if is_array and kind.family == "unknown" else level

    def _binary(self, node: gast.BinOp) -> Tells:
        left, right = self.kind_of(node.left), self.kind_of(node.right)
        if is_text(node) or isinstance(left.value, str):
            return self._text([node.left, node.right])
        if isinstance(node.op, gast.Add) and left.family == right.family == "other":
            return max(self.level(node.left), self.level(node.right))
        return max(self._computed(node, [node.left, node.right]), self._disguised(node))

    def _comprehension(self, node: gast.AST) -> Tells:
        told, varied = self.told, self.varied
        self.told, self.varied = dict(told), set(varied)
        for loop in node.generators:
            level = self.level(loop.iter)
            is_varied = mentions_active(loop.iter, self.varied, self.is_zero)
            for name in tree.names_written(loop.target):
                self.told[name] = level
                self.varied.update([name] if is_varied else [])
        if isinstance(node, gast.DictComp):
            found = max(min(self.level(node.key), Tells.TEXT), self.level(node.value))
        else:
            found = self.level(node.elt)
        self.told, self.varied = told, varied
        return found

    def _call(self, node: gast.Call) -> Tells:
        found = operation(node, self.namespace)
        function = MISSING if found is None else found.function
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        if _is_one_of(function, _MAKERS) or is_text(node) or (function is type and len(values) > 1):
            return self._text(list(tree.children(node)))
        owner = node.func.value if isinstance(node.func, gast.Attribute) else None
        method = node.func.attr if isinstance(node.func, gast.Attribute) else None
        if owner is not None and function is MISSING:
            if method == "keys":
                return self.level(owner)
            if method == "values" and self._holds_numbers(owner):
                return Tells.NOTHING
            if method in INACTIVE_METHODS or method in _TESTS:
                return Tells.NOTHING
            if method in _LOOKUPS:
                values = values[1:]
            if method in _READERS:
                return max(self._read(node, self.level(owner)), *map(self.level, values), Tells.NOTHING)
            values = [owner, *values]
        level = max(map(self.level, values), default=Tells.NOTHING)
        if function is not MISSING and (rule := registry.find(function)) is not None and rule.is_zero:
            reads = function is int and level and not _is_number(self.kind_of(node.args[0]))
            return Tells.NUMBER if reads else Tells.NOTHING
        if _is_one_of(function, _KEEPERS):
            return max(level, self._disguised(node))
        return max(self._computed(node, [node.func, *values]), self._disguised(node))

    def _holds_numbers(self, owner: gast.AST) -> bool:
        """Whether what stands under the keys of a dict are numbers, which tell nothing but what they are."""
        kind = self.kind_of(owner)
        items = [item for _, item in kind.items or ()] if kind.element is None else [kind.element]
        return self.level(owner) < Tells.NUMBER and bool(items) and all(map(_is_number, items))

    def _disguised(self, node: gast.AST) -> Tells:
        """What an operation makes of what varies that is neither followed nor a step: bytes, objects."""
        found = operation(node, self.namespace)
        if found is None or self.varied.isdisjoint(differentiable_operands(node, self.namespace)):
            return Tells.NOTHING
        kind = self.kind_of(node)
        if isinstance(node, gast.Subscript) and self.kind_of(node.value).is_container:
            # A text may stand beside what varies; what texts were made of is known of the container as a whole.
            return Tells.NOTHING
        if kind.family == "other":
            return Tells.NOTHING if kind.value is None else Tells.TEXT
        if kind.is_array or kind.is_scalar:
            is_hidden = kind.dtype is not None and not _is_number(kind)
            return Tells.TEXT if is_hidden else Tells.NOTHING
        if found.function is MISSING and isinstance(node, gast.Call) and kind.items and kind.is_container:
            is_whole = all(_is_number(item) and item.is_float is False for _, item in kind.items)
            return Tells.NUMBER if is_whole else Tells.NOTHING
        return Tells.NOTHING

    def _is_plain(self, name: str) -> bool:
        return _is_number(self.kind_of(tree.load(name)))


def _is_number(kind: Kind) -> bool:
    """Whether a value surely is a number, or an array of numbers."""
    if not (kind.is_scalar or kind.is_array):
        return False
    return kind.dtype is None or kind.dtype.startswith(("float", "complex", "int", "uint", "bool"))


def _is_one_of(function: Any, functions: tuple[Any, ...]) -> bool:
    return any(function is one for one in functions)
