"""`harmless`: functions that surely write into nothing they are given."""

import math

import gast
import numpy as np
import pytest

from tangent_sct.analysis.calls import Calls
from tangent_sct.core import tree


def plain(x):
    y = x[0] * 2.0
    return np.sin(y) + x.sum()


def recursive(x, n):
    return x if n == 0 else recursive(np.sqrt(x), n - 1)


def ping(x, n):
    return x if n == 0 else pong(x, n - 1)


def pong(x, n):
    return ping(math.sqrt(x), n)


def stores(x):
    x[0] = 1.0
    return x


def updates(x):
    x += 1.0
    return x


def sorts(x):
    x.sort()
    return x


def fills_out(x):
    return np.sin(x, out=x)


def calls_one_that_stores(x, n):
    return recursive(stores(x), n)


def calls_what_it_is_given(x, f):
    return f(x)


def keeps(x, box):
    box.x = x
    return x


def counts(x):
    global COUNT
    COUNT = x
    return x


def effect(text: str) -> str:
    call = tree.expression(text)
    assert isinstance(call, gast.Call)
    return Calls(globals()).facts(call).effect


@pytest.mark.parametrize("text", ["plain(x)", "recursive(x, 3)", "ping(x, 3)", "pong(x, 3)"])
def test_what_writes_nothing(text: str) -> None:
    assert effect(text) == "outside"


@pytest.mark.parametrize(
    "text",
    ["stores(x)", "updates(x)", "sorts(x)", "fills_out(x)", "calls_one_that_stores(x, 1)",
     "calls_what_it_is_given(x, f)", "keeps(x, b)", "counts(x)", "unknown(x)"],
)  # fmt: skip
def test_what_may_write(text: str) -> None:
    assert effect(text) == "unknown"


def test_the_result_may_share_memory_with_the_arguments() -> None:
    facts = Calls(globals()).facts(tree.expression("recursive(x, 3)"))
    assert facts.shares == "all" and len(facts.shared()) == 2
