"""Axes that count from the last mean what the same axes mean that count from the first."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, vjp
from tangent_sct.testing import wrapped
from tests.templates.cases import CASES, STATEMENTS, Case
from tests.templates.test_rules import label

AXES = ("axis", "axis1", "axis2", "axisa", "axisb", "axisc", "source", "destination", "start")


def from_the_last(case: Case) -> tuple[Case, Case] | None:
    """A case with its axes named, and with the same axes counted from the last; None where it names none."""
    function, args, keywords = case
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters.values()):
        return None
    given = {**dict(zip(parameters, args, strict=False)), **keywords}
    axes = (*AXES, "axes") if function is np.transpose else AXES
    named = {name: value for name, value in given.items() if name in axes and _are_axes(value)}
    if not named:
        return None
    others = {name: value for name, value in given.items() if name not in named}
    # Operands of ufuncs, and of what hands its own to one, have no names.
    first = max(1, sum(p.kind is p.POSITIONAL_ONLY and name in others for name, p in parameters.items()))
    plain, rest = tuple(others.values())[:first], dict(list(others.items())[first:])
    expected = function(*plain, **rest, **named)
    differentiated = plain[0] if isinstance(plain[0], list) else plain
    if not all(map(_is_real, (expected, *differentiated))):
        return None
    ranks = {np.ndim(a) for a in (plain[0], expected) if isinstance(a, np.ndarray)}
    for rank in ranks:
        counted = {name: _minus(value, rank) for name, value in named.items()}
        try:
            found = function(*plain, **rest, **counted)
        except (TypeError, ValueError, IndexError):
            continue
        if _is_real(found) and np.shape(found) == np.shape(expected) and np.array_equal(found, expected):
            return (function, plain, {**rest, **named}), (function, plain, {**rest, **counted})
    return None


def _are_axes(value: Any) -> bool:
    if isinstance(value, tuple):
        return bool(value) and all(type(axis) is int and axis >= 0 for axis in value)
    return type(value) is int and value >= 0


def _minus(value: Any, rank: int) -> Any:
    return tuple(axis - rank for axis in value) if isinstance(value, tuple) else value - rank


def _is_real(value: Any) -> bool:
    return isinstance(value, (np.ndarray, float)) and np.asarray(value).dtype.kind == "f"


PAIRS = [(label(case), *pair) for case in [*CASES, *STATEMENTS] if (pair := from_the_last(case)) is not None]


def adjoints(case: Case) -> tuple[Any, Any]:
    """The value of a call, and the adjoint of its first argument for a seed."""
    function, args, keywords = case
    value = function(*args, **keywords)
    seed = np.cos(np.arange(np.size(value))).reshape(np.shape(value))
    return vjp(wrapped(function, args, keywords))(*args, seed=seed)


@pytest.mark.every(3)
@pytest.mark.parametrize(("plain", "counted"), [pair[1:] for pair in PAIRS], ids=[pair[0] for pair in PAIRS])
def test_axes_from_the_last(plain: Case, counted: Case) -> None:
    try:
        value, adjoint = adjoints(plain)
    except UnsupportedError:
        pytest.skip("the first argument is no matter of derivatives")
    found, other = adjoints(counted)
    np.testing.assert_array_equal(found, value)
    pairs = zip(adjoint, other, strict=True) if isinstance(adjoint, (list, tuple)) else [(adjoint, other)]
    for one, another in pairs:
        np.testing.assert_allclose(one, another, rtol=1e-12, atol=1e-14)
