"""The user's page on the language: every program on it is run, and the page is made from them.

`python -m tests.test_language` writes `docs/language.md` anew.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tangent_sct import grad
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.core.names import Names
from tangent_sct.frontend.active import active_names
from tangent_sct.frontend.checkpoints import with_checkpoints
from tangent_sct.frontend.desugar import desugar
from tangent_sct.frontend.insertions import with_insertions
from tangent_sct.frontend.subset import REFUSED, Refusal, check
from tangent_sct.testing import check_derivative
from tests.frontend.desugaring import is_pure, is_zero, source_and_tree
from tests.laws.samples import load

PAGE = Path(__file__).parent.parent / "docs" / "language.md"
X = np.array([0.7, -0.4, 1.3])

WORKS: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("in-place writes, through any view or alias", """
        def f(x):
            y = x * 2.0
            v = y[1:]
            v[0] = x[0] * x[1]
            v += 1.0
            return np.sum(y * y)""", (X,)),
    ("calls that write into arrays, and results put into one", """
        def f(x):
            y = x * 2.0
            np.multiply(x[1:], x[:-1], out=y[1:])
            np.divide(1.0, x, out=y, where=x > 1.0)
            np.copyto(y[:2], x[0])
            y.sort()
            np.add.at(y, [0, 1, 0], x)
            left, right = np.split(y, [1])
            right *= left
            return np.sum(y * y)""", (X,)),
    ("lists that grow, and comprehensions", """
        def f(x):
            parts = []
            for v in x:
                parts.append(v * v)
            return np.sum(np.array(parts))""", (X,)),
    ("the first item of a generator", """
        def f(x):
            first = next(v * v for v in x if v > 0.0)
            return first * next((v for v in x if v > 5.0), 2.0)""", (X,)),
    ("methods of lists, dicts and arrays as functions", """
        def f(x):
            parts = []
            push = parts.append
            for v in x:
                push(v * v)
            doing = {"put": parts.append, "take": parts.pop}
            doing["put"](x[0])
            return doing["take"]() * sum(parts)""", (X,)),
    ("items of a list or a dict that are replaced", """
        def f(x):
            parts = [x * x, x]
            parts[0] = parts[0] * x
            return parts[0] + parts[1]""", (0.7,)),
    ("complex numbers, as arguments and in between", """
        def f(x, z):
            w = np.exp(1j * x) * z
            return abs(w - x) ** 2 + w.imag""", (0.7, 1.2 - 0.4j)),
    ("methods and operators of lists and dicts", """
        def f(x, names):
            parts = [v * v for v in x]
            parts.sort(reverse=True)
            parts.insert(1, x[0] * parts.pop())
            del parts[-1]
            parts[:1] = [x[1], *parts, 2.0]
            totals = {}
            for name, v in sorted(zip(names, parts)):
                totals[name] = totals.get(name, 0.0) + v
            totals = {**totals, "c": x[2]}
            totals.update(d=x[1])
            largest = max(list(totals.values()), key=lambda v: v)
            return largest * totals.pop("a") + totals.setdefault("b", x[0])""", (X, ["b", "a", "b", "a", "b"])),
    ("copies, shallow and deep", """
        import copy

        def f(x):
            state = {"x": x * x, "steps": [x[0]]}
            best = copy.deepcopy(state)
            for _ in range(3):
                state["x"] *= x
                state["steps"].append(np.sum(state["x"]))
                if state["steps"][-1] < 2.0:
                    best = copy.deepcopy(state)
            return np.sum(best["x"] * copy.copy(x)) + best["steps"][-1]""", (X,)),
    ("deques, dicts with defaults, counters", """
        from collections import Counter, OrderedDict, defaultdict, deque

        def f(x):
            recent, sums, counts = deque(maxlen=2), defaultdict(float), Counter()
            for i, v in enumerate(x):
                recent.append(v * v)
                sums[i % 2] += sum(recent)
                counts["all"] += v
            latest = OrderedDict(first=recent.popleft(), second=recent[0])
            latest.move_to_end("first")
            return sums[0] * sums[1] * counts["all"] + latest["first"] * latest["second"]""", (X,)),
    ("texts, which are printed, logged, raised, compared and used as keys", """
        def f(x):
            seen = {}
            for i, v in enumerate(x):
                seen[f"x{i}"] = v * v
                message = f"{i}: {v:.3f}"
                if len(message) > 99:
                    raise ValueError("%s is too long" % message)
            print(message)
            return seen["x0"] * seen["x2"] if message != "none" else 0.0""", (X,)),
    ("values that are None at first", """
        def f(x):
            best = None
            for v in x:
                if best is None or v > best[0]:
                    best = (v, v * x)
            return best[0] * np.sum(best[1])""", (X,)),
    ("augmented assignment", """
        def f(x, n):
            y = x[0]
            for i in range(n):
                y *= x[i]
                x[i] -= y
            return y + np.sum(x)""", (X, 3)),
    ("unpacking, stars, swaps, several targets", """
        def f(x):
            a, *rest = x[0], x[1], x[2]
            b, c = rest
            b, c = c, b
            d = e = a * c
            return d * e - b""", (X,)),
    ("conditions, chained comparisons, conditional expressions", """
        def f(x):
            y = x * x if -1.0 < x < 2.0 else x
            return y if y > 0.1 and x != 0.0 else -y""", (0.7,)),
    ("`and`, `or` as values", """
        def f(x):
            y = x and x * 3.0
            return (x > 9.0 or y) * x""", (0.7,)),
    ("assignment expressions", """
        def f(x):
            while (x := x * x + 0.5) < 2.0:
                pass
            return x""", (0.7,)),
    ("loops with `break`, `continue`, `else`, early `return`", """
        def f(x):
            total = 0.0
            for i, v in enumerate(x):
                if v < 0.0:
                    continue
                if v > 5.0:
                    return total
                total += v * v
                if total > 9.0:
                    break
            else:
                total *= 2.0
            return total""", (X,)),
    ("loops over arrays, `zip`, `reversed`, lists, `while`", """
        def f(x, y):
            total = 0.0
            for a, b in zip(x, reversed(y)):
                total += a * b
            while total < 3.0:
                total = total * 2.0 + 1.0
            return total""", (X, X + 1.0)),
    ("comprehensions, and generators that are used up at once", """
        def f(x):
            return sum([v * v for v in x if v > 0.0]) * sum(v * 2.0 for v in x)""", (X,)),
    ("tuples, lists and dicts, also as arguments and results", """
        def f(p):
            a, b = p["scale"], p["shift"]
            parts = [a * b, a + b]
            return parts[0] * parts[1]""", ({"scale": 0.7, "shift": 1.2},)),
    ("generators that a loop runs through, also endless ones, or that are used up at once", """
        import itertools

        def newton(x):
            y = x
            while True:
                y = y - (y * y - 2.0) / (2.0 * y)
                yield y

        def powers(x, n):
            for k in range(n):
                yield x**k

        def f(x):
            for step, y in enumerate(newton(x)):
                if step > 3:
                    break
            for k in itertools.count(1):
                y *= x
                if k > 2:
                    return y + sum(powers(x, 4)) * max([v * y for v in powers(x, 2)])""", (0.7,)),
    ("`itertools`, and `zip(*rows)`", """
        import itertools

        def f(x, m):
            total = sum((b - a) ** 2 for a, b in itertools.pairwise(x))
            for (i, p), (j, q) in itertools.combinations(enumerate(x), 2):
                total += m[i] * m[j] / (1.0 + (p - q) ** 2)
            low, high = zip(*[(v, v * v) for v in itertools.chain(x, m[:1])])
            return total + low[0] * sum(high)""", (X, X + 1.0)),
    ("Queues by `heapq`, groups by `itertools.groupby`, places by `bisect`, `dict.fromkeys`", """
        import bisect
        import heapq
        import itertools

        def f(x):
            queue = [(v * v, i) for i, v in enumerate(x)]
            heapq.heapify(queue)
            cost, i = heapq.heappop(queue)
            heapq.heappush(queue, (cost + x[i], i))
            rates = dict.fromkeys(("low", "high"), cost)
            for k, group in itertools.groupby(range(len(x)), key=lambda i: bisect.bisect((1, 5), i)):
                cost += (k + 1) * sum(x[i] ** 2 for i in group)
            return cost * rates["low"] + heapq.heappop(queue)[0]""", (X,)),
    ("`match`, with patterns that take tuples, lists, dicts and objects apart", """
        def applied(step, total):
            match step:
                case ("scale", v, by) if by > 1.0:
                    return total * v * by
                case ["shift", *rest]:
                    return total + rest[0]
                case {"by": float(v)}:
                    return total * v

        def f(x):
            total = applied(("scale", x, 2.0), x)
            total = applied(["shift", x * x], total)
            return applied({"by": x}, total)""", (0.7,)),
    ("`match` on what is not differentiated, of any class", """
        def f(x, words):
            for word in words:
                match word:
                    case ["scale", by] if by > 1:
                        x = x * by
                    case {"power": n, **rest}:
                        x = x ** n
                    case range() | str():
                        x = x + len(word)
            return x""", (0.7, [["scale", 3], {"power": 2, "with": 1}, range(3), "by", 5])),
    ("methods and attributes of arrays", """
        def f(x):
            y = x.reshape(1, -1)
            return (y.T @ y).sum() + y.max(axis=1)[0] * x.size""", (X,)),
    ("calls of your own functions, also recursive ones", """
        def power(x, n):
            return x if n == 1 else x * power(x, n - 1)

        def scaled(x, *, by=2.0):
            return by * x

        def f(x):
            return power(scaled(x, by=3.0), 3)""", (0.7,)),
    ("recursive functions that are defined inside, that call one another, that are handed functions", """
        def area(g, a, b, depth):
            m = (a + b) / 2
            if depth == 0:
                return g(m) * (b - a)
            return area(g, a, m, depth - 1) + area(g, m, b, depth - 1)

        def f(x):
            def even(n):
                return x if n == 0 else x * odd(n - 1)

            def odd(n):
                return np.sin(x) if n == 0 else even(n - 1) + 1.0

            return even(3) * area(lambda v: np.exp(-x * v), 0.0, x, 3)""", (0.7,)),
    ("arguments that are spread, where the function tells how many there are, or collects them", """
        def energy(x, stiffness, rest=0.0):
            return 0.5 * stiffness * (x - rest) ** 2

        def weighted(first, *others, by=1.0):
            return first * sum(others) * by

        def f(x, args, options):
            more = dict(stiffness=x, rest=x * x)
            total = energy(x, *args) + np.hypot(*args) + energy(x, **options) * energy(2.0, **more)
            return total * weighted(*args, *more.values(), 2.0, by=x)""",
     (0.7, (2.0, 0.3), {"stiffness": 1.5})),
    ("functions defined inside, with what they capture, also by `nonlocal`", """
        def scaled_by(k):
            return lambda v: k * v

        def f(x):
            total = 0.0

            def add(v, power=2):
                nonlocal total
                total += x * v**power

            for i in range(3):
                add(i)
            return scaled_by(x)(total)""", (0.7,)),
    ("functions that a loop makes and collects, each with what it captured: a tape written by hand", """
        def f(x):
            tape = []

            def sin(v):
                tape.append(lambda g: g * np.cos(v))
                return np.sin(v)

            def scaled(v, k):
                tape.append(lambda g, k=k * x: g * k)
                return v * k * x

            y = x
            for k in range(1, 4):
                y = scaled(sin(y), k)
            g = 1.0
            for back in reversed(tape):
                g = back(g)
            return g * y""", (0.7,)),
    ("iterators in variables, advanced by `next`", """
        def f(x):
            it = iter(x)
            y = next(it)
            for v in it:
                y = y * v + next(it, 1.0)
            return y""", (X,)),
    ("functions as arguments, in lists, chosen while the program runs", """
        from functools import partial, reduce

        def twice(step, v):
            return step(step(v))

        def f(x, last):
            step = np.sin if x > 0.5 else np.cos
            y = twice(step, x) * twice(partial(np.multiply, x), 2.0)
            for step in [np.tanh, lambda v: v * x, last]:
                y = step(y)
            return reduce(lambda a, b: a * b, map(lambda v: v + y, [1.0, x]))""", (0.7, np.arctan)),
    ("objects: attributes, methods, properties", """
        class Spring:
            def __init__(self, stiffness, ends):
                self.stiffness, self.ends = stiffness, ends

            @property
            def length(self):
                return self.ends[1] - self.ends[0]

            def energy(self, rest):
                return 0.5 * self.stiffness * (self.length - rest) ** 2

        def f(rest, spring):
            energy = spring.energy
            spring.ends[0] += rest
            spring.stiffness = spring.stiffness * rest
            return energy(rest) + sum(map(spring.energy, [0.0, rest]))

        spring = Spring(2.0, np.array([0.0, 1.5]))""", (0.7, "spring")),
    ("named tuples, made, replaced and taken apart", """
        from typing import NamedTuple

        class State(NamedTuple):
            place: float
            speed: float = 1.0

            def moved(self, dt):
                return self._replace(place=self.place + dt * self.speed)

        def f(x, start):
            s = State(x, speed=start.speed)
            for _ in range(3):
                s = s.moved(0.1)
            place, speed = s
            return place * speed * start.place

        start = State(2.0)""", (0.7, "start")),
    ("objects of classes of which you say how they are taken apart and put together", """
        import tangent_sct

        class Layer:
            def __init__(self, w, model):
                self.w, self.model = w, model
                model["layers"] = self

            def apply(self, x):
                return self.w * x

        tangent_sct.register_container(
            Layer,
            take_apart=lambda layer: {"w": layer.w},
            put_together=lambda layer, parts: Layer(parts["w"], {}),
        )

        def f(x, layers):
            for layer in layers:
                x = layer.apply(x) * layer.w
            return x

        layers = [Layer(2.0, {}), Layer(0.5, {})]""", (0.7, "layers")),
    ("objects that the function makes, with operators, in lists", """
        class Vector:
            def __init__(self, x, y=1.0):
                self.x, self.y = x, y

            def __add__(self, other):
                return Vector(self.x + other.x, self.y + other.y)

            def __mul__(self, k):
                return Vector(self.x * k, self.y * k)

        class Ball:
            def __init__(self, place, speed):
                self.place, self.speed = place, speed

            def move(self, dt):
                self.place = self.place + self.speed * dt

        def f(x):
            ball = Ball(Vector(x), Vector(0.5, y=x))
            for _ in range(3):
                ball.move(0.1)
            corners = [Vector(x * i) for i in range(3)]
            return ball.place.x * ball.place.y + sum(c.x * c.y for c in corners)""", (0.7,)),
    ("objects with items of their own, that are run through, and that manage a block", """
        class Table:
            def __init__(self, values):
                self.values = values

            def __getitem__(self, k):
                return self.values[k]

            def __setitem__(self, k, v):
                self.values[k] = v

            def __iter__(self):
                return iter(self.values)

            def __enter__(self):
                self.values[0] = self.values[0] * 0.5
                return self

            def __exit__(self, *error):
                self.values[0] = self.values[0] * 2.0

        def f(x):
            t = Table([x[0], x[1] ** 2])
            t[1] += x[2]
            with t as inside:
                total = sum(inside) * inside[0]
            for v in t:
                total += v * v
            a, b = t
            return total * a * b""", (X,)),
    ("attributes by names that are literals", """
        class Layer:
            def __init__(self, **given):
                for name, value in given.items():
                    setattr(self, name, value)

            def norm(self):
                return sum(getattr(self, name) ** 2 for name in ("w", "b"))

        def f(x):
            return Layer(w=x[0], b=x[1]).norm() * x[2]""", (X,)),
    ("`max`, `min`, `sorted` and `sort` of objects", """
        class Body:
            def __init__(self, mass, speed):
                self.mass, self.speed = mass, speed

        def f(x):
            bodies = [Body(x[0], x[1]), Body(x[1], x[2]), Body(x[2], x[0])]
            bodies.sort(key=lambda b: b.speed)
            heavy = max(bodies, key=lambda b: b.mass)
            return heavy.speed * bodies[0].mass + heavy.mass ** 2""", (X,)),
    ("elements of arrays by their positions", """
        def f(x):
            a = x * 2.0
            a.flat[::2] *= x[0]
            for (i,), v in np.ndenumerate(x):
                a[i] += i * v * v
            return sum(v ** 2 for v in a.flat)""", (X,)),
    ("functions that call themselves and write into arrays", """
        def sort(a, low, high):
            if low < high:
                i = low - 1
                for j in range(low, high + 1):
                    if a[j] <= a[high]:
                        i += 1
                        a[i], a[j] = a[j], a[i]
                sort(a, low, i - 1)
                sort(a, i + 1, high)

        def f(x):
            a = x * 1.0
            sort(a, 0, len(a) - 1)
            return np.sum(a**2 * np.arange(3))""", (X,)),
    ("members of enumerations, which count by value", """
        from enum import Enum

        class Law(Enum):
            LINEAR = 1
            SQUARE = 2

        def f(x, law=Law.SQUARE):
            return 3.0 * x if law is Law.LINEAR else x * x""", (0.7,)),
    ("objects of several classes, or None at first", """
        class Square:
            def __init__(self, side):
                self.side = side

            def area(self):
                return self.side * self.side

        class Disc:
            def __init__(self, radius):
                self.radius = radius

            def area(self):
                return np.pi * self.radius**2

        def f(x):
            largest = None
            for v in x:
                s = Square(v * v)
                if largest is None or s.side > largest.side:
                    largest = s
            shapes = [largest, Disc(x[0]), Square(x[1])]
            return sum(s.area() for s in shapes)""", (X,)),
    ("`with` around differentiated code", """
        def f(x):
            with np.errstate(divide="ignore"):
                y = np.log(x * x)
            return np.sum(y)""", (X,)),
    ("`with` over generators that manage the block, also such that are methods", """
        from contextlib import contextmanager

        @contextmanager
        def scaled(buf, k):
            buf *= k
            try:
                yield np.sum(buf)
            finally:
                buf /= k

        class Meter:
            def __init__(self, unit):
                self.unit = unit

            @contextmanager
            def finer(self, by):
                self.unit = self.unit / by
                yield self.unit
                self.unit = self.unit * by

        def f(x):
            meter, buf = Meter(x[0]), x[1:] * 2.0
            with scaled(buf, x[2]) as total, meter.finer(total) as unit:
                if total > 1.0:
                    return unit * np.sum(buf * buf) * meter.unit
            return np.sum(buf) * meter.unit""", (X,)),
    ("code that goes into the reverse sweep, where it works on an adjoint", """
        from tangent_sct import insert_grad_of

        seen = []

        def f(x):
            y = x * x
            with insert_grad_of(y) as y_bar:
                y_bar = np.clip(y_bar, -1e3, 1e3)
                seen.append(y_bar)
            return np.sum(np.sin(y))""", (X,)),
    ("values that are put into a list outside the function, which it does not read", """
        history = []

        def f(x):
            for _ in range(3):
                x = np.sin(x)
                history.append(np.sum(x))
            return np.sum(x)""", (X,)),
    ("functions that nobody looks into, differentiated by differences", """
        import tangent_sct

        @tangent_sct.numerical
        def measured(v: float, scale: float) -> float:
            return float(v) ** 3 * scale

        def f(x):
            return measured(x, 2.0) * x""", (0.7,)),
    ("`try`, with `else`, `finally`, several handlers, `raise`", """
        def inverse(A, b):
            try:
                y = np.linalg.solve(A, b)
            except np.linalg.LinAlgError:
                y = np.linalg.solve(A + 1e-6 * np.eye(len(b)), b)
            return y

        def f(x):
            total = 0.0
            for v in x:
                try:
                    if v < 0.0:
                        raise ValueError(f"negative: {v}")
                    root = v**0.5
                except ValueError as error:
                    total += len(error.args) * v * v
                else:
                    total += root
            y = inverse(np.outer(x, x) + np.eye(3), x)
            try:
                return total * np.sum(y)
            finally:
                total = 0.0""", (X,)),
    ("what a `try` has done when it fails: in branches, in loops, before a `finally`", """
        def f(x):
            A = np.outer(x, x) + 0.4 * np.eye(3)
            L = np.zeros((3, 3))
            try:
                for i in range(3):
                    for j in range(i + 1):
                        s = A[i, j] - L[i, :j] @ L[j, :j]
                        if i > j:
                            L[i, j] = s / L[j, j]
                        elif s < 0.6:
                            raise ValueError(f"pivot {i} is small: {s}")
                        else:
                            L[i, i] = s**0.5
            except ValueError:
                L[i, i:] = x[i]
            finally:
                L = 2.0 * L
            return np.sum(np.cos(L))""", (X,)),
    ("any Python at all where no differentiated value is involved", """
        def f(x):
            try:
                names = {"a": 1, **{"b": 2}}
                key = [k for k in sorted(names)][-1]
            except KeyError as error:
                raise ValueError(f"no {error}") from None
            match names[key]:
                case 2:
                    k = (lambda v: v + 1)(names["a"])
                case _:
                    k = 0
            assert k, "unexpected"
            return x * k""", (0.7,)),
)  # fmt: skip
"""What works, the program that shows it, and arguments to check it at."""

LATER: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("active values as attributes of objects", """
        def f(x):
            box = type("Box", (), {})()
            box.value = x * x
            return box.value""", (0.7,)),
    ("a variable that a loop in a `try` has assigned when it fails, where it runs over a set", """
        def f(x):
            y = x
            try:
                for k in {1, 2, 3}:
                    y = y * k
                    z = 1.0 / (x - 0.7)
            except (ValueError, ZeroDivisionError):
                z = x
            return y * z""", (0.7,)),
    ("an array that such a loop has written into", """
        def f(x):
            y = np.zeros(2)
            try:
                for k in {0, 1}:
                    y[k] = x / (x - 0.7 * k)
            except (ValueError, ZeroDivisionError):
                y[1] = x
            return y[0] * y[1]""", (0.7,)),
    ("a number made of a text", """
        def f(x):
            return float(f"{x:.2f}") * x""", (0.7,)),
    ("methods of differentiated objects in containers", """
        class Spring:
            def __init__(self, stiffness):
                self.stiffness = stiffness

            def energy(self, u):
                return 0.5 * self.stiffness * u**2

        def f(x):
            terms = [Spring(x).energy, np.sin]
            return sum([term(x) for term in terms])""", (0.7,)),
    ("keywords that are spread, where the function takes any", """
        def total(v, **options):
            return v * sum(options.values())

        def f(x):
            options = {"a": x, "b": 2.0}
            return total(x, **options)""", (0.7,)),
    ("functions without a rule and without Python source", """
        import zlib

        def f(x):
            return zlib.crc32(x) * x""", (X,)),
    ("a gradient of what is no scalar", """
        def f(x):
            return x * x""", (X,)),
    ("a general text where kinds must be known", """
        def f(x):
            x *= 2.0
            return x""", ()),
)  # fmt: skip
"""What is refused once kinds are known, the program that shows it, and arguments it is refused at.

