"""The order of the passes: it is deterministic, passes may be left out, and each says when it did nothing."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

from tangent_sct.analysis.arguments import kinds_of_arguments
from tangent_sct.analysis.kinds import infer
from tangent_sct.core import tree
from tangent_sct.core.unit import Request, Unit
from tangent_sct.emit.load import load
from tangent_sct.pipeline import FINISH, Result, differentiate

SCALE = 2.0


def loop(x, y):
    total = 0.0
    z = x * 1.0
    for i in range(1, 3):
        z[i] = z[i - 1] * y + np.sin(z[i])
        if total < 1.0:
            total = total + np.sum(z * z) * SCALE
    return total


def fibonacci(x, n):
    if n < 2:
        return x
    return fibonacci(x, n - 1) * fibonacci(x, n - 2)


ARGS = (np.array([0.3, 0.4, 0.5]), 1.5)


def transform(f: Any = loop, args: Any = ARGS, mode: str = "grad", **options: Any) -> Result:
    names = f.__code__.co_varnames[: f.__code__.co_argcount]
    kinds = kinds_of_arguments(dict(zip(names, args, strict=True)))
    request = Request(mode, (names[0],), True, False, kinds)  # type: ignore[arg-type]
    return differentiate(f, request, names, **options)


def run(result: Result, *args: Any) -> Any:
    unit = result.unit
    return load(result.text, unit.tree.name, unit.namespace, "test")(*args)


def test_the_text_is_the_same_every_time() -> None:
    assert transform().text.text == transform().text.text


def test_the_watch_sees_each_pass_that_changed_something_in_order() -> None:
    seen: list[tuple[str, Unit]] = []
    result = transform(watch=lambda name, unit: seen.append((name, unit)))
    names = [name for name, _ in seen]
    assert names[:4] == ["read", "single", "resolve", "derive"]
    order = [name for name, _ in FINISH]
    finishing = names[names.index("record") + 1 :]
    assert finishing == [name for name in order if name in finishing]
    assert tree.same(seen[-1][1].tree, result.unit.tree)


def test_passes_have_names_of_their_own() -> None:
    names = [name for name, _ in FINISH]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("left_out", [name for name, _ in FINISH] + ["all", "none"])
@pytest.mark.parametrize("mode", ["grad", "jvp"])
def test_passes_may_be_left_out(mode: str, left_out: str) -> None:
    passes = tuple((n, p) for n, p in FINISH if left_out not in (n, "all"))
    seeds = (ARGS[0],) if mode == "jvp" else ()
    expected = run(transform(mode=mode), *ARGS, *seeds)
    found = run(transform(mode=mode, passes=passes), *ARGS, *seeds)
    if mode == "grad":
        expected, found = (expected,), (found,)
    for left, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-12)


@pytest.mark.parametrize(("name", "step"), FINISH, ids=[name for name, _ in FINISH])
def test_a_pass_returns_the_same_unit_when_there_is_nothing_to_do(name: str, step: Any) -> None:
    before: list[Unit] = []
    passes = tuple((n, p) for n, p in FINISH[: [n for n, _ in FINISH].index(name) + 1])
    unit = transform(passes=passes).unit
    for _ in range(4):
        before.append(unit)
        unit = step(unit, infer(unit).kind_of)
        if unit is before[-1]:
            return
        assert not tree.same(unit.tree, before[-1].tree), "changed nothing, but said it did"
    pytest.fail("the pass does not come to an end")


def test_the_result_says_what_it_was_made_from() -> None:
    result = transform()
    assert [(name, value) for _, name, value in result.uses if name == "SCALE"] == [("SCALE", 2.0)]
    assert result.written == ()
    assert result.unit.namespace["np"] is np

    def writes(u, v):
        v[0] = u[0]
        return np.sum(v)

    assert transform(writes, (np.ones(2), np.ones(2))).written == (1,)


def test_recursive_functions_come_as_companions() -> None:
    result = transform(fibonacci, (1.1, 5))
    names = {companion.name for companion in result.unit.companions}
    assert names == {"fibonacci_forward", "fibonacci_backward"}
    assert run(result, 1.1, 5) == pytest.approx(8 * 1.1**7)
    result = transform(fibonacci, (1.1, 5), mode="jvp")
    assert [c.name for c in result.unit.companions] == ["fibonacci_pushforward"]
    value, tangent = run(result, 1.1, 5, 1.0)
    assert (value, tangent) == (pytest.approx(1.1**8), pytest.approx(8 * 1.1**7))


def test_the_function_itself_is_left_alone() -> None:
    code, text = loop.__code__, loop(*ARGS)
    transform()
    assert loop.__code__ is code and loop(*ARGS) == text


def test_no_adjoint_waits_for_the_search_for_cycles() -> None:
    transform()
    gc.collect()
    gc.disable()
    try:
        result = transform()
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        left = [tree.text(item) for item in gc.garbage if getattr(item, "sweep", "") == "reverse"]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert result.text.text and not left
