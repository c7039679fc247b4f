"""Which names may share memory: one class for all that may be reached from one another.

Two names are in one class where a store through one may be seen through the other: copies of
references, views, containers and what is put into them. Classes are unions (Steensgaard's analysis:
flow-insensitive, almost linear). What shares nothing: the results of arithmetic, of functions known
to allocate, and values that surely are scalars.

Needs: `calls`; kinds make it sharper and are not required. Produces: `Classes`.

>>> from tangent_sct.core import tree
>>> classes = alias_classes(tree.statements('''
... y = x * 2.0
... v = y[1:]
... w = v
... pair = (w, z)
... s = y + z
... '''), {})
>>> classes.members("y"), classes.members("s")
(('y', 'v', 'w', 'pair', 'z'), ('s',))
>>> classes.escapes("z"), classes.escapes("s")
(True, False)
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

import gast
import numpy as np

from tangent_sct.analysis.calls import CallFacts, Calls
from tangent_sct.analysis.indices import surely_fancy
from tangent_sct.analysis.kinds.plain import plain_kinds
from tangent_sct.analysis.outside import may_change, reached, shares_parts
from tangent_sct.core import tree
from tangent_sct.core.kind import UNKNOWN, Kind
from tangent_sct.core.unions import Unions
from tangent_sct.frontend.namespace import MISSING, meaning

KindOf = Callable[[gast.AST], Kind]
Family = Literal["number", "container"]

_DISPLAYS = (gast.Tuple, gast.List, gast.Set)
_CONTAINERS = (*_DISPLAYS, gast.Dict, *tree.COMPREHENSIONS)
_IMMUTABLE = (
    types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type, int, float, complex, str,
    bytes, type(None), range, slice, np.generic, np.dtype, np.ufunc,
)  # fmt: skip
_WITH_ATTRIBUTES = (types.ModuleType, types.FunctionType, type)
"""What of these may change nevertheless, where a program assigns attributes: they have no other state."""
_CHANGING = tuple(kind for kind in _IMMUTABLE if kind not in _WITH_ATTRIBUTES)
DESCRIPTIONS = frozenset(("shape", "ndim", "size", "dtype", "itemsize", "nbytes", "strides"))
"""Attributes of an array that hold none of its memory."""
_NUMBERS = frozenset((gast.Constant, gast.UnaryOp, gast.Compare))
_ATOMS = frozenset((gast.Name, gast.Constant))
_FLOW = (gast.If, gast.While, gast.AugAssign, gast.Expr, gast.Return)
_OBSERVING = (gast.Assert, gast.Raise, gast.Delete, gast.Return, gast.Pass, gast.Break)


class Classes:
    """Alias classes of the names of a program, found when they are first asked for."""

    def __init__(self, builder: _Builder, body: Sequence[gast.AST]) -> None:
        self._builder = builder
        self._body = body

    @cached_property
    def _learned(self) -> _Builder:
        """Knows what names surely hold."""
        for statement in tree.every_statement(self._body):
            self._builder.learn_family(statement)
        return self._builder

    @cached_property
    def _unions(self) -> Unions[str]:
        builder = self._learned
        for statement in tree.every_statement(self._body):
            builder.statement(statement)
        builder.close()
        return builder.unions

    @cached_property
    def _escaped(self) -> set[str]:
        unions = self._unions
        return set(map(unions.find, self._builder.escaped))

    @cached_property
    def _members(self) -> dict[str, list[str]]:
        return self._unions.sets()

    def find(self, name: str) -> str:
        """The name that stands for the class of a name."""
        return self._unions.find(name)

    def members(self, name: str) -> tuple[str, ...]:
        """All names of the class of a name, in the order of the program; itself included."""
        return tuple(self._members.get(self.find(name), (name,)))

    def members_of_variables(self, name: str) -> Iterator[str]:
        """All names of the classes of the variables that a module, a class or a function has, given by its name."""
        if isinstance(self._builder.namespace.get(name), _WITH_ATTRIBUTES):
            for place in self._variables:
                if place.startswith(f"{name}."):
                    yield from self.members(place)

    def same(self, left: str, right: str) -> bool:
        """Whether two names may share memory."""
        return self.find(left) == self.find(right)

    def escapes(self, name: str) -> bool:
        """Whether what a name holds may be seen by code outside of the program.

        Parameters, free names, captured names, what is handed to a call of which nothing is known,
        and what comes from one.
        """
        escaped = self._escaped
        return name not in self._builder.bound or self.find(name) in escaped

    def from_outside(self) -> set[str]:
        """Free names of what may change, and names of what calls gave of which nothing is known."""
        known = self._learned
        free = {n for n in known.namespace if not isinstance(known.namespace[n], known.fixed)}
        return free | self._variables | known.handed_in

    @cached_property
    def _variables(self) -> set[str]:
        """The texts of variables of modules and classes that may change, and that the program mentions."""
        namespace, found = self._builder.namespace, set[str]()
        for statement in tree.every_statement(self._body):
            for item in (item for part in tree.own_parts(statement) for item in tree.walk(part)):
                if type(item) is gast.Attribute:
                    if may_change(meaning(item, namespace)):
                        found.add(tree.text(item))
        return found

    def sources(self, expression: gast.AST) -> tuple[str, ...]:
        """Names whose memory the value of an expression may share or hold."""
        if isinstance(expression, gast.Name) and self._builder.is_scalar(expression):
            return ()
        return tuple(dict.fromkeys(self._learned.sources(expression)))

    def family(self, expression: gast.AST) -> Family | None:
        """Whether a value surely is a number (or array) or a container; None when unknown."""
        return self._learned.family(expression)

    def runs_code(self, call: gast.Call) -> bool:
        """Whether a call runs through something whose items come from code that may do more than compute."""
        return any(map(self._learned.is_lazy, self._builder.calls.runs_through(call)))


def alias_classes(
    body: Sequence[gast.AST],
    namespace: Mapping[str, Any],
    kind_of: KindOf | None = None,
    calls: Calls | None = None,
    joins: bool = False,
) -> Classes:
    """The alias classes of a program.

    Args:
        body: its statements; a name that is read and never bound is a parameter or a free name.
        namespace: objects of the free names.
        kind_of: kinds of expressions, where they are known.
        calls: what calls do, where a `Calls` for this namespace is at hand.
        joins: whether containers are joined by operators, so that one on values of which nothing is known may.

    >>> alias_classes(tree.statements("b = a"), {}).same("a", "b")
    True
    """
    calls = calls or Calls(namespace)
    plain = set(plain_kinds(body, namespace, calls))
    changes = any(
        _assigns_attribute(statement) or _hands_out(statement, namespace) for statement in tree.every_statement(body)
    )
    fixed = _CHANGING if changes else _IMMUTABLE
    builder = _Builder(namespace, kind_of, calls, plain, fixed)
    builder.joins = joins
    return Classes(builder, body)


def _assigns_attribute(statement: gast.AST) -> bool:
    """Whether a statement assigns to an attribute, by itself or by `setattr`."""
    if type(statement) is gast.Assign:
        return any(isinstance(part, gast.Attribute) for target in statement.targets for part in _targets(target))
    if type(statement) is gast.AugAssign:
        return isinstance(statement.target, gast.Attribute)
    if type(statement) is gast.Expr and isinstance(statement.value, gast.Call):
        return tree.is_name(statement.value.func, "setattr") or tree.is_name(statement.value.func, "delattr")
    return type(statement) is gast.Delete and not all(isinstance(t, gast.Name) for t in statement.targets)


def _hands_out(statement: gast.AST, namespace: Mapping[str, Any]) -> bool:
    """Whether a module, or a class that has variables, is a value in a statement, so that it gets another name."""
    pending = list(tree.own_parts(statement))
    while pending:
        node = pending.pop()
        if type(node) is gast.Name:
            held = namespace.get(node.id)
            if isinstance(held, types.ModuleType) or (isinstance(held, type) and shares_parts(held)):
                return True
        elif type(node) is gast.Attribute:
            if type(node.value) is not gast.Name:
                pending.append(node.value)
        elif type(node) is gast.Call:
            pending += node.args
            pending += (keyword.value for keyword in node.keywords)
            pending += [] if type(node.func) is gast.Name else [node.func]
        else:
            pending += tree.children(node)
    return False


def _targets(target: gast.AST) -> Iterator[gast.AST]:
    """A target, or the targets that it is made of."""
    if isinstance(target, (gast.Tuple, gast.List)):
        for item in target.elts:
            yield from _targets(item)
    else:
        yield target.value if isinstance(target, gast.Starred) else target


def returns_own(function: gast.FunctionDef, namespace: Mapping[str, Any]) -> bool:
    """Whether what a function returns surely shares memory with nothing that it is given or that others see.

    >>> [returns_own(node, {}) for node in tree.statements('''
    ... def double(x):
    ...     y = x * 2.0
    ...     return y, y[1:]
    ... def same(x):
    ...     y = x[1:]
    ...     return y
    ... ''')]
    [True, False]
    """
    classes = alias_classes(function.body, namespace)
    returned = [node.value for node in tree.every_statement(function.body) if isinstance(node, gast.Return)]
    return all(value is not None and not any(map(classes.escapes, classes.sources(value))) for value in returned)


def names_returned(function: gast.FunctionDef, namespace: Mapping[str, Any]) -> Iterator[str]:
    """Names of all that what a function returns, or yields, may share memory with.

    >>> (node,) = tree.statements('''
    ... def row(i):
    ...     rows = TABLE
    ...     return rows[i]
    ... ''')
    >>> sorted(names_returned(node, {"TABLE": [1, 2]}))
    ['TABLE', 'rows']
    """
    classes = alias_classes(function.body, namespace)
    for node in (item for statement in function.body for item in tree.walk(statement)):
        if isinstance(node, (gast.Return, gast.Yield, gast.YieldFrom)) and node.value is not None:
            for source in classes.sources(node.value):
                yield from classes.members(source)


class _Builder:
    def __init__(
        self, namespace: Mapping[str, Any], kind_of: KindOf | None, calls: Calls, plain: set[str],
        fixed: tuple[type, ...],
    ) -> None:  # fmt: skip
        self.namespace = namespace
        self.kind_of = kind_of
        self.calls = calls
        self.plain = plain
        """Free names of what holds only numbers and texts, and is only read."""
        self.fixed = fixed
        """The classes of objects from outside that stay as they are."""
        self.unions = Unions[str]()
        """The classes; of each, the name that is first in the program stands for it."""
        self.bound: set[str] = set()
        self.escaped: set[str] = set()
        self.families: dict[str, Family | None] = {}
        self.lazy: set[str] = set()
        """Names of what may run code when it is run through."""
        self.handed_in: set[str] = set()
        """Names of what calls gave of which nothing is known."""
        self.joins = False
        self._kinds: dict[str, Kind] = {}

    def kind(self, node: gast.AST) -> Kind:
        """What is known of a value; a name is asked of once."""
        if self.kind_of is None:
            return UNKNOWN
        if type(node) is not gast.Name:
            return self.kind_of(node)
        known = self._kinds.get(node.id)
        if known is None:
            known = self._kinds[node.id] = self.kind_of(node)
        return known

    def close(self) -> None:
        """Parameters and free names are seen by others; several of them may mean the same memory."""
        free = [name for name in self.unions if name not in self.bound]
        self.escaped.update(free)
        objects = {name: value for name, value in self.namespace.items() if name not in self.bound}
        # A place that is known by its text: `module.weights`.
        places = [name for name in free if not (name.isidentifier() or name.endswith(")"))]
        objects.update((name, meaning(tree.expression(name), self.namespace)) for name in places)
        mutable = {
            n: o for n, o in objects.items()
            if o is not MISSING and (not isinstance(o, self.fixed) or (n in self.unions and shares_parts(o)))
        }  # fmt: skip
        for module in [name for name, held in mutable.items() if isinstance(held, types.ModuleType)]:
            self.unions.unite(module, *(place for place in places if place.startswith(f"{module}.")))
        first: dict[int, str] = {}
        for name, held in mutable.items() if len(mutable) > 1 else ():
            for key in reached(held):
                if first.setdefault(key, name) != name:
                    self.unions.unite(first[key], name)

    # -- numbers and containers -----------------------------------------------------------------

    def learn_family(self, node: gast.AST) -> None:
        """Note what a name surely holds; a name bound in different ways holds nothing for sure."""
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            name = node.targets[0].id
            if self.is_lazy(node.value):
                self.lazy.add(name)
            if isinstance(node.value, gast.Call) and self.calls.facts(node.value).effect == "unknown":
                self.handed_in.add(name)
            if self.kind_of is not None and self._family_by_kind(node.targets[0]) is not None:
                # Nobody asks what it was given.
                return
            family = self.family(node.value)
            if name in self.families and self.families[name] != family:
                family = None
            self.families[name] = family
        elif isinstance(node, gast.For):
            self.families.update(dict.fromkeys(tree.names_written(node.target)))
        elif isinstance(node, gast.With):
            bound = [item.optional_vars for item in node.items if item.optional_vars is not None]
            self.families.update(dict.fromkeys(tree.names_written(bound)))
        elif not isinstance(node, _FLOW):
            self.families.update(dict.fromkeys(tree.names_written(node)))

    def is_lazy(self, node: gast.AST) -> bool:
        """Whether a value may be an iterator, or another object, that runs code of which little is known.

        >>> classes = alias_classes(tree.statements("it = (a.sort() for i in b)"), {"list": list})
        >>> classes.runs_code(tree.expression("list(it)")), classes.runs_code(tree.expression("list(b)"))
        (True, False)
        """
        if isinstance(node, gast.Name):
            return node.id in self.lazy
        if isinstance(node, gast.GeneratorExp):
            return self.calls.has_effect(node)
        if not isinstance(node, gast.Call) or self.kind(node).family in ("scalar", "array", "list", "tuple"):
            return False
        return self.calls.facts(node).effect == "unknown" or any(map(self.is_lazy, self.calls.runs_through(node)))

    def family(self, node: gast.AST) -> Family | None:
        shape = type(node)
        if shape in _NUMBERS:
            return "number"
        if shape in _CONTAINERS:
            return "container"
        if shape is gast.BinOp:
            return self._family_of_arithmetic(node)
        known = self._family_by_kind(node) if self.kind_of is not None else None
        if known is not None:
            return known
        if shape is gast.Name:
            return self.families.get(node.id)
        if shape is gast.Call:
            facts = self.calls.facts(node)
            if facts.is_number and not self._may_be_container_method(facts):
                return "number"
            if self.calls.makes_container(node):
                return "container"
        return None

    def _family_by_kind(self, node: gast.AST) -> Family | None:
        family = self.kind(node).family
        if family == "scalar" or family == "array":
            return "number"
        return "container" if family in ("tuple", "list", "dict") else None

    def _family_of_arithmetic(self, node: gast.BinOp) -> Family | None:
        if not isinstance(node.op, (gast.Add, gast.Mult, gast.BitOr)):
            return "number"
        left, right = self.family(node.left), self.family(node.right)
        if left == "container" or right == "container":
            return "container"
        if isinstance(node.op, (gast.Add, gast.BitOr)) and left != right:
            # A number times a list is a list; a number plus a list is an error. `|` joins dicts.
            return "number"
        return left if left == right else None

    def _may_join(self, node: gast.BinOp) -> bool:
        """Whether an operator may join containers: those that are known, and what came from unknown calls."""
        family = self.family(node)
        if family is not None or self.joins:
            return family != "number"
        return not self.handed_in.isdisjoint(tree.names_read(node))

    def _may_be_container_method(self, facts: CallFacts) -> bool:
        """Whether a method, known for arrays, may be called on something else."""
        # Keys are nothing that is written into.
        return facts.method not in (None, "keys") and self.family(facts.operands[0]) != "number"

    def is_scalar(self, node: gast.AST) -> bool:
        return self.kind_of is not None and self.kind(node).family == "scalar"

    # -- expressions ----------------------------------------------------------------------------

    def sources(self, node: gast.AST) -> Iterator[str]:
        """Names whose memory a value may share or hold; see `Classes.sources`."""
        if getattr(node, "brief", False):
            return
        if isinstance(node, gast.Name):
            yield from self._name(node)
        elif isinstance(node, (gast.Subscript, gast.Attribute)):
            yield from self._part(node)
        elif isinstance(node, gast.Call):
            facts = self.calls.facts(self.calls.without_key(node))
            shared = facts.shared()
            if facts.effect == "unknown" and not self.is_scalar(node) and self.calls.is_python(node):
                # It may give the same object each time: one that is known there by a name of its own.
                outside = tree.text(node.func) + "()"
                self.escaped.add(outside)
                yield outside
            if not self.is_scalar(node):
                yield from self._handed_out(node)
                if isinstance(node.func, gast.Name) and shares_parts(self.namespace.get(node.func.id)):
                    # A new object has the attributes of its class.
                    yield node.func.id
            if self._may_be_container_method(facts):
                shared = facts.operands
            if shared and not self.is_scalar(node) and not self._makes_new(node, facts):
                for operand in shared:
                    yield from self.sources(operand)
        elif isinstance(node, gast.BinOp):
            if self._may_join(node):
                yield from self.sources(node.left)
                yield from self.sources(node.right)
        elif isinstance(node, tree.COMPREHENSIONS) or isinstance(node, gast.Lambda):
            if not isinstance(getattr(node, "elt", None), gast.Constant) and not self._holds_only_constants(node):
                yield from self._read_in(node)
        elif isinstance(node, gast.Dict):
            for item in (*node.keys, *node.values):
                if item is not None:
                    yield from self.sources(item)
        elif isinstance(node, (*_DISPLAYS, gast.BoolOp)):
            for item in node.values if isinstance(node, gast.BoolOp) else node.elts:
                yield from self.sources(item)
        elif isinstance(node, gast.IfExp):
            yield from self.sources(node.body)
            yield from self.sources(node.orelse)
        elif isinstance(node, gast.NamedExpr):
            yield node.target.id
            yield from self.sources(node.value)
        elif isinstance(node, (gast.Starred, gast.Await)):
            yield from self.sources(node.value)

    def _handed_out(self, node: gast.Call) -> Iterator[str]:
        """Names of objects from outside of which what a call gives may be a part."""
        plain = [self.namespace[name] for name in self.plain]
        handed_out = self.calls.handed_out(node, names_returned)
        objects = [known for known in handed_out if not any(known is container for container in plain)]
        if objects:
            outside = tree.text(node.func) + "()"
            names = [name for name, known in self.namespace.items() if any(known is held for held in objects)]
            self.escaped.update((outside, *names))
            yield from (outside, *names)

    def _makes_new(self, node: gast.Call, facts: CallFacts) -> bool:
        """Whether kinds tell that a call makes a copy.

        Of complex numbers their conjugates are one, while a real array is its own conjugate; of an array with axes
        a transform is one, and of a vector the matrix with this diagonal.
        """
        if self.kind_of is None:
            return False
        if facts.unless is not None:
            rank = self.kind(facts.operands[0]).rank
            return rank == 1 if facts.unless == "vector" else bool(rank)
        if facts.method not in ("conj", "conjugate"):
            return False
        return self.kind(node).is_complex is True

    def _name(self, node: gast.Name) -> Iterator[str]:
        if node.id in self.namespace:
            if node.id not in self.plain and not isinstance(self.namespace[node.id], self.fixed):
                self.escaped.add(node.id)
                yield node.id
        elif not self.is_scalar(node):
            yield node.id

    def _holds_only_constants(self, node: gast.AST) -> bool:
        """Whether a dict is made of one number, or one text, by keys that are numbers or texts."""
        if not isinstance(node, gast.DictComp) or self.kind_of is None:
            return False
        if not isinstance(node.value, gast.Constant) and not self.is_scalar(node.value):
            return False
        named = [generator for generator in node.generators if isinstance(generator.target, gast.Name)]
        plain = {generator.target.id for generator in named if self._gives_plain(generator.iter)}
        return isinstance(node.key, gast.Constant) or tree.is_one_of(node.key, plain)

    def _gives_plain(self, iterable: gast.AST) -> bool:
        """Whether a loop binds nothing but numbers and texts."""
        if isinstance(iterable, gast.Call):
            return self.calls.meaning(iterable.func) is range
        outside = self.namespace.get(iterable.id) if isinstance(iterable, gast.Name) else None
        if type(outside) is dict:
            return all(isinstance(key, (str, int, float)) for key in outside)
        kind = self.kind(iterable)
        if kind.family == "dict":
            return kind.items is not None and all(isinstance(key, (str, int, float)) for key, _ in kind.items)
        if kind.items is not None:
            return all(item.is_scalar or item.is_text for _, item in kind.items)
        element = kind.element
        return kind.rank == 1 or (element is not None and (element.is_scalar or element.is_text))

    def _read_in(self, node: gast.AST) -> Iterator[str]:
        """Names of what code that runs later reads."""
        for name in tree.names_read(node):
            yield from self._name(tree.load(name))

    def _part(self, node: gast.Subscript | gast.Attribute) -> Iterator[str]:
        if isinstance(node, gast.Attribute):
            if node.attr in DESCRIPTIONS:
                return
            held = meaning(node, self.namespace)
            if held is not MISSING and not isinstance(held, self.fixed):
                # The variable of a module: it is known there by a name of its own.
                self.escaped.add(tree.text(node))
                yield tree.text(node)
                return
        elif surely_fancy(node.slice, self.kind, self.kind(node.value)):
            return
        if not self.is_scalar(node):
            yield from self.sources(node.value)

    def leaks(self, node: gast.AST, into: gast.AST | None = None) -> None:
        """Join and mark what the calls inside an expression may keep or hand to one another.

        Args:
            node: the expression.
            into: the target that its value is bound to.
        """
        if type(node) is gast.BinOp:
            if type(node.left) in _ATOMS and type(node.right) in _ATOMS:
                return
        for inner in tree.walk(node):
            kind = type(inner)
            if kind in _ATOMS or kind is gast.BinOp:
                continue
            if kind is gast.Call:
                self._leaks_of_call(self.calls.facts(self.calls.without_key(inner)), into)
            elif isinstance(inner, (gast.Lambda, gast.GeneratorExp)):
                self.escaped.update(self._read_in(inner))
                self._run_through(inner)
            elif isinstance(inner, tree.COMPREHENSIONS):
                self._run_through(inner)
            elif isinstance(inner, gast.NamedExpr):
                self.bound.add(inner.target.id)
                self.unions.unite(inner.target.id, *self.sources(inner.value))

    def _run_through(self, node: gast.AST) -> None:
        """Join the variables of a comprehension that has effects with what it runs through."""
        generators = getattr(node, "generators", ())
        if generators and self.calls.has_effect(node):
            for generator in generators:
                # They are variables of the comprehension alone, not of the program.
                self.unions.unite(*tree.names_written(generator.target), *self.sources(generator.iter))

    def _leaks_of_call(self, facts: CallFacts, into: gast.AST | None) -> None:
        if facts.effect not in ("unknown", "writes") or (facts.effect == "writes" and facts.shares == "none"):
            return
        reached = facts.operands if facts.effect == "unknown" else facts.shared()
        held = [name for operand in reached for name in self.sources(operand)]
        if facts.effect == "unknown":
            self.escaped.update(held)
            self.escaped.update(tree.names_written(into) if into is not None else ())
        elif facts.operands and self.family(facts.operands[0]) == "number":
            # A store into an array copies numbers.
            return
        self.unions.unite(*held)

    # -- statements -----------------------------------------------------------------------------

    def statement(self, node: gast.AST) -> None:
        if isinstance(node, gast.Assign):
            self.leaks(node.value, node.targets[0])
            for target in node.targets:
                self.bind(target, node.value)
        elif isinstance(node, gast.AugAssign):
            self.leaks(node.value)
            if self.family(node.value) == "container":
                self.bind(node.target, node.value)
            elif isinstance(node.target, gast.Name):
                self.unions.meet(node.target.id)
        elif isinstance(node, gast.For):
            self.leaks(node.iter, node.target)
            self.bind(node.target, node.iter)
        elif isinstance(node, (gast.If, gast.While)):
            self.leaks(node.test)
        elif isinstance(node, gast.With):
            for item in node.items:
                self.leaks(item.context_expr, item.optional_vars)
                if item.optional_vars is not None:
                    self.bind(item.optional_vars, item.context_expr)
        elif isinstance(node, (gast.Expr, *_OBSERVING)):
            for child in tree.children(node):
                self.leaks(child)
        elif isinstance(node, (gast.Import, gast.ImportFrom)):
            self.bound.update(tree.names_written(node))
        else:
            self.opaque(node)

    def bind(self, target: gast.AST, value: gast.AST) -> None:
        """The effect of an assignment on the classes."""
        if isinstance(target, (gast.Tuple, gast.List)):
            for item in target.elts:
                self.bind(item, value)
        elif isinstance(target, gast.Starred):
            self.bind(target.value, value)
        elif isinstance(target, gast.Name):
            self.bound.add(target.id)
            if self.is_scalar(target):
                self.unions.meet(target.id)
            else:
                self.unions.unite(target.id, *self.sources(value))
        elif isinstance(target, (gast.Subscript, gast.Attribute)):
            # A store into an array copies numbers; one into a container or an object keeps them.
            if isinstance(target, gast.Attribute) or self.family(target.value) != "number":
                self.unions.unite(*self.sources(target.value), *self.sources(value))

    def opaque(self, node: gast.AST) -> None:
        """Of a statement that is kept whole nothing is known but its names."""
        written = tree.names_written(node)
        self.bound.update(written)
        mentioned = dict.fromkeys((*written, *tree.names_read(node)))
        names = [found for name in mentioned for found in self._name(tree.load(name))]
        self.escaped.update(names)
        self.unions.unite(*names)
