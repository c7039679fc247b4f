"""What a derivative costs before it runs: transforming it, compiling it, and finding it compiled.

    pip install -e ".[bench]"
    python benchmarks/cost.py                # all workloads, a new process for each
    python benchmarks/cost.py lorenz gmm

For each workload: seconds from the function to the first gradient, by Python; and, where it is written for Numba,
in a process whose cache is empty and in one that finds what the other has left. Imports are not counted.
"""

from __future__ import annotations

import inspect
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import ours
import workloads
from measure import environment, table, write
from workloads.workload import Workload

import tangent_sct

HERE = Path(__file__)


def in_this_process(name: str, backend: str) -> float:
    """Seconds until the first derivative of a workload."""
    (workload,) = [w for w in workloads.ALL if w.name == name]
    arguments = workload.made("tiny")
    start = perf_counter()
    prepare = ours.ours_numba if backend == "numba" else ours.prepare
    prepare(workload, arguments).run()
    return perf_counter() - start


def in_new_process(name: str, backend: str, cache: str) -> float | None:
    """The same in a new interpreter that keeps what is compiled in a folder; None where it fails."""
    variables = {**os.environ, "XDG_CACHE_HOME": cache, "NUMBA_CACHE_DIR": cache}
    command = [sys.executable, str(HERE), "--one", name, backend]
    ran = subprocess.run(command, capture_output=True, text=True, env=variables, cwd=HERE.parent.parent)
    return float(json.loads(ran.stdout.splitlines()[-1])) if ran.returncode == 0 else None


def costs(workload: Workload, compiles: bool) -> dict[str, float | None]:
    """Seconds of a workload in each of the ways."""
    with TemporaryDirectory() as cache:
        found = {"transform": in_new_process(workload.name, "numpy", cache)}
        if compiles and workload.compiled:
            found["cold"] = in_new_process(workload.name, "numba", cache)
            found["cached"] = in_new_process(workload.name, "numba", cache)
    return found


def median(found: Mapping[str, Mapping[str, float | None]], way: str) -> str:
    """The median over the workloads for which a way is known."""
    known = [value for each in found.values() if (value := each.get(way)) is not None]
    return f"{statistics.median(known):.2f}" if known else ""


def main() -> None:
    """Measure and write down, or measure the one that was asked for."""
    names = sys.argv[1:]
    if names[:1] == ["--one"]:
        print(json.dumps(in_this_process(*names[1:])))
        return
    compiles = "backend" in inspect.signature(tangent_sct.grad).parameters
    found = {w.name: costs(w, compiles) for w in workloads.ALL if not names or w.name in names}
    ways = ("transform", "cold", "cached")
    rows = [[name, *(median({name: each}, way) for way in ways)] for name, each in found.items()]
    rows.append(["median", *(median(found, way) for way in ways)])
    body = table(["seconds", "transformed", "compiled by Numba, cold", "compiled by Numba, cached"], rows)
    write("cost", "Seconds until the first derivative", environment(["numpy", "numba", "tangent_sct"]), body, found)


if __name__ == "__main__":
    main()
