import gast
import pytest

from tangent_sct.analysis.liveness import Liveness, liveness
from tangent_sct.core import tree
from tangent_sct.core.unit import Unit
from tangent_sct.optimize.copies import copies
from tests.helpers import outcome, unit_of
from tests.random_programs import Log, arguments, program


def live_before(text: str) -> dict[str, list[str]]:
    """Live names before each point of a function, by the text of its statement."""
    live = liveness(unit_of(text).tree)
    return {
        tree.text(point.statement).splitlines()[0]: live.before(number)
        for number, point in enumerate(live.graph.points)
        if point.statement is not None and point.role in ("simple", "test")
    }


def test_straight_line() -> None:
    assert live_before("def f(x, y):\n    z = x\n    x = z * z\n    return x") == {
        "z = x": ["x"],
        "x = z * z": ["z"],
        "return x": ["x"],
    }


def test_around_a_loop() -> None:
    before = live_before(
        "def f(x, n):\n    for i in range(n):\n        y = x + i\n        x = y\n    return x"
    )
    assert before["y = x + i"] == ["range", "x", "i"][1:]
    assert before["for i in range(n):"] == ["x"]


def test_stores_do_not_end_a_life() -> None:
    before = live_before("def f(x, v):\n    x[0] = v\n    return x")
    assert before["x[0] = v"] == ["x", "v"]


def test_captured_names_live_everywhere() -> None:
    before = live_before("def f(x):\n    g = lambda: x\n    y = g()\n    x = 2\n    return y")
    assert all("x" in names for names in before.values())


def test_names_asked_about() -> None:
    function = unit_of("def f(x, y):\n    return x + y").tree
    assert liveness(function, names=["y"]).before(1) == ["y"]


class Poison:
    """What a name holds that should not be read."""


def poisoned(unit: Unit) -> Unit:
    """The program with every name that is not live made useless, before each statement."""
    live = liveness(unit.tree)
    first = {}
    for number, point in enumerate(live.graph.points):
        first.setdefault(id(point.statement), number)
    names = sorted({name for point in live.graph.points for name in point.writes})
    return unit.with_body(_poisoned(unit.tree.body, live, first, names))


def _poisoned(
    body: list[gast.AST], live: Liveness, first: dict[int, int], names: list[str]
) -> list[gast.AST]:
    result: list[gast.AST] = []
    for node in body:
        needed = live.before(first[id(node)])
        result += [tree.assign(n, tree.load("POISON")) for n in names if n not in needed]
        node = tree.like(type(node)(**tree.fields(node)), node)
        for field in ("body", "orelse"):
            if getattr(node, field, None):
                setattr(node, field, _poisoned(getattr(node, field), live, first, names))
        result.append(node)
    return result


@pytest.mark.parametrize("seed", range(40))
def test_what_is_not_live_is_not_read(seed: int) -> None:
    unit = program(seed, 20)
    for version in (unit, copies(unit)):
        one, two = Log(), Log()
        before = outcome(version, arguments(seed), **one.objects())
        # Arguments are looked at afterwards by the objects that went in, so poison does not matter.
        after = outcome(poisoned(version), arguments(seed), POISON=Poison(), **two.objects())
        assert (before, one.lines) == (after, two.lines)


def test_poison_is_noticed_where_a_live_name_is_taken_for_dead() -> None:
    unit = unit_of("def f(x):\n    y = x + 1\n    return y")
    spoiled = unit.with_body([tree.assign("x", tree.load("POISON")), *unit.tree.body])
    with pytest.raises(TypeError):
        outcome(spoiled, {"x": 1.0}, POISON=Poison())
