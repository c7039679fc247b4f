"""Activity: the definitions by example, and never too few by observation of random programs."""

from __future__ import annotations

from typing import Any

import gast
import numpy as np
import pytest

from tangent_sct.analysis.activity import Edge, active, edges, useful, varied
from tangent_sct.core import tree
from tangent_sct.core.kind import FLOAT, INT, UNKNOWN, Kind
from tests.analysis.instrument import Analysed, analysed, arguments, around, function, numbers

STEP = 1e-5
CHUNK = 10


def found(text: str, sources: str, results: str, ints: str = "", shared: str = "") -> set[str]:
    """Active names; those of `shared` are one array that is written."""

    def share(name: str) -> tuple[str, ...]:
        return tuple(shared.split()) if name in shared.split() else (name,)

    def kind_of(name: str) -> Kind:
        if name in ints.split():
            return INT
        return UNKNOWN if name in shared.split() else FLOAT

    body = tree.statements(text)
    return active(list(edges(body, {"np": np, "len": len})), sources.split(), results.split(), share, kind_of)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y = x * a\nr = y + 1", "x y r"),
        ("y = x * a\nr = a + 1", ""),
        ("y = x * a\nz = y * a\nr = y", "x y r"),
        ("y = np.zeros_like(x)\nr = y * x", "x r"),
        ("y = x > 1\nr = y * x", "x r"),
        ("k = len(x)\nr = k * a", ""),
        ("if a:\n    y = x\n    z = y\nelse:\n    z = a\nr = z", "x y z r"),
        ("y = x\nfor i in a:\n    z = y * i\n    y = z\nr = y", "x y z r"),
        ("for v in x:\n    w = v\nr = w", "x v w r"),
        ("p = (x, a)\nq = p[1]\nr = q", "x p q r"),
        ("r = np.sum(x)", "x r"),
        ("r = x.sum()", "x r"),
        ("y = np.append(x, a)\nr = np.sin(y)", "x y r"),
    ],
)
def test_definitions(text: str, expected: str) -> None:
    assert found(text, "x", "r", ints="i k") == set(expected.split())


def test_integers_are_never_active() -> None:
    assert found("k = x * 1\nr = k * a", "x", "r", ints="k") == set()


def test_a_store_makes_all_names_of_the_array_active() -> None:
    text = "y = np.zeros(3)\nv = y[1:]\nv[0] = x\nr = np.sum(y)"
    assert found(text, "x", "r", shared="y v") == {"x", "y", "v", "r"}


def test_a_store_keeps_what_was_there() -> None:
    flows = list(edges(tree.statements("y[0] = x\ny[1] += z"), {}))
    assert flows == [Edge("y", ("x",), True), Edge("y", ("z",), True)]


def test_varied_and_useful_are_closures() -> None:
    flows = [Edge("b", ("a",), False), Edge("c", ("b",), False), Edge("d", ("e",), False)]
    assert varied(flows, ["a"], lambda n: (n,), lambda n: True) == {"a", "b", "c"}
    assert useful(flows, ["c", "d"], lambda n: (n,), lambda n: n != "e") == {"a", "b", "c", "d"}


# -- by observation -------------------------------------------------------------------------------


class Observer:
    """Notes values as they are assigned, and may disturb the values of one name."""

    def __init__(self, program: Analysed) -> None:
        self.in_place = program.context.stored.union(*program.changed.values())
        self.values: list[tuple[str, Any]] = []
        self.disturbed = ""
        self.step = 0.0

    def see(self, name: str, value: Any) -> Any:
        """A value that is about to be assigned."""
        if name == self.disturbed:
            if isinstance(value, float):
                value = value + self.step
            elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
                if name not in self.in_place:
                    value = value + self.step
                elif value.flags.writeable:
                    value += self.step
        self.values.append((name, numbers(value)))
        return value

    def look(self, names: dict[str, Any]) -> None:
        """All variables, after something may have been written in place."""
        self.values += [(name, numbers(value)) for name, value in names.items()]


def observed(body: list[gast.AST]) -> list[gast.AST]:
    """A body that tells an observer of its values."""

    def change(node: gast.AST) -> list[gast.AST]:
        if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name):
            name = node.targets[0].id
            return [tree.assign(name, tree.call("see_", tree.const(name), tree.copy(node.value)))]
        if isinstance(node, gast.Return):
            return [node]
        return [node, tree.effect(tree.call("look_", tree.call("locals")))]

    return around(body, change)


def smooth(near: np.ndarray[Any, Any], base: np.ndarray[Any, Any], far: np.ndarray[Any, Any]) -> bool:
    """Whether a value moves in proportion to the step, which was one and two units long."""
    if not near.shape == base.shape == far.shape or not near.size:
        return False
    one, two = near - base, far - base
    if not (np.all(np.isfinite(one)) and np.all(np.isfinite(two))):
        return False
    moves = np.abs(one) > 1e-9
    return bool(np.any(moves & (np.abs(two - 2 * one) < 0.2 * np.abs(one))))


def observed_active(program: Analysed) -> set[str]:
    """Names that move with the independents, and that move the result."""
    observer = Observer(program)
    scope = {**program.context.namespace.objects, "see_": observer.see, "look_": observer.look}
    f = function(program.parameters, observed(program.body), scope)

    def run(step: float, name: str = "", by: float = 0.0) -> tuple[Any, list[tuple[str, Any]]]:
        observer.values, observer.disturbed, observer.step = [], name, by
        result = f(*arguments(program, step))
        return numbers(result), observer.values

    with np.errstate(all="ignore"):
        result, base = run(0.0)
        _, near = run(STEP)
        _, far = run(2 * STEP)
        if not [n for n, _ in base] == [n for n, _ in near] == [n for n, _ in far]:
            return set()
        rows = zip(near, base, far, strict=True)
        moving = {name for (name, a), (_, b), (_, c) in rows if smooth(a, b, c)}
        return {
            name for name in sorted(moving)
            if smooth(run(0.0, name, STEP)[0], result, run(0.0, name, 2 * STEP)[0])
        }  # fmt: skip


@pytest.mark.parametrize("first", range(0, 40, CHUNK))
def test_what_carries_a_derivative_is_active(first: int) -> None:
    count = 0
    for seed in range(first, first + CHUNK):
        program = analysed(seed)
        if program is None:
            continue
        seen = observed_active(program)
        count += len(seen)
        missing = seen - program.context.active
        assert not missing, f"seed {seed}: {sorted(missing)}\n{tree.text(program.body)}"
    assert count > 0
