"""Keys of dicts of values to be differentiated, run through in every way: a loop that comes to a key reads no item.

Of a defaultdict an item that is read is put there. What a loop, a comprehension or an assignment to several names
comes to is a key, and puts none. Each program has the right derivatives, or is refused.
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
import itertools
from collections import Counter, OrderedDict, defaultdict
import numpy as np

def each(d):
    for k in d:
        yield k

def count(d):
    n = 0
    for k in d:
        n += 1 + k
    return n
"""
MADE = {
    "a defaultdict": "d = defaultdict(float)\nd[7] += x[0]\nd[3] += x[1]",
    "a defaultdict of ones": "d = defaultdict(lambda: 1.0)\nd[7] *= x[0]\nd[3] *= x[1]",
    "a Counter": "d = Counter()\nd[7] += x[0]\nd[3] += x[1]",
    "an OrderedDict": "d = OrderedDict()\nd[7] = x[0]\nd[3] = x[1]",
    "filled in a loop": "d = defaultdict(float)\nfor i in (7, 3, 7): d[i] += x[i % 4]",
    "a dict": "d = {7: x[0], 3: x[1]}",
    "begun with items": "d = defaultdict(float, {7: x[0], 3: x[1]})",
}
RUN = [
    "t = [k + 1 for k in d][0]",
    "t = 0\nfor k in d: t += k",
    "a, b = d\nt = a * 10 + b",
    "a, *b = d\nt = a * 10 + len(b)",
    "*a, b = d\nt = a[0] * 10 + b",
    "t = sum(k for k in d)",
    "t = sum(d)",
    "t = max(d) * 10 + min(d)",
    "t = sum([k * j for j, k in enumerate(d)])",
    "t = 0\nfor j, k in enumerate(d): t += j * k",
    "t = sum(k * v for k, v in zip(d, (2, 3)))",
    "t = list(d)[1]",
    "t = tuple(d)[0]",
    "t = sorted(d)[0]",
    "t = [*d][1]",
    "t = next(iter(d))",
    "t = next(k for k in d)",
    "t = len([k for k in d if k in d])",
    "t = len({k for k in d})",
    "t = list(map(lambda k: k * 2, d))[1]",
    "t = sum(map(lambda k: d[k] * k, d))",
    "t = sum(d[k] for k in d)",
    "t = any(k > 8 for k in d) + all(k > 2 for k in d)",
    "t = [k for k in d.keys()][1]",
    "t = [k for k, v in d.items()][1]",
    "t = sum(v * j for j, v in enumerate(d.values()))",
    "t = {k: d[k] * 2 for k in d}[7]",
    "t = 0\nfor k in list(d): t += k * d[k]",
    "t = 0\nfor k in sorted(d): t = t * 2 + k * d[k]",
    "t = functools.reduce(lambda a, k: a * 2 + k, d, 0)",
    "t = sum(k for k in each(d))",
    "t = count(d)",
    "t = 0\nfor k in d:\n    for j in d: t += k - j * 2",
    "t = sum(k * j for k in d for j in d if j < k)",
    "t = 0\nfor k in d:\n    if k == 3: break\n    t += k",
    "t = [d[k] for k in d if k > 3][0]",
    "t = 0\nfor k in itertools.chain(d, [1]): t = t * 3 + k",
    "t = [k for k in reversed(list(d))][0]",
    "t = list(filter(lambda k: k > 3, d))[0]",
    "t = list(zip(d, d))[1][0]",
    "t = max(d, key=lambda k: d[k])",
    "t = max(d, key=d.get)",
    "t = sorted(d, key=lambda k: -k)[0]",
    "t = dict.fromkeys(d, 2)[3]",
    "t = [i for i in range(9) if i in d][0]",
    "t = ','.join(str(k) for k in d).count('7')",
    "t = np.array([k for k in d])[0]",
    "t = np.sum(np.array(list(d)))",
    "t = sum(x[k % 4] * k for k in d)",
    "t = 0\nfor k in d: d[k] *= x[k % 4]",
]
ASKED = [
    "return d[7] * len(d) * t + sum(d.values())",
    "s = x[2]\nfor k in d: s = s * 0.5 + d[k] * k\nreturn s * t + len(d)",
    "return sum(k * v for k, v in d.items()) * t + d.get(0, 0.5) * x[3]",
    "return d[3] * t * (2.0 if 0 in d else 3.0) + x[1] * len(list(d))",
]


def program(made: str, run: str, asked: str) -> str:
    """The text of a program."""
    lines = "\n".join((MADE[made], run, asked)).splitlines()
    return DEFINITIONS + "\ndef f(x):\n" + "".join(f"    {line}\n" for line in lines)


CASES = [
    (made, place, (row + place + more) % len(ASKED))
    for (row, made), place, more in itertools.product(enumerate(MADE), range(len(RUN)), range(2))
]


@pytest.mark.every(4)
@pytest.mark.parametrize(("made", "run", "asked"), CASES)
def test_keys_are_no_items(made: str, run: int, asked: int) -> None:
    f = load(program(made, RUN[run], ASKED[asked]), f"<{made}, {run}, {asked}>")["f"]
    expected = difference(f, (X,), 0)
    try:
        np.testing.assert_allclose(grad(f)(X), expected, rtol=1e-7, atol=1e-7)
        tangents = [jvp(f)(X, seed=row)[1] for row in np.eye(4)]
        np.testing.assert_allclose(tangents, expected, rtol=1e-7, atol=1e-7)
    except (UnsupportedError, DerivativeError):
        return


@pytest.mark.parametrize("run", [0, 1, 2, 7, 9])
def test_these_are_no_refusals(run: int) -> None:
    """A compiler that refuses everything would pass the other."""
    f = load(program("a defaultdict", RUN[run], ASKED[0]), f"<{run}>")["f"]
    np.testing.assert_allclose(grad(f)(X), difference(f, (X,), 0), rtol=1e-7, atol=1e-7)
