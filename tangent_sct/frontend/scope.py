"""What the rewriting of a function knows of its names."""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, Final

import gast

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.frontend.active import (
    CHANGERS,
    KNOWN_METHODS,
    ZeroTest,
    mentions_active,
    root_name,
)
from tangent_sct.frontend.between import any_writes
from tangent_sct.frontend.inside import declared_inside
from tangent_sct.frontend.namespace import is_library
from tangent_sct.frontend.rules import Lookup

_INDICES: Final = ("i", "j", "k")
_ITERATORS: Final = ("enumerate", "filter", "iter", "map", "reversed", "zip")
_WITH_VALUE: Final = (gast.Assign, gast.AugAssign, gast.AnnAssign, gast.Expr, gast.Return)


MayWrite = Callable[[gast.Call, Mapping[str, Any]], bool]
"""Whether a call may write into what it reaches, told with the objects that free names in its function mean."""


def writes(value: gast.AST, local: Container[str], source: Source, may_write: MayWrite) -> bool:
    """Whether evaluating an expression may write into an array or a container.

    Args:
        value: the expression.
        local: names of the function's own, which mean nothing outside of it.
        source: where free names are looked up.
        may_write: whether a call may.
    """
    for call in tree.walk(value):
        if isinstance(call, gast.Call):
            objects: dict[str, Any] = {}
            for name in tree.names_read(call.func):
                # Variables of a function around have no object.
                with contextlib.suppress(KeyError):
                    if name not in local:
                        objects[name] = source.lookup(name)
            if may_write(call, objects):
                return True
    return False


class Scope:
    """The names of a function while it is rewritten.

    Args:
        function: the function, as the user wrote it.
        active: names that may carry a derivative; names made later are added to a copy.
        is_zero: whether a function, given by the expression that is called, has no derivative.
        names: gives out new names.
        source: where free names are looked up.
        rebound: variables around the function that some function defined inside assigns.
        in_turn: whether items without a derivative are computed when it is their turn, where that may matter.
        may_write: whether a call may write into what it reaches.
        acts: whether to call what a parameter means may do more than compute; None where that is not known.

    Attributes:
        local: the function's own names.
        used: every name that means something in the function's own scope.
        captured: names that a nested function or a lambda reads.
        called: names that are called.
        functions: names of functions defined inside.
        rebound: variables that a function defined inside assigns, so that a call may change them.
        of_comprehensions: variables of comprehensions that lambdas in them read: others each time.
        iterators: names that are given what `zip` and its like make, which have no length.
        only_iterators: those of them that are given nothing else.
    """

    def __init__(
        self,
        function: gast.FunctionDef,
        active: set[str],
        is_zero: ZeroTest,
        names: Names,
        source: Source,
        rebound: Iterable[str] = (),
        in_turn: bool = False,
        may_write: MayWrite = lambda call, objects: False,
        acts: Callable[[gast.AST], bool] | None = None,
    ) -> None:
        self._acts = acts
        self._function = function
        self.active = set(active)
        self.is_zero = is_zero
        self.names = names
        self.source = source
        self.in_turn = in_turn
        self._may_write = may_write
        self.local = {*tree.parameter_names(function), *tree.names_written(function.body)}
        self.used = self.local | set(tree.names_read(function.body))
        self.captured: set[str] = set()
        self.called: set[str] = set()
        self.rebound = {*rebound, *declared_inside(function)}
        self.functions: set[str] = set()
        self.of_comprehensions: set[str] = set()
        self.iterators: set[str] = set()
        self.only_iterators: set[str] = set()
        self._dicts: set[str] = set()
        self._indices: dict[int, str] = {}
        # Of a name that means something else, too, kinds tell what it means where.
        others = set(tree.parameter_names(function))
        for node in tree.walk(function):
            if isinstance(node, gast.Name):
                names.reserve((node.id,))
            elif isinstance(node, tree.SCOPES) and node is not function:
                self.captured.update(tree.names_read(node))
                self.functions.update(tree.names_written(node))
            elif isinstance(node, gast.Call) and isinstance(node.func, gast.Name):
                self.called.add(node.func.id)
            made = self._made_by(node)
            if made is not None:
                made.update(t.id for t in node.targets if isinstance(t, gast.Name))
                others.update(tree.names_written([t for t in node.targets if not isinstance(t, gast.Name)]))
            elif isinstance(node, gast.For):
                others.update(tree.names_written(node.target))
            elif isinstance(node, gast.withitem) and node.optional_vars is not None:
                others.update(tree.names_written(node.optional_vars))
            elif isinstance(node, (gast.Assign, gast.AnnAssign, gast.NamedExpr)):
                others.update(tree.names_written(node))
        self.only_iterators = self.iterators - self._dicts - others
        self._dicts -= others | self.iterators

    def _made_by(self, node: gast.AST) -> set[str] | None:
        """The names that are given iterators, or dicts, if a statement assigns one."""
        if not isinstance(node, gast.Assign):
            return None
        if isinstance(node.value, gast.Call) and self.is_builtin(node.value.func, *_ITERATORS):
            return self.iterators
        return self._dicts if self._makes_dict(node.value) else None

    def mentions(self, expression: gast.AST) -> bool:
        """Whether an expression's value may carry a derivative."""
        return mentions_active(expression, self.active, self.is_zero)

    def fresh(self, base: str, active: bool) -> str:
        """A new local name."""
        name = self.names.fresh(base)
        self.adopt(name, active)
        return name

    def adopt(self, name: str, active: bool) -> None:
        """Make a name one of the function's own."""
        self.names.reserve((name,))
        self.local.add(name)
        if active:
            self.active.add(name)

    def index(self, depth: int) -> str:
        """The index of a loop made by the compiler, one for each depth of nesting."""
        if depth not in self._indices:
            free = [name for name in _INDICES if not self.names.taken(name)]
            self._indices[depth] = self.fresh(free[0] if free else "i", active=False)
        return self._indices[depth]

    def meaning(self, expression: gast.AST) -> Any:
        """The object that a free dotted name means, None where it is no such name."""
        dotted = tree.dotted_name(expression)
        if dotted is None:
            return None
        first, *rest = dotted.split(".")
        if first in self.local:
            return None
        try:
            value = self.source.lookup(first)
        except KeyError:
            return None
        for part in rest:
            value = getattr(value, part, None)
        return value

    def is_builtin(self, function: gast.AST, *names: str) -> bool:
        """Whether a function that is called is one of some builtins."""
        if not isinstance(function, gast.Name) or function.id not in names:
            return False
        return self.meaning(function) is getattr(builtins, function.id)

    def may_write(self, node: gast.AST) -> bool:
        """Whether a statement calls what may write: a function or a method that is not known, or one that does."""
        for call in tree.walk(node):
            if not isinstance(call, gast.Call):
                continue
            function = call.func
            found = self.meaning(function)
            if found is None and isinstance(function, gast.Attribute):
                if function.attr not in KNOWN_METHODS or function.attr in CHANGERS:
                    return True
            elif found is None or not is_library(getattr(found, "__module__", None)):
                return True
        return False

    def writes(self, node: gast.AST) -> bool:
        """The same of an expression, by what the functions that it calls do."""
        return writes(node, self.local, self.source, self._may_write)

    def acts(self, node: gast.AST) -> bool:
        """Whether an expression calls what may do more than compute; of what is defined here the bodies tell."""
        return any(self._may_act(item.func) for item in tree.walk(node) if isinstance(item, gast.Call))

    def _may_act(self, function: gast.AST) -> bool:
        if tree.is_one_of(function, tree.parameter_names(self._function)):
            return self._acts is None or self._acts(function)
        if isinstance(function, gast.Attribute) and root_name(function) in self.local:
            return function.attr not in KNOWN_METHODS or function.attr in CHANGERS
        return any_writes([gast.Call(function, [], [])], Lookup(self.source), self._function)

    def is_dict(self, name: str) -> bool:
        """Whether the function itself makes all dicts, and nothing else, that it gives this name."""
        return name in self._dicts

    def _makes_dict(self, value: gast.AST) -> bool:
        if isinstance(value, gast.Call):
            return self.is_builtin(value.func, "dict")
        return isinstance(value, (gast.Dict, gast.DictComp))

    def may_rebind(self, expression: gast.AST) -> bool:
        """Whether evaluating an expression may call a function that assigns variables around it."""
        return bool(self.rebound) and any(map(self.calls_unknown, tree.walk(expression)))

    def calls_unknown(self, node: gast.AST) -> bool:
        """Whether a node is a call of a function of the program, or one that is handed some."""
        if not isinstance(node, gast.Call):
            return False
        if isinstance(node.func, gast.Attribute) and tree.is_one_of(node.func.value, self.local):
            return node.func.attr not in KNOWN_METHODS
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        if any(isinstance(v, gast.Lambda) or tree.is_one_of(v, self.called | self.functions) for v in values):
            return True
        found = self.meaning(node.func)
        if found is None and isinstance(node.func, gast.Attribute):
            return node.func.attr not in KNOWN_METHODS
        return not is_library(getattr(found, "__module__", None) or "")

    # -- statements ---------------------------------------------------------------------------

    def touches(self, statement: gast.AST) -> bool:
        """Whether a statement reads or writes active data, in any of its blocks."""
        if any(self._writes_active(target) for target in _targets(statement)):
            return True
        if any(self.mentions(value) for value in _values(statement)):
            return True
        return any(self.touches(inner) for block in tree.blocks(statement) for inner in block)

    def _writes_active(self, target: gast.AST) -> bool:
        if isinstance(target, (gast.Tuple, gast.List)):
            return any(map(self._writes_active, target.elts))
        return root_name(target) in self.active


