"""Rules at arguments without entries and without axes: wherever the function takes them, so do its derivatives.

Filters, transforms and systems of SciPy, and a few functions of NumPy, may end in an error there, but in no wrong
number.
"""

from __future__ import annotations

import copy
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import scipy.special

from tangent_sct import jvp, vjp
from tangent_sct.core.errors import UnsupportedError
from tangent_sct.runtime import DerivativeError
from tangent_sct.testing import wrapped
from tests.analysis.kinds.test_rules import changed
from tests.templates.cases import CASES, Case
from tests.templates.filled import Filled, inner, random_like
from tests.templates.test_rules import label
from tests.templates.test_statements import FIRST

Change = Callable[[Any], Any]
BLOCKS = 4
MOST = 3
"""How many cases of each function are tried."""
MAY_RAISE = (
    np.convolve, np.polymul, np.pad, np.repeat, np.cumulative_prod, np.cumulative_sum, np.ndarray.tolist,
    np.amax, np.amin, np.poly, np.resize, np.linalg.pinv, np.linalg.multi_dot, scipy.special.logsumexp,
)  # fmt: skip


def without_rows(value: Any) -> Any:
    return value[:0] if value.ndim else value


def without_columns(value: Any) -> Any:
    return value[..., :0] if value.ndim else value


def without_axes(value: Any) -> Any:
    return np.array(value.flat[0]) if value.size else value


def of_floats(change: Change) -> Change:
    return lambda value: change(value) if value.dtype.kind == "f" else value


CHANGES: dict[str, Change] = {
    "no rows": without_rows,
    "no rows of floats": of_floats(without_rows),
    "no columns": without_columns,
    "no axes": without_axes,
    "no axes of floats": of_floats(without_axes),
}


def taken(case: Case, change: Change) -> tuple[Any, ...] | None:
    """The changed arguments, if there are some with which the function computes numbers."""
    function, args, keywords = case
    other = changed(change, copy.deepcopy(args))
    if all(a is b for a, b in zip(other, args, strict=True)):
        return None
    try:
        value = function(*copy.deepcopy(other), **keywords)
        results = value if isinstance(value, (tuple, list)) else [value]
        is_usual = all(np.asarray(r).dtype.kind == "f" and np.all(np.isfinite(r)) for r in results)
        return other if is_usual else None
    except Exception:  # the function itself takes no such arguments
        return None


def wrong(case: Case, args: tuple[Any, ...]) -> str | None:
    """How the derivatives of a rule fail, or are none of each other."""
    function, _, keywords = case
    rng = np.random.default_rng(3)
    try:
        filled = Filled(function, args, keywords)
        directions = {slot: random_like(filled.values[name], rng) for slot, name in filled.slots.items()}
        if not directions:
            return None
        results = [filled.forward()[name] for name in filled.results]
        seeds = [random_like(np.asarray(r, float)[()], rng) for r in results]
        tangents = filled.tangent(directions)
        adjoints = filled.adjoint(seeds, set(directions))
        full = [np.broadcast_to(t, np.shape(r)) for t, r in zip(tangents, results, strict=True)]
    except (UnsupportedError, DerivativeError):
        return None  # said in words
    except Exception as error:
        # Adjoints of a wrong shape end in an error, too, before they are returned.
        return None if may_raise(function) else f"{label(case)}: {type(error).__name__}: {error}"
    left = sum(map(inner, seeds, full))
    right = sum(inner(adjoint, directions[slot]) for slot, adjoint in adjoints.items())
    return None if left == pytest.approx(right, rel=1e-9, abs=1e-9) else f"{label(case)}: {left}, {right}"


def few(cases: list[Case]) -> list[Case]:
    """The first cases of each function; not of the runtime's own, whose arguments fit each other."""
    counts: Counter[Any] = Counter()
    found = []
    for case in cases:
        counts[case[0]] += 1
        is_own = (getattr(case[0], "__module__", None) or "").startswith("tangent_sct.")
        if counts[case[0]] <= MOST and not is_own:
            found.append(case)
    return found


def may_raise(function: Any) -> bool:
    """Whether derivatives of a function may end in an error where the function does not."""
    module = getattr(function, "__module__", None) or ""
    of_arrays = module.startswith("scipy.") and not module.startswith("scipy.special")
    return of_arrays or function in MAY_RAISE


@pytest.fixture(autouse=True)
def quietly() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@pytest.mark.every(4)
@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_rules(block: int, name: str) -> None:
    found = [wrong(c, args) for c in few(CASES)[block::BLOCKS] if (args := taken(c, CHANGES[name])) is not None]
    assert not any(found), "\n".join(filter(None, found))


def wrong_statements(case: Case, args: tuple[Any, ...]) -> str | None:
    """How the derivatives of a function that is said as statements fail, or are none of each other."""
    function, _, keywords = case
    wrt = tuple(i for i, a in enumerate(args) if isinstance(a, np.ndarray) and a.dtype == float)
    if not wrt:
        return None
    rng = np.random.default_rng(3)
    call = wrapped(function, args, keywords)
    try:
        tangents = tuple(random_like(args[i], rng) for i in wrt)
        value, tangent = jvp(call, wrt)(*args, seed=tangents)
        if isinstance(value, (tuple, list)):
            return None
        seed = random_like(np.asarray(value, float)[()], rng)
        other, adjoints = vjp(call, wrt)(*args, seed=seed)
        assert np.shape(value) == np.shape(other) == np.shape(function(*args, **keywords)), "the value's shape"
        assert [a.shape for a in adjoints] == [args[i].shape for i in wrt], "the shape of an adjoint"
    except (UnsupportedError, DerivativeError):
        return None  # said in words
    except Exception as error:
        return None if may_raise(function) else f"{label(case)}: {type(error).__name__}: {error}"
    left, right = inner(seed, tangent), sum(map(inner, adjoints, tangents))
    return None if left == pytest.approx(right, rel=1e-9, abs=1e-9) else f"{label(case)}: {left}, {right}"


@pytest.mark.parametrize("name", ["no rows", "no axes"])
@pytest.mark.parametrize("block", range(BLOCKS))
def test_statements(block: int, name: str) -> None:
    found = [
        wrong_statements(c, args) for c in FIRST[block::BLOCKS] if (args := taken(c, CHANGES[name])) is not None
    ]
    assert not any(found), "\n".join(filter(None, found))
