"""Adjoints written by hand in C (`benchmarks/limit`), compiled by gcc: the practical limit of the loops."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from workloads.workload import Workload

from peers.tool import CannotError, Prepared

PACKAGE = "gcc"

FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")

LIMIT = Path(__file__).parent.parent / "limit"


class NoCompilerError(ImportError):
    """There is no gcc on this machine."""


@cache
def _library(name: str) -> Any:
    """The compiled function of that name."""
    compiler = shutil.which("gcc")
    if compiler is None:
        raise NoCompilerError("gcc")
    source = LIMIT / f"{name}.c"
    if not source.exists():
        raise CannotError("no adjoint written by hand")
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / f"{name}.so"
        subprocess.run([compiler, *FLAGS, str(source), "-o", str(library), "-lm"], check=True)
        return getattr(ctypes.CDLL(str(library)), name)


def version() -> str:
    """The version of gcc."""
    compiler = shutil.which("gcc")
    if compiler is None:
        return "not installed"
    return subprocess.run([compiler, "-dumpfullversion"], check=True, capture_output=True, text=True).stdout.strip()


SIZE_AFTER = {
    "newton": 1, "heat": 1, "lu": 1, "cholesky": 1, "triangular_solve": 2, "seidel": 1, "floyd_warshall": 2,
    "tridiagonal": 3,
}  # fmt: skip
"""Before which argument the functions in C are told the size of the first array."""


def prepare(workload: Workload, arguments: tuple[Any, ...]) -> Prepared:
    """The derivative; the results are new arrays in each call, as with the other tools."""
    function = _library(workload.name)
    given = [_passed(value) for value in arguments]
    if workload.name in SIZE_AFTER:
        given.insert(SIZE_AFTER[workload.name], ctypes.c_long(len(arguments[0])))
    differentiated = [arguments[place] for place in workload.wrt]
    numbers = sum(not isinstance(a, np.ndarray) for a in differentiated)

    def run() -> Any:
        results = [np.empty_like(a) for a in differentiated if isinstance(a, np.ndarray)]
        if numbers:
            results.append(np.empty(numbers))
        function(*given, *(ctypes.c_void_p(r.ctypes.data) for r in results))
        return results

    def result(found: Any) -> tuple[Any, ...]:
        return tuple(found[:-1]) + tuple(found[-1]) if numbers else tuple(found)

    return Prepared(run, result)


def _passed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        assert value.flags.c_contiguous and value.dtype == np.float64
        return ctypes.c_void_p(value.ctypes.data)
    return ctypes.c_long(value) if isinstance(value, (int, np.integer)) else ctypes.c_double(value)


PREPARE = {"C by hand": prepare}
