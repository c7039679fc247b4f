"""JAX: compiled as a whole, loops as `scan`; with all values kept, or each step computed again in reverse."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from workloads.workload import Workload

from peers.tool import Prepared, Tool, functional

PACKAGE = "jax"

jax.config.update("jax_enable_x64", True)


def _turn(a: Any) -> Any:
    return a[::-1]


def _tool(wrapped: Callable[[Any], Any]) -> Tool:
    """JAX's words; the body of each loop is wrapped."""

    def repeat(n: int, body: Callable[..., Any], *state: Any) -> Any:
        step = wrapped(lambda state, i: (tuple(body(i, *state)), None))
        return jax.lax.scan(step, tuple(map(jnp.asarray, state)), jnp.arange(n))[0]

    def scan(body: Callable[[Any, Any], Any], state: Any, items: Any) -> Any:
        return jax.lax.scan(wrapped(body), state, items)

    def largest(a: Any, axis: int) -> Any:
        return jnp.max(a, axis, keepdims=True)

    def put(a: Any, index: Any, value: Any) -> Any:
        return a.at[index].set(value)

    return Tool(jnp, jnp.asarray, put, repeat, scan, largest, _turn, jnp.where)


KEEPING = _tool(lambda body: body)
AGAIN = _tool(jax.checkpoint)


def prepare(workload: Workload, arguments: tuple[Any, ...], tool: Tool = KEEPING) -> Prepared:
    """The compiled derivative; arrays are handed over, numbers are constants where they are not differentiated."""
    function = partial(functional(workload), tool)
    traced = [i for i, a in enumerate(arguments) if i in workload.wrt or _is_data(a)]

    def full(*given: Any) -> Any:
        values = list(arguments)
        for place, value in zip(traced, given, strict=True):
            values[place] = value
        return function(*values)

    wrt = tuple(traced.index(place) for place in workload.wrt)
    if workload.derivative == "gradient":
        derivative = jax.grad(full, wrt)
    elif workload.derivative == "jacobian":
        derivative = jax.jacfwd(full, wrt)
    else:
        derivative = partial(_rows, full)
    compiled = jax.jit(derivative)
    given = [jnp.asarray(arguments[place]) for place in traced]

    def run() -> Any:
        return jax.block_until_ready(compiled(*given))

    return Prepared(run, lambda result: tuple(np.asarray(part) for part in result))


def prepare_again(workload: Workload, arguments: tuple[Any, ...]) -> Prepared:
    """The same, with each step of a loop computed again in reverse."""
    return prepare(workload, arguments, AGAIN)


def _is_data(argument: Any) -> bool:
    return isinstance(argument, np.ndarray) and argument.dtype.kind == "f"


def _rows(function: Callable[..., Any], *given: Any) -> Any:
    """A vector-Jacobian product for each column of the result."""
    value, back = jax.vjp(lambda first: function(first, *given[1:]), given[0])
    seeds = [jnp.zeros_like(value).at[:, k].set(1.0) for k in range(value.shape[1])]
    return (jnp.stack([back(seed)[0] for seed in seeds], 1),)


PREPARE = {"jax": prepare, "jax, steps again": prepare_again}
