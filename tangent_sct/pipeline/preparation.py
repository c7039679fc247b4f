"""Before a program is differentiated: single assignment, what kinds decide, copies of what is written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tangent_sct.analysis.aliases import KindOf
from tangent_sct.analysis.brief import mark_brief
from tangent_sct.analysis.written import written_names
from tangent_sct.core import tree
from tangent_sct.core.unit import Unit
from tangent_sct.derive.fields import with_places
from tangent_sct.derive.indexed import with_positions
from tangent_sct.derive.lists import with_arrays
from tangent_sct.derive.resolve import hoist, protect, resolve
from tangent_sct.derive.truth import truths
from tangent_sct.frontend.single import single
from tangent_sct.optimize.branches import branches
from tangent_sct.pipeline.facts import Callers, Facts, varied
from tangent_sct.pipeline.passes import Watch
from tangent_sct.pipeline.programs import Program


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


def prepare(program: Program, module: Callers, seen: Watch) -> Prepared:
    """Single assignment, tests and updates decided by kind, written arguments copied."""
    unit, reader = program.unit, program.reader
    names, namespace = reader.names, reader.namespace
    body, bases = single(unit.tree, names, reader.temporaries, reader.helpers)
    unit = unit.with_body(body, bases=bases)
    seen("single", unit)
    facts = Facts(unit, module)
    placed = with_places(unit.tree.body, facts.kind_of)
    if placed is not unit.tree.body:
        body = placed
        unit = unit.with_body(body)
        facts = Facts(unit, module)
    while (decided := _decided(unit, facts.kind_of)) is not unit:
        # What is left may be better known, and with it the tests that are left.
        unit, facts = decided, Facts(decided, module)
        body = unit.tree.body
        seen("branches", unit)
    truthful = truths(unit.tree.body, namespace, facts.kind_of)
    if truthful is not unit.tree.body:
        body = truthful
        unit = unit.with_body(body, namespace=namespace.objects)
        facts = Facts(unit, module)
    resolved = resolve(
        body, namespace, names, bases, facts.operand_kind,
        lambda: varied(facts), lambda: varied(facts, facts.classes.members), facts.is_unshared,
    )  # fmt: skip
    if resolved is not body:
        unit = unit.with_body(resolved, bases=bases, namespace=namespace.objects)
        facts = Facts(unit, module)
    may_vary = cache(lambda: varied(facts, facts.classes.members))
    listed = with_arrays(unit.tree.body, namespace, names, bases, facts.operand_kind, may_vary)
    if listed is not unit.tree.body:
        unit = unit.with_body(listed, bases=bases, namespace=namespace.objects)
        facts = Facts(unit, module)
    mark_brief(unit.tree.body, unit.namespace)
    mine = [n for n in tree.parameter_names(unit.tree) if n in facts.changed]
    before = facts
    if facts.changed:
        body = with_positions(
            unit.tree.body, facts.changed.__contains__, facts.operand_kind, namespace, names, bases
        )
        body = hoist(body, facts.changed.__contains__, namespace, names, bases)
        body = protect(body, mine, namespace, names, bases, facts.operand_kind)
        unit = unit.with_body(body, bases=bases, namespace=namespace.objects)
        facts = Facts(unit, module)
    seen("resolve", unit)
    return Prepared(facts, mine, before)


def _decided(unit: Unit, kind_of: KindOf) -> Unit:
    """A unit with fewer tests; the very same where kinds decide no more of them."""
    decided = branches(unit, kind_of)
    return branches(unit, kind_of, settle=True) if decided is unit else decided
