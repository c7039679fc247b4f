"""The programs that are differentiated by the benchmarks, and arguments for them.

They are written as a user would write them; a peer that brings its own NumPy gets the same
functions with `np` bound to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


def scalar_loop(x, n):
    """A damped logistic map."""
    y = x
    for _ in range(n):
        y = 2.8 * y * (1.0 - y) + 0.01 * x
    return y


def branchy_loop(x, n):
    """An iteration that takes one of two branches, depending on the data."""
    y = x
    for _ in range(n):
        if y > 1.0:
            y = np.sin(y) * x
        else:
            y = y * y + x
    return y


def recurrence(x):
    """A nonlinear recurrence that writes its state in place, element by element."""
    y = np.zeros(len(x))
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] * y[i - 1] + x[i]
    return np.sum(y * y)


def network(hidden_weights, hidden_bias, weights, bias, inputs, targets):
    """Mean squared error of a network with one hidden layer."""
    hidden = np.tanh(np.dot(inputs, hidden_weights) + hidden_bias)
    error = np.dot(hidden, weights) + bias - targets
    return np.mean(error * error)


@dataclass(frozen=True)
class Program:
    """A function to differentiate.

    Attributes:
        name: what the tables call it.
        function: the primal.
        arguments: the arguments it is timed with.
        wrt: positions of the differentiated arguments.
        target: how many times the primal its gradient may cost.
    """

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    wrt: tuple[int, ...]
    target: float


def all_programs() -> list[Program]:
    """Every program with its arguments, the same in every run."""
    random = np.random.default_rng(0)
    series = random.random(1000) / 2
    hidden = (random.normal(0, 32**-0.5, (32, 32)), np.zeros(32))
    output = (random.normal(0, 32**-0.5, (32, 4)), np.zeros(4))
    batch = (random.normal(size=(16, 32)), random.normal(size=(16, 4)))
    layers = (*hidden, *output, *batch)
    return [
        Program("scalar loop, n = 1000", scalar_loop, (0.4, 1000), (0,), 4.0),
        Program("branchy loop, n = 1000", branchy_loop, (0.7, 1000), (0,), 4.0),
        Program("in-place recurrence, n = 1000", recurrence, (series,), (0,), 4.0),
        Program("network 32-32-4, batch 16", network, layers, (0, 1, 2, 3), 3.0),
    ]
