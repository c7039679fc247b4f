"""gast made easy: building, reading and copying trees.

Every node is built here, with every field, so that a minor release of gast is met in one file.
Statements carry two marks beside their fields: `origin`, the user's statement they came from, and
`sweep`, `"forward"` or `"reverse"`. `copy` and `like` keep them; everything else about a tree is
computed from the tree.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

import gast

from tangent_sct.core.origins import Origin

Node = TypeVar("Node", bound=gast.AST)

BINARY: dict[str, type[gast.AST]] = {
    "+": gast.Add, "-": gast.Sub, "*": gast.Mult, "/": gast.Div, "//": gast.FloorDiv,
    "%": gast.Mod, "**": gast.Pow, "@": gast.MatMult, "<<": gast.LShift, ">>": gast.RShift,
    "|": gast.BitOr, "^": gast.BitXor, "&": gast.BitAnd,
}  # fmt: skip
UNARY: dict[str, type[gast.AST]] = {
    "-": gast.USub, "+": gast.UAdd, "~": gast.Invert, "not": gast.Not
}  # fmt: skip
BINARY_SYMBOL = {node: symbol for symbol, node in BINARY.items()}
UNARY_SYMBOL = {node: symbol for symbol, node in UNARY.items()}
SCOPES = (gast.FunctionDef, gast.Lambda, gast.ClassDef, gast.AsyncFunctionDef)
COMPOUND = frozenset((gast.If, gast.For, gast.While, gast.With))
LOOPS = frozenset((gast.For, gast.While))
COMPREHENSIONS = (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)


# -- building ---------------------------------------------------------------------------------


_LOAD = gast.Load()
_STORE = gast.Store()


def load(name: str) -> gast.Name:
    """A name that is read."""
    return _name(name, _LOAD)


def store(name: str) -> gast.Name:
    """A name that is written."""
    return _name(name, _STORE)


def renamed(node: gast.Name, name: str) -> gast.Name:
    """The same node with another name, marks aside."""
    new = _name(name, node.ctx)
    new.annotation, new.type_comment = node.annotation, node.type_comment
    return new


def _name(name: str, context: gast.AST) -> gast.Name:
    return _made(gast.Name, {"id": name, "ctx": context, "annotation": None, "type_comment": None})


def _made(kind: Any, fields: dict[str, Any]) -> Any:
    """A node of some class with its fields.

    Nodes are made by the thousand; gast's own constructor takes several times as long.
    """
    node = kind.__new__(kind)
    node.__dict__ = fields
    return node


def const(value: object) -> gast.Constant:
    """A literal."""
    return _made(gast.Constant, {"value": value, "kind": None})


def attribute(value: gast.AST, name: str) -> gast.Attribute:
    """`value.name`."""
    return _made(gast.Attribute, {"value": value, "attr": name, "ctx": _LOAD})


def subscript(value: gast.AST, index: gast.AST) -> gast.Subscript:
    """`value[index]`, read."""
    return _made(gast.Subscript, {"value": value, "slice": index, "ctx": _LOAD})


DISPLAYS = (gast.Tuple, gast.List, gast.Dict)
"""Containers that are written out, item by item."""


def displayed(display: Any) -> list[gast.AST]:
    """What stands in a display.

    >>> list(map(text, displayed(expression("{a: b, c: d}"))))
    ['b', 'd']
    """
    items: list[gast.AST] = display.values if isinstance(display, gast.Dict) else display.elts
    return items


def call(function: str | gast.AST, /, *args: gast.AST, **keywords: gast.AST) -> gast.Call:
    """`function(*args, **keywords)`; a dotted string names the function."""
    target = dotted(function) if isinstance(function, str) else function
    named = [gast.keyword(k, v) for k, v in keywords.items()]
    return _made(gast.Call, {"func": target, "args": list(args), "keywords": named})


def dotted(name: str) -> gast.AST:
    """The expression a dotted name spells: `np.linalg.solve`."""
    first, *rest = name.split(".")
    node: gast.AST = load(first)
    for part in rest:
        node = attribute(node, part)
    return node


def binary(left: gast.AST, symbol: str, right: gast.AST) -> gast.BinOp:
    """`left symbol right`."""
    return _made(gast.BinOp, {"left": left, "op": BINARY[symbol](), "right": right})


def negative(value: gast.AST) -> gast.UnaryOp:
    """`-value`."""
    return gast.UnaryOp(gast.USub(), value)


def tuple_of(items: Iterable[gast.AST]) -> gast.Tuple:
    """`(items...)`, read."""
    return gast.Tuple(list(items), _LOAD)


def list_of(items: Iterable[gast.AST]) -> gast.List:
    """`[items...]`, read."""
    return gast.List(list(items), _LOAD)


def assign(target: str | gast.AST, value: gast.AST) -> gast.Assign:
    """`target = value`."""
    return _made(gast.Assign, {"targets": [_target(target)], "value": value, "type_comment": None})


def augment(target: str | gast.AST, symbol: str, value: gast.AST) -> gast.AugAssign:
    """`target symbol= value`."""
    return gast.AugAssign(_target(target), BINARY[symbol](), value)


def effect(value: gast.AST) -> gast.Expr:
    """An expression run for what it does."""
    return gast.Expr(value)


def if_(test: gast.AST, body: list[gast.AST], orelse: list[gast.AST] | None = None) -> gast.If:
    """`if test: body else: orelse`."""
    return gast.If(test, body, orelse or [])


def for_(target: str | gast.AST, iterable: gast.AST, body: list[gast.AST]) -> gast.For:
    """`for target in iterable: body`."""
    return gast.For(_target(target), iterable, body, [], None)


def while_(test: gast.AST, body: list[gast.AST]) -> gast.While:
    """`while test: body`."""
    return gast.While(test, body, [])


def return_(value: gast.AST | None) -> gast.Return:
    """`return value`."""
    return gast.Return(value)


def function(
    name: str, arguments: gast.arguments, body: list[gast.AST], returns: gast.AST | None = None
) -> gast.FunctionDef:
    """`def name(arguments): body`."""
    return gast.FunctionDef(name, arguments, body, [], returns, None, [])


def parameters(names: Iterable[str], defaults: Iterable[gast.AST] = ()) -> gast.arguments:
    """Plain positional parameters; `defaults` belong to the last of them."""
    args = [gast.Name(name, gast.Param(), None, None) for name in names]
    return gast.arguments(args, [], None, [], [], None, list(defaults))


def _target(target: str | gast.AST) -> gast.AST:
    return store(target) if isinstance(target, str) else with_context(target, _STORE)


def with_context(node: gast.AST, context: gast.AST) -> gast.AST:
    """The same target or value in another context (`Load()`, `Store()`, `Del()`)."""
    if isinstance(node, gast.Name):
        return gast.Name(node.id, context, None, None)
    if isinstance(node, gast.Attribute):
        return gast.Attribute(node.value, node.attr, context)
    if isinstance(node, gast.Subscript):
        return gast.Subscript(node.value, node.slice, context)
    if isinstance(node, gast.Starred):
        return gast.Starred(with_context(node.value, context), context)
    if isinstance(node, (gast.Tuple, gast.List)):
        return type(node)([with_context(item, context) for item in node.elts], context)
    return node


_OPPOSITE = {
    gast.Eq: gast.NotEq, gast.NotEq: gast.Eq, gast.Is: gast.IsNot, gast.IsNot: gast.Is,
    gast.In: gast.NotIn, gast.NotIn: gast.In,
}  # fmt: skip
"""Comparisons whose opposite has a sign of its own; `<` and `>=` both fail on NaN."""


def negated(test: gast.AST) -> gast.AST:
    """The opposite of a test.

    >>> text(negated(expression("not a"))), text(negated(expression("a < b")))
    ('a', 'not a < b')
    """
    if isinstance(test, gast.UnaryOp) and isinstance(test.op, gast.Not):
        operand: gast.AST = test.operand
        return operand
    if isinstance(test, gast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in _OPPOSITE:
        return gast.Compare(test.left, [_OPPOSITE[type(test.ops[0])]()], test.comparators)
    return gast.UnaryOp(gast.Not(), test)


# -- text and parsing -------------------------------------------------------------------------


def statements(text: str) -> list[gast.AST]:
    """The statements of a text."""
    return cast(list[gast.AST], gast.parse(text).body)


def expression(text: str) -> gast.AST:
    """The expression a text spells."""
    return cast(gast.AST, gast.parse(text, mode="eval").body)


def text(node: gast.AST | Iterable[gast.AST]) -> str:
    """A tree as Python source, without care for line lengths."""
    if not isinstance(node, gast.AST):
        return "\n".join(text(statement) for statement in node)
    plain = gast.gast_to_ast(node)
    return ast.unparse(ast.fix_missing_locations(plain))


# -- marks ------------------------------------------------------------------------------------


def origin_of(statement: gast.AST) -> Origin | None:
    """The user's statement that a statement came from."""
    origin: Origin | None = getattr(statement, "origin", None)
    return origin


