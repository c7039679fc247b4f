"""Constructs whose parts are calls that count, for the law that each runs once, in Python's order.

Every part of a construct changes an array without a derivative that the next ones read. So a part that runs twice,
too early or too late gives another number.
"""

from __future__ import annotations

import random
import re

HEAD = """
import functools
import math
import operator
from collections import defaultdict, deque, namedtuple
from dataclasses import dataclass

import numpy as np

Pair = namedtuple("Pair", "a b")


@dataclass
class Box:
    a: object
    b: object = 1.0

    def mix(self, u, v=1.0, *rest, **named):
        return self.a * u + self.b * v + sum(rest) + sum(named.values())

    def __getitem__(self, k):
        return self.a * k


def tick(t, k):
    t[0] = t[0] * 1.37 + k
    return t[0] * 0.1


def scaled(x, t, k):
    t[0] = t[0] * 1.37 + k
    return x[k % 4] * t[0] * 0.1


def place(t, k):
    t[0] = t[0] * 1.37 + k
    return k % 3


def two(u, v, w=2.0, *, z=1.0):
    return u * 0.5 + v * w - z


def many(*rest, **named):
    return sum(rest) * 0.3 + sum(named.values())


def f(x, t):
    y, z, m = x * 2.0, x + 1.0, np.outer(x, x)
    l0 = [x[0], x[1], x[2], x[3]]
    r = 0.0
"""

LAST = "    return r * t[0] + np.sum(y * z) + np.sum(m) + sum(l0)\n"

