"""Random programs as values: types, their samples, and the text that all of them share."""

from __future__ import annotations

import linecache
import re
import sys
from dataclasses import dataclass, replace
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

Shape = tuple[int, ...]
PREAMBLE = (
    "import copy\nimport math\nfrom functools import partial\n\nimport numpy as np\n"
    "from scipy import integrate, ndimage, signal, special, stats\n\n"
    "from tangent_sct import checkpointed, insert_grad_of\n\nseen = []\n"
)
THING = '''class Thing:
    def __init__(self, a, w):
        self.a, self.w = a, w

    def grow(self, k):
        self.a = self.a * k
        self.w = self.w + 0.5 * self.w * k

    def scaled(self, k):
        return Thing(self.a * k, self.w)

    def total(self):
        return np.sum(self.a) + 0.5 * np.sum(self.w)

    def __add__(self, other):
        return Thing(self.a + other.a, self.w * other.w)'''
HELD = '''from collections import defaultdict, deque, namedtuple

from tangent_sct import register_container

Pair = namedtuple("Pair", "u v")


class Spring:
    def __init__(self, k, u):
        self.k, self.u, self.log = k, u, []

    def energy(self, v):
        return self.k * np.sin(v) + self.u * self.u


register_container(Spring, lambda s: {"k": s.k, "u": s.u, "log": s.log})


class Table:
    def __init__(self, values):
        self.values = values

    def __getitem__(self, k):
        return self.values[k]

    def __setitem__(self, k, v):
        self.values[k] = v

    def __len__(self):
        return len(self.values)

    def __iter__(self):
        return iter(self.values)

    def __enter__(self):
        self.values[0] = self.values[0] * 0.5
        return self

    def __exit__(self, *error):
        self.values[0] = self.values[0] + 0.25


def fold(a, low, high):
    if high - low < 1:
        return
    a[low] = np.sin(a[low]) * a[high]
    a[low], a[high] = a[high], a[low]
    fold(a, low + 1, high - 1)'''
LETTERS = "abcdeuvwyz"
SAFE = ("np.sin", "np.tanh", "np.cos", "np.arctan")
BOUNDED = 5.0
LIMITS = ("snapshots=1", "snapshots=2", "snapshots=5", "memory='1 kB'")
MARK = re.compile(rf"\bcheckpointed\((.*), (?:{'|'.join(map(re.escape, LIMITS))})\)(?=:$)", re.MULTILINE)
"""What marks a loop, around what it runs over or tests."""
MARKED = 0.1
"""The share of loops that are checkpointed."""
IDIOMATIC = 0.04
"""The share of statements that are idioms."""


@dataclass(frozen=True)
class Box:
    """The type of a tuple, list or dict: its items by position or key; or of an object and its attributes.

    An object is handed to the program (family "object"), or one that it makes itself ("made").
    """

    family: str
    items: tuple[tuple[Any, Any], ...]


@dataclass(frozen=True)
class Series:
    """The type of a list that may grow and shrink, all of its items of one type, at least one of them."""

    item: Any


@dataclass(frozen=True)
class Structure:
    """The type of a variable that holds what Python's library or a class builds: `family` says what can be done.

    Heaps and dicts have an item: a number, a series of them, a shape, or `"pair"`.
    """

    family: str
    item: Any = None


@dataclass(frozen=True)
class Callback:
    """The type of a function that is a value: what it takes and what it gives."""

    parameters: tuple[Any, ...]
    result: Any


GENERATORS = (
    "def steps(x, n):\n    for i in range(n):\n        x = 0.5 * x + 0.1 * i\n        yield x",
    "def steps(x, n):\n    while True:\n        if n == 0:\n            return\n"
    "        yield np.sin(x)\n        x = x * x * 0.3 + 0.2\n        n -= 1",
    "def steps(x, n):\n    yield x\n    yield from [x * (k + 1) for k in range(n)]",
)
"""Generators of numbers, or of arrays of one shape."""

Type = str | Shape | Box | Series | Structure | Callback
"""`"s"` a float, `"i"` an int, a shape, a box, a series, a structure, or a function."""


@dataclass(frozen=True)
class Program:
    """A module's text, whose function `f` is to be differentiated, and a sample point.

    Attributes:
        text: the module.
        types: of the parameters of `f`.
        wrt: positions of the differentiated parameters.
        seed: what the program and its sample point were drawn from.
        complex: positions of the parameters that are complex.
    """

    text: str
    types: tuple[Type, ...]
    wrt: tuple[int, ...]
    seed: int
    complex: frozenset[int] = frozenset()

    def arguments(self) -> tuple[Any, ...]:
        """The sample point, drawn anew at every call."""
        rng = np.random.default_rng(self.seed)
        samples = [sample(kind, rng) for kind in self.types]
        return tuple(_made_complex(x, rng) if i in self.complex else x for i, x in enumerate(samples))

    def without_marks(self) -> Program:
        """The same program, none of whose loops is marked to be checkpointed."""
        return replace(self, text=MARK.sub(r"\1", self.text))


def sample(kind: Type, rng: np.random.Generator) -> Any:
    if kind == "i":
        return int(rng.integers(0, 4))
    if kind == "s":
        return round(float(rng.uniform(0.2, 1.4)), 3)
    if isinstance(kind, Box):
        items = [sample(item, rng) for _, item in kind.items]
        if kind.family in ("dict", "object"):
            found = {key: item for (key, _), item in zip(kind.items, items, strict=True)}
            return found if kind.family == "dict" else SimpleNamespace(**found)
        return items if kind.family == "list" else tuple(items)
    magnitude = rng.uniform(0.2, 1.4, size=kind)
    return _without_ties(np.round(magnitude * np.where(rng.random(kind) < 0.3, -1.0, 1.0), 3))


def _without_ties(x: Any) -> Any:
    """An array in which no number occurs twice by chance: sorted, it has no derivative there."""
    _, first = np.unique(x, return_index=True)
    again = np.setdiff1d(np.arange(x.size), first)
    x.flat[again] += 1e-4 * np.arange(1, again.size + 1)
    return x


def _made_complex(x: Any, rng: np.random.Generator) -> Any:
    """A sample with imaginary parts."""
    if isinstance(x, (list, tuple)):
        return type(x)(_made_complex(item, rng) for item in x)
    if isinstance(x, dict):
        return {key: _made_complex(item, rng) for key, item in x.items()}
    if isinstance(x, np.ndarray):
        return x + 1j * np.round(rng.uniform(-1.0, 1.0, x.shape), 3)
    return complex(x, round(float(rng.uniform(-1.0, 1.0)), 3)) if isinstance(x, float) else x


def place(name: str, kind: Box, key: Any) -> str:
    """An item of a container, or an attribute of an object."""
    return f"{name}.{key}" if kind.family in ("object", "made") else f"{name}[{key!r}]"


def load(text: str, name: str) -> dict[str, Any]:
    """Run a module's text under a file name that `inspect` can read it back from."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    # Dataclasses look their module up.
    module = sys.modules["sample"] = ModuleType("sample")
    exec(compile(text, name, "exec"), module.__dict__)
    return module.__dict__
