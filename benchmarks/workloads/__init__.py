"""The functions that are differentiated, one subject a file, written as users write them."""

from __future__ import annotations

from workloads import (
    adbench_ba,
    adbench_gmm,
    adbench_hand,
    adbench_lstm,
    factorisations,
    kernels,
    loops,
    stencils,
    sweeps,
)
from workloads.workload import Workload

ALL: tuple[Workload, ...] = (
    *loops.WORKLOADS,
    *factorisations.WORKLOADS,
    *sweeps.WORKLOADS,
    *adbench_gmm.WORKLOADS,
    *adbench_ba.WORKLOADS,
    *adbench_lstm.WORKLOADS,
    *adbench_hand.WORKLOADS,
    *stencils.WORKLOADS,
    *kernels.WORKLOADS,
)
