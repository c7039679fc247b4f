"""Kinds of all names and expressions of a program.

Each name has one kind: the least upper bound of what its definitions compute. Loops are run until
nothing changes that was read (Kildall's iteration, along the structure of the program). Sizes that are not
known are symbols tied to the name they were first seen in, so that the iteration ends. The form of the program need
not be single assignment; where it is, symbols say most.

Requires: the objects of the free names. Produces: `Kinds`.
"""

from __future__ import annotations

import builtins
import inspect
import itertools
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import gast
import numpy as np

from tangent_sct import runtime
from tangent_sct.analysis.arguments import kind_from_annotation
from tangent_sct.analysis.calls import object_facts
from tangent_sct.analysis.operations import operation
from tangent_sct.analysis.probe import common_dtype, elementwise, probe, symbols_of
from tangent_sct.analysis.shapes import (
    DimValue,
    Shape,
    broadcast,
    dim_of,
    less,
    never_one,
    sliced,
    value_of,
)
from tangent_sct.core import tree
from tangent_sct.core.kind import (
    BOOL,
    FLOAT,
    INT,
    NO_VALUE,
    OTHER,
    UNKNOWN,
    Dim,
    Kind,
    array,
    constant,
    container,
    scalar,
)
from tangent_sct.core.unit import Unit
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.templating import registry

CallKind = Callable[[object, list[Kind], dict[str, Kind]], Kind]

_ROUNDS = 8
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_MUTABLE = ("list", "dict", "unknown")
_MUTATORS = frozenset(
    "append extend insert remove pop clear sort reverse update setdefault popitem __setitem__ "
    "__delitem__ __iadd__ __imul__ __ior__ add discard appendleft extendleft popleft".split()
)


def infer(unit: Unit, call_kind: CallKind | None = None) -> Kinds:
    """The kinds of a program's names.

    Args:
        unit: the program; kinds of parameters come from its request, else from annotations.
        call_kind: tells the kind of the result of a function that has no rule.

    >>> from tangent_sct.core.origins import Source
    >>> from tangent_sct.core.unit import Request
    >>> def f(x): ...
    >>> node = tree.statements('''
    ... def f(x):
    ...     y = x[1:] * 2.0
    ...     return np.sum(y)
    ... ''')[0]
    >>> request = Request("grad", kinds=(("x", array(("n0",))),))
    >>> source = Source("", "", 1, 0, "f", f, {}, {})
    >>> kinds = infer(Unit(node, source, request, {"np": np}))
    >>> kinds.names["y"].shape, kinds.kind_of(tree.expression("np.sum(y)")).is_scalar
    (('n0-1',), True)
    """
    inference = _Inference(unit, call_kind)
    inference.run()
    return Kinds(inference)


class Kinds:
    """Answers what is known of a program's values.

    Attributes:
        names: kind of each local name.
    """

    def __init__(self, inference: _Inference) -> None:
        self._inference = inference
        self.names: dict[str, Kind] = {n: _public(k) for n, k in inference.env.items()}

    def kind_of(self, expression: gast.AST) -> Kind:
        """The kind of an expression over the program's names, `UNKNOWN` where nothing is known."""
        if isinstance(expression, gast.Name):
            found = self.names.get(expression.id)
            if found is not None:
                return found
        return _public(self._inference.ask(expression))


def _public(kind: Kind) -> Kind:
    """Without the values that only mean something here."""
    if kind.value.__class__ is DimValue:
        return replace(kind, value=NO_VALUE)
    if kind.items is not None:
        items = tuple([(key, _public(item)) for key, item in kind.items])
        if items != kind.items:
            return replace(kind, items=items)
    return kind


def join(left: Kind, right: Kind, fresh: Callable[[], str]) -> Kind:
    """The least kind that says of a value that it has one of two kinds.

    Args:
        left: one kind.
        right: the other.
        fresh: makes a symbol, for a size in which they differ.

    >>> join(array(("n0", 1)), array(("n1", 1)), lambda: "?").shape
    ('?', 1)
    >>> join(constant(1), constant(2), lambda: "?") == INT
    True
    """
    if left is right or left == right:
        # 0.0 and -0.0 are equal, and not the same.
        return left.forget_value() if left.value.__class__ is float else left
    if left.family != right.family:
        return UNKNOWN
    if left.family == "scalar":
        if left.is_float is not right.is_float:
            # An integer on one path stays one: `np.full(n, s)` would make integers of it.
            return scalar(None)
        return scalar(common_dtype(left.dtype, right.dtype))
    if left.family == "array":
        dtype = left.dtype if left.dtype == right.dtype else None
        if left.shape is None or right.shape is None or len(left.shape) != len(right.shape):
            return UNKNOWN if () in (left.shape, right.shape) else array(None, dtype)
        pairs = zip(left.shape, right.shape, strict=True)
        return array(tuple([a if a == b else fresh() for a, b in pairs]), dtype)
    if left.is_container:
        if left.items is None or right.items is None:
            return Kind(left.family)
        if [(type(k), k) for k, _ in left.items] != [(type(k), k) for k, _ in right.items]:
            return Kind(left.family)
        pairs_ = zip(left.items, right.items, strict=True)
        return Kind(left.family, items=tuple([(k, join(a, b, fresh)) for (k, a), (_, b) in pairs_]))
    return OTHER if left.family == "other" else UNKNOWN


def join_all(kinds: Iterable[Kind], fresh: Callable[[], str]) -> Kind:
    """The least upper bound of some kinds, `UNKNOWN` of none."""
    found: Kind | None = None
    for kind in kinds:
        found = kind if found is None else join(found, kind, fresh)
    return UNKNOWN if found is None else found


# -- the program at a glance --------------------------------------------------------------------


