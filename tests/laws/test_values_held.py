"""What varies and is held by something that no derivative follows, however it came there.

Values reach a list or a dict by its own name, or by the name of one of its items. What is read of slices, keys,
functions and classes afterwards has the right derivative, or is refused; and lists that functions join are joined as
operators join them.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp
from tests.laws.samples import load
from tests.laws.test_known_traps import difference

X = np.array([0.83, 0.61, 1.27, 0.94])

DEFINITIONS = """
import functools
import inspect
import operator
import sys
from collections import defaultdict
import numpy as np
"""
FILLED = {
    "by a display": "m = [[x[0]], [x[1]], [x[2]]]",
    "by items of items": "m = [[0.0] for _ in range(3)]; any([m[i].__setitem__(0, x[i]) for i in range(3)])",
    "by a loop": "m = [[0.0] for _ in range(3)]\nfor i in range(3):\n    m[i][0] = x[i]",
    "by a row's name": "m = [[0.0], [0.0], [0.0]]\nfor i in range(3):\n    row = m[i]\n    row[0] = x[i]",
    "in turn": "m = [[0.0], [0.0], [0.0]]\nfor row, v in zip(m, x):\n    row[0] = v",
    "into a defaultdict": "m = defaultdict(list)\nfor i in range(3):\n    m[i].append(x[i])",
    "by setdefault": "m = {}\nfor i in range(3):\n    m.setdefault(i, []).append(x[i])",
    "at the end": "m = []\nfor v in x[:3]:\n    m.append([])\n    m[-1].append(v)",
    "into arrays": "m = [np.zeros(1) for _ in range(3)]\nfor i in range(3):\n    m[i][0] = x[i]",
    "into dicts": "m = [{0: 0.0} for _ in range(3)]\nfor i in range(3):\n    m[i][0] = x[i]",
}
HELD = {
    "a slice": "r = slice(m[0][0], 3).start",
    "a slice in a tuple": "s = (slice(m[0][0], 3), 1); r = s[0].start",
    "a written slice": "r = np.s_[m[0][0]:3].start",
    "a key": "d = {m[0][0]: 1.0}; r = list(d)[0]",
    "a key of pairs": "r = list(dict([(m[0][0], 1.0)]))[0]",
    "a class": "r = type('T', (), {'v': m[0][0]}).v",
    "a default": "g = lambda a=m[0][0]: a; r = g.__defaults__[0]",
    "a closure": "g = lambda: m; r = g.__closure__[0].cell_contents[0][0]",
    "a frame": "r = sys._getframe().f_locals['m'][0][0]",
    "another frame": "r = inspect.currentframe().f_locals['m'][0][0]",
    "a text": "r = float(str(m[0][0]))",
    "a format": "r = float('%r' % float(m[0][0]))",
    "a joined text": "r = float(f'{float(m[0][0])!r}')",
    "an exception": "r = ValueError(m[0][0]).args[0]",
    "a set": "r = sum({v for v in m[0]})",
    "a comparison of lists": "r = float(m[0] > m[1])",
    "joined by sum": "q = sum([m[0], m[1], m[2]], []); r = q[0] * q[2] + len(q)",
    "joined by sum, of all": "q = sum([m[i] for i in range(3)], start=[]); r = q[0] * q[-1] + len(q)",
    "joined to something": "q = sum([m[0], m[1]], [x[3]]); r = q[0] * q[-1] + len(q)",
    "joined by operator.add": "q = operator.add(m[0], m[1]); r = q[0] * q[-1] + len(q)",
    "joined by reduce": "q = functools.reduce(operator.add, [m[0], m[1], m[2]]); r = q[0] * q[-1] + len(q)",
    "repeated": "q = operator.mul(m[0], 2); r = q[0] * q[-1] + len(q)",
    "an item": "r = operator.getitem(m[0], 0)",
    "a difference": "r = operator.sub(m[0][0], operator.neg(m[1][0]))",
}
CASES = list(itertools.product(FILLED, HELD))


def written(filled: str, held: str) -> str:
    lines = "\n".join((*FILLED[filled].split("\n"), HELD[held], "return r * x[1] + m[2][0] ** 2"))
    return DEFINITIONS + "def f(x):\n" + "".join(f"    {line}\n" for line in lines.split("\n"))


@pytest.mark.every(4)
@pytest.mark.parametrize(("filled", "held"), CASES, ids=[f"{filled}, {held}" for filled, held in CASES])
def test_what_is_held_is_followed_or_refused(filled: str, held: str) -> None:
    f = load(written(filled, held), "<held>")["f"]
    try:
        expected = difference(f, (X,), 0)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError):
        pytest.skip("what was filled cannot be held like that")
    try:
        np.testing.assert_allclose(grad(f)(X.copy()), expected, rtol=1e-6, atol=1e-6)
        tangents = [jvp(f)(X.copy(), seed=unit)[1] for unit in np.eye(4)]
        np.testing.assert_allclose(tangents, expected, rtol=1e-6, atol=1e-6)
    except (UnsupportedError, DerivativeError):
        return


@pytest.mark.parametrize("held", ["joined by operator.add", "repeated", "an item", "a difference"])
@pytest.mark.parametrize("filled", ["by a loop", "into a defaultdict", "at the end"])
def test_functions_that_are_operators_are_followed(filled: str, held: str) -> None:
    f = load(written(filled, held), "<held>")["f"]
    expected = difference(f, (X,), 0)
    np.testing.assert_allclose(grad(f)(X.copy()), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ("a default", "the attributes under which a function hands out its defaults"),
        ("a frame", "the derivative has other"),
        ("another frame", "the derivative has other"),
        ("a key", "are keys of a dict"),
        ("a slice", "a number is made of a text"),
        ("joined by sum", "joins lists or tuples"),
    ],
)
def test_what_holds_without_a_derivative_is_refused(held: str, message: str) -> None:
    f = load(written("by a loop", held), "<held>")["f"]
    with pytest.raises(UnsupportedError, match=message):
        grad(f)(X.copy())
