"""The optimiser's passes, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tangent_sct.analysis.aliases import KindOf
from tangent_sct.analysis.integers import refuse_large_integers
from tangent_sct.analysis.notes import with_plain_notes
from tangent_sct.core.unit import Unit
from tangent_sct.emit.attempts import with_tries
from tangent_sct.emit.refusals import with_watched_managers
from tangent_sct.frontend.filling import plainly_read
from tangent_sct.optimize.apart import apart
from tangent_sct.optimize.borrow import borrow
from tangent_sct.optimize.copies import copies
from tangent_sct.optimize.dead import dead
from tangent_sct.optimize.entrywise import entrywise
from tangent_sct.optimize.fields import fields
from tangent_sct.optimize.fold import fold
from tangent_sct.optimize.inplace import inplace
from tangent_sct.optimize.methods import methods
from tangent_sct.optimize.nest import nest
from tangent_sct.optimize.parallel import parallel
from tangent_sct.optimize.places import places
from tangent_sct.optimize.propagate import propagate
from tangent_sct.optimize.renumber import renumber
from tangent_sct.optimize.seeds import seeds
from tangent_sct.optimize.subexpressions import subexpressions
from tangent_sct.optimize.sums import sums
from tangent_sct.optimize.unpack import unpack
from tangent_sct.optimize.unset import unset
from tangent_sct.pipeline.facts import Facts

Pass = Callable[[Unit, KindOf], Unit]
"""Takes a unit and the kinds of its expressions, which are inferred when first asked for."""

Watch = Callable[[str, Unit], None]
"""Told of the unit after each pass that changed it."""


def _kindless(step: Callable[[Unit], Unit]) -> Pass:
    """A pass that asks for no kinds."""
    return lambda unit, kind_of: step(unit)


FINISH: tuple[tuple[str, Pass], ...] = (
    ("propagate", _kindless(propagate)),
    ("fold", fold),
    ("seeds", _kindless(seeds)),
    ("subexpressions", subexpressions),
    ("dead", dead),
    ("sums", sums),
    ("copies", _kindless(copies)),
    ("unset", _kindless(unset)),
    ("nest", nest),
    ("fold again", fold),
    ("places", places),
    ("borrow", borrow),
    ("inplace", inplace),
    ("methods", methods),
    ("unpack", unpack),
    ("fields", fields),
    ("renumber", _kindless(renumber)),
)
"""The optimiser, in order. A pass returns the same unit when there is nothing to do."""

RENAMING = frozenset(("copies", "renumber"))
"""Passes after which a name may hold something else; through all others kinds stay what they are."""


def finish(unit: Unit, passes: Iterable[tuple[str, Pass]], seen: Watch) -> Unit:
    """Run the optimiser's passes."""
    facts = Facts(unit)
    for name, step in passes:
        after = step(unit, facts.kind_of)
        if after is unit:
            continue
        seen(name, after)
        unit = after
        if name in RENAMING or not facts.know_kinds:
            facts = Facts(unit)
    unit = with_plain_notes(unit, lambda item: facts.classes.sources(item), lambda item: facts.kind_of(item))
    if unit.request.backend == "numba":
        refuse_large_integers(unit.tree.body, facts.kind_of)
        unit = apart(unit, facts.kind_of, lambda: facts.classes)
        unit = parallel(unit, facts.kind_of, lambda: facts.classes)
        unit = entrywise(unit, facts.kind_of, lambda: facts.classes)
    unit = with_tries(with_watched_managers(unit))
    body = plainly_read(unit.tree.body)
    return unit if body is unit.tree.body else unit.with_body(body)


def unseen(name: str, unit: Unit) -> None:
    """Nobody watches the passes of a callee."""
