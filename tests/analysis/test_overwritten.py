"""What is said to stay as it was read is not written afterwards, in random loops that are run."""

from __future__ import annotations

import random

import gast
import pytest

from tangent_sct.analysis.overwritten import Overwritten
from tangent_sct.core import tree
from tangent_sct.core.kind import INT, Kind, array, scalar

SIZE = 6


def kind_of(node: gast.AST) -> Kind:
    if isinstance(node, gast.Name) and node.id in ("A", "B"):
        return array(("n0", "n0"))
    if isinstance(node, gast.Subscript):
        return scalar("float64")
    return INT


def facts(body: list[gast.AST]) -> Overwritten:
    return Overwritten(body, kind_of, lambda name: frozenset((name,)), lambda node: set())


def stays(text: str, name: str = "t") -> bool:
    """Whether what the definition of a name reads stays as it was."""
    body = tree.statements(text)
    found = facts(body)
    (definition,) = [n for n in tree.every_statement(body) if name in tree.names_written([n]) and _is_plain(n)]
    read = found.read_by(name, definition.value)
    assert read is not None
    return found.stays(read)


def _is_plain(node: gast.AST) -> bool:
    return isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name)


LU = """
for k in range(n):
    for i in range(k + 1, n):
        d = A[k, k]
        A[i, k] = A[i, k] / d
        for j in range(k + 1, n):
            u = A[i, j]
            l = A[i, k]
            r = A[k, j]
            A[i, j] = u - l * r
"""


def test_of_an_elimination_the_factors_stay() -> None:
    assert [stays(LU, name) for name in "dlru"] == [True, True, True, False]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for i in range(1, n):\n    t = A[i - 1, 0]\n    A[i, 0] = t", True),
        ("for i in range(n):\n    t = A[i - 1, 0]\n    A[i, 0] = t", False),
        ("for i in range(n - 1):\n    t = A[i + 1, 0]\n    A[i, 0] = t", False),
        ("for i in reversed(range(n - 1)):\n    t = A[i + 1, 0]\n    A[i, 0] = t", True),
        ("for i in reversed(range(1, n)):\n    t = A[i - 1, 0]\n    A[i, 0] = t", False),
        ("for i in range(n - 2, -1, -1):\n    t = A[i + 1, 0]\n    A[i, 0] = t", True),
        ("for i in range(n):\n    t = A[i, 0]\n    A[i, 0] = t", False),
        ("for i in range(n):\n    A[i, 0] = 1.0\n    t = A[i, 0]", True),
        ("for i in range(n):\n    t = A[0, i]\n    A[1, i] = t", True),
        ("for i in range(n):\n    t = A[0, i]\n    A[-1, i] = t", False),
        ("for i in range(m):\n    t = A[i, 0]\n    A[p, 0] = t", False),
        ("while c:\n    t = A[0, 0]\n    A[1, 0] = t", True),
        ("while c:\n    t = A[k, 0]\n    A[1, 0] = t", False),
        ("for i in range(n):\n    t = A[i, 0]\n    A[i:, 1] = t", True),
        ("for i in range(n):\n    t = A[i, 0]\n    A[i + 1:, 0] = t", True),
        ("for i in range(n):\n    t = A[i, 0]\n    A[:i, 0] = t", False),
        ("for i in range(n):\n    m = 2 * i\n    t = A[m, 0]\n    A[m + 1, 0] = t", True),
        ("t = A[0, 0]\nA[...] = 1.0", False),
        ("t = A[0, 0]\nA[None, 1] = 1.0", False),
        ("t = A[0, 0]\nA += 1.0", False),
        ("t = A[0, 0]\nB[0, 0] = 1.0", True),
        ("for i in range(n):\n    A = Z[i]\n    t = A[0, 0]\n    A[1, 0] = t", False),
        ("for i in range(n):\n    t = A[i // 2, 0]\n    A[i, 0] = t", False),
    ],
)  # fmt: skip
def test_reads_and_stores(text: str, expected: bool) -> None:
    assert stays(text) is expected


def drawn(rng: random.Random) -> str:
    """A nest of loops with one read and some stores."""
    lines: list[str] = []
    count = 0

    def number(names: list[str]) -> str:
        shift = rng.choice(["", " + 1", " - 1", " + 2"])
        base = rng.choice([*names, "m", "0", "1", "-1", "2"])
        return f"{base}{shift}" if rng.random() < 0.6 else base

    def index(names: list[str]) -> str:
        one = number(names)
        if rng.random() < 0.2:
            return f"{number(names)}:{number(names)}, {one}"
        return f"{one}, {number(names)}"

    def block(names: list[str], indent: str, depth: int) -> None:
        nonlocal count
        for _ in range(rng.randint(1, 3)):
            if depth < 3 and rng.random() < 0.45:
                name = f"i{count}"
                count += 1
                low = rng.choice(["", "1, ", "m, ", *[f"{n} + 1, " for n in names]])
                high = rng.choice(["n", "n - 1", "m"])
                step = rng.choice(["", "", "", ", 2"]) if low else ""
                call = f"range({low}{high}{step})"
                if rng.random() < 0.25 and not step:
                    call = f"reversed({call})"
                lines.append(f"{indent}for {name} in {call}:")
                block([*names, name], indent + "    ", depth + 1)
            else:
                lines.append(f"{indent}A[{index(names)}] = 1.0")

    block([], "", 0)
    places = [i for i, line in enumerate(lines) if "A[" in line]
    at = rng.choice(places)
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    names = [f"i{k}" for k in range(count) if any(
        line.strip().startswith(f"for i{k} ") and len(line) - len(line.lstrip()) < len(indent) and i < at
        and all(len(x) - len(x.lstrip()) > len(line) - len(line.lstrip()) for x in lines[i + 1 : at])
        for i, line in enumerate(lines)
    )]  # fmt: skip
    lines.insert(at + rng.randint(0, 1), f"{indent}t = A[{number(names)}, {number(names)}]")
    return "\n".join(lines)


class Log:
    """An array that notes which elements are read and written."""

    def __init__(self) -> None:
        self.read: set[tuple[int, int]] = set()
        self.overwritten = False

    def places(self, key: tuple[object, object]) -> list[tuple[int, int]]:
        axes = [list(range(SIZE))[k] if isinstance(k, slice) else [list(range(SIZE))[k]] for k in key]  # type: ignore[call-overload]
        return [(a, b) for a in axes[0] for b in axes[1]]

    def __getitem__(self, key: tuple[object, object]) -> float:
        self.read.update(self.places(key))
        return 0.0

    def __setitem__(self, key: tuple[object, object], value: float) -> None:
        self.overwritten = self.overwritten or not self.read.isdisjoint(self.places(key))


def test_what_stays_is_not_written() -> None:
    rng = random.Random(5)
    sure = 0
    for _ in range(600):
        text = drawn(rng)
        answer = stays(text)
        sure += answer
        if not answer:
            continue
        for m in range(-2, SIZE):
            log = Log()
            try:
                exec(text, {"A": log, "n": SIZE, "m": m})
            except IndexError:
                # What is out of bounds ends the program.
                continue
            assert not log.overwritten, f"m = {m}\n{text}"
    assert sure > 60
