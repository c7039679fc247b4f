"""Functions that call themselves and write into arrays that they are given, as functions that return these.

A call of such a function is a statement, and its result nobody reads. The function made of it works on its own copy
and returns that; where it was called, the copy is stored back, so that whoever sees the array sees what was written.

    def sort(a, low, high):             def sort(a, low, high):
        ...                                 a = a.copy()
                                            ...
        sort(a, low, middle)                a[...] = sort(a, low, middle)
        a[low] = a[high]                    a[low] = a[high]
                                            return a
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import gast

from tangent_sct.core import tree
from tangent_sct.core.origins import Source
from tangent_sct.frontend.made import WRITTEN
from tangent_sct.frontend.namespace import MISSING, is_library, meaning
from tangent_sct.frontend.rules import Lookup
from tangent_sct.runtime import check_apart


@dataclass(frozen=True)
class Storing:
    """A function that returns what another one writes into.

    Attributes:
        function: the function that returns.
        parameters: the parameters of both.
        written: those that are written into, of which the function returns the one, or a tuple.
    """

    function: Any
    parameters: tuple[str, ...]
    written: tuple[str, ...]


RETURNING: WeakKeyDictionary[Any, Storing] = WeakKeyDictionary()
"""The functions that were made: they write into nothing, and what they return is their own."""

_KNOWN: WeakKeyDictionary[Any, Storing | None] = WeakKeyDictionary()


def storing(function: Any, text_of: Callable[[Any], tuple[Source, gast.FunctionDef]]) -> Storing | None:
    """What stands for a function that calls itself and writes into its arguments; None for every other one.

    Args:
        function: a Python function that calls itself.
        text_of: gives the source and the tree of a function.
    """
    if function not in _KNOWN:
        _KNOWN[function] = _storing(function, *text_of(function))
    return _KNOWN[function]


def stored(
    call: gast.Call, found: Storing, spelled: str, fresh: Callable[[str], str], checked: Sequence[str] = ()
) -> list[gast.AST] | None:
    """The statements for a call of such a function; None where its arguments are not simply written out.

    Args:
        call: the call.
        found: what stands for the function.
        spelled: its name in the program.
        fresh: gives out names.
        checked: parameters whose arguments may share memory with one that is written into.
    """
    if any(isinstance(a, gast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return None
    given = dict(zip(found.parameters, call.args, strict=False)) | {k.arg: k.value for k in call.keywords}
    if len(call.args) > len(found.parameters) or not set(found.written) <= set(given):
        return None
    before: list[gast.AST] = []
    for name in found.written:
        if not isinstance(given[name], gast.Name):
            part = fresh(name)
            before.append(tree.assign(part, given[name]))
            given[name] = tree.load(part)
    if checked:
        apart = [*found.written, *(name for name in checked if name in given and name not in found.written)]
        before.append(tree.effect(tree.call("check_apart", *(tree.copy(given[name]) for name in apart))))
    args = [given[name] for name in found.parameters[: len(call.args)]]
    keywords = [gast.keyword(k.arg, given[k.arg]) for k in call.keywords]
    result: gast.AST = gast.Call(tree.load(spelled), [tree.copy(a) for a in args], keywords)
    names = [fresh(name) for name in found.written]
    if len(names) == 1:
        before.append(tree.assign(names[0], result))
    else:
        parts = fresh("parts")
        before.append(tree.assign(parts, result))
        before += [
            tree.assign(name, tree.subscript(tree.load(parts), tree.const(place))) for place, name in enumerate(names)
        ]
    return [*before, *(_store(given[p], tree.load(name), call) for p, name in zip(found.written, names, strict=True))]


def _store(array: gast.Name, value: gast.AST, call: gast.Call) -> gast.AST:
    target = gast.Subscript(tree.load(array.id), tree.const(...), gast.Store())
    statement = tree.assign(target, value)
    statement.of_array = tree.text(call)
    return statement


_OTHER = (
    gast.FunctionDef, gast.Lambda, gast.ClassDef, gast.Yield, gast.YieldFrom, gast.Try, gast.Global, gast.Nonlocal,
)  # fmt: skip
"""What such a function must not hold."""


def _storing(function: types.FunctionType, source: Source, node: gast.FunctionDef) -> Storing | None:
    arguments = node.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs or node.decorator_list:
        return None
    inside = [item for statement in node.body for item in tree.walk(statement)]
    if any(isinstance(item, _OTHER) for item in inside):
        return None
    returns = [item.value for item in inside if isinstance(item, gast.Return)]
    if not all(value is None or tree.is_constant(value, None) for value in returns):
        return None
    objects = Lookup(source)
    calls = [item for item in inside if isinstance(item, gast.Call) and meaning(item.func, objects) is function]
    effects = {id(item.value) for item in inside if isinstance(item, gast.Expr)}
    if not calls or not all(id(call) in effects for call in calls):
        return None
    parameters = tuple(tree.parameter_names(node))
    reached = _Roots(parameters, inside).reached
    written = _written(inside, parameters, calls, objects, reached)
    if not written or set(written) & set(tree.names_written(node.body)):
        return None
    name = node.name
    # Where it carries no derivative, the text calls it as it is.
    lines = [
        f"def {name}({', '.join(parameters)}):",
        *(f"    {p} = {p}.copy()" for p in written),
        f"    original_({', '.join(parameters)})",
        f"    return {', '.join(written)}",
    ]
    space: dict[str, Any] = {"original_": function}
    exec(compile("\n".join(lines), f"<{name}>", "exec", dont_inherit=True), space)
    new = space[name]
    new.__defaults__ = function.__defaults__
    new.__module__ = function.__module__
    found = Storing(new, parameters, written)
    # By its own name it means itself.
    checked = {id(call): _near(call, found, reached) for call in calls}
    if any(checked.values()) and source.globals.get("check_apart", check_apart) is not check_apart:
        return None
    body = _with_results(node.body, found, checked, name)
    if body is None:
        return None
    outside = {**source.globals, **{n: c.cell_contents for n, c in source.cells.items()}, name: new}
    outside["check_apart"] = check_apart
    own_source = Source(source.text, source.file, source.line, source.column, name, new, outside, {})
    copies = [
        tree.like(tree.assign(p, tree.call(tree.attribute(tree.load(p), "copy"))), node.body[0]) for p in written
    ]
    body = [*copies, *body, _result(written, node)]
    definition = tree.like(tree.function(name, arguments, body, None), node)
    WRITTEN[new] = own_source, definition
    RETURNING[new] = found
    return found


def _result(written: tuple[str, ...], model: gast.AST) -> gast.AST:
    value = tree.load(written[0]) if len(written) == 1 else tree.tuple_of(map(tree.load, written))
    return tree.like(tree.return_(value), model)


def _near(call: gast.Call, found: Storing, reached: Callable[[gast.AST], set[str]]) -> list[str]:
    """The parameters whose arguments in a call may share memory with one that is written into."""
    given = dict(zip(found.parameters, call.args, strict=False)) | {k.arg: k.value for k in call.keywords}
    return [
        name
        for name, value in given.items()
        if any(p != name and p in given and reached(value) & reached(given[p]) for p in found.written)
    ]


def _with_results(
    body: list[gast.AST], found: Storing, calls: Mapping[int, list[str]], name: str
) -> list[gast.AST] | None:
    """A block in which calls of the function store what it returns, and returns give what it has written into."""
    output: list[gast.AST] = []
    counts: dict[str, int] = {}

    def fresh(base: str) -> str:
        counts[base] = counts.get(base, 0) + 1
        return f"{base}_part_{counts[base]}"

    for node in body:
        if isinstance(node, gast.Return):
            output.append(_result(found.written, node))
        elif isinstance(node, gast.Expr) and id(node.value) in calls:
            statements = stored(node.value, found, name, fresh, calls[id(node.value)])
            if statements is None:
                return None
            output += [tree.like(statement, node) for statement in statements]
        elif any(True for _ in tree.blocks(node)):
            new = tree.like(type(node)(**{field: getattr(node, field, None) for field in node._fields}), node)
            for part in ("body", "orelse"):
                block = getattr(node, part, None)
                if isinstance(block, list):
                    inner = _with_results(block, found, calls, name)
                    if inner is None:
                        return None
                    setattr(new, part, inner)
            output.append(new)
        else:
            output.append(node)
    return output


_FRESH = ("copy", "astype", "sum", "mean", "max", "min", "tolist", "dot")
"""Methods whose result shares nothing with their array."""


class _Roots:
    """Which parameters a variable may share memory with.

    Args:
        parameters: of the function.
        inside: all nodes of its body.
    """

    def __init__(self, parameters: tuple[str, ...], inside: list[Any]) -> None:
        self._roots: dict[str, set[str]] = {name: {name} for name in parameters}
        size = -1
        while size != sum(map(len, self._roots.values())):
            size = sum(map(len, self._roots.values()))
            for target, value in (pair for item in inside for pair in _bindings(item)):
                for name in tree.names_written(target):
                    self._roots.setdefault(name, set()).update(self.reached(value))

    def reached(self, expression: gast.AST) -> set[str]:
        """Parameters that what an expression gives may share memory with."""
        if isinstance(expression, (gast.BinOp, gast.UnaryOp, gast.Compare, gast.Constant, gast.JoinedStr)):
            return set()
        if isinstance(expression, gast.Call):
            function = expression.func
            if isinstance(function, gast.Attribute) and function.attr in _FRESH:
                return set()
            if tree.is_name(function, "len", "range", "float", "int", "abs", "round"):
                return set()
        return {root for name in tree.names_read(expression) for root in self._roots.get(name, ())}


def _bindings(item: gast.AST) -> list[tuple[Any, Any]]:
    """The targets that a node assigns, with the expressions that they are taken from."""
    if isinstance(item, gast.Assign):
        return [(target, item.value) for target in item.targets]
    if isinstance(item, (gast.For, gast.comprehension)):
        return [(item.target, item.iter)]
    if isinstance(item, (gast.AnnAssign, gast.NamedExpr)) and item.value is not None:
        return [(item.target, item.value)]
    return []


def _written(
    inside: list[Any],
    parameters: tuple[str, ...],
    calls: list[gast.Call],
    objects: Mapping[str, Any],
    reached: Callable[[gast.AST], set[str]],
) -> tuple[str, ...]:
    """The parameters that a function may write into: rather too many, since what is not is stored back as it is."""
    found: set[str] = set()
    for item in inside:
        if isinstance(item, (gast.Subscript, gast.Attribute)) and not isinstance(item.ctx, gast.Load):
            found |= reached(item.value)
        elif isinstance(item, gast.AugAssign) and isinstance(item.target, gast.Name):
            found |= reached(tree.load(item.target.id))
        elif isinstance(item, gast.Call) and item not in calls:
            found |= _by_call(item, objects, reached)
    count = -1
    while count != len(found):
        count = len(found)
        for call in calls:
            given = dict(zip(parameters, call.args, strict=False)) | {k.arg: k.value for k in call.keywords}
            for name in set(found) & set(given):
                found |= reached(given[name])
    return tuple(name for name in parameters if name in found and name not in _positions(inside))


def _positions(inside: list[Any]) -> set[str]:
    """Names that are used as positions. What is written into such ones is refused where the function is read."""
    found: set[str] = set()
    for item in inside:
        if isinstance(item, gast.Subscript):
            found.update(_terms(item.slice))
        elif isinstance(item, gast.Call) and tree.is_name(item.func, "range"):
            found.update(argument.id for argument in item.args if isinstance(argument, gast.Name))
        elif isinstance(item, gast.BinOp) and isinstance(item.op, (gast.FloorDiv, gast.LShift, gast.RShift)):
            found.update(_terms(item))
        elif isinstance(item, gast.Compare):
            values = (item.left, *item.comparators)
            found.update(value.id for value in values if isinstance(value, gast.Name))
    return found


def _terms(node: gast.AST) -> set[str]:
    """The names in sums, products and bounds, and none in calls or subscripts."""
    if isinstance(node, gast.Name):
        return {str(node.id)}
    if isinstance(node, (gast.BinOp, gast.UnaryOp, gast.Slice, gast.Tuple)):
        return {name for child in tree.children(node) for name in _terms(child)}
    return set()


def _by_call(call: gast.Call, objects: Mapping[str, Any], reached: Callable[[gast.AST], set[str]]) -> set[str]:
    """Parameters that a call other than of the function itself may write into."""
    function = meaning(call.func, objects)
    values = [*call.args, *(k.value for k in call.keywords)]
    every = set().union(*map(reached, values))
    if function is MISSING:
        changes = isinstance(call.func, gast.Attribute) and call.func.attr not in _FRESH
        return every | (reached(call.func.value) if changes else set())
    if not is_library(getattr(function, "__module__", None)):
        return every
    writers = ("copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis", "at", "shuffle")
    is_writer = getattr(function, "__name__", "") in writers or any(k.arg == "out" for k in call.keywords)
    return every if is_writer else set()
