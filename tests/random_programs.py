"""Random programs in structured single assignment, for tests that run a program before and after.

Scalars `x y z`, arrays `a b c` of one length, containers, views, stores through aliases, tapes,
calls that nothing is known of, loops with exits. Every program terminates and runs without error.
"""

from __future__ import annotations

import random
from typing import Any

import gast
import numpy as np

from tangent_sct.core import tree
from tangent_sct.core.kind import FLOAT, UNKNOWN, Kind, array
from tangent_sct.core.unit import Unit
from tests.helpers import unit_of

SCALARS = ("x", "y", "z")
ARRAYS = ("a", "b", "c")


def arguments(seed: int) -> dict[str, Any]:
    """Arguments for a random program."""
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(-1, 1, 2).tolist()
    return {"x": x, "y": y, "a": generator.normal(size=4), "b": generator.normal(size=4), "n": 3}


def kind_of(node: gast.AST) -> Kind:
    """Kinds of the expressions of these programs."""
    if isinstance(node, gast.Name):
        stem = node.id.partition("_")[0]
        if stem in ARRAYS or stem == "array":
            return array((4,))
        return UNKNOWN if stem in ("tape", "p") else FLOAT
    if isinstance(node, gast.Subscript):
        if kind_of(node.value).is_array:
            if isinstance(node.slice, gast.Constant):
                return FLOAT
            return array(("?",)) if node.slice.step is None else array((4,))
        return array((4,))
    if isinstance(node, (gast.Tuple, gast.List)):
        return UNKNOWN
    if isinstance(node, gast.Call) and isinstance(node.func, gast.Name):
        return array((4,)) if node.func.id == "touch" else UNKNOWN
    if any(kind_of(child).is_array for child in tree.children(node)):
        return array((4,))
    return FLOAT