def _targets(statement: gast.AST) -> Iterable[gast.AST]:
    """What a statement itself writes."""
    if isinstance(statement, (gast.Assign, gast.Delete)):
        return tuple(statement.targets)
    if isinstance(statement, (gast.AugAssign, gast.AnnAssign, gast.For, gast.AsyncFor)):
        return (statement.target,)
    if isinstance(statement, (gast.With, gast.AsyncWith)):
        return [item.optional_vars for item in statement.items if item.optional_vars is not None]
    return [tree.store(name) for name in _own_names(statement)]


def _own_names(statement: gast.AST) -> Iterable[str]:
    if isinstance(statement, gast.Match):
        return tree.names_written([case.pattern for case in statement.cases])
    if isinstance(statement, (gast.FunctionDef, gast.AsyncFunctionDef, gast.ClassDef)):
        return (statement.name,)
    return ()


def _values(statement: gast.AST) -> Iterator[gast.AST]:
    """The expressions of a statement whose value may matter to a derivative: tests do not."""
    if isinstance(statement, tree.SCOPES):
        yield from (tree.load(name) for name in tree.names_read(statement))
    elif isinstance(statement, _WITH_VALUE):
        if statement.value is not None:
            yield statement.value
    elif isinstance(statement, (gast.For, gast.AsyncFor)):
        yield statement.iter
    elif isinstance(statement, (gast.With, gast.AsyncWith)):
        yield from (item.context_expr for item in statement.items)
    elif isinstance(statement, gast.Match):
        yield statement.subject
    elif isinstance(statement, gast.Raise):
        yield from (part for part in (statement.exc, statement.cause) if part is not None)
