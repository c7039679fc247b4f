"""Workloads and their derivatives by tangent_sct, run by Python and compiled by Numba."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache, partial
from types import FunctionType
from typing import Any

import numpy as np
from peers.tool import CannotError, Prepared
from workloads.workload import Workload

import tangent_sct


def prepare(workload: Workload, arguments: tuple[Any, ...], **options: Any) -> Prepared:
    """The derivative, as a caller gets it: options are those of `tangent_sct.grad` and its like."""
    if workload.derivative == "gradient":
        return Prepared(partial(tangent_sct.grad(workload.function, wrt=workload.wrt, **options), *arguments), tuple)
    (place,) = workload.wrt
    if workload.derivative == "jacobian":
        jacobian = tangent_sct.jacobian(workload.function, wrt=place, **options)
        return Prepared(partial(jacobian, *arguments), lambda result: (result,))
    product = tangent_sct.vjp(workload.function, wrt=place, **options)
    shape = np.shape(arguments[-1])

    def rows() -> Any:
        parts = []
        for k in range(shape[1]):
            seed = np.zeros(shape)
            seed[:, k] = 1.0
            parts.append(product(*arguments, seed=seed)[1])
        return (np.stack(parts, axis=1),)

    return Prepared(rows, tuple)


def ours_numba(workload: Workload, arguments: tuple[Any, ...]) -> Prepared:
    """The derivative compiled by Numba."""
    importlib.import_module("numba")
    if not workload.compiled:
        raise CannotError("for NumPy: Numba does not compile the primal")
    return prepare(workload, arguments, backend="numba")


def primal_numba(workload: Workload, arguments: tuple[Any, ...]) -> Prepared:
    """The function itself, compiled by Numba with the functions of its module that it calls."""
    if not workload.compiled:
        raise CannotError("for NumPy: Numba does not compile it")
    return Prepared(partial(jitted(workload.function), *arguments), lambda result: (result,))


@cache
def jitted(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function and those of its module that it calls, compiled."""
    numba = importlib.import_module("numba")
    names = dict(function.__globals__)
    for name in function.__code__.co_names:
        used = names.get(name)
        if isinstance(used, FunctionType) and used.__module__ == function.__module__:
            names[name] = jitted(used)
    return numba.njit(FunctionType(function.__code__, names, function.__name__))


def primal(workload: Workload, arguments: tuple[Any, ...]) -> Prepared:
    """The function itself, run by Python."""
    return Prepared(partial(workload.function, *arguments), lambda result: (result,))
