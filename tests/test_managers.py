"""Context managers that are generators (`contextlib.contextmanager`), by law, by text, and what is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from tangent_sct.testing import check_products, check_second

X = np.array([0.5, 1.5, 2.0])
PROGRAMS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []
LOG: list[str] = []


def program(*args: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Check the decorated function by all of these arguments."""

    def keep(function: Callable[..., Any]) -> Callable[..., Any]:
        PROGRAMS.append((function, args))
        return function

    return keep


@pytest.mark.parametrize(("function", "args"), PROGRAMS, ids=lambda item: getattr(item, "__name__", ""))
def test_programs(function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    import copy

    wrt = tuple(range(len(args)))
    check_products(function, copy.deepcopy(args), wrt)
    check_second(function, copy.deepcopy(args), wrt)


@contextmanager
def halved(w):
    LOG.append("in")
    yield 0.5 * w
    LOG.append("out")


@contextmanager
def scaled(buf, k):
    buf *= k
    try:
        yield buf
    finally:
        buf /= k * k


@contextmanager
def tagged(w, *, by=2.0):
    if w > 1.0:
        yield w * by
    else:
        with halved(w) as v, np.errstate(all="ignore"):
            yield v + by


@contextmanager
def checked(w):
    if w < -5.0:
        raise ValueError("too small")
    yield np.sin(w)


@contextmanager
def caught(w, seen):
    try:
        yield w
    except ValueError as error:
        seen.append(w * len(error.args))
    else:
        seen.append(w * w)


@program(0.7, 1.3)
def from_outside(a, b):
    with halved(a) as u:
        q = np.sin(u) * b
    return q * u


@program(0.7, 1.3)
def inside(a, b):
    q = 1.0

    @contextlib.contextmanager
    def scope(w):
        nonlocal q
        q *= w * b
        yield q + w
        q = np.sin(q) * a

    with scope(a) as u, scope(u * b) as (v):
        q = q + u * v
    return q * u


@program(X, 1.3)
def writes_into_an_array(x, k):
    room = np.sin(x)
    with scaled(room, k) as r:
        total = np.sum(r * room) * k
        r[1] = total * x[0]
    with scaled(room[1:], k * x[0]):
        total += np.sum(room**2)
    return total + np.sum(room**3)


@program(0.7, 1.3)
def left_by_return(a, b):
    room = np.array([a, b])
    with scaled(room, b):
        if a > 0.5:
            return np.sum(room) * a
        b = b * a
    return b


@program(0.7, 1.3)
def ended_by_return(a, b):
    with halved(a) as u, checked(b * u) as v:
        return np.sin(u) * v * b


@program(0.7, 1.3)
def left_in_loops(a, b):
    state = np.array([a, b])
    total = 0.0
    for i in range(6):
        with scaled(state, b + 0.1 * i) as s:
            if i == 1:
                continue
            total += np.sum(s * s) * a
            if i == 3:
                break
            if total > 1e6:
                return total
        total = np.sin(total) + state[0]
    return total * np.sum(state)


@program(1.7, 0.7)
def branches(a, b):
    with tagged(a, by=b) as u:
        q = u * b
    with tagged(b) as v:
        q = q + v * a
    return q


@program(0.7, 1.3)
def swallowed(a, b):
    seen = []
    q = a
    for k in range(3):
        with caught(a * b + k, seen) as u:
            if k == 1:
                raise ValueError("odd")
            q = q * u
    return q * seen[0] + seen[1] * b + seen[2]


@program(0.7, 1.3)
def raised_through(a, b):
    q = a
    try:
        with checked(a * b) as u:
            if u < 1.0:
                raise ValueError("small")
            q = q * u
    except ValueError:
        q = np.sin(q) * b
    return q


class Meter:
    def __init__(self, unit):
        self.unit = unit

    @contextmanager
    def scaled(self, factor):
        self.unit = self.unit * factor
        yield self.unit
        self.unit = self.unit / factor**2

    @staticmethod
    @contextmanager
    def plain(w):
        yield w * w


METER = Meter(2.0)


@program(0.7, 1.3)
def of_a_class(a, b):
    with Meter.plain(a) as u, METER.plain(b) as v:
        q = u * v
    return q * a


@program(0.7, 1.3)
def of_an_object(a, b):
    m = Meter(a)
    with m.scaled(b) as u:
        q = u * m.unit
        with m.scaled(u):
            q = q + m.unit
    return q * m.unit


@program(0.7, 1.3)
def kept(a, b):
    manager = halved(a * b)
    with manager as u:
        q = u * a
    return q
