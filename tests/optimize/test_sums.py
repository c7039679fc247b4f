"""Sums over loops, kept in variables: where indices allow it, and that the numbers stay."""

from __future__ import annotations

import importlib.util
import random

import numpy as np
import pytest

from tangent_sct import grad, jvp


def lu(a):
    a = a.copy()
    n = a.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            for j in range(k + 1, n):
                a[i, j] -= a[i, k] * a[k, j]
    return a[n - 1, n - 1]


def outer_products(a):
    n = a.shape[0]
    total = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            if a[i, j] > 1.2:
                total += a[i, i] * a[i, j] * a[j, i]
    return total


def roots(a):
    total = 0.0
    for i in range(a.shape[0]):
        x = 1.0
        while abs(x * x - a[i, 0]) > 1e-9:
            x = 0.5 * (x + a[i, 0] / x)
        total += x
    return total


def meets_another(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[0]):
            total += a[i, 1] * a[i, j]
    return total


def may_have_no_such_element(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(min(a.shape[0] - 1 - i, 3)):
            total += a[i + 1, j] * a[i, 2]
    return total


def has_other_names(a):
    a = a.copy()
    for i in range(a.shape[0]):
        row = a[i]
        for j in range(1, a.shape[0]):
            row[j] *= a[i, 0]
    return np.sum(a * a)


def is_left_early(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(i):
            if a[i, j] > 3.0:
                break
            total += a[i, i] * a[i, j]
    return total


SUMMED = (lu, outer_products, roots)
OTHERS = (meets_another, may_have_no_such_element, has_other_names, is_left_early)


@pytest.mark.parametrize("function", SUMMED)
def test_updates_of_one_element_are_summed(function) -> None:
    assert "a_bar_sum" in grad(function).source_for(np.eye(4))


@pytest.mark.parametrize("function", OTHERS)
def test_what_may_be_met_or_missing_is_updated_at_its_place(function) -> None:
    assert "a_bar_sum" not in grad(function).source_for(np.eye(4))


@pytest.mark.parametrize("function", SUMMED + OTHERS)
def test_the_numbers_stay(function) -> None:
    draw = np.random.default_rng(1)
    a, tangent = draw.uniform(1.0, 2.0, (6, 6)), draw.normal(size=(6, 6))
    assert np.sum(grad(function)(a) * tangent) == pytest.approx(jvp(function)(a, seed=tangent)[1])


def test_a_text_without_kinds_has_no_sums() -> None:
    assert "a_bar_sum" not in grad(outer_products).source


def program(seed: int) -> str:
    """Loops over elements of two arrays, at places that are near each other."""
    draw = random.Random(seed)

    def place(names: list[str]) -> str:
        array = draw.choice("aab")
        first, second = (f"{draw.choice(names)}{draw.choice(('', '', ' - 1', ' + 1'))}" for _ in range(2))
        return f"{array}[{first}, {second}]"

    bounds = ["range(1, n - 1)", "range(i + 1, n - 1)", "range(1, i)", "range(1, i + 1)", "range(2, 2)"]
    lines = [
        "def f(a, b):", "    n = a.shape[0]", "    a = a.copy()", "    s = 0.0", "    for i in range(1, n - 1):",
        f"        s += {place(['i', '1'])} * {place(['i', '1'])}", f"        for j in {draw.choice(bounds)}:",
    ]  # fmt: skip
    for _ in range(draw.randrange(1, 4)):
        names = ["i", "j", "2", "j"]
        kind = draw.randrange(3)
        product = f"{place(names)} * {place(names)}"
        lines.append(f"            {'s' if kind else place(names)} += 0.3 * {product}")
        if kind == 2:
            lines[-1:] = [f"            if {place(names)} > 1.2:", f"                s -= {product} * {place(names)}"]
    return "\n".join([*lines, "    return s + np.sum(a * b)", ""])


@pytest.mark.parametrize("seed", range(40))
def test_numbers_of_random_loops_stay(seed, tmp_path) -> None:
    file = tmp_path / f"sums_{seed}.py"
    file.write_text("import numpy as np\n\n\n" + program(seed), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    draw = np.random.default_rng(seed)
    a, b, da, db = draw.uniform(0.5, 1.5, (4, 6, 6))
    a_bar, b_bar = grad(module.f, wrt=(0, 1))(a, b)
    slope = jvp(module.f, wrt=(0, 1))(a, b, seed=(da, db))[1]
    assert np.sum(a_bar * da) + np.sum(b_bar * db) == pytest.approx(slope, rel=1e-9), program(seed)
