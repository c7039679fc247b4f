"""Every rewriting: the expected text, and equal results."""

from __future__ import annotations

import textwrap
from typing import Any, NamedTuple

import gast
import numpy as np
import pytest

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Origin
from tangent_sct.frontend.desugar import desugar
from tests.frontend.desugaring import assert_small, is_zero, outcome, rewrite, source_and_tree

A = np.array([1.0, 2.0, 3.0])


class Form(NamedTuple):
    """A rewriting: the text before and after, and arguments to call both with."""

    name: str
    before: str
    after: str
    calls: list[tuple[Any, ...]]


SAME = ""

FORMS = (
    Form(
        "chained assignment",
        """
        def f(x):
            a = b = x * 2
            return a + b
        """,
        """
        def f(x):
            a = x * 2
            b = a
            return a + b
        """,
        [(1.5,)],
    ),
    Form(
        "chained assignment into elements",
        """
        def f(x):
            x[0] = x[1] = x[2] * 2
            return x
        """,
        """
        def f(x):
            value = x[2] * 2
            x[0] = value
            x[1] = value
            return x
        """,
        [(A,)],
    ),
    Form(
        "annotated assignment",
        """
        def f(x):
            y: float = x
            z: float
            z = y
            return z
        """,
        """
        def f(x):
            y = x
            z = y
            return z
        """,
        [(1.5,)],
    ),
    Form(
        "independent targets",
        """
        def f(x):
            a, b = x, 2.0
            return a * b
        """,
        """
        def f(x):
            a = x
            b = 2.0
            return a * b
        """,
        [(1.5,)],
    ),
    Form(
        "swap",
        """
        def f(x, y):
            x, y = y, x
            return x - 2 * y
        """,
        """
        def f(x, y):
            y_next = x
            x = y
            y = y_next
            return x - 2 * y
        """,
        [(1.5, 4.0)],
    ),
    Form(
        "rotation",
        """
        def f(x, y, z):
            x, y, z = y, z, x + y
            return x, y, z
        """,
        """
        def f(x, y, z):
            z_next = x + y
            x = y
            y = z
            z = z_next
            return (x, y, z)
        """,
        [(1.0, 2.0, 4.0)],
    ),
    Form(
        "swap of elements",
        """
        def f(x):
            x[0], x[1] = x[1], x[0]
            return x
        """,
        """
        def f(x):
            x[1], x[0]
            value = x[0]
            x[0] = x[1]
            x[1] = value
            return x
        """,
        [(A,)],
    ),
    Form(
        "unpacking a value",
        """
        def f(x):
            a, (b, c) = f0(x)
            return a * b - c
        """,
        """
        def f(x):
            parts = f0(x)
            if len(parts) != 2:
                raise ValueError('expected 2 values to unpack')
            a = parts[0]
            parts_2 = parts[1]
            if len(parts_2) != 2:
                raise ValueError('expected 2 values to unpack')
            b = parts_2[0]
            c = parts_2[1]
            return a * b - c
        """,
        [(1.5,)],
    ),
    Form(
        "starred target",
        """
        def f(x):
            a, *b, c = x
            return a, b, c
        """,
        """
        def f(x):
            if len(x) < 2:
                raise ValueError('expected at least 2 values to unpack')
            a = x[0]
            b = list(x[1:-1])
            c = x[-1]
            return (a, b, c)
        """,
        [(A,)],
    ),
    Form(
        "starred target of a display",
        """
        def f(x):
            a, *b = x, 2 * x, 3 * x
            return a, b
        """,
        """
        def f(x):
            a = x
            b = [2 * x, 3 * x]
            return (a, b)
        """,
        [(1.5,)],
    ),
    Form(
        "inactive unpacking stays",
        """
        def f(x):
            n, = x.shape
            k, *m = (1, 2, 3)
            return x * n
        """,
        SAME,
        [(A,)],
    ),
    Form(
        "walrus",
        """
        def f(x):
            y = (t := x * 2) + t
            return y * t
        """,
        """
        def f(x):
            t = x * 2
            y = t + t
            return y * t
        """,
        [(1.5,)],
    ),
    Form(
        "walrus keeps the order of evaluation",
        """
        def f(x):
            t = x
            y = t + (t := t * 2) - t
            return y
        """,
        """
        def f(x):
            t = x
            t_2 = t
            t = t * 2
            y = t_2 + t - t
            return y
        """,
        [(1.5,)],
    ),
    Form(
        "walrus in a test",
        """
        def f(x):
            if (t := x * 2) > 3 and t < 9:
                x = t
            return x
        """,
        """
        def f(x):
            t = x * 2
            if t > 3 and t < 9:
                x = t
            return x
        """,
        [(1.0,), (2.0,), (5.0,)],
    ),
    Form(
        "walrus behind and",
        """
        def f(x):
            t = 1.0
            if x > 2 and (t := x * 2) < 9:
                x = t
            return x + t
        """,
        """
        def f(x):
            t = 1.0
            t_2 = x > 2
            if t_2:
                t = x * 2
                t_2 = t < 9
            if t_2:
                x = t
            return x + t
        """,
        [(1.0,), (3.0,), (6.0,)],
    ),
    Form(
        "conditional expression",
        """
        def f(x):
            y = x if x > 2 else -x
            return y
        """,
        """
        def f(x):
            if x > 2:
                y = x
            else:
                y = -x
            return y
        """,
        [(1.0,), (3.0,)],
    ),
    Form(
        "conditional expression inside",
        """
        def f(x):
            y = 2 * (x if x > 2 else 1.0)
            return y
        """,
        """
        def f(x):
            if x > 2:
                t = x
            else:
                t = 1.0
            y = 2 * t
            return y
        """,
        [(1.0,), (3.0,)],
    ),
    Form(
        "inactive conditional expression stays",
        """
        def f(x, n):
            y = x * (1 if n > 1 else 2)
            return y
        """,
        SAME,
        [(1.0, 1), (1.0, 2)],
    ),
    Form(
        "or",
        """
        def f(x):
            y = x or 3.0
            return y
        """,
        """
        def f(x):
            y = x
            if not y:
                y = 3.0
            return y
        """,
        [(0.0,), (2.0,)],
    ),
    Form(
        "and",
        """
        def f(x, y):
            y = x and y * 2
            return y
        """,
        """
        def f(x, y):
            t = x
            if t:
                t = y * 2
            y = t
            return y
        """,
        [(0.0, 1.0), (2.0, 1.0)],
    ),
    Form(
        "tests stay",
        """
        def f(x):
            if 1 < x < 3 and not x == 2:
                x = 2 * x
            return x
        """,
        """
        def f(x):
            if 1 < x < 3 and (not x == 2):
                x = 2 * x
            return x
        """,
        [(1.0,), (2.0,), (2.5,)],
    ),
    Form(
        "list comprehension",
        """
        def f(x):
            y = [2 * v for v in x if v > 1]
            return y
        """,
        """
        def f(x):
            y = []
            for i in range(len(x)):
                v = x[i]
                if v > 1:
                    y.append(2 * v)
            return y
        """,
        [(A,)],
    ),
    Form(
        "comprehension over its own name",
        """
        def f(x):
            x = [2 * x for x in x]
            return x
        """,
        """
        def f(x):
            items = []
            for i in range(len(x)):
                x_2 = x[i]
                items.append(2 * x_2)
            x = items
            return x
        """,
        [(A,)],
    ),
    Form(
        "nested comprehension",
        """
        def f(x):
            return [[a * b for a in x] for b in x]
        """,
        """
        def f(x):
            items = []
            for i in range(len(x)):
                b = x[i]
                items_2 = []
                for j in range(len(x)):
                    a = x[j]
                    items_2.append(a * b)
                items.append(items_2)
            return items
        """,
        [(A,)],
    ),
    Form(
        "dict comprehension",
        """
        def f(x):
            d = {k: v * x for k, v in (('a', 1), ('b', 2))}
            return d
        """,
        """
        def f(x):
            d = {}
            for k, v in (('a', 1), ('b', 2)):
                d[k] = v * x
            return d
        """,
        [(1.5,)],
    ),
    Form(
        "sum of a generator",
        """
        def f(x, w):
            return 2 * sum(a * b for a, b in zip(x, w))
        """,
        """
        def f(x, w):
            total = 0.0
            for i in range(min(len(x), len(w))):
                a = x[i]
                b = w[i]
                total = total + a * b
            return 2 * total
        """,
        [(A, 2 * A)],
    ),
    Form(
        "inactive comprehension stays",
        """
        def f(x):
            k = [i * i for i in range(3)]
            return x * k[2]
        """,
        SAME,
        [(1.5,)],
    ),
    Form(
        "loop over an array",
        """
        def f(x):
            s = 0.0
            for v in x:
                s += v * v
            return s
        """,
        """
        def f(x):
            s = 0.0
            for i in range(len(x)):
                v = x[i]
                s += v * v
            return s
        """,
        [(A,)],
    ),
    Form(
        "loop over a name that changes",
        """
        def f(x):
            for v in x:
                x = v * 2
            return x
        """,
        """
        def f(x):
            items = x
            for i in range(len(items)):
                v = items[i]
                x = v * 2
            return x
        """,
        [(A,)],
    ),
    Form(
        "enumerate",
        """
        def f(x):
            s = 0.0
            for k, v in enumerate(x):
                s += k * v
            return s
        """,
        """
        def f(x):
            s = 0.0
            for k in range(len(x)):
                v = x[k]
                s += k * v
            return s
        """,
        [(A,)],
    ),
    Form(
        "enumerate from a number",
        """
        def f(x):
            s = 0.0
            for k, v in enumerate(x, start=1):
                s += k * v
            return s
        """,
        """
        def f(x):
            s = 0.0
            for i in range(len(x)):
                k = i + 1
                v = x[i]
                s += k * v
            return s
        """,
        [(A,)],
    ),
    Form(
        "zip",
        """
        def f(x, t):
            s = 0.0
            for a, b in zip(x, t):
                s += a * b
            return s
        """,
        """
        def f(x, t):
            s = 0.0
            for i in range(min(len(x), len(t))):
                a = x[i]
                b = t[i]
                s += a * b
            return s
        """,
        [(A, [1, 2]), (A, A)],
    ),
    Form(
        "strict zip",
        """
        def f(x, t):
            s = 0.0
            for a, b in zip(x, t, strict=True):
                s += a * b
            return s
        """,
        """
        def f(x, t):
            s = 0.0
            if not len(x) == len(t):
                raise ValueError('zip() arguments have different lengths')
            for i in range(len(x)):
                a = x[i]
                b = t[i]
                s += a * b
            return s
        """,
        [(A, A)],
    ),
    Form(
        "reversed",
        """
        def f(x):
            s = 1.0
            for v in reversed(x):
                s = s * 2 + v
            return s
        """,
        """
        def f(x):
            s = 1.0
            for i in reversed(range(len(x))):
                v = x[i]
                s = s * 2 + v
            return s
        """,
        [(A,)],
    ),
    Form(
        "reversed list of pairs",
        """
        def f(x):
            s = 1.0
            for k, v in reversed(list(enumerate(x))):
                s = s * k + v
            return s
        """,
        """
        def f(x):
            s = 1.0
            for i in reversed(range(len(x))):
                k = i
                v = x[i]
                s = s * k + v
            return s
        """,
        [(A,)],
    ),
    Form(
        "dict items",
        """
        def f(x):
            s = 0.0
            for k, v in x.items():
                s += v * len(k)
            return s
        """,
        """
        def f(x):
            s = 0.0
            keys = list(x.keys())
            for k in keys:
                v = x[k]
                s += v * len(k)
            return s
        """,
        [({"a": 1.0, "bb": 2.0},)],
    ),
    Form(
        "dict values and keys",
        """
        def f(x):
            s = 0.0
            for v in x.values():
                s += v
            for k in x:
                s *= x[k]
            return s
        """,
        """
        def f(x):
            s = 0.0
            keys = list(x.keys())
            for key in keys:
                v = x[key]
                s += v
            keys_2 = list(x.keys())
            for k in keys_2:
                s *= x[k]
            return s
        """,
        [({"a": 1.0, "bb": 2.0},)],
    ),
    Form(
        "inactive iterables",
        """
        def f(x, d):
            for a, b in zip(d, d):
                x = x * a + b
            for k, v in d.items():
                x = x + v
            for t in np.arange(3):
                x = x * t
            return x
        """,
        """
        def f(x, d):
            for a, b in zip(d, d):
                x = x * a + b
            items = list(d.items())
            for k, v in items:
                x = x + v
            for t in np.arange(3):
                x = x * t
            return x
        """,
        [(1.5, {1: 2, 3: 4})],
    ),
    Form(
        "generator of inactive items",
        """
        def f(x):
            for a in (k * k for k in range(3)):
                x = x + a
            return x
        """,
        """
        def f(x):
            items = [k * k for k in range(3)]
            for a in items:
                x = x + a
            return x
        """,
        [(1.5,)],
    ),
    Form(
        "loop target that is an element",
        """
        def f(x):
            d = {}
            for d['k'] in range(3):
                x = x + d['k']
            return x
        """,
        """
        def f(x):
            d = {}
            for item in range(3):
                d['k'] = item
                x = x + d['k']
            return x
        """,
        [(1.5,)],
    ),
    Form(
        "early return",
        """
        def f(x):
            if x > 2:
                return x
            y = x * 2
            return y
        """,
        """
        def f(x):
            if x > 2:
                result = x
            else:
                y = x * 2
                result = y
            return result
        """,
        [(1.0,), (3.0,)],
    ),
    Form(
        "early return of the same name",
        """
        def f(x):
            if x > 2:
                return x
            x = x * 2
            return x
        """,
        """
        def f(x):
            if not x > 2:
                x = x * 2
            return x
        """,
        [(1.0,), (3.0,)],
    ),
    Form(
        "implicit None",
        """
        def f(x):
            if x > 2:
                return x
        """,
        """
        def f(x):
            if x > 2:
                result = x
            else:
                result = None
            return result
        """,
        [(1.0,), (3.0,)],
    ),
    Form(
        "return some levels down",
        """
        def f(x):
            if x > 1:
                if x > 2:
                    return x
                x = x * 2
            return -x
        """,
        """
        def f(x):
            returned = False
            if x > 1:
                if x > 2:
                    result = x
                    returned = True
                else:
                    x = x * 2
            if not returned:
                result = -x
                returned = True
            return result
        """,
        [(1.0,), (1.5,), (3.0,)],
    ),
    Form(
        "break at the end",
        """
        def f(x):
            for i in range(9):
                x = x * 2
                if x > 10:
                    break
            return x
        """,
        """
        def f(x):
            for i in range(9):
                x = x * 2
                stop = x > 10
                if stop:
                    break
            return x
        """,
        [(1.0,), (0.0,)],
    ),
    Form(
        "break in the middle",
        """
        def f(x):
            while True:
                if x > 10:
                    y = x
                    break
                x = x * 2
            return y
        """,
        """
        def f(x):
            while True:
                stop = x > 10
                if stop:
                    y = x
                else:
                    x = x * 2
                if stop:
                    break
            return y
        """,
        [(1.0,)],
    ),
    Form(
        "continue",
        """
        def f(x):
            for i in range(4):
                if i == 2:
                    continue
                x = x + i
            return x
        """,
        """
        def f(x):
            for i in range(4):
                if i != 2:
                    x = x + i
            return x
        """,
        [(1.0,)],
    ),
    Form(
        "continue some levels down",
        """
        def f(x):
            for i in range(6):
                if i > 2:
                    if i > 3:
                        continue
                    x = -x
                x = x + i
            return x
        """,
        """
        def f(x):
            for i in range(6):
                skip = False
                if i > 2:
                    if i > 3:
                        skip = True
                    else:
                        x = -x
                if not skip:
                    x = x + i
            return x
        """,
        [(1.0,)],
    ),
    Form(
        "break out of an active test",
        """
        def f(x):
            while True:
                x = x - 1
                if x:
                    break
            return x
        """,
        """
        def f(x):
            while True:
                stop = False
                x = x - 1
                if x:
                    stop = True
                if stop:
                    break
            return x
        """,
        [(1.0,), (3.0,)],
    ),
    Form(
        "loop else",
        """
        def f(x):
            for i in range(3):
                x = x * 2
                if x > 10:
                    break
            else:
                x = -x
            return x
        """,
        """
        def f(x):
            stop = False
            for i in range(3):
                x = x * 2
                stop = x > 10
                if stop:
                    break
            if not stop:
                x = -x
            return x
        """,
        [(1.0,), (5.0,)],
    ),
    Form(
        "loop else without break",
        """
        def f(x):
            for i in range(3):
                x = x * 2
            else:
                x = -x
            return x
        """,
        """
        def f(x):
            for i in range(3):
                x = x * 2
            x = -x
            return x
        """,
        [(1.0,)],
    ),
    Form(
        "return out of nested loops",
        """
        def f(x):
            for i in range(3):
                for j in range(3):
                    x = x * 2
                    if x > 10:
                        return x * i
                x = x - 1
            return -x
        """,
        """
        def f(x):
            returned = False
            for i in range(3):
                for j in range(3):
                    x = x * 2
                    returned = x > 10
                    if returned:
                        break
                if not returned:
                    x = x - 1
                if returned:
                    break
            if returned:
                result = x * i
            else:
                result = -x
            return result
        """,
        [(0.01,), (1.0,)],
    ),
    Form(
        "several returns in a loop",
        """
        def f(x):
            for i in range(9):
                if x > 9:
                    return x
                x = x * 2
                if i > 2:
                    return -x
            return 0.0
        """,
        """
        def f(x):
            returned = False
            for i in range(9):
                if x > 9:
                    result = x
                    returned = True
                else:
                    x = x * 2
                    if i > 2:
                        result = -x
                        returned = True
                if returned:
                    break
            if not returned:
                result = 0.0
            return result
        """,
        [(1.0,), (5.0,), (0.1,)],
    ),
    Form(
        "break and return",
        """
        def f(x):
            for i in range(9):
                if x > 9:
                    return x
                if i > 2:
                    break
                x = x * 2
            return -x
        """,
        """
        def f(x):
            returned = False
            for i in range(9):
                stop = False
                if x > 9:
                    returned = True
                elif i > 2:
                    stop = True
                else:
                    x = x * 2
                stop = stop or returned
                if stop:
                    break
            if returned:
                result = x
            else:
                result = -x
            return result
        """,
        [(1.0,), (5.0,), (0.1,)],
    ),
    Form(
        "user's own flag",
        """
        def f(x):
            done = False
            while True:
                x = x * 2
                done = x > 9
                if done:
                    break
            return x
        """,
        SAME,
        [(1.0,)],
    ),
    Form(
        "while with a walrus",
        """
        def f(x):
            while (y := x * x) < 50:
                x = x + y
            return x + y
        """,
        """
        def f(x):
            while True:
                y = x * x
                stop = not y < 50
                if not stop:
                    x = x + y
                if stop:
                    break
            return x + y
        """,
        [(1.0,), (9.0,)],
    ),
    Form(
        "with",
        """
        def f(x):
            with np.errstate(all='ignore'):
                y = x if x > 1 else 2.0
                return y
        """,
        """
        def f(x):
            with np.errstate(all='ignore'):
                if x > 1:
                    y = x
                else:
                    y = 2.0
            return y
        """,
        [(1.0,), (3.0,)],
    ),
    Form(
        "return in an inactive try",
        """
        def f(x, n):
            try:
                k = 1 // n
            except ZeroDivisionError:
                return 0.0
            return x * k
        """,
        """
        def f(x, n):
            returned = False
            try:
                k = 1 // n
            except ZeroDivisionError:
                value = 0.0
                returned = True
            if returned:
                result = value
            else:
                result = x * k
            return result
        """,
        [(1.0, 0), (1.0, 1)],
    ),
    Form(
        "match on what may be of any class",
        """
        def f(x, n):
            match n:
                case ["scale", by] if by > 1:
                    x = x * by
                case {"power": by, **rest}:
                    x = x ** by
                case _:
                    x = -x
            return x
        """,
        """
        def f(x, n):
            case = None
            match n:
                case ['scale', by] if by > 1:
                    case = 0
                case {'power': by, **rest}:
                    case = 1
                case _:
                    case = 2
            if case == 0:
                x = x * by
            elif case == 1:
                x = x ** by
            else:
                x = -x
            return x
        """,
        [(2.0, ["scale", 3]), (2.0, ("scale", 1)), (2.0, {"power": 2, "more": 1}), (2.0, range(2))],
    ),
    Form(
        "defaults of a function that is defined inside",
        """
        def f(x):
            def g(a, b=x if x > 0 else -x, *, c=x and 2 * x, d=1):
                return a * b * c * d
            return g(x)
        """,
        """
        def f(x):
            if x > 0:
                t = x
            else:
                t = -x
            t_2 = x
            if t_2:
                t_2 = 2 * x
            def g(a, b=t, *, c=t_2, d=1):
                return a * b * c * d
            return g(x)
        """,
        [(1.0,), (-2.0,)],
    ),
    Form(
        "match",
        """
        def f(x, n):
            match n:
                case 1 | 2:
                    y = x
                case None:
                    y = 2 * x
                case k if k > 7:
                    y = k * x
                case _:
                    y = -x
            return y
        """,
        """
        def f(x, n):
            if n == 1 or n == 2:
                y = x
            elif n is None:
                y = 2 * x
            else:
                k = n
                if k > 7:
                    y = k * x
                else:
                    y = -x
            return y
        """,
        [(1.5, 1), (1.5, None), (1.5, 9), (1.5, 4)],
    ),
    Form(
        "effects",
        """
        def f(x):
            if x[0] > 9:
                raise ValueError(x)
            assert x[1] > 0
            y = []
            [y.append(v) for v in x]
            x[0] > 0 and y.append(x[1])
            del x
            return y
        """,
        """
        def f(x):
            if x[0] > 9:
                raise ValueError(x)
            assert x[1] > 0
            y = []
            for i in range(len(x)):
                v = x[i]
                y.append(v)
            if x[0] > 0:
                y.append(x[1])
            return y
        """,
        [(A,), (10 * A,), (-A,)],
    ),
    Form(
        "spread display",
        """
        def f(x):
            return np.add(*[x, 2 * x])
        """,
        """
        def f(x):
            return np.add(x, 2 * x)
        """,
        [(1.5,)],
    ),
    Form(
        "augmented assignment stays",
        """
        def f(x):
            x[0] += 2 * x[1]
            x *= 2
            return x
        """,
        """
        def f(x):
            x[0], 2 * x[1]
            x[0] += 2 * x[1]
            x *= 2
            return x
        """,
        [(A,)],
    ),
    Form(
        "inactive code stays",
        """
        def f(x, n):
            import math
            try:
                k = n // 2
            except ValueError:
                k = 0
            def g(m):
                return m + 1
            k = g(k) if k else math.pi
            return x * k
        """,
        """
        def f(x, n):
            import math
            try:
                k = n // 2
            except ValueError:
                k = 0

            def g(m):
                return m + 1
            k = g(k) if k else math.pi
            return x * k
        """,
        [(1.5, 5)],
    ),
    Form(
        "generator unpacked",
        """
        def f(x, y):
            x, y = (v * x for v in (x, y))
            return x, y
        """,
        """
        def f(x, y):
            y_next = y * x
            x = x * x
            y = y_next
            return (x, y)
        """,
        [(2.0, 3.0)],
    ),
    Form(
        "comprehension over unknown items unpacked",
        """
        def f(x):
            y, z = [v * v for v in x]
            return y, z
        """,
        """
        def f(x):
            items = []
            for i in range(len(x)):
                v = x[i]
                items.append(v * v)
            if len(items) != 2:
                raise ValueError('expected 2 values to unpack')
            y = items[0]
            z = items[1]
            return (y, z)
        """,
        [([2.0, 3.0],)],
    ),
    Form(
        "functions of one variable unpacked",
        """
        def f(x):
            y, z = [lambda: v * x for v in (1.0, 2.0)]
            return y(), z()
        """,
        """
        def f(x):
            items = []
            for v in (1.0, 2.0):
                items.append(lambda: v * x)
            if len(items) != 2:
                raise ValueError('expected 2 values to unpack')
            y = items[0]
            z = items[1]
            return (y(), z())
        """,
        [(1.5,)],
    ),
    Form(
        "zip unpacked",
        """
        def f(x, y):
            x, y = zip((x, y), (y, x))
            return x, y
        """,
        """
        def f(x, y):
            items = []
            items_2 = (x, y)
            items_3 = (y, x)
            for i in range(min(len(items_2), len(items_3))):
                item = (items_2[i], items_3[i])
                items.append(item)
            if len(items) != 2:
                raise ValueError('expected 2 values to unpack')
            x = items[0]
            y = items[1]
            return (x, y)
        """,
        [(2.0, 3.0)],
    ),
    Form(
        "nothing",
        """
        def f(x):
            pass
        """,
        """
        def f(x):
            return None
        """,
        [(1.5,)],
    ),
)


