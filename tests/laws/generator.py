"""Random Python functions for the compiler to differentiate, as source text with sample arguments.

A program is drawn from a seed alone: the same seed gives the same text on every machine. Sizes are small and
values stay near one, so that differences are accurate; whether a program is smooth at its sample point
is for the law that uses it to find out.
"""

from __future__ import annotations

import random
from typing import Any

from tests.laws.blocks import Function
from tests.laws.frame import Helper
from tests.laws.samples import GENERATORS, HELD, PREAMBLE, THING, Box, Callback, Program, Type


def program(seed: int, size: int | None = None, numbers: str = "real") -> Program:
    """The program of a seed: `size` is about the number of statements of `f`.

    Args:
        seed: any integer.
        size: by default drawn from the seed, between 2 and 16.
        numbers: `"complex"` for a program that mixes real and complex numbers.
    """
    return Module(seed, size, numbers == "complex").build()


class Module:
    """Draws a module: some helpers, and `f`."""

    def __init__(self, seed: int, size: int | None, is_complex: bool = False) -> None:
        self.seed = seed
        self.is_complex = is_complex
        self.random = random.Random(seed)
        # Draws that came later, so that most seeds keep their program.
        self.more = random.Random(-seed - 1)
        self.marks = random.Random(f"marks {seed}")
        self.idioms = random.Random(f"idioms {seed}")
        self.structures = random.Random(f"structures {seed}")
        self.size = size or self.random.randint(2, 16)
        self.sides = self.random.choice(((4, 3), (3, 4), (3, 3), (4, 2)))
        self.helpers: list[Helper] = []
        self.generator = ""
        self.has_things = False
        self.has_held = False
        self.definitions: dict[str, str] = {}

    def build(self) -> Program:
        parts = [PREAMBLE]
        for number in range(self.random.choice((0, 0, 1, 1, 2))):
            parts.append(self.helper(f"g{number + 1}"))
        if self.more.random() < 0.15:
            self.generator = self.more.choice(GENERATORS)
            parts.append(self.generator)
        types = self.parameters()
        names = ["x", *self.random.sample(["p", "q", "r", "t"], len(types) - 1)]
        header = list(names)
        if types[-1] in ("s", "i") and len(types) > 1 and self.random.random() < 0.4:
            header[-1] += "=0.7" if types[-1] == "s" else "=2"
        result = self.result(types)
        function = Function(self, dict(zip(names, types, strict=True)), result)
        parts.append("\n".join([f"def f({', '.join(header)}):", *function.body(self.size)]))
        if self.has_things:
            parts.insert(1, THING)
        if self.has_held:
            parts.insert(1, HELD)
        parts[1:1] = self.definitions.values()
        active = [k for k, kind in enumerate(types) if kind != "i"]
        chosen = self.random.sample(active, self.random.randint(1, len(active)))
        mixed = frozenset(k for k in active if self.random.random() < 0.6) if self.is_complex else frozenset()
        return Program("\n\n".join(parts) + "\n", types, tuple(sorted(chosen)), self.seed, mixed)

    def any_type(self, boxes: bool = True) -> Type:
        """A type, arrays preferred."""
        n, m = self.sides
        choice = self.random.random()
        if choice < 0.4:
            return (n,)
        if choice < 0.6:
            return (m, n)
        if choice < 0.7:
            return self.random.choice(((m,), (1,), (m, 1), (n, n)))
        if choice < 0.92 or not boxes:
            return "s"
        return self.box()

    def box(self) -> Box:
        """A small container."""
        family = self.random.choice(("tuple", "list", "dict"))
        items = [self.any_type(boxes=False) for _ in range(self.random.randint(1, 3))]
        keys: list[Any] = list("kpq") if family == "dict" else [0, 1, 2]
        return Box(family, tuple(zip(keys, items, strict=False)))

    def callback(self) -> Callback:
        """The type of a function of one or two values."""
        taken = [self.any_type(boxes=False) for _ in range(self.random.choice((1, 1, 2)))]
        result = taken[0] if self.random.random() < 0.5 else self.any_type(boxes=False)
        return Callback(tuple(taken), result)

    def parameters(self) -> tuple[Type, ...]:
        """Types of parameters; the first one holds floats."""
        rest = [self.any_type() for _ in range(self.random.randint(0, 2))]
        if self.random.random() < 0.12:
            rest.append(Box("object", tuple((key, self.any_type(boxes=False)) for key in "aw")))
        if self.random.random() < 0.3:
            rest.append("i")
        return (self.any_type(), *rest)

    def result(self, types: tuple[Type, ...]) -> Type:
        """What `f` returns: mostly a scalar."""
        choice = self.random.random()
        if choice < 0.6:
            return "s"
        if choice < 0.85:
            return self.any_type(boxes=False)
        return self.box()

    def helper(self, name: str) -> str:
        """A module-level helper; it joins those that may be called."""
        types = [self.any_type(boxes=False) for _ in range(self.random.randint(1, 2))]
        names = ["x", "h"][: len(types)]
        keyword = self.random.random() < 0.3
        header = list(names)
        if keyword:
            types.append("s")
            names.append("k")
            header.append("k=1.5")
        result = self.any_type(boxes=False)
        if self.random.random() < 0.15:
            types[0] = self.callback()
        if self.random.random() < 0.15:
            result = self.callback()
        elif self.random.random() < 0.25:
            result = Box("tuple", tuple(enumerate(self.any_type(boxes=False) for _ in range(2))))
        elif self.random.random() < 0.3:
            result = types[0]
        function = Function(self, dict(zip(names, types, strict=True)), result)
        body = function.body(self.random.randint(1, 5))
        self.helpers.append(Helper(name, tuple(types), result, keyword))
        return "\n".join([f"def {name}({', '.join(header)}):", *body])
