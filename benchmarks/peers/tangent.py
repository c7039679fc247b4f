"""tangent-ad: the user's function, by source transformation."""

from __future__ import annotations

from functools import partial
from typing import Any

import tangent
from workloads.workload import Workload

from peers.tool import CannotError, Prepared

PACKAGE = "tangent-ad"


def prepare(workload: Workload, arguments: tuple[Any, ...]) -> Prepared:
    """The gradient as it writes it."""
    if workload.derivative != "gradient":
        raise CannotError("gradients of numbers only")
    gradient = tangent.grad(workload.function, wrt=workload.wrt)
    return Prepared(partial(gradient, *arguments), lambda r: tuple(r) if isinstance(r, (tuple, list)) else (r,))


PREPARE = {"tangent-ad": prepare}