def f0(x: Any) -> Any:
    return x, (x * 2, x + 3)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_form(form: Form) -> None:
    before, after = (textwrap.dedent(text).strip() for text in (form.before, form.after))
    made = rewrite(before, ["x", "y", "z", "w"], f0=f0)
    assert made.text == tree.text(tree.statements(after or before))
    assert_small(made.tree)
    for arguments in form.calls:
        assert outcome(made.after, arguments) == outcome(made.before, arguments)


def test_statements_keep_the_origin_of_the_users_statement() -> None:
    source, function = source_and_tree("""
        def f(x):
            y = [w for w in x if w > 1]
            for v in x:
                if v > 2:
                    return v
            return y
    """)
    for statement in tree.every_statement(function.body):
        line = statement.lineno
        tree.mark(statement, Origin("<text>", line, 0, line, 1, str(line)))
    new = desugar(function, {"x", "y", "v", "w"}, is_zero, Names(), source)
    lines: dict[str, set[int]] = {}
    for statement in tree.every_statement(new.body):
        origin = tree.origin_of(statement)
        assert origin is not None, tree.text(statement)
        lines.setdefault(tree.text(statement).partition("\n")[0], set()).add(origin.line)
    assert lines == {
        "y = []": {2}, "for i in range(len(x)):": {2, 3}, "w = x[i]": {2}, "if w > 1:": {2},
        "y.append(w)": {2}, "returned = False": {3}, "v = x[i]": {3}, "returned = v > 2": {4},
        "break": {4}, "if returned:": {3, 4}, "result = v": {5}, "result = y": {6},
        "return result": {6},
    }  # fmt: skip


