"""From a user's function to the text of its derivative, by the passes in their order."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakKeyDictionary

from tangent_sct.analysis.calls import OWNING
from tangent_sct.analysis.guards import Guard, attributes_of, refuse_replaced
from tangent_sct.analysis.kinds import infer
from tangent_sct.analysis.notes import Noted
from tangent_sct.core.collection import uncollected
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.kind import UNKNOWN, Kind
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Source
from tangent_sct.core.unit import Request, Unit
from tangent_sct.emit.attributes import with_attributes
from tangent_sct.emit.shadowed import refuse_shadowed
from tangent_sct.emit.text import Text, emit
from tangent_sct.frontend.callees import is_generated
from tangent_sct.frontend.filling import may_fill
from tangent_sct.frontend.late import shadowed
from tangent_sct.frontend.namespace import Namespace
from tangent_sct.frontend.owned import SHARED
from tangent_sct.frontend.single import single
from tangent_sct.pipeline.derivation import derive
from tangent_sct.pipeline.module import MADE, Halved, Made, Module, Shared
from tangent_sct.pipeline.passes import FINISH, Pass, Watch, finish, unseen
from tangent_sct.pipeline.preparation import prepare
from tangent_sct.pipeline.programs import Program, Ways, calling, is_wrapper, read, reader_for
from tangent_sct.pipeline.shared import shared_adjoints
from tangent_sct.templating import registry


@dataclass(frozen=True)
class Result:
    """A derivative: its unit after all passes, and its text.

    Attributes:
        unit: the derivative function, with the functions it calls as companions.
        text: what is printed and run.
        uses: free names of the user's functions, with the objects they meant.
        attributes: what attributes of objects that they read meant.
        written: positions of the parameters that the function writes into.
        companions: the functions made for recursive callees, by what they are.
        noted: lists outside of the program that it puts values in which vary.
        rules: which rules there were.
    """

    unit: Unit
    text: Text
    uses: tuple[tuple[Source, str, Any], ...]
    attributes: tuple[Guard, ...]
    written: tuple[int, ...]
    companions: tuple[tuple[str, Made], ...] = ()
    noted: tuple[Noted, ...] = ()
    rules: int = field(default_factory=registry.state)

    def is_current(self) -> bool:
        """Whether everything that the text was written for still means the same."""
        if self.rules != registry.state():
            return False
        for source, name, value in self.uses:
            try:
                if source.lookup(name) is not value:
                    return False
            except KeyError:
                return False
        for attribute in self.attributes:
            if not attribute.holds():
                return False
        return True


RESULTS: WeakKeyDictionary[Callable[..., Any], Result] = WeakKeyDictionary()
"""The texts of generated functions, which rely on more than they mention."""


def register(function: Callable[..., Any], result: Result) -> None:
    """Note what a generated function, which has been loaded, was written for."""
    RESULTS[function] = result
    SHARED[function] = functools.partial(shared_adjoints, result.unit)
    for name, made in result.companions:
        half = function.__globals__[name]
        MADE[half] = made
        if made.is_harmless:
            OWNING[half] = made.owns


def differentiate(
    function: Any,
    request: Request,
    parameters: tuple[str, ...],
    watch: Watch | None = None,
    passes: tuple[tuple[str, Pass], ...] = FINISH,
    replays: bool = False,
    replaying: Callable[[], Any] | None = None,
) -> Result:
    """Write the derivative of a function.

    Args:
        function: the user's function, or the generated function of a derivative.
        request: what is asked for; `wrt` and `kinds` by the function's own parameter names.
        parameters: those of its parameters that the derivative takes; the others keep their defaults.
        watch: told of the unit after each pass that changed it.
        passes: the optimiser's passes.
        replays: whether recursive calls are run again in the reverse sweep, so that nothing is kept of them.
        replaying: gives the function of that kind for a derivative.

    Raises:
        UnsupportedError: when the function uses what is not supported.
    """
    if not replays:
        try:
            return written(function, request, parameters, watch, passes, Ways())
        except Halved:
            pass
    function = function if replaying is None else replaying()
    return written(function, request, parameters, watch, passes, Ways(replays, inner=True))


@uncollected
def written(
    function: Any,
    request: Request,
    parameters: tuple[str, ...],
    watch: Watch | None,
    passes: tuple[tuple[str, Pass], ...],
    ways: Ways,
) -> Result:
    """Write the derivative of a function, as `differentiate` does.

    Args:
        function: the user's function, or the generated function of a derivative.
        request: what is asked for; `wrt` and `kinds` by the function's own parameter names.
        parameters: those of its parameters that the derivative takes; the others keep their defaults.
        watch: told of the unit after each pass that changed it.
        passes: the optimiser's passes.
        ways: how it is read and derived.

    Raises:
        UnsupportedError: when the function uses what is not supported.
        Halved: when that is because of what pairs keep.
    """
    first: UnsupportedError | None = None
    left: Ways | None = None
    gone = ""
    while True:
        try:
            return _attempt(function, request, parameters, watch or unseen, passes, ways)
        except UnsupportedError as error:
            first = first or error
            if error.or_else:
                left, gone = replace(ways, **{error.or_else: True}), error.way
            if error.way and not getattr(ways, error.way) and (error.or_else or error.way != gone):
                ways = replace(ways, **{error.way: True})
            elif left is not None:
                # Where that one leads has been seen, so it is not gone again.
                ways, left, first = left, None, None
            else:
                raise first from None


def _attempt(
    function: Any,
    request: Request,
    parameters: tuple[str, ...],
    seen: Watch,
    passes: tuple[tuple[str, Pass], ...],
    ways: Ways,
) -> Result:
    shared = Shared(fills=may_fill(function, [kind for _, kind in request.kinds]))
    module = Module(Namespace(Names()), passes, ways, shared, backend=request.backend)
    try:
        return _written(function, request, parameters, seen, module)
    except UnsupportedError:
        if module.shared.meets_half and not ways.inner:
            raise Halved from None
        raise


def _written(
    function: Any, request: Request, parameters: tuple[str, ...], seen: Watch, module: Module
) -> Result:
    names, passes, ways = module.namespace.names, module.passes, module.ways
    reader = reader_for(names, module.namespace, ways, module.shared.fills)
    known: dict[Any, tuple[Kind, ...]] = {}
    if reader.callees.is_recursive(function) or is_wrapper(function):
        program = calling(function, request, parameters, reader)
    else:
        program = read(function, request, parameters, reader)
        if reader.callees.left:
            # It calls derivatives: now that their arguments are known, read it with their texts.
            known = derivative_kinds(program, module)
            names = Names()
            module = Module(Namespace(names), passes, ways, module.shared, request.backend)
            reader = reader_for(names, module.namespace, ways, module.shared.fills, known)
            program = read(function, request, parameters, reader)
    seen("read", program.unit)
    prepared = prepare(program, module, seen, ways.copies_all, ways.asks_objects or ways.follows_all)
    unit = derive(prepared.facts, program, module, seen)
    unit = finish(unit, passes, seen)
    refuse_shadowed(unit)
    module.namespace.meet(unit.namespace)
    unit = replace(unit, companions=tuple(module.functions), namespace=module.namespace.everywhere)
    unit = with_attributes(unit)
    text = emit([*unit.companions, unit.tree])
    positions = tuple(parameters.index(name) for name in prepared.copied)
    uses, attributes = list(module.namespace.uses), list(attributes_of(function, program.unit, reader, unit))
    for inner in (function, *(callee.generated(kinds, module.ways.inner) for callee, kinds in known.items())):
        below = RESULTS.get(inner) if isinstance(inner, types.FunctionType) else None
        if below is not None:
            uses += below.uses
            attributes += below.attributes
    refuse_replaced(program.unit.tree.body, program.unit.namespace, attributes, uses)
    return Result(unit, text, tuple(uses), tuple(attributes), positions, module.companions(), tuple(module.noted))


def derivative_kinds(program: Program, module: Module) -> dict[Any, tuple[Kind, ...]]:
    """The kinds of the arguments with which a program calls derivatives."""
    found: dict[Any, set[tuple[Kind, ...]]] = {}

    def result_kind(callee: Any, args: list[Kind], keywords: dict[str, Kind]) -> Kind:
        if not is_generated(callee):
            return module.result_kind(callee, args, keywords)
        try:
            bound = inspect.signature(callee).bind(*args, **keywords)
        except TypeError:
            return UNKNOWN
        kinds = tuple(kind.forget_value() for kind in bound.arguments.values())
        found.setdefault(callee, set()).add(kinds)
        return module.returned(callee.generated(kinds, module.ways.inner), kinds)

    unit, reader = program.unit, program.reader
    others = shadowed(reader.namespace.objects)
    body, bases = single(unit.tree, reader.names, reader.temporaries, reader.helpers, others)
    infer(unit.with_body(body, bases=bases), result_kind)
    return {callee: next(iter(kinds)) for callee, kinds in found.items() if len(kinds) == 1}
