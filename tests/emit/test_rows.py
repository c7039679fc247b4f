"""Nests of loops run row by row: the same operations on every entry, in the same order."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from tangent_sct.emit.rows import Access, Nest, together

MEMORY = {"a": "a", "b": "b", "v": "a"}


def nest(number: int, draw: random.Random) -> Nest:
    """A statement on entries of arrays at rows and columns near each other; `v` is a view of `a`."""
    sizes = [f"n{number}", "m"]
    indices = [f"i{number}", f"j{number}"]

    def access(is_write: bool) -> tuple[str, Access]:
        name, row, column = draw.choice("aabbv"), draw.randrange(3), draw.randrange(3)
        known = row if draw.random() < 0.9 else None
        text = f"{name}[{indices[0]} + {row}, {indices[1]} + {column}]"
        return text, Access(name, MEMORY[name], known, is_write)

    target, written = access(True)
    (first, one), (second, other) = access(False), access(False)
    inner = f"{target} {draw.choice(('=', '+=', '-='))} {first} * 0.5 - {second}"
    read = Access(written.name, written.memory, written.row, False)
    return Nest(sizes, indices, inner, [one, other, written, read])


def run(lines: list[str], sizes: list[int]) -> dict[str, Any]:
    a = np.random.default_rng(0).normal(size=(9, 8))
    space: dict[str, Any] = {"a": a, "b": a * 2.0 + 1.0, "v": a[1:], "m": 5}
    space.update({f"n{number}": size for number, size in enumerate(sizes)})
    exec("\n".join(lines), space)
    return {name: space[name] for name in "abv"}


@pytest.mark.parametrize("seed", range(200))
def test_rows_together_give_the_same_numbers(seed: int) -> None:
    draw = random.Random(seed)
    nests = [nest(number, draw) for number in range(draw.randrange(2, 6))]
    sizes = [draw.choice((5, 5, 5, 3, 0)) for _ in nests]
    apart = run([line for each in nests for line in each.lines()], sizes)
    fused = run(list(together(nests, "1")), sizes)
    for name, value in apart.items():
        assert np.array_equal(fused[name], value), "\n".join(together(nests, "1"))


def test_what_is_read_at_later_rows_is_read_before_it_is_written() -> None:
    copies = [Access("u", "u", 1, False), Access("t", "t", 0, True)]
    copied = Nest(["n"] * 2, ["i", "j"], "t[i, j] = u[1 + i, j]", copies)
    adds = [Access("t", "t", 0, False), Access("u", "u", 2, True)]
    added = Nest(["n"] * 2, ["k", "l"], "u[2 + k, l] += t[k, l]", adds)
    assert list(together([copied, added], "1")) == [
        "for _row_1_2 in range(max(n, n + 1)):",
        "    if _row_1_2 < n:",
        "        i = _row_1_2",
        "        for j in range(n):",
        "            t[i, j] = u[1 + i, j]",
        "    if 1 <= _row_1_2 < n + 1:",
        "        k = _row_1_2 - 1",
        "        for l in range(n):",
        "            u[2 + k, l] += t[k, l]",
    ]


def test_names_of_one_memory_and_rows_that_are_not_known_stay_apart() -> None:
    def touching(name: str, memory: str, row: int | None) -> Nest:
        return Nest(["n", "n"], ["i", "j"], "pass", [Access(name, memory, row, True)])

    for first, second in (("a", "a", 0), ("v", "a", 0)), (("a", "a", 0), ("a", "a", None)):
        lines = list(together([touching(*first), touching(*second)], "1"))
        assert sum(line.startswith("for") for line in lines) == 2
    lines = list(together([touching("a", "a", None), touching("b", "b", None)], "1"))
    assert sum(line.startswith("for") for line in lines) == 1
