"""The schedule of checkpointed loops runs the least number of steps that there can be."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tangent_sct.runtime.checkpoint import (
    bytes_of,
    checkpointed,
    extra_steps,
    next_checkpoint,
    snapshots_within,
)


@cache
def least(steps: int, snapshots: int) -> int:
    """The least number of steps, by trying all places of the next snapshot."""
    if steps < 2:
        return 0
    if snapshots == 1:
        return steps * (steps - 1) // 2
    return min(k + least(steps - k, snapshots - 1) + least(k, snapshots) for k in range(1, steps))


def run(steps: int, snapshots: int, advance=next_checkpoint) -> int:
    """How many steps generated code runs forward; it checks how many states it holds, and which."""
    kept: list[int] = []
    count = keep_at = 0
    for i in range(steps):
        if i == keep_at:
            kept.append(i)
            keep_at = advance(i, steps + 1, snapshots - len(kept))
        count += 1
        assert len(kept) <= snapshots
    for i in reversed(range(steps)):
        start = keep_at = kept.pop()
        assert start <= i
        for earlier in range(start, i):
            if earlier == keep_at:
                kept.append(earlier)
                keep_at = advance(earlier, i + 1, snapshots - len(kept))
            count += 1
            assert len(kept) <= snapshots
    assert not kept
    return count


@pytest.mark.parametrize("snapshots", [1, 2, 3, 4, 7, 12])
def test_no_schedule_runs_fewer_steps(snapshots):
    for steps in range(1, 45):
        # Behind the loop there is the rest of the program: one step more to come back from.
        assert run(steps, snapshots) == extra_steps(steps + 1, snapshots) == least(steps + 1, snapshots)


@pytest.mark.parametrize(("steps", "snapshots"), [(1000, 3), (999, 10), (5000, 20), (20_000, 50), (300, 1)])
def test_long_loops_keep_to_the_formula(steps, snapshots):
    assert run(steps, snapshots) == extra_steps(steps + 1, snapshots)


def test_a_million_steps_and_more():
    assert 0 < next_checkpoint(0, 1_000_001, 49) < 1_000_001
    assert next_checkpoint(5, 10**12, 3) > 5


def test_numba_compiles_the_schedule():
    numba = pytest.importorskip("numba")
    assert run(2000, 7, numba.njit(next_checkpoint)) == extra_steps(2001, 7)


def test_the_marker_hands_on_what_it_is_given():
    steps = range(3)
    assert checkpointed(steps, snapshots=np.int64(2)) is steps
    assert checkpointed(steps, memory="1 MB") is steps


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({}, TypeError, "`checkpointed` takes either `snapshots` or `memory`"),
        ({"snapshots": 2, "memory": "1 MB"}, TypeError, "`checkpointed` takes either `snapshots` or `memory`"),
        ({"snapshots": "1 MB"}, TypeError, "argument `snapshots` must be a number of snapshots, not '1 MB'"),
        ({"snapshots": 0}, ValueError, "argument `snapshots` must be at least 1, not 0"),
        ({"memory": 50}, TypeError, "argument `memory` must be an amount of memory like '50 MB', not 50"),
        ({"memory": "much"}, ValueError, "argument `memory` must be a number and a unit, as in '50 MB'"),
    ],
)
def test_bad_limits_are_named(given, error, text):
    with pytest.raises(error, match=text):
        checkpointed(range(3), **given)


def test_memory():
    assert [bytes_of(text) for text in ("2 kB", "0.5MiB", "3 B", "3", "3 mb", "-1 B")] == [2000, 524288, 3, 0, 0, 0]
    assert snapshots_within("1 kB", np.zeros(100)) == 1
    assert snapshots_within("10 kB", np.zeros(100), 1.0, None) == 12
