"""Generators that functions of Python's library run through at once."""

from __future__ import annotations

import collections
import math
import statistics

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.core import tree
from tangent_sct.frontend.at_once import with_generators_listed
from tangent_sct.testing import check_derivative

X = np.array([0.4, 1.2, 0.6, 0.9])


def product(x):
    return math.prod(v * v for v in x)


def exact_sum(x):
    return math.fsum(v for v in x if v > 0.5) * math.prod(map(np.exp, x))


def array(x):
    return np.sum(np.fromiter((v * v for v in x), float)) * x[0]


def queue(x):
    return sum(collections.deque(v * v for v in x))


def moments(x):
    return statistics.fmean(v * v for v in x) * statistics.stdev(filter(lambda v: v > 0.0, x))


def lagrange(x):
    nodes = (0.0, 1.0, 2.0, 3.0)

    def basis(k, t):
        return math.prod((t - nodes[j]) / (nodes[k] - nodes[j]) for j in range(4) if j != k)

    return sum(x[k] * basis(k, x[0]) for k in range(4))


@pytest.mark.parametrize("f", [product, exact_sum, array, queue, moments, lagrange])
def test_generators_that_are_run_through_at_once_are_lists(f) -> None:
    check_derivative(f, X)
    check_derivative(grad(f), X)


def test_what_is_computed_before_the_first_item_comes_first() -> None:
    """A list would be made before the function that changes what its items are made of is called."""

    def f(x):
        y = x.copy()

        def double():
            y[0] *= 2.0
            return 1.0

        return math.prod((v for v in y), start=double())

    try:
        check_derivative(f, X)
    except UnsupportedError:
        pass


def test_a_name_of_the_users_own_is_no_function_of_the_library() -> None:
    (node,) = tree.statements("def f(x, prod): return prod(v for v in x)")
    assert with_generators_listed(node, {"prod": math.prod}) is node