class Log:
    """Functions that the compiler knows nothing of; they write down that they were called."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, value: Any) -> None:
        self.lines.append(repr(np.asarray(value).tolist()))

    def touch(self, array: Any) -> Any:
        self.lines.append("touch")
        array[1] += 0.25
        return array

    def objects(self) -> dict[str, Any]:
        return {"note": self.note, "touch": self.touch}


def program(seed: int, size: int = 14, temporaries: bool = False) -> Unit:
    """A random program: `size` is about its number of statements."""
    return unit_of(_Writer(seed, temporaries).function(size), Log().objects())


class _Writer:
    def __init__(self, seed: int, temporaries: bool) -> None:
        self.random = random.Random(seed)
        self.temporaries = temporaries
        self.count: dict[str, int] = {}
        self.lines: list[str] = []
        self.depth = 1
        self.loops = 0
        self.tapes: list[tuple[str, str]] = []

    def function(self, size: int) -> str:
        self.lines = ["def f(x, y, a, b, n):"]
        self.count = dict.fromkeys(("x", "y", "a", "b"), 1)
        env = {"x": "x", "y": "y", "a": "a", "b": "b"}
        self.assign(env, "z", "x * 0.5")
        self.assign(env, "c", "a + b")
        self.block(env, size)
        chosen = self.random.sample(sorted(env), 3)
        self.line(f"return ({', '.join(env[name] for name in chosen)})")
        return "\n".join(self.lines)

    def line(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def version(self, base: str) -> str:
        self.count[base] = number = self.count.get(base, 0) + 1
        return base if number == 1 else f"{base}_{number}"

    def assign(self, env: dict[str, str], base: str, value: str) -> None:
        if self.temporaries and self.random.random() < 0.3:
            temporary = self.version("t")
            self.line(f"{temporary} = {value}")
            value = temporary
        new = self.version(base)
        self.line(f"{new} = {value}")
        env[base] = new

    # -- expressions ----------------------------------------------------------------------------

    def scalar(self, env: dict[str, str]) -> str:
        choice = self.random.randrange(4)
        if choice == 0:
            return f"{env[self.random.choice(ARRAYS)]}[{self.random.randrange(4)}]"
        if choice == 1:
            return str(self.random.choice((0.5, -1.5, 2.0)))
        return env[self.random.choice(SCALARS)]

    def array(self, env: dict[str, str]) -> str:
        return env[self.random.choice(ARRAYS)]

    # -- statements -----------------------------------------------------------------------------

    def block(self, env: dict[str, str], size: int, bases: tuple[str, ...] | None = None) -> None:
        while size > 0:
            size -= self.statement(env, size, bases or SCALARS + ARRAYS)

    def statement(self, env: dict[str, str], size: int, bases: tuple[str, ...]) -> int:
        scalars = [base for base in bases if base in SCALARS]
        arrays = [base for base in bases if base in ARRAYS]
        choice = self.random.random()
        if choice < 0.3 and scalars:
            left, right = self.scalar(env), self.scalar(env)
            value = self.random.choice((f"np.sin({left}) + {right}", f"{left} * {right}", left))
            self.assign(env, self.random.choice(scalars), value)
        elif choice < 0.5 and arrays:
            self.new_array(env, self.random.choice(arrays))
        elif choice < 0.68:
            self.store(env)
        elif choice < 0.74:
            self.effect(env)
        elif size > 3 and self.depth < 4:
            compound = self.random.choice((self.if_, self.for_, self.for_, self.while_, self.tape))
            return compound(env, min(size - 1, self.random.randint(2, 6)), bases) + 1
        return 1

    def new_array(self, env: dict[str, str], base: str) -> None:
        one, two = self.array(env), self.array(env)
        value = self.random.choice(
            (f"{one} * {two}", f"{one} - 1.0", one, f"{one}[::-1]", f"{one}.T", f"np.tanh({one})")
        )
        if self.random.random() < 0.2:
            pair = self.version("p")
            self.line(f"{pair} = ({one}, {two})")
            value = f"{pair}[{self.random.randrange(2)}]"
        elif self.random.random() < 0.1:
            value = f"touch({one})"
        self.assign(env, base, value)

    def store(self, env: dict[str, str]) -> None:
        array, value = self.array(env), self.scalar(env)
        self.line(
            self.random.choice(
                (
                    f"{array}[{self.random.randrange(4)}] = {value}",
                    f"{array}[1:] += {value}",
                    f"np.add.at({array}, [0, 0], {value})",
                    f"{array} += {value}",
                )
            )
        )

    def effect(self, env: dict[str, str]) -> None:
        self.line(self.random.choice((f"note({self.scalar(env)})", f"touch({self.array(env)})")))

    def if_(self, env: dict[str, str], size: int, bases: tuple[str, ...]) -> int:
        self.line(f"if {self.scalar(env)} > {self.scalar(env)}:")
        then, other = dict(env), dict(env)
        branches = []
        for branch in (then, other):
            start = len(self.lines)
            self.depth += 1
            self.block(branch, self.random.randint(0, size // 2), bases)
            self.depth -= 1
            branches.append(self.lines[start:])
            del self.lines[start:]
        for base in env:
            if then[base] != other[base]:
                env[base] = self.version(base)
                for lines, branch in zip(branches, (then, other), strict=True):
                    lines.append("    " * (self.depth + 1) + f"{env[base]} = {branch[base]}")
        self.lines += branches[0] or ["    " * (self.depth + 1) + "pass"]
        if branches[1]:
            self.line("else:")
            self.lines += branches[1]
        return size

    def for_(self, env: dict[str, str], size: int, bases: tuple[str, ...]) -> int:
        self.loops += 1
        header = f"for i_{self.loops + 1} in range(n):"
        return self.loop(env, size, bases, [], header, [])

    def while_(self, env: dict[str, str], size: int, bases: tuple[str, ...]) -> int:
        self.loops += 1
        counter = f"k_{self.loops + 1}"
        step = [f"{counter}n = {counter} + 1", f"{counter} = {counter}n"]
        return self.loop(env, size, bases, [f"{counter} = 0"], f"while {counter} < n:", step)

    def loop(
        self,
        env: dict[str, str],
        size: int,
        bases: tuple[str, ...],
        before: list[str],
        header: str,
        step: list[str],
    ) -> int:
        carried = tuple(sorted(self.random.sample(bases, self.random.randint(1, len(bases)))))
        flag = f"flag_{self.loops + 1}" if self.random.random() < 0.3 else None
        for line in before:
            self.line(line)
        inner = dict(env)
        for base in carried:
            inner[base] = self.version(base)
            self.line(f"{inner[base]} = {env[base]}")
        start = dict(inner)
        self.line(header)
        self.depth += 1
        self.block(inner, size, carried)
        if flag:
            self.line(f"{flag} = {self.scalar(inner)} > 0.9")
        for base in carried:
            if inner[base] != start[base]:
                self.line(f"{start[base]} = {inner[base]}")
        for line in step:
            self.line(line)
        if flag:
            self.line(f"if {flag}:")
            self.line("    break")
        if self.lines[-1].endswith(":"):
            self.line("pass")
        self.depth -= 1
        for base in carried:
            env[base] = self.version(base)
            self.line(f"{env[base]} = {start[base]}")
        return size

    def tape(self, env: dict[str, str], size: int, bases: tuple[str, ...]) -> int:
        """A loop that pushes and a loop that pops."""
        tape = self.version("tape")
        value = self.scalar(env)
        self.line(f"{tape} = []")
        self.loops += 1
        self.line(f"for i_{self.loops + 1} in range(n):")
        self.line(f"    v_{self.loops + 1} = {value} * i_{self.loops + 1}")
        self.line(f"    {tape}.append(v_{self.loops + 1})")
        popped, total = self.version("u"), self.version("z")
        self.line(f"{total} = {env['z']}")
        self.line("for _ in range(n):")
        self.line(f"    {popped} = {tape}.pop()")
        self.line(f"    {total}s = {total} + {popped}")
        self.line(f"    {total} = {total}s")
        env["z"] = self.version("z")
        self.line(f"{env['z']} = {total}")
        return size
