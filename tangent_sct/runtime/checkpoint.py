"""Checkpointing: the marker of a loop, and when the reversed loop keeps states.

A loop of n steps is run backwards from the last step to the first, and each step needs the state it began with. Where
only some of these states, *snapshots*, may be kept, the others are computed again from the last snapshot before
them. How to do that with the fewest steps is known (Griewank 1992; Griewank and Walther 2000, "revolve"): with s
snapshots, of which the first is the state at the beginning, and at most r runs of each step, at most
`binomial(s + r, s)` steps can be reversed. That number says where the next snapshot belongs.

Everything here is plain arithmetic of integers, so that Numba compiles it.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final, TypeVar

import numpy as np

from tangent_sct.runtime.errors import DerivativeError

T = TypeVar("T")

_UNITS: Final = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def checkpointed(run: T, *, snapshots: int | None = None, memory: str | None = None) -> T:
    """Say that the derivative of a loop keeps only some of its states, and computes the others again.

    It stands where a loop says what it runs over, `for t in checkpointed(range(n), snapshots=50):`, or around the
    test of a `while`. Outside of a derivative it is `run`, and does nothing.

    Args:
        run: what the loop runs over, or the test of a `while`.
        snapshots: how many states may be kept at a time; at least 1.
        memory: how much memory the states may take instead, as a number and a unit: "50 MB", "2 GiB".

    Returns:
        `run` itself.

    Raises:
        TypeError, ValueError: for a bad number of snapshots or amount of memory, or unless one of them is given.

    >>> import tangent_sct
    >>> def f(x, n):
    ...     for _ in tangent_sct.checkpointed(range(n), snapshots=3):
    ...         x = x * x
    ...     return x
    >>> f(2.0, 3), tangent_sct.grad(f)(2.0, 3)
    (256.0, 1024.0)
    """
    if (snapshots is None) == (memory is None):
        raise TypeError("`checkpointed` takes either `snapshots` or `memory`")
    check_checkpoint(memory if snapshots is None else snapshots, "memory" if snapshots is None else "snapshots")
    return run


def check_checkpoint(given: object, name: str) -> None:
    """Refuse what is neither a number of snapshots nor an amount of memory.

    Args:
        given: the value.
        name: what the argument is called; `checkpoint` may be either, `snapshots` and `memory` one of them.

    Raises:
        TypeError, ValueError: naming the argument.

    >>> check_checkpoint(0, "snapshots")
    Traceback (most recent call last):
        ...
    ValueError: argument `snapshots` must be at least 1, not 0
    """
    if isinstance(given, str) and name != "snapshots":
        if bytes_of(given) <= 0:
            raise ValueError(
                f"argument `{name}` must be a number and a unit, as in '50 MB' or '2 GiB', not {given!r}"
            )
        return
    is_count = isinstance(given, (int, np.integer)) and not isinstance(given, bool)
    if not is_count or name == "memory":
        wanted = {"snapshots": "a number of snapshots", "memory": "an amount of memory like '50 MB'"}
        both = "a number of snapshots or an amount of memory like '50 MB'"
        raise TypeError(f"argument `{name}` must be {wanted.get(name, both)}, not {given!r}")
    if int(given) < 1:  # type: ignore[call-overload]
        raise ValueError(f"argument `{name}` must be at least 1, not {given}")


def bytes_of(memory: str) -> int:
    """An amount of memory in bytes; 0 where it is none.

    >>> bytes_of("50 MB"), bytes_of("1.5 KiB"), bytes_of("50")
    (50000000, 1536, 0)
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*", memory)
    if found is None or found[2] not in _UNITS:
        return 0
    return int(float(found[1]) * _UNITS[found[2]])


def checked_snapshots(snapshots: Any) -> int:
    """A number of snapshots that is known only when the program runs.

    Raises:
        TypeError, ValueError: for what is no such number.

    >>> checked_snapshots(5)
    5
    """
    check_checkpoint(snapshots, "snapshots")
    return int(snapshots)


def snapshots_within(memory: str, *state: Any) -> int:
    """How many snapshots of a state fit into some memory; at least one is kept.

    Args:
        memory: the amount, with its unit.
        state: numbers and arrays.

    Raises:
        TypeError, ValueError: for what is no amount of memory.

    >>> snapshots_within("1 kB", np.zeros(10), 1.0)
    11
    """
    check_checkpoint(memory, "memory")
    size = sum(np.asarray(part).nbytes for part in state)
    return max(1, bytes_of(memory) // max(1, size))


def check_states_apart(*arrays: Any) -> None:
    """Refuse a checkpointed loop that hands on one piece of memory under two names, which snapshots would separate.

    Raises:
        DerivativeError: when two of the arrays share memory.

    >>> a = np.zeros(4)
    >>> check_states_apart(a[:2], a[2:])
    """
    for place, left in enumerate(arrays):
        for right in arrays[:place]:
            if np.may_share_memory(left, right) and np.shares_memory(left, right):
                raise DerivativeError(
                    "a checkpointed loop hands on two arrays that share memory; make one of them a copy"
                )


def next_checkpoint(start: int, stop: int, free: int) -> int:
    """Where to keep the next state, for the fewest steps in all.

    Args:
        start: the step whose state was kept last.
        stop: the end of the steps that are to be reversed, `start` up to `stop - 1`.
        free: how many more states may be kept.

    Returns:
        A step behind `start`; `stop` where no more states are to be kept.

    >>> next_checkpoint(0, 10, 2)
    4
    >>> next_checkpoint(4, 10, 1), next_checkpoint(7, 10, 0)
    (7, 10)
    """
    steps = stop - start
    if free < 1 or steps < 2:
        return stop
    # With the state at the start there are `free + 1` snapshots. `within` is the number of steps that they reverse
    # with at most `runs` runs of each, `fewer` that with one run less.
    fewer, within, runs = 1, free + 2, 1
    while within < steps:
        runs += 1
        fewer, within = within, within * (free + 1 + runs) // runs
    # What follows the next snapshot has one snapshot less. It should be long enough to need all of its runs.
    after = fewer * (free + 1) // (free + runs)
    return start + min(fewer, steps - after)


def extra_steps(steps: int, snapshots: int) -> int:
    """The least number of steps that are run to reverse a loop, those that are reversed at once left out.

    This is the formula of Griewank and Walther (2000), by which the schedule is tested.

    >>> extra_steps(10, 3), extra_steps(10, 10), extra_steps(10, 1)
    (15, 9, 45)
    """
    runs = 0
    while math.comb(snapshots + runs, snapshots) < steps:
        runs += 1
    return runs * steps - math.comb(snapshots + runs, snapshots + 1) if steps > 0 else 0
