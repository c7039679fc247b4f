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
from peers.tool import CannotError, Prepared
from workloads.workload import Workload

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


def _order(workload: Workload, arguments: tuple[Any, ...]) -> list[Any]:
    """Arguments in the order of the function in C: the size of the arrays stands before the integers, once."""
    arrays = [a for a in arguments if isinstance(a, np.ndarray)]
    if not arrays:
        return list(arguments)
    place = {"heat": 1, "lu": 1, "cholesky": 1, "newton": 1, "seidel": 1}
    values = list(arguments)
    values.insert(place.get(workload.name, 2 if workload.name != "tridiagonal" else 3), len(arrays[0]))
    return values


def prepare(workload: Workload, arguments: tuple[Any, ...]) -> Prepared:
    """The derivative; the results are new arrays in each call, as with the other tools."""
    function = _library(workload.name)
    given = [_passed(value) for value in _order(workload, arguments)]
    differentiated = [arguments[place] for place in workload.wrt]
    numbers = sum(not isinstance(a, np.ndarray) for a in differentiated)
    kept = [a for a in arguments if isinstance(a, np.ndarray)]

    def run() -> Any:
        results = [np.empty_like(a) for a in differentiated if isinstance(a, np.ndarray)]
        if numbers:
            results.append(np.empty(numbers))
        function(*given, *(ctypes.c_void_p(r.ctypes.data) for r in results))
        return results

    def result(found: Any) -> tuple[Any, ...]:
        assert kept is not None
        return tuple(found[:-1]) + tuple(found[-1]) if numbers else tuple(found)

    return Prepared(run, result)


def _passed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        assert value.flags.c_contiguous and value.dtype == np.float64
        return ctypes.c_void_p(value.ctypes.data)
    return ctypes.c_long(value) if isinstance(value, (int, np.integer)) else ctypes.c_double(value)


PREPARE = {"C by hand": prepare}
