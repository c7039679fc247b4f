"""What a gradient costs: its time over that of the primal, for tangent_sct and its peers.

    pip install -e ".[bench]"
    python benchmarks/overhead.py

Every gradient is compared with differences before it is timed. A peer that refuses a program, or is
wrong, says so in the table. Writes a table, its numbers and a plot to benchmarks/results/.
"""

from __future__ import annotations

import os

# Set before NumPy loads its libraries: one thread, or the small cases measure the thread pool.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
os.environ["VECLIB_MAXIMUM_THREADS"] = "1"

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import FunctionType
from typing import Any

import numpy as np
from measure import RESULTS, environment, medians, table, write
from programs import Program, all_programs

import tangent_sct

Gradient = Callable[..., Any]


def ours(program: Program) -> Gradient:
    """The gradient as tangent_sct writes it."""
    return tangent_sct.grad(program.function, wrt=program.wrt)


def autograd(program: Program) -> Gradient:
    """The gradient by autograd's tracing; it runs the primal with a NumPy of its own."""
    peer = importlib.import_module("autograd")
    names = {**program.function.__globals__, "np": importlib.import_module("autograd.numpy")}
    return peer.grad(FunctionType(program.function.__code__, names), program.wrt)


def tangent(program: Program) -> Gradient:
    """The gradient as tangent-ad writes it."""
    return importlib.import_module("tangent").grad(program.function, wrt=program.wrt)


TOOLS = {"tangent_sct": ours, "autograd": autograd, "tangent-ad": tangent}


@dataclass(frozen=True)
class Outcome:
    """What a tool made of a program: `ratio` to the primal, or the reason why there is none."""

    ratio: float | None
    reason: str = ""

    def __str__(self) -> str:
        return self.reason if self.ratio is None else f"{self.ratio:.2f}"


def error_against_differences(program: Program, gradient: Gradient) -> float:
    """Relative error of a gradient along a random direction, by central differences."""
    random = np.random.default_rng(1)
    result = gradient(*program.arguments)
    parts = result if isinstance(result, (tuple, list)) else (result,)
    directions = [random.normal(size=np.shape(program.arguments[i])) for i in program.wrt]
    step = 1e-6

    def moved(distance: float) -> float:
        arguments = list(program.arguments)
        for i, direction in zip(program.wrt, directions, strict=True):
            arguments[i] = arguments[i] + distance * direction
        return program.function(*arguments)

    expected = (moved(step) - moved(-step)) / (2 * step)
    slope = sum(float(np.sum(p * d)) for p, d in zip(parts, directions, strict=True))
    return abs(slope - expected) / abs(expected)


def prepared(program: Program, tool: str) -> tuple[Gradient | None, str]:
    """A checked gradient, or None and what went wrong."""
    try:
        gradient = TOOLS[tool](program)
        error = error_against_differences(program, gradient)
    except ImportError:
        return None, "not installed"
    except Exception as failure:
        # A peer may fail in any way; ours must not.
        if tool == "tangent_sct":
            raise
        return None, f"fails ({type(failure).__name__})"
    return (gradient, "") if error < 1e-5 else (None, f"wrong (off by {error:.1g})")


def compare(program: Program) -> tuple[float, dict[str, Outcome]]:
    """Seconds of the primal, and the outcome of each tool."""
    attempts = {tool: prepared(program, tool) for tool in TOOLS}
    runs = {
        tool: partial(gradient, *program.arguments)
        for tool, (gradient, _) in attempts.items()
        if gradient is not None
    }
    times = medians({"primal": partial(program.function, *program.arguments), **runs})
    outcomes = {
        tool: Outcome(times[tool] / times["primal"] if tool in times else None, reason)
        for tool, (_, reason) in attempts.items()
    }
    return times["primal"], outcomes


def plot(ratios: dict[str, dict[str, Outcome]]) -> None:
    """Draw the ratios, one group of bars a program."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    places = np.arange(len(ratios))
    width = 0.8 / len(TOOLS)
    for i, tool in enumerate(TOOLS):
        heights = [outcomes[tool].ratio or 0 for outcomes in ratios.values()]
        axes.barh(places + i * width, heights, width, label=tool)
    axes.set(xscale="log", xlabel="time of the gradient / time of the primal")
    axes.set_yticks(places + 0.4 - width / 2, list(ratios))
    axes.invert_yaxis()
    axes.axvline(1, color="0.5", linewidth=0.8)
    axes.legend()
    figure.savefig(RESULTS / "overhead.png", dpi=120)


def main() -> None:
    """Measure everything and write it down."""
    rows, ratios, data = [], {}, []
    for program in all_programs():
        primal, outcomes = compare(program)
        ratios[program.name] = outcomes
        texts = [str(outcome) for outcome in outcomes.values()]
        rows.append([program.name, f"{primal * 1e3:.4f}", *texts, f"<= {program.target:g}"])
        data.append(
            {
                "program": program.name,
                "primal_seconds": primal,
                "target": program.target,
                "ratios": {tool: outcome.ratio for tool, outcome in outcomes.items()},
                "reasons": {t: outcome.reason for t, outcome in outcomes.items() if outcome.reason},
            }
        )
    header = ["program", "primal (ms)", *TOOLS, "target"]
    versions = environment(["numpy", *TOOLS])
    title = "Time of the gradient over time of the primal"
    write("overhead", title, versions, table(header, rows), data)
    plot(ratios)


if __name__ == "__main__":
    main()
