"""What the adjoint of each rule costs: time of the value and the gradient together over that of the primal.

    pip install -e ".[bench]"
    python benchmarks/rules.py [part of a name ...]

Every gradient is compared with differences before it is timed, and with autograd's and JAX's where they have the
function.
Writes a table, its numbers and a plot to benchmarks/results/; with parts of names, prints those rules alone.
"""

from __future__ import annotations

import os

# Set before NumPy loads its libraries: one thread, or products of matrices measure the thread pool.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
os.environ["VECLIB_MAXIMUM_THREADS"] = "1"

import ctypes
import importlib
import importlib.util
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import process_time
from typing import Any

import numpy as np
from measure import RESULTS, environment, medians, table, write
from rule_cases import CONVENTIONS, ENDLESS, REASONS, Case, all_cases, resolved

import tangent_sct
from tangent_sct.emit.load import load
from tangent_sct.emit.text import Text

PEERS = ("autograd", "jax")
LIMIT = 5.0
"""Ratios above this one are explained."""


@dataclass(frozen=True)
class Outcome:
    """What was measured of a rule.

    Attributes:
        name: the function, with its options.
        primal: seconds of the primal.
        ratio: of the time of value and gradient to that.
        error: relative error against differences.
        peers: what others make of it: "agrees", "no function", "fails", "not installed", or how they differ.
        reason: why the ratio is what it is.
    """

    name: str
    primal: float
    ratio: float
    error: float
    peers: dict[str, str]
    reason: str


def keep_memory() -> None:
    """Let the process keep what it has freed: else fresh pages from the system are most of what is measured."""
    try:
        allocator = ctypes.CDLL("libc.so.6")
    except OSError:  # another system
        return
    trim, map_above = -1, -3
    allocator.mallopt(trim, 2**30)
    allocator.mallopt(map_above, 2**30)


def parts(value: Any) -> list[Any]:
    """The arrays of a result or of a gradient."""
    return list(value) if isinstance(value, (tuple, list)) else [value]


def seeds_for(value: Any) -> Any:
    """Random weights for a result."""
    random = np.random.default_rng(2)
    weights = [random.normal(size=np.shape(part)) for part in parts(value)]
    return tuple(weights) if isinstance(value, (tuple, list)) else weights[0]


def product(left: Any, right: Any) -> float:
    """The dot product of two results."""
    return sum(float(np.sum(a * b)) for a, b in zip(parts(left), parts(right), strict=True))


def error_against_differences(case: Case, call: Callable[..., Any], seed: Any, gradient: list[Any]) -> float:
    """Relative error of a gradient along a random direction, by central differences."""
    random = np.random.default_rng(1)
    directions = [random.normal(size=np.shape(case.arguments[i])) for i in case.wrt]
    step = 1e-6

    def moved(distance: float) -> float:
        arguments = list(case.arguments)
        for i, direction in zip(case.wrt, directions, strict=True):
            arguments[i] = arguments[i] + distance * direction
        return product(seed, call(*arguments))

    expected = (moved(step) - moved(-step)) / (2 * step)
    slope = sum(float(np.sum(g * d)) for g, d in zip(gradient, directions, strict=True))
    size = sum(float(np.linalg.norm(g) * np.linalg.norm(d)) for g, d in zip(gradient, directions, strict=True))
    return abs(slope - expected) / max(abs(expected), 1e-3 * size, 1e-9)


