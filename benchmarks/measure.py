"""Timing side by side, and writing down what came out."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

RESULTS = Path(__file__).with_name("results")
ROOT = Path(__file__).parent.parent


def medians(
    candidates: Mapping[str, Callable[[], object]],
    rounds: int = 15,
    sample: float = 0.01,
    clock: Callable[[], float] = perf_counter,
) -> dict[str, float]:
    """Median seconds per call of each candidate.

    In every round each candidate has its turn: a machine that slows down slows all of them.

    Args:
        candidates: what to time, by name.
        rounds: number of samples of each.
        sample: least duration of one sample in seconds; short calls are repeated to fill it.
        clock: what tells the time; on a machine that does other work as well, that on the processor says more.
    """
    repeats = {name: _repeats(run, sample) for name, run in candidates.items()}
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, run in candidates.items():
            times[name].append(seconds(run, repeats[name], clock) / repeats[name])
    return {name: statistics.median(samples) for name, samples in times.items()}


def seconds(run: Callable[[], object], repeats: int = 1, clock: Callable[[], float] = perf_counter) -> float:
    """Seconds that some calls take together."""
    start = clock()
    for _ in range(repeats):
        run()
    return clock() - start


def _repeats(run: Callable[[], object], sample: float) -> int:
    run()
    return max(1, round(sample / max(seconds(run), 1e-9)))


def fresh_process(code: str, processes: int = 7) -> float:
    """Median of the number that a piece of code prints, each time in a new interpreter.

    Modules are compiled to bytecode in a run before, as an installation has them.
    """
    command = [sys.executable, "-c", code]
    with TemporaryDirectory() as bytecode:
        variables = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode}
        variables.pop("PYTHONDONTWRITEBYTECODE", None)
        run = partial(subprocess.run, check=True, capture_output=True, text=True, env=variables)
        numbers = [float(run(command, cwd=ROOT).stdout) for _ in range(processes + 1)]
    return statistics.median(numbers[1:])


def environment(packages: Sequence[str]) -> dict[str, str]:
    """Versions of Python and of packages, and the processor."""
    found = {"python": platform.python_version(), "processor": _processor()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns aligned."""
    lines = [list(header), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)


def write(name: str, title: str, versions: Mapping[str, str], body: str, data: Any) -> None:
    """Print a result and keep it as Markdown and as JSON."""
    described = ", ".join(f"{key} {value}" for key, value in versions.items())
    text = f"# {title}\n\n{described}\n\n{body}\n"
    print(text)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(text)
    record = {"versions": versions, "results": data}
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")