class _Layout:
    """How often names are defined, where, and which lists are tapes."""

    def __init__(self, function: gast.FunctionDef) -> None:
        self.definitions: dict[str, int] = dict.fromkeys(tree.parameter_names(function), 1)
        self.looped: set[str] = set()
        self.regular: set[str] = set()
        empty: set[str] = set()
        self._other_uses: set[str] = set()
        self._empty = empty
        self._used: list[gast.AST] = []
        self._block(function.body, 0)
        if empty:
            self._uses(*self._used)
        self.tapes = {n for n in empty if self.definitions[n] == 1} - self._other_uses

    def single(self, name: str) -> bool:
        """Whether a name has one value wherever it is read in an iteration."""
        return self.definitions.get(name, 0) == 1

    def steady(self, name: str) -> bool:
        """Whether a name keeps its value from one read to the next within an iteration.

        So it is for names with one definition, joins and carried names of single assignment.
        """
        count = self.definitions.get(name, 0)
        return count == 1 or (count == 2 and name in self.regular)

    def _define(self, name: str, depth: int) -> None:
        self.definitions[name] = self.definitions.get(name, 0) + 1
        if depth:
            self.looped.add(name)

    def _block(self, body: list[gast.AST], depth: int) -> None:
        before: set[str] = set()
        for node in body:
            self._statement(node, depth)
            if isinstance(node, (gast.For, gast.While)):
                self._carried(before, node)
            elif isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
                before.add(node.targets[0].id)

    def _statement(self, node: gast.AST, depth: int) -> None:
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            name = node.targets[0].id
            self._define(name, depth)
            if isinstance(node.value, gast.List) and not node.value.elts:
                self._empty.add(name)
            self._used.append(node.value)
        elif isinstance(node, gast.If):
            self._used.append(node.test)
            self._block(node.body, depth)
            self._block(node.orelse, depth)
            self._joined(node)
        elif isinstance(node, (gast.For, gast.While)):
            self._used.append(node.iter if isinstance(node, gast.For) else node.test)
            if isinstance(node, gast.For):
                for name in tree.names_written(node.target):
                    self._define(name, depth + 1)
            self._block(node.body, depth + 1)
            self._block(node.orelse, depth)
        elif isinstance(node, gast.With):
            for name in tree.names_written(node.items):
                self._define(name, depth)
            self._used += node.items
            self._block(node.body, depth)
        else:
            for name in tree.names_written(node):
                self._define(name, depth)
            self._used.append(node)

    def _joined(self, node: gast.If) -> None:
        """Names that are defined once in each branch and nowhere else."""
        left, right = _assigned(node.body), _assigned(node.orelse)
        self.regular |= {n for n in left & right if self.definitions[n] == 2}

    def _carried(self, before: set[str], loop: gast.For | gast.While) -> None:
        """Names that are defined once before a loop and once by a copy that ends its body."""
        ends = set()
        for node in reversed(loop.body):
            if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
                if not isinstance(node.value, gast.Name):
                    break
                ends.add(node.targets[0].id)
            elif not isinstance(node, gast.If) or not isinstance(node.body[0], gast.Break):
                break
        self.regular |= {n for n in ends & before if self.definitions[n] == 2}

    def _uses(self, *nodes: gast.AST) -> None:
        """Note names that are read otherwise than as `name.append(...)` and `name.pop()`."""
        for node in nodes:
            if isinstance(node, gast.Name):
                if isinstance(node.ctx, gast.Load):
                    self._other_uses.add(node.id)
                continue
            if isinstance(node, gast.Call) and _is_tape_call(node):
                self._uses(*node.args)
                continue
            if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
                self._other_uses.add(node.target.id)
            self._uses(*tree.children(node))


def _assigned(body: list[gast.AST]) -> set[str]:
    names = [n.targets[0] for n in body if isinstance(n, gast.Assign)]
    return {target.id for target in names if isinstance(target, gast.Name)}


def _is_tape_call(node: gast.Call) -> bool:
    function = node.func
    if not isinstance(function, gast.Attribute) or not isinstance(function.value, gast.Name):
        return False
    return (function.attr, len(node.args)) in (("append", 1), ("pop", 0)) and not node.keywords


# -- inference ----------------------------------------------------------------------------------


class _Frame:
    """Names read since a region of the program was entered, and whether one has changed since."""

    def __init__(self) -> None:
        self.read: set[str] = set()
        self.changed = False


