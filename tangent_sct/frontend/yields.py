"""What a generator becomes: a function that is handed what to do with each item, or one that collects them.

Requires: the definition of a generator, as parsed.
"""

from __future__ import annotations
import __future__

import builtins
import inspect
import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, cast
from weakref import WeakKeyDictionary

import gast

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.frontend.above import OWN_CLASS, is_super
from tangent_sct.frontend.lifted import LIFTED
from tangent_sct.frontend.source import origin_of_node
from tangent_sct.runtime import iterators


def is_generator(node: gast.AST) -> bool:
    """Whether a function definition is that of a generator.

    >>> is_generator(tree.statements("def f(): yield 1")[0]), is_generator(tree.statements("def f(): return 1")[0])
    (True, False)
    """
    return isinstance(node, gast.FunctionDef) and any(
        isinstance(item, (gast.Yield, gast.YieldFrom)) for item in own_nodes(node.body)
    )


@dataclass(frozen=True)
class Called:
    """A generator that is called: its definition inside the function, or the object from outside."""

    node: gast.FunctionDef
    source: Source
    function: Any = None


_ENDINGS: Final = {"list": "list", "each": "each", "stop": "each", "around": "around"}
"""What the names of the functions end in that generators become, by what becomes of the items."""

_MADE: WeakKeyDictionary[Callable[..., Any], dict[str, Callable[..., Any]]] = WeakKeyDictionary()
"""The functions made of generators, so that each is one object."""


def name_of(found: Called, form: str) -> str:
    """What the function is called that a generator becomes."""
    return f"{found.node.name}_{_ENDINGS[form]}"


def made_of(found: Called, form: str) -> Callable[..., Any]:
    """The function that a generator from outside becomes, made once."""
    made = _MADE.setdefault(found.function, {})
    if form not in made:
        made[form] = _function_of(found, name_of(found, form), form)
    return made[form]


def _function_of(found: Called, name: str, form: str) -> Callable[..., Any]:
    node = definition(found, name, form)
    function = _executable(node, found)
    LIFTED[function] = replace(found.source, name=name, function=function), node
    return function


def _executable(node: gast.FunctionDef, found: Called) -> Callable[..., Any]:
    """A definition as a function that runs where it stays in a text, with variables and defaults of the generator."""
    cells = found.source.cells
    bare = cast(gast.FunctionDef, tree.copy(node))
    bare.args.defaults, bare.args.kw_defaults = [], [None] * len(bare.args.kwonlyargs)
    around = tree.function(f"_{node.name}", tree.parameters(cells), [bare, tree.return_(tree.load(node.name))])
    space: dict[str, Any] = {"__builtins__": builtins}
    # Annotations are not looked up: their names are those of another module.
    flags = __future__.annotations.compiler_flag
    exec(compile(tree.text(around), found.source.file, "exec", flags, dont_inherit=True), space)
    code = space[around.name](*cells).__code__
    original, closure = inspect.unwrap(found.function), tuple([cells[name] for name in code.co_freevars])
    function = types.FunctionType(code, original.__globals__, node.name, original.__defaults__, closure)
    function.__kwdefaults__ = original.__kwdefaults__
    return function


def definition(found: Called, name: str, form: str) -> gast.FunctionDef:
    """The definition of the function that a generator becomes.

    Args:
        found: the generator.
        name: of the function.
        form: `"each"` hands each item to its first parameter, `"stop"` ends when that returns true, `"around"` hands
            it the one item of a context manager, `"list"` collects them.
    """
    taken = {item.id for item in tree.walk(found.node) if isinstance(item, gast.Name)}
    given = Names(taken).fresh("items" if form == "list" else "each")
    refuse_super(found.node.body, found.source)
    copied = tree.copy_all(found.node.body)
    if is_one_of(found.function, iterators.LISTED_AHEAD):
        _mark_listing(copied)
    body = _Handing(found.source, given, form).block(copied)
    arguments = tree.copy(found.node.args)
    model = found.node.body[-1]
    if form == "list":
        body = [tree.assign(given, tree.list_of([])), *body, tree.return_(tree.load(given))]
    else:
        body.append(tree.return_(None))
        first = gast.Name(given, gast.Param(), None, None)
        if arguments.posonlyargs:
            arguments.posonlyargs = [first, *arguments.posonlyargs]
        else:
            arguments.args = [first, *arguments.args]
    new = tree.function(name, arguments, [marked(statement, model) for statement in body])
    return tree.like(new, found.node)


