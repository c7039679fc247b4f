"""Which names may carry a derivative: coarse, flow-insensitive, before anything is rewritten.

Needs the user's tree as parsed; produces a set of local names. The answer decides what is rewritten
and what passes through verbatim, so it may name too many but never too few. Later passes find out
more precisely.

A name becomes active when it is assigned from an expression that mentions an active name where a
derivative flows, or when active data is stored into the object it holds. Stores also reach every
name that may share the object: each name knows its *sources*, the names whose objects it may be
(`b = a`), may be part of (`b = a[1:]`), or may hold (`b = [a]`).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from typing import Any, Final

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.frontend.inside import assigned_outside

ZeroTest = Callable[[gast.AST], bool]

INACTIVE_ATTRIBUTES: Final = frozenset(
    {"shape", "ndim", "size", "dtype", "itemsize", "nbytes", "strides", "flags"}
)
"""Attributes that say something about an array but hold none of its numbers."""

INACTIVE_METHODS: Final = frozenset(
    {"keys", "index", "count", "argmax", "argmin", "argsort", "argpartition", "any", "all",
     "nonzero", "searchsorted"}
)  # fmt: skip
"""Methods whose result holds no number to differentiate."""

WRITERS: Final = frozenset(
    {"append", "appendleft", "extend", "insert", "add", "update", "setdefault", "fill", "put",
     "itemset", "sort", "resize", "partition", "setfield", "reverse", "__setitem__"}
)  # fmt: skip
"""Methods that write their arguments into their object."""

GROWERS: Final = frozenset(
    {"append", "appendleft", "extend", "insert", "pop", "popitem", "popleft", "remove", "clear"}
)
"""Methods that change how many items their object has."""

CHANGERS: Final = WRITERS | GROWERS
"""Methods that change their object."""

KNOWN_METHODS: Final = frozenset(
    name for kind in (np.ndarray, list, tuple, dict, set, str, float) for name in dir(kind)
)
"""Methods of arrays and of Python's own types."""

_PURE_METHODS: Final = KNOWN_METHODS - WRITERS
_IMMUTABLE_CALLS: Final = frozenset({"len", "int", "float", "bool", "str", "range", "isinstance"})

# What can happen to a name: it carries a derivative; active data is written into its object; active
# data is written somewhere below its object (into an element, a field).
_ACTIVE: Final = 1
_SHALLOW: Final = 2
_DEEP: Final = 4

# How an object may be shared with a source: it is that object, a part of it, or it holds it.
_SAME: Final = "same"
_PART: Final = "part"
_HOLDS: Final = "holds"


def mentions_active(expression: gast.AST, active: set[str], is_zero: ZeroTest) -> bool:
    """Whether an expression's value may carry a derivative.

    Args:
        expression: any expression.
        active: names that may carry a derivative.
        is_zero: whether a function, given by the expression that is called, has no derivative.

    >>> active, never = {"x"}, lambda function: False
    >>> [mentions_active(tree.expression(e), active, never) for e in ("x * 2", "x > 2", "a[x]")]
    [True, False, True]
    """
    return any(name in active for name in differentiable_names(expression, is_zero))


def differentiable_names(expression: gast.AST, is_zero: ZeroTest) -> Iterator[str]:
    """The names through which a derivative may flow into the value of an expression."""
    stack = [expression]
    while stack:
        node = stack.pop()
        if type(node) is gast.Name:
            yield node.id
        elif type(node) is gast.Lambda:
            yield from tree.names_read(node)
        else:
            stack.extend(carriers(node, is_zero))


def items_bound(
    target: gast.AST, iterable: gast.AST, own: Container[str] = ()
) -> Iterator[tuple[gast.AST, gast.AST]]:
    """The parts of a loop's target, each with the value that its items are of; a constant for counters and keys.

    Args:
        target: what the loop binds.
        iterable: what it runs over.
        own: local names, which are none of Python's functions.

    >>> target, iterable = tree.expression("(i, (a, b))"), tree.expression("enumerate(zip(x, y))")
    >>> [(tree.text(one), tree.text(value)) for one, value in items_bound(target, iterable)]
    [('i', '0'), ('a', 'x'), ('b', 'y')]
    """
    function = iterable.func if isinstance(iterable, gast.Call) else None
    name = function.id if isinstance(function, gast.Name) and function.id not in own else None
    parts = target.elts if isinstance(target, gast.Tuple) else []
    if name == "range":
        yield target, tree.const(0)
    elif name == "enumerate" and len(parts) == 2 and iterable.args:
        yield parts[0], tree.const(0)
        yield from items_bound(parts[1], iterable.args[0], own)
    elif name == "zip" and len(parts) == len(iterable.args) and _no_star(parts + iterable.args):
        for part, one in zip(parts, iterable.args, strict=True):
            yield from items_bound(part, one, own)
    elif name in ("reversed", "list", "tuple", "sorted") and iterable.args:
        yield from items_bound(target, iterable.args[0], own)
    elif isinstance(function, gast.Attribute) and function.attr == "items" and len(parts) == 2:
        yield parts[0], tree.const("")
        yield parts[1], function.value
    else:
        yield target, iterable


