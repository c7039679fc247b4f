"""Statements on arrays as loops: what runs them entry by entry gives the same numbers as NumPy."""

from __future__ import annotations

import ast
import importlib.util
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad, value_and_grad
from tangent_sct.core.entrywise import Entrywise
from tangent_sct.emit.entries import helpers, with_loops


def entries_of(derivative: Any, *args: Any) -> tuple[Any, Any, int]:
    """What the text gives, what its loops give, and how many statements became loops; all in Python."""
    example = derivative._example(args, {})
    result = derivative._result(example)
    module = ast.parse(result.text.text)
    with_loops(module, result.text.entrywise)
    found = []
    for code in (compile(result.text.text, "text", "exec"), compile(module, "loops", "exec")):
        space = {**result.unit.namespace, **helpers(lambda function: function)}
        exec(code, space)
        given = [value.copy() if isinstance(value, np.ndarray) else value for value in args]
        with np.errstate(all="ignore"):
            found.append(space[result.unit.tree.name](*given))
    return *found, len(result.text.entrywise)


def same(left: Any, right: Any) -> bool:
    if isinstance(left, tuple):
        return all(map(same, left, right))
    return np.array_equal(left, right, equal_nan=True)


def heat(u, rate, steps):
    u = u.copy()
    for _ in range(steps):
        u[1:-1, 1:-1] = u[1:-1, 1:-1] + rate * (
            u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4.0 * u[1:-1, 1:-1]
        )
    return np.sum(u * u)


def shifted(u, rate, steps):
    v = u * rate
    w = v[1:]
    w += v[:-1]
    v[1:, :] = v[:-1, :] * u[1:, :]
    v[:, -2:] *= v[:, :2]
    v[0] = v[1] / v[2]
    return np.sum(w * u[1:])


def numbers(u, rate, steps):
    v = u.copy()
    for k in range(1, steps + 1):
        v[k] = v[k] * v[k, 0] - v[0, k] * rate / u[k]
        v[k:, k - 1] += np.exp(u[k:, 0]) * v[k, k]
        v[-k:, 1:k] -= 2 * v[-k:, 0:k - 1]
    return np.sum(v * v)


def backwards(u, rate, steps):
    v = np.zeros_like(u)
    t = u.T
    for k in range(steps):
        v[k] += t[k] * rate
        t = v.T * 2.0
        v[k + 1:] -= t[k + 1:] * v[k + 1:]
    return np.sum(v * u)


def singular(u, rate, steps):
    v = u[1:] / (u[:-1] - u[:-1])
    return np.sum(np.log(v * v) * rate)


@pytest.mark.parametrize("function", [heat, shifted, numbers, backwards, singular])
@pytest.mark.parametrize("transform", [grad, value_and_grad])
@pytest.mark.parametrize("wrt", [0, (0, 1)])
def test_loops_give_the_same_numbers(function, transform, wrt) -> None:
    u = np.random.default_rng(3).normal(size=(6, 6))
    text, loops, count = entries_of(transform(function, wrt=wrt, backend="numba"), u, 0.7, 3)
    assert same(text, loops)
    assert count > 2


