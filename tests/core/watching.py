"""Checks the form of the program after every pass: a `watch` for `pipeline.differentiate`."""

from __future__ import annotations

from collections.abc import Callable

import gast

from tangent_sct.core.unit import Unit
from tangent_sct.core.verify import Form, verify
from tangent_sct.frontend.active import active_names, mentions_active
from tangent_sct.frontend.namespace import MISSING, meaning
from tangent_sct.frontend.normalise import IN_PLACE
from tangent_sct.frontend.rules import is_fresh, writes_first
from tangent_sct.templating import registry

FORMS: dict[str, Form] = {
    "read": "normalised",
    "single": "single",
    "branches": "single",
    "resolve": "single",
    "derive": "derived",
    "dead": "derived",
    "twins": "derived",
    "checkpoints": "derived",
    "rematerialise": "derived",
    "record": "single",
    "preallocate": "single",
    "propagate": "single",
    "fold": "single",
    "seeds": "single",
    "subexpressions": "single",
}
"""The form after each pass; after all others the program is ordinary."""


class Watch:
    """Verifies what it is told of.

    Args:
        operands: whether operands that vary must have names of their own. What varies is asked by names alone here,
            which takes more to vary than the front end does where a name means a constant first and something
            that varies later; for programs that do so, leave it out.

    Attributes:
        seen: the passes it was told of.
    """

    def __init__(self, operands: bool = True) -> None:
        self.operands = operands
        self.seen: set[str] = set()

    def __call__(self, name: str, unit: Unit) -> None:
        form = FORMS.get(name, "ordinary")
        is_forward = unit.request.mode in ("jvp", "pushforward")
        if form == "derived" and (is_forward or "record" in self.seen):
            form = "single"
        self.seen.add(name)
        free = {*unit.namespace, *(companion.name for companion in unit.companions)}
        primal = self.operands and name in ("read", "single", "branches", "resolve")
        verify(unit.tree, form, free, _mentions(unit) if primal else None)
        for companion in unit.companions:
            # It has a namespace of its own.
            verify(companion, "ordinary")


def _mentions(unit: Unit) -> Callable[[gast.AST], bool]:
    """The front end's own question: whether an expression may carry a derivative."""

    def has_rule(node: gast.AST, zero: bool) -> bool:
        found = meaning(node, unit.namespace)
        if found in IN_PLACE.values():
            # The front end's own spelling of `y += e`.
            return not zero
        rule = None if found is MISSING else registry.find(found)
        return rule is not None and (rule.is_zero or not zero)

    def is_zero(node: gast.AST) -> bool:
        return has_rule(node, True)

    active = active_names(
        unit.tree, set(unit.request.wrt), is_zero, lambda node: has_rule(node, False),
        lambda node: is_fresh(meaning(node, unit.namespace)), (),
        lambda node: writes_first(meaning(node, unit.namespace)),
    )  # fmt: skip
    # A property of an object of constants is one operand, whatever else the object comes to hold.
    return lambda node: not isinstance(node, gast.Attribute) and mentions_active(node, active, is_zero)
