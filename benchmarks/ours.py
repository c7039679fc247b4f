"""The derivatives of tangent_sct, for NumPy and for Numba."""

from __future__ import annotations

from typing import Any

import numpy as np
from differences import Derivative
from workloads.workload import Workload

import tangent_sct


def ours(workload: Workload) -> Derivative:
    """The derivative as tangent_sct writes it, run by Python."""
    return _form(workload)


def _form(workload: Workload, **options: Any) -> Derivative:
    """The derivative that a workload asks for, as a function that returns a tuple."""
    if workload.derivative == "gradient":
        return tangent_sct.grad(workload.function, wrt=workload.wrt, **options)
    (place,) = workload.wrt
    if workload.derivative == "jacobian":
        jacobian = tangent_sct.jacobian(workload.function, wrt=place, **options)
        return lambda *arguments: (jacobian(*arguments),)
    product = tangent_sct.vjp(workload.function, wrt=place, **options)

    def rows(*arguments: Any) -> tuple[Any, ...]:
        shape = np.shape(arguments[-1])
        parts = []
        for k in range(shape[1]):
            seed = np.zeros(shape)
            seed[:, k] = 1.0
            parts.append(product(*arguments, seed=seed)[1])
        return (np.stack(parts, axis=1),)

    return rows
