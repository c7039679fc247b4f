"""What is recorded comes back: each value to the iteration it was recorded in, and nothing needlessly."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import gast
import numpy as np
import pytest

from tangent_sct import grad
from tangent_sct.core import tree
from tangent_sct.core.unit import Unit
from tangent_sct.derive.layout import popped_from, pushed_to, tapes
from tangent_sct.testing import check_derivative
from tests.analysis.instrument import Analysed, analysed, function
from tests.laws.samples import load

CHUNK = 20


class Recorder:
    """Tapes that know in which iteration they are written and read.

    An iteration is a path of loops and numbers; a reversed loop counts down from where the forward
    loop of the same place stopped.
    """

    def __init__(self, mutable: set[str]) -> None:
        self.mutable = mutable
        self.path: list[tuple[int, int]] = []
        self.stopped: dict[tuple[Any, ...], int] = {}
        self.tapes: dict[str, list[tuple[Any, Any, str, tuple[Any, ...]]]] = {}
        self.pops = 0

    def enter(self, pair: int, reverse: bool) -> None:
        """A loop begins."""
        start = self.stopped[(*self.path, pair)] + 1 if reverse else 0
        self.path.append((pair, start))

    def step(self, by: int) -> None:
        """An iteration begins."""
        pair, number = self.path[-1]
        self.path[-1] = pair, number + by

    def leave(self, reverse: bool) -> None:
        """A loop ends."""
        pair, number = self.path.pop()
        if reverse:
            assert number == 1 or self.stopped[(*self.path, pair)] == 0, "iterations were left out"
        else:
            self.stopped[(*self.path, pair)] = number

    def push(self, tape: str, name: str, value: Any) -> None:
        """`tape.append(name)`."""
        kept = (value, copy.deepcopy(value), name, tuple(self.path))
        self.tapes.setdefault(tape, []).append(kept)

    def pop(self, tape: str) -> Any:
        """`tape.pop()`."""
        value, before, name, path = self.tapes[tape].pop()
        assert path == tuple(self.path), f"{name} of {path} is read in {self.path}"
        if name not in self.mutable:
            np.testing.assert_equal(value, before, err_msg=f"{name} was changed on the tape")
        self.pops += 1
        return value


def observed(body: list[gast.AST], names: set[str]) -> list[gast.AST]:
    """A body whose loops and tapes are those of a recorder."""
    output: list[gast.AST] = []
    for node in body:
        is_reverse = tree.sweep_of(node) == "reverse"
        if isinstance(node, (gast.For, gast.While)) and hasattr(node, "pair"):
            node = tree.shallow(node)
            step = told("step_", tree.const(-1 if is_reverse else 1))
            node.body = [step, *observed(node.body, names)]
            enter = told("enter_", tree.const(node.pair), tree.const(is_reverse))
            output += [enter, node, told("leave_", tree.const(is_reverse))]
            continue
        if isinstance(node, (gast.If, gast.With, gast.For, gast.While)):
            node = tree.shallow(node)
            for name in ("body", "orelse"):
                if getattr(node, name, None):
                    setattr(node, name, observed(getattr(node, name), names))
        output.append(observed_tape(node, names))
    return output


def observed_tape(node: gast.AST, names: set[str]) -> gast.AST:
    """A push or a pop, told to the recorder."""
    value = getattr(node, "value", None)
    pushed, popped = pushed_to(value), popped_from(value)
    if pushed in names and isinstance(node, gast.Expr):
        (kept,) = value.args
        return told("push_", tree.const(pushed), tree.const(tree.text(kept)), kept)
    if popped in names and isinstance(node, gast.Assign):
        return tree.assign(node.targets[0], tree.call("pop_", tree.const(popped)))
    return node


def told(name: str, *args: gast.AST) -> gast.AST:
    """A call of the recorder."""
    return tree.effect(tree.call(name, *args))


def recorded(seed: int) -> tuple[Analysed, Unit] | None:
    """A random program, and its derivative just after `record`."""
    units: list[Unit] = []

    def watch(name: str, unit: Unit) -> None:
        if name == "record":
            body = tree.copy_all(unit.tree.body)
            units.append(unit.with_body(body))

    program = analysed(seed, watch)
    return None if program is None or not units else (program, units[0])


def run(program: Analysed, unit: Unit) -> Recorder:
    """Run a derivative with its tapes observed."""
    primal = set(program.parameters) | set(tree.names_written(program.body))
    shadows = set(tree.names_written(unit.tree.body)) - primal
    changing = program.context.stored.union(*program.changed.values())
    # What is written in place is recorded as a reference, and restored after it was read again.
    recorder = Recorder(set(changing) | shadows)
    scope = {
        **unit.namespace, "enter_": recorder.enter, "step_": recorder.step, "leave_": recorder.leave,
        "push_": recorder.push, "pop_": recorder.pop,
    }  # fmt: skip
    # What is never popped is a list that dead code has left.
    popped = {popped_from(getattr(node, "value", None)) for node in tree.every_statement(unit.tree.body)}
    body = observed(unit.tree.body, tapes(unit.tree.body) & popped)
    given = copy.deepcopy(program.sample.arguments())
    f = load(program.sample.text, f"<value {program.sample.seed}>")["f"]
    with np.errstate(all="ignore"):
        value = f(*copy.deepcopy(given))
        function(tree.parameter_names(unit.tree), body, scope)(*given, value)
    return recorder


@pytest.mark.parametrize("first", range(0, 40, CHUNK))
def test_what_was_recorded_comes_back(first: int) -> None:
    pops = 0
    for seed in range(first, first + CHUNK):
        found = recorded(seed)
        if found is None:
            continue
        recorder = run(*found)
        left = [name for name, tape in recorder.tapes.items() if tape]
        assert not left, f"seed {seed}: {left} are not empty in the end"
        pops += recorder.pops
    assert pops > 0


def test_the_recorder_sees_a_wrong_iteration() -> None:
    recorder = Recorder(set())
    recorder.enter(1, False)
    for number in range(2):
        recorder.step(1)
        recorder.push("tape", "y", float(number))
    recorder.leave(False)
    recorder.enter(1, True)
    recorder.step(-1)
    assert recorder.pop("tape") == 1.0
    with pytest.raises(AssertionError, match="is read in"):
        recorder.pop("tape")


def test_the_recorder_sees_what_changes_on_a_tape() -> None:
    recorder = Recorder({"free"})
    value = np.zeros(2)
    recorder.push("tape", "free", value)
    recorder.push("tape", "kept", value)
    value[0] = 1.0
    with pytest.raises(AssertionError, match="was changed on the tape"):
        recorder.pop("tape")
    recorder.pop("tape")


# -- nothing for linear programs ------------------------------------------------------------------


def linear(seed: int) -> str:
    """A random program that is linear in `a`, `b` and `s`, and writes only arrays it does not rebind."""
    rng = random.Random(seed)
    lines = ["def f(a, b, s, n):", "    u = a * 2.0", "    c = np.zeros_like(a)"]
    inside = ("[1:-1]", "[:-2]", "[2:]")

    def array() -> str:
        name = rng.choice("abcu")
        return name + rng.choice(inside)

    def statement(indent: str) -> None:
        choice = rng.randrange(6)
        factor = rng.choice(("0.5", "-2.0", "0.25"))
        if choice < 2:
            target = rng.choice("abc") + "[1:-1]"
            lines.append(f"{indent}{target} {rng.choice(('=', '+=', '-='))} {factor} * ({array()} + {array()})")
        elif choice == 2:
            lines.append(f"{indent}u = u * {factor} + {rng.choice('abc')}")
        elif choice == 3:
            lines.append(f"{indent}s = s + {factor} * {rng.choice('abc')}[{rng.randrange(6)}]")
        elif choice == 4:
            lines.append(f"{indent}c[{rng.randrange(6)}] = s - {rng.choice('ab')}[{rng.randrange(6)}]")
        else:
            lines.append(f"{indent}b += u")

    for depth in range(rng.randint(1, 2)):
        lines.append("    " * (depth + 1) + f"for i{depth} in range({rng.choice(('n', '3'))}):")
        for _ in range(rng.randint(2, 4)):
            statement("    " * (depth + 2))
    lines.append("    return np.sum(a) + np.sum(b * 2.0) + np.sum(c) + np.sum(u) + s")
    return "import numpy as np\n\n\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(8))
def test_a_linear_program_records_nothing(seed: int) -> None:
    text = linear(seed)
    f: Callable[..., Any] = load(text, f"<linear {seed}>")["f"]
    rng = np.random.default_rng(seed)
    given = (rng.normal(size=6), rng.normal(size=6), 0.7, 2)
    printed = grad(f, (0, 1, 2)).source_for(*given)
    assert "append" not in printed and "_old" not in printed, f"{text}\n{printed}"
    check_derivative(f, *given, wrt=(0, 1, 2))