def sweep_of(statement: gast.AST) -> str:
    """`"forward"` or `"reverse"`."""
    sweep: str = getattr(statement, "sweep", "forward")
    return sweep


def mark(statement: Node, origin: Origin | None, sweep: str = "forward") -> Node:
    """Set where a statement came from and which sweep it belongs to."""
    statement.origin = origin
    statement.sweep = sweep
    return statement


def like(statement: Node, model: gast.AST) -> Node:
    """Give a statement the marks and the position of another.

    What a mark says of the statement itself is only for one of the same form: an `if` around `y = None` is more.

    >>> model = statements("y = None")[0]
    >>> model.origin, model.unset = "the place", True
    >>> sorted(vars(like(if_(load("a"), [model]), model)).keys() & {"origin", "unset"})
    ['origin']
    """
    given = statement.__dict__
    of_form = _MARKS_OF_FORM if type(statement) is type(model) else frozenset[str]()
    for name, value in model.__dict__.items():
        if name in _MARKS or name in of_form:
            given[name] = value
    return statement


_MARKS = frozenset((
    "origin", "sweep", "lineno", "col_offset", "end_lineno", "end_col_offset", "pair", "renamed",
    "ahead", "lists", "measures",
))  # fmt: skip
_MARKS_OF_FORM = frozenset((
    "unset", "tape", "inverted", "else_serves", "of_array", "joins", "of_state", "of_finally", "in_turn", "listed",
    "iterated",
))  # fmt: skip


