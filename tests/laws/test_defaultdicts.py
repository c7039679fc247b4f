"""What a defaultdict is read for, it has afterwards: each reading is a change that nobody sees written.

One is made in every way, read in every way, and asked before and after what it holds. Each program has the right
derivatives, or is refused.
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
from collections import defaultdict
from functools import reduce
from operator import getitem
from types import SimpleNamespace
import numpy as np

class Box:
    def __init__(self, d):
        self.d = d

class Own(defaultdict):
    pass

def make():
    return defaultdict(int)

def look(d, k):
    return d[k]

def look_and_multiply(x, d, k):
    return x[0] * (d[k] + 1) * len(d)
"""

MADE = {
    "plainly": ("d = defaultdict(int)", "d"),
    "with an item": ("d = defaultdict(int, a=2)", "d"),
    "with a lambda": ("d = defaultdict(lambda: 2)", "d"),
    "under two names": ("d = e = defaultdict(int)", "d"),
    "in a tuple": ("p = (defaultdict(int), 3)", "p[0]"),
    "in a list": ("p = [defaultdict(int)]", "p[0]"),
    "in a dict": ("p = {'d': defaultdict(int)}", "p['d']"),
    "in an object": ("p = Box(defaultdict(int))", "p.d"),
    "in a namespace": ("p = SimpleNamespace(d=defaultdict(int))", "p.d"),
    "in another": ("p = defaultdict(lambda: defaultdict(int))", "p['u']"),
    "by a function": ("d = make()", "d"),
    "of a class of its own": ("d = Own(int)", "d"),
}
READ = {
    "for nothing": ["$['a']"],
    "into a name": ["n = $['a']"],
    "as a factor": ["s = s + x[1] * $['a']"],
    "as an index": ["s = s + x[$['a']]"],
    "as a power": ["n = $['a'] + 2", "s = s + x[0] ** n"],
    "between": ["s = s + x[0] * (len($) + $['a'] + len($))"],
    "in a test": ["if $['a'] > 0:", "    s = s * 2.0"],
    "by choice": ["s = s + (x[0] if $['a'] else x[1])"],
    "if need be": ["s = s + (x[0] if s > 0 and $['a'] else x[1] ** 2)"],
    "in a branch": ["if x[0] > 0:", "    $['a']", "else:", "    $['b']; $['c']"],
    "in a loop": ["for i in range(3):", "    n = $[i % 2]", "    s = s * x[i] + n"],
    "while it is small": ["while $['a'] < 3:", "    $['a'] += 1", "    s = s + x[0]"],
    "into a list": ["t = [$[k] for k in 'abc']", "s = s + sum(t) * x[1]"],
    "by a generator": ["s = s + sum(x[0] * ($[k] + 1) for k in 'abc')"],
    "by a function": ["s = s + look($, 'a') * x[1]"],
    "by a function that varies": ["s = s + look_and_multiply(x, $, 'a')"],
    "by a function inside": ["s = s + (lambda k: x[0] * $[k])('a')"],
    "by another function": ["getitem($, 'a')"],
    "by a function handed on": ["n = reduce(getitem, ['a'], $)"],
    "by a method": ["s = s + sum(map($.__getitem__, 'ab')) * x[0]"],
    "to sort": ["t = sorted(['b', 'a'], key=lambda k: $[k])"],
    "to be written": ["$['a'] = $['b'] + 1"],
    "to be updated": ["$['a'] += 1; $['b'] += $['c']"],
    "to be deleted": ["$['a']; del $['a']; $['b']"],
    "into a text": ["t = f\"{$['a']}\""],
    "into a text by key": ["t = '%(a)s' % $"],
    "into a text by index": ["t = '{0[a]}'.format($)"],
    "in a try": ["try:", "    n = $['a']", "    s = s + x[n]", "except KeyError:", "    s = s * 3.0"],
    "in an assertion": ["assert $['a'] >= 0"],
    "as a key": ["s = s + x[0] * $[$['z']]"],
    "by a get": ["s = s + x[0] * $.get('a', 5)"],
}
ASKED = {
    "its length": "len($)",
    "a key": "('a' in $)",
    "its values": "(sum($.values()) + 1)",
    "its keys": "len(list($))",
}


def program(made: str, read: str, asked: str, is_asked_before: bool) -> str:
    """The text of a program."""
    first, name = MADE[made]
    question = ASKED[asked]
    lines = [first, "s = x[0] * x[1]"]
    lines += [f"s = s + x[3] * {question}"] if is_asked_before else []
    lines += [*READ[read], f"return s + x[2] * {question} * s"]
    return DEFINITIONS + "\ndef f(x):\n" + "".join(f"    {line.replace('$', name)}\n" for line in lines)


CASES = [
    (made, read, list(ASKED)[(row + column) % len(ASKED)], bool((row + column // 2) % 2))
    for (row, made), (column, read) in itertools.product(enumerate(MADE), enumerate(READ))
]


@pytest.mark.every(3)
@pytest.mark.parametrize(("made", "read", "asked", "is_asked_before"), CASES)
def test_reading_is_a_change(made: str, read: str, asked: str, is_asked_before: bool) -> None:
    text = program(made, read, asked, is_asked_before)
    f = load(text, f"<{made}, {read}, {asked}, {is_asked_before}>")["f"]
    expected = difference(f, (X,), 0)
    try:
        if is_asked_before:
            np.testing.assert_allclose(grad(f)(X), expected, rtol=1e-7, atol=1e-7)
        else:
            tangents = [jvp(f)(X, seed=row)[1] for row in np.eye(4)]
            np.testing.assert_allclose(tangents, expected, rtol=1e-7, atol=1e-7)
            np.testing.assert_allclose(grad(f)(X), expected, rtol=1e-7, atol=1e-7)
    except UnsupportedError:
        return


@pytest.mark.parametrize("read", ["for nothing", "in a branch", "to be deleted", "between", "by a function"])
def test_derivatives_of_derivatives(read: str) -> None:
    f = load(program("plainly", read, "its length", True), f"<{read}>")["f"]
    expected = (grad(f)(X + 1e-6 * X) - grad(f)(X - 1e-6 * X)) / 2e-6
    np.testing.assert_allclose(jvp(grad(f))(X, seed=X)[1], expected, rtol=1e-6, atol=1e-6)


def test_most_of_them_are_no_refusals() -> None:
    """A compiler that refuses everything would pass the others."""
    for made, read in itertools.product(("plainly", "in an object"), ("for nothing", "in a loop", "as an index")):
        f = load(program(made, read, "a key", True), f"<{made}, {read}>")["f"]
        np.testing.assert_allclose(grad(f)(X), difference(f, (X,), 0), rtol=1e-7, atol=1e-7)