class _Inference:
    def __init__(self, unit: Unit, call_kind: CallKind | None) -> None:
        self.unit = unit
        self.call_kind = call_kind
        self.layout = _Layout(unit.tree)
        self.namespace = self._objects()
        self.env: dict[str, Kind] = {}
        self.sites: dict[str, dict[int, Kind]] = {}
        self.positions: dict[tuple[str, int], int] = {}
        self.pinned: set[str] = set()
        self.frames: list[_Frame] = []
        self.contents: dict[str, Kind] = {}
        self.lists_change = False
        self.prefix = "?"
        self.count = 0
        self.numbers: dict[int, int] = {}
        self.asked = itertools.count()
        self.pinning = False

    def _objects(self) -> Mapping[str, Any]:
        """The objects of the free names; those that are not listed are looked up."""
        found: dict[str, Any] = dict(self.unit.namespace)
        for name in tree.names_read(self.unit.tree.body):
            if name not in found and name not in self.layout.definitions:
                try:
                    found[name] = self.unit.source.lookup(name)
                except KeyError:
                    continue
        for name in self.layout.definitions:
            found.pop(name, None)
        return found

    def run(self) -> None:
        """Infer until nothing changes that was read."""
        for name, kind in self._parameters():
            self.define(name, kind, 0)
        self._until_stable(lambda: self.block(self.unit.tree.body))

    def _parameters(self) -> Iterator[tuple[str, Kind]]:
        given = dict(self.unit.request.kinds)
        arguments = self.unit.tree.args
        annotations = {} if given else _annotations(self.unit.source.function)
        for name in tree.parameter_names(self.unit.tree):
            kind = given.get(name)
            if kind is None:
                kind = kind_from_annotation(annotations.get(name, "")) or UNKNOWN
                if arguments.vararg and arguments.vararg.id == name:
                    kind = Kind("tuple")
                elif arguments.kwarg and arguments.kwarg.id == name:
                    kind = Kind("dict")
            self._note_items(kind)
            yield name, kind

    def _until_stable(self, step: Callable[[], None]) -> None:
        for number in itertools.count():
            frame = _Frame()
            self.frames.append(frame)
            self.pinning = number >= _ROUNDS
            step()
            self.frames.pop()
            if self.frames:
                self.frames[-1].read |= frame.read
            if not frame.changed:
                return

    # -- names ----------------------------------------------------------------------------------

    def define(self, name: str, kind: Kind, site: int) -> None:
        """One of a name's definitions computes a kind."""
        if name in self.pinned:
            return
        if (
            kind.family == "scalar"
            and kind.value is NO_VALUE
            and kind.dtype is not None
            and kind.dtype.startswith(("int", "uint"))
            and self.layout.single(name)
        ):
            kind = replace(kind, value=DimValue(f"len:{name}"))
        sites = self.sites.setdefault(name, {})
        old = self.env.get(name)
        before = sites.get(site)
        if before is None:
            self.positions[name, site] = len(sites)
        elif before == kind:
            return
        sites[site] = kind
        if len(sites) > 1:
            if before is None and kind == old:
                # One more definition that computes what all others do.
                kind = join(kind, kind, self.fresh)
            else:
                number = itertools.count()
                kind = join_all(sites.values(), lambda: f"{name}.{next(number)}")
        if old == kind:
            return
        if old is not None and self.pinning and any(name in f.read for f in self.frames):
            self.pinned.add(name)
            kind = UNKNOWN
        self.env[name] = kind
        self._changed(name)

    def _changed(self, name: str) -> None:
        for frame in self.frames:
            if name in frame.read:
                frame.changed = True

    def _read(self, name: str) -> Kind:
        if self.frames:
            self.frames[-1].read.add(name)
        kind = self.env.get(name)
        if kind is None:
            found = self.namespace.get(name, MISSING)
            return UNKNOWN if found is MISSING else _kind_of_object(found)
        if kind.shape and not self.layout.steady(name):
            # Two reads may meet two values.
            own = f"{name}."
            shape = tuple([self.fresh() if str(d).startswith(own) else d for d in kind.shape])
            return kind if shape == kind.shape else array(shape, kind.dtype)
        if kind.items is not None and not self.layout.steady(name):
            return self._loosened(kind, lambda s: not s.startswith(f"{name}."))
        return kind

    def fresh(self) -> str:
        """A symbol that no other statement uses."""
        self.count += 1
        return f"{self.prefix}.{self.count}"

    # -- containers that change ------------------------------------------------------------------

    def _note_items(self, kind: Kind) -> None:
        """The items of lists and dicts, for the case that some list changes."""
        if not kind.is_container:
            return
        for _, item in kind.items or ():
            if kind.family != "tuple":
                self._put("", item)
            self._note_items(item)
        if kind.items is None and kind.family != "tuple":
            self._put("", UNKNOWN)

    def _put(self, place: str, kind: Kind) -> None:
        """An item of a tape, or of any other list or dict (`place` is empty)."""
        number = itertools.count()
        kind = kind.forget_value()
        old = self.contents.get(place)
        new = kind if old is None else join(old, kind, lambda: f"{place}[].{next(number)}")
        if new != old:
            self.contents[place] = new
            self._changed(f"{place}[]")

    def _content(self, place: str) -> Kind:
        """The kind of an item that was put anywhere at any time."""
        if self.frames:
            self.frames[-1].read.add(f"{place}[]")
        kind = self.contents.get(place)
        return UNKNOWN if kind is None else self._loosened(kind, self._is_fixed)

    def _is_fixed(self, symbol: str) -> bool:
        """Whether a symbol stands for one size during the whole run."""
        return "[]" not in symbol and self.layout.looped.isdisjoint(_IDENTIFIER.findall(symbol))

    def _loosened(self, kind: Kind, keep: Callable[[str], bool]) -> Kind:
        """The kind with fresh symbols in the place of those that may stand for several sizes."""
        if all(map(keep, symbols_of(kind))):
            return kind
        names: dict[str, str] = {}

        def loosen(item: Kind) -> Kind:
            if item.shape:
                dims: list[Dim] = []
                for dim in item.shape:
                    if isinstance(dim, str) and not dim.isdigit() and not keep(dim):
                        if dim not in names:
                            names[dim] = self.fresh()
                        dim = names[dim]
                    dims.append(dim)
                return array(tuple(dims), item.dtype)
            if item.items is not None:
                return replace(item, items=tuple([(k, loosen(v)) for k, v in item.items]))
            if isinstance(item.value, DimValue) and not keep(item.value.symbol):
                return replace(item, value=NO_VALUE)
            return item

        return loosen(kind)

    def _list_changes(self) -> None:
        if not self.lists_change:
            self.lists_change = True
            for frame in self.frames:
                frame.changed = True

    def _escape(self, kinds: Iterable[Kind]) -> None:
        """Values are handed to code that may change the lists and dicts in them."""
        if any(_holds_mutable(kind) for kind in kinds):
            self._put("", UNKNOWN)
            self._list_changes()

    def _settled(self, kind: Kind) -> Kind:
        """A container as it is known: lists and dicts have no known items where some change."""
        if not self.lists_change or not kind.is_container:
            return kind
        if kind.family != "tuple":
            return Kind(kind.family)
        if kind.items is None:
            return kind
        items = tuple([(key, self._settled(item)) for key, item in kind.items])
        return kind if items == kind.items else Kind("tuple", items=items)

    # -- statements ------------------------------------------------------------------------------

    def block(self, body: list[gast.AST]) -> None:
        for node in body:
            self.statement(node)

    def statement(self, node: gast.AST) -> None:
        if getattr(node, "unset", False):
            # It stands for "no value yet", which the program does not read.
            return
        if isinstance(node, gast.Assign):
            target = node.targets[0]
            self._enter(target.id if isinstance(target, gast.Name) else "", node)
            self.assign(target, self.evaluate(node.value), node)
        elif isinstance(node, gast.AugAssign):
            self._enter(node.target.id if isinstance(node.target, gast.Name) else "", node)
            self._augment(node)
        elif isinstance(node, gast.Expr):
            self._enter("", node)
            self.evaluate(node.value)
        elif isinstance(node, gast.If):
            self._enter("", node)
            self.evaluate(node.test)
            self.block(node.body)
            self.block(node.orelse)
        elif isinstance(node, gast.For):
            self._enter("", node)
            item = self._item_of(node.iter)
            self._until_stable(lambda: self._iteration(node, item))
            self.block(node.orelse)
        elif isinstance(node, gast.While):
            self._until_stable(lambda: self._while(node))
            self.block(node.orelse)
        elif isinstance(node, gast.With):
            self._enter("", node)
            for entered in node.items:
                manager = self.evaluate(entered.context_expr)
                if not isinstance(entered.context_expr, gast.Call):
                    # What a call makes holds what the call was given, and that has escaped there.
                    self._escape([manager])
                if entered.optional_vars is not None:
                    self.assign(entered.optional_vars, UNKNOWN, node)
            self.block(node.body)
        elif isinstance(node, gast.Return):
            self._enter("", node)
            if node.value is not None:
                self.evaluate(node.value)
        elif not isinstance(node, (gast.Pass, gast.Break, gast.Continue)):
            self._opaque(node)

    def _enter(self, name: str, node: gast.AST) -> None:
        """Start naming fresh symbols after a statement."""
        if name:
            number = self.positions.get((name, id(node)), len(self.sites.get(name, ())))
            self.prefix = f"?{name}" if number == 0 else f"?{name}@{number}"
        else:
            self.prefix = f"?#{self.numbers.setdefault(id(node), len(self.numbers))}"
        self.count = 0

    def _iteration(self, node: gast.For, item: Kind) -> None:
        self._enter("", node)
        self.assign(node.target, item, node)
        self.block(node.body)

    def _while(self, node: gast.While) -> None:
        self._enter("", node)
        self.evaluate(node.test)
        self.block(node.body)

    def assign(self, target: gast.AST, kind: Kind, site: gast.AST) -> None:
        """Bind a target to a value of a kind, or store it."""
        if isinstance(target, gast.Name):
            known = Kind("list") if target.id in self.layout.tapes else self._settled(kind)
            self.define(target.id, known, id(site))
        elif isinstance(target, (gast.Tuple, gast.List)):
            starred = any(isinstance(item, gast.Starred) for item in target.elts)
            for position, item in enumerate(target.elts):
                part = UNKNOWN if starred else self._settled(self._unpacked(kind, position))
                self.assign(item, part, site)
        elif isinstance(target, gast.Starred):
            self.assign(target.value, UNKNOWN, site)
        elif isinstance(target, gast.Subscript):
            self._store(self.evaluate(target.value), kind)
        elif isinstance(target, gast.Attribute):
            self._store_attribute(target)

    def _unpacked(self, kind: Kind, position: int) -> Kind:
        if kind.items is not None and kind.family in ("tuple", "list"):
            return kind.item(position)
        return self._item(kind)

    def _store(self, base: Kind, kind: Kind) -> None:
        if not base.is_array and not base.is_scalar:
            self._put("", kind)
            self._list_changes()

    def _store_attribute(self, target: gast.Attribute) -> None:
        """`x.shape = ...` changes an array under all its names; other objects are not known anyway."""
        if target.attr not in ("shape", "dtype", "strides"):
            return
        for name in list(self.env):
            if self.env[name].family in ("array", "unknown") and name not in self.pinned:
                self.pinned.add(name)
                self.env[name] = UNKNOWN
                self._changed(name)

    def _augment(self, node: gast.AugAssign) -> None:
        target = tree.with_context(node.target, gast.Load())
        base, value = self.evaluate(target), self.evaluate(node.value)
        symbol = tree.BINARY_SYMBOL[type(node.op)]
        if isinstance(node.target, gast.Name):
            if not base.is_array:
                found = self._updated(symbol, base, value)
                self.assign(node.target, found, node)
        else:
            self.assign(node.target, self._updated(symbol, base, value), node)

    def _updated(self, symbol: str, base: Kind, value: Kind) -> Kind:
        """`base op= value`: in place on an array."""
        if base.is_array:
            return base
        if base.family in _MUTABLE:
            self._note_items(value)
            self._put("", self._item(value))
            self._list_changes()
            return Kind("list") if base.family == "list" and symbol in "+*" else UNKNOWN
        return self._binary(_OPERATORS[symbol], base, value)

    def _opaque(self, node: gast.AST) -> None:
        self._enter("", node)
        self._escape([self._read(name) for name in tree.names_read(node)])
        for name in tree.names_written(node):
            self.define(name, UNKNOWN, id(node))

    # -- iteration -------------------------------------------------------------------------------

    def _item_of(self, node: gast.AST) -> Kind:
        """The kind of the items that a loop over an expression binds."""
        if isinstance(node, gast.Call):
            function = meaning(node.func, self.namespace)
            plain = not node.keywords and not any(isinstance(a, gast.Starred) for a in node.args)
            if function is range:
                for argument in node.args:
                    self.evaluate(argument)
                return INT
            if function is reversed and plain and len(node.args) == 1:
                return self._item_of(node.args[0])
            if function is enumerate and plain and node.args:
                return container("tuple", {0: INT, 1: self._item_of(node.args[0])})
            if function is zip and plain:
                return container("tuple", dict(enumerate(map(self._item_of, node.args))))
            if function is np.ndindex:
                self.evaluate(node)
                return Kind("tuple")
        return self._item(self.evaluate(node))

    def _item(self, kind: Kind) -> Kind:
        """The kind of any item of a value."""
        if kind.is_array and kind.shape:
            return array(kind.shape[1:], kind.dtype) if len(kind.shape) > 1 else scalar(kind.dtype)
        if kind.family == "list" and self.lists_change:
            return self._content("")
        if kind.family in ("tuple", "list") and kind.items:
            return join_all((item for _, item in kind.items), self.fresh).forget_value()
        if kind.family == "dict" and kind.items and not self.lists_change:
            return join_all((constant(key) for key, _ in kind.items), self.fresh).forget_value()
        return UNKNOWN

    # -- expressions -----------------------------------------------------------------------------

    def ask(self, node: gast.AST) -> Kind:
        """The kind of an expression that need not be in the program."""
        self.prefix = f"??{next(self.asked)}"
        self.count = 0
        return self._settled(self.evaluate(node))

    def evaluate(self, node: gast.AST) -> Kind:
        method = _EXPRESSIONS.get(node.__class__)
        if method is not None:
            return method(self, node)
        if isinstance(node, (gast.Lambda, *tree.COMPREHENSIONS)):
            self._escape([self._read(name) for name in tree.names_read(node)])
            if isinstance(node, (gast.ListComp, gast.DictComp)):
                self._put("", UNKNOWN)
            return _DISPLAYS.get(node.__class__, UNKNOWN)
        for child in tree.children(node):
            if isinstance(child, gast.expr):
                self._escape([self.evaluate(child)])
        return _DISPLAYS.get(node.__class__, UNKNOWN)

    def _constant(self, node: gast.Constant) -> Kind:
        return constant(node.value)

    def _name(self, node: gast.Name) -> Kind:
        return self._read(node.id)

    def _sequence(self, node: gast.Tuple | gast.List) -> Kind:
        family: Any = "tuple" if isinstance(node, gast.Tuple) else "list"
        if any(isinstance(item, gast.Starred) for item in node.elts):
            for item in node.elts:
                self.evaluate(item.value if isinstance(item, gast.Starred) else item)
            found = Kind(family)
        else:
            kinds = [self.evaluate(item) for item in node.elts]
            found = Kind(family, items=tuple(enumerate(kinds)))
        if family == "list":
            self._note_items(found)
        return found

    def _dict(self, node: gast.Dict) -> Kind:
        values = [self.evaluate(value) for value in node.values]
        found = Kind("dict")
        if all(isinstance(key, gast.Constant) for key in node.keys):
            found = container("dict", {k.value: v for k, v in zip(node.keys, values, strict=True)})
        self._note_items(found)
        return found

    def _compare(self, node: gast.Compare) -> Kind:
        kinds = [self.evaluate(item) for item in (node.left, *node.comparators)]
        results = []
        for op, left, right in zip(node.ops, kinds, kinds[1:], strict=False):
            function = _COMPARE.get(type(op))
            if function is None or left.family == right.family == "other":
                results.append(BOOL)
            else:
                results.append(self._elementwise(function, [left, right]))
        if all(kind.is_scalar for kind in results):
            return BOOL
        return results[0] if len(results) == 1 else UNKNOWN

    def _either(self, node: gast.BoolOp | gast.IfExp) -> Kind:
        if isinstance(node, gast.IfExp):
            self.evaluate(node.test)
            return join(self.evaluate(node.body), self.evaluate(node.orelse), self.fresh)
        return join_all([self.evaluate(value) for value in node.values], self.fresh).forget_value()

    def _walrus(self, node: gast.NamedExpr) -> Kind:
        kind = self.evaluate(node.value)
        self.assign(node.target, kind, node)
        return kind

    def _binop(self, node: gast.BinOp) -> Kind:
        function = _OPERATORS[tree.BINARY_SYMBOL[type(node.op)]]
        return self._binary(function, self.evaluate(node.left), self.evaluate(node.right))

    def _binary(self, function: Callable[..., Any], left: Kind, right: Kind) -> Kind:
        if left.dtype in _EXACT and right.dtype in _EXACT:
            known = _folded(function, left, right)
            if known is not None:
                return known
        if left.is_container or right.is_container:
            return self._joined_sequences(function, left, right)
        if function is operator.matmul:
            return probe(function, [left, right], fresh=self.fresh())
        return self._elementwise(function, [left, right])

    def _joined_sequences(self, function: Callable[..., Any], left: Kind, right: Kind) -> Kind:
        """`+` and `*` of tuples and lists; an array meets a list as an array."""
        if left.is_array or right.is_array:
            sampled = [_sampled(left), _sampled(right)]
            return probe(function, sampled, any_integer=True, fresh=self.fresh())
        if function is operator.add and left.family == right.family != "dict":
            if left.items is None or right.items is None:
                return Kind(left.family)
            items = [item for _, item in (*left.items, *right.items)]
            return Kind(left.family, items=tuple(enumerate(items)))
        if function is operator.mul:
            sequence, number = (left, right) if left.is_container else (right, left)
            if sequence.family != "dict" and number.is_scalar:
                if isinstance(number.value, int) and sequence.items is not None:
                    items = [item for _, item in sequence.items] * min(number.value, 1000)
                    if number.value <= 1000:
                        return Kind(sequence.family, items=tuple(enumerate(items)))
                return Kind(sequence.family)
        return UNKNOWN

    def _unary(self, node: gast.UnaryOp) -> Kind:
        kind = self.evaluate(node.operand)
        if isinstance(node.op, gast.Not):
            return BOOL
        function = _UNARY[type(node.op)]
        if kind.value is not NO_VALUE and type(kind.value) in (int, float):
            if type(kind.value) is int or isinstance(node.operand, gast.Constant):
                try:
                    return constant(function(kind.value))
                except TypeError:
                    return UNKNOWN
        return self._elementwise(function, [kind])

    def _elementwise(
        self,
        function: Callable[..., Any],
        kinds: list[Kind],
        keywords: Mapping[str, Kind] | None = None,
    ) -> Kind:
        for kind in kinds:
            if kind.family not in ("scalar", "array"):
                if kind.family == "unknown" or not kind.is_container:
                    return UNKNOWN
                sampled = list(map(_sampled, kinds))
                return probe(function, sampled, keywords, any_integer=True, fresh=self.fresh())
        plain = [k if k.value.__class__ is not DimValue else _forgotten(k) for k in kinds]
        return elementwise(function, plain, keywords, fresh=self.fresh())

    # -- attributes ------------------------------------------------------------------------------

    def _attribute(self, node: gast.Attribute) -> Kind:
        found = meaning(node, self.namespace)
        if found is not MISSING:
            return _kind_of_object(found)
        kind = self.evaluate(node.value)
        if not (kind.is_array or kind.is_scalar):
            return UNKNOWN
        name = node.attr
        if name == "shape":
            return _shape_kind(kind)
        if name == "ndim":
            return INT if kind.rank is None else constant(kind.rank)
        if name == "size":
            return _size_kind(kind)
        if name == "dtype":
            # Python's own numbers have none; of a scalar, "bool" may be either kind.
            weak = kind.is_scalar and kind.dtype in ("float", "int", "bool", "complex")
            known = kind.dtype is not None and not weak
            return Kind("other", value=np.dtype(kind.dtype)) if known else OTHER
        if name in ("T", "mT"):
            if kind.is_scalar:
                return kind.forget_value()
            transposed = np.transpose if name == "T" else np.matrix_transpose
            return probe(transposed, [kind], fresh=self.fresh())
        if name in ("real", "imag"):
            return self._elementwise(np.real if name == "real" else np.imag, [kind])
        if name in ("itemsize", "nbytes"):
            return INT
        return UNKNOWN

    # -- subscripts ------------------------------------------------------------------------------

    def _subscript(self, node: gast.Subscript) -> Kind:
        base = self.evaluate(node.value)
        if base.is_array:
            return self._indexed(base, node.slice)
        if isinstance(node.slice, gast.Slice):
            self.evaluate_slice(node.slice)
            return self._sliced_sequence(base, node.slice)
        index = self.evaluate(node.slice)
        if not base.is_container:
            return UNKNOWN
        if base.family != "tuple" and self.lists_change:
            return self._content("")
        if base.items is None:
            return UNKNOWN
        key = index.value
        if isinstance(key, (int, str, bool)) or key is None:
            if base.family != "dict" and isinstance(key, int) and key < 0:
                key += len(base.items)
            return base.item(key)
        if index.value is NO_VALUE or isinstance(index.value, DimValue):
            return join_all((item for _, item in base.items), self.fresh).forget_value()
        return UNKNOWN

    def evaluate_slice(self, node: gast.Slice) -> None:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.evaluate(part)

    def _sliced_sequence(self, base: Kind, node: gast.Slice) -> Kind:
        if base.family not in ("tuple", "list"):
            return UNKNOWN
        bounds = self._bounds(node)
        if base.items is None or bounds is None:
            return Kind(base.family)
        items = [item for _, item in base.items][slice(*bounds)]
        return Kind(base.family, items=tuple(enumerate(items)))

    def _bounds(self, node: gast.Slice) -> tuple[int | None, int | None, int | None] | None:
        """The bounds of a slice where they are known."""
        found: list[int | None] = []
        for part in (node.lower, node.upper, node.step):
            value = None if part is None else self.evaluate(part).value
            if value is not None and type(value) is not int:
                return None
            found.append(value)
        if found[2] == 0:
            return None
        return found[0], found[1], found[2]

    def _indexed(self, base: Kind, index: gast.AST) -> Kind:
        """An entry, a view or a selection of an array."""
        parts = list(index.elts) if isinstance(index, gast.Tuple) else [index]
        entries: list[Any] = []
        for part in parts:
            if isinstance(part, gast.Slice):
                self.evaluate_slice(part)
                entries.append(part)
                continue
            kind = self.evaluate(part)
            if kind.family == "tuple" and part is index:
                if kind.items is None:
                    return UNKNOWN
                entries.extend(item for _, item in kind.items)
            else:
                entries.append(kind)
        return _Indexing(self, base, entries).result()

    def slice_dim(self, dim: Dim, node: gast.Slice) -> Dim:
        """The size of a slice of an axis."""
        bounds = self._bounds(node)
        if bounds is not None:
            found = sliced(dim, bounds[0], bounds[1], bounds[2] or 1)
            if found is not None:
                return found
        texts = [
            "" if part is None else self.size_text(part)
            for part in (node.lower, node.upper, node.step)
        ]
        if None in texts:
            return self.fresh()
        return f"{dim}[{':'.join(map(str, texts))}]"

    def size_text(self, node: gast.AST) -> str | None:
        """An integer expression as text that names its value; None where it may change."""
        if isinstance(node, gast.Constant):
            return str(node.value) if type(node.value) is int else None
        if isinstance(node, gast.Name):
            if not self.layout.single(node.id):
                return None
            kind = self._read(node.id)
            if not kind.is_scalar:
                return None
            if type(kind.value) is int:
                return str(kind.value)
            return kind.value.symbol if isinstance(kind.value, DimValue) else node.id
        if isinstance(node, gast.BinOp):
            left, right = self.size_text(node.left), self.size_text(node.right)
            if left is None or right is None:
                return None
            return f"({left} {tree.BINARY_SYMBOL[type(node.op)]} {right})"
        if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
            inner = self.size_text(node.operand)
            return None if inner is None else f"(-{inner})"
        return None

    # -- calls -----------------------------------------------------------------------------------

    def _call(self, node: gast.Call) -> Kind:
        function = meaning(node.func, self.namespace)
        if function is MISSING:
            if isinstance(node.func, gast.Attribute):
                return self._method(node, node.func)
            self._escape([self.evaluate(node.func), *map(self.evaluate, _operands(node))])
            return UNKNOWN
        args, keywords = self._arguments(node)
        if args is None or keywords is None:
            self._escape([UNKNOWN])
            return UNKNOWN
        return self._apply(function, args, keywords)

    def _arguments(self, node: gast.Call) -> tuple[list[Kind] | None, dict[str, Kind] | None]:
        """Kinds of the arguments; integers that are not known stand for the size they may be."""
        starred = any(isinstance(a, gast.Starred) for a in node.args)
        if starred or any(k.arg is None for k in node.keywords):
            for operand in _operands(node):
                self.evaluate(operand)
            return None, None
        args = [self._argument(item) for item in node.args]
        return args, {k.arg: self._argument(k.value) for k in node.keywords}

    def _argument(self, node: gast.AST) -> Kind:
        if isinstance(node, (gast.Tuple, gast.List)) and node.elts:
            if not any(isinstance(item, gast.Starred) for item in node.elts):
                family: Any = "tuple" if isinstance(node, gast.Tuple) else "list"
                kinds = [self._argument(item) for item in node.elts]
                found = Kind(family, items=tuple(enumerate(kinds)))
                if family == "list":
                    self._note_items(found)
                return found
        kind = self.evaluate(node)
        if kind.family == "scalar" and kind.value is NO_VALUE and kind.dtype in ("int", "int64"):
            text = self.size_text(node)
            return replace(kind, value=DimValue(f"len:{text}" if text else self.fresh()))
        return kind

    def _apply(self, function: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
        """The kind of `function(*args, **keywords)`."""
        special = _special(function)
        if special is not None:
            found: Kind | None = special(self, function, args, keywords)
            if found is not None:
                return found
        rule = registry.find(function)
        facts = object_facts(function)
        if _is_elementwise(function, rule) and "out" not in keywords:
            if not isinstance(function, np.ufunc) or len(args) <= function.nin:
                return self._elementwise(function, args, keywords)
        if facts.effect in ("writes", "unknown"):
            self._escape([*args, *keywords.values()])
        if facts.effect == "none":
            if any(k.family == "unknown" for k in (*args, *keywords.values())):
                return UNKNOWN
            return self._settle_result(probe(function, args, keywords, fresh=self.fresh()))
        sampler = _random_sampler(function)
        if sampler is not None:
            return probe(sampler, args, keywords, fresh=self.fresh())
        if self.call_kind is not None and facts.effect == "unknown":
            plain = {name: _public(kind) for name, kind in keywords.items()}
            return self.call_kind(function, list(map(_public, args)), plain)
        return UNKNOWN

    def _settle_result(self, kind: Kind) -> Kind:
        if kind.is_container:
            self._note_items(kind)
        return self._settled(kind)

    def _method(self, node: gast.Call, function: gast.Attribute) -> Kind:
        name = function.attr
        if isinstance(function.value, gast.Name) and function.value.id in self.layout.tapes:
            return self._tape(function.value.id, node, name)
        receiver = self.evaluate(function.value)
        if receiver.is_array:
            found = operation(node, self.namespace)
            if found is None or found.function is MISSING:
                for operand in _operands(node):
                    self.evaluate(operand)
                return Kind("other", value=None) if name in ("fill", "sort") else UNKNOWN
            if any(isinstance(a, gast.Starred) for a in found.args):
                return UNKNOWN
            args = [self._argument(item) for item in found.args[1:]]
            keywords = {key: self._argument(value) for key, value in found.keywords.items()}
            return self._apply(found.function, [receiver, *args], keywords)
        args_, keywords_ = self._arguments(node)
        if args_ is None or keywords_ is None:
            self._escape([UNKNOWN])
            return UNKNOWN
        if receiver.is_scalar:
            return probe(
                _method_caller(name), [_forgotten(receiver), *args_], keywords_,
                any_integer=True, fresh=self.fresh(),
            )  # fmt: skip
        return self._container_method(receiver, name, args_, keywords_)

    def _tape(self, tape: str, node: gast.Call, name: str) -> Kind:
        if name == "pop":
            return self._content(tape)
        self._put(tape, self.evaluate(node.args[0]))
        return Kind("other", value=None)

    def _container_method(
        self, receiver: Kind, name: str, args: list[Kind], keywords: dict[str, Kind]
    ) -> Kind:
        if receiver.family in ("tuple", "list", "dict"):
            if name in ("index", "count"):
                return INT
            if name == "copy":
                return receiver
            if name == "get" and receiver.family == "dict" and args:
                default = args[1] if len(args) > 1 else Kind("other", value=None)
                held = UNKNOWN
                if self.lists_change:
                    held = self._content("")
                elif receiver.items is not None:
                    held = join_all((item for _, item in receiver.items), self.fresh)
                return join(held, default, self.fresh).forget_value()
            if name in ("keys", "values", "items"):
                return UNKNOWN
        if receiver.family not in _MUTABLE or name not in _MUTATORS:
            self._escape([*args, *keywords.values()])
            return UNKNOWN
        if name == "append" and len(args) == 1:
            self._put("", args[0])
        elif name == "extend" and args and args[0].items is not None:
            self._put("", self._item(args[0]))
        elif name not in ("pop", "popitem", "clear", "reverse", "remove"):
            self._put("", UNKNOWN)
        self._list_changes()
        if name == "pop":
            held = self._content("")
            return join_all([held, *args[1:]], self.fresh) if receiver.family == "dict" else held
        return Kind("other", value=None) if name in ("append", "extend") else UNKNOWN


class _Indexing:
    """`base[entries]` for an array; entries are slices as they stand, and kinds of the others."""

    def __init__(self, inference: _Inference, base: Kind, entries: list[Any]) -> None:
        self.inference = inference
        self.base = base
        self.entries = entries

    def result(self) -> Kind:
        entries = self.entries
        kinds = [entry for entry in entries if isinstance(entry, Kind)]
        if any(kind.family in ("unknown", "dict") or kind.is_float for kind in kinds):
            return UNKNOWN
        integers = sum(kind.is_scalar and kind.dtype != "bool" for kind in kinds)
        advanced = [k for k in kinds if k.is_array or k.is_container]
        shape = self.base.shape
        odd = any(k.family == "other" and not _is_axis_word(k) for k in kinds)
        odd = odd or any(k.is_scalar and k.dtype in ("bool", None) for k in kinds)
        if shape is None or odd:
            if integers == 0 and not advanced and not any(k.is_scalar for k in kinds):
                return array(None, self.base.dtype)
            return UNKNOWN
        if any(k.is_array and k.dtype is None or k.is_container for k in kinds):
            return self._constant_selection(kinds)
        if advanced:
            return self._selection(shape, kinds)
        return self._basic(shape, integers)

    def _basic(self, shape: Shape, integers: int) -> Kind:
        """Integers, slices, `...` and None."""
        dims = self._walk(shape, {})
        if dims is None:
            return UNKNOWN
        ellipsis = any(isinstance(e, Kind) and e.value is Ellipsis for e in self.entries)
        if not dims and not ellipsis:
            is_element = integers or not self.entries
            return scalar(self.base.dtype) if is_element else array((), self.base.dtype)
        return array(tuple(dims), self.base.dtype)

    def _walk(self, shape: Shape, widths: Mapping[int, int]) -> list[Dim] | None:
        """The dimensions that slices, `...` and None leave; `widths`: axes an entry takes, else one."""
        taken = sum(
            widths.get(i, 1)
            for i, e in enumerate(self.entries)
            if not isinstance(e, Kind) or not _is_axis_word(e)
        )
        rest = len(shape) - taken
        if rest < 0:
            return None
        dims: list[Dim] = []
        axis = 0
        open_ = True
        for i, entry in enumerate(self.entries):
            if not isinstance(entry, Kind):
                dims.append(self.inference.slice_dim(shape[axis], entry))
                axis += 1
            elif entry.value is None:
                dims.append(1)
            elif entry.value is Ellipsis:
                dims.extend(shape[axis : axis + rest])
                axis += rest
                open_ = False
            else:
                axis += widths.get(i, 1)
        return dims + list(shape[axis:]) if open_ else dims

    def _selection(self, shape: Shape, kinds: list[Kind]) -> Kind:
        """Arrays of integers, broadcast together, or one mask."""
        fresh = self.inference.fresh
        places = [
            i for i, e in enumerate(self.entries) if isinstance(e, Kind) and not _is_axis_word(e)
        ]
        arrays = [self.entries[i] for i in places if self.entries[i].is_array]
        if any(not a.shape for a in arrays):
            return UNKNOWN
        masks = [a for a in arrays if a.dtype == "bool"]
        widths: dict[int, int] = {}
        if masks:
            if len(places) > 1:
                return array(None, self.base.dtype)
            widths = {places[0]: len(masks[0].shape)}
            new: Shape = (fresh(),)
        else:
            new = broadcast([a.shape for a in arrays], fresh)
        dims = self._walk(shape, widths)
        if dims is None:
            return UNKNOWN
        at = 0
        if places[-1] - places[0] == len(places) - 1:
            before = self.entries[: places[0]]
            has_rest = any(isinstance(e, Kind) and e.value is Ellipsis for e in before)
            after = len(self.entries) - places[-1] - 1
            if has_rest:
                at = len(dims) - after
                if any(isinstance(e, Kind) for e in self.entries[places[-1] + 1 :]):
                    return array(None, self.base.dtype)
            else:
                at = len(before)
        return array((*dims[:at], *new, *dims[at:]), self.base.dtype)

    def _constant_selection(self, kinds: list[Kind]) -> Kind:
        """Lists of integers: as arrays, where their items are known."""
        converted = []
        for entry in self.entries:
            if isinstance(entry, Kind) and entry.is_container:
                entry = probe(np.array, [entry], any_integer=True, fresh=self.inference.fresh())
            if isinstance(entry, Kind) and (not entry.is_array or entry.dtype is None):
                if not entry.is_scalar and not _is_axis_word(entry):
                    return UNKNOWN
            converted.append(entry)
        return _Indexing(self.inference, self.base, converted).result()


def _is_axis_word(kind: Kind) -> bool:
    return kind.family == "other" and (kind.value is None or kind.value is Ellipsis)


# -- helpers ------------------------------------------------------------------------------------


_OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "//": operator.floordiv, "%": operator.mod, "**": operator.pow, "@": operator.matmul,
    "<<": operator.lshift, ">>": operator.rshift, "|": operator.or_, "^": operator.xor,
    "&": operator.and_,
}  # fmt: skip
_IN_PLACE = {
    operator.iadd: "+", operator.isub: "-", operator.imul: "*", operator.itruediv: "/",
    operator.ifloordiv: "//", operator.imod: "%", operator.ipow: "**", operator.imatmul: "@",
    operator.ilshift: "<<", operator.irshift: ">>", operator.ior: "|", operator.ixor: "^",
    operator.iand: "&",
}  # fmt: skip
_UNARY: dict[type[gast.AST], Callable[..., Any]] = {
    gast.USub: operator.neg, gast.UAdd: operator.pos, gast.Invert: operator.invert
}  # fmt: skip
_COMPARE: dict[type[gast.AST], Callable[..., Any]] = {
    gast.Eq: operator.eq, gast.NotEq: operator.ne, gast.Lt: operator.lt, gast.LtE: operator.le,
    gast.Gt: operator.gt, gast.GtE: operator.ge,
}  # fmt: skip
_ELEMENTWISE = frozenset(
    f
    for f in (*_OPERATORS.values(), *_COMPARE.values(), *_UNARY.values())
    if f is not operator.matmul
)
_EXACT = ("int", "bool")
_DISPLAYS: dict[type[gast.AST], Kind] = {
    gast.ListComp: Kind("list"), gast.DictComp: Kind("dict"), gast.Lambda: OTHER,
    gast.JoinedStr: OTHER, gast.Slice: OTHER,
}  # fmt: skip
_EXPRESSIONS: dict[type[gast.AST], Callable[[_Inference, Any], Kind]] = {
    gast.Constant: _Inference._constant,
    gast.Name: _Inference._name,
    gast.Tuple: _Inference._sequence,
    gast.List: _Inference._sequence,
    gast.Dict: _Inference._dict,
    gast.BinOp: _Inference._binop,
    gast.UnaryOp: _Inference._unary,
    gast.Compare: _Inference._compare,
    gast.BoolOp: _Inference._either,
    gast.IfExp: _Inference._either,
    gast.NamedExpr: _Inference._walrus,
    gast.Attribute: _Inference._attribute,
    gast.Subscript: _Inference._subscript,
    gast.Call: _Inference._call,
}


