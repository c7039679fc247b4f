"""autograd: the user's function where it has no stores, else the functional form with a store of our own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
from autograd.extend import defvjp, primitive
from workloads.workload import Workload

from peers.tool import Prepared, Tool, python_repeat, rows_of, stacked, traced

PACKAGE = "autograd"

PLAIN = ("logistic", "lorenz", "newton", "adaptive", "gemver", "softmax", "network")
"""Workloads that it runs as the user wrote them."""


@primitive
def _put(a: Any, index: Any, value: Any) -> Any:
    changed = np.array(a)
    changed[index] = value
    return changed


def _without(g: Any, index: Any) -> Any:
    changed = np.array(g)
    changed[index] = 0.0
    return changed


defvjp(
    _put,
    lambda ans, a, index, value: lambda g: _without(g, index),
    lambda ans, a, index, value: lambda g: g[index],
    argnums=(0, 2),
)


def _scan(body: Callable[[Any, Any], Any], state: Any, items: Any) -> Any:
    results = []
    for item in _rows(items):
        state, result = body(state, item)
        results.append(result)
    return state, stacked(results, anp.stack)


def _rows(items: Any) -> list[Any]:
    if isinstance(items, tuple):
        return rows_of(tuple(_rows(item) for item in items))
    return [items[i] for i in range(len(items))]


def _largest(a: Any, axis: int) -> Any:
    return anp.max(a, axis, keepdims=True)


def _turn(a: Any) -> Any:
    return a[::-1]


TOOL = Tool(anp, anp.array, _put, python_repeat, _scan, _largest, _turn, anp.where)


def prepare(workload: Workload, arguments: tuple[Any, ...]) -> Prepared:
    """The derivative, by tracing in each call."""
    function = traced(workload, TOOL, PLAIN)
    if workload.derivative == "gradient":
        gradient = autograd.grad(function, workload.wrt)
        return Prepared(partial(gradient, *arguments), tuple)
    (place,) = workload.wrt
    if workload.derivative == "jacobian":
        jacobian = autograd.jacobian(function, place)
        return Prepared(partial(jacobian, *arguments), lambda result: (result,))

    def rows() -> Any:
        back, value = autograd.make_vjp(function, place)(*arguments)
        parts = []
        for k in range(value.shape[1]):
            seed = np.zeros_like(value)
            seed[:, k] = 1.0
            parts.append(back(seed))
        return (np.stack(parts, axis=1),)

    return Prepared(rows, tuple)


PREPARE = {"autograd": prepare}
