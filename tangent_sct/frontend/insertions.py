"""`with insert_grad_of(x) as x_bar:` — code that a user puts into the reverse sweep.

The block is taken out of the function before anything else is read, so that no analysis of the function sees what
belongs to its derivative. In its place stands `insert_grad_of(x, 'insert_grad_of(x)', ...)`: the name whose adjoint
the block works on, the block itself (a text that carries it), the parts of the index, and the variables of the
function that the block reads, which single assignment thus follows as it follows any operand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import gast

from tangent_sct.core import tree
from tangent_sct.core.kind import Field
from tangent_sct.core.origins import Origin, Source
from tangent_sct.frontend.active import root_name
from tangent_sct.frontend.namespace import meaning
from tangent_sct.frontend.rules import Lookup
from tangent_sct.frontend.source import origin_of_node
from tangent_sct.frontend.subset import refuse
from tangent_sct.runtime import insert_grad_of

_STATEMENTS: Final = (gast.Assign, gast.AugAssign, gast.Expr, gast.If, gast.Pass)
_SCOPES: Final = (
    gast.Lambda, gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp,
    gast.NamedExpr, gast.Yield, gast.YieldFrom, gast.Await,
)  # fmt: skip


@dataclass(frozen=True)
class Block:
    """What is inserted.

    Attributes:
        adjoint: what the block calls the adjoint.
        path: the keys that lead from the variable to the place: indices, in which `_0`, `_1`, ... stand for what is
            known when the statement runs, and names of attributes.
        reads: the variables of the function that it reads.
        body: its statements.
        source: the function it stands in.
        origin: the line of the `with`.
    """

    adjoint: str
    path: tuple[gast.AST, ...]
    reads: tuple[str, ...]
    body: tuple[gast.AST, ...]
    source: Source
    origin: Origin


class Insertion(str):
    """The text of an `insert_grad_of(...)`, which stands as a literal in the program, with its block."""

    block: Block


def with_insertions(source: Source, node: gast.FunctionDef) -> gast.FunctionDef:
    """A function with each block that goes into its derivative replaced by a call that stands for it.

    Raises:
        UnsupportedError: for a block that is no plain sequence of statements, or that is mixed up with the function.
    """
    objects = Lookup(source)
    found: dict[int, gast.With] = {}
    for statement in tree.walk(node):
        if isinstance(statement, gast.With) and any(_is_insertion(item, objects) for item in statement.items):
            found[id(statement)] = statement
    if not found:
        return node
    return _Taken(source, node, found).function(node)


def _is_insertion(item: gast.withitem, objects: Lookup) -> bool:
    context = item.context_expr
    return isinstance(context, gast.Call) and meaning(context.func, objects) is insert_grad_of


class _Taken:
    """One function whose insertions are taken out."""

    def __init__(self, source: Source, node: gast.FunctionDef, found: dict[int, gast.With]) -> None:
        self.source = source
        self.found = found
        self.roots: set[str] = set()
        """Variables that code is inserted for, attributes apart."""
        inside = {name for statement in found.values() for name in _bound(statement)}
        outside = list(_outside(node.body, found))
        self.own = {*_all_parameters(node), *tree.names_written(node.body)}
        for statement in outside:
            if isinstance(statement, tree.SCOPES):
                self.own.update([*_all_parameters(statement), *tree.names_written(statement)])
        names = [part.id for part in outside if isinstance(part, gast.Name)]
        self.used = {*names, *_all_parameters(node)}
        self.own -= inside - self.used

    def function(self, node: gast.FunctionDef) -> gast.FunctionDef:
        new = self.statement(node)
        assert isinstance(new, gast.FunctionDef)
        return new

    def body(self, statements: Iterable[gast.AST]) -> list[gast.AST]:
        return [self.statement(statement) for statement in statements]

    def statement(self, node: gast.AST) -> gast.AST:
        if id(node) in self.found:
            return self.taken(self.found[id(node)])
        new = tree.shallow(node)
        for name in ("body", "orelse", "finalbody"):
            inner = getattr(node, name, None)
            if isinstance(inner, list):
                setattr(new, name, self.body(inner))
        if isinstance(new, gast.FunctionDef):
            new.body = [*self.bound_anew(new), *new.body]
        for name in ("handlers", "cases"):
            inner = getattr(node, name, None)
            if isinstance(inner, list):
                setattr(new, name, [self.statement(part) for part in inner])
        return new

    def taken(self, node: gast.With) -> gast.AST:
        """The call that stands for a block."""
        (item, *others), body = node.items, node.body
        if others or not isinstance(item.optional_vars, gast.Name) or len(item.context_expr.args) != 1:
            refuse("inserted code without a name", node, self.source)
        adjoint = item.optional_vars.id
        place = item.context_expr.args[0]
        root = root_name(place)
        if root is None or root not in self.own:
            refuse("inserted code for no variable", node, self.source, place=tree.text(place))
        self.check(body, adjoint)
        captured: list[gast.AST] = []
        path = tuple(_path(place, captured))
        reads = [name for name in dict.fromkeys(tree.names_read(body)) if name in self.own and name != adjoint]
        insertion = Insertion(tree.text(item.context_expr))
        insertion.block = Block(
            adjoint, path, tuple(reads), tuple(body), self.source, _header(origin_of_node(self.source, node))
        )
        call = tree.call(
            tree.copy(item.context_expr.func), tree.load(root), tree.const(insertion), *captured,
            *map(tree.load, reads),
        )  # fmt: skip
        if not any(isinstance(getattr(key, "value", None), Field) for key in path):
            self.roots.add(root)
        return self.placed(tree.effect(call), node)

    def placed(self, statement: gast.AST, model: gast.AST) -> gast.AST:
        """A statement that stands where another one stood."""
        for part in tree.walk(statement):
            gast.copy_location(part, model)
        return tree.like(statement, model)

    def bound_anew(self, node: gast.FunctionDef) -> list[gast.AST]:
        """Parameters that code is inserted for, under names of the function: what they are given stays apart."""
        names = [name for name in tree.parameter_names(node) if name in self.roots]
        return [self.placed(tree.assign(name, tree.load(name)), node.body[0]) for name in names]

    # -- what may stand in a block ------------------------------------------------------------

    def check(self, body: list[gast.AST], adjoint: str) -> None:
        bound = {adjoint, *tree.names_written(body)}
        for part in (part for statement in body for part in tree.walk(statement)):
            if isinstance(part, gast.stmt) and not isinstance(part, _STATEMENTS) or isinstance(part, _SCOPES):
                refuse("statements in inserted code", part, self.source)
        for statement in tree.every_statement(body):
            for name in tree.names_written(statement):
                if name in self.used:
                    refuse("inserted code that assigns", statement, self.source, variable=name)
            for target in _written(statement):
                if root_name(target) in bound - {adjoint}:
                    refuse("inserted code that changes another name", statement, self.source)
        if adjoint in self.used:
            refuse("inserted code that assigns", body[0], self.source, variable=adjoint)


def without_insertions(node: gast.AST) -> gast.AST:
    """A statement that is kept whole, without the code that is inserted in it: what it is for has no adjoint."""
    if not any(map(_stands_for_code, tree.every_statement([node]))):
        return node
    node = tree.copy(node)
    for part in tree.walk(node):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(part, name, None)
            if isinstance(block, list):
                kept = [statement for statement in block if not _stands_for_code(statement)]
                setattr(part, name, kept if kept or not block else [tree.like(gast.Pass(), block[0])])
    return node


def _stands_for_code(node: gast.AST) -> bool:
    call = node.value if isinstance(node, gast.Expr) else None
    return isinstance(call, gast.Call) and any(isinstance(getattr(a, "value", None), Insertion) for a in call.args)


def _written(statement: gast.AST) -> Iterator[gast.AST]:
    """Targets through which a statement writes into something."""
    if isinstance(statement, gast.AugAssign):
        yield statement.target
    elif isinstance(statement, gast.Assign):
        yield from (t for t in statement.targets if not isinstance(t, (gast.Name, gast.Tuple, gast.List)))


def _path(place: gast.AST, captured: list[gast.AST]) -> Iterator[gast.AST]:
    """The keys from the root of a place to the place."""
    if isinstance(place, gast.Attribute):
        yield from _path(place.value, captured)
        yield tree.const(Field(place.attr))
    elif isinstance(place, gast.Subscript):
        yield from _path(place.value, captured)
        yield _index(place.slice, captured)


def _index(node: gast.AST, captured: list[gast.AST]) -> gast.AST:
    """An index in which names stand for what is not literal; that goes to `captured`."""
    if isinstance(node, gast.Tuple):
        return tree.tuple_of(_index(item, captured) for item in node.elts)
    if isinstance(node, gast.Slice):
        parts = (node.lower, node.upper, node.step)
        return gast.Slice(*(None if part is None else _index(part, captured) for part in parts))
    if isinstance(node, gast.Constant):
        return tree.copy(node)
    captured.append(node)
    return tree.load(f"_{len(captured) - 1}")


def _header(origin: Origin) -> Origin:
    """The first line of a compound statement."""
    return replace(origin, end_line=origin.line, end_column=len(origin.text.rstrip()))


def _bound(statement: gast.With) -> set[str]:
    """Names that a block binds."""
    return set(tree.names_written([statement]))


def _all_parameters(node: gast.AST) -> list[str]:
    return tree.parameter_names(node) if isinstance(node, gast.FunctionDef) else []


def _outside(body: list[gast.AST], found: dict[int, gast.With]) -> Iterator[gast.AST]:
    """All nodes of a function that are in no block, those of nested functions included."""
    stack: list[gast.AST] = list(body)
    while stack:
        node = stack.pop()
        if id(node) in found:
            stack.extend(argument for item in node.items for argument in item.context_expr.args)
            continue
        yield node
        stack.extend(tree.children(node))
