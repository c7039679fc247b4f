"""Functions in the small language, and the ways in which they are read."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gast

from tangent_sct.analysis.calls import Calls
from tangent_sct.core import tree
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.core.unit import Request, Unit
from tangent_sct.frontend.given import unbound
from tangent_sct.frontend.namespace import Namespace
from tangent_sct.frontend.outputs import returning
from tangent_sct.frontend.program import Reader
from tangent_sct.frontend.ruled import is_ruled, signature_of
from tangent_sct.frontend.source import source_of, tree_of


@dataclass(frozen=True)
class Ways:
    """How a program is read and derived: the plain way first, other ways where that is refused.

    Attributes:
        replays: whether recursive calls are run again in the reverse sweep, so that nothing is kept of them.
        inner: whether they are in the derivatives that the program calls.
        by_steps: whether each `try` is cut where something is left half done.
        unfolds: whether functions defined inside are unfolded where no differentiated value goes through them, too.
        copies_all: whether arrays that checkpointed loops only fill are part of their states.
        follows_all: whether objects are followed, too, that the program makes of what is not differentiated.
        parts_all: whether what is made of any variable is broken up, as if all of them were differentiated.
        in_turn: whether items without a derivative are computed when it is their turn, where that may matter.
        asks_objects: whether the running program is asked what may be an object whose class has operators.
    """

    replays: bool = False
    inner: bool = False
    by_steps: bool = False
    unfolds: bool = False
    copies_all: bool = False
    follows_all: bool = False
    parts_all: bool = False
    in_turn: bool = False
    asks_objects: bool = False


@dataclass(frozen=True)
class Program:
    """A function in the small language, with the names it was given."""

    unit: Unit
    reader: Reader


def read(
    function: Any, request: Request, parameters: tuple[str, ...] | None, reader: Reader
) -> Program:
    """The function in the small language."""
    known = dict(request.kinds)
    differentiated = tuple(known) if reader.parts_all else request.wrt
    active_names = [n for n in differentiated if n not in known or may_vary(known[n])]
    keys = {
        name: [key for key, _ in kind.items]
        for name, kind in request.kinds
        if kind.items is not None
    }
    node = reader.function(
        function, active_names, parameters, keys, dict(request.kinds), request.outputs
    )
    source, _ = reader.callees.text_of(unbound(function)[0])
    unit = Unit(node, source, request, reader.namespace.objects)
    return Program(unit, reader)


def reader_for(
    names: Names,
    namespace: Namespace,
    ways: Ways,
    fills: bool,
    argument_kinds: dict[Any, tuple[Kind, ...]] | None = None,
) -> Reader:
    """What reads functions, told which calls may write."""
    return Reader(
        names, namespace, argument_kinds=argument_kinds, may_write=_may_write, fills=fills,
        replays=ways.inner, by_steps=ways.by_steps, unfolds_all=ways.unfolds, follows_all=ways.follows_all,
        parts_all=ways.parts_all, in_turn=ways.in_turn,
    )  # fmt: skip


def _may_write(call: gast.Call, objects: Mapping[str, Any]) -> bool:
    return Calls(objects).facts(call).effect in ("writes", "unknown")


def calling(
    function: Any, request: Request, parameters: tuple[str, ...], reader: Reader
) -> Program:
    """A function that is differentiated through a call of it.

    A recursive one, whose pair calls itself; and one that shows the parameters of the function it
    wraps (`functools.wraps`) and takes `*args`.
    """
    source = source_of(function)
    node = tree_of(source)
    reader.names.reserve(parameters)
    callee = tree.load(reader.namespace.name_for(source.name, function))
    call = gast.Call(callee, [], [])
    for name, parameter in inspect.signature(function).parameters.items():
        if name not in parameters:
            continue
        if parameter.kind is parameter.KEYWORD_ONLY:
            call.keywords.append(gast.keyword(name, tree.load(name)))
        elif parameter.kind is not parameter.VAR_KEYWORD:
            call.args.append(tree.load(name))
    result = reader.names.fresh("result")
    reader.temporaries.add(result)
    model = node.body[-1]
    body = [
        tree.like(tree.assign(result, call), model),
        tree.like(tree.return_(tree.load(result)), model),
    ]
    if request.outputs is not None:
        whole = tree.function(source.name, tree.parameters(parameters), body)
        body = returning(tree.like(whole, node), request.outputs, reader.names).body
    body = reader.expand(body, lambda node: any(n in request.wrt for n in tree.names_read(node)))
    outer = tree.like(tree.function(source.name, tree.parameters(parameters), body), node)
    return Program(Unit(outer, source, request, reader.namespace.objects), reader)


def is_wrapper(function: Any) -> bool:
    """Whether a function shows the signature of another one that it wraps."""
    if is_ruled(function) or not hasattr(function, "__wrapped__"):
        return False
    return signature_of(function) != signature_of(function, follow_wrapped=False)


def may_vary(kind: Kind) -> bool:
    return kind.is_float is not False or kind.is_container
