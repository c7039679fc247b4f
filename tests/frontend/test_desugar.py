"""Every rewriting: the expected text, and equal results."""

from __future__ import annotations

import textwrap
from typing import Any

import gast
import numpy as np
import pytest

from tangent_sct.core import tree
from tangent_sct.core.names import Names
from tangent_sct.core.origins import Origin
from tangent_sct.frontend.desugar import desugar
from tests.frontend.desugaring import assert_small, is_zero, outcome, rewrite, source_and_tree

A = np.array([1.0, 2.0, 3.0])


# name: parameters, body before, body after, calls
FORMS: dict[str, tuple[str, str, str, list[tuple[Any, ...]]]] = {
    "chained assignment": (
        "x", "a = b = x * 2\nreturn a + b",
        "a = x * 2\nb = a\nreturn a + b", [(1.5,)],
    ),
    "chained assignment into elements": (
        "x", "x[0] = x[1] = x[2] * 2\nreturn x",
        "value = x[2] * 2\nx[0] = value\nx[1] = value\nreturn x", [(A,)],
    ),
    "annotated assignment": (
        "x", "y: float = x\nz: float\nz = y\nreturn z",
        "y = x\nz = y\nreturn z", [(1.5,)],
    ),
    "independent targets": (
        "x", "a, b = x, 2.0\nreturn a * b",
        "a = x\nb = 2.0\nreturn a * b", [(1.5,)],
    ),
    "swap": (
        "x, y", "x, y = y, x\nreturn x - 2 * y",
        "y_next = x\nx = y\ny = y_next\nreturn x - 2 * y", [(1.5, 4.0)],
    ),
    "rotation": (
        "x, y, z", "x, y, z = y, z, x + y\nreturn x, y, z",
        "z_next = x + y\nx = y\ny = z\nz = z_next\nreturn (x, y, z)",
        [(1.0, 2.0, 4.0)],
    ),
    "swap of elements": (
        "x", "x[0], x[1] = x[1], x[0]\nreturn x",
        "value = x[0]\nx[0] = x[1]\nx[1] = value\nreturn x", [(A,)],
    ),
    "unpacking a value": (
        "x", "a, (b, c) = f0(x)\nreturn a * b - c",
        "parts = f0(x)\na = parts[0]\nparts_2 = parts[1]\nb = parts_2[0]\nc = parts_2[1]\n"
        "return a * b - c", [(1.5,)],
    ),
    "starred target": (
        "x", "a, *b, c = x\nreturn a, b, c",
        "a = x[0]\nb = list(x[1:-1])\nc = x[-1]\nreturn (a, b, c)", [(A,)],
    ),
    "starred target of a display": (
        "x", "a, *b = x, 2 * x, 3 * x\nreturn a, b",
        "a = x\nb = [2 * x, 3 * x]\nreturn (a, b)", [(1.5,)],
    ),
    "inactive unpacking stays": (
        "x", "n, = x.shape\nk, *m = (1, 2, 3)\nreturn x * n",
        "n, = x.shape\nk, *m = (1, 2, 3)\nreturn x * n", [(A,)],
    ),
    "walrus": (
        "x", "y = (t := x * 2) + t\nreturn y * t",
        "t = x * 2\ny = t + t\nreturn y * t", [(1.5,)],
    ),
    "walrus keeps the order of evaluation": (
        "x", "t = x\ny = t + (t := t * 2) - t\nreturn y",
        "t = x\nt_2 = t\nt = t * 2\ny = t_2 + t - t\nreturn y", [(1.5,)],
    ),
    "walrus in a test": (
        "x", "if (t := x * 2) > 3 and t < 9:\n    x = t\nreturn x",
        "t = x * 2\nif t > 3 and t < 9:\n    x = t\nreturn x", [(1.0,), (2.0,), (5.0,)],
    ),
    "walrus behind and": (
        "x", "t = 1.0\nif x > 2 and (t := x * 2) < 9:\n    x = t\nreturn x + t",
        "t = 1.0\nt_2 = x > 2\nif t_2:\n    t = x * 2\n    t_2 = t < 9\nif t_2:\n    x = t\n"
        "return x + t", [(1.0,), (3.0,), (6.0,)],
    ),
    "conditional expression": (
        "x", "y = x if x > 2 else -x\nreturn y",
        "if x > 2:\n    y = x\nelse:\n    y = -x\nreturn y", [(1.0,), (3.0,)],
    ),
    "conditional expression inside": (
        "x", "y = 2 * (x if x > 2 else 1.0)\nreturn y",
        "if x > 2:\n    t = x\nelse:\n    t = 1.0\ny = 2 * t\nreturn y", [(1.0,), (3.0,)],
    ),
    "inactive conditional expression stays": (
        "x, n", "y = x * (1 if n > 1 else 2)\nreturn y",
        "y = x * (1 if n > 1 else 2)\nreturn y", [(1.0, 1), (1.0, 2)],
    ),
    "or": (
        "x", "y = x or 3.0\nreturn y",
        "y = x\nif not y:\n    y = 3.0\nreturn y", [(0.0,), (2.0,)],
    ),
    "and": (
        "x, y", "y = x and y * 2\nreturn y",
        "t = x\nif t:\n    t = y * 2\ny = t\nreturn y", [(0.0, 1.0), (2.0, 1.0)],
    ),
    "tests stay": (
        "x", "if 1 < x < 3 and not x == 2:\n    x = 2 * x\nreturn x",
        "if 1 < x < 3 and (not x == 2):\n    x = 2 * x\nreturn x", [(1.0,), (2.0,), (2.5,)],
    ),
    "list comprehension": (
        "x", "y = [2 * v for v in x if v > 1]\nreturn y",
        "y = []\nfor i in range(len(x)):\n    v = x[i]\n    if v > 1:\n"
        "        y.append(2 * v)\nreturn y", [(A,)],
    ),
    "comprehension over its own name": (
        "x", "x = [2 * x for x in x]\nreturn x",
        "items = []\nfor i in range(len(x)):\n    x_2 = x[i]\n    items.append(2 * x_2)\n"
        "x = items\nreturn x", [(A,)],
    ),
    "nested comprehension": (
        "x", "return [[a * b for a in x] for b in x]",
        "items = []\nfor i in range(len(x)):\n    b = x[i]\n    items_2 = []\n"
        "    for j in range(len(x)):\n        a = x[j]\n        items_2.append(a * b)\n"
        "    items.append(items_2)\nreturn items", [(A,)],
    ),
    "dict comprehension": (
        "x", "d = {k: v * x for k, v in (('a', 1), ('b', 2))}\nreturn d",
        "d = {}\nfor k, v in (('a', 1), ('b', 2)):\n    d[k] = v * x\nreturn d", [(1.5,)],
    ),
    "sum of a generator": (
        "x, w", "return 2 * sum(a * b for a, b in zip(x, w))",
        "total = 0.0\nfor i in range(min(len(x), len(w))):\n    a = x[i]\n    b = w[i]\n"
        "    total = total + a * b\nreturn 2 * total", [(A, 2 * A)],
    ),
    "inactive comprehension stays": (
        "x", "k = [i * i for i in range(3)]\nreturn x * k[2]",
        "k = [i * i for i in range(3)]\nreturn x * k[2]", [(1.5,)],
    ),
    "loop over an array": (
        "x", "s = 0.0\nfor v in x:\n    s += v * v\nreturn s",
        "s = 0.0\nfor i in range(len(x)):\n    v = x[i]\n    s += v * v\nreturn s", [(A,)],
    ),
    "loop over a name that changes": (
        "x", "for v in x:\n    x = v * 2\nreturn x",
        "items = x\nfor i in range(len(items)):\n    v = items[i]\n    x = v * 2\nreturn x",
        [(A,)],
    ),
    "enumerate": (
        "x", "s = 0.0\nfor k, v in enumerate(x):\n    s += k * v\nreturn s",
        "s = 0.0\nfor k in range(len(x)):\n    v = x[k]\n    s += k * v\nreturn s", [(A,)],
    ),
    "enumerate from a number": (
        "x", "s = 0.0\nfor k, v in enumerate(x, start=1):\n    s += k * v\nreturn s",
        "s = 0.0\nfor i in range(len(x)):\n    k = i + 1\n    v = x[i]\n    s += k * v\nreturn s",
        [(A,)],
    ),
    "zip": (
        "x, t", "s = 0.0\nfor a, b in zip(x, t):\n    s += a * b\nreturn s",
        "s = 0.0\nfor i in range(min(len(x), len(t))):\n    a = x[i]\n    b = t[i]\n    s += a * b\n"
        "return s", [(A, [1, 2]), (A, A)],
    ),
    "strict zip": (
        "x, t", "s = 0.0\nfor a, b in zip(x, t, strict=True):\n    s += a * b\nreturn s",
        "s = 0.0\nif not len(x) == len(t):\n"
        "    raise ValueError('zip() arguments have different lengths')\n"
        "for i in range(len(x)):\n    a = x[i]\n    b = t[i]\n    s += a * b\nreturn s", [(A, A)],
    ),
    "reversed": (
        "x", "s = 1.0\nfor v in reversed(x):\n    s = s * 2 + v\nreturn s",
        "s = 1.0\nfor i in reversed(range(len(x))):\n    v = x[i]\n    s = s * 2 + v\nreturn s",
        [(A,)],
    ),
    "reversed list of pairs": (
        "x", "s = 1.0\nfor k, v in reversed(list(enumerate(x))):\n    s = s * k + v\nreturn s",
        "s = 1.0\nfor i in reversed(range(len(x))):\n    k = i\n    v = x[i]\n    s = s * k + v\n"
        "return s", [(A,)],
    ),
    "dict items": (
        "x", "s = 0.0\nfor k, v in x.items():\n    s += v * len(k)\nreturn s",
        "s = 0.0\nkeys = list(x.keys())\nfor k in keys:\n    v = x[k]\n    s += v * len(k)\n"
        "return s", [({"a": 1.0, "bb": 2.0},)],
    ),
    "dict values and keys": (
        "x", "s = 0.0\nfor v in x.values():\n    s += v\nfor k in x:\n    s *= x[k]\nreturn s",
        "s = 0.0\nkeys = list(x.keys())\nfor key in keys:\n    v = x[key]\n    s += v\n"
        "keys_2 = list(x.keys())\nfor k in keys_2:\n    s *= x[k]\nreturn s",
        [({"a": 1.0, "bb": 2.0},)],
    ),
    "inactive iterables": (
        "x, d", "for a, b in zip(d, d):\n    x = x * a + b\nfor k, v in d.items():\n    x = x + v\n"
        "for t in np.arange(3):\n    x = x * t\nreturn x",
        "for a, b in zip(d, d):\n    x = x * a + b\nitems = list(d.items())\nfor k, v in items:\n"
        "    x = x + v\nfor t in np.arange(3):\n    x = x * t\nreturn x", [(1.5, {1: 2, 3: 4})],
    ),
    "generator of inactive items": (
        "x", "for a in (k * k for k in range(3)):\n    x = x + a\nreturn x",
        "items = [k * k for k in range(3)]\nfor a in items:\n    x = x + a\nreturn x", [(1.5,)],
    ),
    "loop target that is an element": (
        "x", "d = {}\nfor d['k'] in range(3):\n    x = x + d['k']\nreturn x",
        "d = {}\nfor item in range(3):\n    d['k'] = item\n    x = x + d['k']\nreturn x", [(1.5,)],
    ),
    "early return": (
        "x", "if x > 2:\n    return x\ny = x * 2\nreturn y",
        "if x > 2:\n    result = x\nelse:\n    y = x * 2\n    result = y\nreturn result",
        [(1.0,), (3.0,)],
    ),
    "early return of the same name": (
        "x", "if x > 2:\n    return x\nx = x * 2\nreturn x",
        "if not x > 2:\n    x = x * 2\nreturn x", [(1.0,), (3.0,)],
    ),
    "implicit None": (
        "x", "if x > 2:\n    return x",
        "if x > 2:\n    result = x\nelse:\n    result = None\nreturn result", [(1.0,), (3.0,)],
    ),
    "return some levels down": (
        "x", "if x > 1:\n    if x > 2:\n        return x\n    x = x * 2\nreturn -x",
        "returned = False\nif x > 1:\n    if x > 2:\n        result = x\n        returned = True\n"
        "    else:\n        x = x * 2\nif not returned:\n    result = -x\n    returned = True\n"
        "return result",
        [(1.0,), (1.5,), (3.0,)],
    ),
    "break at the end": (
        "x", "for i in range(9):\n    x = x * 2\n    if x > 10:\n        break\nreturn x",
        "for i in range(9):\n    x = x * 2\n    stop = x > 10\n    if stop:\n        break\nreturn x",
        [(1.0,), (0.0,)],
    ),
    "break in the middle": (
        "x", "while True:\n    if x > 10:\n        y = x\n        break\n    x = x * 2\nreturn y",
        "while True:\n    stop = x > 10\n    if stop:\n        y = x\n    else:\n        x = x * 2\n"
        "    if stop:\n        break\nreturn y", [(1.0,)],
    ),
    "continue": (
        "x", "for i in range(4):\n    if i == 2:\n        continue\n    x = x + i\nreturn x",
        "for i in range(4):\n    if not i == 2:\n        x = x + i\nreturn x", [(1.0,)],
    ),
    "continue some levels down": (
        "x", "for i in range(6):\n    if i > 2:\n        if i > 3:\n            continue\n        x = -x\n"
        "    x = x + i\nreturn x",
        "for i in range(6):\n    skip = False\n    if i > 2:\n        if i > 3:\n            skip = True\n"
        "        else:\n            x = -x\n    if not skip:\n        x = x + i\nreturn x", [(1.0,)],
    ),
    "break out of an active test": (
        "x", "while True:\n    x = x - 1\n    if x:\n        break\nreturn x",
        "while True:\n    stop = False\n    x = x - 1\n    if x:\n        stop = True\n"
        "    if stop:\n        break\nreturn x", [(1.0,), (3.0,)],
    ),
    "loop else": (
        "x", "for i in range(3):\n    x = x * 2\n    if x > 10:\n        break\nelse:\n    x = -x\n"
        "return x",
        "stop = False\nfor i in range(3):\n    x = x * 2\n    stop = x > 10\n    if stop:\n"
        "        break\nif not stop:\n    x = -x\nreturn x", [(1.0,), (5.0,)],
    ),
    "loop else without break": (
        "x", "for i in range(3):\n    x = x * 2\nelse:\n    x = -x\nreturn x",
        "for i in range(3):\n    x = x * 2\nx = -x\nreturn x", [(1.0,)],
    ),
    "return out of nested loops": (
        "x", "for i in range(3):\n    for j in range(3):\n        x = x * 2\n        if x > 10:\n"
        "            return x * i\n    x = x - 1\nreturn -x",
        "returned = False\nfor i in range(3):\n    for j in range(3):\n        x = x * 2\n"
        "        returned = x > 10\n        if returned:\n            break\n"
        "    if not returned:\n        x = x - 1\n    if returned:\n        break\n"
        "if returned:\n    result = x * i\nelse:\n    result = -x\nreturn result", [(0.01,), (1.0,)],
    ),
    "several returns in a loop": (
        "x", "for i in range(9):\n    if x > 9:\n        return x\n    x = x * 2\n    if i > 2:\n"
        "        return -x\nreturn 0.0",
        "returned = False\nfor i in range(9):\n    if x > 9:\n        result = x\n"
        "        returned = True\n    else:\n        x = x * 2\n        if i > 2:\n"
        "            result = -x\n            returned = True\n    if returned:\n        break\n"
        "if not returned:\n    result = 0.0\nreturn result", [(1.0,), (5.0,), (0.1,)],
    ),
    "break and return": (
        "x", "for i in range(9):\n    if x > 9:\n        return x\n    if i > 2:\n        break\n"
        "    x = x * 2\nreturn -x",
        "returned = False\nfor i in range(9):\n    stop = False\n    if x > 9:\n"
        "        returned = True\n    elif i > 2:\n        stop = True\n    else:\n        x = x * 2\n"
        "    stop = stop or returned\n    if stop:\n        break\nif returned:\n    result = x\n"
        "else:\n    result = -x\nreturn result", [(1.0,), (5.0,), (0.1,)],
    ),
    "user's own flag": (
        "x", "done = False\nwhile True:\n    x = x * 2\n    done = x > 9\n    if done:\n        break\n"
        "return x",
        "done = False\nwhile True:\n    x = x * 2\n    done = x > 9\n    if done:\n        break\n"
        "return x", [(1.0,)],
    ),
    "while with a walrus": (
        "x", "while (y := x * x) < 50:\n    x = x + y\nreturn x + y",
        "while True:\n    y = x * x\n    stop = not y < 50\n    if not stop:\n        x = x + y\n"
        "    if stop:\n        break\nreturn x + y", [(1.0,), (9.0,)],
    ),
    "with": (
        "x", "with np.errstate(all='ignore'):\n    y = x if x > 1 else 2.0\n    return y",
        "with np.errstate(all='ignore'):\n    if x > 1:\n        y = x\n    else:\n        y = 2.0\n"
        "return y", [(1.0,), (3.0,)],
    ),
    "return in an inactive try": (
        "x, n", "try:\n    k = 1 // n\nexcept ZeroDivisionError:\n    return 0.0\nreturn x * k",
        "returned = False\ntry:\n    k = 1 // n\nexcept ZeroDivisionError:\n    value = 0.0\n"
        "    returned = True\nif returned:\n    result = value\nelse:\n    result = x * k\n"
        "return result", [(1.0, 0), (1.0, 1)],
    ),
    "match": (
        "x, n", "match n:\n    case 1 | 2:\n        y = x\n    case None:\n        y = 2 * x\n"
        "    case k if k > 7:\n        y = k * x\n    case _:\n        y = -x\nreturn y",
        "if n == 1 or n == 2:\n    y = x\nelif n is None:\n    y = 2 * x\nelse:\n    k = n\n"
        "    if k > 7:\n        y = k * x\n    else:\n        y = -x\nreturn y",
        [(1.5, 1), (1.5, None), (1.5, 9), (1.5, 4)],
    ),
    "effects": (
        "x", "if x[0] > 9:\n    raise ValueError(x)\nassert x[1] > 0\ny = []\n[y.append(v) for v in x]\n"
        "x[0] > 0 and y.append(x[1])\ndel x\nreturn y",
        "if x[0] > 9:\n    raise ValueError(x)\nassert x[1] > 0\ny = []\nfor i in range(len(x)):\n"
        "    v = x[i]\n    y.append(v)\nif x[0] > 0:\n    y.append(x[1])\nreturn y",
        [(A,), (10 * A,), (-A,)],
    ),
    "spread display": (
        "x", "return np.add(*[x, 2 * x])", "return np.add(x, 2 * x)", [(1.5,)],
    ),
    "augmented assignment stays": (
        "x", "x[0] += 2 * x[1]\nx *= 2\nreturn x", "x[0] += 2 * x[1]\nx *= 2\nreturn x", [(A,)],
    ),
    "inactive code stays": (
        "x, n", "import math\ntry:\n    k = n // 2\nexcept ValueError:\n    k = 0\n"
        "def g(m):\n    return m + 1\nk = g(k) if k else math.pi\nreturn x * k",
        "import math\ntry:\n    k = n // 2\nexcept ValueError:\n    k = 0\n\n"
        "def g(m):\n    return m + 1\nk = g(k) if k else math.pi\nreturn x * k", [(1.5, 5)],
    ),
    "nothing": ("x", "pass", "return None", [(1.5,)]),
}  # fmt: skip


