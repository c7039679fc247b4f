"""Small arrays as numbers, where Numba compiles: what is taken apart, what is not, and that the numbers stay."""

from __future__ import annotations

import importlib.util
import math
import random
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad


def turned(p, q):
    return np.array([p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]])


def crossed(x, s):
    total = 0.0
    for i in range(len(x)):
        p = turned(x[i, :3], x[i, 3:6] * s)
        if p[0] > 0.1:
            r = p - 2.0 * x[i, 1:4]
        else:
            r = np.sin(-p) / s
        total += r @ p + np.sum(r) + len(x) * math.sqrt(r[1] * r[1] + 1.0)
    return total


def carried(x, s):
    v = np.array([s, 1.0])
    for i in range(len(x)):
        v = np.array([v[1] * x[i, 0], v[0] + x[i, 1]]) * 0.9
    return v[0] * v[1]


def stored(x, s):
    out = np.zeros((len(x), 4))
    for i in range(len(x)):
        p = x[i, 2:4] * s
        out[i, 1:3] = p
        out[i, 3] = p[0]
    return np.sum(out * out)


def handed_on(x, s):
    p = x[0, :3] * s
    return np.linalg.norm(p) * p[0]


def indexed(x, s):
    p = x[0, :3] * s
    total = 0.0
    for k in range(3):
        total += p[k] * k
    return total


def written_into(x, s):
    p = np.array([s, 2.0 * s])
    p[0] = x[0, 0]
    return p[0] * p[1]


def of_an_array_that_changes(x, s):
    x = x * s
    p = x[0, :2]
    x[0, 1] = s
    return p[0] * p[1]


def as_long_as_the_argument(x, s):
    p = x[0] * s
    return p[0] * p[1]


def kept_in_a_list(x, s):
    found = []
    for i in range(len(x)):
        found.append(x[i, :2] * s)
    return found[0][0] * found[1][1]


def on_two_paths(x, s):
    if s > 0.5:
        p = x[0, :2] * s
    else:
        p = x[0] * s
    return p[0] * p[1]


APART = (crossed, carried, stored)
WHOLE = (
    handed_on, indexed, written_into, of_an_array_that_changes, as_long_as_the_argument, kept_in_a_list, on_two_paths,
)
X = np.random.default_rng(2).uniform(0.2, 1.5, (4, 6))


def gradients(function: Any, *args: Any) -> tuple[Any, Any]:
    """What the text for Numba gives where Python runs it, and what the text for Python gives."""
    derivative = grad(function, wrt=(0, 1), backend="numba")
    result = derivative._result(derivative._example(args, {}))
    space = dict(result.unit.namespace)
    exec(result.text.text, space)
    return space[result.unit.tree.name](*args), grad(function, wrt=(0, 1))(*args)


def text_of(function: Any, backend: str = "numba") -> str:
    """The text without its comments."""
    lines = grad(function, wrt=(0, 1), backend=backend).source_for(X, 0.7).split("\n")
    return "\n".join(line for line in lines if not line.lstrip().startswith("#"))


@pytest.mark.parametrize("function", APART)
def test_small_arrays_are_numbers(function) -> None:
    text = text_of(function)
    assert "np.array([" not in text and ":3]" not in text and "x[i, 2:4]" not in text
    assert "np.array(" in text_of(function, "numpy") or "x[i, 2:4]" in text_of(function, "numpy")


@pytest.mark.parametrize("function", WHOLE)
def test_what_is_more_than_its_entries_stays_an_array(function) -> None:
    assert "has fewer than" not in text_of(function)


@pytest.mark.parametrize("function", APART + WHOLE)
def test_the_numbers_stay(function) -> None:
    found, expected = gradients(function, X, 0.7)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_arguments_that_are_too_short_are_refused() -> None:
    derivative = grad(crossed, wrt=(0, 1), backend="numba")
    result = derivative._result(derivative._example((X, 0.7), {}))
    space = dict(result.unit.namespace)
    exec(result.text.text, space)
    with pytest.raises(IndexError, match="`x` has fewer than 6 entries along axis 1"):
        space[result.unit.tree.name](X[:, :5], 0.7)


@pytest.mark.parametrize("function", APART)
def test_numba_compiles_them(function, tmp_path, monkeypatch) -> None:
    pytest.importorskip("numba")
    monkeypatch.setenv("TANGENT_SCT_CACHE_DIR", str(tmp_path))
    found = grad(function, wrt=(0, 1), backend="numba")(X, 0.7)
    for one, other in zip(found, grad(function, wrt=(0, 1))(X, 0.7), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_python_keeps_arrays() -> None:
    assert "has fewer than" not in grad(crossed).source_for(X, 0.7)


# -- random programs ----------------------------------------------------------------------------------


def program(seed: int) -> str:
    """Arithmetic of vectors of two or three entries, in a loop with a branch."""
    draw = random.Random(seed)
    size = draw.choice((2, 3))
    vectors = ["p", "q"]

    def number(depth: int = 1) -> str:
        options = ["s", f"{draw.choice(vectors)}[{draw.randrange(size)}]", "0.5", "x[i, 1]"]
        if depth:
            first, second = number(0), number(0)
            options += [f"({first} * {second})", f"np.sin({first})", f"({first} - {second})"]
        return draw.choice(options)

    def vector(depth: int = 2) -> str:
        start = draw.randrange(0, 6 - size)
        options = [draw.choice(vectors), f"x[i, {start}:{start + size}]"]
        options.append(f"np.array([{', '.join(number() for _ in range(size))}])")
        if depth:
            first = vector(depth - 1)
            options += [f"({first} + {vector(depth - 1)})", f"{number()} * {first}", f"np.exp(-{first})", f"-{first}"]
        return draw.choice(options)

    lines = ["import numpy as np", "", "def f(x, s):", "    i = 0", "    total = 0.0"]
    lines += [f"    p = np.array([{', '.join(['s'] * size)}])", f"    q = x[0, :{size}]"]
    lines.append("    for i in range(len(x)):")
    for _ in range(draw.randrange(2, 6)):
        kind = draw.randrange(4)
        if kind == 0:
            lines += [f"        if {number()} > 0.3:", f"            {draw.choice(vectors)} = {vector()}"]
        elif kind == 1:
            lines.append(f"        total += {draw.choice(('p @ q', 'np.sum(p)', 'np.dot(q, q)', number()))}")
        else:
            lines.append(f"        {draw.choice(vectors)} = {vector()}")
    return "\n".join([*lines, "    return total + p[0] * q[1] + np.sum(q)", ""])


@pytest.mark.parametrize("seed", range(40))
def test_numbers_of_random_programs_stay(seed, tmp_path) -> None:
    file = tmp_path / f"scalars_{seed}.py"
    file.write_text(program(seed), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with np.errstate(all="ignore"):
        found, expected = gradients(module.f, X, 0.7)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, err_msg=program(seed))
