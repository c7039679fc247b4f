"""Random Python functions for the compiler to differentiate, as source text with sample arguments.

A program is drawn from a seed alone: the same seed gives the same text on every machine. Sizes are small and
values stay near one, so that differences are accurate; whether a program is smooth at its sample point
is for the law that uses it to find out.
"""

from __future__ import annotations

import linecache
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
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
MARKED = 0.1
"""The share of loops that are checkpointed."""


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

Type = str | Shape | Box | Series | Callback
"""`"s"` a float, `"i"` an int, a shape, a box, a series, or a function."""


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
        samples = [_sample(kind, rng) for kind in self.types]
        return tuple(_made_complex(x, rng) if i in self.complex else x for i, x in enumerate(samples))


def _sample(kind: Type, rng: np.random.Generator) -> Any:
    if kind == "i":
        return int(rng.integers(0, 4))
    if kind == "s":
        return round(float(rng.uniform(0.2, 1.4)), 3)
    if isinstance(kind, Box):
        items = [_sample(item, rng) for _, item in kind.items]
        if kind.family in ("dict", "object"):
            found = {key: item for (key, _), item in zip(kind.items, items, strict=True)}
            return found if kind.family == "dict" else SimpleNamespace(**found)
        return items if kind.family == "list" else tuple(items)
    magnitude = rng.uniform(0.2, 1.4, size=kind)
    return np.round(magnitude * np.where(rng.random(kind) < 0.3, -1.0, 1.0), 3)


def _made_complex(x: Any, rng: np.random.Generator) -> Any:
    """A sample with imaginary parts."""
    if isinstance(x, (list, tuple)):
        return type(x)(_made_complex(item, rng) for item in x)
    if isinstance(x, dict):
        return {key: _made_complex(item, rng) for key, item in x.items()}
    if isinstance(x, np.ndarray):
        return x + 1j * np.round(rng.uniform(-1.0, 1.0, x.shape), 3)
    return complex(x, round(float(rng.uniform(-1.0, 1.0)), 3)) if isinstance(x, float) else x


def _place(name: str, kind: Box, key: Any) -> str:
    """An item of a container, or an attribute of an object."""
    return f"{name}.{key}" if kind.family in ("object", "made") else f"{name}[{key!r}]"