CONSTRUCTS = r"""
r = $N * $N + $N

r = two($N, $N, $N)

r = two($N, w=$N, v=$N)

r = two($N, $N, z=$N, w=$N)

r = two(*($N, $N), $N)

r = two($N, *[$N, $N], z=$N)

r = many($N, *($N, $N), a=$N, **dict(b=$N, c=$N))

r = many(*[$N], *($N,), **{"a": $N}, **{"b": $N})

r = [$N, $N, $N]
r = r[0] * r[1] - r[2]

r = ($N, ($N, $N), [$N])
r = r[0] * r[1][0] - r[1][1] * r[3 - 1][0]

r = {"a": $N, "b": $N, "c": ($N, $N)}
r = r["a"] * r["b"] - r["c"][0] * r["c"][1]

r = {place(t, 1): $N, 5 + place(t, 2): $N}
r = sum(r.values())

r = dict(a=$N, b=$N)
r = r["a"] - r["b"] * 2

r = [$N, *[$N, $N], $N]
r = r[0] * r[1] - r[2] * r[3]

r = {**dict(a=$N), "b": $N, **{"c": $N}}
r = r["a"] - r["b"] * r["c"]

r = y[$I] * y[$I] + $N

r = y[$I:$I + 2].sum() * $N

r = m[$I, $I] * $N + m[$I, $I:].sum()

r = m[$I][$I] - $N

y[$I] = $N
r = y.sum()

y[$I] += $N
r = y.sum()

y[$I:$I + 2] = $N
r = np.sum(y * x)

y[$I:$I + 2] *= $N
r = np.sum(y * x)

m[$I, $I] = $N
r = np.sum(m * m)

m[$I, $I] -= $N * $N
r = np.sum(m * m)

m[$I][$I] = $N
r = np.sum(m * m)

m[$I][$I:] *= $N
r = np.sum(m * m)

y[$I], y[$I] = $N, $N
r = np.sum(y * x)

y[$I], q = $N, $N
r = np.sum(y * x) * q

q, y[$I] = $N, $N
r = np.sum(y * x) * q

a, *b = $N, $N, $N
r = a * b[0] - b[1]

a, (b, c) = $N, ($N, $N)
r = a * b - c

a = b = $N
r = a * b

a = y[$I] = $N
r = a * y.sum()

l = [$N, $N]
l[place(t, 4) % 2] = $N
r = l[0] * l[1]

l = [$N, $N]
l[place(t, 4) % 2] += $N
r = l[0] * l[1]

l = [$N]
l.append($N)
l.insert(0, $N)
r = l[0] * l[1] - l[2]

l = [$N]
l += [$N, $N]
r = l[0] * l[1] - l[2]

l = [$N, $N, $N]
r = l.pop(place(t, 2) % 2) * $N - l.pop()

d = {}
d["a"] = $N
d["b"] = d["a"] * $N
r = d["a"] - d["b"]

d = {"a": $N}
d["a"] += $N
r = d.get("a", $N) * d.get("z", $N)

d = {"a": $N}
d.update(b=$N, a=$N)
r = d["a"] * d["b"]

d = {"a": $N}
r = d.setdefault("a", $N) * d.setdefault("b", $N)

d = {"a": $N}
r = d.pop("a", $N) * d.pop("a", $N)

d = defaultdict(float)
d[place(t, 1)] += $N
d[place(t, 2)] += $N
r = sum(d.values())

p = Pair($N, $N)
r = p.a - p.b * 2

p = Pair(b=$N, a=$N)
r = p.a - p.b * 2

p = Box($N, $N)
r = p.a - p.b * 2

p = Box(b=$N, a=$N)
r = p.a - p.b * 2

p = Box($N)
p.b = $N
p.a *= $N
r = p.a - p.b

p = Box($N, $N)
r = p.mix($N, $N, $N, k=$N)

p = Box($N, $N)
p.a, p.b = $N, $N
r = p.a - 2 * p.b

r = Box($N, $N).mix($N, v=$N)

r = Box($N)[$I] + $N

r = $N if $N > 0.4 else $N

r = ($N if $N > 0.4 else $N) * $N

r = $N * ($N if x[0] > 0.4 else $N)

r = 1.0 if $N < $N < $N else 2.0
r = r * $N

r = $N or $N

r = $N and $N

r = ($N > 0.3 and $N > 0.2) * $N + $N

r = not $N > 0.3
r = r * $N + $N

r = (lambda u, v: u * v)($N, $N)

r = (lambda u, v=$N: u * v)($N)

r = max($N, $N) * $N

r = max([$N, $N]) - $N

r = sum([$N, $N], $N)

r = sum(($N, $N), start=$N)

r = math.prod([$N, $N], start=$N)

r = functools.reduce(operator.mul, [$N, $N], $N)

r = functools.reduce(lambda u, v: u * v + $N, [$N, $N], $N)

r = sum(u * v for u, v in zip([$N, $N], [$N, $N]))

r = sum(u * v for u, v in zip([$N, $N], [$N, $N], strict=True))

r = sum(i * v for i, v in enumerate([$N, $N], place(t, 2)))

r = sum(u * $N for u in [$N, $N])

r = sum(u * v for u in [$N, $N] for v in [$N, u])

r = sum([u * $N for u in [$N, $N] if $N > 0.1])

r = {k: $N for k in range(1 + place(t, 1))}
r = sum(r.values())

r = sum(map(lambda u: u * $N, [$N, $N]))

r = sum(map(two, [$N, $N], [$N, $N]))

r = sum(filter(lambda u: u > $N, [$N, $N, 9.0 * x[0]]))

r = sum(sorted([$N, $N], key=lambda u: u * tick(t, 3))) * $N

r = np.where($N > 0.3, $N, $N)

r = np.array([$N, $N, $N]) @ np.array([$N, $N, $N])

r = np.sum(np.stack([x * $N, x * $N])) * $N

r = np.sum(np.concatenate([x * $N, y[$I:]])) * $N

r = np.dot(x * $N, y * $N)

r = np.linspace($N, $N, 2 + place(t, 2)).sum()

r = np.full(1 + place(t, 1), $N).sum() * $N

r = np.clip($N, $N, 2.0 + $N)

r = np.sum(np.add(x, $N, out=y)) * $N

r = (x * $N).reshape(2, 2)[$I % 2].sum() * $N

r = x.sum() * $N + np.roll(y, place(t, 1))[$I]

np.add.at(y, [place(t, 1), place(t, 2)], $N)
r = np.sum(y * x)

np.put(y, [place(t, 1)], [$N])
r = np.sum(y * x)

y.fill($N)
r = y.sum() * $N

for i in range(1 + place(t, 1)): y[i] += $N

for v in [$N, $N]: y[0] += v * $N

for i, v in enumerate([$N, $N], place(t, 1)): y[i] += v * $N

for u, v in zip([$N, $N], (w * 2 for w in [$N, $N])): y[1] += v * $N - u

while (k := tick(t, 1)) < 1.0: y[0] += k * $N

while tick(t, 1) < 3.0: y[0] += $N

while scaled(x, t, 1) < 3.0: y[0] += $N

if $N > 0.4: y[0] += $N

if (q := $N) > 0.4 and (w := $N) > 0.1: y[0] += q * w

assert $N < 100, $N

s = f"{tick(t, 1):.3f}{tick(t, 2)!r:>4}"
r = len(s) * $N

del l0[place(t, 1)]
r = l0[0] * $N

l0[place(t, 1):] = [$N, $N]
r = sum(l0)

r = l0[place(t, 1):][0] * $N - l0[-1]

r = y[[place(t, 1), place(t, 2)]].sum() * $N

y[[place(t, 1), 3]] = [$N, $N]
r = np.sum(y * x)

y[y > $N] *= $N
r = np.sum(y * x)

r = (y if $N > 0.4 else x)[$I] * $N

(y if $N > 0.4 else z)[$I] = $N

(y if $N > 0.4 else z)[$I] += $N

r = [two, many][place(t, 1) % 2]($N, $N)

r = functools.partial(two, $N, w=$N)($N, z=$N)

q = deque([$N, $N])
q.appendleft($N)
r = q[0] * q[-1]

r = (u := $N) * u + $N * u

r = -$N ** 2 + $N // 0.7 + $N % 0.9

r = abs($N - $N) + divmod($N, 0.3)[1]

r = $N * x @ y * $N

r = (x * $N)[$I:].sum() - $N

match ($N, place(t, 1)):
    case (a, 0): y[0] += a * $N
    case (a, b): y[1] += a * $N + b

try:
    y[$I] += $N; y[7] = $N
except IndexError: y[0] += $N
finally: y[1] -= $N

with np.errstate(all="ignore"): y[$I] = $N

both = ($N, [$N])
r = both[0] * both[1][0]

r = max(($N, 1), ($N, 2), key=lambda p: p[0] * tick(t, 1))[0]

r = [[$N for _ in range(2)] for _ in range(2)]
r = r[0][0] * r[1][1] - r[0][1]

r = np.sum([[$N, $N], [$N, $N]])

def inner(a, b=$N, *, c=$N):
    return a * b + c * $N
r = inner($N) + inner($N, $N) + inner($N, c=$N)

def gen():
    yield $N
    yield $N * x[1]
r = sum(v * $N for v in gen())

held = [0.0]
held[0] += $N
r = held[0] * $N

r = (x[0] if $N > 0.3 else $N, $N)
r = r[0] * r[1]

r = $N
r += $N * r
r *= $N + r

r = x * $N
r += y * $N
r[place(t, 1)] -= $N
r = np.sum(r * r)
""".strip().split("\n\n")
"""Numbers stand for `$N`, indices for `$I`."""

