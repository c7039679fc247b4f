"""All that is timed for a workload: ours, the limit, the peers; checked before it is timed."""

from __future__ import annotations

import importlib
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from time import perf_counter
from typing import Any

import differences
import ours
from peers.tool import CannotError, Prepared
from workloads.workload import Workload

Prepare = Callable[[Workload, tuple[Any, ...]], Prepared]

PRIMALS: dict[str, Prepare] = {"primal": ours.primal, "primal, Numba": ours.primal_numba}
OURS: dict[str, Prepare] = {"ours": ours.prepare, "ours, Numba": ours.ours_numba}
PEERS = ("c", "jax", "torch", "autograd", "casadi", "tangent")

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Candidate:
    """Something to be timed, or the reason why not.

    Attributes:
        name: what the tables call it.
        run: computes it once; None where there is a reason.
        first: seconds from nothing to the first result: transforming, tracing, compiling, running; the more of what
            it takes at the tiny size, where all begin, and at this one, for which some compile again.
        reason: why there is nothing to time.
    """

    name: str
    run: Callable[[], Any] | None
    first: float = 0.0
    reason: str = ""


@cache
def peers(names: tuple[str, ...] = PEERS) -> dict[str, Prepare | str]:
    """How each peer prepares a derivative, or that it is not installed."""
    found: dict[str, Prepare | str] = {}
    for name in names:
        try:
            found |= importlib.import_module(f"peers.{name}").PREPARE
        except ImportError:
            found[name] = "not installed"
    return found


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Stop what runs in Python after some seconds."""

    def stop(number: int, frame: Any) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def short(failure: Exception) -> str:
    """What a table says of a failure."""
    return f"fails ({type(failure).__name__})"


def is_right(workload: Workload, prepare: Prepare) -> bool:
    """Whether a derivative agrees with differences at the tiny size."""
    arguments = workload.made("tiny")
    prepared = prepare(workload, arguments)
    return differences.error(workload, arguments, prepared.result(prepared.run())) < TOLERANCE


_first: dict[tuple[str, Prepare], tuple[bool, float]] = {}
"""What came of the first derivative of a workload by a tool: whether it is right, and the seconds that it took."""


def first_try(workload: Workload, prepare: Prepare) -> tuple[bool, float]:
    """Whether a derivative is right at the tiny size, and the seconds that it took; tried once for all sizes."""
    key = workload.name, prepare
    if key not in _first:
        arguments = workload.made("tiny")
        start = perf_counter()
        prepare(workload, arguments).run()
        elapsed = perf_counter() - start
        _first[key] = is_right(workload, prepare), elapsed
    return _first[key]


def tried(name: str, prepare: Prepare | str, workload: Workload, arguments: tuple[Any, ...], limit: float) -> Any:
    """A candidate and its result; a peer may fail in any way, and says so."""
    if isinstance(prepare, str):
        return Candidate(name, None, reason=prepare), None
    try:
        with limited(limit):
            right, before = (True, 0.0) if name in PRIMALS else first_try(workload, prepare)
            if not right:
                return Candidate(name, None, reason="wrong"), None
            start = perf_counter()
            prepared = prepare(workload, arguments)
            raw = prepared.run()
            first = max(perf_counter() - start, before)
            return Candidate(name, prepared.run, first), prepared.result(raw)
    except ImportError:
        return Candidate(name, None, reason="not installed"), None
    except CannotError as reason:
        return Candidate(name, None, reason=str(reason)), None
    except TimeoutError:
        return Candidate(name, None, reason=f"over {limit:g} s"), None
    except Exception as failure:
        if name == "ours":
            raise
        return Candidate(name, None, reason=short(failure)), None


def candidates(
    workload: Workload, size: str, limit: float, slow: set[str], names: tuple[str, ...] = PEERS
) -> list[Candidate]:
    """All candidates for a workload of a size, those that agree with each other.

    Args:
        workload: the workload.
        size: the name of the size.
        limit: seconds that a peer may take until its first result.
        slow: those that took too long for a smaller size; they are not tried.
        names: the peers to try.
    """
    arguments = workload.made(size)
    found = []
    reference = None
    for name, prepare in {**PRIMALS, **OURS, **peers(names)}.items():
        if name in slow:
            found.append(Candidate(name, None, reason="too slow"))
            continue
        candidate, result = tried(name, prepare, workload, arguments, limit)
        if result is not None and name not in PRIMALS:
            if reference is None:
                reference = result
            elif differences.distance(result, reference) > TOLERANCE:
                candidate = Candidate(name, None, reason="wrong at this size")
        found.append(candidate)
    return found
