"""PyTorch, eager, on one processor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from workloads.workload import Workload

from peers.tool import Prepared, Tool, python_repeat, rows_of, stacked, traced

PACKAGE = "torch"

torch.set_num_threads(1)

PLAIN = ("logistic", "lorenz", "newton", "adaptive")
"""Workloads that it runs as the user wrote them: numbers, and no stores."""


def _array(value: Any) -> Any:
    return torch.as_tensor(value)


def _put(a: Any, index: Any, value: Any) -> Any:
    changed = a.clone()
    changed[index] = value
    return changed


def _scan(body: Callable[[Any, Any], Any], state: Any, items: Any) -> Any:
    results = []
    for item in rows_of(items):
        state, result = body(state, item)
        results.append(result)
    return state, stacked(results, torch.stack)


def _largest(a: Any, axis: int) -> Any:
    return torch.amax(a, axis, keepdim=True)


TOOL = Tool(torch, _array, _put, python_repeat, _scan, _largest, torch.flipud, torch.where)


def prepare(workload: Workload, arguments: tuple[Any, ...]) -> Prepared:
    """The derivative, by tracing the functional form anew in each call."""
    function = traced(workload, TOOL, PLAIN)
    given = [
        torch.tensor(a, dtype=torch.float64, requires_grad=i in workload.wrt) if _is_real(a, i, workload) else a
        for i, a in enumerate(arguments)
    ]
    inputs = [given[place] for place in workload.wrt]

    def gradient() -> Any:
        return torch.autograd.grad(function(*given), inputs)

    def rows() -> Any:
        value = function(*given)
        parts = []
        for k in range(value.shape[1]):
            seed = torch.zeros_like(value)
            seed[:, k] = 1.0
            parts.append(torch.autograd.grad(value, inputs, seed, retain_graph=True)[0])
        return (torch.stack(parts, 1),)

    def jacobian() -> Any:
        (place,) = workload.wrt
        fixed = [a.detach() if isinstance(a, torch.Tensor) else a for a in given]
        one = lambda x: function(*fixed[:place], x, *fixed[place + 1 :])  # noqa: E731
        return (torch.func.jacfwd(one)(fixed[place]),)

    run = {"gradient": gradient, "rows": rows, "jacobian": jacobian}[workload.derivative]
    return Prepared(run, lambda result: tuple(np.asarray(part.detach()) for part in result))


def _is_real(argument: Any, place: int, workload: Workload) -> bool:
    if place in workload.wrt:
        return True
    return isinstance(argument, np.ndarray) and argument.dtype.kind == "f"


PREPARE = {"torch": prepare}
