"""What the tools that trace have in common: an array module, and words for loops and stores.

`functional_*.py` hold the workloads in the form that such tools need, without in-place writes and, for JAX, without
Python loops. They are written once against these words; each tool says what they mean to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from types import FunctionType, ModuleType
from typing import Any

from workloads.workload import Workload

from peers import functional_adbench, functional_kernels, functional_loops

FUNCTIONAL: tuple[ModuleType, ...] = (functional_loops, functional_adbench, functional_kernels)


@dataclass(frozen=True)
class Tool:
    """The words in which a tool is spoken to.

    Attributes:
        np: the tool's array module.
        array: a constant array, from one of NumPy.
        put: `put(a, index, value)` is `a` after `a[index] = value`.
        repeat: `repeat(n, body, *state)` runs `state = body(i, *state)` for each i and returns the state.
        scan: `scan(body, state, items)` runs `state, result = body(state, item)` for the rows of arrays,
            and returns the last state and the results, stacked.
        largest: `largest(a, axis)` are the largest entries along an axis, which is kept.
        turn: an array with its rows in reverse order.
        choose: `choose(test, a, b)`, element by element.
    """

    np: Any
    array: Callable[[Any], Any]
    put: Callable[[Any, Any, Any], Any]
    repeat: Callable[..., Any]
    scan: Callable[[Callable[[Any, Any], Any], Any, Any], Any]
    largest: Callable[[Any, int], Any]
    turn: Callable[[Any], Any]
    choose: Callable[[Any, Any, Any], Any]


@dataclass(frozen=True)
class Prepared:
    """A derivative that is ready to be timed.

    Attributes:
        run: computes it, to the last number, in the tool's own arrays.
        result: what `run` returned, as a tuple of NumPy arrays.
    """

    run: Callable[[], Any]
    result: Callable[[Any], tuple[Any, ...]]


class CannotError(Exception):
    """Why a tool does not differentiate a workload."""


def functional(workload: Workload) -> Callable[..., Any]:
    """The functional form of a workload, a function of a tool and of the workload's arguments."""
    for module in FUNCTIONAL:
        if hasattr(module, workload.problem):
            return getattr(module, workload.problem)
    raise CannotError("no functional form")


def traced(workload: Workload, tool: Tool, plain: Collection[str]) -> Callable[..., Any]:
    """What a tool traces: the user's function with its array module, or the functional form."""
    if workload.name in plain:
        return FunctionType(workload.function.__code__, {**workload.function.__globals__, "np": tool.np})
    return partial(functional(workload), tool)


def python_repeat(n: int, body: Callable[..., Any], *state: Any) -> Any:
    """`Tool.repeat`, for tools that see every step."""
    for i in range(n):
        state = body(i, *state)
    return state


def rows_of(items: Any) -> list[Any]:
    """What `Tool.scan` goes through, as a list: rows of an array, or tuples of rows."""
    return list(zip(*items, strict=True)) if isinstance(items, tuple) else list(items)


def stacked(results: list[Any], stack: Callable[[Any], Any]) -> Any:
    """What `Tool.scan` returns: one array, or one for each part of the results."""
    if isinstance(results[0], tuple):
        return tuple(stack(list(part)) for part in zip(*results, strict=True))
    return stack(results)
