"""What varies and is given to an object by a method, in whichever expression that stands: the object holds it then.

Objects are made in many ways, most of which hide their class, and are given something where the result counts for
nothing. Each program has the right derivatives, or is refused.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp
from tests.laws.samples import load
from tests.laws.test_known_traps import difference

X = np.array([0.83, 0.61, 1.27])

DEFINITIONS = """
import contextlib
import copy
import functools
from types import SimpleNamespace
import numpy as np

class Log:
    def __init__(self):
        self.items, self.count = [], 0
        self.total = 0.0

    def push(self, v):
        self.items.append(v)
        self.total = self.total + v
        self.count += 1
        return self.count < 3

KNOWN = {"log": Log}
FIRST = Log()
new = lambda: Log()

def made(n=3):
    log = None
    while log is None:
        log = Log() if n else None
    return log

def generated():
    yield Log()

@contextlib.contextmanager
def managed():
    yield Log()

def push(log, v):
    return log.push(v)
"""
MADE = {
    "by its name": "log = Log()",
    "by a function": "log = made()",
    "by a lambda": "log = new()",
    "in a list": "log = [Log(), Log()][len(x) - 3]",
    "in a dict": "log = {k: Log() for k in 'ab'}['a']",
    "by a new class": "log = type('Other', (Log,), {})()",
    "by a table": "log = KNOWN['log']()",
    "by `__new__`": "log = Log.__new__(Log); log.__init__()",
    "by a copy": "log = copy.deepcopy(FIRST)",
    "by a partial": "log = functools.partial(Log)()",
    "by a manager": "with managed() as log: pass",
    "by a generator": "log = next(generated())",
    "in a namespace": "p = SimpleNamespace(log=Log()); log = p.log",
}
GIVEN = [
    "while log.push(x[0] * log.count): pass", "if log.push(x[0]): pass", "log.push(x[0])", "t = log.push(x[0])",
    "assert log.push(x[0])", "t = f'{log.push(x[0])}'", "t = 1 if log.push(x[0]) else 2", "t = log.push(x[0]) and 3",
    "t = 0 < log.push(x[0])", "t = [v for v in range(2) if log.push(x[v])]", "t = any(log.push(v) for v in x)",
    "t = list(map(log.push, x))", "t = not log.push(x[0])", "t = int(log.push(x[0]))", "t = [1, 2][log.push(x[0])]",
    "g = lambda v: log.push(v); t = g(x[0])", "for i in range(log.push(x[0])): pass", "p = log.push; t = p(x[0])",
    "t = sorted([0, 1], key=lambda i: log.push(x[i]))", "print(log.push(x[0]))", "t = (u := log.push(x[0]))",
    "t = x[int(log.push(x[0]))]", "t = log.push(x[0]) * 1.0", "t = str(log.push(x[0]))", "t = push(log, x[0])",
    "t = log.push(x[0]) is None", "t = Log.push(log, x[0])", "t = push(v=x[0], log=log)", "t = max(x, key=log.push)",
    "p = log.push; t = max(x, key=p)", "t = sorted(x, key=log.push)",
    "t = functools.reduce(lambda a, v: log.push(v), x)", "t = list(filter(log.push, x))",
    "t = np.vectorize(log.push)(x)", "getattr(log, 'push')(x[0])", "t = functools.partial(log.push, x[0])()",
    "setattr(log, 'total', x[0])", "vars(log)['total'] = x[0]", "t = {log.push(v): 1 for v in x}",
    "t = [log.push(x[0]), log.push(x[1])][0]", "t = 0; t += log.push(x[0])", "t = np.floor(log.push(x[0]))",
]  # fmt: skip
ASKED = ["sum(log.items) * 2.0 + x[1]", "log.total * 2.0 + x[1]", "np.sum(np.array(log.items)) * x[2]"]


def program(made: str, given: str, asked: str) -> str:
    """The text of a program."""
    lines = [MADE[made], given, f"return {asked}"]
    return DEFINITIONS + "\ndef f(x):\n" + "".join(f"    {line}\n" for line in lines)


CASES = [
    (made, given, ASKED[(row + column) % len(ASKED)])
    for (row, made), (column, given) in itertools.product(enumerate(MADE), enumerate(GIVEN))
]


@pytest.mark.every(3)
@pytest.mark.parametrize(("made", "given", "asked"), CASES)
def test_objects_hold_what_they_are_given(made: str, given: str, asked: str) -> None:
    f = load(program(made, given, asked), f"<{made}, {given}, {asked}>")["f"]
    expected = difference(f, (X,), 0)
    try:
        np.testing.assert_allclose(grad(f)(X), expected, rtol=1e-7, atol=1e-7)
        tangents = [jvp(f)(X, seed=row)[1] for row in np.eye(3)]
        np.testing.assert_allclose(tangents, expected, rtol=1e-7, atol=1e-7)
    except (UnsupportedError, DerivativeError):
        return


def test_most_of_them_are_no_refusals() -> None:
    """A compiler that refuses everything would pass the others."""
    for made, given in itertools.product(("by its name", "in a list"), ("t = log.push(x[0])", "t = push(log, x[0])")):
        f = load(program(made, given, ASKED[1]), f"<{made}, {given}>")["f"]
        np.testing.assert_allclose(grad(f)(X), difference(f, (X,), 0), rtol=1e-7, atol=1e-7)
