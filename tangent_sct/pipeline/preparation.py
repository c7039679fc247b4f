"""Before a program is differentiated: single assignment, what kinds decide, copies of what is written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial

import gast

from tangent_sct.analysis.ahead import refuse_listed_too_early
from tangent_sct.analysis.aliases import KindOf
from tangent_sct.analysis.implicit import refuse_made_writers
from tangent_sct.analysis.written import written_names
from tangent_sct.core import tree
from tangent_sct.core.kind import UNKNOWN
from tangent_sct.core.unit import Unit
from tangent_sct.derive.brief import with_copies
from tangent_sct.derive.fields import with_places
from tangent_sct.derive.held import with_items_named
from tangent_sct.derive.indexed import with_positions
from tangent_sct.derive.keys import with_keys
from tangent_sct.derive.listing import with_listing_checks
from tangent_sct.derive.lists import with_arrays
from tangent_sct.derive.marks import is_mark, taken, with_marks
from tangent_sct.derive.operands import with_operand_checks
from tangent_sct.derive.orders import refuse_questions_of_memory, with_orders_checked
from tangent_sct.derive.overlaps import with_overlap_checks
from tangent_sct.derive.resolve import hoist, protect, resolve
from tangent_sct.derive.rounding import with_type_checks
from tangent_sct.derive.states import next_marked, with_state
from tangent_sct.derive.truth import truths
from tangent_sct.derive.turns import with_turn_checks
from tangent_sct.derive.views import refuse_changes_under_iterators, with_views_made_anew
from tangent_sct.frontend.filling import settled_by_kind
from tangent_sct.frontend.late import shadowed
from tangent_sct.frontend.namespace import Namespace
from tangent_sct.frontend.settled import with_copies_marked, without_unread
from tangent_sct.frontend.single import single
from tangent_sct.optimize.branches import branches
from tangent_sct.optimize.scalars import scalars
from tangent_sct.pipeline.facts import Callers, Facts, varied
from tangent_sct.pipeline.passes import Watch
from tangent_sct.pipeline.programs import Program
from tangent_sct.runtime import checkpointed


@dataclass(frozen=True)
class Prepared:
    """A program that is ready to be differentiated.

    Attributes:
        facts: of the program.
        copied: the parameters that it works on copies of, since it may write into them.
        before: facts before there were copies.
    """

    facts: Facts
    copied: list[str]
    before: Facts

    def written(self) -> list[str]:
        """Those of the parameters that it may indeed write into."""
        if not self.copied:
            return []
        before = self.before
        return written_names(before.unit.tree.body, self.copied, before.classes, before.calls, before.kind_of)


def prepare(
    program: Program, module: Callers, seen: Watch, copies_all: bool = False, asks_objects: bool = True
) -> Prepared:
    """Single assignment, tests and updates decided by kind, written arguments copied."""
    reader = program.reader
    names, namespace = reader.names, reader.namespace
    body, bases = single(program.unit.tree, names, reader.temporaries, reader.helpers, shadowed(namespace.objects))
    if program.unit.request.mode in ("jvp", "pushforward"):
        body = taken(body, namespace.objects)
    whole = program.unit.with_body(body, bases=bases)
    refuse_made_writers(body, namespace.objects, Facts(whole, module).kind_of)
    if any(isinstance(node, gast.FunctionDef) for node in tree.every_statement(body)):
        # A variable may have meant a function that is unfolded, and something else later on.
        body = without_unread(with_copies_marked(body))
    unit = program.unit.with_body(body, bases=bases)
    seen("single", unit)
    facts = Facts(unit, module)

    def after(body: list[gast.AST]) -> Facts:
        """The facts of the program with a body; those that are known where it is the body that it has."""
        old = facts.unit
        if body is old.tree.body:
            return facts
        return Facts(old.with_body(body, bases=bases, namespace=namespace.objects), module)

    def decided(found: Facts) -> Facts:
        """The facts of the program with fewer tests."""
        while (fewer := _decided(found.unit, found.kind_of)) is not found.unit:
            # What is left may be better known, and with it the tests that are left.
            found = Facts(fewer, module)
            seen("branches", fewer)
        return found

    if reader.fills:
        facts = after(settled_by_kind(facts.unit.tree, namespace.objects, facts.kind_of, reader.unfilled))
    facts = after(with_places(facts.unit.tree.body, facts.kind_of))
    facts = after(with_keys(facts.unit.tree.body, namespace, names, facts.operand_kind))
    facts = decided(facts)
    facts = after(truths(facts.unit.tree.body, namespace, facts.kind_of))
    refuse_changes_under_iterators(
        facts.unit.tree.body, facts.operand_kind, facts.written_by, facts.restructured_by
    )
    facts = after(with_views_made_anew(
        facts.unit.tree.body, namespace.objects, facts.operand_kind, facts.restructured_by, names, bases,
    ))  # fmt: skip
    before_updates = facts.unit.tree.body
    facts = after(resolve(
        facts.unit.tree.body, namespace, names, bases, facts.operand_kind,
        lambda: varied(facts), lambda: varied(facts, facts.classes.members), facts.is_unshared,
        _knows_arguments(facts.unit),
    ))  # fmt: skip
    if facts.unit.tree.body is not before_updates:
        # What simpler statements make of lists and dicts is better known, and what was asked for with it.
        facts = decided(facts)
    may_vary = cache(lambda: varied(facts, facts.classes.members))
    facts = after(with_arrays(facts.unit.tree.body, namespace, names, bases, facts.operand_kind, may_vary))
    if _knows_arguments(facts.unit):
        facts = after(with_type_checks(facts.unit.tree.body, namespace, facts.operand_kind, may_vary))
        # A derivative has these checks of what it was written from; else it computes with what it has made itself.
        if not facts.unit.source.file.startswith("<tangent_sct"):
            varies = cache(partial(varied, facts))
            facts = after(with_operand_checks(
                facts.unit.tree.body, namespace, facts.operand_kind, varies, asks_objects,
            ))  # fmt: skip
            facts = after(with_overlap_checks(
                facts.unit.tree.body, namespace, facts.operand_kind, partial(getattr, facts, "classes"), may_vary,
            ))  # fmt: skip
        facts = after(with_turn_checks(facts.unit.tree.body, namespace, facts.operand_kind))
    facts = after(with_copies(
        facts.unit.tree.body, lambda: facts.stored, lambda name: facts.classes.members(name), facts.written_by,
        facts.operand_kind, namespace, names, bases,
    ))  # fmt: skip
    parameters = tree.parameter_names(facts.unit.tree)
    if not facts.unit.source.file.startswith("<tangent_sct"):
        refuse_questions_of_memory(facts.unit.tree.body, facts.changed, facts.kind_of)
        facts = after(with_orders_checked(
            facts.unit.tree.body, [node for _, node in reader.callees.texts.values()], parameters, facts.stored,
            namespace, facts.kind_of, facts.written_by,
        ))  # fmt: skip
    mine = [n for n in parameters if n in facts.changed]
    before = facts
    if facts.changed:
        body = facts.unit.tree.body
        facts = after(with_positions(body, facts.changed.__contains__, facts.operand_kind, namespace, names, bases))
    refuse_listed_too_early(facts.unit.tree.body, facts.operand_kind, facts.written_by)
    facts = after(with_listing_checks(facts.unit.tree.body, namespace, facts.operand_kind))
    facts = after(_marked(facts, namespace))
    done: set[int] = set()
    while (loop := next_marked(facts.unit.tree.body, namespace.objects, done)) is not None:
        body = with_items_named(facts.unit.tree.body, loop, facts, names, bases)
        if body is not facts.unit.tree.body:
            facts = after(body)
            continue
        done.update(id(node) for node in loop.body if is_mark(node, namespace.objects))
        facts = after(with_state(facts.unit.tree.body, loop, facts, namespace, names, bases, copies_all))
    if facts.changed:
        body = hoist(facts.unit.tree.body, facts.changed.__contains__, namespace, names, bases)
        kept = [name for name in mine if name in facts.changed]
        facts = after(protect(body, kept, namespace, names, bases, facts.operand_kind))
    if facts.unit.request.backend == "numba" and _knows_arguments(facts.unit):
        facts = after(scalars(
            facts.unit.tree.body, parameters, facts.kind_of, facts.stored, namespace.objects, names, bases,
        ))  # fmt: skip
    seen("resolve", facts.unit)
    return Prepared(facts, mine, before)


def _knows_arguments(unit: Unit) -> bool:
    """Whether a unit is for arguments of known kinds, not for any."""
    kinds = dict(unit.request.kinds)
    return all(kinds.get(name, UNKNOWN).family != "unknown" for name in tree.parameter_names(unit.tree))


def _decided(unit: Unit, kind_of: KindOf) -> Unit:
    """A unit with fewer tests; the very same where kinds decide no more of them."""
    decided = branches(unit, kind_of)
    return branches(unit, kind_of, settle=True) if decided is unit else decided


def _marked(facts: Facts, namespace: Namespace) -> list[gast.AST]:
    """The body of a program in which the loops are marked that an option says to checkpoint."""
    unit, objects = facts.unit, namespace.objects
    body: list[gast.AST] = unit.tree.body
    limit = unit.request.checkpoint
    if limit is None:
        return body
    may_vary = varied(facts, facts.classes.members)

    def is_meant(loop: gast.AST) -> bool:
        every = list(tree.every_statement(loop.body))
        if any(is_mark(node, objects) for node in every):
            return False
        touched = {name for node in every for name in (*tree.names_written(node), *facts.written_by(node))}
        return not touched.isdisjoint(may_vary)

    marker = tree.load(namespace.name_for("checkpointed", checkpointed))
    return with_marks(body, limit, marker, is_meant)