def _annotations(function: Any) -> Mapping[str, Any]:
    """The annotations of a function; none where one of them cannot be evaluated."""
    try:
        return inspect.get_annotations(function, eval_str=True)
    except Exception:  # an annotation is any expression
        return {}


def _operands(node: gast.Call) -> Iterator[gast.AST]:
    for item in node.args:
        yield item.value if isinstance(item, gast.Starred) else item
    for keyword in node.keywords:
        yield keyword.value


def _holds_mutable(kind: Kind) -> bool:
    if kind.family == "tuple":
        return kind.items is None or any(_holds_mutable(item) for _, item in kind.items)
    return kind.family in _MUTABLE


def _forgotten(kind: Kind) -> Kind:
    """Without the size an integer may stand for."""
    return kind.forget_value() if isinstance(kind.value, DimValue) else kind


def _sampled(kind: Kind) -> Kind:
    if kind.items is not None:
        return replace(kind, items=tuple([(key, _sampled(item)) for key, item in kind.items]))
    return _forgotten(kind)


def _folded(function: Callable[..., Any], left: Kind, right: Kind) -> Kind | None:
    """Arithmetic of known integers, and of an integer that is a size less a known one."""
    if isinstance(left.value, DimValue):
        if function is operator.sub and type(right.value) is int and right.value >= 0:
            return Kind("scalar", "int", value=value_of(less(left.value.symbol, right.value)))
        return None
    if not isinstance(left.value, int) or not isinstance(right.value, int):
        return None
    if function in (operator.pow, operator.lshift) and abs(right.value) > 64:
        return None
    try:
        return constant(function(left.value, right.value))
    except (ArithmeticError, TypeError, ValueError):
        return UNKNOWN


