"""What is run through beside an array, where it is an argument of any kind: right, or refused."""

from __future__ import annotations

import array
import itertools
import types
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError, UnsupportedError, grad, jvp

X = np.array([0.83, 0.61, 1.27, 0.94])


def zipped(x, a):
    return sum(k * v for k, v in zip(a, x, strict=False))


def zipped_in_a_loop(x, a):
    s = 0.0
    for k, v in zip(a, x, strict=False):
        s += k * v * v
    return s


def zipped_behind(x, a):
    return sum([v * v * k for v, k in zip(x, a, strict=False)])


def mapped(x, a):
    return sum(map(lambda k, v: k * v, a, x))


def counted(x, a):
    s = 0.0
    for i, (k, v) in enumerate(zip(a, x, strict=False)):
        s += k * v * i
    return s


def alone(x, a):
    return sum(k * x[i] for i, k in enumerate(a))


def searched(x, a):
    return x[0] * (2.0 in a) + x[1] * x[2] * (3.0 in a)


KINDS: dict[str, Callable[[], Any]] = {
    "set": lambda: {1.0, 2.0},
    "frozenset": lambda: frozenset((1.0, 2.0)),
    "values": lambda: {"a": 1.0, "b": 2.0}.values(),
    "keys": lambda: {1.0: 1, 2.0: 2}.keys(),
    "iterator": lambda: iter([1.0, 2.0]),
    "generator": lambda: (k for k in [1.0, 2.0]),
    "map": lambda: map(float, [1, 2]),
    "proxy": lambda: types.MappingProxyType({1: 5.0, 0: 7.0}),
    "nditer": lambda: np.nditer(np.arange(1.0, 4.0)),
    "dict": lambda: {1.0: 3, 2.0: 4},
    "tuple": lambda: (1.0, 2.0),
    "array": lambda: np.array([1.0, 2.0]),
    "range": lambda: range(2),
    "reversed": lambda: reversed([1.0, 2.0]),
    "chain": lambda: itertools.chain([1.0], [2.0]),
    "flat": lambda: np.arange(4.0).reshape(2, 2).flat,
    "deque": lambda: deque([1.0, 2.0]),
    "ordered": lambda: OrderedDict({1: 5.0, 0: 7.0}),
    "numbers": lambda: array.array("d", [1.0, 2.0]),
}
PLAIN = ("dict", "tuple", "array", "range", "deque", "ordered")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("f", [zipped, zipped_in_a_loop, zipped_behind, mapped, counted, alone, searched])
def test_right_or_refused(f: Callable[..., Any], kind: str) -> None:
    make = KINDS[kind]
    expected = [(f(X + 1e-6 * d, make()) - f(X - 1e-6 * d, make())) / 2e-6 for d in np.eye(4)]
    try:
        assert np.allclose(grad(f)(X, make()), expected, atol=1e-6)
        assert np.allclose([jvp(f, wrt=(0,))(X, make(), seed=(d,))[1] for d in np.eye(4)], expected, atol=1e-6)
    except (UnsupportedError, DerivativeError) as error:
        assert kind not in PLAIN, str(error)
