"""What a `try` has done by the time it fails: its handlers see that, and so does what comes after them.

Every kind of thing that can change is changed before something fails, in several places, and read in several others.
Each program has the right derivatives, or is refused.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp
from tests.laws.samples import load
from tests.laws.test_known_traps import difference

X = np.array([0.83, 0.61, 1.27, 0.94])

DEFINITIONS = """
import contextlib
import numpy as np

class R:
    k = 3
    def __init__(self, v):
        self.v, self.f, self.n = v, np.sin, None
    def go(self, t):
        return self.v * t * self.k
    def set(self, v):
        self.v = v

class S(R):
    k = 5
    def go(self, t):
        return self.v * t * t * self.k

def boom(u):
    if u > 0.1:
        raise ValueError
    return u
"""

CHANGES = {
    "a number": ("v = x[0]", "v = x[1] * 3.0", "v"),
    "an array": ("v = x[0]", "v = x * 2.0", "np.sum(v)"),
    "None": ("v = None", "v = x[1]", "(x[2] * 5 if v is None else v)"),
    "a list": ("v = [x[3]]", "v = [x[0], x[1], x[2]]", "sum(v) * len(v)"),
    "what a list holds": ("v = [x[0]]", "v.append(x[1])", "sum(v) * len(v)"),
    "an object": ("v = R(x[0])", "v = R(x[1])", "v.go(x[2])"),
    "the class of an object": ("v = R(x[0])", "v = S(x[0])", "(x[1] if isinstance(v, S) else x[2] * 3) * v.v"),
    "a function": ("v = np.sin", "v = np.cos", "v(x[1])"),
    "a lambda": ("v = lambda t: t * x[0]", "v = lambda t: t * x[1]", "v(x[2])"),
    "an item of a dict": ("v = {'k': x[0]}", "v['k'] = x[1] * 2", "v['k'] * len(v)"),
    "the keys of a dict": ("v = {'k': x[0]}", "v['j'] = x[1] * 2", "sum(v.values()) * len(v)"),
    "a tuple": ("v = (x[3],)", "v = (x[0], x[1], 2)", "v[-1] * x[2] * len(v)"),
    "an integer": ("v = 2", "v = 3", "x[1] ** v"),
    "a text": ("v = 'a'", "v = 'b'", "(x[1] if v == 'a' else x[2] * 3)"),
    "a flag": ("v = False", "v = True", "(x[1] if v else x[2] * 3)"),
    "an attribute": ("v = R(x[0])", "v.v = x[1] * 2", "v.go(x[2])"),
    "an attribute that a method assigns": ("v = R(x[0])", "v.set(x[1] * 2)", "v.go(x[2])"),
    "a function in an attribute": ("v = R(x[0])", "v.f = np.cos", "v.f(x[2])"),
    "None in an attribute": ("v = R(x[0])", "v.n = x[1]", "(x[2] * 7 if v.n is None else v.n)"),
    "an item of an array": ("v = x * 1.0", "v[1] = x[0] * x[2]", "np.sum(v * v)"),
    "a class": ("v = R", "v = S", "v(x[0]).go(x[1])"),
}

FAILURES = {
    "after it": ["{change}", "boom(x[0])"],
    "in a branch": ["{change}", "if x[0] > 0.5:", "    raise ValueError"],
    "in a loop": ["for i in range(3):", "    {change}", "    boom(x[i] - 0.7)"],
    "in another try": ["try:", "    {change}", "    boom(x[0])", "except KeyError:", "    pass"],
    "before a finally": ["try:", "    {change}", "    boom(x[0])", "finally:", "    u = x[3]"],
    "before it": ["boom(x[0])", "{change}"],
    "nowhere": ["{change}", "boom(x[0] - 5.0)"],
}

READINGS = {
    "in the handler": ["try:", "{tried}", "except ValueError:", "    return {read}", "return x[3] * 2"],
    "after it": ["try:", "{tried}", "except ValueError:", "    pass", "return {read}"],
    "after another one": [
        "try:", "    try:", "    {tried}", "    except ValueError:", "        raise KeyError",
        "except KeyError:", "    return {read}", "return x[0]",
    ],
    "in all places": [
        "t = 1.0", "try:", "{tried}", "except (ValueError, TypeError):", "    t = {read}",
        "else:", "    t = 2 * {read}", "return t * {read}",
    ],
    "in a finally": ["z = 0.0", "try:", "{tried}", "except ValueError:", "    z = x[0]",
                     "finally:", "    z = z + {read}", "return z"],
    "when suppressed": ["with contextlib.suppress(ValueError):", "{tried}", "return {read}"],
}  # fmt: skip


def program(change: str, failure: str, reading: str) -> str:
    """The text of a program."""
    first, later, read = CHANGES[change]
    tried = [line.format(change=later) for line in FAILURES[failure]]
    lines = [first]
    for line in READINGS[reading]:
        if "{tried}" in line:
            indentation = line.replace("{tried}", "") + "    "
            lines += [indentation + inner for inner in tried]
        else:
            lines.append(line.format(read=read))
    return DEFINITIONS + "\ndef f(x):\n" + "".join(f"    {line}\n" for line in lines)


CASES = [
    (change, failure, list(READINGS)[(row + column) % len(READINGS)])
    for (row, change), (column, failure) in itertools.product(enumerate(CHANGES), enumerate(FAILURES))
] + [("a flag", "after it", reading) for reading in READINGS]


@pytest.mark.parametrize(("change", "failure", "reading"), CASES)
def test_handlers_see_what_was_done(change: str, failure: str, reading: str) -> None:
    text = program(change, failure, reading)
    f = load(text, f"<{change}, {failure}, {reading}>")["f"]
    expected = difference(f, (X,), 0)
    try:
        found = grad(f)(X)
        tangents = [jvp(f)(X, seed=row)[1] for row in np.eye(4)]
    except UnsupportedError:
        return
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(tangents, expected, rtol=1e-7, atol=1e-7)


def test_most_of_them_are_no_refusals() -> None:
    """A compiler that refuses everything would pass the others."""
    chosen = [("a number", "after it"), ("None", "after it"), ("a flag", "in a branch"), ("an integer", "nowhere"),
              ("an array", "in a loop"), ("a text", "before it"), ("an object", "before it")]  # fmt: skip
    for change, failure in chosen:
        f = load(program(change, failure, "in the handler"), f"<{change}, {failure}>")["f"]
        np.testing.assert_allclose(grad(f)(X), difference(f, (X,), 0), rtol=1e-7, atol=1e-7)
