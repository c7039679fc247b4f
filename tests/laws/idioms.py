"""Random statements in the idioms of Python: what people write around the numbers of a program.

Each idiom is a few lines of text. `$a`, `$b`, `$c` stand for random numbers of the program around it, `$v` for one of
its vectors, `$q` for the variable that the idiom assigns, `$n` for a number that keeps names apart; of
`<<one ~ other>>` one is taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Template

from tests.laws.expressions import Expressions

DEFINITIONS = {
    "worked": '''def worked(a, n):
    a[0] *= 0.5
    if n == 0:
        return np.sum(a)
    return worked(np.sin(a), n - 1) * a[0] + 0.3 * worked(a[::-1] * a[0], n - 1)''',
    "defaults": "from collections import defaultdict",
    "library": '''import contextlib
import functools
import itertools
import operator
from dataclasses import dataclass''',
    "layers": '''@dataclass
class Layer:
    w: float
    b: float = 0.1

    @property
    def slope(self):
        return self.w * self.w

    @staticmethod
    def bend(v):
        return np.sin(v)

    @classmethod
    def unit(cls, v):
        return cls(v, 0.5 * v)

    def __call__(self, v):
        return self.bend(self.w * v + self.b)

    def __mul__(self, k):
        return type(self)(self.w * k, self.b)

    __rmul__ = __mul__


class Double(Layer):
    def __call__(self, v):
        return super().__call__(v) * self.slope''',
    "kept": '''class Kept:
    rates, count = np.array([1.0, 1.2, 0.8]), 0

    def __init__(self, v):
        type(self).count += 1
        self.v = v''',
    "wrapped": '''def halved(g):
    @functools.wraps(g)
    def wrapper(*values, **options):
        return g(*values, **options) * 0.5 + 0.1

    return wrapper


@halved
def bent(u, v=0.3, *rest, k=1.0, **options):
    return np.sin(u) * v * k + sum(rest) + options.get("z", 0.2)''',
    "cached": '''@functools.lru_cache(maxsize=None)
def binomial(n, k):
    return 1 if k in (0, n) else binomial(n - 1, k - 1) + binomial(n - 1, k)''',
    "globals": 'SCALE = 0.7\nTABLE = {"s": 0.3, "t": np.array([0.2, -0.4])}',
    "kernels": '''def smooth(u, out):
    for i in range(1, len(u) - 1):
        out[i] = 0.5 * np.sin(u[i - 1]) + 0.3 * u[i + 1]


def clear_ends(u):
    u[0], u[-1] = 0.5 * u[0], 0.3''',
    "trees": '''def folded(tree):
    if tree is None:
        return 0.2
    if isinstance(tree, tuple):
        left, right = tree
        return np.cos(folded(left)) * folded(right)
    return np.sin(tree)''',
    "rules": '''from tangent_sct import partials


def cubed(u):
    return u * u * u


@partials(cubed)
def _(y, /, u):
    return 3.0 * u * u''',
}
"""What idioms need beside the function they stand in."""

FUNCTIONS = '''
# needs library
$q = functools.reduce(lambda u0, v0: 0.5 * u0 * np.cos(v0) + <<0.1 ~ $a>>, [$a, $b, $c]<< ~ , 0.3>>)

# needs library
$q = functools.reduce(operator.mul, <<[np.cos($a), $b] ~ map(np.sin, ($a, $b))>>, 1.0)

$q = sum(map(<<np.sin ~ lambda u0: u0 * u0 ~ math.cos>>, [$a, $b]))

$q = sum(map(lambda u0, v0: np.sin(u0) * v0, [$a, $b], (<<0.5 ~ $c>>, 2)))

$q = sum(filter(<<lambda u0: u0 > 0.3 ~ None>>, [$a, 0.7, $b]))

u$n, v$n = map(<<np.cos ~ np.tanh>>, ($a, $b))
$q = u$n * v$n

acts$n = {'s': np.sin, 'c': np.cos}
$q = $a
for k0 in <<acts$n ~ ('c', 's', 's')>>:
    $q = acts$n[k0]($q + <<$b ~ 0.1>>)

def inner$n(u, *rest, w=$a):
    total = u * w
    for item in rest:
        total = total + np.cos(item)
    return total
$q = inner$n(<<$b ~ *[$b, $c] ~ $b, $c, w=0.3>>)

def inner$n(n0, u0=$a):
    return <<$b ~ u0>> if n0 == 0 else np.sin(inner$n(n0 - 1<< ~ , u0 * 0.5>>)) + 0.1 * u0
$q = inner$n(<<2 ~ 3>>)

def made$n(w):
    def inner(v, scale=w):
        return np.sin(v) * scale + w
    return inner
one$n, other$n = made$n($a), made$n(<<$b ~ 0.4>>)
$q = one$n(<<other$n($c) ~ $c>>)

# needs library wrapped
$q = bent(<<$a, $b ~ $a, $b, $c, 0.5, k=$b ~ *[$a, $b], **{'k': $c} ~ $a, z=$b ~ u=$a, k=$b>>)

# needs library cached
$q = sum(binomial(3, k0) * np.cos($a * k0) for k0 in range(4)) + <<$b ~ 0.1>>

# needs worked
$q = worked(<<$v * 1.0 ~ np.cos($v) ~ $v + $a>>, <<1 ~ 2>>)

# needs rules
$q = cubed(0.5 * <<np.sin($a) ~ $a>>) + <<$b ~ cubed(np.cos($b))>>

items$n = [$a]
push$n, more$n = items$n.append, items$n.insert
for v0 in ($b, $c):
    push$n(<<v0 * v0 ~ np.sin(v0) * len(items$n)>>)
    <<more$n(0, v0 * $a) ~ list(map(items$n.append, $v)) ~ [push$n(u0) for u0 in (v0, 2.0)]>>
$q = <<sum(items$n) * items$n[-1] ~ np.sum(np.array(items$n) * items$n[0])>>

$q = next((u0 * $b for u0 in <<($a, $c) ~ $v>> if u0 > <<0.3 ~ 5.0>>), <<$c ~ 0.5>>)

room$n, items$n = np.zeros(3), [$a]
doing$n = {'put': <<items$n.append ~ room$n.fill>>, 'take': items$n.pop}
doing$n['put']($b)
<<doing$n['put']($a) ~ [put0($c) for put0 in [items$n.append, room$n[1:].fill]]>>
$q = doing$n['take']() * $c + np.sum(room$n) + sum(items$n)

room$n, scaled$n = np.zeros(len($v)), <<np.multiply ~ np.add>>
<<done$n = scaled$n($v, $a, out=room$n) ~ scaled$n($v, $a, room$n) ~ scaled$n($v, $a)>>
$q = np.sum(room$n * $v) * $b
'''
OBJECTS = '''
# needs kept
Kept.count = 0
kept$n = Kept($a)
made$n = Kept.count
<<Kept.rates[0] ~ kept$n.rates[0]>> = 1.5
$q = np.sum(Kept.rates) * kept$n.v<< ~ * Kept.rates[0]>>
Kept.rates[:] = [1.0, 1.2, 0.8]
$q = $q * made$n + <<$b * kept$n.rates[1] ~ $b>>

# needs library layers
layer$n = <<Layer ~ Double>>($a<<, $b ~ >>)
$q = layer$n(np.cos($c)) + <<layer$n.slope ~ layer$n.bend($a)>>

# needs library layers
$q = 0.0
for layer$n in <<[Layer($a), Double($b, $c)] ~ (Double($a), Layer($b), Double(0.5))>>:
    w$n = np.sin(layer$n.w) if isinstance(layer$n, <<Double ~ (dict, Double) ~ Layer>>) else $c * layer$n.w
    $q = $q * 0.5 + w$n

# needs library layers
layer$n = <<Layer ~ Double>>.unit(<<$a ~ np.sin($a)>>)
layer$n.b <<+= ~ = 0.3 *>> $b
$q = layer$n($c)

# needs library layers
$q = $c
for layer$n in (Layer($a, $b), <<Layer(0.3) ~ Layer.unit($b) * 0.5>>):
    $q = layer$n($q)

# needs library layers
act$n = <<Double($a, $b).__call__ ~ Layer($b, 0.2)>>
$q = act$n($c)<< ~  * act$n(0.3)>>
'''
DICTS = '''
# needs defaults
sums$n = defaultdict(float)
sums$n[7] += $a
sums$n[<<3 ~ 7>>] += $b
<<key$n = [k0 + 1 for k0 in sums$n][0] ~ key$n, *rest$n = sums$n ~ key$n = sum(k0 * 2 for k0 in sums$n)>>
$q = sums$n[7] * len(sums$n) * np.cos(0.1 * key$n * $c) + sum(sums$n.values())

held$n = {'u': $a, 'v': $b}
held$n.update(<<w=$c ~ {'u': $c}>>)
$q = held$n['u'] * np.cos(sum(<<held$n.values() ~ [held$n[k0] for k0 in held$n] ~ v0 for _, v0 in held$n.items()>>))

held$n = {k0: <<0.5 * v0 ~ np.sin(v0)>> for k0, v0 in {'u': $a, 'v': $b}.items()}
$q = held$n['u'] + held$n.get(<<'z' ~ 'v'>>, <<0.3 ~ $c>>)

held$n = {**{'u': $a, 'v': 0.4}, 'v': $b}
last$n = held$n.pop('v')
$q = last$n * held$n['u'] + len(held$n)

k$n = <<1 ~ 2>>
held$n = {k$n: $a, <<1 ~ 1.0 ~ True ~ k$n * 2>>: $b}
$q = sum(held$n.values()) + len(held$n)

held$n = {'u': $a} | {'v': $b}
del held$n[<<'u' ~ 'v'>>]
$q = sum(held$n.values())<< ~  * $c>>

$q = {'u': $a, 'v': np.cos($b)}[<<'u' ~ 'v'>>]

held$n = {}
for k0, v0 in enumerate([$a, $b, $c]):
    held$n<<[k0 % 2] = v0 * held$n.get(k0 % 2, 1.0) ~ .setdefault(k0 % 2, []).append(np.sin(v0))>>
$q = np.sum(held$n[0]) + np.sum(held$n[1])

# needs defaults
sums$n = defaultdict(<<float ~ lambda: 0.5 ~ lambda: -1.0>>)
<<sums$n["u"] += $a * (sums$n["v"] + 1.0) ~ \
sums$n["u"], sums$n["v"] = sums$n["v"] + $a, sums$n["w"] * $b ~ \
sums$n["u"] -= np.sin(sums$n["v"]) * sums$n["w"] - sums$n["u"]>>
for key$n in "wvx":
    if key$n in sums$n and sums$n[key$n] > <<0.25 ~ -5.25>>:
        sums$n[key$n] *= <<$b ~ sums$n["y"] + $b>>
$q = sum(0.3 * i$n * v$n for i$n, v$n in enumerate(sums$n.values())) + <<len(sums$n) * $c ~ sums$n["z"] ~ 0.0>>

# needs defaults
counts$n = <<defaultdict(int) ~ defaultdict(lambda: 2, u=1)>>
$q = $a * (1 + len(counts$n))
<<counts$n["w"] ~ k$n = counts$n["w"] ~ if $b > 0.2: counts$n["w"] ~ \
for k0 in "uvw": counts$n[k0] += counts$n["w"] ~ $q = $q * (counts$n["w"] + 1)>>
$q = $q + $b * (<<len(counts$n) + counts$n["v"] ~ ("w" in counts$n) + 1 ~ sum(counts$n.values())>>) + len(counts$n)
'''
SEQUENCES = '''
rows$n = [[$a, 0.5], [$b, $c]]
<<[u0.reverse() for u0 in rows$n] ~ any(u0.insert(0, 1) for u0 in rows$n) ~ list(map(lambda u0: u0.pop(), rows$n))>>
$q = rows$n[0][0] * rows$n[1][-1]

rows$n = <<[[$a, 0.5], [$b, $c]] ~ [[u0, $c] for u0 in ($a, $b)]>>
k$n = <<max ~ min>>(range(2), key=lambda i0: rows$n[i0][0])
<<rows$n[0], rows$n[k$n] = rows$n[k$n], rows$n[0] ~ rows$n.insert(0, rows$n.pop(k$n)) ~ rows$n[1] = rows$n[k$n]>>
$q = rows$n[0][0] * <<rows$n[1][1] ~ 3.0>> + rows$n[k$n][1]

costs$n = {"c": $a, "a": $b}
costs$n["b"] = $c
best$n = <<min(costs$n, key=costs$n.get) ~ max(costs$n, key=lambda k0: costs$n[k0])>>
costs$n[best$n] = <<np.sin(costs$n[best$n]) ~ costs$n["b"] ** 2>>
$q = sum(v0 * len(k0) for k0, v0 in sorted(costs$n.items())) * costs$n[best$n]

items$n = [$a, $b]
items$n.extend(<<[$c, 0.3] ~ (np.sin($c),)>>)
first$n, *rest$n = items$n
$q = first$n * sum(rest$n)

items$n = [$a, $b] * 2 + [$c]
items$n[1:3] = [<<$c ~ 0.2>>]
$q = sum(u0 * k0 for k0, u0 in enumerate(items$n, 1))

*rest$n, last$n = <<($a, $b, $c) ~ [$a, $b]>>
$q = np.cos(last$n) * sum(rest$n)

rows$n = [[$a, $b], [$c, 0.4]]
rows$n[0][1] <<*= $c ~ += 0.5>>
$q = sum(<<sum(row) ~ row[0] * row[1]>> for row in rows$n)

rows$n = [($a, 0.3), ($b, $c)]
$q = sum(u0 * v0 for row in rows$n for u0, v0 in [row]) + sum(list(zip(*rows$n))[0])

pair$n = ($a,) + ($b, $c)[<<1: ~ :1>>]
$q = pair$n[0] * pair$n[-1]
pair$n = pair$n[::-1]
$q = $q + pair$n[0] * 0.3

# needs library
$q = 0.3
for k0, u0 in enumerate(itertools.<<chain([$a], [$b, $c]) ~ accumulate([$a, $b]) ~ islice(($a, $b, $c), 1, 3)>>):
    $q = np.cos($q) + u0 * k0

# needs library
$q = sum(u0 * v0 for u0, v0 in itertools.<<pairwise([$a, $b, $c]) ~ permutations($v, 2) ~ pairwise($v)>>)

# needs library
$q = <<0.2 ~ $c>>
for u0, v0 in itertools.<<product([$a, 0.3], $v) ~ combinations($v, 2) ~ zip_longest($v, [$a], fillvalue=$b)>>:
    $q += np.sin(u0 * v0)

$q = max(range(2), key=lambda k0: [$a, $b][k0]) * $c + max([($a, $b), ($b, $c)], key=lambda t0: t0[0])[1]

best$n = <<sorted ~ list>>([($a, 0.3), ($b, $c)])
$q = best$n[0][0] * np.cos(best$n[1][1])

best$n = None
for u0 in [$a, $b, $c]:
    if best$n is None or u0 <<> ~ < >> best$n:
        best$n = u0
$q = np.sin(best$n)
'''
CONTROL = '''
if (u$n := np.sin($a)) > 0.1:
    $q = u$n * $b
else:
    $q = u$n

$q = $a
assert $q is not None, f"""{$q} of {$b:.2f}"""
label$n = f'{$q:.3f}'
seen.append(label$n)

$q = $a
for k0 in range(3):
    $q = np.cos($q) + 0.1 * $b
    if $q > <<0.5 ~ 5.0>>:
        break
else:
    $q = $q * <<$c ~ 0.5>>

$q, k$n = $a, 0
while k$n < 3:
    k$n += 1
    if k$n == <<2 ~ 1>>:
        continue
    $q = np.sin($q) + $b * k$n

$q = 1.0
for _ in range(4):
    $q = 0.5 * ($q + (1.5 + np.sin($a)) / $q)

# needs library
@contextlib.contextmanager
def scope$n(w):
    seen.append('in')
    yield 0.5 * w
    seen.append('out')
with scope$n($a) as u$n:
    $q = np.sin(u$n) * $b

f$n, k$n, w$n = np.sin, False, None
try:
    <<f$n = np.cos ~ k$n = True ~ w$n = $c>>
    if $a > <<-9.0 ~ 0.3 ~ 9.0>>:
        raise ValueError
    <<f$n = np.tanh ~ k$n = True ~ w$n = 0.5 * $c>>
except ValueError:
    <<pass ~ k$n = not k$n ~ f$n = np.arctan ~ w$n = 0.1 if w$n is None else 2.0 * w$n>>
$q = f$n($b) if k$n else 0.3 * ($a if w$n is None else w$n)

# needs globals
$q = SCALE * $a + TABLE['s'] * $b + <<np.sum(TABLE['t'] * $c) ~ TABLE['t'][0]>>

# needs trees
$q = folded(<<(($a, $b), ($c, 0.3)) ~ (($a, None), $b) ~ ($a, ($b, (None, $c)))>>)
'''
ARRAYS = '''
left$n, right$n = np.split($v.copy(), [1])
left$n *= <<$a ~ 0.5>>
$q = np.sum(left$n) * np.sum(np.sin(right$n))

room$n = np.sin($v)
for part$n in np.array_split(room$n, 2):
    part$n <<*= $a ~ += $b ~ [:] = np.cos(part$n)>>
$q = room$n @ room$n

# needs kernels
room$n = np.zeros_like($v)
smooth($v, room$n)
clear_ends(<<room$n ~ room$n[::-1]>>)
$q = np.sum(room$n * $a)

# needs kernels
one$n, other$n = np.sin($v), np.zeros(len($v))
for _ in range(3):
    smooth(one$n, other$n)
    one$n, other$n = other$n, one$n
$q = np.sum(one$n) + 0.3 * np.sum(other$n)

room$n = np.array([0.5, 1.5])
def put$n(k0):
    room$n[k0] = <<0.7 ~ 0.3 * k0>>
    return k0
$q = $a
for k0 in range(2):
    $q = np.cos($q * room$n[k0]) + np.sum(np.sin($q * <<room$n ~ room$n[::-1]>>))
    <<sorted([1, 0], key=put$n) ~ list(map(put$n, [0, 1])) ~ max([0, 1], key=put$n) ~ any(map(put$n, [1]))>>

room$n = np.array([0.5, 1.5])
$q = $a
for k0 in range(2):
    $q = np.cos($q * room$n[k0]) + <<$b ~ $q * $q>>
    <<any(u0.fill(0.3 * k0) for u0 in [room$n[1:]]) ~ [u0.sort() for u0 in [-room$n, room$n[::-1]]]>>

counts$n = np.arange(len($v))
counts$n = counts$n <<* ~ +>> $a
$q = np.sum(counts$n * $v)

room$n = $v.astype(<<float ~ np.float64, copy=False ~ complex>>)
$q = np.sum(np.real(room$n * room$n)) * $a

room$n = np.empty(<<3 ~ (3,), dtype=float>>)
room$n[:] = [$a, <<$b ~ 2>>, $c]
$q = np.sum(room$n * np.arange(3))

room$n = np.sin($v)
where$n = <<range(1) ~ slice(0, 1) ~ [0] ~ (0,) ~ True ~ (None, 0) ~ (range(1),) ~ np.arange(len($v)) < 1>>
part$n = room$n[where$n]
part$n <<*= $a ~ += $b>>
$q = np.sum(room$n) + np.sum(part$n * $c)

room$n = np.diag(np.cos($v))
room$n.diagonal()
room$n[np.diag_indices(len($v))] += $a
$q = np.trace(room$n @ room$n)

count$n = np.zeros(3)
def raised$n(u):
    count$n[0] += 1
    return u * count$n[0]
items$n = [count$n[0] * 2, raised$n(<<1.0 ~ $a>>), (count$n[0] * 3, $b), count$n[0], raised$n(2.0)]
pairs$n = [u0 * v0 for u0, v0 in zip(count$n * 2.0, [raised$n(1.0)] * 3, strict=<<True ~ False>>)]
$q = sum(pairs$n) + items$n[0] * items$n[1] + items$n[2][0] * items$n[3] * $a + items$n[4]

class Step$n:
    def __init__(self, k):
        self.k = k
    def go(self):
        self.k += 1
        return self.k
step$n = Step$n(0)
room$n = np.array([$a, 1.0, 2.0, $b])
room$n[step$n.k : step$n.go() + 1] <<*= ~ += ~ =>> $b
room$n[step$n.go()] <<-= ~ =>> step$n.k * $a
$q = np.sum(room$n[step$n.k - 1 : step$n.go()] * np.array([step$n.k * 0.5, step$n.go() * 0.1]))

room$n = np.outer($v, np.cos($v))
for row$n in room$n:
    row$n <<*= $a ~ -= np.mean(row$n)>>
$q = np.sum(room$n * room$n)

$q = float(np.einsum('i,i->', $v, <<np.sin($v) ~ $v>>)) * $a

$q = np.array($a)
$q = ($q + np.ones(()) * $b)[()]
'''


@dataclass(frozen=True)
class Idiom:
    """Some lines of text, and the names of the definitions that they need."""

    text: str
    needs: tuple[str, ...] = ()


def read(text: str) -> tuple[Idiom, ...]:
    """The idioms of a text: empty lines stand between them, and a comment says what one needs."""
    found = []
    for block in text.strip().split("\n\n"):
        needs = re.match("# needs (.*)\n", block)
        found.append(Idiom(block[needs.end() :] if needs else block, tuple(needs[1].split()) if needs else ()))
    return tuple(found)


IDIOMS = tuple(idiom for text in (FUNCTIONS, OBJECTS, DICTS, SEQUENCES, CONTROL, ARRAYS) for idiom in read(text))


class Idioms(Expressions):
    """Draws idioms."""

    def idiom(self) -> None:
        """One of the idioms, with numbers of the program."""
        rng = self.module.idioms
        idiom = rng.choice(IDIOMS)
        for name in idiom.needs:
            self.module.definitions.setdefault(name, DEFINITIONS[name])
        text = re.sub(r"<<(.*?)>>", lambda found: rng.choice(found[1].split(" ~ ")), idiom.text, flags=re.DOTALL)
        number = str(len(self.lines))
        parts = {name: self.scalar(1) for name in "abc"}
        if "$v" in text:
            vectors = [name for name, shape in self.arrays() if len(shape) == 1 and shape[0] > 1]
            if vectors:
                parts["v"] = rng.choice(vectors)
            else:
                parts["v"] = f"vector{number}"
                self.line(Template("vector$n = np.array([$a, $b, $c])").substitute(parts, n=number))
        for line in Template(text).substitute(parts, q=f"q{number}", n=number).splitlines():
            self.line(line)
        self.line(f"{self.target('s')} = q{number}")