def _kind_of_object(value: Any) -> Kind:
    """The kind of the object that a free name means."""
    if type(value) in (bool, int, float, complex, str, type(None), type(Ellipsis)):
        return constant(value)
    if type(value) is np.ndarray:
        if value.dtype.kind not in "biufc":
            return UNKNOWN
        return array(tuple(map(dim_of, value.shape)), value.dtype.name)
    if isinstance(value, np.generic):
        return scalar(value.dtype.name) if value.dtype.kind in "biufc" else OTHER
    if isinstance(value, tuple):
        return container("tuple", dict(enumerate(map(_kind_of_object, value))))
    if isinstance(value, (list, dict)):
        # Its items may be others when the derivative runs.
        return Kind("list" if isinstance(value, list) else "dict")
    if isinstance(value, (type, np.dtype)):
        return Kind("other", value=value)
    if callable(value) or isinstance(value, (slice, range)):
        return OTHER
    return UNKNOWN


def _shape_kind(kind: Kind) -> Kind:
    """The tuple `shape`."""
    if kind.is_scalar:
        return constant(())
    if kind.shape is None:
        return Kind("tuple")
    items = [Kind("scalar", "int", value=value_of(dim)) for dim in kind.shape]
    return Kind("tuple", items=tuple(enumerate(items)))