def carriers(node: Any, is_zero: ZeroTest) -> Iterable[gast.AST]:
    """The operands of an expression whose derivative flows into its value."""
    if type(node) is gast.BinOp:
        return () if is_text(node) else (node.left, node.right)
    if isinstance(node, (gast.Constant, gast.Compare, gast.JoinedStr, gast.Slice)):
        return ()
    if type(node) is gast.UnaryOp:
        return () if type(node.op) is gast.Not else (node.operand,)
    if type(node) is gast.Attribute:
        return () if node.attr in INACTIVE_ATTRIBUTES else (node.value,)
    if type(node) is gast.Subscript:
        # What an index means to an object such as `np.r_` is not known here.
        return (node.value, node.slice)
    if isinstance(node, (gast.NamedExpr, gast.Starred)):
        return (node.value,)
    if type(node) is gast.Call:
        return _call_carriers(node, is_zero)
    if type(node) is gast.IfExp:
        return (node.body, node.orelse)
    if type(node) is gast.Dict:
        return list(node.values)
    if type(node) is gast.DictComp:
        return (node.value,)
    if isinstance(node, tree.COMPREHENSIONS):
        return (node.elt,)
    return tree.children(node)


def _call_carriers(node: gast.Call, is_zero: ZeroTest) -> Iterable[gast.AST]:
    function = node.func
    if isinstance(function, gast.Attribute) and function.attr in INACTIVE_METHODS:
        if not _is_free_function(function):
            return ()
    if tree.is_name(function, "range") or is_zero(function) or is_text(node):
        return ()
    return (function, *node.args, *(keyword.value for keyword in node.keywords))


def is_text(node: gast.AST) -> bool:
    """Whether an expression surely is a text, by how it is written, or what a method of one returns.

    >>> [is_text(tree.expression(e)) for e in ("f'{x}'", "'%f' % x", "', '.join(c)", "a % x")]
    [True, True, True, False]
    """
    if isinstance(node, gast.BinOp):
        is_either = isinstance(node.op, gast.Add) and is_text(node.right)
        return is_either or (isinstance(node.op, (gast.Mod, gast.Add)) and is_text(node.left))
    if isinstance(node, gast.Call):
        return isinstance(node.func, gast.Attribute) and is_text(node.func.value)
    return isinstance(node, gast.JoinedStr) or (isinstance(node, gast.Constant) and isinstance(node.value, str))


def _is_free_function(function: gast.Attribute) -> bool:
    """Whether `a.b` looks like a function of a module of NumPy's: its own rule then answers."""
    return tree.is_name(function.value, "np", "numpy")


def active_names(
    function: gast.FunctionDef,
    parameters: set[str],
    is_zero: ZeroTest,
    is_pure: ZeroTest | None = None,
    is_fresh: ZeroTest | None = None,
    fixed: Container[str] = (),
    writes_first: ZeroTest | None = None,
) -> set[str]:
    """The least set of local names that may carry a derivative.

    Args:
        function: the user's function.
        parameters: those of its parameters that are differentiated, and active variables around it.
        is_zero: whether a function, given by the expression that is called, has no derivative.
        is_pure: whether a function writes into none of its arguments (functions with a rule); every
            other one is taken to write active data into all of them.
        is_fresh: whether the result of a function holds nothing of its arguments; any other one's may.
        fixed: parameters given as what nobody can write into: numbers, texts.
        writes_first: whether a function writes into its first argument alone.

    >>> source = "def f(x, data):\\n    n = len(x)\\n    y = data * x\\n    return y"
    >>> is_len = lambda function: tree.is_name(function, "len")
    >>> sorted(active_names(tree.statements(source)[0], {"x"}, is_len))
    ['x', 'y']
    """
    never: ZeroTest = lambda _: False  # noqa: E731
    flow = _Flow(function, parameters, is_zero, is_pure or never, is_fresh or never, fixed, writes_first or never)
    return flow.solve(parameters)


_INERT = frozenset((
    gast.Name, gast.Constant, gast.BinOp, gast.UnaryOp, gast.Compare, gast.Attribute, gast.Subscript, gast.keyword,
))  # fmt: skip
"""The most common nodes, which bind nothing and call nothing."""


