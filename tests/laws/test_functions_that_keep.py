"""What varies and is given to a function that keeps it, where the run alone tells which function that is.

A function that is held by a list, a dict or an object may append to a list, store into an array or add to a number:
methods of these, partials, closures, callable objects. Each program has the right derivatives, or is refused.
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
from types import SimpleNamespace
import numpy as np

class Call:
    def __init__(self, kept):
        self.kept = kept

    def __call__(self, v):
        self.kept.append(v)
        return len(self.kept)

    def put(self, v):
        self.kept.append(v)
        return 1

class Holder:
    def __init__(self, go):
        self.go = go

    def run(self, v):
        return self.go(v)

def put(kept, v):
    kept.append(v)
    return len(kept)

def made(kept):
    def inner(v):
        kept.append(v)
        return len(kept)
    return inner

def same(g):
    return g

def nothing(v):
    return 1

def apply(g, v):
    return g(v)
"""
KEEPING = {
    "a method": "kept = []; g = kept.append",
    "a lambda": "kept = []; g = lambda v: kept.append(v) or len(kept)",
    "a partial": "kept = []; g = functools.partial(put, kept)",
    "a partial of a method": "kept = [0.0, 1.0]; g = functools.partial(kept.__setitem__, 0)",
    "a partial of a setter": "kept = {'a': 0.0}; g = functools.partial(kept.setdefault, 'b'); kept = kept.values()",
    "a callable object": "kept = []; g = Call(kept)",
    "a method of an object": "kept = []; g = Call(kept).put",
    "what is made": "kept = []; g = made(kept)",
    "a method of an array": "kept = np.zeros(3); g = kept.fill",
    "a store into an array": "kept = np.zeros(3); g = functools.partial(kept.__setitem__, 1)",
    "an array for the result": "kept = np.zeros(4); g = functools.partial(np.multiply, 2.0, out=kept)",
    "a view": "kept = np.zeros(3); g = kept[1:].fill",
}
HIDDEN = {
    "by its name": "h = g",
    "in a dict": "h = {'g': g, 'n': nothing}['gn'[len(x) - 4]]",
    "in a list": "h = [g, nothing][len(x) - 4]",
    "by a branch": "h = g if x[0] > 0 else nothing",
    "by a function": "h = same(g)",
    "in a namespace": "p = SimpleNamespace(h=g)",
    "in a dict of dicts": "p = {'a': {'h': g}}",
    "in an object": "p = Holder(g)",
    "in an object out of a list": "p = [Holder(g)][len(x) - 4]",
    "by a loop": "for h in (nothing, g): pass",
    "by taking off": "h = [nothing, g].pop()",
    "by a lambda": "h = lambda v: g(v)",
}
CALLED = {"in a namespace": "p.h", "in a dict of dicts": "p['a']['h']", "in an object": "p.run",
          "in an object out of a list": "p.go"}  # fmt: skip
GIVEN = [
    "{h}(x[0] * 2.0)", "t = {h}(x[0])", "if {h}(x[0]): pass", "t = [{h}(v) for v in x]", "t = apply({h}, x[0])",
    "t = list(map({h}, x))", "for v in x: {h}(v * v)", "t = {h}(x[0]) is None", "t = {h}(*[x[0]])",
    "assert {h}(x[0]) != 77", "t = (0, {h}(x[1]))[0]",
]  # fmt: skip


def program(keeping: str, hidden: str, given: str) -> str:
    """The text of a program."""
    called = given.format(h=CALLED.get(hidden, "h"))
    if keeping == "an array for the result":
        # Its truth, and that of an array that is compared, are no numbers.
        called = called.replace("x[0]", "x").replace("(x) != 77", "(x) is not x").replace("if ", "if None is ")
    lines = [KEEPING[keeping], HIDDEN[hidden], called, "return sum(kept) * x[2] + x[1]"]
    return DEFINITIONS + "\ndef f(x):\n" + "".join(f"    {line}\n" for line in lines)


CASES = [
    (keeping, hidden, GIVEN[(row + 3 * column + k) % len(GIVEN)])
    for (row, keeping), (column, hidden) in itertools.product(enumerate(KEEPING), enumerate(HIDDEN))
    for k in (0, 4, 7)
]


@pytest.mark.every(3)
@pytest.mark.parametrize(("keeping", "hidden", "given"), CASES)
def test_what_is_kept_varies(keeping: str, hidden: str, given: str) -> None:
    f = load(program(keeping, hidden, given), f"<{keeping}, {hidden}, {given}>")["f"]
    expected = difference(f, (X,), 0)
    try:
        np.testing.assert_allclose(grad(f)(X), expected, rtol=1e-7, atol=1e-7)
        tangents = [jvp(f)(X, seed=row)[1] for row in np.eye(4)]
        np.testing.assert_allclose(tangents, expected, rtol=1e-7, atol=1e-7)
    except (UnsupportedError, DerivativeError):
        return


@pytest.mark.parametrize("keeping", ["a method", "a lambda", "a partial", "a callable object", "what is made"])
def test_these_are_no_refusals(keeping: str) -> None:
    """A compiler that refuses everything would pass the others."""
    f = load(program(keeping, "by its name", GIVEN[0]), f"<{keeping}>")["f"]
    np.testing.assert_allclose(grad(f)(X), difference(f, (X,), 0), rtol=1e-7, atol=1e-7)
