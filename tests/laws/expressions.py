"""Random expressions."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.laws.frame import Frame, Helper
from tests.laws.samples import SAFE, Box, Callback, Shape, Structure, Type


def product(left: str, right: str) -> str:
    """A matrix product, whose operands may be products themselves."""
    return f"({left if left.isidentifier() else f'({left})'} @ {right if right.isidentifier() else f'({right})'})"


def identifiers(text: str) -> set[str]:
    """The words of a text that may be names of variables."""
    return set(re.findall(r"[a-z]\w*", text))


class Expressions(Frame):
    """Draws expressions of a given type."""

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
        if isinstance(kind, Structure):
            return self.structure(kind)
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
        self.captured |= identifiers(value)
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
        self.captured |= identifiers(" ".join(self.lines[before:]))
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

    def arithmetic(self, left: str, right: str, whole: str = "") -> str:
        """Arithmetic of two operands; `whole` is one that has the shape of the result, by default the left one."""
        whole = whole or left
        return self.pick(
            f"({left} + {right})", f"({left} - {right})", f"{left} * {right}", f"({left}) * ({right})",
            f"{left} / (1.5 + {right} * {right})", f"0.5 * {whole}", f"({whole}) ** 2",
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
            choices += [f"np.dot({inner}, {other})", product(method, other), f"sum({inner})"]
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
            return self.arithmetic(*((left, right) if self.chance(0.7) else (right, left)), whole=left)
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
                lambda: product(self.array((size, n), 0), self.array((n,), inner)),
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
            lambda: product(self.array((rows, 2), 0), self.array((2, columns), inner)),
            lambda: f"np.reshape({self.array((rows * columns,), 0)}, {shape})",
            lambda: f"np.stack([{', '.join(self.array((columns,), 0) for _ in range(rows))}])",
        ]
        if columns == 1:
            choices += [
                lambda: f"np.sum({self.array((rows, n), inner)}, axis=1, keepdims=True)",
                lambda: f"{self.owner((rows,))}[:, None]",
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