# -- reading ----------------------------------------------------------------------------------


_NO_NODES = frozenset((
    "ctx", "op", "ops", "id", "attr", "arg", "type_comment", "asname", "module", "level", "kind",
    "conversion", "simple", "is_async",
))  # fmt: skip


class _Parts(dict[type[gast.AST], tuple[str, ...]]):
    """For each class of nodes the fields that may hold nodes, contexts and operators aside."""

    def __missing__(self, kind: type[gast.AST]) -> tuple[str, ...]:
        names = () if kind is gast.Constant else kind._fields
        parts = self[kind] = tuple(name for name in names if name not in _NO_NODES)
        return parts


_PARTS = _Parts()


class _Children(dict[type[gast.AST], Callable[[Any], list[gast.AST]]]):
    """For each class of nodes how its children are found."""

    def __missing__(self, kind: type[gast.AST]) -> Callable[[Any], list[gast.AST]]:
        parts = _PARTS[kind]

        def found(node: gast.AST) -> list[gast.AST]:
            below: list[gast.AST] = []
            for name in parts:
                value = getattr(node, name, None)
                if type(value) is list:
                    below += [item for item in value if isinstance(item, gast.AST)]
                elif value is not None and isinstance(value, gast.AST):
                    below.append(value)
            return below

        self[kind] = found
        return found


_CHILDREN = _Children({
    gast.Name: lambda node: [] if node.annotation is None else [node.annotation],
    gast.Constant: lambda node: [],
    gast.BinOp: lambda node: [node.left, node.right],
    gast.UnaryOp: lambda node: [node.operand],
    gast.Call: lambda node: [node.func, *node.args, *node.keywords],
    gast.keyword: lambda node: [node.value],
    gast.Attribute: lambda node: [node.value],
    gast.Subscript: lambda node: [node.value, node.slice],
    gast.Assign: lambda node: [*node.targets, node.value],
    gast.AugAssign: lambda node: [node.target, node.value],
    gast.Compare: lambda node: [node.left, *node.comparators],
    gast.Tuple: lambda node: [*node.elts],
    gast.List: lambda node: [*node.elts],
    gast.Expr: lambda node: [node.value],
    gast.If: lambda node: [node.test, *node.body, *node.orelse],
    gast.For: lambda node: [node.target, node.iter, *node.body, *node.orelse],
})  # fmt: skip
"""The most common nodes are spelled out because everything asks for their children."""


def children(node: gast.AST) -> list[gast.AST]:
    """The direct child nodes, but for contexts and operators, which hold nothing.

    >>> [text(child) for child in children(expression("a + b * c"))]
    ['a', 'b * c']
    """
    return _CHILDREN[type(node)](node)


def walk(node: gast.AST) -> Iterator[gast.AST]:
    """The node and all below it in the order of the source, contexts and operators left out."""
    pending = [node]
    while pending:
        node = pending.pop()
        yield node
        kind = type(node)
        if kind is gast.Constant or (kind is gast.Name and node.annotation is None):
            continue
        if kind is gast.BinOp:
            pending += (node.right, node.left)
            continue
        below = _CHILDREN[kind](node)
        if below:
            below.reverse()
            pending += below


_SCOPES = frozenset(SCOPES)
_WITHOUT_BLOCKS = frozenset((gast.Assign, gast.AugAssign, gast.Expr, gast.Return, *SCOPES))


def blocks(statement: gast.AST) -> Iterator[list[gast.AST]]:
    """The statement lists directly below a compound statement."""
    kind = type(statement)
    if kind in _WITHOUT_BLOCKS:
        return
    if kind is gast.If or kind in LOOPS:
        yield from filter(None, (statement.body, statement.orelse))
        return
    for name in ("body", "orelse", "finalbody"):
        value = getattr(statement, name, None)
        if isinstance(value, list) and value:
            yield value
    for handler in getattr(statement, "handlers", ()) or ():
        yield handler.body
    for case in getattr(statement, "cases", ()) or ():
        yield case.body


