"""Items that are taken in step, and to take one does more than to compute: as many are taken as Python takes.

`zip` takes an item of all before the one that has come to its end; `map` of several things, and comprehensions, as
well. What is counted, and what is kept, when an item is taken tells how many were. Each program has the right
derivatives, or is refused.
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
import numpy as np

def total(take, first, second):
    return sum(a * b for a, b in zip(map(take, first), second))
"""
TAKING = {
    "counts": ["def take(v):", "    taken[0] += 1", "    return v"],
    "keeps": ["def take(v):", "    taken.append(v * 2.0)", "    return v"],
    "stores": ["def take(v):", "    taken[0] = taken[0] + v", "    return v"],
    "a lambda": ["take = lambda v: taken.append(v) or v"],
    "a partial": ["take = functools.partial(lambda kept, v: kept.append(v) or v, taken)"],
    "computes": ["def take(v):", "    return v * x[0]"],
}
GIVING = {
    "map": "map(take, {items})",
    "a generator": "(take(v) for v in {items})",
    "a map of a map": "map(np.cos, map(take, {items}))",
    "filter": "filter(lambda v: take(v) is not None, {items})",
    "a lambda": "map(lambda v: take(v) * 1.0, {items})",
    "starmap": "itertools.starmap(take, [(v,) for v in {items}])",
}
ITEMS = ["x", "range(9)", "x[:3]"]
RUN = [
    ["for a, b in zip({given}, x[1:]):", "    s = s + a * b"],
    ["for b, a in zip(x[1:], {given}):", "    s = s + a * b"],
    ["for k, (a, b) in enumerate(zip({given}, x)):", "    s = s + a * b * k"],
    ["s = sum(a * b for a, b in zip({given}, x[1:]))"],
    ["s = sum(map(lambda a, b: a * b, {given}, x[:3]))"],
    ["s = sum([a * b for a, b in zip({given}, range(2))])"],
    ["s = dict(zip({given}, x[2:])).get(-1.0, x[0])"],
    ["for a, b in zip({given}, [1.0, 2.0]):", "    pass"],
    ["s = total(take, x, x[1:])"],
]


def program(taking: str, giving: str, items: str, run: list[str]) -> str:
    """The text of a program."""
    given = GIVING[giving].format(items=items)
    lines = [
        "taken, s = [0.5], 0.0", *TAKING[taking], *(line.format(given=given) for line in run),
        "return s + sum(taken) * len(taken) * x[3]",
    ]  # fmt: skip
    return DEFINITIONS + "\ndef f(x):\n" + "".join(f"    {line}\n" for line in lines)


CASES = [
    (taking, giving, ITEMS[(a + b + c) % len(ITEMS)], c)
    for (a, taking), (b, giving), c in itertools.product(enumerate(TAKING), enumerate(GIVING), range(len(RUN)))
]


@pytest.mark.every(3)
@pytest.mark.parametrize(("taking", "giving", "items", "run"), CASES)
def test_as_many_are_taken(taking: str, giving: str, items: str, run: int) -> None:
    f = load(program(taking, giving, items, RUN[run]), f"<{taking}, {giving}, {items}, {run}>")["f"]
    expected = difference(f, (X,), 0)
    try:
        np.testing.assert_allclose(grad(f)(X), expected, rtol=1e-7, atol=1e-7)
        tangents = [jvp(f)(X, seed=row)[1] for row in np.eye(4)]
        np.testing.assert_allclose(tangents, expected, rtol=1e-7, atol=1e-7)
    except (UnsupportedError, DerivativeError):
        return


@pytest.mark.parametrize("giving", ["map", "a lambda", "a map of a map"])
def test_what_only_computes_is_no_refusal(giving: str) -> None:
    """A compiler that refuses everything would pass the other."""
    f = load(program("computes", giving, "x", RUN[0]), f"<{giving}>")["f"]
    np.testing.assert_allclose(grad(f)(X), difference(f, (X,), 0), rtol=1e-7, atol=1e-7)