def refuse_super(body: Iterable[gast.AST], source: Source) -> None:
    """Refuse `super()` in statements that will stand in a function with another first parameter.

    Raises:
        UnsupportedError: naming it.
    """
    for item in own_nodes(body):
        if is_super(item) and (not item.args or tree.is_name(item.args[0], OWN_CLASS)):
            raise UnsupportedError(
                "`super()` stands in a generator, or in a block that runs through one or is managed by one",
                origin_of_node(source, item),
                "call the method of the class by its name: `Base.method(self)`",
            )


def _mark_listing(body: list[gast.AST]) -> None:
    """Say that a first statement lists what is looped over afterwards."""
    listing = next(statement for statement in body if isinstance(statement, gast.Assign))
    listing.ahead = token = object()
    for statement in tree.every_statement(body):
        if type(statement) in tree.LOOPS:
            statement.lists = token


class _Handing:
    """Rewrites `yield`."""

    def __init__(self, source: Source, given: str, form: str) -> None:
        self.source = source
        self.given = given
        self.form = form

    def block(self, body: list[gast.AST]) -> list[gast.AST]:
        output: list[gast.AST] = []
        for node in body:
            value = node.value if isinstance(node, gast.Expr) else None
            if isinstance(value, gast.Yield):
                handed = tree.const(None) if value.value is None else value.value
                output += [marked(self.hand(handed), node)]
            elif isinstance(value, gast.YieldFrom):
                loop = tree.for_("item", value.value, [self.hand(tree.load("item"))])
                output.append(marked(loop, node))
            elif isinstance(node, gast.Return) and self.form == "list":
                output.append(tree.like(tree.return_(tree.load(self.given)), node))
            elif isinstance(node, gast.Return):
                output.append(tree.like(tree.return_(None), node))
            else:
                self.inside(node)
                output.append(node)
        return output

    def inside(self, node: gast.AST) -> None:
        if isinstance(node, tree.SCOPES):
            return
        if self.form == "around":
            self.around(node)
            return
        guards = isinstance(node, (gast.Try, gast.With)) or bool(getattr(node, "cases", None))
        parts = [node] if guards else tree.own_parts(node)
        for item in own_nodes(parts):
            if isinstance(item, (gast.Yield, gast.YieldFrom)):
                raise UnsupportedError(
                    "a generator yields in a `try` or `with`, or uses what its `yield` gives",
                    origin_of_node(self.source, item),
                    "make a list of the items, or write the loop where they are used",
                )
        for name in ("body", "orelse"):
            if getattr(node, name, None) and not guards:
                setattr(node, name, self.block(getattr(node, name)))

    def around(self, node: gast.AST) -> None:
        """A compound statement around the one `yield` of a context manager."""
        for name in ("body", "orelse", "finalbody"):
            if getattr(node, name, None):
                setattr(node, name, self.block(getattr(node, name)))
        for part in (*(getattr(node, "handlers", None) or ()), *(getattr(node, "cases", None) or ())):
            part.body = self.block(part.body)

    def hand(self, value: gast.AST) -> gast.AST:
        if self.form == "list":
            return tree.effect(gast.Call(tree.attribute(tree.load(self.given), "append"), [value], []))
        call = tree.call(self.given, value)
        return tree.if_(call, [tree.return_(None)]) if self.form == "stop" else tree.effect(call)


def own_nodes(body: Iterable[gast.AST]) -> Iterator[gast.AST]:
    """The nodes of some statements, without those of functions defined in them."""
    pending = list(reversed(list(body)))
    while pending:
        node = pending.pop()
        if isinstance(node, tree.SCOPES):
            continue
        yield node
        pending.extend(reversed(list(tree.children(node))))


def marked(statement: gast.AST, model: gast.AST) -> gast.AST:
    """Give the marks of `model` to a statement made for it, and to those inside that have none."""
    if tree.origin_of(statement) is None:
        tree.like(statement, model)
        inner = statement.body if isinstance(statement, gast.FunctionDef) else []
        for block in (inner, *tree.blocks(statement)):
            for part in block:
                marked(part, model)
    return statement