MODES = ("active", "inactive", "mixed", "reading")
"""Numbers that vary, that do not, both, and such as only read what the calls between them change."""


INNER = [
    text[4:] for text in CONSTRUCTS
    if "\n" not in text and text.startswith("r = ") and "0.9" not in text and ":=" not in text
]  # fmt: skip
"""Expressions that stand for numbers of other constructs; none that jumps, or that may not stand everywhere."""


def program(construct: str, mode: str, seed: int) -> str:
    """The text of a function `f(x, t)` with one construct."""
    return _Drawn(mode, seed).function([construct], 0)


def nested(seed: int) -> str:
    """The text of a function with one or two constructs that have others for their numbers."""
    drawn = _Drawn("reading", seed)
    smooth = [text for text in CONSTRUCTS if "0.9" not in text]
    return drawn.function(drawn.random.choices(smooth, k=drawn.random.choice([1, 2])), 2)


class _Drawn:
    """What stands for the numbers and indices of a program, drawn."""

    def __init__(self, mode: str, seed: int) -> None:
        self.mode = mode
        self.random = random.Random(seed)
        self.place = 0

    def function(self, constructs: list[str], depth: int) -> str:
        lines = [line for text in constructs for line in self.filled(text, depth).split("\n")]
        return HEAD + "".join(f"    {line}\n" for line in lines) + LAST

    def filled(self, text: str, depth: int) -> str:
        text = re.sub(r"\$N", lambda _: self.number(depth), text)
        return re.sub(r"\$I", lambda _: f"place(t, {self.next()})", text)

    def number(self, depth: int) -> str:
        if depth and self.random.random() < 0.35:
            return f"({self.filled(self.random.choice(INNER), depth - 1)})"
        k = self.next()
        calls = {"active": f"scaled(x, t, {k})", "inactive": f"tick(t, {k})"}
        if self.mode in calls:
            return calls[self.mode]
        reads = ["t[0]", "t[1] * t[0]", "t[0] * x[1]", "y[0]"] if self.mode == "reading" else []
        return self.random.choice([*calls.values(), *reads])

    def next(self) -> int:
        self.place += 1
        return self.place
