"""The order of the passes: from a user's function to the text of its derivative.

    read        source -> small language, calls unfolded            frontend.program
    single      structured single assignment                        frontend.single
    resolve     `y += e` by kind; copies of written arguments       derive.resolve
    derive      tangent or adjoint program                          derive.forward, derive.reverse
    dead        what nothing needs                                  optimize.dead
    record      what reversed loops read: computed again or taped   derive.record
    FINISH      a tuple of passes, below
    emit        text, comments, source map                          emit.text
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import gast

from tangent_sct.analysis.activity import active
from tangent_sct.analysis.aliases import Classes, alias_classes
from tangent_sct.analysis.kinds import Kinds, infer
from tangent_sct.core import tree
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import Kind
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.core.unit import Request, Unit
from tangent_sct.derive.calls import Calls
from tangent_sct.derive.context import Context
from tangent_sct.derive.modes import Derived, gradient, pullback, pushforward
from tangent_sct.derive.recompute import cheap_test, stable_test
from tangent_sct.derive.record import record
from tangent_sct.derive.resolve import protect, resolve
from tangent_sct.emit.text import Text, emit
from tangent_sct.frontend.namespace import Namespace
from tangent_sct.frontend.program import Reader
from tangent_sct.frontend.single import single
from tangent_sct.frontend.source import source_of
from tangent_sct.optimize.copies import copies
from tangent_sct.optimize.dead import dead
from tangent_sct.optimize.fold import fold
from tangent_sct.optimize.inplace import inplace
from tangent_sct.optimize.nest import nest
from tangent_sct.optimize.subexpressions import subexpressions

Pass = Callable[[Unit], Unit]
Watch = Callable[[str, Unit], None]
"""Told of the unit after each pass that changed it."""


def kinds_of(unit: Unit) -> Kinds:
    """The kinds of a unit as it stands."""
    return infer(unit)


FINISH: tuple[tuple[str, Pass], ...] = (
    ("fold", lambda unit: fold(unit, kinds_of(unit).kind_of)),
    ("subexpressions", subexpressions),
    ("dead", lambda unit: dead(unit, kinds_of(unit).kind_of)),
    ("copies", copies),
    ("nest", nest),
    ("fold again", lambda unit: fold(unit, kinds_of(unit).kind_of)),
    ("inplace", lambda unit: inplace(unit, kinds_of(unit).kind_of)),
)
"""The optimiser, in order. A pass returns the same unit when there is nothing to do."""

MODES = {
    "grad": gradient,
    "value_and_grad": gradient,
    "vjp": pullback,
    "jvp": pushforward,
}


@dataclass(frozen=True)
class Result:
    """A derivative: its unit after all passes, and its text."""

    unit: Unit
    text: Text
    uses: tuple[tuple[Source, str, Any], ...]
    written: tuple[int, ...]


def differentiate(
    function: Any,
    request: Request,
    parameters: tuple[str, ...],
    watch: Watch | None = None,
    passes: Iterable[tuple[str, Pass]] = FINISH,
) -> Result:
    """Write the derivative of a function.

    Args:
        function: the user's function.
        request: what is asked for; `wrt` and `kinds` by the function's own parameter names.
        parameters: those of its parameters that the derivative takes; the others keep their defaults.
        watch: told of the unit after each pass that changed it.
        passes: the optimiser's passes.

    Raises:
        UnsupportedError: when the function uses what is not supported.
    """
    seen = watch or (lambda name, unit: None)
    program = read(function, request, parameters)
    seen("read", program.unit)
    unit, written = prepare(program, seen)
    unit = derive(unit, program.names, request, seen)
    for name, step in passes:
        after = step(unit)
        if after is not unit:
            seen(name, after)
        unit = after
    text = emit([*unit.companions, unit.tree])
    positions = tuple(parameters.index(name) for name in written)
    return Result(unit, text, tuple(program.namespace.uses), positions)


@dataclass(frozen=True)
class Program:
    """A function in the small language, with the names it was given."""

    unit: Unit
    names: Names
    namespace: Namespace
    temporaries: set[str]


def read(function: Any, request: Request, parameters: tuple[str, ...]) -> Program:
    """The function in the small language."""
    reader = Reader(Names())
    source = source_of(function)
    known = dict(request.kinds)
    names = [n for n in request.wrt if n not in known or known[n].is_float is not False or known[n].is_container]
    node = reader.function(function, names, parameters)
    unit = Unit(node, source, request, reader.namespace.objects)
    return Program(unit, reader.names, reader.namespace, reader.temporaries)


def prepare(program: Program, seen: Watch) -> tuple[Unit, list[str]]:
    """Single assignment, updates decided by kind, written arguments copied; and which those are."""
    unit, names = program.unit, program.names
    body, bases = single(unit.tree, names, program.temporaries)
    unit = unit.with_body(body, bases=bases)
    seen("single", unit)
    kinds = infer(unit)
    varied = _may_vary(unit, kinds)
    resolved = resolve(body, program.namespace, names, bases, kinds.kind_of, varied)
    unit = unit.with_body(resolved, bases=bases, namespace=program.namespace.objects)
    kinds = infer(unit)
    classes = alias_classes(unit.tree.body, unit.namespace, kinds.kind_of)
    written = stored_names(unit.tree.body, classes)
    mine = [n for n in tree.parameter_names(unit.tree) if n in written]
    if mine:
        protected = protect(unit.tree.body, mine, program.namespace, names, bases, kinds.kind_of)
        unit = unit.with_body(protected, namespace=program.namespace.objects)
    seen("resolve", unit)
    return unit, mine


def _may_vary(unit: Unit, kinds: Kinds) -> Callable[[str], bool]:
    body = unit.tree.body
    share = lambda name: (name,)  # noqa: E731
    found = active(
        body, unit.namespace, unit.request.wrt, tree.names_written(body), share,
        lambda name: kinds.kind_of(tree.load(name)),
    )  # fmt: skip
    return lambda name: name in found


def stored_names(body: list[gast.AST], classes: Classes) -> frozenset[str]:
    """Names whose memory is written in place by some statement."""
    found: set[str] = set()
    for node in tree.every_statement(body):
        target: gast.AST | None = None
        if isinstance(node, gast.Assign):
            target = node.targets[0]
        elif isinstance(node, gast.AugAssign):
            target = node.target
            if isinstance(target, gast.Name):
                found.update(classes.members(target.id))
        elif isinstance(node, gast.Expr) and isinstance(node.value, gast.Call):
            call = node.value
            if isinstance(call.func, gast.Attribute) and call.func.attr == "at" and call.args:
                if isinstance(call.args[0], gast.Name):
                    found.update(classes.members(call.args[0].id))
        if isinstance(target, gast.Subscript) and isinstance(target.value, gast.Name):
            found.update(classes.members(target.value.id))
    return frozenset(found)


def derive(unit: Unit, names: Names, request: Request, seen: Watch) -> Unit:
    """The derivative program, with what its loops need recorded."""
    kinds = infer(unit)
    body = unit.tree.body
    classes = alias_classes(body, unit.namespace, kinds.kind_of)
    bases = dict(unit.bases)
    namespace = Namespace(names, unit.namespace)
    stored = stored_names(body, classes)

    def share(name: str) -> frozenset[str]:
        return frozenset(classes.members(name))

    def share_stored(name: str) -> Iterable[str]:
        return classes.members(name) if name in stored else (name,)

    def kind_of_name(name: str) -> Kind:
        return kinds.kind_of(tree.load(name))

    returned = body[-1].value
    results = tree.names_read(returned)
    found = active(body, unit.namespace, request.wrt, results, share_stored, kind_of_name)
    context = Context(names, namespace, bases, kinds.kind_of, share, stored, found)
    parameters = tree.parameter_names(unit.tree)
    derived = MODES[request.mode](context, unit.tree.name, parameters, body, request, Calls(context))
    unit = _with_function(unit, derived, namespace, bases)
    seen("derive", unit)
    unit = dead(unit)
    seen("dead", unit)
    if request.mode == "jvp":
        return unit
    recorded = record(list(unit.tree.body), names, bases, cheap_test(context), stable_test(context, stored))
    unit = unit.with_body(recorded, bases=bases, namespace=namespace.objects)
    seen("record", unit)
    return unit


def _with_function(
    unit: Unit, derived: Derived, namespace: Namespace, bases: Mapping[str, str]
) -> Unit:
    arguments = tree.parameters(derived.parameters, derived.defaults)
    function = tree.like(tree.function(derived.name, arguments, derived.body), unit.tree)
    return replace(unit, tree=function, namespace=namespace.objects, bases=bases)
