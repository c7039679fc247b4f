"""Random branches and loops."""

from __future__ import annotations

from tests.laws.frame import Scope
from tests.laws.samples import BOUNDED, LIMITS, MARKED, Type
from tests.laws.statements import Statements


class Function(Statements):
    """Draws the body of one function."""

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

    def forget_bounds(self, *inner: Scope) -> None:
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
        if self.module.more.random() < 0.3:
            self.line(f"for {self.new()} in range(2):")
            outside, self.scope = self.scope, self.scope.inner(loops=self.scope.loops + 1)
            self.block(1)
            self.raise_(kinds)
            inside, self.scope = self.scope, outside
            self.forget_bounds(inside)
        else:
            self.raise_(kinds)
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
            self.scope = Scope(dict(normal.types), outer.depth, **{
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

    def raise_(self, kinds: list[str]) -> None:
        """An exception of some kinds, under a condition."""
        self.line(f"if {self.condition()}:")
        self.line(f"    raise {self.random.choice(kinds)}({self.leaf()})")

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
        self.scope = Scope(dict(self.scope.types), self.scope.depth - 1, **{
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
        if self.module.marks.random() < 0.05:
            kind = self.module.any_type(boxes=False)
            if isinstance(kind, tuple):
                items = f"[{', '.join(self.operand(kind) for _ in range(self.random.randint(1, 3)))}]"
                if self.chance(0.3):
                    return f"{i}, {item} in enumerate({items})", {i: ("i", 3), item: (kind, None)}, True
                return f"{item} in {items}", {item: (kind, None)}, True
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