def every_statement(body: Iterable[gast.AST]) -> Iterator[gast.AST]:
    """All statements of a block and of the blocks below it, in the order of the source."""
    for statement in body:
        yield statement
        if type(statement) not in _WITHOUT_BLOCKS:
            for block in blocks(statement):
                yield from every_statement(block)


def own_scope(body: Iterable[gast.AST]) -> Iterator[gast.AST]:
    """All nodes of a function's own scope, in the order of the source: what is nested in it without its inside."""
    pending = list(body)[::-1]
    while pending:
        node = pending.pop()
        yield node
        kind = type(node)
        if kind is gast.BinOp:
            pending += (node.right, node.left)
        elif kind is not gast.Constant and kind not in _SCOPES:
            pending += _CHILDREN[kind](node)[::-1]


def inner_blocks(node: gast.AST) -> list[list[gast.AST]]:
    """The blocks of a compound statement of the small language; any other statement is opaque, and has none.

    >>> [text(part[0]) for part in inner_blocks(statements("for i in x: y = i")[0])]
    ['y = i']
    """
    if isinstance(node, gast.If):
        return [node.body, node.orelse]
    return [node.body] if isinstance(node, (gast.For, gast.While, gast.With)) else []


def own_parts(node: gast.AST) -> list[gast.AST]:
    """A simple statement itself, or what a compound one evaluates before its blocks run.

    >>> [text(part) for part in own_parts(statements("for i in f(x): y = i")[0])]
    ['f(x)']
    """
    kind = type(node)
    if kind in _WITHOUT_BLOCKS:
        return [node]
    if kind is gast.If or kind is gast.While:
        return [node.test]
    if kind is gast.For:
        return [node.iter]
    if kind is gast.With:
        return [item.context_expr for item in node.items]
    return [node]


def outside_parts(node: gast.AST) -> list[gast.AST]:
    """The parts of an inner scope that are evaluated in the scope around it, when it is made.

    >>> [text(part) for part in outside_parts(expression("[y for y in y if x]"))]
    ['y']
    """
    if isinstance(node, COMPREHENSIONS):
        return [node.generators[0].iter]
    if isinstance(node, (gast.FunctionDef, gast.Lambda)):
        parts = [*node.args.defaults, *node.args.kw_defaults, *getattr(node, "decorator_list", ())]
        return [part for part in parts if part is not None]
    return []


def bound_by_scope(node: gast.AST) -> set[str]:
    """The variables of an inner scope itself: a comprehension, a lambda, a function or a class defined inside.

    >>> sorted(bound_by_scope(expression("[y for y in x if (z := y)]")))
    ['y']
    >>> sorted(bound_by_scope(statements("def f(a, b=c):\\n    d = a")[0]))
    ['a', 'b', 'd']
    """
    if isinstance(node, COMPREHENSIONS):
        return {name for generator in node.generators for name in names_written(generator.target)}
    if isinstance(node, gast.ClassDef):
        return set(names_written(node.body))
    own = {parameter.id for parameter in every_parameter(node.args)}
    if isinstance(node, (gast.FunctionDef, gast.AsyncFunctionDef)):
        own |= set(names_written(node.body)) - set(declared_outside(node))
    return own


def names_read(node: gast.AST | Iterable[gast.AST]) -> list[str]:
    """Names a tree reads, each once, in order; bound names of comprehensions and lambdas left out."""
    found: dict[str, None] = {}
    for item in [node] if isinstance(node, gast.AST) else node:
        _collect_reads(item, found, frozenset())
    return list(found)


def names_used(node: gast.AST) -> tuple[list[str], list[str]]:
    """What `names_read` and `names_written` say of a tree, found in one walk.

    >>> names_used(statements("a[i] = b = a + c")[0])
    (['a', 'i', 'c'], ['b'])
    """
    reads: dict[str, None] = {}
    writes: dict[str, None] = {}
    pending = [node]
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is gast.Name:
            context = type(node.ctx)
            if context is gast.Load:
                reads[node.id] = None
            elif context in _WRITING:
                writes[node.id] = None
        elif kind is gast.BinOp:
            pending += (node.right, node.left)
        elif kind is gast.Constant:
            continue
        elif kind in _PLAIN:
            below = _CHILDREN[kind](node)
            below.reverse()
            pending += below
        else:
            _collect_special_reads(node, reads, frozenset())
            _collect_special_writes(node, writes)
    return list(reads), list(writes)


def _collect_reads(node: gast.AST, found: dict[str, None], bound: frozenset[str]) -> None:
    pending = [node]
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is gast.Name:
            if type(node.ctx) is gast.Load and node.id not in bound:
                found[node.id] = None
        elif kind is gast.BinOp:
            pending += (node.right, node.left)
        elif kind is gast.Constant:
            continue
        elif kind in _PLAIN:
            below = _CHILDREN[kind](node)
            below.reverse()
            pending += below
        else:
            _collect_special_reads(node, found, bound)


