"""Whether a value computed earlier still is what it would be now."""

from __future__ import annotations

import pytest

from tangent_sct.core import tree
from tangent_sct.optimize.effects import Changes, Effects
from tests.helpers import unit_of

PROGRAM = """
def f(x, y, n):
    v = x[1:]
    v[0] = 1.0
    w = y * n
    unknown(y)
    y = w
    return v, w, y
"""


@pytest.fixture
def changes():
    unit = unit_of(PROGRAM)
    effects = Effects(unit)
    found = Changes(effects)
    found.statements = {tree.text(node): effects.of(node) for node in unit.tree.body}
    return found


def test_a_store_disturbs_what_was_read_through_any_alias(changes):
    time = changes.now
    changes.note(changes.statements["v[0] = 1.0"])
    assert changes.since(time, ["x"]) and changes.since(time, ["v", "y"])
    assert not changes.since(time, ["y", "n"])
    assert not changes.since(changes.now, ["x"])


def test_binding_a_name_disturbs_what_was_computed_from_it(changes):
    time = changes.now
    changes.note(changes.statements["y = w"])
    assert changes.since(time, ["n", "y"]) and not changes.since(time, ["w"])


def test_an_unknown_call_disturbs_all_but_what_cannot_change(changes):
    time = changes.now
    changes.note(changes.statements["unknown(y)"])
    assert changes.since(time, ["x"]) and changes.since(time, ["n"])
    assert not changes.since(time, ["np"])


def test_what_happens_in_one_branch_is_unknown_to_the_other(changes):
    time = changes.now
    other = changes.branch()
    changes.note(changes.statements["y = w"])
    assert not other.since(time, ["y"]) and changes.since(time, ["y"])
