"""Random programs with exits of every sort: the same result before and after."""

from __future__ import annotations

import itertools
import random
from contextlib import suppress

import pytest

from tests.frontend.desugaring import assert_small, outcome, rewrite

VALUES = ("x + n", "x * 0.5", "a + 1.0", "a - x", "x + i0", "(x if a > 1 else a)", "a or x")
TESTS = ("x > 2", "a < x", "n % 2 == 0", "a > 3 and n > 1", "i0 % 3 == 1", "flag", "x", "not a > 1")
RETURNS = ("return x", "return a", "return a * x", "return", "return (x, a)")


class Programs:
    """Writes a random program; every loop ends."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.counters = 0

    def text(self) -> str:
        lines = ["def f(x, a, n):", "    i0 = 0", "    flag = False", "    k = m = 0"]
        return "\n".join(lines + self.block(4, "    ", False))

    def block(self, depth: int, indent: str, in_loop: bool) -> list[str]:
        count = self.random.randint(1, 3)
        return [line for _ in range(count) for line in self.statement(depth, indent, in_loop)]

    def statement(self, depth: int, indent: str, in_loop: bool) -> list[str]:
        choose, inner = self.random.choice, indent + "    "
        forms = [self.assign] * 4
        if depth:
            forms += [self.if_] * 5 + [self.for_, self.while_] * 2 + [self.with_, self.try_]
            forms += [self.exit] * 4
        lines = choose(forms)(depth - 1, inner, in_loop)
        return [indent + line if not line.startswith(inner) else line for line in lines]

    def assign(self, depth: int, inner: str, in_loop: bool) -> list[str]:
        value = self.random.choice(VALUES)
        forms = (f"x = {value}", f"a = {value}", f"x, a = a, {value}", f"a += {value}", "n += 1",
                 "n, m = n + 1, 2", "flag = a > x")  # fmt: skip
        return [self.random.choice(forms)]

    def maybe_else(self, depth: int, inner: str, in_loop: bool) -> list[str]:
        if self.random.random() < 0.6:
            return []
        return ["else:", *self.block(depth, inner, in_loop)]

    def if_(self, depth: int, inner: str, in_loop: bool) -> list[str]:
        head = f"if {self.random.choice(TESTS)}:"
        body = self.block(depth, inner, in_loop)
        return [head, *body, *self.maybe_else(depth, inner, in_loop)]

    def for_(self, depth: int, inner: str, in_loop: bool) -> list[str]:
        head = f"for i{depth} in range({self.random.randint(0, 4)}):"
        body = self.block(depth, inner, True)
        return [head, *body, *self.maybe_else(depth, inner, in_loop)]

    def while_(self, depth: int, inner: str, in_loop: bool) -> list[str]:
        count = f"c{self.counters}"
        self.counters += 1
        tests = (f"{count} < 3", "True", f"({count} := {count} + 1) < 4")
        head = [f"{count} = 0", f"while {self.random.choice(tests)}:"]
        limit = [inner + f"{count} += 1", inner + f"if {count} > 6:", inner + "    break"]
        body = self.block(depth, inner, True)
        return [*head, *limit, *body, *self.maybe_else(depth, inner, in_loop)]

    def with_(self, depth: int, inner: str, in_loop: bool) -> list[str]:
        head, *first = self.random.choice(
            (["with np.errstate(all='ignore'):"],
             ["with suppress(ZeroDivisionError):", inner + "n = 1 // (n % 2)"])
        )  # fmt: skip
        return [head, *first, *self.block(depth, inner, in_loop)]

    def try_(self, depth: int, inner: str, in_loop: bool) -> list[str]:
        chance, exits = self.random.random, ["return n", "return 1.0"]
        exits += ["break", "continue"] if in_loop else []
        lines = ["try:", inner + "k = 1 // (n % 3)"]
        if chance() < 0.4:
            lines += [inner + "if n > 3:", inner + "    " + self.random.choice(exits)]
        lines += ["except ZeroDivisionError:", inner + self.random.choice([*exits, "k = 5"])]
        if chance() < 0.4:
            lines += ["else:", inner + "k = 9"]
        if chance() < 0.4:
            lines += ["finally:", inner + "n += 1"]
        return [*lines, "n += k"]

    def exit(self, depth: int, inner: str, in_loop: bool) -> list[str]:
        exits = [*RETURNS, "raise ValueError(n)"] + ["break", "continue"] * (5 * in_loop)
        leave = self.random.choice(exits)
        if self.random.random() < 0.15:
            return [leave]
        return [f"if {self.random.choice(TESTS)}:", inner + leave]


@pytest.mark.parametrize("seed", range(0, 120, 10))
def test_random_programs(seed: int) -> None:
    for number in range(seed, seed + 10):
        text = Programs(number).text()
        made = rewrite(text, ("x", "a"), suppress=suppress)
        assert_small(made.tree)
        for arguments in itertools.product((0.0, 1.5, 4.0), (0.5, 5.0), (0, 1, 4)):
            before, after = outcome(made.before, arguments), outcome(made.after, arguments)
            assert before == after, f"{arguments}\n{text}\n{made.text}"
