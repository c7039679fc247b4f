"""Random statements and expressions around what Python's library and classes hold numbers in.

A variable may hold a heap, a dict, an object, a list of objects among numbers, an iterator or a view. It stays in
sight with its type, so that whatever the program draws later, in branches, loops and functions, may change it or
read it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tests.laws.expressions import identifiers
from tests.laws.idioms import DEFINITIONS, Idioms
from tests.laws.samples import Series, Shape, Structure, Type

CLASSES = """class Term:
    rate = 0.4
    __array_ufunc__ = None

    def __init__(self, w, b=0.1):
        self.w, self.b = w, b
        self.parts = {"u": w, "v": <<b ~ 0.3 ~ w * b>>}

    @property
    def slope(self):
        return <<self.w * self.w ~ np.sin(self.w) + self.b ~ self.parts["u"] * self.rate>>

    def __call__(self, v, *rest):
        return <<np.sin(self.w * v) + self.b ~ self.w * np.cos(v) + sum(rest) ~ 0.5 * v * self.slope>>

    def __add__(self, other):
        return Term(self.w + (other.w if isinstance(other, Term) else <<other ~ 2.0 * other>>), self.b)

    __radd__ = __add__

    def __mul__(self, k):
        return <<type(self) ~ Term>>(self.w * k, self.b)

    def __rmul__(self, k):
        return Term(0.5 * self.w * k, <<self.b ~ k>>)

    def __neg__(self):
        return Term(<<-self.w ~ self.w * self.w>>, self.b)

    def __getitem__(self, k):
        return (self.w, self.b)[k] * <<1.5 ~ 1.0 ~ self.rate>>

    def __len__(self):
        return 2

    def __iter__(self):
        <<yield self.w ~ return iter((self.w, self.b))>>

    def __lt__(self, other):
        return self.w < other.w

    def changed(self, k):
        self.w = self.w * np.cos(k)
        self.parts["u"] <<+= k ~ *= 0.5 ~ = self.w>>
        return self


class Bent(Term):
    def __init__(self, w, b=0.2):
        super().__init__(0.5 * w, b)
        self.rate = <<w ~ 0.7>>

    def __call__(self, v, *rest):
        return super().__call__(v, *rest) * self.rate

    def __getitem__(self, k):
        return super().__getitem__(k) + <<1.0 ~ self.b>>

    def changed(self, k):
        self.b = <<self.b * k ~ 0.5 * k>>
        return super().changed(<<k ~ 0.5>>)"""
STATE = """@dataclass<< ~ (frozen=True)>>
class State:
    x: float
    v: float = 0.3
    near: tuple = (0.2, 0.4)

    def step(self, k):
        return replace(self, x=self.x + k * self.v, << ~ v=np.cos(self.v), ~ near=(k, *self.near[:1])>>)

    @property
    def energy(self):
        return self.x * self.x + <<self.v ~ sum(self.near)>>"""
SPREAD = """def first_of(u, *rest):
    return <<u ~ np.sin(u)>> if not rest else <<u * sum(rest) ~ np.cos(u) + 0.5 * rest[-1]>>


