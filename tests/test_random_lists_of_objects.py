"""Random programs of lists of objects of several classes, and lists of such lists, under several names.

What a name may mean is followed while a program is read: a list that grows under one name has grown under all others.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad
from tangent_sct.testing import check_derivative
from tests.laws.samples import load

CLASSES = """
class Double:
    def __init__(self, v):
        self.v = v

    def value(self):
        return self.v * 2


class Square:
    def __init__(self, v):
        self.v = v

    def value(self):
        return self.v * self.v


class Line:
    def __init__(self, v, w):
        self.v = v
        self.w = w

    def value(self):
        return self.v * self.w + 1


"""
LISTS, TABLES = "abc", "gh"


class _Writer:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def program(self) -> str:
        lines = [
            "def f(x):", "    s, k = 0.0, 1", "    a = [Double(x)]", "    b = [Double(x * 2), Double(x * 3)]",
            "    c = [Square(x)]", "    g = [[Double(x)], [Double(2 * x)]]", "    h = [c]",
        ]  # fmt: skip
        for _ in range(self.random.randint(4, 8)):
            lines += self.statement(1)
        for name in LISTS:
            lines += [f"    for o in {name}:", "        s = s + o.value()"]
        for name in TABLES:
            lines += [f"    for row in {name}:", "        for o in row:", "            s = s + 0.5 * o.value()"]
        return CLASSES + "\n".join([*lines, "    return s\n"])

    def new(self) -> str:
        number = self.random.randint(1, 3)
        return self.random.choice([
            "Double(x)", f"Square(x * {number})", f"Line(x, {number}.0)", "Double(x * k)", "Square(s * 0.1)",
        ])  # fmt: skip

    def place(self, table: str) -> str:
        return f"{table}[{self.random.choice(['0', '-1', f'k % len({table})'])}]"

    def statement(self, depth: int) -> Iterator[str]:
        pick = self.random.choice
        a, b, g, h = pick(LISTS), pick(LISTS), pick(TABLES), pick(TABLES)
        kinds: list[Callable[[], list[str]]] = [
            lambda: [f"{a}.append({self.new()})"],
            lambda: [f"{a} = {b}"],
            lambda: [f"{a} = [{pick(['Double', 'Square'])}(o.value()) for o in {b}]"],
            lambda: [f"{g}.append({a})"],
            lambda: [f"{a} = {self.place(g)}"],
            lambda: [f"{a}, {b} = {b}, {a}"],
            lambda: [f"{self.place(g)} = {a}"],
            lambda: [f"{self.place(g)}.append({self.new()})"],
            lambda: [f"s = s + sum(o.value() for o in {a}) * {self.random.randint(1, 3)}"],
            lambda: [f"{a} = [{self.new()}]"],
            lambda: [f"{g} = {h}"],
            lambda: [f"{g} = [{a}, {b}]"],
            lambda: [f"for o in {a}:", "    o.v = o.v * x"],
        ]
        if depth < 3:
            test = pick(["x > 0.5", "k % 2 == 0", f"len({a}) > 2"])
            for head in (f"if {test}:", f"for k in range({self.random.randint(2, 3)}):"):
                inner = [line for _ in range(self.random.randint(1, 3)) for line in self.statement(depth + 1)]
                kinds.append(lambda head=head, inner=inner: [head, *inner])  # type: ignore[misc]
        yield from ("    " + line for line in pick(kinds)())


@pytest.mark.every(2)
@pytest.mark.parametrize("seed", range(24))
def test_random_lists_of_objects(seed: int) -> None:
    f = load(_Writer(seed).program(), f"<lists of objects {seed}>")["f"]
    if not abs(f(0.7)) < 1e6:
        pytest.skip("too large")
    try:
        grad(f)(0.7)
    except (UnsupportedError, DerivativeError):
        pytest.skip("refused")
    check_derivative(f, np.float64(0.7))
