"""What helpers refuse once Numba has compiled them is what they refuse in Python."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tangent_sct import DerivativeError
from tangent_sct.emit.compiled import compiler
from tangent_sct.runtime import checks, decompositions, linalg, sequences

EQUAL = np.array([1.0, 1.0, 2.0])
FULL = np.arange(9.0).reshape(3, 3)

NO_NUMBER = "and a gradient needs a scalar; use vjp with a seed of that shape, or jacobian"
MIXED = (
    "two eigenvalues or singular values are equal, and a function of the values and of the vectors together is "
    "differentiated: its derivative is not determined by theirs"
)
JUMPS = (
    "equal eigenvalues or singular values part along this direction, where their vectors jump and have no tangent"
)
REFUSED = [
    (
        checks.check_scalar, (np.ones(2),), f"the result has shape (2,), {NO_NUMBER}",
        "the result has axes, and a gradient needs a scalar; use vjp with a seed of that shape, or jacobian",
    ),
    (
        linalg.vector_order, (np.ones(3), 0.0), "np.linalg.norm(..., ord=0.0, axis=None) is not differentiated",
        "norms are differentiated whose order is finite and not zero",
    ),
    (decompositions.distinct, (EQUAL,), MIXED, MIXED),
    (
        decompositions.unmixed, (FULL, EQUAL), "or on the phases of complex ones: there is no derivative",
        "which vectors were chosen for equal eigenvalues or singular values: there is no derivative",
    ),
    (decompositions.unsplit, (FULL, EQUAL), JUMPS, JUMPS),
]
"""Helpers, arguments, and what they say in Python and compiled."""


@pytest.mark.parametrize(("helper", "args", "text", "other"), REFUSED, ids=lambda item: getattr(item, "__name__", ""))
@pytest.mark.parametrize("compiled", [False, True])
def test_refusals_at_run_time(helper: Any, args: tuple[Any, ...], text: str, other: str, compiled: bool) -> None:
    if compiled:
        pytest.importorskip("numba")
        called, parameters = helper, ", ".join("abc"[: len(args)])
        helper = compiler()(eval(f"lambda {parameters}: called({parameters})", {"called": called}))
    with pytest.raises(DerivativeError, match=re.escape(other if compiled else text)):
        helper(*args)


WINDOWS = [
    ((6,), 3, None), ((4, 5), (2, 3), None), ((4, 5), 2, -1), ((3, 6), (2, 2), (1, 1)), ((3, 4), (2, 2), (0, -1)),
]  # fmt: skip


@pytest.mark.parametrize(("shape", "window", "axis"), WINDOWS)
def test_windows_are_summed_back(shape: tuple[int, ...], window: Any, axis: Any) -> None:
    pytest.importorskip("numba")
    called = sequences.unwindowed
    seen = np.lib.stride_tricks.sliding_window_view(np.zeros(shape), window, axis)
    g, like = np.random.default_rng(0).random(seen.shape), np.zeros(shape)
    found = compiler()(lambda g, like, window, axis: called(g, like, window, axis))(g, like, window, axis)
    np.testing.assert_allclose(found, called(g, like, window, axis), rtol=1e-14)