def load(text: str, name: str) -> dict[str, Any]:
    """Run a module's text under a file name that `inspect` can read it back from."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    scope: dict[str, Any] = {"__name__": "sample"}
    exec(compile(text, name, "exec"), scope)
    return scope


def program(seed: int, size: int | None = None, numbers: str = "real") -> Program:
    """The program of a seed: `size` is about the number of statements of `f`.

    Args:
        seed: any integer.
        size: by default drawn from the seed, between 2 and 16.
        numbers: `"complex"` for a program that mixes real and complex numbers.
    """
    return _Module(seed, size, numbers == "complex").build()


@dataclass(frozen=True)
class Helper:
    """A module-level function that programs may call."""

    name: str
    parameters: tuple[Type, ...]
    result: Type
    keyword: bool = False


class _Module:
    """Draws a module: some helpers, and `f`."""

    def __init__(self, seed: int, size: int | None, is_complex: bool = False) -> None:
        self.seed = seed
        self.is_complex = is_complex
        self.random = random.Random(seed)
        # Draws that came later, so that most seeds keep their program.
        self.more = random.Random(-seed - 1)
        self.marks = random.Random(f"marks {seed}")
        self.size = size or self.random.randint(2, 16)
        self.sides = self.random.choice(((4, 3), (3, 4), (3, 3), (4, 2)))
        self.helpers: list[Helper] = []
        self.generator = ""
        self.has_things = False
        self.has_held = False

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
        function = _Function(self, dict(zip(names, types, strict=True)), result)
        parts.append("\n".join([f"def f({', '.join(header)}):", *function.body(self.size)]))
        if self.has_things:
            parts.insert(1, THING)
        if self.has_held:
            parts.insert(1, HELD)
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
        function = _Function(self, dict(zip(names, types, strict=True)), result)
        body = function.body(self.random.randint(1, 5))
        self.helpers.append(Helper(name, tuple(types), result, keyword))
        return "\n".join([f"def {name}({', '.join(header)}):", *body])


@dataclass
class _Scope:
    """Where a statement is written: names in sight, and what surrounds it."""

    types: dict[str, Type]
    depth: int = 1
    loops: int = 0
    may_continue: bool = False
    locked: frozenset[str] = frozenset()
    bounds: dict[str, int] = field(default_factory=dict)

    def inner(self, **changes: Any) -> _Scope:
        kept = {"loops": self.loops, "may_continue": self.may_continue, "locked": self.locked}
        return _Scope(dict(self.types), self.depth + 1, bounds=dict(self.bounds), **(kept | changes))


class _Function:
    """Draws the body of one function."""

    def __init__(self, module: _Module, parameters: dict[str, Type], result: Type) -> None:
        self.module = module
        self.random = module.random
        self.result = result
        self.lines: list[str] = []
        self.scope = _Scope(dict(parameters))
        self.fresh = 0
        self.exits = False

    # -- the frame ----------------------------------------------------------------------------

    def body(self, size: int) -> list[str]:
        """The lines of the body, the last of them a `return`."""
        self.block(size)
        self.line(f"return {self.outcome(last=True)}")
        return self.lines

    def line(self, text: str) -> None:
        self.lines.append("    " * self.scope.depth + text)

    def block(self, size: int) -> None:
        while size > 0:
            size -= self.statement(size)

    def under(self, header: str, size: int, **changes: Any) -> _Scope:
        """A header with a block below it; gives back what the block had in sight."""
        self.line(header)
        outer, self.scope = self.scope, self.scope.inner(**changes)
        start = len(self.lines)
        self.block(size)
        if len(self.lines) == start:
            self.line("pass")
        inner, self.scope = self.scope, outer
        return inner

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, *items: Any) -> Any:
        return self.random.choice(items)

    # -- places -------------------------------------------------------------------------------

    def places(self, wanted: Callable[[Type], bool]) -> list[tuple[str, Type]]:
        """Names, and items of containers, of wanted types."""
        found: list[tuple[str, Type]] = []
        for name, kind in self.scope.types.items():
            if wanted(kind):
                found.append((name, kind))
            if isinstance(kind, Box):
                found += [(_place(name, kind, key), item) for key, item in kind.items if wanted(item)]
            if isinstance(kind, Series) and wanted(kind.item):
                found += [(f"{name}[-1]", kind.item), (f"{name}[0]", kind.item)]
        return found

    def arrays(self) -> list[tuple[str, Shape]]:
        """Places of arrays."""
        return [(name, kind) for name, kind in self.places(lambda t: isinstance(t, tuple))]  # type: ignore[misc]

    def target(self, kind: Type) -> str:
        """A name to assign, in sight afterwards with this type."""
        scope = self.scope
        same = [n for n, t in scope.types.items() if t == kind and n not in scope.locked]
        if same and self.chance(0.55):
            return self.random.choice(same)
        if scope.depth == 1 and self.chance(0.1):
            others = [n for n in scope.types if n not in scope.locked]
            name = self.random.choice(others) if others else self.new()
        else:
            name = self.new()
        scope.types[name] = kind
        scope.bounds.pop(name, None)
        return name

    def new(self) -> str:
        """A name not in sight."""
        free = [c for c in LETTERS if c not in self.scope.types]
        if free and self.chance(0.8):
            return self.random.choice(free)
        self.fresh += 1
        return f"h{self.fresh}"

    # -- indices ------------------------------------------------------------------------------

    def position(self, size: int) -> str:
        """An index of one element."""
        names = [n for n, t in self.scope.types.items() if t == "i"]
        if names and self.chance(0.6):
            name = self.random.choice(names)
            if self.scope.bounds.get(name, size + 1) <= size:
                return self.pick(name, name, f"-{name} - 1")
            return f"{name} % {size}"
        return str(self.random.randrange(-size, size))

    def slice(self, size: int) -> tuple[str, int]:
        """A slice and its length."""
        choices = [(":", size), ("::-1", size), ("::2", (size + 1) // 2)]
        if size > 1:
            choices += [("1:", size - 1), (":-1", size - 1), ("-2:", 2), (":2", 2), ("1::2", size // 2)]
        if size > 2:
            choices += [("1:-1", size - 2), ("1:3", 2), ("-1:0:-1", size - 1)]
        return self.random.choice(choices)

    def fancy(self, size: int) -> tuple[str, int]:
        """A list of indices, some of them twice, and its length."""
        length = self.random.randint(2, 4)
        items = [self.random.randrange(-1, size) for _ in range(length)]
        if self.chance(0.5):
            items[-1] = items[0]
        text = str(items)
        return (f"np.array({text})" if self.chance(0.3) else text), length

    def index(self, shape: Shape) -> tuple[str, Type]:
        """Something to write between brackets, and the type it selects."""
        if len(shape) == 1:
            choice = self.random.random()
            if choice < 0.4:
                return self.position(shape[0]), "s"
            if choice < 0.8:
                text, size = self.slice(shape[0])
                return text, (size,)
            if choice < 0.95:
                text, size = self.fancy(shape[0])
                return text, (size,)
            return self.pick((":, None", (shape[0], 1)), ("None", (1, shape[0])), ("...", shape))
        rows, columns = shape
        choice = self.random.random()
        if choice < 0.25:
            return f"{self.position(rows)}, {self.position(columns)}", "s"
        if choice < 0.4:
            return self.position(rows), (columns,)
        if choice < 0.5:
            return f"{self.pick(':', '...')}, {self.position(columns)}", (rows,)
        first, height = self.slice(rows)
        second, width = self.slice(columns)
        if choice < 0.65:
            return f"{first}, {second}", (height, width)
        if choice < 0.72:
            return first, (height, columns)
        if choice < 0.8:
            return f"{self.position(rows)}, {second}", (width,)
        text, size = self.fancy(rows)
        if choice < 0.86:
            return text, (size, columns)
        if choice < 0.93:
            text, size = self.fancy(columns)
            return f"{first}, {text}", (height, size)
        other = [self.random.randrange(columns) for _ in range(size)]
        return f"{text}, {other}", (size,)

    # -- conditions ---------------------------------------------------------------------------

    def ordered(self, value: str) -> str:
        """A number that can be compared."""
        return f"np.real({value})" if self.module.is_complex else value

    def condition(self) -> str:
        """A test on data or on ints."""
        ints = [n for n, t in self.scope.types.items() if t == "i"]
        if ints and self.chance(0.45):
            name = self.random.choice(ints)
            return self.pick(f"{name} > 1", f"{name} == 1", f"{name} % 2 == 0", f"{name} < 2")
        left = self.ordered(self.scalar(0))
        right = self.pick("0.3", "0.6", "-0.2", self.ordered(self.scalar(0)))
        text = f"{left} {self.pick('>', '<', '>=')} {right}"
        if self.chance(0.12):
            text = f"{text} {self.pick('and', 'or')} {self.ordered(self.scalar(0))} > 0.1"
        if self.chance(0.05):
            text = f"not {text}"
        return text

    # -- expressions --------------------------------------------------------------------------

    def expression(self, kind: Type, depth: int = 2) -> str:
        """An expression of a type."""
        if isinstance(kind, Box):
            return self.display(kind)
        if isinstance(kind, Callback):
            return self.function(kind)
        if kind == "i":
            return self.integer()
        if kind == "s":
            return self.scalar(depth)
        assert isinstance(kind, tuple)
        return self.array(kind, depth)

    def integer(self) -> str:
        names = [n for n, t in self.scope.types.items() if t == "i"]
        if names and self.chance(0.5):
            name = self.random.choice(names)
            return self.pick(f"{name} + 1", f"{name} * 2", f"{name} // 2", name)
        arrays = self.arrays()
        if arrays and self.chance(0.5):
            name = self.random.choice(arrays)[0]
            return self.pick(f"len({name})", f"{name}.shape[0]", f"{name}.ndim", f"int(np.argmax({name}))")
        return str(self.random.randint(0, 3))

    def display(self, kind: Box) -> str:
        items = [(key, self.expression(item, 1)) for key, item in kind.items]
        if kind.family == "dict":
            return "{" + ", ".join(f"{key!r}: {item}" for key, item in items) + "}"
        inside = ", ".join(item for _, item in items)
        if kind.family == "made":
            return f"Thing({inside})"
        if kind.family == "list":
            return f"[{inside}]"
        return f"({inside},)" if len(items) == 1 else f"({inside})"

    def called(self, kind: Type) -> str | None:
        """A call of a helper that gives a type."""
        fitting = [h for h in [*self.module.helpers, *self.callbacks()] if h.result == kind]
        if not fitting:
            return None
        return self.call(self.random.choice(fitting))

    def callbacks(self) -> list[Helper]:
        """The functions in sight that are values."""
        places = self.places(lambda t: isinstance(t, Callback))
        return [Helper(n, t.parameters, t.result) for n, t in places if isinstance(t, Callback)]

    def function(self, kind: Callback) -> str:
        """An expression for a function."""
        names = [self.free_letter(k) for k in range(len(kind.parameters))]
        outer, self.scope = self.scope, self.scope.inner()
        self.scope.types.update(zip(names, kind.parameters, strict=True))
        value = self.expression(kind.result, 1)
        self.scope = outer
        return f"(lambda {', '.join(names)}: {value})"

    def free_letter(self, number: int) -> str:
        """The name of a parameter of a function defined inside."""
        return f"{self.pick('m', 'n')}{number}"

    def closure(self) -> None:
        """A function defined inside, which may write into what it captures and assign to variables outside."""
        kind = self.module.callback()
        known = [n for n, t in self.scope.types.items() if isinstance(t, Callback)]
        if known and self.chance(0.3):
            kind = self.scope.types[self.random.choice(known)]
            assert isinstance(kind, Callback)
            fitting = [n for n in known if self.scope.types[n] == kind] + [self.function(kind)]
            one, other = self.random.choice(fitting), self.random.choice(fitting)
            self.line(f"{self.target(kind)} = {self.pick(one, f'{one} if {self.condition()} else {other}')}")
            return
        name = self.new()
        names = [self.free_letter(k) for k in range(len(kind.parameters))]
        header = list(names)
        if self.chance(0.2):
            header[-1] += f"={self.expression(kind.parameters[-1], 1)}"
        scope = self.scope
        outside = [
            n for n, t in scope.types.items()
            if n not in scope.locked and n not in names
            and (t == "s" or isinstance(t, tuple)) and self.chance(0.1)
        ]  # fmt: skip
        locked = frozenset(scope.types) - set(outside)
        self.scope = scope.inner(loops=0, may_continue=False, locked=locked)
        self.scope.types.update(zip(names, kind.parameters, strict=True))
        result, self.result, exits = self.result, kind.result, self.exits
        before = len(self.lines)
        if outside:
            self.line(f"nonlocal {', '.join(outside)}")
        self.block(self.pick(0, 0, 1, 2, 3))
        self.line(f"return {self.expression(kind.result, 1)}")
        self.scope, self.result, self.exits = scope, result, exits
        self.lines.insert(before, "    " * scope.depth + f"def {name}({', '.join(header)}):")
        scope.types[name] = kind
        scope.bounds.pop(name, None)

    def call(self, helper: Helper) -> str:
        count = len(helper.parameters) - (1 if helper.keyword and self.chance(0.5) else 0)
        arguments = [self.operand(kind) for kind in helper.parameters[:count]]
        if helper.keyword and count == len(helper.parameters):
            arguments[-1] = f"k={arguments[-1]}"
        return f"{helper.name}({', '.join(arguments)})"

    def spread(self, helper: Helper) -> str:
        """A call that spreads its last arguments."""
        arguments = [self.operand(kind) for kind in helper.parameters]
        cut = self.random.randrange(len(arguments) + 1)
        self.line(f"pack = ({''.join(f'{a}, ' for a in arguments[cut:])})")
        return f"{helper.name}({', '.join([*arguments[:cut], '*pack'])})"

    def operand(self, kind: Type) -> str:
        """A place of a type where there is one, so that a callee can write into it."""
        found = self.places(lambda t: t == kind)
        return self.random.choice(found)[0] if found and self.chance(0.8) else self.expression(kind, 1)

    def owner(self, kind: Type) -> str:
        """An operand that may be followed by a dot."""
        value = self.operand(kind)
        return value if value.isidentifier() else f"({value})"

    def leaf(self) -> str:
        """A scalar without operations."""
        names = [name for name, _ in self.places(lambda t: t == "s")]
        arrays = self.arrays()
        if names and self.chance(0.55):
            return self.random.choice(names)
        if arrays and self.chance(0.85):
            name, shape = self.random.choice(arrays)
            return f"{name}[{', '.join(self.position(size) for size in shape)}]"
        return self.pick("0.5", "1.5", "-0.8", "2.0", "3")

    def scalar(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf()
        choice = self.random.random()
        if choice < 0.1:
            return self.leaf()
        if choice < 0.4:
            return self.arithmetic(self.scalar(depth - 1), self.scalar(depth - 1))
        if choice < 0.58:
            return self.unary(self.scalar(depth - 1), math=True)
        if choice < 0.88 and self.arrays():
            return self.reduction(depth)
        if choice < 0.92:
            called = self.called("s")
            if called is not None:
                return called
        if choice < 0.96:
            return f"({self.scalar(depth - 1)} if {self.condition()} else {self.scalar(depth - 1)})"
        return self.pick(
            f"abs({self.leaf()})", f"max({self.leaf()}, {self.leaf()})", f"float({self.leaf()})",
            f"{self.leaf()} ** {self.pick('2', '3', '2.0')}", f"-{self.leaf()}",
        )  # fmt: skip

    def arithmetic(self, left: str, right: str) -> str:
        return self.pick(
            f"({left} + {right})", f"({left} - {right})", f"{left} * {right}", f"({left}) * ({right})",
            f"{left} / (1.5 + {right} * {right})", f"0.5 * {left}", f"({left}) ** 2",
        )  # fmt: skip

    def unary(self, value: str, math: bool = False) -> str:
        if self.module.is_complex and self.chance(0.6):
            return self.pick(
                f"np.conj({value})", f"np.real({value})", f"np.imag({value})", f"np.abs({value})", f"1j * ({value})",
                f"({value}).real", f"({value}).imag", f"({value}).conjugate()", f"np.angle(2.0 + np.sin({value}))",
                f"np.exp(1j * np.sin({value}))", f"(0.5 + 1j + {value}) ** 2", f"abs({value}) ** 2",
            )  # fmt: skip
        if math and self.chance(0.2) and not self.module.is_complex:
            return self.pick(f"math.sin({value})", f"math.exp(-({value}) ** 2)", f"math.tanh({value})")
        if self.chance(0.15) and not self.module.is_complex:
            return self.of_scipy(value)
        if self.chance(0.5):
            return f"{self.random.choice(SAFE)}({value})"
        return self.pick(
            f"np.exp(np.sin({value}))", f"np.sqrt(1.2 + np.square({value}))", f"np.log(2.0 + np.cos({value}))",
            f"np.abs({value})", f"np.maximum({value}, 0.1)", f"np.square(np.sin({value}))", f"-({value})",
            f"np.negative({value})", f"np.minimum({value}, {self.leaf()})",
        )  # fmt: skip

    def of_scipy(self, value: str) -> str:
        """A function of SciPy, entry by entry."""
        return self.pick(
            f"special.erf({value})", f"special.expit({value})", f"special.log_ndtr({value})", f"special.j0({value})",
            f"stats.norm.cdf({value}, scale=1.5)", f"stats.norm.logpdf({value}, {self.leaf()}, 1.2)",
            f"special.xlogy(0.5, 2.0 + np.sin({value}))", f"special.gammaln(2.0 + np.sin({value}))",
            f"stats.gamma.logpdf(1.5 + np.tanh({value}), a=2.0 + np.cos({self.leaf()}))",
        )  # fmt: skip

    def reduction(self, depth: int) -> str:
        name, shape = self.random.choice(self.arrays())
        inner = self.array(shape, depth - 1) if self.chance(0.5) else name
        method = inner if inner == name else f"({inner})"
        choices = [
            f"np.sum({inner})", f"np.mean({inner})", f"{method}.sum()", f"{method}.mean()",
            f"np.sum({inner} * {self.array(shape, 0)})", f"np.max({inner})", f"np.sum({name}[{name} > 0.1])",
            f"np.prod(1.0 + 0.1 * {method})", f"np.linalg.norm({inner})",
        ]  # fmt: skip
        if not self.module.is_complex and 0 not in shape:
            choices += [f"special.logsumexp({inner})", f"np.sum(special.softmax({inner}) * {name})"]
            choices += [f"np.sum(ndimage.gaussian_filter({inner}, 0.7) ** 2)"]
        if len(shape) == 1 and not self.module.is_complex and shape != (0,):
            choices += [f"integrate.trapezoid({inner})", f"np.sum(signal.convolve({inner}, {name}, 'same'))"]
            choices += [f"np.sum(ndimage.correlate1d({inner}, {name}, mode='wrap') ** 2)"]
        if len(shape) == 1:
            other = self.array(shape, 0)
            choices += [f"np.dot({inner}, {other})", f"{method} @ {other}", f"sum({inner})"]
            choices += [f"sum([h * h for h in {name}])", f"np.var({inner})"]
        return self.random.choice(choices)

    def array(self, shape: Shape, depth: int) -> str:
        """An array expression; at depth 0 a name or a view where there is one."""
        if depth <= 0 or self.chance(0.12):
            found = self.seen(shape)
            return found if found is not None else self.made(shape)
        choice = self.random.random()
        if choice < 0.42:
            left, right = self.array(shape, depth - 1), self.partner(shape, depth - 1)
            return self.arithmetic(*((left, right) if self.chance(0.7) else (right, left)))
        if choice < 0.62:
            return self.unary(self.array(shape, depth - 1))
        if choice < 0.7:
            called = self.called(shape)
            if called is not None:
                return called
        if choice < 0.9:
            return self.shaped(shape, depth)
        return self.made(shape)

    def seen(self, shape: Shape) -> str | None:
        """A name, or a part of one, of a shape."""
        same = [name for name, other in self.arrays() if other == shape]
        if same and self.chance(0.75):
            return self.random.choice(same)
        everything = self.arrays()
        for _ in range(8 if everything else 0):
            name, other = self.random.choice(everything)
            text, kind = self.index(other)
            if kind == shape:
                return f"{name}[{text}]"
        return self.random.choice(same) if same else None

    def partner(self, shape: Shape, depth: int) -> str:
        """An operand that broadcasts to a shape."""
        choice = self.random.random()
        if choice < 0.5:
            return self.array(shape, depth)
        if choice < 0.75:
            return self.scalar(depth)
        if choice < 0.82:
            return self.array((1,), 0)
        if len(shape) == 2:
            return self.array(self.pick(shape[1:], (shape[0], 1), (1, shape[1])), 0)
        return self.array(shape, depth)

    def made(self, shape: Shape) -> str:
        """A new array."""
        text = str(shape) if len(shape) > 1 else str(shape[0])
        choices = [f"np.full({text}, {self.leaf()})", f"np.ones({text}) * {self.leaf()}"]
        choices += [f"np.zeros({text})", f"(np.ones({text}) - 0.5)"]
        if self.module.is_complex:
            choices += [f"np.zeros({text}, dtype=complex)", f"np.full({text}, {self.leaf()} + 0j)"] * 3
        if len(shape) == 1:
            items = ", ".join(self.leaf() for _ in range(shape[0]))
            choices += [f"np.array([{items}])", f"np.linspace(0.1, 0.9, {text})", f"np.arange({text}) * 0.3"]
        return self.random.choice(choices)

    def shaped(self, shape: Shape, depth: int) -> str:
        """An array made from arrays of other shapes."""
        n, m = self.module.sides
        inner = depth - 1
        choices: list[Callable[[], str]] = [
            lambda: f"np.where({self.array(shape, 0)} > 0.2, {self.partner(shape, inner)}, {self.array(shape, 0)})",
            lambda: f"({self.array(shape, inner)} if {self.condition()} else {self.array(shape, inner)})",
            lambda: f"{self.owner(shape)}.copy()",
        ]
        if len(shape) == 1:
            size = shape[0]
            choices += [
                lambda: f"np.sum({self.array((m, size), inner)}, axis=0)",
                lambda: f"{self.owner((size, n))}.mean(axis=1)",
                lambda: f"np.max({self.array((size, m), inner)}, axis=-1)",
                lambda: f"{self.array((size, n), 0)} @ {self.array((n,), inner)}",
                lambda: f"np.dot({self.array((n,), 0)}, {self.array((n, size), 0)})",
                lambda: f"np.cumsum({self.array(shape, inner)})",
            ]
            if size > 1:
                choices += [
                    lambda: f"np.concatenate(({self.array((1,), 0)}, {self.array((size - 1,), inner)}))",
                    lambda: f"np.append({self.array((size - 1,), inner)}, {self.scalar(0)})",
                ]
            if size % 2 == 0:
                choices.append(lambda: f"{self.owner((2, size // 2))}.reshape(-1)")
            return self.random.choice(choices)()
        rows, columns = shape
        flipped = (columns, rows)
        choices += [
            lambda: f"{self.owner(flipped)}.T",
            lambda: f"np.transpose({self.array(flipped, inner)})",
            lambda: f"np.outer({self.array((rows,), 0)}, {self.array((columns,), 0)})",
            lambda: f"np.dot({self.array((rows, 3), inner)}, {self.array((3, columns), 0)})",
            lambda: f"({self.array((rows, 2), 0)} @ {self.array((2, columns), inner)})",
            lambda: f"np.reshape({self.array((rows * columns,), 0)}, {shape})",
            lambda: f"np.stack([{', '.join(self.array((columns,), 0) for _ in range(rows))}])",
        ]
        if columns == 1:
            choices += [
                lambda: f"np.sum({self.array((rows, n), inner)}, axis=1, keepdims=True)",
                lambda: f"{self.array((rows,), 0)}[:, None]",
            ]
        return self.random.choice(choices)()

    def bounded(self, kind: Type, value: str) -> str:
        """The value, now and then brought back near one."""
        if isinstance(kind, (Box, Callback)) or kind == "i" or not self.chance(0.35):
            return value
        return f"{self.random.choice(SAFE)}({value})"

    def outcome(self, last: bool = False) -> str:
        """What the function returns; at the end it is made of most of what is in sight."""
        if self.result != "s" or not last:
            return self.expression(self.result, 1)
        terms = [self.pick(f"np.sum({n})", f"np.sum(np.sin({n}))", f"({n} * {n}).sum()") for n, _ in self.arrays()]
        terms += [self.pick(n, f"np.cos({n})") for n, _ in self.places(lambda t: t == "s")]
        self.random.shuffle(terms)
        whole = " + ".join(terms[: self.random.randint(1, 5)]) or self.scalar(2)
        if self.module.is_complex and self.chance(0.7):
            turned = f"np.real({whole} * (1 + 2j))"
            return self.pick(f"np.real({whole})", f"abs({whole})", f"np.imag({whole})", turned)
        return whole

    # -- statements ---------------------------------------------------------------------------

    def statement(self, size: int) -> int:
        """Write one statement; gives back how much of the size it took."""
        choice = self.random.random()
        rare = self.module.more.random()
        if rare < 0.008:
            self.recursion()
        elif rare < 0.014:
            self.line(f"seen.append({self.scalar(1)})")
        elif rare < 0.026:
            self.weights()
        elif rare < 0.05:
            self.sweep()
        elif rare < 0.07:
            self.held()
        elif rare < 0.08:
            self.collected()
        elif rare < 0.086:
            self.iterator()
        elif choice < 0.24 or size < 1:
            kind = self.module.any_type(boxes=self.chance(0.5))
            value = self.expression(kind)
            self.line(f"{self.target(kind)} = {self.bounded(kind, value)}")
        elif choice < 0.34:
            self.alias()
        elif choice < 0.56:
            self.store()
        elif choice < 0.64:
            self.augment()
        elif choice < 0.69:
            self.several()
        elif choice < 0.73 or (choice < 0.85 and self.callbacks() and self.chance(0.7)):
            self.call_statement()
        elif choice < 0.74:
            self.list_of_parts()
        elif choice < 0.75:
            self.insertion()
        elif choice < 0.78:
            self.closure()
        elif choice < 0.83:
            self.thing() if self.chance(0.3) else self.series()
        elif choice < 0.87:
            self.exit()
        elif size >= 3 and self.scope.depth < 4:
            return self.compound(min(size - 1, self.random.randint(1, 6))) + 1
        return 1

    def recursion(self) -> None:
        """Two functions that call one another, and read what is around them."""
        values = [self.scalar(1) for _ in range(4)]
        step = self.module.more.choice(("1", "2"))
        self.line("def even(n0):")
        self.line(f"    return {values[0]} if n0 <= 0 else np.cos({values[1]}) * odd(n0 - {step})")
        self.line("def odd(n0, w=0.5):")
        self.line(f"    return np.sin({values[2]}) * w if n0 <= 0 else even(n0 - 1) + {values[3]} * w")
        self.line(f"{self.target('s')} = {self.module.more.choice(('even(3)', 'odd(2)', 'odd(1, w=0.3)'))}")

    def collected(self) -> None:
        """Functions of one definition or of several that a loop collects, which capture and are called later."""
        more = self.module.more
        values = [self.scalar(1) for _ in range(3)]
        held = more.choice(("list", "list", "dict", "pairs"))
        n = len(self.lines)
        plain, default = f"lambda q0: 0.5 * q0 + {values[0]} * k0", f"lambda q0, w={values[1]}: np.sin(q0) * w"
        made = more.choice((plain, default, f"scaled{n}(k0 + w{n})", f"partial(shifted{n}, w{n})"))
        self.line(f"w{n} = {values[2]}")
        self.line(f"def scaled{n}(w):")
        self.line("    return lambda q0: 0.5 * q0 * np.cos(w)")
        self.line(f"shifted{n} = lambda w, q0: 0.5 * q0 + w")
        self.line(f"steps{n} = {'{}' if held == 'dict' else '[]'}")
        self.line(f"for k0 in range({more.randint(1, 3)}):")
        put = f"steps{n}[k0] = {{}}" if held == "dict" else f"steps{n}.append({{}})"
        item = put.format("({}, 0.3 * k0)" if held == "pairs" else "{}")
        if more.random() < 0.3:
            self.line("    if k0 % 2 == 0:")
            self.line(f"        {item.format(default)}")
            self.line("    else:")
            self.line(f"        {item.format(made)}")
        else:
            self.line(f"    {item.format(made)}")
        if more.random() < 0.5:
            self.line(f"w{n} = w{n} * 0.5")
        self.line(f"q{n} = w{n}")
        heads = ("{}", "reversed({})", "{}[1:]", "enumerate({})", "zip((1, 2), {})")
        heads = {"list": heads, "dict": ("{}.values()",), "pairs": ("{}",)}[held]
        head = more.choice(heads).format(f"steps{n}")
        is_pair = held == "pairs" or head.startswith(("enumerate", "zip"))
        targets = f"step{n}, s0" if held == "pairs" else f"s0, step{n}"
        self.line(f"for {targets if is_pair else f'step{n}'} in {head}:")
        self.line(f"    q{n} = step{n}(q{n}){' + s0' if is_pair else ''}")
        self.line(f"{self.target('s')} = q{n}")

    def iterator(self) -> None:
        """An iterator in a variable, advanced by hand and in a loop."""
        more = self.module.more
        values, n = [self.scalar(1) for _ in range(4)], len(self.lines)
        self.line(f"it{n} = iter([{', '.join(values)}])")
        self.line(f"q{n} = next(it{n})")
        self.line(f"for v{n} in it{n}:")
        self.line(f"    q{n} = 0.5 * q{n} + np.sin(v{n}) * {more.choice((f'next(it{n}, 0.3)', '0.4', f'q{n}'))}")
        if more.random() < 0.3:
            self.line(f"    if q{n} > 0.5:")
            self.line("        break")
        self.line(f"{self.target('s')} = q{n} + {more.choice((f'next(it{n}, 0.5)', '0.1'))}")

    def weights(self) -> None:
        """Numbers without a derivative, in a container, which change while they are used."""
        more = self.module.more
        held, key = more.choice((("[np.array([0.5, 1.5]), 2.0]", "0"), ("{'a': np.array([0.5, 1.5])}", "'a'")))
        value = self.scalar(1)
        name = self.target("s")
        self.line(f"{name} = {value}")
        self.line(f"weights = {held}")
        self.line("for w0 in range(2):")
        changes = (
            f"weights[{key}] *= 0.5",
            f"weights[{key}][w0] += 0.25",
            "part += w0",
            f"list(map(weights[{key}].put, [w0], [0.3]))",
            f"sorted([1, 0], key=lambda k0: weights[{key}].put(k0, 0.7) or k0)",
        )
        before, after = more.choice(changes), more.choice(changes)
        self.line(f"    part = weights[{key}]")
        self.line(f"    {before}")
        self.line(f"    {name} = np.cos({name} * part[w0]) + np.sum(np.power({name} * part, [2, 1]))")
        self.line(f"    {after}")

    def held(self) -> None:
        """Numbers in a named tuple, a collection of Python's library, a registered object, or one with items."""
        more, self.module.has_held = self.module.more, True
        a, b, c = (self.scalar(1) for _ in range(3))
        vectors = [name for name, shape in self.arrays() if len(shape) == 1]
        name = self.target("s")
        made = ("Pair(np.cos(pair.u) * pair.v, 0.5 * pair.v)", "pair._replace(u=np.sin(pair.u * pair.v))")
        blocks = [
            [
                f"pair = Pair({a}, {b})", "for w0 in range(2):", f"    pair = {more.choice(made)}",
                f"{name} = pair.u + 0.3 * pair[1]",
            ],
            [
                f"line = deque([{a}], maxlen={more.choice((2, 3))})", "for w0 in range(3):",
                f"    line.{more.choice(('append', 'appendleft'))}(np.sin(line[-1]) + 0.3 * line[0])",
                f"{name} = line[0] * {more.choice(('line[-1]', 'line.popleft()', 'line.pop()', 'sum(line)'))}",
            ],
            [
                "sums = defaultdict(float)", "for w0 in range(3):", f"    sums[w0 % 2] += np.cos(w0 * {a})",
                f"{name} = sums[0] * np.sin(sums[1]) + {more.choice(('sums[5]', 'sum(sums.values())', 'len(sums)'))}",
            ],
            [f"spring = Spring({a}, {b})", "spring.k = spring.k * spring.u", f"{name} = 0.3 * spring.energy({c})"],
            [
                f"table = Table([{a}, {b}])", "with table as inside:", "    part = sum(inside) + 0.1 * inside[1]",
                f"table[{more.choice((0, 1))}] += np.sin(part)",
                "for v0 in table:", "    part = 0.5 * part + np.cos(v0)", "u0, v0 = table",
                f"{name} = part + np.sin(u0 * v0)",
            ],
            [
                f"springs = [Spring({a}, {b}), Spring(1.7, {c}), Spring(-1.3, 0.4)]",
                f"spring = {more.choice(('max', 'min'))}(springs, key=lambda s0: s0.k)", f"{name} = np.cos(spring.u)",
            ],
        ]  # fmt: skip
        if vectors:
            vector = more.choice(vectors)
            blocks += [
                [f"room = np.sin({vector})", "fold(room, 0, len(room) - 1)", f"{name} = np.sum(room * room)"],
                [
                    f"{name} = 0.0", f"for k0, v0 in np.ndenumerate({vector}):",
                    f"    {name} = 0.5 * {name} + np.sin(v0) * (k0[0] + 1)",
                ],
                [f"room = np.cos({vector})", "room.flat[0] *= 0.5", f"{name} = sum(v0 * v0 for v0 in room.flat)"],
            ]  # fmt: skip
        for line in more.choice(blocks):
            self.line(line)

    def sweep(self) -> None:
        """Loops over the elements of an array, which read elements that were written, or will be."""
        more = self.module.more
        arrays = [(name, shape) for name, shape in self.arrays() if shape and 0 not in shape]
        if not arrays:
            return
        name, shape = more.choice(arrays)
        size = shape[0]
        head, shift = more.choice((
            (f"range(1, {size})", " - 1"), (f"range({size - 1})", " + 1"), (f"reversed(range({size - 1}))", " + 1"),
            (f"range({size})", " - 1"), (f"range({size - 2}, -1, -1)", " + 1"), (f"range({size})", ""),
        ))  # fmt: skip
        self.line(f"for k0 in {head}:")
        here, there, indent = "k0", f"k0{shift}", "    "
        if len(shape) > 1 and more.random() < 0.7:
            self.line(f"    for l0 in {more.choice((f'range({shape[1]})', f'range(1, {shape[1]})'))}:")
            here, there, indent = "k0, l0", more.choice((f"k0{shift}, l0", "k0, l0 - 1", f"k0{shift}, 0")), " " * 8
        one, other = f"{name}[{here}]", f"{name}[{there}]"
        for _ in range(more.randint(1, 2)):
            self.line(indent + more.choice((
                f"{one} = {one} + 0.3 * np.sin({other})", f"{one} = 0.5 * {one} * np.cos({other})",
                f"{one} -= 0.2 * {other} * {one}", f"{one} = np.tanh({other}) - 0.1 * {one} * {other}",
                f"{one} = 0.5 * {other}", f"{other} = {one} - 0.5 * {other}",
            )))  # fmt: skip

    def thing(self) -> None:
        """An object is made, changed by a method, asked, or added to another."""
        scope = self.scope
        known = [n for n, t in scope.types.items() if isinstance(t, Box) and t.family == "made"]
        if not known or self.chance(0.3):
            self.module.has_things = True
            kind = Box("made", tuple((key, self.module.any_type(boxes=False)) for key in "aw"))
            value = self.display(kind)
            self.line(f"{self.target(kind)} = {value}")
            return
        name = self.random.choice(known)
        kind = scope.types[name]  # type: ignore[assignment]
        other = self.random.choice([n for n in known if scope.types[n] == kind])
        factor = f"np.cos({self.scalar(1)})"
        choice = self.random.random()
        if choice < 0.2 and not {name, other} & scope.locked:
            self.line(f"{name}.grow({factor})")
        elif choice < 0.3 and not {name, other} & scope.locked:
            self.line(f"for h0 in {self.pick(f'[{name}, {other}]', f'({name}, Thing({name}.a, {name}.w))')}:")
            self.line(f"    h0.grow({factor})")
        elif choice < 0.5:
            self.line(f"{self.target('s')} = {name}.total()")
        elif choice < 0.75:
            self.line(f"{self.target(kind)} = {name} + {other}")
        else:
            self.line(f"{self.target(kind)} = {name}.scaled({factor})")

    def alias(self) -> None:
        """A name for something that is already there, a view of it, or a copy."""
        found = self.places(lambda t: isinstance(t, tuple) or (isinstance(t, Box) and self.chance(0.3)))
        if not found:
            return
        name, kind = self.random.choice(found)
        if isinstance(kind, Box):
            # Told by the place, so that other programs stay what they are.
            is_copied = len(self.lines) % 3 == 1
            self.line(f"{self.target(kind)} = {f'copy.deepcopy({name})' if is_copied else name}")
            return
        assert isinstance(kind, tuple)
        copied = f"{name}.copy()" if len(self.lines) % 2 else f"copy.copy({name})"
        choices: list[tuple[str, Type]] = [
            (name, kind), (f"{name} * 1.0", kind), (f"{name} + 0.0", kind), (copied, kind),
            (f"np.asarray({name})", kind), (f"{name}.T", kind[::-1]), (f"np.array({name})", kind),
            (f"{name}.reshape(-1)", (int(np.prod(kind)),)), (f"np.ravel({name})", (int(np.prod(kind)),)),
            (f"np.zeros_like({name})", kind), (f"{name} / 1", kind),
        ]  # fmt: skip
        if len(kind) == 1 and kind[0] % 2 == 0:
            choices.append((f"{name}.reshape(2, {kind[0] // 2})", (2, kind[0] // 2)))
        for _ in range(6):
            index, part = self.index(kind)
            if isinstance(part, tuple):
                choices.append((f"{name}[{index}]", part))
        value, kind = self.random.choice(choices)  # type: ignore[assignment]
        self.line(f"{self.target(kind)} = {value}")

    def store(self) -> None:
        """A write into an array or a container."""
        boxes = [(n, t) for n, t in self.scope.types.items() if isinstance(t, Box) and t.family != "tuple"]
        if boxes and self.chance(0.15):
            name, box = self.random.choice(boxes)
            key, kind = self.random.choice(box.items)
            self.line(f"{_place(name, box, key)} = {self.expression(kind)}")
            return
        if not self.arrays():
            return
        name, shape = self.random.choice(self.arrays())
        if self.chance(0.25):
            self.line(self.writer(name, shape))
            return
        if self.chance(0.12):
            mask = f"{name} > {self.pick('0.2', '0.5', '-0.1')}"
            value = self.pick(self.scalar(1), self.scalar(1), f"{name}[{mask}] * {self.leaf()}")
            self.line(f"{name}[{mask}] {self.pick('=', '=', '+=', '*=')} {value}")
            return
        if self.chance(0.1):
            index, kind = self.pick(":", "..."), shape
        else:
            index, kind = self.index(shape)  # type: ignore[assignment]
        if kind == "s":
            value = self.bounded("s", self.scalar(2))
        elif "[" in index and self.chance(0.6):
            value = self.scalar(1)
        else:
            value = self.array(kind, 1) if self.chance(0.75) else self.scalar(1)
        self.line(f"{name}[{index}] {self.pick('=', '=', '=', '+=', '+=', '-=', '*=')} {value}")

    def writer(self, name: str, shape: Shape) -> str:
        """A call that writes into an array, or a store into several places."""
        value = self.bounded(shape, self.array(shape, 1))
        mask = f"{self.array(shape, 0)} > {self.pick('0.2', '0.5', '-0.1')}"
        masked = self.pick("", "", f", where={mask}")
        into = name
        part: Shape = shape
        if self.chance(0.3):
            text, size = self.slice(shape[0])
            into, part = f"{name}[{text}]", (size, *shape[1:])
        binary = f"{self.array(part, 0)}, {self.partner(part, 0)}"
        choices = [
            f"np.{self.pick('add', 'multiply', 'subtract', 'maximum')}({binary}, out={into})",
            f"np.{self.pick('sin', 'tanh', 'exp')}({self.array(shape, 0)}, out={name}{masked})",
            f"np.multiply({name}, {self.partner(shape, 0)}, {name})",
            f"{into}.fill({self.scalar(1)})",
            f"np.copyto({name}, {self.pick(value, self.partner(shape, 0))}{masked})",
            f"{name}.sort()",
            f"np.putmask({name}, {mask}, {value})",
        ]
        places, size = self.fancy(shape[0])
        scattered = self.pick(self.scalar(1), self.array((size, *shape[1:]), 0))
        choices.append(f"np.{self.pick('add', 'subtract', 'multiply')}.at({name}, {places}, {scattered})")
        if len(shape) == 1:
            choices.append(f"np.put({name}, {places}, {self.pick(self.scalar(1), self.array((2,), 0))})")
            choices.append(f"np.place({name}, {mask}, {self.array((2,), 0)} * 1.0)")
        else:
            choices.append(f"np.fill_diagonal({name}, {self.scalar(1)})")
        i, j = self.position(shape[0]), self.position(shape[0])
        if len(shape) == 1:
            choices.append(f"{name}[{i}], {name}[{j}] = {name}[{j}], {name}[{i}] * {self.leaf()}")
            choices.append(f"{name}[{i}] = {name}[{j}] = {self.scalar(1)}")
        else:
            choices.append(f"{name}[[{i}, {j}]] = {name}[[{j}, {i}]]")
        return self.random.choice(choices)

    def augment(self) -> None:
        """Augmented assignment of a name."""
        scope = self.scope
        names = [
            n for n, t in scope.types.items()
            if n not in scope.locked and not isinstance(t, (Box, Series, Callback))
        ]  # fmt: skip
        if not names:
            return
        name = self.random.choice(names)
        kind = scope.types[name]
        if kind == "i":
            scope.bounds.pop(name, None)
            self.line(f"{name} += {self.random.randint(1, 2)}")
        elif kind == "s":
            self.line(f"{name} {self.pick('+=', '-=', '*=')} {self.scalar(2)}")
        else:
            assert isinstance(kind, tuple)
            value = self.bounded(kind, self.partner(kind, 1))
            self.line(f"{name} {self.pick('+=', '+=', '-=', '*=')} {value}")

    def several(self) -> None:
        """Tuple assignment: a swap, or two values at once."""
        scope = self.scope
        by_type: dict[Type, list[str]] = {}
        for name, kind in scope.types.items():
            if name not in scope.locked:
                by_type.setdefault(kind, []).append(name)
        pairs = [names for names in by_type.values() if len(names) > 1]
        if pairs and self.chance(0.6):
            a, b = self.random.sample(self.random.choice(pairs), 2)
            scope.bounds.pop(a, None)
            scope.bounds.pop(b, None)
            self.line(f"{a}, {b} = {b}, {a}")
            return
        kinds = [self.module.any_type(boxes=False) for _ in range(2)]
        values = [self.expression(kind, 1) for kind in kinds]
        first = self.target(kinds[0])
        second = self.target(kinds[1])
        if first != second:
            self.line(f"{first}, {second} = {', '.join(values)}")
        else:
            scope.types[first] = kinds[0]
            self.line(f"{first} = {values[0]}")

    def call_statement(self) -> None:
        """A call of a helper whose result is kept, unpacked, or dropped."""
        known = self.callbacks() * 3 + self.module.helpers
        if not known:
            return
        helper = self.random.choice(known)
        call = self.spread(helper) if self.chance(0.15) else self.call(helper)
        if isinstance(helper.result, Box) and self.chance(0.7):
            names = [self.target(kind) for _, kind in helper.result.items]
            if len(set(names)) == len(names):
                self.line(f"{', '.join(names)} = {call}")
            else:
                self.scope.types[names[0]] = helper.result
                self.line(f"{names[0]} = {call}")
        elif self.chance(0.3):
            self.line(call)
        else:
            self.line(f"{self.target(helper.result)} = {call}")

    def insertion(self) -> None:
        """Code in the reverse sweep that leaves the adjoint what it is."""
        places = self.places(lambda kind: kind == "s" or isinstance(kind, tuple))
        if not places:
            return
        place, kind = self.random.choice(places)
        if isinstance(kind, tuple) and self.chance(0.3):
            place = f"{place}[{self.slice(kind[0])[0]}]"
        numbers = [name for name, other in self.scope.types.items() if other in ("s", "i")]
        zero = f"0.0 * {self.random.choice(numbers)}" if numbers and self.chance(0.5) else "0.0"
        self.line(f"with insert_grad_of({place}) as adjoint:")
        plus = (f"adjoint = adjoint + {zero}", f"adjoint += {zero}")
        text = self.pick("adjoint *= 1.0", *plus, "seen.append(adjoint)")
        if self.chance(0.2):
            self.line(f"    if np.sum(adjoint) > {zero}:")
            text = f"    {text}"
        self.line(f"    {text}")

    def list_of_parts(self) -> None:
        """A list that is filled in a loop and read back."""
        if self.scope.depth > 2 or not self.arrays() or "i" in self.scope.types:
            return
        name = self.new()
        self.scope.types.pop(name, None)
        size = self.random.randint(1, 3)
        self.line(f"{name} = []")
        self.line(f"for i in range({size}):")
        outer, self.scope = self.scope, self.scope.inner(loops=self.scope.loops + 1)
        self.scope.types["i"] = "i"
        self.scope.bounds["i"] = size
        kind = self.module.any_type(boxes=False)
        self.line(f"{name}.append({self.expression(kind, 1)})")
        self.scope = outer
        self.scope.types.pop("i", None)
        self.scope.types[name] = Box("list", tuple((k, kind) for k in range(size)))

    def series(self) -> None:
        """A list that grows is made, changed, or read as a whole."""
        known = [(n, t) for n, t in self.scope.types.items() if isinstance(t, Series)]
        if not known or self.chance(0.3):
            kind = self.pick("s", "s", self.module.any_type(boxes=False))
            kind = "s" if kind == "i" else kind
            values = [self.expression(kind, 1) for _ in range(self.random.randint(1, 3))]
            choices = [
                f"[{', '.join(values)}]", f"[{values[0]}] * {self.random.randint(1, 3)}",
                f"[{self.expression(kind, 1)} for _ in range({self.random.randint(1, 3)})]",
            ]  # fmt: skip
            same = [n for n, t in known if t.item == kind]
            if same:
                other = self.random.choice(same)
                choices += [
                    f"list({other})", f"{other} + [{values[0]}]", f"{other}[:]", f"{other}",
                    f"[{values[0]}] + {other}[1:]", f"[{values[0]}, *{other}]", f"list(reversed({other}))",
                ]
                if kind == "s":
                    choices += [f"sorted({other})", f"sorted({other}, key=abs, reverse=True)"]  # fmt: skip
            self.line(f"{self.target(Series(kind))} = {self.random.choice(choices)}")
            return
        name, found = self.random.choice(known)
        if self.chance(0.3):
            self.whole(name, found)
        else:
            self.change(name, found.item)

    def change(self, name: str, kind: Type) -> None:
        """A list grows, shrinks, or has an item replaced."""
        value = self.expression(kind, 1)
        choice = self.random.randrange(12)
        if choice == 8:
            place = self.pick("-1", "1", f"len({name}) // 2")
            self.line(f"{name}.insert({place}, {value})")
        elif choice == 9:
            self.line(f"{name}.append({value})")
            self.line(self.pick(f"del {name}[-1]", f"del {name}[0]", f"del {name}[1:]", f"{name}.reverse()"))
        elif choice == 10:
            self.line(f"{name}[{self.pick(':1', '1:', '-1:')}] = [{value}, {self.expression(kind, 1)}]")
        elif choice == 11 and kind == "s":
            self.line(f"{name}.sort({self.pick('', 'key=abs', 'reverse=True')})")
        elif choice < 3:
            self.line(f"{name}.append({value})")
        elif choice == 3:
            self.line(f"{name}[{self.pick('0', '-1', f'len({name}) // 2')}] = {value}")
        elif choice == 4 and kind == "s":
            self.line(f"{name}[{self.pick('0', '-1')}] {self.pick('+=', '*=', '-=')} {value}")
        elif choice == 5:
            self.line(f"{name} += [{value}]")
        elif choice == 6:
            self.line(f"{name}.insert(0, {value})")
        else:
            taken = f"{name}.pop({self.pick('', '0')})"
            self.line(f"{name}.append({value})")
            self.line(f"{self.target(kind)} = {taken}")

    def whole(self, name: str, found: Series) -> None:
        """All items of a list at once."""
        item, position = self.new(), self.new()
        if found.item == "s":
            value = self.pick(
                f"sum({name})", f"np.sum(np.array({name}) ** 2)", f"max({name})", f"np.mean({name})",
                f"sum([{item} * {item} for {item} in {name}])", f"np.stack({name})[0]",
            )  # fmt: skip
            self.line(f"{self.target('s')} = np.tanh({value})")
            return
        value = self.pick(
            f"sum({name})", f"np.stack({name}).sum(axis=0)", f"np.array({name})[-1]",
            f"sum([np.sin({item}) for {item} in {name}])", f"np.mean({name}, axis=0)",
            f"np.concatenate({name})[: len({name}[0])]",
            f"sum([{item} * {position} for {position}, {item} in enumerate({name})])",
        )  # fmt: skip
        self.line(f"{self.target(found.item)} = np.tanh({value})")

    def exit(self) -> None:
        """`break`, `continue` or an early `return`, under a condition."""
        kinds = []
        if self.scope.depth > 1:
            kinds.append("return")
        if self.scope.loops:
            kinds += ["break", "break"]
            if self.scope.may_continue:
                kinds += ["continue", "continue"]
        if not kinds:
            return
        self.exits = True
        word = self.random.choice(kinds)
        self.line(f"if {self.condition()}:")
        self.line("    " + (f"return {self.outcome()}" if word == "return" else word))

    # -- compound statements ------------------------------------------------------------------

    def compound(self, size: int) -> int:
        more = self.module.more.random()
        if more < 0.09:
            (self.try_ if more < 0.06 else self.match)(size)
            return size
        choice = self.random.random()
        if choice < 0.4:
            self.if_(size)
        elif choice < 0.82:
            self.for_(size)
        elif choice < 0.94:
            self.while_(size)
        else:
            inner = self.under('with np.errstate(all="ignore"):', size)
            self.scope.types.update(inner.types)
            self.scope.bounds = inner.bounds
        return size

    def forget_bounds(self, *inner: _Scope) -> None:
        """Ints that a block may have changed are no longer known to be small."""
        bounds = self.scope.bounds
        for name in list(bounds):
            if any(scope.bounds.get(name) != bounds[name] for scope in inner):
                del bounds[name]

    def if_(self, size: int) -> None:
        branches = [self.under(f"if {self.condition()}:", max(1, size // 2))]
        if self.chance(0.25):
            branches.append(self.under(f"elif {self.condition()}:", max(1, size // 3)))
        if self.chance(0.6):
            branches.append(self.under("else:", max(1, size // 2)))
            shared = set(branches[0].types.items())
            for branch in branches[1:]:
                shared &= set(branch.types.items())
            for name, kind in branches[0].types.items():
                if (name, kind) in shared:
                    self.scope.types.setdefault(name, kind)
        self.forget_bounds(*branches)

    def try_(self, size: int) -> None:
        """A `try`, which raises under a condition; mostly nothing is seen of what it has done by then."""
        self.line("try:")
        outer, self.scope = self.scope, self.scope.inner()
        kinds = ["ValueError", "KeyError"][: self.random.randint(1, 2)]
        if self.chance(0.3):
            self.block(max(1, size // 3))
        else:
            before = self.new()
            self.line(f"{before} = {self.scalar(1)}")
            self.scope.types[before] = "s"
        self.line(f"if {self.condition()}:")
        self.line(f"    raise {self.random.choice(kinds)}({self.leaf()})")
        if self.chance(0.3):
            self.block(max(1, size // 3))
        kind = self.module.any_type(boxes=False)
        value = self.expression(kind)
        self.line(f"{self.target(kind)} = {self.bounded(kind, value)}")
        normal, self.scope = self.scope, outer
        header = f"except ({', '.join(kinds)}) as error:" if self.chance(0.3) and len(kinds) > 1 else ""
        headers = [header] if header else [f"except {kind}:" for kind in kinds]
        branches = [self.under(header, max(1, size // 3)) for header in headers]
        if self.chance(0.3):
            self.scope = _Scope(dict(normal.types), outer.depth, **{
                name: getattr(outer, name) for name in ("loops", "may_continue", "locked", "bounds")
            })  # fmt: skip
            normal = self.under("else:", max(1, size // 3))
            self.scope = outer
        branches.append(normal)
        shared = set.intersection(*(set(branch.types.items()) for branch in branches))
        for name, kind in branches[0].types.items():
            if (name, kind) in shared:
                self.scope.types.setdefault(name, kind)
        self.forget_bounds(*branches)
        if self.chance(0.2):
            self.forget_bounds(self.under("finally:", 1))

    def match(self, size: int) -> None:
        """A `match` that takes a tuple apart."""
        name = self.new()
        self.line(f"match ({self.integer()} % 2, {self.scalar(1)}):")
        self.scope = self.scope.inner()
        self.scope.types[name] = "s"
        inner = [
            self.under(header, max(1, size // 3))
            for header in (f"case (0, {name}) if {name} > 0.3:", f"case (1, float({name})):", f"case (_, {name}):")
        ]
        self.scope = _Scope(dict(self.scope.types), self.scope.depth - 1, **{
            field: getattr(self.scope, field) for field in ("loops", "may_continue", "locked", "bounds")
        })  # fmt: skip
        self.forget_bounds(*inner)

    def for_(self, size: int) -> None:
        header, names, runs = self.loop_header()
        scope = self.scope
        locked = scope.locked | names.keys()
        before = dict(scope.types), dict(scope.bounds)
        scope.types.update((name, kind) for name, (kind, _) in names.items())
        scope.bounds.update((name, bound) for name, (_, bound) in names.items() if bound is not None)
        exits, self.exits = self.exits, False
        target, iterable = header.split(" in ", 1)
        inner = self.under(
            f"for {target} in {self.marked(iterable)}:", size, loops=scope.loops + 1, may_continue=True, locked=locked
        )
        if not runs:
            scope.types, scope.bounds = before
        elif not self.exits:
            for name, kind in inner.types.items():
                scope.types.setdefault(name, kind)
        self.exits |= exits
        self.forget_bounds(inner)

    def marked(self, run: str) -> str:
        """What a loop runs over, or its test; sometimes marked to be checkpointed."""
        marks = self.module.marks
        if marks.random() >= MARKED:
            return run
        return f"checkpointed({run}, {marks.choice(LIMITS)})"

    def loop_header(self) -> tuple[str, dict[str, tuple[Type, int | None]], bool]:
        """Target and iterable, the names bound with type and bound, whether the body surely runs."""
        free = [n for n in ("i", "j", "l", "o") if n not in self.scope.locked]
        i = self.random.choice(free)
        item = self.new()
        ints = [n for n, t in self.scope.types.items() if t == "i" and n != i]
        arrays = self.arrays()
        if self.module.generator and self.chance(0.4):
            kind = self.module.any_type(boxes=False)
            if kind != "i":
                items = f"steps({self.expression(kind, 1)}, {self.random.randint(1, 3)})"
                if self.chance(0.3):
                    return f"{i}, {item} in enumerate({items})", {i: ("i", 4), item: (kind, None)}, True
                return f"{item} in {items}", {item: (kind, None)}, True
        choice = self.random.random()
        if arrays and choice < 0.2:
            name, shape = self.random.choice(arrays)
            part: Type = shape[1:] or "s"
            if self.chance(0.5):
                return f"{item} in {name}", {item: (part, None)}, True
            if self.chance(0.5):
                return f"{i}, {item} in enumerate({name})", {i: ("i", shape[0]), item: (part, None)}, True
            same = [(n, s) for n, s in arrays if s[0] == shape[0]]
            other, second = self.random.choice(same)
            first = f"{item}1"
            names = {item: (part, None), first: (second[1:] or "s", None)}
            return f"{item}, {first} in zip({name}, {other})", names, True
        if arrays and choice < 0.4:
            name, shape = self.random.choice(arrays)
            return f"{i} in range({self.pick(f'len({name})', f'{name}.shape[0]')})", {i: ("i", shape[0])}, True
        if ints and choice < 0.55:
            bound = self.random.choice(ints)
            return f"{i} in range({self.pick(bound, f'({bound} + 1)')} % 5)", {i: ("i", 5)}, False
        if choice < 0.65:
            return f"{i} in {self.pick('range(3, 0, -1)', 'reversed(range(4))')}", {i: ("i", 4)}, True
        count = self.random.randint(1, 4)
        return f"{i} in range({count})", {i: ("i", count)}, True

    def while_(self, size: int) -> None:
        name = self.new()
        scope = self.scope
        self.line(f"{name} = 0")
        scope.types[name] = "i"
        test = f"{name} < {self.random.randint(1, 4)}"
        if self.chance(0.3):
            test += f" and {self.leaf()} < {BOUNDED}"
        self.line(f"while {self.marked(test)}:")
        early = self.chance(0.4)
        outer = self.scope
        self.scope = outer.inner(
            loops=outer.loops + 1, may_continue=early, locked=outer.locked | {name}
        )
        if early:
            self.line(f"{name} += 1")
        self.block(size)
        if not early:
            self.line(f"{name} += 1")
        inner, self.scope = self.scope, outer
        self.forget_bounds(inner)