def f0(x: Any) -> Any:
    return x, (x * 2, x + 3)


@pytest.mark.parametrize("name", FORMS)
def test_form(name: str) -> None:
    parameters, before, after, calls = FORMS[name]
    text = f"def f({parameters}):\n{textwrap.indent(before, '    ')}"
    active = [p for p in parameters.split(", ") if p in ("x", "y", "z", "w")]
    made = rewrite(text, active, f0=f0)
    expected = f"def f({parameters}):\n{textwrap.indent(after, '    ')}"
    assert made.text == tree.text(tree.statements(expected))
    assert_small(made.tree)
    for arguments in calls:
        assert outcome(made.after, arguments) == outcome(made.before, arguments)


def test_statements_keep_the_origin_of_the_users_statement() -> None:
    source, function = source_and_tree("""
        def f(x):
            y = [v for v in x if v > 1]
            for v in x:
                if v > 2:
                    return v
            return y
    """)
    for statement in tree.every_statement(function.body):
        line = statement.lineno
        tree.mark(statement, Origin("<text>", line, 0, line, 1, str(line)))
    new = desugar(function, {"x", "y", "v"}, is_zero, Names(), source)
    lines: dict[str, set[int]] = {}
    for statement in tree.every_statement(new.body):
        origin = tree.origin_of(statement)
        assert origin is not None, tree.text(statement)
        lines.setdefault(tree.text(statement).partition("\n")[0], set()).add(origin.line)
    assert lines == {
        "y = []": {2}, "for i in range(len(x)):": {2, 3}, "v = x[i]": {2, 3}, "if v > 1:": {2},
        "y.append(v)": {2}, "returned = False": {3}, "returned = v > 2": {4}, "break": {4},
        "if returned:": {3, 4}, "result = v": {5}, "result = y": {6}, "return result": {6},
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
