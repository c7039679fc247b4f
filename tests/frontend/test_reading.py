"""What names are known to mean while a program is read: modules, and None."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, grad
from tangent_sct.testing import check_derivative

X = np.array([0.83, 0.61, 1.27, 0.94])


def module_of(*arrays):
    return np


class Model:
    def __init__(self, xp=np):
        self.xp = xp

    def energy(self, x):
        return self.xp.sum(self.xp.sin(x) * x)


def named(x):
    xp, y = np, x * 2.0
    z = xp.zeros(4)
    for i in range(4):
        z[i] = xp.sin(y[i]) * xp.pi
    return xp.linalg.norm(z)


def given(x):
    xp = module_of(x)
    return xp.sum(xp.abs(x) * x)


def kept(x):
    return Model().energy(x)


def part(x):
    la = np.linalg
    return la.norm(x)


def smooth(x, f=None, scale=None, after=None, xp=None):
    if f is None:
        f = np.sin
    if scale is None:
        scale = x[0]
    xp = module_of(x) if xp is None else xp
    y = f(x) * scale
    if after is not None:
        y = after(y)
    return xp.sum(y)


def defaults(x):
    return smooth(x) + smooth(x, np.cos) + smooth(x, lambda v: v * x[1], after=lambda v: v**2) + smooth(x, scale=x[2])


def given_none(x):
    return smooth(x, None, None, None, None)


def best(x):
    found = None
    for v in x:
        if found is None or v > found:
            found = v
    return found * x[0]


@pytest.mark.parametrize("function", [named, given, kept, part])
def test_a_variable_may_mean_a_module(function: Callable[..., Any]) -> None:
    check_derivative(function, X)


@pytest.mark.parametrize("function", [defaults, given_none, best, smooth])
def test_what_is_none_is_known(function: Callable[..., Any]) -> None:
    """`if f is None: f = ...` decides which function is called."""
    check_derivative(function, X)


def spread(x, *given):
    return np.sum(x) * len(given)


spread.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in ("x", "y", "z")]
)


def calls_it(x):
    return spread(x, 1.0, 2.0)


def test_functions_that_show_other_parameters_are_refused() -> None:
    """SciPy shows those of the function that is wrapped, with some more: that was a `ValueError` of the compiler."""
    with pytest.raises(UnsupportedError, match="shows other parameters than its source has"):
        grad(calls_it)(X)