def passed_on(*rest, **named):
    return <<first_of(*rest) ~ first_of(0.3, *rest) ~ first_of(*rest, 0.7)>> + sum(named.values())"""
KEYS = "uvw"
"""Keys of dicts."""
DRAWN = {
    "heaps": "import heapq",
    "collections": "from collections import defaultdict",
    "replacing": "from dataclasses import replace",
    "classes": CLASSES,
    "state": STATE,
    "spread": SPREAD,
    "options": "OPTIONS = {<<'u': 0.7 ~ 'u': 0.7, 'w': 1.3>>}",
    "samples": "import statistics",
}
"""Definitions, of whose `<<one ~ other>>` a program takes one."""
STRUCTURED = 0.2
"""The share of statements that have to do with structures."""
READ = 0.04
"""The share of expressions that read one."""


class Structures(Idioms):
    """Draws structures."""

    # -- what is needed -------------------------------------------------------------------------

    def needs(self, *names: str) -> None:
        """Definitions beside the function."""
        known = self.module.definitions
        for name in ("library", *names):
            if name not in known:
                text = DRAWN.get(name) or DEFINITIONS[name]
                known[name] = re.sub(
                    "<<(.*?)>>", lambda found: self.random.choice(found[1].split(" ~ ")), text
                )

    def known(self, *families: str, free: bool = False) -> list[tuple[str, Structure]]:
        """Variables that hold structures; free ones may be changed."""
        return [
            (name, kind)
            for name, kind in self.scope.types.items()
            if isinstance(kind, Structure)
            and kind.family in families
            and not (free and name in self.scope.locked)
        ]

    def inside(self, names: dict[str, Type], write: Callable[[], str]) -> str:
        """Something written where names are in sight: the body of a comprehension or of a lambda."""
        outer, self.scope = self.scope, self.scope.inner()
        self.scope.types.update(names)
        text = write()
        self.scope = outer
        return text

    def local(self) -> str:
        """A name of a comprehension."""
        return f"{self.pick('m', 'n')}{self.pick(2, 3, 4)}"

    def bent(self, name: str) -> str:
        """An expression of a name that stands for a number, and of what is in sight."""
        return self.inside(
            {name: "s"},
            lambda: self.pick(
                name,
                f"np.sin({name})",
                f"{name} * {self.scalar(1)}",
                f"0.5 * {name} * {name}",
                f"({name} + {self.leaf()})",
            ),
        )

    # -- runs: what numbers come out of -----------------------------------------------------------

    def run(self, depth: int = 2) -> str:
        """An expression that numbers come out of, one after another, at least one of them."""
        choices: list[Callable[[], str]] = [self.listed]
        vectors = [name for name, shape in self.arrays() if len(shape) == 1 and shape[0]]
        if vectors:
            choices.append(lambda: self.random.choice(vectors))
        found = [name for name, kind in self.scope.types.items() if kind == Series("s")]
        tables = [name for name, kind in self.known("table") if kind.item == "s"]
        if found:
            choices.append(lambda: self.random.choice(found))
        if tables:
            choices.append(lambda: f"({self.random.choice(tables)}.values() or [{self.leaf()}])")
        if depth > 0:
            choices += (
                [self.comprehended, self.chained, self.mapped] if depth > 1 else [self.listed]
            )
        return self.random.choice(choices)()

    def listed(self) -> str:
        items = ", ".join(self.scalar(1) for _ in range(self.random.randint(2, 3)))
        return self.pick(f"[{items}]", f"({items})", f"sorted([{items}])")

    def comprehended(self) -> str:
        name = self.local()
        run = self.run(1)
        value = self.bent(name)
        test = self.pick("", "", f" if {name} > {self.pick('-0.5', '0.3')}")
        return self.pick(f"[{value} for {name} in {run}{test}]", f"({value} for {name} in {run})")

    def chained(self) -> str:
        self.needs()
        one = self.run(1)
        return self.pick(
            f"itertools.chain({one}, {self.run(1)})",
            f"itertools.islice({one}, {self.pick('2', '0, 2', '1')})",
            f"itertools.accumulate({one})",
            f"[*{one}, *{self.run(1)}]",
            f"reversed(list({one}))",
        )

    def mapped(self) -> str:
        name = self.local()
        one = self.run(1)
        value = self.bent(name)
        return self.pick(
            f"map(np.sin, {one})",
            f"map(lambda {name}: {value}, {one})",
            f"list(map(lambda {name}: {value}, {one}))",
        )

    # -- reading ------------------------------------------------------------------------------------

    def scalar(self, depth: int) -> str:
        """A number; now and then one that comes out of a structure."""
        if depth > 0 and not self.module.is_complex and self.module.structures.random() < READ:
            return self.read(depth - 1)
        return super().scalar(depth)

    def read(self, depth: int) -> str:
        """A number out of a structure in sight, or of one that is made for it."""
        choices: list[Callable[[], str]] = [
            lambda: self.of_a_run(depth),
            lambda: self.of_tuples(depth),
        ]
        readers: dict[str, Callable[[str, Structure], str]] = {
            "heap": self.of_a_heap,
            "table": self.of_a_table,
            "term": lambda name, _: self.of_a_term(name),
            "terms": lambda name, _: self.of_terms(name),
            "state": lambda name, _: self.of_a_state(name),
            "values": lambda name, _: self.pick(
                f"sum({name})", f"max({name}, default=0.3)", f"len({name}) * 0.1"
            ),
        }
        for name, kind in self.known(*readers):
            choices += [lambda n=name, k=kind: readers[k.family](n, k)] * 2  # type: ignore[misc]
        return self.random.choice(choices)()

    def of_a_run(self, depth: int) -> str:
        self.needs("spread")
        name, run = self.local(), self.run(depth)
        value = self.bent(name)
        return self.pick(
            f"sum({value} for {name} in {run})",
            f"functools.reduce(lambda u0, v0: 0.5 * u0 * np.cos(v0) + v0, {run})",
            f"functools.reduce(lambda u0, v0: np.sin(u0) + v0, ({value} for {name} in {run}), {self.leaf()})",
            f"functools.reduce(operator.mul, ({value} for {name} in {run}))",
            f"max({run})",
            f"min({run}, key=lambda {name}: {value})",
            f"passed_on(*{run})",
            f"first_of(*{run}, {self.leaf()})",
            f"passed_on({self.leaf()}, *{run}, k={self.leaf()})",
            f"sum(u0 * v0 for u0, v0 in itertools.pairwise({run}))",
            f"math.{self.pick('prod', 'fsum')}({value} for {name} in {run})",
            self.of_a_sample(f"{value} for {name} in {run}"),
            f"sum([0.3, *{run}])",
            f"{self.pick('max', 'min')}([{self.leaf()}, {self.leaf()}])",
        )

    def of_a_sample(self, items: str) -> str:
        """A mean or a variance, of a generator or a list."""
        self.needs("samples")
        name = self.pick("fmean", "mean", "pvariance")
        return f"statistics.{name}({self.pick(items, f'[{items}]')})"

    def of_tuples(self, depth: int) -> str:
        """An item of the largest or smallest of some tuples."""
        beside = self.pick(
            ("0", "1", "2"), ("'u'", "'v'", "'w'"), [self.scalar(depth) for _ in range(3)]
        )
        pairs = [
            f"({self.scalar(depth)}, {other})" for other in beside[: self.random.randint(2, 3)]
        ]
        which = 0 if beside[0] in ("0", "'u'") else self.pick(0, 1)
        key = self.pick("", "", ", key=lambda t0: t0[0]", ", key=lambda t0: -t0[0]")
        if which == 1 or beside[0] == "0":
            key = self.pick(key, ", key=lambda t0: t0[1]")
        among = ", ".join(pairs)
        return f"{self.pick('max', 'min')}({self.pick(among, f'[{among}]')}{key})[{which}]"

    def of_a_heap(self, name: str, kind: Structure) -> str:
        self.needs("heaps")
        if kind.item == "s":
            return self.pick(
                f"sum({name})",
                f"({name}[0] if {name} else {self.leaf()})",
                f"sum(heapq.nsmallest(2, {name}))",
                f"max({name}, default={self.leaf()})",
                f"len({name}) * {self.leaf()}",
            )
        return self.pick(
            f"sum(u0 * k0 for u0, k0 in {name})",
            f"({name}[0][0] if {name} else {self.leaf()})",
            f"sum(u0 for u0, _ in heapq.nsmallest(2, {name}))",
            f"max({name}, default=({self.leaf()}, 1))[0]",
            f"len({name}) * {self.leaf()}",
            f"sum(t0[0] * (t0[1] + 1) for t0 in sorted({name}))",
        )

    def of_a_table(self, name: str, kind: Structure) -> str:
        key = self.key()
        if kind.item == "s":
            return self.pick(
                f"sum({name}.values())",
                f"{name}.get({key}, {self.scalar(1)})",
                f"len({name}) * {self.leaf()}",
                f"sum({name}[k0] * v0 for k0, v0 in {name}.items())",
                f"min({name}.items(), key=lambda t0: t0[1], default=('u', 0.2))[1]",
                f"sum(v0 * k0 for k0, v0 in enumerate({name}.values(), 1))",
                f"max({name}.values(), default={self.leaf()})",
                f"({name}[{key}] if {key} in {name} else {self.leaf()})",
            )
        if isinstance(kind.item, Series):
            return self.pick(
                f"sum(sum(v0) for v0 in {name}.values())",
                f"sum({name}.get({key}, [{self.leaf()}]))",
                f"sum(len(v0) for v0 in {name}.values()) * {self.leaf()}",
                f"np.sum([v0[-1] for v0 in {name}.values()])",
            )
        return self.pick(
            f"np.sum(sum({name}.values()))",
            f"sum(np.sum(v0 * v0) for v0 in {name}.values())",
            f"np.mean({name}.get({key}, {self.array(kind.item, 0)}))",
            f"sum(v0[0] for v0 in {name}.values())",
        )

    def of_a_term(self, name: str) -> str:
        return self.pick(
            f"{name}({self.leaf()})",
            f"{name}({self.leaf()}, {self.scalar(1)})",
            f"{name}.slope",
            f"{name}[{self.pick(0, 1, -1)}]",
            f"len({name}) * {self.leaf()}",
            f"sum({name})",
            f"({name} * {self.leaf()}).w",
            f"({self.leaf()} * {name}).w",
            f"(-{name}).w",
            f"sum({name}.parts.values())",
            f"sum({name}.parts[k0] for k0 in {name}.parts)",
            f"({name} + {self.pick(name, self.leaf())})({self.leaf()})",
            f"{name}.w",
            f"{name}.b * {name}.rate",
        )

    def of_terms(self, name: str) -> str:
        return self.pick(
            f"sum(t0({self.leaf()}) for t0 in {name})",
            f"max({name}, key=lambda t0: t0.w)({self.leaf()})",
            f"{name}[{self.pick(0, -1)}]({self.scalar(1)})",
            f"sum(t0.w for t0 in {name})",
            f"min({name}).slope",
            f"functools.reduce(lambda u0, t0: t0(u0), {name}, {self.leaf()})",
            f"len({name}) * {self.leaf()}",
            f"sum(map(lambda t0: t0.slope, {name}))",
            f"sum(t0({self.leaf()}) for t0 in {name} if isinstance(t0, Bent))",
        )

    def of_a_state(self, name: str) -> str:
        return self.pick(
            f"{name}.energy",
            f"{name}.x * {self.leaf()}",
            f"{name}.step({self.leaf()}).x",
            f"sum({name}.near)",
            f"{name}.near[0]",
            f"replace({name}, x={self.scalar(1)}).energy",
            f"{name}.v",
        )

    def key(self) -> str:
        """A key of a dict."""
        ints = [name for name, kind in self.scope.types.items() if kind == "i"]
        if ints and self.chance(0.2):
            return f"'uvw'[{self.random.choice(ints)} % 3]"
        return repr(self.random.choice(KEYS))

    # -- statements --------------------------------------------------------------------------------

    def structured(self, size: int) -> int:
        """A statement that makes, changes or reads a structure; gives back how much of the size it took."""
        known = self.known("heap", "table", "term", "terms", "state", "mixed", "values", "iterator")
        choice = self.random.random()
        if choice < 0.2:
            self.views()
        elif choice < 0.32:
            self.taken()
        elif known and choice < 0.8:
            name, kind = self.random.choice(known)
            if (
                kind.family in ("terms", "mixed", "values", "iterator", "heap", "table")
                and size > 1
                and self.chance(0.45)
            ):
                return self.loop(name, kind, min(size - 1, 3)) + 1
            self.changed(name, kind)
        else:
            self.made_new()
        return 1

    def made_new(self) -> None:
        """A structure in a variable."""
        families = ["heap", "table", "table", "term", "terms", "state", "mixed"] * 2
        if self.scope.depth == 1 or self.chance(0.1):
            # Iterators of blocks and of functions inside are mostly refused.
            families.append("iterator")
        family = self.random.choice(families)
        item: Type | None = None
        if family == "heap":
            self.needs("heaps")
            item = self.pick("s", "pair")
        elif family == "table":
            self.needs("collections")
            item = self.pick("s", "s", Series("s"), (self.module.sides[0],))
        elif family in ("term", "terms", "mixed"):
            self.needs("classes")
        elif family == "state":
            self.needs("replacing", "state")
        kind = Structure(family, item)
        if family == "iterator" and self.chance(0.1):
            self.view()
            return
        value = self.structure(kind)
        name = self.target(kind)
        self.line(f"{name} = {value}")
        if family == "heap" and "[" in value:
            self.line(f"heapq.heapify({name})")

    def structure(self, kind: Structure) -> str:
        """An expression for a structure."""
        makers: dict[str, Callable[[], str]] = {
            "heap": lambda: self.heap(kind),
            "table": lambda: self.table(kind),
            "term": self.term,
            "terms": self.terms,
            "state": self.state,
            "mixed": self.mixed,
            "iterator": self.iterated,
        }
        return makers[kind.family]()

    def heap(self, kind: Structure) -> str:
        values = [self.scalar(1) for _ in range(self.random.randint(0, 3))]
        if kind.item != "s":
            values = [f"({value}, {k})" for k, value in enumerate(values)]
        return f"[{', '.join(values)}]"

    def table(self, kind: Structure) -> str:
        """A dict of numbers, of lists of numbers, or of arrays."""
        item = kind.item
        same = [name for name, other in self.known("table") if other == kind]
        keys = self.random.sample(KEYS, self.random.randint(1, 3))
        value = self.held_item(item)
        choices = [
            "{" + ", ".join(f"{key!r}: {self.held_item(item)}" for key in keys) + "}",
            f"dict.fromkeys({''.join(keys)!r}, {value})",
            f"dict.fromkeys({sorted(keys)}, {value})",
            f"{{k0: {value} for k0 in {''.join(keys)!r}}}",
        ]
        if item == "s":
            self.needs("options")
            choices += [f"dict(zip('uv', {self.run(1)}))", f"dict({keys[0]}={value})"]
            choices.append(self.pick(
                f"{{**OPTIONS, {self.key()}: {value}}}", f"OPTIONS | {{'v': {value}}}",
                f"dict(OPTIONS, {keys[0]}={value})", "OPTIONS.copy()",
            ))  # fmt: skip
        if isinstance(item, Series):
            choices += ["defaultdict(list)", "{}"]
        if same:
            other = self.random.choice(same)
            choices += [
                f"dict({other})",
                f"{other}.copy()",
                f"{{**{other}, {self.key()}: {value}}}",
                f"{other} | {{'v': {value}}}",
                other,
            ]
        return self.random.choice(choices)

    def held_item(self, item: Type) -> str:
        """An item of a dict."""
        if isinstance(item, Series):
            return f"[{', '.join(self.scalar(1) for _ in range(self.random.randint(1, 2)))}]"
        return self.expression(item, 1)

    def term(self) -> str:
        """An object with operators."""
        known = [name for name, _ in self.known("term")]
        held = [f"{name}[{self.pick(0, -1)}]" for name, _ in self.known("terms")]
        made = f"{self.pick('Term', 'Bent')}({self.pick(self.scalar(1), '0.7')}, {self.pick('0.3', self.leaf())})"
        if not known + held or self.chance(0.4):
            return made
        one, other = self.random.choice(known + held), self.random.choice([*known, *held, made])
        return self.pick(
            f"{one} + {other}",
            f"{one} * {self.scalar(1)}",
            f"{self.leaf()} * {one}",
            f"-{one}",
            f"{self.leaf()} + {one}",
            one,
            f"{one}.changed({self.leaf()})",
            f"{one} * 0.5",
            f"max({one}, {other}, key=lambda t0: t0.w)",
            f"({one} if {self.condition()} else {other})",
        )

    def terms(self) -> str:
        """Some objects; often all of constants."""
        if self.chance(0.4):
            return self.pick(
                "[Term(0.7, 0.3), Bent(0.4)]",
                "(Bent(0.6), Term(0.5), Term(1.2, 0.4))",
                f"[{self.pick('Term', 'Bent')}(c0, 0.2) for c0 in (0.3, 0.8)]",
                "[(Term if k0 % 2 else Bent)(0.3 * k0 + 0.2) for k0 in range(3)]",
                "list(map(Term, (0.6, 0.9)))",
            )
        return self.pick(
            f"[{self.term()}, {self.term()}]",
            f"[Term(m2, 0.3) for m2 in {self.run(1)}]",
            f"({self.term()}, Bent(0.5))",
        )

    def state(self) -> str:
        known = [name for name, _ in self.known("state")]
        if not known or self.chance(0.3):
            return f"State({self.scalar(1)}{self.pick('', f', {self.scalar(1)}', f', near=({self.leaf()}, 0.3)')})"
        one = self.random.choice(known)
        return self.pick(
            f"replace({one}, x={self.scalar(1)} * {one}.x)",
            f"{one}.step({self.leaf()})",
            one,
            f"replace({one}, v=np.sin({one}.x), near=({one}.v, {self.leaf()}))",
            f"replace({one}.step(0.3), v={self.leaf()})",
        )

    def mixed(self) -> str:
        """A list that mixes objects, numbers, arrays and texts."""
        n, _ = self.module.sides
        makers = (
            self.term,
            lambda: self.scalar(1),
            lambda: self.array((n,), 0),
            lambda: "'a text'",
            lambda: "None",
            lambda: "0.5",
        )
        items = [self.random.choice(makers)() for _ in range(self.random.randint(1, 3))]
        # Seldom there is no object in it at all.
        some = self.scalar(1) if self.chance(0.1) else self.term()
        items.insert(self.random.randint(0, len(items)), some)
        return f"[{', '.join(items)}]"

    def iterated(self) -> str:
        """An iterator of numbers."""
        known = [name for name, _ in self.known("iterator", free=True)]
        if known and self.chance(0.05):
            return self.pick(
                f"itertools.islice({self.random.choice(known)}, 2)",
                f"map(np.sin, {self.random.choice(known)})",
            )
        self.needs()
        return self.pick(*[f"iter({self.listed()})"] * 6, f"iter({self.run(1)})", self.chained())

    def view(self) -> None:
        """A view of a dict, kept in a variable."""
        tables = [name for name, kind in self.known("table") if kind.item == "s"]
        if not tables:
            self.needs("collections")
            kind = Structure("table", "s")
            value = self.table(kind)
            tables = [self.target(kind)]
            self.line(f"{tables[0]} = {value}")
        self.line(f"{self.target(Structure('values'))} = {self.random.choice(tables)}.values()")

    def changed(self, name: str, kind: Structure) -> None:
        """A structure is changed, if it may be, or read."""
        changes: dict[str, Callable[[str, Structure], Iterator[str]]] = {
            "heap": self.change_heap,
            "table": self.change_table,
            "term": self.change_term,
            "terms": self.change_terms,
            "state": self.change_state,
            "mixed": self.change_mixed,
            "iterator": self.advance,
        }
        if kind.family in changes and name not in self.scope.locked:
            self.assign(list(changes[kind.family](name, kind)))
        else:
            self.assign([f"$q = np.tanh({self.read(1)})"])

    def assign(self, lines: list[str]) -> None:
        """Lines that assign a number to `$q`, which is none of the variables they read."""
        outer = self.scope.locked
        self.scope.locked |= identifiers(" ".join(lines))
        name = self.target("s") if any("$q" in line for line in lines) else ""
        self.scope.locked = outer
        for line in lines:
            self.line(line.replace("$q", name))

    def change_heap(self, name: str, kind: Structure) -> Iterator[str]:
        item = (
            self.scalar(1)
            if kind.item == "s"
            else f"({self.scalar(1)}, {self.random.randint(0, 5)})"
        )
        choice = self.random.random()
        if choice < 0.4:
            yield f"heapq.heappush({name}, {item})"
            return
        if choice < 0.5:
            yield f"{name}.append({item})"
            yield f"heapq.heapify({name})"
            return
        call = self.pick(
            f"heapq.heappop({name})",
            f"heapq.heapreplace({name}, {item})",
            f"heapq.heappushpop({name}, {item})",
        )
        yield f"$q = {self.leaf()}"
        yield f"if {name}:"
        if kind.item == "s":
            yield f"    $q = {call}"
        else:
            yield self.pick(f"    $q = {call}[0]", f"    $q, _ = {call}")

    def change_table(self, name: str, kind: Structure) -> Iterator[str]:
        key, item = self.key(), kind.item
        value = self.held_item(item)
        if item == "s":
            yield from self.pick(
                [f"{name}[{key}] = {value}"],
                [f"{name}.update(v={value})"],
                [f"$q = {name}.pop({key}, {value})"],
                [f"$q = {name}.setdefault({key}, {value})"],
                [f"{name}[{key}] = {name}.get({key}, 1.0) * {value}"],
                [f"for k0 in {name}:", f"    {name}[k0] {self.pick('*=', '+=', '=')} {value}"],
                [f"for k0, v0 in {name}.items():", f"    {name}[k0] = {self.bent('v0')}"],
                [
                    f"$q = {value}",
                    f"if {name}:",
                    f"    k0, $q = {name}.popitem()",
                    f"    {name}['w'] = $q * 0.7",
                ],
            )
            return
        part = self.new()
        self.scope.types.pop(part, None)
        reached = self.pick(
            f"{part} = {name}.setdefault({key}, {value})",
            f"{part} = {name}.pop({key}, {value})",
            f"{part} = {name}.get({key}, {value})",
            f"{part} = {name}[{key}] if {key} in {name} else {value}",
            f"for {part} in {name}.values():",
            f"for _, {part} in {name}.items():",
        )
        yield reached
        indent = "    " if reached.endswith(":") else ""
        if isinstance(item, Series):
            yield indent + self.pick(
                f"{part}.append({self.scalar(1)})",
                f"{part}[-1] *= {self.scalar(1)}",
                f"{part}[0] = {self.leaf()}",
            )
        else:
            yield indent + self.pick(
                f"{part} *= {self.leaf()}",
                f"{part}[0] = {self.scalar(1)}",
                f"{part}[1:] += {part}[:-1]",
            )
        if ".pop(" in reached or self.chance(0.2) and not indent:
            yield f"{name}[{self.key()}] = {part}"

    def change_term(self, name: str, kind: Structure) -> Iterator[str]:
        yield from self.pick(
            [f"{name}.w {self.pick('*=', '+=', '=')} {self.scalar(1)}"],
            [f"{name}.changed({self.scalar(1)})"],
            [f"for k0 in {name}.parts:", f"    {name}.parts[k0] += {self.scalar(1)}"],
            [f"for k0, v0 in {name}.parts.items():", f"    {name}.parts[k0] = np.sin(v0)"],
            [f"{name} *= {self.leaf()}"],
            [f"{name}.parts['u'] = {name}(0.4)"],
            [f"{name} = {self.term()}"],
        )

    def change_terms(self, name: str, kind: Structure) -> Iterator[str]:
        yield from self.pick(
            [f"for t0 in {name}:", f"    t0.changed({self.leaf()})"],
            [f"for t0 in {name}:", "    t0.w = 0.5 * t0.w + t0.b"],
            [f"{name}[0].b = {self.scalar(1)}"],
            [f"{name} = [t0 * {self.leaf()} for t0 in {name}]"],
            [f"{name} = [*{name}, {self.term()}]"],
        )

    def change_state(self, name: str, kind: Structure) -> Iterator[str]:
        if self.chance(0.5):
            yield f"for k0 in range({self.random.randint(1, 3)}):"
            yield f"    {name} = {self.inside({'k0': 'i'}, self.state)}"
        else:
            yield f"{name} = {self.state()}"

    def change_mixed(self, name: str, kind: Structure) -> Iterator[str]:
        yield self.pick(
            f"{name}.append({self.scalar(1)})",
            f"{name}[0] = {self.pick(self.scalar(1), self.term())}",
            f"{name}.reverse()",
        )

    def advance(self, name: str, kind: Structure) -> Iterator[str]:
        yield self.pick(
            f"$q = next({name}, {self.scalar(1)})",
            f"$q = sum(itertools.islice({name}, 2))",
            f"$q = sum(u0 * v0 for u0, v0 in zip({name}, {name}))",
            f"$q = sum({name})",
        )

    def taken(self) -> None:
        """What `any`, `all`, `groupby`, `tee` and friends make of numbers."""
        self.needs()
        n, run = len(self.lines), self.run(1)
        value = self.bent("v0")
        # Groups of active values are refused.
        among = self.pick("[0.3, 0.9, -0.2]", "(0.7, 0.7, 0.1)", "range(4)")
        inner = self.pick(
            "sum(part)",
            "max(part)",
            "np.sum(list(part))",
            "sum(v0 * v0 for v0 in part)",
            "len(list(part)) * 0.1",
        )
        starts = [f"$q = {self.leaf()}"]
        lines = self.pick(
            [
                *starts,
                f"for k0, part in itertools.groupby({among}, key=lambda v0: {self.pick('v0 > 0.4', 'v0 < 0.0')}):",
                f"    $q = np.cos($q) + {self.pick('', '0.3 * k0 + ')}{inner}",
            ],
            [
                f"w{n} = {self.leaf()}",
                f"k{n} = {self.pick('any', 'all')}((w{n} := {value}) > {self.pick('0.5', '-5.0')} for v0 in {run})",
                f"$q = w{n} * (1 + k{n})",
            ],
            [
                f"log{n} = [0.2]",
                f"k{n} = {self.pick('all', 'any')}(log{n}.append(0.5) is None for _ in {run})",
                f"$q = sum(log{n}) * {self.leaf()} + k{n}",
            ],
            [
                f"one{n}, other{n} = itertools.tee([0.3, 0.8, -0.4])",
                f"$q = next(one{n}) * sum(other{n}) + sum(one{n}) * {self.leaf()}",
            ],
            [f"u{n}, *rest{n} = {run}", f"$q = u{n} * sum(rest{n})"],
            [
                f"u{n}, k{n} = {self.pick('max', 'min')}(zip({run}, range(9)))",
                f"$q = u{n} + 0.1 * k{n}",
            ],
            [
                f"k{n}, u{n} = {self.pick('max', 'min')}(enumerate({run}), key=lambda t0: t0[1])",
                f"$q = u{n} * (k{n} + 1)",
            ],
        )
        self.assign(lines)

    # -- loops ----------------------------------------------------------------------------------------

    def loop(self, name: str, kind: Structure, size: int) -> int:
        """A loop over a structure, with statements below it that may do anything else."""
        if kind.family == "mixed":
            return self.guarded(name, size)
        item, locked = self.new(), {name}
        types: dict[str, Type] = {item: "s"}
        first: list[str] = []
        header = f"for {item} in {name}:"
        if kind.family == "heap" and name not in self.scope.locked:
            header = f"while {name}:"
            first = [
                f"{item} = heapq.heappop({name})"
                if kind.item == "s"
                else f"{item}, _ = heapq.heappop({name})"
            ]
        elif kind.family == "heap":
            header = header if kind.item == "s" else f"for {item}, _ in sorted({name}):"
        elif kind.family == "table":
            header = self.pick(
                f"for k0, {item} in {name}.items():", f"for {item} in {name}.values():"
            )
            types[item] = kind.item  # type: ignore[assignment]
        elif kind.family == "terms":
            types[item] = Structure("term")
        if kind.family == "iterator" and self.chance(0.4):
            other = self.new()
            types[other] = "s"
            header = self.pick(
                f"for {item}, {other} in zip({name}, {name}):",
                f"for {item}, {other} in itertools.pairwise({name}):",
            )
        if len(types) == 2 and len(set(types)) == 1:
            return 1
        total = self.started(name)
        locked |= {total} | types.keys()
        outer = self.scope
        self.line(header)
        self.scope = outer.inner(
            loops=outer.loops + 1, may_continue=True, locked=outer.locked | locked
        )
        self.scope.types.update(types)
        for line in first:
            self.line(line)
        self.block(size - 1)
        value = self.pick(f"np.cos({total})", f"0.5 * {total}")
        self.line(f"{total} = {value} + {self.drawn_from(item, types[item])}")
        inner, self.scope = self.scope, outer
        self.forget_bounds(inner)
        return size

    def started(self, name: str) -> str:
        """A variable that a loop over another one is to sum up in."""
        value, outer = self.leaf(), self.scope.locked
        self.scope.locked |= {name}
        total = self.target("s")
        self.scope.locked = outer
        self.line(f"{total} = {value}")
        return total

    def drawn_from(self, item: str, kind: Type) -> str:
        """A number that the item of a loop gives."""
        if isinstance(kind, Structure):
            return self.of_a_term(item)
        if isinstance(kind, Series):
            return f"sum({item})"
        return self.bent(item) if kind == "s" else f"np.sum({item} * {self.leaf()})"

    def guarded(self, name: str, size: int) -> int:
        """A loop over what mixes objects, numbers, arrays and texts, which asks what each is."""
        total = self.started(name)
        item, outer = self.new(), self.scope
        self.line(f"for {item} in {name}:")
        kinds: list[tuple[str, Type | None]] = [
            (f"isinstance({item}, Term)", Structure("term")),
            (f"isinstance({item}, np.ndarray)", (self.module.sides[0],)),
            (f"isinstance({item}, str)", None),
            (f"{item} is None", None),
        ]
        self.random.shuffle(kinds)
        locked = outer.locked | {name, total, item}
        self.scope = outer.inner(loops=outer.loops + 1, may_continue=True, locked=locked)
        for number, (test, kind) in enumerate([*kinds, ("", "s")]):
            self.line(f"{'elif' if number else 'if'} {test}:" if test else "else:")
            branch, self.scope = self.scope, self.scope.inner()
            if kind is None:
                self.line(
                    self.pick(
                        "continue",
                        f"{total} = {total} + 0.1",
                        f"{total} = 0.5 * {total} * {self.leaf()}",
                    )
                )
            else:
                self.scope.types[item] = kind
                if self.chance(0.2) and size > 1:
                    self.block(1)
                self.line(
                    f"{total} = {self.pick(f'np.cos({total})', f'0.5 * {total}')} + {self.drawn_from(item, kind)}"
                )
            inside, self.scope = self.scope, branch
            self.forget_bounds(inside)
        inner, self.scope = self.scope, outer
        self.forget_bounds(inner)
        return size

    # -- stores into views ----------------------------------------------------------------------------

    def views(self) -> None:
        """Several stores at once into an array, or stores through views of it that overlap."""
        arrays = [
            (name, shape)
            for name, shape in self.arrays()
            if shape and max(shape) > 1 and 0 not in shape
        ]
        if not arrays:
            self.taken()
            return
        name, shape = self.random.choice(arrays)
        lines = self.of_a_vector(name, shape) if len(shape) == 1 else self.of_a_matrix(name, shape)
        same = [other for other, kind in self.arrays() if kind == shape and other != name]
        if same and self.chance(0.4):
            other = self.random.choice(same)
            lines = [
                self.pick(
                    f"{name}[:], {other}[:] = {other} * {self.leaf()}, {name} * 2.0",
                    f"{name}[:], {other}[:] = {other}, {name}",
                    f"{name}[...], {other}[0] = 0.5 * {other}, {name}[0]",
                    f"{name}[0], {other}[0] = {other}[-1], {name}[-1] * {self.leaf()}",
                    f"{name}[:] = {other}[:] = {self.array(shape, 1)}",
                )
            ]
        for line in lines:
            self.line(line)

    def of_a_vector(self, name: str, shape: Shape) -> list[str]:
        operator, factor, n = self.pick("=", "+=", "*=", "-="), self.scalar(1), len(self.lines)
        choices = [
            [f"{name}[1:] {operator} {name}[:-1]"],
            [f"{name}[:-1] {operator} {name}[1:] * {factor}"],
            [f"{name}[::-1] {operator} {name}"],
            [f"{name}[1:], {name}[0] = {name}[:-1], {name}[-1] * {factor}"],
            [f"{name}[0], {name}[1:] = {name}[-1], {name}[:-1] * 1.0"],
            [f"{name}[::-1][:2] {operator} {name}[:2]"],
            [
                f"part{n} = {name}[::2]",
                f"{name} {operator} {factor}",
                f"part{n}[0] = {factor} * part{n}[-1]",
            ],
            [
                f"part{n}, rest{n} = {name}[:1], {name}[1:]",
                f"part{n}[:], rest{n}[:] = rest{n}[:1] * 2.0, {factor} * part{n}",
            ],
            [f"part{n} = {name}.reshape(-1, 1)", f"part{n}[1:] {operator} part{n}[:-1]"],
            [f"first{n}, *rest{n} = {name}", f"{name}[-1] {operator} first{n} * sum(rest{n})"],
        ]
        return self.random.choice(choices)

    def of_a_matrix(self, name: str, shape: Shape) -> list[str]:
        operator, factor, n = self.pick("=", "+=", "*=", "-="), self.scalar(1), len(self.lines)
        choices = [
            [f"{name}[0], {name}[-1] = {name}[-1], {name}[0].copy()"],
            [f"{name}[0], {name}[-1] = {name}[-1], {name}[0]"],
            [f"{name}[[0, -1]] = {name}[[-1, 0]]"],
            [f"{name}[:, 0], {name}[:, -1] = {name}[:, -1] * {factor}, {name}[:, 0] * 1.0"],
            [f"{name}.T[0] {operator} {name}[:, -1]"],
            [f"{name}.T[-1, :] {operator} {factor}"],
            [f"{name}.T[::-1] {operator} {name}.T"],
            [f"{name}.T[1:, 0] {operator} {name}[0, :-1]"],
            [f"{name}[::2].T[0] {operator} {factor} * {name}[::2, -1]"],
            [
                f"part{n} = {name}.T",
                f"part{n}[0], part{n}[-1] = part{n}[-1] * {factor}, part{n}[0] + 0.2",
            ],
            [
                f"part{n} = {name}[:, ::-1]",
                f"{name}[0] {operator} part{n}[-1]",
                f"part{n}[-1, 0] = {factor} * {name}[0, 0]",
            ],
            [
                f"part{n} = {name}.reshape(-1)",
                f"part{n}[::2] {operator} {factor}",
                f"part{n}[1:] += {name}.ravel()[:-1]",
            ],
            [
                f"for row{n} in {name}.T:",
                f"    row{n} {self.pick('*=', '+=')} {factor}",
                f"    row{n}[0] {operator} row{n}[-1]",
            ],
            [f"{name}[1:, 1:] {operator} {name}[:-1, :-1] * {factor}"],
        ]
        if shape[0] == shape[1]:
            choices += [
                [f"{name}[:] = {name}.T"],
                [f"{name}.T[:] {operator} {name} * {factor}"],
                [f"{name}.T[0], {name}[0] = {name}[0], {name}[:, 0] * 1.0"],
            ]
        return self.random.choice(choices)
