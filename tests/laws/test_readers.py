"""Readers, queues and iterators change as they are looked at: by `1 in r`, `[*r]`, `q.get()`.

Each is made in several ways, looked at in many, and used up at the end. Each program has the right derivatives, or is
refused.
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
import csv
import io
import queue
import numpy as np

ROWS = "1\\n2\\n3\\n4\\n"

def made():
    return iter([["1"], ["2"], ["3"], ["4"]])
"""

READERS = {
    "a reader": "r = csv.reader(io.StringIO(ROWS))",
    "a reader in a list": "p = [csv.reader(io.StringIO(ROWS))]; r = p[0]",
    "a file": "r = io.StringIO(ROWS)",
    "an iterator": "r = made()",
    "an iterator in a dict": "p = {'r': iter([['1'], ['2'], ['3'], ['4']])}; r = p['r']",
}
LOOKS = [
    "next(r)", "list(r)", "n = list(r)", "n = sum(1 for _ in r)", "n = any(v == ['2'] for v in r)", "n = sorted(r)",
    "n = tuple(r)", "n = max(r)", "['2'] in r", "n = ['2'] not in r", "a, *b = r", "n = dict(zip('ab', r))",
    "n = [*r]", "n = [v for v in r]", "n = {v[0] for v in r}", "n = list(enumerate(r))", "n = list(map(len, r))",
    "n = np.array(list(r))", "n = all(r)", "n = min(r, key=len)", "n = f'{list(r)}'", "n = ''.join(v[0] for v in r)",
    "n = bool(list(r))", "if ['2'] in r: pass", "n = 1 if ['2'] in r else 2", "assert ['9'] not in r",
    "s = s + x[3] * (['2'] in r)", "s = s + x[3] * len([*r])", "s = s + x[3] * sum(1 for _ in r)",
    "if ['2'] in r: s = s * x[1]", "s = s + x[1] * (s > 0 and ['2'] in r)", "for v in r: s = s * x[0]",
    "s = s * sum([x[int(v[0]) - 1] for v in r])", "s = s + x[3] * (len(next(r)) + len(list(r)))",
]  # fmt: skip
QUEUES = {
    "a queue": "q = queue.Queue(); q.put(3); q.put(1); q.put(2)",
    "a simple queue": "q = queue.SimpleQueue(); q.put(3); q.put(1); q.put(2)",
    "a stack": "q = queue.LifoQueue(); q.put(3); q.put(1); q.put(2)",
    "a queue in an order": "q = queue.PriorityQueue(); q.put(3); q.put(1); q.put(2)",
}
TAKEN = [
    "q.get()", "n = q.get()", "q.get(False)", "q.get(block=False)", "n = q.get(timeout=1)", "q.get(True, 1)",
    "s = s + x[3] * q.get()", "s = s + x[3] * (q.qsize() + q.get() + q.qsize())", "t = [q.get() for _ in range(2)]",
    "s = s * x[q.get()]", "if q.get() > 1: s = s * x[1]", "while q.qsize() > 1: s = s * x[q.get()]",
]  # fmt: skip


def program(made: str, look: str, asked: str) -> str:
    """The text of a program."""
    lines = [made, "s = x[0] * x[1]", look, f"return s + x[2] * {asked}"]
    return DEFINITIONS + "\ndef f(x):\n" + "".join(f"    {line}\n" for line in lines)


CASES = [(READERS[made], look, "len(list(r))") for made, look in itertools.product(READERS, LOOKS)] + [
    (QUEUES[made], look, "(q.get() + 2 * q.qsize())") for made, look in itertools.product(QUEUES, TAKEN)
]


@pytest.mark.every(3)
@pytest.mark.parametrize(("made", "look", "asked"), CASES)
def test_looking_is_a_change(made: str, look: str, asked: str) -> None:
    f = load(program(made, look, asked), f"<{made}, {look}>")["f"]
    expected = difference(f, (X,), 0)
    try:
        tangents = [jvp(f)(X, seed=row)[1] for row in np.eye(4)]
        np.testing.assert_allclose(tangents, expected, rtol=1e-7, atol=1e-7)
        np.testing.assert_allclose(grad(f)(X), expected, rtol=1e-7, atol=1e-7)
    except (UnsupportedError, DerivativeError):
        return


def test_most_of_them_are_no_refusals() -> None:
    """A compiler that refuses everything would pass the others."""
    for made, look, asked in [CASES[0], CASES[8], CASES[-1], CASES[-12]]:
        f = load(program(made, look, asked), f"<{made}, {look}>")["f"]
        np.testing.assert_allclose(grad(f)(X), difference(f, (X,), 0), rtol=1e-7, atol=1e-7)