def _collect_special_reads(node: gast.AST, found: dict[str, None], bound: frozenset[str]) -> None:
    """`_collect_reads` for a node that binds names, or makes a scope."""
    if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name) and node.target.id not in bound:
        found.setdefault(node.target.id)
    for part in outside_parts(node):
        _collect_reads(part, found, bound)
    if isinstance(node, COMPREHENSIONS):
        own = {n.id for g in node.generators for n in walk(g.target) if isinstance(n, gast.Name)}
        bound = bound | own
    elif isinstance(node, (gast.Lambda, gast.FunctionDef)):
        own = {n.id for n in walk(node.args) if isinstance(n, gast.Name)}
        if isinstance(node, gast.FunctionDef):
            own |= set(names_written(node.body))
            own.difference_update(declared_outside(node))
        bound = bound | own
    for child in children(node):
        _collect_reads(child, found, bound)


def declared_outside(node: gast.FunctionDef) -> list[str]:
    """Names that a function declares `global` or `nonlocal`.

    >>> declared_outside(statements("def f():\\n    nonlocal n, m\\n    n = m")[0])
    ['n', 'm']
    """
    found: dict[str, None] = {}
    for statement in every_statement(node.body):
        if isinstance(statement, (gast.Global, gast.Nonlocal)):
            found.update(dict.fromkeys(statement.names))
    return list(found)


_PLAIN = frozenset((
    gast.Assign, gast.BinOp, gast.UnaryOp, gast.Compare, gast.Call, gast.Subscript, gast.Attribute,
    gast.Tuple, gast.List, gast.Slice, gast.keyword, gast.Expr, gast.Return, gast.If, gast.For,
    gast.While,
))  # fmt: skip
"""Nodes that bind nothing by themselves and make no scope."""


def runs_at_once(node: gast.AST) -> bool:
    """Whether a comprehension is a list or a dict, made in loops over names, with no function made inside.

    >>> runs_at_once(expression("[[v * k for v in r] for r in xs if r]"))
    True
    >>> runs_at_once(expression("[f(lambda: v) for v in xs]"))
    False
    """
    if not isinstance(node, (gast.ListComp, gast.DictComp)):
        return False
    made = [node.key, node.value] if isinstance(node, gast.DictComp) else [node.elt]
    inside = [*made, *(part for generator in node.generators for part in (generator.iter, *generator.ifs))]
    others = (*SCOPES, gast.SetComp, gast.GeneratorExp, gast.NamedExpr, gast.Await, gast.Starred)
    if any(isinstance(item, others) for part in inside for item in walk(part)):
        return False
    nested = (item for part in inside for item in walk(part) if isinstance(item, COMPREHENSIONS))
    return all(map(_loops_over_names, [node, *nested]))


def _loops_over_names(node: gast.AST) -> bool:
    """Whether what a comprehension binds are names, or tuples of them."""
    targets = [item for generator in node.generators for item in walk(generator.target)]
    plain = (gast.Name, gast.Tuple, gast.List, gast.expr_context)
    return all(isinstance(item, plain) for item in targets) and not any(g.is_async for g in node.generators)


def names_written(node: gast.AST | Iterable[gast.AST]) -> list[str]:
    """Local names a tree binds (assignment, loops, imports, walrus, nested `def`), each once, in order."""
    found: dict[str, None] = {}
    for item in [node] if isinstance(node, gast.AST) else node:
        _collect_writes(item, found)
    return list(found)


def _collect_writes(node: gast.AST, found: dict[str, None]) -> None:
    pending = [node]
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is gast.Name:
            if type(node.ctx) in _WRITING:
                found[node.id] = None
        elif kind is gast.BinOp:
            pending += (node.right, node.left)
        elif kind is gast.Constant:
            continue
        elif kind in _PLAIN:
            below = _CHILDREN[kind](node)
            below.reverse()
            pending += below
        else:
            _collect_special_writes(node, found)


_WRITING = (gast.Store, gast.Del)


def _collect_special_writes(node: gast.AST, found: dict[str, None]) -> None:
    """`_collect_writes` for a node that binds names otherwise than by a target."""
    if isinstance(node, SCOPES):
        if not isinstance(node, gast.Lambda):
            found.setdefault(node.name)
        return
    if isinstance(node, COMPREHENSIONS):
        for inner in walk(node):
            if isinstance(inner, gast.NamedExpr):
                found.setdefault(inner.target.id)
        return
    if isinstance(node, (gast.Import, gast.ImportFrom)):
        for alias in node.names:
            found.setdefault((alias.asname or alias.name).split(".")[0])
    if isinstance(node, gast.ExceptHandler) and node.name is not None:
        found.setdefault(node.name.id if isinstance(node.name, gast.Name) else node.name)
    if isinstance(node, (gast.MatchAs, gast.MatchStar)) and node.name:
        found.setdefault(node.name)
    if isinstance(node, gast.MatchMapping) and node.rest:
        found.setdefault(node.rest)
    for child in children(node):
        _collect_writes(child, found)


