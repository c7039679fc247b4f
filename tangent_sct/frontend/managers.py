"""Generators of which `contextlib.contextmanager` makes context managers: how often they yield.

    @contextmanager                  def scope_around(inside, a):
    def scope(a):                        inside(0.5 * a)
        yield 0.5 * a                    seen.append("out")
        seen.append("out")

    with scope(a) as u:              def inside(item):
        q = np.sin(u)                    nonlocal q, u
                                         u = item
                                         q = np.sin(u)
                                     scope_around(inside, a)

The block takes the place of the `yield`. That is what Python does: what follows the `yield` comes after the block,
also where this is left by `return`, `break` or `continue`, and an exception in the block is raised where the `yield`
stands. Only a generator that yields once is a context manager; Python raises a RuntimeError where it does not.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Final

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.frontend.active import root_name
from tangent_sct.frontend.bound import bound_names
from tangent_sct.frontend.namespace import meaning
from tangent_sct.frontend.rules import Lookup
from tangent_sct.frontend.source import origin_of_node, source_of_generator, tree_of
from tangent_sct.frontend.yields import Called, is_generator, own_nodes

_TRANSPARENT: Final = frozenset(
    {"numpy.errstate", "numpy.printoptions", "warnings.catch_warnings", "contextlib.nullcontext"}
)
"""Context managers that let every exception pass."""

_HELPER: Final = contextlib.contextmanager(lambda: iter(())).__code__
"""What every function runs that `contextmanager` makes."""


def generator_behind(function: Any) -> FunctionType | None:
    """The generator function of which a function makes context managers; None for other functions."""
    if not isinstance(function, FunctionType) or function.__code__ is not _HELPER:
        return None
    found = getattr(function, "__wrapped__", None)
    return found if isinstance(found, FunctionType) and inspect.isgeneratorfunction(found) else None


_AROUND: Final = "__around"
"""What stands behind the name of a method of which the manager is asked for a block."""


def around(method: str) -> str:
    """The name by which a block is handed to what a method makes a manager of."""
    return method + _AROUND


def manages(call: gast.AST) -> bool:
    """Whether a call hands a block to what a method of an object makes a manager of."""
    return isinstance(call, gast.Call) and isinstance(call.func, gast.Attribute) and call.func.attr.endswith(_AROUND)


def plain_name(method: str) -> str:
    """The name of the method.

    >>> plain_name(around("scaled"))
    'scaled'
    """
    return method.removesuffix(_AROUND)


def plain_method(cls: type, name: str) -> Any:
    """What a class has under a name, to see what calling it does: of a context manager its generator."""
    found = inspect.getattr_static(cls, plain_name(name), None)
    return generator_behind(found) or found


@dataclass(frozen=True)
class Manner:
    """How a generator manages a block.

    Attributes:
        is_sure: whether it surely yields, where it ends without an exception.
        swallows: whether it may catch an exception of the block.
    """

    is_sure: bool
    swallows: bool


def is_managing(decorator: gast.AST, lookup: Mapping[str, Any], own: Container[str]) -> bool:
    """Whether an expression means `contextlib.contextmanager`, where some names are variables."""
    return root_name(decorator) not in own and meaning(decorator, lookup) is contextlib.contextmanager


def with_managers_decorated(function: gast.FunctionDef, lookup: Mapping[str, Any]) -> gast.FunctionDef:
    """A function in which `scope = contextmanager(generator)` behind the generator is a decorated definition.

    So a derivative says it that keeps one. The very same function is returned where there are none.
    """
    own = {*tree.parameter_names(function), *tree.names_written(function.body)}
    managing = functools.partial(is_managing, lookup=lookup, own=own)
    if not any(_decorating(statement, managing) is not None for statement in tree.every_statement(function.body)):
        return function
    reads = Counter(item.id for item in tree.walk(function) if tree.is_name(item) and isinstance(item.ctx, gast.Load))
    new = tree.copy(function)
    new.body = _decorated(new.body, reads, managing)
    return new


def _decorating(node: gast.AST, managing: Callable[[gast.AST], bool]) -> str | None:
    """The function that an assignment makes a context manager of."""
    if not isinstance(node, gast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], gast.Name):
        return None
    call = node.value
    if not isinstance(call, gast.Call) or len(call.args) != 1 or not isinstance(call.args[0], gast.Name):
        return None
    return str(call.args[0].id) if managing(call.func) else None


def _decorated(
    body: list[gast.AST], reads: Counter[str], managing: Callable[[gast.AST], bool]
) -> list[gast.AST]:
    output: list[gast.AST] = []
    for node in body:
        name, before = _decorating(node, managing), output[-1] if output else gast.Pass()
        if name is not None and is_generator(before) and before.name == name and reads[name] == 1:
            definition = tree.like(tree.function(node.targets[0].id, before.args, before.body), before)
            definition.decorator_list = [*before.decorator_list, node.value.func]
            output[-1] = definition
            continue
        for part in ("body", "orelse", "finalbody"):
            if getattr(node, part, None) and not isinstance(node, tree.SCOPES):
                setattr(node, part, _decorated(getattr(node, part), reads, managing))
        output.append(node)
    return output


def lets_pass(function: Any) -> bool:
    """Whether a function surely makes context managers that let every exception pass."""
    return f"{getattr(function, '__module__', '')}.{getattr(function, '__name__', '')}" in _TRANSPARENT


def manner_of(found: Called, around: tuple[Any, ...] = ()) -> Manner:
    """How a generator manages a block.

    Args:
        found: the generator.
        around: others, of which this one stands in a `with`.

    Raises:
        UnsupportedError: where it may yield more than once, or in a way that is not followed.
    """
    worker = _Yielding(found, (*around, found.function))
    ends = worker.block(found.node.body, frozenset({0})) | worker.returned
    if 0 in ends and worker.is_handled:
        # Whether it has yielded would have to be known in the handlers.
        raise UnsupportedError(
            f"the generator `{found.node.name}` is a context manager, and may catch what fails before it yields",
            origin_of_node(found.source, found.node),
            "in a `try` that has handlers, let it yield first: a variable that has been computed before",
        )
    return Manner(0 not in ends, worker.swallows)


class _Yielding:
    """How often a generator may have yielded, place by place."""

    def __init__(self, found: Called, around: tuple[Any, ...]) -> None:
        self._found = found
        self._around = around
        self._own = set(bound_names(found.node))
        self.returned: frozenset[int] = frozenset()
        self.swallows = False
        self.is_handled = False

    def block(self, body: list[gast.AST], before: frozenset[int]) -> frozenset[int]:
        """How often it may have yielded after a block, if the block ends."""
        for node in body:
            before = self._statement(node, before) if before else before
        return before

    def _statement(self, node: gast.AST, before: frozenset[int]) -> frozenset[int]:
        if isinstance(node, gast.Expr) and isinstance(node.value, gast.Yield):
            if before != {0}:
                self._refuse(node, "may yield a second time")
            return frozenset({1})
        if isinstance(node, gast.Try):
            return self._try(node, before)
        for part in tree.own_parts(node):
            if not any(True for _ in tree.blocks(part)) and _yields([part]):
                self._refuse(node, "uses what its `yield` gives, or hands on what another one yields")
        if isinstance(node, gast.Return):
            self.returned |= before
        if isinstance(node, (gast.Return, gast.Raise)):
            return frozenset()
        if isinstance(node, gast.If):
            return self.block(node.body, before) | self.block(node.orelse, before)
        if isinstance(node, gast.With):
            return self._with(node, before)
        for block in tree.blocks(node):
            # Of loops and of `match`.
            if _yields(block):
                self._refuse(node, "yields in a loop or a `match`")
            self.block(block, before)
        return before

    def _with(self, node: gast.With, before: frozenset[int]) -> frozenset[int]:
        after = self.block(node.body, before)
        if all(self._lets_pass(item.context_expr) for item in node.items):
            return after
        self.swallows |= _yields(node.body)
        return self._failed(node.body, before) | after

    def _lets_pass(self, context: gast.AST) -> bool:
        """Whether a context manager that the generator uses itself surely lets every exception pass."""
        if not isinstance(context, gast.Call) or root_name(context.func) in self._own:
            return False
        function = meaning(context.func, Lookup(self._found.source))
        generator = generator_behind(function)
        if generator is None or generator in self._around:
            return lets_pass(function)
        source = source_of_generator(generator)
        manner = manner_of(Called(tree_of(source), source, generator), self._around)
        return manner.is_sure and not manner.swallows

    def _try(self, node: gast.Try, before: frozenset[int]) -> frozenset[int]:
        if _yields(node.finalbody):
            self._refuse(node, "yields in a `finally`")
        outer, self.returned = self.returned, frozenset()
        after = self.block(node.body, before)
        inside, self.returned = self.returned, frozenset()
        handled: frozenset[int] = frozenset()
        failed = self._failed(node.body, before)
        for handler in node.handlers:
            handled |= self.block(handler.body, failed)
        self.is_handled |= _yields(node.body) and bool(handled or self.returned)
        self.swallows |= self.is_handled
        self.returned |= inside | outer
        every = handled | self.block(node.orelse, after)
        self.block(node.finalbody, frozenset({0}))
        return every

    def _failed(self, body: list[gast.AST], before: frozenset[int]) -> frozenset[int]:
        """How often it may have yielded where a block fails."""
        if not _yields(body):
            return before
        first = body[0].value if isinstance(body[0], gast.Expr) else None
        begins = isinstance(first, gast.Yield) and (first.value is None or tree.is_atom(first.value))
        return frozenset({1}) if begins else before | {1}

    def _refuse(self, node: gast.AST, what: str) -> None:
        raise UnsupportedError(
            f"the generator `{self._found.node.name}` is a context manager, and {what}",
            origin_of_node(self._found.source, node),
            "let it yield once, by a statement of its own that stands in no loop",
        )


def _yields(body: list[gast.AST]) -> bool:
    return any(isinstance(item, (gast.Yield, gast.YieldFrom)) for item in own_nodes(body))
