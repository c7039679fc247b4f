"""Random statements."""

from __future__ import annotations

import numpy as np

from tests.laws.samples import IDIOMATIC, Box, Callback, Series, Shape, Structure, Type, place
from tests.laws.structures import STRUCTURED, Structures


class Statements(Structures):
    """Draws statements."""

    # -- statements ---------------------------------------------------------------------------

    def statement(self, size: int) -> int:
        """Write one statement; gives back how much of the size it took."""
        choice = self.random.random()
        rare = self.module.more.random()
        if not self.module.is_complex and self.module.idioms.random() < IDIOMATIC:
            self.idiom()
        elif not self.module.is_complex and self.module.structures.random() < STRUCTURED:
            return self.structured(size)
        elif rare < 0.008:
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
        self.line("def odd(n0, w0=0.5):")
        self.line(f"    return np.sin({values[2]}) * w0 if n0 <= 0 else even(n0 - 1) + {values[3]} * w0")
        self.line(f"{self.target('s')} = {self.module.more.choice(('even(3)', 'odd(2)', 'odd(1, w0=0.3)'))}")

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
            self.line(f"{place(name, box, key)} = {self.expression(kind)}")
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
            if n not in scope.locked and not isinstance(t, (Box, Series, Structure, Callback))
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