def _size_kind(kind: Kind) -> Kind:
    shape = () if kind.is_scalar else kind.shape
    if shape == ():
        return constant(1)
    if shape is not None and len(shape) == 1:
        return Kind("scalar", "int", value=value_of(shape[0]))
    return INT


@cache
def _method_caller(name: str) -> Callable[..., Any]:
    """The function that calls a method of its first argument; one per name, so that probes are kept."""

    def call(receiver: Any, *args: Any, **keywords: Any) -> Any:
        return getattr(receiver, name)(*args, **keywords)

    return call


def _is_elementwise(function: Any, rule: Any) -> bool:
    if isinstance(function, np.ufunc):
        return function.signature is None
    if rule is not None and rule.partials is not None:
        return True
    try:
        return function in _ELEMENTWISE
    except TypeError:
        return False


@cache
def _sampler_of(owner: type, name: str) -> Callable[..., Any]:
    def call(*args: Any, **keywords: Any) -> Any:
        # A stream of its own: probing must not advance the program's.
        source = np.random.default_rng(0) if owner is np.random.Generator else owner(0)
        return getattr(source, name)(*args, **keywords)

    return call


def _random_sampler(function: Any) -> Callable[..., Any] | None:
    owner: type = type(getattr(function, "__self__", None))
    if owner in (np.random.Generator, np.random.RandomState) and function.__name__ != "shuffle":
        return _sampler_of(owner, function.__name__)
    return None