def same(left: object, right: object) -> bool:
    """Whether two trees (or lists of trees) are equal, positions and marks aside."""
    if isinstance(left, gast.AST):
        names = left._fields
        if type(left) is not type(right):
            return False
        return all(same(getattr(left, f, None), getattr(right, f, None)) for f in names)
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(same, left, right))
    # 1, 1.0 and True are different literals, and so are 0.0 and -0.0.
    return type(left) is type(right) and repr(left) == repr(right)


def is_constant(node: gast.AST | None, *values: object) -> bool:
    """Whether a node is a literal, and one of `values` where values are given (type and value)."""
    if not isinstance(node, gast.Constant):
        return False
    return not values or any(type(node.value) is type(v) and node.value == v for v in values)


def is_name(node: gast.AST | None, *names: str) -> bool:
    """Whether a node is a name, and one of `names` where names are given."""
    return isinstance(node, gast.Name) and (not names or node.id in names)


def is_exit(node: gast.AST) -> bool:
    """Whether a statement is the `if flag: break` that may end a loop's body.

    >>> is_exit(statements("if stop: break")[0]), is_exit(statements("if stop: x = 1")[0])
    (True, False)
    """
    return isinstance(node, gast.If) and len(node.body) == 1 and isinstance(node.body[0], gast.Break)


def is_one_of(node: gast.AST | None, names: Container[str]) -> bool:
    """Whether a node is one of some names, of which there may be none.

    >>> is_one_of(load("a"), {"a"}), is_one_of(load("a"), ())
    (True, False)
    """
    return isinstance(node, gast.Name) and node.id in names


def is_atom(node: gast.AST) -> bool:
    """A name, a literal, or the negative of a numeric literal."""
    if isinstance(node, gast.UnaryOp) and isinstance(node.op, gast.USub):
        return isinstance(node.operand, gast.Constant)
    return isinstance(node, (gast.Name, gast.Constant))


def dotted_name(node: gast.AST) -> str | None:
    """`"np.linalg.solve"` for such an attribute chain, None for anything else."""
    parts: list[str] = []
    while isinstance(node, gast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, gast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))


def parameter_names(node: gast.FunctionDef) -> list[str]:
    """All parameters of a function in the order of its signature."""
    arguments = node.args
    positional = [a.id for a in arguments.posonlyargs] + [a.id for a in arguments.args]
    star = [arguments.vararg.id] if arguments.vararg else []
    keyword = [a.id for a in arguments.kwonlyargs]
    double = [arguments.kwarg.id] if arguments.kwarg else []
    return positional + star + keyword + double


# -- copying and rewriting --------------------------------------------------------------------


def copy(node: Node) -> Node:
    """A deep copy with the same positions and marks; contexts and operators are shared."""
    return rebuilt(node, _copy)


def copy_all(body: Iterable[gast.AST]) -> list[gast.AST]:
    """Deep copies of some statements."""
    return [_copy(statement) for statement in body]


def shallow(node: Node) -> Node:
    """A copy that shares its children, with the same position and marks."""
    kind: Any = type(node)
    new: Node = kind.__new__(kind)
    new.__dict__.update(node.__dict__)
    return new


def _copy(node: gast.AST) -> gast.AST:
    return shallow(node) if type(node) is gast.Constant else rebuilt(node, _copy)


def rebuilt(node: Node, change: Callable[[gast.AST], gast.AST]) -> Node:
    """A copy whose children are what `change` makes of them; contexts and operators are shared."""
    kind: Any = type(node)
    new: Node = kind.__new__(kind)
    own = new.__dict__
    own.update(node.__dict__)
    for name in _PARTS[kind]:
        value = own.get(name)
        if type(value) is list:
            own[name] = [change(item) if isinstance(item, gast.AST) else item for item in value]
        elif value is not None and isinstance(value, gast.AST):
            own[name] = change(value)
    return new


def with_each(
    body: list[gast.AST], change: Callable[[gast.AST], list[gast.AST]]
) -> list[gast.AST]:
    """A block in which each statement becomes some statements, at every depth; compound ones are changed in place.

    >>> [text(s) for s in with_each(statements("x = 1\\nif t: y = 2"), lambda s: [s, s])]
    ['x = 1', 'x = 1', 'if t:\\n    y = 2\\n    y = 2', 'if t:\\n    y = 2\\n    y = 2']
    """
    result: list[gast.AST] = []
    for node in body:
        for inner in ("body", "orelse"):
            if type(node) in COMPOUND and getattr(node, inner, None):
                setattr(node, inner, with_each(getattr(node, inner), change))
        result.extend(change(node))
    return result


