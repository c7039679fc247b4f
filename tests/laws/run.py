"""Long runs of the law: `python -m tests.laws.run --count 10000 --seed 0 --jobs 2`.

Ctrl-C ends a run early, with the report of what was seen until then.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import multiprocessing.pool
import signal
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tests.laws.check import Outcome, examine
from tests.laws.compiled import examine_compiled
from tests.laws.generator import program
from tests.laws.samples import Program
from tests.laws.shrink import shrink

SMALL = 3
"""How large programs are that Numba is to compile: of larger ones it refuses nearly all."""


@dataclass(frozen=True)
class Judgement:
    """What came of a program.

    Attributes:
        program: as it was examined.
        outcome: of that.
        marks: why its loops are not marked to be checkpointed, where they were: marks save memory, and a program is
            judged without them where they are refused.
    """

    program: Program
    outcome: Outcome
    marks: str = ""


def judged(task: tuple[int, str, str]) -> Judgement:
    """What came of the program of a seed."""
    seed, numbers, backend = task
    if backend == "numba":
        small = program(seed, SMALL, numbers)
        return Judgement(small, examine_compiled(small))
    whole = program(seed, numbers=numbers)
    outcome = examine(whole)
    if outcome.status == "refused" and "a checkpointed loop" in outcome.law:
        whole = whole.without_marks()
        return Judgement(whole, examine(whole), outcome.law)
    return Judgement(whole, outcome)


def smallest(failing: Program, outcome: Outcome, attempts: int) -> Program:
    """The failing program made small, failing for the same law."""
    key = cause(outcome)

    def fails(candidate: Program) -> bool:
        found = examine(candidate)
        return cause(found) == key

    return shrink(failing, fails, attempts)


def shrunk(task: tuple[Judgement, int]) -> tuple[Program, Outcome]:
    """The smallest program that fails like another, and what comes of it."""
    failing, attempts = task
    small = smallest(failing.program, failing.outcome, attempts)
    return small, examine(small)


def cause(outcome: Outcome) -> tuple[str, str]:
    """What failures are told apart by."""
    return outcome.status, outcome.law


def report(counts: Counter[str], reasons: dict[tuple[str, str], list[int]]) -> None:
    """Print the counts, and reasons of refusals and skips with their share and their first seeds."""
    total = sum(counts.values())
    print(f"programs {total}")
    for status in ("right", "wrong", "crash", "refused", "skipped"):
        print(f"{status:>8} {counts[status]:6d} {counts[status] / max(total, 1):7.2%}")
    for (status, reason), seeds in sorted(reasons.items(), key=lambda item: -len(item[1])):
        print(f"  {status} {len(seeds):5d} {len(seeds) / max(total, 1):7.2%}  {reason}, seeds {sorted(seeds)[:8]}")


def workers(jobs: int) -> multiprocessing.pool.Pool:
    """Processes that leave Ctrl-C to the one that started them."""
    return multiprocessing.Pool(jobs, signal.signal, (signal.SIGINT, signal.SIG_IGN), maxtasksperchild=500)


def main(arguments: Iterable[str] | None = None) -> int:
    """Run the command; the exit code is 1 when a program failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.laws.run", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="number of programs")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first program")
    parser.add_argument("--numbers", choices=("real", "complex"), default="real", help="what programs compute with")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--shrink", type=int, default=300, help="candidates tried per failure")
    parser.add_argument("--show", type=int, default=20, help="failures that are made small and shown")
    parser.add_argument("--backend", choices=("numpy", "numba"), default="numpy",
                        help="numba: compiled derivatives are compared with those that Python runs")  # fmt: skip
    options = parser.parse_args(None if arguments is None else list(arguments))
    # A shell may have told what runs in the background to ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    counts: Counter[str] = Counter()
    reasons: dict[tuple[str, str], list[int]] = {}
    failures: dict[tuple[str, str], list[Judgement]] = {}
    without_marks = 0
    seeds = [(seed, options.numbers, options.backend) for seed in range(options.seed, options.seed + options.count)]
    with contextlib.suppress(KeyboardInterrupt), workers(options.jobs) as pool:
        for judgement in pool.imap_unordered(judged, seeds, chunksize=4):
            seed, outcome = judgement.program.seed, judgement.outcome
            counts[outcome.status] += 1
            if judgement.marks:
                without_marks += 1
                reasons.setdefault(("without marks", judgement.marks), []).append(seed)
            if outcome.failed:
                failures.setdefault(cause(outcome), []).append(judgement)
                print(f"seed {seed}: {outcome.status}, {outcome.law}", flush=True)
            elif outcome.status != "right":
                reasons.setdefault(cause(outcome), []).append(seed)
    report(counts, reasons)
    if without_marks:
        print(f"{without_marks} were refused for marks of checkpointed loops, and judged without them")
    if options.backend == "numba":
        # They are small already.
        programs = [case.program for cases in failures.values() for case in cases]
        for small in sorted(programs, key=lambda found: found.seed)[: options.show]:
            print(f"\n=== seed {small.seed}\n{small.text}")
        return 1 if failures else 0
    for key, cases in failures.items():
        print(f"FAILED {len(cases)} times: {key}, seeds {sorted(case.program.seed for case in cases)[:8]}")
    # One of each cause first, then more of them.
    chosen = [case for _, case in sorted(
        ((position, case) for cases in failures.values() for position, case in enumerate(cases)),
        key=lambda pair: pair[0],
    )][: options.show]  # fmt: skip
    tasks = [(case, options.shrink) for case in chosen]
    with workers(options.jobs) as pool:
        for small, outcome in pool.imap_unordered(shrunk, tasks):
            print(f"\n=== seed {small.seed}: {outcome.status}, {outcome.law}\n{outcome.detail[:600]}")
            print(f"wrt {small.wrt}, arguments {small.arguments()}\n{small.text}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
