"""Functions that are declared to have no derivative have none: their results do not move with their arguments."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tangent_sct.templating import registry

RNG = np.random.default_rng(0)
A, B, M, N = RNG.normal(size=4), RNG.uniform(0.2, 3.0, size=4), RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3))
ARGUMENTS: list[tuple[Any, ...]] = [
    (A,), (B,), (M,), (A, B), (A, B, M), (M, N), (A[0],), (A[0], B[1]), ([A[0], A[1]],), (np.sort(A), B), (A, 2),
    (M, 1), (A, 2, B),
]  # fmt: skip
HOMES = ("builtins", "math", "cmath", "operator", "_operator", "_bisect", "numpy")
MEMORY = (np.empty, np.empty_like)
"""They give what happens to stand in memory."""


def public_zero_rules() -> Iterator[Any]:
    for function in (primal for rule in registry.all_rules() if rule.is_zero for primal in rule.primals):
        module = (getattr(function, "__module__", None) or "").partition(".")[0]
        if module in HOMES and function not in MEMORY:
            yield function


def numbers(value: Any) -> list[np.ndarray]:
    """The floating-point arrays in a result, however deep."""
    if isinstance(value, (tuple, list)):
        return [found for item in value for found in numbers(item)]
    array = np.asarray(value)
    return [array.astype(complex)] if array.dtype.kind in "fc" else []


def moved(value: Any) -> Any:
    if isinstance(value, list):
        return [v + 1e-7 for v in value]
    return value + 1e-7 if isinstance(value, (float, np.ndarray)) else value


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("function", list(public_zero_rules()), ids=lambda f: f"{f.__module__}.{f.__name__}")
def test_functions_without_a_derivative_are_locally_constant(function: Any) -> None:
    """`np.unique_all` gives the distinct entries as well, and was declared to have no derivative."""
    for args in ARGUMENTS:
        try:
            here, there = function(*copy.deepcopy(args)), function(*map(moved, args))
        except Exception:  # noqa: BLE001, S112
            continue  # not for these
        for one, other in zip(numbers(here), numbers(there), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10)
