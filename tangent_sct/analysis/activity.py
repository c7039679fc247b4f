"""Which names carry a derivative: varied and useful.

On single assignment both are closures over definitions (Hascoet, Naumann, Pascual 2005):

    varied(v)  = v is an independent, or some operand of its definition is varied
    useful(v)  = v is the result, or v is an operand of the definition of a useful name
    active     = varied and useful

What is stored into an array makes all names that may share its memory varied; an array of which any
name is useful makes all names that share its memory useful. Names that surely hold no real numbers
(integers, booleans, strings) are never active.

Requires: single assignment, kinds, alias classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import gast

from tangent_sct.analysis.operations import opened, operation
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.frontend.active import mentions_active
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.templating import registry


@dataclass(frozen=True)
class Edge:
    """A flow of derivatives: from operands to the target; a store also keeps what was there."""

    target: str
    operands: tuple[str, ...]
    is_store: bool


def differentiable_operands(node: gast.AST, namespace: Mapping[str, Any]) -> list[str]:
    """Names whose derivative an expression may pass on."""
    if isinstance(node, (gast.Name, gast.Tuple, gast.List, gast.Dict)):
        return [item.id for item in opened(node) if isinstance(item, gast.Name)]
    if isinstance(node, (gast.BoolOp, gast.Compare)):
        return []
    found = operation(node, namespace)
    if found is None or found.function is None:
        return []
    rule = registry.find(found.function)
    if rule is not None and rule.is_zero:
        return []
    return [item.id for item in found.operands() if isinstance(item, gast.Name)]


def edges(body: Iterable[gast.AST], namespace: Mapping[str, Any]) -> Iterator[Edge]:
    """All flows of derivatives in a program."""
    for node in tree.every_statement(body):
        if isinstance(node, (gast.Assign, gast.AugAssign)):
            target = node.targets[0] if isinstance(node, gast.Assign) else node.target
            operands = tuple(differentiable_operands(node.value, namespace))
            if isinstance(target, gast.Name):
                yield Edge(target.id, operands, isinstance(node, gast.AugAssign))
            elif isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name):
                yield Edge(target.value.id, operands, True)
        elif isinstance(node, gast.Expr) and isinstance(node.value, gast.Call):
            names = list(dict.fromkeys(differentiable_operands(node.value, namespace)))
            function = node.value.func
            if isinstance(function, gast.Attribute) and isinstance(function.value, gast.Name):
                owner = function.value.id
                names += [owner] if owner not in namespace and owner not in names else []
            for name in names:
                yield Edge(name, tuple(n for n in names if n != name), True)
        elif isinstance(node, gast.For):
            operands = tuple(differentiable_operands(node.iter, namespace))
            for name in tree.names_written(node.target):
                yield Edge(name, operands, False)


def varied(
    flows: list[Edge],
    sources: Iterable[str],
    share: Callable[[str], Iterable[str]],
    may: Callable[[str], bool],
) -> set[str]:
    """Names that may depend on the sources."""
    readers: dict[str, list[str]] = {}
    for edge in flows:
        for operand in edge.operands:
            readers.setdefault(operand, []).extend(
                share(edge.target) if edge.is_store else [edge.target]
            )
    return _closure(sources, readers, may)


def useful(
    flows: list[Edge],
    results: Iterable[str],
    share: Callable[[str], Iterable[str]],
    may: Callable[[str], bool],
) -> set[str]:
    """Names on which the results may depend."""
    operands: dict[str, list[str]] = {}
    for edge in flows:
        targets = share(edge.target) if edge.is_store else [edge.target]
        for target in targets:
            operands.setdefault(target, []).extend(edge.operands)
            if edge.is_store:
                operands[target].append(edge.target)
    return _closure(results, operands, may)


def _closure(
    start: Iterable[str], follow: Mapping[str, list[str]], may: Callable[[str], bool]
) -> set[str]:
    found: set[str] = set()
    pending = [name for name in start if may(name)]
    while pending:
        name = pending.pop()
        if name in found:
            continue
        found.add(name)
        pending.extend(n for n in follow.get(name, ()) if n not in found and may(n))
    return found


def active(
    body: list[gast.AST],
    namespace: Mapping[str, Any],
    sources: Iterable[str],
    results: Iterable[str],
    share: Callable[[str], Iterable[str]],
    kind_of: Callable[[str], Kind],
) -> set[str]:
    """Names that are varied and useful, closed over shared memory.

    Args:
        body: a program in single assignment.
        namespace: what its free names mean.
        sources: the independents (differentiated parameters).
        results: names whose derivative is asked for.
        share: for a name, all names that may share memory with it, where that memory is written.
        kind_of: kind of a name.
    """

    def may(name: str) -> bool:
        return kind_of(name).is_float is not False or kind_of(name).is_container

    def seen(name: str) -> list[str]:
        # A list may hold what a number is bound to, and yet no store into it changes that number.
        return [n for n in share(name) if n == name or not kind_of(n).is_scalar]

    flows = list(edges(body, namespace))
    forward = varied(flows, sources, seen, may)
    both = forward & useful(flows, results, seen, may)
    for name in list(both):
        both.update(n for n in seen(name) if n in forward and may(n))
    return both


def refuse_hidden(body: Iterable[gast.AST], namespace: Mapping[str, Any], found: set[str]) -> None:
    """Refuse a program in which an active name stands where no derivative would be seen to flow.

    The front end breaks up what its coarse activity calls active; this closes the gap should the two
    ever disagree: an operand that is no atom, or an expression kept whole, must mention no active
    name in a differentiable position.

    Raises:
        UnsupportedError: naming the statement.
    """

    def is_zero(function: gast.AST) -> bool:
        value = meaning(function, namespace)
        rule = None if value is MISSING else registry.find(value)
        return rule is not None and rule.is_zero

    for node in tree.every_statement(body):
        if isinstance(node, (gast.If, gast.For, gast.While, gast.With)):
            continue
        for part in _indices(node):
            if mentions_active(part, found, is_zero):
                raise UnsupportedError(
                    f"values to be differentiated stand in an index: `[{tree.text(part)}]`",
                    tree.origin_of(node),
                    "join arrays by np.concatenate, np.hstack or np.stack, not by np.r_ or np.c_; "
                    "make what selects elements an integer by int(...)",
                )
        for part in _whole_parts(node, namespace):
            if mentions_active(part, found, is_zero):
                raise UnsupportedError(
                    f"`{tree.text(part)}` holds values to be differentiated in a form that is not "
                    "followed",
                    tree.origin_of(node),
                    "give it a name of its own in a statement before",
                )


def _indices(node: gast.AST) -> Iterator[gast.AST]:
    """The indices in a statement: those into arrays and containers hold nothing to be differentiated."""
    value = getattr(node, "value", None)
    simple = (gast.Assign, gast.AugAssign, gast.Expr, gast.Return)
    if isinstance(node, simple) and value is not None:
        for item in tree.walk(value):
            if isinstance(item, gast.Subscript):
                yield item.slice


def _whole_parts(node: gast.AST, namespace: Mapping[str, Any]) -> Iterator[gast.AST]:
    """The expressions of a statement that are taken to be inactive as a whole."""
    value = getattr(node, "value", None)
    if not isinstance(node, (gast.Assign, gast.AugAssign, gast.Expr, gast.Return)):
        return
    if not isinstance(value, gast.AST) or isinstance(value, gast.Name):
        return
    if isinstance(value, (gast.Tuple, gast.List, gast.Dict)):
        yield from (item for item in opened(value) if not tree.is_atom(item))
        return
    found = operation(value, namespace)
    if found is None:
        yield value
        return
    if found.function is None:
        return
    rule = None if found.function is MISSING else registry.find(found.function)
    if rule is None or not rule.is_zero:
        yield from (item for item in found.operands() if not tree.is_atom(item))


def refuse_complex(
    body: Iterable[gast.AST], found: set[str], kind_of: Callable[[str], Kind]
) -> None:
    """Refuse complex numbers among what is differentiated: no convention for them is built in yet.

    Raises:
        UnsupportedError: naming the statement that makes the first one.
    """
    for node in tree.every_statement(body):
        for name in tree.names_written(node) if isinstance(node, gast.Assign) else ():
            dtype = kind_of(name).dtype
            if name in found and dtype is not None and dtype.startswith("complex"):
                raise UnsupportedError(
                    "complex numbers cannot be differentiated yet",
                    tree.origin_of(node),
                    "compute with real and imaginary parts",
                )


def refuse_key_loops(body: Iterable[gast.AST], kind_of: Callable[[gast.AST], Kind]) -> None:
    """Refuse a loop over a dict that was taken for a loop over a sequence: it runs over keys.

    Raises:
        UnsupportedError: naming the loop.
    """
    for node in tree.every_statement(body):
        value = getattr(node, "value", None)
        if isinstance(value, gast.Subscript) and getattr(value, "in_turn", False):
            if kind_of(value.value).family == "dict":
                raise UnsupportedError(
                    "a loop over a dict runs over its keys",
                    tree.origin_of(node),
                    "write `for key in list(d):` or `for key, value in d.items():`",
                )