class _Flow:
    """How activity flows from name to name, gathered in one walk over a function."""

    def __init__(
        self,
        function: gast.FunctionDef,
        given: set[str],
        is_zero: ZeroTest,
        is_pure: ZeroTest,
        is_fresh: ZeroTest,
        fixed: Container[str],
        writes_first: ZeroTest,
    ) -> None:
        self._writes_first = writes_first
        self._is_zero = is_zero
        self._is_pure = is_pure
        self._is_fresh = is_fresh
        # What is given may be a variable of the function around, which functions inside this one read too.
        self._locals = {*tree.parameter_names(function), *tree.names_written(function.body), *given}
        self._edges: dict[str, list[tuple[str, int]]] = {}
        self._sources: dict[str, list[tuple[str, str]]] = {}
        self._definitions: dict[str, list[gast.AST]] = {}
        self._mutable = {*(name for name in tree.parameter_names(function) if name not in fixed), *given}
        for node in tree.own_scope(function.body):
            if type(node) not in _INERT:
                self._visit(node)
        self._find_mutable()

    # -- solving ------------------------------------------------------------------------------

    def solve(self, parameters: Iterable[str]) -> set[str]:
        """Spread activity from the parameters until nothing changes."""
        state: dict[str, int] = {}
        work: list[tuple[str, int]] = [(name, _ACTIVE) for name in sorted(parameters)]
        while work:
            name, event = work.pop()
            if event & (_SHALLOW | _DEEP):
                event = event | _ACTIVE if name in self._mutable else event & _ACTIVE
            known = state.get(name, 0)
            new = event & ~known
            if not new:
                continue
            state[name] = known | new
            if new & _ACTIVE:
                work.extend(self._edges.get(name, ()))
            if new & (_SHALLOW | _DEEP):
                work.extend(self._written_through(name, new))
        return {name for name, bits in state.items() if bits & _ACTIVE}

    def _written_through(self, name: str, event: int) -> Iterator[tuple[str, int]]:
        """What a store into the object of a name does to the names it shares it with."""
        for source, how in self._sources.get(name, ()):
            if event & _DEEP or how == _PART:
                yield source, _DEEP
            elif how == _SAME:
                yield source, _SHALLOW

    def _find_mutable(self) -> None:
        """Names that may hold an object which can be written into."""
        changed = True
        while changed:
            changed = False
            for name, definitions in self._definitions.items():
                if name not in self._mutable and not all(map(self._is_immutable, definitions)):
                    self._mutable.add(name)
                    changed = True

    def _is_immutable(self, value: gast.AST) -> bool:
        if isinstance(value, gast.Name):
            return value.id in self._definitions and value.id not in self._mutable
        if isinstance(value, (gast.Constant, gast.Compare, gast.JoinedStr)):
            return True
        if isinstance(value, gast.UnaryOp):
            return isinstance(value.op, gast.Not) or self._is_immutable(value.operand)
        if isinstance(value, gast.BinOp):
            return self._is_immutable(value.left) and self._is_immutable(value.right)
        if isinstance(value, gast.Attribute):
            return value.attr in INACTIVE_ATTRIBUTES
        if isinstance(value, gast.Subscript):
            return self._is_immutable(value.value)
        if isinstance(value, gast.Call) and isinstance(value.func, gast.Name):
            return value.func.id in _IMMUTABLE_CALLS and value.func.id not in self._locals
        return False

    # -- gathering ----------------------------------------------------------------------------

    def _visit(self, node: gast.AST) -> None:
        match node:
            case gast.Assign():
                for target in node.targets:
                    self._bind(target, node.value)
                self._share(node.targets, node.value)
            case gast.AnnAssign(value=gast.AST()):
                self._bind(node.target, node.value)
            case gast.AugAssign():
                self._augment(node)
            case gast.NamedExpr():
                self._bind(node.target, node.value)
            case gast.For() | gast.comprehension():
                self._bind_items(node.target, node.iter)
            case gast.withitem(optional_vars=gast.AST()):
                self._bind(node.optional_vars, node.context_expr)
            case gast.Match():
                for name in tree.names_written([case.pattern for case in node.cases]):
                    self._bind_part(tree.store(name), node.subject)
            case gast.FunctionDef() | gast.AsyncFunctionDef() | gast.ClassDef():
                self._capture(node)
                self._visit_outside(node)
            case gast.Lambda():
                self._visit_outside(node)
            case gast.Call():
                self._call(node)

    def _visit_outside(self, node: gast.AST) -> None:
        """What a function defined inside evaluates where it is made: its defaults."""
        for item in tree.own_scope(tree.outside_parts(node)):
            self._visit(item)

    def _edge(self, reads: Iterable[str], name: str, effect: int) -> None:
        for read in reads:
            self._edges.setdefault(read, []).append((name, effect))

    def _reads(self, *values: gast.AST) -> list[str]:
        return [name for value in values for name in differentiable_names(value, self._is_zero)]

    def _bind(self, target: gast.AST, value: gast.AST) -> None:
        """`target = value`."""
        if isinstance(target, gast.Starred):
            self._bind_part(target.value, value)
        elif isinstance(target, (gast.Tuple, gast.List)):
            if pairs_up(target, value):
                for item, part in zip(target.elts, value.elts, strict=True):
                    self._bind(item, part)
            else:
                for item in target.elts:
                    self._bind_part(item, value)
        elif isinstance(target, gast.Name):
            self._edge(self._reads(value), target.id, _ACTIVE)
            self._sources.setdefault(target.id, []).extend(self._sources_of(value))
            self._definitions.setdefault(target.id, []).append(value)
        else:
            self._store_into(target, value)

    def _bind_part(self, target: gast.AST, whole: gast.AST) -> None:
        """`target` becomes an item of `whole`."""
        if isinstance(target, gast.Starred):
            target = target.value
        if isinstance(target, (gast.Tuple, gast.List)):
            for item in target.elts:
                self._bind_part(item, whole)
        else:
            self._bind(target, tree.subscript(whole, tree.const(0)))

    def _bind_items(self, target: gast.AST, iterable: gast.AST) -> None:
        """`for target in iterable`."""
        for part, value in items_bound(target, iterable, self._locals):
            if isinstance(value, gast.Constant):
                self._bind(part, value)
            else:
                self._bind_part(part, value)

    def _share(self, targets: list[gast.AST], value: gast.AST) -> None:
        """`a = b = value`: the names share the object."""
        names = [target.id for target in targets if isinstance(target, gast.Name)]
        if len(targets) > 1 and not isinstance(value, gast.Constant):
            for left, right in zip(names, names[1:] + names[:1], strict=True):
                self._sources.setdefault(left, []).append((right, _SAME))
                self._edge([left], right, _ACTIVE)

    def _augment(self, node: gast.AugAssign) -> None:
        target = node.target
        if isinstance(target, gast.Name):
            reads = self._reads(node.value)
            self._edge(reads, target.id, _ACTIVE)
            self._edge(reads, target.id, _SHALLOW)
            self._definitions.setdefault(target.id, []).append(node.value)
        else:
            # An array that stands there is written into, and others may hold it as well.
            self._store_into(target, node.value, _DEEP)

    def _store_into(self, target: gast.AST, value: gast.AST, effect: int = _SHALLOW) -> None:
        """`base[index] = value` or `base.attr = value`."""
        base = target.value
        if not isinstance(base, gast.Name):
            effect = _DEEP
        reads = self._reads(value)
        held = [(name, _HOLDS) for name, _ in self._sources_of(value)]
        for name, _ in self._sources_of(base):
            self._edge(reads, name, effect)
            self._mutable.add(name)
            self._sources.setdefault(name, []).extend(held)

    def _capture(self, node: gast.AST) -> None:
        """A nested function or class holds what it reads."""
        captured = [name for name in tree.names_read(node) if name in self._locals]
        if isinstance(node, gast.FunctionDef):
            # What it assigns there is changed by whoever calls it.
            outside = [name for name in assigned_outside(node) if name in self._locals]
            self._mutable.update(outside)
            captured = list(dict.fromkeys([*captured, *outside]))
        self._edge(captured, node.name, _ACTIVE)
        self._mutable.add(node.name)
        self._sources.setdefault(node.name, []).extend((name, _PART) for name in captured)

    def _call(self, node: gast.Call) -> None:
        """What a call may write into."""
        function = node.func
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        for keyword in node.keywords:
            if keyword.arg == "out":
                # The array of a method is read as well: `x.sum(out=a)`.
                self._write([keyword.value], self._reads(function, *values), _SHALLOW)
        if self._is_zero(function):
            return
        if isinstance(function, gast.Attribute) and self._is_local(function.value):
            self._method(function, values)
        elif self._writes_first(function) and node.args and not isinstance(node.args[0], gast.Starred):
            self._write(values[:1], self._reads(*values[1:]), _SHALLOW)
        elif not self._is_pure(function) and not self._builds(function):
            self._write([function, *values], self._reads(function, *values), _DEEP)

    def _method(self, function: gast.Attribute, values: list[gast.AST]) -> None:
        if function.attr in _PURE_METHODS:
            return
        if function.attr not in WRITERS:
            writes = [function.value, *values]
            self._write(writes, self._reads(*writes), _DEEP)
            return
        self._write([function.value], self._reads(*values), _SHALLOW)
        held = [(name, _HOLDS) for value in values for name, _ in self._sources_of(value)]
        for name, _ in self._sources_of(function.value):
            self._sources.setdefault(name, []).extend(held)

    def _write(self, objects: list[gast.AST], reads: list[str], effect: int) -> None:
        """Some objects are written into when one of `reads` is active."""
        for item in objects:
            for name, how in self._sources_of(item):
                if name in self._locals:
                    self._edge(reads, name, effect if how == _SAME else _DEEP)

    def _is_local(self, receiver: gast.AST) -> bool:
        root = root_name(receiver)
        return root is None or root in self._locals

    def _builds(self, function: gast.AST) -> bool:
        """Whether this is one of Python's own functions that never write into an argument."""
        return isinstance(function, gast.Name) and function.id in _HARMLESS - self._locals

    def _sources_of(self, value: gast.AST) -> list[tuple[str, str]]:
        """The names whose objects a value may be, be part of, or hold."""
        match value:
            case gast.Name():
                return [(value.id, _SAME)]
            case gast.Attribute() if value.attr in INACTIVE_ATTRIBUTES:
                return []
            case gast.Attribute() | gast.Subscript() | gast.Starred():
                return [(name, _PART) for name, _ in self._sources_of(value.value)]
            case gast.Call():
                return self._call_sources(value)
            case gast.Tuple() | gast.List() | gast.Set():
                return self._held(value.elts)
            case gast.Dict():
                return self._held(value.values)
            case gast.BinOp():
                return self._held([value.left, value.right])
            case gast.IfExp():
                return self._sources_of(value.body) + self._sources_of(value.orelse)
            case gast.BoolOp():
                return [source for item in value.values for source in self._sources_of(item)]
            case gast.NamedExpr():
                return [*self._sources_of(value.value), (value.target.id, _SAME)]
            case gast.DictComp():
                return self._held([value.value])
            case gast.ListComp() | gast.SetComp() | gast.GeneratorExp():
                return self._held([value.elt])
            case gast.Lambda():
                return [(name, _PART) for name in tree.names_read(value) if name in self._locals]
        return []

    def _call_sources(self, value: gast.Call) -> list[tuple[str, str]]:
        if self._is_zero(value.func) or self._is_fresh(value.func):
            return []
        parts = [value.func, *value.args, *(keyword.value for keyword in value.keywords)]
        return [
            (name, _PART)
            for part in parts
            for name, _ in self._sources_of(part)
            if name in self._locals
        ]

    def _held(self, values: Iterable[gast.AST]) -> list[tuple[str, str]]:
        return [(name, _HOLDS) for value in values for name, _ in self._sources_of(value)]


