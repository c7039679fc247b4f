"""The schedule of checkpointed loops, as Numba compiles it."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from tangent_sct.runtime import checkpoint
from tangent_sct.runtime.compilable import Implementation, compiles


@compiles(checkpoint.next_checkpoint)
def next_checkpoint(start: Any, stop: Any, free: Any) -> Implementation:
    """It is plain arithmetic: a copy of the function is compiled as it stands."""
    given = checkpoint.next_checkpoint
    return FunctionType(given.__code__, given.__globals__, given.__name__)


@compiles(checkpoint.checked_snapshots)
def checked_snapshots(snapshots: Any) -> Implementation:
    """At least one state is kept."""

    def checked(snapshots: Any) -> Any:
        if snapshots < 1:
            raise ValueError("argument `snapshots` must be at least 1")
        return snapshots

    return checked
