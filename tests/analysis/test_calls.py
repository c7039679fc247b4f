import itertools
import math
import operator
import random
from typing import Any

import numpy as np
import pytest

from tangent_sct import runtime
from tangent_sct.analysis.calls import CallFacts, Calls, object_facts
from tangent_sct.core import tree

GENERATOR = np.random.default_rng(0)
SPACE: dict[str, Any] = {
    "np": np, "math": math, "operator": operator, "random": random, "len": len, "print": print,
    "itertools": itertools, "range": range, "list": list, "rng": GENERATOR, "unreduce": runtime.arrays.unreduce,
}  # fmt: skip


def facts(text: str) -> CallFacts:
    return Calls(SPACE).facts(tree.expression(text))


@pytest.mark.parametrize(
    ("text", "effect", "shares"),
    [
        ("np.exp(a)", "none", "none"),
        ("np.add(a, b)", "none", "none"),
        ("np.add(a, b, c)", "unknown", "all"),
        ("np.add(a, b, out=c)", "unknown", "all"),
        ("np.add(a, b, out=None)", "none", "none"),
        ("np.add(a, **options)", "unknown", "all"),
        ("np.add.reduce(a)", "none", "none"),
        ("np.dot(a, b)", "none", "none"),
        ("np.dot(a, b, c)", "unknown", "all"),
        ("np.cumsum(a, 0, None, c)", "unknown", "all"),
        ("np.float64(a)", "none", "all"),
        ("np.einsum(s, a)", "none", "all"),
        ("np.add.at(a, i, v)", "writes", "none"),
        ("np.sum(a)", "none", "none"),
        ("np.transpose(a)", "none", "first"),
        ("np.reshape(a, s)", "none", "all"),
        ("np.asarray(a)", "none", "all"),
        ("np.array(a, copy=None)", "none", "all"),
        ("np.zeros(n)", "none", "none"),
        ("np.copyto(a, b)", "writes", "all"),
        ("np.random.normal(size=n)", "outside", "all"),
        ("rng.normal(size=n)", "outside", "all"),
        ("rng.shuffle(a)", "unknown", "all"),
        ("math.sin(a)", "none", "none"),
        ("operator.iadd(a, b)", "writes", "all"),
        ("operator.setitem(a, i, b)", "writes", "all"),
        ("list(a)", "none", "all"),
        ("itertools.combinations(a, n)", "none", "all"),
        ("itertools.accumulate(a, g)", "unknown", "all"),
        ("len(a)", "none", "none"),
        ("print(a)", "outside", "all"),
        ("g(a)", "unknown", "all"),
        ("random.random()", "unknown", "all"),
        ("a.append(b)", "writes", "all"),
        ("a.sum()", "none", "none"),
        ("a.fit(b)", "unknown", "all"),
        ("f()(a)", "unknown", "all"),
    ],
)
def test_what_calls_do(text: str, effect: str, shares: str) -> None:
    found = facts(text)
    assert (found.effect, found.shares) == (effect, shares)


def test_operands_of_a_method_begin_with_its_receiver() -> None:
    assert list(map(tree.text, facts("a.clip(lo, max=hi)").operands)) == ["a", "lo", "hi"]


def test_of_what_only_the_shape_counts() -> None:
    assert list(map(tree.text, facts("np.zeros_like(a)").shape_only)) == ["a"]
    assert list(map(tree.text, facts("unreduce(g, a)").shape_only)) == ["a"]
    assert list(map(tree.text, facts("unreduce(g, like=a)").shape_only)) == ["a"]
    assert facts("np.sum(a)").shape_only == ()


@pytest.mark.parametrize(
    "function",
    [np.exp, np.multiply, np.zeros_like, np.sum, np.cumsum, np.where, np.concatenate, np.sort],
)
def test_results_that_share_nothing(function: Any) -> None:
    assert object_facts(function).shares == "none"
    a = np.arange(6.0).reshape(2, 3)
    args = {np.multiply: (a, a), np.where: (a > 1, a, a), np.concatenate: ((a, a),)}
    assert not np.shares_memory(function(*args.get(function, (a,))), a)


@pytest.mark.parametrize(
    "function", [np.ravel, np.squeeze, np.real, np.diagonal, np.atleast_1d, np.asarray]
)
def test_results_that_may_share(function: Any) -> None:
    assert object_facts(function).shares != "none"
    a = np.arange(6.0).reshape(2, 3)
    assert np.shares_memory(function(a), a)


def test_what_cannot_be_hashed_is_unknown() -> None:
    assert object_facts([]).effect == "unknown"


def test_methods_of_ufuncs_are_told_apart() -> None:
    # Each is made anew when it is asked for, so that two may have one number, one after the other.
    calls = Calls({"np": np})
    for _ in range(10):
        for text, effect in (("np.add.reduce(a)", "none"), ("np.add.at(a, i, v)", "writes")):
            assert calls.facts(tree.expression(text)).effect == effect