_HARMLESS: Final = frozenset(
    {"abs", "all", "any", "bool", "complex", "dict", "divmod", "enumerate", "filter", "float",
     "format", "int", "isinstance", "iter", "len", "list", "map", "max", "min", "pow", "print",
     "range", "repr", "reversed", "round", "set", "sorted", "str", "sum", "tuple", "type", "zip"}
)  # fmt: skip


def root_name(node: gast.AST) -> str | None:
    """The name at the root of `name.attr[index]...`, None where there is none.

    >>> root_name(tree.expression("a.b[0].c"))
    'a'
    """
    while isinstance(node, (gast.Attribute, gast.Subscript, gast.Starred)):
        node = node.value
    return node.id if isinstance(node, gast.Name) else None


def is_method_of_object(function: gast.AST, active: Container[str]) -> bool:
    """Whether what is called is a method of an object that may hold active values, and no array or container.

    >>> [is_method_of_object(tree.expression(e), {"q"}) for e in ("q.step", "q.parts[0].step", "q.sum", "r.step")]
    [True, True, False, False]
    """
    return (
        isinstance(function, gast.Attribute)
        and function.attr not in KNOWN_METHODS
        and root_name(function.value) in active
    )


def pairs_up(target: gast.AST, value: gast.AST) -> bool:
    """Whether `a, b = c, d` assigns item by item."""
    return (
        isinstance(value, (gast.Tuple, gast.List))
        and len(target.elts) == len(value.elts)
        and _no_star(target.elts + value.elts)
    )


def _no_star(items: Iterable[gast.AST]) -> bool:
    return not any(isinstance(item, gast.Starred) for item in items)
