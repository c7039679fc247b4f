"""Derivatives of many programs, by tangent_sct, by hand, and by every peer.

    pip install -e ".[bench]"
    python benchmarks/run.py                      # everything; takes hours
    python benchmarks/run.py lorenz gmm           # some workloads, or groups of them
    python benchmarks/run.py --quick              # all of them at a tiny size, to see that they run
    python benchmarks/run.py loops --peers c jax  # beside these peers only

Every derivative is compared with differences at a tiny size, and with the others at the size at which it is timed.
What is timed takes its turns in one process, on one processor; times are medians of processor time. Peers that
are not installed, or cannot do a workload, say so in the table. Tables, numbers and plots go to benchmarks/results/.
"""

from __future__ import annotations

import os

# Set before any library is loaded: all of them on one thread.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"
os.environ["VECLIB_MAXIMUM_THREADS"] = "1"
os.environ["NUMBA_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
os.environ["JAX_PLATFORMS"] = "cpu"

import argparse
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from time import process_time
from typing import Any

import memory
import report
import workloads
from candidates import PEERS, Candidate, candidates
from measure import environment, medians, seconds
from workloads.workload import Workload

PACKAGES = ("numpy", "numba", "jax", "torch", "autograd", "casadi", "tangent-ad", "dace", "tangent_sct")


@dataclass(frozen=True)
class Effort:
    """How much is done.

    Attributes:
        rounds: turns that each candidate has.
        budget: seconds that all turns of one candidate may take together; who needs more has one turn.
        limit: seconds that a candidate may take until its first result.
        peers: those that are tried.
    """

    rounds: int = 15
    budget: float = 20.0
    limit: float = 60.0
    peers: tuple[str, ...] = PEERS


@dataclass(frozen=True)
class Outcome:
    """What was measured for a workload of one size.

    Attributes:
        workload: its name.
        group: its group.
        size: the name of the size.
        seconds: median seconds of each candidate.
        first: seconds of each until its first result.
        reasons: why others were not timed.
        peaks: bytes that each needed at most, beyond what it had loaded; where that was asked for.
    """

    workload: str
    group: str
    size: str
    seconds: dict[str, float]
    first: dict[str, float]
    reasons: dict[str, str]
    peaks: dict[str, int] = field(default_factory=dict)


def timed(found: Iterable[Candidate], effort: Effort) -> dict[str, float]:
    """Median seconds of each candidate; those that are slow are run once."""
    runs = {candidate.name: candidate.run for candidate in found if candidate.run is not None}
    once = {name: seconds(run, 1, process_time) for name, run in runs.items()}
    quick = {name: run for name, run in runs.items() if once[name] * effort.rounds < effort.budget}
    return {**once, **medians(quick, effort.rounds, clock=process_time)}


def measured(workload: Workload, size: str, effort: Effort, slow: set[str]) -> Outcome:
    """All candidates for a workload of one size."""
    found = candidates(workload, size, effort.limit, slow, effort.peers)
    return Outcome(
        workload.name,
        workload.group,
        size,
        timed(found, effort),
        {candidate.name: candidate.first for candidate in found if candidate.run is not None},
        {candidate.name: candidate.reason for candidate in found if candidate.reason},
    )


def chosen(names: list[str]) -> list[Workload]:
    """The workloads of these names or groups, all of them where there are none."""
    known = {w.name for w in workloads.ALL} | {w.group for w in workloads.ALL}
    unknown = set(names) - known
    if unknown:
        raise SystemExit(f"no workload or group is called {', '.join(sorted(unknown))}; there are {sorted(known)}")
    return [w for w in workloads.ALL if not names or {w.name, w.group} & set(names)]


def outcomes(workload: Workload, effort: Effort, quick: bool, with_memory: bool) -> Iterable[Outcome]:
    """A workload in all sizes, from the smallest; who was too slow for one is left out of the next."""
    slow: set[str] = set()
    for size in workload.sizes:
        if (size == "tiny") != quick:
            continue
        outcome = measured(workload, size, effort, slow)
        if with_memory:
            outcome.peaks.update(memory.peaks(workload.name, size, list(outcome.seconds)))
        slow |= {name for name, reason in outcome.reasons.items() if reason.startswith(("over", "too slow"))}
        slow |= {name for name, time in outcome.seconds.items() if time > effort.limit / 10}
        yield outcome


def main() -> None:
    """Measure what was asked for and write it down."""
    parser = argparse.ArgumentParser(description="Derivatives of many programs, ours and those of peers.")
    parser.add_argument("names", nargs="*", help="workloads or groups")
    parser.add_argument("--quick", action="store_true", help="tiny sizes and few rounds, nothing is written")
    parser.add_argument("--rounds", type=int, default=15, help="turns of each candidate")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds until the first result")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=PEERS, help="the peers that are tried")
    parser.add_argument("--memory", action="store_true", help="peak memory too, each in a process of its own")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    peers = tuple(options.peers)
    effort = Effort(3, 1.0, 20.0, peers) if options.quick else Effort(options.rounds, 20.0, options.limit, peers)
    found: list[dict[str, Any]] = []
    for workload in chosen(options.names):
        for outcome in outcomes(workload, effort, options.quick, options.memory):
            found.append(asdict(outcome))
            print(report.line(found[-1]), flush=True)
    if not options.quick:
        report.write_down(found, environment(PACKAGES))


if __name__ == "__main__":
    main()
