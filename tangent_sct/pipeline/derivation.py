"""The derivative of a program that is ready, and the facts that both modes work with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Protocol

import gast

from tangent_sct.analysis.activity import active
from tangent_sct.analysis.boxes import boxes
from tangent_sct.analysis.counters import counters
from tangent_sct.analysis.iterations import Iterations
from tangent_sct.analysis.mutation import holds_items_that_change
from tangent_sct.analysis.notes import Noted, refuse_read_notes
from tangent_sct.analysis.numbers import holds_complex_numbers, refuse_complex
from tangent_sct.analysis.overwritten import Overwritten
from tangent_sct.analysis.refused import refuse_all, refuse_lost_names
from tangent_sct.analysis.texts import refuse_numbers_of_texts
from tangent_sct.core import tree
from tangent_sct.core.identity import is_one_of
from tangent_sct.core.kind import UNKNOWN, Kind
from tangent_sct.core.unit import Unit
from tangent_sct.derive.calls import Companions, Pairs
from tangent_sct.derive.checkpoints import Recording, with_checkpoints
from tangent_sct.derive.context import Context
from tangent_sct.derive.insertions import inserted_for
from tangent_sct.derive.layout import tapes
from tangent_sct.derive.marks import has_marks
from tangent_sct.derive.modes import Derived, gradient, pullback, pushforward
from tangent_sct.derive.recompute import RECORD, definitions_again, pricing
from tangent_sct.derive.record import record
from tangent_sct.frontend.namespace import meaning
from tangent_sct.optimize.dead import dead
from tangent_sct.optimize.preallocate import Recorded, preallocate
from tangent_sct.optimize.rematerialise import Prices, rematerialise
from tangent_sct.optimize.shapes import shapes
from tangent_sct.optimize.subexpressions import twins
from tangent_sct.pipeline.facts import Facts, varied
from tangent_sct.pipeline.passes import Watch
from tangent_sct.pipeline.programs import Program
from tangent_sct.runtime.boxes import WRITERS

MODES = {
    "grad": gradient,
    "value_and_grad": gradient,
    "vjp": pullback,
    "jvp": pushforward,
    "pair": pullback,
    "replay": pullback,
    "pushforward": pushforward,
}


class Whole(Companions, Protocol):
    """The text being written, with the functions made for callees.

    Attributes:
        functions: those functions.
        noted: lists outside of the program that it puts values in which vary.
        has_complex: whether there are complex numbers in what has been derived so far.
        holomorphic: whether a holomorphic function is differentiated, and so all that it calls must be.
    """

    functions: list[gast.FunctionDef]
    noted: list[Noted]
    has_complex: bool
    holomorphic: bool


def derive(facts: Facts, program: Program, module: Whole, seen: Watch) -> Unit:
    """The derivative program, with what its loops need recorded."""
    unit, context = facts.unit, analysed(facts, program, module)
    parameters = tree.parameter_names(unit.tree)
    mode = MODES[unit.request.mode]
    pairs = Pairs(context, module)
    derived = mode(context, unit.tree.name, parameters, unit.tree.body, unit.request, pairs)
    if module.has_complex and not context.has_complex:
        # A function that calls itself makes complex numbers, which was not known when this was written.
        refuse_complex(
            facts.unit.tree.body, facts.unit.namespace, context.active, varied(facts), facts.kind_of, False
        )
    unit = replace(_with_function(unit, derived, context), companions=tuple(module.functions))
    # What is known of a join here, its shadow and its tangent are not known for.
    unit.tree.joins = any(map(facts.joins, tree.every_statement(facts.unit.tree.body)))
    seen("derive", unit)
    unit = dead(shapes(unit, context.kind_of))
    seen("dead", unit)
    if unit.request.mode in ("jvp", "pushforward"):
        return unit
    unit = twins(unit, context.kind_of)
    seen("twins", unit)
    # What changes a box changes its shadow.
    changing = facts.changed.union(context.shadows_of_boxes(facts.changed))
    again = definitions_again(context, facts.changed, changing, unit.tree.body)
    prices = Prices(RECORD, pricing(context), again, counters(unit.tree.body, context.kind_of))
    if has_marks(context.namespace.objects):
        body = with_checkpoints(list(unit.tree.body), context, facts, _recording(unit, context, prices))
        unit = unit.with_body(body, bases=context.bases, namespace=context.namespace.objects)
        seen("checkpoints", unit)
    iterations = Iterations(list(unit.tree.body))
    unit = rematerialise(unit, iterations, context.names, context.bases, prices)
    seen("rematerialise", unit)
    recorded = record(iterations, context.names, context.bases)
    unit = unit.with_body(recorded, bases=context.bases, namespace=context.namespace.objects)
    seen("record", unit)
    if unit.request.backend == "numba":
        unit = preallocate(unit, context.names, context.bases, _recorded(context))
        unit = replace(unit, namespace=context.namespace.objects)
        seen("preallocate", unit)
    return unit


def _recording(unit: Unit, context: Context, prices: Prices) -> Recording:
    """What makes both sweeps of one iteration of a checkpointed loop whole."""

    def recorded(body: list[gast.AST], originals: Mapping[str, str]) -> list[gast.AST]:
        def back(node: gast.AST) -> gast.AST:
            return tree.rename(node, originals)

        def again(name: str, value: gast.AST) -> gast.AST | None:
            known = back(value)
            found = prices.again(originals.get(name, name), known)
            # Where else the number stands is said in names of the program.
            return value if found is not None and tree.same(found, known) else None

        iterations = Iterations(body)
        own = Prices(prices.record, lambda value: prices.compute(back(value)), again)
        rematerialise(unit, iterations, context.names, context.bases, own)
        return record(iterations, context.names, context.bases)

    return recorded


def _recorded(context: Context) -> Recorded:
    """What is known of what is recorded."""
    primal = frozenset(context.bases) - set(context.partners.values())

    def kind(name: str) -> Kind:
        return context.value_kind(tree.load(name)) if name in primal else UNKNOWN

    return Recorded(kind, context.numpy)


def analysed(facts: Facts, program: Program, module: Whole) -> Context:
    """The facts that both modes work with."""
    unit, classes, stored = facts.unit, facts.classes, facts.stored
    body = unit.tree.body

    def share(name: str) -> frozenset[str]:
        return frozenset(classes.members(name))

    parameters = tree.parameter_names(unit.tree)
    fixed = set(parameters) - set(unit.request.wrt)

    def share_stored(name: str) -> Iterable[str]:
        if name in stored:
            return [other for other in classes.members(name) if other not in fixed]
        if name in facts.changed:
            # A container changes, not the arrays in it; unless a call of nothing known may write into them.
            kinds = {member: facts.kind_of_name(member) for member in classes.members(name)}
            changing = (m for m, kind in kinds.items() if m in facts.changed or holds_items_that_change(kind))
            return {name, *changing} - fixed
        return (name,)

    # Code that is inserted for an adjoint may make one of nothing.
    results = [*tree.names_read(body[-1].value), *inserted_for(body, unit.namespace)]
    found = active(facts.flows, unit.request.wrt, results, share_stored, facts.kind_of_name)
    # Many refusals ask for it, and each time it would be found anew.
    find_varied_by_name = cache(lambda: varied(facts))
    # Where nothing is changed in place, no memory is shared that could vary by another name.
    find_varied = cache(lambda: varied(facts, share_stored)) if facts.changed else find_varied_by_name
    refuse_lost_names(body, {*tree.parameter_names(unit.tree), *unit.namespace})
    refuse_all(
        body, unit.namespace, found, facts.operand_kind, find_varied_by_name, find_varied, facts.written_by,
        facts.calls,
    )
    module.noted += refuse_read_notes(
        body, unit.namespace, lambda item: not stored.isdisjoint(classes.sources(item)), unit.request.mode == "replay"
    )
    has_complex = module.has_complex or holds_complex_numbers(body, facts.kind_of)
    module.has_complex = has_complex
    if has_complex:
        module.holomorphic = module.holomorphic or unit.request.holomorphic
        refuse_complex(body, unit.namespace, found, find_varied(), facts.kind_of, module.holomorphic)
    refuse_numbers_of_texts(
        body, unit.namespace, results, share_stored, facts.operand_kind, find_varied, facts.written_by
    )
    pushed = frozenset(tapes(body))

    def is_writer(function: gast.AST) -> bool:
        return is_one_of(meaning(function, unit.namespace), WRITERS)

    def changed(node: gast.AST) -> set[str]:
        """What a statement changes besides the place that it assigns."""
        return facts.changed_by(node) if isinstance(node, (gast.Assign, gast.AugAssign)) else facts.written_by(node)

    boxed = boxes(body, facts.operand_kind, stored, parameters, pushed, is_writer)
    return Context(
        program.reader.names, program.reader.namespace, dict(unit.bases),
        facts.kind_of, facts.operand_kind, facts.kind_of_name, share,
        classes.sources, stored, boxed, pushed, found, facts.changed_by,
        lambda names: not find_varied().isdisjoint(names),
        cache(lambda: Overwritten(body, facts.kind_of, share, changed)), has_complex,
    )  # fmt: skip


def _with_function(unit: Unit, derived: Derived, context: Context) -> Unit:
    arguments = tree.parameters(derived.parameters, derived.defaults)
    function = tree.like(tree.function(derived.name, arguments, derived.body), unit.tree)
    own = tree.parameter_names(unit.tree)
    kinds = {name: context.kind(name) for name in own} | derived.seed_kinds
    request = replace(unit.request, kinds=tuple(kinds.items()))
    return replace(
        unit,
        tree=function,
        request=request,
        namespace=context.namespace.objects,
        bases=context.bases,
    )
