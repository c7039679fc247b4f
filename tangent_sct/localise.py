"""The first statement of a function whose derivative is wrong: the function is run statement by statement.

A derivative is made of the derivatives of statements, so each statement that runs is checked as a function of its
own, `def statement(reads): ...; return writes`, at the values that the variables have at that time. What is checked,
and how, is the caller's business; here the program is run, through loops, branches and the functions it calls, up to
the first statement that does not pass: there a rule is wrong. Where every statement passes by itself, the function
is cut off behind its first statement, its second, and so on, until what is left of it does not pass: there
statements that are right by themselves go wrong together.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import FunctionType
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.origins import Origin, Source
from tangent_sct.derivative import Derivative
from tangent_sct.emit.load import load, users_origin
from tangent_sct.emit.text import Text, emit, quotation
from tangent_sct.frontend.given import unbound
from tangent_sct.frontend.source import origin_of_node, source_of, tree_of
from tangent_sct.runtime import copied
from tangent_sct.runtime.objects import fields_of
from tangent_sct.templating import registry

Check = Callable[[Callable[..., Any], Sequence[Any], tuple[int, ...]], None]
"""Told a function, arguments, and the positions to differentiate; raises AssertionError where that goes wrong."""

STATEMENTS = 2000
"""How many statements are checked at most."""

_LEAVE = (gast.Break, gast.Continue, gast.Return)
_PLAIN = (gast.Assign, gast.AugAssign, gast.AnnAssign, gast.Expr)


class _Found(Exception):
    """The search is over."""

    def __init__(self, what: str, origin: Origin, reason: str) -> None:
        super().__init__(reason)
        self.what = what
        self.origin = origin
        self.reason = reason


class _Left(Exception):
    """The program cannot be followed here."""


def wrong_statement(
    function: Callable[..., Any],
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    check: Check,
    holds_floats: Callable[[Any], bool],
) -> str:
    """The first statement whose derivative does not pass a check, in words.

    Args:
        function: the function; it is run once, on copies of its arguments.
        args: its positional arguments.
        keywords: its keyword arguments.
        check: raises AssertionError for a function whose derivative is wrong.
        holds_floats: whether a value is, or holds, what can be differentiated.

    Returns:
        A sentence with file, line and text of the statement; or that every statement passes, or that the
        program cannot be followed.
    """
    if not _is_followed(function):
        return f"`{getattr(function, '__name__', function)}` has a rule, or no source: there are no statements to try"
    try:
        run = _Run(function, check, holds_floats, itertools.count(1))
        run.call(copied(tuple(args)), copied(dict(keywords)))
        run.cut(args, keywords)
    except _Found as found:
        origin = found.origin
        quoted = quotation(origin) or origin.text.strip()
        return f"{found.what}:\n{origin.file}, line {origin.line}: {quoted}\n{found.reason}"
    except Exception as error:
        # Among others `_Left`; what the program itself raises, it has not raised when it was checked as a whole.
        why = f" ({type(error).__name__}: {error})" if str(error) else ""
        return f"which statement is wrong was not found: the function could not be followed to the end{why}"
    return "no statement was found at which it goes wrong"


class _Run:
    """One call of a function, run statement by statement."""

    def __init__(
        self,
        function: Callable[..., Any],
        check: Check,
        holds_floats: Callable[[Any], bool],
        count: itertools.count[int],
    ) -> None:
        self.plain, self.given = unbound(function)
        self.source: Source = source_of(self.plain)
        self.tree: gast.FunctionDef = tree_of(self.source)
        self.check = check
        self.holds_floats = holds_floats
        self.count = count
        self.local = {*tree.parameter_names(self.tree), *tree.names_written(self.tree.body)}
        self.space: dict[str, Any] = dict(self.source.globals)
        for name in self.source.cells:
            try:
                self.space[name] = self.source.lookup(name)
            except KeyError:
                continue
        self.kept: list[Callable[..., Any]] = []
        """Functions defined inside, whose texts are there as long as they are."""
        self.pieces: dict[tuple[int, tuple[str, ...]], Callable[..., Any]] = {}

    def call(self, args: Sequence[Any], keywords: Mapping[str, Any]) -> None:
        """Run the function."""
        self.space.update(self.arguments(args, keywords))
        self.block(self.tree.body)

    def arguments(self, args: Sequence[Any], keywords: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a call by parameter."""
        bound = inspect.signature(self.plain, follow_wrapped=False).bind(*self.given, *args, **keywords)
        bound.apply_defaults()
        return dict(bound.arguments)

    # -- statements ---------------------------------------------------------------------------

    def block(self, body: Iterable[gast.AST]) -> str:
        """Run a block; how it is left: by `break`, `continue`, `return`, or at its end."""
        for node in body:
            ending = self.statement(node)
            if ending:
                return ending
        return ""

    def statement(self, node: gast.AST) -> str:
        if isinstance(node, gast.Return):
            if node.value is not None:
                self.examine(node, [node.value])
            return "return"
        if isinstance(node, (gast.Break, gast.Continue)):
            return type(node).__name__.lower()
        if isinstance(node, gast.If):
            return self.block(node.body if self.value(node.test) else node.orelse)
        if isinstance(node, gast.For):
            return self.loop(node, self.turns(node))
        if isinstance(node, gast.While):
            return self.loop(node, iter(lambda: bool(self.value(node.test)), False))
        if isinstance(node, gast.With):
            return self.managed(node)
        if isinstance(node, gast.FunctionDef) and not node.decorator_list:
            self.define(node)
            return ""
        if isinstance(node, _PLAIN):
            self.examine(node, [node])
        elif any(isinstance(inner, _LEAVE) for inner in _own_nodes(node)):
            raise _Left
        self.run(node)
        return ""

    def loop(self, node: gast.For | gast.While, turns: Iterable[object]) -> str:
        for _ in turns:
            ending = self.block(node.body)
            if ending == "return":
                return ending
            if ending == "break":
                return ""
        return self.block(node.orelse)

    def turns(self, node: gast.For) -> Iterator[object]:
        """The turns of a loop: before each, its target gets an item."""
        for item in self.value(node.iter):
            self.space["_item"] = item
            self.run(gast.Assign([node.target], tree.load("_item"), None))
            yield item

    def managed(self, node: gast.With) -> str:
        with_items = gast.With(node.items, [tree.effect(gast.Yield(None))], None)
        text = tree.text(tree.function("manager", tree.parameters([]), [with_items]))
        if any(item.optional_vars is not None for item in node.items):
            raise _Left
        manager = load(Text(text, {}), "manager", self.space)()
        next(manager)
        try:
            return self.block(node.body)
        finally:
            next(manager, None)

    def define(self, node: gast.FunctionDef) -> None:
        """A function that is defined inside: with a source, and with the variables of this call around it."""
        plain = tree.like(tree.function(node.name, node.args, node.body), node)
        for statement in tree.every_statement([plain]):
            tree.mark(statement, origin_of_node(self.source, statement))
        made = load(emit([plain]), node.name, self.space)
        self.kept.append(made)
        self.run(node)
        ours = self.space[node.name]
        self.space[node.name] = FunctionType(
            made.__code__, self.space, node.name, ours.__defaults__, ours.__closure__
        )

    def run(self, node: gast.AST) -> None:
        exec(tree.text(node), self.space)

    def value(self, node: gast.AST) -> Any:
        return eval(tree.text(node), self.space)

    # -- checks -------------------------------------------------------------------------------

    def examine(self, node: gast.AST, parts: list[gast.AST]) -> None:
        """Check a statement as a function of what it reads."""
        reads = [n for n in dict.fromkeys(tree.names_read(parts)) if n in self.local and n in self.space]
        if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name):
            reads = list(dict.fromkeys([node.target.id, *reads]))
        values = copied(tuple(self.space[name] for name in reads))
        wrt = tuple(i for i, value in enumerate(values) if self.holds_floats(value))
        if not wrt:
            return
        if next(self.count) > STATEMENTS:
            raise _Left
        try:
            self.check(self.piece(node, tuple(reads)), values, wrt)
        except UnsupportedError:
            return
        except AssertionError as error:
            for function, args, keywords in self.calls(node):
                _Run(function, self.check, self.holds_floats, self.count).call(args, keywords)
            what = "the first statement whose derivative is wrong by itself"
            raise _Found(what, self.origin(node), str(error).strip()) from None

    def origin(self, node: gast.AST) -> Origin:
        """Where a statement stands in the user's file."""
        return users_origin(origin_of_node(self.source, node))

    def cut(self, args: Sequence[Any], keywords: Mapping[str, Any]) -> None:
        """Check the function with only its first statements, then with one more, and so on."""
        bound = self.arguments(copied(tuple(args)), copied(dict(keywords)))
        wrt = tuple(i for i, value in enumerate(bound.values()) if self.holds_floats(value))
        for number, node in enumerate(self.tree.body, 1):
            first = self.tree.body[:number]
            if any(isinstance(item, gast.Return) for part in first for item in _own_nodes(part)):
                return
            names = dict.fromkeys([*bound, *tree.names_written(first)])
            kept = [name for name in names if self.holds_floats(self.space.get(name))]
            body = [*tree.copy_all(first), tree.return_(tree.tuple_of(map(tree.load, kept)))]
            text = tree.text(tree.function("beginning", tree.parameters(list(bound)), body))
            try:
                self.check(load(Text(text, {}), "beginning", self.space), tuple(bound.values()), wrt)
            except AssertionError as error:
                what = "the first statement with which the derivative goes wrong, though it is right by itself"
                raise _Found(what, self.origin(node), str(error).strip()) from None
            except (UnsupportedError, NameError):
                # A name of a branch that was not taken has no value here.
                continue

    def piece(self, node: gast.AST, reads: tuple[str, ...]) -> Callable[..., Any]:
        """`def statement(reads): ...; return writes`."""
        key = id(node), reads
        if key not in self.pieces:
            body = [tree.copy(node)]
            if not isinstance(node, gast.Return):
                written = dict.fromkeys([*tree.names_written([node]), *self.changeable(node, reads)])
                body.append(tree.return_(tree.tuple_of(map(tree.load, written))))
            text = tree.text(tree.function("statement", tree.parameters(list(reads)), body))
            own = {name: value for name, value in self.space.items() if name not in reads}
            self.pieces[key] = load(Text(text, {}), "statement", own)
        return self.pieces[key]

    def changeable(self, node: gast.AST, reads: tuple[str, ...]) -> list[str]:
        """What a statement reads and may write into."""
        is_store = not isinstance(node, gast.Assign) or any(
            isinstance(item, (gast.Subscript, gast.Attribute, gast.Call)) for item in tree.walk(node)
        )
        return [name for name in reads if is_store and _is_changeable(self.space[name])]

    def calls(self, node: gast.AST) -> Iterable[tuple[Any, tuple[Any, ...], dict[str, Any]]]:
        """The functions with source that a statement calls, with their arguments; inner calls come first."""
        found = [item for item in tree.walk(node) if isinstance(item, gast.Call)]
        for call in reversed(found):
            try:
                function = self.value(call.func)
                args = tuple(copied(self.value(argument)) for argument in call.args)
                keywords = {k.arg: copied(self.value(k.value)) for k in call.keywords}
            except Exception:
                # Its arguments are variables of a comprehension, or it is spread out.
                continue
            if _is_followed(function) and None not in keywords:
                yield function, args, {str(name): value for name, value in keywords.items()}


def _is_changeable(value: Any) -> bool:
    return isinstance(value, (np.ndarray, list, dict)) or fields_of(value) is not None


def _is_followed(function: Any) -> bool:
    """Whether a function is differentiated by its source."""
    plain = unbound(function)[0]
    if isinstance(function, Derivative) or registry.find(function) is not None or not isinstance(plain, FunctionType):
        return False
    if isinstance(function, functools.partial) and function.keywords:
        return False
    try:
        return bool(source_of(plain).text)
    except UnsupportedError:
        return False


def _own_nodes(node: gast.AST) -> Iterable[gast.AST]:
    """The nodes of a statement, without the insides of functions."""
    stack = [node]
    while stack:
        item = stack.pop()
        yield item
        if not isinstance(item, tree.SCOPES):
            stack.extend(tree.children(item))