# -- functions that are not probed ----------------------------------------------------------------

Special = Callable[[_Inference, Any, list[Kind], dict[str, Kind]], Kind | None]


def _special(function: Any) -> Special | None:
    try:
        return _SPECIAL.get(function)
    except TypeError:
        return None


def _length(inference: _Inference, _: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
    (kind,) = args
    if kind.is_array and kind.shape:
        return Kind("scalar", "int", value=value_of(kind.shape[0]))
    if kind.items is not None and (kind.family == "tuple" or not inference.lists_change):
        return constant(len(kind.items))
    return INT


def _update(
    inference: _Inference, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    return inference._updated(_IN_PLACE[function], *args)


def _shape_of(inference: _Inference, _: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
    if args and (args[0].is_array or args[0].is_scalar):
        return _shape_kind(args[0])
    return Kind("tuple")


def _rank_of(inference: _Inference, _: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
    rank = args[0].rank if args else None
    return INT if rank is None else constant(rank)


def _count_of(inference: _Inference, _: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
    if len(args) == 1 and not keywords and (args[0].is_array or args[0].is_scalar):
        return _size_kind(args[0])
    if len(args) == 2 and not keywords and args[0].shape is not None:
        axis = args[1].value
        if type(axis) is int and -len(args[0].shape) <= axis < len(args[0].shape):
            return Kind("scalar", "int", value=value_of(args[0].shape[axis]))
    return INT


def _extreme(
    inference: _Inference, _: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    """`max` and `min` return one of what they compare."""
    if keywords:
        return UNKNOWN
    if len(args) == 1:
        found = inference._item(args[0])
        return found if found.is_scalar else UNKNOWN
    found = join_all(args, inference.fresh)
    return found.forget_value() if found.is_scalar else UNKNOWN


def _returning(kind: Kind) -> Special:
    return lambda inference, function, args, keywords: kind


def _like(position: int) -> Special:
    """The shape of `like`, the dtype of the first argument."""

    def special(
        inference: _Inference, function: Any, args: list[Kind], keywords: dict[str, Kind]
    ) -> Kind | None:
        like = args[position] if position < len(args) else keywords.get("like", UNKNOWN)
        g = args[0] if args else UNKNOWN
        if UNKNOWN in (like, g) or like.is_container or g.is_container:
            return UNKNOWN
        dtype = g.dtype if g.is_float is not False or g.dtype in ("int", "int64") else None
        if like.is_array and like.shape != ():
            # A Python number becomes an array of the same precision.
            return array(like.shape, _STRONG.get(dtype or "", dtype))
        if g.is_scalar and like.is_scalar:
            return g.forget_value()
        if like.is_scalar and g.is_array and g.shape != ():
            return probe(np.sum, [g], fresh=inference.fresh())
        return UNKNOWN

    return special


_STRONG = {"float": "float64", "complex": "complex128", "int": "int64"}


def _copy_of(
    inference: _Inference, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """Functions that keep the shape of their first argument."""
    if not args or "shape" in keywords or not args[0].is_array:
        return None
    return inference._elementwise(function, args, keywords)


def _reshaped(
    inference: _Inference, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """`reshape` and `broadcast_to`: the shape is given; one size may be -1."""
    source = args[0] if args else UNKNOWN
    wanted = args[1] if len(args) > 1 else keywords.get("shape", UNKNOWN)
    if not (source.is_array or source.is_scalar):
        return UNKNOWN
    dtype = source.dtype if source.is_array else _STRONG.get(source.dtype or "", source.dtype)
    if wanted.is_scalar:
        wanted = Kind("tuple", items=((0, wanted),))
    if wanted.items is None:
        return UNKNOWN
    dims: list[Dim] = []
    for _, item in wanted.items:
        value = item.value
        if isinstance(value, DimValue):
            dims.append(value.symbol if _is_size(value.symbol) else inference.fresh())
        elif type(value) is int and value >= 0:
            dims.append(dim_of(value))
        elif type(value) is int and len(wanted.items) == 1 and source.rank == 1 and source.shape:
            dims.append(source.shape[0])
        else:
            dims.append(inference.fresh())
    return array(tuple(dims), dtype)


def _is_size(symbol: str) -> bool:
    """Whether an integer that stands for a symbol is the size of something, and so never -1."""
    return not symbol.startswith(("len:", "?")) and "-" not in symbol


def _squeezed(
    inference: _Inference, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """Which axes go is sure only where no size may turn out to be one."""
    shape = args[0].shape if args else None
    if shape is not None and all(d == 1 or never_one(d) for d in shape):
        return None
    return UNKNOWN if len(args) < 2 and "axis" not in keywords else None


def _zeros(
    inference: _Inference, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind | None:
    """The runtime's `zeros_like`: zeros of floats, of the structure of the argument."""
    return _zero_of(args[0]) if args else UNKNOWN


def _zero_of(kind: Kind) -> Kind:
    if kind.is_array:
        exact = kind.dtype is not None and not kind.is_float
        return array(kind.shape, "float64" if exact else kind.dtype)
    if kind.is_scalar:
        if kind.dtype in ("float64", None):
            return kind.forget_value()
        return kind.forget_value() if kind.is_float else FLOAT
    if kind.is_container:
        items = kind.items and tuple((key, _zero_of(item)) for key, item in kind.items)
        return Kind(kind.family, items=items)
    return Kind("other", value=None) if kind.family == "other" else UNKNOWN


def _entry(
    inference: _Inference, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    """`x.item()`: Python's own number."""
    dtype = args[0].dtype
    if dtype is None:
        return scalar(None)
    for family, own in (("float", "float"), ("complex", "complex"), ("bool", "bool")):
        if dtype.startswith(family):
            return scalar(own)
    return INT


def _unchanged(
    inference: _Inference, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    return args[0] if args else UNKNOWN


def _as_sequence(
    inference: _Inference, function: Any, args: list[Kind], keywords: dict[str, Kind]
) -> Kind:
    """`tuple(...)` and `list(...)`."""
    family: Any = function.__name__
    found = Kind(family)
    if not args:
        found = Kind(family, items=())
    elif args[0].items is not None and args[0].family in ("tuple", "list"):
        found = Kind(family, items=args[0].items)
    inference._note_items(found)
    return found


def _table() -> dict[Any, Special]:
    table: dict[Any, Special] = {
        len: _length,
        np.shape: _shape_of,
        np.ndim: _rank_of,
        np.size: _count_of,
        max: _extreme,
        min: _extreme,
        float: _returning(FLOAT),
        int: _returning(INT),
        range: _returning(OTHER),
        slice: _returning(OTHER),
        type: _returning(OTHER),
        np.reshape: _reshaped,
        np.broadcast_to: _reshaped,
        np.squeeze: _squeezed,
        np.ndarray.item: _entry,
        runtime.unbroadcast: _like(1),
        runtime.unreduce: _like(1),
        runtime.broadcast_like: _like(1),
        runtime.zeros_like: _zeros,
        tuple: _as_sequence,
        list: _as_sequence,
    }
    table |= dict.fromkeys(_IN_PLACE, _update)
    for name in ("zeros_like", "ones_like", "empty_like", "full_like", "copy"):
        table[getattr(np, name)] = _copy_of
    for name in ("bool", "isinstance", "issubclass", "hasattr", "callable"):
        table[getattr(builtins, name)] = _returning(BOOL)
    if hasattr(runtime, "copied"):
        table[runtime.copied] = _unchanged
    return table


_SPECIAL = _table()
