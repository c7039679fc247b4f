"""Classes that a function defines: their objects change, and nothing that varies may get into them unseen.

Nobody follows the methods of such a class. What an object of it held is kept for the reverse sweep; what it is given
that varies is refused, in whichever expression that stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad, jvp
from tangent_sct.testing import check_derivative
from tests.laws.samples import load

X = np.array([0.83, 0.61, 1.27])

LOG = '''
def f(x):
    class Log:
        def __init__(self):
            self.items, self.total, self.count = [], 0.0, 0
        def push(self, v):
            self.items.append(v)
            self.total = self.total + v
            self.count += 1
            return self.count < 3
        def __call__(self, v):
            return self.push(v)
        def __contains__(self, v):
            return self.push(v)
        def __eq__(self, v):
            return self.push(v)
        def __getitem__(self, v):
            return self.push(v)
        def __add__(self, v):
            self.push(v)
            return self
    log = Log()
    {given}
    return {asked} + x[1]
'''
GIVEN = [
    "while log.push(x[0] * log.count): pass", "if log.push(x[0]): pass", "log.push(x[0])", "t = log.push(x[0])",
    "assert log.push(x[0])", "t = f'{log.push(x[0])}'", "t = 1 if log.push(x[0]) else 2", "t = 0 < log.push(x[0])",
    "t = log.push(x[0]) and 3", "t = [v for v in range(2) if log.push(x[v])]", "t = any(log.push(v) for v in x)",
    "t = list(map(log.push, x))", "t = not log.push(x[0])", "t = log(x[0])", "if x[0] in log: pass",
    "if log == x[0]: pass", "t = log[x[0]]", "t = int(log.push(x[0]))", "t = [1, 2][log.push(x[0])]",
    "g = lambda v: log.push(v); t = g(x[0])", "for i in range(log.push(x[0])): pass",
    "t = sorted([0, 1], key=lambda i: log.push(x[i]))", "p = log.push; t = p(x[0])", "print(log.push(x[0]))",
    "t = x[int(log.push(x[0]))]", "t = str(log.push(x[0]))", "t = log.push(x[0]) is None", "log = log + x[0]",
    "log.items.append(x[0])", "held = log.items; held.append(x[0])", "log.total = x[0]", "log.total += x[0]",
    "held = log.items; held[:] = [x[0]]", "logs = [log]; logs[0].push(x[0])", "setattr(log, 'total', x[0])",
    "Log.push(log, x[0])", "vars(log)['total'] = x[0]", "log.items += [x[0]]", "log += x[0]",
]  # fmt: skip


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("asked", ["sum(log.items)", "log.total", "np.sum(np.array(log.items))"])
def test_objects_are_given_nothing_that_varies(given: str, asked: str) -> None:
    f = load(LOG.replace("{given}", given).replace("{asked}", asked), f"<{given}, {asked}>")["f"]
    for derivative in (lambda: grad(f)(X), lambda: jvp(f)(X, seed=X)):
        with pytest.raises(UnsupportedError):
            derivative()


# -- what such objects hold themselves ---------------------------------------------------------


def counted_between(x):
    class Counter:
        def __init__(self, k):
            self.k = k

        def step(self):
            self.k += 1
            return self.k

    counter = Counter(0)
    s = x[0] * counter.k
    n = counter.step()
    s = s * x[1] + counter.k * x[2]
    return s * n


def counted_before_a_store(x):
    class Counter:
        def __init__(self, k):
            self.k = k

        def step(self):
            self.k += 1
            return self.k

    counter = Counter(0)
    room = np.array([0.0, 1.0, 2.0])
    room[counter.step()] = counter.k * x[0]
    return np.sum(room * x)


def counted_in_a_loop(x):
    class Counter:
        def __init__(self):
            self.seen = {}

        def see(self, k):
            self.seen[k] = self.seen.get(k, 0) + 1

    counter, s = Counter(), 1.0
    for i in range(5):
        s = s * x[i % 3] * (1 + len(counter.seen)) + counter.seen.get(0, 2)
        counter.see(i % 2)
    return s


class Held:
    def __init__(self, v):
        self.k = v


def with_names_of_others(x):
    """The methods of the class have a `self`, as the one has that is unfolded."""
    held = Held(x[0])

    class Counter:
        def __init__(self, k):
            self.k = k

        def step(self):
            self.k += 1
            return self.k

    counter = Counter(1)
    return held.k * counter.step() * counter.k


@pytest.mark.parametrize(
    "function", [counted_between, counted_before_a_store, counted_in_a_loop, with_names_of_others]
)
def test_what_objects_held_is_kept(function: Callable[..., Any]) -> None:
    """They were taken for objects of a library, of which no copy was made: wrong adjoints."""
    check_derivative(function, X)
    check_derivative(grad(function), X)