def test_text_is_the_same_every_time() -> None:
    text = "def f(x):\n    a, b = f0(x)\n    return [a * v for v in x if b] or [b for b in x]"
    texts = {rewrite(text, f0=f0).text for _ in range(3)}
    assert len(texts) == 1


def test_new_names_avoid_the_users() -> None:
    made = rewrite("""
        def f(x, stop, i):
            for v in x:
                if v > 1:
                    break
            return [v + stop + i for v in x]
    """)
    assert outcome(made.after, (A, 2.0, 3.0)) == outcome(made.before, (A, 2.0, 3.0))
    written = tree.names_written(made.tree.body)
    assert "stop" not in written and "i" not in written


def test_the_first_iterable_of_a_comprehension_is_read_outside() -> None:
    made = rewrite("""
        def f(x):
            return [[x * 2 for x in [x, 3 * x]] for y in [x, x]]
    """)
    assert outcome(made.after, (1.5,)) == outcome(made.before, (1.5,))


def test_a_local_len_cannot_be_confused_with_the_builtin() -> None:
    with pytest.raises(SyntaxError, match="`len` is needed"):
        rewrite("def f(x, len):\n    for v in x:\n        x = v\n    return x")


def test_new_statements_have_no_private_marks() -> None:
    made = rewrite("def f(x):\n    for i in range(3):\n        if i: return x\n    return -x")
    assert not any(hasattr(s, "flag") for s in tree.every_statement(made.tree.body))
    assert isinstance(made.tree, gast.FunctionDef)