def against(peer: str, case: Case, seed: Any, gradient: list[Any]) -> str:
    """Whether a peer gives the same gradient."""
    if importlib.util.find_spec(peer) is None:
        return "not installed"
    try:
        function = resolved(case.name, peer)
        if function is None or (peer == "autograd" and case.name in ENDLESS):
            return "no function"
        space = {"function": function}
        exec(case.text(), space)

        def call(*given: Any) -> Any:
            arguments = list(case.arguments)
            for i, value in zip(case.wrt, given, strict=True):
                arguments[i] = value
            return space["call"](*arguments)

        chosen = tuple(case.arguments[i] for i in case.wrt)
        theirs = by_jax(call, chosen, seed) if peer == "jax" else by_autograd(call, chosen, seed)
        pairs = list(zip(theirs, gradient, strict=True))
        distance = max(float(np.max(np.abs(a - b)) / max(np.max(np.abs(b)), 1e-12)) for a, b in pairs)
    except Exception as failure:  # a peer may fail in any way
        return f"fails ({type(failure).__name__})"
    if distance < 1e-6:
        return "agrees"
    return f"differs by {distance:.1g}: {CONVENTIONS.get((peer, case.name), 'not explained')}"


def by_autograd(call: Callable[..., Any], chosen: tuple[Any, ...], seed: Any) -> Any:
    """Adjoints as autograd has them."""
    pullback, _ = importlib.import_module("autograd").make_vjp(lambda given: call(*given))(chosen)
    return pullback(seed)


def by_jax(call: Callable[..., Any], chosen: tuple[Any, ...], seed: Any) -> Any:
    """Adjoints as JAX has them, in double precision."""
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    value, pullback = jax.vjp(call, *chosen)
    places, structure = jax.tree.flatten(value)
    return pullback(jax.tree.unflatten(structure, [jax.numpy.asarray(s) for s in parts(seed)[: len(places)]]))


def measured(case: Case) -> Outcome:
    """Check and time one rule."""
    call = load(Text(case.text(), {}), "call", {"function": resolved(case.name)})
    pullback = tangent_sct.vjp(call, wrt=case.wrt)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        value = call(*case.arguments)
        seed = seeds_for(value)
        gradient = parts(pullback(*case.arguments, seed=seed)[1])
        error = error_against_differences(case, call, seed, gradient)
        peers = {peer: against(peer, case, seed, gradient) for peer in PEERS}
        times = medians(
            {
                "primal": partial(call, *case.arguments),
                "gradient": partial(pullback, *case.arguments, seed=seed),
            },
            rounds=9,
            clock=process_time,
        )
    if error > 1e-4:
        raise AssertionError(f"{case.label}: the gradient is off by {error:.2g}")
    ratio = times["gradient"] / times["primal"]
    reason = REASONS.get(case.name, "not explained") if ratio > LIMIT else ""
    return Outcome(case.label, times["primal"], ratio, error, peers, reason)


def plot(outcomes: list[Outcome]) -> None:
    """Draw the ratios, the largest first."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 0.17 * len(outcomes) + 1), layout="constrained")
    axes.barh([o.name for o in outcomes], [o.ratio for o in outcomes])
    axes.set(xscale="log", xlabel="time of value and gradient / time of the primal")
    axes.tick_params(axis="y", labelsize=6)
    axes.margins(y=0.005)
    axes.invert_yaxis()
    axes.axvline(1, color="0.5", linewidth=0.8)
    axes.axvline(LIMIT, color="0.5", linewidth=0.8, linestyle="--")
    figure.savefig(RESULTS / "rules.png", dpi=100)


def main(chosen: list[str]) -> None:
    """Measure everything and write it down, or print what was asked for."""
    keep_memory()
    cases = [case for case in all_cases() if not chosen or any(part in case.name for part in chosen)]
    outcomes = sorted(map(measured, cases), key=lambda outcome: -outcome.ratio)
    header = ["function", "primal (ms)", "ratio", *PEERS, f"why over {LIMIT:g}"]
    rows = [
        [o.name, f"{o.primal * 1e3:.3f}", f"{o.ratio:.2f}", *o.peers.values(), o.reason] for o in outcomes
    ]
    if chosen:
        print(table(header, rows))
        return
    versions = environment(["numpy", "scipy", *PEERS])
    title = "Time of value and gradient over time of the primal, rule by rule"
    write("rules", title, versions, table(header, rows), [vars(outcome) for outcome in outcomes])
    plot(outcomes)


if __name__ == "__main__":
    main(sys.argv[1:])
