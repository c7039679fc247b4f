"""The law on two hundred random programs, and on some with complex numbers; `python -m tests.laws.run` tries more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from tangent_sct.api import jvp, vjp
from tangent_sct.core.unit import SEED
from tangent_sct.derivative import Derivative
from tangent_sct.pipeline import FINISH, differentiate
from tests.laws.check import examine
from tests.laws.generator import program
from tests.laws.samples import Program, load
from tests.laws.sharing import Transformed
from tests.laws.shrink import shrink

CHUNK = 10


@pytest.mark.every(2)
@pytest.mark.parametrize("first", range(0, 200, CHUNK))
def test_derivatives_of_random_programs(first: int) -> None:
    check_chunk(first, "real")


@pytest.mark.every(2)
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
@pytest.mark.parametrize("first", range(0, 100, CHUNK))
def test_derivatives_of_programs_with_complex_numbers(first: int) -> None:
    check_chunk(first, "complex")


def check_chunk(first: int, numbers: str) -> None:
    counts: Counter[str] = Counter()
    for seed in range(first, first + CHUNK):
        sample = program(seed, numbers=numbers)
        outcome = examine(sample)
        counts[outcome.status] += 1
        assert not outcome.failed, (
            f"seed {seed}: {outcome.status}, {outcome.law}\n{outcome.detail}\n"
            f"wrt {sample.wrt}, arguments {sample.arguments()}\n{sample.text}"
        )
    assert counts["right"] > 0, "no program of this chunk was differentiated"


def test_programs_are_drawn_from_their_seed_alone() -> None:
    assert [program(seed).text for seed in range(5)] == [program(seed).text for seed in range(5)]


def test_most_programs_run() -> None:
    runs = 0
    for seed in range(300):
        sample = program(seed)
        try:
            load(sample.text, "<a sample>")["f"](*sample.arguments())
        except Exception:
            continue
        runs += 1
    assert runs > 270


def test_shrinking_keeps_what_fails() -> None:
    text = "def f(x):\n    y = x * 2.0\n    z = 3.0\n    for i in range(2):\n        y = y + 1.0\n    return y * z\n"
    small = shrink(Program(text, ("s",), (0,), 0), lambda candidate: "2.0" in candidate.text)
    assert small.text == "def f(x):\n    return 2.0\n" or len(small.text.splitlines()) <= 3


@pytest.mark.parametrize("make", [jvp, vjp])
@pytest.mark.parametrize("text", [
    "def f(x):\n    y = x * x\n    for i in range(2):\n        y = y * x\n    return y + 0.0 * x\n",
    "def f(x):\n    return f(x - 1.0) * x if x > 1.0 else x * x\n",
])
def test_a_shared_transformation_is_like_one_of_its_own(text: str, make: Callable[..., Derivative]) -> None:
    function = load(text, "<a sample>")["f"]
    shared = Transformed(function)
    with shared.kept():
        made = make(function, (0,))
        made(1.5, seed=(0.5,) if make is jvp else 0.5)
    (kinds,) = made._known
    for steps in ((), FINISH[:1], FINISH):
        with shared.optimised_by(steps, made) as other:
            text = other.specialise(kinds).result.text.text
        request = replace(made.request, kinds=tuple((SEED if n == "seed" else n, kind) for n, kind in kinds))
        assert text == differentiate(function, request, tuple(dict(kinds))[:1], passes=steps).text.text