def with_before(
    body: list[gast.AST], before: Callable[[gast.AST], list[gast.AST]]
) -> list[gast.AST]:
    """A block in which each statement, at every depth, follows those given for it; the very same list where none is.

    >>> [text(s) for s in with_before(statements("x = y"), lambda s: statements("check(y)"))]
    ['check(y)', 'x = y']
    """
    added = {id(node): found for node in every_statement(body) if (found := before(node))}
    if not added:
        return body
    return with_each(body, lambda node: [*(like(item, node) for item in added.get(id(node), ())), node])


def rewrite(node: gast.AST, change: Callable[[gast.AST], gast.AST | None]) -> gast.AST:
    """A copy in which `change` has replaced nodes, children first; None from it keeps a node.

    Contexts and operators are shared with the copy, and are not handed to `change`.
    """
    new = rebuilt(node, lambda child: rewrite(child, change))
    changed = change(new)
    return new if changed is None else changed


def respelled(node: gast.AST, names: Mapping[str, str]) -> gast.AST:
    """`rename` without a copy.

    What does not change is shared with the tree it came from, and so is the whole of it.

    >>> product = expression("a * (b + c)")
    >>> new = respelled(product, {"a": "d"})
    >>> text(new), new.right is product.right
    ('d * (b + c)', True)
    """
    kind = type(node)
    if kind is gast.Constant:
        return node
    if kind is gast.Name:
        name = names.get(node.id)
        return node if name is None else renamed(node, name)
    if kind is gast.BinOp:
        left, right = respelled(node.left, names), respelled(node.right, names)
        if left is node.left and right is node.right:
            return node
        node = shallow(node)
        node.left, node.right = left, right
        return node
    if kind is gast.Assign and len(node.targets) == 1:
        target, value = respelled(node.targets[0], names), respelled(node.value, names)
        if target is node.targets[0] and value is node.value:
            return node
        node = shallow(node)
        node.targets, node.value = [target], value
        return node
    if kind in _WITH_OWN_NAMES:
        return rename(node, names)
    own = node.__dict__
    changes: dict[str, Any] = {}
    for part in _PARTS[kind]:
        value = own.get(part)
        if type(value) is list:
            new: Any = [respelled(v, names) if isinstance(v, gast.AST) else v for v in value]
            if not all(map(operator.is_, new, value)):
                changes[part] = new
        elif value is not None and isinstance(value, gast.AST):
            new = respelled(value, names)
            if new is not value:
                changes[part] = new
    if not changes:
        return node
    node = shallow(node)
    node.__dict__.update(changes)
    return node


def replaced(node: gast.AST, change: Callable[[gast.AST], gast.AST | None]) -> gast.AST:
    """The tree in which `change` has replaced nodes, children first; None from it keeps a node.

    What does not change is shared with the tree it came from, and so is the whole of it.

    >>> sum_ = expression("a + b * c")
    >>> new = replaced(sum_, lambda node: load("d") if is_name(node, "a") else None)
    >>> text(new), new.right is sum_.right
    ('d + b * c', True)
    """
    changes: dict[str, Any] | None = None
    for name in _PARTS[type(node)]:
        value = getattr(node, name, None)
        if value is None:
            continue
        if type(value) is list:
            new: Any = [replaced(v, change) if isinstance(v, gast.AST) else v for v in value]
            if all(map(operator.is_, new, value)):
                continue
        elif isinstance(value, gast.AST):
            new = replaced(value, change)
            if new is value:
                continue
        else:
            continue
        changes = changes or {}
        changes[name] = new
    if changes is not None:
        node = shallow(node)
        node.__dict__.update(changes)
    changed = change(node)
    return node if changed is None else changed


def all_replaced(body: list[gast.AST], change: Callable[[gast.AST], gast.AST | None]) -> list[gast.AST]:
    """A block in whose statements `change` has replaced nodes (`replaced`); the very same list where it has none."""
    new = [replaced(statement, change) for statement in body]
    return body if all(map(operator.is_, new, body)) else new


BINDERS = (*COMPREHENSIONS, gast.Lambda, gast.FunctionDef)
"""Expressions and statements inside which names may mean variables of their own."""


def substitute(node: gast.AST, values: Mapping[str, gast.AST]) -> gast.AST:
    """A copy in which names that are read have become expressions.

    What a comprehension, a lambda or a function inside binds is another variable of that name: it stays, under
    another name where an expression that is put in reads one of the same.

    >>> text(substitute(expression("h * sum([h * k for h in e])"), {"h": const(2), "k": load("h")}))
    '2 * sum([h_ * h for h_ in e])'
    """
    if isinstance(node, gast.Name):
        found = values.get(node.id) if isinstance(node.ctx, gast.Load) else None
        return copy(node if found is None else found)
    if isinstance(node, BINDERS):
        return _substitute_inside(node, values)
    return rebuilt(node, lambda child: substitute(child, values))