Without arguments it is the general text (`grad(f).source`) that is refused.
"""


def code(text: str) -> str:
    """A program as a block of the page."""
    return f"```python\n{textwrap.dedent(text).strip()}\n```"


def refusal(entry: Refusal) -> UnsupportedError:
    """The error that an example gets."""
    source, function = source_and_tree(entry.example)
    active = active_names(function, {"x"}, is_zero, is_pure)
    try:
        function = with_checkpoints(source, with_insertions(source, function))
        check(function, active, source, is_zero)
        desugar(function, active, is_zero, Names(), source)
    except UnsupportedError as error:
        return error
    raise AssertionError(f"{entry.name} is not refused")


def later(title: str, text: str, arguments: tuple[Any, ...]) -> UnsupportedError:
    """The error that a program gets when it is differentiated at some arguments."""
    body = textwrap.dedent(text).strip()
    derivative = grad(load(f"import numpy as np\n\n{body}\n", f"<language: {title}>")["f"])
    try:
        if arguments:
            derivative(*arguments)
        else:
            derivative.source  # noqa: B018
    except UnsupportedError as error:
        return error
    raise AssertionError(f"{title} is not refused")


def shown(error: UnsupportedError) -> str:
    """An error as Python prints it, without the name of a file."""
    origin = error.origin
    assert origin is not None
    end = origin.end_column if origin.end_line == origin.line else len(origin.text)
    text = origin.text.rstrip("\n")
    carets = " " * origin.column + "^" * max(1, end - origin.column)
    return f"```text\n{text}\n{carets}\nUnsupportedError: {error.reason}\nhint: {error.hint}\n```"


def page() -> str:
    """The text of the page."""
    parts = [
        "# The language",
        "What may stand in a function that is differentiated. A value is *active* when it may depend on a "
        "differentiated argument and is no integer, string or truth value. Code without active values is "
        "kept as it stands, and may be any Python. This page is made by `python -m tests.test_language`; "
        "every program on it is run by the tests.",
        "## What works",
    ]
    for title, text, _ in WORKS:
        parts += [f"{title[0].upper() if title[0].isalpha() else title[0]}{title[1:]}:", code(text)]
    parts += [
        "## What is refused",
        "Each of these raises `UnsupportedError` while transforming, before any number is computed. The error "
        "names the file and the line; here `x` is differentiated.",
    ]
    for entry in REFUSED:
        parts += [f"### {entry.name[0].upper()}{entry.name[1:]}", code(entry.example), shown(refusal(entry))]
    parts += [
        "## What is refused once kinds are known",
        "These depend on what the arguments are, so the error comes with the first call, still before any "
        "number is computed.",
    ]
    for title, text, arguments in LATER:
        parts += [f"### {title[0].upper()}{title[1:]}", code(text), shown(later(title, text, arguments))]
    return "\n\n".join(parts) + "\n"


@pytest.mark.parametrize(("title", "text", "arguments"), WORKS, ids=[title for title, _, _ in WORKS])
def test_what_works_works(title: str, text: str, arguments: tuple[Any, ...]) -> None:
    body = textwrap.dedent(text).strip()
    names = load(f"import numpy as np\n\n{body}\n", f"<language: {title}>")
    # An argument that the program makes itself is given by its name.
    given = [names[item] if isinstance(item, str) else item for item in arguments]
    check_derivative(names["f"], *given)


def test_the_page_is_current() -> None:
    kept = PAGE.read_text(encoding="utf-8")
    assert kept == page(), "python -m tests.test_language writes docs/language.md anew; read the diff"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
