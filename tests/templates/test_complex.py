"""Every rule that is declared for complex numbers, at complex arguments, through the whole compiler."""

from __future__ import annotations

import cmath
import operator
import warnings
from typing import Any

import numpy as np
import pytest

from tangent_sct import UnsupportedError, runtime
from tangent_sct.templating import registry
from tangent_sct.testing import check_rule
from tests.templates.complex_cases import A23, A33, cases_of, v3
from tests.templates.scipy_special_cases import FIRST_ORDER

STRUCTURAL = {runtime.shadow_like, runtime.zero_items, runtime.zeros_like, runtime.old_item}
"""Helpers of derivatives whose own derivative is zero, or that only hand on."""
PROGRAMS: dict[Any, tuple[Any, tuple[Any, ...]]] = {
    np.full: (lambda z, x: np.full(3, z) * np.full((2, 3), x + 0j), (0.3 - 1.2j, 0.7)),
    np.full_like: (lambda z, x: np.full_like(z, x) * z, (v3, 0.7)),
    np.astype: (lambda x, z: np.astype(x, complex) * z.astype(np.complex128), (v3.real, v3)),
    np.reshape: (lambda z: np.reshape(z, (3, 2)) * z.reshape(-1, 2), (A23,)),
    runtime.to_full: (lambda z, x: np.convolve(z, x, mode="same"), (v3, v3.real)),
    runtime.einsum_adjoint: (lambda z: np.einsum("ii->i", z) * np.einsum("ij->j", z), (A33,)),
    runtime.cofactors: (np.linalg.det, (A33,)),
    runtime.independent: (np.linalg.eigvals, (A33,)),
    runtime.unmixed: (lambda z: np.abs(np.linalg.eig(z)[1]) ** 2, (A33,)),
    runtime.unsplit: (lambda z: np.abs(np.linalg.eigh(z)[1]) ** 2, (A33,)),
    np.linalg.eig: (lambda z: np.abs(np.linalg.eig(z)[1]) ** 2 * np.linalg.eig(z)[0], (A33,)),
    np.linalg.eigh: (lambda z: np.abs(np.linalg.eigh(z)[1]) ** 2 * np.linalg.eigh(z)[0], (A33,)),
    runtime.diagonal_copy: (lambda z: np.diag(z) * np.diagonal(z), (A33,)),
}
"""Programs for functions some arguments of which must be literals."""
FUNCTIONS = [f for f in registry.complex_functions() if not registry.find(f).is_zero]  # type: ignore[union-attr]


def title(function: Any) -> str:
    return f"{getattr(function, '__module__', '')}.{function.__name__}"


@pytest.mark.every(4)
@pytest.mark.parametrize("function", FUNCTIONS, ids=map(title, FUNCTIONS))
def test_the_rule_holds(function: Any) -> None:
    checked = 0
    if function in PROGRAMS:
        program, arguments = PROGRAMS[function]
        check_rule(program, *arguments)
        return
    for _, args, keywords in cases_of(function):
        with warnings.catch_warnings():
            # A complex number that is cast to a real one would be half a derivative.
            warnings.simplefilter("error")
            try:
                function(*args, **keywords)
            except (TypeError, np.exceptions.ComplexWarning):
                continue
            try:
                check_rule(function, *args, order=1 if function in FIRST_ORDER else 2, **keywords)
            except UnsupportedError:
                # Positions and axes that are arguments here leave kinds open.
                continue
        checked += 1
    assert checked, "the rule was tried at no complex argument"


@pytest.mark.parametrize(
    "function",
    [
        np.max, np.min, np.maximum, np.minimum, np.sort, np.clip, np.fmax, np.var, np.std, np.arccosh, np.sinc,
        np.linalg.slogdet, np.linalg.cholesky, np.nan_to_num, np.sign, np.float_power, max,
    ],
)  # fmt: skip
def test_rules_for_real_numbers_are_not_declared(function: Any) -> None:
    assert registry.is_holomorphic(function) is None


@pytest.mark.parametrize(
    "function", [abs, operator.abs, np.real, np.imag, np.conjugate, np.angle, np.vdot, cmath.phase]
)
def test_what_is_not_holomorphic(function: Any) -> None:
    assert registry.is_holomorphic(function) is False


def test_zeros_that_are_declared_are_zero() -> None:
    zeros = {f for f in registry.complex_functions() if registry.find(f).is_zero}  # type: ignore[union-attr]
    assert zeros - STRUCTURAL == {np.round, np.around, np.rint, np.zeros_like, np.ones_like, np.empty_like}