def _substitute_inside(node: gast.AST, values: Mapping[str, gast.AST]) -> gast.AST:
    """`substitute` for a scope of its own."""
    outside = outside_parts(node)
    if isinstance(node, COMPREHENSIONS):
        bound = set(names_written([generator.target for generator in node.generators]))
    else:
        bound = {argument.id for argument in every_parameter(node.args)}
        if isinstance(node, gast.FunctionDef):
            bound.update(names_written(node.body))
            bound.difference_update(declared_outside(node))
    free = {name: value for name, value in values.items() if name not in bound}
    used = [value for name, value in free.items() if name in names_read(node)]
    taken = {name for value in used for name in names_read(value)}
    avoided = {*taken, *names_read(node), *bound}
    others: dict[str, str] = {}
    for name in sorted(bound & taken):
        others[name] = f"{name}_"
        while others[name] in avoided:
            others[name] += "_"
        avoided.add(others[name])
    within = free | {old: load(new) for old, new in others.items()}

    def inside(item: gast.AST) -> gast.AST:
        if any(item is part for part in outside):
            return substitute(item, values)
        if isinstance(item, gast.Name) and item.id in others:
            return renamed(item, others[item.id])
        if isinstance(item, (gast.Name, *BINDERS)):
            return substitute(item, within)
        return rebuilt(item, inside)

    return rebuilt(node, inside)


CAPTURES = (gast.MatchAs, gast.MatchStar, gast.MatchMapping)
"""Patterns that bind a name, which is a string in the tree."""
_WITH_OWN_NAMES = frozenset((gast.FunctionDef, gast.Lambda, gast.Global, gast.Nonlocal, *CAPTURES))


def rename(node: gast.AST, names: Mapping[str, str]) -> gast.AST:
    """A copy in which names, read or written, are called otherwise.

    A function or lambda inside keeps what it binds itself.

    >>> text(rename(expression("(lambda y: x + y)(y)"), {"x": "a", "y": "b"}))
    '(lambda y: a + y)(b)'
    """
    if isinstance(node, gast.Name):
        name = names.get(node.id)
        return copy(node) if name is None else renamed(node, name)
    if isinstance(node, (gast.FunctionDef, gast.Lambda)):
        return _rename_inside(node, names)
    if isinstance(node, gast.ClassDef):
        return _rename_class(node, names)
    if isinstance(node, (gast.Global, gast.Nonlocal)):
        return like(type(node)([names.get(name, name) for name in node.names]), node)
    new = rebuilt(node, lambda child: rename(child, names))
    for field in ("name", "rest") if isinstance(node, CAPTURES) else ():
        if getattr(node, field, None) is not None:
            setattr(new, field, names.get(getattr(node, field), getattr(node, field)))
    return new


def _rename_class(node: gast.ClassDef, names: Mapping[str, str]) -> gast.ClassDef:
    """`rename` for a class defined inside: its attributes keep their names, which its methods do not see."""
    own = set(names_written(node.body))
    within = {old: new for old, new in names.items() if old not in own}
    body = []
    for statement in node.body:
        if isinstance(statement, gast.FunctionDef):
            method = shallow(rename(statement, names))
            method.name = statement.name
            body.append(method)
        else:
            body.append(rename(statement, within))
    around = shallow(node)
    around.body = []
    new = rebuilt(around, lambda child: rename(child, names))
    new.name, new.body = names.get(node.name, node.name), body
    return new


def _rename_inside(node: gast.AST, names: Mapping[str, str]) -> gast.AST:
    """`rename` for a function defined inside."""
    outside = outside_parts(node)
    own = {argument.id for argument in every_parameter(node.args)}
    if isinstance(node, gast.FunctionDef):
        own |= set(names_written(node.body)) - set(declared_outside(node))
    within = {old: new for old, new in names.items() if old not in own}

    def change(child: gast.AST) -> gast.AST:
        if child is node.args:
            return rebuilt(child, change)
        return rename(child, names if any(child is part for part in outside) else within)

    new = rebuilt(node, change)
    if isinstance(node, gast.FunctionDef):
        new.name = names.get(node.name, node.name)
    return new


def every_parameter(arguments: gast.arguments) -> list[gast.Name]:
    """All parameters of a function, in order.

    >>> [p.id for p in every_parameter(expression("lambda x, *y, z=1, **k: 0").args)]
    ['x', 'y', 'z', 'k']
    """
    starred = [[] if item is None else [item] for item in (arguments.vararg, arguments.kwarg)]
    first = [*arguments.posonlyargs, *arguments.args]
    return [*first, *starred[0], *arguments.kwonlyargs, *starred[1]]


def fields(node: gast.AST) -> dict[str, Any]:
    """The fields of a node by name."""
    return {name: getattr(node, name, None) for name in node._fields}