@pytest.mark.parametrize("function", [heat, shifted, numbers, backwards, singular])
def test_numba_compiles_the_loops(function, tmp_path, monkeypatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv("TANGENT_SCT_CACHE_DIR", str(tmp_path))
    u = np.random.default_rng(3).normal(size=(6, 6))
    with np.errstate(all="ignore"):
        value, adjoints = value_and_grad(function, wrt=(0, 1))(u, 0.7, 3)
        compiled_value, compiled = value_and_grad(function, wrt=(0, 1), backend="numba")(u, 0.7, 3)
    np.testing.assert_allclose(compiled_value, value, rtol=1e-12)
    for one, other in zip(compiled, adjoints, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_the_text_keeps_its_slices() -> None:
    u = np.ones((4, 4))
    assert "u_bar[1:-1, 2:] += t_bar" in grad(heat, backend="numba").source_for(u, 0.7, 3)
    assert not grad(heat)._result(grad(heat)._example((u, 0.7, 3), {})).text.entrywise


def test_what_overlaps_is_read_before_it_is_written() -> None:
    derivative = grad(heat, backend="numba")
    text = derivative._result(derivative._example((np.ones((4, 4)), 0.7, 3), {})).text
    lines = text.text.split("\n")
    apart = {lines[line - 1].strip(): plan.apart for line, plan in text.entrywise.items()}
    assert apart["u[1:-1, 1:-1] = ("] and not apart["u_bar[1:-1, 2:] += t_bar"]


def test_a_statement_that_is_spelled_otherwise_stays() -> None:
    module = ast.parse("a[1:] = b[1:] * c")
    assert not with_loops(module, {1: Entrywise(1, {"a[1:]": 1, "b[1:]": 1}, {"a": "a", "b": "b"}, ("d",), False)})
    assert ast.unparse(module) == "a[1:] = b[1:] * c"
    assert with_loops(module, {1: Entrywise(1, {"a[1:]": 1, "b[1:]": 1}, {"a": "a", "b": "b"}, ("c",), False)})


def test_parts_of_other_shapes_are_refused() -> None:
    module = ast.parse("a[1:] = b[1:] * 2.0")
    with_loops(module, {1: Entrywise(1, {"a[1:]": 1, "b[1:]": 1}, {"a": "a", "b": "b"}, ("2.0",), False)})
    space = {"a": np.ones(4), "b": np.ones(5), **helpers(lambda function: function)}
    with pytest.raises(ValueError, match="different shapes"):
        exec(compile(module, "loops", "exec"), space)


# -- random programs ----------------------------------------------------------------------------------


class Writer:
    """Random statements on parts of arrays, of two axes and of one, some of which share memory."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.size = 6

    def program(self) -> str:
        lines = ["import numpy as np", "", "def f(x, y, s):", "    a = x * 1.5", "    b = np.zeros_like(x)"]
        lines += ["    d = y * s"]
        views = [f"    e = {self.random.choice(('a', 'a[1:]', 'a.T', 'b[:, 1:]', 'a[:, ::-1]', 'd'))}"]
        lines += views + [f"    {self.statement()}" for _ in range(self.random.randrange(2, 6))]
        lines += ["    for k in range(1, 3):"]
        lines += [f"        {self.statement('k')}" for _ in range(self.random.randrange(1, 4))]
        return "\n".join([*lines, "    return np.sum(a * a) + np.sum(b * x) + np.sum(d * d) + np.sum(e)", ""])

    def statement(self, index: str = "") -> str:
        # Long parts of few arrays overlap often.
        rows, columns = self.random.randrange(3, 6), self.random.randrange(3, 6)
        shape = self.random.choice(((rows, columns), (columns,)))
        operator = self.random.choice(("=", "+=", "-=", "*="))
        return f"{self.part(shape, index)} {operator} {self.value(shape, index, 2)}"

    def part(self, shape: tuple[int, ...], index: str) -> str:
        if len(shape) == 1:
            choice = self.random.randrange(3)
            if choice == 0:
                return f"d[{self.range(shape[0], index)}]"
            position = index or str(self.random.randrange(-3, 4))
            base = self.random.choice("aaab")
            if choice == 1:
                return f"{base}[{position}, {self.range(shape[0], index)}]"
            return f"{base}[{self.range(shape[0], index)}, {position}]"
        return f"{self.random.choice('aaab')}[{self.range(shape[0], '')}, {self.range(shape[1], index)}]"

    def range(self, count: int, index: str) -> str:
        """A slice that holds so many of the entries."""
        if index and count + 2 <= self.size and self.random.random() < 0.5:
            return f"{index}:{index} + {count}"
        start = self.random.randrange(0, self.size - count + 1)
        stop = start + count
        first = "" if start == 0 else str(start if self.random.random() < 0.5 else start - self.size)
        last = "" if stop == self.size else str(stop if self.random.random() < 0.5 else stop - self.size)
        return f"{first}:{last}"

    def value(self, shape: tuple[int, ...], index: str, depth: int) -> str:
        choice = self.random.randrange(6)
        if depth and choice < 3:
            operator = self.random.choice("+-*")
            return f"({self.value(shape, index, depth - 1)} {operator} {self.value(shape, index, depth - 1)})"
        if depth and choice == 3:
            function = self.random.choice(("np.sin({})", "-{}", "{} / (2.0 + s)", "np.exp(-{})", "{} * {}"))
            return function.format(*[self.value(shape, index, depth - 1)] * 2)
        if choice == 4:
            return self.random.choice(("s", "0.5", "a[1, 2]", "d[0]", "2"))
        return self.part(shape, index)


def written(seed: int, folder: Path) -> Callable[..., Any]:
    file = folder / f"entries_{seed}.py"
    file.write_text(Writer(seed).program(), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


@pytest.mark.parametrize("seed", range(40))
def test_loops_of_random_programs_give_the_same_numbers(seed, tmp_path) -> None:
    draw = np.random.default_rng(seed)
    args = draw.normal(size=(6, 6)), draw.normal(size=6), 0.7
    function = written(seed, tmp_path)
    text, loops, _ = entries_of(value_and_grad(function, wrt=(0, 1, 2), backend="numba"), *args)
    assert same(text, loops), Writer(seed).program()
