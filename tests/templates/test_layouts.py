"""Rules at arguments of all layouts in memory: spaced, read-only, in the order of Fortran."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.analysis.kinds.test_rules import changed
from tests.templates.cases import CASES, Case
from tests.templates.filled import Filled, random_like
from tests.templates.test_rules import label
from tests.templates.test_statements import strided

BLOCKS = 8


def fortran(value: Any) -> Any:
    return np.asfortranarray(value) if value.ndim else value


def derivatives(filled: Filled) -> tuple[list[Any], dict[Any, Any]]:
    """The tangents along a direction, and the adjoints of ones."""
    rng = np.random.default_rng(3)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        directions = {slot: random_like(filled.values[name], rng) for slot, name in filled.slots.items()}
        results = [filled.forward()[name] for name in filled.results]
        seeds = [np.ones(np.shape(r))[()] for r in results]
        return filled.tangent(directions), filled.adjoint(seeds, set(filled.slots))


def wrong_layout(case: Case, change: Callable[[Any], Any]) -> str | None:
    """How derivatives differ where only the layout of the arguments does."""
    function, args, keywords = case
    tangents, adjoints = derivatives(Filled(function, copy.deepcopy(args), keywords))
    try:
        filled = Filled(function, changed(change, copy.deepcopy(args)), keywords)
    except (TypeError, ValueError):  # the function itself wants its arguments contiguous
        return None
    found = derivatives(filled)
    try:
        for a, b in zip(found[0], tangents, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
        for slot, adjoint in found[1].items():
            np.testing.assert_allclose(adjoint, adjoints[slot], rtol=1e-9, atol=1e-9)
    except AssertionError as error:
        return f"{label(case)}: {error}"
    return None


@pytest.mark.every(8)
@pytest.mark.parametrize("change", [strided, fortran])
@pytest.mark.parametrize("block", range(BLOCKS))
def test_the_layout_does_not_count(block: int, change: Callable[[Any], Any]) -> None:
    wrong = [wrong_layout(case, change) for case in CASES[block::BLOCKS]]
    assert not any(wrong), "\n".join(filter(None, wrong))
